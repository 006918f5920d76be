// SPDX-License-Identifier: MIT
// zlib_core.c: head, parts and tail for the three wrappings; and raw inflate over spans.
//
// Decoding. inflate() is called with Z_FINISH although more may follow. It only means "do not set
// up the 32 KiB window if the stream ends in this very call", which makes small streams cheap; a
// call that does not reach the end answers Z_BUF_ERROR and can be continued like any other. The
// window is always the largest: zlib holds a smaller one against the data only when a match happens
// to cross two calls, so what is accepted would depend on how the spans were cut.
#include "zlib_core.h"

#include <limits.h>

// zlib counts in unsigned int, and a sum should follow its bytes while they are in the cache. But
// each return from inflate() copies the window: in pieces of 256 KiB that is 2 % of the time, of
// 1 MiB 1 %.
#define INFLATE_PIECE ((size_t) 1024 * 1024)

#define CUT_MIN 2048u // rsyncable: plain bytes between two places, at least
#define CUT_BITS 13    // and with so many bits of the sum, 8 KiB on top of that on average
#define CUT_COST 16u   // bytes that a flush adds at most

#define DICT_MAX 32768 // more than the window would never be seen again

enum { HEAD, BODY, TAIL, DONE, PART, PART_BODY };

const char *const rv_zlib_strategies[] = {
    // the index is zlib's number
    [Z_DEFAULT_STRATEGY] = "default", [Z_FILTERED] = "filtered", [Z_HUFFMAN_ONLY] = "huffman",
    [Z_RLE] = "rle",                  [Z_FIXED] = "fixed",       NULL,
};

const struct rove_option rv_zlib_dict_options[] = {
    RV_ZLIB_OPTIONS,
    {.key = "dict", .kind = ROVE_OPT_HEX, .dirs = ROVE_ENCODE | ROVE_DECODE, .min = 1,
     .max = DICT_MAX, .about = "preset dictionary, which the reader must know too"},
    {.key = NULL},
};

// Copies the dictionary, whose bytes are only there during open(). There may be none.
static int32_t keep_dict(const struct rove_host *host, const struct rove_value *value, uint8_t **dict_out,
                         uint32_t *len_out)
{
    if (value->text == NULL || value->text_len == 0) {
        return ROVE_OK;
    }
    *dict_out = host->alloc(host->ctx, value->text_len);
    if (*dict_out == NULL) {
        return ROVE_E_NOMEM;
    }
    memcpy(*dict_out, value->text, value->text_len);
    *len_out = value->text_len;
    return ROVE_OK;
}

// deflate ---------------------------------------------------------------------------------------

static int32_t open_part(struct rv_deflater *d, const struct rove_value *values)
{
    uint64_t block = values[RV_ZOPT_BLOCK].u;
    struct rv_deflate_options options = {
        .level = (int) values[RV_ZOPT_LEVEL].u,
        .strategy = (int) values[RV_ZOPT_STRATEGY].u,
        .window = (int) values[RV_ZOPT_WINDOW].u,
        .mem = (int) values[RV_ZOPT_MEM].u,
        .sum = d->wrap->sum,
    };

    if (block != 0 && (block < RV_ZBLOCK_MIN || block > RV_ZBLOCK_MAX)) {
        return rv_fail(d->host, ROVE_E_ARG, "parts of %llu bytes are too %s: 32K to 1G is possible",
                       (unsigned long long) block, block < RV_ZBLOCK_MIN ? "small" : "large");
    }
    d->block = block;
    d->rsyncable = values[RV_ZOPT_RSYNCABLE].u != 0;
    if (d->rsyncable && block != 0) {
        return rv_fail(d->host, ROVE_E_ARG, "rsyncable and block exclude each other: parts end at fixed places");
    }
    return rv_deflate_part_open(&d->part, d->host, &options);
}

int32_t rv_deflater_open(struct rv_deflater *d, const struct rove_host *host, const struct rv_wrap *wrap,
                         const struct rove_value *values)
{
    int32_t rc;

    d->host = host;
    d->wrap = wrap;
    d->head = d->small;
    rc = open_part(d, values);
    if (rc != ROVE_OK) {
        return rc;
    }
    if (wrap->takes_dict) {
        rc = keep_dict(host, &values[RV_ZOPT_DICT], &d->dict, &d->dict_len);
    }
    if (rc == ROVE_OK && wrap->head != NULL) {
        rc = wrap->head(d, values);
    }
    if (rc == ROVE_OK) {
        rc = rv_deflater_reset(d);
    }
    if (rc != ROVE_OK) {
        rv_deflater_close(d);
    }
    return rc;
}

