#!/bin/sh
# SPDX-License-Identifier: MIT
# --index of compress and pack: the index made on the way is that which `rove index` makes afterwards.
# Usage: marks.sh PATH-OF-ROVE FOLDER-OF-PLUGINS

. "$(dirname "$0")/lib.sh"

built=$2
umask 022
mkdir "$work/plugins"
for name in libdeflate zstd; do
    [ ! -f "$built/rove-filter-$name.so" ] || install -m 755 "$built/rove-filter-$name.so" "$work/plugins" || exit 1
done
export ROVE_FILTER_PATH="$work/plugins"
unset ROVE_PLUGINS

{ seq 1 60000 && noise 200000 && head -c 300000 /dev/zero && seq 1 30000; } > plain
tail -c +400001 plain | head -c 1000 > want

# by_index FILE: the bytes that are read by the index beside it are right, and that is by what they are read.
by_index() {
    checked=$((checked + 1))
    by=$("$rove" list --data --json "$1" 2>"$err" | sed -n 's/.*"seek": "\([a-z]*\)".*/\1/p')
    [ "$by" = index ] || bad "$1: by $by"
    yes "$1: read by its index" sh -c '"$1" cat --range 400000:1000 "$2" | cmp - want' - "$rove" "$1"
    quiet "$1"
}

# bgzf: the same .gzi as bgzip and as hopping afterwards, for any number of threads.
for threads in 1 3; do
    yes "compress -T $threads" "$rove" compress -f --index -T $threads plain
    quiet "compress -T $threads"
    yes "the bytes are those of without" sh -c '"$1" compress -c -T 1 plain | cmp - plain.gz' - "$rove"
    yes "as afterwards" sh -c '"$1" index -o - plain.gz | cmp - plain.gz.gzi' - "$rove"
    ! command -v bgzip > /dev/null || yes "as bgzip -r" sh -c 'bgzip -r -I other.gzi plain.gz && cmp other.gzi plain.gz.gzi'
    by_index plain.gz
done
yes "built in" env ROVE_PLUGINS=none "$rove" compress --index=built.gzi -F 'crc32|bgzf:level=1|crc32' -o built.gz plain
yes "built in: as afterwards" sh -c '"$1" index -o - built.gz | cmp - built.gzi' - "$rove"
yes "two files" sh -c 'cp plain a && cp plain b && "$1" compress --index a b && test -e a.gz.gzi -a -e b.gz.gzi' - "$rove"
yes "as .gzidx" "$rove" compress --index=x.gzidx -o x.gz plain
yes "as .gzidx: magic" test "$(head -c 5 x.gzidx)" = GZIDX
yes "as .gzidx: read" sh -c '"$1" cat --index x.gzidx --range 400000:1000 x.gz | cmp - want' - "$rove"

# gzip: points where parts begin, and no more of them than are asked for.
yes "gzip" "$rove" compress --index --every 64K -F gzip:block=32K -o parts.gz plain
by_index parts.gz
yes "gzip: --every" test "$("$rove" list --blocks parts.gz | wc -l)" -lt 20
yes "gzip, each 4M" "$rove" compress --index -F gzip:block=32K -o few.gz plain
yes "gzip, each 4M: fewer" test "$(wc -c < few.gz.gzidx)" -lt "$(wc -c < parts.gz.gzidx)"
if command -v python3 > /dev/null && python3 -c 'import indexed_gzip' 2> /dev/null; then
    yes "indexed_gzip reads it" sh -c 'python3 -c "
