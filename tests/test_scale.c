// SPDX-License-Identifier: MIT
// test_scale.c: ropes as long as can be, by sharing; many slices; small stacks.
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rope/node.h"
#include "support/edits.h"
#include "support/shapes.h"
#include "support/suite.h"

#define LEN_62 (UINT64_C(1) << 62)
#define MEMORY ((uint64_t) 4 << 20)

// What a byte at an offset is, in a rope that repeats its first 2^k bytes.
static uint8_t expected_at(const uint8_t *unit, size_t unit_len, uint64_t off)
{
    return unit[off % unit_len];
}

// Doubles a rope by concatenation with a clone of itself until it is len bytes long.
static void double_to(struct rove_rope *rope, uint64_t len)
{
    while (rove_rope_len(rope) < len) {
        struct rove_rope copy;
        rove_rope_clone(&copy, rope);
        if (!CHECK_OK(rove_rope_concat(rope, &copy)))
            len = 0;
        rove_rope_fini(&copy);
    }
}

static uint64_t held(struct rove_pool *pool)
{
    struct rove_pool_figures figures;
    rove_pool_measure(pool, &figures);
    return figures.held_peak;
}

#define UNIT ((size_t) 1 << 10)

static const uint8_t *make_unit(struct rove_rope *rope)
{
    const uint8_t *unit = noise(UNIT);
    rove_rope_init(rope, env.pool);
    CHECK_OK(rove_rope_append(rope, unit, UNIT));
    return unit;
}

static void doubled_to_2_to_the_62(void)
{
    struct rove_rope rope;
    struct rove_rope_figures figures;
    struct rng rng = rng_from(suite_seed());
    const uint8_t *unit = make_unit(&rope);
    double_to(&rope, LEN_62);
    CHECK_OK(rove_rope_compact(&rope)); // which leaves a rope alone that shares itself
    CHECK_EQ(LEN_62, rove_rope_len(&rope));
    CHECK_SOUND(&rope);
    for (int i = 0; i < 1000; i++) {
        uint8_t got[100];
        uint64_t off = rng_next(&rng) % (LEN_62 - sizeof got);
        CHECK_OK(rove_rope_read(&rope, off, got, sizeof got, NULL));
        for (size_t k = 0; k < sizeof got; k++)
            if (got[k] != expected_at(unit, UNIT, off + k))
                CHECK_EQ(expected_at(unit, UNIT, off + k), got[k]);
    }
    CHECK_OK(rove_rope_measure(&rope, &figures));
    CHECK_EQ(LEN_62, figures.len);
    CHECK(figures.retained < MEMORY);
    CHECK(held(env.pool) < MEMORY);
    suite_note("2^62 bytes: %u levels, %" PRIu64 " nodes, %" PRIu64 " bytes held at most",
               figures.height, figures.node_cnt, held(env.pool));
    rove_rope_fini(&rope);
}

// A window of a rope equals a window of another.
static void expect_same(struct rove_rope *a, uint64_t a_off, struct rove_rope *b, uint64_t b_off,
                        uint64_t len)
{
    struct rove_view x, y;
    int order = 99;
    CHECK_OK(rove_rope_view(a, a_off, len, &x));
    CHECK_OK(rove_rope_view(b, b_off, len, &y));
    CHECK_OK(rove_view_compare(&x, &y, &order));
    CHECK_EQ(0, order);
    rove_view_fini(&x);
    rove_view_fini(&y);
}

static void edited_at_2_to_the_62(void)
{
    struct rove_rope rope, before;
    struct rng rng = rng_from(suite_seed() + 1);
    make_unit(&rope);
    double_to(&rope, LEN_62);
    rove_rope_clone(&before, &rope);
    for (int i = 0; i < 50; i++) { // each edit makes a path of its own
        uint64_t off = rng_next(&rng) % (LEN_62 - 5000);
        size_t len = 1 + rng_below(&rng, 2000);
        const uint8_t *src = noise(len);
        uint8_t got[2000];
        CHECK_OK(rove_rope_insert(&rope, off, src, len));
        CHECK_OK(rove_rope_read(&rope, off, got, len, NULL));
        CHECK(memcmp(got, src, len) == 0);
        CHECK_OK(rove_rope_overwrite(&rope, off, src, 1));
        CHECK_OK(rove_rope_erase(&rope, off, len));
        expect_same(&rope, off - (off < 500 ? off : 500), &before, off - (off < 500 ? off : 500),
                    1000);
    }
    CHECK_SOUND(&rope);
    CHECK_EQ(LEN_62, rove_rope_len(&rope));
    expect_same(&rope, LEN_62 - 100000, &before, LEN_62 - 100000, 100000);
    CHECK(held(env.pool) < MEMORY);
    rove_rope_fini(&before);
    rove_rope_fini(&rope);
}

