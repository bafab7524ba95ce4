# Builds the interpreter, libpython and what belongs to them, and installs all below /out. The positional parameters are
# further arguments of make, from the scripts of build options.
# shellcheck shell=sh
. /src/common.sh

# A variable of the Makefile that names no other.
variable() { sed -n "s/^$1=[[:space:]]*//p" Makefile; }

# The runtime's objects go into the executable (libpython ships beside it, for embedders). DT_RPATH, not DT_RUNPATH: it
# is inherited by extension modules that name libpython among their libraries.
# -no-pie: the objects are position independent for libpython's sake; a PIE of them starts 5 % slower, takes 1.7 MB more
# memory for its relocations, and runs no faster.
# --why-extract lists, for each link, the members of static libraries that are in the result: PYTHON.json says from it
# what each module is linked with and whose licences apply.
# Only variables that the Makefile assigns are overridden: make puts them into the environment, and sysconfig records from
# there those that it does not find in the Makefile.
# There are no .pyc files: compileall prints its usage and goes.
make_python() {
    name=python$(variable VERSION)$(variable ABIFLAGS)
    mkdir /build/members
    # shellcheck disable=SC2016 # make expands it
    why_extract='-Wl,--why-extract=/build/members/$(@F)'
    # shellcheck disable=SC2016 # make expands these
    set -- \
        'LINK_PYTHON_OBJS=$(LIBRARY_OBJS)' \
        'LINK_PYTHON_DEPS=$(EXPORTSYMS) $(LIBRARY_OBJS)' \
        "LINKFORSHARED=-Xlinker -export-dynamic -no-pie -Wl,--disable-new-dtags '-Wl,-rpath,\$\$ORIGIN/../lib' \
$why_extract \$(AMPOULE_PROGRAM_LDFLAGS)" \
        "BLDSHARED=\$(CC) -shared \$(PY_CORE_LDFLAGS) $why_extract \$(AMPOULE_LIBRARY_LDFLAGS)" \
        "CONFIGURE_CFLAGS_NODIST=$(variable CONFIGURE_CFLAGS_NODIST) \$(AMPOULE_LTO_CFLAGS) \$(AMPOULE_PROFILE_CFLAGS)" \
        'COMPILEALL_OPTS=--help >/dev/null' \
        "$@"
    # The program does not wait for libpython: with link-time optimization each link takes minutes.
    targets="build_all lib$name.so lib$name.a $(variable PY3LIBRARY)"
    # shellcheck disable=SC2086 # targets are words
    phase "make (about $(make -n "$@" $targets | wc -l) lines)"
    # shellcheck disable=SC2086
    make "$@" $targets
    # Debug builds have none: they have no stable ABI.
    [ -z "$(variable PY3LIBRARY)" ] || link_stable_abi_library
    phase install
    # One after the other: both make the same folders.
    make "$@" sharedinstall DESTDIR=/out/python
    make "$@" install DESTDIR=/out/python
    # Upstream keeps the objects of HACL* in archives of their own: libpython's alone could not be linked.
    if [ -e Modules/_hacl ]; then # 3.12 and newer
        $AR rcs "$install"/lib/python3.*/config-*/"lib$name.a" Modules/_hacl/*.o
    fi
}

# libpython3.so only points at the real library. Named relative to the file that loads it, LD_LIBRARY_PATH cannot
# replace it. The linker copies the name from a stand-in that has it as its soname. It keeps its time: make would link
# the program again.
link_stable_abi_library() {
    touch -r libpython3.so /build/stand-in.time
    : >/build/empty.c
    # shellcheck disable=SC2086,SC2016 # flags are words; $ORIGIN is for the dynamic loader
    $CC $CFLAGS $LDFLAGS -shared -Wl,-soname,'$ORIGIN/../lib/lib'"$name".so.1.0 -o /build/stand-in.so /build/empty.c
    # shellcheck disable=SC2086
    $CC $CFLAGS $LDFLAGS -shared -Wl,--no-as-needed -Wl,-soname,libpython3.so -o libpython3.so \
        /build/empty.c /build/stand-in.so
    touch -r /build/stand-in.time libpython3.so
}

make_python "$@"
