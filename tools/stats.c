// SPDX-License-Identifier: MIT
// stats.c: what a job moved and cost; one line for programs, one for people.
#include "stats.h"

#include "json.h"
#include "progress.h"
#include "report.h"
#include "size.h"

#include <rove/chain.h>

#include <errno.h>
#include <fcntl.h>
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

// Where figures go, as ` key=value` or as pairs of JSON.
struct figures {
    FILE *file;
    bool json, some; // some were printed
};

static void print_key(struct figures *f, const char *key)
{
    fprintf(f->file, f->json ? "%s\"%s\": " : "%s%s=", !f->json ? " " : f->some ? ", " : "", key);
    f->some = true;
}

static void print_count(struct figures *f, const char *key, uint64_t count)
{
    print_key(f, key);
    fprintf(f->file, "%" PRIu64, count);
}

static void print_real(struct figures *f, const char *key, int digits, double value)
{
    print_key(f, key);
    fprintf(f->file, "%.*f", digits, value);
}

// What jemalloc knows of our arena; others tell nothing.
static void print_allocator(struct figures *f)
{
    struct rove_allocator_figures a;

    if (rove_allocator_measure(NULL, &a) != ROVE_OK)
        return;
    print_count(f, "allocator_active", a.active);
    print_count(f, "allocator_resident", a.resident);
    print_count(f, "allocator_mapped", a.mapped);
    print_count(f, "allocator_retained", a.retained);
}

// What the workers did so far. The thread that waits for them is not counted among them.
static void print_workers(struct rove_workers *workers, struct figures *f)
{
    struct rove_workers_figures fig;

    rove_workers_measure(workers, &fig);
    print_count(f, "workers", fig.wanted_cnt);
    print_count(f, "workers_made", fig.thread_cnt);
    print_count(f, "parts", fig.done_cnt);
    print_count(f, "parts_by_caller", fig.stolen_cnt);
    print_count(f, "parts_at_once", fig.flight_peak);
}

static void print_pool(struct rove_pool *pool, struct figures *f)
{
    struct rove_pool_figures fig;

    rove_pool_measure(pool, &fig);
    print_count(f, "pool_held", fig.held);
    print_count(f, "pool_peak", fig.held_peak);
    print_count(f, "pool_limit", fig.limit);
    print_count(f, "chunk_len", fig.chunk_len);
    print_count(f, "chunks_taken", fig.take_cnt);
    print_count(f, "chunks_slept", fig.sleep_cnt);
    print_count(f, "chunks_woken", fig.wake_cnt);
    print_count(f, "allocations", fig.alloc_cnt);
    print_key(f, "allocator");
    fprintf(f->file, f->json ? "\"%s\"" : "%s", fig.allocator);
}

// " crc32=89abcdef", one after the other, as an array.
static void print_digests(const struct stats *stats, FILE *file)
{
    const char *p = stats->digests;

    fputs(", \"digests\": [", file);
    while (*p != 0) {
        int name_len = (int) strcspn(++p, "="), len = (int) strcspn(p + name_len + 1, " ");
        fprintf(file, "%s{\"name\": \"%.*s\", \"value\": \"%.*s\"}", p == stats->digests + 1 ? "" : ", ", name_len, p,
                len, p + name_len + 1);
        p += name_len + 1 + len;
    }
    putc(']', file);
}

static void print_figures(const struct stats *stats, struct rove_pool *pool, struct rove_workers *workers,
                          struct figures *f)
{
    double seconds = (double) (stats_now_ns() - stats->start_ns) / 1e9;
    double in = (double) stats->in_len;

    print_count(f, "bytes_in", stats->in_len);
    print_count(f, "bytes_out", stats->out_len);
    print_real(f, "ratio", 4, in > 0 ? (double) stats->out_len / in : 0);
    print_real(f, "seconds", 3, seconds);
    print_real(f, "mb_per_s", 1, seconds > 0 ? in / seconds / 1e6 : 0);
    print_real(f, "tar_seconds", 3, (double) stats->tar_ns / 1e9);
    print_real(f, "edit_us", 1, (double) stats->edit_ns / 1e3);
    print_count(f, "peak_rss", stats_peak_rss());
    print_pool(pool, f);
    print_allocator(f);
    print_workers(workers, f);
}

static int print_line(const struct stats *stats, struct rove_pool *pool, struct rove_workers *workers, FILE *file)
{
    struct figures f = {.file = file, .json = stats->json};

    fputs(f.json ? "{" : "rove-stats", file);
    if (f.json) {
        json_text(file, "input", stats->in_name);
        fputs(", ", file);
        json_text(file, "output", stats->out_name);
        f.some = true;
    }
    print_figures(stats, pool, workers, &f);
    if (!f.json)
        return fprintf(file, "%s\n", stats->digests);
    print_digests(stats, file);
    return fputs("}\n", file) < 0 ? -1 : 1;
}

bool stats_hit_at(const char *path, int dir, const char *input_path)
{
    struct stat figures, input;

    if (path != NULL && stat(path, &figures) != 0 && lstat(path, &figures) == 0) {
        report_error("--stats", "%s is a link to nothing, which might become the output", path);
        return true;
    }
    if (path == NULL || stat(path, &figures) != 0 || S_ISCHR(figures.st_mode))
        return false;
    if (strcmp(input_path, "-") == 0 ? fstat(STDIN_FILENO, &input) != 0 : fstatat(dir, input_path, &input, 0) != 0)
        return false;
    if (input.st_dev != figures.st_dev || input.st_ino != figures.st_ino)
        return false;
    report_error("--stats", "%s is an input", path);
    return true;
}

bool stats_hit(const char *path, const char *const *inputs, size_t cnt)
{
    for (size_t i = 0; i < cnt; i++)
        if (stats_hit_at(path, AT_FDCWD, inputs[i]))
            return true;
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
