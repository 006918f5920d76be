// SPDX-License-Identifier: MIT
// node.h: one node of the B-tree, and the stock of spare ones that an edit lays in first.
//
//     inner:  len[i] = bytes under kid i,  ptr[i] = kid
//     leaf:   len[i] = bytes of slice i,   ptr[i] = its chunk,  at[i] = its first byte
//
// Invariants (rove_rope_check() verifies them):
// 1. All leaves are on level 0; a kid's level is its parent's less one.
// 2. total is the sum of len[0 … cnt); every len is at least 1; a leaf's slices lie within their
//    chunk's capacity.
// 3. 1 <= cnt <= RV_FANOUT. Nodes that are neither the root nor on the left or right edge of the
//    tree have cnt >= RV_FILL. The edges are free so that appending leaves full nodes behind, and
//    so that a cut need not look at its neighbours.
// 4. shift, if not RV_RAGGED: cnt >= 3, len[1 … cnt - 2] are 2^shift, the first and last entry no
//    longer, and skew is 2^shift - len[0]. A place is then found by a shift instead of a search;
//    bytes that were only ever appended have all their nodes so.
// 5. grid, if not RV_RAGGED: every slice below is 2^grid bytes, the last perhaps less, and all nodes
//    below are full but for their right edge. The way down to a place is then in its bits. Appending
//    chunks of one length makes it so, and so does joining two such trees, the left one full; edits only
//    take it away, and only along their path.
// 6. A node with more than one holder is never changed.
//
// RV_FANOUT. Appending and reading like wide nodes, copy on write narrow ones (a copy bumps the
// count of every kid). 16 and 32 were measured alike for edits in 1 GiB; 16 copies half as much.
#ifndef RV_NODE_H
#define RV_NODE_H

#include <rove/rope.h>

#include "base/atomic.h"
#include "chunk/chunk.h"
#include "chunk/pool.h"

#ifndef RV_FANOUT
#define RV_FANOUT 16u // entries in a node; a power of two, at least 4
#endif
#define RV_FANOUT_BITS ((unsigned) __builtin_ctz(RV_FANOUT))
#define RV_FILL (RV_FANOUT / 2) // entries in a node that is on no edge
#define RV_HEIGHT_MAX 64        // levels; 2^63 slices at RV_FILL >= 2 a node
#define RV_RAGGED 255u

// refs stands in front of what an inner node does not use: threads that hold and drop one tree at the same time change it, and
// read all else on their way down. It would take the line of the cache that they need with it.
struct rv_node {
    rv_count refs;
    uint8_t *at[RV_FANOUT]; // kept here so that a reader need not go by way of the chunk
    uint64_t total;
    struct rove_pool *pool; // held; between two numbers that change together, which would be made one vector
    uint64_t skew;
    uint8_t level, cnt, shift, grid;
    uint64_t len[RV_FANOUT];
    void *ptr[RV_FANOUT];
};

_Static_assert(RV_FANOUT < 16 || offsetof(struct rv_node, total) >= 64, "what readers need is in another line than refs");

// One entry, taken out of its node. Owns a hold on ptr unless said.
struct rv_entry {
    uint64_t len;
    void *ptr;
    uint8_t *at;
};

static inline struct rv_node *rv_kid(const struct rv_node *node, unsigned i)
{
    return node->ptr[i];
}

static inline struct rv_chunk *rv_slice_chunk(const struct rv_node *leaf, unsigned i)
{
    return leaf->ptr[i];
}

static inline struct rv_entry rv_node_entry(const struct rv_node *node, unsigned i)
{
    return (struct rv_entry){node->len[i], node->ptr[i], node->at[i]};
}

static inline void rv_node_set(struct rv_node *node, unsigned i, struct rv_entry entry)
{
    node->len[i] = entry.len;
    node->ptr[i] = entry.ptr;
    node->at[i] = entry.at;
}

// Levels of a tree: 0 for none.
static inline unsigned rv_height(const struct rv_node *root)
{
    return root ? root->level + 1u : 0;
}

// Finds the entry that holds byte *off (less than total) and makes *off relative to it.
static inline unsigned rv_node_find(const struct rv_node *node, uint64_t *off)
{
    uint64_t rest = *off;
    unsigned i = 0;
    if (RV_LIKELY(node->shift != RV_RAGGED)) { // as if the first entry were full, too
        rest += node->skew;
        i = (unsigned) (rest >> node->shift);
        rest -= (uint64_t) i << node->shift;
        *off = rest -
               (node->skew & ((uint64_t) (i != 0) - 1)); // a branch would guess wrong once in cnt
        return i;
    }
    while (rest >= node->len[i])
        rest -= node->len[i++];
    *off = rest;
    return i;
}

