// SPDX-License-Identifier: MIT
// layer.c: calls filters and believes nothing they say.
//
// What a filter may do wrong without harm, and what becomes of it: it moves a span by more than its
// length or backwards, returns what is no status, ends what was not asked to end, leaves input of
// which it says that it is done with, or moves nothing again and again: ROVE_E_STALL, and it is not
// called any more. (A filter that writes past its room has already done so; in-process code is
// trusted that far.)
#include "filter/layer.h"

#include <rove/chain.h>

#include "base/arith.h"

#include <stdio.h>
#include <string.h>

#define BLOCK_HEAD 16u // in front of the host's blocks: their length; keeps their alignment
#define IDLE_MAX 2     // calls in a row that may move nothing

// means -----------------------------------------------------------------------------------------

bool rv_means_take(struct rv_means *means, size_t len)
{
    if (means->used > means->limit || len > means->limit - means->used) {
        means->refused = ROVE_E_LIMIT;
        return false;
    }
    means->used += len;
    return true;
}

void rv_means_give(struct rv_means *means, size_t len)
{
    means->used -= len;
}

void *rv_means_alloc(struct rv_means *means, size_t len)
{
    if (!rv_means_take(means, len))
        return NULL;
    void *ptr = rv_pool_alloc(means->pool, len, &means->refused);
    if (!ptr)
        rv_means_give(means, len);
    return ptr;
}

void rv_means_free(struct rv_means *means, void *ptr, size_t len)
{
    rv_means_give(means, len);
    rv_pool_free(means->pool, ptr, len);
}

void rv_means_explain(struct rv_means *means, const char *why)
{
    size_t len = strnlen(why, RV_WHY_MAX);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char) why[i];
        means->why[i] = c < 0x20 || c == 0x7f ? '?' : why[i];
    }
    means->why[len] = 0;
}

// host ------------------------------------------------------------------------------------------

static void *host_alloc(void *ctx, size_t len)
{
    struct rv_layer *layer = ctx;
    size_t whole;
    if (rv_add_size(len, BLOCK_HEAD, &whole)) {
        layer->means->refused = ROVE_E_LIMIT;
        return NULL;
    }
    uint8_t *block = rv_means_alloc(layer->means, whole);
    if (!block)
        return NULL;
    memcpy(block, &whole, sizeof whole);
    return block + BLOCK_HEAD;
}

static void host_free(void *ctx, void *ptr)
{
    struct rv_layer *layer = ctx;
    size_t whole;
    if (!ptr)
        return;
    uint8_t *block = (uint8_t *) ptr - BLOCK_HEAD;
    memcpy(&whole, block, sizeof whole);
    rv_means_free(layer->means, block, whole);
}

static void host_explain(void *ctx, const char *why)
{
    struct rv_layer *layer = ctx;
    if (why)
        rv_means_explain(layer->means, why);
}

// what a filter returned ------------------------------------------------------------------------

static enum rove_status broke(struct rv_layer *layer, const char *why)
{
    layer->ended = true;
    rv_means_explain(layer->means, why);
    return ROVE_E_STALL;
}

// A return value as the status that it is. AGAIN is none: a filter waits for nothing.
static enum rove_status judge(struct rv_layer *layer, int32_t rc)
{
    if (rc == ROVE_OK || rc == ROVE_END)
        return (enum rove_status) rc;
    layer->ended = true;
    if (rc > 0 || rc < ROVE_E_STATE || rc == ROVE_E_AGAIN) {
        char why[64];
        snprintf(why, sizeof why, "it returned %ld, which is no status", (long) rc);
        return broke(layer, why);
    }
    if (rc == ROVE_E_NOMEM && layer->means->refused == ROVE_E_LIMIT) {
        rv_means_explain(layer->means, "it wants more memory than the chain may have");
        return ROVE_E_LIMIT;
    }
    return (enum rove_status) rc;
}

static void be_ready(struct rv_layer *layer)
{
    layer->means->refused = ROVE_OK;
    layer->means->why[0] = 0;
}

// Tells whether a span was only moved forward within itself.
static bool moved_well(const uint8_t *ptr, size_t len, const uint8_t *ptr_now, size_t len_now)
{
    return len_now <= len && ptr_now == (ptr ? ptr + (len - len_now) : NULL);
}

// Counts a call that could have moved something. A tap that was given nothing moves nothing.
static enum rove_status count_idle(struct rv_layer *layer, bool moved)
{
    layer->idle = moved ? 0 : (uint8_t) (layer->idle + 1);
    return layer->idle < IDLE_MAX ? ROVE_OK : broke(layer, "it makes no progress");
}

// open and close --------------------------------------------------------------------------------

static size_t state_len(const struct rv_layer *layer)
{
    return rv_max_size(layer->filter->state_len, 1);
}

static void drop_state(struct rv_layer *layer)
{
    rv_means_free(layer->means, layer->state, state_len(layer));
    layer->state = NULL;
}

// Opens the filter on its zeroed state, which is given back on failure.
static enum rove_status open_state(struct rv_layer *layer, const struct rove_value *values)
{
    be_ready(layer);
    memset(layer->state, 0, state_len(layer));
    layer->taken = 0;
    layer->idle = 0;
    layer->ended = false;
    enum rove_status status =
        judge(layer, layer->filter->open(layer->state, &layer->host, values));
    if (status == ROVE_END)
        status = broke(layer, "it ended before it began");
    if (status)
        drop_state(layer);
    return status;
}

