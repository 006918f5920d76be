// SPDX-License-Identifier: MIT
// xxh3.c: XXH3 of 64 bits with seed 0, in xxHash's canonical (big-endian) form.
#include "xxh3.h"

#include "builtin.h"
#include "tap.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#define DIGEST_LEN 8
#define ALIGN 64u // of XXH3_state_t, which the host's memory need not have

struct xxh3 {
    struct rv_tap tap;
    rv_xxh3_fn *update;
    uint8_t room[sizeof(XXH3_state_t) + ALIGN]; // the state begins at the first aligned byte
};

static const struct rove_option options[] = RV_TAP_OPTIONS(DIGEST_LEN);

static XXH3_state_t *state_of(struct xxh3 *x)
{
    return (XXH3_state_t *) (((uintptr_t) x->room + ALIGN - 1) & ~(uintptr_t) (ALIGN - 1));
}

static void update_plain(void *state, const uint8_t *buf, size_t len)
{
    (void) XXH3_64bits_update(state, buf, len);
}

static rv_xxh3_fn *best_update(void)
{
#if defined(RV_XXH3_WIDE)
    if (__builtin_cpu_supports("avx512f")) {
        return rv_xxh3_avx512;
    }
    if (__builtin_cpu_supports("avx2")) {
        return rv_xxh3_avx2;
    }
#endif
    return update_plain;
}

static int32_t xxh3_reset(void *st)
{
    struct xxh3 *x = st;

    (void) XXH3_64bits_reset(state_of(x));
    return ROVE_OK;
}

static int32_t xxh3_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    struct xxh3 *x = st;

    x->update = best_update();
    xxh3_reset(x);
    return rv_tap_open(&x->tap, host, &values[0], DIGEST_LEN);
}

static uint32_t xxh3_digest(const void *st, uint8_t *buf, uint32_t cap)
{
    struct xxh3 *x = (struct xxh3 *) (uintptr_t) st; // only to find the aligned byte

    if (cap >= DIGEST_LEN) {
        rv_put_be64(buf, XXH3_64bits_digest(state_of(x)));
    }
    return DIGEST_LEN;
}

static int32_t xxh3_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct xxh3 *x = st;
    uint8_t digest[DIGEST_LEN];

    (void) out;
    if (in->len > 0) {
        x->update(state_of(x), in->ptr, in->len);
        rv_in_skip(in, in->len);
    }
    if (act == ROVE_RUN) {
        return ROVE_OK;
    }
    xxh3_digest(x, digest, sizeof digest);
    return rv_tap_end(&x->tap, act, digest, sizeof digest);
}

const struct rove_filter rv_filter_xxh3 = {
    ROVE_FILTER_INIT,
    .name = "xxh3",
    .about = "XXH3 of 64 bits with seed 0",
    .dir = ROVE_TAP,
    .state_len = sizeof(struct xxh3),
    .options = options,
    .library = "xxhash",
    .open = xxh3_open,
    .run = xxh3_run,
    .reset = xxh3_reset,
    .digest = xxh3_digest,
};
