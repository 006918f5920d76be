// SPDX-License-Identifier: MIT
// test_work.c: workers, and lines of jobs: order, bound, who runs what, cancelling, threads that cannot be made.
//
// What the interleavings of a few jobs can do is test_work_turns.c's; here are real threads, for ThreadSanitizer too.
#include "support/edits.h"
#include "work_kit.h"

#include <rove/rove.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define REFUSE_ALL 1, ~0u

static bool is_me(const struct task *task)
{
    return pthread_equal(task->ran_by, pthread_self());
}

// order and bound -------------------------------------------------------------------------------

// Jobs of very different lengths, taken back by waiting, or by polling too.
static void play_in_order(struct rove_workers *workers, unsigned cnt, size_t room, bool polls)
{
    struct rng rng = rng_from(suite_seed() + room);
    struct task *tasks = calloc(cnt, sizeof *tasks);
    struct rv_line line;
    task_init(tasks, cnt);
    rv_line_init(&line, workers, room);
    unsigned given = 0, taken = 0;
    while (taken < cnt) {
        while (given < cnt && rv_line_has_room(&line)) {
            tasks[given].spin = (unsigned) rng_below(&rng, 20) ? 10 : 20000;
            task_submit(&line, &tasks[given++]);
        }
        CHECK_EQ(given - taken, rv_line_cnt(&line));
        struct rv_job *job = polls ? rv_line_poll(&line) : NULL;
        job = job ? job : rv_line_wait(&line);
        if (!CHECK(job == &tasks[taken].job))
            break;
        CHECK_EQ(1, tasks[taken++].runs);
    }
    CHECK(!rv_line_wait(&line) && !rv_line_poll(&line));
    rv_line_fini(&line);
    free(tasks);
}

static void jobs_come_back_in_the_order_of_submission(void)
{
    static const size_t rooms[] = {1, 2, 3, 16, 500};
    for (size_t threads = 0; threads < 4; threads++) {
        struct rove_workers *workers = threads ? workers_with(threads) : NULL;
        for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
            play_in_order(workers, 500, rooms[i], false);
            play_in_order(workers, 500, rooms[i], true);
        }
        CHECK_EQ(threads ? 5000 : 0, figures_of(workers).done_cnt);
        rove_workers_unref(workers);
    }
}

static void the_room_of_a_line_is_known_before(void)
{
    struct rove_workers *workers = workers_with(2);
    struct task tasks[3];
    struct rv_line line;
    task_init(tasks, 3);
    rv_line_init(&line, workers, 2);
    CHECK(rv_line_has_room(&line));
    task_submit(&line, &tasks[0]);
    CHECK(rv_line_has_room(&line));
    task_submit(&line, &tasks[1]);
    CHECK(!rv_line_has_room(&line)); // whether they are done or not
    task_wait(&line, &tasks[0]);
    CHECK(rv_line_has_room(&line));
    task_submit(&line, &tasks[2]);
    CHECK(!rv_line_has_room(&line));
    task_wait(&line, &tasks[1]);
    task_wait(&line, &tasks[2]);
    CHECK_EQ(0, rv_line_cnt(&line));
    rv_line_fini(&line);
    rove_workers_unref(workers);
}

static void a_job_may_be_submitted_again(void)
{
    struct rove_workers *workers = workers_with(1);
    struct task task;
    struct rv_line line;
    task_init(&task, 1);
    rv_line_init(&line, workers, 1);
    for (unsigned i = 1; i <= 100; i++) {
        task_submit(&line, &task);
        CHECK(rv_line_wait(&line) == &task.job);
        CHECK_EQ(i, task.runs);
    }
    rv_line_fini(&line);
    rove_workers_unref(workers);
}

static void polling_takes_only_what_is_done(void)
{
    struct rove_workers *workers = workers_with(2);
    struct task tasks[2];
    struct gate gate;
    struct rv_line line;
    gate_init(&gate);
    task_init(tasks, 2);
    tasks[0].gate = &gate;
    rv_line_init(&line, workers, 2);
    task_submit(&line, &tasks[0]);
    gate_await(&gate, 1);
    task_submit(&line, &tasks[1]);
    while (!tasks[1].runs)
        sched_yield();
    CHECK(!rv_line_poll(&line)); // the second is done, the first is not
    gate_open(&gate);
    CHECK(task_poll_until_done(&line) == &tasks[0]);
    CHECK(task_poll_until_done(&line) == &tasks[1]);
    rv_line_fini(&line);
    rove_workers_unref(workers);
    gate_fini(&gate);
}

