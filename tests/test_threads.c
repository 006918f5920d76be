// SPDX-License-Identifier: MIT
// test_threads.c: ropes, views and chunks shared by eight threads; meant for ThreadSanitizer.
//
// What a thread does between two barriers must not synchronise by itself, or a race would hide
// behind it: hence an allocator that counts by relaxed atomics only, and checks that lock nothing
// unless they fail. Objects go from thread to thread through a mailbox, as a program would pass
// them on.
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "support/edits.h"
#include "support/suite.h"

#define THREADS 8

// Checks without a lock while all is well.
static void quiet_check(struct suite_at at, bool holds)
{
    if (!holds)
        suite_check(at, false);
}

#define QUIET(cond) quiet_check(SUITE_AT(#cond), (cond))
#define QUIET_OK(call) QUIET((call) == ROVE_OK)

// an allocator that does not synchronise ---------------------------------------------------------

static _Atomic(int64_t) live_blocks;

static void *quiet_alloc(void *ctx, size_t len, size_t align)
{
    void *ptr = NULL;
    (void) ctx;
    if (posix_memalign(&ptr, align < sizeof ptr ? sizeof ptr : align, len) != 0)
        return NULL;
    atomic_fetch_add_explicit(&live_blocks, 1, memory_order_relaxed);
    return ptr;
}

static void quiet_free(void *ctx, void *ptr, size_t len, size_t align)
{
    (void) ctx;
    (void) len;
    (void) align;
    atomic_fetch_sub_explicit(&live_blocks, 1, memory_order_relaxed);
    free(ptr);
}

static const struct rove_allocator quiet = {
    .size = sizeof quiet, .name = "quiet", .alloc = quiet_alloc, .free = quiet_free};

// a scene: one source, eight threads -------------------------------------------------------------

struct actor {
    size_t number;
    struct rng rng;
    struct twin twin;
    struct rove_view view;
    uint64_t ops; // things done to what is shared
};

static struct {
    struct rove_pool *pool;
    struct twin source;
    struct actor actors[THREADS];
    pthread_barrier_t barrier;
    uint64_t rounds;
    pthread_t threads[THREADS];
} scene;

static uint64_t total_ops;

static void scene_open(size_t chunk_len, size_t len, uint64_t rounds)
{
    memset(&scene, 0, sizeof scene);
    scene.pool = suite_pool_new(&quiet, chunk_len);
    scene.rounds = suite_scaled(rounds);
    pthread_barrier_init(&scene.barrier, NULL, THREADS);
    twin_init(&scene.source, scene.pool);
    for (size_t left = len; left;) {
        size_t piece = left < 100 ? left : 100;
        twin_append(&scene.source, piece);
        left -= piece;
    }
    for (size_t i = 0; i < THREADS; i++) {
        scene.actors[i].number = i;
        scene.actors[i].rng = rng_from(suite_seed() * 31 + i);
        twin_init(&scene.actors[i].twin, scene.pool);
    }
}

// Each actor gets a clone of the source, and a view of it all.
static void scene_share(void)
{
    for (size_t i = 0; i < THREADS; i++) {
        struct actor *actor = &scene.actors[i];
        twin_fini(&actor->twin);
        twin_clone(&actor->twin, &scene.source);
        CHECK_OK(rove_rope_view(&scene.source.rope, 0, scene.source.model.len, &actor->view));
    }
}

static void scene_start(void *(*act)(void *))
{
    for (size_t i = 0; i < THREADS; i++)
        CHECK(pthread_create(&scene.threads[i], NULL, act, &scene.actors[i]) == 0);
}

static void scene_join(void)
{
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(scene.threads[i], NULL);
}

static void scene_close(void)
{
    TWIN_CHECK(&scene.source);
    for (size_t i = 0; i < THREADS; i++) {
        TWIN_CHECK(&scene.actors[i].twin);
        twin_fini(&scene.actors[i].twin);
        rove_view_fini(&scene.actors[i].view);
        total_ops += scene.actors[i].ops;
    }
    twin_fini(&scene.source);
    rove_pool_unref(scene.pool);
    pthread_barrier_destroy(&scene.barrier);
    CHECK_EQ(0, atomic_load(&live_blocks));
}

