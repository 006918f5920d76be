// SPDX-License-Identifier: MIT
// read.c: copying out at an offset.
#include "rope/read.h"

#include <rove/view.h>

#include "base/arith.h"
#include "base/copy.h"
#include "base/given.h"
#include "rope/tail.h"

#include <string.h>

enum rove_status rv_slice_read(struct rv_entry slice, uint64_t off, uint8_t *buf, size_t len)
{
    return rv_chunk_read(slice.ptr, slice.at + off, buf, len);
}

enum rove_status rv_tree_read(const struct rv_node *root, uint64_t off, uint8_t *buf, size_t len)
{
    while (len) {
        struct rv_found found = rv_byte_find(root, off);
        const struct rv_node *leaf = found.leaf;
        for (unsigned i = found.i;;) {
            size_t n = rv_clamp(found.len, len);
            enum rove_status status = rv_chunk_read(rv_slice_chunk(leaf, i), found.ptr, buf, n);
            if (status)
                return status;
            buf += n;
            len -= n;
            off += n;
            if (!len || ++i == leaf->cnt)
                break;
            found.ptr = leaf->at[i];
            found.len = leaf->len[i];
        }
    }
    return ROVE_OK;
}

// In general.
static RV_LONG_WAY enum rove_status read_any(struct rove_rope *rope, uint64_t off, void *buf,
                                             size_t len, size_t *len_out)
{
    if (len_out)
        *len_out = 0;
    if (!rope || rv_lacks(buf, len))
        return ROVE_E_ARG;
    uint64_t total = rove_rope_len(rope);
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

// Behind the tree.
static RV_LONG_WAY enum rove_status read_tail(struct rove_rope *rope, uint64_t off, void *buf,
                                              size_t len, size_t *len_out)
{
    uint64_t in = off - rope->tree_len;
    if (RV_UNLIKELY(!len || !rv_within(in, len, rv_tail_len(rope))))
        return read_any(rope, off, buf, len, len_out);
    if (len_out)
        *len_out = len;
    rove_copy_run(buf, rope->base + in, len);
    return ROVE_OK;
}

// In a tree that is on no grid, and awake.
static RV_LONG_WAY enum rove_status read_ragged(struct rove_rope *rope, uint64_t off, void *buf,
                                                size_t len, size_t *len_out)
{
    struct rv_found found = rv_byte_find(rope->root, off);
    if (RV_UNLIKELY(len > found.len))
        return read_any(rope, off, buf, len, len_out);
    if (len_out)
        *len_out = len;
    rv_copy_cold(buf, found.ptr, len);
    return ROVE_OK;
}

// Random reads in a large rope wait for memory, and how many of them the processor can have under way is decided by how
// few instructions each takes. So a tree on a grid comes first, with nothing beside it.
enum rove_status rove_rope_read(struct rove_rope *rope, uint64_t off, void *buf, size_t len,
                                size_t *len_out)
{
    if (RV_UNLIKELY(!rope || !buf))
        return read_any(rope, off, buf, len, len_out);
    if (RV_UNLIKELY(off >= rope->tree_len))
        return read_tail(rope, off, buf, len, len_out);
    if (RV_UNLIKELY(rv_switch_is_on(&rv_chunks_sleep)))
        return read_any(rope, off, buf, len, len_out);
    if (RV_UNLIKELY(rope->root->grid == RV_RAGGED))
        return read_ragged(rope, off, buf, len, len_out);
    struct rv_found found = rv_grid_find(rope->root, off, false);
    if (RV_UNLIKELY(len > found.len))
        return read_any(rope, off, buf, len, len_out);
    if (len_out)
        *len_out = len;
    rv_copy_cold(buf, found.ptr, len);
    return ROVE_OK;
}
