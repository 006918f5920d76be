// SPDX-License-Identifier: MIT
// zstd_encode.c: writes one frame, or one for every N bytes.
#include "blocks.h"
#include "zstd.h"
#include "zstd_table.h"

#define BLOCK_MIN 1024u // less is mostly headers

struct encoder {
    struct rv_blocks blocks; // first; with block=N
    struct rv_block_codec codec;
    void *work; // memory of the host, all that z needs then
    bool begun; // a frame has been
    struct rv_zstd_table table;
    int32_t table_rc; // why it does not grow

    const struct rove_host *host;
    ZSTD_CCtx *z;
    uint64_t declared;
    bool sized;
    bool dirty; // bytes were taken since the last flush
    uint32_t dict_len;
    uint8_t *dict; // memory of the host
};

// What is good for one frame only. A dictionary that is loaded for good would cost libzstd 1.5.4 its
// life when the memory for it is refused; a prefix needs none.
static size_t begin_frame(struct encoder *e)
{
    size_t rc = 0;

    if (e->dict_len > 0) {
        rc = ZSTD_CCtx_refPrefix_advanced(e->z, e->dict, e->dict_len, ZSTD_dct_auto);
    }
    if (!ZSTD_isError(rc) && e->sized) {
        rc = ZSTD_CCtx_setPledgedSrcSize(e->z, e->declared);
    }
    return rc;
}

static size_t set(struct encoder *e, ZSTD_cParameter key, int value)
{
    return ZSTD_CCtx_setParameter(e->z, key, value);
}

static size_t set_up_encoder(struct encoder *e, const struct rove_value *v)
{
    size_t rc = set(e, ZSTD_c_compressionLevel, (int) (int64_t) v[RV_ZSTD_OPT_LEVEL].u);

    if (!ZSTD_isError(rc) && v[RV_ZSTD_OPT_WINDOW].u != 0) {
        rc = set(e, ZSTD_c_windowLog, (int) v[RV_ZSTD_OPT_WINDOW].u);
    }
    if (!ZSTD_isError(rc)) {
        rc = set(e, ZSTD_c_checksumFlag, v[RV_ZSTD_OPT_CHECKSUM].u != 0);
    }
    return ZSTD_isError(rc) || e->work != NULL ? rc : begin_frame(e);
}

// frames of N bytes -----------------------------------------------------------------------------

static size_t frame_worst(const void *st, size_t len)
{
    (void) st;
    return ZSTD_compressBound(len);
}

static size_t frame_code(void *st, struct rove_in block, struct rove_out room, uint32_t act)
{
    struct encoder *e = st;
    size_t rc;

    (void) act;
    if (block.len == 0 && e->begun) { // only what is empty has an empty frame
        return 0;
    }
    e->begun = true;
    rc = begin_frame(e);
    if (!ZSTD_isError(rc)) {
        rc = ZSTD_compress2(e->z, room.ptr, room.len, block.ptr, block.len);
    }
    if (ZSTD_isError(rc)) {
        return RV_BLOCKS_FAILED;
    }
    if (e->table.host != NULL) {
        e->table_rc = rv_zstd_table_add(&e->table, rc, block.len);
    }
    return e->table_rc == ROVE_OK ? rc : RV_BLOCKS_FAILED;
}

// Makes the codec in one piece of memory, which is as much as it can need: a part that runs elsewhere asks for none.
// For that the tables are the same for all frames, the last one but for what its length makes smaller.
static int32_t make_for_blocks(struct encoder *e, const struct rove_value *v)
{
    int level = (int) (int64_t) v[RV_ZSTD_OPT_LEVEL].u;
    ZSTD_compressionParameters c = ZSTD_getCParams(level, e->codec.block_len, e->dict_len);
    size_t len, rc;

    if (v[RV_ZSTD_OPT_WINDOW].u != 0) {
        c.windowLog = (unsigned) v[RV_ZSTD_OPT_WINDOW].u;
    }
    rc = ZSTD_checkCParams(c);
    if (ZSTD_isError(rc)) {
        return rv_zstd_setup_status(e->host, rc);
    }
    len = ZSTD_estimateCCtxSize_usingCParams(c);
    e->work = e->host->alloc(e->host->ctx, len);
    e->z = e->work == NULL ? NULL : ZSTD_initStaticCCtx(e->work, len);
    if (e->z == NULL) {
        return ROVE_E_NOMEM;
    }
    rc = ZSTD_CCtx_reset(e->z, ZSTD_reset_session_and_parameters); // else all are zero, not as they are by default
    const struct {
        ZSTD_cParameter key;
        unsigned value;
    } sets[] = {{ZSTD_c_windowLog, c.windowLog}, {ZSTD_c_chainLog, c.chainLog},
                {ZSTD_c_hashLog, c.hashLog},     {ZSTD_c_searchLog, c.searchLog},
                {ZSTD_c_minMatch, c.minMatch},   {ZSTD_c_targetLength, c.targetLength},
                {ZSTD_c_strategy, (unsigned) c.strategy}};

    for (size_t i = 0; i < sizeof sets / sizeof *sets && !ZSTD_isError(rc); i++) {
        rc = set(e, sets[i].key, (int) sets[i].value);
    }
    return rv_zstd_setup_status(e->host, rc);
}

