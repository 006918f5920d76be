// SPDX-License-Identifier: MIT
/// @file
/// rope.h: bytes that can be cut, joined and shared anywhere, at the cost of log n.
///
/// A rope is a sequence of bytes, kept as slices of counted chunks in a B-tree, with the chunk that
/// grows, the tail, beside the root:
///
///     struct rove_rope ─┬─ root ─┬─ node ─┬─ leaf: slice slice slice …
///                       │        └─ node …└─ leaf: slice slice …
///                       └─ tail: [ bytes written | room left ]       slice = (chunk, offset, length)
///
/// Slices may be shared between ropes and views. A byte that another holder can see is never written
/// again: the writer gets a place of its own (copy on write, a piece at a time). So a clone and a
/// view are O(1), stay as they were whatever happens to their source, and may be used by other threads.
///
/// Costs, n = slices: append O(1), O(log n) once a chunk; insert, erase, replace, overwrite, split,
/// concatenate, seek: O(log n) at any size. No call ever copies the whole, but rove_rope_flatten().
///
/// Fill. Nodes hold at least half of what they could, except along the two edges of the tree, so that
/// on each level there are at most twice as many as its entries would fill, plus two. Slices that
/// touch inside a leaf and are together at most ROVE_MERGE_LEN bytes (or a chunk, where that is less)
/// are made one by the edit that touches them. So a rope has no more slices than twice its length divided by that
/// constant, plus two a leaf; but where longer pieces are put in and worn down to crumbs, one beside the other, the
/// crumbs of chunks of 1 MiB and more may stay apart until an edit touches them or they are moved (see Memory).
///
/// Memory. What a rope keeps follows what it holds: whatever edits of bytes, reserves and concatenations it went through, at
/// most twice its length, three chunks (its first, its tail, and the one in which edits lay their bytes) with their
/// heads of 64 bytes, a leaf of some 400, and a sixteenth of a chunk, for less of which it is not looked; other nodes
/// included, with chunks of 4 KiB and more. An edit pays for what it wastes: it looks at some eight bytes of the rope
/// (up to two hundred where all of it is a few chunks, four where chunks are at most 8 KiB) for each byte that it
/// leaves in a chunk that other slices keep, and moves what lies there in chunks that are less than three quarters
/// used. What is shared is kept as long as anybody holds it and is not moved meanwhile, nor is what sleeps. What edits
/// beside a clone, a view, or the other part of a split leave in such chunks when that is dropped, and bytes that came
/// by a view, keep them until edits of bytes and concatenations have gone round once, or rove_rope_compact() was
/// called: until then it may be several times the length. Adopted, mapped and flattened memory is kept whole until its
/// last byte has gone, or that call finds less than half of it used.
///
/// Limits. A rope holds at most 2^63 - 1 bytes (ROVE_E_RANGE beyond). The largest allocation is one
/// chunk of the pool, except in rove_rope_flatten().
///
/// Ownership. The struct is the caller's storage (its fields are private but for the inline
/// functions here); init and fini it. It must not be copied or moved by assignment while it holds
/// bytes: use rove_rope_clone() or rove_rope_move(). Source memory is borrowed until return unless
/// a function says adopt.
///
/// Failure. A call that fails leaves the rope as it was. Beside what is said of each, all that may take memory can fail with
/// ROVE_E_NOMEM, and with ROVE_E_LIMIT at the limit of its pool; where that spills, all that takes memory or looks at bytes
/// can also fail with ROVE_E_IO, ROVE_E_CHECKSUM and, in a forked child, ROVE_E_UNSUPPORTED, as ROVE_POOL_SPILL tells.
///
/// Threads. Distinct objects may be used by distinct threads at once, even when they share chunks;
/// one object by one thread at a time. Cloning and viewing change the source a little, so they count
/// as use.
#ifndef ROVE_ROPE_H
#define ROVE_ROPE_H

#include <rove/export.h>
#include <rove/pool.h>
#include <rove/span.h>
#include <rove/status.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>

