// SPDX-License-Identifier: MIT
// plain.c: the plain bytes of a coded file, read anywhere.
#include "plain.h"

#include "explain.h"
#include "plugin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define USTAR_OFF 257u // of the word in a tar's first header

static const char *const suffixes[] = {".gzi", ".gzidx", ".seek"};

// what it is -------------------------------------------------------------------------------------

static uint32_t likeness(const struct plain *p, const char *filter)
{
    return rove_filter_find(filter, ROVE_DECODE)->detect(p->format.head, (uint32_t) p->format.head_len);
}

// Finds out what the file holds. Reports, and returns false, when no filter reads it.
static bool choose_format(struct plain *p, bool is_tar)
{
    const struct plugin_format *known = plugin_format(p->format.head, p->format.head_len);
    bool skippable = format_is_skippable(&p->format), uncoded = (p->flags & PLAIN_UNCODED) != 0;
    const char *filter, *why;

    if (!spec_is_auto(p->spec)) {
        p->format.name = spec_format(p->spec->text);
        return true;
    }
    filter = skippable ? "zstd" : known != NULL ? known->filter : NULL;
    why = filter != NULL ? plugin_serve(filter, strlen(filter)) : NULL;
    if (known != NULL && why != NULL) {
        report_error(p->src.name, "the plugin that reads %s data cannot be loaded: %s", known->name, why);
        return false;
    }
    if (known != NULL)
        p->format.name = known->filter;
    else if (!is_tar && likeness(p, "zlib") > 0)
        p->format.name = "zlib";
    if (format_is(&p->format, "gzip") && likeness(p, "bgzf") > likeness(p, "gzip"))
        p->format.name = "bgzf";
    if (p->format.name != NULL || skippable || (uncoded && (known == NULL || strcmp(known->name, "zip") == 0)))
        return true;
    if (known != NULL)
        report_error(p->src.name, "it looks like %s data, which no filter of rove reads", known->name);
    else
        report_error(p->src.name, "no filter of rove knows it by its first bytes");
    return false;
}

static bool take_head(struct plain *p)
{
    const uint8_t *ptr = NULL;
    size_t len = 0;
    enum rove_status status = rove_stream_peek(p->src.stream, &ptr, &len);
    uint64_t pos;

    if (status != ROVE_OK && status != ROVE_END)
        return explain(p->src.name, p->src.stream, status);
    p->format.head_len = len < sizeof p->format.head ? len : sizeof p->format.head;
    if (len > 0)
        memcpy(p->format.head, ptr, p->format.head_len);
    p->seekable = S_ISREG(p->src.st.st_mode) && rove_stream_tell(p->src.stream, &pos) == ROVE_OK && pos == 0;
    return choose_format(p, len >= USTAR_OFF + 5 && memcmp(ptr + USTAR_OFF, "ustar", 5) == 0);
}

// Of the formats without a mark by which they can be told the name tells.
static bool choose_spec(struct plain *p)
{
    const char *text = p->opts->spec != NULL ? p->opts->spec : spec_by_name(p->src.path);

    p->spec = spec_new();
    if (p->spec != NULL)
        return spec_parse(p->spec, text, ROVE_DECODE, -1);
    report_error(NULL, "out of memory");
    return false;
}

// finding an index -------------------------------------------------------------------------------

void plain_limit(struct rove_limits *limits, const struct options *opts, struct rove_workers *workers)
{
    *limits = (struct rove_limits){.size = sizeof *limits,
                                   .output = opts->max_output,
                                   .memory = opts->max_memory,
                                   .ratio = opts->max_ratio,
                                   .workers = workers};
}

// Has the data read by what -F names, or what reads them fastest, where the index is for another filter of the format.
static struct rove_index *choose_reader(const struct plain *p, struct rove_index *index)
{
    struct rove_index_figures fig = {.size = sizeof fig};
    struct rove_index *other;
    char text[SPEC_TEXT_LEN];
    const char *by = spec_for_input(p->spec, p->format.head, p->format.head_len, text), *format = spec_format(by);

    rove_index_measure(index, &fig);
    if (format == NULL || strcmp(by, fig.spec) == 0 || strcmp(format, spec_format(fig.spec)) != 0 ||
        rove_index_by(index, by, &other) != ROVE_OK)
        return index;
    rove_index_unref(index);
    return other;
}

