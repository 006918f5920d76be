// SPDX-License-Identifier: MIT
// read.c: copying out at an offset.
#include "rope/read.h"

#include <rove/view.h>

#include "base/arith.h"
#include "rope/tail.h"

#include <string.h>

enum rove_status rv_slice_read(struct rv_entry slice, uint64_t off, uint8_t *buf, size_t len)
{
    enum rove_status status = rv_chunk_pin(slice.ptr);
    if (status)
        return status;
    memcpy(buf, slice.at + off, len);
    rv_chunk_unpin(slice.ptr);
    return ROVE_OK;
}

enum rove_status rv_tree_read(const struct rv_node *root, uint64_t off, uint8_t *buf, size_t len)
{
    while (len) {
        uint64_t rest = off;
        const struct rv_node *node = root;
        while (node->level)
            node = rv_kid(node, rv_node_find(node, &rest));
        unsigned i = rv_node_find(node, &rest);
        do {
            size_t n = rv_clamp(node->len[i] - rest, len);
            enum rove_status status = rv_chunk_pin(rv_slice_chunk(node, i));
            if (status)
                return status;
            memcpy(buf, node->at[i] + rest, n);
            rv_chunk_unpin(rv_slice_chunk(node, i));
            buf += n;
            len -= n;
            off += n;
            rest = 0;
        } while (len && ++i < node->cnt);
    }
    return ROVE_OK;
}

enum rove_status rove_rope_read(struct rove_rope *rope, uint64_t off, void *buf, size_t len,
                                size_t *len_out)
{
    uint64_t total = rove_rope_len(rope);
    if (len_out)
        *len_out = 0;
    if (off < rope->tree_len && len <= rope->tree_len - off) {
        enum rove_status status = rv_tree_read(rope->root, off, buf, len);
        if (status == ROVE_OK && len_out)
            *len_out = len;
        return status;
    }
    if (off > total)
        return ROVE_E_RANGE;
    len = rv_clamp(total - off, len);
    size_t in_tree = off < rope->tree_len ? rv_clamp(rope->tree_len - off, len) : 0;
    enum rove_status status = rv_tree_read(rope->root, off, buf, in_tree);
    if (status)
        return status;
    if (len > in_tree)
        memcpy((uint8_t *) buf + in_tree, rope->base + (off + in_tree - rope->tree_len),
               len - in_tree);
    if (len_out)
        *len_out = len;
    return ROVE_OK;
}
