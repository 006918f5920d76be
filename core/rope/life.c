// SPDX-License-Identifier: MIT
// life.c: a rope's life.
#include "rope/tail.h"

void rove_rope_init(struct rove_rope *rope, struct rove_pool *pool)
{
    if (rope)
        rv_rope_begin(rope, rv_pool_or_default(pool));
}

// Tells whether there is nothing to take over; then rope, if there is one, is empty, or what it was before.
static bool is_nothing(struct rove_rope *rope, const struct rove_rope *src)
{
    if (!src)
        rove_rope_init(rope, NULL);
    return !rope || !src || rope == src;
}

// Field by field: a rope was often changed just before, and of what the processor has not written yet it can read a field
// at once, but not two together, which is how gcc copies a structure. cur goes first, so that it is not taken with end.
void rove_rope_clone(struct rove_rope *rope, struct rove_rope *src)
{
    if (is_nothing(rope, src))
        return;
    rope->cur = src->cur;
    if (src->tail) {
        rv_tail_publish(src);
        enum rove_status awake = rv_chunk_pin(rv_chunk_ref(src->tail));
        (void) awake; // src has it pinned
    }
    rope->end = src->end;
    rope->base = src->base;
    rope->tail = src->tail;
    rope->floor = src->floor;
    rope->reserved = RV_NO_RUN;
    rope->root = rv_node_ref(src->root);
    rope->tree_len = src->tree_len;
    rope->pool = src->pool;
    rope->scratch = NULL;
    rope->scratch_off = 0;
    rope->debt = src->debt;
    rope->swept = src->swept;
    rv_pool_hold(rope->pool);
}

void rove_rope_move(struct rove_rope *rope, struct rove_rope *src)
{
    if (is_nothing(rope, src))
        return;
    *rope = *src;
    rv_rope_begin(src, rope->pool);
}

void rove_rope_clear(struct rove_rope *rope)
{
    if (rope)
        rv_rope_drop(rope);
}

// A release function may put something into the rope that lets go, also now, or be here itself. Without a last hold on its
// nodes there is none.
void rove_rope_fini(struct rove_rope *rope)
{
    if (!rope || !rope->pool)
        return;
    struct rv_node *root = rv_rope_strip(rope);
    while (root && rv_count_down_shared(&root->refs)) {
        rv_node_gone(root);
        root = rv_rope_strip(rope);
    }
    struct rove_pool *pool = rope->pool;
    rope->pool = NULL;
    if (pool)
        rv_pool_let_go(pool);
}
