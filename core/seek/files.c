// SPDX-License-Identifier: MIT
// files.c: the kinds of index file, which to read and which to write.
#include "seek/files.h"
#include "seek/why.h"

#include <string.h>

// which kind ------------------------------------------------------------------------------------

static enum rove_status load(struct rv_file *file, struct rove_index **index_out)
{
    enum rove_status status = rv_file_read(file, file->head, sizeof file->head);
    if (status)
        return status;
    if (memcmp(file->head, RV_GZIDX_MAGIC, strlen(RV_GZIDX_MAGIC)) == 0)
        return rv_gzidx_load(file, index_out);
    if (rv_get_le32(file->head) == RV_TABLE_MAGIC)
        return rv_table_load(file, index_out);
    return rv_gzi_load(file, index_out); // which begins with a count
}

// Says what is wrong with a file, or with a table in the data. at_fault: a stream that it came by, or NULL.
static enum rove_status blame(enum rove_status status, const char *kind, const struct rove_stream *at_fault)
{
    if (status && at_fault && rove_stream_error(at_fault))
        rv_why_ask(at_fault);
    else if (status == ROVE_E_FORMAT)
        rv_why_tell("%s: it is damaged, or of other data", kind);
    else if (status == ROVE_E_TRUNCATED)
        rv_why_tell("%s: it ends too early, or its data do", kind);
    else if (status == ROVE_E_UNSUPPORTED)
        rv_why_tell("%s: of a later version, or made before all data were read", kind);
    return rv_why_end(status, kind);
}

static const char *kind_of(const struct rv_file *file)
{
    if (memcmp(file->head, RV_GZIDX_MAGIC, strlen(RV_GZIDX_MAGIC)) == 0)
        return "gzidx";
    return rv_get_le32(file->head) == RV_TABLE_MAGIC ? "seek table" : "gzi";
}

static enum rove_status load_from(struct rv_file *file, struct rove_index **index_out)
{
    uint64_t at = 0;
    enum rove_status status = rove_stream_tell(file->from, &at);
    if (status)
        return blame(status, "index file", file->from);
    status = load(file, index_out);
    if (status) { // where it cannot seek it stays where it came to
        bool sources = rove_stream_error(file->source) != ROVE_OK;
        (void) blame(status, kind_of(file), sources ? file->source : file->from);
        if (rv_stream_usable(rv_stream(file->from)) == ROVE_OK)
            (void) rv_stream_goto(rv_stream(file->from), at); // also when a failure sticks in it
    }
    return rv_why_end(status, NULL);
}

enum rove_status rove_index_load(struct rove_stream *from, struct rove_stream *source,
                                 struct rove_index **index_out)
{
    struct rv_file file = {.from = from, .source = source};
    rv_why_clear();
    if (!source || !index_out)
        return rv_why_end(ROVE_E_ARG, NULL);
    *index_out = NULL;
    enum rove_status status = rove_stream_size(source, &file.source_len);
    if (status)
        return blame(status, "source", source);
    if (from)
        return load_from(&file, index_out);
    status = rv_table_find(&file, index_out);
    if (status == ROVE_E_UNSUPPORTED)
        rv_why_tell("the data end with no seek table");
    return blame(status, "seek table", source);
}

enum rove_status rove_index_save(const struct rove_index *index, struct rove_stream *source,
                                 const char *format, struct rove_stream *to)
{
    enum rove_status status = ROVE_E_ARG;
    rv_why_clear();
    if (!index || !format || !to)
        return rv_why_end(ROVE_E_ARG, NULL);
    if (strcmp(format, "gzi") == 0)
        status = rv_gzi_save(index, to);
    else if (strcmp(format, "zstd") == 0)
        status = rv_table_save(index, source, to);
    else if (strcmp(format, "gzidx") == 0 && source)
        status = rv_gzidx_save(index, source, to);
    if (status == ROVE_E_UNSUPPORTED)
        rv_why_tell("%s: it cannot say what this index of %s holds", format, index->spec);
    else if (status == ROVE_E_ARG)
        rv_why_tell("index files are gzi, zstd, and gzidx, for which the data are wanted");
    return blame(status, format, source && rove_stream_error(source) ? source : to);
}
