// SPDX-License-Identifier: MIT
// io_device.c: one buffer to read ahead into, one to gather writes in.
//
// Where the device can seek, its position (dev_pos) and the stream's are brought together just
// before a transfer; what was read ahead is forgotten when the cursor leaves it. Where it cannot,
// as on a pipe or socket, reading and writing are two ways that do not meet, and bytes read ahead
// are kept until they are asked for.
//
//     ahead:  [ taken | off ··· end | unused )     the read window shows off to end
//     behind: [ given | off ··· end | room   )     the write window begins at 0, all of it room
//
// Invariants:
// 1. At most one window is open. While none is, behind's bytes end at the stream's position (but on
//    a socket that was read from meanwhile, where positions mean nothing). While the device's read,
//    write or close runs, none is.
// 2. A transfer that fails leaves in the buffers what it did not move; nothing is ever in both the
//    device and a buffer.
// 3. The cursor is never moved back in a write window (`fixed`): what it left behind must go out.
#include "stream/io_device.h"

#include "base/arith.h"
#include "stream/io_buffer.h"
#include "stream/io_port.h"

#include <errno.h>
#include <string.h>

struct io_stream {
    struct rv_stream s;
    struct rv_port port;
    uint64_t dev_pos; // where the device stands, or NOWHERE
    struct rv_buffer ahead, behind;
    bool reading, writing; // which window is open
    bool appends;          // what is written goes to the end, wherever the device stands
};

#define NOWHERE UINT64_MAX // after a failure, which may have moved it: it is moved before the next transfer

static struct io_stream *self(struct rv_stream *s)
{
    return (struct io_stream *) (void *) s;
}

// transfers -------------------------------------------------------------------------------------

static void open_ahead(struct io_stream *d)
{
    d->reading = true;
    rv_window_open(&d->s, d->ahead.data + d->ahead.off, d->s.base_pos);
    d->s.win.rend = d->ahead.data + d->ahead.end;
}

// Closes the window that is open; its bytes stay in their buffer.
static void close_window(struct io_stream *d)
{
    if (d->writing)
        d->behind.end = (size_t) (d->s.win.cur - d->behind.data);
    if (d->reading)
        d->ahead.off = (size_t) (d->s.win.cur - d->ahead.data);
    if (!d->s.no_seek)
        d->ahead.off = d->ahead.end = 0;
    d->reading = d->writing = false;
    rv_window_none(&d->s);
}

// Remembers a failure. Nothing more is gathered; what was read before it can still be had.
static enum rove_status fail(struct io_stream *d, enum rove_status status)
{
    if (d->writing)
        close_window(d);
    if (!d->reading && d->ahead.off != d->ahead.end)
        open_ahead(d);
    return rv_stream_fail(&d->s, status);
}

// Brings the device to a position.
static enum rove_status align(struct io_stream *d, uint64_t pos)
{
    if (d->s.no_seek || d->dev_pos == pos)
        return ROVE_OK;
    enum rove_status status = rv_port_seek(&d->port, pos);
    d->dev_pos = status ? NOWHERE : pos;
    return status ? fail(d, status) : ROVE_OK;
}

// Gives all of a piece to the device. *done_out: bytes it took, also on failure.
static enum rove_status give(struct io_stream *d, const uint8_t *src, size_t len, size_t *done_out)
{
    *done_out = 0;
    while (*done_out < len) {
        size_t n;
        enum rove_status status = rv_port_write(&d->port, src + *done_out, len - *done_out, &n);
        if (status) {
            d->dev_pos = NOWHERE;
            return fail(d, status);
        }
        *done_out += n;
        d->dev_pos = d->appends ? NOWHERE : d->dev_pos + n;
    }
    return ROVE_OK;
}

