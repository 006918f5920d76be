// SPDX-License-Identifier: MIT
// chunk.c: the kinds of chunk are made here and go home here.
#include "chunk/chunk.h"

#include "base/arith.h"
#include "chunk/block.h"
#include "chunk/raw.h"
#include "chunk/store.h"

#include <string.h>

#define ZEROS_LEN 65536u

struct adopted {
    struct rv_chunk chunk;
    rove_release_fn *release;
    void *arg;
};

static inline struct rv_chunk *take_block(struct rove_pool *pool, size_t cap, enum rove_status *why_out)
{
    unsigned block_class = rv_class_for(RV_CHUNK_HEAD + cap);
    struct rv_chunk *chunk = rv_block_take(pool, block_class, why_out);
    if (!chunk)
        return NULL;
    rv_chunk_of_block(chunk, pool, block_class);
    chunk->cap = rv_min_size(chunk->cap, pool->chunk_len);
    rv_mark_init(&chunk->mark, 0);
    return chunk;
}

static struct rv_chunk *take_of_slab(struct rove_pool *pool, enum rove_status *why_out)
{
    struct rv_chunk *chunk = rv_pool_chunk_take(pool, why_out);
    return chunk ? rv_chunk_start(chunk, 0) : NULL;
}

#ifdef RV_ONE_BLOCK_PER_CHUNK
// For sanitizers: exactly the bytes asked for, so that one byte too far is seen.
static struct rv_chunk *take_full(struct rove_pool *pool, enum rove_status *why_out)
{
    if (pool->counted)
        return take_of_slab(pool, why_out);
    struct rv_chunk *chunk =
        rv_pool_get(pool, RV_CHUNK_HEAD + pool->chunk_len, RV_BLOCK_ALIGN, why_out);
    if (!chunk)
        return NULL;
    *chunk = (struct rv_chunk){.data = (uint8_t *) chunk + RV_CHUNK_HEAD,
                               .cap = pool->chunk_len,
                               .pool = pool,
                               .kind = RV_POOL,
                               .block_class = RV_CLASSES};
    return rv_chunk_start(chunk, 0);
}
#else
static struct rv_chunk *take_full(struct rove_pool *pool, enum rove_status *why_out)
{
    return take_of_slab(pool, why_out);
}
#endif

// The longest chunk that is a block. Blocks never sleep: where the others do they are kept short, or
// a long stream made of middling pieces could fill the memory with what must stay there.
static size_t block_most(const struct rove_pool *pool)
{
    return rv_min_size(pool->spill ? pool->chunk_len / 8 : pool->chunk_len / 2, RV_BLOCK_MOST);
}

struct rv_chunk *rv_chunk_take(struct rove_pool *pool, size_t want, enum rove_status *why_out)
{
    bool little = want <= block_most(pool);
    if (little || pool->chunk_len < RV_SLAB_FROM)
        return take_block(pool, little ? want : pool->chunk_len, why_out);
    return take_full(pool, why_out);
}

struct rv_chunk *rv_chunk_take_asleep(struct rove_pool *pool, const uint8_t *bytes)
{
    struct rv_chunk *chunk = rv_pool_chunk_take_asleep(pool, bytes);
    return chunk ? rv_chunk_start(chunk, 0) : NULL;
}

struct rv_chunk *rv_chunk_adopt(struct rove_pool *pool, struct rove_span memory,
                                rove_release_fn *release, void *arg, enum rove_status *why_out)
{
    struct adopted *adopted = rv_block_take(pool, rv_class_for(sizeof *adopted), why_out);
    if (!adopted)
        return NULL;
    adopted->chunk = (struct rv_chunk){.data = (uint8_t *) (uintptr_t) memory.ptr,
                                       .cap = memory.len,
                                       .pool = pool,
                                       .kind = RV_ADOPTED};
    adopted->release = release;
    adopted->arg = arg;
    rv_tally_init(&adopted->chunk.refs);
    rv_mark_init(&adopted->chunk.mark, memory.len);
    rv_pool_hold(pool);
    return &adopted->chunk;
}

static uint8_t zeros[ZEROS_LEN]; // never written; not const, so that it takes no room in the file

struct rv_chunk *rv_chunk_zeros(struct rove_pool *pool, enum rove_status *why_out)
{
    return rv_chunk_adopt(pool, (struct rove_span){zeros, ZEROS_LEN}, NULL, NULL, why_out);
}

bool rv_chunk_is_zeros(const struct rv_chunk *chunk)
{
    return chunk->data == zeros;
}

size_t rv_chunk_cost(const struct rv_chunk *chunk)
{
    if (chunk->kind != RV_POOL)
        return sizeof(struct adopted) + (rv_chunk_is_zeros(chunk) ? 0 : chunk->cap);
    if (chunk->home || chunk->block_class >= RV_CLASSES)
        return RV_CHUNK_HEAD + chunk->cap;
    return rv_class_len(chunk->block_class);
}

static RV_LONG_WAY void adopted_goes(struct adopted *adopted)
{
    struct rove_pool *pool = adopted->chunk.pool;
    if (adopted->release)
        adopted->release(adopted->arg, adopted->chunk.data, adopted->chunk.cap);
    rv_block_give(pool, rv_class_for(sizeof *adopted), adopted);
    rv_pool_let_go(pool);
}

_Thread_local struct rv_waiting rv_waiting;

static RV_LONG_WAY void adopted_home(struct adopted *adopted)
{
    if (!rv_waiting.edits || !adopted->release) {
        adopted_goes(adopted);
        return;
    }
    adopted->chunk.next = rv_waiting.first;
    rv_waiting.first = &adopted->chunk;
}

void rv_chunk_home(struct rv_chunk *chunk)
{
    struct rove_pool *pool = chunk->pool;
    if (RV_DEBUG)
        rv_tally_void(&chunk->refs);
    if (RV_UNLIKELY(chunk->kind != RV_POOL)) {
        adopted_home((struct adopted *) (void *) chunk);
        return;
    }
    if (chunk->home)
        rv_pool_chunk_give(pool, chunk);
    else if (chunk->block_class < RV_CLASSES)
        rv_block_give(pool, chunk->block_class, chunk);
    else
        rv_pool_put(pool, chunk, RV_CHUNK_HEAD + chunk->cap, RV_BLOCK_ALIGN);
    rv_pool_let_go(pool);
}

// What the release functions drop in turn waits as well, and comes here, not one inside the other.
void rv_edit_end_last(void)
{
    rv_waiting.edits = 1;
    while (rv_waiting.first) {
        struct rv_chunk *chunk = rv_waiting.first;
        rv_waiting.first = chunk->next;
        adopted_goes((struct adopted *) (void *) chunk);
    }
    rv_waiting.edits = 0;
}
