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
    no "$name is nowhere" "$rove" compress -F "$name" text -c
    says "$name is nowhere" "no filter named \"$name\".*rove-filter-$name.so lies neither in ROVE_FILTER_PATH nor"
    no "$name may not be chosen" "$rove" decompress -F "crc32|auto:allow=gzip.$name" text -c
    says "$name may not be chosen" "no decoder named \"$name\".*rove-filter-$name.so lies neither"
    no "$name is switched off" env ROVE_PLUGINS=none ROVE_FILTER_PATH="$work/plugins" "$rove" compress -F "$name" text -c
    says "$name is switched off" "its plugin cannot be loaded: ROVE_PLUGINS=none"
    yes "$name unnamed" env ROVE_FILTER_PATH="$work/plugins" sh -c \
        '"$1" compress -F "count|$2:level=2|crc32" < text | "$1" decompress -F "count|$2:level=2|crc32" |
            cmp - text' - "$rove" "$name"
    yes "$name by choice" env ROVE_FILTER_PATH="$work/plugins" sh -c \
        '"$1" compress -F "$2" < text | "$1" decompress -F "crc32|auto:allow=lz4.$2" | cmp - text' - "$rove" "$name"
    yes "$name by path" sh -c '"$1" "--plugin=$2" compress -F "$3" < text > coded' - \
        "$rove" "$file" "$name"
    yes "$name back" sh -c '"$1" "--plugin=$2" decompress -F "$3" < coded | cmp - text' - \
        "$rove" "$file" "$name"
    yes "$name by name" env ROVE_FILTER_PATH="$work/plugins" sh -c \
        '"$1" "--plugin=$2" compress -F "crc32|$2:level=2" < text |
            "$1" "--plugin=$2" decompress -F "crc32|$2" | cmp - text' - "$rove" "$name"
    case $name in
        zstd | xz | bzip2) reader=$name ;;
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

# A file that needs a plugin gets none but ours: told by its first bytes, by pipe and by name; and a name that
# is to be written.
dribble() { perl -e '$| = 1; while (read(STDIN, $c, 1)) { print $c; $n++ < 30 and select(undef, undef, undef, 0.002) }'; }
skippable() { printf '\132\052\115\030\003\0\0\0abc\120\052\115\030\0\0\0\0'; }
if [ -f "$work/plugins/rove-filter-zstd.so" ]; then
    export ROVE_FILTER_PATH="$work/plugins"
    yes "-o x.zst" "$rove" compress -o x.zst text
    yes "pack -o x.tar.zst" "$rove" pack -o x.tar.zst text
    yes "-o x.tzst" "$rove" compress -o x.tzst text
    yes ".tar.zst" sh -c '"$1" decompress -c x.tar.zst | tar -tf - text >/dev/null' - "$rove"
    yes "-F zstd gives .zst" sh -c '"$1" compress -F zstd text && rm text.zst' - "$rove"
    { skippable && cat x.zst; } > skipped.zst
    cp x.zst without-a-suffix
    for file in x.zst skipped.zst without-a-suffix; do
        yes "$file" sh -c '"$1" decompress -c "$2" | cmp - text' - "$rove" "$file"
        yes "$file, test" "$rove" test "$file"
        yes "$file, test of digests" "$rove" test -F 'crc32|auto' "$file"
        yes "$file by a pipe" sh -c '"$1" decompress < "$2" | cmp - text' - "$rove" "$file"
        dribble < "$file" | "$rove" decompress > out 2> "$err" || bad "$file, byte by byte"
        yes "$file, byte by byte" cmp out text
        for off in "env ROVE_PLUGINS=none" "env ROVE_FILTER_PATH=/nowhere"; do
            ends 1 "$file, $off" $off "$rove" test "$file"
            says "$file, $off" "^rove: $file: the plugin that reads zstd data cannot be loaded: "
        done
    done
    skippable > skipped
    yes "nothing but skippable frames" sh -c '"$1" decompress < skipped | cmp - /dev/null' - "$rove"
    # What stands behind the data of another decoder loads nothing and is not decoded.
    gzip -c text > two
    cat x.zst >> two
    ends 2 "zstd behind gzip" "$rove" decompress -f -o out two
    yes "the first is kept" cmp out text
    unset ROVE_FILTER_PATH
fi
# The same for the others that have a suffix of their own.
has_suffixes() {
    filter=$1 magic=$2
    shift 2
    [ -f "$work/plugins/rove-filter-$filter.so" ] || return 0
    for suffix in "$@"; do
        case $suffix in .t*) verb=pack want='tar -tf - text' ;; *) verb=compress want='cmp - text' ;; esac
        yes "$verb -o x$suffix" env ROVE_FILTER_PATH="$work/plugins" "$rove" $verb -o "x$suffix" text
        yes "x$suffix" env ROVE_FILTER_PATH="$work/plugins" sh -c '"$1" decompress -c "x$2" | $3 > /dev/null' - \
            "$rove" "$suffix" "$want"
        ends 1 "x$suffix, no plugin" "$rove" test "x$suffix"
        says "x$suffix, no plugin" "^rove: x$suffix: the plugin that reads $filter data cannot be loaded: "
        rm -f "x$suffix"
        ends 1 "$verb -o x$suffix, no plugin" "$rove" $verb -o "x$suffix" text
        says "$verb -o x$suffix, no plugin" " writes \.${suffix##*.} cannot be loaded: rove-filter-$filter"
    done
    cp text copy
    yes "-F $filter gives $1" env ROVE_FILTER_PATH="$work/plugins" "$rove" compress -F "$filter" -2 copy
    yes "-F $filter gives $1: it is" sh -c 'head -c "$2" "copy$1" | cmp - magic' - "$1" "$(printf "$magic" | tee magic | wc -c)"
    rm -f "copy$1"
}
has_suffixes xz '\3757zXZ\0' .xz .tar.xz .txz
has_suffixes bzip2 BZh2 .bz2 .tar.bz2 .tbz .tbz2
# What no filter reads is named.
echo text > plain
for format in zip compress 7z lzip; do
    case $format in
        zip) printf 'PK\3\4\24\0' ;;
        compress) printf '\037\235\220' ;;
        7z) printf '7z\274\257\047\034\0\4' ;;
        lzip) printf 'LZIP\1\14' ;;
    esac > other
    head -c 100 text >> other
    ends 1 "$format" "$rove" test other
    says "$format" "^rove: other: it looks like $format data, which no filter of rove reads$"
done
ends 1 "no format" "$rove" test plain
says "no format" 'no decoder recognises the first bytes'

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
