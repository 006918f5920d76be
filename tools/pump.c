// SPDX-License-Identifier: MIT
// pump.c: moves all bytes of one stream into another.
#include "pump.h"

#include "progress.h"

#define STEP_LEN ((size_t) 256 << 10) // asked for; a chunk is what is given

static void tick(struct rove_stream *meter)
{
    uint64_t pos;

    if (rove_stream_tell(meter, &pos) == ROVE_OK)
        progress_at(pos);
}

enum pump_end pump(struct rove_stream *in, struct rove_stream *out, struct rove_stream *meter,
                   enum rove_status *status_out)
{
    enum rove_status got = ROVE_OK, put;
    uint8_t *room;
    size_t room_len, len;

    while (got == ROVE_OK) {
        put = rove_stream_reserve(out, STEP_LEN, &room, &room_len);
        if (put == ROVE_OK) {
            got = rove_stream_read(in, room, room_len, &len);
            put = rove_stream_commit(out, len);
        }
        *status_out = put != ROVE_OK ? put : got;
        if (put != ROVE_OK)
            return PUMP_OUT_FAILED;
        if (meter != NULL)
            tick(meter);
    }
    return got == ROVE_END ? PUMP_DONE : PUMP_IN_FAILED;
}
