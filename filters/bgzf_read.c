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
        return rv_starved(r->host, act, NULL);
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
        return byte > 0 || head[10] >= RV_BGZF_FIELD;
    }
    return (at >= 4 && at < 12) || at >= 16 || byte == rv_bgzf_marker[at];
}

// The whole member, by its head.
static uint32_t len_of(const uint8_t *head)
{
    return rv_le16(head + RV_BGZF_HEAD - 2) + 1;
}

// Whether that can hold all its fields; no deflate data are shorter than two bytes.
static bool holds(const uint8_t *head)
{
    return len_of(head) >= RV_BGZF_HEAD - RV_BGZF_FIELD + rv_le16(head + 10) + 2 + RV_BGZF_TAIL;
}

static int32_t too_small(const struct rove_host *host, uint64_t member)
{
    return rv_fail(host, ROVE_E_DATA, "BSIZE of member %llu is too small", (unsigned long long) member);
}

static int32_t too_large(const struct rove_host *host, uint64_t member, uint32_t isize)
{
    return rv_fail(host, ROVE_E_DATA, "member %llu declares %lu bytes, and 65536 are the most",
                   (unsigned long long) member, (unsigned long) isize);
}

// No member stands behind the last one, which was no end marker.
static int32_t lost(const struct rv_bgzf_reader *r, bool magic)
{
    if (r->member == 1) {
        return rv_fail(r->host, ROVE_E_FORMAT, "not bgzf data: %s",
                       magic ? "the first member does not tell its length" : "they do not begin with 1f 8b");
    }
    return rv_fail(r->host, ROVE_E_DATA, "neither member %llu nor an end marker is where it must be",
                   (unsigned long long) r->member);
}

static int32_t no_member(struct rv_bgzf_reader *r, struct rove_out *out)
{
    struct rove_in head = {r->head, r->have};
    bool magic = r->have >= 2;
    int32_t rc;

    if (!r->marked) {
        return lost(r, magic);
    }
    if (!magic) {
        return go(r, TRAILING);
    }
    (void) r->codec->reset(r->gzip); // fails only for a state that was never opened
    *r->gzip_member = r->member;
    rc = r->codec->run(r->gzip, &head, out, ROVE_RUN); // of a header's beginning nothing comes
    return rc == ROVE_OK ? go(r, GZIP) : rc;
}

