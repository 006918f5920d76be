// SPDX-License-Identifier: MIT
// compact.c: giving back memory that small slices pin, and making all bytes one run.
#include <rove/view.h>

#include "base/arith.h"
#include "rope/append.h"
#include "rope/read.h"
#include "rope/seen.h"

struct compaction {
    struct rv_seen use; // the chunks
    uint64_t left;      // bytes that will yet be copied
    bool shared;        // others hold nodes of the rope: what is kept they have, too
    struct rove_rope out;
};

// What a rope consists of, each node looked at once, however often the rope shares it with itself.
struct stock {
    struct rv_seen nodes, next;   // of a level, and of the one below; used: the ways by which each is reached
    struct rv_seen *use;          // the chunks; used: bytes of them in slices
    uint64_t node_cnt, slice_cnt; // slices as a walk meets them
};

static enum rove_status meet(struct rv_seen *seen, const void *key, uint64_t by)
{
    struct rv_seen_item *item = rv_seen_at(seen, key);
    if (!item)
        return seen->why;
    item->used = rv_add_most_u64(item->used, by);
    return ROVE_OK;
}

static enum rove_status take_node(struct stock *stock, const struct rv_node *node, uint64_t ways)
{
    enum rove_status status = ROVE_OK;
    stock->node_cnt++;
    for (unsigned i = 0; i < node->cnt && status == ROVE_OK; i++) {
        uint64_t len = node->len[i];
        if (node->level) {
            status = meet(&stock->next, node->ptr[i], ways);
            continue;
        }
        stock->slice_cnt = rv_add_most_u64(stock->slice_cnt, ways);
        status = meet(stock->use, node->ptr[i], rv_mul_most_u64(len, ways));
    }
    return status;
}

static enum rove_status take_stock(struct stock *stock, const struct rove_rope *rope)
{
    enum rove_status status = rope->root ? meet(&stock->nodes, rope->root, 1) : ROVE_OK;
    while (stock->nodes.cnt && status == ROVE_OK) {
        for (size_t i = 0; i < stock->nodes.cap && status == ROVE_OK; i++)
            if (stock->nodes.item[i].key)
                status = take_node(stock, stock->nodes.item[i].key, stock->nodes.item[i].used);
        rv_seen_fini(&stock->nodes);
        stock->nodes = stock->next;
        stock->next = rv_seen_none(rope->pool);
    }
    if (status == ROVE_OK && rv_tail_len(rope))
        status = meet(stock->use, rope->tail, rv_tail_len(rope));
    rv_seen_fini(&stock->nodes);
    rv_seen_fini(&stock->next);
    return status;
}

// Tells whether so little of a chunk is used that the rest had better go, as edits judge, too (sweep.c).
// Zeros are everybody's, and cost nothing.
static bool pins(const struct rv_chunk *chunk, uint64_t used)
{
    return used < rv_chunk_enough(chunk) && !rv_chunk_is_zeros(chunk);
}

// Tells whether new nodes would cost more than what goes: a rope that shares itself has far fewer than a tree of its own
// for each slice would have. Counts what will be copied.
static bool would_grow(const struct stock *stock, uint64_t *copied_out)
{
    uint64_t goes = 0, nodes = stock->slice_cnt / RV_FANOUT;
    *copied_out = 0;
    for (size_t i = 0; i < stock->use->cap; i++) {
        const struct rv_seen_item *item = &stock->use->item[i];
        if (!item->key || !pins(item->key, item->used))
            continue;
        goes = rv_add_most_u64(goes, ((const struct rv_chunk *) item->key)->cap - item->used);
        *copied_out = rv_add_most_u64(*copied_out, item->used);
    }
    return nodes > stock->node_cnt && nodes - stock->node_cnt > goes / sizeof(struct rv_node);
}

// Copies go into full chunks and one that they fill: those that a rope takes as it grows would end with room.
static enum rove_status next_chunk(struct compaction *job)
{
    enum rove_status status = rv_append_settle(&job->out);
    struct rove_pool *pool = job->out.pool;
    struct rv_chunk *chunk = NULL;
    if (status == ROVE_OK)
        chunk = rv_chunk_take(pool, (size_t) rv_min_u64(job->left, pool->chunk_len), &status);
    if (chunk) {
        rv_tail_drop(&job->out);
        rv_tail_open(&job->out, chunk);
    }
    return status;
}

// What sleeps is read a piece at a time, and need not wake for it.
static enum rove_status copy(struct compaction *job, struct rv_entry slice)
{
    struct rv_chunk *chunk = slice.ptr;
    uint8_t some[RV_SOME_LEN];
    enum rove_status status = ROVE_OK;
    while (slice.len && status == ROVE_OK) {
        if (job->out.cur == job->out.end)
            status = next_chunk(job);
        const uint8_t *src = chunk->may_sleep ? some : slice.at;
        size_t n = rv_clamp(slice.len, (size_t) (job->out.end - job->out.cur));
        if (src == some) {
            n = rv_min_size(n, sizeof some);
            status = status ? status : rv_chunk_read(chunk, slice.at, some, n);
        }
        if (status == ROVE_OK)
            status = rove_rope_append(&job->out, src, n);
        slice.at += n;
        slice.len -= n;
        job->left -= n;
    }
    return status;
}

// What lies in a chunk that stays anyhow stays there, however short: a copy of it would be kept besides.
static enum rove_status keep_or_copy(struct compaction *job, struct rv_entry slice)
{
    struct rv_chunk *chunk = slice.ptr;
    if (pins(chunk, rv_seen_at(&job->use, chunk)->used))
        return copy(job, slice);
    rv_chunk_ref_slice(chunk, slice.len);
    if (job->shared)
        rv_chunk_double(chunk);
    return rv_append_slice(&job->out, slice);
}

// Recursion is as deep as the tree.
static enum rove_status keep_or_copy_all(struct compaction *job, const struct rv_node *node)
{
    enum rove_status status = ROVE_OK;
    for (unsigned i = 0; i < node->cnt && status == ROVE_OK; i++)
        status = node->level ? keep_or_copy_all(job, rv_kid(node, i)) : keep_or_copy(job, rv_node_entry(node, i));
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
    struct rv_seen none = rv_seen_none(rope->pool);
    struct compaction job = {.use = none, .shared = is_shared(rope->root)};
    struct stock stock = {.nodes = none, .next = none, .use = &job.use};
    struct rove_view all;
    enum rove_status status = take_stock(&stock, rope);
    if (status || would_grow(&stock, &job.left)) {
        rv_seen_fini(&job.use);
        return status;
    }
    rove_rope_init(&job.out, rope->pool);
    status = rove_rope_view(rope, 0, rove_rope_len(rope), &all);
    if (status == ROVE_OK && all.root)
        status = keep_or_copy_all(&job, all.root);
    if (status == ROVE_OK && all.tail_len)
        status = keep_or_copy(&job, (struct rv_entry){all.tail_len, all.tail, all.tail_at});
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
