// SPDX-License-Identifier: MIT
// xz_decode_parts.c: blocks whose headers tell their lengths: decoded elsewhere, hopped over, and begun at.
//
// Decoding begins at a stream, fresh, and before each further block of it, when the two bytes of flags in its header are
// known: they are the state of a mark. The index of a stream that was begun in its middle is read, but not held against
// anything.
//
// What is hopped over is held against the index, as what is decoded is: a header that lies about a length is found out.
#include "xz_decode.h"

#define PLAIN_MOST ((uint64_t) 64 << 20) // of a block that is a part: those of xz -T are 24 MiB at its level 6
#define CODED_MOST ((uint64_t) 64 << 20)

// parts -----------------------------------------------------------------------------------------

uint64_t rv_xz_decode_part_len(const void *head)
{
    const struct rv_xz_decoder *d = head;

    return d->part_most;
}

int32_t rv_xz_decode_part(void *st, const void *head, const uint8_t *past, size_t past_len)
{
    const struct rv_xz_decoder *h = head;
    struct rv_xz_decoder *d = st;

    (void) past;
    (void) past_len;
    (void) rv_xz_decode_reset(d);
    d->flags = h->flags;
    d->stream = h->stream;
    d->alone = d->unsummed = true;
    (void) rv_xz_go(d, RV_XZ_AT_BLOCK);
    return ROVE_OK;
}

static int32_t answer(uint64_t *len_out, uint64_t len, int32_t rc)
{
    *len_out = len;
    return rc;
}

// What is left of the index, or some of it.
static uint64_t index_len(const struct rv_xz_decoder *d)
{
    return d->unsummed ? rv_xz_index_least(&d->index) : lzma_index_hash_size(d->hash) - d->index_len;
}

// The padding at hand; at least 1, as what follows it may be nobody's.
static uint64_t padding_len(const uint8_t *ptr, size_t len)
{
    size_t zeros = 0;

    while (zeros < len && ptr[zeros] == 0) {
        zeros++;
    }
    return zeros > 0 ? zeros : 1;
}

// What is left of the thing that the head is in, or some of it; at least 1 but where it takes all that follows.
static uint64_t own_len(const struct rv_xz_decoder *d, const uint8_t *ptr, size_t len)
{
    switch (d->phase) {
    case RV_XZ_AT_HEAD:
    case RV_XZ_AT_FOOT:
        return d->have > 0 || d->padding == 0 ? LZMA_STREAM_HEADER_SIZE - d->have : padding_len(ptr, len);
    case RV_XZ_IN_BLOCK:
        return d->left > 0 ? d->left : len;
    case RV_XZ_AT_BLOCK: // within its header
        return d->have > 0 ? rv_xz_block_head_len(d->buf[0]) - d->have : 1;
    case RV_XZ_IN_INDEX:
        return index_len(d);
    default:
        return 0;
    }
}

int32_t rv_xz_decode_next(void *head, const uint8_t *ptr, size_t len, uint64_t *len_out)
{
    struct rv_xz_decoder *d = head;
    size_t head_len = rv_xz_block_head_len(ptr[0]);
    uint64_t total;

    d->part_most = 0;
    if (d->phase != RV_XZ_AT_BLOCK || d->have > 0 || ptr[0] == 0) {
        return answer(len_out, own_len(d, ptr, len), ROVE_END);
    }
    if (len < head_len) {
        return answer(len_out, head_len, ROVE_E_TRUNCATED);
    }
    if (rv_xz_take_block(d, ptr) != RV_STEP) { // the head will say why
        return answer(len_out, 0, ROVE_END);
    }
    rv_xz_drop_filters(d);
    total = rv_xz_is_sized(d) ? lzma_block_total_size(&d->block) : UINT64_MAX;
    if (total > CODED_MOST || total == 0 || d->block.uncompressed_size > PLAIN_MOST) {
        return answer(len_out, head_len, ROVE_END);
    }
    d->part_most = d->block.uncompressed_size;
    return answer(len_out, total, ROVE_OK);
}

int32_t rv_xz_decode_join(void *head, const void *part, uint64_t part_len)
{
    const struct rv_xz_decoder *p = part;

    (void) part_len;
    return rv_xz_note_block(head, &p->block);
}

// mark and resume -------------------------------------------------------------------------------

int32_t rv_xz_decode_mark(void *st, struct rove_mark *mark)
{
    struct rv_xz_decoder *d = st;

    if (d->phase == RV_XZ_AT_TRAILING) {
        return ROVE_E_UNSUPPORTED;
    }
    d->mark_wanted = !rv_xz_between(d) && !d->stands;
    if (d->mark_wanted) {
        return ROVE_E_AGAIN;
    }
    mark->flags = d->stands ? 0 : ROVE_MARK_FRESH;
    if (d->stands) {
        mark->state = d->mark;
        mark->state_len = sizeof d->mark;
    }
    return ROVE_OK;
}

