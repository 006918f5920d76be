// SPDX-License-Identifier: MIT
// xz_encode.c: writes a stream of one block, or of one for every N bytes.
#include "blocks.h"
#include "xz.h"
#include "xz_index.h"

#define BLOCK_MIN 1024u              // less is mostly headers
#define PART ((uint64_t) 256 * 1024) // plain bytes of a part that is made of several blocks
#define WIRE_MOST 64u                // a block's header of one filter and two lengths; or the index's tail and a footer

enum { BODY, RECORDS, DONE };

struct encoder {
    struct rv_blocks blocks; // first; with block=N
    struct rv_block_codec codec;
    const struct rove_host *host;
    lzma_allocator memory;
    lzma_stream z;
    lzma_options_lzma lzma;
    lzma_filter filters[2];
    lzma_check check;
    lzma_block now;  // the one that z writes
    uint64_t block;  // 0: one block
    bool in_block;   // of the one: its header has been written
    bool dirty;      // bytes of it were taken since the last flush
    uint32_t ending; // it is being flushed, or finished (ROVE_FLUSH, ROVE_FINISH); ROVE_RUN: it is not
    uint8_t phase;
    bool made;  // the codec has all of its memory
    int32_t rc; // why a block was not coded
    struct rv_xz_records records;
    size_t records_pos;
    uint8_t flags[RV_XZ_FLAGS_LEN]; // of the stream
    uint8_t wire[WIRE_MOST];        // what waits for room
    size_t wire_len, wire_pos;
};

static int32_t encode_failed(struct encoder *e, lzma_ret rc)
{
    return rc == LZMA_MEM_ERROR ? ROVE_E_NOMEM : rv_fail(e->host, ROVE_E_STATE, "xz refuses: %d", (int) rc);
}

static int32_t note_block(struct encoder *e, const lzma_block *b)
{
    return rv_xz_records_add(&e->records, lzma_block_unpadded_size(b), b->uncompressed_size);
}

// one block -------------------------------------------------------------------------------------

static int32_t begin_block(struct encoder *e)
{
    lzma_ret rc;

    e->now = (lzma_block){.version = 0, .check = e->check, .filters = e->filters};
    e->now.compressed_size = e->now.uncompressed_size = LZMA_VLI_UNKNOWN;
    rc = lzma_block_header_size(&e->now);
    if (rc == LZMA_OK) {
        rc = lzma_block_header_encode(&e->now, e->wire);
    }
    if (rc == LZMA_OK) {
        rc = lzma_block_encoder(&e->z, &e->now);
    }
    if (rc != LZMA_OK) {
        return encode_failed(e, rc);
    }
    e->wire_len = e->now.header_size;
    e->wire_pos = 0;
    e->in_block = true;
    return RV_STEP;
}

// What was begun to be flushed or finished is so before anything else.
static int32_t press(struct encoder *e, struct rove_in *in, struct rove_out *out)
{
    static const lzma_action actions[] = {LZMA_RUN, LZMA_SYNC_FLUSH, LZMA_FINISH}; // by ROVE_RUN …
    struct rove_in none = {NULL, 0};
    lzma_ret rc = rv_xz_call(&e->z, e->ending == ROVE_RUN ? in : &none, out, actions[e->ending]);

    e->dirty = true;
    if (rc == LZMA_OK) {
        return RV_STEP;
    }
    if (rc != LZMA_STREAM_END) {
        return encode_failed(e, rc);
    }
    e->in_block = e->ending != ROVE_FINISH;
    e->ending = ROVE_RUN;
    e->dirty = false;
    return e->in_block ? RV_STEP : note_block(e, &e->now) == ROVE_OK ? RV_STEP : ROVE_E_NOMEM;
}

