// SPDX-License-Identifier: MIT
// test_device.c: streams over descriptors, pipes, sockets and FILEs, well and failing.
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stream_kit.h"
#include "support/edits.h"
#include "support/model.h"
#include "support/os_fault.h"
#include "support/shapes.h"

static struct rove_stream *over_fd(int fd, unsigned flags)
{
    struct rove_stream *s = NULL;
    CHECK(fd >= 0);
    CHECK_OK(rove_stream_from_fd(fd, flags, env.pool, &s));
    return s;
}

static bool fd_holds(int fd, const void *ptr, size_t len)
{
    uint8_t *got = malloc(len + 1);
    bool same = CHECK_EQ(len, pread(fd, got, len + 1, 0)) &&
                CHECK(!len || memcmp(got, ptr, len) == 0);
    free(got);
    return same;
}

// Writes and hands on; a chunk of one byte is handed on at once.
static enum rove_status push(struct rove_stream *s, const char *text)
{
    enum rove_status status = rove_stream_write(s, text, strlen(text));
    return status ? status : rove_stream_flush(s);
}

static int is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

// files -----------------------------------------------------------------------------------------

static void a_stream_begins_where_the_descriptor_stands(void)
{
    int fd = file_of("0123456789", 10);
    char buf[4] = "";
    lseek(fd, 3, SEEK_SET);
    struct rove_stream *s = over_fd(fd, 0);
    CHECK_AT(3, s);
    CHECK_OK(rove_stream_read(s, buf, 2, NULL));
    CHECK(memcmp(buf, "34", 2) == 0);
    CHECK_OK(rove_stream_write(s, "ab", 2));
    CHECK_OK(rove_stream_read(s, buf, 2, NULL));
    CHECK(memcmp(buf, "78", 2) == 0);
    CHECK_TEXT(s, "01234ab789");
    CHECK_OK(rove_stream_close(s));
    fd_holds(fd, "01234ab789", 10);
    rove_stream_free(s);
    close(fd);
}

static void the_descriptor_is_closed_only_where_it_was_taken(void)
{
    int kept = file_of("", 0), taken = file_of("", 0);
    struct rove_stream *a = over_fd(kept, 0), *b = over_fd(taken, ROVE_FD_CLOSE), *none;
    CHECK_OK(rove_stream_write(a, "a", 1));
    CHECK_OK(rove_stream_close(a));
    rove_stream_free(a);
    rove_stream_free(b);
    CHECK(is_open(kept) && !is_open(taken));
    fd_holds(kept, "a", 1);
    CHECK_IS(ROVE_E_ARG, rove_stream_from_fd(kept, 2, env.pool, &none));
    CHECK(none == NULL && is_open(kept));
    CHECK_IS(ROVE_E_ARG, rove_stream_from_fd(kept, 2 | ROVE_FD_CLOSE, env.pool, &none));
    CHECK(none == NULL && !is_open(kept)); // taken, also on failure
}

static void a_file_is_lengthened_cut_and_left_with_gaps(void)
{
    int fd = file_of("0123456789", 10);
    lseek(fd, 0, SEEK_SET);
    struct rove_stream *s = over_fd(fd, ROVE_FD_CLOSE);
    seek_to(s, 12);
    CHECK_OK(rove_stream_write(s, "xy", 2));
    CHECK_HOLDS(s, "0123456789\0\0xy", 14);
    CHECK_IS(ROVE_E_RANGE, rove_stream_truncate(s, 15));
    CHECK_OK(rove_stream_truncate(s, 3));
    CHECK_AT(14, s);
    CHECK_TEXT(s, "012");
    CHECK_OK(rove_stream_resize(s, 5));
    CHECK_HOLDS(s, "012\0\0", 5);
    CHECK_OK(rove_stream_seek(s, -1, ROVE_FROM_END, NULL));
    CHECK_OK(rove_stream_printf(s, "%s", "end"));
    CHECK_OK(rove_stream_pwrite(s, 1, "AB", 2));
    CHECK_AT(7, s);
    CHECK_HOLDS(s, "0AB\0end", 7);
    rove_stream_free(s);
}

static void the_end_counts_what_is_still_gathered(void)
{
    int fd = file_of("", 0);
    struct rove_stream *s = over_fd(fd, ROVE_FD_CLOSE);
    uint64_t len = 9;
    uint8_t *room;
    size_t n;
    seek_to(s, 5);
    CHECK_OK(rove_stream_reserve(s, 1, &room, &n)); // room is no content
    CHECK_OK(rove_stream_size(s, &len));
    CHECK_EQ(0, len);
    seek_to(s, 0);
    CHECK_OK(rove_stream_write(s, "abc", 3));
    CHECK_OK(rove_stream_size(s, &len));
    CHECK_EQ(3, len);
    CHECK_OK(rove_stream_seek(s, 0, ROVE_FROM_END, NULL));
    CHECK_OK(rove_stream_write(s, "d", 1));
    CHECK_OK(rove_stream_seek(s, -3, ROVE_CUR, NULL));
    CHECK_OK(rove_stream_size(s, &len));
    CHECK_EQ(4, len);
    CHECK_OK(rove_stream_write(s, "B", 1));
    CHECK_OK(rove_stream_flush(s));
    fd_holds(fd, "aBcd", 4);
    rove_stream_free(s);
}

