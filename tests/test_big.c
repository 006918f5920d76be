// SPDX-License-Identifier: MIT
// test_big.c: twenty times the memory there is, through a rope and through a FILE, hash equal.
//
// Each case runs in a process of its own and looks at the most memory that this process had, beyond
// what it had before it began, the kernel's page tables included: at most one and a half times the
// pool's limit.
//
// `ulimit -v` is no measure for this. It counts addresses, and a sleeping chunk keeps its own, as the
// slices of ropes point at them. What happens when addresses end is a case here, too.
//
// Where this user may make a memory cgroup, the same is done inside one of one and a half times the
// pool's limit: the kernel's page tables and the spill file's pages in its cache count there, too.
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "spill_kit.h"
#include "support/suite.h"

#define MIB ((uint64_t) 1 << 20)
#define LIMIT (16 * MIB)
#define TIMES 20
#define PIECE ((size_t) 100000) // of no chunk's length

// How a child ends. Anything else is the place where it failed.
enum {
    FINE = 0,
    UNKNOWN = 77,
    TOO_MUCH = 78,
    OTHER_BYTES = 79,
    NOT_INSIDE = 80
};

#ifdef RV_ONE_BLOCK_PER_CHUNK
#define RESIDENT_IS_KNOWN false // a sanitizer has memory of its own
#else
#define RESIDENT_IS_KNOWN true
#endif

static uint64_t content_len(void)
{
    uint64_t len = suite_scaled(TIMES * LIMIT);
    return len > 2 * LIMIT ? len : 2 * LIMIT;
}

static bool hashes_to(XXH3_state_t *state)
{
    static uint8_t buf[PIECE];
    XXH3_state_t expected;
    XXH3_64bits_reset(&expected);
    for (uint64_t off = 0; off < content_len(); off += PIECE) {
        text_fill(buf, 5, off, PIECE);
        XXH3_64bits_update(&expected, buf, PIECE);
    }
    return XXH3_64bits_digest(&expected) == XXH3_64bits_digest(state);
}

// Appends to a rope, and walks all spans of a view of it.
static int by_rope(struct rove_pool *pool)
{
    static uint8_t buf[PIECE];
    struct rove_rope rope;
    struct rove_view view;
    struct rove_cursor cursor;
    struct rove_span span;
    XXH3_state_t state;
    rove_rope_init(&rope, pool);
    for (uint64_t off = 0; off < content_len(); off += PIECE) {
        text_fill(buf, 5, off, PIECE);
        if (rove_rope_append(&rope, buf, PIECE) != ROVE_OK)
            return 1;
    }
    if (rove_rope_view(&rope, 0, rove_rope_len(&rope), &view) != ROVE_OK ||
        rove_cursor_init(&cursor, &view, 0) != ROVE_OK)
        return 2;
    XXH3_64bits_reset(&state);
    enum rove_status status;
    while ((status = rove_cursor_next(&cursor, &span)) == ROVE_OK)
        XXH3_64bits_update(&state, span.ptr, span.len);
    rove_cursor_fini(&cursor);
    rove_view_fini(&view);
    rove_rope_fini(&rope);
    return status != ROVE_END ? 3 : hashes_to(&state) ? FINE : OTHER_BYTES;
}

// Writes and reads by <stdio.h> alone.
static int by_file(struct rove_pool *pool)
{
    static uint8_t buf[PIECE];
    struct rove_stream *stream;
    FILE *file;
    XXH3_state_t state;
    if (rove_stream_new(pool, &stream) != ROVE_OK || rove_fopen(stream, "w+", &file) != ROVE_OK)
        return 1;
    for (uint64_t off = 0; off < content_len(); off += PIECE) {
        text_fill(buf, 5, off, PIECE);
        if (fwrite(buf, PIECE, 1, file) != 1)
            return 2;
    }
    if (fflush(file) != 0 || fseek(file, 0, SEEK_SET) != 0)
        return 3;
    XXH3_64bits_reset(&state);
    size_t n;
    while ((n = fread(buf, 1, PIECE, file)) > 0)
        XXH3_64bits_update(&state, buf, n);
    if (ferror(file) || fclose(file) != 0)
        return 4;
    rove_stream_free(stream);
    return hashes_to(&state) ? FINE : OTHER_BYTES;
}

// A cgroup of the test's own, or "".
static char cgroup[64];

static bool write_cgroup(const char *name, uint64_t value)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", cgroup, name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool written = dprintf(fd, "%" PRIu64 "\n", value) > 0;
    return close(fd) == 0 && written;
}

// Makes one of either version, where there is the kernel's folder for them and the right to use it.
static bool make_cgroup(uint64_t limit)
{
    static const struct {
        const char *parent, *knob;
    } kinds[] = {{"/sys/fs/cgroup/memory", "memory.limit_in_bytes"},
                 {"/sys/fs/cgroup", "memory.max"}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        snprintf(cgroup, sizeof cgroup, "%s/rove-test-%d", kinds[i].parent, (int) getpid());
        if (mkdir(cgroup, 0755) == 0) {
            if (write_cgroup(kinds[i].knob, limit))
                return true;
            rmdir(cgroup);
        }
    }
    cgroup[0] = 0;
    return false;
}

