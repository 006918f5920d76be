// SPDX-License-Identifier: MIT
// rope_window.c: windows on a rope.
//
// A window lies in one slice: of the tree, or the tail. In the tail all of it may be written or none:
// a tail of which others see the front has two windows, a read-only one up to the floor and one from
// there on. What was appended through the window is in the rope once the window is dropped.
//
// In the tree a window is for reading: nobody's count of holders is looked at for it, for which a reader
// at random places would wait. The first write asks, and opens it for writing where the bytes are the
// rope's alone.
#include "stream/rope_window.h"

#include "base/arith.h"
#include "chunk/through.h"
#include "rope/read.h"
#include "rope/tail.h"
#include "stream/asleep.h"

#include <string.h>

_Static_assert(sizeof(struct rv_rope_stream) <= 192, "a small stream fills a block");

static struct rv_rope_stream *self(struct rv_stream *s)
{
    return (struct rv_rope_stream *) (void *) s;
}

// Gives back what the window stood on.
static RV_LONG_WAY void give_back(struct rv_rope_stream *r)
{
    if (r->s.showing == RV_SHOWS_LENT) {
        rv_chunk_unlend(r->lent);
        rv_chunk_unpin(r->lent);
    } else if (r->s.showing == RV_SHOWS_PIECE) {
        rv_through_unlend(r->s.pool, r->piece);
    }
}

// Tells the rope what was written, too.
static inline void close_window(struct rv_rope_stream *r)
{
    if (r->s.showing == RV_SHOWS_TAIL)
        rv_rope_window_settle(r);
    else if (r->s.showing > RV_SHOWS_TAIL)
        give_back(r);
    r->s.showing = RV_SHOWS_NONE;
}

// Who drops it may put other bytes where room was reserved in it.
enum rove_status rv_rope_window_drop(struct rv_stream *s)
{
    close_window(self(s));
    rv_window_none(s);
    if (!s->staged)
        s->reserved = NULL;
    return ROVE_OK;
}

// opening ---------------------------------------------------------------------------------------

static inline void open_tail(struct rv_rope_stream *r, uint64_t pos)
{
    struct rove_rope *rope = &r->rope;
    uint8_t *at = rope->base + (pos - rope->tree_len);
    uint8_t *floor = rope->tail->data + rope->floor;
    bool claimed = rope->end != rope->cur;
    r->s.showing = RV_SHOWS_TAIL;
    if (rv_chunk_mine(rope->tail)) {
        rv_window_open(&r->s, rope->base, rope->tree_len);
        r->s.win.wend = claimed ? rope->end : rope->cur;
        r->s.win.rend = rope->cur;
    } else if (claimed && at >= floor && rope->cur >= floor) {
        uint8_t *base = floor > rope->base ? floor : rope->base;
        rv_window_open(&r->s, base, rope->tree_len + (uint64_t) (base - rope->base));
        r->s.win.wend = rope->end;
        r->s.win.rend = rope->cur;
    } else {
        rv_window_open(&r->s, rope->base, rope->tree_len);
        r->s.win.rend = claimed && floor < rope->cur ? floor : rope->cur;
    }
    r->s.win.cur = at;
}

void rv_rope_window_show_tail(struct rv_rope_stream *r)
{
    open_tail(r, r->s.base_pos);
}

// Opens a window for reading on a slice of the tree, in which the position was found. Field by field: no rope's stream is
// `fixed`, and to load that with `showing`, beside which it lies and which was just stored, would take a dozen cycles.
static inline void open_slice(struct rv_rope_stream *r, const struct rv_found *found, uint64_t pos,
                              uint8_t showing)
{
    uint8_t *first = found->leaf->at[found->i], *at = first + (found->ptr - first);
    r->s.base = r->s.win.wend = first;
    r->s.base_pos = pos - (uint64_t) (at - first);
    r->s.win.cur = at;
    r->s.win.rend = at + found->len;
    r->s.showing = showing;
}

// Likewise, in a chunk that is pinned; false where it cannot stay so.
static bool open_lent(struct rv_rope_stream *r, const struct rv_found *found, uint64_t pos)
{
    struct rv_chunk *chunk = rv_slice_chunk(found->leaf, found->i);
    if (!rv_chunk_lend(chunk))
        return false;
    open_slice(r, found, pos, RV_SHOWS_LENT);
    r->lent = chunk;
    return true;
}

// How much of a chunk that cannot stay awake can be shown.
static size_t shown_most(const struct rv_stream *s)
{
    return rv_stream_len(s->dev, s->pool) - offsetof(struct rv_rope_stream, shown);
}

static void open_copy(struct rv_rope_stream *r, const struct rv_found *found, uint64_t pos)
{
    uint8_t *shown = (uint8_t *) r + offsetof(struct rv_rope_stream, shown);
    size_t len = rv_clamp(found->len, shown_most(&r->s));
    memcpy(shown, found->ptr, len);
    rv_window_open(&r->s, shown, pos);
    r->s.win.rend += len;
    r->s.showing = RV_SHOWS_COPIED;
}

