// SPDX-License-Identifier: MIT
// test_fill.c: nodes stay at least half full and small neighbours merge, whatever the edits.
//
// The bounds are those that rope.h states under "Fill": on each level at most twice the nodes that
// its entries would fill, and two; at most two slices for each ROVE_MERGE_LEN bytes (or chunk,
// where that is shorter), and two a leaf.
#include <stdlib.h>
#include <string.h>

#include "rope/node.h"
#include "support/edits.h"
#include "support/shapes.h"
#include "support/suite.h"

#define PIECE (ROVE_MERGE_LEN + 1)

// How often to edit in long pieces: they are hundreds of slices where chunks are tiny.
static uint64_t rounds(uint64_t cnt)
{
    return suite_scaled(env.chunk_len < ROVE_MERGE_LEN ? cnt / 5 : cnt);
}

static uint64_t ceil_div(uint64_t a, uint64_t b)
{
    return a / b + (a % b != 0);
}

// Counts the nodes on each level of a tree in which no node is shared.
static void count_levels(const struct rv_node *node, uint64_t cnt[RV_HEIGHT_MAX])
{
    cnt[node->level]++;
    for (unsigned i = 0; node->level && i < node->cnt; i++)
        count_levels(rv_kid(node, i), cnt);
}

// Checks the bound on nodes: on each level at most twice what would hold the entries, and two.
// Returns the leaves.
static uint64_t expect_nodes(const struct rove_rope *rope)
{
    struct rove_rope_figures figures;
    uint64_t cnt[RV_HEIGHT_MAX] = {0}, all = 0;
    CHECK_SOUND(rope);
    CHECK_OK(rove_rope_measure(rope, &figures));
    if (rope->root)
        count_levels(rope->root, cnt);
    uint64_t entries = figures.slice_cnt;
    for (uint32_t level = 0; level < figures.height; level++) {
        if (!CHECK(cnt[level] <= 2 * ceil_div(entries, RV_FANOUT) + 2))
            suite_note("level %u: %llu nodes for %llu entries", level,
                       (unsigned long long) cnt[level], (unsigned long long) entries);
        entries = cnt[level];
        all += entries;
    }
    CHECK_EQ(figures.node_cnt, all);
    return cnt[0];
}

// Checks the bound on slices, too.
static void expect_slices(const struct rove_rope *rope)
{
    struct rove_rope_figures figures;
    uint64_t leaves = expect_nodes(rope);
    uint64_t unit = env.chunk_len < ROVE_MERGE_LEN ? env.chunk_len : ROVE_MERGE_LEN;
    CHECK_OK(rove_rope_measure(rope, &figures));
    uint64_t most = 2 * ceil_div(figures.len, unit) + 2 * leaves + 1; // and the tail
    if (!CHECK(figures.slice_cnt <= most))
        suite_note("%llu slices for %llu bytes in %llu leaves, at most %llu",
                   (unsigned long long) figures.slice_cnt, (unsigned long long) figures.len,
                   (unsigned long long) leaves, (unsigned long long) most);
}

static uint64_t count_slices(const struct rove_rope *rope)
{
    struct rove_rope_figures figures;
    CHECK_OK(rove_rope_measure(rope, &figures));
    return figures.slice_cnt;
}

// appends ---------------------------------------------------------------------------------------

static void many_tiny_appends(void)
{
    struct rove_rope rope;
    size_t cnt = suite_scaled(env.chunk_len < 4096 ? 20000 : 1000000);
    rove_rope_init(&rope, env.pool);
    for (size_t i = 0; i < cnt; i++)
        if (!CHECK_OK(rove_rope_append(&rope, "x", 1)))
            break;
    expect_nodes(&rope);
    CHECK(count_slices(&rope) <= ceil_div(cnt, env.chunk_len) + 16); // the first chunks are smaller
    rove_rope_fini(&rope);
}

// Tiny appends while a clone or a view is taken before each.
static void tiny_appends_between_snapshots(void)
{
    struct rove_rope rope, clone;
    struct rove_view view;
    size_t cnt = 10000;
    rove_rope_init(&rope, env.pool);
    rove_rope_init(&clone, env.pool);
    memset(&view, 0, sizeof view);
    for (size_t i = 0; i < cnt; i++) {
        rove_rope_fini(&clone);
        rove_rope_clone(&clone, &rope);
        rove_view_fini(&view);
        CHECK_OK(rove_rope_view(&rope, i / 2, i - i / 2, &view));
        CHECK_OK(rove_rope_append(&rope, "x", 1));
    }
    rove_rope_fini(&clone);
    rove_view_fini(&view);
    expect_nodes(&rope);
    CHECK(count_slices(&rope) <= ceil_div(cnt, env.chunk_len) + 16); // it won each claim
    expect_slices(&rope);
    rove_rope_fini(&rope);
}

