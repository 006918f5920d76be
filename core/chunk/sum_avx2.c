// SPDX-License-Identifier: MIT
// sum_avx2.c: XXH3 for processors with AVX2; see sum.h.
#include "chunk/sum.h"

#if defined(RV_SUM_WIDE)

#include <immintrin.h> // outside of the target below: its functions name their own
#include <string.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2")
#endif

#define XXH_VECTOR 2 // XXH_AVX2, whose name the header has yet to define
#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t rv_sum_avx2(const uint8_t *bytes, size_t len)
{
    return XXH3_64bits(bytes, len);
}

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#else

typedef int rv_sum_avx2_is_empty; // C wants a declaration

#endif
