// SPDX-License-Identifier: MIT
// test_chunk.c: pools, slabs, blocks, the kinds of chunk, limits, figures, and threads at a pool.
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/os.h"
#include "chunk/block.h"
#include "chunk/chunk.h"
#include "chunk/pool.h"
#include "chunk/slab.h"
#include "chunk/slot.h"
#include "support/edits.h"
#include "support/shapes.h"
#include "support/suite.h"

#define SLAB ((size_t) 2 << 20)

#ifdef RV_ONE_BLOCK_PER_CHUNK
#define KEEPS false // no slabs and no slots: nothing is kept, and full chunks are not counted
#else
#define KEEPS true
#endif

// making pools ----------------------------------------------------------------------------------

static void options_that_are_no_options(void)
{
    struct rove_allocator table = env.alloc.table;
    struct rove_pool_opts opts = {.size = 0, .allocator = &table};
    struct rove_pool *pool = env.pool;
    CHECK_IS(ROVE_E_ARG, rove_pool_new(&opts, &pool));
    CHECK(pool == NULL);
    opts.size = sizeof opts;
    table.alloc = NULL;
    CHECK_IS(ROVE_E_ARG, rove_pool_new(&opts, &pool));
    table = env.alloc.table;
    table.free = NULL;
    CHECK_IS(ROVE_E_ARG, rove_pool_new(&opts, &pool));
    table = env.alloc.table;
    table.size = 0;
    CHECK_IS(ROVE_E_ARG, rove_pool_new(&opts, &pool));
    CHECK(pool == NULL);
}

static void chunk_lengths_that_are_refused(void)
{
    static const size_t lens[] = {1,     2,      128,         255,       257, 300, 4095,
                                  4097,  65535,  (16u << 20) + 1, 32u << 20, SIZE_MAX,
                                  (SIZE_MAX >> 1) + 1};
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        struct rove_pool_opts opts = {
            .size = sizeof opts, .allocator = &env.alloc.table, .chunk_len = lens[i]};
        struct rove_pool *pool = env.pool;
        CHECK_IS(ROVE_E_RANGE, rove_pool_new(&opts, &pool));
        CHECK(pool == NULL);
    }
}

// Fills a rope on a pool with ever longer pieces, and looks at it.
static void use_pool(struct rove_pool *pool, size_t most)
{
    struct rove_rope rope;
    uint8_t *bytes = malloc(most);
    size_t len = 0;
    rove_rope_init(&rope, pool);
    for (size_t piece = 1; len + piece <= most; piece *= 3) {
        memcpy(bytes + len, noise(piece < 1024 ? piece : 1024), piece < 1024 ? piece : 1024);
        if (piece > 1024)
            memset(bytes + len + 1024, (int) piece & 0xff, piece - 1024);
        CHECK_OK(rove_rope_append(&rope, bytes + len, piece));
        len += piece;
    }
    CHECK_SOUND(&rope);
    CHECK_BYTES(&rope, bytes, len);
    rove_rope_fini(&rope);
    free(bytes);
}

static void every_chunk_length_there_is(void)
{
    for (size_t len = ROVE_CHUNK_LEN_MIN; len <= ROVE_CHUNK_LEN_MAX; len *= 2) {
        struct rove_pool_opts opts = {
            .size = sizeof opts, .allocator = &env.alloc.table, .chunk_len = len};
        struct rove_pool *pool;
        struct rove_pool_figures figures;
        if (!CHECK_OK(rove_pool_new(&opts, &pool)))
            return;
        CHECK_EQ(len, rove_pool_chunk_len(pool));
        rove_pool_measure(pool, &figures);
        CHECK_EQ(len, figures.chunk_len);
        use_pool(pool, 8u << 20);
        rove_pool_unref(pool);
        CHECK_EQ(1, test_alloc_live(&env.alloc)); // the case's own pool
    }
}

static void no_options_and_short_options(void)
{
    struct rove_pool *pool;
    struct rove_pool_figures figures;
    CHECK_OK(rove_pool_new(NULL, &pool));
    CHECK_EQ(ROVE_CHUNK_LEN_DEFAULT, rove_pool_chunk_len(pool));
    rove_pool_measure(pool, &figures);
    CHECK(strcmp(figures.allocator, rove_allocator_default()->name) == 0);
    rove_pool_unref(pool);
    // A program built when the struct ended before memory_limit.
    struct rove_pool_opts opts = {.size = offsetof(struct rove_pool_opts, memory_limit),
                                  .allocator = &env.alloc.table,
                                  .chunk_len = 512,
                                  .memory_limit = 1,
                                  .keep_len = 1};
    CHECK_OK(rove_pool_new(&opts, &pool));
    rove_pool_measure(pool, &figures);
    CHECK_EQ(512, figures.chunk_len);
    CHECK_EQ(0, figures.limit);
    CHECK(strcmp(figures.allocator, "test") == 0);
    use_pool(pool, 10000);
    rove_pool_unref(pool);
}

