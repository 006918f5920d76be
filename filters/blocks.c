// SPDX-License-Identifier: MIT
// blocks.c: stage and wire.
#include "blocks.h"

#define PART_LEN ((size_t) 256 * 1024) // bytes of a part, unless a block is more: some milliseconds of work
#define STAGE_FIRST ((size_t) 4096) // it grows as it fills: a short message costs little memory

void rv_blocks_reset(struct rv_blocks *b)
{
    b->staged = 0;
    b->wire_len = 0;
    b->wire_pos = 0;
    b->done = false;
    b->at_once = b->alone = b->marks = b->stops = false;
}

void rv_blocks_close(struct rv_blocks *b)
{
    b->host->free(b->host->ctx, b->stage);
    b->host->free(b->host->ctx, b->wire);
}

// Makes sure of len more bytes at the end of what is staged.
static bool grow_stage(struct rv_blocks *b, size_t len)
{
    size_t cap = b->stage_cap == 0 ? STAGE_FIRST : b->stage_cap;
    uint8_t *grown;

    while (cap - b->staged < len) {
        cap = rv_min(2 * cap, b->codec->block_len);
    }
    if (cap == b->stage_cap) {
        return true;
    }
    grown = b->host->alloc(b->host->ctx, cap);
    if (grown == NULL) {
        return false;
    }
    if (b->staged > 0) {
        memcpy(grown, b->stage, b->staged);
    }
    b->host->free(b->host->ctx, b->stage);
    b->stage = grown;
    b->stage_cap = cap;
    return true;
}

static bool stage(struct rv_blocks *b, struct rove_in *in)
{
    size_t len = rv_min(b->codec->block_len - b->staged, in->len);

    if (len == 0) {
        return true;
    }
    if (!grow_stage(b, len)) {
        return false;
    }
    memcpy(b->stage + b->staged, in->ptr, len);
    b->staged += len;
    rv_in_skip(in, len);
    return true;
}

static bool grow_wire(struct rv_blocks *b, size_t cap)
{
    if (b->wire_cap >= cap) {
        return true;
    }
    b->host->free(b->host->ctx, b->wire);
    b->wire_cap = 0;
    b->wire = b->host->alloc(b->host->ctx, cap);
    if (b->wire == NULL) {
        return false;
    }
    b->wire_cap = cap;
    return true;
}

static int32_t code(struct rv_blocks *b, struct rove_in block, struct rove_out *out, uint32_t act)
{
    size_t worst = b->codec->worst(b, block.len), len;
    bool straight = out->len >= worst;

    if (!straight && !grow_wire(b, worst)) {
        return ROVE_E_NOMEM;
    }
    len = b->codec->code(b, block, straight ? *out : (struct rove_out){b->wire, b->wire_cap}, act);
    if (len == RV_BLOCKS_FAILED) {
        return rv_fail(b->host, ROVE_E_STATE, "the codec refused a block");
    }
    if (straight) {
        rv_out_skip(out, len);
    } else {
        b->wire_len = len;
        b->wire_pos = 0;
    }
    b->done = act == ROVE_FINISH;
    b->stops = b->marks && !b->done;
    return RV_STEP;
}

// Codes the next block, if it is whole or act asks for what there is. A part's input lies in one piece, so its last block
// need not be staged either, and it needs no memory beside what was reserved.
static int32_t step(struct rv_blocks *b, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    size_t block_len = b->codec->block_len;
    struct rove_in block = {in->ptr, rv_min(in->len, block_len)};

    if (b->staged == 0 && (block.len == block_len || b->at_once)) {
        rv_in_skip(in, block.len);
    } else {
        if (!stage(b, in)) {
            return ROVE_E_NOMEM;
        }
        if (b->staged < block_len && act == ROVE_RUN) {
            return ROVE_OK;
        }
        block = (struct rove_in){b->stage, b->staged};
        b->staged = 0;
    }
    if (act == ROVE_FLUSH && block.len == 0) { // each block is decodable by itself
        return ROVE_END;
    }
    return code(b, block, out, block.len == block_len ? ROVE_RUN : act);
}

int32_t rv_blocks_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct rv_blocks *b = st;
    int32_t rc;

    if (b->alone && act == ROVE_FINISH) {
        act = ROVE_FLUSH;
    }
    do {
        if (!rv_drain(b->wire, b->wire_len, &b->wire_pos, out)) {
            return ROVE_OK;
        }
        if (b->done) {
            return ROVE_END;
        }
        if (b->stops) {
            b->stops = false;
            return ROVE_OK;
        }
        rc = step(b, in, out, act);
    } while (rc == RV_STEP);
    return rc;
}

uint64_t rv_blocks_part_len(const void *head)
{
    const struct rv_blocks *b = head;

    return b->marks ? b->codec->block_len : b->codec->block_len * (PART_LEN > b->codec->block_len ? PART_LEN / b->codec->block_len : 1);
}

int32_t rv_blocks_begin_part(struct rv_blocks *b)
{
    rv_blocks_reset(b);
    b->at_once = b->alone = true;
    return grow_wire(b, b->codec->worst(b, b->codec->block_len)) ? ROVE_OK : ROVE_E_NOMEM;
}

int32_t rv_blocks_part(void *st, const void *head, const uint8_t *past, size_t past_len)
{
    (void) head; // it was opened with the same options
    (void) past;
    (void) past_len;
    return rv_blocks_begin_part(st);
}

int32_t rv_blocks_join(void *head, const void *part, uint64_t part_len)
{
    (void) head;
    (void) part;
    (void) part_len;
    return ROVE_OK;
}

int32_t rv_blocks_mark(void *st, struct rove_mark *mark)
{
    struct rv_blocks *b = st;

    b->marks = true;
    if (b->done || b->staged > 0 || b->wire_pos < b->wire_len) {
        return ROVE_E_AGAIN;
    }
    mark->flags = ROVE_MARK_FRESH;
    return ROVE_OK;
}
