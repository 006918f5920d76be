// SPDX-License-Identifier: MIT
// sum.c: prints checksums, one line a file, as coreutils do.
#include "check.h"
#include "digest.h"
#include "json.h"
#include "many.h"
#include "report.h"
#include "threads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A name that would break its line is printed with escapes, and a backslash in front of the line.
static void print_name(FILE *out, const char *name)
{
    for (; *name != 0; name++) {
        if (*name == '\n')
            fputs("\\n", out);
        else if (*name == '\r')
            fputs("\\r", out);
        else if (*name == '\\')
            fputs("\\\\", out);
        else
            putc(*name, out);
    }
}

// tag: NULL for a line of the GNU kind.
static void print_line(FILE *out, const char *tag, const char *hex, const char *name)
{
    if (strpbrk(name, "\\\n\r") != NULL)
        putc('\\', out);
    if (tag != NULL)
        fprintf(out, "%s (", tag);
    else
        fprintf(out, "%s  ", hex);
    print_name(out, name);
    if (tag != NULL)
        fprintf(out, ") = %s", hex);
    putc('\n', out);
}

static void print_json(FILE *out, const struct spec *spec, const char *hex, const char *name)
{
    putc('{', out);
    json_text(out, "file", name);
    fprintf(out, ", \"algorithm\": \"%.*s\", \"digest\": \"%s\"}\n", (int) strcspn(spec->text, ":|"), spec->text, hex);
}

struct sums {
    const struct options *opts;
    const struct spec *spec;
    const char *const *paths;
    size_t cnt;
};

static enum verdict sum_path(void *ctx, size_t i, FILE *out)
{
    const struct sums *sums = ctx;
    const char *path = sums->paths[i];
    char hex[DIGEST_HEX_LEN], tag[DIGEST_TAG_LEN];
    size_t thread_cnt = sums->cnt == 1 ? threads_count(sums->opts->threads) : 1;
    enum verdict verdict = digest_file(sums->spec, path, thread_cnt, hex);

    digest_tag(sums->spec, tag);
    if (*hex != 0 && sums->opts->json)
        print_json(out, sums->spec, hex, path);
    else if (*hex != 0)
        print_line(out, sums->opts->tag ? tag : NULL, hex, path);
    return verdict;
}

static enum verdict sum_all(const struct options *opts, const struct spec *spec)
{
    size_t cnt;
    const char *const *paths = options_paths(opts, &cnt);
    struct sums sums = {opts, spec, paths, cnt};
    struct many many = {sum_path, &sums, paths, cnt};

    return many_run(&many, threads_count(opts->threads));
}

static enum verdict run_sum(const struct options *opts)
{
    struct spec *spec;
    enum verdict status = VERDICT_FAILED;

    if (opts->check && opts->tag)
        return options_misuse("sum", "--tag is for printing; -c tells from the lines how they are written");
    if (opts->json && opts->tag)
        return options_misuse("sum", "--tag and --json contradict each other");
    if (!opts->check && (opts->ignore_missing || opts->status || opts->strict || opts->warn))
        return options_misuse("sum", "--ignore-missing, --status, --strict and -w are for -c");
    spec = spec_new();
    if (spec == NULL)
        return report_error(NULL, "out of memory");
    if (spec_parse(spec, opts->spec != NULL ? opts->spec : "crc32", ROVE_ENCODE, -1) &&
        digest_hex_len(spec) > 0)
        status = opts->check ? check_sums(opts, spec) : sum_all(opts, spec);
    spec_free(spec);
    return status;
}

static const struct option longs[] = {
    {"filter", required_argument, NULL, 'F'},
    {"check", no_argument, NULL, 'c'},
    {"tag", no_argument, NULL, OPT_TAG},
    {"json", no_argument, NULL, OPT_JSON},
    {"ignore-missing", no_argument, NULL, OPT_IGNORE_MISSING},
    {"status", no_argument, NULL, OPT_STATUS},
    {"strict", no_argument, NULL, OPT_STRICT},
    {"warn", no_argument, NULL, 'w'},
    {"files-from", required_argument, NULL, OPT_FILES_FROM},
    {"null", no_argument, NULL, OPT_NULL},
    {"threads", required_argument, NULL, 'T'},
    {"progress", required_argument, NULL, OPT_PROGRESS},
    {"quiet", no_argument, NULL, 'q'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

const struct verb verb_sum = {
    .name = "sum",
    .usage = "usage: rove sum [OPTION...] [FILE...]\n"
             "\n"
             "Prints a checksum of each FILE, or checks those that each FILE lists. - or nothing is\n"
             "standard input. A FILE that cannot be read is named; the exit status is 1 then.\n"
             "\n"
             "  -F, --filter NAME    the checksum (default crc32; `rove filters` lists them)\n"
             "      --tag            lines of the BSD kind: CRC32 (FILE) = cbf43926\n"
             "      --json           an object of JSON a line\n"
             "  -c, --check          FILE holds lines as this verb, coreutils or a BSD print them:\n"
             "                       check them\n"
             "      --ignore-missing pass over files that are not there\n"
             "      --status         print nothing of what matches or not; the exit status tells\n"
             "      --strict         lines that are none of this checksum are an error\n"
             "  -w, --warn           name each of them\n"
             "  -T, --threads N      threads, one a file, or all for a single one; 0, the default: one for\n"
             "                       each CPU\n"
             OPTIONS_FILES OPTIONS_PROGRESS
             "  -q, --quiet          quieter: no line for what matches; twice: no errors either\n"
             "  -v, --verbose        more to read\n",
    .letters = "F:T:chqvw",
    .longs = longs,
    .run = run_sum,
};
