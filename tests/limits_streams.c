// SPDX-License-Identifier: MIT
// limits_streams.c: random worlds of streams that live at the limits.
//
// Two streams over ropes, with holes; views and ropes taken from them, which change under their own
// clones. As in limits_ropes.c a step aims at a limit; a cursor may stand anywhere up to 2^63 - 1, and
// a write there fills the gap.
#include "limits_kit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rope/node.h"
#include "stream/rope_device.h"
#include "support/suite.h"

#define STREAMS 2u
#define KEPT 3u
#define HOLES 5u
#define RUNS_MOST 300u // of a model; then it is begun again
#define LIFE_STEPS 500u

struct hole_model {
    struct rove_hole hole; // id 0: none
    uint64_t off;
    bool gone;
};

struct subject {
    struct rove_stream *stream;
    struct sparse model;
    uint64_t pos;
    struct hole_model holes[HOLES];
};

struct kept {
    struct rove_view view; // pool NULL: none
    struct sparse model;
    struct rove_rope rope;
    struct sparse rope_model;
};

struct life {
    struct rng rng;
    struct rove_pool *pool;
    const struct limits_plan *plan;
    struct tally *tally;
    struct subject subjects[STREAMS];
    struct kept kept[KEPT];
    struct job job;
    const char *act;
    size_t on;
    unsigned step;
    const char *wrong;
    int due, got; // of a status that differs
};

static size_t below(struct life *w, size_t n)
{
    return rng_below(&w->rng, n);
}

static bool chance(struct life *w, size_t one_in)
{
    return below(w, one_in) == 0;
}

static void hold(struct life *w, bool holds, const char *wrong)
{
    if (!holds && !w->wrong)
        w->wrong = wrong;
}

// Holds that a call returned what it should, or met the pool's limit. Returns whether it succeeded.
static bool did(struct life *w, enum rove_status due, enum rove_status got)
{
    bool refused = got == ROVE_E_LIMIT && due == ROVE_OK && w->plan->memory_limit;
    if (got != due && !refused && !w->wrong) {
        w->wrong = "a status differs";
        w->due = due;
        w->got = got;
    }
    w->tally->cnt[PAST_BUDGET] += refused;
    return got == ROVE_OK;
}

// aiming ----------------------------------------------------------------------------------------

static size_t noise_most(const struct life *w)
{
    return 3 * w->plan->chunk_len + 700;
}

static uint64_t near(struct life *w, uint64_t at)
{
    return at + below(w, 3) - 1; // may wrap below 0: who calls clamps
}

static struct rove_rope *rope_of(const struct subject *s)
{
    return &rv_rope_stream(rv_stream(s->stream))->rope;
}

static uint64_t draw_len(struct life *w, const struct subject *s)
{
    const struct rove_rope *rope = rope_of(s);
    switch (below(w, 9)) {
    case 0:
    case 1:
        return ROVE_LEN_MAX - s->pos + below(w, 4) - 1;
    case 2:
        return ROVE_LEN_MAX - s->model.len + below(w, 4) - 1;
    case 3:
        return near(w, (uint64_t) (s->stream->wend - s->stream->cur));
    case 4:
        return rope->tail ? near(w, (uint64_t) (rope->tail->data + rope->tail->cap - rope->cur)) : 1;
    case 5:
        return near(w, w->plan->chunk_len * (1 + below(w, 3)));
    case 6:
        return near(w, ROVE_MERGE_LEN);
    default:
        return 1 + below(w, 9);
    }
}

static uint64_t draw_pos(struct life *w, const struct subject *s)
{
    uint64_t len = s->model.len, at = 0;
    size_t run = s->model.cnt ? below(w, s->model.cnt) : 0;
    switch (below(w, 8)) {
    case 0:
        return below(w, 3);
    case 1:
        return ROVE_LEN_MAX - below(w, chance(w, 2) ? 3 : noise_most(w));
    case 2:
        return rng_next(&w->rng) & ROVE_LEN_MAX;
    case 3:
        at = near(w, rope_of(s)->tree_len);
        break;
    case 4:
    case 5:
        at = len - below(w, 3);
        break;
    case 6:
        at = len + below(w, 40);
        break;
    default:
        for (size_t i = 0; i < run; i++)
            at += s->model.run[i].len;
        at += below(w, 3) - 1;
    }
    return at <= ROVE_LEN_MAX ? at : len;
}

