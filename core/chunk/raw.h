// SPDX-License-Identifier: MIT
// raw.h: memory from a pool's allocator, counted against its budget.
#ifndef RV_RAW_H
#define RV_RAW_H

#include "chunk/layout.h"

#define RV_BLOCK_ALIGN ((size_t) 16) // of everything that is no slab

// Counts len bytes; false when the limit stands in the way.
bool rv_budget_take(struct rv_budget *budget, uint64_t len);
void rv_budget_give(struct rv_budget *budget, uint64_t len);

// Returns NULL and tells why: ROVE_E_LIMIT or ROVE_E_NOMEM. Here as in all that takes memory, a reason
// is written down only when there is one: who tries again keeps what was said before.
void *rv_raw_get(struct rove_pool *pool, size_t len, size_t align, enum rove_status *why_out);

// Like rv_raw_get(), but may use what is kept for calls that make content shorter.
void *rv_raw_get_last(struct rove_pool *pool, size_t len, size_t align, enum rove_status *why_out);

// Gives memory back with the very len and align it was asked with.
void rv_pool_put(struct rove_pool *pool, void *ptr, size_t len, size_t align);

#endif
