// SPDX-License-Identifier: MIT
// test_stream_model.c: random programs of calls against flat arrays, over every device.
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "rope/node.h"
#include "stream_program.h"
#include "support/os_fault.h"
#include "support/suite.h"

#define STEPS 400u // of a program

// the dice --------------------------------------------------------------------------------------

#define KIND_CNT (STREAM_ACTS + ROPE_ACTS)
static uint64_t done[KIND_CNT];

static const struct kind *kind_at(size_t i)
{
    return i < STREAM_ACTS ? &stream_acts[i] : &rope_acts[i - STREAM_ACTS];
}

static size_t roll(struct program *p)
{
    // elsewhere than over a rope those of the second table are refused: that needs few tries
    size_t cnt = p->kind <= SEEN_AS_FILE || chance(p, 8) ? KIND_CNT : STREAM_ACTS, i = 0;
    unsigned sum = 0;
    for (size_t j = 0; j < cnt; j++)
        sum += kind_at(j)->weight;
    size_t at = below(p, sum);
    while (at >= kind_at(i)->weight)
        at -= kind_at(i++)->weight;
    return i;
}

static void step(struct program *p)
{
    struct act *act = &p->trace[p->steps++ % TRACE];
    size_t which = roll(p), on = subject_has_rope(&p->subjects[0]) ? below(p, SUBJECTS) : 0;
    struct subject *s = &p->subjects[on];
    *act = (struct act){.name = kind_at(which)->name, .subject = on, .pos = s->pos};
    done[which]++;
    kind_at(which)->run(p, s, act);
    if (!p->wrong)
        p->wrong = subject_check(s);
    if (!p->wrong && chance(p, 8))
        p->wrong = subject_check_bytes(s);
}

// running ---------------------------------------------------------------------------------------

static const struct program *alive;

static void print(const struct program *p)
{
    fprintf(stderr, "\nchunks of %zu, %s, step %" PRIu64 ": %s (expected %s, got %s)\n",
            p->chunk_len, subject_names[p->kind], p->steps, p->wrong ? p->wrong : "an abort",
            rove_status_name(p->expected), rove_status_name(p->got));
    uint64_t first = p->steps > TRACE ? p->steps - TRACE : 0;
    for (uint64_t i = first; i < p->steps; i++) {
        const struct act *act = &p->trace[i % TRACE];
        fprintf(stderr, "  %-16s stream %zu, at %zu, off %zu, len %zu\n", act->name, act->subject,
                act->pos, act->off, act->len);
    }
}

static void tell_of_abort(int number)
{
    signal(number, SIG_DFL);
    if (alive)
        print(alive);
}

static void finish(struct program *p)
{
    for (size_t i = 0; i < KEPT; i++) {
        struct kept_view *kept = &p->views[i];
        hold(p, !kept->view.pool || model_spans_match(&kept->view, kept->model.ptr,
                                                      kept->model.len), "a view changed");
        hold(p, twin_is_right(&p->ropes[i]), "a cloned rope changed");
        rove_view_fini(&kept->view);
        model_fini(&kept->model);
        twin_fini(&p->ropes[i]);
    }
}

// One program from birth to death. Returns false when it went wrong.
static bool run(struct rove_pool *pool, enum subject_kind kind, size_t len_max, uint64_t seed)
{
    struct program p = {.rng = rng_from(seed), .kind = kind, .pool = pool, .len_max = len_max};
    struct rove_pool_figures figures;
    rove_pool_measure(pool, &figures);
    p.chunk_len = figures.chunk_len;
    p.little_memory = figures.limit > 0;
    size_t cnt = kind == OVER_ROPE || kind == SEEN_AS_FILE ? SUBJECTS : 1;
    bool made = true;
    for (size_t i = 0; i < KEPT; i++)
        twin_init(&p.ropes[i], pool);
    for (size_t i = 0; i < cnt; i++)
        made = made && subject_init(&p.subjects[i], kind, pool, seed + i);
    alive = &p;
    while (made && p.steps < STEPS && !p.wrong)
        step(&p);
    for (size_t i = 0; i < cnt; i++) {
        const char *wrong = p.wrong ? NULL : subject_check_bytes(&p.subjects[i]);
        const char *closing = subject_fini(&p.subjects[i]);
        hold(&p, !wrong, wrong);
        hold(&p, !closing, closing);
    }
    finish(&p);
    alive = NULL;
    if (p.wrong)
        print(&p);
    return made && !p.wrong;
}

