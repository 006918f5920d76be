// SPDX-License-Identifier: MIT
/// @file
/// stream.h: one cursor for reading and writing, over a rope, a file descriptor or what you have.
///
/// A stream is what Python's io.BytesIO is, in C, over any device:
///
///     caller ── inline ──> window [cur ······ rend ····· wend) ── one slow call per refill ──> device
///                          raw pointers into the current chunk         rope, fd, FILE, callbacks, chain
///
/// Small reads and writes compare two pointers and copy. On a rope the window lies in the rope's own
/// chunk, so that a write lands where it stays; on a device with a file behind it, in a buffer.
///
/// The cursor may be set past the end; nothing happens until a write there, which fills the gap with
/// zeros (on a rope a page of them or more takes no memory). A write overwrites and extends; insert and erase shift.
///
/// Limits: offsets and lengths up to 2^63 - 1 (ROVE_E_RANGE beyond).
///
/// Ownership: rove_stream_new() and the open calls give a stream; drop it with rove_stream_free().
///
/// Failure: a rope's stream is as it was after any failure. A device can fail in the middle: then
/// the bytes it took are counted, the failure sticks (every later call that needs the device returns
/// it, so that no byte is skipped unseen) until rove_stream_clear_error(), and bytes that were read
/// before it are still delivered. ROVE_E_AGAIN of a non-blocking device does not stick. A closed stream
/// answers ROVE_E_CLOSED everywhere.
///
/// Again: what a write has accepted is kept until it is handed on, whatever fails. So flush, close and
/// rove_stream_finish() can be called again until they succeed, after ROVE_E_AGAIN as after a full
/// disk: each tries what is left, once only, and forgets the failure that stuck. But when that failure
/// has refused a write (or a pwrite, reserve, truncate or resize), they return it and write nothing, until
/// rove_stream_clear_error() says that this is known: a write goes on where rove_stream_tell() says.
///
/// Called back: from inside a function of its device or of its filters a stream answers ROVE_E_STATE, as
/// does one over a rope from inside a release function (span.h) that its own call has set off. It must
/// not be freed there.
///
/// Threads: distinct objects may be used by distinct threads at once, even when they share chunks;
/// one object by one thread at a time.
#ifndef ROVE_STREAM_H
#define ROVE_STREAM_H

#include <rove/view.h>

ROVE_BEGIN_DECLS

/// The head of a stream: its window. Public, and part of the ABI, only for the inline functions below;
/// a program reads and writes none of these fields. Either end may lie behind cur: nothing may be read
/// (or written) in place then.
struct rove_stream {
    uint8_t *cur;  ///< the byte at the cursor
    uint8_t *rend; ///< end of what may be read
    uint8_t *wend; ///< end of what may be written
};

/// A window without bytes and without room, which the inline functions take where they are given NULL. (A branch for NULL
/// is taken in each round of a caller's loop, a choice between two pointers once before it.)
ROVE_API extern const struct rove_stream rove_stream_none;

/// Where rove_stream_seek() counts from; the values of SEEK_SET, SEEK_CUR and SEEK_END.
enum rove_whence {
    ROVE_SET = 0,     ///< the beginning
    ROVE_CUR = 1,     ///< the cursor
    ROVE_FROM_END = 2 ///< the end
};

// make ------------------------------------------------------------------------------------------

/// Makes an empty stream over a rope of its own.
///
/// pool: held; NULL for the default pool. stream_out: gives it, or NULL on failure
/// (ROVE_E_NOMEM, ROVE_E_LIMIT).
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_new(struct rove_pool *pool,
                                                          struct rove_stream **stream_out);

/// Like rove_stream_new(), but over the content of a rope, which is moved and left empty; on failure
/// it is unchanged. The cursor is at 0.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_from_rope(struct rove_rope *rope,
                                                                struct rove_stream **stream_out);

/// Like rove_stream_new(), but over a copy of len bytes. The cursor is at 0.
///
/// ptr: borrowed; may be NULL when len is 0.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_from_bytes(const void *ptr, size_t len,
                                                                 struct rove_pool *pool,
                                                                 struct rove_stream **stream_out);

