#!/bin/sh
# Builds CPython and installs it below /out: see ARCHITECTURE.md, "The sandbox contract".
# Everything that the result depends on comes from the environment or from the read-only mounts.
set -eu

: "${PYTHON_VERSION:?}" # 3.14.7
: "${PYTHON_SOURCE:?}" # name of the source's file in /src
: "${PYTHON_OPTIONS:?}" # noopt
: "${TARGET_TRIPLE:?}" # x86_64-unknown-linux-gnu
: "${BUILD_TRIPLE:?}" "${HOST_TRIPLE:?}" "${CC:?}" "${SOURCE_DATE_EPOCH:?}"
: "${PYTHON_PATCHES?}" # names of files in /src/patches, in the order in which they are applied

minor=${PYTHON_VERSION#*.}
minor=${minor%%.*}
name=python3.$minor
scripts=/src
source=/build/source
install=/out/python/install
# Makes every phase's start visible in the log.
phase() { printf '== %s: %s\n' "$(date +%H:%M:%S)" "$1"; }

fail() {
    printf 'error: %s\n' "$1" >&2
    exit 1
}

case $PYTHON_OPTIONS in
noopt) ;;
*) fail "build option $PYTHON_OPTIONS is not known here, wanted noopt" ;;
esac

at_least() { [ "$minor" -ge "$1" ]; }

unpack() {
    phase unpack
    mkdir "$source"
    tar -xf "/src/$PYTHON_SOURCE" -C "$source" --strip-components=1 --no-same-owner
    cd "$source"
    for patch in $PYTHON_PATCHES; do
        patch -p1 --fuzz=0 --no-backup-if-mismatch -i "/src/patches/$patch"
    done
    cp /in/Setup.local Modules/Setup.local
}

# Before configure is told by name where each library is: it would not look.
check_libraries() {
    # shellcheck disable=SC2016 # perl's variables
    LC_ALL=C perl -MJSON::PP -0777 -ne '
        for my $module (@{decode_json($_)}) {
            for my $library (grep { defined $_->{dependency} } @{$module->{libraries}}) {
                my $file = "/deps/lib/lib$library->{name}.a";
                print "  extension module $module->{name} needs $file of $library->{dependency}\n" unless -e $file;
            }
        }' /in/modules.json >/build/missing-libraries
    [ ! -s /build/missing-libraries ] || fail "libraries are missing:
$(cat /build/missing-libraries)
  Add the dependency to the build, or say in static-modules/ that the module is disabled."
}

# The image has no pkg-config: each library is named by the variables that pkg-config would have set. A CFLAGS that is
# not empty stops configure from guessing.
configure_python() {
    phase configure
    set -- \
        "--build=$BUILD_TRIPLE" "--host=$HOST_TRIPLE" \
        --prefix=/install \
        --enable-shared \
        --with-openssl=/deps \
        --with-system-expat \
        --with-system-libmpdec \
        --with-readline=editline \
        --with-dbmliborder=bdb \
        --enable-loadable-sqlite-extensions \
        --with-mimalloc \
        --without-ensurepip \
        MODULE_BUILDTYPE=static \
        ZLIB_CFLAGS=-I/deps/include ZLIB_LIBS=-lz \
        BZIP2_CFLAGS=-I/deps/include BZIP2_LIBS=-lbz2 \
        LIBLZMA_CFLAGS=-I/deps/include LIBLZMA_LIBS=-llzma \
        LIBFFI_CFLAGS=-I/deps/include LIBFFI_LIBS=-lffi \
        LIBMPDEC_CFLAGS=-I/deps/include "LIBMPDEC_LIBS=-lmpdec -lm" \
        LIBSQLITE3_CFLAGS=-I/deps/include "LIBSQLITE3_LIBS=-lsqlite3 -lm" \
        LIBUUID_CFLAGS=-I/deps/include/uuid LIBUUID_LIBS=-luuid \
        LIBEDIT_CFLAGS=-I/deps/include "LIBEDIT_LIBS=-ledit -lncursesw" \
        CURSES_CFLAGS=-I/deps/include/ncursesw CURSES_LIBS=-lncursesw \
        PANEL_CFLAGS=-I/deps/include/ncursesw "PANEL_LIBS=-lpanelw -lncursesw" \
        ac_cv_buggy_getaddrinfo=no \
        ac_cv_file__dev_ptmx=yes ac_cv_file__dev_ptc=no \
        ac_cv_broken_sem_getvalue=no \
        ac_cv_broken_nice=no \
        ac_cv_working_tzset=yes
    # The answers above belong to the target, not to the machine or the sandbox that configure happens to run in: nice()
    # cannot raise the number of a build that already runs with 18 or 19.
    if at_least 14; then
        set -- "$@" --with-tail-call-interp LIBZSTD_CFLAGS=-I/deps/include LIBZSTD_LIBS=-lzstd
    fi
    ./configure -q "$@"
}

