#!/bin/sh
# SPDX-License-Identifier: MIT
# Every option that --help of a verb names does something there, and what compress, decompress and test take of each other
# is refused where it would do nothing. An option that is new and has no line here fails the test.

root=$(cd "$(dirname "$0")/../.." && pwd)
. "$(dirname "$0")/lib.sh"

command -v perl > /dev/null || skip "no perl"
ends 1 "no path" "$rove" pack
! grep -q libarchive "$err" || skip "built without libarchive"
ROVE_FILTER_PATH=${2:-}
export ROVE_FILTER_PATH

# What each command begins with.
mkdir kit kit/folder kit/broken
(
    cd kit || exit 1
    seq 1 20000 > text
    cp text there
    for name in text there folder/text; do gzip -9n < text > $name.gz; done
    mv text.gz coded.gz
    cp text folder/plain
    cp coded.gz coded.x
    ln -s text link
    ln -s coded.gz link.gz
    { cat coded.gz; echo more; } > trail.gz
    head -c 20000 coded.gz > cut.gz
    head -c 20000 coded.gz > broken/cut.x
    echo text > list
    printf 'text\0' > list0
    echo coded.gz > coded-list
    printf 'coded.gz\0' > coded-list0
    "$rove" compress -F bgzf -o blocks.gz text
    "$rove" pack -o a.tgz text folder
    head -c 2000000 /dev/zero > zeros # limits leave the first mebibyte alone
    gzip -9n < zeros > zeros.gz
    "$rove" pack -F gzip -o zeros.tgz zeros
    rm zeros
    "$rove" sum text > sums
    { cat sums; sed 's/text/missing/' sums; } > gone
    sed 's/^./z/; s/^z/0/; s/^00/01/' sums > wrong
    { cat sums; echo nonsense; } > odd
    touch -d 2020-01-01 text
    chmod 664 text
)

# outcome ARGUMENT...: all that can be seen of a run. Rates of a bench are not the same twice.
outcome() {
    rm -rf run
    cp -a kit run
    got=0
    (cd run && "$rove" "$@" > ../out 2> ../said < /dev/null) || got=$?
    echo "status $got"
    if [ "$1" = bench ]; then tr -d '0-9. ' < out; else cat out; fi
    cat said
    (cd run && find . -type f | sort | xargs cksum)
}

: > known
every=$(amount 1 5) row=0

# does VERB OPTION LINE: the command LINE, where @ stands for the option, ends otherwise with it than without.
does() {
    verb=$1 option=$2
    shift 2
    printf '%s %s\n' "$verb" "${option%%[= ]*}" >> known
    row=$((row + 1))
    [ $((row % every)) -eq 0 ] || return 0
    # Words to be split.
    # shellcheck disable=SC2046
    outcome "$verb" $(printf '%s' "$*" | sed 's/@ *//') > without
    # shellcheck disable=SC2046
    outcome "$verb" $(printf '%s' "$*" | sed "s|@|$option|") > with
    checked=$((checked + 1))
    ! cmp -s without with || bad "$verb $option does nothing: $*"
}

# unseen WHY OPTION VERB...: what it does cannot be seen here.
unseen() {
    option=$2
    shift 2
    for verb; do printf '%s %s\n' "$verb" "$option" >> known; done
}

# silent COMMAND...: what it prints on standard output is of no interest.
silent() { "$@" > /dev/null; }

# refuses SENTENCE LINE: options of another verb of the three.
refuses() {
    sentence=$1
    shift
    # shellcheck disable=SC2048,SC2086
    ends 1 "$*" silent "$rove" $*
    mentions "$*" "$sentence"
}

