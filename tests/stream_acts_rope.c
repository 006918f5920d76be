// SPDX-License-Identifier: MIT
// stream_acts_rope.c: what shifts or shares: views, inserts, holes, whole contents.
#include "stream_program.h"

#include <stdlib.h>

#include "support/suite.h"

// views -----------------------------------------------------------------------------------------

// A view kept from before, or one of the subject's own bytes.
static bool draw_view(struct program *p, struct subject *s, struct kept_view *out)
{
    struct kept_view *kept = &p->views[below(p, KEPT)];
    struct rove_view all;
    memset(out, 0, sizeof *out);
    if (!kept->view.pool || (subject_has_rope(s) && chance(p, 3))) {
        if (!subject_has_rope(s))
            return false;
        size_t off = rng_off(&p->rng, p->chunk_len, s->model.len);
        size_t len = rng_len(&p->rng, p->chunk_len, s->model.len - off);
        is(p, ROVE_OK, rove_stream_snapshot(s->stream, &all));
        is(p, ROVE_OK, rove_view_sub(&all, off, len, &out->view));
        rove_view_fini(&all);
        model_copy(&out->model, &s->model, off, len);
    } else {
        is(p, ROVE_OK, rove_view_sub(&kept->view, 0, kept->model.len, &out->view));
        model_copy(&out->model, &kept->model, 0, kept->model.len);
    }
    return true;
}

static void act_write_view(struct program *p, struct subject *s, struct act *act)
{
    struct kept_view from;
    hold(p, subject_leave_file(s), "leaving the FILE failed");
    if (s->kind == OVER_CALLBACKS || !draw_view(p, s, &from))
        return;
    act->len = from.model.len;
    if (s->model.len + act->len < 2 * p->len_max) {
        is(p, ROVE_OK, rove_stream_write_view(s->stream, &from.view));
        subject_model_write(s, s->pos, from.model.ptr, act->len);
        s->pos += act->len;
    }
    rove_view_fini(&from.view);
    model_fini(&from.model);
    hold(p, subject_enter_file(s), "going back to the FILE failed");
}

void keep_view(struct program *p, struct rove_view *view, const struct subject *s,
                      size_t off)
{
    struct kept_view *kept = &p->views[below(p, KEPT)];
    hold(p, !kept->view.pool || model_spans_match(&kept->view, kept->model.ptr, kept->model.len),
         "a view changed");
    rove_view_fini(&kept->view);
    kept->view = *view;
    model_copy(&kept->model, &s->model, off, (size_t) rove_view_len(view));
    hold(p, model_spans_match(view, kept->model.ptr, kept->model.len), "a fresh view differs");
}

static void act_read_view(struct program *p, struct subject *s, struct act *act)
{
    struct rove_view view;
    size_t len = act->len = draw_rest(p, s), due = len < rest_of(s) ? len : rest_of(s);
    hold(p, subject_leave_file(s), "leaving the FILE failed");
    is(p, on_rope(s, due < len ? ROVE_END : ROVE_OK),
       rove_stream_read_view(s->stream, len, &view));
    if (subject_has_rope(s)) {
        hold(p, rove_view_len(&view) == due, "read_view differs in length");
        keep_view(p, &view, s, due ? s->pos : 0);
        s->pos += due;
    }
    hold(p, subject_enter_file(s), "going back to the FILE failed");
}

// insert and erase ------------------------------------------------------------------------------

static void model_insert(struct subject *s, const void *src, size_t len)
{
    if (len && s->pos > s->model.len)
        subject_model_resize(s, s->pos);
    if (len)
        subject_model_shift(s, s->pos, 0, src, len);
    s->pos += len;
}

static void act_insert(struct program *p, struct subject *s, struct act *act)
{
    size_t len = act->len = draw_len(p, s);
    const uint8_t *src = draw_bytes(p, len);
    hold(p, subject_leave_file(s), "leaving the FILE failed");
    is(p, on_rope(s, ROVE_OK), rove_stream_insert(s->stream, src, len));
    if (subject_has_rope(s))
        model_insert(s, src, len);
    hold(p, subject_enter_file(s), "going back to the FILE failed");
}

static void act_insert_view(struct program *p, struct subject *s, struct act *act)
{
    struct kept_view from;
    hold(p, subject_leave_file(s), "leaving the FILE failed");
    if (!draw_view(p, s, &from))
        return;
    act->len = from.model.len;
    if (s->model.len + act->len < 2 * p->len_max) {
        is(p, on_rope(s, ROVE_OK), rove_stream_insert_view(s->stream, &from.view));
        if (subject_has_rope(s))
            model_insert(s, from.model.ptr, act->len);
    }
    rove_view_fini(&from.view);
    model_fini(&from.model);
    hold(p, subject_enter_file(s), "going back to the FILE failed");
}

