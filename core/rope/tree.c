// SPDX-License-Identifier: MIT
// tree.c: join and cut.
//
// Join is a zip along the seam, the right edge of the left tree and the left edge of the right one.
// Where both edges are filled well enough the two trees are simply put side by side on the level of
// the lower one. Otherwise the seam is opened from the bottom up:
//
//        ▲         ▲            on each level the kids of both nodes make one list, what the
//       ╱ ╲       ╱ ╲           level below returned (one node or two) replaces the two that
//      ▲   ▲ ┊ ┊ ▲   ▲          touch, a node that is too empty is mended with its neighbour,
//     ╱ ╲ ▲ ╲┊ ┊╱ ▲ ╱ ╲         and the list is packed into one node or two.
//
// Recursion is as deep as the tree, a frame each about 1.8 KiB.
//
// Naive equivalent: write out all slices of both trees and build a new one.
#include "rope/tree.h"

#include "base/arith.h"

#include <string.h>

// Per level: two to pack, two more for each of the two ends of the seam that are mended, and as many
// for a mend further up that reaches down again.
#define JOIN_LEVEL_NEED 10u
#define CUT_LEVEL_NEED 2u

struct rv_pair rv_list_pack(const struct rv_list *list, unsigned level, struct rv_spare *spare)
{
    if (list->cnt <= RV_FANOUT)
        return (struct rv_pair){rv_list_node(list->entry, list->cnt, level, spare), NULL};
    unsigned half = list->cnt / 2;
    struct rv_node *a = rv_list_node(list->entry, half, level, spare);
    return (struct rv_pair){a, rv_list_node(list->entry + half, list->cnt - half, level, spare)};
}

void rv_list_mend(struct rv_list *list, unsigned i, struct rv_spare *spare)
{
    struct rv_node *node = list->entry[i].ptr;
    if (node->cnt >= RV_FILL || list->cnt < 2)
        return;
    unsigned left = i ? i - 1 : 0;
    unsigned level = node->level;
    struct rv_list both;
    rv_list_begin(&both, list->entry[left].ptr, spare);
    unsigned meet_at = both.cnt;
    rv_list_open(&both, list->entry[left + 1].ptr, spare);
    if (level) { // a node on an edge may have had a single kid, itself too empty: no edge any more
        rv_list_mend(&both, meet_at, spare);
        rv_list_mend(&both, meet_at - 1, spare);
    }
    struct rv_pair pair = rv_list_pack(&both, level, spare);
    struct rv_entry made[2] = {rv_node_as_entry(pair.a)};
    if (pair.b)
        made[1] = rv_node_as_entry(pair.b);
    rv_list_splice(list, left, 2, made, pair.b ? 2 : 1);
}

// Tells whether a node on a grid has all the bytes that one on its level can have.
static bool is_whole(const struct rv_node *node)
{
    unsigned bits = node->grid + (node->level + 1u) * RV_FANOUT_BITS; // many where it is RV_RAGGED
    return bits < 63 && node->total == UINT64_C(1) << bits;
}

struct rv_node *rv_tree_root(struct rv_pair pair, struct rv_spare *spare)
{
    if (pair.b) {
        struct rv_entry both[2] = {rv_node_as_entry(pair.a), rv_node_as_entry(pair.b)};
        struct rv_node *over = rv_list_node(both, 2, pair.a->level + 1u, spare);
        if (pair.a->grid == pair.b->grid && is_whole(pair.a))
            over->grid = pair.a->grid;
        return over;
    }
    struct rv_node *root = pair.a;
    while (root->level && root->cnt == 1) {
        struct rv_node *kid = rv_node_ref(rv_kid(root, 0));
        rv_node_unref(root);
        root = kid;
    }
    return root;
}

// join ------------------------------------------------------------------------------------------

// The node on an edge of a tree that is on a lower level.
static const struct rv_node *edge_node(const struct rv_node *node, unsigned level, bool right)
{
    while (node->level > level)
        node = rv_kid(node, right ? node->cnt - 1u : 0);
    return node;
}

struct rv_seam rv_tree_seam(const struct rv_node *left, const struct rv_node *right)
{
    if (!left || !right)
        return (struct rv_seam){0, false, NULL};
    unsigned low = left->level < right->level ? left->level : right->level, fit = low + 1;
    const struct rv_node *a = edge_node(left, low, true), *b = edge_node(right, low, false);
    for (;;) {
        if (a->cnt < RV_FILL || b->cnt < RV_FILL)
            fit = a->level;
        if (!a->level)
            break;
        a = rv_kid(a, a->cnt - 1u);
        b = rv_kid(b, 0);
    }
    struct rv_entry last = rv_node_entry(a, a->cnt - 1u), first = rv_node_entry(b, 0);
    bool small = last.len <= ROVE_MERGE_LEN || first.len <= ROVE_MERGE_LEN;
    return (struct rv_seam){rv_slice_follows(last, first) ? 0 : fit, small, first.ptr};
}

