// SPDX-License-Identifier: MIT
// slab.c: slabs are made, emptied, filled and given back here.
#include "chunk/slab.h"

#include "chunk/raw.h"

#define SLAB_ALIGN ((size_t) 2 << 20)

static size_t head_len(const struct rove_pool *pool)
{
    size_t cnt = pool->slab_len / pool->chunk_len; // at most 512, so the products cannot wrap
    size_t each = sizeof(struct rv_chunk) + (pool->counted ? sizeof(struct rv_bed) : 0);
    return sizeof(struct rv_slab) + cnt * each;
}

static void link_first(struct rove_pool *pool, struct rv_slab *slab)
{
    slab->prev = NULL;
    slab->next = pool->partial;
    if (slab->next)
        slab->next->prev = slab;
    pool->partial = slab;
}

static void unlink_slab(struct rove_pool *pool, struct rv_slab *slab)
{
    if (slab->prev)
        slab->prev->next = slab->next;
    else
        pool->partial = slab->next;
    if (slab->next)
        slab->next->prev = slab->prev;
}

static void link_all(struct rove_pool *pool, struct rv_slab *slab)
{
    slab->all_prev = NULL;
    slab->all_next = pool->all;
    if (slab->all_next)
        slab->all_next->all_prev = slab;
    pool->all = slab;
}

static void unlink_all(struct rove_pool *pool, struct rv_slab *slab)
{
    if (slab->all_prev)
        slab->all_prev->all_next = slab->all_next;
    else
        pool->all = slab->all_next;
    if (slab->all_next)
        slab->all_next->all_prev = slab->all_prev;
    if (pool->hand == slab)
        pool->hand = NULL;
}

static void cut(struct rove_pool *pool, struct rv_slab *slab)
{
    slab->cnt = slab->free_cnt = (unsigned) (pool->slab_len / pool->chunk_len);
    slab->free = NULL;
    slab->bed = pool->counted ? (struct rv_bed *) (void *) &slab->chunk[slab->cnt] : NULL;
    for (unsigned i = slab->cnt; i-- > 0;) { // the lowest address is taken first
        struct rv_chunk *chunk = &slab->chunk[i];
        *chunk = (struct rv_chunk){.data = slab->memory + i * pool->chunk_len,
                                   .cap = pool->chunk_len,
                                   .pool = pool,
                                   .next = slab->free,
                                   .home = slab,
                                   .kind = RV_POOL,
                                   .may_sleep = pool->spill != NULL};
        slab->free = chunk;
        if (slab->bed)
            slab->bed[i] = (struct rv_bed){.slot = RV_NO_SLOT};
    }
}

// The payload of a slab: counted here, or chunk by chunk in a counted pool.
static uint8_t *get_memory(struct rove_pool *pool, enum rove_status *why_out)
{
    if (!pool->counted)
        return rv_raw_get(pool, pool->slab_len, SLAB_ALIGN, why_out);
    *why_out = ROVE_E_NOMEM;
    rv_figure_add(&pool->allocs, 1);
    return pool->allocator.alloc(pool->allocator.ctx, pool->slab_len, SLAB_ALIGN);
}

static void put_memory(struct rove_pool *pool, struct rv_slab *slab)
{
    if (!pool->counted) {
        rv_pool_put(pool, slab->memory, pool->slab_len, SLAB_ALIGN);
        return;
    }
    for (unsigned i = 0; i < slab->cnt; i++)
        if (slab->bed[i].resident)
            rv_budget_give(pool->budget, pool->chunk_len);
    pool->allocator.free(pool->allocator.ctx, slab->memory, pool->slab_len, SLAB_ALIGN);
}

static struct rv_slab *make(struct rove_pool *pool, enum rove_status *why_out)
{
    struct rv_slab *slab = rv_raw_get(pool, head_len(pool), RV_BLOCK_ALIGN, why_out);
    if (!slab)
        return NULL;
    slab->memory = get_memory(pool, why_out);
    if (!slab->memory) {
        rv_pool_put(pool, slab, head_len(pool), RV_BLOCK_ALIGN);
        return NULL;
    }
    cut(pool, slab);
    link_first(pool, slab);
    link_all(pool, slab);
    pool->free_len += pool->slab_len;
    pool->chunk_cnt += slab->cnt;
    return slab;
}

static void drop(struct rove_pool *pool, struct rv_slab *slab)
{
    unlink_slab(pool, slab);
    unlink_all(pool, slab);
    pool->free_len -= pool->slab_len;
    pool->chunk_cnt -= slab->cnt;
    put_memory(pool, slab);
    rv_pool_put(pool, slab, head_len(pool), RV_BLOCK_ALIGN);
}

struct rv_chunk *rv_slab_take(struct rove_pool *pool, unsigned cnt, enum rove_status *why_out)
{
    struct rv_slab *slab = pool->partial ? pool->partial : make(pool, why_out);
    if (!slab)
        return NULL;
    if (slab->free_cnt == slab->cnt)
        pool->free_len -= pool->slab_len;
    struct rv_chunk *first = slab->free, *last = first;
    unsigned got = 1;
    for (; got < cnt && last->next; got++)
        last = last->next;
    slab->free = last->next;
    last->next = NULL;
    slab->free_cnt -= got;
    if (slab->free_cnt == 0)
        unlink_slab(pool, slab);
    return first;
}

static void give_one(struct rove_pool *pool, struct rv_chunk *chunk)
{
    struct rv_slab *slab = chunk->home;
    chunk->next = slab->free;
    slab->free = chunk;
    if (slab->free_cnt++ == 0)
        link_first(pool, slab);
    if (slab->free_cnt != slab->cnt)
        return;
    pool->free_len += pool->slab_len;
    if (pool->free_len > pool->keep_len)
        drop(pool, slab);
}

void rv_slab_give(struct rove_pool *pool, struct rv_chunk *chunks)
{
    while (chunks) {
        struct rv_chunk *next = chunks->next;
        give_one(pool, chunks);
        chunks = next;
    }
}

void rv_slab_trim(struct rove_pool *pool, uint64_t keep)
{
    struct rv_slab *next;
    for (struct rv_slab *slab = pool->partial; slab && pool->free_len > keep; slab = next) {
        next = slab->next;
        if (slab->free_cnt == slab->cnt)
            drop(pool, slab);
    }
}
