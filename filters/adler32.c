// SPDX-License-Identifier: MIT
// adler32.c: the checksum of the zlib format (RFC 1950, section 8.2).
#include "builtin.h"
#include "crc.h"
#include "tap.h"

#define DIGEST_LEN 4

struct adler32 {
    struct rv_tap tap;
    uint32_t adler;
};

static const struct rove_option options[] = RV_TAP_OPTIONS(DIGEST_LEN);

static int32_t adler32_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    struct adler32 *a = st;

    a->adler = 1;
    return rv_tap_open(&a->tap, host, &values[0], DIGEST_LEN);
}

static uint32_t adler32_digest(const void *st, uint8_t *buf, uint32_t cap)
{
    const struct adler32 *a = st;

    if (cap >= DIGEST_LEN) {
        rv_put_be32(buf, a->adler);
    }
    return DIGEST_LEN;
}

static int32_t adler32_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct adler32 *a = st;
    uint8_t digest[DIGEST_LEN];

    (void) out;
    if (in->len > 0) {
        a->adler = rv_adler32(a->adler, in->ptr, in->len);
        rv_in_skip(in, in->len);
    }
    adler32_digest(a, digest, sizeof digest);
    return rv_tap_end(&a->tap, act, digest, sizeof digest);
}

static int32_t adler32_reset(void *st)
{
    struct adler32 *a = st;

    a->adler = 1;
    return ROVE_OK;
}

static int32_t adler32_join(void *st, const void *part, uint64_t part_len)
{
    struct adler32 *a = st;
    const struct adler32 *p = part;

    if (part_len > RV_JOIN_MAX) {
        return ROVE_E_RANGE;
    }
    a->adler = rv_adler32_join(a->adler, p->adler, part_len);
    return ROVE_OK;
}

const struct rove_filter rv_filter_adler32 = {
    ROVE_FILTER_INIT,
    .name = "adler32",
    .about = "Adler-32 as in zlib",
    .dir = ROVE_TAP,
    .state_len = sizeof(struct adler32),
    .options = options,
    .library = RV_ADLER32_LIBRARY,
    .open = adler32_open,
    .run = adler32_run,
    .reset = adler32_reset,
    .join = adler32_join,
    .digest = adler32_digest,
};
