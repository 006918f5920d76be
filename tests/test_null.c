// SPDX-License-Identifier: MIT
// test_null.c: every pointer of every public function NULL in turn, all else being right.
//
// The calls are written by null.pl from the headers. What must come of them is one sentence of rove.h: where the
// contract does not allow it, ROVE_E_ARG with nothing changed, or 0 where no status is returned.
#include "support/suite.h"

#include <rove/plugin.h>
#include <rove/rove.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// What the calls are made with.
struct given {
    struct rove_pool *pool;
    struct rove_rope rope, other, rope_out;
    struct rove_view view, view_own, view_out;
    struct rove_cursor cursor;
    struct rove_stream *stream, *source, *chained, *decoder, *owning, *sink, *stream_out;
    char *memory;
    struct rove_progress progress;
    struct rove_hole hole, hole_out;
    struct rove_pool *pool_out;
    struct rove_workers *workers, *workers_out;
    struct rove_index *index, *index_out;
    struct rove_point point;
    struct rove_index_figures index_figures;
    struct rove_span span, delim;
    struct iovec iov[2], iov_out[4];
    struct rove_io io;
    struct rove_limits limits;
    struct rove_pool_opts opts;
    struct rove_workers_opts workers_opts;
    struct rove_workers_figures workers_figures;
    struct rove_filter filter;
    struct rove_spec_error spec_error;
    struct rove_plugin_error plugin_error;
    struct rove_pool_figures pool_figures;
    struct rove_rope_figures rope_figures;
    struct rove_allocator_figures allocator_figures;
    FILE *file, *file_out;
    char text[128];
    uint8_t buf[64], byte;
    uint8_t *ptr;
    const uint8_t *const_ptr, *bytes;
    const char *why;
    size_t size, cnt;
    uint64_t number;
    int yes, fd;
    unsigned released; // calls of released()
};

static enum rove_status went_on(void *ctx, uint64_t copied)
{
    (void) ctx;
    (void) copied;
    return ROVE_OK;
}

enum kind { STATUS, PLAIN };

struct call {
    const char *function, *parameter; // parameter: the one that is NULL, "" for none
    enum kind kind;
    bool allowed; // the contract allows it
    long (*run)(struct given *g);
};

// Read when the program runs, or the compiler would say what it thinks of NULL here.
static void *volatile none_at_all;
#define none none_at_all

static void released(void *arg, const void *ptr, size_t len)
{
    struct given *g = arg;
    (void) ptr;
    (void) len;
    if (g)
        g->released++;
}

static enum rove_status io_read(void *ctx, void *buf, size_t len, size_t *len_out)
{
    (void) ctx;
    (void) buf;
    (void) len;
    *len_out = 0;
    return ROVE_END;
}

static enum rove_status io_write(void *ctx, const void *src, size_t len, size_t *len_out)
{
    (void) ctx;
    (void) src;
    *len_out = len;
    return ROVE_OK;
}

// For a call that ends what it is given.
static struct rove_stream *take(struct rove_stream **stream)
{
    struct rove_stream *taken = *stream;
    *stream = NULL;
    return taken;
}

#include "null_calls.h"

#define CALL_CNT (sizeof calls / sizeof *calls)

// values ------------------------------------------------------------------------------------------

static const uint8_t content[] = "the content that nothing may change";

static void give_streams(struct given *g)
{
    CHECK_OK(rove_stream_new(g->pool, &g->stream));
    CHECK_OK(rove_stream_write(g->stream, content, sizeof content));
    CHECK_OK(rove_stream_hole(g->stream, 8, &g->hole));
    CHECK_OK(rove_stream_seek(g->stream, 4, ROVE_SET, NULL));
    CHECK_OK(rove_stream_new(g->pool, &g->source));
    CHECK_OK(rove_stream_new(g->pool, &g->sink));
    CHECK_OK(rove_stream_encode(g->sink, "crc32", NULL, &g->chained, NULL));
    CHECK_OK(rove_stream_decode(g->source, "crc32", NULL, &g->decoder, NULL));
    g->progress = (struct rove_progress){.step = went_on};
    CHECK_OK(rove_stream_open("/dev/null", "w", "crc32", NULL, &g->owning));
}

static void give_index(struct given *g)
{
    struct rove_stream *coded, *plain;
    CHECK_OK(rove_stream_new(g->pool, &coded));
    CHECK_OK(rove_stream_encode(coded, "bgzf", NULL, &plain, NULL));
    CHECK_OK(rove_stream_write(plain, content, sizeof content));
    CHECK_OK(rove_stream_close(plain));
    CHECK_OK(rove_index_make(coded, "bgzf", NULL, 0, &g->index));
    g->index_figures.size = sizeof g->index_figures;
    rove_stream_free(plain);
    rove_stream_free(coded);
}

