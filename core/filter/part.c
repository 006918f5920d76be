// SPDX-License-Identifier: MIT
// part.c: one part: what it holds, and how it is run.
#include "filter/part.h"

#include "base/arith.h"

#include <string.h>

#define OUT_MOST 4096u // trays that a part fills at most

// in the worker ---------------------------------------------------------------------------------

// Makes the lines of a tray that was read before this CPU's own. A decoder writes a few bytes at a time and reads them
// again: where the reader's CPU shares no cache with this one it waits for each line. Whole lines are asked for without
// their old bytes, and many at once.
static void own_lines(const struct rv_part *part, const struct rv_tray *tray)
{
    if (part->layer.dir == ROVE_DECODE && (part->layer.filter->flags & ROVE_F_MEMORY_BOUND))
        memset(tray->at, 0, (size_t) rv_min_u64(rv_tray_room(tray), part->made_most));
}

// The tray that is being filled, with room; NULL: there is no more to be had.
static struct rv_tray *room_of(struct rv_part *part)
{
    struct rv_tray *tray = part->out_cnt ? &part->out[part->out_cnt - 1] : NULL;
    if (tray && rv_tray_room(tray))
        return tray;
    if (part->out_cnt == part->out_cap)
        return NULL;
    tray = &part->out[part->out_cnt];
    *tray = part->kept;
    part->kept = (struct rv_tray){.chunk = NULL};
    if (tray->chunk)
        own_lines(part, tray);
    if (rv_tray_make_room(tray, &part->means, part->out_len, false))
        return NULL;
    part->out_cnt++;
    return tray;
}

static void look_along(struct rv_part *part)
{
    struct rove_in in = {part->in.ptr + part->along_from, part->in.len - part->along_from};
    for (unsigned k = 0; k < part->along_cnt && in.len && !part->along_fails; k++) {
        struct rove_in mine = in;
        if (part->along[k].state)
            part->along_fails = rv_layer_look(&part->along[k], &mine, ROVE_RUN) != ROVE_OK;
    }
}

static void join_held(struct rv_part *part)
{
    uint8_t *at = part->buf;
    for (unsigned i = 0; i < part->held_cnt && part->held_cnt > 1; i++) {
        memcpy(at, part->held[i].span.ptr, part->held[i].span.len);
        at += part->held[i].span.len;
    }
}

// Takes a state, and makes it ready.
static enum rove_status take_up(struct rv_part *part)
{
    struct rove_span none = {NULL, 0};
    part->home = rv_idle_home();
    rv_idle_take(part->idle, &part->layer, part->home);
    rv_layer_charge(&part->layer, &part->means);
    part->means.used = part->means.used - part->idle_len + part->layer.ctx->held;
    return rv_layer_part(&part->layer, NULL, none);
}

// Codes a part, to its end or as far as it has room.
static void run_part(struct rv_job *job)
{
    struct rv_part *part = rv_part_of(job);
    struct rv_tray *tray;
    join_held(part);
    look_along(part);
    if (part->idle)
        part->status = take_up(part);
    while (part->status == ROVE_OK && (tray = room_of(part))) {
        struct rove_out out = {tray->at, rv_tray_room(tray)};
        part->status = rv_layer_run(&part->layer, &part->in, &out, part->act);
        part->made += (uint64_t) (out.ptr - tray->at);
        tray->at = tray->ready = out.ptr;
    }
}

// one part --------------------------------------------------------------------------------------

void rv_part_drop_held(struct rv_part *part)
{
    if (part->held_cnt)
        part->in_len = 0; // of its buffer
    while (part->held_cnt)
        rv_chunk_unref(part->held[--part->held_cnt].chunk);
}

void rv_part_drop_out(struct rv_part *part)
{
    for (unsigned i = part->sent; i < part->out_cnt; i++)
        rv_tray_drop(&part->out[i], &part->means);
    part->out_cnt = part->sent = 0;
}

