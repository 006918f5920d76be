// SPDX-License-Identifier: MIT
// test_budget.c: memory limits: never passed, usable to the last chunk, shared, refused cleanly.
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "chunk/pool.h"
#include "chunk/slab.h"
#include "rope/node.h"
#include "spill_kit.h"
#include "support/edits.h"
#include "support/suite.h"

#define KIB ((uint64_t) 1024)
#define MIB ((uint64_t) 1 << 20)
#define THREADS 8

// What a pool may leave unused when it refuses a full chunk: less than that chunk, what is kept for
// erasing and, as a chunk may need another slab, the slab's head.
static uint64_t grain(const struct rove_pool *pool)
{
    uint64_t cnt = pool->slab_len / pool->chunk_len;
    return pool->chunk_len + pool->budget->headroom + sizeof(struct rv_slab) +
           cnt * (sizeof(struct rv_chunk) + sizeof(struct rv_bed)) + sizeof(struct rv_node) + 64;
}

// Appends until the pool refuses; returns the length.
static uint64_t fill_up(struct rove_rope *rope, uint64_t seed, size_t piece)
{
    uint8_t *bytes = malloc(piece);
    enum rove_status status = ROVE_OK;
    while (status == ROVE_OK) {
        uint64_t len = rove_rope_len(rope);
        text_fill(bytes, seed, len, piece);
        status = rove_rope_append(rope, bytes, piece);
        if (status && !CHECK_EQ(len, rove_rope_len(rope)))
            break;
    }
    CHECK_IS(ROVE_E_LIMIT, status);
    free(bytes);
    return rove_rope_len(rope);
}

static const struct kit_pool shapes[] = {
    {.chunk_len = 256, .limit = 16 << 10},         {.chunk_len = 4096, .limit = 64 << 10},
    {.chunk_len = 4096, .limit = 256 << 10},       {.chunk_len = 4096, .limit = 3 << 20},
    {.chunk_len = 4096, .limit = 40 << 20},        {.chunk_len = 65536, .limit = 256 << 10},
    {.chunk_len = 65536, .limit = (1 << 20) + 1},  {.chunk_len = 65536, .limit = 33 << 20},
    {.chunk_len = 1 << 20, .limit = 10 << 20},     {.chunk_len = 16 << 20, .limit = 40 << 20},
};
#define SHAPES (sizeof shapes / sizeof *shapes)

// one pool --------------------------------------------------------------------------------------

static void all_but_a_chunk_can_be_used(void)
{
    for (size_t i = 0; i < SHAPES; i++) {
        struct kit_pool how = shapes[i];
        how.watched = true;
        struct rove_pool *pool = kit_pool_new(&how);
        struct rove_rope rope, ballast;
        rove_rope_init(&rope, pool);
        rove_rope_init(&ballast, pool);
        uint64_t extra = how.limit > 8 * how.chunk_len ? how.limit / 8 : 3000;
        CHECK_OK(text_append(&ballast, 1, 0, extra, 3000));
        uint64_t len = fill_up(&rope, i, how.chunk_len / 4 + 1);
        uint64_t held = kit_figures(pool).held;
        CHECK(how.limit - held < grain(pool));
        len += rove_rope_len(&ballast);
        CHECK(len + how.chunk_len > held * 9 / 10 || how.chunk_len < 4096); // most is payload
        kit_check_peak(pool);
        text_check_rope(&rope, i);
        rove_rope_fini(&ballast); // the check itself wants some memory
        if (how.limit >= (256 << 10) && how.limit > 8 * how.chunk_len)
            CHECK_SOUND(&rope);
        rove_rope_fini(&rope);
        rove_pool_unref(pool);
    }
}

