// SPDX-License-Identifier: MIT
// zstd.c: a plugin. Zstandard frames, RFC 8878, written and read by libzstd.
//
// Writing. libzstd would use it when it sees all of a stream in one call: it then declares its
// size and chooses other tables. So it is only told of an end or a flush when no input is left, and
// the coded bytes do not depend on how the spans were cut. content_size=… declares a size.
//
// Reading. Frames are read as one stream, skippable ones are passed over; what else follows is told as
// such (trailing.h). Headers are gathered here: the magic byte by byte, so that the offset of an error is
// that of the wrong byte, and frames of libzstd's old formats are refused; the rest for the window and the
// size that it declares.
//
// Memory. All of it is the host's. A frame says how far its matches reach back, and libzstd takes
// that much when it has read the header: the size that the data declares. Hence two bounds: the
// option `window`, which refuses the frame (2^27 unless given, as the zstd command does), and the
// chain's limit of memory, which refuses the allocation. Memory that is not touched costs nothing.
#include "trailing.h"

#define ZSTD_STATIC_LINKING_ONLY // for the custom allocator, which is exported all the same
#include <zstd.h>
#include <zstd_errors.h>

#define DICT_MAX 2048 // what fits into a chain's text
#define WINDOW_READ 27
#define WINDOW_MAX 31u
#define MAGIC_LEN 4u
#define BLOCK ((size_t) 128 * 1024) // ZSTD_BLOCKSIZE_MAX

enum { OPT_LEVEL, OPT_WINDOW, OPT_CHECKSUM, OPT_CONTENT_SIZE, OPT_DICT, OPT_TRAILING };

static const struct rove_option options[] = {
    {.key = "level", .kind = ROVE_OPT_INT, .dirs = ROVE_ENCODE, .min = (uint64_t) INT64_C(-131072),
     .max = 22, .fallback = "3", .about = "1 is fast, 22 is smallest; below 0 faster still"},
    {.key = "window", .kind = ROVE_OPT_UINT, .dirs = ROVE_ENCODE | ROVE_DECODE, .max = WINDOW_MAX,
     .fallback = "0",
     .about = "log2 of the bytes that matches may reach back, from 10; 0: by level, 27 to read"},
    {.key = "checksum", .kind = ROVE_OPT_BOOL, .dirs = ROVE_ENCODE, .fallback = "yes",
     .about = "a checksum of the content at the end"},
    {.key = "content_size", .kind = ROVE_OPT_UINT, .dirs = ROVE_ENCODE, .max = UINT64_MAX - 2,
     .fallback = "0", .about = "declare this many bytes of content; not declared unless given"},
    {.key = "dict", .kind = ROVE_OPT_HEX, .dirs = ROVE_ENCODE | ROVE_DECODE, .min = 1,
     .max = DICT_MAX, .about = "dictionary, which the reader must know too"},
    RV_TRAILING_OPTION,
    {.key = NULL},
};

static void *zalloc(void *opaque, size_t len)
{
    const struct rove_host *host = opaque;

    return host->alloc(host->ctx, len);
}

static void zfree(void *opaque, void *ptr)
{
    const struct rove_host *host = opaque;

    host->free(host->ctx, ptr);
}

static ZSTD_customMem memory_of(const struct rove_host *host)
{
    return (ZSTD_customMem){zalloc, zfree, (void *) (uintptr_t) host};
}

static bool failed_with(size_t rc, ZSTD_ErrorCode code)
{
    return ZSTD_getErrorCode(rc) == code;
}

// What a refused setting or dictionary means.
static int32_t setup_status(const struct rove_host *host, size_t rc)
{
    if (!ZSTD_isError(rc)) {
        return ROVE_OK;
    }
    if (failed_with(rc, ZSTD_error_memory_allocation)) {
        return ROVE_E_NOMEM;
    }
    return rv_fail(host, ROVE_E_ARG, "zstd refuses these options: %s", ZSTD_getErrorName(rc));
}

// write -----------------------------------------------------------------------------------------

