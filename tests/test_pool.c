// SPDX-License-Identifier: MIT
// test_pool.c: what pools keep and give back, beside the chunks themselves.
#include "spill_kit.h"
#include "support/edits.h"
#include "support/suite.h"

#include <rove/stream.h>
#include <rove/view.h>

#include "chunk/pool.h"
#include "chunk/slot.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>

static struct rove_pool *limited(uint64_t limit, uint32_t flags, struct rove_pool *lender)
{
    struct rove_pool_opts opts = {.size = sizeof opts,
                                  .chunk_len = 4096,
                                  .memory_limit = lender ? 0 : limit,
                                  .flags = flags,
                                  .budget_of = lender};
    struct rove_pool *pool = NULL;
    CHECK_OK(rove_pool_new(&opts, &pool));
    return pool;
}

// figures -----------------------------------------------------------------------------------------

static void what_sleeps_counts_among_all_pools(void)
{
    struct rove_pool *pool = limited(256 << 10, ROVE_POOL_SPILL, NULL);
    struct rove_pool_figures none, all, one;
    struct rove_rope rope;
    static uint8_t bytes[4096];
    rove_pool_measure_all(&none);
    rove_rope_init(&rope, pool);
    for (unsigned i = 0; i < 256; i++)
        CHECK_OK(rove_rope_append(&rope, bytes, sizeof bytes));
    for (uint64_t off = 0; off < rove_rope_len(&rope); off += sizeof bytes)
        CHECK_OK(rove_rope_overwrite(&rope, off, bytes, 1));
    rove_pool_measure(pool, &one);
    rove_pool_measure_all(&all);
    CHECK(one.sleeping_cnt > 100 && one.wake_cnt > 100 && one.sleep_cnt >= one.wake_cnt);
    CHECK_EQ(none.sleeping_cnt + one.sleeping_cnt, all.sleeping_cnt);
    CHECK_EQ(none.sleep_cnt + one.sleep_cnt, all.sleep_cnt);
    CHECK_EQ(none.wake_cnt + one.wake_cnt, all.wake_cnt);
    CHECK_EQ(none.pinned_cnt + one.pinned_cnt, all.pinned_cnt);
    rove_rope_fini(&rope);
    rove_pool_unref(pool);
}

// These are blocks.
static void chunks_of_less_than_a_slabs_are_not_told_apart(void)
{
    struct rove_pool_opts opts = {.size = sizeof opts, .chunk_len = 2048};
    struct rove_pool *pool = NULL;
    struct rove_rope rope;
    CHECK_OK(rove_pool_new(&opts, &pool));
    rove_rope_init(&rope, pool);
    CHECK_OK(text_append(&rope, 1, 0, 1 << 20, 2048));
    struct rove_pool_figures now = kit_figures(pool);
    CHECK(now.held > 1 << 20);
    CHECK(!now.live_cnt && !now.free_cnt && !now.take_cnt);
    rove_rope_fini(&rope);
    rove_pool_unref(pool);
}

// A cursor keeps the chunk of its last span awake.
static void what_is_pinned_is_counted(void)
{
    enum { CNT = 7 };
    struct rove_pool *pool = limited(256 << 10, ROVE_POOL_SPILL, NULL);
    struct rove_pool_figures rest, now;
    struct rove_rope rope;
    struct rove_view view;
    struct rove_cursor cursors[CNT];
    struct rove_span span;
    static uint8_t bytes[4096];
    rove_rope_init(&rope, pool);
    for (unsigned i = 0; i < 256; i++)
        CHECK_OK(rove_rope_append(&rope, bytes, sizeof bytes));
    rove_pool_measure(pool, &rest);
    CHECK(rest.pinned_cnt <= 1); // the open tail's, if it is a full chunk
    CHECK_OK(rove_rope_view(&rope, 0, rove_rope_len(&rope), &view));
    for (unsigned i = 0; i < CNT; i++) {
        CHECK_OK(rove_cursor_init(&cursors[i], &view, (2 + 33 * i) * sizeof bytes));
        CHECK_OK(rove_cursor_next(&cursors[i], &span));
        rove_pool_measure(pool, &now);
        CHECK_EQ(rest.pinned_cnt + i + 1, now.pinned_cnt);
    }
    for (unsigned i = 0; i < CNT; i++)
        rove_cursor_fini(&cursors[i]);
    rove_pool_measure(pool, &now);
    CHECK_EQ(rest.pinned_cnt, now.pinned_cnt);
    rove_view_fini(&view);
    rove_rope_fini(&rope);
    rove_pool_unref(pool);
}

