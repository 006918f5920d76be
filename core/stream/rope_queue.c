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
    return RV_LIKELY(!r->holes.ids && rv_rope_window_erase_at_once(r, len)) ? ROVE_OK : drop_any(r, NULL, len);
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
    if (RV_UNLIKELY(rv_stream_ready(s) != ROVE_OK || !buf || rv_switch_is_on(&rv_chunks_sleep)))
        return take_any(stream, buf, len, len_out);
    struct rv_rope_stream *r = rv_rope_stream(s);
    const uint8_t *at = RV_LIKELY(r && !r->holes.ids) ? rv_rope_window_erase_at_once(r, len) : NULL;
    if (RV_UNLIKELY(!at))
        return take_any(stream, buf, len, len_out);
    if (len_out)
        *len_out = len;
    rove_copy_run(buf, at, len);
    return ROVE_OK;
}
