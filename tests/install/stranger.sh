#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds and runs a stranger's program. Usage: sh stranger.sh HOW PREFIX SOURCE WORK VERSION

set -eu
how=$1 prefix=$2 source=$3 work=$4 version=$5

rm -rf "$work"
mkdir -p "$work"
lib=$(dirname "$(find "$prefix" -name librove.a)")
export PKG_CONFIG_PATH="$lib/pkgconfig"

case $how in
    cmake-default)
        $CMAKE -S "$source" -B "$work" -DCMAKE_PREFIX_PATH="$prefix" ;;
    cmake-shared)
        $CMAKE -S "$source" -B "$work" -DCMAKE_PREFIX_PATH="$prefix" -DWANT=shared ;;
    cmake-static)
        $CMAKE -S "$source" -B "$work" -DCMAKE_PREFIX_PATH="$prefix" -DWANT=static \
            -DBUILD_SHARED_LIBS=OFF ;;
    pkgconfig-shared)
        # The flags are words to be split.
        # shellcheck disable=SC2046
        $CC -o "$work/stranger" "$source/main.c" $(pkg-config --cflags --libs rove) ;;
    pkgconfig-static)
        # -l:librove.a, because -static would want a static C library too.
        # shellcheck disable=SC2046
        $CC -o "$work/stranger" "$source/main.c" $(pkg-config --cflags --static --libs rove |
            sed 's/-lrove/-l:librove.a/g') ;;
    *)
        echo "unknown way: $how"
        exit 1 ;;
esac
case $how in
    cmake-*) $CMAKE --build "$work" ;;
    *) dir=$(pkg-config --variable=filterdir rove)
        case $dir in
            */rove/filters-1) ;;
            *) echo "rove.pc says filterdir=$dir"; exit 1 ;;
        esac ;;
esac

said=$(LD_LIBRARY_PATH="$lib" "$work/stranger")
echo "$said"
[ "$said" = "rove $version" ] || { echo "expected \"rove $version\""; exit 1; }

needs=$(readelf -d "$work/stranger" | grep NEEDED)
case $how in
    *-static) ! echo "$needs" | grep librove || { echo "linked to the shared library"; exit 1; } ;;
    *) echo "$needs" | grep -q 'librove\.so\.0' || { echo "not linked to librove.so.0"; exit 1; } ;;
esac
