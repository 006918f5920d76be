// SPDX-License-Identifier: MIT
// hole.c: the open holes of a stream, found by their id and moved by edits before them.
//
// There may be one (a header), or one a record of a long file, filled when all is known. So each is in two trees:
//
// By place, a treap: ordered by offset, and with what is drawn from the id as rank, which falls from the root down.
// An edit cuts it where the edit begins and ends, shifts what lies behind, and joins it again, in O(log n):
//
// 1. `off` and `reach`, the furthest end of a hole in the subtree, are right but for the `shift` of all above. So a
//    whole subtree is moved at its root; who goes down hands the shift down first. In one such frame the holes lie as
//    they once did together, so nothing in it is negative.
// 2. `up` is NULL at a root.
//
// Holes may overlap, for one may be made over another. Overwriting a hole's bytes does not kill it: filling writes over
// them again. One that has lost some of its bytes, found by `reach`, is dropped, so that there are never more holes than
// the content has bytes, however many there were.
//
// By id, a digital search tree: a hole n levels down has the lowest n bits of its id from the way there. It is no deeper
// than an id has bits, and needs no balance. A stream keeps the root of this tree alone, to be small.
#include "stream/hole.h"

#include "base/arith.h"

// by id -----------------------------------------------------------------------------------------

// Where the tree points at an id, or would.
static struct rv_hole **id_link(struct rv_holes *holes, uint64_t id)
{
    struct rv_hole **link = &holes->ids;
    for (uint64_t way = id; *link && (*link)->id != id; way >>= 1)
        link = &(*link)->next[way & 1];
    return link;
}

static void id_put(struct rv_holes *holes, struct rv_hole *hole)
{
    hole->next[0] = hole->next[1] = NULL;
    *id_link(holes, hole->id) = hole;
}

// Any leaf below may stand where the hole stood.
static void id_take(struct rv_holes *holes, const struct rv_hole *hole)
{
    struct rv_hole **link = id_link(holes, hole->id), **leaf = link;
    while ((*leaf)->next[0] || (*leaf)->next[1])
        leaf = &(*leaf)->next[!(*leaf)->next[0]];
    struct rv_hole *last = *leaf;
    *leaf = NULL;
    if (last == hole)
        return;
    last->next[0] = hole->next[0];
    last->next[1] = hole->next[1];
    *link = last;
}

struct rv_hole *rv_holes_find(struct rv_holes *holes, uint64_t id)
{
    return *id_link(holes, id);
}

// by place --------------------------------------------------------------------------------------

