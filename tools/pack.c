// SPDX-License-Identifier: MIT
// pack.c: files into an archive in memory, members put in front of it by an edit, all of it through a
// chain into the output (coding.h). With --memory what is more waits in a file (memory.h).
//
//     paths ──walk──> archive ──> rope ──insert at 0──> rope ──view──> chain ──> output
//     --prepend paths ──> archive without end ──┘  shared, not copied
//
// What comes first in the result is made first: a link can only point back. Where nothing is put in front,
// and no length is to be told beforehand, what was made so far goes out as soon as it is more than a little,
// and the archive goes on there.
#include "attrs.h"
#include "coding.h"
#include "exclude.h"
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

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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
    struct rove_rope rope; // the archive, or what of it has not gone out
    struct coding coding;
    uint64_t member_cnt;
    bool missed, read_any; // some argument names what could not be read; what could
    bool root_read;        // what the one that is being packed names could be read
    struct stats stats;
};

// making the archive -----------------------------------------------------------------------------

struct visit {
    struct pack *pack;
    struct writer *writer;
    const struct output *index; // NULL: there will be none
    const struct stat *figures; // the file that --stats is to add to, or NULL
};

static bool is_figures(const struct visit *v, const struct stat *st)
{
    return v->figures != NULL && S_ISREG(st->st_mode) && v->figures->st_dev == st->st_dev &&
           v->figures->st_ino == st->st_ino;
}

static enum verdict add(void *ctx, struct walk_entry *entry)
{
    struct visit *v = ctx;
    struct pack *p = v->pack;
    enum verdict verdict;

    if (output_is_temp(&p->out, &entry->st)) // nobody has put it there
        return VERDICT_FINE;
    if (entry->root)
        p->root_read = !entry->unread;
    if (output_is_path(&p->out, entry->dir, entry->name, &entry->st) ||
        (v->index != NULL && output_is_path(v->index, entry->dir, entry->name, &entry->st)))
        return report_warning(entry->path, "is left out: it is the output itself");
    if (is_figures(v, &entry->st))
        return report_error("--stats", "%s is an input", entry->path);
    verdict = writer_add(v->writer, entry);
    if (entry->root && entry->unread)
        p->root_read = false;
    return verdict;
}

static bool is_excluded(const void *ctx, const char *path)
{
    return exclude_hits(ctx, path);
}

// Adds the paths of --prepend, or the others.
static enum verdict add_all(struct pack *p, struct writer *writer, bool front)
{
    struct visit v = {.pack = p, .writer = writer, .index = p->marks.wanted ? &p->marks.file.out : NULL};
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
        p->root_read = false;
        worst = verdict_worse(worst, walk_by(&how, in->path, add, &v));
        p->missed |= !p->root_read;
        p->read_any |= p->root_read;
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

// The archive is long: it need not be held. Nothing goes out before something was read, as it might be nothing.
static struct rove_stream *go_out(void *ctx, struct rove_stream *held)
{
    struct pack *p = ctx;
    struct rove_rope rope;
    enum rove_status status;
    bool ok;

    if (!p->read_any && !p->root_read)
        return held;
    if (!coding_open(&p->coding, CODING_ANY_LEN))
        return NULL;
    status = rove_stream_steal(held, &rope);
    if (status != ROVE_OK)
        coding_blame(&p->coding, status, errno);
    ok = status == ROVE_OK && coding_put(&p->coding, &rope);
    rove_rope_fini(&rope);
    return ok ? p->coding.to : NULL;
}

static void blame_out(void *ctx, enum rove_status status, int err)
{
    coding_blame(&((struct pack *) ctx)->coding, status, err);
}

// Both archives, and then one.
static enum verdict make_archives(struct pack *p)
{
    struct rove_rope front = {0};
    enum verdict verdict = VERDICT_FINE;

    progress_begin("packing", 0);
    if (has_front(p))
        verdict = make_archive(p, true, false, &front);
    else if (p->opts->spec != NULL || !spec_declares(&p->spec))
        p->how.outlet = (struct writer_outlet){go_out, blame_out, p};
    if (verdict != VERDICT_FAILED)
        verdict = verdict_worse(verdict, make_archive(p, false, true, &p->rope));
    progress_end();
    p->stats.tar_ns = stats_now_ns() - p->stats.start_ns;
    if (verdict != VERDICT_FAILED && has_front(p))
        verdict = verdict_worse(verdict, put_in_front(p, &front));
    rove_rope_fini(&front);
    return verdict;
}

static enum verdict write_output(struct pack *p)
{
    enum verdict verdict;
    bool ok = p->coding.to != NULL || coding_open(&p->coding, rove_rope_len(&p->rope));

    if (ok && rove_rope_len(&p->rope) > 0) {
        progress_begin("coding", rove_rope_len(&p->rope));
        ok = coding_put(&p->coding, &p->rope);
        progress_end();
    }
    if (!ok || !coding_close(&p->coding))
        return VERDICT_FAILED;
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

    p->coding = (struct coding){.opts = p->opts, .spec = &p->spec, .out = &p->out, .marks = &p->marks,
                                .threads = &p->threads, .stats = &p->stats, .pool = p->pool};
    p->members = expect_members(&p->inputs);
    if (p->members == NULL)
        return report_error(NULL, "out of memory");
    verdict = make_archives(p);
    members_free(p->members);
    if (verdict != VERDICT_FAILED && (p->member_cnt == 0 || !p->read_any))
        verdict = report_error(p->out.name, "is not written: there is nothing to pack");
    if (verdict != VERDICT_FAILED)
        verdict = verdict_worse(verdict, write_output(p));
    if (verdict == VERDICT_FAILED)
        coding_drop(&p->coding);
    return verdict;
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
        "Puts files and folders into an archive, and codes it into the output as it is made; with\n"
        "--prepend, and for a .lz4 without -F, it is made in memory first. What cannot be\n"
        "read is named and left out; the exit status is 1 then for a PATH, and 2 for what lies in\n"
        "one. When nothing is left, FILE stays as it was.\n"
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
        "      --memory SIZE    hold at most SIZE in memory; the rest of an archive that is made\n"
        "                       there waits in a file without a name in TMPDIR, or in /tmp\n"
        "  -T, --threads N      threads that code at once; 0, the default: one for each CPU\n"
        "  -f, --force          overwrite FILE; coded bytes to a terminal\n"
        "      --no-sync        do not wait until the output is on the disk\n"
        OPTIONS_PROGRESS OPTIONS_STATS OPTIONS_LOUDNESS,
    .letters = "-C:F:T:fho:qv",
    .longs = longs,
    .has_levels = true,
    .run = run_pack,
};