static void scene_play(void *(*act)(void *))
{
    scene_start(act);
    scene_join();
    scene_close();
}

static void wait_for_all(void)
{
    pthread_barrier_wait(&scene.barrier);
}

// the default pool ------------------------------------------------------------------------------

static void *use_default_pool(void *arg)
{
    struct actor *actor = arg;
    struct rove_rope rope;
    wait_for_all();
    rove_rope_init(&rope, NULL);
    for (int i = 0; i < 1000; i++, actor->ops++)
        QUIET_OK(rove_rope_append(&rope, "default", 7));
    QUIET(rove_rope_len(&rope) == 7000);
    rove_rope_fini(&rope);
    return NULL;
}

static void the_default_pool_is_made_by_the_first_of_eight(void)
{
    scene_open(64, 0, 1);
    scene_play(use_default_pool);
}

// clones ----------------------------------------------------------------------------------------

// Everything that a random world does, from clones of one source.
static void *live_on_clones(void *arg)
{
    struct actor *actor = arg;
    struct world *world = malloc(sizeof *world);
    world_init(world, scene.pool, suite_seed() + actor->number, true);
    world->len_max = 3000;
    for (size_t i = 0; i < WORLD_ROPES; i++) {
        twin_fini(&world->ropes[i]);
        twin_clone(&world->ropes[i], &actor->twin);
    }
    wait_for_all();
    while (world->steps < scene.rounds && world_step(world))
        ;
    actor->ops += world->steps;
    if (!world_check_all(world) && !CHECK(world->wrong == NULL))
        world_print(world);
    world_fini(world);
    free(world);
    return NULL;
}

static void clones_edited_and_dropped_by_eight(void)
{
    static const size_t chunk_lens[] = {1, 16, 4096};
    for (size_t i = 0; i < 3; i++) {
        scene_open(chunk_lens[i], 1500, 20000);
        scene_share();
        scene_play(live_on_clones);
    }
}

static void *drop_at_once(void *arg)
{
    struct actor *actor = arg;
    wait_for_all();
    rove_rope_fini(&actor->twin.rope);
    rove_view_fini(&actor->view);
    actor->ops += 2;
    return NULL;
}

static void count_in(void *count, const void *ptr, size_t len)
{
    (void) ptr;
    (void) len;
    atomic_fetch_add_explicit((_Atomic(unsigned) *) count, 1, memory_order_relaxed);
}

// The last holder of each node and chunk is whoever comes last.
static void all_dropped_at_once(void)
{
    for (uint64_t round = suite_scaled(300); round-- > 0;) {
        static _Atomic(unsigned) released;
        atomic_store(&released, 0);
        scene_open(3, 300, 1);
        CHECK_OK(rove_rope_append_adopt(&scene.source.rope, noise(1000), 1000, count_in,
                                        (void *) &released));
        scene.source.model.len = (size_t) rove_rope_len(&scene.source.rope);
        for (size_t i = 0; i < THREADS; i++) {
            rove_rope_fini(&scene.actors[i].twin.rope);
            rove_rope_clone(&scene.actors[i].twin.rope, &scene.source.rope);
            CHECK_OK(rove_rope_view(&scene.source.rope, 100, 1000, &scene.actors[i].view));
        }
        rove_rope_clear(&scene.source.rope);
        scene.source.model.len = 0;
        scene_start(drop_at_once);
        scene_join();
        for (size_t i = 0; i < THREADS; i++)
            rove_rope_init(&scene.actors[i].twin.rope, scene.pool);
        CHECK_EQ(1, atomic_load(&released));
        scene_close();
    }
}

// the tail --------------------------------------------------------------------------------------

static _Atomic(unsigned) winners;

// Appends to a clone whose tail is open to whoever comes first.
static void *race_for_tail(void *arg)
{
    struct actor *actor = arg;
    const struct rv_chunk *tail = actor->twin.rope.tail;
    uint8_t mine[3];
    memset(mine, 'a' + (int) actor->number, sizeof mine);
    wait_for_all();
    for (size_t i = 0; i < 4; i++, actor->ops++)
        QUIET_OK(rove_rope_append(&actor->twin.rope, mine, 1 + i % 3));
    if (actor->twin.rope.tail == tail)
        atomic_fetch_add_explicit(&winners, 1, memory_order_relaxed);
    for (size_t i = 0; i < 4; i++)
        model_replace(&actor->twin.model, actor->twin.model.len, 0, mine, 1 + i % 3);
    return NULL;
}

