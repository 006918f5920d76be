#!/bin/sh
# SPDX-License-Identifier: MIT
# -T decides who does the work and never what comes out; and what is written for .gz when -F says nothing.
# Usage: threads.sh PATH-OF-ROVE FOLDER-OF-PLUGINS

. "$(dirname "$0")/lib.sh"

built=$2
umask 022
mkdir "$work/plugins"
for name in igzip libdeflate zstd xz bzip2; do
    [ ! -f "$built/rove-filter-$name.so" ] ||
        install -m 755 "$built/rove-filter-$name.so" "$work/plugins" || exit 1
done
unset ROVE_FILTER_PATH
export ROVE_PLUGINS=none # what is installed on this machine shall not matter
with_plugins="env -u ROVE_PLUGINS ROVE_FILTER_PATH=$work/plugins"

: > empty
printf x > one
seq 1 100000 > text
{ noise 200000 && cat text && head -c 700000 /dev/zero && head -c 99999 text; } > mixed
mkdir tree
cp empty one mixed tree

# Nonsense, and numbers that are none.
for verb in compress pack; do
    for cnt in x -1 '' 1025 99999999999999999999999 +2 ' 2' 2.0; do
        ends 1 "$verb -T '$cnt'" "$rove" $verb -T "$cnt" text
        says "$verb -T '$cnt'" '^rove: -T: "'"$(printf %s "$cnt" | sed 's/[+.]/\\&/')"'" is no number of threads from 0 to 1024$'
    done
    ends 1 "$verb -T" "$rove" $verb text -T
    no "$verb: nothing is written" test -e text.gz
done
ends 1 "filters takes none" "$rove" filters -T 2
for words in '-T 1024' -T1 '--threads 2' '--threads=0' '-T 3 -9 -T2'; do
    yes "$words" sh -c '"$1" compress $2 -c text | gzip -dc | cmp - text' - "$rove" "$words"
done

# The same bytes for any number, by file and by pipe, and decoded by any number.
# same RUNNER SPEC FILE [DECODING-SPEC]
same() {
    set -- "$1" "${2:+-F $2}" "$3" "${4:+-F $4}"
    $1 "$rove" compress -T 1 $2 -c "$3" > want || bad "-T 1 $*"
    for cnt in 2 3 0; do
        yes "-T $cnt $2 $3" sh -c '$1 "$2" compress -T "$3" $4 -c "$5" | cmp - want' - "$1" "$rove" $cnt "$2" "$3"
    done
    for cnt in 1 2 3 0; do
        yes "-d -T $cnt $2 $3" sh -c '$1 "$2" decompress -T "$3" $4 < want | cmp - "$5"' - \
            "$1" "$rove" $cnt "$4" "$3"
    done
    yes "$2 $3 by pipes" sh -c 'cat "$4" | $1 "$2" compress -T 3 $3 | tee got | $1 "$2" decompress -T 2 $5 | cmp - "$4"' - \
        "$1" "$rove" "$2" "$3" "$4"
    yes "$2 $3 is the same" cmp want got
    yes "-t $2 $3" $1 "$rove" test -T 3 $4 want
}
for file in empty one; do
    for spec in '' gzip:block=32K lz4; do
        same "" "$spec" $file
    done
done
for spec in '' 'crc32|bgzf:level=1' gzip:block=32K zlib:block=128K 'crc32c|lz4:block=64K,block_checksum=yes'; do
    same "" "$spec" mixed
done
same "" 'lz4|gzip:block=64K' mixed 'lz4|gzip'
same "$with_plugins" "" mixed
[ ! -f "$work/plugins/rove-filter-zstd.so" ] || same "$with_plugins" zstd mixed
[ ! -f "$work/plugins/rove-filter-igzip.so" ] || same "$with_plugins" igzip mixed gzip
[ ! -f "$work/plugins/rove-filter-xz.so" ] || same "$with_plugins" xz:block=64K,level=0 mixed
[ ! -f "$work/plugins/rove-filter-bzip2.so" ] || same "$with_plugins" bzip2:block=200K,level=1 mixed
"$rove" pack -T 1 -F 'crc32|bgzf' tree > want || bad "pack -T 1"
for cnt in 2 3 0; do
    yes "pack -T $cnt" sh -c '"$1" pack -T "$2" -F "crc32|bgzf" tree | cmp - want' - "$rove" $cnt
