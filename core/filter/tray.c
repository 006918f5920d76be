// SPDX-License-Identifier: MIT
// tray.c: chunks for output, larger than the pool's where a filter wants that.
#include "filter/tray.h"

#include "base/arith.h"

#define CHUNKS_MAX 64u        // a tray is at most so many of the pool's chunks …
#define LEN_MAX (4u << 20)    // … and so many bytes, unless one chunk is more
#define REST_SHARE 16u        // this part of a chunk, or less, is not worth going on in
#define ALIGN 64u             // of what is copied much: else memcpy() takes half as long again

size_t rv_tray_len(const struct rove_pool *pool, size_t block_len)
{
    size_t chunk_len = pool->chunk_len, most;
    if (rv_mul_size(chunk_len, CHUNKS_MAX, &most) || most > LEN_MAX)
        most = LEN_MAX;
    return rv_max_size(chunk_len, rv_min_size(block_len, most));
}

// The byte before the payload tells how far into the block that begins: 16 to 64 bytes.
static void give_block(void *arg, const void *ptr, size_t len)
{
    uint8_t *payload = (uint8_t *) (uintptr_t) ptr;
    rv_pool_free(arg, payload - payload[-1], len + ALIGN);
}

// A chunk longer than the pool's: a block, adopted.
static struct rv_chunk *take_long(struct rove_pool *pool, size_t len, enum rove_status *why_out)
{
    uint8_t *block = rv_pool_alloc(pool, len + ALIGN, why_out); // at most LEN_MAX and this
    if (!block)
        return NULL;
    size_t shift = ALIGN - (uintptr_t) block % ALIGN;
    block[shift - 1] = (uint8_t) shift;
    struct rove_span memory = {block + shift, len};
    struct rv_chunk *chunk = rv_chunk_adopt(pool, memory, give_block, pool, why_out);
    if (!chunk)
        rv_pool_free(pool, block, len + ALIGN);
    return chunk;
}

static void begin(struct rv_tray *tray)
{
    tray->from = tray->ready = tray->at = tray->base;
}

static enum rove_status take(struct rv_tray *tray, struct rv_means *means, size_t len)
{
    struct rove_pool *pool = means->pool;
    enum rove_status why = ROVE_OK;
    means->why[0] = 0;
    means->passed = NULL;
    struct rv_chunk *chunk =
        len > pool->chunk_len ? take_long(pool, len, &why) : rv_chunk_take(pool, len, &why);
    if (!chunk)
        return why;
    if (!rv_means_take(means, chunk->cap)) {
        rv_chunk_drop(chunk);
        rv_means_pass(means, "its buffers want more memory than the chain may have", "memory",
                      means->limit);
        return ROVE_E_LIMIT;
    }
    rv_mark_set(&chunk->mark, chunk->cap); // all of it is ours, whoever else holds a part
    *tray = (struct rv_tray){.chunk = chunk, .base = chunk->data, .end = chunk->data + chunk->cap};
    begin(tray);
    return ROVE_OK;
}

void rv_tray_drop(struct rv_tray *tray, struct rv_means *means)
{
    if (!tray->chunk)
        return;
    rv_means_give(means, tray->chunk->cap);
    rv_chunk_drop(tray->chunk);
    *tray = (struct rv_tray){.chunk = NULL};
}

void rv_tray_restart(struct rv_tray *tray, struct rv_means *means)
{
    if (tray->chunk && !rv_tally_one(&tray->chunk->refs))
        rv_tray_drop(tray, means);
    begin(tray);
}

enum rove_status rv_tray_make_room(struct rv_tray *tray, struct rv_means *means, size_t len,
                                   bool fresh)
{
    if (tray->chunk && tray->from == tray->at) {
        if (rv_tally_one(&tray->chunk->refs))
            begin(tray);
        else if (fresh || rv_tray_room(tray) <= tray->chunk->cap / REST_SHARE)
            rv_tray_drop(tray, means);
    }
    if (tray->at < tray->end)
        return ROVE_OK;
    RV_ASSERT(!tray->chunk); // one without room was dropped, or begun anew
    return take(tray, means, len);
}
