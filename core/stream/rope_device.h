// SPDX-License-Identifier: MIT
// rope_device.h: a rope as a device.
#ifndef RV_ROPE_DEVICE_H
#define RV_ROPE_DEVICE_H

#include "stream/rope_window.h"

extern const struct rv_device rv_rope_device RV_OURS;

// The stream as one over a rope, or NULL.
static inline struct rv_rope_stream *rv_rope_stream(struct rv_stream *s)
{
    return s->dev == &rv_rope_device ? (struct rv_rope_stream *) (void *) s : NULL;
}

// The rope under a stream over one, its window dropped; NULL for any other device, when it is closed, or inside one of its
// own calls, which has not done with the window yet.
struct rove_rope *rv_stream_rope(struct rv_stream *s);

// Like rv_stream_rope(), with the checks that every call makes: closed, other device. The rope's
// stream, or NULL and a status.
struct rv_rope_stream *rv_rope_stream_ready(struct rove_stream *stream, enum rove_status *why_out);

// Keeps the holes right: del bytes at off became len others.
static inline void rv_rope_stream_shift(struct rv_rope_stream *r, uint64_t off, uint64_t del,
                                        uint64_t len)
{
    if (r->holes.ids)
        rv_holes_shift(&r->holes, r->s.pool, off, del, len);
}

#endif
