// SPDX-License-Identifier: MIT
// bzip2.c: a plugin. The bzip2 format, written and read by libbz2.
//
// Writing. A block of bzip2 does not end on a byte's border, so what was flushed within a stream could not be read: a
// flush ends the stream, and the next byte begins another, which every reader joins. With block=N every N plain bytes
// are a stream of their own, as pbzip2 writes them. What a stream becomes follows from its bytes alone.
//
// Reading. Streams are read as one; what else follows the last one is told as such (trailing.h). The first four bytes
// are gathered here, so that an error's offset is that of the wrong byte.
//
// Parts (filter.h), writing, are some streams of N bytes. There are none reading: how long a stream is stands nowhere,
// and its end could be looked for only five bytes at a time, as more may be no part of it.
//
// libbz2 forgets what a call gave when a block turns out to be longer than it says, so how much of a damaged block is
// given would depend on the room that each call had. It is therefore decoded into a small piece that lies at the same
// places of a stream however it is read, and copied out of it, which is little beside decoding.
//
// Decoding can begin at each stream. Within one it cannot: libbz2 takes no block that begins at some bit. Without
// decoding nothing can be told, so there are no hops.
//
// Memory. All of it is the host's, and kept from one stream to the next: libbz2 has no way to begin anew but to give
// everything back. 400 KB and eight times the block writing, 100 KB and four times the block reading.
#include "keep.h"
#include "trailing.h"

#include <bzlib.h>

#define BLOCK_MIN 1024u         // less is mostly headers
#define PART ((size_t) 256 * 1024) // plain bytes of a part that is made of several streams
#define PIECE ((size_t) 1 << 30) // libbz2 counts in 32 bits
#define MAGIC_LEN 4u
#define SIGNATURE_LEN 10u
#define GIVEN 4096u // plain bytes that are decoded at a time

enum { OPT_LEVEL, OPT_BLOCK, OPT_SMALL, OPT_TRAILING };

static const struct rove_option options[] = {
    {.key = "level", .kind = ROVE_OPT_UINT, .dirs = ROVE_ENCODE, .min = 1, .max = 9, .fallback = "9",
     .about = "blocks of so many 100,000 bytes; 9 is smallest"},
    {.key = "block", .kind = ROVE_OPT_UINT, .dirs = ROVE_ENCODE, .max = UINT64_C(1) << 30, .fallback = "0",
     .about = "write every so many bytes, 1K or more, as a stream of its own; 0: one stream"},
    {.key = "small", .kind = ROVE_OPT_BOOL, .dirs = ROVE_DECODE, .fallback = "no",
     .about = "read with little more than half of the memory, in twice the time"},
    RV_TRAILING_OPTION,
    {.key = NULL},
};

static void *zalloc(void *opaque, int cnt, int len)
{
    return rv_keep_alloc(opaque, (size_t) cnt * (size_t) len);
}

static void zfree(void *opaque, void *ptr)
{
    rv_keep_free(opaque, ptr);
}

static void give_memory(bz_stream *z, struct rv_keep *keep, const struct rove_host *host)
{
    keep->host = host;
    z->bzalloc = zalloc;
    z->bzfree = zfree;
    z->opaque = keep;
}

// One call of libbz2, spans carried on, with at most so many bytes of input. Returns its answer.
static int call(bz_stream *z, struct rove_in *in, size_t most, struct rove_out *out, int how)
{
    size_t in_len = rv_min(in->len, rv_min(most, PIECE)), out_len = rv_min(out->len, PIECE);
    int rc;

    z->next_in = (char *) (uintptr_t) in->ptr; // takes but does not change the bytes
    z->avail_in = (unsigned) in_len;
    z->next_out = (char *) out->ptr;
    z->avail_out = (unsigned) out_len;
    rc = how < 0 ? BZ2_bzDecompress(z) : BZ2_bzCompress(z, how);
    rv_in_skip(in, in_len - z->avail_in);
    rv_out_skip(out, out_len - z->avail_out);
    return rc;
}

