// SPDX-License-Identifier: MIT
// indexed.c: the device that decodes from the nearest point on.
//
//     source ── coded ──> stretches ── cache ──> window
//                         current: decoded as far as it is read; away: by workers, when read in order
//
// A window lies over a segment of the current stretch, which stays until it is closed. What is wanted is decoded, and as
// much more as was read in order before, up to the end of the segment: so a cold read costs what it needs, and one in
// order runs at full speed.
#include "filter/chained.h"
#include "seek/ahead.h"
#include "seek/fit.h"
#include "seek/why.h"

#include "base/arith.h"

#include <stdio.h>
#include <string.h>

#define STEP_FIRST ((size_t) 4 << 10)
#define HANDS_LEAST 2u

struct indexed {
    struct rv_stream s;
    struct rv_seek seek;
    struct rv_cache cache;
    struct rv_ahead ahead;
    struct rv_spec spec; // of one decoder
    bool met;      // the failure that sticks in the source was met, and told, by this stream
    bool owns;     // the source: it is finished, closed and freed with this one
    unsigned depth; // streams with an index on top of each other
    size_t want;   // bytes that the read asks for which comes next
    size_t step;   // bytes to have at hand
    const char *passed; // the limit that was, or NULL
    char text[256];
};

static struct indexed *self(struct rv_stream *s)
{
    return (struct indexed *) (void *) s;
}

// failures --------------------------------------------------------------------------------------

static const char *cause_of(const struct rv_means *means, enum rove_status status)
{
    return means->why[0] ? means->why : rove_status_text(status);
}

static void explain_stretch(struct indexed *d, const struct rv_stretch *e, enum rove_status status)
{
    struct rv_hand *hand = e->hand;
    if (rv_stretch_is_starved(e) && hand->means.passed) // which told of what was left to it
        rv_means_pass(&hand->means, "it wants more memory than the stream may have", "memory",
                      d->seek.means.limit);
    const char *cause = cause_of(&hand->means, status);
    uint64_t at = rv_reach_off(&e->at) + hand->layer.taken;
    if (e->misfit)
        snprintf(d->text, sizeof d->text, "%s", cause);
    else
        snprintf(d->text, sizeof d->text, "layer 1 of 1 (%s): %s, at input byte %llu, in the part from byte %llu",
                 hand->layer.filter->name, cause, (unsigned long long) at, (unsigned long long) rv_reach_off(&e->at));
    d->passed = status == ROVE_E_LIMIT ? hand->means.passed : NULL;
}

static void explain_memory(struct indexed *d, enum rove_status status)
{
    const struct rv_stretch *e = d->cache.current;
    struct rv_means *means = &d->seek.means;
    const char *passed = e && e->hand ? e->hand->means.passed : means->passed;
    means->why[0] = 0;
    if (status == ROVE_E_LIMIT && passed)
        rv_means_pass(means, "it wants more memory than the stream may have", "memory", means->limit);
    d->passed = status == ROVE_E_LIMIT ? passed : NULL;
    snprintf(d->text, sizeof d->text, "%s", cause_of(means, status));
}

static void explain_source(struct indexed *d, enum rove_status status)
{
    struct rove_stream *source = d->seek.coded.source;
    const struct rv_stream *s = rv_stream(source);
    const char *why = status == ROVE_E_FORMAT && s->last != ROVE_E_FORMAT
                          ? "it ends before its index does"
                      : s->last == status ? rove_stream_explain(source)
                                          : rove_status_text(status);
    snprintf(d->text, sizeof d->text, "source: %s", why);
    d->passed = rove_stream_limit(source);
    d->met = d->met || (!d->seek.coded.was_stuck && s->error);
}

// Remembers a failure. A stretch that failed is not kept: it fails again, should it be read again.
static enum rove_status fail(struct indexed *d, enum rove_status status, enum rv_blame blame)
{
    d->passed = NULL;
    if (blame == RV_BLAME_STRETCH)
        explain_stretch(d, d->cache.current, status);
    else if (blame == RV_BLAME_SOURCE)
        explain_source(d, status);
    else
        explain_memory(d, status);
    if (blame == RV_BLAME_STRETCH)
        rv_cache_drop(&d->cache, d->cache.current);
    rv_stream_fail(&d->s, status);
    if (status == ROVE_E_IO && blame == RV_BLAME_SOURCE && rv_stream(d->seek.coded.source)->last == status)
        d->s.err_no = rv_stream(d->seek.coded.source)->err_no;
    return status;
}

