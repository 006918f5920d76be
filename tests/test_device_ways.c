// SPDX-License-Identifier: MIT
// test_device_ways.c: devices that go one way only, that append, that are interrupted, or that give what there is.
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stream_kit.h"
#include "support/edits.h"
#include "support/model.h"
#include "support/shapes.h"

static char path[64];

// A file of its own with these bytes, opened by fopen()'s mode; as a stream over its FILE or its descriptor.
static struct rove_stream *over(const char *mode, bool as_file, FILE **file_out)
{
    struct rove_stream *s = NULL;
    FILE *file = *file_out = fopen(path, mode);
    CHECK(file != NULL);
    CHECK_OK(as_file ? rove_stream_from_file(file, env.pool, &s) : rove_stream_from_fd(fileno(file), 0, env.pool, &s));
    return s;
}

static void put_file(const char *text)
{
    snprintf(path, sizeof path, "/tmp/rove-ways-%ld", (long) getpid());
    FILE *file = fopen(path, "w");
    CHECK(file && fputs(text, file) >= 0);
    CHECK_EQ(0, fclose(file));
}

// one way ---------------------------------------------------------------------------------------

static void check_read_only(bool as_file)
{
    FILE *file;
    char buf[2];
    put_file("hello");
    struct rove_stream *s = over("r", as_file, &file);
    CHECK_OK(rove_stream_read(s, buf, 2, NULL));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_write(s, "x", 1));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_write(s, noise(200000), 200000));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_pwrite(s, 0, "x", 1));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_printf(s, "%d", 7));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_truncate(s, 0));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_resize(s, 9));
    CHECK_IS(ROVE_OK, rove_stream_error(s));
    CHECK_AT(2, s);
    CHECK_TEXT(s, "hello");
    CHECK_OK(rove_stream_close(s));
    rove_stream_free(s);
    fclose(file);
    unlink(path);
}

static void check_write_only(bool as_file)
{
    FILE *file;
    char buf[2];
    const uint8_t *ptr;
    size_t len;
    struct rove_span line;
    put_file("");
    struct rove_stream *s = over("w", as_file, &file);
    CHECK_OK(rove_stream_write(s, "hello", 5));
    CHECK_OK(rove_stream_seek(s, 1, ROVE_SET, NULL));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_read(s, buf, 2, NULL));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_pread(s, 0, buf, 2, NULL));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_peek(s, &ptr, &len));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_line(s, '\n', 0, &line));
    CHECK_IS(ROVE_OK, rove_stream_error(s));
    CHECK_OK(rove_stream_write(s, "u", 1));
    CHECK_OK(rove_stream_close(s));
    rove_stream_free(s);
    fclose(file);
    s = over("r", false, &file);
    CHECK_TEXT(s, "hullo");
    rove_stream_free(s);
    fclose(file);
    unlink(path);
}

static void the_way_that_was_not_opened_is_unsupported_and_does_not_stick(void)
{
    for (int as_file = 0; as_file < 2; as_file++) {
        check_read_only(as_file);
        check_write_only(as_file);
    }
}

// appending -------------------------------------------------------------------------------------

// What lies in the file, what is to be there once all is flushed, and where the cursor is.
struct appended {
    struct rove_stream *s;
    uint8_t *due;
    size_t len, pos;
};

static void append_some(struct appended *a, struct rng *rng)
{
    size_t n = rng_below(rng, 8) ? rng_below(rng, 40) : rng_len(rng, env.chunk_len, 3 * env.chunk_len + 9);
    const uint8_t *src = noise(n);
    CHECK_OK(rove_stream_write(a->s, src, n));
    a->due = realloc(a->due, a->len + n + 1);
    memcpy(a->due + a->len, src, n);
    a->len += n;
    a->pos += n;
}

static void read_some(struct appended *a, struct rng *rng, bool at_cursor)
{
    size_t at = at_cursor ? a->pos : rng_below(rng, a->len + 3), got = 0, want = 1 + rng_below(rng, 70);
    size_t there = at >= a->len ? 0 : a->len - at < want ? a->len - at : want;
    uint8_t buf[70];
    enum rove_status status =
        at_cursor ? rove_stream_read(a->s, buf, want, &got) : rove_stream_pread(a->s, at, buf, want, &got);
    CHECK_IS(there == want ? ROVE_OK : ROVE_END, status);
    CHECK_EQ(there, got);
    CHECK(!got || memcmp(buf, a->due + at, got) == 0);
    a->pos += at_cursor ? got : 0;
}

