// SPDX-License-Identifier: MIT
// stretch.c: decoding one.
#include "seek/stretch.h"

#include "base/arith.h"
#include "rope/read.h"
#include "seek/segs.h"
#include "stream/rope_device.h"

#include <stdio.h>
#include <string.h>

#define STEP_LEN ((size_t) 4 << 10)   // plain bytes made at a time at least
#define REQUEST_MIN ((size_t) 64 << 10) // coded bytes that have to do where memory is short
#define SPARE_LEN 32u
#define PAST_MOST (UINT64_C(64) << 10) // coded bytes behind the data of a file that tells no end

// life ------------------------------------------------------------------------------------------

struct rv_stretch *rv_stretch_new(struct rv_seek *seek, const struct rv_reach *at)
{
    struct rv_stretch *e = rv_means_alloc(&seek->means, sizeof *e);
    if (!e)
        return NULL;
    memset(e, 0, sizeof *e);
    e->seek = seek;
    e->at = *at;
    e->whole = at->fresh && at->to_fresh && rv_reach_len(at) <= RV_WHOLE_MAX;
    e->in_off = e->buf_off = rv_reach_off(at);
    e->segs = &e->one;
    e->cap = 1;
    return e;
}

// It is done, or done with: the hand goes, the segments stay.
static void give_hand(struct rv_stretch *e)
{
    if (e->viewed)
        rove_view_fini(&e->view);
    e->viewed = false;
    if (!e->hand)
        return;
    e->hand->means.used -= e->held; // counted in all, as before
    rv_hand_give(&e->seek->hands, e->hand);
    e->hand = NULL;
}

void rv_stretch_free(struct rv_stretch *e)
{
    if (!e)
        return;
    give_hand(e);
    rv_segs_drop(e);
    rv_means_free(&e->seek->means, e, sizeof *e);
}

void rv_stretch_rewind(struct rv_stretch *e)
{
    give_hand(e);
    rv_segs_drop(e);
    e->made = e->past = 0;
    e->in_off = e->buf_off = rv_reach_off(&e->at);
    e->buf_len = 0;
    e->begun = e->misfit = false;
    e->status = ROVE_OK;
}

bool rv_stretch_is_starved(const struct rv_stretch *e)
{
    return e->status == ROVE_E_NOMEM || (e->status == ROVE_E_LIMIT && e->hand->means.refused);
}

uint64_t rv_stretch_cost(const struct rv_stretch *e)
{
    return sizeof *e + (e->hand ? e->hand->means.used : e->held);
}

// coded bytes -----------------------------------------------------------------------------------

static uint64_t at_hand(const struct rv_stretch *e)
{
    return e->viewed ? e->at.to.coded : e->buf_off + e->buf_len;
}

static enum rove_status take_hand(struct rv_stretch *e)
{
    enum rove_status why = ROVE_OK;
    if (!e->hand)
        e->hand = rv_hand_take(&e->seek->hands, &why);
    return e->hand ? ROVE_OK : why;
}

// What a rope holds is not copied.
static enum rove_status view_all(struct rv_stretch *e, struct rove_rope *rope)
{
    enum rove_status status =
        rove_rope_view(rope, e->in_off, e->at.to.coded - e->in_off, &e->view);
    e->viewed = status == ROVE_OK;
    return status == ROVE_E_RANGE ? ROVE_E_FORMAT : status;
}

// Whether a segment would find room, too.
static bool leaves_room(const struct rv_stretch *e, size_t len)
{
    size_t more = len - rv_min_size(len, e->hand->cap);
    return rv_means_allow(&e->hand->means, (uint64_t) more + e->seek->seg_len);
}

// Room for len coded bytes, less where memory is short; it may be there.
static size_t make_room(struct rv_stretch *e, size_t len)
{
    rv_hand_lend(&e->seek->hands, e->hand);
    while (len > REQUEST_MIN && !(leaves_room(e, len) && rv_hand_widen(e->hand, len)))
        len = rv_max_size(len / 2, REQUEST_MIN);
    (void) rv_hand_widen(e->hand, len); // the least that is of use
    rv_hand_settle(&e->seek->hands, e->hand);
    return rv_min_size(e->hand->cap, len);
}

