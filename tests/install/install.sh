#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs the build and checks what arrived. Usage: sh install.sh CMAKE BUILD PREFIX CONFIG

set -eu
cmake=$1 build=$2 prefix=$3 config=$4

rm -rf "$prefix"
"$cmake" --install "$build" --prefix "$prefix" --config "$config" >"$prefix.log"

# The library folder is lib, lib64 or lib/<triplet>, as the system has it.
lib=$(dirname "$(find "$prefix" -name librove.a)")
for file in "$prefix/include/rove/version.h" "$lib/librove.a" "$lib/librove.so" \
    "$lib/librove.so.0" "$lib/pkgconfig/rove.pc" "$lib/cmake/rove/rove-config.cmake" \
    "$lib/cmake/rove/rove-config-version.cmake" "$lib/cmake/rove/FindLZ4.cmake"; do
    [ -e "$file" ] || { echo "not installed: $file"; exit 1; }
done

soname=$(readelf -d "$lib/librove.so" | sed -n 's/.*SONAME.*\[\(.*\)\].*/\1/p')
[ "$soname" = librove.so.0 ] || { echo "the SONAME is \"$soname\", not librove.so.0"; exit 1; }

bad=$(nm -D --defined-only "$lib/librove.so" | awk '$2 != "A" && $3 !~ /^rove_/ { print $3 }')
[ -z "$bad" ] || { echo "exported without the prefix: $bad"; exit 1; }

# A path of the build tree in what is installed would break on the next machine.
if grep -rl -e "$build" "$prefix/include" "$lib/cmake" "$lib/pkgconfig"; then
    echo "the files above name the build folder"
    exit 1
fi
