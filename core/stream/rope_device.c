// SPDX-License-Identifier: MIT
// rope_device.c: windows on a rope, reads and writes through them.
//
// A window lies in one slice: of the tree, or the tail. All of it may be written or none: a tail
// of which others see the front has two windows, a read-only one up to the floor and one from there
// on. What was appended through the window is in the rope once the window is dropped.
#include "stream/rope_device.h"

#include <rove/view.h>

#include "base/arith.h"
#include "rope/tail.h"
#include "stream/asleep.h"

#include <string.h>

static struct rv_rope_stream *self(struct rv_stream *s)
{
    return (struct rv_rope_stream *) (void *) s;
}

static enum rove_status drop(struct rv_stream *s)
{
    struct rv_rope_stream *r = self(s);
    uint8_t *high = s->win.cur > s->win.rend ? s->win.cur : s->win.rend;
    if (r->in_tail && high > r->rope.cur)
        r->rope.cur = high;
    if (r->lent)
        rv_chunk_unlend(r->pinned);
    if (r->pinned)
        rv_chunk_unpin(r->pinned);
    r->pinned = NULL;
    r->lent = false;
    r->in_tail = false;
    rv_window_none(s);
    return ROVE_OK;
}

// windows ---------------------------------------------------------------------------------------

static void open_tail(struct rv_rope_stream *r, uint64_t pos)
{
    struct rove_rope *rope = &r->rope;
    uint8_t *at = rope->base + (pos - rope->tree_len);
    uint8_t *floor = rope->tail->data + rope->floor;
    bool claimed = rope->end != rope->cur;
    r->in_tail = true;
    if (rv_chunk_mine(rope->tail)) {
        rv_window_open(&r->s, rope->base, rope->tree_len);
        r->s.win.wend = claimed ? rope->end : rope->cur;
        r->s.win.rend = rope->cur;
    } else if (claimed && at >= floor && rope->cur >= floor) {
        uint8_t *base = floor > rope->base ? floor : rope->base;
        rv_window_open(&r->s, base, rope->tree_len + (uint64_t) (base - rope->base));
        r->s.win.wend = rope->end;
        r->s.win.rend = rope->cur;
    } else {
        rv_window_open(&r->s, rope->base, rope->tree_len);
        r->s.win.rend = claimed && floor < rope->cur ? floor : rope->cur;
    }
    r->s.win.cur = at;
}

static enum rove_status open_tree(struct rv_rope_stream *r, uint64_t pos)
{
    uint64_t rest = pos;
    struct rv_node *node = r->rope.root;
    bool own = rv_count_one(&node->refs);
    while (node->level) {
        node = rv_kid(node, rv_node_find(node, &rest));
        own = own && rv_count_one(&node->refs);
    }
    unsigned i = rv_node_find(node, &rest);
    struct rv_entry slice = rv_node_entry(node, i);
    enum rove_status status = rv_asleep_open(&r->s, &r->piece, slice, rest);
    if (status != ROVE_END)
        return status;
    status = rv_chunk_pin(slice.ptr);
    if (status)
        return status;
    r->pinned = slice.ptr;
    rv_window_open(&r->s, slice.at, pos - rest);
    r->s.win.cur += rest;
    r->s.win.rend += slice.len;
    // What the spill file has already would have to be written there again: not for a mere read.
    if (own && rv_chunk_mine(slice.ptr) && !rv_chunk_is_saved(slice.ptr))
        r->s.win.wend = r->s.win.rend;
    return ROVE_OK;
}

// Opens a window for reading at the position, whatever chunk it lies in.
static enum rove_status open_any(struct rv_stream *s)
{
    struct rv_rope_stream *r = self(s);
    drop(s);
    uint64_t pos = s->base_pos;
    if (pos < r->rope.tree_len)
        return open_tree(r, pos);
    rv_asleep_end(&r->s, &r->piece);
    if (pos >= rove_rope_len(&r->rope))
        return ROVE_END;
    open_tail(r, pos);
    return ROVE_OK;
}

// Tells whether the window that was just opened may stay where it is.
static bool may_stay(struct rv_rope_stream *r)
{
    r->lent = r->pinned && rv_chunk_lend(r->pinned);
    return r->lent || !r->pinned;
}

