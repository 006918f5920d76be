// SPDX-License-Identifier: MIT
// sleep.h: pins, which keep a chunk's payload in memory while someone looks at it.
#ifndef RV_SLEEP_H
#define RV_SLEEP_H

#include "chunk/slab.h"

#include <string.h>

#define RV_PINS (RV_USED - 1) // the bits of a chunk's state that count pins

// On once there is a pool whose chunks may sleep. Until then a pin costs one predictable branch and
// does not look at the descriptor, which a reader has no other reason to touch.
extern rv_switch rv_chunks_sleep RV_OURS;

// Wakes a chunk whose pin was counted already; on failure the pin is taken back.
enum rove_status rv_chunk_wake(struct rv_chunk *chunk);

// How many bytes one call may pin at once, a chunk at least, so that others and the next call find
// room, too. Without sleep: no limit.
static inline uint64_t rv_pool_pin_most(const struct rove_pool *pool)
{
    uint64_t share = pool->budget->limit / RV_PIN_SHARE;
    return !pool->spill ? UINT64_MAX : share > pool->chunk_len ? share : pool->chunk_len;
}

// Makes the payload reachable, at the address it always has, until rv_chunk_unpin(). The caller
// holds the chunk. A chunk comes pinned from rv_chunk_take(). Returns ROVE_E_IO, ROVE_E_CHECKSUM or
// ROVE_E_LIMIT when it cannot be woken.
static inline enum rove_status rv_chunk_pin(struct rv_chunk *chunk)
{
    if (RV_LIKELY(!rv_switch_is_on(&rv_chunks_sleep)) || !chunk->may_sleep)
        return ROVE_OK;
    uint32_t before = rv_sleep_pin(&chunk->sleep);
    return before & (RV_ASLEEP | RV_BUSY) ? rv_chunk_wake(chunk) : ROVE_OK;
}

// What a pin that was just taken keeps awake and nobody else's does: all of the chunk, or nothing.
static inline uint64_t rv_chunk_pin_cost(const struct rv_chunk *chunk)
{
    bool can = RV_UNLIKELY(rv_switch_is_on(&rv_chunks_sleep)) && chunk->may_sleep;
    return can && (rv_sleep_get(&chunk->sleep) & RV_PINS) == 1 ? chunk->cap : 0;
}

// Copies bytes of a pinned chunk that was not awake when it was pinned; see through.h.
enum rove_status rv_chunk_read_through(struct rv_chunk *chunk, const uint8_t *at, uint8_t *to,
                                       size_t len);

static inline void rv_chunk_unpin(struct rv_chunk *chunk)
{
    if (RV_UNLIKELY(rv_switch_is_on(&rv_chunks_sleep)) && chunk->may_sleep)
        rv_sleep_unpin(&chunk->sleep);
}

// Tells whether a chunk sleeps, as far as anybody can tell who has not pinned it.
static inline bool rv_chunk_is_asleep(const struct rv_chunk *chunk)
{
    return RV_UNLIKELY(rv_switch_is_on(&rv_chunks_sleep)) && chunk->may_sleep &&
           rv_sleep_get(&chunk->sleep) & RV_ASLEEP;
}

// Copies len bytes at `at` in the payload out, of a chunk that the caller holds. One that sleeps is
// woken for it only where that is cheaper. Fails as rv_chunk_pin() does; `to` then holds no bytes that
// did not pass their check.
static inline enum rove_status rv_chunk_read(struct rv_chunk *chunk, const uint8_t *at, uint8_t *to,
                                             size_t len)
{
    bool can = RV_UNLIKELY(rv_switch_is_on(&rv_chunks_sleep)) && chunk->may_sleep;
    enum rove_status status = ROVE_OK;
    if (can && rv_sleep_pin(&chunk->sleep) & (RV_ASLEEP | RV_BUSY))
        status = rv_chunk_read_through(chunk, at, to, len);
    else
        memcpy(to, at, len);
    if (can)
        rv_sleep_unpin(&chunk->sleep);
    return status;
}

// Tells whether a pinned chunk is its pool's guest (see spill.h), which keeps others from waking as
// long as it is pinned. Who goes on to pin another, or returns to the program, lets it go first.
static inline bool rv_chunk_is_guest(const struct rv_chunk *chunk)
{
    return RV_UNLIKELY(rv_switch_is_on(&rv_chunks_sleep)) && chunk->may_sleep &&
           rv_slab_bed(chunk)->guest; // changes only while nobody has it pinned
}

// Like rv_chunk_pin(), for who is going to change the payload. Not the pool's guest (ROVE_E_LIMIT): it could not make way
// for the next where the disk is full by then.
static inline enum rove_status rv_chunk_pin_to_write(struct rv_chunk *chunk)
{
    enum rove_status status = rv_chunk_pin(chunk);
    if (status || RV_LIKELY(!rv_chunk_is_guest(chunk)))
        return status;
    rv_chunk_unpin(chunk);
    return ROVE_E_LIMIT;
}

// Lends a pinned chunk to a stream's window, which may stay there for ever; ended by rv_chunk_unlend().
// False where that would be in the way of others: the pin is to be taken back before the program goes on.
static inline bool rv_chunk_lend(struct rv_chunk *chunk)
{
    if (RV_LIKELY(!rv_switch_is_on(&rv_chunks_sleep)) || !chunk->may_sleep)
        return true;
    struct rv_budget *budget = chunk->pool->budget;
    return !rv_chunk_is_guest(chunk) &&
           rv_figure_add_within(&budget->lent, chunk->cap, budget->limit / RV_LEND_SHARE);
}

// The pin stays, too.
static inline void rv_chunk_unlend(struct rv_chunk *chunk)
{
    if (RV_UNLIKELY(rv_switch_is_on(&rv_chunks_sleep)) && chunk->may_sleep)
        rv_figure_add(&chunk->pool->budget->lent, -(uint64_t) chunk->cap);
}

// Says that the payload of a pinned chunk, no guest, is about to be changed: bytes of it that nobody else has. So others may
// say the same of theirs at the same time, and who looks has claimed the chunk from all of them.
static inline void rv_chunk_touch(struct rv_chunk *chunk)
{
    if (RV_UNLIKELY(rv_switch_is_on(&rv_chunks_sleep)) && chunk->may_sleep)
        rv_switch_turn(&rv_slab_bed(chunk)->saved, false);
}

#endif
