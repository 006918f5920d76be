// SPDX-License-Identifier: MIT
// layout.h: what chunks, slots and pools are made of; how they behave is in the files beside it.
//
// A chunk is a small descriptor and a payload. Descriptors of full chunks lie together in their
// slab's header (slab.h) and the payload in the slab; a small chunk is one block, descriptor first.
//
//     struct rv_chunk ──data──> [ published or claimed ........ | free ]
//                                0                            mark    cap
//
// 1. refs counts holders: slices, tails, views. The last one to go gives the chunk home. Beside it
//    stands how many bytes lie in slices, those in two leaves counted twice; rv_chunk_sparse() goes by it.
// 2. Bytes below the mark belong to whoever claimed them; nobody else ever writes them. A rope
//    that opens a tail claims all of the rest at once (mark = cap), gives back what it has not
//    used before anyone else may see the chunk, and claims again with one compare-and-swap.
// 3. The payload is reached only between rv_chunk_pin() and rv_chunk_unpin().
// 4. Unless `twice` is on, each byte lies in one leaf, tail or view only.
//
// Each thread keeps a few free things of each kind in a slot of its own, so that the common take
// and give touch no lock and no atomic:
//
//     take: slot ─(empty)─> slabs, under the lock, a batch at a time ─(none free)─> allocator
//     give: slot ─(full)──> slabs, under the lock, half of the slot
#ifndef RV_LAYOUT_H
#define RV_LAYOUT_H

#include <rove/pool.h>

#include "base/atomic.h"
#include "base/debug.h"
#include "base/lock.h"

enum rv_kind {
    RV_POOL,   // pool memory, writable by who claims it
    RV_ADOPTED // a caller's memory, a mapped file or the shared zeros: read only
};

struct rv_chunk {
    rv_tally refs;
    uint8_t *data;
    size_t cap;
    rv_mark mark;
    struct rove_pool *pool;
    struct rv_chunk *next; // in a free list; only while free
    void *home;            // its slab, or NULL: a block of its own
    rv_sleep sleep;        // pins, and whether it sleeps; see sleep.h
    uint8_t kind : 4;      // enum rv_kind
    uint8_t block_class : 4; // of a block of its own
    bool may_sleep;
    rv_switch twice;
    bool warm; // was given back before: its pages are there
};

#define RV_CHUNK_HEAD 64u // bytes in front of the payload of a small chunk

_Static_assert(sizeof(struct rv_chunk) <= RV_CHUNK_HEAD, "the descriptor fits its head");

// What is known of a chunk of a counted pool beyond its descriptor; beside it in the slab's header.
struct rv_bed {
    bool live;     // taken and not given back
    bool resident; // its pages are there, and counted
    rv_switch saved; // the spill file has its bytes: not written since it was last put to sleep
    bool guest;    // its pages are counted in the pool's reserve
    uint8_t heat;  // how often it was read through lately (through.h) …
    uint8_t round; // … in which round of the pool's …
    uint16_t next; // … and the piece behind the last that was read
};

// What a pool, and those that share its limit, hold together.
struct rv_budget {
    rv_figure held, held_peak;
    uint64_t limit;         // bytes, UINT64_MAX for none; without …
    uint64_t headroom;      // … what is kept for calls that make content shorter
    rv_figure lent;         // bytes of chunks that are pinned for windows of streams
    struct rv_lock lock;    // guards the ring; taken before any pool's lock
    struct rove_pool *ring; // one of the pools that share it, or NULL
};

#define RV_CLASSES 15u     // block sizes: 64 + 128, 64 + 256 … 64 + 2 MiB
#define RV_NODE_CLASS 15u  // one more: that of the tree's nodes, of which there are as many as of nothing else
#define RV_NODE_LEN (40 + 16 * (sizeof(uint64_t) + 2 * sizeof(void *)))
#define RV_POOL_ALIGN ((size_t) 64) // a line of the cache
#define RV_STOCKS 16u      // of blocks, one a size
#define RV_SLOTS 64        // threads that keep things of their own; others use the lock
#define RV_SLOT_CHUNKS 16u // full chunks kept by a thread
#define RV_SLAB_FROM 4096u // bytes: shorter chunks are blocks

