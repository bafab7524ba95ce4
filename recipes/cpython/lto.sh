# Before make, of a build with link-time optimization. Objects hold machine code beside what the optimizer reads (lto-objects.sh),
# so only what is shipped is linked the long way: neither the program that freezes modules nor the one for tests.
# Functions with large buffers are not inlined: module_getattro() gave PyObject_GetAttr() a frame of 32 KiB, more than the margin
# in which the interpreter notices that its stack ends.
# shellcheck shell=sh
# shellcheck disable=SC2016 # make expands these
optimize='-flto=full -ffat-lto-objects -O3 -Xlinker -mllvm -Xlinker -inline-max-stacksize=2048'
set -- "$@" \
    AMPOULE_LTO_CFLAGS=-ffat-lto-objects \
    "CONFIGURE_LDFLAGS_NODIST=$(sed -n 's/^CONFIGURE_LDFLAGS_NODIST=//p' Makefile | sed 's/-flto[^ ]*//; s/ -g$//')" \
    "AMPOULE_PROGRAM_LDFLAGS=\$(if \$(filter \$(BUILDPYTHON),\$@),$optimize)" \
    "AMPOULE_LIBRARY_LDFLAGS=$optimize"