// Where a chunk must not stay pinned from call to call, some of its bytes are shown apart.
static enum rove_status fill(struct rv_stream *s)
{
    struct rv_rope_stream *r = self(s);
    enum rove_status status = open_any(s);
    if (status || may_stay(r))
        return status;
    size_t len = rv_min_size((size_t) (s->win.rend - s->win.cur), sizeof r->shown);
    memcpy(r->shown, s->win.cur, len);
    drop(s);
    rv_window_open(s, r->shown, s->base_pos);
    s->win.rend += len;
    return ROVE_OK;
}

static enum rove_status read_asleep(struct rv_rope_stream *r, void *buf, size_t len,
                                    size_t *len_out)
{
    if (r->s.base_pos >= r->rope.tree_len)
        return ROVE_END;
    struct rv_found found = rv_byte_find(r->rope.root, r->s.base_pos);
    enum rove_status status = rv_asleep_read(&r->s, &r->piece, found, buf, &len);
    if (status == ROVE_OK)
        *len_out = len;
    return status;
}

// Gives the caller all that is wanted of such a chunk at once, so that it is woken once for it.
// Elsewhere it opens the window and leaves the rest to the caller.
static enum rove_status read(struct rv_stream *s, void *buf, size_t len, size_t *len_out)
{
    struct rv_rope_stream *r = self(s);
    *len_out = 0;
    if (len <= sizeof r->shown || !rv_switch_is_on(&rv_chunks_sleep))
        return ROVE_OK;
    enum rove_status status = read_asleep(r, buf, len, len_out);
    if (status != ROVE_END)
        return status;
    status = open_any(s);
    if (status || may_stay(r))
        return status;
    *len_out = rv_min_size((size_t) (s->win.rend - s->win.cur), len);
    memcpy(buf, s->win.cur, *len_out);
    s->win.cur += *len_out;
    return drop(s);
}

void rv_rope_stream_reopen(struct rv_rope_stream *r)
{
    struct rove_rope *rope = &r->rope;
    if (rope->end > rope->cur && r->s.base_pos == rove_rope_len(rope))
        open_tail(r, r->s.base_pos);
}

static enum rove_status room(struct rv_stream *s, size_t want)
{
    struct rv_rope_stream *r = self(s);
    drop(s);
    uint64_t len = rove_rope_len(&r->rope);
    if (s->base_pos != len)
        return ROVE_END; // over old bytes, of which commit may leave some; or behind a gap
    uint8_t *ptr;
    size_t got;
    enum rove_status status = rove_rope_reserve(&r->rope, want, &ptr, &got);
    if (status == ROVE_OK)
        open_tail(r, s->base_pos);
    return status;
}

// without windows -------------------------------------------------------------------------------

static enum rove_status gather(struct rv_rope_stream *r, uint64_t gap, const struct iovec *iov,
                               size_t cnt, struct rove_rope *mid)
{
    rove_rope_init(mid, r->s.pool);
    enum rove_status status = rove_rope_append_zeros(mid, gap);
    return status ? status : rove_rope_append_iov(mid, iov, cnt);
}

// A write behind a gap, or one of several pieces over old bytes: made apart, then put in place.
static enum rove_status write_apart(struct rv_rope_stream *r, const struct iovec *iov, size_t cnt,
                                    uint64_t len)
{
    uint64_t pos = r->s.base_pos, total = rove_rope_len(&r->rope);
    struct rove_rope mid;
    struct rove_view view;
    memset(&view, 0, sizeof view);
    enum rove_status status = gather(r, pos > total ? pos - total : 0, iov, cnt, &mid);
    if (status == ROVE_OK && pos >= total)
        status = rove_rope_concat(&r->rope, &mid);
    else if (status == ROVE_OK)
        status = rove_rope_view(&mid, 0, len, &view);
    if (status == ROVE_OK && pos < total)
        status = rove_rope_replace_view(&r->rope, pos, rv_min_u64(len, total - pos), &view);
    rove_view_fini(&view);
    rove_rope_fini(&mid);
    return status;
}

static enum rove_status write(struct rv_stream *s, const struct iovec *iov, size_t cnt,
                              uint64_t len)
{
    struct rv_rope_stream *r = self(s);
    uint64_t pos = s->base_pos, total = rove_rope_len(&r->rope);
    enum rove_status status;
    rv_stream_enter(s);
    if (pos == total)
        status = cnt == 1 ? rove_rope_append(&r->rope, iov->iov_base, iov->iov_len)
                          : rove_rope_append_iov(&r->rope, iov, cnt);
    else if (cnt == 1 && pos < total && len <= total - pos)
        status = rove_rope_overwrite(&r->rope, pos, iov->iov_base, iov->iov_len);
    else
        status = write_apart(r, iov, cnt, len);
    rv_stream_leave(s, status);
    if (status == ROVE_OK)
        s->base_pos = pos + len;
    rv_rope_stream_reopen(r);
    return status;
}

