# Before make, of a build with link-time optimization. Objects hold machine code beside what the optimizer reads (lto-objects.sh),
# so only what is shipped is linked the long way: neither the program that freezes modules nor the one for tests.
# shellcheck shell=sh
# shellcheck disable=SC2016 # make expands these
set -- "$@" \
    AMPOULE_LTO_CFLAGS=-ffat-lto-objects \
    "CONFIGURE_LDFLAGS_NODIST=$(sed -n 's/^CONFIGURE_LDFLAGS_NODIST=//p' Makefile | sed 's/-flto[^ ]*//; s/ -g$//')" \
    'AMPOULE_PROGRAM_LDFLAGS=$(if $(filter $(BUILDPYTHON),$@),-flto=full -ffat-lto-objects -O3)' \
    'AMPOULE_LIBRARY_LDFLAGS=-flto=full -ffat-lto-objects -O3'
