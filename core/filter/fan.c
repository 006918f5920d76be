// SPDX-License-Identifier: MIT
// fan.c: parts, from spare to spare.
#include "filter/fan.h"

#include "base/arith.h"

#include <string.h>

#define PARTS_EACH 3u // for each thread that codes some, the caller's included, and of large ones:
#define LARGE_PARTS_EACH 2u
#define LARGE_PART ((uint64_t) 512 << 10) // bytes, its input and what it makes
#define LIMIT_SHARE 4u    // all parts of a chain have at most this part of its limit
#define OUT_MOST 4096u    // trays that a part fills at most

static struct rv_part *part_of(struct rv_job *job)
{
    return (struct rv_part *) (void *) ((uint8_t *) job - offsetof(struct rv_part, job));
}

// in the worker ---------------------------------------------------------------------------------

// The tray that is being filled, with room; NULL: there is no more to be had.
static struct rv_tray *room_of(struct rv_part *part)
{
    struct rv_tray *tray = part->out_cnt ? &part->out[part->out_cnt - 1] : NULL;
    if (tray && rv_tray_room(tray))
        return tray;
    if (part->out_cnt == part->out_cap)
        return NULL;
    tray = &part->out[part->out_cnt];
    *tray = (struct rv_tray){.chunk = NULL};
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

// Codes a part, to its end or as far as it has room.
static void run_part(struct rv_job *job)
{
    struct rv_part *part = part_of(job);
    struct rv_tray *tray;
    join_held(part);
    look_along(part);
    while (part->status == ROVE_OK && (tray = room_of(part))) {
        struct rove_out out = {tray->at, rv_tray_room(tray)};
        part->status = rv_layer_run(&part->layer, &part->in, &out, part->act);
        part->made += (uint64_t) (out.ptr - tray->at);
        tray->at = tray->ready = out.ptr;
    }
}

// one part --------------------------------------------------------------------------------------

static void drop_held(struct rv_part *part)
{
    if (part->held_cnt)
        part->in_len = 0; // of its buffer
    while (part->held_cnt)
        rv_chunk_unref(part->held[--part->held_cnt].chunk);
}

static void drop_out(struct rv_part *part)
{
    for (unsigned i = part->sent; i < part->out_cnt; i++)
        rv_tray_drop(&part->out[i], &part->means);
    part->out_cnt = part->sent = 0;
}

// Sets aside what it may hold.
static void set_aside(const struct rv_fan *fan, struct rv_part *part, uint64_t len)
{
    struct rv_means *means = fan->head->means;
    means->used = means->used - part->means.limit + len;
    means->aside = means->aside - part->means.limit + len;
    part->means.limit = len;
}

static void free_part(const struct rv_fan *fan, struct rv_part *part)
{
    drop_out(part);
    drop_held(part);
    rv_layer_close(&part->layer);
    for (unsigned k = 0; k < part->along_cnt; k++)
        rv_layer_close(&part->along[k]);
    if (part->along)
        rv_means_free(&part->means, part->along, part->along_cnt * sizeof *part->along);
    if (part->buf)
        rv_means_free(&part->means, part->buf, part->cap);
    if (part->out)
        rv_means_free(&part->means, part->out, part->out_cap * sizeof *part->out);
    set_aside(fan, part, 0);
    rv_pool_free(part->means.pool, part, sizeof *part);
}

// Makes room for len bytes in its buffer, of which it keeps what it has. One that grows grows by half at least, for a
// part whose length is found out step by step.
static bool widen_buf(struct rv_part *part, size_t len)
{
    if (len <= part->cap)
        return true;
    size_t want = len;
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

// Makes room for cnt trays, of which there are none. Less has to do when there is no memory.
static void widen_out(struct rv_part *part, uint64_t cnt)
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

// A part without a state: that is opened when it is needed.
static struct rv_part *make_part(struct rv_fan *fan)
{
    struct rv_means *means = fan->head->means;
    enum rove_status why;
    if (!rv_means_allow(means, fan->share))
        return NULL;
    struct rv_part *part = rv_pool_alloc(means->pool, sizeof *part, &why);
    if (!part)
        return NULL;
    memset(part, 0, sizeof *part);
    part->job.run = run_part;
    part->means.pool = means->pool;
    set_aside(fan, part, fan->share);
    return part;
}

static bool open_part(const struct rv_fan *fan, struct rv_part *part)
{
    struct rv_layer *head = fan->head;
    struct rove_span none = {NULL, 0};
    if (part->layer.state)
        return true;
    if (!rv_layer_open(&part->layer, head->filter, fan->values, &part->means, head->dir) &&
        !rv_layer_part(&part->layer, head, none)) // for the memory that it takes
        return true;
    rv_layer_close(&part->layer);
    return false;
}

// the fan ---------------------------------------------------------------------------------------

// One that a thread codes, one that waits for it, and one that is done and waits to go on: so a part that takes three
// times as long as others leaves no thread without work. And the one that is being filled. Of large ones more would cost
// more than they gain: what they hold is in no cache any more when its turn comes.
static unsigned parts_at_most(struct rove_workers *workers, uint64_t held)
{
    unsigned each = held > LARGE_PART ? LARGE_PARTS_EACH : PARTS_EACH;
    return each * ((unsigned) rv_workers_width(workers) + 1) + 1; // at most 1024 threads
}

struct rv_fan *rv_fan_new(struct rv_layer *head, const struct rove_value *values,
                          struct rove_workers *workers, uint64_t others)
{
    enum rove_status why;
    if (!rv_workers_width(workers))
        return NULL;
    struct rv_fan *fan = rv_pool_alloc(head->means->pool, sizeof *fan, &why);
    if (!fan)
        return NULL;
    memset(fan, 0, sizeof *fan);
    fan->head = head;
    fan->values = values;
    fan->others = others;
    fan->most = parts_at_most(workers, 0);
    rv_line_init(&fan->line, workers, fan->most);
    return fan;
}

static void make_spare(struct rv_fan *fan, struct rv_part *part)
{
    drop_out(part);
    drop_held(part);
    part->next = fan->spare; // its input stays: the next one may want to see the end of that
    fan->spare = part;
}

void rv_fan_reset(struct rv_fan *fan)
{
    rv_line_cancel(&fan->line);
    fan->spare = fan->filling = fan->prev = fan->first = fan->front = NULL;
    fan->begun = fan->headed = fan->last = fan->told = fan->left = fan->again = fan->stays = false;
    fan->want = 0;
    fan->head_left = fan->ahead = 0;
    for (struct rv_part *part = fan->all; part; part = part->of_all)
        make_spare(fan, part);
}

static void free_all(struct rv_fan *fan)
{
    for (struct rv_part *part; (part = fan->all);) {
        fan->all = part->of_all;
        free_part(fan, part);
    }
}

void rv_fan_free(struct rv_fan *fan)
{
    if (!fan)
        return;
    rv_line_fini(&fan->line);
    free_all(fan);
    rv_pool_free(fan->head->means->pool, fan, sizeof *fan);
}

// filling ---------------------------------------------------------------------------------------

// What all parts may hold: what the chain has left beside its trays, but no more than a quarter of its limit, since the
// heads may come to ask for more, nor than half of a pool that has a limit. That is for what stands around the chain, a
// rope above all, and could not go on without it.
static uint64_t all_shares(const struct rv_fan *fan)
{
    const struct rv_means *means = fan->head->means;
    struct rove_pool_figures figures;
    rove_pool_measure(means->pool, &figures);
    uint64_t left = means->limit - means->used;
    left -= rv_min_u64(left, fan->others);
    left = rv_min_u64(left, means->limit / LIMIT_SHARE - rv_min_u64(means->aside, means->limit / LIMIT_SHARE));
    return figures.limit ? rv_min_u64(left, figures.limit / 2) : left;
}

uint64_t rv_fan_shares(const struct rv_fan *fan)
{
    return all_shares(fan) + fan->cnt * fan->share;
}

void rv_fan_anew(struct rv_fan *fan)
{
    free_all(fan);
    fan->spare = fan->prev = NULL;
    fan->cnt = 0;
    fan->most = (unsigned) fan->line.room;
}

// There are to be so many parts, or, for none, half as many as there were: then each has a larger share.
static void have_fewer(struct rv_fan *fan, unsigned cnt)
{
    fan->most = cnt ? cnt : fan->most / 2;
    if (fan->most < 2)
        fan->most = 0; // one alone gains nothing
}

// A new one, which may come to hold len bytes, `room` of them at once. The first of all tells how many there may be;
// writing, it has no state (rv_fan_begin()).
static struct rv_part *make_one(struct rv_fan *fan, size_t len, size_t room)
{
    const struct rv_means *means = fan->head->means;
    uint64_t least = len + rv_tray_len(means->pool, fan->head->filter->block_len);
    bool reads = fan->head->dir == ROVE_DECODE;
    uint64_t made = reads ? rv_layer_part_len(fan->head) : 0;
    unsigned most = fan->cnt ? fan->most : parts_at_most(fan->line.workers, len + (reads ? made : len));
    fan->most = most < fan->most ? most : fan->most;
    while (fan->cnt < fan->most) {
        if (!fan->cnt)
            fan->share = all_shares(fan) / (fan->most + 1);
        bool fits = fan->share >= least && rv_fan_fits(fan, len, made);
        struct rv_part *part = fits ? make_part(fan) : NULL;
        if (part && widen_buf(part, room) && ((!reads && !fan->begun) || open_part(fan, part))) {
            part->of_all = fan->all;
            fan->all = part;
            fan->cnt++;
            return part;
        }
        if (part)
            free_part(fan, part);
        have_fewer(fan, fan->cnt);
    }
    return NULL;
}

static size_t past_most(const struct rv_fan *fan)
{
    return fan->head->dir == ROVE_ENCODE ? fan->head->filter->past_len : 0; // at most 1 MiB
}

// Puts in front of a part's input the end of what the one before it was given, which may be the same part.
static void take_past(const struct rv_fan *fan, struct rv_part *part)
{
    const struct rv_part *prev = fan->prev;
    size_t all = prev ? prev->past_len + prev->in_len : 0;
    size_t len = rv_min_size(all, past_most(fan));
    if (len)
        memmove(part->buf, prev->buf + all - len, len);
    part->past_len = len;
    part->in_len = part->looked = 0;
}

struct rv_part *rv_fan_fill(struct rv_fan *fan, size_t len, size_t room)
{
    size_t past_len = past_most(fan); // len: at most 64 MiB
    struct rv_part *part = fan->filling ? fan->filling : fan->spare;
    if (!part)
        part = make_one(fan, past_len + len, past_len + room);
    else if (!widen_buf(part, past_len + room))
        return NULL;
    if (!part || part == fan->filling)
        return part;
    if (part == fan->spare)
        fan->spare = part->next;
    take_past(fan, part);
    return fan->filling = part;
}

bool rv_fan_begin(struct rv_fan *fan, size_t len)
{
    struct rv_part *part = fan->filling;
    size_t all = past_most(fan) + len;
    while (!widen_buf(part, all) || !open_part(fan, part)) { // it is the only one
        have_fewer(fan, 0);
        if (!fan->most)
            return false;
        fan->share = rv_max_u64(part->means.limit, (all_shares(fan) + part->means.limit) / (fan->most + 1));
        set_aside(fan, part, fan->share);
    }
    return fan->begun = true;
}

void rv_fan_give_up(struct rv_fan *fan)
{
    free_part(fan, fan->filling);
    fan->all = fan->filling = NULL;
    fan->cnt = fan->most = 0;
    fan->again = false;
}

enum rove_status rv_fan_send(struct rv_fan *fan, uint32_t act, size_t out_len, uint64_t made_most)
{
    struct rv_part *part = fan->filling;
    struct rove_span past = {part->buf, part->past_len};
    enum rove_status status = rv_layer_part(&part->layer, fan->head, past);
    if (status) {
        memcpy(fan->head->means->why, part->means.why, sizeof part->means.why);
        return status;
    }
    widen_out(part, made_most / out_len + 1 + (made_most % out_len != 0));
    part->in = rv_part_input(part);
    part->act = act;
    part->status = ROVE_OK;
    part->made = 0;
    part->seen = false;
    part->out_len = out_len;
    part->next = NULL;
    if (fan->first)
        fan->prev->next = part;
    else
        fan->first = part;
    fan->prev = part;
    fan->filling = NULL;
    rv_line_submit(&fan->line, &part->job);
    return ROVE_OK;
}

// going on --------------------------------------------------------------------------------------

// The first comes out of the line.
static void come_out(struct rv_fan *fan, struct rv_job *job)
{
    fan->front = part_of(job);
    fan->first = fan->front->next;
}

bool rv_fan_poll(struct rv_fan *fan)
{
    struct rv_job *job = rv_line_poll(&fan->line);
    if (job)
        come_out(fan, job);
    return job != NULL;
}

void rv_fan_wait(struct rv_fan *fan)
{
    come_out(fan, rv_line_wait(&fan->line));
}

struct rove_span rv_fan_shown(struct rv_fan *fan)
{
    struct rv_part *part = fan->front;
    if (part->sent == part->out_cnt)
        return (struct rove_span){NULL, 0};
    const struct rv_tray *tray = &part->out[part->sent];
    return (struct rove_span){tray->from, rv_tray_ready(tray)};
}

void rv_fan_pass(struct rv_fan *fan, struct rv_tray *to)
{
    struct rv_part *part = fan->front;
    struct rv_means *means = fan->head->means;
    rv_tray_drop(to, means);
    *to = part->out[part->sent++];
    rv_means_give(&part->means, to->chunk->cap);
    means->used += to->chunk->cap; // one share is left for that
}

void rv_fan_forget(struct rv_fan *fan)
{
    drop_out(fan->front);
}

void rv_fan_retire(struct rv_fan *fan)
{
    make_spare(fan, fan->front);
    fan->front = NULL;
}