static const char *explain(const struct rv_stream *s)
{
    const struct indexed *d = (const struct indexed *) (const void *) s;
    return s->last && d->text[0] ? d->text : NULL;
}

static const char *limit(const struct rv_stream *s)
{
    return ((const struct indexed *) (const void *) s)->passed;
}

static void clear(struct rv_stream *s)
{
    struct indexed *d = self(s);
    if (d->met && !s->closed)
        rove_stream_clear_error(d->seek.coded.source);
    d->met = false;
    d->text[0] = 0;
    d->passed = NULL;
}

// reading ---------------------------------------------------------------------------------------

static void close_window(struct indexed *d)
{
    rv_window_none(&d->s);
    d->cache.shown = NULL;
}

// Makes the stretch in which a plain offset lies the current one.
static enum rove_status reach(struct indexed *d, uint64_t pos, bool by_cursor)
{
    struct rv_cache *c = &d->cache;
    struct rv_stretch *e = c->current;
    if (e && pos - e->at.from.plain < rv_stretch_len(e))
        return ROVE_OK;
    struct rv_reach at;
    rv_reach_find(d->seek.index, pos, &at);
    c->current = e = rv_cache_find(c, at.i);
    while (!e) {
        d->seek.means.refused = ROVE_OK;
        d->seek.means.passed = NULL;
        c->current = e = rv_cache_add(c, &at);
        if (!e && !rv_ahead_cancel(&d->ahead))
            return fail(d, d->seek.means.refused, RV_BLAME_MEMORY);
    }
    rv_cache_use(c, e);
    rv_ahead_reach(&d->ahead, e, by_cursor);
    return ROVE_OK;
}

// Makes bytes of the current stretch readable, from off on.
static enum rove_status make(struct indexed *d, uint64_t off, size_t want)
{
    struct rv_stretch *e = d->cache.current;
    uint64_t seg_len = d->seek.seg_len;
    uint64_t upto = rv_min_u64((off / seg_len + 1) * seg_len, rv_stretch_len(e));
    enum rv_blame blame = RV_BLAME_MEMORY;
    enum rove_status status;
    upto = off + rv_min_u64(want, upto - off);
    if (d->cache.shown == e)
        close_window(d); // of what lies under it some may be given up
    do
        status = rv_cache_want(&d->cache, off, upto, &blame);
    while (status && blame == RV_BLAME_MEMORY && rv_ahead_cancel(&d->ahead));
    bool some = rv_stretch_ready(e) > off; // goes first: a failure comes again
    if (status && some)
        rv_coded_forgive(&d->seek.coded);
    return status && !some ? fail(d, status, blame) : ROVE_OK;
}

// Shows what is at a place before the end, and what lies around that: it begins at *at_out. want: bytes from that place
// on that are better there, where one segment has them.
static enum rove_status show(struct indexed *d, uint64_t pos, size_t want, struct rove_span *span_out,
                             uint64_t *at_out)
{
    struct rv_stretch *e = d->cache.current;
    uint64_t off = pos - e->at.from.plain;
    size_t seg_len = d->seek.seg_len;
    size_t left = rv_clamp(rv_stretch_len(e) - off, seg_len - (size_t) (off % seg_len));
    *span_out = rv_segs_show(e, off, at_out);
    size_t have = span_out->len ? span_out->len - (size_t) (off - *at_out) : 0;
    enum rove_status status = have < rv_min_size(want, left) ? make(d, off, want) : ROVE_OK;
    if (status)
        return status; // the stretch may be gone
    *span_out = rv_segs_show(e, off, at_out);
    *at_out += e->at.from.plain;
    return ROVE_OK;
}

static void enter(struct indexed *d)
{
    rv_stream_enter(&d->s);
    rv_coded_enter(&d->seek.coded);
}

static enum rove_status drop(struct rv_stream *s)
{
    close_window(self(s));
    return ROVE_OK;
}

