// SPDX-License-Identifier: MIT
// lz4_decode_restart.c: where LZ4 can be begun, and what its headers tell.
//
// Decoding begins at a frame, fresh, and before each block of a frame of independent blocks, when FLG and BD of its
// header are known: they are the state of a mark. (Zeros: a legacy frame. No FLG is zero.)
//
// Headers tell how long blocks are coded, and plain blocks only what they hold at most. Where a frame declares the
// length of all it holds, blocks are taken for full as long as more than one block is left of that; those that follow
// are decoded. When at the end mark all that was declared is there, then all were full. When there is more, some was
// not, and nothing is known of where.
#include "lz4_decode.h"
#include "lz4_frame.h"

// mark and resume -------------------------------------------------------------------------------

int32_t rv_lz4_decode_mark(void *st, struct rove_mark *mark)
{
    struct rv_lz4_decoder *d = st;

    if (d->phase == RV_LZ4_AT_TRAILING) {
        return ROVE_E_UNSUPPORTED;
    }
    d->mark_wanted = !rv_lz4_at_place(d);
    if (d->mark_wanted) {
        return ROVE_E_AGAIN;
    }
    if (d->phase == RV_LZ4_AT_MAGIC) {
        mark->flags = ROVE_MARK_FRESH;
        return ROVE_OK;
    }
    mark->state = d->desc;
    mark->state_len = sizeof d->desc;
    return ROVE_OK;
}

int32_t rv_lz4_decode_resume(void *st, const struct rove_mark *mark)
{
    struct rv_lz4_decoder *d = st;
    bool legacy;

    d->resumed = d->begun = true;
    if (rv_mark_is_fresh(mark)) {
        return ROVE_OK;
    }
    if (mark->flags != 0 || mark->bits != 0 || mark->state_len != sizeof d->desc) {
        return rv_fail(d->host, ROVE_E_FORMAT, "this is no mark in LZ4 data");
    }
    legacy = mark->state[0] == 0 && mark->state[1] == 0;
    if (!legacy && ((mark->state[0] & RV_LZ4_VERSION_MASK) != RV_LZ4_VERSION || (mark->state[0] & RV_LZ4_INDEPENDENT) == 0
                    || rv_lz4_unsupported(mark->state[0], mark->state[1]) != NULL)) {
        return rv_fail(d->host, ROVE_E_FORMAT, "this is no mark in LZ4 data");
    }
    if ((mark->state[0] & RV_LZ4_DICT_ID) != 0 && d->dict_len == 0) {
        return rv_fail(d->host, ROVE_E_UNSUPPORTED, "a dictionary is needed to read this");
    }
    (void) rv_lz4_begin_frame(d, legacy);
    if (!legacy) {
        rv_lz4_take_desc(d, mark->state);
    }
    d->unsummed = true;
    (void) rv_lz4_go(d, RV_LZ4_AT_BLOCK_LEN);
    return ROVE_OK;
}

// hop -------------------------------------------------------------------------------------------

static int32_t needs(struct rove_hop *hop, uint64_t len)
{
    hop->need = len;
    return ROVE_E_TRUNCATED;
}

// A frame's header, or a whole skippable frame; judged as when it is read.
static int32_t hop_head(struct rv_lz4_decoder *d, const uint8_t *ptr, size_t len, struct rove_hop *hop)
{
    struct rove_in in = {ptr, len};
    int32_t rc;

    do {
        rc = rv_lz4_step(d, &in, &(struct rove_out){NULL, 0}, ROVE_RUN);
    } while (rc == RV_STEP && d->phase != RV_LZ4_AT_BLOCK_LEN && d->phase != RV_LZ4_AT_SKIP
             && d->phase != RV_LZ4_AT_TRAILING);
    if (rc == ROVE_OK) {
        uint64_t more = rv_lz4_own_len(d);

        (void) rv_lz4_go(d, RV_LZ4_AT_MAGIC);
        return needs(hop, len + more);
    }
    if (rc != RV_STEP) {
        return rc;
    }
    if (d->phase == RV_LZ4_AT_TRAILING) {
        return rv_trailing_hop(&d->trailing, ptr, len, hop);
    }
    hop->marked = 1;
    hop->mark.flags = ROVE_MARK_FRESH;
    hop->skip = len - in.len;
    if (d->phase == RV_LZ4_AT_SKIP) {
        hop->skip += d->skip;
        d->begun = true;
        (void) rv_lz4_go(d, RV_LZ4_AT_MAGIC);
    }
    return ROVE_OK;
}