static bool is_gzip(const char *format)
{
    return strcmp(format, "gzip") == 0 || strcmp(format, "bgzf") == 0;
}

// Whether an index is of another format than that which -F names: by it other bytes would come out, or bytes at all where
// there are none. Of a filter that is not known here it is not told.
static bool is_other(const struct plain *p, const struct rove_index *index)
{
    struct rove_index_figures fig = {.size = sizeof fig};
    const char *named = spec_format(p->spec->text), *has;

    rove_index_measure(index, &fig);
    has = spec_format(fig.spec);
    if (spec_is_auto(p->spec) || named == NULL || has == NULL)
        return strcmp(p->spec->text, "copy") == 0;
    return strcmp(named, has) != 0 && !(is_gzip(named) && is_gzip(has));
}

// Takes an index, if the data can be read by it.
static enum rove_status use(struct plain *p, struct rove_index *index, enum plain_way way)
{
    enum rove_status status = ROVE_E_UNSUPPORTED;

    p->is_other = is_other(p, index);
    if (!p->is_other) {
        index = choose_reader(p, index);
        status = rove_stream_decode_index(p->src.stream, index, &p->limits, &p->stream);
    }

    if (status != ROVE_OK) {
        rove_index_unref(index);
        return status;
    }
    p->index = index;
    p->way = way;
    return ROVE_OK;
}

// By more than a second: who writes both at once may be done with the index first.
static bool is_older(const struct stat *a, const struct stat *b)
{
    time_t later = b->st_mtim.tv_sec - 1;

    return a->st_mtim.tv_sec != later ? a->st_mtim.tv_sec < later : a->st_mtim.tv_nsec < b->st_mtim.tv_nsec;
}

// Uses an index file. Gives the status of that.
static enum rove_status load(struct plain *p, const struct source *file)
{
    struct rove_index *index = NULL;
    enum rove_status status = rove_index_load(file->stream, p->src.stream, &index);

    p->is_other = false;
    return status == ROVE_OK ? use(p, index, PLAIN_INDEX) : status;
}

// It could not be read, or the data not by it.
static const char *why_no_index(const struct plain *p, enum rove_status status)
{
    const char *why = rove_index_explain();

    if (p->is_other)
        return "it is of another format than -F names";
    return strcmp(why, rove_status_text(ROVE_OK)) != 0 ? why : rove_status_text(status);
}

// The one that was named, however old.
static bool use_named(struct plain *p)
{
    const char *why = NULL;
    struct source file;
    enum rove_status status;

    if (!p->seekable)
        return report_error(p->src.name, "is no regular file, which is what an index is of") == VERDICT_FINE;
    if (spec_looks(p->spec->text))
        why = "-F names what has to see all bytes, in order";
    else if (!spec_is_one(p->spec->text))
        why = "-F names several codecs, and it is of what one reads";
    if (why != NULL)
        return report_error(p->opts->index, "cannot be used as an index of %s: %s", p->src.name, why) == VERDICT_FINE;
    if (source_open(&file, p->opts->index, SOURCE_INDEX) != VERDICT_FINE)
        return false;
    status = load(p, &file);
    if (status == ROVE_OK)
        p->index_path = strdup(p->opts->index);
    else
        report_error(p->opts->index, "cannot be used as an index of %s: %s", p->src.name, why_no_index(p, status));
    source_close(&file);
    return status == ROVE_OK;
}

static void leave_out(struct plain *p, const char *path, const char *why)
{
    p->verdict = verdict_worse(p->verdict, report_warning(path, "is not used as an index: %s", why));
}

// Tries the index file of this name.
static bool try_file(struct plain *p, const char *path)
{
    struct source file;
    enum rove_status status;

    if (source_open(&file, path, SOURCE_INDEX) != VERDICT_FINE) {
        p->verdict = verdict_worse(p->verdict, VERDICT_WARNED);
        return false;
    }
    if (is_older(&file.st, &p->src.st)) {
        leave_out(p, path, "it is older than what it is of");
        source_close(&file);
        return false;
    }
    status = load(p, &file);
    source_close(&file);
    if (status != ROVE_OK)
        leave_out(p, path, why_no_index(p, status));
    return status == ROVE_OK;
}

