// SPDX-License-Identifier: MIT
// context.h: what an opened filter lives in: its host, its state and all memory that it asked for.
//
// Setting up a codec costs more than resetting it. So a context that is no longer needed may wait on
// a shelf, reset, for the next chain that wants this filter with these options.
#ifndef RV_CONTEXT_H
#define RV_CONTEXT_H

#include <rove/filter.h>

#include "filter/means.h"

struct rv_key;
struct rv_held;

struct rv_context {
    struct rove_host host; // its ctx is this
    const struct rove_filter *filter;
    void *state;            // zeroed at first
    struct rv_means *means; // who pays, outlives its use; NULL on the shelf
    struct rove_pool *pool; // whose memory it is
    uint64_t held;          // bytes, its own included
    size_t len;             // bytes of its own
    struct rv_key *keys;    // the numbers of its options; NULL: a text was given, which is not kept
    struct rv_held *blocks; // what the filter asked for
    struct rv_context *next; // on the shelf
};

// Makes one with a zeroed state. NULL when memory is refused; means->refused tells why.
struct rv_context *rv_context_new(const struct rove_filter *filter, const struct rove_value *values,
                                  struct rv_means *means);

// Takes back what a filter that is closed did not give back.
void rv_context_take_back(struct rv_context *ctx);

// Drops one whose filter is closed, and all memory that the filter did not give back.
void rv_context_free(struct rv_context *ctx);

// Takes one from the shelf, opened and reset; NULL when there is none, or the limit forbids it.
struct rv_context *rv_context_reuse(const struct rove_filter *filter,
                                    const struct rove_value *values, struct rv_means *means);

// Resets the filter and puts the context on the shelf. False: it has to be closed and dropped.
bool rv_context_keep(struct rv_context *ctx);

// What waits on the shelf.
void rv_context_figures(size_t *cnt_out, uint64_t *held_out);

#endif
