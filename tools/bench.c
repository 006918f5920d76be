// SPDX-License-Identifier: MIT
// bench.c: the verb bench: codecs side by side on the user's own file.
//
// The file, or its beginning, is read once. Each codec then writes it into memory and reads it back, again and again for
// the time that it has, and the best turn counts: the others had to share the machine. The first turn of reading looks
// whether all came back.
#include "explain.h"
#include "json.h"
#include "options.h"
#include "plain.h"
#include "plugin.h"
#include "report.h"
#include "source.h"
#include "spec.h"
#include "stats.h"
#include "threads.h"

#include <rove/chain.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_DEFAULT ((uint64_t) 16 << 20)
#define SECONDS_DEFAULT 1
#define STEP_LEN ((size_t) 256 << 10)

struct bench {
    const struct options *opts;
    struct rove_limits limits;
    size_t thread_cnt;
    const char *name;
    uint8_t *bytes;
    size_t len;
    bool cut; // the file holds more
    uint8_t *room; // STEP_LEN bytes
    struct spec *spec;
    size_t told; // rows
};

// What a codec has come to.
struct row {
    uint64_t coded;
    uint64_t write_ns, read_ns; // the best turns
};

// the bytes --------------------------------------------------------------------------------------

// Reads until `most` bytes are there, or all.
static bool take_all(struct bench *b, struct source *src, size_t most)
{
    uint64_t size = source_size(src);
    size_t cap = size > 0 && size < most ? (size_t) size + 1 : most < STEP_LEN ? most : STEP_LEN;
    enum rove_status status = ROVE_OK;

    while (status == ROVE_OK && b->len < most) {
        uint8_t *bytes;
        size_t n;
        if (b->bytes != NULL)
            cap = cap < most / 2 ? 2 * cap : most;
        bytes = realloc(b->bytes, cap);
        if (bytes == NULL)
            return report_error(NULL, "out of memory") == VERDICT_FINE;
        b->bytes = bytes;
        status = rove_stream_read(src->stream, bytes + b->len, cap - b->len, &n);
        b->len += n;
    }
    if (status == ROVE_OK)
        status = rove_stream_read(src->stream, b->room, 1, &(size_t){0});
    b->cut = status == ROVE_OK;
    if (status != ROVE_OK && status != ROVE_END)
        return explain(src->name, src->stream, status);
    if (b->len == 0)
        report_error(src->name, "is empty, so there is nothing to measure");
    return b->len > 0;
}

static enum verdict take_file(struct bench *b, const char *path)
{
    uint64_t most = b->opts->size > 0 ? b->opts->size : SIZE_DEFAULT;
    struct source src;
    enum verdict verdict = source_open(&src, path, SOURCE_ANY);

    if (verdict != VERDICT_FINE)
        return verdict == VERDICT_WARNED ? VERDICT_FAILED : verdict;
    b->name = strcmp(path, "-") == 0 ? "standard input" : path;
    if (!take_all(b, &src, most < SIZE_MAX / 2 ? (size_t) most : SIZE_MAX / 2))
        verdict = VERDICT_FAILED;
    source_close(&src);
    return verdict;
}

// turns ------------------------------------------------------------------------------------------

static uint64_t time_limit(const struct bench *b)
{
    return (uint64_t) (b->opts->seconds >= 0 ? b->opts->seconds : SECONDS_DEFAULT) * 1000000000u;
}

// Reports why a chain cannot be made, and returns false.
static bool blame_chain(const struct bench *b, enum rove_status status, const struct rove_spec_error *error)
{
    if (status == ROVE_E_LIMIT) // the text itself has been checked before
        report_error("-F", "%s; -M allows more", error->text);
    else
        spec_report(b->spec->text, status, error);
    return false;
}

// Codes all of it into the sink, which is emptied first.
static bool write_once(const struct bench *b, struct rove_stream *sink, uint64_t *ns_out)
{
    struct rove_stream *coder = NULL;
    struct rove_spec_error error = {0};
    uint64_t start = stats_now_ns();
    enum rove_status status = rove_stream_reset(sink);
    bool ok = true;

    if (status == ROVE_OK)
        status = rove_stream_encode(sink, b->spec->text, &b->limits, &coder, &error);
    if (status != ROVE_OK)
        return blame_chain(b, status, &error);
    for (size_t at = 0, n; at < b->len && status == ROVE_OK; at += n) {
        n = b->len - at < STEP_LEN ? b->len - at : STEP_LEN;
        status = rove_stream_write(coder, b->bytes + at, n);
    }
    if (status == ROVE_OK)
        status = rove_stream_close(coder);
    *ns_out = stats_now_ns() - start;
    if (status != ROVE_OK)
        ok = explain(b->spec->text, coder, status);
    rove_stream_free(coder);
    return ok;
}

