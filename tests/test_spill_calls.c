// SPDX-License-Identifier: MIT
// test_spill_calls.c: each call that looks at sleeping chunks: it lets go what it pinned, and tells of a
// wake that fails.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "spill_kit.h"
#include "support/suite.h"

#define CHUNK ((size_t) 16384)
#define LIMIT ((uint64_t) 1 << 20)
#define LEN ((uint64_t) 6 * LIMIT) // of the text in a rope

static struct rove_pool *pool;

static void begin(void)
{
    struct kit_pool how = {.chunk_len = CHUNK, .limit = LIMIT, .flags = ROVE_POOL_SPILL};
    how.watched = true;
    pool = kit_pool_new(&how);
}

static void end(void)
{
    CHECK(kit_figures(pool).sleep_cnt > 50);
    kit_check_peak(pool);
    rove_pool_unref(pool);
}

static struct rove_view view_of(struct rove_rope *rope, uint64_t off, uint64_t len)
{
    struct rove_view view;
    CHECK_OK(rove_rope_view(rope, off, len, &view));
    return view;
}

// at rest -----------------------------------------------------------------------------------------

// Two ropes of the same text, cut differently, and one chunk of it as bytes.
#define ODD ((size_t) 700)
static struct rove_rope even, odd;
static struct rove_view even_all, odd_all;
static uint8_t piece[3 * CHUNK];

static void ropes_init(void)
{
    rove_rope_init(&even, pool);
    rove_rope_init(&odd, pool);
    CHECK_OK(text_append(&even, 7, 0, LEN, 30000));
    CHECK_OK(rove_rope_append(&odd, piece, ODD));
    CHECK_OK(text_append(&odd, 7, 0, LEN, 30000));
    CHECK_OK(rove_rope_erase(&odd, 0, ODD));
}

static void ask_order(void)
{
    int order = 1;
    CHECK_OK(rove_view_compare(&even_all, &odd_all, &order)); // to the end
    CHECK_EQ(0, order);
    struct rove_view part = view_of(&odd, 1, LEN - 1);
    CHECK_OK(rove_view_compare(&even_all, &part, &order)); // but for the first bytes
    CHECK(order != 0);
    rove_view_fini(&part);
}

static void ask_ends(void)
{
    int yes = 0;
    struct rove_view part = view_of(&odd, CHUNK / 2, sizeof piece);
    text_fill(piece, 7, CHUNK / 2, sizeof piece);
    CHECK_OK(rove_view_starts(&part, piece, sizeof piece, &yes));
    CHECK(yes);
    piece[2 * CHUNK] ^= 1;
    CHECK_OK(rove_view_ends(&part, piece, sizeof piece, &yes));
    CHECK(!yes);
    CHECK_OK(rove_view_starts(&part, piece + 1, 1, &yes));
    rove_view_fini(&part);
}

static void ask_places(void)
{
    uint64_t pos = 0;
    text_fill(piece, 7, LEN / 2, sizeof piece);
    CHECK_OK(rove_view_find(&even_all, 0, piece, sizeof piece, &pos)); // across borders
    CHECK_EQ(LEN / 2, pos);
    CHECK_OK(rove_view_find(&even_all, LEN / 2, piece, 5, &pos));
    piece[2 * CHUNK] ^= 1;
    CHECK_IS(ROVE_END, rove_view_find(&odd_all, 0, piece, sizeof piece, &pos));
    CHECK_OK(rove_view_find_byte(&odd_all, LEN / 3, piece[0], &pos));
}

static void ask_bytes(void)
{
    uint8_t byte;
    CHECK_OK(rove_view_byte(&odd_all, LEN / 2, &byte));
    CHECK_OK(rove_view_read(&odd_all, LEN / 2, piece, sizeof piece, NULL));
    CHECK_OK(rove_view_read(&odd_all, LEN - sizeof piece, piece, sizeof piece, NULL)); // the tail, too
    CHECK_OK(rove_rope_read(&odd, LEN / 3, piece, sizeof piece, NULL));
}

