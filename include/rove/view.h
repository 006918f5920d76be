// SPDX-License-Identifier: MIT
/// @file
/// view.h: a pinned, read-only window on a rope's bytes.
///
/// A view holds the root and the tail of the rope it was taken from, an offset and a length. Taking
/// one is O(1) and copies nothing; it stays valid and unchanged whatever happens to its source,
/// edits, clearing and death included. All questions about bytes are asked of views: a question
/// about a whole rope is one about the view of all of it.
///
/// Bytes are reached as spans, runs of memory inside the chunks. A `struct rove_cursor` walks them in
/// order; it borrows the view. A span stays valid until the cursor moves on or is dropped (a chunk
/// that may sleep on disk is kept awake for just so long), for other chunks as long as the view.
///
/// Limits: none but those of a rope. Comparing, searching and hashing cost O(length), finding a
/// place O(log n).
///
/// Ownership: the struct is the caller's storage; its holds move with its content when that is assigned to other
/// storage and the old one zeroed, as long as no cursor is on it. It keeps alive every chunk under its source's root,
/// also those outside its window; append the view to a fresh rope to keep only the window.
///
/// Threads: like any object, one thread at a time; take a sub-view of all of it for another thread.
/// The bytes may be read by any number of threads at once.
#ifndef ROVE_VIEW_H
#define ROVE_VIEW_H

#include <rove/rope.h>

ROVE_BEGIN_DECLS

/// A view. All fields are private.
struct rove_view {
    struct rv_node *root;   ///< held, or NULL
    struct rv_chunk *tail;  ///< held, or NULL
    uint8_t *tail_at;       ///< the tail slice …
    size_t tail_len;        ///< … and its length
    uint64_t tree_len;      ///< bytes under root
    uint64_t off, len;      ///< the window
    struct rove_pool *pool; ///< held
};

/// A place in a view that moves span by span. All fields are private.
struct rove_cursor {
    uint8_t *const *at;           ///< where spans are known ahead: the first byte of each …
    const uint64_t *len;          ///< … and their lengths
    uint32_t idx, ahead;          ///< number of the next span; behind the last of those; alike when there are none
    uint32_t nth;                 ///< the leaf in the node above
    const struct rove_view *view; ///< borrowed
    const struct rv_node *leaf;   ///< leaf of the last span, NULL in the tail and at first
    const struct rv_node *above;  ///< node above the leaf, or NULL
    uint64_t pos;                 ///< offset in the view behind the spans known ahead
    struct rv_chunk *pinned;      ///< chunk kept awake for the last span, or NULL
};

// make ------------------------------------------------------------------------------------------

/// Pins a part of a view, in O(1); with off 0 and the whole length, a copy of it.
///
/// off + len: at most the view's length, else ROVE_E_RANGE. sub_out: storage, initialised by the
/// call, and not the view itself (ROVE_E_ARG); drop it with rove_view_fini(). The source may be dropped first.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_view_sub(const struct rove_view *view, uint64_t off,
                                                        uint64_t len, struct rove_view *sub_out);

// ask -------------------------------------------------------------------------------------------

/// Returns the length in bytes.
ROVE_INLINE uint64_t rove_view_len(const struct rove_view *view)
{
    return view ? view->len : 0;
}

/// Copies bytes out at an offset.
///
/// off: 0 to the length. len_out: bytes copied, fewer than len only at the end, 0 on failure; may be NULL.
/// Returns ROVE_E_RANGE when off is past the end; when a sleeping chunk cannot be woken ROVE_E_IO,
/// ROVE_E_CHECKSUM, or ROVE_E_LIMIT as ROVE_POOL_SPILL tells. So do all calls that look at bytes.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_view_read(const struct rove_view *view, uint64_t off,
                                                         void *buf, size_t len, size_t *len_out);

/// Gives the byte at an offset; ROVE_E_RANGE at or past the end.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_view_byte(const struct rove_view *view, uint64_t off,
                                                         uint8_t *byte_out);

/// Compares the bytes of two views as memcmp() does; a prefix of the other sorts first.
///
/// order_out: negative, 0 or positive.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_view_compare(const struct rove_view *a,
                                                            const struct rove_view *b,
                                                            int *order_out);

