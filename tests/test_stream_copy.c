// SPDX-License-Identifier: MIT
// test_stream_copy.c: from every kind of stream to every other.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rove/chain.h>
#include <rove/workers.h>

#include "stream_kit.h"
#include "support/amount.h"
#include "support/edits.h"
#include "support/model.h"
#include "support/os_fault.h"
#include "support/shapes.h"

enum kind { ROPE, FILE_KIND, CHAIN, KINDS };

// A stream to read these bytes from.
static struct rove_stream *source(enum kind kind, const uint8_t *ptr, size_t len)
{
    struct rove_stream *s = NULL, *top;
    if (kind == FILE_KIND) {
        int fd = file_of(ptr, len);
        lseek(fd, 0, SEEK_SET);
        CHECK_OK(rove_stream_from_fd(fd, ROVE_FD_CLOSE, env.pool, &s));
        return s;
    }
    CHECK_OK(rove_stream_from_bytes(kind == ROPE ? ptr : NULL, kind == ROPE ? len : 0, env.pool, &s));
    if (kind == ROPE)
        return s;
    CHECK_OK(rove_stream_encode(s, "lz4", NULL, &top, NULL));
    CHECK_OK(rove_stream_write(top, ptr, len));
    CHECK_OK(rove_stream_close(top));
    rove_stream_free(top);
    seek_to(s, 0);
    CHECK_OK(rove_stream_decode(s, "lz4", NULL, &top, NULL));
    CHECK_OK(rove_stream_own(top));
    return top;
}

// A stream to write to; what it has come to is in `below`, which is not the caller's to free.
static struct rove_stream *sink(enum kind kind, struct rove_stream **below)
{
    struct rove_stream *top;
    if (kind == FILE_KIND) {
        CHECK_OK(rove_stream_from_fd(file_of("", 0), ROVE_FD_CLOSE, env.pool, below));
        return *below;
    }
    *below = stream_of_text("");
    if (kind == ROPE)
        return *below;
    CHECK_OK(rove_stream_encode(*below, "crc32|lz4", NULL, &top, NULL));
    CHECK_OK(rove_stream_own(top));
    return top;
}

static void expect(enum kind kind, struct rove_stream *top, struct rove_stream *below,
                   const uint8_t *ptr, size_t len)
{
    struct rove_stream *plain;
    if (kind != CHAIN) {
        CHECK_HOLDS(below, ptr, len);
        return;
    }
    CHECK_OK(rove_stream_finish(top));
    seek_to(below, 0);
    CHECK_OK(rove_stream_decode(below, "lz4", NULL, &plain, NULL));
    uint8_t *got = malloc(len + 1);
    size_t n;
    CHECK_IS(ROVE_END, rove_stream_read(plain, got, len + 1, &n));
    if (CHECK_EQ(len, n))
        CHECK(!len || memcmp(got, ptr, len) == 0);
    free(got);
    rove_stream_free(plain);
}

static void from_every_kind_to_every_other(void)
{
    size_t lens[EDGE_LENS], cnt = edge_lens(lens);
    for (unsigned i = 0; i < KINDS * KINDS * cnt; i++) {
        enum kind a = i % KINDS, b = i / KINDS % KINDS;
        size_t len = lens[i / (KINDS * KINDS)], part = len / 3;
        const uint8_t *ptr = noise(len);
        struct rove_stream *below, *from = source(a, ptr, len), *to = sink(b, &below);
        uint64_t copied = 99;
        CHECK_OK(rove_stream_copy(from, to, 0, NULL, &copied));
        CHECK_EQ(0, copied);
        CHECK_OK(rove_stream_copy(from, to, part, NULL, &copied));
        CHECK_EQ(part, copied);
        CHECK_AT(part, from);
        CHECK_AT(part, to);
        CHECK_OK(rove_stream_copy(from, to, UINT64_MAX, NULL, &copied));
        CHECK_EQ(len - part, copied);
        CHECK_IS(ROVE_END, rove_stream_copy(from, to, 1, NULL, &copied));
        CHECK_EQ(0, copied);
        expect(b, to, below, ptr, len);
        rove_stream_free(from);
        rove_stream_free(to);
    }
}

// Bytes stand there already: what is copied goes over them.
static void over_old_bytes(void)
{
    for (unsigned a = 0; a < KINDS; a++) {
        struct rove_stream *from = source(a, (const uint8_t *) "abcdef", 6), *to = stream_of_text("0123456789");
        uint64_t copied;
        seek_to(to, 2);
        CHECK_IS(ROVE_END, rove_stream_copy(from, to, 100, NULL, &copied));
        CHECK_EQ(6, copied);
        CHECK_TEXT(to, "01abcdef89");
        rove_stream_free(from);
        rove_stream_free(to);
    }
}

