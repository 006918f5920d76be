#!/bin/sh
# SPDX-License-Identifier: MIT
# The same of what is taken out of coded files: cat, get, list, index. Where the output cannot be written: a clear sentence,
# status 1, nothing under a name that was meant for all of it.

. "$(dirname "$0")/lib.sh"

export ROVE_PLUGINS=none
noise 3000000 > source
mkdir tree many
cp source tree
seq 1000 | while read -r n; do echo "$n" > "many/$n"; done
: > many/empty
"$rove" compress -k source 2> "$err" || bad "compress"
gzip -1 -c source > plain.gz
"$rove" pack -o tree.tar.gz tree 2> "$err" && "$rove" pack -o tree.zip tree && "$rove" pack -o many.tar.gz many ||
    skip "no libarchive"
rm -rf tree source

# over STATUS WORDS REDIRECTION: the command with these words and that for its standard output ends so.
over() {
    what="$2 $3"
    ends "$1" "$what" env --default-signal sh -c "exec \"\$0\" $2 $3" "$rove"
}

full='No space left on device$'
mkfifo pipe
for words in 'cat source.gz' 'cat plain.gz' 'cat --range 5:10 source.gz' 'cat --range -5,1:2000000 source.gz' \
    'cat --follow source.gz' 'get -c tree.tar.gz tree/source' 'get -o - tree.zip tree/source' 'list source.gz' \
    'list --blocks source.gz' 'list many.tar.gz' 'list -v many.tar.gz' 'list --json tree.tar.gz' \
    'list source.gz tree.tar.gz' 'index -f -o - plain.gz'; do
    case $words in
        list*) name='standard output: cannot be written' ;;
        *) name='standard output' ;;
    esac
    if [ -w /dev/full ]; then
        over 1 "$words" '> /dev/full'
        says "$what" "^rove: $name: $full"
    fi
    over 1 "$words" '>&-'
    says "$what" "^rove: $name: Bad file descriptor\$"
    exec 3<> pipe 4> pipe 3>&- # a pipe that nobody reads
    over 141 "$words" '>&4'
    quiet "$what"
    ends 1 "$words, unheard" sh -c "trap '' PIPE; exec \"\$0\" $words >&4" "$rove"
    says "$words, unheard" "^rove: $name: Broken pipe\$"
    exec 4>&-
done
if [ -w /dev/full ]; then
    for words in 'get -o /dev/full tree.tar.gz tree/source' 'index -o /dev/full plain.gz' 'index -o /dev/full source.gz'; do
        over 1 "$words" ''
        says "$words" "^rove: /dev/full: $full"
    done
    ends 1 "cat, several" sh -c '"$1" cat source.gz plain.gz > /dev/full' - "$rove"
    mentions "cat, several" "^rove: standard output: $full"
fi

# A file that may not grow.
for words in 'get tree.tar.gz tree/source' 'get tree.zip tree/source' 'get -o taken tree.tar.gz tree/source' \
    'index --every 100K plain.gz' 'index --every 100K -o taken.gzidx plain.gz'; do
    ends 153 "$words: SIGXFSZ" env --default-signal sh -c "ulimit -f 2; exec \"\$0\" $words" "$rove"
    nothing_left "$words: SIGXFSZ"
    ends 1 "$words: EFBIG" sh -c "trap '' XFSZ; ulimit -f 2; exec \"\$0\" $words" "$rove"
    says "$words: EFBIG" '^rove: (tree/source: cannot be made|taken|plain\.gz\.gzidx|taken\.gzidx): File too large$'
    nothing_left "$words: EFBIG"
    no "$words: no output" test -e tree/source -o -e taken -o -e plain.gz.gzidx -o -e taken.gzidx
done

# Writes of a member fail, one at a time, or all. What is there stays.
if can_fail; then
    for archive in tree.tar.gz tree.zip; do
        nth=1
        while [ $nth -lt 10000 ]; do
            rm -rf once tree
            mkdir tree
            echo old > tree/source
            got=0
            ROVE_FAULT_ONCE=once failing write:$nth:28 "$rove" get -f $archive tree/source 2> "$err" || got=$?
            [ -d once ] || break
            says "write $nth" "^rove: tree/source: cannot be made: $full"
            yes "write $nth: status" test $got -eq 1
            yes "write $nth: the old file" grep -qx old tree/source
            nothing_left "write $nth"
            nth=$((nth < 3 ? nth + 1 : nth * 3 / 2))
        done
        yes "writes" test $nth -gt 3 -a $got -eq 0
    done
    # A file of several names, of which the last one has the data.
    if command -v cpio > /dev/null; then
        mkdir late
        noise 300000 > late/1
        ln late/1 late/2
        printf 'late/%s\n' 1 2 | cpio -o -H newc --quiet > late.cpio
        rm -r late
        for members in late late/1 late/2; do
            ends 1 "late: $members" failing write:2:28 "$rove" get late.cpio $members
            mentions "late: $members" "^rove: late/[12]: cannot be made: $full"
            no "late: $members: no file" test -e late/1 -o -e late/2
            nothing_left "late: $members"
        done
        mkdir -p late && echo old > late/1
        ends 1 "late: -f" failing write:2:28 "$rove" get -f late.cpio late/1
        yes "late: -f: the old file" grep -qx old late/1
        rm -r late
    fi
    rm -rf many
    ends 1 "all writes" failing write:1:5 "$rove" get many.tar.gz many
    mentions "all writes" "^rove: many/7: cannot be made: Input/output error\$"
    yes "all writes: what is empty needs none" test -e many/empty -a ! -e many/7
    nothing_left "all writes"
fi

# A full file system, where one can be had without harm.
rm -rf tree many
mkdir small
if mount -t tmpfs -o size=1m tmpfs small 2>/dev/null; then
    for archive in tree.tar.gz tree.zip; do
        ends 1 "small disk" "$rove" get -o small/ $archive tree/source
        says "small disk" "^rove: tree/source: cannot be made: $full"
        yes "small disk: nothing on it" test -z "$(find small ! -type d)"
        ends 1 "small disk, a file" "$rove" get -o small/out $archive tree/source
        says "small disk, a file" "^rove: small/out: $full"
        no "small disk, a file: nothing on it" test -e small/out
    done
    cat source.gz > small/fill 2> /dev/null
    ends 1 "small disk, index" "$rove" index -o small/out.gzidx plain.gz
    says "small disk, index" "^rove: small/out.gzidx: $full"
    no "small disk, index: nothing on it" test -e small/out.gzidx
    umount small
fi
nothing_left "disk"
done_testing
