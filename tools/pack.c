// SPDX-License-Identifier: MIT
// pack.c: files into an archive in memory, members put in front of it by an edit, all of it through a
// chain into the output. With --memory what is more waits in a file (memory.h).
//
//     paths ──walk──> archive ──> rope ──insert at 0──> rope ──view──> chain ──> output
//     --prepend paths ──> archive without end ──┘  shared, not copied
//
// What comes first in the result is made first: a link can only point back.
#include "attrs.h"
#include "device.h"
#include "exclude.h"
#include "explain.h"
#include "inputs.h"
#include "kind.h"
#include "marks.h"
#include "memory.h"
#include "options.h"
#include "output.h"
#include "progress.h"
#include "report.h"
#include "spec.h"
#include "stats.h"
#include "threads.h"
#include "walk.h"
#include "writer.h"

#include <rove/chain.h>
#include <rove/view.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STEP_LEN ((uint64_t) 1 << 20)   // coded between two looks at the clock
#define THREAD_LEN ((uint64_t) 1 << 20) // of --memory for each thread, which keeps some free chunks for itself

struct pack {
    const struct options *opts;
    struct spec spec;
    struct output out;
    struct marks marks; // --index
    struct rove_pool *pool; // NULL: the default one
    struct threads threads;
    struct inputs inputs;
    struct exclude exclude;
    struct writer_how how;
    struct members *members;
    struct rove_rope rope; // the archive
    uint64_t member_cnt;
    bool missed, read_any; // some argument names what could not be read; what could
    struct stats stats;
};

// making the archive -----------------------------------------------------------------------------

struct visit {
    struct writer *writer;
    const struct output *out;
    const struct output *index; // NULL: there will be none
    const struct stat *figures; // the file that --stats is to add to, or NULL
    bool root_read; // what the argument names could be read
};

static bool is_figures(const struct visit *v, const struct stat *st)
{
    return v->figures != NULL && S_ISREG(st->st_mode) && v->figures->st_dev == st->st_dev &&
           v->figures->st_ino == st->st_ino;
}

static enum verdict add(void *ctx, struct walk_entry *entry)
{
    struct visit *v = ctx;
    enum verdict verdict;

    if (entry->root)
        v->root_read = !entry->unread;
    if (output_is_path(v->out, entry->dir, entry->name, &entry->st) ||
        (v->index != NULL && output_is_path(v->index, entry->dir, entry->name, &entry->st)))
        return report_warning(entry->path, "is left out: it is the output itself");
    if (is_figures(v, &entry->st))
        return report_error("--stats", "%s is an input", entry->path);
    verdict = writer_add(v->writer, entry);
    if (entry->root && entry->unread)
        v->root_read = false;
    return verdict;
}

static bool is_excluded(const void *ctx, const char *path)
{
    return exclude_hits(ctx, path);
}

// Adds the paths of --prepend, or the others.
static enum verdict add_all(struct pack *p, struct writer *writer, bool front)
{
    struct visit v = {.writer = writer, .out = &p->out, .index = p->marks.wanted ? &p->marks.file.out : NULL};
    enum verdict worst = VERDICT_FINE;
    struct stat figures;

    if (p->opts->stats_file != NULL && stat(p->opts->stats_file, &figures) == 0)
        v.figures = &figures;
    for (size_t i = 0; i < p->inputs.cnt && worst != VERDICT_FAILED; i++) {
        const struct input *in = &p->inputs.list[i];
        struct walk_how how = {.dir = &in->dir, .flat = p->opts->no_recursion, .skips = is_excluded,
                               .skips_ctx = &p->exclude};
        if (in->front != front || exclude_hits(&p->exclude, in->path))
            continue;
        v.root_read = false;
        worst = verdict_worse(worst, walk_by(&how, in->path, add, &v));
        p->missed |= !v.root_read;
        p->read_any |= v.root_read;
    }
    return worst;
}

// Makes an archive of some paths. rope: storage, gets it; end: with what ends it.
static enum verdict make_archive(struct pack *p, bool front, bool end, struct rove_rope *rope)
{
    struct rove_stream *stream;
    enum rove_status status = rove_stream_new(p->pool, &stream);
    enum verdict verdict = VERDICT_FAILED;
    struct writer *writer;