static void write_out(void)
{
    struct iovec iov[7];
    size_t cnt = 7;
    uint64_t len, done;
    CHECK_OK(rove_view_iov(&odd_all, LEN / 2, iov, &cnt, &len));
    CHECK(cnt > 1 && kit_pins(pool) >= cnt);
    rove_view_unpin(&odd_all, LEN / 2, cnt);
    int fd = open("/dev/null", O_WRONLY);
    CHECK_OK(rove_view_write_fd(&odd_all, 0, fd, &done));
    CHECK_EQ(LEN, done);
    CHECK(close(fd) == 0);
}

static void walk_a_little(void)
{
    struct rove_cursor cursor;
    struct rove_span span;
    CHECK_OK(rove_cursor_init(&cursor, &odd_all, LEN / 2));
    for (int i = 0; i < 3; i++)
        CHECK_OK(rove_cursor_next(&cursor, &span));
    rove_cursor_fini(&cursor);
}

static void overwrite_alone(void) // in place
{
    text_fill(piece, 7, LEN / 2 + 5, sizeof piece);
    CHECK_OK(rove_rope_overwrite(&odd, LEN / 2 + 5, piece, sizeof piece));
}

static void overwrite_to_the_end(void) // the tail, too
{
    text_fill(piece, 7, LEN - sizeof piece, sizeof piece);
    CHECK_OK(rove_rope_overwrite(&odd, LEN - sizeof piece, piece, sizeof piece));
}

// What comes first may be written, what follows is another's: it is asked for in vain.
static void overwrite_into_shared(void)
{
    struct rove_rope other;
    text_fill(piece, 7, LEN / 4, sizeof piece);
    CHECK_OK(rove_rope_split(&odd, LEN / 4 + 2 * CHUNK, &other));
    struct rove_view shared = view_of(&other, 0, rove_rope_len(&other));
    CHECK_OK(rove_rope_append_view(&odd, &shared));
    CHECK_OK(rove_rope_overwrite(&odd, LEN / 4, piece, sizeof piece));
    rove_view_fini(&shared);
    rove_rope_fini(&other);
}

static void edit_anywhere(void)
{
    text_fill(piece, 7, LEN / 5, sizeof piece);
    CHECK_OK(rove_rope_insert(&odd, LEN / 5, piece, sizeof piece));
    CHECK_OK(rove_rope_erase(&odd, LEN / 5, sizeof piece));
    CHECK_OK(rove_rope_replace(&odd, LEN / 5, 100, piece, 100));
}

static void make_compact(void)
{
    uint64_t copied;
    CHECK_OK(rove_rope_thin(&odd, &copied));
    CHECK_OK(rove_rope_compact(&odd));
}

static const struct {
    const char *name;
    void (*run)(void);
    bool alone; // without a view of it
} calls[] = {
    {"compare", ask_order, false},
    {"starts and ends", ask_ends, false},
    {"find", ask_places, false},
    {"read", ask_bytes, false},
    {"write", write_out, false},
    {"a cursor", walk_a_little, false},
    {"overwrite", overwrite_alone, true},
    {"overwrite at the end", overwrite_to_the_end, true},
    {"overwrite, part of it shared", overwrite_into_shared, true},
    {"overwrite beside a view", overwrite_alone, false},
    {"edits", edit_anywhere, true},
    {"compact", make_compact, true},
};

// A call pins what it looks at, and has let it go when it returns; only open ends stay pinned.
static void calls_leave_nothing_pinned(void)
{
    begin();
    ropes_init();
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        even_all = view_of(&even, 0, LEN);
        if (!calls[i].alone)
            odd_all = view_of(&odd, 0, LEN);
        calls[i].run();
        if (!CHECK_EQ(kit_rope_pins(&even) + kit_rope_pins(&odd), kit_pins(pool)))
            suite_note("after %s", calls[i].name);
        rove_view_fini(&even_all);
        if (!calls[i].alone)
            rove_view_fini(&odd_all);
    }
    CHECK_SOUND(&odd);
    rove_rope_fini(&even);
    rove_rope_fini(&odd);
    CHECK_EQ(0, kit_pins(pool));
    end();
}

