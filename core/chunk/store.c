// SPDX-License-Identifier: MIT
// store.c: slots, and full chunks between them and the slabs.
#include "chunk/store.h"

#include "chunk/raw.h"
#include "chunk/room.h"
#include "chunk/slab.h"
#include "chunk/spill.h"
#include "chunk/spill_file.h"

#include <string.h>

#define ASLEEP_FROM ((size_t) 16 << 10) // bytes; 64 KiB in chunks of 4 KiB would take 130 us, not 120

struct rv_slot *rv_pool_make_slot(struct rove_pool *pool, int number)
{
    enum rove_status why;
    struct rv_slot *slot = rv_raw_get(pool, sizeof *slot, RV_BLOCK_ALIGN, &why);
    if (!slot)
        return NULL;
    memset(slot, 0, sizeof *slot);
    rv_lock_enter(&pool->lock);
    rv_part_init(&slot->held, pool->closed);
    rv_once_set(&pool->slots[number], slot);
    rv_lock_leave(&pool->lock);
    return slot;
}

static struct rv_chunk *take_many(struct rove_pool *pool, unsigned *cnt, enum rove_status *why_out)
{
    rv_lock_enter(&pool->lock);
    struct rv_chunk *chunks = rv_slab_take(pool, cnt, why_out);
    rv_lock_leave(&pool->lock);
    return chunks;
}

void *rv_pool_get(struct rove_pool *pool, size_t len, size_t align, enum rove_status *why_out)
{
    enum rove_status why = ROVE_OK;
    void *ptr;
    do
        ptr = rv_raw_get(pool, len, align, &why);
    while (!ptr && why == ROVE_E_LIMIT && len <= pool->budget->limit &&
           rv_room_make(pool, len, &why));
    if (!ptr)
        *why_out = why;
    return ptr;
}

// Takes a chunk from a slab, for whose head room is made if need be. With the pool's lock held.
static struct rv_chunk *take_one(struct rove_pool *pool, enum rove_status *why_out)
{
    unsigned one = 1;
    struct rv_chunk *chunk = rv_slab_take(pool, &one, why_out);
    while (!chunk && *why_out == ROVE_E_LIMIT) {
        *why_out = rv_spill_make_room(pool);
        if (*why_out != ROVE_OK)
            return NULL;
        chunk = rv_slab_take(pool, &one, why_out);
    }
    return chunk;
}

// Takes a chunk and counts its pages, with the pool's lock held.
static struct rv_chunk *take_settled(struct rove_pool *pool, enum rove_status *why_out)
{
    struct rv_chunk *chunk = take_one(pool, why_out);
    if (!chunk)
        return NULL;
    *why_out = rv_spill_settle(pool, chunk);
    if (*why_out == ROVE_OK)
        return chunk;
    rv_slab_give(pool, chunk);
    return NULL;
}

// A pool with a limit counts each chunk as it is taken.
static struct rv_chunk *take_counted(struct rove_pool *pool, enum rove_status *why_out)
{
    enum rove_status why;
    struct rv_chunk *chunk;
    uint64_t most = pool->chunk_len + rv_slab_head_len(pool); // it may need another slab
    do {
        rv_lock_enter(&pool->lock);
        chunk = take_settled(pool, &why);
        rv_lock_leave(&pool->lock);
    } while (!chunk && rv_room_elsewhere(pool, most, why));
    if (chunk)
        rv_figure_add(&pool->taken, 1);
    else
        *why_out = why;
    return chunk;
}

// Tells whether a chunk that is to be taken had better not be in memory: there is no room for it, or just what was made
// for nodes and for heads of slabs. A chunk that took that would be a hole in what the file gets in order, and of a
// file with many the kernel takes longer to write (docs/memory.md).
static bool is_full(const struct rove_pool *pool)
{
    uint64_t held = rv_figure_get(&pool->budget->held), wanted = pool->chunk_len + rv_spill_run_len(pool);
    return held + wanted > pool->budget->limit && !(pool->partial && pool->partial->warm);
}

