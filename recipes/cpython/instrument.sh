# Before make, of the interpreter that is trained: it counts what it executes. The counters are added by the compiler's
# middle end, after inlining what is trivial: fewer of them, and a profile that tells more, than with the front end's.
# Sites that call many functions need more room for their names than the default.
# shellcheck shell=sh
touch profile-run-stamp # upstream's mark of a finished training
set -- "$@" \
    'AMPOULE_PROFILE_CFLAGS=-g0 -fprofile-generate -mllvm -vp-counters-per-site=16' \
    LDFLAGS_NODIST=-fprofile-generate
# What the build itself runs is no training.
export LLVM_PROFILE_FILE=/dev/null
