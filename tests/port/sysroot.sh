#!/bin/sh
# SPDX-License-Identifier: MIT
# Unpacks Debian packages of another architecture into a folder of their own: no root, and nothing of the system is
# changed, as dpkg --add-architecture would. Usage: sh sysroot.sh ARCHITECTURE DIR PACKAGE...
#
# Asks the network only for what is not there yet.

set -eu
arch=$1 dir=$2
shift 2
have=$dir/.packages
[ "$(cat "$have" 2>/dev/null)" != "$*" ] || exit 0

rm -rf "$dir"
mkdir -p "$dir/usr/lib" "$dir/apt/lists/partial" "$dir/apt/cache/archives/partial" "$dir/debs"
ln -s usr/lib "$dir/lib"
cd "$dir/debs"
apt_get() {
    apt-get -qq -o APT::Architecture="$arch" -o APT::Architectures="$arch" -o Dir::State::Lists="$dir/apt/lists" \
        -o Dir::State::Status=/dev/null -o Dir::Cache="$dir/apt/cache" -o Acquire::Languages=none \
        -o APT::Sandbox::User="$(id -un)" "$@"
}
apt_get update || true # one list of several may fail, and the packages be in the others
apt_get download "$@"
for deb in *.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -C "$dir" -x --keep-directory-symlink --no-same-owner
done
# Absolute links mean files below this folder.
find "$dir" -type l -lname '/*' | while read -r link; do
    ln -sfr "$dir$(readlink "$link")" "$link"
done
rm -rf "$dir/debs" "$dir/apt"
printf '%s\n' "$*" >"$have"
