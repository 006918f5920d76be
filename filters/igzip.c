// SPDX-License-Identifier: MIT
// igzip.c: a plugin. The gzip format, RFC 1952, written and read by ISA-L: several times as fast as
// zlib, at the ratio of zlib's lowest levels.
//
// One member, made of blocks that are coded each by itself and end on a byte border:
//
//     header 10 B | block | block | … | final block | CRC-32 | length
//
// One stream over all would save a third of a percent in size, but what ISA-L writes then depends on how the input was
// cut, and it cannot be told when a flush has been written. With blocks of 256 KiB each of its four levels is as fast
// as over one flat piece of memory, and blocks can be coded by many threads.
//
// The same input must give the same bytes, in whatever state it is coded. ISA-L 2.30 does not see to that at levels 1 and
// 2: where nothing stands before the first byte, what it finds depends on the address of its state, in one of a
// hundred blocks of 28 bytes, and in one of some hundreds of 256 KiB. It was never seen to where there is a dictionary.
// So of each block the first four bytes are stored, and are the dictionary of the others; that costs 9 bytes. (Level 0
// works without, and there the call for whole buffers is the one that stores what does not shrink.)
#include "blocks.h"
#include "igunzip.h"
#include "vectors.h"

#include <isa-l/crc.h>
#include <zlib.h>

#define HEAD_LEN 10u
#define TAIL_LEN 8u
#define DICT_LEN 4u
#define SLACK 64u // the first bytes, the end of a block, the final one, and some

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
    size_t head_pos, tail_pos; // bytes of the header, and of the trailer, that have left
    bool part;   // it codes one: blocks alone, and the last of them is the final one
    bool joined; // all blocks came from parts
    struct isal_zstream z;
};

static size_t worst(const void *st, size_t len)
{
    (void) st;
    return len + RV_STORED_HEAD * (len / RV_STORED_MAX + 1) + SLACK;
}

// Codes a block, or what is left of it behind the bytes in dict.
static bool press(struct encoder *e, struct rove_in block, struct rove_in dict, struct rove_out *room, bool last)
{
    int rc = COMP_OK;

    if (e->level == 0) {
        isal_deflate_stateless_init(&e->z);
    } else {
        isal_deflate_init(&e->z);
        rc = isal_deflate_set_dict(&e->z, (uint8_t *) (uintptr_t) dict.ptr, (uint32_t) dict.len);
    }
    e->z.level = e->level;
    e->z.level_buf = e->tables;
    e->z.level_buf_size = e->tables_len;
    e->z.flush = last ? NO_FLUSH : FULL_FLUSH;
    e->z.end_of_stream = last;
    e->z.next_in = (uint8_t *) (uintptr_t) block.ptr; // takes but does not change the bytes
    e->z.avail_in = (uint32_t) block.len;
    e->z.next_out = room->ptr;
    e->z.avail_out = (uint32_t) rv_min(room->len, UINT32_MAX);
    if (rc == COMP_OK) {
        rc = e->level == 0 ? isal_deflate_stateless(&e->z) : isal_deflate(&e->z);
    }
    rv_out_skip(room, e->z.total_out);
    return rc == COMP_OK && e->z.avail_in == 0 && e->z.avail_out > 0;
}

static size_t code(void *st, struct rove_in block, struct rove_out room, uint32_t act)
{
    struct encoder *e = st;
    struct rove_in dict = {block.ptr, e->level == 0 ? 0 : rv_min(block.len, DICT_LEN)};
    uint8_t *from = room.ptr;
    bool last = act == ROVE_FINISH;

    if (block.len > 0) {
        e->sum = crc32_gzip_refl(e->sum, block.ptr, block.len);
        e->total += block.len;
    }
    if (e->level > 0) {
        rv_in_skip(&block, dict.len);
        rv_out_skip(&room, rv_put_stored(room.ptr, dict, last && block.len == 0));
    }
    if ((e->level == 0 || block.len > 0) && !press(e, block, dict, &room, last)) {
        return RV_BLOCKS_FAILED;
    }
    rv_leave_vectors();
    return (size_t) (room.ptr - from);
}

// The blocks between header and trailer. The final one was coded elsewhere if any was.
static int32_t run_blocks(struct encoder *e, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    if (e->joined) {
        return act == ROVE_RUN ? ROVE_OK : ROVE_END;
    }
    return rv_blocks_run(e, in, out, act);
}

static int32_t encode_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    static const uint8_t head[HEAD_LEN] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255}; // 4: fastest
    struct encoder *e = st;
    uint8_t tail[TAIL_LEN];
    int32_t rc;

    if (!rv_drain(head, HEAD_LEN, &e->head_pos, out)) {
        return ROVE_OK;
    }
    rc = run_blocks(e, in, out, act);
    if (rc != ROVE_END || act != ROVE_FINISH || e->part) {
        return rc;
    }
    rv_put_le32(tail, e->sum);
    rv_put_le32(tail + 4, (uint32_t) e->total); // ISIZE is modulo 2^32
    return rv_drain(tail, TAIL_LEN, &e->tail_pos, out) ? ROVE_END : ROVE_OK;
}

static int32_t encode_reset(void *st)
{
    struct encoder *e = st;

    rv_blocks_reset(&e->blocks);
    e->sum = 0;
    e->total = 0;
    e->head_pos = e->tail_pos = 0;
    e->part = e->joined = false;
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

static int32_t encode_part(void *st, const void *head, const uint8_t *past, size_t past_len)
{
    struct encoder *e = st;
    int32_t rc;

    (void) head; // it was opened with the same options
    (void) past;
    (void) past_len;
    (void) encode_reset(e);
    e->head_pos = HEAD_LEN;
    e->part = true;
    rc = rv_blocks_begin_part(&e->blocks);
    e->blocks.alone = false; // the final block is its own
    return rc;
}

static int32_t encode_join(void *head, const void *part, uint64_t part_len)
{
    const struct encoder *p = part;
    struct encoder *e = head;

    e->sum = (uint32_t) crc32_combine(e->sum, p->sum, (z_off_t) part_len);
    e->total += part_len;
    e->joined = true;
    e->blocks.done = p->blocks.done;
    return ROVE_OK;
}

// Blocks know nothing of those before, but stand in one member.
static int32_t encode_mark(void *st, struct rove_mark *mark)
{
    struct encoder *e = st;
    int32_t rc = rv_blocks_mark(st, mark);

    if (rc != ROVE_OK || e->head_pos == 0) {
        return rc;
    }
    mark->flags = 0;
    return e->total > 0 ? ROVE_OK : ROVE_E_AGAIN;
}

static const struct rove_filter igzip_encode = {
    ROVE_FILTER_INIT,
    .name = "igzip",
    .about = "gzip format (RFC 1952), written fast, as one member",
    .dir = ROVE_ENCODE,
    .flags = ROVE_F_FLUSHES | ROVE_F_SPLITS | ROVE_F_CHECKS | ROVE_F_PLAIN_PARTS,
    .state_len = sizeof(struct encoder),
    .block_len = RV_BLOCK_LEN,
    .options = options,
    .library = RV_ISAL_LIBRARY,
    .open = encode_open,
    .run = encode_run,
    .close = encode_close,
    .reset = encode_reset,
    .bound = encode_bound,
    .part_len = rv_blocks_part_len,
    .part = encode_part,
    .join = encode_join,
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
