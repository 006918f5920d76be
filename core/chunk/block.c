// SPDX-License-Identifier: MIT
// block.c: blocks are kept, taken and given back here.
#include "chunk/block.h"

#include "chunk/raw.h"

#define SLOT_BLOCK_BYTES ((size_t) 1 << 20) // what a thread keeps of one class, beside what edits need, …
#define SLOT_BLOCKS RV_BLOCKS_BESIDE        // … at most, in bytes and, but for chunks, in blocks

// Tells whether blocks of a class are a pool's full chunks, of which an edit may take and give many.
static bool are_chunks(const struct rove_pool *pool, unsigned block_class)
{
    return pool->chunk_len < RV_SLAB_FROM && rv_class_len(block_class) == RV_CHUNK_HEAD + pool->chunk_len;
}

static uint32_t most_kept(const struct rove_pool *pool, unsigned block_class)
{
    size_t cnt = block_class == RV_NODE_CLASS ? SLOT_BLOCKS : SLOT_BLOCK_BYTES >> (7 + block_class);
    if (pool->counted) // what a thread keeps is missing to all others: less than a chunk in all
        return rv_class_len(block_class) <= pool->chunk_len / 16 ? 4 : 0;
    if (are_chunks(pool, block_class))
        return (uint32_t) cnt;
    return (uint32_t) (cnt > SLOT_BLOCKS ? SLOT_BLOCKS : cnt < 4 ? 4 : cnt);
}

// Keeps so many at least, beside what is kept anyway: edits that give and edits that take come in turns.
static void keep_more(const struct rove_pool *pool, struct rv_slot *slot, unsigned block_class,
                      uint32_t cnt)
{
    cnt += most_kept(pool, block_class);
    if (slot->block_most[block_class] < cnt)
        slot->block_most[block_class] = cnt;
}

void *rv_block_take_any(struct rove_pool *pool, unsigned block_class, enum rove_status *why_out)
{
    void *block = rv_block_out(rv_pool_slot(pool), block_class);
    return block ? block : rv_pool_get(pool, rv_class_len(block_class), RV_BLOCK_ALIGN, why_out);
}

bool rv_block_stock(struct rove_pool *pool, unsigned block_class, uint32_t cnt,
                    enum rove_status *why_out)
{
    struct rv_slot *slot = pool->counted ? NULL : rv_pool_slot(pool);
    *why_out = ROVE_OK;
    if (!slot)
        return false;
    keep_more(pool, slot, block_class, cnt);
    while (slot->block_cnt[block_class] < cnt) {
        void *block = rv_pool_get(pool, rv_class_len(block_class), RV_BLOCK_ALIGN, why_out);
        if (!block)
            return false;
        for (size_t off = 0; off < rv_class_len(block_class); off += 64)
            __builtin_prefetch((char *) block + off, 1);
        rv_block_give(pool, block_class, block);
    }
    return true;
}

void rv_block_give_any(struct rove_pool *pool, unsigned block_class, void *block)
{
    struct rv_slot *slot = rv_pool_slot(pool);
    if (slot && !slot->block_most[block_class])
        keep_more(pool, slot, block_class, 0);
    if (slot && slot->block_cnt[block_class] < slot->block_most[block_class])
        rv_block_in(slot, block_class, block);
    else
        rv_pool_put(pool, block, rv_class_len(block_class), RV_BLOCK_ALIGN);
}

static RV_LONG_WAY void *alloc(struct rove_pool *pool, size_t len, enum rove_status *why_out)
{
    unsigned block_class = rv_class_for(len);
    void *ptr = block_class < RV_CLASSES ? rv_block_take_any(pool, block_class, why_out)
                                         : rv_pool_get(pool, len, RV_BLOCK_ALIGN, why_out);
    if (ptr)
        rv_pool_hold(pool);
    return ptr;
}

void *rv_pool_alloc(struct rove_pool *pool, size_t len, enum rove_status *why_out)
{
    void *ptr = rv_pool_alloc_at_once(pool, len);
    return RV_LIKELY(ptr != NULL) ? ptr : alloc(pool, len, why_out);
}

static RV_LONG_WAY void free_any(struct rove_pool *pool, void *ptr, size_t len)
{
    unsigned block_class = rv_class_for(len);
    if (block_class < RV_CLASSES)
        rv_block_give_any(pool, block_class, ptr);
    else
        rv_pool_put(pool, ptr, len, RV_BLOCK_ALIGN);
    rv_pool_let_go(pool);
}

void rv_pool_free(struct rove_pool *pool, void *ptr, size_t len)
{
    if (!rv_pool_free_at_once(pool, ptr, len))
        free_any(pool, ptr, len);
}
