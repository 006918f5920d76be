// SPDX-License-Identifier: MIT
// front.c: dropping the front where whole slices go.
#include "rope/front.h"

#include "base/arith.h"
#include "rope/trim.h"

#include <string.h>

unsigned rv_front_need(const struct rove_rope *rope)
{
    const struct rv_node *root = rope->root;
    if (!root)
        return 0;
    return root->level ? root->level + 1u : !rv_count_one(&root->refs);
}

void rv_front_drop(struct rove_rope *rope, uint64_t del, struct rv_spare *spare)
{
    const uint8_t *at;
    if (!del || rv_front_drop_at_once(rope, del, &at))
        return;
    uint64_t in_tree = rv_min_u64(del, rope->tree_len);
    rope->root = rv_trim_front(rope->root, in_tree, spare);
    rope->tree_len -= in_tree;
    rv_hand_shift(rope, 0, in_tree, 0);
    rv_tail_skip(rope, (size_t) (del - in_tree));
    rv_tail_clamp(rope);
}

// Drops the first slice, all of it, where the tree is one leaf, the rope's own, and keeps others: a queue of whole chunks.
static bool drop_slice(struct rove_rope *rope, uint64_t del)
{
    struct rv_node *leaf = rope->root;
    if (!leaf || leaf->level || del != leaf->len[0] || leaf->cnt == 1 || !rv_count_one(&leaf->refs))
        return false;
    struct rv_chunk *chunk = rv_slice_chunk(leaf, 0);
    size_t cnt = --leaf->cnt;
    memmove(leaf->len, leaf->len + 1, cnt * sizeof leaf->len[0]);
    memmove(leaf->ptr, leaf->ptr + 1, cnt * sizeof leaf->ptr[0]);
    memmove(leaf->at, leaf->at + 1, cnt * sizeof leaf->at[0]);
    leaf->total -= del;
    rope->tree_len -= del;
    rv_hand_shift(rope, 0, del, 0);
    rv_node_tune(leaf);
    uint64_t most = rv_chunk_wastes(chunk, del);
    rv_owe(rope, rv_min_u64(rv_chunk_unref_slice(chunk, del), most)); // last: a release function may look at the rope
    return true;
}

enum rove_status rv_front_erase(struct rove_rope *rope, uint64_t del)
{
    uint32_t before = rope->debt;
    if (drop_slice(rope, del)) {
        rv_sweep(rope, before);
        return ROVE_OK;
    }
    struct rv_node *leaf = rope->root ? rv_front_leaf(rope->root, del) : NULL;
    if (leaf) {
        rv_owe(rope, rv_front_waste(leaf, del));
        rv_front_shrink(rope, leaf, del);
        rv_hand_shift(rope, 0, del, 0);
        rv_sweep(rope, before);
        return ROVE_OK;
    }
    struct rv_spare spare = rv_spare_none(rope->pool);
    spare.to_shrink = true;
    unsigned need = rv_trim_front_need(rope->root, rv_min_u64(del, rope->tree_len));
    enum rove_status status = rv_spare_fill(&spare, need);
    if (status == ROVE_OK)
        rv_front_drop(rope, del, &spare);
    rv_sweep_end(rope, before, &spare);
    return status;
}
