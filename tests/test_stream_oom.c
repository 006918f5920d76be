// SPDX-License-Identifier: MIT
// test_stream_oom.c: every function of stream.h and device.h with the n-th allocation failing.
//
// The list of functions is read from the headers when the program runs: a function that has no case
// here fails the test. Each case runs with n = 1, 2, … (in longer steps from 32 on) until it
// succeeds, once failing at n alone and once from n on. After each failure the stream must hold what
// it held, stand where it stood, keep its holes, and do the same call well once there is memory.
#include <inttypes.h>
#include <stdlib.h>

#include "stream_kit.h"
#include "support/edits.h"
#include "support/headers.h"
#include "support/model.h"
#include "support/shapes.h"

#define LEN 2000u
#define AT 777u
#define PAST 2500u

// What a case works on; made anew for each n.
struct stage {
    struct rove_stream *s; // LEN bytes, a hole, a snapshot
    size_t at;             // the cursor: AT or PAST
    struct rove_hole hole;
    struct rove_view view, other; // of s; of another stream
    uint8_t *bytes;               // what s holds
    // what a case makes
    struct rove_stream *made;
    struct rove_rope rope;
    struct rove_view got;
    uint8_t buf[LEN + 1];
};

typedef enum rove_status case_fn(struct stage *stage);

struct oom_case {
    const char *name; // the function
    case_fn *run;
    enum { INSIDE, PAST_END, ON_FILE } where; // in a rope, past its end, in a file
};

// cases -----------------------------------------------------------------------------------------

static enum rove_status try_new(struct stage *t)
{
    return rove_stream_new(env.pool, &t->made);
}

static enum rove_status try_from_bytes(struct stage *t)
{
    enum rove_status status = rove_stream_from_bytes(t->buf, LEN, env.pool, &t->made);
    CHECK(status || t->made);
    return status;
}

static enum rove_status try_from_adopted(struct stage *t)
{
    struct releases seen = {.cnt = 0};
    struct rove_span bytes = {t->buf, LEN};
    enum rove_status status =
        rove_stream_from_adopted(bytes, note_release, &seen, env.pool, &t->made);
    CHECK_EQ(status != ROVE_OK, seen.cnt);
    rove_stream_free(t->made);
    t->made = NULL;
    CHECK_EQ(1, seen.cnt);
    return status;
}

// To the end of t->s, from what is made apart; a failure leaves both cursors where they were.
static enum rove_status try_copy(struct stage *t)
{
    uint64_t copied = 9;
    struct rove_stream *from = NULL;
    enum rove_status status = rove_stream_from_bytes(t->buf, LEN, env.pool, &from);
    if (status == ROVE_OK)
        status = rove_stream_new(env.pool, &t->made);
    if (status == ROVE_OK) {
        status = rove_stream_copy(from, t->made, UINT64_MAX, NULL, &copied);
        CHECK_EQ(status ? 0 : LEN, copied);
        CHECK_AT(copied, from);
        CHECK_AT(copied, t->made);
    }
    rove_stream_free(from);
    if (status) {
        rove_stream_free(t->made);
        t->made = NULL;
    }
    return status;
}

static enum rove_status try_to_memory(struct stage *t)
{
    char *ptr;
    size_t len;
    enum rove_status status = rove_stream_to_memory(t->s, &ptr, &len);
    if (status == ROVE_OK)
        CHECK(len == LEN && memcmp(ptr, t->bytes, LEN) == 0);
    free(ptr);
    return status;
}

static enum rove_status try_from_rope(struct stage *t)
{
    rove_rope_init(&t->rope, env.pool);
    enum rove_status status = rove_rope_append(&t->rope, "abc", 3);
    if (status == ROVE_OK)
        status = rove_stream_from_rope(&t->rope, &t->made);
    if (status == ROVE_E_NOMEM && rove_rope_len(&t->rope))
        CHECK_BYTES(&t->rope, "abc", 3);
    rove_rope_fini(&t->rope);
    return status;
}

static enum rove_status try_from_fd(struct stage *t)
{
    return rove_stream_from_fd(0, 0, env.pool, &t->made);
}

static enum rove_status try_from_file(struct stage *t)
{
    return rove_stream_from_file(stdin, env.pool, &t->made);
}

static enum rove_status close_nothing(void *ctx)
{
    ++*(unsigned *) ctx;
    return ROVE_OK;
}

