// SPDX-License-Identifier: MIT
// test_stream_open.c: files by path, and chains that own the streams beneath.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rove/chain.h>

#include "stream_kit.h"
#include "support/os_fault.h"

static char path[] = "/tmp/rove_test_open_XXXXXX";

// A path that nothing has.
static void fresh(void)
{
    memcpy(path + sizeof path - 7, "XXXXXX", 6);
    close(mkstemp(path));
    unlink(path);
}

static struct rove_stream *opened(const char *mode, const char *spec)
{
    struct rove_stream *s = NULL;
    CHECK_OK(rove_stream_open(path, mode, spec, NULL, &s));
    return s;
}

static void finish(struct rove_stream *s)
{
    CHECK_OK(rove_stream_close(s));
    rove_stream_free(s);
}

static void put(const char *mode, const char *spec, const char *text)
{
    struct rove_stream *s = opened(mode, spec);
    CHECK_OK(rove_stream_write(s, text, strlen(text)));
    finish(s);
}

static bool gives(const char *spec, const char *text)
{
    char buf[100];
    size_t len = 0;
    struct rove_stream *s = opened("r", spec);
    bool same = CHECK_IS(ROVE_END, rove_stream_read(s, buf, sizeof buf, &len)) &&
                CHECK_EQ(strlen(text), len) && CHECK(memcmp(buf, text, len) == 0);
    finish(s);
    return same;
}

static uint64_t file_len(void)
{
    struct stat st;
    return stat(path, &st) == 0 ? (uint64_t) st.st_size : UINT64_MAX;
}

// by path ---------------------------------------------------------------------------------------

static void modes_do_what_those_of_fopen_do(void)
{
    struct rove_stream *s;
    fresh();
    errno = 0;
    CHECK_IS(ROVE_E_IO, rove_stream_open(path, "r", NULL, NULL, &s));
    CHECK(errno == ENOENT && !s);
    put("wx", NULL, "one");
    CHECK_IS(ROVE_E_IO, rove_stream_open(path, "wbx", NULL, NULL, &s));
    CHECK_EQ(EEXIST, errno);
    put("ab", NULL, " two");
    CHECK(gives(NULL, "one two"));
    s = opened("r+b", NULL);
    CHECK_OK(rove_stream_write(s, "ONE", 3));
    finish(s);
    s = opened("a+", NULL);
    CHECK_AT(7, s);
    seek_to(s, 0);
    char buf[3];
    CHECK_OK(rove_stream_read(s, buf, 3, NULL));
    CHECK(memcmp(buf, "ONE", 3) == 0);
    finish(s);
    put("w", NULL, "");
    CHECK_EQ(0, file_len());
    const char *wrong[] = {"", "x", "br", "r,ccs=UTF-8", "rz"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK_IS(ROVE_E_ARG, rove_stream_open(path, wrong[i], NULL, NULL, &s));
    unlink(path);
}

static void a_chain_is_written_appended_to_and_read(void)
{
    fresh();
    put("w", "crc32|gzip", "hello");
    put("a", "gzip", ", moon");
    CHECK(gives("auto", "hello, moon"));
    CHECK(gives("gzip", "hello, moon"));
    unlink(path);
}

static void what_is_wrong_leaves_the_file(void)
{
    struct rove_stream *s;
    fresh();
    put("w", NULL, "keep");
    CHECK_IS(ROVE_E_ARG, rove_stream_open(path, "w", "gzop", NULL, &s));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_open(path, "w", "auto", NULL, &s));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_open(path, "w+", "gzip", NULL, &s));
    CHECK_IS(ROVE_E_ARG, rove_stream_open(path, "z", "gzip", NULL, &s));
    CHECK_IS(ROVE_E_ARG, rove_stream_open(path, "w", "gzip:block=100", NULL, &s)); // which the filter itself refuses
    CHECK_IS(ROVE_E_ARG, rove_stream_open(path, "w", "lz4:dict=@", NULL, &s));
    struct rove_limits wrong = {.size = 0}, tight = {.size = sizeof tight, .memory = 1};
    CHECK_IS(ROVE_E_ARG, rove_stream_open(path, "w", "gzip", &wrong, &s));
    CHECK_IS(ROVE_E_LIMIT, rove_stream_open(path, "w", "gzip", &tight, &s));
    CHECK(!s && gives(NULL, "keep"));
    unlink(path);
}

static void opening_is_interrupted_and_refused(void)
{
    struct rove_stream *s;
    fresh();
    os_fault_arm((struct os_plan){OS_OPEN, EINTR, 1, 2});
    put("w", "gzip", "abc");
    os_fault_arm((struct os_plan){OS_OPEN, EMFILE, 1, 1});
    CHECK_IS(ROVE_E_IO, rove_stream_open(path, "r", NULL, NULL, &s));
    CHECK_EQ(EMFILE, errno);
    os_fault_arm((struct os_plan){OS_OPEN, EMFILE, 1, 1});
    CHECK_IS(ROVE_E_IO, rove_stream_open(path, "r", "gzip", NULL, &s));
    CHECK_EQ(EMFILE, errno);
    os_fault_arm((struct os_plan){OS_CLOSE, 0, 1, 1});
    struct rove_limits tight = {.size = sizeof tight, .memory = 1};
    CHECK_IS(ROVE_E_LIMIT, rove_stream_open(path, "r", "gzip", &tight, &s));
    CHECK(!s);
    CHECK_EQ(0, os_fault_calls(OS_CLOSE)); // it was not even opened
    os_fault_off();
    unlink(path);
}

