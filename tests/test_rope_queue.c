// SPDX-License-Identifier: MIT
// test_rope_queue.c: a rope as a queue: read from a descriptor, written to one, searched, taken from.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/edits.h"
#include "support/os_fault.h"
#include "support/shapes.h"
#include "support/suite.h"

// Two ends that do not block.
static void pair(int end[2])
{
    CHECK_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, end));
}

static void unpair(int end[2])
{
    close(end[0]);
    close(end[1]);
}

static struct rove_span text(const char *at)
{
    return (struct rove_span){(const uint8_t *) at, strlen(at)};
}

// Takes the first bytes of a twin, into buf.
static void twin_take(struct twin *twin, uint8_t *buf, size_t len)
{
    size_t got = 99, due = len < twin->model.len ? len : twin->model.len;
    CHECK_OK(rove_rope_take(&twin->rope, buf, len, &got));
    if (CHECK_EQ(due, got))
        CHECK(!due || memcmp(buf, twin->model.ptr, due) == 0);
    model_replace(&twin->model, 0, due, NULL, 0);
}

// read ------------------------------------------------------------------------------------------

// Reads a file, len at a time, behind what the twin holds.
static void read_file(struct twin *twin, const uint8_t *src, size_t len, size_t at_once)
{
    int fd = file_of(src, len);
    lseek(fd, 0, SEEK_SET);
    size_t got, sum = 0;
    enum rove_status status;
    while ((status = rove_rope_read_fd(&twin->rope, fd, at_once, &got)) == ROVE_OK) {
        CHECK(got > 0 && got <= at_once);
        sum += got;
    }
    CHECK_IS(ROVE_END, status);
    CHECK_EQ(0, got);
    CHECK_EQ(len, sum);
    model_replace(&twin->model, twin->model.len, 0, src, len);
    close(fd);
}

static void read_at_every_length(void)
{
    size_t lens[EDGE_LENS], cnt = edge_lens(lens);
    for (size_t i = 0; i < cnt; i++) {
        for (size_t before = 0; before < 3; before++) {
            struct twin twin;
            size_t len = lens[i] < 5000 ? 2 * lens[i] + 3 : lens[i] + 3;
            twin_init(&twin, env.pool);
            twin_append(&twin, before * (env.chunk_len / 2 + 1));
            read_file(&twin, noise(len), len, lens[i] ? lens[i] : 1);
            TWIN_CHECK(&twin);
            twin_fini(&twin);
        }
    }
}

static void one_call_fills_many_chunks(void)
{
    struct twin twin;
    size_t len = 16 * env.chunk_len, got;
    if (len > NOISE_LEN)
        len = NOISE_LEN;
    const uint8_t *src = noise(len);
    int fd = file_of(src, len);
    lseek(fd, 0, SEEK_SET);
    twin_init(&twin, env.pool);
    CHECK_OK(rove_rope_read_fd(&twin.rope, fd, len, &got));
    CHECK_EQ(len, got);
    model_replace(&twin.model, 0, 0, src, len);
    TWIN_CHECK(&twin);
    CHECK_IS(ROVE_END, rove_rope_read_fd(&twin.rope, fd, SIZE_MAX, NULL));
    TWIN_CHECK(&twin);
    twin_fini(&twin);
    close(fd);
}

