// SPDX-License-Identifier: MIT
// zstd_decode.c: reads frames.
//
// libzstd does not tell of what it made in a call that fails. So it is never given bytes of two things at once, a block's
// header, its content, the checksum, and nothing before all that the thing before it has become has come out: then what
// comes out before damage is told does not depend on how the input was cut. The offset of damage is that behind the
// thing. It has a whole frame at once only where, should it fail, all is as if it had not (take_frame()).
#include "zstd_whole.h"

#define WINDOW_READ 27
#define MAGIC_LEN 4u

// REST makes no bytes: a checksum, or what a skippable frame holds.
enum { MAGIC, HEAD, BLOCK_HEAD, BLOCK, REST, TRAILING };

struct decoder {
    const struct rove_host *host;
    ZSTD_DCtx *z;
    uint64_t frame; // the one being read, from 1; skippable ones are not counted
    uint64_t total; // content of the frame so far
    ZSTD_frameHeader fields;
    unsigned window;
    uint32_t have; // bytes in head
    uint8_t head[ZSTD_FRAMEHEADERSIZE_MAX];
    uint8_t phase;
    bool has_dict;
    bool begun; // some frame has been
    bool mark_wanted; // it stops between frames
    bool last;        // the block is
    bool excess;      // more would have come out than is declared
    bool drained;     // all that the codec was given has come out
    uint64_t left;    // bytes of the thing that the codec is in
    uint64_t part_most; // plain bytes that the part which was found last may become
    struct rv_zstd_walk walk; // through a part that is not yet whole
    struct rv_zstd_hop hop;
    struct rv_trailing trailing;
};

// Every frame finds the dictionary as the one used last: libzstd decodes the first block behind one that it has not just
// used with other code (the "cold" ddict of ZSTD_decompressBegin_usingDDict()), which takes some damage for sound.
static size_t warm(struct decoder *d)
{
    static const uint8_t empty[] = {0x28, 0xb5, 0x2f, 0xfd, 0x20, 0, 1, 0, 0};

    return d->has_dict ? ZSTD_decompressDCtx(d->z, NULL, 0, empty, sizeof empty) : 0;
}

static int32_t go(struct decoder *d, uint8_t phase)
{
    d->phase = phase;
    return RV_STEP;
}

static int32_t decode_reset(void *st)
{
    struct decoder *d = st;

    d->frame = 1;
    d->have = 0;
    d->begun = d->mark_wanted = false;
    d->drained = true;
    d->walk.at = 0;
    d->hop.in_frame = false;
    rv_trailing_reset(&d->trailing);
    go(d, MAGIC);
    return rv_zstd_setup_status(d->host, ZSTD_DCtx_reset(d->z, ZSTD_reset_session_only));
}

static int32_t decode_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    const struct rove_value *dict = &values[RV_ZSTD_OPT_DICT];
    struct decoder *d = st;
    int32_t judged = rv_zstd_judge_dict(host, dict);
    size_t rc;

    if (judged != ROVE_OK) {
        return judged;
    }
    d->host = host;
    d->frame = 1;
    d->drained = true;
    d->window = values[RV_ZSTD_OPT_WINDOW].u != 0 ? (unsigned) values[RV_ZSTD_OPT_WINDOW].u : WINDOW_READ;
    d->has_dict = dict->text != NULL;
    d->trailing.policy = (uint32_t) values[RV_ZSTD_OPT_TRAILING].u;
    d->z = ZSTD_createDCtx_advanced(rv_zstd_memory(host));
    if (d->z == NULL) {
        return ROVE_E_NOMEM;
    }
    rc = ZSTD_DCtx_setParameter(d->z, ZSTD_d_windowLogMax, (int) d->window);
    if (!ZSTD_isError(rc) && d->has_dict) {
        rc = ZSTD_DCtx_loadDictionary(d->z, dict->text, dict->text_len);
    }
    if (ZSTD_isError(rc)) {
        (void) ZSTD_freeDCtx(d->z);
    }
    return rv_zstd_setup_status(host, rc);
}

static void decode_close(void *st)
{
    struct decoder *d = st;

    (void) ZSTD_freeDCtx(d->z);
}