// Gets some bytes that lie at pos.
static enum rove_status get(struct io_stream *d, uint64_t pos, void *buf, size_t len,
                            size_t *len_out)
{
    *len_out = 0;
    enum rove_status status = align(d, pos);
    if (status)
        return status == ROVE_E_RANGE ? ROVE_END : status; // where it cannot stand nothing lies
    len = rv_clamp(ROVE_LEN_MAX - pos, len);
    status = len ? rv_port_read(&d->port, buf, len, len_out) : ROVE_END;
    d->dev_pos = status < 0 ? NOWHERE : d->dev_pos + *len_out;
    return status < 0 ? fail(d, status) : status;
}

// windows ---------------------------------------------------------------------------------------

// Gives what was gathered to the device.
static enum rove_status push(struct io_stream *d)
{
    struct rv_buffer *b = &d->behind;
    size_t len = b->end - b->off, done = 0;
    if (!len)
        return ROVE_OK;
    enum rove_status status = d->appends ? ROVE_OK : align(d, d->s.base_pos - len);
    if (status == ROVE_OK)
        status = give(d, b->data + b->off, len, &done);
    b->off += done;
    return status;
}

static enum rove_status drop(struct rv_stream *s)
{
    struct io_stream *d = self(s);
    close_window(d);
    return push(d);
}

static enum rove_status fill(struct rv_stream *s)
{
    struct io_stream *d = self(s);
    if (!d->port.io.read)
        return ROVE_E_UNSUPPORTED;
    enum rove_status status = drop(s);
    if (status == ROVE_E_AGAIN && s->no_seek)
        status = ROVE_OK; // a socket's two ways do not wait for each other
    if (d->ahead.off == d->ahead.end) {
        size_t n = 0;
        if (status == ROVE_OK)
            status = rv_stream_note(s, rv_buffer_ready(&d->ahead, s->pool));
        if (status == ROVE_OK)
            status = get(d, s->base_pos, d->ahead.data, d->ahead.cap, &n);
        if (status)
            return status;
        d->ahead.end = n;
    }
    open_ahead(d);
    return ROVE_OK;
}

// A file's bytes are there; whether a pipe's are its functions may tell.
static bool may_wait(struct rv_stream *s)
{
    return s->no_seek && !rv_port_is_ready(&self(s)->port);
}

static enum rove_status more(struct rv_stream *s)
{
    struct io_stream *d = self(s);
    struct rv_buffer *b = &d->ahead;
    size_t n = 0;
    b->off = (size_t) (s->win.cur - b->data);
    d->reading = false;
    rv_window_none(s);
    enum rove_status status = b->end == b->cap ? rv_stream_note(s, rv_buffer_grow(b, s->pool)) : ROVE_OK;
    if (status == ROVE_OK)
        status = get(d, s->base_pos + (b->end - b->off), b->data + b->end, b->cap - b->end, &n);
    b->end += n;
    open_ahead(d);
    return status;
}

static enum rove_status room(struct rv_stream *s, size_t want)
{
    struct io_stream *d = self(s);
    (void) want;
    if (!d->port.io.write)
        return ROVE_E_UNSUPPORTED;
    enum rove_status status = drop(s);
    if (status == ROVE_OK)
        status = rv_stream_note(s, rv_buffer_ready(&d->behind, s->pool));
    if (status == ROVE_OK && !d->appends)
        status = align(d, s->base_pos); // where it cannot stand nothing is gathered; push() finds it there
    if (status)
        return status;
    d->writing = true;
    rv_window_open(s, d->behind.data, s->base_pos);
    s->win.wend += rv_clamp(ROVE_LEN_MAX - s->base_pos, d->behind.cap);
    s->fixed = true;
    return ROVE_OK;
}

// without windows -------------------------------------------------------------------------------

static enum rove_status read(struct rv_stream *s, void *buf, size_t len, size_t *len_out)
{
    struct io_stream *d = self(s);
    *len_out = 0;
    if (!d->port.io.read || len < s->pool->chunk_len || d->ahead.off != d->ahead.end)
        return ROVE_OK;
    enum rove_status status = get(d, s->base_pos, buf, len, len_out);
    s->base_pos += *len_out;
    return status;
}

