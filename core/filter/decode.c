// SPDX-License-Identifier: MIT
// decode.c: the device whose content comes out of a chain that reads a source.
//
//     source ──> its window, borrowed ──> chain ──┬──> last tray = the read window
//                                                 └──> the caller's memory, by reads at least as long
//
// The first codec reads in the source's own window; nothing of that is kept across calls, so the
// program may look at the source meanwhile. With no codec there is no tray to show, and the source's
// bytes must stay (bare.h).
//
// A layer is given nothing that does not belong to it: bytes behind the end of a self-delimiting
// format stay in the source.
#include "filter/decode.h"

#include "base/arith.h"
#include "filter/auto.h"
#include "filter/bare.h"
#include "filter/joined.h"
#include "filter/pump.h"

#include <string.h>

struct decoder {
    struct rv_chained c;
    struct rove_span left; // decoded and not yet read, while no window is open
    bool source_ended;
    struct rv_bare bare;       // where chain->in lies when no codec reads it
    uint8_t head[RV_HEAD_MAX]; // first bytes, if auto had to gather them
    size_t head_len;
    struct rv_passed passed; // by auto, in front of them
    struct rv_joined joined; // several trays' bytes, made one window by more()
    bool tries; // it is only asked what there is without waiting
};

static struct decoder *self(struct rv_stream *s)
{
    return (struct decoder *) (void *) s;
}

// from the source -------------------------------------------------------------------------------

// Shows the chain the source's window, as far as it is open.
static void borrow(struct decoder *d)
{
    struct rove_stream *source = d->c.other;
    struct rv_chain *chain = d->c.chain;
    if (chain->in.len || !chain->stage_cnt || rv_chain_is_open_end(chain))
        return;
    if (rove_stream_is_closed(source) || rv_stream(source)->busy || source->rend <= source->cur)
        return;
    chain->in = (struct rove_in){source->cur, (size_t) (source->rend - source->cur)};
    chain->source = source;
}

static enum rove_status pump(struct decoder *d)
{
    struct rv_chain *chain = d->c.chain;
    borrow(d);
    if (chain->source)
        chain->shown = rv_chained_lend(&d->c);
    enum rove_status status = rv_chain_pump(chain);
    if (chain->source) {
        status = rv_chained_take_back(&d->c, chain->shown, status);
        chain->source->cur = chain->source->rend - chain->in.len;
        chain->in = (struct rove_in){NULL, 0};
        chain->source = NULL;
    }
    return status;
}

static enum rove_status end_source(struct decoder *d)
{
    d->source_ended = true;
    rv_chain_ask(d->c.chain, ROVE_FINISH);
    return ROVE_OK;
}

// The decoders that `auto` may choose from; NULL: all.
static const char *allowed(const struct decoder *d)
{
    const struct rv_spec *spec = &d->c.chain->spec;
    return spec->items[spec->cnt - 1].values[0].text;
}

static enum rove_status become(struct decoder *d, const struct rove_filter *filter)
{
    struct rv_chain *chain = d->c.chain;
    enum rove_status status = rv_chain_choose(chain, filter, d->passed.len);
    if (status)
        return rv_chained_fail(&d->c, status);
    chain->in = (struct rove_in){d->head, d->head_len};
    return ROVE_OK;
}

static enum rove_status choose(struct decoder *d, const uint8_t *ptr, size_t len)
{
    struct rove_span head = {ptr, len};
    struct rove_stream shown = rv_chained_lend(&d->c);
    const struct rove_filter *filter = rv_auto_pick(allowed(d), &d->passed, head);
    (void) rv_chained_take_back(&d->c, shown, ROVE_OK);
    char why[RV_WHY_MAX + 1];
    if (!filter) {
        rv_auto_explain(&d->passed, head, why, sizeof why);
        rv_means_explain(&d->c.chain->means, why);
    }
    return become(d, filter);
}