static void act_erase(struct program *p, struct subject *s, struct act *act)
{
    size_t len = act->len = chance(p, 8) ? 0 : rng_len(&p->rng, p->chunk_len, rest_of(s));
    hold(p, subject_leave_file(s), "leaving the FILE failed");
    is(p, on_rope(s, ROVE_E_RANGE), rove_stream_erase(s->stream, rest_of(s) + 1));
    bool past = s->pos > s->model.len;
    is(p, on_rope(s, past ? ROVE_E_RANGE : ROVE_OK), rove_stream_erase(s->stream, len));
    if (subject_has_rope(s) && !past)
        subject_model_shift(s, s->pos, len, NULL, 0);
    hold(p, subject_enter_file(s), "going back to the FILE failed");
}

static void act_drop_front(struct program *p, struct subject *s, struct act *act)
{
    size_t len = act->len = chance(p, 4) ? rng_off(&p->rng, p->chunk_len, s->model.len)
                                         : below(p, s->model.len / 4 + 1);
    hold(p, subject_leave_file(s), "leaving the FILE failed");
    if (chance(p, 2)) // else the window is as writes and reads have left it
        is(p, on_rope(s, ROVE_E_RANGE), rove_stream_drop_front(s->stream, s->model.len + 1));
    is(p, on_rope(s, ROVE_OK), rove_stream_drop_front(s->stream, len));
    if (subject_has_rope(s)) {
        subject_model_shift(s, 0, len, NULL, 0);
        s->pos = s->pos > len ? s->pos - len : 0;
    }
    hold(p, subject_enter_file(s), "going back to the FILE failed");
}

static void act_take(struct program *p, struct subject *s, struct act *act)
{
    size_t len = act->len = below(p, s->model.len / 4 + 2), got = 0;
    size_t due = len < s->model.len ? len : s->model.len;
    uint8_t *buf = malloc(len + 1);
    hold(p, subject_leave_file(s), "leaving the FILE failed");
    is(p, on_rope(s, due < len ? ROVE_END : ROVE_OK), rove_stream_take(s->stream, buf, len, &got));
    if (subject_has_rope(s)) {
        hold(p, got == due && (!due || memcmp(buf, s->model.ptr, due) == 0), "other bytes were taken");
        subject_model_shift(s, 0, due, NULL, 0);
        s->pos = s->pos > due ? s->pos - due : 0;
    }
    free(buf);
    hold(p, subject_enter_file(s), "going back to the FILE failed");
}

// holes -----------------------------------------------------------------------------------------

static void act_hole(struct program *p, struct subject *s, struct act *act)
{
    static const uint8_t zeros[64];
    size_t len = act->len = 1 + below(p, chance(p, 4) ? 60 : 8);
    struct rove_hole hole;
    hold(p, subject_leave_file(s), "leaving the FILE failed");
    is(p, on_rope(s, ROVE_OK), rove_stream_hole(s->stream, len, &hole));
    hold(p, subject_has_rope(s) ? hole.id && hole.len == len : !hole.id, "a hole is not right");
    if (subject_has_rope(s)) {
        struct hole_model *to = &s->holes[below(p, SUBJECT_HOLES)];
        *to = (struct hole_model){hole, s->pos, false, false};
        subject_model_write(s, s->pos, zeros, len);
        s->pos += len;
    }
    hold(p, subject_enter_file(s), "going back to the FILE failed");
}

static enum rove_status hole_status(const struct hole_model *hole)
{
    return !hole->hole.id || hole->filled || hole->gone ? ROVE_E_STATE : ROVE_OK;
}

static void act_fill(struct program *p, struct subject *s, struct act *act)
{
    struct hole_model *hole = &s->holes[below(p, SUBJECT_HOLES)];
    enum rove_status due = hole_status(hole);
    size_t len = act->len = (size_t) hole->hole.len;
    const uint8_t *src = draw_bytes(p, len + 1);
    hold(p, subject_leave_file(s), "leaving the FILE failed");
    if (due == ROVE_OK && chance(p, 4))
        is(p, on_rope(s, ROVE_E_ARG),
           rove_stream_fill(s->stream, hole->hole, src, chance(p, 2) ? len + 1 : len - 1));
    bool forget = chance(p, 5);
    is(p, on_rope(s, due),
       forget ? rove_stream_forget(s->stream, hole->hole)
              : rove_stream_fill(s->stream, hole->hole, src, len));
    if (subject_has_rope(s) && due == ROVE_OK) {
        if (!forget)
            subject_model_write(s, hole->off, src, len);
        hole->filled = true;
    }
    hold(p, subject_enter_file(s), "going back to the FILE failed");
}

