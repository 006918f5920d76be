// SPDX-License-Identifier: MIT
// tap.h: what all checksum filters share: the option `expect` and the end of run().
#ifndef RV_FILTERS_TAP_H
#define RV_FILTERS_TAP_H

#include "util.h"

#define RV_DIGEST_MAX 8

// The first member of every checksum's state.
struct rv_tap {
    const struct rove_host *host;
    uint32_t expect_len; // 0: nothing is expected
    uint8_t expect[RV_DIGEST_MAX];
};

// The option table of a checksum whose digest has `len` bytes.
#define RV_TAP_OPTIONS(len)                                                                   \
    {                                                                                         \
        {.key = "expect", .kind = ROVE_OPT_HEX, .dirs = ROVE_ENCODE | ROVE_DECODE | ROVE_TAP, \
         .min = (len), .max = (len), .about = "fail at the end unless this is the digest"},   \
        {.key = NULL},                                                                        \
    }

// Takes over the value of `expect`; `len` is the digest's length.
int32_t rv_tap_open(struct rv_tap *tap, const struct rove_host *host,
                    const struct rove_value *expect, uint32_t len);

// What run() returns once all input is summed: at FINISH the digest is held against `expect`.
int32_t rv_tap_end(const struct rv_tap *tap, uint32_t act, const uint8_t *digest, uint32_t len);

#endif
