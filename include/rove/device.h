// SPDX-License-Identifier: MIT
/// @file
/// device.h: streams over files, pipes, sockets, FILE pointers and a caller's own functions; and a
/// stream seen as a FILE.
///
/// Such a stream has up to two buffers of a chunk's length, made when they are needed: one to read ahead
/// into, one to gather writes in. The device's own position is looked at only where it can be set.
#ifndef ROVE_DEVICE_H
#define ROVE_DEVICE_H

#include <rove/stream.h>

ROVE_BEGIN_DECLS

/// A caller's device. Every function returns ROVE_OK, ROVE_END where said, or a failure; with
/// ROVE_E_IO it leaves errno set. Missing functions make the operation ROVE_E_UNSUPPORTED. A function
/// that answers what it cannot (no status, ROVE_END elsewhere, no bytes or too many, some with ROVE_END or
/// ROVE_E_AGAIN, a place past 2^63 - 1) has failed: ROVE_E_IO with errno EIO, and rove_stream_explain() tells why.
///
/// A function may use other objects, also other streams; what it asks of the stream that called it, or
/// of one that encodes into that or decodes from it and is at work, is refused with ROVE_E_STATE.
struct rove_io {
    size_t size; ///< sizeof (struct rove_io)

    /// Reads 1 to len bytes; ROVE_END at the end, ROVE_E_AGAIN when none are there yet.
    enum rove_status (*read)(void *ctx, void *buf, size_t len, size_t *len_out);
    /// Writes 1 to len bytes; ROVE_E_AGAIN when none can be taken now.
    enum rove_status (*write)(void *ctx, const void *src, size_t len, size_t *len_out);
    /// Sets the position, from the start. ROVE_E_RANGE when it cannot stand there: nothing can be read there
    /// then, and a write there is refused with that before any of it is gathered.
    enum rove_status (*seek)(void *ctx, uint64_t pos);
    /// Gives the position; asked once, when the stream is made. Missing: 0.
    enum rove_status (*tell)(void *ctx, uint64_t *pos_out);
    /// Gives the length.
    enum rove_status (*length)(void *ctx, uint64_t *len_out);
    /// Shortens or lengthens; what is new is zeros.
    enum rove_status (*resize)(void *ctx, uint64_t len);
    /// Called by rove_stream_flush() and, before close, by rove_stream_close(). ROVE_E_AGAIN when not
    /// all could be flushed now: it is called again.
    enum rove_status (*flush)(void *ctx);
    /// Also frees ctx. Called once, whatever it answers, which may not be ROVE_E_AGAIN. What was not
    /// flushed is given up.
    enum rove_status (*close)(void *ctx);
    /// ROVE_OK: read() would not wait for anybody now; else it may. Asked by streams that decode with workers, which
    /// gather more before they give what they have. Missing: a device that can seek never waits, another always may.
    enum rove_status (*ready)(void *ctx);
};

// make ------------------------------------------------------------------------------------------

#define ROVE_FD_CLOSE 1u ///< closing the stream closes the descriptor

/// Makes a stream over a file descriptor: a file, pipe, socket or terminal.
///
/// fd: borrowed, or with ROVE_FD_CLOSE taken (also on failure). Interrupted and short transfers are
/// handled; what it was not opened for is ROVE_E_UNSUPPORTED. pool: held; NULL for the default pool.
///
/// As long as the stream is used the position of the descriptor is its own: what a dup() of it, another process
/// that has inherited it, or another stream over one of these reads, writes or seeks moves that, and the stream,
/// which sets it only where its own cursor jumps, then reads and writes elsewhere than its cursor says. Two
/// streams over one file open it once each.
///
/// With O_APPEND what is written goes to the end of the file, wherever the cursor stands, which moves on by as much
/// all the same; rove_stream_pwrite() is ROVE_E_UNSUPPORTED.
///
/// A write at a place that no file of its file system has is ROVE_E_RANGE at once. One that a limit on the length of
/// this file refuses is told when it is handed on.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_from_fd(int fd, unsigned flags,
                                                              struct rove_pool *pool,
                                                              struct rove_stream **stream_out);

/// Like rove_stream_from_fd(), but over a FILE, borrowed. Flush it first if it was used. When the stream
/// is first written (or read, where the FILE is open for both and cannot seek) the FILE loses its buffer, by setvbuf(),
/// because stdio forgets what lies there when the file behind it fails (one of open_memstream() keeps it); the stream
/// gathers what is written. Closing the stream leaves it open.
///
/// Where reading may wait, a byte is asked for and then what has come with it: what the FILE's buffer holds and its
/// descriptor tells of. A FILE that has neither, as of fopencookie() with _IONBF, and cannot seek, is read byte by
/// byte, since fread() would wait for all it is asked for: leave such a FILE its buffer.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_from_file(FILE *file, struct rove_pool *pool,
                                                                struct rove_stream **stream_out);

/// Like rove_stream_from_fd(), but over the caller's functions.
///
/// io: borrowed until return (copied). ctx: handed to them; taken by io->close, also on failure; may be NULL.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_from_io(const struct rove_io *io, void *ctx,
                                                              struct rove_pool *pool,
                                                              struct rove_stream **stream_out);

/// Shows a stream as a FILE, for code that wants one: a drop-in for open_memstream() that can also
/// be read and seeked.
///
/// stream: borrowed by the FILE. mode: as for fopen() and fmemopen(): "r", "w" or "a", then + and any of b, c, e, m, t
/// and x, which mean nothing here; but "r" and "r+" begin at the stream's cursor; "a+" is read from the beginning.
/// (",ccs=" is ROVE_E_ARG.) With "r" the FILE has a buffer, into which it reads what is there, without waiting for more:
/// fseek() in it after the stream was used otherwise. With every other mode it has none, so that what it was given is in
/// the stream at once, and a write that comes short has lost nothing: its count is what the stream took; go on from
/// there after clearerr() and, for a failure that sticks, rove_stream_clear_error(). file_out:
/// close it with fclose(), which flushes the stream and leaves it open; where it fails, rove_stream_flush() can be
/// called again. Never give it to freopen(), which glibc (2.36) does not survive for a FILE without a descriptor: close
/// it and open another. Returns ROVE_E_NOMEM, ROVE_E_ARG for a bad mode, ROVE_E_UNSUPPORTED for "w" over bytes that the
/// device cannot cut off, as those behind a FILE.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_fopen(struct rove_stream *stream, const char *mode,
                                                     FILE **file_out);

ROVE_END_DECLS

#endif