static int32_t decode_failed(struct decoder *d, size_t rc)
{
    unsigned long long frame = d->frame;

    switch (ZSTD_getErrorCode(rc)) {
    case ZSTD_error_memory_allocation:
        return ROVE_E_NOMEM;
    case ZSTD_error_checksum_wrong:
        return rv_fail(d->host, ROVE_E_CHECKSUM, "the checksum of frame %llu differs", frame);
    case ZSTD_error_frameParameter_windowTooLarge:
        return rv_fail(d->host, ROVE_E_LIMIT, "frame %llu wants a window of more than 2^%u bytes, the "
                       "most that there is", frame, RV_ZSTD_WINDOW_MAX);
    case ZSTD_error_frameParameter_unsupported:
        return rv_fail(d->host, ROVE_E_UNSUPPORTED, "frame %llu has a reserved bit set", frame);
    case ZSTD_error_dictionary_wrong:
        if (d->has_dict) {
            return rv_fail(d->host, ROVE_E_CHECKSUM, "frame %llu wants another dictionary", frame);
        }
        return rv_fail(d->host, ROVE_E_UNSUPPORTED, "frame %llu wants a dictionary", frame);
    default:
        return rv_fail(d->host, ROVE_E_DATA, "frame %llu is damaged: %s", frame,
                       ZSTD_getErrorName(rc));
    }
}

static bool is_skippable(const struct decoder *d)
{
    return d->fields.frameType == ZSTD_skippableFrame;
}

static bool is_sized(const struct decoder *d)
{
    return !is_skippable(d) && d->fields.frameContentSize != ZSTD_CONTENTSIZE_UNKNOWN;
}

// One call of the codec with bytes of one thing, at most so many of them, spans carried on. Returns its answer: 0 at the
// end of a frame, or an error. No more comes out than is declared.
static size_t expand(struct decoder *d, struct rove_in *in, uint64_t most, struct rove_out *out)
{
    ZSTD_inBuffer from = {in->ptr, most < in->len ? (size_t) most : in->len, 0};
    ZSTD_outBuffer to = {out->ptr, out->len, 0};
    size_t rc = ZSTD_decompressStream(d->z, &to, &from), made;

    rv_in_skip(in, ZSTD_isError(rc) ? from.size : from.pos);
    d->excess = is_sized(d) && to.pos > d->fields.frameContentSize - d->total;
    made = d->excess ? (size_t) (d->fields.frameContentSize - d->total) : to.pos;
    rv_out_skip(out, made);
    d->total += made;
    return rc;
}

// What follows the frames is nobody's: what was taken of it in this call is left.
static int32_t no_magic(struct decoder *d, struct rove_in *in, struct rove_in before)
{
    if (!d->begun) {
        return rv_fail(d->host, ROVE_E_FORMAT, "not zstd data: its magic is not there");
    }
    rv_trailing_begin(&d->trailing, d->have, in, before);
    return go(d, TRAILING);
}

static int32_t step_magic(struct decoder *d, struct rove_in *in, uint32_t act)
{
    const struct rove_in before = *in;

    while (d->have < MAGIC_LEN) {
        if (in->len == 0) {
            bool at_end = d->have == 0 && d->begun;

            return rv_starved(d->host, act, at_end ? NULL : "the frame's header ends too early");
        }
        if (!rv_zstd_fits_magic(d->head, d->have, in->ptr[0])) {
            return no_magic(d, in, before);
        }
        rv_gather(d->head, &d->have, d->have + 1, in);
    }
    return go(d, HEAD);
}

// The frame has come to what the codec takes for its end. Its streaming decoder does not hold the content
// against the declared size when the last block is empty.
static int32_t end_frame(struct decoder *d)
{
    if (is_sized(d) && d->total != d->fields.frameContentSize) {
        return rv_fail(d->host, ROVE_E_CHECKSUM, "frame %llu holds %llu bytes, but declares %llu",
                       (unsigned long long) d->frame, (unsigned long long) d->total,
                       (unsigned long long) d->fields.frameContentSize);
    }
    d->frame += !is_skippable(d);
    d->begun = true;
    d->have = 0;
    return go(d, MAGIC);
}

static int32_t judge_window(struct decoder *d)
{
    unsigned bits = is_skippable(d) ? 0 : rv_zstd_log(d->fields.windowSize);

    if (bits > RV_ZSTD_WINDOW_MAX) {
        return decode_failed(d, (size_t) -ZSTD_error_frameParameter_windowTooLarge);
    }
    if (bits > d->window) {
        return rv_fail(d->host, ROVE_E_LIMIT,
                       "frame %llu wants a window of 2^%u bytes; zstd:window=%u allows it",
                       (unsigned long long) d->frame, bits, bits);
    }
    return ROVE_OK;
}

