// SPDX-License-Identifier: MIT
// rope_device.h: the stream over a rope of its own.
#ifndef RV_ROPE_DEVICE_H
#define RV_ROPE_DEVICE_H

#include "rope/read.h"
#include "stream/stream.h"

// A hole that is not filled yet, and all of whose bytes are there (hole.c).
struct rv_hole {
    struct rv_hole *next;
    uint64_t id, off, len;
};

struct rv_rope_stream {
    struct rv_stream s;
    struct rove_rope rope;
    struct rv_chunk *pinned; // chunk of a window in the tree, or NULL
    bool lent;               // that was lent to it
    bool in_tail;            // the window lies in the tail: what was written lengthens the rope
    struct rv_hole *holes;   // newest first
    uint8_t *piece;          // room for a piece of what sleeps (asleep.h), or NULL
    uint8_t shown[RV_SHOWN_LEN]; // what a window shows of a chunk that must not stay pinned
};

// The stream as one over a rope, or NULL.
struct rv_rope_stream *rv_rope_stream(struct rv_stream *s);

// Like rv_stream_rope(), with the checks that every call makes: closed, other device. The rope's
// stream, or NULL and a status.
struct rv_rope_stream *rv_rope_stream_ready(struct rove_stream *stream, enum rove_status *why_out);

// Opens a window for appending if the position is at the rope's end and there is room.
void rv_rope_stream_reopen(struct rv_rope_stream *r);

// Keeps the holes right: del bytes at off became len others. drop: forget all holes.
void rv_holes_shift(struct rv_rope_stream *r, uint64_t off, uint64_t del, uint64_t len);
void rv_holes_drop(struct rv_rope_stream *r);
// Moves the holes at or past off to another stream, whose content those bytes became.
void rv_holes_split(struct rv_rope_stream *left, struct rv_rope_stream *right, uint64_t off);

#endif