static void what_a_rope_can_and_a_file_cannot(void)
{
    struct rove_stream *s = over_fd(file_of("", 0), ROVE_FD_CLOSE), *right;
    struct rove_view view, some = {.len = 0};
    struct rove_rope rope;
    struct rove_hole hole = {1, 1};
    const uint8_t *ptr;
    uint64_t off;
    size_t n;
    CHECK_OK(rove_stream_write(s, "abc", 3));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_read_view(s, 1, &view));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_insert(s, "x", 1));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_insert_view(s, &some));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_erase(s, 0));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_drop_front(s, 0));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_take(s, NULL, 0, NULL));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_fill(s, hole, "x", 1));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_hole_off(s, hole, &off));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_hole(s, 1, &hole));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_split(s, &right));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_snapshot(s, &view));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_clone_rope(s, &rope));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_steal(s, &rope));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_flatten(s, &ptr, &n));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_reset(s));
    CHECK_OK(rove_stream_error(s)); // that does not stick
    CHECK_AT(3, s);
    CHECK_TEXT(s, "abc");
    rove_view_fini(&view);
    rove_rope_fini(&rope);
    rove_stream_free(s);
}

static void a_view_is_written_to_a_file(void)
{
    struct rove_stream *from = stream_of(noise(10000), 10000);
    struct rove_view view;
    const uint8_t *ptr;
    size_t len;
    int fd = file_of("", 0);
    struct rove_stream *s = over_fd(fd, 0);
    CHECK_OK(rove_stream_snapshot(from, &view));
    CHECK_OK(rove_stream_write_view(s, &view));
    CHECK_AT(10000, s);
    CHECK_OK(rove_stream_close(s));
    CHECK_OK(rove_stream_flatten(from, &ptr, &len));
    fd_holds(fd, ptr, 10000);
    rove_view_fini(&view);
    rove_stream_free(from);
    rove_stream_free(s);
    close(fd);
}

// faults ----------------------------------------------------------------------------------------

// A user who goes on after each failure, from where tell() says.
struct user {
    struct rove_stream *s;
    struct os_plan plan;
    unsigned failures;
};

// What a failure must look like. Returns whether the call is to be made again.
static bool again(struct user *user, enum rove_status status)
{
    uint64_t pos;
    if (status == ROVE_OK || status == ROVE_END)
        return false;
    user->failures++;
    if (user->plan.err == EAGAIN) {
        CHECK_IS(ROVE_E_AGAIN, status);
        CHECK_OK(rove_stream_error(user->s));
        return true;
    }
    if (!CHECK_IS(ROVE_E_IO, status))
        return false;
    CHECK_IS(ROVE_E_IO, rove_stream_error(user->s));
    CHECK_EQ(user->plan.err, rove_stream_errno(user->s));
    CHECK(strcmp(rove_stream_explain(user->s), strerror(user->plan.err)) == 0);
    CHECK_IS(ROVE_E_IO, rove_stream_write(user->s, "?", 1)); // it sticks
    CHECK_IS(ROVE_E_IO, rove_stream_flush(user->s));
    CHECK_IS(ROVE_E_IO, rove_stream_size(user->s, &pos));
    CHECK_IS(ROVE_E_IO, rove_stream_seek(user->s, 0, ROVE_SET, NULL));
    rove_stream_clear_error(user->s);
    CHECK_OK(rove_stream_error(user->s));
    CHECK_EQ(0, rove_stream_errno(user->s));
    return user->failures < 1000;
}

static void write_on(struct user *user, const uint8_t *src, size_t len)
{
    uint64_t from = cursor_of(user->s), done = 0;
    while (again(user, rove_stream_write(user->s, src + done, len - done)))
        done = cursor_of(user->s) - from;
    CHECK_EQ(from + len, cursor_of(user->s));
}

static void read_on(struct user *user, const uint8_t *due, size_t len)
{
    uint8_t *got = malloc(len);
    size_t done = 0, n;
    enum rove_status status;
    do {
        status = rove_stream_read(user->s, got + done, len - done, &n);
        done += n;
    } while (again(user, status));
    CHECK_EQ(len, done);
    CHECK(memcmp(got, due, len) == 0);
    free(got);
}

