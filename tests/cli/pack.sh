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
yes "--best" sh -c '"$1" pack --best -F gzip tree > b.gz && "$1" pack -9 -F gzip tree | cmp - b.gz' - "$rove"
yes "--fast" sh -c '"$1" pack --fast -F gzip tree > b.gz && "$1" pack -1 -F gzip tree | cmp - b.gz' - "$rove"
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
ends 1 "missing path" "$rove" pack -o m.tar missing tree
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

# The output in the packed folder is not packed, which is said.
mkdir self
cp first self
yes "output in the folder" "$rove" pack -o self/out.tar self
ends 2 "output in the folder, again" "$rove" pack -f -o self/out.tar self
says "output in the folder, again" '^rove: self/out.tar: is left out: it is the output itself'
yes "not in itself" test "$(tar -tf self/out.tar | tr '\n' ' ')" = "self/ self/first "
(cd self && ends 2 "its other path" "$rove" pack -f -o "$work/in/self/./out.tar" .)
yes "not in itself" test "$(tar -tf self/out.tar | tr '\n' ' ')" = "./ ./first "
ends 2 "written in place" sh -c '"$1" pack self > self/out.tar' - "$rove"
says "written in place" '^rove: self/out.tar: is left out'

# A file that only has another name where the output goes is no output: that name alone is replaced.
mkdir other
for ln in 'ln' 'ln -s'; do
    rm -f other/name self/kept
    cp first self/kept
    $ln "$PWD/self/kept" other/name
    yes "$ln" "$rove" pack -f -o other/name self/kept
    yes "$ln: is packed" sh -c 'tar -xOf other/name self/kept | cmp - first'
    yes "$ln: and stays" cmp self/kept first
done

# When nothing could be packed, what is there stays.
cp first good.tar
for args in 'missing' 'missing --prepend gone' 'good.tar' 'first/x'; do
    # shellcheck disable=SC2086
    ends 1 "nothing to pack: $args" "$rove" pack -f -o good.tar $args
    mentions "nothing to pack: $args" '^rove: good.tar: is not written'
    yes "nothing to pack: $args: the old one stays" cmp good.tar first
    no "nothing to pack: $args: nothing is made" "$rove" pack -o new.tar missing
    no "nothing to pack: $args: nothing is made" test -e new.tar
done
no "nothing to pack: to standard output" sh -c '"$1" pack missing > empty' - "$rove"
no "nothing to pack: to standard output" test -s empty

# More than --memory allows: the rest waits in a file that has no name.
mkdir large waits
for i in 1 2 3 4 5 6; do
    seq ${i}000000 ${i}"$(amount 599999 349999)" > large/$i
done
# field NAME: a figure from what --stats added to `figures` last.
field() { sed -n "\$s/.* $1=\([^ ]*\).*/\1/p" figures; }
# within WHAT MIB: the command had at most so much memory.
within() {
    # A sanitizer has memory of its own.
    if ! grep -aq -e __asan_init -e __tsan_init "$rove"; then
        yes "$1: peak_rss $(field peak_rss)" test "$(field peak_rss)" -le $(($2 << 20))
    fi
}
# What goes out as it is made need not be held; what has something put in front of it is.
yes "long" "$rove" pack --stats=figures -o large.tar large
yes "long: bytes" test "$(field bytes_in)" -eq "$(wc -c < large.tar)"
yes "long: not held" test "$(field pool_peak)" -lt 6000000
within "long" 24
yes "long: coded" "$rove" pack -F gzip:block=128K --stats=figures -o large.tar.gz large
yes "long: coded: not held" test "$(field pool_peak)" -lt 12000000
yes "long: coded: the same tar" sh -c 'gzip -dc large.tar.gz | cmp - large.tar'
rm large.tar.gz
yes "long: to standard output" sh -c '"$1" pack large | cmp - large.tar' - "$rove"
yes "front: in one go" "$rove" pack -o both.tar first large
yes "front" "$rove" pack -f --stats=figures --prepend first -o large.tar large
yes "front: all in memory" test "$(field pool_peak)" -gt "$(amount 28000000 16000000)"
yes "front: the same tar" cmp both.tar large.tar
rm both.tar
# The output is made while folders are still read: neither it nor the name it has until then is a member.
mkdir -p here/a here/b
cp large/1 here/a/1
cp large/1 here/b/1
yes "into what is packed" "$rove" pack -o here/b/out.tar here
yes "into what is packed: names" sh -c 'tar -tf here/b/out.tar | sort | tr "\n" " " | grep -qx "here/ here/a/ here/a/1 here/b/ here/b/1 "'
ends 2 "into what is packed: again" "$rove" pack -f -o here/b/out.tar here
yes "into what is packed: again: names" sh -c 'tar -tf here/b/out.tar | sort | tr "\n" " " | grep -qx "here/ here/a/ here/a/1 here/b/ here/b/1 "'
rm -r here
TMPDIR=$PWD/waits
export TMPDIR
yes "--memory" "$rove" pack --memory 4M -F 'crc32|gzip:level=1' --stats=figures -o large.tar.gz --prepend first large
yes "--memory: limit" test "$(field pool_limit)" -eq 4194304
yes "--memory: kept" test "$(field pool_peak)" -le 4194304
yes "--memory: some slept" test "$(field chunks_slept)" -gt "$(amount 300 150)"
within "--memory" 24
yes "--memory: gzip -t" gzip -t large.tar.gz
yes "--memory: the same tar" sh -c 'gzip -dc large.tar.gz | cmp - large.tar'
yes "--memory: crc32" test "$(field crc32)" = "$(gzip -lv large.tar.gz | awk 'NR == 2 { print $2 }')"
rm -rf out
mkdir out
yes "--memory: tar -x" tar -C out -xzf large.tar.gz
yes "--memory: what comes out" diff -r large out/large
yes "--memory, --prepend" "$rove" pack --memory 2M -F lz4 -o p.tar.lz4 --prepend first large
yes "--memory, --prepend: first" test "$(lz4 -dc p.tar.lz4 2>/dev/null | tar -tf - | head -n 1)" = first
yes "--memory, --prepend: the rest" sh -c \
    'lz4 -dc p.tar.lz4 2>/dev/null | cmp - large.tar'