static void again_and_the_end_change_nothing(void)
{
    struct twin twin;
    int end[2];
    size_t got = 9;
    pair(end);
    twin_init(&twin, env.pool);
    twin_append(&twin, 10);
    CHECK_IS(ROVE_E_AGAIN, rove_rope_read_fd(&twin.rope, end[0], 4096, &got));
    CHECK_EQ(0, got);
    TWIN_CHECK(&twin);
    CHECK_EQ(3, write(end[1], "abc", 3));
    CHECK_OK(rove_rope_read_fd(&twin.rope, end[0], 2, &got)); // no more than asked
    CHECK_EQ(2, got);
    CHECK_OK(rove_rope_read_fd(&twin.rope, end[0], 4096, NULL));
    model_replace(&twin.model, 10, 0, "abc", 3);
    TWIN_CHECK(&twin);
    CHECK_IS(ROVE_E_AGAIN, rove_rope_read_fd(&twin.rope, end[0], 4096, &got));
    CHECK_IS(ROVE_E_RANGE, rove_rope_commit(&twin.rope, 1)); // nobody was given the room
    shutdown(end[1], SHUT_WR);
    CHECK_IS(ROVE_END, rove_rope_read_fd(&twin.rope, end[0], 4096, &got));
    CHECK_IS(ROVE_E_RANGE, rove_rope_commit(&twin.rope, 1));
    TWIN_CHECK(&twin);
    CHECK_IS(ROVE_E_ARG, rove_rope_read_fd(&twin.rope, end[0], 0, &got));
    errno = 0;
    CHECK_IS(ROVE_E_IO, rove_rope_read_fd(&twin.rope, -1, 1, &got));
    CHECK_EQ(EBADF, errno);
    TWIN_CHECK(&twin);
    twin_fini(&twin);
    unpair(end);
}

// What a clone and a view show is not read into.
static void a_clone_keeps_its_bytes(void)
{
    struct twin twin, clone;
    struct rove_view view;
    const uint8_t *src = noise(700);
    twin_init(&twin, env.pool);
    twin_append(&twin, 333);
    CHECK_OK(rove_rope_view(&twin.rope, 0, 333, &view));
    read_file(&twin, src, 200, 77);
    twin_clone(&clone, &twin);
    read_file(&twin, src, 700, 333);
    read_file(&clone, src + 1, 600, 500);
    TWIN_CHECK(&twin);
    TWIN_CHECK(&clone);
    CHECK_VIEW(&view, twin.model.ptr, 333);
    rove_view_fini(&view);
    twin_fini(&clone);
    TWIN_CHECK(&twin);
    twin_fini(&twin);
}

static void the_longest_rope_reads_no_more(void)
{
    struct rove_rope rope;
    size_t got;
    uint8_t last[2];
    int fd = file_of("xyz", 3);
    lseek(fd, 0, SEEK_SET);
    rove_rope_init(&rope, env.pool);
    CHECK_OK(rove_rope_append_zeros(&rope, ROVE_LEN_MAX - 1));
    CHECK_OK(rove_rope_read_fd(&rope, fd, 100, &got));
    CHECK_EQ(1, got);
    CHECK_EQ(ROVE_LEN_MAX, rove_rope_len(&rope));
    CHECK_SOUND(&rope);
    CHECK_IS(ROVE_E_RANGE, rove_rope_read_fd(&rope, fd, 1, &got));
    CHECK_OK(rove_rope_read(&rope, ROVE_LEN_MAX - 2, last, 2, NULL));
    CHECK(last[0] == 0 && last[1] == 'x');
    rove_rope_fini(&rope);
    close(fd);
}

static void read_within_a_limit(void)
{
    struct rove_pool_opts opts = {.size = sizeof opts, .chunk_len = 4096, .memory_limit = 8 * 4096};
    struct rove_pool *pool;
    struct rove_rope rope;
    size_t got = 0;
    int fd = file_of(noise(60000), 60000);
    lseek(fd, 0, SEEK_SET);
    CHECK_OK(rove_pool_new(&opts, &pool));
    rove_rope_init(&rope, pool);
    enum rove_status status = rove_rope_read_fd(&rope, fd, 60000, &got);
    while (status == ROVE_OK) // as much as there is room for
        status = rove_rope_read_fd(&rope, fd, 60000, &got);
    CHECK_IS(ROVE_E_LIMIT, status);
    CHECK_SOUND(&rope);
    CHECK_EQ(rove_rope_len(&rope), lseek(fd, 0, SEEK_CUR)); // nothing was read and lost
    rove_rope_fini(&rope);
    rove_pool_unref(pool);
    close(fd);
}

// write -----------------------------------------------------------------------------------------

