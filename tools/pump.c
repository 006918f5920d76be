// SPDX-License-Identifier: MIT
// pump.c: moves all bytes of one stream into another.
//
// A codec that is cut into parts has work for all threads. Where no part was coded in the first MiBs, the others have
// nothing to do, and one of them may write: see relay.h. What is written, and up to which byte where something fails, is
// the same. When parts come all the same (a file of members may change its mind), the thread goes.
#include "pump.h"

#include "device.h"
#include "progress.h"
#include "relay.h"

#include <fcntl.h>
#include <rove/pool.h>
#include <unistd.h>

#define ALONE_LEN ((uint64_t) 4 << 20) // for less a thread would not pay

static enum rove_status tick(void *meter, uint64_t copied)
{
    uint64_t pos;

    (void) copied;
    if (rove_stream_tell(meter, &pos) == ROVE_OK)
        progress_at(pos);
    return ROVE_OK;
}

// Returns ROVE_END where all has come, ROVE_OK where there may be more than len bytes.
static enum rove_status copy(struct rove_stream *in, struct rove_stream *out, struct rove_stream *meter, uint64_t len)
{
    struct rove_progress progress = {tick, meter};
    enum rove_status status = rove_stream_copy(in, out, len, meter != NULL ? &progress : NULL, NULL);

    return status == ROVE_OK && len == UINT64_MAX ? ROVE_END : status;
}

// What is waited for may be long in coming: who waits is told when it cannot be written any more.
static void heed(int told[2], bool waits)
{
    told[0] = told[1] = -1;
    if (!waits || pipe(told) != 0) // without it, that is found out when something has come
        return;
    fcntl(told[0], F_SETFD, FD_CLOEXEC);
    fcntl(told[1], F_SETFD, FD_CLOEXEC);
    device_heed(told[0]);
}

static void heed_no_more(const int told[2])
{
    device_heed(-1);
    for (int i = 0; i < 2; i++)
        if (told[i] >= 0)
            close(told[i]);
}

// The same by two threads. Returns ROVE_OK also when it has found that one should do the rest.
static enum rove_status share(struct rove_stream *in, struct rove_stream *out, const struct pump_how *how,
                              uint64_t part_cnt)
{
    size_t step = how->waits ? rove_pool_chunk_len(NULL) : RELAY_LEN;
    enum rove_status status = ROVE_OK, put;
    struct relay *relay;
    uint8_t *buf;
    size_t len;
    int told[2];

    heed(told, how->waits);
    relay = relay_start(out, told[1]);
    if (relay == NULL) {
        heed_no_more(told);
        return ROVE_OK;
    }
    threads_wrote(how->threads);
    while (status == ROVE_OK && threads_parts(how->threads) == part_cnt && (buf = relay_take(relay)) != NULL) {
        status = rove_stream_read(in, buf, step, &len);
        if (len > 0)
            relay_give(relay, len);
        if (how->meter != NULL)
            tick(how->meter, len);
    }
    put = relay_end(relay);
    heed_no_more(told);
    return put != ROVE_OK ? put : status;
}

// Which side failed. What sticks tells; a want of memory of a stream without a chain does not stick. Then who reads is asked
// again.
static enum pump_end blame(struct rove_stream *in, const struct rove_stream *out, enum rove_status status)
{
    const uint8_t *ptr;
    size_t len;

    if (rove_stream_error(out) != ROVE_OK)
        return PUMP_OUT_FAILED;
    if (status != ROVE_E_NOMEM && status != ROVE_E_LIMIT)
        return PUMP_IN_FAILED;
    return rove_stream_peek(in, &ptr, &len) == status ? PUMP_IN_FAILED : PUMP_OUT_FAILED;
}

enum pump_end pump(struct rove_stream *in, struct rove_stream *out, const struct pump_how *how,
                   enum rove_status *status_out)
{
    enum rove_status status = ROVE_OK;

    if (how->threads != NULL && how->threads->workers != NULL) {
        uint64_t part_cnt = threads_parts(how->threads);
        status = copy(in, out, how->meter, ALONE_LEN);
        if (status == ROVE_OK && threads_parts(how->threads) == part_cnt)
            status = share(in, out, how, part_cnt);
    }
    if (status == ROVE_OK)
        status = copy(in, out, how->meter, UINT64_MAX);
    *status_out = status;
    if (status == ROVE_END)
        return PUMP_DONE;
    return blame(in, out, status);
}
