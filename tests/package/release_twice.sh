#!/bin/sh
# SPDX-License-Identifier: MIT
# The release's tarball is the same, whoever makes it and when, and holds what it should. Usage: sh release_twice.sh ROOT WORK

set -eu
root=$1 work=$2
git -C "$root" rev-parse HEAD >/dev/null 2>&1 || { echo "release: no git checkout here"; exit 77; }
[ "$(cd "$root" && git rev-parse --show-toplevel)" = "$(cd "$root" && pwd -P)" ] || {
    echo "release: the checkout is somebody else's"
    exit 77
}

rm -rf "$work"
mkdir -p "$work"
first=$(cd "$work" && sh "$root/tests/package/release.sh" one)
second=$(cd / && umask 077 && TZ=Asia/Tokyo LC_ALL=C.UTF-8 HOME="$work" sh "$root/tests/package/release.sh" "$work/two")
[ "$first" = "$(cd "$work" && pwd)/one/$(basename "$second")" ] || { echo "release: made in $first"; exit 1; }
cmp "$first" "$second"
(cd "$work/two" && sha256sum -c --quiet ./*.sha256)

tar -tzf "$first" | sed 's:/$::' >"$work/list"
LC_ALL=C sort -c "$work/list" || { echo "release: the names are not in order"; exit 1; }
for name in LICENSE README.md CMakeLists.txt run core/rove.map rove.spec; do
    grep -q "^rove-[0-9.]*/$name\$" "$work/list" || { echo "release: $name is missing"; exit 1; }
done
if grep -E '^[^/]*/(debian|build|\.git|\.ci)(/|$)' "$work/list"; then
    echo "release: the above does not belong there"
    exit 1
fi
[ -z "$(tar -tvzf "$first" --numeric-owner | awk '$2 != "0/0"')" ] || { echo "release: a file has an owner"; exit 1; }
echo "release: $(wc -l <"$work/list") names, $(wc -c <"$first") bytes, twice the same"
