#!/bin/sh
# SPDX-License-Identifier: MIT
# The site is built without a warning and without a dead link, and has all pages. Usage: sh site.sh PERL ROOT WORK

set -eu
perl=$1 root=$2 work=$3
command -v doxygen >/dev/null || { echo "site: there is no doxygen"; exit 77; }
rm -rf "$work"
mkdir -p "$work"
"$perl" "$root/docs/reference/site.pl" "$root" "$work"

# The same pages come from a folder whose path has a blank.
mkdir "$work/a tree"
ln -s "$root/include" "$root/docs" "$root/python" "$root"/*.md "$work/a tree"
"$perl" "$root/docs/reference/site.pl" "$work/a tree" "$work/a tree/site"
ls "$work/html" >"$work/made"
ls "$work/a tree/site/html" | diff "$work/made" -
rm -rf "$work/a tree"

# A page for every page of the guide and every header, and a place for every function and object.
cat "$work"/html/*.html >"$work/all"
for path in "$root"/docs/*.md; do
    name=$(basename "$path" .md | tr 'A-Z-' 'a-z_')
    [ -f "$work/html/page_$name.html" ] || { echo "site: $path is not there"; exit 1; }
    grep -q "href=\"page_$name.html\"" "$work/html/page_guide.html" || { echo "site: the guide does not name $path"; exit 1; }
done
for path in "$root"/include/rove/*.h; do
    [ -f "$work/html/$(basename "$path" .h)_8h.html" ] || { echo "site: $path is not there"; exit 1; }
done
for name in $(grep '^rove_' "$root/tests/lint/exports.txt"); do
    grep -q "<h2 class=\"memtitle\">.*</span>$name\(()\)\{0,1\}</h2>" "$work/all" || { echo "site: $name is not told of"; exit 1; }
done
rm "$work/all"

if grep -n '<code>[^<]*\\[%@#*]' "$work"/html/page_*.html | grep -v '/page_rove_'; then
    echo "site: an escape is shown in the lines above"
    exit 1
fi

# What it is to notice, it notices: names without a word. (Enumerators lint_headers notices; doxygen does not.)
rm -rf "$work/planted"
mkdir "$work/planted"
cp -R "$root/include" "$root/docs" "$root/README.md" "$work/planted"
cat >>"$work/planted/include/rove/version.h" <<'TEXT'
ROVE_API int rove_planted(void);
#define ROVE_PLANTED 1
/// Planted.
struct rove_planted {
    int field;
};
TEXT
if "$perl" "$root/docs/reference/site.pl" "$work/planted" "$work/planted/out" >"$work/said" 2>&1; then
    echo "site: names without comments are not noticed"
    exit 1
fi
for name in 'rove_planted(void) (function)' 'ROVE_PLANTED (macro' 'field (variable)'; do
    grep -q "$name.*is not documented" "$work/said" || { cat "$work/said"; echo "site: $name is not noticed"; exit 1; }
done
rm -rf "$work/planted"
