#!/bin/sh
# SPDX-License-Identifier: MIT
# What is in archives, and how files are coded.
# Usage: list.sh PATH-OF-ROVE FOLDER-OF-PLUGINS

. "$(dirname "$0")/lib.sh"

built=$2
umask 022
mkdir "$work/plugins"
for name in libdeflate zstd xz bzip2; do
    [ ! -f "$built/rove-filter-$name.so" ] ||
        install -m 755 "$built/rove-filter-$name.so" "$work/plugins" || exit 1
done
export ROVE_FILTER_PATH="$work/plugins" TZ=UTC
unset ROVE_PLUGINS

mkdir -p tree/inner
seq 1 20000 > tree/a
seq 1 300 > tree/inner/b
ln tree/a tree/hard
ln -s a tree/link
printf x > "tree/odd
name"
printf y > "tree/$(printf 'bytes\377\376')"
printf z > 'tree/quo"te\'
touch -d '2020-02-02 02:02:02' tree/inner/b
chmod 4755 tree/inner/b

# Coded data, with the sizes that are known.
size=$(($(wc -c < tree/a)))
gzip -c tree/a > foreign.gz
"$rove" compress -c tree/a > blocks.gz || bad "blocks.gz"
"$rove" compress -F lz4:block=64K,block_checksum=yes,content_size=$size -c tree/a > blocks.lz4 || bad "blocks.lz4"
row() { "$rove" list $2 "$1" | tail -n 1 | tr -s ' ' | sed 's/^ //; s/ $//'; }

is_row() {
    checked=$((checked + 1))
    got=$(row "$2" "${4:-}" 2>"$err")
    # shellcheck disable=SC2254 # a pattern
    case $got in
        $3) ;;
        *) bad "$1: $got" ;;
    esac
}
is_row "gzip" foreign.gz "gzip - $(($(wc -c < foreign.gz))) - - points crc32 foreign.gz"
is_row "bgzf" blocks.gz "bgzf 2 $(($(wc -c < blocks.gz))) $size 0.* blocks crc32 blocks.gz"
is_row "lz4" blocks.lz4 "lz4 2 $(($(wc -c < blocks.lz4))) $size 0.* blocks xxh32 of both blocks.lz4"
"$rove" compress -F deflate -c tree/a > a.deflate && "$rove" compress -F zlib -c tree/a > a.zz || bad "zlib"
is_row "zlib" a.zz "zlib - * - - points adler32 a.zz"
is_row "deflate" a.deflate "deflate - * - - points none a.deflate"
is_row "-F" foreign.gz "gzip - * points crc32 foreign.gz" "-F gzip"
is_row "-F of two" foreign.gz "gzip - * no crc32 foreign.gz" "-F crc32|gzip"
yes "no file is standard input, too" sh -c '"$1" list - > want < foreign.gz && "$1" list < foreign.gz | cmp - want' - "$rove"
is_row "standard input" - "gzip - $(($(wc -c < foreign.gz))) - - points crc32 standard input" < foreign.gz
if [ -f "$work/plugins/rove-filter-zstd.so" ]; then
    "$rove" compress -F zstd:block=64K -c tree/a > blocks.zst || bad "blocks.zst"
    is_row "zstd" blocks.zst "zstd 2 $(($(wc -c < blocks.zst))) $size 0.* blocks xxh64 blocks.zst"
fi
for way in xz:block=64K bzip2; do
    name=${way%%:*}
    [ -f "$work/plugins/rove-filter-$name.so" ] || continue
    "$rove" compress -F $way -c tree/a > coded || bad "$way"
    case $name in
        xz) is_row "$way" coded "xz 2 $(($(wc -c < coded))) $size 0.* blocks crc64 coded" ;;
        bzip2) is_row "$way" coded "bzip2 - $(($(wc -c < coded))) - - no crc32 coded" ;;
    esac
done
yes "one head for several" sh -c 'test $("$1" list foreign.gz blocks.gz | grep -c "^format ") -eq 1' - "$rove"

# Points: contiguous, from the first byte to the last.
for file in foreign.gz blocks.gz blocks.lz4; do
    yes "$file --blocks" sh -c '"$1" list --blocks --every 32K "$2" > got' - "$rove" $file
    yes "$file --blocks: no gap" awk -v size=$size 'NR > 3 { if ($1 != coded || $2 != plain) exit 1 }
        NR > 2 { coded = $1 + $3; plain = $2 + $4 } END { exit plain != size || NR < 4 }' got
