#!/bin/sh
# SPDX-License-Identifier: MIT
# What the environment decides: levels and threads; wrong values are told by name. Lists of files. Progress and figures
# as JSON.

. "$(dirname "$0")/lib.sh"

seq 1 100000 > text
clean() { env -u ROVE_LEVEL -u ROVE_THREADS "$@"; }
clean "$rove" compress -9 -c -F gzip text > nine
clean "$rove" compress -1 -c -F gzip text > one
clean "$rove" compress -c -F gzip text > usual

# ROVE_LEVEL
ROVE_LEVEL=9
export ROVE_LEVEL
yes "ROVE_LEVEL" sh -c '"$1" compress -c -F gzip text | cmp - nine' - "$rove"
yes "an option goes before" sh -c '"$1" compress -1 -c -F gzip text | cmp - one' - "$rove"
yes "--fast goes before" sh -c '"$1" compress --fast -c -F gzip text | cmp - one' - "$rove"
yes "a text goes before" sh -c '"$1" compress -c -F gzip:level=1 text | cmp - one' - "$rove"
yes "the outermost codec" sh -c '"$1" compress -c -F "crc32|gzip" text | cmp - nine' - "$rove"
yes "without levels it means nothing" "$rove" compress -c -F copy text > got
yes "without levels it means nothing" cmp got text
yes "a sum has none" "$rove" sum text > got
yes "decoding has none" sh -c '"$1" decompress -c < nine | cmp - text' - "$rove"
ROVE_LEVEL=12
ends 1 "a level that the codec has not" "$rove" compress -c -F gzip text > got
says "a level that the codec has not" '^rove: ROVE_LEVEL: .*0.*9'
for value in '' x -1 1x 9999 ' 1'; do
    ROVE_LEVEL=$value
    ends 1 "ROVE_LEVEL='$value'" "$rove" compress -c text > got
    says "ROVE_LEVEL='$value'" '^rove: ROVE_LEVEL: ".*" is no level such as 6'
done
yes "help all the same" "$rove" compress --help > got
yes "not looked at with a level" "$rove" compress -c -1 -F gzip text > got
ROVE_LEVEL=0
yes "level 0 of .gz" "$rove" compress -c text > got
yes "level 0 of .gz: stored" test "$(wc -c < got)" -ge "$(wc -c < text)"
ends 1 "no path" "$rove" pack
if ! grep -q libarchive "$err"; then
    ROVE_LEVEL=9
    yes "a tar without a codec" "$rove" pack -o t.tar text
    yes "pack --progress=json" "$rove" pack --progress=json -f -o t.tar text
    grep '"end": true' "$err" | sed 's/.*"done": \([0-9]*\), "total": \([0-9]*\),.*/\1 \2/' | tail -n 1 > ends
    yes "pack --progress=json: all of it" test "$(cat ends)" = "$(wc -c < t.tar) $(wc -c < t.tar)"
    yes "of a zip, too" "$rove" pack -o nine.zip text
    yes "of a zip, too" sh -c '"$1" pack -9 --format=zip text | cmp - nine.zip' - "$rove"
    ROVE_LEVEL=19
    ends 1 "of a zip, too large" "$rove" pack -o no.zip text
    says "of a zip, too large" '^rove: ROVE_LEVEL: zip has the levels 0 to 9'
fi
unset ROVE_LEVEL

# ROVE_PLUGINS
yes "ROVE_PLUGINS=none" env ROVE_PLUGINS=none "$rove" compress -c -F gzip text > got
for value in '' off no zstd ./zstd.so; do
    ends 1 "ROVE_PLUGINS='$value'" env ROVE_PLUGINS="$value" "$rove" compress -c text
    says "ROVE_PLUGINS='$value'" '^rove: ROVE_PLUGINS: ".*" is not none, the one value there is'
    ends 1 "ROVE_PLUGINS='$value', a plugin" env ROVE_PLUGINS="$value" "$rove" --plugin=zstd compress -c text
    says "ROVE_PLUGINS='$value', a plugin" '^rove: ROVE_PLUGINS: ".*" is not none'
