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
// 3. Nothing that the device answers is believed: a status that it cannot mean, more bytes than it
//    was asked for, none, or a position that no stream has is a failure, which explain() tells.
// 4. The cursor is never moved back in a write window (`fixed`): what it left behind must go out.
#include "stream/io_device.h"

#include "base/arith.h"
#include "base/status.h"
#include "stream/stream.h"

#include <errno.h>
#include <string.h>

struct buffer {
    uint8_t *data; // NULL: not needed so far
    size_t cap, off, end;
};

struct io_stream {
    struct rv_stream s;
    struct rove_io io;
    void *ctx;
    uint64_t dev_pos; // where the device stands, or NOWHERE
    struct buffer ahead, behind;
    bool reading, writing; // which window is open
    const char *why;       // which rule the device broke last, or NULL
};

#define NOWHERE UINT64_MAX // after a failure: it is moved before the next transfer

static struct io_stream *self(struct rv_stream *s)
{
    return (struct io_stream *) (void *) s;
}

// buffers ---------------------------------------------------------------------------------------

static void buffer_free(struct io_stream *d, struct buffer *b)
{
    if (b->data)
        rv_pool_free(d->s.pool, b->data, b->cap);
    *b = (struct buffer){.data = NULL};
}

// Readies an empty buffer of a chunk's length; a long line may have left it longer.
static enum rove_status buffer_ready(struct io_stream *d, struct buffer *b)
{
    enum rove_status why = ROVE_OK;
    size_t cap = d->s.pool->chunk_len;
    b->off = b->end = 0;
    if (b->cap > cap)
        buffer_free(d, b);
    if (b->data)
        return ROVE_OK;
    b->data = rv_pool_alloc(d->s.pool, cap, &why);
    b->cap = b->data ? cap : 0;
    return b->data ? ROVE_OK : why;
}

// Makes room behind the bytes of a buffer, which may move.
static enum rove_status buffer_grow(struct io_stream *d, struct buffer *b)
{
    enum rove_status why = ROVE_OK;
    size_t len = b->end - b->off, cap = b->cap;
    uint8_t *to = b->data;
    if (!b->off && b->end == b->cap) {
        if (rv_mul_size(b->cap, 2, &cap))
            return ROVE_E_RANGE;
        to = rv_pool_alloc(d->s.pool, cap, &why);
        if (!to)
            return why;
    }
    memmove(to, b->data + b->off, len);
    if (to != b->data) {
        buffer_free(d, b);
        *b = (struct buffer){.data = to, .cap = cap};
    }
    b->off = 0;
    b->end = len;
    return ROVE_OK;
}

// what the device answers -----------------------------------------------------------------------

static enum rove_status broke(struct io_stream *d, const char *why)
{
    d->why = why;
    errno = EIO;
    return ROVE_E_IO;
}

// Before the device is called: what comes back from it to this stream meanwhile is refused.
static struct rove_io *ask(struct io_stream *d)
{
    d->s.busy = true;
    d->why = NULL;
    return &d->io;
}

// Takes over what a function answered that moves no bytes and knows no end.
static enum rove_status judge(struct io_stream *d, enum rove_status status)
{
    d->s.busy = false;
    if (status == ROVE_END)
        return broke(d, "the device told of an end where there is none");
    return rv_status_known(status) ? status : broke(d, "the device returned what is no status");
}

// Takes over what a transfer of at most len bytes answered.
static enum rove_status judge_count(struct io_stream *d, enum rove_status status, size_t n,
                                    size_t len)
{
    status = judge(d, status);
    if (status)
        return status;
    if (!n)
        return broke(d, "the device moved nothing, and did not say why");
    return n <= len ? ROVE_OK : broke(d, "the device moved more bytes than it was asked to");
}

static enum rove_status judge_place(struct io_stream *d, enum rove_status status, uint64_t *off)
{
    status = judge(d, status);
    if (status == ROVE_OK && *off > ROVE_LEN_MAX)
        status = broke(d, "the device told of a place past 2^63 - 1");
    if (status)
        *off = 0;
    return status;
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
    enum rove_status status = judge(d, ask(d)->seek(d->ctx, pos));
    d->dev_pos = status ? NOWHERE : pos;
    return status ? fail(d, status) : ROVE_OK;
}

// Gives all of a piece to the device. *done_out: bytes it took, also on failure.
static enum rove_status give(struct io_stream *d, const uint8_t *src, size_t len, size_t *done_out)
{
    *done_out = 0;
    while (*done_out < len) {
        size_t n = 0, left = len - *done_out;
        enum rove_status status = ask(d)->write(d->ctx, src + *done_out, left, &n);
        status = judge_count(d, status, n, left);
        if (status)
            return fail(d, status);
        *done_out += n;
        d->dev_pos += n;
    }
    return ROVE_OK;
}

// Gets some bytes that lie at pos.
static enum rove_status get(struct io_stream *d, uint64_t pos, void *buf, size_t len,
                            size_t *len_out)
{
    size_t n = 0;
    *len_out = 0;
    enum rove_status status = align(d, pos);
    if (status)
        return status;
    len = rv_clamp(ROVE_LEN_MAX - pos, len);
    status = len ? ask(d)->read(d->ctx, buf, len, &n) : ROVE_END;
    if (status == ROVE_END) {
        d->s.busy = false;
        return ROVE_END;
    }
    status = judge_count(d, status, n, len);
    if (status)
        return fail(d, status);
    d->dev_pos += n;
    *len_out = n;
    return ROVE_OK;
}

