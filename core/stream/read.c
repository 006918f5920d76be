// SPDX-License-Identifier: MIT
// read.c: everything that takes bytes out at the cursor.
#include "stream/stream.h"

#include "base/arith.h"
#include "base/given.h"

#include <string.h>

static RV_LONG_WAY enum rove_status fill(struct rv_stream *s)
{
    enum rove_status status = rv_stream_ready(s);
    if (status)
        return status;
    return s->dev->fill ? s->dev->fill(s) : ROVE_E_UNSUPPORTED;
}

// Makes the window readable. Returns ROVE_END at the end.
static inline enum rove_status refill(struct rv_stream *s)
{
    return RV_LIKELY(s->win.rend > s->win.cur) ? ROVE_OK : fill(s);
}

static size_t readable(const struct rv_stream *s)
{
    return s->win.rend > s->win.cur ? (size_t) (s->win.rend - s->win.cur) : 0;
}

static void take(struct rv_stream *s, void *buf, size_t len)
{
    memcpy(buf, s->win.cur, len);
    s->win.cur += len;
}

// Lets the device read straight into the caller's memory, when there is no window.
static enum rove_status read_straight(struct rv_stream *s, uint8_t *buf, size_t len,
                                      size_t *len_out)
{
    *len_out = 0;
    if (!s->dev->read || readable(s))
        return ROVE_OK;
    if (rv_stream_ready(s) != ROVE_OK || s->dev->drop(s) != ROVE_OK)
        return ROVE_OK; // the refill says what is wrong, or finds bytes all the same
    return s->dev->read(s, buf, len, len_out);
}

static RV_LONG_WAY enum rove_status read_any(struct rv_stream *s, void *buf, size_t len, size_t *len_out)
{
    if (!s || rv_lacks(buf, len))
        return ROVE_E_ARG;
    uint8_t *at = buf;
    size_t left = len;
    enum rove_status status = s->closed ? ROVE_E_CLOSED : ROVE_OK;
    while (left && status == ROVE_OK) {
        size_t n;
        status = read_straight(s, at, left, &n);
        if (!n && status == ROVE_OK)
            status = refill(s);
        if (!n && status == ROVE_OK) {
            n = rv_min_size(left, readable(s));
            take(s, at, n);
        }
        at += n;
        left -= n;
    }
    if (len_out)
        *len_out = len - left;
    return status;
}

enum rove_status rove_stream_read_slow(struct rove_stream *stream, void *buf, size_t len,
                                       size_t *len_out)
{
    struct rv_stream *s = rv_stream(stream);
    if (rv_stream_ready(s) != ROVE_OK || !buf || !len || !s->dev->at_end || s->win.rend > s->win.cur ||
        !s->dev->at_end(s))
        return read_any(s, buf, len, len_out);
    if (len_out)
        *len_out = 0;
    return ROVE_END;
}

enum rove_status rove_stream_peek(struct rove_stream *stream, const uint8_t **ptr_out,
                                  size_t *len_out)
{
    if (!stream || !ptr_out || !len_out)
        return ROVE_E_ARG;
    struct rv_stream *s = rv_stream(stream);
    enum rove_status status = s->closed ? ROVE_E_CLOSED : refill(s);
    *ptr_out = s->win.cur;
    *len_out = status == ROVE_OK ? readable(s) : 0;
    return status;
}

enum rove_status rove_stream_readv(struct rove_stream *stream, const struct iovec *iov, size_t cnt,
                                   uint64_t *len_out)
{
    if (!stream || rv_lacks_any(iov, cnt))
        return ROVE_E_ARG;
    uint64_t sum = 0;
    enum rove_status status = rv_stream(stream)->closed ? ROVE_E_CLOSED : ROVE_OK;
    for (size_t i = 0; i < cnt && status == ROVE_OK; i++) {
        size_t n;
        status = rove_stream_read(stream, iov[i].iov_base, iov[i].iov_len, &n);
        sum += n;
    }
    if (len_out)
        *len_out = sum;
    return status;
}