# What configure must have found out: it goes on in silence when a library is broken. Lines of config.log, of pyconfig.h
# and of the Makefile. Whether each extension module is there is checked when all is built.
assert_answers() {
    answers='ac_cv_working_openssl_ssl=yes
ac_cv_working_openssl_hashlib=yes
ac_cv_have_libdb=yes
ac_cv_lib_sqlite3_sqlite3_load_extension=yes
ac_cv_readline_rl_completion_matches=yes
ac_cv_pthread=yes
#define HAVE_GETRANDOM_SYSCALL 1
#define HAVE_NCURSESW 1
#define HAVE_SEM_TIMEDWAIT 1
#define PY_SQLITE_ENABLE_LOAD_EXTENSION 1
#define Py_ENABLE_SHARED 1
#define WITH_EDITLINE 1
#define WITH_MIMALLOC 1
MODULE__DECIMAL_LDFLAGS=-lmpdec -lm
MODULE_PYEXPAT_LDFLAGS=-lexpat
MODULE__DBM_LDFLAGS=-ldb'
    if at_least 14; then
        answers="$answers
#define HAVE_DLADDR 1
#define Py_TAIL_CALL_INTERP 1"
    fi
    printf '%s\n' "$answers" | while read -r answer; do
        grep -qxF -e "$answer" config.log pyconfig.h Makefile || printf '  %s\n' "$answer"
    done >/build/missing-answers
    [ ! -s /build/missing-answers ] || fail "configure of CPython did not find what this build relies on:
$(cat /build/missing-answers)
  What it tried is in source/config.log of the stage's work folder."
}

# The runtime's objects go into the executable (libpython ships beside it, for embedders). DT_RPATH, not DT_RUNPATH: it
# is inherited by extension modules that name libpython among their libraries.
# -no-pie: the objects are position independent for libpython's sake; a PIE of them starts 5 % slower, takes 1.7 MB more
# memory for its relocations, and runs no faster.
# --why-extract lists, for each link, the members of static libraries that are in the result: PYTHON.json says from it
# what each module is linked with and whose licences apply.
make_python() {
    phase make
    mkdir /build/members
    # shellcheck disable=SC2016 # make expands it
    why_extract='-Wl,--why-extract=/build/members/$(@F)'
    # shellcheck disable=SC2016 # make expands these
    set -- \
        'LINK_PYTHON_OBJS=$(LIBRARY_OBJS)' \
        'LINK_PYTHON_DEPS=$(LIBRARY_DEPS) $(LIBRARY_OBJS)' \
        "LINKFORSHARED=-Xlinker -export-dynamic -no-pie -Wl,--disable-new-dtags '-Wl,-rpath,\$\$ORIGIN/../lib' \
$why_extract" \
        "BLDSHARED=\$(CC) -shared \$(PY_CORE_LDFLAGS) $why_extract" \
        'COMPILEALL_OPTS=--help >/dev/null' # no .pyc files: compileall prints its usage and goes
    make -s "$@"
    link_stable_abi_library
    phase install
    # One after the other: both make the same folders.
    make -s "$@" sharedinstall DESTDIR=/out/python
    make -s "$@" install DESTDIR=/out/python
    # Upstream keeps the objects of HACL* in archives of their own: libpython's alone could not be linked.
    $AR rcs "$install/lib/$name"/config-*/"lib$name.a" Modules/_hacl/*.o
}

# libpython3.so only points at the real library. Named relative to the file that loads it, LD_LIBRARY_PATH cannot
# replace it. The linker copies the name from a stand-in that has it as its soname.
link_stable_abi_library() {
    : >/build/empty.c
    # shellcheck disable=SC2086,SC2016 # flags are words; $ORIGIN is for the dynamic loader
    $CC $CFLAGS $LDFLAGS -shared -Wl,-soname,'$ORIGIN/../lib/lib'"$name".so.1.0 -o /build/stand-in.so /build/empty.c
    # shellcheck disable=SC2086
    $CC $CFLAGS $LDFLAGS -shared -Wl,--no-as-needed -Wl,-soname,libpython3.so -o libpython3.so \
        /build/empty.c /build/stand-in.so
}

# The files from which embedders link an executable of their own.
copy_build_tree() {
    phase 'copy objects'
    build=/out/python/build
    mkdir -p "$build/lib"
    # getpath_noop.o is for the programs that freeze modules during the build.
    find Objects Parser Programs Python Modules -name '*.o' -type f ! -name getpath_noop.o |
        LC_ALL=C sort >/build/objects.list
    tar -cf - -T /build/objects.list | tar -xf - -C "$build"
    cp Python/frozen.c "$build/Python/"
    cp Modules/config.c Modules/config.c.in Modules/Setup Modules/Setup.* "$build/Modules/"
    for archive in /deps/lib/*.a; do
        case ${archive##*/} in
        libdb-[0-9]*) ;; # the same bytes as libdb.a
        *) cp "$archive" "$build/lib/" ;;
        esac
    done
    install -m 755 "$scripts/run_tests.py" "$build/run_tests.py"
}