// no workers ------------------------------------------------------------------------------------

static void without_workers_waiting_runs_the_jobs_and_nothing_is_locked(void)
{
    struct task tasks[3];
    struct rv_line line;
    task_init(tasks, 3);
    fake_on(0, 0);
    rv_line_init(&line, NULL, 3);
    for (int i = 0; i < 3; i++)
        task_submit(&line, &tasks[i]);
    CHECK(!rv_line_poll(&line));
    task_wait(&line, &tasks[0]);
    CHECK(is_me(&tasks[0]));
    CHECK_EQ(0, tasks[1].runs); // only as much as is needed
    rv_line_cancel(&line);
    CHECK(tasks[0].job.state == RV_JOB_DONE && tasks[1].job.state == RV_JOB_FREE);
    task_submit(&line, &tasks[2]);
    task_wait(&line, &tasks[2]);
    rv_line_fini(&line);
    CHECK_EQ(0, fake.locks + fake.creates + fake.signals);
    CHECK_EQ(0, rv_workers_width(NULL));
    rv_os_set(NULL);
}

// who runs what ---------------------------------------------------------------------------------

static void who_waits_runs_the_first_if_nobody_began_it(void)
{
    struct task tasks[4];
    struct rv_line line;
    fake_on(REFUSE_ALL);
    struct rove_workers *workers = workers_with(2);
    task_init(tasks, 4);
    rv_line_init(&line, workers, 4);
    for (int i = 0; i < 4; i++)
        task_submit(&line, &tasks[i]);
    for (int i = 0; i < 4; i++) {
        task_wait(&line, &tasks[i]);
        CHECK(is_me(&tasks[i]));
        CHECK_EQ(0, i < 3 ? tasks[i + 1].runs : 0); // the first is enough
    }
    struct rove_workers_figures figures = figures_of(workers);
    CHECK_EQ(4, figures.stolen_cnt);
    CHECK_EQ(4, figures.done_cnt);
    CHECK_EQ(0, figures.thread_cnt);
    CHECK_EQ(1, figures.refused_cnt); // and not again for each job
    rv_line_fini(&line);
    rove_workers_unref(workers);
    rv_os_set(NULL);
}

// Only then does the first end.
static void who_waits_runs_the_jobs_behind_one_that_is_running(void)
{
    struct rove_workers *workers = workers_with(1);
    struct task tasks[3];
    struct gate gate;
    struct rv_line line;
    gate_init(&gate);
    task_init(tasks, 3);
    tasks[0].gate = &gate;
    tasks[2].opens = &gate;
    rv_line_init(&line, workers, 3);
    task_submit(&line, &tasks[0]);
    gate_await(&gate, 1);
    task_submit(&line, &tasks[1]);
    task_submit(&line, &tasks[2]);
    task_wait(&line, &tasks[0]);
    CHECK(!is_me(&tasks[0]) && is_me(&tasks[1]) && is_me(&tasks[2]));
    CHECK(tasks[1].began < tasks[2].began);
    CHECK_EQ(2, figures_of(workers).stolen_cnt);
    task_wait(&line, &tasks[1]);
    task_wait(&line, &tasks[2]);
    rv_line_fini(&line);
    rove_workers_unref(workers);
    gate_fini(&gate);
}

static void the_first_comes_back_while_the_next_is_running(void)
{
    fake_on(0, 0);
    struct rove_workers *workers = workers_with(2);
    struct task tasks[2];
    struct gate gates[2];
    struct rv_line line;
    task_init(tasks, 2);
    rv_line_init(&line, workers, 2);
    for (int i = 0; i < 2; i++) {
        gate_init(&gates[i]);
        tasks[i].gate = &gates[i];
        task_submit(&line, &tasks[i]);
        gate_await(&gates[i], 1);
    }
    fake.at_sleep = &gates[0];
    task_wait(&line, &tasks[0]);
    CHECK_EQ(0, tasks[1].runs);
    fake.at_sleep = NULL;
    gate_open(&gates[1]);
    task_wait(&line, &tasks[1]);
    rv_line_fini(&line);
    rove_workers_unref(workers);
    rv_os_set(NULL);
    gate_fini(&gates[0]);
    gate_fini(&gates[1]);
}

