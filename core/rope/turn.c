// SPDX-License-Identifier: MIT
// turn.c: the tail that is filled by short records goes into the tree, and the next chunk is the tail.
#include "rope/turn.h"

#include "rope/sweep.h"

// Few bytes without a call.
static inline void copy_piece(const struct rove_rope *rope, const struct rv_chunk *chunk,
                              uint8_t *dst, struct rove_span src)
{
    if (src.len <= 64)
        rove_copy_run(dst, src.ptr, src.len);
    else
        rv_copy_in(rope, chunk, dst, src);
}

// Whether a full tail may make way without more ado: all of its chunk is its own, nothing is to be swept, no room to be clamped.
static inline bool may_turn(const struct rove_rope *rope, size_t len)
{
    const struct rove_pool *pool = rope->pool;
    const struct rv_chunk *tail = rope->tail;
    size_t room = (size_t) (rope->end - rope->cur), full = pool->chunk_len;
    return tail && tail->cap == full && rope->base == tail->data &&
           rope->end == rope->base + full && tail->pool == pool && rv_tally_fresh(&tail->refs) &&
           len > room && len - room < full && full >= ROVE_MERGE_LEN && !pool->spill &&
           rope->debt < rv_sweep_least(rope) && rv_may_grow(rope, 2 * (uint64_t) full);
}

// The tail's slice is in the tree, and its hold is the slice's.
static inline void turn_to(struct rove_rope *rope, struct rv_chunk *chunk, const uint8_t *src,
                           size_t len)
{
    struct rv_chunk *tail = rope->tail;
    size_t room = (size_t) (rope->end - rope->cur);
    rv_tally_add(&tail->refs, tail->cap);
    if (room)
        copy_piece(rope, tail, rope->cur, (struct rove_span){src, room});
    copy_piece(rope, chunk, chunk->data, (struct rove_span){src + room, len - room});
    rope->tree_len += tail->cap;
    rv_tail_begin(rope, chunk, len - room);
    if (RV_UNLIKELY(rope->reserved != RV_NO_RUN))
        rope->reserved = RV_NO_RUN;
}

// … by way of new nodes. The chunk is taken in any case.
static RV_LONG_WAY bool turn_with_nodes(struct rove_rope *rope, struct rv_chunk *chunk,
                                        const uint8_t *src, size_t len)
{
    struct rv_spare spare = rv_spare_none(rope->pool);
    struct rv_entry slice = {rope->tail->cap, rope->tail, rope->tail->data};
    bool laid_in = rv_spare_fill(&spare, rv_tree_push_need(rope->root)) == ROVE_OK;
    if (laid_in) {
        rope->root = rv_tree_push(rope->root, slice, &spare);
        turn_to(rope, chunk, src, len);
    } else {
        rv_chunk_drop(chunk);
    }
    rv_spare_fini(&spare);
    return laid_in;
}

// What this reaches lies in few lines of the cache, on purpose: asked for some twenty at once, the processor forgets that
// content is written one byte after the other, and fetches its next pages late (W1 in docs/benchmarks.md).
bool rv_turn(struct rove_rope *rope, const uint8_t *src, size_t len)
{
    if (!may_turn(rope, len))
        return false;
    struct rv_chunk *tail = rope->tail, *chunk = rv_chunk_take_full_at_once(rope->pool);
    enum rove_status why; // which the long way tells
    if (RV_UNLIKELY(!chunk)) {
        chunk = rv_chunk_take(rope->pool, tail->cap, &why);
        if (!chunk)
            return false;
        rv_mark_set(&chunk->mark, chunk->cap);
    }
    if (RV_UNLIKELY(!rv_tree_push_at_once(rope->root, tail, tail->data, tail->cap)))
        return turn_with_nodes(rope, chunk, src, len);
    turn_to(rope, chunk, src, len);
    return true;
}
