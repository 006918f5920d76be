// SPDX-License-Identifier: MIT
// chain.c: what a chain is made of: layers sorted into stages, opened, reset and dropped; how it failed.
#include "filter/chain.h"

#include <stdio.h>
#include <string.h>

// failures --------------------------------------------------------------------------------------

void rv_chain_describe(const struct rv_chain *c, const struct rv_layer *layer,
                       enum rove_status status, struct rv_failure *failure)
{
    failure->status = status;
    failure->passed = c->means.passed;
    if (layer) {
        unsigned i = (unsigned) (layer - c->layers);
        failure->layer = c->dir == ROVE_ENCODE ? i + 1 : c->layer_cnt - i;
        failure->name = layer->filter->name;
        failure->at = layer->taken;
    }
    memcpy(failure->why, c->means.why, sizeof failure->why);
}

enum rove_status rv_chain_fail(struct rv_chain *c, const struct rv_layer *layer, unsigned i,
                               enum rove_status status)
{
    bool nearer = c->dir == ROVE_DECODE && i >= c->floor; // of bytes before those that the one noted is of
    c->floor = i + 1 > c->floor ? i + 1 : c->floor;
    if (c->failure.status && !nearer)
        return c->failure.status;
    rv_chain_describe(c, layer, status, &c->failure);
    return status;
}

// life ------------------------------------------------------------------------------------------

struct rv_layer *rv_chain_layer(struct rv_chain *c, size_t i)
{
    return &c->layers[c->dir == ROVE_ENCODE ? i : c->layer_cnt - 1 - i];
}

const struct rv_item *rv_chain_item(const struct rv_chain *c, const struct rv_layer *layer)
{
    unsigned i = (unsigned) (layer - c->layers);
    if (i == 0 && c->chosen.filter)
        return &c->chosen;
    return &c->spec.items[c->dir == ROVE_ENCODE ? i : c->layer_cnt - 1 - i];
}

// Sorts the layers into stages. Stages not yet there are counted only.
static void sort_layers(struct rv_chain *c)
{
    unsigned from = 0;
    for (unsigned i = 0; i < c->layer_cnt; i++) {
        if (rv_chain_item(c, &c->layers[i])->filter->dir == ROVE_TAP)
            continue;
        struct rv_stage *s = &c->stages[c->stage_cnt++];
        s->taps = &c->layers[from];
        s->tap_cnt = i - from;
        s->codec = &c->layers[i];
        from = i + 1;
    }
    c->last_taps = &c->layers[from];
    c->last_tap_cnt = c->layer_cnt - from;
}

static size_t chain_len(unsigned layer_cnt)
{
    return sizeof(struct rv_chain) +
           layer_cnt * (sizeof(struct rv_layer) + sizeof(struct rv_stage)); // at most 8
}

// What the chain holds when all its trays and the window before it are there.
static uint64_t trays_len(const struct rv_chain *c)
{
    uint64_t len = rv_chain_in_len(c);
    for (unsigned i = 0; i < c->stage_cnt; i++)
        len += rv_tray_len(c->means.pool, c->stages[i].codec->filter->block_len); // at most 8
    return len;
}

// Gives a stage whose codec can do its work in parts a fan, if there are workers.
static void spread(struct rv_chain *c, unsigned i, const struct rove_value *values)
{
    struct rv_stage *s = &c->stages[i];
    if (c->workers && !s->fan && rv_layer_has_parts(s->codec))
        s->fan = rv_fan_new(s->codec, values, c->workers, trays_len(c));
}

static void spread_all(struct rv_chain *c)
{
    for (unsigned i = 0; i < c->stage_cnt; i++)
        spread(c, i, rv_chain_item(c, c->stages[i].codec)->values);
}

// Opens all layers, in the order of the text.
static enum rove_status open_layers(struct rv_chain *c, struct rove_spec_error *error)
{
    for (unsigned i = 0; i < c->layer_cnt; i++) {
        struct rv_item *item = &c->spec.items[i];
        struct rv_layer *layer = rv_chain_layer(c, i);
        layer->filter = item->filter;
        if (item->filter == &rv_auto)
            continue;
        enum rove_status status =
            rv_layer_open(layer, item->filter, item->values, &c->means, c->dir);
        if (!status)
            continue;
        error->off = item->off;
        snprintf(error->text, sizeof error->text, "%s: %s", item->filter->name,
                 c->means.why[0] ? c->means.why : rove_status_text(status));
        return status;
    }
    return ROVE_OK;
}

