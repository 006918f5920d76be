// SPDX-License-Identifier: MIT
// line.c: lines, as their users see them.
#include "work/work.h"

#include "work/crew.h"
#include "work/queue.h"

static void enter(struct rv_line *line)
{
    if (line->workers)
        rv_workers_enter(line->workers);
}

static void leave(struct rv_line *line)
{
    if (line->workers)
        rv_workers_leave(line->workers);
}

// Sleeps until the first job is done, or no worker runs one of this line's; or for less.
static void sleep_on(struct rv_line *line)
{
    line->awaited = true;
    rv_os()->cond_wait(&line->news, &line->workers->lock);
    line->awaited = false;
}

static void run_own(struct rv_line *line, struct rv_job *job)
{
    leave(line);
    job->run(job);
    enter(line);
    rv_queue_finish_own(job);
}

size_t rv_workers_width(struct rove_workers *workers)
{
    if (!workers)
        return 0;
    rv_workers_enter(workers);
    size_t width = workers->wanted_cnt;
    rv_workers_leave(workers);
    return width;
}

void rv_line_init(struct rv_line *line, struct rove_workers *workers, size_t room)
{
    *line = (struct rv_line){.workers = workers, .room = room};
    RV_ASSERT(room);
    if (!workers)
        return;
    pthread_cond_init(&line->news, NULL); // cannot fail with default attributes on Linux
    rv_crew_hold(workers);
}

void rv_line_fini(struct rv_line *line)
{
    rv_line_cancel(line);
    if (!line->workers)
        return;
    pthread_cond_destroy(&line->news);
    rv_crew_let_go(line->workers);
}

void rv_line_submit(struct rv_line *line, struct rv_job *job)
{
    RV_ASSERT(rv_line_has_room(line) && job->run);
    enter(line);
    rv_queue_add(line, job);
    enum rv_call call = line->workers ? rv_crew_plan(line->workers) : RV_CALL_NOBODY;
    leave(line);
    if (call != RV_CALL_NOBODY)
        rv_crew_call(line->workers, call);
}

struct rv_job *rv_line_poll(struct rv_line *line)
{
    if (!line->cnt)
        return NULL;
    enter(line);
    struct rv_job *job = line->first->state == RV_JOB_DONE ? rv_queue_take_back(line) : NULL;
    leave(line);
    return job;
}

struct rv_job *rv_line_wait(struct rv_line *line)
{
    if (!line->cnt)
        return NULL;
    enter(line);
    while (line->first->state != RV_JOB_DONE) {
        struct rv_job *job = rv_queue_begin_own(line);
        if (job)
            run_own(line, job);
        else
            sleep_on(line);
    }
    struct rv_job *job = rv_queue_take_back(line);
    leave(line);
    return job;
}

void rv_line_cancel(struct rv_line *line)
{
    if (!line->cnt)
        return;
    enter(line);
    rv_queue_drop(line);
    while (line->away_cnt)
        sleep_on(line);
    while (line->first)
        rv_queue_take_back(line);
    leave(line);
}