struct rv_chunk *rv_pool_chunk_take_asleep(struct rove_pool *pool, const uint8_t *bytes)
{
    if (!pool->spill || pool->chunk_len < ASLEEP_FROM)
        return NULL;
    enum rove_status why;
    rv_lock_enter(&pool->lock);
    struct rv_chunk *chunk = is_full(pool) ? take_one(pool, &why) : NULL;
    if (chunk && rv_spill_settle_asleep(pool, chunk, bytes) != ROVE_OK) {
        rv_slab_give(pool, chunk);
        chunk = NULL;
    }
    rv_lock_leave(&pool->lock);
    if (chunk)
        rv_figure_add(&pool->taken, 1);
    return chunk;
}

static struct rv_chunk *take_uncounted(struct rove_pool *pool, enum rove_status *why_out)
{
    struct rv_slot *slot = rv_pool_slot(pool);
    unsigned cnt = slot ? RV_SLOT_CHUNKS / 2 : 1;
    if (!slot) {
        struct rv_chunk *one = take_many(pool, &cnt, why_out);
        if (one)
            rv_figure_add(&pool->taken, 1);
        return one;
    }
    if (!slot->chunks) {
        slot->chunks = take_many(pool, &cnt, why_out);
        if (!slot->chunks)
            return NULL;
        slot->chunk_cnt = cnt;
    }
    return rv_slot_chunk_out(slot);
}

// In general.
static RV_LONG_WAY struct rv_chunk *take_any(struct rove_pool *pool, enum rove_status *why_out)
{
    struct rv_chunk *chunk = pool->counted ? take_counted(pool, why_out) : take_uncounted(pool, why_out);
    if (chunk && !chunk->warm)
        rv_slab_touch_pages(chunk);
    return chunk;
}

struct rv_chunk *rv_pool_chunk_take(struct rove_pool *pool, enum rove_status *why_out)
{
    struct rv_chunk *chunk = rv_pool_chunk_take_at_once(pool);
    return RV_LIKELY(chunk != NULL) ? chunk : take_any(pool, why_out);
}

// Sends the colder half of a full slot home: the list's end.
static RV_LONG_WAY void spill_slot(struct rove_pool *pool, struct rv_slot *slot)
{
    struct rv_chunk *last = slot->chunks;
    for (unsigned i = 1; i < RV_SLOT_CHUNKS / 2; i++)
        last = last->next;
    rv_lock_enter(&pool->lock);
    rv_slab_give(pool, last->next);
    rv_lock_leave(&pool->lock);
    last->next = NULL;
    slot->chunk_cnt = RV_SLOT_CHUNKS / 2;
}

static inline void keep(struct rove_pool *pool, struct rv_slot *slot, struct rv_chunk *chunk)
{
    RV_POISON(chunk->data, chunk->cap);
    chunk->warm = true;
    chunk->next = slot->chunks;
    slot->chunks = chunk;
    rv_figure_own_add(&slot->given, 1);
    if (++slot->chunk_cnt == RV_SLOT_CHUNKS)
        spill_slot(pool, slot);
}

// In general.
static RV_LONG_WAY void give_any(struct rove_pool *pool, struct rv_chunk *chunk)
{
    struct rv_slot *slot = pool->counted ? NULL : rv_pool_slot(pool);
    if (slot) {
        keep(pool, slot, chunk);
        return;
    }
    if (!pool->counted)
        RV_POISON(chunk->data, chunk->cap);
    chunk->warm = true;
    chunk->next = NULL;
    rv_lock_enter(&pool->lock);
    if (pool->counted)
        rv_spill_forget(pool, chunk);
    rv_slab_give(pool, chunk);
    if (pool->counted)
        rv_spill_cut_file(pool);
    rv_lock_leave(&pool->lock);
    rv_figure_add(&pool->given, 1);
}

void rv_pool_chunk_give(struct rove_pool *pool, struct rv_chunk *chunk)
{
    struct rv_slot *slot = pool->counted ? NULL : rv_pool_slot_made(pool);
    if (RV_LIKELY(slot != NULL))
        keep(pool, slot, chunk);
    else
        give_any(pool, chunk);
}
