// SPDX-License-Identifier: MIT
// limits_ropes.c: random worlds of ropes that live at the limits.
//
// Three ropes and three views that share with each other. A step draws a way and aims its job: at a
// result of 2^63 - 1 bytes, one or two more or less; at the room of the tail; at chunks and the merge
// threshold. Between them the edges are prepared: shared, cut, filled to the last byte or entry, cut
// short. Under a pool's limit some steps are tried with hardly any memory left and then with a little
// more, until one fits to the byte.
#include "limits_kit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rope/edit.h"
#include "support/suite.h"

#define ROPES 3u
#define VIEWS 3u
#define RUNS_MOST 300u // of a model; then it is begun again
#define WORLD_STEPS 500u

struct subject {
    struct rove_rope rope;
    struct sparse model;
};

struct kept {
    struct rove_view view; // pool NULL: none
    struct sparse model;
};

struct life {
    struct rng rng;
    struct rove_pool *pool;
    const struct limits_plan *plan;
    struct tally *tally;
    struct subject ropes[ROPES];
    struct kept views[VIEWS];
    struct job job;
    const char *way;
    size_t on;
    unsigned step;
    const char *wrong;
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

// aiming ----------------------------------------------------------------------------------------

static size_t noise_most(const struct life *w)
{
    return 3 * w->plan->chunk_len + 700;
}

static uint64_t near(struct life *w, uint64_t at)
{
    return at + below(w, 3) - 1; // may wrap below 0: who calls clamps
}

// A length to put in place of del bytes of a rope that are then gone.
static uint64_t draw_len(struct life *w, const struct subject *s, uint64_t del)
{
    const struct rove_rope *rope = &s->rope;
    uint64_t left = ROVE_LEN_MAX - (rove_rope_len(rope) - del);
    switch (below(w, 8)) {
    case 0:
    case 1:
    case 2:
        return left + below(w, 4) - 1;
    case 3:
        return near(w, (uint64_t) (rope->end - rope->cur));
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

static uint64_t draw_off(struct life *w, const struct subject *s)
{
    uint64_t len = s->model.len, off = 0;
    size_t run = s->model.cnt ? below(w, s->model.cnt) : 0;
    switch (below(w, 6)) {
    case 0:
        off = below(w, 3);
        break;
    case 1:
        off = len - below(w, 3);
        break;
    case 2:
        off = near(w, s->rope.tree_len);
        break;
    case 3:
        off = rng_next(&w->rng);
        break;
    default:
        for (size_t i = 0; i < run; i++)
            off += s->model.run[i].len;
        off += below(w, 3) - 1;
    }
    return off <= len ? off : len ? rng_next(&w->rng) % (len + 1) : 0;
}

static uint64_t draw_del(struct life *w, const struct subject *s, uint64_t off)
{
    uint64_t rest = s->model.len - off, del = chance(w, 8) ? rng_next(&w->rng) : draw_len(w, s, 0);
    if (chance(w, 3))
        del = rest - below(w, 3);
    return del <= rest ? del : below(w, 9) % (rest + 1);
}

// Draws what is put: noise, zeros, or for ways that take them bytes of another rope.
static bool draw_mid(struct life *w, const struct subject *s, const struct way *way)
{
    struct job *job = &w->job;
    uint64_t len = way->flags & WAY_SAME ? job->del : draw_len(w, s, job->del);
    struct subject *from = &w->ropes[below(w, ROPES)];
    if (way->flags & WAY_ANY && chance(w, 3) && from->model.len) {
        uint64_t most = from->model.len, off;
        len = len <= most ? len : chance(w, 2) ? most : rng_next(&w->rng) % most;
        off = chance(w, 2) ? most - len : rng_next(&w->rng) % (most - len + 1);
        sparse_copy(&job->mid, &from->model, off, len);
        rove_rope_init(&job->rope, w->pool);
        return rove_rope_view(&from->rope, off, len, &job->view) == ROVE_OK &&
               rove_rope_append_view(&job->rope, &job->view) == ROVE_OK;
    }
    bool zeros = way->flags & WAY_ZEROS || (way->flags & WAY_ANY && chance(w, 3));
    if (zeros && len > ROVE_LEN_MAX)
        len = ROVE_LEN_MAX;
    else if (!zeros && len > noise_most(w))
        len = 1 + below(w, noise_most(w));
    if (way->flags & WAY_SAME)
        job->del = len;
    sparse_make(&job->mid, zeros ? NULL : noise(len), len);
    return !(way->flags & WAY_ANY) || job_fill(job, w->pool) == ROVE_OK;
}

// Makes ready a job for a way; false when there is no memory to do so.
static bool aim(struct life *w, const struct subject *s, const struct way *way)
{
    struct job *job = &w->job;
    memset(&job->view, 0, sizeof job->view);
    memset(&job->rope, 0, sizeof job->rope);
    job->off = way->flags & WAY_AT_END ? s->model.len : draw_off(w, s);
    job->del = way->flags & WAY_TO_END ? s->model.len - job->off : draw_del(w, s, job->off);
    if (way->flags & (WAY_AT_END | WAY_NO_DEL))
        job->del = 0;
    sparse_make(&job->mid, NULL, 0);
    return way->flags & WAY_NO_MID ? true : draw_mid(w, s, way);
}

// doing -----------------------------------------------------------------------------------------

static void unchanged(struct life *w, struct subject *s)
{
    const char *wrong = rove_rope_check(&s->rope);
    hold(w, !wrong, wrong);
    wrong = chance(w, 8) ? sparse_differs(&s->model, &s->rope)
                         : sparse_differs_at(&s->model, &s->rope, w->job.off);
    hold(w, !wrong, wrong ? "a failing call changed something" : NULL);
}

// Tries with less than a block left of the budget, then with ever more, until it does not fail.
static enum rove_status run_squeezed(struct life *w, struct subject *s, const struct way *way)
{
    for (uint64_t left = below(w, LEAST_BLOCK);; left += 1 + below(w, 1500)) {
        struct squeeze squeeze = squeeze_begin(w->pool, left);
        enum rove_status status = way->run(&s->rope, &w->job);
        if (!squeeze.budget)
            return status;
        bool used_up = squeeze_end(&squeeze);
        w->tally->cnt[AT_BUDGET] += status == ROVE_OK && used_up;
        if (status != ROVE_E_LIMIT)
            return status;
        w->tally->cnt[PAST_BUDGET]++;
        unchanged(w, s);
        if (w->wrong)
            return status;
    }
}

static void edit(struct life *w, struct subject *s)
{
    const struct way *way = &ways[below(w, WAYS)];
    unsigned height = rv_height(s->rope.root);
    struct job *job = &w->job;
    w->way = way->name;
    if (!aim(w, s, way)) {
        hold(w, w->plan->memory_limit > 0, "there is no memory for a job");
        job_fini(job);
        return;
    }
    enum rove_status due = job_expected(job, s->model.len);
    bool squeeze = w->plan->memory_limit && !w->plan->spill && chance(w, 4);
    enum rove_status status = squeeze ? run_squeezed(w, s, way) : way->run(&s->rope, job);
    bool short_of = status == ROVE_E_LIMIT && due == ROVE_OK && w->plan->memory_limit;
    hold(w, status == due || short_of, "a status differs");
    if (short_of)
        w->tally->cnt[PAST_BUDGET]++;
    if (status == ROVE_OK)
        sparse_replace(&s->model, job->off, job->del, &job->mid);
    uint64_t past = job->mid.len - (ROVE_LEN_MAX - (s->model.len - job->del));
    w->tally->cnt[PAST_LONGEST] += status == ROVE_E_RANGE && past <= 2;
    w->tally->cnt[AT_MERGE] += job->mid.len - ROVE_MERGE_LEN + 1 <= 2;
    tally_rope(w->tally, &s->rope, height);
    unchanged(w, s);
    job_fini(job);
}

// edges made ready ------------------------------------------------------------------------------

// Calls that make ready may meet the pool's limit, too; then nothing has changed.
static bool did(struct life *w, enum rove_status status)
{
    hold(w, status == ROVE_OK || (status == ROVE_E_LIMIT && w->plan->memory_limit),
         "making ready failed");
    return status == ROVE_OK;
}

static bool put_at_end(struct life *w, struct subject *s, const uint8_t *src, uint64_t len)
{
    struct sparse mid;
    if (len > ROVE_LEN_MAX - s->model.len)
        return false;
    sparse_make(&mid, src, len);
    if (!did(w, src ? rove_rope_append(&s->rope, src, (size_t) len)
                    : rove_rope_append_zeros(&s->rope, len)))
        return false;
    sparse_replace(&s->model, s->model.len, 0, &mid);
    return true;
}

// A new rope: empty, or a little shorter than the longest.
static void begin_again(struct life *w, struct subject *s)
{
    w->way = "begin again";
    rove_rope_fini(&s->rope);
    rove_rope_init(&s->rope, w->pool);
    sparse_make(&s->model, NULL, 0);
    if (chance(w, 3))
        put_at_end(w, s, noise(9), 9);
    if (!chance(w, 3))
        put_at_end(w, s, NULL, ROVE_LEN_MAX - 9 - below(w, noise_most(w)));
}

// Fills the tail but for 0, 1 or 2 bytes.
static void fill_tail(struct life *w, struct subject *s)
{
    w->way = "fill the tail";
    uint64_t room = (uint64_t) (s->rope.end - s->rope.cur), less = below(w, 3);
    if (room > less)
        put_at_end(w, s, noise(room - less), room - less);
}

// Appends slices until the last leaf is full, or has 0 or 1 place left.
static void fill_leaf(struct life *w, struct subject *s)
{
    w->way = "fill the leaf";
    const struct rv_node *leaf = s->rope.root;
    while (leaf && leaf->level)
        leaf = rv_kid(leaf, leaf->cnt - 1u);
    size_t cnt = RV_FANOUT - (leaf ? leaf->cnt : 0u) + below(w, 2);
    for (size_t i = below(w, 2); i < cnt && !w->wrong; i++) {
        const uint8_t *src = noise(600);
        struct sparse mid;
        sparse_make(&mid, src, 600);
        if (s->model.len > ROVE_LEN_MAX - 600 ||
            !did(w, rove_rope_append_adopt(&s->rope, src, 600, NULL, NULL)))
            return;
        sparse_replace(&s->model, s->model.len, 0, &mid);
    }
}

static void take_clone(struct life *w, struct subject *s)
{
    struct subject *from = &w->ropes[below(w, ROPES)];
    w->way = "clone";
    if (from == s)
        return;
    rove_rope_fini(&s->rope);
    rove_rope_clone(&s->rope, &from->rope);
    s->model = from->model;
    if (chance(w, 2)) // one of the two takes the claim
        put_at_end(w, chance(w, 2) ? s : from, noise(1), 1);
}

static void take_view(struct life *w, struct subject *s)
{
    struct kept *kept = &w->views[below(w, VIEWS)];
    uint64_t off = chance(w, 2) ? 0 : draw_off(w, s), len = s->model.len - off;
    w->way = "view";
    const char *wrong = kept->view.pool ? sparse_differs_view(&kept->model, &kept->view) : NULL;
    hold(w, !wrong, wrong ? "a view changed" : NULL);
    rove_view_fini(&kept->view);
    hold(w, rove_rope_view(&s->rope, off, len, &kept->view) == ROVE_OK, "a view was refused");
    sparse_copy(&kept->model, &s->model, off, len);
}

static void split(struct life *w, struct subject *s)
{
    struct subject *right = &w->ropes[below(w, ROPES)];
    uint64_t off = draw_off(w, s);
    w->way = "split";
    if (right == s)
        return;
    rove_rope_fini(&right->rope);
    enum rove_status status = rove_rope_split(&s->rope, off, &right->rope);
    uint64_t cut = status == ROVE_OK ? off : s->model.len;
    did(w, status);
    sparse_copy(&right->model, &s->model, cut, s->model.len - cut);
    sparse_copy(&s->model, &s->model, 0, cut);
}

typedef void ready_fn(struct life *w, struct subject *s);
static ready_fn *const readies[] = {fill_tail,  fill_tail, fill_leaf, fill_leaf, take_clone,
                                    take_clone, take_view, split,     begin_again};

// living ----------------------------------------------------------------------------------------

static bool is_too_much(const struct life *w, const struct subject *s)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < s->model.cnt; i++)
        bytes += s->model.run[i].ptr ? s->model.run[i].len : 0;
    return s->model.cnt > RUNS_MOST || bytes > 12 * noise_most(w);
}

static void check_all(struct life *w)
{
    for (size_t i = 0; i < ROPES && !w->wrong; i++) {
        const char *wrong = rove_rope_check(&w->ropes[i].rope);
        w->wrong = wrong ? wrong : sparse_differs(&w->ropes[i].model, &w->ropes[i].rope);
    }
    for (size_t i = 0; i < VIEWS && !w->wrong; i++)
        if (w->views[i].view.pool && sparse_differs_view(&w->views[i].model, &w->views[i].view))
            w->wrong = "a view changed";
}

static void step(struct life *w)
{
    w->on = below(w, ROPES);
    struct subject *s = &w->ropes[w->on];
    if (is_too_much(w, s))
        begin_again(w, s);
    else if (chance(w, 4))
        readies[below(w, sizeof readies / sizeof *readies)](w, s);
    else
        edit(w, s);
    if (++w->step % 32 == 0)
        check_all(w);
}

static const struct life *alive;

static void print(const struct life *w)
{
    fprintf(stderr, "\n%s, step %u: %s on rope %zu, off %llu, del %llu, len %llu: %s\n",
            w->plan->name, w->step, w->way, w->on, (unsigned long long) w->job.off,
            (unsigned long long) w->job.del, (unsigned long long) w->job.mid.len,
            w->wrong ? w->wrong : "an abort");
}

static void tell_of_abort(int number)
{
    signal(number, SIG_DFL);
    if (alive)
        print(alive);
}

static bool live(struct life *w)
{
    for (size_t i = 0; i < ROPES; i++) {
        rove_rope_init(&w->ropes[i].rope, w->pool);
        begin_again(w, &w->ropes[i]);
    }
    while (w->step < WORLD_STEPS && !w->wrong)
        step(w);
    check_all(w);
    if (w->wrong)
        print(w);
    for (size_t i = 0; i < ROPES; i++)
        rove_rope_fini(&w->ropes[i].rope);
    for (size_t i = 0; i < VIEWS; i++)
        rove_view_fini(&w->views[i].view);
    return !w->wrong;
}

void limits_live_ropes(const struct limits_plan *plan)
{
    struct rove_pool *pool = limits_pool(plan);
    struct tally tally = {0};
    uint64_t worlds = LIVES_LEAST + suite_scaled(plan->steps / WORLD_STEPS), i = 0;
    bool right = pool != NULL;
    signal(SIGABRT, tell_of_abort);
    for (; i < worlds && right; i++) {
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
        suite_note("%s: world %llu", plan->name, (unsigned long long) i - 1);
    CHECK_EQ(limits_adopts, limits_releases);
    tally_report(&tally, plan, pool);
    rove_pool_unref(pool);
}
