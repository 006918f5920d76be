// SPDX-License-Identifier: MIT
// zlib_core.c: raw deflate and inflate over spans, for the three wrappings.
//
// Encoding. deflate() may stop anywhere because the room ended, and its documentation asks for more
// than six bytes of room when flushing, "to avoid repeated flush markers": with less it can not be
// told whether the marker has been written. A chunk may end anywhere, so a flush is done in two
// calls that have no such trap:
//
//   1. Z_BLOCK until room is left over: all input is out but for at most seven bits. Repeating
//      this call writes nothing twice.
//   2. Z_SYNC_FLUSH into `spare`, where the marker (at most six bytes) always fits.
//
// So the coded bytes do not depend on how the room was cut.
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
#define DEFLATE_PIECE ((size_t) 256 * 1024)
#define INFLATE_PIECE ((size_t) 1024 * 1024)

enum { HEAD, BODY, MARK, TAIL, DONE };

const char *const rv_zlib_strategies[] = {
    // the index is zlib's number
    [Z_DEFAULT_STRATEGY] = "default", [Z_FILTERED] = "filtered", [Z_HUFFMAN_ONLY] = "huffman",
    [Z_RLE] = "rle",                  [Z_FIXED] = "fixed",       NULL,
};

static voidpf zalloc(voidpf opaque, uInt items, uInt size)
{
    const struct rove_host *host = opaque;

    if (size > 0 && items > SIZE_MAX / size) {
        return Z_NULL;
    }
    return host->alloc(host->ctx, (size_t) items * size);
}

static void zfree(voidpf opaque, voidpf ptr)
{
    const struct rove_host *host = opaque;

    host->free(host->ctx, ptr);
}

static void borrow_memory(z_stream *z, const struct rove_host *host)
{
    z->zalloc = zalloc;
    z->zfree = zfree;
    z->opaque = (voidpf) (uintptr_t) host;
}

// Copies an option's bytes, which are only there during open().
static uint8_t *keep(const struct rove_host *host, const struct rove_value *value)
{
    uint8_t *copy = host->alloc(host->ctx, value->text_len);

    if (copy != NULL) {
        memcpy(copy, value->text, value->text_len);
    }
    return copy;
}

static int32_t init_status(const struct rove_host *host, int rc)
{
    if (rc == Z_OK) {
        return ROVE_OK;
    }
    if (rc == Z_MEM_ERROR) {
        return ROVE_E_NOMEM;
    }
    if (rc == Z_VERSION_ERROR) {
        return rv_fail(host, ROVE_E_UNSUPPORTED, "the zlib at hand is not the one built against");
    }
    return rv_fail(host, ROVE_E_ARG, "zlib refuses these options");
}

// deflate ---------------------------------------------------------------------------------------

int32_t rv_deflater_open(struct rv_deflater *d, const struct rove_host *host,
                         const struct rv_wrap *wrap, const struct rove_value *values)
{
    int rc;

    d->host = host;
    d->wrap = wrap;
    d->head = d->small;
    d->sum = wrap->sum_start;
    borrow_memory(&d->z, host);
    rc = deflateInit2(&d->z, (int) values[RV_ZOPT_LEVEL].u, Z_DEFLATED,
                      -(int) values[RV_ZOPT_WINDOW].u, (int) values[RV_ZOPT_MEM].u,
                      (int) values[RV_ZOPT_STRATEGY].u);
    return init_status(host, rc);
}

static int32_t set_dict(struct rv_deflater *d)
{
    if (d->dict != NULL && deflateSetDictionary(&d->z, d->dict, d->dict_len) != Z_OK) {
        return rv_fail(d->host, ROVE_E_ARG, "zlib refuses the preset dictionary");
    }
    return ROVE_OK;
}

int32_t rv_deflater_dict(struct rv_deflater *d, const struct rove_value *dict)
{
    if (dict->text == NULL || dict->text_len == 0) {
        return ROVE_OK;
    }
    d->dict = keep(d->host, dict);
    d->dict_len = dict->text_len;
    return d->dict == NULL ? ROVE_E_NOMEM : set_dict(d);
}

