#!/bin/sh
# SPDX-License-Identifier: MIT
# Times, owners and modes as they are asked for; and the same bytes from copies of a folder.

. "$(dirname "$0")/lib.sh"

ends 1 "no path" "$rove" pack
! grep -q libarchive "$err" || skip "built without libarchive"
TZ=UTC
export TZ
unset SOURCE_DATE_EPOCH

mkdir -p tree/sub
for i in 1 2 3 4 5 6 7 8 9; do
    seq 1 ${i}00 > tree/f$i
done
printf 'secret\n' > tree/sub/secret
chmod 600 tree/sub/secret
chmod 755 tree/f1
chmod 2775 tree/sub
ln tree/f3 tree/sub/hard
ln -s f1 tree/link
touch -d @1000000000.5 tree/f1
touch -d @2000000000 tree/f2

# long OPTION...: how a tar with these options is listed.
long() { "$rove" pack "$@" tree | tar -tvf - --full-time --numeric-owner; }
# each WHAT PATTERN: all lines of `got` match.
each() { yes "$1" sh -c 'test -s got && ! grep -Evq -- "$1" got' - "$2"; }

for time in @86400 1970-01-02 '1970-01-02 00:00' '1970-01-02 00:00:00' 1970-01-02T00:00:00Z; do
    long --mtime "$time" > got
    each "--mtime $time" ' 1970-01-02 00:00:00 '
done
long --mtime=./tree/f1 > got
each "--mtime ./FILE" ' 2001-09-09 01:46:40 '
long --mtime=@-5 > got
each "--mtime @-5" ' 1969-12-31 23:59:55 '
long --mtime=@1500000000 --clamp-mtime > got
yes "--clamp-mtime: earlier" grep -q ' 2001-09-09 01:46:40 tree/f1$' got
yes "--clamp-mtime: later" grep -q ' 2017-07-14 02:40:00 tree/f2$' got
for time in yesterday 2024-02-31 2024-13-01 @ @x 2024-01-01x '' @99999999999999999999 ./none; do
    ends 1 "--mtime $time" "$rove" pack --mtime="$time" -o no.tar tree
    says "--mtime $time" '^rove: --mtime: ".*" is no time such as'
done
ends 1 "--clamp-mtime alone" "$rove" pack --clamp-mtime -o no.tar tree
says "--clamp-mtime alone" '^rove: --clamp-mtime: means something with --mtime alone'

long --owner=12 --group=34 > got
each "--owner --group" ' 12/34 '
"$rove" pack --owner=some:12 --group=other:34 tree | tar -tvf - > got
each "--owner NAME:NUMBER" ' some/other '
yes "--owner NAME" sh -c '"$1" pack --owner=root tree | tar -tvf - --numeric-owner | grep -q " 0/"' - "$rove"
yes "--numeric-owner" sh -c '! "$1" pack --numeric-owner tree | grep -aq "$(id -un)"' - "$rove"
for owner in nobody-of-this-name x: :x '' a:b 99999999999 "$(printf '%070d' 0):1"; do
    ends 1 "--owner $owner" "$rove" pack --owner="$owner" -o no.tar tree
    says "--owner $owner" '^rove: --owner: ".*" is no name that is known'
    ends 1 "--group $owner" "$rove" pack --group="$owner" -o no.tar tree
done

# --mode, beside chmod.
mkdir modes
for mode in 0 1 644 600 755 750 4755 2775 1777 7777; do
    : > modes/f$mode
    chmod $mode modes/f$mode
    mkdir modes/d$mode
    chmod $mode modes/d$mode
