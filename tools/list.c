// SPDX-License-Identifier: MIT
// list.c: the verb list: what is in an archive, or how a file is coded.
#include "json.h"
#include "options.h"
#include "plain.h"
#include "reader.h"
#include "report.h"
#include "threads.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

struct list {
    const struct options *opts;
    struct rove_workers *workers;
    size_t told;   // files of which something was printed
    bool in_table; // the last line was one of the table of coded files
    int width;     // of an archive's owner and size, in the long form: of the widest so far
    struct {
        size_t cnt; // rows
        bool is_known;
        uint64_t coded, plain;
    } total; // of the table
};

// members ----------------------------------------------------------------------------------------

static void print_date(int64_t mtime, char text[32])
{
    time_t seconds = (time_t) mtime;
    struct tm tm;

    if (localtime_r(&seconds, &tm) == NULL || strftime(text, 32, "%Y-%m-%d %H:%M", &tm) == 0)
        snprintf(text, 32, "%jd", (intmax_t) mtime);
}

// The name of a user or a group, or where there is none the number.
static const char *owner_of(const char *name, int64_t id, char text[32])
{
    if (name != NULL && *name != 0)
        snprintf(text, 32, "%.30s", name);
    else
        snprintf(text, 32, "%jd", (intmax_t) id);
    return text;
}

// As `tar -tv` of GNU does, whose column has 18 characters and grows with what does not fit.
static void print_long(struct list *list, const struct member *m)
{
    char user[32], group[32], owner[72], size[48], date[32];

    snprintf(owner, sizeof owner, "%s/%s", owner_of(m->user, m->uid, user), owner_of(m->group, m->gid, group));
    snprintf(size, sizeof size, "%jd", (intmax_t) m->size);
    if (m->is_device)
        snprintf(size, sizeof size, "%ju,%ju", (uintmax_t) m->dev_major, (uintmax_t) m->dev_minor);
    int len = (int) strlen(owner), both = len + (int) strlen(size);
    if (both > list->width)
        list->width = both;
    print_date(m->mtime, date);
    printf("%.10s ", m->mode);
    report_escaped(stdout, owner);
    printf(" %*s %s ", list->width - len, size, date);
    report_escaped(stdout, m->name);
    if (m->link != NULL) {
        fputs(m->is_hard ? " link to " : " -> ", stdout);
        report_escaped(stdout, m->link);
    }
    putchar('\n');
}

static void print_member_json(const struct member *m, bool first)
{
    fputs(first ? "\n    {" : ",\n    {", stdout);
    json_text(stdout, "name", m->name);
    printf(", \"type\": \"%s\", \"size\": %" PRId64 ", \"mode\": \"%04" PRIo32 "\", \"mtime\": %" PRId64
           ", \"uid\": %" PRId64 ", \"gid\": %" PRId64 ", ",
           m->type, m->size, m->perm, m->mtime, m->uid, m->gid);
    json_text(stdout, "user", m->user);
    fputs(", ", stdout);
    json_text(stdout, "group", m->group);
    fputs(", ", stdout);
    json_text(stdout, "link", m->link);
    putchar('}');
}

// files ------------------------------------------------------------------------------------------

// By what it is read anywhere, or what could be made for that, of what one filter reads.
static const char *seeks_by(const struct plain *p)
{
    static const char *const words[] = {[PLAIN_ORDER] = "no",      [PLAIN_INDEX] = "index",   [PLAIN_TABLE] = "table",
                                        [PLAIN_BLOCKS] = "blocks", [PLAIN_POINTS] = "points", [PLAIN_ITSELF] = "itself"};

    bool takes = p->seekable && format_takes_points(&p->format) && strchr(p->spec->text, '|') == NULL;

    return words[p->way == PLAIN_ORDER && takes ? PLAIN_POINTS : p->way];
}

// How a file is coded.
struct coding {
    struct rove_index_figures fig; // of its index; else plain_len alone
    bool is_measured;              // there is one
    bool is_sized;                 // plain_len is known
    uint64_t coded;                // bytes; 0: nobody knows
    const char *format, *checks, *seeks;
};

