// SPDX-License-Identifier: MIT
// slab.h: a piece of memory, 2 MiB as a rule, cut into full chunks, with their descriptors beside it.
//
//     struct rv_slab  [ links | free lists | chunk 0 | chunk 1 | … | beds, of a counted pool | sums ]
//     memory          [ payload 0 | payload 1 | …                                                   ]
//
// All of this is called with the pool's lock held. A slab is in the pool's list while it has a
// free chunk; one that is wholly free is given back when the pool keeps more than it may.
//
// A pool with a limit is counted by the chunk:
// 1. A slab's memory is only address space until a chunk of it is taken for the first time; then that
//    chunk's pages count, until they are given back to the kernel. No huge pages: one chunk would
//    bring the pages of all its neighbours.
// 2. Free chunks whose pages are there are taken first. So slabs that have one stand before those
//    that have none, and room is made from free chunks before anybody has to sleep.
// 3. Slabs are numbered, lowest free number first; slab and chunk number are a chunk's place in the
//    spill file. So a place costs no memory, and what was written in order lies in order.
#ifndef RV_SLAB_H
#define RV_SLAB_H

#include "chunk/layout.h"

#define RV_SLAB_ALIGN                                                                              \
    64u // a chunk's head has a line of the cache for itself: threads hold neighbours

struct rv_slab {
    struct rv_slab *prev, *next;         // in the pool's list, while free_cnt > 0
    struct rv_slab *all_prev, *all_next; // of all slabs; in a counted pool by number
    struct rv_chunk *free;               // that were cut; in a counted pool only those without pages …
    struct rv_chunk *warm;               // … and here those with pages
    unsigned free_cnt, cnt;
    unsigned cut_cnt;      // chunks with a descriptor; those behind them are free, and were never taken
    unsigned resident_cnt; // chunks with pages, in a counted pool
    uint64_t number;
    uint8_t *memory;
    rv_figure read_end;  // in the spill file: where the last read of it ended, …
    rv_figure ahead_end; // … and how far the kernel was asked to read on
    struct rv_bed *bed; // one a chunk, or NULL
    uint64_t *sum;      // of the bytes in the spill file, one a piece, or NULL
    _Alignas(RV_SLAB_ALIGN) struct rv_chunk chunk[];
};

// The bed of a full chunk of a counted pool.
static inline struct rv_bed *rv_slab_bed(const struct rv_chunk *chunk)
{
    struct rv_slab *slab = chunk->home;
    return &slab->bed[chunk - slab->chunk];
}

// The checksums of a chunk of a pool that spills: those of its pieces, in order.
static inline unsigned rv_slab_piece_cnt(const struct rove_pool *pool)
{
    return pool->spill ? (unsigned) (pool->chunk_len / pool->spill->piece_len) : 0;
}

static inline uint64_t *rv_slab_sums(const struct rv_chunk *chunk)
{
    struct rv_slab *slab = chunk->home;
    return &slab->sum[(size_t) (chunk - slab->chunk) * rv_slab_piece_cnt(chunk->pool)];
}

// The length of the slabs of a pool; its chunk length and budget are known.
size_t rv_slab_len_for(const struct rove_pool *pool);

// The length of the head of one of its slabs.
size_t rv_slab_head_len(const struct rove_pool *pool);

// Takes up to *cnt free chunks, linked, and says how many; of a counted pool one. Makes a slab when there are none.
// NULL: *why_out tells why.
struct rv_chunk *rv_slab_take(struct rove_pool *pool, unsigned *cnt, enum rove_status *why_out);

// Gives back a linked list of chunks, as many as a thread keeps at most; to a counted pool one.
void rv_slab_give(struct rove_pool *pool, struct rv_chunk *chunks);

// Gives wholly free slabs back to the allocator, the coldest first, until at most keep bytes of them
// are left.
void rv_slab_trim(struct rove_pool *pool, uint64_t keep);

// Has the kernel put pages behind a chunk that has none, which is about to be filled.
void rv_slab_touch_pages(const struct rv_chunk *chunk);

// pages of a counted pool -----------------------------------------------------------------------

// Counts the pages of a chunk that has none, or had them in the pool's reserve; false at the limit.
bool rv_slab_count_pages(struct rove_pool *pool, struct rv_chunk *chunk);

// The same in the pool's reserve; false when it has none, or that is taken.
bool rv_slab_count_guest(struct rove_pool *pool, struct rv_chunk *chunk);

// Gives the pages and bytes of cnt chunks that lie side by side back to the kernel. False, with
// errno: they are still there.
bool rv_slab_drop_pages(struct rove_pool *pool, struct rv_chunk *chunk, unsigned cnt);

// Lowers what the pool holds by a free chunk's pages, or by a slab that is wholly free; false when
// there is neither.
bool rv_slab_shrink(struct rove_pool *pool);

#endif