static void a_pool_without_memory(void)
{
    struct rove_pool_opts opts = {.size = sizeof opts, .allocator = &env.alloc.table};
    struct rove_pool *pool = env.pool;
    test_alloc_arm(&env.alloc, 1, true);
    CHECK_IS(ROVE_E_NOMEM, rove_pool_new(&opts, &pool));
    CHECK(pool == NULL);
    test_alloc_arm(&env.alloc, 0, false);
}

static void the_default_pool(void)
{
    struct rove_pool *pool = rove_pool_default();
    struct rove_pool_figures figures;
    CHECK(pool != NULL && pool == rove_pool_default());
    CHECK_EQ(ROVE_CHUNK_LEN_DEFAULT, rove_pool_chunk_len(NULL));
    for (int i = 0; i < 3; i++) { // never goes away
        CHECK(rove_pool_ref(pool) == pool);
        rove_pool_unref(pool);
        rove_pool_unref(pool);
    }
    use_pool(NULL, 100000);
    rove_pool_measure(NULL, &figures);
    CHECK_EQ(0, figures.limit);
    rove_pool_trim(NULL);
    rove_pool_unref(NULL);
}

// chunks ----------------------------------------------------------------------------------------

static void a_chunk_is_as_long_as_wanted_up_to_a_full_one(void)
{
    size_t c = env.chunk_len;
    size_t wants[] = {1, 2, 100, 128, 129, c / 2, c / 2 + 1, c, c + 1, SIZE_MAX};
    for (size_t i = 0; i < sizeof wants / sizeof *wants; i++) {
        enum rove_status why = ROVE_OK;
        if (!wants[i])
            continue;
        struct rv_chunk *chunk = rv_chunk_take(env.pool, wants[i], &why);
        if (!CHECK(chunk != NULL))
            return;
        CHECK(chunk->cap <= c && chunk->cap >= (wants[i] < c ? wants[i] : c));
        CHECK(rv_chunk_writable(chunk));
        CHECK_EQ(0, rv_mark_get(&chunk->mark));
        CHECK(rv_chunk_cost(chunk) >= chunk->cap);
        CHECK_OK(rv_chunk_pin(chunk));
        memset(chunk->data, 0xee, chunk->cap);
        rv_chunk_unpin(chunk);
        rv_chunk_ref(chunk);
        CHECK(!rv_chunk_writable(chunk));
        rv_chunk_unref(chunk);
        CHECK(rv_chunk_writable(chunk));
        rv_chunk_unref(chunk);
    }
}

static void full_chunks_lie_on_pages_and_do_not_overlap(void)
{
    struct rv_chunk *chunks[100];
    enum rove_status why;
    for (size_t i = 0; i < 100; i++) {
        chunks[i] = rv_chunk_take(env.pool, env.chunk_len, &why);
        if (!CHECK(chunks[i] != NULL))
            return;
        CHECK_EQ(env.chunk_len, chunks[i]->cap);
        if (KEEPS && env.chunk_len >= 4096)
            CHECK_EQ(0, (uintptr_t) chunks[i]->data % 4096);
        memset(chunks[i]->data, (int) i, env.chunk_len);
    }
    for (size_t i = 0; i < 100; i++) {
        for (size_t at = 0; at < env.chunk_len; at += 1 + env.chunk_len / 7)
            CHECK_EQ(i, chunks[i]->data[at]);
        CHECK_EQ(i, chunks[i]->data[env.chunk_len - 1]);
        rv_chunk_unref(chunks[i]);
    }
}

static void the_chunk_given_last_is_taken_first(void)
{
    enum rove_status why;
    struct rv_chunk *a = rv_chunk_take(env.pool, env.chunk_len, &why);
    struct rv_chunk *b = rv_chunk_take(env.pool, env.chunk_len, &why);
    rv_chunk_unref(a);
    rv_chunk_unref(b);
    if (KEEPS) {
        uint64_t calls = test_alloc_calls(&env.alloc);
        struct rv_chunk *again = rv_chunk_take(env.pool, env.chunk_len, &why);
        CHECK(again == b);
        rv_chunk_unref(again);
        CHECK_EQ(calls, test_alloc_calls(&env.alloc));
    }
}