static void what_was_freed_can_be_used_again(void)
{
    for (size_t i = 0; i < SHAPES; i++) {
        struct kit_pool how = shapes[i];
        how.watched = true;
        struct rove_pool *pool = kit_pool_new(&how);
        uint64_t first = 0;
        for (int round = 0; round < 4; round++) {
            struct rove_rope rope;
            rove_rope_init(&rope, pool);
            uint64_t len = fill_up(&rope, i, how.chunk_len / (round % 2 ? 3 : 1));
            first = round ? first : len;
            CHECK(len + 2 * how.chunk_len > first && len < first + 2 * how.chunk_len);
            rove_rope_fini(&rope);
        }
        kit_check_peak(pool);
        rove_pool_unref(pool);
    }
}

// What was full chunks becomes small blocks and nodes, and the other way round.
static void free_chunks_make_room_for_blocks(void)
{
    struct kit_pool how = {.chunk_len = 4096, .limit = 512 << 10, .watched = true};
    struct rove_pool *pool = kit_pool_new(&how);
    struct rove_rope big, *small = calloc(4000, sizeof *small);
    for (int round = 0; round < 3; round++) {
        size_t cnt = 0;
        rove_rope_init(&big, pool);
        fill_up(&big, 1, 4096);
        rove_rope_fini(&big);
        enum rove_status status = ROVE_OK;
        for (; cnt < 4000 && status == ROVE_OK; cnt++) {
            rove_rope_init(&small[cnt], pool);
            status = rove_rope_append(&small[cnt], "a small rope", 12);
        }
        CHECK_IS(ROVE_E_LIMIT, status);
        CHECK(cnt > 1500);
        CHECK(how.limit - kit_figures(pool).held < 4096 + pool->budget->headroom);
        while (cnt)
            rove_rope_fini(&small[--cnt]);
    }
    kit_check_peak(pool);
    free(small);
    rove_pool_unref(pool);
}

static void a_refused_change_changes_nothing(void)
{
    struct kit_pool how = {.chunk_len = 4096, .limit = 256 << 10, .watched = true};
    struct rove_pool *pool = kit_pool_new(&how);
    static uint8_t much[300 << 10];
    struct rove_rope rope, shared, other, ballast;
    struct rove_view view;
    rove_rope_init(&rope, pool);
    rove_rope_init(&ballast, pool);
    CHECK_OK(text_append(&ballast, 1, 0, 3000, 3000));
    rove_rope_init(&other, NULL);
    CHECK_OK(rove_rope_append(&other, much, sizeof much));
    uint64_t len = fill_up(&rope, 7, 1000);
    rove_rope_clone(&shared, &rope); // from here on nothing can be changed in place
    CHECK_IS(ROVE_E_LIMIT, rove_rope_append(&rope, much, sizeof much));
    CHECK_IS(ROVE_E_LIMIT, rove_rope_insert(&rope, len / 2, much, 50000));
    CHECK_IS(ROVE_E_LIMIT, rove_rope_overwrite(&rope, 100, much, 100000));
    CHECK_IS(ROVE_E_LIMIT, rove_rope_replace(&rope, 5000, 6000, much, 60000));
    const uint8_t *flat;
    CHECK_IS(ROVE_E_LIMIT, rove_rope_flatten(&rope, &flat));
    CHECK_OK(rove_rope_view(&rope, 0, len, &view));
    CHECK_EQ(len, rove_rope_len(&rope));
    text_check_rope(&rope, 7);
    text_check_rope(&shared, 7);
    text_check_view(&view, 7);
    rove_view_fini(&view);
    rove_rope_fini(&shared);
    rove_rope_fini(&ballast);
    CHECK_OK(rove_rope_truncate(&rope, len / 2)); // works again when there is room
    CHECK_SOUND(&rope);
    CHECK_OK(text_append(&rope, 7, len / 2, len / 4, 3000));
    text_check_rope(&rope, 7);
    kit_check_peak(pool);
    rove_rope_fini(&rope);
    rove_rope_fini(&other);
    rove_pool_unref(pool);
}

