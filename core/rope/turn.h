// SPDX-License-Identifier: MIT
// turn.h: a full tail makes way for the next chunk; how bytes are copied into one.
#ifndef RV_TURN_H
#define RV_TURN_H

#include "base/copy.h"
#include "rope/tail.h"

#include <string.h>

#define RV_STREAM_PIECE 4096u               // bytes: shorter pieces are not worth the fence
#define RV_STREAM_FROM (UINT64_C(32) << 20) // bytes: a large last-level cache

// Copies into a chunk; past the caches what is too much for them: large pieces of a rope far beyond their size, where the
// chunk's pages are there.
static inline void rv_copy_in(const struct rove_rope *rope, const struct rv_chunk *chunk,
                              uint8_t *dst, struct rove_span src)
{
    if (src.len >= RV_STREAM_PIECE && rope->tree_len >= RV_STREAM_FROM && chunk->warm)
        rv_copy_streaming(dst, src.ptr, src.len);
    else
        memcpy(dst, src.ptr, src.len);
}

// Fills the tail, a whole chunk, which makes way for the rest in another: once a chunk, with short records. False: nothing
// has happened.
bool rv_turn(struct rove_rope *rope, const uint8_t *src, size_t len);

#endif