/// Like rove_stream_from_bytes(), but shares the memory, as rove_rope_append_adopt() does. It is never written: what
/// is written over is copied, a piece at a time.
///
/// bytes: stay unchanged until release(arg, ptr, len). takes: release is called exactly once, also when the call fails
/// or there are no bytes. release: may be NULL (static memory). arg: handed to it; may be NULL.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_from_adopted(struct rove_span bytes,
                                                                   rove_release_fn *release,
                                                                   void *arg,
                                                                   struct rove_pool *pool,
                                                                   struct rove_stream **stream_out);

// ask -------------------------------------------------------------------------------------------

/// Gives the cursor. Also past the end, never a failure but ROVE_E_CLOSED.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_tell(struct rove_stream *stream,
                                                           uint64_t *pos_out);

/// Gives the length in bytes. ROVE_E_UNSUPPORTED on a device that has none (a pipe).
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_size(struct rove_stream *stream,
                                                           uint64_t *len_out);

/// Tells whether the stream is closed: 1 or 0. NULL is closed.
ROVE_API int rove_stream_is_closed(const struct rove_stream *stream);

/// Returns the failure that sticks, or ROVE_OK.
ROVE_API enum rove_status rove_stream_error(const struct rove_stream *stream);

/// Returns the errno of the last ROVE_E_IO, or 0.
ROVE_API int rove_stream_errno(const struct rove_stream *stream);

/// Says what the last failure of the device or the chain was, with all that is known (layer, cause,
/// input offset, errno). Failures that the status tells all about are not recorded. Without one, a
/// chain that has been read to its end may say what it passed over; else it is rove_status_text(ROVE_OK).
///
/// Returns text in the stream's keeping, valid until its next call; never NULL. Of no stream (NULL) it is that of
/// ROVE_E_ARG.
ROVE_API const char *rove_stream_explain(const struct rove_stream *stream);

// read ------------------------------------------------------------------------------------------

/// The part of rove_stream_read() that is not inline; use that.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_read_slow(struct rove_stream *stream,
                                                                void *buf, size_t len,
                                                                size_t *len_out);
/// Reads len bytes and moves the cursor past them.
///
/// buf: room for len bytes. len_out: bytes read; may be NULL. Returns ROVE_OK when all len came,
/// ROVE_END when the end came first (with what there was, perhaps 0), otherwise a failure (likewise).
ROVE_INLINE ROVE_MUST_CHECK enum rove_status
rove_stream_read(struct rove_stream *stream, void *buf, size_t len, size_t *len_out)
{
    struct rove_stream *window = stream ? stream : (struct rove_stream *) (uintptr_t) &rove_stream_none;
    uint8_t *cur = window->cur;
    if (ROVE_LIKELY(buf && rove_has_run(cur, window->rend, len))) {
        rove_copy_run(buf, cur, len);
        window->cur = cur + len;
        if (len_out)
            *len_out = len;
        return ROVE_OK;
    }
    return rove_stream_read_slow(stream, buf, len, len_out);
}

/// Points at bytes at the cursor without moving it: all that lie in one run, at least 1. (Of a chunk that
/// sleeps, see ROVE_POOL_SPILL, 16 KiB at a time, or where there is no room for that a few.)
///
/// ptr_out, len_out: borrowed until the stream's next call. Returns ROVE_END, and no bytes, at the end.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_peek(struct rove_stream *stream,
                                                           const uint8_t **ptr_out,
                                                           size_t *len_out);

/// Reads up to and including a delimiter, into the caller's memory.
///
/// delim: 1 to 64 bytes. buf: room for max bytes; at most max are read, so a longer line comes in parts. A delimiter of
/// several bytes that lies in two of them is none. Returns ROVE_OK when the bytes end with the delimiter or max was
/// reached, ROVE_END when the end came first (with what there was), otherwise a failure (likewise): what had come before a
/// ROVE_E_AGAIN is read, too, and is such a part. (rove_stream_line() leaves it where it is, and so does
/// rove_rope_take_until() of a queue.)
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_read_until(struct rove_stream *stream,
                                                                 struct rove_span delim, void *buf,
                                                                 size_t max, size_t *len_out);