static int32_t step_head(struct rv_bgzf_reader *r, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    const struct rove_in before = *in;

    while (r->have < RV_BGZF_HEAD) {
        if (in->len == 0) {
            return starved(r, act);
        }
        if (!fits(r->head, r->have, in->ptr[0])) {
            uint32_t have = r->have;
            int32_t rc = no_member(r, out);

            if (r->phase == TRAILING) { // what follows the members is nobody's
                rv_trailing_begin(&r->trailing, have, in, before);
            }
            return rc;
        }
        rv_gather(r->head, &r->have, r->have + 1, in);
    }
    if (!holds(r->head)) {
        return too_small(r->host, r->member);
    }
    r->body_len = len_of(r->head) - RV_BGZF_HEAD;
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
    size_t extra = rv_le16(r->head + 10) - RV_BGZF_FIELD;
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
    uint32_t len = rv_le32(body + r->body_len - 4);
    bool straight = out->len >= len;
    int32_t rc;

    if (len > RV_BGZF_MOST) {
        return too_large(r->host, r->member, len);
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

// Between members, all of the last one given.
static bool between(const struct rv_bgzf_reader *r)
{
    return r->phase == HEAD && r->have == 0 && r->plain_pos == r->plain_len;
}

int32_t rv_bgzf_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct rv_bgzf_reader *r = st;
    int32_t rc;

    do {
        if (r->plain_pos < r->plain_len) {
            rc = rv_drain(r->plain, r->plain_len, &r->plain_pos, out) ? RV_STEP : ROVE_OK;
            continue;
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
    } while (rc == RV_STEP && !(r->mark_wanted && between(r)));
    return rc == RV_STEP ? ROVE_OK : rc;
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
    r->marked = r->alone = r->mark_wanted = false;
    r->walk = (struct rv_bgzf_walk){0};
    r->plain_len = r->plain_pos = 0;
    go(r, HEAD);
}

void rv_bgzf_close(struct rv_bgzf_reader *r)
{
    r->host->free(r->host->ctx, r->stage);
    r->host->free(r->host->ctx, r->plain);
}

// what begins there ------------------------------------------------------------------------------

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

// restart ----------------------------------------------------------------------------------------

int32_t rv_bgzf_mark(void *st, struct rove_mark *mark)
{
    struct rv_bgzf_reader *r = st;

    if (r->phase == GZIP || r->phase == TRAILING) {
        return ROVE_E_UNSUPPORTED;
    }
    return rv_mark_between(mark, between(r), &r->mark_wanted);
}

// What stands there may be what follows an end marker.
int32_t rv_bgzf_resume(void *st, const struct rove_mark *mark)
{
    struct rv_bgzf_reader *r = st;

    r->alone = r->marked = true;
    return rv_resume_between(r->host, mark, "bgzf", "member");
}

static int32_t hop_head(struct rv_bgzf_walk *w, struct rove_in in, struct rove_hop *hop)
{
    uint64_t len;
    int32_t rc = member_len(in.ptr, in.len, &len);

    if (rc == ROVE_END) {
        return ROVE_E_UNSUPPORTED;
    }
    if (rc == ROVE_OK && !holds(in.ptr)) {
        return ROVE_E_DATA;
    }
    if (rc == ROVE_OK && len == RV_BGZF_MARKER && in.len < len) {
        rc = ROVE_E_TRUNCATED;
    }
    if (rc != ROVE_OK) {
        hop->need = len;
        return rc;
    }
    w->in_member = true;
    w->marked = len == RV_BGZF_MARKER && memcmp(in.ptr, rv_bgzf_marker, RV_BGZF_MARKER) == 0;
    hop->marked = 1;
    hop->mark.flags = ROVE_MARK_FRESH;
    hop->skip = len - RV_BGZF_TAIL;
    return ROVE_OK;
}

static int32_t hop_tail(struct rv_bgzf_walk *w, struct rove_in in, struct rove_hop *hop)
{
    hop->need = hop->skip = RV_BGZF_TAIL;
    if (in.len < RV_BGZF_TAIL) {
        return ROVE_E_TRUNCATED;
    }
    hop->plain = rv_le32(in.ptr + 4);
    w->cnt++;
    w->in_member = false;
    return hop->plain <= RV_BGZF_MOST ? ROVE_OK : ROVE_E_DATA;
}

// One step, from a member's head to its trailer or from there to the next head; as the hook hop() of a filter. ROVE_E_DATA:
// a length is none. ROVE_E_UNSUPPORTED: no member begins there that tells its length.
static int32_t walk(struct rv_bgzf_walk *w, struct rove_in in, struct rove_hop *hop)
{
    return w->in_member ? hop_tail(w, in, hop) : hop_head(w, in, hop);
}

static bool is_gzip(struct rove_in in)
{
    return in.len >= 2 && in.ptr[0] == rv_bgzf_marker[0] && in.ptr[1] == rv_bgzf_marker[1];
}

// All that begins with 1f 8b but does not tell its length is gzip, which has to be decoded.
int32_t rv_bgzf_hop(void *st, const uint8_t *ptr, size_t len, struct rove_hop *hop)
{
    struct rv_bgzf_reader *r = st;
    bool magic, in_member = r->walk.in_member;
    int32_t rc;

    if (r->phase == TRAILING) {
        return rv_trailing_hop(&r->trailing, ptr, len, hop);
    }
    if (len == 0 && r->walk.marked && !r->walk.in_member) {
        return ROVE_END;
    }
    rc = walk(&r->walk, (struct rove_in){ptr, len}, hop);
    if (rc == ROVE_E_DATA) {
        return in_member ? too_large(r->host, r->walk.cnt, (uint32_t) hop->plain) : too_small(r->host, r->walk.cnt + 1);
    }
    if (rc != ROVE_E_UNSUPPORTED) {
        return rc;
    }
    magic = is_gzip((struct rove_in){ptr, len});
    if (!r->walk.marked) {
        r->member = r->walk.cnt + 1;
        return lost(r, magic);
    }
    if (magic) {
        return ROVE_E_UNSUPPORTED;
    }
    go(r, TRAILING);
    return rv_trailing_hop(&r->trailing, ptr, len, hop);
}

// In gzip the field may be another's, which means something else by these two letters, and leads anywhere: where what it
// leads to is not as it has to be, the data have to be decoded. Only behind the end marker something else may follow.
int32_t rv_bgzf_hop_gzip(struct rv_bgzf_walk *w, struct rv_trailing *trailing, const struct rove_host *host,
                         struct rove_in in, struct rove_hop *hop)
{
    int32_t rc;

    if (w->over) {
        return rv_trailing_hop(trailing, in.ptr, in.len, hop);
    }
    if (in.len == 0 && w->cnt > 0 && !w->in_member) {
        return ROVE_END;
    }
    if (in.len == 0 && w->in_member) {
        return ROVE_E_UNSUPPORTED;
    }
    rc = walk(w, in, hop);
    if (rc == ROVE_E_DATA) {
        return ROVE_E_UNSUPPORTED;
    }
    if (rc != ROVE_E_UNSUPPORTED || is_gzip(in) || (w->cnt > 0 && !w->marked)) {
        return rc;
    }
    if (w->cnt == 0) {
        return rv_fail(host, ROVE_E_FORMAT, "not gzip data: it does not begin with 1f 8b");
    }
    w->over = true;
    return rv_trailing_hop(trailing, in.ptr, in.len, hop);
}

// parts ------------------------------------------------------------------------------------------

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

// What is left of the thing that the head is in, of which it was given what there was; 0: it takes all that follows.
static uint64_t own_len(const struct rv_bgzf_reader *r)
{
    if (r->phase == HEAD) {
        return RV_BGZF_HEAD - r->have;
    }
    return r->phase == BODY ? r->body_len - r->have : 0;
}

int32_t rv_bgzf_next(void *head, const uint8_t *ptr, size_t len, uint64_t *len_out)
{
    const struct rv_bgzf_reader *r = head;

    if (r->phase == HEAD && r->have == 0) {
        return rv_bgzf_span(ptr, len, len_out);
    }
    *len_out = own_len(r);
    return ROVE_END;
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