// Returns ROVE_END when act is done.
static int32_t run_block(struct encoder *e, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    if (e->ending == ROVE_RUN && in->len == 0) {
        if (act == ROVE_RUN) {
            return ROVE_OK;
        }
        if (act == ROVE_FLUSH ? !e->dirty : !e->in_block) {
            return ROVE_END;
        }
        e->ending = act;
    }
    if (out->len == 0) {
        return ROVE_OK;
    }
    return e->in_block ? press(e, in, out) : begin_block(e);
}

// blocks ----------------------------------------------------------------------------------------

static size_t block_worst(const void *st, size_t len)
{
    (void) st;
    return lzma_block_buffer_bound(len);
}

// Sets the codec up for a block of len bytes. All of its memory is taken, or is there.
static lzma_ret begin_sized(struct encoder *e, lzma_block *b, size_t len)
{
    lzma_ret rc;

    *b = (lzma_block){.version = 0, .check = e->check, .filters = e->filters};
    b->compressed_size = lzma_block_buffer_bound(len); // to know the header's length before what is in it
    b->uncompressed_size = len;
    rc = lzma_block_header_size(b);
    rc = rc == LZMA_OK ? lzma_block_encoder(&e->z, b) : rc;
    e->made = e->made || rc == LZMA_OK;
    return rc;
}

// room: as large as block_worst() wants, not larger, so that it is the same for the head and for parts.
static lzma_ret make_block(struct encoder *e, struct rove_in plain, struct rove_out room, lzma_block *b, size_t *len_out)
{
    struct rove_in in = plain;
    struct rove_out out;
    lzma_ret rc = begin_sized(e, b, plain.len);

    *len_out = 0;
    if (rc != LZMA_OK) {
        return rc;
    }
    out = (struct rove_out){room.ptr + b->header_size, room.len - b->header_size};
    rc = rv_xz_call(&e->z, &in, &out, LZMA_FINISH);
    if (rc == LZMA_STREAM_END) {
        *len_out = room.len - out.len;
        return lzma_block_header_encode(b, room.ptr);
    }
    if (rc != LZMA_OK) {
        return rc;
    }
    *b = (lzma_block){.version = 0, .check = e->check, .filters = e->filters}; // it became larger, not smaller
    return lzma_block_uncomp_encode(b, plain.ptr, plain.len, room.ptr, len_out, room.len);
}

static size_t code_block(void *st, struct rove_in plain, struct rove_out room, uint32_t act)
{
    struct encoder *e = st;
    lzma_block b;
    lzma_ret rc;
    size_t len;

    (void) act;
    if (plain.len == 0) {
        return 0;
    }
    room.len = block_worst(e, plain.len);
    rc = make_block(e, plain, room, &b, &len);
    e->rc = rc == LZMA_OK ? note_block(e, &b) : encode_failed(e, rc);
    return e->rc == ROVE_OK ? len : RV_BLOCKS_FAILED;
}

static int32_t run_blocks(struct encoder *e, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    int32_t rc = rv_blocks_run(e, in, out, act);

    return e->rc != ROVE_OK ? e->rc : rc;
}

// what stands around them -----------------------------------------------------------------------

static int32_t begin_index(struct encoder *e)
{
    e->wire_len = rv_xz_index_head(&e->records, e->wire);
    e->wire_pos = 0;
    e->phase = RECORDS;
    return RV_STEP;
}

static int32_t run_body(struct encoder *e, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    int32_t rc = e->block > 0 ? run_blocks(e, in, out, act) : run_block(e, in, out, act);

    return rc == ROVE_END && act == ROVE_FINISH && !e->blocks.alone ? begin_index(e) : rc;
}

