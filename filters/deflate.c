// SPDX-License-Identifier: MIT
// deflate.c: raw deflate data, RFC 1951: no header, no checksum, so damage may pass unnoticed.
#include "builtin.h"
#include "zlib_core.h"

enum { OPT_DICT = RV_ZOPT_OWN };

#define DICT_MAX 32768 // more than the window would never be seen again

static const struct rv_wrap wrap = {.sum_start = 0, .sum = NULL, .tail = NULL};

static const struct rove_option options[] = {
    RV_ZLIB_OPTIONS,
    {.key = "dict", .kind = ROVE_OPT_HEX, .dirs = ROVE_ENCODE | ROVE_DECODE, .min = 1,
     .max = DICT_MAX, .about = "preset dictionary, which the reader must know too"},
    {.key = NULL},
};

// encode ----------------------------------------------------------------------------------------

static int32_t encode_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    struct rv_deflater *d = st;
    int32_t rc = rv_deflater_open(d, host, &wrap, values);

    if (rc == ROVE_OK) {
        rc = rv_deflater_dict(d, &values[OPT_DICT]);
        if (rc != ROVE_OK) {
            rv_deflater_close(d);
        }
    }
    return rc;
}

const struct rove_filter rv_filter_deflate_encode = {
    ROVE_FILTER_INIT,
    .name = "deflate",
    .about = "raw deflate data (RFC 1951), no checksum",
    .dir = ROVE_ENCODE,
    .flags = ROVE_F_FLUSHES,
    .state_len = sizeof(struct rv_deflater),
    .block_len = 128 * 1024,
    .options = options,
    .library = "zlib " ZLIB_VERSION,
    .open = encode_open,
    .run = rv_deflater_run,
    .close = rv_deflater_close,
    .reset = rv_deflater_reset,
    .bound = rv_deflater_bound,
};

// decode ----------------------------------------------------------------------------------------

static int32_t decode_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    int32_t rc = rv_inflater_body(st, in, out, act, 0);

    return rc == RV_STEP ? ROVE_END : rc;
}

static void decode_close(void *st)
{
    rv_inflater_close(st);
}

static int32_t decode_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    struct rv_inflater *inf = st;
    int32_t rc = rv_inflater_open(inf, host, &wrap);

    if (rc != ROVE_OK) {
        return rc;
    }
    rc = rv_inflater_keep_dict(inf, &values[OPT_DICT]);
    if (rc == ROVE_OK) {
        rc = rv_inflater_use_dict(inf);
    }
    if (rc != ROVE_OK) {
        decode_close(inf);
    }
    return rc;
}

static int32_t decode_reset(void *st)
{
    struct rv_inflater *inf = st;

    rv_inflater_again(inf);
    return rv_inflater_use_dict(inf);
}

const struct rove_filter rv_filter_deflate_decode = {
    ROVE_FILTER_INIT,
    .name = "deflate",
    .about = "raw deflate data (RFC 1951), no checksum",
    .dir = ROVE_DECODE,
    .state_len = sizeof(struct rv_inflater),
    .block_len = 256 * 1024,
    .options = options,
    .library = "zlib " ZLIB_VERSION,
    .open = decode_open,
    .run = decode_run,
    .close = decode_close,
    .reset = decode_reset,
};
