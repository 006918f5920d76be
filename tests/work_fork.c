// SPDX-License-Identifier: MIT
// work_fork.c: fork() while workers are busy.
//
// A child tells by its exit status what was wrong, and by a signal that it hung.
#include "work_kit.h"

#include <rove/rope.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define HANGS 60 // seconds after which a child counts as hung

static pid_t fork_child(void)
{
    pid_t child = fork();
    if (child == 0)
        alarm(HANGS);
    return child;
}

static void await_child(pid_t child)
{
    int status = -1;
    CHECK(child > 0);
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK_EQ(0, WEXITSTATUS(status));
}

static int no_atfork(void (*before)(void), void (*parent)(void), void (*child)(void))
{
    (void) before;
    (void) parent;
    (void) child;
    return ENOMEM;
}

static bool refused;

void ask_without_atfork(void)
{
    struct rv_os table = rv_os_real;
    struct rove_workers *workers;
    table.atfork = no_atfork;
    rv_os_set(&table);
    refused = rove_workers_new(NULL, &workers) == ROVE_E_NOMEM && !workers;
    rv_os_set(NULL);
}

void without_atfork_there_are_no_workers(void)
{
    CHECK(refused);
}

// Takes all jobs back; tells how many were wrong.
static int take_all(struct rv_line *line, struct task *tasks, int cnt)
{
    int wrong = 0;
    for (int i = 0; i < cnt; i++)
        wrong += rv_line_wait(line) != &tasks[i].job || tasks[i].runs != 1;
    return wrong;
}

static int live_on_in_child(struct rove_workers *workers, struct rv_line *line, struct task *tasks)
{
    struct task more;
    struct rv_line another;
    int wrong = take_all(line, tasks, 6);
    task_init(&more, 1);
    rv_line_init(&another, workers, 1);
    rv_line_submit(&another, &more.job);
    wrong += take_all(&another, &more, 1) + !pthread_equal(more.ran_by, pthread_self());
    struct rove_workers_figures figures = figures_of(workers);
    wrong += figures.thread_cnt || figures.wanted_cnt || rv_workers_width(workers);
    rv_line_fini(&another);
    rv_line_fini(line);
    rove_workers_unref(workers);
    return wrong;
}

void a_forked_child_works_in_the_caller(void)
{
    for (int round = 0; round < 10; round++) {
        struct rove_workers *workers = workers_with(2);
        struct task tasks[6];
        struct rv_line line;
        task_init(tasks, 6);
        rv_line_init(&line, workers, 6);
        for (int i = 0; i < 6; i++) {
            tasks[i].spin = 200000;
            task_submit(&line, &tasks[i]);
        }
        while (!tasks[0].began)
            sched_yield();
        pid_t child = fork_child();
        if (child == 0)
            _exit(live_on_in_child(workers, &line, tasks));
        CHECK_EQ(0, take_all(&line, tasks, 6)); // the parent noticed nothing
        CHECK_EQ(2, rv_workers_width(workers));
        await_child(child);
        rv_line_fini(&line);
        rove_workers_unref(workers);
    }
}

void fork_waits_for_jobs_and_none_is_begun_meanwhile(void)
{
    fake_on(0, 0);
    struct rove_workers *workers = workers_with(1);
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
    fake.at_sleep = &gate; // when fork() waits
    pid_t child = fork_child();
    if (child == 0)
        _exit(tasks[0].runs != 1 || tasks[1].runs || rv_line_poll(&line) != &tasks[0].job ||
              take_all(&line, &tasks[1], 1));
    CHECK(task_poll_until_done(&line) == &tasks[0]);
    CHECK(task_poll_until_done(&line) == &tasks[1]); // begun afterwards, by the thread
    CHECK_EQ(0, figures_of(workers).stolen_cnt);
    await_child(child);
    rv_line_fini(&line);
    rove_workers_unref(workers);
    rv_os_set(NULL);
    gate_fini(&gate);
}

