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

enum pump_end pump(struct rove_stream *in, struct rove_stream *out, struct rove_stream *meter)
{
    enum rove_status status = ROVE_OK;
    uint8_t *room;
    size_t room_len, len;

    while (status == ROVE_OK) {
        if (rove_stream_reserve(out, STEP_LEN, &room, &room_len) != ROVE_OK)
            return PUMP_OUT_FAILED;
        status = rove_stream_read(in, room, room_len, &len);
        if (rove_stream_commit(out, len) != ROVE_OK)
            return PUMP_OUT_FAILED;
        tick(meter);
    }
    return status == ROVE_END ? PUMP_DONE : PUMP_IN_FAILED;
}
