#!/bin/sh
# SPDX-License-Identifier: MIT
# A folder that was packed and unpacked by stock tools is what it was.

. "$(dirname "$0")/lib.sh"

ends 1 "no path" "$rove" pack
! grep -q libarchive "$err" || skip "built without libarchive"

# A folder with all that a tar can hold and a user can make.
mkdir -p tree/deep/er tree/empty-folder "tree/with blank"
: > tree/empty
noise 300000 > tree/noise
seq 1 50000 > tree/deep/text
printf 'a name that is no text\n' > "tree/$(printf 'byte-\377')"
printf 'not plain ASCII\n' > "tree/$(printf 'gr\303\274n')"
printf 'two\nlines\n' > "tree/with blank/$(printf 'new\nline')"
long=$(printf '%0200d' 0)
printf 'long\n' > "tree/$long"
mkdir -p "tree/$long.d/$long.d"
printf 'longer\n' > "tree/$long.d/$long.d/$long"
ln -s ../noise tree/deep/link
ln -s nowhere tree/dangling
ln tree/noise tree/deep/er/hard
mkfifo tree/fifo
chmod 750 tree/deep
chmod 600 tree/noise
touch -d '2001-02-03 04:05:06' tree/deep/text

# What stock tools make of it: names, kinds, modes, times, links, bytes.
picture() {
    (
        cd "$1" || exit 1
        find . -printf '%p %y %m %l\n' | sort
        find . -type f -printf '%p %T@\n' | sed 's/\.[0-9]*$//' | sort
        find . -type f -print0 | sort -z | xargs -0 sha256sum
        stat -c %h noise
    )
}
picture tree > want

# unpack WHAT TAR
unpack() {
    rm -rf out
    mkdir out
    yes "$1: tar -x" tar -C out -xpf "$2"
    picture out/tree > got
    yes "$1: what comes out" cmp want got
}

yes "no filter" "$rove" pack -o t.tar tree
unpack "no filter" t.tar
yes "gzip" "$rove" pack -F gzip -o t.tar.gz tree
gzip -dc t.tar.gz > u.tar
unpack "gzip" u.tar
yes "lz4" "$rove" pack -F 'crc32|lz4' -o t.tar.lz4 tree
lz4 -dc t.tar.lz4 > u.tar 2>"$err"
unpack "lz4" u.tar
yes "zlib" "$rove" pack -F zlib -o t.tar.zz tree
# The stock gzip reads the deflate data inside, under the trailer that it made itself.
{
    printf '\037\213\010\0\0\0\0\0\0\003'
    tail -c +3 t.tar.zz | head -c -4
    gzip -c t.tar | tail -c 8
} | gzip -dc > u.tar
unpack "zlib" u.tar
yes "zlib read back" sh -c '"$1" decompress -c t.tar.zz | cmp - t.tar' - "$rove"
yes "standard output" sh -c '"$1" pack -F gzip tree | gzip -dc | cmp - t.tar' - "$rove"
yes "spec told by the suffix" sh -c '"$1" pack -o s.tar.lz4 tree && lz4 -dc s.tar.lz4 | cmp - t.tar' \
    - "$rove"
cp -a tree again
rm -rf tree
cp -a again tree
yes "the same bytes whatever the order of a folder" sh -c '"$1" pack tree | cmp - t.tar' - "$rove"

# In front of a finished tar.
seq 1 100000 > first
mkdir second
printf 'in a folder\n' > second/file
yes "--prepend" "$rove" pack -F gzip -o p.tar.gz --prepend first --prepend second tree
gzip -dc p.tar.gz | tar -tf - > list 2>/dev/null
yes "first member" test "$(sed -n 1p list)" = first
yes "second member" test "$(sed -n 2,3p list | tr '\n' ' ')" = "second/ second/file "
yes "the rest" sh -c 'gzip -dc p.tar.gz | tail -c "$1" | cmp - t.tar' - "$(wc -c < t.tar)"
gzip -dc p.tar.gz > u.tar
unpack "--prepend" u.tar
yes "member's bytes" cmp first out/first

# Names that lead out of the folder.
mkdir -p sub
yes "absolute and upward names" sh -c \
    'cd sub && "$1" pack ../first "$PWD/../second/" . | tar -tf - > ../list' - "$rove"
yes "are cut" test "$(tr '\n' ' ' < list)" = "first second/ second/file ./ "

# What cannot be read is named, and the rest is packed.
ends 2 "missing path" "$rove" pack -o m.tar missing tree
says "missing path" '^rove: missing: .*No such file'
unpack "missing path" m.tar
if may_be_nobody; then
    mkdir locked
    printf a > locked/a
    printf b > locked/b
    mkdir locked/c
    printf d > locked/c/d
    chmod 000 locked/a locked/c
    [ "$(id -u)" -ne 0 ] || chown -R 65534:65534 locked
    pack_locked() { as_nobody "$rove" pack locked > l.tar; }
    ends 2 "unreadable" pack_locked
    mentions "unreadable file" '^rove: locked/a: .*Permission denied'
    mentions "unreadable folder" '^rove: locked/c: .*Permission denied'
    yes "the others" test "$(tar -tf l.tar | tr '\n' ' ')" = "locked/ locked/b locked/c/ "
    chmod -R u+rwx locked
fi

# The output in the packed folder is not packed.
mkdir self
cp first self
yes "output in the folder" "$rove" pack -o self/out.tar self
yes "output in the folder, again" "$rove" pack -f -o self/out.tar self
yes "not in itself" test "$(tar -tf self/out.tar | tr '\n' ' ')" = "self/ self/first "

# Memory.
head -c 30000000 /dev/zero > zeros
ends 1 "--memory" "$rove" pack --memory 4M -o big.tar zeros
says "--memory" '^rove: .*--memory'
no "no output" test -e big.tar
yes "enough memory" "$rove" pack --memory 64M -o big.tar zeros
yes "--stats" "$rove" pack -F 'crc32|gzip' --stats=figures -o z.tar.gz zeros
yes "figures" grep -Eq '^rove-stats bytes_in=30001664 bytes_out=[0-9]+ .* peak_rss=[0-9]+ .* crc32=[0-9a-f]{8}$' \
    figures
yes "crc32 of the tar" test "$(sed 's/.*crc32=//' figures)" = \
    "$(gzip -lv z.tar.gz | awk 'NR == 2 { print $2 }')"
nothing_left "packing"
done_testing
