// SPDX-License-Identifier: MIT
// room.c: the ring of pools under one limit, and waking, which needs room.
#include "chunk/room.h"

#include "chunk/raw.h"
#include "chunk/sleep.h"
#include "chunk/spill.h"

#include <errno.h>

static void enter_ring(struct rove_pool *pool)
{
    struct rv_budget *budget = pool->budget;
    rv_lock_enter(&budget->lock);
    struct rove_pool *next = budget->ring ? budget->ring : pool;
    struct rove_pool *prev = budget->ring ? next->ring_prev : pool;
    pool->ring_next = next;
    pool->ring_prev = prev;
    next->ring_prev = prev->ring_next = pool;
    budget->ring = pool;
    rv_lock_leave(&budget->lock);
}

void rv_room_leave(struct rove_pool *pool)
{
    struct rv_budget *budget = pool->budget;
    if (!pool->counted)
        return;
    rv_lock_enter(&budget->lock);
    pool->ring_next->ring_prev = pool->ring_prev;
    pool->ring_prev->ring_next = pool->ring_next;
    budget->ring = pool->ring_next == pool ? NULL : pool->ring_next;
    rv_lock_leave(&budget->lock);
    rv_budget_give(budget, pool->reserve);
    pool->reserve = 0;
}

static enum rove_status make_in(struct rove_pool *pool)
{
    rv_lock_enter(&pool->lock);
    enum rove_status status = rv_spill_make_room(pool);
    rv_lock_leave(&pool->lock);
    return status;
}

// While this thread looked, pool after pool, another may have given back what is needed.
static bool has_room(struct rv_budget *budget, uint64_t len)
{
    uint64_t held = rv_figure_get(&budget->held);
    return held <= budget->limit && len <= budget->limit - held;
}

bool rv_room_elsewhere(struct rove_pool *pool, uint64_t len, enum rove_status why)
{
    enum rove_status status = ROVE_END;
    int err = errno;
    if (!pool->counted || why == ROVE_E_NOMEM)
        return false;
    rv_lock_enter(&pool->budget->lock);
    struct rove_pool *other = pool->ring_next;
    for (; other != pool && status != ROVE_OK; other = other->ring_next)
        status = make_in(other);
    rv_lock_leave(&pool->budget->lock);
    errno = err;
    return status == ROVE_OK || has_room(pool->budget, len);
}

bool rv_room_make(struct rove_pool *pool, uint64_t len, enum rove_status *why_out)
{
    *why_out = make_in(pool);
    return *why_out == ROVE_OK || rv_room_elsewhere(pool, len, *why_out);
}

enum rove_status rv_room_join(struct rove_pool *pool)
{
    if (!pool->counted)
        return ROVE_OK;
    enter_ring(pool);
    if (!pool->spill)
        return ROVE_OK;
    while (!rv_budget_take(pool->budget, pool->chunk_len))
        if (!rv_room_elsewhere(pool, pool->chunk_len, ROVE_E_LIMIT)) {
            rv_room_leave(pool);
            return ROVE_E_LIMIT;
        }
    pool->reserve = pool->chunk_len;
    return ROVE_OK;
}

enum rove_status rv_chunk_wake(struct rv_chunk *chunk)
{
    struct rove_pool *pool = chunk->pool;
    enum rove_status status;
    bool no_room;
    do {
        rv_lock_enter(&pool->lock);
        status = rv_spill_wake(pool, chunk, &no_room);
        rv_lock_leave(&pool->lock);
    } while (no_room && rv_room_elsewhere(pool, pool->chunk_len, status));
    if (no_room) {
        rv_lock_enter(&pool->lock);
        status = rv_spill_wake_guest(pool, chunk, status);
        rv_lock_leave(&pool->lock);
    }
    if (status)
        rv_sleep_unpin(&chunk->sleep);
    return status;
}
