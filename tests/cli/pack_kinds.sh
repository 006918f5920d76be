#!/bin/sh
# SPDX-License-Identifier: MIT
# Every kind of file, and every number that a field of a tar's header cannot hold: what the stock tools
# list and unpack is what the folder held, and what they list of a tar of their own.

. "$(dirname "$0")/lib.sh"

ends 1 "no path" "$rove" pack
! grep -q libarchive "$err" || skip "built without libarchive"
TZ=UTC
export TZ
tools=tar
! command -v bsdtar >/dev/null || tools="tar bsdtar"
bsdtar() { env LC_ALL=C.UTF-8 bsdtar "$@"; } # it has to convert names to the locale's bytes

digits() { printf "%0$1d" 0; }

# Names about the lengths of the fields for them: 100 bytes, and 155 more for the folder.
mkdir k k/names
for len in 99 100 101 154 155 156 157 255; do
    : > "k/names/$(digits $len)"
    mkdir -p "k/n/$(digits $((len - 10)))"
    : > "k/n/$(digits $((len - 10)))/$(digits 98)"
    mkdir "k/n/$(digits $((len - 10)))/$(digits 99)"
done
: > "k/names/$(printf 'byte-\377')"
: > "k/names/$(printf 'gr\303\274n')"
: > "k/names/$(printf 'new\nline')"
: > "k/names/ blank "
mkdir "k/names/$(printf 'folder-\377')"
: > "k/names/$(printf 'folder-\377')/$(digits 200)"

# Links, pipes, modes, holes.
for len in 1 99 100 101 255 256 4095; do
    ln -s "$(digits $len)" k/link-$len
done
ln -s "$(printf 'target-\377')" k/link-odd
mkfifo k/pipe
for mode in 0 1 600 755 1777 2755 4755 7777; do
    : > k/mode-$mode
    chmod $mode k/mode-$mode
    mkdir k/folder-$mode
    chmod $mode k/folder-$mode
done
[ "$(id -u)" -eq 0 ] || chmod u+rwx k/mode-* k/folder-*
for holes in 0 1 2 3; do
    truncate -s 400000 k/holes-$holes
done
printf 'begin' | dd of=k/holes-1 conv=notrunc status=none
printf 'end' | dd of=k/holes-2 bs=1 seek=399997 conv=notrunc status=none
for at in 0 70001 70002 200000 399999; do
    printf 'x' | dd of=k/holes-3 bs=1 seek=$at conv=notrunc status=none
done

# Times: before 1970, with a fraction, and about what 31, 33 and more bits hold.
mkdir k/times
for time in -0.5 -0.000000001 -1 -1.25 -1.999999999 -86400.75 -2147483648 -2208988800.5 0 0.5 0.999999999 \
    1 1e9 2147483646 2147483647 2147483648.5 4294967296 8589934591 8589934592 99999999999; do
    : > k/times/$time
    touch -d @$time k/times/$time 2>/dev/null || : # not on every file system
    ln -s x k/times/link$time
    touch -h -d @$time k/times/link$time 2>/dev/null || :
done
mkdir "k/times/$(digits 200)"
touch -d @-5.5 "k/times/$(digits 200)"

# Owners and devices are root's.
root=false
if [ "$(id -u)" -eq 0 ]; then
    root=true
    for id in 1 262143 262144 2097151 2097152 2147483647 2147483648 4294967294; do
        : > k/owner-$id
        chown $id:$id k/owner-$id
    done
    if mknod k/null c 1 3 2>/dev/null; then
        mknod k/loop b 7 0
        mknod k/char-most c 4095 1048575
        mknod k/block-minor b 259 262144
    fi
else
    echo "not root: no owners, no devices"
fi

yes "pack" "$rove" pack -o k.tar k
quiet "pack"

# What is listed, beside what the tool lists of its own tar. Entries are sorted only for bsdtar, which
# takes them as the folder gives them.
tar --sort=name -cf own.tar k
tar -tvf own.tar --full-time --numeric-owner > want
tar -tvf k.tar --full-time --numeric-owner > got 2>/dev/null # of keywords that are unknown to it
yes "tar: what is listed" diff -u want got
if [ "$tools" != tar ]; then
    bsdtar --format=paxr -cf own.tar k 2>/dev/null # of names that are no text, too
    bsdtar -tvf own.tar --numeric-owner | tr -s ' ' | sort > want
    bsdtar -tvf k.tar --numeric-owner | tr -s ' ' | sort > got
    yes "bsdtar: what is listed" diff -u want got
fi

# What comes out. stat tells times in whole seconds, rounded down.
picture() {
    (cd "$1" && find k -printf '%p\0' | sort -z |
        xargs -0 stat -c '%N %F %a %u:%g %t,%T %Y' -- | sed 's/regular empty file/regular file/') |
        if $root; then cat; else sed 's/ [0-9]*:[0-9]* / /'; fi
    (cd "$1" && find k -type f -print0 | sort -z | xargs -0 sha256sum)
}
picture . > want
for tool in $tools; do
    rm -rf x
    mkdir x
    yes "$tool: unpack" "$tool" -C x -xpf k.tar
    picture x > got
    yes "$tool: what comes out" diff -u want got
