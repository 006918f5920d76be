// SPDX-License-Identifier: MIT
// test_device_io.c: streams over a caller's functions: what they are asked, and may answer.
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "stream_kit.h"
#include "support/model.h"

// A device that acts as its script says: a digit moves so many bytes, A would block, E fails with
// EIO, ! claims a byte too many, 0 claims none, . is the end. After the script all goes well.
struct gadget {
    const char *reads, *writes;
    const char *in;       // what is read
    char out[4096];       // what was written
    size_t in_at, out_at; // positions
    size_t read_cnt, write_cnt, seek_cnt, flush_cnt, close_cnt;
    const void *last_ptr;
    size_t last_len;
};

static enum rove_status act(const char **script, size_t most, size_t len, size_t *n_out)
{
    char step = **script;
    if (step)
        ++*script;
    *n_out = step >= '0' && step <= '9' ? (size_t) (step - '0') : most;
    if (*n_out > most)
        *n_out = most;
    if (step && strchr("AED.", step))
        *n_out = 0;
    switch (step) {
    case 'A':
        return ROVE_E_AGAIN;
    case 'E':
        errno = EIO;
        return ROVE_E_IO;
    case 'D':
        return ROVE_E_DATA;
    case '.':
        return ROVE_END;
    case '!':
        *n_out = len + 1;
        return ROVE_OK;
    default:
        return ROVE_OK;
    }
}

static enum rove_status gadget_read(void *ctx, void *buf, size_t len, size_t *len_out)
{
    struct gadget *g = ctx;
    size_t rest = strlen(g->in + g->in_at), most = len < rest ? len : rest;
    g->read_cnt++;
    g->last_ptr = buf;
    g->last_len = len;
    enum rove_status status = act(&g->reads, most, len, len_out);
    if (status || *len_out > len)
        return status;
    memcpy(buf, g->in + g->in_at, *len_out);
    g->in_at += *len_out;
    return !rest && !*len_out ? ROVE_END : ROVE_OK;
}

static enum rove_status gadget_write(void *ctx, const void *src, size_t len, size_t *len_out)
{
    struct gadget *g = ctx;
    g->write_cnt++;
    g->last_ptr = src;
    g->last_len = len;
    enum rove_status status = act(&g->writes, len, len, len_out);
    if (status || *len_out > len)
        return status;
    memcpy(g->out + g->out_at, src, *len_out);
    g->out_at += *len_out;
    return ROVE_OK;
}

static enum rove_status gadget_seek(void *ctx, uint64_t pos)
{
    struct gadget *g = ctx;
    g->seek_cnt++;
    g->in_at = g->out_at = (size_t) pos;
    return ROVE_OK;
}

static enum rove_status gadget_tell(void *ctx, uint64_t *pos_out)
{
    struct gadget *g = ctx;
    *pos_out = g->in_at;
    return ROVE_OK;
}

static enum rove_status gadget_no_tell(void *ctx, uint64_t *pos_out)
{
    (void) ctx;
    *pos_out = 0;
    errno = EIO;
    return ROVE_E_IO;
}

static enum rove_status gadget_resize(void *ctx, uint64_t len)
{
    struct gadget *g = ctx;
    g->out_at = (size_t) len;
    return ROVE_OK;
}

static enum rove_status gadget_flush(void *ctx)
{
    ((struct gadget *) ctx)->flush_cnt++;
    return ROVE_OK;
}

static enum rove_status gadget_close(void *ctx)
{
    ((struct gadget *) ctx)->close_cnt++;
    return ROVE_OK;
}

// A device without a position.
static const struct rove_io both_ways = {.size = sizeof both_ways,
                                         .read = gadget_read,
                                         .write = gadget_write,
                                         .flush = gadget_flush,
                                         .close = gadget_close};

// Moves by itself before it fails.
static enum rove_status stray_read(void *ctx, void *buf, size_t len, size_t *len_out)
{
    struct gadget *g = ctx;
    enum rove_status status = gadget_read(ctx, buf, len, len_out);
    g->in_at += status < 0 ? 3 : 0;
    return status;
}

static enum rove_status stray_write(void *ctx, const void *src, size_t len, size_t *len_out)
{
    struct gadget *g = ctx;
    enum rove_status status = gadget_write(ctx, src, len, len_out);
    g->out_at += status < 0 ? 3 : 0;
    return status;
}

