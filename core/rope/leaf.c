// SPDX-License-Identifier: MIT
// leaf.c: an edit inside one leaf, of bytes or of a few slices.
//
// New bytes are laid as lay.h says. What stands beside them is copied along and becomes part of the new
// piece as long as it is at most ROVE_MERGE_LEN in all, up to two slices on each side, because an erase
// makes two slices shorter and each has a neighbour:
//
//     before   … | far | first: near ▓▓▓▓|▓▓ last: near | far | …      ▓ erased
//     after    … | far | near |  new piece  | near | far | …           … each of them perhaps in it
//
// near is what stays of first, or the slice before it if nothing does; on the right likewise.
//
// ROVE_MERGE_LEN. A slice costs 24 bytes in a leaf and about 5 ns of a walk; copying 512 bytes costs
// about 15 ns. See benchmarks/bench_rope.
#include "rope/leaf.h"

#include "base/arith.h"
#include "rope/lay.h"

#include <string.h>

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
    const struct rv_node *leaf = rv_place_node(place);
    unsigned first = place->first, last = place->last; // an index below 0 wraps and is none
    left->whole = place->lo == 0;
    left->near = slice_or_none(leaf, left->whole ? first - 1 : first);
    if (!left->whole)
        left->near.len = place->lo;
    right->whole = place->hi == leaf->len[last];
    right->near = slice_or_none(leaf, right->whole ? last + 1 : last);
    if (!right->whole) {
        right->near.len -= place->hi;
        right->near.at += place->hi;
    }
    left->take = right->take = 0;
}

// Takes into a piece of *piece bytes what fits. far: which slice stands behind near.
static void take_side(const struct rv_node *leaf, struct side *side, unsigned far, uint64_t most,
                      uint64_t *piece)
{
    if (!side->near.len || side->near.len + *piece > most)
        return;
    side->take = 1;
    *piece += side->near.len;
    side->far = slice_or_none(leaf, far);
    if (!side->far.len || side->far.len + *piece > most)
        return;
    side->take = 2;
    *piece += side->far.len;
}

// Decides what is merged. Returns the bytes that the edit will take in the scratch chunk.
static size_t plan(const struct rove_rope *rope, struct parts *parts, size_t len)
{
    size_t most = rv_min_size(ROVE_MERGE_LEN, rope->pool->chunk_len);
    const struct rv_place *place = &parts->place;
    const struct rv_node *leaf = rv_place_node(place);
    struct side *left = &parts->left, *right = &parts->right;
    struct rv_entry near = left->near;
    uint64_t piece = len;
    parts->grow = len && near.len && near.ptr == rope->scratch &&
                  near.at + near.len == rope->scratch->data + rope->scratch_off &&
                  len + most <= rope->scratch->cap - rope->scratch_off;
    if (parts->grow)
        piece += near.len;
    else
        take_side(leaf, left, place->first - 1 - left->whole, most, &piece);
    take_side(leaf, right, place->last + 1 + right->whole, most, &piece);
    if (!len && left->take + right->take < 2) { // one alone is not worth a copy
        left->take = right->take = 0;
        return 0;
    }
    return (size_t) (parts->grow ? piece - near.len : piece);
}

