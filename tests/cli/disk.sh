#!/bin/sh
# SPDX-License-Identifier: MIT
# When the output cannot be written: a clear sentence, status 1, nothing left behind.

. "$(dirname "$0")/lib.sh"

noise 3000000 > source
"$rove" compress source || bad "compress"
mkdir tree
cp source tree

if [ -c /dev/full ] && [ -w /dev/full ]; then
    ends 1 "full disk" "$rove" compress -o /dev/full source
    says "full disk" '^rove: /dev/full: .*No space left'
    ends 1 "full disk at the end" "$rove" compress -o /dev/full tree/../shown
    : > little
    ends 1 "full disk, little to write" "$rove" compress -o /dev/full little
    says "full disk, little to write" '^rove: /dev/full: .*No space left'
    ends 1 "decompress" "$rove" decompress -o /dev/full source.gz
    says "decompress" '^rove: /dev/full: .*No space left'
    ends 1 "pack" "$rove" pack -F lz4 -o /dev/full tree
    says "pack" '^rove: /dev/full: .*No space left'
    ends 1 "standard output" sh -c '"$1" compress -c source > /dev/full' - "$rove"
    says "standard output" '^rove: standard output: .*No space left'
    ends 1 "sum" sh -c '"$1" sum source > /dev/full' - "$rove"
    says "sum" '^rove: standard output: .*No space left'
fi

# A file that may not grow: the signal stops the command, and where it is ignored, the error does.
ends 153 "SIGXFSZ" sh -c 'ulimit -f 100; exec "$1" compress -o out source' - "$rove"
nothing_left "SIGXFSZ"
ends 1 "EFBIG" sh -c 'trap "" XFSZ; ulimit -f 100; exec "$1" compress -o out source' - "$rove"
says "EFBIG" '^rove: out: .*File too large'
no "no output" test -e out

# A full file system, where one can be had without harm.
mkdir small
if mount -t tmpfs -o size=1m tmpfs small 2>/dev/null; then
    ends 1 "small disk" "$rove" pack -o small/out tree
    says "small disk" '^rove: small/out: .*No space left'
    yes "nothing on it" test -z "$(ls -A small)"
    umount small
fi

# A folder that may not be written to.
if may_be_nobody; then
    mkdir closed
    chmod 555 closed
    ends 1 "closed folder" as_nobody "$rove" compress -o closed/out source
    says "closed folder" '^rove: closed/out: .*Permission denied'
fi

ends 1 "closed standard output" sh -c '"$1" compress -c source >&-' - "$rove"
ends 1 "closed standard input" sh -c '"$1" compress -o out <&-' - "$rove"
no "no output" test -e out
ends 0 "closed standard error" sh -c '"$1" compress -o out source 2>&-' - "$rove"
yes "output is sound" gzip -t < out
yes "devices and pipes" "$rove" compress -o /dev/null source
# No memory, once: it is the output's fault where that wanted it, no text's, and never success.
if can_fail; then
    lacks() {
        first=$1
        shift
        env LD_PRELOAD="$ROVE_FAULTS" ROVE_FAULT=alloc:30000-9999999 ROVE_FAULT_ONCE=none ROVE_FAULT_SKIP="$first" "$@"
    }
    : > all
    for skip in 0 1 2 3 4 5 6 7 8 9; do
        for command in "decompress -c source.gz" "decompress -f -c source" "compress -c source" "sum source" \
            "cat source.gz"; do
            checked=$((checked + 1)) got=0
            # shellcheck disable=SC2086 # a line of words
            lacks $skip "$rove" $command > /dev/null 2> "$err" || got=$?
            cat "$err" >> all
            if [ "$got" -ne 0 ]; then
                says "no memory $skip: $command" ': out of memory$'
            else
                quiet "no memory $skip: $command"
            fi
        done
    done
    checked=$((checked + 1))
    grep -q '^rove: standard output: out of memory' all || bad "no memory: nobody blames the output"
    no "no memory: a text is blamed" grep -q -e ': -F:' -e 'at byte' all
fi
mkfifo pipe
timeout 60 cat pipe > got &
yes "a pipe by name" "$rove" compress -o pipe source
wait $!
yes "what came through" sh -c 'gzip -dc < got | cmp - source'
yes "the pipe stays" test -p pipe
nothing_left "disk"
done_testing
