#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds a project that takes us in by add_subdirectory. Usage: sh nested.sh ROOT SOURCE WORK

set -eu
root=$1 source=$2 work=$3

rm -rf "$work"
$CMAKE -S "$source" -B "$work" -DROVE_SOURCE="$root"
$CMAKE --build "$work"
"$work/nested"
$CMAKE --install "$work" --prefix "$work/prefix"
if [ -n "$(find "$work/prefix" -type f 2>/dev/null)" ]; then
    echo "a project around us installs our files without asking"
    exit 1
fi
