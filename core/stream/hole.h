// SPDX-License-Identifier: MIT
// hole.h: which bytes of a stream are reserved and not filled yet, as edits move them.
#ifndef RV_HOLE_H
#define RV_HOLE_H

#include "chunk/block.h"

// A hole that is not filled yet, and all of whose bytes are there. It is in two trees, see hole.c.
struct rv_hole {
    uint64_t id, len;
    struct rv_hole *next[2];     // by id
    struct rv_hole *up, *kid[2]; // by place
    uint64_t off, reach, shift;
};

// The open holes of one stream.
struct rv_holes {
    struct rv_hole *ids; // the root by id: at the top above it is the root by place; or NULL
};

// Takes a new one in, whose id and length are filled in: it begins at off.
void rv_holes_add(struct rv_holes *holes, struct rv_hole *hole, uint64_t off);

// NULL when it is not among them.
struct rv_hole *rv_holes_find(struct rv_holes *holes, uint64_t id);

// Where it begins now.
uint64_t rv_hole_off(const struct rv_hole *hole);

// Takes a hole out and drops it. pool: whose memory it is.
void rv_holes_forget(struct rv_holes *holes, struct rv_hole *hole, struct rove_pool *pool);

// Keeps the holes right: del bytes at off became len others.
void rv_holes_shift(struct rv_holes *holes, struct rove_pool *pool, uint64_t off, uint64_t del,
                    uint64_t len);

// Forgets all.
void rv_holes_drop(struct rv_holes *holes, struct rove_pool *pool);

// Moves the holes at or past off to another stream of the same pool, which has none and whose content those bytes became.
void rv_holes_split(struct rv_holes *left, struct rove_pool *pool, uint64_t off,
                    struct rv_holes *right);

#endif