// Uses up what the pool would still give, to the last block.
static size_t fill_with_small(struct rove_pool *pool, struct rove_rope *small, size_t most)
{
    enum rove_status status = ROVE_OK;
    size_t cnt = 0;
    for (; cnt < most && status == ROVE_OK; cnt++) {
        rove_rope_init(&small[cnt], pool);
        status = rove_rope_append(&small[cnt], "a small rope", 12);
    }
    CHECK_IS(ROVE_E_LIMIT, status);
    return cnt;
}

// Erases random ranges of a rope for which there is no memory left, beside a flat copy of it.
static void erase_all(struct rove_rope *rope, struct rove_rope *small, size_t cnt)
{
    struct rng rng = rng_from(suite_seed());
    size_t len = (size_t) rove_rope_len(rope);
    uint8_t *flat = malloc(len), *back = malloc(len);
    CHECK_OK(rove_rope_read(rope, 0, flat, len, NULL));
    while (len) {
        struct rove_rope clone;
        size_t off = (size_t) rng_below(&rng, len), del = 1 + (size_t) rng_below(&rng, len - off);
        if (rng_below(&rng, 3)) // most are short
            del = 1 + del / 32;
        rove_rope_clone(&clone, rope);
        CHECK_OK(rove_rope_erase(&clone, off, del)); // of shared nodes, too
        rove_rope_fini(&clone);
        if (!CHECK_OK(rove_rope_erase(rope, off, del)))
            break;
        memmove(flat + off, flat + off + del, len - off - del);
        len -= del;
        CHECK_EQ(len, rove_rope_len(rope));
        CHECK_SOUND(rope);
        for (size_t i = 0; i < cnt; i++) // and again nothing is left
            if (!rove_rope_len(&small[i]))
                (void) !rove_rope_append(&small[i], "a small rope", 12);
    }
    CHECK_OK(rove_rope_read(rope, 0, back, len, NULL));
    CHECK(memcmp(flat, back, len) == 0);
    free(flat);
    free(back);
}

// A pool in which nothing more fits, for a rope and up to 5000 small ones.
static struct rove_pool *full_pool(struct kit_pool how, size_t shape, struct rove_rope *rope, struct rove_rope *small,
                                   size_t *cnt_out)
{
    how.watched = true;
    struct rove_pool *pool = kit_pool_new(&how);
    rove_rope_init(rope, pool);
    fill_up(rope, shape, 700);
    *cnt_out = fill_with_small(pool, small, 5000);
    return pool;
}

static void content_can_always_be_made_shorter(void)
{
    static struct rove_rope small[5000];
    for (size_t i = 0; i < SHAPES; i++) {
        struct kit_pool how = shapes[i];
        if (how.limit < (256 << 10) || how.limit > (3 << 20))
            continue;
        struct rove_rope rope;
        size_t cnt;
        struct rove_pool *pool = full_pool(how, i, &rope, small, &cnt);
        erase_all(&rope, small, cnt);
        kit_check_peak(pool);
        while (cnt)
            rove_rope_fini(&small[--cnt]);
        rove_rope_fini(&rope);
        rove_pool_unref(pool);
    }
}

// An erase that begins in the tree and ends in the tail, at limits of which an eighth is next to nothing.
static void the_seam_of_tree_and_tail_goes_without_memory(void)
{
    static struct rove_rope small[5000];
    static uint8_t flat[512 << 10], back[512 << 10];
    for (size_t i = 0; i < SHAPES; i++) {
        struct kit_pool how = shapes[i];
        if (how.limit > sizeof flat)
            continue;
        struct rove_rope rope;
        size_t cnt;
        struct rove_pool *pool = full_pool(how, i, &rope, small, &cnt);
        size_t len = (size_t) rove_rope_len(&rope);
        size_t tree = (size_t) rope.tree_len, off = tree - 2500;
        CHECK(tree > 2500 && len > tree + 10);
        CHECK_OK(rove_rope_read(&rope, 0, flat, len, NULL));
        CHECK_OK(rove_rope_erase(&rope, off, tree + 5 - off));
        CHECK_SOUND(&rope);
        memmove(flat + off, flat + tree + 5, len - tree - 5);
        len -= tree + 5 - off;
        CHECK_EQ(len, rove_rope_len(&rope));
        CHECK_OK(rove_rope_read(&rope, 0, back, len, NULL));
        CHECK(memcmp(flat, back, len) == 0);
        kit_check_peak(pool);
        while (cnt)
            rove_rope_fini(&small[--cnt]);
        rove_rope_fini(&rope);
        rove_pool_unref(pool);
    }
}

