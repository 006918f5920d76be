// SPDX-License-Identifier: MIT
// memory.h: a caller's allocator, judged and copied by those who keep one.
#ifndef RV_MEMORY_H
#define RV_MEMORY_H

#include <rove/memory.h>

#include "base/arith.h"

#include <stdbool.h>
#include <string.h>

// Tells whether a table has all that the first version had. NULL stands for the default.
static inline bool rv_allocator_is_whole(const struct rove_allocator *a)
{
    size_t first_version = offsetof(struct rove_allocator, free) + sizeof a->free;
    return !a || (a->size >= first_version && a->alloc && a->free);
}

// Copies as much of a whole table as both sides know. NULL stands for the default.
static inline struct rove_allocator rv_allocator_copy(const struct rove_allocator *a)
{
    struct rove_allocator mine = {0};
    a = a ? a : rove_allocator_default();
    memcpy(&mine, a, rv_min_size(a->size, sizeof mine));
    return mine;
}

#endif