// Another clone is always first to claim the tail, so each append starts a chunk.
static void tiny_appends_that_always_lose_the_tail(void)
{
    struct rove_rope rope, clone;
    rove_rope_init(&rope, env.pool);
    for (size_t i = 0; i < 20000; i++) {
        rove_rope_clone(&clone, &rope);
        CHECK_OK(rove_rope_append(&clone, "y", 1));
        CHECK_OK(rove_rope_append(&rope, "x", 1));
        rove_rope_fini(&clone);
    }
    expect_slices(&rope);
    rove_rope_fini(&rope);
}

static void views_of_long_pieces_appended(void)
{
    struct twin src;
    struct rove_rope rope;
    struct rove_view view;
    struct rng rng = rng_from(suite_seed());
    if (env.chunk_len < 4096)
        return; // the views would be whole trees, and share nodes
    twin_init(&src, env.pool);
    twin_append(&src, 100000);
    rove_rope_init(&rope, env.pool);
    for (int i = 0; i < 2000; i++) {
        size_t len = PIECE + rng_below(&rng, 40);
        CHECK_OK(rove_rope_view(&src.rope, rng_below(&rng, 100000 - len), len, &view));
        CHECK_OK(rove_rope_append_view(&rope, &view));
        rove_view_fini(&view);
    }
    expect_slices(&rope);
    rove_rope_fini(&rope);
    twin_fini(&src);
}

// edits in long pieces --------------------------------------------------------------------------

static void long_pieces_inserted_and_erased_anywhere(void)
{
    struct rove_rope rope;
    struct rng rng = rng_from(suite_seed() + 1);
    rove_rope_init(&rope, env.pool);
    for (uint64_t i = rounds(6000); i-- > 0;) {
        uint64_t len = rove_rope_len(&rope);
        size_t piece = PIECE + rng_below(&rng, 200);
        if (len < 400000 && (rng_below(&rng, 8) || len < 4 * piece))
            CHECK_OK(rove_rope_insert(&rope, rng_below(&rng, len + 1), noise(piece), piece));
        else
            CHECK_OK(rove_rope_erase(&rope, rng_below(&rng, len - piece), piece));
        if (i % 500 == 0)
            expect_slices(&rope);
    }
    while (rove_rope_len(&rope) > 2000)
        CHECK_OK(rove_rope_erase(&rope, rng_below(&rng, rove_rope_len(&rope) - PIECE), PIECE));
    expect_slices(&rope);
    rove_rope_fini(&rope);
}

// Of each long slice all but a few bytes go, so that what is left of neighbours could lie side by
// side; the erased pieces are long, from the middle of one slice to the middle of the next.
static void all_but_crumbs_erased(void)
{
    struct rove_rope rope;
    const size_t keep = 8, pieces = 3000;
    rove_rope_init(&rope, env.pool);
    for (size_t i = 0; i < pieces; i++)
        CHECK_OK(rove_rope_append_adopt(&rope, noise(PIECE), PIECE, NULL, NULL));
    for (uint64_t off = keep; off + PIECE < rove_rope_len(&rope); off += keep)
        CHECK_OK(rove_rope_erase(&rope, off, PIECE));
    CHECK(rove_rope_len(&rope) < (pieces + PIECE) * keep);
    expect_slices(&rope);
    rove_rope_fini(&rope);
}

// The same over several leaves at a time: what is left meets from different leaves.
static void crumbs_of_whole_leaves(void)
{
    struct rove_rope rope;
    const size_t keep = 5, span = (2 * RV_FANOUT + 1) * PIECE;
    rove_rope_init(&rope, env.pool);
    for (size_t i = 0; i < 300 * RV_FANOUT; i++)
        CHECK_OK(rove_rope_append_adopt(&rope, noise(PIECE), PIECE, NULL, NULL));
    for (uint64_t off = keep; off + span < rove_rope_len(&rope); off += keep)
        CHECK_OK(rove_rope_erase(&rope, off, span));
    expect_slices(&rope);
    rove_rope_fini(&rope);
}

static void insert_and_erase_in_turn_at_one_place(void)
{
    struct rove_rope rope;
    rove_rope_init(&rope, env.pool);
    CHECK_OK(rove_rope_append(&rope, noise(50000), 50000));
    for (uint64_t i = 0; i < rounds(3000); i++) {
        CHECK_OK(rove_rope_insert(&rope, 25000, noise(PIECE), PIECE));
        CHECK_OK(rove_rope_erase(&rope, 25000 - i % PIECE, PIECE));
    }
    CHECK_EQ(50000, rove_rope_len(&rope));
    expect_slices(&rope);
    rove_rope_fini(&rope);
}

static void split_and_rejoined_everywhere(void)
{
    struct rove_rope rope, right;
    struct rng rng = rng_from(suite_seed() + 2);
    size_t total = 200000;
    rove_rope_init(&rope, env.pool);
    CHECK_OK(rove_rope_append(&rope, noise(total), total));
    for (uint64_t i = rounds(3000); i-- > 0;) {
        size_t at = rng_below(&rng, total / PIECE) * PIECE;
        CHECK_OK(rove_rope_split(&rope, at, &right));
        CHECK_OK(rove_rope_concat(&rope, &right));
        rove_rope_fini(&right);
        if (i % 1000 == 0)
            expect_nodes(&rope);
    }
    CHECK_EQ(total, rove_rope_len(&rope));
    expect_slices(&rope);
    rove_rope_fini(&rope);
}