static void one_of_eight_appends_wins_the_tail(void)
{
    for (uint64_t round = suite_scaled(1000); round-- > 0;) {
        scene_open(4096, 50, 1);
        scene_share();
        atomic_store(&winners, 0);
        scene_start(race_for_tail);
        scene_join();
        CHECK_EQ(1, atomic_load(&winners)); // the rest started chunks of their own
        scene_close();
    }
}

// Clones of one's own clone, so that the claim is given up and taken again all the time.
static void *append_between_clones(void *arg)
{
    struct actor *actor = arg;
    wait_for_all();
    for (uint64_t i = 0; i < scene.rounds; i++, actor->ops += 3) {
        struct twin copy;
        const uint8_t *src = noise(5);
        twin_clone(&copy, &actor->twin);
        size_t len = rng_below(&actor->rng, 5);
        struct twin *first = i & 1 ? &copy : &actor->twin;
        QUIET_OK(rove_rope_append(&first->rope, src, len));
        model_replace(&first->model, first->model.len, 0, src, len);
        QUIET_OK(rove_rope_append(&actor->twin.rope, src, 1));
        model_replace(&actor->twin.model, actor->twin.model.len, 0, src, 1);
        if (i % 16 == 0) {
            QUIET(rove_rope_len(&copy.rope) == copy.model.len);
            QUIET_OK(rove_rope_truncate(&actor->twin.rope, 40));
            actor->twin.model.len = 40;
        }
        twin_fini(&copy);
    }
    return NULL;
}

static void claims_given_up_and_taken_again_by_eight(void)
{
    scene_open(256, 50, 4000);
    scene_share();
    scene_play(append_between_clones);
}

// views -----------------------------------------------------------------------------------------

// Actor 0 edits the source; the others look at their views of what it was.
static void *look_or_edit(void *arg)
{
    struct actor *actor = arg;
    struct rove_rope *rope = &scene.source.rope;
    wait_for_all();
    for (uint64_t i = 0; i < scene.rounds; i++, actor->ops++) {
        if (actor->number == 0) {
            uint64_t len = rove_rope_len(rope), off = rng_below(&actor->rng, (size_t) len);
            QUIET_OK(rove_rope_overwrite(rope, off, "x", 1));
            QUIET_OK(rove_rope_insert(rope, off, "yz", 2));
            QUIET_OK(rove_rope_erase(rope, off / 2, 2));
            QUIET_OK(rove_rope_append(rope, "tail", 4));
            QUIET_OK(rove_rope_truncate(rope, len));
            continue;
        }
        const struct model *was = &actor->twin.model;
        QUIET(model_spans_match(&actor->view, was->ptr, was->len));
        struct rove_view part;
        size_t off = rng_below(&actor->rng, was->len);
        QUIET_OK(rove_view_sub(&actor->view, off, was->len - off, &part));
        QUIET(model_spans_match(&part, was->ptr + off, was->len - off));
        rove_view_fini(&part);
    }
    return NULL;
}

static void views_read_by_seven_while_the_source_is_edited(void)
{
    static const size_t chunk_lens[] = {3, 4096};
    for (size_t i = 0; i < 2; i++) {
        scene_open(chunk_lens[i], 800, 1500);
        scene_share();
        scene_start(look_or_edit);
        scene_join();
        rove_rope_clear(&scene.source.rope); // edited without its model
        scene.source.model.len = 0;
        scene_close();
    }
}

