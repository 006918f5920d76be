// SPDX-License-Identifier: MIT
// spec.h: a chain's text, taken apart and put together again.
#ifndef RV_SPEC_H
#define RV_SPEC_H

#include <rove/chain.h>

#include "chunk/pool.h"

// One filter of a text and the values of its options, fallbacks included.
struct rv_item {
    const struct rove_filter *filter; // &rv_auto for one to be chosen when the first bytes are there
    struct rove_value *values;        // one an option, then the bytes of texts; NULL for none
    size_t mem_len;                   // bytes at values
    size_t off;                       // where its name stands in the text
};

struct rv_spec {
    struct rove_pool *pool;
    unsigned cnt;
    struct rv_item items[ROVE_DEPTH_MAX]; // in the order of the text
};

// What `auto` stands for in an item. Its only option is `allow`: names joined by '.'.
extern const struct rove_filter rv_auto;

// Reads a text in one pass from left to right. On failure nothing is held, and error_out, which may
// be NULL, says what is wrong.
enum rove_status rv_spec_parse(const char *text, uint32_t dir, struct rove_pool *pool,
                               struct rv_spec *spec_out, struct rove_spec_error *error_out);

// Makes an item of a filter with no option given.
enum rove_status rv_item_plain(const struct rove_filter *filter, struct rove_pool *pool,
                               struct rv_item *item_out);

// Prints the canonical text: the options that were given, in the table's order. ROVE_E_RANGE when
// it and its NUL exceed cap.
enum rove_status rv_spec_print(const struct rv_spec *spec, char *buf, size_t cap);

void rv_item_fini(struct rv_item *item, struct rove_pool *pool);
void rv_spec_fini(struct rv_spec *spec);

// Takes the next name off a '.'-separated list. False at its end.
bool rv_next_name(const char **list, struct rove_span *name_out);

#endif
