// SPDX-License-Identifier: MIT
// xz_chunks.h: where the chunks of LZMA2 data end, as their headers tell.
//
//     0 │ the end                        1, 2 │ length - 1, 2 bytes │ plain bytes
//     80 and more │ plain length, 2 │ length - 1, 2 │ from C0 on properties, 1 │ LZMA data
//
// liblzma notices that a chunk's data run on beyond its end only after it has decoded them with what follows, and makes
// more or less of that by how much it was given. So it is never given bytes of two chunks at once: then what comes
// out before damage is told does not depend on how the input was cut.
#ifndef RV_FILTERS_XZ_CHUNKS_H
#define RV_FILTERS_XZ_CHUNKS_H

#include "util.h"

#define RV_XZ_CHUNK_HEAD_MOST 6u

// How far it came. Zeroed: before the first.
struct rv_xz_chunks {
    uint32_t left; // bytes of the chunk's data
    uint32_t have; // of its header
    uint8_t head[RV_XZ_CHUNK_HEAD_MOST];
    bool ended;
};

// Before a chunk: whatever the one before it has become has come out if it is sound.
static inline bool rv_xz_chunks_between(const struct rv_xz_chunks *c)
{
    return !c->ended && c->left == 0 && c->have == 0;
}

// The most bytes that may be given at once.
static inline size_t rv_xz_chunks_most(const struct rv_xz_chunks *c)
{
    return c->ended ? SIZE_MAX : c->left > 0 ? c->left : 1;
}

// Bytes have been taken, at most that many.
void rv_xz_chunks_pass(struct rv_xz_chunks *c, const uint8_t *ptr, size_t len);

#endif
