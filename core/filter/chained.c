// SPDX-License-Identifier: MIT
// chained.c: making, failing and ending a stream on a chain.
#include "filter/chained.h"

#include "base/arith.h"
#include "filter/watch.h"

#include <stdio.h>
#include <string.h>

#define OUTPUT_DEFAULT (UINT64_C(1) << 40)
#define MEMORY_DEFAULT (UINT64_C(256) << 20)
#define CACHE_DEFAULT (UINT64_C(4) << 20)

const char *rv_chained_explain(const struct rv_stream *s)
{
    const struct rv_chained *c = (const struct rv_chained *) (const void *) s;
    return (s->last || c->remarks) && c->text[0] ? c->text : NULL;
}

struct rv_chained *rv_chained(struct rv_stream *s)
{
    bool is_one = s->dev->explain == rv_chained_explain;
    return is_one ? (struct rv_chained *) (void *) s : NULL;
}

struct rove_workers *rv_chained_workers;

// failures --------------------------------------------------------------------------------------

// Layer, cause and input offset, as far as they are known. What the filter says is the cause; the status, which
// would say it again, speaks where the filter is silent.
static void explain(struct rv_chained *c, enum rove_status status)
{
    const struct rv_failure *f = &c->chain->failure;
    bool known = status == f->status;
    const char *why = known && (f->layer || f->why[0]) ? f->why : c->chain->means.why;
    const char *cause = why[0] ? why : rove_status_text(status);
    if (known && f->layer)
        snprintf(c->text, sizeof c->text, "layer %u of %u (%s): %s, at input byte %llu", f->layer,
                 c->layer_cnt, f->name, cause, (unsigned long long) f->at);
    else
        snprintf(c->text, sizeof c->text, "%s", cause);
    c->passed = status != ROVE_E_LIMIT ? NULL : known ? f->passed : c->chain->means.passed;
}

void rv_chained_end(struct rv_chained *c)
{
    const struct rv_failure *rest = &c->chain->rest;
    c->remarks = rest->layer != 0;
    if (c->remarks)
        snprintf(c->text, sizeof c->text, "layer %u of %u (%s): %s", rest->layer, c->layer_cnt,
                 rest->name, rest->why);
}

enum rove_status rv_chained_fail(struct rv_chained *c, enum rove_status status)
{
    explain(c, status);
    c->remarks = false;
    return rv_stream_fail(&c->s, status);
}

const char *rv_chained_limit(const struct rv_stream *s)
{
    return ((const struct rv_chained *) (const void *) s)->passed;
}

const char *rove_stream_limit(const struct rove_stream *stream)
{
    const struct rv_stream *s = (const struct rv_stream *) (const void *) stream;
    return s && s->last == ROVE_E_LIMIT && s->dev->limit ? s->dev->limit(s) : NULL;
}

void rv_chained_meet(struct rv_chained *c)
{
    c->met = c->met || (!c->was_stuck && rv_stream(c->other)->error);
}

enum rove_status rv_chained_fail_other(struct rv_chained *c, enum rove_status status)
{
    const char *what = c->chain->dir == ROVE_ENCODE ? "sink" : "source";
    const struct rv_stream *other = rv_stream(c->other);
    rv_chained_meet(c);
    const char *why = other->last == status ? rove_stream_explain(c->other) : NULL;
    snprintf(c->text, sizeof c->text, "%s: %s", what, why ? why : rove_status_text(status));
    c->remarks = false;
    c->passed = rove_stream_limit(c->other);
    rv_stream_fail(&c->s, status);
    if (status == ROVE_E_IO && other->last == status) // else it is that of now
        c->s.err_no = other->err_no;
    return status;
}

void rv_chained_clear(struct rv_stream *s)
{
    struct rv_chained *c = rv_chained(s);
    if (c->met && !c->s.closed)
        rove_stream_clear_error(c->other);
    c->met = false;
}

// calls back ------------------------------------------------------------------------------------

void rv_chained_enter(struct rv_chained *c)
{
    rv_stream_enter(&c->s);
    c->was_stuck = rv_stream(c->other)->error != ROVE_OK;
}

struct rove_stream rv_chained_lend(struct rv_chained *c)
{
    rv_stream_enter(rv_stream(c->other));
    return rv_stream_hide(rv_stream(c->other));
}

enum rove_status rv_chained_take_back(struct rv_chained *c, struct rove_stream shown, enum rove_status status)
{
    rv_stream_show(rv_stream(c->other), shown);
    return rv_stream_leave(rv_stream(c->other), status);
}

// owned -----------------------------------------------------------------------------------------

enum rove_status rv_chained_finish_other(struct rv_chained *c)
{
    if (!c->owns || rove_stream_is_closed(c->other))
        return ROVE_OK;
    rv_chained_enter(c);
    enum rove_status status = rv_stream_finish(rv_stream(c->other));
    return rv_stream_leave(&c->s, status ? rv_chained_fail_other(c, status) : ROVE_OK);
}

enum rove_status rv_chained_end_other(struct rv_chained *c)
{
    if (!c->owns || rove_stream_is_closed(c->other))
        return ROVE_OK;
    c->was_stuck = rv_stream(c->other)->error != ROVE_OK;
    enum rove_status status = rv_stream_end(rv_stream(c->other));
    if (status == ROVE_OK)
        return ROVE_OK;
    return rv_chained_fail_other(c, status);
}

struct rove_stream *rv_chained_below(struct rv_stream *s)
{
    return rv_chained(s)->other;
}

void rv_chained_own(struct rv_stream *s)
{
    rv_chained(s)->owns = true;
}