done
yes "help all the same" env ROVE_PLUGINS=off "$rove" compress --help > got

# ROVE_THREADS
workers() { sed -n 's/.* workers=\([0-9]*\).*/\1/p' "$err"; }
seq 1 300000 > long
one_thread() { env ROVE_THREADS=1 "$rove" compress --stats -c long > got; }
yes "ROVE_THREADS=1" one_thread
yes "ROVE_THREADS=1: no workers" test "$(workers)" -eq 0
three_threads() { env ROVE_THREADS=3 "$rove" compress --stats -c long > got3; }
yes "ROVE_THREADS=3" three_threads
yes "ROVE_THREADS=3: workers" test "$(workers)" -eq 2
yes "the same bytes" cmp got got3
overruled() { env ROVE_THREADS=1 "$rove" compress --stats -T 3 -c long > got3; }
yes "-T goes before" overruled
yes "-T goes before" test "$(workers)" -eq 2
for value in '' x -1 1025 '2 '; do
    ends 1 "ROVE_THREADS='$value'" env ROVE_THREADS="$value" "$rove" sum text
    says "ROVE_THREADS='$value'" '^rove: ROVE_THREADS: ".*" is no number of threads from 0 to 1024'
done
yes "filters has no threads" env ROVE_THREADS=x "$rove" filters > got

# Nothing else: options stand where they like, and the dates of members are those of the zone.
for verb in 'sum text -F crc32c' 'compress text -c -F gzip -9' 'list nine -v'; do
    # shellcheck disable=SC2086 # words
    yes "$verb" "$rove" $verb > want
    # shellcheck disable=SC2086 # words
    yes "POSIXLY_CORRECT: $verb" env POSIXLY_CORRECT=1 "$rove" $verb > got
    yes "POSIXLY_CORRECT: $verb" cmp want got
done
if [ -f t.tar ]; then
    yes "TZ of list" sh -c 'TZ=UTC "$1" list -v t.tar > got && TZ=AAA-5 "$1" list -v t.tar > got3' - "$rove"
    no "TZ of list" cmp -s got got3
fi

# Lists of files, for verbs that take files.
printf 'text\none\n' > names
printf 'text\0one\0' > names0
"$rove" sum nine text one > want
yes "--files-from of sum" sh -c '"$1" sum nine --files-from names | cmp - want' - "$rove"
yes "--null of sum" sh -c '"$1" sum --null --files-from - nine < names0 | cmp - want' - "$rove"
yes "--files-from twice" sh -c '"$1" sum nine --files-from names --files-from names | tail -n 2 | cmp - "$2"' - "$rove" \
    "$("$rove" sum text one > two; echo two)"
mkdir l && cp text one l && echo minus > l/-
(cd l && printf 'text\none\n-\n' > names && yes "--files-from of compress" "$rove" compress -F lz4 --files-from names)
yes "--files-from of compress: all of them" test "$(ls l | tr '\n' ' ')" = "- -.lz4 names one one.lz4 text text.lz4 "
yes "--files-from of test" sh -c 'ls l/*.lz4 | "$1" test --files-from -' - "$rove"
: > none
ends 1 "a list of nothing is no standard input" sh -c '"$1" compress --files-from none < text > got' - "$rove"
says "a list of nothing is no standard input" '^rove: --files-from: names no file'
ends 1 "no list" "$rove" sum --files-from missing
says "no list" '^rove: missing: cannot be read: No such file'

