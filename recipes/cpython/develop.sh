# Configures a developer's tree, if that is due, and makes targets of it, in the working folder: for `ampoule develop`.
# Nothing of ours goes in, no patch and no Setup.local: it is upstream's own configuration, as in audit/upstream.sh. Modules
# stay shared, so that a change of one links nothing else.
# shellcheck shell=sh

: "${PYTHON_TREE:?}" # the tree, relative to here
: "${PYTHON_STATE:?}" # the folder of our notes
: "${PYTHON_DUE:?}" # clean, configure or make: the first step that is due

# Removes what was compiled with other inputs. A Makefile of another time may be damaged, or name what is no longer there:
# then what it has made is found by its names. Files of the developer stay.
clean_folder() {
    [ -f Makefile ] || return 0
    make -s clean && return
    printf '== make clean failed: removing what was made by its names\n'
    # The Makefile is last: whoever is stopped before that begins here again.
    find . -path "./${PYTHON_STATE##*/}" -prune -o \( -name '*.[oa]' -o -name '*.so' -o -name '*.so.[0-9]*' \) -exec rm -f {} +
    rm -rf build config.status
    rm -f Makefile
}

# Its arguments are those of the build options.
configure_tree() {
    case $PYTHON_DUE in
    clean) clean_folder ;;
    configure) ;;
    *)
        # What make takes for a new script may be the same one, as after a change of branches.
        [ ! "$PYTHON_TREE/configure" -nt config.status ] ||
            touch -r "$PYTHON_TREE/configure" config.status
        return 0
        ;;
    esac
    printf '== configure\n'
    # Every library is a static one of /deps. There is no pkg-config, so configure is told what it cannot find out.
    "$PYTHON_TREE/configure" -q \
        --with-openssl=/deps \
        --with-readline=editline \
        LIBEDIT_CFLAGS= "LIBEDIT_LIBS=-ledit -lncursesw" \
        LIBSQLITE3_CFLAGS= "LIBSQLITE3_LIBS=-lsqlite3 -lm" \
        CURSES_CFLAGS=-I/deps/include/ncursesw CURSES_LIBS=-lncursesw \
        PANEL_CFLAGS=-I/deps/include/ncursesw "PANEL_LIBS=-lpanelw -lncursesw" \
        "$@"
    # From here on the folder is configured for what the note says.
    mv "$PYTHON_STATE/inputs.new" "$PYTHON_STATE/inputs"
}
