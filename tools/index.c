// SPDX-License-Identifier: MIT
// index.c: the verb index: files that tell where decoding can begin, in the formats of other tools.
#include "device.h"
#include "explain.h"
#include "options.h"
#include "output.h"
#include "plain.h"
#include "report.h"
#include "size.h"
#include "threads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

// What a format's index is written as.
static const struct kind {
    const char *format, *as, *suffix; // as: for rove_index_save(); NULL: there is none
} kinds[] = {
    {"bgzf", "gzi", ".gzi"},         {"bgzf", "gzidx", ".gzidx"}, {"gzip", "gzidx", ".gzidx"}, {"zstd", "zstd", ".seek"},
    {"zlib", NULL, NULL},            {"deflate", NULL, NULL},      {"lz4", NULL, NULL},
};

struct making {
    const struct options *opts;
    struct rove_workers *workers;
    struct plain of;
    const struct kind *kind;
    struct output out;
    char *name; // made up, or NULL
    struct rove_index *index;
};

// what to write ----------------------------------------------------------------------------------

static bool ends_with(const char *name, const char *suffix)
{
    size_t len = strlen(name), cut = strlen(suffix);

    return len > cut && strcasecmp(name + len - cut, suffix) == 0;
}

// The first of the format's kinds, or the one that the output's suffix names. NULL: nothing is known of the format.
static const struct kind *kind_of(const char *format, const char *out)
{
    const struct kind *found = NULL;

    for (size_t i = 0; format != NULL && i < sizeof kinds / sizeof *kinds; i++) {
        const struct kind *k = &kinds[i];
        if (strcmp(k->format, format) == 0 &&
            (found == NULL || (out != NULL && k->suffix != NULL && ends_with(out, k->suffix))))
            found = k;
    }
    return found;
}

// Says why no file is needed, where none is. Returns NULL where one is.
static const char *needless(const struct making *m)
{
    struct plain seen;
    const char *why = NULL;
    enum verdict verdict;

    if (strcmp(m->kind->format, "lz4") != 0 && strcmp(m->kind->format, "zstd") != 0)
        return NULL;
    verdict = plain_open(&seen, m->opts, NULL, m->of.src.path, PLAIN_INSIDE);
    if (verdict != VERDICT_FINE)
        return NULL;
    if (seen.way == PLAIN_TABLE)
        why = "needs no index file: it holds a table";
    else if (seen.way == PLAIN_BLOCKS)
        why = "needs no index file: its headers tell where all lies";
    plain_close(&seen);
    return why;
}

static enum verdict choose_output(struct making *m)
{
    const struct options *o = m->opts;
    unsigned flags = (o->force ? OUTPUT_FORCE : 0) | (o->no_sync ? OUTPUT_NO_SYNC : 0) | OUTPUT_CODED | OUTPUT_ASK;

    if (o->out == NULL && m->of.src.path == NULL)
        return report_error(m->of.src.name, "has no name: name the output with -o");
    if (o->out == NULL && asprintf(&m->name, "%s%s", m->of.src.path, m->kind->suffix) < 0) {
        m->name = NULL;
        return report_error(NULL, "out of memory");
    }
    if (!output_check(&m->out, m->name != NULL ? m->name : o->out, flags | (m->name != NULL ? OUTPUT_MADE_UP : 0)))
        return VERDICT_FAILED;
    if (output_is_file(&m->out, &m->of.src.st))
        return report_error(m->out.name, "is the input itself");
    return VERDICT_FINE;
}

// making and writing it --------------------------------------------------------------------------

static enum verdict make(struct making *m)
{
    struct plain *of = &m->of;
    enum rove_status status = rove_index_make(of->src.stream, of->spec->text, &of->limits, m->opts->every, &m->index);

    if (status == ROVE_E_TRAILING)
        plain_trails(of);
    else if (status == ROVE_E_UNSUPPORTED)
        return report_error(of->src.name, "has no places to begin at, so it gets no index");
    else if (status != ROVE_OK)
        return plain_blame(of, status);
    return VERDICT_FINE;
}

static bool save(struct making *m)
{
    struct rove_stream *sink;
    enum rove_status status = device_stream(m->out.fd, false, NULL, &sink);

    if (status != ROVE_OK) {
        report_error(m->out.name, "cannot be written: %s", rove_status_text(status));
        return false;
    }
    status = rove_index_save(m->index, m->of.src.stream, m->kind->as, sink);
    if (status == ROVE_OK)
        status = rove_stream_flush(sink);
    if (status == ROVE_E_UNSUPPORTED)
        report_error(m->of.src.name, "its index cannot be written as %s", m->kind->as);
    else if (status != ROVE_OK)
        explain(m->out.name, sink, status);
    rove_stream_free(sink);
    return status == ROVE_OK;
}

