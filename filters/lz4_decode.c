// SPDX-License-Identifier: MIT
// lz4_decode.c: reads LZ4 frames, legacy frames and skippable frames over liblz4's block decoder.
//
// A block is decoded from memory that holds all of it, into memory that takes all of it:
//
//     in ──whole block?────────────────────> codec ──room for all of it?──> out
//      └──> pieces (what was left of the last span, the next) ──┘ └──> held ──> out, as room comes
//
// How much room "all of it" is follows from the coded length: a block cannot grow by more than 255
// times, nor beyond the frame's block size. Memory is only ever taken for bytes that have arrived
// (pieces) or are about to be made (held), at most one block of each: 4 MiB, in legacy frames 8.
#include "builtin.h"
#include "lz4_decode.h"

#define PIECES_FIRST ((size_t) 4096)

// What may be behind a damage.
static const char *other_dict(const struct rv_lz4_decoder *d)
{
    return d->other_dict ? ", and was written with another dictionary" : "";
}

static int32_t bad_block(struct rv_lz4_decoder *d, int32_t status, const char *why)
{
    return rv_fail(d->host, status, "block %llu %s%s", (unsigned long long) d->block, why, other_dict(d));
}

// Makes sure of cap bytes at *buf, the first `used` of which are kept.
static bool reserve(struct rv_lz4_decoder *d, uint8_t **buf, size_t *have_cap, size_t used, size_t cap)
{
    uint8_t *grown;

    if (*have_cap >= cap) {
        return true;
    }
    grown = d->host->alloc(d->host->ctx, cap);
    if (grown == NULL) {
        return false;
    }
    if (used > 0) {
        memcpy(grown, *buf, used);
    }
    d->host->free(d->host->ctx, *buf);
    *buf = grown;
    *have_cap = cap;
    return true;
}

uint8_t *rv_lz4_hold(struct rv_lz4_decoder *d, size_t cap)
{
    return reserve(d, &d->held, &d->held_cap, 0, cap) ? d->held : NULL;
}

// blocks ----------------------------------------------------------------------------------------

// Decodes a linked block; -1 for damage, -2 for lack of memory.
static int decode_linked(struct rv_lz4_decoder *d, const uint8_t *src, uint8_t *dst, size_t cap)
{
    const uint8_t *dict;
    size_t len;
    int made;

    if (!rv_lz4_past_of(&d->past, d->host, dst, &dict, &len)) {
        return -2;
    }
    made = LZ4_decompress_safe_usingDict((const char *) src, (char *) dst, (int) d->coded,
                                         (int) cap, (const char *) dict, (int) len);
    return made < 0 ? -1 : made; // its negative values tell where, not what
}

int rv_lz4_decode_alone(const struct rv_lz4_decoder *d, const uint8_t *src, uint8_t *dst, size_t cap)
{
    if (d->dict_len == 0 || d->legacy) {
        return LZ4_decompress_safe((const char *) src, (char *) dst, (int) d->coded, (int) cap);
    }
    return LZ4_decompress_safe_usingDict((const char *) src, (char *) dst, (int) d->coded, (int) cap,
                                         (const char *) d->dict, (int) d->dict_len);
}

static int32_t check_content(struct rv_lz4_decoder *d, const uint8_t *dst, size_t len)
{
    if (d->unsummed) {
        return ROVE_OK;
    }
    if (d->sized && len > d->declared - d->total) {
        return bad_block(d, ROVE_E_CHECKSUM, "exceeds the declared content size");
    }
    d->total += len;
    if (len == 0) {
        return ROVE_OK;
    }
    if (d->content_sum) { // now, while the bytes are in the cache
        (void) XXH32_update(&d->sum, dst, len);
    }
    if (d->linked && (!rv_lz4_past_add(&d->past, d->host, dst, len) ||
                      (dst == d->held && !rv_lz4_past_keep(&d->past, d->host)))) {
        return ROVE_E_NOMEM;
    }
    return ROVE_OK;
}

// Makes the content of the block at src, at most cap bytes; their number, or negative as above.
static int decode(struct rv_lz4_decoder *d, const uint8_t *src, uint8_t *dst, size_t cap)
{
    int made;

    if (d->stored) {
        if (d->coded > 0) {
            memcpy(dst, src, d->coded);
        }
        return (int) d->coded;
    }
    if (d->linked) {
        return decode_linked(d, src, dst, cap);
    }
    made = rv_lz4_decode_alone(d, src, dst, cap);
    return made < 0 ? -1 : made;
}