// Reads on where what was read is used up, or, with all, what is missing.
static enum rove_status feed(struct rv_stretch *e, enum rv_blame *blame_out)
{
    struct rv_seek *k = e->seek;
    struct rove_rope *rope = rv_stream_rope(rv_stream(k->coded.source));
    *blame_out = RV_BLAME_SOURCE;
    if (rope)
        return view_all(e, rope);
    uint64_t left = e->at.to.coded - at_hand(e);
    if (e->in_off == at_hand(e)) {
        size_t room = make_room(e, rv_clamp(left, RV_REQUEST_MAX));
        if (!room) {
            *blame_out = RV_BLAME_MEMORY;
            return e->hand->means.refused;
        }
        e->buf_off = e->in_off;
        e->buf_len = 0;
    }
    size_t most = e->hand->cap - e->buf_len, got;
    struct rove_out room = {e->hand->buf + e->buf_len, rv_clamp(left, most)};
    enum rove_status status = rv_coded_read(&k->coded, at_hand(e), room, &got);
    e->buf_len += got;
    if (got && status)
        rv_coded_forgive(&k->coded); // what is missing is asked for when it is needed
    return got ? ROVE_OK : status;
}

// decoding --------------------------------------------------------------------------------------

static enum rove_status misfit(struct rv_stretch *e)
{
    snprintf(e->hand->means.why, sizeof e->hand->means.why,
             "the index does not fit: bytes %llu to %llu do not become %llu",
             (unsigned long long) rv_reach_off(&e->at), (unsigned long long) e->at.to.coded,
             (unsigned long long) rv_stretch_len(e));
    e->misfit = true;
    return ROVE_E_FORMAT;
}

// What comes next of a view. A rope that sleeps may have no room to wake.
static enum rove_status show_input(struct rv_stretch *e, struct rove_cursor *cursor, uint8_t *some,
                                   struct rove_span *span_out)
{
    uint64_t at = e->view.len - (e->at.to.coded - e->in_off);
    enum rove_status status = rove_cursor_init(cursor, &e->view, at);
    if (status == ROVE_OK)
        status = rv_cursor_next_some(cursor, some, RV_SOME_LEN, span_out);
    e->blame = RV_BLAME_SOURCE;
    return status;
}

// Runs the filter once, on what is at hand; *rc_out: how that ended. It is told that nothing follows only when it has
// taken all, or has made all that is expected: until then it might say that something is missing which it still has to
// give.
static enum rove_status run(struct rv_stretch *e, struct rove_out *out, enum rove_status *rc_out)
{
    struct rove_cursor cursor = {.view = NULL};
    struct rove_span span = {NULL, 0};
    uint8_t some[RV_SOME_LEN];
    enum rove_status status = ROVE_OK;
    if (e->in_off < e->at.to.coded && e->viewed) {
        status = show_input(e, &cursor, some, &span);
    } else if (e->in_off < e->at.to.coded) {
        size_t at = (size_t) (e->in_off - e->buf_off);
        span = (struct rove_span){e->hand->buf + at, e->buf_len - at};
    }
    if (status) {
        rove_cursor_fini(&cursor);
        return status;
    }
    struct rove_in in = {span.ptr, span.len};
    bool last = e->in_off + in.len == e->at.to.coded;
    bool full = e->made == rv_stretch_len(e);
    *rc_out = rv_layer_run(&e->hand->layer, &in, out,
                           last && (full || !in.len) ? ROVE_FINISH : ROVE_RUN);
    e->in_off += span.len - in.len;
    rove_cursor_fini(&cursor);
    return ROVE_OK;
}

// Whether something else may follow before its coded bytes end: behind the data, where the index counts that in.
static bool may_trail(const struct rv_stretch *e)
{
    const struct rove_index *index = e->seek->index;
    return index->loose && e->at.end == index->cnt;
}

