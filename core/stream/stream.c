// SPDX-License-Identifier: MIT
// stream.c: a stream's life and state, whatever its device.
#include "base/os.h"
#include "stream/stream.h"

#include <errno.h>
#include <string.h>

const struct rove_stream rove_stream_none = {NULL, NULL, NULL};

enum rove_status rv_stream_make(const struct rv_device *dev, struct rove_pool *pool,
                                struct rv_stream **out)
{
    enum rove_status why;
    pool = rv_pool_or_default(pool);
    size_t len = rv_stream_len(dev, pool);
    struct rv_stream *s = rv_pool_alloc(pool, len, &why);
    *out = s;
    if (!s)
        return why;
    memset(s, 0, len);
    rv_stream_begin(s, dev, pool);
    return ROVE_OK;
}

void rv_stream_unmake(struct rv_stream *s)
{
    if (s->line) {
        rove_rope_fini(s->line);
        rv_pool_free(s->pool, s->line, sizeof *s->line);
    }
    if (s->staging)
        rv_chunk_unref(s->staging);
    rv_pool_free(s->pool, s, rv_stream_len(s->dev, s->pool));
}

enum rove_status rv_stream_fail(struct rv_stream *s, enum rove_status status)
{
    s->last = (int8_t) status;
    s->err_no = status == ROVE_E_IO ? errno : 0;
    switch (status) {
    case ROVE_E_AGAIN:
    case ROVE_E_ARG:
    case ROVE_E_RANGE:
    case ROVE_E_STATE:
    case ROVE_E_UNSUPPORTED:
        break;
    default:
        s->error = (int8_t) status;
    }
    return status;
}

// Like rv_stream_ready(), for a call that only hands over what was accepted: it tries again what
// failed, unless a change was refused meanwhile, which must not go unseen.
static enum rove_status retry(struct rv_stream *s)
{
    enum rove_status status = rv_stream_usable(s);
    if (status || !s->error)
        return status;
    if (s->refused)
        return (enum rove_status) s->error;
    rove_stream_clear_error(&s->win);
    return ROVE_OK;
}

// ask -------------------------------------------------------------------------------------------

enum rove_status rove_stream_tell(struct rove_stream *stream, uint64_t *pos_out)
{
    if (!stream || !pos_out)
        return ROVE_E_ARG;
    struct rv_stream *s = rv_stream(stream);
    *pos_out = rv_stream_pos(s);
    return s->closed ? ROVE_E_CLOSED : ROVE_OK;
}

enum rove_status rove_stream_size(struct rove_stream *stream, uint64_t *len_out)
{
    if (!stream || !len_out)
        return ROVE_E_ARG;
    struct rv_stream *s = rv_stream(stream);
    *len_out = 0;
    enum rove_status status = rv_stream_ready(s);
    if (status)
        return status;
    return s->dev->size ? s->dev->size(s, len_out) : ROVE_E_UNSUPPORTED;
}

int rove_stream_is_closed(const struct rove_stream *stream)
{
    return !stream || ((const struct rv_stream *) (const void *) stream)->closed;
}

enum rove_status rove_stream_error(const struct rove_stream *stream)
{
    return stream ? (enum rove_status)((const struct rv_stream *) (const void *) stream)->error : ROVE_E_ARG;
}

int rove_stream_errno(const struct rove_stream *stream)
{
    return stream ? ((const struct rv_stream *) (const void *) stream)->err_no : 0;
}

const char *rove_stream_explain(const struct rove_stream *stream)
{
    if (!stream)
        return rove_status_text(ROVE_E_ARG);
    const struct rv_stream *s = (const struct rv_stream *) (const void *) stream;
    const char *text = s->dev->explain ? s->dev->explain(s) : NULL;
    if (!text && s->last == ROVE_E_IO && s->err_no)
        text = rv_os_error_text(s->err_no);
    return text ? text : rove_status_text(s->last);
}

void rove_stream_clear_error(struct rove_stream *stream)
{
    if (!stream)
        return;
    struct rv_stream *s = rv_stream(stream);
    s->error = s->last = ROVE_OK;
    s->err_no = 0;
    s->refused = false;
    if (s->dev->clear)
        s->dev->clear(s);
}

// change ----------------------------------------------------------------------------------------

// Moves inside the window; false when the position is not in it.
static inline bool seek_inside(struct rv_stream *s, uint64_t pos)
{
    struct rove_stream *win = &s->win;
    uint8_t *high = win->rend > win->cur ? win->rend : win->cur;
    uint64_t in = pos - s->base_pos; // huge, where pos is before
    if (RV_LIKELY(in > (uint64_t) (high - s->base)))
        return false;
    if (s->fixed || !s->base)
        return pos == rv_stream_pos(s);
    if (win->cur > win->rend && win->wend != s->base)
        win->rend = win->cur; // what was written can be read
    win->cur = s->base + in;
    return true;
}

