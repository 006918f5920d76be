// SPDX-License-Identifier: MIT
// get.c: the verb get: members of an archive, to files or to standard output.
#include "device.h"
#include "explain.h"
#include "extract.h"
#include "late.h"
#include "made.h"
#include "options.h"
#include "output.h"
#include "plain.h"
#include "reader.h"
#include "report.h"
#include "threads.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct get {
    const struct options *opts;
    char **patterns;
    size_t pattern_cnt;
    bool *found; // of each pattern
    struct plain plain;
    struct reader reader;
    struct late late;        // files with several names
    struct made out_names;   // whose data went into the one output, for links of a tar to them
    struct extract *extract; // where members become files of their own
    struct output out;       // where they become one
    struct rove_stream *sink;
    uint64_t pos; // bytes of the member in the sink
    bool taken;   // a member has gone into the file of -o
};

static enum verdict no_memory(void)
{
    return report_error(NULL, "out of memory");
}

// names ------------------------------------------------------------------------------------------

static const char *without_dot(const char *name)
{
    while (name[0] == '.' && name[1] == '/')
        name += 1 + strspn(name + 1, "/");
    return name;
}

// Whether a pattern means a name, or a folder that it lies in: literally, or as in the shell.
static bool means(const char *pattern, const char *name)
{
    size_t len;

    if (*pattern == 0) // of a shell's variable without a value, perhaps
        return false;
    pattern = without_dot(pattern);
    name = without_dot(name);
    len = strlen(pattern);
    while (len > 1 && pattern[len - 1] == '/')
        len--;
    if (len == 0 || (len == 1 && *pattern == '.'))
        return true;
    if (strncmp(pattern, name, len) == 0 && (name[len] == 0 || name[len] == '/'))
        return true;
    return fnmatch(pattern, name, FNM_LEADING_DIR) == 0;
}

static bool is_wanted(struct get *get, const char *name)
{
    bool wanted = false;

    for (size_t i = 0; i < get->pattern_cnt; i++) {
        if (means(get->patterns[i], name))
            wanted = get->found[i] = true;
    }
    return wanted;
}

static enum verdict judge_found(const struct get *get)
{
    enum verdict verdict = VERDICT_FINE;

    for (size_t i = 0; i < get->pattern_cnt; i++)
        if (!get->found[i])
            verdict = report_error(get->plain.src.name, "has no member %s", get->patterns[i]);
    return verdict;
}

// into one output --------------------------------------------------------------------------------

static enum rove_status put_zeros(struct get *get, uint64_t to)
{
    static const uint8_t zeros[1 << 14];
    enum rove_status status = ROVE_OK;

    while (get->pos < to && status == ROVE_OK) {
        size_t len = to - get->pos < sizeof zeros ? (size_t) (to - get->pos) : sizeof zeros;
        status = rove_stream_write(get->sink, zeros, len);
        get->pos += len;
    }
    return status;
}

static enum verdict put_member(struct get *get, bool *reader_failed_out)
{
    enum rove_status status = ROVE_OK;
    const void *ptr;
    uint64_t off;
    size_t len = 1;

    for (get->pos = 0; len > 0 && status == ROVE_OK; get->pos += len) {
        if (!reader_block(&get->reader, &ptr, &len, &off)) {
            *reader_failed_out = true;
            return VERDICT_FAILED;
        }
        status = put_zeros(get, off);
        if (status == ROVE_OK && len > 0)
            status = rove_stream_write(get->sink, ptr, len);
    }
    if (status == ROVE_OK)
        return VERDICT_FINE;
    explain(get->out.name, get->sink, status);
    *reader_failed_out = true; // it makes no sense to read more
    return VERDICT_FAILED;
}

static bool open_sink(struct get *get)
{
    enum rove_status status;

    if (!output_open(&get->out))
        return false;
    status = device_stream(get->out.fd, false, NULL, &get->sink);
    if (status != ROVE_OK)
        report_error(get->out.name, "cannot be written: %s", rove_status_text(status));
    return status == ROVE_OK;
}

static enum verdict warn_of_link(const char *name, const char *link)
{
    return report_warning(name, "is left out: it is a link to %s, which has the data", link);
}

// Notes where the data of the member go out. Returns false without memory.
static bool note_name(struct get *get, struct late_file *file)
{
    const struct member *m = &get->reader.member;
    char *name = file == NULL ? made_plain(m->name) : NULL;
    bool ok = file != NULL ? late_made(file, m->name, get->late.nth)
                           : name != NULL && made_add(&get->out_names, name, get->late.nth, false);

    free(name);
    return ok;
}

static enum verdict put_file(struct get *get, struct late_file *file, bool *reader_failed_out)
{
    if (note_name(get, file))
        return put_member(get, reader_failed_out);
    *reader_failed_out = true;
    return no_memory();
}

// How a hard link of a tar stands to what went out.
enum link_state {
    LINK_DATA,  // it has data of its own, and those of the other name did not go out
    LINK_LEFT,  // the other name has the data
    LINK_ITSELF // that is its own: so tar tells of a file that it was given twice
};