// Writes, seeks, reads, measures, cuts: the file must come out right whatever call failed.
static unsigned run_plan(struct os_plan plan, const uint8_t *bytes, size_t len)
{
    int fd = file_of("", 0);
    os_fault_arm((struct os_plan){0});
    struct user user = {over_fd(fd, 0), plan, 0};
    uint64_t size = 0;
    os_fault_arm(plan);
    for (size_t at = 0, n; at < len; at += n) {
        n = 1 + at * 3 % 90 < len - at ? 1 + at * 3 % 90 : len - at;
        write_on(&user, bytes + at, n);
    }
    while (again(&user, rove_stream_flush(user.s)))
        continue;
    while (again(&user, rove_stream_seek(user.s, 10, ROVE_SET, NULL)))
        continue;
    read_on(&user, bytes + 10, 100);
    write_on(&user, bytes + 110, 5);
    read_on(&user, bytes + 115, len - 115);
    while (again(&user, rove_stream_pwrite(user.s, 7, bytes + 7, 9)))
        continue;
    while (again(&user, rove_stream_size(user.s, &size)))
        continue;
    CHECK_EQ(len, size);
    while (again(&user, rove_stream_truncate(user.s, len - 1)))
        continue;
    while (again(&user, rove_stream_seek(user.s, 5, ROVE_SET, NULL)))
        continue;
    write_on(&user, bytes + 5, 3);
    while (again(&user, rove_stream_close(user.s)))
        CHECK(!rove_stream_is_closed(user.s));
    unsigned injected = os_fault_injected();
    os_fault_off();
    CHECK(rove_stream_is_closed(user.s));
    fd_holds(fd, bytes, len - 1);
    bool harmless = plan.err == EINTR || plan.err == OS_SHORT;
    CHECK(harmless ? user.failures == 0 : (user.failures > 0) == (injected > 0));
    rove_stream_free(user.s);
    close(fd);
    return injected;
}

static void every_fault_at_every_call(void)
{
    static const struct os_plan plans[] = {
        {OS_READ, EIO, 0, 1},       {OS_READ, EAGAIN, 0, 1},  {OS_READ, EINTR, 0, 3},
        {OS_READ, OS_SHORT, 0, 1},  {OS_READ, OS_SHORT, 0, 0}, {OS_WRITE, EIO, 0, 1},
        {OS_WRITE, ENOSPC, 0, 2},   {OS_WRITE, EAGAIN, 0, 2}, {OS_WRITE, EINTR, 0, 3},
        {OS_WRITE, OS_SHORT, 0, 1}, {OS_WRITE, OS_SHORT, 0, 0}, {OS_LSEEK, EIO, 0, 1},
        {OS_FSTAT, EIO, 0, 1},      {OS_FTRUNCATE, EIO, 0, 1}, {OS_FTRUNCATE, EINTR, 0, 2},
    };
    uint8_t bytes[700];
    memcpy(bytes, noise(sizeof bytes), sizeof bytes);
    uint64_t programs = 0, faults = 0;
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
        struct os_plan plan = plans[i];
        unsigned injected = 1;
        for (plan.at = 1; injected; plan.at += 1 + plan.at / 16) {
            injected = run_plan(plan, bytes, sizeof bytes);
            programs++;
            faults += injected;
        }
        CHECK(plan.at > 2); // some call was hit
    }
    suite_note("%" PRIu64 " programs, %" PRIu64 " faults", programs, faults);
}

static void transfers_cut_and_interrupted_at_random(void)
{
    size_t len = 30000, at = 0;
    const uint8_t *bytes = noise(len);
    uint8_t *got = malloc(len);
    int fd = file_of("", 0);
    struct rove_stream *s = over_fd(fd, ROVE_FD_CLOSE);
    struct rng rng = rng_from(suite_seed());
    os_fault_noise(suite_seed());
    while (at < len) {
        size_t n = rng_len(&rng, env.chunk_len, len - at);
        CHECK_OK(rove_stream_write(s, bytes + at, n));
        at += n;
    }
    seek_to(s, 0);
    for (at = 0; at < len;) {
        size_t n = rng_len(&rng, env.chunk_len, len - at);
        CHECK_OK(rove_stream_read(s, got + at, n, NULL));
        at += n;
    }
    CHECK(memcmp(got, bytes, len) == 0);
    CHECK(os_fault_injected() > 0);
    os_fault_off();
    fd_holds(fd, bytes, len);
    free(got);
    rove_stream_free(s);
}

static void a_write_that_takes_nothing_is_a_fault(void)
{
    struct rove_stream *s = over_fd(file_of("", 0), ROVE_FD_CLOSE);
    os_fault_arm((struct os_plan){OS_WRITE, OS_NOTHING, 1, 0});
    CHECK_IS(ROVE_E_IO, push(s, "x")); // it would go on for ever
    CHECK_EQ(EIO, rove_stream_errno(s));
    os_fault_off();
    rove_stream_free(s);
}