// Opens a window on a piece of a chunk that sleeps; ROVE_END where it does not, or there is no room.
static enum rove_status open_piece(struct rv_rope_stream *r, const struct rv_found *found)
{
    enum rove_status status = rv_asleep_open(&r->s, found, &r->piece);
    if (status == ROVE_OK)
        r->s.showing = RV_SHOWS_PIECE;
    return status;
}

// Opens a window for reading, if it takes no more than finding the place.
static inline void open_at_once(struct rv_rope_stream *r, uint64_t pos)
{
    const struct rove_rope *rope = &r->rope;
    if (RV_LIKELY(pos < rope->tree_len && !rv_switch_is_on(&rv_chunks_sleep))) {
        struct rv_found found = rv_byte_find(rope->root, pos);
        open_slice(r, &found, pos, RV_SHOWS_AWAKE);
        return;
    }
    rv_window_open(&r->s, NULL, pos);
    if (pos >= rope->tree_len && pos < rove_rope_len(rope))
        rv_rope_window_show_tail(r);
    else
        rv_rope_window_reopen(r);
}

void rv_rope_window_reopen(struct rv_rope_stream *r)
{
    struct rove_rope *rope = &r->rope;
    if (rope->end > rope->cur && r->s.base_pos == rove_rope_len(rope))
        open_tail(r, r->s.base_pos);
}

enum rove_status rv_rope_window_fill(struct rv_stream *s)
{
    struct rv_rope_stream *r = self(s);
    uint64_t pos = rv_stream_pos(s);
    close_window(r);
    open_at_once(r, pos);
    if (s->win.rend > s->win.cur)
        return ROVE_OK;
    if (pos >= r->rope.tree_len)
        return ROVE_END;
    struct rv_found found = rv_byte_find(r->rope.root, pos);
    enum rove_status status = open_piece(r, &found);
    if (status != ROVE_END)
        return rv_stream_note(s, status);
    struct rv_chunk *chunk = rv_slice_chunk(found.leaf, found.i);
    status = rv_stream_note(s, rv_chunk_pin(chunk));
    if (status || open_lent(r, &found, pos))
        return status;
    open_copy(r, &found, pos);
    rv_chunk_unpin(chunk);
    return ROVE_OK;
}

// Gives the caller all that is wanted of a chunk that sleeps, or cannot stay awake, so that it is woken
// once at most for it. Elsewhere nothing: the bytes are in the window.
enum rove_status rv_rope_window_read(struct rv_stream *s, void *buf, size_t len, size_t *len_out)
{
    struct rv_rope_stream *r = self(s);
    uint64_t pos = s->base_pos;
    *len_out = 0;
    if (!rv_switch_is_on(&rv_chunks_sleep) || len <= shown_most(s) || pos >= r->rope.tree_len)
        return ROVE_OK;
    struct rv_found found = rv_byte_find(r->rope.root, pos);
    bool little = s->pool->spill && len < s->pool->spill->piece_len;
    enum rove_status status = little ? open_piece(r, &found) : ROVE_END;
    if (status == ROVE_END) {
        status = rv_asleep_read(s, &found, buf, &len);
        *len_out = status == ROVE_OK ? len : 0;
    }
    if (status != ROVE_END)
        return rv_stream_note(s, status);
    struct rv_chunk *chunk = rv_slice_chunk(found.leaf, found.i);
    status = rv_stream_note(s, rv_chunk_pin(chunk));
    if (status || open_lent(r, &found, pos))
        return status;
    *len_out = rv_clamp(found.len, len);
    memcpy(buf, found.ptr, *len_out);
    rv_chunk_unpin(chunk);
    s->base_pos += *len_out;
    return ROVE_OK;
}

#define RV_AHEAD_MOST 31u // windows

// Opens a window for writing on old bytes, len of them at least, if they are the rope's alone.
static inline bool open_own(struct rv_rope_stream *r, uint64_t pos, uint64_t len)
{
    if (pos >= r->rope.tree_len)
        return false;
    struct rv_found found = rv_own_find(r->rope.root, pos);
    if (!found.ptr || len > found.len)
        return false;
    open_slice(r, &found, pos, RV_SHOWS_OWN);
    r->s.win.wend = r->s.win.rend;
    return true;
}

// Likewise where chunks sleep: false, too, if theirs cannot be kept awake for it.
static RV_LONG_WAY bool open_own_lent(struct rv_rope_stream *r, uint64_t pos, uint64_t len)
{
    if (pos >= r->rope.tree_len)
        return false;
    struct rv_found found = rv_own_find(r->rope.root, pos);
    if (!found.ptr || len > found.len)
        return false;
    struct rv_chunk *chunk = rv_slice_chunk(found.leaf, found.i);
    if (rv_chunk_pin(chunk) != ROVE_OK)
        return false;
    bool lent = open_lent(r, &found, pos);
    if (lent) {
        rv_chunk_touch(chunk);
        r->s.win.wend = r->s.win.rend;
    } else {
        rv_chunk_unpin(chunk);
    }
    return lent;
}