static void give(struct given *g)
{
    memset(g, 0, sizeof *g);
    g->pool = env.pool;
    g->bytes = content;
    g->cnt = 4;
    g->delim = (struct rove_span){content, 1};
    g->iov[0] = (struct iovec){g->buf, 4};
    g->iov[1] = (struct iovec){g->buf + 4, 4};
    g->io = (struct rove_io){.size = sizeof g->io, .read = io_read, .write = io_write};
    g->limits.size = sizeof g->limits;
    g->opts.size = sizeof g->opts;
    g->workers_opts.size = sizeof g->workers_opts;
    g->workers = rove_workers_default();
    g->file = tmpfile();
    CHECK(g->file != NULL);
    g->fd = fileno(g->file);
    rove_rope_init(&g->rope, g->pool);
    rove_rope_init(&g->other, g->pool);
    CHECK_OK(rove_rope_append(&g->rope, content, sizeof content));
    CHECK_OK(rove_rope_append(&g->other, content, 3));
    CHECK_OK(rove_rope_view(&g->rope, 0, sizeof content, &g->view));
    CHECK_OK(rove_rope_view(&g->rope, 0, 3, &g->view_own));
    CHECK_OK(rove_cursor_init(&g->cursor, &g->view, 0));
    give_streams(g);
    give_index(g);
}

static void drop(struct given *g)
{
    rove_stream_free(g->stream_out);
    rove_index_unref(g->index);
    rove_index_unref(g->index_out);
    rove_stream_free(g->chained);
    rove_stream_free(g->decoder);
    rove_stream_free(g->owning);
    free(g->memory);
    if (g->file_out)
        fclose(g->file_out);
    rove_stream_free(g->stream);
    rove_stream_free(g->source);
    rove_stream_free(g->sink);
    rove_cursor_fini(&g->cursor);
    rove_view_fini(&g->view);
    rove_view_fini(&g->view_own);
    rove_view_fini(&g->view_out);
    rove_rope_fini(&g->rope);
    rove_rope_fini(&g->other);
    rove_rope_fini(&g->rope_out);
    rove_pool_unref(g->pool_out);
    rove_workers_unref(g->workers_out);
    fclose(g->file);
}

// judging -----------------------------------------------------------------------------------------

static bool holds(struct rove_rope *rope, size_t len)
{
    uint8_t bytes[sizeof content];
    size_t n;
    return rove_rope_len(rope) == len && rove_rope_read(rope, 0, bytes, len, &n) == ROVE_OK && n == len &&
           memcmp(bytes, content, len) == 0 && !rove_rope_check(rope);
}

// Whether content, length and cursor of everything are as give() made them, and no failure sticks.
static bool is_unchanged(struct given *g)
{
    uint64_t pos, len;
    uint8_t bytes[sizeof content];
    size_t n;
    return holds(&g->rope, sizeof content) && holds(&g->other, 3) && rove_view_len(&g->view) == sizeof content &&
           g->cursor.pos == 0 && rove_stream_error(g->stream) == ROVE_OK &&
           rove_stream_tell(g->stream, &pos) == ROVE_OK && pos == 4 && rove_stream_size(g->stream, &len) == ROVE_OK &&
           len == sizeof content + 8 && rove_stream_pread(g->stream, 0, bytes, sizeof bytes, &n) == ROVE_OK &&
           memcmp(bytes, content, sizeof content) == 0 &&
           rove_stream_fill(g->stream, g->hole, content, 8) == ROVE_OK &&
           rove_stream_write(g->chained, content, 1) == ROVE_OK && !g->stream_out && !g->pool_out && !g->workers_out &&
           !g->file_out;
}

static bool is_answered_in_words(const struct call *call)
{
    return strcmp(call->function, "rove_stream_explain") == 0 || strcmp(call->function, "rove_rope_check") == 0 ||
           strcmp(call->function, "rove_stream_is_closed") == 0;
}

static const struct call *running;

static void say(const char *text)
{
    (void) !write(STDERR_FILENO, text, strlen(text));
}

// Says which call it was that crashed.
static void crashed(int sig)
{
    if (running) {
        say(running->function);
        say("() crashes without ");
        say(running->parameter);
        say("\n");
    }
    signal(sig, SIG_DFL);
}

// One call; prints which one it was if something is wrong with it.
static bool judge(const struct call *call)
{
    struct given g;
    bool fine = true;
    give(&g);
    running = call;
    long answer = call->run(&g);
    running = NULL;
    if (strcmp(call->function, "rove_pool_ref") == 0 && answer)
        rove_pool_unref(g.pool);
    if (strcmp(call->function, "rove_index_ref") == 0 && answer)
        rove_index_unref(g.index);
    if (call->kind == STATUS)
        fine &= CHECK(call->allowed ? answer != ROVE_E_ARG : answer == ROVE_E_ARG);
    else if (!call->allowed && !is_answered_in_words(call))
        fine &= CHECK(answer == 0);
    if (!call->allowed)
        fine &= CHECK(is_unchanged(&g));
    if (!fine)
        suite_note("%s(%s = NULL): %ld", call->function, call->parameter, answer);
    drop(&g);
    return fine;
}