// Lets the codec have a header that is whole; it is drained.
static size_t take_whole(struct decoder *d)
{
    struct rove_in head = {d->head, d->have};

    d->have = 0;
    return expand(d, &head, head.len, &(struct rove_out){NULL, 0});
}

// The header is whole: judges it, then lets the codec have it.
static int32_t take_head(struct decoder *d)
{
    int32_t judged = judge_window(d);
    size_t rc;

    if (judged != ROVE_OK) {
        return judged;
    }
    d->total = 0;
    rc = warm(d);
    rc = ZSTD_isError(rc) ? rc : take_whole(d);
    if (ZSTD_isError(rc)) {
        return decode_failed(d, rc);
    }
    d->left = is_skippable(d) ? d->fields.frameContentSize : 0;
    return rc == 0 ? end_frame(d) : go(d, is_skippable(d) ? REST : BLOCK_HEAD);
}

static int32_t step_head(struct decoder *d, struct rove_in *in, uint32_t act)
{
    size_t want;

    while ((want = ZSTD_getFrameHeader(&d->fields, d->head, d->have)) != 0) {
        if (ZSTD_isError(want)) {
            return decode_failed(d, want);
        }
        if (!rv_gather(d->head, &d->have, (uint32_t) want, in)) {
            return rv_starved(d->host, act, "the frame's header ends too early");
        }
    }
    return take_head(d);
}

// All that is declared has been given.
static int32_t exceeded(struct decoder *d)
{
    return rv_fail(d->host, ROVE_E_CHECKSUM, "frame %llu exceeds the declared content size",
                   (unsigned long long) d->frame);
}

// Has the codec give all that it holds.
static int32_t drain(struct decoder *d, struct rove_out *out)
{
    if (out->len == 0) {
        return ROVE_OK;
    }
    (void) expand(d, &(struct rove_in){NULL, 0}, 0, out); // it only copies
    d->drained = out->len > 0;
    return d->excess ? exceeded(d) : d->drained ? RV_STEP : ROVE_OK;
}

static int32_t behind_block(struct decoder *d)
{
    d->left = RV_ZSTD_SUM_LEN;
    return go(d, d->last ? REST : BLOCK_HEAD);
}

static int32_t step_block_head(struct decoder *d, struct rove_in *in, uint32_t act)
{
    struct rv_zstd_block b;
    size_t rc;

    if (!rv_gather(d->head, &d->have, RV_ZSTD_BLOCK_HEAD, in)) {
        return rv_starved(d->host, act, "the frame ends too early");
    }
    b = rv_zstd_block(d->head);
    rc = take_whole(d);
    if (ZSTD_isError(rc)) {
        return decode_failed(d, rc);
    }
    d->left = b.len;
    d->last = b.last;
    if (b.last && b.kind != RV_ZSTD_COMPRESSED && is_sized(d) && d->total + b.size < d->fields.frameContentSize) {
        d->total += b.size; // the codec gives a raw block piece by piece, and does not count before the last
        return end_frame(d);
    }
    return rc == 0 ? end_frame(d) : b.len == 0 ? behind_block(d) : go(d, BLOCK);
}

static int32_t step_block(struct decoder *d, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    size_t len = in->len, rc;

    if (len == 0) {
        return rv_starved(d->host, act, "the frame ends too early");
    }
    if (out->len == 0) {
        return ROVE_OK;
    }
    rc = expand(d, in, d->left, out);
    d->left -= len - in->len;
    if (ZSTD_isError(rc)) {
        return decode_failed(d, rc);
    }
    if (d->excess) {
        return exceeded(d);
    }
    d->drained = rc == 0 || out->len > 0;
    return rc == 0 ? end_frame(d) : d->left == 0 ? behind_block(d) : RV_STEP;
}

static int32_t step_rest(struct decoder *d, struct rove_in *in, uint32_t act)
{
    size_t len = in->len, rc;

    if (len == 0) {
        return rv_starved(d->host, act, "the frame ends too early");
    }
    rc = expand(d, in, d->left, &(struct rove_out){NULL, 0});
    d->left -= len - in->len;
    if (ZSTD_isError(rc)) {
        return decode_failed(d, rc);
    }
    return d->left == 0 ? end_frame(d) : RV_STEP;
}

