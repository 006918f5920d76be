#!/bin/sh
# SPDX-License-Identifier: MIT
# The musl C library, by musl-gcc. The codecs are Debian's static archives, which were compiled for glibc but need
# nothing of it that musl lacks, apart from what fortify.inc has.

. "$(dirname "$0")/common.sh"

command -v musl-gcc >/dev/null || lacks "musl-gcc (musl-tools)"
sysroot "$(dpkg --print-architecture)"
libs=$(dirname "$(find "$sysroot" -name libz.a)")
musl-gcc -O2 -x c -c -o "$build/fortify.o" "$port/fortify.inc"
build_with -DCMAKE_C_COMPILER=musl-gcc -DCMAKE_C_STANDARD_LIBRARIES="$build/fortify.o" \
    -DZLIB_LIBRARY="$libs/libz.a" -DLZ4_LIBRARY="$libs/liblz4.a" -DCUnit_LIBRARY="$libs/libcunit.a"
# Valgrind knows malloc by glibc's name, and Python is a program of glibc.
tests -LE 'lint|install|cli|leaks' -E test_ctypes