done
for memory in 1M 2M 4M 8M; do
    for cnt in 1 3 1000; do
        yes "pack -T $cnt --memory $memory" sh -c \
            '"$1" pack -T "$2" --memory "$3" -F "crc32|bgzf" tree | cmp - want' - "$rove" $cnt $memory
    done
done

# .gz without -F is BGZF, whoever codes it; -F is obeyed to the letter.
is_bgzf() { [ "$(head -c 16 "$1" | tail -c 4 | od -An -tx1 | tr -d ' \n')" = 42430200 ]; }
for runner in "" "$with_plugins"; do
    for level in '' -0 -1 -6 -9; do
        $runner "$rove" compress $level -c mixed > mixed.gz || bad "compress $level"
        yes "compress $level gives BGZF" is_bgzf mixed.gz
        yes "$level: gzip -t" gzip -t mixed.gz
        yes "$level: gzip -d" sh -c 'gzip -dc mixed.gz | cmp - mixed'
        yes "$level: rove -d" sh -c '"$1" -dc mixed.gz | cmp - mixed' - "$rove"
        yes "$level: the end marker" test "$(tail -c 28 mixed.gz | od -An -tx1 -v | tr -d ' \n')" = \
            1f8b08040000000000ff0600424302001b0003000000000000000000
        ! command -v python3 > /dev/null ||
            yes "$level: python's gzip" sh -c 'python3 -c "
