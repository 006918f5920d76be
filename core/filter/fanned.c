// SPDX-License-Identifier: MIT
// fanned.c: cutting what waits into parts, and passing on what became of them.
//
// What comes out is what the head alone would have made, byte for byte, and failures are its, but for those that
// docs/parallel.md names ("What can be seen of it all the same").
//
// Writing, that is the filter's promise: it cuts at the same places whoever codes. A part is sent when it is full and
// more follows, or at a flush; the last one at the end, be it empty. While all there is fits into one part nothing is
// sent: the head does it at the end as it would have done without workers.
//
// Reading, the head says what a part is, and a part that does not end well, exactly at its end, is thrown away and done
// again by the head, in its turn, as is one behind that which does not begin where the head then stands. So whatever is
// wrong is found by the head, in its order, with its words and after the same output; and a part that would become more
// than it may is decoded as it is asked for. Taps in front of the codec see what a part was made of in its turn, too:
// they may refuse it, and what came before that is given.
#include "filter/fanned.h"

#include "base/arith.h"
#include "filter/along.h"
#include "filter/gather.h"

#include <string.h>

#define FIRST_ROOM ((size_t) 16 << 10) // bytes of a first part from which on it has all its room

// the head --------------------------------------------------------------------------------------

// Runs the head on some input: writing, that taps have seen; reading, of a part, which they see then. *took_out: how much
// it took.
static enum rove_status run_head(struct rv_chain *c, unsigned i, struct rove_in in, uint32_t act,
                                 size_t *took_out)
{
    enum rove_status status = rv_stage_make_room(c, i);
    *took_out = 0;
    if (status)
        return status;
    struct rv_run run = rv_stage_code(c, i, in, act);
    *took_out = run.took;
    if (c->dir == ROVE_DECODE)
        c->stages[i].fan->ahead -= run.took; // what it made is held against that
    if (c->dir == ROVE_ENCODE || rv_stage_look_back(c, i, in.ptr, run.took) == ROVE_OK)
        rv_stage_settle(c, i, &run);
    return ROVE_OK;
}

// Passes on the front's output that comes next.
static void pass(struct rv_chain *c, unsigned i, size_t len)
{
    struct rv_stage *s = &c->stages[i];
    s->more = s->fresh = false;
    size_t may = rv_stage_count(c, i, len);
    if (may)
        rv_fan_pass(s->fan, &s->out);
    if (may && may < len)
        s->out.ready = s->out.at = s->out.from + may;
}

// The front is done and passed on.
static enum rove_status join(struct rv_chain *c, unsigned i, uint64_t plain_len)
{
    struct rv_fan *fan = c->stages[i].fan;
    enum rove_status status = rv_layer_join(fan->head, &fan->front->layer, plain_len);
    if (status)
        return rv_stage_fail(c, i, status);
    rv_fan_retire(fan);
    return ROVE_OK;
}

// writing ---------------------------------------------------------------------------------------

// What a part makes at most, as far as its codec knows.
static uint64_t made_most(const struct rv_fan *fan, size_t len)
{
    uint64_t most = fan->head->filter->bound(fan->head->state, len);
    return most == UINT64_MAX ? len + len / 2 : most;
}

// What stands before the first part, up to the last byte of it.
static enum rove_status write_head(struct rv_chain *c, unsigned i)
{
    struct rv_stage *s = &c->stages[i];
    struct rove_in none = {NULL, 0};
    size_t took;
    enum rove_status status = run_head(c, i, none, ROVE_RUN, &took);
    if (status) // it was not run
        return status;
    s->out.ready = s->out.at;
    s->fan->headed = !s->more;
    s->more = false;
    return ROVE_OK;
}

// Goes on with a part that had no room for all of its output.
static enum rove_status go_on(struct rv_chain *c, unsigned i)
{
    struct rv_stage *s = &c->stages[i];
    struct rv_part *part = s->fan->front;
    enum rove_status status = rv_stage_make_room(c, i);
    if (status)
        return status;
    struct rove_out out = {s->out.at, rv_tray_room(&s->out)};
    part->status = rv_layer_run(&part->layer, &part->in, &out, part->act);
    rv_stage_count(c, i, (size_t) (out.ptr - s->out.at));
    s->out.at = s->out.ready = out.ptr;
    return ROVE_OK;
}

