#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds and installs a project that takes us in, by the lines of docs/install.md, then moves the build away: the
# installed program must run. Usage: sh nested.sh HOW ROOT WORK VERSION PROGRAM. HOW: folder (static, nothing of ours is
# installed) or fetched (shared, installed with the program).

set -eu
how=$1 root=$2 work=$3 version=$4 program=$5
. "$root/tests/install/lines.sh"

rm -rf "$work"
work=$work/'a+b c' # paths are what they are
[ "$how" = fetched ] || work="$work, d" # a comma CMake itself does not take where a program looks for a library
mkdir -p "$work/source"
cp "$program" "$work/source/app.c"
cp "$root/tests/install/nested/CMakeLists.txt" "$work/source"
case $how in
    folder)
        ln -s "$root" "$work/source/rove"
        readme "$root" "CMake, in a folder" >"$work/source/lines.cmake"
        set -- ;;
    fetched)
        (cd "$root" && tar -czf "$work/source/rove.tar.gz" --transform 's:^:rove-0/:' \
            CMakeLists.txt cmake core filters include)
        readme "$root" "CMake, fetched" >"$work/source/lines.cmake"
        set -- -DBUILD_SHARED_LIBS=ON -DROVE_INSTALL=ON "-DCMAKE_INSTALL_RPATH=\$ORIGIN/../lib" \
            -DCMAKE_INSTALL_LIBDIR=lib ;;
esac

$CMAKE -S "$work/source" -B "$work/build" "$@"
$CMAKE --build "$work/build"
"$work/build/app"
[ "$how" = fetched ] || $CMAKE --build "$work/build" --target rove_shared
$CMAKE --install "$work/build" --prefix "$work/prefix"
mv "$work/build" "$work/gone"

said=$("$work/prefix/bin/app")
[ "$said" = "rove $version" ] || { echo "the installed program says \"$said\""; exit 1; }
if [ "$how" = folder ]; then
    files=$(cd "$work/prefix" && find . -type f)
    [ "$files" = ./bin/app ] || { echo "installed without being asked: $files"; exit 1; }
fi
