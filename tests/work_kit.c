// SPDX-License-Identifier: MIT
// work_kit.c: gates, jobs, and the OS behind them.
#include "work_kit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

// gates -----------------------------------------------------------------------------------------

void gate_init(struct gate *gate)
{
    memset(gate, 0, sizeof *gate);
    pthread_mutex_init(&gate->lock, NULL);
    pthread_cond_init(&gate->moved, NULL);
}

void gate_fini(struct gate *gate)
{
    pthread_cond_destroy(&gate->moved);
    pthread_mutex_destroy(&gate->lock);
}

void gate_open(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->open = true;
    pthread_cond_broadcast(&gate->moved);
    pthread_mutex_unlock(&gate->lock);
}

void gate_pass(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->waiting++;
    pthread_cond_broadcast(&gate->moved);
    while (!gate->open)
        pthread_cond_wait(&gate->moved, &gate->lock);
    gate->waiting--;
    pthread_mutex_unlock(&gate->lock);
}

void gate_await(struct gate *gate, unsigned waiting)
{
    pthread_mutex_lock(&gate->lock);
    while (gate->waiting < waiting)
        pthread_cond_wait(&gate->moved, &gate->lock);
    pthread_mutex_unlock(&gate->lock);
}

// jobs ------------------------------------------------------------------------------------------

atomic_uint task_clock;

static void run_task(struct rv_job *job)
{
    struct task *task = task_of(job);
    task->ran_by = pthread_self();
    task->began = ++task_clock;
    for (volatile unsigned i = 0; i < task->spin;)
        i = i + 1;
    if (task->gate)
        gate_pass(task->gate);
    if (task->does)
        task->does(task);
    if (task->opens)
        gate_open(task->opens);
    task->ended = ++task_clock;
    task->runs++;
}

struct task *task_of(struct rv_job *job)
{
    return (struct task *) job; // its first field
}

void task_init(struct task *tasks, unsigned cnt)
{
    memset(tasks, 0, cnt * sizeof *tasks);
    for (unsigned i = 0; i < cnt; i++) {
        tasks[i].job.run = run_task;
        tasks[i].number = i;
    }
}

void task_submit(struct rv_line *line, struct task *task)
{
    if (CHECK(rv_line_has_room(line)))
        rv_line_submit(line, &task->job);
}

bool task_wait(struct rv_line *line, struct task *task)
{
    struct task *got = task_of(rv_line_wait(line));
    return CHECK(got == task) && CHECK_EQ(1, task->runs) && CHECK(task->job.state == RV_JOB_DONE);
}

struct task *task_poll_until_done(struct rv_line *line)
{
    struct rv_job *job;
    while (!(job = rv_line_poll(line)))
        sched_yield();
    return task_of(job);
}

struct rove_workers *workers_with(size_t thread_cnt)
{
    struct rove_workers_opts opts = {
        .size = sizeof opts, .allocator = &env.alloc.table, .thread_cnt = thread_cnt};
    struct rove_workers *workers;
    if (CHECK_OK(rove_workers_new(&opts, &workers)))
        return workers;
    abort();
}

struct rove_workers_figures figures_of(struct rove_workers *workers)
{
    struct rove_workers_figures figures;
    rove_workers_measure(workers, &figures);
    return figures;
}

// the OS ----------------------------------------------------------------------------------------

struct fake fake;

static int fake_create(pthread_t *thread, void *(*run)(void *), void *arg)
{
    unsigned call = ++fake.creates;
    if (call >= fake.refuse_from && call <= fake.refuse_to)
        return EAGAIN;
    return rv_os_real.thread_create(thread, run, arg);
}

static int fake_join(pthread_t thread)
{
    fake.joins++;
    return rv_os_real.thread_join(thread);
}

static int fake_lock(pthread_mutex_t *mutex)
{
    fake.locks++;
    return rv_os_real.mutex_lock(mutex);
}

static int fake_signal(pthread_cond_t *cond)
{
    fake.signals++;
    return rv_os_real.cond_signal(cond);
}

static int fake_wait(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
    if (pthread_equal(fake.sleeper, pthread_self()) && fake.at_sleep)
        gate_open(fake.at_sleep);
    return rv_os_real.cond_wait(cond, mutex);
}

void fake_on(unsigned refuse_from, unsigned refuse_to)
{
    static struct rv_os table;
    memset(&fake, 0, sizeof fake);
    fake.refuse_from = refuse_from;
    fake.refuse_to = refuse_to;
    fake.sleeper = pthread_self();
    table = rv_os_real;
    table.thread_create = fake_create;
    table.thread_join = fake_join;
    table.mutex_lock = fake_lock;
    table.cond_signal = fake_signal;
    table.cond_wait = fake_wait;
    rv_os_set(&table);
}
