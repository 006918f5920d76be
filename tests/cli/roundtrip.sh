#!/bin/sh
# SPDX-License-Identifier: MIT
# What compress writes, decompress and the stock tools read, and the other way round.

. "$(dirname "$0")/lib.sh"

: > empty
printf x > one
seq 1 "$(amount 200000 100000)" > text
noise 300000 > noise
cat text noise text noise text > big
checked=$((checked + 1))
[ "$(wc -c < noise)" -eq 300000 ] || bad "noise is $(wc -c < noise) bytes"

# The stock gzip reads raw deflate data once it stands between a header and a trailer. The trailer
# is that of what the stock gzip makes of the source.
# gunzip_raw SOURCE: standard input is raw deflate data.
gunzip_raw() {
    {
        printf '\037\213\010\0\0\0\0\0\0\003'
        cat
        gzip -c "$1" | tail -c 8
    } | gzip -dc
}

# What the stock gzip writes for a pipe has a header of ten bytes.
raw_deflate() { gzip -nc < "$1" | tail -c +11 | head -c -8; }

for file in empty one text noise big; do
    for filter in gzip bgzf lz4 zlib deflate; do
        yes "$file $filter" "$rove" compress -F $filter -o "$file.$filter" "$file"
        yes "$file $filter back" "$rove" decompress -F $filter -o back "$file.$filter"
        yes "$file $filter same" cmp "$file" back
        rm -f back
        yes "$file $filter by pipes" sh -c \
            '"$1" compress -F $2 < "$3" | "$1" decompress -F $2 | cmp - "$3"' - "$rove" $filter $file
    done
    for filter in gzip bgzf lz4 zlib; do
        yes "$file $filter by its first bytes" sh -c '"$1" decompress < "$2" | cmp - "$3"' - \
            "$rove" "$file.$filter" "$file"
        yes "$file $filter test" "$rove" test "$file.$filter"
    done
    yes "$file: gzip reads it" sh -c 'gzip -dc < "$1.gzip" | cmp - "$1"' - $file
    yes "$file: gzip reads bgzf" sh -c 'gzip -dc < "$1.bgzf" | cmp - "$1"' - $file
    yes "$file: bgzf as gzip" sh -c '"$1" decompress -F gzip < "$2.bgzf" | cmp - "$2"' - "$rove" $file
    if command -v bgzip > /dev/null; then
        yes "$file: bgzip reads it" sh -c 'bgzip -dc < "$1.bgzf" | cmp - "$1"' - $file
        yes "$file: the same members" test "$(tail -c 28 $file.bgzf | od -An -tx1)" = "$(bgzip -c $file | tail -c 28 | od -An -tx1)"
        bgzip -c $file > stock.bgz
        yes "$file: reads bgzip's" sh -c '"$1" decompress -F bgzf < stock.bgz | cmp - "$2"' - "$rove" $file
        yes "$file: knows bgzip's" sh -c '"$1" decompress < stock.bgz | cmp - "$2"' - "$rove" $file
        head -c -28 stock.bgz > cut.bgz
        [ ! -s cut.bgz ] || no "$file: misses the end marker" "$rove" test cut.bgz
        [ ! -s cut.bgz ] || mentions "$file: misses the end marker" 'there is no end marker'
    fi
    yes "$file: lz4 reads it" sh -c 'lz4 -dc < "$1.lz4" | cmp - "$1"' - $file
    gunzip_raw $file < $file.deflate > back 2>"$err" || bad "$file: gzip reads deflate data"
    yes "$file: deflate data" cmp $file back
    tail -c +3 $file.zlib | head -c -4 | gunzip_raw $file > back 2>"$err" ||
        bad "$file: gzip reads zlib data"
    yes "$file: zlib data" cmp $file back
    rm -f back
    gzip -c $file > stock.gz
    lz4 -q -f $file stock.lz4
    raw_deflate $file > stock.deflate
    for suffix in gz lz4 deflate; do
        yes "$file: reads stock .$suffix" sh -c '"$1" decompress -c "stock.$2" | cmp - "$3"' - \
            "$rove" $suffix $file
    done
done

