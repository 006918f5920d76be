#!/bin/sh
# SPDX-License-Identifier: MIT
# Ranges of plain bytes, from every format, by whatever makes them quick to reach.
# Usage: cat.sh PATH-OF-ROVE FOLDER-OF-PLUGINS

. "$(dirname "$0")/lib.sh"

built=$2
umask 022
mkdir "$work/plugins"
for name in libdeflate zstd xz bzip2; do
    [ ! -f "$built/rove-filter-$name.so" ] ||
        install -m 755 "$built/rove-filter-$name.so" "$work/plugins" || exit 1
done
export ROVE_FILTER_PATH="$work/plugins"
unset ROVE_PLUGINS

{ seq 1 60000 && noise 200000 && head -c 300000 /dev/zero && seq 1 30000; } > plain
size=$(($(wc -c < plain)))
gzip -c plain > foreign.gz
{ head -c 300000 plain | gzip -c && tail -c +300001 plain | gzip -1c; } > members.gz
"$rove" compress -c plain > blocks.gz || bad "blocks.gz"
"$rove" compress -F lz4:block=64K,content_size=$size -c plain > blocks.lz4 || bad "blocks.lz4"
"$rove" compress -F lz4:block=64K,linked=yes -c plain > linked.lz4 || bad "linked.lz4"
"$rove" compress -F zlib -c plain > plain.zz || bad "plain.zz"
"$rove" compress -F deflate -c plain > plain.deflate || bad "plain.deflate"
files='foreign.gz members.gz blocks.gz blocks.lz4 linked.lz4 plain.zz plain.deflate'
if [ -f "$work/plugins/rove-filter-zstd.so" ]; then
    "$rove" compress -F zstd -c plain > whole.zst || bad "whole.zst"
    "$rove" compress -F zstd:block=64K -c plain > blocks.zst || bad "blocks.zst"
    files="$files whole.zst blocks.zst"
fi
if [ -f "$work/plugins/rove-filter-xz.so" ]; then
    "$rove" compress -F xz:block=64K,level=1 -c plain > blocks.xz || bad "blocks.xz"
    files="$files blocks.xz"
fi
if [ -f "$work/plugins/rove-filter-bzip2.so" ]; then
    "$rove" compress -F bzip2:block=100K,level=1 -c plain > streams.bz2 || bad "streams.bz2"
    files="$files streams.bz2"
fi

# slice OFFSET LENGTH: what a range should give.
slice() { tail -c +$(($1 + 1)) plain | head -c "$2"; }

# ranged WHAT LIST FILE: the ranges of the file are those of `want`.
ranged() {
    yes "$1" sh -c '"$1" cat --range "$2" "$3" > got && cmp want got' - "$rove" "$2" "$3"
}

for file in $files; do
    yes "$file" sh -c '"$1" cat --range 0: "$2" | cmp - plain' - "$rove" $file
    slice 400000 100 > want
    ranged "$file: one" 400000:100 $file
    { slice 0 10 && slice 65535 2 && slice 300000 70000; } > want
    ranged "$file: some" 0:10,65535:2,300000:70000 $file
    slice 700000 $size > want
    ranged "$file: to the end" 700000: $file
    slice $((size - 7)) 100 > want
    ranged "$file: cut by the end, and none" 5:0,$((size - 7)):100,$size:10 $file
    quiet "$file: cut by the end"
    ends 2 "$file: behind the end" "$rove" cat --range $((size + 1)):1 $file
    says "$file: behind the end" "^rove: $file: has $size plain bytes, so there are none from $((size + 1)) on\$"
    { slice 500000 50 && slice 100 70000 && slice 500000 50; } > want
    ranged "$file: back and forth" 500000:50,100:70000,500000:50 $file
    { tail -c 3 plain && slice 0 1 && cat plain; } > want
    ranged "$file: from the end" -3,0:1,-1G $file
