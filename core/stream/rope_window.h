// SPDX-License-Identifier: MIT
// rope_window.h: the stream over a rope of its own, and its window.
#ifndef RV_ROPE_WINDOW_H
#define RV_ROPE_WINDOW_H

#include "rope/front.h"
#include "stream/hole.h"
#include "stream/stream.h"

// What the window that is open shows (rv_stream.showing).
enum {
    RV_SHOWS_NONE,
    RV_SHOWS_AWAKE,  // a slice of the tree, of a chunk that never sleeps
    RV_SHOWS_OWN,    // likewise, which may be written
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
        unsigned ahead; // awake, for writing: how many were opened so, one after the other, before anybody wrote
        struct rv_chunk *lent;
        uint8_t *piece;
        uint8_t shown[8]; // the first of those that are copied; more at the stream's end (shown_len)
    };
};

// Tells the rope what was written through the window, which stays open.
static inline void rv_rope_window_settle(struct rv_rope_stream *r)
{
    if (r->s.showing != RV_SHOWS_TAIL)
        return;
    const struct rove_stream *win = &r->s.win;
    uint8_t *high = win->cur > win->rend ? win->cur : win->rend;
    if (high > r->rope.cur)
        r->rope.cur = high;
}

// Of the device's table.
enum rove_status rv_rope_window_drop(struct rv_stream *s);
enum rove_status rv_rope_window_fill(struct rv_stream *s);
enum rove_status rv_rope_window_read(struct rv_stream *s, void *buf, size_t len, size_t *len_out);
enum rove_status rv_rope_window_room(struct rv_stream *s, size_t want);
enum rove_status rv_rope_window_seek(struct rv_stream *s, uint64_t pos);

// Opens a window on the tail, in which the position is. There is none.
void rv_rope_window_show_tail(struct rv_rope_stream *r);

// Opens a window for appending if the position is at the rope's end and there is room. There is none.
void rv_rope_window_reopen(struct rv_rope_stream *r);

// With a window on the tail: erases the first len bytes of the rope if that window stays where it is: bytes of a longer
// first slice of the tree, or bytes of the tail before the cursor. *at_out: where they lay, as of rv_front_drop_at_once().
static inline bool rv_rope_window_erase_at_once(struct rv_rope_stream *r, uint64_t len, const uint8_t **at_out)
{
    struct rove_rope *rope = &r->rope;
    struct rv_stream *s = &r->s;
    RV_ASSERT(s->showing == RV_SHOWS_TAIL);
    if (RV_UNLIKELY(!len))
        return false;
    if (RV_UNLIKELY(!rope->root)) {
        rv_rope_window_settle(r);
        const uint8_t *at = rope->base;
        if (len >= (uint64_t) (s->win.cur - at))
            return false;
        rope->base += len;
        s->base = s->base > rope->base ? s->base : rope->base;
        s->base_pos = (uint64_t) (s->base - rope->base);
        *at_out = at;
        return true;
    }
    if (RV_UNLIKELY(!rv_front_drop_at_once(rope, len, at_out)))
        return false;
    s->base_pos -= len;
    return true;
}

// Likewise, where that is all there is, the tail and nothing else, and the cursor is at its end.
const uint8_t *rv_rope_window_empty_at_once(struct rv_rope_stream *r, uint64_t len);

// Erases the first len bytes of the rope, copied to buf before if that is not NULL: so many there must be then. The cursor
// keeps its byte, or is 0 when that is gone. A window on the tail stays where the tail does.
enum rove_status rv_rope_window_erase_front(struct rv_rope_stream *r, void *buf, uint64_t len);

// Writes over old bytes at the position, if they are the rope's alone and in one slice, by a window that stays open;
// else there is none afterwards.
bool rv_rope_window_over(struct rv_rope_stream *r, const uint8_t *src, size_t len);

#endif
