// SPDX-License-Identifier: MIT
// growth.c: chunks and nodes for what is appended, all of them before the first change.
#include "rope/growth.h"

#include "base/arith.h"

#include <string.h>

void rv_growth_fini(struct rv_growth *growth)
{
    if (growth->moved)
        rv_chunk_unref(growth->moved);
    while (growth->first) {
        struct rv_chunk *chunk = growth->first;
        growth->first = chunk->next;
        rv_chunk_unref(chunk);
    }
    rv_spare_fini(&growth->spare);
}

// Beyond a pool's limit a tail of the rope's own that is to make way goes to the file, and its chunk is the
// one for the end of what is appended. False where that cannot be, or need not.
static bool move_tail(struct rove_rope *rope, struct rv_growth *growth)
{
    struct rv_chunk *tail = rope->tail;
    if (!tail || tail->pool != rope->pool || tail->cap != rope->pool->chunk_len ||
        !rv_chunk_writable(tail) || rv_tail_len(rope) + growth->room < tail->cap / 2 ||
        (growth->room && !growth->src))
        return false;
    if (growth->room)
        memcpy(rope->cur, growth->src, growth->room); // not counted yet
    growth->moved = rv_chunk_take_asleep(rope->pool, tail->data);
    return growth->moved;
}

// Takes a chunk for the first of len bytes, the last ones of what is appended. There, whole chunks go to the
// file, too, and need no memory.
static struct rv_chunk *take_chunk(struct rove_rope *rope, size_t want, uint64_t len,
                                   const struct rv_growth *growth, enum rove_status *why_out)
{
    struct rv_chunk *chunk = NULL;
    if (growth->src && want == rope->pool->chunk_len && want <= len)
        chunk = rv_chunk_take_asleep(rope->pool,
                                     growth->src + growth->room + (growth->len - len));
    return chunk ? chunk : rv_chunk_take(rope->pool, want, why_out);
}

// Takes chunks for len bytes, the first ones small for a small rope. *cnt_out: how many slices will
// leave the tail: one for each that makes way, and the last if it is full at once.
static enum rove_status take_chunks(struct rove_rope *rope, uint64_t len, struct rv_growth *growth,
                                    uint64_t *cnt_out)
{
    struct rv_chunk **link = &growth->first;
    uint64_t so_far = rove_rope_len(rope);
    if (rope->tail && so_far < 2 * rope->tail->cap)
        so_far = 2 * rope->tail->cap; // a queue stays short, but much goes through it
    growth->len = len;
    *cnt_out = rope->end != rope->base;
    for (bool first = true; len; first = false) {
        size_t want = rv_clamp(len > so_far ? len : so_far, rope->pool->chunk_len);
        enum rove_status why;
        size_t cap = want;
        if (len > want || want < rope->pool->chunk_len || !move_tail(rope, growth)) {
            struct rv_chunk *chunk = take_chunk(rope, want, len, growth, &why);
            if (!chunk)
                return why;
            chunk->next = NULL;
            *link = chunk;
            link = &chunk->next;
            cap = chunk->cap;
        }
        size_t used = rv_clamp(len, cap);
        len -= used;
        so_far += used;
        *cnt_out += !first;
        *cnt_out += !len && used == cap;
    }
    return ROVE_OK;
}

// Nodes for cnt pushes one after the other: on each level the full ones and one more, up to the level on which one is
// enough; copies and a chain for the first.
static unsigned nodes_for(const struct rove_rope *rope, uint64_t cnt)
{
    if (cnt == 1)
        return rv_tree_push_need(rope->root);
    uint64_t need = 2 * rv_height(rope->root) + 3;
    do {
        cnt = cnt / RV_FANOUT + 1;
        need += cnt;
    } while (cnt > 1);
    return (unsigned) need;
}

enum rove_status rv_growth_lay_in(struct rove_rope *rope, uint64_t len,
                                  struct rv_growth *growth)
{
    uint64_t cnt;
    enum rove_status status = take_chunks(rope, len, growth, &cnt);
    if (status || !cnt)
        return status;
    return rv_spare_fill(&growth->spare, nodes_for(rope, cnt));
}

static void swap_tail(struct rove_rope *rope, struct rv_growth *growth)
{
    struct rv_chunk **link = &growth->first;
    while (*link)
        link = &(*link)->next;
    *link = rv_tail_swap(rope, growth->moved);
    (*link)->next = NULL;
    growth->moved = NULL;
}

void rv_growth_next(struct rove_rope *rope, struct rv_growth *growth)
{
    if (growth->moved)
        swap_tail(rope, growth);
    struct rv_chunk *chunk = growth->first;
    growth->first = chunk->next;
    rv_tail_shed(rope, rv_tail_len(rope), &growth->spare);
    rv_tail_open(rope, chunk);
}
