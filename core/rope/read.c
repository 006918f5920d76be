// SPDX-License-Identifier: MIT
// read.c: copying out at an offset.
#include "rope/read.h"

#include <rove/view.h>

#include "base/arith.h"
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

static RV_LONG_WAY enum rove_status read_any(struct rove_rope *rope, uint64_t off, void *buf,
                                             size_t len, size_t *len_out)
{
    uint64_t total = rove_rope_len(rope);
    if (len_out)
        *len_out = 0;
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

enum rove_status rove_rope_read(struct rove_rope *rope, uint64_t off, void *buf, size_t len,
                                size_t *len_out)
{
    if (RV_UNLIKELY(!rope || rv_lacks(buf, len)))
        return ROVE_E_ARG;
    const uint8_t *ptr = rv_bytes_at_once(rope, off, len);
    if (RV_UNLIKELY(!ptr))
        return read_any(rope, off, buf, len, len_out);
    if (len_out)
        *len_out = len;
    if (RV_LIKELY(len))
        rove_copy_run(buf, ptr, len);
    return ROVE_OK;
}
