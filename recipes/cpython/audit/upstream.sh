#!/bin/sh
# Builds CPython as upstream's configure does by itself, and writes down what the compiler and the archiver are called
# with. Nothing of ours goes in: no Setup.local, no patch. What is said here only names libraries and where they are.
set -eu

: "${PYTHON_SOURCE:?}" # name of the source's file in /src

. /src/audit/record.sh
mkdir /build/source
cd /build/source
tar -xf "/src/$PYTHON_SOURCE" --strip-components=1 --no-same-owner
if [ -e setup.py ]; then # before 3.12: there are no variables for these
    CPPFLAGS="$CPPFLAGS -I/deps/include/ncursesw -D_RL_FUNCTION_TYPEDEF"
fi
# There is no pkg-config: configure looks for libraries by itself. Here is what it cannot know of those that lie in a
# folder of their own, or that are archives and need other libraries.
./configure -q \
    --with-openssl=/deps \
    --with-readline=editline \
    LIBEDIT_CFLAGS= "LIBEDIT_LIBS=-ledit -lncursesw" \
    LIBSQLITE3_CFLAGS= "LIBSQLITE3_LIBS=-lsqlite3 -lm" \
    CURSES_CFLAGS=-I/deps/include/ncursesw CURSES_LIBS=-lncursesw \
    PANEL_CFLAGS=-I/deps/include/ncursesw "PANEL_LIBS=-lpanelw -lncursesw"
start_recording
make -s
# Its own check gives modules that do not import another name, and goes on; up to 3.11 they are in build/.
for module in Modules/*_failed*.so build/lib.*/*_failed*.so; do
    [ ! -e "$module" ] || {
        echo "error: $module was built and does not import" >&2
        exit 1
    }
done
write_calls /out/calls.json
cp Modules/config.c /out/config.c
