// SPDX-License-Identifier: MIT
// edit.c: inserting, erasing, cutting and joining, anywhere.
//
// Three ways, tried in this order: in the tail, where bytes are only moved; inside one leaf, in
// place (leaf.c); and in general, by cutting the tree at both ends of the range and joining what
// is left with what comes in. All lay in their nodes and chunks before the first change.
#include "rope/edit.h"

#include "base/given.h"
#include "rope/append.h"
#include "rope/front.h"
#include "rope/leaf.h"
#include "rope/sweep.h"
#include "rope/trim.h"

#include <rove/view.h>

#include <string.h>

// in general ------------------------------------------------------------------------------------

// How an edit of [off, off + del) falls on tree and tail.
struct fall {
    size_t shed;       // bytes of the tail before the range: they go into the tree
    uint64_t tree_del; // bytes erased in the tree
    size_t tail_del;   // bytes erased in the tail
};

static struct fall fall_of(const struct rove_rope *rope, uint64_t off, uint64_t del)
{
    uint64_t in_tree = off < rope->tree_len ? rv_min_u64(del, rope->tree_len - off) : 0;
    return (struct fall){off > rope->tree_len ? (size_t) (off - rope->tree_len) : 0, in_tree,
                         (size_t) (del - in_tree)};
}

static unsigned most_nodes(const struct rove_rope *rope, const struct rv_node *mid)
{
    unsigned a = rv_height(rope->root) + 1, b = rv_height(mid);
    unsigned height = a > b ? a : b;
    return rv_tree_push_need_most(height) + 2 * rv_tree_cut_need_most(height) +
           2 * rv_tree_join_need_most(height + 1);
}

static unsigned nodes_for(const struct rove_rope *rope, const struct fall *fall, uint64_t off,
                          const struct rv_node *mid)
{
    bool at_end = !fall->shed && !fall->tree_del && off == rope->tree_len;
    unsigned height = rv_height(rope->root);
    if (at_end)
        return rv_tree_append_need(rope->root, mid, rv_tree_seam(rope->root, mid));
    if (!mid && fall->shed) // the range lies in the tail
        return rv_tree_push_need(rope->root);
    if (!mid)
        return 2 * rv_tree_cut_need_most(height) + rv_tree_join_need_most(height);
    return most_nodes(rope, mid);
}

enum rove_status rv_edit_tree(struct rove_rope *rope, uint64_t off, uint64_t del,
                              struct rv_node *mid)
{
    struct fall fall = fall_of(rope, off, del);
    struct rv_spare spare = rv_spare_none(rope->pool);
    spare.to_shrink = del > rv_tree_len(mid);
    enum rove_status status = rv_spare_fill(&spare, nodes_for(rope, &fall, off, mid));
    if (status == ROVE_OK) {
        uint64_t border = rope->tree_len;
        rv_tail_shed(rope, fall.shed, &spare);
        rv_tail_skip(rope, fall.tail_del);
        struct rv_node *left = rope->root, *gone = NULL, *right = NULL;
        if (left) {
            rv_tree_cut(left, off, &spare, &left, &right);
            if (right)
                rv_tree_cut(right, fall.tree_del, &spare, &gone, &right);
        }
        spare.waste += rv_node_unref(gone);
        uint64_t end = off + rv_tree_len(mid);
        struct rv_seam first = rv_tree_seam(left, mid);
        left = right ? rv_tree_join(left, mid, first, &spare)
                     : rv_tree_append(left, mid, first, &spare);
        struct rv_seam second = rv_tree_seam(left, right);
        rope->root = rv_tree_join(left, right, second, &spare);
        rope->tree_len = rv_tree_len(rope->root);
        rv_tail_clamp(rope);
        rv_hand_shift(rope, off, fall.tree_del, end - off);
        if (second.small)
            rv_leaf_tidy(rope, end);
        if (first.small)
            rv_leaf_tidy(rope, off);
        if (fall.shed && fall.shed <= ROVE_MERGE_LEN)
            rv_leaf_tidy(rope, border);
    }
    rv_owe(rope, spare.waste);
    rv_spare_fini(&spare);
    return status;
}

