// SPDX-License-Identifier: MIT
// growth.h: what an append needs before it may change anything: chunks, and nodes for the slices that will
// leave the tail.
#ifndef RV_GROWTH_H
#define RV_GROWTH_H

#include "rope/tail.h"

struct rv_growth {
    const uint8_t *src;     // what is appended, or NULL: in pieces, or not known yet
    size_t room;            // as much of it fills the tail first …
    uint64_t len;           // … and as much comes behind that
    struct rv_chunk *first; // linked through next
    struct rv_chunk *moved; // has the tail's bytes, so that the tail's chunk is the last; or NULL
    struct rv_spare spare;
};

// Lays in what len bytes behind the tail's room need. There is none of it on failure but what rv_growth_fini() gives back.
enum rove_status rv_growth_lay_in(struct rove_rope *rope, uint64_t len, struct rv_growth *growth);

// Puts the tail into the tree and makes the next chunk the tail.
void rv_growth_next(struct rove_rope *rope, struct rv_growth *growth);

// Gives back what was not used, and ends the edit.
void rv_growth_fini(struct rv_growth *growth);

#endif