static void cut_and_joined_at_2_to_the_62(void)
{
    struct rove_rope rope, before, right;
    struct rove_view view;
    struct rng rng = rng_from(suite_seed() + 2);
    make_unit(&rope);
    double_to(&rope, LEN_62);
    rove_rope_clone(&before, &rope);
    for (int i = 0; i < 100; i++) {
        uint64_t off = rng_next(&rng) % LEN_62, len = rng_next(&rng) % (LEN_62 - off);
        CHECK_OK(rove_rope_split(&rope, off, &right));
        CHECK_EQ(off, rove_rope_len(&rope));
        CHECK_OK(rove_rope_concat(&rope, &right));
        rove_rope_fini(&right);
        CHECK_OK(rove_rope_view(&before, off, len, &view));
        CHECK_OK(rove_rope_replace_view(&rope, off, len, &view)); // by what was there
        rove_view_fini(&view);
    }
    CHECK_EQ(LEN_62, rove_rope_len(&rope));
    CHECK_SOUND(&rope);
    for (int i = 0; i < 100; i++) {
        uint64_t off = rng_next(&rng) % (LEN_62 - 2000);
        expect_same(&rope, off, &before, off, 2000);
    }
    CHECK_OK(rove_rope_truncate(&rope, 12345));
    expect_same(&rope, 0, &before, 0, 12345);
    CHECK(held(env.pool) < MEMORY);
    rove_rope_fini(&before);
    rove_rope_fini(&rope);
}

// the longest rope ------------------------------------------------------------------------------

static void the_last_byte_is_at_2_to_the_63_less_2(void)
{
    struct rove_rope rope, copy;
    struct rove_view view;
    uint8_t byte = 0;
    rove_rope_init(&rope, env.pool);
    CHECK_OK(rove_rope_append_zeros(&rope, ROVE_LEN_MAX));
    CHECK_EQ(ROVE_LEN_MAX, rove_rope_len(&rope));
    CHECK_SOUND(&rope);
    CHECK(held(env.pool) < MEMORY);
    rove_rope_clone(&copy, &rope);
    CHECK_OK(rove_rope_view(&rope, ROVE_LEN_MAX - 600, 600, &view));
    CHECK_IS(ROVE_E_RANGE, rove_rope_append(&rope, "x", 1));
    CHECK_IS(ROVE_E_RANGE, rove_rope_insert(&rope, 5, "x", 1));
    CHECK_IS(ROVE_E_RANGE, rove_rope_replace(&rope, 5, 1, "xy", 2));
    CHECK_IS(ROVE_E_RANGE, rove_rope_append_view(&rope, &view));
    CHECK_IS(ROVE_E_RANGE, rove_rope_replace_view(&rope, 0, 599, &view));
    CHECK_IS(ROVE_E_RANGE, rove_rope_insert_rope(&rope, 0, &copy));
    CHECK_IS(ROVE_E_RANGE, rove_rope_concat(&rope, &copy));
    CHECK_IS(ROVE_E_RANGE, rove_rope_append_zeros(&rope, 1));
    CHECK_IS(ROVE_E_RANGE, rove_rope_resize(&rope, ROVE_LEN_MAX + 1));
    CHECK_EQ(ROVE_LEN_MAX, rove_rope_len(&rope));
    CHECK_EQ(ROVE_LEN_MAX, rove_rope_len(&copy));
    CHECK_OK(rove_rope_replace(&rope, ROVE_LEN_MAX - 1, 1, "x", 1));
    CHECK_OK(rove_rope_read(&rope, ROVE_LEN_MAX - 1, &byte, 1, NULL));
    CHECK_EQ('x', byte);
    CHECK_OK(rove_rope_replace_view(&rope, 7, 600, &view));
    CHECK_EQ(ROVE_LEN_MAX, rove_rope_len(&rope));
    CHECK_SOUND(&rope);
    rove_view_fini(&view);
    rove_rope_fini(&copy);
    rove_rope_fini(&rope);
}

