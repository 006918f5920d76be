// SPDX-License-Identifier: MIT
// tap.c: a checksum held against an expected value.
#include "tap.h"

int32_t rv_tap_open(struct rv_tap *tap, const struct rove_host *host,
                    const struct rove_value *expect, uint32_t len)
{
    tap->host = host;
    tap->expect_len = 0;
    if (expect->text == NULL) {
        return ROVE_OK;
    }
    if (expect->text_len != len || len > sizeof tap->expect) {
        return rv_fail(host, ROVE_E_ARG, "the expected digest must have %u bytes", (unsigned) len);
    }
    memcpy(tap->expect, expect->text, len);
    tap->expect_len = len;
    return ROVE_OK;
}

static void to_hex(char *text, const uint8_t *bytes, uint32_t len)
{
    static const char digits[] = "0123456789abcdef";

    for (uint32_t i = 0; i < len; i++) {
        *text++ = digits[bytes[i] >> 4];
        *text++ = digits[bytes[i] & 15];
    }
    *text = 0;
}

int32_t rv_tap_end(const struct rv_tap *tap, uint32_t act, const uint8_t *digest, uint32_t len)
{
    char want[2 * RV_DIGEST_MAX + 1], have[2 * RV_DIGEST_MAX + 1];

    if (act == ROVE_RUN) {
        return ROVE_OK;
    }
    if (act == ROVE_FLUSH || tap->expect_len == 0 || memcmp(tap->expect, digest, len) == 0) {
        return ROVE_END;
    }
    to_hex(want, tap->expect, len);
    to_hex(have, digest, len);
    return rv_fail(tap->host, ROVE_E_CHECKSUM, "the digest is %s, expected was %s", have, want);
}
