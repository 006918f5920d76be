// SPDX-License-Identifier: MIT
// check.c: `rove sum -c`, which reads back the lines that `rove sum` prints.
#include "check.h"

#include "digest.h"
#include "report.h"
#include "source.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_LEN_MAX ((size_t) 1 << 20)

struct tally {
    size_t good, bad, unread, odd; // lines
    bool changed;                  // a file did while it was read
};

// Undoes the escapes of a name, in place. Returns whether they were proper ones.
static bool unescape(char *name)
{
    char *to = name;

    for (const char *from = name; *from != 0; from++) {
        if (*from == '\\') {
            from++;
            if (*from != 'n' && *from != 'r' && *from != '\\')
                return false;
            *to++ = (char) (*from == 'n' ? '\n' : *from == 'r' ? '\r' : '\\');
        } else {
            *to++ = *from;
        }
    }
    *to = 0;
    return true;
}

// Takes a line apart: [\]HEX, a blank, a blank or a star, NAME. Returns the name, or NULL.
static char *parse(char *line, size_t hex_len, char **hex_out)
{
    bool escaped = *line == '\\';
    char *name;

    *hex_out = line += escaped;
    for (size_t i = 0; i < hex_len; i++) {
        if (!isxdigit((unsigned char) line[i]))
            return NULL;
        line[i] = (char) tolower((unsigned char) line[i]);
    }
    if (line[hex_len] != ' ' || (line[hex_len + 1] != ' ' && line[hex_len + 1] != '*'))
        return NULL;
    line[hex_len] = 0;
    name = line + hex_len + 2;
    return *name != 0 && (!escaped || unescape(name)) ? name : NULL;
}

static void check_line(const struct spec *spec, char *line, size_t hex_len, struct tally *tally)
{
    char *hex, now[DIGEST_HEX_LEN];
    char *name = *line == '#' ? NULL : parse(line, hex_len, &hex);
    const char *word;
    enum verdict verdict;

    if (name == NULL) {
        tally->odd += *line != '#' && *line != 0;
        return;
    }
    verdict = digest_file(spec, name, now);
    tally->changed |= *now != 0 && verdict == VERDICT_WARNED;
    if (*now == 0) {
        tally->unread++;
        word = "FAILED to read";
    } else if (strcmp(hex, now) != 0) {
        tally->bad++;
        word = "FAILED";
    } else {
        tally->good++;
        word = "OK";
    }
    report_escaped(stdout, name);
    printf(": %s\n", word);
}

static bool check_lines(struct source *list, const struct spec *spec, size_t hex_len,
                        struct tally *tally)
{
    struct rove_span span;
    enum rove_status status;

    while ((status = rove_stream_line(list->stream, '\n', LINE_LEN_MAX, &span)) == ROVE_OK) {
        char *line = strndup((const char *) span.ptr, span.len);
        if (line == NULL) {
            report_error(NULL, "out of memory");
            return false;
        }
        line[strcspn(line, "\r\n")] = 0;
        check_line(spec, line, hex_len, tally);
        free(line);
    }
    if (status == ROVE_END)
        return true;
    report_error(list->name, "cannot be read: %s", rove_stream_explain(list->stream));
    return false;
}

static enum verdict judge(const char *name, const struct tally *t)
{
    size_t lines = t->good + t->bad + t->unread;

    if (lines == 0)
        return report_error(name, "holds no line of this checksum");
    if (t->odd > 0)
        report_warning(name, "%zu lines are not of this checksum", t->odd);
    if (t->unread > 0)
        report_error(name, "%zu of %zu files could not be read", t->unread, lines);
    if (t->bad > 0)
        report_error(name, "%zu of %zu checksums do not match", t->bad, lines);
    if (t->bad > 0 || t->unread > 0)
        return VERDICT_FAILED;
    return t->odd > 0 || t->changed ? VERDICT_WARNED : VERDICT_FINE;
}

enum verdict check_sums(const struct options *opts, const struct spec *spec)
{
    size_t hex_len = digest_hex_len(spec);
    enum verdict worst = VERDICT_FINE;

    for (size_t i = 0; i < opts->path_cnt; i++) {
        struct tally tally = {0};
        struct source list;
        if (source_open(&list, opts->paths[i], SOURCE_ANY) != VERDICT_FINE) {
            worst = VERDICT_FAILED;
            continue;
        }
        if (check_lines(&list, spec, hex_len, &tally))
            worst = verdict_worse(worst, judge(list.name, &tally));
        else
            worst = VERDICT_FAILED;
        source_close(&list);
    }
    return worst;
}