// The front, which was to be written, did not end well.
static enum rove_status fail_front(struct rv_chain *c, unsigned i)
{
    struct rv_fan *fan = c->stages[i].fan;
    const struct rv_part *part = fan->front;
    fan->head->taken += part->layer.taken;
    memcpy(c->means.why, part->means.why, sizeof c->means.why);
    c->means.passed = part->means.passed;
    if (part->means.passed) // its share, of which the caller knows nothing
        rv_means_pass(&c->means, "a part of it wants more memory than there is for parts", "memory",
                      c->means.limit);
    return rv_stage_fail(c, i, part->status);
}

// Tells the taps and the head of the front, before anything of it goes on.
static enum rove_status show_front(struct rv_chain *c, unsigned i)
{
    struct rv_fan *fan = c->stages[i].fan;
    struct rv_part *part = fan->front;
    part->seen = true;
    if (rv_along_join(c, i))
        return ROVE_OK;
    struct rove_span plain = {part->buf + part->past_len, part->in_len};
    enum rove_status status = rv_layer_see(fan->head, plain);
    return status ? rv_stage_fail(c, i, status) : ROVE_OK;
}

static enum rove_status pass_written(struct rv_chain *c, unsigned i)
{
    struct rv_fan *fan = c->stages[i].fan;
    struct rv_part *part = fan->front;
    if (!fan->headed)
        return write_head(c, i);
    if (!part->seen)
        return show_front(c, i);
    size_t len = rv_fan_shown(fan).len;
    if (len) {
        pass(c, i, len);
        return ROVE_OK;
    }
    if (part->status == ROVE_OK)
        return go_on(c, i);
    return part->status == ROVE_END ? join(c, i, part->in_len) : fail_front(c, i);
}

// The part that is being filled is the first, and remains alone: the head does it.
static enum rove_status do_alone(struct rv_chain *c, unsigned i)
{
    struct rv_stage *s = &c->stages[i];
    struct rv_part *part = s->fan->filling;
    size_t took;
    if (part && !s->fan->again)
        part->in = (struct rove_in){part->buf, part->in_len};
    s->fan->again = part != NULL;
    struct rove_in in = part ? part->in : (struct rove_in){NULL, 0};
    uint32_t act = rv_stage_waiting(c, i).len ? ROVE_RUN : s->act;
    if (rv_along_catch_up(c, i) || (act != ROVE_RUN && rv_along_act(c, i)))
        return ROVE_OK;
    enum rove_status status = run_head(c, i, in, act, &took);
    if (!part)
        return status;
    part->in = rv_in_behind(part->in, took);
    if (!part->in.len && !s->more && act != ROVE_FINISH)
        rv_fan_give_up(s->fan);
    return status;
}

// The part that is being filled goes to the workers.
static enum rove_status send_part(struct rv_chain *c, unsigned i, uint32_t act)
{
    struct rv_fan *fan = c->stages[i].fan;
    if (!fan->begun && !rv_fan_begin(fan, fan->cut))
        return do_alone(c, i);
    fan->last = act == ROVE_FINISH;
    rv_along_send(c, i);
    rv_gather_send(c, i, act, made_most(fan, fan->filling->in_len));
    return ROVE_OK;
}

// Takes what waits into a part, and sends that when it is full and there is more.
static enum rove_status fill_part(struct rv_chain *c, unsigned i, struct rove_in in)
{
    struct rv_fan *fan = c->stages[i].fan;
    size_t len = fan->cut, room = len;
    size_t had = fan->filling ? fan->filling->in_len : 0;
    if (!fan->begun && had < len && in.len <= FIRST_ROOM - rv_min_size(had, FIRST_ROOM))
        room = rv_min_size(len, had + in.len);
    struct rv_part *part = rv_fan_fill(fan, len, room);
    if (!part && !fan->begun)
        return fan->filling ? do_alone(c, i) : rv_stage_run(c, i, SIZE_MAX);
    if (!part)
        return ROVE_OK;
    if (part->in_len == len)
        return send_part(c, i, ROVE_FLUSH);
    rv_gather_take(c, i, in, room - part->in_len);
    return ROVE_OK;
}

