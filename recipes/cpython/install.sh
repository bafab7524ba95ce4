# Makes the installed tree relocatable, and copies what the archives have beside it.
# shellcheck shell=sh
. /src/common.sh

# The files from which embedders link an executable of their own.
copy_build_tree() {
    phase 'copy objects'
    mkdir -p "$build/lib"
    # getpath_noop.o is for the programs that freeze modules during the build.
    find . -name '*.o' -type f ! -name getpath_noop.o | sed 's,^\./,,' | LC_ALL=C sort >/build/objects.list
    tar -cf - -T /build/objects.list | tar -xf - -C "$build"
    cp Python/frozen.c "$build/Python/"
    cp Modules/config.c Modules/config.c.in Modules/Setup Modules/Setup.* "$build/Modules/"
    for archive in /deps/lib/*.a; do
        case ${archive##*/} in
        libdb-[0-9]*) ;; # the same bytes as libdb.a
        *) cp "$archive" "$build/lib/" ;;
        esac
    done
    install -m 755 /src/run_tests.py "$build/run_tests.py"
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

# Some works inside CPython have their terms in the comment at the top of each file, and nowhere else.
first_comment() {
    sed -n '1,/\*\//p' "$1" | sed -e 's,^/\* *,,' -e 's,^ *\*/ *$,,' -e 's,^ *\* \{0\,1\},,'
}

finish() {
    phase finish
    build_python /src/finish.py --source "$source" --install "$install" --terminfo /deps/share/terminfo
    phase collect
    mkdir -p /out/meta/licenses
    cp LICENSE /out/meta/licenses/LICENSE
    cp Doc/license.rst /out/meta/licenses/license.rst
    if [ -e Modules/_hacl ]; then # 3.12 and newer
        first_comment Modules/_hacl/Hacl_Hash_SHA2.c >/out/meta/licenses/hacl-star.txt
    fi
    if [ -e Modules/_blake2 ]; then # 3.13 and older
        first_comment Modules/_blake2/impl/blake2b.c >/out/meta/licenses/libb2.txt
    fi
    if [ -e Modules/_sha3 ]; then # 3.11 and older
        cp Modules/_sha3/LICENSE /out/meta/licenses/tiny_sha3.txt
    fi
    if [ -e Misc/sbom.spdx.json ]; then # 3.12 and newer
        cp Misc/sbom.spdx.json /out/meta/sbom.spdx.json
    fi
    mkdir /out/meta/linked-members
    for members in /build/members/python /build/members/*.so; do
        LC_ALL=C sort "$members" >"/out/meta/linked-members/${members##*/}.tsv"
    done
    build_python /src/collect.py --source "$source" \
        --install "$install" --expected /in/modules.json --output /out/meta
}

copy_build_tree
check_floor
finish
phase 'all done'
