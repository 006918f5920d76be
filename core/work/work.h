// SPDX-License-Identifier: MIT
// work.h: jobs, and the lines in which they come back in order. All that the floors above need of this one.
//
// A user has a *line* and submits *jobs* to it. Workers run them, many at once; the user takes them back in the order in
// which they were submitted:
//
//     rv_line_submit() ──> [ job job job job ] ──> rv_line_poll(), rv_line_wait()
//                            done  running  nobody has begun these
//                             ^ the first is taken back when it is done
//
//     struct part { struct rv_job job; ... };
//
//     rv_line_init(&line, workers, 2 * rv_workers_width(workers));
//     while (there is input or rv_line_cnt(&line)) {
//         if (there is input and rv_line_has_room(&line)) {
//             part->job.run = code_part;
//             rv_line_submit(&line, &part->job);
//         } else
//             use((struct part *) rv_line_wait(&line)); // runs jobs of this line while it waits
//     }
//     rv_line_fini(&line); // on all ways out, also after a failure: cancels what is left
//
// A job is a struct of the user's; nothing is allocated for it. From submit until it is taken back, or until cancel
// returns, it belongs to the line: only its `run` touches it and what it needs. `run` may be called in any thread, and
// all that the user did before submit is seen there, as is all that `run` did by the one who takes the job back. What
// came of it, a status too, `run` leaves in the struct around the job. After that nobody touches the job any more.
//
// What `run` may not do: touch its line; wait for anything that another job does (a lock that is held for moments is
// all right); leave by longjmp or end its thread; fork() (posix_spawn() is fine), or the child may only exec or _exit.
// It may use lines of its own, of the same workers too.
//
// Invariants:
// 1. The jobs of a line are begun in order of submission, whoever begins them. So those not begun are its tail.
// 2. Whoever waits for a line first runs what is not begun in it, the oldest first. So it sleeps only while every job of
//    its line is being run or done, and a job that is being run waits, if ever, for a line that was made inside of it.
//    These waits go from a job to those inside of it, so there is an innermost one, which waits for nobody: there is no
//    deadlock, with any number of threads, with an executor that never runs anything, and with none.
// 3. Whoever waits runs no job of another line. That one could be long, and the first of the own line be done
//    meanwhile; it could wait inside, run a third line's and so on, on one stack; and it could need what the one who
//    waits has in its hands.
// 4. Lines are served in turn, a job of each. A line with a thousand jobs costs another one a job's time and no more.
//
// Threads: a line is used by one thread at a time. Workers are shared freely.
#ifndef RV_WORK_H
#define RV_WORK_H

#include <rove/workers.h>

#include <pthread.h>
#include <stdbool.h>

enum rv_job_state {
    RV_JOB_FREE,    // in no line: never was, or it was cancelled before anybody began it
    RV_JOB_WAITING, // nobody has begun it
    RV_JOB_RUNNING,
    RV_JOB_DONE, // `run` returned; stays so after the job was taken back, and after cancel
};

struct rv_job {
    void (*run)(struct rv_job *job); // set by the user before submit
    struct rv_job *next;             // the one submitted after it
    struct rv_line *line;
    enum rv_job_state state; // the user may read it when the job is in no line
};

// In the user's storage; its fields are private. They are guarded by the lock of the workers, except for those of which
// it is said; without workers there is no lock.
struct rv_line {
    struct rove_workers *workers; // held; NULL: none. Fixed
    size_t room;                  // Fixed
    size_t cnt;                   // jobs in the line; the user's thread alone
    struct rv_job *first, *last;  // all of them, in order of submission
    struct rv_job *unbegun;       // the first that nobody has begun; NULL: none
    size_t away_cnt;              // jobs that workers are running
    bool awaited;                 // the user sleeps on `news`: the first is done, or none is away
    struct rv_line *prev, *next;  // the ring of lines that have something to do
    pthread_cond_t news;
};

// How many jobs the workers can run at once: the number of threads wanted, or the executor's concurrency. 0 for NULL,
// and in a child that lost its threads by fork(): everything is done in the caller. A hint for `room`, of which twice
// as much keeps everybody busy.
size_t rv_workers_width(struct rove_workers *workers);

// Makes an empty line. Cannot fail. workers: held until rv_line_fini(); NULL for none: rv_line_wait() runs the jobs
// then, without a lock or an atomic. room: jobs that may be in it at most, 1 or more.
void rv_line_init(struct rv_line *line, struct rove_workers *workers, size_t room);

// Cancels what is in it and lets go of the workers.
void rv_line_fini(struct rv_line *line);

// The jobs in the line, submitted and not taken back.
static inline size_t rv_line_cnt(const struct rv_line *line)
{
    return line->cnt;
}

static inline bool rv_line_has_room(const struct rv_line *line)
{
    return line->cnt < line->room;
}

// Puts a job, whose `run` is set, at the line's end. Only when there is room. Cannot fail: a job that no worker takes is
// run by rv_line_wait(). May make a thread. An executor may run jobs inside of this call, this one or another.
void rv_line_submit(struct rv_line *line, struct rv_job *job);

// Takes the first job back if it is done; else returns NULL, at once. (Without workers jobs are only done by waiting.)
struct rv_job *rv_line_poll(struct rv_line *line);

// Takes the first job back, and until it is done runs jobs of this line that nobody has begun: the first itself, or
// those behind it. NULL when the line is empty.
struct rv_job *rv_line_wait(struct rv_line *line);

// Empties the line: jobs that nobody has begun are taken out (RV_JOB_FREE), running ones are awaited, finished ones
// dropped (RV_JOB_DONE). Afterwards all of them are the user's again. The line can be used on.
void rv_line_cancel(struct rv_line *line);

#endif
