// SPDX-License-Identifier: MIT
// test_open_oom.c: opening files by path and owning what is below, with the n-th allocation failing.
//
// These make what they need in the default pool, so this program stands in for its allocator: it is linked with
// --wrap=rove_allocator_default.
#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rove/chain.h>

#include "stream_kit.h"

static struct test_alloc below; // what the default pool gets

const struct rove_allocator *__wrap_rove_allocator_default(void);

const struct rove_allocator *__wrap_rove_allocator_default(void)
{
    return &below.table;
}

static char path[] = "/tmp/rove_test_open_oom_XXXXXX";

static unsigned open_files(void)
{
    unsigned cnt = 0;
    DIR *dir = opendir("/proc/self/fd");
    while (dir && readdir(dir))
        cnt++;
    if (dir)
        closedir(dir);
    return cnt;
}

// What is made once and stays, such as the registry, must be there before blocks are counted.
static void settle(void)
{
    struct rove_stream *s;
    CHECK_OK(rove_stream_open(path, "w", "gzip|lz4|crc32|zlib", NULL, &s));
    CHECK_OK(rove_stream_close(s));
    rove_stream_free(s);
    CHECK_OK(rove_stream_open(path, "r", "gzip|lz4|crc32|zlib", NULL, &s));
    rove_stream_free(s);
}

static void put(const char *spec)
{
    struct rove_stream *s;
    CHECK_OK(rove_stream_open(path, "w", spec, NULL, &s));
    CHECK_OK(rove_stream_write(s, "abc", 3));
    CHECK_OK(rove_stream_close(s));
    rove_stream_free(s);
}

// Opens with the n-th allocation failing, and all after it where persistent. Returns whether none did.
static bool opened_without_the_nth(const char *mode, const char *spec, uint64_t n, bool persistent)
{
    struct rove_stream *s = (struct rove_stream *) (void *) path;
    unsigned before = open_files();
    uint64_t live;
    if (*mode != 'w')
        put(spec);
    (void) rove_pool_trim(NULL);
    live = test_alloc_live(&below);
    test_alloc_arm(&below, n, persistent);
    enum rove_status status = rove_stream_open(path, mode, spec, NULL, &s);
    bool failed = test_alloc_failed(&below) != 0;
    test_alloc_arm(&below, 0, false);
    if (status == ROVE_OK && *mode == 'r') {
        char buf[4];
        size_t len;
        CHECK_IS(ROVE_END, rove_stream_read(s, buf, sizeof buf, &len));
        CHECK(len == 3 && memcmp(buf, "abc", 3) == 0);
    }
    if (status == ROVE_OK) {
        CHECK_OK(rove_stream_close(s));
    } else {
        CHECK_IS(ROVE_E_NOMEM, status);
        CHECK(!s);
    }
    rove_stream_free(s);
    (void) rove_pool_trim(NULL);
    CHECK_EQ(before, open_files());
    CHECK_EQ(live, test_alloc_live(&below));
    return !failed;
}

static void open_fails_and_leaves_nothing(void)
{
    static const struct {
        const char *mode, *spec;
    } ways[] = {{"r", NULL},   {"r", "gzip"}, {"r", "crc32|lz4"}, {"w", NULL},
                {"w", "gzip"}, {"w", "crc32|lz4"}, {"a", NULL},        {"a", "zlib|lz4"}};
    settle();
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        for (int persistent = 0; persistent < 2; persistent++) {
            uint64_t n = 1;
            while (n < 1000 && !opened_without_the_nth(ways[i].mode, ways[i].spec, n, persistent))
                n++;
            CHECK(n > 1 && n < 1000);
        }
    unlink(path);
}

// It needs no memory at all: so it cannot fail for want of it.
static void owning_takes_no_memory(void)
{
    struct rove_stream *low, *top;
    CHECK_OK(rove_stream_new(NULL, &low));
    CHECK_OK(rove_stream_encode(low, "gzip", NULL, &top, NULL));
    test_alloc_arm(&below, 1, true);
    CHECK_OK(rove_stream_own(top));
    CHECK_EQ(0, test_alloc_calls(&below));
    test_alloc_arm(&below, 0, false);
    rove_stream_free(top);
}

static const struct suite_case cases[] = {
    SUITE_CASE(open_fails_and_leaves_nothing),
    SUITE_CASE(owning_takes_no_memory),
};

int main(int argc, char **argv)
{
    struct suite suite = {"open_oom", cases, sizeof cases / sizeof *cases, false};
    test_alloc_init(&below);
    int fd = mkstemp(path);
    if (fd < 0)
        return 1;
    close(fd);
    int status = suite_run(argc, argv, &suite);
    unlink(path);
    return status; // the default pool lives on, and so does what it is made from
}
