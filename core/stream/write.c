// SPDX-License-Identifier: MIT
// write.c: everything that puts bytes at the cursor.
#include "stream/stream.h"

#include "base/arith.h"
#include "base/given.h"

#include <stdarg.h>
#include <string.h>

static size_t writable(const struct rv_stream *s)
{
    return s->win.wend > s->win.cur ? (size_t) (s->win.wend - s->win.cur) : 0;
}

static enum rove_status make_room(struct rv_stream *s, size_t want)
{
    if (writable(s))
        return ROVE_OK;
    return s->dev->room ? s->dev->room(s, want) : ROVE_E_UNSUPPORTED;
}

// For devices that only give windows.
static RV_LONG_WAY enum rove_status write_by_windows(struct rv_stream *s, const struct iovec *iov,
                                                     size_t cnt)
{
    for (size_t i = 0; i < cnt; i++) {
        const uint8_t *src = iov[i].iov_base;
        for (size_t left = iov[i].iov_len; left;) {
            enum rove_status status = make_room(s, left);
            if (status)
                return status;
            size_t n = rv_min_size(left, writable(s));
            memcpy(s->win.cur, src, n);
            s->win.cur += n;
            src += n;
            left -= n;
        }
    }
    return ROVE_OK;
}

static enum rove_status put(struct rv_stream *s, const struct iovec *iov, size_t cnt, uint64_t len)
{
    enum rove_status status = rv_stream_ready(s);
    if (status || !len)
        return status;
    uint64_t pos = rv_stream_pos(s);
    if (pos > ROVE_LEN_MAX || len > ROVE_LEN_MAX - pos)
        return ROVE_E_RANGE;
    if (!s->dev->write || len <= writable(s))
        return write_by_windows(s, iov, cnt);
    return s->dev->write(s, iov, cnt, len);
}

static enum rove_status write_pieces(struct rv_stream *s, const struct iovec *iov, size_t cnt)
{
    if (!s || rv_lacks_any(iov, cnt))
        return ROVE_E_ARG;
    uint64_t len = 0;
    for (size_t i = 0; i < cnt; i++)
        if (rv_add_u64(len, iov[i].iov_len, &len))
            return ROVE_E_RANGE;
    return put(s, iov, cnt, len);
}

enum rove_status rove_stream_writev(struct rove_stream *stream, const struct iovec *iov, size_t cnt)
{
    return rv_stream_changed(rv_stream(stream), write_pieces(rv_stream(stream), iov, cnt));
}

static RV_LONG_WAY enum rove_status write_any(struct rv_stream *s, const void *src, size_t len)
{
    struct iovec one = {(void *) (uintptr_t) src, len};
    return rv_stream_changed(s, !s || rv_lacks(src, len) ? ROVE_E_ARG : put(s, &one, 1, len));
}

enum rove_status rove_stream_write_slow(struct rove_stream *stream, const void *src, size_t len)
{
    struct rv_stream *s = rv_stream(stream);
    if (RV_UNLIKELY(rv_stream_ready(s) != ROVE_OK || !s->dev->put || !src || !len))
        return write_any(s, src, len);
    uint64_t pos = rv_stream_pos(s);
    if (RV_UNLIKELY(pos > ROVE_LEN_MAX || len > ROVE_LEN_MAX - pos))
        return write_any(s, src, len);
    return rv_stream_changed(s, s->dev->put(s, src, len));
}

static enum rove_status write_at(struct rv_stream *s, uint64_t off, const void *src, size_t len)
{
    enum rove_status status = rv_lacks(src, len) ? ROVE_E_ARG : rv_stream_ready(s);
    if (status)
        return status;
    if (off > ROVE_LEN_MAX)
        return ROVE_E_RANGE;
    if (!s->dev->pwrite || s->no_seek)
        return ROVE_E_UNSUPPORTED;
    return len > ROVE_LEN_MAX - off ? ROVE_E_RANGE : s->dev->pwrite(s, off, src, len);
}

enum rove_status rove_stream_pwrite(struct rove_stream *stream, uint64_t off, const void *src,
                                    size_t len)
{
    return rv_stream_changed(rv_stream(stream), write_at(rv_stream(stream), off, src, len));
}

// in place --------------------------------------------------------------------------------------

