// SPDX-License-Identifier: MIT
// pool.h: pools of any chunk length, for tests; and all that is below.
#ifndef RV_POOL_H
#define RV_POOL_H

#include "chunk/block.h"
#include "chunk/chunk.h"
#include "chunk/raw.h"
#include "chunk/store.h"

// NULL means the default pool.
static inline struct rove_pool *rv_pool_or_default(struct rove_pool *pool)
{
    return pool ? pool : rove_pool_default();
}

// Like rove_pool_new() for any chunk length from 1.
enum rove_status rv_pool_new_any(const struct rove_pool_opts *opts, struct rove_pool **pool_out);

#endif
