// SPDX-License-Identifier: MIT
// crew.c: threads that take jobs until the workers are closed; runs of an executor that take one each.
#include "work/crew.h"

#include "work/fork.h"
#include "work/queue.h"

#define PATIENCE 64    // jobs that are given before a thread is tried again after one could not be made
#define JOBS_A_CALL 8u // that nobody has begun, for each thread that is called and has not come yet

// Runs a job that was begun, and finishes it. Under the lock before and after, not meanwhile.
static void run(struct rove_workers *workers, struct rv_job *job, enum rv_call call)
{
    rv_workers_leave(workers);
    rv_crew_call(workers, call);
    rv_fork_inside(1);
    job->run(job);
    rv_fork_inside(-1);
    rv_workers_enter(workers);
    rv_queue_finish(job);
    if (workers->paused && !workers->away_cnt) {
        rv_workers_leave(workers);
        rv_fork_tell();
        rv_workers_enter(workers);
    }
}

// threads of our own ----------------------------------------------------------------------------

// Whether one that sleeps is to be called. To wake a thread takes longer than to give a job, so who gives many jobs does
// not wake a thread for each: the one that comes looks whether another is wanted, and calls it before it begins its job.
// Where jobs pile up because one that was called gets no CPU, more are called at once.
//
// called_cnt > 0 only while a thread is on its way out of its sleep, or a signal to it: called_cnt <= asleep_cnt, so a
// signal finds nobody only if all those asleep woke by themselves, and each of them takes one off.
static enum rv_call plan_call(struct rove_workers *workers)
{
    if (workers->called_cnt == workers->asleep_cnt || workers->called_cnt * JOBS_A_CALL >= workers->unbegun_cnt)
        return RV_CALL_NOBODY;
    workers->called_cnt++;
    return RV_CALL_THREAD;
}

static void sleep_on(struct rove_workers *workers)
{
    workers->asleep_cnt++;
    rv_os()->cond_wait(&workers->wake, &workers->lock);
    workers->asleep_cnt--;
    workers->called_cnt -= workers->called_cnt > 0;
}

static void *work(void *arg)
{
    struct rove_workers *workers = arg;
    rv_os()->thread_name("rove-worker");
    rv_workers_enter(workers);
    while (!workers->closing) {
        struct rv_job *job = rv_queue_begin(workers);
        if (job)
            run(workers, job, plan_call(workers));
        else
            sleep_on(workers);
    }
    rv_workers_leave(workers);
    return NULL;
}

// All but those that a fault of the thread itself raises: blocked, they would end the process without its handlers.
static void fill_quiet(sigset_t *set)
{
    sigfillset(set);
    sigdelset(set, SIGSEGV);
    sigdelset(set, SIGBUS);
    sigdelset(set, SIGFPE);
    sigdelset(set, SIGILL);
    sigdelset(set, SIGTRAP);
    sigdelset(set, SIGSYS);
}

// A thread has the signals blocked that its maker has. One that cannot be made is tried again, but not for each job.
static void make_thread(struct rove_workers *workers)
{
    sigset_t quiet, before;
    fill_quiet(&quiet);
    if (rv_os()->thread_signals(SIG_SETMASK, &quiet, &before))
        return;
    if (rv_os()->thread_create(&workers->threads[workers->thread_cnt], work, workers) == 0) {
        workers->thread_cnt++;
    } else {
        workers->done.refused_cnt++;
        workers->retry_at = workers->given + PATIENCE;
    }
    rv_os()->thread_signals(SIG_SETMASK, &before, NULL);
}

// Idle is a thread that runs no job: it sleeps, or is on its way to look for one.
static enum rv_call plan_thread(struct rove_workers *workers)
{
    if (workers->unbegun_cnt > workers->thread_cnt - workers->away_cnt &&
        workers->thread_cnt < workers->wanted_cnt && workers->given >= workers->retry_at)
        make_thread(workers);
    return plan_call(workers);
}

// runs of an executor ---------------------------------------------------------------------------

static void one_run(void *arg)
{
    struct rove_workers *workers = arg;
    rv_workers_enter(workers);
    workers->run_cnt -= workers->run_cnt > 0; // in a child that lost the executor none is awaited, and may come all the same
    while (workers->paused && !rv_fork_is_inside()) // who forks waits for the job that this one is inside of
        rv_os()->cond_wait(&workers->wake, &workers->lock);
    struct rv_job *job = rv_queue_begin(workers);
    if (job)
        run(workers, job, RV_CALL_NOBODY);
    rv_workers_leave(workers);
    rv_crew_let_go(workers);
}

// There are as many runs on their way as jobs to begin, so late ones make do for others, and they never pile up.
static enum rv_call plan_run(struct rove_workers *workers)
{
    if (workers->run_cnt >= workers->unbegun_cnt || !workers->wanted_cnt)
        return RV_CALL_NOBODY;
    workers->run_cnt++;
    rv_crew_hold(workers);
    return RV_CALL_EXECUTOR;
}

static void call_executor(struct rove_workers *workers)
{
    if (workers->executor.submit(workers->executor.ctx, one_run, workers) == ROVE_OK)
        return;
    rv_workers_enter(workers);
    workers->run_cnt -= workers->run_cnt > 0; // likewise, where the executor forked
    workers->done.refused_cnt++;
    rv_workers_leave(workers);
    rv_crew_let_go(workers);
}

// both ------------------------------------------------------------------------------------------

enum rv_call rv_crew_plan(struct rove_workers *workers)
{
    return workers->executor.submit ? plan_run(workers) : plan_thread(workers);
}

void rv_crew_call(struct rove_workers *workers, enum rv_call call)
{
    if (call == RV_CALL_THREAD)
        rv_os()->cond_signal(&workers->wake);
    else if (call == RV_CALL_EXECUTOR)
        call_executor(workers);
}

void rv_crew_hold(struct rove_workers *workers)
{
    if (!workers->immortal)
        rv_count_up(&workers->refs);
}

// Lines hold the workers, so there are no jobs any more, and this is no thread of theirs.
static void last_gone(struct rove_workers *workers)
{
    rv_fork_leave(workers);
    RV_ASSERT(!workers->turn && !workers->flight_cnt && !workers->away_cnt);
    rv_workers_enter(workers);
    workers->closing = true;
    rv_os()->cond_broadcast(&workers->wake);
    rv_workers_leave(workers);
    for (size_t i = 0; i < workers->thread_cnt; i++)
        rv_os()->thread_join(workers->threads[i]);
    pthread_cond_destroy(&workers->wake);
    pthread_mutex_destroy(&workers->lock);
    struct rove_allocator allocator = workers->allocator;
    allocator.free(allocator.ctx, workers, workers->len, _Alignof(struct rove_workers));
}

void rv_crew_let_go(struct rove_workers *workers)
{
    if (!workers->immortal && rv_count_down(&workers->refs))
        last_gone(workers);
}