# Parts are one member, and one stream of each format. Python's zlib stops at the end of a member.
cat > member.py <<'EOF'
import sys, zlib
z = zlib.decompressobj(31)
sys.stdout.buffer.write(z.decompress(sys.stdin.buffer.read()))
sys.exit(0 if z.eof and not z.unused_data else 1)
EOF
for level in 0 6; do
    for file in empty text big; do
        "$rove" compress -F "gzip:level=$level,block=32K" -c $file > parts || bad "parts of $file"
        for reader in "gzip -dc" "pigz -dc" "python3 member.py"; do
            ! command -v "${reader%% *}" > /dev/null ||
                yes "parts of $file at $level by $reader" sh -c "$reader"' < parts | cmp - "$0"' $file
        done
    done
done
if command -v pigz > /dev/null; then
    pigz -nc big > theirs
    yes "pigz's parts" sh -c '"$1" decompress -c theirs | cmp - big' - "$rove"
fi

# The Adler-32 of the sentence on Wikipedia is 11e60398; zlib data ends with it.
printf Wikipedia > wiki
yes "adler-32" "$rove" compress -F zlib -o wiki.zz wiki
yes "adler-32 value" test "$(tail -c 4 wiki.zz | od -An -tx1 | tr -d ' \n')" = 11e60398

# Layers in the file, in their order.
yes "two codecs" "$rove" compress -F 'crc32|lz4|gzip' -o two.gz text
yes "two codecs by stock tools" sh -c 'gzip -dc two.gz | lz4 -dc | cmp - text'
yes "two codecs back" sh -c '"$1" decompress -F "lz4|gzip" -c two.gz | cmp - text' - "$rove"

# Concatenated files decode as one.
cat one.gzip text.gzip > both.gz
cat one text > both
yes "two members" sh -c '"$1" decompress -c both.gz | cmp - both' - "$rove"

# Names, modes and times.
cp text named
chmod 640 named
touch -d '2020-01-02 03:04:05' named
yes "beside the source" "$rove" compress named
yes "the source stays" test -f named
yes "mode" test "$(stat -c %a named.gz)" = 640
yes "time" test "$(stat -c %Y named.gz)" = "$(stat -c %Y named)"
yes "suffix of bgzf" "$rove" compress -f -F bgzf named
yes "suffix of bgzf is .gz" "$rove" test -F bgzf named.gz
for filter in lz4 zlib deflate; do
    yes "suffix of $filter" "$rove" compress -F $filter named
done
yes "suffixes" test -f named.lz4 -a -f named.zz -a -f named.deflate
rm named
yes "suffix taken off" "$rove" decompress named.zz
yes "same again" cmp named text
yes "mode again" test "$(stat -c %a named)" = 640
yes "--rm" "$rove" compress -f --rm named
no "source removed" test -e named
yes "-d" "$rove" -d named.gz
yes "-d again" cmp named text
yes "-dc" sh -c '"$1" -dc named.gz | cmp - text' - "$rove"
yes "-z -c -9" sh -c '"$1" -zc9 named | gzip -dc | cmp - text' - "$rove"
yes "without any word, between two files" sh -c '"$1" < text > between && gzip -dc between | cmp - text' - "$rove"
yes "between two pipes" sh -c 'cat text | "$1" | gzip -dc | cmp - text' - "$rove"
if tar --version 2> /dev/null | grep -q GNU; then
    yes "as tar calls it" sh -c 'tar -I "$1" -cf by.tar.gz text && gzip -t by.tar.gz' - "$rove"
    yes "and back" sh -c 'tar -I "$1" -xOf by.tar.gz | cmp - text' - "$rove"
fi
yes "levels" test "$("$rove" compress -c -9 text | wc -c)" -lt "$("$rove" compress -c -1 text | wc -c)"
gzip -c text > set.tgz
yes ".tgz" "$rove" decompress set.tgz
yes ".tgz becomes .tar" cmp set.tar text
yes "several files" "$rove" compress -F lz4 one text noise -f
yes "a file named -" sh -c 'cp text ./- && "$1" compress -- - && gzip -dc ./-.gz | cmp - text' - "$rove"
yes "same bytes in each run" sh -c 'ROVE_PLUGINS=none "$1" compress -c text | cmp - text.bgzf' - "$rove"
nothing_left "round trips"
done_testing