static void look(const struct plain *p, struct coding *c)
{
    bool is_file = S_ISREG(p->src.st.st_mode);

    *c = (struct coding){.fig = {.size = sizeof c->fig},
                         .coded = is_file ? (uint64_t) p->src.st.st_size : 0,
                         .format = p->format.name != NULL     ? p->format.name
                                   : p->way == PLAIN_ITSELF ? "none"
                                                            : "-",
                         .checks = format_checks(&p->format),
                         .seeks = seeks_by(p),
                         .is_measured = p->index != NULL,
                         .is_sized = p->index != NULL || p->way == PLAIN_ITSELF};
    if (c->is_measured)
        rove_index_measure(p->index, &c->fig);
    else if (p->way == PLAIN_ITSELF)
        c->fig.plain_len = c->coded;
}

// Decodes all of it, where nothing else tells how much that is.
static enum rove_status size_up(struct plain *p, struct coding *c)
{
    enum rove_status status = c->is_sized ? ROVE_OK : plain_finish(p);

    if (status == ROVE_OK && !c->is_sized)
        status = rove_stream_tell(p->stream, &c->fig.plain_len);
    if (status == ROVE_OK && c->coded == 0)
        status = rove_stream_tell(p->src.stream, &c->coded);
    c->is_sized |= status == ROVE_OK;
    return status;
}

static double ratio_of(const struct coding *c)
{
    return c->fig.plain_len > 0 ? (double) c->coded / (double) c->fig.plain_len : 0;
}

static void print_number(bool known, int width, uint64_t number)
{
    if (known)
        printf("%*" PRIu64 "  ", width, number);
    else
        printf("%*s  ", width, "-");
}

static void print_columns(const struct coding *c)
{
    printf("%-7s  ", c->format);
    print_number(c->is_measured, 8, c->fig.point_cnt);
    print_number(c->coded > 0, 13, c->coded);
    print_number(c->is_sized, 13, c->fig.plain_len);
    if (ratio_of(c) > 0)
        printf("%6.3f", ratio_of(c));
    else
        printf("%6s", "-");
    printf("  %-6s  %-15s  ", c->seeks, c->checks);
}

static void print_row(struct list *list, const struct plain *p, const struct coding *c)
{
    bool dated = list->opts->verbose;
    char date[32] = "-";

    if (!list->in_table && list->told > 0)
        putchar('\n');
    if (!list->in_table)
        printf("format     points          coded          plain   ratio  seek    checks           %sname\n",
               dated ? "modified          " : "");
    list->in_table = true;
    print_columns(c);
    if (dated && S_ISREG(p->src.st.st_mode))
        print_date(p->src.st.st_mtim.tv_sec, date);
    if (dated)
        printf("%-16s  ", date);
    report_escaped(stdout, p->src.name);
    putchar('\n');
    list->total.is_known = c->is_sized && c->coded > 0 && (list->total.cnt == 0 || list->total.is_known);
    list->total.coded += c->coded;
    list->total.plain += c->fig.plain_len;
    list->total.cnt++;
}

// Of a table of several files alone.
static void print_total(const struct list *list)
{
    struct coding c = {.format = "total", .checks = "-", .seeks = "-"};

    if (!list->opts->data || list->total.cnt < 2 || !list->in_table)
        return;
    c.is_sized = list->total.is_known;
    c.coded = list->total.is_known ? list->total.coded : 0;
    c.fig.plain_len = list->total.is_known ? list->total.plain : 0;
    print_columns(&c);
    printf("%s%zu files\n", list->opts->verbose ? "-                 " : "", list->total.cnt);
}

static void print_number_json(const char *key, bool known, uint64_t number)
{
    if (known)
        printf("\"%s\": %" PRIu64 ", ", key, number);
    else
        printf("\"%s\": null, ", key);
}

// Begins an object, which ends with the key that follows.
static void print_json(struct list *list, const struct plain *p, const struct coding *c)
{
    fputs(list->told > 0 ? ",\n  {" : "\n  {", stdout);
    json_text(stdout, "file", p->src.name);
    printf(", \"format\": \"%s\", ", c->format);
    print_number_json("points", c->is_measured, c->fig.point_cnt);
    print_number_json("coded", c->coded > 0, c->coded);
    print_number_json("plain", c->is_sized, c->fig.plain_len);
    if (ratio_of(c) > 0)
        printf("\"ratio\": %.4f, ", ratio_of(c));
    else
        fputs("\"ratio\": null, ", stdout);
    printf("\"checks\": \"%s\", \"seek\": \"%s\", ", c->checks, c->seeks);
    json_text(stdout, "index", p->index_path);
    fputs(", ", stdout);
}

// points -----------------------------------------------------------------------------------------

