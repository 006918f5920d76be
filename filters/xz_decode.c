// SPDX-License-Identifier: MIT
// xz_decode.c: reads streams.
#include "xz_decode.h"

void rv_xz_drop_filters(struct rv_xz_decoder *d)
{
    for (size_t i = 0; i < LZMA_FILTERS_MAX && d->filters[i].id != LZMA_VLI_UNKNOWN; i++) {
        d->memory.free(d->memory.opaque, d->filters[i].options);
    }
    d->filters[0] = (lzma_filter){LZMA_VLI_UNKNOWN, NULL};
}

int32_t rv_xz_decode_reset(void *st)
{
    struct rv_xz_decoder *d = st;

    d->stream = d->number = 1;
    d->padding = 0;
    d->begun = d->resumed = d->unsummed = d->alone = d->mark_wanted = d->stands = false;
    rv_trailing_reset(&d->trailing);
    (void) rv_xz_go(d, RV_XZ_AT_HEAD);
    return ROVE_OK;
}

static int32_t decode_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    struct rv_xz_decoder *d = st;

    d->host = host;
    d->memory = rv_xz_memory(host);
    d->z.allocator = &d->memory;
    d->memory_most = values[RV_XZ_OPT_MEMORY].u;
    d->trailing.policy = (uint32_t) values[RV_XZ_OPT_TRAILING].u;
    d->filters[0].id = LZMA_VLI_UNKNOWN;
    d->hash = lzma_index_hash_init(NULL, &d->memory);
    return d->hash == NULL ? ROVE_E_NOMEM : rv_xz_decode_reset(d);
}

static void decode_close(void *st)
{
    struct rv_xz_decoder *d = st;

    lzma_end(&d->z);
    lzma_index_hash_end(d->hash, &d->memory);
    d->host->free(d->host->ctx, d->steps);
}

// the stream's ends -----------------------------------------------------------------------------

bool rv_xz_fits_magic(size_t at, uint8_t byte)
{
    return byte == (uint8_t) "\xfd" "7zXZ\0"[at];
}

int32_t rv_xz_no_magic(struct rv_xz_decoder *d)
{
    if (!d->begun) {
        return rv_fail(d->host, ROVE_E_FORMAT, "not xz data: its magic is not there");
    }
    d->trailing.zeros = d->padding;
    return rv_xz_go(d, RV_XZ_AT_TRAILING);
}

static int32_t ends_failed(struct rv_xz_decoder *d, lzma_ret rc, const char *what)
{
    if (rc == LZMA_OPTIONS_ERROR) {
        return rv_fail(d->host, ROVE_E_UNSUPPORTED, "the %s of stream %llu has unknown flags", what,
                       (unsigned long long) d->stream);
    }
    return rv_fail(d->host, ROVE_E_DATA, "the %s of stream %llu is damaged", what, (unsigned long long) d->stream);
}

int32_t rv_xz_take_head(struct rv_xz_decoder *d, const uint8_t *ptr)
{
    lzma_ret rc = lzma_stream_header_decode(&d->flags, ptr);

    if (rc != LZMA_OK) {
        return ends_failed(d, rc, "header");
    }
    if (!lzma_check_is_supported(d->flags.check)) {
        return rv_fail(d->host, ROVE_E_UNSUPPORTED, "stream %llu has a check of an unknown kind, %u",
                       (unsigned long long) d->stream, (unsigned) d->flags.check);
    }
    memcpy(d->mark, ptr + RV_XZ_MAGIC_LEN, sizeof d->mark);
    d->hash = lzma_index_hash_init(d->hash, &d->memory); // which is there, so nothing is taken
    d->number = 1;
    d->padding = 0;
    d->unsummed = false;
    return rv_xz_go(d, RV_XZ_AT_BLOCK);
}