static void adopted_memory_is_released_by_the_last_holder(void)
{
    struct releases noted = {0};
    enum rove_status why;
    struct rove_span memory = {noise(100), 100};
    struct rv_chunk *chunk = rv_chunk_adopt(env.pool, memory, note_release, &noted, &why);
    CHECK(chunk->data == memory.ptr && chunk->cap == 100);
    CHECK(!rv_chunk_writable(chunk));
    rv_chunk_ref(chunk);
    rv_chunk_unref(chunk);
    CHECK_EQ(0, noted.cnt);
    rv_chunk_unref(chunk);
    CHECK_EQ(1, noted.cnt);
    CHECK(noted.ptr == memory.ptr && noted.len == 100);
    chunk = rv_chunk_adopt(env.pool, memory, NULL, NULL, &why); // static memory
    rv_chunk_unref(chunk);
    noted.cnt = 0;
    struct rove_pool *bare = suite_pool_new(&env.alloc.table, env.chunk_len);
    test_alloc_arm(&env.alloc, 1, true);
    CHECK(rv_chunk_adopt(bare, memory, note_release, &noted, &why) == NULL);
    test_alloc_arm(&env.alloc, 0, false);
    CHECK_IS(ROVE_E_NOMEM, why);
    CHECK_EQ(0, noted.cnt); // still the caller's
    rove_pool_unref(bare);
}

static void all_zeros_are_the_same_memory(void)
{
    enum rove_status why;
    struct rv_chunk *a = rv_chunk_zeros(env.pool, &why), *b = rv_chunk_zeros(env.pool, &why);
    CHECK(a->data == b->data && a->cap == b->cap && a->cap > 0);
    CHECK(!rv_chunk_writable(a));
    for (size_t i = 0; i < a->cap; i++)
        if (a->data[i] != 0 && !CHECK_EQ(0, a->data[i]))
            break;
    rv_chunk_unref(a);
    rv_chunk_unref(b);
}

static void a_pool_is_outlived_by_its_chunks(void)
{
    struct rove_pool *pool = suite_pool_new(&env.alloc.table, env.chunk_len);
    struct releases noted = {0};
    enum rove_status why;
    struct rv_chunk *full = rv_chunk_take(pool, env.chunk_len, &why);
    struct rv_chunk *small = rv_chunk_take(pool, 1, &why);
    struct rv_chunk *adopted =
        rv_chunk_adopt(pool, (struct rove_span){noise(9), 9}, note_release, &noted, &why);
    rove_pool_unref(pool);
    memset(full->data, 1, full->cap);
    memset(small->data, 2, small->cap);
    rv_chunk_unref(full);
    rv_chunk_unref(adopted);
    CHECK_EQ(1, noted.cnt);
    CHECK_EQ(2, small->data[0]);
    rv_chunk_unref(small);
    CHECK_EQ(1, test_alloc_live(&env.alloc)); // the case's own pool
}

// No call pays for all the chunks of a slab: they are cut a few at a time, from its beginning on.
static void a_slab_is_cut_as_its_chunks_are_wanted(void)
{
    enum { CNT = SLAB / RV_SLAB_FROM };
    struct rove_pool *pool = suite_pool_new(&env.alloc.table, RV_SLAB_FROM);
    struct rv_chunk *chunks[CNT];
    enum rove_status why;
    for (unsigned i = 0; KEEPS && i < CNT; i++) {
        chunks[i] = rv_chunk_take(pool, RV_SLAB_FROM, &why);
        CHECK(pool->all->cut_cnt > i && pool->all->cut_cnt <= i + RV_SLOT_CHUNKS);
        CHECK_EQ(i * (size_t) RV_SLAB_FROM, chunks[i]->data - pool->all->memory);
    }
    CHECK(!KEEPS || (!pool->all->all_next && !pool->all->free_cnt));
    for (unsigned i = CNT; KEEPS && i-- > 0;)
        rv_chunk_unref(chunks[i]);
    rove_pool_unref(pool);
}

// blocks ----------------------------------------------------------------------------------------

