// SPDX-License-Identifier: MIT
// filters_fields.c: reads deflate data and LZ4 blocks bit by bit, slowly, and says what each bit is.
#include "filters_fields.h"

#include <stdbool.h>
#include <string.h>

const char *const field_names[FIELDS] = {
    [FIELD_CHECKED] = "a checked field",
    [FIELD_GZIP_FTEXT] = "gzip FTEXT",
    [FIELD_GZIP_MTIME] = "gzip MTIME",
    [FIELD_GZIP_XFL] = "gzip XFL",
    [FIELD_GZIP_OS] = "gzip OS",
    [FIELD_GZIP_NAME] = "gzip name",
    [FIELD_GZIP_COMMENT] = "gzip comment",
    [FIELD_DEFLATE_FILL] = "deflate fill bits",
    [FIELD_DEFLATE_DISTANCE] = "deflate distance",
    [FIELD_DEFLATE_UNUSED] = "deflate distance code lengths",
    [FIELD_LZ4_OFFSET] = "lz4 offset",
    [FIELD_LZ4_LAST_TOKEN] = "lz4 match length of the last token",
};

// deflate -----------------------------------------------------------------------------------------

struct reader {
    const uint8_t *src;
    size_t len, at;   // bits
    size_t codes_end; // of the last block's code lengths
    uint8_t *fields;
    bool bad;
};

static unsigned take(struct reader *r, unsigned cnt)
{
    unsigned value = 0;
    for (unsigned i = 0; i < cnt; i++, r->at++) {
        if (r->at >= r->len) {
            r->bad = true;
            return 0;
        }
        value |= (unsigned) (r->src[r->at / 8] >> r->at % 8 & 1) << i;
    }
    return value;
}

static void mark(struct reader *r, size_t from, enum field field)
{
    memset(r->fields + from, (int) field, r->at - from);
}

static void skip_fill(struct reader *r)
{
    size_t from = r->at;
    r->at = (r->at + 7) / 8 * 8;
    mark(r, from, FIELD_DEFLATE_FILL);
}

// A prefix code as RFC 1951, 3.2.2 makes it from the lengths.
struct code {
    unsigned cnt;
    uint8_t len[320];
    uint16_t bits[320];
};

static void number_code(struct code *code)
{
    unsigned next = 0;
    for (unsigned len = 1; len <= 15; len++) {
        next <<= 1;
        for (unsigned i = 0; i < code->cnt; i++)
            if (code->len[i] == len)
                code->bits[i] = (uint16_t) next++;
    }
}

static unsigned take_symbol(struct reader *r, const struct code *code)
{
    unsigned bits = 0;
    for (unsigned len = 1; len <= 15 && !r->bad; len++) {
        bits = bits << 1 | take(r, 1);
        for (unsigned i = 0; i < code->cnt; i++)
            if (code->len[i] == len && code->bits[i] == bits)
                return i;
    }
    r->bad = true;
    return 0;
}

static void fixed_codes(struct code *lit, struct code *dist)
{
    lit->cnt = 288;
    for (unsigned i = 0; i < 288; i++)
        lit->len[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    dist->cnt = 30;
    memset(dist->len, 5, 30);
    number_code(lit);
    number_code(dist);
}

// Marks those from number `from` on, as if no symbol of theirs will follow.
static void read_lengths(struct reader *r, const struct code *lens, uint8_t *out, unsigned cnt,
                         unsigned from)
{
    for (unsigned i = 0; i < cnt && !r->bad;) {
        size_t at = r->at;
        unsigned symbol = take_symbol(r, lens), again = 1;
        uint8_t len = symbol < 16 ? (uint8_t) symbol : 0;
        if (symbol == 16) {
            again = 3 + take(r, 2);
            len = i ? out[i - 1] : 0;
        } else if (symbol > 16) {
            again = symbol == 17 ? 3 + take(r, 3) : 11 + take(r, 7);
        }
        while (again-- && i < cnt)
            out[i++] = len;
        if (i > from && !r->bad)
            mark(r, at, FIELD_DEFLATE_UNUSED);
    }
}

static void read_codes(struct reader *r, struct code *lit, struct code *dist)
{
    static const uint8_t order[] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                    11, 4,  12, 3, 13, 2, 14, 1, 15};
    struct code lens = {.cnt = 19};
    uint8_t all[320] = {0};
    lit->cnt = 257 + take(r, 5);
    dist->cnt = 1 + take(r, 5);
    unsigned cnt = 4 + take(r, 4);
    for (unsigned i = 0; i < cnt; i++)
        lens.len[order[i]] = (uint8_t) take(r, 3);
    number_code(&lens);
    read_lengths(r, &lens, all, lit->cnt + dist->cnt, lit->cnt);
    r->codes_end = r->at;
    memcpy(lit->len, all, lit->cnt);
    memcpy(dist->len, all + lit->cnt, dist->cnt);
    number_code(lit);
    number_code(dist);
}

static unsigned length_extra(unsigned symbol)
{
    return symbol < 265 || symbol == 285 ? 0 : (symbol - 261) / 4;
}

static bool all_used(const struct code *code, const bool *used)
{
    for (unsigned i = 0; i < code->cnt; i++)
        if (code->len[i] && !used[i])
            return false;
    return true;
}

