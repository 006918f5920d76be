// SPDX-License-Identifier: MIT
// mark.c: points that a stream leaves behind while it is read or written.
//
// They belong to the stream, not to its chain, so that they can be had when that is closed. Up to the end of the data the
// chain pays for them; then the index is whole, and whoever asks gets that very one.
#include "filter/chained.h"
#include "filter/watch.h"
#include "seek/gather.h"

struct marker {
    struct rv_watch watch;
    struct rove_pool *pool;
    struct rv_gather gather;
    bool cannot; // the decoder, that is
    bool writes;
    bool each; // no frame or member is left out
    bool whole;
};

static struct marker *marker_of(struct rv_watch *w)
{
    return (struct marker *) (void *) w;
}

static bool can_mark(const struct rv_layer *codec)
{
    return codec->dir == ROVE_ENCODE || (rv_layer_resumes(codec) && codec->filter->mark);
}

static enum rove_status begin(struct rv_watch *w, struct rv_chain *chain)
{
    struct marker *m = marker_of(w);
    m->cannot = w->over = !can_mark(chain->stages[0].codec);
    if (m->cannot)
        return ROVE_OK;
    enum rove_status status = rv_gather_begin(&m->gather, chain);
    m->each = m->gather.every <= 1 && (m->writes || !chain->stages[0].fan); // parts are joined as they are
    w->each = m->each && !m->writes;
    if (status == ROVE_OK)
        w->next = rv_gather_next(&m->gather);
    return status;
}

static enum rove_status found(struct rv_watch *w, uint64_t coded, uint64_t plain,
                              const struct rove_mark *mark)
{
    struct marker *m = marker_of(w);
    enum rove_status status =
        rv_gather_offer(&m->gather, (struct rv_place){coded, plain}, mark);
    if (status == ROVE_OK)
        w->next = rv_gather_next(&m->gather);
    return status;
}

static void leave(struct rv_watch *w)
{
    rv_gather_leave(&marker_of(w)->gather);
}

static void end(struct rv_watch *w, uint64_t coded, uint64_t plain, bool trails)
{
    struct marker *m = marker_of(w);
    if (!m->gather.index)
        return;
    rv_index_close(m->gather.index, coded, plain);
    m->gather.index->each = m->each;
    m->gather.index->trails = trails;
    m->whole = true;
    leave(w);
}

static void drop(struct rv_watch *w)
{
    struct marker *m = marker_of(w);
    rv_gather_drop(&m->gather);
    rv_pool_free(m->pool, m, sizeof *m);
}

// An encoder answers when it is asked for the first time, and marks from then on.
static enum rove_status ask_encoder(struct rv_chained *c)
{
    struct rv_layer *codec = c->chain->stages[0].codec;
    struct rove_mark mark;
    rv_chained_enter(c);
    enum rove_status status = rv_stream_leave(&c->s, rv_layer_mark(codec, &mark));
    if (status == ROVE_OK || status == ROVE_E_AGAIN || status == ROVE_E_UNSUPPORTED)
        return status ? ROVE_E_UNSUPPORTED : ROVE_OK;
    rv_chain_fail(c->chain, codec, 0, status);
    return rv_chained_fail(c, status);
}

// Whether the stream is one that can be marked, and was not used.
static enum rove_status check(struct rv_stream *s)
{
    enum rove_status status = rv_stream_ready(s);
    const struct rv_chained *c = status ? NULL : rv_chained(s);
    if (status)
        return status;
    if (!c || c->chain->stage_cnt != 1)
        return ROVE_E_UNSUPPORTED;
    const struct rv_chain *chain = c->chain;
    if (!rv_chain_is_open_end(chain) && !can_mark(chain->stages[0].codec))
        return ROVE_E_UNSUPPORTED;
    if (chain->in_total || chain->stages[0].made || chain->finished || chain->failure.status ||
        rv_stream_pos(s))
        return ROVE_E_STATE;
    return chain->dir == ROVE_ENCODE ? ask_encoder(rv_chained(s)) : ROVE_OK;
}

enum rove_status rove_stream_mark(struct rove_stream *stream, uint64_t every)
{
    struct rv_stream *s = rv_stream(stream);
    enum rove_status status = check(s);
    if (status)
        return status;
    struct marker *m = rv_pool_alloc(s->pool, sizeof *m, &status);
    if (!m)
        return status;
    bool writes = rv_chained(s)->chain->dir == ROVE_ENCODE;
    *m = (struct marker){
        .watch = {.begin = begin, .found = found, .end = end, .leave = leave, .drop = drop},
        .pool = s->pool,
        .gather.every = every || writes ? every : ROVE_EVERY_DEFAULT,
        .writes = writes,
    };
    rv_chained_watch(rv_chained(s), &m->watch);
    return ROVE_OK;
}

enum rove_status rove_stream_index(struct rove_stream *stream, struct rove_index **index_out)
{
    if (!stream || !index_out)
        return ROVE_E_ARG;
    struct rv_stream *s = rv_stream(stream);
    struct rv_chained *c = rv_chained(s);
    *index_out = NULL;
    if (s->busy || !c || !c->watch)
        return ROVE_E_STATE;
    struct marker *m = marker_of(c->watch);
    if (m->cannot)
        return ROVE_E_UNSUPPORTED;
    if (!m->gather.index)
        return ROVE_E_STATE;
    if (!m->whole)
        return rv_index_copy(m->gather.index, m->gather.index->cnt - 1, m->gather.index->spec, index_out);
    *index_out = rove_index_ref(m->gather.index);
    return ROVE_OK;
}
