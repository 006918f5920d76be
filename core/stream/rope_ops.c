// SPDX-License-Identifier: MIT
// rope_ops.c: what only a stream over a rope can do: shift bytes, share them, hand them out.
#include "stream/rope_device.h"

#include <rove/view.h>

#include "base/arith.h"
#include "base/given.h"
#include "rope/read.h"

#include <stdlib.h>
#include <string.h>

// insert and erase ------------------------------------------------------------------------------

enum rove_status rove_stream_insert(struct rove_stream *stream, const void *src, size_t len)
{
    if (rv_lacks(src, len))
        return ROVE_E_ARG;
    enum rove_status status;
    struct rv_rope_stream *r = rv_rope_stream_ready(stream, &status);
    if (!r || !len)
        return status;
    uint64_t pos = r->s.base_pos;
    if (pos >= rove_rope_len(&r->rope))
        return rove_stream_write_slow(stream, src, len);
    rv_stream_enter(&r->s);
    status = rv_stream_note(&r->s, rv_stream_leave(&r->s, rove_rope_insert(&r->rope, pos, src, len)));
    if (status == ROVE_OK) {
        rv_rope_stream_shift(r, pos, 0, len);
        r->s.base_pos = pos + len;
    }
    return status;
}

// Appends zeros and a view, made apart so that either both or none are there.
static enum rove_status append_behind_gap(struct rv_rope_stream *r, uint64_t gap,
                                          const struct rove_view *view)
{
    struct rove_rope mid;
    rove_rope_init(&mid, r->s.pool);
    enum rove_status status = rove_rope_append_zeros(&mid, gap);
    if (status == ROVE_OK)
        status = rove_rope_append_view(&mid, view);
    if (status == ROVE_OK)
        status = rove_rope_concat(&r->rope, &mid);
    rove_rope_fini(&mid);
    return status;
}

// Puts a view at the cursor, over del bytes.
static enum rove_status put_view(struct rv_rope_stream *r, const struct rove_view *view,
                                 uint64_t del)
{
    uint64_t pos = r->s.base_pos, total = rove_rope_len(&r->rope);
    if (pos > ROVE_LEN_MAX || view->len > ROVE_LEN_MAX - pos)
        return ROVE_E_RANGE;
    rv_stream_enter(&r->s);
    enum rove_status status = pos > total ? append_behind_gap(r, pos - total, view)
                                          : rove_rope_replace_view(&r->rope, pos, del, view);
    if (rv_stream_note(&r->s, rv_stream_leave(&r->s, status)))
        return status;
    r->s.base_pos = pos + view->len;
    if (!r->s.staged)
        r->s.reserved = NULL; // the tail may stay where it is, its room then lies elsewhere in the rope
    return ROVE_OK;
}

enum rove_status rove_stream_insert_view(struct rove_stream *stream, const struct rove_view *view)
{
    if (!view)
        return ROVE_E_ARG;
    enum rove_status status;
    struct rv_rope_stream *r = rv_rope_stream_ready(stream, &status);
    if (!r || !view->len)
        return status;
    uint64_t pos = r->s.base_pos;
    status = put_view(r, view, 0);
    if (status == ROVE_OK)
        rv_rope_stream_shift(r, pos, 0, view->len);
    return status;
}

static enum rove_status write_view_by_spans(struct rove_stream *stream,
                                            const struct rove_view *view)
{
    struct rove_cursor cursor;
    uint8_t some[RV_SOME_LEN];
    enum rove_status status = rove_cursor_init(&cursor, view, 0);
    while (status == ROVE_OK) {
        struct rove_span span;
        status = rv_cursor_next_some(&cursor, some, sizeof some, &span);
        if (status == ROVE_OK)
            status = rove_stream_write(stream, span.ptr, span.len);
    }
    rove_cursor_fini(&cursor);
    return status == ROVE_END ? ROVE_OK : status;
}

enum rove_status rove_stream_write_view(struct rove_stream *stream, const struct rove_view *view)
{
    if (!view)
        return ROVE_E_ARG;
    enum rove_status status;
    struct rv_rope_stream *r = rv_rope_stream_ready(stream, &status);
    if (status == ROVE_E_UNSUPPORTED)
        return write_view_by_spans(stream, view);
    if (!r || !view->len)
        return rv_stream_changed(rv_stream(stream), status);
    uint64_t total = rove_rope_len(&r->rope), pos = r->s.base_pos;
    return put_view(r, view, pos < total ? rv_min_u64(view->len, total - pos) : 0);
}

enum rove_status rove_stream_erase(struct rove_stream *stream, uint64_t len)
{
    enum rove_status status;
    struct rv_rope_stream *r = rv_rope_stream_ready(stream, &status);
    if (!r)
        return status;
    uint64_t pos = r->s.base_pos;
    if (!rv_within(pos, len, rove_rope_len(&r->rope)))
        return ROVE_E_RANGE;
    rv_stream_enter(&r->s);
    status = rv_stream_note(&r->s, rv_stream_leave(&r->s, rove_rope_erase(&r->rope, pos, len)));
    if (status == ROVE_OK)
        rv_rope_stream_shift(r, pos, len, 0);
    return status;
}

// hand out --------------------------------------------------------------------------------------

enum rove_status rove_stream_snapshot(struct rove_stream *stream, struct rove_view *view_out)
{
    if (!view_out)
        return ROVE_E_ARG;
    enum rove_status status;
    memset(view_out, 0, sizeof *view_out);
    struct rv_rope_stream *r = rv_rope_stream_ready(stream, &status);
    return r ? rv_stream_note(&r->s, rove_rope_view(&r->rope, 0, rove_rope_len(&r->rope), view_out)) : status;
}