import gzip, sys
sys.stdout.buffer.write(gzip.open(\"mixed.gz\").read())" | cmp - mixed'
        ! command -v bgzip > /dev/null || yes "$level: bgzip -t" bgzip -t mixed.gz
        ! command -v pigz > /dev/null || yes "$level: pigz -t" pigz -t mixed.gz
    done
    $runner "$rove" pack -f -o tree.tgz tree || bad "pack"
    yes "pack -o .tgz gives BGZF" is_bgzf tree.tgz
    yes "tar reads it" sh -c 'tar -xzOf tree.tgz tree/mixed | cmp - mixed'
    $runner "$rove" compress -f text || bad "compress text"
    yes "text.gz is BGZF" is_bgzf text.gz
    for level in -1 -6; do
        gzip $level -c mixed > stock
        $runner "$rove" compress $level -c mixed > mixed.gz || bad "compress $level"
        yes "$level: near gzip's size" test $((100 * $(wc -c < mixed.gz))) -le $((110 * $(wc -c < stock)))
    done
    ends 2 "text.gz has its suffix" $runner "$rove" compress text.gz
    yes "text.gz is decoded" sh -c 'rm text && $1 "$2" decompress --rm text.gz' - "$runner" "$rove"
done
"$rove" compress -F gzip -c mixed > literal.gz || bad "-F gzip"
no "-F gzip gives no BGZF" is_bgzf literal.gz
"$rove" compress -F gzip:block=64K -c mixed > literal.gz || bad "-F gzip:block=64K"
no "-F gzip:block=64K gives no BGZF" is_bgzf literal.gz
for level in 10 12; do
    no "no level $level by zlib" "$rove" compress -$level -c text
done
if [ -f "$work/plugins/rove-filter-libdeflate.so" ]; then
    for level in -1 -9 -12; do
        $with_plugins "$rove" compress $level -c mixed > mixed.gz || bad "libdeflate $level"
        $with_plugins "$rove" compress -F "libdeflate:bgzf=yes" $level -c mixed > named || bad "libdeflate named"
        yes "$level is libdeflate's" cmp mixed.gz named
        yes "$level: gzip reads it" sh -c 'gzip -dc mixed.gz | cmp - mixed'
    done
    no "no level 13" $with_plugins "$rove" compress -13 -c text
    "$rove" compress -0 -F bgzf -c mixed > want || bad "-0"
    yes "-0 is zlib's" sh -c '$1 "$2" compress -0 -c mixed | cmp - want' - "$with_plugins" "$rove"
    yes "-F libdeflate gives .gz" $with_plugins "$rove" compress -F libdeflate text
    yes "libdeflate's text.gz" sh -c 'gzip -dc text.gz | cmp - text && rm text.gz'
    # It reads BGZF, too, where nothing else is asked for; the same comes out, and the same is said of what is odd.
    "$rove" compress -c mixed > whole || bad "whole"
    gzip -c text > member
    { cat whole member whole; } > members
    { cat whole && echo behind; } > behind
    head -c -28 whole > unmarked
    { head -c 150000 whole && printf '\252\125\252' && tail -c +150004 whole; } > damaged
    head -c 17 whole > start
    for file in whole members behind unmarked damaged start; do
        for spec in auto 'crc32|count|auto' auto:allow=bgzf.gzip; do
            "$rove" decompress --salvage -F "$spec" -c $file > want 2> said
            echo $? >> want
            $with_plugins "$rove" decompress --salvage -F "$spec" -c $file > got 2> heard
            echo $? >> got
            yes "$file as $spec by libdeflate" cmp want got
            sed 's/(libdeflate)/(bgzf)/' heard > same
            yes "$file as $spec by libdeflate: the same words" cmp said same
        done
        yes "$file by a pipe" sh -c 'cat "$3" | $1 "$2" decompress > got || :; "$2" decompress < "$3" > want || :; cmp want got' - \
            "$with_plugins" "$rove" $file
    done
    no "damaged" $with_plugins "$rove" test damaged
    says "it is libdeflate that reads" '^rove: damaged: layer 1 of 1 [(]libdeflate[)]: '
    no "damaged, as named" $with_plugins "$rove" test -F bgzf damaged
    says "it is bgzf that reads" '^rove: damaged: layer 1 of 1 [(]bgzf[)]: '
    # A plugin that is not to be had is done without.
    "$rove" compress -F bgzf -c mixed > want || bad "bgzf"
    chmod g+w "$work/plugins/rove-filter-libdeflate.so"
    yes "refused, so zlib writes" sh -c '$1 "$2" compress -c mixed | cmp - want' - "$with_plugins" "$rove"
    quiet "refused"
    chmod g-w "$work/plugins/rove-filter-libdeflate.so"
fi

# Other gzip is read by igzip: the same comes out, up to the same byte where it is damaged or more than it may be.
if [ -f "$work/plugins/rove-filter-igzip.so" ]; then
    gzip -c mixed > member
    { cat member member; } > members
    { cat member && echo behind; } > behind
    head -c -3 member > short
    head -c 150000 member > cut
    head -c 7 member > start
    { head -c -8 member && printf 'wrong' && tail -c 3 member; } > wrong
    { head -c 200000 member && printf '\252\125\252' && tail -c +200004 member; } > damaged
    for file in member members behind short cut start wrong damaged; do
        for more in --salvage '--max-output 150K' '-F crc32|count|auto'; do
            # The option's words are to be split.
            # shellcheck disable=SC2086
            "$rove" decompress $more -c $file > want 2> said
            echo $? >> want
            # shellcheck disable=SC2086
            $with_plugins "$rove" decompress $more -c $file > got 2> heard
            echo $? >> got
            yes "$file with $more by igzip" cmp want got
            sed 's/.*\(at input byte\)/\1/; s/(igzip)/(gzip)/' heard > same
            sed -i 's/.*\(at input byte\)/\1/' said
            yes "$file with $more by igzip: the same place" cmp said same
        done
    done
    no "--max-ratio" $with_plugins "$rove" test --max-ratio 3 member
    says "--max-ratio" '[(]igzip[)]: it makes too much of what came in'
    no "wrong" $with_plugins "$rove" test wrong
    says "it is igzip that reads" '^rove: wrong: layer 1 of 1 [(]igzip[)]: '
    no "wrong, as named" $with_plugins "$rove" test -F gzip wrong
    says "it is gzip that reads" '^rove: wrong: layer 1 of 1 [(]gzip[)]: '
fi

# What -v tells.
yes "-v" "$rove" compress -v -T 2 -f -o out.gz mixed
mentions "-v: memory" '^rove: threads: .*; memory: at most [0-9.]+ [kMG]?B$'
yes "-v of one thread" "$rove" compress -v -T 1 -f -o out.gz mixed
says "-v of one thread" '^rove: threads: 1 of 1, as nothing was cut into parts; memory: at most '
for spec in gzip 'crc32|zlib' deflate; do
    yes "-v -F $spec" "$rove" compress -v -T 2 -F "$spec" -f -o out mixed
    says "-v -F $spec" '^rove: -F: "'"$(printf %s "$spec" | sed 's/|/[|]/')"'" was not cut into parts; threads: 1 of 2; '
done
yes "--stats" "$rove" compress -T 3 --stats=figures -f -o out.gz mixed
yes "--stats: workers" grep -Eq ' workers=2 workers_made=[0-9]+ parts=[0-9]+ parts_by_caller=[0-9]+ parts_at_once=[0-9]' figures

# Damage: the same words, status and bytes before it, for any number; nothing is left.
for spec in bgzf lz4 gzip:block=32K; do
    "$rove" compress -F "$spec" -c mixed > whole || bad "$spec"
    len=$(wc -c < whole)
    for at in $((len / 3)) $((2 * len / 3)) $((len - 5)); do
        { head -c $at whole && printf '\252\125\252' && tail -c +$((at + 4)) whole; } > damaged
        head -c $at whole > cut
        for file in damaged cut; do
            for cnt in 1 2 3 0; do
                got=0
                "$rove" decompress -T $cnt --salvage -c $file > said.$cnt 2> "$err" || got=$?
                { cat "$err" && echo $got; } >> said.$cnt
                yes "$spec $file at $at, -T $cnt" cmp said.1 said.$cnt
            done
            no "$spec $file at $at" "$rove" decompress -T 2 -o out.$file $file
            no "$spec $file at $at: nothing is written" test -e out.$file
        done
    done
done

# Many files tested at once: the same messages in the same order.
"$rove" compress -F lz4 -c mixed > whole.lz4
"$rove" test -T 1 whole damaged empty cut whole.lz4 tree missing whole cut > want 2>&1
for cnt in 2 3 0 100; do
    ends 1 "test -T $cnt of many" sh -c '"$1" test -T $2 whole damaged empty cut whole.lz4 tree missing whole cut > got 2>&1' - \
        "$rove" $cnt
    yes "test -T $cnt of many: the same messages" cmp want got
done
yes "test of many, by a pipe, too" sh -c '"$1" test -T 3 whole - whole.lz4 < whole' - "$rove"
yes "--progress of many" "$rove" test -T 3 --progress=plain whole whole.lz4 whole
yes "three summaries" test "$(grep -c '^tested ' "$err")" -eq 3

# A sink that fails, a source that is stopped in the middle, a disk that is full.
if [ -w /dev/full ]; then
    for cnt in 1 2 3; do
        ends 1 "/dev/full, -T $cnt" sh -c '"$1" compress -T "$2" mixed -c > /dev/full' - "$rove" $cnt
        says "/dev/full, -T $cnt" 'No space left on device'
    done
fi
ends 0 "a reader that goes away" sh -c '"$1" compress -T 3 -0 -c mixed | head -c 10 > /dev/null' - "$rove"
quiet "a reader that goes away"
nothing_left "threads"

# A signal in the middle, with workers busy: no file is left, and the parent sees by what it was stopped.
mkfifo feed
for signal in INT TERM; do
    env --default-signal=$signal "$rove" compress --no-sync -T 3 -9 -o stopped < feed &
    pid=$!
    exec 3> feed
    cat mixed >&3
    tries=0
    until [ -n "$(find . -name '.rove-*')" ] || [ $tries -ge 200 ]; do
        sleep 0.05
        tries=$((tries + 1))
    done
    stop_it $signal "$pid"
done
done_testing
