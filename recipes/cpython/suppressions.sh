# After install, of a build with a sanitizer: upstream's lists of what it reports although it is known, from 3.13 on.
# shellcheck shell=sh
find Tools/*san -name 'suppressions*.txt' | tar -cf - -T - | tar -xf - -C "$build"
