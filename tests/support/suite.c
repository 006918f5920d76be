// SPDX-License-Identifier: MIT
// suite.c: cases are handed to CUnit, each wrapped in a pool of its own.
#include "support/suite.h"

#include <CUnit/Basic.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "chunk/pool.h"
#include "filter/chained.h"
#include "support/amount.h"

#define SEED_DEFAULT UINT64_C(20240229)

const size_t suite_chunk_lens[SUITE_POOLS] = {1, 3, 16, 4096, ROVE_CHUNK_LEN_DEFAULT};
struct suite_env env;

static const struct suite *current;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned stack_kib;

// environment -----------------------------------------------------------------------------------

uint64_t suite_seed(void)
{
    static uint64_t seed;
    const char *text = getenv("ROVE_SEED");
    if (!seed)
        seed = text ? strtoull(text, NULL, 0) : SEED_DEFAULT;
    if (text && strcmp(text, "random") == 0 && !seed)
        seed = (uint64_t) time(NULL);
    return seed;
}

uint64_t suite_scaled(uint64_t cnt)
{
    uint64_t scaled = (uint64_t) ((double) cnt * amount_scale());
    return scaled ? scaled : 1;
}

bool suite_emulated(void)
{
    return getenv("ROVE_TEST_EMULATED") != NULL;
}

unsigned suite_stack(void)
{
    return stack_kib;
}

void suite_note(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    pthread_mutex_lock(&lock);
    printf("\n    ");
    vprintf(format, args);
    fflush(stdout);
    pthread_mutex_unlock(&lock);
    va_end(args);
}

struct rove_pool *suite_pool_new(const struct rove_allocator *allocator, size_t chunk_len)
{
    struct rove_pool_opts opts = {
        .size = sizeof opts, .allocator = allocator, .chunk_len = chunk_len};
    struct rove_pool *pool;
    if (rv_pool_new_any(&opts, &pool) == ROVE_OK)
        return pool;
    fputs("no memory for a pool\n", stderr);
    exit(2);
}

// checks ----------------------------------------------------------------------------------------

// CUnit counts and lists; it does not know of threads.
static bool judge(struct suite_at at, bool holds, const char *said)
{
    pthread_mutex_lock(&lock);
    CU_assertImplementation(holds, at.line, said, at.file, "", CU_FALSE);
    if (!holds && getenv("ROVE_TEST_FAIL_FAST"))
        _exit(1); // who only asks whether anything is wrong need not wait for the rest
    pthread_mutex_unlock(&lock);
    return holds;
}

bool suite_check(struct suite_at at, bool holds)
{
    return judge(at, holds, at.text);
}

bool suite_check_is(struct suite_at at, int expected, int got)
{
    if (expected == got)
        return judge(at, true, at.text);
    char said[256];
    snprintf(said, sizeof said, "%s is %s, not %s", at.text, rove_status_name(got),
             rove_status_name(expected));
    return judge(at, false, said);
}

bool suite_check_eq(struct suite_at at, uint64_t expected, uint64_t got)
{
    if (expected == got)
        return judge(at, true, at.text);
    char said[256];
    snprintf(said, sizeof said, "%s is %llu, not %llu", at.text, (unsigned long long) got,
             (unsigned long long) expected);
    return judge(at, false, said);
}

bool suite_check_sound(struct suite_at at, const struct rove_rope *rope)
{
    const char *wrong = rove_rope_check(rope);
    if (!wrong)
        return judge(at, true, at.text);
    char said[256];
    snprintf(said, sizeof said, "%s: broken: %s", at.text, wrong);
    return judge(at, false, said);
}

// Says where two runs of bytes differ first.
static bool judge_bytes(struct suite_at at, const uint8_t *got, const uint8_t *expected, size_t len)
{
    if (!len || memcmp(got, expected, len) == 0)
        return judge(at, true, at.text);
    size_t i = 0;
    while (got[i] == expected[i])
        i++;
    char said[256];
    snprintf(said, sizeof said, "%s: byte %zu of %zu is 0x%02x, not 0x%02x", at.text, i, len,
             got[i], expected[i]);
    return judge(at, false, said);
}

bool suite_check_bytes(struct suite_at at, struct rove_rope *rope, const void *ptr, size_t len)
{
    if (!suite_check_eq(at, len, rove_rope_len(rope)))
        return false;
    uint8_t *got = malloc(len + 1);
    size_t got_len = 0;
    bool same = suite_check_is(at, ROVE_OK, rove_rope_read(rope, 0, got, len + 1, &got_len)) &&
                suite_check_eq(at, len, got_len) && judge_bytes(at, got, ptr, len);
    free(got);
    return same;
}