done
chmod -R u+rwx k x

# Sizes beyond 11 and 12 octal digits: the beginning is enough. Holes take no memory.
for size in 8589934591 8589934592 8589934593 68719476736; do
    truncate -s $size big
    "$rove" pack --stats=figures big 2>/dev/null | head -c 4096 > head.tar
    tar -tvf head.tar > got 2>/dev/null
    yes "tar: $size bytes" test "$(awk '{ print $3 }' got)" = $size
    if [ "$tools" != tar ]; then
        bsdtar -tvf head.tar > got 2>/dev/null
        yes "bsdtar: $size bytes" test "$(awk '{ print $5 }' got)" = $size
    fi
done
truncate -s "$(amount 500000000 100000000)" big
printf 'end' >> big
printf 'after\n' > small
yes "holes" "$rove" pack -F 'crc32|gzip:level=1' --stats=figures -o big.tar.gz big small
yes "holes in no memory" test "$(sed 's/.* pool_peak=\([0-9]*\).*/\1/' figures)" -lt 10000000
yes "holes: the tar" sh -c 'gzip -dc big.tar.gz | tar -df -'
rm -f big

# Attributes and access control lists, where asked, and only there.
mkdir e
printf 'file\n' > e/file
mkdir e/folder
ln -s file e/link
mkfifo e/pipe
has_xattrs=false has_acls=false
if setfattr -n user.note -v "$(digits 300)" e/file 2>/dev/null; then
    has_xattrs=true
    setfattr -n user.binary -v 0x00ff0a3d e/file
    setfattr -n user.note -v folder e/folder
    setfattr -h -n trusted.note -v link e/link 2>/dev/null || :
    setfattr -h -n trusted.note -v pipe e/pipe 2>/dev/null || :
fi
if setfacl -m u:12345:rw,g:54321:r e/file 2>/dev/null; then
    has_acls=true
    setfacl -m u:12345:x,d:u:12345:rwx e/folder
    setfacl -m u:12345:r e/pipe
fi
attributes() { (cd "$1" && find e -print0 | sort -z | xargs -0 getfattr -h -d -m '^(user|trusted)' --); }
lists() { (cd "$1" && find e ! -type l -print0 | sort -z | xargs -0 getfacl -n --); }
"$rove" pack -o plain.tar e
yes "not asked for" sh -c '! grep -aq SCHILY plain.tar'
if $has_xattrs; then
    yes "--xattrs" "$rove" pack --xattrs -o xattrs.tar e
    quiet "--xattrs"
    attributes . > want
    yes "--xattrs: there are some" grep -q user.note want
    for tool in $tools; do
        rm -rf x
        mkdir x
        include=
        [ $tool != tar ] || include='--xattrs-include=*'
        yes "--xattrs: $tool" "$tool" -C x --xattrs $include -xpf xattrs.tar
        attributes x > got
        yes "--xattrs: $tool: what comes out" diff -u want got
    done
else
    echo "no extended attributes here"
fi
if $has_acls; then
    yes "--acls" "$rove" pack --acls -o acls.tar e
    quiet "--acls"
    lists . > want
    yes "--acls: there are some" grep -q user:12345 want
    for tool in $tools; do
        rm -rf x
        mkdir x
        yes "--acls: $tool" "$tool" -C x --acls -xpf acls.tar
        lists x > got
        yes "--acls: $tool: what comes out" diff -u want got
    done
    if $has_xattrs; then
        yes "both" "$rove" pack --xattrs --acls -o both.tar e/file
        yes "both: stored" sh -c \
            'grep -aq SCHILY.acl.access both.tar && grep -aq SCHILY.xattr.user.note both.tar'
    fi
else
    echo "no access control lists here"
fi

# All of them lost: each call that asks for them fails from some place on.
if $has_xattrs && $has_acls && can_fail; then
    for option in --xattrs --acls; do
        for call in getxattr:1 getxattr:2 listxattr:1; do
            if [ $option.$call != --acls.listxattr:1 ]; then
                ends 2 "$option: $call fails" failing $call:5 "$rove" pack $option -f -o x.tar e/file
                says "$option: $call fails" '^rove: e/file: comes without .*'
                yes "$option: $call fails: it comes" test "$(tar -tf x.tar 2>/dev/null)" = e/file
            fi
        done
    done
    ends 2 "a list of what is not open" failing getxattr:1:5 "$rove" pack --acls -f -o x.tar e/pipe
    says "a list of what is not open" '^rove: e/pipe: comes without its access control lists: Input'
fi
nothing_left "kinds"
done_testing