int32_t rv_xz_take_foot(struct rv_xz_decoder *d, const uint8_t *ptr)
{
    lzma_stream_flags flags;
    lzma_ret rc = lzma_stream_footer_decode(&flags, ptr);
    uint64_t len = d->unsummed ? d->index.len : lzma_index_hash_size(d->hash);

    if (rc == LZMA_OK && (flags.check != d->flags.check || flags.backward_size != len)) {
        rc = LZMA_DATA_ERROR;
    }
    if (rc != LZMA_OK) {
        return ends_failed(d, rc, "footer");
    }
    d->stream++;
    d->begun = true;
    return rv_xz_go(d, RV_XZ_AT_HEAD);
}

void rv_xz_begin_index(struct rv_xz_decoder *d)
{
    memset(&d->index, 0, sizeof d->index);
    d->index_len = 0;
    (void) rv_xz_go(d, RV_XZ_IN_INDEX);
}

int32_t rv_xz_take_index(struct rv_xz_decoder *d, struct rove_in *in)
{
    size_t pos = 0;
    lzma_ret rc = LZMA_OK;

    while (d->unsummed && pos < in->len && rc == LZMA_OK) {
        rc = !rv_xz_index_byte(&d->index, in->ptr[pos]) ? LZMA_DATA_ERROR : d->index.ended ? LZMA_STREAM_END : LZMA_OK;
        pos += rc != LZMA_DATA_ERROR;
    }
    if (!d->unsummed && in->len > 0) {
        rc = lzma_index_hash_decode(d->hash, in->ptr, &pos, in->len);
    }
    rv_in_skip(in, pos);
    d->index_len += pos;
    if (rc == LZMA_OK) {
        return ROVE_OK;
    }
    if (rc != LZMA_STREAM_END) {
        return rv_fail(d->host, ROVE_E_DATA, "the index of stream %llu is damaged, or not of these blocks",
                       (unsigned long long) d->stream);
    }
    return rv_xz_go(d, RV_XZ_AT_FOOT);
}

// Before a stream's header. Behind one, zeros by fours are of the format; other bytes are nobody's, and left.
static int32_t step_head(struct rv_xz_decoder *d, struct rove_in *in, uint32_t act)
{
    struct rove_in before;

    while (d->have == 0 && d->begun && in->len > 0 && in->ptr[0] == 0) {
        d->padding++;
        rv_in_skip(in, 1);
    }
    before = *in;
    while (d->have < LZMA_STREAM_HEADER_SIZE) {
        bool at_end = d->have == 0 && d->begun, odd = d->have == 0 && d->padding % 4 != 0;

        if (in->len == 0 && !(odd && act == ROVE_FINISH)) {
            return rv_starved(d->host, act, at_end ? NULL : "the xz header ends too early");
        }
        if (odd || (d->have < RV_XZ_MAGIC_LEN && !rv_xz_fits_magic(d->have, in->ptr[0]))) {
            uint32_t have = d->have;
            int32_t rc = rv_xz_no_magic(d);

            if (rc == RV_STEP) { // what follows the streams is nobody's
                rv_trailing_begin(&d->trailing, have, in, before);
            }
            return rc;
        }
        rv_gather(d->buf, &d->have, d->have + 1, in);
    }
    return rv_xz_take_head(d, d->buf);
}

// blocks ----------------------------------------------------------------------------------------

static int32_t block_failed(struct rv_xz_decoder *d, lzma_ret rc)
{
    unsigned long long stream = d->stream, number = d->number;

    switch (rc) {
    case LZMA_MEM_ERROR:
        return ROVE_E_NOMEM;
    case LZMA_OPTIONS_ERROR:
        return rv_fail(d->host, ROVE_E_UNSUPPORTED, "block %llu of stream %llu is coded in an unknown way", number,
                       stream);
    default: // it does not tell damage from a check that differs
        return rv_fail(d->host, ROVE_E_DATA, "block %llu of stream %llu is damaged", number, stream);
    }
}