static void a_limit_below_a_chunk_refuses_all(void)
{
    for (uint64_t limit = 1; limit < 70000; limit *= 7) {
        struct kit_pool how = {.chunk_len = 65536, .limit = limit, .watched = true};
        struct rove_pool *pool = kit_pool_new(&how);
        static uint8_t bytes[65536];
        struct rove_rope rope;
        rove_rope_init(&rope, pool);
        CHECK_IS(ROVE_E_LIMIT, rove_rope_append(&rope, bytes, sizeof bytes));
        CHECK_EQ(0, rove_rope_len(&rope));
        rove_rope_fini(&rope);
        kit_check_peak(pool);
        rove_pool_unref(pool);
    }
}

static void trim_leaves_what_is_live_and_nothing_else(void)
{
    struct kit_pool how = {.chunk_len = 4096, .limit = 4 << 20, .watched = true};
    struct rove_pool *pool = kit_pool_new(&how);
    struct rove_rope ropes[64];
    for (int i = 0; i < 64; i++) {
        rove_rope_init(&ropes[i], pool);
        CHECK_OK(text_append(&ropes[i], (uint64_t) i, 0, 40000, 4096));
    }
    for (int i = 0; i < 64; i += 2) // every other one: no slab is wholly free
        rove_rope_fini(&ropes[i]);
    uint64_t before = kit_figures(pool).held, given = rove_pool_trim(pool);
    CHECK(given > 32 * 36000);
    CHECK_EQ(before - given, kit_figures(pool).held);
    for (int i = 1; i < 64; i += 2) {
        text_check_rope(&ropes[i], (uint64_t) i);
        rove_rope_fini(&ropes[i]);
    }
    rove_pool_trim(pool);
    CHECK(kit_figures(pool).held < 4096);
    CHECK_EQ(0, kit_figures(pool).live_cnt);
    rove_pool_unref(pool);
}

// Zeros that were written as bytes take no memory once they are looked for.
static void zeros_are_recognised_on_request(void)
{
    struct kit_pool how = {.chunk_len = 4096, .limit = 2 * MIB, .watched = true};
    struct rove_pool *pool = kit_pool_new(&how);
    static uint8_t bytes[64 << 10], back[64 << 10];
    struct rove_rope rope, before;
    uint64_t len, sum = 0;
    rove_rope_init(&rope, pool);
    for (unsigned i = 0; i < 8; i++) { // text and zeros, in turn
        memset(bytes, 0, sizeof bytes);
        text_fill(bytes, i, 0, (size_t) 5000 * i);
        CHECK_OK(rove_rope_append(&rope, bytes, sizeof bytes));
        sum += sizeof bytes - 5000 * i;
    }
    rove_rope_clone(&before, &rope);
    uint64_t live = kit_figures(pool).live_cnt;
    CHECK_OK(rove_rope_thin(&rope, &len));
    CHECK(len > sum - 16 * 4096 && len <= sum);
    CHECK_SOUND(&rope);
    CHECK_EQ(live, kit_figures(pool).live_cnt); // the clone has them
    rove_rope_fini(&before);
    CHECK(live - kit_figures(pool).live_cnt >= len / 4096);
    for (unsigned i = 0; i < 8; i++) {
        memset(bytes, 0, sizeof bytes);
        text_fill(bytes, i, 0, (size_t) 5000 * i);
        CHECK_OK(rove_rope_read(&rope, i * sizeof bytes, back, sizeof bytes, NULL));
        CHECK(memcmp(back, bytes, sizeof bytes) == 0);
    }
    CHECK_OK(rove_rope_thin(&rope, &len));
    CHECK_EQ(0, len);
    CHECK_OK(rove_rope_overwrite(&rope, 0, "over a hole", 11));
    CHECK_OK(rove_rope_read(&rope, 0, back, 12, NULL));
    CHECK(memcmp(back, "over a hole", 12) == 0);
    rove_rope_clear(&rope);
    CHECK_OK(rove_rope_thin(&rope, NULL));
    CHECK_EQ(0, kit_figures(pool).live_cnt);
    rove_rope_fini(&rope);
    rove_pool_unref(pool);
}

