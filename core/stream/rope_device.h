// SPDX-License-Identifier: MIT
// rope_device.h: the stream over a rope of its own.
#ifndef RV_ROPE_DEVICE_H
#define RV_ROPE_DEVICE_H

#include "stream/hole.h"
#include "stream/stream.h"

// What the window that is open shows (rv_stream.showing).
enum {
    RV_SHOWS_NONE,
    RV_SHOWS_AWAKE,  // a slice of the tree, of a chunk that never sleeps
    RV_SHOWS_TAIL,   // the tail: what was written lengthens the rope
    RV_SHOWS_LENT,   // a slice of the tree, of a chunk that is kept awake for it
    RV_SHOWS_PIECE,  // a copy: of a piece of one that sleeps
    RV_SHOWS_COPIED, // … of some bytes of one that cannot be kept awake
};

struct rv_rope_stream {
    struct rv_stream s;
    struct rove_rope rope;
    struct rv_holes holes;
    union { // by what the window shows
        struct rv_chunk *lent;
        uint8_t *piece;
        uint8_t shown[8]; // the first of those that are copied; more at the stream's end (shown_len)
    };
};

// The stream as one over a rope, or NULL.
struct rv_rope_stream *rv_rope_stream(struct rv_stream *s);

// The rope under a stream over one, its window dropped; NULL for any other device, or when it is closed.
struct rove_rope *rv_stream_rope(struct rv_stream *s);

// Like rv_stream_rope(), with the checks that every call makes: closed, other device. The rope's
// stream, or NULL and a status.
struct rv_rope_stream *rv_rope_stream_ready(struct rove_stream *stream, enum rove_status *why_out);

// Opens a window for appending if the position is at the rope's end and there is room.
void rv_rope_stream_reopen(struct rv_rope_stream *r);

// Keeps the holes right: del bytes at off became len others.
static inline void rv_rope_stream_shift(struct rv_rope_stream *r, uint64_t off, uint64_t del,
                                        uint64_t len)
{
    if (r->holes.first)
        rv_holes_shift(&r->holes, r->s.pool, off, del, len);
}

#endif