// Tells how a run ended where all plain bytes are there.
static enum rove_status judge_end(struct rv_stretch *e, enum rove_status status, bool more)
{
    bool ended = status == ROVE_END || status == ROVE_E_TRAILING;
    if (more)
        return misfit(e);
    if (status == ROVE_E_TRAILING && may_trail(e))
        return ROVE_END;
    if (ended)
        return e->in_off == e->at.to.coded ? ROVE_END : misfit(e);
    if (status == ROVE_E_TRUNCATED)
        return e->at.to_bits ? ROVE_END : misfit(e);
    return status;
}

// Holds the sum of what follows a point against what the index says. What holds nothing may say anything.
static enum rove_status compare_sum(struct rv_stretch *e, uint64_t len)
{
    uint8_t digest[ROVE_DIGEST_MAX] = {0};
    uint32_t digest_len = rv_layer_digest(&e->hand->sum, digest);
    uint32_t sum = 0;
    for (uint32_t i = digest_len < 4 ? 0 : digest_len - 4; i < digest_len; i++)
        sum = sum << 8 | digest[i];
    if (!len || sum == e->seek->index->sums[e->summed])
        return ROVE_OK;
    snprintf(e->hand->means.why, sizeof e->hand->means.why,
             "the checksum that the index has of plain bytes %llu to %llu differs",
             (unsigned long long) e->seek->index->places[e->summed].plain,
             (unsigned long long) (e->seek->index->places[e->summed].plain + len));
    return ROVE_E_CHECKSUM;
}

// Sums up plain bytes that were just made, while they are in the cache.
static enum rove_status sum_up(struct rv_stretch *e, const uint8_t *ptr, size_t len)
{
    const struct rove_index *index = e->seek->index;
    uint64_t at = e->at.from.plain + e->made;
    enum rove_status status = ROVE_OK;
    while (e->hand->sum.filter && e->summed < e->at.end && status == ROVE_OK) {
        uint64_t from = index->places[e->summed].plain, end = rv_index_end(index, e->summed).plain;
        struct rove_in in = {ptr, rv_clamp(end - at, len)};
        at += in.len;
        ptr += in.len;
        len -= in.len;
        if (in.len)
            status = rv_layer_look(&e->hand->sum, &in, ROVE_RUN);
        if (at < end || status)
            break;
        status = compare_sum(e, end - from);
        if (status == ROVE_OK)
            status = rv_hand_sum_anew(e->hand);
        e->summed++;
    }
    return status;
}

// Makes what there is room for, up to a place in a segment.
static enum rove_status make(struct rv_stretch *e, uint64_t upto)
{
    struct rv_tray *seg;
    uint64_t seg_at = e->made / e->seek->seg_len * e->seek->seg_len;
    size_t room = rv_seg_room(e, e->made / e->seek->seg_len);
    enum rove_status status = rv_segs_want(e, &seg);
    if (status)
        return status;
    bool steps = !e->whole; // no further than is read
    uint64_t to = rv_max_u64(upto, rv_min_u64(e->made + STEP_LEN, ROVE_LEN_MAX));
    size_t end = steps && to > seg_at ? rv_clamp(to - seg_at, room) : room;
    size_t at = (size_t) (e->made - seg_at);
    struct rove_out out = {seg->base + at, end - at};
    enum rove_status rc;
    status = run(e, &out, &rc);
    if (status)
        return status;
    e->status = sum_up(e, out.ptr - (end - at - out.len), end - at - out.len);
    if (e->status) // none of it is given
        return ROVE_OK;
    e->made += end - at - out.len;
    seg->at = seg->ready = out.ptr;
    if (rc == ROVE_OK && rv_means_pass_ratio(&e->hand->means, e->seek->ratio, e->hand->layer.taken, e->made))
        rc = ROVE_E_LIMIT;
    if (e->made == rv_stretch_len(e) && rc)
        e->status = judge_end(e, rc, false);
    else if (rc == ROVE_END || rc == ROVE_E_TRAILING || rc == ROVE_E_TRUNCATED)
        e->status = misfit(e);
    else
        e->status = rc;
    return ROVE_OK;
}

