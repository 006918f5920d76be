#!/bin/sh
# SPDX-License-Identifier: MIT
# Compares the library's binary interface with that of the last release, and sees that the comparison notices a break.
# Usage: sh abi.sh ROOT LIBRARY WORK

set -eu
root=$1 library=$2 work=$3
here=$root/tests/package

command -v abidw >/dev/null && command -v abidiff >/dev/null || { echo "abi: there is no abidiff here"; exit 77; }
# The dump is of 64-bit x86; layouts elsewhere are others.
machine=$(readelf -h "$library")
case $machine in
    *ELF64*X86-64*) ;;
    *) echo "abi: no dump for this machine"; exit 77 ;;
esac

rm -rf "$work"
mkdir -p "$work"
gzip -dc "$here/abi.xml.gz" >"$work/released.xml"
sh "$here/dump.sh" "$root" "$library" >"$work/built.xml"

# Structs that the public headers only name, and all of rv_*, are the library's own. abidw takes some of them for public:
# it goes by the headers' names alone, and core/seek/index.h is called like rove/index.h.
grep -oh 'struct rove_[a-z_]*' "$root"/include/rove/*.h | sort -u >"$work/named"
grep -oh '^struct rove_[a-z_]* {' "$root"/include/rove/*.h | sed 's/ {//' | sort -u >"$work/shown"
own=$(comm -23 "$work/named" "$work/shown" | sed 's/struct //' | tr '\n' '|')
printf '[suppress_type]\n  name_regexp = ^(%srv_.*)$\n' "$own" >"$work/own.suppr"

# Functions may be added, and structs that begin with their size may grow at their end (abi.suppr).
compare() {
    abidiff --no-added-syms --suppressions "$here/abi.suppr" --suppressions "$work/own.suppr" "$work/released.xml" "$1"
}

if ! compare "$work/built.xml"; then
    echo "abi: programs that were built against the last release would break; see docs/abi.md, docs/packaging.md"
    exit 1
fi

# notices WHAT FILE WORD: as the library would be after such a change; the report names what broke.
notices() {
    if cmp -s "$2" "$work/built.xml"; then
        echo "abi: nothing was changed for \"$1\""
        exit 1
    fi
    if compare "$2" >"$work/said"; then
        echo "abi: abidiff does not notice $1"
        exit 1
    fi
    grep -q "$3" "$work/said" || { cat "$work/said"; echo "abi: $1 is reported otherwise"; exit 1; }
}

sed -e "/<elf-symbol name='rove_stream_flush'/d" -e "/elf-symbol-id='rove_stream_flush@/,/<\/function-decl>/d" \
    "$work/built.xml" >"$work/lost.xml"
notices "a function that is gone" "$work/lost.xml" rove_stream_flush

sed "s/\(<class-decl name='rove_view' size-in-bits='\)512'/\1576'/" "$work/built.xml" >"$work/wider.xml"
notices "a struct of another size" "$work/wider.xml" rove_view

# Not so what nobody outside can see.
sed "s/\(<class-decl name='rove_index' size-in-bits='\)[0-9]*'/\164'/" "$work/built.xml" >"$work/inside.xml"
if ! compare "$work/inside.xml"; then
    echo "abi: a struct of the library's own is taken for a part of the interface"
    exit 1
fi

echo "abi: as released, and a break would be seen"
