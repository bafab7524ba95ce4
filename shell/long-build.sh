# Sourced by the scripts that build the toolchain. Their stages are long: what they make in /build outlives an interrupt,
# a kill or a reboot, and the next run of the same stage goes on there. /out is empty in every run.
# shellcheck shell=sh
set -eu

: "${TOOLCHAIN_SOURCE:?}" # name of the source's file in /src
: "${AMPOULE_JOBS:?}"

# The image's make is older than the named pipe that this carries.
unset MAKEFLAGS

phase() { printf '== %s: %s\n' "$(date +%H:%M:%S)" "$1"; }

fail() {
    printf 'error: %s\n' "$1" >&2
    exit 1
}

# once NAME COMMAND...: a phase that is over for good when it has ended, and begins anew when it has not.
once() {
    if [ -e "/build/done/$1" ]; then
        phase "$1: was done by an earlier run"
        return
    fi
    phase "$1"
    done_mark=/build/done/$1
    shift
    "$@"
    mkdir -p /build/done
    sync -f /build
    : >"$done_mark"
}

# Unpacks the source into /build/source; further arguments are tar's.
unpack() {
    rm -rf /build/source
    mkdir /build/source
    tar --no-same-owner -xf "/src/$TOOLCHAIN_SOURCE" -C /build/source --strip-components=1 "$@"
}

# A file that was being written when everything was killed may be half there, and after a power cut also one that had
# not reached the disk. make would take it for finished. So what the earlier run wrote after the last moment that is
# known to be safe, and after the phase that prepared the folder, is removed and made again.
discard_unfinished() {
    folder=$1
    prepared=/build/done/$2
    [ -e /build/begun ] || return 0
    if [ -e /build/safe ]; then
        # A compiler that gets no time may hold a file open for long.
        touch -d "@$(($(stat -c %Y /build/safe) - 120))" /build/limit
    else
        touch -r "$prepared" /build/limit
    fi
    # ninja's own notes are made to be cut off anywhere.
    find "$folder" -type f -newer /build/limit -newer "$prepared" ! -name .ninja_log ! -name .ninja_deps -print -delete \
        >/build/discarded
    phase "goes on: $(wc -l </build/discarded) unfinished files of the earlier run removed"
}

figure() { cat "/build/figures/$1" 2>/dev/null || echo 0; }

# Seconds of wall and processor, and the most memory in MiB, of all runs together. Of processes that have ended, their
# parents know the time.
take_figures() {
    echo "$((earlier_seconds + $(date +%s) - start))" >/build/figures/seconds
    now=$(cat /proc/[0-9]*/stat 2>/dev/null | sed 's/^.*) //' | awk '{ sum += $12 + $13 + $14 + $15 } END { print int(sum / 100) }')
    echo "$((earlier_cpu + now))" >/build/figures/cpu
    now=$(cat /proc/[0-9]*/status 2>/dev/null | awk '/^VmRSS:/ { sum += $2 } END { print int(sum / 1024) }')
    [ "$now" -le "$(figure memory)" ] || echo "$now" >/build/figures/memory
}

# Notes beside the build how far it is safe on the disk, and what it takes.
watch_build() {
    mkdir -p /build/figures
    start=$(date +%s)
    earlier_seconds=$(figure seconds)
    earlier_cpu=$(figure cpu)
    echo "$(($(figure runs) + 1))" >/build/figures/runs
    : >/build/begun
    while :; do
        : >/build/next-safe
        sync -f /build
        mv /build/next-safe /build/safe
        for _ in 1 2 3 4 5 6; do
            take_figures
            sleep 5
        done
    done &
    watcher=$!
    trap 'kill "$watcher" 2>/dev/null || :' EXIT
}

# The last phase: what is in /out is stripped and says what it needs and takes.
finish() {
    phase strip
    find /out -type f -perm /111 -exec sh -c '
        for file do
            case $(head -c 4 "$file" | tr -d "\000") in
            ?ELF) "${STRIP:-strip}" --strip-all "$file" ;;
            esac
        done' sh {} +
    rm -rf /out/share/info /out/share/man /out/share/doc /out/share/locale
    find /out -name '*.la' -delete
    find /out -depth -mindepth 1 -type d -empty -delete
    phase contents
    (cd /out && find . -type f -printf '%s %P\n' -o -type l -printf '0 %P -> %l\n' | LC_ALL=C sort -k 2)
    du -s --apparent-size -B 1 /out | awk '{ print "== size: " $1 " bytes" }'
    take_figures
    echo "== figures: $(figure seconds) seconds, $(figure cpu) processor seconds, at most $(figure memory) MiB," \
        "$(figure runs) runs, $AMPOULE_JOBS jobs"
}