# JSON is read by whoever reads JSON.
parse() { perl -MJSON::PP -e 'local $/; my @a = JSON::PP->new->utf8->incr_parse(<STDIN>); exit(@a == $ARGV[0] ? 0 : 1)' "$1"; }
perl -MJSON::PP -e 1 2>/dev/null || {
    echo "no JSON::PP"
    done_testing
}
field() { perl -MJSON::PP -e 'my ($last) = (grep /^\{/, <STDIN>)[-1]; my $o = decode_json($last); my $v = $o->{$ARGV[0]};
    binmode STDOUT, ":utf8"; print ref $v ? encode_json($v) : defined $v ? $v : "null"' "$1"; }
odd=$(printf 'odd "\\name\nin \377lines')
cp text "$odd"
yes "--json" "$rove" compress --json -F 'crc32|gzip' "$odd"
cp "$err" json
yes "--json: one object" parse 1 < json
yes "--json: one line" test "$(wc -l < json)" -eq 1
yes "--json: bytes_in" test "$(field bytes_in < json)" -eq "$(wc -c < text)"
yes "--json: bytes_out" test "$(field bytes_out < json)" -eq "$(wc -c < "$odd.gz")"
yes "--json: output" sh -c 'printf "%s" "$1" | grep -q "name.*gz$"' - "$(field output < json | tr '\n' ' ')"
yes "--json: digests" test "$(field digests < json | tr -d ' ' | grep -c '"crc32"')" -eq 1
rm "$odd.gz"
yes "--json --stats=FILE" "$rove" compress --json --stats=figures -c text one > got
quiet "--json --stats=FILE"
yes "--json --stats=FILE: two objects" parse 2 < figures
yes "a test writes nothing" "$rove" test --json nine one
cp "$err" json
yes "a test writes nothing" test "$(field output < json)" = null
yes "a test: two objects" parse 2 < json
ends_of() { grep '"end": true' "$1"; } # a busy machine may tell more on the way
for verb in 'compress -F gzip -c' 'compress -c -F copy'; do
    # shellcheck disable=SC2086 # words
    yes "--progress=json $verb" "$rove" $verb --progress=json text > got
    ends_of "$err" > json
    yes "--progress=json $verb: an object" parse 1 < json
    yes "--progress=json $verb: the end" test "$(field end < json)" = true
    yes "--progress=json $verb: done" test "$(field 'done' < json)" -eq "$(wc -c < text)"
    yes "--progress=json $verb: total" test "$(field total < json)" -eq "$(wc -c < text)"
done
yes "--progress=json of sum" "$rove" sum -T 1 --progress=json text one > got # files at once are one job
ends_of "$err" > json
yes "--progress=json of sum" parse 2 < json
"$rove" sum --json -F xxh64 text "$odd" nothing > json 2> "$err"
yes "sum --json" parse 2 < json
yes "sum --json: digest" test "$(head -n 1 json | field digest)" = "$("$rove" sum -F xxh64 text | cut -d ' ' -f 1)"
yes "sum --json: algorithm" test "$(field algorithm < json)" = xxh64
"$rove" sum text "$odd" > list
printf '00000000  one\n00000000  nothing\n' >> list
ends 1 "sum -c --json" sh -c '"$1" sum -c --json list > json' - "$rove"
yes "sum -c --json" parse 4 < json
yes "sum -c --json: results" test "$(sed 's/.*result": "\([a-z]*\).*/\1/' json | tr '\n' ' ')" = "match match mismatch unread "
yes "from a pipe the length is not known" sh -c '"$1" compress --progress=json < /dev/null > got' - "$rove"
slow() { (cat text; sleep 0.7; cat text) | "$rove" compress --progress=json > got; }
yes "a slow one" slow
cp "$err" json
yes "a slow one: more than the end" test "$(wc -l < json)" -ge 2
yes "a slow one: no total" test "$(field total < json)" = null

# No colours, on a terminal either.
if command -v script > /dev/null; then
    script -qec "'$rove' compress -f --progress=bar text; '$rove' list --data text.gz; '$rove' test nothing" /dev/null > shown 2>&1
    no "no escapes on a terminal" grep -q "$(printf '\033')" shown
fi
done_testing