ROVE_BEGIN_DECLS

struct rv_chunk;
struct rv_node;

#define ROVE_LEN_MAX UINT64_C(0x7fffffffffffffff) ///< bytes in a rope
#define ROVE_MERGE_LEN 512u ///< bytes: pieces up to this are copied and merged rather than shared

/// A rope. All fields are private to the library and to the inline functions below.
struct rove_rope {
    uint8_t *cur, *end;       ///< where the next byte goes, and the end of the room that is ours
    uint8_t *base;            ///< first byte of the tail slice
    struct rv_chunk *tail;    ///< chunk of the tail slice, or NULL
    uint32_t floor;           ///< offset in it below which others may see the bytes
    uint32_t reserved;        ///< … and where the run of rove_rope_reserve() begins, or UINT32_MAX
    struct rv_node *root;     ///< everything before the tail, or NULL
    uint64_t tree_len;        ///< bytes under root
    struct rove_pool *pool;   ///< held
    struct rv_chunk *scratch; ///< chunk in which edits lay their bytes, or NULL
    uint32_t scratch_off;     ///< first unused byte of it
    uint32_t debt;            ///< bytes wasted that the sweep has not paid for
    uint64_t swept;           ///< where in the tree the sweep stands
};

struct rove_view;

// make ------------------------------------------------------------------------------------------

/// Makes an empty rope in the caller's storage. Allocates nothing and cannot fail.
///
/// rope: storage, its old content is ignored. pool: held; NULL for the default pool.
ROVE_API void rove_rope_init(struct rove_rope *rope, struct rove_pool *pool);

/// Makes rope a copy of src that shares all of its bytes, in O(1).
///
/// rope: storage, initialised by the call; src itself is left as it is. src: unchanged in content; NULL is an empty one.
/// Cannot fail.
ROVE_API void rove_rope_clone(struct rove_rope *rope, struct rove_rope *src);

/// Moves the content of src into new storage, which if it is src itself is left as it is; else src is empty afterwards.
/// O(1), cannot fail. src: NULL is an empty one.
ROVE_API void rove_rope_move(struct rove_rope *rope, struct rove_rope *src);

// ask -------------------------------------------------------------------------------------------

/// Returns the length in bytes.
ROVE_INLINE uint64_t rove_rope_len(const struct rove_rope *rope)
{
    return rope ? rope->tree_len + (uint64_t) (rope->cur - rope->base) : 0;
}

/// Copies bytes out at an offset.
///
/// off: 0 to the length. buf: room for len bytes. len_out: bytes copied, fewer than len only at the
/// end of the rope, 0 on failure; may be NULL. Returns ROVE_E_RANGE when off is past the end; when a
/// sleeping chunk cannot be read ROVE_E_IO or ROVE_E_CHECKSUM, and what buf then holds is undefined.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_rope_read(struct rove_rope *rope, uint64_t off,
                                                         void *buf, size_t len, size_t *len_out);

/// Pins a window on the bytes from off, len long, in O(1).
///
/// off + len: at most the length, else ROVE_E_RANGE. view_out: storage, initialised by the call;
/// it pins the bytes, whatever happens to the rope; drop it with rove_view_fini().
ROVE_API ROVE_MUST_CHECK enum rove_status rove_rope_view(struct rove_rope *rope, uint64_t off,
                                                         uint64_t len, struct rove_view *view_out);

/// What a rope's memory amounts to, in bytes unless said.
struct rove_rope_figures {
    uint64_t len;       ///< bytes of content
    uint64_t retained;  ///< bytes of all chunks and nodes it keeps alive, each counted once; adopted and mapped ones too
    uint64_t fair;      ///< the same, each chunk and node divided by the number of its holders
    uint64_t slice_cnt; ///< slices (things), the tail included
    uint64_t node_cnt;  ///< nodes (things), shared ones counted once
    uint32_t height;    ///< levels of the tree, 0 when all is in the tail
};

