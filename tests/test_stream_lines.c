// SPDX-License-Identifier: MIT
// test_stream_lines.c: lines and delimiters, over a rope and over a descriptor.
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "stream_kit.h"
#include "support/model.h"
#include "support/shapes.h"

// A stream over a rope or, on a device, over an unlinked file.
static struct rove_stream *source(bool on_device, const void *ptr, size_t len)
{
    struct rove_stream *s = NULL;
    if (!on_device)
        return stream_of(ptr, len);
    int fd = file_of(ptr, len);
    CHECK_EQ(0, lseek(fd, 0, SEEK_SET));
    CHECK_OK(rove_stream_from_fd(fd, ROVE_FD_CLOSE, env.pool, &s));
    return s;
}

static bool line_is(struct rove_stream *s, uint8_t delim, size_t max, const char *text)
{
    struct rove_span line = {NULL, 99};
    enum rove_status due = *text ? ROVE_OK : ROVE_END;
    return CHECK_IS(due, rove_stream_line(s, delim, max, &line)) &&
           CHECK_EQ(strlen(text), line.len) &&
           CHECK(!*text || memcmp(line.ptr, text, line.len) == 0);
}

static void lines_keep_their_end_and_the_last_may_lack_it(void)
{
    for (int on_device = 0; on_device < 2; on_device++) {
        const char *text = "one\n\nthree is longer than that\rno end here\nlast";
        struct rove_stream *s = source(on_device, text, strlen(text));
        line_is(s, '\n', 0, "one\n");
        CHECK_AT(4, s);
        line_is(s, '\n', 0, "\n");
        line_is(s, '\n', 0, "three is longer than that\rno end here\n"); // \r is data
        line_is(s, '\n', 0, "last");
        line_is(s, '\n', 0, "");
        line_is(s, '\n', 0, "");
        CHECK_AT(strlen(text), s);
        seek_to(s, strlen(text) + 10);
        line_is(s, '\n', 0, "");
        seek_to(s, strlen(text) - 2);
        line_is(s, '\n', 0, "st");
        rove_stream_free(s);
    }
}

static void a_limit_cuts_lines_into_parts(void)
{
    for (int on_device = 0; on_device < 2; on_device++) {
        struct rove_stream *s = source(on_device, "abcdefgh\nij\n", 12);
        line_is(s, '\n', 3, "abc");
        line_is(s, '\n', 3, "def");
        line_is(s, '\n', 3, "gh\n");
        line_is(s, '\n', 3, "ij\n");
        line_is(s, '\n', 3, "");
        seek_to(s, 0);
        line_is(s, '\n', 9, "abcdefgh\n");
        seek_to(s, 0);
        line_is(s, '\n', 8, "abcdefgh");
        line_is(s, '\n', 8, "\n");
        rove_stream_free(s);
    }
}

static void any_byte_may_end_a_line(void)
{
    for (int on_device = 0; on_device < 2; on_device++) {
        struct rove_stream *s = source(on_device, "a\0bc\0\xff", 6);
        struct rove_span line;
        CHECK_OK(rove_stream_line(s, 0, 0, &line));
        CHECK(line.len == 2 && memcmp(line.ptr, "a", 2) == 0);
        CHECK_OK(rove_stream_line(s, 0xff, 0, &line));
        CHECK(line.len == 4 && memcmp(line.ptr, "bc\0\xff", 4) == 0);
        rove_stream_free(s);
    }
}

static void a_line_of_many_chunks_between_short_ones(void)
{
    size_t len = env.chunk_len * 5 + 3;
    char *text = malloc(len + 8);
    struct rove_span line;
    memset(text, 'x', len + 8);
    memcpy(text, "ab\n", 3);
    memcpy(text + len, "\nyz\n", 4);
    for (int on_device = 0; on_device < 2; on_device++) {
        struct rove_stream *s = source(on_device, text, len + 4);
        line_is(s, '\n', 0, "ab\n");
        CHECK_OK(rove_stream_line(s, '\n', 0, &line));
        CHECK_EQ(len - 2, line.len);
        CHECK(memcmp(line.ptr, text + 3, len - 2) == 0);
        line_is(s, '\n', 0, "yz\n");
        line_is(s, '\n', 0, "");
        rove_stream_free(s);
    }
    free(text);
}

static void lines_and_reads_and_writes_may_be_mixed(void)
{
    for (int on_device = 0; on_device < 2; on_device++) {
        struct rove_stream *s = source(on_device, "one\ntwo\nthree\n", 14);
        char buf[4] = "";
        CHECK_OK(rove_stream_read(s, buf, 2, NULL));
        line_is(s, '\n', 0, "e\n");
        CHECK_OK(rove_stream_write(s, "T", 1));
        line_is(s, '\n', 0, "wo\n");
        CHECK_OK(rove_stream_write(s, "T", 1));
        CHECK_TEXT(s, "one\nTwo\nThree\n");
        line_is(s, '\n', 0, "hree\n");
        CHECK_OK(rove_stream_write(s, "four", 4));
        seek_to(s, 8);
        line_is(s, '\n', 0, "Three\n");
        line_is(s, '\n', 0, "four");
        rove_stream_free(s);
    }
}

