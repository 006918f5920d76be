// SPDX-License-Identifier: MIT
// span.h: a run of bytes in memory, and the call that ends a loan.
#ifndef ROVE_SPAN_H
#define ROVE_SPAN_H

#include <rove/export.h>
#include <stddef.h>
#include <stdint.h>

ROVE_BEGIN_DECLS

// A run of bytes in memory; owns nothing.
struct rove_span {
    const uint8_t *ptr;
    size_t len;
};

// Called once when the last holder of adopted memory lets go, from the thread that does.
typedef void rove_release_fn(void *arg, const void *ptr, size_t len);

ROVE_END_DECLS

#endif