done

if ! "$rove" pack --help > /dev/null || ! "$rove" pack -o tree.tar tree 2> /dev/null; then
    ends 1 "no libarchive" "$rove" list tree/a
    done_testing
fi

# Members, as tar lists them, whatever the archive is coded by.
"$rove" pack -o tree.tar.gz tree && "$rove" pack -o tree.tar.lz4 tree || bad "pack"
gzip -c tree.tar > gzip.tar.gz
archives='tree.tar tree.tar.gz tree.tar.lz4 gzip.tar.gz'
if [ -f "$work/plugins/rove-filter-zstd.so" ]; then
    "$rove" pack -o tree.tar.zst tree || bad "pack zstd"
    archives="$archives tree.tar.zst"
fi
for name in xz bzip2; do
    [ -f "$work/plugins/rove-filter-$name.so" ] || continue
    case $name in xz) archive=tree.tar.xz ;; *) archive=tree.tbz ;; esac
    "$rove" pack -o $archive tree || bad "pack $name"
    archives="$archives $archive"
done
"$rove" list tree.tar > want || bad "list"
yes "names" sh -c 'test "$(wc -l < want)" -eq 9 && grep -qx "tree/inner/b" want && grep -qx "tree/inner/" want'
yes "escapes" sh -c 'grep -qxF "tree/odd\\012name" want && grep -qxF "tree/bytes\\377\\376" want'
"$rove" list -v tree.tar > want.long 2> /dev/null || bad "list -v"
for archive in $archives; do
    yes "$archive" sh -c '"$1" list $2 | cmp - want' - "$rove" $archive
    yes "$archive -v" sh -c '"$1" list -v $2 2> /dev/null | cmp - want.long' - "$rove" $archive
    yes "$archive by a pipe" sh -c 'cat $2 | "$1" list - | cmp - want' - "$rove" $archive
    [ $archive = tree.tar ] || yes "$archive --data" sh -c '"$1" list --data $2 | grep -q "^format "' - "$rove" $archive
done
# What pack writes is made to be read anywhere.
is_row "pack .tar.gz" tree.tar.gz 'bgzf * blocks crc32 tree.tar.gz' --data
is_row "pack .tar.lz4" tree.tar.lz4 'lz4 * blocks * tree.tar.lz4' --data
[ ! -f tree.tar.xz ] || is_row "pack .tar.xz" tree.tar.xz 'xz * blocks crc64 tree.tar.xz' --data
[ ! -f tree.tar.zst ] || is_row "pack .tar.zst" tree.tar.zst 'zstd * table xxh64 tree.tar.zst' --data
if tar --version 2> /dev/null | grep -q GNU; then
    tar -tvf tree.tar 2> /dev/null | grep -v 'odd\|bytes\|quo' > want.tar
    yes "as tar -tv" sh -c 'grep -v "odd\\|bytes\\|quo" want.long | cmp - want.tar'
    # Its column grows with what does not fit, for this archive alone.
    tar -c --owner=somebody --group=everybody -f wide.tar tree/inner/b tree/a tree/link
    yes "as tar -tv, wide" sh -c '"$1" list -v wide.tar > got && tar -tvf wide.tar | cmp - got' - "$rove"
    "$rove" pack --owner=somebody:1000 --group=4321 -o half.tar tree/a || bad "half.tar"
    yes "as tar -tv, a group without a name" sh -c '"$1" list -v half.tar > got && tar -tvf half.tar | cmp - got' - "$rove"
    tar -C /dev -cf devices.tar null zero
    yes "as tar -tv, devices" sh -c '"$1" list -v devices.tar > got && tar -tvf devices.tar | cmp - got' - "$rove"
    "$rove" list -v wide.tar > got || bad "wide.tar"
    yes "as tar -tv, two" sh -c '"$1" list -v wide.tar wide.tar | grep -v ":$" | tail -n 3 | cmp - got' - "$rove"
fi
yes "two archives" sh -c '"$1" list tree.tar tree.tar.gz > got && grep -qx "tree.tar.gz:" got && test $(wc -l < got) -eq 21' - "$rove"