/// Counts what the rope keeps alive. O(distinct nodes and slices).
///
/// Returns ROVE_E_NOMEM or ROVE_E_LIMIT (pool) when there is no memory to remember what was seen.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_rope_measure(const struct rove_rope *rope,
                                                            struct rove_rope_figures *figures_out);

/// Verifies every invariant of the structure: levels, counts, sums, fill, bounds. For tests.
///
/// Takes no memory. O(distinct nodes), unless the rope shares thousands of parts with itself.
/// Returns NULL when all holds, else a static sentence naming the first invariant that does not; that
/// there is a rope is one.
ROVE_API const char *rove_rope_check(const struct rove_rope *rope);

/// Prints the tree, a line a node or slice and at most 10,000 of them, for debugging.
///
/// file: borrowed. Returns ROVE_E_IO when printing fails.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_rope_dump(const struct rove_rope *rope, FILE *file);

// change: the end -------------------------------------------------------------------------------

/// The part of rove_rope_append() that is not inline; use that.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_rope_append_slow(struct rove_rope *rope,
                                                                const void *src, size_t len);

/// Appends a copy of len bytes.
///
/// src: borrowed, may be NULL when len is 0; must not point into the rope's own room. Returns
/// ROVE_E_NOMEM, ROVE_E_RANGE (length), ROVE_E_LIMIT (pool).
ROVE_INLINE ROVE_MUST_CHECK enum rove_status rove_rope_append(struct rove_rope *rope,
                                                              const void *src, size_t len)
{
    if (ROVE_LIKELY(rope && src && len - 1 < (size_t) (rope->end - rope->cur))) { // false for len 0
        rove_copy_behind(&rope->cur, src, len);
        return ROVE_OK;
    }
    return rove_rope_append_slow(rope, src, len);
}

/// Like rove_rope_append(), but gathers cnt (0 or more) pieces, all or none.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_rope_append_iov(struct rove_rope *rope,
                                                               const struct iovec *iov, size_t cnt);

/// Appends memory without copying it: the rope shares it until release is called.
///
/// ptr: len bytes that stay unchanged until release(arg, ptr, len). takes: release is called exactly
/// once, also when the call fails or len is 0. release: may be NULL (static memory).
/// arg: handed to it; may be NULL.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_rope_append_adopt(struct rove_rope *rope,
                                                                 const void *ptr, size_t len,
                                                                 rove_release_fn *release,
                                                                 void *arg);

/// Appends len zero bytes. A page of them (4 KiB) or more takes no memory, however many; fewer are written, which is quicker.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_rope_append_zeros(struct rove_rope *rope,
                                                                 uint64_t len);

/// Appends part of an open file by mapping it, without reading it.
///
/// fd: a regular file, borrowed (it may be closed after return). off, len: bytes of the file; len
/// UINT64_MAX for all from off. The file must keep its length while mapped: shortening it makes the
/// kernel raise SIGBUS in a reader. Returns ROVE_E_IO (errno is set), ROVE_E_RANGE when the file is
/// shorter, ROVE_E_UNSUPPORTED when it is not a regular file.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_rope_append_file(struct rove_rope *rope, int fd,
                                                                uint64_t off, uint64_t len);

/// Like rove_rope_append(), but the bytes are a view's: shared above ROVE_MERGE_LEN, else copied.
/// The view is unchanged and still the caller's; it may be of this very rope.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_rope_append_view(struct rove_rope *rope,
                                                                const struct rove_view *view);

/// Makes room to write in place.
///
/// len: 1 or more, the bytes that would be welcome. ptr_out, len_out: the run, at least half of len
/// (or of a chunk, where that is less) and at most a chunk. It is borrowed until the next call on the
/// rope. Write some, then rove_rope_commit(). Returns ROVE_E_NOMEM, ROVE_E_LIMIT (pool), or ROVE_E_RANGE when len
/// bytes more would be too many.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_rope_reserve(struct rove_rope *rope, size_t len,
                                                            uint8_t **ptr_out, size_t *len_out);