// All that waited is in parts, and an act is to be done.
static enum rove_status do_act(struct rv_chain *c, unsigned i)
{
    struct rv_stage *s = &c->stages[i];
    struct rv_fan *fan = s->fan;
    bool end = s->act == ROVE_FINISH;
    bool rest = (fan->filling && fan->filling->in_len) || (end && !fan->last);
    size_t len = fan->cut;
    if (end && !fan->begun)
        return do_alone(c, i);
    if (rest && !rv_fan_has_spare(fan)) {
        rv_fan_wait(fan);
    } else if (rest && (fan->filling || rv_fan_fill(fan, len, len))) {
        return send_part(c, i, s->act);
    } else if (rv_fan_cnt(fan)) {
        rv_fan_wait(fan);
    } else {
        size_t took;
        return rv_along_act(c, i) ? ROVE_OK
                                  : run_head(c, i, (struct rove_in){NULL, 0}, s->act, &took);
    }
    return ROVE_OK;
}

// The head is asked once, when the first bytes come, for what was filled by one length cannot be sent by another. Since it
// was opened it may have been asked for marks, and so have shorter parts, or none any more; those on another sink were others.
static void ask_cut(struct rv_fan *fan)
{
    size_t before = fan->cut;
    fan->cut = (size_t) rv_layer_part_len(fan->head);
    fan->asked = true;
    if (!fan->cut)
        rv_fan_anew(fan, 0); // the head does all
    else if (fan->cut > before)
        rv_fan_anew(fan, (unsigned) fan->line.room); // shares were made for less
}

static enum rove_status write_some(struct rv_chain *c, unsigned i)
{
    struct rv_stage *s = &c->stages[i];
    struct rove_in in = rv_stage_waiting(c, i);
    if (in.len && !s->fan->asked)
        ask_cut(s->fan);
    if (s->fan->front)
        return pass_written(c, i);
    if (s->fan->again)
        return do_alone(c, i);
    if (in.len && (rv_fan_has_spare(s->fan) || !rv_fan_cnt(s->fan)))
        return fill_part(c, i, in);
    if (!in.len)
        return do_act(c, i);
    rv_fan_wait(s->fan);
    return ROVE_OK;
}

// reading ---------------------------------------------------------------------------------------

// The front is done by the head: all of it from the start, or what it has not yet taken.
static enum rove_status do_again(struct rv_chain *c, unsigned i)
{
    struct rv_stage *s = &c->stages[i];
    struct rv_fan *fan = s->fan;
    struct rv_part *part = fan->front;
    size_t took;
    if (!part->in.len && !s->more) {
        fan->again = false;
        fan->doubt = rv_fan_cnt(fan) || fan->filling;
        rv_fan_retire(fan);
        return ROVE_OK;
    }
    enum rove_status status = run_head(c, i, part->in, ROVE_RUN, &took);
    part->in = rv_in_behind(part->in, took);
    if (s->ended && i == 0)
        c->left = (size_t) fan->ahead; // of all parts that were taken
    return status;
}

static void begin_again(struct rv_fan *fan, struct rv_part *part)
{
    part->in = rv_part_input(part);
    fan->front = part;
    fan->again = true;
    rv_fan_forget(fan);
}

// Whether the front begins where the head stands: there it may have come by other ways than it has told of before, when
// what it took for a part was longer than that.
static bool is_next(struct rv_fan *fan)
{
    uint64_t len;
    if (!fan->doubt)
        return true;
    fan->doubt = rv_layer_next(fan->head, rv_part_input(fan->front), &len) != ROVE_OK || len != fan->front->in_len;
    fan->stale = true;
    return !fan->doubt;
}

// Taps see what a part was made of, before anything of it goes on.
static enum rove_status see_read(struct rv_chain *c, unsigned i, const struct rv_part *part)
{
    (void) rv_stage_look_back(c, i, rv_part_input(part).ptr, part->in_len); // noted in the chain
    return ROVE_OK;
}