enum rove_status rv_layer_open(struct rv_layer *layer, const struct rove_filter *filter,
                               const struct rove_value *values, struct rv_means *means,
                               uint32_t dir)
{
    layer->filter = filter;
    layer->means = means;
    layer->dir = dir;
    layer->host = (struct rove_host){.size = sizeof layer->host,
                                     .abi = ROVE_FILTER_ABI,
                                     .ctx = layer,
                                     .alloc = host_alloc,
                                     .free = host_free,
                                     .explain = host_explain};
    be_ready(layer);
    layer->state = rv_means_alloc(means, state_len(layer));
    if (!layer->state)
        return judge(layer, ROVE_E_NOMEM);
    return open_state(layer, values);
}

void rv_layer_close(struct rv_layer *layer)
{
    if (!layer->state)
        return;
    layer->filter->close(layer->state);
    drop_state(layer);
}

enum rove_status rv_layer_reset(struct rv_layer *layer, const struct rove_value *values)
{
    if (!layer->state)
        return rv_layer_open(layer, layer->filter, values, layer->means, layer->dir);
    be_ready(layer);
    layer->taken = 0;
    layer->idle = 0;
    layer->ended = false;
    int32_t rc = layer->filter->reset(layer->state);
    if (rc == ROVE_OK)
        return ROVE_OK;
    layer->filter->close(layer->state);
    if (rc == ROVE_E_UNSUPPORTED)
        return open_state(layer, values);
    enum rove_status status = judge(layer, rc);
    drop_state(layer);
    return status == ROVE_END ? broke(layer, "it ended when it was reset") : status;
}

// run -------------------------------------------------------------------------------------------

// Whether a codec may say END now, having left input.
static enum rove_status judge_end(struct rv_layer *layer, size_t left, uint32_t act)
{
    bool decodes = layer->dir == ROVE_DECODE;
    if (act == ROVE_RUN && !decodes)
        return broke(layer, "it ended before it was asked to");
    if (left && (act == ROVE_FLUSH || !decodes))
        return broke(layer, "it ended without taking all of its input");
    layer->ended = act != ROVE_FLUSH;
    return ROVE_END;
}

enum rove_status rv_layer_run(struct rv_layer *layer, struct rove_in *in, struct rove_out *out,
                              uint32_t act)
{
    RV_ASSERT(layer->state && !layer->ended && !rv_layer_is_tap(layer) && out->len);
    struct rove_in in_was = *in;
    struct rove_out out_was = *out;
    be_ready(layer);
    int32_t rc = layer->filter->run(layer->state, in, out, act);
    if (!moved_well(in_was.ptr, in_was.len, in->ptr, in->len)) {
        *in = in_was;
        *out = out_was;
        return broke(layer, "it took more input than it was given");
    }
    if (!moved_well(out_was.ptr, out_was.len, out->ptr, out->len)) {
        *out = out_was;
        return broke(layer, "it made more output than it had room for");
    }
    size_t took = in_was.len - in->len;
    layer->taken += took;
    enum rove_status status = judge(layer, rc);
    if (status < 0)
        return status;
    bool moved = took || out->len < out_was.len || status == ROVE_END;
    status = status == ROVE_END ? judge_end(layer, in->len, act) : status;
    if (status >= 0 && (in->len || act != ROVE_RUN || moved)) {
        enum rove_status stall = count_idle(layer, moved);
        status = stall ? stall : status;
    }
    return status;
}

// One call of a tap.
static enum rove_status look_once(struct rv_layer *layer, struct rove_in *in, uint32_t act)
{
    struct rove_in was = *in;
    be_ready(layer);
    int32_t rc = layer->filter->run(layer->state, in, NULL, act);
    if (!moved_well(was.ptr, was.len, in->ptr, in->len)) {
        *in = was;
        return broke(layer, "it took more input than it was given");
    }
    layer->taken += was.len - in->len;
    enum rove_status status = judge(layer, rc);
    if (status < 0)
        return status;
    if (in->len)
        return broke(layer, "it did not take all of its input");
    if (status == ROVE_END && act == ROVE_RUN)
        return broke(layer, "it ended before it was asked to");
    enum rove_status stall = count_idle(layer, was.len || status == ROVE_END);
    return stall ? stall : status;
}

enum rove_status rv_layer_look(struct rv_layer *layer, struct rove_in *in, uint32_t act)
{
    RV_ASSERT(layer->state && !layer->ended && rv_layer_is_tap(layer));
    enum rove_status status;
    if (!in->len && act == ROVE_RUN)
        return ROVE_OK;
    do
        status = look_once(layer, in, act);
    while (status == ROVE_OK && act != ROVE_RUN);
    if (status == ROVE_END && act == ROVE_FINISH)
        layer->ended = true;
    return status < 0 ? status : ROVE_OK;
}

// ask -------------------------------------------------------------------------------------------

uint32_t rv_layer_digest(const struct rv_layer *layer, uint8_t *buf)
{
    uint32_t len = layer->state ? layer->filter->digest(layer->state, buf, ROVE_DIGEST_MAX) : 0;
    return len <= ROVE_DIGEST_MAX ? len : 0;
}

uint32_t rv_filter_detect(const struct rove_filter *filter, const uint8_t *head, size_t len)
{
    return filter->detect(head, (uint32_t) rv_min_size(len, UINT32_MAX));
}
