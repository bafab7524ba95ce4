# Runs CPython's training task with the instrumented interpreter in /in. Here nothing varies that can be kept from it: one
# test after the other, fixed hashes and addresses.
# shellcheck shell=sh
. /src/common.sh

phase 'training'
# A folder of its own, for bytecode: what is imported often is compiled once, as in an installed Python.
cp -R /in/python/install /build/install
python=/build/install/bin/python3
export LLVM_PROFILE_FILE=/build/profile/%m.profraw
"$python" -E /src/train.py "$python" -m test --pgo --timeout=1200 ||
    fail 'a training test failed or was killed: see above. No profile is made of a part of the training.'
phase 'profile'
llvm-profdata merge --output=/out/python.profdata /build/profile/*.profraw
llvm-profdata show --topn=20 /out/python.profdata