done
[ "$(id -u)" -eq 0 ] || chmod -R u+rwX modes
some='644 00644 go-w u+rw,go=rX go+u,go-w u-s,g-s =r u+x-w'
for change in $some $(amount '0 7777 a= u=rwx,g=rx,o= +x -x ug+s +t o+t go=u a+X u=g,g=o g-w+s' ''); do
    rm -rf changed
    cp -a modes changed
    (umask 0 && find changed -exec chmod "$change" {} +)
    find changed -printf '%P %m\n' 2>/dev/null | sort > want
    "$rove" pack --mode="$change" -C modes . 2>"$err" | tar -tvf - --numeric-owner > listed
    rm -rf out
    mkdir out
    "$rove" pack --mode="$change" -C modes . | (cd out && tar -xpf - 2>/dev/null)
    find out -printf '%P %m\n' 2>/dev/null | sort > got
    if [ "$(id -u)" -eq 0 ]; then
        yes "--mode $change" diff -u want got
    fi
    chmod -R u+rwx changed out
done
for change in '' x 8 77777 u u+q 'go+r,' ',go+r' u+r+; do
    [ "$change" != 'u+r+' ] || continue
    ends 1 "--mode '$change'" "$rove" pack --mode="$change" -o no.tar tree
    says "--mode '$change'" '^rove: --mode: ".*" is no mode as chmod takes it'
done
no "nothing is made" test -e no.tar

# Copies with other inodes in another order, other times, other owners, another umask.
mkdir copy
(
    umask 027
    mkdir copy/tree copy/tree/sub
    for f in sub/secret f9 f2 f7 f1 f3 f4 f8 f5 f6; do
        cp tree/$f copy/tree/$f
    done
    ln copy/tree/f3 copy/tree/sub/hard
    ln -s f1 copy/tree/link
    chmod 755 copy/tree/f1
    chmod g+s copy/tree/sub
    chmod 644 copy/tree/f4
    chmod 666 copy/tree/f5
)
touch -d @1 copy/tree/f4
[ "$(id -u)" -ne 0 ] || chown -hR 4321:1234 copy/tree
[ "$(id -u)" -ne 0 ] || chmod g+s copy/tree/sub
for kind in tar ustar gnu cpio zip; do
    yes "$kind: --reproducible" "$rove" pack --format=$kind --reproducible -f -o one.$kind tree
    yes "$kind: of a copy" env TZ=America/New_York "$rove" pack --format=$kind --reproducible -f -o two.$kind -C copy tree
    yes "$kind: the same" cmp one.$kind two.$kind
    yes "$kind: without it, another" sh -c '"$1" pack --format="$2" -C copy tree | cmp -s - one."$2"; test $? -eq 1' \
        - "$rove" $kind
    "$rove" list -v one.$kind > got
    each "$kind: 1970" ' 0/0 .* 1970-01-01 00:00 '
    yes "$kind: in a later epoch" sh -c 'SOURCE_DATE_EPOCH=1700000000 "$1" pack --format="$2" --reproducible tree > three' \
        - "$rove" $kind
    "$rove" list -v three > got
    each "$kind: SOURCE_DATE_EPOCH" ' 2023-11-14 22:13 '
done
tar -tvf one.tar > got
yes "modes" test "$(awk '{ print $1 }' got | sort -u | tr '\n' ' ')" = "-rw-r--r-- -rwxr-xr-x drwxr-sr-x drwxr-xr-x hrw-r--r-- lrwxrwxrwx "
yes "coded" sh -c '"$1" pack --reproducible -F gzip -T 1 tree > a && "$1" pack --reproducible -F gzip -T 4 -C copy tree | cmp - a' \
    - "$rove"
SOURCE_DATE_EPOCH=1700000000
export SOURCE_DATE_EPOCH
long > got
yes "without --reproducible the variable means nothing" grep -q '2001-09-09' got
long --reproducible --mtime=@5 --owner=7 --mode=700 > got
each "more exact options go before" '^.rwx(------|--S---|rwxrwx) 7/0 .* 1970-01-01 00:00:05 '
SOURCE_DATE_EPOCH=soon
ends 1 "no number" "$rove" pack --reproducible -o no.tar tree
says "no number" '^rove: SOURCE_DATE_EPOCH: "soon" is no number of seconds'
yes "not looked at" "$rove" pack -o yes.tar tree
nothing_left "the same"
done_testing
