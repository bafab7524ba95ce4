# Before configure, of a debug build: nothing is optimized. The checks of _FORTIFY_SOURCE would need that.
# shellcheck shell=sh
CFLAGS=$(printf '%s' "$CFLAGS" | sed 's/-O3/-O0/; s/ -D_FORTIFY_SOURCE=[0-9]//')