// Between frames.
static bool between(const struct decoder *d)
{
    return d->phase == MAGIC && d->have == 0;
}

// Decodes a frame that is whole at hand, and for whose content there is room, in one go. One that does not come out well is
// left to the steps, which tell of it. False: so is this one.
static bool take_frame(struct decoder *d, struct rove_in *in, struct rove_out *out)
{
    size_t len = rv_zstd_whole_len(&d->fields, in->ptr, in->len, out->len);

    if (len == 0 || rv_zstd_log(d->fields.windowSize) > d->window || ZSTD_isError(warm(d)) ||
        !rv_zstd_whole(d->z, &d->fields, in->ptr, len, out)) {
        return false;
    }
    d->total = d->fields.frameContentSize;
    rv_in_skip(in, len);
    rv_out_skip(out, (size_t) d->total);
    return true;
}

static int32_t step(struct decoder *d, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    switch (d->phase) {
    case MAGIC:
        return d->have == 0 && take_frame(d, in, out) ? end_frame(d) : step_magic(d, in, act);
    case HEAD:
        return step_head(d, in, act);
    case BLOCK_HEAD:
        return step_block_head(d, in, act);
    case BLOCK:
        return step_block(d, in, out, act);
    case REST:
        return step_rest(d, in, act);
    default:
        return rv_trailing_run(&d->trailing, d->host, "frame", in, act);
    }
}

static int32_t decode_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct decoder *d = st;
    int32_t rc;

    d->walk.at = 0; // what was walked through is a part no more
    do {
        rc = d->drained ? step(d, in, out, act) : drain(d, out);
    } while (rc == RV_STEP && !(d->mark_wanted && between(d)));
    return rc == RV_STEP ? ROVE_OK : rc;
}

static uint32_t decode_detect(const uint8_t *head, uint32_t len)
{
    if (len < 4) {
        return 0;
    }
    if (memcmp(head + 1, "\x2a\x4d\x18", 3) == 0 && (head[0] & 0xf0) == 0x50) {
        return 28; // a skippable frame
    }
    return memcmp(head, "\x28\xb5\x2f\xfd", 4) == 0 ? 32 : 0;
}

// parts -----------------------------------------------------------------------------------------

// What is left of the thing that the head is in; 0: it takes all that follows.
static uint64_t own_len(const struct decoder *d)
{
    switch (d->phase) {
    case MAGIC:
        return MAGIC_LEN - d->have;
    case HEAD: // at least
        return 1;
    case BLOCK_HEAD:
        return RV_ZSTD_BLOCK_HEAD - d->have;
    case BLOCK:
    case REST:
        return d->left;
    default:
        return 0;
    }
}

static int32_t decode_next(void *head, const uint8_t *ptr, size_t len, uint64_t *len_out)
{
    struct decoder *d = head;
    struct rv_zstd_walk *w = &d->walk, more;
    int32_t rc;

    if (!between(d)) {
        *len_out = own_len(d);
        return ROVE_END;
    }
    rc = rv_zstd_walk(w, ptr, len, len_out);
    if (rc == ROVE_OK) { // and those behind it that are whole at hand
        for (*len_out = w->at; *len_out < len; *len_out += more.at, w->most += more.most) {
            size_t at = (size_t) *len_out;
            uint64_t unused;

            memset(&more, 0, sizeof more);
            if (rv_zstd_walk(&more, ptr + at, len - at, &unused) != ROVE_OK || more.at > len - at ||
                at + more.at > RV_ZSTD_PART || w->most + more.most > RV_ZSTD_PART) {
                break;
            }
        }
    }
    d->part_most = w->most; // as far as it is known
    if (rc != ROVE_E_TRUNCATED) {
        w->at = 0;
    }
    return rc;
}

static uint64_t decode_part_len(const void *head)
{
    const struct decoder *d = head;

    return d->part_most;
}

static int32_t decode_part(void *st, const void *head, const uint8_t *past, size_t past_len)
{
    struct decoder *d = st;
    int32_t rc = decode_reset(d);

    (void) head;
    (void) past;
    (void) past_len;
    return rc;
}

static int32_t decode_join(void *head, const void *part, uint64_t part_len)
{
    const struct decoder *p = part;
    struct decoder *d = head;

    (void) part_len;
    d->frame += p->frame - 1;
    d->begun = true;
    return ROVE_OK;
}