static void the_smallest_class_that_fits(void)
{
    for (size_t len = 1; len <= rv_class_len(RV_CLASSES - 1); len += 1 + len / 100) {
        unsigned block_class = rv_class_for(len);
        if (!CHECK(block_class < RV_CLASSES))
            return;
        CHECK(rv_class_len(block_class) >= len);
        CHECK(block_class == 0 || rv_class_len(block_class - 1) < len);
    }
    for (unsigned i = 0; i < RV_CLASSES; i++) {
        CHECK_EQ(i, rv_class_for(rv_class_len(i)));
        CHECK_EQ(i + 1, rv_class_for(rv_class_len(i) + 1));
    }
    CHECK(rv_class_for((size_t) 10 << 30) >= RV_CLASSES);
    CHECK(rv_class_len(RV_NODE_CLASS) == RV_NODE_LEN && RV_NODE_CLASS < RV_STOCKS);
}

static void objects_of_any_length(void)
{
    static const size_t lens[] = {1, 64, 192, 193, 5000, SLAB, SLAB + 64, SLAB + 65, 10u << 20};
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        enum rove_status why;
        uint8_t *a = rv_pool_alloc(env.pool, lens[i], &why);
        uint8_t *b = rv_pool_alloc(env.pool, lens[i], &why);
        if (!CHECK(a && b && a != b))
            return;
        CHECK_EQ(0, (uintptr_t) a % _Alignof(max_align_t));
        memset(a, 1, lens[i]);
        memset(b, 2, lens[i]);
        CHECK(a[0] == 1 && a[lens[i] - 1] == 1);
        rv_pool_free(env.pool, a, lens[i]);
        rv_pool_free(env.pool, b, lens[i]);
    }
}

// figures, trim, limits -------------------------------------------------------------------------

static void figures_follow_what_is_taken_and_given(void)
{
    struct rv_chunk *chunks[40];
    struct rove_pool_figures figures;
    enum rove_status why;
    if (!KEEPS || env.chunk_len < RV_SLAB_FROM)
        return;
    for (size_t i = 0; i < 40; i++)
        chunks[i] = rv_chunk_take(env.pool, env.chunk_len, &why);
    rove_pool_measure(env.pool, &figures);
    uint64_t slabs = (40 * env.chunk_len + SLAB - 1) / SLAB;
    CHECK_EQ(40, figures.live_cnt);
    CHECK_EQ(40, figures.take_cnt);
    CHECK_EQ(slabs * (SLAB / env.chunk_len) - 40, figures.free_cnt);
    CHECK_EQ(0, figures.limit);
    CHECK(figures.held >= slabs * SLAB && figures.held <= figures.held_peak);
    CHECK(env.alloc.live_len >= figures.held && env.alloc.live_len - figures.held <= 4096);
    CHECK_EQ(test_alloc_calls(&env.alloc), figures.alloc_cnt + 1); // and the pool itself
    for (size_t i = 0; i < 40; i++)
        rv_chunk_unref(chunks[i]);
    rove_pool_measure(env.pool, &figures);
    CHECK_EQ(0, figures.live_cnt);
    CHECK_EQ(40, figures.take_cnt);
    CHECK_EQ(slabs * (SLAB / env.chunk_len), figures.free_cnt);
}

static void trim_gives_back_what_is_free_and_only_that(void)
{
    struct rv_chunk *chunks[64];
    struct rove_pool_figures before, after;
    enum rove_status why;
    for (size_t i = 0; i < 64; i++) {
        chunks[i] = rv_chunk_take(env.pool, env.chunk_len, &why);
        memset(chunks[i]->data, (int) i, env.chunk_len);
    }
    for (size_t i = 1; i < 64; i++)
        rv_chunk_unref(chunks[i]);
    rove_pool_measure(env.pool, &before);
    uint64_t gone = rove_pool_trim(env.pool);
    rove_pool_measure(env.pool, &after);
    CHECK_EQ(before.held, after.held + gone);
    CHECK(after.held <= 3 * SLAB && env.alloc.live_len <= after.held + 4096);
    if (KEEPS && env.chunk_len != 4096) // all of those lie in one slab with a live one
        CHECK(gone > 0);
    CHECK_EQ(0, chunks[0]->data[env.chunk_len - 1]);
    rv_chunk_unref(chunks[0]);
    rove_pool_trim(env.pool);
    rove_pool_measure(env.pool, &after);
    CHECK(after.held <= 4096); // at most the thread's slot
    CHECK_EQ(0, after.free_cnt);
    CHECK_EQ(before.held_peak, after.held_peak);
    use_pool(env.pool, 100000);
}