static int32_t begin_blocks(struct encoder *e, const struct rove_value *v)
{
    uint64_t block = v[RV_ZSTD_OPT_BLOCK].u;

    if (block < BLOCK_MIN) {
        return rv_fail(e->host, ROVE_E_ARG, "blocks of %llu bytes are too small", (unsigned long long) block);
    }
    if (e->sized) {
        return rv_fail(e->host, ROVE_E_ARG, "each block declares its own size, so content_size has no place");
    }
    e->codec = (struct rv_block_codec){(size_t) block, frame_worst, frame_code};
    e->blocks.host = e->host;
    e->blocks.codec = &e->codec;
    e->table.host = v[RV_ZSTD_OPT_TABLE].u != 0 ? e->host : NULL;
    return make_for_blocks(e, v);
}

// open and close --------------------------------------------------------------------------------

static void encode_close(void *st)
{
    struct encoder *e = st;

    if (e->blocks.codec == NULL) {
        (void) ZSTD_freeCCtx(e->z);
        e->host->free(e->host->ctx, e->dict);
        return;
    }
    rv_blocks_close(&e->blocks);
    rv_zstd_table_close(&e->table);
    e->host->free(e->host->ctx, e->work);
    e->host->free(e->host->ctx, e->dict);
}

// Copies the dictionary, whose bytes are only there during open().
static int32_t keep_dict(struct encoder *e, const struct rove_value *value)
{
    int32_t rc = rv_zstd_judge_dict(e->host, value);

    if (value->text == NULL || rc != ROVE_OK) {
        return rc;
    }
    e->dict = e->host->alloc(e->host->ctx, value->text_len);
    if (e->dict == NULL) {
        return ROVE_E_NOMEM;
    }
    memcpy(e->dict, value->text, value->text_len);
    return ROVE_OK;
}

static int32_t encode_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    struct encoder *e = st;
    int32_t rc = ROVE_OK;

    e->host = host;
    e->sized = values[RV_ZSTD_OPT_CONTENT_SIZE].given != 0;
    e->declared = values[RV_ZSTD_OPT_CONTENT_SIZE].u;
    e->dict_len = values[RV_ZSTD_OPT_DICT].text != NULL ? values[RV_ZSTD_OPT_DICT].text_len : 0;
    if (values[RV_ZSTD_OPT_BLOCK].u != 0) {
        rc = begin_blocks(e, values);
    } else if (values[RV_ZSTD_OPT_TABLE].u != 0) {
        return rv_fail(host, ROVE_E_ARG, "a table is of frames that block=N makes");
    } else {
        e->z = ZSTD_createCCtx_advanced(rv_zstd_memory(host));
        rc = e->z == NULL ? ROVE_E_NOMEM : ROVE_OK;
    }
    if (rc == ROVE_OK) {
        rc = keep_dict(e, &values[RV_ZSTD_OPT_DICT]);
    }
    if (rc == ROVE_OK) {
        rc = rv_zstd_setup_status(host, set_up_encoder(e, values));
    }
    if (rc != ROVE_OK) {
        encode_close(e);
    }
    return rc;
}

static int32_t encode_reset(void *st)
{
    struct encoder *e = st;
    size_t rc = ZSTD_CCtx_reset(e->z, ZSTD_reset_session_only);

    e->dirty = e->begun = false;
    e->table_rc = ROVE_OK;
    if (e->work != NULL) {
        rv_blocks_reset(&e->blocks);
        rv_zstd_table_reset(&e->table);
    }
    return rv_zstd_setup_status(e->host, ZSTD_isError(rc) || e->work != NULL ? rc : begin_frame(e));
}

// one frame -------------------------------------------------------------------------------------

static int32_t encode_failed(struct encoder *e, size_t rc)
{
    if (rv_zstd_failed_with(rc, ZSTD_error_memory_allocation)) {
        return ROVE_E_NOMEM;
    }
    if (rv_zstd_failed_with(rc, ZSTD_error_srcSize_wrong)) {
        return rv_fail(e->host, ROVE_E_CHECKSUM, "the content is not the %llu bytes declared",
                       (unsigned long long) e->declared);
    }
    return rv_fail(e->host, ROVE_E_STATE, "zstd refuses: %s", ZSTD_getErrorName(rc));
}

