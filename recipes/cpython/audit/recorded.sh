#!/bin/sh
# Builds CPython as its stage does, writes down what the compiler and the archiver are called with, and makes sure that
# it came out the same: the calls are then those that made the interpreter in the store.
set -eu

. /src/audit/record.sh
start_recording
sh -eu /src/audit/cpython.sh

for tree in /out/*; do
    diff -r --no-dereference "$tree" "/in/${tree##*/}" || {
        echo "error: with recorded calls, ${tree##*/} came out otherwise than in the stage of CPython" >&2
        exit 1
    }
done
rm -rf /out/*
write_calls /out/calls.json
cp /build/source/Modules/config.c /out/config.c
