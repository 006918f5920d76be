// SPDX-License-Identifier: MIT
// segs.c: taking and giving up segments.
#include "seek/segs.h"

#include <string.h>

static struct rv_tray *seg_of(const struct rv_stretch *e, uint64_t no)
{
    return no >= e->first && no - e->first < e->cnt ? &e->segs[no - e->first] : NULL;
}

static struct rv_means *payer(struct rv_stretch *e)
{
    return e->hand ? &e->hand->means : &e->seek->means;
}

// Between lend and settle, or when it has no hand.
static void drop_segs(struct rv_stretch *e, size_t cnt)
{
    for (size_t i = 0; i < cnt; i++) {
        e->held -= e->segs[i].chunk->cap;
        rv_tray_drop(&e->segs[i], payer(e));
    }
    e->cnt -= cnt;
    e->first += cnt;
    memmove(e->segs, e->segs + cnt, e->cnt * sizeof *e->segs);
}

static void drop_array(struct rv_stretch *e)
{
    if (e->segs != &e->one) {
        e->held -= e->cap * sizeof *e->segs;
        rv_means_free(payer(e), e->segs, e->cap * sizeof *e->segs);
    }
    e->segs = &e->one;
    e->cap = 1;
}

static bool grow_array(struct rv_stretch *e)
{
    size_t cap = e->cap * 2, len;
    if (rv_mul_size(cap, sizeof *e->segs, &len))
        return false;
    struct rv_tray *segs = rv_means_alloc(&e->hand->means, len);
    if (!segs)
        return false;
    memcpy(segs, e->segs, e->cnt * sizeof *segs);
    drop_array(e);
    e->segs = segs;
    e->cap = cap;
    e->held += len;
    return true;
}

enum rove_status rv_segs_want(struct rv_stretch *e, struct rv_tray **seg_out)
{
    uint64_t no = e->made / e->seek->seg_len;
    struct rv_means *means = &e->hand->means;
    *seg_out = seg_of(e, no);
    if (*seg_out)
        return ROVE_OK;
    means->refused = ROVE_OK;
    if (!e->cnt)
        e->first = no;
    if (e->cnt == e->cap && !grow_array(e))
        return means->refused ? means->refused : ROVE_E_NOMEM;
    struct rv_tray *seg = &e->segs[e->cnt];
    *seg = (struct rv_tray){.chunk = NULL};
    enum rove_status status = rv_tray_make_room(seg, means, rv_seg_room(e, no), false);
    if (status)
        return status;
    e->cnt++;
    e->held += seg->chunk->cap;
    *seg_out = seg;
    return ROVE_OK;
}

bool rv_segs_trim(struct rv_stretch *e, uint64_t upto)
{
    upto = rv_min_u64(upto, e->made); // not the one that is being filled
    if (!e->cnt || e->first >= upto / e->seek->seg_len)
        return false;
    struct rv_hand *hand = e->hand;
    if (!hand) {
        drop_segs(e, 1);
        return true;
    }
    enum rove_status refused = hand->means.refused; // stays told: nothing is taken here
    const char *passed = hand->means.passed;
    rv_hand_lend(&e->seek->hands, hand);
    drop_segs(e, 1);
    rv_hand_settle(&e->seek->hands, hand);
    hand->means.refused = refused;
    hand->means.passed = passed;
    return true;
}

struct rove_span rv_segs_show(const struct rv_stretch *e, uint64_t off, uint64_t *at_out)
{
    uint64_t no = off / e->seek->seg_len, ready = rv_stretch_ready(e);
    const struct rv_tray *seg = seg_of(e, no);
    *at_out = no * e->seek->seg_len;
    if (!seg || off >= ready)
        return (struct rove_span){NULL, 0};
    return (struct rove_span){seg->base, rv_clamp(ready - *at_out, e->seek->seg_len)};
}

void rv_segs_drop(struct rv_stretch *e)
{
    drop_segs(e, e->cnt);
    drop_array(e);
    e->first = 0;
}
