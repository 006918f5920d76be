// SPDX-License-Identifier: MIT
// hole_ops.c: bytes reserved now and filled later.
#include "stream/rope_device.h"

#include <rove/view.h>

#include "base/atomic.h"
#include "base/given.h"

#include <string.h>

// Ids are the process's, so that a hole stays itself when its bytes move to another stream.
static rv_figure last_id;

enum rove_status rove_stream_hole(struct rove_stream *stream, size_t len,
                                  struct rove_hole *hole_out)
{
    if (!hole_out)
        return ROVE_E_ARG;
    enum rove_status status;
    *hole_out = (struct rove_hole){0, 0};
    struct rv_rope_stream *r = rv_rope_stream_ready(stream, &status);
    if (!r)
        return status;
    if (!len)
        return ROVE_E_ARG;
    struct rove_rope zeros;
    struct rove_view view;
    uint64_t pos = r->s.base_pos;
    struct rv_hole *hole = rv_pool_alloc(r->s.pool, sizeof *hole, &status);
    if (!hole)
        return rv_stream_note(&r->s, status);
    memset(&view, 0, sizeof view);
    rove_rope_init(&zeros, r->s.pool);
    status = rv_stream_note(&r->s, rove_rope_append_zeros(&zeros, len));
    if (status == ROVE_OK)
        status = rv_stream_note(&r->s, rove_rope_view(&zeros, 0, len, &view));
    if (status == ROVE_OK)
        status = rove_stream_write_view(stream, &view);
    rove_view_fini(&view);
    rove_rope_fini(&zeros);
    if (status) {
        rv_pool_free(r->s.pool, hole, sizeof *hole);
        return status;
    }
    hole->id = rv_figure_add(&last_id, 1);
    hole->len = len;
    rv_holes_add(&r->holes, hole, pos);
    *hole_out = (struct rove_hole){hole->id, len};
    rv_rope_window_reopen(r);
    return ROVE_OK;
}

// An open hole of a stream that can be used; NULL and why not. The window stays as it is.
static struct rv_hole *open_hole(struct rove_stream *stream, struct rove_hole hole,
                                 enum rove_status *why_out)
{
    *why_out = stream ? rv_stream_ready(rv_stream(stream)) : ROVE_E_ARG;
    if (*why_out)
        return NULL;
    struct rv_rope_stream *r = rv_rope_stream(rv_stream(stream));
    struct rv_hole *open = r ? rv_holes_find(&r->holes, hole.id) : NULL;
    if (!open)
        *why_out = r ? ROVE_E_STATE : ROVE_E_UNSUPPORTED;
    return open;
}

static void forget(struct rove_stream *stream, struct rv_hole *hole)
{
    struct rv_rope_stream *r = rv_rope_stream(rv_stream(stream));
    rv_holes_forget(&r->holes, hole, r->s.pool);
}

enum rove_status rove_stream_fill(struct rove_stream *stream, struct rove_hole hole,
                                  const void *src, size_t len)
{
    if (rv_lacks(src, len))
        return ROVE_E_ARG;
    enum rove_status status;
    struct rv_hole *open = open_hole(stream, hole, &status);
    if (!open)
        return status;
    if (len != open->len)
        return ROVE_E_ARG;
    status = rove_stream_pwrite(stream, rv_hole_off(open), src, len);
    if (status == ROVE_OK)
        forget(stream, open);
    return status;
}

enum rove_status rove_stream_forget(struct rove_stream *stream, struct rove_hole hole)
{
    enum rove_status status;
    struct rv_hole *open = open_hole(stream, hole, &status);
    if (open)
        forget(stream, open);
    return status;
}

enum rove_status rove_stream_hole_off(struct rove_stream *stream, struct rove_hole hole,
                                      uint64_t *off_out)
{
    if (!off_out)
        return ROVE_E_ARG;
    enum rove_status status;
    struct rv_hole *open = open_hole(stream, hole, &status);
    *off_out = open ? rv_hole_off(open) : 0;
    return status;
}