static void act_hole_off(struct program *p, struct subject *s, struct act *act)
{
    hold(p, subject_leave_file(s), "leaving the FILE failed");
    for (size_t i = 0; i < SUBJECT_HOLES; i++) {
        struct hole_model *hole = &s->holes[i];
        uint64_t off = 0;
        act->off = hole->off;
        is(p, on_rope(s, hole_status(hole)), rove_stream_hole_off(s->stream, hole->hole, &off));
        hold(p, hole_status(hole) || !subject_has_rope(s) || off == hole->off,
             "a hole is elsewhere");
    }
    hold(p, subject_enter_file(s), "going back to the FILE failed");
}

// whole contents --------------------------------------------------------------------------------

static void act_snapshot(struct program *p, struct subject *s, struct act *act)
{
    struct rove_view view;
    (void) act;
    hold(p, subject_leave_file(s), "leaving the FILE failed");
    is(p, on_rope(s, ROVE_OK), rove_stream_snapshot(s->stream, &view));
    if (subject_has_rope(s))
        keep_view(p, &view, s, 0);
    rove_view_fini(subject_has_rope(s) ? &(struct rove_view){.pool = NULL} : &view);
    hold(p, subject_enter_file(s), "going back to the FILE failed");
}

bool twin_is_right(struct twin *twin)
{
    struct rove_view all;
    bool right = !rove_rope_check(&twin->rope) &&
                 rove_rope_view(&twin->rope, 0, rove_rope_len(&twin->rope), &all) == ROVE_OK;
    right = right && model_spans_match(&all, twin->model.ptr, twin->model.len);
    if (right)
        rove_view_fini(&all);
    return right;
}

static struct twin *free_rope(struct program *p)
{
    struct twin *twin = &p->ropes[below(p, KEPT)];
    hold(p, twin_is_right(twin), "a cloned rope changed");
    rove_rope_fini(&twin->rope);
    return twin;
}

static void act_clone_rope(struct program *p, struct subject *s, struct act *act)
{
    (void) act;
    hold(p, subject_leave_file(s), "leaving the FILE failed");
    struct twin *twin = free_rope(p);
    is(p, on_rope(s, ROVE_OK), rove_stream_clone_rope(s->stream, &twin->rope));
    if (!subject_has_rope(s))
        rove_rope_init(&twin->rope, p->pool);
    model_copy(&twin->model, &s->model, 0, subject_has_rope(s) ? s->model.len : 0);
    hold(p, twin_is_right(twin), "a clone differs");
    hold(p, subject_enter_file(s), "going back to the FILE failed");
}

// Changes a clone, which must leave the stream alone.
static void act_edit_rope(struct program *p, struct subject *s, struct act *act)
{
    struct twin *twin = &p->ropes[below(p, KEPT)];
    size_t at = rng_off(&p->rng, p->chunk_len, twin->model.len);
    (void) s;
    act->off = at;
    switch (below(p, 3)) {
    case 0:
        twin_append(twin, 1 + below(p, 2 * p->chunk_len));
        break;
    case 1:
        twin_overwrite(twin, at, rng_len(&p->rng, p->chunk_len, twin->model.len - at));
        break;
    default:
        twin_truncate(twin, at);
        break;
    }
}

static void forget_holes(struct subject *s)
{
    for (size_t i = 0; i < SUBJECT_HOLES; i++)
        s->holes[i].filled = true;
}

// A rope's bytes become another's stream.
static void restart(struct program *p, struct subject *s, struct twin *from)
{
    is(p, ROVE_OK, rove_stream_close(s->stream));
    rove_stream_free(s->stream);
    is(p, ROVE_OK, rove_stream_from_rope(&from->rope, &s->stream));
    hold(p, rove_rope_len(&from->rope) == 0, "from_rope left bytes behind");
    struct model empty = s->model;
    s->model = from->model;
    from->model = empty;
    from->model.len = 0;
    s->pos = 0;
    forget_holes(s);
}

