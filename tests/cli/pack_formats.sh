#!/bin/sh
# SPDX-License-Identifier: MIT
# Archives of every kind: what the stock tools and `rove get` take out is what was packed.

. "$(dirname "$0")/lib.sh"

ends 1 "no path" "$rove" pack
! grep -q libarchive "$err" || skip "built without libarchive"

mkdir -p tree/deep tree/empty-folder 'tree/with blank'
: > tree/empty
noise 200000 > tree/noise
seq 1 30000 > tree/deep/text
truncate -s 300000 tree/hole
printf 'not plain ASCII\n' > "tree/$(printf 'gr\303\274n')"
printf 'two\nlines\n' > "tree/with blank/$(printf 'new\nline')"
ln -s ../noise tree/deep/link
ln tree/noise tree/other-name
chmod 750 tree/deep
chmod 600 tree/deep/text
touch -d '2001-02-03 04:05:06' tree/deep/text tree/noise
long=$(printf '%0180d' 0)

# Names, kinds, modes, times, links, bytes.
picture() {
    (
        cd "$1" || exit 1
        find . -printf '%p %y %m %l\n' | sort
        find . -type f -printf '%p %T@\n' | sed 's/\.[0-9]*$//' | sort
        find . -type f -print0 | sort -z | xargs -0 sha256sum
    )
}
picture tree > want

# unpacked WHAT COMMAND...: in a folder x, with the archive in ../ARCHIVE.
unpacked() {
    what=$1
    shift
    chmod -R u+rwx x 2>/dev/null
    rm -rf x
    mkdir x
    checked=$((checked + 1))
    (cd x && "$@") > shown 2> "$err" || bad "$what: status $?"
    picture x/tree > got
    yes "$what: what comes out" diff -u want got
}

for kind in tar ustar gnu cpio zip; do
    yes "$kind" "$rove" pack --format=$kind -o t.$kind tree
    quiet "$kind"
    unpacked "$kind: rove" "$rove" get ../t.$kind '*'
    "$rove" list t.$kind > listed
    sed 's,/$,,' listed | sort > got
    (find tree | tr '\n' '\001' | sed 's/new\x01line/new\\012line/' | tr '\001' '\n' | sort) > names
    yes "$kind: what is listed" diff -u names got
    yes "$kind: the same bytes each time" sh -c '"$1" pack --format="$2" tree | cmp - t."$2"' - "$rove" $kind
    yes "$kind: one member" sh -c '"$1" get -c t."$2" tree/deep/text | cmp - tree/deep/text' - "$rove" $kind
    yes "$kind: a hole" sh -c '"$1" get -c t."$2" tree/hole | cmp - tree/hole' - "$rove" $kind
done
yes "tar: --format=tar is the usual" sh -c '"$1" pack tree | cmp - t.tar' - "$rove"
for kind in tar ustar gnu; do
    unpacked "$kind: tar" tar -xpf ../t.$kind
    yes "$kind: two names of one file" test x/tree/noise -ef x/tree/other-name
done
yes "ustar: no other headers" sh -c '! tar -tvf t.ustar --show-omitted-dirs | grep -q "^[xLK]"'
if command -v cpio > /dev/null; then
    unpacked "cpio: cpio" cpio -idm --quiet -F ../t.cpio
    yes "cpio: two names of one file" test x/tree/noise -ef x/tree/other-name
else
    echo "no cpio"
fi
if command -v bsdtar > /dev/null; then
    for kind in tar ustar gnu cpio zip; do
        unpacked "$kind: bsdtar" env LC_ALL=C.UTF-8 bsdtar -xpf ../t.$kind
    done
fi
if command -v unzip > /dev/null; then
    yes "zip: unzip -t" sh -c 'unzip -qt t.zip > shown'
    yes "zip: unzip" sh -c 'unzip -p t.zip tree/deep/text | cmp - tree/deep/text'
fi
unpacked "cpio: links" "$rove" get ../t.cpio tree
yes "cpio: two names of one file" test x/tree/noise -ef x/tree/other-name
mkdir links
echo data > links/1
for name in 2 3 4 5; do ln links/1 links/$name; done
yes "cpio: five names" "$rove" pack -o links.cpio links
yes "cpio: five names" test "$("$rove" list -v links.cpio | grep -c 'link to links/1$')" -eq 4
mkdir x5
yes "cpio: five names" "$rove" get -o x5 links.cpio links
yes "cpio: five names, all with the data" diff -r links x5/links

