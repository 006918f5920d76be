// SPDX-License-Identifier: MIT
// igunzip.c: the gzip format, RFC 1952, read by ISA-L's inflate, more than twice as fast as zlib's.
//
// The policy is that of gzip.c: members are read as one stream, and what follows the last one is told as
// such. ISA-L parses the header and checks the trailer. It does not look for reserved flags, and says only
// that a header is wrong, not where: so the first four bytes are looked at here, one by one, before it gets
// them.
//
// ISA-L keeps up to eight bytes of input that it has not used. After a member that is never more
// than its trailer, which it takes from there: nothing of the next member is swallowed.
#include "igunzip.h"

#include "vectors.h"

enum { MAGIC, HEADER, BODY, TRAILING };

enum { FRESERVED = 0xE0, METHOD = 8 };

#define PIECE ((size_t) 1 << 30) // ISA-L counts in 32 bits

static int32_t go(struct rv_igunzip *u, uint8_t phase)
{
    u->phase = phase;
    return RV_STEP;
}

static void begin_member(struct rv_igunzip *u)
{
    isal_inflate_reset(&u->inf);
    isal_gzip_header_init(&u->fields);
    u->inf.crc_flag = ISAL_GZIP_NO_HDR_VER; // the header is read by itself, the trailer is checked
    u->have = 0;
    go(u, MAGIC);
}

static int32_t no_magic(struct rv_igunzip *u)
{
    if (u->member == 1) {
        return rv_fail(u->host, ROVE_E_FORMAT, "not gzip data: it does not begin with 1f 8b");
    }
    return go(u, TRAILING);
}

// One byte of the four that are looked at before ISA-L sees them.
static int32_t judge_byte(struct rv_igunzip *u, uint8_t byte)
{
    static const uint8_t magic[2] = {0x1f, 0x8b};

    if (u->have < 2) {
        return byte == magic[u->have] ? ROVE_OK : no_magic(u);
    }
    if (u->have == 2 && byte != METHOD) {
        return rv_fail(u->host, ROVE_E_UNSUPPORTED, "gzip compression method %u is unknown", byte);
    }
    if (u->have == 3 && (byte & FRESERVED) != 0) {
        return rv_fail(u->host, ROVE_E_UNSUPPORTED, "reserved gzip header flags are set");
    }
    return ROVE_OK;
}

// Lets ISA-L read some of the header. Returns its answer.
static int read_header(struct rv_igunzip *u, struct rove_in *in)
{
    size_t len = rv_min(in->len, PIECE);
    int rc;

    u->inf.next_in = (uint8_t *) (uintptr_t) in->ptr;
    u->inf.avail_in = (uint32_t) len;
    rc = isal_read_gzip_header(&u->inf, &u->fields);
    rv_in_skip(in, len - u->inf.avail_in);
    return rc;
}

static int32_t step_magic(struct rv_igunzip *u, struct rove_in *in, uint32_t act)
{
    while (u->have < sizeof u->head) {
        int32_t rc;

        if (in->len == 0) {
            bool at_end = u->have == 0 && u->member > 1;

            return rv_starved(u->host, act, at_end ? NULL : "the gzip header ends too early");
        }
        rc = judge_byte(u, in->ptr[0]);
        if (rc != ROVE_OK) {
            return rc;
        }
        rv_gather(u->head, &u->have, u->have + 1, in);
    }
    (void) read_header(u, &(struct rove_in){u->head, sizeof u->head}); // wants more
    return go(u, HEADER);
}

static int32_t step_header(struct rv_igunzip *u, struct rove_in *in, uint32_t act)
{
    switch (read_header(u, in)) {
    case ISAL_DECOMP_OK:
        return go(u, BODY);
    case ISAL_END_INPUT:
        return rv_starved(u->host, act, "the gzip header ends too early");
    case ISAL_INCORRECT_CHECKSUM:
        return rv_fail(u->host, ROVE_E_CHECKSUM, "the header checksum of member %llu differs",
                       (unsigned long long) u->member);
    default:
        return rv_fail(u->host, ROVE_E_DATA, "the header of member %llu is damaged",
                       (unsigned long long) u->member);
    }
}

static int32_t damaged(struct rv_igunzip *u, int rc)
{
    if (rc == ISAL_INCORRECT_CHECKSUM) {
        return rv_fail(u->host, ROVE_E_CHECKSUM, "the CRC-32 or the length of member %llu differs",
                       (unsigned long long) u->member);
    }
    return rv_fail(u->host, ROVE_E_DATA, "member %llu has damaged deflate data: %s",
                   (unsigned long long) u->member,
                   rc == ISAL_INVALID_LOOKBACK ? "invalid distance"
                   : rc == ISAL_INVALID_BLOCK  ? "invalid block"
                                               : "invalid code");
}

static int expand(struct rv_igunzip *u, struct rove_in *in, struct rove_out *out)
{
    size_t in_len = rv_min(in->len, PIECE), out_len = rv_min(out->len, PIECE);
    int rc;

    u->inf.next_in = (uint8_t *) (uintptr_t) in->ptr; // takes but does not change the bytes
    u->inf.avail_in = (uint32_t) in_len;
    u->inf.next_out = out->ptr;
    u->inf.avail_out = (uint32_t) out_len;
    rc = isal_inflate(&u->inf);
    rv_leave_vectors();
    rv_in_skip(in, in_len - u->inf.avail_in);
    rv_out_skip(out, out_len - u->inf.avail_out);
    return rc;
}

static int32_t step_body(struct rv_igunzip *u, struct rove_in *in, struct rove_out *out,
                         uint32_t act)
{
    size_t in_was, out_was;

    do {
        int rc;

        in_was = in->len;
        out_was = out->len;
        rc = expand(u, in, out);
        if (rc < 0) {
            return damaged(u, rc);
        }
        if (u->inf.block_state == ISAL_BLOCK_FINISH) {
            u->member++;
            begin_member(u);
            return RV_STEP;
        }
        if (in->len == 0 && out->len > 0) { // it would have gone on, had there been more
            return rv_starved(u->host, act, "the deflate data or the trailer ends too early");
        }
    } while (out->len > 0 && (in->len < in_was || out->len < out_was));
    return ROVE_OK;
}

int32_t rv_igunzip_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct rv_igunzip *u = st;
    int32_t rc;

    do {
        switch (u->phase) {
        case MAGIC:
            rc = step_magic(u, in, act);
            break;
        case HEADER:
            rc = step_header(u, in, act);
            break;
        case BODY:
            rc = step_body(u, in, out, act);
            break;
        default:
            rc = rv_trailing_run(&u->trailing, u->host, "member", in, act);
        }
    } while (rc == RV_STEP);
    return rc;
}

int32_t rv_igunzip_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    struct rv_igunzip *u = st;

    u->host = host;
    u->trailing.policy = (uint32_t) values[RV_IGUNZIP_TRAILING].u;
    isal_inflate_init(&u->inf);
    return rv_igunzip_reset(u);
}

int32_t rv_igunzip_reset(void *st)
{
    struct rv_igunzip *u = st;

    u->member = 1;
    rv_trailing_reset(&u->trailing);
    begin_member(u);
    return ROVE_OK;
}

uint32_t rv_igunzip_detect(const uint8_t *head, uint32_t len)
{
    if (len < 4 || head[0] != 0x1f || head[1] != 0x8b || head[2] != METHOD) {
        return 0;
    }
    return (head[3] & FRESERVED) == 0 ? 27 : 0;
}
