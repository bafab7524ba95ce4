#!/bin/sh
# Builds CMake, which configures LLVM. Nothing else uses it.
. /src/long-build.sh

configure() {
    rm -rf /build/objects
    mkdir /build/objects
    cd /build/objects
    # No downloads, no curses, no tests; the libraries that it needs are in the source.
    /build/source/bootstrap --generator=Ninja --prefix=/tools --parallel="$AMPOULE_JOBS" -- \
        -DCMAKE_BUILD_TYPE=Release \
        -DBUILD_TESTING=OFF \
        -DBUILD_CursesDialog=OFF \
        -DCMAKE_USE_OPENSSL=OFF
}

watch_build
once unpack unpack
once configure configure
phase make
ninja -C /build/objects -j "$AMPOULE_JOBS"
phase install
DESTDIR=/build/staging ninja -C /build/objects install
mv /build/staging/tools/bin /build/staging/tools/share /out/
rm -f /out/bin/ctest /out/bin/cpack
rm -rf /out/share/cmake-*/Help
finish
