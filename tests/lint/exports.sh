#!/bin/sh
# SPDX-License-Identifier: MIT
# Lint: what the built libraries show. Usage: sh exports.sh LIBROVE_SO LIBROVE_A LIST
#
# The shared library shows rove_ alone; across the files of the static one rv_ crosses too. Both have exactly the
# functions of the list, one name a line: a program may rely on each for as long as the SONAME has its number. And the
# library must not need jemalloc, or nobody could dlopen it.

set -eu
so=$1 a=$2 list=$3 bad=0 count=0

# Sanitizers and coverage add symbols of their own to every object file.
tools='__asan|__odr_asan|__tsan|__ubsan|__sancov|__gcov|__llvm|__profc|__profd|__start_|__stop_'

shared=$(nm -D --defined-only "$so" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }')
for name in $shared; do
    count=$((count + 1))
    case $name in
        rove_*) ;;
        *) echo "$so: exports $name, which does not begin with rove_"; bad=$((bad + 1)) ;;
    esac
done

names=$(nm -g --defined-only "$a" | awk 'NF == 3 { print $3 }' | grep -Ev "^($tools)" || true)
for name in $names; do
    case $name in
        rove_* | rv_*) ;;
        *) echo "$a: shows $name, which begins with neither rove_ nor rv_"; bad=$((bad + 1)) ;;
    esac
done

# compare LIBRARY NAMES: with the list, whose lines are names and comments, sorted.
compare() {
    echo "$2" | grep '^rove_' | LC_ALL=C sort -u >"$seen"
    grep '^rove_' "$list" | LC_ALL=C comm -23 - "$seen" | sed "s|.*|$1: lost &, which programs may use|"
    grep '^rove_' "$list" | LC_ALL=C comm -13 - "$seen" | sed "s|.*|$1: & is not in $list; once there, it stays|"
}

seen=$(mktemp)
breaches=$(compare "$so" "$shared"; compare "$a" "$names")
rm -f "$seen"
if [ -n "$breaches" ]; then
    echo "$breaches"
    bad=$((bad + 1))
fi

if readelf -d "$so" | grep NEEDED | grep -q jemalloc; then
    echo "$so: links jemalloc, so no program could dlopen it"
    bad=$((bad + 1))
fi

# Only weak: a strong reference would ask every program for jemalloc.
for name in $(nm -D --undefined-only "$so" |
    awk '$1 == "U" && $2 ~ /^(mallocx|rallocx|xallocx|sallocx|dallocx|sdallocx|nallocx|mallctl.*)$/ {
        print $2 }'); do
    echo "$so: needs $name, which may only be a weak reference"
    bad=$((bad + 1))
done

if [ "$count" -eq 0 ]; then
    echo "exports: $so exports nothing at all"
    exit 1
fi
echo "exports: $count symbols, $bad breaches"
[ "$bad" -eq 0 ]