static void written_bytes_are_dropped(void)
{
    size_t lens[EDGE_LENS], cnt = edge_lens(lens);
    for (size_t i = 0; i < cnt; i++) {
        for (unsigned shared = 0; shared < 2; shared++) {
            struct twin twin, clone;
            uint64_t done, sum = 0;
            size_t len = lens[i];
            int fd = file_of("", 0);
            twin_init(&twin, env.pool);
            twin_grow(&twin, len);
            twin_clone(&clone, &twin);
            if (!shared)
                rove_rope_clear(&clone.rope);
            while (rove_rope_len(&twin.rope)) {
                CHECK_OK(rove_rope_write_fd(&twin.rope, fd, len / 3 + 1, &done));
                CHECK(done > 0 && done <= len / 3 + 1);
                sum += done;
                CHECK_EQ(len - sum, rove_rope_len(&twin.rope));
                CHECK_SOUND(&twin.rope);
            }
            uint8_t *got = malloc(len + 1);
            if (CHECK_EQ(len, pread(fd, got, len + 1, 0)))
                CHECK(!len || memcmp(got, twin.model.ptr, len) == 0);
            free(got);
            if (shared)
                TWIN_CHECK(&clone);
            CHECK_OK(rove_rope_write_fd(&twin.rope, -1, UINT64_MAX, &done)); // nothing to write
            CHECK_EQ(0, done);
            model_replace(&twin.model, 0, len, NULL, 0);
            twin_append(&twin, 3);
            TWIN_CHECK(&twin);
            twin_fini(&clone);
            twin_fini(&twin);
            close(fd);
        }
    }
}

static void a_full_socket_keeps_the_rest(void)
{
    struct twin twin;
    int end[2];
    uint64_t done;
    pair(end);
    twin_init(&twin, env.pool);
    size_t sum = 0, len = env.chunk_len < 16 ? 1u << 17 : 1u << 20;
    twin_grow(&twin, len);
    enum rove_status status;
    do {
        status = rove_rope_write_fd(&twin.rope, end[0], UINT64_MAX, &done);
        sum += done;
    } while (status == ROVE_OK && done);
    CHECK_IS(ROVE_E_AGAIN, status);
    CHECK_EQ(0, done);
    CHECK(sum > 0 && sum < len);
    uint8_t *got = malloc(sum + 1);
    CHECK_EQ(sum, recv(end[1], got, sum + 1, MSG_WAITALL));
    CHECK(memcmp(got, twin.model.ptr, sum) == 0);
    free(got);
    model_replace(&twin.model, 0, sum, NULL, 0);
    TWIN_CHECK(&twin);
    twin_fini(&twin);
    unpair(end);
}

static void transfers_are_interrupted_short_and_fail(void)
{
    struct twin twin;
    uint64_t done;
    size_t got;
    const uint8_t *src = noise(3000);
    int fd = file_of(src, 3000);
    lseek(fd, 0, SEEK_SET);
    twin_init(&twin, env.pool);
    os_fault_noise(suite_seed());
    read_file(&twin, noise(3000), 3000, 1000);
    TWIN_CHECK(&twin);
    os_fault_arm((struct os_plan){OS_READV, EINTR, 1, 3});
    CHECK_OK(rove_rope_read_fd(&twin.rope, fd, 1, &got));
    CHECK_EQ(4, os_fault_calls(OS_READV));
    os_fault_arm((struct os_plan){OS_READV, EIO, 1, 1});
    CHECK_IS(ROVE_E_IO, rove_rope_read_fd(&twin.rope, fd, 1, &got));
    CHECK_EQ(EIO, errno);
    model_replace(&twin.model, 3000, 0, src, 1);
    TWIN_CHECK(&twin);
    os_fault_arm((struct os_plan){OS_WRITEV, EPIPE, 1, 1});
    CHECK_IS(ROVE_E_IO, rove_rope_write_fd(&twin.rope, fd, 10, &done));
    CHECK_EQ(EPIPE, errno);
    os_fault_arm((struct os_plan){OS_WRITEV, OS_NOTHING, 1, 1});
    CHECK_IS(ROVE_E_IO, rove_rope_write_fd(&twin.rope, fd, 10, &done));
    TWIN_CHECK(&twin);
    os_fault_arm((struct os_plan){OS_WRITEV, EINTR, 1, 3});
    CHECK_OK(rove_rope_write_fd(&twin.rope, fd, 1, &done));
    CHECK_EQ(1, done);
    os_fault_arm((struct os_plan){OS_WRITEV, OS_SHORT, 1, 1});
    CHECK_OK(rove_rope_write_fd(&twin.rope, fd, 10, &done));
    CHECK_EQ(1, done);
    os_fault_off();
    model_replace(&twin.model, 0, 2, NULL, 0);
    TWIN_CHECK(&twin);
    twin_fini(&twin);
    close(fd);
}

