// SPDX-License-Identifier: MIT
// node.c: nodes are taken, copied, opened and dropped here.
#include "rope/node.h"

#include <string.h>

static void node_free(struct rv_node *node)
{
    struct rove_pool *pool = node->pool;
    rv_block_give(pool, rv_node_class(), node);
    rv_pool_let_go(pool);
}

// Drops the kids of a node, the last one first, until one is met that dies: it is returned, and no kid any more.
static struct rv_node *dying_kid(struct rv_node *node)
{
    bool alone = rv_one_thread();
    for (unsigned i = node->cnt; i-- > 0;) {
        if (rv_count_down_as(&rv_kid(node, i)->refs, alone)) {
            node->cnt = (uint8_t) i;
            return rv_kid(node, i);
        }
    }
    return NULL;
}

static uint64_t drop_slices(const struct rv_node *leaf)
{
    uint64_t waste = 0;
    for (unsigned i = leaf->cnt; i-- > 0;)
        waste += rv_chunk_unref_slice(rv_slice_chunk(leaf, i), leaf->len[i]);
    return waste;
}

uint64_t rv_node_gone(struct rv_node *node)
{
    uint64_t waste = 0;
    struct rv_node *dying[RV_HEIGHT_MAX]; // a path: each was the last kid of the one before
    unsigned depth = 0;
    for (dying[depth++] = node; depth;) {
        node = dying[depth - 1];
        struct rv_node *kid = node->level ? dying_kid(node) : NULL;
        if (kid) {
            dying[depth++] = kid;
            continue;
        }
        if (!node->level)
            waste += drop_slices(node);
        node_free(node);
        depth--;
    }
    return waste;
}

void rv_node_tune(struct rv_node *node)
{
    node->shift = node->grid = RV_RAGGED;
    if (node->cnt < 3)
        return;
    uint64_t unit = node->len[1];
    if (unit & (unit - 1) || node->len[0] > unit)
        return;
    for (unsigned i = 2; i + 1 < node->cnt; i++)
        if (node->len[i] != unit)
            return;
    if (node->len[node->cnt - 1] <= unit)
        node->shift = (uint8_t) __builtin_ctzll(unit);
    node->skew = unit - node->len[0];
}

enum rove_status rv_spare_fill_more(struct rv_spare *spare, unsigned cnt)
{
    unsigned block_class = rv_node_class();
    enum rove_status why, last;
    unsigned ready = spare->stock + cnt - spare->cnt;
    if (rv_block_stock(spare->pool, block_class, ready, &why)) {
        spare->stock = ready;
        spare->cnt = cnt;
    } else if (why) {
        return why;
    }
    while (spare->cnt < cnt) {
        struct rv_node *node = rv_block_take(spare->pool, block_class, &why);
        if (!node && why != ROVE_E_NOMEM && spare->to_shrink) // at the limit, whatever stands against making room there
            node = rv_raw_get_last(spare->pool, rv_class_len(block_class), RV_BLOCK_ALIGN, &last);
        if (!node)
            return why;
        rv_pool_hold(spare->pool);
        node->pool = spare->pool;
        node->ptr[0] = spare->list;
        spare->list = node;
        spare->cnt++;
    }
    return ROVE_OK;
}

void rv_spare_give_back(struct rv_spare *spare)
{
    while (spare->list) {
        struct rv_node *node = spare->list;
        spare->list = node->ptr[0];
        node_free(node);
    }
}

struct rv_node *rv_spare_node(struct rv_spare *spare, unsigned level)
{
    struct rv_node *node = spare->list;
    RV_ASSERT(spare->cnt);
    spare->cnt--;
    if (node) {
        spare->list = node->ptr[0];
    } else {
        enum rove_status why;
        node = rv_block_take(spare->pool, rv_node_class(), &why);
        rv_pool_hold(spare->pool);
        node->pool = spare->pool;
        spare->stock--;
    }
    rv_count_init(&node->refs);
    node->total = node->skew = 0;
    node->level = (uint8_t) level;
    node->cnt = 0;
    node->shift = node->grid = RV_RAGGED;
    return node;
}

void rv_spare_keep(struct rv_spare *spare, struct rv_node *node)
{
    node->ptr[0] = spare->list;
    spare->list = node;
    spare->cnt++;
}

void rv_node_ref_range(const struct rv_node *node, unsigned from, unsigned to)
{
    bool kids = node->level, alone = rv_one_thread();
    for (unsigned i = from; kids && i < to; i++)
        rv_count_up_as(&rv_kid(node, i)->refs, alone);
    for (unsigned i = from; !kids && i < to; i++) {
        struct rv_chunk *chunk = rv_slice_chunk(node, i);
        rv_tally_up_as(&chunk->refs, node->len[i], alone);
        rv_chunk_double(chunk);
    }
}

struct rv_node *rv_node_copy(const struct rv_node *old, struct rv_spare *spare)
{
    struct rv_node *node = rv_spare_node(spare, old->level);
    node->total = old->total;
    node->cnt = old->cnt;
    node->shift = old->shift;
    node->grid = old->grid;
    node->skew = old->skew;
    for (unsigned i = 0; i < old->cnt; i += 4) { // for a length that it does not know gcc takes `rep movs`, slow to start
        memcpy(node->len + i, old->len + i, 4 * sizeof old->len[0]);
        memcpy(node->ptr + i, old->ptr + i, 4 * sizeof old->ptr[0]);
        memcpy(node->at + i, old->at + i, 4 * sizeof old->at[0]);
    }
    return node;
}

struct rv_node *rv_node_own(struct rv_spare *spare, struct rv_node **slot)
{
    struct rv_node *old = *slot;
    if (rv_count_one(&old->refs))
        return old;
    *slot = rv_node_copy(old, spare);
    rv_node_ref_range(old, 0, old->cnt);
    rv_node_unref(old);
    return *slot;
}

void rv_list_open(struct rv_list *list, struct rv_node *node, struct rv_spare *spare)
{
    for (unsigned i = 0; i < node->cnt; i++)
        rv_list_add(list, rv_node_entry(node, i));
    if (rv_count_one(&node->refs)) {
        rv_spare_keep(spare, node);
        return;
    }
    rv_node_ref_range(node, 0, node->cnt);
    rv_node_unref(node);
}

void rv_list_begin(struct rv_list *list, struct rv_node *node, struct rv_spare *spare)
{
    list->cnt = 0; // clearing all of it would take longer than what is to be done
    rv_list_open(list, node, spare);
}

void rv_list_splice(struct rv_list *list, unsigned at, unsigned del, const struct rv_entry *add,
                    unsigned cnt)
{
    RV_ASSERT(list->cnt - del + cnt <= RV_LIST_MAX);
    memmove(list->entry + at + cnt, list->entry + at + del,
            (list->cnt - at - del) * sizeof list->entry[0]);
    if (cnt)
        memcpy(list->entry + at, add, cnt * sizeof add[0]);
    list->cnt = list->cnt - del + cnt;
}

struct rv_node *rv_list_node(const struct rv_entry *entry, unsigned cnt, unsigned level,
                             struct rv_spare *spare)
{
    struct rv_node *node = rv_spare_node(spare, level);
    node->cnt = (uint8_t) cnt;
    for (unsigned i = 0; i < cnt; i++) {
        rv_node_set(node, i, entry[i]);
        node->total += entry[i].len;
    }
    rv_node_tune(node);
    return node;
}
