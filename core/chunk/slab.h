// SPDX-License-Identifier: MIT
// slab.h: 2 MiB of memory cut into full chunks, with their descriptors beside it.
//
//     struct rv_slab  [ links | free list | beds, of a counted pool | chunk 0 | chunk 1 | … ]
//     memory          [ payload 0 | payload 1 | …                                           ]
//
// All of this is called with the pool's lock held. A slab is in the pool's list while it has a
// free chunk; one that is wholly free is given back when the pool keeps more than it may.
//
// A pool with a limit is counted by the chunk: a slab's memory is only address space until a chunk
// of it is taken for the first time.
#ifndef RV_SLAB_H
#define RV_SLAB_H

#include "chunk/layout.h"

struct rv_slab {
    struct rv_slab *prev, *next;         // in the pool's list, while free_cnt > 0
    struct rv_slab *all_prev, *all_next; // of all slabs of the pool
    struct rv_chunk *free;
    unsigned free_cnt, cnt;
    uint8_t *memory;
    struct rv_bed *bed; // one a chunk, or NULL
    struct rv_chunk chunk[];
};

// The bed of a full chunk of a counted pool.
static inline struct rv_bed *rv_slab_bed(const struct rv_chunk *chunk)
{
    struct rv_slab *slab = chunk->home;
    return &slab->bed[chunk - slab->chunk];
}

// Takes up to cnt free chunks, linked; makes a slab when there are none. NULL: *why_out tells why.
struct rv_chunk *rv_slab_take(struct rove_pool *pool, unsigned cnt, enum rove_status *why_out);

// Gives back a linked list of chunks.
void rv_slab_give(struct rove_pool *pool, struct rv_chunk *chunks);

// Gives wholly free slabs back to the allocator until at most keep bytes of them are left.
void rv_slab_trim(struct rove_pool *pool, uint64_t keep);

#endif