#define RV_HEADROOM_SHARE 8u                // of a limit, but at most this many bytes: an erase
#define RV_HEADROOM_MOST ((uint64_t) 65536) // in 16 TiB of 64 KiB chunks needs 63,000
#define RV_PIN_SHARE 16u // one call pins at most this part of a limit
#define RV_LEND_SHARE 4u // windows of streams, which nobody may use any more, at most this part

struct rv_slab;

// The file in which chunks sleep; see spill.h.
struct rv_spill {
    int fd;
    int owner;    // process that opened it: a forked child must not write, and has 0 here
    uint64_t end; // bytes of the file that were ever written, since it was last cut
    size_t piece_len;  // bytes that have a checksum of their own
    uint64_t ahead_len; // bytes the kernel is asked to read ahead of a reader, at most
    uint64_t read_cnt; // reads that went through; see through.h
    struct rv_lock lock;   // guards what `through` points to; nobody takes another below it
    struct rv_through *through;
};

// What one thread keeps. Only that thread touches it, the figures and its part of the count apart.
struct rv_slot {
    struct rv_chunk *chunks;
    uint32_t chunk_cnt;
    rv_figure taken, given; // full chunks; here, where who takes one looks anyway
    rv_part held;           // its part of the pool's holders
    uint32_t block_cnt[RV_STOCKS];
    uint32_t block_most[RV_STOCKS]; // so many are kept; 0: not worked out yet, or none
    void *blocks[RV_STOCKS];        // linked through their first word
};

// What is asked for each chunk stands side by side, in one line of the cache, and the slots behind it.
struct rove_pool {
    rv_whole refs;                   // users' holds and one for each chunk, node and object; see immortal
    rv_figure users;                 // those alone; when the last goes the parts are added up
    bool closed;                     // they were; under the lock
    bool immortal;                   // the default pool is not counted
    void (*last_gone)(struct rove_pool *pool); // ends it when nothing holds it any more; of pool.c
    struct rove_allocator allocator; // a copy
    size_t slab_len;
    struct rv_budget own_budget, *budget;      // its own or the lender's
    struct rove_pool *known_next, *known_prev; // of all pools of the process
    struct rove_pool *lender;                  // whose budget it shares, held, or NULL
    struct rove_pool *ring_next, *ring_prev;   // of the pools that share the budget
    uint64_t keep_len;
    rv_figure allocs;
    rv_figure taken, given;                 // full chunks by threads without a slot
    rv_figure asleep, sleeps, wakes;        // chunks asleep now, and how often
    struct rv_lock lock;                    // guards what follows
    struct rv_slab *partial, *partial_last; // slabs with free chunks, the hottest first
    uint64_t free_len;                      // bytes of slabs that are wholly free
    uint64_t free_low;                      // the least of it since the last look,
    int64_t looked_at;                      // in seconds of a clock
    uint64_t chunk_cnt;                     // chunks in all slabs
    struct rv_slab *all, *all_last;         // every slab; of a counted pool by number
    struct rv_slab *run_end; // of those, the last before the first number that is free; or NULL
    struct rv_slab *hand;    // the clock's, or NULL
    unsigned hand_at;
    struct rv_spill own_spill;
    uint64_t reserve;       // bytes of the limit kept for waking one chunk; 0: none
    struct rv_chunk *guest; // the one whose pages are counted there, or NULL
    _Alignas(RV_POOL_ALIGN) size_t chunk_len; // from here on nothing changes once the pool is made, but for new slots
    size_t front_debt; // bytes that a rope may owe for its first chunk before it is swept for them (rope/front.h)
    struct rv_spill *spill; // own_spill, or NULL: chunks do not sleep
    bool counted;     // has a limit: full chunks are counted one by one and kept in no slot
    bool huge;        // its slabs ask for huge pages
    bool whole_pages; // a chunk is pages of its own, which can be given back to the kernel
    rv_once_ptr slots[RV_SLOTS];
};

#endif
