# Before make, of the interpreter that a profile optimizes. Functions of the source whose control flow is not that of the
# profile are left without it. After a training in this build that is an error: profile and source belong together. With a
# frozen profile the compiler writes them down, for match-profile.sh. Only helpers of the build have functions with the
# names of others, like main.
# shellcheck shell=sh
# shellcheck disable=SC2016 # make expands these
touch profile-run-stamp # upstream's mark of a finished training
case $PYTHON_PROFILE in
frozen)
    mkdir /build/diagnostics
    mismatch='-Xclang -diagnostic-log-file -Xclang /build/diagnostics/$(subst /,.,$@).plist'
    ;;
train) mismatch='-Werror=backend-plugin -Werror=profile-instr-out-of-date' ;;
none) mismatch= ;;
esac
if [ "$PYTHON_PROFILE" != none ]; then
    set -- "$@" "AMPOULE_PROFILE_CFLAGS=-fprofile-use=/in/python.profdata \
\$(if \$(filter Programs/% Modules/getpath_noop.o,\$@),-Wno-backend-plugin,$mismatch)"
fi
