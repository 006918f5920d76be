// SPDX-License-Identifier: MIT
// measure.c: what one pool holds, or all of them.
#include "chunk/known.h"
#include "chunk/pool.h"
#include "chunk/slab.h"
#include "chunk/sleep.h"

// Chunks that may sleep but are pinned now; with the pool's lock held.
static uint64_t count_pinned(const struct rove_pool *pool)
{
    uint64_t cnt = 0;
    for (const struct rv_slab *slab = pool->spill ? pool->all : NULL; slab; slab = slab->all_next)
        for (unsigned i = 0; slab->resident_cnt && i < slab->cut_cnt; i++)
            cnt += slab->bed[i].live && rv_sleep_get(&slab->chunk[i].sleep) & RV_PINS;
    return cnt;
}

static void count_chunks(struct rove_pool *pool, struct rove_pool_figures *figures)
{
    uint64_t taken = rv_figure_get(&pool->taken), given = rv_figure_get(&pool->given);
    for (int i = 0; i < RV_SLOTS; i++) {
        struct rv_slot *slot = rv_once_get(&pool->slots[i]);
        if (!slot)
            continue;
        given += rv_figure_get(&slot->given);
        taken += rv_figure_get(&slot->taken);
    }
    rv_lock_enter(&pool->lock);
    uint64_t all = pool->chunk_cnt, pinned = count_pinned(pool);
    rv_lock_leave(&pool->lock);
    uint64_t live = taken > given ? taken - given : 0;
    figures->live_cnt += live;
    figures->free_cnt += all > live ? all - live : 0;
    figures->take_cnt += taken;
    figures->pinned_cnt += pinned;
}

// Adds a pool's figures to others.
static void add(struct rove_pool *pool, struct rove_pool_figures *figures)
{
    count_chunks(pool, figures);
    figures->alloc_cnt += rv_figure_get(&pool->allocs);
    figures->sleeping_cnt += rv_figure_get(&pool->asleep);
    figures->sleep_cnt += rv_figure_get(&pool->sleeps);
    figures->wake_cnt += rv_figure_get(&pool->wakes);
}

static void add_budget(const struct rv_budget *budget, struct rove_pool_figures *figures)
{
    uint64_t held = rv_figure_get(&budget->held);
    uint64_t peak = rv_figure_get(&budget->held_peak); // another thread may be about to raise it
    figures->held += held;
    figures->held_peak += peak > held ? peak : held;
}

void rove_pool_measure(struct rove_pool *pool, struct rove_pool_figures *figures_out)
{
    if (!figures_out)
        return;
    pool = rv_pool_or_default(pool);
    const struct rv_budget *budget = pool->budget;
    uint64_t limit = pool->counted ? budget->limit + budget->headroom : 0;
    *figures_out = (struct rove_pool_figures){.limit = limit,
                                              .chunk_len = pool->chunk_len,
                                              .allocator = pool->allocator.name};
    add_budget(budget, figures_out);
    add(pool, figures_out);
}

static void add_all(struct rove_pool *pool, void *figures)
{
    if (!pool->lender)
        add_budget(&pool->own_budget, figures);
    add(pool, figures);
}

void rove_pool_measure_all(struct rove_pool_figures *figures_out)
{
    if (!figures_out)
        return;
    *figures_out = (struct rove_pool_figures){.limit = 0};
    rv_known_each(add_all, figures_out);
}
