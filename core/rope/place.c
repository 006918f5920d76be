// SPDX-License-Identifier: MIT
// place.c: finding and replacing inside one leaf.
#include "rope/place.h"

// Asks for all of a node at once: its head is waited for, and the rest is there when that has come.
static inline void prefetch(const struct rv_node *node)
{
    const char *at = (const char *) node;
    for (size_t off = 64; off < sizeof *node; off += 64)
        __builtin_prefetch(at + off);
}

bool rv_place_find(struct rv_node *root, uint64_t off, uint64_t del, struct rv_place *place)
{
    uint64_t back = !del && off ? 1 : 0; // an empty range is found by the byte before it
    uint64_t rest = off - back;
    struct rv_node *node = root;
    unsigned depth = 0, own = 0, height = root->level; // so that nothing waits for a node to tell where to end
    if (off + del > root->total)
        return false;
    for (;; depth++) {
        own += own == depth && rv_count_one(&node->refs);
        place->node[depth] = node;
        if (depth == height)
            break;
        unsigned i = rv_node_find(node, &rest);
        place->idx[depth] = (uint8_t) i;
        node = rv_kid(node, i);
        prefetch(node);
    }
    if (rest + del > node->total)
        return false;
    place->depth = depth;
    place->own = own;
    place->first = rv_node_find(node, &rest);
    __builtin_prefetch(node->ptr[place->first], 1); // its count and kind are looked at when the edit is planned
    place->lo = rest + back;
    uint64_t end = place->lo + del;
    unsigned last = place->first;
    while (end > node->len[last])
        end -= node->len[last++];
    place->last = last;
    place->hi = end;
    return true;
}

// Goes up: the place is then the kid that it was in.
static void rise(struct rv_place *place)
{
    place->depth--;
    place->first = place->last = place->idx[place->depth];
}

static bool on_edge(const struct rv_place *place)
{
    bool left = true, right = true;
    for (unsigned d = 0; d < place->depth; d++) {
        left = left && place->idx[d] == 0;
        right = right && place->idx[d] == place->node[d]->cnt - 1;
    }
    return left || right;
}

bool rv_place_fits_there(const struct rv_place *place, unsigned cnt)
{
    if (cnt > RV_FANOUT || cnt == 0)
        return false;
    if (place->depth == 0)
        return cnt > 1 || rv_place_node(place)->level == 0;
    return cnt >= RV_FILL || on_edge(place);
}

// Adds by (or, wrapping, takes away) to the sums above the node, which has changed.
static void add_above(struct rv_place *place, uint64_t by)
{
    for (unsigned d = 0; d < place->depth; d++) {
        struct rv_node *node = place->node[d];
        node->len[place->idx[d]] += by;
        node->total += by;
        node->shift = by ? RV_RAGGED : node->shift;
        node->grid = RV_RAGGED;
    }
}

// One loop, and not a memmove() of each array: they are a few words, and three calls guess three times how many.
static void move_entries(struct rv_node *node, unsigned to, unsigned from)
{
    unsigned cnt = node->cnt;
    if (to > from) {
        for (unsigned i = cnt; i-- > from;)
            rv_node_set(node, i + (to - from), rv_node_entry(node, i));
    } else {
        for (unsigned i = from; i < cnt; i++)
            rv_node_set(node, i - (from - to), rv_node_entry(node, i));
    }
}

// Replaces entries of the node, which is the rope's own or a copy.
static void put_in_place(struct rv_place *place, const struct rv_entry *add, unsigned add_cnt)
{
    struct rv_node *node = rv_place_node(place);
    unsigned first = place->first, behind = place->last + 1, cnt = rv_place_cnt(place, add_cnt);
    uint64_t by = 0; // wraps
    for (unsigned i = first; i < behind; i++)
        by -= node->len[i];
    if (cnt != node->cnt)
        move_entries(node, first + add_cnt, behind);
    for (unsigned i = 0; i < add_cnt; i++) {
        rv_node_set(node, first + i, add[i]);
        by += add[i].len;
    }
    if (by || add_cnt != 1 || behind - first != 1)
        node->shift = RV_RAGGED;
    node->grid = RV_RAGGED;
    node->cnt = (uint8_t) cnt;
    node->total += by;
    if (rv_place_own(place))
        add_above(place, by);
}

// Takes one more hold on what stays in the node, if others go on to hold it there.
static void hold_others(const struct rv_place *place)
{
    const struct rv_node *node = rv_place_node(place);
    if (rv_place_own(place))
        return;
    rv_node_ref_range(node, 0, place->first);
    rv_node_ref_range(node, place->last + 1, node->cnt);
}

// Writes down what is to take the node's place: its entries, some replaced by others. The holds come along.
static unsigned gather(struct rv_entry *all, const struct rv_place *place,
                       const struct rv_entry *add, unsigned add_cnt)
{
    const struct rv_node *node = rv_place_node(place);
    unsigned cnt = 0;
    for (unsigned i = 0; i < place->first; i++)
        all[cnt++] = rv_node_entry(node, i);
    for (unsigned i = 0; i < add_cnt; i++)
        all[cnt++] = add[i];
    for (unsigned i = place->last + 1; i < node->cnt; i++)
        all[cnt++] = rv_node_entry(node, i);
    hold_others(place);
    return cnt;
}