// However small the pieces, and whatever room the tail has.
static void no_append_passes_the_longest_rope(void)
{
    for (size_t left = 0; left < 12; left++) {
        struct rove_rope rope, copy;
        uint8_t *run;
        size_t len, room = left;
        rove_rope_init(&rope, env.pool);
        CHECK_OK(rove_rope_append(&rope, "tail", 4));
        CHECK_OK(rove_rope_append_zeros(&rope, ROVE_LEN_MAX - left - 4));
        for (size_t piece = 1; piece <= room; piece++) {
            CHECK_OK(rove_rope_append(&rope, "abcdefghijkl", piece));
            room -= piece;
        }
        rove_rope_clone(&copy, &rope);
        CHECK_IS(ROVE_E_RANGE, rove_rope_append(&rope, "abcdefghijklm", room + 1));
        CHECK_IS(ROVE_E_RANGE, rove_rope_append(&copy, "abcdefghijklm", room + 1));
        CHECK_IS(ROVE_E_RANGE,
                 rove_rope_insert(&rope, ROVE_LEN_MAX - left - 1, "abcdefghijklm", room + 1));
        if (room) {
            CHECK_OK(rove_rope_reserve(&rope, 1, &run, &len));
            CHECK(len <= room);
            CHECK_IS(ROVE_E_RANGE, rove_rope_commit(&rope, room + 1));
        } else {
            CHECK_IS(ROVE_E_RANGE, rove_rope_reserve(&rope, 1, &run, &len));
        }
        CHECK_EQ(ROVE_LEN_MAX - room, rove_rope_len(&rope));
        CHECK_SOUND(&rope);
        rove_rope_fini(&copy);
        rove_rope_fini(&rope);
    }
}

// A rope whose tail has room is put behind a long one, or gets a long one in front.
static void a_tail_with_room_behind_the_longest_rope(void)
{
    struct rove_rope rope, tail, lengthened;
    rove_rope_init(&rope, env.pool);
    rove_rope_init(&tail, env.pool);
    rove_rope_init(&lengthened, env.pool);
    CHECK_OK(rove_rope_append_zeros(&rope, ROVE_LEN_MAX - 1000));
    CHECK_OK(rove_rope_append(&tail, noise(990), 990));
    CHECK_OK(rove_rope_append(&tail, "x", 1));
    CHECK_OK(rove_rope_append(&lengthened, noise(990), 990));
    CHECK_OK(rove_rope_append(&lengthened, "x", 1));
    CHECK_OK(rove_rope_insert_rope(&lengthened, 0, &rope));
    CHECK_IS(ROVE_E_RANGE, rove_rope_append(&lengthened, "0123456789", 10));
    CHECK_OK(rove_rope_append(&lengthened, "012345678", 9));
    CHECK_EQ(ROVE_LEN_MAX, rove_rope_len(&lengthened));
    CHECK_OK(rove_rope_concat(&rope, &tail));
    CHECK_IS(ROVE_E_RANGE, rove_rope_append(&rope, "0123456789", 10));
    CHECK_OK(rove_rope_append(&rope, "012345678", 9));
    CHECK_EQ(ROVE_LEN_MAX, rove_rope_len(&rope));
    CHECK_OK(rove_rope_erase(&rope, 0, 20));
    CHECK_OK(rove_rope_append(&rope, "01234567890123456789", 20)); // there is room again
    CHECK_IS(ROVE_E_RANGE, rove_rope_append(&rope, "0", 1));
    CHECK_SOUND(&rope);
    CHECK_SOUND(&lengthened);
    rove_rope_fini(&lengthened);
    rove_rope_fini(&tail);
    rove_rope_fini(&rope);
}

