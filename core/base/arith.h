// SPDX-License-Identifier: MIT
// arith.h: the only place where sizes are added and multiplied; each call tells of a wrap.
#ifndef RV_ARITH_H
#define RV_ARITH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Each returns true and leaves *out alone when the true result does not fit.

static inline bool rv_add_u64(uint64_t a, uint64_t b, uint64_t *out)
{
    uint64_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        return true;
    *out = sum;
    return false;
}

static inline bool rv_add_size(size_t a, size_t b, size_t *out)
{
    size_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        return true;
    *out = sum;
    return false;
}

static inline bool rv_mul_size(size_t a, size_t b, size_t *out)
{
    size_t product;
    if (__builtin_mul_overflow(a, b, &product))
        return true;
    *out = product;
    return false;
}

// The same, where what does not fit is as good as the most there is.

static inline uint64_t rv_add_most_u64(uint64_t a, uint64_t b)
{
    uint64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static inline uint64_t rv_mul_most_u64(uint64_t a, uint64_t b)
{
    uint64_t product;
    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

// Tells whether [off, off + len) lies within [0, total).
static inline bool rv_within(uint64_t off, uint64_t len, uint64_t total)
{
    return off <= total && len <= total - off;
}

static inline size_t rv_min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline size_t rv_max_size(size_t a, size_t b)
{
    return a > b ? a : b;
}

static inline uint64_t rv_min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static inline uint64_t rv_max_u64(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

// The smaller of a 64-bit length and a size, as a size.
static inline size_t rv_clamp(uint64_t len, size_t most)
{
    return len < most ? (size_t) len : most;
}

static inline bool rv_is_pow2(uint64_t n)
{
    return n != 0 && (n & (n - 1)) == 0;
}

#endif
