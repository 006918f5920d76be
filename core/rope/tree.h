// SPDX-License-Identifier: MIT
// tree.h: trees are joined and cut. Nothing here can fail: the caller lays in
// spare nodes first, as many as the function's need says.
//
// A tree is its root and the hold on it; NULL is the empty tree. Every function but rv_tree_part() takes the holds
// on the trees it is given and gives the one it returns.
#ifndef RV_TREE_H
#define RV_TREE_H

#include "rope/node.h"

static inline uint64_t rv_tree_len(const struct rv_node *root)
{
    return root ? root->total : 0;
}

// What meets where two trees are laid end to end: found once, for what that needs, for the join, and for who tidies
// it up. Of no tree nothing meets.
struct rv_seam {
    unsigned fit; // so many levels, from the leaves on, may stay as they are; none where the two slices are one
    bool small;   // one of the slices may be merged with others
    const struct rv_chunk *first; // of the right one's first slice
};
struct rv_seam rv_tree_seam(const struct rv_node *left, const struct rv_node *right);

// Lays two trees end to end.
struct rv_node *rv_tree_join(struct rv_node *left, struct rv_node *right, struct rv_seam seam,
                             struct rv_spare *spare);
unsigned rv_tree_join_need(const struct rv_node *left, const struct rv_node *right,
                           struct rv_seam seam);

// Cuts a tree before byte off, 0 to the length; either part may be NULL.
void rv_tree_cut(struct rv_node *root, uint64_t off, struct rv_spare *spare,
                 struct rv_node **left_out, struct rv_node **right_out);

// A tree of [off, off + len) of another, not empty, that shares what it can with it. Takes what a cut takes.
struct rv_node *rv_tree_part(struct rv_node *root, uint64_t off, uint64_t len,
                             struct rv_spare *spare);

// The most that each needs on trees up to this many levels, whatever their shape.
unsigned rv_tree_join_need_most(unsigned height);
unsigned rv_tree_cut_need_most(unsigned height);

// Makes entry i of a list of nodes hold at least RV_FILL entries, if the list has another to take
// them from; the list may become one shorter.
void rv_list_mend(struct rv_list *list, unsigned i, struct rv_spare *spare);

// Packs a list into one node or two, evenly filled.
struct rv_pair {
    struct rv_node *a, *b; // b may be NULL
};
struct rv_pair rv_list_pack(const struct rv_list *list, unsigned level, struct rv_spare *spare);

// Puts a root over a pair, and takes away levels that have one kid.
struct rv_node *rv_tree_root(struct rv_pair pair, struct rv_spare *spare);

// Tells whether slice b continues slice a in the same chunk.
static inline bool rv_slice_follows(struct rv_entry a, struct rv_entry b)
{
    return a.ptr == b.ptr && a.at + a.len == b.at;
}

#endif