static void a_close_that_fails_leaves_all_as_it_was(void)
{
    int fd = file_of("", 0), seen = dup(fd);
    struct rove_stream *s = over_fd(fd, ROVE_FD_CLOSE);
    uint8_t byte, *room;
    size_t n;
    CHECK_OK(rove_stream_reserve(s, 1, &room, &n)); // a chunk of one byte gathers nothing else
    *room = 'x';
    CHECK_OK(rove_stream_commit(s, 1));
    os_fault_arm((struct os_plan){OS_WRITE, ENOSPC, 1, 3});
    for (int i = 0; i < 3; i++) {
        CHECK_IS(ROVE_E_IO, rove_stream_close(s));
        CHECK(!rove_stream_is_closed(s) && is_open(fd));
        CHECK_IS(ROVE_E_IO, rove_stream_error(s));
        CHECK_EQ(ENOSPC, rove_stream_errno(s));
        CHECK_IS(ROVE_E_IO, rove_stream_read(s, &byte, 1, NULL));
    }
    CHECK_OK(rove_stream_close(s)); // room was made
    CHECK(rove_stream_is_closed(s) && !is_open(fd));
    CHECK_OK(rove_stream_close(s));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_write(s, "x", 1));
    fd_holds(seen, "x", 1);
    os_fault_off();
    rove_stream_free(s);
    close(seen);
}

static void a_refused_write_is_told_until_it_is_known(void)
{
    int fd = file_of("", 0);
    struct rove_stream *s = over_fd(fd, 0);
    const uint8_t *bytes = noise(200000);
    os_fault_arm((struct os_plan){OS_WRITE, ENOSPC, 1, 1});
    CHECK_IS(ROVE_E_IO, rove_stream_write(s, bytes, 200000));
    CHECK_IS(ROVE_E_IO, rove_stream_flush(s));
    CHECK_IS(ROVE_E_IO, rove_stream_close(s)); // else the bytes would be missed by nobody
    CHECK_IS(ROVE_E_IO, rove_stream_close(s));
    CHECK(!rove_stream_is_closed(s));
    CHECK_EQ(1, os_fault_calls(OS_WRITE));
    rove_stream_clear_error(s);
    CHECK_OK(rove_stream_write(s, bytes, 200000));
    CHECK_OK(rove_stream_close(s));
    fd_holds(fd, bytes, 200000);
    os_fault_off();
    rove_stream_free(s);
    close(fd);
}

// What was to be written into reserved room is missed by nobody either.
static void a_refused_reserve_is_told_until_it_is_known(void)
{
    int fd = file_of("", 0);
    struct rove_stream *s = over_fd(fd, 0);
    uint8_t *room;
    size_t n;
    if (env.chunk_len > 3) { // else nothing is gathered
        CHECK_OK(rove_stream_write(s, "abc", 3));
        os_fault_arm((struct os_plan){OS_WRITE, ENOSPC, 1, 1});
        CHECK_IS(ROVE_E_IO, rove_stream_flush(s));
        os_fault_off();
        CHECK_IS(ROVE_E_IO, rove_stream_reserve(s, 1, &room, &n));
        CHECK(!room && !n);
        CHECK_IS(ROVE_E_IO, rove_stream_close(s));
        rove_stream_clear_error(s);
        CHECK_OK(rove_stream_reserve(s, 1, &room, &n));
        *room = 'd';
        CHECK_OK(rove_stream_commit(s, 1));
        CHECK_OK(rove_stream_close(s));
        fd_holds(fd, "abcd", 4);
    }
    rove_stream_free(s);
    close(fd);
}

static void a_failed_read_does_not_hold_up_a_close(void)
{
    struct rove_stream *s = over_fd(file_of("ab", 2), ROVE_FD_CLOSE);
    uint8_t byte;
    seek_to(s, 0);
    os_fault_arm((struct os_plan){OS_READ, EIO, 1, 0});
    CHECK_IS(ROVE_E_IO, rove_stream_read(s, &byte, 1, NULL));
    CHECK_OK(rove_stream_close(s));
    os_fault_off();
    rove_stream_free(s);
}

static void a_stream_that_is_freed_writes_no_more(void)
{
    int fd = file_of("", 0), seen = dup(fd);
    struct rove_stream *s = over_fd(fd, ROVE_FD_CLOSE);
    CHECK_OK(rove_stream_write(s, "0", 1));
    os_fault_arm((struct os_plan){OS_WRITE, 0, 0, 0});
    rove_stream_free(s);
    CHECK_EQ(0, os_fault_calls(OS_WRITE));
    CHECK(!is_open(fd));
    fd_holds(seen, "0", env.chunk_len == 1); // a chunk of one byte gathers nothing
    os_fault_off();
    close(seen);
}

