// SPDX-License-Identifier: MIT
// work_executor.c: the caller's executor: normal, refusing, late, inside of submit, never.
//
// The executor is a list of runs, which the test, or threads of its own, call when they like.
#include "work_kit.h"

#include "work/cpus.h"

#include <rove/workers.h>

#include <stdlib.h>
#include <string.h>

#define RUNS 256

struct hands {
    pthread_mutex_t lock;
    void (*run[RUNS])(void *);
    void *arg[RUNS];
    size_t cnt, most; // runs that were not called yet; and the most of them
    unsigned asked;   // calls of submit
    bool refuses, at_once;
    atomic_bool stop;
};

static enum rove_status hands_submit(void *ctx, void (*run)(void *), void *arg)
{
    struct hands *hands = ctx;
    pthread_mutex_lock(&hands->lock);
    hands->asked++;
    bool takes = !hands->refuses && hands->cnt < RUNS, at_once = hands->at_once;
    if (takes && !at_once) {
        hands->run[hands->cnt] = run;
        hands->arg[hands->cnt++] = arg;
        hands->most = hands->most < hands->cnt ? hands->cnt : hands->most;
    }
    pthread_mutex_unlock(&hands->lock);
    if (takes && at_once)
        run(arg);
    return takes ? ROVE_OK : (enum rove_status) 77; // anything else is a refusal
}

// Calls the oldest run. false: there is none.
static bool hands_call(struct hands *hands)
{
    pthread_mutex_lock(&hands->lock);
    bool has = hands->cnt > 0;
    void (*run)(void *) = hands->run[0];
    void *arg = hands->arg[0];
    if (has) {
        hands->cnt--;
        memmove(hands->run, hands->run + 1, hands->cnt * sizeof *hands->run);
        memmove(hands->arg, hands->arg + 1, hands->cnt * sizeof *hands->arg);
    }
    pthread_mutex_unlock(&hands->lock);
    if (has)
        run(arg);
    return has;
}

static void *hands_thread(void *arg)
{
    struct hands *hands = arg;
    while (!hands->stop)
        if (!hands_call(hands))
            sched_yield();
    return NULL;
}

static struct rove_workers *workers_of(struct hands *hands, size_t concurrency)
{
    struct rove_executor executor = {
        .size = sizeof executor, .ctx = hands, .submit = hands_submit, .concurrency = concurrency};
    struct rove_workers_opts opts = {
        .size = sizeof opts, .allocator = &env.alloc.table, .executor = &executor};
    struct rove_workers *workers;
    memset(hands, 0, sizeof *hands);
    pthread_mutex_init(&hands->lock, NULL);
    if (CHECK_OK(rove_workers_new(&opts, &workers)))
        return workers;
    abort();
}

void an_executor_runs_the_jobs(void)
{
    struct hands hands;
    struct rove_workers *workers = workers_of(&hands, 2);
    struct task tasks[100];
    struct rv_line line;
    pthread_t threads[2];
    unsigned abroad = 0;
    for (int i = 0; i < 2; i++)
        CHECK(pthread_create(&threads[i], NULL, hands_thread, &hands) == 0);
    CHECK_EQ(2, rv_workers_width(workers));
    task_init(tasks, 100);
    rv_line_init(&line, workers, 4);
    for (int i = 0, taken = 0; taken < 100;) {
        for (; i < 100 && rv_line_has_room(&line); i++)
            task_submit(&line, &tasks[i]);
        struct task *task = taken % 2 ? task_poll_until_done(&line) : task_of(rv_line_wait(&line));
        CHECK(task == &tasks[taken++]);
        abroad += !pthread_equal(task->ran_by, pthread_self());
    }
    CHECK(abroad > 0);
    CHECK_EQ(100, figures_of(workers).done_cnt);
    CHECK_EQ(100 - abroad, figures_of(workers).stolen_cnt);
    rv_line_fini(&line);
    rove_workers_unref(workers);
    hands.stop = true;
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    while (hands_call(&hands)) // those that were late
        ;
}

void an_executor_may_run_inside_of_submit(void)
{
    struct hands hands;
    struct rove_workers *workers = workers_of(&hands, 1);
    struct task tasks[3];
    struct rv_line line;
    hands.at_once = true;
    task_init(tasks, 3);
    rv_line_init(&line, workers, 3);
    for (int i = 0; i < 3; i++) {
        task_submit(&line, &tasks[i]);
        CHECK_EQ(1, tasks[i].runs);
    }
    for (int i = 0; i < 3; i++)
        CHECK(rv_line_poll(&line) == &tasks[i].job);
    CHECK_EQ(0, figures_of(workers).stolen_cnt);
    rv_line_fini(&line);
    rove_workers_unref(workers);
}

void what_an_executor_refuses_is_run_by_the_one_who_waits(void)
{
    struct hands hands;
    struct rove_workers *workers = workers_of(&hands, 3);
    struct task tasks[3];
    struct rv_line line;
    hands.refuses = true;
    task_init(tasks, 3);
    rv_line_init(&line, workers, 3);
    for (int i = 0; i < 3; i++)
        task_submit(&line, &tasks[i]);
    for (int i = 0; i < 3; i++)
        task_wait(&line, &tasks[i]);
    CHECK_EQ(3, figures_of(workers).stolen_cnt);
    CHECK_EQ(3, figures_of(workers).refused_cnt);
    CHECK_EQ(0, figures_of(workers).thread_cnt);
    rv_line_fini(&line);
    rove_workers_unref(workers); // no run holds it
}