# What is not an archive after all, damaged, or missing.
head -c 40000 /dev/zero | gzip -c > zeros.gz
is_row "zeros are no tar" zeros.gz "gzip * zeros.gz"
{ printf 'PK\5\6' && head -c 18 /dev/zero; } > empty.zip
yes "an archive without members" sh -c '"$1" list empty.zip > got && test ! -s got' - "$rove"
quiet "an archive without members"
yes "an archive without members: --json" sh -c '"$1" list --json empty.zip | grep -q "\"archive\": \"ZIP\""' - "$rove"
ends 1 "neither" "$rove" list tree/a
says "neither" '^rove: tree/a: is neither coded nor an archive$'
printf 'LZIP\1\14' > foreign.lz
ends 1 "lzip" "$rove" list foreign.lz
says "lzip" 'looks like lzip data'
ends 1 "missing" sh -c '"$1" list missing tree.tar > got' - "$rove"
yes "missing: the others are listed" grep -q 'inner' got
head -c 3000 tree.tar > cut.tar
ends 1 "cut" sh -c '"$1" list cut.tar > got' - "$rove"
head -c 20000 gzip.tar.gz > cut.tar.gz
ends 1 "cut, coded" sh -c '"$1" list cut.tar.gz > got' - "$rove"
{ head -c -8 gzip.tar.gz && printf '\1\2\3\4' && tail -c 4 gzip.tar.gz; } > sum.tar.gz
ends 1 "a wrong checksum at the end" sh -c '"$1" list sum.tar.gz > got' - "$rove"
ends 1 "none" "$rove" list

# JSON: by another's eyes.
if command -v perl > /dev/null && perl -MJSON::PP -e 1 2> /dev/null; then
    cat > read.pl <<'END'
use strict; use warnings; use JSON::PP;
local $/; my $files = decode_json(<STDIN>);
for my $f (@$files) {
    print join(' ', $f->{file}, $f->{format}, $f->{seek}, $f->{checks}, $f->{complete} ? 'whole' : 'cut'), "\n";
    for my $key (qw(points coded plain ratio index archive)) { die "no $key\n" if !exists $f->{$key} }
    for my $m (@{$f->{members} // []}) {
        my $name = exists $m->{name_hex} ? pack('H*', $m->{name_hex}) : $m->{name};
        for my $key (qw(type size mode mtime uid gid user group link)) { die "no $key\n" if !exists $m->{$key} }
        print unpack('H*', $name), " $m->{type} $m->{size} $m->{mode} ", $m->{link} // '-', "\n";
    }
    my $at = 0;
    for my $b (@{$f->{blocks} // []}) { die "a gap\n" if $b->{plain} != $at; $at += $b->{plain_len}; print "block\n" }
}
END
    hex() { printf '%s' "$1" | od -An -tx1 -v | tr -d ' \n'; }
    yes "json" sh -c '"$1" list --json tree.tar.gz blocks.gz > json && perl read.pl < json > got' - "$rove"
    yes "json: files" sh -c 'grep -qx "tree.tar.gz bgzf blocks crc32 whole" got && grep -qx "blocks.gz bgzf blocks crc32 whole" got'
    yes "json: a file" grep -qx "$(hex tree/inner/b) file $(($(wc -c < tree/inner/b))) 4755 -" got
    yes "json: a link" grep -qx "$(hex tree/link) symlink 0 0777 a" got
    yes "json: one of two names" grep -qx "$(hex tree/hard) link 0 [0-7]* tree/a" got
    yes "json: a line's end" grep -q "^$(hex 'tree/odd
name') file 1 " got
    yes "json: no UTF-8" grep -q "^$(hex "tree/$(printf 'bytes\377\376')") file 1 " got
    yes "json: a quote and a backslash" grep -q "^$(hex 'tree/quo"te\') file 1 " got
    yes "json --blocks" sh -c '"$1" list --json --blocks blocks.gz | perl read.pl > got && grep -q "^block" got' - "$rove"
    ends 1 "json of what is cut" sh -c '"$1" list --json missing cut.tar tree.tar.gz > json' - "$rove"
    yes "json of what is cut is JSON" sh -c 'perl read.pl < json > got && grep -q "^cut.tar none itself - cut" got'
    yes "json of nothing" sh -c '"$1" list --json missing | perl read.pl > got || exit 1; test ! -s got' - "$rove"
fi
done_testing
