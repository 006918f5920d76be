// SPDX-License-Identifier: MIT
// block.h: memory for everything that is not a full chunk: nodes, small chunks, streams, states.
//
// Blocks have sizes 64 + 2^k, so that a chunk's descriptor and a payload of 2^k bytes fill one
// exactly. Only nodes have a size of their own: at 424 bytes they would leave a quarter of 64 + 512
// unused, and an edit of what is shared makes a node for every few bytes that it changes. Free blocks
// are kept in the threads' slots only.
#ifndef RV_BLOCK_H
#define RV_BLOCK_H

#include "chunk/store.h"

#include <string.h>

#define RV_BLOCK_MOST ((size_t) 128 << (RV_CLASSES - 1)) // bytes of payload in the largest block

static inline size_t rv_class_len(unsigned block_class)
{
    return block_class == RV_NODE_CLASS ? RV_NODE_LEN : RV_CHUNK_HEAD + ((size_t) 128 << block_class);
}

// The smallest class of at least len bytes; RV_CLASSES or more when none is large enough.
static inline unsigned rv_class_for(size_t len)
{
    if (len <= rv_class_len(0))
        return 0;
    return 57u - (unsigned) __builtin_clzll(len - RV_CHUNK_HEAD - 1); // 2^7 is class 0
}

// slot: NULL for none. NULL: it has none.
static inline void *rv_block_out(struct rv_slot *slot, unsigned block_class)
{
    void *block = RV_LIKELY(slot != NULL) ? slot->blocks[block_class] : NULL;
    if (RV_UNLIKELY(!block))
        return NULL;
    memcpy(&slot->blocks[block_class], block, sizeof(void *));
    slot->block_cnt[block_class]--;
    return block;
}

static inline void rv_block_in(struct rv_slot *slot, unsigned block_class, void *block)
{
    memcpy(block, &slot->blocks[block_class], sizeof(void *));
    slot->blocks[block_class] = block;
    slot->block_cnt[block_class]++;
}

// Of rv_block_take() and rv_block_give(), what the thread's slot does not do at once.
void *rv_block_take_any(struct rove_pool *pool, unsigned block_class, enum rove_status *why_out);
void rv_block_give_any(struct rove_pool *pool, unsigned block_class, void *block);

// Takes a block of a class, not zeroed; NULL when there is none. Blocks do not hold the pool.
static inline void *rv_block_take(struct rove_pool *pool, unsigned block_class,
                                  enum rove_status *why_out)
{
    void *block = rv_block_out(rv_pool_slot_made(pool), block_class);
    return RV_LIKELY(block != NULL) ? block : rv_block_take_any(pool, block_class, why_out);
}

// Keeps one where there is room for sure.
static inline bool rv_block_keep(struct rove_pool *pool, unsigned block_class, void *block)
{
    struct rv_slot *slot = rv_pool_slot_made(pool);
    if (RV_UNLIKELY(!slot || slot->block_cnt[block_class] >= slot->block_most[block_class]))
        return false;
    rv_block_in(slot, block_class, block);
    return true;
}

static inline void rv_block_give(struct rove_pool *pool, unsigned block_class, void *block)
{
    if (!rv_block_keep(pool, block_class, block))
        rv_block_give_any(pool, block_class, block);
}

#define RV_BLOCKS_BESIDE 64u // a thread keeps at most so many of a class beside those that edits need

// Tells whether rv_block_stock() below has nothing to do.
static inline bool rv_block_stocked(struct rove_pool *pool, unsigned block_class, uint32_t cnt)
{
    const struct rv_slot *slot = rv_pool_slot_made(pool);
    return RV_LIKELY(slot && !pool->counted && slot->block_cnt[block_class] >= cnt &&
                     slot->block_most[block_class] >= cnt + RV_BLOCKS_BESIDE);
}

// Sees to it that the calling thread's next cnt blocks of a class can be had without fail, and keeps room for so
// many from then on. Returns false when there is no memory (*why_out), or when nothing is kept for the thread
// (ROVE_OK there): then they have to be taken at once.
bool rv_block_stock(struct rove_pool *pool, unsigned block_class, uint32_t cnt,
                    enum rove_status *why_out);

// The same two as below where the thread has a block at hand, or room for one. NULL, or false: nothing has happened.
static inline void *rv_pool_alloc_at_once(struct rove_pool *pool, size_t len)
{
    unsigned block_class = rv_class_for(len);
    struct rv_slot *slot = rv_pool_slot_made(pool);
    void *ptr = block_class < RV_CLASSES ? rv_block_out(slot, block_class) : NULL;
    if (RV_LIKELY(ptr != NULL))
        rv_pool_hold(pool);
    return ptr;
}

static inline bool rv_pool_free_at_once(struct rove_pool *pool, void *ptr, size_t len)
{
    unsigned block_class = rv_class_for(len);
    if (RV_UNLIKELY(block_class >= RV_CLASSES || !rv_block_keep(pool, block_class, ptr)))
        return false;
    rv_pool_let_go(pool);
    return true;
}

// Takes memory of any length for an object, not zeroed; the pool is held by it.
void *rv_pool_alloc(struct rove_pool *pool, size_t len, enum rove_status *why_out);
void rv_pool_free(struct rove_pool *pool, void *ptr, size_t len);

#endif