static bool look_at_link(const struct get *get, const struct member *m, enum link_state *state_out)
{
    char *name = made_plain(m->name), *link = made_plain(m->link);
    bool ok = name != NULL && link != NULL, out = ok && made_find(&get->out_names, link) != NULL;

    *state_out = LINK_LEFT;
    if (out && strcmp(name, link) == 0)
        *state_out = LINK_ITSELF;
    else if (!out && m->size > 0)
        *state_out = LINK_DATA;
    free(name);
    free(link);
    return ok;
}

// The name with which the data of a member of a cpio went out, or will, or went by unwanted; NULL when they are here, or
// may follow.
static const char *name_with_data(const struct member *m, const struct late_file *file)
{
    if (file->made != NULL)
        return file->made->name;
    if (file->names != NULL)
        return file->names->name;
    return m->size == 0 ? file->with : NULL;
}

// Puts the data out, or waits for them.
static enum verdict take_here(struct get *get, bool *reader_failed_out)
{
    const struct member *m = &get->reader.member;

    if (get->out.path != NULL && get->taken) {
        *reader_failed_out = true;
        return report_error(get->out.name, "takes one member, and there is also %s; a folder takes many", m->name);
    }
    get->taken = true;
    if (!m->may_follow)
        return put_file(get, get->late.file, reader_failed_out);
    if (late_wait(&get->late, m->name, NULL))
        return VERDICT_FINE;
    *reader_failed_out = true;
    return no_memory();
}

static enum verdict take_link(struct get *get, bool *reader_failed_out)
{
    const struct member *m = &get->reader.member;
    enum link_state state;

    if (!look_at_link(get, m, &state)) {
        *reader_failed_out = true;
        return no_memory();
    }
    if (state == LINK_DATA)
        return take_here(get, reader_failed_out);
    return state == LINK_LEFT ? warn_of_link(m->name, m->link) : VERDICT_FINE;
}

// A file of a cpio may have its data here, with one of its names before or behind, or have none.
static enum verdict take_named(struct get *get, bool wanted, bool *reader_failed_out)
{
    const struct member *m = &get->reader.member;
    struct late_file *file = get->late.file;
    const char *with = name_with_data(m, file);
    enum verdict verdict = wanted && with != NULL ? warn_of_link(m->name, with) : VERDICT_FINE;

    if (late_awaits(&get->late, m)) { // it was counted when it began to be waited for
        late_drop(file);
        return verdict_worse(verdict, put_file(get, file, reader_failed_out));
    }
    return with != NULL ? verdict : take_here(get, reader_failed_out);
}

static enum verdict take(struct get *get, bool wanted, bool *reader_failed_out)
{
    const struct member *m = &get->reader.member;

    if (get->extract != NULL)
        return extract_member(get->extract, &get->reader, wanted, reader_failed_out);
    if (get->late.file != NULL)
        return take_named(get, wanted, reader_failed_out);
    if (m->is_hard)
        return take_link(get, reader_failed_out);
    return strcmp(m->type, "file") == 0 ? take_here(get, reader_failed_out) : VERDICT_FINE; // else it has no data
}

// Completes the one output, or drops it.
static enum verdict close_sink(struct get *get, enum verdict verdict)
{
    enum rove_status status = ROVE_OK;

    if (get->sink != NULL && rove_stream_error(get->sink) == ROVE_OK)
        status = rove_stream_flush(get->sink);
    if (status != ROVE_OK) {
        explain(get->out.name, get->sink, status);
        verdict = VERDICT_FAILED;
    }
    rove_stream_free(get->sink);
    get->sink = NULL;
    if (verdict != VERDICT_FAILED && get->out.path != NULL && !get->taken)
        verdict = report_error(get->out.name, "is not written: no member has data for it");
    if (verdict != VERDICT_FAILED)
        return verdict_worse(verdict, output_keep(&get->out, NULL, -1));
    output_drop(&get->out);
    return verdict;
}

// the archive ------------------------------------------------------------------------------------

static enum verdict read_members(struct get *get)
{
    struct reader *r = &get->reader;
    enum reader_end end = reader_open(r, &get->plain) ? reader_next(r) : READER_FAILED;
    enum verdict worst = VERDICT_FINE;
    enum rove_status status;
    bool failed = false, wanted;

    if (end == READER_STRANGE)
        return report_error(get->plain.src.name, "is no archive that can be read: tar, cpio or zip");
    while (end == READER_MEMBER && !failed) {
        wanted = is_wanted(get, r->member.name);
        if (!late_show(&get->late, &r->member))
            return no_memory();
        if (wanted || late_awaits(&get->late, &r->member))
            worst = verdict_worse(worst, take(get, wanted, &failed));
        if (!failed)
            end = reader_next(r);
    }
    if (failed || end == READER_FAILED)
        return VERDICT_FAILED;
    status = plain_finish(&get->plain);
    if (status != ROVE_OK)
        return plain_blame(&get->plain, status);
    if (get->extract != NULL)
        worst = verdict_worse(worst, extract_late(get->extract));
    return verdict_worse(worst, judge_found(get));
}