// Makes ready what is put: noise, or where a view is asked for zeros or a part of what is kept.
static bool draw_mid(struct life *w, const struct subject *s, bool as_view)
{
    struct job *job = &w->job;
    struct kept *from = &w->kept[below(w, KEPT)];
    uint64_t len = draw_len(w, s);
    if (as_view && from->view.pool && chance(w, 3)) {
        uint64_t most = from->model.len;
        len = len <= most ? len : most;
        sparse_copy(&job->mid, &from->model, most - len, len);
        rove_rope_init(&job->rope, w->pool);
        return rove_view_sub(&from->view, most - len, len, &job->view) == ROVE_OK;
    }
    bool zeros = as_view && chance(w, 2);
    if (zeros && len > ROVE_LEN_MAX)
        len = ROVE_LEN_MAX;
    else if (!zeros && len > noise_most(w))
        len = 1 + below(w, noise_most(w));
    sparse_make(&job->mid, zeros ? NULL : noise(len), len);
    return !as_view || did(w, ROVE_OK, job_fill(job, w->pool));
}

static const uint8_t *bytes_of(const struct life *w)
{
    return w->job.mid.cnt ? w->job.mid.run[0].ptr : NULL;
}

// models ----------------------------------------------------------------------------------------

static void shift_holes(struct subject *s, uint64_t off, uint64_t del, uint64_t len)
{
    for (size_t i = 0; i < HOLES; i++) {
        struct hole_model *hole = &s->holes[i];
        uint64_t end = hole->off + hole->hole.len;
        if (end > off && ((del && hole->off < off + del) || (len && hole->off < off)))
            hole->gone = true;
        else if (hole->off >= off + del)
            hole->off = hole->off - del + len;
    }
}

static void model_resize(struct subject *s, uint64_t len)
{
    struct sparse mid;
    uint64_t now = s->model.len;
    sparse_make(&mid, NULL, len > now ? len - now : 0);
    sparse_replace(&s->model, len < now ? len : now, len < now ? now - len : 0, &mid);
    if (len < now)
        shift_holes(s, len, now - len, 0);
}

static void model_write(struct subject *s, uint64_t off, const struct sparse *mid)
{
    if (!mid->len)
        return;
    if (off > s->model.len)
        model_resize(s, off);
    uint64_t rest = s->model.len - off;
    sparse_replace(&s->model, off, rest < mid->len ? rest : mid->len, mid);
}

static void model_insert(struct subject *s, uint64_t off, const struct sparse *mid)
{
    if (off >= s->model.len) {
        model_write(s, off, mid);
        return;
    }
    sparse_replace(&s->model, off, 0, mid);
    shift_holes(s, off, 0, mid->len);
}

// What a write of len bytes at a place is due.
static enum rove_status write_due(struct life *w, uint64_t off, uint64_t len)
{
    bool past = off > ROVE_LEN_MAX || len > ROVE_LEN_MAX - off;
    w->tally->cnt[PAST_LONGEST] += past && len - (ROVE_LEN_MAX - off) <= 2;
    return past && len ? ROVE_E_RANGE : ROVE_OK;
}

static enum rove_status insert_due(struct life *w, const struct subject *s, uint64_t len)
{
    uint64_t end = s->pos > s->model.len ? s->pos : s->model.len;
    return write_due(w, end, len);
}

// Acts ------------------------------------------------------------------------------------------

static void act_write(struct life *w, struct subject *s)
{
    struct iovec iov[3];
    enum rove_status status;
    if (!draw_mid(w, s, false))
        return;
    size_t len = (size_t) w->job.mid.len, half = len / 2;
    uint8_t *src = (uint8_t *) (uintptr_t) bytes_of(w);
    iov[0] = (struct iovec){src, half};
    iov[1] = (struct iovec){NULL, 0};
    iov[2] = (struct iovec){src ? src + half : NULL, len - half};
    if (chance(w, 3))
        status = rove_stream_writev(s->stream, iov, 3);
    else
        status = rove_stream_write(s->stream, src, len);
    if (did(w, write_due(w, s->pos, len), status)) {
        model_write(s, s->pos, &w->job.mid);
        s->pos += len;
    }
}

