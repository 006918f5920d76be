// SPDX-License-Identifier: MIT
// read.h: bytes out of a tree and a tail, for rope and view alike.
#ifndef RV_READ_H
#define RV_READ_H

#include "rope/tree.h"

// Copies [off, off + len), which lies within the tree.
enum rove_status rv_tree_read(const struct rv_node *root, uint64_t off, uint8_t *buf, size_t len);

// Copies [off, off + len), which lies within a slice.
enum rove_status rv_slice_read(struct rv_entry slice, uint64_t off, uint8_t *buf, size_t len);

#endif
