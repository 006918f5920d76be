// SPDX-License-Identifier: MIT
// io_buffer.c: one buffer.
#include "stream/io_buffer.h"

#include "base/arith.h"
#include "chunk/block.h"

#include <string.h>

void rv_buffer_free(struct rv_buffer *b, struct rove_pool *pool)
{
    if (b->data)
        rv_pool_free(pool, b->data, b->cap);
    *b = (struct rv_buffer){.data = NULL};
}

enum rove_status rv_buffer_ready(struct rv_buffer *b, struct rove_pool *pool)
{
    enum rove_status why = ROVE_OK;
    size_t cap = pool->chunk_len;
    b->off = b->end = 0;
    if (b->cap > cap)
        rv_buffer_free(b, pool);
    if (b->data)
        return ROVE_OK;
    b->data = rv_pool_alloc(pool, cap, &why);
    b->cap = b->data ? cap : 0;
    return b->data ? ROVE_OK : why;
}

enum rove_status rv_buffer_grow(struct rv_buffer *b, struct rove_pool *pool)
{
    enum rove_status why = ROVE_OK;
    size_t len = b->end - b->off, cap = b->cap;
    uint8_t *to = b->data;
    if (!b->off && b->end == b->cap) {
        if (rv_mul_size(b->cap, 2, &cap))
            return ROVE_E_RANGE;
        to = rv_pool_alloc(pool, cap, &why);
        if (!to)
            return why;
    }
    memmove(to, b->data + b->off, len);
    if (to != b->data) {
        rv_buffer_free(b, pool);
        *b = (struct rv_buffer){.data = to, .cap = cap};
    }
    b->off = 0;
    b->end = len;
    return ROVE_OK;
}
