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
//    ahead.
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

#define PIECE_MAX ((size_t) 256 << 10) // bytes that a tap looks at while they are in the cache
#define RATIO_FROM (UINT64_C(1) << 20) // bytes of output from which on the ratio counts

// taps ------------------------------------------------------------------------------------------

// Shows taps of stage i a span. On failure in_out tells how far the one that failed came.
static enum rove_status look(struct rv_chain *c, unsigned i, struct rove_in *in_out, uint32_t act)
{
    bool last = i == c->stage_cnt;
    struct rv_layer *taps = last ? c->last_taps : c->stages[i].taps;
    unsigned cnt = last ? c->last_tap_cnt : c->stages[i].tap_cnt;
    for (unsigned k = 0; k < cnt; k++) {
        struct rove_in in = *in_out;
        enum rove_status status = rv_layer_look(&taps[k], &in, act);
        if (status) {
            *in_out = in;
            return rv_chain_fail(c, &taps[k], i, status);
        }
    }
    in_out->len = 0;
    return ROVE_OK;
}

static struct rove_in behind(struct rove_in in, size_t len)
{
    len = rv_min_size(len, in.len);
    return len ? (struct rove_in){in.ptr + len, in.len - len} : in;
}

// Before an act: the taps see all that waits, and do it.
static enum rove_status look_ahead(struct rv_chain *c, unsigned i, struct rove_in in)
{
    struct rv_stage *s = &c->stages[i];
    if (s->act == ROVE_RUN || s->looked)
        return ROVE_OK;
    struct rove_in unseen = behind(in, s->seen);
    s->looked = true;
    s->seen = in.len;
    return s->tap_cnt ? look(c, i, &unseen, s->act) : ROVE_OK;
}

// After the codec took `took` bytes: the taps see those of them that they have not.
static enum rove_status look_back(struct rv_chain *c, unsigned i, const uint8_t *from, size_t took)
{
    struct rv_stage *s = &c->stages[i];
    struct rove_in unseen = behind((struct rove_in){from, took}, s->seen);
    s->seen -= rv_min_size(s->seen, took);
    return s->tap_cnt && unseen.len ? look(c, i, &unseen, ROVE_RUN) : ROVE_OK;
}

// Reading: takes over how the codec of stage i ended. Only what the first one leaves can be left alone.
static enum rove_status judge_end(struct rv_chain *c, unsigned i, enum rove_status rc)
{
    bool first = i == 0 && c->dir == ROVE_DECODE;
    if (first && (rc == ROVE_E_TRAILING || (rc == ROVE_END && c->means.why[0])))
        rv_chain_describe(c, c->stages[i].codec, rc, &c->rest);
    return rc != ROVE_E_TRAILING ? rc : first ? ROVE_END : ROVE_E_DATA;
}

// stages ----------------------------------------------------------------------------------------

// What waits in front of stage i.
static struct rove_in waiting(const struct rv_chain *c, unsigned i)
{
    if (i == 0)
        return c->in;
    const struct rv_tray *tray = &c->stages[i - 1].out;
    return (struct rove_in){tray->from, rv_tray_ready(tray)};
}

static void take_input(struct rv_chain *c, unsigned i, size_t took)
{
    if (i > 0) {
        c->stages[i - 1].out.from += took;
    } else {
        c->in = behind(c->in, took);
        c->in_total += took;
    }
}

