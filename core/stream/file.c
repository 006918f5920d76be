// SPDX-License-Identifier: MIT
// file.c: a FILE as a device.
//
// Where reading may have to wait, fread() does so for all that it is asked for. There a byte is asked for, and then
// what has come with it: what lies in the FILE's buffer, and what its descriptor tells of.
//
// Before it is written its buffer is taken from it. A buffered FILE counts as written what it has
// only kept, and forgets that when its descriptor fails or would block; an unbuffered one tells to
// the byte what was taken. The stream gathers anyway.
#include <rove/device.h>

#include "base/arith.h"
#include "base/os.h"
#include "chunk/pool.h"
#include "rope/iov.h"
#include "stream/io_device.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio_ext.h>

// ISO C wants a flush or a move of the position between writing and reading, and the reverse.
enum last { NEITHER, DID_READ, DID_WRITE };

struct file {
    FILE *file;
    enum last last;
    bool unbuffered;
    bool waits; // reading may have to
    bool both;  // it is open for both ways
    struct rove_pool *pool;
};

// Bytes that were read into its buffer, and not asked for so far.
static size_t kept_by(FILE *file)
{
#if defined(__GLIBC__)
    return (size_t) (file->_IO_read_end - file->_IO_read_ptr);
#else
    return __freadahead(file);
#endif
}

// Bytes that reading gives without waiting, as far as that can be known. Where the first write will take the buffer no
// more is to come into it than lies there.
static size_t at_hand(const struct file *f)
{
    size_t kept = kept_by(f->file);
    int more = 0;
    bool all = (!f->both || f->unbuffered) && rv_os()->unread(fileno(f->file), &more) == 0;
    return all && more > 0 ? kept + (size_t) more : kept;
}

static size_t get(const struct file *f, uint8_t *buf, size_t len)
{
    size_t n = fread(buf, 1, f->waits ? 1 : len, f->file);
    return n && n < len && f->waits ? n + fread(buf + n, 1, rv_min_size(len - n, at_hand(f)), f->file) : n;
}

static bool flush_fails(FILE *file)
{
    int failed;
    do
        failed = fflush(file);
    while (failed && errno == EINTR);
    return failed;
}

// Tells whether it is of open_memstream(), which has no place but its buffer: glibc (2.36) would write beyond the byte that it
// puts there instead. That buffer is there before anything was written, and never empty again.
static bool is_memory(FILE *file)
{
    return fileno(file) < 0 && __fbufsize(file) && (__fpending(file) || ftello(file) == 0);
}

// What was written to it before may be flushed only in part, which nobody could tell: the caller is
// asked to do that first.
static void take_buffer(struct file *f)
{
    if (!f->unbuffered && !is_memory(f->file))
        f->unbuffered = setvbuf(f->file, NULL, _IONBF, 0) == 0;
}

// Of a socket: what lay in the buffer would go with it at the first write. So it goes before, when nothing lies there.
static void read_without_buffer(struct file *f)
{
    int ignored;
    if (f->waits && f->both && !f->unbuffered && !kept_by(f->file) &&
        rv_os()->unread(fileno(f->file), &ignored) == 0)
        take_buffer(f);
}

static enum rove_status file_read(void *ctx, void *buf, size_t len, size_t *len_out)
{
    struct file *f = ctx;
    if (f->last == DID_WRITE && flush_fails(f->file))
        return rv_iov_why();
    read_without_buffer(f);
    f->last = DID_READ;
    do {
        clearerr(f->file);
        *len_out = get(f, buf, len);
    } while (!*len_out && ferror(f->file) && errno == EINTR);
    if (*len_out)
        return ROVE_OK;
    return ferror(f->file) ? rv_iov_why() : ROVE_END;
}

static enum rove_status file_write(void *ctx, const void *src, size_t len, size_t *len_out)
{
    struct file *f = ctx;
    if (f->last == DID_READ)
        (void) fseeko(f->file, 0, SEEK_CUR); // fails on a pipe, where it is not needed
    f->last = DID_WRITE;
    take_buffer(f);
    do {
        errno = 0;
        *len_out = fwrite(src, 1, len, f->file);
    } while (!*len_out && errno == EINTR);
    return *len_out ? ROVE_OK : rv_iov_why();
}

static enum rove_status file_seek(void *ctx, uint64_t pos)
{
    struct file *f = ctx;
    f->last = NEITHER;
    if (fseeko(f->file, (off_t) pos, SEEK_SET) == 0)
        return ROVE_OK;
    return errno == EINVAL ? ROVE_E_RANGE : ROVE_E_IO; // farther than this file system's files go
}

static enum rove_status file_tell(void *ctx, uint64_t *pos_out)
{
    const struct file *f = ctx;
    off_t pos = ftello(f->file);
    if (pos < 0)
        return ROVE_E_IO;
    *pos_out = (uint64_t) pos;
    return ROVE_OK;
}

static enum rove_status file_length(void *ctx, uint64_t *len_out)
{
    struct file *f = ctx;
    off_t pos = ftello(f->file), len;
    if (pos < 0 || fseeko(f->file, 0, SEEK_END))
        return ROVE_E_UNSUPPORTED;
    len = ftello(f->file);
    f->last = NEITHER;
    if (fseeko(f->file, pos, SEEK_SET) || len < 0)
        return ROVE_E_IO;
    *len_out = (uint64_t) len;
    return ROVE_OK;
}

// Of what cannot seek and was read last nothing waits to be written; glibc (2.36) fails for what lies there unread.
static enum rove_status file_flush(void *ctx)
{
    const struct file *f = ctx;
    if (f->waits && (f->last == DID_READ || !__fwritable(f->file)))
        return ROVE_OK;
    return flush_fails(f->file) ? rv_iov_why() : ROVE_OK;
}

static enum rove_status file_close(void *ctx)
{
    struct file *f = ctx;
    rv_pool_free(f->pool, f, sizeof *f);
    return ROVE_OK;
}

// Tells whether what is written goes to the end, wherever it stands. Without a descriptor only glibc tells.
static bool appends(FILE *file)
{
    int open_for = rv_os()->flags(fileno(file));
    if (open_for >= 0)
        return open_for & O_APPEND;
#if defined(__GLIBC__)
    return file->_flags & 0x1000; // _IO_IS_APPENDING, which is part of its ABI and of no header
#else
    return false;
#endif
}

enum rove_status rove_stream_from_file(FILE *file, struct rove_pool *pool,
                                       struct rove_stream **stream_out)
{
    if (!file || !stream_out)
        return ROVE_E_ARG;
    struct rove_io io = {.size = sizeof io,
                         .read = file_read,
                         .write = file_write,
                         .length = file_length,
                         .flush = file_flush,
                         .close = file_close};
    enum rove_status status;
    int err = errno;
    *stream_out = NULL;
    pool = rv_pool_or_default(pool);
    struct file *f = rv_pool_alloc(pool, sizeof *f, &status);
    if (!f)
        return status;
    bool both = __freadable(file) && __fwritable(file);
    *f = (struct file){.file = file, .waits = ftello(file) < 0, .both = both, .pool = pool};
    if (!f->waits) {
        io.seek = file_seek;
        io.tell = file_tell;
    }
    if (!__freadable(file))
        io.read = NULL;
    if (!__fwritable(file))
        io.write = NULL;
    bool goes_to_end = appends(file);
    errno = err;
    status = rv_io_stream(&io, f, pool, stream_out);
    if (status == ROVE_OK && goes_to_end)
        rv_io_stream_appends(*stream_out);
    return status;
}