    memset(rope, 0, sizeof *rope); // to drop it is harmless now
    if (status != ROVE_OK) {
        if (!memory_blame(status, errno))
            report_error(NULL, "no archive can be started: %s", rove_status_text(status));
        return VERDICT_FAILED;
    }
    writer = writer_new(stream, p->members, &p->how);
    if (writer != NULL)
        verdict = add_all(p, writer, front);
    if (verdict != VERDICT_FAILED && !writer_finish(writer, end))
        verdict = VERDICT_FAILED;
    if (writer != NULL)
        p->member_cnt += writer_count(writer);
    writer_free(writer);
    if (verdict != VERDICT_FAILED) {
        status = rove_stream_steal(stream, rope);
        if (status != ROVE_OK)
            verdict = report_error(NULL, "the archive cannot be taken: %s", rove_status_text(status));
    }
    rove_stream_free(stream);
    return verdict;
}

// Puts the members of --prepend, in their order, in front of the finished archive. What is there already
// is neither read nor moved.
static enum verdict put_in_front(struct pack *p, struct rove_rope *front)
{
    uint64_t start = stats_now_ns();
    enum rove_status status = rove_rope_insert_rope(&p->rope, 0, front);

    p->stats.edit_ns = stats_now_ns() - start;
    if (status == ROVE_OK)
        return VERDICT_FINE;
    if (!memory_blame(status, errno))
        report_error(NULL, "nothing can be put in front of the archive: %s", rove_status_text(status));
    return VERDICT_FAILED;
}

static bool has_front(const struct pack *p)
{
    for (size_t i = 0; i < p->inputs.cnt; i++)
        if (p->inputs.list[i].front)
            return true;
    return false;
}

// Both archives, and then one.
static enum verdict make_archives(struct pack *p)
{
    struct rove_rope front = {0};
    enum verdict verdict = VERDICT_FINE;

    progress_begin("packing", 0);
    if (has_front(p))
        verdict = make_archive(p, true, false, &front);
    if (verdict != VERDICT_FAILED)
        verdict = verdict_worse(verdict, make_archive(p, false, true, &p->rope));
    progress_end();
    p->stats.tar_ns = stats_now_ns() - p->stats.start_ns;
    if (verdict != VERDICT_FAILED && has_front(p))
        verdict = verdict_worse(verdict, put_in_front(p, &front));
    rove_rope_fini(&front);
    return verdict;
}

// coding it --------------------------------------------------------------------------------------

// Hands a view to the chain, a piece at a time. errno is that of the failure.
static enum rove_status write_pieces(struct rove_stream *chained, const struct rove_view *view)
{
    enum rove_status status = ROVE_OK;
    uint64_t len = rove_view_len(view);
    int err = 0;

    for (uint64_t off = 0; off < len && status == ROVE_OK; off += STEP_LEN) {
        struct rove_view piece;
        status = rove_view_sub(view, off, len - off < STEP_LEN ? len - off : STEP_LEN, &piece);
        if (status == ROVE_OK)
            status = rove_stream_write_view(chained, &piece);
        err = errno;
        rove_view_fini(&piece);
        progress_at(len - off < STEP_LEN ? len : off + STEP_LEN);
    }
    errno = err;
    return status;
}

static enum rove_status write_rope(struct pack *p, struct rove_stream *chained)
{
    struct rove_view all;
    enum rove_status status;
    int err;

    p->stats.in_len = rove_rope_len(&p->rope);
    status = rove_rope_view(&p->rope, 0, p->stats.in_len, &all);
    if (status != ROVE_OK)
        return status;
    progress_begin("coding", p->stats.in_len);
    status = write_pieces(chained, &all);
    err = errno;
    progress_end();
    rove_view_fini(&all);
    errno = err;
    return status;
}

// What the sink has not recorded, the archive or the chain is to blame for; both live on p->pool.
static bool blame(const struct pack *p, struct rove_stream *sink, struct rove_stream *chained,
                  enum rove_status status)
{
    bool sinks = rove_stream_error(sink) != ROVE_OK;
    int err = errno;
    const char *why = explain_why(sinks ? sink : chained, status);

    if (sinks || p->pool == NULL || !memory_blame(status, err))
        report_error(p->out.name, "%s", why);
    return false;
}

