// SPDX-License-Identifier: MIT
// files.c: the kinds of index file, which to read and which to write.
#include "seek/files.h"

#include "base/arith.h"

#include <string.h>

// reading ---------------------------------------------------------------------------------------

enum rove_status rv_file_read(const struct rv_file *file, void *buf, size_t len)
{
    enum rove_status status = rove_stream_read(file->from, buf, len, NULL);
    return status == ROVE_END ? ROVE_E_TRUNCATED : status;
}

enum rove_status rv_file_end(const struct rv_file *file)
{
    const uint8_t *ptr;
    size_t len;
    enum rove_status status = rove_stream_peek(file->from, &ptr, &len);
    return status == ROVE_END ? ROVE_OK : status == ROVE_OK ? ROVE_E_FORMAT : status;
}

enum rove_status rv_source_read(struct rove_stream *source, uint64_t off, void *buf, size_t len)
{
    enum rove_status status = rove_stream_pread(source, off, buf, len, NULL);
    return status == ROVE_END ? ROVE_E_FORMAT : status;
}

// the index -------------------------------------------------------------------------------------

bool rv_index_is_by(const struct rove_index *index, const char *const *names)
{
    size_t len = strcspn(index->spec, ":");
    for (; *names; names++)
        if (strlen(*names) == len && memcmp(index->spec, *names, len) == 0)
            return true;
    return false;
}

bool rv_index_is_fresh(const struct rove_index *index, size_t i)
{
    return !index->states || !index->states[i];
}

bool rv_index_is_all_fresh(const struct rove_index *index)
{
    for (size_t i = 0; index->states && i < index->cnt; i++)
        if (index->states[i])
            return false;
    return true;
}

enum rove_status rv_index_add_fresh(struct rove_index *index, struct rv_place place)
{
    const struct rove_mark mark = {.size = sizeof mark, .flags = ROVE_MARK_FRESH};
    return rv_index_add(index, place, &mark);
}

enum rove_status rv_index_hand_out(struct rove_index *index, enum rove_status status,
                                   struct rove_index **index_out)
{
    if (status)
        rove_index_unref(index);
    *index_out = status ? NULL : index;
    return status;
}

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
