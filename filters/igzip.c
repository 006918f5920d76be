// SPDX-License-Identifier: MIT
// igzip.c: a plugin. The gzip format, RFC 1952, written and read by ISA-L: several times as fast as
// zlib, at the ratio of zlib's lowest levels.
//
// One member, made of blocks that are coded each by itself and end on a byte border:
//
//     header 10 B | block | block | … | final block | CRC-32 | length
//
// ISA-L's streaming interface would save a third of a percent in size. But what it writes depends
// on how the input was cut, and it cannot be told when a flush has been written. With blocks of
// 256 KiB each of its four levels is as fast as over one flat piece of memory, and what is written
// hardly ever differs: ISA-L 2.30 was seen to store a block of 28 bytes, out of thousands, that it
// had compressed a moment before.
#include "blocks.h"
#include "igunzip.h"
#include "vectors.h"

#include <isa-l/crc.h>

#define HEAD_LEN 10u
#define TAIL_LEN 8u
#define STORED_LEN 65535u // of a stored block, with 5 bytes before it
#define SLACK 32u         // the end of a block, the final one, and some

static const struct rove_option options[] = {
    {.key = "level", .kind = ROVE_OPT_UINT, .dirs = ROVE_ENCODE, .min = 0, .max = 3,
     .fallback = "1", .about = "0 is fastest, 3 is smallest; none of them stores only"},
    RV_TRAILING_OPTION,
    {.key = NULL},
};

// write -----------------------------------------------------------------------------------------

struct encoder {
    struct rv_blocks blocks;
    uint8_t *tables; // memory of the host; NULL for level 0
    uint32_t tables_len, level, sum;
    uint64_t total;
    bool begun;
    struct isal_zstream z;
};

static size_t worst(const void *st, size_t len)
{
    (void) st;
    return HEAD_LEN + len + 5 * (len / STORED_LEN + 1) + SLACK + TAIL_LEN;
}

static size_t put_head(uint8_t *to)
{
    static const uint8_t head[HEAD_LEN] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255}; // 4: fastest

    memcpy(to, head, sizeof head);
    return sizeof head;
}

static size_t put_tail(const struct encoder *e, uint8_t *to)
{
    rv_put_le32(to, e->sum);
    rv_put_le32(to + 4, (uint32_t) e->total); // ISIZE is modulo 2^32
    return TAIL_LEN;
}

static bool press(struct encoder *e, struct rove_in block, struct rove_out *room, bool last)
{
    int rc;

    isal_deflate_stateless_init(&e->z);
    e->z.level = e->level;
    e->z.level_buf = e->tables;
    e->z.level_buf_size = e->tables_len;
    e->z.flush = last ? NO_FLUSH : FULL_FLUSH;
    e->z.end_of_stream = last;
    e->z.next_in = (uint8_t *) (uintptr_t) block.ptr; // takes but does not change the bytes
    e->z.avail_in = (uint32_t) block.len;
    e->z.next_out = room->ptr;
    e->z.avail_out = (uint32_t) rv_min(room->len, UINT32_MAX);
    rc = isal_deflate_stateless(&e->z);
    rv_out_skip(room, e->z.total_out);
    if (block.len > 0) {
        e->sum = crc32_gzip_refl(e->sum, block.ptr, block.len);
        e->total += block.len;
    }
    rv_leave_vectors();
    return rc == COMP_OK;
}

static size_t code(void *st, struct rove_in block, struct rove_out room, uint32_t act)
{
    struct encoder *e = st;
    uint8_t *from = room.ptr;

    if (!e->begun) {
        rv_out_skip(&room, put_head(room.ptr));
        e->begun = true;
    }
    if (!press(e, block, &room, act == ROVE_FINISH)) {
        return RV_BLOCKS_FAILED;
    }
    if (act == ROVE_FINISH) {
        rv_out_skip(&room, put_tail(e, room.ptr));
    }
    return (size_t) (room.ptr - from);
}

static int32_t encode_reset(void *st)
{
    struct encoder *e = st;

    rv_blocks_reset(&e->blocks);
    e->sum = 0;
    e->total = 0;
    e->begun = false;
    return ROVE_OK;
}

static int32_t encode_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    static const struct rv_block_codec codec = {RV_BLOCK_LEN, worst, code};
    static const uint32_t tables_lens[] = {ISAL_DEF_LVL0_DEFAULT, ISAL_DEF_LVL1_DEFAULT,
                                           ISAL_DEF_LVL2_DEFAULT, ISAL_DEF_LVL3_DEFAULT};
    struct encoder *e = st;

    e->blocks.host = host;
    e->blocks.codec = &codec;
    e->level = (uint32_t) values[0].u;
    if (e->level > 3) {
        return rv_fail(host, ROVE_E_ARG, "there is no level %u", e->level);
    }
    e->tables_len = tables_lens[e->level];
    if (e->tables_len > 0) {
        e->tables = host->alloc(host->ctx, e->tables_len);
        if (e->tables == NULL) {
            return ROVE_E_NOMEM;
        }
    }
    return ROVE_OK;
}

static void encode_close(void *st)
{
    struct encoder *e = st;

    e->blocks.host->free(e->blocks.host->ctx, e->tables);
    rv_blocks_close(&e->blocks);
}

static uint64_t encode_bound(const void *st, uint64_t in_len)
{
    uint64_t blocks = in_len / RV_BLOCK_LEN + 1;
    uint64_t more = HEAD_LEN + TAIL_LEN + blocks * (worst(st, RV_BLOCK_LEN) - RV_BLOCK_LEN);

    return rv_sat_add(in_len, more); // more is a thousandth of in_len
}

// Blocks know nothing of those before, but stand in one member.
static int32_t encode_mark(void *st, struct rove_mark *mark)
{
    struct encoder *e = st;
    int32_t rc = rv_blocks_mark(st, mark);

    if (rc == ROVE_OK && e->begun) {
        mark->flags = 0;
    }
    return rc;
}

static const struct rove_filter igzip_encode = {
    ROVE_FILTER_INIT,
    .name = "igzip",
    .about = "gzip format (RFC 1952), written fast, as one member",
    .dir = ROVE_ENCODE,
    .flags = ROVE_F_FLUSHES | ROVE_F_SPLITS | ROVE_F_CHECKS,
    .state_len = sizeof(struct encoder),
    .block_len = RV_BLOCK_LEN,
    .options = options,
    .library = RV_ISAL_LIBRARY,
    .open = encode_open,
    .run = rv_blocks_run,
    .close = encode_close,
    .reset = encode_reset,
    .bound = encode_bound,
    .mark = encode_mark,
};

// read ------------------------------------------------------------------------------------------

static const struct rove_filter igzip_decode = {
    ROVE_FILTER_INIT,
    .name = "igzip",
    .about = "gzip format (RFC 1952), any number of members, read fast",
    .options = options,
    RV_IGUNZIP,
};

static const struct rove_filter *const filters[] = {&igzip_encode, &igzip_decode, NULL};

static const struct rove_plugin plugin = {
    ROVE_PLUGIN_INIT,
    .name = "igzip",
    .version = "1",
    .license = "MIT",
    .filters = filters,
};

ROVE_PLUGIN(&plugin)