// encode ----------------------------------------------------------------------------------------

struct encoder {
    const struct rove_host *host;
    struct rv_keep keep;
    bz_stream z;
    uint64_t block, left; // 0: no limit; plain bytes that the stream still takes
    int level;
    bool in_stream, ending; // ending: all that the stream takes has been given
    bool begun;             // some stream has been
    bool marks;             // it stops behind each stream
};

static void end_stream(struct encoder *e)
{
    if (e->in_stream) {
        (void) BZ2_bzCompressEnd(&e->z);
    }
    e->in_stream = e->ending = false;
}

static int32_t begin_stream(struct encoder *e)
{
    if (BZ2_bzCompressInit(&e->z, e->level, 0, 0) != BZ_OK) {
        return ROVE_E_NOMEM;
    }
    e->left = e->block > 0 ? e->block : UINT64_MAX;
    e->in_stream = e->begun = true;
    return ROVE_OK;
}

static int32_t encode_reset(void *st)
{
    struct encoder *e = st;

    end_stream(e);
    e->begun = e->marks = false;
    return ROVE_OK;
}

static void encode_close(void *st)
{
    struct encoder *e = st;

    end_stream(e);
    rv_keep_close(&e->keep);
}

// Begins a stream, so that what it needs of the host is there, and takes that back.
static int32_t encode_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    struct encoder *e = st;
    int32_t rc;

    e->host = host;
    e->level = (int) values[OPT_LEVEL].u;
    e->block = values[OPT_BLOCK].u;
    if (e->block > 0 && e->block < BLOCK_MIN) {
        return rv_fail(host, ROVE_E_ARG, "block=%llu is too small; %u is the least", (unsigned long long) e->block,
                       BLOCK_MIN);
    }
    give_memory(&e->z, &e->keep, host);
    rc = begin_stream(e);
    if (rc != ROVE_OK) {
        encode_close(e);
        return rc;
    }
    return encode_reset(e);
}

static int32_t press(struct encoder *e, struct rove_in *in, struct rove_out *out)
{
    size_t len = in->len;
    int rc = call(&e->z, in, e->left < PIECE ? (size_t) e->left : PIECE, out, BZ_RUN);

    e->left -= e->block > 0 ? len - in->len : 0;
    return rc == BZ_RUN_OK ? RV_STEP : rv_fail(e->host, ROVE_E_STATE, "bzip2 refuses: %d", rc);
}

static int32_t finish(struct encoder *e, struct rove_out *out)
{
    int rc = call(&e->z, &(struct rove_in){NULL, 0}, 0, out, BZ_FINISH);

    e->ending = true;
    if (rc == BZ_STREAM_END) {
        end_stream(e);
        return e->marks ? ROVE_OK : RV_STEP;
    }
    return rc == BZ_FINISH_OK ? RV_STEP : rv_fail(e->host, ROVE_E_STATE, "bzip2 refuses: %d", rc);
}

static int32_t encode_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct encoder *e = st;
    int32_t rc = RV_STEP;

    while (rc == RV_STEP) {
        bool more = in->len > 0;

        if (!e->in_stream && !more && (act != ROVE_FINISH || e->begun)) {
            return act == ROVE_RUN ? ROVE_OK : ROVE_END;
        }
        if (out->len == 0 || (e->in_stream && !e->ending && !more && act == ROVE_RUN && e->left > 0)) {
            return ROVE_OK;
        }
        if (!e->in_stream && (rc = begin_stream(e)) != ROVE_OK) {
            return rc;
        }
        rc = !e->ending && more && e->left > 0 ? press(e, in, out) : finish(e, out);
    }
    return rc;
}

static uint64_t encode_bound(const void *st, uint64_t in_len)
{
    const struct encoder *e = st;
    uint64_t streams = e->block > 0 ? in_len / e->block + 1 : 1;

    return in_len > UINT64_MAX / 1024 ? UINT64_MAX : in_len + in_len / 64 + streams * 600;
}

