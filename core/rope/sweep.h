// SPDX-License-Identifier: MIT
// sweep.h: memory follows content: chunks that hold little are given up, a few slices with each edit.
#ifndef RV_SWEEP_H
#define RV_SWEEP_H

#include "rope/tail.h"

void rv_sweep_on(struct rove_rope *rope, uint32_t before);

// A debt that is not worth finding a leaf for.
static inline uint64_t rv_sweep_least(const struct rove_rope *rope)
{
    return rope->pool->chunk_len / 16 + 64;
}

// Pays for what an edit has wasted. before: the rope's debt before it. Content does not change, and what cannot
// be done for want of memory is left for a later edit.
static inline void rv_sweep(struct rove_rope *rope, uint32_t before)
{
    if (RV_UNLIKELY(rope->debt >= rv_sweep_least(rope)))
        rv_sweep_on(rope, before);
}

// Ends an edit that may have wasted something, and pays for it. before: as in rv_sweep().
static inline void rv_sweep_end(struct rove_rope *rope, uint32_t before, struct rv_spare *spare)
{
    rv_owe(rope, spare->waste);
    rv_spare_fini(spare);
    rv_sweep(rope, before);
}

#endif