// making ------------------------------------------------------------------------------------------

static unsigned descriptors(void)
{
    unsigned cnt = 0;
    DIR *dir = opendir("/proc/self/fd");
    while (dir && readdir(dir))
        cnt++;
    if (dir)
        closedir(dir);
    return cnt;
}

static void a_pool_that_is_refused_leaves_no_file(void)
{
    struct rove_pool *lender = limited(64 << 10, 0, NULL), *pool;
    struct rove_pool_opts opts = {.size = sizeof opts,
                                  .chunk_len = 4096,
                                  .flags = ROVE_POOL_SPILL,
                                  .budget_of = lender};
    struct rove_rope rope;
    static uint8_t bytes[100];
    rove_rope_init(&rope, lender);
    enum rove_status status = ROVE_OK;
    while (status == ROVE_OK)
        status = rove_rope_append(&rope, bytes, sizeof bytes);
    CHECK_IS(ROVE_E_LIMIT, status);
    unsigned before = descriptors();
    for (unsigned i = 0; i < 10; i++)
        CHECK_IS(ROVE_E_LIMIT, rove_pool_new(&opts, &pool));
    CHECK_EQ(before, descriptors());
    rove_rope_fini(&rope);
    rove_pool_unref(lender);
}

static void a_folder_without_a_name_has_no_file(void)
{
    struct rove_pool_opts opts = {
        .size = sizeof opts, .memory_limit = 1 << 20, .flags = ROVE_POOL_SPILL, .spill_dir = ""};
    struct rove_pool *pool;
    errno = 0;
    CHECK_IS(ROVE_E_IO, rove_pool_new(&opts, &pool));
    CHECK_EQ(ENOENT, errno);
    rove_pool_unref(pool);
}

// It is the lender's limit that a pool has, or its lack of one, whatever limit is named beside.
static void a_pool_that_shares_no_limit_has_none_to_spill_by(void)
{
    struct rove_pool *unlimited, *lenders[2] = {rove_pool_default(), NULL}, *pool;
    struct rove_pool_opts opts = {.size = sizeof opts};
    CHECK_OK(rove_pool_new(&opts, &unlimited));
    lenders[1] = unlimited;
    opts.memory_limit = 1 << 20;
    for (unsigned i = 0; i < 2; i++) {
        opts.budget_of = lenders[i];
        opts.flags = ROVE_POOL_SPILL;
        CHECK_IS(ROVE_E_ARG, rove_pool_new(&opts, &pool));
        CHECK(pool == NULL);
        rove_pool_unref(pool);
        opts.flags = ROVE_POOL_HUGE;
        CHECK_OK(rove_pool_new(&opts, &pool));
        CHECK_EQ(0, kit_figures(pool).limit);
        rove_pool_unref(pool);
    }
    rove_pool_unref(unlimited);
}

// A sixteenth of the limit, but four chunks at least and 2 MiB at most; a power of two, rounded up.
static void slabs_are_as_long_as_the_limit_asks(void)
{
    enum { HEADROOM = 64 << 10 }; // of limits of half a MiB and more
    static const struct {
        uint64_t limit;
        size_t slab_len;
    } rows[] = {
        {(1 << 20) - 16, 64 << 10},         {1 << 20, 64 << 10},
        {(1 << 20) + 16, 128 << 10},        {4 << 20, 256 << 10},
        {UINT64_C(32) << 20, 2 << 20},      {(UINT64_C(32) << 20) + 16, 2 << 20},
        {UINT64_C(1) << 40, 2 << 20},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rove_pool *pool = limited(rows[i].limit + HEADROOM, 0, NULL);
        CHECK_EQ(rows[i].slab_len, pool->slab_len);
        rove_pool_unref(pool);
    }
}

