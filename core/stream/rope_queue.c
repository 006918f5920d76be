// SPDX-License-Identifier: MIT
// rope_queue.c: a stream over a rope as a queue: written at its end, where the window stays, taken from at its front.
#include "stream/rope_device.h"

#include "base/given.h"

// Drops the first bytes, which are copied out first where there is a place for them. Leaves the window that is open, as
// far as it shows what stays.
static RV_LONG_WAY enum rove_status drop_any(struct rv_rope_stream *r, void *buf, uint64_t len)
{
    if (!r->holes.ids) {
        const uint8_t *all = rv_rope_window_empty_at_once(r, len);
        if (all && buf)
            rove_copy_run(buf, all, (size_t) len);
        if (all)
            return ROVE_OK;
    }
    enum rove_status status = rv_rope_window_erase_front(r, buf, len);
    if (status == ROVE_OK)
        rv_rope_stream_shift(r, 0, len, 0);
    return status;
}

enum rove_status rove_stream_drop_front(struct rove_stream *stream, uint64_t len)
{
    struct rv_stream *s = rv_stream(stream);
    enum rove_status status = rv_stream_ready(s);
    if (status)
        return status;
    struct rv_rope_stream *r = rv_rope_stream(s);
    if (!r)
        return ROVE_E_UNSUPPORTED;
    const uint8_t *at;
    bool gone = s->showing == RV_SHOWS_TAIL && !r->holes.ids && rv_rope_window_erase_at_once(r, len, &at);
    return RV_LIKELY(gone) ? ROVE_OK : drop_any(r, NULL, len);
}

static RV_LONG_WAY enum rove_status take_any(struct rove_stream *stream, void *buf, size_t len,
                                             size_t *len_out)
{
    if (len_out)
        *len_out = 0;
    if (!stream || rv_lacks(buf, len))
        return ROVE_E_ARG;
    struct rv_stream *s = rv_stream(stream);
    enum rove_status status = rv_stream_ready(s);
    if (status)
        return status;
    struct rv_rope_stream *r = rv_rope_stream(s);
    if (!r)
        return ROVE_E_UNSUPPORTED;
    rv_rope_window_settle(r);
    size_t n = rv_clamp(rove_rope_len(&r->rope), len);
    if (n)
        status = drop_any(r, buf, n);
    if (len_out && status == ROVE_OK)
        *len_out = n;
    return status == ROVE_OK && n < len ? ROVE_END : status;
}

enum rove_status rove_stream_take(struct rove_stream *stream, void *buf, size_t len, size_t *len_out)
{
    struct rv_stream *s = rv_stream(stream);
    if (RV_UNLIKELY(!s || s->showing != RV_SHOWS_TAIL || s->busy || s->error || !buf ||
                    rv_switch_is_on(&rv_chunks_sleep)))
        return take_any(stream, buf, len, len_out);
    RV_ASSERT(rv_rope_stream(s) && !s->closed); // no other device shows anything, nor one that is closed
    struct rv_rope_stream *r = (struct rv_rope_stream *) (void *) s;
    const uint8_t *at;
    if (RV_UNLIKELY(r->holes.ids || !rv_rope_window_erase_at_once(r, len, &at)))
        return take_any(stream, buf, len, len_out);
    if (len_out)
        *len_out = len;
    rove_copy_run(buf, at, len);
    return ROVE_OK;
}