enum rove_status rv_edit_rope(struct rove_rope *rope, uint64_t off, uint64_t del,
                              struct rove_rope *mid)
{
    enum rove_status status = rv_append_settle(mid);
    if (status == ROVE_OK)
        status = rv_edit_tree(rope, off, del, mid->root);
    if (status == ROVE_OK) {
        mid->root = NULL;
        mid->tree_len = 0;
        rv_tail_drop(mid); // what its chunk wastes is owed, too
        rv_owe(rope, mid->debt);
        rove_rope_clear(mid);
    }
    return status;
}

// with bytes ------------------------------------------------------------------------------------

// Shifts what follows in the tail, when that is little and all of it is the rope's own.
static bool edit_in_tail(struct rove_rope *rope, uint64_t off, uint64_t del, const void *src,
                         size_t len)
{
    if (off < rope->tree_len || !rope->tail)
        return false;
    uint8_t *at = rope->base + (off - rope->tree_len);
    size_t after = (size_t) (rope->cur - at) - (size_t) del;
    size_t room = (size_t) (rope->end - rope->cur);
    bool ours = room && (size_t) (at - rope->tail->data) >= rope->floor;
    uintptr_t from = (uintptr_t) src, base = (uintptr_t) rope->base;
    bool inside = from < (uintptr_t) rope->end && from + len > base; // the source would move too
    if (!ours || after > ROVE_MERGE_LEN || inside || len > room + del)
        return false;
    memmove(at + len, at + del, after);
    if (len)
        memcpy(at, src, len);
    rope->cur = at + len + after;
    return true;
}

static enum rove_status replace_by_copy(struct rove_rope *rope, uint64_t off, uint64_t del,
                                        const void *src, size_t len)
{
    struct rove_rope mid;
    rove_rope_init(&mid, rope->pool);
    enum rove_status status = rove_rope_append(&mid, src, len);
    if (status == ROVE_OK)
        status = rv_edit_rope(rope, off, del, &mid);
    rove_rope_fini(&mid);
    return status;
}

// The end of the tree and the front of the tail: both are made shorter in place, so that no memory need be there.
static enum rove_status erase_seam(struct rove_rope *rope, uint64_t off, uint64_t del)
{
    uint32_t before = rope->debt;
    struct rv_spare spare = rv_spare_none(rope->pool);
    spare.to_shrink = true;
    enum rove_status status = rv_spare_fill(&spare, rv_trim_end_need(rope->root, off));
    if (status == ROVE_OK) {
        size_t tail_del = (size_t) (off + del - rope->tree_len);
        rope->root = rv_trim_end(rope->root, off, &spare);
        rope->tree_len = off;
        rv_tail_skip(rope, tail_del);
        rv_tail_clamp(rope);
    }
    rv_sweep_end(rope, before, &spare);
    return status;
}

enum rove_status rove_rope_replace(struct rove_rope *rope, uint64_t off, uint64_t del,
                                   const void *src, size_t len)
{
    if (!rope || rv_lacks(src, len))
        return ROVE_E_ARG;
    enum rove_status status = ROVE_OK;
    uint64_t whole = rove_rope_len(rope);
    if (!rv_within(off, del, whole) || len > ROVE_LEN_MAX - (whole - del))
        return ROVE_E_RANGE;
    if (!del && !len)
        return ROVE_OK;
    if (!len && !off)
        return rv_front_erase(rope, del);
    if (off + del == whole) {
        if (!del)
            return rove_rope_append(rope, src, len);
        if (!len)
            return rove_rope_truncate(rope, off);
    }
    if (!len && off < rope->tree_len && off + del > rope->tree_len)
        return erase_seam(rope, off, del);
    if (edit_in_tail(rope, off, del, src, len))
        return ROVE_OK;
    uint32_t before = rope->debt;
    uint64_t border = rope->tree_len;
    bool in_tree = off + del <= border, shed = !in_tree && len > del;
    struct rv_chunk *kept = shed ? rv_tail_keep(rope, src) : NULL;
    if (shed) // what makes the rope shorter must do with less memory
        status = rv_append_shed(rope);
    in_tree = in_tree || shed;
    if (status == ROVE_OK)
        status = in_tree ? rv_leaf_replace(rope, off, del, src, len) : ROVE_END;
    if (status == ROVE_END)
        status = replace_by_copy(rope, off, del, src, len);
    if (kept)
        rv_chunk_drop(kept);
    if (shed && off > border) // not before: src may lie in what is merged there
        rv_leaf_tidy(rope, border);
    if (status == ROVE_OK)
        rv_sweep(rope, before);
    return status;
}