// Where a byte was found.
struct rv_found {
    const struct rv_node *leaf;
    unsigned i;         // its slice
    const uint8_t *ptr; // the byte
    uint64_t len;       // bytes from there to the end of the slice, at least 1
};

// For rv_byte_find() and rv_own_find(): where a node's bytes lie on a grid. They are known to be as they must be, and no
// length is looked at on the way. What is not needed for the way comes behind it, so that the way is begun sooner.
static inline struct rv_found rv_grid_find(const struct rv_node *node, uint64_t off, bool own)
{
    const struct rv_found none = {NULL, 0, NULL, 0};
    unsigned grid = node->grid;
    uint64_t nth = off >> grid; // slice under this node
    for (unsigned shift = node->level * RV_FANOUT_BITS; shift; shift -= RV_FANOUT_BITS) {
        if (own && !rv_count_one(&node->refs))
            return none;
        node = rv_kid(node, (nth >> shift) & (RV_FANOUT - 1));
    }
    if (own && !rv_count_one(&node->refs))
        return none;
    unsigned i = nth & (RV_FANOUT - 1);
    off ^= nth << grid; // as a difference gcc would keep both
    return (struct rv_found){node, i, node->at[i] + off, node->len[i] - off};
}

// … and in general.
static inline struct rv_found rv_find(const struct rv_node *node, uint64_t off, bool own)
{
    const struct rv_found none = {NULL, 0, NULL, 0};
    for (unsigned i; node->grid == RV_RAGGED; node = rv_kid(node, i)) {
        if (own && !rv_count_one(&node->refs))
            return none;
        i = rv_node_find(node, &off);
        if (!node->level)
            return (struct rv_found){node, i, node->at[i] + off, node->len[i] - off};
    }
    return rv_grid_find(node, off, own);
}

// Finds byte off (less than total).
static inline struct rv_found rv_byte_find(const struct rv_node *node, uint64_t off)
{
    return rv_find(node, off, false);
}

// Likewise if it may be written where it is: no node on the way has another holder,
// nor has anybody else its bytes. Else ptr is NULL.
static inline struct rv_found rv_own_find(const struct rv_node *node, uint64_t off)
{
    struct rv_found found = rv_find(node, off, true);
    if (found.ptr && !rv_chunk_mine(rv_slice_chunk(found.leaf, found.i)))
        found.ptr = NULL;
    return found;
}

// Gives home a node whose last hold was dropped, and what dies with it. No recursion. Returns the bytes that
// this wastes: those that lay in slices and still lie in chunks that others keep.
uint64_t rv_node_gone(struct rv_node *node);

// Drops one hold on a tree; NULL does nothing. Returns what that wastes.
static inline uint64_t rv_node_unref(struct rv_node *node)
{
    return node && rv_count_down(&node->refs) ? rv_node_gone(node) : 0;
}

// The same of a tree that others are likely to hold, in other threads, too: a view's, a clone's.
static inline void rv_node_unref_shared(struct rv_node *node)
{
    if (node && rv_count_down_shared(&node->refs))
        rv_node_gone(node);
}

static inline struct rv_node *rv_node_ref(struct rv_node *node)
{
    if (node)
        rv_count_up(&node->refs);
    return node;
}

// Drops what entry i of a node points at. Returns what that wastes.
static inline uint64_t rv_entry_unref(const struct rv_node *node, unsigned i)
{
    return node->level ? rv_node_unref(node->ptr[i])
                       : rv_chunk_unref_slice(node->ptr[i], node->len[i]);
}

// Drops an entry for good, so that a slice whose bytes others have as well wastes nothing.
static inline uint64_t rv_entry_drop(const struct rv_node *node, unsigned i)
{
    uint64_t most = node->level ? UINT64_MAX : rv_chunk_wastes(node->ptr[i], node->len[i]);
    return rv_min_u64(rv_entry_unref(node, i), most);
}

// Says that slice i of a leaf is about to be so much shorter. Returns what that wastes.
static inline uint64_t rv_slice_shrink(const struct rv_node *leaf, unsigned i, uint64_t by)
{
    struct rv_chunk *chunk = rv_slice_chunk(leaf, i);
    rv_tally_take(&chunk->refs, by);
    return rv_chunk_counts(chunk) ? by : 0;
}

// Works out shift from the lengths; grid is gone.
void rv_node_tune(struct rv_node *node);

// Keeps shift right after the last entry was added or changed its length.
static inline void rv_node_tune_last(struct rv_node *node)
{
    unsigned n = node->cnt;
    node->grid = RV_RAGGED;
    if (n <= 3)
        rv_node_tune(node);
    else if (node->shift != RV_RAGGED && (node->len[n - 2] != UINT64_C(1) << node->shift ||
                                          node->len[n - 1] > UINT64_C(1) << node->shift))
        node->shift = RV_RAGGED;
}

