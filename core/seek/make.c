// SPDX-License-Identifier: MIT
// make.c: an index of data that a source holds: by hopping over them, or by decoding them once.
#include "seek/index.h"

enum rove_status rove_index_make(struct rove_stream *source, const char *spec,
                                 const struct rove_limits *limits, uint64_t every,
                                 struct rove_index **index_out)
{
    (void) limits;
    (void) every;
    if (!source || !spec || !index_out)
        return ROVE_E_ARG;
    *index_out = NULL;
    return ROVE_E_UNSUPPORTED;
}
