// SPDX-License-Identifier: MIT
// gzip.c: the gzip format, RFC 1952, around zlib's deflate.
//
//     1f 8b 08 FLG  MTIME(4)  XFL OS | XLEN(2) extra | name 0 | comment 0 | CRC16 | deflate data
//     CRC-32(4) ISIZE(4)             |-------- each if its bit in FLG is set ------|
//
// A file is one or more members, one after another, which are read as one stream. What follows the last
// one and is no member is told as such (trailing.h), because a damaged second member must not pass for the
// end of the file.
//
// Nothing is kept of the header's strings: they are summed and passed over, at whatever length.
#include "gzip.h"

#include "builtin.h"
#include "crc.h"

enum { FHCRC = 2, FEXTRA = 4, FNAME = 8, FCOMMENT = 16, FRESERVED = 0xE0 };

enum { OPT_NAME = RV_ZOPT_OWN, OPT_COMMENT, OPT_MTIME, OPT_HCRC, OPT_TRAILING };

#define FIXED_LEN 10u
#define TAIL_LEN 8u
#define TEXT_MAX 1024

static uint32_t tail(uint32_t sum, uint64_t total, uint8_t *buf)
{
    rv_put_le32(buf, sum);
    rv_put_le32(buf + 4, (uint32_t) total); // ISIZE is modulo 2^32
    return TAIL_LEN;
}

static const struct rove_option options[] = {
    RV_ZLIB_OPTIONS,
    {.key = "name", .kind = ROVE_OPT_TEXT, .dirs = ROVE_ENCODE, .max = TEXT_MAX,
     .about = "file name for the header"},
    {.key = "comment", .kind = ROVE_OPT_TEXT, .dirs = ROVE_ENCODE, .max = TEXT_MAX,
     .about = "comment for the header"},
    {.key = "mtime", .kind = ROVE_OPT_UINT, .dirs = ROVE_ENCODE, .max = UINT32_MAX,
     .fallback = "0", .about = "modification time for the header, seconds since 1970; 0: none"},
    {.key = "hcrc", .kind = ROVE_OPT_BOOL, .dirs = ROVE_ENCODE, .fallback = "no",
     .about = "protect the header by a checksum of its own"},
    RV_TRAILING_OPTION,
    {.key = NULL},
};

// encode ----------------------------------------------------------------------------------------

// XFL (RFC 1952, 2.3.1): a hint at how hard the encoder tried.
static uint8_t extra_flags(const struct rove_value *v)
{
    if (v[RV_ZOPT_LEVEL].u == 9) {
        return 2;
    }
    return v[RV_ZOPT_LEVEL].u < 2 || v[RV_ZOPT_STRATEGY].u >= Z_HUFFMAN_ONLY ? 4 : 0;
}

static uint8_t header_flags(const struct rove_value *v)
{
    unsigned flags = 0;

    flags |= v[OPT_NAME].text != NULL ? FNAME : 0;
    flags |= v[OPT_COMMENT].text != NULL ? FCOMMENT : 0;
    flags |= v[OPT_HCRC].u != 0 ? FHCRC : 0;
    return (uint8_t) flags;
}

static uint8_t *put_text(uint8_t *p, const struct rove_value *text)
{
    if (text->text == NULL) {
        return p;
    }
    memcpy(p, text->text, text->text_len);
    p[text->text_len] = 0;
    return p + text->text_len + 1;
}

static size_t text_room(const struct rove_value *text)
{
    return text->text == NULL ? 0 : (size_t) text->text_len + 1;
}

static bool has_zero(const struct rove_value *text)
{
    return text->text != NULL && memchr(text->text, 0, text->text_len) != NULL;
}

static int32_t head(struct rv_deflater *d, const struct rove_value *v)
{
    size_t len = FIXED_LEN + text_room(&v[OPT_NAME]) + text_room(&v[OPT_COMMENT])
                 + (v[OPT_HCRC].u != 0 ? 2 : 0);
    uint8_t *p;

    if (has_zero(&v[OPT_NAME]) || has_zero(&v[OPT_COMMENT])) {
        return rv_fail(d->host, ROVE_E_ARG, "a zero byte cannot be part of the name or comment");
    }
    if (rv_deflater_head(d, len) != ROVE_OK) {
        return ROVE_E_NOMEM;
    }
    p = d->head;
    memcpy(p, "\x1f\x8b\x08", 3);
    p[3] = header_flags(v);
    rv_put_le32(p + 4, (uint32_t) v[OPT_MTIME].u);
    p[8] = extra_flags(v);
    p[9] = 255; // the system it was made on is not said, so that equal input gives equal output
    p = put_text(p + FIXED_LEN, &v[OPT_NAME]);
    p = put_text(p, &v[OPT_COMMENT]);
    if (v[OPT_HCRC].u != 0) {
        rv_put_le16(p, rv_crc32(0, d->head, len - 2));
    }
    return ROVE_OK;
}