static struct rove_stream *over(const struct rove_io *io, struct gadget *g)
{
    struct rove_stream *s = NULL;
    g->reads = g->reads ? g->reads : "";
    g->writes = g->writes ? g->writes : "";
    g->in = g->in ? g->in : "";
    CHECK_OK(rove_stream_from_io(io, g, env.pool, &s));
    return s;
}

static enum rove_status push(struct rove_stream *s, const char *text)
{
    enum rove_status status = rove_stream_write(s, text, strlen(text));
    return status ? status : rove_stream_flush(s);
}

// making ----------------------------------------------------------------------------------------

static void tell_is_asked_once_where_there_is_one(void)
{
    struct gadget g = {.in = "0123456789", .in_at = 4};
    struct rove_io io = both_ways;
    char buf[4] = "";
    io.seek = gadget_seek;
    io.tell = gadget_tell;
    struct rove_stream *s = over(&io, &g);
    CHECK_AT(4, s);
    CHECK_OK(rove_stream_read(s, buf, 1, NULL));
    CHECK_EQ('4', buf[0]);
    CHECK_EQ(0, g.seek_cnt); // it stood there already
    seek_to(s, 2);
    CHECK_OK(rove_stream_read(s, buf, 2, NULL));
    CHECK(memcmp(buf, "23", 2) == 0);
    rove_stream_free(s);
    CHECK_EQ(1, g.close_cnt);
    struct gadget at_0 = {.in = "ab"};
    io.tell = NULL;
    s = over(&io, &at_0);
    CHECK_AT(0, s);
    rove_stream_free(s);
}

static void a_device_that_cannot_be_is_refused_and_closed(void)
{
    struct gadget g = {.in = ""};
    struct rove_stream *s = (void *) &g;
    struct rove_io io = {.size = sizeof io, .close = gadget_close};
    CHECK_IS(ROVE_E_ARG, rove_stream_from_io(&io, &g, env.pool, &s)); // neither reads nor writes
    CHECK(s == NULL && g.close_cnt == 1);
    io = both_ways;
    io.seek = gadget_seek;
    io.tell = gadget_no_tell;
    CHECK_IS(ROVE_E_IO, rove_stream_from_io(&io, &g, env.pool, &s));
    CHECK(s == NULL && g.close_cnt == 2);
    io.size = sizeof(size_t);
    CHECK_IS(ROVE_E_ABI, rove_stream_from_io(&io, &g, env.pool, &s));
    io.size = 0;
    CHECK_IS(ROVE_E_ABI, rove_stream_from_io(&io, &g, env.pool, &s));
    CHECK(s == NULL);
}

static void shorter_and_longer_tables_of_other_versions(void)
{
    struct {
        struct rove_io io;
        void *newer[4];
    } longer = {both_ways, {(void *) &longer}};
    struct gadget g = {.in = "abc"}, h = {.in = "abc"};
    struct rove_io shorter = both_ways;
    uint8_t byte = 0;
    longer.io.size = sizeof longer;
    struct rove_stream *s = over(&longer.io, &g);
    CHECK_OK(rove_stream_read(s, &byte, 1, NULL));
    CHECK_EQ('a', byte);
    rove_stream_free(s);
    CHECK_EQ(1, g.close_cnt);
    shorter.size = offsetof(struct rove_io, flush); // no flush and close, whatever lies there
    s = over(&shorter, &h);
    CHECK_OK(push(s, "x"));
    rove_stream_free(s);
    CHECK(h.out[0] == 'x' && !h.flush_cnt && !h.close_cnt);
}

static void missing_functions_are_unsupported(void)
{
    struct gadget g = {.in = "abc"};
    struct rove_io only_read = {.size = sizeof only_read, .read = gadget_read};
    struct rove_io only_write = {.size = sizeof only_write, .write = gadget_write};
    struct rove_stream *in = over(&only_read, &g), *out = over(&only_write, &g);
    uint8_t *room, byte = 0;
    uint64_t len;
    size_t n;
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_write(in, "x", 1));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_write(in, noise(100000), 100000));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_reserve(in, 1, &room, &n));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_printf(in, "x"));
    CHECK_OK(rove_stream_flush(in));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_read(out, &byte, 1, NULL));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_seek(out, 0, ROVE_CUR, NULL));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_size(out, &len));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_resize(out, 0));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_truncate(out, 0));
    CHECK_OK(rove_stream_error(in));
    CHECK_OK(rove_stream_error(out));
    CHECK_OK(rove_stream_read(in, &byte, 1, NULL));
    CHECK_EQ('a', byte);
    rove_stream_free(in);
    rove_stream_free(out);
    CHECK_EQ(0, g.write_cnt);
}

