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

# Functions may be added, and structs that begin with their size may grow at their end (abi.suppr).
compare() {
    abidiff --no-added-syms --suppressions "$here/abi.suppr" "$work/released.xml" "$1"
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

echo "abi: as released, and a break would be seen"
