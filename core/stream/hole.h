// SPDX-License-Identifier: MIT
// hole.h: which bytes of a stream are reserved and not filled yet, as edits move them.
#ifndef RV_HOLE_H
#define RV_HOLE_H

#include "chunk/block.h"

// A hole that is not filled yet, and all of whose bytes are there.
struct rv_hole {
    struct rv_hole *next;
    uint64_t id, off, len;
};

// The open holes of one stream, newest first.
struct rv_holes {
    struct rv_hole *first;
};

// Finds where the list points at a hole; NULL when it is not in it.
struct rv_hole **rv_holes_find(struct rv_holes *holes, uint64_t id);

// Takes a hole out and drops it. link: where the list points at it; pool: whose memory it is.
void rv_holes_forget(struct rv_hole **link, struct rove_pool *pool);

// Keeps the holes right: del bytes at off became len others.
void rv_holes_shift(struct rv_holes *holes, struct rove_pool *pool, uint64_t off, uint64_t del,
                    uint64_t len);

// Forgets all.
void rv_holes_drop(struct rv_holes *holes, struct rove_pool *pool);

// Moves the holes at or past off to another stream of the same pool, whose content those bytes became.
void rv_holes_split(struct rv_holes *left, struct rove_pool *pool, uint64_t off,
                    struct rv_holes *right);

#endif