// Shows at least so many bytes of the source that a decoder can be told, where its device can show
// more without giving up what it shows. Fewer at the end.
static enum rove_status show_head(struct rv_stream *source, const uint8_t **ptr, size_t *len)
{
    enum rove_status status = rove_stream_peek(&source->win, ptr, len);
    while (status == ROVE_OK && *len < RV_HEAD_MIN && source->dev->more) {
        status = rv_stream_ready(source);
        if (status == ROVE_OK)
            status = source->dev->more(source);
        *ptr = source->win.cur;
        *len = (size_t) (source->win.rend - source->win.cur);
    }
    return status;
}

// Nothing comes behind what was passed over: a decoder that knows such frames is shown one.
static enum rove_status choose_rest(struct decoder *d)
{
    d->head_len = RV_SKIP_HEAD;
    rv_auto_rest(&d->passed, d->head);
    d->passed.len -= RV_SKIP_HEAD; // which the decoder will count
    return choose(d, d->head, d->head_len);
}

// Finds out what `auto` is. The bytes are left where they are if enough of them lie together. Those
// gathered come from a device that can seek, so that give_back() can.
static enum rove_status find_out(struct decoder *d)
{
    const uint8_t *ptr = NULL;
    size_t len = 0;
    struct rv_stream *source = rv_stream(d->c.other);
    const struct rove_filter *only = rv_auto_only(allowed(d));
    if (only)
        return become(d, only);
    enum rove_status status = show_head(source, &ptr, &len);
    if (status < 0)
        return rv_chained_fail_other(&d->c, status);
    if (status == ROVE_END && !d->head_len && !len && d->passed.len)
        return choose_rest(d);
    size_t past = d->passed.left ? rv_auto_pass_on(&d->passed, len)
                  : d->head_len  ? 0
                                 : rv_auto_pass(&d->passed, ptr, len);
    if (past) {
        source->win.cur += past;
        return ROVE_OK;
    }
    if (!d->head_len && (len >= RV_HEAD_MIN || source->dev->more))
        return choose(d, ptr, rv_min_size(len, RV_HEAD_MAX));
    size_t n = rv_min_size(len, RV_HEAD_MAX - d->head_len);
    if (n) {
        memcpy(d->head + d->head_len, ptr, n);
        d->head_len += n;
        source->win.cur += n;
    }
    past = rv_auto_pass(&d->passed, d->head, d->head_len);
    if (past) {
        d->head_len -= past;
        memmove(d->head, d->head + past, d->head_len);
        return ROVE_OK;
    }
    return status == ROVE_END || d->head_len >= RV_HEAD_MIN ? choose(d, d->head, d->head_len)
                                                            : ROVE_OK;
}

// Gives back what was gathered and does not belong to the decoder.
static enum rove_status give_back(struct decoder *d)
{
    struct rove_in *in = &d->c.chain->in;
    size_t left = d->c.chain->left;
    if (left && rove_stream_seek(d->c.other, -(int64_t) left, ROVE_CUR, NULL) == ROVE_OK)
        d->c.chain->left = 0;
    if (!in->len)
        return ROVE_END;
    enum rove_status status = rove_stream_seek(d->c.other, -(int64_t) in->len, ROVE_CUR, NULL);
    if (status)
        return rv_chained_fail_other(&d->c, status);
    *in = (struct rove_in){NULL, 0};
    return ROVE_END;
}