// One call of the codec, spans carried on. Returns its answer: what is left to write, or an error.
static size_t press(struct encoder *e, struct rove_in *in, struct rove_out *out,
                    ZSTD_EndDirective how)
{
    ZSTD_inBuffer from = {in->ptr, in->len, 0};
    ZSTD_outBuffer to = {out->ptr, out->len, 0};
    size_t rc = ZSTD_compressStream2(e->z, &to, &from, how);

    e->dirty = e->dirty || from.pos > 0;
    rv_in_skip(in, from.pos);
    rv_out_skip(out, to.pos);
    return rc;
}

static int32_t run_frame(struct encoder *e, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    for (;;) {
        bool takes = in->len > 0;
        size_t left;

        if (!takes && (act == ROVE_RUN || (act == ROVE_FLUSH && !e->dirty))) {
            return act == ROVE_RUN ? ROVE_OK : ROVE_END;
        }
        left = press(e, in, out,
                     takes                ? ZSTD_e_continue
                     : act == ROVE_FINISH ? ZSTD_e_end
                                          : ZSTD_e_flush);
        if (ZSTD_isError(left)) {
            return encode_failed(e, left);
        }
        if (!takes && left == 0) {
            e->dirty = false;
            return ROVE_END;
        }
        if (out->len == 0) {
            return ROVE_OK;
        }
    }
}

static int32_t run_blocks(struct encoder *e, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    int32_t rc = rv_blocks_run(e, in, out, act);

    if (e->table_rc != ROVE_OK) {
        return e->table_rc;
    }
    if (rc != ROVE_END || act != ROVE_FINISH || e->table.host == NULL || e->blocks.alone) {
        return rc;
    }
    return rv_zstd_table_write(&e->table, out) ? ROVE_END : ROVE_OK;
}

// hooks -----------------------------------------------------------------------------------------

static int32_t encode_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct encoder *e = st;

    return e->work != NULL ? run_blocks(e, in, out, act) : run_frame(e, in, out, act);
}

static uint64_t encode_bound(const void *st, uint64_t in_len)
{
    const struct encoder *e = st;
    uint64_t block = e->codec.block_len;

    if (in_len > UINT64_MAX / 2) {
        return UINT64_MAX;
    }
    if (block > 0) {
        uint64_t table = e->table.host == NULL ? 0 : in_len / block * RV_ZSTD_ENTRY + RV_ZSTD_ENTRY + RV_ZSTD_TABLE_ENDS;

        return in_len / block * ZSTD_compressBound((size_t) block) + ZSTD_compressBound((size_t) (in_len % block)) + table;
    }
    return in_len + in_len / 256 + 3 * (in_len / RV_ZSTD_BLOCK) + 128; // blocks of 1 KiB have 3 bytes each
}

// parts -----------------------------------------------------------------------------------------

static uint64_t encode_part_len(const void *head)
{
    const struct encoder *e = head;
    uint64_t block = e->codec.block_len;

    return block == 0 ? 0 : block >= RV_ZSTD_PART || e->blocks.marks ? block : (RV_ZSTD_PART + block - 1) / block * block;
}

static int32_t encode_part(void *st, const void *head, const uint8_t *past, size_t past_len)
{
    struct encoder *e = st;
    int32_t rc = encode_reset(e);

    (void) head;
    (void) past;
    (void) past_len;
    e->begun = true; // whoever is empty, it is not this one
    if (rc == ROVE_OK) {
        rc = rv_blocks_begin_part(&e->blocks);
    }
    if (rc == ROVE_OK && e->table.host != NULL) {
        rc = rv_zstd_table_reserve(&e->table, (size_t) (encode_part_len(e) / e->codec.block_len));
    }
    return rc;
}

static int32_t encode_join(void *head, const void *part, uint64_t part_len)
{
    const struct encoder *p = part;
    struct encoder *e = head;

    (void) part_len;
    e->begun = true;
    return e->table.host != NULL ? rv_zstd_table_join(&e->table, &p->table) : ROVE_OK;
}

static int32_t encode_mark(void *st, struct rove_mark *mark)
{
    struct encoder *e = st;

    return e->work != NULL ? rv_blocks_mark(st, mark) : ROVE_E_UNSUPPORTED;
}

const struct rove_filter rv_zstd_encode = {
    ROVE_FILTER_INIT,
    .name = "zstd",
    .about = "Zstandard (RFC 8878), written as one frame or as many",
    .dir = ROVE_ENCODE,
    .flags = ROVE_F_FLUSHES | ROVE_F_SPLITS | ROVE_F_CHECKS | ROVE_F_PLAIN_PARTS,
    .state_len = sizeof(struct encoder),
    .block_len = RV_ZSTD_BLOCK,
    .options = rv_zstd_options,
    .library = "zstd " ZSTD_VERSION_STRING,
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
