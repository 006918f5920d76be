#!/bin/sh
# SPDX-License-Identifier: MIT
# man finds the pages where they were installed. Usage: sh man3_installed.sh CMAKE BUILD PREFIX CONFIG

set -eu
cmake=$1 build=$2 prefix=$3 config=$4
command -v man >/dev/null || { echo "man3: there is no man"; exit 77; }
rm -rf "$prefix"
"$cmake" --install "$build" --prefix "$prefix" --config "$config" --component devel >"$prefix.log"
export MANPAGER=cat MANWIDTH=80 LC_ALL=C.UTF-8

# shows PAGE TEXT: what man prints of it has the text.
shows() {
    man -M "$prefix/share/man" 3 "$1" >"$prefix.page" 2>"$prefix.said" || { cat "$prefix.said"; exit 1; }
    grep -q -e "$2" "$prefix.page" || { cat "$prefix.page"; echo "man 3 $1 does not show: $2"; exit 1; }
}

shows rove_rope_insert 'rove_rope_insert(struct rove_rope \*rope'
shows rove_stream_read 'ROVE_END'
shows rove_rope 'slices of counted chunks'
shows rove_pool_opts 'memory_limit'
shows librove 'rove_stream'