int32_t rv_deflater_head(struct rv_deflater *d, size_t len)
{
    if (len > sizeof d->small) {
        d->head = d->host->alloc(d->host->ctx, len);
        if (d->head == NULL) {
            d->head = d->small;
            return ROVE_E_NOMEM;
        }
    }
    d->head_len = len;
    return ROVE_OK;
}

void rv_deflater_close(void *st)
{
    struct rv_deflater *d = st;

    rv_deflate_part_close(&d->part);
    d->host->free(d->host->ctx, d->dict);
    d->host->free(d->host->ctx, d->past);
    if (d->head != d->small) {
        d->host->free(d->host->ctx, d->head);
    }
}

int32_t rv_deflater_reset(void *st)
{
    struct rv_deflater *d = st;

    d->sum = d->wrap->sum == NULL ? 0 : d->wrap->sum->start;
    d->total = 0;
    d->phase = HEAD;
    d->pos = 0;
    d->joined = d->marks = false;
    d->cutter = (struct rv_cutter){0};
    return rv_deflate_part_begin(&d->part, d->dict, d->dict_len);
}

uint64_t rv_deflater_bound(const void *st, uint64_t in_len)
{
    const struct rv_deflater *d = st;
    uint64_t frame = d->head_len + sizeof d->end;

    if (d->rsyncable) {
        frame += in_len / CUT_MIN * CUT_COST;
    }
    if (in_len > INT64_MAX || d->block == 0) {
        return rv_sat_add(rv_deflate_part_bound(&d->part, in_len), frame);
    }
    frame += in_len / d->block * rv_deflate_part_bound(&d->part, d->block);
    return rv_sat_add(rv_deflate_part_bound(&d->part, in_len % d->block), frame);
}

static int32_t step_head(struct rv_deflater *d, struct rove_out *out)
{
    if (!rv_drain(d->head, d->head_len, &d->pos, out)) {
        return ROVE_OK;
    }
    d->phase = BODY;
    return RV_STEP;
}

// Takes in the sum and the length of a part that has ended.
static void join_part(struct rv_deflater *d, const struct rv_deflate_part *part)
{
    if (d->wrap->sum != NULL) {
        d->sum = d->total == 0 ? part->sum : d->wrap->sum->join(d->sum, part->sum, part->len);
    }
    d->total += part->len;
}

static int32_t write_tail(struct rv_deflater *d)
{
    join_part(d, &d->part);
    d->end_len = d->wrap->tail == NULL ? 0 : d->wrap->tail(d->sum, d->total, d->end);
    d->pos = 0;
    d->phase = TAIL;
    return RV_STEP;
}

// Takes out of a part that has ended what the next one will see. A preset dictionary is none of that.
static int32_t keep_seen(struct rv_deflater *d, struct rv_deflate_part *part)
{
    size_t len = d->total < part->past_max ? (size_t) d->total : part->past_max;

    d->seen_len = len;
    if (len == 0) {
        return ROVE_OK;
    }
    if (d->past == NULL) {
        d->past = d->host->alloc(d->host->ctx, RV_DEFLATE_PAST);
        if (d->past == NULL) {
            return ROVE_E_NOMEM;
        }
    }
    return rv_deflate_part_past(part, d->past, len, &d->seen);
}

static int32_t next_part(struct rv_deflater *d)
{
    int32_t rc;

    join_part(d, &d->part);
    rc = keep_seen(d, &d->part);
    return rc != ROVE_OK ? rc : rv_deflate_part_begin(&d->part, d->seen, d->seen_len);
}

// Looks for the next place in what comes. Returns how much of it is before that.
static size_t look_ahead(struct rv_cutter *c, const struct rove_in *in)
{
    if (c->ahead == 0 && !c->found) {
        while (c->ahead < in->len && !c->found) {
            c->sum = 2 * c->sum + (in->ptr[c->ahead++] + UINT64_C(1)) * UINT64_C(0x9E3779B97F4A7C15);
            c->found = ++c->since >= CUT_MIN && c->sum >> (64 - CUT_BITS) == 0;
        }
    }
    return rv_min(c->ahead, in->len);
}

