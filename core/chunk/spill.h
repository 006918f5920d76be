// SPDX-License-Identifier: MIT
// spill.h: going to sleep and waking.
//
//     awake, pinned ──unpin──> awake ──clock──> busy ──written──> asleep ──pin──> awake
//
// 1. A chunk sleeps only while nobody has it pinned: going to bed is one compare-and-swap from
//    "no pins" (rv_sleep_claim), and whoever pins a chunk that is busy or asleep takes the lock.
// 2. Its address never changes; its pages are given back to the kernel while it sleeps.
// 3. Its place in the file (spill_file.h) follows from its slab's number and its own, so that it costs no
//    memory.
// 4. What was written is checksummed (XXH3, one sum for each piece of 16 KiB) and verified when it is
//    read, to wake it or through (through.h). The bytes of an awake chunk in the
//    file are good until it is written to, so that one which is only read need not be written again.
// 5. A write that fails leaves the chunk awake; nothing is lost. As long as writes fail, chunks whose
//    bytes are in the file already make room for those that are to be woken.
// 6. Who sleeps is decided by a clock over all chunks of the pool: pinned since the last round means
//    one more round. Cold ones side by side go together, in one write.
// 7. A part of the limit, one chunk long, is kept for waking: however much memory is in use by what
//    cannot sleep, in this pool or in others under its limit, one sleeping chunk at a time can be
//    read. The chunk woken on it is the pool's guest. It is used when no room can be made anywhere, and
//    for one chunk after the other: when nobody has the guest pinned, it makes way for the next. The file
//    always has its bytes, so that it can do so on a full disk, too: it is never written to
//    (rv_chunk_pin_to_write).
// 8. So nobody in the library keeps a guest pinned while it wakes another chunk, nor from one call of
//    the program to the next, but for those pins that the program asks for and gives back itself: a
//    cursor's span and rove_view_iov(). Who wants to look at it for longer copies some of it out.
// 9. Nor do windows of streams, which may stand where they are for ever, pin more than a share of the
//    limit (rv_chunk_lend): what is over that copies likewise.
//
// All functions are called with the pool's lock held, but for those that say otherwise.
#ifndef RV_SPILL_H
#define RV_SPILL_H

#include "chunk/slab.h"

// Lowers what the pool holds: by free memory if there is any, else by putting a chunk to sleep.
// ROVE_E_LIMIT when all are pinned or it has no spill file, else as a write fails.
enum rove_status rv_spill_make_room(struct rove_pool *pool);

// How many bytes of chunks go to sleep together at most, where that is not less than one. Needs no lock.
uint64_t rv_spill_run_len(const struct rove_pool *pool);

// Counts the pages of a chunk that was just taken, making room if need be.
enum rove_status rv_spill_settle(struct rove_pool *pool, struct rv_chunk *chunk);

// Puts bytes, as many as a chunk has, into the file for one that was just taken and has no pages. It sleeps,
// and is pinned. As a write fails.
enum rove_status rv_spill_settle_asleep(struct rove_pool *pool, struct rv_chunk *chunk,
                                        const uint8_t *bytes);

// A chunk is given back, asleep or awake.
void rv_spill_forget(struct rove_pool *pool, struct rv_chunk *chunk);

// Wakes a pinned chunk if it sleeps. *no_room_out: this failed for want of room.
enum rove_status rv_spill_wake(struct rove_pool *pool, struct rv_chunk *chunk, bool *no_room_out);

// The same in the place that is kept for it, after `why` has come of looking for room elsewhere.
// Returns that when another has the place.
enum rove_status rv_spill_wake_guest(struct rove_pool *pool, struct rv_chunk *chunk,
                                     enum rove_status why);

#endif