static bool is_folder(const char *path)
{
    size_t len = strlen(path);
    struct stat st;

    if (strcmp(path, "-") == 0) // standard output, whatever lies here under that name
        return false;
    return (len > 0 && path[len - 1] == '/') || (stat(path, &st) == 0 && S_ISDIR(st.st_mode));
}

// Into a folder, which becomes the working one.
static enum verdict get_into_folder(struct get *get)
{
    const char *folder = get->opts->out;
    enum verdict verdict;

    if (folder != NULL && chdir(folder) != 0)
        return report_error(folder, "cannot be entered: %s%s", strerror(errno), errno == ENOENT ? "; mkdir makes it" : "");
    get->extract = extract_new(get->opts->force, &get->late);
    if (get->extract == NULL)
        return VERDICT_FAILED;
    verdict = read_members(get);
    return verdict_worse(verdict, extract_free(get->extract));
}

static enum verdict get_into_one(struct get *get)
{
    const struct options *o = get->opts;
    unsigned flags = (o->force ? OUTPUT_FORCE : 0) | (o->no_sync ? OUTPUT_NO_SYNC : 0) | OUTPUT_ASK;
    enum verdict verdict = VERDICT_FAILED;

    if (!output_check(&get->out, o->out, flags)) // NULL: standard output
        return VERDICT_FAILED;
    if (output_is_file(&get->out, &get->plain.src.st))
        return report_error(get->out.name, "is the input itself");
    if (open_sink(get))
        verdict = read_members(get);
    return close_sink(get, verdict);
}

static enum verdict get_from(struct get *get, struct rove_workers *workers)
{
    const struct options *o = get->opts;
    bool to_folder = !o->to_stdout && (o->out == NULL || is_folder(o->out));
    enum verdict verdict = plain_open(&get->plain, o, workers, o->paths[0], PLAIN_UNCODED);

    if (verdict != VERDICT_FINE)
        return verdict;
    verdict = to_folder ? get_into_folder(get) : get_into_one(get);
    reader_close(&get->reader);
    verdict = verdict_worse(verdict, plain_settle(&get->plain));
    plain_close(&get->plain);
    return verdict;
}

// the verb ---------------------------------------------------------------------------------------

static enum verdict run_get(const struct options *opts)
{
    struct get get = {.opts = opts, .out = {.fd = -1, .given = -1}};
    struct threads threads;
    enum verdict verdict;

    if (!reader_built())
        return report_error("get", "this build has no libarchive, so it reads no archives");
    if (opts->path_cnt < 2)
        return options_misuse("get", "name an archive and at least one member; '*' means all");
    get.patterns = opts->paths + 1;
    get.pattern_cnt = opts->path_cnt - 1;
    get.found = calloc(get.pattern_cnt, sizeof *get.found);
    if (get.found == NULL)
        return no_memory();
    threads_init(&threads, opts->threads, 1);
    verdict = get_from(&get, threads.workers);
    threads_fini(&threads);
    late_free(&get.late);
    made_free(&get.out_names);
    free(get.found);
    return verdict;
}

static const struct option longs[] = {
    {"filter", required_argument, NULL, 'F'},
    {"index", required_argument, NULL, OPT_INDEX},
    {"output", required_argument, NULL, 'o'},
    {"stdout", no_argument, NULL, 'c'},
    {"force", no_argument, NULL, 'f'},
    {"memlimit", required_argument, NULL, 'M'},
    {"threads", required_argument, NULL, 'T'},
    {"max-output", required_argument, NULL, OPT_MAX_OUTPUT},
    {"max-ratio", required_argument, NULL, OPT_MAX_RATIO},
    {"no-sync", no_argument, NULL, OPT_NO_SYNC},
    {"quiet", no_argument, NULL, 'q'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

const struct verb verb_get = {
    .name = "get",
    .usage = "usage: rove get [OPTION...] ARCHIVE MEMBER...\n"
             "\n"
             "Takes members out of ARCHIVE (tar, cpio, zip; coded or not) into the working folder.\n"
             "A MEMBER is a name, that of a folder for all that lies in it, or a pattern as in the\n"
             "shell, where * also means a slash. Members whose names lead out of the folder, also by\n"
             "a symbolic link, are left out with a warning.\n"
             "\n"
             "  -o, --output WHERE   a folder to put them in, or a file for the data of one member;\n"
             "                       - is standard output\n"
             "  -c, --stdout         write the data to standard output, one member after the other\n"
             "  -f, --force          overwrite files; read coded bytes from a terminal\n"
             "      --index IDX      read by this index, and not by one that lies beside ARCHIVE\n"
             "  -F, --filter SPEC    the filters; without it the first bytes tell\n"
             OPTIONS_LIMITS OPTIONS_THREADS
             "      --no-sync        do not wait until the file of -o is on the disk\n"
             OPTIONS_LOUDNESS,
    .letters = "F:M:T:cfho:qv",
    .longs = longs,
    .run = run_get,
};
