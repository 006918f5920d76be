#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds and uses the plugin of docs/plugin.md out of the tree, with what is installed and nothing else.
# Usage: sh plugin.sh PREFIX ROOT WORK PLUGINS, with CC and CMAKE in the environment. PLUGINS: the names of
# those that come along and must have been installed, divided by semicolons.

set -eu
prefix=$1 root=$2 work=$3 plugins=$4
source=$root/tests/plugin

# The page shows the file, whole.
awk '/^```c$/ { on = 1; next } /^```$/ { on = 0 } on' "$root/docs/plugin.md" | cmp - "$source/hex.c" || {
    echo "docs/plugin.md shows another hex.c than tests/plugin/ has"
    exit 1
}
lines=$(wc -l < "$source/hex.c")
[ "$lines" -le 60 ] || { echo "hex.c has $lines lines; the page promises 60"; exit 1; }

# And what makes it work in parts, and what lets it be read anywhere: the page's first difference, and its second.
mkdir -p "$work"
shown() {
    awk -v nth="$1" '/^```diff$/ { on = ++cnt == nth; next } /^```$/ { on = 0 } on' "$root/docs/plugin.md" > "$work/shown"
    diff -U1 "$source/hex.c" "$source/$2" | sed 1,2d | cmp - "$work/shown" || {
        echo "docs/plugin.md shows another difference than hex.c and $2 have"
        exit 1
    }
    lines=$(grep -c '^+..' "$work/shown")
    [ "$lines" -le "$3" ] || { echo "$2 takes $lines more lines; the page promises $3"; exit 1; }
}
shown 1 hex_parts.c 25
shown 2 hex_seek.c 20

umask 022
rm -rf "$work"
mkdir -p "$work/source"
cp "$source/CMakeLists.txt" "$source/hex.c" "$source/hex_parts.c" "$source/hex_seek.c" \
    "$source/use_hex.c" "$work/source" # nothing of the tree near
$CMAKE -S "$work/source" -B "$work/build" -DCMAKE_PREFIX_PATH="$prefix"
$CMAKE --build "$work/build"
lib=$(dirname "$(find "$prefix" -name librove.a)")
for name in $(echo "$plugins" | tr ';' ' '); do
    [ -f "$lib/rove/filters-1/rove-filter-$name.so" ] || { echo "not installed: $name"; exit 1; }
done

# The way that the page shows: one command. A folder that others cannot change, as the loader wants.
mkdir -m 755 "$work/plugins"
(cd "$source" && $CC -shared -fPIC -O2 -Wall -Wextra -Werror -fvisibility=hidden -I "$prefix/include" \
    -o "$work/plugins/rove-filter-hex.so" hex.c)
chmod 755 "$work/plugins/rove-filter-hex.so"

used() {
    LD_LIBRARY_PATH="$lib" "$work/build/use_hex" "$1" "$2"
}
mkdir -m 755 "$work/built"
install -m 755 "$work/build/rove-filter-hex.so" "$work/build/rove-filter-hex_parts.so" \
    "$work/build/rove-filter-hex_seek.so" "$work/built"
used "$work/built/rove-filter-hex.so" no
used "$work/plugins/rove-filter-hex.so" no
used "$work/built/rove-filter-hex_parts.so" yes
used "$work/built/rove-filter-hex_seek.so" seek

# The first filter of the tutorial, by what stands there: two pieces of one file, a compiler, and the command.
awk '/^## 5/ { here = 1; next } /^## / { here = 0 } here && /^```c$/ { on = 1; next } /^```$/ { on = 0 } on' \
    "$root/docs/tutorial.md" > "$work/rot13.c"
(cd "$work" && $CC -std=c11 -shared -fPIC -Wall -Wextra -Werror rot13.c -o plugins/rove-filter-rot13.so -I "$prefix/include")
chmod 755 "$work/plugins/rove-filter-rot13.so"
# The lines of the pages, as they are typed, the first one at a terminal where one can be had.
if [ -x "$prefix/bin/rove" ]; then
    typed() { (cd "$work/plugins" && PATH=$prefix/bin:$PATH LD_LIBRARY_PATH="$lib" "$@"); }
    line=$(sed -n 's/^    \(echo hello | rove .*[^ ]\) *#.*/\1/p' "$root/docs/tutorial.md")
    turned=$(typed sh -c "$line")
    [ "$turned" = uryyb ] || { echo "the rot13 of docs/tutorial.md says $turned"; exit 1; }
    if command -v script >/dev/null; then
        typed script -qec "$line" /dev/null </dev/null | tr -d '\r' >"$work/said"
        grep -qx uryyb "$work/said" || { cat "$work/said"; echo "so says the rot13 of docs/tutorial.md at a terminal"; exit 1; }
    fi
    line=$(sed -n 's/.*`\(rove --plugin=.*FILE\)`.*/\1/p' "$root/docs/plugin.md")
    echo hello >"$work/plugins/FILE"
    typed sh -c "$line" && mv "$work/plugins/FILE" "$work/plugins/was"
    typed sh -c "$(echo "$line.hex" | sed 's/ compress / decompress /')"
    cmp "$work/plugins/FILE" "$work/plugins/was"
    [ "$(cat "$work/plugins/FILE.hex")" = 68656c6c6f0a ]
fi

# It needs the C library at most, and shows one symbol.
for file in "$work/built/rove-filter-hex.so" "$work/plugins/rove-filter-hex.so"; do
    needs=$(readelf -d "$file" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p')
    [ -z "$needs" ] || [ "$needs" = libc.so.6 ] || { echo "$file needs $needs"; exit 1; }
    shows=$(nm -D --defined-only "$file" | awk '{ print $3 }')
    [ "$shows" = rove_plugin_v1 ] || { echo "$file shows $shows"; exit 1; }
done

# From C++ the function has the same name.
if cxx=$(command -v c++); then
    cat >"$work/none.cpp" <<'TEXT'
#include <rove/filter.h>
static const rove_plugin plugin = {sizeof(rove_plugin), ROVE_FILTER_ABI, "none", "1.0", "MIT", nullptr};
ROVE_PLUGIN(&plugin)
TEXT
    "$cxx" -shared -fPIC -fvisibility=hidden -I "$prefix/include" -o "$work/none.so" "$work/none.cpp"
    shows=$(nm -D --defined-only "$work/none.so" | awk '{ print $3 }')
    [ "$shows" = rove_plugin_v1 ] || { echo "a plugin in C++ shows $shows"; exit 1; }
fi

# What is wrong is said.
chmod g+w "$work/plugins/rove-filter-hex.so"
if used "$work/plugins/rove-filter-hex.so" no 2>"$work/said"; then
    echo "a plugin that its group may change was loaded"
    exit 1
fi
grep -q "writable by its group or by others" "$work/said"
