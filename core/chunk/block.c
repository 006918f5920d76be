// SPDX-License-Identifier: MIT
// block.c: blocks are kept, taken and given back here.
#include "chunk/block.h"

#include "chunk/raw.h"
#include "chunk/store.h"

#include <string.h>

#define SLOT_BLOCK_BYTES ((size_t) 1 << 20) // what a thread keeps of one class, beside what edits need, …
#define SLOT_BLOCKS 64u                     // … at most, in bytes and in blocks

static uint32_t most_kept(const struct rove_pool *pool, unsigned block_class)
{
    size_t cnt = SLOT_BLOCK_BYTES >> (7 + block_class);
    if (pool->counted) // what a thread keeps is missing to all others: less than a chunk in all
        return rv_class_len(block_class) <= pool->chunk_len / 16 ? 4 : 0;
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

// slot: NULL for none. NULL: it has none.
static inline void *take_out(struct rv_slot *slot, unsigned block_class)
{
    void *block = RV_LIKELY(slot != NULL) ? slot->blocks[block_class] : NULL;
    if (RV_UNLIKELY(!block))
        return NULL;
    memcpy(&slot->blocks[block_class], block, sizeof(void *));
    slot->block_cnt[block_class]--;
    return block;
}

static inline void put_in(struct rv_slot *slot, unsigned block_class, void *block)
{
    memcpy(block, &slot->blocks[block_class], sizeof(void *));
    slot->blocks[block_class] = block;
    slot->block_cnt[block_class]++;
}

// Keeps one where there is room for sure; false: rv_block_give() looks closer.
static inline bool keep(struct rove_pool *pool, unsigned block_class, void *block)
{
    struct rv_slot *slot = rv_pool_slot_made(pool);
    if (RV_UNLIKELY(!slot || slot->block_cnt[block_class] >= slot->block_most[block_class]))
        return false;
    put_in(slot, block_class, block);
    return true;
}

static RV_LONG_WAY void *take(struct rove_pool *pool, unsigned block_class, enum rove_status *why_out)
{
    void *block = take_out(rv_pool_slot(pool), block_class);
    return block ? block : rv_pool_get(pool, rv_class_len(block_class), RV_BLOCK_ALIGN, why_out);
}

void *rv_block_take(struct rove_pool *pool, unsigned block_class, enum rove_status *why_out)
{
    void *block = take_out(rv_pool_slot_made(pool), block_class);
    return RV_LIKELY(block != NULL) ? block : take(pool, block_class, why_out);
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
        rv_block_give(pool, block_class, block);
    }
    return true;
}

static RV_LONG_WAY void give(struct rove_pool *pool, unsigned block_class, void *block)
{
    struct rv_slot *slot = rv_pool_slot(pool);
    if (slot && !slot->block_most[block_class])
        keep_more(pool, slot, block_class, 0);
    if (slot && slot->block_cnt[block_class] < slot->block_most[block_class])
        put_in(slot, block_class, block);
    else
        rv_pool_put(pool, block, rv_class_len(block_class), RV_BLOCK_ALIGN);
}

void rv_block_give(struct rove_pool *pool, unsigned block_class, void *block)
{
    if (!keep(pool, block_class, block))
        give(pool, block_class, block);
}

static RV_LONG_WAY void *alloc(struct rove_pool *pool, size_t len, enum rove_status *why_out)
{
    unsigned block_class = rv_class_for(len);
    void *ptr = block_class < RV_CLASSES ? take(pool, block_class, why_out)
                                         : rv_pool_get(pool, len, RV_BLOCK_ALIGN, why_out);
    if (ptr)
        rv_pool_hold(pool);
    return ptr;
}

void *rv_pool_alloc(struct rove_pool *pool, size_t len, enum rove_status *why_out)
{
    unsigned block_class = rv_class_for(len);
    void *ptr = block_class < RV_CLASSES ? take_out(rv_pool_slot_made(pool), block_class) : NULL;
    if (RV_UNLIKELY(!ptr))
        return alloc(pool, len, why_out);
    rv_pool_hold(pool);
    return ptr;
}

static RV_LONG_WAY void free_any(struct rove_pool *pool, void *ptr, size_t len)
{
    unsigned block_class = rv_class_for(len);
    if (block_class < RV_CLASSES)
        give(pool, block_class, ptr);
    else
        rv_pool_put(pool, ptr, len, RV_BLOCK_ALIGN);
    rv_pool_let_go(pool);
}

void rv_pool_free(struct rove_pool *pool, void *ptr, size_t len)
{
    unsigned block_class = rv_class_for(len);
    if (RV_LIKELY(block_class < RV_CLASSES && keep(pool, block_class, ptr)))
        rv_pool_let_go(pool);
    else
        free_any(pool, ptr, len);
}
