// SPDX-License-Identifier: MIT
// test_stream_share.c: a stream over a rope: snapshots, clones, splits, closing.
#include <inttypes.h>
#include <stdlib.h>

#include "stream_kit.h"
#include "support/model.h"
#include "support/shapes.h"

#define TEXT "the quick brown fox jumps over the lazy dog"
#define TEXT_LEN (sizeof TEXT - 1)

// take out --------------------------------------------------------------------------------------

static void a_snapshot_never_changes(void)
{
    struct rove_stream *s = stream_of_text(TEXT);
    struct rove_view view, again;
    CHECK_OK(rove_stream_snapshot(s, &view));
    CHECK_OK(rove_stream_snapshot(s, &again));
    CHECK_OK(rove_stream_write(s, "##########", 10));
    CHECK_OK(rove_stream_insert(s, "##########", 10));
    CHECK_OK(rove_stream_erase(s, 5));
    CHECK_OK(rove_stream_drop_front(s, 3));
    CHECK_OK(rove_stream_seek(s, 0, ROVE_FROM_END, NULL));
    CHECK_OK(rove_stream_write(s, "##########", 10));
    CHECK_OK(rove_stream_truncate(s, 2));
    CHECK_OK(rove_stream_reset(s));
    CHECK_OK(rove_stream_close(s));
    rove_stream_free(s);
    CHECK_VIEW(&view, TEXT, TEXT_LEN);
    CHECK_VIEW(&again, TEXT, TEXT_LEN);
    rove_view_fini(&view);
    rove_view_fini(&again);
}

static void a_snapshot_and_a_write_copy_no_whole(void)
{
    size_t len = 4u << 20;
    struct rove_view view;
    if (env.chunk_len < 4096)
        return; // a million chunks of a byte, where nothing could be copied but chunks
    struct rove_stream *s = stream_of_text("");
    for (size_t i = 0; i < len; i += 65536)
        CHECK_OK(rove_stream_write(s, noise(65536), 65536));
    test_alloc_arm(&env.alloc, 0, false);
    uint64_t before = env.alloc.live_len;
    CHECK_OK(rove_stream_snapshot(s, &view));
    CHECK_EQ(0, test_alloc_calls(&env.alloc));
    seek_to(s, len / 2);
    CHECK_OK(rove_stream_write(s, "x", 1));
    CHECK(env.alloc.live_len - before <= (2u << 20) + 65536); // at most a slab, not 4 MiB
    CHECK_EQ(len, rove_view_len(&view));
    rove_view_fini(&view);
    rove_stream_free(s);
}

static void appending_after_a_snapshot_does_not_copy(void)
{
    struct rove_stream *s = stream_of_text("a");
    struct rove_view views[20];
    const uint8_t *first, *ptr;
    size_t n = 0;
    CHECK_OK(rove_stream_peek(s, &first, &n));
    for (int i = 0; i < 20; i++) {
        CHECK_OK(rove_stream_snapshot(s, &views[i]));
        CHECK_OK(rove_stream_seek(s, 0, ROVE_FROM_END, NULL));
        CHECK_OK(rove_stream_write(s, "b", 1));
    }
    seek_to(s, 0);
    CHECK_OK(rove_stream_peek(s, &ptr, &n));
    CHECK(env.chunk_len < 4096 || ptr == first);
    CHECK_TEXT(s, "abbbbbbbbbbbbbbbbbbbb");
    for (int i = 0; i < 20; i++) {
        CHECK_VIEW(&views[i], "abbbbbbbbbbbbbbbbbbbb", (size_t) i + 1);
        rove_view_fini(&views[i]);
    }
    rove_stream_free(s);
}