/// Appends the first len bytes of the run that rove_rope_reserve() gave.
///
/// len: at most the run's length, 0 without a run, else ROVE_E_RANGE. What is left of the run can be
/// committed next.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_rope_commit(struct rove_rope *rope, size_t len);

// change: anywhere ------------------------------------------------------------------------------

/// Replaces bytes: erases del bytes at off and puts a copy of len bytes there. All edits with bytes
/// below are cases of this one.
///
/// off + del: at most the length, else ROVE_E_RANGE. src: borrowed; may point into the rope's
/// bytes. Returns ROVE_E_NOMEM, ROVE_E_RANGE, ROVE_E_LIMIT.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_rope_replace(struct rove_rope *rope, uint64_t off,
                                                            uint64_t del, const void *src,
                                                            size_t len);

/// Like rove_rope_replace(), but erases nothing. off 0 prepends, off at the length appends.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_rope_insert(struct rove_rope *rope, uint64_t off,
                                                           const void *src, size_t len);

/// Like rove_rope_replace(), but puts nothing there.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_rope_erase(struct rove_rope *rope, uint64_t off,
                                                          uint64_t del);

/// Like rove_rope_replace() of len bytes by as many; in place where no one else sees the bytes.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_rope_overwrite(struct rove_rope *rope, uint64_t off,
                                                              const void *src, size_t len);

/// Like rove_rope_replace(), but the new bytes are a view's: shared above ROVE_MERGE_LEN, else
/// copied. The view is unchanged and still the caller's; it may be of this very rope.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_rope_replace_view(struct rove_rope *rope,
                                                                 uint64_t off, uint64_t del,
                                                                 const struct rove_view *view);

/// Like rove_rope_replace_view(), but erases nothing and takes all the bytes of src, which is
/// unchanged in content and may be rope itself.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_rope_insert_rope(struct rove_rope *rope,
                                                                uint64_t off,
                                                                struct rove_rope *src);

/// Shortens to len bytes. ROVE_E_RANGE when it is shorter already.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_rope_truncate(struct rove_rope *rope, uint64_t len);

/// Shortens or lengthens to len bytes; what is new is zeros, as rove_rope_append_zeros() appends them.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_rope_resize(struct rove_rope *rope, uint64_t len);

/// Appends all of right to left in O(log n) without copying; right is empty afterwards. What the two waste is paid for
/// as by an edit.
///
/// right: not left itself (ROVE_E_ARG). On failure both are as they were.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_rope_concat(struct rove_rope *left,
                                                           struct rove_rope *right);

/// Cuts in two in O(log n): rope keeps the first off bytes, right_out gets the rest.
///
/// right_out: storage, initialised by the call (also on failure, then empty); not rope itself (ROVE_E_ARG, and nothing
/// is changed).
ROVE_API ROVE_MUST_CHECK enum rove_status rove_rope_split(struct rove_rope *rope, uint64_t off,
                                                          struct rove_rope *right_out);

/// Drops what small slices pin: every chunk of which the rope uses less than three quarters is replaced by a
/// copy of the used bytes, adopted, mapped and flattened memory included, but not zeros, which take none. O(slices) and
/// the bytes copied; content unchanged, and what sleeps is not woken. A rope that shares itself is left as it is where
/// a tree of its own would take more than that.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_rope_compact(struct rove_rope *rope);

/// Gives back the memory of zeros: every slice of more than ROVE_MERGE_LEN bytes that are all zero is
/// replaced by the zeros that all ropes share, as rove_rope_append_zeros() appends a page of them. The open tail is
/// left as it is. O(length), content unchanged, also on failure; then less may have been given back.
///
/// len_out: how many bytes were replaced so; may be NULL.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_rope_thin(struct rove_rope *rope, uint64_t *len_out);

/// Makes all bytes contiguous, the one call that may allocate more than a chunk, and points at them.
///
/// ptr_out: borrowed until the next change of the rope; never NULL on success. When the bytes are
/// contiguous already nothing is copied. Returns ROVE_E_NOMEM, ROVE_E_LIMIT (pool), ROVE_E_RANGE when the length exceeds
/// size_t.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_rope_flatten(struct rove_rope *rope,
                                                            const uint8_t **ptr_out);

