// SPDX-License-Identifier: MIT
// member.c: the head of a member of gzip data (RFC 1952, 2.3), and the length that those of bgzf tell in it.
#include "seek/member.h"

#include "base/arith.h"

#include <string.h>

#define HEAD_LEN 10u
#define TAIL_LEN 8u
#define PLAIN_MOST 65536u // of a member of bgzf
#define SOME_FIRST 64u    // bytes that are read of a head: most are shorter
#define SOME_MORE 1024u   // of one that goes on, or in which one is looked for

enum { HCRC = 2, EXTRA = 4, NAME = 8, COMMENT = 16, RESERVED = 0xe0 };

// Where in the data a head is being read, some bytes at a time.
struct reader {
    struct rove_stream *source;
    uint64_t at, len; // the next byte, and all of the data
    uint64_t some_at;
    size_t some_len;
    uint8_t some[SOME_MORE];
};

// Points at what comes next: want bytes at least, 1 to 64.
static enum rove_status look(struct reader *r, size_t want, const uint8_t **ptr_out, size_t *len_out)
{
    if (!rv_within(r->at, want, r->len))
        return ROVE_E_TRUNCATED;
    if (r->at < r->some_at || r->at + want > r->some_at + r->some_len) {
        bool goes_on = r->some_len && r->at == r->some_at + r->some_len;
        r->some_at = r->at;
        r->some_len = rv_clamp(r->len - r->at, goes_on ? SOME_MORE : SOME_FIRST);
        enum rove_status status = rv_source_read(r->source, r->at, r->some, r->some_len);
        if (status) {
            r->some_len = 0;
            return status;
        }
    }
    *ptr_out = r->some + (r->at - r->some_at);
    *len_out = r->some_len - (size_t) (r->at - r->some_at);
    return ROVE_OK;
}

static enum rove_status take(struct reader *r, void *buf, size_t len)
{
    const uint8_t *ptr;
    size_t ready;
    enum rove_status status = look(r, len, &ptr, &ready);
    if (status)
        return status;
    memcpy(buf, ptr, len);
    r->at += len;
    return ROVE_OK;
}

// Passes over a text that a zero byte ends.
static enum rove_status pass_text(struct reader *r)
{
    const uint8_t *ptr, *zero = NULL;
    size_t len;
    while (!zero) {
        enum rove_status status = look(r, 1, &ptr, &len);
        if (status)
            return status;
        zero = memchr(ptr, 0, len);
        r->at += zero ? (size_t) (zero - ptr) + 1 : len;
    }
    return ROVE_OK;
}

// Looks among the extra fields for that of bgzf.
static enum rove_status take_extra(struct reader *r, uint32_t *len_out)
{
    uint8_t field[6];
    enum rove_status status = take(r, field, 2);
    uint64_t end = r->at + rv_get_le16(field);
    if (status)
        return status;
    if (end > r->len)
        return ROVE_E_TRUNCATED;
    while (end - r->at >= 4) {
        status = take(r, field, 4);
        if (status)
            return status;
        uint32_t len = rv_get_le16(field + 2);
        if (len > end - r->at)
            return ROVE_E_FORMAT;
        if (field[0] == 'B' && field[1] == 'C' && len == 2) {
            status = take(r, field, 2);
            if (status)
                return status;
            *len_out = rv_get_le16(field) + 1;
        } else {
            r->at += len;
        }
    }
    r->at = end;
    return ROVE_OK;
}

static enum rove_status read_head(struct reader *r, struct rv_member *member_out)
{
    uint64_t off = r->at;
    uint8_t head[HEAD_LEN];
    *member_out = (struct rv_member){0, 0};
    enum rove_status status = take(r, head, sizeof head);
    if (status)
        return status;
    if (head[0] != 0x1f || head[1] != 0x8b || head[2] != 8 || head[3] & RESERVED)
        return ROVE_E_FORMAT;
    if (head[3] & EXTRA)
        status = take_extra(r, &member_out->len);
    if (status == ROVE_OK && head[3] & NAME)
        status = pass_text(r);
    if (status == ROVE_OK && head[3] & COMMENT)
        status = pass_text(r);
    if (status == ROVE_OK && head[3] & HCRC)
        status = take(r, head, 2);
    if (status == ROVE_OK && r->at - off > UINT32_MAX)
        status = ROVE_E_FORMAT;
    member_out->head_len = (uint32_t) (r->at - off);
    return status;
}

enum rove_status rv_member_head(const struct rv_file *file, uint64_t off, uint64_t end,
                                struct rv_member *member_out)
{
    struct reader r = {.source = file->source, .at = off, .len = rv_min_u64(end, file->source_len)};
    return read_head(&r, member_out);
}

// Looks for a head that ends at an offset, among the len bytes before it: the nearest. They are read once, however much in
// them looks like one.
static enum rove_status find_before(const struct rv_file *file, uint64_t off, size_t len,
                                    uint64_t *head_out)
{
    struct reader r = {.source = file->source, .len = off, .some_at = off - len, .some_len = len};
    struct rv_member m;
    enum rove_status status = rv_source_read(file->source, r.some_at, r.some, len);
    for (size_t back = HEAD_LEN; back <= len && status == ROVE_OK; back++) {
        const uint8_t *p = r.some + len - back;
        if (p[0] != 0x1f || p[1] != 0x8b)
            continue;
        r.at = off - back;
        status = read_head(&r, &m);
        if (status == ROVE_OK && m.head_len == back) {
            *head_out = off - back;
            return ROVE_OK;
        }
        if (status == ROVE_E_FORMAT || status == ROVE_E_TRUNCATED)
            status = ROVE_OK; // it only looks like one
    }
    return status ? status : ROVE_END;
}

enum rove_status rv_member_before(const struct rv_file *file, uint64_t *off, bool *found_out)
{
    static const size_t lens[] = {32, SOME_MORE};
    enum rove_status status = ROVE_END;
    for (size_t i = 0; i < 2 && status == ROVE_END; i++)
        status = find_before(file, *off, rv_clamp(*off, lens[i]), off);
    *found_out = status == ROVE_OK;
    return status == ROVE_END ? ROVE_OK : status;
}

enum rove_status rv_member_next(const struct rv_file *file, struct rv_place *place)
{
    struct reader r = {.source = file->source, .at = place->coded, .len = file->source_len};
    struct rv_member m;
    const uint8_t *ptr;
    size_t len;
    uint8_t tail[4];
    enum rove_status status = look(&r, 1, &ptr, &len);
    if (status == ROVE_E_TRUNCATED || (status == ROVE_OK && ptr[0] != 0x1f))
        return ROVE_END;
    if (status == ROVE_OK)
        status = read_head(&r, &m);
    if (status)
        return status;
    if (m.len < m.head_len + TAIL_LEN)
        return ROVE_E_FORMAT;
    if (!rv_within(place->coded, m.len, file->source_len))
        return ROVE_E_TRUNCATED;
    r.at = place->coded + m.len - sizeof tail;
    status = take(&r, tail, sizeof tail);
    if (status)
        return status;
    uint32_t plain = rv_get_le32(tail);
    if (plain > PLAIN_MOST)
        return ROVE_E_FORMAT;
    place->coded += m.len;
    place->plain += plain;
    return ROVE_OK;
}
