#!/bin/sh
# SPDX-License-Identifier: MIT
# Checksums against known values and against what the stock gzip stores.

. "$(dirname "$0")/lib.sh"

printf 123456789 > check
: > empty
noise 300000 > noise
seq 1 300000 > text

# The check values that each algorithm is published with.
known() {
    yes "$1" test "$("$rove" sum -F "$1" check)" = "$2  check"
}
known crc32 cbf43926
known crc32c e3069283
known adler32 091e01de
yes "crc32 is the rule" test "$("$rove" sum check)" = "cbf43926  check"
yes "crc32 of nothing" test "$("$rove" sum empty)" = "00000000  empty"
yes "adler32 of nothing" test "$("$rove" sum -F adler32 empty)" = "00000001  empty"
for file in empty check noise text; do
    gzip -c $file > $file.gz
    yes "crc32 of $file" test "$("$rove" sum $file | cut -c1-8)" = \
        "$(gzip -lv $file.gz | awk 'NR == 2 { print $2 }')"
done
yes "standard input" test "$("$rove" sum - < check)" = "cbf43926  -"
yes "a pipe" test "$(cat check | "$rove" sum -)" = "cbf43926  -"
yes "in the order given" test "$("$rove" sum text check | cut -d ' ' -f 3 | tr '\n' ' ')" = "text check "

ends 1 "unreadable" sh -c '"$1" sum missing check > got' - "$rove"
says "unreadable" '^rove: missing: .*No such file'
yes "the others" test "$(cat got)" = "cbf43926  check"
ends 2 "folder" sh -c '"$1" sum . > got' - "$rove"
yes "no file is standard input, too" test "$("$rove" sum < check)" = "cbf43926  -"
yes "with --json" test "$("$rove" sum --json < check)" = '{"file": "-", "algorithm": "crc32", "digest": "cbf43926"}'

# Many at once: the same lines and messages, in the same order.
mkdir many
i=0
while [ $i -lt 300 ]; do
    head -c $((i * 977)) text > many/$i
    i=$((i + 1))
