// SPDX-License-Identifier: MIT
// means.h: what the layers of a chain share: where their memory comes from, how much of it they may
// have, and what the last one that spoke had to say.
#ifndef RV_MEANS_H
#define RV_MEANS_H

#include "chunk/pool.h"

#define RV_WHY_MAX 120u // bytes kept of a filter's explanation
#define RV_RATIO_FROM (UINT64_C(1) << 20) // bytes of output from which on a ratio counts

struct rv_means {
    struct rove_pool *pool;
    uint64_t used, limit;     // bytes
    uint64_t aside;           // of those used: set aside for parts (fan.h)
    enum rove_status refused; // why memory was first refused, or ROVE_OK
    const char *passed;       // the field of struct rove_limits that was last passed, or NULL
    char why[RV_WHY_MAX + 1];
};

// Tells whether len bytes more are within the limit.
static inline bool rv_means_allow(const struct rv_means *means, uint64_t len)
{
    return means->used <= means->limit && len <= means->limit - means->used;
}

// Counts len bytes; false, and `refused` set, when that would pass the limit.
bool rv_means_take(struct rv_means *means, uint64_t len);
void rv_means_give(struct rv_means *means, uint64_t len);
// The same with memory. NULL when it is refused.
void *rv_means_alloc(struct rv_means *means, size_t len);
void rv_means_free(struct rv_means *means, void *ptr, size_t len);
// Explains a failure that is the chain's own.
void rv_means_explain(struct rv_means *means, const char *why);
// Explains that a limit is passed, in a field of struct rove_limits.
void rv_means_pass(struct rv_means *means, const char *why, const char *limit, uint64_t value);
// Tells whether what was made of so many bytes is more than a ratio allows, and explains it.
bool rv_means_pass_ratio(struct rv_means *means, uint64_t ratio, uint64_t took, uint64_t made);

#endif
