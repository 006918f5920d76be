// SPDX-License-Identifier: MIT
// lay.h: where edits lay the bytes they bring, and those they move.
//
// One after the other through the rope's scratch chunk, and on through new chunks behind it, of which the last
// becomes the scratch chunk. So typing at one place makes one slice grow, and many small pieces share a chunk.
//
//     scratch: [ pieces laid before | run 0 ]   [ run 1 ] … [ run n | free ] the next scratch chunk
//
// All chunks are taken before anything is changed. What is laid belongs to nobody until it is committed.
#ifndef RV_LAY_H
#define RV_LAY_H

#include "rope/tail.h"

#define RV_LAY_RUNS (RV_FANOUT - 2) // most runs at a time: with what stands beside them they fit into a leaf

#define RV_LAY_LATE 4u // slices that are copied late: two on each side of what comes

// What stands beside an edit at a random place lies in no cache, and a copy of it waits about as long as the rest of
// the edit takes. So it is asked for, and copied when all else is done.
struct rv_late {
    uint8_t *to;
    const uint8_t *from;
    size_t len;
    struct rv_chunk *chunk; // held
    uint32_t owed;          // what is owed for it if this is its last hold: all of its bytes that lie in slices
};

struct rv_lay {
    struct rv_chunk *first, *last; // the new chunks, linked through next; may be NULL
    struct rv_chunk *next;         // of those, the first in which nothing lies
    struct rv_chunk *at;           // where the next byte goes
    size_t off;
    unsigned cnt, late_cnt;
    struct rv_entry run[RV_LAY_RUNS]; // hold nothing
    struct rv_late late[RV_LAY_LATE];
};

// The most bytes that can be laid at a time, at least a chunk.
uint64_t rv_lay_most(const struct rove_rope *rope);

// Tells whether so many can be laid at a time: a chunk always can.
static inline bool rv_lay_fits(const struct rove_rope *rope, uint64_t len)
{
    return RV_LIKELY(len <= rope->pool->chunk_len) || len <= rv_lay_most(rope);
}

// Of an edit that lays nothing: there is nothing to commit, nor to give up.
static inline void rv_lay_nothing(struct rv_lay *lay)
{
    lay->first = NULL;
    lay->cnt = lay->late_cnt = 0;
}

// Makes room for len bytes, at most rv_lay_most(). On failure nothing was done.
enum rove_status rv_lay_begin(struct rv_lay *lay, struct rove_rope *rope, uint64_t len);

// Copies bytes behind those laid before.
void rv_lay_bytes(struct rv_lay *lay, const void *src, size_t len);

// Like rv_lay_bytes(), but those of a slice, which may sleep, and need not wake for it. The first short ones are copied by rv_lay_late().
enum rove_status rv_lay_slice(struct rv_lay *lay, struct rv_entry slice);

// Copies those, when their slices are out of the tree and what that wastes is owed. Comes before rv_lay_commit().
void rv_lay_late(struct rv_lay *lay, struct rove_rope *rope);

// Says that the runs are held by slices from now on: the room they take is used up.
void rv_lay_commit(struct rv_lay *lay, struct rove_rope *rope);

// Gives up what was laid.
void rv_lay_abort(struct rv_lay *lay);

#endif