static void resize_needs_no_length(void)
{
    struct gadget g = {.in = ""};
    struct rove_io io = both_ways;
    io.resize = gadget_resize;
    struct rove_stream *s = over(&io, &g);
    CHECK_OK(rove_stream_resize(s, 7));
    CHECK_EQ(7, g.out_at);
    CHECK_IS(ROVE_E_RANGE, rove_stream_resize(s, ROVE_LEN_MAX + 1));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_truncate(s, 0));
    rove_stream_free(s);
}

static void no_device_is_written_beyond_2_to_the_63(void)
{
    struct gadget g = {.in = ""};
    struct rove_io io = both_ways;
    io.seek = gadget_seek;
    struct rove_stream *s = over(&io, &g);
    seek_to(s, ROVE_LEN_MAX - 1);
    CHECK_IS(ROVE_E_RANGE, rove_stream_write(s, "xy", 2));
    CHECK_IS(ROVE_E_RANGE, rove_stream_printf(s, "xy"));
    CHECK_IS(ROVE_E_RANGE, rove_stream_pwrite(s, ROVE_LEN_MAX, "x", 1));
    CHECK_AT(ROVE_LEN_MAX - 1, s);
    CHECK_OK(rove_stream_error(s));
    rove_stream_free(s);
    CHECK_EQ(0, g.write_cnt);
}

static enum rove_status anywhere(void *ctx, uint64_t pos)
{
    (void) ctx;
    (void) pos;
    return ROVE_OK;
}

// Nor through a window that was opened before.
static void no_window_reaches_beyond_2_to_the_63(void)
{
    struct gadget g = {.in = ""};
    struct rove_io io = both_ways;
    io.seek = anywhere;
    struct rove_stream *s = over(&io, &g);
    uint8_t *ptr;
    size_t n;
    seek_to(s, ROVE_LEN_MAX - 3);
    CHECK_OK(rove_stream_write(s, "x", 1));
    CHECK_IS(ROVE_E_RANGE, rove_stream_write(s, "xyz", 3));
    CHECK_AT(ROVE_LEN_MAX - 2, s);
    CHECK_OK(rove_stream_reserve(s, 10, &ptr, &n));
    CHECK_EQ(env.chunk_len < 2 ? env.chunk_len : 2, n);
    CHECK_IS(ROVE_E_RANGE, rove_stream_commit(s, 3));
    CHECK_OK(rove_stream_write(s, "yz", 2));
    CHECK_AT(ROVE_LEN_MAX, s);
    CHECK_IS(ROVE_E_RANGE, rove_stream_write(s, "x", 1));
    CHECK_IS(ROVE_E_RANGE, rove_stream_reserve(s, 1, &ptr, &n));
    CHECK(!ptr && !n);
    CHECK_OK(rove_stream_error(s));
    rove_stream_free(s);
}

// buffers ---------------------------------------------------------------------------------------

static void small_transfers_are_gathered(void)
{
    struct gadget g = {.in = "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrst"};
    struct rove_stream *s = over(&both_ways, &g);
    struct iovec iov[2] = {{(void *) (uintptr_t) "a", 1}, {(void *) (uintptr_t) "b", 1}};
    char byte;
    for (int i = 0; i < 16; i++) {
        CHECK_OK(rove_stream_write(s, "xy", 2));
        CHECK_OK(rove_stream_writev(s, iov, 2));
    }
    CHECK_OK(rove_stream_flush(s));
    CHECK_EQ(64, g.out_at);
    for (size_t i = 0; i < 64; i++)
        CHECK_EQ("xyab"[i % 4], g.out[i]);
    for (int i = 0; i < 64; i++)
        CHECK_OK(rove_stream_read(s, &byte, 1, NULL));
    size_t due = (64 + env.chunk_len - 1) / env.chunk_len;
    CHECK(g.write_cnt <= 2 * due);
    CHECK(g.read_cnt <= due);
    CHECK_EQ(1, g.flush_cnt);
    rove_stream_free(s);
}

