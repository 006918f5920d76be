// SPDX-License-Identifier: MIT
// cache.c: finding, keeping and dropping stretches.
#include "seek/cache.h"

#include "base/arith.h"

#include <string.h>

// the table -------------------------------------------------------------------------------------

static struct rv_stretch **bucket_of(const struct rv_cache *c, size_t i)
{
    uint64_t mixed = (uint64_t) i * UINT64_C(0x9e3779b97f4a7c15);
    return &c->buckets[(mixed >> 32) & (c->bucket_cnt - 1)];
}

static void put_in_bucket(struct rv_cache *c, struct rv_stretch *e)
{
    struct rv_stretch **bucket = bucket_of(c, e->at.i);
    e->in_bucket = *bucket;
    *bucket = e;
}

static void drop_buckets(struct rv_cache *c)
{
    if (c->buckets != c->few)
        rv_means_free(&c->seek->means, c->buckets, c->bucket_cnt * sizeof *c->buckets);
}

// Without memory the lists just become longer.
static void grow(struct rv_cache *c)
{
    size_t cnt = c->bucket_cnt * 4, len;
    if (c->cnt <= c->bucket_cnt || rv_mul_size(cnt, sizeof *c->buckets, &len))
        return;
    struct rv_stretch **buckets = rv_means_alloc(&c->seek->means, len);
    if (!buckets)
        return;
    memset(buckets, 0, len);
    drop_buckets(c);
    c->buckets = buckets;
    c->bucket_cnt = cnt;
    for (struct rv_stretch *e = c->first; e; e = e->next)
        put_in_bucket(c, e);
}

struct rv_stretch *rv_cache_find(const struct rv_cache *c, size_t i)
{
    struct rv_stretch *e = *bucket_of(c, i);
    while (e && e->at.i != i)
        e = e->in_bucket;
    return e;
}

// the order of use ------------------------------------------------------------------------------

static void put_first(struct rv_cache *c, struct rv_stretch *e)
{
    e->prev = NULL;
    e->next = c->first;
    *(c->first ? &c->first->prev : &c->last) = e;
    c->first = e;
}

static void take_out(struct rv_cache *c, struct rv_stretch *e)
{
    *(e->prev ? &e->prev->next : &c->first) = e->next;
    *(e->next ? &e->next->prev : &c->last) = e->prev;
}

void rv_cache_use(struct rv_cache *c, struct rv_stretch *e)
{
    if (c->first == e)
        return;
    take_out(c, e);
    put_first(c, e);
}

void rv_cache_drop(struct rv_cache *c, struct rv_stretch *e)
{
    struct rv_stretch **at = bucket_of(c, e->at.i);
    while (*at != e)
        at = &(*at)->in_bucket;
    *at = e->in_bucket;
    take_out(c, e);
    c->cnt--;
    c->held -= e->cost;
    c->shown = c->shown == e ? NULL : c->shown;
    c->current = c->current == e ? NULL : c->current;
    rv_stretch_free(e);
}

// Drops the one that was not used for longest. False: there is none.
static bool evict(struct rv_cache *c)
{
    struct rv_stretch *at = c->last;
    while (at && (at == c->current || at == c->shown || at->away))
        at = at->prev;
    if (at)
        rv_cache_drop(c, at);
    return at != NULL;
}

static void recount(struct rv_cache *c, struct rv_stretch *e)
{
    c->held -= e->cost;
    e->cost = rv_stretch_cost(e);
    c->held += e->cost;
}

void rv_cache_settle(struct rv_cache *c, struct rv_stretch *e)
{
    bool more = true;
    recount(c, e);
    while (c->held > c->most && more)
        more = evict(c); // perhaps e
}

// The same for the current one, of which what lies before off may go.
static void settle_current(struct rv_cache *c, uint64_t off)
{
    rv_cache_settle(c, c->current);
    while (c->held > c->most && rv_segs_trim(c->current, off))
        recount(c, c->current);
}

// Gives up something. False: there is nothing that could be, but for what of the current one lies from off on.
static bool make_room(struct rv_cache *c, uint64_t off)
{
    struct rv_coded *coded = &c->seek->coded;
    if (evict(c) || rv_hand_trim(&c->seek->hands))
        return true;
    if (coded->buf) {
        rv_coded_drop(coded);
        return true;
    }
    return c->current && rv_segs_trim(c->current, off);
}

// life ------------------------------------------------------------------------------------------

void rv_cache_init(struct rv_cache *c, struct rv_seek *seek, uint64_t most)
{
    *c = (struct rv_cache){.seek = seek, .most = most, .bucket_cnt = RV_BUCKETS_FIRST};
    c->buckets = c->few;
}

void rv_cache_fini(struct rv_cache *c)
{
    c->shown = c->current = NULL;
    while (evict(c))
        continue;
    drop_buckets(c);
}

struct rv_stretch *rv_cache_add(struct rv_cache *c, const struct rv_reach *at)
{
    struct rv_stretch *e = rv_stretch_new(c->seek, at);
    while (!e && make_room(c, 0))
        e = rv_stretch_new(c->seek, at);
    if (!e)
        return NULL;
    grow(c);
    c->cnt++;
    put_in_bucket(c, e);
    put_first(c, e);
    recount(c, e);
    return e;
}

// reading ---------------------------------------------------------------------------------------

enum rove_status rv_cache_want(struct rv_cache *c, uint64_t off, uint64_t upto,
                               enum rv_blame *blame_out)
{
    struct rv_stretch *e = c->current;
    uint64_t goal = e->whole ? rv_stretch_len(e) : upto;
    enum rove_status status = ROVE_OK;
    size_t tries = c->cnt + c->seek->hands.cnt + 2; // what others hold, and the coded bytes: all may be given up once
    if (rv_segs_lack(e, off))
        rv_stretch_rewind(e);
    while (status == ROVE_OK && rv_stretch_ready(e) < upto) {
        status = rv_stretch_go_on(e, goal, blame_out);
        uint64_t used = c->seek->means.used;
        settle_current(c, off);
        bool gave = c->seek->means.used < used; // that may be enough
        bool starved = rv_stretch_is_starved(e);
        if (!starved && (!status || *blame_out != RV_BLAME_MEMORY))
            continue;
        if (!gave && !make_room(c, off))
            break;
        if (starved && !tries--) // begun anew it takes again what it gave up itself
            break;
        if (starved)
            rv_stretch_rewind(e);
        recount(c, e);
        status = ROVE_OK;
    }
    return status;
}