static void a_null_that_is_not_allowed_changes_nothing(void)
{
    size_t refused = 0;
    for (size_t i = 0; i < CALL_CNT; i++)
        refused += !calls[i].allowed && judge(&calls[i]);
    suite_note("%zu calls with a NULL that no contract allows", refused);
    CHECK(refused > 150);
}

static void a_null_that_is_allowed_is_accepted(void)
{
    size_t accepted = 0;
    for (size_t i = 0; i < CALL_CNT; i++)
        accepted += calls[i].allowed && *calls[i].parameter && judge(&calls[i]);
    suite_note("%zu calls with a NULL that the contract allows", accepted);
    CHECK(accepted > 20);
}

// Or a NULL would not be what the others are refused for.
static void what_is_given_otherwise_is_right(void)
{
    for (size_t i = 0; i < CALL_CNT; i++)
        if (!*calls[i].parameter)
            judge(&calls[i]);
}

static void memory_of_length_0_may_be_null(void)
{
    struct given g;
    size_t n;
    int yes;
    uint64_t at;
    give(&g);
    CHECK_OK(rove_rope_append(&g.rope, NULL, 0));
    CHECK_OK(rove_rope_append_iov(&g.rope, NULL, 0));
    CHECK_OK(rove_rope_insert(&g.rope, 1, NULL, 0));
    CHECK_OK(rove_rope_overwrite(&g.rope, 1, NULL, 0));
    CHECK_OK(rove_rope_append_adopt(&g.rope, NULL, 0, released, &g));
    CHECK_EQ(g.released, 1);
    CHECK_OK(rove_rope_read(&g.rope, 1, NULL, 0, &n));
    CHECK_OK(rove_view_read(&g.view, 1, NULL, 0, &n));
    CHECK_OK(rove_view_starts(&g.view, NULL, 0, &yes));
    CHECK_OK(rove_view_find(&g.view, 1, NULL, 0, &at));
    CHECK_OK(rove_stream_read(g.stream, NULL, 0, &n));
    CHECK_OK(rove_stream_readv(g.stream, NULL, 0, &at));
    CHECK_OK(rove_stream_pread(g.stream, 1, NULL, 0, &n));
    CHECK_OK(rove_stream_write(g.stream, NULL, 0));
    CHECK_OK(rove_stream_writev(g.stream, NULL, 0));
    CHECK_OK(rove_stream_pwrite(g.stream, 1, NULL, 0));
    CHECK_OK(rove_stream_insert(g.stream, NULL, 0));
    CHECK(is_unchanged(&g));
    drop(&g);
}

static void pieces_may_lack_no_memory(void)
{
    struct given g;
    uint64_t len;
    give(&g);
    g.iov[1].iov_base = NULL;
    CHECK_IS(ROVE_E_ARG, rove_rope_append_iov(&g.rope, g.iov, 2));
    CHECK_IS(ROVE_E_ARG, rove_stream_writev(g.stream, g.iov, 2));
    CHECK_IS(ROVE_E_ARG, rove_stream_readv(g.stream, g.iov, 2, &len));
    CHECK(is_unchanged(&g));
    drop(&g);
}

// What is taken is taken also when the call fails.
static void what_is_taken_is_given_back(void)
{
    struct given g;
    give(&g);
    CHECK_IS(ROVE_E_ARG, rove_rope_append_adopt(NULL, content, 8, released, &g));
    CHECK_IS(ROVE_E_ARG, rove_rope_append_adopt(&g.rope, NULL, 8, released, &g));
    CHECK_EQ(g.released, 2);
    int fd = dup(g.fd);
    CHECK_IS(ROVE_E_ARG, rove_stream_from_fd(fd, ROVE_FD_CLOSE, NULL, NULL));
    CHECK(close(fd) != 0); // it is closed already
    drop(&g);
}

static const struct suite_case cases[] = {
    SUITE_CASE(what_is_given_otherwise_is_right),
    SUITE_CASE(a_null_that_is_not_allowed_changes_nothing),
    SUITE_CASE(a_null_that_is_allowed_is_accepted),
    SUITE_CASE(memory_of_length_0_may_be_null),
    SUITE_CASE(pieces_may_lack_no_memory),
    SUITE_CASE(what_is_taken_is_given_back),
};

int main(int argc, char **argv)
{
    signal(SIGSEGV, crashed);
    struct suite suite = {"null", cases, sizeof cases / sizeof *cases, false};
    return suite_run(argc, argv, &suite);
}