// Gives up the node. Of those that others hold the rope has held the topmost only, and that the ones below it.
static void give_up(const struct rv_place *place, struct rv_spare *spare)
{
    if (rv_place_own(place))
        rv_spare_keep(spare, rv_place_node(place));
    else if (place->depth == place->own)
        rv_node_unref(rv_place_node(place));
}

// Nodes that take the place of one.
struct made {
    unsigned cnt;
    bool thin; // it is one, which has too few entries
    struct rv_entry entry[RV_PLACE_LEAVES];
};

// Makes entries as few nodes as can be, evenly filled, in the place of the one they are from.
static void make_nodes(struct made *made, const struct rv_place *place,
                       const struct rv_entry *entry, unsigned cnt, struct rv_spare *spare)
{
    unsigned level = rv_place_node(place)->level, left = (cnt + RV_FANOUT - 1) / RV_FANOUT;
    made->thin = left == 1 && !rv_place_fits(place, cnt);
    give_up(place, spare);
    for (made->cnt = 0; left; left--) {
        unsigned n = cnt / left;
        made->entry[made->cnt++] = rv_node_as_entry(rv_list_node(entry, n, level, spare));
        entry += n;
        cnt -= n;
    }
}

static void make_leaves(struct made *made, const struct rv_place *place,
                        const struct rv_entry *add, unsigned add_cnt, struct rv_spare *spare)
{
    struct rv_entry all[RV_PLACE_LEAVES * RV_FANOUT];
    make_nodes(made, place, all, gather(all, place, add, add_cnt), spare);
}

// made: on entry the nodes in the place of a kid.
static void make_above(struct made *made, const struct rv_place *place, struct rv_spare *spare)
{
    struct rv_list list;
    list.cnt = gather(list.entry, place, made->entry, made->cnt);
    if (made->thin)
        rv_list_mend(&list, place->first, spare);
    make_nodes(made, place, list.entry, list.cnt, spare);
}

// Likewise a copy, where the entries fit into one node.
static void make_copy(struct made *made, struct rv_place *place, const struct rv_entry *add,
                      unsigned add_cnt, struct rv_spare *spare)
{
    struct rv_node *copy = rv_node_copy(rv_place_node(place), spare);
    hold_others(place);
    give_up(place, spare);
    place->node[place->depth] = copy;
    put_in_place(place, add, add_cnt);
    made->cnt = 1;
    made->thin = false;
    made->entry[0] = rv_node_as_entry(copy);
}

// A tree over the nodes that take the root's place.
static struct rv_node *root_over(const struct made *made, struct rv_spare *spare)
{
    if (!made->cnt)
        return NULL;
    struct rv_node *root = made->entry[0].ptr;
    if (made->cnt > 1)
        root = rv_list_node(made->entry, made->cnt, root->level + 1u, spare);
    return rv_tree_root((struct rv_pair){root, NULL}, spare);
}

// Drops the slices of the place. Those of a leaf that others hold stay theirs, and what is left of them here is in two.
static void drop_slices(const struct rv_place *place, struct rv_spare *spare)
{
    const struct rv_node *leaf = rv_place_node(place);
    bool own = rv_place_own(place);
    for (unsigned i = place->first; i <= place->last; i++) {
        struct rv_chunk *chunk = rv_slice_chunk(leaf, i);
        if (own) {
            spare->waste += rv_chunk_unref_slice(chunk, leaf->len[i]);
        } else {
            spare->waste += rv_chunk_counts(chunk) ? leaf->len[i] : 0;
            rv_chunk_double(chunk);
        }
    }
}

// Up from the leaf, as long as nodes become too full or too empty, or others hold them.
static struct rv_node *put(struct rv_place *place, const struct rv_entry *add, unsigned add_cnt,
                           struct rv_spare *spare)
{
    struct made made;
    for (bool thin = false;; thin = made.thin) {
        bool fits = !thin && rv_place_fits(place, rv_place_cnt(place, add_cnt));
        if (fits && rv_place_own(place)) {
            put_in_place(place, add, add_cnt);
            return place->node[0];
        }
        if (fits)
            make_copy(&made, place, add, add_cnt, spare);
        else if (rv_place_node(place)->level)
            make_above(&made, place, spare);
        else
            make_leaves(&made, place, add, add_cnt, spare);
        if (!place->depth)
            return root_over(&made, spare);
        rise(place);
        add = made.entry;
        add_cnt = made.cnt;
    }
}

struct rv_node *rv_place_put(struct rv_place *place, const struct rv_entry *add, unsigned add_cnt,
                             struct rv_spare *spare)
{
    unsigned before = spare->cnt, need = RV_DEBUG ? rv_place_need(place, add_cnt) : 0;
    drop_slices(place, spare);
    struct rv_node *root = put(place, add, add_cnt, spare);
    RV_ASSERT(rv_spare_took(spare, before, need));
    return root;
}