static void act_small_writes(struct life *w, struct subject *s)
{
    for (size_t i = below(w, 9); i < 9 && !w->wrong; i++) {
        size_t len = 1 + below(w, 3);
        const uint8_t *src = noise(len);
        sparse_make(&w->job.mid, src, len);
        if (!did(w, write_due(w, s->pos, len), rove_stream_write(s->stream, src, len)))
            return;
        model_write(s, s->pos, &w->job.mid);
        s->pos += len;
    }
}

static void act_pwrite(struct life *w, struct subject *s)
{
    uint64_t off = chance(w, 4) ? s->model.len : draw_pos(w, s);
    if (!draw_mid(w, s, false))
        return;
    size_t len = (size_t) w->job.mid.len;
    w->job.off = off;
    if (did(w, write_due(w, off, len), rove_stream_pwrite(s->stream, off, bytes_of(w), len)))
        model_write(s, off, &w->job.mid);
}

static void act_reserve(struct life *w, struct subject *s)
{
    uint8_t *room;
    size_t got;
    if (!draw_mid(w, s, false) || !w->job.mid.len)
        return;
    size_t len = (size_t) w->job.mid.len;
    enum rove_status due = s->pos == s->model.len ? write_due(w, s->pos, len) : ROVE_OK;
    if (s->pos == ROVE_LEN_MAX)
        due = ROVE_E_RANGE; // of room for nothing, commit could take nothing
    if (!did(w, due, rove_stream_reserve(s->stream, len, &room, &got)))
        return;
    memset(room, 0x77, got); // all of the run may be written
    len = got < len ? got : len;
    memcpy(room, bytes_of(w), len);
    sparse_copy(&w->job.mid, &w->job.mid, 0, len);
    if (did(w, write_due(w, s->pos, len), rove_stream_commit(s->stream, len))) {
        model_write(s, s->pos, &w->job.mid);
        s->pos += len;
    }
}

static void act_write_view(struct life *w, struct subject *s)
{
    if (draw_mid(w, s, true) && did(w, write_due(w, s->pos, w->job.mid.len),
                                    rove_stream_write_view(s->stream, &w->job.view))) {
        model_write(s, s->pos, &w->job.mid);
        s->pos += w->job.mid.len;
    }
}

static void act_insert(struct life *w, struct subject *s)
{
    bool as_view = chance(w, 2);
    if (!draw_mid(w, s, as_view))
        return;
    uint64_t len = w->job.mid.len;
    enum rove_status status = as_view ? rove_stream_insert_view(s->stream, &w->job.view)
                                      : rove_stream_insert(s->stream, bytes_of(w), (size_t) len);
    if (did(w, insert_due(w, s, len), status)) {
        model_insert(s, s->pos, &w->job.mid);
        s->pos += len;
    }
}

static void act_erase(struct life *w, struct subject *s)
{
    uint64_t rest = s->pos < s->model.len ? s->model.len - s->pos : 0;
    uint64_t len = chance(w, 2) ? draw_len(w, s) : rest - below(w, 3) + 1;
    bool fits = s->pos <= s->model.len && len <= rest;
    sparse_make(&w->job.mid, NULL, 0);
    if (did(w, fits ? ROVE_OK : ROVE_E_RANGE, rove_stream_erase(s->stream, len))) {
        sparse_replace(&s->model, s->pos, len, &w->job.mid);
        shift_holes(s, s->pos, len, 0);
    }
}

static void act_drop_front(struct life *w, struct subject *s)
{
    uint64_t most = s->model.len;
    uint64_t len = chance(w, 4) ? most + below(w, 2) : chance(w, 2) ? draw_pos(w, s) : below(w, 700);
    sparse_make(&w->job.mid, NULL, 0);
    if (did(w, len <= most ? ROVE_OK : ROVE_E_RANGE, rove_stream_drop_front(s->stream, len))) {
        sparse_replace(&s->model, 0, len, &w->job.mid);
        shift_holes(s, 0, len, 0);
        s->pos = s->pos > len ? s->pos - len : 0;
    }
}

