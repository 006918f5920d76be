#!/bin/sh
# SPDX-License-Identifier: MIT
# Index files: what they are of, who else reads them, and when they are not used.
# Usage: index.sh PATH-OF-ROVE FOLDER-OF-PLUGINS

. "$(dirname "$0")/lib.sh"

built=$2
umask 022
mkdir "$work/plugins"
[ ! -f "$built/rove-filter-zstd.so" ] || install -m 755 "$built/rove-filter-zstd.so" "$work/plugins" || exit 1
export ROVE_FILTER_PATH="$work/plugins"
unset ROVE_PLUGINS

{ seq 1 60000 && noise 200000 && head -c 300000 /dev/zero && seq 1 30000; } > plain
gzip -c plain > foreign.gz
"$rove" compress -c plain > blocks.gz || bad "blocks.gz"
"$rove" compress -F lz4:block=64K,content_size=$(($(wc -c < plain))) -c plain > blocks.lz4 || bad "blocks.lz4"
seek_of() { "$rove" list --data --json "$1" | sed -n 's/.*"seek": "\([a-z]*\)".*/\1/p'; }
is_by() {
    checked=$((checked + 1))
    by=$(seek_of "$2" 2>"$err")
    [ "$by" = "$3" ] || bad "$1: by $by instead of $3"
}

# bgzf: .gzi, as bgzip makes it, and used.
is_by "no index" blocks.gz blocks
yes "bgzf" "$rove" index blocks.gz
quiet "bgzf"
if command -v bgzip > /dev/null; then
    yes "bgzip -r" bgzip -r -I bgzip.gzi blocks.gz
    yes "the same as bgzip's" cmp bgzip.gzi blocks.gz.gzi
    for off in 0 65279 65280 65281 500000; do
        bgzip -b $off -s 1000 blocks.gz > want || bad "bgzip -b"
        yes "as bgzip -b $off" sh -c '"$1" cat --range $2:1000 blocks.gz | cmp - want' - "$rove" $off
    done
    cp plain made-by-bgzip && bgzip -i made-by-bgzip
    is_by "by bgzip" made-by-bgzip.gz index
    yes "by bgzip" sh -c '"$1" cat --range -500 made-by-bgzip.gz > got && tail -c 500 plain | cmp - got' - "$rove"
fi
is_by "by .gzi" blocks.gz index
yes "by .gzi" sh -c '"$1" cat --range 400000:1000 blocks.gz > got && tail -c +400001 plain | head -c 1000 | cmp - got' - "$rove"
quiet "by .gzi"

# Other gzip: .gzidx.
is_by "points to be made" foreign.gz points
yes "gzip" "$rove" index --every 64K foreign.gz
yes "magic" test "$(head -c 5 foreign.gz.gzidx)" = GZIDX
is_by "by .gzidx" foreign.gz index
for list in 0:10 400000:1000 -1000; do
    "$rove" cat --range " $list" foreign.gz > /dev/null 2>&1 && bad "a blank"
    mv foreign.gz.gzidx aside
    "$rove" cat --range "$list" foreign.gz > want || bad "without: $list"
    mv aside foreign.gz.gzidx
    yes "by .gzidx: $list" sh -c '"$1" cat --range "$2" foreign.gz | cmp - want' - "$rove" "$list"
    quiet "by .gzidx: $list"
done
yes "more points, larger" sh -c '"$1" index --every 32K -o fine.gzidx foreign.gz &&
    test $(wc -c < fine.gzidx) -gt $(wc -c < foreign.gz.gzidx)' - "$rove"
if command -v python3 > /dev/null && python3 -c 'import indexed_gzip' 2> /dev/null; then
    yes "indexed_gzip reads it" sh -c 'python3 -c "