// After its job was stolen, and after it was cancelled; and then it serves another job.
void a_run_that_comes_late_does_no_harm(void)
{
    struct hands hands;
    struct rove_workers *workers = workers_of(&hands, 1);
    struct task tasks[2];
    struct rv_line line;
    task_init(tasks, 2);
    rv_line_init(&line, workers, 2);
    task_submit(&line, &tasks[0]);
    task_wait(&line, &tasks[0]);
    memset(&tasks[0], 0xa5, sizeof tasks[0]);
    CHECK_EQ(1, figures_of(workers).thread_cnt);
    CHECK(hands_call(&hands));
    CHECK_EQ(0, figures_of(workers).thread_cnt);
    task_submit(&line, &tasks[1]);
    rv_line_cancel(&line);
    CHECK_EQ(0, tasks[1].runs);
    task_submit(&line, &tasks[1]);
    CHECK_EQ(1, hands.cnt); // the late one will do
    CHECK(hands_call(&hands));
    CHECK(rv_line_poll(&line) == &tasks[1].job);
    CHECK_EQ(1, tasks[1].runs);
    rv_line_fini(&line);
    rove_workers_unref(workers);
    CHECK_EQ(2, hands.asked);
}

void a_run_that_comes_after_the_last_unref_frees(void)
{
    struct hands hands;
    struct rove_workers *workers = workers_of(&hands, 2);
    struct task tasks[2];
    struct rv_line line;
    uint64_t live = test_alloc_live(&env.alloc);
    task_init(tasks, 2);
    rv_line_init(&line, workers, 2);
    task_submit(&line, &tasks[0]);
    task_submit(&line, &tasks[1]);
    task_wait(&line, &tasks[0]);
    rove_workers_unref(workers);
    rv_line_fini(&line);
    CHECK_EQ(live, test_alloc_live(&env.alloc));
    CHECK(hands_call(&hands));
    CHECK_EQ(live, test_alloc_live(&env.alloc));
    CHECK(hands_call(&hands));
    CHECK_EQ(live - 1, test_alloc_live(&env.alloc));
    CHECK(!hands_call(&hands));
    CHECK_EQ(1, tasks[0].runs);
    CHECK_EQ(0, tasks[1].runs);
}

void an_executor_that_never_runs_anything_is_not_waited_for(void)
{
    struct hands hands;
    struct rove_workers *workers = workers_of(&hands, 2);
    struct task tasks[20];
    struct rv_line line;
    task_init(tasks, 20);
    rv_line_init(&line, workers, 4);
    for (int i = 0; i < 20; i++) {
        task_submit(&line, &tasks[i]);
        if (!rv_line_has_room(&line))
            task_wait(&line, &tasks[i - 3]);
    }
    rv_line_cancel(&line);
    CHECK_EQ(17, figures_of(workers).stolen_cnt);
    rv_line_fini(&line);
    rove_workers_unref(workers);
    while (hands_call(&hands)) // only that the case leaves nothing behind
        ;
}

void runs_never_pile_up(void)
{
    struct hands hands;
    struct rove_workers *workers = workers_of(&hands, 2);
    struct task task;
    struct rv_line line;
    task_init(&task, 1);
    rv_line_init(&line, workers, 5);
    for (unsigned i = 1; i <= 100; i++) {
        task_submit(&line, &task);
        CHECK(rv_line_wait(&line) == &task.job);
        CHECK_EQ(i, task.runs);
    }
    CHECK_EQ(1, hands.most);
    rv_line_fini(&line);
    rove_workers_unref(workers);
    CHECK(hands_call(&hands) && !hands_call(&hands));
}

void runs_of_several_lines_are_served_in_turn(void)
{
    struct hands hands;
    struct rove_workers *workers = workers_of(&hands, 2);
    struct task a[3], b[1];
    struct rv_line lines[2];
    task_init(a, 3);
    task_init(b, 1);
    rv_line_init(&lines[0], workers, 3);
    rv_line_init(&lines[1], workers, 3);
    for (int i = 0; i < 3; i++)
        task_submit(&lines[0], &a[i]);
    task_submit(&lines[1], &b[0]);
    CHECK_EQ(4, hands.cnt);
    while (hands_call(&hands))
        ;
    CHECK(a[0].began < b[0].began && b[0].began < a[1].began && a[1].began < a[2].began);
    rv_line_fini(&lines[0]);
    rv_line_fini(&lines[1]);
    rove_workers_unref(workers);
}

void an_executors_table_is_checked(void)
{
    struct rove_executor good = {.size = sizeof good, .submit = hands_submit}, bad = good;
    struct rove_workers_opts opts = {.size = sizeof opts, .executor = &bad};
    struct rove_workers *workers;
    bad.size = 0;
    CHECK_IS(ROVE_E_ARG, rove_workers_new(&opts, &workers));
    bad.size = offsetof(struct rove_executor, concurrency);
    CHECK_IS(ROVE_E_ARG, rove_workers_new(&opts, &workers));
    bad = good;
    bad.submit = NULL;
    CHECK_IS(ROVE_E_ARG, rove_workers_new(&opts, &workers));
    bad = good;
    bad.concurrency = ROVE_WORKERS_MAX + 1;
    CHECK_IS(ROVE_E_RANGE, rove_workers_new(&opts, &workers));
    opts.executor = &good;
    opts.thread_cnt = 1;
    CHECK_IS(ROVE_E_ARG, rove_workers_new(&opts, &workers));
    CHECK(!workers);
    opts.thread_cnt = 0;
    CHECK_OK(rove_workers_new(&opts, &workers));
    CHECK_EQ(rv_cpus() < ROVE_WORKERS_MAX ? rv_cpus() : ROVE_WORKERS_MAX, rv_workers_width(workers));
    rove_workers_unref(workers);
}
