#!/bin/sh
# SPDX-License-Identifier: MIT
# clang on this machine.

. "$(dirname "$0")/common.sh"

command -v clang >/dev/null || lacks clang
cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DROVE_DEBUG=ON -DROVE_WERROR=ON -DCMAKE_C_COMPILER=clang \
    -DCMAKE_CXX_COMPILER=clang++
cmake --build "$build"
# Valgrind of Debian 12 cannot read what clang tells debuggers.
tests -LE 'lint|leaks'
