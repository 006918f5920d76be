// SPDX-License-Identifier: MIT
// edits.h: random numbers from a seed, and a world of ropes and views that is edited at random.
//
// A world holds a few ropes and views, each with its model. world_step() does one random thing to
// one of them, with sizes and places that favour the edges: 0, 1, a chunk and a leaf and one more
// and one less. A private world has one rope and nothing that shares; a shared one does
// everything.
#ifndef TEST_EDITS_H
#define TEST_EDITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/model.h"

// random numbers --------------------------------------------------------------------------------

struct rng {
    uint64_t state;
};

// SplitMix64.
static inline uint64_t rng_next(struct rng *rng)
{
    uint64_t z = rng->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

// Mixed: of seeds that lie side by side, as they are given to threads and by hand, one would else draw what the other does,
// a little later.
static inline struct rng rng_from(uint64_t seed)
{
    struct rng rng = {seed};
    return (struct rng){rng_next(&rng)};
}

// 0 to below - 1.
static inline size_t rng_below(struct rng *rng, size_t below)
{
    return (size_t) (((rng_next(rng) >> 32) * (uint64_t) below) >> 32);
}

// A length from 0 to most that is often on an edge of chunks and nodes.
size_t rng_len(struct rng *rng, size_t chunk_len, size_t most);

// An offset from 0 to len, likewise.
size_t rng_off(struct rng *rng, size_t chunk_len, size_t len);

// worlds ----------------------------------------------------------------------------------------

#define WORLD_ROPES 4
#define WORLD_VIEWS 4
#define WORLD_TRACE 8

// One thing that was done.
struct world_act {
    const char *name;
    size_t rope, other, off, del, len;
};

struct world_view {
    struct rove_view view; // pool NULL: none
    struct model model;
};

struct world {
    struct rng rng;
    struct rove_pool *pool;
    size_t chunk_len;
    size_t len_max; // ropes are kept below about this
    bool shared;
    struct twin ropes[WORLD_ROPES];
    struct world_view views[WORLD_VIEWS];
    uint64_t steps;                        // done so far
    uint64_t edits;                        // those of them that change bytes
    uint64_t releases, adopts;             // of adopted memory: release calls, and adoptions
    struct world_act trace[WORLD_TRACE];   // the last ones, at steps % WORLD_TRACE
    const char *wrong;                     // what failed first, or NULL
};

void world_init(struct world *world, struct rove_pool *pool, uint64_t seed, bool shared);
void world_fini(struct world *world);

// Does one thing and looks at its neighbourhood. Returns the rope it changed, NULL once wrong is
// set.
struct twin *world_step(struct world *world);

// Compares every rope and view with its model, all bytes; false sets wrong.
bool world_check_all(struct world *world);

// Prints what was done last.
void world_print(const struct world *world);

#endif
