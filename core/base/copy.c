// SPDX-License-Identifier: MIT
// copy.c: streaming stores.
#include "base/copy.h"

#include <string.h>

#if defined(__SSE2__)
#include <immintrin.h>

#define LINE 64u // bytes, a cache line: written whole, so that it leaves the core in one piece

void rv_copy_streaming(uint8_t *dst, const uint8_t *src, size_t len)
{
    size_t head = (LINE - ((uintptr_t) dst & (LINE - 1))) & (LINE - 1);
    if (head > len)
        head = len;
    memcpy(dst, src, head);
    dst += head;
    src += head;
    len -= head;
    for (; len >= LINE; len -= LINE, dst += LINE, src += LINE)
        for (unsigned i = 0; i < LINE; i += sizeof(__m128i)) {
            __m128i part = _mm_loadu_si128((const __m128i *) (const void *) (src + i));
            _mm_stream_si128((__m128i *) (void *) (dst + i), part);
        }
    _mm_sfence(); // streaming stores are not ordered; what follows may publish these bytes
    memcpy(dst, src, len);
}

#else

void rv_copy_streaming(uint8_t *dst, const uint8_t *src, size_t len)
{
    memcpy(dst, src, len);
}

#endif
