// SPDX-License-Identifier: MIT
// sum.c: prints checksums, one line a file, as coreutils do.
#include "sum.h"

#include "device.h"
#include "progress.h"
#include "pump.h"
#include "report.h"
#include "source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_hex(char hex[SUM_HEX_LEN], const uint8_t *digest, size_t len)
{
    hex[0] = 0;
    for (size_t i = 0; i < len; i++)
        sprintf(hex + 2 * i, "%02x", digest[i]);
}

// Lets the checksum look at nothing. Its name alone: an option may say what the files come to.
static enum rove_status digest_nothing(const char *name, size_t *len_out)
{
    uint8_t digest[ROVE_DIGEST_MAX];
    struct rove_rope rope;
    struct rove_view view;
    enum rove_status status;

    rove_rope_init(&rope, NULL);
    status = rove_rope_view(&rope, 0, 0, &view);
    if (status == ROVE_OK) {
        status = rove_view_digest(&view, name, digest, sizeof digest, len_out);
        rove_view_fini(&view);
    }
    rove_rope_fini(&rope);
    return status;
}

size_t sum_hex_len(const struct spec *spec)
{
    char name[32];
    size_t len;

    snprintf(name, sizeof name, "%.*s", (int) strcspn(spec->text, ":|"), spec->text);
    if (strchr(spec->text, '|') == NULL && digest_nothing(name, &len) == ROVE_OK && len > 0)
        return 2 * len;
    report_error("-F", "\"%s\" is not one checksum; `rove filters` lists them", spec->text);
    return 0;
}

// Reads the source through the chain, and says what the checksum came to.
static enum verdict sum_source(struct source *src, struct rove_stream *chained,
                               char hex[SUM_HEX_LEN])
{
    uint8_t digest[ROVE_DIGEST_MAX];
    enum rove_status status;
    enum pump_end end;
    size_t len;

    progress_begin("summing", source_size(src));
    end = pump(src->stream, chained, src->stream, &status);
    progress_end();
    if (end == PUMP_IN_FAILED)
        return report_error(src->name, "cannot be read: %s", rove_stream_explain(src->stream));
    if (end == PUMP_DONE)
        status = rove_stream_close(chained);
    if (status == ROVE_OK)
        status = rove_stream_digest(chained, 0, digest, sizeof digest, &len);
    if (status != ROVE_OK)
        return report_error(src->name, "%s", rove_stream_explain(chained));
    print_hex(hex, digest, len);
    return source_settle(src);
}

enum verdict sum_file(const struct spec *spec, const char *path, char hex[SUM_HEX_LEN])
{
    struct rove_stream *sink = NULL, *chained = NULL;
    struct source src;
    enum rove_status status;
    enum verdict verdict;

    hex[0] = 0;
    verdict = source_open(&src, path, SOURCE_ANY);
    if (verdict != VERDICT_FINE)
        return verdict;
    status = device_nowhere(&sink);
    if (status == ROVE_OK)
        status = rove_stream_encode(sink, spec->text, NULL, &chained, NULL);
    if (status == ROVE_OK)
        verdict = sum_source(&src, chained, hex);
    else
        verdict = report_error(src.name, "cannot be summed: %s", rove_status_text(status));
    rove_stream_free(chained);
    rove_stream_free(sink);
    source_close(&src);
    return verdict;
}

// A name that would break its line is printed with escapes, and a backslash in front of the line.
static void print_line(const char *hex, const char *name)
{
    if (strpbrk(name, "\\\n\r") == NULL) {
        printf("%s  %s\n", hex, name);
        return;
    }
    printf("\\%s  ", hex);
    for (; *name != 0; name++) {
        if (*name == '\n')
            fputs("\\n", stdout);
        else if (*name == '\r')
            fputs("\\r", stdout);
        else if (*name == '\\')
            fputs("\\\\", stdout);
        else
            putchar(*name);
    }
    putchar('\n');
}

static enum verdict sum_all(const struct options *opts, const struct spec *spec)
{
    enum verdict worst = VERDICT_FINE;
    char hex[SUM_HEX_LEN];

    for (size_t i = 0; i < opts->path_cnt; i++) {
        enum verdict verdict = sum_file(spec, opts->paths[i], hex);
        if (*hex != 0)
            print_line(hex, opts->paths[i]);
        worst = verdict_worse(worst, verdict);
    }
    return worst;
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
        sum_hex_len(spec) > 0)
        status = opts->check ? sum_check(opts, spec) : sum_all(opts, spec);
    free(spec);
    return status;
}

static const struct option longs[] = {
    {"filter", required_argument, NULL, 'F'},
    {"check", no_argument, NULL, 'c'},
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
             "      --progress=WORD  bar, plain or none; auto is bar on a terminal, else none\n"
             "  -q, -v               quieter (twice: no errors either), more to read\n",
    .letters = "F:chqv",
    .longs = longs,
    .run = run_sum,
};
