// SPDX-License-Identifier: MIT
// sleep.h: pins, which keep a chunk's payload in memory while someone looks at it.
#ifndef RV_SLEEP_H
#define RV_SLEEP_H

#include "chunk/layout.h"

// On once there is a pool whose chunks may sleep. Until then a pin costs one predictable branch and
// does not look at the descriptor, which a reader has no other reason to touch.
extern rv_switch rv_chunks_sleep;

// Wakes a chunk whose pin was counted already; on failure the pin is taken back.
enum rove_status rv_chunk_wake(struct rv_chunk *chunk);

// Makes the payload reachable, at the address it always has, until rv_chunk_unpin(). The caller
// holds the chunk. A chunk comes pinned from rv_chunk_take(). Returns ROVE_E_IO, ROVE_E_CHECKSUM,
// ROVE_E_LIMIT or ROVE_E_NOMEM when it cannot be woken.
static inline enum rove_status rv_chunk_pin(struct rv_chunk *chunk)
{
    if (RV_LIKELY(!rv_switch_is_on(&rv_chunks_sleep)) || !chunk->may_sleep)
        return ROVE_OK;
    uint32_t before = rv_sleep_pin(&chunk->sleep);
    return before & (RV_ASLEEP | RV_BUSY) ? rv_chunk_wake(chunk) : ROVE_OK;
}

static inline void rv_chunk_unpin(struct rv_chunk *chunk)
{
    if (RV_UNLIKELY(rv_switch_is_on(&rv_chunks_sleep)) && chunk->may_sleep)
        rv_sleep_unpin(&chunk->sleep);
}

// Says that the payload of a pinned chunk is about to be changed.
void rv_chunk_touch(struct rv_chunk *chunk);

#endif
