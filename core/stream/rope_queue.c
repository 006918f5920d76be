// SPDX-License-Identifier: MIT
// rope_queue.c: a stream over a rope as a queue: written at its end, where the window stays, taken from at its front.
#include "stream/rope_device.h"

#include "base/given.h"

// Leaves the window that is open, as far as it shows what stays.
static RV_LONG_WAY enum rove_status drop_any(struct rv_rope_stream *r, uint64_t len)
{
    if (!r->holes.ids && rv_rope_window_empty_at_once(r, len))
        return ROVE_OK;
    enum rove_status status = rv_rope_window_erase_front(r, len);
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
    return RV_LIKELY(!r->holes.ids && rv_rope_window_erase_at_once(r, len)) ? ROVE_OK : drop_any(r, len);
}

static RV_LONG_WAY enum rove_status take_any(struct rove_stream *stream, void *buf, size_t len,
                                             size_t *len_out)
{
    size_t n = 0;
    if (len_out)
        *len_out = 0;
    if (!stream || rv_lacks(buf, len))
        return ROVE_E_ARG;
    struct rv_stream *s = rv_stream(stream);
    enum rove_status status = rv_stream_ready(s), dropped = ROVE_OK;
    if (status)
        return status;
    struct rv_rope_stream *r = rv_rope_stream(s);
    if (!r)
        return ROVE_E_UNSUPPORTED;
    const uint8_t *all = r->holes.ids || !buf ? NULL : rv_rope_window_empty_at_once(r, len);
    if (all) {
        rove_copy_run(buf, all, len);
        if (len_out)
            *len_out = len;
        return ROVE_OK;
    }
    status = rove_stream_pread(stream, 0, buf, len, &n);
    if (status >= 0 && n)
        dropped = drop_any(r, n);
    if (dropped)
        return dropped;
    if (len_out && status >= 0)
        *len_out = n;
    return status;
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
