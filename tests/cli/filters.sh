#!/bin/sh
# SPDX-License-Identifier: MIT
# The list of filters tells the truth about each.

. "$(dirname "$0")/lib.sh"

seq 1 1000 > text
"$rove" filters > list || bad "filters"
for filter in gzip zlib deflate lz4; do
    yes "$filter" grep -Eq "^$filter +write, read +codec " list
done
for filter in crc32 crc32c adler32 xxh3 xxh64; do
    yes "$filter" grep -Eq "^$filter +write, read +checksum " list
done
yes "each once" test "$(cut -d ' ' -f 1 list | sort | uniq -d | wc -l)" -eq 0

# Each that is listed can be used by its name alone.
while read -r name rest; do
    yes "$name works" sh -c '"$1" compress -F $2 < text | "$1" decompress -F $2 | cmp - text' \
        - "$rove" "$name"
done < list

"$rove" filters -v > verbose || bad "filters -v"
yes "range and default" grep -Eq '^    level=0\.\.\.9 \[6\] \(when writing\)$' verbose
yes "library" grep -Eq '^    library: zlib [0-9.]+' verbose
ends 1 "argument" "$rove" filters gzip
says2=$(wc -l < "$err")
yes "says how" test "$says2" -eq 2
done_testing
