// SPDX-License-Identifier: MIT
// known.h: the pools of the process, known so that their figures can be added up, and so that fork() can take their locks.
//
// The lock of the list is taken before any pool's.
#ifndef RV_KNOWN_H
#define RV_KNOWN_H

#include "chunk/layout.h"

// A pool is counted in from now on, or no more. No lock.
void rv_known_join(struct rove_pool *pool);
void rv_known_leave(struct rove_pool *pool);

// Visits them all, with the list locked.
void rv_known_each(void (*visit)(struct rove_pool *pool, void *ctx), void *ctx);

#endif