static void zeros_of_2_to_the_62_cost_nothing(void)
{
    struct rove_rope rope;
    struct rove_rope_figures figures;
    uint8_t got[300];
    rove_rope_init(&rope, env.pool);
    CHECK_OK(rove_rope_append_zeros(&rope, LEN_62));
    CHECK_OK(rove_rope_measure(&rope, &figures));
    CHECK(figures.retained < 200000);
    CHECK_OK(rove_rope_resize(&rope, LEN_62 + LEN_62 / 2));
    CHECK_OK(rove_rope_overwrite(&rope, LEN_62, "mark", 4));
    CHECK_OK(rove_rope_read(&rope, LEN_62 - 100, got, sizeof got, NULL));
    for (size_t i = 0; i < sizeof got; i++)
        CHECK_EQ(i >= 100 && i < 104 ? (uint8_t) "mark"[i - 100] : 0, got[i]);
    CHECK_SOUND(&rope);
    CHECK(held(env.pool) < MEMORY);
    CHECK_OK(rove_rope_resize(&rope, 3));
    CHECK_BYTES(&rope, "\0\0\0", 3);
    rove_rope_fini(&rope);
}

// Each step doubles; nodes are counted once, so the check and the figures stay fast.
static void doubled_with_an_edit_between(void)
{
    // Each round takes three chunks, so they are short.
    struct rove_pool *pool = suite_pool_new(&env.alloc.table, 1024);
    struct rove_rope rope;
    uint64_t len = 100;
    rove_rope_init(&rope, pool);
    CHECK_OK(rove_rope_append(&rope, noise(100), 100));
    while (len < LEN_62) {
        struct rove_rope copy;
        rove_rope_clone(&copy, &rope);
        CHECK_OK(rove_rope_insert(&rope, len / 2, "edit", 4));
        CHECK_OK(rove_rope_append(&rope, "tail", 4));
        CHECK_OK(rove_rope_erase(&copy, len / 3, 2));
        CHECK_OK(rove_rope_concat(&rope, &copy));
        rove_rope_fini(&copy);
        len = 2 * len + 6;
        CHECK_EQ(len, rove_rope_len(&rope));
        CHECK_SOUND(&rope);
    }
    CHECK(held(pool) < MEMORY);
    rove_rope_fini(&rope);
    rove_pool_unref(pool);
}

// the largest allocation ------------------------------------------------------------------------

static void no_allocation_is_larger_than_a_chunk(void)
{
    struct rove_pool_opts opts = {
        .size = sizeof opts, .allocator = &env.alloc.table, .chunk_len = 1024};
    struct rove_pool *pool;
    struct rove_rope rope, right;
    struct rng rng = rng_from(suite_seed() + 3);
    CHECK_OK(rove_pool_new(&opts, &pool));
    rove_rope_init(&rope, pool);
    env.alloc.largest = 0;
    CHECK_OK(rove_rope_append(&rope, noise(NOISE_LEN), NOISE_LEN));
    for (int i = 0; i < 2000; i++) {
        size_t len = (size_t) rove_rope_len(&rope), piece = 1 + rng_below(&rng, 3000);
        uint64_t at = rng_below(&rng, len - piece);
        CHECK_OK(rove_rope_replace(&rope, at, piece, noise(piece), piece - rng_below(&rng, piece)));
        CHECK_OK(rove_rope_split(&rope, len / 2, &right));
        CHECK_OK(rove_rope_concat(&rope, &right));
        rove_rope_fini(&right);
    }
    CHECK_OK(rove_rope_append_zeros(&rope, LEN_62));
    rove_rope_fini(&rope);
    CHECK(env.alloc.largest <= 1024 + 64);
    rove_pool_unref(pool);
}

// small stacks ----------------------------------------------------------------------------------

#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define BIG_FRAMES 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(BIG_FRAMES)
#define STACK ((size_t) 1 << 20) // sanitizers make frames larger
#else
#define STACK ((size_t) 64 << 10)
#endif

static void run_on_small_stack(void *(*run)(void *), void *arg)
{
    pthread_attr_t attr;
    pthread_t thread;
    pthread_attr_init(&attr);
    size_t least = (size_t) sysconf(_SC_THREAD_STACK_MIN), len = least > STACK ? least : STACK;
    if (CHECK(pthread_attr_setstacksize(&attr, len) == 0) &&
        CHECK(pthread_create(&thread, &attr, run, arg) == 0))
        pthread_join(thread, NULL);
    pthread_attr_destroy(&attr);
}

static void *drop_rope(void *rope)
{
    rove_rope_fini(rope);
    return NULL;
}

