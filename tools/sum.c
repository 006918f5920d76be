// SPDX-License-Identifier: MIT
// sum.c: prints checksums, one line a file, as coreutils do.
#include "check.h"
#include "digest.h"
#include "many.h"
#include "report.h"
#include "threads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A name that would break its line is printed with escapes, and a backslash in front of the line.
static void print_line(FILE *out, const char *hex, const char *name)
{
    if (strpbrk(name, "\\\n\r") == NULL) {
        fprintf(out, "%s  %s\n", hex, name);
        return;
    }
    fprintf(out, "\\%s  ", hex);
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
    putc('\n', out);
}

struct sums {
    const struct options *opts;
    const struct spec *spec;
};

static enum verdict sum_path(void *ctx, size_t i, FILE *out)
{
    const struct sums *sums = ctx;
    const char *path = sums->opts->paths[i];
    char hex[DIGEST_HEX_LEN];
    enum verdict verdict = digest_file(sums->spec, path, hex);

    if (*hex != 0)
        print_line(out, hex, path);
    return verdict;
}

static enum verdict sum_all(const struct options *opts, const struct spec *spec)
{
    struct sums sums = {opts, spec};
    struct many many = {sum_path, &sums, (const char *const *) opts->paths, opts->path_cnt};

    return many_run(&many, threads_count(opts->threads));
}

static enum verdict run_sum(const struct options *opts)
{
    struct spec *spec;
    enum verdict status = VERDICT_FAILED;

    if (opts->path_cnt == 0)
        return options_misuse("sum", "name at least one file, or - for standard input");
    spec = malloc(sizeof *spec);
    if (spec == NULL)
        return report_error(NULL, "out of memory");
    if (spec_parse(spec, opts->spec != NULL ? opts->spec : "crc32", ROVE_ENCODE, -1) &&
        digest_hex_len(spec) > 0)
        status = opts->check ? check_sums(opts, spec) : sum_all(opts, spec);
    free(spec);
    return status;
}

static const struct option longs[] = {
    {"filter", required_argument, NULL, 'F'},
    {"check", no_argument, NULL, 'c'},
    {"threads", required_argument, NULL, 'T'},
    {"progress", required_argument, NULL, OPT_PROGRESS},
    {"quiet", no_argument, NULL, 'q'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

const struct verb verb_sum = {
    .name = "sum",
    .usage = "usage: rove sum [OPTION...] FILE...\n"
             "\n"
             "Prints a checksum of each FILE, or checks those that each FILE lists. - is standard\n"
             "input. A FILE that cannot be read is named; the exit status is 1 then.\n"
             "\n"
             "  -F, --filter NAME    the checksum (default crc32; `rove filters` lists them)\n"
             "  -c, --check          FILE holds lines as this verb prints them: check them\n"
             "  -T, --threads N      files that are summed at once; 0, the default: one for each CPU\n"
             OPTIONS_PROGRESS OPTIONS_LOUDNESS,
    .letters = "F:T:chqv",
    .longs = longs,
    .run = run_sum,
};