// Somebody else appends too; what is gathered is to come first.
static void intrude(struct appended *a)
{
    CHECK_OK(rove_stream_flush(a->s));
    FILE *file = fopen(path, "a");
    CHECK(file && fputs("intruder", file) >= 0);
    CHECK_EQ(0, fclose(file));
    a->due = realloc(a->due, a->len + 9);
    memcpy(a->due + a->len, "intruder", 8);
    a->len += 8;
}

static void check_appending(bool as_file, struct rng *rng)
{
    FILE *file;
    uint64_t len = 0;
    put_file("first");
    struct appended a = {over("a+", as_file, &file), malloc(6), 5, 0};
    memcpy(a.due, "first", 5);
    a.pos = cursor_of(a.s);
    for (int step = 0; step < 40; step++) {
        switch (rng_below(rng, 6)) {
        case 0:
            a.pos = rng_below(rng, a.len + 4);
            seek_to(a.s, a.pos);
            break;
        case 1:
            read_some(&a, rng, true);
            break;
        case 2:
            read_some(&a, rng, false);
            break;
        case 3:
            intrude(&a);
            break;
        case 4:
            CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_pwrite(a.s, 0, "x", 1));
            break;
        default:
            append_some(&a, rng);
        }
        CHECK_AT(a.pos, a.s);
        CHECK_OK(rove_stream_size(a.s, &len));
        CHECK_EQ(a.len, len);
    }
    CHECK_OK(rove_stream_close(a.s));
    rove_stream_free(a.s);
    fclose(file);
    a.s = over("r", false, &file);
    CHECK_HOLDS(a.s, a.due, a.len);
    rove_stream_free(a.s);
    fclose(file);
    free(a.due);
    unlink(path);
}

static void what_is_appended_lands_at_the_end_and_is_read_where_it_lies(void)
{
    struct rng rng = rng_from(suite_seed());
    for (uint64_t i = suite_scaled(200); i--;)
        check_appending(i & 1, &rng);
}

// places ----------------------------------------------------------------------------------------

static void a_place_that_no_file_has_is_behind_the_end(void)
{
    const uint64_t far[] = {UINT64_C(1) << 40, UINT64_C(1) << 62, ROVE_LEN_MAX};
    for (int i = 0; i < 6; i++) {
        FILE *file;
        char buf[2];
        size_t n = 9;
        put_file("hello");
        struct rove_stream *s = over("r", i & 1, &file);
        CHECK_IS(ROVE_END, rove_stream_pread(s, far[i / 2], buf, 2, &n));
        CHECK_EQ(0, n);
        seek_to(s, far[i / 2]);
        CHECK_IS(ROVE_END, rove_stream_read(s, buf, 2, &n));
        CHECK_EQ(0, n);
        CHECK_IS(ROVE_OK, rove_stream_error(s));
        CHECK_TEXT(s, "hello");
        CHECK_OK(rove_stream_close(s));
        rove_stream_free(s);
        fclose(file);
        unlink(path);
    }
}

static void what_is_written_where_no_file_goes_is_told_at_once(void)
{
    const uint64_t far[] = {UINT64_C(1) << 62, ROVE_LEN_MAX - 2};
    for (int i = 0; i < 4; i++) {
        FILE *file;
        put_file("hello");
        int fd = open(path, O_RDWR);
        bool goes = lseek(fd, (off_t) far[i / 2], SEEK_SET) >= 0; // such file systems there are
        close(fd);
        struct rove_stream *s = over("r+", i & 1, &file);
        CHECK_OK(rove_stream_write(s, "J", 1)); // a window is open
        seek_to(s, far[i / 2]);
        if (!goes) {
            CHECK_IS(ROVE_E_RANGE, rove_stream_write(s, "x", 1));
            CHECK_IS(ROVE_E_RANGE, rove_stream_printf(s, "x"));
            CHECK_IS(ROVE_E_RANGE, rove_stream_pwrite(s, far[i / 2], "x", 1));
            CHECK_IS(ROVE_OK, rove_stream_error(s));
            CHECK_AT(far[i / 2], s);
        }
        seek_to(s, 4);
        CHECK_OK(rove_stream_write(s, "y", 1));
        CHECK_TEXT(s, "Jelly");
        CHECK_OK(rove_stream_close(s));
        rove_stream_free(s);
        fclose(file);
        unlink(path);
    }
}