static int32_t step_rsyncable(struct rv_deflater *d, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct rv_cutter *c = &d->cutter;
    struct rove_in own = {in->ptr, look_ahead(c, in)};
    size_t len = own.len;
    bool ends = c->found && len == c->ahead, last = !ends && len == in->len;
    int32_t rc = rv_deflate_part_run(&d->part, &own, out, ends ? ROVE_FLUSH : last ? act : ROVE_RUN);

    rv_in_skip(in, len - own.len);
    c->ahead -= len - own.len;
    if (rc == ROVE_OK && own.len == 0 && !ends && !last) {
        return RV_STEP; // more was shown than had been looked at
    }
    if (rc != ROVE_END) {
        return rc;
    }
    if (ends) {
        c->found = false;
        c->since = 0;
        return RV_STEP;
    }
    return act == ROVE_FINISH ? write_tail(d) : ROVE_END;
}

static int32_t step_body(struct rv_deflater *d, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    uint64_t left = d->block == 0 ? UINT64_MAX : d->block - d->part.len;
    struct rove_in own = {in->ptr, in->len < left ? in->len : (size_t) left};
    bool full = own.len < in->len;
    size_t len = own.len;
    int32_t rc = rv_deflate_part_run(&d->part, &own, out, full ? ROVE_FLUSH : act);

    rv_in_skip(in, len - own.len);
    if (rc != ROVE_END) {
        return rc;
    }
    if (!full && act == ROVE_FINISH) {
        return write_tail(d);
    }
    if (d->block > 0 && d->part.len > 0) {
        rc = next_part(d);
        if (rc != ROVE_OK) {
            return rc;
        }
    }
    return !full ? ROVE_END : d->marks ? ROVE_OK : RV_STEP;
}

// The parts were coded elsewhere, the final one included.
static int32_t step_joined(struct rv_deflater *d, uint32_t act)
{
    if (act == ROVE_FINISH) {
        return write_tail(d);
    }
    return act == ROVE_FLUSH ? ROVE_END : ROVE_OK;
}

// As next_part() begins the same part: with the dictionary where nothing stands before it.
static int32_t step_part(struct rv_deflater *d)
{
    size_t len = rv_min(d->before_len, d->part.past_max);
    const uint8_t *past = len > 0 ? d->before + d->before_len - len : NULL;
    int32_t rc = d->before_len > 0 ? rv_deflate_part_begin(&d->part, past, len)
                                   : rv_deflate_part_begin(&d->part, d->dict, d->dict_len);

    d->part.stored.at_once = true; // but the format's end is its own
    d->phase = PART_BODY;
    return rc == ROVE_OK ? RV_STEP : rc;
}

static int32_t step_tail(struct rv_deflater *d, struct rove_out *out)
{
    if (!rv_drain(d->end, d->end_len, &d->pos, out)) {
        return ROVE_OK;
    }
    d->phase = DONE;
    return ROVE_END;
}

int32_t rv_deflater_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct rv_deflater *d = st;
    int32_t rc;

    do {
        switch (d->phase) {
        case HEAD:
            rc = step_head(d, out);
            break;
        case BODY:
            rc = d->joined      ? step_joined(d, act)
                 : d->rsyncable ? step_rsyncable(d, in, out, act)
                                : step_body(d, in, out, act);
            break;
        case TAIL:
            rc = step_tail(d, out);
            break;
        case PART:
            rc = step_part(d);
            break;
        case PART_BODY:
            rc = rv_deflate_part_run(&d->part, in, out, act);
            break;
        default:
            rc = ROVE_END;
        }
    } while (rc == RV_STEP);
    return rc;
}

uint64_t rv_deflater_part_len(const void *head)
{
    const struct rv_deflater *d = head;

    return d->block;
}

int32_t rv_deflater_part(void *st, const void *head, const uint8_t *past, size_t past_len)
{
    struct rv_deflater *d = st;

    (void) head; // it was opened with the same options
    d->before = past;
    d->before_len = past_len;
    d->phase = PART;
    return rv_deflate_part_reserve(&d->part);
}

// What the next part sees is only wanted for marks: it was told itself.
int32_t rv_deflater_join(void *head, const void *part, uint64_t part_len)
{
    struct rv_deflater *p = (struct rv_deflater *) (uintptr_t) part; // zlib asks for one that is not const
    struct rv_deflater *d = head;

    (void) part_len; // the part has counted
    join_part(d, &p->part);
    d->joined = true;
    return d->marks && !p->part.done ? keep_seen(d, &p->part) : ROVE_OK;
}

