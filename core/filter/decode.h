// SPDX-License-Identifier: MIT
// decode.h: the stream that decodes what it reads.
#ifndef RV_DECODE_H
#define RV_DECODE_H

#include "filter/chained.h"

// Begins anew on another source.
enum rove_status rv_decode_again(struct rv_chained *c, struct rove_stream *source);

#endif