// The block at src is whole: decodes it to `out`, or where it waits for room.
static int32_t take_block(struct rv_lz4_decoder *d, const uint8_t *src, struct rove_out *out)
{
    size_t cap = rv_lz4_made_most(d);
    bool straight = out->len >= cap;
    uint8_t *dst = out->ptr;
    int32_t rc;
    int len;

    if (d->block_sum && XXH32(src, d->coded, 0) != rv_le32(src + d->coded)) {
        return bad_block(d, ROVE_E_CHECKSUM, "does not match its checksum");
    }
    if (!straight) {
        dst = rv_lz4_hold(d, cap);
        if (dst == NULL) {
            return ROVE_E_NOMEM;
        }
    }
    len = decode(d, src, dst, cap);
    if (len < 0) {
        return len == -2 ? ROVE_E_NOMEM : bad_block(d, ROVE_E_DATA, "is damaged");
    }
    rc = check_content(d, dst, (size_t) len);
    if (rc != ROVE_OK) {
        return rc;
    }
    if (straight) {
        rv_out_skip(out, (size_t) len);
    } else {
        d->held_len = (size_t) len;
        d->held_pos = 0;
    }
    d->block++;
    d->promised -= cap < d->promised ? cap : d->promised; // it may have been a part's, which this does in its place
    return rv_lz4_go(d, RV_LZ4_AT_BLOCK_LEN);
}

// Collects a block that did not come in one span.
static int32_t gather_block(struct rv_lz4_decoder *d, struct rove_in *in, uint32_t full, uint32_t act)
{
    size_t len = rv_min(full - d->have, in->len);
    size_t want = d->have + len, cap = d->pieces_cap;

    if (want > cap) {
        cap = rv_min(2 * want, d->block_max + 4);
        cap = cap < PIECES_FIRST ? PIECES_FIRST : cap < want ? want : cap;
    }
    if (!reserve(d, &d->pieces, &d->pieces_cap, d->have, cap)) {
        return ROVE_E_NOMEM;
    }
    rv_gather(d->pieces, &d->have, (uint32_t) want, in);
    if (d->have == full) {
        return RV_STEP;
    }
    return rv_starved(d->host, act, "the LZ4 data ends in the middle of a block");
}

static int32_t step_block(struct rv_lz4_decoder *d, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    uint32_t full = rv_lz4_with_sum(d);
    const uint8_t *src = in->ptr;
    int32_t rc;

    if (out->len == 0 && d->coded > 0) {
        return ROVE_OK; // with room at hand it may need no detour
    }
    if (d->have == 0 && in->len >= full) {
        rv_in_skip(in, full);
        return take_block(d, src, out);
    }
    rc = gather_block(d, in, full, act);
    return rc == RV_STEP ? take_block(d, d->pieces, out) : rc;
}

int32_t rv_lz4_end_frame(struct rv_lz4_decoder *d)
{
    rv_lz4_past_reset(&d->past); // nothing will look back any more
    d->begun = true;
    d->frame++;
    return rv_lz4_go(d, RV_LZ4_AT_MAGIC);
}

static int32_t end_content(struct rv_lz4_decoder *d)
{
    if (d->sized && d->total != d->declared) {
        return rv_fail(d->host, ROVE_E_CHECKSUM,
                       "frame %llu holds %llu bytes, but declares %llu",
                       (unsigned long long) d->frame, (unsigned long long) d->total,
                       (unsigned long long) d->declared);
    }
    return d->content_sum ? rv_lz4_go(d, RV_LZ4_AT_CONTENT_SUM) : rv_lz4_end_frame(d);
}

int32_t rv_lz4_open_block(struct rv_lz4_decoder *d, uint32_t word)
{
    return rv_lz4_block_len(d, word) ? rv_lz4_go(d, RV_LZ4_AT_BLOCK)
                                   : bad_block(d, ROVE_E_DATA, "has an impossible length");
}