static void no_more_free_slabs_are_kept_than_told(void)
{
    struct rove_pool_opts opts = {.size = sizeof opts,
                                  .allocator = &env.alloc.table,
                                  .chunk_len = 65536,
                                  .keep_len = SLAB};
    struct rove_pool *pool;
    struct rv_chunk *chunks[320]; // ten slabs
    struct rove_pool_figures figures;
    enum rove_status why;
    CHECK_OK(rove_pool_new(&opts, &pool));
    for (size_t i = 0; i < 320; i++)
        chunks[i] = rv_chunk_take(pool, 65536, &why);
    for (size_t i = 0; i < 320; i++)
        rv_chunk_unref(chunks[i]);
    rove_pool_measure(pool, &figures);
    CHECK(figures.held <= 3 * SLAB + 65536);
    CHECK(figures.held_peak >= 10 * SLAB);
    rove_pool_unref(pool);
}

// a clock that stands still until told ------------------------------------------------------------

static time_t seconds;

static int told_time(clockid_t clock, struct timespec *time)
{
    (void) clock;
    *time = (struct timespec){.tv_sec = seconds};
    return 0;
}

// Takes cnt full chunks and gives them back; what the pool holds then, half a minute ago.
static uint64_t held_after(struct rove_pool *pool, size_t cnt)
{
    struct rv_chunk *chunks[320];
    struct rove_pool_figures figures;
    enum rove_status why;
    for (size_t i = 0; i < cnt; i++)
        chunks[i] = rv_chunk_take(pool, 65536, &why);
    for (size_t i = 0; i < cnt; i++)
        rv_chunk_unref(chunks[i]);
    rove_pool_measure(pool, &figures);
    seconds += 30;
    return figures.held;
}

// What was not wanted for a while goes back, by halves; what is wanted again and again stays.
static void free_memory_decays(void)
{
    struct rv_os table = rv_os_real;
    struct rove_pool_opts opts = {
        .size = sizeof opts, .allocator = &env.alloc.table, .chunk_len = 65536};
    struct rove_pool *pool;
    uint64_t held[8];
    table.clock_gettime = told_time;
    rv_os_set(&table);
    CHECK_OK(rove_pool_new(&opts, &pool));
    for (size_t round = 0; round < 8; round++)
        held[round] = held_after(pool, round < 3 ? 320 : 96); // ten slabs, then three
    CHECK_EQ(held[0], held[2]);                                // used wholly in between
    if (KEEPS) {
        CHECK(held[2] >= 10 * SLAB);
        CHECK(held[5] < held[2] && held[7] < held[5]);
        CHECK(held[7] >= 3 * SLAB);
    }
    rove_pool_unref(pool);
    rv_os_set(NULL);
}

static unsigned huge_wishes;

static int note_wish(void *addr, size_t len, int advice)
{
    huge_wishes += advice == MADV_HUGEPAGE;
    (void) addr, (void) len;
    errno = EINVAL; // a kernel that knows none
    return -1;
}

static void huge_pages_are_a_wish(void)
{
    struct rv_os table = rv_os_real;
    struct rove_pool_opts opts = {.size = sizeof opts, .allocator = &env.alloc.table};
    struct rove_pool *pool;
    table.madvise = note_wish;
    rv_os_set(&table);
    for (uint32_t flags = 0; flags <= ROVE_POOL_HUGE; flags += ROVE_POOL_HUGE) {
        struct rove_rope rope;
        opts.flags = flags;
        huge_wishes = 0;
        CHECK_OK(rove_pool_new(&opts, &pool));
        rove_rope_init(&rope, pool);
        for (int i = 0; i < 40; i++) // more than a slab
            CHECK_OK(rove_rope_append(&rope, noise(65536), 65536));
        rove_rope_fini(&rope);
        rove_pool_unref(pool);
        CHECK_EQ(flags && KEEPS ? 2 : 0, huge_wishes);
    }
    rv_os_set(NULL);
    opts.memory_limit = 8u << 20;
    CHECK_IS(ROVE_E_ARG, rove_pool_new(&opts, &pool));
}

// all pools ---------------------------------------------------------------------------------------