# Object files carry no versions, only names. Whoever links them may do it on a system as old as the floor.
check_floor() {
    [ -n "${CONFIG_SITE:-}" ] || return 0
    sed -n 's/^ac_cv_func_\(.*\)=no$/\1/p' "$CONFIG_SITE" >/build/floor.missing
    # "name type": U is undefined, w undefined and weak, so that a program asks for it at run time.
    find "$build" -name '*.[ao]' -exec llvm-nm --extern-only --format=posix {} + 2>/dev/null >/build/floor.symbols
    awk 'FILENAME ~ /missing$/ { missing[$1]; next }
        NF < 2 { next }
        $2 == "U" { wanted[$1]; next }
        $2 !~ /^[wv]$/ { defined[$1] }
        END { for (name in wanted) if (name in missing && !(name in defined)) print "  " name }' \
        /build/floor.missing /build/floor.symbols | LC_ALL=C sort >/build/floor.offences
    [ ! -s /build/floor.offences ] || fail "objects need functions that the glibc floor does not have:
$(cat /build/floor.offences)
  configure or a header chose them: see $CONFIG_SITE."
}

# An empty environment: sysconfig takes what a Makefile does not define, like CFLAGS, from there.
built_python() {
    env -i "PATH=$PATH" "LC_ALL=$LC_ALL" "$install/bin/$name" -B -I "$@"
}

# Some works inside CPython have their terms in the comment at the top of each file, and nowhere else.
first_comment() {
    sed -n '1,/\*\//p' "$1" | sed -e 's,^/\* *,,' -e 's,^ *\*/ *$,,' -e 's,^ *\* \{0\,1\},,'
}

finish() {
    phase finish
    built_python "$scripts/finish.py" --source "$source" --install "$install" --terminfo /deps/share/terminfo
    phase collect
    mkdir -p /out/meta/licenses
    cp LICENSE /out/meta/licenses/LICENSE
    cp Doc/license.rst /out/meta/licenses/license.rst
    first_comment Modules/_hacl/Hacl_Hash_SHA2.c >/out/meta/licenses/hacl-star.txt
    if ! at_least 14; then first_comment Modules/_blake2/impl/blake2b.c >/out/meta/licenses/libb2.txt; fi
    cp Misc/sbom.spdx.json /out/meta/sbom.spdx.json
    mkdir /out/meta/linked-members
    for members in /build/members/python /build/members/*.so; do
        LC_ALL=C sort "$members" >"/out/meta/linked-members/${members##*/}.tsv"
    done
    built_python "$scripts/collect.py" \
        --install "$install" --expected /in/modules.json --output /out/meta
}

check_libraries
unpack
configure_python
assert_answers
make_python
copy_build_tree
check_floor
finish
phase 'all done'