static enum rove_status read_nothing(void *ctx, void *buf, size_t len, size_t *len_out)
{
    (void) ctx;
    (void) buf;
    (void) len;
    *len_out = 0;
    return ROVE_END;
}

static enum rove_status try_from_io(struct stage *t)
{
    unsigned closed = 0;
    struct rove_io io = {.size = sizeof io, .read = read_nothing, .close = close_nothing};
    enum rove_status status = rove_stream_from_io(&io, &closed, env.pool, &t->made);
    CHECK_EQ(status != ROVE_OK, closed); // taken, also on failure
    rove_stream_free(t->made);
    t->made = NULL;
    return status;
}

static enum rove_status try_fopen(struct stage *t)
{
    FILE *file;
    enum rove_status status = rove_fopen(t->s, "r+", &file);
    if (file)
        fclose(file);
    return status;
}

static enum rove_status try_tell(struct stage *t)
{
    uint64_t pos;
    return rove_stream_tell(t->s, &pos);
}

static enum rove_status try_size(struct stage *t)
{
    uint64_t len;
    return rove_stream_size(t->s, &len);
}

static enum rove_status try_figures(struct stage *t)
{
    CHECK_EQ(0, rove_stream_is_closed(t->s));
    CHECK_EQ(0, rove_stream_errno(t->s));
    CHECK(rove_stream_explain(t->s) != NULL);
    rove_stream_clear_error(t->s);
    return rove_stream_error(t->s);
}

static enum rove_status try_read(struct stage *t)
{
    size_t n;
    enum rove_status status = rove_stream_read(t->s, t->buf, 900, &n);
    CHECK(memcmp(t->buf, t->bytes + AT, n) == 0);
    CHECK_EQ(status ? 0 : 900, n);
    return status;
}

static enum rove_status try_peek(struct stage *t)
{
    const uint8_t *ptr;
    size_t n;
    return rove_stream_peek(t->s, &ptr, &n);
}

static enum rove_status try_read_until(struct stage *t)
{
    size_t n;
    struct rove_span delim = {t->bytes + LEN - 3, 3};
    enum rove_status status = rove_stream_read_until(t->s, delim, t->buf, LEN, &n);
    CHECK(memcmp(t->buf, t->bytes + AT, n) == 0);
    return status;
}

static enum rove_status try_line(struct stage *t)
{
    struct rove_span line;
    enum rove_status status = rove_stream_line(t->s, 0x0a, 700, &line);
    CHECK_EQ(status ? 0 : 700, line.len); // the bytes have no 0x0a
    CHECK(!line.len || memcmp(line.ptr, t->bytes + AT, 700) == 0);
    return status;
}

static enum rove_status try_readv(struct stage *t)
{
    struct iovec iov[2] = {{t->buf, 300}, {t->buf + 300, 600}};
    uint64_t n;
    return rove_stream_readv(t->s, iov, 2, &n);
}

static enum rove_status try_pread(struct stage *t)
{
    return rove_stream_pread(t->s, 5, t->buf, 900, NULL);
}

static enum rove_status try_read_view(struct stage *t)
{
    return rove_stream_read_view(t->s, 900, &t->got);
}

static enum rove_status try_write(struct stage *t)
{
    return rove_stream_write(t->s, t->bytes, LEN);
}

static enum rove_status try_writev(struct stage *t)
{
    struct iovec iov[2] = {{t->bytes, 900}, {t->bytes + 7, 900}};
    return rove_stream_writev(t->s, iov, 2);
}

static enum rove_status try_pwrite(struct stage *t)
{
    return rove_stream_pwrite(t->s, LEN + 100, t->bytes, 900);
}

static enum rove_status try_write_view(struct stage *t)
{
    return rove_stream_write_view(t->s, &t->other);
}

static enum rove_status try_reserve(struct stage *t)
{
    uint8_t *room;
    size_t n;
    enum rove_status status = rove_stream_reserve(t->s, 100, &room, &n);
    if (status)
        CHECK(!room && !n);
    else
        memset(room, '#', n);
    return status;
}

static enum rove_status try_commit(struct stage *t)
{
    uint8_t *room;
    size_t n;
    enum rove_status status = rove_stream_reserve(t->s, 100, &room, &n);
    if (status)
        return status;
    memset(room, '#', n);
    return rove_stream_commit(t->s, 1);
}