static void read_symbols(struct reader *r, const struct code *lit, const struct code *dist)
{
    bool used[320] = {false};
    while (!r->bad) {
        unsigned symbol = take_symbol(r, lit);
        if (symbol == 256)
            break;
        if (symbol < 256)
            continue;
        take(r, length_extra(symbol));
        size_t from = r->at;
        symbol = take_symbol(r, dist);
        used[symbol] = true;
        take(r, symbol < 2 ? 0 : symbol / 2 - 1);
        if (!r->bad)
            mark(r, from, FIELD_DEFLATE_DISTANCE);
    }
    if (all_used(dist, used))
        for (size_t i = r->codes_end; i && r->fields[i - 1] == FIELD_DEFLATE_UNUSED; i--)
            r->fields[i - 1] = FIELD_CHECKED;
}

static void read_stored(struct reader *r)
{
    skip_fill(r);
    unsigned len = take(r, 16);
    take(r, 16);
    for (unsigned i = 0; i < len && !r->bad; i++)
        take(r, 8);
}

// Reads deflate data up to the byte after its end.
static bool read_deflate(const uint8_t *src, size_t len, uint8_t *fields)
{
    struct reader r = {.src = src, .len = len * 8, .fields = fields};
    bool last = false;
    while (!last && !r.bad) {
        struct code lit = {.cnt = 0}, dist = {.cnt = 0};
        last = take(&r, 1);
        unsigned kind = take(&r, 2);
        if (kind == 0) {
            read_stored(&r);
            continue;
        }
        if (kind == 1)
            fixed_codes(&lit, &dist);
        else
            read_codes(&r, &lit, &dist);
        read_symbols(&r, &lit, &dist);
    }
    skip_fill(&r);
    return !r.bad;
}

// wrappings ---------------------------------------------------------------------------------------

// The characters of a string, without its NUL; returns where the next field begins.
static size_t read_string(const uint8_t *p, size_t at, uint8_t *fields, enum field field)
{
    size_t len = strlen((const char *) p + at);
    memset(fields + 8 * at, (int) field, 8 * len);
    return at + len + 1;
}

static bool read_gzip(const uint8_t *p, size_t len, uint8_t *fields)
{
    size_t at = 10;
    fields[8 * 3] = FIELD_GZIP_FTEXT;
    memset(fields + 8 * 4, FIELD_GZIP_MTIME, 32);
    memset(fields + 8 * 8, FIELD_GZIP_XFL, 8);
    memset(fields + 8 * 9, FIELD_GZIP_OS, 8);
    if (p[3] & 8)
        at = read_string(p, at, fields, FIELD_GZIP_NAME);
    if (p[3] & 16)
        at = read_string(p, at, fields, FIELD_GZIP_COMMENT);
    if (p[3] & 2) { // the header has a checksum of its own
        memset(fields, FIELD_CHECKED, 8 * at);
        at += 2;
    }
    return read_deflate(p + at, len - at, fields + 8 * at);
}

// All but the last member, which is the end marker.
static bool read_bgzf(const uint8_t *p, size_t len, uint8_t *fields)
{
    size_t at = 0;
    while (at + 28 < len) {
        size_t member = (size_t) (p[at + 16] | p[at + 17] << 8) + 1;
        memset(fields + 8 * (at + 4), FIELD_GZIP_MTIME, 32);
        memset(fields + 8 * (at + 8), FIELD_GZIP_XFL, 8);
        memset(fields + 8 * (at + 9), FIELD_GZIP_OS, 8);
        if (member > len - at || !read_deflate(p + at + 18, member - 18, fields + 8 * (at + 18)))
            return false;
        at += member;
    }
    return at + 28 == len;
}

static bool read_zlib(const uint8_t *p, size_t len, uint8_t *fields)
{
    size_t at = p[1] & 0x20 ? 6 : 2;
    return read_deflate(p + at, len - at, fields + 8 * at);
}

// LZ4 ---------------------------------------------------------------------------------------------

// A length that goes on while its bytes are 255.
static size_t more_length(const uint8_t *p, size_t *at, size_t len)
{
    if (len == 15) {
        while (p[*at] == 255)
            len += p[(*at)++];
        len += p[(*at)++];
    }
    return len;
}

static void read_block(const uint8_t *p, size_t len, uint8_t *fields)
{
    for (size_t at = 0; at < len;) {
        size_t token_at = at;
        uint8_t token = p[at++];
        at += more_length(p, &at, token >> 4);
        if (at >= len) {
            memset(fields + 8 * token_at, FIELD_LZ4_LAST_TOKEN, 4);
            return;
        }
        memset(fields + 8 * at, FIELD_LZ4_OFFSET, 16);
        at += 2;
        (void) more_length(p, &at, token & 15);
    }
}

static bool read_lz4(const uint8_t *p, size_t len, uint8_t *fields)
{
    size_t sums = p[4] & 0x10 ? 4 : 0, at = 7 + (p[4] & 8 ? 8 : 0);
    while (at + 4 <= len) {
        uint32_t word = (uint32_t) p[at] | (uint32_t) p[at + 1] << 8 | (uint32_t) p[at + 2] << 16 |
                        (uint32_t) p[at + 3] << 24;
        at += 4;
        if (!word)
            return true;
        if (!(word >> 31) && !sums)
            read_block(p + at, word, fields + 8 * at);
        at += (word & 0x7fffffff) + sums;
    }
    return false;
}

int fields_of(const char *format, const uint8_t *coded, size_t len, uint8_t *fields)
{
    memset(fields, FIELD_CHECKED, 8 * len);
    if (strcmp(format, "gzip") == 0)
        return read_gzip(coded, len, fields);
    if (strcmp(format, "bgzf") == 0)
        return read_bgzf(coded, len, fields);
    if (strcmp(format, "zlib") == 0)
        return read_zlib(coded, len, fields);
    if (strcmp(format, "deflate") == 0)
        return read_deflate(coded, len, fields);
    return strcmp(format, "lz4") == 0 ? read_lz4(coded, len, fields) : 1;
}