bool rv_rope_window_over(struct rv_rope_stream *r, const uint8_t *src, size_t len)
{
    uint64_t pos = rv_stream_pos(&r->s);
    close_window(r);
    bool sleeps = rv_switch_is_on(&rv_chunks_sleep);
    if (RV_UNLIKELY(!(sleeps ? open_own_lent(r, pos, len) : open_own(r, pos, len)))) {
        rv_window_open(&r->s, NULL, pos);
        return false;
    }
    if (!sleeps)
        r->ahead = 0;
    uint8_t *cur = r->s.win.cur;
    memmove(cur, src, len);
    r->s.win.cur = cur + len;
    return true;
}

enum rove_status rv_rope_window_room(struct rv_stream *s, size_t want)
{
    struct rv_rope_stream *r = self(s);
    rv_rope_window_drop(s);
    uint64_t len = rove_rope_len(&r->rope);
    if (s->base_pos != len)
        return ROVE_END; // over old bytes, of which commit may leave some; or behind a gap
    uint8_t *ptr;
    size_t got;
    enum rove_status status = rv_stream_note(s, rove_rope_reserve(&r->rope, want, &ptr, &got));
    if (status == ROVE_OK)
        open_tail(r, s->base_pos);
    return status;
}

// moving ------------------------------------------------------------------------------------------

static RV_LONG_WAY enum rove_status seek_any(struct rv_rope_stream *r, uint64_t pos)
{
    close_window(r);
    open_at_once(r, pos);
    return ROVE_OK;
}

// Who wrote at the last place will write at the next, as a rule: the window is opened for it, so that the write is
// inline. Whether it was written in is not seen, so only so many times in a row, after which there is none: who reads by
// then has one for reading from there on.
static enum rove_status seek_to_write(struct rv_rope_stream *r, uint64_t pos)
{
    if (RV_LIKELY(r->ahead < RV_AHEAD_MOST && open_own(r, pos, 1))) {
        r->ahead++;
        return ROVE_OK;
    }
    r->s.showing = RV_SHOWS_NONE;
    rv_window_open(&r->s, NULL, pos);
    return ROVE_OK;
}

static RV_LONG_WAY enum rove_status seek_ragged(struct rv_rope_stream *r, uint64_t pos)
{
    struct rv_found found = rv_byte_find(r->rope.root, pos);
    open_slice(r, &found, pos, RV_SHOWS_AWAKE);
    return ROVE_OK;
}

// A window in the tree has nothing to give back. What sleeps is not woken by a seek.
enum rove_status rv_rope_window_seek(struct rv_stream *s, uint64_t pos)
{
    struct rv_rope_stream *r = self(s);
    if (RV_UNLIKELY(pos >= r->rope.tree_len || rv_switch_is_on(&rv_chunks_sleep)))
        return seek_any(r, pos);
    if (s->showing > RV_SHOWS_AWAKE)
        return s->showing == RV_SHOWS_OWN ? seek_to_write(r, pos) : seek_any(r, pos);
    if (RV_UNLIKELY(r->rope.root->grid == RV_RAGGED))
        return seek_ragged(r, pos);
    struct rv_found found = rv_grid_find(r->rope.root, pos, false);
    open_slice(r, &found, pos, RV_SHOWS_AWAKE);
    return ROVE_OK;
}

const uint8_t *rv_rope_window_empty_at_once(struct rv_rope_stream *r, uint64_t len)
{
    struct rove_rope *rope = &r->rope;
    if (r->s.showing != RV_SHOWS_TAIL || rope->root || !len)
        return NULL;
    rv_rope_window_settle(r);
    const uint8_t *at = rope->base;
    if (r->s.win.cur != rope->cur || len != rv_tail_len(rope))
        return NULL;
    rv_tail_skip(rope, (size_t) len);
    open_tail(r, 0);
    return at;
}

enum rove_status rv_rope_window_erase_front(struct rv_rope_stream *r, void *buf, uint64_t len)
{
    struct rove_rope *rope = &r->rope;
    struct rv_stream *s = &r->s;
    uint64_t pos = rv_stream_pos(s);
    if (s->showing == RV_SHOWS_TAIL)
        rv_rope_window_settle(r);
    else
        rv_rope_window_drop(s);
    const struct rv_chunk *tail = rope->tail;
    const uint8_t *cur = rope->cur, *end = rope->end;
    struct rove_stream shown = rv_stream_hide(s);
    rv_stream_enter(s);
    enum rove_status status = buf ? rove_rope_take(rope, buf, (size_t) len, NULL) : rove_rope_erase(rope, 0, len);
    rv_stream_show(s, shown);
    if (rv_stream_note(s, rv_stream_leave(s, status)))
        return status;
    pos = pos > len ? pos - len : 0;
    if (s->showing == RV_SHOWS_TAIL && tail == rope->tail && cur == rope->cur &&
        end == rope->end && s->win.cur >= rope->base) {
        s->base = s->base > rope->base ? s->base : rope->base;
        s->base_pos = rope->tree_len + (uint64_t) (s->base - rope->base);
        return ROVE_OK;
    }
    s->showing = RV_SHOWS_NONE;
    rv_window_open(s, NULL, pos);
    rv_rope_window_reopen(r);
    return ROVE_OK;
}
