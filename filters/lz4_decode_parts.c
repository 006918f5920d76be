// SPDX-License-Identifier: MIT
// lz4_decode_parts.c: parts of LZ4 frames.
//
// A part (filter.h) is some independent blocks, whose lengths stand before them. The sum of the content and its
// length are the head's. Where a frame declares its length, a block of which it is not certain, by the bounds of
// those on their way, that it still fits is the head's, too: so what is too much is found at the same byte.
#include "lz4_decode.h"

#define PART_LEN ((size_t) 256 * 1024) // of a part, coded or plain, or one block

uint64_t rv_lz4_own_len(const struct rv_lz4_decoder *d)
{
    switch (d->phase) {
    case RV_LZ4_AT_MAGIC:
    case RV_LZ4_AT_SKIP_LEN:
    case RV_LZ4_AT_CONTENT_SUM:
        return 4 - d->have;
    case RV_LZ4_AT_HEAD: // as far as it is known
        if (d->have < 2) {
            return 2 - d->have;
        }
        return 3u + ((d->buf[0] & RV_LZ4_CONTENT_SIZE) != 0 ? 8 : 0)
               + ((d->buf[0] & RV_LZ4_DICT_ID) != 0 ? 4 : 0) - d->have;
    case RV_LZ4_AT_SKIP:
        return d->skip;
    case RV_LZ4_AT_BLOCK_LEN: // of a part that came in pieces
        return d->have > 0 ? 4 - d->have : 0;
    case RV_LZ4_AT_BLOCK:
        return rv_lz4_with_sum(d) - d->have;
    default:
        return 0;
    }
}

// Goes from block to block as long as their lengths are at hand and the part is not too long. Returns its length, 0
// when there is none.
static size_t walk(struct rv_lz4_decoder *d, const uint8_t *ptr, size_t len)
{
    size_t at = 0;

    d->part_most = 0;
    while (len - at >= 4 && rv_le32(ptr + at) != 0 && rv_lz4_block_len(d, rv_le32(ptr + at))) {
        size_t full = 4 + rv_lz4_with_sum(d), most = rv_lz4_made_most(d);

        if (at > 0 && (full > len - at || at + full > PART_LEN || d->part_most + most > PART_LEN)) {
            break;
        }
        at += full;
        d->part_most += most;
        if (at >= len) {
            break;
        }
    }
    return at;
}

int32_t rv_lz4_decode_next(void *head, const uint8_t *ptr, size_t len, uint64_t *len_out)
{
    struct rv_lz4_decoder *d = head;
    size_t part;

    if (d->phase != RV_LZ4_AT_BLOCK_LEN || d->have > 0 || d->linked || d->legacy) {
        *len_out = rv_lz4_own_len(d);
        return ROVE_END;
    }
    *len_out = 4;
    if (len < 4) {
        return ROVE_E_TRUNCATED;
    }
    part = walk(d, ptr, len);
    *len_out = part > 0 ? part : 4;
    if (part == 0 || (d->sized && d->total + d->promised + d->part_most > d->declared)) {
        return ROVE_END; // the head takes this when nothing is on its way any more
    }
    d->promised += d->sized ? d->part_most : 0;
    return ROVE_OK;
}

uint64_t rv_lz4_decode_part_len(const void *head)
{
    const struct rv_lz4_decoder *d = head;

    return d->part_most;
}

int32_t rv_lz4_decode_part(void *st, const void *head, const uint8_t *past, size_t past_len)
{
    const struct rv_lz4_decoder *h = head;
    struct rv_lz4_decoder *d = st;

    (void) past;
    (void) past_len;
    (void) rv_lz4_decode_reset(d);
    d->legacy = d->linked = d->content_sum = d->sized = false;
    d->block_sum = h->block_sum;
    d->block_max = h->block_max;
    d->block = 1;
    d->part_most = h->part_most;
    d->resumed = d->unsummed = true;
    (void) rv_lz4_go(d, RV_LZ4_AT_BLOCK_LEN);
    return ROVE_OK;
}

int32_t rv_lz4_decode_see(void *head, const uint8_t *ptr, size_t len)
{
    struct rv_lz4_decoder *d = head;

    if (d->content_sum) {
        (void) XXH32_update(&d->sum, ptr, len);
    }
    return ROVE_OK;
}

int32_t rv_lz4_decode_join(void *head, const void *part, uint64_t part_len)
{
    const struct rv_lz4_decoder *p = part;
    struct rv_lz4_decoder *d = head;

    d->total += part_len;
    d->promised -= p->part_most < d->promised ? p->part_most : d->promised;
    d->block += p->block - 1;
    return ROVE_OK;
}
