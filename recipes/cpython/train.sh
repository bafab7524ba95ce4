# Runs CPython's training task and everyday programs with the instrumented interpreter in /in. Here nothing varies that can be
# kept from it: one test after the other, fixed hashes and addresses.
# shellcheck shell=sh
. /src/common.sh

# A program adds its counts to the profile when it ends. Tests leave some behind that end a moment later.
wait_for_programs() {
    program=$(readlink -f "$python")
    for _ in $(seq 300); do
        is_running || return 0
        sleep 0.1
    done
    fail "programs that the training started are still running after 30 s: $running"
}

is_running() {
    running=
    for exe in /proc/[0-9]*/exe; do
        if [ "$(readlink "$exe")" = "$program" ]; then
            running="$running $(tr '\0' ' ' <"${exe%exe}cmdline")"
        fi
    done
    [ -n "$running" ]
}

phase 'training'
# A folder of its own, for bytecode: what is imported often is compiled once, as in an installed Python.
cp -R /in/python/install /build/install
python=/build/install/bin/python3
export LLVM_PROFILE_FILE=/build/profile/%m.profraw
"$python" -E /src/train.py "$python" -m test --pgo --timeout=1200 ||
    fail 'a training test failed or was killed: see above. No profile is made of a part of the training.'
wait_for_programs
# The tests alone make what programs spend their time in look cold.
phase 'training by everyday programs'
mkdir /build/everyday
cp /src/train_everyday.py /src/train_parts.py /src/train_language.py /src/train_objects.py /src/train_texts.py \
    /src/train_data.py /build/everyday
(cd /build/everyday && "$python" /src/train.py "$python" train_everyday.py </dev/null) ||
    fail 'an everyday program failed or was killed: see above. No profile is made of a part of the training.'
wait_for_programs
set -- --weighted-input=1,/build/profile
# Programs of the user, "<weight>,<file below /src>".
for each in ${PROFILE_TASKS:-}; do
    file=${each#*,}
    phase "training ${file##*/}"
    counts=/build/${file%/*}
    mkdir -p "$counts/work"
    export LLVM_PROFILE_FILE="$counts/profile/%m.profraw"
    (cd "$counts/work" && "$python" /src/train.py "$python" "/src/$file" </dev/null) ||
        fail "the program ${file##*/} failed or was killed: see above. No profile is made of a part of the training."
    wait_for_programs
    set -- "$@" "--weighted-input=${each%%,*},$counts/profile"
done
phase 'profile'
llvm-profdata merge --output=/out/python.profdata "$@"
llvm-profdata show --topn=20 /out/python.profdata
. /src/list-functions.sh
list_functions /out/python.profdata >/out/functions.tsv
# What `ampoule profile train` freezes.
zstd -q -19 /out/python.profdata -o /out/python.profdata.zst
