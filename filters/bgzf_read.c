// SPDX-License-Identifier: MIT
// bgzf_read.c: member after member, each as a whole: nothing of a member is given before its CRC-32 and its two
// lengths were checked, and what is given does not depend on how the bytes came.
//
// A member is inflated from where it lies to where it is wanted; it is staged when it crosses two spans, and
// what it holds waits in `plain` when the room is short. Both are 64 KiB at most, whatever the data declare.
//
// The end marker is a member like others, so files laid end to end are one, and the marker may stand anywhere.
// The last member must be one. Behind it, members without the field may follow, as other programs append them
// to a .gz file; the gzip decoder takes over. Elsewhere such a member is damage.
#include "bgzf.h"

enum { HEAD, BODY, GZIP, TRAILING };

#define FIELD_LEN 6u // of the extra field that a member must begin with
#define PART_MEMBERS 4u // that are read as one part: each takes a tenth of a millisecond

static int32_t go(struct rv_bgzf_reader *r, uint8_t phase)
{
    r->phase = phase;
    r->have = 0;
    return RV_STEP;
}

static int32_t starved(const struct rv_bgzf_reader *r, uint32_t act)
{
    if (r->phase == BODY || r->have > 0) {
        return rv_starved(r->host, act, "a bgzf member ends too early");
    }
    if (r->alone) {
        return act == ROVE_FINISH ? ROVE_END : ROVE_OK;
    }
    if (r->member == 1) {
        return rv_starved(r->host, act, "the bgzf data end too early");
    }
    return rv_starved(r->host, act, r->marked ? NULL : "the bgzf data end too early: there is no end marker");
}

// head -------------------------------------------------------------------------------------------

// Whether byte number `at` of a head may follow those before it.
static bool fits(const uint8_t *head, uint32_t at, uint8_t byte)
{
    if (at == 11) {
        return byte > 0 || head[10] >= FIELD_LEN;
    }
    return (at >= 4 && at < 12) || at >= 16 || byte == rv_bgzf_marker[at];
}

static int32_t no_member(struct rv_bgzf_reader *r, struct rove_out *out)
{
    struct rove_in head = {r->head, r->have};
    int32_t rc;

    if (r->member == 1) {
        return rv_fail(r->host, ROVE_E_FORMAT, "not bgzf data: %s",
                       r->have < 2 ? "they do not begin with 1f 8b" : "the first member does not tell its length");
    }
    if (!r->marked) {
        return rv_fail(r->host, ROVE_E_DATA, "neither member %llu nor an end marker is where it must be",
                       (unsigned long long) r->member);
    }
    if (r->have < 2) {
        return go(r, TRAILING);
    }
    (void) r->codec->reset(r->gzip); // fails only for a state that was never opened
    *r->gzip_member = r->member;
    rc = r->codec->run(r->gzip, &head, out, ROVE_RUN); // of a header's beginning nothing comes
    return rc == ROVE_OK ? go(r, GZIP) : rc;
}

static int32_t step_head(struct rv_bgzf_reader *r, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    uint32_t len;

    while (r->have < RV_BGZF_HEAD) {
        if (in->len == 0) {
            return starved(r, act);
        }
        if (!fits(r->head, r->have, in->ptr[0])) {
            return no_member(r, out);
        }
        rv_gather(r->head, &r->have, r->have + 1, in);
    }
    len = rv_le16(r->head + RV_BGZF_HEAD - 2) + 1;
    if (len < RV_BGZF_HEAD - FIELD_LEN + rv_le16(r->head + 10) + 2 + RV_BGZF_TAIL) { // no deflate data are shorter
        return rv_fail(r->host, ROVE_E_DATA, "BSIZE of member %llu is too small", (unsigned long long) r->member);
    }
    r->body_len = len - RV_BGZF_HEAD;
    return go(r, BODY);
}

// body -------------------------------------------------------------------------------------------

static int32_t differs(const struct rv_bgzf_reader *r, const char *what)
{
    return rv_fail(r->host, ROVE_E_CHECKSUM, "the %s of member %llu differs", what,
                   (unsigned long long) r->member);
}

static bool is_marker(const struct rv_bgzf_reader *r, const uint8_t *body)
{
    return r->body_len == RV_BGZF_MARKER - RV_BGZF_HEAD && memcmp(r->head, rv_bgzf_marker, RV_BGZF_HEAD) == 0
           && memcmp(body, rv_bgzf_marker + RV_BGZF_HEAD, r->body_len) == 0;
}

// Inflates into room, which is as long as ISIZE says, and checks.
static int32_t inflate_body(struct rv_bgzf_reader *r, const uint8_t *body, struct rove_out room)
{
    const uint8_t *tail = body + r->body_len - RV_BGZF_TAIL;
    size_t extra = rv_le16(r->head + 10) - FIELD_LEN;
    struct rove_in src = {body + extra, r->body_len - extra - RV_BGZF_TAIL};
    const uint8_t *plain = room.ptr;
    size_t len = room.len;
    const char *why = "they end before the member does";
    int32_t rc = r->codec->inflate(r, &src, &room, &why);

    if (rc == ROVE_E_NOMEM) {
        return rc;
    }
    if (rc == ROVE_E_RANGE) {
        return differs(r, "length");
    }
    if (rc != ROVE_OK || src.len > 0) {
        return rv_fail(r->host, ROVE_E_DATA, "member %llu has damaged deflate data: %s",
                       (unsigned long long) r->member, why);
    }
    if (room.len > 0) {
        return differs(r, "length");
    }
    return r->codec->crc(0, plain, len) == rv_le32(tail) ? ROVE_OK : differs(r, "CRC-32");
}

