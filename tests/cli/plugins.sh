#!/bin/sh
# SPDX-License-Identifier: MIT
# The command with the plugins that come along. Usage: plugins.sh PATH-OF-ROVE FOLDER PLUGIN...

. "$(dirname "$0")/lib.sh"

built=$2
shift 2
umask 022
mkdir "$work/plugins" # the build folder may be writable by the user's group
for name in "$@"; do
    install -m 755 "$built/rove-filter-$name.so" "$work/plugins" || exit 1
done
seq 1 100000 > text

for name in "$@"; do
    file=$work/plugins/rove-filter-$name.so
    no "$name unasked" "$rove" compress -F "$name" text -c
    says "$name is not known" "$name"
    yes "$name by path" sh -c '"$1" "--plugin=$2" compress -F "$3" < text > coded' - \
        "$rove" "$file" "$name"
    yes "$name back" sh -c '"$1" "--plugin=$2" decompress -F "$3" < coded | cmp - text' - \
        "$rove" "$file" "$name"
    yes "$name by name" env ROVE_FILTER_PATH="$work/plugins" sh -c \
        '"$1" "--plugin=$2" compress -F "crc32|$2:level=2" < text |
            "$1" "--plugin=$2" decompress -F "crc32|$2" | cmp - text' - "$rove" "$name"
    case $name in
        zstd) reader=zstd ;;
        *) reader=gzip ;;
    esac
    if command -v "$reader" >/dev/null; then
        yes "$reader reads $name" sh -c '"$1" -dc < coded | cmp - text' - "$reader"
        "$reader" -c < text > theirs 2>/dev/null || bad "$reader"
        yes "$name reads $reader" sh -c '"$1" "--plugin=$2" decompress -F "$3" < theirs | cmp - text' \
            - "$rove" "$file" "$name"
    fi
    "$rove" "--plugin=$file" filters -v > list || bad "filters -v"
    yes "$name is listed" grep -Eq "^$name +write, read +codec " list
    yes "$name has its file" grep -Fq "    file: $file" list
done

# Plugins that cannot be loaded.
no "missing" "$rove" --plugin=no-such-plugin compress text -c
says "missing" "no-such-plugin.*no folder has it"
no "switched off" env ROVE_PLUGINS=none "$rove" "--plugin=$work/plugins/rove-filter-$1.so" filters
says "switched off" "ROVE_PLUGINS=none"
chmod g+w "$work/plugins/rove-filter-$1.so"
no "writable" "$rove" "--plugin=$work/plugins/rove-filter-$1.so" filters
says "writable" "writable by its group or by others"
cp text ./plugin.so
no "text" "$rove" --plugin=./plugin.so filters
says "text" "no ELF file"
no "empty" "$rove" --plugin= filters
says "empty" "malformed"
done_testing