// the spill file ------------------------------------------------------------------------------------

// A slab's number is a place in the file: one that is given back is taken first, and no other twice.
static void every_slab_has_its_own_place_in_the_file(void)
{
    enum { CNT = 6 };
    struct rove_pool *pool = limited(256 << 10, ROVE_POOL_SPILL, NULL);
    struct rove_rope ropes[CNT], rest;
    for (unsigned i = 0; i < CNT; i++) {
        rove_rope_init(&ropes[i], pool);
        CHECK_OK(text_append(&ropes[i], i, 0, pool->slab_len, 4096));
    }
    for (unsigned round = 1; round <= CNT / 2; round++) { // so many holes among them
        for (unsigned i = 0; i < round; i++)
            rove_rope_clear(&ropes[2 * i]);
        (void) rove_pool_trim(pool);
        for (unsigned i = 0; i < round; i++) // more than fills them
            CHECK_OK(text_append(&ropes[2 * i], 2 * i, 0, 2 * pool->slab_len, 4096));
        rove_rope_init(&rest, pool);
        CHECK_OK(text_append(&rest, 99, 0, 1 << 20, 4096)); // all others go to sleep
        for (unsigned i = 0; i < CNT; i++)
            text_check_rope(&ropes[i], i);
        text_check_rope(&rest, 99);
        rove_rope_fini(&rest);
    }
    for (unsigned i = 0; i < CNT; i++)
        rove_rope_fini(&ropes[i]);
    rove_pool_unref(pool);
}

static uint64_t file_len(int fd)
{
    struct stat st;
    return CHECK(fstat(fd, &st) == 0) ? (uint64_t) st.st_size : 0;
}

static void fill_and_give_back(struct rove_pool *pool, uint64_t len)
{
    struct rove_rope rope;
    rove_rope_init(&rope, pool);
    CHECK_OK(text_append(&rope, 1, 0, len, 4096));
    rove_rope_fini(&rope);
    (void) rove_pool_trim(pool);
}

// One call does it, if it succeeds; if not, the next slab that is given back is the occasion.
static void a_file_that_could_not_be_cut_is_cut_later(void)
{
    const struct kit_plan fail = {.call = KIT_FTRUNCATE, .err = EIO, .at = 1}, fine = {.err = 0};
    char dir[64];
    kit_dir_make(dir);
    struct kit_pool how = {.chunk_len = 4096, .limit = 256 << 10, .flags = ROVE_POOL_SPILL, .dir = dir};
    struct rove_pool *pool = kit_pool_new(&how);
    int fd = kit_spill_fd(dir);
    fill_and_give_back(pool, 1 << 20);
    CHECK_EQ(0, file_len(fd));
    kit_os_arm(&fine);
    fill_and_give_back(pool, 4096); // nothing slept
    CHECK_EQ(0, kit_os_calls(KIT_FTRUNCATE));
    kit_os_arm(&fail);
    fill_and_give_back(pool, 1 << 20);
    CHECK(kit_os_injected() > 0 && file_len(fd) > 256 << 10);
    kit_os_off();
    fill_and_give_back(pool, 4096);
    CHECK_EQ(0, file_len(fd));
    rove_pool_unref(pool);
    kit_dir_remove(dir);
}

// threads -----------------------------------------------------------------------------------------

static pthread_key_t key;

// Runs again, in a later round of destructors than the library's own.
static void use_late(void *rounds)
{
    struct rove_rope rope;
    uintptr_t left = (uintptr_t) rounds;
    rove_rope_init(&rope, NULL);
    (void) !rove_rope_append(&rope, "late", 4);
    rove_rope_fini(&rope);
    if (left > 1)
        pthread_setspecific(key, (void *) (left - 1));
}

static void *use_and_end(void *arg)
{
    struct rove_rope rope;
    pthread_setspecific(key, (void *) (uintptr_t) PTHREAD_DESTRUCTOR_ITERATIONS);
    rove_rope_init(&rope, NULL);
    (void) !rove_rope_append(&rope, "used", 4);
    rove_rope_fini(&rope);
    return arg;
}

