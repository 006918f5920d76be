// SPDX-License-Identifier: MIT
// edit.h: what the edits of a rope are made of.
#ifndef RV_EDIT_H
#define RV_EDIT_H

#include "base/arith.h"
#include "rope/tail.h"

// Tells whether a rope may grow by len bytes.
static inline bool rv_may_grow(const struct rove_rope *rope, uint64_t len)
{
    return len <= ROVE_LEN_MAX - rove_rope_len(rope);
}

// Replaces [off, off + del), within the rope, by a tree, whose hold is taken on success only.
// Every edit that is not inside one leaf comes here.
enum rove_status rv_edit_tree(struct rove_rope *rope, uint64_t off, uint64_t del,
                              struct rv_node *mid);

// Like rv_edit_tree(), but with the content of another rope, which is empty on success.
enum rove_status rv_edit_rope(struct rove_rope *rope, uint64_t off, uint64_t del,
                              struct rove_rope *mid);

// Replaces [off, off + del) in the tree by len bytes if both lie in one leaf and are small enough.
// Returns ROVE_END when they are not, and nothing was done.
enum rove_status rv_edit_leaf(struct rove_rope *rope, uint64_t off, uint64_t del, const void *src,
                              size_t len);

// Replaces slices first … last of a place by others, at most RV_PLACE_ADD, whose holds are taken anew.
// fresh: bytes of those that lay in no slice before. Only memory for nodes may be missing; nothing is done then.
struct rv_place;
enum rove_status rv_edit_put(struct rove_rope *rope, struct rv_place *place,
                             const struct rv_entry *slice, unsigned cnt, uint64_t fresh);

// Like rv_edit_leaf(), but puts in a few slices, at most RV_LAY_RUNS, whose holds are taken anew.
enum rove_status rv_edit_slices(struct rove_rope *rope, uint64_t off, uint64_t del,
                                const struct rv_entry *slice, unsigned cnt);

// Merges small slices that touch at an offset of the tree. Changes no bytes, so it need not succeed.
void rv_edit_tidy(struct rove_rope *rope, uint64_t off);

// Appends one slice of a chunk, whose hold is taken in any case.
enum rove_status rv_edit_append_slice(struct rove_rope *rope, struct rv_entry slice);

// Puts the tail slice into the tree; the chunk stays open behind it.
enum rove_status rv_edit_settle(struct rove_rope *rope);

#endif