static uint64_t times(uint64_t a, uint64_t b)
{
    return b && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

// Reading: whether stage i has made more than it may. The last one's length is checked exactly when
// it goes out; one between layers is only kept from running away, for incompressible data make a
// coded stream a little longer than the plain one.
static bool is_over(struct rv_chain *c, unsigned i)
{
    uint64_t made = c->stages[i].made, limit = c->limits.output, most;
    if (c->dir == ROVE_ENCODE || made <= RATIO_FROM)
        return false;
    if (c->limits.ratio != ROVE_NO_LIMIT && made > times(c->in_total, c->limits.ratio)) {
        rv_means_pass(&c->means, "it makes too much of what came in", "ratio", c->limits.ratio);
        return true;
    }
    if (i + 1 == c->stage_cnt || rv_add_u64(limit, limit / 256 + RATIO_FROM, &most))
        return false;
    if (made > most)
        rv_means_pass(&c->means, "it makes more than may come out", "output", limit);
    return made > most;
}

// Asks stage i for an act, or, behind the last one, notes that it is done. One that is already on
// its way is not begun again: the taps may have done it.
static void pass_act(struct rv_chain *c, unsigned i, uint32_t act)
{
    if (i == c->stage_cnt) {
        c->through = true;
    } else if (!c->stages[i].ended && c->stages[i].act != act) {
        c->stages[i].act = act;
        c->stages[i].looked = false;
    }
}

// Stage i is done with its act, or has come to the end of its format.
static void end_act(struct rv_chain *c, unsigned i)
{
    struct rv_stage *s = &c->stages[i];
    uint32_t act = s->act;
    if (act == ROVE_FLUSH) {
        s->act = ROVE_RUN;
        pass_act(c, i + 1, ROVE_FLUSH);
        return;
    }
    struct rove_in none = {NULL, 0};
    s->ended = true;
    if (act == ROVE_RUN && s->tap_cnt && look(c, i, &none, ROVE_FINISH))
        return;
    pass_act(c, i + 1, ROVE_FINISH);
}

// Writing: whether a tray goes on although there is room left in it. The last one need not be filled
// up when nobody shares it; a codec that has more room than it may need writes straight into it.
static bool is_full(const struct rv_chain *c, unsigned i, size_t room)
{
    bool last = i + 1 == c->stage_cnt;
    return room == 0 || (last && !c->shares && room < c->stages[i].codec->filter->block_len / 2);
}

// Takes over what a run of stage i made and says: ROVE_OK, ROVE_END or a failure.
static void settle(struct rv_chain *c, unsigned i, struct rove_out out, bool idle, int rc)
{
    struct rv_stage *s = &c->stages[i];
    s->made += (uint64_t) (out.ptr - s->out.at);
    if (is_over(c, i)) {
        rv_chain_fail(c, s->codec, i, ROVE_E_LIMIT);
    } else {
        s->out.at = out.ptr;
        s->more = rc == ROVE_OK && out.len == 0;
        s->fresh = rc == ROVE_OK && idle;
        if (c->dir == ROVE_DECODE || is_full(c, i, out.len) || s->fresh || rc != ROVE_OK)
            s->out.ready = s->out.at;
        if (rc == ROVE_END)
            end_act(c, i);
    }
}

// The length of a stage's tray: the block that the codec likes. But what a rope will share lies in
// chunks of the pool, which are recycled best and may sleep on disk.
static size_t out_len(const struct rv_chain *c, unsigned i)
{
    bool shared = c->shares && i + 1 == c->stage_cnt;
    return rv_tray_len(c->means.pool, shared ? 0 : c->stages[i].codec->filter->block_len);
}

// Runs stage i once. Failures of its layers go to c->failure; others are returned.
static enum rove_status run_stage(struct rv_chain *c, unsigned i)
{
    struct rv_stage *s = &c->stages[i];
    struct rove_in in = waiting(c, i);
    if (look_ahead(c, i, in))
        return ROVE_OK;
    enum rove_status status = rv_tray_make_room(&s->out, &c->means, out_len(c, i), s->fresh);
    if (status)
        return status;
    if (s->act == ROVE_RUN && s->tap_cnt)
        in.len = rv_min_size(in.len, PIECE_MAX);
    struct rove_in was = in;
    struct rove_out out = {s->out.at, rv_tray_room(&s->out)};
    enum rove_status rc = judge_end(c, i, rv_layer_run(s->codec, &in, &out, s->act));
    size_t took = was.len - in.len;
    if (rc < 0)
        rv_chain_fail(c, s->codec, i, rc);
    bool refused = look_back(c, i, was.ptr, took) != ROVE_OK;
    take_input(c, i, took);
    bool idle = !took && out.ptr == s->out.at && (was.len || s->act != ROVE_RUN);
    if (!refused)
        settle(c, i, out, idle, rc);
    return ROVE_OK;
}

// Whether stage i, which has ended, is given more.
static bool is_behind_end(struct rv_chain *c, unsigned i)
{
    if (i == 0 || !c->stages[i].ended || !waiting(c, i).len)
        return false;
    c->stages[i - 1].out.from = c->stages[i - 1].out.ready;
    rv_means_explain(&c->means, "more follows the end of its data");
    rv_chain_fail(c, c->stages[i].codec, i, ROVE_E_DATA);
    return true;
}

static bool may_run(const struct rv_chain *c, unsigned i)
{
    const struct rv_stage *s = &c->stages[i];
    return !s->ended && (s->act != ROVE_RUN || s->more || waiting(c, i).len);
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
    return waiting(c, c->stage_cnt);
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
    enum rove_status status = look(c, c->stage_cnt, &none, act);
    if (status)
        return status;
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
        pass_act(c, 0, act);
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
        unsigned i = next_stage(c);
        if (i == c->stage_cnt)
            return come_to_rest(c);
        if (c->stages[i].ended)
            continue; // it failed, being given more than it wants
        enum rove_status status = run_stage(c, i);
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

static enum rove_status fail_limit(struct rv_chain *c)
{
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
    struct rove_in unseen = behind(in, c->last_seen);
    if (unseen.len && look(c, c->stage_cnt, &unseen, ROVE_RUN)) {
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
    take_input(c, c->stage_cnt, len);
    c->last_seen -= rv_min_size(c->last_seen, len);
    c->out_total += len;
}

bool rv_chain_lend(struct rv_chain *c, uint8_t *buf, size_t len, struct rv_tray *kept_out)
{
    if (!c->stage_cnt || rv_chain_is_open_end(c) || leaving(c).len)
        return false;
    size_t least = out_len(c, c->stage_cnt - 1);
    if (c->last_tap_cnt || c->limits.ratio != ROVE_NO_LIMIT) // they look at what one run made
        len = rv_min_size(len, rv_max_size(least, PIECE_MAX));
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
