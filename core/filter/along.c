// SPDX-License-Identifier: MIT
// along.c: what becomes of a stage's taps when its work is done in parts.
#include "filter/along.h"

#include "filter/registry.h"

#include <string.h>

static bool goes_along(const struct rv_layer *tap)
{
    return rv_filter_joins(tap->filter);
}

static enum rove_status look(struct rv_chain *c, unsigned i, struct rove_in in, bool along)
{
    struct rv_stage *s = &c->stages[i];
    for (unsigned k = 0; k < s->tap_cnt; k++) {
        struct rove_in mine = in;
        if (goes_along(&s->taps[k]) != along)
            continue;
        enum rove_status status = rv_layer_look(&s->taps[k], &mine, ROVE_RUN);
        if (status)
            return rv_chain_fail(c, &s->taps[k], i, status);
    }
    return ROVE_OK;
}

enum rove_status rv_along_take(struct rv_chain *c, unsigned i, struct rove_in in)
{
    return in.len ? look(c, i, in, false) : ROVE_OK;
}

// States for the taps that go along, which as yet have seen nothing. False: not for all of them.
static bool open_states(const struct rv_chain *c, const struct rv_stage *s, struct rv_part *part)
{
    bool all = true;
    if (!part->along && s->tap_cnt) {
        part->along = rv_means_alloc(&part->means, s->tap_cnt * sizeof *part->along); // at most 8
        if (!part->along)
            return false;
        part->along_cnt = s->tap_cnt;
        memset(part->along, 0, s->tap_cnt * sizeof *part->along);
    }
    for (unsigned k = 0; k < s->tap_cnt; k++) {
        struct rv_layer *state = &part->along[k];
        if (!goes_along(&s->taps[k]))
            continue;
        state->filter = s->taps[k].filter;
        state->means = &part->means;
        state->dir = c->dir;
        all &= rv_layer_reset(state, rv_chain_item(c, &s->taps[k])->values) == ROVE_OK;
    }
    return all;
}

void rv_along_send(struct rv_chain *c, unsigned i)
{
    struct rv_stage *s = &c->stages[i];
    struct rv_part *part = s->fan->filling;
    part->along_from = part->looked;
    part->along_fails = !open_states(c, s, part);
}

static enum rove_status catch_up(struct rv_chain *c, unsigned i, struct rv_part *part)
{
    struct rove_in in = {part->buf + part->past_len + part->looked, part->in_len - part->looked};
    part->looked = part->in_len;
    return in.len ? look(c, i, in, true) : ROVE_OK;
}

static enum rove_status join(struct rv_chain *c, unsigned i)
{
    struct rv_stage *s = &c->stages[i];
    struct rv_part *part = s->fan->front;
    if (part->along_fails || part->looked == part->in_len)
        return catch_up(c, i, part);
    for (unsigned k = 0; k < s->tap_cnt; k++) {
        if (!goes_along(&s->taps[k]))
            continue;
        enum rove_status status =
            rv_layer_join(&s->taps[k], &part->along[k], part->in_len - part->looked);
        if (status)
            return rv_chain_fail(c, &s->taps[k], i, status);
    }
    part->looked = part->in_len;
    return ROVE_OK;
}

// Whether the front is all that there is before an act.
static bool is_last(const struct rv_chain *c, unsigned i)
{
    const struct rv_stage *s = &c->stages[i];
    const struct rv_fan *fan = s->fan;
    return s->act != ROVE_RUN && !rv_stage_waiting(c, i).len && !rv_fan_cnt(fan) && !fan->filling &&
           (s->act == ROVE_FLUSH || fan->last);
}

enum rove_status rv_along_join(struct rv_chain *c, unsigned i)
{
    enum rove_status status = join(c, i);
    return status || !is_last(c, i) ? status : rv_along_act(c, i);
}

enum rove_status rv_along_act(struct rv_chain *c, unsigned i)
{
    return rv_stage_look_ahead(c, i, (struct rove_in){NULL, 0});
}

enum rove_status rv_along_catch_up(struct rv_chain *c, unsigned i)
{
    struct rv_fan *fan = c->stages[i].fan;
    enum rove_status status = fan->front ? catch_up(c, i, fan->front) : ROVE_OK;
    for (struct rv_part *part = fan->first; part && !status; part = part->next)
        status = catch_up(c, i, part);
    return fan->filling && !status ? catch_up(c, i, fan->filling) : status;
}
