// SPDX-License-Identifier: MIT
// copy.h: copying past the caches, and what is in none.
#ifndef RV_COPY_H
#define RV_COPY_H

#include <rove/span.h>

// Copies len bytes past the caches, by streaming stores where the machine has them: no line is read
// before it is written, which halves the traffic. Wins when the bytes will not be looked at soon and
// their pages are there; loses on small objects and on fresh pages (see docs/memory.md).
void rv_copy_streaming(uint8_t *dst, const uint8_t *src, size_t len);

// Copies len bytes, also none, that are most likely in no cache. Beyond 32 that is memcpy()'s, whose loads are the
// widest of the machine: each of the four of rove_copy_run() would wait for memory, and fewer copies be under way.
static inline void rv_copy_cold(void *dst, const void *src, size_t len)
{
    if (len - 1 < 32)
        rove_copy_run(dst, src, len);
    else
        memcpy(dst, src, len);
}

#endif