/// Points at the next line, delimiter included, and moves the cursor past it.
///
/// delim: one byte, for example '\n'. span_out: borrowed until the stream's next call; a line within
/// one chunk is not copied, one across a border is gathered in memory of the stream. max: longer
/// lines come in parts of max bytes; 0 for no limit. Returns ROVE_END when there are no more bytes;
/// the last line may lack the delimiter.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_line(struct rove_stream *stream,
                                                           uint8_t delim, size_t max,
                                                           struct rove_span *span_out);

/// Like rove_stream_read(), but into cnt pieces in order.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_readv(struct rove_stream *stream,
                                                            const struct iovec *iov, size_t cnt,
                                                            uint64_t *len_out);

/// Like rove_stream_read(), but at an offset, leaving the cursor alone.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_pread(struct rove_stream *stream,
                                                            uint64_t off, void *buf, size_t len,
                                                            size_t *len_out);

/// Pins the next len bytes as a view, without copying, and moves the cursor past them.
///
/// A view shorter than len, with ROVE_END, at the end. Only over a rope (ROVE_E_UNSUPPORTED).
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_read_view(struct rove_stream *stream,
                                                                uint64_t len,
                                                                struct rove_view *view_out);

// write -----------------------------------------------------------------------------------------

/// The part of rove_stream_write() that is not inline; use that.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_write_slow(struct rove_stream *stream,
                                                                 const void *src, size_t len);

/// Writes len bytes at the cursor, over what is there and beyond, and moves the cursor past them.
///
/// src: borrowed; may be NULL when len is 0, and then nothing happens, even past the end. Not what the stream itself
/// has lent, by rove_stream_peek() or rove_stream_line(): this is its next call. All or
/// nothing on a rope; on a device that fails in the middle see the top of this file, and
/// rove_stream_tell() for how far it came.
ROVE_INLINE ROVE_MUST_CHECK enum rove_status rove_stream_write(struct rove_stream *stream,
                                                               const void *src, size_t len)
{
    struct rove_stream *window = stream ? stream : (struct rove_stream *) (uintptr_t) &rove_stream_none;
    if (ROVE_LIKELY(src && rove_has_run(window->cur, window->wend, len))) {
        rove_copy_behind(&window->cur, src, len);
        return ROVE_OK;
    }
    return rove_stream_write_slow(stream, src, len);
}

/// Like rove_stream_write(), but gathers cnt pieces, all or none on a rope.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_writev(struct rove_stream *stream,
                                                             const struct iovec *iov, size_t cnt);

/// Like rove_stream_write(), but at an offset, leaving the cursor alone.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_pwrite(struct rove_stream *stream,
                                                             uint64_t off, const void *src,
                                                             size_t len);

/// Like rove_stream_write(), but the bytes are a view's; a rope shares them without copying.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_write_view(struct rove_stream *stream,
                                                                 const struct rove_view *view);

/// Makes room to write in place at the cursor: at least 1 byte, len where one chunk has them.
///
/// len: 1 or more. ptr_out, len_out: borrowed until the stream's next call. Write some, then rove_stream_commit().
/// ROVE_E_RANGE at 2^63 - 1, and at the end of a rope already when len bytes more would be too many; elsewhere there is
/// less room then.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_reserve(struct rove_stream *stream,
                                                              size_t len, uint8_t **ptr_out,
                                                              size_t *len_out);

/// Counts the first len bytes of the reserved room as written, and moves the cursor past them; what is left of
/// it can be committed next. More than there is, or any at all when the cursor stands elsewhere since, is ROVE_E_RANGE.
/// Over what stands there already, and behind a gap, this is a write, and fails as one does; on a rope the same can
/// then be committed again.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_commit(struct rove_stream *stream,
                                                             size_t len);

/// Writes formatted text as printf() does, straight into the room at the cursor.
ROVE_API ROVE_MUST_CHECK ROVE_PRINTF(2, 3) enum rove_status
rove_stream_printf(struct rove_stream *stream, const char *format, ...);

// change ----------------------------------------------------------------------------------------