// edits in tiny pieces --------------------------------------------------------------------------

static void tiny_inserts_and_erases_anywhere(void)
{
    struct rove_rope rope;
    struct rng rng = rng_from(suite_seed() + 3);
    rove_rope_init(&rope, env.pool);
    for (uint64_t i = rounds(60000); i-- > 0;) {
        size_t len = (size_t) rove_rope_len(&rope), piece = 1 + rng_below(&rng, 3);
        if (len < 20000 && (i % 3 || len < 10))
            CHECK_OK(rove_rope_insert(&rope, rng_below(&rng, len + 1), "ab", i & 1 ? 2 : 1));
        else
            CHECK_OK(rove_rope_erase(&rope, rng_below(&rng, len - 3), piece));
        if (i % 10000 == 0)
            expect_slices(&rope);
    }
    rove_rope_fini(&rope);
}

static void every_other_byte_erased(void)
{
    struct rove_rope rope;
    size_t total = env.chunk_len < 16 ? 4000 : 30000;
    rove_rope_init(&rope, env.pool);
    CHECK_OK(rove_rope_append(&rope, noise(total), total));
    for (size_t i = 0; i < total / 2; i++)
        CHECK_OK(rove_rope_erase(&rope, i, 1));
    CHECK_EQ(total / 2, rove_rope_len(&rope));
    expect_slices(&rope);
    rove_rope_fini(&rope);
}

static void overwrites_beside_a_clone(void)
{
    struct rove_rope rope, clone;
    struct rng rng = rng_from(suite_seed() + 4);
    size_t total = 100000;
    rove_rope_init(&rope, env.pool);
    rove_rope_init(&clone, env.pool);
    CHECK_OK(rove_rope_append(&rope, noise(total), total));
    for (uint64_t i = rounds(5000); i-- > 0;) {
        size_t piece = PIECE + rng_below(&rng, 100);
        rove_rope_fini(&clone);
        rove_rope_clone(&clone, &rope);
        CHECK_OK(rove_rope_overwrite(&rope, rng_below(&rng, total - piece), noise(piece), piece));
    }
    rove_rope_fini(&clone);
    expect_slices(&rope);
    rove_rope_fini(&rope);
}

static void tiny_overwrites_beside_a_clone(void)
{
    struct rove_rope rope, clone;
    struct rng rng = rng_from(suite_seed() + 4);
    size_t total = 100000;
    rove_rope_init(&rope, env.pool);
    rove_rope_init(&clone, env.pool);
    CHECK_OK(rove_rope_append(&rope, noise(total), total));
    for (uint64_t i = rounds(5000); i-- > 0;) {
        size_t piece = 1 + rng_below(&rng, 10);
        rove_rope_fini(&clone);
        rove_rope_clone(&clone, &rope);
        CHECK_OK(rove_rope_overwrite(&rope, rng_below(&rng, total - piece), noise(piece), piece));
    }
    rove_rope_fini(&clone);
    expect_slices(&rope);
    rove_rope_fini(&rope);
}

static void shortened_and_grown_in_turn(void)
{
    struct rove_rope rope;
    struct rove_view view;
    rove_rope_init(&rope, env.pool);
    for (size_t i = 0; i < 3000; i++) {
        CHECK_OK(rove_rope_append_adopt(&rope, noise(2 * PIECE), 2 * PIECE, NULL, NULL));
        CHECK_OK(rove_rope_truncate(&rope, rove_rope_len(&rope) - 2 * PIECE + 2));
        if (i % 3 == 0) {
            CHECK_OK(rove_rope_view(&rope, 0, rove_rope_len(&rope), &view));
            CHECK_OK(rove_rope_append(&rope, "xyz", 3));
            rove_view_fini(&view);
        }
    }
    expect_slices(&rope);
    rove_rope_fini(&rope);
}

static const struct suite_case cases[] = {
    SUITE_CASE(many_tiny_appends),
    SUITE_CASE(tiny_appends_between_snapshots),
    SUITE_CASE(tiny_appends_that_always_lose_the_tail),
    SUITE_CASE(views_of_long_pieces_appended),
    SUITE_CASE(long_pieces_inserted_and_erased_anywhere),
    SUITE_CASE(all_but_crumbs_erased),
    SUITE_CASE(crumbs_of_whole_leaves),
    SUITE_CASE(insert_and_erase_in_turn_at_one_place),
    SUITE_CASE(split_and_rejoined_everywhere),
    SUITE_CASE(tiny_inserts_and_erases_anywhere),
    SUITE_CASE(every_other_byte_erased),
    SUITE_CASE(overwrites_beside_a_clone),
    SUITE_CASE(tiny_overwrites_beside_a_clone),
    SUITE_CASE(shortened_and_grown_in_turn),
};

int main(int argc, char **argv)
{
    return suite_run(argc, argv,
                     &(struct suite){"test_fill", cases, sizeof cases / sizeof *cases, true});
}
