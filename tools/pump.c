// SPDX-License-Identifier: MIT
// pump.c: moves all bytes of one stream into another.
#include "pump.h"

#include "progress.h"

static enum rove_status tick(void *meter, uint64_t copied)
{
    uint64_t pos;

    (void) copied;
    if (rove_stream_tell(meter, &pos) == ROVE_OK)
        progress_at(pos);
    return ROVE_OK;
}

enum pump_end pump(struct rove_stream *in, struct rove_stream *out, struct rove_stream *meter,
                   enum rove_status *status_out)
{
    struct rove_progress progress = {tick, meter};
    enum rove_status status = rove_stream_copy(in, out, UINT64_MAX, meter != NULL ? &progress : NULL, NULL);

    *status_out = status == ROVE_OK ? ROVE_END : status;
    if (status == ROVE_OK)
        return PUMP_DONE;
    return rove_stream_error(out) != ROVE_OK ? PUMP_OUT_FAILED : PUMP_IN_FAILED;
}
