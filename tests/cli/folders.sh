#!/bin/sh
# SPDX-License-Identifier: MIT
# -r, -S, -l and --rsyncable: what users of gzip reach for.
# Usage: folders.sh PATH-OF-ROVE FOLDER-OF-PLUGINS

. "$(dirname "$0")/lib.sh"

export ROVE_FILTER_PATH="$2"
unset ROVE_PLUGINS

# -r: every file of a folder, and nothing but files.
mkdir -p tree/a tree/b/c
seq 1 1000 > tree/one
seq 1 2000 > tree/a/two
seq 1 3000 > 'tree/b/c/three and more'
cp -r tree plain
ends 1 "-r and no folder" "$rove" compress -r
ends 1 "-r -o" "$rove" compress -r -o x tree
yes "compress -r" "$rove" compress -r --rm tree
quiet "compress -r"
yes "compress -r: the files" test "$(find tree -type f | LC_ALL=C sort | tr '\n' ' ')" = \
    "tree/a/two.gz tree/b/c/three and more.gz tree/one.gz "
yes "compress -r again does nothing" "$rove" compress -r tree
quiet "compress -r again"
yes "test -r" "$rove" test -r tree
yes "-rt" "$rove" -rt tree
yes "-rl" sh -c '"$1" -rl tree > got && grep -q "^total .* 3 files$" got' - "$rove"
yes "-rdc" sh -c '"$1" -rdc tree > got && cat plain/a/two "plain/b/c/three and more" plain/one | cmp - got' - "$rove"
echo note > tree/README
yes "decompress -r" "$rove" -rd --rm tree
quiet "decompress -r"
rm tree/README
yes "decompress -r: all is back" diff -r tree plain
cat tree/one tree/a/two > want
yes "a word that is no folder" sh -c '"$1" -rc tree/one tree/a | "$1" -d | cmp - want' - "$rove"
ends 1 "a folder that is not there" "$rove" -r nowhere
says "a folder that is not there" '^rove: nowhere: cannot be read'
ln -s ../one tree/a/link
ln -s a tree/folder
mkfifo tree/a/pipe
ends 2 "links and pipes" "$rove" -r tree
mentions "links" '^rove: tree/a/link: is left out: it is a symbolic link$'
mentions "links to folders" '^rove: tree/folder: is left out: it is a symbolic link$'
mentions "pipes" '^rove: tree/a/pipe: is left out: it is no regular file$'
yes "links and pipes: the others are done" test -f tree/a/two.gz
no "links and pipes: not those" test -e tree/a/link.gz
yes "what is coded is passed over with a notice" sh -c '"$1" -rv tree/b 2>&1 | grep -q "three and more.gz: is passed over"' - "$rove"
damaged=tree/b/c/damaged.gz
printf '\037\213\010\000nonsense' > $damaged
ends 1 "one is damaged" "$rove" -rt tree/b
mentions "one is damaged" "^rove: $damaged: "
nothing_left "-r"

# -S, and the suffixes of old.
cp plain/one one
yes "-S" "$rove" compress -S .coded one
no "-S twice" "$rove" compress -S .coded one
ends 2 "-S of a coded file" "$rove" compress -S .coded one.coded
says "-S of a coded file" 'it has a suffix of such files already'
rm one
yes "-S when decoding" "$rove" decompress -S .coded one.coded
yes "-S when decoding: the file" cmp one plain/one
rm one.coded
mkdir coded
cp one coded
yes "-r -S" "$rove" -r -S .coded --rm coded
yes "-r -S: once" "$rove" -r -S .coded --rm coded
yes "-r -S: the file" test "$(ls coded)" = one.coded
yes "-r -S when decoding" "$rove" -rd -S .coded --rm coded
yes "-r -S when decoding: the file" cmp coded/one one
for suffix in .gz .z .Z -gz -z _z .bgz; do
    gzip -c one > "odd$suffix"
    yes "odd$suffix" "$rove" decompress "odd$suffix"
    yes "odd$suffix: the file" cmp odd one
    ends 2 "odd$suffix is not coded again" "$rove" compress "odd$suffix"
    rm odd
done
tar -cf tree.tar plain
for suffix in .tgz .taz; do
    gzip -c tree.tar > "odd$suffix"
    yes "odd$suffix" "$rove" decompress "odd$suffix"
    yes "odd$suffix: the file" cmp odd.tar tree.tar
    rm odd.tar
done
for suffix in '' a/b; do
    ends 1 "-S '$suffix'" "$rove" compress -S "$suffix" one
    says "-S '$suffix'" '^rove: -S: ".*" is no suffix such as .gz$'
done

