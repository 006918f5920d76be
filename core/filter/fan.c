// SPDX-License-Identifier: MIT
// fan.c: parts, from spare to spare.
#include "filter/fan.h"

#include "base/arith.h"

#include <string.h>

#define PARTS_EACH 3u // for each thread that codes some, the caller's included, and of large ones:
#define LARGE_PARTS_EACH 2u
#define LARGE_PART ((uint64_t) 512 << 10) // bytes, its input and what it makes
#define LIMIT_SHARE 4u    // all parts of a chain have at most this part of its limit

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
    rv_part_drop_out(part);
    rv_part_drop_held(part);
    rv_part_lay_down(part);
    part->next = fan->spare; // its input stays: the next one may want to see the end of that
    fan->spare = part;
}

void rv_fan_reset(struct rv_fan *fan)
{
    rv_line_cancel(&fan->line);
    fan->spare = fan->filling = fan->prev = fan->first = fan->front = NULL;
    fan->begun = fan->headed = fan->last = fan->told = fan->left = fan->again = fan->stays = fan->drains = false;
    fan->doubt = fan->asked = fan->stale = false;
    fan->want = 0;
    fan->short_cnt = fan->drain_cnt = 0;
    fan->head_left = fan->ahead = 0;
    for (struct rv_part *part = fan->all; part; part = part->of_all)
        make_spare(fan, part);
    if (!fan->cnt) // given up, or never begun
        fan->most = parts_at_most(fan->line.workers, 0);
}

