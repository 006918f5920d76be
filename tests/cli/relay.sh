#!/bin/sh
# SPDX-License-Identifier: MIT
# Where nothing is cut into parts a second thread writes what the first one decodes. All that can be seen of it is
# what one thread would do: the bytes, the status, the words, and up to which byte where something fails.

. "$(dirname "$0")/lib.sh"

export ROVE_PLUGINS=none # what is installed on this machine shall not matter
mib=1048576

# Some 9 MiB, of which some do not compress, with a hole at the end of the first 4 MiB and one that goes on to the end.
{ noise 3000000 && head -c 2000000 /dev/zero && noise 2500000 | tr '\000-\377' 'a-pa-pa-pa-pa-pa-pa-pa-pa-pa-pa-pa-pa-pa-pa-pa-p' &&
    seq 1 250000 && head -c 300000 /dev/zero; } > big
len=$(wc -c < big)
gzip -1 -c big > big.gz

# threads WHAT COUNT: so many of two were used, says -v.
threads() {
    mentions "$1" "^rove: threads: $2 of 2, as nothing was cut into parts; "
}

# Around the length from which there is a thread, and those of its buffers and of a chunk: by file, descriptor and pipe.
for size in $((4 * mib - 1)) $((4 * mib)) $((4 * mib + 1)) $((4 * mib + 65536)) $((4 * mib + 65537)) \
    $((4 * mib + 262143)) $((4 * mib + 262144)) $((4 * mib + 262145)) $((5 * mib + 12345)) "$len"; do
    head -c "$size" big > plain
    gzip -1 -c plain > plain.gz
    rm -f one two
    yes "$size, -T 1" "$rove" decompress -v -T 1 --no-sync -o one plain.gz
    mentions "$size, -T 1" '^rove: threads: 1 of 1, as nothing was cut into parts; '
    yes "$size, -T 2" "$rove" decompress -v -T 2 --no-sync -o two plain.gz
    if [ "$size" -lt $((4 * mib)) ]; then
        threads "$size: too little for a thread" 1
    else
        threads "$size" 2
    fi
    yes "$size: the bytes" cmp plain two
    yes "$size: as sparse" test "$(stat -c '%s %b %a' one)" = "$(stat -c '%s %b %a' two)"
    yes "$size, -c" sh -c '"$1" decompress -T 3 -c plain.gz > two && cmp plain two' - "$rove"
    yes "$size, --sparse" sh -c '"$1" decompress -T 3 --sparse -c plain.gz > two && cmp plain two' - "$rove"
    yes "$size, pipes" sh -c 'cat plain.gz | "$1" decompress -T 2 | cmp - plain' - "$rove"
    yes "$size, appended" sh -c 'echo first > two && "$1" cat -T 2 plain.gz >> two && tail -c +7 two | cmp - plain' - "$rove"
done
yes "-T 0" sh -c '"$1" decompress -c big.gz | cmp - big' - "$rove"
yes "a test writes nothing" "$rove" test -v -T 2 big.gz
threads "a test writes nothing" 1
yes "--stats" "$rove" decompress -T 2 --stats=figures --no-sync -o two -f big.gz
yes "--stats: the lengths" grep -q "bytes_in=$(wc -c < big.gz) bytes_out=$len " figures
yes "--progress" "$rove" decompress -T 2 --progress=json --no-sync -o two -f big.gz
for spec in 'crc32|zlib' deflate lz4:linked=yes; do
    "$rove" compress -T 2 -F "$spec" -c big > coded || bad "$spec"
    yes "$spec" sh -c '"$1" decompress -v -T 2 -F "$2" -c coded > two && cmp two big' - "$rove" "$spec"
    mentions "$spec: two threads" 'was not cut into parts; threads: 2 of 2; '
done

