// SPDX-License-Identifier: MIT
// inline.c: the functions that headers define inline, once more as functions of the library.
//
// Every one of them, because the mark itself is defined otherwise here: in C11, what is both extern and inline is
// compiled.
#define ROVE_INLINE ROVE_API extern inline

#include <rove/device.h>
