// SPDX-License-Identifier: MIT
// fork.c: threads that the program did not make must not break a fork() that the program makes.
//
// Of all threads only the one that forks is in the child. Had a worker been in the middle of a job in that moment, nobody
// would finish it. So fork() first lets the workers come to rest, and only then takes the locks that a job may need
// (base/atfork.h):
//
//     before    pauses every set: no worker begins a job. Sleeps until none is running one, then takes all locks.
//     parent    wakes them, and lets go of the locks
//     child     the same, but there are no threads, and no executor, to be woken: everything is done in the caller
//
// A set that had no thread yet goes on in the child as if nothing had been.
//
// Jobs that a thread of the program runs while it waits are not waited for; whether other threads of his have a hand
// in something is for the program to see to, as ever. And a job that forks would wait for itself: it does not wait.
#include "work/fork.h"

#include "base/atfork.h"
#include "base/tls.h"

static struct {
    pthread_mutex_t lock;
    pthread_cond_t rest; // a set that is paused may have come to rest, or is not paused any more
    struct rove_workers *first;
} all = {.lock = PTHREAD_MUTEX_INITIALIZER, .rest = PTHREAD_COND_INITIALIZER};

static _Thread_local int inside RV_STATIC_TLS; // jobs of workers that this thread is in the middle of

static void enter(void)
{
    rv_os()->mutex_lock(&all.lock);
}

static void leave(void)
{
    rv_os()->mutex_unlock(&all.lock);
}

void rv_fork_inside(int by)
{
    inside += by;
}

bool rv_fork_is_inside(void)
{
    return inside > 0;
}

void rv_fork_tell(void)
{
    enter();
    rv_os()->cond_broadcast(&all.rest);
    leave();
}

// Pauses all, and tells whether none is running a job.
static bool at_rest(void)
{
    bool rest = true;
    for (struct rove_workers *w = all.first; w; w = w->next) {
        rv_workers_enter(w);
        w->paused = true;
        rest &= !w->away_cnt;
        rv_workers_leave(w);
    }
    return rest;
}

// Several threads may be forking, one after the other, and the first to be done ends the pause of all.
static void before(void)
{
    enter();
    while (!inside && !at_rest())
        rv_os()->cond_wait(&all.rest, &all.lock);
    for (struct rove_workers *w = all.first; w; w = w->next)
        rv_workers_enter(w);
}

static void parent(void)
{
    for (struct rove_workers *w = all.first; w; w = w->next) {
        w->paused = false;
        rv_os()->cond_broadcast(&w->wake);
        rv_workers_leave(w);
    }
    rv_os()->cond_broadcast(&all.rest);
    leave();
}

// A trap: the conditions still count the threads that slept on them, and would be waited for when they are destroyed.
// What an executor's runs held stays held, because nobody can tell how far they had come.
static void child(void)
{
    pthread_cond_init(&all.rest, NULL);
    for (struct rove_workers *w = all.first; w; w = w->next) {
        pthread_cond_init(&w->wake, NULL);
        if (w->thread_cnt || w->executor.submit)
            w->wanted_cnt = 0;
        w->thread_cnt = w->asleep_cnt = w->called_cnt = 0;
        w->run_cnt = 0;
        w->paused = false;
        rv_workers_leave(w);
    }
    leave();
}

bool rv_fork_watch(void)
{
    static const struct rv_atfork part = {before, parent, child};
    return rv_atfork_watch(RV_ATFORK_WORKERS, &part);
}

void rv_fork_join(struct rove_workers *workers)
{
    enter();
    workers->prev = NULL;
    workers->next = all.first;
    if (all.first)
        all.first->prev = workers;
    all.first = workers;
    leave();
}

void rv_fork_leave(struct rove_workers *workers)
{
    enter();
    *(workers->prev ? &workers->prev->next : &all.first) = workers->next;
    if (workers->next)
        workers->next->prev = workers->prev;
    leave();
}