// pools that share ------------------------------------------------------------------------------

static struct rove_pool *borrower(struct rove_pool *lender, size_t chunk_len, uint32_t flags)
{
    struct kit_pool how = {
        .chunk_len = chunk_len, .budget_of = lender, .watched = true, .flags = flags};
    return kit_pool_new(&how);
}

static void pools_that_share_a_limit_hold_no_more_together(void)
{
    struct kit_pool how = {.chunk_len = 65536, .limit = 8 * MIB, .watched = true};
    struct rove_pool *pools[3] = {kit_pool_new(&how)};
    pools[1] = borrower(pools[0], 4096, 0);
    pools[2] = borrower(pools[1], 16384, 0);
    struct rove_rope ropes[3];
    uint64_t sum = 0;
    for (int i = 0; i < 3; i++) {
        rove_rope_init(&ropes[i], pools[i]);
        CHECK_EQ(8 * MIB, kit_figures(pools[i]).limit);
        CHECK_OK(text_append(&ropes[i], (uint64_t) i, 0, MIB, 10000));
    }
    for (int i = 0; i < 3; i++) {
        sum += fill_up(&ropes[i], (uint64_t) i, 10000);
        kit_check_peak(pools[i]);
    }
    CHECK(sum > 7 * MIB);
    for (int i = 0; i < 3; i++) {
        text_check_rope(&ropes[i], (uint64_t) i);
        rove_pool_unref(pools[i]); // the lender first: those who share its limit keep it alive
    }
    for (int i = 0; i < 3; i++)
        rove_rope_fini(&ropes[i]);
}

// Each pool takes nearly all in its turn: what the others have free must not stand in the way.
static void what_one_pool_has_free_another_may_use(void)
{
    struct kit_pool how = {.chunk_len = 65536, .limit = 8 * MIB, .watched = true};
    struct rove_pool *pools[3] = {kit_pool_new(&how)};
    pools[1] = borrower(pools[0], 4096, 0);
    pools[2] = borrower(pools[0], 16384, 0);
    for (int round = 0; round < 6; round++) {
        struct rove_rope rope;
        rove_rope_init(&rope, pools[round % 3]);
        CHECK(fill_up(&rope, 1, 10000) > 7 * MIB);
        rove_rope_fini(&rope);
    }
    for (int i = 0; i < 3; i++) {
        kit_check_peak(pools[i]);
        rove_pool_unref(pools[i]);
    }
}