// A legacy frame has no end: it ends with the input, or where the next magic number or padding stands.
static int32_t step_block_len(struct rv_lz4_decoder *d, struct rove_in *in, uint32_t act)
{
    uint32_t word;

    if (!rv_gather(d->buf, &d->have, 4, in)) {
        bool may_end = d->have == 0 && (d->legacy || (d->resumed && !d->linked));

        return rv_starved(d->host, act, may_end ? NULL : "the LZ4 data ends before its end mark");
    }
    word = rv_le32(d->buf);
    if (d->legacy && word == 0) {
        d->trailing.zeros = 4;
        return rv_lz4_go(d, RV_LZ4_AT_TRAILING);
    }
    if (d->legacy && word > (uint32_t) LZ4_COMPRESSBOUND(RV_LZ4_LEGACY_BLOCK)) {
        d->begun = true;
        d->frame++;
        d->phase = RV_LZ4_AT_MAGIC; // with its four bytes
        return RV_STEP;
    }
    if (word == 0 && !d->legacy) {
        return end_content(d);
    }
    return rv_lz4_open_block(d, word);
}

static int32_t step_content_sum(struct rv_lz4_decoder *d, struct rove_in *in, uint32_t act)
{
    if (!rv_gather(d->buf, &d->have, 4, in)) {
        return rv_starved(d->host, act, "the LZ4 content checksum is incomplete");
    }
    if (!d->unsummed && rv_le32(d->buf) != XXH32_digest(&d->sum)) {
        return rv_fail(d->host, ROVE_E_CHECKSUM, "the content checksum of frame %llu differs%s",
                       (unsigned long long) d->frame, other_dict(d));
    }
    return rv_lz4_end_frame(d);
}

// headers ---------------------------------------------------------------------------------------

// How the first len bytes (1 to 4) fit a magic number: its bits, 0 for none.
static uint32_t magic_bits(const uint8_t *p, uint32_t len)
{
    static const uint8_t frame[] = {0x04, 0x22, 0x4d, 0x18}, legacy[] = {0x02, 0x21, 0x4c, 0x18};
    static const uint8_t skippable[] = {0x50, 0x2a, 0x4d, 0x18};

    if (memcmp(p, frame, len) == 0 || memcmp(p, legacy, len) == 0) {
        return 8 * len;
    }
    if ((p[0] & 0xf0) == skippable[0] && memcmp(p + 1, skippable + 1, len - 1) == 0) {
        return 8 * len - 4;
    }
    return 0;
}

// What follows the frames is nobody's: what was taken of it in this call is left.
static int32_t no_magic(struct rv_lz4_decoder *d, struct rove_in *in, struct rove_in before)
{
    if (!d->begun) {
        return rv_fail(d->host, ROVE_E_FORMAT, "not LZ4 data: it begins with no magic number");
    }
    rv_trailing_begin(&d->trailing, d->have, in, before);
    return rv_lz4_go(d, RV_LZ4_AT_TRAILING);
}

int32_t rv_lz4_begin_frame(struct rv_lz4_decoder *d, bool legacy)
{
    memset(d->desc, 0, sizeof d->desc);
    d->unsummed = false;
    d->legacy = legacy;
    d->linked = d->block_sum = d->content_sum = d->sized = d->other_dict = false;
    d->block_max = RV_LZ4_LEGACY_BLOCK;
    d->block = 1;
    d->total = d->promised = 0;
    rv_lz4_past_reset(&d->past);
    return rv_lz4_go(d, legacy ? RV_LZ4_AT_BLOCK_LEN : RV_LZ4_AT_HEAD);
}

static int32_t step_trailing(struct rv_lz4_decoder *d, struct rove_in *in, uint32_t act)
{
    return rv_trailing_run(&d->trailing, d->host, "frame", in, act);
}

static int32_t step_magic(struct rv_lz4_decoder *d, struct rove_in *in, uint32_t act)
{
    const struct rove_in before = *in;
    uint32_t word;

    while (d->have < 4) { // by bytes, so that an error's offset is that of the wrong one
        if (in->len == 0) {
            bool at_end = d->have == 0 && d->begun;

            return rv_starved(d->host, act, at_end ? NULL : "the LZ4 header ends too early");
        }
        d->buf[d->have] = in->ptr[0];
        if (magic_bits(d->buf, d->have + 1) == 0) {
            return no_magic(d, in, before);
        }
        d->have++;
        rv_in_skip(in, 1);
    }
    word = rv_le32(d->buf);
    if (magic_bits(d->buf, 4) == 0) { // four bytes from a legacy frame's block length
        return rv_fail(d->host, ROVE_E_DATA, "a block has an impossible length, or garbage follows");
    }
    if ((word & ~15u) == RV_LZ4_SKIPPABLE) {
        return rv_lz4_go(d, RV_LZ4_AT_SKIP_LEN);
    }
    return rv_lz4_begin_frame(d, word == RV_LZ4_LEGACY);
}

