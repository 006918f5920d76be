// SPDX-License-Identifier: MIT
// known.c: the list of all pools, and their locks while the process forks.
#include "chunk/known.h"

#include "base/atfork.h"

static struct rv_lock *const lock = &rv_process_lock[RV_LOCK_POOLS]; // guards what follows
static struct rove_pool *first;

// fork ------------------------------------------------------------------------------------------

// Those that share a budget have one lock for it; without a limit nobody takes that.
static bool has_ring(const struct rove_pool *pool)
{
    return pool->counted && !pool->lender;
}

// With the lock of the list held, until the fork is done. Whoever takes several takes them in this order. Between two pools
// there is none: who holds the lock of one takes no other's.
static void before(void)
{
    for (struct rove_pool *pool = first; pool; pool = pool->known_next)
        if (has_ring(pool))
            rv_lock_enter(&pool->own_budget.lock);
    for (struct rove_pool *pool = first; pool; pool = pool->known_next)
        rv_lock_enter(&pool->lock);
    for (struct rove_pool *pool = first; pool; pool = pool->known_next)
        if (pool->spill)
            rv_lock_enter(&pool->spill->lock);
}

static void parent(void)
{
    for (struct rove_pool *pool = first; pool; pool = pool->known_next) {
        if (pool->spill)
            rv_lock_leave(&pool->spill->lock);
        rv_lock_leave(&pool->lock);
        if (has_ring(pool))
            rv_lock_leave(&pool->own_budget.lock);
    }
}

// What other threads kept of a pool, and their numbers (slot.h), stay theirs: nobody can tell how far they had come.
static void child(void)
{
    for (struct rove_pool *pool = first; pool; pool = pool->known_next)
        pool->own_spill.owner = 0; // no process: the child may have, or a child of its get, the number of the one that wrote
    parent();
}

// the list --------------------------------------------------------------------------------------

void rv_known_join(struct rove_pool *pool)
{
    static const struct rv_atfork part = {before, parent, child};
    rv_atfork_watch(RV_ATFORK_POOLS, &part); // without memory for that pools do without
    rv_lock_enter(lock);
    pool->known_prev = NULL;
    pool->known_next = first;
    if (first)
        first->known_prev = pool;
    first = pool;
    rv_lock_leave(lock);
}

void rv_known_leave(struct rove_pool *pool)
{
    rv_lock_enter(lock);
    *(pool->known_prev ? &pool->known_prev->known_next : &first) = pool->known_next;
    if (pool->known_next)
        pool->known_next->known_prev = pool->known_prev;
    rv_lock_leave(lock);
}

void rv_known_each(void (*visit)(struct rove_pool *pool, void *ctx), void *ctx)
{
    rv_lock_enter(lock);
    for (struct rove_pool *pool = first; pool; pool = pool->known_next)
        visit(pool, ctx);
    rv_lock_leave(lock);
}
