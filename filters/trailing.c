// SPDX-License-Identifier: MIT
// trailing.c: counts and judges what stands behind the end.
#include "trailing.h"

const char *const rv_trailing_words[] = {"refuse", "zeros", "ignore", NULL};

static void count_zeros(struct rv_trailing *t, struct rove_in *in)
{
    size_t len = 0;

    while (len < in->len && in->ptr[len] == 0) {
        len++;
    }
    t->zeros += len;
    rv_in_skip(in, len);
}

static int32_t garbage(const struct rv_trailing *t, const struct rove_host *host, const char *part)
{
    if (t->zeros > 0) {
        return rv_fail(host, ROVE_E_TRAILING, "trailing garbage after the last %s and %llu zero bytes",
                       part, (unsigned long long) t->zeros);
    }
    return rv_fail(host, ROVE_E_TRAILING, "trailing garbage after the last %s", part);
}

// All of it has been seen.
static int32_t remark(const struct rv_trailing *t, const struct rove_host *host, const char *part)
{
    unsigned long long zeros = t->zeros, others = t->others;

    if (others > 0) {
        return rv_fail(host, ROVE_END, "%llu bytes of garbage follow the last %s", zeros + others, part);
    }
    return rv_fail(host, t->policy == RV_TRAILING_REFUSE ? ROVE_E_TRAILING : ROVE_END,
                   "%llu zero bytes follow the last %s, up to the end", zeros, part);
}

int32_t rv_trailing_hop(struct rv_trailing *t, const uint8_t *ptr, size_t len, struct rove_hop *hop)
{
    struct rove_in in = {ptr, len};

    if (t->policy == RV_TRAILING_ZEROS) {
        count_zeros(t, &in);
    }
    hop->skip = t->policy == RV_TRAILING_IGNORE ? len : len - in.len;
    return hop->skip > 0 ? ROVE_OK : ROVE_END;
}

int32_t rv_trailing_run(struct rv_trailing *t, const struct rove_host *host, const char *part,
                        struct rove_in *in, uint32_t act)
{
    if (t->others == 0) {
        count_zeros(t, in);
    }
    if (in->len > 0 && t->policy != RV_TRAILING_IGNORE) {
        return garbage(t, host, part);
    }
    t->others += in->len;
    rv_in_skip(in, in->len);
    return act == ROVE_FINISH ? remark(t, host, part) : rv_starved(host, act, NULL);
}