// FILEs without a place -------------------------------------------------------------------------

// A FILE whose reads and writes are some bytes long, or interrupted.
struct drip {
    struct rng rng;
    const uint8_t *src;
    size_t len, off, most; // of one read
    bool interrupts;
    unsigned calls;
};

static ssize_t drip_len(struct drip *d, size_t len)
{
    d->calls++;
    errno = EINTR;
    if (d->interrupts && rng_below(&d->rng, 3) == 0)
        return -1;
    return (ssize_t) (len < d->most ? len : d->most);
}

static ssize_t drip_read(void *ctx, char *buf, size_t len)
{
    struct drip *d = ctx;
    ssize_t n = drip_len(d, len < d->len - d->off ? len : d->len - d->off);
    if (n > 0)
        memcpy(buf, d->src + d->off, (size_t) n);
    d->off += n > 0 ? (size_t) n : 0;
    return n;
}

static ssize_t drip_write(void *ctx, const char *src, size_t len)
{
    struct drip *d = ctx;
    ssize_t n = drip_len(d, len < d->len - d->off ? len : d->len - d->off);
    CHECK(n <= 0 || memcmp(src, d->src + d->off, (size_t) n) == 0);
    d->off += n > 0 ? (size_t) n : 0;
#if defined(__GLIBC__)
    return n > 0 ? n : 0; // fopencookie(3)
#else
    return n;
#endif
}

static FILE *drip_file(struct drip *d, const char *mode)
{
    FILE *file = fopencookie(d, mode, (cookie_io_functions_t){.read = drip_read, .write = drip_write});
    CHECK(file != NULL);
    return file;
}

static void a_line_does_not_wait_for_what_follows(void)
{
    const char *text = "hello\nyou\nrest";
    struct drip d = {.src = (const uint8_t *) text, .len = strlen(text), .most = 6};
    FILE *file = drip_file(&d, "r");
    struct rove_stream *s;
    struct rove_span line;
    CHECK_OK(rove_stream_from_file(file, env.pool, &s));
    CHECK_OK(rove_stream_line(s, '\n', 0, &line));
    CHECK(line.len == 6 && memcmp(line.ptr, "hello\n", 6) == 0);
    CHECK_EQ(1, d.calls);
    CHECK_OK(rove_stream_line(s, '\n', 0, &line));
    CHECK(line.len == 4 && memcmp(line.ptr, "you\n", 4) == 0);
    CHECK_EQ(2, d.calls);
    rove_stream_free(s);
    fclose(file);
}

static void check_drips(struct rng *rng, bool buffered)
{
    size_t len = rng_below(rng, 9000);
    struct drip d = {.src = noise(len), .len = len, .most = 1 + rng_below(rng, 3000), .interrupts = true};
    uint8_t *got = malloc(len + 1);
    size_t n = 0;
    struct rove_stream *s;
    d.rng = *rng;
    FILE *file = drip_file(&d, "r");
    if (!buffered)
        setvbuf(file, NULL, _IONBF, 0);
    CHECK_OK(rove_stream_from_file(file, env.pool, &s));
    CHECK_IS(ROVE_END, rove_stream_read(s, got, len + 1, &n));
    CHECK(n == len && memcmp(got, d.src, n) == 0);
    rove_stream_free(s);
    fclose(file);
    d.off = 0;
    file = drip_file(&d, "w");
    CHECK_OK(rove_stream_from_file(file, env.pool, &s));
    for (size_t off = 0, cnt; off < len; off += cnt) {
        cnt = 1 + rng_below(rng, len - off);
        CHECK_OK(rove_stream_write(s, d.src + off, cnt));
    }
    CHECK_OK(rove_stream_close(s));
    CHECK_EQ(len, d.off);
    rove_stream_free(s);
    fclose(file);
    free(got);
}

static void an_interrupted_FILE_goes_on(void)
{
    struct rng rng = rng_from(suite_seed());
    for (uint64_t i = suite_scaled(200); i--;)
        check_drips(&rng, i & 1);
}