// Decodes all of it, and on demand compares it with what was coded. Reports, and returns false, when something is wrong.
static bool read_once(const struct bench *b, struct rove_stream *source, bool compares, uint64_t *ns_out)
{
    struct rove_stream *decoder = NULL;
    struct rove_spec_error error = {0};
    uint64_t start = stats_now_ns();
    enum rove_status status = rove_stream_seek(source, 0, ROVE_SET, NULL);
    size_t at = 0, n;
    bool same = true;

    if (status == ROVE_OK)
        status = rove_stream_decode(source, b->spec->text, &b->limits, &decoder, &error);
    if (status != ROVE_OK)
        return blame_chain(b, status, &error);
    while (status == ROVE_OK) {
        status = rove_stream_read(decoder, b->room, STEP_LEN, &n);
        if (compares && n > 0)
            same &= n <= b->len - at && memcmp(b->room, b->bytes + at, n) == 0;
        at += n;
    }
    *ns_out = stats_now_ns() - start;
    if (status != ROVE_END)
        same = explain(b->spec->text, decoder, status);
    else if (!same || at != b->len)
        same = report_error(b->spec->text, "what is read is not what was written") == VERDICT_FINE;
    rove_stream_free(decoder);
    return same;
}

static void keep_best(uint64_t *best, uint64_t ns)
{
    if (*best == 0 || ns < *best)
        *best = ns > 0 ? ns : 1;
}

static bool measure(const struct bench *b, struct rove_stream *memory, struct row *row)
{
    uint64_t start = stats_now_ns(), ns;

    do {
        if (!write_once(b, memory, &ns))
            return false;
        keep_best(&row->write_ns, ns);
    } while (stats_now_ns() - start < time_limit(b));
    if (rove_stream_size(memory, &row->coded) != ROVE_OK)
        return false;
    start = stats_now_ns();
    do {
        if (!read_once(b, memory, row->read_ns == 0, &ns))
            return false;
        keep_best(&row->read_ns, ns);
    } while (stats_now_ns() - start < time_limit(b));
    return true;
}

// the table --------------------------------------------------------------------------------------

// Of plain bytes, 1,000,000 of them in a second.
static double rate(const struct bench *b, uint64_t ns)
{
    return (double) b->len * 1e3 / (double) ns;
}

static void print_head(const struct bench *b)
{
    if (b->opts->json) {
        putchar('{');
        json_text(stdout, "file", b->name);
        printf(", \"plain\": %zu, \"complete\": %s, \"threads\": %zu, \"rows\": [", b->len, b->cut ? "false" : "true",
               b->thread_cnt);
        return;
    }
    report_escaped(stdout, b->name);
    printf(": %s%zu bytes, in memory; threads: %zu; MB: 1,000,000 plain bytes\n", b->cut ? "the first " : "", b->len,
           b->thread_cnt);
    puts("        coded   ratio  write MB/s   read MB/s  filter");
}

static void print_row(struct bench *b, const struct row *row)
{
    double ratio = (double) row->coded / (double) b->len;
    double in = rate(b, row->write_ns), out = rate(b, row->read_ns);
    bool first = b->told++ == 0;

    if (first && !b->opts->json)
        print_head(b);
    if (b->opts->json) {
        printf("%s\n  {", first ? "" : ",");
        json_text(stdout, "filter", b->spec->text);
        printf(", \"coded\": %" PRIu64 ", \"ratio\": %.4f, \"write_mb_per_s\": %.1f, \"read_mb_per_s\": %.1f}", row->coded,
               ratio, in, out);
    } else {
        printf("%13" PRIu64 "  %6.3f  %10.1f  %10.1f  %s\n", row->coded, ratio, in, out, b->spec->text);
    }
    fflush(stdout);
}

static enum verdict bench_spec(struct bench *b, const char *text, int level)
{
    struct rove_stream *memory = NULL;
    struct row row = {0};
    enum verdict verdict = VERDICT_FAILED;

    if (!spec_parse(b->spec, text, ROVE_ENCODE, level))
        return verdict;
    spec_lend(b->spec, &b->limits);
    if (rove_stream_new(NULL, &memory) != ROVE_OK) {
        report_error(NULL, "out of memory");
    } else if (measure(b, memory, &row)) {
        print_row(b, &row);
        verdict = VERDICT_FINE;
    }
    rove_stream_free(memory);
    spec_fini(b->spec);
    return verdict;
}

// which ones -------------------------------------------------------------------------------------