# Files one behind the other, and members that can be cut behind one that cannot: then the thread goes.
"$rove" compress -T 1 -F bgzf -c big > bgzf.gz || bad "bgzf"
yes "parts" "$rove" decompress -v -T 2 --no-sync -f -o two bgzf.gz
mentions "parts" '^rove: threads: 2; parts: '
cat big.gz bgzf.gz big.gz bgzf.gz > members
yes "members" sh -c 'cat big big big big | { "$1" decompress -T 2 -c members | cmp - /dev/fd/3; } 3<&0' - "$rove"
yes "-v of both" sh -c '"$1" decompress -v -T 2 -c bgzf.gz big.gz > two' - "$rove"
mentions "-v of both" '^rove: threads: 2; parts: .* at once; what was not cut was written by a thread of its own; memory: '
yes "-v of parts alone" sh -c '"$1" decompress -v -T 2 -c bgzf.gz bgzf.gz > two' - "$rove"
mentions "-v of parts alone" '^rove: threads: 2; parts: .* at once; memory: '
yes "files" sh -c '"$1" decompress -T 2 -c bgzf.gz big.gz big.gz bgzf.gz > two; cat big big big big | cmp - two' - "$rove"

# both WHAT COMMAND...: `-T 1` and `-T 2` and `-T 3` in the place of THREADS end alike, say the same and give the same to
# standard output. $got is the status.
both() {
    what=$1
    shift
    for cnt in 1 2 3; do
        got=0
        THREADS=$cnt "$@" > out.$cnt 2> said.$cnt || got=$?
        echo $got >> said.$cnt
    done
    cp said.1 "$err"
    yes "$what, -T 2: the same words" cmp said.1 said.2
    yes "$what, -T 2: the same bytes" cmp out.1 out.2
    yes "$what, -T 3: the same words" cmp said.1 said.3
    yes "$what, -T 3: the same bytes" cmp out.1 out.3
    cp said.1 "$err"
}
# A shell's own words, to which arguments are given.
decode='exec "$0" decompress -T $THREADS "$@"'
gz_len=$(wc -c < big.gz)

# Damage, an end that is missing, limits.
for at in $((gz_len / 2)) $((gz_len * 3 / 4)) $((gz_len * 9 / 10)) $((gz_len - 6)); do
    { head -c $at big.gz && printf '\252\125\252' && tail -c +$((at + 4)) big.gz; } > damaged
    head -c $at big.gz > cut
    for file in damaged cut; do
        both "$file at $at" sh -c "$decode" "$rove" -c $file
        mentions "$file at $at" "^rove: $file: "
        both "$file at $at, --salvage" sh -c "$decode" "$rove" --salvage -c $file
        both "$file at $at, by pipes" sh -c 'cat "$1" | "$0" decompress -T $THREADS | cat' "$rove" $file
        no "$file at $at" "$rove" decompress -T 2 -o gone $file
        no "$file at $at: nothing is written" test -e gone
    done
done
for most in $((5 * mib)) $((6 * mib + 1)); do
    both "--max-output $most" sh -c "$decode" "$rove" --max-output $most -c big.gz
    mentions "--max-output $most" '--max-output allows more'
done
{ cat big.gz && echo behind; } > behind
both "more behind it" sh -c "$decode" "$rove" -c behind
mentions "more behind it" 'follow the end of the coded data'

# A file that may not grow, beyond where the thread begins.
blocks=$((6 * mib / 512)) # of which POSIX says that they are of 512 bytes; elsewhere it is twice as much
both "SIGXFSZ" sh -c "ulimit -f $blocks; $decode" "$rove" -o limited big.gz
mentions "SIGXFSZ" '^153$'
nothing_left "SIGXFSZ"
both "EFBIG" sh -c "trap '' XFSZ; ulimit -f $blocks; $decode" "$rove" -o limited big.gz
mentions "EFBIG" '^rove: limited: .*File too large'
no "EFBIG: nothing is written" test -e limited
nothing_left "EFBIG"
[ ! -w /dev/full ] || both "/dev/full" sh -c "$decode" "$rove" -f -o /dev/full big.gz

# A reader that goes away.
for most in 100000 $((5 * mib)) $((6 * mib)); do
    both "a reader that goes away at $most" \
        sh -c '{ "$0" decompress -T $THREADS -c big.gz; echo $? >&2; } | head -c $1' "$rove" $most
    mentions "a reader that goes away" '^141$'
    both "unheard, at $most" \
        sh -c 'trap "" PIPE; { "$0" decompress -T $THREADS -c big.gz; echo $? >&2; } | head -c $1' "$rove" $most
    mentions "unheard" 'Broken pipe'
done