// Each shares its view into ropes of its own: the same nodes get and lose holders in all threads.
static void *share_view_into_ropes(void *arg)
{
    struct actor *actor = arg;
    struct twin *twin = &actor->twin;
    wait_for_all();
    for (uint64_t i = 0; i < scene.rounds; i++, actor->ops += 3) {
        size_t off = rng_below(&actor->rng, twin->model.len + 1);
        QUIET_OK(rove_rope_replace_view(&twin->rope, off, 0, &actor->view));
        QUIET_OK(rove_rope_append_view(&twin->rope, &actor->view));
        QUIET_OK(rove_rope_erase(&twin->rope, off, rove_view_len(&actor->view)));
        QUIET_OK(rove_rope_truncate(&twin->rope, twin->model.len));
    }
    return NULL;
}

static void one_view_put_into_ropes_of_eight(void)
{
    scene_open(3, 2000, 1500);
    scene_share();
    scene_play(share_view_into_ropes);
}

// Copies, one's own way of being alone again.
static void *flatten_and_compact(void *arg)
{
    struct actor *actor = arg;
    wait_for_all();
    for (uint64_t i = 0; i < scene.rounds; i++, actor->ops += 3) {
        struct rove_rope copy;
        const uint8_t *ptr = NULL;
        rove_rope_clone(&copy, &actor->twin.rope);
        QUIET_OK(rove_rope_compact(&copy));
        QUIET_OK(rove_rope_flatten(&copy, &ptr));
        QUIET(memcmp(ptr, actor->twin.model.ptr, actor->twin.model.len) == 0);
        rove_rope_fini(&copy);
    }
    return NULL;
}

static void clones_flattened_by_eight(void)
{
    scene_open(16, 1000, 500);
    scene_share();
    scene_play(flatten_and_compact);
}

static void *overwrite_zeros(void *arg)
{
    struct actor *actor = arg;
    struct rove_rope rope;
    wait_for_all();
    for (uint64_t i = 0; i < scene.rounds; i++, actor->ops += 3) {
        uint8_t got[5];
        rove_rope_init(&rope, scene.pool);
        QUIET_OK(rove_rope_append_zeros(&rope, 100000));
        QUIET_OK(rove_rope_overwrite(&rope, 70000 + i % 1000, "mark", 4));
        QUIET_OK(rove_rope_read(&rope, 70000 + i % 1000, got, 5, NULL));
        QUIET(memcmp(got, "mark\0", 5) == 0);
        rove_rope_fini(&rope);
    }
    return NULL;
}

static void zeros_overwritten_by_eight(void)
{
    scene_open(4096, 0, 1000);
    scene_play(overwrite_zeros);
}

// passing on ------------------------------------------------------------------------------------

static struct {
    pthread_mutex_t lock;
    bool full;
    struct rove_rope rope;
    struct rove_view view;
    uint64_t sum; // of the bytes in both
} mailbox = {.lock = PTHREAD_MUTEX_INITIALIZER};

static uint64_t sum_of(const struct rove_view *view)
{
    struct rove_cursor cursor;
    struct rove_span span;
    uint64_t sum = rove_view_len(view);
    QUIET_OK(rove_cursor_init(&cursor, view, 0));
    while (rove_cursor_next(&cursor, &span) == ROVE_OK)
        for (size_t i = 0; i < span.len; i++)
            sum += span.ptr[i];
    rove_cursor_fini(&cursor);
    return sum;
}

static uint64_t sum_of_rope(struct rove_rope *rope)
{
    struct rove_view all;
    QUIET_OK(rove_rope_view(rope, 0, rove_rope_len(rope), &all));
    uint64_t sum = sum_of(&all);
    rove_view_fini(&all);
    return sum;
}

