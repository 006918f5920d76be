// SPDX-License-Identifier: MIT
// overwrite.c: new bytes over old ones, in place where nobody else sees them.
//
// Bytes that lie in one slice are written as they are found. Of a longer range two passes are made: the
// first asks whether every slice is the rope's alone, the second writes. If any is shared the range is
// replaced instead, as an edit.
#include "rope/overwrite.h"

#include "base/arith.h"
#include "base/given.h"
#include "rope/tail.h"

#include <rove/view.h>

#include <string.h>

// Descends to the leaf of byte *off, made relative to it; NULL when a node on the way is shared.
static struct rv_node *own_leaf(struct rv_node *node, uint64_t *off)
{
    for (;;) {
        if (!rv_count_one(&node->refs))
            return NULL;
        if (!node->level)
            return node;
        node = rv_kid(node, rv_node_find(node, off));
    }
}

// Tells whether two runs of bytes have some in common.
static bool overlap(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
    return (uintptr_t) a < (uintptr_t) b + b_len && (uintptr_t) b < (uintptr_t) a + a_len;
}

bool rv_overwrite_at_once(struct rove_rope *rope, uint64_t off, const uint8_t *src, size_t len)
{
    if (off >= rope->tree_len)
        return false;
    struct rv_found found = rv_own_find(rope->root, off);
    if (!found.ptr || len > found.len || overlap(found.ptr, len, src, len))
        return false;
    struct rv_chunk *chunk = rv_slice_chunk(found.leaf, found.i);
    if (rv_chunk_pin(chunk) != ROVE_OK)
        return false;
    rv_chunk_touch(chunk);
    rove_copy_run((uint8_t *) (uintptr_t) found.ptr, src, len);
    rv_chunk_unpin(chunk);
    return true;
}

enum job { ASK, WRITE, LEAVE };

// One pass over a range of the tree.
struct pass {
    const uint8_t *src; // the whole source
    size_t src_len;
    enum job job;
    const uint8_t *at; // where writing has come to in the source
    size_t pinned;     // bytes of the range that asking has pinned
};

// A source that lies among the bytes to be written would change under the pass.
static bool overlaps(const struct pass *pass, const uint8_t *dst, size_t len)
{
    return overlap(pass->src, pass->src_len, dst, len);
}

static enum rove_status slice_pass(struct pass *pass, struct rv_chunk *chunk, uint8_t *dst,
                                   size_t len)
{
    if (pass->job == ASK) {
        if (!rv_chunk_mine(chunk) || overlaps(pass, dst, len))
            return ROVE_END;
        enum rove_status status = rv_chunk_pin(chunk);
        if (status == ROVE_OK)
            pass->pinned += len;
        return status;
    }
    if (pass->job == WRITE) {
        rv_chunk_touch(chunk);
        memcpy(dst, pass->at, len);
        pass->at += len;
    }
    rv_chunk_unpin(chunk);
    return ROVE_OK;
}

// Goes over [off, off + len) of the tree. ASK pins what may be written, and returns ROVE_END where
// something may not; WRITE and LEAVE undo the pins and cannot fail.
static enum rove_status tree_pass(struct rove_rope *rope, uint64_t off, size_t len,
                                  struct pass *pass)
{
    while (len) {
        uint64_t rest = off;
        struct rv_node *leaf = own_leaf(rope->root, &rest);
        if (!leaf)
            return ROVE_END;
        for (unsigned i = rv_node_find(leaf, &rest); i < leaf->cnt && len; i++, rest = 0) {
            size_t n = rv_clamp(leaf->len[i] - rest, len);
            enum rove_status status =
                slice_pass(pass, rv_slice_chunk(leaf, i), leaf->at[i] + rest, n);
            if (status)
                return status;
            len -= n;
            off += n;
        }
    }
    return ROVE_OK;
}

// Asks for the whole range; what was pinned is let go when not all of it may be written.
static bool may_write(struct rove_rope *rope, uint64_t off, size_t len, struct pass *pass)
{
    pass->job = ASK;
    if (tree_pass(rope, off, len, pass) == ROVE_OK)
        return true;
    pass->job = LEAVE;
    (void) !tree_pass(rope, off, pass->pinned, pass);
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

enum rove_status rove_rope_overwrite(struct rove_rope *rope, uint64_t off, const void *src,
                                     size_t len)
{
    if (!rope || rv_lacks(src, len))
        return ROVE_E_ARG;
    if (!rv_within(off, len, rove_rope_len(rope)))
        return ROVE_E_RANGE;
    if (!len || rv_overwrite_at_once(rope, off, src, len))
        return ROVE_OK;
    size_t in_tree = off < rope->tree_len ? rv_clamp(rope->tree_len - off, len) : 0;
    size_t tail_off = off > rope->tree_len ? (size_t) (off - rope->tree_len) : 0;
    size_t in_tail = len - in_tree;
    struct pass pass = {.src = src, .src_len = len, .at = src};
    bool may = len <= rv_pool_pin_most(rope->pool); // or more would be awake at once than may be
    may = may && (!in_tail || (tail_ours(rope, tail_off) &&
                               !overlaps(&pass, rope->base + tail_off, in_tail)));
    if (!may || !may_write(rope, off, in_tree, &pass))
        return rove_rope_replace(rope, off, len, src, len);
    pass.job = WRITE;
    (void) !tree_pass(rope, off, in_tree, &pass);
    if (in_tail)
        memcpy(rope->base + tail_off, pass.at, in_tail);
    return ROVE_OK;
}
