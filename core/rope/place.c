// SPDX-License-Identifier: MIT
// place.c: finding and replacing inside one leaf.
#include "rope/place.h"

#include <string.h>

bool rv_place_find(struct rv_node *root, uint64_t off, uint64_t del, struct rv_place *place)
{
    uint64_t back = !del && off ? 1 : 0; // an empty range is found by the byte before it
    uint64_t rest = off - back;
    struct rv_node *node = root;
    place->depth = 0;
    place->shared = !rv_count_one(&root->refs);
    for (;; place->depth++) {
        if (rest + del > node->total)
            return false;
        place->node[place->depth] = node;
        if (!node->level)
            break;
        unsigned i = rv_node_find(node, &rest);
        place->idx[place->depth] = (uint8_t) i;
        node = rv_kid(node, i);
        place->shared = place->shared || !rv_count_one(&node->refs);
    }
    place->first = rv_node_find(node, &rest);
    place->lo = rest + back;
    uint64_t end = place->lo + del;
    unsigned last = place->first;
    while (end > node->len[last])
        end -= node->len[last++];
    place->last = last;
    place->hi = end;
    return true;
}

static unsigned new_cnt(const struct rv_place *place, unsigned add_cnt)
{
    return rv_place_leaf(place)->cnt - (place->last - place->first + 1) + add_cnt;
}

static bool on_edge(const struct rv_place *place, unsigned depth)
{
    bool left = true, right = true;
    for (unsigned d = 0; d < depth; d++) {
        left = left && place->idx[d] == 0;
        right = right && place->idx[d] == place->node[d]->cnt - 1;
    }
    return left || right;
}

// Tells whether a node of the path may have this many entries.
static bool well_filled(const struct rv_place *place, unsigned depth, unsigned cnt)
{
    if (cnt > RV_FANOUT || cnt == 0)
        return false;
    if (depth == 0)
        return cnt > 1 || place->node[0]->level == 0;
    return cnt >= RV_FILL || on_edge(place, depth);
}

unsigned rv_place_need(const struct rv_place *place, unsigned add_cnt)
{
    unsigned copies = 0;
    bool shared = false;
    for (unsigned d = 0; d <= place->depth && place->shared; d++) {
        shared = shared || !rv_count_one(&place->node[d]->refs);
        copies += shared;
    }
    if (well_filled(place, place->depth, new_cnt(place, add_cnt)))
        return copies;
    // Per level two packed, four mended; more leaves; a root.
    return copies + 6 * (place->depth + 1) + RV_PLACE_LEAVES - 2 + 1;
}

// Makes the whole path the rope's own.
static void own_path(struct rv_place *place, struct rv_spare *spare)
{
    if (!place->shared)
        return;
    struct rv_node **slot = &place->node[0];
    for (unsigned d = 0;; d++) {
        struct rv_node *node = rv_node_own(spare, slot);
        place->node[d] = node;
        if (d == place->depth)
            return;
        slot = (struct rv_node **) (void *) &node->ptr[place->idx[d]];
    }
}

// Adds by (or, wrapping, takes away) to the sums above a depth.
static void add_above(struct rv_place *place, unsigned depth, uint64_t by)
{
    if (!by)
        return;
    while (depth-- > 0) {
        struct rv_node *node = place->node[depth];
        node->len[place->idx[depth]] += by;
        node->total += by;
        node->shift = RV_RAGGED;
    }
}

static void move_entries(struct rv_node *node, unsigned to, unsigned from)
{
    size_t cnt = node->cnt - from;
    memmove(node->len + to, node->len + from, cnt * sizeof node->len[0]);
    memmove(node->ptr + to, node->ptr + from, cnt * sizeof node->ptr[0]);
    memmove(node->at + to, node->at + from, cnt * sizeof node->at[0]);
}

static void put_in_place(struct rv_place *place, const struct rv_entry *add, unsigned add_cnt,
                         struct rv_spare *spare)
{
    struct rv_node *leaf = rv_place_leaf(place);
    uint64_t before = leaf->total;
    for (unsigned i = place->first; i <= place->last; i++) {
        leaf->total -= leaf->len[i];
        spare->waste += rv_entry_unref(leaf, i);
    }
    unsigned cnt = new_cnt(place, add_cnt);
    move_entries(leaf, place->first + add_cnt, place->last + 1);
    for (unsigned i = 0; i < add_cnt; i++) {
        rv_node_set(leaf, place->first + i, add[i]);
        leaf->total += add[i].len;
    }
    leaf->cnt = (uint8_t) cnt;
    leaf->shift = RV_RAGGED;
    add_above(place, place->depth, leaf->total - before);
}

