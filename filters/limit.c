// SPDX-License-Identifier: MIT
// limit.c: lets at most `max` bytes pass, then fails.
//
// The one tap that may leave input behind: it consumes what is allowed and fails on the byte after
// that, so the chain passes on exactly `max` bytes and nothing of what follows.
#include "builtin.h"
#include "util.h"

struct limit {
    const struct rove_host *host;
    uint64_t max;
    uint64_t left;
};

static const struct rove_option options[] = {
    {.key = "max", .kind = ROVE_OPT_UINT, .dirs = ROVE_ENCODE | ROVE_DECODE | ROVE_TAP,
     .max = UINT64_MAX, .fallback = "1G", .about = "the most bytes that may pass"},
    {.key = NULL},
};

static int32_t limit_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    struct limit *l = st;

    l->host = host;
    l->max = values[0].u;
    l->left = l->max;
    return ROVE_OK;
}

static int32_t too_many(const struct limit *l)
{
    return rv_fail(l->host, ROVE_E_LIMIT, "there are more than the %llu bytes that max allows",
                   (unsigned long long) l->max);
}

static int32_t limit_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct limit *l = st;
    size_t len = in->len;

    (void) out;
    if (len > l->left) {
        rv_in_skip(in, (size_t) l->left);
        l->left = 0;
        return too_many(l);
    }
    l->left -= len;
    rv_in_skip(in, len);
    return act == ROVE_RUN ? ROVE_OK : ROVE_END;
}

static int32_t limit_reset(void *st)
{
    struct limit *l = st;

    l->left = l->max;
    return ROVE_OK;
}

static int32_t limit_join(void *st, const void *part, uint64_t part_len)
{
    struct limit *l = st;

    (void) part; // only its length matters
    if (part_len > l->left) {
        return too_many(l);
    }
    l->left -= part_len;
    return ROVE_OK;
}

const struct rove_filter rv_filter_limit = {
    ROVE_FILTER_INIT,
    .name = "limit",
    .about = "fails when more than max bytes pass",
    .dir = ROVE_TAP,
    .state_len = sizeof(struct limit),
    .options = options,
    .open = limit_open,
    .run = limit_run,
    .reset = limit_reset,
    .join = limit_join,
};
