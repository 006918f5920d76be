// SPDX-License-Identifier: MIT
// zlib.c: the zlib format, RFC 1950, around zlib's deflate.
//
//     CMF FLG | DICTID(4) if FDICT | deflate data | Adler-32(4), most significant byte first
//
// A stream ends for good with its Adler-32; what follows belongs to somebody else.
#include "builtin.h"
#include "crc.h"
#include "zlib_core.h"

enum { FDICT = 0x20 };

static uint32_t tail(uint32_t sum, uint64_t total, uint8_t *buf)
{
    (void) total;
    rv_put_be32(buf, sum);
    return 4;
}

// encode ----------------------------------------------------------------------------------------

// FLEVEL (RFC 1950, 2.2): a hint at how hard the encoder tried.
static unsigned level_hint(const struct rove_value *v)
{
    uint64_t level = v[RV_ZOPT_LEVEL].u;

    if (level < 2 || v[RV_ZOPT_STRATEGY].u >= Z_HUFFMAN_ONLY) {
        return 0;
    }
    return level < 6 ? 1 : level == 6 ? 2 : 3;
}

static int32_t head(struct rv_deflater *d, const struct rove_value *v)
{
    unsigned head = (unsigned) (v[RV_ZOPT_WINDOW].u - 8) << 12 | Z_DEFLATED << 8;

    head |= level_hint(v) << 6;
    head |= d->dict != NULL ? FDICT : 0;
    head += 31 - head % 31; // FCHECK
    if (rv_deflater_head(d, d->dict != NULL ? 6 : 2) != ROVE_OK) {
        return ROVE_E_NOMEM;
    }
    d->head[0] = (uint8_t) (head >> 8);
    d->head[1] = (uint8_t) head;
    if (d->dict != NULL) {
        rv_put_be32(d->head + 2, rv_adler32(1, d->dict, d->dict_len));
    }
    return ROVE_OK;
}

static const struct rv_sum adler32_sum = {.start = 1, .add = rv_adler32, .join = rv_adler32_join};

static const struct rv_wrap wrap = {.sum = &adler32_sum, .takes_dict = true, .head = head, .tail = tail};

static int32_t encode_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    return rv_deflater_open(st, host, &wrap, values);
}

const struct rove_filter rv_filter_zlib_encode = {
    ROVE_FILTER_INIT,
    .name = "zlib",
    .about = "zlib format (RFC 1950)",
    .flags = ROVE_F_FLUSHES | ROVE_F_CHECKS,
    .options = rv_zlib_dict_options,
    .open = encode_open,
    RV_DEFLATER,
};

// decode ----------------------------------------------------------------------------------------

struct unzlib {
    struct rv_inflater inf; // first
    uint32_t have; // bytes in buf
    uint8_t phase;
    uint8_t buf[4];
};

enum { HEAD, DICT_ID, BODY, TAIL, DONE };

static int32_t go(struct unzlib *u, uint8_t phase)
{
    u->phase = phase;
    u->have = 0;
    return RV_STEP;
}

static int32_t step_head(struct unzlib *u, struct rove_in *in, uint32_t act)
{
    const struct rove_host *host = u->inf.host;
    unsigned head;

    if (!rv_gather(u->buf, &u->have, 2, in)) {
        bool may_end = u->have == 0 && u->inf.resumed;

        return rv_starved(host, act, may_end ? NULL : "the zlib header ends too early");
    }
    head = (unsigned) u->buf[0] << 8 | u->buf[1];
    if (head % 31 != 0) {
        return rv_fail(host, ROVE_E_FORMAT, "not zlib data: the first two bytes do not check");
    }
    if ((u->buf[0] & 15) != Z_DEFLATED) {
        return rv_fail(host, ROVE_E_UNSUPPORTED, "zlib compression method %u is unknown",
                       u->buf[0] & 15u);
    }
    if (u->buf[0] >> 4 > MAX_WBITS - 8) {
        return rv_fail(host, ROVE_E_UNSUPPORTED, "the zlib window of 2^%u bytes is too large",
                       (u->buf[0] >> 4) + 8u);
    }
    return go(u, (head & FDICT) != 0 ? DICT_ID : BODY);
}

