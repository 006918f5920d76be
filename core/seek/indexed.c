// SPDX-License-Identifier: MIT
// indexed.c: the device that decodes from the nearest point on.
#include "seek/index.h"

enum rove_status rove_stream_decode_index(struct rove_stream *source, struct rove_index *index,
                                          const struct rove_limits *limits,
                                          struct rove_stream **stream_out)
{
    (void) limits;
    if (!source || !index || !stream_out)
        return ROVE_E_ARG;
    *stream_out = NULL;
    return ROVE_E_UNSUPPORTED;
}
