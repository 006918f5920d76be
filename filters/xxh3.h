// SPDX-License-Identifier: MIT
// xxh3.h: one more compilation of XXH3's inner loop, for a wider vector unit.
//
// xxHash picks its vector width when it is compiled, and the library that Debian ships is compiled
// for SSE2: 17 GB/s in cache and 6 from memory, where AVX-512 gives 56 and 17. So the loop, which
// the header carries whole, is compiled three times, and open() asks the processor which to use.
// The states of all three are alike, and so are the digests.
#ifndef RV_FILTERS_XXH3_H
#define RV_FILTERS_XXH3_H

#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__) && defined(__GNUC__)
#define RV_XXH3_WIDE 1
#endif

// Adds len bytes to the XXH3_state_t at `state`.
typedef void rv_xxh3_fn(void *state, const uint8_t *buf, size_t len);

rv_xxh3_fn rv_xxh3_avx2, rv_xxh3_avx512;

#endif
