// SPDX-License-Identifier: MIT
// place.h: a range of bytes inside one leaf, and its replacement in place.
//
// This is the common edit: the leaf's arrays are shifted, the sums on the way up corrected. Only when the leaf grows
// too full or too empty, or others hold it, is it made anew, and then its parent, as far up as that goes on. A node
// that others hold is copied if what is to be in it fits, else its entries are taken as they are read.
#ifndef RV_PLACE_H
#define RV_PLACE_H

#include "rope/tree.h"

// Leaves that the entries of one and those that a replacement adds fill at most; a root over them has room for all.
#define RV_PLACE_LEAVES (RV_FANOUT < 5 ? RV_FANOUT : 5)
#define RV_PLACE_ADD ((RV_PLACE_LEAVES - 1) * RV_FANOUT) // entries that one replacement may add

// The path to a leaf, and in it the bytes from (first, lo) to (last, hi), where 0 <= lo <= length
// of slice first and 0 <= hi <= length of slice last.
struct rv_place {
    unsigned depth; // of the leaf; the root has 0
    unsigned first, last;
    uint64_t lo, hi;
    unsigned own; // nodes of the path, from the root on, that have no other holder, nor has any above them
    struct rv_node *node[RV_HEIGHT_MAX];
    uint8_t idx[RV_HEIGHT_MAX]; // which kid was taken; of node[depth] unused
};

// Finds [off, off + del) of a tree; off + del at most its length. An empty range at a border
// belongs to the slice before it. Returns false when the range lies in more than one leaf.
bool rv_place_find(struct rv_node *root, uint64_t off, uint64_t del, struct rv_place *place);

// The node that it is in: the leaf, until rv_place_put() goes up.
static inline struct rv_node *rv_place_node(const struct rv_place *place)
{
    return place->node[place->depth];
}

// Tells whether that node may be changed.
static inline bool rv_place_own(const struct rv_place *place)
{
    return place->own > place->depth;
}

// How many entries the node has after a replacement.
static inline unsigned rv_place_cnt(const struct rv_place *place, unsigned add_cnt)
{
    return rv_place_node(place)->cnt - (place->last - place->first + 1) + add_cnt;
}

// Tells whether the node may have this many. Those that any may have need no look at where it is.
bool rv_place_fits_there(const struct rv_place *place, unsigned cnt);
static inline bool rv_place_fits(const struct rv_place *place, unsigned cnt)
{
    return RV_LIKELY(cnt >= RV_FILL && cnt <= RV_FANOUT) || rv_place_fits_there(place, cnt);
}

// Spare nodes that rv_place_put() may use.
static inline unsigned rv_place_need(const struct rv_place *place, unsigned add_cnt)
{
    if (rv_place_fits(place, rv_place_cnt(place, add_cnt)))
        return place->depth + 1 - place->own;
    // Per level two packed, four mended; more leaves; a root.
    return 6 * (place->depth + 1) + RV_PLACE_LEAVES - 2 + 1;
}

// Replaces slices first … last of the place (whole ones: what is to stay of them is among the
// added) by others, whose holds are taken, and returns the new root. At most RV_PLACE_ADD. Uses up the place.
struct rv_node *rv_place_put(struct rv_place *place, const struct rv_entry *add, unsigned add_cnt,
                             struct rv_spare *spare);

#endif
