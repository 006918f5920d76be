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
#include "base/status.h"

#include <stdio.h>
#include <string.h>

#define IDLE_MAX 2 // calls in a row that may move nothing

// what a filter returned ------------------------------------------------------------------------

static enum rove_status broke(struct rv_layer *layer, const char *why)
{
    layer->ended = layer->broken = true;
    rv_means_explain(layer->means, why);
    return ROVE_E_STALL;
}

// Under the chain's limit, or under that of its pool.
static enum rove_status lacks_memory(struct rv_means *means)
{
    if (means->passed)
        rv_means_pass(means, "it wants more memory than the chain may have", "memory", means->limit);
    else
        rv_means_explain(means, "it wants more memory than the pool may have");
    return ROVE_E_LIMIT;
}

// A return value as the status that it is. AGAIN is none: a filter waits for nothing.
static enum rove_status judge(struct rv_layer *layer, int32_t rc)
{
    if (rc == ROVE_OK || rc == ROVE_END)
        return (enum rove_status) rc;
    layer->ended = true;
    if (!rv_status_known(rc) || rc == ROVE_E_AGAIN) {
        char why[64];
        snprintf(why, sizeof why, "it returned %ld, which is no status", (long) rc);
        return broke(layer, why);
    }
    if (rc == ROVE_E_NOMEM && layer->means->refused == ROVE_E_LIMIT)
        return lacks_memory(layer->means);
    layer->means->passed = NULL; // a limit of its own
    return (enum rove_status) rc;
}

