// SPDX-License-Identifier: MIT
// count.c: counts the bytes that pass; the digest is their number.
#include "builtin.h"
#include "util.h"

#define DIGEST_LEN 8

struct count {
    uint64_t total;
};

static int32_t count_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct count *c = st;

    (void) out;
    c->total = rv_sat_add(c->total, in->len);
    rv_in_skip(in, in->len);
    return act == ROVE_RUN ? ROVE_OK : ROVE_END;
}

static int32_t count_reset(void *st)
{
    struct count *c = st;

    c->total = 0;
    return ROVE_OK;
}

static int32_t count_join(void *st, const void *part, uint64_t part_len)
{
    struct count *c = st;
    const struct count *p = part;

    (void) part_len; // the part knows
    c->total = rv_sat_add(c->total, p->total);
    return ROVE_OK;
}

static uint32_t count_digest(const void *st, uint8_t *buf, uint32_t cap)
{
    const struct count *c = st;

    if (cap >= DIGEST_LEN) {
        rv_put_be64(buf, c->total);
    }
    return DIGEST_LEN;
}

const struct rove_filter rv_filter_count = {
    ROVE_FILTER_INIT,
    .name = "count",
    .about = "counts bytes",
    .dir = ROVE_TAP,
    .state_len = sizeof(struct count),
    .run = count_run,
    .reset = count_reset,
    .join = count_join,
    .digest = count_digest,
};
