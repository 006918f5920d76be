// SPDX-License-Identifier: MIT
// code.c: the verbs compress, decompress and test, and the options that they share.
#include "files.h"
#include "job.h"
#include "many.h"
#include "options.h"
#include "report.h"
#include "spec.h"
#include "stats.h"
#include "threads.h"

#include <stdlib.h>
#include <string.h>

// For data that are to be read by an index without -F, what has places to begin at.
static const char *choose_output_spec(const struct options *opts)
{
    const char *text = spec_for_output(opts->out, "bgzf", opts->level);

    return text != NULL && opts->makes_index ? spec_in_parts(text) : text;
}

// What -F says, else what the names say: that of the output when writing; when reading, the file's
// own, but only for raw deflate data, which has no mark by which it can be told. NULL: reported.
static const char *choose_spec(const struct options *opts, enum job_mode mode, const char *path)
{
    const char *text;

    if (opts->spec != NULL)
        return opts->spec;
    if (mode != JOB_ENCODE)
        return spec_by_name(path);
    text = choose_output_spec(opts);
    return text != NULL && opts->rsyncable ? spec_rsyncable(text) : text;
}

static enum verdict code_path(const struct options *opts, enum job_mode mode,
                              struct threads *threads, const char *path)
{
    struct spec *spec = spec_new();
    const char *text = choose_spec(opts, mode, path);
    enum verdict status = VERDICT_FAILED;

    if (spec == NULL)
        report_error(NULL, "out of memory");
    else if (text != NULL && spec_parse(spec, text, mode == JOB_ENCODE ? ROVE_ENCODE : ROVE_DECODE,
                                        mode == JOB_ENCODE ? opts->level : -1))
        status = job_run(opts, mode, spec, threads, path);
    spec_free(spec);
    return status;
}

// Files to be coded, all in the same way.
struct batch {
    const struct options *opts;
    enum job_mode mode;
    const char *const *paths;
    struct threads *threads;
};

static enum verdict code_one(void *ctx, size_t i, FILE *out)
{
    const struct batch *b = ctx;

    (void) out; // nothing is written there but the coded bytes, and those of one file alone
    return code_path(b->opts, b->mode, b->threads, b->paths[i]);
}

// Tests are done many at once: they write nothing. What has an output has its threads for itself.
static enum verdict code_each(const struct options *opts, enum job_mode mode, const char *const *paths, size_t cnt)
{
    struct threads threads;
    struct batch batch = {opts, mode, paths, &threads};
    struct many many = {code_one, &batch, paths, cnt};
    bool alone = mode != JOB_TEST || opts->stats || opts->json;
    size_t own = many_threads(&many, alone ? 1 : threads_count(opts->threads));
    enum verdict worst;

    threads_init(&threads, opts->threads, own);
    worst = many_run(&many, own);
    threads_tell(&threads, opts->spec);
    threads_fini(&threads);
    return worst;
}

static enum verdict list_each(const struct options *opts, const char *const *paths, size_t cnt)
{
    struct options list = *opts;

    list.sizes = true;
    list.paths = (char **) (uintptr_t) paths;
    list.path_cnt = cnt;
    return verb_list.run(&list);
}

static enum verdict code_files(const struct options *opts, enum job_mode mode, const char *const *paths, size_t cnt)
{
    if (stats_hit(opts->stats_file, paths, cnt))
        return VERDICT_FAILED;
    return opts->list ? list_each(opts, paths, cnt) : code_each(opts, mode, paths, cnt);
}

static enum verdict code_folders(const struct options *opts, enum job_mode mode)
{
    bool coded = mode != JOB_ENCODE || opts->list;
    struct files files = {NULL, 0};
    enum verdict verdict =
        files_find(&files, (const char *const *) opts->paths, opts->path_cnt, coded, opts->suffix);

    if (verdict != VERDICT_FAILED && files.cnt > 0)
        verdict = verdict_worse(verdict, code_files(opts, mode, (const char *const *) files.paths, files.cnt));
    files_fini(&files);
    return verdict;
}

// The four share their options, since -z, -d, -t and -l choose late. What says how to write, levels and --rsyncable, may
// stand where something is read: programs give the same words for both, as in tar -I 'rove -9'. A test may be told -c, which
// it keeps to.
#define ENCODES 1u
#define DECODES 2u
#define TESTS 4u
#define LISTS 8u

struct part {
    int code;
    unsigned modes; // in which it means something
    const char *sentence;
};

