#!/bin/sh
# Builds the assembler and the linker that GCC calls.
. /src/long-build.sh

configure() {
    rm -rf /build/objects
    mkdir /build/objects
    cd /build/objects
    # gprofng wants Java and a newer bison; the rest is for people, not for builds.
    /build/source/configure -q \
        --prefix=/tools \
        --disable-gprofng --disable-gprof --disable-gdb --disable-gdbserver --disable-sim \
        --disable-nls --disable-werror --disable-shared --disable-plugins \
        --enable-deterministic-archives \
        --without-zstd \
        CFLAGS=-O2 CXXFLAGS=-O2
}

watch_build
once unpack unpack
once configure configure
phase make
make -s -C /build/objects -j "$AMPOULE_JOBS" MAKEINFO=true
phase install
make -s -C /build/objects install MAKEINFO=true DESTDIR=/build/staging
mv /build/staging/tools/bin /build/staging/tools/*-linux-gnu /out/
finish
