#!/bin/sh
# Builds LLVM's part of the toolchain, or llvm-bolt, with the CMake, binutils and GCC in /tools.
. /src/long-build.sh

: "${LLVM_PART:?}"    # toolchain, or bolt
: "${LLVM_TARGETS:?}" # the processors that the compiler makes code for: X86;AArch64

case $LLVM_PART in
toolchain)
    projects='clang;lld'
    runtimes='compiler-rt'
    components='clang;clang-resource-headers;lld;builtins;runtimes'
    # One program with a link for each of its names; llvm-profdata and llvm-strings stand alone.
    components="$components;llvm-driver;llvm-ar;llvm-cxxfilt;llvm-nm;llvm-objcopy;llvm-objdump;llvm-readobj;llvm-size"
    components="$components;llvm-symbolizer;llvm-profdata;llvm-strings"
    ;;
bolt)
    projects='bolt'
    runtimes=''
    components='bolt'
    ;;
*) fail "there is no part \"$LLVM_PART\" of LLVM, wanted toolchain or bolt" ;;
esac

unpack_needed() {
    # Folders that nothing here is built from are more than half of the source.
    unpack --anchored --wildcards --no-wildcards-match-slash \
        --exclude='*/clang-tools-extra' --exclude='*/flang' --exclude='*/flang-rt' --exclude='*/libclc' \
        --exclude='*/libcxx' --exclude='*/libcxxabi' --exclude='*/lldb' --exclude='*/mlir' --exclude='*/offload' \
        --exclude='*/openmp' --exclude='*/polly' --exclude='*/cross-project-tests' --exclude='*/integration-test-suite' \
        --exclude='*/clang/test' --exclude='*/clang/unittests' --exclude='*/clang/docs' \
        --exclude='*/lld/test' --exclude='*/bolt/test' --exclude='*/compiler-rt/test' \
        --exclude='*/llvm/test' --exclude='*/llvm/unittests' --exclude='*/llvm/docs'
}

# Tools must run in any image of Linux: they are linked with the C library alone. Position independent code would only
# make them slower: nothing of them is shared. Names of the host and of the linker's build id are those of Debian's
# clang, so that both toolchains say the same to configure scripts and put the same into what they link.
configure() {
    rm -rf /build/objects
    cmake -G Ninja -S /build/source/llvm -B /build/objects \
        -DCMAKE_BUILD_TYPE=Release \
        -DCMAKE_INSTALL_PREFIX=/tools \
        -DCMAKE_C_COMPILER=/tools/bin/gcc \
        -DCMAKE_CXX_COMPILER=/tools/bin/g++ \
        -DCMAKE_C_FLAGS_RELEASE='-O2 -DNDEBUG' \
        -DCMAKE_CXX_FLAGS_RELEASE='-O2 -DNDEBUG' \
        -DLLVM_HOST_TRIPLE=x86_64-pc-linux-gnu \
        -DLLVM_TARGETS_TO_BUILD="$LLVM_TARGETS" \
        -DLLVM_ENABLE_PROJECTS="$projects" \
        -DLLVM_ENABLE_RUNTIMES="$runtimes" \
        -DLLVM_DISTRIBUTION_COMPONENTS="$components" \
        -DLLVM_TOOL_LLVM_DRIVER_BUILD=ON \
        -DLLVM_PARALLEL_LINK_JOBS=1 \
        -DLLVM_ENABLE_PIC="$([ "$LLVM_PART" = bolt ] && echo ON || echo OFF)" \
        -DLLVM_ENABLE_ASSERTIONS=OFF \
        -DLLVM_ENABLE_BINDINGS=OFF \
        -DLLVM_ENABLE_LIBEDIT=OFF \
        -DLLVM_ENABLE_LIBPFM=OFF \
        -DLLVM_ENABLE_LIBXML2=OFF \
        -DLLVM_ENABLE_PLUGINS=OFF \
        -DLLVM_ENABLE_Z3_SOLVER=OFF \
        -DLLVM_ENABLE_ZLIB=OFF \
        -DLLVM_ENABLE_ZSTD=OFF \
        -DLLVM_ENABLE_PER_TARGET_RUNTIME_DIR=OFF \
        -DLLVM_APPEND_VC_REV=OFF \
        -DLLVM_INSTALL_TOOLCHAIN_ONLY=ON \
        -DLLVM_INCLUDE_BENCHMARKS=OFF \
        -DLLVM_INCLUDE_DOCS=OFF \
        -DLLVM_INCLUDE_EXAMPLES=OFF \
        -DLLVM_INCLUDE_TESTS=OFF \
        -DCLANG_INCLUDE_DOCS=OFF \
        -DCLANG_INCLUDE_TESTS=OFF \
        -DCLANG_ENABLE_OBJC_REWRITER=OFF \
        -DCLANG_ENABLE_STATIC_ANALYZER=OFF \
        -DCLANG_PLUGIN_SUPPORT=OFF \
        -DENABLE_LINKER_BUILD_ID=ON \
        -DCOMPILER_RT_DEFAULT_TARGET_ONLY=ON \
        -DCOMPILER_RT_INCLUDE_TESTS=OFF \
        -DCOMPILER_RT_BUILD_BUILTINS=ON \
        -DCOMPILER_RT_BUILD_PROFILE=ON \
        -DCOMPILER_RT_BUILD_CRT=OFF \
        -DCOMPILER_RT_BUILD_CTX_PROFILE=OFF \
        -DCOMPILER_RT_BUILD_GWP_ASAN=OFF \
        -DCOMPILER_RT_BUILD_LIBFUZZER=OFF \
        -DCOMPILER_RT_BUILD_MEMPROF=OFF \
        -DCOMPILER_RT_BUILD_ORC=OFF \
        -DCOMPILER_RT_BUILD_SANITIZERS=OFF \
        -DCOMPILER_RT_BUILD_XRAY=OFF
}

once unpack unpack_needed
once configure configure
discard_unfinished /build/objects configure
watch_build
phase make
ninja -C /build/objects -j "$AMPOULE_JOBS" distribution
phase install
rm -rf /build/staging
DESTDIR=/build/staging ninja -C /build/objects install-distribution
mv /build/staging/tools/* /out/
if [ "$LLVM_PART" = toolchain ]; then
    # The names by which build scripts call them. The program looks at its own name to know what it is.
    cd /out/bin
    ln -s ld.lld ld
    for name in addr2line ar nm objcopy objdump ranlib readelf size strings strip; do
        ln -s "llvm-$name" "$name"
    done
    for name in cc:clang c++:clang++ c++filt:llvm-cxxfilt; do
        printf '#!/bin/sh\nexec /tools/bin/%s "$@"\n' "${name#*:}" >"${name%:*}"
        chmod +x "${name%:*}"
    done
    # Programs that only run during a build are compiled without our flags, in an image that has no headers.
    echo --sysroot=/sysroot | tee clang.cfg clang++.cfg
fi
finish
