// SPDX-License-Identifier: MIT
// edit.h: edits in general, for those who bring a tree.
#ifndef RV_EDIT_H
#define RV_EDIT_H

#include "rope/tail.h"

// Replaces [off, off + del), within the rope, by a tree, whose hold is taken on success only.
// Every edit that is not inside one leaf comes here.
enum rove_status rv_edit_tree(struct rove_rope *rope, uint64_t off, uint64_t del,
                              struct rv_node *mid);

// Like rv_edit_tree(), but with the content of another rope, which is empty on success.
enum rove_status rv_edit_rope(struct rove_rope *rope, uint64_t off, uint64_t del,
                              struct rove_rope *mid);

#endif