static uint64_t encode_part_len(const void *head)
{
    const struct encoder *e = head;

    if (e->block == 0 || e->block >= PART || e->marks) {
        return e->block;
    }
    return (PART + e->block - 1) / e->block * e->block;
}

static int32_t encode_part(void *st, const void *head, const uint8_t *past, size_t past_len)
{
    struct encoder *e = st;

    (void) head;
    (void) past;
    (void) past_len;
    end_stream(e);
    e->begun = true; // whoever is empty, it is not this one
    return ROVE_OK;
}

static int32_t encode_join(void *head, const void *part, uint64_t part_len)
{
    struct encoder *e = head;

    (void) part;
    e->begun = e->begun || part_len > 0;
    return ROVE_OK;
}

static int32_t encode_mark(void *st, struct rove_mark *mark)
{
    struct encoder *e = st;

    if (e->block == 0) {
        return ROVE_E_UNSUPPORTED;
    }
    e->marks = true;
    mark->flags = e->in_stream ? 0 : ROVE_MARK_FRESH;
    return e->in_stream ? ROVE_E_AGAIN : ROVE_OK;
}

static const struct rove_filter bzip2_encode = {
    ROVE_FILTER_INIT,
    .name = "bzip2",
    .about = "bzip2, written as one stream or as many",
    .dir = ROVE_ENCODE,
    .flags = ROVE_F_FLUSHES | ROVE_F_SPLITS | ROVE_F_CHECKS,
    .state_len = sizeof(struct encoder),
    .options = options,
    .library = "libbz2 1.0",
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

// decode ----------------------------------------------------------------------------------------

enum { MAGIC, BODY, TRAILING };

struct decoder {
    const struct rove_host *host;
    struct rv_keep keep;
    bz_stream z;
    uint64_t stream; // the one being read, from 1
    uint32_t have;
    uint8_t head[MAGIC_LEN];
    uint8_t phase;
    bool in_stream, begun, small;
    int rc; // what libbz2 said last; told when what it gave has left
    size_t made, gone;
    uint8_t piece[GIVEN]; // [gone, made) has still to leave
    bool mark_wanted; // it stops between streams
    struct rv_trailing trailing;
};

static int32_t go(struct decoder *d, uint8_t phase)
{
    d->phase = phase;
    return RV_STEP;
}

static void leave_stream(struct decoder *d)
{
    if (d->in_stream) {
        (void) BZ2_bzDecompressEnd(&d->z);
    }
    d->in_stream = false;
    d->have = 0;
    d->rc = BZ_OK;
    d->made = d->gone = 0;
    go(d, MAGIC);
}

static int32_t decode_reset(void *st)
{
    struct decoder *d = st;

    leave_stream(d);
    d->stream = 1;
    d->begun = d->mark_wanted = false;
    rv_trailing_reset(&d->trailing);
    return ROVE_OK;
}

static int32_t decode_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    struct decoder *d = st;

    d->host = host;
    d->small = values[OPT_SMALL].u != 0;
    d->trailing.policy = (uint32_t) values[OPT_TRAILING].u;
    give_memory(&d->z, &d->keep, host);
    return decode_reset(d);
}

static void decode_close(void *st)
{
    struct decoder *d = st;

    leave_stream(d);
    rv_keep_close(&d->keep);
}

static bool fits_magic(size_t at, uint8_t byte)
{
    return at < 3 ? byte == (uint8_t) "BZh"[at] : byte >= '1' && byte <= '9';
}

static int32_t begin_body(struct decoder *d)
{
    struct rove_in head = {d->head, MAGIC_LEN};
    int rc = BZ2_bzDecompressInit(&d->z, 0, d->small);

    if (rc == BZ_OK) {
        d->in_stream = true;
        rc = call(&d->z, &head, MAGIC_LEN, &(struct rove_out){NULL, 0}, -1);
    }
    return rc == BZ_OK ? go(d, BODY) : ROVE_E_NOMEM;
}

