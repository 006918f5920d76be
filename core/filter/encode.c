// SPDX-License-Identifier: MIT
// encode.c: the device whose content goes through a chain into a sink.
//
//     small writes ──> window tray ──(full, flush, close)──┐
//     large writes, whole blocks, borrowed ────────────────┴──> chain ──> sink
//
// Without a codec large writes go to the sink as they are, after the taps have looked at them.
//
// The window is as long as the block that the first codec likes, and is handed over when it is full:
// so the codec gets whole blocks however the writes were cut. What goes out is shared with a sink
// over a rope where that saves more than it costs, and written to it otherwise.
//
// `window.from … window.at` is what has been accepted and not yet taken by the layers. A sink that
// would block leaves it there.
#include "filter/encode.h"

#include <rove/view.h>

#include "base/arith.h"
#include "filter/along.h"
#include "filter/pump.h"
#include "stream/rope_device.h"

#include <string.h>

struct encoder {
    struct rv_chained c;
    struct rv_tray window;
    bool ending;   // the formats' ends are asked for
    bool finished; // and written
};

static struct encoder *self(struct rv_stream *s)
{
    return (struct encoder *) (void *) s;
}

// to the sink -----------------------------------------------------------------------------------

// Sharing keeps the whole chunk alive: only when at least half of it is used, or something else
// keeps it already.
static bool is_worth_sharing(const struct rv_piece *piece)
{
    if (!piece->chunk || piece->span.len <= ROVE_MERGE_LEN)
        return false;
    return piece->span.len >= piece->chunk->cap / 2 || !rv_tally_one(&piece->chunk->refs);
}

static enum rove_status put(struct rove_stream *sink, const struct rv_piece *piece)
{
    struct rv_chunk *chunk = piece->chunk;
    if (!is_worth_sharing(piece) || !rv_stream_rope(rv_stream(sink)))
        return rove_stream_write(sink, piece->span.ptr, piece->span.len);
    struct rove_view view = {.tail = chunk, // borrows our hold
                             .tail_at = (uint8_t *) (uintptr_t) piece->span.ptr,
                             .tail_len = piece->span.len,
                             .len = piece->span.len,
                             .pool = chunk->pool};
    return rove_stream_write_view(sink, &view);
}

static enum rove_status send(struct encoder *e)
{
    struct rv_stream *sink = rv_stream(e->c.other);
    struct rv_piece piece;
    enum rove_status status = rv_chain_output(e->c.chain, &piece);
    if (status)
        return rv_chained_fail(&e->c, status);
    uint64_t pos = rv_stream_pos(sink);
    status = put(e->c.other, &piece);
    uint64_t done = status ? rv_stream_pos(sink) - pos : piece.span.len;
    rv_chain_sent(e->c.chain, rv_clamp(done, piece.span.len));
    return status ? rv_chained_fail_other(&e->c, status) : ROVE_OK;
}

static enum rove_status run(struct encoder *e)
{
    for (;;) {
        enum rove_status status = rv_chain_pump(e->c.chain);
        if (status == ROVE_OK)
            status = send(e);
        else if (status == ROVE_E_AGAIN)
            return ROVE_OK;
        else
            return status == ROVE_END ? status : rv_chained_fail(&e->c, status);
        if (status)
            return status;
    }
}

// Pumps until all input is taken (ROVE_OK) or what was asked is done (ROVE_END).
static enum rove_status drive(struct encoder *e)
{
    rv_chained_enter(&e->c);
    return rv_stream_leave(&e->c.s, run(e));
}

// Hands the window's bytes to the layers.
static enum rove_status push(struct encoder *e)
{
    struct rv_chain *chain = e->c.chain;
    struct rv_tray *w = &e->window;
    chain->in = (struct rove_in){w->from, (size_t) (w->at - w->from)};
    chain->in_chunk = w->chunk;
    enum rove_status status = drive(e);
    w->from = w->ready = chain->in.len ? w->at - chain->in.len : w->at; // NULL has no offsets
    chain->in = (struct rove_in){NULL, 0};
    return status;
}

