// SPDX-License-Identifier: MIT
// leaf.c: a small edit inside one leaf.
//
// New bytes go into the rope's scratch chunk, one after the other, so that typing at one place
// makes one slice grow. What stands beside them is copied along and becomes part of the new piece as
// long as it is at most ROVE_MERGE_LEN in all, up to two slices on each side, because an erase makes
// two slices shorter and each has a neighbour:
//
//     before   … | far | first: near ▓▓▓▓|▓▓ last: near | far | …      ▓ erased
//     after    … | far | near |  new piece  | near | far | …           … each of them perhaps in it
//
// near is what stays of first, or the slice before it if nothing does; on the right likewise.
//
// ROVE_MERGE_LEN. A slice costs 24 bytes in a leaf and about 5 ns of a walk; copying 512 bytes costs
// about 15 ns. See benchmarks/bench_rope.
#include "rope/edit.h"
#include "rope/place.h"

#include <string.h>

// The most bytes that go through the scratch chunk at once, for a chunk of this length.
static size_t leaf_most(const struct rove_rope *rope)
{
    return rope->pool->chunk_len / 8 + 1;
}

// What stands on one side of an edit. len 0: nothing does. The entries hold nothing.
struct side {
    struct rv_entry near, far;
    bool whole;    // near is a whole slice, not what stays of one
    unsigned take; // how many of the two become part of the new piece
};

struct parts {
    struct rv_place place;
    struct side left, right;
    bool grow; // the new bytes continue left.near, which ends where the scratch chunk is free
};

static struct rv_entry slice_or_none(const struct rv_node *leaf, unsigned i)
{
    return i < leaf->cnt ? rv_node_entry(leaf, i) : (struct rv_entry){0, NULL, NULL};
}

static void find_sides(struct parts *parts)
{
    struct rv_place *place = &parts->place;
    struct side *left = &parts->left, *right = &parts->right;
    const struct rv_node *leaf = rv_place_leaf(place);
    unsigned first = place->first, last = place->last; // an index below 0 wraps and is none
    left->whole = place->lo == 0;
    left->near = slice_or_none(leaf, left->whole ? first - 1 : first);
    left->far = slice_or_none(leaf, left->whole ? first - 2 : first - 1);
    if (!left->whole)
        left->near.len = place->lo;
    right->whole = place->hi == leaf->len[last];
    right->near = slice_or_none(leaf, right->whole ? last + 1 : last);
    right->far = slice_or_none(leaf, right->whole ? last + 2 : last + 1);
    if (!right->whole) {
        right->near.len -= place->hi;
        right->near.at += place->hi;
    }
    left->take = right->take = 0;
}

// Takes into a piece of *piece bytes what fits.
static void take_side(struct side *side, uint64_t most, uint64_t *piece)
{
    if (!side->near.len || side->near.len + *piece > most)
        return;
    side->take = 1;
    *piece += side->near.len;
    if (!side->far.len || side->far.len + *piece > most)
        return;
    side->take = 2;
    *piece += side->far.len;
}

// Decides what is merged. Returns the bytes that the edit will take in the scratch chunk.
static size_t plan(const struct rove_rope *rope, struct parts *parts, size_t len)
{
    size_t most = rv_min_size(ROVE_MERGE_LEN, rope->pool->chunk_len);
    struct rv_entry near = parts->left.near;
    uint64_t piece = len;
    parts->grow = len && near.len && near.ptr == rope->scratch &&
                  near.at + near.len == rope->scratch->data + rope->scratch_off &&
                  len + most <= rope->scratch->cap - rope->scratch_off;
    if (parts->grow)
        piece += near.len;
    else
        take_side(&parts->left, most, &piece);
    take_side(&parts->right, most, &piece);
    if (!len && parts->left.take + parts->right.take < 2) { // one alone is not worth a copy
        parts->left.take = parts->right.take = 0;
        return 0;
    }
    return (size_t) (parts->grow ? piece - near.len : piece);
}

// Makes room in the scratch chunk. The first is small and each next one twice as long, because many a
// rope (a clone, what a cut gives) is edited once, and a piece keeps all of its chunk alive.
static enum rove_status scratch_reserve(struct rove_rope *rope, size_t len)
{
    struct rv_chunk *old = rope->scratch;
    if (!len || (old && len <= old->cap - rope->scratch_off))
        return ROVE_OK;
    enum rove_status why;
    size_t most = rv_clamp(rope->tree_len / 4 + 2 * len, rope->pool->chunk_len);
    size_t want = rv_min_size(most, 2 * rv_max_size(len, old ? old->cap : 0));
    struct rv_chunk *chunk = rv_chunk_take(rope->pool, rv_max_size(want, len), &why);
    if (!chunk)
        return why;
    if (old)
        rv_chunk_drop(old);
    rv_mark_set(&chunk->mark, chunk->cap);
    rope->scratch = chunk;
    rope->scratch_off = 0;
    return ROVE_OK;
}