static void hold_bytes(struct life *w, const struct sparse *due, const uint8_t *at, const char *wrong)
{
    for (size_t i = 0; i < due->cnt && !w->wrong; at += due->run[i++].len)
        for (size_t k = 0; k < due->run[i].len; k++)
            hold(w, at[k] == (due->run[i].ptr ? due->run[i].ptr[k] : 0), wrong);
}

static void act_take(struct life *w, struct subject *s)
{
    static uint8_t buf[4096];
    struct sparse part;
    uint64_t most = s->model.len;
    size_t len = most < sizeof buf && chance(w, 2) ? (size_t) most + below(w, 2) : below(w, sizeof buf), got = 0;
    uint64_t due = most < len ? most : len;
    sparse_copy(&part, &s->model, 0, due);
    sparse_make(&w->job.mid, NULL, 0);
    enum rove_status status = rove_stream_take(s->stream, buf, len, &got);
    if (status == ROVE_E_LIMIT) {
        (void) did(w, ROVE_OK, status);
        return;
    }
    hold(w, status == (due < len ? ROVE_END : ROVE_OK) && got == due, "take differs in length");
    hold_bytes(w, &part, buf, "take gave other bytes");
    sparse_replace(&s->model, 0, due, &w->job.mid);
    shift_holes(s, 0, due, 0);
    s->pos = s->pos > due ? s->pos - due : 0;
}

static void act_resize(struct life *w, struct subject *s)
{
    uint64_t len = chance(w, 3) ? ROVE_LEN_MAX + below(w, 3) - 1 : draw_pos(w, s);
    bool shorten = chance(w, 3);
    bool past = len > ROVE_LEN_MAX || (shorten && len > s->model.len);
    enum rove_status status =
        shorten ? rove_stream_truncate(s->stream, len) : rove_stream_resize(s->stream, len);
    w->tally->cnt[PAST_LONGEST] += len == ROVE_LEN_MAX + 1;
    if (did(w, past ? ROVE_E_RANGE : ROVE_OK, status))
        model_resize(s, len);
}

static void act_hole(struct life *w, struct subject *s)
{
    struct hole_model *to = &s->holes[below(w, HOLES)];
    struct rove_hole hole;
    uint64_t len = chance(w, 2) ? 1 + below(w, 20) : draw_len(w, s);
    len = len && len < noise_most(w) ? len : 1;
    sparse_make(&w->job.mid, NULL, len);
    enum rove_status status = rove_stream_hole(s->stream, (size_t) len, &hole);
    enum rove_status due = write_due(w, s->pos, len);
    if (status == ROVE_E_LIMIT) // its handle is made before the range is looked at
        due = ROVE_OK;
    if (did(w, due, status)) {
        model_write(s, s->pos, &w->job.mid);
        *to = (struct hole_model){hole, s->pos, false};
        s->pos += len;
    }
}

static void act_fill(struct life *w, struct subject *s)
{
    struct hole_model *hole = &s->holes[below(w, HOLES)];
    size_t len = (size_t) hole->hole.len;
    const uint8_t *src = noise(len);
    uint64_t off = 0;
    if (!hole->hole.id)
        return;
    enum rove_status at = rove_stream_hole_off(s->stream, hole->hole, &off);
    enum rove_status status = rove_stream_fill(s->stream, hole->hole, src, len);
    if (hole->gone) {
        hold(w, status == ROVE_E_STATE, "a dead hole was filled");
        hold(w, at == status, "a dead hole is somewhere");
        hole->hole.id = 0;
        return;
    }
    hold(w, at == ROVE_OK && off == hole->off, "a hole is elsewhere");
    if (did(w, ROVE_OK, status)) {
        sparse_make(&w->job.mid, src, len);
        model_write(s, hole->off, &w->job.mid);
        hole->hole.id = 0;
    }
}

static void act_read(struct life *w, struct subject *s)
{
    static uint8_t buf[4096];
    struct sparse part;
    uint64_t rest = s->pos < s->model.len ? s->model.len - s->pos : 0;
    size_t len = 1 + below(w, sizeof buf), got = 0;
    uint64_t due = rest < len ? rest : len;
    enum rove_status status = rove_stream_read(s->stream, buf, len, &got);
    hold(w, status == (due < len ? ROVE_END : ROVE_OK) && got == due, "read differs in length");
    sparse_copy(&part, &s->model, due ? s->pos : 0, due);
    hold_bytes(w, &part, buf, "read gave other bytes");
    s->pos += due;
}

