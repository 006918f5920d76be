// SPDX-License-Identifier: MIT
// vectors.h: tidying up behind ISA-L.
//
// ISA-L 2.30 returns with the upper halves of the vector registers in use, and until they are
// cleared each SSE instruction of anybody in the thread costs extra.
#ifndef RV_FILTERS_VECTORS_H
#define RV_FILTERS_VECTORS_H

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

__attribute__((target("avx"), noinline, unused)) static void rv_clear_upper_halves(void)
{
    _mm256_zeroupper();
}

static inline void rv_leave_vectors(void)
{
    if (__builtin_cpu_supports("avx")) {
        rv_clear_upper_halves();
    }
}
#else
static inline void rv_leave_vectors(void)
{
}
#endif

#endif
