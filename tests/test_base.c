// SPDX-License-Identifier: MIT
// test_base.c: statuses, checked arithmetic, atomics, the table of OS calls, the allocators.
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arith.h"
#include "base/atomic.h"
#include "base/os.h"
#include "support/edits.h"
#include "support/suite.h"

#include <rove/memory.h>
#include <rove/status.h>

// status ----------------------------------------------------------------------------------------

static void every_status_has_a_text_of_its_own(void)
{
    for (int a = ROVE_E_STATE; a <= ROVE_END; a++) {
        const char *text = rove_status_text(a);
        if (!CHECK(text != NULL && strlen(text) > 1))
            return;
        CHECK(text[strlen(text) - 1] != '.');
        for (int b = ROVE_E_STATE; b < a; b++) {
            CHECK(strcmp(text, rove_status_text(b)) != 0);
            CHECK(strcmp(rove_status_name(a), rove_status_name(b)) != 0);
        }
    }
}

static void names_are_spelled_as_in_c(void)
{
    static const struct {
        int status;
        const char *name;
    } all[] = {
        {ROVE_OK, "ROVE_OK"},
        {ROVE_END, "ROVE_END"},
        {ROVE_E_NOMEM, "ROVE_E_NOMEM"},
        {ROVE_E_ARG, "ROVE_E_ARG"},
        {ROVE_E_RANGE, "ROVE_E_RANGE"},
        {ROVE_E_CLOSED, "ROVE_E_CLOSED"},
        {ROVE_E_DATA, "ROVE_E_DATA"},
        {ROVE_E_FORMAT, "ROVE_E_FORMAT"},
        {ROVE_E_CHECKSUM, "ROVE_E_CHECKSUM"},
        {ROVE_E_LIMIT, "ROVE_E_LIMIT"},
        {ROVE_E_STALL, "ROVE_E_STALL"},
        {ROVE_E_UNSUPPORTED, "ROVE_E_UNSUPPORTED"},
        {ROVE_E_ABI, "ROVE_E_ABI"},
        {ROVE_E_IO, "ROVE_E_IO"},
        {ROVE_E_AGAIN, "ROVE_E_AGAIN"},
        {ROVE_E_TRUNCATED, "ROVE_E_TRUNCATED"},
        {ROVE_E_STATE, "ROVE_E_STATE"},
        {ROVE_E_DENIED, "ROVE_E_DENIED"},
        {ROVE_E_TRAILING, "ROVE_E_TRAILING"},
    };
    CHECK_EQ(ROVE_END - ROVE_E_TRAILING + 1 - 1, sizeof all / sizeof *all); // -5 stands for nothing
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        CHECK(strcmp(rove_status_name(all[i].status), all[i].name) == 0);
}

static void unknown_statuses_are_named_as_such(void)
{
    static const int unknown[] = {2, -5, ROVE_E_TRAILING - 1, 1000, -1000, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        CHECK(rove_status_text(unknown[i]) != NULL);
        CHECK(rove_status_name(unknown[i]) != NULL);
        for (int known = ROVE_E_TRAILING; known <= ROVE_END; known++) {
            if (known == -5)
                continue;
            CHECK(strcmp(rove_status_text(unknown[i]), rove_status_text(known)) != 0);
            CHECK(strcmp(rove_status_name(unknown[i]), rove_status_name(known)) != 0);
        }
    }
}

// arithmetic ------------------------------------------------------------------------------------

static void sums_that_fit(void)
{
    uint64_t wide = 0;
    size_t size = 0;
    CHECK(!rv_add_u64(UINT64_MAX - 1, 1, &wide));
    CHECK_EQ(UINT64_MAX, wide);
    CHECK(!rv_add_size(SIZE_MAX, 0, &size));
    CHECK_EQ(SIZE_MAX, size);
    CHECK(!rv_mul_size(SIZE_MAX / 3, 3, &size));
    CHECK_EQ(SIZE_MAX / 3 * 3, size);
    CHECK(!rv_mul_size(0, SIZE_MAX, &size));
    CHECK_EQ(0, size);
}

static void sums_that_wrap_leave_the_result_alone(void)
{
    uint64_t wide = 77;
    size_t size = 77;
    CHECK(rv_add_u64(UINT64_MAX, 1, &wide));
    CHECK(rv_add_u64(UINT64_MAX / 2 + 1, UINT64_MAX / 2 + 1, &wide));
    CHECK_EQ(77, wide);
    CHECK(rv_add_size(1, SIZE_MAX, &size));
    CHECK(rv_mul_size(SIZE_MAX / 2 + 1, 2, &size));
    CHECK_EQ(77, size);
}

