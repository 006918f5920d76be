#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds and runs a stranger's program, by the lines of docs/install.md. Usage: sh stranger.sh HOW PREFIX ROOT WORK VERSION
# PROGRAM

set -eu
how=$1 prefix=$2 root=$3 work=$4 version=$5 program=$6 minimum=3.20
. "$root/tests/install/lines.sh"

rm -rf "$work"
mkdir -p "$work"
cp "$program" "$work/app.c"
lib=$(dirname "$(find "$prefix" -name librove.a)")
if [ "$how" = cmake-split ]; then # the archive is in a package of its own, which is not there
    cp -R "$prefix" "$work/split"
    lib=$work/split${lib#"$prefix"} prefix=$work/split
    rm "$lib/librove.a"
fi
export PKG_CONFIG_PATH="$lib/pkgconfig"

# cmake_project ARGUMENT...: one with the lines of docs/install.md.
cmake_project() {
    {
        echo "cmake_minimum_required(VERSION $minimum)"
        echo 'project(stranger LANGUAGES C)'
        echo 'add_executable(app app.c)'
        readme "$root" "CMake, installed" | sed "s/rove::rove/rove::${how#cmake-}/; s/rove::\(default\|old\|split\)/rove::rove/"
    } >"$work/CMakeLists.txt"
    $CMAKE -S "$work" -B "$work" -DCMAKE_PREFIX_PATH="$prefix" "$@"
    $CMAKE --build "$work"
}

# What may be asked for, and whether it is found.
cmake_versions() {
    mkdir "$work/versions"
    {
        echo "cmake_minimum_required(VERSION $minimum)"
        echo 'project(versions LANGUAGES C)'
        while read -r asked found; do
            echo "find_package(rove $asked CONFIG QUIET)"
            echo "if(NOT \"\${rove_FOUND}\" STREQUAL $found)"
            echo "  message(FATAL_ERROR \"$asked: found \${rove_FOUND}\")"
            echo 'endif()'
        done <<TEXT
$version 1
99 0
0.0 0
0.0...$version 1
0.0...99 1
$version...$version 1
$version...<99 1
0.0...<$version 0
99...100 0
TEXT
    } >"$work/versions/CMakeLists.txt"
    $CMAKE -S "$work/versions" -B "$work/versions/build" -DCMAKE_PREFIX_PATH="$prefix"
}

# by_line HEADING
by_line() {
    line=$(readme "$root" "$1")
    cc() { $CC "$@"; }
    (cd "$work" && eval "$line")
}

case $how in
    cmake-default) cmake_project && cmake_versions ;;
    cmake-shared) cmake_project ;;
    cmake-split) # who wants it is told, and finds nothing else changed
        cmake_project
        cat >"$work/split/CMakeLists.txt" <<'TEXT'
cmake_minimum_required(VERSION 3.20)
project(split LANGUAGES C)
set(CMAKE_MODULE_PATH /mine)
find_package(rove CONFIG QUIET COMPONENTS static)
message(STATUS "found ${rove_FOUND}: ${rove_NOT_FOUND_MESSAGE}; path ${CMAKE_MODULE_PATH}")
find_package(rove CONFIG QUIET COMPONENTS shared OPTIONAL_COMPONENTS static)
message(STATUS "found ${rove_FOUND}, static ${rove_static_FOUND}")
TEXT
        $CMAKE -S "$work/split" -B "$work/split/build" -DCMAKE_PREFIX_PATH="$prefix" >"$work/log"
        grep -qx -e '-- found 0: the static library wants what is missing: librove.a; path /mine' "$work/log"
        grep -qx -e '-- found 1, static FALSE' "$work/log" ;;
    cmake-old) # as projects of long ago ask for it, with the policies of then; CMake 4 takes none of these any more
        case $($CMAKE --version) in
            'cmake version 3.'*) ;;
            *) echo "this CMake takes no such project"; exit 77 ;;
        esac
        minimum=3.0
        cmake_project ;;
    cmake-static) cmake_project -DBUILD_SHARED_LIBS=OFF ;;
    pkgconfig-shared) by_line "pkg-config" ;;
    pkgconfig-rpath) by_line "The same in a folder" ;;
    pkgconfig-static) by_line "A wholly static program" ;;
    *)
        echo "unknown way: $how"
        exit 1 ;;
esac
dir=$(pkg-config --variable=filterdir rove)
[ "$dir" = "$lib/rove/filters-1" ] || [ "$(realpath -m "$dir")" = "$(realpath "$lib")/rove/filters-1" ] ||
    { echo "rove.pc says filterdir=$dir"; exit 1; }

unset LD_LIBRARY_PATH
[ "$how" = pkgconfig-rpath ] || export LD_LIBRARY_PATH="$lib"
said=$("$work/app")
echo "$said"
[ "$said" = "rove $version" ] || { echo "expected \"rove $version\""; exit 1; }

needs=$(readelf -d "$work/app" | grep NEEDED || true)
case $how in
    pkgconfig-static) [ -z "$needs" ] || { echo "not wholly static: $needs"; exit 1; } ;;
    *-static) ! echo "$needs" | grep librove || { echo "linked to the shared library"; exit 1; } ;;
    *) echo "$needs" | grep -q 'librove\.so\.0' || { echo "not linked to librove.so.0"; exit 1; } ;;
esac