// as a queue ------------------------------------------------------------------------------------
//
// What comes in is appended, what goes out is taken from the front. rove_rope_erase() at 0 drops bytes that
// nobody wants to see; rove_rope_clear() gives back the chunk that an empty rope keeps for what comes next.

/// Finds a run of len bytes at or after an offset, as rove_view_find() does in a view.
///
/// from: 0 to the length, else ROVE_E_RANGE. ptr: borrowed; may be NULL when len is 0, which is found at from.
/// pos_out: its offset. Returns ROVE_END when there is none.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_rope_find(struct rove_rope *rope, uint64_t from,
                                                         const void *ptr, size_t len,
                                                         uint64_t *pos_out);

/// Copies the first bytes out and drops them.
///
/// buf: room for len bytes. len_out: bytes taken, fewer than len only when the rope has no more; may be NULL.
/// On failure (as of rove_rope_read() and rove_rope_erase()) nothing was dropped, and what buf holds is undefined.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_rope_take(struct rove_rope *rope, void *buf,
                                                         size_t len, size_t *len_out);

/// Takes a line: the first bytes up to and including a delimiter, as rove_rope_take() does.
///
/// delim: 1 to 64 bytes, else ROVE_E_ARG. buf: room for max bytes; a longer line comes in parts, which are
/// exactly max bytes long; a delimiter of several bytes that lies in two of them is none. len_out: bytes taken. Returns
/// ROVE_END, and takes nothing, when the delimiter is not there yet: what there is of the line stays for when more has come.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_rope_take_until(struct rove_rope *rope,
                                                               struct rove_span delim, void *buf,
                                                               size_t max, size_t *len_out);

/// Appends what one readv() of a descriptor gives, read straight into the rope's own room.
///
/// fd: borrowed. len: 1 or more: the most that is read, and the room that is made for it (at most 16 chunks; less
/// where there is no memory for all of it). len_out: bytes appended; may be NULL. Again after EINTR, and never a
/// second time, so a server gets to the next descriptor. Returns ROVE_OK with 1 byte at least; ROVE_END at the end
/// of the file; ROVE_E_AGAIN when a non-blocking descriptor has none; ROVE_E_IO with errno set; ROVE_E_RANGE when the
/// rope is as long as one can be; ROVE_E_NOMEM, ROVE_E_LIMIT. All but the first have read nothing.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_rope_read_fd(struct rove_rope *rope, int fd,
                                                            size_t len, size_t *len_out);

/// Gives a descriptor the first bytes by one writev(), and drops those that it took.
///
/// fd: borrowed. len: the most that is written; UINT64_MAX for all that one call takes (256 slices). len_out: bytes
/// written and dropped; may be NULL. Again after EINTR, and never a second time: while rove_rope_len() is not 0, call
/// again when the descriptor is ready. Returns ROVE_OK with 1 byte at least, or when there was nothing to write;
/// ROVE_E_AGAIN when a non-blocking descriptor is full; ROVE_E_IO with errno set; ROVE_E_NOMEM, ROVE_E_LIMIT
/// before anything is written; a failure to wake a chunk as of rove_view_read(). (To keep the bytes see
/// rove_view_write_fd().)
ROVE_API ROVE_MUST_CHECK enum rove_status rove_rope_write_fd(struct rove_rope *rope, int fd,
                                                             uint64_t len, uint64_t *len_out);

// drop ------------------------------------------------------------------------------------------

/// Empties the rope; it can be used again. Cannot fail.
ROVE_API void rove_rope_clear(struct rove_rope *rope);

/// Drops the rope's holds. The storage may then be reused or initialised again. A zeroed struct and
/// a second call are harmless.
ROVE_API void rove_rope_fini(struct rove_rope *rope);

ROVE_END_DECLS

#endif
