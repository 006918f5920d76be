// SPDX-License-Identifier: MIT
// fork.h: all workers of the process, known so that fork() can wait until they are at rest.
#ifndef RV_WORK_FORK_H
#define RV_WORK_FORK_H

#include "work/layout.h"

// Has fork() look after workers from now on. Once is enough; false: the system has no memory for that.
bool rv_fork_watch(void);

// Workers are looked after from now on, or no more. Not under their lock.
void rv_fork_join(struct rove_workers *workers);
void rv_fork_leave(struct rove_workers *workers);

// Around a job that is run by a worker: a fork() in between, by this very thread, does not wait for the job.
void rv_fork_inside(int by);

// Whether this thread is in the middle of one.
bool rv_fork_is_inside(void);

// Tells who forks that no worker of a paused set is running a job any more. Not under the lock of the workers.
void rv_fork_tell(void);

#endif
