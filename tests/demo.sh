#!/bin/sh
# SPDX-License-Identifier: MIT
# Packs real files in memory, puts one more in front, and lets stock tools verify the result.
#
# usage: sh tests/demo.sh BUILD_DIR [PATH...]
#
# Without a PATH it takes at least 200 MB of the machine's own documentation, headers and libraries.
# The results go to a temporary folder (below TMPDIR) that is removed at the end. Exit status: 0 when
# everything is verified, 1 otherwise.

set -eu
LC_ALL=C
export LC_ALL

rove=$1/tools/rove
shift
case $rove in
    /*) ;;
    *) rove=$PWD/$rove ;;
esac

want=200000000 # bytes of input, at least
most=600000000 # bytes of one folder that is taken unasked, at most
first=FIRST.txt # the member that is put in front

say() { printf '%s\n' "demo: $*"; }
die() { say "FAILED: $*" >&2; exit 1; }

[ -x "$rove" ] || die "$rove is not there: ./run demo builds it"
for tool in gzip lz4 tar sha256sum cmp df du find awk; do
    command -v "$tool" >/dev/null 2>&1 || die "$tool is not installed"
done

# ---- What is packed ---------------------------------------------------------------------------

bytes_of() { du -sb -- "$1" 2>/dev/null | awk 'NR == 1 { print $1; seen = 1 } END { if (!seen) print 0 }'; }

# Whether the user who runs this can read all of it.
readable() {
    [ -z "$(find "$1" ! -type l \( ! -readable -o -type d ! -executable \) -print -quit 2>&1)" ]
}

# Prints folders, one a line: some documentation, headers and libraries, then more until there is
# enough.
choose() {
    sum=0
    kinds=3
    for dir in /usr/share/doc /usr/include /usr/lib/*-linux-gnu*/gconv /usr/lib/gcc \
        /usr/share/perl /usr/lib/*-linux-gnu*/perl /usr/share/man /usr/share/cmake* \
        /usr/lib/python3* /usr/share/locale /usr/libexec /usr/bin /usr/lib/*-linux-gnu*; do
        if [ ! -d "$dir" ] || [ -L "$dir" ] || ! readable "$dir"; then
            continue
        fi
        size=$(bytes_of "$dir")
        [ "$size" -le "$most" ] || continue
        printf '%s\n' "$dir"
        sum=$((sum + size))
        kinds=$((kinds - 1))
        [ "$sum" -lt "$want" ] || [ "$kinds" -gt 0 ] || return 0
    done
}

chosen=no
if [ $# -eq 0 ]; then
    # None of these names holds a blank.
    # shellcheck disable=SC2046
    set -- $(choose)
    chosen=yes
fi
[ $# -gt 0 ] || die "this machine has none of the folders that are packed by default: name some"

# All names are made absolute, links in them kept: the work is done elsewhere.
total=0
count=$#
while [ "$count" -gt 0 ]; do
    [ -e "$1" ] || [ -L "$1" ] || die "$1 does not exist"
    total=$((total + $(bytes_of "$1")))
    real=$(realpath -s -- "$1"; echo .) # the dot keeps line ends that belong to the name
    real=${real%??}
    shift
    set -- "$@" "$real"
    count=$((count - 1))
done
if [ $chosen = yes ] && [ "$total" -lt "$want" ]; then
    die "the folders found hold $total bytes, less than $want: name more"
fi

# ---- Where ------------------------------------------------------------------------------------

work=$(mktemp -d "${TMPDIR:-/tmp}/rove-demo.XXXXXX")
clean() {
    trap '' HUP INT TERM # it comes to its end
    # Unpacked folders may be read-only.
    chmod -R u+rwx "$work" 2>/dev/null || true
    rm -rf "$work"
}
trap clean EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

free_kb=$(df -Pk "$work" | awk 'NR == 2 { print $4 }')
need_kb=$((total * 4 / 1000))
[ "$free_kb" -gt "$need_kb" ] ||
    die "$work has room for $free_kb kB, and $need_kb kB are needed: set TMPDIR"
if [ -r /proc/meminfo ]; then
    memory_kb=$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo)
    [ "${memory_kb:-$need_kb}" -gt $((total / 800)) ] ||
        die "the tar is made in memory, and only $memory_kb kB are free"
fi

say "packing $((total / 1000000)) MB: $*"
cd "$work"
{
    echo "This member was put in front of a finished tar by an edit of the rope that holds it."
    date -u
} > "$first"

# ---- Packing ----------------------------------------------------------------------------------

# field NAME FILE: a figure from what --stats printed.
field() { sed -n "s/.* $1=\([^ ]*\).*/\1/p" "$2"; }

