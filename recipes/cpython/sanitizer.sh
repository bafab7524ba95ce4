# Before configure, of a build with a sanitizer. Its runtime is in the executable, and what is loaded later must find it
# there. So of the static libraries only those of dependencies and of the compiler hide their names, instead of all.
# shellcheck shell=sh
hidden=libgcc.a:libgcc_eh.a:libc_nonshared.a$(printf ':%s' /deps/lib/*.a | sed 's,/deps/lib/,,g')
LDFLAGS=$(printf '%s' "$LDFLAGS" | sed "s/--exclude-libs,ALL/--exclude-libs,$hidden/")
# Sanitizers know memcpy, but not __memcpy_chk.
CFLAGS=$(printf '%s' "$CFLAGS" | sed 's/ -D_FORTIFY_SOURCE=[0-9]//')