cd kit || exit 1
for line in "compress --sparse" "compress --no-sparse" "compress --strict" "compress --salvage" "compress --max-output=1M" \
    "compress --max-ratio=3" "decompress --index" "decompress --every=1M" "test -o x" "test --rm" "test --no-sync" \
    "test --sparse" "test --no-sparse" "test --index" "test --every=1M" "-l -o x" "-l --rm" "-l --no-sync" \
    "-l --sparse" "-l --strict" "-l --salvage" "-l --index" "-l --every=1M" "-l --stats" "-l --progress=none" \
    "-d --index" "-dt -o x" "compress --blocks" "-d --data" "test --sizes"; do
    word=${line#* }
    refuses "${word%%[= ]*} (does not go with|is for what)|^rove: compress: a list (has no|shows no)|^rove: .* so ${word%%[= ]*} " \
        "$line coded.gz"
done
for option in --data --sizes --blocks "--blocks --json"; do
    # shellcheck disable=SC2086
    yes "-l $option" sh -c '"$1" -l $2 coded.gz > one && "$1" list --sizes $2 coded.gz | cmp - one' - "$rove" "$option"
done
# What says how to write may stand where something is read.
yes "-d -9 --rsyncable" sh -c '"$1" -d -9 --rsyncable --best -c coded.gz | cmp - text' - "$rove"
refuses '--every wants --index' compress --every=1M text
refuses '--every wants --index' pack --every=1M text
refuses '--every wants --blocks' list --every=1M coded.gz
for verb in compress decompress test sum pack; do refuses '--null is for the names of --files-from' $verb --null text; done
refuses 'are for -c' sum --strict text
refuses 'with --mtime alone' pack --clamp-mtime text
refuses '--index is for --range' cat --index=x coded.gz
# A name has a length, and a list an end.
refuses 'holds a byte of value 0' pack --files-from=/dev/zero
refuses 'holds an empty name' pack --null --files-from=/dev/zero
refuses 'holds a byte of value 0' pack --exclude-from=/dev/zero text
refuses 'line 1 is longer than any' sum -c /dev/zero
perl -e 'print "x" x 5000' > long
refuses 'longer than a name can be' compress --files-from=long
perl -e 'print "x" x 4095, "\n", "text\n"' > fits
refuses 'File name too long' sum --files-from=fits
ends 1 "bench of what is none" sh -c '"$1" bench -F nosuch text > ../out' - "$rove"
yes "bench of what is none: no table" test ! -s ../out
ends 1 "get into a folder that is none" "$rove" get -o none/ a.tgz text
says "get into a folder that is none" 'cannot be entered: .*; mkdir makes it$'
rm long fits
cd ..

while IFS='|' read -r verb option line; do
    case $verb in '' | '#'*) continue ;; esac
    # shellcheck disable=SC2086 # the blanks around it are none of it
    does "$(echo $verb)" "$(echo $option)" "$(echo $line)"
