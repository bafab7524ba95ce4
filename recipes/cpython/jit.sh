# Before configure, of a build with the JIT: with what its parts are compiled, by the Python of the image. Flags that insert
# calls, as those of the stack's protection do, are not for code that is copied.
# shellcheck shell=sh
LLVM_VERSION=$(clang -dumpversion | sed 's/\..*//')
CFLAGS_JIT='--sysroot=/sysroot -ffile-prefix-map=/build=. -ffile-prefix-map=/sysroot=sysroot'
export LLVM_VERSION CFLAGS_JIT