done
# An index is of one codec. Where -F names two, it is not taken for all of the chain: neither the file beside, nor what the
# data tell, nor one that is named.
slice 100 50 > few
"$rove" compress -F 'gzip|bgzf' -o twice.gz plain || bad "twice.gz"
for how in "without an index" "an index beside"; do
    yes "two codecs, $how" sh -c '"$1" cat -F "gzip|bgzf" --range 100:50 twice.gz | cmp - few' - "$rove"
    [ -e twice.gz.gzi ] || "$rove" index twice.gz || bad "twice.gz.gzi"
done
quiet "two codecs"
yes "two codecs: list" sh -c '"$1" list --sizes -F "gzip|bgzf" twice.gz | grep -q " $2 "' - "$rove" "$size"
ends 1 "two codecs, an index named" "$rove" cat -F 'gzip|bgzf' --index twice.gz.gzi --range 100:50 twice.gz
says "two codecs, an index named" '^rove: twice.gz.gzi: cannot be used as an index of twice.gz: -F names several codecs'
yes "a checksum and a codec" sh -c '"$1" cat -F "crc32|bgzf" --range 100:50 blocks.gz | cmp - few' - "$rove"
rm twice.gz twice.gz.gzi few

# Nor where -F names another format.
cp blocks.gz other.gz && "$rove" index other.gz || bad "other.gz.gzi"
ends 2 "-F copy" sh -c '"$1" cat -F copy --range 10:20 other.gz > got' - "$rove"
says "-F copy" '^rove: other.gz.gzi: is not used as an index: it is of another format than -F names$'
yes "-F copy: what is there" sh -c 'tail -c +11 other.gz | head -c 20 | cmp - got'
ends 1 "-F zlib" "$rove" cat -F zlib --range 10:20 other.gz
mentions "-F zlib" '^rove: other.gz: layer 1 of 1 \(zlib\)'
ends 1 "-F copy, an index named" "$rove" cat -F copy --index other.gz.gzi --range 10:20 other.gz
says "-F copy, an index named" 'cannot be used as an index of other.gz: it is of another format than -F names$'
slice 10 20 > few
for filter in gzip bgzf auto 'crc32|gzip'; do
    yes "-F $filter" sh -c '"$1" cat -F "$2" --range 10:20 other.gz | cmp - few' - "$rove" "$filter"
    quiet "-F $filter"
done
# A checksum sees all bytes, in order, or it is held against none.
for spec in 'crc32:expect=00000000|gzip' 'gzip|crc32:expect=00000000'; do
    ends 1 "$spec, an index beside" "$rove" cat -F "$spec" --range 0: other.gz
    mentions "$spec, an index beside" 'the digest is [0-9a-f]*, expected was 00000000'
    ends 1 "$spec, an index named" "$rove" cat -F "$spec" --index other.gz.gzi --range 0: other.gz
    says "$spec, an index named" 'cannot be used as an index of other.gz: -F names what has to see all bytes, in order$'
done
rm other.gz other.gz.gzi few
yes "-T" sh -c '"$1" cat -T 3 --range -3,0:1,-1G blocks.gz | cmp - want' - "$rove"
yes "-T of one member" sh -c '"$1" cat -T 3 --range -3,0:1,-1G foreign.gz | cmp - want' - "$rove"

# In order, where going back is not to be had.
slice 100 20 > want
yes "a pipe" sh -c 'cat foreign.gz | "$1" cat --range 100:20 | cmp - want' - "$rove"
ends 1 "a pipe, from its end" sh -c 'cat blocks.gz | "$1" cat --range -20' - "$rove"
says "a pipe, from its end" '^rove: standard input: can be read from its start to its end only'
yes "standard input, a file" sh -c '"$1" cat --range 200:1,100:20 < blocks.gz | tail -c 20 | cmp - want' - "$rove"