static struct rv_pair zip(struct rv_node *left, struct rv_node *right, unsigned fit,
                          struct rv_spare *spare);

// Puts what zip() of two neighbours gave in place of the entries [at, at + del) of a list of nodes.
static void close_seam(struct rv_list *list, unsigned at, unsigned del, struct rv_pair pair,
                       struct rv_spare *spare)
{
    struct rv_entry made[2] = {rv_node_as_entry(pair.a)};
    if (pair.b)
        made[1] = rv_node_as_entry(pair.b);
    rv_list_splice(list, at, del, made, pair.b ? 2 : 1);
    if (pair.b)
        rv_list_mend(list, at + 1, spare);
    rv_list_mend(list, at, spare);
}

// Joins the slices of two leaves; the two that touch become one if they can.
static void meet(struct rv_list *list, unsigned at)
{
    struct rv_entry *a = &list->entry[at - 1], *b = a + 1;
    if (!rv_slice_follows(*a, *b))
        return;
    a->len += b->len;
    rv_chunk_unref(b->ptr); // its bytes stay
    rv_list_splice(list, at, 1, NULL, 0);
}

// Puts the entries of one node behind those of another that has room for them.
static struct rv_node *fill_up(struct rv_node *left, struct rv_node *right, struct rv_spare *spare)
{
    struct rv_node *node = rv_node_own(spare, &left);
    for (unsigned i = 0; i < right->cnt; i++)
        rv_node_set(node, node->cnt++, rv_node_entry(right, i));
    node->total += right->total;
    rv_node_tune(node);
    if (rv_count_one(&right->refs)) {
        rv_spare_keep(spare, right);
        return node;
    }
    rv_node_ref_range(right, 0, right->cnt);
    rv_node_unref(right);
    return node;
}

// Puts the entries of a node behind themselves, where a rope is appended to itself: both holds are the caller's.
static struct rv_node *double_up(struct rv_node *node, struct rv_spare *spare)
{
    rv_count_down(&node->refs);
    node = rv_node_own(spare, &node);
    unsigned cnt = node->cnt;
    rv_node_ref_range(node, 0, cnt);
    for (unsigned i = 0; i < cnt; i++)
        rv_node_set(node, cnt + i, rv_node_entry(node, i));
    node->cnt = (uint8_t) (2 * cnt);
    node->total *= 2;
    rv_node_tune(node);
    return node;
}

static struct rv_pair zip_level(struct rv_node *left, struct rv_node *right, unsigned fit,
                                struct rv_spare *spare)
{
    unsigned level = left->level;
    if (level < fit)
        return (struct rv_pair){left, right};
    if (level && level == fit && left->cnt + right->cnt <= RV_FANOUT)
        return (struct rv_pair){left == right ? double_up(left, spare) : fill_up(left, right, spare), NULL};
    struct rv_list list;
    rv_list_begin(&list, left, spare);
    unsigned at = list.cnt;
    rv_list_open(&list, right, spare);
    if (!level)
        meet(&list, at);
    else if (level > fit)
        close_seam(&list, at - 1, 2, zip(list.entry[at - 1].ptr, list.entry[at].ptr, fit, spare), spare);
    return rv_list_pack(&list, level, spare);
}

static struct rv_pair zip(struct rv_node *left, struct rv_node *right, unsigned fit,
                          struct rv_spare *spare)
{
    unsigned level = left->level > right->level ? left->level : right->level;
    if (left->level == right->level)
        return zip_level(left, right, fit, spare);
    struct rv_list list;
    if (left->level > right->level) {
        rv_list_begin(&list, left, spare);
        unsigned at = list.cnt - 1;
        close_seam(&list, at, 1, zip(list.entry[at].ptr, right, fit, spare), spare);
    } else {
        rv_list_begin(&list, right, spare);
        close_seam(&list, 0, 1, zip(left, list.entry[0].ptr, fit, spare), spare);
    }
    return rv_list_pack(&list, level, spare);
}

struct rv_node *rv_tree_join(struct rv_node *left, struct rv_node *right, struct rv_seam seam,
                             struct rv_spare *spare)
{
    if (!left || !right)
        return left ? left : right;
    unsigned before = spare->cnt, need = RV_DEBUG ? rv_tree_join_need(left, right, seam) : 0;
    struct rv_node *root = rv_tree_root(zip(left, right, seam.fit, spare), spare);
    RV_ASSERT(rv_spare_took(spare, before, need));
    return root;
}