static void clone_rope_and_stream_go_apart(void)
{
    struct rove_stream *s = stream_of_text("abc");
    struct rove_rope rope;
    CHECK_OK(rove_stream_clone_rope(s, &rope));
    CHECK_OK(rove_rope_append(&rope, "ROPE", 4));
    CHECK_OK(rove_stream_seek(s, 0, ROVE_FROM_END, NULL));
    CHECK_OK(rove_stream_write(s, "stream", 6));
    CHECK_OK(rove_rope_overwrite(&rope, 0, "X", 1));
    CHECK_TEXT(s, "abcstream");
    CHECK_BYTES(&rope, "XbcROPE", 7);
    rove_rope_fini(&rope);
    rove_stream_free(s);
}

static void steal_leaves_an_empty_stream(void)
{
    struct rove_stream *s = stream_of_text(TEXT);
    struct rove_rope rope;
    seek_to(s, 9);
    CHECK_OK(rove_stream_steal(s, &rope));
    CHECK_TEXT(s, "");
    CHECK_AT(0, s);
    CHECK_OK(rove_stream_write(s, "new", 3));
    CHECK_TEXT(s, "new");
    CHECK_BYTES(&rope, TEXT, TEXT_LEN);
    rove_rope_fini(&rope);
    rove_stream_free(s);
}

static void flatten_points_at_all_until_the_next_change(void)
{
    size_t len = 10 * leaf_len() < 300000 ? 10 * leaf_len() : 300000, n = 0;
    const uint8_t *src = noise(len), *ptr = NULL, *again = NULL;
    struct rove_stream *s = stream_of(src, len);
    uint8_t byte;
    seek_to(s, 7);
    CHECK_OK(rove_stream_flatten(s, &ptr, &n));
    CHECK_EQ(len, n);
    CHECK(memcmp(ptr, src, len) == 0);
    CHECK_AT(7, s);
    CHECK_OK(rove_stream_read(s, &byte, 1, NULL)); // reading is no change
    seek_to(s, 0);
    CHECK(memcmp(ptr, src, len) == 0);
    CHECK_OK(rove_stream_flatten(s, &again, &n));
    CHECK(again == ptr);
    rove_stream_free(s);
    s = stream_of_text("");
    CHECK_OK(rove_stream_flatten(s, &ptr, &n));
    CHECK(ptr != NULL && n == 0);
    rove_stream_free(s);
}

static void split_cuts_at_the_cursor(void)
{
    const uint64_t places[] = {0, 1, 10, TEXT_LEN - 1, TEXT_LEN, TEXT_LEN + 5};
    for (size_t i = 0; i < 6; i++) {
        struct rove_stream *s = stream_of_text(TEXT), *right = NULL;
        size_t at = places[i] < TEXT_LEN ? (size_t) places[i] : TEXT_LEN;
        seek_to(s, places[i]);
        CHECK_OK(rove_stream_split(s, &right));
        CHECK_HOLDS(s, TEXT, at);
        CHECK_HOLDS(right, &TEXT[at], TEXT_LEN - at);
        CHECK_AT(0, right);
        CHECK_OK(rove_stream_write(right, "R", 1));
        CHECK_OK(rove_stream_pwrite(s, 0, "L", 1));
        uint8_t first = 0;
        CHECK_OK(rove_stream_pread(right, 0, &first, 1, NULL));
        CHECK_EQ('R', first);
        rove_stream_free(s);
        CHECK_OK(rove_stream_pread(right, 0, &first, 1, NULL));
        CHECK_EQ('R', first);
        rove_stream_free(right);
    }
}

// close and reset -------------------------------------------------------------------------------

static void reset_empties_and_keeps_snapshots(void)
{
    struct rove_stream *s = stream_of_text(TEXT);
    struct rove_view view;
    uint8_t byte;
    seek_to(s, 5);
    CHECK_OK(rove_stream_read(s, &byte, 1, NULL));
    CHECK_OK(rove_stream_snapshot(s, &view));
    CHECK_OK(rove_stream_reset(s));
    CHECK_TEXT(s, "");
    CHECK_AT(0, s);
    CHECK_OK(rove_stream_write(s, "again", 5));
    CHECK_TEXT(s, "again");
    CHECK_VIEW(&view, TEXT, TEXT_LEN);
    rove_view_fini(&view);
    rove_stream_free(s);
}