// Everything up to the last byte in the sink.
static bool code(struct pack *p, struct rove_stream *sink)
{
    struct rove_limits limits = {.size = sizeof limits, .memory = ROVE_NO_LIMIT, // --memory has the word
                                 .workers = p->threads.workers};
    struct rove_spec_error error = {0};
    struct rove_stream *chained = NULL, *to = sink;
    enum rove_status status = ROVE_OK;
    bool ok;

    spec_lend(&p->spec, &limits);
    if (p->opts->spec == NULL)
        spec_declare(&p->spec, rove_rope_len(&p->rope));
    if (strcmp(p->spec.text, "copy") != 0) { // which would copy each byte twice, and do nothing else
        status = rove_stream_encode(sink, p->spec.text, &limits, &chained, &error);
        to = chained;
    }
    if (status != ROVE_OK) {
        spec_report(p->spec.text, status, &error);
        return false;
    }
    if (!marks_begin(&p->marks, chained)) {
        device_abandon(sink);
        rove_stream_free(chained);
        return false;
    }
    status = write_rope(p, to);
    if (status == ROVE_OK && chained != NULL)
        status = rove_stream_close(chained);
    if (status == ROVE_OK)
        status = rove_stream_flush(sink);
    ok = status == ROVE_OK ? marks_take(&p->marks, chained) : blame(p, sink, to, status);
    if (ok && rove_stream_tell(sink, &p->stats.out_len) == ROVE_OK && chained != NULL)
        stats_take_digests(&p->stats, chained, p->spec.text);
    if (!ok)
        device_abandon(sink);
    rove_stream_free(chained);
    return ok;
}

// As many as -T says, and no more than --memory allows.
static size_t choose_threads(const struct options *o)
{
    size_t cnt = threads_count(o->threads);
    uint64_t most = o->memory / THREAD_LEN;

    if (o->memory == 0 || cnt <= most)
        return cnt;
    return most > 0 ? (size_t) most : 1;
}

static enum verdict write_output(struct pack *p)
{
    struct rove_stream *sink;
    enum rove_status status;
    enum verdict verdict;
    bool ok;

    if (!output_open(&p->out))
        return VERDICT_FAILED;
    status = device_stream(p->out.fd, false, p->pool, &sink);
    if (status != ROVE_OK)
        report_error(p->out.name, "cannot be written: %s", rove_status_text(status));
    if (strcmp(p->spec.text, "copy") != 0)
        threads_init(&p->threads, choose_threads(p->opts), 1);
    ok = status == ROVE_OK && code(p, sink);
    rove_stream_free(sink);
    if (!ok) {
        output_drop(&p->out);
        return VERDICT_FAILED;
    }
    verdict = output_keep(&p->out, NULL, -1);
    return verdict == VERDICT_FAILED ? verdict : verdict_worse(verdict, marks_keep(&p->marks, &p->out));
}

// the verb ---------------------------------------------------------------------------------------

// What can be met twice is known from the names of all paths.
static struct members *expect_members(const struct inputs *in)
{
    const char **names = malloc((in->cnt + 1) * sizeof *names);
    struct members *members;

    if (names == NULL)
        return NULL;
    for (size_t i = 0; i < in->cnt; i++)
        names[i] = writer_member_name(in->list[i].path);
    members = members_new(names, in->cnt);
    free(names);
    return members;
}

static enum verdict pack_into(struct pack *p)
{
    enum verdict verdict;

    p->members = expect_members(&p->inputs);
    if (p->members == NULL)
        return report_error(NULL, "out of memory");
    verdict = make_archives(p);
    members_free(p->members);
    if (verdict != VERDICT_FAILED && (p->member_cnt == 0 || !p->read_any))
        return report_error(p->out.name, "is not written: there is nothing to pack");
    return verdict == VERDICT_FAILED ? verdict : verdict_worse(verdict, write_output(p));
}

// What may be asked of one kind and not of another.
static bool suits_kind(const struct pack *p)
{
    const struct kind *kind = p->how.kind;
    const char *what = p->how.xattrs  ? "--xattrs"
                       : p->how.acls ? "--acls"
                                     : NULL;

    if (what != NULL && !kind->extras)
        report_error(what, "is for archives of the kind tar; %s has no place for it", kind->name);
    else if (has_front(p) && !kind->front)
        report_error("--prepend", "nothing can be put in front of a finished %s", kind->name);
    else
        return true;
    return false;
}

// What -F says, else what the suffix of the output says, else nothing is done to the archive. An archive is to be read by
// its members: a codec that would make one piece of it makes parts.
static const char *choose_spec(const struct options *o, const struct kind *kind)
{
    const char *text = o->spec;

    if (text == NULL && o->out != NULL && kind_has_suffix(kind, o->out))
        text = "copy";
    if (text == NULL)
        text = spec_for_output(o->out, "copy", o->level);
    return o->spec == NULL && text != NULL ? spec_in_parts(text) : text;
}

// The level is that of what codes: a codec around the archive, or else the archive itself.
static bool choose_coding(struct pack *p)
{
    const struct options *o = p->opts;
    const char *text = choose_spec(o, p->how.kind);
    bool inside = text != NULL && p->how.kind->codes && strcmp(text, "copy") == 0;
    char option[16];

    p->how.level = inside ? spec_level(o->level) : -1;
    if (p->how.level > 9) {
        snprintf(option, sizeof option, "-%d", p->how.level);
        report_error(o->level < 0 ? "ROVE_LEVEL" : option, "%s has the levels 0 to 9", p->how.kind->name);
        return false;
    }
    return text != NULL && spec_parse(&p->spec, text, ROVE_ENCODE, inside ? -1 : o->level);
}