// Gets more input for a chain that has none, or tells it that there is none.
static enum rove_status pull(struct decoder *d)
{
    struct rv_chain *chain = d->c.chain;
    const uint8_t *ptr;
    size_t len;
    if (d->source_ended)
        return rv_chained_fail(&d->c, ROVE_E_STALL);
    if (rv_chain_is_open_end(chain))
        return find_out(d);
    if (!chain->stage_cnt) {
        enum rove_status status = rv_bare_next(&d->bare, &d->c);
        return status == ROVE_END ? end_source(d) : status;
    }
    bool waits = (chain->eager || d->tries) && rv_stream_may_wait(rv_stream(d->c.other));
    enum rove_status status = waits ? ROVE_E_AGAIN : rove_stream_peek(d->c.other, &ptr, &len); // borrowed by pump()
    if (status == ROVE_END)
        return end_source(d);
    if (status && chain->eager) { // it is asked again when what there is has gone on
        rv_chained_meet(&d->c);
        chain->eager = false;
        return ROVE_OK;
    }
    if (waits)
        return ROVE_E_AGAIN; // nobody is told
    return status ? rv_chained_fail_other(&d->c, status) : ROVE_OK;
}

// the window ------------------------------------------------------------------------------------

static enum rove_status drop(struct rv_stream *s)
{
    if (s->base)
        self(s)->left = (struct rove_span){s->win.cur, (size_t) (s->win.rend - s->win.cur)};
    rv_window_none(s);
    return ROVE_OK;
}

static enum rove_status show(struct decoder *d)
{
    struct rv_stream *s = &d->c.s;
    rv_window_open(s, (uint8_t *) (uintptr_t) d->left.ptr, s->base_pos);
    s->win.rend += d->left.len;
    return ROVE_OK;
}

// Nothing more comes out of the chain: ROVE_END or a failure.
static enum rove_status end(struct decoder *d, enum rove_status status)
{
    if (status == ROVE_END || status == ROVE_E_TRAILING) {
        enum rove_status given = give_back(d);
        if (given < 0)
            return given;
    }
    if (status != ROVE_END)
        return rv_chained_fail(&d->c, status);
    rv_chained_end(&d->c);
    return ROVE_END;
}

static enum rove_status decode_some(struct decoder *d, struct rove_span *span_out)
{
    struct rv_piece piece = {{NULL, 0}, NULL};
    enum rove_status status = ROVE_E_AGAIN;
    d->c.text[0] = 0;
    d->c.chain->eager = d->c.chain->workers != NULL;
    while (status == ROVE_E_AGAIN) {
        if (!rv_chain_is_open_end(d->c.chain))
            status = pump(d);
        if (status != ROVE_E_AGAIN)
            break;
        enum rove_status pulled = pull(d);
        if (pulled)
            return pulled;
    }
    if (status == ROVE_OK)
        status = rv_chain_output(d->c.chain, &piece);
    if (status)
        return end(d, status);
    *span_out = piece.span;
    return ROVE_OK;
}

// Finds what comes next, and leaves it in the chain.
static enum rove_status find_next(struct decoder *d, struct rove_span *span_out)
{
    rv_chained_enter(&d->c);
    return rv_stream_leave(&d->c.s, decode_some(d, span_out));
}

static enum rove_status fill(struct rv_stream *s)
{
    struct decoder *d = self(s);
    drop(s);
    if (!d->left.len) {
        rv_joined_drop(&d->joined, d->c.s.pool);
        enum rove_status status = find_next(d, &d->left);
        if (status)
            return status;
        rv_chain_sent(d->c.chain, d->left.len);
    }
    return show(d);
}

// Decodes straight into the caller's memory.
static enum rove_status read(struct rv_stream *s, void *buf, size_t len, size_t *len_out)
{
    struct decoder *d = self(s);
    struct rv_chain *chain = d->c.chain;
    struct rv_tray kept;
    struct rove_span span;
    *len_out = 0;
    if (d->left.len || !rv_chain_lend(chain, buf, len, &kept))
        return ROVE_OK;
    enum rove_status status = find_next(d, &span);
    if (status == ROVE_OK) {
        *len_out = span.len;
        rv_chain_sent(chain, span.len);
        s->base_pos += span.len;
    }
    rv_chain_take_back(chain, &kept);
    return status;
}