enum rove_status rv_chain_new(struct rv_spec *spec, uint32_t dir, const struct rove_limits *limits,
                              struct rv_chain **chain_out, struct rove_spec_error *error_out)
{
    enum rove_status status;
    struct rv_chain *c = rv_pool_alloc(spec->pool, chain_len(spec->cnt), &status);
    *chain_out = NULL;
    if (!c) {
        rv_spec_fini(spec);
        return status;
    }
    status = rv_spec_lend(spec, (struct rove_span){limits->dict, limits->dict ? limits->dict_len : 0}, error_out);
    if (status) {
        rv_pool_free(spec->pool, c, chain_len(spec->cnt));
        rv_spec_fini(spec);
        return status;
    }
    memset(c, 0, chain_len(spec->cnt));
    c->means.pool = spec->pool;
    c->means.limit = limits->memory;
    c->workers = rove_workers_ref(limits->workers);
    c->limits = *limits;
    c->limits.dict = NULL; // the caller's
    c->spec = *spec;
    c->dir = dir;
    c->layer_cnt = spec->cnt;
    c->layers = (struct rv_layer *) (c + 1);
    c->stages = (struct rv_stage *) (c->layers + c->layer_cnt);
    sort_layers(c);
    *chain_out = c;
    status = open_layers(c, error_out);
    if (status == ROVE_OK)
        spread_all(c);
    return status;
}

static void drop_chosen(struct rv_chain *c)
{
    if (!c->chosen.filter)
        return;
    rv_fan_free(c->stages[0].fan);
    c->stages[0].fan = NULL;
    rv_layer_close(&c->layers[0]);
    rv_item_fini(&c->chosen, c->means.pool);
    c->chosen.filter = NULL;
    c->layers[0].filter = &rv_auto;
}

void rv_chain_free(struct rv_chain *c)
{
    struct rove_pool *pool = c->means.pool;
    for (unsigned i = 0; i < c->stage_cnt; i++) {
        rv_fan_free(c->stages[i].fan); // whose parts run until then
        c->stages[i].fan = NULL;
    }
    drop_chosen(c);
    for (unsigned i = 0; i < c->layer_cnt; i++)
        rv_layer_close(&c->layers[i]);
    for (unsigned i = 0; i < c->stage_cnt; i++)
        rv_tray_drop(&c->stages[i].out, &c->means);
    rv_spec_fini(&c->spec);
    rove_workers_unref(c->workers);
    rv_pool_free(pool, c, chain_len(c->layer_cnt));
}

static void reset_stage(struct rv_chain *c, struct rv_stage *s)
{
    if (s->fan)
        rv_fan_reset(s->fan);
    rv_tray_restart(&s->out, &c->means);
    s->made = 0;
    s->seen = 0;
    s->act = ROVE_RUN;
    s->looked = s->more = s->fresh = s->ended = false;
}

enum rove_status rv_chain_reset(struct rv_chain *c)
{
    enum rove_status status = ROVE_OK;
    for (unsigned i = 0; i < c->stage_cnt; i++)
        reset_stage(c, &c->stages[i]);
    c->in = (struct rove_in){NULL, 0};
    c->in_chunk = NULL;
    c->in_total = c->out_total = 0;
    c->left = 0;
    c->last_seen = 0;
    c->asked = ROVE_RUN;
    c->through = c->finished = false;
    c->floor = 0;
    c->failure = c->rest = (struct rv_failure){.status = ROVE_OK};
    drop_chosen(c);
    for (unsigned i = 0; i < c->layer_cnt && !status; i++) {
        if (c->layers[i].filter == &rv_auto)
            continue;
        status = rv_layer_reset(&c->layers[i], rv_chain_item(c, &c->layers[i])->values);
        if (status)
            rv_chain_fail(c, &c->layers[i], c->stage_cnt, status);
    }
    return status;
}

enum rove_status rv_chain_choose(struct rv_chain *c, const struct rove_filter *filter,
                                 uint64_t passed)
{
    c->layers[0].taken = passed;
    if (!filter)
        return rv_chain_fail(c, &c->layers[0], 0, ROVE_E_FORMAT);
    c->means.why[0] = 0;
    enum rove_status status = rv_item_plain(filter, c->means.pool, &c->chosen);
    if (status)
        return status;
    status = rv_layer_open(&c->layers[0], filter, c->chosen.values, &c->means, c->dir);
    if (status) {
        rv_item_fini(&c->chosen, c->means.pool);
        c->chosen.filter = NULL;
        c->layers[0].filter = &rv_auto;
    } else {
        spread(c, 0, c->chosen.values);
    }
    c->layers[0].taken = passed;
    return status;
}

size_t rv_chain_in_len(const struct rv_chain *c)
{
    return rv_tray_len(c->means.pool, c->stage_cnt ? c->stages[0].codec->filter->block_len : 0);
}