// A window on the tail was open, and bytes lay before it.
static void a_closed_queue_gives_nothing(void)
{
    for (unsigned kind = 0; kind < 3; kind++) {
        struct rove_stream *s = stream_of_text(kind & 1 ? TEXT : "");
        char byte = 'x';
        CHECK_OK(rove_stream_seek(s, 0, SEEK_END, NULL));
        for (size_t i = kind & 2 ? 3 * env.chunk_len : 3; i--;)
            CHECK_OK(rove_stream_write(s, "a", 1));
        CHECK_OK(rove_stream_take(s, &byte, 1, NULL));
        CHECK_EQ(kind & 1 ? TEXT[0] : 'a', byte);
        byte = 'x';
        CHECK_OK(rove_stream_write(s, "a", 1));
        CHECK_OK(rove_stream_close(s));
        CHECK_IS(ROVE_E_CLOSED, rove_stream_take(s, &byte, 1, NULL));
        CHECK_IS(ROVE_E_CLOSED, rove_stream_drop_front(s, 1));
        CHECK_EQ('x', byte);
        rove_stream_free(s);
    }
}

static void reset_opens_a_closed_stream(void)
{
    struct rove_stream *s = stream_of_text(TEXT);
    CHECK_OK(rove_stream_close(s));
    CHECK_OK(rove_stream_reset(s));
    CHECK_EQ(0, rove_stream_is_closed(s));
    CHECK_TEXT(s, "");
    CHECK_OK(rove_stream_write(s, "x", 1));
    CHECK_TEXT(s, "x");
    rove_stream_free(s);
}

static void close_twice_and_free_nothing(void)
{
    struct rove_stream *s = stream_of_text("x");
    CHECK_OK(rove_stream_close(s));
    CHECK_OK(rove_stream_close(s));
    CHECK_EQ(1, rove_stream_is_closed(s));
    CHECK_EQ(1, rove_stream_is_closed(NULL));
    rove_stream_free(s);
    rove_stream_free(NULL);
}

static void closed_reads_say_so(void)
{
    struct rove_stream *s = stream_of_text(TEXT);
    struct rove_view view;
    struct rove_span span;
    const uint8_t *ptr;
    uint8_t buf[4];
    uint64_t pos;
    size_t n;
    CHECK_OK(rove_stream_read(s, buf, 2, NULL)); // a window is open
    CHECK_OK(rove_stream_close(s));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_tell(s, &pos));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_size(s, &pos));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_read(s, buf, 1, &n));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_read(s, buf, 0, &n));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_peek(s, &ptr, &n));
    span = (struct rove_span){(const uint8_t *) "x", 1};
    CHECK_IS(ROVE_E_CLOSED, rove_stream_read_until(s, span, buf, 4, &n));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_line(s, '\n', 0, &span));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_readv(s, &(struct iovec){buf, 4}, 1, &pos));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_pread(s, 0, buf, 1, &n));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_read_view(s, 1, &view));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_snapshot(s, &view));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_seek(s, 0, ROVE_SET, &pos));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_flatten(s, &ptr, &n));
    rove_view_fini(&view); // harmless after a failure
    rove_stream_free(s);
}