// Of a descriptor it is known how much there is.
static void what_lies_in_a_pipe_is_read_through_its_FILE(void)
{
    for (int buffered = 0; buffered < 2; buffered++) {
        int fds[2];
        uint8_t got[5000];
        const uint8_t *src = noise(5000);
        struct rove_stream *s;
        CHECK_EQ(0, pipe(fds));
        CHECK_EQ(5000, write(fds[1], src, 5000));
        FILE *file = fdopen(fds[0], "r");
        if (!buffered)
            setvbuf(file, NULL, _IONBF, 0);
        CHECK_OK(rove_stream_from_file(file, env.pool, &s));
        CHECK_OK(rove_stream_read(s, got, 5000, NULL)); // it would wait for more, which never comes
        CHECK(memcmp(got, src, 5000) == 0);
        rove_stream_free(s);
        fclose(file);
        close(fds[1]);
    }
}

// What the FILE has read and the stream not would go with the FILE's buffer.
static void what_a_socket_sent_is_not_lost_by_writing(void)
{
    enum { LEN = 100000, FIRST = 90001 };
    int fds[2];
    char back = 0;
    uint8_t *got = malloc(LEN), *sent = malloc(LEN);
    struct rove_stream *s;
    CHECK_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
    memcpy(sent, noise(LEN), LEN);
    CHECK_EQ(LEN, write(fds[1], sent, LEN));
    FILE *file = fdopen(fds[0], "r+");
    CHECK_OK(rove_stream_from_file(file, env.pool, &s));
    CHECK_OK(rove_stream_read(s, got, FIRST, NULL));
    CHECK_OK(rove_stream_write(s, "x", 1));
    CHECK_OK(rove_stream_flush(s));
    CHECK_EQ(1, read(fds[1], &back, 1));
    CHECK_EQ('x', back);
    close(fds[1]);
    CHECK_OK(rove_stream_read(s, got + FIRST, LEN - FIRST, NULL));
    CHECK(memcmp(got, sent, LEN) == 0);
    CHECK_OK(rove_stream_close(s));
    rove_stream_free(s);
    fclose(file);
    free(got);
    free(sent);
}

// Nothing waits to be written, whatever fflush() says of bytes that it cannot give back.
static void closing_leaves_a_FILE_what_was_not_read(void)
{
    struct drip d = {.src = (const uint8_t *) "hello", .len = 5, .most = 5};
    FILE *file = drip_file(&d, "r");
    struct rove_stream *s;
    CHECK_EQ('h', fgetc(file));
    CHECK_OK(rove_stream_from_file(file, env.pool, &s));
    errno = 0;
    CHECK_OK(rove_stream_flush(s));
    CHECK_OK(rove_stream_close(s));
    CHECK_EQ('e', fgetc(file));
    rove_stream_free(s);
    fclose(file);
}

#if defined(__GLIBC__) // musl does not tell
// It has no descriptor that could be asked.
static void a_FILE_in_memory_is_appended_to(void)
{
    char memory[64] = "first", buf[2];
    FILE *file = fmemopen(memory, sizeof memory, "a+");
    struct rove_stream *s;
    CHECK_OK(rove_stream_from_file(file, env.pool, &s));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_pwrite(s, 0, "X", 1));
    seek_to(s, 1);
    CHECK_OK(rove_stream_write(s, "ab", 2));
    CHECK_AT(3, s);
    CHECK_OK(rove_stream_read(s, buf, 2, NULL));
    CHECK(memcmp(buf, "st", 2) == 0);
    CHECK_TEXT(s, "firstab");
    CHECK_OK(rove_stream_close(s));
    CHECK(strcmp(memory, "firstab") == 0);
    rove_stream_free(s);
    fclose(file);
}
#endif

static const struct suite_case cases[] = {
    SUITE_CASE(the_way_that_was_not_opened_is_unsupported_and_does_not_stick),
    SUITE_CASE(what_is_appended_lands_at_the_end_and_is_read_where_it_lies),
    SUITE_CASE(a_place_that_no_file_has_is_behind_the_end),
    SUITE_CASE(what_is_written_where_no_file_goes_is_told_at_once),
    SUITE_CASE(a_line_does_not_wait_for_what_follows),
    SUITE_CASE(an_interrupted_FILE_goes_on),
    SUITE_CASE(what_lies_in_a_pipe_is_read_through_its_FILE),
    SUITE_CASE(what_a_socket_sent_is_not_lost_by_writing),
    SUITE_CASE(closing_leaves_a_FILE_what_was_not_read),
#if defined(__GLIBC__)
    SUITE_CASE(a_FILE_in_memory_is_appended_to),
#endif
};

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    return suite_run(argc, argv,
                     &(struct suite){"test_device_ways", cases, sizeof cases / sizeof *cases, true});
}