// wakes that fail -----------------------------------------------------------------------------------

static enum rove_status fail_read(void)
{
    return rove_rope_read(&even, CHUNK / 2, piece, sizeof piece, NULL);
}

static enum rove_status fail_view_read(void)
{
    return rove_view_read(&even_all, CHUNK / 2, piece, sizeof piece, NULL);
}

static enum rove_status fail_byte(void)
{
    return rove_view_byte(&even_all, CHUNK / 2, piece);
}

static enum rove_status fail_compare(void)
{
    int order;
    return rove_view_compare(&even_all, &odd_all, &order);
}

static enum rove_status fail_starts(void)
{
    int yes;
    text_fill(piece, 7, 0, sizeof piece);
    return rove_view_starts(&even_all, piece, sizeof piece, &yes);
}

static enum rove_status fail_ends(void)
{
    int yes;
    struct rove_view part = view_of(&even, 0, 2 * CHUNK);
    text_fill(piece, 7, CHUNK + 1, CHUNK - 1);
    enum rove_status status = rove_view_ends(&part, piece, CHUNK - 1, &yes);
    rove_view_fini(&part);
    return status;
}

static enum rove_status fail_find(void)
{
    uint64_t pos;
    text_fill(piece, 7, CHUNK, 50);
    return rove_view_find(&even_all, 0, piece, 50, &pos);
}

static enum rove_status fail_find_byte(void)
{
    uint64_t pos;
    text_fill(piece, 7, CHUNK, 1);
    return rove_view_find_byte(&even_all, CHUNK, piece[0], &pos);
}

static enum rove_status fail_write_out(void)
{
    uint64_t done;
    int fd = open("/dev/null", O_WRONLY);
    enum rove_status status = rove_view_write_fd(&even_all, 0, fd, &done);
    close(fd);
    return status;
}

static enum rove_status fail_overwrite(void)
{
    text_fill(piece, 7, 10, CHUNK);
    return rove_rope_overwrite(&odd, 10, piece, CHUNK);
}

static const struct {
    const char *name;
    enum rove_status (*run)(void);
} questions[] = {
    {"read", fail_read},           {"view_read", fail_view_read}, {"byte", fail_byte},
    {"compare", fail_compare},     {"starts", fail_starts},       {"ends", fail_ends},
    {"find", fail_find},           {"find_byte", fail_find_byte}, {"write_fd", fail_write_out},
    {"overwrite", fail_overwrite},
};

// What sleeps and cannot be read is told by whoever asks for it; afterwards it can be asked again.
static void every_call_tells_of_a_wake_that_fails(void)
{
    const struct kit_plan plan = {.call = KIT_PREAD, .err = EIO, .at = 1};
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        begin();
        ropes_init();
        bool alone = questions[i].run == fail_overwrite; // it does without what it cannot wake
        even_all = view_of(&even, 0, LEN);
        if (!alone)
            odd_all = view_of(&odd, 0, LEN);
        kit_os_arm(&plan);
        bool told = CHECK_IS(alone ? ROVE_OK : ROVE_E_IO, questions[i].run());
        told &= CHECK(alone || kit_os_injected() > 0);
        kit_os_off();
        told &= CHECK_OK(questions[i].run());
        told &= CHECK_EQ(kit_rope_pins(&even) + kit_rope_pins(&odd), kit_pins(pool));
        if (!told)
            suite_note("%s", questions[i].name);
        rove_view_fini(&even_all);
        if (!alone)
            rove_view_fini(&odd_all);
        text_check_rope(&even, 7);
        text_check_rope(&odd, 7);
        rove_rope_fini(&even);
        rove_rope_fini(&odd);
        end();
    }
}

// walks -------------------------------------------------------------------------------------------

