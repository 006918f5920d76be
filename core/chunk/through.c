// SPDX-License-Identifier: MIT
// through.c: whole pieces, parts of one, and when to wake instead.
#include "chunk/through.h"

#include "base/arith.h"
#include "chunk/block.h"
#include "chunk/raw.h"
#include "chunk/sleep.h"
#include "chunk/spill.h"
#include "chunk/spill_file.h"
#include "chunk/store.h"

#include <string.h>

#define HOT 4u // visits

// The piece that was read last; under the spill file's lock.
struct rv_through {
    const struct rv_chunk *chunk;
    unsigned piece;
    uint64_t sum;
    uint8_t bytes[];
};

bool rv_through_open(struct rove_pool *pool, enum rove_status *why_out)
{
    size_t len = sizeof(struct rv_through) + pool->spill->piece_len;
    struct rv_through *through = rv_pool_get(pool, len, RV_SLAB_ALIGN, why_out);
    if (!through)
        return false;
    through->chunk = NULL;
    pool->spill->through = through;
    return true;
}

void rv_through_close(struct rove_pool *pool)
{
    struct rv_through *through = pool->spill ? pool->spill->through : NULL;
    if (!through)
        return;
    rv_pool_put(pool, through, sizeof *through + pool->spill->piece_len, RV_SLAB_ALIGN);
}

uint8_t *rv_through_lend(struct rove_pool *pool)
{
    struct rv_budget *budget = pool->budget;
    size_t len = pool->spill->piece_len;
    enum rove_status why;
    if (!rv_figure_add_within(&budget->lent, len, budget->limit / RV_LEND_SHARE))
        return NULL;
    uint8_t *piece = rv_pool_alloc(pool, len, &why);
    if (!piece)
        rv_figure_add(&budget->lent, -(uint64_t) len);
    return piece;
}

void rv_through_unlend(struct rove_pool *pool, uint8_t *piece)
{
    size_t len = pool->spill->piece_len;
    rv_pool_free(pool, piece, len);
    rv_figure_add(&pool->budget->lent, -(uint64_t) len);
}

// Notes a read that begins in a piece; tells whether the chunk had better be awake. With the pool's lock.
static bool is_hot(struct rove_pool *pool, const struct rv_chunk *chunk, unsigned piece, unsigned cnt)
{
    struct rv_bed *bed = rv_slab_bed(chunk);
    uint64_t room = pool->budget->limit / pool->chunk_len + 1;
    uint8_t round = (uint8_t) (pool->spill->read_cnt++ / room);
    uint8_t past = (uint8_t) (round - bed->round);
    bed->heat = (uint8_t) (past < 8 ? bed->heat >> past : 0);
    bed->round = round;
    bool goes_on = piece == bed->next || (piece + 1 == bed->next && cnt > 1);
    bed->heat = (uint8_t) (bed->heat + (!goes_on && bed->heat < HOT));
    bed->next = (uint16_t) (piece + cnt);
    return bed->heat >= HOT;
}

// Tells whether a chunk sleeps and stays as it is until it is unpinned or woken.
static bool is_at_rest(const struct rv_chunk *chunk)
{
    return (rv_sleep_get(&chunk->sleep) & (RV_ASLEEP | RV_BUSY)) == RV_ASLEEP;
}

// Waits until the chunk is not on its way to the file, and wakes it where that is better. Tells whether it
// is awake. When there is no room, it takes as many visits again before some is looked for.
static bool wakes(struct rv_chunk *chunk, unsigned piece, unsigned cnt)
{
    struct rove_pool *pool = chunk->pool;
    bool no_room, awake;
    rv_lock_enter(&pool->lock);
    awake = !(rv_sleep_get(&chunk->sleep) & RV_ASLEEP);
    if (!awake && is_hot(pool, chunk, piece, cnt)) {
        awake = rv_spill_wake(pool, chunk, &no_room) == ROVE_OK;
        rv_slab_bed(chunk)->heat = 0;
    }
    rv_lock_leave(&pool->lock);
    return awake;
}

static enum rove_status read_pieces(const struct rv_chunk *chunk, unsigned first, unsigned cnt,
                                    uint8_t *to)
{
    enum rove_status status = rv_spill_read(chunk, first, cnt, to);
    if (status == ROVE_E_CHECKSUM)
        memset(to, 0, cnt * chunk->pool->spill->piece_len);
    return status;
}

// Tells whether the pool's piece is this one. With its lock.
static bool is_there(const struct rv_through *through, const struct rv_chunk *chunk, unsigned piece)
{
    return through->chunk == chunk && through->piece == piece &&
           through->sum == rv_slab_sums(chunk)[piece];
}

// Sees to it that it is.
static enum rove_status load(struct rv_through *through, const struct rv_chunk *chunk, unsigned piece)
{
    if (is_there(through, chunk, piece))
        return ROVE_OK;
    through->chunk = NULL;
    enum rove_status status = rv_spill_read(chunk, piece, 1, through->bytes);
    if (status)
        return status;
    through->chunk = chunk;
    through->piece = piece;
    through->sum = rv_slab_sums(chunk)[piece];
    return ROVE_OK;
}

// Reads from the pool's piece if that has it all.
static bool read_there(const struct rv_chunk *chunk, size_t off, uint8_t *to, size_t len)
{
    struct rv_spill *spill = chunk->pool->spill;
    size_t piece_len = spill->piece_len, skip = off % piece_len;
    if (len > piece_len - skip)
        return false;
    rv_lock_enter(&spill->lock);
    bool there = is_there(spill->through, chunk, (unsigned) (off / piece_len));
    if (there)
        memcpy(to, spill->through->bytes + skip, len);
    rv_lock_leave(&spill->lock);
    return there;
}

static enum rove_status read_part(const struct rv_chunk *chunk, unsigned piece, size_t skip,
                                  uint8_t *to, size_t len)
{
    struct rv_spill *spill = chunk->pool->spill;
    rv_lock_enter(&spill->lock);
    enum rove_status status = load(spill->through, chunk, piece);
    if (status == ROVE_OK)
        memcpy(to, spill->through->bytes + skip, len);
    rv_lock_leave(&spill->lock);
    return status;
}

enum rove_status rv_chunk_read_through(struct rv_chunk *chunk, const uint8_t *at, uint8_t *to,
                                       size_t len)
{
    size_t piece_len = chunk->pool->spill->piece_len, off = (size_t) (at - chunk->data);
    unsigned first = (unsigned) (off / piece_len), last = (unsigned) ((off + len - 1) / piece_len);
    enum rove_status status = ROVE_OK;
    RV_ASSERT(len);
    if (is_at_rest(chunk) && read_there(chunk, off, to, len))
        return ROVE_OK;
    if (wakes(chunk, first, last - first + 1)) {
        memcpy(to, at, len);
        return ROVE_OK;
    }
    while (len && status == ROVE_OK) {
        unsigned piece = (unsigned) (off / piece_len);
        size_t skip = off % piece_len, cnt = skip ? 0 : len / piece_len;
        size_t n = cnt ? cnt * piece_len : rv_min_size(piece_len - skip, len);
        status = cnt ? read_pieces(chunk, piece, (unsigned) cnt, to)
                     : read_part(chunk, piece, skip, to, n);
        off += n;
        to += n;
        len -= n;
    }
    return status;
}
