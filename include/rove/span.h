// SPDX-License-Identifier: MIT
/// @file
/// span.h: a run of bytes in memory, how a short one is copied, and the call that ends a loan.
#ifndef ROVE_SPAN_H
#define ROVE_SPAN_H

#include <rove/export.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

ROVE_BEGIN_DECLS

/// A run of bytes in memory; owns nothing.
struct rove_span {
    const uint8_t *ptr; ///< the first byte
    size_t len;         ///< how many there are
};

/// Called once when the last holder of adopted memory lets go, from the thread that does, when the edit
/// that let go is complete. It may use and edit every rope, view and stream, also the rope that let go,
/// but a stream that is inside a call refuses (ROVE_E_STATE).
typedef void rove_release_fn(void *arg, const void *ptr, size_t len);

/// For the inline functions of the other headers: tells whether len bytes lie between two pointers; not when len is 0, nor
/// when end lies in front of at.
ROVE_INLINE int rove_has_run(const uint8_t *at, const uint8_t *end, size_t len)
{
#ifdef __GNUC__
    if (__builtin_constant_p(len) && len - 1 < 4095) // the last page of the address space is nobody's, so that this cannot wrap
        return (uintptr_t) at + len <= (uintptr_t) end;
#endif
    return (ptrdiff_t) len > 0 && end - at >= (ptrdiff_t) len;
}

/// For the inline functions of the other headers: copies len bytes (1 or more) between places that do
/// not overlap. Nothing is checked: neither may be NULL.
///
/// A short run whose length is known only as the program runs goes in two or four pieces that may
/// overlap one another, in about 1.5 ns; a call of memcpy() takes 3. Other lengths are memcpy()'s, but for known ones above
/// 32: those gcc would copy by `rep movs`, from 300 bytes on, and from 33 on in functions that it takes for cold, as main() may
/// be, in 12 ns for 64. Up to 128 they go in pieces of 32, and what is longer is for the call.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push // it does not see that the branches keep to the length
#pragma GCC diagnostic ignored "-Warray-bounds"
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#if __GNUC__ >= 11
#pragma GCC diagnostic ignored "-Wstringop-overread"
#endif
#endif
ROVE_INLINE void rove_copy_run(void *dst, const void *src, size_t len)
{
    uint8_t *to = (uint8_t *) dst;
    const uint8_t *from = (const uint8_t *) src;
#ifdef __GNUC__
    if (__builtin_constant_p(len) && len > 32 && len <= 128) {
        memcpy(to, from, 32);
        if (len > 64)
            memcpy(to + 32, from + 32, 32);
        if (len > 96)
            memcpy(to + 64, from + 64, 32);
        memcpy(to + len - 32, from + len - 32, 32);
    } else if (__builtin_constant_p(len) || len > 64) {
        if (__builtin_constant_p(len) && len > 128)
            __asm__("" : "+r"(len)); // it is not known any more
        memcpy(to, from, len);
    } else if (len > 16) {
        struct {
            uint64_t half[2];
        } a, b, y, z;
        size_t mid = len > 32 ? 16 : 0;
        memcpy(&a, from, 16);
        memcpy(&b, from + mid, 16);
        memcpy(&y, from + len - 16 - mid, 16);
        memcpy(&z, from + len - 16, 16);
        memcpy(to, &a, 16);
        memcpy(to + mid, &b, 16);
        memcpy(to + len - 16 - mid, &y, 16);
        memcpy(to + len - 16, &z, 16);
    } else if (len >= 8) {
        uint64_t a, z;
        memcpy(&a, from, 8);
        memcpy(&z, from + len - 8, 8);
        memcpy(to, &a, 8);
        memcpy(to + len - 8, &z, 8);
    } else if (len >= 4) {
        uint32_t a, z;
        memcpy(&a, from, 4);
        memcpy(&z, from + len - 4, 4);
        memcpy(to, &a, 4);
        memcpy(to + len - 4, &z, 4);
    } else {
        to[0] = from[0];
        to[len / 2] = from[len / 2];
        to[len - 1] = from[len - 1];
    }
#else
    memcpy(to, from, len);
#endif
}

/// The same to *cur, which is moved past them.
///
/// Short runs whose length is known only as the program runs are added in memory behind the copy, not by a copy of *cur:
/// that reaches the next call sooner. Others are added before: where memcpy() is called nothing is kept over the call,
/// and the short way need not save registers.
ROVE_INLINE void rove_copy_behind(uint8_t **cur, const void *src, size_t len)
{
#ifdef __GNUC__
    if (__builtin_constant_p(len) || len > 64) {
        uint8_t *to = *cur;
        *cur = to + len;
        rove_copy_run(to, src, len);
        return;
    }
#endif
    rove_copy_run(*cur, src, len);
    *cur += len;
}
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

ROVE_END_DECLS

#endif