enum rove_status rove_stream_own(struct rove_stream *stream)
{
    struct rv_stream *s = rv_stream(stream);
    enum rove_status status = rv_stream_usable(s);
    if (status)
        return status;
    if (!s->dev->own)
        return ROVE_E_UNSUPPORTED;
    s->dev->own(s);
    return ROVE_OK;
}

// watched ---------------------------------------------------------------------------------------

static void leave(struct rv_chained *c)
{
    if (!c->chain || !c->chain->watch)
        return;
    c->chain->watch->leave(c->chain->watch);
    c->chain->watch = NULL;
}

void rv_chained_watch(struct rv_chained *c, struct rv_watch *watch)
{
    leave(c);
    if (c->watch)
        c->watch->drop(c->watch);
    c->watch = watch;
    if (c->chain)
        c->chain->watch = watch;
}

void rv_chained_gone(struct rv_stream *s)
{
    struct rv_chained *c = rv_chained(s);
    rv_chained_watch(c, NULL);
    if (c->owns)
        rove_stream_free(c->other);
}

// make ------------------------------------------------------------------------------------------

enum rove_status rv_limits_read(const struct rove_limits *limits, struct rove_limits *mine)
{
    memset(mine, 0, sizeof *mine);
    if (limits && limits->size < sizeof limits->size)
        return ROVE_E_ARG;
    if (limits)
        memcpy(mine, limits, rv_min_size(limits->size, sizeof *mine));
    mine->output = mine->output ? mine->output : OUTPUT_DEFAULT;
    mine->memory = mine->memory ? mine->memory : MEMORY_DEFAULT;
    mine->ratio = mine->ratio ? mine->ratio : ROVE_NO_LIMIT;
    mine->cache = mine->cache ? mine->cache : CACHE_DEFAULT;
    mine->workers = mine->workers ? mine->workers : rv_chained_workers;
    return ROVE_OK;
}

static unsigned depth_of(struct rove_stream *stream)
{
    const struct rv_chained *c = rv_chained(rv_stream(stream));
    return c ? c->depth : 0;
}

static enum rove_status check_other(struct rove_stream *other, unsigned layer_cnt)
{
    if (!other)
        return ROVE_E_ARG;
    if (rove_stream_is_closed(other))
        return ROVE_E_CLOSED;
    return layer_cnt + depth_of(other) > ROVE_DEPTH_MAX ? ROVE_E_LIMIT : ROVE_OK;
}

// Opens the chain. On failure everything has been given back.
static enum rove_status open_chain(struct rv_chained_plan *plan, struct rove_stream *other,
                                   struct rv_chain **chain_out, struct rove_spec_error *error)
{
    struct rove_limits limits;
    struct rv_spec spec;
    enum rove_status status = rv_limits_read(plan->limits, &limits);
    if (status)
        return status;
    status = rv_spec_parse(plan->text, plan->dir, rv_stream(other)->pool, &spec, error);
    if (status)
        return status;
    status = check_other(other, spec.cnt);
    if (status) {
        error->off = 0;
        snprintf(error->text, sizeof error->text,
                 "with those of the streams below there are more than %u filters", ROVE_DEPTH_MAX);
        rv_spec_fini(&spec);
        return status;
    }
    status = rv_chain_new(&spec, plan->dir, &limits, chain_out, error);
    if (status && *chain_out) {
        plan->passed = status == ROVE_E_LIMIT ? (*chain_out)->means.passed : NULL;
        rv_chain_free(*chain_out);
    }
    return status;
}

enum rove_status rv_chained_make(struct rv_chained_plan *plan, struct rove_stream *other,
                                 struct rv_chained **out, struct rove_spec_error *error_out)
{
    struct rove_spec_error unseen = {.off = 0}, *error = error_out ? error_out : &unseen;
    struct rv_chain *chain;
    struct rv_stream *s;
    *out = NULL;
    error->off = 0;
    error->text[0] = 0;
    enum rove_status status = check_other(other, 0);
    if (status == ROVE_OK)
        status = open_chain(plan, other, &chain, error);
    if (status)
        return status;
    status = rv_stream_make(plan->dev, chain->means.pool, &s);
    if (status) {
        rv_chain_free(chain);
        return status;
    }
    struct rv_chained *c = rv_chained(s);
    c->other = other;
    c->chain = chain;
    c->layer_cnt = chain->layer_cnt;
    c->depth = chain->layer_cnt + depth_of(other);
    *out = c;
    return ROVE_OK;
}

enum rove_status rv_chained_may(const struct rv_chained *c, struct rove_stream *other)
{
    if (c->owns)
        return ROVE_E_STATE;
    return rv_stream_stands_on(other, &c->s.win) ? ROVE_E_ARG : check_other(other, c->layer_cnt);
}

enum rove_status rv_chained_again(struct rv_chained *c, struct rove_stream *other)
{
    c->met = false; // what failed below stays with the stream that is left
    rove_stream_clear_error(&c->s.win);
    c->other = other;
    c->depth = c->layer_cnt + depth_of(other);
    rv_window_open(&c->s, NULL, 0);
    c->text[0] = 0;
    c->remarks = false;
    rv_chained_enter(c);
    enum rove_status status = rv_chain_reset(c->chain);
    return rv_stream_leave(&c->s, status ? rv_chained_fail(c, status) : ROVE_OK);
}

void rv_chained_release(struct rv_chained *c)
{
    for (unsigned i = 0; i < c->layer_cnt; i++) {
        struct rv_layer *layer = rv_chain_layer(c->chain, i);
        c->digest_len[i] = (uint8_t) rv_layer_digest(layer, c->digest[i]);
    }
    leave(c);
    rv_chain_free(c->chain);
    c->chain = NULL;
}
