// SPDX-License-Identifier: MIT
// lz4_encode.c: writes LZ4 frames over liblz4's block compressor.
//
// A block is coded from memory that holds all of it, into memory that certainly takes it:
//
//     in ──whole block?────────────────────> codec ──room for the worst?──> out
//      └──> stage (what was left of the last span, the next) ──┘ └──> wire ──> out, as room comes
//
// With input spans as asked for (block_len) the first detour is rare; the second is taken by blocks
// that may meet the end of a chunk, and costs 3 % of coding when the chunk is in no cache. (Trying
// whether a block happens to fit was lost: one wrong guess costs as much as 30 copies.) The stage
// grows as it fills, so that a short message does not cost a whole block of memory.
//
// Linked blocks need the 64 KiB before them at one place. They are always staged, right behind that
// history, which lets the codec run over one piece of memory: over two pieces it is a fifth slower,
// which is more than the copy.
//
// What the coded bytes are depends on the options, the content and the flushes, never on how the
// spans were cut: so a block is stored as it is whenever coding saves less than 1/64 of it, and not
// whenever the room happens to end. (Reading such a block is faster, too.)
//
// A part (filter.h) is some independent blocks. The sum of the content and its length are the head's, who sees
// it all.
#include "builtin.h"
#include "lz4_codec.h"

#include <lz4.h>
#include <lz4hc.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum { HEAD, BODY, DONE };

#define SMALLEST 13u            // what is shorter can not become smaller (LZ4 block format, end)
#define STAGE_FIRST ((size_t) 4096)
#define OVERHEAD 8u             // of a block: its size and its checksum
#define PART_LEN ((size_t) 256 * 1024) // plain bytes of a part, or one block

struct encoder {
    const struct rove_host *host;
    struct rv_lz4_codec codec;
    uint8_t *dict;      // memory of the host, or NULL
    uint8_t *stage;     // [history, when linked][bytes of the next block], memory of the host
    size_t stage_cap;
    size_t history;     // bytes of it at the front
    size_t staged;
    uint8_t *wire;      // coded bytes that wait for room, memory of the host
    size_t wire_cap;
    const uint8_t *wait; // in `head`, `wire` or `end`: what leaves before anything else
    size_t wait_len, wait_pos;
    size_t block;       // largest block
    uint64_t total;     // plain bytes coded
    uint64_t declared;  // content size
    uint8_t flg, bd;
    uint8_t phase;
    bool linked, block_sum, content_sum, sized;
    bool alone;         // it codes a part
    bool marks, stops;  // it stops behind each block; it is to, behind the one that was just coded
    uint8_t head[20];
    size_t head_len;
    uint8_t end[8];
    XXH32_state_t sum;
};

// where bytes go --------------------------------------------------------------------------------

static size_t wire_max(const struct encoder *e)
{
    return (size_t) LZ4_compressBound((int) e->block) + OVERHEAD;
}

// Makes the wire take len bytes. False: refused.
static bool grow_wire(struct encoder *e, size_t len)
{
    size_t cap = rv_min(2 * len, wire_max(e));

    if (e->wire_cap >= len) {
        return true;
    }
    e->host->free(e->host->ctx, e->wire);
    e->wire = e->host->alloc(e->host->ctx, cap);
    e->wire_cap = e->wire == NULL ? 0 : cap;
    return e->wire != NULL;
}

// Memory for len coded bytes: in `out` if it is large enough, else in the wire. NULL: refused.
static uint8_t *room(struct encoder *e, const struct rove_out *out, size_t len)
{
    if (out->len >= len) {
        return out->ptr;
    }
    return grow_wire(e, len) ? e->wire : NULL;
}

// len bytes have been written to the room.
static void written(struct encoder *e, struct rove_out *out, const uint8_t *at, size_t len)
{
    if (at == out->ptr) {
        rv_out_skip(out, len);
        return;
    }
    e->wait = at;
    e->wait_len = len;
    e->wait_pos = 0;
}

// Whether nothing waits for room any more.
static bool drained(struct encoder *e, struct rove_out *out)
{
    if (e->wait == NULL) {
        return true;
    }
    if (!rv_drain(e->wait, e->wait_len, &e->wait_pos, out)) {
        return false;
    }
    e->wait = NULL;
    return true;
}

// blocks ----------------------------------------------------------------------------------------

// The most coded bytes for which a block of len bytes is not rather stored; see the top.
static size_t worth(size_t len)
{
    return len - len / 64 - 1;
}

