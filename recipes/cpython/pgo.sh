# Before make, of the interpreter that a profile optimizes. A function that is not the one of the profile is an error:
# profile and source belong together.
# shellcheck shell=sh
touch profile-run-stamp
set -- "$@" 'PGO_PROF_USE_FLAG=-fprofile-use=/in/python.profdata -Werror=profile-instr-out-of-date -Werror=backend-plugin'