static void the_close_of_a_descriptor_is_tried_once(void)
{
    int fd = file_of("", 0);
    struct rove_stream *s = over_fd(fd, ROVE_FD_CLOSE);
    os_fault_arm((struct os_plan){OS_CLOSE, EIO, 1, 0});
    CHECK_IS(ROVE_E_IO, rove_stream_close(s));
    CHECK_EQ(EIO, rove_stream_errno(s));
    CHECK(rove_stream_is_closed(s));
    CHECK_OK(rove_stream_close(s));
    CHECK_EQ(1, os_fault_calls(OS_CLOSE));
    rove_stream_free(s);
    fd = file_of("", 0);
    s = over_fd(fd, ROVE_FD_CLOSE);
    os_fault_arm((struct os_plan){OS_CLOSE, EINTR, 1, 0});
    CHECK_OK(rove_stream_close(s)); // the descriptor is gone all the same
    CHECK_EQ(1, os_fault_calls(OS_CLOSE));
    os_fault_off();
    rove_stream_free(s);
}

static void nothing_is_gathered_after_a_failure(void)
{
    int fd = file_of("", 0);
    struct rove_stream *s = over_fd(fd, ROVE_FD_CLOSE);
    uint64_t len;
    CHECK_OK(rove_stream_write(s, "ab", 2));
    os_fault_arm((struct os_plan){OS_FSTAT, EIO, 1, 1});
    CHECK_IS(ROVE_E_IO, rove_stream_size(s, &len));
    CHECK_IS(ROVE_E_IO, rove_stream_write(s, "c", 1));
    CHECK_AT(2, s);
    os_fault_off();
    rove_stream_clear_error(s);
    CHECK_OK(rove_stream_write(s, "d", 1));
    CHECK_OK(rove_stream_flush(s));
    fd_holds(fd, "abd", 3);
    rove_stream_free(s);
}

static void what_is_no_open_file_says_so_at_its_first_use(void)
{
    struct rove_stream *s = over_fd(open("/", O_RDONLY), ROVE_FD_CLOSE);
    uint8_t byte;
    CHECK_IS(ROVE_E_IO, rove_stream_read(s, &byte, 1, NULL));
    CHECK_EQ(EISDIR, rove_stream_errno(s));
    rove_stream_free(s);
    s = NULL;
    CHECK_OK(rove_stream_from_fd(987654, 0, env.pool, &s));
    CHECK_IS(ROVE_E_IO, rove_stream_read(s, &byte, 1, NULL));
    CHECK_EQ(EBADF, rove_stream_errno(s));
    rove_stream_free(s);
    s = over_fd(open("/dev/full", O_WRONLY), ROVE_FD_CLOSE);
    CHECK_IS(ROVE_E_IO, push(s, "x"));
    CHECK_EQ(ENOSPC, rove_stream_errno(s));
    rove_stream_free(s);
}

// pipes and sockets -----------------------------------------------------------------------------

static void a_pipe_cannot_be_seeked_and_loses_nothing_by_it(void)
{
    int fds[2];
    uint64_t n64;
    size_t n;
    char buf[16] = "";
    CHECK_EQ(0, pipe(fds));
    CHECK_EQ(10, write(fds[1], "0123456789", 10));
    struct rove_stream *s = over_fd(fds[0], ROVE_FD_CLOSE);
    CHECK_OK(rove_stream_read(s, buf, 4, NULL));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_seek(s, 2, ROVE_SET, &n64));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_seek(s, 1, ROVE_CUR, &n64));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_seek(s, 0, ROVE_FROM_END, &n64));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_size(s, &n64));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_truncate(s, 0));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_pread(s, 0, buf, 4, &n));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_pwrite(s, 0, "x", 1));
    CHECK_OK(rove_stream_error(s));
    CHECK_AT(4, s);
    CHECK_OK(rove_stream_flush(s));
    close(fds[1]);
    CHECK_IS(ROVE_END, rove_stream_read(s, buf, 16, &n));
    CHECK_EQ(6, n);
    CHECK(memcmp(buf, "456789", 6) == 0);
    CHECK_AT(10, s);
    rove_stream_free(s);
}

static void a_pipe_that_is_written_cannot_be_seeked_either(void)
{
    int fds[2];
    char got[8] = "";
    CHECK_EQ(0, pipe(fds));
    struct rove_stream *s = over_fd(fds[1], ROVE_FD_CLOSE);
    CHECK_OK(rove_stream_write(s, "abc", 3));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_seek(s, 1, ROVE_SET, NULL));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_resize(s, 1));
    CHECK_OK(rove_stream_error(s));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_seek(s, -1, ROVE_CUR, NULL));
    CHECK_OK(rove_stream_write(s, "def", 3));
    CHECK_OK(rove_stream_close(s));
    CHECK_EQ(6, read(fds[0], got, 8));
    CHECK(memcmp(got, "abcdef", 6) == 0);
    rove_stream_free(s);
    close(fds[0]);
}