static void who_waits_runs_no_job_of_another_line(void)
{
    fake_on(0, 0);
    struct rove_workers *workers = workers_with(1);
    struct task mine, other;
    struct gate gate;
    struct rv_line line, another;
    gate_init(&gate);
    task_init(&mine, 1);
    task_init(&other, 1);
    mine.gate = &gate;
    rv_line_init(&line, workers, 1);
    rv_line_init(&another, workers, 1);
    task_submit(&line, &mine);
    gate_await(&gate, 1);
    task_submit(&another, &other);
    fake.at_sleep = &gate;
    task_wait(&line, &mine);
    CHECK(task_poll_until_done(&another) == &other);
    CHECK(!is_me(&other));
    rv_line_fini(&line);
    rv_line_fini(&another);
    rove_workers_unref(workers);
    rv_os_set(NULL);
    gate_fini(&gate);
}

static void lines_are_served_in_turn(void)
{
    struct rove_workers *workers = workers_with(1);
    struct task first, many[100], few[2];
    struct gate gate;
    struct rv_line a, b;
    gate_init(&gate);
    task_init(&first, 1);
    task_init(many, 100);
    task_init(few, 2);
    first.gate = &gate;
    rv_line_init(&a, workers, 101);
    rv_line_init(&b, workers, 2);
    task_submit(&a, &first);
    gate_await(&gate, 1);
    for (int i = 0; i < 100; i++)
        task_submit(&a, &many[i]);
    task_submit(&b, &few[0]);
    task_submit(&b, &few[1]);
    gate_open(&gate);
    CHECK(task_poll_until_done(&a) == &first);
    for (int i = 0; i < 100; i++)
        CHECK(task_poll_until_done(&a) == &many[i]);
    CHECK(task_poll_until_done(&b) == &few[0]);
    CHECK(task_poll_until_done(&b) == &few[1]);
    CHECK(many[0].began < few[0].began && few[0].began < many[1].began);
    CHECK(many[1].began < few[1].began && few[1].began < many[2].began);
    rv_line_fini(&a);
    rv_line_fini(&b);
    rove_workers_unref(workers);
    gate_fini(&gate);
}

// A job that has a line of its own, on the same workers; so deep that no number of threads would do.
static void dig(struct task *task)
{
    struct task inner[2];
    struct rv_line line;
    unsigned *depth = task->arg, below = *depth - 1;
    task_init(inner, 2);
    rv_line_init(&line, task->job.line->workers, 2);
    for (int i = 0; i < 2 && *depth; i++) {
        inner[i].does = dig;
        inner[i].arg = &below;
        task_submit(&line, &inner[i]);
    }
    for (int i = 0; i < 2 && *depth; i++)
        task_wait(&line, &inner[i]);
    rv_line_fini(&line);
}

static void a_job_may_have_a_line_of_its_own(void)
{
    for (size_t threads = 1; threads < 4; threads++) {
        struct rove_workers *workers = workers_with(threads);
        struct task tasks[3];
        struct rv_line line;
        unsigned depth = 5;
        task_init(tasks, 3);
        rv_line_init(&line, workers, 3);
        for (int i = 0; i < 3; i++) {
            tasks[i].does = dig;
            tasks[i].arg = &depth;
            task_submit(&line, &tasks[i]);
        }
        for (int i = 0; i < 3; i++)
            task_wait(&line, &tasks[i]);
        CHECK_EQ(3 * 63, figures_of(workers).done_cnt);
        rv_line_fini(&line);
        rove_workers_unref(workers);
    }
}

// cancel ----------------------------------------------------------------------------------------

static void cancelling_takes_out_what_nobody_began_and_awaits_the_rest(void)
{
    fake_on(0, 0);
    struct rove_workers *workers = workers_with(2);
    struct task tasks[5];
    struct gate gate;
    struct rv_line line;
    gate_init(&gate);
    task_init(tasks, 5);
    rv_line_init(&line, workers, 5);
    task_submit(&line, &tasks[0]);
    while (!tasks[0].runs)
        sched_yield();
    for (int i = 1; i < 5; i++) {
        tasks[i].gate = &gate;
        task_submit(&line, &tasks[i]);
    }
    gate_await(&gate, 2);
    fake.at_sleep = &gate; // the jobs end while cancelling waits
    rv_line_cancel(&line);
    for (int i = 0; i < 5; i++) {
        CHECK_EQ(i < 3, tasks[i].runs);
        CHECK(tasks[i].job.state == (i < 3 ? RV_JOB_DONE : RV_JOB_FREE));
    }
    CHECK_EQ(0, rv_line_cnt(&line));
    CHECK(!rv_line_wait(&line));
    memset(tasks, 0xa5, sizeof tasks); // the user's again
    task_init(tasks, 1);
    task_submit(&line, &tasks[0]);
    task_wait(&line, &tasks[0]);
    rv_line_fini(&line);
    rove_workers_unref(workers);
    rv_os_set(NULL);
    gate_fini(&gate);
}