static enum rove_status try_printf(struct stage *t)
{
    return rove_stream_printf(t->s, "%900d", 5);
}

static enum rove_status try_seek(struct stage *t)
{
    enum rove_status status = rove_stream_seek(t->s, -10, ROVE_FROM_END, NULL);
    return status ? status : rove_stream_seek(t->s, AT, ROVE_SET, NULL);
}

static enum rove_status try_truncate(struct stage *t)
{
    return rove_stream_truncate(t->s, LEN / 2);
}

static enum rove_status try_resize(struct stage *t)
{
    return rove_stream_resize(t->s, UINT64_C(1) << 40);
}

static enum rove_status try_insert(struct stage *t)
{
    return rove_stream_insert(t->s, t->bytes, 900);
}

static enum rove_status try_insert_view(struct stage *t)
{
    return rove_stream_insert_view(t->s, &t->other);
}

static enum rove_status try_erase(struct stage *t)
{
    return rove_stream_erase(t->s, 500);
}

static enum rove_status try_drop_front(struct stage *t)
{
    return rove_stream_drop_front(t->s, 500);
}

static enum rove_status try_take(struct stage *t)
{
    uint8_t buf[500];
    return rove_stream_take(t->s, buf, sizeof buf, NULL);
}

static enum rove_status try_flush(struct stage *t)
{
    return rove_stream_flush(t->s);
}

static enum rove_status try_reset(struct stage *t)
{
    return rove_stream_reset(t->s);
}

static enum rove_status try_hole(struct stage *t)
{
    struct rove_hole hole;
    enum rove_status status = rove_stream_hole(t->s, 600, &hole);
    CHECK_EQ(status == ROVE_OK, hole.id != 0);
    return status;
}

static enum rove_status try_fill(struct stage *t)
{
    return rove_stream_fill(t->s, t->hole, t->bytes, 100);
}

static enum rove_status try_forget(struct stage *t)
{
    return rove_stream_forget(t->s, t->hole);
}

static enum rove_status try_hole_off(struct stage *t)
{
    uint64_t off;
    return rove_stream_hole_off(t->s, t->hole, &off);
}

static enum rove_status try_split(struct stage *t)
{
    enum rove_status status = rove_stream_split(t->s, &t->made);
    CHECK_EQ(status == ROVE_OK, t->made != NULL);
    return status;
}

static enum rove_status try_snapshot(struct stage *t)
{
    return rove_stream_snapshot(t->s, &t->got);
}

static enum rove_status try_clone_rope(struct stage *t)
{
    enum rove_status status = rove_stream_clone_rope(t->s, &t->rope);
    rove_rope_fini(&t->rope);
    return status;
}

static enum rove_status try_steal(struct stage *t)
{
    enum rove_status status = rove_stream_steal(t->s, &t->rope);
    rove_rope_fini(&t->rope);
    return status;
}

static enum rove_status try_flatten(struct stage *t)
{
    const uint8_t *ptr;
    size_t n;
    return rove_stream_flatten(t->s, &ptr, &n);
}

static enum rove_status try_close(struct stage *t)
{
    return rove_stream_close(t->s);
}

static enum rove_status try_free(struct stage *t)
{
    rove_stream_free(t->s);
    t->s = NULL;
    return ROVE_OK;
}