static void a_pool_that_spills_makes_room_for_another(void)
{
    struct kit_pool how = {
        .chunk_len = 4096, .limit = MIB, .watched = true, .flags = ROVE_POOL_SPILL};
    struct rove_pool *a = kit_pool_new(&how);
    struct rove_pool *b = borrower(a, 4096, 0), *c = borrower(a, 8192, ROVE_POOL_SPILL);
    struct rove_rope ra, rb, rc;
    rove_rope_init(&ra, a);
    rove_rope_init(&rb, b);
    rove_rope_init(&rc, c);
    CHECK_OK(text_append(&ra, 1, 0, 2 * MIB, 5000));
    CHECK_OK(text_append(&rb, 2, 0, MIB / 2, 5000));
    CHECK_OK(text_append(&rc, 3, 0, 2 * MIB, 5000));
    CHECK(kit_figures(a).sleeping_cnt > 256 && kit_figures(c).sleeping_cnt > 100);
    CHECK_EQ(0, kit_figures(b).sleep_cnt);
    for (int round = 0; round < 2; round++) {
        text_check_rope(&ra, 1);
        text_check_rope(&rb, 2);
        text_check_rope(&rc, 3);
    }
    rove_rope_fini(&rc);
    rove_rope_fini(&ra);
    rove_rope_fini(&rb);
    kit_check_peak(a);
    rove_pool_unref(a);
    rove_pool_unref(b);
    rove_pool_unref(c);
}

// Room that another made is room: a reason that was met on the way there is not the answer.
static void a_pool_can_join_those_that_must_make_room_for_it(void)
{
    for (size_t left = 0; left <= 3 * 4096; left += 512) {
        struct kit_pool how = {
            .chunk_len = 4096, .limit = MIB, .watched = true, .flags = ROVE_POOL_SPILL};
        struct rove_pool *a = kit_pool_new(&how), *b = borrower(a, 4096, 0), *c;
        struct rove_rope ra, rb, rc;
        rove_rope_init(&ra, a);
        rove_rope_init(&rb, b);
        CHECK_OK(text_append(&ra, 1, 0, 2 * MIB, 5000));
        CHECK_OK(text_append(&rb, 2, 0, left, 512)); // so that it is full to another byte
        c = borrower(a, 4096, ROVE_POOL_SPILL);
        rove_rope_init(&rc, c);
        CHECK_OK(text_append(&rc, 3, 0, MIB, 5000));
        text_check_rope(&rc, 3);
        text_check_rope(&ra, 1);
        rove_rope_fini(&rc);
        rove_rope_fini(&rb);
        rove_rope_fini(&ra);
        rove_pool_unref(c);
        rove_pool_unref(b);
        kit_check_peak(a);
        rove_pool_unref(a);
    }
}

// What a pool that spills has written can be read, however much of the limit is in use elsewhere by
// what cannot sleep; and the memory so used is not another's to take.
static void what_sleeps_can_be_read_though_others_have_all(void)
{
    struct kit_pool how = {
        .chunk_len = 4096, .limit = MIB, .watched = true, .flags = ROVE_POOL_SPILL};
    struct rove_pool *a = kit_pool_new(&how), *b = borrower(a, 4096, 0);
    struct rove_rope ra, rb, rest;
    rove_rope_init(&ra, a);
    rove_rope_init(&rb, b);
    rove_rope_init(&rest, b);
    CHECK_OK(text_append(&ra, 1, 0, 2 * MIB, 5000));
    fill_up(&rb, 2, 5000);
    fill_up(&rest, 3, 100); // a chunk may have been left, and no room for the second that 5000 bytes need
    for (int round = 0; round < 2; round++) {
        text_check_rope(&ra, 1);
        text_check_rope(&rb, 2);
        CHECK_IS(ROVE_E_LIMIT, text_append(&rb, 2, rove_rope_len(&rb), 5000, 5000));
        CHECK(kit_figures(a).limit - kit_figures(a).held < grain(a));
    }
    struct rove_cursor cursor[2];
    struct rove_view view;
    struct rove_span span;
    CHECK_OK(rove_rope_view(&ra, 0, MIB, &view));
    for (uint64_t i = 0; i < 2; i++)
        CHECK_OK(rove_cursor_init(&cursor[i], &view, i * MIB / 2));
    CHECK_OK(rove_cursor_next(&cursor[0], &span));
    CHECK_IS(ROVE_E_LIMIT, rove_cursor_next(&cursor[1], &span)); // one at a time
    rove_cursor_fini(&cursor[0]);
    CHECK_OK(rove_cursor_next(&cursor[1], &span));
    rove_cursor_fini(&cursor[1]);
    rove_view_fini(&view);
    CHECK_OK(rove_rope_truncate(&ra, MIB)); // with what is awake of it
    text_check_rope(&ra, 1);
    CHECK_OK(rove_rope_truncate(&rb, rove_rope_len(&rb) / 2));
    CHECK_OK(text_append(&rb, 2, rove_rope_len(&rb), 100000, 5000));
    struct rove_pool *late;
    fill_up(&rb, 2, 5000);
    how.budget_of = a, how.chunk_len = 65536;
    CHECK_IS(ROVE_E_LIMIT, kit_pool_try(&how, &late)); // finds nothing to keep
    kit_check_peak(a);
    rove_rope_fini(&ra);
    rove_rope_fini(&rb);
    rove_rope_fini(&rest);
    rove_pool_unref(b);
    rove_pool_unref(a);
}