static void figures_of_all_pools_add_up(void)
{
    struct rove_pool_opts opts = {
        .size = sizeof opts, .allocator = &env.alloc.table, .memory_limit = 64 << 20};
    struct rove_pool_figures none, all, one, two;
    struct rove_pool *a, *b;
    struct rove_rope rope;
    static uint8_t bytes[1000000];
    rove_pool_measure_all(&none);
    CHECK_OK(rove_pool_new(&opts, &a));
    opts.budget_of = a;
    CHECK_OK(rove_pool_new(&opts, &b));
    rove_rope_init(&rope, b);
    CHECK_OK(rove_rope_append(&rope, bytes, sizeof bytes));
    rove_pool_measure_all(&all);
    rove_pool_measure(a, &one);
    rove_pool_measure(b, &two);
    CHECK_EQ(one.held, two.held); // it is one limit
    CHECK(one.held > sizeof bytes);
    CHECK_EQ(none.held + one.held, all.held);
    CHECK_EQ(none.live_cnt + 16, all.live_cnt);
    CHECK_EQ(none.take_cnt + two.take_cnt, all.take_cnt);
    CHECK_EQ(none.alloc_cnt + one.alloc_cnt + two.alloc_cnt, all.alloc_cnt);
    CHECK(all.held_peak >= none.held_peak + one.held_peak);
    rove_pool_unref(a);
    rove_pool_unref(b);
    rove_rope_fini(&rope);
    rove_pool_measure_all(&all);
    CHECK_EQ(none.held, all.held);
    CHECK_EQ(none.live_cnt, all.live_cnt);
}

// A process may have so many mappings only: the system's slabs lie side by side.
static unsigned count_mappings(void)
{
    unsigned cnt = 0;
    FILE *file = fopen("/proc/self/maps", "r");
    for (int c; file && (c = getc(file)) != EOF;)
        cnt += c == '\n';
    if (file)
        fclose(file);
    return cnt;
}

static void slabs_of_the_system_are_few_mappings(void)
{
    const struct rove_allocator *system = rove_allocator_system();
    uint8_t *slabs[64];
    unsigned before = count_mappings();
    for (size_t i = 0; i < 64; i++) {
        slabs[i] = system->alloc(NULL, SLAB, SLAB);
        if (!CHECK(slabs[i] && (uintptr_t) slabs[i] % SLAB == 0))
            return;
        slabs[i][0] = slabs[i][SLAB - 1] = 1;
    }
    // A sanitizer has its own ways, as has an emulator; and 32 bits have no room to align side by side.
    CHECK(!KEEPS || !SUITE_WIDE || suite_emulated() || count_mappings() < before + 16);
    for (size_t i = 0; i < 64; i++)
        system->free(NULL, slabs[i], SLAB, SLAB);
}

static struct rove_pool *limited_pool(uint64_t limit)
{
    struct rove_pool_opts opts = {.size = sizeof opts,
                                  .allocator = &env.alloc.table,
                                  .chunk_len = env.chunk_len,
                                  .memory_limit = limit};
    struct rove_pool *pool = NULL;
    CHECK_OK(rv_pool_new_any(&opts, &pool));
    return pool;
}

static void a_limit_is_kept_and_room_comes_back(void)
{
    uint64_t limit = 3 * SLAB;
    struct rove_pool *pool = limited_pool(limit);
    struct rove_pool_figures figures;
    for (int round = 0; round < 3; round++) {
        struct rove_rope rope;
        enum rove_status status = ROVE_OK;
        uint64_t len = 0;
        rove_rope_init(&rope, pool);
        while (status == ROVE_OK && len < limit) {
            status = rove_rope_append(&rope, noise(1000), 1000);
            len += status == ROVE_OK ? 1000 : 0;
            CHECK_EQ(len, rove_rope_len(&rope));
        }
        CHECK_IS(ROVE_E_LIMIT, status);
        uint8_t last[1000];
        CHECK_OK(rove_rope_read(&rope, len - 1000, last, sizeof last, NULL));
        rove_pool_measure(pool, &figures);
        CHECK_EQ(limit, figures.limit);
        CHECK(figures.held <= limit && figures.held_peak <= limit);
        CHECK(len >= (env.chunk_len < 100 ? 1000 : SLAB));
        rove_rope_fini(&rope);
    }
    rove_pool_unref(pool);
}

static void a_limit_below_one_slab(void)
{
    struct rove_pool *pool = limited_pool(100);
    struct rove_rope rope;
    rove_rope_init(&rope, pool);
    CHECK_IS(ROVE_E_LIMIT, rove_rope_append(&rope, "hello", 5));
    CHECK_IS(ROVE_E_LIMIT, rove_rope_append_zeros(&rope, 100000));
    CHECK_EQ(0, rove_rope_len(&rope));
    CHECK_SOUND(&rope);
    rove_rope_fini(&rope);
    rove_pool_unref(pool);
}

