// SPDX-License-Identifier: MIT
// zstd_walk.c: see zstd_walk.h.
#include "zstd_walk.h"

#define FRAME_MOST ((uint64_t) 16 << 20) // plain bytes of a frame that a part holds
#define CODED_MOST ((size_t) 32 << 20)   // coded ones: empty blocks are nothing but headers
#define MAGIC_LEN 4u

unsigned rv_zstd_log(uint64_t len)
{
    unsigned bits = 0;

    while (bits < 63 && UINT64_C(1) << bits < len) {
        bits++;
    }
    return bits;
}

bool rv_zstd_fits_magic(const uint8_t *head, size_t len, uint8_t byte)
{
    static const uint8_t plain[MAGIC_LEN] = {0x28, 0xb5, 0x2f, 0xfd};
    static const uint8_t skippable[MAGIC_LEN] = {0x50, 0x2a, 0x4d, 0x18};

    if (len == 0) {
        return byte == plain[0] || (byte & 0xf0) == skippable[0];
    }
    return byte == (head[0] == plain[0] ? plain : skippable)[len];
}

static int32_t answer(uint64_t *len_out, uint64_t len, int32_t rc)
{
    *len_out = len;
    return rc;
}

static int32_t walk_head(struct rv_zstd_walk *w, const uint8_t *ptr, size_t len, uint64_t *len_out)
{
    ZSTD_frameHeader f;
    size_t rc;

    for (size_t i = 0; i < MAGIC_LEN; i++) {
        if (i == len) {
            return answer(len_out, len + 1, ROVE_E_TRUNCATED);
        }
        if (!rv_zstd_fits_magic(ptr, i, ptr[i])) {
            return answer(len_out, 0, ROVE_END);
        }
    }
    if ((ptr[0] & 0xf0) == 0x50) {
        return len < 8 ? answer(len_out, 8, ROVE_E_TRUNCATED)
                       : answer(len_out, 8 + (uint64_t) rv_le32(ptr + 4), ROVE_END);
    }
    rc = ZSTD_getFrameHeader(&f, ptr, len);
    if (rc != 0) {
        return ZSTD_isError(rc) ? answer(len_out, 0, ROVE_END) : answer(len_out, rc, ROVE_E_TRUNCATED);
    }
    w->sum = f.checksumFlag != 0;
    w->sized = f.frameContentSize != ZSTD_CONTENTSIZE_UNKNOWN;
    w->most = w->sized ? f.frameContentSize : 0;
    w->block_max = f.blockSizeMax;
    w->at = f.headerSize;
    return w->most > FRAME_MOST ? answer(len_out, w->at + RV_ZSTD_BLOCK_HEAD, ROVE_END) : ROVE_OK;
}

// A block's header. False: it is damaged.
static bool walk_block(struct rv_zstd_walk *w, struct rv_zstd_block b)
{
    w->at += RV_ZSTD_BLOCK_HEAD + b.len;
    if (!w->sized) {
        w->most += b.kind == RV_ZSTD_COMPRESSED ? w->block_max : b.size;
    }
    return b.kind != RV_ZSTD_RESERVED && b.size <= w->block_max;
}

int32_t rv_zstd_walk(struct rv_zstd_walk *w, const uint8_t *ptr, size_t len, uint64_t *len_out)
{
    int32_t rc = w->at == 0 ? walk_head(w, ptr, len, len_out) : ROVE_OK;
    size_t head_len = w->at;
    struct rv_zstd_block b;
    bool last = false;

    while (rc == ROVE_OK && !last) {
        if (len < w->at + RV_ZSTD_BLOCK_HEAD) {
            return w->sized ? answer(len_out, w->at + RV_ZSTD_BLOCK_HEAD, ROVE_E_TRUNCATED)
                            : answer(len_out, head_len + RV_ZSTD_BLOCK_HEAD, ROVE_END);
        }
        b = rv_zstd_block(ptr + w->at);
        last = b.last;
        if (!walk_block(w, b)) {
            return answer(len_out, 0, ROVE_END);
        }
        if (!last && (w->at > CODED_MOST || w->most > FRAME_MOST)) {
            return answer(len_out, w->at + RV_ZSTD_BLOCK_HEAD, ROVE_END);
        }
    }
    if (rc == ROVE_OK) {
        w->at += w->sum ? RV_ZSTD_SUM_LEN : 0;
    }
    if (rc == ROVE_OK && !w->sized && (w->at > len || w->most > FRAME_MOST)) {
        return answer(len_out, head_len + RV_ZSTD_BLOCK_HEAD, ROVE_END);
    }
    return rc;
}

int32_t rv_zstd_hop(struct rv_zstd_hop *w, const uint8_t *ptr, size_t len, struct rove_hop *hop)
{
    uint64_t at = 0;

    if (len < RV_ZSTD_BLOCK_HEAD) {
        hop->need = RV_ZSTD_BLOCK_HEAD;
        return ROVE_E_TRUNCATED;
    }
    while (w->in_frame && at <= len - RV_ZSTD_BLOCK_HEAD) {
        struct rv_zstd_block b = rv_zstd_block(ptr + at);

        if (b.kind == RV_ZSTD_RESERVED || b.size > w->block_max) {
            return ROVE_E_DATA;
        }
        at += RV_ZSTD_BLOCK_HEAD + b.len;
        w->least += b.kind == RV_ZSTD_COMPRESSED ? 0 : b.size;
        w->most += b.kind == RV_ZSTD_COMPRESSED ? w->block_max : b.size;
        w->in_frame = !b.last;
    }
    if (w->least > w->declared || (!w->in_frame && w->most < w->declared)) {
        return ROVE_E_CHECKSUM;
    }
    hop->skip = at + (w->in_frame || !w->sum ? 0 : RV_ZSTD_SUM_LEN);
    return ROVE_OK;
}
