#!/bin/sh
# SPDX-License-Identifier: MIT
# debian/librove0.symbols has every function of the library, with the release that brought it. Usage: sh symbols.sh ROOT LIBRARY [renew]
#
# renew: adds what is new, as of the release that version.h names. What is lost is told and left to be decided.

set -eu
root=$1 library=$2 renew=${3:-}
list=$root/debian/librove0.symbols

[ -f "$list" ] || { echo "symbols: a release's tarball has no debian/"; exit 77; }
number() { sed -n "s/^#define ROVE_VERSION_$1 \([0-9]*\)\$/\1/p" "$root/include/rove/version.h"; }
version=$(number MAJOR).$(number MINOR).$(number PATCH)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
{
    echo ROVE_0@ROVE_0
    nm -D --defined-only "$library" | sed -n 's/.* [A-Z] \(rove_[a-z0-9_]*\)@@\(ROVE_[0-9]*\)$/\1@\2/p'
} | LC_ALL=C sort -u >"$work/shown"
[ "$(wc -l <"$work/shown")" -gt 1 ] || { echo "symbols: $library shows none"; exit 1; }
sed -n 's/^ \([^ ]*\) .*/\1/p' "$list" | LC_ALL=C sort >"$work/listed"

lost=$(LC_ALL=C comm -13 "$work/shown" "$work/listed")
[ -z "$lost" ] || { echo "symbols: programs may use these, which are gone:" $lost; exit 1; }
new=$(LC_ALL=C comm -23 "$work/shown" "$work/listed")
if [ -n "$new" ] && [ "$renew" = renew ]; then
    {
        sed -n '/^[^ ]/p' "$list"
        { sed -n '/^ /p' "$list"; echo "$new" | sed "s/.*/ & $version/"; } | LC_ALL=C sort
    } >"$work/list"
    cat "$work/list" >"$list"
    echo "symbols: added" $new
elif [ -n "$new" ]; then
    echo "symbols: not in debian/librove0.symbols:" $new
    echo "symbols: sh tests/package/symbols.sh . build/test/librove.so renew"
    exit 1
fi
