# Before configure: puts our list of extension modules into the source.
# shellcheck shell=sh
. /src/common.sh

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

check_libraries
cp /in/Setup.local Modules/Setup.local
phase configure
