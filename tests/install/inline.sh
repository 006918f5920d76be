#!/bin/sh
# SPDX-License-Identifier: MIT
# The inline functions in strangers' programs: each compiler that is here, as C and as C++, not optimised, optimised and
# across files, with the shared and the static library. No program gets copies of its own.
# And a program of the C++ wrapper, with each library.
# Usage: sh inline.sh PREFIX WORK PROGRAM WRAPPED, with CC in the environment

set -eu
prefix=$1 work=$2 program=$3 wrapped=$4 built=0 seen=""
lib=$(dirname "$(find "$prefix" -name librove.a)")
export PKG_CONFIG_PATH="$lib/pkgconfig"
static=$(pkg-config --static --libs-only-l rove | sed 's/-lrove//')

rm -rf "$work"
mkdir -p "$work"

fail() {
    echo "$*"
    exit 1
}

# try LANGUAGE COMPILER OPTION...: builds the program and runs it with each library.
try() {
    language=$1
    shift
    "$@" -x "$language" -Wall -Wextra -Werror -I "$prefix/include" -c -o "$work/app.o" "$program" ||
        fail "does not compile as $language: $*"
    own=$(nm --defined-only "$work/app.o" 2>/dev/null | awk '$3 ~ /^rove_/ { print $3 }')
    [ -z "$own" ] || fail "as $language the program has copies of its own ($*): $own"
    build_app "$@"
}

# build_app COMPILER OPTION...: builds app.o with each library, and runs it.
build_app() {
    # The libraries are words to be split.
    # shellcheck disable=SC2086
    for how in "-L$lib -Wl,-rpath,$lib -lrove" "$lib/librove.a $static"; do
        "$@" -o "$work/app" "$work/app.o" $how || fail "does not link: $* $how"
        (cd "$work" && ./app >said) || fail "does not run: $* $how"
        built=$((built + 1))
    done
}

# new COMPILER LANGUAGE: whether it makes programs, and is not one of those before by another name.
new() {
    path=$(readlink -f "$(command -v "$1")") || return 1
    case " $seen " in
        *" $path "*) return 1 ;;
    esac
    seen="$seen $path"
    echo 'int main(void) { return 0; }' >"$work/probe.c"
    "$1" -x "$2" -o "$work/probe" "$work/probe.c" 2>/dev/null || return 1
    lto=""
    ! "$1" -x "$2" -flto -o "$work/probe" "$work/probe.c" 2>/dev/null || lto=-flto
}

for cc in "$CC" gcc clang; do
    new "$cc" c || continue
    try c "$cc" -std=gnu89 -O0
    try c "$cc" -std=c11 -pedantic -O2
    try c "$cc" -O0 $lto
    try c "$cc" -O2 $lto
done
for cxx in c++ g++ clang++; do
    new "$cxx" c++ || continue
    try c++ "$cxx" -std=c++11 -pedantic -O0
    try c++ "$cxx" -std=c++17 -pedantic -O2 $lto
    "$cxx" -std=c++17 -Wall -Wextra -Werror -I "$prefix/include" -c -o "$work/app.o" "$wrapped" ||
        fail "does not compile: $cxx $wrapped"
    build_app "$cxx"
done
[ "$built" -gt 0 ] || fail "no compiler works"
echo "inline: $built programs"
