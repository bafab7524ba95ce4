# Sourced by the hooks: what they share. The working folder is the source's.
# Everything that the result depends on comes from the environment or from the read-only mounts.
# shellcheck shell=sh

: "${CC:?}" "${AR:?}" "${SOURCE_DATE_EPOCH:?}"

source=/build/source
install=/out/python/install
build=/out/python/build

# The Python that runs our scripts: of the same version, for the machine that builds. The scripts run nothing of what they
# describe. For a build that is not for another machine it is the one in the build tree.
: "${BUILD_PYTHON:=$source/python}"

# An environment of little else: sysconfig takes what a Makefile does not define, like CFLAGS, from there.
build_python() {
    env -i "PATH=$PATH" "LC_ALL=$LC_ALL" "ASAN_OPTIONS=${ASAN_OPTIONS:-}" "$BUILD_PYTHON" -B -I "$@"
}

# Makes every phase's start visible in the log.
phase() { printf '== %s: %s\n' "$(date +%H:%M:%S)" "$1"; }

fail() {
    printf 'error: %s\n' "$1" >&2
    exit 1
}
