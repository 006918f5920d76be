// SPDX-License-Identifier: MIT
// known.c: the list of all pools.
#include "chunk/known.h"

static struct {
    struct rv_lock lock;
    struct rove_pool *first;
} pools = {.lock = RV_LOCK_INIT};

void rv_known_join(struct rove_pool *pool)
{
    rv_lock_enter(&pools.lock);
    pool->known_prev = NULL;
    pool->known_next = pools.first;
    if (pools.first)
        pools.first->known_prev = pool;
    pools.first = pool;
    rv_lock_leave(&pools.lock);
}

void rv_known_leave(struct rove_pool *pool)
{
    rv_lock_enter(&pools.lock);
    *(pool->known_prev ? &pool->known_prev->known_next : &pools.first) = pool->known_next;
    if (pool->known_next)
        pool->known_next->known_prev = pool->known_prev;
    rv_lock_leave(&pools.lock);
}

void rv_known_each(void (*visit)(struct rove_pool *pool, void *ctx), void *ctx)
{
    rv_lock_enter(&pools.lock);
    for (struct rove_pool *pool = pools.first; pool; pool = pool->known_next)
        visit(pool, ctx);
    rv_lock_leave(&pools.lock);
}
