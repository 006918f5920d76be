// SPDX-License-Identifier: MIT
// fopen.c: a stream seen as a FILE, by glibc's fopencookie(3).
//
// A FILE that is written has no buffer: stdio forgets what it has buffered when a write comes short,
// and fclose() gives no second chance. What fwrite() tells is then what the stream has taken.
#include <rove/device.h>

#include "base/arith.h"
#include "stream/path.h"
#include "stream/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static int errno_of(struct rove_stream *stream, enum rove_status status)
{
    switch (status) {
    case ROVE_E_NOMEM:
        return ENOMEM;
    case ROVE_E_ARG:
    case ROVE_E_RANGE:
        return EINVAL;
    case ROVE_E_CLOSED:
        return EBADF;
    case ROVE_E_AGAIN:
        return EAGAIN;
    case ROVE_E_LIMIT:
        return EFBIG;
    case ROVE_E_UNSUPPORTED:
        return ENOTSUP;
    default:
        return rove_stream_errno(stream) ? rove_stream_errno(stream) : EIO;
    }
}

// stdio asks for a whole buffer where its caller wants a line. Of what may have to be waited for, such as a pipe or a chain on
// one, it gets what has come, as from read(2).
static enum rove_status read_what_came(struct rv_stream *s, char *buf, size_t len, size_t *len_out)
{
    enum rove_status status;
    const uint8_t *ptr;
    size_t there;
    *len_out = 0;
    do {
        status = rove_stream_peek(&s->win, &ptr, &there);
        if (status)
            break;
        there = rv_min_size(there, len - *len_out);
        memcpy(buf + *len_out, ptr, there);
        s->win.cur += there;
        *len_out += there;
    } while (*len_out < len && !rv_stream_may_wait(s));
    return status;
}

static ssize_t cookie_read(void *cookie, char *buf, size_t len)
{
    struct rv_stream *s = rv_stream(cookie);
    size_t n;
    bool waits = s->no_seek && s->dev->may_wait;
    enum rove_status status = waits ? read_what_came(s, buf, len, &n) : rove_stream_read(cookie, buf, len, &n);
    if (n || status >= 0)
        return (ssize_t) n;
    errno = errno_of(cookie, status);
    return -1;
}

// What a write that failed returns.
static ssize_t came_short(ssize_t taken)
{
#if defined(__GLIBC__)
    return taken; // fopencookie(3): a write function must not return a negative value
#else
    return taken ? taken : -1; // musl takes 0 for no failure
#endif
}

// A device may take some before it fails; what it took must not be written again.
static ssize_t cookie_write(void *cookie, const char *src, size_t len)
{
    uint64_t from = rv_stream_pos(rv_stream(cookie));
    enum rove_status status = rove_stream_write(cookie, src, len);
    if (status == ROVE_OK)
        return (ssize_t) len;
    errno = errno_of(cookie, status);
    return came_short((ssize_t) (rv_stream_pos(rv_stream(cookie)) - from));
}

// Appends, wherever the FILE has read.
static ssize_t cookie_append(void *cookie, const char *src, size_t len)
{
    enum rove_status status = rove_stream_seek(cookie, 0, ROVE_FROM_END, NULL);
    if (status == ROVE_OK || status == ROVE_E_UNSUPPORTED) // on a pipe all is appended
        return cookie_write(cookie, src, len);
    errno = errno_of(cookie, rv_stream_changed(rv_stream(cookie), status)); // this was to be a write
    return came_short(0);
}

static int cookie_seek(void *cookie, off64_t *off, int whence)
{
    uint64_t pos;
    enum rove_status status = rove_stream_seek(cookie, *off, (enum rove_whence) whence, &pos);
    if (status) { // stdio knows a pipe by what lseek(2) sets
        errno = rv_stream(cookie)->no_seek && status == ROVE_E_UNSUPPORTED ? ESPIPE : errno_of(cookie, status);
        return -1;
    }
    *off = (off64_t) pos;
    return 0;
}

static int cookie_close(void *cookie)
{
    enum rove_status status = rove_stream_flush(cookie);
    if (status == ROVE_OK)
        return 0;
    errno = errno_of(cookie, status);
    return -1;
}

// To where "w" is written from, and "a+" read. A pipe has one place.
static enum rove_status to_begin(struct rove_stream *stream)
{
    enum rove_status status = rove_stream_seek(stream, 0, ROVE_SET, NULL);
    return status == ROVE_E_UNSUPPORTED ? ROVE_OK : status;
}

// Empties what "w" is to begin with. A pipe has nothing to empty; a device that cannot be shortened must have nothing.
static enum rove_status empty(struct rove_stream *stream)
{
    uint64_t len;
    enum rove_status status = to_begin(stream);
    if (status || rv_stream(stream)->no_seek)
        return status;
    status = rove_stream_truncate(stream, 0);
    if (status != ROVE_E_UNSUPPORTED)
        return status;
    return rove_stream_size(stream, &len) == ROVE_OK && len ? ROVE_E_UNSUPPORTED : ROVE_OK;
}

enum rove_status rove_fopen(struct rove_stream *stream, const char *mode, FILE **file_out)
{
    if (!stream || !mode || !file_out)
        return ROVE_E_ARG;
    *file_out = NULL;
    int flags;
    if (!rv_mode_flags(mode, &flags))
        return ROVE_E_ARG;
    bool both = (flags & O_ACCMODE) == O_RDWR;
    enum rove_status status = rv_stream_ready(rv_stream(stream));
    if (status == ROVE_OK && *mode == 'w')
        status = empty(stream);
    else if (status == ROVE_OK && *mode == 'a' && both)
        status = to_begin(stream);
    if (status)
        return status;
    cookie_io_functions_t calls = {.read = cookie_read,
                                   .write = *mode == 'a' ? cookie_append : cookie_write,
                                   .seek = cookie_seek,
                                   .close = cookie_close};
    char plain[] = {*mode, both ? '+' : '\0', '\0'}; // the C library looks for a + in the next two places only
    FILE *file = *file_out = fopencookie(stream, plain, calls);
    if (file && (flags & O_ACCMODE) != O_RDONLY)
        (void) setvbuf(file, NULL, _IONBF, 0);
    return file ? ROVE_OK : ROVE_E_NOMEM;
}