static void large_transfers_go_straight(void)
{
    struct gadget g = {.in = ""};
    size_t len = env.chunk_len < 4000 ? env.chunk_len : 4000;
    char *in = malloc(env.chunk_len + 1), *buf = malloc(env.chunk_len);
    memset(in, 'i', env.chunk_len);
    in[env.chunk_len] = 0;
    g.in = in;
    struct rove_stream *s = over(&both_ways, &g);
    CHECK_OK(rove_stream_read(s, buf, env.chunk_len, NULL));
    CHECK(g.last_ptr == buf && g.last_len == env.chunk_len && g.read_cnt == 1);
    if (len == env.chunk_len) {
        CHECK_OK(rove_stream_write(s, buf, len));
        CHECK(g.last_ptr == buf && g.last_len == len && g.write_cnt == 1);
        CHECK_OK(rove_stream_flush(s));
        CHECK_EQ(1, g.write_cnt);
    }
    rove_stream_free(s);
    free(in);
    free(buf);
}

// And the window that is open stays.
static void a_read_at_an_offset_asks_for_its_bytes_alone(void)
{
    struct gadget g = {.in = "0123456789", .reads = "9"};
    struct rove_io io = both_ways;
    char buf[8] = "";
    size_t n, reads;
    io.seek = gadget_seek;
    struct rove_stream *s = over(&io, &g);
    CHECK_OK(rove_stream_read(s, buf, 1, NULL));
    size_t shown = (size_t) (s->rend - s->cur);
    reads = g.read_cnt;
    g.reads = "12";
    CHECK_OK(rove_stream_pread(s, 4, buf, 3, &n)); // in two pieces
    CHECK(n == 3 && memcmp(buf, "456", 3) == 0 && g.read_cnt == reads + 2 && g.last_len == 2);
    CHECK_EQ(shown, s->rend - s->cur);
    CHECK_IS(ROVE_END, rove_stream_pread(s, 8, buf, 5, &n));
    CHECK(n == 2 && memcmp(buf, "89", 2) == 0);
    g.reads = "1A";
    CHECK_IS(ROVE_E_AGAIN, rove_stream_pread(s, 2, buf, 3, &n));
    CHECK(n == 1 && buf[0] == '2');
    CHECK_OK(rove_stream_read(s, buf, 5, &n));
    CHECK(n == 5 && memcmp(buf, "12345", 5) == 0);
    rove_stream_free(s);
}

static void order_is_kept_between_small_and_large(void)
{
    struct gadget g = {.in = ""};
    struct rove_stream *s = over(&both_ways, &g);
    char due[4096];
    size_t len = 0;
    for (size_t i = 0; len < 3000; i++) {
        size_t n = i % 3 ? 1 + i % 7 : 200 + i % 50;
        memset(due + len, (int) ('a' + i % 26), n);
        CHECK_OK(rove_stream_write(s, due + len, n));
        len += n;
    }
    CHECK_OK(rove_stream_close(s));
    CHECK_EQ(len, g.out_at);
    CHECK(memcmp(g.out, due, len) == 0);
    rove_stream_free(s);
}

// answers ---------------------------------------------------------------------------------------

static void what_came_before_a_failure_is_delivered(void)
{
    static const char *const scripts[] = {"46E", "1111111111E", "9D"};
    static const size_t lens[] = {10, 10, 9};
    for (size_t i = 0; i < 3; i++) {
        struct gadget g = {.in = "0123456789", .reads = scripts[i]};
        struct rove_stream *s = over(&both_ways, &g);
        enum rove_status due = i < 2 ? ROVE_E_IO : ROVE_E_DATA;
        char buf[16] = "";
        size_t n = 0, sum = 0;
        enum rove_status status = ROVE_OK;
        while (status == ROVE_OK) {
            status = rove_stream_read(s, buf + sum, 3, &n);
            sum += n;
        }
        if (lens[i] <= env.chunk_len * 9) { // a smaller chunk has another script
            CHECK_IS(due, status);
            CHECK_IS(due, rove_stream_error(s));
        }
        CHECK(memcmp(buf, "0123456789", sum) == 0);
        CHECK(env.chunk_len < 9 || sum == lens[i]);
        rove_stream_free(s);
    }
}

static void the_start_of_a_line_is_delivered_before_a_failure(void)
{
    struct gadget g = {.in = "no end", .reads = "123E"};
    struct rove_pool *pool = suite_pool_new(&env.alloc.table, 16);
    struct rove_stream *s;
    struct rove_span line;
    g.writes = "";
    CHECK_OK(rove_stream_from_io(&both_ways, &g, pool, &s));
    CHECK_OK(rove_stream_line(s, '\n', 0, &line));
    CHECK(line.len == 6 && memcmp(line.ptr, "no end", 6) == 0);
    CHECK_IS(ROVE_E_IO, rove_stream_line(s, '\n', 0, &line));
    CHECK_EQ(0, line.len);
    rove_stream_free(s);
    rove_pool_unref(pool);
}

