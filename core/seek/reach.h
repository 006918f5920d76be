// SPDX-License-Identifier: MIT
// reach.h: where the stretches of an index lie.
//
// A *stretch* is what is decoded as one: a part, from a point to the next, or several tiny ones. Which parts go together
// is told by their places alone, so that every place lies in one stretch, whatever was read before: those whose points
// lie in the same 32 KiB of plain bytes and in the same 64 KiB of coded ones. So a stretch becomes less than 32 KiB, or
// what its last part becomes besides, and is read with one request.
#ifndef RV_REACH_H
#define RV_REACH_H

#include "seek/index.h"

struct rv_reach {
    size_t i, end; // its points: i to end - 1
    struct rv_place from, to;
    bool bits, to_bits;   // it begins, ends inside of a byte
    bool fresh, to_fresh; // nothing before that place matters
};

// The stretch in which a plain offset, less than the index's plain_len, lies.
void rv_reach_find(const struct rove_index *index, uint64_t plain, struct rv_reach *out);

// Where its coded bytes begin in the source. They end at to.coded.
static inline uint64_t rv_reach_off(const struct rv_reach *reach)
{
    return reach->from.coded - (reach->bits ? 1 : 0);
}

static inline uint64_t rv_reach_len(const struct rv_reach *reach)
{
    return reach->to.plain - reach->from.plain;
}

#endif