static RV_LONG_WAY enum rove_status seek_telling(struct rv_stream *s, uint64_t pos, uint64_t *pos_out)
{
    enum rove_status status = s->dev->seek(s, pos);
    *pos_out = rv_stream_pos(s);
    return status;
}

// From the cursor or the end.
static RV_LONG_WAY enum rove_status seek_from(struct rv_stream *s, int64_t off,
                                              enum rove_whence whence, uint64_t *pos_out)
{
    uint64_t from = rv_stream_pos(s);
    if (whence != ROVE_CUR && whence != ROVE_FROM_END)
        return ROVE_E_ARG;
    if (whence == ROVE_FROM_END) {
        enum rove_status status = rove_stream_size(&s->win, &from);
        if (status)
            return status;
    }
    int64_t pos;
    if (__builtin_add_overflow((int64_t) from, off, &pos))
        return ROVE_E_RANGE;
    return rove_stream_seek(&s->win, pos, ROVE_SET, pos_out);
}

enum rove_status rove_stream_seek(struct rove_stream *stream, int64_t off, enum rove_whence whence,
                                  uint64_t *pos_out)
{
    struct rv_stream *s = rv_stream(stream);
    enum rove_status status = rv_stream_ready(s);
    if (RV_UNLIKELY(status))
        return status;
    if (whence != ROVE_SET)
        return seek_from(s, off, whence, pos_out);
    if (RV_UNLIKELY(off < 0))
        return ROVE_E_RANGE;
    if (RV_UNLIKELY(s->no_seek))
        return ROVE_E_UNSUPPORTED;
    uint64_t pos = (uint64_t) off;
    if (!seek_inside(s, pos))
        return pos_out ? seek_telling(s, pos, pos_out) : s->dev->seek(s, pos);
    if (pos_out)
        *pos_out = pos;
    return ROVE_OK;
}

static enum rove_status set_len(struct rv_stream *s, uint64_t len, bool shorten_only)
{
    enum rove_status status = rv_stream_ready(s);
    if (status)
        return status;
    if (!s->dev->resize)
        return ROVE_E_UNSUPPORTED;
    uint64_t now = len;
    if (shorten_only)
        status = rove_stream_size(&s->win, &now);
    if (status)
        return status;
    if (len > ROVE_LEN_MAX || len > now)
        return ROVE_E_RANGE;
    status = s->dev->drop(s);
    return status ? status : s->dev->resize(s, len);
}

enum rove_status rove_stream_truncate(struct rove_stream *stream, uint64_t len)
{
    return rv_stream_changed(rv_stream(stream), set_len(rv_stream(stream), len, true));
}

enum rove_status rove_stream_resize(struct rove_stream *stream, uint64_t len)
{
    return rv_stream_changed(rv_stream(stream), set_len(rv_stream(stream), len, false));
}

enum rove_status rove_stream_flush(struct rove_stream *stream)
{
    struct rv_stream *s = rv_stream(stream);
    enum rove_status status = retry(s);
    if (status == ROVE_OK)
        status = s->dev->drop(s);
    if (status == ROVE_OK && s->dev->flush)
        status = s->dev->flush(s);
    return status;
}

// drop ------------------------------------------------------------------------------------------

enum rove_status rv_stream_finish(struct rv_stream *s)
{
    enum rove_status status = retry(s);
    if (status == ROVE_OK)
        status = s->dev->drop(s);
    if (status == ROVE_OK && s->dev->finish)
        status = s->dev->finish(s);
    return status;
}

bool rv_stream_stands_on(struct rove_stream *stream, const struct rove_stream *other)
{
    while (stream && stream != other) {
        struct rv_stream *s = rv_stream(stream);
        stream = s->dev->below && !s->closed ? s->dev->below(s) : NULL;
    }
    return stream != NULL;
}

enum rove_status rv_stream_end(struct rv_stream *s)
{
    rv_window_open(s, NULL, 0);
    rv_stream_enter(s);
    enum rove_status status = rv_stream_leave(s, s->dev->close(s));
    rv_window_open(s, NULL, 0);
    s->closed = true;
    return status;
}

enum rove_status rove_stream_close(struct rove_stream *stream)
{
    if (!stream)
        return ROVE_E_ARG;
    struct rv_stream *s = rv_stream(stream);
    if (s->closed)
        return ROVE_OK;
    enum rove_status status = rv_stream_finish(s);
    return status ? status : rv_stream_end(s);
}

void rove_stream_free(struct rove_stream *stream)
{
    if (!stream)
        return;
    struct rv_stream *s = rv_stream(stream);
    RV_ASSERT(!s->busy); // from inside one of its own callbacks
    if (s->busy || (s->dev->vanish && s->dev->vanish(s)))
        return;
    if (!s->closed)
        (void) rv_stream_end(s);
    if (s->dev->gone)
        s->dev->gone(s);
    rv_stream_unmake(s);
}
