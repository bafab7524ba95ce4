# After install, of a build with link-time optimization: takes from the shipped objects what only this version of LLVM can
# read. Their machine code is that of a build without it, for any linker.
# shellcheck shell=sh
find "$build" "$install"/lib/python3.*/config-* -name '*.[ao]' -type f >/build/lto-objects.list
while read -r object; do
    llvm-objcopy --remove-section=.llvm.lto --remove-section=.rela.llvm.lto "$object"
done </build/lto-objects.list
