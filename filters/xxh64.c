// SPDX-License-Identifier: MIT
// xxh64.c: XXH64 with seed 0, in xxHash's canonical (big-endian) form.
#include "builtin.h"
#include "tap.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#define DIGEST_LEN 8

struct xxh64 {
    struct rv_tap tap;
    XXH64_state_t xxh;
};

static const struct rove_option options[] = RV_TAP_OPTIONS(DIGEST_LEN);

static int32_t xxh64_reset(void *st)
{
    struct xxh64 *x = st;

    (void) XXH64_reset(&x->xxh, 0);
    return ROVE_OK;
}

static int32_t xxh64_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    struct xxh64 *x = st;

    xxh64_reset(x);
    return rv_tap_open(&x->tap, host, &values[0], DIGEST_LEN);
}

static uint32_t xxh64_digest(const void *st, uint8_t *buf, uint32_t cap)
{
    const struct xxh64 *x = st;

    if (cap >= DIGEST_LEN) {
        rv_put_be64(buf, XXH64_digest(&x->xxh));
    }
    return DIGEST_LEN;
}

static int32_t xxh64_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct xxh64 *x = st;
    uint8_t digest[DIGEST_LEN];

    (void) out;
    if (in->len > 0) {
        (void) XXH64_update(&x->xxh, in->ptr, in->len);
        rv_in_skip(in, in->len);
    }
    if (act == ROVE_RUN) {
        return ROVE_OK;
    }
    xxh64_digest(x, digest, sizeof digest);
    return rv_tap_end(&x->tap, act, digest, sizeof digest);
}

const struct rove_filter rv_filter_xxh64 = {
    ROVE_FILTER_INIT,
    .name = "xxh64",
    .about = "XXH64 with seed 0",
    .dir = ROVE_TAP,
    .state_len = sizeof(struct xxh64),
    .options = options,
    .library = "xxhash",
    .open = xxh64_open,
    .run = xxh64_run,
    .reset = xxh64_reset,
    .digest = xxh64_digest,
};
