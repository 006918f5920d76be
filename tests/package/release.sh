#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes the release's tarball from a commit; the same commit gives the same bytes. Usage: sh release.sh FOLDER [COMMIT]
#
# Every file is the commit's, its time the commit's, its owner root; what .gitattributes leaves out (debian/) is left out.
# Prints the path. The sum is beside it, in the form that sha256sum -c reads.

set -eu
LC_ALL=C
TZ=UTC
export LC_ALL TZ
mkdir -p "$1"
folder=$(cd "$1" && pwd) commit=${2:-HEAD}
cd "$(dirname "$0")/../.."

# Of the commit, not of what lies about.
number() { git show "$commit:include/rove/version.h" | sed -n "s/^#define ROVE_VERSION_$1 \([0-9]*\)\$/\1/p"; }
version=$(number MAJOR).$(number MINOR).$(number PATCH)
name=rove-$version
time=$(git log -1 --format=%ct "$commit")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Neither umask, attributes nor line ends of this machine count.
umask 022
git -c core.autocrlf=false -c core.attributesFile=/dev/null -c tar.umask=0022 archive --format=tar \
    --prefix="$name/" "$commit" | tar -xf - -C "$work"
(cd "$work" && find "$name" -print0 | sort -z | tar --null --no-recursion -T - --format=ustar --mtime="@$time" \
    --owner=0 --group=0 --numeric-owner --mode=u+rw,go=rX -cf - | gzip -9n) >"$folder/$name.tar.gz"
cd "$folder"
sha256sum "$name.tar.gz" >"$name.tar.gz.sha256"
echo "$folder/$name.tar.gz"