static void closed_writes_say_so(void)
{
    struct rove_stream *s = stream_of_text(TEXT), *right;
    struct rove_view view = {.len = 0};
    struct rove_hole hole;
    struct rove_rope rope;
    uint8_t *room;
    uint64_t off;
    size_t n;
    CHECK_OK(rove_stream_write(s, "ab", 2));
    CHECK_OK(rove_stream_hole(s, 2, &hole));
    CHECK_OK(rove_stream_close(s));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_write(s, "x", 1));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_write(s, NULL, 0));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_writev(s, NULL, 0));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_pwrite(s, 0, "x", 1));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_write_view(s, &view));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_insert_view(s, &view));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_reserve(s, 1, &room, &n));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_commit(s, 0));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_printf(s, "x"));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_truncate(s, 0));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_resize(s, 9));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_insert(s, "x", 1));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_erase(s, 0));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_drop_front(s, 0));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_take(s, NULL, 0, NULL));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_flush(s));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_fill(s, hole, "xy", 2));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_hole_off(s, hole, &off));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_hole(s, 1, &hole));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_split(s, &right));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_clone_rope(s, &rope));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_steal(s, &rope));
    CHECK(right == NULL);
    rove_rope_fini(&rope); // harmless after a failure
    rove_stream_free(s);
}

static void views_never_lock_a_stream(void)
{
    struct rove_stream *s = stream_of_text(TEXT);
    struct rove_view view;
    CHECK_OK(rove_stream_snapshot(s, &view));
    CHECK_OK(rove_stream_write(s, "T", 1));
    CHECK_OK(rove_stream_truncate(s, 3));
    CHECK_OK(rove_stream_resize(s, 99));
    CHECK_OK(rove_stream_reset(s));
    CHECK_OK(rove_stream_close(s));
    CHECK_VIEW(&view, TEXT, TEXT_LEN);
    rove_stream_free(s);
    CHECK_VIEW(&view, TEXT, TEXT_LEN);
    rove_view_fini(&view);
}

static void flush_of_a_rope_changes_nothing(void)
{
    struct rove_stream *s = stream_of_text("ab");
    CHECK_OK(rove_stream_write(s, "x", 1));
    CHECK_OK(rove_stream_flush(s));
    CHECK_AT(1, s);
    CHECK_OK(rove_stream_write(s, "y", 1));
    CHECK_TEXT(s, "xy");
    rove_stream_clear_error(s);
    CHECK_OK(rove_stream_error(s));
    rove_stream_free(s);
}

static void a_stream_of_100_bytes_takes_384(void)
{
    enum { CNT = 1000 };
    struct rove_stream *all[CNT];
    uint8_t bytes[100];
    memcpy(bytes, noise(100), 100);
    uint64_t before = env.alloc.live_len;
    for (int i = 0; i < CNT; i++)
        all[i] = stream_of(bytes, 100);
    uint64_t each = (env.alloc.live_len - before) / CNT;
    CHECK(env.chunk_len < 256 || each == 384); // as docs/stream.md says
    for (int i = 0; i < CNT; i++) {
        CHECK_HOLDS(all[i], bytes, 100);
        rove_stream_free(all[i]);
    }
}

// from and into memory --------------------------------------------------------------------------

static void a_stream_from_bytes_begins_with_them(void)
{
    char bytes[] = "abc";
    struct rove_stream *s;
    CHECK_OK(rove_stream_from_bytes(bytes, 3, env.pool, &s));
    bytes[0] = 'x'; // it was copied
    CHECK_AT(0, s);
    CHECK_OK(rove_stream_write(s, "A", 1));
    CHECK_TEXT(s, "Abc");
    rove_stream_free(s);
    CHECK_OK(rove_stream_from_bytes(NULL, 0, env.pool, &s));
    CHECK_TEXT(s, "");
    rove_stream_free(s);
    CHECK_IS(ROVE_E_ARG, rove_stream_from_bytes(NULL, 1, env.pool, &s));
    CHECK(!s);
}