/// Tells whether the view begins with len bytes at ptr. yes_out: 1 or 0; 0 on failure.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_view_starts(const struct rove_view *view,
                                                           const void *ptr, size_t len,
                                                           int *yes_out);

/// Like rove_view_starts(), but for its end.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_view_ends(const struct rove_view *view,
                                                         const void *ptr, size_t len, int *yes_out);

/// Finds the first byte of a value at or after an offset.
///
/// from: 0 to the length. pos_out: its offset. Returns ROVE_END when there is none.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_view_find_byte(const struct rove_view *view,
                                                              uint64_t from, uint8_t byte,
                                                              uint64_t *pos_out);

/// Like rove_view_find_byte(), but finds a run of len bytes, also across chunk borders.
///
/// ptr: borrowed; len 0 is found at from. Time O(length x len) at worst.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_view_find(const struct rove_view *view,
                                                         uint64_t from, const void *ptr, size_t len,
                                                         uint64_t *pos_out);

// read: span by span ----------------------------------------------------------------------------

/// Puts a cursor at an offset of a view.
///
/// cursor: storage, initialised by the call. view: borrowed until rove_cursor_fini(). off: 0 to
/// the length, else ROVE_E_RANGE.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_cursor_init(struct rove_cursor *cursor,
                                                           const struct rove_view *view,
                                                           uint64_t off);

/// The part of rove_cursor_next() that is not inline; use that.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_cursor_next_slow(struct rove_cursor *cursor,
                                                                struct rove_span *span_out);

/// Gives the next span and moves past it.
///
/// span_out: never empty; valid until the cursor moves on or is dropped. Returns ROVE_END, and
/// an empty span, when there is no more; a failure when a sleeping chunk cannot be woken: ROVE_E_IO,
/// ROVE_E_CHECKSUM, or ROVE_E_LIMIT as ROVE_POOL_SPILL tells (the cursor stays, call again; the span
/// before is let go in any case).
ROVE_INLINE ROVE_MUST_CHECK enum rove_status rove_cursor_next(struct rove_cursor *cursor,
                                                              struct rove_span *span_out)
{
    if (ROVE_LIKELY(cursor && span_out && cursor->idx < cursor->ahead)) {
        uint32_t i = cursor->idx++;
        span_out->ptr = cursor->at[i];
        span_out->len = (size_t) cursor->len[i];
        return ROVE_OK;
    }
    return rove_cursor_next_slow(cursor, span_out);
}

/// Lets the last span go. Further calls are harmless.
ROVE_API void rove_cursor_fini(struct rove_cursor *cursor);

// read: for the operating system ----------------------------------------------------------------

/// Fills an array for writev(), from an offset on.
///
/// off: 0 to the length. iov: room for *cnt entries, 1 to 1024. cnt: set to the entries filled, 0
/// only at the end. len_out: bytes they cover; after a short write of k bytes call again with
/// off + k. The memory is valid as long as the view, or until rove_view_unpin() where chunks may sleep.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_view_iov(const struct rove_view *view, uint64_t off,
                                                        struct iovec *iov, size_t *cnt,
                                                        uint64_t *len_out);

/// Lets the chunks sleep again that rove_view_iov() woke. Call it with what that call was given and
/// gave: the first cnt entries from off. Without a pool that spills it does nothing.
ROVE_API void rove_view_unpin(const struct rove_view *view, uint64_t off, size_t cnt);

/// Writes the view to a file descriptor by writev(), from an offset on, until all is written.
///
/// EINTR and short writes are handled. done_out: bytes written, also on failure; may be NULL.
/// Returns ROVE_E_AGAIN when a non-blocking descriptor is full, ROVE_E_IO with errno set otherwise.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_view_write_fd(const struct rove_view *view,
                                                             uint64_t off, int fd,
                                                             uint64_t *done_out);

// drop ------------------------------------------------------------------------------------------

/// Drops the view's holds. A zeroed struct and a second call are harmless.
ROVE_API void rove_view_fini(struct rove_view *view);

ROVE_END_DECLS

#endif
