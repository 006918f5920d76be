#!/bin/sh
# SPDX-License-Identifier: MIT
# Installed elsewhere than it was configured for, and moved after that: library and tool find their plugins by name.
# Usage: sh moved.sh PREFIX WORK PLUGINS PROGRAM, with CC in the environment. PLUGINS is divided by semicolons.

set -eu
prefix=$1 work=$2 plugins=$3 program=$4
unset ROVE_FILTER_PATH ROVE_PLUGINS

umask 022
rm -rf "$work"
mkdir -p "$work"
cp -R "$prefix" "$work/moved"
at=$work/moved
lib=$(dirname "$(find "$at" -name librove.a)")
mkdir "$work/bin"
$CC -I "$at/include" -o "$work/bin/find" "$program" -L "$lib" -lrove

for name in $(echo "$plugins" | tr ';' ' '); do
    from=$(LD_LIBRARY_PATH="$lib" "$work/bin/find" "$name")
    [ "$from" = "$lib/rove/filters-1/rove-filter-$name.so" ] || { echo "library: $name is from \"$from\""; exit 1; }
    if [ -x "$at/bin/rove" ]; then
        (cd / && PATH=$at/bin:$PATH rove --plugin="$name" filters -v) >"$work/said"
        grep -q "$lib/rove/filters-1/rove-filter-$name.so" "$work/said" ||
            { echo "tool: $name is from elsewhere"; cat "$work/said"; exit 1; }
    fi
done
