// SPDX-License-Identifier: MIT
// tail.h: the open end of a rope, beside its tree.
//
//     tail->data        floor          base         cur            end = data + cap
//         [ others' bytes | ours, in tree | tail slice | room, claimed ]
//
// 0. The tail's chunk is held and pinned.
// 1. The tail slice is [base, cur). With no tail all three pointers are NULL.
// 2. end > cur: the rope holds the claim on the chunk (its mark is cap) and alone may write from
//    floor on. end == cur: no claim, or no room. end - cur is at most what the rope may still grow by.
// 3. Nobody else sees a byte at or past floor while the claim is held.
// 4. Before another rope gets to share the chunk's end, the claim is given back (mark = cur).
#ifndef RV_TAIL_H
#define RV_TAIL_H

#include "base/arith.h"
#include "rope/push.h"

static inline size_t rv_tail_len(const struct rove_rope *rope)
{
    return (size_t) (rope->cur - rope->base);
}

// Tells whether the tail's chunk is full: what lies in it belongs into the tree then. A tail may lack
// room without being full: for a claim that is another's, or at the longest rope.
static inline bool rv_tail_full(const struct rove_rope *rope)
{
    return rope->tail && rope->cur == rope->tail->data + rope->tail->cap;
}

// Tells whether a rope may grow by len bytes.
static inline bool rv_may_grow(const struct rove_rope *rope, uint64_t len)
{
    return len <= ROVE_LEN_MAX - rove_rope_len(rope);
}

#define RV_NO_RUN UINT32_MAX

// Makes the tail none; whose chunk it was is the caller's concern.
static inline void rv_tail_nothing(struct rove_rope *rope)
{
    rope->cur = rope->end = rope->base = NULL;
    rope->tail = NULL;
    rope->reserved = RV_NO_RUN;
}

// The same of all else that holds bytes, and of what is owed for them.
static inline void rv_tree_nothing(struct rove_rope *rope)
{
    rope->root = NULL;
    rope->tree_len = rope->swept = 0;
    rope->scratch = NULL;
    rope->floor = rope->scratch_off = rope->debt = 0;
}

// Makes an empty rope in storage of any content, by a hold on the pool that is there. Field by field: to clear 88 bytes at
// once gcc takes `rep stos`, which is slow to start.
static inline void rv_rope_begin_held(struct rove_rope *rope, struct rove_pool *pool)
{
    rv_tail_nothing(rope);
    rv_tree_nothing(rope);
    rope->pool = pool;
}

// Likewise; the pool is held.
static inline void rv_rope_begin(struct rove_rope *rope, struct rove_pool *pool)
{
    rv_rope_begin_held(rope, pool);
    rv_pool_hold(pool);
}

// Where the next byte goes in the tail's chunk. Offsets in chunks that are written are small:
// ROVE_CHUNK_LEN_MAX.
static inline uint32_t rv_tail_off(const struct rove_rope *rope)
{
    return (uint32_t) (rope->cur - rope->tail->data);
}

// Says that so many bytes more lie in no slice and are kept all the same.
static inline void rv_owe(struct rove_rope *rope, uint64_t waste)
{
    rope->debt = waste < UINT32_MAX - rope->debt ? rope->debt + (uint32_t) waste : UINT32_MAX;
}

// How many bytes the sweep (sweep.h) looks at for each byte owed, but for short ropes, where it is more. In small chunks it is
// fewer: more of those become empty by themselves, and their heads are most of what looking at them costs.
static inline uint64_t rv_sweep_share(const struct rove_rope *rope)
{
    return rope->pool->chunk_len <= 8192 ? 4 : 8;
}

// Says that del bytes of the tree at off have made way for len others. The sweep's hand stays on the byte that it is on. What it
// has passed of those that are gone was looked at in vain, and is owed again: else what comes where the hand is, and goes whole,
// which wastes nothing, could keep it from ever coming to the rest.
static inline void rv_hand_shift(struct rove_rope *rope, uint64_t off, uint64_t del, uint64_t len)
{
    if (off >= rope->swept)
        return;
    uint64_t passed = rv_min_u64(del, rope->swept - off);
    rope->swept += len - passed;
    rv_owe(rope, passed / rv_sweep_share(rope));
}