// find and take ---------------------------------------------------------------------------------

static void taken_from_the_front(void)
{
    struct twin twin;
    uint8_t buf[600];
    size_t got = 9;
    twin_init(&twin, env.pool);
    CHECK_OK(rove_rope_take(&twin.rope, buf, sizeof buf, &got));
    CHECK_EQ(0, got);
    struct rng rng = rng_from(suite_seed());
    for (unsigned i = 0; i < 300; i++) {
        twin_append(&twin, rng_below(&rng, 600));
        twin_take(&twin, buf, rng_below(&rng, 601));
        if (i % 16 == 0)
            TWIN_CHECK(&twin);
    }
    TWIN_CHECK(&twin);
    CHECK_OK(rove_rope_take(&twin.rope, NULL, 0, NULL));
    twin_fini(&twin);
}

// Pieces of a chunk, of one byte less and one more, some of which a clone sees, and where memory may be refused.
static void whole_chunks_come_and_go(void)
{
    struct rng rng = rng_from(suite_seed());
    uint8_t *buf = calloc(4, env.chunk_len); // two of one byte more, which may be two
    struct twin twin, clone;
    twin_init(&twin, env.pool);
    twin_clone(&clone, &twin);
    for (unsigned i = 0; i < 400; i++) {
        size_t len = rng_below(&rng, 4) ? env.chunk_len : env.chunk_len - 1 + 2 * rng_below(&rng, 2);
        if (rng_below(&rng, 8) == 0)
            len *= 2;
        bool grows = twin.model.len < 3 * env.chunk_len || rng_below(&rng, 2);
        if (grows && twin.model.len < 40 * env.chunk_len)
            twin_append(&twin, len);
        else
            twin_take(&twin, buf, len);
        if (rng_below(&rng, 16) == 0) {
            twin_fini(&clone);
            twin_clone(&clone, &twin);
        }
        if (i % 16 == 0) {
            TWIN_CHECK(&twin);
            TWIN_CHECK(&clone);
        }
    }
    TWIN_CHECK(&twin);
    TWIN_CHECK(&clone);
    twin_fini(&clone);
    while (twin.model.len)
        twin_take(&twin, buf, env.chunk_len);
    TWIN_CHECK(&twin);
    twin_fini(&twin);
    free(buf);
}

// Small ones out of one long chunk, and out of a caller's memory: with no debt, below one, and when one is paid.
static void taken_small_and_large(void)
{
    for (size_t each = 1; each < 3000; each = 3 * each + 1) {
        struct twin twin;
        uint8_t buf[3000];
        twin_init(&twin, env.pool);
        twin_append(&twin, 2 * env.chunk_len + 5);
        const uint8_t *lent = noise(6000);
        CHECK_OK(rove_rope_append_adopt(&twin.rope, lent, 6000, NULL, NULL));
        model_replace(&twin.model, twin.model.len, 0, lent, 6000);
        twin_append(&twin, env.chunk_len + 700);
        for (size_t i = 0; twin.model.len; i++) {
            size_t len = each > 20 || twin.model.len < 100 ? each : 20 * each; // not a byte at a time
            if (i % 3 == 2)
                twin_erase(&twin, 0, len < twin.model.len ? len : twin.model.len);
            else
                twin_take(&twin, buf, len);
            if (i % 16 == 0)
                CHECK_SOUND(&twin.rope);
        }
        TWIN_CHECK(&twin);
        twin_fini(&twin);
    }
}

