#!/bin/sh
# SPDX-License-Identifier: MIT
# The list of filters tells the truth about each, and docs/filters.md shows it.
#
# ROVE_WRITE_DOCS=1 puts the listing of this build into docs/filters.md instead of comparing.

page=$(cd "$(dirname "$0")/../../docs" && pwd)/filters.md
. "$(dirname "$0")/lib.sh"

seq 1 1000 > text
"$rove" filters > list || bad "filters"
for filter in gzip bgzf zlib deflate lz4; do
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
for line in version library file; do
    yes "a line of $line each" \
        test "$(grep -c "^    $line: ." verbose)" -eq "$(grep -c '^[a-z]' verbose)"
done
yes "version" test "$(grep -c "^    version: $("$rove" --version | sed -n 's/^rove \([0-9.]*\).*/\1/p')\$" \
    verbose)" -eq "$(grep -c '^[a-z]' verbose)"
yes "all are built in" test "$(grep -c '^    file: built in$' verbose)" -eq "$(grep -c '^[a-z]' verbose)"

# The manual page has each filter, and behind it each of its options.
manual=$(dirname "$page")/rove-filters.7
missing=$(awk -v manual="$manual" '
    BEGIN {
        while ((getline line < manual) > 0) {
            gsub(/,/, "", line)
            if (line ~ /^\.(It|Sh) /)
                for (i in names) delete names[i]
            count = split(line, words, " ")
            for (i = 1; i <= count; i++)
                if (line ~ /^\.It Cm / && words[i] != ".It" && words[i] != "Cm")
                    names[words[i]] = known[words[i]] = 1
                else if (line ~ /^\.Cm /)
                    for (name in names) has[name, words[i]] = 1
        }
    }
    /^[a-z]/ { filter = $1; if (!(filter in known)) print filter }
    /^    [a-z_0-9]+=/ { key = $1; sub(/=.*/, "", key); if (!((filter, key) in has) && key != "expect") print filter ":" key }
' verbose)
yes "rove-filters.7 has all: $missing" test -z "$missing"

# The page shows the list without the lines that differ from machine to machine.
{
    echo '```text'
    grep -Ev '^    (version|library|file): ' verbose
    echo '```'
} > listing
if [ -n "${ROVE_WRITE_DOCS:-}" ]; then
    sed -e '/^<!-- listing: begin -->$/r listing' \
        -e '/^<!-- listing: begin -->$/,/^<!-- listing: end -->$/{/^<!--/!d' -e '}' "$page" > new &&
        cat new > "$page"
fi
sed -n '/^<!-- listing: begin -->$/,/^<!-- listing: end -->$/p' "$page" | sed '1d;$d' > shown
yes "docs/filters.md shows this build's list; ROVE_WRITE_DOCS=1 makes it so" diff shown listing >&2

# Plugins are loaded when they are named, and only then.
ends 1 "no such plugin" "$rove" filters nosuch
says "no such plugin" '^rove: nosuch: no folder has it$'
ends 1 "no such file" "$rove" filters ./nosuch.so
says "no such file" '^rove: \./nosuch\.so: '
ends 1 "no plugin" "$rove" filters ./text
says "no plugin" '^rove: \./text: '
ln -s text link.so
ends 1 "a link" "$rove" filters "$PWD/link.so"
says "a link" 'symbolic link'
ends 1 "switched off" env ROVE_PLUGINS=none "$rove" filters zstd
says "switched off" 'ROVE_PLUGINS=none'
plugin=$(dirname "$rove")/../filters/rove-filter-zstd.so
if [ -f "$plugin" ]; then
    cp "$plugin" . && chmod 755 rove-filter-zstd.so
    for words in ./rove-filter-zstd.so "$PWD/rove-filter-zstd.so"; do
        "$rove" filters -v "$words" > with || bad "filters -v $words"
        yes "zstd's version" sh -c "grep -A1 '^zstd ' with | grep -Eq '^    version: [0-9]'"
        yes "zstd's file" grep -q "^    file: .*/rove-filter-zstd\.so\$" with
    done
    ROVE_FILTER_PATH=$PWD "$rove" filters zstd > with || bad "by name"
    yes "one more" grep -Eq '^zstd +write, read +codec ' with
fi
done_testing
