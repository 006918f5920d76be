// SPDX-License-Identifier: MIT
// check.c: `rove sum -c`, which reads back the lines that `rove sum` prints.
#include "check.h"

#include "digest.h"
#include "explain.h"
#include "json.h"
#include "many.h"
#include "report.h"
#include "source.h"
#include "threads.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define BATCH_CNT 1024
#define LINE_LEN_MAX ((size_t) 1 << 20)

struct tally {
    size_t good, bad, unread, missing, odd; // lines
    bool changed;                           // a file did while it was read
};

// A line, taken apart.
struct line {
    char *text, *hex; // the text is owned
    enum verdict verdict;
    enum { LINE_GOOD, LINE_BAD, LINE_UNREAD, LINE_MISSING } result;
};

// Lines whose files are summed at once.
struct batch {
    const struct options *opts;
    const struct spec *spec;
    char tag[DIGEST_TAG_LEN];
    size_t hex_len, thread_cnt;
    const char *list_name;
    size_t line_no;     // in the list
    enum { BLANKS_ANY, BLANKS_ONE, BLANKS_TWO } blanks; // between digits and name, as the list's first line had it
    struct tally tally; // of the list
    size_t cnt;
    const char *names[BATCH_CNT]; // in the texts
    struct line lines[BATCH_CNT];
};

// taking lines apart -----------------------------------------------------------------------------

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

// Makes the digits at text small ones. Returns what stands behind them, or NULL when they are not as many.
static char *take_hex(const struct batch *b, char *text)
{
    for (size_t i = 0; i < b->hex_len; i++) {
        if (!isxdigit((unsigned char) text[i]))
            return NULL;
        text[i] = (char) tolower((unsigned char) text[i]);
    }
    return text + b->hex_len;
}

static char *skip_blanks(char *text)
{
    return text + strspn(text, " \t");
}

// TAG (NAME) = HEX, as BSDs print it; text: behind the tag. Names may hold parentheses.
static char *parse_tagged(const struct batch *b, char *text, char **hex_out)
{
    char *name = text + (*text == ' '), *end = strrchr(text, ')'), *after;

    if (*name++ != '(' || end == NULL)
        return NULL;
    after = skip_blanks(end + 1);
    if (*after != '=')
        return NULL;
    *hex_out = skip_blanks(after + 1);
    after = take_hex(b, *hex_out);
    if (after == NULL || *after != 0)
        return NULL;
    *end = 0;
    return name;
}

// HEX, a blank, then a blank or a star, NAME; or in lists of `md5 -r` one blank alone, after which a name may begin with
// either. A list is of one kind, and its first line tells which.
static char *parse_digits(struct batch *b, char *text, char **hex_out)
{
    char *at = take_hex(b, text);
    bool two;

    if (at == NULL || (*at != ' ' && *at != '\t'))
        return NULL;
    *hex_out = text;
    *at++ = 0;
    two = (*at == ' ' || *at == '*') && at[1] != 0;
    if (b->blanks == BLANKS_ANY)
        b->blanks = two ? BLANKS_TWO : BLANKS_ONE;
    else if (b->blanks == BLANKS_TWO && !two)
        return NULL;
    return b->blanks == BLANKS_TWO ? at + 1 : at;
}

// Takes a line apart. Returns the name, or NULL.
static char *parse(struct batch *b, char *line, char **hex_out)
{
    size_t tag_len = strlen(b->tag);
    bool escaped, tagged;
    char *name;

    line = skip_blanks(line);
    escaped = *line == '\\';
    line += escaped;
    tagged = strncmp(line, b->tag, tag_len) == 0;
    if (tagged && line[tag_len] == '_') // xxhsum's mark of XXH3
        name = parse_digits(b, line + tag_len + 1, hex_out);
    else
        name = tagged ? parse_tagged(b, line + tag_len, hex_out) : parse_digits(b, line, hex_out);
    return name != NULL && *name != 0 && (!escaped || unescape(name)) ? name : NULL;
}

// checking ---------------------------------------------------------------------------------------

static bool is_missing(const char *name)
{
    struct stat st;

    return strcmp(name, "-") != 0 && stat(name, &st) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

static void print_result(FILE *out, const struct options *o, const char *name, const struct line *line)
{
    static const char *const words[] = {"OK", "FAILED", "FAILED open or read"};
    static const char *const json_words[] = {"match", "mismatch", "unread"};

    if (o->json) {
        putc('{', out);
        json_text(out, "file", name);
        fprintf(out, ", \"result\": \"%s\"}\n", json_words[line->result]);
    } else {
        report_escaped(out, name);
        fprintf(out, ": %s\n", words[line->result]);
    }
}

static enum verdict check_line(void *ctx, size_t i, FILE *out)
{
    struct batch *b = ctx;
    const struct options *o = b->opts;
    struct line *line = &b->lines[i];
    char now[DIGEST_HEX_LEN];

    line->result = LINE_MISSING;
    line->verdict = VERDICT_FINE;
    if (o->ignore_missing && is_missing(b->names[i]))
        return VERDICT_FINE;
    line->verdict = digest_file(b->spec, b->names[i], b->cnt == 1 ? b->thread_cnt : 1, now);
    line->result = *now == 0 ? LINE_UNREAD : strcmp(line->hex, now) != 0 ? LINE_BAD : LINE_GOOD;
    if (!o->status && !(o->quiet && line->result == LINE_GOOD))
        print_result(out, o, b->names[i], line);
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
        b->tally.missing += line->result == LINE_MISSING;
        b->tally.changed |= line->result <= LINE_BAD && line->verdict == VERDICT_WARNED;
        free(line->text);
    }
    b->cnt = 0;
}

