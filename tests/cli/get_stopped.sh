#!/bin/sh
# SPDX-License-Identifier: MIT
# `rove get` is stopped by a signal behind each call by which it changes something: no temporary file is left, what has a
# name is whole, and what was there is there, or what replaces it.
# Usage: get_stopped.sh PATH-OF-ROVE, with the library that stops it in ROVE_STOPS

. "$(dirname "$0")/lib.sh"

ends 1 "no path" "$rove" pack
! grep -q libarchive "$err" || skip "built without libarchive"
[ -n "${ROVE_STOPS:-}" ] && [ -f "$ROVE_STOPS" ] && LD_PRELOAD="$ROVE_STOPS" "$rove" --version > /dev/null ||
    skip "nothing can be put before the C library"
umask 022

mkdir -p tree/inner tree/new
seq 1 30000 > tree/a
seq 1 300 > tree/inner/b
seq 1 400 > tree/new/c
: > tree/empty
ln tree/a tree/hard
ln -s inner/b tree/link
seq 5 > tree/was-folder
chmod 500 tree/new
"$rove" pack -o tree.tar.gz tree || bad "pack"
mkdir -p old/tree/inner old/tree/was-folder
for name in a hard link inner/b; do echo "old $name" > old/tree/$name; done

# is_whole NAME: below `to` it is what it was, or what it is to be; nothing where there was nothing.
is_whole() {
    [ ! -L "to/$1" ] || { [ "$(readlink "to/$1")" = "$(readlink "$1")" ]; return; }
    [ ! -f "to/$1" ] || { cmp -s "to/$1" "$1" || cmp -s "to/$1" "old/$1"; return; }
    [ -d "to/$1" ] || [ ! -e "old/$1" ]
}

# stopped SIGNAL NUMBER NTH OPTION...: takes what the options say, and is stopped.
stopped() {
    signal=$1 stop=$2:$3 got=0
    shift 3
    env --default-signal="$signal" ROVE_STOP="$stop" LD_PRELOAD="$ROVE_STOPS" "$rove" get -f "$@" 2> "$err" || got=$?
    [ $got -eq 0 ] || yes "$stop: it ends by it" test "$got" -eq $((128 + ${stop%:*}))
}

nth=0 got=1
while [ $got -ne 0 ] && [ $nth -lt 1000 ]; do
    nth=$((nth + 1))
    cp -a old to
    case $((nth % 3)) in
        0) stopped TERM 15 $nth -o to tree.tar.gz tree ;;
        1) stopped INT 2 $nth -o to tree.tar.gz tree ;;
        *) stopped PIPE 13 $nth -o to tree.tar.gz tree ;;
    esac
    nothing_left "$signal $nth"
    for name in tree/a tree/inner/b tree/new/c tree/empty tree/hard tree/link tree/was-folder; do
        yes "$signal $nth: $name is whole" is_whole $name
    done
    [ $got -eq 0 ] || { chmod -R u+w to && rm -r to; }
done
yes "it was stopped often, not $nth times" test $nth -gt 40
yes "at last it was not" diff -r tree to/tree
chmod -R u+w to && rm -r to

# Into one file.
echo old > one
nth=0 got=1
while [ $got -ne 0 ] && [ $nth -lt 100 ]; do
    nth=$((nth + 1))
    stopped TERM 15 $nth -o one tree.tar.gz tree/a
    nothing_left "-o FILE: $nth"
    checked=$((checked + 1))
    cmp -s one tree/a || [ "$(cat one)" = old ] || bad "-o FILE: $nth: half of it"
done
yes "-o FILE: at last" test $got -eq 0

# Without random bytes a name that is taken is followed by another one.
mkdir -p to/tree && : > to/tree/.rove-aaaaaa && : > to/tree/.rove-baaaaa
yes "no random bytes" timeout 20 env ROVE_NO_RANDOM=1 LD_PRELOAD="$ROVE_STOPS" "$rove" get -o to tree.tar.gz tree/a
yes "no random bytes: it is there" cmp to/tree/a tree/a
done_testing
