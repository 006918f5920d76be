// SPDX-License-Identifier: MIT
// through.h: reading what sleeps without waking it.
//
// Waking 64 KiB costs 50 us, of which the bytes are 10: the rest is the kernel's taking pages from one
// chunk and giving them to another. So bytes that are only to be copied out come straight from the file:
//
//     whole pieces  ──pread──> caller's memory, verified there
//     part of one   ──pread──> the pool's piece, verified ──copy──> caller's memory
//
// 1. The chunk stays pinned meanwhile, so that nobody writes to its place in the file, nor to its sums.
//    Waking it at the same time is allowed: the file keeps the bytes until it goes to sleep again.
// 2. The pool's piece is counted from the pool's first moment to its last. It keeps the last piece that was
//    read, and its checksum tells whether it still is the one that is wanted, so that readers who go on
//    by small steps read each piece once.
// 3. A chunk wakes when it is read again and again: reads that go on where the last one ended are one
//    visit, and four visits are enough. In each round of as many reads as there is room for chunks
//    visits count half of what they did, so that those do not wake which would have gone back to sleep
//    before they are wanted again, when many more are read here and there.
#ifndef RV_THROUGH_H
#define RV_THROUGH_H

#include "chunk/layout.h"

// Takes what a pool needs to read through. False: *why_out tells why. No lock.
bool rv_through_open(struct rove_pool *pool, enum rove_status *why_out);

// Gives it back. No lock; nothing lives any more.
void rv_through_close(struct rove_pool *pool);

// Room for a piece of what sleeps in the pool, for a stream's window, which may keep it for ever: it counts
// among what streams may have pinned (rv_chunk_lend). NULL where that would be in the way of others, or
// there is no memory.
uint8_t *rv_through_lend(struct rove_pool *pool);
void rv_through_unlend(struct rove_pool *pool, uint8_t *piece);

#endif
