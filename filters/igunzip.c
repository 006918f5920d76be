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
//
// Damage. It decodes ahead into memory of its own, and gives that up when it meets damage: it is given from there. How
// much was made before it is found by a twin (igunzip_twin.h). Where data end too early, it depends on how they are cut
// whether the last literals are made, three at most: it looks up several at once.
//
// Marks. ISA-L does not stop between blocks, so marks are made between members only. But it goes on at marks that zlib
// has made within them (gzip.c): it is given the window as a dictionary, and the bits as those that it has read. The
// trailer of such a member is read, and what ISA-L then thinks of the sum is of no account.
#include "igunzip.h"

#include "vectors.h"

enum { MAGIC, HEADER, BODY, FAILED, TRAILING };

enum { FRESERVED = 0xE0, METHOD = 8 };

#define PIECE ((size_t) 1 << 20) // ISA-L counts in 32 bits; and a twin may have to do it again

static int32_t go(struct rv_igunzip *u, uint8_t phase)
{
    u->phase = phase;
    return RV_STEP;
}

static void begin_member(struct rv_igunzip *u)
{
    isal_inflate_reset(&u->inf);
    isal_gzip_header_init(&u->fields);
    rv_twin_forget(u->twin);
    u->inf.crc_flag = ISAL_GZIP_NO_HDR_VER; // the header is read by itself, the trailer is checked
    u->have = 0;
    u->bits_cnt = 0;
    u->unsummed = u->border = false;
    go(u, MAGIC);
}