static const struct rv_sum crc32_sum = {.start = 0, .add = rv_crc32, .join = rv_crc32_join};

static const struct rv_wrap wrap = {.sum = &crc32_sum, .head = head, .tail = tail};

static int32_t encode_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    return rv_deflater_open(st, host, &wrap, values);
}

const struct rove_filter rv_filter_gzip_encode = {
    ROVE_FILTER_INIT,
    .name = "gzip",
    .about = "gzip format (RFC 1952), written as one member",
    .flags = ROVE_F_FLUSHES | ROVE_F_SPLITS | ROVE_F_CHECKS,
    .options = options,
    .open = encode_open,
    RV_DEFLATER,
};

// decode ----------------------------------------------------------------------------------------

// In the order of the format. FIELDS is the fork between them.
enum { FIXED, FIELDS, EXTRA_LEN, EXTRA, STRING, HEAD_SUM, BODY, TAIL, TRAILING };

static int32_t go(struct rv_gunzip *u, uint8_t phase)
{
    u->phase = phase;
    u->have = 0;
    return RV_STEP;
}

static int32_t header_ends(struct rv_gunzip *u, uint32_t act)
{
    return rv_starved(u->inf.host, act, "the gzip header ends too early");
}

// What follows the members is nobody's: what was taken of it in this call is left.
static int32_t no_magic(struct rv_gunzip *u, struct rove_in *in, struct rove_in before)
{
    if (u->member == 1 && !u->inf.resumed) {
        return rv_fail(u->inf.host, ROVE_E_FORMAT, "not gzip data: it does not begin with 1f 8b");
    }
    if (u->part) {
        return rv_fail(u->inf.host, ROVE_E_DATA, "a part is more than its members");
    }
    rv_trailing_begin(&u->trailing, u->have, in, before);
    return go(u, TRAILING);
}

// The magic is looked at byte by byte, so that the offset of an error is that of the wrong byte.
static int32_t take_magic(struct rv_gunzip *u, struct rove_in *in, uint32_t act)
{
    static const uint8_t magic[2] = {0x1f, 0x8b};
    const struct rove_in before = *in;

    while (u->have < 2) {
        if (in->len == 0) {
            bool at_end = u->have == 0 && (u->member > 1 || u->inf.resumed);

            return rv_starved(u->inf.host, act, at_end ? NULL : "the gzip header ends too early");
        }
        if (in->ptr[0] != magic[u->have]) {
            return no_magic(u, in, before);
        }
        rv_gather(u->buf, &u->have, u->have + 1, in);
    }
    return RV_STEP;
}

static int32_t step_fixed(struct rv_gunzip *u, struct rove_in *in, uint32_t act)
{
    int32_t rc = take_magic(u, in, act);

    if (rc != RV_STEP || u->phase == TRAILING) {
        return rc;
    }
    if (!rv_gather(u->buf, &u->have, FIXED_LEN, in)) {
        return header_ends(u, act);
    }
    if (u->buf[2] != Z_DEFLATED) {
        return rv_fail(u->inf.host, ROVE_E_UNSUPPORTED, "gzip compression method %u is unknown",
                       u->buf[2]);
    }
    u->flags = u->buf[3];
    if ((u->flags & FRESERVED) != 0) { // RFC 1952, 2.3.1.2: must be refused
        return rv_fail(u->inf.host, ROVE_E_UNSUPPORTED, "reserved gzip header flags are set");
    }
    u->head_sum = rv_crc32(0, u->buf, FIXED_LEN);
    return go(u, FIELDS);
}

static int32_t step_fields(struct rv_gunzip *u)
{
    if ((u->flags & FEXTRA) != 0) {
        return go(u, EXTRA_LEN);
    }
    if ((u->flags & (FNAME | FCOMMENT)) != 0) {
        return go(u, STRING);
    }
    return go(u, (u->flags & FHCRC) != 0 ? HEAD_SUM : BODY);
}

