// SPDX-License-Identifier: MIT
// sum.c: XXH3 as the compiler's target has it, and the choice.
#include "chunk/sum.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t rv_sum(const uint8_t *bytes, size_t len)
{
#if defined(RV_SUM_WIDE)
    if (__builtin_cpu_supports("avx2"))
        return rv_sum_avx2(bytes, len);
#endif
    return XXH3_64bits(bytes, len);
}
