// SPDX-License-Identifier: MIT
// index_bytes.c: see index_bytes.h.
#include "index_bytes.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

static void must(bool holds)
{
    if (!holds)
        abort();
}

void made_add(struct made *m, const void *src, size_t len)
{
    if (m->len + len > m->cap) {
        m->cap = 2 * (m->len + len);
        m->ptr = realloc(m->ptr, m->cap);
        must(m->ptr != NULL);
    }
    if (len)
        memcpy(m->ptr + m->len, src, len);
    m->len += len;
}

void made_number(struct made *m, uint64_t number, unsigned len)
{
    uint8_t bytes[8];
    for (unsigned i = 0; i < len; i++)
        bytes[i] = (uint8_t) (number >> 8 * i);
    made_add(m, bytes, len);
}

void made_drop(struct made *m)
{
    free(m->ptr);
    *m = (struct made){NULL, 0, 0};
}

void made_data_drop(struct made_data *d)
{
    made_drop(&d->coded);
    made_drop(&d->plain);
    d->cnt = 0;
}

uint8_t made_plain(uint64_t off)
{
    uint64_t z = (off / 3 + off / 1000) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint8_t) ('a' + (z >> 60) + off % 3);
}

static void add_plain(struct made *m, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        uint8_t byte = made_plain(m->len);
        made_add(m, &byte, 1);
    }
}

static void add_point(struct made_data *d, uint8_t bits, bool windowed)
{
    must(d->cnt < MADE_POINTS);
    d->points[d->cnt++] = (struct made_point){d->coded.len, d->plain.len, bits, windowed, 0};
}

static void end_member(struct made *m, const uint8_t *plain, size_t len)
{
    made_number(m, crc32(crc32(0, NULL, 0), plain, (uInt) len), 4);
    made_number(m, len, 4);
}

void made_bgzf(struct made_data *d, const uint32_t *lens, size_t cnt)
{
    static const uint8_t head[] = {0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 6, 0, 'B', 'C', 2, 0};
    for (size_t i = 0; i < cnt; i++) {
        uint32_t len = lens[i];
        add_point(d, 0, false);
        made_add(&d->coded, head, sizeof head);
        made_number(&d->coded, len ? 18 + 5 + len + 8 - 1 : 27, 2);
        if (len) { // one stored block
            made_number(&d->coded, 1, 1);
            made_number(&d->coded, len, 2);
            made_number(&d->coded, ~len & 0xffff, 2);
        } else {
            made_number(&d->coded, 3, 2); // a fixed one that holds nothing, as in the end marker
        }
        add_plain(&d->plain, len);
        const uint8_t *plain = d->plain.ptr ? d->plain.ptr + d->plain.len - len : NULL;
        made_add(&d->coded, plain, len);
        end_member(&d->coded, plain, len);
    }
}

// Deflates what is there from an offset on, in blocks of some KiB.
static void deflate_it(struct made *coded, const uint8_t *plain, size_t len)
{
    z_stream z = {.zalloc = NULL};
    uint8_t room[4096];
    must(deflateInit2(&z, 6, Z_DEFLATED, -15, 2, Z_DEFAULT_STRATEGY) == Z_OK);
    z.next_in = (Bytef *) (uintptr_t) plain;
    z.avail_in = (uInt) len;
    int rc = Z_OK;
    while (rc == Z_OK) {
        z.next_out = room;
        z.avail_out = sizeof room;
        rc = deflate(&z, Z_FINISH);
        made_add(coded, room, sizeof room - z.avail_out);
    }
    must(rc == Z_STREAM_END);
    deflateEnd(&z);
}

// Finds borders of blocks in deflated data that are at coded_at and become plain ones at plain_at.
static void find_borders(struct made_data *d, size_t coded_at, size_t plain_at, uint32_t spacing)
{
    z_stream z = {.zalloc = NULL};
    uint8_t room[4096];
    must(inflateInit2(&z, -15) == Z_OK);
    z.next_in = d->coded.ptr + coded_at;
    z.avail_in = (uInt) (d->coded.len - coded_at);
    size_t last = plain_at, at = plain_at;
    int rc = Z_OK;
    while (rc == Z_OK) {
        z.next_out = room;
        z.avail_out = sizeof room;
        rc = inflate(&z, Z_BLOCK);
        at += sizeof room - z.avail_out;
        if (rc == Z_OK && z.data_type & 128 && !(z.data_type & 64) && at - last >= spacing) {
            must(d->cnt < MADE_POINTS);
            d->points[d->cnt++] = (struct made_point){d->coded.len - z.avail_in, at,
                                                      (uint8_t) (z.data_type & 7), true, 0};
            last = at;
        }
    }
    must(rc == Z_STREAM_END);
    inflateEnd(&z);
}