static void drop_cgroup(void)
{
    int tries = 100;
    while (rmdir(cgroup) != 0 && errno == EBUSY && --tries)
        usleep(10000);
    CHECK(tries > 0);
    cgroup[0] = 0;
}

static int in_child(int (*work)(struct rove_pool *))
{
    struct rove_pool_opts opts = {.size = sizeof opts,
                                  .memory_limit = LIMIT,
                                  .flags = ROVE_POOL_SPILL,
                                  .allocator = rove_allocator_system()};
    struct rove_pool *pool;
    if (cgroup[0] && !write_cgroup("cgroup.procs", (uint64_t) getpid()))
        return NOT_INSIDE;
    bool known = RESIDENT_IS_KNOWN && kit_reset_peak();
    uint64_t before = kit_peak();
    if (rove_pool_new(&opts, &pool) != ROVE_OK)
        return 70;
    int ended = work(pool);
    uint64_t slept = kit_figures(pool).sleep_cnt, tables = kit_page_tables();
    rove_pool_unref(pool);
    if (ended != FINE)
        return ended;
    if (slept < (content_len() - LIMIT) / ROVE_CHUNK_LEN_DEFAULT)
        return 71;
    if (!known)
        return UNKNOWN;
    uint64_t grown = kit_peak() - before;
    suite_note("%" PRIu64 " MiB through %" PRIu64
               " MiB: %.1f MiB more than before, and %.1f MiB of page tables",
               content_len() / MIB, LIMIT / MIB, (double) grown / (double) MIB,
               (double) tables / (double) MIB);
    return grown + tables <= LIMIT * 3 / 2 ? FINE : TOO_MUCH;
}

static int rope_in_child(void)
{
    return in_child(by_rope);
}

static int file_in_child(void)
{
    return in_child(by_file);
}

static void expect_of_child(int (*work)(void))
{
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        _exit(work());
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    if (CHECK(WIFEXITED(status)) && WEXITSTATUS(status) != UNKNOWN)
        CHECK_EQ(FINE, WEXITSTATUS(status));
}

static void a_rope_of_twenty_times_the_memory(void)
{
    expect_of_child(rope_in_child);
}

static void a_file_of_twenty_times_the_memory(void)
{
    expect_of_child(file_in_child);
}

static void both_inside_a_cgroup_of_one_and_a_half_times_the_limit(void)
{
    if (!RESIDENT_IS_KNOWN)
        return;
    if (!make_cgroup(LIMIT * 3 / 2)) {
        suite_note("no memory cgroup can be made here: not tried");
        return;
    }
    expect_of_child(rope_in_child);
    expect_of_child(file_in_child);
    drop_cgroup();
}

// Appends until there are no more addresses, twice as many as the memory has.
static int until_addresses_end(void)
{
    struct rove_pool_opts opts = {.size = sizeof opts,
                                  .memory_limit = LIMIT,
                                  .flags = ROVE_POOL_SPILL,
                                  .allocator = rove_allocator_system()};
    static uint8_t buf[PIECE];
    struct rove_pool *pool;
    struct rove_rope rope;
    struct rlimit most;
    enum rove_status status = ROVE_OK;
    uint64_t off = 0;
    if (rove_pool_new(&opts, &pool) != ROVE_OK)
        return 1;
    most.rlim_cur = most.rlim_max = kit_addresses() + 2 * LIMIT;
    if (setrlimit(RLIMIT_AS, &most) != 0)
        return UNKNOWN;
    rove_rope_init(&rope, pool);
    for (; status == ROVE_OK && off < content_len(); off += PIECE) {
        text_fill(buf, 5, off, PIECE);
        status = rove_rope_append(&rope, buf, PIECE);
    }
    if (status != ROVE_E_NOMEM || rove_rope_len(&rope) != off - PIECE || off < LIMIT)
        return 2;
    for (uint64_t at = 0; at < off - PIECE; at += PIECE)
        if (rove_rope_read(&rope, at, buf, PIECE, NULL) != ROVE_OK || !text_is(buf, 5, at, PIECE))
            return OTHER_BYTES;
    rove_rope_fini(&rope);
    rove_pool_unref(pool);
    return FINE;
}

static void addresses_that_end_lose_nothing(void)
{
    if (RESIDENT_IS_KNOWN && !suite_emulated())
        expect_of_child(until_addresses_end);
}

static const struct suite_case cases[] = {
    SUITE_CASE(a_rope_of_twenty_times_the_memory),
    SUITE_CASE(a_file_of_twenty_times_the_memory),
    SUITE_CASE(both_inside_a_cgroup_of_one_and_a_half_times_the_limit),
    SUITE_CASE(addresses_that_end_lose_nothing),
};

int main(int argc, char **argv)
{
    return suite_run(argc, argv,
                     &(struct suite){"test_big", cases, sizeof cases / sizeof *cases, false});
}