static void store(struct rv_node *node, const struct rv_list *list)
{
    node->cnt = (uint8_t) list->cnt;
    node->total = 0;
    for (unsigned i = 0; i < list->cnt; i++) {
        rv_node_set(node, i, list->entry[i]);
        node->total += list->entry[i].len;
    }
    node->shift = RV_RAGGED;
}

// Copies the entries of a node that is the rope's own; the list then owns their holds.
static void read_list(struct rv_list *list, const struct rv_node *node)
{
    list->cnt = 0;
    for (unsigned i = 0; i < node->cnt; i++)
        rv_list_add(list, rv_node_entry(node, i));
}

// Nodes that take the place of one.
struct made {
    unsigned cnt;
    struct rv_entry entry[RV_PLACE_LEAVES];
};

// Makes entries as few nodes as can be, evenly filled, in the place of one of the path that is given up.
static void make_nodes(struct made *made, struct rv_node *old, const struct rv_entry *entry,
                       unsigned cnt, struct rv_spare *spare)
{
    unsigned level = old->level;
    rv_spare_keep(spare, old);
    made->cnt = 0;
    for (unsigned left = (cnt + RV_FANOUT - 1) / RV_FANOUT; left; left--) {
        unsigned n = cnt / left;
        made->entry[made->cnt++] = rv_node_as_entry(rv_list_node(entry, n, level, spare));
        entry += n;
        cnt -= n;
    }
}

// Makes the entries of the leaf, of which some are replaced, leaves.
static void make_leaves(struct made *made, struct rv_place *place, const struct rv_entry *add,
                        unsigned add_cnt, struct rv_spare *spare)
{
    struct rv_entry all[RV_PLACE_LEAVES * RV_FANOUT];
    struct rv_node *leaf = rv_place_leaf(place);
    unsigned cnt = 0;
    for (unsigned i = 0; i < place->first; i++)
        all[cnt++] = rv_node_entry(leaf, i);
    for (unsigned i = 0; i < add_cnt; i++)
        all[cnt++] = add[i];
    for (unsigned i = place->first; i <= place->last; i++)
        spare->waste += rv_entry_unref(leaf, i);
    for (unsigned i = place->last + 1; i < leaf->cnt; i++)
        all[cnt++] = rv_node_entry(leaf, i);
    make_nodes(made, leaf, all, cnt, spare);
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

// Packs the leaf anew and, as long as that makes them too full or too empty, those above it.
static struct rv_node *put_anew(struct rv_place *place, const struct rv_entry *add,
                                unsigned add_cnt, struct rv_spare *spare)
{
    struct made made;
    make_leaves(&made, place, add, add_cnt, spare);
    for (unsigned depth = place->depth; depth-- > 0;) {
        struct rv_list list;
        struct rv_node *node = place->node[depth];
        read_list(&list, node);
        rv_list_splice(&list, place->idx[depth], 1, made.entry, made.cnt);
        if (made.cnt)
            rv_list_mend(&list, place->idx[depth], spare);
        if (well_filled(place, depth, list.cnt)) {
            uint64_t before = node->total;
            store(node, &list);
            add_above(place, depth, node->total - before);
            return place->node[0];
        }
        make_nodes(&made, node, list.entry, list.cnt, spare);
    }
    return root_over(&made, spare);
}

struct rv_node *rv_place_put(struct rv_place *place, const struct rv_entry *add, unsigned add_cnt,
                             struct rv_spare *spare)
{
    unsigned before = spare->cnt, need = RV_DEBUG ? rv_place_need(place, add_cnt) : 0;
    own_path(place, spare);
    for (unsigned d = 0; d <= place->depth; d++)
        place->node[d]->grid = RV_RAGGED;
    struct rv_node *root = place->node[0];
    if (well_filled(place, place->depth, new_cnt(place, add_cnt)))
        put_in_place(place, add, add_cnt, spare);
    else
        root = put_anew(place, add, add_cnt, spare);
    RV_ASSERT(rv_spare_took(spare, before, need));
    return root;
}