static bool try_files(struct plain *p)
{
    struct stat st;

    for (size_t i = 0; p->src.path != NULL && i < sizeof suffixes / sizeof *suffixes; i++) {
        char *path;
        if (asprintf(&path, "%s%s", p->src.path, suffixes[i]) < 0)
            return false;
        if (stat(path, &st) == 0 && try_file(p, path)) {
            p->index_path = path;
            return true;
        }
        free(path);
    }
    return false;
}

static bool try_table(struct plain *p)
{
    struct rove_index *index = NULL;
    enum rove_status status;

    if (!format_is(&p->format, "zstd") && !format_is_skippable(&p->format))
        return false;
    p->is_other = false;
    status = rove_index_load(NULL, p->src.stream, &index);
    if (status == ROVE_OK)
        status = use(p, index, PLAIN_TABLE);
    if (status != ROVE_OK && status != ROVE_E_UNSUPPORTED)
        leave_out(p, p->src.name, why_no_index(p, status));
    return status == ROVE_OK;
}

// Makes an index in memory. Gives the status of that.
static enum rove_status make(struct plain *p, enum plain_way way)
{
    struct rove_index *index = NULL;
    uint64_t every = way == PLAIN_POINTS ? p->opts->every : ROVE_EVERY_HOPPED;
    enum rove_status status = rove_index_make(p->src.stream, p->spec->text, &p->limits, every, &index);

    if (status == ROVE_E_TRAILING && index != NULL) {
        plain_trails(p);
        status = ROVE_OK;
    }
    if (status == ROVE_OK)
        return use(p, index, way);
    rove_index_unref(index);
    return status;
}

// Whatever fails: who decodes in order finds it, too, and gives what lies before.
static bool try_blocks(struct plain *p)
{
    return format_tells_lengths(&p->format) && make(p, PLAIN_BLOCKS) == ROVE_OK;
}

// opening ----------------------------------------------------------------------------------------

// Begins at the first byte.
static bool begin_in_order(struct plain *p)
{
    struct rove_spec_error error = {0};
    char text[SPEC_TEXT_LEN];
    enum rove_status status = rove_stream_decode(
        p->src.stream, spec_for_input(p->spec, p->format.head, p->format.head_len, text), &p->limits, &p->stream, &error);

    if (status == ROVE_OK)
        return true;
    if (status == ROVE_E_LIMIT)
        report_error("-F", "%s; -M allows more", error.text);
    else
        spec_report(p->spec->text, status, &error);
    return false;
}

static bool begin(struct plain *p)
{
    enum rove_status status = ROVE_E_UNSUPPORTED;

    if (p->seekable && spec_is_one(p->spec->text) && !spec_looks(p->spec->text) &&
        (((p->flags & PLAIN_INSIDE) == 0 && try_files(p)) || try_table(p) || try_blocks(p)))
        return true;
    if (p->seekable && (p->flags & PLAIN_ANYWHERE) != 0)
        status = make(p, PLAIN_POINTS);
    if (status == ROVE_OK)
        return true;
    if (status == ROVE_E_UNSUPPORTED && p->seekable) { // what has been tried may have moved the source
        if (rove_stream_error(p->src.stream) != ROVE_OK) // it may lie behind all that is wanted
            snprintf(p->met, sizeof p->met, "%s", rove_stream_explain(p->src.stream));
        rove_stream_clear_error(p->src.stream);
        status = rove_stream_seek(p->src.stream, 0, ROVE_SET, NULL);
    } else if (status == ROVE_E_UNSUPPORTED) {
        status = ROVE_OK;
    }
    return status == ROVE_OK ? begin_in_order(p) : plain_blame(p, status) == VERDICT_FINE;
}

static bool open_stream(struct plain *p)
{
    if (!choose_spec(p) || !take_head(p))
        return false;
    spec_lend(p->spec, &p->limits);
    if (p->opts->index != NULL)
        return use_named(p);
    if (p->format.name == NULL && (p->flags & PLAIN_UNCODED) != 0 && spec_is_auto(p->spec) &&
        !format_is_skippable(&p->format)) {
        p->way = PLAIN_ITSELF;
        p->stream = p->src.stream;
        return true;
    }
    return (p->flags & PLAIN_BARE) != 0 || begin(p);
}