import indexed_gzip, sys
f = indexed_gzip.IndexedGzipFile(\"foreign.gz\", index_file=\"foreign.gz.gzidx\")
f.seek(400000)
sys.stdout.buffer.write(f.read(1000))" > got && tail -c +400001 plain | head -c 1000 | cmp - got'
fi
yes "bgzf as .gzidx" "$rove" index -o blocks.gzidx blocks.gz
yes "bgzf as .gzidx: magic" test "$(head -c 5 blocks.gzidx)" = GZIDX

# An index that is named is used wherever it lies and however old it is, or it is an error.
mkdir away
mv blocks.gzidx away/x
tail -c +400001 plain | head -c 1000 > want
yes "named" sh -c '"$1" cat --index away/x --range 400000:1000 blocks.gz | cmp - want' - "$rove"
mv foreign.gz.gzidx away/y
touch -d '@1000000000' away/y
yes "named, old" sh -c '"$1" cat --index=away/y --range 400000:1000 foreign.gz | cmp - want' - "$rove"
quiet "named, old"
by=$("$rove" list --data --json --index away/y foreign.gz | sed -n 's/.*"seek": "\([a-z]*\)".*/\1/p')
yes "list, named" test "$by" = index
yes "fine.gzidx, not that beside it" test "$("$rove" list --blocks --index fine.gzidx foreign.gz | wc -l)" -gt \
    "$("$rove" list --blocks --index away/y foreign.gz | wc -l)"
ends 1 "named, of other data" "$rove" cat --index away/x --range 0:1 foreign.gz
says "named, of other data" '^rove: away/x: cannot be used as an index of foreign.gz: '
ends 1 "named, missing" "$rove" cat --index missing --range 0:1 foreign.gz
ends 1 "named, of a pipe" sh -c 'cat foreign.gz | "$1" cat --index away/y --range 0:1 -' - "$rove"
says "named, of a pipe" 'is no regular file'
ends 1 "named, of two" "$rove" cat --index away/y --range 0:1 foreign.gz blocks.gz
ends 1 "named, of two" "$rove" list --index away/y foreign.gz blocks.gz
ends 1 "named, no range" "$rove" cat --index away/y foreign.gz
mv away/y foreign.gz.gzidx
touch foreign.gz.gzidx

# What needs none, and what can have none.
for name in zlib deflate; do
    "$rove" compress -F $name -c plain > plain.$name || bad "plain.$name"
    ends 1 "$name" "$rove" index -F $name plain.$name
    says "$name" "^rove: plain.$name: there is no file format for an index of $name\$"
    ends 1 "$name -o" "$rove" index -F $name -o x.gzidx plain.$name
done
yes "lz4" "$rove" index blocks.lz4
says "lz4" '^rove: blocks.lz4: needs no index file: its headers tell where all lies$'
ends 1 "lz4 -o" "$rove" index -o x.gzi blocks.lz4
says "lz4 -o" '^rove: blocks.lz4: there is no file format for an index of lz4$'
ends 1 "no coded data" "$rove" index plain
no "nothing is made" test -e blocks.lz4.gzi -o -e blocks.lz4.seek -o -e x.gzi -o -e plain.gzi -o -e plain.gzidx -o -e x.gzidx -o -e plain.zlib.gzidx
if [ -f "$work/plugins/rove-filter-zstd.so" ]; then
    "$rove" compress -F zstd:block=64K -c plain > blocks.zst || bad "blocks.zst"
    yes "zstd" "$rove" index blocks.zst
    says "zstd" '^rove: blocks.zst: needs no index file: '
    no "zstd: nothing is made" test -e blocks.zst.seek
    # A table of its own, which makes the data seekable to all who know it, and stays out of the way of the others.
    yes "zstd -o" "$rove" index -o blocks.zst.seek blocks.zst
    is_by "by .seek" blocks.zst index
    cat blocks.zst blocks.zst.seek > tabled.zst
    is_by "by a table" tabled.zst table
    yes "by a table" sh -c '"$1" cat --range 400000:1000 tabled.zst > got && tail -c +400001 plain | head -c 1000 | cmp - got' - "$rove"
    ! command -v zstd > /dev/null || yes "zstd reads it" sh -c 'zstd -dc < tabled.zst | cmp - plain'
    # Frames that do not tell their sizes: each of them is found by decoding, by however many threads it is asked for.
    "$rove" compress -F zstd -c plain > frame.zst || bad "frame.zst"
    cat frame.zst frame.zst frame.zst > frames.zst
    for threads in 1 3; do
        yes "frames, $threads" "$rove" index -f -T $threads frames.zst
        quiet "frames, $threads"
    done
    is_by "frames: by .seek" frames.zst index
    cat blocks.zst frame.zst > some.zst # of which the first alone tell theirs: that is not found out by decoding
    is_by "some frames" some.zst no
    yes "some frames" "$rove" index some.zst
    quiet "some frames"
    is_by "some frames: by .seek" some.zst index
    yes "frames: one point each" test "$("$rove" list --blocks frames.zst | wc -l)" -eq 6
    yes "frames: read" sh -c '"$1" cat --range -1000 frames.zst > got && tail -c 1000 plain | cmp - got' - "$rove"
    yes "needs none" "$rove" index tabled.zst
    says "needs none" '^rove: tabled.zst: needs no index file: it holds a table$'
fi
if [ -f "$built/rove-filter-xz.so" ] && [ -f "$built/rove-filter-bzip2.so" ]; then
    install -m 755 "$built/rove-filter-xz.so" "$built/rove-filter-bzip2.so" "$work/plugins"
    "$rove" compress -F xz:block=64K,level=0 -c plain > blocks.xz || bad "blocks.xz"
    yes "xz" "$rove" index blocks.xz
    says "xz" '^rove: blocks.xz: needs no index file: its headers tell where all lies$'
    "$rove" compress -F bzip2:level=1 -c plain > plain.bz2 || bad "plain.bz2"
    ends 1 "bzip2" "$rove" index plain.bz2
    says "bzip2" '^rove: plain.bz2: there is no file format for an index of bzip2$'
fi

# Never over a file that is there, nor over the input; nothing is left when it fails.
cp blocks.gz.gzi want
ends 1 "existing" "$rove" index blocks.gz
says "existing" '^rove: blocks.gz.gzi: .*-f'
echo old > blocks.gz.gzi
yes "-f" "$rove" index -f blocks.gz
yes "-f overwrites" cmp want blocks.gz.gzi
ends 1 "the input itself" "$rove" index -f -o blocks.gz blocks.gz
says "the input itself" 'is the input itself'
head -c 150000 foreign.gz > cut.gz
ends 1 "cut" "$rove" index cut.gz
no "cut: nothing is made" test -e cut.gz.gzidx
ends 1 "missing" "$rove" index missing
ends 1 "two, one output" "$rove" index -o x blocks.gz foreign.gz
ends 1 "a pipe" sh -c 'cat foreign.gz | "$1" index -o x -' - "$rove"
says "a pipe" '^rove: standard input: is no regular file'
no "nothing is made" test -e x
ends 1 "none" "$rove" index
yes "standard output" sh -c '"$1" index -o - blocks.gz | cmp - want' - "$rove"
yes "standard input" sh -c '"$1" index -o - - < blocks.gz | cmp - want' - "$rove"
if [ -w /dev/full ]; then
    ends 1 "/dev/full" sh -c '"$1" index -o - foreign.gz > /dev/full' - "$rove"
fi

# It is for those who may read the file: it holds some of the content.
cp foreign.gz private.gz && chmod 600 private.gz
yes "private" "$rove" index private.gz
yes "private: nobody else reads it" test "$(stat -c %a private.gz.gzidx)" = 600
yes "it is as old as the file" test "$(stat -c %Y private.gz.gzidx)" = "$(stat -c %Y private.gz)"

# An index that is older, of other data, or none at all is not used, and that is said.
tail -c +400001 plain | head -c 1000 > want
not_used() {
    ends 2 "$1" sh -c '"$1" cat --range 400000:1000 "$2" > got' - "$rove" "$2"
    says "$1" "^rove: $2[.][a-z]*: is not used as an index: ${3:-}"
    yes "$1: the bytes are right" cmp want got
}
touch -d '@1000000000' foreign.gz
touch -d '@999999999' foreign.gz.gzidx # bgzip writes an index before the last of the data
is_by "a little older" foreign.gz index
touch -d '@999999998' foreign.gz.gzidx
not_used "older" foreign.gz 'it is older than what it is of$'
for file in foreign.gz blocks.gz; do
    index=$(ls $file.*)
    : > $index
    not_used "empty: $index" $file
    echo nonsense > $index
    not_used "nonsense: $index" $file
done
cp blocks.gz other.gz
"$rove" compress -9 -c text > text.gz 2> /dev/null || seq 1 90000 | "$rove" compress -c > text.gz
"$rove" index -o other.gz.gzi text.gz
not_used "of other data" other.gz

# What follows the data does not keep the index of what comes before from its last part.
{ cat foreign.gz && echo other; } > more.gz
ends 2 "cat, more than the data" sh -c '"$1" cat --range -7 more.gz > want' - "$rove"
ends 2 "index, more than the data" "$rove" index more.gz
is_by "more than the data" more.gz index
ends 0 "cat by the index, more than the data" sh -c '"$1" cat --range -7 more.gz > got' - "$rove"
yes "the last bytes are right" cmp want got
nothing_left "index"
done_testing