# Each write fails, or all from it on; or has to be made again. No thread is to be had, or no memory for it.
if can_fail; then
    # Until there is no such write any more: it is the thread's from 4 MiB on.
    nth=1 thread_cnt=0
    while rm -rf once; do
        got=0
        ROVE_FAULT_ONCE=once failing write:$nth:28 "$rove" decompress -T 2 -c big.gz > out.once 2> "$err" || got=$?
        [ -d once ] || break
        says "write $nth" '^rove: standard output: .*No space left on device$'
        size=$(wc -c < out.once)
        yes "write $nth: status" test $got -eq 1
        yes "write $nth: nothing behind it" sh -c 'head -c $1 big | cmp - out.once' - "$size"
        [ "$size" -lt $((4 * mib)) ] || thread_cnt=$((thread_cnt + 1))
        for errno in 4 11; do # EINTR, EAGAIN
            rm -rf once
            yes "write $nth again" sh -c 'ROVE_FAULT_ONCE=once ROVE_FAULT=write:$2:$3 LD_PRELOAD=$ROVE_FAULTS \
                "$1" decompress -T 2 -c big.gz | cmp - big' - "$rove" $nth $errno
        done
        rm -rf once
        ROVE_FAULT_ONCE=once failing write:$nth:5 "$rove" decompress -T 2 --no-sync -o gone big.gz 2> "$err"
        [ ! -d once ] || says "write $nth, to a file" '^rove: gone: .*Input/output error$'
        no "write $nth, to a file: nothing is written" test -d once -a -e gone
        nothing_left "write $nth"
        rm -f gone
        nth=$((nth + (nth == 3 ? 40 : 1)))
    done
    yes "writes of the thread" test $thread_cnt -gt 10
    rm -f two
    yes "no thread" failing thread:1:11 "$rove" decompress -v -T 2 --no-sync -o two big.gz
    threads "no thread" 1
    yes "no thread: the bytes" cmp big two
    rm -f two
    yes "no memory" failing alloc:786432-786432:12 "$rove" decompress -v -T 2 --no-sync -o two big.gz
    yes "no memory: the bytes" cmp big two
fi

# Stopped while the thread writes: no file is left. What has come through a pipe is in the file, all but less than a chunk,
# also while more is waited for.
mkfifo feed
tail -c +$((gz_len * 17 / 20 + 1)) big.gz > rest
head -c $((gz_len * 17 / 20)) big.gz > first
"$rove" decompress -T 1 --salvage -c first > prefix 2> /dev/null
chunks=$(($(wc -c < prefix) / 65536 * 65536))
yes "a chunk that ends no buffer" test $((chunks % 262144)) -ne 0 -a $chunks -gt $((5 * mib))
# start COUNT: $pid decodes what came so far.
start() {
    want_len=$((chunks - ($1 == 1 ? 131072 : 0))) # one thread keeps more in its chain
    env --default-signal "$rove" decompress --no-sync --no-sparse -T "$1" -o stopped < feed &
    pid=$!
    exec 3> feed
    cat first >&3
    tries=0
    until [ "$(cat .rove-* 2> /dev/null | wc -c)" -ge $want_len ] || [ $tries -ge 200 ]; do
        sleep 0.05
        tries=$((tries + 1))
    done
    yes "-T $1: what has come is written" test "$(cat .rove-* | wc -c)" -ge $want_len
}
for cnt in 1 2; do
    for signal in INT TERM; do
        start $cnt
        stop_it $signal "$pid"
    done
    start $cnt
    cat rest >&3
    exec 3>&-
    got=0
    wait "$pid" || got=$?
    yes "-T $cnt goes on" test $got -eq 0
    yes "-T $cnt: the bytes" cmp big stopped
    rm -f stopped
done
# The last write of what has come fails while more is waited for: nobody waits on.
env --default-signal timeout 60 sh -c 'trap "" XFSZ; ulimit -f $1; exec "$0" decompress -T 2 --no-sync -o stopped' \
    "$rove" $((chunks / 512 - 1)) < feed 2> "$err" &
pid=$!
exec 3> feed
cat first >&3
got=0
wait "$pid" || got=$?
exec 3>&-
says "nothing is waited for" '^rove: stopped: .*File too large'
yes "nothing is waited for" test $got -eq 1
no "nothing is waited for: no output" test -e stopped
nothing_left "relay"
done_testing
