# Before make, of the interpreter that a profile optimizes. A function that is not the one of the profile is an error:
# profile and source belong together. Only helpers of the build have functions with the names of others, like main.
# shellcheck shell=sh
# shellcheck disable=SC2016 # make expands these
touch profile-run-stamp # upstream's mark of a finished training
set -- "$@" 'AMPOULE_PROFILE_CFLAGS=-fprofile-use=/in/python.profdata $(if $(filter Programs/% Modules/getpath_noop.o,$@),-Wno-backend-plugin,-Werror=backend-plugin -Werror=profile-instr-out-of-date)'
