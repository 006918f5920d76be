// SPDX-License-Identifier: MIT
// pump.c: who runs next.
//
// The layers are sorted into stages: a codec and the taps in front of it. Taps behind the last codec
// belong to the way out. In the order in which bytes pass:
//
//      in ──┬──────> codec ──> out tray ──┬──────> codec ──> out tray ──┬──> piece
//           └ taps                        └ taps                        └ last taps
//          stage 0                       stage 1
//
// No byte is copied between layers: a codec reads where the one before it wrote (the first one, where
// the owner of the chain says), and a tap looks at the same place. So all there is in flight is one
// tray a stage and one piece of input.
//
// 1. A tap sees exactly the bytes that the codec behind it takes, in order. On RUN it looks after
//    the codec, at what that took; before a FLUSH or FINISH it looks at all that still waits,
//    and must be done with the act before the codec begins with it: a digest that is not as
//    expected stops the end of the coded stream from being written. `seen` counts how far it is
//    ahead. Reading, the codec takes all that waits before anybody is asked for a FINISH, so that what is
//    refused there comes after all that was read.
// 2. What a stage has made goes on when `ready` is moved up to it: writing, when the tray is full or
//    an act is done; reading, at once, so that a reader sees bytes as soon as they exist.
// 3. The most downstream stage that has something to do runs. Hence when a stage runs, nothing
//    that it made before still waits to go on, and its tray has room or may begin anew.
// 4. An act goes down the chain stage by stage: one has it only when the stage before it is done
//    with it and all of that one's output has been made ready.
// 5. Everything is resumable between two runs of a layer: a failure that is not a layer's (memory,
//    the device) leaves all where it was.
// 6. A layer's failure is final. Writing, nothing goes out after it. Reading, what was made before
//    it still goes on through the stages behind, so that how much of a damaged stream is delivered
//    does not depend on how it was cut; the stages before it are dead (`floor`).
// 7. A decoder may end early; its taps are then finished. What follows is left in `in` if it is the
//    first stage; from another stage it is an error. The stages before it run to their own end, for
//    their checksums. TRAILING is such an end, too; it is told when all stages have come to theirs.
//
// Each run moves something, ends something or is counted as idle (layer.c), so the loop is bounded.
#include "filter/pump.h"

#include "base/arith.h"
#include "filter/fanned.h"
#include "filter/watch.h"

// stages ----------------------------------------------------------------------------------------

// Whether stage i, which has ended, is given more, or had more in its parts.
static bool is_behind_end(struct rv_chain *c, unsigned i)
{
    const struct rv_stage *s = &c->stages[i];
    if (i == 0 || !s->ended || (!rv_stage_waiting(c, i).len && !(s->fan && s->fan->ahead)))
        return false;
    rv_means_explain(&c->means, "more follows the end of its data");
    rv_chain_fail(c, s->codec, i, ROVE_E_DATA);
    return true;
}

static bool may_run(const struct rv_chain *c, unsigned i)
{
    const struct rv_stage *s = &c->stages[i];
    if (s->ended)
        return false;
    if (s->fan)
        return rv_fanned_may_run(c, i);
    return s->act != ROVE_RUN || s->more || rv_stage_waiting(c, i).len;
}

// The most downstream stage that has something to do; stage_cnt when there is none.
static unsigned next_stage(struct rv_chain *c)
{
    for (unsigned i = c->stage_cnt; i-- > c->floor;)
        if (may_run(c, i) || is_behind_end(c, i))
            return i;
    return c->stage_cnt;
}

// the way out -----------------------------------------------------------------------------------

// What waits to go out.
static struct rove_in leaving(const struct rv_chain *c)
{
    return rv_stage_waiting(c, c->stage_cnt);
}

// Keeps only the first len bytes of it.
static void cut_leaving(struct rv_chain *c, size_t len)
{
    if (!c->stage_cnt) {
        c->in.len = len;
        return;
    }
    struct rv_tray *tray = &c->stages[c->stage_cnt - 1].out;
    tray->ready = tray->at = tray->from + len;
}

static bool is_through(const struct rv_chain *c)
{
    if (!c->stage_cnt)
        return c->asked != ROVE_RUN;
    if (c->asked == ROVE_FLUSH)
        return c->through;
    bool ended = true;
    for (unsigned i = 0; i < c->stage_cnt; i++)
        ended = ended && c->stages[i].ended;
    return ended;
}