static void slices_are_shared_between_ropes(void)
{
    static const uint8_t bytes[100000] = "abc";
    struct rove_span span = {bytes, sizeof bytes};
    struct rove_stream *from, *to = stream_of_text("");
    const uint8_t *ptr;
    size_t len;
    uint64_t copied;
    CHECK_OK(rove_stream_from_adopted(span, NULL, NULL, env.pool, &from));
    CHECK_OK(rove_stream_copy(from, to, UINT64_MAX, NULL, NULL));
    seek_to(to, 0);
    CHECK_OK(rove_stream_peek(to, &ptr, &len));
    CHECK(ptr == bytes);
    rove_stream_free(from);
    from = stream_of_text("x");
    CHECK_OK(rove_stream_resize(from, ROVE_LEN_MAX)); // what takes no memory takes none in the copy
    seek_to(to, 0);
    CHECK_OK(rove_stream_copy(from, to, ROVE_LEN_MAX - 1, NULL, &copied));
    CHECK_EQ(ROVE_LEN_MAX - 1, copied);
    rove_stream_free(from);
    rove_stream_free(to);
}

static void past_the_longest_stream_nothing_is_copied(void)
{
    struct rove_stream *from = stream_of_text("abc"), *to = stream_of_text("");
    uint64_t copied;
    seek_to(to, ROVE_LEN_MAX - 1);
    CHECK_IS(ROVE_E_RANGE, rove_stream_copy(from, to, 3, NULL, &copied));
    CHECK_EQ(0, copied);
    CHECK_AT(0, from);
    CHECK_OK(rove_stream_copy(from, to, 1, NULL, &copied));
    CHECK_AT(1, from);
    rove_stream_free(from);
    rove_stream_free(to);
}

// from where they lie -----------------------------------------------------------------------------

// A device that notes how many pieces it was given, and the longest.
struct longest {
    struct rove_stream *to;
    size_t len, cnt;
};

static enum rove_status take_note(void *ctx, const void *src, size_t len, size_t *len_out)
{
    struct longest *l = ctx;
    l->len = len > l->len ? len : l->len;
    l->cnt++;
    *len_out = len;
    return rove_stream_write(l->to, src, len);
}

// What a worker made of a part lies in one tray, and goes on from there: it is not cut to the room that a device gathers
// short writes in. Only the first of four parts begins there, before it is known how long they are.
static void what_workers_made_is_written_from_there(void)
{
    static const struct rove_io io = {.size = sizeof io, .write = take_note};
    struct rove_workers_opts opts = {.size = sizeof opts, .thread_cnt = 1};
    struct rove_limits limits = {.size = sizeof limits};
    struct rove_stream *coded = stream_of_text(""), *top, *from, *to;
    struct longest longest = {.to = stream_of_text("")};
    size_t len = env.chunk_len < 4096 ? amount_of(900000, 300000) : 900000;
    const uint8_t *ptr = noise(len);
    CHECK_OK(rove_workers_new(&opts, &limits.workers));
    CHECK_OK(rove_stream_encode(coded, "lz4:block=256K", NULL, &top, NULL));
    CHECK_OK(rove_stream_write(top, ptr, len));
    CHECK_OK(rove_stream_close(top));
    rove_stream_free(top);
    seek_to(coded, 0);
    CHECK_OK(rove_stream_decode(coded, "lz4", &limits, &from, NULL));
    CHECK_OK(rove_stream_from_io(&io, &longest, env.pool, &to));
    CHECK_OK(rove_stream_copy(from, to, UINT64_MAX, NULL, NULL));
    CHECK_OK(rove_stream_flush(to));
    CHECK(longest.len > 2 * env.chunk_len || env.chunk_len >= (128u << 10));
    CHECK(longest.cnt <= 6 || env.chunk_len < 4096 || env.chunk_len >= (128u << 10));
    CHECK_HOLDS(longest.to, ptr, len);
    rove_stream_free(from);
    rove_stream_free(to);
    rove_stream_free(longest.to);
    rove_stream_free(coded);
    rove_workers_unref(limits.workers);
}

// again -----------------------------------------------------------------------------------------