enum rove_status rove_rope_insert(struct rove_rope *rope, uint64_t off, const void *src, size_t len)
{
    return rove_rope_replace(rope, off, 0, src, len);
}

enum rove_status rove_rope_erase(struct rove_rope *rope, uint64_t off, uint64_t del)
{
    const uint8_t *at;
    if (RV_LIKELY(rope && !off && del && rv_front_drop_at_once(rope, del, &at)))
        return ROVE_OK; // a queue does so with every message
    return rove_rope_replace(rope, off, del, NULL, 0);
}

// ends ------------------------------------------------------------------------------------------

enum rove_status rove_rope_truncate(struct rove_rope *rope, uint64_t len)
{
    if (!rope)
        return ROVE_E_ARG;
    if (len > rove_rope_len(rope))
        return ROVE_E_RANGE;
    if (len >= rope->tree_len) {
        rv_tail_truncate(rope, (size_t) (len - rope->tree_len));
        return ROVE_OK;
    }
    uint32_t before = rope->debt;
    struct rv_spare spare = rv_spare_none(rope->pool);
    spare.to_shrink = true;
    enum rove_status status = rv_spare_fill(&spare, rv_trim_end_need(rope->root, len));
    if (status == ROVE_OK) {
        rope->root = rv_trim_end(rope->root, len, &spare);
        rope->tree_len = len;
        rv_tail_truncate(rope, 0);
    }
    rv_sweep_end(rope, before, &spare);
    return status;
}

// What one part of two owes, which share a debt by their lengths.
static uint32_t share_of(uint32_t debt, uint64_t part, uint64_t other)
{
    return part ? (uint32_t) ((double) debt * ((double) part / (double) (part + other))) : 0;
}

enum rove_status rove_rope_split(struct rove_rope *rope, uint64_t off, struct rove_rope *right_out)
{
    if (right_out == rope)
        return ROVE_E_ARG;
    rove_rope_init(right_out, rope ? rope->pool : NULL);
    if (!rope || !right_out)
        return ROVE_E_ARG;
    uint64_t len = rove_rope_len(rope);
    if (off > len)
        return ROVE_E_RANGE;
    size_t shed = off > rope->tree_len ? (size_t) (off - rope->tree_len) : 0;
    struct rv_spare spare = rv_spare_none(rope->pool);
    unsigned height = rv_height(rope->root) + 1;
    enum rove_status status =
        rv_spare_fill(&spare, rv_tree_push_need_most(height) + rv_tree_cut_need_most(height));
    if (status == ROVE_OK) {
        rv_tail_shed(rope, shed, &spare);
        struct rv_node *right = NULL;
        if (rope->root)
            rv_tree_cut(rope->root, off, &spare, &rope->root, &right);
        rope->tree_len = off;
        right_out->root = right;
        right_out->tree_len = rv_tree_len(right);
        right_out->debt = share_of(rope->debt, right_out->tree_len, off); // nobody knows which of them has the holes
        rope->debt -= right_out->debt;
        right_out->swept = rope->swept > off ? rope->swept - off : 0; // then that of the other is past its end
        rv_tail_hand_over(right_out, rope);
    }
    rv_spare_fini(&spare);
    return status;
}
