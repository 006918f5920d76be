// SPDX-License-Identifier: MIT
// files.c: the kinds of index file, which to read and which to write.
#include "seek/index.h"

enum rove_status rove_index_load(struct rove_stream *from, struct rove_stream *source,
                                 struct rove_index **index_out)
{
    (void) from;
    if (!source || !index_out)
        return ROVE_E_ARG;
    *index_out = NULL;
    return ROVE_E_UNSUPPORTED;
}

enum rove_status rove_index_save(const struct rove_index *index, const char *format,
                                 struct rove_stream *to)
{
    return index && format && to ? ROVE_E_UNSUPPORTED : ROVE_E_ARG;
}
