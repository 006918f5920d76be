// SPDX-License-Identifier: MIT
// front.h: a rope as a queue: bytes go at its front.
#ifndef RV_FRONT_H
#define RV_FRONT_H

#include "rope/tail.h"

// Drops bytes of the first slice, if that is longer and nobody else sees the way there. It needs no node and lets
// go of no chunk.
static inline bool rv_front_shrink(struct rove_rope *rope, uint64_t del)
{
    struct rv_node *node = rope->root;
    while (node->level && del < node->len[0] && rv_count_one(&node->refs))
        node = rv_kid(node, 0);
    if (RV_UNLIKELY(del >= node->len[0] || !rv_count_one(&node->refs)))
        return false;
    rv_owe(rope, rv_slice_shrink(node, 0, del));
    node->at[0] += del;
    rope->tree_len -= del;
    for (node = rope->root;; node = rv_kid(node, 0)) {
        node->total -= del;
        node->len[0] -= del;
        node->skew += del; // if it is even, the first entry may be shorter than the others
        node->grid = RV_RAGGED;
        if (!node->level)
            return true;
    }
}

// Drops the first bytes if that takes no more than numbers: those of the tail, or of a longer first slice. What is
// owed for them is the caller's concern. False: nothing has happened.
static inline bool rv_front_drop_at_once(struct rove_rope *rope, uint64_t del)
{
    if (RV_LIKELY(rope->root != NULL))
        return rv_front_shrink(rope, del);
    if (del > rv_tail_len(rope))
        return false;
    rv_tail_skip(rope, (size_t) del);
    return true;
}

// Erases the first bytes, at most all, in place, so that memory can be freed where none is left to do it with.
enum rove_status rv_front_erase(struct rove_rope *rope, uint64_t del);

// The front, dropped by who must know before that it cannot fail: spare is filled with rv_front_need(), which
// suffices for any part; rv_sweep_end() pays for what was wasted.
unsigned rv_front_need(const struct rove_rope *rope);
void rv_front_drop(struct rove_rope *rope, uint64_t del, struct rv_spare *spare);

#endif
