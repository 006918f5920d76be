// SPDX-License-Identifier: MIT
// check.c: every invariant of node.h and tail.h, verified.
//
// It takes no memory, so that a rope can be checked where there is none, and has no other answer than
// what it was asked for. The tree is walked depth first. A rope that shares itself a thousand times
// must be checked as fast as it is small, so shared nodes are remembered once they were found right;
// a node with one holder is met once anyhow. What is remembered is what the stack has room for, a part
// of it for each level: a node that another has driven out is walked again.
//
// What a node may look like depends on where it hangs: on the left edge, on the right edge, on both or
// on none, which asks the most of it and of all below.
#include "base/arith.h"
#include "chunk/raw.h"
#include "rope/tail.h"

#define SEEN_CNT 2048u // 16 KiB of stack

enum edge { LEFT = 1, RIGHT = 2 };

struct walk {
    const struct rv_node *root;
    size_t per_level;         // places that a level has
    uintptr_t seen[SEEN_CNT]; // a node's address; its low bits, 1 << edges, tell where it was right
};

#define EDGES_MASK ((uintptr_t) 15)
_Static_assert(RV_BLOCK_ALIGN > EDGES_MASK, "a node's address leaves room for them");

static const char *check_shift(const struct rv_node *node)
{
    if (node->shift == RV_RAGGED)
        return NULL;
    uint64_t unit = UINT64_C(1) << node->shift;
    if (node->cnt < 3 || node->skew != unit - node->len[0] || node->len[0] > unit)
        return "a node with a shift has three entries or more, the first no longer than the others";
    for (unsigned i = 1; i + 1 < node->cnt; i++)
        if (node->len[i] != unit)
            return "a node with a shift has equal lengths between its ends";
    return node->len[node->cnt - 1] <= unit ? NULL : "a node with a shift has no longer last entry";
}

static const char *check_grid(const struct rv_node *node)
{
    if (node->grid == RV_RAGGED)
        return NULL;
    uint64_t unit = UINT64_C(1) << (node->grid + node->level * RV_FANOUT_BITS);
    for (unsigned i = 0; i < node->cnt; i++) {
        bool last = i + 1u == node->cnt;
        if (node->len[i] > unit || (!last && node->len[i] < unit))
            return "entries on a grid are full, the last perhaps less";
        if (node->level && rv_kid(node, i)->grid != node->grid)
            return "kids of a node with a grid are on the same grid";
    }
    return NULL;
}

static const char *check_slice(const struct rv_node *leaf, unsigned i)
{
    const struct rv_chunk *chunk = leaf->ptr[i];
    if (!rv_tally_holders(&chunk->refs))
        return "a chunk in a leaf has a holder";
    bool inside = leaf->at[i] >= chunk->data &&
                  rv_within((uint64_t) (leaf->at[i] - chunk->data), leaf->len[i], chunk->cap);
    return inside ? NULL : "a slice lies within its chunk";
}

static const char *check_kid(const struct rv_node *node, unsigned i)
{
    const struct rv_node *kid = rv_kid(node, i);
    if (kid->level + 1 != node->level)
        return "a kid's level is its parent's less one";
    return kid->total == node->len[i] ? NULL : "a node knows the sum of each kid";
}

static const char *check_node(const struct walk *walk, const struct rv_node *node, unsigned edges)
{
    if (!node->cnt || node->cnt > RV_FANOUT)
        return "a node has from 1 to RV_FANOUT entries";
    if (node->cnt < RV_FILL && !edges)
        return "a node on no edge has at least RV_FILL entries";
    if (node == walk->root && node->level && node->cnt < 2)
        return "an inner root has two kids or more";
    uint64_t sum = 0;
    for (unsigned i = 0; i < node->cnt; i++) {
        if (!node->len[i])
            return "no entry is empty";
        sum += node->len[i];
        const char *wrong = node->level ? check_kid(node, i) : check_slice(node, i);
        if (wrong)
            return wrong;
    }
    const char *wrong = sum == node->total ? NULL : "a node's total is the sum of its entries";
    wrong = wrong ? wrong : check_shift(node);
    return wrong ? wrong : check_grid(node);
}

// Where a node would be remembered.
static uintptr_t *place_of(struct walk *walk, const struct rv_node *node)
{
    // Fibonacci hashing: pointers share their low bits, the product's high bits do not.
    uint64_t hash = (uint64_t) (uintptr_t) node * UINT64_C(0x9e3779b97f4a7c15);
    return walk->seen + node->level * walk->per_level + (hash >> 32) % walk->per_level;
}

// Tells whether a node was found right where as much was asked of it.
static bool was_right(struct walk *walk, const struct rv_node *node, unsigned edges)
{
    uintptr_t seen = *place_of(walk, node);
    return (seen & ~EDGES_MASK) == (uintptr_t) node && seen & (1u | 1u << edges);
}

static void remember(struct walk *walk, const struct rv_node *node, unsigned edges)
{
    uintptr_t *place = place_of(walk, node), known = *place & EDGES_MASK;
    if ((*place & ~EDGES_MASK) != (uintptr_t) node)
        known = 0;
    *place = (uintptr_t) node | known | (uintptr_t) 1 << edges;
}

// Recursion is as deep as the tree.
static const char *check_subtree(struct walk *walk, const struct rv_node *node, unsigned edges)
{
    bool shared = !rv_count_one(&node->refs);
    if (shared && was_right(walk, node, edges))
        return NULL;
    const char *wrong = check_node(walk, node, edges);
    for (unsigned i = 0; node->level && i < node->cnt && !wrong; i++) {
        unsigned off = (i ? LEFT : 0u) | (i + 1u < node->cnt ? RIGHT : 0u);
        wrong = check_subtree(walk, rv_kid(node, i), edges & ~off);
    }
    if (shared && !wrong)
        remember(walk, node, edges);
    return wrong;
}

static const char *check_tree(const struct rove_rope *rope)
{
    struct walk walk = {.root = rope->root, .per_level = SEEN_CNT / rv_height(rope->root)};
    return check_subtree(&walk, rope->root, LEFT | RIGHT);
}

static const char *check_tail(const struct rove_rope *rope)
{
    const struct rv_chunk *chunk = rope->tail;
    if (!chunk)
        return rope->base || rope->cur || rope->end ? "no tail, no pointers" : NULL;
    if (rope->base > rope->cur || rope->cur > rope->end)
        return "base, cur and end of the tail are in order";
    if (rope->base < chunk->data || rope->end > chunk->data + chunk->cap)
        return "the tail lies within its chunk";
    if ((uint64_t) (rope->end - rope->cur) > ROVE_LEN_MAX - rove_rope_len(rope))
        return "the room ends where the longest rope does";
    if (rope->end == rope->cur)
        return NULL;
    if (rv_mark_get(&chunk->mark) != chunk->cap)
        return "who has room has the claim";
    return (size_t) (rope->cur - chunk->data) >= rope->floor ? NULL
                                                             : "room lies past what others see";
}

const char *rove_rope_check(const struct rove_rope *rope)
{
    if (!rope)
        return "there is a rope";
    if (rv_tree_len(rope->root) != rope->tree_len)
        return "the rope knows the length of its tree";
    if (rove_rope_len(rope) > ROVE_LEN_MAX)
        return "the length is at most ROVE_LEN_MAX";
    if (rope->scratch && rope->scratch_off > rope->scratch->cap)
        return "the scratch chunk is not overfull";
    const char *wrong = check_tail(rope);
    return wrong || !rope->root ? wrong : check_tree(rope);
}