enum rove_status rove_stream_read_view(struct rove_stream *stream, uint64_t len,
                                       struct rove_view *view_out)
{
    if (!view_out)
        return ROVE_E_ARG;
    enum rove_status status;
    memset(view_out, 0, sizeof *view_out);
    struct rv_rope_stream *r = rv_rope_stream_ready(stream, &status);
    if (!r)
        return status;
    uint64_t total = rove_rope_len(&r->rope), pos = rv_min_u64(r->s.base_pos, total);
    uint64_t got = rv_min_u64(len, total - pos);
    status = rv_stream_note(&r->s, rove_rope_view(&r->rope, pos, got, view_out));
    if (status)
        return status;
    r->s.base_pos += got;
    return got < len ? ROVE_END : ROVE_OK;
}

enum rove_status rove_stream_clone_rope(struct rove_stream *stream, struct rove_rope *rope_out)
{
    if (!rope_out)
        return ROVE_E_ARG;
    enum rove_status status;
    memset(rope_out, 0, sizeof *rope_out);
    struct rv_rope_stream *r = rv_rope_stream_ready(stream, &status);
    if (r)
        rove_rope_clone(rope_out, &r->rope);
    return status;
}

enum rove_status rove_stream_steal(struct rove_stream *stream, struct rove_rope *rope_out)
{
    if (!rope_out)
        return ROVE_E_ARG;
    enum rove_status status;
    memset(rope_out, 0, sizeof *rope_out);
    struct rv_rope_stream *r = rv_rope_stream_ready(stream, &status);
    if (!r)
        return status;
    rv_holes_drop(&r->holes, r->s.pool);
    rove_rope_move(rope_out, &r->rope);
    r->s.base_pos = 0;
    return ROVE_OK;
}

enum rove_status rove_stream_flatten(struct rove_stream *stream, const uint8_t **ptr_out,
                                     size_t *len_out)
{
    if (!ptr_out || !len_out)
        return ROVE_E_ARG;
    enum rove_status status;
    *ptr_out = NULL;
    *len_out = 0;
    struct rv_rope_stream *r = rv_rope_stream_ready(stream, &status);
    if (!r)
        return status;
    rv_stream_enter(&r->s);
    status = rv_stream_note(&r->s, rv_stream_leave(&r->s, rove_rope_flatten(&r->rope, ptr_out)));
    if (status == ROVE_OK)
        *len_out = (size_t) rove_rope_len(&r->rope);
    return status;
}

enum rove_status rove_stream_to_memory(struct rove_stream *stream, char **ptr_out, size_t *len_out)
{
    if (!ptr_out)
        return ROVE_E_ARG;
    enum rove_status status;
    *ptr_out = NULL;
    if (len_out)
        *len_out = 0;
    struct rv_rope_stream *r = rv_rope_stream_ready(stream, &status);
    if (!r)
        return status;
    uint64_t len = rove_rope_len(&r->rope);
    if (len >= SIZE_MAX)
        return ROVE_E_RANGE;
    char *ptr = malloc((size_t) len + 1);
    if (!ptr)
        return ROVE_E_NOMEM;
    status = rv_stream_note(&r->s, rove_rope_read(&r->rope, 0, ptr, (size_t) len, NULL));
    if (status) {
        free(ptr);
        return status;
    }
    ptr[len] = '\0';
    *ptr_out = ptr;
    if (len_out)
        *len_out = (size_t) len;
    return ROVE_OK;
}

enum rove_status rove_stream_split(struct rove_stream *stream, struct rove_stream **right_out)
{
    if (!right_out)
        return ROVE_E_ARG;
    enum rove_status status;
    *right_out = NULL;
    struct rv_rope_stream *r = rv_rope_stream_ready(stream, &status);
    if (!r)
        return status;
    uint64_t at = rv_min_u64(r->s.base_pos, rove_rope_len(&r->rope));
    struct rove_rope rest;
    struct rove_stream *right;
    status = rv_stream_note(&r->s, rove_stream_new(r->s.pool, &right));
    if (status)
        return status;
    status = rv_stream_note(&r->s, rove_rope_split(&r->rope, at, &rest));
    if (status) {
        rove_stream_free(right);
    } else {
        struct rv_rope_stream *to = rv_rope_stream(rv_stream(right));
        rove_rope_fini(&to->rope);
        rove_rope_move(&to->rope, &rest);
        rv_holes_split(&r->holes, r->s.pool, at, &to->holes);
        *right_out = right;
    }
    rove_rope_fini(&rest);
    return status;
}

enum rove_status rove_stream_reset(struct rove_stream *stream)
{
    if (!stream)
        return ROVE_E_ARG;
    struct rv_stream *s = rv_stream(stream);
    struct rv_rope_stream *r = rv_rope_stream(s);
    if (!r)
        return s->closed ? ROVE_E_CLOSED : ROVE_E_UNSUPPORTED;
    if (s->busy)
        return ROVE_E_STATE;
    rv_stream_rope(s); // for the window that is dropped
    rv_stream_enter(s);
    if (s->closed)
        rv_rope_begin_held(&r->rope, s->pool);
    else
        rove_rope_clear(&r->rope);
    rv_stream_leave(s, ROVE_OK);
    rv_holes_drop(&r->holes, r->s.pool);
    rv_window_open(s, NULL, 0);
    s->closed = s->staged = false;
    s->reserved = NULL;
    rove_stream_clear_error(stream);
    return ROVE_OK;
}
