// SPDX-License-Identifier: MIT
// pack.h: states made short, and long again, by the filter `deflate` of the registry.
#ifndef RV_PACK_H
#define RV_PACK_H

#include "filter/means.h"

// Packs into a buffer. Returns the bytes made; 0: they are more than there is room for, or it cannot be done. means:
// pay while it is done.
size_t rv_pack(const struct rv_means *means, struct rove_span from, uint8_t *to, size_t cap);

// Unpacks all of a buffer, which must become len bytes.
enum rove_status rv_unpack(const struct rv_means *means, struct rove_span from, uint8_t *to, size_t len);

#endif
