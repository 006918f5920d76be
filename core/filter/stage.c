// SPDX-License-Identifier: MIT
// stage.c: what waits, what taps see of it, and what a run of a codec leads to.
#include "filter/stage.h"

#include "base/arith.h"
#include "filter/watch.h"

// taps ------------------------------------------------------------------------------------------

// Shows taps of stage i a span. On failure in_out tells how far the one that failed came.
enum rove_status rv_stage_look(struct rv_chain *c, unsigned i, struct rove_in *in_out, uint32_t act)
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

struct rove_in rv_in_behind(struct rove_in in, size_t len)
{
    len = rv_min_size(len, in.len);
    return len ? (struct rove_in){in.ptr + len, in.len - len} : in;
}

// Before an act: the taps see all that waits, and do it.
enum rove_status rv_stage_look_ahead(struct rv_chain *c, unsigned i, struct rove_in in)
{
    struct rv_stage *s = &c->stages[i];
    if (s->act == ROVE_RUN || s->looked)
        return ROVE_OK;
    struct rove_in unseen = rv_in_behind(in, s->seen);
    s->looked = true;
    s->seen = in.len;
    return s->tap_cnt ? rv_stage_look(c, i, &unseen, s->act) : ROVE_OK;
}

// After the codec took `took` bytes: the taps see those of them that they have not.
enum rove_status rv_stage_look_back(struct rv_chain *c, unsigned i, const uint8_t *from,
                                    size_t took)
{
    struct rv_stage *s = &c->stages[i];
    struct rove_in unseen = rv_in_behind((struct rove_in){from, took}, s->seen);
    s->seen -= rv_min_size(s->seen, took);
    return s->tap_cnt && unseen.len ? rv_stage_look(c, i, &unseen, ROVE_RUN) : ROVE_OK;
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
struct rove_in rv_stage_waiting(const struct rv_chain *c, unsigned i)
{
    if (i == 0)
        return c->in;
    const struct rv_tray *tray = &c->stages[i - 1].out;
    return (struct rove_in){tray->from, rv_tray_ready(tray)};
}

void rv_stage_take(struct rv_chain *c, unsigned i, size_t took)
{
    if (i > 0) {
        c->stages[i - 1].out.from += took;
    } else {
        c->in = rv_in_behind(c->in, took);
        c->in_total += took;
    }
}

// Reading: how much of what stage i has made may go on, which came to `before` bytes until now. The last one's length is
// checked exactly when it goes out; one between layers is only kept from running away, for incompressible data make a coded
// stream a little longer than the plain one. What it may make goes on, however much it made at a time.
static uint64_t may_go_on(struct rv_chain *c, unsigned i, uint64_t before)
{
    uint64_t made = c->stages[i].made, limit = c->limits.output, most;
    uint64_t in = c->in_total - (c->stages[0].fan ? c->stages[0].fan->ahead : 0);
    if (c->dir == ROVE_ENCODE || made <= RV_RATIO_FROM)
        return made - before;
    if (rv_means_pass_ratio(&c->means, c->limits.ratio, in, made))
        return 0;
    most = rv_add_most_u64(limit, limit / 256 + RV_RATIO_FROM);
    if (i + 1 == c->stage_cnt || made <= most)
        return made - before;
    rv_means_pass(&c->means, "it makes more than may come out", "output", limit);
    return most - before;
}

// Asks stage i for an act, or, behind the last one, notes that it is done. One that is already on
// its way is not begun again: the taps may have done it.
void rv_stage_ask(struct rv_chain *c, unsigned i, uint32_t act)
{
    if (i == c->stage_cnt) {
        c->through = true;
    } else if (!c->stages[i].ended && c->stages[i].act != act) {
        c->stages[i].act = act;
        c->stages[i].looked = false;
    }
}

// Stage i is done with an act, or has come to the end of its format.
static void end_act(struct rv_chain *c, unsigned i, uint32_t act)
{
    struct rv_stage *s = &c->stages[i];
    if (act == ROVE_FLUSH) {
        s->act = ROVE_RUN;
        rv_stage_ask(c, i + 1, ROVE_FLUSH);
        return;
    }
    struct rove_in none = {NULL, 0};
    bool told = s->act == ROVE_FINISH && s->looked; // they have looked ahead, and the codec was not given all that waits
    s->ended = true;
    if (act == ROVE_RUN && s->tap_cnt && !told && rv_stage_look(c, i, &none, ROVE_FINISH))
        return;
    rv_stage_ask(c, i + 1, ROVE_FINISH);
}

// Writing: whether a tray goes on although there is room left in it. The last one need not be filled
// up when nobody shares it; a codec that has more room than it may need writes straight into it.
static bool is_full(const struct rv_chain *c, unsigned i, size_t room)
{
    bool last = i + 1 == c->stage_cnt;
    return room == 0 || (last && !c->shares && room < c->stages[i].codec->filter->block_len / 2);
}

// running ---------------------------------------------------------------------------------------

struct rv_run rv_stage_code(struct rv_chain *c, unsigned i, struct rove_in in, uint32_t act)
{
    struct rv_stage *s = &c->stages[i];
    size_t room = rv_tray_room(&s->out);
    struct rv_run run = {.act = act, .out = {s->out.at, c->watch ? rv_watch_room(c, room) : room}};
    size_t had = in.len;
    run.rc = judge_end(c, i, rv_layer_run(s->codec, &in, &run.out, act));
    run.took = had - in.len;
    run.idle = !run.took && run.out.ptr == s->out.at && (had || act != ROVE_RUN);
    if (run.rc < 0)
        rv_chain_fail(c, s->codec, i, run.rc);
    return run;
}

enum rove_status rv_stage_fail(struct rv_chain *c, unsigned i, enum rove_status status)
{
    rv_chain_fail(c, c->stages[i].codec, i, status);
    return ROVE_OK;
}

size_t rv_stage_count(struct rv_chain *c, unsigned i, size_t made)
{
    uint64_t before = c->stages[i].made;
    c->stages[i].made += made;
    size_t may = (size_t) may_go_on(c, i, before);
    if (may < made)
        rv_chain_fail(c, c->stages[i].codec, i, ROVE_E_LIMIT);
    return may;
}

void rv_stage_settle(struct rv_chain *c, unsigned i, const struct rv_run *run)
{
    struct rv_stage *s = &c->stages[i];
    size_t made = (size_t) (run->out.ptr - s->out.at), may = rv_stage_count(c, i, made);
    s->out.at += may;
    if (may < made) {
        s->out.ready = s->out.at;
        return;
    }
    s->more = run->rc == ROVE_OK && run->out.len == 0;
    s->fresh = run->rc == ROVE_OK && run->idle;
    if (c->dir == ROVE_DECODE || is_full(c, i, run->out.len) || s->fresh || run->rc != ROVE_OK)
        s->out.ready = s->out.at;
    if (run->rc == ROVE_END)
        end_act(c, i, run->act);
}

// The length of a stage's tray: the block that the codec likes. But what a rope will share lies in
// chunks of the pool, which are recycled best and may sleep on disk.
size_t rv_stage_out_len(const struct rv_chain *c, unsigned i)
{
    bool shared = c->shares && i + 1 == c->stage_cnt;
    return rv_tray_len(c->means.pool, shared ? 0 : c->stages[i].codec->filter->block_len);
}

enum rove_status rv_stage_make_room(struct rv_chain *c, unsigned i)
{
    struct rv_stage *s = &c->stages[i];
    return rv_tray_make_room(&s->out, &c->means, rv_stage_out_len(c, i), s->fresh);
}

enum rove_status rv_stage_run(struct rv_chain *c, unsigned i, size_t most)
{
    struct rv_stage *s = &c->stages[i];
    struct rove_in in = rv_stage_waiting(c, i);
    bool waits = c->dir == ROVE_DECODE && in.len; // and is given before taps may refuse the end
    if (!waits && rv_stage_look_ahead(c, i, in))
        return ROVE_OK;
    enum rove_status status = rv_stage_make_room(c, i);
    if (status)
        return status;
    uint32_t act = waits || in.len > most ? ROVE_RUN : s->act;
    in.len = rv_min_size(in.len, most);
    if (act == ROVE_RUN && s->tap_cnt)
        in.len = rv_min_size(in.len, RV_LOOK_MAX);
    struct rv_run run = rv_stage_code(c, i, in, act);
    bool refused = rv_stage_look_back(c, i, in.ptr, run.took) != ROVE_OK;
    rv_stage_take(c, i, run.took);
    if (!refused)
        rv_stage_settle(c, i, &run);
    return ROVE_OK;
}