// threads ---------------------------------------------------------------------------------------

static struct {
    struct rove_pool *pools[3];
    unsigned pool_cnt;
    pthread_barrier_t full;
    uint64_t sum_held;
    atomic_bool passed_limit;
} crowd;

static void watch(struct rove_pool *pool)
{
    struct rove_pool_figures figures = kit_figures(pool);
    if (figures.held > figures.limit)
        atomic_store(&crowd.passed_limit, true);
}

static void *fight_for_memory(void *arg)
{
    uint64_t seed = (uint64_t) (uintptr_t) arg;
    struct rng rng = rng_from(suite_seed() + seed);
    struct rove_pool *pool = crowd.pools[seed % crowd.pool_cnt];
    for (uint64_t round = suite_scaled(30); round-- > 0;) {
        struct rove_rope rope;
        enum rove_status status = ROVE_OK;
        rove_rope_init(&rope, pool);
        while (status == ROVE_OK && rng_below(&rng, 1000)) {
            uint64_t len = 1 + rng_below(&rng, 9000);
            status = text_append(&rope, seed, rove_rope_len(&rope), len, 4000);
            watch(pool);
        }
        if (status && status != ROVE_E_LIMIT)
            CHECK_IS(ROVE_E_LIMIT, status);
        text_check_rope(&rope, seed);
        rove_rope_fini(&rope);
    }
    // All fill up at once; when nobody gets more, nearly all must be in use.
    struct rove_rope last;
    rove_rope_init(&last, pool);
    pthread_barrier_wait(&crowd.full);
    fill_up(&last, seed, 1500);
    if (pthread_barrier_wait(&crowd.full) == PTHREAD_BARRIER_SERIAL_THREAD)
        crowd.sum_held = kit_figures(pool).held;
    pthread_barrier_wait(&crowd.full);
    rove_rope_fini(&last);
    return NULL;
}

static void run_crowd(uint64_t limit, uint64_t unused_most)
{
    pthread_t threads[THREADS];
    pthread_barrier_init(&crowd.full, NULL, THREADS);
    atomic_store(&crowd.passed_limit, false);
    for (size_t i = 0; i < THREADS; i++)
        if (!CHECK(pthread_create(&threads[i], NULL, fight_for_memory, (void *) i) == 0))
            abort(); // the barrier waits for all
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&crowd.full);
    CHECK(!atomic_load(&crowd.passed_limit));
    CHECK(crowd.sum_held <= limit);
    CHECK(limit - crowd.sum_held <= unused_most);
    for (unsigned i = 0; i < crowd.pool_cnt; i++) {
        CHECK_EQ(0, kit_figures(crowd.pools[i]).live_cnt);
        kit_check_peak(crowd.pools[i]);
        rove_pool_unref(crowd.pools[i]);
    }
}