static void act_seek(struct life *w, struct subject *s)
{
    int64_t to = (int64_t) draw_pos(w, s), max = (int64_t) ROVE_LEN_MAX;
    uint64_t got = 0;
    enum rove_whence whence = (enum rove_whence) below(w, 3);
    int64_t from = whence == ROVE_SET ? 0 : (int64_t) (whence == ROVE_CUR ? s->pos : s->model.len);
    if (from > 0)
        did(w, ROVE_E_RANGE, rove_stream_seek(s->stream, max - from + 1, whence, NULL));
    did(w, ROVE_OK, rove_stream_seek(s->stream, to - from, whence, &got));
    hold(w, got == (uint64_t) to, "seek gave another position");
    s->pos = (uint64_t) to;
}

// what shares -----------------------------------------------------------------------------------

static void check_kept(struct life *w, struct kept *kept)
{
    if (kept->view.pool && sparse_differs_view(&kept->model, &kept->view))
        hold(w, false, "a view changed");
    const char *wrong = rove_rope_check(&kept->rope);
    hold(w, !wrong, wrong);
    if (sparse_differs(&kept->rope_model, &kept->rope))
        hold(w, false, "a cloned rope changed");
}

static void act_snapshot(struct life *w, struct subject *s)
{
    struct kept *kept = &w->kept[below(w, KEPT)];
    check_kept(w, kept);
    rove_view_fini(&kept->view);
    did(w, ROVE_OK, rove_stream_snapshot(s->stream, &kept->view));
    kept->model = s->model;
}

// A clone, which may then take the room behind the tail, or the whole content.
static void act_take_rope(struct life *w, struct subject *s)
{
    struct kept *kept = &w->kept[below(w, KEPT)];
    check_kept(w, kept);
    rove_rope_fini(&kept->rope);
    kept->rope_model = s->model;
    if (chance(w, 4)) {
        did(w, ROVE_OK, rove_stream_steal(s->stream, &kept->rope));
        s->model.len = s->model.cnt = s->pos = 0;
        memset(s->holes, 0, sizeof s->holes);
        return;
    }
    did(w, ROVE_OK, rove_stream_clone_rope(s->stream, &kept->rope));
    if (chance(w, 2) && s->model.len < ROVE_LEN_MAX) {
        sparse_make(&w->job.mid, noise(1), 1);
        if (did(w, ROVE_OK, rove_rope_append(&kept->rope, bytes_of(w), 1)))
            sparse_replace(&kept->rope_model, kept->rope_model.len, 0, &w->job.mid);
    }
}

// Puts a rope under a stream.
static void stand_on(struct life *w, struct subject *s, struct rove_rope *rope,
                     const struct sparse *model)
{
    struct rove_stream *made;
    if (!did(w, ROVE_OK, rove_stream_from_rope(rope, &made)))
        return;
    rove_stream_free(s->stream);
    s->stream = made;
    s->model = *model;
    s->pos = 0;
    memset(s->holes, 0, sizeof s->holes);
}

static void act_from_rope(struct life *w, struct subject *s)
{
    struct kept *kept = &w->kept[below(w, KEPT)];
    struct rove_rope copy;
    rove_rope_clone(&copy, &kept->rope);
    stand_on(w, s, &copy, &kept->rope_model);
    rove_rope_fini(&copy);
}

static void act_split(struct life *w, struct subject *s)
{
    struct subject *right = &w->subjects[s == &w->subjects[0]];
    struct rove_stream *made;
    uint64_t at = s->pos < s->model.len ? s->pos : s->model.len;
    if (!did(w, ROVE_OK, rove_stream_split(s->stream, &made)))
        return;
    rove_stream_free(right->stream);
    right->stream = made;
    right->pos = 0;
    memset(right->holes, 0, sizeof right->holes);
    sparse_copy(&right->model, &s->model, at, s->model.len - at);
    for (size_t i = 0; i < HOLES; i++)
        if (s->holes[i].hole.id && !s->holes[i].gone && s->holes[i].off >= at) {
            right->holes[i] = s->holes[i];
            right->holes[i].off -= at;
            s->holes[i].hole.id = 0;
        }
    model_resize(s, at);
}

