#!/bin/sh
# SPDX-License-Identifier: MIT
# dict=@FILE: dictionaries of zlib, deflate, lz4 and zstd, both ways and with the stock tools.
# Usage: dict.sh PATH-OF-ROVE FOLDER-OF-PLUGINS

. "$(dirname "$0")/lib.sh"

export ROVE_FILTER_PATH="$2"
unset ROVE_PLUGINS

seq 1 9000 | sed 's/$/ some words that come again and again/' > all
tail -c 30000 all > words
tail -c 32769 all > longer
tail -c 200000 all > long
seq 8500 8540 | sed 's/$/ some words that come again and again/' > small
cp words 'odd,name|%'
{ cat words && cat all; } > text
seq 1 3000 | tail -c 9000 > other

# both CODEC DICT: it is smaller with the dictionary, comes back with it, and cannot be read without it or with another.
both() {
    codec=$1 dict=$2
    yes "$codec, $dict: written" sh -c '"$1" compress -F "$2,dict=@$3" -c small > with && "$1" compress -F "$2" -c small > without' - \
        "$rove" "$codec" "$dict"
    yes "$codec, $dict: smaller" test "$(wc -c < with)" -lt $(($(wc -c < without) * 19 / 20))
    yes "$codec, $dict: read" sh -c '"$1" decompress -F "$2,dict=@$3" -c < with | cmp - small' - "$rove" "$codec" "$dict"
    ends 1 "$codec, $dict: read without" sh -c '"$1" decompress -F "$2" -c < with > got' - "$rove" "$codec"
    mentions "$codec, $dict: read without" "$3"
    ends 1 "$codec, $dict: read with another" sh -c '"$1" decompress -F "$2,dict=@other" -c < with > got' - "$rove" "$codec"
    mentions "$codec, $dict: read with another" "$4"
    yes "$codec, $dict: larger data" sh -c '"$1" compress -F "$2,dict=@$3" -c text > big && "$1" -d -F "$2,dict=@$3" -c big | cmp - text' - \
        "$rove" "$codec" "$dict"
    yes "$codec, $dict: --range" sh -c '"$1" cat -F "$2,dict=@$3" --range 300000:100 big > got && tail -c +300001 text | head -c 100 | cmp - got' - \
        "$rove" "$codec" "$dict"
    yes "$codec, $dict: --range from the end" sh -c '"$1" cat -F "$2,dict=@$3" --range -100,0:10 big > got && { tail -c 100 text && head -c 10 text; } | cmp - got' - \
        "$rove" "$codec" "$dict"
    yes "$codec, $dict: threads write the same" sh -c '"$1" compress -T 3 -F "$2,dict=@$3" -c text | cmp - big' - "$rove" "$codec" "$dict"
    yes "$codec, $dict: threads read" sh -c '"$1" test -T 3 -F "$2,dict=@$3" big' - "$rove" "$codec" "$dict"
}
both zlib:level=6 words 'a preset dictionary is needed' 'written with another preset dictionary'
both zlib:block=64K words 'a preset dictionary is needed' 'written with another preset dictionary'
# shellcheck disable=SC2046 # words
for options in level=1,linked=yes level=9 $(amount 'level=1 level=9,linked=yes block=64K level=2,block_checksum=yes' ''); do
    for dict in words long; do
        both "lz4:$options" $dict 'a dictionary is needed' 'another dictionary'
    done
done
yes "deflate: both ways" sh -c '"$1" compress -F deflate:dict=@words -c small | "$1" -d -F deflate:dict=@words | cmp - small' - "$rove"
if [ -f "$2/rove-filter-zstd.so" ]; then
    for options in level=3 level=12 block=16K block=64K,table=yes; do
        yes "zstd:$options, raw content" sh -c '"$1" compress -F "zstd:$2,dict=@long" -c text | "$1" -d -F zstd:dict=@long | cmp - text' - \
            "$rove" "$options"
    done
    if command -v zstd > /dev/null; then
        mkdir samples
        split -l 20 -a 4 all samples/
        zstd -q --train samples/* -o trained 2> /dev/null || bad "zstd --train"
        both zstd:level=3 trained 'wants a dictionary' 'wants another dictionary'
        yes "zstd reads it" sh -c '"$1" compress -F zstd:dict=@trained -c small | zstd -q -d -D trained | cmp - small' - "$rove"
        yes "zstd writes it" sh -c 'zstd -q -c -D trained small | "$1" -d -F zstd:dict=@trained | cmp - small' - "$rove"
    fi
fi
if command -v lz4 > /dev/null; then
    for options in '' -BD -9 -B4; do
        for dict in words long; do
            yes "lz4 $options writes it, $dict" sh -c 'lz4 -q -c $2 -D $3 text 2> /dev/null | "$1" -d -F lz4:dict=@$3 | cmp - text' - \
                "$rove" "$options" $dict
        done
    done
    for options in level=1 level=9 linked=yes linked=yes,level=9 block=64K; do
        for dict in words long; do
            yes "lz4 reads $options, $dict" sh -c '"$1" compress -F "lz4:$2,dict=@$3" -c text > t.lz4 && lz4 -q -dc -D $3 t.lz4 2> /dev/null | cmp - text' - \
                "$rove" "$options" $dict
        done
    done
fi

# The name of the file, and files that are no dictionaries.
yes "a name with escapes" sh -c '"$1" compress -F "zlib:dict=@odd%2Cname%7c%25" -c small | "$1" -d -F "zlib:dict=@words" | cmp - small' - "$rove"
yes "the text of before" sh -c '"$1" compress -F zlib:dict=616263 -c small | "$1" -d -F zlib:dict=616263 | cmp - small' - "$rove"
: > empty
head -c 1048577 /dev/zero > huge
for name in empty huge missing . ''; do
    ends 1 "dict=@$name" sh -c '"$1" compress -F "zlib:dict=@$2" -c small > got' - "$rove" "$name"
done
ends 1 "too long for zlib" "$rove" compress -F zlib:dict=@longer -c small
says "too long for zlib" 'dict=@ stands for 32769 bytes, and must for 1 to 32768'
ends 1 "two of them" "$rove" compress -F 'zlib:dict=@words|lz4:dict=@words' -c small
says "two of them" 'one dictionary'
ends 1 "a filter without" "$rove" compress -F 'gzip:dict=@words' -c small
says "a filter without" 'gzip has no option "dict"'
yes "bench" sh -c '"$1" bench --seconds 0 -F lz4:dict=@words -F lz4 small > got' - "$rove"
yes "pack" sh -c '! "$1" pack --help > got || { "$1" pack -F zlib:dict=@words -o p small && "$1" -dc -F zlib:dict=@words p | tar -xOf - | cmp - small; }' - "$rove"
done_testing