// Writes what precedes and follows the len bytes at p + 4.
static size_t seal(const struct encoder *e, uint8_t *p, size_t len, uint32_t mark)
{
    rv_put_le32(p, (uint32_t) len | mark);
    if (!e->block_sum) {
        return len + 4;
    }
    rv_put_le32(p + 4 + len, XXH32(p + 4, len, 0));
    return len + OVERHEAD;
}

// Writes src[0 .. len) as it is.
static size_t store(const struct encoder *e, uint8_t *dst, const uint8_t *src, size_t len)
{
    memcpy(dst + 4, src, len);
    return seal(e, dst, len, RV_LZ4_STORED);
}

// Codes src[0 .. len) to `out`, or to the wire when not all that is worth coding would fit there.
// Returns its length, *dst_out says where; 0 when coding is not worth it, and *dst_out is NULL when
// memory was refused.
static size_t code_somewhere(struct encoder *e, const uint8_t *src, size_t len,
                             const struct rove_out *out, uint8_t **dst_out)
{
    size_t most = (size_t) LZ4_compressBound((int) len);
    bool straight = out->len >= worth(len) + OVERHEAD;
    size_t got = 0;

    *dst_out = straight ? out->ptr : room(e, out, most + OVERHEAD);
    if (*dst_out != NULL) {
        got = rv_lz4_code(&e->codec, src, len, *dst_out + 4, straight ? rv_min(out->len - OVERHEAD, most) : most);
    }
    return got <= worth(len) ? got : 0;
}

static void count(struct encoder *e, const uint8_t *src, size_t len)
{
    if (e->content_sum) {
        (void) XXH32_update(&e->sum, src, len);
    }
    e->total += len;
}

// Codes or stores src[0 .. len) as one block.
static int32_t put_block(struct encoder *e, const uint8_t *src, size_t len, struct rove_out *out)
{
    uint8_t *dst = e->end; // anything but NULL
    size_t got = 0;

    if (len >= SMALLEST) {
        got = code_somewhere(e, src, len, out, &dst);
    }
    if (got > 0) {
        written(e, out, dst, seal(e, dst, got, 0));
    } else {
        dst = dst == NULL ? NULL : room(e, out, len + OVERHEAD);
        if (dst == NULL) {
            return ROVE_E_NOMEM;
        }
        written(e, out, dst, store(e, dst, src, len));
    }
    if (!e->alone) { // after coding, when the bytes are in the cache
        count(e, src, len);
    }
    if (e->linked) {
        e->history = rv_lz4_keep_history(&e->codec, e->stage, e->history + len, got > 0);
    }
    e->stops = e->marks;
    return RV_STEP;
}

// Makes the stage take `want` more bytes, in steps that keep short messages cheap.
static bool grow_stage(struct encoder *e, size_t want)
{
    size_t used = e->history + e->staged;
    size_t cap = e->block + (e->linked ? RV_LZ4_HISTORY : 0);
    uint8_t *stage;

    if (used + want <= e->stage_cap) {
        return true;
    }
    if (!e->linked) { // else the codec remembers where the bytes lie, and they must not move
        size_t step = e->stage_cap == 0 ? STAGE_FIRST : 4 * e->stage_cap;

        cap = rv_min(cap, step < used + want ? used + want : step);
    }
    stage = e->host->alloc(e->host->ctx, cap);
    if (stage == NULL) {
        return false;
    }
    if (used > 0) {
        memcpy(stage, e->stage, used);
    }
    e->host->free(e->host->ctx, e->stage);
    e->stage = stage;
    e->stage_cap = cap;
    return true;
}

// A block straight from the input.
static int32_t put_straight(struct encoder *e, struct rove_in *in, struct rove_out *out)
{
    const uint8_t *src = in->ptr;
    size_t len = rv_min(in->len, e->block);

    if (out->len == 0) {
        return ROVE_OK; // with room at hand it may need no detour through the wire
    }
    rv_in_skip(in, len);
    return put_block(e, src, len, out);
}

static int32_t put_stage(struct encoder *e, struct rove_out *out)
{
    size_t len = e->staged;

    if (out->len == 0) {
        return ROVE_OK; // as above
    }
    e->staged = 0;
    return put_block(e, e->stage + e->history, len, out);
}

static int32_t stage_some(struct encoder *e, struct rove_in *in)
{
    size_t len = rv_min(in->len, e->block - e->staged);

    if (!grow_stage(e, len)) {
        return ROVE_E_NOMEM;
    }
    memcpy(e->stage + e->history + e->staged, in->ptr, len);
    e->staged += len;
    rv_in_skip(in, len);
    return RV_STEP;
}