// threads ---------------------------------------------------------------------------------------

#define CROWD 100 // more than there are slots
#define THREADS 8

static void run_threads(size_t cnt, void *(*run)(void *))
{
    pthread_t threads[CROWD];
    for (size_t i = 0; i < cnt; i++)
        if (!CHECK(pthread_create(&threads[i], NULL, run, (void *) i) == 0))
            cnt = i;
    for (size_t i = 0; i < cnt; i++)
        pthread_join(threads[i], NULL);
}

static void *take_and_give(void *arg)
{
    for (int round = 0; round < 20; round++) {
        struct rv_chunk *chunks[20];
        enum rove_status why;
        for (size_t i = 0; i < 20; i++) {
            chunks[i] = rv_chunk_take(env.pool, i & 1 ? env.chunk_len : 1, &why);
            memset(chunks[i]->data, (int) (i + (size_t) arg), chunks[i]->cap);
        }
        for (size_t i = 0; i < 20; i++) {
            CHECK_EQ((uint8_t) (i + (size_t) arg), chunks[i]->data[chunks[i]->cap - 1]);
            rv_chunk_unref(chunks[i]);
        }
    }
    return NULL;
}

static void more_threads_than_slots(void)
{
    struct rove_pool_figures figures;
    run_threads(CROWD, take_and_give);
    rove_pool_measure(env.pool, &figures);
    CHECK_EQ(0, figures.live_cnt);
}

static void slots_are_used_again_after_a_thread_ends(void)
{
    struct rove_pool_figures warm, after;
    run_threads(1, take_and_give);
    rove_pool_measure(env.pool, &warm);
    for (int i = 0; i < 3 * RV_SLOTS; i++)
        run_threads(1, take_and_give);
    rove_pool_measure(env.pool, &after);
    CHECK_EQ(0, after.live_cnt);
    if (KEEPS) { // the first thread's free things were there for each that followed
        CHECK_EQ(warm.held, after.held);
        CHECK_EQ(warm.alloc_cnt, after.alloc_cnt);
    }
}

// A place where one thread leaves a chunk for another.
static struct {
    pthread_mutex_t lock;
    struct rv_chunk *chunk;
    unsigned stamp;
    uint64_t passed;
} mailbox = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void *pass_chunks_on(void *arg)
{
    struct rng rng = rng_from((uint64_t) (uintptr_t) arg + 1);
    for (uint64_t i = suite_scaled(20000); i-- > 0;) {
        enum rove_status why;
        unsigned stamp = (unsigned) rng_below(&rng, 256), got_stamp;
        struct rv_chunk *mine = rv_chunk_take(env.pool, stamp & 1 ? env.chunk_len : 1, &why);
        memset(mine->data, (int) stamp, mine->cap);
        pthread_mutex_lock(&mailbox.lock);
        struct rv_chunk *got = mailbox.chunk;
        got_stamp = mailbox.stamp;
        mailbox.chunk = mine;
        mailbox.stamp = stamp;
        mailbox.passed++;
        pthread_mutex_unlock(&mailbox.lock);
        if (!got)
            continue;
        if (got->data[0] != got_stamp || got->data[got->cap - 1] != got_stamp)
            CHECK_EQ(got_stamp, got->data[0]);
        rv_chunk_unref(got);
    }
    return NULL;
}

static void taken_in_one_thread_and_given_in_another(void)
{
    struct rove_pool_figures figures;
    mailbox.passed = 0;
    run_threads(THREADS, pass_chunks_on);
    CHECK_EQ(THREADS * suite_scaled(20000), mailbox.passed);
    rv_chunk_unref(mailbox.chunk);
    mailbox.chunk = NULL;
    rove_pool_measure(env.pool, &figures);
    CHECK_EQ(0, figures.live_cnt);
    CHECK(figures.held_peak <= 12 * SLAB);
}

static pthread_key_t late_key;

// Runs when the thread is ending, before or after the library's own destructor.
static void use_the_library_late(void *round)
{
    take_and_give(NULL);
    size_t left = (size_t) round - 1;
    if (left)
        pthread_setspecific(late_key, (void *) left);
}

static void *end_with_a_destructor(void *arg)
{
    pthread_setspecific(late_key, (void *) (size_t) 3);
    return take_and_give(arg);
}