static enum rove_status push_asking(struct encoder *e, uint32_t act)
{
    rv_chain_ask(e->c.chain, act);
    enum rove_status status = push(e);
    return status == ROVE_END ? ROVE_OK : status;
}

// Feeds the first codec from the caller's memory. *done_out: bytes it took, also on failure.
static enum rove_status push_straight(struct encoder *e, const uint8_t *src, size_t len,
                                      size_t *done_out)
{
    struct rv_chain *chain = e->c.chain;
    chain->in = (struct rove_in){src, len};
    chain->in_chunk = NULL;
    enum rove_status status = drive(e);
    *done_out = len - chain->in.len;
    chain->in = (struct rove_in){NULL, 0};
    e->c.s.base_pos += *done_out;
    return status < 0 ? status : ROVE_OK;
}

// Without a codec: the taps see a piece before the sink takes it. What they have seen and it has not
// taken is kept in the window, so that nothing else can come in its place.
static enum rove_status push_seen(struct encoder *e, const uint8_t *src, size_t len,
                                  size_t *done_out)
{
    enum rove_status status = push_straight(e, src, len, done_out);
    size_t left = len - *done_out;
    if (left) {
        memcpy(e->window.at, src + *done_out, left);
        e->window.at += left;
        e->c.s.base_pos += left;
        *done_out = len;
    }
    return status;
}

// the window ------------------------------------------------------------------------------------

static enum rove_status refuse_if_ending(struct encoder *e)
{
    e->c.text[0] = 0;
    return e->ending ? rv_stream_fail(&e->c.s, ROVE_E_STATE) : ROVE_OK;
}

static enum rove_status drop(struct rv_stream *s)
{
    struct encoder *e = self(s);
    if (s->base)
        e->window.at = s->win.cur;
    rv_window_none(s);
    return ROVE_OK;
}

static void open_window(struct encoder *e)
{
    if (!rv_tray_room(&e->window))
        return;
    rv_window_open(&e->c.s, e->window.at, e->c.s.base_pos);
    e->c.s.win.wend = e->window.end;
}

// Makes room in the window's tray, which may mean handing its bytes on.
static enum rove_status make_room(struct encoder *e)
{
    struct rv_chain *chain = e->c.chain;
    enum rove_status status = rv_tray_room(&e->window) ? ROVE_OK : push(e);
    if (status < 0)
        return status;
    status = rv_tray_make_room(&e->window, &chain->means, rv_chain_in_len(chain), false);
    return status ? rv_chained_fail(&e->c, status) : ROVE_OK;
}

static enum rove_status room(struct rv_stream *s, size_t want)
{
    struct encoder *e = self(s);
    (void) want;
    enum rove_status status = refuse_if_ending(e);
    if (status)
        return status;
    drop(s);
    status = make_room(e);
    if (status == ROVE_OK)
        open_window(e);
    return status;
}

// writes ----------------------------------------------------------------------------------------

// Accepts some of a piece: whole blocks straight, the rest by the window. *done_out: how much.
static enum rove_status accept(struct encoder *e, const uint8_t *src, size_t len, size_t *done_out)
{
    size_t block = rv_chain_in_len(e->c.chain);
    *done_out = 0;
    enum rove_status status = rv_tray_room(&e->window) ? ROVE_OK : push(e);
    if (status < 0)
        return status;
    bool straight = e->window.from == e->window.at && len >= block;
    if (straight && e->c.chain->stage_cnt)
        return push_straight(e, src, len - len % block, done_out);
    status = make_room(e);
    if (status)
        return status;
    *done_out = rv_min_size(len, rv_tray_room(&e->window));
    if (straight)
        return push_seen(e, src, *done_out, done_out);
    memcpy(e->window.at, src, *done_out);
    e->window.at += *done_out;
    e->c.s.base_pos += *done_out;
    return ROVE_OK;
}

static enum rove_status write(struct rv_stream *s, const struct iovec *iov, size_t cnt,
                              uint64_t len)
{
    struct encoder *e = self(s);
    (void) len;
    enum rove_status status = drop(s);
    if (status == ROVE_OK)
        status = refuse_if_ending(e);
    for (size_t i = 0; i < cnt && status == ROVE_OK; i++) {
        const uint8_t *src = iov[i].iov_base;
        for (size_t left = iov[i].iov_len, n; left && status == ROVE_OK; src += n, left -= n)
            status = accept(e, src, left, &n);
    }
    if (status == ROVE_OK)
        open_window(e);
    return status;
}