void rv_part_keep(struct rv_part *part, struct rv_tray *tray, struct rv_means *means)
{
    rv_tray_restart(tray, means);
    if (part->kept.chunk || !tray->chunk || tray->chunk->cap != part->out_len) {
        rv_tray_drop(tray, means);
        return;
    }
    part->kept = *tray;
    part->means.used += tray->chunk->cap; // in the place of the one that goes on
    rv_means_give(means, tray->chunk->cap);
    *tray = (struct rv_tray){.chunk = NULL};
}

void rv_part_keep_only(struct rv_part *part, size_t len)
{
    if (part->kept.chunk && part->kept.chunk->cap != len)
        rv_tray_drop(&part->kept, &part->means);
}

void rv_part_set_aside(struct rv_part *part, struct rv_means *means, uint64_t len)
{
    means->used = means->used - part->means.limit + len;
    means->aside = means->aside - part->means.limit + len;
    part->means.limit = len;
}

void rv_part_free(struct rv_part *part, struct rv_means *means)
{
    rv_part_drop_out(part);
    rv_part_drop_held(part);
    rv_tray_drop(&part->kept, &part->means);
    rv_layer_close(&part->layer);
    for (unsigned k = 0; k < part->along_cnt; k++)
        rv_layer_close(&part->along[k]);
    if (part->along)
        rv_means_free(&part->means, part->along, part->along_cnt * sizeof *part->along);
    if (part->buf)
        rv_means_free(&part->means, part->buf, part->cap);
    if (part->out)
        rv_means_free(&part->means, part->out, part->out_cap * sizeof *part->out);
    rv_part_set_aside(part, means, 0);
    rv_pool_free(part->means.pool, part, sizeof *part);
}

// One that grows grows by half at least, for a part whose length is found out step by step.
bool rv_part_widen(struct rv_part *part, size_t len)
{
    if (len <= part->cap)
        return true;
    size_t want = len;
    rv_tray_drop(&part->kept, &part->means); // it counts for nothing where memory may be short
    len = rv_max_size(len, part->cap + part->cap / 2);
    uint8_t *buf = rv_means_alloc(&part->means, len);
    if (!buf && want < len)
        buf = rv_means_alloc(&part->means, len = want);
    if (!buf)
        return false;
    if (part->buf) {
        memcpy(buf, part->buf, part->past_len + part->in_len);
        rv_means_free(&part->means, part->buf, part->cap);
    }
    part->buf = buf;
    part->cap = len;
    return true;
}

void rv_part_widen_out(struct rv_part *part, uint64_t cnt)
{
    unsigned cap = (unsigned) rv_min_u64(cnt, OUT_MOST);
    if (cap <= part->out_cap)
        return;
    struct rv_tray *out = rv_means_alloc(&part->means, cap * sizeof *out);
    if (!out)
        return;
    if (part->out)
        rv_means_free(&part->means, part->out, part->out_cap * sizeof *out);
    part->out = out;
    part->out_cap = cap;
}

struct rv_part *rv_part_make(struct rv_means *means, uint64_t share)
{
    enum rove_status why;
    if (!rv_means_allow(means, share))
        return NULL;
    struct rv_part *part = rv_pool_alloc(means->pool, sizeof *part, &why);
    if (!part)
        return NULL;
    memset(part, 0, sizeof *part);
    part->job.run = run_part;
    part->means.pool = means->pool;
    rv_part_set_aside(part, means, share);
    return part;
}

void rv_part_lay_down(struct rv_part *part)
{
    if (!part->idle || !part->layer.state)
        return;
    part->idle_len = part->layer.ctx->held;
    rv_idle_lay(part->idle, &part->layer, part->home);
}

bool rv_part_open(struct rv_part *part, struct rv_layer *head, const struct rove_value *values)
{
    struct rove_span none = {NULL, 0};
    if (part->layer.state || part->idle)
        return true;
    if (!rv_layer_open(&part->layer, head->filter, values, &part->means, head->dir) &&
        !rv_layer_part(&part->layer, head, none)) // for the memory that it takes
        return true;
    rv_layer_close(&part->layer);
    return false;
}