// A point, and the lengths of what lies from it to the next one.
static void print_point(const struct rove_point *at, const struct rove_point *next)
{
    printf("  %13" PRIu64 "  %13" PRIu64 "  %13" PRIu64 "  %13" PRIu64 "  %4" PRIu32 "  %6" PRIu32 "\n", at->coded,
           at->plain, next->coded - at->coded, next->plain - at->plain, at->bits, at->state_len);
}

static void print_point_json(const struct rove_point *at, const struct rove_point *next, bool first)
{
    printf("%s\n    {\"coded\": %" PRIu64 ", \"plain\": %" PRIu64 ", \"coded_len\": %" PRIu64 ", \"plain_len\": %" PRIu64
           ", \"bits\": %" PRIu32 ", \"state\": %" PRIu32 "}",
           first ? "" : ",", at->coded, at->plain, next->coded - at->coded, next->plain - at->plain, at->bits,
           at->state_len);
}

static enum rove_status print_points(const struct plain *p, const struct coding *c, bool json)
{
    struct rove_point at, next;
    uint64_t cnt = c->fig.point_cnt;
    enum rove_status status = cnt > 0 ? rove_index_point(p->index, 0, &at) : ROVE_OK;

    if (!json && cnt > 0)
        puts("          coded          plain      coded len      plain len  bits   state");
    for (uint64_t i = 0; i < cnt && status == ROVE_OK; i++, at = next) {
        next = (struct rove_point){.coded = c->fig.coded_len, .plain = c->fig.plain_len};
        if (i + 1 < cnt)
            status = rove_index_point(p->index, i + 1, &next);
        if (status == ROVE_OK && json)
            print_point_json(&at, &next, i == 0);
        else if (status == ROVE_OK)
            print_point(&at, &next);
    }
    return status;
}

static enum verdict list_coding(struct list *list, struct plain *p)
{
    const struct options *o = list->opts;
    enum rove_status status = ROVE_OK;
    struct coding c;

    if (p->way == PLAIN_ITSELF && !reader_built())
        return report_error(p->src.name, "is not coded, and this build has no libarchive to read archives");
    if (p->way == PLAIN_ITSELF)
        return report_error(p->src.name, "is neither coded nor an archive");
    if (o->blocks && p->index == NULL)
        return plain_blame(p, ROVE_E_UNSUPPORTED);
    if (!o->sizes && plain_sought(p) != VERDICT_FINE)
        return VERDICT_FAILED;
    look(p, &c);
    if (o->sizes)
        status = size_up(p, &c);
    if (status != ROVE_OK)
        return plain_blame(p, status);
    if (o->json)
        print_json(list, p, &c);
    else
        print_row(list, p, &c);
    list->told++;
    if (o->json)
        fputs("\"archive\": null", stdout);
    if (o->json && o->blocks)
        fputs(", \"blocks\": [", stdout);
    if (o->blocks) {
        status = print_points(p, &c, o->json);
        list->in_table = false;
    }
    if (o->json)
        fputs(o->blocks ? "], \"complete\": true}" : ", \"complete\": true}", stdout);
    return status == ROVE_OK ? VERDICT_FINE : plain_blame(p, status);
}

// archives ---------------------------------------------------------------------------------------

static void begin_members(struct list *list, const struct plain *p, const struct reader *r)
{
    struct coding c;

    if (list->opts->json) {
        look(p, &c);
        print_json(list, p, &c);
        json_text(stdout, "archive", reader_kind(r));
        fputs(", \"members\": [", stdout);
    } else if (list->opts->path_cnt > 1) {
        if (list->told > 0)
            putchar('\n');
        report_escaped(stdout, p->src.name);
        puts(":");
    }
    list->in_table = false;
    list->width = 18;
    list->told++;
}

static void print_member(struct list *list, const struct member *m, bool first)
{
    if (list->opts->json) {
        print_member_json(m, first);
    } else if (list->opts->verbose) {
        print_long(list, m);
    } else {
        report_escaped(stdout, m->name);
        putchar('\n');
    }
}

// is_archive_out: false when it is none.
static enum verdict list_members(struct list *list, struct plain *p, bool *is_archive_out)
{
    struct reader r;
    enum reader_end end = reader_open(&r, p) ? reader_next(&r) : READER_FAILED;
    enum rove_status status = ROVE_OK;
    bool first = true, begun = end == READER_MEMBER || end == READER_DONE;