static enum rove_status open_window(struct indexed *d, uint64_t pos)
{
    struct rove_span span;
    uint64_t at;
    enum rove_status status = reach(d, pos, true);
    if (status == ROVE_OK)
        status = show(d, pos, rv_max_size(d->want, d->step), &span, &at);
    d->want = 0;
    if (status)
        return status;
    d->cache.shown = d->cache.current;
    rv_window_open(&d->s, (uint8_t *) (uintptr_t) span.ptr, at);
    d->s.win.cur += pos - at;
    d->s.win.rend = d->s.base + span.len;
    d->step = rv_min_size(d->step * 2, rv_max_size(d->seek.seg_len, STEP_FIRST));
    return ROVE_OK;
}

static enum rove_status fill(struct rv_stream *s)
{
    struct indexed *d = self(s);
    close_window(d);
    if (s->base_pos >= d->seek.index->plain_len)
        return ROVE_END;
    enter(d);
    return rv_stream_leave(s, open_window(d, s->base_pos));
}

// Only notes how much is wanted: it goes through a window.
static enum rove_status read(struct rv_stream *s, void *buf, size_t len, size_t *len_out)
{
    (void) buf;
    self(s)->want = len;
    *len_out = 0;
    return ROVE_OK;
}

static enum rove_status read_at(struct indexed *d, uint64_t off, uint8_t *buf, size_t len,
                                size_t *len_out)
{
    struct rove_span span;
    uint64_t at;
    size_t done = 0;
    enum rove_status status = ROVE_OK;
    while (done < len && status == ROVE_OK) {
        status = reach(d, off + done, false);
        if (status == ROVE_OK)
            status = show(d, off + done, len - done, &span, &at);
        if (status)
            break;
        size_t skip = (size_t) (off + done - at), n = rv_min_size(span.len - skip, len - done);
        memcpy(buf + done, span.ptr + skip, n);
        done += n;
    }
    *len_out = done;
    return status;
}

static enum rove_status pread(struct rv_stream *s, uint64_t off, void *buf, size_t len,
                              size_t *len_out)
{
    struct indexed *d = self(s);
    uint64_t all = d->seek.index->plain_len;
    size_t left = rv_clamp(all - rv_min_u64(off, all), len), done;
    enter(d);
    struct rove_stream shown = rv_stream_hide(s);
    enum rove_status status = rv_stream_leave(s, read_at(d, off, buf, left, &done));
    rv_stream_show(s, shown);
    if (len_out)
        *len_out = done;
    return status == ROVE_OK && left < len ? ROVE_END : status;
}

static enum rove_status seek(struct rv_stream *s, uint64_t pos)
{
    close_window(self(s));
    s->base_pos = pos;
    self(s)->step = STEP_FIRST;
    return ROVE_OK;
}

static enum rove_status size(struct rv_stream *s, uint64_t *len_out)
{
    *len_out = self(s)->seek.index->plain_len;
    return ROVE_OK;
}

static bool may_wait(struct rv_stream *s)
{
    return rv_stream_may_wait(rv_stream(self(s)->seek.coded.source));
}

// life ------------------------------------------------------------------------------------------

static bool is_to_close(const struct indexed *d)
{
    return d->owns && !rove_stream_is_closed(d->seek.coded.source);
}

static enum rove_status finish(struct rv_stream *s)
{
    struct indexed *d = self(s);
    if (!is_to_close(d))
        return ROVE_OK;
    enter(d);
    enum rove_status status = rv_stream_finish(rv_stream(d->seek.coded.source));
    return rv_stream_leave(s, status ? fail(d, status, RV_BLAME_SOURCE) : ROVE_OK);
}

static enum rove_status end_source(struct indexed *d)
{
    if (!is_to_close(d))
        return ROVE_OK;
    rv_coded_enter(&d->seek.coded);
    enum rove_status status = rv_stream_end(rv_stream(d->seek.coded.source));
    return status ? fail(d, status, RV_BLAME_SOURCE) : ROVE_OK;
}

static struct rove_stream *below(struct rv_stream *s)
{
    return self(s)->seek.coded.source;
}

static void own(struct rv_stream *s)
{
    self(s)->owns = true;
}

