// SPDX-License-Identifier: MIT
// xxh3_avx2.c: XXH3's loop for processors with AVX2; see xxh3.h.
#include "xxh3.h"

#if defined(RV_XXH3_WIDE)

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

void rv_xxh3_avx2(void *state, const uint8_t *buf, size_t len)
{
    (void) XXH3_64bits_update(state, buf, len);
}

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#else

typedef int rv_xxh3_avx2_is_empty; // C wants a declaration

#endif