// Takes and gives memory of the pool all the time.
static void churn(struct task *task)
{
    struct rove_pool *pool = task->arg;
    for (int i = 0; i < 20; i++) {
        struct rove_rope rope;
        rove_rope_init(&rope, pool);
        for (int j = 0; j < 50; j++)
            CHECK_OK(rove_rope_append(&rope, "0123456789abcdef", 16));
        rove_rope_fini(&rope);
    }
}

void a_forked_childs_pool_is_not_locked(void)
{
    struct rove_workers *workers = workers_with(2);
    struct task tasks[4];
    struct rv_line line;
    task_init(tasks, 4);
    rv_line_init(&line, workers, 4);
    for (uint64_t round = 0; round < suite_scaled(40); round++) {
        for (int i = 0; i < 4; i++) {
            tasks[i].does = churn;
            tasks[i].arg = env.pool;
            tasks[i].runs = 0;
            task_submit(&line, &tasks[i]);
        }
        pid_t child = fork_child();
        if (child == 0) {
            churn(&tasks[0]);
            _exit(take_all(&line, tasks, 4));
        }
        CHECK_EQ(0, take_all(&line, tasks, 4));
        await_child(child);
    }
    rv_line_fini(&line);
    rove_workers_unref(workers);
}

#if defined(__SANITIZE_THREAD__)
#define CHILD_MAY_HAVE_THREADS false // ThreadSanitizer ends a child that makes one
#else
#define CHILD_MAY_HAVE_THREADS true
#endif

static int use_threads_in_child(struct rove_workers *workers)
{
    struct task task;
    struct rv_line line;
    if (rv_workers_width(workers) != 2)
        return 1;
    if (!CHILD_MAY_HAVE_THREADS)
        return 0;
    task_init(&task, 1);
    rv_line_init(&line, workers, 1);
    rv_line_submit(&line, &task.job);
    bool taken = task_poll_until_done(&line) == &task;
    rv_line_fini(&line);
    rove_workers_unref(workers);
    return !taken || pthread_equal(task.ran_by, pthread_self());
}

void workers_without_threads_go_on_in_the_child(void)
{
    struct rove_workers *workers = workers_with(2);
    pid_t child = fork_child();
    if (child == 0)
        _exit(use_threads_in_child(workers) || (CHILD_MAY_HAVE_THREADS && use_threads_in_child(workers_with(2))));
    await_child(child);
    rove_workers_unref(workers);
}

static struct {
    unsigned asked;
    void (*run)(void *);
    void *arg;
} slow;

static enum rove_status slow_submit(void *ctx, void (*run)(void *), void *arg)
{
    (void) ctx;
    slow.asked++;
    slow.run = run;
    slow.arg = arg;
    return ROVE_OK;
}

void an_executor_is_not_asked_in_the_child(void)
{
    struct rove_executor executor = {.size = sizeof executor, .submit = slow_submit, .concurrency = 2};
    struct rove_workers_opts opts = {.size = sizeof opts, .allocator = &env.alloc.table, .executor = &executor};
    struct rove_workers_figures figures;
    struct rove_workers *workers;
    struct task tasks[2];
    struct rv_line line;
    CHECK_OK(rove_workers_new(&opts, &workers));
    task_init(tasks, 2);
    rv_line_init(&line, workers, 2);
    slow.asked = 0;
    task_submit(&line, &tasks[0]);
    pid_t child = fork_child();
    if (child == 0) {
        int wrong = rv_workers_width(workers) != 0;
        wrong += take_all(&line, &tasks[0], 1);
        rv_line_submit(&line, &tasks[1].job);
        wrong += take_all(&line, &tasks[1], 1) || slow.asked != 1;
        slow.run(slow.arg); // a loop that goes on in the child comes to it there, too
        rove_workers_measure(workers, &figures);
        wrong += figures.thread_cnt != 0;
        rv_line_fini(&line);
        _exit(wrong);
    }
    await_child(child);
    CHECK_EQ(2, rv_workers_width(workers));
    slow.run(slow.arg);
    CHECK(rv_line_poll(&line) == &tasks[0].job);
    rv_line_fini(&line);
    rove_workers_unref(workers);
}