static void *number_of(void *arg)
{
    *(int *) arg = rv_slot_number();
    return arg;
}

static void a_thread_that_uses_the_library_to_the_last_gives_its_number_back(void)
{
    pthread_t thread;
    int number = -1;
    CHECK_EQ(0, pthread_key_create(&key, use_late));
    for (unsigned i = 0; i < RV_SLOTS + 10; i++) {
        CHECK_EQ(0, pthread_create(&thread, NULL, use_and_end, NULL));
        pthread_join(thread, NULL);
    }
    CHECK_EQ(0, pthread_create(&thread, NULL, number_of, &number));
    pthread_join(thread, NULL);
    CHECK(number >= 0);
    pthread_key_delete(key);
}

static pthread_barrier_t taken, ended;

static void *keep_a_number(void *arg)
{
    rv_slot_number();
    pthread_barrier_wait(&taken);
    pthread_barrier_wait(&ended);
    return arg;
}

static void *ask_twice(void *arg)
{
    int *number = arg;
    number[0] = rv_slot_number();
    pthread_barrier_wait(&ended);
    pthread_barrier_wait(&taken); // the others have ended
    number[1] = rv_slot_number();
    return arg;
}

static void a_thread_that_found_no_number_gets_one_when_others_have_ended(void)
{
    pthread_t keeper[RV_SLOTS], asker;
    int number[2] = {0, -1};
    CHECK_EQ(0, pthread_barrier_init(&taken, NULL, RV_SLOTS + 1));
    CHECK_EQ(0, pthread_barrier_init(&ended, NULL, RV_SLOTS + 1));
    for (unsigned i = 0; i < RV_SLOTS; i++)
        CHECK_EQ(0, pthread_create(&keeper[i], NULL, keep_a_number, NULL));
    pthread_barrier_wait(&taken);
    pthread_barrier_destroy(&taken);
    CHECK_EQ(0, pthread_barrier_init(&taken, NULL, 2));
    CHECK_EQ(0, pthread_create(&asker, NULL, ask_twice, number));
    for (unsigned i = 0; i < RV_SLOTS; i++)
        pthread_join(keeper[i], NULL);
    pthread_barrier_wait(&taken);
    pthread_join(asker, NULL);
    CHECK_EQ(-1, number[0]);
    CHECK(number[1] >= 0);
    pthread_barrier_destroy(&taken);
    pthread_barrier_destroy(&ended);
}

// ends --------------------------------------------------------------------------------------------

// Ropes, views and streams of two pools, of which nobody else holds any more. All their bytes are 7.
struct heirs {
    struct rng rng;
    struct rove_pool *pool[2];
    struct rove_rope rope[6];
    struct rove_view view[8];
    struct rove_stream *stream[6];
    unsigned rope_cnt, view_cnt, stream_cnt;
};

static struct rove_pool *any_pool(struct heirs *h)
{
    return h->pool[rng_below(&h->rng, 2)];
}

static struct rove_rope *new_rope(struct heirs *h)
{
    static const size_t lens[] = {0, 1, 100, 4096, 70000};
    static uint8_t sevens[70000];
    memset(sevens, 7, sizeof sevens);
    struct rove_rope *rope = &h->rope[h->rope_cnt++];
    rove_rope_init(rope, any_pool(h));
    CHECK_OK(rove_rope_append(rope, sevens, lens[rng_below(&h->rng, 5)]));
    return rope;
}

static struct rove_view *new_view(struct heirs *h, struct rove_rope *rope)
{
    struct rove_view *view = &h->view[h->view_cnt++];
    uint64_t len = rove_rope_len(rope), off = rng_below(&h->rng, (size_t) len + 1);
    uint64_t most = rng_below(&h->rng, 4) ? len - off : 0; // some are empty
    CHECK_OK(rove_rope_view(rope, off, rng_below(&h->rng, (size_t) most + 1), view));
    return view;
}

