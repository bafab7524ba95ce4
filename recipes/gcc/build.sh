#!/bin/sh
# Builds GCC with the image's compiler and the binutils in /tools. It compiles LLVM, and nothing else.
. /src/long-build.sh

unpack_release() {
    unpack
    inner=$(find /build/source -maxdepth 1 -name 'gcc-*-dfsg.tar.xz')
    if [ -n "$inner" ]; then
        mv "$inner" /build/release.tar.xz
        rm -rf /build/source
        mkdir /build/source
        tar --no-same-owner -xf /build/release.tar.xz -C /build/source --strip-components=1
        rm /build/release.tar.xz
        # One of the manuals, where Debian has a stub, is compared with what the compiler's tables say.
        sed -i '/^s-tm-texi: build/,/^\tfi$/c\s-tm-texi:\n\ttouch s-tm-texi\n' /build/source/gcc/Makefile.in
        sed -i '/^s-tm-texi: .*doc\/tm.texi$/d' /build/source/gcc/Makefile.in
    fi
}

configure() {
    rm -rf /build/objects
    mkdir /build/objects
    cd /build/objects
    # Without shared libraries what it links needs nothing of GCC's to run. It is built once, not three times by itself:
    # that LLVM can be built with it, and CPython with that, is test enough.
    /build/source/configure -q \
        --prefix=/tools \
        --enable-languages=c,c++ \
        --disable-bootstrap --disable-multilib --disable-shared --disable-nls --disable-lto --disable-plugin \
        --disable-libsanitizer --disable-libssp --disable-libgomp --disable-libquadmath --disable-libvtv \
        --disable-libitm --disable-libatomic --disable-libstdcxx-pch \
        --enable-multiarch \
        --without-isl --without-zstd \
        --with-as=/tools/bin/as --with-ld=/tools/bin/ld \
        CFLAGS=-O2 CXXFLAGS=-O2 CFLAGS_FOR_TARGET=-O2 CXXFLAGS_FOR_TARGET=-O2
}

make_gcc() { make -s -C /build/objects -j "$AMPOULE_JOBS" MAKEINFO=true GENERATED_MANPAGES=; }

once unpack unpack_release
once configure configure
discard_unfinished /build/objects configure
watch_build
phase make
# Its makefiles were not made for being cut off anywhere: where they do not find their way, they begin anew, once.
if ! make_gcc; then
    [ -e /build/limit ] || fail 'make failed'
    phase 'make failed where the earlier run had ended: begins anew'
    configure
    make_gcc
fi
phase install
rm -rf /build/staging
make -s -C /build/objects install-strip MAKEINFO=true GENERATED_MANPAGES= DESTDIR=/build/staging
mv /build/staging/tools/* /out/
finish