// What the block wants of memory, the header tells.
static int32_t judge_memory(struct rv_xz_decoder *d)
{
    uint64_t wants = lzma_raw_decoder_memusage(d->filters), mib = wants / (1024 * 1024) + 1;

    if (wants == UINT64_MAX) {
        return block_failed(d, LZMA_OPTIONS_ERROR);
    }
    if (wants <= d->memory_most) {
        return RV_STEP;
    }
    return rv_fail(d->host, ROVE_E_LIMIT, "block %llu of stream %llu wants %llu MiB of memory; xz:memory=%lluM allows it",
                   (unsigned long long) d->number, (unsigned long long) d->stream, (unsigned long long) mib,
                   (unsigned long long) mib);
}

// Nothing reaches back beyond the beginning of the block, so that no more memory is needed than the block becomes.
static void narrow_dict(struct rv_xz_decoder *d)
{
    for (size_t i = 0; i < LZMA_FILTERS_MAX && d->filters[i].id != LZMA_VLI_UNKNOWN; i++) {
        lzma_options_lzma *lzma = d->filters[i].options;

        if (d->filters[i].id == LZMA_FILTER_LZMA2 && d->block.uncompressed_size < lzma->dict_size) {
            lzma->dict_size = (uint32_t) d->block.uncompressed_size;
            lzma->dict_size = lzma->dict_size > LZMA_DICT_SIZE_MIN ? lzma->dict_size : LZMA_DICT_SIZE_MIN;
        }
    }
}

int32_t rv_xz_take_block(struct rv_xz_decoder *d, const uint8_t *ptr)
{
    lzma_ret rc;
    int32_t judged;

    d->block = (lzma_block){.version = 0, .check = d->flags.check, .filters = d->filters};
    d->block.header_size = (uint32_t) rv_xz_block_head_len(ptr[0]);
    rc = lzma_block_header_decode(&d->block, &d->memory, ptr);
    if (rc != LZMA_OK) {
        d->filters[0].id = LZMA_VLI_UNKNOWN; // it has given all back
        return block_failed(d, rc);
    }
    narrow_dict(d);
    judged = judge_memory(d);
    if (judged != RV_STEP) {
        rv_xz_drop_filters(d);
    }
    return judged;
}

int32_t rv_xz_note_block(struct rv_xz_decoder *d, const lzma_block *b)
{
    d->number++;
    if (d->unsummed || lzma_index_hash_append(d->hash, lzma_block_unpadded_size(b), b->uncompressed_size) == LZMA_OK) {
        return ROVE_OK;
    }
    return rv_fail(d->host, ROVE_E_DATA, "the blocks of stream %llu are too long", (unsigned long long) d->stream);
}

static bool make_steps(struct rv_xz_decoder *d)
{
    if (d->steps == NULL) {
        d->steps = d->host->alloc(d->host->ctx, sizeof *d->steps);
    }
    if (d->steps != NULL) {
        d->steps->have = d->steps->len = d->steps->pos = 0;
        d->steps->made = d->steps->gone = 0;
        d->steps->rc = LZMA_OK;
    }
    return d->steps != NULL;
}

// The header is whole: sets the codec up for what follows it.
static int32_t begin_block(struct rv_xz_decoder *d)
{
    int32_t judged = rv_xz_take_block(d, d->buf);
    lzma_ret rc;

    if (judged != RV_STEP) {
        return judged;
    }
    memset(&d->chunks, 0, sizeof d->chunks);
    d->drained = true;
    d->left = rv_xz_is_sized(d) ? lzma_block_total_size(&d->block) - d->block.header_size : 0;
    d->filtered = d->filters[0].id != LZMA_FILTER_LZMA2;
    if (d->filtered && !make_steps(d)) {
        rv_xz_drop_filters(d);
        return ROVE_E_NOMEM;
    }
    rc = lzma_block_decoder(&d->z, &d->block);
    rv_xz_drop_filters(d);
    d->block.filters = NULL;
    return rc == LZMA_OK ? rv_xz_go(d, RV_XZ_IN_BLOCK) : block_failed(d, rc);
}