# Numbers.
slice 3072 2048 > want
ranged "K" 3K:2K blocks.gz
ranged "KiB" 3072:2KiB blocks.gz
for list in '' x 5 5- : :5 5:x 5:-1 -x - -0x '5:5,' ',5:5' '5:5,,6:6' '5: 5' 5:6:7 1:none 5KK: 99999999999999999999x:; do
    ends 1 "--range '$list'" "$rove" cat --range "$list" blocks.gz
    says "--range '$list'" '^rove: --range: ".*" is not OFFSET:LENGTH'
done

# What no file can have, and what is as much as there is.
for list in 9223372036854775808:1 18446744073709551615:1 99999999999999999999:1 8388608T: 0:5,9999999999T:1; do
    ends 1 "--range $list" "$rove" cat --range "$list" blocks.gz
    says "--range $list" '^rove: --range: ".*" has a range that begins past 2\^63 - 1, where no file has bytes$'
done
ends 2 "the last place there is" "$rove" cat --range 9223372036854775807:1 blocks.gz
says "the last place there is" 'so there are none from 9223372036854775807 on$'
for len in 18446744073709551615 99999999999999999999999999999999999999; do
    yes "all of it: $len" sh -c '"$1" cat --range 0:$2,-$2 blocks.gz > got && cat plain plain | cmp - got' - "$rove" $len
done

# Several files, in their order; one that is not there does not stop the others.
{ slice 5 5 && slice 5 5; } > want
yes "two files" sh -c '"$1" cat --range 5:5 blocks.gz foreign.gz | cmp - want' - "$rove"
yes "two whole files" sh -c '"$1" cat blocks.gz foreign.gz > got && cat plain plain | cmp - got' - "$rove"
ends 1 "one is missing" sh -c '"$1" cat --range 5:5 blocks.gz missing foreign.gz > got' - "$rove"
says "one is missing" '^rove: missing: '
yes "one is missing: the others are there" cmp want got
ends 1 "no coded data" "$rove" cat --range 0:1 plain
says "no coded data" '^rove: plain: no filter of rove knows it by its first bytes$'
printf 'LZIP\1\14' > foreign.lz
ends 1 "lzip" "$rove" cat --range 0:1 foreign.lz
says "lzip" 'looks like lzip data'

# Odd data: what lies before a damage is given; what follows the data is told.
{ head -c 150000 blocks.gz && printf '\252\125\252' && tail -c +150004 blocks.gz; } > damaged.gz
slice 10 1000 > want
ranged "before the damage" 10:1000 damaged.gz
tail -c 10 plain > want
ranged "behind the damage" -10 damaged.gz
ends 1 "in the damage" sh -c '"$1" cat --range 0: damaged.gz > got' - "$rove"
head -c 150000 foreign.gz > cut.gz
slice 10 1000 > want
ranged "before the cut" 10:1000 cut.gz
ends 1 "behind the cut" "$rove" cat --range 700000:5 cut.gz
{ cat blocks.gz && echo behind; } > trailed.gz
slice 10 5 > want
ends 2 "something follows" sh -c '"$1" cat --range 10:5 trailed.gz > got' - "$rove"
says "something follows" '^rove: trailed.gz: other bytes follow the end of the coded data, and are ignored$'
yes "something follows: the range is right" cmp want got
ends 1 "--max-output" sh -c '"$1" cat --max-output 1000 --range 0: foreign.gz > got' - "$rove"
says "--max-output" '; --max-output allows more$'

# Where it goes.
cp plain itself
ends 1 "into what is read" sh -c 'ulimit -f 100000 && "$1" cat -f --range 0: itself >> itself' - "$rove"
says "into what is read" '^rove: standard output: is the input itself$'
yes "into what is read: it stays" cmp plain itself
if [ -w /dev/full ]; then
    ends 1 "/dev/full" sh -c '"$1" cat --range 0:1000 blocks.gz > /dev/full' - "$rove"
    says "/dev/full" 'No space left on device'
fi
ends 0 "a reader that goes away" sh -c '"$1" cat --range 0:,0:,0: blocks.gz | head -c 10 > /dev/null' - "$rove"
quiet "a reader that goes away"
done_testing
