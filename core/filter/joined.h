// SPDX-License-Identifier: MIT
// joined.h: bytes of several windows, joined in one.
#ifndef RV_JOINED_H
#define RV_JOINED_H

#include <rove/span.h>

#include "chunk/pool.h"

// Zeroed: none.
struct rv_joined {
    uint8_t *ptr; // memory of the pool, or NULL
    size_t cap;
};

// Moves *left to the front, with room for len bytes behind it. On failure nothing has happened.
enum rove_status rv_joined_take(struct rv_joined *joined, struct rove_pool *pool, struct rove_span *left, size_t len);

void rv_joined_drop(struct rv_joined *joined, struct rove_pool *pool);

#endif