// Whether the figures would go where they must not: reported.
static bool hits_stats(const struct pack *p)
{
    const struct options *o = p->opts;
    bool hit = o->stats_file != NULL && output_is_named(&p->out, o->stats_file);

    if (hit)
        report_error("--stats", "%s is the output", o->stats_file);
    for (size_t i = 0; i < p->inputs.cnt && !hit; i++)
        hit = stats_hit_at(o->stats_file, p->inputs.list[i].dir, p->inputs.list[i].path);
    return hit;
}

// Everything that can be wrong before something is read.
static bool prepare(struct pack *p)
{
    const struct options *o = p->opts;
    // An archive that is not coded is no more for a terminal than a coded one.
    unsigned flags = (o->force ? OUTPUT_FORCE : 0) | (o->no_sync ? OUTPUT_NO_SYNC : 0) | OUTPUT_CODED;

    p->how.xattrs = o->xattrs;
    p->how.acls = o->acls;
    p->how.kind = kind_choose(o->format, o->out);
    if (p->how.kind == NULL || !attrs_read(&p->how.attrs, o) || !exclude_read(&p->exclude, o) ||
        !inputs_read(&p->inputs, o) || !suits_kind(p) || !choose_coding(p))
        return false;
    if (o->reproducible) { // a zip tells local times, too
        setenv("TZ", "UTC0", 1);
        tzset();
    }
    return output_check(&p->out, o->out, flags | (p->inputs.takes_stdin ? 0 : OUTPUT_ASK)) && !hits_stats(p) &&
           marks_plan(&p->marks, o, &p->spec, &p->out, o->spec == NULL) && memory_pool(o->memory, &p->pool);
}

static enum verdict pack(struct pack *p)
{
    const struct options *o = p->opts;
    enum verdict verdict = prepare(p) ? pack_into(p) : VERDICT_FAILED;

    p->stats.out_name = p->out.name;
    if (verdict != VERDICT_FAILED && (o->stats || o->json) && !stats_print(&p->stats, p->pool, p->threads.workers, o->stats_file))
        verdict = VERDICT_FAILED;
    if (verdict != VERDICT_FAILED)
        stats_tell(&p->stats, "packed", p->out.name);
    if (verdict != VERDICT_FAILED && p->threads.cnt > 0)
        threads_tell(&p->threads, o->spec);
    threads_fini(&p->threads);
    rove_rope_fini(&p->rope);
    rove_pool_unref(p->pool);
    inputs_free(&p->inputs);
    exclude_free(&p->exclude);
    return p->missed ? VERDICT_FAILED : verdict;
}

// Whether something is named that can be packed.
static bool has_paths(const struct options *opts)
{
    for (size_t i = 0; i < opts->word_cnt; i++)
        if (opts->words[i].code == WORD_PLAIN || opts->words[i].code == OPT_FILES_FROM)
            return true;
    return false;
}

static enum verdict run_pack(const struct options *opts)
{
    struct pack *p;
    enum verdict verdict;

    if (!writer_built())
        return report_error("pack", "this build has no libarchive, so it makes no archives");
    if (!has_paths(opts))
        return options_misuse("pack", "name at least one path");
    if (opts->every > 0 && !opts->makes_index)
        return options_misuse("pack", "--every wants --index");
    p = calloc(1, sizeof *p);
    if (p == NULL)
        return report_error(NULL, "out of memory");
    p->opts = opts;
    stats_start(&p->stats);
    p->stats.json = opts->json;
    verdict = pack(p);
    marks_fini(&p->marks);
    spec_fini(&p->spec);
    free(p);
    return verdict;
}

