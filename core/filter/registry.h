// SPDX-License-Identifier: MIT
// registry.h: finding filters by a piece of text that is not NUL-ended.
#ifndef RV_REGISTRY_H
#define RV_REGISTRY_H

#include <rove/registry.h>
#include <rove/span.h>

#define RV_NAME_MAX 31u           // bytes in a filter's name or an option's key
#define RV_OPTIONS_MAX 64u        // options of a filter
#define RV_STATE_MAX (16u << 20)  // bytes of state
#define RV_PAST_MAX (1u << 20)    // bytes before a part that it may want to see

// Like rove_filter_find(). Takes no lock.
const struct rove_filter *rv_filter_find(struct rove_span name, uint32_t dir);

// The values that a registered filter's options have where they are not given, in their order; NULL
// when they are not kept, and must be read from the options.
const struct rove_value *rv_filter_fallbacks(const struct rove_filter *filter);

// Whether a tap is a sum that can be joined of those of parts.
int rv_filter_joins(const struct rove_filter *filter);

// Like rove_filter_register() for cnt filters, all or none.
enum rove_status rv_filter_register_all(const struct rove_filter *const *filters, size_t cnt,
                                        const char **why_out);

// Tells whether a byte may stand in names and keys: [a-z0-9_].
static inline int rv_is_name_byte(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

#endif
