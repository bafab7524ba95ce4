# Before configure, of a build for debugging: as upstream's own, optimized as far as a debugger can follow.
# shellcheck shell=sh
CFLAGS=$(printf '%s' "$CFLAGS" | sed 's/-O3/-Og/')
