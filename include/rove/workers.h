// SPDX-License-Identifier: MIT
/// @file
/// workers.h: threads that code parts of a stream beside the thread that uses it.
///
/// Some formats can be cut into parts that are coded each by itself. Workers take such parts from all who use them and
/// code many at once; the results go on in their order, so the bytes are the same with any number of workers, or none:
///
///     stream A ── parts ──┐   one line a stream,          ┌── thread ──┐
///     stream B ── parts ──┼──> served in turn, a part ────┼── thread ──┼──> back to its stream, in order
///     stream C ── parts ──┘   of each                     └── thread ──┘
///
/// Threads are made when there is work for them, up to a number, and sleep when there is none. A thread that cannot be
/// made is missing and nothing else: whoever waits for a part that nobody has begun codes it himself, and so everything
/// gets done with fewer threads, or with none. So one set of workers serves any number of streams, also streams that
/// are used inside of a filter that a worker runs: nobody ever waits for a part that is not being coded.
///
/// Without workers (NULL wherever workers are asked for) nothing here costs anything.
///
/// A stream gets workers by struct rove_limits (<rove/chain.h>); docs/parallel.md tells what they do.
///
/// A program that has threads of its own for such things lends them by way of a struct rove_executor.
///
/// Ownership: workers are counted. What uses them keeps them; the last to let go waits for the threads to end.
///
/// Failure: only making workers can fail. Which of the threads wanted are there, the figures tell.
///
/// Threads: workers may be used by all threads at once.
///
/// Ours are named rove-worker. Signals do not go to them: they block all but those that a fault of their own raises
/// (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS).
///
/// fork(): waits until the parts that are being coded by workers are finished, and starts none meanwhile, so that in
/// the child no part is half done and no lock is held by a thread that is not there. The child has none of the threads,
/// nor the executor: workers that had any work in the caller there, and what streams had given them is done likewise.
/// The child may make workers of its own. Not for fork() by a filter inside of its run, after which the child may only
/// call exec() or _exit(), nor by a signal handler. posix_spawn() and vfork() wait for nothing.
#ifndef ROVE_WORKERS_H
#define ROVE_WORKERS_H

#include <rove/export.h>
#include <rove/memory.h>
#include <rove/status.h>
#include <stddef.h>
#include <stdint.h>

ROVE_BEGIN_DECLS

/// Workers. Their fields are the library's own.
struct rove_workers;

#define ROVE_WORKERS_MAX 1024u ///< threads, or parts that an executor may be given at once

/// A caller's own threads. The table is copied; what ctx points to must outlive the last call of a run.
struct rove_executor {
    size_t size; ///< sizeof (struct rove_executor)
    void *ctx;   ///< handed to submit

    /// Has run(arg) called once, soon, in any thread, also before submit returns, and returns ROVE_OK; or returns
    /// anything else and never calls it: then the part is coded by the one who waits for it. Called from any thread.
    ///
    /// One run codes one part, or finds that there is none left to code and returns at once. It does not matter how
    /// late it comes, also after rove_workers_unref(). Until it came it holds the workers: one that never comes keeps
    /// their memory, but nobody waits for it.
    enum rove_status (*submit)(void *ctx, void (*run)(void *arg), void *arg);

    /// More runs than this may be out, and wait.
    size_t concurrency; ///< runs that it can do at the same time, 1 to ROVE_WORKERS_MAX; 0: as many as there are CPUs
};

/// What workers can be told. Zeroed fields mean the default.
struct rove_workers_opts {
    size_t size;                            ///< sizeof (struct rove_workers_opts)
    const struct rove_allocator *allocator; ///< borrowed for the workers' life; default: see memory.h
    const struct rove_executor *executor;   ///< instead of threads of our own; borrowed until return (copied)
    size_t thread_cnt;                      ///< threads at most, to ROVE_WORKERS_MAX; 0: one for each CPU but one
};

/// What workers did. A snapshot: other threads go on meanwhile.
struct rove_workers_figures {
    uint64_t thread_cnt;  ///< threads that there are; of an executor, runs that have not come yet
    uint64_t wanted_cnt;  ///< threads wanted at most, or the executor's concurrency; 0 in a child that lost them by
                          ///< fork()
    uint64_t done_cnt;    ///< parts that were coded
    uint64_t stolen_cnt;  ///< of these, by those who waited for them
    uint64_t refused_cnt; ///< times that a thread could not be made, or that the executor refused
    uint64_t flight_peak; ///< most parts given to the workers and not yet taken back, at any moment
};

// make ------------------------------------------------------------------------------------------

/// Makes workers. No thread is made before there is work for it.
///
/// CPUs are those that the process may run on (sched_getaffinity), and not more than the quota of its control group
/// pays for, a begun one included; when the workers are made. The one that is left out is for the thread that uses a
/// stream, which codes parts while it waits: on two CPUs there is one thread beside it, on a single one there is none.
/// A program whose threads seldom wait for streams may ask for one more.
///
/// opts: borrowed until return; NULL for all defaults. workers_out: gives counted workers; drop them with
/// rove_workers_unref(). Returns ROVE_E_ARG when opts->size is 0, the table of the allocator or the executor is
/// incomplete, or both an executor and a number of threads are given, ROVE_E_RANGE for a number above ROVE_WORKERS_MAX,
/// ROVE_E_NOMEM. *workers_out is NULL then.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_workers_new(const struct rove_workers_opts *opts,
                                                           struct rove_workers **workers_out);

/// Returns the workers of the process, with as many threads as rove_workers_new() makes by default, made by the first
/// call. Never NULL, never go away; need no unref. Any thread.
ROVE_API struct rove_workers *rove_workers_default(void);

// ask -------------------------------------------------------------------------------------------

/// Reports what the workers did.
///
/// workers: NULL for none, whose figures are 0. figures_out: filled in.
ROVE_API void rove_workers_measure(struct rove_workers *workers,
                                   struct rove_workers_figures *figures_out);

// drop ------------------------------------------------------------------------------------------

/// Holds the workers once more. Returns workers. workers: NULL for none, which does nothing.
ROVE_API struct rove_workers *rove_workers_ref(struct rove_workers *workers);

/// Drops one hold. What still uses the workers keeps them. The last to let go, here or there, waits until their threads
/// have ended; for an executor's runs nobody waits. NULL does nothing.
ROVE_API void rove_workers_unref(struct rove_workers *workers);

ROVE_END_DECLS

#endif
