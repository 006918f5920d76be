// SPDX-License-Identifier: MIT
// mark.c: points that a stream leaves behind while it is read.
#include "seek/index.h"

enum rove_status rove_stream_mark(struct rove_stream *stream, uint64_t every)
{
    (void) every;
    return stream ? ROVE_E_UNSUPPORTED : ROVE_E_ARG;
}

enum rove_status rove_stream_index(struct rove_stream *stream, struct rove_index **index_out)
{
    if (!stream || !index_out)
        return ROVE_E_ARG;
    *index_out = NULL;
    return ROVE_E_STATE;
}
