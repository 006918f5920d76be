// SPDX-License-Identifier: MIT
// gather.h: which of the places that are found become points.
#ifndef RV_GATHER_H
#define RV_GATHER_H

#include "filter/chain.h"
#include "seek/index.h"

struct rv_gather {
    struct rove_index *index; // NULL: not begun
    uint64_t every;           // plain bytes from point to point at least
};

// Makes the index of what a chain's codec decodes, or has written, with a point at its beginning, where nothing need be known. The
// chain pays until rv_gather_leave().
enum rove_status rv_gather_begin(struct rv_gather *g, struct rv_chain *chain);

// A place is found, behind those before it. Of places at the same plain offset one is enough: the last that is fresh,
// with which what holds nothing is left behind, else the first. Where the data begin stays a point.
enum rove_status rv_gather_offer(struct rv_gather *g, struct rv_place place,
                                 const struct rove_mark *mark);

// The plain offset from which on a place becomes a point.
uint64_t rv_gather_next(const struct rv_gather *g);

void rv_gather_leave(struct rv_gather *g);
void rv_gather_drop(struct rv_gather *g);

#endif
