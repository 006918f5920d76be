// SPDX-License-Identifier: MIT
// cache.h: the stretches that a stream keeps, found by their first point; the least recently used goes first.
#ifndef RV_CACHE_H
#define RV_CACHE_H

#include "seek/segs.h"
#include "seek/stretch.h"

#define RV_BUCKETS_FIRST 16u

struct rv_cache {
    struct rv_seek *seek;
    uint64_t most, held;              // bytes
    struct rv_stretch *first, *last;  // from the one used last on
    struct rv_stretch *current;       // it is being read, or NULL
    struct rv_stretch *shown;         // a window lies over it, or NULL
    struct rv_stretch **buckets;      // few, or an array
    struct rv_stretch *few[RV_BUCKETS_FIRST];
    size_t bucket_cnt, cnt;
};

void rv_cache_init(struct rv_cache *c, struct rv_seek *seek, uint64_t most);
void rv_cache_fini(struct rv_cache *c); // nothing is away

// The stretch that begins at point i, or NULL.
struct rv_stretch *rv_cache_find(const struct rv_cache *c, size_t i);

// Notes that it is used.
void rv_cache_use(struct rv_cache *c, struct rv_stretch *e);

// Adds one, which is not there. NULL: memory is refused, though nothing is kept any more.
struct rv_stretch *rv_cache_add(struct rv_cache *c, const struct rv_reach *at);

void rv_cache_drop(struct rv_cache *c, struct rv_stretch *e);

// Counts what it holds anew, and drops what is too much, perhaps e itself, but not the current one.
void rv_cache_settle(struct rv_cache *c, struct rv_stretch *e);

// Makes [off, upto) of the current stretch readable, both in one segment, or some of it; fails as rv_stretch_go_on().
enum rove_status rv_cache_want(struct rv_cache *c, uint64_t off, uint64_t upto,
                               enum rv_blame *blame_out);

#endif