// What follows the streams is nobody's: what was taken of it in this call is left.
static int32_t no_magic(struct decoder *d, struct rove_in *in, struct rove_in before)
{
    if (!d->begun) {
        return rv_fail(d->host, ROVE_E_FORMAT, "not bzip2 data: it does not begin with BZh and a digit");
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

            return rv_starved(d->host, act, at_end ? NULL : "the bzip2 header ends too early");
        }
        if (!fits_magic(d->have, in->ptr[0])) {
            return no_magic(d, in, before);
        }
        rv_gather(d->head, &d->have, d->have + 1, in);
    }
    return begin_body(d);
}

static int32_t step_body_end(struct decoder *d)
{
    switch (d->rc) {
    case BZ_STREAM_END:
        leave_stream(d);
        d->stream++;
        d->begun = true;
        return RV_STEP;
    case BZ_MEM_ERROR:
        return ROVE_E_NOMEM;
    default: // it does not tell damage from a checksum that differs
        return rv_fail(d->host, ROVE_E_DATA, "stream %llu is damaged", (unsigned long long) d->stream);
    }
}

static int32_t step_body(struct decoder *d, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    while (rv_drain(d->piece, d->made, &d->gone, out)) {
        size_t before = d->made % GIVEN;
        struct rove_out room = {d->piece + before, GIVEN - before};

        if (d->rc != BZ_OK) {
            return step_body_end(d);
        }
        d->rc = call(&d->z, in, PIECE, &room, -1);
        d->gone = before;
        d->made = GIVEN - room.len;
        if (d->rc == BZ_OK && d->made == before && in->len == 0) {
            return rv_starved(d->host, act, "the bzip2 stream ends too early");
        }
    }
    return ROVE_OK;
}

// Between streams.
static bool between(const struct decoder *d)
{
    return d->phase == MAGIC && d->have == 0;
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
        case BODY:
            rc = step_body(d, in, out, act);
            break;
        default:
            rc = rv_trailing_run(&d->trailing, d->host, "stream", in, act);
        }
    } while (rc == RV_STEP && !(d->mark_wanted && between(d)));
    return rc == RV_STEP ? ROVE_OK : rc;
}

// A stream's header, then that of its first block, or that of its end when it is empty.
static uint32_t decode_detect(const uint8_t *head, uint32_t len)
{
    for (uint32_t i = 0; i < MAGIC_LEN; i++) {
        if (i == len || !fits_magic(i, head[i])) {
            return 0;
        }
    }
    len = (uint32_t) rv_min(len, SIGNATURE_LEN) - MAGIC_LEN;
    if (memcmp(head + MAGIC_LEN, "\x31\x41\x59\x26\x53\x59", len) != 0 &&
        memcmp(head + MAGIC_LEN, "\x17\x72\x45\x38\x50\x90", len) != 0) {
        return 0;
    }
    return 28 + 8 * len;
}

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
    return rv_resume_between(d->host, mark, "bzip2", "stream");
}

static const struct rove_filter bzip2_decode = {
    ROVE_FILTER_INIT,
    .name = "bzip2",
    .about = "bzip2, any number of streams",
    .dir = ROVE_DECODE,
    .flags = ROVE_F_SPLITS | ROVE_F_CHECKS,
    .state_len = sizeof(struct decoder),
    .options = options,
    .library = "libbz2 1.0",
    .open = decode_open,
    .run = decode_run,
    .close = decode_close,
    .reset = decode_reset,
    .detect = decode_detect,
    .mark = decode_mark,
    .resume = decode_resume,
};

static const struct rove_filter *const filters[] = {&bzip2_encode, &bzip2_decode, NULL};

static const struct rove_plugin plugin = {
    ROVE_PLUGIN_INIT,
    .name = "bzip2",
    .version = "1",
    .license = "MIT",
    .filters = filters,
};

ROVE_PLUGIN(&plugin)
