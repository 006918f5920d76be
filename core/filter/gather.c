// SPDX-License-Identifier: MIT
// gather.c: what waits in front of a stage becomes parts on their way.
//
// Writing, input is copied into the part that is being filled. Reading, a part whose length is known, and of which nothing
// was copied yet, is held where the source has it, if that is a rope; else its bytes are copied as they come.
#include "filter/gather.h"

#include "base/arith.h"
#include "filter/along.h"
#include "filter/held.h"

#include <string.h>

#define FEW_SHARES 4u // of two or three parts, and the stage's
#define PATIENCE 2u   // times as many short parts as may be on their way, until shares are made smaller; each time twice that
#define DRAINS_MOST 10u

// Reading, all that a part becomes is to lie in one tray, where that can be: a codec that makes a block, or a frame, in
// one go needs no memory of its own for it then.
void rv_gather_send(struct rv_chain *c, unsigned i, uint32_t act, uint64_t made_most)
{
    struct rv_fan *fan = c->stages[i].fan;
    size_t len = rv_stage_out_len(c, i);
    if (c->dir == ROVE_DECODE && made_most > len)
        len = rv_tray_len(c->means.pool, rv_clamp(made_most, SIZE_MAX));
    rv_fan_send(fan, act, len, made_most);
}

void rv_gather_take(struct rv_chain *c, unsigned i, struct rove_in in, size_t len)
{
    struct rv_part *part = c->stages[i].fan->filling;
    len = rv_min_size(len, rv_min_size(in.len, RV_LOOK_MAX));
    memcpy(rv_part_end(part), in.ptr, len);
    part->in_len += len;
    if (c->dir == ROVE_ENCODE) // reading, taps look in its turn
        rv_along_take(c, i, (struct rove_in){in.ptr, len});
    rv_stage_take(c, i, len);
}

// reading ---------------------------------------------------------------------------------------

// Bytes that are no part: first those that were taken into the part that is being filled, then `rest` of those that
// follow.
static void leave_to_head(struct rv_fan *fan, uint64_t rest)
{
    fan->want = 0;
    fan->left = fan->filling && fan->filling->in_len;
    fan->head_left = rest;
}

// Asks the head what it is that begins at `at`, and that was taken up to `had` bytes. False: no part, or not yet told.
static bool ask(struct rv_fan *fan, struct rove_in at, size_t had)
{
    uint64_t len;
    enum rove_status rc = rv_layer_next(fan->head, at, &len);
    fan->told = rc == ROVE_OK;
    fan->stale = false;
    if (len >= had && (rc == ROVE_OK || rc == ROVE_E_TRUNCATED))
        fan->want = (size_t) len;
    else
        leave_to_head(fan, rc == ROVE_END && len && len >= had ? len - had : ROVE_NO_LIMIT);
    return fan->told;
}

// Whether a part that begins here, whose length is known, may be held where it lies. Taps would have to be shown its pieces.
static bool may_hold(const struct rv_chain *c, unsigned i, size_t had)
{
    const struct rv_stage *s = &c->stages[i];
    return i == 0 && c->source && !s->tap_cnt && s->fan->told && !had;
}

// Makes the part that is being filled as long as it is to be, without a copy. False: nothing has happened.
static bool hold(struct rv_chain *c, unsigned i)
{
    struct rv_fan *fan = c->stages[i].fan;
    struct rv_part *part = fan->filling;
    part->held_cnt = rv_held_take(c, fan->want, part->held);
    if (!part->held_cnt)
        return false;
    part->in_len = fan->want;
    fan->ahead += fan->want;
    return true;
}

// Whether shares, which were made for shorter parts, are too small for the next one, where those of fewer parts are not.
static bool is_outgrown(const struct rv_fan *fan)
{
    if (!fan->told || !fan->cnt || fan->stays)
        return false;
    uint64_t made = rv_layer_part_len(fan->head), few = rv_fan_shares(fan) / FEW_SHARES;
    return !rv_fan_fits(fan, fan->want, made) && rv_share_fits(few, fan->want, made);
}

// Gives the part to be filled, for which there are `room` bytes. NULL: there is none.
static struct rv_part *begin(struct rv_fan *fan, size_t room)
{
    bool idle = !rv_fan_cnt(fan) && !fan->front && !(fan->filling && fan->filling->in_len);
    bool grows = idle && is_outgrown(fan);
    if (idle && fan->drains && !grows) {
        fan->drain_cnt += fan->drain_cnt < DRAINS_MOST;
        rv_fan_anew(fan, fan->could);
    } else if (grows || (idle && !fan->cnt)) { // or the one before was too long for any share
        rv_fan_anew(fan, (unsigned) fan->line.room);
    }
    struct rv_part *part = rv_fan_fill(fan, fan->want, room);
    if (!part && grows) { // its state wants more than a share: shorter ones go on as before
        fan->stays = true;
        rv_fan_anew(fan, (unsigned) fan->line.room);
    }
    return part;
}

// A part is sent. When many in a row are so short that more of them could be on their way, shares are made smaller.
static void watch_need(struct rv_fan *fan, uint64_t len, uint64_t made)
{
    unsigned could = fan->most < fan->line.room ? rv_fan_could(fan, len, made) : 0;
    if (could <= fan->most) {
        fan->short_cnt = 0;
        return;
    }
    fan->could = fan->short_cnt && fan->could < could ? fan->could : could;
    fan->short_cnt++;
    fan->drains = fan->short_cnt >= (PATIENCE * fan->line.room) << fan->drain_cnt;
}

// The part that is being filled gets what waits. False: there is no room for all of it.
static bool fill(struct rv_chain *c, unsigned i, struct rove_in in, size_t had)
{
    struct rv_fan *fan = c->stages[i].fan;
    size_t room = had + rv_min_size(in.len, fan->want - had); // not for what the data only say that there is
    bool at_hand = in.len >= fan->want - had;
    bool holds = may_hold(c, i, had) && (at_hand || rv_held_could(c, fan->want));
    struct rv_part *part = begin(fan, !holds ? room : at_hand ? 0 : fan->want);
    if (!part || (fan->told && !rv_fan_fits(fan, fan->want, rv_layer_part_len(fan->head))))
        return false;
    if (holds && hold(c, i))
        return true;
    if (!rv_fan_fill(fan, fan->want, room))
        return false;
    rv_gather_take(c, i, in, fan->want - had);
    fan->ahead += part->in_len - had;
    return true;
}

void rv_gather(struct rv_chain *c, unsigned i, struct rove_in in)
{
    struct rv_fan *fan = c->stages[i].fan;
    struct rv_part *part = fan->filling;
    size_t had = part ? part->in_len : 0;
    if (!fan->want)
        ask(fan, in, 0);
    else if (fan->stale || (had == fan->want && !fan->told)) // what is said of a part is what was said last
        ask(fan, (struct rove_in){part->buf, had}, had);
    if (!fan->want)
        return;
    if (!fill(c, i, in, had)) {
        fan->short_cnt = 0;
        leave_to_head(fan, fan->want - had); // which can do with less
        return;
    }
    if (fan->filling->in_len < fan->want || !fan->told)
        return;
    watch_need(fan, fan->want, rv_layer_part_len(fan->head));
    fan->want = 0;
    fan->told = false;
    rv_gather_send(c, i, ROVE_FINISH, rv_layer_part_len(fan->head));
}
