// SPDX-License-Identifier: MIT
// front.h: a rope as a queue: bytes go at its front.
//
// Most of what goes is part of the first slice, or of the tail where there is no tree. That takes no more than numbers,
// which is what the inline functions here do.
//
// What it wastes is owed as anything else (sweep.c), but paid for only when it is half a chunk (rove_pool.front_debt), or
// with the next other edit: the first chunk may be sparse as long as it is the first, and to come here by another way at
// every sixteenth of a chunk took a sixth of the time of a queue of 100 bytes.
#ifndef RV_FRONT_H
#define RV_FRONT_H

#include "rope/sweep.h"

// The leaf whose first slice is the front of a tree, if that is longer than del bytes and nobody else sees the way there;
// else NULL.
static inline struct rv_node *rv_front_leaf(struct rv_node *root, uint64_t del)
{
    struct rv_node *node = root;
    if (RV_UNLIKELY(node->level))
        while (node->level && del < node->len[0] && rv_count_one(&node->refs))
            node = rv_kid(node, 0);
    return RV_LIKELY(del < node->len[0] && rv_count_one(&node->refs)) ? node : NULL;
}

// What is wasted when bytes of its first slice go.
static inline uint64_t rv_front_waste(const struct rv_node *leaf, uint64_t del)
{
    return rv_chunk_counts(rv_slice_chunk(leaf, 0)) ? del : 0;
}

// One node's part of what follows.
static inline void rv_front_shrink_node(struct rv_node *node, uint64_t del)
{
    node->total -= del;
    node->len[0] -= del;
    node->skew += del; // if it is even, the first entry may be shorter than the others
    node->grid = RV_RAGGED;
}

// Drops bytes of the first slice, in such a leaf. It needs no node and lets go of no chunk; what it wastes is the caller's
// concern.
static inline void rv_front_shrink(struct rove_rope *rope, struct rv_node *leaf, uint64_t del)
{
    rope->tree_len -= del;
    leaf->at[0] += del;
    rv_front_shrink_node(leaf, del);
    if (RV_UNLIKELY(leaf != rope->root))
        for (struct rv_node *node = rope->root; node != leaf; node = rv_kid(node, 0))
            rv_front_shrink_node(node, del);
    rv_tally_take(&rv_slice_chunk(leaf, 0)->refs, del); // last: its line of the cache is the farthest
}

// Drops the first bytes, 1 or more, if that is so and the rope need not be swept for them. *at_out: where they lay, and
// lie until the rope changes again: what is left of the slice, or of the tail, keeps their chunk. False: nothing has
// happened.
static inline bool rv_front_drop_at_once(struct rove_rope *rope, uint64_t del, const uint8_t **at_out)
{
    if (RV_UNLIKELY(!rope->root)) {
        *at_out = rope->base;
        if (del > rv_tail_len(rope))
            return false;
        rv_tail_skip(rope, (size_t) del);
        return true;
    }
    struct rv_node *leaf = rv_front_leaf(rope->root, del);
    if (RV_UNLIKELY(!leaf))
        return false;
    if (RV_LIKELY(rv_chunk_counts(rv_slice_chunk(leaf, 0)))) {
        uint64_t debt = rope->debt + del;
        if (RV_UNLIKELY(debt >= rope->pool->front_debt))
            return false;
        rope->debt = (uint32_t) debt;
    }
    *at_out = leaf->at[0];
    rv_front_shrink(rope, leaf, del);
    return true;
}

// Erases the first bytes, at most all, in place, so that memory can be freed where none is left to do it with.
enum rove_status rv_front_erase(struct rove_rope *rope, uint64_t del);

// The front, dropped by who must know before that it cannot fail: spare is filled with rv_front_need(), which
// suffices for any part; rv_sweep_end() pays for what was wasted.
unsigned rv_front_need(const struct rove_rope *rope);
void rv_front_drop(struct rove_rope *rope, uint64_t del, struct rv_spare *spare);

#endif