static int32_t step_block_head(struct rv_xz_decoder *d, struct rove_in *in, uint32_t act)
{
    if (d->have == 0 && in->len > 0 && in->ptr[0] == 0) {
        if (d->alone) {
            return rv_fail(d->host, ROVE_E_DATA, "a part is no block");
        }
        rv_xz_begin_index(d);
        return RV_STEP;
    }
    if (d->have == 0 && !rv_gather(d->buf, &d->have, 1, in)) {
        return rv_starved(d->host, act, d->resumed ? NULL : "the xz data ends too early");
    }
    if (!rv_gather(d->buf, &d->have, (uint32_t) rv_xz_block_head_len(d->buf[0]), in)) {
        return rv_starved(d->host, act, "the block's header ends too early");
    }
    return begin_block(d);
}

static int32_t end_block(struct rv_xz_decoder *d)
{
    int32_t rc = rv_xz_note_block(d, &d->block);

    if (rc != ROVE_OK) {
        return rc;
    }
    return rv_xz_go(d, d->alone ? RV_XZ_AT_END : RV_XZ_AT_BLOCK);
}

// One call of liblzma with bytes of one chunk. What it made of a byte behind a chunk that ran on is none of the data.
static lzma_ret expand(struct rv_xz_decoder *d, struct rove_in *in, struct rove_out *out)
{
    struct rove_in some = {in->ptr, rv_min(in->len, rv_xz_chunks_most(&d->chunks))};
    struct rove_out before = *out;
    bool between = rv_xz_chunks_between(&d->chunks);
    size_t taken;
    lzma_ret rc;

    if (between && !d->drained && out->len > 0) { // first all that the one before it has become
        some.len = 0;
    }
    taken = some.len;
    rc = rv_xz_call(&d->z, &some, out, LZMA_RUN);
    taken -= some.len;
    d->drained = out->len > 0;
    if (between && rc == LZMA_DATA_ERROR) {
        *out = before;
    } else {
        rv_xz_chunks_pass(&d->chunks, in->ptr, taken);
        rv_in_skip(in, taken);
    }
    return rc;
}

static bool has_failed(lzma_ret rc)
{
    return rc != LZMA_OK && rc != LZMA_BUF_ERROR && rc != LZMA_STREAM_END;
}

// Takes what the next step is of: of a chunk, or a byte behind the last, as more may be none of the block.
static int32_t gather_step(struct rv_xz_decoder *d, struct rove_in *in, uint32_t act)
{
    struct rv_xz_steps *s = d->steps;
    size_t most = d->chunks.ended ? 1 : rv_min(RV_XZ_STEP, rv_xz_chunks_most(&d->chunks)), in_was = in->len;
    bool whole = rv_gather(s->in, &s->have, (uint32_t) most, in);

    d->left -= d->left >= in_was - in->len ? in_was - in->len : d->left;
    if (!whole && (act != ROVE_FINISH || s->have == 0)) {
        return rv_starved(d->host, act, "the block ends too early");
    }
    rv_xz_chunks_pass(&d->chunks, s->in, s->have);
    s->len = s->have;
    s->have = s->pos = 0;
    return RV_STEP;
}

static void expand_step(struct rv_xz_decoder *d)
{
    struct rv_xz_steps *s = d->steps;
    size_t before = s->made % RV_XZ_GIVEN;
    struct rove_in some = {s->in + s->pos, s->len - s->pos};
    struct rove_out room = {s->out + before, RV_XZ_GIVEN - before};

    s->rc = rv_xz_call(&d->z, &some, &room, LZMA_RUN);
    s->pos = s->len - (uint32_t) some.len;
    d->drained = room.len > 0;
    s->gone = before;
    s->made = has_failed(s->rc) ? before : RV_XZ_GIVEN - room.len;
}

static int32_t step_filtered(struct rv_xz_decoder *d, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct rv_xz_steps *s = d->steps;

    while (rv_drain(s->out, s->made, &s->gone, out)) {
        int32_t rc = RV_STEP;

        if (s->rc == LZMA_STREAM_END || has_failed(s->rc)) {
            return s->rc == LZMA_STREAM_END ? end_block(d) : block_failed(d, s->rc);
        }
        if (d->drained && s->pos == s->len) {
            rc = gather_step(d, in, act);
        }
        if (rc != RV_STEP) {
            return rc;
        }
        expand_step(d);
    }
    return ROVE_OK;
}