static void ranges_at_the_edges(void)
{
    CHECK(rv_within(0, 0, 0));
    CHECK(rv_within(10, 0, 10));
    CHECK(rv_within(0, 10, 10));
    CHECK(rv_within(UINT64_MAX - 1, 1, UINT64_MAX));
    CHECK(!rv_within(0, 11, 10));
    CHECK(!rv_within(11, 0, 10));
    CHECK(!rv_within(5, 6, 10));
    CHECK(!rv_within(5, UINT64_MAX - 2, 10)); // the sum wraps to 2
    CHECK(!rv_within(UINT64_MAX, UINT64_MAX, 10));
}

static void smaller_and_larger(void)
{
    CHECK_EQ(1, rv_min_size(1, 2));
    CHECK_EQ(1, rv_min_size(2, 1));
    CHECK_EQ(2, rv_max_size(1, 2));
    CHECK_EQ(2, rv_max_size(2, 1));
    CHECK_EQ(1, rv_min_u64(UINT64_MAX, 1));
    CHECK_EQ(7, rv_clamp(UINT64_MAX, 7));
    CHECK_EQ(6, rv_clamp(6, 7));
}

static void powers_of_two(void)
{
    for (unsigned k = 0; k < 64; k++)
        CHECK(rv_is_pow2(UINT64_C(1) << k));
    CHECK(!rv_is_pow2(0));
    CHECK(!rv_is_pow2(3));
    CHECK(!rv_is_pow2(UINT64_MAX));
    CHECK(!rv_is_pow2((UINT64_C(1) << 63) + 1));
}

// atomics ---------------------------------------------------------------------------------------

static void the_last_holder_is_told(void)
{
    rv_count count;
    rv_count_init(&count);
    CHECK(rv_count_one(&count));
    rv_count_up(&count);
    CHECK(!rv_count_one(&count));
    CHECK_EQ(2, rv_count_get(&count));
    CHECK(!rv_count_down(&count));
    CHECK(rv_count_one(&count));
    CHECK(rv_count_down(&count));
}

static void a_mark_is_claimed_once(void)
{
    rv_mark mark;
    rv_mark_init(&mark, 10);
    CHECK(!rv_mark_claim(&mark, 9, 100));
    CHECK_EQ(10, rv_mark_get(&mark));
    CHECK(rv_mark_claim(&mark, 10, 100));
    CHECK(!rv_mark_claim(&mark, 10, 100));
    rv_mark_set(&mark, 20);
    CHECK(rv_mark_claim(&mark, 20, 21));
    CHECK_EQ(21, rv_mark_get(&mark));
}

static void a_figure_stays_within_its_limit(void)
{
    rv_figure figure = {0};
    CHECK_EQ(60, rv_figure_add_within(&figure, 60, 100));
    CHECK(!rv_figure_add_within(&figure, 41, 100));
    CHECK_EQ(100, rv_figure_add_within(&figure, 40, 100));
    CHECK(!rv_figure_add_within(&figure, 1, 100));
    CHECK(!rv_figure_add_within(&figure, UINT64_MAX, UINT64_MAX)); // the sum would wrap
    CHECK(!rv_figure_add_within(&figure, 0, 99));
    CHECK_EQ(100, rv_figure_get(&figure));
    rv_figure_max(&figure, 99);
    CHECK_EQ(100, rv_figure_get(&figure));
    rv_figure_max(&figure, 101);
    CHECK_EQ(101, rv_figure_get(&figure));
    CHECK_EQ(1, rv_figure_add(&figure, -(uint64_t) 100));
    rv_figure_own_add(&figure, 4);
    CHECK_EQ(5, rv_figure_get(&figure));
}

static void a_bitset_of_64(void)
{
    rv_bitset set = {0};
    for (int i = 0; i < 64; i++)
        CHECK_EQ(i, rv_bitset_take(&set));
    CHECK(rv_bitset_take(&set) == -1);
    rv_bitset_give(&set, 63);
    rv_bitset_give(&set, 17);
    CHECK_EQ(17, rv_bitset_take(&set));
    CHECK_EQ(63, rv_bitset_take(&set));
    CHECK(rv_bitset_take(&set) == -1);
}

