// SPDX-License-Identifier: MIT
// push.c: slices go to the end of a tree: into the last leaf, or into a new one over which a chain of new nodes goes up
// to where there is room. Several slices go together as far as they fit.
#include "rope/push.h"

#include "base/arith.h"

// Slices that go to one place, 1 to RV_FANOUT.
struct run {
    const struct rv_entry *slice;
    unsigned cnt;
};

static void node_add(struct rv_node *node, struct rv_entry entry)
{
    rv_node_set(node, node->cnt++, entry);
    node->total += entry.len;
    rv_node_tune_last(node);
}

static void add_run(struct rv_node *node, struct run run)
{
    for (unsigned i = 0; i < run.cnt; i++)
        node_add(node, run.slice[i]);
}

static uint64_t run_len(struct run run)
{
    uint64_t len = 0;
    for (unsigned i = 0; i < run.cnt; i++)
        len += run.slice[i].len;
    return len;
}

static void grow_last(struct rv_node *node, uint64_t by)
{
    node->len[node->cnt - 1] += by;
    node->total += by;
    rv_node_tune_last(node);
}

static bool on_grid(struct run run, unsigned grid)
{
    uint64_t unit = UINT64_C(1) << grid;
    for (unsigned i = 0; i + 1 < run.cnt; i++)
        if (run.slice[i].len != unit)
            return false;
    return run.slice[run.cnt - 1].len <= unit;
}

// What a grid becomes when a run is pushed behind a last slice of `last` bytes, or extends it.
static uint8_t grid_after(uint8_t grid, uint64_t last, struct run run, bool extend)
{
    if (grid == RV_RAGGED)
        return RV_RAGGED;
    uint64_t unit = UINT64_C(1) << grid;
    bool fits = extend ? last + run.slice->len <= unit : last == unit && on_grid(run, grid);
    return fits ? grid : RV_RAGGED;
}

// A chain of new nodes from `level` down that holds a run; RV_RAGGED: it begins a grid of its own.
static struct rv_entry chain_over(struct run run, unsigned level, uint8_t grid,
                                  struct rv_spare *spare)
{
    uint64_t first = run.slice->len;
    unsigned own = (unsigned) __builtin_ctzll(first);
    if (grid == RV_RAGGED && first >> own == 1 && own + level * RV_FANOUT_BITS < 63 && on_grid(run, own))
        grid = (uint8_t) own;
    struct rv_entry top;
    for (unsigned l = 0; l <= level; l++) {
        struct rv_node *node = rv_spare_node(spare, l);
        add_run(node, run);
        node->grid = grid;
        top = rv_node_as_entry(node);
        run = (struct run){&top, 1};
    }
    return top;
}

static const struct rv_node *last_leaf(const struct rv_node *root)
{
    while (root->level)
        root = rv_kid(root, root->cnt - 1u);
    return root;
}

// The lowest level of the right edge with room for one more; -1 for none.
static int level_with_room(const struct rv_node *root)
{
    int level = -1;
    for (const struct rv_node *node = root;; node = rv_kid(node, node->cnt - 1u)) {
        if (node->cnt < RV_FANOUT)
            level = node->level;
        if (!node->level)
            return level;
    }
}

// Puts a tree of one run to the right of a root that is full along its edge.
static struct rv_node *raise(struct rv_node *root, struct run run, uint8_t grid,
                             struct rv_spare *spare)
{
    struct rv_node *right = chain_over(run, root->level, grid, spare).ptr;
    return rv_tree_root((struct rv_pair){root, right}, spare);
}

// Makes the run as many of its slices as were pushed: what fits into the last leaf, or else all.
static struct rv_node *push(struct rv_node *root, struct run *run, struct rv_spare *spare)
{
    if (!root)
        return chain_over(*run, 0, RV_RAGGED, spare).ptr;
    const struct rv_node *leaf = last_leaf(root);
    struct rv_entry last = rv_node_entry(leaf, leaf->cnt - 1u);
    bool extend = rv_slice_follows(last, *run->slice);
    int room = extend ? 0 : level_with_room(root);
    if (!room)
        run->cnt = extend ? 1 : (unsigned) rv_min_u64(run->cnt, RV_FANOUT - leaf->cnt);
    if (room < 0)
        return raise(root, *run, grid_after(root->grid, last.len, *run, false), spare);
    uint64_t len = run_len(*run);
    struct rv_node **slot = &root;
    for (;;) {
        struct rv_node *node = rv_node_own(spare, slot);
        uint8_t grid = grid_after(node->grid, last.len, *run, extend);
        bool here = node->level == room;
        if (!here || extend)
            grow_last(node, len);
        else if (room)
            node_add(node, chain_over(*run, (unsigned) room - 1, grid, spare));
        else
            add_run(node, *run);
        node->grid = grid;
        if (here)
            break;
        slot = (struct rv_node **) (void *) &node->ptr[node->cnt - 1];
    }
    if (extend)
        rv_chunk_unref(run->slice->ptr); // its bytes stay
    return root;
}

