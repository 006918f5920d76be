// SPDX-License-Identifier: MIT
// pool.c: a pool's life.
#include "chunk/pool.h"

#include "base/arith.h"
#include "base/memory.h"
#include "chunk/known.h"
#include "chunk/room.h"
#include "chunk/slab.h"
#include "chunk/spill_file.h"
#include "chunk/store.h"
#include "chunk/through.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define KEEP_DEFAULT (UINT64_C(1) << 30)

// life ------------------------------------------------------------------------------------------

// Returns the pool whose budget it shared; the hold on that is the caller's.
static struct rove_pool *free_pool(struct rove_pool *pool)
{
    struct rove_allocator allocator = pool->allocator;
    struct rove_pool *lender = pool->lender;
    rv_lock_fini(&pool->lock);
    rv_lock_fini(&pool->own_budget.lock);
    allocator.free(allocator.ctx, pool, sizeof *pool, RV_POOL_ALIGN);
    return lender;
}

// Sends home all that a slot keeps.
static void empty_slot(struct rove_pool *pool, struct rv_slot *slot)
{
    for (unsigned i = 0; i < RV_STOCKS; i++) {
        while (slot->blocks[i]) {
            void *block = slot->blocks[i];
            memcpy(&slot->blocks[i], block, sizeof(void *));
            rv_pool_put(pool, block, rv_class_len(i), RV_BLOCK_ALIGN);
        }
        slot->block_cnt[i] = 0;
    }
    rv_lock_enter(&pool->lock);
    rv_slab_give(pool, slot->chunks);
    rv_lock_leave(&pool->lock);
    slot->chunks = NULL;
    slot->chunk_cnt = 0;
}

// When no chunk, node, object or user holds the pool any more, so no other thread is inside.
static struct rove_pool *end(struct rove_pool *pool)
{
    rv_room_leave(pool);
    rv_known_leave(pool);
    rv_through_close(pool);
    for (int i = 0; i < RV_SLOTS; i++) {
        struct rv_slot *slot = rv_once_get(&pool->slots[i]);
        if (!slot)
            continue;
        empty_slot(pool, slot);
        rv_pool_put(pool, slot, sizeof *slot, RV_BLOCK_ALIGN);
    }
    rv_slab_trim(pool, 0);
    RV_ASSERT(!pool->chunk_cnt && !rv_figure_get(&pool->asleep)); // else a chunk was leaked
    rv_spill_close(pool);
    RV_ASSERT(pool->lender || !rv_figure_get(&pool->own_budget.held));
    RV_ASSERT(pool->lender || !rv_figure_get(&pool->own_budget.lent));
    return free_pool(pool);
}

// Adds up the parts of the count when no user is left: from now on there may be a last holder. One who has a rope of the
// pool may become its user again; that changes nothing.
static void close_count(struct rove_pool *pool)
{
    int64_t parts = 0;
    rv_lock_enter(&pool->lock);
    for (int i = 0; i < RV_SLOTS && !pool->closed; i++) {
        struct rv_slot *slot = rv_once_get(&pool->slots[i]);
        parts += slot ? rv_part_close(&slot->held) : 0;
    }
    if (!pool->closed)
        rv_whole_add(&pool->refs, parts - RV_WHOLE_OPEN);
    pool->closed = true;
    rv_lock_leave(&pool->lock);
}

// Drops a user's hold. Returns true when nobody is left.
static bool drop(struct rove_pool *pool)
{
    if (!pool || pool->immortal)
        return false;
    if (rv_figure_add(&pool->users, (uint64_t) -1) == 0)
        close_count(pool);
    return !rv_pool_count_apart(pool, -1) && rv_whole_add(&pool->refs, -1);
}

// One may have held the next, and that another: a long line of them must not end one inside the other.
static void last_gone(struct rove_pool *pool)
{
    do
        pool = end(pool);
    while (drop(pool));
}

static void init(struct rove_pool *pool, const struct rove_pool_opts *opts)
{
    memset(pool, 0, sizeof *pool);
    rv_whole_init(&pool->refs);
    rv_figure_set(&pool->users, 1);
    rv_lock_init(&pool->lock);
    rv_lock_init(&pool->own_budget.lock);
    pool->last_gone = last_gone;
    pool->allocator = rv_allocator_copy(opts->allocator);
    pool->chunk_len = opts->chunk_len ? opts->chunk_len : ROVE_CHUNK_LEN_DEFAULT;
    pool->front_debt = pool->chunk_len / 2 + 64;
    pool->whole_pages = pool->chunk_len % (size_t) sysconf(_SC_PAGESIZE) == 0;
    pool->keep_len = opts->keep_len ? opts->keep_len : KEEP_DEFAULT;
    pool->huge = opts->flags & ROVE_POOL_HUGE;
}

// Copies as much of the caller's options as both sides know; false: they are impossible.
static bool read_opts(const struct rove_pool_opts *opts, struct rove_pool_opts *mine)
{
    memset(mine, 0, sizeof *mine);
    if (!opts)
        return true;
    if (opts->size < sizeof opts->size)
        return false;
    memcpy(mine, opts, rv_min_size(opts->size, sizeof *mine));
    if (mine->flags & ~(ROVE_POOL_SPILL | ROVE_POOL_HUGE) || !rv_allocator_is_whole(mine->allocator))
        return false;
    bool limited = mine->budget_of ? mine->budget_of->counted : mine->memory_limit != 0;
    return !(mine->flags & (limited ? ROVE_POOL_HUGE : ROVE_POOL_SPILL));
}