# pack SUFFIX SPEC MEMORY PATH...
pack() {
    suffix=$1 spec=$2 memory=$3 status=0
    shift 3
    "$rove" pack -F "$spec" -o "demo.tar.$suffix" --memory "$memory" --no-sync --stats="stats.$suffix" \
        --prepend "$first" -- "$@" || status=$?
    case $status in
        0) ;;
        2) [ $chosen = no ] || die "something of the machine's own files could not be packed"
            rest=", but for what could not be read (see above)" ;;
        *) die "rove pack -F '$spec' ended with status $status" ;;
    esac
}

rest=""
pack gz 'crc32|gzip' none "$@"
pack lz4 'crc32|lz4' 64M "$@" # what is more waits in a file in TMPDIR

# limit FILE: what --memory said, in MB.
limit() {
    limit=$(field pool_limit "$1")
    if [ "$limit" -gt 0 ]; then
        echo $((limit / 1000000))
    else
        echo none
    fi
}

# In MB and seconds, and at most 80 columns wide. edit: putting a member in front of the finished tar.
printf '\n%-12s %7s %7s %6s %6s %7s %12s %8s %7s\n' \
    output 'MB in' 'MB out' ratio MB/s 'tar, s' 'edit, us' '--memory' 'peak MB'
for suffix in gz lz4; do
    printf '%-12s %7s %7s %6s %6s %7s %12s %8s %7s\n' "demo.tar.$suffix" \
        "$(($(field bytes_in stats.$suffix) / 1000000))" "$(($(field bytes_out stats.$suffix) / 1000000))" \
        "$(field ratio stats.$suffix)" "$(field mb_per_s stats.$suffix)" \
        "$(field tar_seconds stats.$suffix)" "$(field edit_us stats.$suffix)" \
        "$(limit stats.$suffix)" $(($(field peak_rss stats.$suffix) / 1000000))
done
echo

# ---- Verifying --------------------------------------------------------------------------------

gzip -t demo.tar.gz || die "gzip -t"
say "gzip -t: sound"
lz4 -t -q demo.tar.lz4 || die "lz4 -t"
say "lz4 -t: sound"

# The same tar in both, and the checksum that rove took of it on the way is the one gzip stored.
gzip -dc demo.tar.gz | sha256sum > gz.sum
lz4 -dc demo.tar.lz4 | sha256sum > lz4.sum
cmp -s gz.sum lz4.sum || die "the two outputs hold different tars"
crc=$(gzip -lv demo.tar.gz | awk 'NR == 2 { print $2 }')
for suffix in gz lz4; do
    [ "$(field crc32 stats.$suffix)" = "$crc" ] ||
        die "crc32 is $(field crc32 stats.$suffix) by rove, $crc by gzip"
done
say "both hold the same tar: sha256 equal, crc32 $crc by rove and by gzip"

# From here on names are seen from /, as tar stores them.
count=$#
while [ "$count" -gt 0 ]; do
    real=$1
    shift
    set -- "$@" ".$real"
    count=$((count - 1))
done

# look ROOT ACTION PATH...: find over all paths, without what this user cannot read. Of a folder
# that cannot be read, rove keeps the folder itself.
look() {
    look_root=$1 look_how=$2
    shift 2
    # The action is words to be split.
    # shellcheck disable=SC2086
    (cd "$look_root" && find "$@" \( -type f ! -readable -o -type s \) -prune \
        -o -type d \( ! -readable -o ! -executable \) -prune $look_how -o $look_how)
}

look / -print "$@" | sed 's:^\./::' | sort > want.list
gzip -dc demo.tar.gz | tar --quoting-style=literal -tf - > got.list
[ "$(head -n 1 got.list)" = "$first" ] || die "the first member is $(head -n 1 got.list)"
say "tar -t: the inserted member comes first"
sed 1d got.list | sed 's:/$::; s:^\./::' | sort > got.sorted
cmp want.list got.sorted || die "the tar does not list what was packed"
say "tar -t: all $(wc -l < want.list) packed paths are listed"

mkdir out
gzip -dc demo.tar.gz | tar -C out --no-same-owner --no-same-permissions -xf - || die "tar -x"
cmp "$first" "out/$first" || die "the inserted member differs"

sums() {
    sums_root=$1
    shift
    look "$sums_root" '-type f -print0' "$@" | sort -zu |
        (cd "$sums_root" && xargs -0 -r sha256sum -z --)
}
sums / "$@" > want.sums
sums "$work/out" "$@" > got.sums
cmp want.sums got.sums || die "extracted files differ from their sources"
files=$(tr -cd '\000' < want.sums | wc -c)
look / '-type l -printf %p\n%l\n' "$@" | sort > want.links
look "$work/out" '-type l -printf %p\n%l\n' "$@" | sort > got.links
cmp want.links got.links || die "extracted links differ from their sources"
say "tar -x: all $files files have the sha256 of their sources, all links their targets"
say "all verified$rest"