// the spare ones --------------------------------------------------------------------------------

// The size that is a node's own, unless another fits better: that depends on RV_FANOUT, and on how long a pointer is.
static inline unsigned rv_node_class(void)
{
    unsigned any = rv_class_for(sizeof(struct rv_node));
    bool own = sizeof(struct rv_node) <= RV_NODE_LEN && RV_NODE_LEN < rv_class_len(any);
    return own ? RV_NODE_CLASS : any;
}

// Nodes laid in before an edit, so that nothing can fail after its first change.
struct rv_spare {
    struct rove_pool *pool;
    struct rv_node *list; // linked through ptr[0]
    unsigned cnt;         // in the list and in stock
    unsigned stock;       // of those, how many the thread's stock has ready
    uint64_t waste; // bytes that the edit left in chunks and in no slice
    bool to_shrink; // for an edit that makes the rope shorter: a limit keeps some memory for those
};

// Tells whether at most `need` nodes were taken since there were `before`: what a function says that it
// needs is then true, whatever its caller has laid in for others.
static inline bool rv_spare_took(const struct rv_spare *spare, unsigned before, unsigned need)
{
    return before <= spare->cnt + need;
}

// Begins an edit with no nodes. Until rv_spare_fini() ends it no release function is called.
static inline struct rv_spare rv_spare_none(struct rove_pool *pool)
{
    rv_edit_begin();
    return (struct rv_spare){.pool = pool};
}

// Lays in nodes until there are cnt of them. On failure what was there stays. Most edits use few of what they
// could need at most: where the thread keeps blocks it is enough that so many are there.
enum rove_status rv_spare_fill_more(struct rv_spare *spare, unsigned cnt); // cnt: more than there are
static inline enum rove_status rv_spare_fill(struct rv_spare *spare, unsigned cnt)
{
    if (cnt <= spare->cnt)
        return ROVE_OK;
    unsigned ready = spare->stock + cnt - spare->cnt;
    if (RV_UNLIKELY(!rv_block_stocked(spare->pool, rv_node_class(), ready)))
        return rv_spare_fill_more(spare, cnt);
    spare->stock = ready;
    spare->cnt = cnt;
    return ROVE_OK;
}

// Gives the unused ones back.
void rv_spare_give_back(struct rv_spare *spare);

// Likewise, and ends the edit: the rope must be as it is to be.
static inline void rv_spare_fini(struct rv_spare *spare)
{
    if (spare->list)
        rv_spare_give_back(spare);
    spare->cnt = spare->stock = 0;
    rv_edit_end();
}

// Takes one: empty, ragged, one holder. There must be one.
struct rv_node *rv_spare_node(struct rv_spare *spare, unsigned level);

// Keeps an emptied node whose sole holder the caller is.
void rv_spare_keep(struct rv_spare *spare, struct rv_node *node);

// Holds what entries [from, to) of a node point at once more: its bytes are about to be in two nodes.
void rv_node_ref_range(const struct rv_node *node, unsigned from, unsigned to);

// A copy of a node. It holds nothing: that is left to the caller.
struct rv_node *rv_node_copy(const struct rv_node *node, struct rv_spare *spare);

// Makes *slot a node of the caller's own: itself when unshared, else a copy.
struct rv_node *rv_node_own(struct rv_spare *spare, struct rv_node **slot);

// lists of entries ------------------------------------------------------------------------------

#define RV_LIST_MAX (2 * RV_FANOUT + 4)

// Entries on their way from some nodes to others. Owns their holds.
struct rv_list {
    unsigned cnt;
    struct rv_entry entry[RV_LIST_MAX];
};

static inline void rv_list_add(struct rv_list *list, struct rv_entry entry)
{
    list->entry[list->cnt++] = entry;
}

static inline struct rv_entry rv_node_as_entry(struct rv_node *node)
{
    return (struct rv_entry){node->total, node, NULL};
}

// Appends all entries of a node to a list, or makes them all that it has; takes the hold on the node.
void rv_list_begin(struct rv_list *list, struct rv_node *node, struct rv_spare *spare);
void rv_list_open(struct rv_list *list, struct rv_node *node, struct rv_spare *spare);

// Replaces del entries at `at` by cnt others.
void rv_list_splice(struct rv_list *list, unsigned at, unsigned del, const struct rv_entry *add,
                    unsigned cnt);

// Makes some entries a node.
struct rv_node *rv_list_node(const struct rv_entry *entry, unsigned cnt, unsigned level,
                             struct rv_spare *spare);

#endif