static void adopted_bytes_are_shared_until_written_over(void)
{
    static const uint8_t bytes[5000] = "abc";
    struct releases seen = {.cnt = 0};
    struct rove_span span = {bytes, sizeof bytes};
    struct rove_stream *s;
    const uint8_t *ptr;
    size_t len;
    CHECK_OK(rove_stream_from_adopted(span, note_release, &seen, env.pool, &s));
    CHECK_OK(rove_stream_peek(s, &ptr, &len));
    CHECK(ptr == bytes && len == sizeof bytes);
    CHECK_OK(rove_stream_write(s, "A", 1));
    CHECK(bytes[0] == 'a');
    CHECK_EQ(0, seen.cnt);
    rove_stream_free(s);
    CHECK(seen.cnt == 1 && seen.ptr == bytes && seen.len == sizeof bytes);
    CHECK_IS(ROVE_E_ARG, rove_stream_from_adopted(span, note_release, &seen, env.pool, NULL));
    CHECK_EQ(2, seen.cnt); // taken, also on failure
    CHECK_OK(rove_stream_from_adopted(span, NULL, NULL, env.pool, &s));
    rove_stream_free(s);
    CHECK_OK(rove_stream_from_adopted((struct rove_span){NULL, 0}, note_release, &seen, env.pool, &s));
    CHECK_EQ(3, seen.cnt); // nothing to wait for
    rove_stream_free(s);
}

static void the_content_in_memory_ends_with_a_nul(void)
{
    struct rove_stream *s = stream_of_text("");
    char *text;
    size_t len = 9;
    CHECK_OK(rove_stream_to_memory(s, &text, &len));
    CHECK(len == 0 && text[0] == '\0');
    free(text);
    CHECK_OK(rove_stream_printf(s, "%05000d", 7));
    seek_to(s, 3);
    CHECK_OK(rove_stream_to_memory(s, &text, &len));
    CHECK(len == 5000 && strlen(text) == 5000 && text[4999] == '7');
    CHECK_AT(3, s);
    free(text);
    CHECK_OK(rove_stream_to_memory(s, &text, NULL));
    free(text);
    CHECK_OK(rove_stream_resize(s, ROVE_LEN_MAX)); // more than there can be
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) // for them it is a fault to ask
    CHECK_IS(sizeof(size_t) < 8 ? ROVE_E_RANGE : ROVE_E_NOMEM, rove_stream_to_memory(s, &text, &len));
    CHECK(!text && !len);
#endif
    CHECK_OK(rove_stream_close(s));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_to_memory(s, &text, &len));
    rove_stream_free(s);
}

// a short stream's end --------------------------------------------------------------------------

enum { WRITTEN, READ, IN_TWO, CLOSED, RESET, TAKEN_OFF, WITH_LINE, WITH_STAGING, WITH_HOLE, WITH_SCRATCH, SEEN, CLONED, USES };

// Uses a stream of len bytes 'a' in one way, so that more hangs on it than its first chunk.
static void use(struct rove_stream *s, unsigned how, size_t len, struct rove_view *view, struct rove_rope *clone)
{
    uint8_t byte, *room;
    size_t got;
    struct rove_span line;
    struct rove_hole hole;
    seek_to(s, 0);
    if (how == READ)
        CHECK_OK(rove_stream_read(s, &byte, 1, NULL));
    if (how == IN_TWO)
        CHECK_OK(rove_stream_pwrite(s, len, "b", 1));
    if (how == CLOSED)
        CHECK_OK(rove_stream_close(s));
    if (how == RESET)
        CHECK_OK(rove_stream_reset(s));
    if (how == TAKEN_OFF)
        CHECK_OK(rove_stream_steal(s, clone));
    if (how == WITH_LINE)
        CHECK_OK(rove_stream_line(s, 'b', 0, &line));
    if (how == WITH_STAGING)
        CHECK_OK(rove_stream_reserve(s, 5, &room, &got));
    if (how == WITH_HOLE)
        CHECK_OK(rove_stream_hole(s, 1, &hole));
    if (how == WITH_SCRATCH)
        CHECK_OK(rove_stream_insert(s, "b", 1));
    if (how == SEEN)
        CHECK_OK(rove_stream_snapshot(s, view));
    if (how == CLONED)
        CHECK_OK(rove_stream_clone_rope(s, clone));
}

