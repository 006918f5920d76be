// SPDX-License-Identifier: MIT
// copy.c: from stream to stream, by the way that copies least.
//
//     rope to rope        slices are shared
//     rope to another     written from where the bytes lie
//     another to any      read or decoded into the room of the stream that is written, but what lies in the other's
//                         memory, a chunk or more, is written from there: of what workers made, say. Once more than a
//                         chunk lay there, the next is looked for there before room for a read is asked for
//
// Nothing is taken out of the one stream that the other has not accepted. While one is used the other lends memory
// and is busy, so that a device which uses it is refused.
#include "base/arith.h"
#include "base/status.h"
#include "stream/rope_device.h"

struct copy {
    struct rv_stream *from, *to;
    uint64_t left; // bytes
    bool shows;    // more than a chunk has lain ready in the other's memory: all that follows is looked for there
};

static enum rove_status share(const struct copy *c, uint64_t *n_out)
{
    struct rove_view view;
    uint64_t pos = rv_stream_pos(c->from);
    enum rove_status status = rove_stream_read_view(&c->from->win, c->left, &view);
    enum rove_status put = view.len ? rove_stream_write_view(&c->to->win, &view) : ROVE_OK;
    *n_out = put ? 0 : view.len;
    rove_view_fini(&view);
    if (!put)
        return status;
    status = rv_stream_goto(c->from, pos);
    return put;
}

// Makes a stream busy that lends memory: of its window, or reserved in it.
static struct rove_stream lend(struct rv_stream *s)
{
    rv_stream_enter(s);
    return rv_stream_hide(s);
}

static enum rove_status take_back(struct rv_stream *s, struct rove_stream shown, enum rove_status status)
{
    rv_stream_show(s, shown);
    return rv_stream_leave(s, status);
}

static bool lies_ready(const struct copy *c)
{
    const struct rove_stream *from = &c->from->win;
    return from->rend > from->cur && (size_t) (from->rend - from->cur) >= c->to->pool->chunk_len;
}

static enum rove_status show(const struct copy *c, uint64_t *n_out)
{
    const uint8_t *ptr;
    size_t len;
    struct rove_stream shown = lend(c->to);
    enum rove_status status = take_back(c->to, shown, rove_stream_peek(&c->from->win, &ptr, &len));
    if (status)
        return status;
    len = rv_clamp(c->left, len);
    uint64_t pos = rv_stream_pos(c->to);
    shown = lend(c->from);
    status = take_back(c->from, shown, rove_stream_write(&c->to->win, ptr, len));
    *n_out = status ? rv_stream_pos(c->to) - pos : len;
    c->from->win.cur += *n_out;
    return status;
}

static enum rove_status fill(struct copy *c, uint64_t *n_out)
{
    uint8_t *ptr;
    size_t room, len;
    enum rove_status status =
        rove_stream_reserve(&c->to->win, rv_clamp(c->left, c->to->pool->chunk_len), &ptr, &room);
    if (status)
        return status;
    if (c->to->staged) // what is committed there may be refused
        return show(c, n_out);
    struct rove_stream shown = lend(c->to);
    status = take_back(c->to, shown, rove_stream_read(&c->from->win, ptr, rv_clamp(c->left, room), &len));
    *n_out = len;
    c->shows = lies_ready(c); // so there was more than a chunk
    enum rove_status put = rove_stream_commit(&c->to->win, len);
    RV_ASSERT(put == ROVE_OK);
    return put ? put : status;
}

static enum rove_status step(struct copy *c, uint64_t *n_out)
{
    *n_out = 0;
    enum rove_status status = rv_stream_ready(c->to);
    if (status)
        return status;
    if (!rv_rope_stream(c->from))
        return c->shows || lies_ready(c) ? show(c, n_out) : fill(c, n_out);
    return rv_rope_stream(c->to) ? share(c, n_out) : show(c, n_out);
}

static enum rove_status tell(const struct rove_progress *progress, uint64_t copied)
{
    enum rove_status status = progress->step(progress->ctx, copied);
    return status > 0 || !rv_status_known(status) ? ROVE_E_STATE : status;
}

enum rove_status rove_stream_copy(struct rove_stream *from, struct rove_stream *to, uint64_t len,
                                  const struct rove_progress *progress, uint64_t *copied_out)
{
    uint64_t copied = 0;
    if (copied_out)
        *copied_out = 0;
    if (!from || !to || from == to || (progress && !progress->step))
        return ROVE_E_ARG;
    struct copy c = {rv_stream(from), rv_stream(to), len, false};
    enum rove_status status = rv_stream_usable(c.from);
    if (status == ROVE_OK)
        status = rv_stream_usable(c.to);
    if (status == ROVE_OK && (rv_stream_stands_on(from, to) || rv_stream_stands_on(to, from)))
        status = ROVE_E_STATE;
    while (status == ROVE_OK && copied < len) {
        uint64_t n;
        c.left = len - copied;
        status = rv_stream_changed(c.to, step(&c, &n)); // a write, which may be refused
        copied += n;
        if (progress && n) {
            enum rove_status told = tell(progress, copied);
            status = told && status >= 0 ? told : status;
        }
    }
    if (copied_out)
        *copied_out = copied;
    return status == ROVE_END && len == UINT64_MAX ? ROVE_OK : status;
}