static int32_t run_records(struct encoder *e, struct rove_out *out)
{
    lzma_stream_flags flags = {.check = e->check};
    lzma_ret rc;

    if (!rv_drain(e->records.ptr, e->records.len, &e->records_pos, out)) {
        return ROVE_OK;
    }
    flags.backward_size = e->wire_len + e->records.len; // the wire has held its head
    e->wire_len = rv_xz_index_tail(&e->records, e->wire);
    flags.backward_size += e->wire_len;
    rc = lzma_stream_footer_encode(&flags, e->wire + e->wire_len);
    if (rc != LZMA_OK) {
        return encode_failed(e, rc);
    }
    e->wire_len += LZMA_STREAM_HEADER_SIZE;
    e->wire_pos = 0;
    e->phase = DONE;
    return RV_STEP;
}

static int32_t encode_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct encoder *e = st;
    int32_t rc;

    do {
        if (!rv_drain(e->wire, e->wire_len, &e->wire_pos, out)) {
            return ROVE_OK;
        }
        rc = e->phase == BODY ? run_body(e, in, out, act) : e->phase == RECORDS ? run_records(e, out) : ROVE_END;
    } while (rc == RV_STEP);
    return rc;
}

// open and close --------------------------------------------------------------------------------

static void encode_close(void *st)
{
    struct encoder *e = st;

    lzma_end(&e->z);
    rv_xz_records_close(&e->records);
    if (e->block > 0) {
        rv_blocks_close(&e->blocks);
    }
}

static int32_t encode_reset(void *st)
{
    struct encoder *e = st;
    lzma_stream_flags flags = {.check = e->check};
    lzma_ret rc = lzma_stream_header_encode(&flags, e->wire);

    if (rc != LZMA_OK) {
        return rv_xz_setup_status(e->host, rc);
    }
    memcpy(e->flags, e->wire + RV_XZ_MAGIC_LEN, sizeof e->flags);
    e->wire_len = LZMA_STREAM_HEADER_SIZE;
    e->wire_pos = 0;
    e->phase = BODY;
    e->in_block = e->dirty = false;
    e->ending = ROVE_RUN;
    e->rc = ROVE_OK;
    e->records_pos = 0;
    rv_xz_records_reset(&e->records);
    rv_blocks_reset(&e->blocks);
    return ROVE_OK;
}

static int32_t too_small(struct encoder *e, const char *key, uint64_t value, unsigned least)
{
    return rv_fail(e->host, ROVE_E_ARG, "%s=%llu is too small; %u is the least", key, (unsigned long long) value, least);
}

// Matches cannot reach back beyond a block: a dictionary that is larger would only cost memory.
static int32_t take_options(struct encoder *e, const struct rove_value *v)
{
    uint32_t preset = (uint32_t) v[RV_XZ_OPT_LEVEL].u | (v[RV_XZ_OPT_EXTREME].u != 0 ? LZMA_PRESET_EXTREME : 0);
    uint64_t dict = v[RV_XZ_OPT_DICT].u;

    e->block = v[RV_XZ_OPT_BLOCK].u;
    e->check = rv_xz_checks[v[RV_XZ_OPT_CHECK].u];
    if (e->block > 0 && e->block < BLOCK_MIN) {
        return too_small(e, "block", e->block, BLOCK_MIN);
    }
    if (dict > 0 && dict < LZMA_DICT_SIZE_MIN) {
        return too_small(e, "dict", dict, LZMA_DICT_SIZE_MIN);
    }
    if (lzma_lzma_preset(&e->lzma, preset)) {
        return rv_xz_setup_status(e->host, LZMA_OPTIONS_ERROR);
    }
    if (dict > 0) {
        e->lzma.dict_size = (uint32_t) dict;
    }
    if (e->block > 0 && e->lzma.dict_size > e->block) {
        e->lzma.dict_size = e->block > LZMA_DICT_SIZE_MIN ? (uint32_t) e->block : LZMA_DICT_SIZE_MIN;
    }
    e->filters[0] = (lzma_filter){LZMA_FILTER_LZMA2, &e->lzma};
    e->filters[1] = (lzma_filter){LZMA_VLI_UNKNOWN, NULL};
    return lzma_raw_encoder_memusage(e->filters) != UINT64_MAX ? ROVE_OK
                                                                : rv_xz_setup_status(e->host, LZMA_OPTIONS_ERROR);
}