unsigned rv_tree_join_need_most(unsigned height)
{
    return (height + 1) * JOIN_LEVEL_NEED + 1;
}

// Laying in the most for every join would cost more than a join of two well filled trees.
unsigned rv_tree_join_need(const struct rv_node *left, const struct rv_node *right,
                           struct rv_seam seam)
{
    if (!left || !right)
        return 0;
    unsigned low = left->level < right->level ? left->level : right->level;
    unsigned high = left->level + right->level - low;
    if (seam.fit > low)
        return 1 + JOIN_LEVEL_NEED * (high - low);
    if (high == low && seam.fit == low)
        return 3;
    return rv_tree_join_need_most(high + 1);
}

// cut -------------------------------------------------------------------------------------------

// off: within the node, neither 0 nor its total. The node, or a copy of it, stays as the left part.
static struct rv_pair cut(struct rv_node *node, uint64_t off, struct rv_spare *spare)
{
    struct rv_node *left = rv_node_own(spare, &node), *right = rv_spare_node(spare, left->level);
    uint64_t rest = off;
    unsigned from = rv_node_find(left, &rest);
    if (rest) { // the entry that holds the place becomes two
        struct rv_entry b = {left->len[from] - rest, left->ptr[from], left->at[from] + rest};
        if (left->level) {
            struct rv_pair kid = cut(b.ptr, rest, spare);
            left->ptr[from] = kid.a;
            b = rv_node_as_entry(kid.b);
        } else {
            rv_chunk_ref(b.ptr);
        }
        left->len[from++] = rest;
        rv_node_set(right, 0, b);
        right->cnt = 1;
    }
    size_t more = left->cnt - from;
    memcpy(right->len + right->cnt, left->len + from, more * sizeof left->len[0]);
    memcpy(right->ptr + right->cnt, left->ptr + from, more * sizeof left->ptr[0]);
    memcpy(right->at + right->cnt, left->at + from, more * sizeof left->at[0]);
    right->cnt += (uint8_t) more;
    left->cnt = (uint8_t) from;
    right->total = left->total - off;
    left->total = off;
    rv_node_tune(left);
    rv_node_tune(right);
    return (struct rv_pair){left, right};
}

void rv_tree_cut(struct rv_node *root, uint64_t off, struct rv_spare *spare,
                 struct rv_node **left_out, struct rv_node **right_out)
{
    unsigned before = spare->cnt, need = rv_tree_cut_need_most(rv_height(root));
    *left_out = *right_out = NULL;
    if (off == 0) {
        *right_out = root;
    } else if (off == root->total) {
        *left_out = root;
    } else {
        struct rv_pair parts = cut(root, off, spare);
        *left_out = rv_tree_root((struct rv_pair){parts.a, NULL}, spare);
        *right_out = rv_tree_root((struct rv_pair){parts.b, NULL}, spare);
    }
    RV_ASSERT(rv_spare_took(spare, before, need));
}

unsigned rv_tree_cut_need_most(unsigned height)
{
    return height * CUT_LEVEL_NEED;
}

// len: at least 1. What is wholly in the range is shared, the rest of the way to its ends is made anew.
static struct rv_node *part(struct rv_node *node, uint64_t off, uint64_t len,
                            struct rv_spare *spare)
{
    if (len == node->total)
        return rv_node_ref(node);
    struct rv_entry entry[RV_FANOUT];
    unsigned cnt = 0;
    for (unsigned i = rv_node_find(node, &off); len; i++, off = 0) {
        uint64_t n = rv_min_u64(len, node->len[i] - off);
        entry[cnt] = (struct rv_entry){n, node->ptr[i], node->at[i] + off};
        if (node->level)
            entry[cnt] = rv_node_as_entry(part(rv_kid(node, i), off, n, spare));
        else
            rv_chunk_double(rv_chunk_ref_slice(entry[cnt].ptr, n));
        len -= n;
        cnt++;
    }
    return rv_list_node(entry, cnt, node->level, spare);
}

struct rv_node *rv_tree_part(struct rv_node *root, uint64_t off, uint64_t len,
                             struct rv_spare *spare)
{
    while (root->level) { // down to where more than one kid is in the range
        uint64_t rest = off;
        unsigned i = rv_node_find(root, &rest);
        if (rest + len > root->len[i])
            break;
        root = rv_kid(root, i);
        off = rest;
    }
    return part(root, off, len, spare);
}
