// SPDX-License-Identifier: MIT
// test_idle.c: states between parts: a thread gets the one that it used last.
#include "filter/idle.h"
#include "support/suite.h"

#include <pthread.h>
#include <string.h>

#define MOST 40

// States are told apart by what they have taken; nothing here opens or closes one.
static void lay(struct rv_idle *idle, uint64_t number, uintptr_t home)
{
    struct rv_layer layer = {.taken = number};
    rv_idle_lay(idle, &layer, home);
    CHECK_EQ(0, layer.taken);
}

static uint64_t take(struct rv_idle *idle, uintptr_t home)
{
    struct rv_layer layer;
    rv_idle_take(idle, &layer, home);
    return layer.taken;
}

static void a_thread_gets_what_it_used_last(void)
{
    struct rv_idle *idle = rv_idle_new(rove_pool_default(), MOST);
    if (!CHECK(idle != NULL))
        return;
    lay(idle, 1, 7);
    lay(idle, 2, 8);
    lay(idle, 3, 7);
    lay(idle, 4, 8);
    CHECK_EQ(3, take(idle, 7));
    CHECK_EQ(1, take(idle, 7));
    CHECK_EQ(4, take(idle, 8));
    CHECK_EQ(2, take(idle, 8));
    rv_idle_free(idle, rove_pool_default());
}

static void who_has_none_gets_the_oldest(void)
{
    struct rv_idle *idle = rv_idle_new(rove_pool_default(), MOST);
    if (!CHECK(idle != NULL))
        return;
    for (uint64_t i = 1; i <= 3; i++)
        lay(idle, i, 0);
    lay(idle, 4, 8);
    for (uint64_t i = 1; i <= 4; i++)
        CHECK_EQ(i, take(idle, 7));
    rv_idle_free(idle, rove_pool_default());
}

// What is 16 others deep is not looked at.
static void a_long_stack_is_not_searched_to_its_bottom(void)
{
    for (uint64_t others = 15; others <= 16; others++) {
        struct rv_idle *idle = rv_idle_new(rove_pool_default(), MOST);
        if (!CHECK(idle != NULL))
            return;
        lay(idle, 1, 8);
        lay(idle, 2, 7);
        for (uint64_t i = 0; i < others; i++)
            lay(idle, 3 + i, 8);
        CHECK_EQ(others < 16 ? 2 : 1, take(idle, 7));
        for (uint64_t i = 0; i <= others; i++)
            (void) take(idle, 9);
        rv_idle_free(idle, rove_pool_default());
    }
}

static void *home_of_this_thread(void *arg)
{
    *(uintptr_t *) arg = rv_idle_home();
    return arg;
}

static void each_thread_has_a_home(void)
{
    uintptr_t other = 0;
    pthread_t thread;
    CHECK_EQ(0, pthread_create(&thread, NULL, home_of_this_thread, &other));
    pthread_join(thread, NULL);
    CHECK(rv_idle_home() && other && rv_idle_home() == rv_idle_home());
}

static void none_is_there_to_free(void)
{
    rv_idle_free(NULL, rove_pool_default());
    struct rv_idle *idle = rv_idle_new(rove_pool_default(), 1);
    CHECK(idle != NULL);
    rv_idle_free(idle, rove_pool_default());
}

static void a_place_without_memory_is_none(void)
{
    struct rove_pool_opts opts = {.size = sizeof opts, .memory_limit = 64 << 10, .chunk_len = 4096};
    struct rove_pool *pool;
    if (!CHECK_OK(rove_pool_new(&opts, &pool)))
        return;
    CHECK(rv_idle_new(pool, 10000) == NULL);
    rove_pool_unref(pool);
}

static const struct suite_case cases[] = {
    SUITE_CASE(a_thread_gets_what_it_used_last), SUITE_CASE(who_has_none_gets_the_oldest),
    SUITE_CASE(a_long_stack_is_not_searched_to_its_bottom), SUITE_CASE(each_thread_has_a_home),
    SUITE_CASE(none_is_there_to_free), SUITE_CASE(a_place_without_memory_is_none),
};

int main(int argc, char **argv)
{
    struct suite suite = {.name = "idle", .cases = cases, .cnt = sizeof cases / sizeof *cases};
    return suite_run(argc, argv, &suite);
}