static void new_stream(struct heirs *h, struct rove_rope *rope)
{
    struct rove_rope clone;
    struct rove_stream **slot = &h->stream[h->stream_cnt++], *stream;
    rove_rope_clone(&clone, rope);
    if (rng_below(&h->rng, 2))
        CHECK_OK(rove_stream_new(any_pool(h), slot));
    else
        CHECK_OK(rove_stream_from_rope(&clone, slot));
    rove_rope_fini(&clone);
    stream = *slot;
    CHECK_OK(rove_stream_seek(stream, 0, ROVE_FROM_END, NULL));
    CHECK_OK(rove_stream_write(stream, "\7\7\7", 3));
    CHECK_OK(rove_stream_seek(stream, 1, ROVE_SET, NULL));
    if (rng_below(&h->rng, 4) == 0)
        CHECK_OK(rove_stream_split(stream, &h->stream[h->stream_cnt++]));
    if (rng_below(&h->rng, 4) == 0)
        CHECK_OK(rove_stream_steal(stream, &h->rope[h->rope_cnt++]));
    if (rng_below(&h->rng, 4) == 0)
        CHECK_OK(rove_stream_close(stream));
    if (rng_below(&h->rng, 4) == 0)
        CHECK_OK(rove_stream_reset(stream));
}

// What came from one pool may lie in the other's rope, all of it or beside what was there.
static void make_heirs(struct heirs *h)
{
    struct rove_rope *a = new_rope(h), *b = new_rope(h);
    struct rove_view *view = new_view(h, a);
    if (rng_below(&h->rng, 2))
        CHECK_OK(rove_rope_append_view(b, view));
    if (rng_below(&h->rng, 2))
        CHECK_OK(rove_rope_concat(rng_below(&h->rng, 2) ? a : new_rope(h), b));
    view = new_view(h, rng_below(&h->rng, 2) ? a : b);
    uint64_t off = rng_below(&h->rng, (size_t) view->len + 1);
    CHECK_OK(rove_view_sub(view, off, rng_below(&h->rng, (size_t) (view->len - off) + 1), &h->view[h->view_cnt++]));
    new_stream(h, a);
    new_stream(h, b);
}

static bool all_sevens(const struct rove_view *view)
{
    uint8_t byte;
    size_t len;
    for (uint64_t off = 0; off < view->len; off += 1 + view->len / 9)
        if (rove_view_read(view, off, &byte, 1, &len) || byte != 7)
            return false;
    return true;
}

// Drops one of them, whichever it is. False: there is none left.
static bool drop_one(struct heirs *h)
{
    unsigned all = h->rope_cnt + h->view_cnt + h->stream_cnt;
    if (!all)
        return false;
    unsigned i = (unsigned) rng_below(&h->rng, all);
    struct rove_view view;
    if (i < h->rope_cnt) {
        struct rove_rope *rope = &h->rope[i];
        CHECK_OK(rove_rope_view(rope, 0, rove_rope_len(rope), &view));
        rove_rope_fini(rope);
        CHECK(all_sevens(&view));
        rove_view_fini(&view);
        if (rope != &h->rope[--h->rope_cnt])
            rove_rope_move(rope, &h->rope[h->rope_cnt]);
        rove_rope_fini(&h->rope[h->rope_cnt]);
    } else if ((i -= h->rope_cnt) < h->view_cnt) {
        CHECK(all_sevens(&h->view[i]));
        rove_view_fini(&h->view[i]);
        h->view[i] = h->view[--h->view_cnt];
    } else {
        i -= h->view_cnt;
        if (rove_stream_snapshot(h->stream[i], &view) == ROVE_OK)
            CHECK(all_sevens(&view));
        rove_stream_free(h->stream[i]);
        rove_view_fini(&view);
        h->stream[i] = h->stream[--h->stream_cnt];
    }
    return true;
}

// A pool that ended too early would be read after it was freed; one that is held too often would keep memory.
enum { KEEPERS = 8 };