static int32_t step_dict_id(struct unzlib *u, struct rove_in *in, uint32_t act)
{
    const struct rove_host *host = u->inf.host;

    if (!rv_gather(u->buf, &u->have, 4, in)) {
        return rv_starved(host, act, "the zlib header ends too early");
    }
    if (u->inf.dict == NULL) {
        return rv_fail(host, ROVE_E_UNSUPPORTED, "a preset dictionary is needed to read this");
    }
    if (rv_be32(u->buf) != rv_adler32(1, u->inf.dict, u->inf.dict_len)) {
        return rv_fail(host, ROVE_E_CHECKSUM, "it was written with another preset dictionary");
    }
    if (rv_inflater_use_dict(&u->inf) != ROVE_OK) {
        return ROVE_E_NOMEM;
    }
    return go(u, BODY);
}

static int32_t step_tail(struct unzlib *u, struct rove_in *in, uint32_t act)
{
    if (!rv_gather(u->buf, &u->have, 4, in)) {
        return rv_starved(u->inf.host, act, "the Adler-32 at the end is incomplete");
    }
    if (!u->inf.unsummed && rv_be32(u->buf) != u->inf.sum) {
        return rv_fail(u->inf.host, ROVE_E_CHECKSUM, "the Adler-32 differs");
    }
    return go(u, DONE);
}

static int32_t step_body(struct unzlib *u, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    int32_t rc = rv_inflater_body(&u->inf, in, out, act, 0);

    return rc == RV_STEP ? go(u, TAIL) : rc;
}

static int32_t decode_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct unzlib *u = st;
    int32_t rc;

    do {
        switch (u->phase) {
        case HEAD:
            rc = step_head(u, in, act);
            break;
        case DICT_ID:
            rc = step_dict_id(u, in, act);
            break;
        case BODY:
            rc = step_body(u, in, out, act);
            break;
        case TAIL:
            rc = step_tail(u, in, act);
            break;
        default:
            rc = ROVE_END;
        }
    } while (rc == RV_STEP);
    return rc;
}

static int32_t decode_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    return rv_inflater_open(st, host, &wrap, values);
}

static int32_t decode_reset(void *st)
{
    struct unzlib *u = st;

    rv_inflater_reset(&u->inf);
    go(u, HEAD);
    return ROVE_OK;
}

static int32_t decode_mark(void *st, struct rove_mark *mark)
{
    struct unzlib *u = st;

    if (u->phase == TAIL || u->phase == DONE) {
        return ROVE_E_UNSUPPORTED;
    }
    return rv_inflater_mark(&u->inf, u->phase == HEAD && u->have == 0, mark);
}

static int32_t decode_resume(void *st, const struct rove_mark *mark)
{
    struct unzlib *u = st;
    int32_t rc = rv_inflater_resume(&u->inf, mark);

    go(u, u->inf.unsummed ? BODY : HEAD);
    return rc;
}

static uint32_t decode_detect(const uint8_t *head, uint32_t len)
{
    if (len < 2 || ((unsigned) head[0] << 8 | head[1]) % 31 != 0) {
        return 0;
    }
    return (head[0] & 15) == Z_DEFLATED && head[0] >> 4 <= 7 ? 10 : 0;
}

const struct rove_filter rv_filter_zlib_decode = {
    ROVE_FILTER_INIT,
    .name = "zlib",
    .about = "zlib format (RFC 1950)",
    .flags = ROVE_F_CHECKS,
    .state_len = sizeof(struct unzlib),
    .options = rv_zlib_dict_options,
    .open = decode_open,
    .run = decode_run,
    .reset = decode_reset,
    .detect = decode_detect,
    .mark = decode_mark,
    .resume = decode_resume,
    RV_INFLATER,
};