# A zip codes its members; nothing is around it unless that is asked for.
yes "zip: is smaller" test "$(wc -c < t.zip)" -lt "$(($(wc -c < t.tar) * 7 / 10))"
yes "zip: -0" "$rove" pack --format=zip -0 -o z.zip tree
yes "zip: -0 is larger" test "$(wc -c < z.zip)" -gt "$(wc -c < t.tar | awk '{ print int($1 * 0.8) }')"
unpacked "zip: -0" "$rove" get ../z.zip '*'
yes "zip: -9" "$rove" pack -f --format=zip -9 -o z.zip tree
yes "zip: -9 is no larger" test "$(wc -c < z.zip)" -le "$(wc -c < t.zip)"
unpacked "zip: -9" "$rove" get ../z.zip '*'
ends 1 "zip: -12" "$rove" pack --format=zip -12 -o no.zip tree
says "zip: -12" '^rove: -12: zip has the levels 0 to 9'
yes "zip: by its suffix" "$rove" pack -o s.zip tree
yes "zip: by its suffix" cmp s.zip t.zip
yes "zip: within" "$rove" pack --format=zip -F 'crc32|lz4' -o w.zip.lz4 tree
yes "zip: within" sh -c 'lz4 -dc w.zip.lz4 2>/dev/null | cmp - t.zip'
yes "zip: in small pieces" "$rove" pack -f --memory 2M -o s.zip tree
yes "zip: in small pieces" cmp s.zip t.zip
yes "cpio: by its suffix" "$rove" pack -o s.cpio.gz tree
yes "cpio: by its suffix" sh -c 'gzip -dc s.cpio.gz | cmp - t.cpio'
yes "cpio: coded, one member" sh -c '"$1" get -c s.cpio.gz tree/deep/text | cmp - tree/deep/text' - "$rove"
yes "tar: a suffix before .tar is part of a name" "$rove" pack -o a.zip.tar tree
yes "tar: a suffix before .tar is part of a name" cmp a.zip.tar t.tar
yes "cpio: --prepend" sh -c '"$1" pack --format=cpio --prepend tree/noise tree > p.cpio' - "$rove"
yes "cpio: --prepend" test "$("$rove" list p.cpio | head -n 1)" = tree/noise
unpacked "cpio: --prepend" "$rove" get ../p.cpio '*'
yes "cpio: a link to what is in front" test x/tree/noise -ef x/tree/other-name

# A symbolic link with two names: as cpio has it, each of them tells where it points.
mkdir soft
ln -s where/ever soft/one
ln -P soft/one soft/two
yes "cpio: a link with two names" "$rove" pack -o soft.cpio soft
rm -rf x && mkdir x
yes "cpio: a link with two names" "$rove" get -o x soft.cpio soft
if command -v cpio > /dev/null; then
    yes "cpio: a link with two names: cpio" sh -c 'mkdir x/c && cd x/c && cpio -id --quiet -F ../../soft.cpio'
    yes "cpio: a link with two names: cpio" test "$(readlink x/c/soft/two)" = where/ever
fi
yes "cpio: a link with two names" test "$(readlink x/soft/one x/soft/two | tr '\n' ' ')" = "where/ever where/ever "

# What a kind cannot hold.
ends 1 "no such kind" "$rove" pack --format=rar -o no tree
says "no such kind" '^rove: --format: "rar" is not one of tar, ustar, gnu, cpio, zip'
ends 1 "zip: --prepend" "$rove" pack --prepend tree/empty -o no.zip tree
says "zip: --prepend" '^rove: --prepend: nothing can be put in front of a finished zip'
for kind in ustar gnu cpio zip; do
    ends 1 "$kind: --xattrs" "$rove" pack --xattrs --format=$kind -o no tree
    says "$kind: --xattrs" "^rove: --xattrs: is for archives of the kind tar; $kind has no place"
done
ends 1 "cpio: --acls" "$rove" pack --acls --format=cpio -o no tree
says "cpio: --acls" '^rove: --acls: is for archives'
ends 1 "tar in .zip" "$rove" pack --format=tar -o no.zip tree
says "tar in .zip" 'no filter writes .zip'
says "the suffixes that there are, those of plugins too" ' \.gz .* \.zst .* \.xz '
no "nothing is made" test -e no
no "nothing is made" test -e no.zip
mkdir times
: > times/early
: > times/late
touch -d '1969-12-31 23:59:58 UTC' times/early
touch -d '2200-01-01 00:00:00 UTC' times/late
touch -d @9000000000 times/later
if [ "$(stat -c %Y times/late)" = 7258118400 ]; then # the file system has room for it
    for kind in tar gnu ustar cpio zip; do
        case $kind in
            tar) want=0 early=-2 late=7258118400 later=9000000000 ;;
            gnu | ustar) want=2 early=0 late=7258118400 later=8589934591 ;;
            *) want=2 early=0 late=4294967295 later=4294967295 ;;
        esac
        ends $want "$kind: times" "$rove" pack --format=$kind -f -o times.out times
        [ $early != 0 ] || mentions "$kind: times" "^rove: times/early: comes with the time @0, the nearest that $kind can hold$"
        [ $late != 4294967295 ] ||
            mentions "$kind: times" "^rove: times/late: comes with the time @$late, the nearest that $kind can hold$"
        if [ "$(stat -c %Y times/later)" = 9000000000 ] && [ $later != 9000000000 ]; then
            mentions "$kind: times" "^rove: times/later: comes with the time @$later, the nearest that $kind can hold$"
        fi
        "$rove" list --json times.out > got
        yes "$kind: times: later" grep -q "times/later\".*\"mtime\": \($later\|$(stat -c %Y times/later)\)," got
        yes "$kind: times: early" grep -q "times/early\".*\"mtime\": $early," got
        yes "$kind: times: late" grep -q "times/late\".*\"mtime\": $late," got
    done
