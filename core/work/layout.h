// SPDX-License-Identifier: MIT
// layout.h: what workers are made of, and their lock.
//
// One lock a set of workers guards everything in it, and in the lines on it. It is held for some tens of nanoseconds,
// four times a job; a job takes from tens of microseconds up. No job runs, and nothing of a caller's is called, under
// it. Lock order: the list of all workers (fork.c), then a set's own.
#ifndef RV_WORK_LAYOUT_H
#define RV_WORK_LAYOUT_H

#include "base/atomic.h"
#include "base/debug.h"
#include "base/os.h"
#include "work/work.h"

struct rove_workers {
    rv_count refs;                   // users, lines, and runs that an executor has and that have not returned
    bool immortal;                   // the default ones: not counted
    struct rove_allocator allocator; // of this struct
    size_t len;                      // bytes of it, threads[] included
    struct rove_executor executor;   // submit NULL: threads of our own

    pthread_mutex_t lock; // guards all that follows, but for the list
    pthread_cond_t wake;  // there is a job to begin, `paused` is over, or `closing` has begun
    struct rv_line *turn; // ring of the lines that have something to do: whose turn it is; NULL: none has
    size_t unbegun_cnt;      // jobs that nobody has begun
    size_t away_cnt;      // jobs that threads of ours, or an executor's, are running
    size_t flight_cnt;    // jobs in lines
    size_t wanted_cnt;    // threads at most, or the executor's concurrency
    size_t thread_cnt;    // threads[] that there are
    size_t asleep_cnt;    // of these, those that sleep on `wake`
    size_t called_cnt;    // of these, those that were called and have not come yet
    size_t run_cnt;       // runs that the executor has and that have not come yet
    uint64_t retry_at;    // value of `given` from which on a thread may be made again
    uint64_t given;       // jobs ever submitted
    bool paused;          // no worker begins a job: somebody forks
    bool closing;         // nobody uses the workers any more: the threads end
    struct rove_workers_figures done; // what is counted

    struct rove_workers *prev, *next; // the list of all workers
    pthread_t threads[];
};

static inline void rv_workers_enter(struct rove_workers *workers)
{
    rv_os()->mutex_lock(&workers->lock);
}

static inline void rv_workers_leave(struct rove_workers *workers)
{
    rv_os()->mutex_unlock(&workers->lock);
}

#endif
