// SPDX-License-Identifier: MIT
// ahead.c: sending stretches away, and taking them back.
#include "seek/ahead.h"

#include "base/arith.h"

#define STRETCHES_A_WORKER 2u
#define LIMIT_SHARE 4u // all shares are this part of the limit at most
#define SLACK (UINT64_C(256) << 10) // bytes that a decoder may come to hold, before any is known
#define REQUEST_FIRST ((size_t) 64 << 10)
#define REQUEST_MOST ((size_t) 1 << 20)

void rv_ahead_init(struct rv_ahead *a, struct rv_cache *cache, struct rove_workers *workers)
{
    size_t width = rv_workers_width(workers);
    *a = (struct rv_ahead){.cache = cache, .expect = UINT64_MAX, .here = UINT64_MAX};
    a->most = (unsigned) rv_min_size(width * STRETCHES_A_WORKER, UINT16_MAX);
    a->end = &a->first;
    struct rove_pool_figures figures;
    rove_pool_measure(cache->seek->means.pool, &figures);
    a->shares_most = cache->seek->means.limit / LIMIT_SHARE;
    if (figures.limit)
        a->shares_most = rv_min_u64(a->shares_most, figures.limit / 2);
    rv_line_init(&a->line, a->most ? workers : NULL, a->most + 1);
}

void rv_ahead_fini(struct rv_ahead *a)
{
    rv_ahead_cancel(a);
    rv_line_fini(&a->line);
}

// taking back -----------------------------------------------------------------------------------

// The first one, which is in the line no more.
static struct rv_stretch *take_first(struct rv_ahead *a)
{
    struct rv_stretch *e = a->first;
    a->first = e->next_away;
    if (!a->first)
        a->end = &a->first;
    a->cnt--;
    a->shares -= e->hand->share;
    rv_stretch_back(e);
    return e;
}

bool rv_ahead_cancel(struct rv_ahead *a)
{
    struct rv_seek *k = a->cache->seek;
    bool any = a->cnt != 0;
    rv_switch_turn(&k->stop, true);
    rv_line_cancel(&a->line);
    rv_switch_turn(&k->stop, false);
    while (a->cnt) {
        struct rv_stretch *e = take_first(a);
        if (e->status == ROVE_END)
            rv_cache_settle(a->cache, e);
        else
            rv_cache_drop(a->cache, e);
    }
    a->window = 0;
    return any;
}

static void bring(struct rv_ahead *a, const struct rv_stretch *e)
{
    while (e->away) {
        struct rv_job *job = rv_line_wait(&a->line);
        struct rv_stretch *first = take_first(a);
        RV_ASSERT(job == &first->job);
        (void) job;
        rv_cache_use(a->cache, first);
        rv_cache_settle(a->cache, first);
    }
}

// sending ---------------------------------------------------------------------------------------

// What it may need in all. What a hand holds already is counted, but nobody knows how much that is.
static uint64_t share_of(const struct rv_ahead *a, const struct rv_reach *at)
{
    const struct rv_seek *k = a->cache->seek;
    uint64_t len = rv_reach_len(at), share, trays = sizeof(struct rv_tray) * 2;
    uint64_t segs = len / k->seg_len + 1;
    if (rv_add_u64(len, rv_max_u64(k->hands.need, SLACK) + k->means.pool->chunk_len, &share) ||
        rv_add_u64(share, segs * trays + (segs + 1) * 64, &share))
        return UINT64_MAX;
    return share;
}

static bool may_send(const struct rv_ahead *a, const struct rv_reach *at, uint64_t share)
{
    const struct rv_means *means = &a->cache->seek->means;
    uint64_t coded = at->to.coded - rv_reach_off(at), all, most = a->shares_most;
    return coded <= RV_REQUEST_MAX && !rv_add_u64(share, a->shares, &all) && all <= most &&
           coded <= most - all && rv_means_allow(means, share + coded);
}

static bool send(struct rv_ahead *a, const struct rv_reach *at)
{
    struct rv_seek *k = a->cache->seek;
    uint64_t share = share_of(a, at);
    if (!may_send(a, at, share))
        return false;
    struct rv_stretch *e = rv_cache_add(a->cache, at);
    if (!e)
        return false;
    if (rv_stretch_load(e) || !rv_stretch_is_loaded(e) || !rv_means_allow(&k->means, share)) {
        rv_cache_drop(a->cache, e);
        return false;
    }
    rv_stretch_send(e, &a->line, share);
    a->shares += share;
    *a->end = e;
    a->end = &e->next_away;
    a->cnt++;
    return true;
}

static void fill(struct rv_ahead *a)
{
    const struct rove_index *index = a->cache->seek->index;
    while (a->cnt < a->window && a->next < index->plain_len) {
        struct rv_reach at;
        rv_reach_find(index, a->next, &at);
        if (!rv_cache_find(a->cache, at.i) && !send(a, &at))
            return;
        a->next = at.to.plain;
    }
}

static void widen(struct rv_ahead *a)
{
    struct rv_coded *coded = &a->cache->seek->coded;
    coded->ahead = rv_min_size(coded->ahead ? coded->ahead * 2 : REQUEST_FIRST, REQUEST_MOST);
    a->window = a->window ? a->window * 2 : 1;
    a->window = a->window < a->most ? a->window : a->most;
}

void rv_ahead_reach(struct rv_ahead *a, struct rv_stretch *e, bool by_cursor)
{
    struct rv_seek *k = a->cache->seek;
    bool follows = e->away || e->at.from.plain == a->expect;
    bool elsewhere = !follows && !by_cursor && a->window; // a look, while something is read in order
    if (e->at.from.plain == a->here || elsewhere)
        return;
    if (follows) {
        widen(a);
    } else {
        rv_ahead_cancel(a);
        rv_coded_drop(&k->coded);
        a->next = 0;
    }
    a->here = e->at.from.plain;
    a->expect = e->at.to.plain;
    a->next = rv_max_u64(a->next, a->expect);
    bring(a, e);
    if (a->window && rv_stretch_load(e) == ROVE_OK) // its own come first
        fill(a);
}
