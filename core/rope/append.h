// SPDX-License-Identifier: MIT
// append.h: what grows a rope at its end, for those who bring more than bytes.
#ifndef RV_APPEND_H
#define RV_APPEND_H

#include "base/arith.h"
#include "rope/tail.h"

// Tells whether a rope may grow by len bytes.
static inline bool rv_may_grow(const struct rove_rope *rope, uint64_t len)
{
    return len <= ROVE_LEN_MAX - rove_rope_len(rope);
}

// Puts the tail slice into the tree; the chunk stays open behind it.
enum rove_status rv_append_settle(struct rove_rope *rope);

// Appends one slice of a chunk, whose hold is taken in any case.
enum rove_status rv_append_slice(struct rove_rope *rope, struct rv_entry slice);

#endif