done << 'ROWS'
compress   | --filter lz4         | @ -c text
compress   | --output o           | @ text
compress   | --stdout             | @ text
compress   | --suffix .x          | @ text
compress   | --keep               | --rm @ text
compress   | --rm                 | @ text
compress   | --force              | @ there
compress   | --recursive          | @ folder
compress   | --rsyncable          | @ -c text
compress   | -9                   | @ -F lz4 -c text
compress   | --fast               | @ -c text
compress   | --best               | @ -F lz4 -c text
compress   | --index=o.gzi        | @ text
compress   | --every 64K          | --index @ -F gzip:block=32K -o o.gz text
compress   | --memlimit 1K        | @ text
compress   | --files-from list    | @
compress   | --null               | @ --files-from list0
compress   | --progress json      | @ text
compress   | --stats              | @ text
compress   | --json               | @ text
compress   | --quiet              | @ link
compress   | --verbose            | @ text
decompress | --filter lz4         | @ coded.gz
decompress | --output o           | @ coded.gz
decompress | --stdout             | @ coded.gz
decompress | --suffix .x          | @ coded.x
decompress | --keep               | --rm @ coded.gz
decompress | --rm                 | @ coded.gz
decompress | --force              | @ there.gz
decompress | --recursive          | @ folder
decompress | --strict             | @ trail.gz
decompress | --salvage            | @ cut.gz
decompress | --memlimit 1K        | @ coded.gz
decompress | --max-output 1K      | @ coded.gz
decompress | --max-ratio 1        | @ zeros.gz
decompress | --files-from coded-list | @
decompress | --null               | @ --files-from coded-list0
decompress | --progress json      | @ coded.gz
decompress | --stats              | @ coded.gz
decompress | --json               | @ coded.gz
decompress | --quiet              | @ -c trail.gz
decompress | --verbose            | @ coded.gz
test       | --filter lz4         | @ coded.gz
test       | --recursive          | @ folder
test       | --suffix .x          | @ -r broken
test       | --strict             | @ trail.gz
test       | --salvage            | @ cut.gz
test       | --memlimit 1K        | @ coded.gz
test       | --max-output 1K      | @ coded.gz
test       | --max-ratio 1        | @ zeros.gz
test       | --files-from coded-list | @
test       | --null               | @ --files-from coded-list0
test       | --progress json      | @ coded.gz
test       | --stats              | @ coded.gz
test       | --json               | @ coded.gz
test       | --quiet              | @ trail.gz
test       | --verbose            | @ coded.gz
sum        | --filter xxh3        | @ text
sum        | --tag                | @ text
sum        | --json               | @ text
sum        | --check              | @ sums
sum        | --ignore-missing     | -c @ gone
sum        | --status             | -c @ wrong
sum        | --strict             | -c @ odd
sum        | --warn               | -c @ odd
sum        | --files-from list    | @ there
sum        | --null               | @ --files-from list0
sum        | --progress json      | @ text
sum        | --quiet              | -c @ sums
cat        | --range 5:10         | @ coded.gz
cat        | --index text         | --range 5:10 @ coded.gz
cat        | --filter lz4         | @ coded.gz
cat        | --force              | @ text
cat        | --memlimit 1K        | @ coded.gz
cat        | --max-output 1K      | @ coded.gz
cat        | --max-ratio 1        | @ zeros.gz
cat        | --progress json      | @ coded.gz
cat        | --quiet              | @ trail.gz
cat        | --verbose            | @ coded.gz
list       | --data               | @ a.tgz
list       | --sizes              | @ coded.gz
list       | --blocks             | @ blocks.gz
list       | --every 64K          | --blocks @ coded.gz
list       | --json               | @ a.tgz
list       | --index text         | @ coded.gz
list       | --filter lz4         | @ coded.gz
list       | --memlimit 1K        | --sizes @ coded.gz
list       | --max-output 1K      | --sizes @ coded.gz
list       | --max-ratio 1        | --sizes @ zeros.gz
list       | --quiet              | --sizes @ trail.gz
list       | --verbose            | @ a.tgz
get        | --output folder      | @ a.tgz folder/text.gz
get        | --stdout             | @ a.tgz text
get        | --force              | @ a.tgz text
get        | --index text         | @ a.tgz folder/plain
get        | --filter lz4         | @ a.tgz folder/plain
get        | --memlimit 1K        | -c @ a.tgz text
get        | --max-output 1K      | -c @ a.tgz text
get        | --max-ratio 1        | -c @ zeros.tgz zeros
get        | --quiet              | @ a.tgz none --quiet
index      | --output o.gzidx     | @ coded.gz
index      | --every 64K          | @ coded.gz
index      | --filter lz4         | @ coded.gz
index      | --force              | -o there @ coded.gz
index      | --memlimit 1K        | @ coded.gz
index      | --max-output 1K      | @ coded.gz
index      | --max-ratio 1        | @ zeros.gz
index      | --quiet              | @ trail.gz
index      | --verbose            | @ coded.gz
filters    | --verbose            | @
bench      | --filter lz4         | --seconds 0 @ text
bench      | -9                   | --seconds 0 @ text
bench      | --fast               | --seconds 0 @ text
bench      | --best               | --seconds 0 @ text
bench      | --size 1K            | --seconds 0 -F lz4 @ text
bench      | --json               | --seconds 0 -F lz4 @ text
bench      | --memlimit 1K        | --seconds 0 -F lz4 @ text
bench      | --quiet              | --seconds 0 -F lz4 @ link --quiet nothing
pack       | --filter lz4         | @ text
pack       | -9                   | @ -F gzip text
pack       | --fast               | @ -F gzip text
pack       | --best               | @ -F gzip text
pack       | --output o           | @ text
pack       | --format cpio        | @ text
pack       | --directory folder   | @ plain
pack       | --files-from list    | @
pack       | --null               | @ --files-from list0
pack       | --exclude plain      | @ folder
pack       | --exclude-from list  | @ text folder
pack       | --no-recursion       | @ folder
pack       | --prepend text       | @ folder
pack       | --mtime @7           | @ text
pack       | --clamp-mtime        | --mtime 2030-01-01 @ text
pack       | --owner 7            | @ text
pack       | --group 7            | @ text
pack       | --numeric-owner      | @ text
pack       | --mode go-r          | @ text
pack       | --reproducible       | @ text
pack       | --index=o.gzi        | @ -o a.tar.gz text
pack       | --every 64K          | --index @ -F gzip:block=32K -o o.gz text
pack       | --memory 1           | @ text
pack       | --force              | @ -o there text
pack       | --progress json      | @ -o o text
pack       | --stats              | @ -o o text
pack       | --json               | @ -o o text
pack       | --quiet              | @ -f -o text text there
pack       | --verbose            | @ -o o text text
ROWS
unseen "on a terminal alone" --force test list
unseen "see sparse.sh" --sparse decompress
unseen "see sparse.sh" --no-sparse decompress
unseen "see follow.sh" --follow cat
unseen "the bytes are the same, with any number; see threads.sh" --threads compress decompress test sum cat list get index bench pack
unseen "it is faster, and see kept.sh" --no-sync compress decompress get index pack
unseen "whether there is something to say depends on the file" --verbose sum get bench
unseen "how long it takes" --seconds bench
unseen "for scripts that are written for others: the order is that in any case" --sort pack
unseen "see pack_kinds.sh" --xattrs pack
unseen "see pack_kinds.sh" --acls pack

mkdir fresh
perl "$root/tools/completions/make.pl" "$rove" fresh --options |
    awk '$2 ~ /^--/ || $2 == "-9" { print $1, $2 }' | grep -v -- ' --help$' | sort -u > options
yes "every option has a line, and every line an option" sh -c 'sort -u known | diff -u options -'
done_testing
