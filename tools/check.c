// SPDX-License-Identifier: MIT
// check.c: `rove sum -c`, which reads back the lines that `rove sum` prints.
#include "check.h"

#include "digest.h"
#include "many.h"
#include "report.h"
#include "source.h"
#include "threads.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_CNT 1024
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

// A line, taken apart.
struct line {
    char *text, *hex; // the text is owned
    enum verdict verdict;
    enum { LINE_GOOD, LINE_BAD, LINE_UNREAD } result;
};

// Lines whose files are summed at once.
struct batch {
    const struct spec *spec;
    size_t hex_len, thread_cnt;
    struct tally tally; // of the list
    size_t cnt;
    const char *names[BATCH_CNT]; // in the texts
    struct line lines[BATCH_CNT];
};

static enum verdict check_line(void *ctx, size_t i, FILE *out)
{
    static const char *const words[] = {"OK", "FAILED", "FAILED to read"};
    struct batch *b = ctx;
    struct line *line = &b->lines[i];
    char now[DIGEST_HEX_LEN];

    line->verdict = digest_file(b->spec, b->names[i], now);
    line->result = *now == 0 ? LINE_UNREAD : strcmp(line->hex, now) != 0 ? LINE_BAD : LINE_GOOD;
    report_escaped(out, b->names[i]);
    fprintf(out, ": %s\n", words[line->result]);
    return line->verdict;
}

static void check_batch(struct batch *b)
{
    struct many many = {check_line, b, b->names, b->cnt};

    (void) many_run(&many, b->thread_cnt); // the lines have the verdicts
    for (size_t i = 0; i < b->cnt; i++) {
        const struct line *line = &b->lines[i];
        b->tally.good += line->result == LINE_GOOD;
        b->tally.bad += line->result == LINE_BAD;
        b->tally.unread += line->result == LINE_UNREAD;
        b->tally.changed |= line->result != LINE_UNREAD && line->verdict == VERDICT_WARNED;
        free(line->text);
    }
    b->cnt = 0;
}

// Takes a line into the batch. text: taken.
static void add_line(struct batch *b, char *text)
{
    struct line *line = &b->lines[b->cnt];
    char *name = *text == '#' ? NULL : parse(text, b->hex_len, &line->hex);

    if (name == NULL) {
        b->tally.odd += *text != '#' && *text != 0;
        free(text);
        return;
    }
    line->text = text;
    b->names[b->cnt++] = name;
    if (b->cnt == BATCH_CNT)
        check_batch(b);
}

static bool check_lines(struct source *list, struct batch *b)
{
    struct rove_span span;
    enum rove_status status;
    char *text;

    while ((status = rove_stream_line(list->stream, '\n', LINE_LEN_MAX, &span)) == ROVE_OK) {
        text = strndup((const char *) span.ptr, span.len);
        if (text == NULL)
            break;
        text[strcspn(text, "\r\n")] = 0;
        add_line(b, text);
    }
    check_batch(b);
    if (status == ROVE_OK) {
        report_error(NULL, "out of memory");
        return false;
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

static enum verdict check_list(const char *path, struct batch *b)
{
    struct source list;
    enum verdict verdict = VERDICT_FAILED;

    if (source_open(&list, path, SOURCE_ANY) != VERDICT_FINE)
        return VERDICT_FAILED;
    b->tally = (struct tally){0};
    if (check_lines(&list, b))
        verdict = judge(list.name, &b->tally);
    source_close(&list);
    return verdict;
}

enum verdict check_sums(const struct options *opts, const struct spec *spec)
{
    struct batch *b = malloc(sizeof *b);
    enum verdict worst = VERDICT_FINE;

    if (b == NULL)
        return report_error(NULL, "out of memory");
    *b = (struct batch){
        .spec = spec, .hex_len = digest_hex_len(spec), .thread_cnt = threads_count(opts->threads)};
    for (size_t i = 0; i < opts->path_cnt; i++)
        worst = verdict_worse(worst, check_list(opts->paths[i], b));
    free(b);
    return worst;
}