# -l: what a file holds, whatever it takes to know it.
gzip -c one > one.gz
"$rove" compress -c plain/a/two > two.gz
"$rove" compress -F lz4 -c one > one.lz4
yes "-l" sh -c '"$1" -l one.gz two.gz one.lz4 > got' - "$rove"
yes "-l: a row of gzip's" grep -Eq "^gzip +- +$(wc -c < one.gz) +$(wc -c < one) .* crc32 +one.gz\$" got
yes "-l: a row of our own" grep -Eq "^bgzf .* $(wc -c < two.gz) +$(wc -c < plain/a/two) .* two.gz\$" got
yes "-l: a row of lz4" grep -Eq "^lz4 .* $(wc -c < one.lz4) +$(wc -c < one) .* one.lz4\$" got
sum=$(($(wc -c < one.gz) + $(wc -c < two.gz) + $(wc -c < one.lz4)))
yes "-l: the sum" grep -Eq "^total +- +$sum +$((2 * $(wc -c < one) + $(wc -c < plain/a/two))) .* 3 files\$" got
yes "-l of one: no sum" sh -c '"$1" -l one.gz > got; test $(wc -l < got) -eq 2' - "$rove"
yes "-lv: the date" sh -c 'touch -d "2024-01-02 03:04" one.gz && "$1" -lv one.gz | grep -q "2024-01-02 03:04  one.gz$"' - "$rove"
yes "-l of standard input" sh -c 'cat one.gz | "$1" -l | grep -Eq "^gzip +- +$(wc -c < one.gz) +$(wc -c < one) .* standard input$"' - "$rove"
yes "list --sizes is the same" sh -c '"$1" -l one.gz one.lz4 > got && "$1" list --sizes one.gz one.lz4 | cmp - got' - "$rove"
yes "list --sizes --json" sh -c '"$1" list --sizes --json one.gz | grep -q "\"plain\": $(wc -c < one), "' - "$rove"
yes "the last of -z -d -t -l counts" sh -c '"$1" -tdl one.gz | grep -q "^gzip" && "$1" -lt one.gz && "$1" -ldc one.gz | cmp - one' - "$rove"
head -c 1000 one.gz > cut.gz
ends 1 "-l of what is cut" sh -c '"$1" -l cut.gz one.gz > got' - "$rove"
says "-l of what is cut" '^rove: cut.gz: '
yes "-l of what is cut: the other one" grep -q 'one.gz$' got
ends 1 "-l of what is not coded" "$rove" -l one
ends 1 "-l -o" "$rove" -l -o x one.gz
ends 1 "-l --rm" "$rove" -l --rm one.gz

# -f gives what is not coded as it is, as gzip -cdf does; only to standard output.
yes "-dcf" sh -c '"$1" -dcf one one.gz one.lz4 > got && cat one one one | cmp - got' - "$rove"
yes "cat -f" sh -c '"$1" cat -f one one.gz - < one > got && cat one one one | cmp - got' - "$rove"
yes "cat -f of a pipe" sh -c 'cat one | "$1" cat -f | cmp - one' - "$rove"
yes "cat -f of nothing" sh -c ': | "$1" cat -f > got && test ! -s got' - "$rove"
yes "cat -f --range" sh -c 'test "$("$1" cat -f --range 2:3 one)" = "$(head -c 5 one | tail -c 3)"' - "$rove"
ends 1 "cat of what is not coded" "$rove" cat one
ends 1 "-f to a file" "$rove" decompress -f -o got one
printf 'BZh91AY&SY and so on' > known
[ -f "$2/rove-filter-bzip2.so" ] || ends 1 "-f of what another program reads" "$rove" cat -f known
ends 1 "-f of what is damaged" sh -c '"$1" cat -f cut.gz > got' - "$rove"

# --rsyncable: one byte more at the front, and nearly all of the coded bytes are the same.
{ seq 100000 200000 && noise 100000; } > base
{ printf x && cat base; } > shifted
yes "--rsyncable" sh -c '"$1" compress --rsyncable base shifted && gzip -dc shifted.gz | cmp - shifted' - "$rove"
yes "--rsyncable costs little" test "$(wc -c < base.gz)" -lt $(($("$rove" compress -F gzip -c base | wc -c) * 103 / 100))
same_tail() {
    perl -e 'local $/; for (@ARGV) { open my $f, "<", $_ or die; push @t, scalar reverse <$f>; }
        my $n = 0; $n++ while $n < length($t[0]) - 8 && substr($t[0], 8 + $n, 1) eq substr($t[1], 8 + $n, 1);
        print int(100 * $n / length $t[0]), "\n"' "$1" "$2"
}
yes "--rsyncable: the tail is the same" test "$(same_tail base.gz shifted.gz)" -ge 70
yes "without it, it is not" sh -c '"$1" compress -F gzip -c base > b.gz; "$1" compress -F gzip -c shifted > s.gz' - "$rove"
yes "without it, it is not" test "$(same_tail b.gz s.gz)" -le 50
for words in '--rsyncable -F gzip' '--rsyncable -o x.lz4'; do
    ends 1 "$words" "$rove" compress $words one
    mentions "$words" '^rove: .*--rsyncable'
done
ends 1 "block and rsyncable" "$rove" compress -F gzip:block=64K,rsyncable=yes -c one
done_testing
