// SPDX-License-Identifier: MIT
// read.h: bytes out of a tree and a tail, for rope and view alike.
#ifndef RV_READ_H
#define RV_READ_H

#include <rove/view.h>

#include "rope/tree.h"

// Where a chunk cannot stay pinned (rv_chunk_is_guest), bytes are copied, so many at a time: on the
// stack, and in a stream, which is small.
#define RV_SOME_LEN 4096u
#define RV_SHOWN_LEN 136u // with it a stream over a rope fills a block of 320 bytes

// Finds [off, off + len) if that lies in one slice of a tree that is all on a grid (node.h), and is awake for sure.
// For random reads, of which see rove_rope_read().
static inline bool rv_find_on_grid(const struct rove_rope *rope, uint64_t off, size_t len, struct rv_found *found)
{
    if (RV_UNLIKELY(off >= rope->tree_len || rv_switch_is_on(&rv_chunks_sleep) || rope->root->grid == RV_RAGGED))
        return false;
    *found = rv_grid_find(rope->root, off, false);
    return RV_LIKELY(len <= found->len);
}

// A view of a whole rope that holds nothing, good until the rope changes or is shared.
static inline struct rove_view rv_rope_borrow(const struct rove_rope *rope)
{
    return (struct rove_view){.root = rope->root,
                              .tail = rope->tail,
                              .tail_at = rope->base,
                              .tail_len = (size_t) (rope->cur - rope->base),
                              .tree_len = rope->tree_len,
                              .len = rove_rope_len(rope),
                              .pool = rope->pool};
}

// Copies [off, off + len), which lies within the tree.
enum rove_status rv_tree_read(const struct rv_node *root, uint64_t off, uint8_t *buf, size_t len);

// Copies [off, off + len), which lies within a slice.
enum rove_status rv_slice_read(struct rv_entry slice, uint64_t off, uint8_t *buf, size_t len);

// The chunk of a cursor's last span.
static inline struct rv_chunk *rv_cursor_chunk(const struct rove_cursor *cursor)
{
    return cursor->leaf ? rv_slice_chunk(cursor->leaf, cursor->idx - 1) : cursor->view->tail;
}

// Lets the chunk of a cursor's last span go: some of it, at most cap bytes, is copied and is the span.
void rv_cursor_leave(struct rove_cursor *cursor, uint8_t *some, size_t cap, struct rove_span *span);

// Like rove_cursor_next(), for who goes on to reach other bytes with the span: a guest of its pool
// (chunk/spill.h) is not left pinned.
enum rove_status rv_cursor_next_some(struct rove_cursor *cursor, uint8_t *some, size_t cap,
                                     struct rove_span *span_out);

#endif
