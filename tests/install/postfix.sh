#!/bin/sh
# SPDX-License-Identifier: MIT
# Where a build type's libraries have a suffix, pkg-config names them with it. Usage: sh postfix.sh ROOT WORK

set -eu
root=$1 work=$2

rm -rf "$work"
$CMAKE -S "$root" -B "$work" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_DEBUG_POSTFIX=-debug \
    -DROVE_BUILD_TESTS=OFF -DROVE_BUILD_TOOL=OFF -DROVE_BUILD_PLUGINS=OFF
grep -e '^Libs:.* -lrove-debug$' "$work/cmake/rove.pc"
grep -e '^Libs.private:.*--exclude-libs,librove-debug.a' "$work/cmake/rove.pc"