static void a_socket_keeps_what_it_read_ahead_while_it_is_written(void)
{
    int fds[2];
    char buf[32] = "";
    CHECK_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
    struct rove_stream *s = over_fd(fds[0], ROVE_FD_CLOSE);
    CHECK_EQ(11, write(fds[1], "hello world", 11));
    CHECK_OK(rove_stream_read(s, buf, 5, NULL));
    CHECK_OK(rove_stream_write(s, "reply", 5));
    CHECK_OK(rove_stream_read(s, buf + 5, 6, NULL)); // handed on before reading
    CHECK(memcmp(buf, "hello world", 11) == 0);
    CHECK_EQ(5, recv(fds[1], buf, 32, MSG_DONTWAIT));
    CHECK(memcmp(buf, "reply", 5) == 0);
    CHECK_OK(rove_stream_printf(s, "%d", 12345));
    CHECK_EQ(7, write(fds[1], "one\ntwo", 7));
    shutdown(fds[1], SHUT_WR);
    struct rove_span line;
    CHECK_OK(rove_stream_line(s, '\n', 0, &line));
    CHECK(line.len == 4 && memcmp(line.ptr, "one\n", 4) == 0);
    CHECK_OK(rove_stream_line(s, '\n', 0, &line));
    CHECK(line.len == 3 && memcmp(line.ptr, "two", 3) == 0);
    CHECK_IS(ROVE_END, rove_stream_line(s, '\n', 0, &line));
    CHECK_EQ(5, recv(fds[1], buf, 32, MSG_DONTWAIT));
    rove_stream_free(s);
    close(fds[1]);
}

static void bytes_read_ahead_outlive_a_broken_pipe(void)
{
    int fds[2];
    char buf[16] = "";
    size_t n = 0;
    CHECK_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
    struct rove_stream *s = over_fd(fds[0], ROVE_FD_CLOSE);
    CHECK_EQ(10, write(fds[1], "0123456789", 10));
    CHECK_OK(rove_stream_read(s, buf, 2, NULL));
    close(fds[1]);
    size_t ahead = env.chunk_len >= 10 ? 8 : (env.chunk_len - 2 % env.chunk_len) % env.chunk_len;
    CHECK_IS(ROVE_E_IO, push(s, "lost"));
    CHECK_EQ(EPIPE, rove_stream_errno(s));
    CHECK_IS(ROVE_E_IO, rove_stream_read(s, buf, 16, &n));
    CHECK_EQ(ahead, n);
    CHECK(memcmp(buf, "23456789", n) == 0);
    CHECK_IS(ROVE_E_IO, rove_stream_read(s, buf, 1, &n));
    CHECK_IS(ROVE_E_IO, rove_stream_close(s));
    rove_stream_free(s);
}

static int nonblocking_pair(int fds[2])
{
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds);
}

static void would_block_loses_nothing_of_what_is_read(void)
{
    int fds[2];
    char buf[16] = "";
    const uint8_t *ptr;
    struct rove_span line, delim = {(const uint8_t *) "\r\n", 2};
    size_t n = 9;
    CHECK_EQ(0, nonblocking_pair(fds));
    struct rove_stream *s = over_fd(fds[0], ROVE_FD_CLOSE);
    CHECK_IS(ROVE_E_AGAIN, rove_stream_read(s, buf, 4, &n));
    CHECK_EQ(0, n);
    CHECK_IS(ROVE_E_AGAIN, rove_stream_peek(s, &ptr, &n));
    CHECK_OK(rove_stream_error(s));
    CHECK_EQ(3, write(fds[1], "abc", 3));
    CHECK_IS(ROVE_E_AGAIN, rove_stream_read(s, buf, 4, &n));
    CHECK(n == 3 && memcmp(buf, "abc", 3) == 0);
    for (const char *c = "a line\n"; *c; c++) {
        CHECK_IS(ROVE_E_AGAIN, rove_stream_line(s, '\n', 0, &line));
        CHECK_EQ(0, line.len);
        CHECK_AT(3, s);
        CHECK_EQ(1, write(fds[1], c, 1));
    }
    CHECK_OK(rove_stream_line(s, '\n', 0, &line));
    CHECK(line.len == 7 && memcmp(line.ptr, "a line\n", 7) == 0);
    CHECK_EQ(3, write(fds[1], "xy\r", 3));
    CHECK_IS(ROVE_E_AGAIN, rove_stream_read_until(s, delim, buf, 16, &n));
    CHECK(n == 3 && memcmp(buf, "xy\r", 3) == 0);
    rove_stream_free(s);
    close(fds[1]);
}