static void a_pointer_is_published_once(void)
{
    rv_once_ptr slot = {NULL};
    int a, b;
    CHECK(rv_once_get(&slot) == NULL);
    CHECK(rv_once_set(&slot, &a) == &a);
    CHECK(rv_once_set(&slot, &b) == &a);
    CHECK(rv_once_get(&slot) == &a);
}

#define RACERS 8
#define RACES 20000

static struct {
    rv_figure budget, sum;
    rv_mark mark;
    rv_count count;
    rv_bitset set;
    rv_figure taken[64], twice, lasts;
} race;

static void *race_all(void *arg)
{
    for (int i = 0; i < RACES; i++) {
        if (rv_figure_add_within(&race.budget, 1, RACERS * RACES / 2))
            rv_figure_add(&race.sum, 1);
        size_t at = rv_mark_get(&race.mark);
        while (!rv_mark_claim(&race.mark, at, at + 1))
            at = rv_mark_get(&race.mark);
        int bit = rv_bitset_take(&race.set);
        if (rv_figure_add(&race.taken[bit], 1) != 1)
            rv_figure_add(&race.twice, 1);
        rv_figure_add(&race.taken[bit], -(uint64_t) 1);
        rv_bitset_give(&race.set, bit);
    }
    if (rv_count_down(&race.count))
        rv_figure_add(&race.lasts, 1);
    return arg;
}

static void eight_threads_race_for_everything(void)
{
    pthread_t threads[RACERS];
    memset(&race, 0, sizeof race);
    rv_count_init(&race.count);
    for (int i = 1; i < RACERS; i++)
        rv_count_up(&race.count);
    for (int i = 0; i < RACERS; i++)
        pthread_create(&threads[i], NULL, race_all, NULL);
    for (int i = 0; i < RACERS; i++)
        pthread_join(threads[i], NULL);
    CHECK_EQ(RACERS * RACES / 2, rv_figure_get(&race.sum));
    CHECK_EQ(RACERS * RACES, rv_mark_get(&race.mark));
    CHECK_EQ(0, rv_figure_get(&race.twice));
    CHECK_EQ(1, rv_figure_get(&race.lasts));
}

// the table of OS calls -------------------------------------------------------------------------

static ssize_t refuse_write(int fd, const void *buf, size_t len)
{
    (void) fd;
    (void) buf;
    (void) len;
    errno = ENOSPC;
    return -1;
}

static void a_replaced_call_is_used_and_put_back(void)
{
    struct rv_os os = rv_os_real;
    os.write = refuse_write;
    rv_os_set(&os);
    CHECK(rv_os()->write(1, "x", 1) == -1 && errno == ENOSPC);
    CHECK(rv_os()->read == rv_os_real.read);
    rv_os_set(NULL);
    CHECK(rv_os() == &rv_os_real);
}

static void the_real_calls_are_the_systems(void)
{
    const struct rv_os *os = rv_os();
    char path[] = "/tmp/rove_test_base_XXXXXX", got[8] = {0};
    struct stat st;
    int fd = os->mkstemp(path);
    if (!CHECK(fd >= 0))
        return;
    CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    CHECK_EQ(5, os->write(fd, "hello", 5));
    CHECK_EQ(5, os->pwrite(fd, "world", 5, 5));
    CHECK_EQ(1, os->lseek(fd, 1, SEEK_SET));
    CHECK_EQ(4, os->read(fd, got, 4));
    CHECK(memcmp(got, "ello", 4) == 0);
    CHECK_EQ(3, os->pread(fd, got, 3, 7));
    CHECK(memcmp(got, "rld", 3) == 0);
    CHECK_EQ(0, os->ftruncate(fd, 3));
    CHECK_EQ(0, os->fsync(fd));
    CHECK(os->fstat(fd, &st) == 0 && st.st_size == 3);
    CHECK_EQ(0, os->close(fd));
    CHECK_EQ(0, os->unlink(path));
    CHECK(os->open(path, O_RDONLY, 0) == -1 && errno == ENOENT);
}

// allocators ------------------------------------------------------------------------------------