done
mkfifo pipe
# all_of ARGUMENT...: sums, with a pipe, standard input, a folder and what is not there between the files.
all_of() { cat check > pipe & "$rove" sum "$@" text many/* missing pipe . check - noise empty - < check; }
all_of -T 1 > want 2> said
yes "all of them" test "$(wc -l < want)" -eq 307
yes "what is not there, and the folder" test "$(wc -l < said)" -eq 2
for cnt in 2 3 0 400; do
    all_of -T $cnt > got 2> heard
    yes "-T $cnt: the same lines" cmp want got
    yes "-T $cnt: the same messages" cmp said heard
done
"$rove" sum -F xxh3 many/* check missing check > list 2> /dev/null
echo "0123456789abcdef  missing" >> list
echo "0123456789abcdef  many/7" >> list
echo 'no such line' >> list
"$rove" sum -F xxh3 -T 1 -c list > want 2> said
for cnt in 2 0 400; do
    ends 1 "-c -T $cnt" sh -c '"$1" sum -F xxh3 -T $2 -c list > got 2> heard' - "$rove" $cnt
    yes "-c -T $cnt: the same lines" cmp want got
    yes "-c -T $cnt: the same messages" cmp said heard
done
yes "-c of many" test "$(grep -c ': OK$' got)" -eq 302
for cnt in x 1025; do
    ends 1 "-T $cnt" "$rove" sum -T $cnt text
    says "-T $cnt" '^rove: -T: .* no number of threads'
done

# One file by many threads: the same line, also of what cannot be joined.
head -c 9000001 /dev/zero > zeros
cat text zeros noise text > long
for name in crc32 crc32c adler32 count xxh3 crc32:expect=00000000; do
    "$rove" sum -q -F $name -T 1 long > want 2> said
    for cnt in 2 3 0; do
        yes "$name of one file, -T $cnt" sh -c '"$1" sum -q -F $2 -T $3 long > got 2> heard; cmp want got && cmp said heard' - \
            "$rove" $name $cnt
    done
done
"$rove" sum -T 1 long > want
yes "-c of one file" sh -c 'for cnt in 1 3; do "$1" sum -c -T $cnt want; done | sort -u > got' - "$rove"
yes "it matches" test "$(cat got)" = "long: OK"
yes "from its middle on, at standard input" sh -c '(head -c 5 > /dev/null; "$1" sum -T 3 -) < long > got' - "$rove"
yes "the same by one" sh -c '(head -c 5 > /dev/null; "$1" sum -T 1 -) < long | cmp - got' - "$rove"
if can_fail; then
    for nth in 1 2 20 40; do
        failing pread:$nth:5 "$rove" sum -T 3 long > got || bad "pread $nth fails"
        yes "pread $nth fails: it is read in one go" cmp want got
    done
    for name in crc32 xxh3; do
        "$rove" sum -F $name long > want
        failing flip:9 "$rove" sum -T 2 -F $name long > got || bad "$name of other bytes"
        if [ $name = crc32 ]; then no "ranges are read" cmp -s want got; else yes "in order" cmp want got; fi
    done
fi

# Checking.
cp text "$(printf 'odd\nname')"
cp text 'back\slash'
"$rove" sum -F xxh3 check empty noise text "$(printf 'odd\nname')" 'back\slash' > list ||
    bad "making the list"
yes "-c" sh -c '"$1" sum -F xxh3 -c list > got' - "$rove"
yes "six times OK" test "$(grep -c ': OK$' got)" -eq 6
yes "from standard input, unnamed" sh -c '"$1" sum -F xxh3 -c < list > got' - "$rove"
ends 1 "no list in a list of lists" "$rove" sum -c --files-from /dev/null
yes "from standard input" sh -c '"$1" sum -F xxh3 -c - < list > got' - "$rove"
echo more >> noise
rm empty
ends 1 "-c with a changed file" sh -c '"$1" sum -F xxh3 -c list > got' - "$rove"
mentions "counts it" '1 of 6 checksums'
yes "names it" grep -qx 'noise: FAILED' got
yes "names what is missing" grep -qx 'empty: FAILED open or read' got
ends 1 "-c of something else" "$rove" sum -c text
says "-c of something else" '^rove: text: '
printf '# a comment\ncbf43926 *check\nCBF43926  check\nnonsense\n' > list
ends 2 "-c of coreutils' lines" sh -c '"$1" sum -c list > got' - "$rove"
yes "both" test "$(grep -c ': OK$' got)" -eq 2

# Lists of other programs: one blank, or tags of BSD; a list is of one kind.
cp check '*star'
cp check ' blank'
printf 'cbf43926 check\ncbf43926 *star\ncbf43926  blank\n' > list
yes "one blank" sh -c '"$1" sum -c list > got' - "$rove"
yes "one blank: names may begin with what else would be a mark" test "$(grep -c ': OK$' got)" -eq 3
printf 'cbf43926  check\ncbf43926 check\n' > list
ends 2 "two blanks, then one" sh -c '"$1" sum -c list > got' - "$rove"
cp check 'od(d) = name'
printf '  CRC32 (check) = cbf43926\nCRC32(check)= CBF43926\nCRC32 (od(d) = name) = cbf43926\r\n' > list
yes "tags" sh -c '"$1" sum -c list > got' - "$rove"
yes "tags: all" test "$(grep -c ': OK$' got)" -eq 3
for line in 'CRC32C (check) = cbf43926' 'MD5 (check) = cbf43926' 'CRC32 (check) = cbf4392' 'CRC32 (check) = cbf439266' \
    'CRC32 () = cbf43926' 'CRC32 check = cbf43926' 'CRC32 (check) cbf43926' 'cbf43926' 'cbf43926 ' '\cbf43926  a\x'; do
    printf '%s\n' "$line" > list
    ends 1 "no line of this checksum: $line" sh -c '"$1" sum -c list > got' - "$rove"
    says "no line of this checksum: $line" '^rove: list: holds no line of this checksum$'
done
"$rove" sum --tag -F xxh3 check text "$(printf 'odd\nname')" 'back\slash' 'od(d) = name' > list || bad "--tag"
yes "--tag" grep -qx 'XXH3 (check) = [0-9a-f]\{16\}' list
yes "--tag: a name with escapes" grep -qF '\XXH3 (odd\nname) = ' list
yes "--tag, read back" sh -c '"$1" sum -F xxh3 -c list > got' - "$rove"
yes "--tag, read back: all" test "$(grep -c ': OK$' got)" -eq 5
if command -v xxhsum > /dev/null; then
    "$rove" sum --tag -F xxh64 check text > list
    yes "xxhsum reads tags" sh -c 'xxhsum -c list > got'
    "$rove" sum -F xxh64 check text > list
    yes "xxhsum reads lines" sh -c 'xxhsum -c list > got'
    for format in "" --tag; do
        xxhsum -H3 $format check text > list 2> /dev/null || continue
        yes "xxhsum -H3 $format is read" sh -c '"$1" sum -F xxh3 -c list > got' - "$rove"
    done
fi

# Options of coreutils.
printf 'cbf43926  check\n00000000  text\n' > list
ends 1 "--quiet" sh -c '"$1" sum -c --quiet list > got' - "$rove"
yes "--quiet: what does not match" test "$(cat got)" = "text: FAILED"
ends 1 "--status" sh -c '"$1" sum -c --status list > got' - "$rove"
yes "--status: nothing on standard output" test ! -s got
quiet "--status"
printf 'cbf43926  check\n00000000  gone\n' > list
ends 1 "a file is missing" sh -c '"$1" sum -c list > got' - "$rove"
yes "--ignore-missing" sh -c '"$1" sum -c --ignore-missing list > got' - "$rove"
yes "--ignore-missing: the others" test "$(cat got)" = "check: OK"
quiet "--ignore-missing"
printf '00000000  gone\n' > list
ends 1 "--ignore-missing: all are" "$rove" sum -c --ignore-missing list
says "--ignore-missing: all are" '^rove: list: none of its 1 files is there$'
printf '# a comment\ncbf43926  check\nnonsense\n' > list
ends 1 "--strict" sh -c '"$1" sum -c --strict list > got' - "$rove"
ends 2 "-w" sh -c '"$1" sum -c -w list > got' - "$rove"
mentions "-w" '^rove: list: line 3 is not of this checksum$'
for option in --ignore-missing --status --strict -w; do
    ends 1 "$option without -c" "$rove" sum $option check
done
ends 1 "--tag with -c" "$rove" sum --tag -c list
done_testing