// restart ---------------------------------------------------------------------------------------

static int32_t decode_mark(void *st, struct rove_mark *mark)
{
    struct decoder *d = st;

    if (d->phase == TRAILING) {
        return ROVE_E_UNSUPPORTED;
    }
    return rv_mark_between(mark, between(d), &d->mark_wanted);
}

static int32_t decode_resume(void *st, const struct rove_mark *mark)
{
    struct decoder *d = st;

    d->begun = true; // so the input may end here
    return rv_resume_between(d->host, mark, "zstd", "frame");
}

// A whole skippable frame, or the header of one that declares its size.
static int32_t hop_head(struct decoder *d, const uint8_t *ptr, size_t len, struct rove_hop *hop)
{
    size_t want = len < MAGIC_LEN ? MAGIC_LEN : ZSTD_getFrameHeader(&d->fields, ptr, len);

    if (want != 0 && !ZSTD_isError(want)) {
        hop->need = want;
        return ROVE_E_TRUNCATED;
    }
    if (want != 0) {
        return decode_failed(d, want);
    }
    hop->marked = 1;
    hop->mark.flags = ROVE_MARK_FRESH;
    if (is_skippable(d)) {
        hop->skip = 8 + d->fields.frameContentSize;
        d->begun = true;
        return ROVE_OK;
    }
    if (!is_sized(d)) {
        return ROVE_E_UNSUPPORTED;
    }
    d->hop = (struct rv_zstd_hop){.declared = d->fields.frameContentSize, .block_max = d->fields.blockSizeMax,
                                  .sum = d->fields.checksumFlag != 0, .in_frame = true};
    hop->skip = d->fields.headerSize;
    hop->plain = d->hop.declared;
    return judge_window(d);
}

static int32_t hop_blocks(struct decoder *d, const uint8_t *ptr, size_t len, struct rove_hop *hop)
{
    int32_t rc = rv_zstd_hop(&d->hop, ptr, len, hop);

    if (rc == ROVE_E_CHECKSUM) {
        return rv_fail(d->host, rc, "the blocks of frame %llu cannot hold the %llu bytes that it declares",
                       (unsigned long long) d->frame, (unsigned long long) d->hop.declared);
    }
    if (rc == ROVE_E_DATA) {
        return rv_fail(d->host, rc, "frame %llu is damaged: no block is like that", (unsigned long long) d->frame);
    }
    if (rc == ROVE_OK && !d->hop.in_frame) {
        d->frame++;
        d->begun = true;
    }
    return rc;
}

static int32_t decode_hop(void *st, const uint8_t *ptr, size_t len, struct rove_hop *hop)
{
    struct decoder *d = st;

    if (d->hop.in_frame) {
        return hop_blocks(d, ptr, len, hop);
    }
    if (len == 0 && d->begun) {
        return ROVE_END;
    }
    for (size_t i = 0; i < len && i < MAGIC_LEN && d->phase != TRAILING; i++) {
        struct rove_in in = {ptr, len};
        int32_t rc = rv_zstd_fits_magic(ptr, i, ptr[i]) ? ROVE_OK : no_magic(d, &in, in);

        if (rc < 0) {
            return rc;
        }
    }
    return d->phase == TRAILING ? rv_trailing_hop(&d->trailing, ptr, len, hop) : hop_head(d, ptr, len, hop);
}

const struct rove_filter rv_zstd_decode = {
    ROVE_FILTER_INIT,
    .name = "zstd",
    .about = "Zstandard (RFC 8878), any number of frames",
    .dir = ROVE_DECODE,
    .flags = ROVE_F_SPLITS | ROVE_F_CHECKS | ROVE_F_MEMORY_BOUND,
    .state_len = sizeof(struct decoder),
    .block_len = 2 * RV_ZSTD_BLOCK,
    .options = rv_zstd_options,
    .library = "zstd " ZSTD_VERSION_STRING,
    .open = decode_open,
    .run = decode_run,
    .close = decode_close,
    .reset = decode_reset,
    .join = decode_join,
    .detect = decode_detect,
    .part_len = decode_part_len,
    .part = decode_part,
    .next = decode_next,
    .mark = decode_mark,
    .resume = decode_resume,
    .hop = decode_hop,
};