bool suite_check_view(struct suite_at at, const struct rove_view *view, const void *ptr, size_t len)
{
    if (!suite_check_eq(at, len, rove_view_len(view)))
        return false;
    uint8_t *got = malloc(len + 1);
    size_t got_len = 0;
    bool same = suite_check_is(at, ROVE_OK, rove_view_read(view, 0, got, len + 1, &got_len)) &&
                suite_check_eq(at, len, got_len) && judge_bytes(at, got, ptr, len);
    free(got);
    return same;
}

// running ---------------------------------------------------------------------------------------

// CUnit's cases take no argument: this one is all of them, and asks for its own name.
static void run_case(void)
{
    const char *name = CU_get_current_test()->pName;
    size_t i = 0;
    while (strcmp(current->cases[i].name, name) != 0)
        i++;
    test_alloc_init(&env.alloc);
    env.pool = suite_pool_new(&env.alloc.table, env.chunk_len);
    current->cases[i].run();
    rove_pool_unref(env.pool);
    suite_check_eq(SUITE_AT("blocks still alive after the case"), 0, test_alloc_live(&env.alloc));
    suite_check_eq(SUITE_AT("wrong frees in the case"), 0, test_alloc_wrong(&env.alloc));
    test_alloc_fini(&env.alloc);
}

static size_t next_len;

static int choose_pool(void)
{
    env.chunk_len = current->each_pool ? suite_chunk_lens[next_len++] : ROVE_CHUNK_LEN_DEFAULT;
    return 0;
}

bool suite_wanted(char **names, const char *name)
{
    bool any = false;
    for (; *names; names++) {
        bool without = **names == '-';
        if (strcmp(*names + without, name) == 0)
            return !without;
        any |= !without;
    }
    return !any;
}

static void add_cases(char **names, const char *title)
{
    CU_pSuite suite = CU_add_suite(title, choose_pool, NULL);
    for (size_t i = 0; i < current->cnt; i++)
        if (suite_wanted(names, current->cases[i].name))
            CU_add_test(suite, current->cases[i].name, run_case);
}

static void *run_all(void *arg)
{
    char **names = arg;
    static char titles[SUITE_POOLS][96];
    if (CU_initialize_registry() != CUE_SUCCESS)
        return arg;
    for (size_t i = 0; i < (current->each_pool ? SUITE_POOLS : 1); i++) {
        snprintf(titles[i], sizeof titles[i], "%s", current->name);
        if (current->each_pool)
            snprintf(titles[i], sizeof titles[i], "%s, chunks of %zu", current->name,
                     suite_chunk_lens[i]);
        add_cases(names, titles[i]);
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    bool failed = CU_get_number_of_failures() || CU_get_number_of_suites_failed() ||
                  !CU_get_number_of_tests_run();
    CU_cleanup_registry();
    return failed ? arg : NULL;
}

// Where the system has no stacks as small as that (64-bit ARM: 128 KiB), on its smallest.
static void *run_on_stack(char **names)
{
    long least = sysconf(_SC_THREAD_STACK_MIN);
    size_t wanted = (size_t) stack_kib << 10;
    pthread_attr_t attr;
    pthread_t thread;
    void *failed = names;
    pthread_attr_init(&attr);
    if (pthread_attr_setstacksize(&attr, least > 0 && (size_t) least > wanted ? (size_t) least : wanted) != 0 ||
        pthread_create(&thread, &attr, run_all, names) != 0) {
        fprintf(stderr, "no thread with a stack of %u KiB\n", stack_kib);
        return failed;
    }
    pthread_join(thread, &failed);
    pthread_attr_destroy(&attr);
    return failed;
}

char **suite_employ(char **argv)
{
    if (!argv[1] || strcmp(argv[1], "--workers") != 0 || !argv[2])
        return argv;
    struct rove_workers_opts opts = {.size = sizeof opts,
                                     .thread_cnt = strtoul(argv[2], NULL, 10)};
    if (rove_workers_new(&opts, &rv_chained_workers) != ROVE_OK)
        abort();
    return argv + 2;
}

int suite_run(int argc, char **argv, const struct suite *suite)
{
    char **names = suite_employ(argv) + 1;
    current = suite;
    amount_watch();
    if (argc > 2 && strcmp(argv[1], "--stack") == 0) {
        stack_kib = (unsigned) strtoul(argv[2], NULL, 10);
        names += 2;
    }
    printf("%s: ROVE_SEED=%llu", suite->name, (unsigned long long) suite_seed());
    void *failed = stack_kib ? run_on_stack(names) : run_all(names);
    if (failed)
        printf("failed with ROVE_SEED=%llu\n", (unsigned long long) suite_seed());
    return failed ? 1 : 0;
}