static int32_t step_extra_len(struct rv_gunzip *u, struct rove_in *in, uint32_t act)
{
    if (!rv_gather(u->buf, &u->have, 2, in)) {
        return header_ends(u, act);
    }
    u->head_sum = rv_crc32(u->head_sum, u->buf, 2);
    u->skip = rv_le16(u->buf);
    return go(u, EXTRA);
}

static void pass(struct rv_gunzip *u, struct rove_in *in, size_t len)
{
    if (len > 0) {
        u->head_sum = rv_crc32(u->head_sum, in->ptr, len);
        rv_in_skip(in, len);
    }
}

// The first bytes of the extra field are looked at: they may tell how long the member is.
static void look_at_field(struct rv_gunzip *u, struct rove_in field)
{
    if (u->have < RV_BGZF_FIELD && rv_gather(u->buf, &u->have, RV_BGZF_FIELD, &field)) {
        u->told = rv_bgzf_field_len(u->buf);
    }
}

static int32_t step_extra(struct rv_gunzip *u, struct rove_in *in, uint32_t act)
{
    size_t len = rv_min(u->skip, in->len);

    look_at_field(u, (struct rove_in){in->ptr, len});
    pass(u, in, len);
    u->skip -= (uint32_t) len;
    if (u->skip > 0) {
        return header_ends(u, act);
    }
    u->flags &= (uint8_t) ~FEXTRA;
    return go(u, FIELDS);
}

// The name, then the comment: each runs to its zero byte.
static int32_t step_string(struct rv_gunzip *u, struct rove_in *in, uint32_t act)
{
    const uint8_t *end = in->len == 0 ? NULL : memchr(in->ptr, 0, in->len);

    pass(u, in, end == NULL ? in->len : (size_t) (end - in->ptr) + 1);
    if (end == NULL) {
        return header_ends(u, act);
    }
    u->flags &= (uint8_t) ~((u->flags & FNAME) != 0 ? FNAME : FCOMMENT);
    return go(u, FIELDS);
}

static int32_t step_head_sum(struct rv_gunzip *u, struct rove_in *in, uint32_t act)
{
    if (!rv_gather(u->buf, &u->have, 2, in)) {
        return header_ends(u, act);
    }
    if (rv_le16(u->buf) != (u->head_sum & 0xffff)) {
        return rv_fail(u->inf.host, ROVE_E_CHECKSUM, "the header checksum of member %llu differs",
                       (unsigned long long) u->member);
    }
    return go(u, BODY);
}

static int32_t step_tail(struct rv_gunzip *u, struct rove_in *in, uint32_t act)
{
    if (!rv_gather(u->buf, &u->have, TAIL_LEN, in)) {
        return rv_starved(u->inf.host, act, "the gzip trailer ends too early");
    }
    if (!u->inf.unsummed && rv_le32(u->buf) != u->inf.sum) {
        return rv_fail(u->inf.host, ROVE_E_CHECKSUM, "the CRC-32 of member %llu differs",
                       (unsigned long long) u->member);
    }
    if (!u->inf.unsummed && rv_le32(u->buf + 4) != (uint32_t) u->inf.total) {
        return rv_fail(u->inf.host, ROVE_E_CHECKSUM, "the length of member %llu differs",
                       (unsigned long long) u->member);
    }
    rv_inflater_again(&u->inf);
    u->member++;
    u->told = 0;
    return go(u, FIXED);
}

static int32_t step_trailing(struct rv_gunzip *u, struct rove_in *in, uint32_t act)
{
    return rv_trailing_run(&u->trailing, u->inf.host, "member", in, act);
}

static int32_t step_body(struct rv_gunzip *u, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    int32_t rc = rv_inflater_body(&u->inf, in, out, act, u->member);

    return rc == RV_STEP ? go(u, TAIL) : rc;
}

// Between members.
static bool between(const struct rv_gunzip *u)
{
    return u->phase == FIXED && u->have == 0;
}