// the frame -------------------------------------------------------------------------------------

// The head is the same for every stream of this state: made once.
static void make_head(struct encoder *e)
{
    uint8_t *p = e->head;
    size_t len = 6;

    rv_put_le32(p, RV_LZ4_MAGIC);
    p[4] = e->flg;
    p[5] = e->bd;
    if (e->sized) {
        rv_put_le32(p + 6, (uint32_t) e->declared);
        rv_put_le32(p + 10, (uint32_t) (e->declared >> 32));
        len += 8;
    }
    if (e->dict != NULL) {
        rv_put_le32(p + len, XXH32(e->dict, e->codec.dict_len, 0));
        len += 4;
    }
    p[len] = (uint8_t) (XXH32(p + 4, len - 4, 0) >> 8);
    e->head_len = len + 1;
}

static int32_t put_end(struct encoder *e, struct rove_out *out)
{
    size_t len = 4;

    if (e->sized && e->total != e->declared) {
        return rv_fail(e->host, ROVE_E_CHECKSUM, "%llu bytes of content, but %llu were declared",
                       (unsigned long long) e->total, (unsigned long long) e->declared);
    }
    rv_put_le32(e->end, 0);
    if (e->content_sum) {
        rv_put_le32(e->end + 4, XXH32_digest(&e->sum));
        len += 4;
    }
    written(e, out, e->end, len);
    e->phase = DONE;
    return RV_STEP;
}

// Whether len more bytes may come.
static int32_t allow(const struct encoder *e, size_t len)
{
    if (e->sized && len > e->declared - e->total - e->staged) {
        return rv_fail(e->host, ROVE_E_CHECKSUM, "more content than the %llu bytes declared",
                       (unsigned long long) e->declared);
    }
    return ROVE_OK;
}

static int32_t step_body(struct encoder *e, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    bool ending = act != ROVE_RUN;
    int32_t rc = e->alone ? ROVE_OK : allow(e, in->len);

    if (rc != ROVE_OK) {
        return rc;
    }
    if (!e->linked && e->staged == 0 && in->len >= (ending ? 1 : e->block)) {
        return put_straight(e, in, out);
    }
    if (e->staged < e->block && in->len > 0) {
        return stage_some(e, in);
    }
    if (e->staged == e->block || (ending && e->staged > 0)) {
        return put_stage(e, out);
    }
    if (!ending) {
        return ROVE_OK;
    }
    return act == ROVE_FLUSH || e->alone ? ROVE_END : put_end(e, out);
}

static int32_t encode_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct encoder *e = st;
    int32_t rc;

    do {
        if (!drained(e, out)) {
            return ROVE_OK;
        }
        if (e->stops) {
            e->stops = false;
            return ROVE_OK;
        }
        if (e->phase == HEAD) {
            written(e, out, e->head, e->head_len);
            e->phase = BODY;
            rc = RV_STEP;
        } else if (e->phase == BODY) {
            rc = step_body(e, in, out, act);
        } else {
            rc = ROVE_END;
        }
    } while (rc == RV_STEP);
    return rc;
}

// open and close --------------------------------------------------------------------------------

static void encode_close(void *st)
{
    struct encoder *e = st;

    e->host->free(e->host->ctx, e->codec.state);
    e->host->free(e->host->ctx, e->dict);
    e->host->free(e->host->ctx, e->stage);
    e->host->free(e->host->ctx, e->wire);
}

static int32_t encode_reset(void *st)
{
    struct encoder *e = st;

    if (e->linked && e->codec.begun) { // else each block does so
        rv_lz4_codec_reset(&e->codec);
    }
    (void) XXH32_reset(&e->sum, 0);
    e->history = 0;
    e->staged = 0;
    e->wait = NULL;
    e->total = 0;
    e->phase = HEAD;
    e->alone = e->marks = e->stops = false;
    return ROVE_OK;
}