// Before all, and between parts.
int32_t rv_deflater_mark(void *st, struct rove_mark *mark)
{
    struct rv_deflater *d = st;

    if (d->block == 0) {
        return ROVE_E_UNSUPPORTED;
    }
    d->marks = true;
    if ((d->phase == HEAD && d->pos == 0) || (d->phase == BODY && d->head_len + d->total + d->part.len == 0)) {
        mark->flags = ROVE_MARK_FRESH; // a flush may have been there, of nothing
        return ROVE_OK;
    }
    if (d->phase != BODY || d->part.len > 0 || d->total == 0) {
        return ROVE_E_AGAIN;
    }
    mark->state = d->seen;
    mark->state_len = (uint32_t) d->seen_len;
    return ROVE_OK;
}

// inflate ---------------------------------------------------------------------------------------

int32_t rv_inflater_open(struct rv_inflater *d, const struct rove_host *host, const struct rv_wrap *wrap,
                         const struct rove_value *values)
{
    int32_t rc;

    d->host = host;
    d->wrap = wrap;
    d->sum = wrap->sum == NULL ? 0 : wrap->sum->start;
    d->place = RV_PLACE_START;
    rv_zlib_borrow(&d->z, host);
    rc = rv_zlib_opened(host, inflateInit2(&d->z, -MAX_WBITS));
    if (rc == ROVE_OK && wrap->takes_dict) {
        rc = keep_dict(host, &values[RV_ZOPT_DICT], &d->dict, &d->dict_len);
        if (rc != ROVE_OK) {
            rv_inflater_close(d);
        }
    }
    return rc;
}

int32_t rv_inflater_use_dict(struct rv_inflater *d)
{
    int rc = Z_OK;

    if (d->dict != NULL) {
        rc = inflateSetDictionary(&d->z, d->dict, d->dict_len);
    }
    return rv_zlib_opened(d->host, rc);
}

void rv_inflater_again(struct rv_inflater *d)
{
    (void) inflateReset(&d->z); // fails only for a state that was never opened
    d->sum = d->wrap->sum == NULL ? 0 : d->wrap->sum->start;
    d->total = 0;
    d->place = RV_PLACE_START;
    d->unsummed = false;
}

void rv_inflater_reset(struct rv_inflater *d)
{
    rv_inflater_again(d);
    d->mark_wanted = d->resumed = false;
    d->prime = 0;
}

void rv_inflater_close(void *st)
{
    struct rv_inflater *d = st;

    (void) inflateEnd(&d->z);
    d->host->free(d->host->ctx, d->dict);
    d->host->free(d->host->ctx, d->window);
}

int32_t rv_inflater_mark(struct rv_inflater *d, bool fresh, struct rove_mark *mark)
{
    uInt len = 0;

    d->mark_wanted = !fresh && d->place != RV_PLACE_BORDER;
    if (d->mark_wanted) {
        return ROVE_E_AGAIN;
    }
    if (fresh) {
        mark->flags = ROVE_MARK_FRESH;
        return ROVE_OK;
    }
    if (d->window == NULL) {
        d->window = d->host->alloc(d->host->ctx, RV_DEFLATE_PAST);
    }
    if (d->window == NULL) {
        return ROVE_E_NOMEM;
    }
    (void) inflateGetDictionary(&d->z, d->window, &len); // fails only for a state that was never opened
    mark->bits = d->bits;
    mark->state = d->window;
    mark->state_len = len;
    return ROVE_OK;
}

int32_t rv_inflater_resume(struct rv_inflater *d, const struct rove_mark *mark)
{
    int rc = Z_OK;

    d->resumed = true;
    if (rv_mark_is_fresh(mark)) {
        return ROVE_OK;
    }
    if (mark->flags != 0 || mark->bits > 7 || mark->state_len > RV_DEFLATE_PAST) {
        return rv_fail(d->host, ROVE_E_FORMAT, "this is no mark in deflate data");
    }
    (void) inflateReset(&d->z); // of a dictionary
    if (mark->state_len > 0) {
        rc = inflateSetDictionary(&d->z, mark->state, mark->state_len);
    }
    d->unsummed = true;
    d->bits = d->prime = (uint8_t) mark->bits;
    d->place = d->prime > 0 ? RV_PLACE_NONE : RV_PLACE_BORDER;
    return rv_zlib_opened(d->host, rc);
}

