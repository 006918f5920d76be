// SPDX-License-Identifier: MIT
// xz_index.c: see xz_index.h.
#include "xz_index.h"

#define CAP_FIRST ((size_t) 256)
#define SUM 4u

// writing ---------------------------------------------------------------------------------------

bool rv_xz_records_reserve(struct rv_xz_records *r, uint64_t cnt)
{
    size_t cap = r->cap == 0 ? CAP_FIRST : r->cap;
    uint8_t *grown;

    if (cnt > (SIZE_MAX / 4 - r->len) / RV_XZ_RECORD_MOST) {
        return false;
    }
    while (cap - r->len < cnt * RV_XZ_RECORD_MOST) {
        cap *= 2;
    }
    if (cap == r->cap) {
        return true;
    }
    grown = r->host->alloc(r->host->ctx, cap);
    if (grown == NULL) {
        return false;
    }
    if (r->len > 0) {
        memcpy(grown, r->ptr, r->len);
    }
    r->host->free(r->host->ctx, r->ptr);
    r->ptr = grown;
    r->cap = cap;
    return true;
}

// A number, seven bits a byte, the lowest first. Returns its length.
static size_t put_number(uint8_t *buf, uint64_t value)
{
    size_t len = 0;

    while (value >= 0x80) {
        buf[len++] = (uint8_t) (value | 0x80);
        value >>= 7;
    }
    buf[len++] = (uint8_t) value;
    return len;
}

int32_t rv_xz_records_add(struct rv_xz_records *r, uint64_t unpadded, uint64_t plain)
{
    if (!rv_xz_records_reserve(r, 1)) {
        return ROVE_E_NOMEM;
    }
    r->len += put_number(r->ptr + r->len, unpadded);
    r->len += put_number(r->ptr + r->len, plain);
    r->cnt++;
    return ROVE_OK;
}

int32_t rv_xz_records_join(struct rv_xz_records *r, const struct rv_xz_records *part)
{
    if (!rv_xz_records_reserve(r, part->cnt)) {
        return ROVE_E_NOMEM;
    }
    if (part->len > 0) {
        memcpy(r->ptr + r->len, part->ptr, part->len);
    }
    r->len += part->len;
    r->cnt += part->cnt;
    return ROVE_OK;
}

size_t rv_xz_index_head(const struct rv_xz_records *r, uint8_t *buf)
{
    buf[0] = 0;
    return 1 + put_number(buf + 1, r->cnt);
}

size_t rv_xz_index_tail(const struct rv_xz_records *r, uint8_t *buf)
{
    uint8_t head[RV_XZ_INDEX_HEAD_MOST];
    size_t head_len = rv_xz_index_head(r, head), zeros = 3 & (0 - (head_len + r->len));
    uint32_t sum = lzma_crc32(head, head_len, 0);

    memset(buf, 0, zeros);
    sum = r->len > 0 ? lzma_crc32(r->ptr, r->len, sum) : sum;
    rv_put_le32(buf + zeros, lzma_crc32(buf, zeros, sum));
    return zeros + SUM;
}

// reading ---------------------------------------------------------------------------------------

// The numbers are over: what is left are zeros up to a multiple of four, and the checksum.
static void end_numbers(struct rv_xz_index *x)
{
    x->tail = (uint32_t) (3 & (0 - x->len)) + SUM;
}

static bool number_byte(struct rv_xz_index *x, uint8_t byte)
{
    if (x->shift == 63) { // nine bytes at most
        return false;
    }
    x->value |= (uint64_t) (byte & 0x7f) << x->shift;
    x->shift += 7;
    if ((byte & 0x80) != 0) {
        return true;
    }
    x->numbers = x->counted ? x->numbers - 1 : 2 * x->value;
    x->counted = true;
    x->value = 0;
    x->shift = 0;
    if (x->numbers == 0) {
        end_numbers(x);
    }
    return true;
}

bool rv_xz_index_byte(struct rv_xz_index *x, uint8_t byte)
{
    x->len++;
    if (x->len == 1) {
        return byte == 0;
    }
    if (x->tail == 0) {
        return number_byte(x, byte);
    }
    x->tail--;
    x->ended = x->tail == 0;
    return x->tail < SUM || byte == 0;
}

uint64_t rv_xz_index_least(const struct rv_xz_index *x)
{
    return x->tail > 0 ? x->tail : x->counted ? x->numbers + SUM : 1 + SUM;
}
