// SPDX-License-Identifier: MIT
// overwrite.c: new bytes over old ones, in place where nobody else sees them.
//
// Bytes that lie in one slice are written as they are found. Over a longer range two passes are made from where
// its first byte was found: one asks whether every slice is the rope's alone, the other writes. If any is shared
// the range is replaced instead, as an edit. Asking fetches a line of each slice, with which the processor knows its
// page, too: 2 KiB of each, and none, were slower.
#include "rope/overwrite.h"

#include "base/arith.h"
#include "base/given.h"
#include "rope/tail.h"

#include <rove/view.h>

#include <string.h>

// Tells whether two runs of bytes have some in common.
static bool overlap(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
    return (uintptr_t) a < (uintptr_t) b + b_len && (uintptr_t) b < (uintptr_t) a + a_len;
}

// Writes where the first byte was found, if all lies there.
static inline bool write_found(struct rv_found found, const uint8_t *src, size_t len)
{
    if (!found.ptr || len > found.len || overlap(found.ptr, len, src, len))
        return false;
    struct rv_chunk *chunk = rv_slice_chunk(found.leaf, found.i);
    if (rv_chunk_pin_to_write(chunk) != ROVE_OK)
        return false;
    rv_chunk_touch(chunk);
    rove_copy_run((uint8_t *) (uintptr_t) found.ptr, src, len);
    rv_chunk_unpin(chunk);
    return true;
}

bool rv_overwrite_at_once(struct rove_rope *rope, uint64_t off, const uint8_t *src, size_t len)
{
    if (off >= rope->tree_len)
        return false;
    struct rv_found found = rv_own_find(rope->root, off);
    return write_found(found, src, len);
}

enum job { ASK, WRITE, LEAVE };

// One pass over a range of the tree.
struct pass {
    const uint8_t *src; // the whole source
    size_t src_len;
    const struct rv_found *first; // where the range begins, if it does in the tree; no ptr: may not be written
    const uint8_t *at; // where writing has come to in the source
    size_t pinned;     // bytes of the range that asking has pinned
    uint64_t awake;    // … and bytes of chunks that are kept awake for them
};

// A source that lies among the bytes to be written would change under the pass.
static bool overlaps(const struct pass *pass, const uint8_t *dst, size_t len)
{
    return overlap(pass->src, pass->src_len, dst, len);
}

// Pins a chunk, unless more were kept awake by then than one call may have.
static inline enum rove_status pin(struct pass *pass, struct rv_chunk *chunk)
{
    enum rove_status status = rv_chunk_pin_to_write(chunk);
    if (status || RV_LIKELY(!rv_switch_is_on(&rv_chunks_sleep)))
        return status;
    pass->awake += rv_chunk_pin_cost(chunk);
    if (!pass->pinned || pass->awake <= rv_pool_pin_most(chunk->pool))
        return ROVE_OK;
    rv_chunk_unpin(chunk);
    return ROVE_E_LIMIT;
}

static inline enum rove_status slice_pass(struct pass *pass, enum job job, struct rv_chunk *chunk, uint8_t *dst,
                                          size_t len)
{
    if (job == ASK) {
        if (!rv_chunk_mine(chunk) || overlaps(pass, dst, len))
            return ROVE_END;
        __builtin_prefetch(dst, 1); // comes while others are asked for
        enum rove_status status = pin(pass, chunk);
        if (status == ROVE_OK)
            pass->pinned += len;
        return status;
    }
    if (job == WRITE) {
        rv_chunk_touch(chunk);
        memcpy(dst, pass->at, len);
        pass->at += len;
    }
    rv_chunk_unpin(chunk);
    return ROVE_OK;
}

// In another leaf.
static RV_LONG_WAY void find_on(struct rove_rope *rope, uint64_t off, struct rv_found *found)
{
    *found = rv_own_find(rope->root, off);
}

// Goes over [off, off + len) of the tree. ASK pins what may be written, and returns ROVE_END where
// something may not; WRITE and LEAVE undo the pins and cannot fail.
static inline enum rove_status tree_pass(struct rove_rope *rope, uint64_t off, size_t len,
                                         struct pass *pass, enum job job)
{
    if (!len)
        return ROVE_OK;
    struct rv_found found;
    const struct rv_node *leaf = pass->first->leaf;
    uint8_t *dst = (uint8_t *) (uintptr_t) pass->first->ptr;
    uint64_t in_slice = pass->first->len;
    for (unsigned i = pass->first->i;;) {
        if (!dst)
            return ROVE_END;
        size_t n = rv_clamp(in_slice, len);
        enum rove_status status = slice_pass(pass, job, rv_slice_chunk(leaf, i), dst, n);
        if (status)
            return status;
        len -= n;
        if (!len)
            return ROVE_OK;
        off += n;
        if (++i < leaf->cnt) {
            dst = leaf->at[i];
            in_slice = leaf->len[i];
        } else {
            find_on(rope, off, &found);
            leaf = found.leaf;
            i = found.i;
            dst = (uint8_t *) (uintptr_t) found.ptr;
            in_slice = found.len;
        }
    }
}

// Asks for the whole range; what was pinned is let go when not all of it may be written.
static bool may_write(struct rove_rope *rope, uint64_t off, size_t len, struct pass *pass)
{
    if (RV_LIKELY(tree_pass(rope, off, len, pass, ASK) == ROVE_OK))
        return true;
    (void) !tree_pass(rope, off, pass->pinned, pass, LEAVE);
    return false;
}

// Tells whether [off, off + len) of the tail slice may be written.
static bool tail_ours(const struct rove_rope *rope, size_t off)
{
    if (rv_chunk_mine(rope->tail))
        return true;
    bool claimed = rope->end != rope->cur;
    return claimed && (size_t) (rope->base - rope->tail->data) + off >= rope->floor;
}

// The range is not all in one slice, or not all the rope's.
static RV_LONG_WAY enum rove_status overwrite_any(struct rove_rope *rope, const struct rv_found *first,
                                                  uint64_t off, const void *src, size_t len)
{
    size_t in_tree = off < rope->tree_len ? rv_clamp(rope->tree_len - off, len) : 0;
    size_t tail_off = off > rope->tree_len ? (size_t) (off - rope->tree_len) : 0;
    size_t in_tail = len - in_tree;
    struct pass pass = {.src = src, .src_len = len, .first = first, .at = src};
    bool may = len <= rv_pool_pin_most(rope->pool); // or more would be awake at once than may be
    may = may && (!in_tail || (tail_ours(rope, tail_off) &&
                               !overlaps(&pass, rope->base + tail_off, in_tail)));
    if (!may || !may_write(rope, off, in_tree, &pass))
        return rove_rope_replace(rope, off, len, src, len);
    (void) !tree_pass(rope, off, in_tree, &pass, WRITE);
    if (in_tail)
        memcpy(rope->base + tail_off, pass.at, in_tail);
    return ROVE_OK;
}

enum rove_status rove_rope_overwrite(struct rove_rope *rope, uint64_t off, const void *src,
                                     size_t len)
{
    if (!rope || rv_lacks(src, len))
        return ROVE_E_ARG;
    if (!rv_within(off, len, rove_rope_len(rope)))
        return ROVE_E_RANGE;
    struct rv_found first = {NULL, 0, NULL, 0};
    if (off < rope->tree_len)
        first = rv_own_find(rope->root, off);
    if (!len || write_found(first, src, len))
        return ROVE_OK;
    return overwrite_any(rope, &first, off, src, len);
}