static void cancelling_leaves_other_lines_alone(void)
{
    struct rove_workers *workers = workers_with(1);
    struct task first, tasks[3][4];
    struct gate gate;
    struct rv_line line, lines[3];
    gate_init(&gate);
    task_init(&first, 1);
    first.gate = &gate;
    rv_line_init(&line, workers, 1);
    task_submit(&line, &first);
    gate_await(&gate, 1);
    for (int l = 0; l < 3; l++) {
        task_init(tasks[l], 4);
        rv_line_init(&lines[l], workers, 4);
        for (int i = 0; i < 4; i++)
            task_submit(&lines[l], &tasks[l][i]);
    }
    rv_line_cancel(&lines[1]);
    rv_line_cancel(&lines[1]); // of an empty one: nothing
    gate_open(&gate);
    for (int l = 0; l < 3; l++)
        for (int i = 0; i < 4 && l != 1; i++)
            task_wait(&lines[l], &tasks[l][i]);
    for (int i = 0; i < 4; i++)
        CHECK_EQ(0, tasks[1][i].runs);
    task_wait(&line, &first);
    for (int l = 0; l < 3; l++)
        rv_line_fini(&lines[l]);
    rv_line_fini(&line);
    rove_workers_unref(workers);
    gate_fini(&gate);
}

// threads ---------------------------------------------------------------------------------------

static void threads_are_made_when_a_job_finds_none_idle(void)
{
    fake_on(0, 0);
    struct rove_workers *workers = workers_with(2);
    struct task tasks[4];
    struct gate gate;
    struct rv_line line;
    gate_init(&gate);
    task_init(tasks, 4);
    rv_line_init(&line, workers, 4);
    CHECK_EQ(0, fake.creates);
    for (int i = 0; i < 20; i++) { // one after the other: the same thread
        task_submit(&line, &tasks[0]);
        CHECK(task_poll_until_done(&line) == &tasks[0]);
    }
    CHECK_EQ(1, fake.creates);
    for (int i = 0; i < 4; i++) {
        tasks[i].gate = &gate;
        task_submit(&line, &tasks[i]);
    }
    gate_await(&gate, 2);
    CHECK_EQ(2, fake.creates); // and no more than were wanted
    CHECK_EQ(2, figures_of(workers).thread_cnt);
    gate_open(&gate);
    rv_line_fini(&line);
    CHECK_EQ(0, fake.joins);
    rove_workers_unref(workers);
    CHECK_EQ(2, fake.joins);
    rv_os_set(NULL);
    gate_fini(&gate);
}

static void threads_that_cannot_be_made_are_missing_and_nothing_else(void)
{
    for (unsigned nth = 1; nth <= 4; nth++) {
        fake_on(nth, ~0u);
        struct rove_workers *workers = workers_with(3);
        play_in_order(workers, 300, 8, false);
        struct rove_workers_figures figures = figures_of(workers);
        CHECK(figures.thread_cnt < nth);
        CHECK_EQ(300, figures.done_cnt);
        CHECK_EQ(3, figures.wanted_cnt);
        rove_workers_unref(workers);
    }
    rv_os_set(NULL);
}

static void a_thread_that_could_not_be_made_is_tried_again_later(void)
{
    fake_on(1, 2);
    struct rove_workers *workers = workers_with(1);
    play_in_order(workers, 64, 1, false);
    CHECK_EQ(1, figures_of(workers).refused_cnt);
    play_in_order(workers, 64, 1, false);
    CHECK_EQ(2, figures_of(workers).refused_cnt);
    CHECK_EQ(128, figures_of(workers).stolen_cnt);
    play_in_order(workers, 64, 1, false);
    CHECK_EQ(1, figures_of(workers).thread_cnt);
    CHECK_EQ(3, fake.creates);
    rove_workers_unref(workers);
    rv_os_set(NULL);
}