static void free_all(struct rv_fan *fan)
{
    for (struct rv_part *part; (part = fan->all);) {
        fan->all = part->of_all;
        rv_part_free(part, fan->head->means);
    }
    rv_idle_free(fan->idle, fan->head->means->pool);
    fan->idle = NULL;
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
// rope above all, and could not go on without it. own: bytes that its parts have, and are counted as not set aside.
static uint64_t all_shares(const struct rv_fan *fan, uint64_t own)
{
    const struct rv_means *means = fan->head->means;
    struct rove_pool_figures figures;
    rove_pool_measure(means->pool, &figures);
    uint64_t left = means->limit - means->used + own, aside = means->aside - own, most = means->limit / LIMIT_SHARE;
    left -= rv_min_u64(left, fan->others);
    left = rv_min_u64(left, most - rv_min_u64(aside, most));
    return figures.limit ? rv_min_u64(left, figures.limit / 2) : left;
}

uint64_t rv_fan_shares(const struct rv_fan *fan)
{
    return all_shares(fan, fan->cnt * fan->share);
}

void rv_fan_anew(struct rv_fan *fan, unsigned most)
{
    free_all(fan);
    fan->spare = fan->prev = fan->filling = NULL;
    fan->cnt = fan->short_cnt = 0;
    fan->drains = false;
    fan->most = most;
}

// There are to be so many parts, or, for none, half as many as there were: then each has a larger share.
static void have_fewer(struct rv_fan *fan, unsigned cnt)
{
    fan->most = cnt ? cnt : fan->most / 2;
    if (fan->most < 2)
        fan->most = 0; // one alone gains nothing
}

// Whether a share is enough for a part of len bytes.
static bool suits(const struct rv_fan *fan, uint64_t share, uint64_t len, uint64_t made)
{
    uint64_t least = len + rv_tray_len(fan->head->means->pool, fan->head->filter->block_len);
    return share >= least && rv_share_fits(share, len, made);
}

// If a part has got a state that is ready for any, it goes to where threads look for their own. Without memory for the
// place states stay with their parts.
static void share_state(struct rv_fan *fan, struct rv_part *part)
{
    if (!part->layer.state || !rv_layer_is_plain(fan->head))
        return;
    if (!fan->idle && fan->cnt == 1)
        fan->idle = rv_idle_new(fan->head->means->pool, fan->line.room);
    part->idle = fan->idle;
    rv_part_lay_down(part);
}

// A new one, which may come to hold len bytes, `room` of them at once. The first of all tells how many there may be;
// writing, it has no state (rv_fan_begin()).
static struct rv_part *make_one(struct rv_fan *fan, size_t len, size_t room)
{
    bool reads = fan->head->dir == ROVE_DECODE;
    uint64_t made = reads ? rv_layer_part_len(fan->head) : 0;
    unsigned most = fan->cnt ? fan->most : parts_at_most(fan->line.workers, len + (reads ? made : len));
    fan->most = most < fan->most ? most : fan->most;
    while (fan->cnt < fan->most) {
        if (!fan->cnt)
            fan->share = all_shares(fan, 0) / (fan->most + 1);
        bool fits = suits(fan, fan->share, len, made);
        if (!fits && fan->cnt) // it is longer than those before it: there may be as many of these as before
            return NULL;
        struct rv_part *part = fits ? rv_part_make(fan->head->means, fan->share) : NULL;
        if (part && rv_part_widen(part, room) && ((!reads && !fan->begun) || rv_part_open(part, fan->head, fan->values))) {
            part->of_all = fan->all;
            fan->all = part;
            fan->cnt++;
            share_state(fan, part);
            return part;
        }
        if (part)
            rv_part_free(part, fan->head->means);
        have_fewer(fan, fan->cnt);
    }
    return NULL;
}

unsigned rv_fan_could(const struct rv_fan *fan, uint64_t len, uint64_t made)
{
    uint64_t all = rv_fan_shares(fan);
    unsigned most = parts_at_most(fan->line.workers, len + made);
    most = most < fan->line.room ? most : (unsigned) fan->line.room; // a child has no threads
    while (most > 1 && !suits(fan, all / (most + 1), len, made))
        most /= 2; // as have_fewer()
    return most > 1 ? most : 0;
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
    else if (!rv_part_widen(part, past_len + room))
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
    while (!rv_part_widen(part, all) || !rv_part_open(part, fan->head, fan->values)) { // it is the only one
        have_fewer(fan, 0);
        if (!fan->most)
            return false;
        fan->share = rv_max_u64(part->means.limit, (all_shares(fan, 0) + part->means.limit) / (fan->most + 1));
        rv_part_set_aside(part, fan->head->means, fan->share);
    }
    share_state(fan, part);
    return fan->begun = true;
}

void rv_fan_give_up(struct rv_fan *fan)
{
    rv_part_free(fan->filling, fan->head->means);
    fan->all = fan->filling = NULL;
    fan->cnt = fan->most = 0;
    fan->again = false;
}

void rv_fan_send(struct rv_fan *fan, uint32_t act, size_t out_len, uint64_t made_most)
{
    struct rv_part *part = fan->filling;
    struct rove_span past = {part->past_len ? part->buf : NULL, part->past_len};
    rv_part_keep_only(part, out_len);
    part->status = part->idle ? ROVE_OK : rv_layer_part(&part->layer, fan->head, past);
    if (part->status == ROVE_OK)
        rv_part_widen_out(part, made_most / out_len + 1 + (made_most % out_len != 0));
    else
        part->along_fails = true; // taps look in its turn: what it has said stays said
    part->in = rv_part_input(part);
    part->act = act;
    part->made = 0;
    part->made_most = made_most;
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
}

// going on --------------------------------------------------------------------------------------

// The first comes out of the line.
static void come_out(struct rv_fan *fan, struct rv_job *job)
{
    fan->front = rv_part_of(job);
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
    struct rv_tray *next = &part->out[part->sent++];
    rv_means_give(&part->means, next->chunk->cap);
    rv_part_keep(part, to, means);
    *to = *next;
    means->used += to->chunk->cap; // one share is left for that
}

void rv_fan_forget(struct rv_fan *fan)
{
    rv_part_drop_out(fan->front);
}

void rv_fan_retire(struct rv_fan *fan)
{
    make_spare(fan, fan->front);
    fan->front = NULL;
}
