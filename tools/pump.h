// SPDX-License-Identifier: MIT
// pump.h: moves all bytes of one stream into another.
#ifndef ROVE_TOOL_PUMP_H
#define ROVE_TOOL_PUMP_H

#include "threads.h"

#include <rove/stream.h>
#include <stdbool.h>

// How a pumping ended: all moved, or which side failed. rove_stream_explain() of that side says why.
enum pump_end {
    PUMP_DONE,
    PUMP_IN_FAILED,
    PUMP_OUT_FAILED
};

struct pump_how {
    struct rove_stream *meter; // whose cursor tells how far the work has come, for the progress line; NULL: there is none
    // Where these allow more than one, and nothing is cut into parts, a second one writes to `out`, from some MiB on. It
    // must be a stream that nothing else looks at meanwhile. NULL: the caller does it all.
    struct threads *threads;
    bool waits; // the bytes may be long in coming, so what there is goes on by chunks
};

// Reads `in` to its end and writes it to `out`, straight into out's own memory or out of that which it was read into.
//
// status_out: ROVE_END or the failure.
enum pump_end pump(struct rove_stream *in, struct rove_stream *out, const struct pump_how *how,
                   enum rove_status *status_out);

#endif
