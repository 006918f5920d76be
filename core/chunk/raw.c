// SPDX-License-Identifier: MIT
// raw.c: every byte that a pool holds passes here.
#include "chunk/raw.h"

static bool take_within(struct rv_budget *budget, uint64_t len, uint64_t limit)
{
    uint64_t held = rv_figure_add_within(&budget->held, len, limit);
    if (held)
        rv_figure_max(&budget->held_peak, held);
    return held;
}

bool rv_budget_take(struct rv_budget *budget, uint64_t len)
{
    return take_within(budget, len, budget->limit);
}

void rv_budget_give(struct rv_budget *budget, uint64_t len)
{
    rv_figure_add(&budget->held, -len);
}

static void *get_within(struct rove_pool *pool, size_t len, size_t align, uint64_t limit,
                        enum rove_status *why_out)
{
    if (!take_within(pool->budget, len, limit)) {
        *why_out = ROVE_E_LIMIT;
        return NULL;
    }
    void *ptr = pool->allocator.alloc(pool->allocator.ctx, len, align);
    if (!ptr) {
        rv_budget_give(pool->budget, len);
        *why_out = ROVE_E_NOMEM;
        return NULL;
    }
    rv_figure_add(&pool->allocs, 1);
    return ptr;
}

void *rv_raw_get(struct rove_pool *pool, size_t len, size_t align, enum rove_status *why_out)
{
    return get_within(pool, len, align, pool->budget->limit, why_out);
}

void *rv_raw_get_last(struct rove_pool *pool, size_t len, size_t align, enum rove_status *why_out)
{
    const struct rv_budget *budget = pool->budget;
    return get_within(pool, len, align, budget->limit + budget->headroom, why_out);
}

void rv_pool_put(struct rove_pool *pool, void *ptr, size_t len, size_t align)
{
    pool->allocator.free(pool->allocator.ctx, ptr, len, align);
    rv_budget_give(pool->budget, len);
}