static const struct rove_option *level_of(const struct rove_filter *filter)
{
    for (const struct rove_option *o = filter->options; o != NULL && o->key != NULL; o++)
        if (strcmp(o->key, "level") == 0 && (o->kind == ROVE_OPT_UINT || o->kind == ROVE_OPT_INT))
            return o;
    return NULL;
}

// The levels that people use: the fastest, the filter's own choice, 9, and 19 of those that have it.
static enum verdict bench_levels(struct bench *b, const struct rove_filter *filter)
{
    const struct rove_option *option = level_of(filter);
    int own = option != NULL && option->fallback != NULL ? atoi(option->fallback) : 1;
    const int levels[] = {1, own, 9, 19};
    enum verdict worst = VERDICT_FINE;
    int before = 0;

    if (option == NULL)
        return bench_spec(b, filter->name, -1);
    if (b->opts->level >= 0)
        return bench_spec(b, filter->name, b->opts->level);
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        if (levels[i] <= before || (uint64_t) levels[i] > option->max)
            continue;
        worst = verdict_worse(worst, bench_spec(b, filter->name, levels[i]));
        before = levels[i];
    }
    return worst;
}

// All codecs that write and read, those of rove's plugins too, and first what copying alone costs.
static enum verdict bench_all(struct bench *b)
{
    enum verdict worst = bench_spec(b, "copy", -1);
    const struct rove_filter *filter;

    plugin_serve_all();
    for (size_t i = 0; (filter = rove_filter_at(i)) != NULL; i++)
        if (filter->dir == ROVE_ENCODE && rove_filter_find(filter->name, ROVE_DECODE) != NULL)
            worst = verdict_worse(worst, bench_levels(b, filter));
    return worst;
}

static enum verdict bench_rows(struct bench *b)
{
    const struct options *o = b->opts;
    enum verdict worst = VERDICT_FINE;

    if (o->json) // which is an object also without a row
        print_head(b);
    for (size_t i = 0; i < o->word_cnt; i++) // of -F
        worst = verdict_worse(worst, bench_spec(b, o->words[i].text, o->level));
    if (o->word_cnt == 0)
        worst = bench_all(b);
    if (o->json)
        puts("\n]}");
    return worst;
}

static enum verdict run_bench(const struct options *opts)
{
    struct bench b = {.opts = opts, .spec = spec_new(), .room = malloc(STEP_LEN)};
    struct threads threads;
    enum verdict verdict = VERDICT_FAILED;

    if (opts->path_cnt != 1) {
        options_misuse("bench", "name one file, or - for standard input");
    } else if (b.spec == NULL || b.room == NULL) {
        report_error(NULL, "out of memory");
    } else {
        verdict = take_file(&b, opts->paths[0]);
    }
    if (verdict == VERDICT_FINE) {
        threads_init(&threads, opts->threads, 1);
        b.thread_cnt = threads.cnt;
        plain_limit(&b.limits, opts, threads.workers);
        if (opts->max_memory == 0)
            b.limits.memory = MEMORY_WRITING;
        verdict = bench_rows(&b);
        threads_fini(&threads);
    }
    free(b.bytes);
    free(b.room);
    spec_free(b.spec);
    return verdict;
}

static const struct option longs[] = {
    {"filter", required_argument, NULL, 'F'},
    {"size", required_argument, NULL, OPT_SIZE},
    {"seconds", required_argument, NULL, OPT_SECONDS},
    {"threads", required_argument, NULL, 'T'},
    {"memlimit", required_argument, NULL, 'M'},
    {"json", no_argument, NULL, OPT_JSON},
    {"fast", no_argument, NULL, OPT_FAST},
    {"best", no_argument, NULL, OPT_BEST},
    {"quiet", no_argument, NULL, 'q'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

const struct verb verb_bench = {
    .name = "bench",
    .usage = "usage: rove bench [OPTION...] FILE\n"
             "\n"
             "Codes FILE in memory by each codec that is found, those of rove's plugins too, reads it\n"
             "back, and prints a table: the coded size, its ratio to the plain one, and how many\n"
             "plain bytes are written and read in a second.\n"
             "\n"
             "  -F, --filter SPEC    this one; several are compared when it is given several times\n"
             "  -1 ... -9            this level alone; else 1, the codec's own, 9 and 19\n"
             "      --fast, --best   the same as -1, as -9\n"
             "      --size SIZE      at most so much of FILE, from its start (default 16M)\n"
             "      --seconds N      for each row to write, and as many to read (default 1; 0: one\n"
             "                       turn); the best turn counts\n"
             "      --json           the table as JSON\n"
             OPTIONS_MEMORY_WRITING OPTIONS_THREADS OPTIONS_LOUDNESS,
    .letters = "F:M:T:hqv",
    .longs = longs,
    .has_levels = true,
    .run = run_bench,
};