// Through two sockets that block, a little at a time, from a kind to another.
static void again_of_either_side_loses_nothing(void)
{
    size_t len = env.chunk_len < 4096 ? 6000 : 400000;
    const uint8_t *ptr = noise(len);
    for (unsigned a = 0; a < KINDS; a++) {
        int end[2];
        CHECK_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, end));
        struct rove_stream *from = source(a, ptr, len), *in, *out, *to = stream_of_text("");
        CHECK_OK(rove_stream_from_fd(end[0], ROVE_FD_CLOSE, env.pool, &out));
        CHECK_OK(rove_stream_from_fd(end[1], ROVE_FD_CLOSE, env.pool, &in));
        enum rove_status one = ROVE_E_AGAIN, two = ROVE_E_AGAIN;
        uint64_t sent = 0, came = 0, n;
        for (unsigned turn = 0; turn < 100000 && two == ROVE_E_AGAIN; turn++) {
            if (one == ROVE_E_AGAIN) {
                one = rove_stream_copy(from, out, UINT64_MAX, NULL, &n);
                sent += n;
            }
            if (one == ROVE_OK)
                one = rove_stream_close(out) == ROVE_OK ? ROVE_END : ROVE_OK;
            CHECK(one != ROVE_E_AGAIN || sent < len);
            two = rove_stream_copy(in, to, UINT64_MAX, NULL, &n);
            came += n;
        }
        CHECK_OK(two);
        CHECK(sent == len && came == len);
        CHECK_HOLDS(to, ptr, len);
        rove_stream_free(from);
        rove_stream_free(in);
        rove_stream_free(out);
        rove_stream_free(to);
    }
}

static void transfers_are_interrupted_short_and_fail(void)
{
    const uint8_t *ptr = noise(9000);
    struct rove_stream *from = source(FILE_KIND, ptr, 9000), *below, *to = sink(FILE_KIND, &below);
    uint64_t first, second;
    os_fault_noise(suite_seed());
    CHECK_OK(rove_stream_copy(from, to, 3000, NULL, NULL));
    os_fault_arm((struct os_plan){OS_WRITE, ENOSPC, 1, 1});
    enum rove_status status = rove_stream_copy(from, to, UINT64_MAX, NULL, &first);
    os_fault_off();
    CHECK(status == ROVE_E_IO || status == ROVE_OK); // it may all be gathered
    rove_stream_clear_error(to);
    CHECK_OK(rove_stream_copy(from, to, UINT64_MAX, NULL, &second));
    CHECK_EQ(6000, first + second);
    CHECK_HOLDS(to, ptr, 9000);
    rove_stream_free(from);
    from = source(FILE_KIND, ptr, 9000);
    os_fault_arm((struct os_plan){OS_READ, EIO, 2, 1});
    status = rove_stream_copy(from, to, UINT64_MAX, NULL, &first);
    os_fault_off();
    CHECK(status == ROVE_E_IO || first == 9000);
    rove_stream_clear_error(from);
    CHECK_OK(rove_stream_copy(from, to, UINT64_MAX, NULL, &second));
    CHECK_EQ(9000, first + second);
    rove_stream_free(from);
    rove_stream_free(to);
}

// progress --------------------------------------------------------------------------------------

struct seen {
    uint64_t last, calls;
    enum rove_status answer;
};

static enum rove_status note(void *ctx, uint64_t copied)
{
    struct seen *seen = ctx;
    CHECK(copied > seen->last);
    seen->last = copied;
    seen->calls++;
    return seen->answer;
}

static void progress_is_told_and_may_stop(void)
{
    size_t len = env.chunk_len < 4096 ? 3000 : 200000;
    const uint8_t *ptr = noise(len);
    struct rove_stream *below, *from = source(FILE_KIND, ptr, len), *to = sink(ROPE, &below);
    struct seen seen = {.answer = ROVE_E_DENIED};
    struct rove_progress progress = {note, &seen};
    uint64_t copied, rest;
    CHECK_IS(ROVE_E_DENIED, rove_stream_copy(from, to, UINT64_MAX, &progress, &copied));
    CHECK(copied == seen.last && seen.calls == 1);
    seen = (struct seen){.answer = ROVE_END};
    CHECK_IS(ROVE_E_STATE, rove_stream_copy(from, to, 1, &progress, &rest));
    seen = (struct seen){.answer = (enum rove_status) -77}; // no status at all
    CHECK_IS(ROVE_E_STATE, rove_stream_copy(from, to, 1, &progress, &rest));
    seen = (struct seen){.answer = ROVE_OK};
    CHECK_OK(rove_stream_copy(from, to, UINT64_MAX, &progress, &rest));
    CHECK_HOLDS(to, ptr, len);
    progress.step = NULL;
    CHECK_IS(ROVE_E_ARG, rove_stream_copy(from, to, 1, &progress, &rest));
    rove_stream_free(from);
    rove_stream_free(to);
}

