// SPDX-License-Identifier: MIT
// xz_chunks.c: see xz_chunks.h.
#include "xz_chunks.h"

#define END 0x00u
#define LZMA 0x80u
#define LZMA_WITH_PROPERTIES 0xc0u

static uint32_t length_at(const uint8_t *ptr)
{
    return ((uint32_t) ptr[0] << 8 | ptr[1]) + 1;
}

void rv_xz_chunks_pass(struct rv_xz_chunks *c, const uint8_t *ptr, size_t len)
{
    uint8_t kind;
    uint32_t head_len;

    if (len == 0 || c->ended) {
        return;
    }
    if (c->left > 0) {
        c->left -= (uint32_t) len;
        return;
    }
    c->head[c->have++] = ptr[0];
    kind = c->head[0];
    head_len = kind == END ? 1 : kind < LZMA ? 3 : kind < LZMA_WITH_PROPERTIES ? 5 : 6;
    if (c->have == head_len) {
        c->ended = kind == END;
        c->left = kind == END ? 0 : length_at(c->head + (kind < LZMA ? 1 : 3));
        c->have = 0;
    }
}