// Takes the bits that belong to the first block, of the byte before it.
static void prime(struct rv_inflater *d, struct rove_in *in)
{
    (void) inflatePrime(&d->z, d->prime, in->ptr[0] >> (8 - d->prime)); // fails only for more than 16 bits
    rv_in_skip(in, 1);
    d->prime = 0;
    d->place = RV_PLACE_BORDER;
}

// Whether inflate() is to stop at the borders of blocks, which costs a copy of the window at each. Where the input may
// end at one, only that in its last byte matters; so the last byte of each span is taken by itself.
static int how_far(const struct rv_inflater *d, uInt *in_len)
{
    if (d->resumed && !d->mark_wanted && *in_len > 1) {
        *in_len -= 1;
        return Z_FINISH;
    }
    return d->mark_wanted || d->resumed ? Z_BLOCK : Z_FINISH;
}

// Returns zlib's answer. It is Z_BUF_ERROR, too, when a border was reached by bits that it held already.
static int advance(struct rv_inflater *d, int flush)
{
    enum { BORDER = 128, LAST = 64 };
    int rc = inflate(&d->z, flush), at = d->z.data_type & (BORDER | LAST);

    if (at == (BORDER | LAST) && (rc == Z_OK || rc == Z_BUF_ERROR)) {
        rc = inflate(&d->z, Z_FINISH); // from the end of the last block to that of the stream
    }
    d->bits = d->z.data_type & 7;
    d->place = rc == Z_STREAM_END ? RV_PLACE_END : at == BORDER ? RV_PLACE_BORDER : RV_PLACE_NONE;
    return rc;
}

// One call of inflate(), spans and sum carried on. Returns zlib's answer.
static int expand(struct rv_inflater *d, struct rove_in *in, struct rove_out *out)
{
    uInt in_len = (uInt) rv_min(in->len, UINT_MAX);
    uInt out_len = (uInt) rv_min(out->len, INFLATE_PIECE);
    int flush = how_far(d, &in_len), rc;
    size_t made;

    d->z.next_in = in->ptr;
    d->z.avail_in = in_len;
    d->z.next_out = out_len > 0 ? out->ptr : &d->none;
    d->z.avail_out = out_len;
    rc = advance(d, flush);
    made = out_len - d->z.avail_out;
    if (made > 0) {
        if (d->wrap->sum != NULL && !d->unsummed) {
            d->sum = d->wrap->sum->add(d->sum, out->ptr, made);
        }
        d->total += made;
        rv_out_skip(out, made);
    }
    rv_in_skip(in, in_len - d->z.avail_in);
    return rc;
}

static int32_t damaged(struct rv_inflater *d, uint64_t member)
{
    const char *why = d->z.msg == NULL ? "the deflate data makes no sense" : d->z.msg;

    if (member == 0) {
        return rv_fail(d->host, ROVE_E_DATA, "damaged deflate data: %s", why);
    }
    return rv_fail(d->host, ROVE_E_DATA, "member %llu has damaged deflate data: %s",
                   (unsigned long long) member, why);
}

int32_t rv_inflater_body(struct rv_inflater *d, struct rove_in *in, struct rove_out *out,
                         uint32_t act, uint64_t member)
{
    static const char cut[] = "the deflate data ends too early";

    for (;;) {
        if (d->prime > 0 && in->len > 0) {
            prime(d, in);
        }
        if (d->place == RV_PLACE_BORDER && in->len == 0) {
            return rv_starved(d->host, act, d->resumed ? NULL : cut);
        }
        switch (expand(d, in, out)) {
        case Z_STREAM_END:
            return RV_STEP;
        case Z_MEM_ERROR:
            return ROVE_E_NOMEM;
        case Z_OK:
        case Z_BUF_ERROR:
            break;
        default:
            return damaged(d, member);
        }
        if (d->place == RV_PLACE_BORDER && !d->mark_wanted) {
            continue;
        }
        if (d->z.avail_out > 0 && in->len == 0 && d->place == RV_PLACE_NONE) { // it would have gone on, had there been more
            return rv_starved(d->host, act, cut);
        }
        if (out->len == 0 || d->place == RV_PLACE_BORDER) {
            return ROVE_OK;
        }
    }
}