void made_gzip(struct made_data *d, const uint32_t *lens, size_t cnt, uint32_t spacing)
{
    static const uint8_t head[] = {0x1f, 0x8b, 8, 2 | 4 | 8 | 16, 1, 2, 3, 4, 0, 3};
    for (size_t i = 0; i < cnt; i++) {
        size_t plain_at = d->plain.len;
        size_t head_at = d->coded.len;
        made_add(&d->coded, head, sizeof head);
        made_number(&d->coded, 7, 2);
        made_add(&d->coded, "RV\3\0xyz", 7);
        for (size_t k = 0; k < 20 * i; k++)
            made_add(&d->coded, "name", 4);
        made_add(&d->coded, "\0a comment", 11);
        uint32_t sum = (uint32_t) crc32(0, d->coded.ptr + head_at, (uInt) (d->coded.len - head_at));
        made_number(&d->coded, sum, 2);
        add_point(d, 0, false);
        size_t coded_at = d->coded.len;
        d->points[d->cnt - 1].head = (uint32_t) (coded_at - head_at);
        add_plain(&d->plain, lens[i]);
        const uint8_t *plain = d->plain.ptr ? d->plain.ptr + plain_at : (const uint8_t *) "";
        deflate_it(&d->coded, plain, lens[i]);
        find_borders(d, coded_at, plain_at, spacing);
        end_member(&d->coded, plain, lens[i]);
    }
    add_point(d, 0, true);
}

void made_zstd(struct made_data *d, const uint32_t *lens, size_t cnt)
{
    for (size_t i = 0; i < cnt; i++) {
        bool skippable = lens[i] == UINT32_MAX;
        size_t left = skippable ? 0 : lens[i];
        add_point(d, 0, false);
        made_number(&d->coded, skippable ? 0x184d2a53 : 0xfd2fb528, 4);
        if (!skippable)
            made_number(&d->coded, 0xa0, 1); // one segment, its length in four bytes
        made_number(&d->coded, skippable ? 5 : lens[i], 4);
        if (skippable)
            made_add(&d->coded, "skip!", 5);
        for (bool last = skippable; !last;) {
            size_t len = left < 100000 ? left : 100000;
            last = len == left;
            made_number(&d->coded, (uint64_t) len << 3 | last, 3);
            add_plain(&d->plain, len);
            made_add(&d->coded, d->plain.ptr ? d->plain.ptr + d->plain.len - len : NULL, len);
            left -= len;
        }
    }
}

// files -----------------------------------------------------------------------------------------

// Where the part ends that begins at a point.
static struct made_point end_of(const struct made_data *d, size_t i)
{
    return i + 1 < d->cnt ? d->points[i + 1]
                          : (struct made_point){d->coded.len, d->plain.len, 0, false, 0};
}

void made_gzi(struct made *m, const struct made_data *d)
{
    uint64_t cnt = 0;
    for (int pass = 0; pass < 2; pass++) {
        bool first = true;
        if (pass)
            made_number(m, cnt, 8);
        for (size_t i = 0; i < d->cnt; i++) {
            const struct made_point *p = &d->points[i];
            bool full = end_of(d, i).plain > p->plain;
            if (full && !first && pass) {
                made_number(m, p->coded, 8);
                made_number(m, p->plain, 8);
            } else if (full && !first) {
                cnt++;
            }
            first = first && !full;
        }
    }
}

void made_gzidx(struct made *m, const struct made_data *d, unsigned version, uint32_t window_len)
{
    made_add(m, "GZIDX", 5);
    made_number(m, version, 1);
    made_number(m, 0, 1);
    made_number(m, d->coded.len, 8);
    made_number(m, d->plain.len, 8);
    made_number(m, 4 * window_len, 4);
    made_number(m, window_len, 4);
    made_number(m, d->cnt, 4);
    for (size_t i = 0; i < d->cnt; i++) {
        made_number(m, d->points[i].coded, 8);
        made_number(m, d->points[i].plain, 8);
        made_number(m, d->points[i].bits, 1);
        if (version)
            made_number(m, d->points[i].windowed, 1);
    }
    for (size_t i = 0; i < d->cnt; i++) {
        uint64_t plain = d->points[i].plain;
        if (version ? !d->points[i].windowed : !i)
            continue;
        for (uint64_t back = window_len; back > 0; back--)
            made_add(m, back > plain ? (const uint8_t *) "" : d->plain.ptr + plain - back, 1);
    }
}

void made_table(struct made *m, const struct made_data *d, bool sums)
{
    struct made table = {NULL, 0, 0}; // m may be the data
    made_number(&table, 0x184d2a5e, 4);
    made_number(&table, d->cnt * (sums ? 12 : 8) + 9, 4);
    for (size_t i = 0; i < d->cnt; i++) {
        made_number(&table, end_of(d, i).coded - d->points[i].coded, 4);
        made_number(&table, end_of(d, i).plain - d->points[i].plain, 4);
        if (sums)
            made_number(&table, (uint32_t) XXH64(d->plain.ptr + d->points[i].plain, (size_t) (end_of(d, i).plain - d->points[i].plain), 0), 4);
    }
    made_number(&table, d->cnt, 4);
    made_number(&table, sums ? 0x80 : 0, 1);
    made_number(&table, 0x8f92eab1, 4);
    made_add(m, table.ptr, table.len);
    made_drop(&table);
}