/// Moves the cursor.
///
/// off: counted from whence; the result must lie in 0 … 2^63 - 1 (ROVE_E_RANGE; nothing is clamped),
/// and may lie past the end. pos_out: the new cursor; may be NULL. ROVE_E_UNSUPPORTED on a pipe.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_seek(struct rove_stream *stream, int64_t off,
                                                           enum rove_whence whence,
                                                           uint64_t *pos_out);

/// Shortens to len bytes; ROVE_E_RANGE when it is shorter already. The cursor stays.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_truncate(struct rove_stream *stream,
                                                               uint64_t len);

/// Shortens or lengthens to len bytes; what is new is zeros. The cursor stays.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_resize(struct rove_stream *stream,
                                                             uint64_t len);

/// Puts len bytes in at the cursor, shifting what follows, and moves the cursor past them. Only over
/// a rope. A cursor past the end is as for rove_stream_write().
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_insert(struct rove_stream *stream,
                                                             const void *src, size_t len);

/// Like rove_stream_insert(), but shares a view's bytes without copying.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_insert_view(struct rove_stream *stream,
                                                                  const struct rove_view *view);

/// Takes len bytes out at the cursor; what follows closes up. ROVE_E_RANGE when fewer follow, or the cursor stands
/// past the end. Only over a rope.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_erase(struct rove_stream *stream,
                                                            uint64_t len);

/// Drops the first len bytes, giving their memory back; the cursor keeps its byte, or is 0 when
/// that is gone. ROVE_E_RANGE when there are fewer. Only over a rope.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_drop_front(struct rove_stream *stream,
                                                                 uint64_t len);

/// Copies the first bytes out and drops them, as rove_stream_pread() at 0 and rove_stream_drop_front() do. For a queue:
/// write at the end, where the cursor stays and its window open, take at the front. Only over a rope.
///
/// buf: room for len bytes; may be NULL when len is 0. len_out: bytes taken; may be NULL. Returns ROVE_END when there were
/// fewer than len, and takes them. On failure nothing was dropped, and what buf holds is undefined.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_take(struct rove_stream *stream, void *buf,
                                                           size_t len, size_t *len_out);

/// Hands all that was written to the device, and through a chain makes it decodable and flushes the
/// streams below.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_flush(struct rove_stream *stream);

/// Empties a rope's stream and puts the cursor to 0; the chunks go back to the pool. Also opens a
/// closed one again. Only over a rope.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_reset(struct rove_stream *stream);

/// Forgets the failure that sticks, and, of a chain's stream, that which its own calls met in the
/// streams below. What was refused stays refused.
ROVE_API void rove_stream_clear_error(struct rove_stream *stream);

// holes -----------------------------------------------------------------------------------------

/// Bytes that are reserved now and filled later: a length in front, a header patched at the end. A
/// plain value, copied freely; it stays right whatever is written, inserted or erased before it. A hole
/// ends when it is filled or forgotten, and when any of its bytes are cut away or an insert goes between
/// them; then nothing is kept of it. There may be any number: n open holes make a call that edits, fills or asks longer
/// by O(log n) (a split, on the average of all).
struct rove_hole {
    uint64_t id;  ///< never 0 for a hole that was made
    uint64_t len; ///< bytes
};

/// Writes len zero bytes at the cursor, as rove_stream_write() does, and remembers where they are.
/// Only over a rope.
///
/// len: 1 or more. hole_out: its handle, to be filled or forgotten.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_hole(struct rove_stream *stream, size_t len,
                                                           struct rove_hole *hole_out);

/// Fills a hole with len bytes, exactly its length (ROVE_E_ARG), leaving the cursor alone. The hole
/// has ended then. Snapshots taken before keep their zeros.
///
/// Returns ROVE_E_STATE when the hole has ended before or is not of this stream.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_fill(struct rove_stream *stream,
                                                           struct rove_hole hole, const void *src,
                                                           size_t len);

/// Ends a hole that will not be filled; its bytes stay as they are. Fails like rove_stream_fill().
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_forget(struct rove_stream *stream,
                                                             struct rove_hole hole);

/// Gives the offset at which a hole is now. Fails like rove_stream_fill().
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_hole_off(struct rove_stream *stream,
                                                               struct rove_hole hole,
                                                               uint64_t *off_out);

