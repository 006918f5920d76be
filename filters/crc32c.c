// SPDX-License-Identifier: MIT
// crc32c.c: the CRC-32C of iSCSI, ext4 and Btrfs (Castagnoli's polynomial, RFC 3720, 12.1).
//
// ISA-L computes it where it is part of the build. It is the only library in Debian that offers the
// sum, and it exists for x86-64 and arm64 alone; so there is a portable way too, eight bytes a step
// by tables ("slicing by 8"). The tables are made by open() and cost each state 8 KiB, because a
// filter keeps no writable static data.
//
// ISA-L can not join two sums, so that is done here: appending n zero bytes to a message multiplies
// its sum by x^(8n) modulo the polynomial.
#include "builtin.h"
#include "crc.h"
#include "tap.h"

#define DIGEST_LEN 4
#define POLY 0x82F63B78u // reflected: the bit of x^31 is the lowest

struct crc32c {
    struct rv_tap tap;
    uint32_t crc;            // as it is told: begins with 0
    uint32_t (*table)[256];  // eight, memory of the host; NULL with ISA-L
};

static const struct rove_option options[] = RV_TAP_OPTIONS(DIGEST_LEN);

#if defined(RV_WITH_ISAL)

#define LIBRARY "isa-l"

static int32_t prepare(struct crc32c *c)
{
    (void) c;
    return ROVE_OK;
}

static uint32_t update(const struct crc32c *c, const uint8_t *buf, size_t len)
{
    return rv_crc32c(c->crc, buf, len);
}

#else

#define LIBRARY NULL

static int32_t prepare(struct crc32c *c)
{
    const struct rove_host *host = c->tap.host;

    c->table = host->alloc(host->ctx, 8 * sizeof *c->table);
    if (c->table == NULL) {
        return ROVE_E_NOMEM;
    }
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;

        for (int bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? POLY : 0);
        }
        c->table[0][i] = crc;
    }
    for (uint32_t i = 0; i < 256; i++) { // table[k][i]: byte i, followed by k zero bytes
        for (int k = 1; k < 8; k++) {
            uint32_t crc = c->table[k - 1][i];

            c->table[k][i] = (crc >> 8) ^ c->table[0][crc & 255];
        }
    }
    return ROVE_OK;
}

static uint32_t update(const struct crc32c *c, const uint8_t *buf, size_t len)
{
    uint32_t (*const t)[256] = c->table;
    uint32_t crc = ~c->crc;

    for (; len >= 8; buf += 8, len -= 8) {
        uint32_t a = crc ^ rv_le32(buf), b = rv_le32(buf + 4);

        crc = t[7][a & 255] ^ t[6][a >> 8 & 255] ^ t[5][a >> 16 & 255] ^ t[4][a >> 24]
              ^ t[3][b & 255] ^ t[2][b >> 8 & 255] ^ t[1][b >> 16 & 255] ^ t[0][b >> 24];
    }
    for (; len > 0; buf++, len--) {
        crc = (crc >> 8) ^ t[0][(crc ^ *buf) & 255];
    }
    return ~crc;
}

#endif

static int32_t crc32c_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    struct crc32c *c = st;
    int32_t rc = rv_tap_open(&c->tap, host, &values[0], DIGEST_LEN);

    return rc == ROVE_OK ? prepare(c) : rc;
}

static void crc32c_close(void *st)
{
    struct crc32c *c = st;

    c->tap.host->free(c->tap.host->ctx, c->table);
}

static uint32_t crc32c_digest(const void *st, uint8_t *buf, uint32_t cap)
{
    const struct crc32c *c = st;

    if (cap >= DIGEST_LEN) {
        rv_put_be32(buf, c->crc);
    }
    return DIGEST_LEN;
}

static int32_t crc32c_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct crc32c *c = st;
    uint8_t digest[DIGEST_LEN];

    (void) out;
    if (in->len > 0) {
        c->crc = update(c, in->ptr, in->len);
        rv_in_skip(in, in->len);
    }
    crc32c_digest(c, digest, sizeof digest);
    return rv_tap_end(&c->tap, act, digest, sizeof digest);
}

static int32_t crc32c_reset(void *st)
{
    struct crc32c *c = st;

    c->crc = 0;
    return ROVE_OK;
}

// a times b modulo the polynomial; both reflected, so 1 is 0x80000000.
static uint32_t multiply(uint32_t a, uint32_t b)
{
    uint32_t product = 0;

    for (uint32_t bit = 0x80000000u; bit != 0; bit >>= 1) {
        product ^= (a & bit) != 0 ? b : 0;
        b = (b >> 1) ^ ((b & 1) != 0 ? POLY : 0); // times x
    }
    return product;
}

// x^(8 len) by repeated squaring.
static uint32_t zeros(uint64_t len)
{
    uint32_t power = 0x00800000u; // x^8
    uint32_t result = 0x80000000u;

    for (; len > 0; len >>= 1) {
        if ((len & 1) != 0) {
            result = multiply(result, power);
        }
        power = multiply(power, power);
    }
    return result;
}

static int32_t crc32c_join(void *st, const void *part, uint64_t part_len)
{
    struct crc32c *c = st;
    const struct crc32c *p = part;

    c->crc = multiply(zeros(part_len), c->crc) ^ p->crc;
    return ROVE_OK;
}

const struct rove_filter rv_filter_crc32c = {
    ROVE_FILTER_INIT,
    .name = "crc32c",
    .about = "CRC-32C as in iSCSI, ext4 and Btrfs",
    .dir = ROVE_TAP,
    .state_len = sizeof(struct crc32c),
    .options = options,
    .library = LIBRARY,
    .open = crc32c_open,
    .run = crc32c_run,
    .close = crc32c_close,
    .reset = crc32c_reset,
    .join = crc32c_join,
    .digest = crc32c_digest,
};