static int32_t step_skip_len(struct rv_lz4_decoder *d, struct rove_in *in, uint32_t act)
{
    if (!rv_gather(d->buf, &d->have, 4, in)) {
        return rv_starved(d->host, act, "the skippable frame ends too early");
    }
    d->skip = rv_le32(d->buf);
    return rv_lz4_go(d, RV_LZ4_AT_SKIP);
}

static int32_t step_skip(struct rv_lz4_decoder *d, struct rove_in *in, uint32_t act)
{
    size_t len = rv_min(d->skip, in->len);

    rv_in_skip(in, len);
    d->skip -= (uint32_t) len;
    if (d->skip > 0) {
        return rv_starved(d->host, act, "the skippable frame ends too early");
    }
    d->begun = true;
    return rv_lz4_go(d, RV_LZ4_AT_MAGIC);
}

// FLG and BD are in buf and their checksum is right. Says what the frame asks for that is not here.
const char *rv_lz4_unsupported(uint8_t flg, uint8_t bd)
{
    if ((flg & RV_LZ4_FLG_RESERVED) != 0 || (bd & RV_LZ4_BD_RESERVED) != 0) {
        return "reserved LZ4 header bits are set";
    }
    return bd >> 4 < 4 ? "the LZ4 block size code is reserved" : NULL;
}

void rv_lz4_take_desc(struct rv_lz4_decoder *d, const uint8_t *desc)
{
    memcpy(d->desc, desc, sizeof d->desc);
    d->block_max = rv_lz4_block_max(desc[1] >> 4);
    d->linked = (desc[0] & RV_LZ4_INDEPENDENT) == 0;
    d->block_sum = (desc[0] & RV_LZ4_BLOCK_SUM) != 0;
    d->content_sum = (desc[0] & RV_LZ4_CONTENT_SUM) != 0;
}

// id: the one that the header names. Linked blocks have the dictionary before them.
static int32_t begin_dict(struct rv_lz4_decoder *d, const uint8_t *id)
{
    bool named = (d->desc[0] & RV_LZ4_DICT_ID) != 0;

    if (d->dict_len == 0) {
        return named ? rv_fail(d->host, ROVE_E_UNSUPPORTED, "a dictionary is needed to read this") : ROVE_OK;
    }
    d->other_dict = named && rv_le32(id) != XXH32(d->dict, d->dict_len, 0);
    if (d->linked && (!rv_lz4_past_add(&d->past, d->host, d->dict, d->dict_len) ||
                      !rv_lz4_past_keep(&d->past, d->host))) {
        return ROVE_E_NOMEM;
    }
    return ROVE_OK;
}

static int32_t take_head(struct rv_lz4_decoder *d)
{
    const char *why = rv_lz4_unsupported(d->buf[0], d->buf[1]);
    int32_t rc;

    if (why != NULL) {
        return rv_fail(d->host, ROVE_E_UNSUPPORTED, "%s", why);
    }
    rv_lz4_take_desc(d, d->buf);
    d->sized = (d->buf[0] & RV_LZ4_CONTENT_SIZE) != 0;
    d->declared = rv_le32(d->buf + 2) | (uint64_t) rv_le32(d->buf + 6) << 32;
    (void) XXH32_reset(&d->sum, 0);
    rc = begin_dict(d, d->buf + (d->sized ? 10 : 2));
    return rc == ROVE_OK ? rv_lz4_go(d, RV_LZ4_AT_BLOCK_LEN) : rc;
}

static int32_t step_head(struct rv_lz4_decoder *d, struct rove_in *in, uint32_t act)
{
    static const char ends[] = "the LZ4 header ends too early";
    uint32_t len = 3;

    if (d->have < 2 && !rv_gather(d->buf, &d->have, 2, in)) {
        return rv_starved(d->host, act, ends);
    }
    if ((d->buf[0] & RV_LZ4_VERSION_MASK) != RV_LZ4_VERSION) {
        return rv_fail(d->host, ROVE_E_UNSUPPORTED, "LZ4 frame version %u is unknown",
                       d->buf[0] >> 6);
    }
    len += (d->buf[0] & RV_LZ4_CONTENT_SIZE) != 0 ? 8 : 0;
    len += (d->buf[0] & RV_LZ4_DICT_ID) != 0 ? 4 : 0;
    if (!rv_gather(d->buf, &d->have, len, in)) {
        return rv_starved(d->host, act, ends);
    }
    if (d->buf[len - 1] != (XXH32(d->buf, len - 1, 0) >> 8 & 255)) {
        return rv_fail(d->host, ROVE_E_CHECKSUM, "the header checksum of frame %llu differs",
                       (unsigned long long) d->frame);
    }
    return take_head(d);
}