/// Cuts the stream at the cursor, in O(log n): what follows becomes the content of a new stream,
/// cursor at 0, and its holes go with it. Only over a rope.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_split(struct rove_stream *stream,
                                                            struct rove_stream **right_out);

// take out --------------------------------------------------------------------------------------

/// Pins the whole content in O(1), whatever is written later. Only over a rope.
///
/// view_out: drop it with rove_view_fini().
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_snapshot(struct rove_stream *stream,
                                                               struct rove_view *view_out);

/// Clones the whole content in O(1) into a rope of the caller's storage, initialised by the call; on
/// failure it is zeroed, good only for rove_rope_fini(). Only over a rope.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_clone_rope(struct rove_stream *stream,
                                                                 struct rove_rope *rope_out);

/// Moves the whole content out into a rope, as rove_stream_clone_rope() does; the stream is empty
/// afterwards, its cursor 0. Only over a rope.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_steal(struct rove_stream *stream,
                                                            struct rove_rope *rope_out);

/// Makes the content contiguous (see rove_rope_flatten()) and points at it; borrowed until the
/// stream's next change. Only over a rope.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_flatten(struct rove_stream *stream,
                                                              const uint8_t **ptr_out,
                                                              size_t *len_out);

/// Is told how far a copy has come.
struct rove_progress {
    /// Called after each piece: of a chunk, of what a part has become, or of all where slices are shared. ROVE_OK to go
    /// on; a failure ends the copy, which returns it; anything else does as ROVE_E_STATE. It may use both streams, but
    /// not free them.
    enum rove_status (*step)(void *ctx, uint64_t copied);
    void *ctx; ///< handed to it
};

/// Copies bytes from one stream's cursor to another's, and moves both past them, by the way that copies least: between
/// two ropes slices are shared in O(log n), as by a view; a rope's bytes are written from where they lie; others are
/// read, or decoded, straight into the room of the stream that is written, or written from where they lie decoded.
///
/// from, to: not the same (ROVE_E_ARG), nor may one stand on the other (ROVE_E_STATE). len: bytes; UINT64_MAX for all
/// up to the end. progress: borrowed until return; may be NULL. copied_out: bytes that were copied, also on failure;
/// may be NULL. What was copied is written, and neither flushed nor closed.
///
/// Returns ROVE_OK when len bytes were copied, or all; ROVE_END when the end came before len; else what failed, on
/// either side. No byte is lost or copied twice: call again, with the rest of len, after ROVE_E_AGAIN of either side or
/// when what failed was mended.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_copy(struct rove_stream *from,
                                                           struct rove_stream *to, uint64_t len,
                                                           const struct rove_progress *progress,
                                                           uint64_t *copied_out);

/// Copies the whole content, wherever the cursor stands, into memory of malloc(), as open_memstream() leaves it.
///
/// ptr_out: gives the bytes and a NUL behind them, which is not counted; drop it with free(); NULL on failure.
/// len_out: bytes; may be NULL. Returns ROVE_E_NOMEM, ROVE_E_RANGE when they exceed what a size_t counts. Only over a
/// rope; the stream is unchanged. (Without a copy and a NUL: rove_stream_flatten().)
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_to_memory(struct rove_stream *stream,
                                                                char **ptr_out, size_t *len_out);

// drop ------------------------------------------------------------------------------------------

/// Flushes and closes. Through a chain it writes the formats' ends into the stream below, which is
/// neither flushed nor closed: it may still hold some of them until it is. Again is harmless.
///
/// After a failure the stream is open as before, with all that was not handed on: call again (see the
/// top of this file), or free it. Only when the device's own close fails, which is not repeated, is the
/// stream closed all the same.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_close(struct rove_stream *stream);

/// Gives the stream's memory back, and a descriptor that it owns. NULL does nothing.
///
/// A stream that was not closed is abandoned: nothing more is written to the device or the stream below,
/// neither what was gathered nor the ends of a chain's formats. So a stream that is freed because
/// something failed never looks complete to who reads it.
ROVE_API void rove_stream_free(struct rove_stream *stream);

ROVE_END_DECLS

#endif