int32_t rv_gunzip_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    static int32_t (*const header[])(struct rv_gunzip *, struct rove_in *, uint32_t) = {
        [FIXED] = step_fixed,   [EXTRA_LEN] = step_extra_len, [EXTRA] = step_extra,
        [STRING] = step_string, [HEAD_SUM] = step_head_sum,   [TAIL] = step_tail,
        [TRAILING] = step_trailing,
    };
    struct rv_gunzip *u = st;
    int32_t rc;

    do {
        size_t before = in->len;

        if (u->phase == BODY) {
            rc = step_body(u, in, out, act);
        } else if (u->phase == FIELDS) {
            rc = step_fields(u);
        } else {
            rc = header[u->phase](u, in, act);
        }
        u->taken = between(u) ? 0 : u->taken + (before - in->len);
    } while (rc == RV_STEP && !(u->inf.mark_wanted && between(u)));
    return rc == RV_STEP ? ROVE_OK : rc;
}

int32_t rv_gunzip_open(struct rv_gunzip *u, const struct rove_host *host, uint32_t policy)
{
    u->member = 1;
    u->trailing.policy = policy;
    return rv_inflater_open(&u->inf, host, &wrap, NULL);
}

static int32_t decode_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    return rv_gunzip_open(st, host, (uint32_t) values[OPT_TRAILING].u);
}

int32_t rv_gunzip_reset(void *st)
{
    struct rv_gunzip *u = st;

    rv_inflater_reset(&u->inf);
    rv_trailing_reset(&u->trailing);
    u->walk = (struct rv_bgzf_walk){0};
    u->member = 1;
    u->taken = u->told = 0;
    u->part = false;
    go(u, FIXED);
    return ROVE_OK;
}

// What is left of the member that the head is in, if it tells that, or may yet; 0: the head takes all that follows.
static uint64_t own_len(const struct rv_gunzip *u)
{
    uint64_t all = u->told > 0 || u->phase == TRAILING ? u->told : RV_BGZF_HEAD;

    return all > u->taken ? all - u->taken : 0;
}

// Members that tell their length (bgzf.h) are parts; where another stands, all that follows is read in order.
static int32_t decode_next(void *head, const uint8_t *ptr, size_t len, uint64_t *len_out)
{
    const struct rv_gunzip *u = head;

    if (between(u)) {
        return rv_bgzf_span(ptr, len, len_out);
    }
    *len_out = own_len(u);
    return ROVE_END;
}

static int32_t decode_part(void *st, const void *head, const uint8_t *past, size_t past_len)
{
    struct rv_gunzip *u = st;
    int32_t rc = rv_gunzip_reset(st);

    (void) head;
    (void) past;
    (void) past_len;
    u->part = true;
    return rc;
}

static int32_t decode_join(void *head, const void *part, uint64_t part_len)
{
    const struct rv_gunzip *p = part;
    struct rv_gunzip *u = head;

    (void) part_len;
    u->member += p->member - 1;
    return ROVE_OK;
}

static int32_t decode_mark(void *st, struct rove_mark *mark)
{
    struct rv_gunzip *u = st;

    return u->phase == TRAILING ? ROVE_E_UNSUPPORTED : rv_inflater_mark(&u->inf, between(u), mark);
}

static int32_t decode_resume(void *st, const struct rove_mark *mark)
{
    struct rv_gunzip *u = st;
    int32_t rc = rv_inflater_resume(&u->inf, mark);

    go(u, u->inf.unsummed ? BODY : FIXED);
    return rc;
}

static int32_t decode_hop(void *st, const uint8_t *ptr, size_t len, struct rove_hop *hop)
{
    struct rv_gunzip *u = st;

    return rv_bgzf_hop_gzip(&u->walk, &u->trailing, u->inf.host, (struct rove_in){ptr, len}, hop);
}

static uint32_t decode_detect(const uint8_t *head, uint32_t len)
{
    if (len < 4 || head[0] != 0x1f || head[1] != 0x8b || head[2] != Z_DEFLATED) {
        return 0;
    }
    return (head[3] & FRESERVED) == 0 ? 27 : 0;
}

const struct rove_filter rv_filter_gzip_decode = {
    ROVE_FILTER_INIT,
    .name = "gzip",
    .about = "gzip format (RFC 1952), any number of members",
    .flags = ROVE_F_SPLITS | ROVE_F_CHECKS,
    .state_len = sizeof(struct rv_gunzip),
    .options = options,
    .open = decode_open,
    .run = rv_gunzip_run,
    .reset = rv_gunzip_reset,
    .detect = decode_detect,
    .part_len = rv_bgzf_part_len,
    .part = decode_part,
    .next = decode_next,
    .join = decode_join,
    .mark = decode_mark,
    .resume = decode_resume,
    .hop = decode_hop,
    RV_INFLATER,
};
