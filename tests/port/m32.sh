#!/bin/sh
# SPDX-License-Identifier: MIT
# 32 bits on a 64-bit PC: gcc -m32.

. "$(dirname "$0")/common.sh"

echo 'int main(void) { return 0; }' | gcc -m32 -x c -o /dev/null - || lacks "gcc -m32 (gcc-multilib)"
sysroot i386
build_with -DCMAKE_C_COMPILER=gcc -DCMAKE_C_FLAGS=-m32 -DCMAKE_LIBRARY_ARCHITECTURE=i386-linux-gnu
export LD_LIBRARY_PATH="$sysroot/usr/lib/i386-linux-gnu"
# Valgrind and Python are programs of the machine that builds.
tests -L 'unit|stack|model|oom|fuzz|example' -LE leaks -E test_ctypes