// delimiters ------------------------------------------------------------------------------------

static bool part_is(struct rove_stream *s, const char *delim, size_t max, const char *text)
{
    char buf[200];
    size_t n = 99;
    struct rove_span span = {(const uint8_t *) delim, strlen(delim)};
    memset(buf, '~', sizeof buf);
    size_t len = strlen(text);
    bool full = len == max || (len >= span.len && strcmp(text + len - span.len, delim) == 0);
    return CHECK_IS(full ? ROVE_OK : ROVE_END, rove_stream_read_until(s, span, buf, max, &n)) &&
           CHECK_EQ(len, n) && CHECK(memcmp(buf, text, len) == 0) && CHECK_EQ('~', buf[len]);
}

static void read_until_a_delimiter_of_many_bytes(void)
{
    for (int on_device = 0; on_device < 2; on_device++) {
        const char *text = "head: 1\r\nx\r\r\n\r\n--b--body----b--";
        struct rove_stream *s = source(on_device, text, strlen(text));
        part_is(s, "\r\n", 100, "head: 1\r\n");
        part_is(s, "\r\n", 100, "x\r\r\n");
        part_is(s, "\r\n", 100, "\r\n");
        part_is(s, "--b--", 100, "--b--");
        part_is(s, "--b--", 100, "body----b--"); // begun twice, found once
        part_is(s, "--b--", 100, "");
        rove_stream_free(s);
    }
}

static void read_until_stops_at_the_room_there_is(void)
{
    for (int on_device = 0; on_device < 2; on_device++) {
        struct rove_stream *s = source(on_device, "abcdef\r\nxyz", 11);
        part_is(s, "\r\n", 3, "abc");
        CHECK_AT(3, s);
        part_is(s, "\r\n", 4, "def\r");
        part_is(s, "\r\n", 100, "\nxyz"); // the delimiter was cut: this is none
        seek_to(s, 0);
        part_is(s, "\r\n", 8, "abcdef\r\n");
        part_is(s, "\r\n", 0, "");
        CHECK_AT(8, s);
        part_is(s, "yz", 3, "xyz");
        part_is(s, "yz", 3, "");
        rove_stream_free(s);
    }
}

static void a_delimiter_has_1_to_64_bytes(void)
{
    char text[200], buf[200];
    size_t n = 0;
    memset(text, 'a', sizeof text);
    text[150] = 'b';
    struct rove_stream *s = stream_of(text, sizeof text);
    struct rove_span delim = {(const uint8_t *) text + 87, 64}; // 63 times a, then b
    CHECK_OK(rove_stream_read_until(s, delim, buf, sizeof buf, &n));
    CHECK_EQ(151, n);
    seek_to(s, 0);
    delim.len = 65;
    CHECK_IS(ROVE_E_ARG, rove_stream_read_until(s, delim, buf, sizeof buf, &n));
    CHECK_EQ(0, n);
    delim.len = 0;
    CHECK_IS(ROVE_E_ARG, rove_stream_read_until(s, delim, buf, sizeof buf, &n));
    CHECK_AT(0, s);
    rove_stream_free(s);
}

static void all_lines_of_a_text_at_every_limit(void)
{
    enum { LEN = 3000 };
    char *text = malloc(LEN);
    const uint8_t *from = noise(LEN);
    uint64_t lines = 0;
    for (size_t i = 0; i < LEN; i++)
        text[i] = "abcdefg\n"[from[i] & 7];
    for (int on_device = 0; on_device < 2; on_device++) {
        struct rove_stream *s = source(on_device, text, LEN);
        for (size_t max = 0; max < 40; max += 1 + max / 4) {
            struct rove_span line;
            size_t at = 0;
            seek_to(s, 0);
            while (rove_stream_line(s, '\n', max, &line) == ROVE_OK) {
                CHECK(line.len && (!max || line.len <= max) && line.len <= LEN - at);
                CHECK(memcmp(line.ptr, text + at, line.len) == 0);
                CHECK(memchr(line.ptr, '\n', line.len - 1) == NULL);
                at += line.len;
                CHECK(text[at - 1] == '\n' || line.len == max || at == LEN);
                lines++;
            }
            CHECK_EQ(LEN, at);
        }
        rove_stream_free(s);
    }
    suite_note("%" PRIu64 " lines", lines);
    free(text);
}

static const struct suite_case cases[] = {
    SUITE_CASE(lines_keep_their_end_and_the_last_may_lack_it),
    SUITE_CASE(a_limit_cuts_lines_into_parts),
    SUITE_CASE(any_byte_may_end_a_line),
    SUITE_CASE(a_line_of_many_chunks_between_short_ones),
    SUITE_CASE(lines_and_reads_and_writes_may_be_mixed),
    SUITE_CASE(read_until_a_delimiter_of_many_bytes),
    SUITE_CASE(read_until_stops_at_the_room_there_is),
    SUITE_CASE(a_delimiter_has_1_to_64_bytes),
    SUITE_CASE(all_lines_of_a_text_at_every_limit),
};

int main(int argc, char **argv)
{
    return suite_run(argc, argv, &(struct suite){"test_stream_lines", cases,
                                                 sizeof cases / sizeof *cases, true});
}