static void be_ready(struct rv_layer *layer)
{
    layer->means->refused = ROVE_OK;
    layer->means->passed = NULL;
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

static void drop_context(struct rv_layer *layer)
{
    rv_context_free(layer->ctx);
    layer->ctx = NULL;
    layer->state = NULL;
}

static void begin(struct rv_layer *layer)
{
    be_ready(layer);
    layer->taken = 0;
    layer->idle = 0;
    layer->ended = layer->broken = false;
}

// Opens the filter in its context, which is given back on failure.
static enum rove_status open_state(struct rv_layer *layer, const struct rove_value *values)
{
    begin(layer);
    enum rove_status status =
        judge(layer, layer->filter->open(layer->state, &layer->ctx->host, values));
    if (status == ROVE_END)
        status = broke(layer, "it ended before it began");
    if (status)
        drop_context(layer);
    return status;
}

enum rove_status rv_layer_open(struct rv_layer *layer, const struct rove_filter *filter,
                               const struct rove_value *values, struct rv_means *means,
                               uint32_t dir)
{
    layer->filter = filter;
    layer->means = means;
    layer->dir = dir;
    begin(layer);
    layer->ctx = rv_context_reuse(filter, values, means);
    bool opened = layer->ctx != NULL;
    if (!opened)
        layer->ctx = rv_context_new(filter, values, means);
    if (!layer->ctx)
        return judge(layer, ROVE_E_NOMEM);
    layer->state = layer->ctx->state;
    return opened ? ROVE_OK : open_state(layer, values);
}

void rv_layer_close(struct rv_layer *layer)
{
    if (!layer->ctx)
        return;
    if (layer->broken || !rv_context_keep(layer->ctx)) {
        layer->filter->close(layer->state);
        drop_context(layer);
    }
    layer->ctx = NULL;
    layer->state = NULL;
}

void rv_layer_charge(struct rv_layer *layer, struct rv_means *means)
{
    layer->means = layer->ctx->means = means;
}

enum rove_status rv_layer_reset(struct rv_layer *layer, const struct rove_value *values)
{
    if (!layer->ctx)
        return rv_layer_open(layer, layer->filter, values, layer->means, layer->dir);
    begin(layer);
    int32_t rc = layer->filter->reset(layer->state);
    if (rc == ROVE_OK)
        return ROVE_OK;
    layer->filter->close(layer->state);
    if (rc == ROVE_E_UNSUPPORTED) {
        rv_context_take_back(layer->ctx);
        memset(layer->state, 0, layer->filter->state_len);
        return open_state(layer, values);
    }
    enum rove_status status = judge(layer, rc);
    drop_context(layer);
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
    RV_ASSERT(in->len || act != ROVE_RUN);
    enum rove_status status;
    do
        status = look_once(layer, in, act);
    while (status == ROVE_OK && act != ROVE_RUN);
    if (status == ROVE_END && act == ROVE_FINISH)
        layer->ended = true;
    return status < 0 ? status : ROVE_OK;
}

// parts -----------------------------------------------------------------------------------------

// Reading, what it can do is seen when the data are.
bool rv_layer_has_parts(const struct rv_layer *head)
{
    if (!head->state || !head->filter->part)
        return false;
    return head->dir == ROVE_DECODE || head->filter->part_len(head->state);
}

// What nobody has room for is cut down to what can be added up.
uint64_t rv_layer_part_len(const struct rv_layer *head)
{
    return rv_min_u64(head->filter->part_len(head->state), SIZE_MAX / 4);
}

// A hook that is done with one call.
static enum rove_status judge_once(struct rv_layer *layer, int32_t rc)
{
    enum rove_status status = judge(layer, rc);
    return status == ROVE_END ? broke(layer, "it ended where it could not") : status;
}

enum rove_status rv_layer_part(struct rv_layer *layer, const struct rv_layer *head,
                               struct rove_span past)
{
    const void *of = rv_layer_is_plain(layer) ? NULL : head->state;
    begin(layer);
    return judge_once(layer, layer->filter->part(layer->state, of, past.ptr, past.len));
}

enum rove_status rv_layer_next(struct rv_layer *head, struct rove_in in, uint64_t *len_out)
{
    be_ready(head);
    *len_out = 0;
    int32_t rc = head->filter->next(head->state, in.ptr, in.len, len_out);
    if (rc == ROVE_END)
        return ROVE_END;
    uint64_t least = rc == ROVE_E_TRUNCATED ? (uint64_t) in.len + 1 : 1;
    if ((rc == ROVE_OK || rc == ROVE_E_TRUNCATED) && *len_out >= least && *len_out <= RV_PART_MAX)
        return (enum rove_status) rc;
    *len_out = 0;
    return ROVE_END;
}

enum rove_status rv_layer_see(struct rv_layer *head, struct rove_span plain)
{
    be_ready(head);
    if (!head->filter->see || !plain.len)
        return ROVE_OK;
    return judge_once(head, head->filter->see(head->state, plain.ptr, plain.len));
}

enum rove_status rv_layer_join(struct rv_layer *head, const struct rv_layer *part,
                               uint64_t plain_len)
{
    be_ready(head);
    enum rove_status status =
        judge_once(head, head->filter->join(head->state, part->state, plain_len));
    if (status == ROVE_OK)
        head->taken += part->taken;
    return status;
}

// restart ---------------------------------------------------------------------------------------

bool rv_layer_resumes(const struct rv_layer *layer)
{
    return layer->state && layer->dir == ROVE_DECODE && layer->filter->resume;
}

static bool is_mark(const struct rove_mark *mark)
{
    return mark->bits <= 7 && mark->state_len <= ROVE_MARK_MAX && (mark->state || !mark->state_len);
}

enum rove_status rv_layer_mark(struct rv_layer *layer, struct rove_mark *mark_out)
{
    *mark_out = (struct rove_mark){.size = sizeof *mark_out};
    be_ready(layer);
    int32_t rc = layer->filter->mark ? layer->filter->mark(layer->state, mark_out)
                                     : ROVE_E_UNSUPPORTED;
    if (rc == ROVE_E_AGAIN || rc == ROVE_E_UNSUPPORTED)
        return (enum rove_status) rc;
    enum rove_status status = judge_once(layer, rc);
    return status == ROVE_OK && !is_mark(mark_out) ? broke(layer, "it made a mark that is none")
                                                   : status;
}

enum rove_status rv_layer_resume(struct rv_layer *layer, const struct rove_mark *mark)
{
    begin(layer);
    return judge_once(layer, layer->filter->resume(layer->state, mark));
}

enum rove_status rv_layer_hop(struct rv_layer *layer, struct rove_in in, struct rove_hop *hop_out)
{
    *hop_out = (struct rove_hop){.size = sizeof *hop_out, .mark = {.size = sizeof hop_out->mark}};
    be_ready(layer);
    int32_t rc = layer->filter->hop ? layer->filter->hop(layer->state, in.ptr, in.len, hop_out)
                                    : ROVE_E_UNSUPPORTED;
    if (rc == ROVE_END || rc == ROVE_E_UNSUPPORTED)
        return (enum rove_status) rc;
    if (rc == ROVE_E_TRUNCATED) {
        bool more = hop_out->need > in.len && hop_out->need <= RV_PART_MAX;
        return more ? ROVE_E_TRUNCATED : broke(layer, "it wants bytes that no step needs");
    }
    enum rove_status status = judge_once(layer, rc);
    bool well = hop_out->skip && (!hop_out->marked || is_mark(&hop_out->mark));
    return status == ROVE_OK && !well ? broke(layer, "it takes a step that is none") : status;
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