static enum rove_status seek(struct rv_stream *s, uint64_t pos)
{
    s->base_pos = pos;
    rv_rope_stream_reopen(self(s));
    return ROVE_OK;
}

static enum rove_status size(struct rv_stream *s, uint64_t *len_out)
{
    struct rv_rope_stream *r = self(s);
    uint8_t *high = s->win.cur > s->win.rend ? s->win.cur : s->win.rend;
    *len_out = rove_rope_len(&r->rope);
    if (r->in_tail && high > r->rope.cur)
        *len_out += (uint64_t) (high - r->rope.cur);
    return ROVE_OK;
}

static enum rove_status resize(struct rv_stream *s, uint64_t len)
{
    struct rv_rope_stream *r = self(s);
    uint64_t total = rove_rope_len(&r->rope);
    rv_stream_enter(s);
    enum rove_status status = rv_stream_leave(s, rove_rope_resize(&r->rope, len));
    if (status == ROVE_OK && len < total)
        rv_holes_shift(r, len, total - len, 0);
    return status;
}

static enum rove_status pread(struct rv_stream *s, uint64_t off, void *buf, size_t len,
                              size_t *len_out)
{
    struct rv_rope_stream *r = self(s);
    drop(s);
    if (off > rove_rope_len(&r->rope)) {
        *len_out = 0;
        return len ? ROVE_END : ROVE_OK;
    }
    enum rove_status status = rove_rope_read(&r->rope, off, buf, len, len_out);
    rv_rope_stream_reopen(r);
    return status == ROVE_OK && *len_out < len ? ROVE_END : status;
}

static enum rove_status close(struct rv_stream *s)
{
    struct rv_rope_stream *r = self(s);
    drop(s);
    rv_holes_drop(r);
    rv_asleep_end(&r->s, &r->piece);
    rove_rope_fini(&r->rope);
    return ROVE_OK;
}

static const struct rv_device device = {
    .name = "rope",
    .stream_len = sizeof(struct rv_rope_stream),
    .fill = fill,
    .room = room,
    .drop = drop,
    .read = read,
    .write = write,
    .seek = seek,
    .size = size,
    .resize = resize,
    .pread = pread,
    .close = close,
};

// life ------------------------------------------------------------------------------------------

struct rv_rope_stream *rv_rope_stream(struct rv_stream *s)
{
    return s->dev == &device ? self(s) : NULL;
}

struct rove_rope *rv_stream_rope(struct rv_stream *s)
{
    if (s->dev != &device || s->closed)
        return NULL;
    drop(s);
    return &self(s)->rope;
}

struct rv_rope_stream *rv_rope_stream_ready(struct rove_stream *stream, enum rove_status *why_out)
{
    struct rv_stream *s = rv_stream(stream);
    *why_out = rv_stream_ready(s);
    if (*why_out == ROVE_OK && s->dev != &device)
        *why_out = ROVE_E_UNSUPPORTED;
    if (*why_out)
        return NULL;
    drop(s);
    return self(s);
}

enum rove_status rove_stream_new(struct rove_pool *pool, struct rove_stream **stream_out)
{
    if (!stream_out)
        return ROVE_E_ARG;
    struct rv_stream *s;
    *stream_out = NULL;
    enum rove_status status = rv_stream_make(&device, pool, &s);
    if (status)
        return status;
    rove_rope_init(&self(s)->rope, s->pool);
    *stream_out = &s->win;
    return ROVE_OK;
}

enum rove_status rove_stream_from_rope(struct rove_rope *rope, struct rove_stream **stream_out)
{
    if (!rope || !stream_out)
        return ROVE_E_ARG;
    enum rove_status status = rove_stream_new(rope->pool, stream_out);
    if (status)
        return status;
    struct rv_rope_stream *r = self(rv_stream(*stream_out));
    rove_rope_fini(&r->rope);
    rove_rope_move(&r->rope, rope);
    return ROVE_OK;
}