// Gives the pool its budget, or a share in another's, and its spill file.
static enum rove_status add_budget(struct rove_pool *pool, const struct rove_pool_opts *opts)
{
    pool->budget = &pool->own_budget;
    pool->own_budget.limit = UINT64_MAX;
    if (opts->memory_limit) {
        uint64_t headroom = rv_min_u64(opts->memory_limit / RV_HEADROOM_SHARE, RV_HEADROOM_MOST);
        pool->own_budget.headroom = headroom;
        pool->own_budget.limit = opts->memory_limit - headroom;
    }
    if (opts->budget_of) {
        pool->lender = rove_pool_ref(opts->budget_of);
        pool->budget = pool->lender->budget;
    }
    pool->counted = pool->budget->limit != UINT64_MAX;
    pool->slab_len = rv_slab_len_for(pool);
    enum rove_status status = ROVE_OK;
    if (opts->flags & ROVE_POOL_SPILL)
        status = rv_spill_open(pool, opts->spill_dir);
    if (status)
        return status;
    rv_known_join(pool);         // from then on others look into it,
    status = rv_room_join(pool); // and take its lock: who forks must know it by then
    if (status == ROVE_OK && pool->spill && !rv_through_open(pool, &status))
        rv_room_leave(pool);
    if (status)
        rv_known_leave(pool);
    return status;
}

enum rove_status rv_pool_new_any(const struct rove_pool_opts *opts, struct rove_pool **pool_out)
{
    *pool_out = NULL;
    struct rove_pool_opts mine;
    if (!read_opts(opts, &mine))
        return ROVE_E_ARG;
    const struct rove_allocator *a = mine.allocator ? mine.allocator : rove_allocator_default();
    struct rove_pool *pool = a->alloc(a->ctx, sizeof *pool, RV_POOL_ALIGN);
    if (!pool)
        return ROVE_E_NOMEM;
    init(pool, &mine);
    enum rove_status status = add_budget(pool, &mine);
    if (status) {
        int err = errno;
        rv_spill_close(pool);
        rove_pool_unref(free_pool(pool));
        errno = err;
        return status;
    }
    *pool_out = pool;
    return ROVE_OK;
}

// Tells whether chunks of this length may be asked for; 0 is the default.
static bool chunk_len_is_right(const struct rove_pool_opts *opts)
{
    size_t len = opts->chunk_len;
    if (!len)
        return true;
    size_t least = opts->flags & ROVE_POOL_SPILL ? (size_t) sysconf(_SC_PAGESIZE)
                                                 : ROVE_CHUNK_LEN_MIN;
    return rv_is_pow2(len) && len >= least && len <= ROVE_CHUNK_LEN_MAX;
}

enum rove_status rove_pool_new(const struct rove_pool_opts *opts, struct rove_pool **pool_out)
{
    if (!pool_out)
        return ROVE_E_ARG;
    struct rove_pool_opts mine;
    *pool_out = NULL;
    if (!read_opts(opts, &mine))
        return ROVE_E_ARG;
    return chunk_len_is_right(&mine) ? rv_pool_new_any(opts, pool_out) : ROVE_E_RANGE;
}

static struct rove_pool default_pool;

static void make_default(void)
{
    struct rove_pool_opts opts = {.size = sizeof opts};
    init(&default_pool, &opts);
    default_pool.own_budget.limit = UINT64_MAX;
    default_pool.budget = &default_pool.own_budget;
    default_pool.slab_len = rv_slab_len_for(&default_pool);
    default_pool.immortal = true;
    rv_known_join(&default_pool);
}

struct rove_pool *rove_pool_default(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    static rv_once_ptr made;
    struct rove_pool *pool = rv_once_get(&made);
    if (RV_LIKELY(pool != NULL))
        return pool;
    pthread_once(&once, make_default);
    return rv_once_set(&made, &default_pool);
}

struct rove_pool *rove_pool_ref(struct rove_pool *pool)
{
    if (!pool || pool->immortal)
        return pool;
    rv_figure_add(&pool->users, 1);
    rv_pool_hold(pool);
    return pool;
}

void rove_pool_unref(struct rove_pool *pool)
{
    if (drop(pool))
        last_gone(pool);
}

// figures ---------------------------------------------------------------------------------------

size_t rove_pool_chunk_len(const struct rove_pool *pool)
{
    return pool ? pool->chunk_len : rove_pool_default()->chunk_len;
}

// Sends home what threads kept that have ended: who comes next by their numbers may never come.
static void empty_left_slots(struct rove_pool *pool)
{
    for (int i = 0; i < RV_SLOTS; i++) {
        struct rv_slot *slot = rv_once_get(&pool->slots[i]);
        if (!slot || !rv_slot_claim(i))
            continue;
        empty_slot(pool, slot);
        rv_slot_leave(i);
    }
}

uint64_t rove_pool_trim(struct rove_pool *pool)
{
    pool = rv_pool_or_default(pool);
    uint64_t before = rv_figure_get(&pool->budget->held);
    struct rv_slot *slot = rv_pool_slot_made(pool);
    if (slot)
        empty_slot(pool, slot);
    empty_left_slots(pool);
    rv_lock_enter(&pool->lock);
    rv_slab_trim(pool, 0);
    while (pool->counted && rv_slab_shrink(pool))
        ;
    rv_spill_cut_file(pool);
    rv_lock_leave(&pool->lock);
    uint64_t after = rv_figure_get(&pool->budget->held);
    return before > after ? before - after : 0;
}