static const struct part parts[] = {
    {'o', ENCODES | DECODES, "a test or a list writes nothing, so -o does not go with it"},
    {OPT_RM, ENCODES | DECODES, "a test or a list writes nothing, so --rm does not go with it"},
    {OPT_NO_SYNC, ENCODES | DECODES, "a test or a list writes nothing, so --no-sync does not go with it"},
    {OPT_INDEX, ENCODES, "--index is for what is compressed; `rove index` makes one of a file"},
    {OPT_EVERY, ENCODES, "--every is for what is compressed; `rove index` makes an index of a file"},
    {OPT_SPARSE, DECODES, "--sparse is for what is decompressed"},
    {OPT_NO_SPARSE, DECODES, "--no-sparse is for what is decompressed"},
    {OPT_STRICT, DECODES | TESTS, "--strict is for what is decompressed or tested"},
    {OPT_SALVAGE, DECODES | TESTS, "--salvage is for what is decompressed or tested"},
    {OPT_MAX_OUTPUT, DECODES | TESTS | LISTS, "--max-output is for what is decoded"},
    {OPT_MAX_RATIO, DECODES | TESTS | LISTS, "--max-ratio is for what is decoded"},
    {OPT_BLOCKS, LISTS, "--blocks is for what is listed"},
    {OPT_DATA, LISTS, "--data is for what is listed"},
    {OPT_SIZES, LISTS, "--sizes is for what is listed"},
    {OPT_STATS, ENCODES | DECODES | TESTS, "a list has no figures of --stats; --json prints it as JSON"},
    {OPT_PROGRESS, ENCODES | DECODES | TESTS, "a list shows no progress"},
};

// Returns what is wrong with an option that means nothing in this mode, or NULL.
static const char *find_misfit(const struct options *opts, enum job_mode mode)
{
    static const unsigned bits[] = {[JOB_ENCODE] = ENCODES, [JOB_DECODE] = DECODES, [JOB_TEST] = TESTS};
    unsigned bit = opts->list ? LISTS : bits[mode];

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (opts->given[parts[i].code] && (parts[i].modes & bit) == 0)
            return parts[i].sentence;
    return NULL;
}

static enum verdict code_all(const struct options *opts, const char *verb, enum job_mode mode)
{
    const char *misfit;
    const char *const *paths;
    size_t cnt;

    if (opts->encode || opts->decode || opts->test)
        mode = opts->encode ? JOB_ENCODE : opts->decode ? JOB_DECODE : JOB_TEST;
    misfit = find_misfit(opts, mode);
    if (misfit != NULL)
        return options_misuse(verb, misfit);
    if (opts->every > 0 && !opts->makes_index)
        return options_misuse(verb, "--every wants --index");
    if (opts->out != NULL && (opts->path_cnt > 1 || opts->recursive))
        return options_misuse(verb, "-o names one output, and there is more than one input");
    if (opts->strict && opts->salvage)
        return options_misuse(verb, "--strict and --salvage contradict each other");
    if (opts->index != NULL && (opts->path_cnt > 1 || opts->recursive))
        return options_misuse(verb, "--index names one file, and there is more than one input");
    if (opts->recursive && opts->path_cnt == 0)
        return options_misuse(verb, "-r wants to be told a folder");
    if (opts->rsyncable && opts->spec != NULL)
        return options_misuse(verb, "--rsyncable is for what the suffix chooses; with -F write gzip:rsyncable=yes");
    if (opts->recursive)
        return code_folders(opts, mode);
    paths = options_paths(opts, &cnt);
    return code_files(opts, mode, paths, cnt);
}

static enum verdict run_compress(const struct options *opts)
{
    return code_all(opts, "compress", JOB_ENCODE);
}

static enum verdict run_decompress(const struct options *opts)
{
    return code_all(opts, "decompress", JOB_DECODE);
}

static enum verdict run_test(const struct options *opts)
{
    return code_all(opts, "test", JOB_TEST);
}

#define LETTERS "F:M:S:T:cdfhklo:qrtvz"

