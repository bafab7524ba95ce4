# Before make, of a build that is not for debugging: frame pointers where a profiler needs them. Functions that call nothing
# have none, as everywhere, although upstream's configure asks for them from 3.15 on. Handlers of the tail-calling interpreter
# leave the register alone, since their frames would be made and undone for each instruction: walking the pointers goes from
# what a handler calls to _PyEval_EvalFrameDefault. Together that is worth 1.5 % of the speed, without any frame pointer 1.7 %.
# shellcheck shell=sh
# shellcheck disable=SC2016 # make expands these
frames=-momit-leaf-frame-pointer
if grep -q '^#define _*Py_TAIL_CALL_INTERP 1' pyconfig.h; then
    frames="$frames \$(if \$(filter Python/ceval.o,\$@),-fomit-frame-pointer -mreserve-frame-pointer-reg)"
fi
set -- "$@" "AMPOULE_FRAME_CFLAGS=$frames"