static void a_line_begun_may_be_read_otherwise(void)
{
    int fds[2];
    char buf[64] = "";
    struct rove_span line;
    size_t n = 0;
    CHECK_EQ(0, nonblocking_pair(fds));
    struct rove_stream *s = over_fd(fds[0], ROVE_FD_CLOSE);
    CHECK_EQ(40, write(fds[1], "0123456789012345678901234567890123456789", 40));
    CHECK_IS(ROVE_E_AGAIN, rove_stream_line(s, '\n', 0, &line));
    CHECK_OK(rove_stream_read(s, buf, 35, NULL));
    CHECK(memcmp(buf, "01234567890123456789012345678901234", 35) == 0);
    CHECK_OK(rove_stream_write(s, "x", 1));
    CHECK_OK(rove_stream_flush(s));
    CHECK_EQ(3, write(fds[1], "+\n-", 3));
    CHECK_OK(rove_stream_line(s, '\n', 0, &line));
    CHECK(line.len == 7 && memcmp(line.ptr, "56789+\n", 7) == 0);
    CHECK_IS(ROVE_E_AGAIN, rove_stream_read(s, buf, 2, &n));
    CHECK(n == 1 && buf[0] == '-');
    rove_stream_free(s);
    close(fds[1]);
}

// Writes until the device would block. Returns the bytes taken.
static uint64_t fill_up(struct rove_stream *s, const uint8_t *src, size_t piece, uint64_t from)
{
    enum rove_status status = ROVE_OK;
    uint64_t base = cursor_of(s) - from;
    while (status == ROVE_OK) {
        uint64_t at = cursor_of(s) - base;
        status = rove_stream_write(s, src + at, piece);
    }
    CHECK_IS(ROVE_E_AGAIN, status);
    CHECK_OK(rove_stream_error(s));
    return cursor_of(s) - base;
}

static void would_block_loses_nothing_of_what_is_written(void)
{
    int fds[2], small = 4096;
    const uint8_t *src = noise(NOISE_LEN);
    uint8_t *got = malloc(NOISE_LEN);
    uint64_t taken = 0, seen = 0;
    CHECK_EQ(0, nonblocking_pair(fds));
    setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    struct rove_stream *s = over_fd(fds[0], ROVE_FD_CLOSE);
    for (int round = 0; round < 3; round++) {
        taken = fill_up(s, src, round == 1 ? 1000 : 7, taken);
        ssize_t n;
        do {
            while ((n = read(fds[1], got + seen, NOISE_LEN - seen)) > 0)
                seen += (uint64_t) n;
        } while (rove_stream_flush(s) == ROVE_E_AGAIN);
        while ((n = read(fds[1], got + seen, NOISE_LEN - seen)) > 0)
            seen += (uint64_t) n;
        CHECK_EQ(taken, seen);
    }
    CHECK(taken && memcmp(got, src, seen) == 0);
    free(got);
    rove_stream_free(s);
    close(fds[1]);
}

static void two_full_sockets_can_both_be_read(void)
{
    int fds[2], small = 4096;
    uint64_t taken[2], seen[2] = {0};
    struct rove_stream *s[2];
    uint8_t *got = malloc(4096);
    const uint8_t *src = noise(NOISE_LEN);
    CHECK_EQ(0, nonblocking_pair(fds));
    for (int i = 0; i < 2; i++) {
        setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
        s[i] = over_fd(fds[i], ROVE_FD_CLOSE);
        taken[i] = fill_up(s[i], src, 500, 0);
    }
    for (int round = 0; round < 100000 && (seen[0] < taken[0] || seen[1] < taken[1]); round++) {
        size_t n;
        enum rove_status status = rove_stream_read(s[round % 2], got, 100, &n);
        CHECK(status == ROVE_OK || status == ROVE_E_AGAIN);
        CHECK(memcmp(got, src + seen[1 - round % 2], n) == 0);
        seen[1 - round % 2] += n;
    }
    CHECK_EQ(taken[0], seen[0]);
    CHECK_EQ(taken[1], seen[1]);
    rove_stream_free(s[0]);
    rove_stream_free(s[1]);
    free(got);
}

// FILEs -----------------------------------------------------------------------------------------

static void a_file_pointer_is_read_written_and_not_closed(void)
{
    FILE *file = tmpfile();
    struct rove_stream *s;
    char buf[8] = "";
    uint64_t len;
    CHECK(fputs("0123456789", file) >= 0);
    CHECK_EQ(0, fseek(file, 2, SEEK_SET));
    CHECK_OK(rove_stream_from_file(file, env.pool, &s));
    CHECK_AT(2, s);
    CHECK_OK(rove_stream_read(s, buf, 3, NULL));
    CHECK_OK(rove_stream_write(s, "ab", 2));
    CHECK_OK(rove_stream_size(s, &len));
    CHECK_EQ(10, len);
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_resize(s, 3));
    CHECK_TEXT(s, "01234ab789");
    seek_to(s, 10);
    CHECK_OK(rove_stream_write(s, "end", 3));
    CHECK_OK(rove_stream_close(s));
    rove_stream_free(s);
    fd_holds(fileno(file), "01234ab789end", 13);
    CHECK_EQ(0, fclose(file));
}

