#!/bin/sh
# SPDX-License-Identifier: MIT
# Whoever is stopped by a limit is told what lifts it. Each message here is taken at its word, again and
# again, until the command succeeds. Usage: limits.sh PATH-OF-ROVE [FOLDER-OF-PLUGINS]

. "$(dirname "$0")/lib.sh"

# advised WHAT ADVICE... -- COMMAND...: the command is stopped, and what its messages advise lifts that: the
# option of that name is put in with more, the key that is given is put into -F. ADVICE: what must come, in order.
advised() {
    what=$1 want='' got=''
    shift
    while [ "$1" != -- ]; do
        want="$want $1"
        shift
    done
    shift
    last='' rounds=0
    while :; do
        checked=$((checked + 1)) rounds=$((rounds + 1))
        "$@" > out 2> "$err" && break
        if [ $rounds -gt 60 ] || [ "$(wc -l < "$err")" -ne 1 ]; then
            bad "$what: no end, or not one line"
            break
        fi
        advice=$(sed -n 's/.*; \(--*[a-zA-Z-]*\) allows more$/\1/p; s/.*; \([a-zM0-9:=]*\) allows it, .*/\1/p' "$err")
        case $advice in
            -*)
                [ "$advice" = "$last" ] && value=$((value * 4)) || value=${start:-65536}
                last=$advice
                set -- "$@" "$advice" "$value" ;;
            *:*) set -- "$@" -F "$advice" ;;
            *)
                bad "$what: no advice"
                break ;;
        esac
        case "$got " in
            *" $advice ") ;;
            *) got="$got $advice" ;;
        esac
    done
    [ "$got" = "$want" ] || bad "$what: advised$got"
}

head -c 5000000 /dev/zero > zeros
noise 300000 > noise
"$rove" compress -F lz4:block=4M -o zeros.lz4 zeros
"$rove" compress -o zeros.gz zeros
"$rove" compress -o noise.gz noise
start=4000000
advised "output" --max-output -- "$rove" test --max-output 1 zeros.gz
start=2
advised "ratio" --max-ratio -- "$rove" test --max-ratio 1 zeros.gz
start=65536
advised "memory, before" -M -- "$rove" decompress -c -F gzip -M 1 noise.gz
advised "memory, on the way" -M -- "$rove" decompress -c -M 100000 zeros.lz4
advised "memory, writing" -M -- "$rove" compress -c -M 300000 noise
advised "memory, writing what does not open" -M -- "$rove" compress -c -M 10 -F 'lz4:block=4M|gzip' noise
advised "all of them" -M --max-ratio --max-output -- "$rove" test -M 1 --max-ratio 1 --max-output 2000000 zeros.gz
ends 1 "a guard's own" "$rove" compress -F limit:max=10 -o guarded noise
says "a guard's own" 'more than the 10 bytes that max allows'

# What is a size, and what is none.
for size in 65536 65536B 65536b 64K 64k 64KB 64kB 64kb 64KiB 64kiB 64kib 64KIB; do
    checked=$((checked + 1))
    [ "$("$rove" cat --range "0:$size" zeros.gz | wc -c)" -eq 65536 ] || bad "0:$size is not 65536 bytes"
done
for size in '' ' ' '1 ' ' 1' '1 B' '1  ' '1K ' '1 K' 1X 1KX 1KBB 1iB 1Ki -1 0x1 1. 1,0; do
    ends 1 "the size '$size'" "$rove" test -M "$size" zeros.gz
    says "the size '$size'" "-M: \"$size\" is no size"
done

# A window of zstd that is wider than is taken unasked, then its memory.
if [ -n "${2:-}" ] && [ -f "$2/rove-filter-zstd.so" ]; then
    mkdir "$work/plugins"
    install -m 755 "$2/rove-filter-zstd.so" "$work/plugins"
    export ROVE_FILTER_PATH="$work/plugins"
    # A frame of one block that is one byte over and over: windows of 2^27, 2^28 and 1.875 * 2^28 bytes.
    for byte in 210 220 227; do
        { printf '\050\265\057\375\0' && printf "\\$byte" && printf '\003\0\010x'; } > wide.zst
        start=200000000
        case $byte in
            210) advised "a window of 2^27" -- "$rove" test wide.zst ;;
            220) advised "a window of 2^28" zstd:window=28 -M -- "$rove" test wide.zst ;;
            *) advised "a window of 1.9 * 2^28" zstd:window=29 -M -- "$rove" test wide.zst ;;
        esac
    done
    if command -v zstd > /dev/null; then
        zstd -q --long=30 -c < zeros > long.zst
        advised "zstd --long=30" zstd:window=30 -M -- "$rove" test long.zst
    fi
fi
if [ -n "${2:-}" ] && [ -f "$2/rove-filter-xz.so" ]; then
    [ -d "$work/plugins" ] || mkdir "$work/plugins"
    install -m 755 "$2/rove-filter-xz.so" "$work/plugins"
    export ROVE_FILTER_PATH="$work/plugins"
    start=200000
    ends 1 "xz, writing" "$rove" compress -F xz:level=3 -M 10M -c noise
    says "xz, writing" '; -M allows more$'
    # A block whose header says that matches reach back 2^28 bytes.
    "$rove" compress -F xz:level=0 -c zeros > near.xz || bad "near.xz"
    { head -c 12 near.xz && printf '\002\000\041\001\040\000\000\000\011\210\245\166' && tail -c +25 near.xz; } > long.xz
    advised "a dictionary of 2^28 bytes" xz:memory=257M -M -- "$rove" test long.xz
fi

# By parts: what stays under the ratio at every moment passes, and what goes far over it somewhere does not, in the same
# words, with any number of threads. Zeros first, last or in the middle.
noise 1300000 > noises
cat zeros noises > bomb.first
cat noises zeros > bomb.last
cat noises zeros noises > bomb.middle
for spec in bgzf lz4 gzip zstd; do
    [ "$spec" != zstd ] || [ -f "$work/plugins/rove-filter-zstd.so" ] || continue
    for place in first last middle; do
        "$rove" compress -F $spec -f -o bomb bomb.$place || bad "compress by $spec"
        # Last or in the middle, so much comes out of the first noise and all zeros; first, as much as the codec can.
        case $place in
            first) under=100000 over=20 ;;
            last) under=6 over=3 ;;
            middle) under=12 over=3 ;;
        esac
        for threads in 1 2 3 6; do
            ends 0 "$spec, $place, -T $threads" "$rove" test -T $threads --max-ratio $under bomb
            ends 1 "$spec, $place, -T $threads" "$rove" test -T $threads --max-ratio $over bomb
            says "$spec, $place, -T $threads" "^rove: bomb: .*makes too much of what came in: .*--max-ratio"
        done
    done
done

done_testing
