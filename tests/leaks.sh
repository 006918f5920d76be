#!/bin/sh
# SPDX-License-Identifier: MIT
# A program under valgrind: nothing lost at its end, nothing that only a pointer into it finds.
# Usage: sh leaks.sh PROGRAM [ARGUMENT...]

command -v valgrind >/dev/null || { echo "there is no valgrind here"; exit 77; }
exec valgrind -q --leak-check=full --errors-for-leak-kinds=definite,possible --error-exitcode=9 \
    "$@" </dev/null >/dev/null