static enum rove_status read_there_and_back(struct rv_stream *s, uint64_t off, void *buf, size_t len,
                                            size_t *len_out)
{
    uint64_t pos = rv_stream_pos(s);
    enum rove_status status = rv_stream_goto(s, off);
    if (status == ROVE_OK)
        status = rove_stream_read_slow(&s->win, buf, len, len_out);
    enum rove_status back = rv_stream_goto(s, pos);
    return status ? status : back;
}

// Where the device cannot, or may not be asked.
static RV_LONG_WAY enum rove_status pread_any(struct rv_stream *s, uint64_t off, void *buf, size_t len,
                                              size_t *len_out)
{
    enum rove_status status = rv_stream_ready(s);
    if (len_out)
        *len_out = 0;
    if (status || off > ROVE_LEN_MAX)
        return status ? status : ROVE_E_RANGE;
    return read_there_and_back(s, off, buf, len, len_out);
}

enum rove_status rove_stream_pread(struct rove_stream *stream, uint64_t off, void *buf, size_t len,
                                   size_t *len_out)
{
    if (!stream || rv_lacks(buf, len))
        return ROVE_E_ARG;
    struct rv_stream *s = rv_stream(stream);
    if (RV_LIKELY(rv_stream_ready(s) == ROVE_OK && off <= ROVE_LEN_MAX && s->dev->pread))
        return s->dev->pread(s, off, buf, len, len_out);
    return pread_any(s, off, buf, len, len_out);
}

// delimiters ------------------------------------------------------------------------------------

// Copies up to and including the next byte that ends a delimiter, at most max.
static size_t take_until(struct rv_stream *s, uint8_t last, uint8_t *buf, size_t max)
{
    size_t len = rv_min_size(readable(s), max);
    const uint8_t *at = memchr(s->win.cur, last, len);
    if (at)
        len = (size_t) (at - s->win.cur) + 1;
    take(s, buf, len);
    return len;
}

// Most delimiters are one byte.
static bool ends_with(const uint8_t *buf, size_t len, struct rove_span delim)
{
    return len >= delim.len && buf[len - 1] == delim.ptr[delim.len - 1] &&
           (delim.len == 1 || memcmp(buf + len - delim.len, delim.ptr, delim.len - 1) == 0);
}

enum rove_status rove_stream_read_until(struct rove_stream *stream, struct rove_span delim,
                                        void *buf, size_t max, size_t *len_out)
{
    if (!stream || rv_lacks(delim.ptr, delim.len) || rv_lacks(buf, max) || !len_out)
        return ROVE_E_ARG;
    struct rv_stream *s = rv_stream(stream);
    uint8_t *out = buf;
    size_t len = 0;
    *len_out = 0;
    if (s->closed)
        return ROVE_E_CLOSED;
    if (!delim.len || delim.len > 64)
        return ROVE_E_ARG;
    enum rove_status status = ROVE_OK;
    while (len < max) {
        status = refill(s);
        if (status)
            break;
        len += take_until(s, delim.ptr[delim.len - 1], out + len, max - len);
        if (ends_with(out, len, delim))
            break;
    }
    *len_out = len;
    return status;
}

// Readies the rope in which a line is joined.
static enum rove_status line_rope(struct rv_stream *s)
{
    enum rove_status why = ROVE_OK;
    if (s->line) {
        rove_rope_clear(s->line);
        return ROVE_OK;
    }
    s->line = rv_pool_alloc(s->pool, sizeof *s->line, &why);
    if (!s->line)
        return rv_stream_note(s, why);
    rove_rope_init(s->line, s->pool);
    return ROVE_OK;
}

