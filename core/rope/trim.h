// SPDX-License-Identifier: MIT
// trim.h: a tree is made shorter at one end, in place.
//
// Unlike a cut this keeps nothing of what goes, so that nodes which are the tree's own need no
// others: memory can be freed when there is none left to do it with. Only shared nodes are copied.
#ifndef RV_TRIM_H
#define RV_TRIM_H

#include "rope/tree.h"

// Keeps the first len bytes of a tree, fewer than all; takes the hold on it and returns the new root.
struct rv_node *rv_trim_end(struct rv_node *root, uint64_t len, struct rv_spare *spare);
unsigned rv_trim_end_need(const struct rv_node *root, uint64_t len);

// Likewise drops the first del bytes.
struct rv_node *rv_trim_front(struct rv_node *root, uint64_t del, struct rv_spare *spare);
unsigned rv_trim_front_need(const struct rv_node *root, uint64_t del);

#endif