static int32_t step_block(struct rv_xz_decoder *d, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    size_t in_was = in->len, out_was = out->len;
    bool drained = d->drained;
    lzma_ret rc = expand(d, in, out);

    d->left -= d->left >= in_was - in->len ? in_was - in->len : d->left;
    if (rc == LZMA_STREAM_END) {
        return end_block(d);
    }
    if (rc != LZMA_OK && rc != LZMA_BUF_ERROR) {
        return block_failed(d, rc);
    }
    if (in->len == 0 && out->len > 0) { // it would have gone on, had there been more
        return rv_starved(d->host, act, "the block ends too early");
    }
    return in->len > 0 && (in->len < in_was || out->len < out_was || d->drained != drained) ? RV_STEP : ROVE_OK;
}

// run -------------------------------------------------------------------------------------------

static int32_t step_index(struct rv_xz_decoder *d, struct rove_in *in, uint32_t act)
{
    int32_t rc = rv_xz_take_index(d, in);

    return rc == ROVE_OK ? rv_starved(d->host, act, "the index ends too early") : rc;
}

static int32_t step_foot(struct rv_xz_decoder *d, struct rove_in *in, uint32_t act)
{
    if (!rv_gather(d->buf, &d->have, LZMA_STREAM_HEADER_SIZE, in)) {
        return rv_starved(d->host, act, "the xz footer ends too early");
    }
    return rv_xz_take_foot(d, d->buf);
}

static int32_t step(struct rv_xz_decoder *d, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    switch (d->phase) {
    case RV_XZ_AT_HEAD:
        return step_head(d, in, act);
    case RV_XZ_AT_BLOCK:
        return step_block_head(d, in, act);
    case RV_XZ_IN_BLOCK:
        return d->filtered ? step_filtered(d, in, out, act) : step_block(d, in, out, act);
    case RV_XZ_IN_INDEX:
        return step_index(d, in, act);
    case RV_XZ_AT_FOOT:
        return step_foot(d, in, act);
    case RV_XZ_AT_END:
        return ROVE_END;
    default:
        return rv_trailing_run(&d->trailing, d->host, "stream", in, act);
    }
}

static int32_t decode_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct rv_xz_decoder *d = st;
    int32_t rc;

    d->stands = false;
    do {
        if (d->mark_wanted && rv_xz_before_block(d) && in->len > 0 && in->ptr[0] != 0) {
            d->stands = true;
            return ROVE_OK;
        }
        rc = step(d, in, out, act);
    } while (rc == RV_STEP && !(d->mark_wanted && rv_xz_between(d)));
    return rc == RV_STEP ? ROVE_OK : rc;
}

static uint32_t decode_detect(const uint8_t *head, uint32_t len)
{
    if (len < RV_XZ_MAGIC_LEN) {
        return 0;
    }
    for (size_t i = 0; i < RV_XZ_MAGIC_LEN; i++) {
        if (!rv_xz_fits_magic(i, head[i])) {
            return 0;
        }
    }
    return 8 * RV_XZ_MAGIC_LEN;
}

const struct rove_filter rv_xz_decode = {
    ROVE_FILTER_INIT,
    .name = "xz",
    .about = "xz, any number of streams",
    .dir = ROVE_DECODE,
    .flags = ROVE_F_SPLITS | ROVE_F_CHECKS,
    .state_len = sizeof(struct rv_xz_decoder),
    .options = rv_xz_options,
    .library = "liblzma " LZMA_VERSION_STRING,
    .open = decode_open,
    .run = decode_run,
    .close = decode_close,
    .reset = rv_xz_decode_reset,
    .join = rv_xz_decode_join,
    .detect = decode_detect,
    .part_len = rv_xz_decode_part_len,
    .part = rv_xz_decode_part,
    .next = rv_xz_decode_next,
    .mark = rv_xz_decode_mark,
    .resume = rv_xz_decode_resume,
    .hop = rv_xz_decode_hop,
};