// The tail slice as an entry; holds nothing.
static inline struct rv_entry rv_tail_slice(const struct rove_rope *rope)
{
    return (struct rv_entry){rv_tail_len(rope), rope->tail, rope->base};
}

// Others are about to see the tail's bytes, but not to append to them.
void rv_tail_show(struct rove_rope *rope);

// Others are about to see the tail's bytes and may append behind them: gives the claim back.
void rv_tail_publish(struct rove_rope *rope);

// Tries to get room behind the tail's bytes, where there is none (end == cur).
void rv_tail_reclaim(struct rove_rope *rope);

// Keeps the room so small that filling it cannot make the rope longer than ROVE_LEN_MAX. Called after
// everything that makes the tree or the room longer; the inline append has no check of its own.
static inline void rv_tail_clamp(struct rove_rope *rope)
{
    uint64_t most = ROVE_LEN_MAX - rove_rope_len(rope);
    if (RV_UNLIKELY((uint64_t) (rope->end - rope->cur) > most))
        rope->end = rope->cur + most;
}

// Moves the first len bytes of the tail slice into the tree; rv_tree_push_need() nodes laid in.
void rv_tail_shed(struct rove_rope *rope, size_t len, struct rv_spare *spare);

// Makes an empty tail slice begin its chunk again, hot, where nobody else wants anything of that.
static inline void rv_tail_rewind(struct rove_rope *rope)
{
    if (rope->end == rope->cur || !rv_chunk_writable(rope->tail))
        return;
    rope->base = rope->cur = rope->tail->data;
    rope->floor = 0;
}

// Forgets the first len bytes of the tail slice.
static inline void rv_tail_skip(struct rove_rope *rope, size_t len)
{
    rope->base += len;
    if (rope->base == rope->cur)
        rv_tail_rewind(rope);
}

// Shortens the tail slice to len bytes.
void rv_tail_truncate(struct rove_rope *rope, size_t len);

// Makes an empty, wholly claimed chunk the tail, in place of one whose slice is empty.
void rv_tail_open(struct rove_rope *rope, struct rv_chunk *chunk);

// Makes a chunk that is wholly claimed and begins with len bytes of the rope's the tail, in place of none. The tree is
// so short that no room has to be clamped.
static inline void rv_tail_begin(struct rove_rope *rope, struct rv_chunk *chunk, size_t len)
{
    rope->tail = chunk;
    rope->floor = 0;
    rope->base = chunk->data;
    rope->cur = rope->base + len;
    rope->end = rope->base + chunk->cap;
}

// Moves the tail, claim and all, to a rope whose own tail slice is empty. One that is longer than the
// other was must be clamped.
void rv_tail_hand_over(struct rove_rope *to, struct rove_rope *from);

// Of rv_tail_drop(), a chunk that others hold, or that cannot go home at once. The fields stay.
void rv_tail_drop_any(struct rove_rope *rope);

// Drops the tail and its bytes.
static inline void rv_tail_drop(struct rove_rope *rope)
{
    if (!rope->tail)
        return;
    if (RV_UNLIKELY(!rv_chunk_give_at_once(rope->tail)))
        rv_tail_drop_any(rope);
    rv_tail_nothing(rope);
}

// Drops all that the rope holds but its tree, which is the caller's from then on. The rope is empty.
static inline struct rv_node *rv_rope_strip(struct rove_rope *rope)
{
    struct rv_node *root = rope->root;
    if (rope->tail)
        rv_tail_drop(rope);
    if (rope->scratch)
        rv_chunk_drop(rope->scratch);
    rv_tree_nothing(rope);
    return root;
}

// Drops all that the rope holds; it is empty before the first release function is called.
static inline void rv_rope_drop(struct rove_rope *rope)
{
    rv_node_unref_shared(rv_rope_strip(rope));
}

// Keeps the tail's chunk awake, until rv_chunk_drop(), where src lies in it: a call that copies from there may put the
// tail into the tree first, where it can go to sleep. NULL: it need not be.
struct rv_chunk *rv_tail_keep(const struct rove_rope *rope, const void *src);

// Puts a chunk with the same bytes in the place of the tail's, which nobody else holds and which is given,
// pinned. Nothing can be written behind them.
struct rv_chunk *rv_tail_swap(struct rove_rope *rope, struct rv_chunk *chunk);

#endif