static void eight_threads_use_all_but_a_chunk_each(void)
{
    struct kit_pool how = {.chunk_len = 4096, .limit = 2 * MIB, .watched = true};
    crowd.pools[0] = kit_pool_new(&how);
    crowd.pool_cnt = 1;
    run_crowd(how.limit, THREADS * how.chunk_len + grain(crowd.pools[0]));
}

static void eight_threads_on_three_pools_that_share(void)
{
    struct kit_pool how = {.chunk_len = 4096, .limit = 2 * MIB, .watched = true};
    crowd.pools[0] = kit_pool_new(&how);
    crowd.pools[1] = borrower(crowd.pools[0], 8192, 0);
    crowd.pools[2] = borrower(crowd.pools[1], 4096, 0);
    crowd.pool_cnt = 3;
    run_crowd(how.limit, THREADS * 8192 + grain(crowd.pools[1]));
}

static void *come_and_go(void *arg)
{
    uint64_t seed = (uint64_t) (uintptr_t) arg;
    for (uint64_t round = suite_scaled(50); round-- > 0;) {
        struct kit_pool how = {.chunk_len = 4096,
                               .budget_of = crowd.pools[0],
                               .watched = true,
                               .flags = seed % 2 ? ROVE_POOL_SPILL : 0};
        struct rove_pool *pool;
        struct rove_rope rope;
        enum rove_status status = kit_pool_try(&how, &pool);
        if (status) { // the others may have it all: then there is nothing to keep for waking
            CHECK_IS(ROVE_E_LIMIT, status);
            continue;
        }
        rove_rope_init(&rope, pool);
        rove_pool_unref(pool);
        status = text_append(&rope, seed, 0, 300000, 7000);
        if (status && status != ROVE_E_LIMIT)
            CHECK_IS(ROVE_E_LIMIT, status);
        text_check_rope(&rope, seed);
        rove_rope_fini(&rope);
    }
    return NULL;
}

// Pools join and leave the ring while others look for room in it.
static void pools_that_share_come_and_go(void)
{
    struct kit_pool how = {.chunk_len = 4096, .limit = MIB, .watched = true};
    pthread_t threads[THREADS];
    size_t cnt = 0;
    crowd.pools[0] = kit_pool_new(&how);
    while (cnt < THREADS && pthread_create(&threads[cnt], NULL, come_and_go, (void *) cnt) == 0)
        cnt++;
    CHECK_EQ(THREADS, cnt);
    for (size_t i = 0; i < cnt; i++)
        pthread_join(threads[i], NULL);
    kit_check_peak(crowd.pools[0]);
    rove_pool_unref(crowd.pools[0]);
}

static const struct suite_case cases[] = {
    SUITE_CASE(all_but_a_chunk_can_be_used),
    SUITE_CASE(what_was_freed_can_be_used_again),
    SUITE_CASE(free_chunks_make_room_for_blocks),
    SUITE_CASE(a_refused_change_changes_nothing),
    SUITE_CASE(content_can_always_be_made_shorter),
    SUITE_CASE(the_seam_of_tree_and_tail_goes_without_memory),
    SUITE_CASE(a_limit_below_a_chunk_refuses_all),
    SUITE_CASE(trim_leaves_what_is_live_and_nothing_else),
    SUITE_CASE(zeros_are_recognised_on_request),
    SUITE_CASE(pools_that_share_a_limit_hold_no_more_together),
    SUITE_CASE(what_one_pool_has_free_another_may_use),
    SUITE_CASE(a_pool_that_spills_makes_room_for_another),
    SUITE_CASE(a_pool_can_join_those_that_must_make_room_for_it),
    SUITE_CASE(what_sleeps_can_be_read_though_others_have_all),
    SUITE_CASE(eight_threads_use_all_but_a_chunk_each),
    SUITE_CASE(eight_threads_on_three_pools_that_share),
    SUITE_CASE(pools_that_share_come_and_go),
};

int main(int argc, char **argv)
{
    return suite_run(argc, argv,
                     &(struct suite){"test_budget", cases, sizeof cases / sizeof *cases, false});
}