static const struct option longs[] = {
    {"filter", required_argument, NULL, 'F'},
    {"output", required_argument, NULL, 'o'},
    {"force", no_argument, NULL, 'f'},
    {"memory", required_argument, NULL, OPT_MEMORY},
    {"threads", required_argument, NULL, 'T'},
    {"prepend", required_argument, NULL, OPT_PREPEND},
    {"index", optional_argument, NULL, OPT_INDEX},
    {"every", required_argument, NULL, OPT_EVERY},
    {"directory", required_argument, NULL, 'C'},
    {"exclude", required_argument, NULL, OPT_EXCLUDE},
    {"exclude-from", required_argument, NULL, OPT_EXCLUDE_FROM},
    {"files-from", required_argument, NULL, OPT_FILES_FROM},
    {"null", no_argument, NULL, OPT_NULL},
    {"no-recursion", no_argument, NULL, OPT_NO_RECURSION},
    {"format", required_argument, NULL, OPT_FORMAT},
    {"sort", required_argument, NULL, OPT_SORT},
    {"mtime", required_argument, NULL, OPT_MTIME},
    {"clamp-mtime", no_argument, NULL, OPT_CLAMP_MTIME},
    {"owner", required_argument, NULL, OPT_OWNER},
    {"group", required_argument, NULL, OPT_GROUP},
    {"numeric-owner", no_argument, NULL, OPT_NUMERIC_OWNER},
    {"mode", required_argument, NULL, OPT_MODE},
    {"reproducible", no_argument, NULL, OPT_REPRODUCIBLE},
    {"xattrs", no_argument, NULL, OPT_XATTRS},
    {"acls", no_argument, NULL, OPT_ACLS},
    {"fast", no_argument, NULL, OPT_FAST},
    {"best", no_argument, NULL, OPT_BEST},
    {"no-sync", no_argument, NULL, OPT_NO_SYNC},
    {"progress", required_argument, NULL, OPT_PROGRESS},
    {"stats", optional_argument, NULL, OPT_STATS},
    {"json", no_argument, NULL, OPT_JSON},
    {"quiet", no_argument, NULL, 'q'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

const struct verb verb_pack = {
    .name = "pack",
    .usage =
        "usage: rove pack [OPTION...] PATH...\n"
        "\n"
        "Puts files and folders into an archive that is made in memory, and codes it into the\n"
        "output. What cannot be read is named and left out; the exit status is 1 then for a PATH,\n"
        "and 2 for what lies in one. When nothing is left, FILE stays as it was.\n"
        "\n"
        "  -F, --filter SPEC    what the archive goes through, such as 'crc32|gzip:level=9';\n"
        "                       without it the suffix of FILE tells, .tgz or .lz4, say; else\n"
        "                       the archive is written as it is\n"
        "  -1 ... -9            the level of the outermost codec, or of a zip\n"
        "      --fast, --best   the same as -1, as -9\n"
        "  -o, --output FILE    write to FILE; - or nothing is standard output\n"
        "      --format WORD    tar, ustar, gnu, cpio or zip; without it the suffix of FILE tells,\n"
        "                       .zip or .cpio; else tar\n"
        "  -C, --directory DIR  see what follows from DIR\n"
        "      --files-from FILE\n"
        "                       also pack what FILE names, a path a line; - is standard input\n"
        "      --null           those paths end with a byte of value 0\n"
        "      --exclude PATTERN\n"
        "                       leave out what is called so, and what lies in it\n"
        "      --exclude-from FILE\n"
        "                       the same with each line of FILE\n"
        "      --no-recursion   folders without what is in them\n"
        "      --prepend PATH   put PATH in front of the finished archive; may be given again\n"
        "      --mtime TIME     the time of all members: 2024-02-29 or '2024-02-29 12:00' in UTC,\n"
        "                       @SECONDS, or ./FILE, whose time it is\n"
        "      --clamp-mtime    only of members that are later\n"
        "      --owner NAME, --group NAME\n"
        "                       the owner of all members: NAME, NUMBER or NAME:NUMBER\n"
        "      --numeric-owner  owners by their numbers alone\n"
        "      --mode CHANGES   change modes, as chmod does: go-w\n"
        "      --sort WORD      name; the order is that in any case\n"
        "      --reproducible   the same bytes for the same content: the time is SOURCE_DATE_EPOCH\n"
        "                       or 1970, the owner 0, the mode go+u,go-w\n"
        "      --xattrs         keep extended attributes\n"
        "      --acls           keep access control lists\n"
        "      --index[=IDX]    make an index on the way, beside FILE (see `rove index`)\n"
        "      --every SIZE     at least so many plain bytes from point to point of that\n"
        "      --memory SIZE    hold at most SIZE in memory; the rest of the archive waits in a\n"
        "                       file without a name in TMPDIR, or in /tmp\n"
        "  -T, --threads N      threads that code at once; 0, the default: one for each CPU\n"
        "  -f, --force          overwrite FILE; coded bytes to a terminal\n"
        "      --no-sync        do not wait until the output is on the disk\n"
        OPTIONS_PROGRESS OPTIONS_STATS OPTIONS_LOUDNESS,
    .letters = "-C:F:T:fho:qv",
    .longs = longs,
    .has_levels = true,
    .run = run_pack,
};