// Ids are counted; this is as good as drawn, and no two have the same (MurmurHash3's last step).
static uint64_t rank(const struct rv_hole *hole)
{
    uint64_t x = hole->id;
    x = (x ^ x >> 33) * UINT64_C(0xff51afd7ed558ccd);
    x = (x ^ x >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return x ^ x >> 33;
}

static void shift(struct rv_hole *tree, uint64_t by)
{
    if (!tree)
        return;
    tree->off += by;
    tree->reach += by;
    tree->shift += by;
}

static void hand_down(struct rv_hole *hole)
{
    shift(hole->kid[0], hole->shift);
    shift(hole->kid[1], hole->shift);
    hole->shift = 0;
}

// Takes its kids for what they are now. Returns the hole.
static struct rv_hole *settle(struct rv_hole *hole)
{
    hole->reach = hole->off + hole->len;
    for (int i = 0; i < 2; i++) {
        if (!hole->kid[i])
            continue;
        hole->kid[i]->up = hole;
        hole->reach = rv_max_u64(hole->reach, hole->kid[i]->reach + hole->shift);
    }
    return hole;
}

// Makes one tree of two, all of the second behind the first.
static struct rv_hole *join(struct rv_hole *a, struct rv_hole *b)
{
    if (!a || !b)
        return a ? a : b;
    if (rank(a) > rank(b)) {
        hand_down(a);
        a->kid[1] = join(a->kid[1], b);
        return settle(a);
    }
    hand_down(b);
    b->kid[0] = join(a, b->kid[0]);
    return settle(b);
}

// Cuts a tree into the holes that begin before off, and the others.
static void cut(struct rv_hole *tree, uint64_t off, struct rv_hole **before,
                struct rv_hole **others)
{
    *before = *others = NULL;
    if (!tree)
        return;
    struct rv_hole *inner;
    hand_down(tree);
    if (tree->off < off) {
        cut(tree->kid[1], off, &inner, others);
        tree->kid[1] = inner;
        *before = settle(tree);
    } else {
        cut(tree->kid[0], off, before, &inner);
        tree->kid[0] = inner;
        *others = settle(tree);
    }
}

static struct rv_hole *as_root(struct rv_hole *tree)
{
    if (tree)
        tree->up = NULL;
    return tree;
}

// Any hole of the tree knows its root.
static struct rv_hole *root_of(const struct rv_holes *holes)
{
    struct rv_hole *root = holes->ids;
    while (root && root->up)
        root = root->up;
    return root;
}

// Takes a hole out of the tree of that root. Returns the new root.
static struct rv_hole *place_take(struct rv_hole *root, struct rv_hole *hole)
{
    struct rv_hole *up = hole->up;
    hand_down(hole);
    struct rv_hole *rest = join(hole->kid[0], hole->kid[1]);
    if (!up)
        return as_root(rest);
    up->kid[up->kid[1] == hole] = rest;
    for (; up; up = up->up)
        settle(up);
    return root;
}

// Any hole of a whole tree that goes on behind off; NULL when there is none.
static struct rv_hole *reaching(struct rv_hole *tree, uint64_t off)
{
    while (tree && tree->reach > off && tree->off + tree->len <= off) {
        hand_down(tree);
        tree = tree->kid[!(tree->kid[0] && tree->kid[0]->reach > off)];
    }
    return tree && tree->reach > off ? tree : NULL;
}

// The first one by offset, and the one behind another.
static struct rv_hole *first(struct rv_hole *tree)
{
    while (tree && tree->kid[0])
        tree = tree->kid[0];
    return tree;
}

static struct rv_hole *following(struct rv_hole *hole)
{
    if (hole->kid[1])
        return first(hole->kid[1]);
    while (hole->up && hole->up->kid[1] == hole)
        hole = hole->up;
    return hole->up;
}

uint64_t rv_hole_off(const struct rv_hole *hole)
{
    uint64_t off = hole->off;
    for (const struct rv_hole *up = hole->up; up; up = up->up)
        off += up->shift;
    return off;
}

// both ------------------------------------------------------------------------------------------

void rv_holes_add(struct rv_holes *holes, struct rv_hole *hole, uint64_t off)
{
    struct rv_hole *before = root_of(holes), *others = NULL;
    hole->kid[0] = hole->kid[1] = NULL;
    hole->off = off;
    hole->shift = 0;
    if (before && before->reach > off)
        cut(before, off, &before, &others);
    as_root(join(join(before, settle(hole)), others));
    id_put(holes, hole);
}

// Returns the root by place that is left.
static struct rv_hole *forget(struct rv_holes *holes, struct rv_hole *hole, struct rove_pool *pool,
                              struct rv_hole *root)
{
    root = place_take(root, hole);
    id_take(holes, hole);
    rv_pool_free(pool, hole, sizeof *hole);
    return root;
}

void rv_holes_forget(struct rv_holes *holes, struct rv_hole *hole, struct rove_pool *pool)
{
    forget(holes, hole, pool, NULL);
}

void rv_holes_drop(struct rv_holes *holes, struct rove_pool *pool)
{
    while (holes->ids)
        rv_holes_forget(holes, holes->ids, pool);
}

// Cuts all holes into those that begin before off, without those of them that go on behind it, and the others.
static void cut_at(struct rv_holes *holes, struct rove_pool *pool, uint64_t off,
                   struct rv_hole *half[2])
{
    struct rv_hole *hole;
    cut(root_of(holes), off, &half[0], &half[1]);
    as_root(half[0]);
    as_root(half[1]);
    while ((hole = reaching(half[0], off)))
        half[0] = forget(holes, hole, pool, half[0]);
}

void rv_holes_shift(struct rv_holes *holes, struct rove_pool *pool, uint64_t off, uint64_t del,
                    uint64_t len)
{
    struct rv_hole *half[2], *erased, *behind, *root = root_of(holes);
    if (!(del || len) || !root || root->reach <= off)
        return;
    cut_at(holes, pool, off, half);
    cut(half[1], off + del, &erased, &behind);
    as_root(erased);
    while (erased)
        erased = forget(holes, erased, pool, erased);
    shift(behind, len - del);
    as_root(join(half[0], behind));
}

// Gives the ids of all of a tree to other holes.
static void move_ids(struct rv_holes *from, struct rv_hole *tree, struct rv_holes *to)
{
    for (struct rv_hole *hole = first(tree); hole; hole = following(hole)) {
        id_take(from, hole);
        id_put(to, hole);
    }
}

// Of the ids those move that are fewer: so a hole's does log n times at most, however often all is cut.
void rv_holes_split(struct rv_holes *left, struct rove_pool *pool, uint64_t off,
                    struct rv_holes *right)
{
    struct rv_hole *half[2], *root = root_of(left);
    if (!root || root->reach <= off)
        return;
    cut_at(left, pool, off, half);
    shift(half[1], 0 - off);
    struct rv_hole *a = first(half[0]), *b = first(half[1]);
    while (a && b) {
        a = following(a);
        b = following(b);
    }
    if (!b) {
        move_ids(left, half[1], right);
        return;
    }
    right->ids = left->ids;
    left->ids = NULL;
    move_ids(right, half[0], left);
}