static int32_t no_magic(struct rv_igunzip *u)
{
    if (u->member == 1 && !u->resumed) {
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
    const struct rove_in before = *in;

    while (u->have < sizeof u->head) {
        int32_t rc;

        if (in->len == 0) {
            bool at_end = u->have == 0 && (u->member > 1 || u->resumed);

            return rv_starved(u->host, act, at_end ? NULL : "the gzip header ends too early");
        }
        rc = judge_byte(u, in->ptr[0]);
        if (rc != ROVE_OK) {
            if (u->phase == TRAILING) { // what follows the members is nobody's
                rv_trailing_begin(&u->trailing, u->have, in, before);
            }
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

static int32_t damaged(struct rv_igunzip *u)
{
    int rc = u->failure;

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

// It has failed within these. What was made before that is brought to light.
static void find_damage(struct rv_igunzip *u, struct rove_in *in, size_t in_len, struct rove_out *out, int *rc)
{
    struct rove_in some = {in->ptr, in_len};
    // Where it finds damage near the end, it may count bytes behind that as taken; fewer than none are left then.
    size_t taken = u->inf.avail_in > in_len ? in_len : in_len - u->inf.avail_in;
    uint64_t made = rv_twin_judge(u->twin, &some, taken, rc);
    size_t out_len = (size_t) (u->inf.next_out - out->ptr);
    size_t held = (size_t) (u->inf.tmp_out_valid - u->inf.tmp_out_processed);

    rv_in_skip(in, in_len - some.len);
    out_len = made < out_len ? (size_t) made : out_len;
    held = made - out_len < held ? (size_t) (made - out_len) : held;
    rv_out_skip(out, out_len);
    u->inf.tmp_out_valid = u->inf.tmp_out_processed + (int32_t) held;
}

static int expand(struct rv_igunzip *u, struct rove_in *in, struct rove_out *out)
{
    size_t in_len = rv_min(in->len, PIECE), out_len = rv_min(out->len, PIECE);
    int rc;

    u->inf.next_in = (uint8_t *) (uintptr_t) in->ptr; // takes but does not change the bytes
    u->inf.avail_in = (uint32_t) in_len;
    u->inf.next_out = out->ptr;
    u->inf.avail_out = (uint32_t) out_len;
    rv_twin_begin(u->twin, &u->inf);
    rc = isal_inflate(&u->inf);
    rv_leave_vectors();
    if (rc < 0 && rc != ISAL_INCORRECT_CHECKSUM) {
        find_damage(u, in, in_len, out, &rc);
        return rc;
    }
    in_len -= u->inf.avail_in;
    out_len -= u->inf.avail_out;
    rv_twin_took(u->twin, in->ptr, in_len, out_len);
    rv_in_skip(in, in_len);
    rv_out_skip(out, out_len);
    return rc;
}

// Whether all that ISA-L was given is up to the border of two blocks: it has begun the next header, and wants more.
static bool at_border(const struct rv_igunzip *u)
{
    return (u->inf.block_state == ISAL_BLOCK_NEW_HDR || u->inf.block_state == ISAL_BLOCK_HDR)
           && u->inf.tmp_in_size == 0 && u->inf.read_in_length < 8;
}

// Whether all that it has made has left.
static bool drained(const struct rv_igunzip *u)
{
    return u->inf.tmp_out_processed == u->inf.tmp_out_valid;
}

// Gives it the bits of a byte that may hold the end of a block one by one, so that it cannot go beyond.
static int expand_bits(struct rv_igunzip *u, struct rove_out *out)
{
    struct rove_in none = {NULL, 0};
    int rc = expand(u, &none, out); // until it really wants more

    while (rc >= 0 && u->bits_cnt > 0 && out->len > 0 && u->inf.block_state == ISAL_BLOCK_CODED) {
        rv_twin_forget(u->twin);
        u->inf.read_in |= (uint64_t) (u->bits & 1) << u->inf.read_in_length++;
        u->bits >>= 1;
        u->bits_cnt--;
        rc = expand(u, &none, out);
    }
    if (rc < 0 || u->inf.block_state == ISAL_BLOCK_CODED) {
        return rc;
    }
    u->border = at_border(u);
    u->bits_cnt = u->border ? u->bits_cnt : 0; // behind the last block they are nothing
    return rc;
}

// As expand(), of a state whose input may end between two blocks. That shows in its last byte only.
static int expand_to_border(struct rv_igunzip *u, struct rove_in *in, struct rove_out *out)
{
    struct rove_in none = {NULL, 0}, most = {in->ptr, in->len > 1 ? in->len - 1 : in->len};
    size_t len = most.len;
    int rc;

    if (u->border && !drained(u)) {
        return expand(u, &none, out);
    }
    if (u->border && u->bits_cnt > 0) {
        rv_twin_forget(u->twin);
        u->inf.read_in = u->bits;
        u->inf.read_in_length = u->bits_cnt;
        u->bits_cnt = 0;
    }
    u->border = false;
    if (u->bits_cnt > 0) {
        return expand_bits(u, out);
    }
    if (u->prime > 0 && in->len > 0) {
        u->bits = (uint8_t) (in->ptr[0] >> (8 - u->prime));
        u->bits_cnt = u->prime;
        u->prime = 0;
        u->border = true;
        rv_in_skip(in, 1);
        return ISAL_DECOMP_OK;
    }
    if (in->len == 1 && out->len > 0 && u->inf.block_state == ISAL_BLOCK_CODED) {
        u->bits = in->ptr[0];
        u->bits_cnt = 8;
        rv_in_skip(in, 1);
        return expand_bits(u, out);
    }
    rc = expand(u, &most, out);
    rv_in_skip(in, len - most.len);
    u->border = at_border(u);
    return rc;
}

static int32_t step_body(struct rv_igunzip *u, struct rove_in *in, struct rove_out *out,
                         uint32_t act)
{
    size_t in_was, out_was, bits_was;

    if (u->twin == NULL) {
        u->twin = u->host->alloc(u->host->ctx, sizeof *u->twin);
        if (u->twin == NULL) {
            return ROVE_E_NOMEM;
        }
        u->twin->follows = false;
    }
    do {
        int rc;

        if (u->border && in->len == 0 && drained(u)) {
            return rv_starved(u->host, act, NULL);
        }
        in_was = in->len;
        out_was = out->len;
        bits_was = u->bits_cnt;
        rc = u->resumed ? expand_to_border(u, in, out) : expand(u, in, out);
        if (rc < 0 && !(u->unsummed && rc == ISAL_INCORRECT_CHECKSUM)) {
            u->failure = rc;
            return go(u, FAILED);
        }
        if (u->inf.block_state == ISAL_BLOCK_FINISH) {
            u->member++;
            begin_member(u);
            return RV_STEP;
        }
        if (in->len == 0 && out->len > 0 && !u->border) { // it would have gone on, had there been more
            return rv_starved(u->host, act, "the deflate data or the trailer ends too early");
        }
    } while (out->len > 0 && (in->len < in_was || out->len < out_was || u->bits_cnt < bits_was));
    return ROVE_OK;
}

// What was made before the damage comes out first: ISA-L holds it, but will do no more.
static int32_t step_failed(struct rv_igunzip *u, struct rove_out *out)
{
    size_t pos = (size_t) u->inf.tmp_out_processed;
    bool all = rv_drain(u->inf.tmp_out_buffer, (size_t) u->inf.tmp_out_valid, &pos, out);

    u->inf.tmp_out_processed = (int32_t) pos;
    return all ? damaged(u) : ROVE_OK;
}

// Between members.
static bool between(const struct rv_igunzip *u)
{
    return u->phase == MAGIC && u->have == 0;
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
        case FAILED:
            rc = step_failed(u, out);
            break;
        default:
            rc = rv_trailing_run(&u->trailing, u->host, "member", in, act);
        }
    } while (rc == RV_STEP && !(u->mark_wanted && between(u)));
    return rc == RV_STEP ? ROVE_OK : rc;
}

int32_t rv_igunzip_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    struct rv_igunzip *u = st;

    u->host = host;
    u->trailing.policy = (uint32_t) values[RV_IGUNZIP_TRAILING].u;
    isal_inflate_init(&u->inf);
    return rv_igunzip_reset(u);
}

void rv_igunzip_close(void *st)
{
    struct rv_igunzip *u = st;

    u->host->free(u->host->ctx, u->twin);
}

int32_t rv_igunzip_reset(void *st)
{
    struct rv_igunzip *u = st;

    u->member = 1;
    rv_trailing_reset(&u->trailing);
    u->walk = (struct rv_bgzf_walk){0};
    u->mark_wanted = u->resumed = false;
    u->prime = 0;
    begin_member(u);
    return ROVE_OK;
}

int32_t rv_igunzip_mark(void *st, struct rove_mark *mark)
{
    struct rv_igunzip *u = st;

    if (u->phase == TRAILING) {
        return ROVE_E_UNSUPPORTED;
    }
    return rv_mark_between(mark, between(u), &u->mark_wanted);
}

int32_t rv_igunzip_resume(void *st, const struct rove_mark *mark)
{
    struct rv_igunzip *u = st;

    u->resumed = true;
    if (rv_mark_is_fresh(mark)) {
        return ROVE_OK;
    }
    if (mark->flags != 0 || mark->bits > 7 || mark->state_len > IGZIP_HIST_SIZE) {
        return rv_fail(u->host, ROVE_E_FORMAT, "this is no mark in deflate data");
    }
    if (mark->state_len > 0) {
        rv_twin_forget(u->twin);
        (void) isal_inflate_set_dict(&u->inf, (uint8_t *) (uintptr_t) mark->state, mark->state_len);
    }
    u->prime = (uint8_t) mark->bits;
    u->border = u->prime == 0;
    u->unsummed = true;
    go(u, BODY);
    return ROVE_OK;
}

int32_t rv_igunzip_hop(void *st, const uint8_t *ptr, size_t len, struct rove_hop *hop)
{
    struct rv_igunzip *u = st;

    return rv_bgzf_hop_gzip(&u->walk, &u->trailing, u->host, (struct rove_in){ptr, len}, hop);
}

uint32_t rv_igunzip_detect(const uint8_t *head, uint32_t len)
{
    if (len < 4 || head[0] != 0x1f || head[1] != 0x8b || head[2] != METHOD) {
        return 0;
    }
    return (head[3] & FRESERVED) == 0 ? 27 : 0;
}
