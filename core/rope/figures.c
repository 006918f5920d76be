// SPDX-License-Identifier: MIT
// figures.c: what a rope keeps alive, and a print of its tree.
//
// A node's weight is the share of it that is this rope's: 1 for an unshared root, divided by the
// number of holders on each step down, added up over the ways by which it is reached.
#include <inttypes.h>

#include "rope/seen.h"
#include "rope/tail.h"

struct walk {
    struct rv_seen nodes, next, chunks;
    struct rove_rope_figures sum;
    double fair;
};

static enum rove_status add_chunk(struct walk *walk, const struct rv_chunk *chunk, double weight)
{
    size_t before = walk->chunks.cnt;
    if (!rv_seen_at(&walk->chunks, chunk))
        return walk->chunks.why;
    size_t cost = rv_chunk_cost(chunk);
    if (walk->chunks.cnt != before)
        walk->sum.retained += cost;
    walk->fair += weight * (double) cost / (double) rv_tally_holders(&chunk->refs);
    walk->sum.slice_cnt++;
    return ROVE_OK;
}

static enum rove_status add_node(struct walk *walk, const struct rv_seen_item *item)
{
    const struct rv_node *node = item->key;
    double weight = item->weight / (double) rv_count_get(&node->refs);
    walk->sum.node_cnt++;
    walk->sum.retained += sizeof *node;
    walk->fair += weight * (double) sizeof *node;
    for (unsigned i = 0; i < node->cnt; i++) {
        if (!node->level) {
            enum rove_status status = add_chunk(walk, node->ptr[i], weight);
            if (status)
                return status;
            continue;
        }
        struct rv_seen_item *kid = rv_seen_at(&walk->next, node->ptr[i]);
        if (!kid)
            return walk->next.why;
        kid->weight += weight;
    }
    return ROVE_OK;
}

static enum rove_status add_tree(struct walk *walk, const struct rove_rope *rope)
{
    enum rove_status status = ROVE_OK;
    struct rv_seen_item *root = rope->root ? rv_seen_at(&walk->nodes, rope->root) : NULL;
    if (rope->root && !root)
        return walk->nodes.why;
    if (root)
        root->weight = 1;
    while (walk->nodes.cnt && status == ROVE_OK) {
        walk->sum.height++;
        for (size_t i = 0; i < walk->nodes.cap && status == ROVE_OK; i++)
            if (walk->nodes.item[i].key)
                status = add_node(walk, &walk->nodes.item[i]);
        rv_seen_fini(&walk->nodes);
        walk->nodes = walk->next;
        walk->next = rv_seen_none(rope->pool);
    }
    return status;
}

enum rove_status rove_rope_measure(const struct rove_rope *rope,
                                   struct rove_rope_figures *figures_out)
{
    if (!rope || !figures_out)
        return ROVE_E_ARG;
    struct rv_seen none = rv_seen_none(rope->pool);
    struct walk walk = {.nodes = none, .next = none, .chunks = none};
    enum rove_status status = add_tree(&walk, rope);
    if (status == ROVE_OK && rope->tail)
        status = add_chunk(&walk, rope->tail, 1);
    if (status == ROVE_OK && rope->scratch)
        status = add_chunk(&walk, rope->scratch, 1);
    walk.sum.slice_cnt -= rope->scratch != NULL;
    walk.sum.slice_cnt -= rope->tail && !rv_tail_len(rope);
    walk.sum.len = rove_rope_len(rope);
    walk.sum.fair = (uint64_t) (walk.fair + 0.5);
    *figures_out = status ? (struct rove_rope_figures){.len = 0} : walk.sum;
    rv_seen_fini(&walk.nodes);
    rv_seen_fini(&walk.next);
    rv_seen_fini(&walk.chunks);
    return status;
}

// print -----------------------------------------------------------------------------------------

#define LINES_MAX 10000 // a rope that shares itself may have more slices than there is paper

struct printer {
    FILE *file;
    unsigned long lines;
};

static void print_node(struct printer *out, const struct rv_node *node, unsigned depth)
{
    if (out->lines++ >= LINES_MAX)
        return;
    fprintf(out->file, "%*snode level %u, %u entries, %" PRIu64 " bytes, %zu holders%s\n",
            (int) (2 * depth), "", node->level, node->cnt, node->total, rv_count_get(&node->refs),
            node->grid != RV_RAGGED    ? ", on a grid"
            : node->shift != RV_RAGGED ? ", even"
                                       : "");
    for (unsigned i = 0; i < node->cnt; i++) {
        if (node->level) {
            print_node(out, rv_kid(node, i), depth + 1);
            continue;
        }
        const struct rv_chunk *chunk = node->ptr[i];
        if (out->lines++ < LINES_MAX)
            fprintf(out->file, "%*sslice %" PRIu64 " bytes at %zu of %zu, %zu holders\n",
                    (int) (2 * depth + 2), "", node->len[i], (size_t) (node->at[i] - chunk->data),
                    chunk->cap, rv_tally_holders(&chunk->refs));
    }
}

enum rove_status rove_rope_dump(const struct rove_rope *rope, FILE *file)
{
    if (!rope || !file)
        return ROVE_E_ARG;
    struct printer out = {.file = file};
    fprintf(file, "rope %" PRIu64 " bytes, %u levels\n", rove_rope_len(rope),
            rv_height(rope->root));
    if (rope->root)
        print_node(&out, rope->root, 1);
    if (rope->tail)
        fprintf(file, "  tail %zu bytes, room for %zu\n", rv_tail_len(rope),
                (size_t) (rope->end - rope->cur));
    if (out.lines > LINES_MAX)
        fprintf(file, "  … cut at %d lines\n", LINES_MAX);
    return ferror(file) ? ROVE_E_IO : ROVE_OK;
}
