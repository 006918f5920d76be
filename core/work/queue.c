// SPDX-License-Identifier: MIT
// queue.c: the lines that have something to do stand in a ring, and are served in turn.
//
//     turn ──> line A ⇄ line C ⇄ line F ⇄ (A)      line B: all begun, or empty: not in the ring
//              first: done
//                     running
//           unbegun:  waiting     <── the next job that is begun; then it is C's turn
//              last:  waiting
//
// Served in turn rather than first come, first served: a stream that submits as many jobs as it has room for delays
// another one by a single job, and nobody has to keep the age of jobs.
#include "work/queue.h"

static void join_ring(struct rv_line *line)
{
    struct rv_line *turn = line->workers->turn;
    if (!turn) {
        line->prev = line->next = line;
        line->workers->turn = line;
        return;
    }
    line->next = turn;
    line->prev = turn->prev;
    line->prev->next = line;
    turn->prev = line;
}

static void leave_ring(struct rv_line *line)
{
    struct rove_workers *workers = line->workers;
    if (workers->turn == line)
        workers->turn = line->next == line ? NULL : line->next;
    line->prev->next = line->next;
    line->next->prev = line->prev;
}

void rv_queue_add(struct rv_line *line, struct rv_job *job)
{
    struct rove_workers *workers = line->workers;
    job->line = line;
    job->next = NULL;
    job->state = RV_JOB_WAITING;
    if (line->first)
        line->last->next = job;
    else
        line->first = job;
    line->last = job;
    line->cnt++;
    if (workers && !line->unbegun)
        join_ring(line);
    if (!line->unbegun)
        line->unbegun = job;
    if (!workers)
        return;
    workers->given++;
    workers->unbegun_cnt++;
    workers->flight_cnt++;
    if (workers->done.flight_peak < workers->flight_cnt)
        workers->done.flight_peak = workers->flight_cnt;
}

static struct rv_job *begin(struct rv_line *line)
{
    struct rv_job *job = line->unbegun;
    job->state = RV_JOB_RUNNING;
    line->unbegun = job->next;
    if (!line->workers)
        return job;
    line->workers->unbegun_cnt--;
    if (!line->unbegun)
        leave_ring(line);
    return job;
}

struct rv_job *rv_queue_begin(struct rove_workers *workers)
{
    struct rv_line *line = workers->turn;
    if (!line || workers->paused)
        return NULL;
    workers->turn = line->next;
    workers->away_cnt++;
    line->away_cnt++;
    return begin(line);
}

struct rv_job *rv_queue_begin_own(struct rv_line *line)
{
    return line->unbegun ? begin(line) : NULL;
}

void rv_queue_finish(struct rv_job *job)
{
    struct rv_line *line = job->line;
    line->workers->away_cnt--;
    line->workers->done.done_cnt++;
    line->away_cnt--;
    job->state = RV_JOB_DONE;
    // A trap: signalled under the lock, because without it the line may be gone.
    if (line->awaited && (line->first == job || !line->away_cnt))
        rv_os()->cond_signal(&line->news);
}

void rv_queue_finish_own(struct rv_job *job)
{
    struct rove_workers *workers = job->line->workers;
    job->state = RV_JOB_DONE;
    if (workers) {
        workers->done.done_cnt++;
        workers->done.stolen_cnt++;
    }
}

void rv_queue_drop(struct rv_line *line)
{
    if (line->workers && line->unbegun)
        leave_ring(line);
    for (struct rv_job *job = line->unbegun; job; job = job->next) {
        job->state = RV_JOB_FREE;
        if (line->workers)
            line->workers->unbegun_cnt--;
    }
    line->unbegun = NULL;
}

struct rv_job *rv_queue_take_back(struct rv_line *line)
{
    struct rv_job *job = line->first;
    line->first = job->next;
    line->cnt--;
    if (line->workers)
        line->workers->flight_cnt--;
    return job;
}
