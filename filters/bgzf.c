// SPDX-License-Identifier: MIT
// bgzf.c: BGZF by zlib. bgzf.h has the format.
#include "bgzf.h"
#include "builtin.h"
#include "crc.h"
#include "gzip.h"

enum { OPT_LEVEL, OPT_TRAILING };

static const struct rove_option options[] = {
    {.key = "level", .kind = ROVE_OPT_UINT, .dirs = ROVE_ENCODE, .max = 9, .fallback = "6",
     .about = "0 stores, 1 is fastest, 9 is smallest"},
    RV_TRAILING_OPTION,
    {.key = NULL},
};

// encode ----------------------------------------------------------------------------------------

struct encoder {
    struct rv_bgzf_writer writer; // first
    bool stores;
    z_stream z;
};

static size_t press(void *st, struct rove_in block, struct rove_out room)
{
    struct encoder *e = st;

    if (e->stores || deflateReset(&e->z) != Z_OK) {
        return 0;
    }
    e->z.next_in = block.ptr;
    e->z.avail_in = (uInt) block.len;
    e->z.next_out = room.ptr;
    e->z.avail_out = (uInt) room.len;
    return deflate(&e->z, Z_FINISH) == Z_STREAM_END ? room.len - e->z.avail_out : 0;
}

static int32_t encode_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    struct encoder *e = st;

    e->writer.blocks.host = host;
    e->writer.blocks.codec = &rv_bgzf_blocks;
    e->writer.crc = rv_crc32;
    e->writer.deflate = press;
    e->stores = values[OPT_LEVEL].u == 0;
    if (e->stores) {
        return ROVE_OK;
    }
    rv_zlib_borrow(&e->z, host);
    return rv_zlib_opened(host, deflateInit2(&e->z, (int) values[OPT_LEVEL].u, Z_DEFLATED, -MAX_WBITS, 8,
                                             Z_DEFAULT_STRATEGY));
}

static void encode_close(void *st)
{
    struct encoder *e = st;

    if (!e->stores) {
        (void) deflateEnd(&e->z);
    }
    rv_blocks_close(&e->writer.blocks);
}

static int32_t encode_reset(void *st)
{
    struct encoder *e = st;

    rv_blocks_reset(&e->writer.blocks);
    return ROVE_OK;
}

static uint64_t encode_bound(const void *st, uint64_t in_len)
{
    (void) st;
    return rv_bgzf_bound(in_len);
}

const struct rove_filter rv_filter_bgzf_encode = {
    ROVE_FILTER_INIT,
    .name = "bgzf",
    .about = "BGZF: gzip members of 64 KiB that tell their length, and an end marker",
    .dir = ROVE_ENCODE,
    .flags = ROVE_F_FLUSHES | ROVE_F_SPLITS | ROVE_F_CHECKS,
    .state_len = sizeof(struct encoder),
    .block_len = RV_BGZF_BLOCK,
    .options = options,
    .library = RV_ZLIB_LIBRARY,
    .open = encode_open,
    .run = rv_blocks_run,
    .close = encode_close,
    .reset = encode_reset,
    .bound = encode_bound,
    RV_BLOCKS_PARTS,
    .mark = rv_blocks_mark,
};

// decode ----------------------------------------------------------------------------------------

struct decoder {
    struct rv_bgzf_reader reader; // first
    struct rv_gunzip gzip;        // whose zlib inflates our members, too
};

static int32_t expand(void *st, struct rove_in *src, struct rove_out *room, const char **why_out)
{
    struct decoder *d = st;
    z_stream *z = &d->gzip.inf.z;
    size_t out_len = room->len;
    int rc;

    (void) inflateReset(z); // fails only for a state that was never opened
    z->next_in = src->ptr;
    z->avail_in = (uInt) src->len;
    z->next_out = out_len > 0 ? room->ptr : &d->gzip.inf.none;
    z->avail_out = (uInt) out_len;
    rc = inflate(z, Z_FINISH);
    rv_in_skip(src, src->len - z->avail_in);
    rv_out_skip(room, out_len - z->avail_out);
    switch (rc) {
    case Z_STREAM_END:
        return ROVE_OK;
    case Z_MEM_ERROR:
        return ROVE_E_NOMEM;
    case Z_OK:
    case Z_BUF_ERROR:
        *why_out = "they go on behind its end";
        return z->avail_out == 0 ? ROVE_E_RANGE : ROVE_E_DATA;
    default:
        *why_out = z->msg == NULL ? "they make no sense" : z->msg;
        return ROVE_E_DATA;
    }
}

static int32_t decode_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    static const struct rv_bgzf_codec codec = {rv_crc32, expand, rv_gunzip_run, rv_gunzip_reset};
    struct decoder *d = st;
    uint32_t policy = (uint32_t) values[OPT_TRAILING].u;

    d->reader.gzip = &d->gzip;
    d->reader.gzip_member = &d->gzip.member;
    rv_bgzf_open(&d->reader, host, &codec, policy);
    return rv_gunzip_open(&d->gzip, host, policy);
}

static void decode_close(void *st)
{
    struct decoder *d = st;

    rv_bgzf_close(&d->reader);
    rv_inflater_close(&d->gzip);
}

static int32_t decode_reset(void *st)
{
    struct decoder *d = st;

    rv_bgzf_reset(&d->reader);
    return ROVE_OK;
}

const struct rove_filter rv_filter_bgzf_decode = {
    ROVE_FILTER_INIT,
    .name = "bgzf",
    .about = "BGZF: gzip members of 64 KiB that tell their length, and an end marker",
    .dir = ROVE_DECODE,
    .flags = ROVE_F_SPLITS | ROVE_F_CHECKS,
    .state_len = sizeof(struct decoder),
    .block_len = 256 * 1024,
    .options = options,
    .library = RV_ZLIB_LIBRARY,
    .open = decode_open,
    .run = rv_bgzf_run,
    .close = decode_close,
    .reset = decode_reset,
    .detect = rv_bgzf_detect,
    RV_BGZF_PARTS,
    RV_BGZF_RESTART,
};