static void ten_million_slices_dropped_on_a_small_stack(void)
{
    struct rove_pool *pool = suite_pool_new(rove_allocator_system(), ROVE_CHUNK_LEN_DEFAULT);
    struct rove_rope src, rope;
    struct rove_view view;
    struct rove_rope_figures figures;
    uint64_t cnt = suite_scaled(RV_FANOUT == 4 ? 1000000 : 10000000);
    rove_rope_init(&src, pool);
    rove_rope_init(&rope, pool);
    rove_pool_unref(pool);
    CHECK_OK(rove_rope_append(&src, noise(600), 600));
    CHECK_OK(rove_rope_view(&src, 0, 600, &view));
    for (uint64_t i = 0; i < cnt; i++)
        if (rove_rope_append_view(&rope, &view) != ROVE_OK && !CHECK(i == cnt))
            break;
    rove_view_fini(&view);
    CHECK_OK(rove_rope_measure(&rope, &figures));
    CHECK_EQ(cnt, figures.slice_cnt);
    CHECK_EQ(cnt * 600, figures.len);
    suite_note("%" PRIu64 " slices in %" PRIu64 " nodes, %u levels", figures.slice_cnt,
               figures.node_cnt, figures.height);
    rove_rope_fini(&src);
    run_on_small_stack(drop_rope, &rope);
}

// All that a random world does, on ropes that are deep.
static void *live_on_small_stack(void *arg)
{
    struct world *world = arg;
    uint64_t steps = suite_scaled(20000);
    while (world->steps < steps && world_step(world))
        ;
    world_check_all(world);
    return NULL;
}

static void every_edit_on_a_small_stack(void)
{
    static struct world world;
    struct rove_pool *pool = suite_pool_new(&env.alloc.table, 1);
    world_init(&world, pool, suite_seed() + 4, true);
    world.len_max = 3000;
    run_on_small_stack(live_on_small_stack, &world);
    if (!CHECK(world.wrong == NULL))
        world_print(&world);
    world_fini(&world);
    rove_pool_unref(pool);
}

static void *edit_the_longest(void *arg)
{
    struct rove_rope *rope = arg, right, copy;
    for (uint64_t off = 12345; off < LEN_62; off *= 3) {
        struct rove_view view;
        CHECK_OK(rove_rope_insert(rope, off, "deep", 4));
        CHECK_OK(rove_rope_erase(rope, off / 2, 4));
        rove_rope_clone(&copy, rope);
        CHECK_OK(rove_rope_split(rope, off, &right));
        CHECK_OK(rove_rope_concat(rope, &right));
        rove_rope_fini(&right);
        CHECK_OK(rove_rope_view(&copy, off / 3, off / 3, &view));
        CHECK_OK(rove_rope_replace_view(rope, off / 2, off / 3, &view));
        rove_view_fini(&view);
        rove_rope_fini(&copy);
    }
    CHECK_SOUND(rope);
    CHECK_EQ(LEN_62, rove_rope_len(rope));
    rove_rope_fini(rope);
    return NULL;
}

static void the_deepest_rope_on_a_small_stack(void)
{
    struct rove_rope rope;
    make_unit(&rope);
    double_to(&rope, LEN_62);
    run_on_small_stack(edit_the_longest, &rope);
}

static const struct suite_case cases[] = {
    SUITE_CASE(doubled_to_2_to_the_62),
    SUITE_CASE(edited_at_2_to_the_62),
    SUITE_CASE(cut_and_joined_at_2_to_the_62),
    SUITE_CASE(the_last_byte_is_at_2_to_the_63_less_2),
    SUITE_CASE(no_append_passes_the_longest_rope),
    SUITE_CASE(a_tail_with_room_behind_the_longest_rope),
    SUITE_CASE(zeros_of_2_to_the_62_cost_nothing),
    SUITE_CASE(doubled_with_an_edit_between),
    SUITE_CASE(no_allocation_is_larger_than_a_chunk),
    SUITE_CASE(ten_million_slices_dropped_on_a_small_stack),
    SUITE_CASE(every_edit_on_a_small_stack),
    SUITE_CASE(the_deepest_rope_on_a_small_stack),
};

int main(int argc, char **argv)
{
    return suite_run(argc, argv,
                     &(struct suite){"test_scale", cases, sizeof cases / sizeof *cases, false});
}