int32_t rv_xz_decode_resume(void *st, const struct rove_mark *mark)
{
    struct rv_xz_decoder *d = st;

    d->resumed = d->begun = true;
    if (rv_mark_is_fresh(mark)) {
        return ROVE_OK;
    }
    if (mark->flags != 0 || mark->bits != 0 || mark->state_len != sizeof d->mark || mark->state[0] != 0
        || mark->state[1] > LZMA_CHECK_ID_MAX || !lzma_check_is_supported((lzma_check) mark->state[1])) {
        return rv_fail(d->host, ROVE_E_FORMAT, "this is no mark in xz data");
    }
    memcpy(d->mark, mark->state, sizeof d->mark);
    memset(&d->flags, 0, sizeof d->flags);
    d->flags.check = (lzma_check) mark->state[1];
    d->unsummed = true;
    d->number = 2; // at least
    (void) rv_xz_go(d, RV_XZ_AT_BLOCK);
    return ROVE_OK;
}

// hop -------------------------------------------------------------------------------------------

static int32_t needs(struct rove_hop *hop, uint64_t len)
{
    hop->need = len;
    return ROVE_E_TRUNCATED;
}

static int32_t hop_by(struct rove_hop *hop, uint64_t len, int32_t rc)
{
    hop->skip = len;
    return rc == RV_STEP ? ROVE_OK : rc;
}

static int32_t hop_head(struct rv_xz_decoder *d, struct rove_in in, struct rove_hop *hop)
{
    size_t zeros = 0;

    if (in.len == 0 && d->begun && d->padding % 4 != 0) { // which is told as where it is read
        (void) rv_xz_no_magic(d);
        return rv_trailing_run(&d->trailing, d->host, "stream", &in, ROVE_FINISH);
    }
    if (in.len == 0 && d->begun) {
        return ROVE_END;
    }
    while (d->begun && zeros < in.len && in.ptr[zeros] == 0) {
        zeros++;
    }
    if (zeros > 0) {
        d->padding += zeros;
        return hop_by(hop, zeros, ROVE_OK);
    }
    for (size_t i = 0; i < rv_min(in.len, RV_XZ_MAGIC_LEN); i++) {
        if (d->padding % 4 != 0 || !rv_xz_fits_magic(i, in.ptr[i])) {
            int32_t rc = rv_xz_no_magic(d);

            return rc == RV_STEP ? rv_trailing_hop(&d->trailing, in.ptr, in.len, hop) : rc;
        }
    }
    if (in.len < LZMA_STREAM_HEADER_SIZE) {
        return needs(hop, LZMA_STREAM_HEADER_SIZE);
    }
    hop->marked = 1;
    hop->mark.flags = ROVE_MARK_FRESH;
    return hop_by(hop, LZMA_STREAM_HEADER_SIZE, rv_xz_take_head(d, in.ptr));
}

static int32_t hop_block(struct rv_xz_decoder *d, struct rove_in in, struct rove_hop *hop)
{
    size_t len = in.len == 0 ? 1 : rv_xz_block_head_len(in.ptr[0]);
    int32_t rc;

    if (in.len < len) {
        return needs(hop, len);
    }
    rc = rv_xz_take_block(d, in.ptr);
    if (rc != RV_STEP) {
        return rc;
    }
    rv_xz_drop_filters(d);
    if (!rv_xz_is_sized(d)) {
        return ROVE_E_UNSUPPORTED;
    }
    hop->marked = d->number > 1;
    hop->mark.state = d->mark;
    hop->mark.state_len = sizeof d->mark;
    hop->plain = d->block.uncompressed_size;
    return hop_by(hop, lzma_block_total_size(&d->block), rv_xz_note_block(d, &d->block));
}

static int32_t hop_index(struct rv_xz_decoder *d, struct rove_in in, struct rove_hop *hop)
{
    size_t len = in.len;
    int32_t rc;

    if (len == 0) {
        return needs(hop, 1);
    }
    rc = rv_xz_take_index(d, &in);
    return hop_by(hop, len - in.len, rc);
}

int32_t rv_xz_decode_hop(void *st, const uint8_t *ptr, size_t len, struct rove_hop *hop)
{
    struct rv_xz_decoder *d = st;
    struct rove_in in = {ptr, len};

    switch (d->phase) {
    case RV_XZ_AT_TRAILING:
        return rv_trailing_hop(&d->trailing, ptr, len, hop);
    case RV_XZ_AT_HEAD:
        return hop_head(d, in, hop);
    case RV_XZ_AT_FOOT:
        return len < LZMA_STREAM_HEADER_SIZE ? needs(hop, LZMA_STREAM_HEADER_SIZE)
                                             : hop_by(hop, LZMA_STREAM_HEADER_SIZE, rv_xz_take_foot(d, ptr));
    case RV_XZ_IN_INDEX:
        return hop_index(d, in, hop);
    default:
        if (len == 0 || ptr[0] != 0) {
            return hop_block(d, in, hop);
        }
        rv_xz_begin_index(d);
        return hop_index(d, in, hop);
    }
}