static void impossible_counts_are_faults(void)
{
    static const char *const scripts[] = {"!", "0"};
    for (size_t i = 0; i < 2; i++) {
        struct gadget g = {.in = "abc", .reads = scripts[i]}, h = {.writes = scripts[i]};
        struct rove_stream *in = over(&both_ways, &g), *out = over(&both_ways, &h);
        uint8_t byte;
        CHECK_IS(ROVE_E_IO, rove_stream_read(in, &byte, 1, NULL));
        CHECK_EQ(EIO, rove_stream_errno(in));
        CHECK_IS(ROVE_E_IO, push(out, "ab"));
        CHECK_EQ(EIO, rove_stream_errno(out));
        rove_stream_free(in);
        rove_stream_free(out);
    }
    struct gadget g = {.writes = "."};
    struct rove_stream *out = over(&both_ways, &g);
    CHECK_IS(ROVE_E_IO, push(out, "ab")); // a sink has no end
    rove_stream_free(out);
}

static void the_end_may_move(void)
{
    struct gadget g = {.in = "ab", .reads = "2.."};
    struct rove_stream *s = over(&both_ways, &g);
    char buf[8] = "";
    size_t n;
    if (env.chunk_len >= 2) {
        CHECK_IS(ROVE_END, rove_stream_read(s, buf, 8, &n));
        CHECK_EQ(2, n);
        CHECK_IS(ROVE_END, rove_stream_read(s, buf, 8, &n));
        g.in = "abcd"; // somebody appended
        CHECK_IS(ROVE_END, rove_stream_read(s, buf, 8, &n));
        CHECK(n == 2 && memcmp(buf, "cd", 2) == 0);
    }
    rove_stream_free(s);
}

static void would_block_in_the_middle_of_anything(void)
{
    struct gadget g = {.in = "0123456789", .reads = "A1AA2A", .writes = "A1A2AAA3A"};
    struct rove_stream *s = over(&both_ways, &g);
    char buf[16] = "";
    size_t n, sum = 0;
    enum rove_status status;
    const char *text = "abcdefghij";
    for (uint64_t from = cursor_of(s); cursor_of(s) - from < 10;) {
        size_t done = (size_t) (cursor_of(s) - from);
        status = rove_stream_write(s, text + done, 10 - done);
        CHECK(status == ROVE_OK || status == ROVE_E_AGAIN);
    }
    while ((status = rove_stream_flush(s)) == ROVE_E_AGAIN)
        continue;
    CHECK_OK(status);
    CHECK_EQ(10, g.out_at);
    CHECK(memcmp(g.out, text, 10) == 0);
    do {
        status = rove_stream_read(s, buf + sum, 10 - sum, &n);
        sum += n;
    } while (status == ROVE_E_AGAIN);
    CHECK(sum == 10 && memcmp(buf, "0123456789", 10) == 0);
    CHECK_OK(rove_stream_error(s));
    rove_stream_free(s);
}

static void a_failed_write_leaves_the_rest_for_a_second_try(void)
{
    struct gadget g = {.writes = "3E"};
    struct rove_pool *pool = suite_pool_new(&env.alloc.table, 16);
    struct rove_stream *s;
    g.reads = g.in = "";
    CHECK_OK(rove_stream_from_io(&both_ways, &g, pool, &s));
    CHECK_OK(rove_stream_write(s, "0123456789", 10));
    CHECK_IS(ROVE_E_IO, rove_stream_flush(s));
    CHECK_AT(10, s);
    CHECK_EQ(3, g.out_at);
    CHECK_IS(ROVE_E_IO, rove_stream_write(s, "x", 1)); // not even into the buffer
    CHECK_AT(10, s);
    rove_stream_clear_error(s);
    CHECK_OK(rove_stream_write(s, "ab", 2));
    CHECK_OK(rove_stream_flush(s));
    CHECK_EQ(12, g.out_at);
    CHECK(memcmp(g.out, "0123456789ab", 12) == 0);
    rove_stream_free(s);
    rove_pool_unref(pool);
}

// closing ---------------------------------------------------------------------------------------