static enum rove_status pass_read(struct rv_chain *c, unsigned i)
{
    struct rv_fan *fan = c->stages[i].fan;
    struct rv_part *part = fan->front;
    struct rove_span shown = rv_fan_shown(fan);
    if (fan->again)
        return do_again(c, i);
    if (part->status != ROVE_END || part->in.len || part->made > part->made_most || !is_next(fan)) {
        begin_again(fan, part);
        return ROVE_OK;
    }
    if (!part->seen) {
        part->seen = true;
        fan->ahead -= part->in_len;
        return see_read(c, i, part);
    }
    if (!shown.len)
        return join(c, i, part->made);
    enum rove_status status = rv_layer_see(fan->head, shown);
    if (status)
        return rv_stage_fail(c, i, status);
    pass(c, i, shown.len);
    return ROVE_OK;
}

// Gives the head what it asked for, when all parts before that have gone on.
static enum rove_status feed_head(struct rv_chain *c, unsigned i)
{
    struct rv_fan *fan = c->stages[i].fan;
    bool all = fan->head_left == ROVE_NO_LIMIT;
    uint64_t taken = fan->head->taken;
    enum rove_status status = rv_stage_run(c, i, (size_t) rv_min_u64(fan->head_left, SIZE_MAX));
    fan->head_left -= all ? 0 : fan->head->taken - taken;
    return status;
}

// Nothing is on its way.
static enum rove_status read_here(struct rv_chain *c, unsigned i, struct rove_in in)
{
    struct rv_stage *s = &c->stages[i];
    struct rv_fan *fan = s->fan;
    struct rv_part *part = fan->filling;
    size_t took;
    if (part && part->in_len && (fan->left || !in.len)) { // no part, or not yet a whole one
        if (!fan->left && s->act == ROVE_RUN)
            fan->head_left = fan->want - part->in_len;
        fan->filling = NULL;
        fan->want = 0;
        fan->told = fan->left = false;
        begin_again(fan, part);
        return ROVE_OK;
    }
    if (fan->head_left && (in.len || s->act != ROVE_RUN))
        return feed_head(c, i);
    uint32_t act = in.len ? ROVE_RUN : s->act; // it has more to give, and what waits may be the next part
    if (act != ROVE_RUN && rv_stage_look_ahead(c, i, in))
        return ROVE_OK;
    return run_head(c, i, (struct rove_in){NULL, 0}, act, &took);
}

static enum rove_status read_some(struct rv_chain *c, unsigned i)
{
    struct rv_stage *s = &c->stages[i];
    struct rv_fan *fan = s->fan;
    struct rove_in in = rv_stage_waiting(c, i);
    if (fan->front)
        return pass_read(c, i);
    bool gathers = in.len && !fan->left && !fan->head_left && !s->more;
    if (gathers && (rv_fan_has_spare(fan) || !rv_fan_cnt(fan)))
        rv_gather(c, i, in);
    else if (!rv_fan_cnt(fan))
        return read_here(c, i, in);
    else
        rv_fan_wait(fan);
    return ROVE_OK;
}

// the stage -------------------------------------------------------------------------------------

// Reading, and nothing waits: whether to go on with what is there, before more is asked for, which may have to be waited
// for, or may not come, because a layer before this has failed. Of a part that is not whole the head can make something:
// also of a short one, which may be all that was flushed.
static bool goes_on(const struct rv_chain *c, const struct rv_fan *fan)
{
    const struct rv_part *part = fan->filling;
    bool failed = c->failure.status != ROVE_OK;
    if (c->eager && !failed && !fan->head_left && rv_fan_has_spare(fan))
        return false;
    return rv_fan_cnt(fan) || (part && part->in_len);
}

bool rv_fanned_may_run(const struct rv_chain *c, unsigned i)
{
    const struct rv_stage *s = &c->stages[i];
    struct rv_fan *fan = s->fan;
    if (fan->front || fan->left || s->more || s->act != ROVE_RUN || rv_stage_waiting(c, i).len)
        return true;
    if (c->dir == ROVE_DECODE && goes_on(c, fan))
        return true;
    return rv_fan_cnt(fan) && rv_fan_poll(fan);
}

enum rove_status rv_fanned_run(struct rv_chain *c, unsigned i)
{
    return c->dir == ROVE_ENCODE ? write_some(c, i) : read_some(c, i);
}