// All plain bytes are there. Padding is not read to its end: it may be as long as a disk.
static enum rove_status check(struct rv_stretch *e)
{
    uint8_t spare[SPARE_LEN];
    struct rove_out out = {spare, sizeof spare};
    uint64_t off = e->in_off;
    enum rove_status rc, status = run(e, &out, &rc);
    if (status)
        return status;
    e->past += e->in_off - off;
    if (rc == ROVE_OK && may_trail(e) && e->past > PAST_MOST)
        rc = ROVE_E_TRAILING;
    e->status = judge_end(e, rc, out.len < sizeof spare);
    return ROVE_OK;
}

// Decodes until a place, and checks it in the end. ROVE_E_AGAIN: coded bytes are missing; other failures are of what
// e->blame says.
static enum rove_status decode(struct rv_stretch *e, uint64_t upto)
{
    enum rove_status status = ROVE_OK;
    uint64_t len = rv_stretch_len(e);
    e->blame = RV_BLAME_MEMORY;
    if (!e->begun)
        e->summed = e->at.i;
    if (!e->begun)
        e->status = rv_hand_start(e->hand, e->seek->hands.item, e->seek->index, e->at.i);
    e->begun = true;
    while (status == ROVE_OK && e->status == ROVE_OK && (e->made < upto || e->made == len)) {
        bool missing = e->in_off == at_hand(e) && e->in_off < e->at.to.coded;
        if (missing)
            return ROVE_E_AGAIN;
        status = e->made < len ? make(e, upto) : check(e);
    }
    return status;
}

enum rove_status rv_stretch_go_on(struct rv_stretch *e, uint64_t upto, enum rv_blame *blame_out)
{
    uint64_t seg_len = e->seek->seg_len, all = rv_stretch_len(e);
    uint64_t seg_end = rv_min_u64((e->made / seg_len + 1) * seg_len, all);
    upto = rv_min_u64(upto, seg_end);
    enum rove_status status = ROVE_OK;
    *blame_out = RV_BLAME_MEMORY;
    if (e->status == ROVE_OK)
        status = take_hand(e);
    while (status == ROVE_OK && e->status == ROVE_OK && (e->made < upto || e->made == all)) {
        rv_hand_lend(&e->seek->hands, e->hand);
        status = decode(e, upto);
        rv_hand_settle(&e->seek->hands, e->hand);
        *blame_out = e->blame;
        if (status == ROVE_E_AGAIN)
            status = feed(e, blame_out);
    }
    if (e->status == ROVE_END)
        give_hand(e);
    if (e->status < 0)
        *blame_out = RV_BLAME_STRETCH;
    return e->status < 0 ? e->status : status;
}

// away ------------------------------------------------------------------------------------------

enum rove_status rv_stretch_load(struct rv_stretch *e)
{
    enum rv_blame blame;
    enum rove_status status = e->status ? ROVE_OK : take_hand(e);
    if (status == ROVE_OK && e->status == ROVE_OK && e->in_off == at_hand(e) && e->in_off < e->at.to.coded)
        status = feed(e, &blame);
    if (status)
        rv_coded_forgive(&e->seek->coded);
    return status;
}

bool rv_stretch_is_loaded(const struct rv_stretch *e)
{
    return e->hand && e->status == ROVE_OK && at_hand(e) == e->at.to.coded;
}

static void run_away(struct rv_job *job)
{
    struct rv_stretch *e = (struct rv_stretch *) (void *) ((uint8_t *) job - offsetof(struct rv_stretch, job));
    uint64_t all = rv_stretch_len(e);
    enum rove_status status = ROVE_OK;
    while (status == ROVE_OK && e->status == ROVE_OK && !rv_switch_is_on(&e->seek->stop))
        status = decode(e, rv_min_u64(e->made + e->seek->seg_len, all));
}

void rv_stretch_send(struct rv_stretch *e, struct rv_line *line, uint64_t share)
{
    rv_hand_lend_share(&e->seek->hands, e->hand, share);
    e->away = true;
    e->job.run = run_away;
    rv_line_submit(line, &e->job);
}

void rv_stretch_back(struct rv_stretch *e)
{
    rv_hand_settle(&e->seek->hands, e->hand);
    e->away = false;
    if (e->status == ROVE_END)
        give_hand(e);
    else if (rv_stretch_is_starved(e)) // its share was too small
        rv_stretch_rewind(e);
}
