// SPDX-License-Identifier: MIT
// index_file.c: which kind of index file, under which name, and writing it.
#include "index_file.h"

#include "device.h"
#include "explain.h"
#include "report.h"
#include "size.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct index_kind kinds[] = {
    {"bgzf", "gzi", ".gzi"}, {"bgzf", "gzidx", ".gzidx"}, {"gzip", "gzidx", ".gzidx"}, {"zstd", "zstd", ".seek"},
    {"zlib", NULL, NULL},    {"deflate", NULL, NULL},      {"lz4", NULL, NULL},
    {"xz", NULL, NULL},      {"bzip2", NULL, NULL},
};

static bool ends_with(const char *name, const char *suffix)
{
    size_t len = strlen(name), cut = strlen(suffix);

    return len > cut && strcasecmp(name + len - cut, suffix) == 0;
}

bool index_file_begin(struct index_file *f, const char *format)
{
    for (size_t i = 0; format != NULL && i < sizeof kinds / sizeof *kinds; i++) {
        const struct index_kind *k = &kinds[i];
        if (strcmp(k->format, format) == 0 &&
            (f->kind == NULL || (f->given != NULL && k->suffix != NULL && ends_with(f->given, k->suffix))))
            f->kind = k;
    }
    if (f->kind == NULL)
        report_error(f->of, "there is no index for what it holds");
    return f->kind != NULL;
}

void index_file_spare(const struct index_file *f, bool has_table)
{
    (void) report_warning(f->of, "needs no index file: %s",
                          has_table ? "it holds a table" : "its headers tell where all lies"); // all is done
}

bool index_file_choose(struct index_file *f)
{
    const struct options *o = f->opts;
    unsigned flags = (o->force ? OUTPUT_FORCE : 0) | (o->no_sync ? OUTPUT_NO_SYNC : 0) | OUTPUT_CODED | OUTPUT_ASK;

    if (f->kind->as == NULL) {
        report_error(f->of, "there is no file format for an index of %s", f->kind->format);
        return false;
    }
    if (o->every > 1 && strcmp(f->kind->as, "gzidx") != 0) {
        bool other = strcmp(f->kind->as, "gzi") == 0;
        report_error("--every", "an index as %s is of every place%s%s%s", f->kind->as, other ? "; name another .gzidx with " : "",
                     other ? f->option : "", other ? ", or leave it out" : "");
        return false;
    }
    if (f->given == NULL && f->path == NULL) {
        report_error(f->of, "has no name: name the index with %s", f->option);
        return false;
    }
    if (f->given == NULL && asprintf(&f->name, "%s%s", f->path, f->kind->suffix) < 0) {
        f->name = NULL;
        report_error(NULL, "out of memory");
        return false;
    }
    return output_check(&f->out, f->name != NULL ? f->name : f->given,
                        flags | (f->name != NULL ? OUTPUT_MADE_UP : 0));
}

static bool save(struct index_file *f, const struct rove_index *index, const struct source *of)
{
    struct rove_stream *sink;
    enum rove_status status = device_stream(f->out.fd, false, NULL, &sink);

    if (status != ROVE_OK) {
        report_error(f->out.name, "cannot be written: %s", rove_status_text(status));
        return false;
    }
    status = rove_index_save(index, of != NULL ? of->stream : NULL, f->kind->as, sink);
    if (status == ROVE_OK)
        status = rove_stream_flush(sink);
    if (status == ROVE_E_UNSUPPORTED)
        report_error(f->of, "its index cannot be written as %s", f->kind->as);
    else if (status != ROVE_OK && rove_stream_error(sink) != ROVE_OK)
        explain(f->out.name, sink, status);
    else if (status != ROVE_OK) // what it is of could not be read
        explain_index(f->of, status);
    rove_stream_free(sink);
    return status == ROVE_OK;
}

static void tell(const struct index_file *f, const struct rove_index *index)
{
    struct rove_index_figures fig = {.size = sizeof fig};
    char plain[SIZE_TEXT_LEN];

    rove_index_measure(index, &fig);
    report_notice(f->out.name, "%ju points in %s", (uintmax_t) fig.point_cnt, size_print(fig.plain_len, plain));
}

enum verdict index_file_write(struct index_file *f, const struct rove_index *index, const struct source *of)
{
    bool copies = f->out.path != NULL && of != NULL && of->path != NULL;
    enum verdict verdict = VERDICT_FAILED;

    if (output_open(&f->out) && save(f, index, of))
        verdict = output_keep(&f->out, copies ? &of->st : NULL, copies ? of->fd : -1);
    else
        output_drop(&f->out);
    if (verdict != VERDICT_FAILED)
        tell(f, index);
    return verdict;
}

void index_file_fini(struct index_file *f)
{
    free(f->name);
    f->name = NULL;
}
