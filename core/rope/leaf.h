// SPDX-License-Identifier: MIT
// leaf.h: edits inside one leaf.
#ifndef RV_LEAF_H
#define RV_LEAF_H

#include "rope/place.h"
#include "rope/tail.h"

#define RV_LEAF_ADD (RV_PLACE_ADD - 2) // slices that come in: what stands beside them may have to come anew

// Replaces [off, off + del) in the tree by len bytes if both lie in one leaf and are small enough.
// Returns ROVE_END when they are not, and nothing was done.
enum rove_status rv_leaf_replace(struct rove_rope *rope, uint64_t off, uint64_t del, const void *src,
                              size_t len);

// Replaces slices first … last of a place by others, at most RV_PLACE_ADD, whose holds are taken anew.
// stays: bytes of pool memory among those that lay there before. Only memory for nodes may be missing; nothing is
// done then.
enum rove_status rv_leaf_put(struct rove_rope *rope, struct rv_place *place,
                             const struct rv_entry *slice, unsigned cnt, uint64_t stays);

// Like rv_leaf_replace(), but puts in a few slices, 1 to RV_LEAF_ADD, whose holds are taken anew. Small ones are merged
// with those beside them.
enum rove_status rv_leaf_replace_slices(struct rove_rope *rope, uint64_t off, uint64_t del,
                                const struct rv_entry *slice, unsigned cnt);

// Merges small slices that touch at an offset of the tree. Changes no bytes, so it need not succeed.
void rv_leaf_tidy(struct rove_rope *rope, uint64_t off);

#endif