static void found_where_a_view_finds_it(void)
{
    struct rove_rope rope;
    uint64_t at = 9;
    rove_rope_init(&rope, env.pool);
    CHECK_IS(ROVE_END, rove_rope_find(&rope, 0, "\r\n", 2, &at));
    CHECK_OK(rove_rope_find(&rope, 0, NULL, 0, &at));
    CHECK_EQ(0, at);
    CHECK_OK(rove_rope_append(&rope, "one\rtwo\r\nthree\r\n", 16));
    CHECK_OK(rove_rope_find(&rope, 0, "\r\n", 2, &at));
    CHECK_EQ(7, at);
    CHECK_OK(rove_rope_find(&rope, 8, "\r\n", 2, &at));
    CHECK_EQ(14, at);
    CHECK_IS(ROVE_END, rove_rope_find(&rope, 15, "\r\n", 2, &at));
    CHECK_IS(ROVE_E_RANGE, rove_rope_find(&rope, 17, "\n", 1, &at));
    CHECK_OK(rove_rope_append(&rope, "!", 1)); // nothing was pinned: the tail is still the rope's
    CHECK_SOUND(&rope);
    rove_rope_fini(&rope);
}

static void lines_are_taken_when_they_are_whole(void)
{
    struct rove_rope rope;
    char buf[64];
    size_t got = 9;
    struct rove_span crlf = text("\r\n");
    rove_rope_init(&rope, env.pool);
    CHECK_OK(rove_rope_append(&rope, "GET /\r\nHo", 9));
    CHECK_OK(rove_rope_take_until(&rope, crlf, buf, sizeof buf, &got));
    CHECK(got == 7 && memcmp(buf, "GET /\r\n", 7) == 0);
    CHECK_IS(ROVE_END, rove_rope_take_until(&rope, crlf, buf, sizeof buf, &got));
    CHECK_EQ(0, got);
    CHECK_BYTES(&rope, "Ho", 2);
    CHECK_OK(rove_rope_append(&rope, "st: x\r", 6));
    CHECK_IS(ROVE_END, rove_rope_take_until(&rope, crlf, buf, sizeof buf, &got));
    CHECK_OK(rove_rope_append(&rope, "\n\r\nbody", 7));
    CHECK_OK(rove_rope_take_until(&rope, crlf, buf, sizeof buf, &got));
    CHECK(got == 9 && memcmp(buf, "Host: x\r\n", 9) == 0);
    CHECK_OK(rove_rope_take_until(&rope, crlf, buf, sizeof buf, &got));
    CHECK_EQ(2, got);
    CHECK_BYTES(&rope, "body", 4);
    rove_rope_fini(&rope);
}

static void a_line_too_long_comes_in_parts(void)
{
    struct rove_rope rope;
    char buf[8];
    size_t got;
    uint8_t many[65] = {0};
    rove_rope_init(&rope, env.pool);
    CHECK_OK(rove_rope_append(&rope, "0123456789\n", 11));
    CHECK_OK(rove_rope_take_until(&rope, text("\n"), buf, 8, &got));
    CHECK(got == 8 && memcmp(buf, "01234567", 8) == 0);
    CHECK_OK(rove_rope_take_until(&rope, text("\n"), buf, 3, &got)); // max is where it ends
    CHECK(got == 3 && memcmp(buf, "89\n", 3) == 0);
    CHECK_OK(rove_rope_take_until(&rope, text("\n"), buf, 0, &got));
    CHECK_EQ(0, got);
    CHECK_IS(ROVE_E_ARG, rove_rope_take_until(&rope, text(""), buf, 8, &got));
    CHECK_IS(ROVE_E_ARG, rove_rope_take_until(&rope, (struct rove_span){many, 65}, buf, 8, &got));
    CHECK_EQ(0, rove_rope_len(&rope));
    rove_rope_fini(&rope);
}