fi
mkdir odd
mkfifo odd/pipe
printf 'a\n' > odd/file
ends 2 "zip: a pipe" "$rove" pack -o odd.zip odd
says "zip: a pipe" '^rove: odd/pipe: is left out: '
yes "zip: the rest" test "$("$rove" list odd.zip | tr '\n' ' ')" = "odd/ odd/file "
mkdir -p bytes "bytes/$(printf 'folder-\377')"
: > "bytes/$(printf 'folder-\377/in')"
: > "bytes/$(printf 'byte-\377')"
: > bytes/text
ends 2 "zip: names that are no text" "$rove" pack -o bytes.zip bytes
mentions "zip: names that are no text" '^rove: bytes/byte-.377: is left out: its name is no UTF-8'
yes "zip: the others" test "$("$rove" list bytes.zip | tr '\n' ' ')" = "bytes/ bytes/text "
# A zip of somebody else's that has one all the same: the others are read.
if command -v perl > /dev/null; then
    "$rove" pack -o foreign.zip "tree/$(printf 'gr\303\274n')" bytes/text
    perl -pi -e 's/gr\303\274n/gr\303\377n/g' foreign.zip
    ends 2 "zip: a name that is not what it says" sh -c '"$1" list foreign.zip > got' - "$rove"
    says "zip: a name that is not what it says" '^rove: foreign.zip: a member is left out: its name cannot be read'
    yes "zip: a name that is not what it says" test "$(cat got)" = bytes/text
    ends 2 "zip: get the others" sh -c 'mkdir y && cd y && "$1" get ../foreign.zip "*"' - "$rove"
    yes "zip: get the others" cmp y/bytes/text bytes/text
fi
for kind in tar ustar gnu cpio; do
    yes "$kind: names that are no text" "$rove" pack --format=$kind -o bytes.$kind bytes
    yes "$kind: names that are no text" test "$("$rove" list bytes.$kind | wc -l)" -eq 5
done
yes "cpio: a pipe" "$rove" pack -o odd.cpio odd
yes "cpio: a pipe" test "$("$rove" list odd.cpio | tr '\n' ' ')" = "odd odd/file odd/pipe "
mkdir -p "far/$long/$long"
: > "far/$long/$long/f"
ends 2 "ustar: a long name" "$rove" pack --format=ustar -o far.tar far
mentions "ustar: a long name" 'is left out: '
yes "gnu: a long name" "$rove" pack --format=gnu -o far.tar -f far
yes "gnu: a long name" sh -c 'tar -tf far.tar | grep -q "/f$"'

# What changes while it is packed, and what cannot be read: as in a tar.
if can_fail; then
    for kind in cpio zip; do
        for fault in shrink@shrank touch@changed read:1:5@'cannot be read to its end'; do
            cp tree/deep/text copy
            call=${fault%%@*}
            [ "$call" != "${call#read}" ] || call=$call:1
            ends 2 "$kind: $fault" env ROVE_FAULT="$call" ROVE_FAULT_FILE=copy LD_PRELOAD="$ROVE_FAULTS" \
                "$rove" pack --format=$kind -f -o faulty copy tree/empty
            says "$kind: $fault" "^rove: copy: ${fault#*@}"
            yes "$kind: $fault: it is whole" sh -c '"$1" get -c faulty copy > copy.out' - "$rove"
            yes "$kind: $fault: its size" test "$(wc -c < copy.out)" -eq "$(wc -c < tree/deep/text)"
            yes "$kind: $fault: the rest" test "$("$rove" list faulty | tr '\n' ' ')" = "copy tree/empty "
        done
    done
fi

# Names that lead out of the folder.
mkdir sub
for kind in cpio zip; do
    yes "$kind: absolute and upward names" sh -c \
        'cd sub && "$1" pack --format="$2" ../tree/empty "$PWD/../odd/file" > ../out' - "$rove" $kind
    yes "$kind: are cut" test "$("$rove" list out | tr '\n' ' ')" = "tree/empty odd/file "
done
nothing_left "formats"
done_testing