static void a_destructor_of_the_thread_uses_the_library(void)
{
    if (!CHECK(pthread_key_create(&late_key, use_the_library_late) == 0))
        return;
    for (int i = 0; i < 2 * RV_SLOTS; i++) // a slot lost each time would show
        run_threads(1, end_with_a_destructor);
    run_threads(1, take_and_give);
    pthread_key_delete(late_key);
    int number = rv_slot_number();
    CHECK(number >= 0 && number < RV_SLOTS);
}

static void *make_and_drop_pools(void *arg)
{
    for (int i = 0; i < 50; i++) {
        struct rove_pool *pool = suite_pool_new(&env.alloc.table, env.chunk_len);
        struct rove_rope rope;
        rove_rope_init(&rope, pool);
        rove_pool_unref(pool);
        CHECK_OK(rove_rope_append(&rope, "bytes of a thread's own", 23));
        CHECK_OK(rove_rope_insert(&rope, 5, "x", 1));
        rove_rope_fini(&rope);
    }
    return arg;
}

static void threads_with_pools_of_their_own(void)
{
    run_threads(THREADS, make_and_drop_pools);
    CHECK_EQ(1, test_alloc_live(&env.alloc)); // the case's own pool
}

// Chunks that are blocks are kept like others: an edit of many of them does not go to the allocator for each.
static void short_chunks_are_kept_for_the_next_edit(void)
{
    static const uint8_t bytes[65536];
    struct rove_rope rope;
    struct rove_pool *pool = suite_pool_new(&env.alloc.table, 256);
    rove_rope_init(&rope, pool);
    CHECK_OK(rove_rope_append(&rope, bytes, sizeof bytes));
    for (unsigned i = 0; i < 40; i++) {
        if (i == 20)
            test_alloc_arm(&env.alloc, 0, false);
        CHECK_OK(rove_rope_insert(&rope, i * 1000, bytes, sizeof bytes));
        CHECK_OK(rove_rope_erase(&rope, i * 1000, sizeof bytes));
    }
    CHECK(!rv_pool_keeps() || test_alloc_calls(&env.alloc) <= 40);
    rove_rope_fini(&rope);
    rove_pool_unref(pool);
}

static const struct suite_case cases[] = {
    SUITE_CASE(options_that_are_no_options),
    SUITE_CASE(chunk_lengths_that_are_refused),
    SUITE_CASE(every_chunk_length_there_is),
    SUITE_CASE(no_options_and_short_options),
    SUITE_CASE(a_pool_without_memory),
    SUITE_CASE(the_default_pool),
    SUITE_CASE(a_chunk_is_as_long_as_wanted_up_to_a_full_one),
    SUITE_CASE(full_chunks_lie_on_pages_and_do_not_overlap),
    SUITE_CASE(the_chunk_given_last_is_taken_first),
    SUITE_CASE(adopted_memory_is_released_by_the_last_holder),
    SUITE_CASE(all_zeros_are_the_same_memory),
    SUITE_CASE(a_pool_is_outlived_by_its_chunks),
    SUITE_CASE(a_slab_is_cut_as_its_chunks_are_wanted),
    SUITE_CASE(the_smallest_class_that_fits),
    SUITE_CASE(objects_of_any_length),
    SUITE_CASE(figures_follow_what_is_taken_and_given),
    SUITE_CASE(trim_gives_back_what_is_free_and_only_that),
    SUITE_CASE(no_more_free_slabs_are_kept_than_told),
    SUITE_CASE(free_memory_decays),
    SUITE_CASE(huge_pages_are_a_wish),
    SUITE_CASE(figures_of_all_pools_add_up),
    SUITE_CASE(slabs_of_the_system_are_few_mappings),
    SUITE_CASE(a_limit_is_kept_and_room_comes_back),
    SUITE_CASE(a_limit_below_one_slab),
    SUITE_CASE(more_threads_than_slots),
    SUITE_CASE(slots_are_used_again_after_a_thread_ends),
    SUITE_CASE(taken_in_one_thread_and_given_in_another),
    SUITE_CASE(a_destructor_of_the_thread_uses_the_library),
    SUITE_CASE(threads_with_pools_of_their_own),
    SUITE_CASE(short_chunks_are_kept_for_the_next_edit),
};

int main(int argc, char **argv)
{
    return suite_run(argc, argv,
                     &(struct suite){"test_chunk", cases, sizeof cases / sizeof *cases, true});
}
