// SPDX-License-Identifier: MIT
// cat.c: the verb cat: plain bytes of coded files, all or some of them.
#include "device.h"
#include "explain.h"
#include "follow.h"
#include "options.h"
#include "output.h"
#include "plain.h"
#include "report.h"
#include "size.h"
#include "threads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEP_LEN ((size_t) 256 << 10)

// Some of the plain bytes.
struct range {
    bool from_end;     // the last len
    uint64_t off, len; // len: UINT64_MAX for all there are
};

struct cat {
    const struct options *opts;
    struct range *ranges;
    size_t range_cnt;
    bool turns; // some range begins before another ends, or counts from the end
    struct output out;
    struct rove_stream *sink;
};

// ranges -----------------------------------------------------------------------------------------

// Reads a number up to one of the bytes in `ends`. Returns the rest of the text, or NULL.
static const char *parse_number(const char *text, const char *ends, uint64_t *number_out)
{
    size_t len = strcspn(text, ends);
    char *word = strndup(text, len);
    bool is_number = word != NULL && size_parse_any(word, number_out);

    free(word);
    return is_number ? text + len : NULL;
}

// OFF:LEN, OFF: or -LEN. Returns the rest of the text, or NULL.
static const char *parse_range(const char *text, struct range *range)
{
    *range = (struct range){.len = UINT64_MAX};
    if (*text == '-') {
        range->from_end = true;
        return parse_number(text + 1, ",", &range->len);
    }
    text = parse_number(text, ":,", &range->off);
    if (text == NULL || *text++ != ':')
        return NULL;
    return *text == 0 || *text == ',' ? text : parse_number(text, ",", &range->len);
}

static bool parse_ranges(struct cat *cat, const char *text)
{
    const char *all = text;
    uint64_t end = 0;
    size_t cap = 1;

    for (const char *p = text; *p != 0; p++)
        cap += *p == ',';
    cat->ranges = calloc(cap, sizeof *cat->ranges);
    if (cat->ranges == NULL)
        return report_error(NULL, "out of memory") == VERDICT_FINE;
    for (;;) {
        struct range *r = &cat->ranges[cat->range_cnt++];
        text = parse_range(text, r);
        if (text == NULL) {
            report_error("--range", "\"%s\" is not OFFSET:LENGTH, OFFSET: or -LENGTH, or several with commas", all);
            return false;
        }
        if (r->off > INT64_MAX) {
            report_error("--range", "\"%s\" has a range that begins past 2^63 - 1, where no file has bytes", all);
            return false;
        }
        cat->turns |= r->from_end || r->off < end;
        end = r->len > UINT64_MAX - r->off ? UINT64_MAX : r->off + r->len;
        if (*text++ == 0)
            return true;
    }
}

// copying ----------------------------------------------------------------------------------------

static enum verdict blame_sink(const struct cat *cat, enum rove_status status)
{
    explain(cat->out.name, cat->sink, status);
    return VERDICT_FAILED;
}

// Copies from the cursor on. done_out: how many bytes there were.
static enum verdict copy_bytes(struct cat *cat, struct plain *p, uint64_t len, uint64_t *done_out)
{
    enum rove_status got = ROVE_OK, put;
    uint8_t *room;
    size_t room_len, n;

    for (*done_out = 0; got == ROVE_OK && *done_out < len; *done_out += n) {
        uint64_t left = len - *done_out;
        put = rove_stream_reserve(cat->sink, STEP_LEN, &room, &room_len);
        if (put != ROVE_OK)
            return blame_sink(cat, put);
        got = plain_read(p, room, room_len < left ? room_len : (size_t) left, &n);
        put = rove_stream_commit(cat->sink, n);
        if (put != ROVE_OK)
            return blame_sink(cat, put);
    }
    return got == ROVE_OK || got == ROVE_END ? VERDICT_FINE : plain_blame(p, got);
}

static enum verdict copy_range(struct cat *cat, struct plain *p, const struct range *range)
{
    uint64_t off = range->off, size = 0, done;
    enum rove_status status = range->from_end ? plain_size(p, &size) : ROVE_OK;
    enum verdict verdict;

    if (range->from_end)
        off = size > range->len ? size - range->len : 0;
    if (status == ROVE_OK)
        status = plain_seek(p, off);
    if (status != ROVE_OK)
        return plain_blame(p, status);
    verdict = copy_bytes(cat, p, range->len, &done);
    if (verdict != VERDICT_FINE || done > 0 || range->len == 0)
        return verdict;
    // In order the cursor stops at the end; elsewhere that can be asked for at no cost.
    status = plain_seeks(p) ? plain_size(p, &size) : rove_stream_tell(p->stream, &size);
    if (status == ROVE_OK && size < off)
        return report_warning(p->src.name, "has %ju plain bytes, so there are none from %ju on", (uintmax_t) size,
                              (uintmax_t) off);
    return VERDICT_FINE;
}

