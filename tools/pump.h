// SPDX-License-Identifier: MIT
// pump.h: moves all bytes of one stream into another.
#ifndef ROVE_TOOL_PUMP_H
#define ROVE_TOOL_PUMP_H

#include <rove/stream.h>

// How a pumping ended: all moved, or which side failed. rove_stream_explain() of that side says why.
enum pump_end {
    PUMP_DONE,
    PUMP_IN_FAILED,
    PUMP_OUT_FAILED
};

// Reads `in` to its end and writes it to `out`, straight into out's own memory.
//
// meter: the stream whose cursor tells how far the work has come, for the progress line; NULL: there is none.
// status_out: ROVE_END or the failure.
enum pump_end pump(struct rove_stream *in, struct rove_stream *out, struct rove_stream *meter,
                   enum rove_status *status_out);

#endif
