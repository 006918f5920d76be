#!/bin/sh
# SPDX-License-Identifier: MIT
# Each link of an installed page leads to what was installed. Usage: sh pages.sh PREFIX

set -eu
prefix=$1
find "$prefix" -path '*/doc/*' -name '*.md' >"$prefix.pages"
[ "$(wc -l <"$prefix.pages")" -gt 20 ] || { echo "there are hardly any pages"; exit 1; }

links=0 bad=0
while read -r page; do
    sed 's/](/\n](/g' "$page" | sed -n 's/^\](\([^):#]*\)[)#].*/\1/p' | sort -u >"$prefix.links"
    while read -r link; do
        links=$((links + 1))
        [ -z "$link" ] || [ -e "${page%/*}/$link" ] || { echo "$page: there is no $link"; bad=1; }
    done <"$prefix.links"
done <"$prefix.pages"
echo "$links links"
exit $bad