// The codec's memory is taken when the first block begins: where others code the blocks, this state needs none.
static int32_t encode_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    struct encoder *e = st;
    int32_t rc;

    e->host = e->records.host = host;
    e->memory = rv_xz_memory(host);
    e->z.allocator = &e->memory;
    rc = take_options(e, values);
    if (rc == ROVE_OK && e->block > 0) {
        e->codec = (struct rv_block_codec){(size_t) e->block, block_worst, code_block};
        e->blocks.host = host;
        e->blocks.codec = &e->codec;
    }
    return rc == ROVE_OK ? encode_reset(e) : rc;
}

static uint64_t encode_bound(const void *st, uint64_t in_len)
{
    const struct encoder *e = st;
    uint64_t blocks = e->block > 0 ? in_len / e->block + 1 : 1;
    uint64_t more = in_len / 1024 + blocks * 160 + 256; // LZMA2: 3 bytes for 64 KiB at most, and once a flush

    return in_len > UINT64_MAX / 2 ? UINT64_MAX : in_len + more;
}

// parts and places ------------------------------------------------------------------------------

static uint64_t encode_part_len(const void *head)
{
    const struct encoder *e = head;

    if (e->block == 0 || e->block >= PART || e->blocks.marks) {
        return e->block;
    }
    return (PART + e->block - 1) / e->block * e->block;
}

static int32_t encode_part(void *st, const void *head, const uint8_t *past, size_t past_len)
{
    struct encoder *e = st;
    int32_t rc = encode_reset(e);
    lzma_block b;

    (void) past;
    (void) past_len;
    e->wire_pos = e->wire_len;
    if (rc == ROVE_OK) {
        rc = rv_blocks_begin_part(&e->blocks);
    }
    if (rc == ROVE_OK && !rv_xz_records_reserve(&e->records, encode_part_len(head) / e->block)) {
        rc = ROVE_E_NOMEM;
    }
    return rc != ROVE_OK || e->made ? rc : rv_xz_setup_status(e->host, begin_sized(e, &b, (size_t) e->block));
}

static int32_t encode_join(void *head, const void *part, uint64_t part_len)
{
    const struct encoder *p = part;
    struct encoder *e = head;

    (void) part_len;
    return rv_xz_records_join(&e->records, &p->records);
}

// Before the first block stands the stream's header, which makes the place before that a fresh one.
static int32_t encode_mark(void *st, struct rove_mark *mark)
{
    struct encoder *e = st;
    int32_t rc;

    if (e->block == 0) {
        return ROVE_E_UNSUPPORTED;
    }
    rc = e->wire_pos < e->wire_len && e->wire_pos > 0 ? ROVE_E_AGAIN : rv_blocks_mark(st, mark);
    if (rc != ROVE_OK || e->wire_pos == 0) {
        return rc;
    }
    if (e->records.cnt == 0) {
        return ROVE_E_AGAIN;
    }
    mark->flags = 0;
    mark->state = e->flags;
    mark->state_len = sizeof e->flags;
    return ROVE_OK;
}

const struct rove_filter rv_xz_encode = {
    ROVE_FILTER_INIT,
    .name = "xz",
    .about = "xz, written as one block or as many",
    .dir = ROVE_ENCODE,
    .flags = ROVE_F_FLUSHES | ROVE_F_SPLITS | ROVE_F_CHECKS,
    .state_len = sizeof(struct encoder),
    .options = rv_xz_options,
    .library = "liblzma " LZMA_VERSION_STRING,
    .open = encode_open,
    .run = encode_run,
    .close = encode_close,
    .reset = encode_reset,
    .join = encode_join,
    .bound = encode_bound,
    .part_len = encode_part_len,
    .part = encode_part,
    .mark = encode_mark,
};