// Nothing can run and nothing waits to go out.
static enum rove_status come_to_rest(struct rv_chain *c)
{
    struct rove_in none = {NULL, 0};
    if (c->failure.status)
        return c->failure.status;
    if (!is_through(c))
        return ROVE_E_AGAIN;
    uint32_t act = c->asked == ROVE_FLUSH ? ROVE_FLUSH : ROVE_FINISH;
    enum rove_status status = rv_stage_look(c, c->stage_cnt, &none, act);
    if (status)
        return status;
    if (c->watch && act == ROVE_FINISH)
        rv_watch_end(c);
    if (c->rest.status == ROVE_E_TRAILING) {
        c->failure = c->rest;
        return ROVE_E_TRAILING;
    }
    c->finished = act == ROVE_FINISH;
    c->asked = ROVE_RUN;
    c->through = false;
    return ROVE_END;
}

void rv_chain_ask(struct rv_chain *c, uint32_t act)
{
    c->asked = act;
    c->through = false;
    if (c->stage_cnt)
        rv_stage_ask(c, 0, act);
}

enum rove_status rv_chain_pump(struct rv_chain *c)
{
    if (c->finished)
        return ROVE_END;
    for (;;) {
        if (c->failure.status && c->dir == ROVE_ENCODE)
            return c->failure.status;
        if (leaving(c).len)
            return ROVE_OK;
        enum rove_status status = c->watch ? rv_watch_look(c) : ROVE_OK;
        if (RV_UNLIKELY(status))
            return status;
        unsigned i = next_stage(c);
        if (i == c->stage_cnt)
            return come_to_rest(c);
        if (c->stages[i].ended)
            continue; // it failed, being given more than it wants
        status =
            c->stages[i].fan ? rv_fanned_run(c, i) : rv_stage_run(c, i, SIZE_MAX);
        if (status)
            return status;
    }
}

// Nothing of what waits may be seen.
static enum rove_status withhold(struct rv_chain *c)
{
    cut_leaving(c, 0);
    c->floor = c->stage_cnt;
    return c->failure.status;
}

// There are bytes that may not go out. A failure that was noted meanwhile is of what lies behind them.
static enum rove_status fail_limit(struct rv_chain *c)
{
    c->failure = (struct rv_failure){.status = ROVE_OK};
    rv_means_pass(&c->means, "more would come out", "output", c->limits.output);
    rv_chain_fail(c, NULL, c->stage_cnt, ROVE_E_LIMIT);
    return withhold(c);
}

enum rove_status rv_chain_output(struct rv_chain *c, struct rv_piece *piece_out)
{
    struct rove_in in = leaving(c);
    if (c->dir == ROVE_DECODE) {
        in.len = rv_clamp(c->limits.output - c->out_total, in.len);
        if (!in.len)
            return fail_limit(c);
    }
    struct rove_in unseen = rv_in_behind(in, c->last_seen);
    if (unseen.len && rv_stage_look(c, c->stage_cnt, &unseen, ROVE_RUN)) {
        in.len -= unseen.len;
        if (!in.len)
            return withhold(c);
        cut_leaving(c, in.len);
    }
    c->last_seen = rv_max_size(c->last_seen, in.len);
    piece_out->span = (struct rove_span){in.ptr, in.len};
    piece_out->chunk = c->stage_cnt ? c->stages[c->stage_cnt - 1].out.chunk : c->in_chunk;
    return ROVE_OK;
}

void rv_chain_sent(struct rv_chain *c, size_t len)
{
    rv_stage_take(c, c->stage_cnt, len);
    c->last_seen -= rv_min_size(c->last_seen, len);
    c->out_total += len;
}

bool rv_chain_lend(struct rv_chain *c, uint8_t *buf, size_t len, struct rv_tray *kept_out)
{
    if (!c->stage_cnt || rv_chain_is_open_end(c) || leaving(c).len)
        return false;
    const struct rv_fan *fan = c->stages[c->stage_cnt - 1].fan;
    if (fan && !rv_fan_rests(fan)) // parts have trays of their own
        return false;
    size_t least = rv_stage_out_len(c, c->stage_cnt - 1);
    if (c->last_tap_cnt || c->limits.ratio != ROVE_NO_LIMIT) // they look at what one run made
        len = rv_min_size(len, rv_max_size(least, RV_LOOK_MAX));
    if (len < least || len > c->limits.output - c->out_total)
        return false;
    struct rv_tray *tray = &c->stages[c->stage_cnt - 1].out;
    *kept_out = *tray;
    *tray = (struct rv_tray){NULL, buf, buf, buf, buf, buf + len};
    return true;
}

void rv_chain_take_back(struct rv_chain *c, const struct rv_tray *kept)
{
    struct rv_tray *tray = &c->stages[c->stage_cnt - 1].out;
    RV_ASSERT(!tray->chunk && tray->from == tray->at);
    *tray = *kept;
}
