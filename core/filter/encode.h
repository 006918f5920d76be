// SPDX-License-Identifier: MIT
// encode.h: the stream that encodes what is written to it.
#ifndef RV_ENCODE_H
#define RV_ENCODE_H

#include "filter/chained.h"

// Tells whether it is one of these.
bool rv_encode_is(const struct rv_chained *c);

// Hands all that was written to the layers, as far as they take it without a flush.
enum rove_status rv_encode_settle(struct rv_chained *c);

// Notes whether the sink, which is another one, is over a rope.
void rv_encode_note_sink(struct rv_chained *c);

// Begins anew on another sink; only when finished or failed.
enum rove_status rv_encode_again(struct rv_chained *c, struct rove_stream *sink);

#endif