static enum rove_status run_at_once(void *ctx, void (*run)(void *), void *arg)
{
    (void) ctx;
    run(arg);
    return ROVE_OK;
}

static void give_others_a_job(struct task *task)
{
    struct task inner;
    struct rv_line line;
    task_init(&inner, 1);
    rv_line_init(&line, task->arg, 1);
    task_submit(&line, &inner);
    task_wait(&line, &inner);
    rv_line_fini(&line);
}

// Who forks waits for the job, and that for nobody.
void a_job_has_an_executor_run_another_while_somebody_forks(void)
{
    fake_on(0, 0);
    struct rove_executor executor = {.size = sizeof executor, .submit = run_at_once, .concurrency = 1};
    struct rove_workers_opts opts = {.size = sizeof opts, .allocator = &env.alloc.table, .executor = &executor};
    struct rove_workers *workers = workers_with(1), *others;
    struct task task;
    struct gate gate;
    struct rv_line line;
    CHECK_OK(rove_workers_new(&opts, &others));
    gate_init(&gate);
    task_init(&task, 1);
    task.gate = &gate;
    task.does = give_others_a_job;
    task.arg = others;
    rv_line_init(&line, workers, 1);
    task_submit(&line, &task);
    gate_await(&gate, 1);
    fake.at_sleep = &gate; // when fork() waits
    alarm(HANGS);
    pid_t child = fork_child();
    if (child == 0)
        _exit(task.runs != 1 || rv_line_poll(&line) != &task.job);
    alarm(0);
    CHECK(task_poll_until_done(&line) == &task);
    await_child(child);
    rv_line_fini(&line);
    rove_workers_unref(others);
    rove_workers_unref(workers);
    rv_os_set(NULL);
    gate_fini(&gate);
}

static void fork_here(struct task *task)
{
    pid_t child = fork_child();
    if (child == 0)
        _exit(0);
    CHECK(waitpid(child, task->arg, 0) == child);
}

void a_job_that_forks_does_not_wait_for_itself(void)
{
    struct rove_workers *workers = workers_with(2);
    struct task tasks[2];
    struct rv_line line;
    int status[2] = {-1, -1};
    task_init(tasks, 2);
    rv_line_init(&line, workers, 2);
    for (int i = 0; i < 2; i++) {
        tasks[i].does = fork_here;
        tasks[i].arg = &status[i];
        task_submit(&line, &tasks[i]);
    }
    for (int i = 0; i < 2; i++)
        CHECK(task_poll_until_done(&line) == &tasks[i]);
    CHECK(WIFEXITED(status[0]) && WIFEXITED(status[1]));
    rv_line_fini(&line);
    rove_workers_unref(workers);
}

static void *fork_often(void *arg)
{
    for (uint64_t i = 0; i < suite_scaled(30); i++) {
        struct task task = {.arg = arg};
        fork_here(&task);
    }
    return NULL;
}

void threads_that_fork_at_once_do_not_wait_for_each_other(void)
{
    struct rove_workers *workers = workers_with(2);
    struct task tasks[4];
    struct rv_line line;
    pthread_t threads[3];
    int status[3];
    task_init(tasks, 4);
    rv_line_init(&line, workers, 4);
    for (int i = 0; i < 3; i++)
        CHECK(pthread_create(&threads[i], NULL, fork_often, &status[i]) == 0);
    for (int round = 0; round < 200; round++) {
        for (int i = 0; i < 4; i++) {
            tasks[i].spin = 5000;
            tasks[i].runs = 0;
            task_submit(&line, &tasks[i]);
        }
        CHECK_EQ(0, take_all(&line, tasks, 4));
    }
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    rv_line_fini(&line);
    rove_workers_unref(workers);
}