static enum rove_status stage(struct rv_stream *s, size_t len, uint8_t **ptr_out, size_t *len_out)
{
    enum rove_status why = ROVE_OK;
    uint64_t pos = rv_stream_pos(s);
    if (pos >= ROVE_LEN_MAX)
        return ROVE_E_RANGE;
    if (s->staging && s->staging->cap < rv_min_size(len, s->pool->chunk_len)) {
        rv_chunk_unref(s->staging);
        s->staging = NULL;
    }
    if (!s->staging)
        s->staging = rv_chunk_take(s->pool, len, &why);
    if (!s->staging)
        return rv_stream_note(s, why);
    rv_mark_set(&s->staging->mark, 0);
    s->staged = true;
    s->staged_at = pos;
    *ptr_out = s->staging->data;
    *len_out = rv_clamp(ROVE_LEN_MAX - pos, s->staging->cap); // what commit can take
    return ROVE_OK;
}

enum rove_status rove_stream_reserve(struct rove_stream *stream, size_t len, uint8_t **ptr_out,
                                     size_t *len_out)
{
    if (!stream || !ptr_out || !len_out)
        return ROVE_E_ARG;
    struct rv_stream *s = rv_stream(stream);
    *ptr_out = NULL;
    *len_out = 0;
    enum rove_status status = rv_stream_ready(s);
    if (status == ROVE_OK && !len)
        status = ROVE_E_ARG;
    if (status == ROVE_OK && rv_stream_pos(s) >= ROVE_LEN_MAX)
        status = ROVE_E_RANGE;
    if (status)
        return rv_stream_changed(s, status); // this was to be a write
    s->staged = false;
    if (writable(s) && s->win.rend > s->win.cur)
        status = ROVE_END; // bytes stand there, of which commit may leave some
    else if (writable(s) < len)
        status = s->dev->room ? s->dev->room(s, len) : ROVE_E_UNSUPPORTED;
    if (status == ROVE_END)
        return stage(s, len, ptr_out, len_out);
    *ptr_out = s->reserved = status ? NULL : s->win.cur;
    *len_out = status ? 0 : writable(s);
    return rv_stream_changed(s, status);
}

// Writes the next len bytes of the staging, those in front of them being written already.
static enum rove_status commit_staged(struct rv_stream *s, size_t len)
{
    size_t done = rv_mark_get(&s->staging->mark);
    if (s->staged_at != rv_stream_pos(s) || len > s->staging->cap - done)
        return ROVE_E_RANGE;
    enum rove_status status = rove_stream_write_slow(&s->win, s->staging->data + done, len);
    if (status)
        return status;
    rv_mark_set(&s->staging->mark, done + len);
    s->staged_at += len;
    return ROVE_OK;
}

enum rove_status rove_stream_commit(struct rove_stream *stream, size_t len)
{
    struct rv_stream *s = rv_stream(stream);
    enum rove_status status = rv_stream_usable(s);
    if (status)
        return status;
    if (s->staged && len)
        return commit_staged(s, len);
    bool given = s->reserved == s->win.cur && s->win.rend <= s->win.cur; // nothing was put there since
    size_t run = given ? writable(s) : 0;
    if (len > run) // what nobody was given may hold another's old bytes
        return ROVE_E_RANGE;
    if (!len)
        return ROVE_OK;
    s->win.cur += len;
    s->reserved = s->win.cur;
    return ROVE_OK;
}

// text ------------------------------------------------------------------------------------------

static enum rove_status print_apart(struct rv_stream *s, size_t len, const char *format,
                                    va_list args)
{
    enum rove_status status;
    char *text = rv_pool_alloc(s->pool, len + 1, &status);
    if (!text)
        return rv_stream_note(s, status);
    vsnprintf(text, len + 1, format, args);
    status = rove_stream_write(&s->win, text, len);
    rv_pool_free(s->pool, text, len + 1);
    return status;
}

enum rove_status rove_stream_printf(struct rove_stream *stream, const char *format, ...)
{
    struct rv_stream *s = rv_stream(stream);
    enum rove_status status = format ? rv_stream_ready(s) : ROVE_E_ARG;
    if (status)
        return rv_stream_changed(s, status);
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    // vsnprintf() also writes a NUL behind the text: only where nothing stands yet.
    size_t room = s->win.rend > s->win.cur ? 0 : writable(s);
    int len = vsnprintf((char *) (room ? s->win.cur : NULL), room, format, args);
    if (len < 0)
        status = ROVE_E_ARG;
    else if ((size_t) len < room)
        s->win.cur += len;
    else
        status = print_apart(s, (size_t) len, format, again);
    va_end(again);
    va_end(args);
    return status;
}
