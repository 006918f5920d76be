// SPDX-License-Identifier: MIT
// rope_device.c: a rope as a device: writes, what needs no window, life.
#include "stream/rope_device.h"

#include <rove/view.h>

#include "base/arith.h"
#include "base/copy.h"
#include "rope/append.h"
#include "rope/overwrite.h"
#include "rope/read.h"
#include "rope/tail.h"
#include "rope/turn.h"

#include <string.h>

static struct rv_rope_stream *self(struct rv_stream *s)
{
    return (struct rv_rope_stream *) (void *) s;
}

static enum rove_status gather(struct rv_rope_stream *r, uint64_t gap, const struct iovec *iov,
                               size_t cnt, struct rove_rope *mid)
{
    rove_rope_init(mid, r->s.pool);
    enum rove_status status = rove_rope_append_zeros(mid, gap);
    return status ? status : rove_rope_append_iov(mid, iov, cnt);
}

// A write behind a gap, or one of several pieces over old bytes: made apart, then put in place.
static RV_LONG_WAY enum rove_status put_apart(struct rv_rope_stream *r, uint64_t pos,
                                              const struct iovec *iov, size_t cnt, uint64_t len)
{
    uint64_t total = rove_rope_len(&r->rope);
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

static enum rove_status put(struct rv_rope_stream *r, uint64_t pos, const struct iovec *iov,
                            size_t cnt, uint64_t len)
{
    uint64_t total = rove_rope_len(&r->rope);
    enum rove_status status;
    rv_stream_enter(&r->s);
    if (pos == total)
        status = cnt == 1 ? rove_rope_append(&r->rope, iov->iov_base, iov->iov_len)
                          : rove_rope_append_iov(&r->rope, iov, cnt);
    else if (cnt == 1 && pos < total && len <= total - pos)
        status = rove_rope_overwrite(&r->rope, pos, iov->iov_base, iov->iov_len);
    else
        status = put_apart(r, pos, iov, cnt, len);
    return rv_stream_note(&r->s, rv_stream_leave(&r->s, status));
}

static RV_LONG_WAY enum rove_status write_any(struct rv_rope_stream *r, const struct iovec *iov,
                                              size_t cnt, uint64_t len)
{
    if (r->s.base)
        rv_rope_window_drop(&r->s);
    uint64_t pos = r->s.base_pos;
    enum rove_status status = put(r, pos, iov, cnt, len);
    if (status == ROVE_OK)
        r->s.base_pos = pos + len;
    rv_rope_window_reopen(r);
    return status;
}

static enum rove_status write(struct rv_stream *s, const struct iovec *iov, size_t cnt,
                              uint64_t len)
{
    return write_any(self(s), iov, cnt, len);
}

static RV_LONG_WAY enum rove_status put_any(struct rv_rope_stream *r, const uint8_t *src, size_t len)
{
    struct iovec one = {(void *) (uintptr_t) src, len};
    bool old = rv_stream_pos(&r->s) < r->rope.tree_len;
    return old && rv_rope_window_over(r, src, len) ? ROVE_OK : write_any(r, &one, 1, len);
}

// With a window on the tail, and the cursor at the end: what fills the tail's chunk.
static bool turn(struct rv_rope_stream *r, const uint8_t *src, size_t len)
{
    struct rv_stream *s = &r->s;
    rv_rope_window_settle(r);
    if (s->win.cur != r->rope.cur || !rv_turn(&r->rope, src, len))
        return false;
    s->base = r->rope.base;
    s->base_pos = r->rope.tree_len;
    s->win.cur = s->win.rend = r->rope.cur;
    s->win.wend = r->rope.end;
    return true;
}

// Most streams are a few bytes: the first of them come here, the others go into the window that they leave.
static enum rove_status put_piece(struct rv_stream *s, const uint8_t *src, size_t len)
{
    struct rv_rope_stream *r = self(s);
    if (s->showing == RV_SHOWS_TAIL && turn(r, src, len))
        return ROVE_OK;
    bool first = !s->base && !s->base_pos && rv_append_is_first(&r->rope, len);
    if (RV_UNLIKELY(!first || !rv_append_first(&r->rope, src, len)))
        return put_any(r, src, len);
    s->showing = RV_SHOWS_TAIL;
    s->base = r->rope.base;
    s->win.cur = s->win.rend = r->rope.cur;
    s->win.wend = r->rope.end;
    return ROVE_OK;
}

static RV_LONG_WAY enum rove_status pwrite_any(struct rv_rope_stream *r, uint64_t off,
                                               const void *src, size_t len)
{
    struct iovec one = {(void *) (uintptr_t) src, len};
    rv_rope_window_drop(&r->s);
    enum rove_status status = len ? put(r, off, &one, 1, len) : ROVE_OK;
    rv_rope_window_reopen(r);
    return status;
}

// What is written where it stands leaves the window as it is, unless that shows a copy.
static enum rove_status pwrite(struct rv_stream *s, uint64_t off, const void *src, size_t len)
{
    struct rv_rope_stream *r = self(s);
    if (RV_LIKELY(len && s->showing <= RV_SHOWS_LENT && rv_within(off, len, rove_rope_len(&r->rope)) &&
                  rv_overwrite_at_once(&r->rope, off, src, len)))
        return ROVE_OK;
    return pwrite_any(r, off, src, len);
}

static RV_LONG_WAY enum rove_status pread_any(struct rv_rope_stream *r, uint64_t off, void *buf,
                                              size_t len, size_t *len_out)
{
    size_t n = 0;
    enum rove_status status = ROVE_OK;
    rv_rope_window_settle(r);
    if (off <= rove_rope_len(&r->rope))
        status = rv_stream_note(&r->s, rove_rope_read(&r->rope, off, buf, len, &n));
    if (len_out)
        *len_out = n;
    return status == ROVE_OK && n < len ? ROVE_END : status;
}

// Asks for no window, and leaves the one that is open. In the tree that has told the rope all.
static enum rove_status pread(struct rv_stream *s, uint64_t off, void *buf, size_t len,
                              size_t *len_out)
{
    struct rv_rope_stream *r = self(s);
    struct rv_found found;
    if (RV_UNLIKELY(!buf || !rv_find_on_grid(&r->rope, off, len, &found)))
        return pread_any(r, off, buf, len, len_out);
    if (len_out)
        *len_out = len;
    rv_copy_cold(buf, found.ptr, len);
    return ROVE_OK;
}

static enum rove_status size(struct rv_stream *s, uint64_t *len_out)
{
    struct rv_rope_stream *r = self(s);
    rv_rope_window_settle(r);
    *len_out = rove_rope_len(&r->rope);
    return ROVE_OK;
}

static bool at_end(struct rv_stream *s)
{
    struct rv_rope_stream *r = self(s);
    rv_rope_window_settle(r);
    return rv_stream_pos(s) >= rove_rope_len(&r->rope);
}

static enum rove_status resize(struct rv_stream *s, uint64_t len)
{
    struct rv_rope_stream *r = self(s);
    uint64_t total = rove_rope_len(&r->rope);
    rv_stream_enter(s);
    enum rove_status status = rv_stream_note(s, rv_stream_leave(s, rove_rope_resize(&r->rope, len)));
    if (status == ROVE_OK && len < total)
        rv_rope_stream_shift(r, len, total - len, 0);
    return status;
}

static enum rove_status close(struct rv_stream *s)
{
    struct rv_rope_stream *r = self(s);
    rv_rope_window_drop(s);
    if (r->holes.ids)
        rv_holes_drop(&r->holes, s->pool);
    rv_rope_drop(&r->rope);
    r->rope.pool = NULL;
    return ROVE_OK;
}

// Most streams are one chunk, and a block themselves.
static bool vanish(struct rv_stream *s)
{
    struct rv_rope_stream *r = self(s);
    struct rove_pool *pool = s->pool;
    struct rv_chunk *tail = r->rope.tail;
    if (s->closed || s->line || s->staging || s->showing > RV_SHOWS_TAIL || r->holes.ids || r->rope.root ||
        r->rope.scratch || (tail && !rv_chunk_give_at_once(tail)))
        return false;
    if (RV_UNLIKELY(pool->spill || !rv_pool_free_at_once(pool, s, sizeof *r)))
        rv_pool_free(pool, s, rv_stream_len(s->dev, pool));
    return true;
}

const struct rv_device rv_rope_device = {
    .name = "rope",
    .stream_len = sizeof(struct rv_rope_stream),
    .shown_len = RV_SHOWN_LEN - 8, // what is shown of such chunks begins with eight that are there anyway
    .fill = rv_rope_window_fill,
    .at_end = at_end,
    .room = rv_rope_window_room,
    .drop = rv_rope_window_drop,
    .read = rv_rope_window_read,
    .write = write,
    .put = put_piece,
    .seek = rv_rope_window_seek,
    .size = size,
    .resize = resize,
    .pread = pread,
    .pwrite = pwrite,
    .close = close,
    .vanish = vanish,
};

// life ------------------------------------------------------------------------------------------

struct rove_rope *rv_stream_rope(struct rv_stream *s)
{
    if (s->dev != &rv_rope_device || s->closed || s->busy)
        return NULL;
    rv_rope_window_drop(s);
    return &self(s)->rope;
}

struct rv_rope_stream *rv_rope_stream_ready(struct rove_stream *stream, enum rove_status *why_out)
{
    struct rv_stream *s = rv_stream(stream);
    *why_out = rv_stream_ready(s);
    if (*why_out == ROVE_OK && s->dev != &rv_rope_device)
        *why_out = ROVE_E_UNSUPPORTED;
    if (*why_out)
        return NULL;
    rv_rope_window_drop(s);
    return self(s);
}

// Makes a stream that has no rope yet; NULL when there is no memory. The stream's hold on the pool is its rope's, too: two
// counts of what threads may share would be twice the time.
static inline struct rv_rope_stream *make(struct rove_pool *pool, enum rove_status *why_out)
{
    pool = rv_pool_or_default(pool);
    struct rv_rope_stream *r = pool->spill ? NULL : rv_pool_alloc_at_once(pool, sizeof *r);
    if (RV_UNLIKELY(!r))
        r = rv_pool_alloc(pool, rv_stream_len(&rv_rope_device, pool), why_out);
    if (RV_UNLIKELY(!r))
        return NULL;
    rv_stream_begin(&r->s, &rv_rope_device, pool);
    r->holes.ids = NULL;
    return r;
}

enum rove_status rove_stream_new(struct rove_pool *pool, struct rove_stream **stream_out)
{
    enum rove_status why;
    if (RV_UNLIKELY(!stream_out))
        return ROVE_E_ARG;
    struct rv_rope_stream *r = make(pool, &why);
    *stream_out = r ? &r->s.win : NULL;
    if (RV_UNLIKELY(!r))
        return why;
    rv_rope_begin_held(&r->rope, r->s.pool);
    return ROVE_OK;
}

enum rove_status rove_stream_from_rope(struct rove_rope *rope, struct rove_stream **stream_out)
{
    enum rove_status why;
    if (RV_UNLIKELY(!rope || !stream_out))
        return ROVE_E_ARG;
    struct rv_rope_stream *r = make(rope->pool, &why);
    *stream_out = r ? &r->s.win : NULL;
    if (RV_UNLIKELY(!r))
        return why;
    rove_rope_move(&r->rope, rope);
    rv_pool_let_go(r->s.pool); // the hold that came with it
    if (r->rope.tail && !r->rope.root)
        rv_rope_window_show_tail(r);
    return ROVE_OK;
}

// Makes a stream over what was put into a rope, if that went well; the rope is gone in any case.
static enum rove_status make_over(struct rove_rope *rope, enum rove_status status,
                                  struct rove_stream **stream_out)
{
    if (stream_out)
        *stream_out = NULL;
    if (status == ROVE_OK)
        status = rove_stream_from_rope(rope, stream_out);
    rove_rope_fini(rope);
    return status;
}

enum rove_status rove_stream_from_bytes(const void *ptr, size_t len, struct rove_pool *pool,
                                        struct rove_stream **stream_out)
{
    struct rove_rope rope;
    rove_rope_init(&rope, pool);
    return make_over(&rope, rove_rope_append(&rope, ptr, len), stream_out);
}

enum rove_status rove_stream_from_adopted(struct rove_span bytes, rove_release_fn *release,
                                          void *arg, struct rove_pool *pool,
                                          struct rove_stream **stream_out)
{
    struct rove_rope rope;
    rove_rope_init(&rope, pool);
    enum rove_status status = rove_rope_append_adopt(&rope, bytes.ptr, bytes.len, release, arg);
    return make_over(&rope, status, stream_out);
}