static void gone(struct rv_stream *s)
{
    if (self(s)->owns)
        rove_stream_free(self(s)->seek.coded.source);
}

static enum rove_status close(struct rv_stream *s)
{
    struct indexed *d = self(s);
    rv_ahead_fini(&d->ahead);
    rv_cache_fini(&d->cache);
    rv_coded_drop(&d->seek.coded);
    while (rv_hand_trim(&d->seek.hands))
        continue;
    RV_ASSERT(!d->seek.means.used);
    rv_spec_fini(&d->spec);
    rove_index_unref(d->seek.index);
    return end_source(d);
}

static const struct rv_device device = {
    .name = "index",
    .stream_len = sizeof(struct indexed),
    .fill = fill,
    .drop = drop,
    .read = read,
    .seek = seek,
    .size = size,
    .pread = pread,
    .may_wait = may_wait,
    .finish = finish,
    .close = close,
    .below = below,
    .own = own,
    .clear = clear,
    .explain = explain,
    .gone = gone,
    .limit = limit,
};

static unsigned depth_of(struct rove_stream *source)
{
    return rv_stream(source)->dev == &device ? self(rv_stream(source))->depth : 0;
}

static void start(struct indexed *d, struct rove_stream *source, struct rove_index *index,
                  const struct rove_limits *limits)
{
    struct rv_seek *k = &d->seek;
    d->depth = depth_of(source) + 1;
    d->step = STEP_FIRST;
    k->index = rove_index_ref(index);
    k->coded = (struct rv_coded){.source = source, .means = &k->means, .end = index->coded_len};
    k->means = (struct rv_means){.pool = d->s.pool, .limit = limits->memory};
    k->hands = (struct rv_hands){.item = &d->spec.items[0], .means = &k->means};
    k->hands.sum = index->sums ? rove_filter_find("xxh64", ROVE_TAP) : NULL;
    k->hands.most = HANDS_LEAST + (unsigned) rv_workers_width(limits->workers);
    k->ratio = limits->ratio;
    k->seg_len = rv_tray_len(d->s.pool, d->spec.items[0].filter->block_len);
    rv_cache_init(&d->cache, k, limits->cache);
    rv_ahead_init(&d->ahead, &d->cache, limits->workers);
}

static enum rove_status check_limits(struct rove_stream *source, const struct rove_index *index,
                                     const struct rove_limits *limits)
{
    if (index->plain_len > limits->output) {
        rv_why_tell("more would come out: the limit on output is %llu", (unsigned long long) limits->output);
        rv_why_limit("output");
        return ROVE_E_LIMIT;
    }
    if (depth_of(source) < ROVE_DEPTH_MAX)
        return ROVE_OK;
    rv_why_tell("more than %u streams with an index stand on each other", ROVE_DEPTH_MAX);
    return ROVE_E_LIMIT;
}

static enum rove_status make_stream(struct rove_stream *source, struct rove_index *index,
                                    const struct rove_limits *limits, struct rove_stream **stream_out)
{
    struct rove_limits mine;
    struct rv_spec spec;
    struct rv_stream *s;
    enum rove_status status = rv_limits_read(limits, &mine);
    if (status == ROVE_OK)
        status = check_limits(source, index, &mine);
    if (status == ROVE_OK)
        status = rv_fit(source, index, (struct rove_span){mine.dict, mine.dict ? mine.dict_len : 0}, &spec);
    if (status)
        return status;
    status = rv_stream_make(&device, rv_stream(source)->pool, &s);
    if (status) {
        rv_spec_fini(&spec);
        return status;
    }
    self(s)->spec = spec;
    start(self(s), source, index, &mine);
    *stream_out = &s->win;
    return ROVE_OK;
}

enum rove_status rove_stream_decode_index(struct rove_stream *source, struct rove_index *index,
                                          const struct rove_limits *limits,
                                          struct rove_stream **stream_out)
{
    rv_why_clear();
    if (stream_out)
        *stream_out = NULL;
    if (!source || !index || !stream_out)
        return rv_why_end(ROVE_E_ARG, NULL);
    return rv_why_end(make_stream(source, index, limits, stream_out), NULL);
}