// What a block of which all bytes are at hand becomes.
static int32_t measure(struct rv_lz4_decoder *d, const uint8_t *src, uint64_t left, uint64_t *plain_out)
{
    uint8_t *room = rv_lz4_hold(d, rv_lz4_made_most(d));
    int made;

    if (room == NULL) {
        return ROVE_E_NOMEM;
    }
    made = rv_lz4_decode_alone(d, src, room, rv_lz4_made_most(d));
    if (made < 0) {
        return rv_fail(d->host, ROVE_E_DATA, "block %llu is damaged", (unsigned long long) d->block);
    }
    *plain_out = (uint64_t) made;
    return *plain_out <= left ? ROVE_OK : ROVE_E_UNSUPPORTED;
}

static int32_t hop_end(struct rv_lz4_decoder *d, struct rove_hop *hop)
{
    if (d->total != d->declared) {
        return rv_fail(d->host, ROVE_E_CHECKSUM, "frame %llu holds less than the %llu bytes that it declares",
                       (unsigned long long) d->frame, (unsigned long long) d->declared);
    }
    hop->skip = d->content_sum ? 8 : 4;
    (void) rv_lz4_end_frame(d);
    return ROVE_OK;
}

static int32_t hop_block(struct rv_lz4_decoder *d, struct rove_in in, struct rove_hop *hop)
{
    uint64_t left = d->declared - d->total;
    int32_t rc;

    if (d->legacy || d->linked || !d->sized) {
        return ROVE_E_UNSUPPORTED;
    }
    if (in.len < 4) {
        return needs(hop, 4);
    }
    hop->marked = 1;
    hop->mark.state = d->desc;
    hop->mark.state_len = sizeof d->desc;
    if (rv_le32(in.ptr) == 0) {
        return hop_end(d, hop);
    }
    rc = rv_lz4_open_block(d, rv_le32(in.ptr));
    (void) rv_lz4_go(d, RV_LZ4_AT_BLOCK_LEN);
    if (rc != RV_STEP) {
        return rc;
    }
    hop->skip = 4 + (uint64_t) rv_lz4_with_sum(d);
    hop->plain = d->stored ? d->coded : d->block_max;
    if (!d->stored && left <= d->block_max) {
        if (in.len < 4 + (size_t) d->coded) {
            return needs(hop, 4 + (uint64_t) d->coded);
        }
        rc = measure(d, in.ptr + 4, left, &hop->plain);
    } else if (hop->plain > left) {
        rc = ROVE_E_UNSUPPORTED;
    }
    if (rc < 0) {
        return rc;
    }
    d->total += hop->plain;
    d->block++;
    return ROVE_OK;
}

int32_t rv_lz4_decode_hop(void *st, const uint8_t *ptr, size_t len, struct rove_hop *hop)
{
    struct rv_lz4_decoder *d = st;

    switch (d->phase) {
    case RV_LZ4_AT_TRAILING:
        return rv_trailing_hop(&d->trailing, ptr, len, hop);
    case RV_LZ4_AT_MAGIC:
        if (len == 0 && d->begun) {
            return ROVE_END;
        }
        return hop_head(d, ptr, len, hop);
    default:
        return hop_block(d, (struct rove_in){ptr, len}, hop);
    }
}
