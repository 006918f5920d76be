// SPDX-License-Identifier: MIT
// append.h: what grows a rope at its end, for those who bring more than bytes.
#ifndef RV_APPEND_H
#define RV_APPEND_H

#include "base/arith.h"
#include "rope/tail.h"

// Tells whether a rope has no chunk, and len bytes would be the few of which its first one has room for more.
static inline bool rv_append_is_first(const struct rove_rope *rope, size_t len)
{
    return !rope->tail && !rope->root && len - 1 < ROVE_MERGE_LEN;
}

// Appends what is so, if the thread has a chunk at hand for it. False: nothing has happened.
static inline bool rv_append_first(struct rove_rope *rope, const void *src, size_t len)
{
    struct rv_chunk *chunk = rv_chunk_take_at_once(rope->pool, len + 1);
    if (RV_UNLIKELY(!chunk))
        return false;
    rove_copy_run(chunk->data, src, len);
    rv_tail_begin(rope, chunk, len);
    return true;
}

// Puts the tail slice into the tree; the chunk stays open behind it. No byte moves, and no chunk is dropped.
enum rove_status rv_append_shed(struct rove_rope *rope);

// The same, and merges what is small at the seam: memory in the rope's own bytes may be gone then.
enum rove_status rv_append_settle(struct rove_rope *rope);

// Appends one slice of a chunk, whose hold is taken in any case.
enum rove_status rv_append_slice(struct rove_rope *rope, struct rv_entry slice);

// Appends zeros that all ropes share, one at least, however few: rove_rope_append_zeros() writes less than a page.
enum rove_status rv_append_zeros(struct rove_rope *rope, uint64_t len);

#endif