static enum verdict copy_ranges(struct cat *cat, struct rove_workers *workers, const char *path)
{
    struct plain p;
    unsigned flags = (cat->turns ? PLAIN_ANYWHERE : 0) | (cat->opts->force ? PLAIN_UNCODED : 0);
    enum verdict verdict = plain_open(&p, cat->opts, workers, path, flags);

    if (verdict != VERDICT_FINE)
        return verdict;
    if (output_is_file(&cat->out, &p.src.st)) // which would grow by what is read
        verdict = report_error(cat->out.name, "is the input itself");
    for (size_t i = 0; i < cat->range_cnt && verdict != VERDICT_FAILED; i++)
        verdict = verdict_worse(verdict, copy_range(cat, &p, &cat->ranges[i]));
    verdict = verdict_worse(verdict, plain_settle(&p));
    plain_close(&p);
    return verdict;
}

// the verb ---------------------------------------------------------------------------------------

static enum verdict open_sink(struct cat *cat)
{
    enum rove_status status;

    if (!output_check(&cat->out, NULL, 0) || !output_open(&cat->out))
        return VERDICT_FAILED;
    status = device_stream(cat->out.fd, false, NULL, &cat->sink);
    if (status != ROVE_OK)
        return report_error(cat->out.name, "cannot be written: %s", rove_status_text(status));
    return VERDICT_FINE;
}

static enum verdict copy_all(struct cat *cat, struct rove_workers *workers)
{
    size_t cnt;
    const char *const *paths = options_paths(cat->opts, &cnt);
    enum verdict worst = open_sink(cat);
    enum rove_status status = ROVE_OK;

    if (worst != VERDICT_FINE)
        return worst;
    for (size_t i = 0; i < cnt && status == ROVE_OK; i++) {
        worst = verdict_worse(worst, copy_ranges(cat, workers, paths[i]));
        status = rove_stream_error(cat->sink);
    }
    if (status == ROVE_OK) { // else it was reported
        status = rove_stream_flush(cat->sink);
        if (status != ROVE_OK)
            worst = blame_sink(cat, status);
    }
    rove_stream_free(cat->sink);
    return worst;
}

// All of it is what `rove decompress -c` gives, which checks all there is to check.
static enum verdict copy_whole(const struct options *opts)
{
    struct options whole = *opts;

    whole.to_stdout = true;
    return verb_decompress.run(&whole);
}

static enum verdict run_cat(const struct options *opts)
{
    struct cat cat = {.opts = opts};
    struct threads threads;
    enum verdict verdict = VERDICT_FAILED;

    if (opts->index != NULL && opts->range == NULL)
        return options_misuse("cat", "--index is for --range");
    if (opts->index != NULL && opts->path_cnt != 1)
        return options_misuse("cat", "--index is of one file");
    if (opts->follow && (opts->path_cnt > 1 || opts->range != NULL))
        return options_misuse("cat", "--follow is for all of one file");
    if (opts->follow)
        return follow_file(opts, opts->path_cnt > 0 ? opts->paths[0] : "-");
    if (opts->range == NULL)
        return copy_whole(opts);
    if (parse_ranges(&cat, opts->range)) {
        threads_init(&threads, opts->threads, 1);
        verdict = copy_all(&cat, threads.workers);
        threads_tell(&threads, opts->spec);
        threads_fini(&threads);
    }
    free(cat.ranges);
    return verdict;
}

static const struct option longs[] = {
    {"filter", required_argument, NULL, 'F'},
    {"range", required_argument, NULL, OPT_RANGE},
    {"index", required_argument, NULL, OPT_INDEX},
    {"follow", no_argument, NULL, OPT_FOLLOW},
    {"force", no_argument, NULL, 'f'},
    {"memlimit", required_argument, NULL, 'M'},
    {"threads", required_argument, NULL, 'T'},
    {"max-output", required_argument, NULL, OPT_MAX_OUTPUT},
    {"max-ratio", required_argument, NULL, OPT_MAX_RATIO},
    {"progress", required_argument, NULL, OPT_PROGRESS},
    {"quiet", no_argument, NULL, 'q'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

const struct verb verb_cat = {
    .name = "cat",
    .usage = "usage: rove cat [OPTION...] [FILE...]\n"
             "\n"
             "Decodes each FILE, or standard input, to standard output: all of it, or the ranges of\n"
             "plain bytes that are asked for. An index beside FILE is used (see `rove index`), and\n"
             "what the data tell of themselves; else what comes before a range is decoded, too.\n"
             "\n"
             "      --range LIST     OFFSET:LENGTH, or OFFSET: up to the end, or -LENGTH for the\n"
             "                       last bytes; several with commas, in the order of the list\n"
             "      --index IDX      read by this index, and not by one that lies beside FILE\n"
             "      --follow         go on as FILE grows, until it is another file or a signal ends it\n"
             "  -F, --filter SPEC    the filters; without it the first bytes tell\n"
             "  -f, --force          give what is not coded as it is; read from a terminal\n"
             OPTIONS_LIMITS
             OPTIONS_THREADS OPTIONS_PROGRESS
             OPTIONS_LOUDNESS,
    .letters = "F:M:T:fhqv",
    .longs = longs,
    .run = run_cat,
};
