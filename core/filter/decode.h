// SPDX-License-Identifier: MIT
// decode.h: the stream that decodes what it reads.
#ifndef RV_DECODE_H
#define RV_DECODE_H

#include "filter/chained.h"

// Like rove_stream_decode(), by a plan with a text and limits, which tells a limit that was passed.
enum rove_status rv_decode_make(struct rv_chained_plan *plan, struct rove_stream *source,
                                struct rove_stream **stream_out, struct rove_spec_error *error_out);

// Begins anew on another source.
enum rove_status rv_decode_again(struct rv_chained *c, struct rove_stream *source);

#endif