// Leaves a rope and a view of it, which go on being used here as a clone; takes what was there.
static void exchange(struct actor *actor)
{
    struct rove_rope mine, theirs;
    struct rove_view view, their_view;
    size_t len = (size_t) rove_rope_len(&actor->twin.rope), off = rng_below(&actor->rng, len + 1);
    rove_rope_clone(&mine, &actor->twin.rope);
    QUIET_OK(rove_rope_append(&mine, "for you", 7));
    QUIET_OK(rove_rope_view(&mine, off, len - off, &view));
    uint64_t sum = sum_of_rope(&mine) + sum_of(&view), their_sum = 0;
    pthread_mutex_lock(&mailbox.lock);
    bool got = mailbox.full;
    if (got) {
        rove_rope_move(&theirs, &mailbox.rope);
        QUIET_OK(rove_view_sub(&mailbox.view, 0, rove_view_len(&mailbox.view), &their_view));
        their_sum = mailbox.sum;
        rove_rope_fini(&mailbox.rope);
        rove_view_fini(&mailbox.view);
    }
    rove_rope_move(&mailbox.rope, &mine);
    QUIET_OK(rove_view_sub(&view, 0, len - off, &mailbox.view));
    mailbox.sum = sum;
    mailbox.full = true;
    pthread_mutex_unlock(&mailbox.lock);
    rove_rope_fini(&mine);
    rove_view_fini(&view);
    if (!got)
        return;
    QUIET(sum_of_rope(&theirs) + sum_of(&their_view) == their_sum);
    QUIET_OK(rove_rope_append(&theirs, "thanks", 6));
    QUIET_OK(rove_rope_insert(&theirs, off / 2 % rove_rope_len(&theirs), "!", 1));
    rove_rope_fini(&theirs);
    rove_view_fini(&their_view);
}

static void *pass_on(void *arg)
{
    struct actor *actor = arg;
    wait_for_all();
    for (uint64_t i = 0; i < scene.rounds; i++, actor->ops += 4) {
        exchange(actor);
        const uint8_t *src = noise(3);
        size_t off = rng_below(&actor->rng, actor->twin.model.len);
        QUIET_OK(rove_rope_replace(&actor->twin.rope, off, 1, src, 1));
        model_replace(&actor->twin.model, off, 1, src, 1);
    }
    return NULL;
}

static void ropes_and_views_passed_on_by_eight(void)
{
    static const size_t chunk_lens[] = {16, 4096};
    for (size_t i = 0; i < 2; i++) {
        scene_open(chunk_lens[i], 400, 2000);
        scene_share();
        scene_start(pass_on);
        scene_join();
        rove_rope_fini(&mailbox.rope);
        rove_view_fini(&mailbox.view);
        mailbox.full = false;
        scene_close();
    }
}

// the pool --------------------------------------------------------------------------------------

static void *ask_the_pool(void *arg)
{
    struct actor *actor = arg;
    wait_for_all();
    for (uint64_t i = 0; i < scene.rounds; i++, actor->ops += 3) {
        struct rove_pool_figures figures;
        struct rove_rope rope;
        rove_pool_ref(scene.pool);
        rove_rope_init(&rope, scene.pool);
        QUIET_OK(rove_rope_append(&rope, noise(9000), 9000));
        QUIET_OK(rove_rope_insert(&rope, 4000, "x", 1));
        rove_rope_fini(&rope);
        if (i % 8 == actor->number)
            rove_pool_trim(scene.pool);
        rove_pool_measure(scene.pool, &figures);
        QUIET(figures.held <= figures.held_peak);
        rove_pool_unref(scene.pool);
    }
    return NULL;
}

static void a_pool_trimmed_and_asked_by_eight(void)
{
    scene_open(4096, 100, 3000);
    scene_play(ask_the_pool);
    suite_note("%llu operations on what is shared", (unsigned long long) total_ops);
}

static const struct suite_case cases[] = {
    SUITE_CASE(all_dropped_at_once), // first: what is shared before there is a second thread counts in another way
    SUITE_CASE(the_default_pool_is_made_by_the_first_of_eight),
    SUITE_CASE(clones_edited_and_dropped_by_eight),
    SUITE_CASE(one_of_eight_appends_wins_the_tail),
    SUITE_CASE(claims_given_up_and_taken_again_by_eight),
    SUITE_CASE(views_read_by_seven_while_the_source_is_edited),
    SUITE_CASE(one_view_put_into_ropes_of_eight),
    SUITE_CASE(clones_flattened_by_eight),
    SUITE_CASE(zeros_overwritten_by_eight),
    SUITE_CASE(ropes_and_views_passed_on_by_eight),
    SUITE_CASE(a_pool_trimmed_and_asked_by_eight),
};

int main(int argc, char **argv)
{
    return suite_run(argc, argv,
                     &(struct suite){"test_threads", cases, sizeof cases / sizeof *cases, false});
}
