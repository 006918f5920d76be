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

// Points at [off, off + len) if that lies in the tail, or in one slice of the tree which is awake for sure;
// else NULL.
//
// Random reads in a large rope wait for memory, and how many of them the processor can have under way
// is decided by how few instructions each takes. So this comes first, and all else goes the long way.
static inline const uint8_t *rv_bytes_at_once(const struct rove_rope *rope, uint64_t off, size_t len)
{
    if (RV_UNLIKELY(off >= rope->tree_len)) {
        uint64_t in = off - rope->tree_len, tail_len = (uint64_t) (rope->cur - rope->base);
        return in <= tail_len && len <= tail_len - in ? rope->base + in : NULL;
    }
    if (RV_UNLIKELY(rv_switch_is_on(&rv_chunks_sleep)))
        return NULL;
    struct rv_found found = rv_byte_find(rope->root, off);
    return RV_LIKELY(len <= found.len) ? found.ptr : NULL;
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

// Lets the chunk of a cursor's last span go: some of it, at most cap bytes, is copied and is the span.
void rv_cursor_leave(struct rove_cursor *cursor, uint8_t *some, size_t cap, struct rove_span *span);

// Like rove_cursor_next(), for who goes on to reach other bytes with the span: a guest of its pool
// (chunk/spill.h) is not left pinned.
enum rove_status rv_cursor_next_some(struct rove_cursor *cursor, uint8_t *some, size_t cap,
                                     struct rove_span *span_out);

#endif