// Lays the merged piece, of so many bytes; perhaps none.
static enum rove_status lay_piece(struct rv_lay *lay, struct rove_rope *rope, const struct parts *parts,
                                  struct rove_span src, size_t bytes)
{
    if (!bytes) {
        rv_lay_nothing(lay);
        return ROVE_OK;
    }
    enum rove_status status = rv_lay_begin(lay, rope, bytes);
    if (status)
        return status;
    if (parts->left.take > 1)
        status = rv_lay_slice(lay, parts->left.far);
    if (parts->left.take && status == ROVE_OK)
        status = rv_lay_slice(lay, parts->left.near);
    rv_lay_bytes(lay, src.ptr, src.len);
    if (parts->right.take && status == ROVE_OK)
        status = rv_lay_slice(lay, parts->right.near);
    if (parts->right.take > 1 && status == ROVE_OK)
        status = rv_lay_slice(lay, parts->right.far);
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

// Slices that come in the place of others.
struct coming {
    unsigned cnt;
    uint64_t stays; // bytes of pool memory that were there before
    struct rv_entry slice[RV_PLACE_ADD];
};

static void come(struct coming *coming, struct rv_entry slice)
{
    if (slice.len)
        coming->slice[coming->cnt++] = slice;
}

// What is left of a slice.
static void stay(struct coming *coming, struct rv_entry slice)
{
    come(coming, slice);
    if (slice.len && rv_chunk_counts(slice.ptr))
        coming->stays += slice.len;
}

// Writes down what replaces the place: the new slices, and what stays beside them.
static void compose(struct coming *coming, const struct parts *parts, const struct rv_entry *slice,
                    unsigned cnt)
{
    const struct side *left = &parts->left, *right = &parts->right;
    coming->cnt = 0;
    coming->stays = 0;
    if (parts->grow) {
        struct rv_entry piece = left->near;
        piece.len += slice->len;
        coming->stays = left->near.len;
        come(coming, piece);
        slice++;
        cnt--;
    } else if (!left->whole && !left->take) {
        stay(coming, left->near);
    }
    for (unsigned i = 0; i < cnt; i++)
        come(coming, slice[i]);
    if (!right->whole && !right->take)
        stay(coming, right->near);
}

// Tells whether what comes in is less than what goes.
static bool shrinks(const struct rv_place *place, const struct rv_entry *slice, unsigned cnt)
{
    uint64_t comes = 0, goes = 0;
    for (unsigned i = 0; i < cnt; i++)
        comes += slice[i].len;
    for (unsigned i = place->first; i <= place->last; i++)
        goes += rv_place_node(place)->len[i];
    return comes < goes;
}

enum rove_status rv_leaf_put(struct rove_rope *rope, struct rv_place *place,
                             const struct rv_entry *slice, unsigned cnt, uint64_t stays)
{
    struct rv_spare spare = rv_spare_none(rope->pool);
    unsigned need = rv_place_need(place, cnt);
    spare.to_shrink = need && shrinks(place, slice, cnt);
    enum rove_status status = rv_spare_fill(&spare, need);
    if (status == ROVE_OK) {
        for (unsigned i = 0; i < cnt; i++)
            rv_chunk_ref_slice(slice[i].ptr, slice[i].len);
        rope->root = rv_place_put(place, slice, cnt, &spare);
        rope->tree_len = rv_tree_len(rope->root);
        rv_owe(rope, spare.waste - stays);
        rv_tail_clamp(rope);
    }
    rv_spare_fini(&spare);
    return status;
}

enum rove_status rv_leaf_replace(struct rove_rope *rope, uint64_t off, uint64_t del, const void *src,
                              size_t len)
{
    struct parts parts;
    if (!rope->root || !rv_lay_fits(rope, len) || !rv_place_find(rope->root, off, del, &parts.place))
        return ROVE_END;
    find_sides(&parts);
    size_t bytes = plan(rope, &parts, len);
    if (!bytes && !del)
        return ROVE_OK;
    struct rv_lay lay;
    rv_edit_begin(); // what a release function lays comes behind what is committed here
    enum rove_status status = lay_piece(&lay, rope, &parts, (struct rove_span){src, len}, bytes);
    if (status && bytes > len && (len || del)) { // nothing need be merged
        rv_lay_abort(&lay);
        parts.left.take = parts.right.take = 0;
        status = lay_piece(&lay, rope, &parts, (struct rove_span){src, len}, len);
    }
    struct coming coming;
    if (status == ROVE_OK) {
        compose(&coming, &parts, lay.run, lay.cnt);
        widen(&parts);
        status = rv_leaf_put(rope, &parts.place, coming.slice, coming.cnt, coming.stays);
    }
    if (status) {
        rv_lay_abort(&lay);
    } else {
        rv_lay_late(&lay, rope);
        rv_lay_commit(&lay, rope);
        rv_hand_shift(rope, off, del, len);
    }
    rv_edit_end();
    return status;
}

void rv_leaf_tidy(struct rove_rope *rope, uint64_t off)
{
    if (!off || off >= rope->tree_len)
        return;
    (void) !rv_leaf_replace(rope, off, 0, NULL, 0);
}

// Tells whether a slice is one that may be merged with others.
static bool is_small(struct rv_entry slice)
{
    return slice.len - 1 < ROVE_MERGE_LEN; // not one that is none
}

enum rove_status rv_leaf_replace_slices(struct rove_rope *rope, uint64_t off, uint64_t del,
                                const struct rv_entry *slice, unsigned cnt)
{
    struct parts parts;
    struct coming coming;
    if (!rope->root || cnt > RV_LEAF_ADD || !rv_place_find(rope->root, off, del, &parts.place))
        return ROVE_END;
    find_sides(&parts);
    parts.grow = false;
    compose(&coming, &parts, slice, cnt);
    uint64_t rest = rope->tree_len - off - del;
    enum rove_status status = rv_leaf_put(rope, &parts.place, coming.slice, coming.cnt, coming.stays);
    if (status)
        return status;
    rv_hand_shift(rope, off, del, rope->tree_len - rest - off);
    if (is_small(slice[cnt - 1]) || is_small(parts.right.near))
        rv_leaf_tidy(rope, rope->tree_len - rest);
    if (is_small(parts.left.near) || is_small(slice[0]))
        rv_leaf_tidy(rope, off);
    return ROVE_OK;
}