int32_t rv_deflater_head(struct rv_deflater *d, size_t len)
{
    if (len > sizeof d->small) {
        d->head = d->host->alloc(d->host->ctx, len);
        if (d->head == NULL) {
            return ROVE_E_NOMEM;
        }
    }
    d->head_len = len;
    return ROVE_OK;
}

void rv_deflater_close(void *st)
{
    struct rv_deflater *d = st;

    (void) deflateEnd(&d->z);
    d->host->free(d->host->ctx, d->dict);
    if (d->head != d->small) {
        d->host->free(d->host->ctx, d->head);
    }
}

int32_t rv_deflater_reset(void *st)
{
    struct rv_deflater *d = st;

    if (deflateReset(&d->z) != Z_OK) {
        return ROVE_E_STATE;
    }
    d->sum = d->wrap->sum_start;
    d->total = 0;
    d->phase = HEAD;
    d->dirty = false;
    d->spare_len = 0;
    d->pos = 0;
    return set_dict(d);
}

uint64_t rv_deflater_bound(const void *st, uint64_t in_len)
{
    const struct rv_deflater *d = st;
    uint64_t body;

    if (in_len > ULONG_MAX / 2) {
        return UINT64_MAX;
    }
    body = deflateBound((z_stream *) (uintptr_t) &d->z, (uLong) in_len); // changes nothing in it
    return rv_sat_add(body, d->head_len + sizeof d->spare);
}

// One call of deflate(), spans and sum carried on. Returns zlib's answer.
static int press(struct rv_deflater *d, struct rove_in *in, struct rove_out *out, int flush)
{
    uInt in_len = (uInt) rv_min(in->len, DEFLATE_PIECE);
    uInt out_len = (uInt) rv_min(out->len, DEFLATE_PIECE);
    size_t taken;
    int rc;

    d->z.next_in = in->ptr;
    d->z.avail_in = in_len;
    d->z.next_out = out->ptr;
    d->z.avail_out = out_len;
    rc = deflate(&d->z, in->len > in_len ? Z_NO_FLUSH : flush);
    taken = in_len - d->z.avail_in;
    if (taken > 0) {
        if (d->wrap->sum != NULL) {
            d->sum = d->wrap->sum(d->sum, in->ptr, taken);
        }
        d->total += taken;
        d->dirty = true;
        rv_in_skip(in, taken);
    }
    rv_out_skip(out, out_len - d->z.avail_out);
    return rc;
}

static int32_t step_head(struct rv_deflater *d, struct rove_out *out)
{
    if (!rv_drain(d->head, d->head_len, &d->pos, out)) {
        return ROVE_OK;
    }
    d->phase = BODY;
    return RV_STEP;
}

// Step 2 of a flush; see the top.
static int32_t write_marker(struct rv_deflater *d)
{
    struct rove_in none = {NULL, 0};
    struct rove_out out = {d->spare, sizeof d->spare};

    if (press(d, &none, &out, Z_SYNC_FLUSH) != Z_OK) {
        return rv_fail(d->host, ROVE_E_STATE, "zlib refused to flush");
    }
    d->spare_len = sizeof d->spare - out.len;
    d->pos = 0;
    d->dirty = false;
    d->phase = MARK;
    return RV_STEP;
}

static int32_t write_tail(struct rv_deflater *d)
{
    d->spare_len = d->wrap->tail == NULL ? 0 : d->wrap->tail(d->sum, d->total, d->spare);
    d->pos = 0;
    d->phase = TAIL;
    return RV_STEP;
}