static const struct oom_case cases_of[] = {
    {"rove_stream_new", try_new, INSIDE},
    {"rove_stream_from_rope", try_from_rope, INSIDE},
    {"rove_stream_from_fd", try_from_fd, INSIDE},
    {"rove_stream_from_file", try_from_file, INSIDE},
    {"rove_stream_from_io", try_from_io, INSIDE},
    {"rove_fopen", try_fopen, INSIDE},
    {"rove_stream_tell", try_tell, INSIDE},
    {"rove_stream_size", try_size, INSIDE},
    {"rove_stream_is_closed", try_figures, INSIDE},
    {"rove_stream_error", try_figures, INSIDE},
    {"rove_stream_errno", try_figures, INSIDE},
    {"rove_stream_explain", try_figures, INSIDE},
    {"rove_stream_clear_error", try_figures, INSIDE},
    {"rove_stream_read", try_read, INSIDE},
    {"rove_stream_read_slow", try_read, INSIDE},
    {"rove_stream_from_bytes", try_from_bytes, INSIDE},
    {"rove_stream_from_adopted", try_from_adopted, INSIDE},
    {"rove_stream_copy", try_copy, INSIDE},
    {"rove_stream_to_memory", try_to_memory, INSIDE},
    {"rove_stream_peek", try_peek, INSIDE},
    {"rove_stream_read_until", try_read_until, INSIDE},
    {"rove_stream_line", try_line, INSIDE},
    {"rove_stream_readv", try_readv, INSIDE},
    {"rove_stream_pread", try_pread, INSIDE},
    {"rove_stream_read_view", try_read_view, INSIDE},
    {"rove_stream_write", try_write, INSIDE},
    {"rove_stream_write_slow", try_write, INSIDE},
    {"rove_stream_writev", try_writev, INSIDE},
    {"rove_stream_pwrite", try_pwrite, INSIDE},
    {"rove_stream_write_view", try_write_view, INSIDE},
    {"rove_stream_reserve", try_reserve, INSIDE},
    {"rove_stream_commit", try_commit, INSIDE},
    {"rove_stream_printf", try_printf, INSIDE},
    {"rove_stream_seek", try_seek, INSIDE},
    {"rove_stream_truncate", try_truncate, INSIDE},
    {"rove_stream_resize", try_resize, INSIDE},
    {"rove_stream_insert", try_insert, INSIDE},
    {"rove_stream_insert_view", try_insert_view, INSIDE},
    {"rove_stream_erase", try_erase, INSIDE},
    {"rove_stream_drop_front", try_drop_front, INSIDE},
    {"rove_stream_take", try_take, INSIDE},
    {"rove_stream_flush", try_flush, INSIDE},
    {"rove_stream_reset", try_reset, INSIDE},
    {"rove_stream_hole", try_hole, INSIDE},
    {"rove_stream_fill", try_fill, INSIDE},
    {"rove_stream_forget", try_forget, INSIDE},
    {"rove_stream_hole_off", try_hole_off, INSIDE},
    {"rove_stream_split", try_split, INSIDE},
    {"rove_stream_snapshot", try_snapshot, INSIDE},
    {"rove_stream_clone_rope", try_clone_rope, INSIDE},
    {"rove_stream_steal", try_steal, INSIDE},
    {"rove_stream_flatten", try_flatten, INSIDE},
    {"rove_stream_close", try_close, INSIDE},
    {"rove_stream_free", try_free, INSIDE},
    // once more over a file, where a buffer is wanted
    {"rove_stream_read", try_read, ON_FILE},
    {"rove_stream_peek", try_peek, ON_FILE},
    {"rove_stream_read_until", try_read_until, ON_FILE},
    {"rove_stream_line", try_line, ON_FILE},
    {"rove_stream_readv", try_readv, ON_FILE},
    {"rove_stream_pread", try_pread, ON_FILE},
    {"rove_stream_reserve", try_reserve, ON_FILE},
    {"rove_stream_printf", try_printf, ON_FILE},
    {"rove_fopen", try_fopen, ON_FILE},
    // and from past the end, where a gap of zeros comes first
    {"rove_stream_write", try_write, PAST_END},
    {"rove_stream_writev", try_writev, PAST_END},
    {"rove_stream_write_view", try_write_view, PAST_END},
    {"rove_stream_commit", try_commit, PAST_END},
    {"rove_stream_printf", try_printf, PAST_END},
    {"rove_stream_insert", try_insert, PAST_END},
    {"rove_stream_insert_view", try_insert_view, PAST_END},
    {"rove_stream_hole", try_hole, PAST_END},
};

#define CASE_CNT (sizeof cases_of / sizeof *cases_of)

// the stage -------------------------------------------------------------------------------------

static struct rove_stream *file_stream(const uint8_t *bytes)
{
    struct rove_stream *s;
    int fd = file_of(bytes, LEN);
    CHECK_OK(rove_stream_from_fd(fd, ROVE_FD_CLOSE, env.pool, &s));
    return s;
}

