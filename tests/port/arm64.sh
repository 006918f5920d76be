#!/bin/sh
# SPDX-License-Identifier: MIT
# arm64, by clang and lld, against Debian's libraries; the tests run in an emulator, and so only the quick ones.

. "$(dirname "$0")/common.sh"

for tool in clang ld.lld qemu-aarch64-static; do
    command -v $tool >/dev/null || lacks "$tool (clang, lld, qemu-user-static)"
done
sysroot arm64 libc6 libc6-dev linux-libc-dev libgcc-s1 libgcc-12-dev
build_with -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 -DCMAKE_C_COMPILER=clang \
    -DCMAKE_C_FLAGS="--target=aarch64-linux-gnu --sysroot=$sysroot" -DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld \
    -DCMAKE_SHARED_LINKER_FLAGS=-fuse-ld=lld -DCMAKE_MODULE_LINKER_FLAGS=-fuse-ld=lld \
    -DCMAKE_LIBRARY_ARCHITECTURE=aarch64-linux-gnu \
    -DCMAKE_CROSSCOMPILING_EMULATOR="qemu-aarch64-static;-L;$sysroot"
# The emulator's loader wants files of its own machine, and its memory is not the program's.
export ROVE_TEST_EMULATED=1
export ROVE_TEST_SCALE=0.02
tests -L 'unit|fuzz|example' -LE leaks \
    -E 'test_(ctypes|device_close|stream_oom|soak|spill|spill_faults|plugin|big|filters|filter_stacks|fill)$'
