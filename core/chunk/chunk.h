// SPDX-License-Identifier: MIT
// chunk.h: a counted block of bytes.
#ifndef RV_CHUNK_H
#define RV_CHUNK_H

#include <rove/span.h>

#include "base/arith.h"
#include "base/tls.h"
#include "chunk/block.h"
#include "chunk/sleep.h"

// make: each gives one hold, or NULL when there is no memory or the pool's limit is reached;
// *why_out then tells which.

// Takes a writable chunk for about `want` bytes: at least that many up to the pool's chunk length,
// which is the most.
struct rv_chunk *rv_chunk_take(struct rove_pool *pool, size_t want, enum rove_status *why_out);

#define RV_AT_ONCE_MOST 1024u // bytes for rv_chunk_take_at_once(): a block in any pool of chunks not much longer

// Makes a chunk of a block: descriptor, then payload. It is wholly claimed.
static inline struct rv_chunk *rv_chunk_of_block(struct rv_chunk *chunk, struct rove_pool *pool,
                                                 unsigned block_class)
{
    chunk->data = (uint8_t *) chunk + RV_CHUNK_HEAD;
    chunk->cap = rv_class_len(block_class) - RV_CHUNK_HEAD;
    chunk->pool = pool;
    chunk->home = NULL;
    chunk->kind = RV_POOL;
    chunk->block_class = block_class & 15;
    chunk->may_sleep = chunk->warm = false;
    rv_tally_init(&chunk->refs);
    rv_switch_init(&chunk->twice);
    rv_sleep_init(&chunk->sleep, 0);
    rv_mark_init(&chunk->mark, chunk->cap);
    rv_pool_hold(pool);
    return chunk;
}

// The same as rv_chunk_take() for a few bytes if the thread has a block at hand for them, wholly claimed; else NULL, and
// nothing has happened.
static inline struct rv_chunk *rv_chunk_take_at_once(struct rove_pool *pool, size_t want)
{
    RV_ASSERT(want <= RV_AT_ONCE_MOST);
    unsigned block_class = rv_class_for(RV_CHUNK_HEAD + want);
    if (RV_UNLIKELY(pool->chunk_len < 8 * RV_AT_ONCE_MOST))
        return NULL;
    struct rv_chunk *chunk = rv_block_out(rv_pool_slot_made(pool), block_class);
    return RV_LIKELY(chunk != NULL) ? rv_chunk_of_block(chunk, pool, block_class) : NULL;
}

// Gives a full chunk that was just taken its one holder, who claims it up to the mark.
static inline struct rv_chunk *rv_chunk_start(struct rv_chunk *chunk, size_t mark)
{
    rv_tally_init(&chunk->refs);
    rv_switch_turn(&chunk->twice, false);
    rv_mark_init(&chunk->mark, mark);
    rv_pool_hold(chunk->pool);
    RV_UNPOISON(chunk->data, chunk->cap);
    return chunk;
}

// Takes a chunk of the pool's chunk length, wholly claimed, in a pool whose chunks do not sleep. NULL: there is none, or none
// that comes at once.
static inline struct rv_chunk *rv_chunk_take_full_at_once(struct rove_pool *pool)
{
    struct rv_chunk *chunk = rv_pool_chunk_take_at_once(pool);
    return RV_LIKELY(chunk != NULL) ? rv_chunk_start(chunk, chunk->cap) : NULL;
}

// Takes a chunk of the pool's chunk length that sleeps from the first, with these bytes, and is pinned all the
// same: bulk that is written beyond the limit need not wake for it. NULL where there is no need of that,
// or it fails: then take one as usual.
struct rv_chunk *rv_chunk_take_asleep(struct rove_pool *pool, const uint8_t *bytes);

// Wraps a caller's memory. On failure release is not called.
struct rv_chunk *rv_chunk_adopt(struct rove_pool *pool, struct rove_span memory,
                                rove_release_fn *release, void *arg, enum rove_status *why_out);

// Takes a chunk of zeros that share one piece of memory with all others.
struct rv_chunk *rv_chunk_zeros(struct rove_pool *pool, enum rove_status *why_out);

// Tells whether a chunk is such zeros.
bool rv_chunk_is_zeros(const struct rv_chunk *chunk);

// Gives the chunk home; only for rv_chunk_unref().
void rv_chunk_home(struct rv_chunk *chunk);

// Bytes that a chunk keeps: its head and its payload, whoever's that is; but not the zeros, which are all chunks'.
size_t rv_chunk_cost(const struct rv_chunk *chunk);

static inline struct rv_chunk *rv_chunk_ref(struct rv_chunk *chunk)
{
    rv_tally_up(&chunk->refs, 0);
    return chunk;
}