// Gives a piece straight to the device. *n_out: bytes it took.
static enum rove_status write_straight(struct rv_stream *s, const uint8_t *src, size_t len,
                                       size_t *n_out)
{
    struct io_stream *d = self(s);
    *n_out = 0;
    enum rove_status status = drop(s);
    if (status == ROVE_OK && !d->appends)
        status = align(d, s->base_pos);
    if (status == ROVE_OK)
        status = give(d, src, len, n_out);
    s->base_pos += *n_out;
    return status;
}

// Puts some of a piece into the buffer.
static enum rove_status write_gathered(struct rv_stream *s, const uint8_t *src, size_t len,
                                       size_t *n_out)
{
    *n_out = 0;
    enum rove_status status = s->win.wend > s->win.cur ? ROVE_OK : room(s, len);
    if (status)
        return status;
    *n_out = rv_min_size(len, (size_t) (s->win.wend - s->win.cur));
    memcpy(s->win.cur, src, *n_out);
    s->win.cur += *n_out;
    return ROVE_OK;
}

static enum rove_status write(struct rv_stream *s, const struct iovec *iov, size_t cnt,
                              uint64_t len)
{
    (void) len;
    enum rove_status status = drop(s);
    if (status == ROVE_OK && !self(s)->port.io.write)
        status = ROVE_E_UNSUPPORTED;
    for (size_t i = 0; i < cnt && status == ROVE_OK; i++) {
        const uint8_t *src = iov[i].iov_base;
        for (size_t left = iov[i].iov_len, n; left; src += n, left -= n) {
            bool large = left >= s->pool->chunk_len;
            status =
                large ? write_straight(s, src, left, &n) : write_gathered(s, src, left, &n);
            if (status)
                return status;
        }
    }
    return status;
}

// Asks the device for these bytes alone, so that a few here and there cost no whole buffers. A read window is closed
// meanwhile and keeps its bytes.
static enum rove_status pread(struct rv_stream *s, uint64_t off, void *buf, size_t len,
                              size_t *len_out)
{
    struct io_stream *d = self(s);
    size_t done = 0, n;
    bool can = !s->no_seek && d->port.io.read, reading = can && d->reading;
    enum rove_status status = !can ? ROVE_E_UNSUPPORTED : reading ? ROVE_OK : drop(s);
    if (reading) {
        d->ahead.off = (size_t) (s->win.cur - d->ahead.data);
        d->reading = false;
        rv_window_none(s);
    }
    while (status == ROVE_OK && done < len) {
        status = get(d, off + done, (uint8_t *) buf + done, len - done, &n);
        done += n;
    }
    if (reading && !d->reading)
        open_ahead(d);
    if (len_out)
        *len_out = done;
    return status;
}

static enum rove_status pwrite(struct rv_stream *s, uint64_t off, const void *src, size_t len)
{
    struct io_stream *d = self(s);
    size_t done;
    enum rove_status status = drop(s);
    if (status || !len)
        return status;
    if (!d->port.io.write || d->appends)
        return ROVE_E_UNSUPPORTED;
    status = align(d, off);
    return status ? status : give(d, src, len, &done);
}

// the rest --------------------------------------------------------------------------------------

static enum rove_status seek(struct rv_stream *s, uint64_t pos)
{
    enum rove_status status = drop(s);
    if (status == ROVE_OK)
        s->base_pos = pos; // the device follows at the next transfer
    return status;
}

static enum rove_status size(struct rv_stream *s, uint64_t *len_out)
{
    struct io_stream *d = self(s);
    if (!d->port.io.length)
        return ROVE_E_UNSUPPORTED;
    enum rove_status status = rv_port_length(&d->port, len_out);
    if (status) {
        d->dev_pos = NOWHERE; // a FILE is moved to be measured
        return fail(d, status);
    }
    size_t gathered = d->writing ? (size_t) (s->win.cur - s->base) : d->behind.end - d->behind.off;
    uint64_t end = d->appends ? *len_out + gathered : rv_stream_pos(s);
    if (gathered && end > *len_out)
        *len_out = end;
    return ROVE_OK;
}

