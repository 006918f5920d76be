// SPDX-License-Identifier: MIT
// file.c: what all kinds of index file need.
#include "seek/file.h"

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
