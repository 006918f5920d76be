// SPDX-License-Identifier: MIT
// crc32.c: the CRC-32 of gzip, zip, PNG and Ethernet (polynomial 0xEDB88320, reflected).
#include "builtin.h"
#include "crc.h"
#include "tap.h"

#define DIGEST_LEN 4

struct crc32 {
    struct rv_tap tap;
    uint32_t crc;
};

static const struct rove_option options[] = RV_TAP_OPTIONS(DIGEST_LEN);

static int32_t crc32_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    struct crc32 *c = st;

    c->crc = 0;
    return rv_tap_open(&c->tap, host, &values[0], DIGEST_LEN);
}

static uint32_t crc32_digest(const void *st, uint8_t *buf, uint32_t cap)
{
    const struct crc32 *c = st;

    if (cap >= DIGEST_LEN) {
        rv_put_be32(buf, c->crc);
    }
    return DIGEST_LEN;
}

static int32_t crc32_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct crc32 *c = st;
    uint8_t digest[DIGEST_LEN];

    (void) out;
    if (in->len > 0) {
        c->crc = rv_crc32(c->crc, in->ptr, in->len);
        rv_in_skip(in, in->len);
    }
    crc32_digest(c, digest, sizeof digest);
    return rv_tap_end(&c->tap, act, digest, sizeof digest);
}

static int32_t crc32_reset(void *st)
{
    struct crc32 *c = st;

    c->crc = 0;
    return ROVE_OK;
}

static int32_t crc32_join(void *st, const void *part, uint64_t part_len)
{
    struct crc32 *c = st;
    const struct crc32 *p = part;

    if (part_len > RV_JOIN_MAX) {
        return ROVE_E_RANGE;
    }
    c->crc = rv_crc32_join(c->crc, p->crc, part_len);
    return ROVE_OK;
}

const struct rove_filter rv_filter_crc32 = {
    ROVE_FILTER_INIT,
    .name = "crc32",
    .about = "CRC-32 as in gzip and zip",
    .dir = ROVE_TAP,
    .state_len = sizeof(struct crc32),
    .options = options,
    .library = RV_CRC32_LIBRARY,
    .open = crc32_open,
    .run = crc32_run,
    .reset = crc32_reset,
    .join = crc32_join,
    .digest = crc32_digest,
};
