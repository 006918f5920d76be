// SPDX-License-Identifier: MIT
// store.h: what each thread keeps of a pool, and full chunks through it.
#ifndef RV_STORE_H
#define RV_STORE_H

#include "chunk/layout.h"
#include "chunk/slot.h"

// Makes the slot of thread number, or returns NULL.
struct rv_slot *rv_pool_make_slot(struct rove_pool *pool, int number);

// The calling thread's slot of the pool, or NULL.
static inline struct rv_slot *rv_pool_slot(struct rove_pool *pool)
{
#ifdef RV_ONE_BLOCK_PER_CHUNK
    (void) pool; // nothing is kept, so that a sanitizer sees every use after free
    return NULL;
#else
    int number = rv_slot_number();
    if (RV_UNLIKELY(number < 0))
        return NULL;
    struct rv_slot *slot = rv_once_get(&pool->slots[number]);
    return RV_LIKELY(slot != NULL) ? slot : rv_pool_make_slot(pool, number);
#endif
}

// The same where that takes no call: NULL also for a slot that is not made yet.
static inline struct rv_slot *rv_pool_slot_made(struct rove_pool *pool)
{
#ifdef RV_ONE_BLOCK_PER_CHUNK
    (void) pool;
    return NULL;
#else
    int mine = rv_slot_mine;
    return RV_LIKELY(mine > 0) ? rv_once_get(&pool->slots[mine - 1]) : NULL;
#endif
}

// Like rv_raw_get(), but makes room at the limit. Not under the pool's lock.
void *rv_pool_get(struct rove_pool *pool, size_t len, size_t align, enum rove_status *why_out);

// Takes a full chunk, descriptor not started; NULL and why.
struct rv_chunk *rv_pool_chunk_take(struct rove_pool *pool, enum rove_status *why_out);

// The same where the thread has one at hand whose pages are there, else NULL.
static inline struct rv_chunk *rv_pool_chunk_take_at_once(struct rove_pool *pool)
{
    struct rv_slot *slot = pool->counted ? NULL : rv_pool_slot_made(pool);
    struct rv_chunk *chunk = slot ? slot->chunks : NULL;
    if (RV_UNLIKELY(!chunk || !chunk->warm))
        return NULL;
    slot->chunks = chunk->next;
    slot->chunk_cnt--;
    rv_figure_own_add(&slot->taken, 1);
    return chunk;
}

// Takes a chunk that sleeps from the first, pinned, with these bytes. NULL where another would not have to go
// to sleep for one that is awake, or it cannot be done.
struct rv_chunk *rv_pool_chunk_take_asleep(struct rove_pool *pool, const uint8_t *bytes);

// Gives a full chunk back.
void rv_pool_chunk_give(struct rove_pool *pool, struct rv_chunk *chunk);

#endif