// ends ------------------------------------------------------------------------------------------

static enum rove_status flush(struct rv_stream *s)
{
    struct encoder *e = self(s);
    enum rove_status status = refuse_if_ending(e);
    if (status == ROVE_OK)
        status = push_asking(e, ROVE_FLUSH);
    if (status)
        return status;
    rv_chained_enter(&e->c);
    status = rove_stream_flush(e->c.other);
    return rv_stream_leave(&e->c.s, status ? rv_chained_fail_other(&e->c, status) : ROVE_OK);
}

static enum rove_status finish(struct rv_stream *s)
{
    struct encoder *e = self(s);
    e->ending = true;
    enum rove_status status = e->finished ? ROVE_OK : push_asking(e, ROVE_FINISH);
    e->finished = status == ROVE_OK;
    return status ? status : rv_chained_finish_other(&e->c);
}

static enum rove_status close(struct rv_stream *s)
{
    struct encoder *e = self(s);
    enum rove_status status = rv_chained_end_other(&e->c);
    rv_tray_drop(&e->window, &e->c.chain->means);
    rv_chained_release(&e->c);
    return status;
}

static const struct rv_device device = {
    .name = "encode",
    .stream_len = sizeof(struct encoder),
    .room = room,
    .drop = drop,
    .write = write,
    .flush = flush,
    .finish = finish,
    .close = close,
    .below = rv_chained_below,
    .own = rv_chained_own,
    .gone = rv_chained_gone,
    .clear = rv_chained_clear,
    .explain = rv_chained_explain,
    .limit = rv_chained_limit,
};

// life ------------------------------------------------------------------------------------------

bool rv_encode_is(const struct rv_chained *c)
{
    return c->s.dev == &device;
}

// Taps that go with parts see what lies in these.
static enum rove_status catch_up(struct encoder *e)
{
    struct rv_chain *chain = e->c.chain;
    for (unsigned i = 0; i < chain->stage_cnt && !chain->failure.status; i++)
        if (chain->stages[i].fan && rv_along_catch_up(chain, i))
            return rv_chained_fail(&e->c, chain->failure.status);
    return ROVE_OK;
}

enum rove_status rv_encode_settle(struct rv_chained *c)
{
    struct encoder *e = self(&c->s);
    if (!e->ending) {
        drop(&c->s);
        enum rove_status status = push(e);
        if (status < 0)
            return status;
    }
    rv_chained_enter(c);
    return rv_stream_leave(&c->s, catch_up(e));
}

void rv_encode_note_sink(struct rv_chained *c)
{
    c->chain->shares = rv_rope_stream(rv_stream(c->other)) != NULL;
}

enum rove_status rv_encode_again(struct rv_chained *c, struct rove_stream *sink)
{
    struct encoder *e = self(&c->s);
    if (!e->finished && !c->s.error && !c->chain->failure.status)
        return rv_stream_fail(&c->s, ROVE_E_STATE);
    enum rove_status status = rv_chained_may(c, sink);
    if (status)
        return status;
    e->ending = e->finished = false;
    rv_chained_watch(c, NULL);
    rv_tray_restart(&e->window, &c->chain->means);
    status = rv_chained_again(c, sink);
    rv_encode_note_sink(c);
    return status;
}

enum rove_status rove_stream_encode(struct rove_stream *sink, const char *spec,
                                    const struct rove_limits *limits,
                                    struct rove_stream **stream_out,
                                    struct rove_spec_error *error_out)
{
    if (!stream_out)
        return ROVE_E_ARG;
    struct rv_chained_plan plan = {&device, ROVE_ENCODE, spec, limits, NULL};
    struct rv_chained *c;
    *stream_out = NULL;
    enum rove_status status = rv_chained_make(&plan, sink, &c, error_out);
    if (status)
        return status;
    rv_encode_note_sink(c);
    *stream_out = &c->s.win;
    return ROVE_OK;
}
