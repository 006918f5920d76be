#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints the binary interface of a librove.so that has debugging information, as libabigail's XML. Usage: sh dump.sh ROOT LIBRARY
#
# Only what the public headers show; without what differs between machines and builds: paths, lines, linked libraries.

set -eu
root=$1 library=$2
xml=$(mktemp)
trap 'rm -f "$xml"' EXIT
abidw --headers-dir "$root/include/rove" --drop-private-types --no-corpus-path --no-comp-dir-path --no-show-locs \
    --out-file "$xml" "$library"
sed -e "s|path='\(\.*/\)*|path='|" -e "s|path='[^']*/\(\(core\|filters\)/\)|path='\1|" -e '/<elf-needed>/,/<\/elf-needed>/d' "$xml"
