// SPDX-License-Identifier: MIT
// files.c: the kinds of index file, which to read and which to write.
#include "seek/files.h"

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

enum rove_status rove_index_load(struct rove_stream *from, struct rove_stream *source,
                                 struct rove_index **index_out)
{
    struct rv_file file = {.from = from, .source = source};
    uint64_t at = 0;
    if (!source || !index_out)
        return ROVE_E_ARG;
    *index_out = NULL;
    enum rove_status status = rove_stream_size(source, &file.source_len);
    if (status)
        return status;
    if (!from)
        return rv_table_find(&file, index_out);
    status = rove_stream_tell(from, &at);
    if (status)
        return status;
    status = load(&file, index_out);
    if (status) { // where it cannot seek it stays where it came to
        enum rove_status back = rove_stream_seek(from, (int64_t) at, ROVE_SET, NULL);
        (void) back;
    }
    return status;
}

enum rove_status rove_index_save(const struct rove_index *index, struct rove_stream *source,
                                 const char *format, struct rove_stream *to)
{
    if (!index || !format || !to)
        return ROVE_E_ARG;
    if (strcmp(format, "gzi") == 0)
        return rv_gzi_save(index, to);
    if (strcmp(format, "zstd") == 0)
        return rv_table_save(index, source, to);
    if (strcmp(format, "gzidx") != 0 || !source)
        return ROVE_E_ARG;
    return rv_gzidx_save(index, source, to);
}
