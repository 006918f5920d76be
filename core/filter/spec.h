// SPDX-License-Identifier: MIT
// spec.h: a chain's text, taken apart and put together again.
#ifndef RV_SPEC_H
#define RV_SPEC_H

#include <rove/chain.h>

#include "filter/item.h"

#include <stdbool.h>

struct rv_spec {
    struct rove_pool *pool;
    unsigned cnt;
    struct rv_item items[ROVE_DEPTH_MAX]; // in the order of the text
};

// Reads a text in one pass from left to right. On failure nothing is held, and error_out, which may
// be NULL, says what is wrong.
enum rove_status rv_spec_parse(const char *text, uint32_t dir, struct rove_pool *pool,
                               struct rv_spec *spec_out, struct rove_spec_error *error_out);

// Puts bytes in the place of every @. ROVE_E_ARG where there are none, or not as many as the option takes. error_out: as
// above.
enum rove_status rv_spec_lend(struct rv_spec *spec, struct rove_span bytes, struct rove_spec_error *error_out);

// Prints the canonical text: the options that were given, in the table's order. ROVE_E_RANGE when
// it and its NUL exceed cap.
enum rove_status rv_spec_print(const struct rv_spec *spec, char *buf, size_t cap);

// Prints one filter of it, with the options that mean something when it decodes.
enum rove_status rv_item_print(const struct rv_item *item, char *buf, size_t cap);

void rv_spec_fini(struct rv_spec *spec);

// Takes the next name off a '.'-separated list. False at its end.
bool rv_next_name(const char **list, struct rove_span *name_out);

#endif
