// SPDX-License-Identifier: MIT
// workers.c: a set of workers as the program sees it.
#include "base/arith.h"
#include "base/memory.h"
#include "work/cpus.h"
#include "work/crew.h"
#include "work/fork.h"

#include <string.h>

static void init(struct rove_workers *workers, const struct rove_workers_opts *opts, size_t len)
{
    memset(workers, 0, sizeof *workers);
    rv_count_init(&workers->refs);
    pthread_mutex_init(&workers->lock, NULL); // neither can fail with default attributes on Linux
    pthread_cond_init(&workers->wake, NULL);
    workers->allocator = rv_allocator_copy(opts->allocator);
    workers->len = len;
    workers->wanted_cnt = opts->thread_cnt;
    if (opts->executor)
        workers->executor = *opts->executor;
}

// Copies as much of the caller's options as both sides know; false: they are impossible.
static bool read_opts(const struct rove_workers_opts *opts, struct rove_workers_opts *mine)
{
    *mine = (struct rove_workers_opts){.size = sizeof *mine};
    if (!opts)
        return true;
    if (opts->size < sizeof opts->size)
        return false;
    memcpy(mine, opts, rv_min_size(opts->size, sizeof *mine));
    return rv_allocator_is_whole(mine->allocator) && !(mine->executor && mine->thread_cnt);
}

// Likewise with the executor's table, which the options point to. Its concurrency becomes the number of threads.
static bool read_executor(struct rove_workers_opts *opts, struct rove_executor *mine)
{
    const struct rove_executor *given = opts->executor;
    size_t first_version = offsetof(struct rove_executor, concurrency) + sizeof given->concurrency;
    if (!given)
        return true;
    if (given->size < first_version || !given->submit)
        return false;
    memcpy(mine, given, rv_min_size(given->size, sizeof *mine));
    opts->executor = mine;
    opts->thread_cnt = mine->concurrency;
    return true;
}

// Threads that are made beside the one that asks: it works, too, while it waits. One more would have to share a CPU with
// it, and then the first part in order may be the one that stands still.
static size_t default_cnt(void)
{
    return rv_min_size(rv_cpus() - 1, ROVE_WORKERS_MAX);
}

// Makes workers with a number of threads, or an executor.
static struct rove_workers *make(const struct rove_workers_opts *opts)
{
    const struct rove_allocator *a = opts->allocator ? opts->allocator : rove_allocator_default();
    size_t thread_cnt = opts->executor ? 0 : opts->thread_cnt;
    size_t len = sizeof(struct rove_workers) + thread_cnt * sizeof(pthread_t);
    struct rove_workers *workers = a->alloc(a->ctx, len, _Alignof(struct rove_workers));
    if (!workers)
        return NULL;
    init(workers, opts, len);
    rv_fork_join(workers);
    return workers;
}

enum rove_status rove_workers_new(const struct rove_workers_opts *opts,
                                  struct rove_workers **workers_out)
{
    if (!workers_out)
        return ROVE_E_ARG;
    struct rove_workers_opts mine;
    struct rove_executor executor = {0};
    *workers_out = NULL;
    if (!read_opts(opts, &mine) || !read_executor(&mine, &executor))
        return ROVE_E_ARG;
    if (mine.thread_cnt > ROVE_WORKERS_MAX)
        return ROVE_E_RANGE;
    if (!mine.thread_cnt)
        mine.thread_cnt = mine.executor ? rv_min_size(rv_cpus(), ROVE_WORKERS_MAX) : default_cnt();
    *workers_out = rv_fork_watch() ? make(&mine) : NULL;
    return *workers_out ? ROVE_OK : ROVE_E_NOMEM;
}

// Where there is no memory, or fork() cannot be looked after, they are workers without a thread.
static struct rove_workers *default_workers;

static void make_default(void)
{
    static struct rove_workers none;
    struct rove_workers_opts opts = {.allocator = rove_allocator_system(), .thread_cnt = default_cnt()};
    default_workers = rv_fork_watch() ? make(&opts) : NULL;
    if (!default_workers) {
        opts.thread_cnt = 0;
        init(&none, &opts, sizeof none);
        default_workers = &none;
    }
    default_workers->immortal = true;
}

struct rove_workers *rove_workers_default(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_default);
    return default_workers;
}

void rove_workers_measure(struct rove_workers *workers, struct rove_workers_figures *figures_out)
{
    if (!figures_out)
        return;
    memset(figures_out, 0, sizeof *figures_out);
    if (!workers)
        return;
    rv_workers_enter(workers);
    *figures_out = workers->done;
    figures_out->thread_cnt = workers->thread_cnt + workers->run_cnt;
    figures_out->wanted_cnt = workers->wanted_cnt;
    rv_workers_leave(workers);
}

struct rove_workers *rove_workers_ref(struct rove_workers *workers)
{
    if (workers)
        rv_crew_hold(workers);
    return workers;
}

void rove_workers_unref(struct rove_workers *workers)
{
    if (workers)
        rv_crew_let_go(workers);
}