// Fills what a thread keeps of a pool, beside others that do so.
static void *use_and_keep(void *arg)
{
    struct rove_rope rope;
    static uint8_t bytes[20 * 4096];
    pthread_barrier_wait(&taken);
    rove_rope_init(&rope, arg);
    for (unsigned i = 0; i < 4; i++)
        CHECK_OK(rove_rope_append(&rope, bytes, sizeof bytes));
    pthread_barrier_wait(&ended);
    rove_rope_fini(&rope);
    return NULL;
}

static void what_threads_kept_that_have_ended_goes_back(void)
{
    pthread_t threads[KEEPERS];
    struct rove_pool_opts opts = {.size = sizeof opts, .allocator = &env.alloc.table, .chunk_len = 4096};
    struct rove_pool *pool = NULL;
    CHECK_OK(rove_pool_new(&opts, &pool));
    pthread_barrier_init(&taken, NULL, KEEPERS);
    pthread_barrier_init(&ended, NULL, KEEPERS);
    for (unsigned i = 0; i < KEEPERS; i++)
        CHECK_EQ(0, pthread_create(&threads[i], NULL, use_and_keep, pool));
    for (unsigned i = 0; i < KEEPERS; i++)
        pthread_join(threads[i], NULL);
    uint64_t before = kit_figures(pool).held;
    CHECK_EQ(before - KEEPERS * sizeof(struct rv_slot), rove_pool_trim(pool));
    CHECK_EQ(KEEPERS * sizeof(struct rv_slot), kit_figures(pool).held);
    pthread_barrier_destroy(&taken);
    pthread_barrier_destroy(&ended);
    rove_pool_unref(pool);
}

static void a_pool_ends_with_the_last_that_it_gave(void)
{
    static const size_t chunk_lens[] = {16, 4096, 65536};
    struct rng rng = rng_from(suite_seed());
    uint64_t rounds = suite_scaled(600);
    for (uint64_t round = 0; round < rounds; round++) {
        struct heirs h = {.rng = rng_from(rng_next(&rng))};
        struct test_alloc alloc[2];
        for (int i = 0; i < 2; i++) {
            test_alloc_init(&alloc[i]);
            h.pool[i] = suite_pool_new(&alloc[i].table, chunk_lens[rng_below(&h.rng, 3)]);
        }
        make_heirs(&h);
        rove_pool_unref(h.pool[0]);
        rove_pool_unref(h.pool[1]);
        while (drop_one(&h))
            continue;
        for (int i = 0; i < 2; i++) {
            CHECK_EQ(0, test_alloc_live(&alloc[i]));
            CHECK_EQ(0, test_alloc_wrong(&alloc[i]));
            test_alloc_fini(&alloc[i]);
        }
    }
}

// Threads that give home what others took: a holder that one counts is let go by another, while users come and go. No thread
// may see the end before the last, and someone must.
enum { TAKERS = 3, PLACES = 16 };

struct market {
    struct rove_pool *pool;
    _Atomic(struct rv_chunk *) place[PLACES];
    atomic_uint deals;
    unsigned most;
    uint64_t seed;
    atomic_uint takers, ready;
};

static void swap_chunk(struct market *m, struct rng *rng, struct rv_chunk *chunk)
{
    chunk = atomic_exchange(&m->place[rng_below(rng, PLACES)], chunk);
    if (chunk)
        rv_chunk_drop(chunk);
}

// What was taken holds the pool, so a taker may use it after the last user has gone, and become one for a while.
static void *deal(void *arg)
{
    static const size_t wants[] = {1, 100, 4096, 65536};
    struct market *m = arg;
    struct rng rng = rng_from(m->seed + atomic_fetch_add(&m->takers, 1));
    enum rove_status why;
    struct rv_chunk *mine = rv_chunk_take(m->pool, 1, &why);
    atomic_fetch_add(&m->ready, 1);
    while (CHECK(mine != NULL) && atomic_fetch_add(&m->deals, 1) < m->most) {
        bool user = rng_below(&rng, 8) == 0;
        if (user)
            rove_pool_ref(m->pool);
        struct rv_chunk *chunk = rv_chunk_take(m->pool, wants[rng_below(&rng, 4)], &why);
        if (CHECK(chunk != NULL))
            swap_chunk(m, &rng, chunk);
        if (user)
            rove_pool_unref(m->pool);
    }
    if (mine)
        swap_chunk(m, &rng, mine);
    return NULL;
}