static int32_t step_body(struct rv_deflater *d, struct rove_in *in, struct rove_out *out,
                         uint32_t act)
{
    static const int flush_of[] = {
        [ROVE_RUN] = Z_NO_FLUSH, [ROVE_FLUSH] = Z_BLOCK, [ROVE_FINISH] = Z_FINISH};

    while (out->len > 0) {
        int rc;

        if (in->len == 0 && act == ROVE_RUN) {
            return ROVE_OK;
        }
        if (in->len == 0 && act == ROVE_FLUSH && !d->dirty) {
            return ROVE_END;
        }
        rc = press(d, in, out, flush_of[act]);
        if (rc == Z_STREAM_END) {
            return write_tail(d);
        }
        if (rc != Z_OK && rc != Z_BUF_ERROR) {
            return rv_fail(d->host, ROVE_E_STATE, "zlib refused the call");
        }
        if (act == ROVE_FLUSH && in->len == 0 && out->len > 0 && d->z.avail_out > 0) {
            return write_marker(d);
        }
    }
    return act == ROVE_FLUSH && in->len == 0 && !d->dirty ? ROVE_END : ROVE_OK;
}

static int32_t step_spare(struct rv_deflater *d, struct rove_out *out)
{
    if (!rv_drain(d->spare, d->spare_len, &d->pos, out)) {
        return ROVE_OK;
    }
    d->phase = d->phase == MARK ? BODY : DONE;
    return RV_STEP;
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
            rc = step_body(d, in, out, act);
            break;
        case DONE:
            rc = ROVE_END;
            break;
        default:
            rc = step_spare(d, out);
        }
    } while (rc == RV_STEP);
    return rc;
}

// inflate ---------------------------------------------------------------------------------------

int32_t rv_inflater_open(struct rv_inflater *d, const struct rove_host *host,
                         const struct rv_wrap *wrap)
{
    d->host = host;
    d->wrap = wrap;
    d->sum = wrap->sum_start;
    borrow_memory(&d->z, host);
    return init_status(host, inflateInit2(&d->z, -MAX_WBITS));
}

int32_t rv_inflater_keep_dict(struct rv_inflater *d, const struct rove_value *dict)
{
    if (dict->text == NULL || dict->text_len == 0) {
        return ROVE_OK;
    }
    d->dict = keep(d->host, dict);
    d->dict_len = dict->text_len;
    return d->dict == NULL ? ROVE_E_NOMEM : ROVE_OK;
}

int32_t rv_inflater_use_dict(struct rv_inflater *d)
{
    int rc = Z_OK;

    if (d->dict != NULL) {
        rc = inflateSetDictionary(&d->z, d->dict, d->dict_len);
    }
    return init_status(d->host, rc);
}

void rv_inflater_again(struct rv_inflater *d)
{
    (void) inflateReset(&d->z); // fails only for a state that was never opened
    d->sum = d->wrap->sum_start;
    d->total = 0;
}

void rv_inflater_close(struct rv_inflater *d)
{
    (void) inflateEnd(&d->z);
    d->host->free(d->host->ctx, d->dict);
}

// One call of inflate(), spans and sum carried on. Returns zlib's answer.
static int expand(struct rv_inflater *d, struct rove_in *in, struct rove_out *out)
{
    uInt in_len = (uInt) rv_min(in->len, UINT_MAX);
    uInt out_len = (uInt) rv_min(out->len, INFLATE_PIECE);
    size_t made;
    int rc;

    d->z.next_in = in->ptr;
    d->z.avail_in = in_len;
    d->z.next_out = out_len > 0 ? out->ptr : &d->none;
    d->z.avail_out = out_len;
    rc = inflate(&d->z, Z_FINISH);
    made = out_len - d->z.avail_out;
    if (made > 0) {
        if (d->wrap->sum != NULL) {
            d->sum = d->wrap->sum(d->sum, out->ptr, made);
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
    for (;;) {
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
        if (d->z.avail_out > 0 && in->len == 0) { // it would have gone on, had there been more
            return rv_starved(d->host, act, "the deflate data ends too early");
        }
        if (out->len == 0) {
            return ROVE_OK;
        }
    }
}