static void set_up(struct stage *t, const struct oom_case *c)
{
    memset(t, 0, sizeof *t);
    t->bytes = malloc(LEN);
    struct rng rng = rng_from(LEN); // the same for each run, so that outcomes can be compared
    for (size_t i = 0; i < LEN; i++)
        t->bytes[i] = (uint8_t) (11 + rng_below(&rng, 200));
    struct rove_stream *other = stream_of(t->bytes, 1500);
    CHECK_OK(rove_stream_snapshot(other, &t->other));
    rove_stream_free(other);
    if (c->where == ON_FILE) {
        t->s = file_stream(t->bytes);
    } else {
        t->s = stream_of(t->bytes, LEN);
        seek_to(t->s, LEN - 200);
        CHECK_OK(rove_stream_hole(t->s, 100, &t->hole));
        memset(t->bytes + LEN - 200, 0, 100);
        CHECK_OK(rove_stream_snapshot(t->s, &t->view));
    }
    t->at = c->where == PAST_END ? PAST : AT;
    seek_to(t->s, t->at);
    rove_pool_trim(env.pool); // nothing in hand: every block is asked for
}

static void tear_down(struct stage *t)
{
    if (t->view.pool)
        CHECK_VIEW(&t->view, t->bytes, LEN);
    rove_view_fini(&t->view);
    rove_view_fini(&t->other);
    rove_view_fini(&t->got);
    rove_stream_free(t->made);
    rove_stream_free(t->s);
    free(t->bytes);
}

// After a failure: all is as it was.
static void check_unchanged(struct stage *t)
{
    uint64_t off = 0;
    CHECK_AT(t->at, t->s);
    CHECK_OK(rove_stream_error(t->s));
    CHECK_HOLDS(t->s, t->bytes, LEN);
    CHECK(t->made == NULL);
    CHECK_EQ(0, rove_view_len(&t->got));
    if (t->hole.id)
        CHECK_OK(rove_stream_hole_off(t->s, t->hole, &off));
    CHECK_EQ(t->hole.id ? LEN - 200 : 0, off);
}

// What a call came to.
struct outcome {
    uint64_t len, pos, made_len, got_len, sum;
};

// The length, the cursor and a sum over the first bytes of what is there afterwards.
static struct outcome outcome_of(struct stage *t)
{
    struct outcome o = {.got_len = rove_view_len(&t->got)};
    size_t len = 0;
    bool open = !rove_stream_is_closed(t->s);
    if (t->made && rove_stream_size(t->made, &o.made_len) != ROVE_OK)
        o.made_len = 0; // over a terminal or pipe
    if (!open || rove_stream_tell(t->s, &o.pos) != ROVE_OK)
        return o;
    CHECK_OK(rove_stream_size(t->s, &o.len));
    CHECK(rove_stream_pread(t->s, 0, t->buf, LEN, &len) >= 0);
    for (size_t i = 0; i < len; i++)
        o.sum = o.sum * 31 + t->buf[i];
    return o;
}

static uint64_t sites, tries;

static struct outcome undisturbed(const struct oom_case *c)
{
    struct stage stage;
    set_up(&stage, c);
    CHECK_OK(c->run(&stage));
    struct outcome due = outcome_of(&stage);
    tear_down(&stage);
    return due;
}

// Returns the number of allocations that failed in turn.
static uint64_t run_case(const struct oom_case *c, bool persistent)
{
    struct outcome due = undisturbed(c);
    uint64_t n = 1, cnt = 0;
    for (enum rove_status status = ROVE_E_NOMEM; status == ROVE_E_NOMEM; tries++, cnt++) {
        struct stage stage;
        set_up(&stage, c);
        test_alloc_arm(&env.alloc, n, persistent);
        n += n < 32 ? 1 : 1 + n / suite_scaled(64); // tiny chunks want thousands, all alike
        status = c->run(&stage);
        bool failed = test_alloc_failed(&env.alloc) > 0;
        test_alloc_arm(&env.alloc, 0, false);
        if (status == ROVE_E_NOMEM) {
            CHECK(failed);
            check_unchanged(&stage);
            CHECK_OK(c->run(&stage));
        } else if (!CHECK_OK(status)) {
            suite_note("%s, allocation %" PRIu64, c->name, n);
        } else if (failed) {
            status = ROVE_E_NOMEM; // it found another way; go on
        }
        struct outcome got = outcome_of(&stage);
        if (!CHECK(memcmp(&got, &due, sizeof got) == 0))
            suite_note("%s does something else at allocation %" PRIu64, c->name, n);
        tear_down(&stage);
    }
    return cnt - 1;
}

