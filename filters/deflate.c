// SPDX-License-Identifier: MIT
// deflate.c: raw deflate data, RFC 1951: no header, no checksum, so damage may pass unnoticed.
#include "builtin.h"
#include "zlib_core.h"

static const struct rv_wrap wrap = {.takes_dict = true};

static int32_t encode_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    return rv_deflater_open(st, host, &wrap, values);
}

const struct rove_filter rv_filter_deflate_encode = {
    ROVE_FILTER_INIT,
    .name = "deflate",
    .about = "raw deflate data (RFC 1951), no checksum",
    .flags = ROVE_F_FLUSHES,
    .options = rv_zlib_dict_options,
    .open = encode_open,
    RV_DEFLATER,
};

static int32_t decode_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    int32_t rc = rv_inflater_body(st, in, out, act, 0);

    return rc == RV_STEP ? ROVE_END : rc;
}

static int32_t decode_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    int32_t rc = rv_inflater_open(st, host, &wrap, values);

    if (rc != ROVE_OK) {
        return rc;
    }
    rc = rv_inflater_use_dict(st);
    if (rc != ROVE_OK) {
        rv_inflater_close(st);
    }
    return rc;
}

static int32_t decode_reset(void *st)
{
    rv_inflater_reset(st);
    return rv_inflater_use_dict(st);
}

static int32_t decode_mark(void *st, struct rove_mark *mark)
{
    struct rv_inflater *d = st;

    return d->place == RV_PLACE_END ? ROVE_E_UNSUPPORTED : rv_inflater_mark(d, d->place == RV_PLACE_START, mark);
}

static int32_t decode_resume(void *st, const struct rove_mark *mark)
{
    return rv_inflater_resume(st, mark);
}

const struct rove_filter rv_filter_deflate_decode = {
    ROVE_FILTER_INIT,
    .name = "deflate",
    .about = "raw deflate data (RFC 1951), no checksum",
    .state_len = sizeof(struct rv_inflater),
    .options = rv_zlib_dict_options,
    .open = decode_open,
    .run = decode_run,
    .reset = decode_reset,
    .mark = decode_mark,
    .resume = decode_resume,
    RV_INFLATER,
};