static void take_options(struct encoder *e, const struct rove_value *v)
{
    e->codec.level = (int) v[RV_LZ4_OPT_LEVEL].u;
    e->codec.acceleration = (int) v[RV_LZ4_OPT_ACCELERATION].u;
    e->codec.hc = e->codec.level > 2; // where liblz4's begins depends on its version: from 1.10 on it has a level 2
    e->bd = (uint8_t) ((v[RV_LZ4_OPT_BLOCK].u + 4) << 4);
    e->block = rv_lz4_block_max(e->bd >> 4);
    e->linked = e->codec.linked = v[RV_LZ4_OPT_LINKED].u != 0;
    e->block_sum = v[RV_LZ4_OPT_BLOCK_CHECKSUM].u != 0;
    e->content_sum = v[RV_LZ4_OPT_CHECKSUM].u != 0;
    e->sized = v[RV_LZ4_OPT_CONTENT_SIZE].given != 0;
    e->declared = v[RV_LZ4_OPT_CONTENT_SIZE].u;
    e->flg = (uint8_t) (RV_LZ4_VERSION | (e->linked ? 0 : RV_LZ4_INDEPENDENT)
                        | (e->block_sum ? RV_LZ4_BLOCK_SUM : 0)
                        | (e->sized ? RV_LZ4_CONTENT_SIZE : 0)
                        | (v[RV_LZ4_OPT_DICT].text != NULL ? RV_LZ4_DICT_ID : 0)
                        | (e->content_sum ? RV_LZ4_CONTENT_SUM : 0));
}

static int32_t encode_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    struct encoder *e = st;

    e->host = host;
    take_options(e, values);
    e->codec.state = host->alloc(host->ctx, rv_lz4_codec_len(&e->codec));
    if (e->codec.state == NULL ||
        !rv_lz4_keep_dict(host, &values[RV_LZ4_OPT_DICT], &e->dict, &e->codec.dict_len)) {
        encode_close(e);
        return ROVE_E_NOMEM;
    }
    e->codec.dict = e->dict;
    make_head(e);
    return encode_reset(e);
}

static uint64_t encode_bound(const void *st, uint64_t in_len)
{
    const struct encoder *e = st;
    uint64_t blocks = in_len / e->block + (in_len % e->block != 0);

    return rv_sat_add(in_len, blocks * OVERHEAD + 15 + 8 + (e->dict != NULL ? 4 : 0)); // blocks <= 2^48
}

// parts -----------------------------------------------------------------------------------------

static uint64_t encode_part_len(const void *head)
{
    const struct encoder *e = head;

    return e->linked ? 0 : e->block < PART_LEN && !e->marks ? PART_LEN : e->block;
}

static int32_t encode_part(void *st, const void *head, const uint8_t *past, size_t past_len)
{
    struct encoder *e = st;

    (void) head;
    (void) past;
    (void) past_len;
    (void) encode_reset(e);
    e->phase = BODY;
    e->alone = true;
    return grow_wire(e, wire_max(e)) ? ROVE_OK : ROVE_E_NOMEM;
}

static int32_t encode_see(void *head, const uint8_t *ptr, size_t len)
{
    struct encoder *e = head;
    int32_t rc = allow(e, len);

    if (rc == ROVE_OK) {
        count(e, ptr, len);
    }
    return rc;
}

static int32_t encode_join(void *head, const void *part, uint64_t part_len)
{
    (void) head;
    (void) part;
    (void) part_len;
    return ROVE_OK; // all was seen
}

// Before the frame, and before each block, as rv_lz4_decode_mark() has it.
static int32_t encode_mark(void *st, struct rove_mark *mark)
{
    struct encoder *e = st;

    e->marks = !e->linked;
    if (e->linked || e->phase == DONE || e->staged > 0 || e->wait != NULL) {
        return e->linked ? ROVE_E_UNSUPPORTED : ROVE_E_AGAIN;
    }
    mark->flags = e->phase == HEAD ? ROVE_MARK_FRESH : 0;
    mark->state = e->head + 4; // FLG, BD
    mark->state_len = e->phase == HEAD ? 0 : 2;
    return ROVE_OK;
}

const struct rove_filter rv_filter_lz4_encode = {
    ROVE_FILTER_INIT,
    .name = "lz4",
    .about = "LZ4 frame format",
    .dir = ROVE_ENCODE,
    .flags = ROVE_F_FLUSHES | ROVE_F_SPLITS,
    .state_len = sizeof(struct encoder),
    .block_len = 256 * 1024,
    .options = rv_lz4_options,
    .library = "lz4 " LZ4_VERSION_STRING,
    .open = encode_open,
    .run = encode_run,
    .close = encode_close,
    .reset = encode_reset,
    .join = encode_join,
    .bound = encode_bound,
    .part_len = encode_part_len,
    .part = encode_part,
    .see = encode_see,
    .mark = encode_mark,
};