// Writes slices at the end until the last leaf is full, or has 0 or 1 place left.
static void fill_leaf(struct life *w, struct subject *s)
{
    const struct rv_node *leaf = rope_of(s)->root;
    while (leaf && leaf->level)
        leaf = rv_kid(leaf, leaf->cnt - 1u);
    size_t cnt = RV_FANOUT - (leaf ? leaf->cnt : 0u) + below(w, 2), i = below(w, 2);
    sparse_make(&w->job.mid, noise(600), 600);
    bool made = s->model.len < ROVE_LEN_MAX - 600 * (RV_FANOUT + 1) &&
                did(w, ROVE_OK, job_fill(&w->job, w->pool)) &&
                did(w, ROVE_OK, rove_stream_seek(s->stream, 0, ROVE_FROM_END, &s->pos));
    for (; made && i < cnt; i++) {
        if (!did(w, ROVE_OK, rove_stream_write_view(s->stream, &w->job.view)))
            return;
        model_write(s, s->pos, &w->job.mid);
        s->pos += 600;
    }
}

// A new rope, a little shorter than the longest.
static void begin_again(struct life *w, struct subject *s)
{
    struct rove_rope rope;
    struct sparse model;
    uint64_t len = chance(w, 3) ? below(w, 700) : ROVE_LEN_MAX - below(w, noise_most(w));
    w->act = "begin again";
    rove_rope_init(&rope, w->pool);
    sparse_make(&model, NULL, len);
    if (did(w, ROVE_OK, rove_rope_append_zeros(&rope, len)))
        stand_on(w, s, &rope, &model);
    rove_rope_fini(&rope);
}

struct act {
    const char *name;
    void (*run)(struct life *w, struct subject *s);
    unsigned weight;
};

static const struct act acts[] = {
    {"write", act_write, 10},      {"small writes", act_small_writes, 8},
    {"pwrite", act_pwrite, 5},     {"reserve, commit", act_reserve, 6},
    {"write_view", act_write_view, 5}, {"insert", act_insert, 6},
    {"erase", act_erase, 4},       {"drop_front", act_drop_front, 2},
    {"take", act_take, 3},         {"resize", act_resize, 4},
    {"hole", act_hole, 5},
    {"fill", act_fill, 5},         {"read", act_read, 4},
    {"seek", act_seek, 12},        {"snapshot", act_snapshot, 4},
    {"take a rope", act_take_rope, 3}, {"from_rope", act_from_rope, 1},
    {"split", act_split, 2},       {"begin again", begin_again, 1},
    {"fill the leaf", fill_leaf, 3},
};

#define ACTS (sizeof acts / sizeof *acts)

static const struct act *roll(struct life *w)
{
    size_t sum = 0, i = 0;
    for (size_t k = 0; k < ACTS; k++)
        sum += acts[k].weight;
    size_t at = below(w, sum);
    while (at >= acts[i].weight)
        at -= acts[i++].weight;
    return &acts[i];
}

// living ----------------------------------------------------------------------------------------

static void look(struct life *w, struct subject *s, unsigned height)
{
    uint64_t pos = 0, len = 0;
    hold(w, rove_stream_tell(s->stream, &pos) == ROVE_OK && pos == s->pos, "tell differs");
    hold(w, rove_stream_size(s->stream, &len) == ROVE_OK && len == s->model.len, "size differs");
    if (chance(w, 3)) { // reading elsewhere drops the window
        const char *wrong = sparse_differs_stream_at(&s->model, s->stream,
                                                     chance(w, 2) ? w->job.off : s->pos);
        hold(w, !wrong, wrong);
    }
    if (chance(w, 3))
        rv_stream_rope(rv_stream(s->stream));
    const char *wrong = rove_rope_check(rope_of(s));
    hold(w, !wrong, wrong);
    tally_rope(w->tally, rope_of(s), height);
}

