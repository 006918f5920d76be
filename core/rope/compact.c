// SPDX-License-Identifier: MIT
// compact.c: giving back memory that small slices pin, and making all bytes one run.
#include <rove/view.h>

#include "rope/append.h"
#include "rope/read.h"
#include "rope/seen.h"

#include <string.h>

// Calls `each` for every slice of a view in order.
typedef enum rove_status slice_fn(void *arg, struct rv_chunk *chunk, struct rove_span span);

static enum rove_status for_each_slice(const struct rove_view *view, slice_fn *each, void *arg)
{
    struct rove_cursor cursor;
    enum rove_status status = rove_cursor_init(&cursor, view, 0);
    while (status == ROVE_OK) {
        struct rove_span span;
        status = rove_cursor_next(&cursor, &span);
        if (status == ROVE_OK)
            status = each(arg, rv_cursor_chunk(&cursor), span);
    }
    rove_cursor_fini(&cursor);
    return status == ROVE_END ? ROVE_OK : status;
}

static enum rove_status count_use(void *arg, struct rv_chunk *chunk, struct rove_span span)
{
    struct rv_seen *use = arg;
    struct rv_seen_item *item = rv_seen_at(use, chunk);
    if (!item)
        return use->why;
    item->used += span.len;
    return ROVE_OK;
}

struct compaction {
    struct rv_seen use;
    bool shared; // others hold nodes of the rope: what is kept they have, too
    struct rove_rope out;
};

static enum rove_status keep_or_copy(void *arg, struct rv_chunk *chunk, struct rove_span span)
{
    struct compaction *job = arg;
    struct rv_seen_item *item = rv_seen_at(&job->use, chunk);
    if (item->used < chunk->cap / 2 || span.len <= ROVE_MERGE_LEN)
        return rove_rope_append(&job->out, span.ptr, span.len);
    enum rove_status status = rv_append_settle(&job->out);
    struct rv_spare spare = rv_spare_none(job->out.pool);
    if (status == ROVE_OK)
        status = rv_spare_fill(&spare, rv_tree_push_need(job->out.root));
    if (status == ROVE_OK) {
        struct rv_entry slice = {span.len, rv_chunk_ref_slice(chunk, span.len),
                                 (uint8_t *) (uintptr_t) span.ptr};
        if (job->shared)
            rv_chunk_double(chunk);
        job->out.root = rv_tree_push(job->out.root, slice, &spare);
        job->out.tree_len += slice.len;
    }
    rv_spare_fini(&spare);
    return status;
}

// Tells whether some node of a tree has another holder.
static bool is_shared(const struct rv_node *node)
{
    if (!node)
        return false;
    bool shared = !rv_count_one(&node->refs);
    for (unsigned i = 0; node->level && i < node->cnt && !shared; i++)
        shared = is_shared(rv_kid(node, i));
    return shared;
}

// Exchanges the content of two ropes of one pool.
static void exchange(struct rove_rope *a, struct rove_rope *b)
{
    struct rove_rope was = *a;
    *a = *b;
    *b = was;
}

enum rove_status rove_rope_compact(struct rove_rope *rope)
{
    if (!rope)
        return ROVE_E_ARG;
    struct compaction job = {.use = rv_seen_none(rope->pool), .shared = is_shared(rope->root)};
    struct rove_view all;
    struct rove_rope_figures now;
    enum rove_status status = rove_rope_measure(rope, &now);
    if (status || now.retained <= now.len) // a rope that shares itself would only grow
        return status;
    rove_rope_init(&job.out, rope->pool);
    status = rove_rope_view(rope, 0, rove_rope_len(rope), &all);
    if (status == ROVE_OK)
        status = for_each_slice(&all, count_use, &job.use);
    if (status == ROVE_OK)
        status = for_each_slice(&all, keep_or_copy, &job);
    rove_view_fini(&all);
    rv_seen_fini(&job.use);
    if (status == ROVE_OK)
        exchange(rope, &job.out);
    rove_rope_fini(&job.out);
    return status;
}

// flatten ---------------------------------------------------------------------------------------

static void give_back(void *arg, const void *ptr, size_t len)
{
    struct rove_pool *pool = arg;
    rv_pool_put(pool, (void *) (uintptr_t) ptr, len, RV_BLOCK_ALIGN);
    rv_pool_let_go(pool);
}

// The bytes, when they are one slice already; NULL otherwise.
static const uint8_t *one_run(const struct rove_rope *rope)
{
    static const uint8_t empty[1];
    if (!rove_rope_len(rope))
        return empty;
    if (!rope->root)
        return rope->base;
    const struct rv_node *root = rope->root;
    bool one =
        !root->level && root->cnt == 1 && !rv_tail_len(rope) && !rv_slice_chunk(root, 0)->may_sleep;
    return one ? root->at[0] : NULL;
}

// Copies all bytes into memory of the pool's allocator, wrapped as a chunk.
static struct rv_chunk *copy_flat(struct rove_rope *rope, size_t len, enum rove_status *why_out)
{
    uint8_t *flat = rv_pool_get(rope->pool, len, RV_BLOCK_ALIGN, why_out);
    if (!flat)
        return NULL;
    rv_pool_hold(rope->pool);
    struct rove_span memory = {flat, len};
    struct rv_chunk *chunk = NULL;
    *why_out = rove_rope_read(rope, 0, flat, len, NULL);
    if (*why_out == ROVE_OK)
        chunk = rv_chunk_adopt(rope->pool, memory, give_back, rope->pool, why_out);
    if (!chunk)
        give_back(rope->pool, flat, len);
    return chunk;
}

enum rove_status rove_rope_flatten(struct rove_rope *rope, const uint8_t **ptr_out)
{
    if (!rope || !ptr_out)
        return ROVE_E_ARG;
    uint64_t len = rove_rope_len(rope);
    *ptr_out = one_run(rope);
    if (*ptr_out)
        return ROVE_OK;
    if (len > SIZE_MAX)
        return ROVE_E_RANGE;
    enum rove_status status;
    struct rv_chunk *chunk = copy_flat(rope, (size_t) len, &status);
    if (!chunk)
        return status;
    struct rove_rope out;
    rove_rope_init(&out, rope->pool);
    status = rv_append_slice(&out, (struct rv_entry){len, chunk, chunk->data});
    if (status == ROVE_OK) {
        exchange(rope, &out);
        *ptr_out = one_run(rope);
    }
    rove_rope_fini(&out);
    return status;
}