// Goes on to the end of a walk over the text, from a place in it on.
static void walk_on(struct rove_cursor *cursor, uint64_t at, uint64_t end)
{
    struct rove_span span;
    enum rove_status status;
    bool same = true;
    while ((status = rove_cursor_next(cursor, &span)) == ROVE_OK && same) {
        same = span.len && text_is(span.ptr, 7, at, span.len);
        at += span.len;
    }
    CHECK(same);
    CHECK_IS(ROVE_END, status);
    CHECK_EQ(end, at);
}

// Spans that a cursor knows ahead stay right when chunks of others begin to sleep. First of all cases: no pool has
// spilled before it.
static void a_pool_that_spills_comes_during_a_walk(void)
{
    struct rove_pool *plain = suite_pool_new(&env.alloc.table, 4096);
    struct rove_cursor cursor;
    struct rove_span span;
    rove_rope_init(&even, plain);
    CHECK_OK(text_append(&even, 7, 0, LEN, 30000));
    even_all = view_of(&even, 100, LEN - 200);
    CHECK_OK(rove_cursor_init(&cursor, &even_all, 0));
    uint64_t at = 100;
    for (int i = 0; i < 5; i++) {
        CHECK_OK(rove_cursor_next(&cursor, &span));
        CHECK(text_is(span.ptr, 7, at, span.len));
        at += span.len;
    }
    begin();
    rove_rope_init(&odd, pool);
    CHECK_OK(text_append(&odd, 7, 0, LEN, 30000));
    walk_on(&cursor, at, LEN - 100);
    rove_cursor_fini(&cursor);
    struct iovec iov[1024];
    size_t cnt = 1024;
    uint64_t len;
    CHECK_OK(rove_view_iov(&even_all, 0, iov, &cnt, &len));
    rove_view_unpin(&even_all, 0, cnt);
    rove_view_fini(&even_all);
    rove_rope_fini(&even);
    rove_rope_fini(&odd);
    rove_pool_unref(plain);
    end();
}

// A span that could not be woken is the next one still, wherever it begins and however far the walk has come.
static void walk_past_a_failure(uint64_t from, unsigned spans)
{
    const struct kit_plan plan = {.call = KIT_PREAD, .err = EIO, .at = 1};
    struct rove_cursor cursor;
    struct rove_span span;
    uint64_t at = from;
    CHECK_OK(rove_cursor_init(&cursor, &even_all, from));
    for (unsigned i = 0; i < spans; i++) {
        CHECK_OK(rove_cursor_next(&cursor, &span));
        at += span.len;
    }
    kit_os_arm(&plan);
    CHECK_IS(ROVE_E_IO, rove_cursor_next(&cursor, &span));
    CHECK_EQ(0, span.len);
    CHECK_IS(ROVE_E_IO, rove_cursor_next(&cursor, &span));
    kit_os_off();
    CHECK_EQ(kit_rope_pins(&even), kit_pins(pool));
    walk_on(&cursor, at + 50, LEN);
    rove_cursor_fini(&cursor);
    CHECK_EQ(kit_rope_pins(&even), kit_pins(pool));
}

static void a_walk_goes_on_after_a_wake_that_fails(void)
{
    for (unsigned spans = 0; spans < 40; spans += spans < 14 || spans > 17 ? 7 : 1) {
        begin();
        rove_rope_init(&even, pool);
        CHECK_OK(text_append(&even, 7, 0, LEN, 30000));
        even_all = view_of(&even, 50, LEN - 50);
        for (uint64_t from = 0; from <= 2 * CHUNK; from += CHUNK / 2)
            walk_past_a_failure(from, spans);
        rove_view_fini(&even_all);
        rove_rope_fini(&even);
        end();
    }
}

static const struct suite_case cases[] = {
    SUITE_CASE(a_pool_that_spills_comes_during_a_walk), // first of all
    SUITE_CASE(a_walk_goes_on_after_a_wake_that_fails),
    SUITE_CASE(calls_leave_nothing_pinned),
    SUITE_CASE(every_call_tells_of_a_wake_that_fails),
};

int main(int argc, char **argv)
{
    return suite_run(argc, argv,
                     &(struct suite){"test_spill_calls", cases, sizeof cases / sizeof *cases, false});
}
