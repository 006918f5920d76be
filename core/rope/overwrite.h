// SPDX-License-Identifier: MIT
// overwrite.h: new bytes over old ones where they stand.
#ifndef RV_OVERWRITE_H
#define RV_OVERWRITE_H

#include <rove/rope.h>
#include <stdbool.h>

// Writes over [off, off + len), which lies within the rope, if that is in one slice of the tree and
// nobody else sees it; else returns false, and has done nothing. The rope's slices stay as they are.
bool rv_overwrite_at_once(struct rove_rope *rope, uint64_t off, const uint8_t *src, size_t len);

#endif