static void every_function_at_every_allocation(void)
{
    sites = tries = 0;
    for (size_t i = 0; i < CASE_CNT; i++) {
        uint64_t once = run_case(&cases_of[i], false), on = run_case(&cases_of[i], true);
        sites += once + on;
    }
    CHECK(sites > 20);
    suite_note("%" PRIu64 " failed allocations in %zu cases, %" PRIu64 " runs", sites, CASE_CNT,
               tries);
}

// Blocks are kept in the thread's hand, so not each asks the allocator: here it is used up first.
static void every_function_at_a_full_pool(void)
{
    uint64_t refused = 0;
    for (size_t i = 0; i < CASE_CNT; i++) {
        for (unsigned filled = 0; filled < 2; filled++) {
            struct stage stage;
            struct rove_stream *filler = stream_of_text("");
            set_up(&stage, &cases_of[i]);
            test_alloc_arm(&env.alloc, 1, true);
            while (filled && rove_stream_write(filler, "0123456789", 10) == ROVE_OK)
                continue; // until nothing is left in the thread's hand
            enum rove_status status = cases_of[i].run(&stage);
            test_alloc_arm(&env.alloc, 0, false);
            if (status == ROVE_E_NOMEM) {
                refused++;
                check_unchanged(&stage);
                CHECK_OK(cases_of[i].run(&stage));
            } else {
                CHECK_OK(status);
            }
            tear_down(&stage);
            rove_stream_free(filler);
        }
    }
    CHECK(refused > 10);
    suite_note("%" PRIu64 " calls refused of %zu", refused, 2 * CASE_CNT);
}

static void a_limit_of_the_pool_is_told_as_such(void)
{
    struct rove_pool_opts opts = {.size = sizeof opts, .allocator = &env.alloc.table,
                                  .memory_limit = 8u << 20};
    struct rove_pool *pool;
    struct rove_stream *s;
    size_t piece = 100000, done = 0, len = 0;
    const uint8_t *bytes = noise(piece), *flat;
    enum rove_status status = ROVE_OK;
    CHECK_OK(rove_pool_new(&opts, &pool));
    CHECK_OK(rove_stream_new(pool, &s));
    while (status == ROVE_OK && done < (16u << 20)) {
        status = rove_stream_write(s, bytes, piece);
        done += status == ROVE_OK ? piece : 0;
    }
    CHECK_IS(ROVE_E_LIMIT, status);
    CHECK(done >= (5u << 20));
    CHECK_AT(done, s);
    CHECK_IS(ROVE_E_LIMIT, rove_stream_flatten(s, &flat, &len));
    CHECK_IS(ROVE_E_LIMIT, rove_stream_write(s, bytes, piece));
    CHECK_OK(rove_stream_truncate(s, piece));
    CHECK_HOLDS(s, bytes, piece);
    seek_to(s, piece);
    CHECK_OK(rove_stream_write(s, bytes, piece));
    rove_stream_free(s);
    rove_pool_unref(pool);
}

// the headers -----------------------------------------------------------------------------------

static bool has_case(const char *name)
{
    for (size_t i = 0; i < CASE_CNT; i++)
        if (strcmp(cases_of[i].name, name) == 0)
            return true;
    return false;
}

static void every_function_of_the_headers_has_a_case(void)
{
    static struct header_function list[100];
    size_t cnt = header_functions(ROVE_INCLUDE_DIR "/stream.h", list, 0, 100);
    cnt = header_functions(ROVE_INCLUDE_DIR "/device.h", list, cnt, 100);
    CHECK_EQ(54, cnt); // none may be missed, so tell how many there are
    for (size_t i = 0; i < cnt; i++)
        if (!CHECK(has_case(list[i].name)))
            suite_note("no case for %s", list[i].name);
    suite_note("%zu functions in the headers", cnt);
}

static const struct suite_case cases[] = {
    SUITE_CASE(every_function_of_the_headers_has_a_case),
    SUITE_CASE(every_function_at_every_allocation),
    SUITE_CASE(every_function_at_a_full_pool),
    SUITE_CASE(a_limit_of_the_pool_is_told_as_such),
};

int main(int argc, char **argv)
{
    return suite_run(argc, argv,
                     &(struct suite){"test_stream_oom", cases, sizeof cases / sizeof *cases, true});
}
