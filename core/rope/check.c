// SPDX-License-Identifier: MIT
// check.c: every invariant of node.h and tail.h, verified.
//
// The tree is taken level by level, each distinct node once, so that a rope that shares itself a
// thousand times is checked as fast as it is small. What a node may look like depends on where it
// hangs: a context is the set of (on the left edge, on the right edge) under which it is reached. The
// memory for this comes from the default pool: a rope at its pool's limit must be checkable, too.
#include "rope/edit.h"
#include "rope/seen.h"

#define CTX(left, right) (1u << ((left) *2 + (right)))

static unsigned kid_ctx(unsigned ctx, bool first, bool last)
{
    unsigned kid = 0;
    for (unsigned left = 0; left < 2; left++)
        for (unsigned right = 0; right < 2; right++)
            if (ctx & CTX(left, right))
                kid |= CTX(left && first, right && last);
    return kid;
}

static const char *check_shift(const struct rv_node *node)
{
    if (node->shift == RV_RAGGED)
        return NULL;
    uint64_t unit = UINT64_C(1) << node->shift;
    if (node->cnt < 3 || node->skew != unit - node->len[0] || node->len[0] > unit)
        return "a node with a shift has three entries or more, the first no longer than the others";
    for (unsigned i = 1; i + 1 < node->cnt; i++)
        if (node->len[i] != unit)
            return "a node with a shift has equal lengths between its ends";
    return node->len[node->cnt - 1] <= unit ? NULL : "a node with a shift has no longer last entry";
}

static const char *check_grid(const struct rv_node *node)
{
    if (node->grid == RV_RAGGED)
        return NULL;
    uint64_t unit = UINT64_C(1) << (node->grid + node->level * RV_FANOUT_BITS);
    for (unsigned i = 0; i < node->cnt; i++) {
        bool last = i + 1u == node->cnt;
        if (node->len[i] > unit || (!last && node->len[i] < unit))
            return "entries on a grid are full, the last perhaps less";
        if (node->level && rv_kid(node, i)->grid != node->grid)
            return "kids of a node with a grid are on the same grid";
    }
    return NULL;
}

static const char *check_slice(const struct rv_node *leaf, unsigned i)
{
    const struct rv_chunk *chunk = leaf->ptr[i];
    if (!rv_count_get(&chunk->refs))
        return "a chunk in a leaf has a holder";
    bool inside = leaf->at[i] >= chunk->data &&
                  rv_within((uint64_t) (leaf->at[i] - chunk->data), leaf->len[i], chunk->cap);
    return inside ? NULL : "a slice lies within its chunk";
}

static const char *check_kid(const struct rv_node *node, unsigned i)
{
    const struct rv_node *kid = rv_kid(node, i);
    if (kid->level + 1 != node->level)
        return "a kid's level is its parent's less one";
    return kid->total == node->len[i] ? NULL : "a node knows the sum of each kid";
}

static const char *check_node(const struct rv_node *node, unsigned ctx, bool is_root)
{
    if (!node->cnt || node->cnt > RV_FANOUT)
        return "a node has from 1 to RV_FANOUT entries";
    if (node->cnt < RV_FILL && ctx & CTX(0, 0))
        return "a node on no edge has at least RV_FILL entries";
    if (is_root && node->level && node->cnt < 2)
        return "an inner root has two kids or more";
    uint64_t sum = 0;
    for (unsigned i = 0; i < node->cnt; i++) {
        if (!node->len[i])
            return "no entry is empty";
        sum += node->len[i];
        const char *wrong = node->level ? check_kid(node, i) : check_slice(node, i);
        if (wrong)
            return wrong;
    }
    const char *wrong = sum == node->total ? NULL : "a node's total is the sum of its entries";
    wrong = wrong ? wrong : check_shift(node);
    return wrong ? wrong : check_grid(node);
}

// Checks the nodes of one level and gathers those of the next.
static const char *check_level(const struct rv_seen *level, struct rv_seen *next, bool is_root)
{
    for (size_t i = 0; i < level->cap; i++) {
        const struct rv_node *node = level->item[i].key;
        if (!node)
            continue;
        unsigned ctx = level->item[i].ctx;
        const char *wrong = check_node(node, ctx, is_root);
        if (wrong)
            return wrong;
        for (unsigned k = 0; node->level && k < node->cnt; k++) {
            struct rv_seen_item *kid = rv_seen_at(next, rv_kid(node, k));
            if (!kid)
                return "there is memory to check with";
            kid->ctx |= kid_ctx(ctx, k == 0, k + 1 == node->cnt);
        }
    }
    return NULL;
}

static const char *check_tree(const struct rove_rope *rope)
{
    struct rv_seen level = rv_seen_none(rove_pool_default());
    struct rv_seen_item *root = rv_seen_at(&level, rope->root);
    if (!root)
        return "there is memory to check with";
    root->ctx = CTX(1, 1);
    const char *wrong = NULL;
    for (bool is_root = true; level.cnt && !wrong; is_root = false) {
        struct rv_seen next = rv_seen_none(rove_pool_default());
        wrong = check_level(&level, &next, is_root);
        rv_seen_fini(&level);
        level = next;
    }
    rv_seen_fini(&level);
    return wrong;
}

static const char *check_tail(const struct rove_rope *rope)
{
    const struct rv_chunk *chunk = rope->tail;
    if (!chunk)
        return rope->base || rope->cur || rope->end ? "no tail, no pointers" : NULL;
    if (rope->base > rope->cur || rope->cur > rope->end)
        return "base, cur and end of the tail are in order";
    if (rope->base < chunk->data || rope->end > chunk->data + chunk->cap)
        return "the tail lies within its chunk";
    if (rope->end == rope->cur)
        return NULL;
    if (rv_mark_get(&chunk->mark) != chunk->cap)
        return "who has room has the claim";
    return (size_t) (rope->cur - chunk->data) >= rope->floor ? NULL
                                                             : "room lies past what others see";
}

const char *rove_rope_check(const struct rove_rope *rope)
{
    if (rv_tree_len(rope->root) != rope->tree_len)
        return "the rope knows the length of its tree";
    if (rove_rope_len(rope) > ROVE_LEN_MAX)
        return "the length is at most ROVE_LEN_MAX";
    if (rope->scratch && rope->scratch_off > rope->scratch->cap)
        return "the scratch chunk is not overfull";
    const char *wrong = check_tail(rope);
    return wrong || !rope->root ? wrong : check_tree(rope);
}
