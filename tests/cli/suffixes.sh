#!/bin/sh
# SPDX-License-Identifier: MIT
# What the suffix of a name promises is what the file holds, or nothing is written.

. "$(dirname "$0")/lib.sh"

mkdir tree
seq 1 1000 > tree/text
cp tree/text text

# Each suffix that means one of our codecs, in pack and in compress alike.
# reads SUFFIX COMMAND...: the command decodes what is in its standard input.
reads() {
    suffix=$1
    shift
    yes "pack -o x.tar$suffix" "$rove" pack -o "x.tar$suffix" tree
    yes "x.tar$suffix is what it says" sh -c '"$@" < "$0" | tar -tf - tree/text >/dev/null' "x.tar$suffix" "$@"
    yes "compress -o x$suffix" "$rove" compress -o "x$suffix" text
    yes "x$suffix is what it says" sh -c '"$@" < "$0" | cmp - text' "x$suffix" "$@"
    rm -f "x.tar$suffix" "x$suffix"
}
reads .gz gzip -dc
reads .GZ gzip -dc
reads .bgz gzip -dc
yes "x.bgz is what it says" sh -c '"$1" compress -o - -F bgzf text > y; ROVE_PLUGINS=none "$1" compress -o x.bgz text; cmp x.bgz y; rm x.bgz y' - "$rove"
reads .lz4 lz4 -dc
reads .zz "$rove" decompress -F zlib
reads .deflate "$rove" decompress -F deflate
yes "pack -o x.tgz" "$rove" pack -o x.tgz tree
yes "x.tgz is what it says" sh -c 'gzip -dc x.tgz | tar -tf - tree/text >/dev/null'

# Suffixes that promise what is not here.
for name in x.tar.lz x.tlz x.rar x.RAR x.7z x.tar.Z x.tar.nonsense folder.d/x.lzma; do
    for verb in pack compress; do
        ends 1 "$verb -o $name" "$rove" $verb -o "$name" text
        says "$verb -o $name" "^rove: $name: .* writes \.${name##*.};.* \.gz .*-F"
        no "$verb -o $name: nothing is written" test -e "$name"
    done
done
for name in x.tar.zst x.tzst x.tar.xz x.txz x.tar.bz2 x.tbz x.tbz2; do
    case $name in *zst) filter=zstd ;; *xz) filter=xz ;; *) filter=bzip2 ;; esac
    ends 1 "pack -o $name" env ROVE_FILTER_PATH=/nowhere "$rove" pack -o "$name" text
    says "pack -o $name" "^rove: $name: .* writes \.${name##*.} cannot be loaded: rove-filter-$filter"
    no "pack -o $name: nothing is written" test -e "$name"
done
yes "-F has the last word" "$rove" compress -F gzip -o x.zip text
yes "and is obeyed" sh -c 'gzip -dc < x.zip | cmp - text'

# Suffixes that promise no compression.
for name in x.tar x backup.2024-01-01 .tar.gz.d/x tar.x .gz; do
    mkdir -p .tar.gz.d
    yes "pack -o $name" "$rove" pack -o "$name" tree
    yes "$name is a tar" sh -c 'tar -tf - tree/text >/dev/null < "$0"' "$name"
    yes "compress -f -o $name" "$rove" compress -f -o "$name" text
    yes "$name is gzip's" sh -c 'gzip -dc < "$0" | cmp - text' "$name"
done
nothing_left "suffixes"
done_testing
