// SPDX-License-Identifier: MIT
// count.c: counts the bytes that pass, and with rate=yes the time they take; the digest is both.
//
//     bytes(8) [nanoseconds from when the first bytes came until the last had come(8)]
//
// The rate of a stream is the one divided by the other. The clock is read once a call, and not at
// all unless it is asked for, so that equal input gives equal digests.
#include "builtin.h"
#include "util.h"

#include <time.h>

#define DIGEST_LEN 8u

struct count {
    uint64_t total;
    uint64_t first_ns, last_ns; // when the first bytes came, and the last ones
    bool timed;
};

static const struct rove_option options[] = {
    {.key = "rate", .kind = ROVE_OPT_BOOL, .dirs = ROVE_ENCODE | ROVE_DECODE | ROVE_TAP,
     .fallback = "no", .about = "take the time too: 8 more bytes of digest, in nanoseconds"},
    {.key = NULL},
};

static uint64_t now_ns(void)
{
    struct timespec t;

    return clock_gettime(CLOCK_MONOTONIC, &t) != 0
               ? 0
               : (uint64_t) t.tv_sec * 1000000000u + (uint64_t) t.tv_nsec;
}

static int32_t count_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    struct count *c = st;

    (void) host;
    c->timed = values[0].u != 0;
    return ROVE_OK;
}

static int32_t count_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct count *c = st;

    (void) out;
    if (c->timed && in->len > 0) {
        c->last_ns = now_ns();
        c->first_ns = c->total == 0 ? c->last_ns : c->first_ns;
    }
    c->total = rv_sat_add(c->total, in->len);
    rv_in_skip(in, in->len);
    return act == ROVE_RUN ? ROVE_OK : ROVE_END;
}

static int32_t count_reset(void *st)
{
    struct count *c = st;

    c->total = 0;
    c->first_ns = c->last_ns = 0;
    return ROVE_OK;
}

// The parts may have passed at the same time: what is joined lasts from the first to the last.
static int32_t count_join(void *st, const void *part, uint64_t part_len)
{
    struct count *c = st;
    const struct count *p = part;

    (void) part_len; // the part knows
    if (p->total > 0) {
        if (c->total == 0 || p->first_ns < c->first_ns) {
            c->first_ns = p->first_ns;
        }
        c->last_ns = p->last_ns > c->last_ns ? p->last_ns : c->last_ns;
    }
    c->total = rv_sat_add(c->total, p->total);
    return ROVE_OK;
}

static uint32_t count_digest(const void *st, uint8_t *buf, uint32_t cap)
{
    const struct count *c = st;
    uint32_t len = c->timed ? 2 * DIGEST_LEN : DIGEST_LEN;

    if (cap < len) {
        return len;
    }
    rv_put_be64(buf, c->total);
    if (c->timed) {
        rv_put_be64(buf + DIGEST_LEN, c->last_ns - c->first_ns);
    }
    return len;
}

const struct rove_filter rv_filter_count = {
    ROVE_FILTER_INIT,
    .name = "count",
    .about = "counts bytes",
    .dir = ROVE_TAP,
    .state_len = sizeof(struct count),
    .options = options,
    .open = count_open,
    .run = count_run,
    .reset = count_reset,
    .join = count_join,
    .digest = count_digest,
};