static enum rove_status resize(struct rv_stream *s, uint64_t len)
{
    struct io_stream *d = self(s);
    if (!d->port.io.resize)
        return ROVE_E_UNSUPPORTED;
    enum rove_status status = rv_port_resize(&d->port, len);
    return status ? fail(d, status) : ROVE_OK;
}

static enum rove_status flush(struct rv_stream *s)
{
    struct io_stream *d = self(s);
    enum rove_status status = rv_port_flush(&d->port);
    return status ? fail(d, status) : ROVE_OK;
}

static enum rove_status close(struct rv_stream *s)
{
    struct io_stream *d = self(s);
    rv_buffer_free(&d->ahead, s->pool);
    rv_buffer_free(&d->behind, s->pool);
    d->reading = d->writing = false;
    enum rove_status status = rv_port_close(&d->port);
    return status ? rv_stream_fail(s, status) : ROVE_OK;
}

static const char *explain(const struct rv_stream *s)
{
    return s->last == ROVE_E_IO ? ((const struct io_stream *) (const void *) s)->port.why : NULL;
}

static const struct rv_device device = {
    .name = "io",
    .stream_len = sizeof(struct io_stream),
    .fill = fill,
    .more = more,
    .may_wait = may_wait,
    .room = room,
    .drop = drop,
    .read = read,
    .write = write,
    .seek = seek,
    .size = size,
    .resize = resize,
    .pread = pread,
    .pwrite = pwrite,
    .flush = flush,
    .finish = flush,
    .close = close,
    .explain = explain,
};

// life ------------------------------------------------------------------------------------------

static enum rove_status start(struct io_stream *d)
{
    d->s.no_seek = !d->port.io.seek;
    if (d->s.no_seek || !d->port.io.tell)
        return ROVE_OK;
    enum rove_status status = rv_port_tell(&d->port, &d->dev_pos);
    d->s.base_pos = d->dev_pos;
    return status;
}

static void refuse(const struct rove_io *io, void *ctx)
{
    int err = errno;
    if (io->close)
        (void) io->close(ctx);
    errno = err;
}

enum rove_status rv_io_stream(const struct rove_io *io, void *ctx, struct rove_pool *pool,
                              struct rove_stream **stream_out)
{
    struct rv_stream *s;
    *stream_out = NULL;
    enum rove_status status = rv_stream_make(&device, pool, &s);
    if (status) {
        refuse(io, ctx);
        return status;
    }
    struct io_stream *d = self(s);
    d->port = (struct rv_port){.ctx = ctx, .s = s};
    memcpy(&d->port.io, io, rv_min_size(io->size, sizeof d->port.io));
    status = start(d);
    if (status) {
        refuse(io, ctx);
        rv_stream_unmake(s);
        return status;
    }
    *stream_out = &s->win;
    return ROVE_OK;
}

void rv_io_stream_appends(struct rove_stream *stream)
{
    self(rv_stream(stream))->appends = true;
}

enum rove_status rove_stream_from_io(const struct rove_io *io, void *ctx, struct rove_pool *pool,
                                     struct rove_stream **stream_out)
{
    if (stream_out)
        *stream_out = NULL;
    if (!io)
        return ROVE_E_ARG;
    if (io->size < offsetof(struct rove_io, seek))
        return ROVE_E_ABI;
    struct rove_io mine = {.size = sizeof mine};
    memcpy(&mine, io, rv_min_size(io->size, sizeof mine));
    mine.size = sizeof mine;
    if (!stream_out || (!mine.read && !mine.write)) {
        refuse(&mine, ctx);
        return ROVE_E_ARG;
    }
    return rv_io_stream(&mine, ctx, pool, stream_out);
}
