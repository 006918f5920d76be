// SPDX-License-Identifier: MIT
// store.h: what each thread keeps of a pool: full chunks through it, and its part of the count of who holds the pool.
#ifndef RV_STORE_H
#define RV_STORE_H

#include "chunk/layout.h"
#include "chunk/slot.h"

// Makes the slot of thread number, or returns NULL.
struct rv_slot *rv_pool_make_slot(struct rove_pool *pool, int number);

// The calling thread's slot of the pool; NULL also for one that is not made yet.
static inline struct rv_slot *rv_pool_slot_for_counts(const struct rove_pool *pool)
{
    int mine = rv_slot_mine;
    return RV_LIKELY(mine > 0) ? rv_once_get(&pool->slots[mine - 1]) : NULL;
}

// Whether anything is kept in slots: not for a sanitizer, so that it sees every use after free.
static inline bool rv_pool_keeps(void)
{
#ifdef RV_ONE_BLOCK_PER_CHUNK
    return false;
#else
    return true;
#endif
}

// The same for what is kept there.
static inline struct rv_slot *rv_pool_slot_made(const struct rove_pool *pool)
{
    return rv_pool_keeps() ? rv_pool_slot_for_counts(pool) : NULL;
}

// The same, made if need be.
static inline struct rv_slot *rv_pool_slot(struct rove_pool *pool)
{
    int number = rv_slot_number();
    if (RV_UNLIKELY(number < 0))
        return NULL;
    struct rv_slot *slot = rv_once_get(&pool->slots[number]);
    if (RV_UNLIKELY(!slot))
        slot = rv_pool_make_slot(pool, number);
    return rv_pool_keeps() ? slot : NULL;
}

// Counts one holder more or less in the calling thread's part; false where it has to be done in the whole. A thread that is
// alone has nobody to stay apart from.
static inline bool rv_pool_count_apart(struct rove_pool *pool, int by)
{
    struct rv_slot *slot = rv_one_thread() ? NULL : rv_pool_slot_for_counts(pool);
    return slot && rv_part_add(&slot->held, by);
}

// Holds the pool, which somebody holds already, and lets it go.
static inline void rv_pool_hold(struct rove_pool *pool)
{
    if (!pool->immortal && !rv_pool_count_apart(pool, 1))
        rv_whole_add(&pool->refs, 1);
}

static inline void rv_pool_let_go(struct rove_pool *pool)
{
    if (!pool->immortal && !rv_pool_count_apart(pool, -1) && rv_whole_add(&pool->refs, -1))
        pool->last_gone(pool);
}

// Like rv_raw_get(), but makes room at the limit. Not under the pool's lock.
void *rv_pool_get(struct rove_pool *pool, size_t len, size_t align, enum rove_status *why_out);

// Takes a full chunk, descriptor not started; NULL and why.
struct rv_chunk *rv_pool_chunk_take(struct rove_pool *pool, enum rove_status *why_out);

// The first that a thread keeps.
static inline struct rv_chunk *rv_slot_chunk_out(struct rv_slot *slot)
{
    struct rv_chunk *chunk = slot->chunks;
    slot->chunks = chunk->next;
    slot->chunk_cnt--;
    rv_figure_own_add(&slot->taken, 1);
    return chunk;
}

// The same as rv_pool_chunk_take() where the thread has one at hand whose pages are there, else NULL.
static inline struct rv_chunk *rv_pool_chunk_take_at_once(struct rove_pool *pool)
{
    struct rv_slot *slot = pool->counted ? NULL : rv_pool_slot_made(pool);
    struct rv_chunk *chunk = slot ? slot->chunks : NULL;
    return RV_LIKELY(chunk && chunk->warm) ? rv_slot_chunk_out(slot) : NULL;
}

// Takes a chunk that sleeps from the first, pinned, with these bytes. NULL where there is room for one that is awake,
// beyond what is left for nodes and heads of slabs, or it cannot be done.
struct rv_chunk *rv_pool_chunk_take_asleep(struct rove_pool *pool, const uint8_t *bytes);

// Gives a full chunk back.
void rv_pool_chunk_give(struct rove_pool *pool, struct rv_chunk *chunk);

#endif
