# Before configure, of a build with UndefinedBehaviorSanitizer: its messages name a file by the last three parts of its path,
# and not headers by the folders of the sandbox.
# shellcheck shell=sh
CFLAGS="$CFLAGS -fsanitize-undefined-strip-path-components=-3"
