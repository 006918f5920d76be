// SPDX-License-Identifier: MIT
// push.h: a tree grows at its end, slice by slice or by a tree that is small. Nothing here can fail, as in tree.h.
#ifndef RV_PUSH_H
#define RV_PUSH_H

#include "rope/tree.h"

// Appends a slice; one that continues the last slice in its chunk is made one with it.
struct rv_node *rv_tree_push(struct rv_node *root, struct rv_entry slice, struct rv_spare *spare);
// The same where that takes no node and the slice goes behind the last: 15 times in 16 while a rope grows by its end. False:
// nothing has happened.
bool rv_tree_push_at_once(struct rv_node *root, struct rv_chunk *chunk, uint8_t *at, uint64_t len);
unsigned rv_tree_push_need(const struct rv_node *root);
unsigned rv_tree_push_need_most(unsigned height);

// Like rv_tree_join(), but the slices of a right tree of one leaf are pushed: joins split nodes in
// halves, and who appends small trees for ever would be left with half-full ones.
struct rv_node *rv_tree_append(struct rv_node *left, struct rv_node *right, struct rv_seam seam,
                               struct rv_spare *spare);
unsigned rv_tree_append_need(const struct rv_node *left, const struct rv_node *right,
                             struct rv_seam seam);

#endif