static bool have_room(const struct rv_bgzf_reader *r, uint8_t **room)
{
    if (*room == NULL) {
        *room = r->host->alloc(r->host->ctx, RV_BGZF_MOST);
    }
    return *room != NULL;
}

static int32_t take_body(struct rv_bgzf_reader *r, const uint8_t *body, struct rove_out *out)
{
    size_t len = rv_le32(body + r->body_len - 4);
    bool straight = out->len >= len;
    int32_t rc;

    if (len > RV_BGZF_MOST) {
        return rv_fail(r->host, ROVE_E_DATA, "member %llu declares %zu bytes, and 65536 are the most",
                       (unsigned long long) r->member, len);
    }
    if (!straight && !have_room(r, &r->plain)) {
        return ROVE_E_NOMEM;
    }
    rc = inflate_body(r, body, (struct rove_out){straight ? out->ptr : r->plain, len});
    if (rc != ROVE_OK) {
        return rc;
    }
    if (straight) {
        rv_out_skip(out, len);
    } else {
        r->plain_len = len;
        r->plain_pos = 0;
    }
    r->marked = is_marker(r, body);
    r->member++;
    return go(r, HEAD);
}

static int32_t step_body(struct rv_bgzf_reader *r, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    const uint8_t *body = in->ptr;

    if (r->have == 0 && in->len >= r->body_len) {
        rv_in_skip(in, r->body_len);
        return take_body(r, body, out);
    }
    if (!have_room(r, &r->stage)) {
        return ROVE_E_NOMEM;
    }
    if (!rv_gather(r->stage, &r->have, r->body_len, in)) {
        return starved(r, act);
    }
    return take_body(r, r->stage, out);
}

// the whole --------------------------------------------------------------------------------------

int32_t rv_bgzf_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct rv_bgzf_reader *r = st;
    int32_t rc;

    do {
        if (!rv_drain(r->plain, r->plain_len, &r->plain_pos, out)) {
            return ROVE_OK;
        }
        switch (r->phase) {
        case HEAD:
            rc = step_head(r, in, out, act);
            break;
        case BODY:
            rc = step_body(r, in, out, act);
            break;
        case GZIP:
            rc = r->codec->run(r->gzip, in, out, act);
            break;
        default:
            rc = rv_trailing_run(&r->trailing, r->host, "member", in, act);
        }
    } while (rc == RV_STEP);
    return rc;
}

void rv_bgzf_open(struct rv_bgzf_reader *r, const struct rove_host *host, const struct rv_bgzf_codec *codec,
                  uint32_t policy)
{
    r->host = host;
    r->codec = codec;
    r->trailing.policy = policy;
    rv_bgzf_reset(r);
}

void rv_bgzf_reset(struct rv_bgzf_reader *r)
{
    rv_trailing_reset(&r->trailing);
    r->member = 1;
    r->marked = r->alone = false;
    r->plain_len = r->plain_pos = 0;
    go(r, HEAD);
}

void rv_bgzf_close(struct rv_bgzf_reader *r)
{
    r->host->free(r->host->ctx, r->stage);
    r->host->free(r->host->ctx, r->plain);
}

// parts ------------------------------------------------------------------------------------------

// The length of the member that begins there, by its head; as rv_bgzf_span().
static int32_t member_len(const uint8_t *ptr, size_t len, uint64_t *len_out)
{
    for (uint32_t at = 0; at < RV_BGZF_HEAD && at < len; at++) {
        if (!fits(ptr, at, ptr[at])) {
            *len_out = 0;
            return ROVE_END;
        }
    }
    *len_out = len < RV_BGZF_HEAD ? RV_BGZF_HEAD : rv_le16(ptr + RV_BGZF_HEAD - 2) + 1u;
    return len < RV_BGZF_HEAD ? ROVE_E_TRUNCATED : ROVE_OK;
}

int32_t rv_bgzf_span(const uint8_t *ptr, size_t len, uint64_t *len_out)
{
    int32_t rc = member_len(ptr, len, len_out);
    uint64_t more;

    for (unsigned cnt = 1; rc == ROVE_OK && cnt < PART_MEMBERS && *len_out < len; cnt++) {
        if (member_len(ptr + *len_out, len - (size_t) *len_out, &more) != ROVE_OK) {
            break;
        }
        *len_out += more;
    }
    return rc;
}

int32_t rv_bgzf_next(void *head, const uint8_t *ptr, size_t len, uint64_t *len_out)
{
    const struct rv_bgzf_reader *r = head;

    *len_out = 0;
    return r->phase == HEAD && r->have == 0 ? rv_bgzf_span(ptr, len, len_out) : ROVE_END;
}

uint64_t rv_bgzf_part_len(const void *head)
{
    (void) head;
    return (uint64_t) PART_MEMBERS * RV_BGZF_MOST;
}

int32_t rv_bgzf_part(void *st, const void *head, const uint8_t *past, size_t past_len)
{
    struct rv_bgzf_reader *r = st;

    (void) head; // members tell all of themselves
    (void) past;
    (void) past_len;
    rv_bgzf_reset(r);
    r->alone = true;
    return have_room(r, &r->plain) && have_room(r, &r->stage) ? ROVE_OK : ROVE_E_NOMEM;
}

int32_t rv_bgzf_join(void *head, const void *part, uint64_t part_len)
{
    const struct rv_bgzf_reader *p = part;
    struct rv_bgzf_reader *r = head;

    (void) part_len;
    r->member += p->member - 1;
    r->marked = p->marked;
    return ROVE_OK;
}
