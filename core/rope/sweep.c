// SPDX-License-Identifier: MIT
// sweep.c: see sweep.h.
//
// An erase leaves holes in chunks that other slices keep, and those slices may lie anywhere in the rope. So every
// byte that is left so is a debt, and a hand goes round the rope, rv_sweep_share() bytes for each byte owed, and moves out of
// sparse chunks (rv_chunk_sparse()) what it meets there, into the scratch chunk:
//
//     ┌──── what the hand has passed ────┐ ┌ not yet ┐        in every chunk that keeps its bytes at least three
//     │ A dense │ moved │ B dense │ moved ▼ C │ d │ E │       quarters lie in slices, or it became sparse since
//                                        hand                 the hand was here
//
// Let n be the content, wasted bytes those of chunks that lie in no slice. Chunks that are not sparse waste at
// most n/3. A chunk that is has been so for less than one round, in which n/8 bytes were owed, or n/4. With 24 bytes
// an entry, nodes half full, a rope keeps less than 2n and three chunks: its first, its tail and its scratch chunk.
//
// What others hold as well (a clone, a view) they keep whatever this rope does, so leaves that are shared are
// passed over. Sleeping chunks are left asleep: they take no memory.
//
// Tried and left: moving a chunk's bytes at once when it becomes sparse. Its other slices cannot be found but by
// walking, and those of scratch chunks are everywhere.
#include "rope/sweep.h"

#include "base/arith.h"
#include "rope/lay.h"
#include "rope/leaf.h"

#define SLICE_WORK 64u // bytes: looking at a slice costs as much as passing so many

// How many bytes the hand passes for each byte owed: more in a short rope, where a chunk is much.
static uint64_t share_of(const struct rove_rope *rope)
{
    uint64_t chunk = rope->pool->chunk_len, share = rv_sweep_share(rope);
    return share + share * 24 * chunk / (rope->tree_len + chunk);
}

// off: of the slice. The first of a rope stays: it may be the front of a queue, which goes by itself. So does one
// of another pool that is too long for ours.
static bool must_move(const struct rove_rope *rope, const struct rv_node *leaf, unsigned i,
                      uint64_t off)
{
    const struct rv_chunk *chunk = rv_slice_chunk(leaf, i);
    return off && rv_chunk_sparse(chunk) && chunk != rope->scratch && chunk != rope->tail &&
           leaf->len[i] <= rv_lay_most(rope) && !rv_chunk_is_asleep(chunk);
}

static uint64_t work_of(uint64_t bytes, unsigned slices)
{
    return bytes + slices * SLICE_WORK;
}

// Moves the slices first … last of a place.
static enum rove_status move(struct rove_rope *rope, struct rv_place *place, uint64_t len)
{
    struct rv_lay lay;
    const struct rv_node *leaf = rv_place_node(place);
    uint32_t debt = rope->debt;
    enum rove_status status = rv_lay_begin(&lay, rope, len);
    for (unsigned i = place->first; i <= place->last && status == ROVE_OK; i++)
        status = rv_lay_slice(&lay, rv_node_entry(leaf, i));
    if (status == ROVE_OK)
        status = rv_leaf_put(rope, place, lay.run, lay.cnt, 0);
    if (status == ROVE_OK)
        rv_lay_late(&lay, rope);
    rope->debt = debt; // what this leaves was owed when the chunk became sparse
    if (status)
        rv_lay_abort(&lay);
    else
        rv_lay_commit(&lay, rope);
    return status;
}

// Moves the hand on in one leaf, until that was so much work. Returns the bytes that it has passed, 0 when it could
// not. *work_out: what it was.
static uint64_t step(struct rove_rope *rope, uint64_t most_work, uint64_t *work_out)
{
    struct rv_place place;
    uint64_t passed = 0, len = 0, most = rv_lay_most(rope);
    if (rope->swept >= rope->tree_len)
        rope->swept = 0;
    rv_place_find(rope->root, rope->swept, 1, &place);
    const struct rv_node *leaf = rv_place_node(&place);
    unsigned i = place.first, from = i;
    rope->swept -= place.lo;
    while (i < leaf->cnt && work_of(passed, i - from) < most_work &&
           (!rv_place_own(&place) || !must_move(rope, leaf, i, rope->swept + passed)))
        passed += leaf->len[i++];
    place.first = i;
    while (i < leaf->cnt && work_of(passed + len, i - from) < most_work &&
           len + leaf->len[i] <= most && must_move(rope, leaf, i, rope->swept + passed + len))
        len += leaf->len[i++];
    place.last = i - 1;
    if (len && move(rope, &place, len) != ROVE_OK)
        return 0;
    rope->swept += passed + len;
    if (rope->swept == rope->tree_len)
        rope->swept = 0;
    *work_out = work_of(passed + len, i - from);
    return passed + len;
}

// Tells whether nothing is to be had: one leaf, in which only the first slice, which stays, may be of a sparse chunk. A
// queue is often so.
static bool is_vain(const struct rv_node *root)
{
    if (root->level)
        return false;
    for (unsigned i = 1; i < root->cnt; i++)
        if (rv_chunk_sparse(rv_slice_chunk(root, i)))
            return false;
    return true;
}

void rv_sweep_on(struct rove_rope *rope, uint32_t before)
{
    if (rope->root && is_vain(rope->root)) {
        rope->debt = 0;
        return;
    }
    uint64_t least = rv_sweep_least(rope), share = share_of(rope), round = 0;
    uint64_t own = rope->debt > before ? rope->debt - before : 0;
    for (uint64_t pay = own + least; rope->root && rope->debt >= least;) {
        const struct rv_chunk *scratch = rope->scratch;
        uint64_t work = 0, passed = step(rope, rv_min_u64(pay, rope->debt) * share, &work);
        uint64_t paid = work / share + 1;
        round = scratch == rope->scratch ? round + passed : 0; // the one before must not stay sparse
        rope->debt -= (uint32_t) rv_min_u64(paid, rope->debt);
        if (round >= rope->tree_len) // all of it was looked at: nothing is left to be had
            rope->debt = 0;
        if (!passed) // no memory: not with each edit
            rope->debt /= 2;
        if (!passed || paid >= pay)
            return;
        pay -= paid;
    }
}