static void close_hands_on_and_closes_once(void)
{
    struct gadget g = {.in = ""}, h = {.in = ""}, k = {.writes = "EE"};
    struct rove_stream *s = over(&both_ways, &g);
    CHECK_OK(rove_stream_write(s, "abc", 3));
    CHECK_OK(rove_stream_close(s));
    CHECK(g.out_at == 3 && g.flush_cnt == 1 && g.close_cnt == 1);
    CHECK_OK(rove_stream_close(s));
    rove_stream_free(s);
    CHECK_EQ(1, g.close_cnt);
    s = over(&both_ways, &h);
    CHECK_OK(rove_stream_write(s, "abc", 3));
    size_t before = h.out_at;
    rove_stream_free(s); // hands on no more
    CHECK(h.out_at == before && h.flush_cnt == 0 && h.close_cnt == 1);
    s = over(&both_ways, &k);
    enum rove_status early = rove_stream_write(s, "a", 1);
    CHECK_IS(env.chunk_len == 1 ? ROVE_E_IO : ROVE_OK, early);
    CHECK_IS(ROVE_E_IO, rove_stream_close(s));
    CHECK_IS(ROVE_E_IO, rove_stream_close(s));
    CHECK(k.close_cnt == 0 && !rove_stream_is_closed(s));
    if (early)
        rove_stream_clear_error(s); // the byte was refused
    CHECK_OK(rove_stream_close(s));
    CHECK(k.out_at == !early && k.close_cnt == 1);
    rove_stream_free(s);
    CHECK_EQ(1, k.close_cnt);
}

static void a_device_that_moved_and_failed_is_put_back(void)
{
    static const struct rove_io io = {.size = sizeof io, .read = stray_read, .write = stray_write, .seek = gadget_seek,
                                      .tell = gadget_tell};
    struct gadget g = {.reads = "2AAE2A", .in = "0123456789"};
    struct rove_stream *s = over(&io, &g);
    char got[16] = "";
    size_t done = 0, n;
    for (unsigned failed = 0; done < 10; done += n) {
        enum rove_status status = rove_stream_read(s, got + done, 10 - done, &n);
        CHECK(status == ROVE_OK || ++failed <= 4);
        if (rove_stream_error(s))
            rove_stream_clear_error(s);
    }
    CHECK(!memcmp("0123456789", got, 10));
    rove_stream_free(s);
    struct gadget into = {.writes = "2A1AE"};
    s = over(&io, &into);
    enum rove_status status = ROVE_E_AGAIN;
    for (unsigned failed = 0; status != ROVE_OK && failed < 9; failed++) {
        uint64_t pos;
        rove_stream_clear_error(s);
        CHECK_OK(rove_stream_tell(s, &pos));
        status = push(s, &"0123456789"[pos]);
    }
    CHECK_OK(status);
    CHECK(!memcmp("0123456789", into.out, 10));
    rove_stream_free(s);
}

static const struct suite_case cases[] = {
    SUITE_CASE(tell_is_asked_once_where_there_is_one),
    SUITE_CASE(a_device_that_cannot_be_is_refused_and_closed),
    SUITE_CASE(shorter_and_longer_tables_of_other_versions),
    SUITE_CASE(missing_functions_are_unsupported),
    SUITE_CASE(resize_needs_no_length),
    SUITE_CASE(no_device_is_written_beyond_2_to_the_63),
    SUITE_CASE(no_window_reaches_beyond_2_to_the_63),
    SUITE_CASE(small_transfers_are_gathered),
    SUITE_CASE(large_transfers_go_straight),
    SUITE_CASE(a_read_at_an_offset_asks_for_its_bytes_alone),
    SUITE_CASE(order_is_kept_between_small_and_large),
    SUITE_CASE(what_came_before_a_failure_is_delivered),
    SUITE_CASE(the_start_of_a_line_is_delivered_before_a_failure),
    SUITE_CASE(impossible_counts_are_faults),
    SUITE_CASE(the_end_may_move),
    SUITE_CASE(would_block_in_the_middle_of_anything),
    SUITE_CASE(a_failed_write_leaves_the_rest_for_a_second_try),
    SUITE_CASE(close_hands_on_and_closes_once),
    SUITE_CASE(a_device_that_moved_and_failed_is_put_back),
};

int main(int argc, char **argv)
{
    return suite_run(argc, argv,
                     &(struct suite){"test_device_io", cases, sizeof cases / sizeof *cases, true});
}