// Programs over one kind of subject at every chunk length.
static void run_all(enum subject_kind kind, uint64_t programs)
{
    static const size_t len_max[SUITE_POOLS] = {60, 200, 900, 20000, 200000};
    uint64_t steps = 0, before = calls_made;
    for (size_t i = 0; i < SUITE_POOLS; i++) {
        struct rove_pool *pool = suite_pool_new(&env.alloc.table, suite_chunk_lens[i]);
        uint64_t share = (i < 3 ? 1 : 4) * (RV_FANOUT < 8 ? 3 : 1); // deep trees are slow to check
        uint64_t cnt = suite_scaled(programs / share), n = 0;
        uint64_t seed = (suite_seed() * 31 + suite_chunk_lens[i]) * 8 + kind;
        while (n < cnt && run(pool, kind, len_max[i], (seed << 20) + n))
            n++;
        CHECK_EQ(cnt, n);
        steps += n * STEPS;
        rove_pool_unref(pool);
    }
    suite_note("%s: %" PRIu64 " steps of %u kinds, %" PRIu64 " calls", subject_names[kind], steps,
               KIND_CNT, calls_made - before);
}

static void programs_over_a_rope(void)
{
    run_all(OVER_ROPE, 5000);
    for (size_t i = 0; i < KIND_CNT; i++)
        CHECK(done[i] > 0);
}

static void programs_over_a_rope_seen_as_a_file(void)
{
    run_all(SEEN_AS_FILE, 1000);
}

static void programs_over_a_descriptor(void)
{
    os_fault_noise(suite_seed());
    run_all(OVER_FD, 1000);
    CHECK(os_fault_injected() > 0);
    os_fault_off();
}

static void programs_over_a_file(void)
{
    run_all(OVER_FILE, 500);
}

static void programs_over_callbacks(void)
{
    run_all(OVER_CALLBACKS, 1500);
}

// Three streams and what is kept of them hold more than there is memory for.
static void run_asleep(enum subject_kind kind, uint64_t programs)
{
    struct rove_pool_opts opts = {.size = sizeof opts,
                                  .allocator = &env.alloc.table,
                                  .chunk_len = 4096,
                                  .memory_limit = 256 << 10,
                                  .flags = ROVE_POOL_SPILL};
    struct rove_pool_figures figures;
    struct rove_pool *pool;
    uint64_t cnt = suite_scaled(programs), n = 0;
    if (!CHECK_OK(rove_pool_new(&opts, &pool)))
        return;
    while (n < cnt && run(pool, kind, 300000, ((suite_seed() * 8 + kind) << 20) + n))
        n++;
    CHECK_EQ(cnt, n);
    rove_pool_measure(pool, &figures);
    suite_note("%s: %" PRIu64 " steps, %" PRIu64 " chunks put to sleep, %" PRIu64 " woken",
               subject_names[kind], n * STEPS, figures.sleep_cnt, figures.wake_cnt);
    CHECK(figures.sleep_cnt > cnt && figures.wake_cnt > cnt); // more than one a program
    CHECK(figures.held_peak <= opts.memory_limit);
    rove_pool_unref(pool);
}

static void programs_over_sleeping_chunks(void)
{
    run_asleep(OVER_ROPE, 100);
    run_asleep(SEEN_AS_FILE, 30);
}

static const struct suite_case cases[] = {
    SUITE_CASE(programs_over_a_rope),
    SUITE_CASE(programs_over_a_rope_seen_as_a_file),
    SUITE_CASE(programs_over_a_descriptor),
    SUITE_CASE(programs_over_a_file),
    SUITE_CASE(programs_over_callbacks),
    SUITE_CASE(programs_over_sleeping_chunks),
};

int main(int argc, char **argv)
{
    signal(SIGABRT, tell_of_abort);
    return suite_run(argc, argv, &(struct suite){"test_stream_model", cases,
                                                 sizeof cases / sizeof *cases, false});
}