// hooks -----------------------------------------------------------------------------------------

int32_t rv_lz4_step(struct rv_lz4_decoder *d, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    static int32_t (*const steps[])(struct rv_lz4_decoder *, struct rove_in *, uint32_t) = {
        [RV_LZ4_AT_MAGIC] = step_magic,         [RV_LZ4_AT_HEAD] = step_head,
        [RV_LZ4_AT_SKIP_LEN] = step_skip_len,   [RV_LZ4_AT_SKIP] = step_skip,
        [RV_LZ4_AT_BLOCK_LEN] = step_block_len, [RV_LZ4_AT_CONTENT_SUM] = step_content_sum,
        [RV_LZ4_AT_TRAILING] = step_trailing,
    };

    if (d->held_pos < d->held_len) {
        return rv_drain(d->held, d->held_len, &d->held_pos, out) ? RV_STEP : ROVE_OK;
    }
    if (d->phase == RV_LZ4_AT_BLOCK) {
        return step_block(d, in, out, act);
    }
    return steps[d->phase](d, in, act);
}

static int32_t decode_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct rv_lz4_decoder *d = st;
    int32_t rc;

    do {
        rc = rv_lz4_step(d, in, out, act);
    } while (rc == RV_STEP && !(d->mark_wanted && rv_lz4_at_place(d)));
    if (rc >= 0 && !rv_lz4_past_keep(&d->past, d->host)) { // `out` is not ours after this call
        return ROVE_E_NOMEM;
    }
    return rc == RV_STEP ? ROVE_OK : rc;
}

static int32_t decode_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    struct rv_lz4_decoder *d = st;

    d->host = host;
    d->frame = 1;
    d->trailing.policy = (uint32_t) values[RV_LZ4_OPT_TRAILING].u;
    return rv_lz4_keep_dict(host, &values[RV_LZ4_OPT_DICT], &d->dict, &d->dict_len) ? ROVE_OK : ROVE_E_NOMEM;
}

int32_t rv_lz4_decode_reset(void *st)
{
    struct rv_lz4_decoder *d = st;

    d->held_len = 0;
    d->held_pos = 0;
    rv_lz4_past_reset(&d->past);
    d->promised = 0;
    d->mark_wanted = d->resumed = d->unsummed = false;
    d->frame = 1;
    d->begun = false;
    rv_trailing_reset(&d->trailing);
    rv_lz4_go(d, RV_LZ4_AT_MAGIC);
    return ROVE_OK;
}

static void decode_close(void *st)
{
    struct rv_lz4_decoder *d = st;

    d->host->free(d->host->ctx, d->pieces);
    d->host->free(d->host->ctx, d->held);
    d->host->free(d->host->ctx, d->past.past);
    d->host->free(d->host->ctx, d->dict);
}

static uint32_t decode_detect(const uint8_t *head, uint32_t len)
{
    return len < 4 ? 0 : magic_bits(head, 4);
}

const struct rove_filter rv_filter_lz4_decode = {
    ROVE_FILTER_INIT,
    .name = "lz4",
    .about = "LZ4 frame format, any number of frames, also legacy and skippable ones",
    .dir = ROVE_DECODE,
    .flags = ROVE_F_SPLITS | ROVE_F_MEMORY_BOUND,
    .state_len = sizeof(struct rv_lz4_decoder),
    .block_len = 256 * 1024,
    .options = rv_lz4_options,
    .library = "lz4 " LZ4_VERSION_STRING,
    .open = decode_open,
    .run = decode_run,
    .close = decode_close,
    .reset = rv_lz4_decode_reset,
    .join = rv_lz4_decode_join,
    .detect = decode_detect,
    .part_len = rv_lz4_decode_part_len,
    .part = rv_lz4_decode_part,
    .next = rv_lz4_decode_next,
    .see = rv_lz4_decode_see,
    .mark = rv_lz4_decode_mark,
    .resume = rv_lz4_decode_resume,
    .hop = rv_lz4_decode_hop,
};