struct encoder {
    const struct rove_host *host;
    ZSTD_CCtx *z;
    uint64_t declared;
    bool sized;
    bool dirty; // bytes were taken since the last flush
    uint32_t dict_len;
    uint8_t dict[DICT_MAX];
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

static size_t set_up_encoder(struct encoder *e, const struct rove_value *v)
{
    size_t rc = ZSTD_CCtx_setParameter(e->z, ZSTD_c_compressionLevel, (int) (int64_t) v[OPT_LEVEL].u);

    if (!ZSTD_isError(rc) && v[OPT_WINDOW].u != 0) {
        rc = ZSTD_CCtx_setParameter(e->z, ZSTD_c_windowLog, (int) v[OPT_WINDOW].u);
    }
    if (!ZSTD_isError(rc)) {
        rc = ZSTD_CCtx_setParameter(e->z, ZSTD_c_checksumFlag, v[OPT_CHECKSUM].u != 0);
    }
    return ZSTD_isError(rc) ? rc : begin_frame(e);
}

static int32_t encode_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    struct encoder *e = st;
    int32_t rc;

    e->host = host;
    e->sized = values[OPT_CONTENT_SIZE].given != 0;
    e->declared = values[OPT_CONTENT_SIZE].u;
    if (values[OPT_DICT].text != NULL) {
        e->dict_len = (uint32_t) rv_min(values[OPT_DICT].text_len, DICT_MAX);
        memcpy(e->dict, values[OPT_DICT].text, e->dict_len);
    }
    e->z = ZSTD_createCCtx_advanced(memory_of(host));
    if (e->z == NULL) {
        return ROVE_E_NOMEM;
    }
    rc = setup_status(host, set_up_encoder(e, values));
    if (rc != ROVE_OK) {
        (void) ZSTD_freeCCtx(e->z);
    }
    return rc;
}

static void encode_close(void *st)
{
    struct encoder *e = st;

    (void) ZSTD_freeCCtx(e->z);
}

static int32_t encode_reset(void *st)
{
    struct encoder *e = st;
    size_t rc = ZSTD_CCtx_reset(e->z, ZSTD_reset_session_only);

    e->dirty = false;
    return setup_status(e->host, ZSTD_isError(rc) ? rc : begin_frame(e));
}

static int32_t encode_failed(struct encoder *e, size_t rc)
{
    if (failed_with(rc, ZSTD_error_memory_allocation)) {
        return ROVE_E_NOMEM;
    }
    if (failed_with(rc, ZSTD_error_srcSize_wrong)) {
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

static int32_t encode_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct encoder *e = st;

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

static uint64_t encode_bound(const void *st, uint64_t in_len)
{
    (void) st;
    if (in_len > UINT64_MAX / 2) {
        return UINT64_MAX;
    }
    return in_len + in_len / 256 + 3 * (in_len / BLOCK) + 128; // blocks of 1 KiB have 3 bytes each
}

static const struct rove_filter zstd_encode = {
    ROVE_FILTER_INIT,
    .name = "zstd",
    .about = "Zstandard (RFC 8878), written as one frame",
    .dir = ROVE_ENCODE,
    .flags = ROVE_F_FLUSHES | ROVE_F_SPLITS | ROVE_F_CHECKS,
    .state_len = sizeof(struct encoder),
    .block_len = BLOCK,
    .options = options,
    .library = "zstd " ZSTD_VERSION_STRING,
    .open = encode_open,
    .run = encode_run,
    .close = encode_close,
    .reset = encode_reset,
    .bound = encode_bound,
};

// read ------------------------------------------------------------------------------------------

enum { MAGIC, HEAD, FRAME, TRAILING };

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
    struct rv_trailing trailing;
};

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
    d->begun = false;
    rv_trailing_reset(&d->trailing);
    go(d, MAGIC);
    return setup_status(d->host, ZSTD_DCtx_reset(d->z, ZSTD_reset_session_only));
}

static int32_t decode_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    const struct rove_value *dict = &values[OPT_DICT];
    struct decoder *d = st;
    size_t rc;

    d->host = host;
    d->frame = 1;
    d->window = values[OPT_WINDOW].u != 0 ? (unsigned) values[OPT_WINDOW].u : WINDOW_READ;
    d->has_dict = dict->text != NULL;
    d->trailing.policy = (uint32_t) values[OPT_TRAILING].u;
    d->z = ZSTD_createDCtx_advanced(memory_of(host));
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
    return setup_status(host, rc);
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
                       "most that there is", frame, WINDOW_MAX);
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

// One call of the codec, spans carried on. Returns its answer: 0 at the end of a frame, or an error.
static size_t expand(struct decoder *d, struct rove_in *in, struct rove_out *out)
{
    ZSTD_inBuffer from = {in->ptr, in->len, 0};
    ZSTD_outBuffer to = {out->ptr, out->len, 0};
    size_t rc = ZSTD_decompressStream(d->z, &to, &from);

    rv_in_skip(in, from.pos);
    rv_out_skip(out, to.pos);
    d->total += to.pos;
    return rc;
}