static void act_from_rope(struct program *p, struct subject *s, struct act *act)
{
    (void) act;
    if (s->kind == OVER_ROPE)
        restart(p, s, &p->ropes[below(p, KEPT)]);
}

static void act_steal(struct program *p, struct subject *s, struct act *act)
{
    (void) act;
    hold(p, subject_leave_file(s), "leaving the FILE failed");
    struct twin *twin = free_rope(p);
    is(p, on_rope(s, ROVE_OK), rove_stream_steal(s->stream, &twin->rope));
    if (!subject_has_rope(s))
        rove_rope_init(&twin->rope, p->pool);
    model_copy(&twin->model, &s->model, 0, subject_has_rope(s) ? s->model.len : 0);
    hold(p, twin_is_right(twin), "what was stolen differs");
    if (subject_has_rope(s)) {
        s->model.len = s->pos = 0;
        forget_holes(s);
    }
    hold(p, subject_enter_file(s), "going back to the FILE failed");
    if (s->kind == OVER_ROPE && chance(p, 2))
        restart(p, s, twin);
}

static void act_flatten(struct program *p, struct subject *s, struct act *act)
{
    const uint8_t *ptr = NULL, *at;
    size_t len = 0, n;
    if (p->little_memory) // what is one run cannot sleep
        return;
    hold(p, subject_leave_file(s), "leaving the FILE failed");
    is(p, on_rope(s, ROVE_OK), rove_stream_flatten(s->stream, &ptr, &len));
    act->len = len;
    if (subject_has_rope(s)) {
        hold(p, ptr && len == s->model.len, "flatten differs in length");
        PATIENTLY(p, rest_of(s) ? ROVE_OK : ROVE_END, rove_stream_peek(s->stream, &at, &n));
        hold(p, p->wrong || same(ptr, s->model.ptr, len), "flatten differs");
    }
    hold(p, subject_enter_file(s), "going back to the FILE failed");
}

static void act_split(struct program *p, struct subject *s, struct act *act)
{
    struct subject *to = &p->subjects[below(p, SUBJECTS)];
    struct rove_stream *right = NULL;
    size_t at = act->off = s->pos < s->model.len ? s->pos : s->model.len;
    if (s->kind != OVER_ROPE || to == s)
        return;
    is(p, ROVE_OK, rove_stream_split(s->stream, &right));
    hold(p, subject_fini(to) == NULL, "closing failed");
    *to = (struct subject){.kind = s->kind, .stream = right, .fd = -1};
    model_copy(&to->model, &s->model, at, s->model.len - at);
    for (size_t i = 0; i < SUBJECT_HOLES; i++) {
        struct hole_model *hole = &s->holes[i];
        if (hole->gone || hole->off < at)
            continue;
        to->holes[i] = *hole;
        to->holes[i].off -= at;
        hole->filled = true; // here it is a stranger now
    }
    subject_model_resize(s, at);
}

static void act_reset(struct program *p, struct subject *s, struct act *act)
{
    uint64_t pos;
    (void) act;
    hold(p, subject_leave_file(s), "leaving the FILE failed");
    if (s->kind == OVER_ROPE && chance(p, 2)) {
        is(p, ROVE_OK, rove_stream_close(s->stream));
        is(p, ROVE_OK, rove_stream_close(s->stream));
        is(p, ROVE_E_CLOSED, rove_stream_write(s->stream, "x", 1));
        is(p, ROVE_E_CLOSED, rove_stream_tell(s->stream, &pos));
    }
    is(p, on_rope(s, ROVE_OK), rove_stream_reset(s->stream));
    if (subject_has_rope(s)) {
        s->model.len = s->pos = 0;
        forget_holes(s);
    }
    hold(p, subject_enter_file(s), "going back to the FILE failed");
}

const struct kind rope_acts[ROPE_ACTS] = {
    {"write_view", act_write_view, 4},
    {"read_view", act_read_view, 3},
    {"insert", act_insert, 8},
    {"insert_view", act_insert_view, 3},
    {"erase", act_erase, 8},
    {"drop_front", act_drop_front, 3},
    {"take", act_take, 3},
    {"hole", act_hole, 6},
    {"fill", act_fill, 5},
    {"hole_off", act_hole_off, 3},
    {"snapshot", act_snapshot, 5},
    {"clone_rope", act_clone_rope, 3},
    {"edit of a clone", act_edit_rope, 3},
    {"from_rope", act_from_rope, 1},
    {"steal", act_steal, 1},
    {"flatten", act_flatten, 1},
    {"split", act_split, 2},
    {"reset", act_reset, 1},
};
