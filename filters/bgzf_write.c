// SPDX-License-Identifier: MIT
// bgzf_write.c: members around blocks, and the end marker.
#include "bgzf.h"

const uint8_t rv_bgzf_marker[RV_BGZF_MARKER] = {0x1f, 0x8b, 8, 4, 0,  0, 0, 0, 0, 255, 6, 0, 'B', 'C',
                                                2,    0,    27, 0, 3, 0, 0, 0, 0, 0,   0, 0, 0,   0};

static size_t worst(const void *st, size_t len)
{
    (void) st;
    return RV_BGZF_HEAD + len + RV_STORED_HEAD + RV_BGZF_TAIL + RV_BGZF_MARKER;
}

// What does not shrink is stored: a block always fits a member.
static size_t put_member(struct rv_bgzf_writer *w, struct rove_in block, uint8_t *p)
{
    uint8_t *body = p + RV_BGZF_HEAD;
    size_t len = w->deflate(w, block, (struct rove_out){body, block.len + RV_STORED_HEAD});

    if (len == 0) {
        len = rv_put_stored(body, block, true);
    }
    memcpy(p, rv_bgzf_marker, RV_BGZF_HEAD); // all but BSIZE is alike
    rv_put_le16(p + RV_BGZF_HEAD - 2, (uint32_t) (RV_BGZF_HEAD + len + RV_BGZF_TAIL - 1));
    rv_put_le32(body + len, w->crc(0, block.ptr, block.len));
    rv_put_le32(body + len + 4, (uint32_t) block.len);
    return RV_BGZF_HEAD + len + RV_BGZF_TAIL;
}

static size_t code(void *st, struct rove_in block, struct rove_out room, uint32_t act)
{
    size_t len = block.len == 0 ? 0 : put_member(st, block, room.ptr);

    if (act == ROVE_FINISH) {
        memcpy(room.ptr + len, rv_bgzf_marker, RV_BGZF_MARKER);
        len += RV_BGZF_MARKER;
    }
    return len;
}

const struct rv_block_codec rv_bgzf_blocks = {RV_BGZF_BLOCK, worst, code};

uint64_t rv_bgzf_bound(uint64_t in_len)
{
    uint64_t more = (in_len / RV_BGZF_BLOCK + 1) * (RV_BGZF_HEAD + RV_STORED_HEAD + RV_BGZF_TAIL) + RV_BGZF_MARKER;

    return rv_sat_add(in_len, more);
}

uint32_t rv_bgzf_detect(const uint8_t *head, uint32_t len)
{
    if (len < RV_BGZF_HEAD - 2 || memcmp(head, rv_bgzf_marker, 4) != 0) {
        return 0;
    }
    return rv_le16(head + 10) >= 6 && memcmp(head + 12, rv_bgzf_marker + 12, 4) == 0 ? 64 : 0;
}