// A server's two queues, at random, against flat memory.
static void messages_through_a_socket(void)
{
    struct twin out;
    struct rove_rope in;
    int end[2];
    uint8_t buf[2000];
    struct rng rng = rng_from(suite_seed());
    pair(end);
    twin_init(&out, env.pool);
    rove_rope_init(&in, env.pool);
    for (uint64_t i = suite_scaled(200); i; i--) {
        uint64_t done = 0;
        size_t got;
        twin_append(&out, rng_below(&rng, 1500));
        enum rove_status status = rove_rope_write_fd(&out.rope, end[0], 1 + rng_below(&rng, 3000), &done);
        CHECK(status == ROVE_OK || status == ROVE_E_AGAIN);
        status = rove_rope_read_fd(&in, end[1], 1 + rng_below(&rng, 4000), NULL);
        CHECK(status == ROVE_OK || status == ROVE_E_AGAIN);
        CHECK_OK(rove_rope_take(&in, buf, rng_below(&rng, sizeof buf), &got));
        CHECK(!got || memcmp(buf, out.model.ptr, got) == 0);
        model_replace(&out.model, 0, got, NULL, 0); // the model is of all that is under way
    }
    CHECK_SOUND(&in);
    CHECK_SOUND(&out.rope);
    rove_rope_fini(&in);
    twin_fini(&out);
    unpair(end);
}

// The first bytes go, unseen or taken.
static void lose(struct twin *twin, size_t del, bool taken)
{
    static uint8_t buf[NOISE_LEN];
    if (taken)
        twin_take(twin, buf, del);
    else
        twin_erase(twin, 0, del);
}

// The front goes at every border: of the first slice, of the tree, of the tail; where views and clones hold it, too.
static void the_front_goes_at_every_border(void)
{
    size_t lens[EDGE_LENS], cnt = edge_lens(lens);
    for (size_t i = 0; i < cnt; i++) {
        for (size_t first = lens[i] > 2 ? lens[i] - 2 : 1; first <= lens[i] + 2; first++) {
            for (unsigned way = 0; way < 8; way++) {
                struct twin twin, clone;
                struct rove_view view;
                uint8_t seen = 0;
                unsigned how = way % 4;
                bool taken = way >= 4;
                twin_init(&twin, env.pool);
                twin_append(&twin, lens[i]);
                twin_append(&twin, 2 * env.chunk_len + 9);
                twin_append(&twin, 5);
                seen = twin.model.ptr[0];
                if (how == 1)
                    CHECK_OK(rove_rope_view(&twin.rope, 0, 1, &view));
                if (how == 2)
                    twin_clone(&clone, &twin);
                if (how == 3) // an edit has left the first slice without its grid
                    twin_erase(&twin, env.chunk_len / 2 + first, 2);
                size_t del = first < twin.model.len ? first : twin.model.len;
                lose(&twin, del, taken);
                TWIN_CHECK(&twin);
                lose(&twin, twin.model.len > 1, taken);
                TWIN_CHECK(&twin);
                twin_append(&twin, 3);
                lose(&twin, twin.model.len - 1, taken);
                TWIN_CHECK(&twin);
                lose(&twin, 1, taken);
                twin_append(&twin, 3);
                TWIN_CHECK(&twin);
                if (how == 1) {
                    CHECK_VIEW(&view, &seen, 1);
                    rove_view_fini(&view);
                }
                if (how == 2) {
                    TWIN_CHECK(&clone);
                    twin_fini(&clone);
                }
                twin_fini(&twin);
            }
        }
    }
}

