// SPDX-License-Identifier: MIT
// seen.h: which nodes or chunks a walk has met, each once, so that shared ones are not walked twice.
#ifndef RV_SEEN_H
#define RV_SEEN_H

#include <rove/pool.h>
#include <stdbool.h>

// What is remembered of one pointer. The fields are the walker's.
struct rv_seen_item {
    const void *key; // NULL: free
    double weight;
    uint64_t used;
};

// A hash table with open addressing, at most half full.
struct rv_seen {
    struct rove_pool *pool;
    struct rv_seen_item *item;
    size_t cap, cnt;
    enum rove_status why; // there was no memory
};

static inline struct rv_seen rv_seen_none(struct rove_pool *pool)
{
    return (struct rv_seen){.pool = pool};
}

// Finds a key, which cannot fail, or adds it; NULL when there is no memory for that. Valid until the next call.
struct rv_seen_item *rv_seen_at(struct rv_seen *seen, const void *key);

void rv_seen_fini(struct rv_seen *seen);

#endif