static void check_allocator(const struct rove_allocator *allocator)
{
    static const size_t aligns[] = {1, 2, 8, 16, 64, 4096, 65536, 1u << 20, 2u << 20};
    static const size_t lens[] = {1, 7, 64, 4097, 65536, 2u << 20, (4u << 20) + 1};
    CHECK(allocator->size >= sizeof *allocator && allocator->name != NULL);
    for (size_t a = 0; a < sizeof aligns / sizeof *aligns; a++) {
        for (size_t l = 0; l < sizeof lens / sizeof *lens; l++) {
            uint8_t *ptr = allocator->alloc(allocator->ctx, lens[l], aligns[a]);
            if (!CHECK(ptr != NULL))
                return;
            CHECK_EQ(0, (uintptr_t) ptr % aligns[a]);
            ptr[0] = ptr[lens[l] - 1] = 1;
            allocator->free(allocator->ctx, ptr, lens[l], aligns[a]);
        }
    }
}

static void the_systems_allocator_gives_every_alignment(void)
{
    CHECK(strcmp(rove_allocator_system()->name, "system") == 0);
    check_allocator(rove_allocator_system());
}

static unsigned not_unmapped;

static int watched_munmap(void *addr, size_t len)
{
    int failed = munmap(addr, len);
    not_unmapped += failed != 0;
    return failed;
}

static void the_systems_allocator_leaves_no_mapping_behind(void)
{
    struct rv_os os = rv_os_real;
    os.munmap = watched_munmap;
    not_unmapped = 0;
    rv_os_set(&os);
    check_allocator(rove_allocator_system());
    rv_os_set(NULL);
    CHECK_EQ(0, not_unmapped);
}

static void the_default_allocator_is_one_of_the_two(void)
{
    const struct rove_allocator *jemalloc = rove_allocator_jemalloc();
    CHECK(rove_allocator_default() == (jemalloc ? jemalloc : rove_allocator_system()));
    CHECK(rove_allocator_jemalloc() == jemalloc);
    check_allocator(rove_allocator_default());
}

static void *no_mmap(void *addr, size_t len, int prot, int flags, int fd, off_t off)
{
    (void) addr;
    (void) len;
    (void) prot;
    (void) flags;
    (void) fd;
    (void) off;
    errno = ENOMEM;
    return MAP_FAILED;
}

static void the_systems_allocator_without_memory(void)
{
    const struct rove_allocator *system = rove_allocator_system();
    struct rv_os os = rv_os_real;
    os.mmap = no_mmap;
    rv_os_set(&os);
    CHECK(system->alloc(system->ctx, 2u << 20, 2u << 20) == NULL);
    rv_os_set(NULL);
    CHECK(system->alloc(system->ctx, SIZE_MAX - 4096, 2u << 20) == NULL);
}

// What one of two seeds that lie side by side draws is nowhere in what the other does.
static void seeds_side_by_side_draw_apart(void)
{
    struct rng one = rng_from(7), other = rng_from(8);
    uint64_t first = rng_next(&one), second = rng_next(&other);
    for (int i = 0; i < 1000; i++) {
        CHECK(rng_next(&one) != second);
        CHECK(rng_next(&other) != first);
    }
}

static const struct suite_case cases[] = {
    SUITE_CASE(every_status_has_a_text_of_its_own),
    SUITE_CASE(names_are_spelled_as_in_c),
    SUITE_CASE(unknown_statuses_are_named_as_such),
    SUITE_CASE(sums_that_fit),
    SUITE_CASE(sums_that_wrap_leave_the_result_alone),
    SUITE_CASE(ranges_at_the_edges),
    SUITE_CASE(smaller_and_larger),
    SUITE_CASE(powers_of_two),
    SUITE_CASE(the_last_holder_is_told),
    SUITE_CASE(a_mark_is_claimed_once),
    SUITE_CASE(a_figure_stays_within_its_limit),
    SUITE_CASE(a_bitset_of_64),
    SUITE_CASE(a_pointer_is_published_once),
    SUITE_CASE(eight_threads_race_for_everything),
    SUITE_CASE(a_replaced_call_is_used_and_put_back),
    SUITE_CASE(the_real_calls_are_the_systems),
    SUITE_CASE(the_systems_allocator_gives_every_alignment),
    SUITE_CASE(the_systems_allocator_leaves_no_mapping_behind),
    SUITE_CASE(the_default_allocator_is_one_of_the_two),
    SUITE_CASE(the_systems_allocator_without_memory),
    SUITE_CASE(seeds_side_by_side_draw_apart),
};

int main(int argc, char **argv)
{
    return suite_run(argc, argv,
                     &(struct suite){"test_base", cases, sizeof cases / sizeof *cases, false});
}