// Tells whether what lies in no slice of a chunk is wasted: pool memory.
static inline bool rv_chunk_counts(const struct rv_chunk *chunk)
{
    return chunk->kind == RV_POOL;
}

// Holds a chunk for a slice of so many bytes; given back in parts or at once.
static inline struct rv_chunk *rv_chunk_ref_slice(struct rv_chunk *chunk, uint64_t len)
{
    rv_tally_up(&chunk->refs, len);
    return chunk;
}

// Returns the bytes that this wastes: those of the slice, if others keep the chunk.
static inline uint64_t rv_chunk_unref_slice(struct rv_chunk *chunk, uint64_t len)
{
    RV_ASSERT(rv_tally_holders(&chunk->refs)); // else it was given home already
    uint64_t waste = rv_chunk_counts(chunk) ? len : 0; // asked now: it may be gone in a moment
    if (!rv_tally_down(&chunk->refs, len))
        return waste;
    rv_chunk_home(chunk);
    return 0;
}

// Tells how many bytes more of a chunk will lie in no slice when one of so many goes: fewer than those where others
// have the same ones.
static inline uint64_t rv_chunk_wastes(const struct rv_chunk *chunk, uint64_t len)
{
    uint64_t left = rv_tally_sum(&chunk->refs) - len; // beyond any cap where there were not so many
    return left < chunk->cap ? rv_min_u64(len, chunk->cap - left) : 0;
}

// Gives home what nobody else holds, a block that the thread has room for. False: nothing has happened.
static inline bool rv_chunk_give_at_once(struct rv_chunk *chunk)
{
    struct rove_pool *pool = chunk->pool;
    if (chunk->kind != RV_POOL || chunk->home || chunk->block_class >= RV_CLASSES ||
        !rv_tally_one(&chunk->refs) || !rv_block_keep(pool, chunk->block_class, chunk))
        return false;
    rv_pool_let_go(pool);
    return true;
}

static inline void rv_chunk_unref(struct rv_chunk *chunk)
{
    rv_chunk_unref_slice(chunk, 0);
}

// Tells whether a sole holder may write all of the chunk.
static inline bool rv_chunk_writable(const struct rv_chunk *chunk)
{
    return chunk->kind == RV_POOL && rv_tally_one(&chunk->refs);
}

// Says that some of its bytes are about to be in two leaves, tails or views.
static inline void rv_chunk_double(struct rv_chunk *chunk)
{
    rv_switch_turn(&chunk->twice, true);
}

// Tells whether a holder may write its bytes, those of a slice in a leaf that is its own or of a tail: nobody
// else has them, though others may hold the chunk for bytes of theirs.
static inline bool rv_chunk_mine(struct rv_chunk *chunk)
{
    if (!rv_chunk_writable(chunk))
        return chunk->kind == RV_POOL && !rv_switch_is_on(&chunk->twice);
    rv_switch_turn(&chunk->twice, false);
    return true;
}

// So much of a chunk is used at least where it is worth keeping: three quarters.
static inline uint64_t rv_chunk_enough(const struct rv_chunk *chunk)
{
    return chunk->cap / 4 * 3;
}

// Tells whether so little of a chunk lies in slices that it should be given up. What copies of leaves count again only
// makes it look fuller.
static inline bool rv_chunk_sparse(const struct rv_chunk *chunk)
{
    return chunk->kind == RV_POOL && rv_tally_sum(&chunk->refs) < rv_chunk_enough(chunk);
}

// Returns the bytes of a chunk that lie in no slice, if others do: what it wastes from when it is no longer
// filled.
static inline uint64_t rv_chunk_waste(const struct rv_chunk *chunk)
{
    uint64_t used = rv_tally_sum(&chunk->refs);
    return chunk->kind == RV_POOL && used && used < chunk->cap ? chunk->cap - used : 0;
}

// Release functions may use any rope, also the one whose edit let go: they wait until all edits that
// this thread has begun have ended. Every stock of spare nodes (rope/node.h) is one; an edit of several
// steps, which goes by what it knew before the first, is one around them. In the static TLS block, as rv_slot_mine (slot.h).
struct rv_waiting {
    struct rv_chunk *first; // adopted chunks without a holder, linked through next
    unsigned edits;
};
extern _Thread_local struct rv_waiting rv_waiting RV_STATIC_TLS RV_OURS;

void rv_edit_end_last(void); // for rv_edit_end()

static inline void rv_edit_begin(void)
{
    rv_waiting.edits++;
}

static inline void rv_edit_end(void)
{
    if (!--rv_waiting.edits && rv_waiting.first)
        rv_edit_end_last();
}

// Drops a hold and the pin that came with the chunk.
static inline void rv_chunk_drop(struct rv_chunk *chunk)
{
    rv_chunk_unpin(chunk);
    rv_chunk_unref(chunk);
}

#endif
