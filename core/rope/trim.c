// SPDX-License-Identifier: MIT
// trim.c: see trim.h. The nodes of an edge may have as few entries as they like (node.h, 3), so
// none has to be mended.
#include "rope/trim.h"

#include <string.h>

// Copies of shared nodes on the path to byte off.
static unsigned copies(const struct rv_node *node, uint64_t off)
{
    unsigned cnt = 0;
    for (bool shared = false;; node = rv_kid(node, rv_node_find(node, &off))) {
        shared = shared || !rv_count_one(&node->refs);
        cnt += shared;
        if (!node->level)
            return cnt;
    }
}

unsigned rv_trim_end_need(const struct rv_node *root, uint64_t len)
{
    return len ? copies(root, len - 1) : 0;
}

unsigned rv_trim_front_need(const struct rv_node *root, uint64_t del)
{
    return del && del < rv_tree_len(root) ? copies(root, del) : 0;
}

static struct rv_node *drop_tree(struct rv_node *root, struct rv_spare *spare)
{
    spare->waste += rv_node_unref(root);
    return NULL;
}

// Keeps entries up to the one that holds byte len - 1; *len: how much of that one is to stay.
static void keep_first(struct rv_node *node, uint64_t *len, struct rv_spare *spare)
{
    uint64_t rest = *len - 1;
    unsigned last = rv_node_find(node, &rest);
    while (node->cnt > last + 1) {
        node->cnt--;
        spare->waste += rv_entry_drop(node, node->cnt);
    }
    if (!node->level)
        spare->waste += rv_slice_shrink(node, last, node->len[last] - (rest + 1));
    node->total = *len;
    node->len[last] = *len = rest + 1;
    rv_node_tune(node);
}

struct rv_node *rv_trim_end(struct rv_node *root, uint64_t len, struct rv_spare *spare)
{
    if (!len)
        return drop_tree(root, spare);
    for (struct rv_node **slot = &root;;) {
        struct rv_node *node = rv_node_own(spare, slot);
        keep_first(node, &len, spare);
        if (!node->level)
            return rv_tree_root((struct rv_pair){root, NULL}, spare);
        slot = (struct rv_node **) (void *) &node->ptr[node->cnt - 1];
    }
}

// Keeps entries from the one that holds byte del; *del: how much of that one is to go.
static void keep_last(struct rv_node *node, uint64_t *del, struct rv_spare *spare)
{
    uint64_t rest = *del;
    unsigned first = rv_node_find(node, &rest);
    for (unsigned i = 0; i < first; i++)
        spare->waste += rv_entry_drop(node, i);
    size_t cnt = node->cnt -= (uint8_t) first;
    memmove(node->len, node->len + first, cnt * sizeof node->len[0]);
    memmove(node->ptr, node->ptr + first, cnt * sizeof node->ptr[0]);
    memmove(node->at, node->at + first, cnt * sizeof node->at[0]);
    node->total -= *del;
    if (!node->level) {
        spare->waste += rv_slice_shrink(node, 0, rest);
        node->at[0] += rest;
    }
    node->len[0] -= rest;
    rv_node_tune(node);
    *del = rest;
}

struct rv_node *rv_trim_front(struct rv_node *root, uint64_t del, struct rv_spare *spare)
{
    if (del >= rv_tree_len(root))
        return drop_tree(root, spare);
    for (struct rv_node **slot = &root; del;) {
        struct rv_node *node = rv_node_own(spare, slot);
        keep_last(node, &del, spare);
        slot = (struct rv_node **) (void *) &node->ptr[0];
        if (!node->level)
            break;
    }
    return rv_tree_root((struct rv_pair){root, NULL}, spare);
}
