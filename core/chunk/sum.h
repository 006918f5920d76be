// SPDX-License-Identifier: MIT
// sum.h: the checksum of what sleeps, XXH3 of 64 bits.
//
// xxHash picks its vector width when it is compiled, and the plain x86-64 is the narrowest: 64 KiB take
// 6.8 us so and 3.3 with AVX2. So the loop is compiled twice, and the processor is asked which to use.
#ifndef RV_SUM_H
#define RV_SUM_H

#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__) && defined(__GNUC__)
#define RV_SUM_WIDE 1
#endif

uint64_t rv_sum(const uint8_t *bytes, size_t len);

uint64_t rv_sum_avx2(const uint8_t *bytes, size_t len); // for rv_sum()

#endif