// What is left lies in the last tray, which the next pump may overwrite: it is moved first.
static enum rove_status more(struct rv_stream *s)
{
    struct decoder *d = self(s);
    struct rove_span span;
    drop(s);
    enum rove_status status = rv_joined_take(&d->joined, s->pool, &d->left, 0);
    if (status == ROVE_OK) {
        status = find_next(d, &span);
        if (status == ROVE_OK)
            status = rv_joined_take(&d->joined, s->pool, &d->left, span.len);
        if (status == ROVE_OK) {
            memcpy(d->joined.ptr + d->left.len, span.ptr, span.len);
            d->left.len += span.len;
            rv_chain_sent(d->c.chain, span.len);
        }
    }
    show(d);
    return status;
}

static void forget(struct decoder *d)
{
    rv_window_none(&d->c.s);
    rv_bare_stop(&d->bare);
    rv_joined_drop(&d->joined, d->c.s.pool);
    d->left = (struct rove_span){NULL, 0};
    d->source_ended = false;
    d->head_len = 0;
    d->passed = (struct rv_passed){.len = 0};
}

static enum rove_status finish(struct rv_stream *s)
{
    return rv_chained_finish_other(&self(s)->c);
}

static enum rove_status close(struct rv_stream *s)
{
    struct decoder *d = self(s);
    forget(d);
    rv_bare_drop(&d->bare, &d->c);
    enum rove_status status = rv_chained_end_other(&d->c);
    rv_chained_release(&d->c);
    return status;
}

// What the source has there may be too little to make anything of. So it is made of that what comes next, as far as that goes
// without waiting. (A decoder that is yet to be chosen, or none, gives what there is.)
static bool may_wait(struct rv_stream *s)
{
    struct decoder *d = self(s);
    if (s->busy || s->error) // who reads on is told so at once
        return false;
    if (!d->c.chain->stage_cnt || rv_chain_is_open_end(d->c.chain))
        return rv_stream_may_wait(rv_stream(d->c.other));
    d->tries = true;
    enum rove_status status = fill(s);
    d->tries = false;
    return status == ROVE_E_AGAIN;
}

static const struct rv_device device = {
    .name = "decode",
    .stream_len = sizeof(struct decoder),
    .fill = fill,
    .more = more,
    .drop = drop,
    .read = read,
    .may_wait = may_wait,
    .finish = finish,
    .close = close,
    .below = rv_chained_below,
    .own = rv_chained_own,
    .clear = rv_chained_clear,
    .explain = rv_chained_explain,
    .gone = rv_chained_gone,
    .limit = rv_chained_limit,
};

// life ------------------------------------------------------------------------------------------

enum rove_status rv_decode_again(struct rv_chained *c, struct rove_stream *source)
{
    struct decoder *d = self(&c->s);
    enum rove_status status = rv_chained_may(c, source);
    if (status)
        return status;
    rv_stream_enter(&c->s); // what it lets go of may be given back to somebody who comes back; the old source may be gone
    forget(d);
    rv_stream_leave(&c->s, ROVE_OK);
    rv_chained_watch(c, NULL);
    rv_bare_restart(&d->bare, c);
    return rv_chained_again(c, source);
}

enum rove_status rv_decode_make(struct rv_chained_plan *plan, struct rove_stream *source,
                                struct rove_stream **stream_out, struct rove_spec_error *error_out)
{
    struct rv_chained *c;
    if (!stream_out)
        return ROVE_E_ARG;
    *stream_out = NULL;
    plan->dev = &device;
    plan->dir = ROVE_DECODE;
    enum rove_status status = rv_chained_make(plan, source, &c, error_out);
    if (status == ROVE_OK)
        *stream_out = &c->s.win;
    return status;
}

enum rove_status rove_stream_decode(struct rove_stream *source, const char *spec,
                                    const struct rove_limits *limits,
                                    struct rove_stream **stream_out,
                                    struct rove_spec_error *error_out)
{
    struct rv_chained_plan plan = {.text = spec, .limits = limits};
    return rv_decode_make(&plan, source, stream_out, error_out);
}
