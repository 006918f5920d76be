// SPDX-License-Identifier: MIT
// tail.c: who may write behind the last byte.
#include "rope/tail.h"

static void raise_floor(struct rove_rope *rope, uint32_t to)
{
    if (rope->floor < to)
        rope->floor = to;
}

void rv_tail_show(struct rove_rope *rope)
{
    if (!rope->tail)
        return;
    raise_floor(rope, rv_tail_off(rope));
    rv_chunk_double(rope->tail);
}

void rv_tail_publish(struct rove_rope *rope)
{
    if (!rope->tail)
        return;
    rv_tail_show(rope);
    if (rope->end == rope->cur)
        return;
    rv_mark_set(&rope->tail->mark, rv_tail_off(rope));
    rope->end = rope->cur;
}

void rv_tail_reclaim(struct rove_rope *rope)
{
    RV_ASSERT(rope->end == rope->cur);
    struct rv_chunk *chunk = rope->tail;
    if (!chunk || chunk->kind != RV_POOL || rv_tail_full(rope))
        return;
    uint32_t off = rv_tail_off(rope);
    if (rv_tally_one(&chunk->refs))
        rv_mark_set(&chunk->mark, chunk->cap);
    else if (!rv_mark_claim(&chunk->mark, off, chunk->cap))
        return;
    rope->floor = off;
    rope->end = chunk->data + chunk->cap;
    rv_tail_clamp(rope);
}

void rv_tail_shed(struct rove_rope *rope, size_t len, struct rv_spare *spare)
{
    if (!len)
        return;
    struct rv_entry slice = rv_tail_slice(rope);
    slice.len = len;
    raise_floor(rope, (uint32_t) (rope->base + len - rope->tail->data));
    rv_chunk_ref_slice(slice.ptr, len);
    rope->root = rv_tree_push(rope->root, slice, spare);
    rope->tree_len += len;
    rope->base += len;
    if (rope->base == rope->tail->data + rope->tail->cap)
        rv_tail_drop(rope); // full: the slice in the tree is all there is of it
}

void rv_tail_truncate(struct rove_rope *rope, size_t len)
{
    if (!rope->tail)
        return;
    bool claimed = rope->end != rope->cur;
    rope->cur = rope->base + len;
    if (!claimed) {
        rope->end = rope->cur;
        return;
    }
    if (rv_tail_off(rope) >= rope->floor)
        return;
    if (rv_tally_one(&rope->tail->refs)) {
        rope->floor = rv_tail_off(rope);
    } else { // others see what lies ahead: nobody may write there
        rv_mark_set(&rope->tail->mark, rope->floor);
        rope->end = rope->cur;
    }
}

void rv_tail_open(struct rove_rope *rope, struct rv_chunk *chunk)
{
    RV_ASSERT(rv_tail_len(rope) == 0);
    rv_tail_drop(rope);
    rv_mark_set(&chunk->mark, chunk->cap);
    rope->tail = chunk;
    rope->floor = 0;
    rope->base = rope->cur = chunk->data;
    rope->end = chunk->data + chunk->cap;
    rv_tail_clamp(rope);
}

void rv_tail_hand_over(struct rove_rope *to, struct rove_rope *from)
{
    RV_ASSERT(rv_tail_len(to) == 0);
    rv_tail_drop(to);
    if (from->tail)
        rv_owe(from, rv_chunk_waste(from->tail));
    to->tail = from->tail;
    to->base = from->base;
    to->cur = from->cur;
    to->end = from->end;
    to->floor = from->floor;
    rv_tail_nothing(from);
}

struct rv_chunk *rv_tail_swap(struct rove_rope *rope, struct rv_chunk *chunk)
{
    struct rv_chunk *tail = rope->tail;
    rope->base = chunk->data + (rope->base - tail->data);
    rope->cur = rope->end = chunk->data + (rope->cur - tail->data);
    rope->tail = chunk;
    rv_mark_set(&chunk->mark, chunk->cap);
    return tail;
}

struct rv_chunk *rv_tail_keep(const struct rove_rope *rope, const void *src)
{
    struct rv_chunk *tail = rope->tail;
    if (!tail || !tail->may_sleep || (uintptr_t) src - (uintptr_t) tail->data >= tail->cap)
        return NULL;
    enum rove_status awake = rv_chunk_pin(rv_chunk_ref(tail));
    (void) awake; // the rope has it pinned
    return tail;
}

void rv_tail_drop_any(struct rove_rope *rope)
{
    if (!rv_tally_one(&rope->tail->refs)) { // else it goes home, and nothing of it is kept
        if (rope->end != rope->cur)
            rv_mark_set(&rope->tail->mark, rope->floor);
        rv_owe(rope, rv_chunk_waste(rope->tail));
    }
    rv_chunk_drop(rope->tail);
}