import indexed_gzip, sys
f = indexed_gzip.IndexedGzipFile(\"parts.gz\", index_file=\"parts.gz.gzidx\")
f.seek(400000)
sys.stdout.buffer.write(f.read(1000))" | cmp - want'
fi

# Through pipes: what is told by the writing alone.
yes "a pipe" sh -c '"$1" compress -c --index=piped.gzi < plain | cat > piped.gz && cmp piped.gz plain.gz' - "$rove"
yes "a pipe: the same" cmp piped.gzi plain.gz.gzi
ends 1 "a descriptor, gzip" sh -c '"$1" compress -c --index=x2.gzidx -F gzip:block=64K < plain > /dev/null' - "$rove"
says "a descriptor, gzip" '^rove: standard output: is no regular file'
ends 1 "no name" sh -c '"$1" compress -c --index < plain > x3' - "$rove"
says "no name" '^rove: standard output: has no name: name the index with --index=FILE$'

# What needs none, what can have none: told before anything is written.
if [ -f "$work/plugins/rove-filter-zstd.so" ]; then
    yes "zstd" "$rove" compress --index -o plain.zst plain
    says "zstd" '^rove: plain.zst: needs no index file: it holds a table$'
    yes "zstd, a file" "$rove" compress --index=y.seek -o y.zst -F zstd:block=64K plain
    yes "zstd, a file: as afterwards" sh -c '"$1" index -o - y.zst | cmp - y.seek' - "$rove"
    ends 1 "one frame" "$rove" compress --index=z.seek -F zstd -o z.zst plain
    says "one frame" '^rove: --index: "zstd" makes no places to begin at$'
fi
for spec in zlib:block=64K lz4 deflate; do
    ends 1 "$spec" "$rove" compress --index -F $spec -o none plain
    says "$spec" "^rove: none: there is no file format for an index of ${spec%:*}\$"
done
yes "lz4 that tells its length" "$rove" compress --index -F lz4:content_size=$(($(wc -c < plain))) -o sized.lz4 plain
says "lz4 that tells its length" '^rove: sized.lz4: needs no index file: its headers tell where all lies$'
ends 1 "gzip in one" "$rove" compress --index -F gzip -o none plain
says "gzip in one" '"gzip" makes no places to begin at$'
ends 1 "no codec" "$rove" compress --index -F crc32 -o none plain
says "no codec" '^rove: none: there is no index for what it holds$'
ends 1 "some places" "$rove" compress --index --every 1M -o none.gz plain
says "some places" '^rove: --every: an index as gzi is of every place; name another [.]gzidx with --index=FILE, or leave it out$'
no "nothing is made" test -e none -o -e none.gz -o -e none.gzi -o -e none.gz.gzi -o -e x2.gzidx -o -e z.zst
ends 1 "decompress" "$rove" decompress --index -c plain.gz
ends 1 "test" "$rove" test --index plain.gz
ends 1 "two, one name" "$rove" compress --index=one a b

# Never over a file that is there, nor over the input or the output.
cp plain.gz.gzi old
echo old > plain.gz.gzi && rm plain.gz
ends 1 "existing" "$rove" compress --index plain
says "existing" '^rove: plain.gz.gzi: the file exists; -f overwrites it$'
no "existing: no output either" test -e plain.gz
yes "-f" "$rove" compress -f --index plain
yes "-f overwrites" cmp old plain.gz.gzi
ends 1 "the input" "$rove" compress -f --index=plain plain
says "the input" '^rove: plain: is the input itself$'
for same in q.gz ./q.gz; do
    ends 1 "the output" "$rove" compress -f --index=$same -o q.gz plain
    says "the output" 'is the output itself$'
done
ends 1 "both to standard output" sh -c '"$1" compress -c --index=- < plain > both' - "$rove"
says "both to standard output" '^rove: standard output: is the output itself$'
ends 1 "--stats" "$rove" compress -f --index=st --stats=st -o q.gz plain
says "--stats" '^rove: --stats: st is the index$'
ends 1 "no folder" "$rove" compress --index=nowhere/x -o q.gz plain
yes "no folder: the output stays" sh -c '"$1" decompress -c q.gz | cmp - plain' - "$rove"
[ ! -w /dev/full ] || {
    ends 1 "a full disk" "$rove" compress --index=/dev/full -o full.gz plain
    yes "a full disk: the output is whole" sh -c '"$1" decompress -c full.gz | cmp - plain' - "$rove"
}
yes "--rm" sh -c 'cp plain gone && "$1" compress --rm --index gone && test ! -e gone -a -e gone.gz.gzi' - "$rove"
if [ -w /dev/full ]; then
    ends 1 "--rm, no index" sh -c 'cp plain stays && "$1" compress --rm --index=/dev/full stays' - "$rove"
    yes "--rm, no index: the input stays" test -e stays
fi

# It is for those who may read the data.
cp plain private && chmod 600 private && touch -d '@1000000000' private
yes "private" "$rove" compress --index private
yes "private: nobody else reads it" test "$(stat -c %a private.gz.gzi)" = 600
yes "it is as old as the data" test "$(stat -c %Y private.gz.gzi)" = 1000000000

# pack
if "$rove" pack --help > /dev/null 2>&1 && mkdir d && cp plain d/p && "$rove" pack -o x.tar d 2> /dev/null; then
    yes "pack" "$rove" pack --index -o d/d.tgz d
    yes "pack: as afterwards" sh -c '"$1" index -o - d/d.tgz | cmp - d/d.tgz.gzi' - "$rove"
    yes "pack: a member by it" sh -c '"$1" get -c d/d.tgz d/p | cmp - plain' - "$rove"
    ends 2 "neither the output nor the index is packed" "$rove" pack -f --index -o d/d.tgz d
    yes "they are not in it" test "$("$rove" list d/d.tgz | grep -c tgz)" = 0
    yes "lz4" "$rove" pack --index -o d.tar.lz4 d
    says "lz4" '^rove: d.tar.lz4: needs no index file: its headers tell where all lies$'
    ends 1 "a plain tar" "$rove" pack --index -o d.tar d
    says "a plain tar" '^rove: d.tar: there is no index for what it holds$'
    no "a plain tar: nothing is made" test -e d.tar
    ends 1 "gzip in one" "$rove" pack --index -F gzip -o d.gz d
    no "gzip in one: nothing is made" test -e d.gz
    yes "a pipe" sh -c '"$1" pack -F bgzf --index=p.gzi d/p | cat > p.tgz && "$1" cat --index p.gzi --range 0:3 p.tgz | grep -q d/p' - "$rove"
fi
nothing_left "marks"
done_testing
