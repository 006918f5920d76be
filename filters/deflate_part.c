// SPDX-License-Identifier: MIT
// deflate_part.c: zlib's deflate over spans, so that the coded bytes do not depend on how they were cut.
//
// deflate() may stop anywhere because the room ended, and its documentation asks for more than six bytes of
// room when flushing, "to avoid repeated flush markers": with less it can not be told whether the marker has
// been written. A chunk may end anywhere, so a flush is done in two calls that have no such trap:
//
//   1. Z_BLOCK until room is left over: all input is out but for at most seven bits. Repeating
//      this call writes nothing twice.
//   2. Z_SYNC_FLUSH into `spare`, where the marker (at most six bytes) always fits.
//
// Level 0 is not zlib's: the lengths of its stored blocks follow from the room it is given.
//
// The past. Behind a flush zlib's window holds the last 2^window - 262 plain bytes or more, all that there are
// if less: it moves down by half only with so many left, because no match reaches farther back. So the
// bytes before the next part need not be kept by anybody while the bytes flow; and more of them would change
// nothing.
#include "deflate_part.h"

#include <limits.h>

// zlib counts in unsigned int, and a sum should follow its bytes while they are in the cache.
#define PIECE ((size_t) 256 * 1024)

#define OUT_OF_REACH 262 // MIN_LOOKAHEAD of zlib: the end of the window that no match reaches
#define MARKER_MAX 6     // bytes that a flush writes behind its last block

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

void rv_zlib_borrow(z_stream *z, const struct rove_host *host)
{
    z->zalloc = zalloc;
    z->zfree = zfree;
    z->opaque = (voidpf) (uintptr_t) host;
}

int32_t rv_zlib_opened(const struct rove_host *host, int rc)
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

// stored ----------------------------------------------------------------------------------------

static size_t stored_worst(const void *st, size_t len)
{
    (void) st;
    return len + RV_STORED_HEAD;
}

static size_t store(void *st, struct rove_in block, struct rove_out room, uint32_t act)
{
    (void) st;
    return rv_put_stored(room.ptr, block, act == ROVE_FINISH);
}

static int32_t run_stored(struct rv_deflate_part *p, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct rove_in was = *in;
    int32_t rc = rv_blocks_run(&p->stored, in, out, act);
    size_t taken = was.len - in->len;

    if (taken > 0) {
        p->sum = p->summing == NULL ? 0 : p->summing->add(p->sum, was.ptr, taken);
        p->len += taken;
    }
    return rc;
}

// life ------------------------------------------------------------------------------------------

// A block that does not shrink is stored if the window still holds it. Where no matches are looked for, the window moves when
// the input is used up, so that for a block of more than half of the window it depends on the cuts of the input whether it was
// moved meanwhile. A block has 2^(mem + 6) symbols, so the window is made larger than asked for, which nobody refers to then.
static void keep_blocks_in_window(int strategy, int *window, int *mem)
{
    if (strategy != Z_HUFFMAN_ONLY) {
        return;
    }
    *mem = *mem < MAX_WBITS - 7 ? *mem : MAX_WBITS - 7;
    *window = *window > *mem + 7 ? *window : *mem + 7;
}

static int32_t open_zlib(struct rv_deflate_part *p, const struct rove_host *host, const struct rv_deflate_options *o)
{
    int window = o->window, mem = o->mem;
    int32_t rc;

    keep_blocks_in_window(o->strategy, &window, &mem);
    rv_zlib_borrow(&p->z, host);
    rc = rv_zlib_opened(host, deflateInit2(&p->z, o->level, Z_DEFLATED, -window, mem, o->strategy));
    if (rc == ROVE_OK && o->strategy != Z_HUFFMAN_ONLY) {
        p->past_max = (1u << o->window) - OUT_OF_REACH;
    }
    return rc;
}

int32_t rv_deflate_part_open(struct rv_deflate_part *p, const struct rove_host *host, const struct rv_deflate_options *options)
{
    static const struct rv_block_codec codec = {RV_STORED_MAX, stored_worst, store};

    p->stored.host = host;
    p->stored.codec = &codec;
    p->summing = options->sum;
    p->stores = options->level == 0;
    if (!p->stores) {
        int32_t rc = open_zlib(p, host, options);

        if (rc != ROVE_OK) {
            return rc;
        }
    }
    return rv_deflate_part_begin(p, NULL, 0);
}

int32_t rv_deflate_part_begin(struct rv_deflate_part *p, const uint8_t *past, size_t past_len)
{
    p->sum = p->summing == NULL ? 0 : p->summing->start;
    p->len = 0;
    p->dirty = p->done = false;
    p->spare_len = p->pos = 0;
    if (p->stores) {
        rv_blocks_reset(&p->stored);
        return ROVE_OK;
    }
    if (p->used && deflateReset(&p->z) != Z_OK) {
        return ROVE_E_STATE;
    }
    p->used = past_len > 0;
    if (past_len > 0 && deflateSetDictionary(&p->z, past, (uInt) past_len) != Z_OK) {
        return rv_fail(p->stored.host, ROVE_E_ARG, "zlib refuses the dictionary");
    }
    return ROVE_OK;
}