static void a_short_stream_goes_however_it_was_used(void)
{
    uint8_t *bytes = malloc(1100);
    memset(bytes, 'a', 1100);
    for (unsigned how = 0; how < USES; how++) {
        for (size_t len = 1; len < 1100; len += len % 128 < 126 && len % 128 > 3 ? 41 : 1) {
            for (unsigned turn = 0; turn < 3; turn++) { // the thread has blocks at hand from the second on
                struct rove_stream *s;
                struct rove_view view;
                struct rove_rope clone;
                rove_rope_init(&clone, env.pool);
                CHECK_OK(rove_rope_view(&clone, 0, 0, &view));
                if (!CHECK_OK(rove_stream_new(env.pool, &s)))
                    continue;
                CHECK_OK(rove_stream_write(s, bytes, len));
                CHECK_AT(len, s);
                CHECK_HOLDS(s, bytes, len);
                if (how == SEEN)
                    rove_view_fini(&view);
                if (how == CLONED || how == TAKEN_OFF)
                    rove_rope_fini(&clone);
                use(s, how, len, &view, &clone);
                rove_stream_free(s);
                if (how == SEEN)
                    CHECK_VIEW(&view, bytes, len);
                if (how == CLONED || how == TAKEN_OFF)
                    CHECK_EQ(len, rove_rope_len(&clone));
                rove_view_fini(&view);
                rove_rope_fini(&clone);
            }
        }
    }
    struct rove_pool_figures figures;
    rove_pool_measure(env.pool, &figures);
    CHECK_EQ(0, figures.live_cnt);
    free(bytes);
}

// Once the thread has its blocks, a short stream's life asks the allocator for nothing.
static void a_short_stream_lives_on_what_the_thread_keeps(void)
{
    uint64_t before = 0;
    for (unsigned i = 0; i < 100 && env.chunk_len > 100; i++) {
        if (i == 2)
            before = test_alloc_calls(&env.alloc);
        struct rove_stream *s = stream_of_text("");
        CHECK_OK(rove_stream_write(s, noise(100), 100));
        rove_stream_free(s);
    }
#ifdef RV_ONE_BLOCK_PER_CHUNK // nothing is kept
    (void) before;
#else
    CHECK_EQ(env.chunk_len > 100 ? test_alloc_calls(&env.alloc) : 0, before);
#endif
}

static const struct suite_case cases[] = {
    SUITE_CASE(a_snapshot_never_changes),
    SUITE_CASE(a_snapshot_and_a_write_copy_no_whole),
    SUITE_CASE(appending_after_a_snapshot_does_not_copy),
    SUITE_CASE(clone_rope_and_stream_go_apart),
    SUITE_CASE(steal_leaves_an_empty_stream),
    SUITE_CASE(flatten_points_at_all_until_the_next_change),
    SUITE_CASE(split_cuts_at_the_cursor),
    SUITE_CASE(reset_empties_and_keeps_snapshots),
    SUITE_CASE(a_closed_queue_gives_nothing),
    SUITE_CASE(reset_opens_a_closed_stream),
    SUITE_CASE(close_twice_and_free_nothing),
    SUITE_CASE(closed_reads_say_so),
    SUITE_CASE(closed_writes_say_so),
    SUITE_CASE(views_never_lock_a_stream),
    SUITE_CASE(flush_of_a_rope_changes_nothing),
    SUITE_CASE(a_stream_of_100_bytes_takes_384),
    SUITE_CASE(a_stream_from_bytes_begins_with_them),
    SUITE_CASE(adopted_bytes_are_shared_until_written_over),
    SUITE_CASE(the_content_in_memory_ends_with_a_nul),
    SUITE_CASE(a_short_stream_goes_however_it_was_used),
    SUITE_CASE(a_short_stream_lives_on_what_the_thread_keeps),
};

int main(int argc, char **argv)
{
    return suite_run(argc, argv, &(struct suite){"test_stream_share", cases,
                                                 sizeof cases / sizeof *cases, true});
}
