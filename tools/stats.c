// SPDX-License-Identifier: MIT
// stats.c: what a job moved and cost; one line for programs, one for people.
#include "stats.h"

#include "progress.h"
#include "report.h"
#include "size.h"

#include <rove/chain.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

uint64_t stats_now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t) t.tv_sec * 1000000000u + (uint64_t) t.tv_nsec;
}

void stats_start(struct stats *stats)
{
    *stats = (struct stats){.start_ns = stats_now_ns()};
}

static void add_digest(struct stats *stats, const char *name, int name_len, const uint8_t *digest,
                       size_t len)
{
    size_t used = strlen(stats->digests);

    if (used + 2 + (size_t) name_len + 2 * len + 1 > sizeof stats->digests)
        return;
    used += (size_t) sprintf(stats->digests + used, " %.*s=", name_len, name);
    for (size_t i = 0; i < len; i++)
        used += (size_t) sprintf(stats->digests + used, "%02x", digest[i]);
}

void stats_take_digests(struct stats *stats, struct rove_stream *chained, const char *spec)
{
    uint8_t digest[ROVE_DIGEST_MAX];
    size_t len;

    for (size_t layer = 0; *spec != 0; layer++) {
        if (rove_stream_digest(chained, layer, digest, sizeof digest, &len) == ROVE_OK)
            add_digest(stats, spec, (int) strcspn(spec, ":|"), digest, len);
        spec += strcspn(spec, "|");
        spec += *spec == '|';
    }
}

uint64_t stats_peak_rss(void)
{
    struct rusage usage;

    return getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t) usage.ru_maxrss << 10 : 0;
}

// What jemalloc knows of our arena; others tell nothing.
static void print_allocator(FILE *file)
{
    struct rove_allocator_figures a;

    if (rove_allocator_measure(NULL, &a) == ROVE_OK)
        fprintf(file,
                " allocator_active=%" PRIu64 " allocator_resident=%" PRIu64
                " allocator_mapped=%" PRIu64 " allocator_retained=%" PRIu64,
                a.active, a.resident, a.mapped, a.retained);
}

// What the workers did so far. The thread that waits for them is not counted among them.
static void print_workers(struct rove_workers *workers, FILE *file)
{
    struct rove_workers_figures fig;

    rove_workers_measure(workers, &fig);
    fprintf(file,
            " workers=%" PRIu64 " workers_made=%" PRIu64 " parts=%" PRIu64 " parts_by_caller=%" PRIu64
            " parts_at_once=%" PRIu64,
            fig.wanted_cnt, fig.thread_cnt, fig.done_cnt, fig.stolen_cnt, fig.flight_peak);
}

static void print_pool(struct rove_pool *pool, FILE *file)
{
    struct rove_pool_figures fig;

    rove_pool_measure(pool, &fig);
    fprintf(file,
            " pool_held=%" PRIu64 " pool_peak=%" PRIu64 " pool_limit=%" PRIu64 " chunk_len=%" PRIu64
            " chunks_taken=%" PRIu64 " chunks_slept=%" PRIu64 " chunks_woken=%" PRIu64
            " allocations=%" PRIu64 " allocator=%s",
            fig.held, fig.held_peak, fig.limit, fig.chunk_len, fig.take_cnt, fig.sleep_cnt,
            fig.wake_cnt, fig.alloc_cnt, fig.allocator);
}

static int print_line(const struct stats *stats, struct rove_pool *pool, struct rove_workers *workers,
                      FILE *file)
{
    double seconds = (double) (stats_now_ns() - stats->start_ns) / 1e9;
    double in = (double) stats->in_len;

    fprintf(file,
            "rove-stats bytes_in=%" PRIu64 " bytes_out=%" PRIu64 " ratio=%.4f seconds=%.3f"
            " mb_per_s=%.1f tar_seconds=%.3f edit_us=%.1f peak_rss=%" PRIu64,
            stats->in_len, stats->out_len, in > 0 ? (double) stats->out_len / in : 0, seconds,
            seconds > 0 ? in / seconds / 1e6 : 0, (double) stats->tar_ns / 1e9,
            (double) stats->edit_ns / 1e3, stats_peak_rss());
    print_pool(pool, file);
    print_allocator(file);
    print_workers(workers, file);
    return fprintf(file, "%s\n", stats->digests);
}

bool stats_hit(const char *path, const char *const *inputs, size_t cnt)
{
    struct stat figures, input;

    if (path != NULL && stat(path, &figures) != 0 && lstat(path, &figures) == 0) {
        report_error("--stats", "%s is a link to nothing, which might become the output", path);
        return true;
    }
    if (path == NULL || stat(path, &figures) != 0 || S_ISCHR(figures.st_mode))
        return false;
    for (size_t i = 0; i < cnt; i++) {
        bool there = strcmp(inputs[i], "-") == 0 ? fstat(STDIN_FILENO, &input) == 0
                                                 : stat(inputs[i], &input) == 0;
        if (there && input.st_dev == figures.st_dev && input.st_ino == figures.st_ino) {
            report_error("--stats", "%s is an input", path);
            return true;
        }
    }
    return false;
}

bool stats_print(const struct stats *stats, struct rove_pool *pool, struct rove_workers *workers,
                 const char *path)
{
    FILE *file = path != NULL ? fopen(path, "ae") : stderr;
    bool ok = file != NULL;

    progress_hide();
    if (ok)
        ok = print_line(stats, pool, workers, file) > 0;
    progress_show();
    if (file != NULL && path != NULL)
        ok = fclose(file) == 0 && ok;
    if (!ok && path != NULL)
        report_error(path, "cannot be written: %s", strerror(errno));
    return ok;
}

void stats_tell(const struct stats *stats, const char *what, const char *out_name)
{
    double seconds = (double) (stats_now_ns() - stats->start_ns) / 1e9;
    char in[SIZE_TEXT_LEN], out[SIZE_TEXT_LEN], rate[SIZE_TEXT_LEN];
    FILE *file = report_file();

    if (!progress_shown())
        return;
    fprintf(file, "%s %s into %s (%.1f %%), %s/s: ", what, size_print(stats->in_len, in),
            size_print(stats->out_len, out),
            stats->in_len > 0 ? 100.0 * (double) stats->out_len / (double) stats->in_len : 100.0,
            size_print((uint64_t) (seconds > 0 ? (double) stats->in_len / seconds : 0), rate));
    report_escaped(file, out_name);
    fprintf(file, "%s\n", stats->digests);
}
