// SPDX-License-Identifier: MIT
// lz4_past.c: see lz4_past.h.
#include "lz4_past.h"

#define PAST_CAP (2 * RV_LZ4_HISTORY)

static bool remember(struct rv_lz4_past *p, const struct rove_host *host, const uint8_t *src, size_t len)
{
    size_t keep;

    if (p->past == NULL) {
        p->past = host->alloc(host->ctx, PAST_CAP);
        if (p->past == NULL) {
            return false;
        }
    }
    if (len > RV_LZ4_HISTORY) {
        src += len - RV_LZ4_HISTORY;
        len = RV_LZ4_HISTORY;
    }
    if (p->past_len + len > PAST_CAP) {
        keep = RV_LZ4_HISTORY; // less than past_len, as len is no more
        memmove(p->past, p->past + p->past_len - keep, keep);
        p->past_len = keep;
    }
    memcpy(p->past + p->past_len, src, len);
    p->past_len += len;
    return true;
}

bool rv_lz4_past_keep(struct rv_lz4_past *p, const struct rove_host *host)
{
    bool ok = p->run_len == 0 || remember(p, host, p->run, p->run_len);

    p->run_len = 0;
    return ok;
}

bool rv_lz4_past_of(struct rv_lz4_past *p, const struct rove_host *host, const uint8_t *dst,
                    const uint8_t **past_out, size_t *len_out)
{
    if (p->run_len >= RV_LZ4_HISTORY && p->run + p->run_len == dst) {
        *past_out = dst - RV_LZ4_HISTORY;
        *len_out = RV_LZ4_HISTORY;
        return true;
    }
    if (!rv_lz4_past_keep(p, host)) {
        return false;
    }
    *len_out = rv_min(RV_LZ4_HISTORY, p->past_len);
    *past_out = *len_out == 0 ? NULL : p->past + p->past_len - *len_out;
    return true;
}

bool rv_lz4_past_add(struct rv_lz4_past *p, const struct rove_host *host, const uint8_t *dst, size_t len)
{
    if (p->run_len > 0 && p->run + p->run_len != dst && !rv_lz4_past_keep(p, host)) {
        return false;
    }
    if (p->run_len == 0) {
        p->run = dst;
    }
    p->run_len += len;
    return true;
}