static const struct option longs[] = {
    {"filter", required_argument, NULL, 'F'},
    {"output", required_argument, NULL, 'o'},
    {"stdout", no_argument, NULL, 'c'},
    {"compress", no_argument, NULL, 'z'},
    {"decompress", no_argument, NULL, 'd'},
    {"test", no_argument, NULL, 't'},
    {"list", no_argument, NULL, 'l'},
    {"blocks", no_argument, NULL, OPT_BLOCKS},
    {"data", no_argument, NULL, OPT_DATA},
    {"sizes", no_argument, NULL, OPT_SIZES},
    {"recursive", no_argument, NULL, 'r'},
    {"suffix", required_argument, NULL, 'S'},
    {"rsyncable", no_argument, NULL, OPT_RSYNCABLE},
    {"fast", no_argument, NULL, OPT_FAST},
    {"best", no_argument, NULL, OPT_BEST},
    {"keep", no_argument, NULL, 'k'},
    {"rm", no_argument, NULL, OPT_RM},
    {"force", no_argument, NULL, 'f'},
    {"memlimit", required_argument, NULL, 'M'},
    {"threads", required_argument, NULL, 'T'},
    {"sparse", no_argument, NULL, OPT_SPARSE},
    {"no-sparse", no_argument, NULL, OPT_NO_SPARSE},
    {"strict", no_argument, NULL, OPT_STRICT},
    {"salvage", no_argument, NULL, OPT_SALVAGE},
    {"index", optional_argument, NULL, OPT_INDEX},
    {"every", required_argument, NULL, OPT_EVERY},
    {"files-from", required_argument, NULL, OPT_FILES_FROM},
    {"null", no_argument, NULL, OPT_NULL},
    {"max-output", required_argument, NULL, OPT_MAX_OUTPUT},
    {"max-ratio", required_argument, NULL, OPT_MAX_RATIO},
    {"no-sync", no_argument, NULL, OPT_NO_SYNC},
    {"progress", required_argument, NULL, OPT_PROGRESS},
    {"stats", optional_argument, NULL, OPT_STATS},
    {"json", no_argument, NULL, OPT_JSON},
    {"quiet", no_argument, NULL, 'q'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

#define USAGE_WHERE                                                                                \
    "  -F, --filter SPEC    the filters, in the order in which bytes pass when writing,\n"         \
    "                       such as 'crc32|gzip:level=9' (see `rove filters -v`)\n"                \
    "  -o, --output FILE    write to FILE; - is standard output\n"                                 \
    "  -c, --stdout         write to standard output\n"                                            \
    "  -S, --suffix SUFFIX  what the names of coded files end with, beside what is known\n"         \
    "  -k, --keep           keep the input, which is the rule\n"                                  \
    "      --rm             remove the input when the output is complete\n"                       \
    "  -f, --force          overwrite files; take links, files of several names, and those that\n" \
    "                       are coded already; coded bytes to and from terminals\n"

#define USAGE_REST OPTIONS_PROGRESS OPTIONS_STATS OPTIONS_LOUDNESS
#define USAGE_WRITING OPTIONS_FILES OPTIONS_THREADS OPTIONS_NO_SYNC USAGE_REST

#define USAGE_FOLDERS                                                                              \
    "  -r, --recursive      all files in the folders that are named\n"

#define USAGE_TRUST                                                                                \
    "      --strict         bytes after the end of the coded data are an error\n"                  \
    "      --salvage        keep what comes before the damage in a damaged or cut file\n"

const struct verb verb_compress = {
    .name = "compress",
    .usage =
        "usage: rove compress [OPTION...] [FILE...]\n"
        "\n"
        "Codes each FILE into FILE.gz (or .lz4, .zst, .xz, .bz2, .zz, .deflate) beside it; - or\n"
        "nothing is standard input, which goes to standard output.\n"
        "\n" USAGE_WHERE USAGE_FOLDERS
        "      --rsyncable      .gz so that files which differ little still do when they are coded\n"
        "  -1 ... -9            the level of the outermost codec, as far as it goes\n"
        "      --fast, --best   the same as -1, as -9\n"
        "      --index[=IDX]    make an index on the way, beside the output (see `rove index`)\n"
        "      --every SIZE     at least so many plain bytes from point to point of that\n" OPTIONS_MEMORY_WRITING
            USAGE_WRITING,
    .letters = LETTERS,
    .longs = longs,
    .has_levels = true,
    .run = run_compress,
};

const struct verb verb_decompress = {
    .name = "decompress",
    .usage =
        "usage: rove decompress [OPTION...] [FILE...]\n"
        "\n"
        "Decodes each FILE into what its name is without the suffix. Without -F the format\n"
        "is told by the first bytes.\n"
        "\n" USAGE_WHERE USAGE_FOLDERS
        "      --sparse         leave runs of zeros out of standard output, too, where that is a file\n"
        "      --no-sparse      write runs of zeros out\n" USAGE_TRUST OPTIONS_LIMITS
            USAGE_WRITING,
    .letters = LETTERS,
    .longs = longs,
    .has_levels = true,
    .run = run_decompress,
};

const struct verb verb_test = {
    .name = "test",
    .usage = "usage: rove test [OPTION...] [FILE...]\n"
             "\n"
             "Decodes each FILE without writing anything, and exits with 1 when one is damaged.\n"
             "\n"
             "  -F, --filter SPEC    the filters; without it the first bytes tell\n"
             "  -f, --force          read coded bytes from a terminal\n" USAGE_FOLDERS
             "  -S, --suffix SUFFIX  what the names of coded files in folders end with, too\n" USAGE_TRUST
                 OPTIONS_LIMITS OPTIONS_FILES OPTIONS_THREADS USAGE_REST,
    .letters = LETTERS,
    .longs = longs,
    .has_levels = true,
    .run = run_test,
};