static bool fits_magic(const struct decoder *d, uint8_t byte)
{
    static const uint8_t plain[4] = {0x28, 0xb5, 0x2f, 0xfd};
    static const uint8_t skippable[4] = {0x50, 0x2a, 0x4d, 0x18};

    if (d->have == 0) {
        return byte == plain[0] || (byte & 0xf0) == skippable[0];
    }
    return byte == (d->head[0] == plain[0] ? plain : skippable)[d->have];
}

static int32_t step_magic(struct decoder *d, struct rove_in *in, uint32_t act)
{
    while (d->have < MAGIC_LEN) {
        if (in->len == 0) {
            bool at_end = d->have == 0 && d->begun;

            return rv_starved(d->host, act, at_end ? NULL : "the frame's header ends too early");
        }
        if (!fits_magic(d, in->ptr[0])) {
            return d->begun ? go(d, TRAILING)
                            : rv_fail(d->host, ROVE_E_FORMAT, "not zstd data: its magic is not there");
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

static unsigned log_of(uint64_t len)
{
    unsigned bits = 0;

    while (bits < 63 && UINT64_C(1) << bits < len) {
        bits++;
    }
    return bits;
}

// The header is whole: judges it, then lets the codec have it.
static int32_t take_head(struct decoder *d)
{
    struct rove_in head = {d->head, d->have};
    unsigned bits = is_skippable(d) ? 0 : log_of(d->fields.windowSize);
    size_t rc;

    if (bits > WINDOW_MAX) {
        return decode_failed(d, (size_t) -ZSTD_error_frameParameter_windowTooLarge);
    }
    if (bits > d->window) {
        return rv_fail(d->host, ROVE_E_LIMIT,
                       "frame %llu wants a window of 2^%u bytes; zstd:window=%u allows it",
                       (unsigned long long) d->frame, bits, bits);
    }
    d->total = 0;
    rc = expand(d, &head, &(struct rove_out){NULL, 0});
    if (ZSTD_isError(rc)) {
        return decode_failed(d, rc);
    }
    return rc == 0 ? end_frame(d) : go(d, FRAME);
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

static int32_t step_frame(struct decoder *d, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    size_t in_was, out_was;

    do {
        size_t rc;

        in_was = in->len;
        out_was = out->len;
        rc = expand(d, in, out);
        if (ZSTD_isError(rc)) {
            return decode_failed(d, rc);
        }
        if (is_sized(d) && d->total > d->fields.frameContentSize) {
            return rv_fail(d->host, ROVE_E_CHECKSUM, "frame %llu exceeds the declared content size",
                           (unsigned long long) d->frame);
        }
        if (rc == 0) {
            return end_frame(d);
        }
        if (in->len == 0 && out->len > 0) { // it would have gone on, had there been more
            return rv_starved(d->host, act, "the frame ends too early");
        }
    } while (out->len > 0 && (in->len < in_was || out->len < out_was));
    return ROVE_OK;
}

static int32_t decode_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct decoder *d = st;
    int32_t rc;

    do {
        switch (d->phase) {
        case MAGIC:
            rc = step_magic(d, in, act);
            break;
        case HEAD:
            rc = step_head(d, in, act);
            break;
        case FRAME:
            rc = step_frame(d, in, out, act);
            break;
        default:
            rc = rv_trailing_run(&d->trailing, d->host, "frame", in, act);
        }
    } while (rc == RV_STEP);
    return rc;
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

static const struct rove_filter zstd_decode = {
    ROVE_FILTER_INIT,
    .name = "zstd",
    .about = "Zstandard (RFC 8878), any number of frames",
    .dir = ROVE_DECODE,
    .flags = ROVE_F_SPLITS | ROVE_F_CHECKS,
    .state_len = sizeof(struct decoder),
    .block_len = 2 * BLOCK,
    .options = options,
    .library = "zstd " ZSTD_VERSION_STRING,
    .open = decode_open,
    .run = decode_run,
    .close = decode_close,
    .reset = decode_reset,
    .detect = decode_detect,
};

static const struct rove_filter *const filters[] = {&zstd_encode, &zstd_decode, NULL};

static const struct rove_plugin plugin = {
    ROVE_PLUGIN_INIT,
    .name = "zstd",
    .version = "1",
    .license = "MIT",
    .filters = filters,
};

ROVE_PLUGIN(&plugin)