// Takes a line into the batch. text: taken.
static void add_line(struct batch *b, char *text)
{
    struct line *line = &b->lines[b->cnt];
    bool counts = *text != '#' && *text != 0;
    char *name = counts ? parse(b, text, &line->hex) : NULL;

    b->line_no++;
    if (name == NULL) {
        b->tally.odd += counts;
        if (counts && b->opts->warn)
            report_warning(b->list_name, "line %zu is not of this checksum", b->line_no);
        free(text);
        return;
    }
    line->text = text;
    b->names[b->cnt++] = name;
    if (b->cnt == BATCH_CNT)
        check_batch(b);
}

// Takes the end of the line off, also one of Windows. Names hold neither: they are escaped.
static void cut_end(char *text)
{
    size_t len = strlen(text);

    len -= len > 0 && text[len - 1] == '\n';
    len -= len > 0 && text[len - 1] == '\r';
    text[len] = 0;
}

static bool check_lines(struct source *list, struct batch *b)
{
    struct rove_span span;
    enum rove_status status;
    char *text;

    while ((status = rove_stream_line(list->stream, '\n', LINE_LEN_MAX, &span)) == ROVE_OK && span.len < LINE_LEN_MAX) {
        text = strndup((const char *) span.ptr, span.len);
        if (text == NULL)
            break;
        cut_end(text);
        add_line(b, text);
    }
    check_batch(b);
    if (status == ROVE_OK && span.len >= LINE_LEN_MAX) {
        report_error(list->name, "line %zu is longer than any of such a list", b->line_no + 1);
        return false;
    }
    if (status == ROVE_OK) {
        report_error(NULL, "out of memory");
        return false;
    }
    if (status == ROVE_END)
        return true;
    report_error(list->name, "cannot be read: %s", explain_why(list->stream, status));
    return false;
}

static enum verdict judge(const char *name, const struct options *o, const struct tally *t)
{
    size_t lines = t->good + t->bad + t->unread + t->missing;
    enum verdict verdict = t->changed ? VERDICT_WARNED : VERDICT_FINE;

    if (lines == 0)
        return report_error(name, "holds no line of this checksum");
    if (t->odd > 0 && o->strict)
        verdict = report_error(name, "%zu lines are not of this checksum", t->odd);
    else if (t->odd > 0)
        verdict = report_warning(name, "%zu lines are not of this checksum", t->odd);
    if (t->missing == lines)
        verdict = report_error(name, "none of its %zu files is there", lines);
    if (t->bad > 0 || t->unread > 0)
        verdict = VERDICT_FAILED;
    if (t->unread > 0 && !o->status)
        report_error(name, "%zu of %zu files could not be read", t->unread, lines);
    if (t->bad > 0 && !o->status)
        report_error(name, "%zu of %zu checksums do not match", t->bad, lines);
    return verdict;
}

static enum verdict check_list(const char *path, struct batch *b)
{
    const struct options *opts = b->opts;
    struct source list;
    enum verdict verdict = VERDICT_FAILED;

    if (source_open(&list, path, SOURCE_ANY) != VERDICT_FINE)
        return VERDICT_FAILED;
    b->tally = (struct tally){0};
    b->list_name = list.name;
    b->line_no = 0;
    b->blanks = BLANKS_ANY;
    if (check_lines(&list, b))
        verdict = judge(list.name, opts, &b->tally);
    source_close(&list);
    return verdict;
}

enum verdict check_sums(const struct options *opts, const struct spec *spec)
{
    struct batch *b = malloc(sizeof *b);
    enum verdict worst = VERDICT_FINE;
    size_t cnt;
    const char *const *paths = options_paths(opts, &cnt);

    if (b == NULL)
        return report_error(NULL, "out of memory");
    *b = (struct batch){.opts = opts, .spec = spec, .hex_len = digest_hex_len(spec),
                        .thread_cnt = threads_count(opts->threads)};
    digest_tag(spec, b->tag);
    for (size_t i = 0; i < cnt; i++)
        worst = verdict_worse(worst, check_list(paths[i], b));
    free(b);
    return worst;
}