int32_t rv_deflate_part_reserve(struct rv_deflate_part *p)
{
    return p->stores ? rv_blocks_begin_part(&p->stored) : ROVE_OK;
}

void rv_deflate_part_close(struct rv_deflate_part *p)
{
    rv_blocks_close(&p->stored);
    if (!p->stores) {
        (void) deflateEnd(&p->z);
    }
}

int32_t rv_deflate_part_past(struct rv_deflate_part *p, uint8_t *room, size_t len, const uint8_t **past_out)
{
    uInt have = 0;

    if (len > 0 && (deflateGetDictionary(&p->z, room, &have) != Z_OK || have < len)) {
        return rv_fail(p->stored.host, ROVE_E_STATE, "zlib has kept less than it looks back");
    }
    *past_out = room + have - len;
    return ROVE_OK;
}

uint64_t rv_deflate_part_bound(const struct rv_deflate_part *p, uint64_t len)
{
    if (p->stores) {
        return rv_sat_add(len, RV_STORED_HEAD * (len / RV_STORED_MAX + 1));
    }
    if (len > ULONG_MAX / 2) {
        return UINT64_MAX;
    }
    return deflateBound((z_stream *) (uintptr_t) &p->z, (uLong) len) + MARKER_MAX; // changes nothing in it
}

// coding ----------------------------------------------------------------------------------------

// One call of deflate(), spans and sum carried on. Returns zlib's answer.
static int press(struct rv_deflate_part *p, struct rove_in *in, struct rove_out *out, int flush)
{
    uInt in_len = (uInt) rv_min(in->len, PIECE);
    uInt out_len = (uInt) rv_min(out->len, PIECE);
    size_t taken;
    int rc;

    p->z.next_in = in->ptr;
    p->z.avail_in = in_len;
    p->z.next_out = out->ptr;
    p->z.avail_out = out_len;
    p->used = true;
    rc = deflate(&p->z, in->len > in_len ? Z_NO_FLUSH : flush);
    taken = in_len - p->z.avail_in;
    if (taken > 0) {
        p->sum = p->summing == NULL ? 0 : p->summing->add(p->sum, in->ptr, taken);
        p->len += taken;
        p->dirty = true;
        rv_in_skip(in, taken);
    }
    rv_out_skip(out, out_len - p->z.avail_out);
    return rc;
}

// Step 2 of a flush; see the top.
static int32_t write_marker(struct rv_deflate_part *p)
{
    struct rove_in none = {NULL, 0};
    struct rove_out out = {p->spare, sizeof p->spare};

    if (press(p, &none, &out, Z_SYNC_FLUSH) != Z_OK) {
        return rv_fail(p->stored.host, ROVE_E_STATE, "zlib refused to flush");
    }
    p->spare_len = sizeof p->spare - out.len;
    p->pos = 0;
    p->dirty = false;
    return RV_STEP;
}

// Goes on until there is nothing to do for `act`, a marker waits (RV_STEP), or the room ends.
static int32_t code(struct rv_deflate_part *p, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    static const int flush_of[] = {
        [ROVE_RUN] = Z_NO_FLUSH, [ROVE_FLUSH] = Z_BLOCK, [ROVE_FINISH] = Z_FINISH};

    while (out->len > 0 && !p->done) {
        int rc;

        if (in->len == 0 && act == ROVE_RUN) {
            return ROVE_OK;
        }
        if (in->len == 0 && act == ROVE_FLUSH && !p->dirty) {
            return ROVE_END;
        }
        rc = press(p, in, out, flush_of[act]);
        p->done = rc == Z_STREAM_END;
        if (rc != Z_OK && rc != Z_BUF_ERROR && rc != Z_STREAM_END) {
            return rv_fail(p->stored.host, ROVE_E_STATE, "zlib refused the call");
        }
        if (act == ROVE_FLUSH && in->len == 0 && out->len > 0 && p->z.avail_out > 0) {
            return write_marker(p);
        }
    }
    return p->done || (act == ROVE_FLUSH && in->len == 0 && !p->dirty) ? ROVE_END : ROVE_OK;
}

int32_t rv_deflate_part_run(struct rv_deflate_part *p, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    int32_t rc;

    if (p->stores) {
        return run_stored(p, in, out, act);
    }
    do {
        if (!rv_drain(p->spare, p->spare_len, &p->pos, out)) {
            return ROVE_OK;
        }
        rc = code(p, in, out, act);
    } while (rc == RV_STEP);
    return rc;
}