// refused ---------------------------------------------------------------------------------------

static void a_stream_on_the_other_is_refused(void)
{
    struct rove_stream *s = stream_of_text("abcdef"), *on, *fd, *closed = stream_of_text("");
    uint64_t copied;
    CHECK_IS(ROVE_E_ARG, rove_stream_copy(s, s, 1, NULL, &copied));
    CHECK_OK(rove_stream_decode(s, "crc32", NULL, &on, NULL));
    CHECK_IS(ROVE_E_STATE, rove_stream_copy(on, s, UINT64_MAX, NULL, &copied));
    CHECK_EQ(0, copied);
    CHECK_TEXT(s, "abcdef");
    rove_stream_free(on);
    CHECK_OK(rove_stream_close(closed));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_copy(closed, s, 1, NULL, NULL));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_copy(s, closed, 1, NULL, NULL));
    CHECK_OK(rove_stream_from_fd(open("/dev/null", O_RDONLY), ROVE_FD_CLOSE, env.pool, &fd));
    CHECK_IS(ROVE_E_IO, rove_stream_copy(s, fd, UINT64_MAX, NULL, NULL) ? ROVE_E_IO : rove_stream_flush(fd));
    rove_stream_free(fd);
    rove_stream_free(s);
    rove_stream_free(closed);
}

static void a_closed_stream_is_refused_though_nothing_is_to_be_copied(void)
{
    for (int i = 0; i < 2; i++) {
        struct rove_stream *s[2] = {stream_of_text("abc"), stream_of_text("")};
        CHECK_OK(rove_stream_close(s[i]));
        CHECK_IS(ROVE_E_CLOSED, rove_stream_copy(s[0], s[1], 0, NULL, NULL));
        CHECK_IS(ROVE_E_CLOSED, rove_stream_copy(s[0], s[1], UINT64_MAX, NULL, NULL));
        rove_stream_free(s[0]);
        rove_stream_free(s[1]);
    }
}

// As a write does: else the next flush would try again what failed, and all would seem to be there.
static void a_copy_that_a_failure_refuses_is_remembered(void)
{
    static const enum kind kinds[] = {ROPE, FILE_KIND};
    for (size_t i = 0; i < 2 && env.chunk_len > 3; i++) { // else nothing is gathered
        struct rove_stream *to, *from = source(kinds[i], (const uint8_t *) "defgh", 5);
        char got[16];
        uint64_t copied;
        int fd = file_of("", 0);
        CHECK_OK(rove_stream_from_fd(fd, 0, env.pool, &to));
        CHECK_OK(rove_stream_write(to, "abc", 3));
        os_fault_arm((struct os_plan){OS_WRITE, ENOSPC, 1, 1});
        CHECK_IS(ROVE_E_IO, rove_stream_flush(to));
        os_fault_off();
        CHECK_IS(ROVE_E_IO, rove_stream_copy(from, to, UINT64_MAX, NULL, &copied));
        CHECK_EQ(0, copied);
        CHECK_IS(ROVE_E_IO, rove_stream_close(to));
        rove_stream_clear_error(to);
        CHECK_OK(rove_stream_copy(from, to, UINT64_MAX, NULL, &copied));
        CHECK_OK(rove_stream_close(to));
        CHECK_EQ(8, pread(fd, got, sizeof got, 0));
        CHECK(memcmp(got, "abcdefgh", 8) == 0);
        rove_stream_free(from);
        rove_stream_free(to);
        close(fd);
    }
}

static const struct suite_case cases[] = {
    SUITE_CASE(from_every_kind_to_every_other),
    SUITE_CASE(over_old_bytes),
    SUITE_CASE(slices_are_shared_between_ropes),
    SUITE_CASE(past_the_longest_stream_nothing_is_copied),
    SUITE_CASE(what_workers_made_is_written_from_there),
    SUITE_CASE(again_of_either_side_loses_nothing),
    SUITE_CASE(transfers_are_interrupted_short_and_fail),
    SUITE_CASE(progress_is_told_and_may_stop),
    SUITE_CASE(a_copy_that_a_failure_refuses_is_remembered),
    SUITE_CASE(a_closed_stream_is_refused_though_nothing_is_to_be_copied),
    SUITE_CASE(a_stream_on_the_other_is_refused),
};

int main(int argc, char **argv)
{
    struct suite suite = {"stream_copy", cases, sizeof cases / sizeof *cases, true};
    return suite_run(argc, argv, &suite);
}