yes "compress" "$rove" compress --stats=figures -o large.gz large.tar
within "compress" 16
yes "decompress" "$rove" decompress --stats=figures -o large.back large.gz
within "decompress" 16
yes "decompress: back" cmp large.back large.tar
yes "nothing stays in TMPDIR" test -z "$(ls -A waits)"

# Where the rest cannot wait.
rm -f large.tar.gz
ends 1 "too little" "$rove" pack --memory 100K -o large.tar.gz large
says "too little" '^rove: --memory: .*too little'
TMPDIR=$PWD/none
ends 1 "no such TMPDIR" "$rove" pack --memory 4M -o large.tar.gz large
says "no such TMPDIR" '^rove: .*/none: .*--memory: No such file or directory'
TMPDIR=$PWD/waits
if may_be_nobody; then
    chmod 555 waits
    ends 1 "closed TMPDIR" as_nobody "$rove" pack --memory 4M large
    says "closed TMPDIR" '^rove: .*/waits: .*--memory: Permission denied'
    chmod 755 waits
fi
if mount -t tmpfs -o size=8m tmpfs waits 2>/dev/null; then
    ends 1 "full TMPDIR" "$rove" pack --memory 4M -o large.tar.gz --prepend first large
    says "full TMPDIR" '^rove: .*/waits: .*--memory: No space left on device'
    yes "nothing stays in a full TMPDIR" test -z "$(ls -A waits)"
    umount waits
fi
unset TMPDIR
no "no output" test -e large.tar.gz
nothing_left "--memory"

# Figures.
zeros=$(amount 30000000 5000000)
head -c "$zeros" /dev/zero > zeros
yes "--stats" "$rove" pack -F 'crc32|gzip' --stats=figures -o z.tar.gz zeros
yes "figures" grep -Eq "^rove-stats bytes_in=$(((zeros + 511) / 512 * 512 + 1536)) bytes_out=[0-9]+ .* peak_rss=[0-9]+ .* crc32=[0-9a-f]{8}\$" \
    figures
if [ "$(field allocator)" = jemalloc ]; then
    yes "jemalloc's figures" test "$(field allocator_resident)" -ge "$(field pool_held)"
fi
yes "crc32 of the tar" test "$(field crc32)" = \
    "$(gzip -lv z.tar.gz | awk 'NR == 2 { print $2 }')"
for spec in copy gzip; do
    yes "--stats: behind other bytes" sh -c '{ printf "before" && "$1" pack -F "$2" --stats=figures first; } > behind' - \
        "$rove" $spec
    yes "--stats: behind other bytes" test "$(field bytes_out)" -eq $(($(wc -c < behind) - 6))
done
nothing_left "packing"
done_testing