static void freed_without_being_closed_it_is_abandoned(void)
{
    fresh();
    struct rove_stream *s = opened("w", "gzip");
    CHECK_OK(rove_stream_write(s, "abc", 3));
    os_fault_arm((struct os_plan){OS_WRITE, 0, 1, 1});
    rove_stream_free(s);
    CHECK_EQ(0, os_fault_calls(OS_WRITE));
    CHECK_EQ(1, os_fault_calls(OS_CLOSE));
    os_fault_off();
    CHECK_EQ(0, file_len());
    unlink(path);
}

// closing ---------------------------------------------------------------------------------------

static void close_that_fails_is_repeated(int err, enum rove_status due)
{
    fresh();
    struct rove_stream *s = opened("w", "gzip");
    CHECK_OK(rove_stream_write(s, "abc", 3));
    os_fault_arm((struct os_plan){OS_WRITE, err, 1, 2});
    CHECK_IS(due, rove_stream_close(s));
    CHECK_EQ(0, rove_stream_is_closed(s));
    CHECK_IS(due, rove_stream_close(s));
    CHECK_EQ(0, os_fault_calls(OS_CLOSE));
    CHECK(strstr(rove_stream_explain(s), "sink") != NULL);
    CHECK_OK(rove_stream_close(s));
    CHECK_EQ(1, os_fault_calls(OS_CLOSE));
    CHECK_OK(rove_stream_close(s));
    CHECK_EQ(1, os_fault_calls(OS_CLOSE));
    os_fault_off();
    rove_stream_free(s);
    CHECK(gives("gzip", "abc"));
    unlink(path);
}

static void a_full_disk_below_is_told_and_closing_is_repeated(void)
{
    close_that_fails_is_repeated(ENOSPC, ROVE_E_IO);
}

static void a_sink_below_that_would_block_is_closed_later(void)
{
    close_that_fails_is_repeated(EAGAIN, ROVE_E_AGAIN);
}

static void the_close_of_the_device_is_told_once(void)
{
    fresh();
    struct rove_stream *s = opened("w", "gzip");
    os_fault_arm((struct os_plan){OS_CLOSE, EIO, 1, 1});
    CHECK_IS(ROVE_E_IO, rove_stream_close(s));
    CHECK_EQ(EIO, rove_stream_errno(s));
    CHECK_EQ(1, rove_stream_is_closed(s));
    CHECK_OK(rove_stream_close(s));
    CHECK_EQ(1, os_fault_calls(OS_CLOSE));
    os_fault_off();
    rove_stream_free(s);
    CHECK(gives("gzip", ""));
    unlink(path);
}

// owning ----------------------------------------------------------------------------------------

static void the_top_of_three_closes_all(void)
{
    fresh();
    struct rove_stream *file = opened("w", NULL), *mid, *top;
    CHECK_OK(rove_stream_encode(file, "gzip", NULL, &mid, NULL));
    CHECK_OK(rove_stream_own(mid));
    CHECK_OK(rove_stream_encode(mid, "zlib", NULL, &top, NULL));
    CHECK_OK(rove_stream_own(top));
    CHECK_OK(rove_stream_own(top)); // again
    CHECK_OK(rove_stream_write(top, "abc", 3));
    CHECK_OK(rove_stream_close(top));
    CHECK(rove_stream_is_closed(mid) && rove_stream_is_closed(file));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_own(top));
    rove_stream_free(top);
    CHECK(gives("zlib|gzip", "abc"));
    unlink(path);
}

static void finish_reaches_all_that_is_owned(void)
{
    uint8_t sum[4];
    size_t len;
    fresh();
    struct rove_stream *s = opened("w", "crc32|gzip");
    CHECK_OK(rove_stream_write(s, "abc", 3));
    CHECK_OK(rove_stream_finish(s));
    CHECK(gives("gzip", "abc")); // it is in the file
    CHECK_OK(rove_stream_digest(s, 0, sum, sizeof sum, &len));
    CHECK_IS(ROVE_E_STATE, rove_stream_rechain(s, s));
    finish(s);
    unlink(path);
}

static void a_decoder_frees_its_source(void)
{
    struct rove_stream *source = stream_of_text("abc"), *s, *rope = stream_of_text("");
    char buf[4];
    CHECK_OK(rove_stream_decode(source, "crc32", NULL, &s, NULL));
    CHECK_OK(rove_stream_own(s));
    CHECK_IS(ROVE_END, rove_stream_read(s, buf, 4, NULL));
    CHECK_IS(ROVE_E_STATE, rove_stream_rechain(s, rope));
    rove_stream_free(s); // and the source: nothing leaks
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_own(rope));
    CHECK_IS(ROVE_E_ARG, rove_stream_own(NULL));
    rove_stream_free(rope);
}

static const struct suite_case cases[] = {
    SUITE_CASE(modes_do_what_those_of_fopen_do),
    SUITE_CASE(a_chain_is_written_appended_to_and_read),
    SUITE_CASE(what_is_wrong_leaves_the_file),
    SUITE_CASE(opening_is_interrupted_and_refused),
    SUITE_CASE(freed_without_being_closed_it_is_abandoned),
    SUITE_CASE(a_full_disk_below_is_told_and_closing_is_repeated),
    SUITE_CASE(a_sink_below_that_would_block_is_closed_later),
    SUITE_CASE(the_close_of_the_device_is_told_once),
    SUITE_CASE(the_top_of_three_closes_all),
    SUITE_CASE(finish_reaches_all_that_is_owned),
    SUITE_CASE(a_decoder_frees_its_source),
};

int main(int argc, char **argv)
{
    struct suite suite = {"stream_open", cases, sizeof cases / sizeof *cases, false};
    return suite_run(argc, argv, &suite);
}