static void the_holders_that_threads_count_are_added_up(void)
{
    struct rng rng = rng_from(suite_seed());
    for (uint64_t round = 0; round < suite_scaled(100); round++) {
        struct test_alloc alloc;
        pthread_t thread[TAKERS];
        test_alloc_init(&alloc);
        struct market m = {
            .pool = suite_pool_new(&alloc.table, 65536), .most = 600, .seed = rng_next(&rng)};
        enum rove_status why;
        struct rv_chunk *kept = rv_chunk_take(m.pool, 1, &why); // for those who are late
        unsigned late = (unsigned) rng_below(&rng, TAKERS + 1),
                 user = (unsigned) rng_below(&rng, 700);
        for (unsigned i = 0; i < late; i++)
            CHECK_EQ(0, pthread_create(&thread[i], NULL, deal, &m));
        while (late && atomic_load(&m.deals) < user && atomic_load(&m.deals) < m.most)
            continue;
        rove_pool_unref(m.pool); // those who come later find the parts added up
        for (unsigned i = late; i < TAKERS; i++)
            CHECK_EQ(0, pthread_create(&thread[i], NULL, deal, &m));
        while (atomic_load(&m.ready) < TAKERS)
            continue;
        rv_chunk_drop(kept);
        for (unsigned i = 0; i < TAKERS; i++)
            pthread_join(thread[i], NULL);
        for (unsigned i = 0; i < PLACES; i++)
            if (m.place[i])
                rv_chunk_drop(m.place[i]);
        CHECK_EQ(0, test_alloc_live(&alloc));
        CHECK_EQ(0, test_alloc_wrong(&alloc));
        test_alloc_fini(&alloc);
    }
}

// Each shares the limit of the one before, which nobody else holds.
static void *make_a_long_line(void *arg)
{
    struct rove_pool *last = limited(1 << 20, 0, NULL);
    for (unsigned i = 0; i < 20000; i++) {
        struct rove_pool *next = limited(0, 0, last);
        rove_pool_unref(last);
        last = next;
    }
    rove_pool_unref(last);
    return arg;
}

static void pools_that_hold_each_other_end_on_a_small_stack(void)
{
    pthread_attr_t attr;
    pthread_t thread;
    CHECK(pthread_attr_init(&attr) == 0 && pthread_attr_setstacksize(&attr, 256 << 10) == 0);
    if (CHECK(pthread_create(&thread, &attr, make_a_long_line, NULL) == 0))
        pthread_join(thread, NULL);
    pthread_attr_destroy(&attr);
}

static const struct suite_case cases[] = {
    SUITE_CASE(what_sleeps_counts_among_all_pools),
    SUITE_CASE(chunks_of_less_than_a_slabs_are_not_told_apart),
    SUITE_CASE(what_is_pinned_is_counted),
    SUITE_CASE(a_pool_that_is_refused_leaves_no_file),
    SUITE_CASE(a_folder_without_a_name_has_no_file),
    SUITE_CASE(a_pool_that_shares_no_limit_has_none_to_spill_by),
    SUITE_CASE(slabs_are_as_long_as_the_limit_asks),
    SUITE_CASE(every_slab_has_its_own_place_in_the_file),
    SUITE_CASE(a_file_that_could_not_be_cut_is_cut_later),
    SUITE_CASE(a_thread_that_uses_the_library_to_the_last_gives_its_number_back),
    SUITE_CASE(a_thread_that_found_no_number_gets_one_when_others_have_ended),
    SUITE_CASE(what_threads_kept_that_have_ended_goes_back),
    SUITE_CASE(a_pool_ends_with_the_last_that_it_gave),
    SUITE_CASE(the_holders_that_threads_count_are_added_up),
    SUITE_CASE(pools_that_hold_each_other_end_on_a_small_stack),
};

int main(int argc, char **argv)
{
    struct suite suite = {"pool", cases, sizeof cases / sizeof *cases, false};
    return suite_run(argc, argv, &suite);
}