static void check_all(struct life *w)
{
    for (size_t i = 0; i < STREAMS && !w->wrong; i++)
        w->wrong = sparse_differs_stream(&w->subjects[i].model, w->subjects[i].stream);
    for (size_t i = 0; i < KEPT && !w->wrong; i++)
        check_kept(w, &w->kept[i]);
}

static bool is_too_much(const struct life *w, const struct subject *s)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < s->model.cnt; i++)
        bytes += s->model.run[i].ptr ? s->model.run[i].len : 0;
    return s->model.cnt > RUNS_MOST || bytes > 12 * noise_most(w);
}

static void step(struct life *w)
{
    w->on = below(w, STREAMS);
    struct subject *s = &w->subjects[w->on];
    const struct act *act = roll(w);
    struct squeeze squeeze = {NULL, 0, 0};
    struct job *job = &w->job;
    memset(&job->view, 0, sizeof job->view);
    memset(&job->rope, 0, sizeof job->rope);
    job->off = s->pos;
    job->mid.len = job->mid.cnt = 0;
    w->act = act->name;
    unsigned height = rv_height(rope_of(s)->root);
    if (w->plan->memory_limit && !w->plan->spill && chance(w, 2))
        squeeze = squeeze_begin(w->pool, below(w, chance(w, 2) ? 2 : 12) * LEAST_BLOCK +
                                             below(w, 4 * w->plan->chunk_len));
    if (is_too_much(w, s))
        begin_again(w, s);
    else
        act->run(w, s);
    if (squeeze.budget)
        w->tally->cnt[AT_BUDGET] += squeeze_end(&squeeze);
    uint64_t len = job->mid.len;
    w->tally->cnt[AT_MERGE] += len - ROVE_MERGE_LEN + 1 <= 2;
    job_fini(job);
    look(w, s, height);
    if (++w->step % 32 == 0)
        check_all(w);
}

static const struct life *alive;

static void print(const struct life *w)
{
    const struct subject *s = &w->subjects[w->on];
    fprintf(stderr, "\n%s, step %u: %s on stream %zu at %llu of %llu, len %llu: %s (%s, not %s)\n",
            w->plan->name, w->step, w->act, w->on, (unsigned long long) w->job.off,
            (unsigned long long) s->model.len, (unsigned long long) w->job.mid.len,
            w->wrong ? w->wrong : "an abort", rove_status_name(w->got), rove_status_name(w->due));
}

static void tell_of_abort(int number)
{
    signal(number, SIG_DFL);
    if (alive)
        print(alive);
}

static bool live(struct life *w)
{
    bool made = true;
    for (size_t i = 0; i < STREAMS; i++)
        made = CHECK_OK(rove_stream_new(w->pool, &w->subjects[i].stream)) && made;
    for (size_t i = 0; i < KEPT; i++)
        rove_rope_init(&w->kept[i].rope, w->pool);
    for (size_t i = 0; i < STREAMS && made; i++)
        begin_again(w, &w->subjects[i]);
    while (made && w->step < LIFE_STEPS && !w->wrong)
        step(w);
    if (made)
        check_all(w);
    if (w->wrong)
        print(w);
    for (size_t i = 0; i < STREAMS; i++)
        rove_stream_free(w->subjects[i].stream);
    for (size_t i = 0; i < KEPT; i++) {
        rove_view_fini(&w->kept[i].view);
        rove_rope_fini(&w->kept[i].rope);
    }
    return made && !w->wrong;
}

void limits_live_streams(const struct limits_plan *plan)
{
    struct rove_pool *pool = limits_pool(plan);
    struct tally tally = {0};
    uint64_t lives = LIVES_LEAST + suite_scaled(plan->steps / LIFE_STEPS), i = 0;
    bool right = pool != NULL;
    signal(SIGABRT, tell_of_abort);
    for (; i < lives && right; i++) {
        struct life *w = calloc(1, sizeof *w);
        w->rng = rng_from((suite_seed() << 20) + i);
        w->pool = pool;
        w->plan = plan;
        w->tally = &tally;
        alive = w;
        right = live(w);
        alive = NULL;
        free(w);
    }
    if (!CHECK(right))
        suite_note("%s: life %llu", plan->name, (unsigned long long) i - 1);
    tally_report(&tally, plan, pool);
    rove_pool_unref(pool);
}