static enum rove_status copy_slice(uint8_t **at, struct rv_entry slice)
{
    enum rove_status status = rv_chunk_pin(slice.ptr);
    if (status)
        return status;
    memcpy(*at, slice.at, (size_t) slice.len);
    *at += slice.len;
    rv_chunk_unpin(slice.ptr);
    return ROVE_OK;
}

// Writes the merged piece behind what the scratch chunk holds, without counting it yet.
static enum rove_status write_piece(struct rove_rope *rope, const struct parts *parts,
                                    const void *src, size_t len)
{
    uint8_t *at = rope->scratch->data + rope->scratch_off;
    enum rove_status status = ROVE_OK;
    if (parts->left.take > 1)
        status = copy_slice(&at, parts->left.far);
    if (parts->left.take && status == ROVE_OK)
        status = copy_slice(&at, parts->left.near);
    if (len)
        memcpy(at, src, len);
    at += len;
    if (parts->right.take && status == ROVE_OK)
        status = copy_slice(&at, parts->right.near);
    if (parts->right.take > 1 && status == ROVE_OK)
        status = copy_slice(&at, parts->right.far);
    return status;
}

// Widens the place over whole slices that were merged.
static void widen(struct parts *parts)
{
    const struct side *left = &parts->left, *right = &parts->right;
    parts->place.first -= left->whole && (left->take || parts->grow);
    parts->place.first -= left->take > 1;
    parts->place.last += right->whole && right->take;
    parts->place.last += right->take > 1;
}

// Writes down the slices that replace the place; they hold nothing yet.
static unsigned compose(const struct rove_rope *rope, const struct parts *parts, size_t bytes,
                        struct rv_entry *add)
{
    unsigned cnt = 0;
    struct rv_entry piece = {bytes, rope->scratch, NULL};
    if (bytes)
        piece.at = rope->scratch->data + rope->scratch_off;
    if (parts->grow) {
        piece.at = parts->left.near.at;
        piece.len += parts->left.near.len;
    } else if (parts->left.near.len && !parts->left.whole && !parts->left.take) {
        add[cnt++] = parts->left.near;
    }
    if (piece.len)
        add[cnt++] = piece;
    if (parts->right.near.len && !parts->right.whole && !parts->right.take)
        add[cnt++] = parts->right.near;
    return cnt;
}

enum rove_status rv_edit_leaf(struct rove_rope *rope, uint64_t off, uint64_t del, const void *src,
                              size_t len)
{
    struct parts parts;
    if (!rope->root || len > leaf_most(rope) || !rv_place_find(rope->root, off, del, &parts.place))
        return ROVE_END;
    find_sides(&parts);
    size_t bytes = plan(rope, &parts, len);
    if (!bytes && !del)
        return ROVE_OK;
    enum rove_status status = scratch_reserve(rope, bytes);
    if (status == ROVE_OK && bytes)
        status = write_piece(rope, &parts, src, len);
    if (status && !len) { // an erase need not merge anything
        parts.left.take = parts.right.take = 0;
        bytes = 0;
        status = ROVE_OK;
    }
    if (status || (!bytes && !del))
        return status;
    struct rv_entry add[3];
    unsigned cnt = compose(rope, &parts, bytes, add);
    widen(&parts);
    struct rv_spare spare = rv_spare_none(rope->pool);
    spare.to_shrink = del > len;
    status = rv_spare_fill(&spare, rv_place_need(&parts.place, cnt));
    if (status == ROVE_OK) {
        for (unsigned i = 0; i < cnt; i++)
            rv_chunk_ref(add[i].ptr);
        rope->root = rv_place_put(&parts.place, add, cnt, &spare);
        rope->scratch_off += bytes;
        rope->tree_len += len - del;
        rv_tail_clamp(rope);
    }
    rv_spare_fini(&spare);
    return status;
}

void rv_edit_tidy(struct rove_rope *rope, uint64_t off)
{
    if (!off || off >= rope->tree_len)
        return;
    (void) !rv_edit_leaf(rope, off, 0, NULL, 0);
}