enum verdict plain_open(struct plain *p, const struct options *opts, struct rove_workers *workers, const char *path,
                        unsigned flags)
{
    enum verdict verdict;

    *p = (struct plain){.opts = opts, .workers = workers, .flags = flags};
    plain_limit(&p->limits, opts, workers);
    verdict = source_open(&p->src, path, SOURCE_ANY);
    if (verdict != VERDICT_FINE)
        return verdict;
    if (isatty(p->src.fd) && !opts->force)
        report_error(p->src.name, "coded bytes are not read from a terminal; -f does it all the same");
    else if (open_stream(p))
        return VERDICT_FINE;
    plain_close(p);
    return VERDICT_FAILED;
}

// reading ----------------------------------------------------------------------------------------

void plain_trails(struct plain *p)
{
    if (!p->trails)
        p->verdict = verdict_worse(
            p->verdict, report_warning(p->src.name, "other bytes follow the end of the coded data, and are ignored"));
    p->trails = true;
}

bool plain_seeks(const struct plain *p)
{
    return p->index != NULL || (p->way == PLAIN_ITSELF && p->seekable);
}

enum rove_status plain_read(struct plain *p, void *buf, size_t len, size_t *len_out)
{
    enum rove_status status = rove_stream_read(p->stream, buf, len, len_out);

    if (status != ROVE_E_TRAILING)
        return status;
    plain_trails(p);
    return ROVE_END;
}

// Reads on to an offset, or to the end.
static enum rove_status pass_over(struct plain *p, uint64_t off)
{
    static uint8_t passed[1 << 16];
    enum rove_status status;
    uint64_t pos;
    size_t len;

    status = rove_stream_tell(p->stream, &pos);
    while (status == ROVE_OK && pos < off) {
        status = plain_read(p, passed, off - pos < sizeof passed ? (size_t) (off - pos) : sizeof passed, &len);
        pos += len;
    }
    return status == ROVE_END ? ROVE_OK : status;
}

enum rove_status plain_seek(struct plain *p, uint64_t off)
{
    enum rove_status status;
    uint64_t pos;

    if (plain_seeks(p))
        return off <= INT64_MAX ? rove_stream_seek(p->stream, (int64_t) off, ROVE_SET, NULL) : ROVE_E_RANGE;
    status = rove_stream_tell(p->stream, &pos);
    if (status == ROVE_OK && off < pos)
        status = ROVE_E_UNSUPPORTED;
    return status == ROVE_OK ? pass_over(p, off) : status;
}

enum rove_status plain_size(struct plain *p, uint64_t *size_out)
{
    return plain_seeks(p) ? rove_stream_size(p->stream, size_out) : ROVE_E_UNSUPPORTED;
}

enum rove_status plain_finish(struct plain *p)
{
    return plain_seeks(p) ? ROVE_OK : pass_over(p, UINT64_MAX);
}

enum verdict plain_blame(const struct plain *p, enum rove_status status)
{
    struct rove_stream *stream = p->stream != NULL && rove_stream_error(p->src.stream) == ROVE_OK ? p->stream
                                                                                                  : p->src.stream;

    if (status == ROVE_E_UNSUPPORTED && !plain_seeks(p))
        return report_error(p->src.name, "can be read from its start to its end only, as there is no place to begin at");
    if (p->stream == NULL && rove_stream_error(p->src.stream) == ROVE_OK)
        explain_index(p->src.name, status);
    else
        explain(p->src.name, stream, status);
    if (p->index_path != NULL && status == ROVE_E_FORMAT)
        report_error(p->index_path, "perhaps it is no index of %s; remove it, or make it anew", p->src.name);
    return VERDICT_FAILED;
}

enum verdict plain_sought(const struct plain *p)
{
    return p->met[0] != 0 ? report_error(p->src.name, "%s", p->met) : VERDICT_FINE;
}

enum verdict plain_settle(const struct plain *p)
{
    return verdict_worse(p->verdict, source_settle(&p->src));
}

void plain_close(struct plain *p)
{
    if (p->stream != p->src.stream)
        rove_stream_free(p->stream);
    rove_index_unref(p->index);
    source_close(&p->src);
    spec_free(p->spec);
    free(p->index_path);
    *p = (struct plain){.src = {.fd = -1}};
}