// A tail of few bytes moves to a larger chunk for what is appended, whatever else hangs on it.
static void a_short_tail_moves_along(void)
{
    static const size_t lens[] = {1, 64, 65, 127, 128, 129, 256, 257, 511, 512, 513, 1023, 1024, 1025};
    enum { ALONE, SEEN, CLONED, EMPTIED, SHORTENED, OWN_BYTES, WAYS, LENS = sizeof lens / sizeof *lens };
    for (size_t at = 0; at < LENS * LENS * WAYS; at++) {
        size_t len = lens[at / WAYS % LENS], next = lens[at / WAYS / LENS];
        size_t how = at % WAYS;
        struct twin twin, clone;
        struct rove_view view;
        const uint8_t *own;
        twin_init(&twin, env.pool);
        twin_append(&twin, len);
        if (how == SEEN)
            CHECK_OK(rove_rope_view(&twin.rope, 0, len, &view));
        if (how == CLONED)
            twin_clone(&clone, &twin);
        if (how == EMPTIED || how == SHORTENED)
            twin_erase(&twin, 0, how == EMPTIED ? len : len / 2);
        if (how == OWN_BYTES && next <= len) {
            CHECK_OK(rove_rope_flatten(&twin.rope, &own));
            CHECK_OK(rove_rope_append(&twin.rope, own + (len - next), next));
            model_replace(&twin.model, len, 0, twin.model.ptr + (len - next), next);
        } else {
            twin_append(&twin, next);
        }
        TWIN_CHECK(&twin);
        twin_append(&twin, 3);
        TWIN_CHECK(&twin);
        if (how == SEEN) {
            CHECK_VIEW(&view, twin.model.ptr, len);
            rove_view_fini(&view);
        }
        if (how == CLONED) {
            twin_append(&clone, next);
            TWIN_CHECK(&clone);
            twin_fini(&clone);
        }
        twin_fini(&twin);
    }
}

static void nothing_has_no_front(void)
{
    struct rove_rope rope;
    memset(&rope, 0, sizeof rope);
    CHECK_OK(rove_rope_erase(&rope, 0, 0));
    CHECK_IS(ROVE_E_RANGE, rove_rope_erase(&rope, 0, 1));
    rove_rope_init(&rope, env.pool);
    CHECK_OK(rove_rope_erase(&rope, 0, 0));
    CHECK_IS(ROVE_E_RANGE, rove_rope_erase(&rope, 0, 1));
    CHECK_OK(rove_rope_append(&rope, "abc", 3));
    CHECK_IS(ROVE_E_RANGE, rove_rope_erase(&rope, 0, 4));
    CHECK_IS(ROVE_E_RANGE, rove_rope_erase(&rope, 0, UINT64_MAX));
    CHECK_OK(rove_rope_erase(&rope, 0, 3));
    CHECK_IS(ROVE_E_RANGE, rove_rope_erase(&rope, 0, 1));
    rove_rope_fini(&rope);
}

static const struct suite_case cases[] = {
    SUITE_CASE(the_front_goes_at_every_border),
    SUITE_CASE(a_short_tail_moves_along),
    SUITE_CASE(nothing_has_no_front),
    SUITE_CASE(read_at_every_length),
    SUITE_CASE(one_call_fills_many_chunks),
    SUITE_CASE(again_and_the_end_change_nothing),
    SUITE_CASE(a_clone_keeps_its_bytes),
    SUITE_CASE(the_longest_rope_reads_no_more),
    SUITE_CASE(read_within_a_limit),
    SUITE_CASE(written_bytes_are_dropped),
    SUITE_CASE(a_full_socket_keeps_the_rest),
    SUITE_CASE(transfers_are_interrupted_short_and_fail),
    SUITE_CASE(taken_from_the_front),
    SUITE_CASE(whole_chunks_come_and_go),
    SUITE_CASE(taken_small_and_large),
    SUITE_CASE(found_where_a_view_finds_it),
    SUITE_CASE(lines_are_taken_when_they_are_whole),
    SUITE_CASE(a_line_too_long_comes_in_parts),
    SUITE_CASE(messages_through_a_socket),
};

int main(int argc, char **argv)
{
    struct suite suite = {"rope_queue", cases, sizeof cases / sizeof *cases, true};
    return suite_run(argc, argv, &suite);
}