static void a_file_pointer_on_a_pipe(void)
{
    int fds[2];
    char buf[8] = "";
    size_t n;
    struct rove_stream *in, *out;
    CHECK_EQ(0, pipe(fds));
    FILE *from = fdopen(fds[0], "r"), *to = fdopen(fds[1], "w");
    CHECK_OK(rove_stream_from_file(from, env.pool, &in));
    CHECK_OK(rove_stream_from_file(to, env.pool, &out));
    CHECK_OK(rove_stream_write(out, "hello", 5));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_seek(out, 0, ROVE_SET, NULL));
    CHECK_OK(rove_stream_close(out));
    rove_stream_free(out);
    CHECK_EQ(0, fclose(to));
    CHECK_IS(ROVE_END, rove_stream_read(in, buf, 8, &n));
    CHECK(n == 5 && memcmp(buf, "hello", 5) == 0);
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_write(in, noise(100000), 100000)); // not open for it
    rove_stream_free(in);
    CHECK_EQ(0, fclose(from));
}

// Of open_memstream(), used before or not: its buffer is all that it has.
static void a_file_pointer_in_memory(void)
{
    static uint8_t bytes[120000];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t) (i * 7 + i / 251);
    for (size_t before = 0; before <= 20000; before = 10 * before + 20) {
        char *text = NULL;
        size_t len = 0;
        struct rove_stream *s;
        FILE *file = open_memstream(&text, &len);
        CHECK_EQ(before, fwrite(bytes, 1, before, file));
        CHECK_EQ(0, fflush(file));
        CHECK_OK(rove_stream_from_file(file, env.pool, &s));
        CHECK_AT(before, s);
        CHECK_OK(rove_stream_write(s, bytes + before, sizeof bytes - before));
        CHECK_OK(rove_stream_flush(s));
        CHECK(len == sizeof bytes && memcmp(text, bytes, len) == 0);
        CHECK_OK(rove_stream_write(s, "end", 3));
        CHECK_OK(rove_stream_close(s));
        rove_stream_free(s);
        CHECK_EQ(0, fclose(file));
        CHECK(len == sizeof bytes + 3 && memcmp(text, bytes, sizeof bytes) == 0 && memcmp(text + sizeof bytes, "end", 3) == 0);
        free(text);
    }
}

static const struct suite_case cases[] = {
    SUITE_CASE(a_stream_begins_where_the_descriptor_stands),
    SUITE_CASE(the_descriptor_is_closed_only_where_it_was_taken),
    SUITE_CASE(a_file_is_lengthened_cut_and_left_with_gaps),
    SUITE_CASE(the_end_counts_what_is_still_gathered),
    SUITE_CASE(what_a_rope_can_and_a_file_cannot),
    SUITE_CASE(a_view_is_written_to_a_file),
    SUITE_CASE(every_fault_at_every_call),
    SUITE_CASE(transfers_cut_and_interrupted_at_random),
    SUITE_CASE(a_write_that_takes_nothing_is_a_fault),
    SUITE_CASE(a_close_that_fails_leaves_all_as_it_was),
    SUITE_CASE(a_refused_write_is_told_until_it_is_known),
    SUITE_CASE(a_refused_reserve_is_told_until_it_is_known),
    SUITE_CASE(a_failed_read_does_not_hold_up_a_close),
    SUITE_CASE(a_stream_that_is_freed_writes_no_more),
    SUITE_CASE(the_close_of_a_descriptor_is_tried_once),
    SUITE_CASE(nothing_is_gathered_after_a_failure),
    SUITE_CASE(what_is_no_open_file_says_so_at_its_first_use),
    SUITE_CASE(a_pipe_cannot_be_seeked_and_loses_nothing_by_it),
    SUITE_CASE(a_pipe_that_is_written_cannot_be_seeked_either),
    SUITE_CASE(a_socket_keeps_what_it_read_ahead_while_it_is_written),
    SUITE_CASE(bytes_read_ahead_outlive_a_broken_pipe),
    SUITE_CASE(would_block_loses_nothing_of_what_is_read),
    SUITE_CASE(a_line_begun_may_be_read_otherwise),
    SUITE_CASE(would_block_loses_nothing_of_what_is_written),
    SUITE_CASE(two_full_sockets_can_both_be_read),
    SUITE_CASE(a_file_pointer_is_read_written_and_not_closed),
    SUITE_CASE(a_file_pointer_on_a_pipe),
    SUITE_CASE(a_file_pointer_in_memory),
};

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    return suite_run(argc, argv,
                     &(struct suite){"test_device", cases, sizeof cases / sizeof *cases, true});
}