// An index of gzip holds some of the content: it is for those who may read the file.
static enum verdict write_output(struct making *m)
{
    bool copies = m->out.path != NULL && m->of.src.path != NULL;

    if (output_open(&m->out) && save(m))
        return output_keep(&m->out, copies ? &m->of.src.st : NULL, m->of.src.fd);
    output_drop(&m->out);
    return VERDICT_FAILED;
}

static void tell(const struct making *m)
{
    struct rove_index_figures fig = {.size = sizeof fig};
    char plain[SIZE_TEXT_LEN];

    rove_index_measure(m->index, &fig);
    report_notice(m->out.name, "%ju points in %s", (uintmax_t) fig.point_cnt, size_print(fig.plain_len, plain));
}

static enum verdict index_opened(struct making *m)
{
    const struct options *o = m->opts;
    const char *name = m->of.src.name, *why;
    enum verdict verdict;

    if (!m->of.seekable)
        return report_error(name, "is no regular file, which is what an index can be of");
    m->kind = kind_of(m->of.format.name, o->out);
    if (m->kind == NULL)
        return report_error(name, "there is no index for what it holds");
    why = m->of.src.path != NULL && (o->out == NULL || m->kind->as == NULL) ? needless(m) : NULL;
    if (why != NULL && o->out == NULL) {
        (void) report_warning(name, "%s", why); // all is done
        return VERDICT_FINE;
    }
    if (m->kind->as == NULL)
        return report_error(name, "there is no file format for an index of %s", m->kind->format);
    verdict = choose_output(m);
    if (verdict == VERDICT_FINE)
        verdict = make(m);
    if (verdict == VERDICT_FINE)
        verdict = write_output(m);
    if (verdict != VERDICT_FAILED)
        tell(m);
    return verdict;
}

static enum verdict index_path(const struct options *opts, struct rove_workers *workers, const char *path)
{
    struct making m = {.opts = opts, .workers = workers, .out = {.fd = -1, .given = -1}};
    enum verdict verdict = plain_open(&m.of, opts, workers, path, PLAIN_BARE);

    if (verdict != VERDICT_FINE)
        return verdict;
    verdict = verdict_worse(index_opened(&m), plain_settle(&m.of));
    rove_index_unref(m.index);
    plain_close(&m.of);
    free(m.name);
    return verdict;
}

// the verb ---------------------------------------------------------------------------------------

static enum verdict run_index(const struct options *opts)
{
    struct threads threads;
    enum verdict worst = VERDICT_FINE;

    if (opts->path_cnt == 0)
        return options_misuse("index", "name at least one file");
    if (opts->out != NULL && opts->path_cnt > 1)
        return options_misuse("index", "-o names one output, and there is more than one input");
    threads_init(&threads, opts->threads, 1);
    for (size_t i = 0; i < opts->path_cnt; i++)
        worst = verdict_worse(worst, index_path(opts, threads.workers, opts->paths[i]));
    threads_fini(&threads);
    return worst;
}

static const struct option longs[] = {
    {"filter", required_argument, NULL, 'F'},
    {"output", required_argument, NULL, 'o'},
    {"every", required_argument, NULL, OPT_EVERY},
    {"force", no_argument, NULL, 'f'},
    {"memlimit", required_argument, NULL, 'M'},
    {"threads", required_argument, NULL, 'T'},
    {"max-output", required_argument, NULL, OPT_MAX_OUTPUT},
    {"max-ratio", required_argument, NULL, OPT_MAX_RATIO},
    {"no-sync", no_argument, NULL, OPT_NO_SYNC},
    {"quiet", no_argument, NULL, 'q'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

const struct verb verb_index = {
    .name = "index",
    .usage = "usage: rove index [OPTION...] FILE...\n"
             "\n"
             "Makes an index beside each coded FILE, by which cat, list and get read it anywhere:\n"
             "FILE.gzi of bgzf, as bgzip has it; FILE.gzidx of other gzip, as indexed_gzip has it;\n"
             "FILE.seek of zstd, its table of frames, which may also be put at the end of FILE.\n"
             "Where the data tell enough of themselves, that is said, and no file is made.\n"
             "\n"
             "  -o, --output IDX     write to IDX; its suffix, .gzi or .gzidx, chooses for bgzf\n"
             "      --every SIZE     at least so many plain bytes from point to point (default 4M)\n"
             "  -F, --filter SPEC    the filter; without it the first bytes tell\n"
             "  -f, --force          overwrite files; an index to a terminal\n"
             OPTIONS_LIMITS OPTIONS_THREADS OPTIONS_NO_SYNC OPTIONS_LOUDNESS,
    .letters = "F:M:T:fho:qv",
    .longs = longs,
    .run = run_index,
};
