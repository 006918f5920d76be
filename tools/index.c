// SPDX-License-Identifier: MIT
// index.c: the verb index: files that tell where decoding can begin, in the formats of other tools.
#include "explain.h"
#include "index_file.h"
#include "options.h"
#include "plain.h"
#include "report.h"
#include "threads.h"

#include <string.h>

struct making {
    const struct options *opts;
    struct rove_workers *workers;
    struct plain of;
    struct index_file file;
    struct rove_index *index;
};

// what to write ----------------------------------------------------------------------------------

// Whether the data tell enough of themselves, and no file is needed: that is said.
static bool is_needless(const struct making *m)
{
    const char *format = m->file.kind->format;
    struct plain seen;
    bool tells;

    if (m->of.src.path == NULL ||
        (strcmp(format, "lz4") != 0 && strcmp(format, "zstd") != 0 && strcmp(format, "xz") != 0) ||
        plain_open(&seen, m->opts, NULL, m->of.src.path, PLAIN_INSIDE) != VERDICT_FINE)
        return false;
    tells = seen.way == PLAIN_TABLE || seen.way == PLAIN_BLOCKS;
    if (tells)
        index_file_spare(&m->file, seen.way == PLAIN_TABLE);
    plain_close(&seen);
    return tells;
}

// making and writing it --------------------------------------------------------------------------

// A table of all frames has to be of each: of parts that are decoded at once it would have the borders alone.
static enum verdict make(struct making *m)
{
    struct plain *of = &m->of;
    bool each = strcmp(m->file.kind->as, "gzidx") != 0;
    struct rove_limits limits = of->limits;
    enum rove_status status;

    if (each)
        limits.workers = NULL;
    status = rove_index_make(of->src.stream, of->spec->text, &limits, each ? 1 : m->opts->every, &m->index);

    if (status == ROVE_E_TRAILING)
        plain_trails(of);
    else if (status == ROVE_E_UNSUPPORTED)
        return report_error(of->src.name, "it gets no index: %s", rove_index_explain());
    else if (status != ROVE_OK)
        return plain_blame(of, status);
    return VERDICT_FINE;
}

static enum verdict index_opened(struct making *m)
{
    const struct options *o = m->opts;
    const char *name = m->of.src.name;
    enum verdict verdict;

    if (!m->of.seekable)
        return report_error(name, "is no regular file, which is what an index can be of");
    m->file = (struct index_file){.opts = o,
                                  .given = o->out,
                                  .option = "-o",
                                  .of = name,
                                  .path = m->of.src.path,
                                  .out = {.fd = -1, .given = -1}};
    if (!index_file_begin(&m->file, m->of.format.name))
        return VERDICT_FAILED;
    if (o->out == NULL && is_needless(m))
        return VERDICT_FINE;
    if (!index_file_choose(&m->file))
        return VERDICT_FAILED;
    if (output_is_file(&m->file.out, &m->of.src.st))
        return report_error(m->file.out.name, "is the input itself");
    verdict = make(m);
    return verdict == VERDICT_FINE ? index_file_write(&m->file, m->index, &m->of.src) : verdict;
}

static enum verdict index_path(const struct options *opts, struct rove_workers *workers, const char *path)
{
    struct making m = {.opts = opts, .workers = workers};
    enum verdict verdict = plain_open(&m.of, opts, workers, path, PLAIN_BARE);

    if (verdict != VERDICT_FINE)
        return verdict;
    verdict = index_opened(&m);
    verdict = verdict_worse(verdict, plain_settle(&m.of));
    rove_index_unref(m.index);
    plain_close(&m.of);
    index_file_fini(&m.file);
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
