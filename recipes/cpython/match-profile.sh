# After make, of the interpreter that a frozen profile optimizes: fails if the profile is not one of this source.
# shellcheck shell=sh
. /src/common.sh

if [ "$PYTHON_PROFILE" = frozen ]; then
    phase 'match profile'
    mkdir -p /out/meta
    build_python /src/match_profile.py --functions /in/functions.tsv --diagnostics /build/diagnostics \
        --output /out/meta/profile-match.json \
        --train-again "ampoule profile train ${PYTHON_VERSION%.*} --target $TARGET_TRIPLE --options $(
            printf %s "$PYTHON_OPTIONS" | sed 's/+lto//'
        ), with the --glibc and --toolchain of this build; or, for this build alone, --profile train"
fi