    *is_archive_out = end != READER_STRANGE;
    if (begun)
        begin_members(list, p, &r);
    for (; end == READER_MEMBER; first = false) {
        print_member(list, &r.member, first);
        end = reader_next(&r);
    }
    if (end == READER_DONE)
        status = plain_finish(p);
    if (begun && list->opts->json)
        printf("\n  ], \"complete\": %s}", end == READER_DONE && status == ROVE_OK ? "true" : "false");
    reader_close(&r);
    if (status != ROVE_OK)
        return plain_blame(p, status);
    return end == READER_FAILED ? VERDICT_FAILED : VERDICT_FINE;
}

// the verb ---------------------------------------------------------------------------------------

static enum verdict list_path(struct list *list, const char *path)
{
    bool coding = list->opts->data || list->opts->blocks, is_archive = false; // --sizes is --data, too
    struct plain p;
    enum verdict verdict = plain_open(&p, list->opts, list->workers, path,
                                      (coding ? 0 : PLAIN_UNCODED) | (list->opts->blocks ? PLAIN_ANYWHERE : 0));

    if (verdict != VERDICT_FINE)
        return verdict;
    if (!coding)
        verdict = list_members(list, &p, &is_archive);
    if (!is_archive && verdict == VERDICT_FINE)
        verdict = list_coding(list, &p);
    verdict = verdict_worse(verdict, plain_settle(&p));
    plain_close(&p);
    return verdict;
}

static enum verdict list_paths(const struct options *opts)
{
    struct list list = {.opts = opts};
    struct threads threads;
    enum verdict worst = VERDICT_FINE;

    threads_init(&threads, opts->threads, 1);
    list.workers = threads.workers;
    if (opts->json)
        putchar('[');
    for (size_t i = 0; i < opts->path_cnt; i++)
        worst = verdict_worse(worst, list_path(&list, opts->paths[i]));
    if (opts->json)
        puts("\n]");
    else
        print_total(&list);
    threads_fini(&threads);
    return worst;
}

static enum verdict run_list(const struct options *opts)
{
    struct options all = *opts;

    if (opts->index != NULL && opts->path_cnt > 1)
        return options_misuse("list", "--index is of one file");
    if (opts->every > 0 && !opts->blocks)
        return options_misuse("list", "--every wants --blocks");
    all.data |= all.sizes;
    all.paths = (char **) (uintptr_t) options_paths(opts, &all.path_cnt);
    return list_paths(&all);
}

static const struct option longs[] = {
    {"blocks", no_argument, NULL, OPT_BLOCKS},
    {"data", no_argument, NULL, OPT_DATA},
    {"sizes", no_argument, NULL, OPT_SIZES},
    {"json", no_argument, NULL, OPT_JSON},
    {"every", required_argument, NULL, OPT_EVERY},
    {"index", required_argument, NULL, OPT_INDEX},
    {"filter", required_argument, NULL, 'F'},
    {"force", no_argument, NULL, 'f'},
    {"memlimit", required_argument, NULL, 'M'},
    {"threads", required_argument, NULL, 'T'},
    {"max-output", required_argument, NULL, OPT_MAX_OUTPUT},
    {"max-ratio", required_argument, NULL, OPT_MAX_RATIO},
    {"quiet", no_argument, NULL, 'q'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

const struct verb verb_list = {
    .name = "list",
    .usage = "usage: rove list [OPTION...] [FILE...]\n"
             "\n"
             "Lists the members of each FILE that is an archive (tar, cpio, zip; coded or not),\n"
             "with -v as tar -tv does; of another how it is coded: format, points where decoding\n"
             "can begin, sizes where they are known without decoding, checks, and by what it is\n"
             "read anywhere: an index beside it, a table in it, its blocks, or points to be made.\n"
             "\n"
             "      --data           how it is coded, also of archives, and of several files the sum\n"
             "      --sizes          the same; decodes FILE where nothing else tells how much it holds.\n"
             "                       `rove -l` is `rove list --sizes`\n"
             "      --blocks         the same, and each point; decodes FILE where nothing tells them\n"
             "      --every SIZE     at least so many plain bytes from point to point, where they\n"
             "                       are made (default 4M)\n"
             "      --json           all of it as JSON\n"
             "      --index IDX      read by this index, and not by one that lies beside FILE\n"
             "  -F, --filter SPEC    the filters; without it the first bytes tell\n"
             "  -f, --force          read coded bytes from a terminal\n"
             OPTIONS_LIMITS OPTIONS_THREADS OPTIONS_LOUDNESS,
    .letters = "F:M:T:fhqv",
    .longs = longs,
    .run = run_list,
};
