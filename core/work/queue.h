// SPDX-License-Identifier: MIT
// queue.h: which job is next. All of it under the lock of the workers, where a line has some.
#ifndef RV_WORK_QUEUE_H
#define RV_WORK_QUEUE_H

#include "work/layout.h"

// Puts a job at the end of its line, whose turn comes after that of all others if it had nothing to do.
void rv_queue_add(struct rv_line *line, struct rv_job *job);

// Begins the next job for a worker: the oldest of the line whose turn it is. NULL when there is none, or none may be
// begun.
struct rv_job *rv_queue_begin(struct rove_workers *workers);

// Likewise for the line's own user; NULL when all its jobs are begun.
struct rv_job *rv_queue_begin_own(struct rv_line *line);

// A job that was begun by a worker, or by the user, has been run. Afterwards the user may have taken it back.
void rv_queue_finish(struct rv_job *job);
void rv_queue_finish_own(struct rv_job *job);

// Takes all jobs that nobody has begun out of the line.
void rv_queue_drop(struct rv_line *line);

// Takes the first job, which is done, out of the line.
struct rv_job *rv_queue_take_back(struct rv_line *line);

#endif