// windows ---------------------------------------------------------------------------------------

// Gives what was gathered to the device.
static enum rove_status push(struct io_stream *d)
{
    struct buffer *b = &d->behind;
    size_t len = b->end - b->off, done = 0;
    if (!len)
        return ROVE_OK;
    enum rove_status status = align(d, d->s.base_pos - len);
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
    if (!d->io.read)
        return ROVE_E_UNSUPPORTED;
    enum rove_status status = drop(s);
    if (status == ROVE_E_AGAIN && s->no_seek)
        status = ROVE_OK; // a socket's two ways do not wait for each other
    if (d->ahead.off == d->ahead.end) {
        size_t n = 0;
        if (status == ROVE_OK)
            status = buffer_ready(d, &d->ahead);
        if (status == ROVE_OK)
            status = get(d, s->base_pos, d->ahead.data, d->ahead.cap, &n);
        if (status)
            return status;
        d->ahead.end = n;
    }
    open_ahead(d);
    return ROVE_OK;
}

static enum rove_status more(struct rv_stream *s)
{
    struct io_stream *d = self(s);
    struct buffer *b = &d->ahead;
    size_t n = 0;
    b->off = (size_t) (s->win.cur - b->data);
    d->reading = false;
    rv_window_none(s);
    enum rove_status status = b->end == b->cap ? buffer_grow(d, b) : ROVE_OK;
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
    if (!d->io.write)
        return ROVE_E_UNSUPPORTED;
    enum rove_status status = drop(s);
    if (status == ROVE_OK)
        status = buffer_ready(d, &d->behind);
    if (status)
        return status;
    d->writing = true;
    rv_window_open(s, d->behind.data, s->base_pos);
    s->win.wend += d->behind.cap;
    s->fixed = true;
    return ROVE_OK;
}

// without windows -------------------------------------------------------------------------------

static enum rove_status read(struct rv_stream *s, void *buf, size_t len, size_t *len_out)
{
    struct io_stream *d = self(s);
    *len_out = 0;
    if (!d->io.read || len < s->pool->chunk_len || d->ahead.off != d->ahead.end)
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
    if (status == ROVE_OK)
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
    if (status == ROVE_OK && !self(s)->io.write)
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

static enum rove_status pwrite(struct rv_stream *s, uint64_t off, const void *src, size_t len)
{
    struct io_stream *d = self(s);
    size_t done;
    enum rove_status status = drop(s);
    if (status || !len)
        return status;
    if (!d->io.write)
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
    if (!d->io.length)
        return ROVE_E_UNSUPPORTED;
    enum rove_status status = judge_place(d, ask(d)->length(d->ctx, len_out), len_out);
    if (status) {
        d->dev_pos = NOWHERE; // a FILE is moved to be measured
        return fail(d, status);
    }
    bool gathered = d->writing ? s->win.cur > s->base : d->behind.end > d->behind.off;
    if (gathered)
        *len_out = *len_out > rv_stream_pos(s) ? *len_out : rv_stream_pos(s);
    return ROVE_OK;
}

static enum rove_status resize(struct rv_stream *s, uint64_t len)
{
    struct io_stream *d = self(s);
    if (!d->io.resize)
        return ROVE_E_UNSUPPORTED;
    enum rove_status status = judge(d, ask(d)->resize(d->ctx, len));
    return status ? fail(d, status) : ROVE_OK;
}

static enum rove_status flush(struct rv_stream *s)
{
    struct io_stream *d = self(s);
    enum rove_status status = d->io.flush ? judge(d, ask(d)->flush(d->ctx)) : ROVE_OK;
    return status ? fail(d, status) : ROVE_OK;
}

static enum rove_status close(struct rv_stream *s)
{
    struct io_stream *d = self(s);
    buffer_free(d, &d->ahead);
    buffer_free(d, &d->behind);
    d->reading = d->writing = false;
    enum rove_status status = d->io.close ? judge(d, ask(d)->close(d->ctx)) : ROVE_OK;
    if (status == ROVE_E_AGAIN)
        status = broke(d, "the device would block when it was closed");
    return status ? rv_stream_fail(s, status) : ROVE_OK;
}

static const char *explain(const struct rv_stream *s)
{
    return s->last == ROVE_E_IO ? ((const struct io_stream *) (const void *) s)->why : NULL;
}

static const struct rv_device device = {
    .name = "io",
    .stream_len = sizeof(struct io_stream),
    .fill = fill,
    .more = more,
    .room = room,
    .drop = drop,
    .read = read,
    .write = write,
    .seek = seek,
    .size = size,
    .resize = resize,
    .pwrite = pwrite,
    .flush = flush,
    .finish = flush,
    .close = close,
    .explain = explain,
};

// life ------------------------------------------------------------------------------------------

static enum rove_status start(struct io_stream *d)
{
    d->s.no_seek = !d->io.seek;
    if (d->s.no_seek || !d->io.tell)
        return ROVE_OK;
    enum rove_status status = judge_place(d, ask(d)->tell(d->ctx, &d->dev_pos), &d->dev_pos);
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
    memcpy(&d->io, io, rv_min_size(io->size, sizeof d->io));
    d->ctx = ctx;
    status = start(d);
    if (status) {
        refuse(io, ctx);
        rv_stream_unmake(s);
        return status;
    }
    *stream_out = &s->win;
    return ROVE_OK;
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
