#!/bin/sh
# SPDX-License-Identifier: MIT
# `rove bench`: a row for each codec that is found, and figures that can be true.
# Usage: bench.sh PATH-OF-ROVE FOLDER-OF-PLUGINS

. "$(dirname "$0")/lib.sh"

export ROVE_FILTER_PATH="$2"
unset ROVE_PLUGINS
seq 1 5000 > text
noise 3000 > noise
: > empty

# A row has the size that `compress` writes.
yes "two filters" sh -c '"$1" bench --seconds 0 -F copy -F gzip:level=9 text > got' - "$rove"
yes "two filters: what was measured" grep -q "^text: $(wc -c < text) bytes, in memory; threads: " got
yes "copy" grep -Eq "^ +$(wc -c < text) +1\.000 +[0-9.]+ +[0-9.]+  copy\$" got
coded=$("$rove" compress -F gzip -9 -c text | wc -c)
yes "gzip" grep -Eq "^ +$coded +0\.[0-9]{3} +[0-9.]+ +[0-9.]+  gzip:level=9\$" got
yes "two filters: no more" test "$(wc -l < got)" -eq 4
yes "a level" sh -c '"$1" bench --seconds 0 -F zlib -3 noise > got && grep -q "zlib:level=3$" got' - "$rove"
yes "standard input, and a part of it" sh -c '"$1" bench --seconds 0 -F copy --size 1K - < text > got' - "$rove"
yes "standard input, and a part of it" grep -q '^standard input: the first 1024 bytes' got
yes "--json" sh -c '"$1" bench --seconds 0 --json -F gzip -F lz4 text > got' - "$rove"
if command -v python3 > /dev/null; then
    yes "--json: is JSON" python3 -c '
import json
d = json.load(open("got"))
assert d["file"] == "text" and d["complete"] is True and d["plain"] > 20000
assert [r["filter"].split(":")[0] for r in d["rows"]] == ["gzip", "lz4"]
assert all(0 < r["ratio"] < 1 and r["write_mb_per_s"] > 0 and r["read_mb_per_s"] > 0 for r in d["rows"])'
fi

# Without -F: all that is built in, and the plugins that are there.
if [ "$(amount all few)" = all ]; then
    yes "all of them" sh -c '"$1" bench --seconds 0 -1 noise > got' - "$rove"
    for name in gzip bgzf zlib deflate lz4; do
        yes "all of them: $name" grep -Eq "  $name(:|\$)" got
    done
    for name in zstd libdeflate; do
        [ ! -f "$2/rove-filter-$name.so" ] || yes "all of them: $name" grep -Eq "  $name:" got
    done
fi

# What cannot be done.
ends 1 "no file" "$rove" bench
ends 1 "two files" "$rove" bench --seconds 0 text noise
ends 1 "missing" "$rove" bench --seconds 0 missing
ends 1 "empty" "$rove" bench --seconds 0 empty
says "empty" '^rove: empty: is empty'
ends 1 "no such filter" sh -c '"$1" bench --seconds 0 -F nonsense -F copy text > got' - "$rove"
yes "no such filter: the other one" grep -q '  copy$' got
ends 1 "too little memory" sh -c '"$1" bench --seconds 0 -M 1K -F gzip text > got' - "$rove"
for word in x -1 3601; do
    ends 1 "--seconds $word" "$rove" bench --seconds=$word text
    says "--seconds $word" '^rove: --seconds: '
done
done_testing