// … behind which one slice goes.
static inline uint8_t grid_behind(uint8_t grid, uint64_t last, uint64_t len)
{
    uint64_t unit = UINT64_C(1) << (grid & 63);
    return last == unit && len <= unit ? grid : RV_RAGGED; // no slice is as long as the unit of a ragged one
}

bool rv_tree_push_at_once(struct rv_node *root, struct rv_chunk *chunk, uint8_t *at, uint64_t len)
{
    struct rv_node *leaf = root;
    while (leaf && leaf->level && rv_count_one(&leaf->refs))
        leaf = rv_kid(leaf, leaf->cnt - 1u);
    if (!leaf || leaf->level || !rv_count_one(&leaf->refs) || leaf->cnt == RV_FANOUT)
        return false;
    struct rv_entry slice = {len, chunk, at}, last = rv_node_entry(leaf, leaf->cnt - 1u);
    if (rv_slice_follows(last, slice))
        return false;
    for (struct rv_node *node = root;; node = rv_kid(node, node->cnt - 1u)) {
        uint8_t grid = grid_behind(node->grid, last.len, len);
        if (node == leaf)
            node_add(node, slice);
        else
            grow_last(node, len);
        node->grid = grid;
        if (node == leaf)
            return true;
    }
}

struct rv_node *rv_tree_push(struct rv_node *root, struct rv_entry slice, struct rv_spare *spare)
{
    unsigned before = spare->cnt, need = RV_DEBUG ? rv_tree_push_need(root) : 0;
    RV_ASSERT(need <= before && need <= rv_tree_push_need_most(rv_height(root)));
    struct run run = {&slice, 1};
    if (!rv_tree_push_at_once(root, slice.ptr, slice.at, slice.len))
        root = push(root, &run, spare);
    RV_ASSERT(rv_spare_took(spare, before, need));
    return root;
}

unsigned rv_tree_push_need(const struct rv_node *root)
{
    if (!root)
        return 1;
    unsigned copies = 0;
    bool shared = false;
    for (const struct rv_node *node = root;; node = rv_kid(node, node->cnt - 1u)) {
        shared = shared || !rv_count_one(&node->refs);
        copies += shared;
        if (!node->level)
            break;
    }
    int room = level_with_room(root);
    return room < 0 ? root->level + 2u : copies + (unsigned) room; // above a full tree nothing is copied
}

unsigned rv_tree_push_need_most(unsigned height)
{
    return 2 * height + 1;
}

// append ----------------------------------------------------------------------------------------

// Tells whether slices go one by one: where the right tree is a leaf, unless both may stay as they are, the left one full.
static bool by_slices(const struct rv_node *left, const struct rv_node *right, struct rv_seam seam)
{
    if (!left || !right || right->level)
        return false;
    return left->level || !seam.fit || left->cnt < RV_FANOUT;
}

struct rv_node *rv_tree_append(struct rv_node *left, struct rv_node *right, struct rv_seam seam,
                               struct rv_spare *spare)
{
    if (!by_slices(left, right, seam))
        return rv_tree_join(left, right, seam, spare);
    unsigned before = spare->cnt, need = RV_DEBUG ? rv_tree_append_need(left, right, seam) : 0;
    struct rv_list list;
    rv_list_begin(&list, right, spare);
    struct run run;
    for (unsigned i = 0; i < list.cnt; i += run.cnt) {
        run = (struct run){list.entry + i, list.cnt - i};
        left = push(left, &run, spare);
    }
    RV_ASSERT(rv_spare_took(spare, before, need));
    return left;
}

unsigned rv_tree_append_need(const struct rv_node *left, const struct rv_node *right,
                             struct rv_seam seam)
{
    if (!by_slices(left, right, seam))
        return rv_tree_join_need(left, right, seam);
    if (right->cnt == 1)
        return rv_tree_push_need(left);
    return 2 * rv_height(left) + 8; // copies and a chain for the first, then at most two more nodes
}