// Looks for the end of a line beyond the window, where the device can make the window longer. What nobody can read comes next,
// as what sticks does: asked again, it would be the same.
static enum rove_status lengthen_line(struct rv_stream *s, uint8_t delim, size_t max,
                                      struct rove_span *span_out)
{
    size_t len = readable(s);
    const uint8_t *at = NULL;
    enum rove_status status = ROVE_OK;
    while (!at && len < max && status == ROVE_OK) {
        status = rv_stream_ready(s);
        if (status == ROVE_OK)
            status = s->dev->more(s);
        size_t now = rv_min_size(readable(s), max);
        at = now > len ? memchr(s->win.cur + len, delim, now - len) : NULL;
        len = rv_max_size(now, len);
    }
    if (status < 0 && status != ROVE_E_UNSUPPORTED && !s->error)
        return status; // it may be called again: nothing was taken
    len = at ? (size_t) (at - s->win.cur) + 1 : rv_min_size(len, max);
    *span_out = (struct rove_span){s->win.cur, len};
    s->win.cur += len;
    return ROVE_OK;
}

static void unread(struct rv_stream *s, uint64_t pos)
{
    enum rove_status ignored = rv_stream_goto(s, pos);
    (void) ignored;
}

// Joins a line of which some lies in the next window. What was joined when a failure comes is put
// back by moving the cursor, where the device can.
static enum rove_status join_line(struct rv_stream *s, uint8_t delim, size_t max,
                                  struct rove_span *span_out)
{
    uint64_t start = rv_stream_pos(s);
    enum rove_status status = line_rope(s);
    bool found = false;
    while (status == ROVE_OK && !found) {
        uint64_t so_far = rove_rope_len(s->line);
        size_t len = rv_clamp(max - so_far, readable(s));
        const uint8_t *at = memchr(s->win.cur, delim, len);
        len = at ? (size_t) (at - s->win.cur) + 1 : len;
        status = rv_stream_note(s, rove_rope_append(s->line, s->win.cur, len));
        if (status)
            break;
        s->win.cur += len;
        found = at || so_far + len == max;
        if (!found)
            status = refill(s);
    }
    uint64_t len = s->line ? rove_rope_len(s->line) : 0;
    if (len && (status >= 0 || s->error))
        status = rv_stream_note(s, rove_rope_flatten(s->line, &span_out->ptr)); // what sticks comes next
    if (status == ROVE_OK)
        span_out->len = (size_t) len;
    else
        unread(s, start);
    return status;
}

// A line that does not end in the window, or is longer than it may be.
static RV_LONG_WAY enum rove_status line_any(struct rv_stream *s, uint8_t delim, size_t max,
                                             struct rove_span *span_out)
{
    *span_out = (struct rove_span){NULL, 0};
    enum rove_status status = s->closed ? ROVE_E_CLOSED : refill(s);
    if (status)
        return status;
    max = max ? max : SIZE_MAX;
    size_t len = rv_min_size(readable(s), max);
    uint8_t *at = memchr(s->win.cur, delim, len);
    if (!at && len != max && s->dev->more)
        return lengthen_line(s, delim, max, span_out);
    if (!at && len != max)
        return join_line(s, delim, max, span_out);
    len = at ? (size_t) (at - s->win.cur) + 1 : len;
    *span_out = (struct rove_span){s->win.cur, len};
    s->win.cur += len;
    return ROVE_OK;
}

enum rove_status rove_stream_line(struct rove_stream *stream, uint8_t delim, size_t max,
                                  struct rove_span *span_out)
{
    if (!stream || !span_out)
        return ROVE_E_ARG;
    struct rv_stream *s = rv_stream(stream);
    uint8_t *cur = s->win.cur;
    size_t len = readable(s);
    if (max && len > max)
        len = max;
    uint8_t *at = len ? memchr(cur, delim, len) : NULL;
    if (RV_UNLIKELY(!at))
        return line_any(s, delim, max, span_out);
    s->win.cur = ++at;
    *span_out = (struct rove_span){cur, (size_t) (at - cur)};
    return ROVE_OK;
}