static char thread_name[16];
static sigset_t thread_signals;

static void look_at_thread(struct task *task)
{
    (void) task;
    pthread_getname_np(pthread_self(), thread_name, sizeof thread_name);
    pthread_sigmask(SIG_SETMASK, NULL, &thread_signals);
}

static void threads_have_a_name_and_take_no_signals(void)
{
    static const int blocked[] = {SIGINT, SIGTERM, SIGALRM, SIGCHLD, SIGPIPE, SIGUSR1, SIGHUP, SIGPROF};
    static const int open[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    struct rove_workers *workers = workers_with(1);
    struct task task;
    struct rv_line line;
    sigset_t before, after;
    pthread_sigmask(SIG_SETMASK, NULL, &before);
    task_init(&task, 1);
    task.does = look_at_thread;
    rv_line_init(&line, workers, 1);
    task_submit(&line, &task);
    CHECK(task_poll_until_done(&line) == &task);
    rv_line_fini(&line);
    rove_workers_unref(workers);
    CHECK(strcmp(thread_name, "rove-worker") == 0);
    for (size_t i = 0; i < sizeof blocked / sizeof *blocked; i++)
        CHECK(sigismember(&thread_signals, blocked[i]) == 1);
    for (size_t i = 0; i < sizeof open / sizeof *open; i++)
        CHECK(sigismember(&thread_signals, open[i]) == 0);
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    for (int i = 1; i < 32; i++)
        CHECK(sigismember(&before, i) == sigismember(&after, i));
}

// life ------------------------------------------------------------------------------------------

static void a_line_keeps_the_workers(void)
{
    fake_on(0, 0);
    struct rove_workers *workers = workers_with(2);
    struct task tasks[2];
    struct rv_line line;
    task_init(tasks, 2);
    rv_line_init(&line, workers, 2);
    CHECK(rove_workers_ref(workers) == workers);
    rove_workers_unref(workers);
    rove_workers_unref(workers);
    for (int i = 0; i < 2; i++)
        task_submit(&line, &tasks[i]);
    for (int i = 0; i < 2; i++)
        task_wait(&line, &tasks[i]);
    CHECK_EQ(0, fake.joins);
    rv_line_fini(&line);
    CHECK_EQ(fake.creates, fake.joins);
    rv_os_set(NULL);
}

static void the_default_workers_need_no_unref(void)
{
    struct rove_workers *workers = rove_workers_default();
    CHECK(workers != NULL && workers == rove_workers_default());
    CHECK_EQ(figures_of(workers).wanted_cnt, rv_workers_width(workers));
    for (int i = 0; i < 3; i++)
        rove_workers_unref(workers);
    play_in_order(workers, 10, 2, false);
    CHECK(figures_of(workers).done_cnt >= 10);
}

static void options_are_checked(void)
{
    struct rove_allocator half = {.size = sizeof half, .alloc = env.alloc.table.alloc};
    struct rove_workers_opts bad[] = {
        {.size = 0},
        {.size = sizeof *bad, .allocator = &half},
        {.size = sizeof *bad, .thread_cnt = ROVE_WORKERS_MAX + 1},
        {.size = sizeof *bad, .thread_cnt = SIZE_MAX},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct rove_workers *workers = (struct rove_workers *) &half;
        CHECK_IS(i < 2 ? ROVE_E_ARG : ROVE_E_RANGE, rove_workers_new(&bad[i], &workers));
        CHECK(!workers);
    }
    struct rove_workers *workers;
    struct rove_workers_opts small = {.size = sizeof small.size, .thread_cnt = SIZE_MAX}; // of an older program
    CHECK_OK(rove_workers_new(&small, &workers));
    rove_workers_unref(workers);
    CHECK_OK(rove_workers_new(NULL, &workers));
    rove_workers_unref(workers);
    struct rove_workers_opts most = {
        .size = sizeof most, .allocator = &env.alloc.table, .thread_cnt = ROVE_WORKERS_MAX};
    test_alloc_arm(&env.alloc, 1, false);
    CHECK_IS(ROVE_E_NOMEM, rove_workers_new(&most, &workers));
    CHECK(!workers);
    test_alloc_arm(&env.alloc, 0, false);
    CHECK_OK(rove_workers_new(&most, &workers));
    CHECK_EQ(ROVE_WORKERS_MAX, rv_workers_width(workers));
    rove_workers_unref(workers);
}

static void figures_tell_what_was_done(void)
{
    struct rove_workers *workers = workers_with(1);
    struct rove_workers_figures figures = figures_of(workers);
    CHECK_EQ(0, figures.thread_cnt + figures.done_cnt + figures.stolen_cnt + figures.flight_peak);
    CHECK_EQ(1, figures.wanted_cnt);
    struct task tasks[4];
    struct gate gate;
    struct rv_line a, b;
    gate_init(&gate);
    task_init(tasks, 4);
    tasks[0].gate = &gate;
    rv_line_init(&a, workers, 4);
    rv_line_init(&b, workers, 4);
    task_submit(&a, &tasks[0]);
    gate_await(&gate, 1);
    task_submit(&a, &tasks[1]);
    task_submit(&b, &tasks[2]);
    task_wait(&b, &tasks[2]); // stolen
    task_submit(&b, &tasks[3]);
    gate_open(&gate);
    rv_line_cancel(&b);
    rv_line_cancel(&a);
    figures = figures_of(workers);
    CHECK_EQ(3, figures.flight_peak);
    CHECK_EQ(1, figures.stolen_cnt);
    CHECK_EQ(tasks[0].runs + tasks[1].runs + tasks[2].runs + tasks[3].runs, figures.done_cnt);
    CHECK_EQ(1, figures.thread_cnt);
    CHECK_EQ(0, figures.refused_cnt);
    rv_line_fini(&a);
    rv_line_fini(&b);
    rove_workers_unref(workers);
    gate_fini(&gate);
}

// many ------------------------------------------------------------------------------------------

#define LINES 1000
#define ROOM 3

struct user {
    struct rove_workers *workers;
    unsigned number, jobs;
};

// Lines that are all in use at once, by one thread.
static void *use_many_lines(void *arg)
{
    struct user *user = arg;
    size_t cnt = LINES / 4;
    struct rng rng = rng_from(suite_seed() + user->number);
    struct rv_line *lines = calloc(cnt, sizeof *lines);
    struct task(*tasks)[ROOM] = calloc(cnt, sizeof *tasks);
    unsigned *given = calloc(2 * cnt, sizeof *given), *taken = given + cnt;
    for (size_t i = 0; i < cnt; i++) {
        rv_line_init(&lines[i], user->workers, ROOM);
        task_init(tasks[i], ROOM);
    }
    for (uint64_t step = 0; step < suite_scaled(40 * LINES); step++) {
        size_t i = (size_t) rng_below(&rng, cnt);
        uint64_t what = rng_below(&rng, 40);
        if (!what) {
            rv_line_cancel(&lines[i]);
            taken[i] = given[i];
        } else if (what < 20 && rv_line_has_room(&lines[i])) {
            task_submit(&lines[i], &tasks[i][given[i]++ % ROOM]);
            user->jobs++;
        } else {
            struct rv_job *job = what < 30 ? rv_line_poll(&lines[i]) : rv_line_wait(&lines[i]);
            CHECK(!job || job == &tasks[i][taken[i]++ % ROOM].job);
        }
    }
    for (size_t i = 0; i < cnt; i++)
        rv_line_fini(&lines[i]);
    free(given);
    free(tasks);
    free(lines);
    return NULL;
}

static void a_thousand_lines_share_two_threads(void)
{
    struct rove_workers *workers = workers_with(2);
    struct user users[4];
    pthread_t threads[4];
    unsigned jobs = 0;
    for (unsigned i = 0; i < 4; i++) {
        users[i] = (struct user){.workers = workers, .number = i};
        CHECK(pthread_create(&threads[i], NULL, use_many_lines, &users[i]) == 0);
    }
    for (unsigned i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        jobs += users[i].jobs;
    }
    struct rove_workers_figures figures = figures_of(workers);
    suite_note("%u jobs, %llu done, %llu by who waited, %llu in flight at most", jobs,
               (unsigned long long) figures.done_cnt, (unsigned long long) figures.stolen_cnt,
               (unsigned long long) figures.flight_peak);
    CHECK(figures.done_cnt <= jobs && figures.flight_peak <= LINES * ROOM);
    rove_workers_unref(workers);
}

// Sets that come and go while their threads start.
static void workers_come_and_go(void)
{
    for (uint64_t i = 0; i < suite_scaled(300); i++) {
        struct rove_workers *workers = workers_with(1 + i % 3);
        struct task tasks[3];
        struct rv_line line;
        task_init(tasks, 3);
        rv_line_init(&line, workers, 3);
        rove_workers_unref(workers);
        for (size_t j = 0; j < 3; j++)
            task_submit(&line, &tasks[j]);
        if (i % 4)
            task_wait(&line, &tasks[0]);
        rv_line_fini(&line);
    }
}

static const struct suite_case cases[] = {
    SUITE_CASE(without_atfork_there_are_no_workers),
    SUITE_CASE(jobs_come_back_in_the_order_of_submission),
    SUITE_CASE(the_room_of_a_line_is_known_before),
    SUITE_CASE(a_job_may_be_submitted_again),
    SUITE_CASE(polling_takes_only_what_is_done),
    SUITE_CASE(without_workers_waiting_runs_the_jobs_and_nothing_is_locked),
    SUITE_CASE(who_waits_runs_the_first_if_nobody_began_it),
    SUITE_CASE(who_waits_runs_the_jobs_behind_one_that_is_running),
    SUITE_CASE(the_first_comes_back_while_the_next_is_running),
    SUITE_CASE(who_waits_runs_no_job_of_another_line),
    SUITE_CASE(lines_are_served_in_turn),
    SUITE_CASE(a_job_may_have_a_line_of_its_own),
    SUITE_CASE(cancelling_takes_out_what_nobody_began_and_awaits_the_rest),
    SUITE_CASE(cancelling_leaves_other_lines_alone),
    SUITE_CASE(threads_are_made_when_a_job_finds_none_idle),
    SUITE_CASE(threads_that_cannot_be_made_are_missing_and_nothing_else),
    SUITE_CASE(a_thread_that_could_not_be_made_is_tried_again_later),
    SUITE_CASE(threads_have_a_name_and_take_no_signals),
    SUITE_CASE(a_line_keeps_the_workers),
    SUITE_CASE(options_are_checked),
    SUITE_CASE(figures_tell_what_was_done),
    SUITE_CASE(a_thousand_lines_share_two_threads),
    SUITE_CASE(workers_come_and_go),
    SUITE_CASE(an_executor_runs_the_jobs),
    SUITE_CASE(an_executor_may_run_inside_of_submit),
    SUITE_CASE(what_an_executor_refuses_is_run_by_the_one_who_waits),
    SUITE_CASE(a_run_that_comes_late_does_no_harm),
    SUITE_CASE(a_run_that_comes_after_the_last_unref_frees),
    SUITE_CASE(an_executor_that_never_runs_anything_is_not_waited_for),
    SUITE_CASE(runs_never_pile_up),
    SUITE_CASE(runs_of_several_lines_are_served_in_turn),
    SUITE_CASE(an_executors_table_is_checked),
    SUITE_CASE(a_forked_child_works_in_the_caller),
    SUITE_CASE(fork_waits_for_jobs_and_none_is_begun_meanwhile),
    SUITE_CASE(a_forked_childs_pool_is_not_locked),
    SUITE_CASE(workers_without_threads_go_on_in_the_child),
    SUITE_CASE(an_executor_is_not_asked_in_the_child),
    SUITE_CASE(a_job_has_an_executor_run_another_while_somebody_forks),
    SUITE_CASE(a_job_that_forks_does_not_wait_for_itself),
    SUITE_CASE(threads_that_fork_at_once_do_not_wait_for_each_other),
    SUITE_CASE(cpus_are_those_of_the_mask),
    SUITE_CASE(a_quota_of_version_2_counts),
    SUITE_CASE(a_quota_of_version_1_counts),
    SUITE_CASE(the_least_quota_of_all_parents_counts),
    SUITE_CASE(a_groups_path_of_the_host_is_walked_up),
    SUITE_CASE(what_is_no_quota_limits_nothing),
    SUITE_CASE(files_may_be_read_in_pieces),
    SUITE_CASE(the_default_number_is_that_of_the_cpus_but_one),
    SUITE_CASE(the_default_workers_need_no_unref), // the last one, because their thread stays
};

int main(int argc, char **argv)
{
    ask_without_atfork();
    struct suite suite = {.name = "work", .cases = cases, .cnt = sizeof cases / sizeof *cases};
    return suite_run(argc, argv, &suite);
}
