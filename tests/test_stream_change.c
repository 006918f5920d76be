// SPDX-License-Identifier: MIT
// test_stream_change.c: a stream over a rope: cursor, length, insert, erase, in place.
#include <stdlib.h>

#include "stream_kit.h"
#include "support/model.h"

#define TEXT "the quick brown fox jumps over the lazy dog"
#define TEXT_LEN (sizeof TEXT - 1)

// the cursor and the length ---------------------------------------------------------------------

static void seek_counts_from_three_places(void)
{
    struct rove_stream *s = stream_of_text("0123456789");
    uint64_t pos = 0;
    CHECK_OK(rove_stream_seek(s, 4, ROVE_SET, &pos));
    CHECK_EQ(4, pos);
    CHECK_OK(rove_stream_seek(s, -3, ROVE_CUR, &pos));
    CHECK_EQ(1, pos);
    CHECK_OK(rove_stream_seek(s, -2, ROVE_FROM_END, &pos));
    CHECK_EQ(8, pos);
    CHECK_OK(rove_stream_seek(s, 5, ROVE_FROM_END, NULL));
    CHECK_AT(15, s);
    CHECK_EQ(SEEK_SET, ROVE_SET);
    CHECK_EQ(SEEK_CUR, ROVE_CUR);
    CHECK_EQ(SEEK_END, ROVE_FROM_END);
    rove_stream_free(s);
}

static void seek_before_0_is_refused_not_clamped(void)
{
    struct rove_stream *s = stream_of_text("0123456789");
    uint64_t pos;
    seek_to(s, 3);
    CHECK_IS(ROVE_E_RANGE, rove_stream_seek(s, -1, ROVE_SET, &pos));
    CHECK_IS(ROVE_E_RANGE, rove_stream_seek(s, -4, ROVE_CUR, &pos));
    CHECK_IS(ROVE_E_RANGE, rove_stream_seek(s, -11, ROVE_FROM_END, &pos));
    CHECK_IS(ROVE_E_RANGE, rove_stream_seek(s, INT64_MIN, ROVE_CUR, &pos));
    CHECK_IS(ROVE_E_ARG, rove_stream_seek(s, 1, (enum rove_whence) 3, &pos));
    CHECK_AT(3, s);
    rove_stream_free(s);
}

static void seek_beyond_2_to_the_63_is_refused(void)
{
    struct rove_stream *s = stream_of_text("ab");
    uint64_t pos = 0, len = 0, before = test_alloc_calls(&env.alloc);
    CHECK_OK(rove_stream_seek(s, INT64_MAX, ROVE_SET, &pos));
    CHECK_EQ(ROVE_LEN_MAX, pos);
    CHECK_IS(ROVE_E_RANGE, rove_stream_seek(s, 1, ROVE_CUR, &pos));
    CHECK_IS(ROVE_E_RANGE, rove_stream_seek(s, INT64_MAX - 1, ROVE_FROM_END, &pos));
    CHECK_OK(rove_stream_seek(s, INT64_MAX - 2, ROVE_FROM_END, &pos));
    CHECK_EQ(ROVE_LEN_MAX, pos);
    CHECK_OK(rove_stream_size(s, &len));
    CHECK_EQ(2, len);
    CHECK_EQ(before, test_alloc_calls(&env.alloc));
    rove_stream_free(s);
}

static void a_written_byte_is_seen_after_seeking_back(void)
{
    struct rove_stream *s = stream_of_text("");
    uint8_t got = 0;
    for (unsigned i = 0; i < 300; i++) {
        uint8_t byte = (uint8_t) i;
        CHECK_OK(rove_stream_write(s, &byte, 1));
        CHECK_OK(rove_stream_seek(s, -1, ROVE_CUR, NULL));
        CHECK_OK(rove_stream_read(s, &got, 1, NULL));
        CHECK_EQ(byte, got);
    }
    CHECK_AT(300, s);
    CHECK_OK(rove_stream_seek(s, -1, ROVE_FROM_END, NULL));
    CHECK_AT(299, s);
    rove_stream_free(s);
}

static void truncate_shortens_only_and_leaves_the_cursor(void)
{
    struct rove_stream *s = stream_of_text("0123456789");
    seek_to(s, 8);
    CHECK_IS(ROVE_E_RANGE, rove_stream_truncate(s, 11));
    CHECK_TEXT(s, "0123456789");
    CHECK_OK(rove_stream_truncate(s, 10));
    CHECK_OK(rove_stream_truncate(s, 4));
    CHECK_TEXT(s, "0123");
    CHECK_AT(8, s);
    CHECK_OK(rove_stream_write(s, "x", 1));
    CHECK_HOLDS(s, "0123\0\0\0\0x", 9);
    CHECK_OK(rove_stream_truncate(s, 0));
    CHECK_TEXT(s, "");
    rove_stream_free(s);
}

static void truncate_counts_what_the_window_holds(void)
{
    struct rove_stream *s = stream_of_text("");
    CHECK_OK(rove_stream_write(s, "abc", 3));
    CHECK_OK(rove_stream_write(s, "d", 1));
    CHECK_IS(ROVE_E_RANGE, rove_stream_truncate(s, 5));
    CHECK_OK(rove_stream_truncate(s, 4));
    CHECK_OK(rove_stream_write(s, "e", 1));
    CHECK_OK(rove_stream_seek(s, 1, ROVE_SET, NULL));
    CHECK_OK(rove_stream_truncate(s, 5));
    CHECK_TEXT(s, "abcde");
    rove_stream_free(s);
}

static void resize_lengthens_with_zeros_that_take_no_memory(void)
{
    struct rove_stream *s = stream_of_text("ab");
    uint64_t len = 0;
    seek_to(s, 1);
    CHECK_OK(rove_stream_resize(s, 5));
    CHECK_HOLDS(s, "ab\0\0\0", 5);
    CHECK_AT(1, s);
    CHECK_OK(rove_stream_resize(s, 1));
    CHECK_OK(rove_stream_resize(s, 3));
    CHECK_HOLDS(s, "a\0\0", 3);
    CHECK_OK(rove_stream_resize(s, ROVE_LEN_MAX));
    CHECK_IS(ROVE_E_RANGE, rove_stream_resize(s, ROVE_LEN_MAX + 1));
    CHECK_OK(rove_stream_size(s, &len));
    CHECK_EQ(ROVE_LEN_MAX, len);
    CHECK(env.alloc.peak_len < (8u << 20));
    rove_stream_free(s);
}

// insert and erase ------------------------------------------------------------------------------

static void insert_shifts_what_follows(void)
{
    struct rove_stream *s = stream_of_text("0123456789");
    CHECK_OK(rove_stream_insert(s, "ab", 2));
    CHECK_AT(2, s);
    seek_to(s, 7);
    CHECK_OK(rove_stream_insert(s, "XYZ", 3));
    CHECK_TEXT(s, "ab01234XYZ56789");
    CHECK_AT(10, s);
    CHECK_OK(rove_stream_write(s, "-", 1));
    CHECK_TEXT(s, "ab01234XYZ-6789");
    rove_stream_free(s);
}

static void insert_past_the_end_is_a_write(void)
{
    struct rove_stream *s = stream_of_text("ab");
    struct rove_view view;
    CHECK_OK(rove_stream_snapshot(s, &view));
    seek_to(s, 4);
    CHECK_OK(rove_stream_insert(s, "cd", 2));
    CHECK_HOLDS(s, "ab\0\0cd", 6);
    seek_to(s, 8);
    CHECK_OK(rove_stream_insert_view(s, &view));
    CHECK_HOLDS(s, "ab\0\0cd\0\0ab", 10);
    CHECK_AT(10, s);
    rove_view_fini(&view);
    rove_stream_free(s);
}

static void erase_closes_up(void)
{
    struct rove_stream *s = stream_of_text("0123456789");
    seek_to(s, 3);
    CHECK_OK(rove_stream_erase(s, 4));
    CHECK_TEXT(s, "012789");
    CHECK_AT(3, s);
    CHECK_IS(ROVE_E_RANGE, rove_stream_erase(s, 4));
    CHECK_IS(ROVE_E_RANGE, rove_stream_erase(s, UINT64_MAX));
    CHECK_TEXT(s, "012789");
    CHECK_OK(rove_stream_erase(s, 3));
    CHECK_OK(rove_stream_erase(s, 0));
    CHECK_TEXT(s, "012");
    CHECK_AT(3, s);
    rove_stream_free(s);
}

static void drop_front_keeps_the_cursor_on_its_byte(void)
{
    struct rove_stream *s = stream_of_text("0123456789");
    uint8_t byte = 0;
    seek_to(s, 6);
    CHECK_OK(rove_stream_drop_front(s, 4));
    CHECK_AT(2, s);
    CHECK_OK(rove_stream_read(s, &byte, 1, NULL));
    CHECK_EQ('6', byte);
    CHECK_OK(rove_stream_drop_front(s, 5));
    CHECK_AT(0, s);
    CHECK_TEXT(s, "9");
    CHECK_IS(ROVE_E_RANGE, rove_stream_drop_front(s, 2));
    CHECK_TEXT(s, "9");
    rove_stream_free(s);
}

// The window stays open where the front goes, in the tail or in the tree before it.
static void drop_front_leaves_what_the_window_holds(void)
{
    size_t chunk = env.chunk_len < 64 ? 64 : env.chunk_len, most = 3 * chunk + 40;
    uint8_t *got = malloc(most);
    for (size_t len = 16; len <= most; len += len < 80 ? 1 : chunk / 3 + 1) {
        for (size_t del = 1; del <= len; del += del < 20 || del + 3 > len ? 1 : (len - del) / 2) {
            const uint8_t *src = noise(len + 1);
            struct rove_stream *s = stream_of_text("");
            CHECK_OK(rove_stream_write(s, src, 7));
            for (size_t at = 7; at < len; at += 3) // the rope learns of them when it is asked
                CHECK_OK(rove_stream_write(s, src + at, len - at < 3 ? len - at : 3));
            CHECK_OK(rove_stream_drop_front(s, del));
            CHECK_AT(len - del, s);
            if (del < len)
                CHECK_OK(rove_stream_pwrite(s, len - del - 1, src + len - 1, 1));
            CHECK_OK(rove_stream_write(s, src + len, 1));
            CHECK_HOLDS(s, src + del, len + 1 - del);
            CHECK_OK(rove_stream_drop_front(s, 0));
            CHECK_OK(rove_stream_pread(s, 0, got, len + 1 - del, NULL));
            CHECK(memcmp(got, src + del, len + 1 - del) == 0);
            CHECK_IS(ROVE_E_RANGE, rove_stream_drop_front(s, len + 2 - del));
            CHECK_OK(rove_stream_drop_front(s, len + 1 - del));
            CHECK_AT(0, s);
            CHECK_OK(rove_stream_write(s, src, 5));
            CHECK_HOLDS(s, src, 5);
            rove_stream_free(s);
        }
    }
    free(got);
}

// The cursor stands in the window, with bytes of it on both sides; a view has seen some.
static void drop_front_around_the_cursor(void)
{
    for (unsigned seen = 0; seen < 2; seen++) {
        for (uint64_t at = 0; at <= 30; at += 5) {
            for (uint64_t del = 0; del <= 30; del++) {
                struct rove_stream *s = stream_of_text("");
                struct rove_view view;
                const uint8_t *src = noise(30);
                CHECK_OK(rove_stream_write(s, src, 10));
                if (seen)
                    CHECK_OK(rove_stream_snapshot(s, &view));
                CHECK_OK(rove_stream_write(s, src + 10, 10));
                CHECK_OK(rove_stream_write(s, src + 20, 10));
                seek_to(s, at);
                CHECK_OK(rove_stream_drop_front(s, del));
                CHECK_AT(at > del ? at - del : 0, s);
                CHECK_HOLDS(s, src + del, (size_t) (30 - del));
                if (seen) {
                    CHECK_VIEW(&view, src, 10);
                    rove_view_fini(&view);
                }
                rove_stream_free(s);
            }
        }
    }
}

static void a_queue_holds_no_more_than_what_is_in_it(void)
{
    struct rove_stream *s = stream_of_text("");
    size_t piece = 64 < env.chunk_len ? env.chunk_len : 64;
    uint8_t *got = malloc(piece);
    uint64_t most = 0;
    for (unsigned i = 0; i < 400; i++) {
        const uint8_t *src = noise(piece);
        CHECK_OK(rove_stream_seek(s, 0, ROVE_FROM_END, NULL));
        CHECK_OK(rove_stream_write(s, src, piece));
        seek_to(s, 0);
        CHECK_OK(rove_stream_read(s, got, piece, NULL));
        CHECK(memcmp(got, src, piece) == 0);
        CHECK_OK(rove_stream_drop_front(s, piece));
        struct rove_pool_figures figures;
        rove_pool_measure(env.pool, &figures);
        most = figures.live_cnt > most ? figures.live_cnt : most;
    }
    CHECK_TEXT(s, "");
    CHECK(most <= 4);
    CHECK(env.alloc.peak_len < (6u << 20));
    free(got);
    rove_stream_free(s);
}

// in place --------------------------------------------------------------------------------------

static void reserve_gives_room_and_commit_counts_it(void)
{
    struct rove_stream *s = stream_of_text("");
    struct model model = {0};
    for (size_t i = 0; i < 200; i++) {
        size_t want = 1 + i * 7 % 50, n = 0;
        uint8_t *room = NULL;
        CHECK_OK(rove_stream_reserve(s, want, &room, &n));
        CHECK(n >= 1 && room);
        CHECK(n >= want || n <= env.chunk_len);
        size_t len = want < n ? want : n;
        memset(room, 0xee, n);
        memcpy(room, noise(len), len);
        model_replace(&model, model.len, 0, room, len);
        CHECK_IS(ROVE_E_RANGE, rove_stream_commit(s, n + 1));
        CHECK_OK(rove_stream_commit(s, len));
    }
    CHECK_HOLDS(s, model.ptr, model.len);
    CHECK_AT(model.len, s);
    model_fini(&model);
    rove_stream_free(s);
}

static void what_was_not_reserved_cannot_be_committed(void)
{
    struct rove_stream *s = stream_of_text("");
    uint8_t *room;
    size_t n;
    CHECK_IS(ROVE_E_RANGE, rove_stream_commit(s, 1));
    CHECK_OK(rove_stream_commit(s, 0));
    CHECK_OK(rove_stream_write(s, "abc", 3));
    CHECK_IS(ROVE_E_RANGE, rove_stream_commit(s, 1)); // there may be room, with old bytes in it
    CHECK_OK(rove_stream_reserve(s, 2, &room, &n));
    CHECK_OK(rove_stream_write(s, "d", 1));
    CHECK_IS(ROVE_E_RANGE, rove_stream_commit(s, 1));
    seek_to(s, 2);
    CHECK_IS(ROVE_E_RANGE, rove_stream_commit(s, 1));
    CHECK_TEXT(s, "abcd");
    rove_stream_free(s);
}

static void what_is_not_committed_changes_nothing(void)
{
    struct rove_stream *s = stream_of_text(TEXT);
    const uint64_t places[] = {0, 5, TEXT_LEN - 1, TEXT_LEN};
    for (size_t i = 0; i < 4; i++) {
        uint8_t *room;
        size_t n;
        seek_to(s, places[i]);
        CHECK_OK(rove_stream_reserve(s, 20, &room, &n));
        memset(room, '#', n);
        CHECK_OK(rove_stream_commit(s, 0));
        CHECK_TEXT(s, TEXT);
        CHECK_OK(rove_stream_reserve(s, 20, &room, &n));
        memset(room, '#', n);
        CHECK_TEXT(s, TEXT);
        CHECK_AT(places[i], s);
    }
    uint8_t *room;
    size_t n;
    CHECK_IS(ROVE_E_ARG, rove_stream_reserve(s, 0, &room, &n));
    CHECK(!room && !n);
    rove_stream_free(s);
}

static void commit_over_old_bytes_and_behind_a_gap(void)
{
    struct rove_stream *s = stream_of_text("0123456789");
    uint8_t *room;
    size_t n;
    seek_to(s, 4);
    CHECK_OK(rove_stream_reserve(s, 1, &room, &n));
    memset(room, 'x', n);
    CHECK_OK(rove_stream_commit(s, 1));
    CHECK_TEXT(s, "0123x56789");
    CHECK_AT(5, s);
    seek_to(s, 12);
    CHECK_OK(rove_stream_reserve(s, 1, &room, &n));
    memset(room, 'y', n);
    CHECK_HOLDS(s, "0123x56789", 10);
    seek_to(s, 12);
    CHECK_OK(rove_stream_reserve(s, 1, &room, &n));
    memset(room, 'y', n);
    CHECK_OK(rove_stream_commit(s, 1));
    CHECK_HOLDS(s, "0123x56789\0\0y", 13);
    rove_stream_free(s);
}

static void what_is_left_of_the_room_is_committed_next(void)
{
    const size_t places[] = {10, 3, 8}; // where nothing stands, in the middle, across the end
    for (size_t i = 0; i < 3; i++) {
        struct rove_stream *s = stream_of_text("0123456789");
        char due[17] = "0123456789";
        uint8_t *room;
        size_t n, end = places[i];
        seek_to(s, places[i]);
        CHECK_OK(rove_stream_reserve(s, 6, &room, &n));
        size_t len = n < 6 ? n : 6; // tiny chunks have less room
        memcpy(room, "abcdef", len);
        memcpy(due + places[i], "abcdef", len);
        for (size_t left = len, part = 1; left; left -= part, part = left < 2 ? left : 2) {
            CHECK_IS(ROVE_E_RANGE, rove_stream_commit(s, n - (len - left) + 1));
            CHECK_OK(rove_stream_commit(s, part));
            CHECK_AT(end += part, s);
        }
        CHECK_TEXT(s, due);
        rove_stream_free(s);
    }
}

static void reset_it(struct rove_stream *s)
{
    CHECK_OK(rove_stream_reset(s));
}

static void close_and_reset_it(struct rove_stream *s)
{
    CHECK_OK(rove_stream_close(s));
    reset_it(s);
}

static void write_it(struct rove_stream *s)
{
    CHECK_OK(rove_stream_write(s, "X", 1));
}

static void read_it(struct rove_stream *s)
{
    char byte;
    CHECK_OK(rove_stream_read(s, &byte, 1, NULL));
}

static void put_it_elsewhere(struct rove_stream *s)
{
    seek_to(s, 1);
}

// Over old bytes, where the room is a place of its own.
static void what_was_reserved_elsewhere_cannot_be_committed(void)
{
    void (*const uses[])(struct rove_stream *) = {reset_it, close_and_reset_it, write_it, read_it, put_it_elsewhere};
    const char *const due[] = {"", "", "X123456789", "0123456789", "0123456789"};
    for (size_t i = 0; i < 5; i++) {
        struct rove_stream *s = stream_of_text("0123456789");
        uint8_t *room;
        size_t n;
        seek_to(s, 0);
        CHECK_OK(rove_stream_reserve(s, 2, &room, &n));
        memcpy(room, "ab", 2);
        uses[i](s);
        CHECK_IS(ROVE_E_RANGE, rove_stream_commit(s, 1));
        CHECK_OK(rove_stream_commit(s, 0));
        CHECK_TEXT(s, due[i]);
        rove_stream_free(s);
    }
}

static void pwrite_there(struct rove_stream *s)
{
    CHECK_OK(rove_stream_pwrite(s, 10, "XY", 2));
}

static void lengthen_it(struct rove_stream *s)
{
    CHECK_OK(rove_stream_resize(s, 12));
}

static void write_and_go_back(struct rove_stream *s)
{
    CHECK_OK(rove_stream_write(s, "XY", 2));
    seek_to(s, 10);
}

static void insert_in_front(struct rove_stream *s)
{
    seek_to(s, 0);
    CHECK_OK(rove_stream_insert(s, "XY", 2));
    seek_to(s, 12);
}

// At the end, where the room is the tail's, into which other bytes have come meanwhile.
static void what_was_reserved_where_something_stands_since_cannot_be_committed(void)
{
    void (*const uses[])(struct rove_stream *) = {pwrite_there, lengthen_it, write_and_go_back, insert_in_front};
    const char *const due[] = {"0123456789XY", "0123456789\0\0", "0123456789XY", "XY0123456789"};
    for (size_t i = 0; i < 4; i++) {
        struct rove_stream *s = stream_of_text("0123456789");
        const uint8_t *ptr;
        uint8_t *room;
        size_t n;
        seek_to(s, 10);
        CHECK_OK(rove_stream_reserve(s, 2, &room, &n));
        memset(room, 'a', n);
        uses[i](s);
        CHECK_IS(i < 3 ? ROVE_OK : ROVE_END, rove_stream_peek(s, &ptr, &n)); // opens the window again
        CHECK_IS(ROVE_E_RANGE, rove_stream_commit(s, 1));
        CHECK_AT(i < 3 ? 10 : 12, s);
        CHECK_HOLDS(s, due[i], 12);
        rove_stream_free(s);
    }
}

// In the tail's chunk, which stays where it is when slices are put in front of it.
static void what_was_reserved_before_a_view_was_written_cannot_be_committed_behind_it(void)
{
    for (int how = 0; how < 3; how++) {
        struct rove_stream *s = stream_of_text("0123456789");
        struct rove_stream *other = stream_of_text("");
        struct rove_view view;
        struct rove_hole hole;
        const uint8_t *ptr;
        uint8_t *room;
        size_t n;
        CHECK_OK(rove_stream_resize(other, 1000000));
        CHECK_OK(rove_stream_snapshot(other, &view));
        seek_to(s, 10);
        CHECK_OK(rove_stream_reserve(s, 2, &room, &n));
        memcpy(room, "ab", 2);
        if (how == 0)
            CHECK_OK(rove_stream_hole(s, 1000000, &hole));
        else if (how == 1)
            CHECK_OK(rove_stream_write_view(s, &view));
        else
            CHECK_OK(rove_stream_insert_view(s, &view));
        CHECK_IS(ROVE_END, rove_stream_peek(s, &ptr, &n)); // opens the window again
        CHECK_AT(1000010, s);
        CHECK_IS(ROVE_E_RANGE, rove_stream_commit(s, 2));
        CHECK_AT(1000010, s);
        rove_view_fini(&view);
        rove_stream_free(other);
        rove_stream_free(s);
    }
}

static void printf_writes_text_without_its_nul(void)
{
    struct rove_stream *s = stream_of_text("0123456789");
    char expected[512];
    seek_to(s, 2);
    CHECK_OK(rove_stream_printf(s, "<%s:%d>", "a", 42));
    CHECK_TEXT(s, "01<a:42>89");
    CHECK_AT(8, s);
    CHECK_OK(rove_stream_printf(s, "%s", ""));
    CHECK_AT(8, s);
    CHECK_OK(rove_stream_printf(s, "%300d%c", 7, '!'));
    snprintf(expected, sizeof expected, "01<a:42>%300d!", 7);
    CHECK_TEXT(s, expected);
    seek_to(s, 311);
    CHECK_OK(rove_stream_printf(s, "%c", 0));
    CHECK_OK(rove_stream_printf(s, "%d%%", 5));
    CHECK_AT(314, s);
    CHECK_OK(rove_stream_drop_front(s, 309));
    CHECK_HOLDS(s,
                "\0\0\0"
                "5%",
                5);
    rove_stream_free(s);
}

static void printf_of_every_length_into_every_room(void)
{
    struct rove_stream *s = stream_of_text("");
    char expected[400];
    for (int len = 1; len < 300; len++) {
        CHECK_OK(rove_stream_reset(s));
        for (int i = 0; i < 3; i++) // the third meets the rest of a chunk
            CHECK_OK(rove_stream_printf(s, "%*d", len, i));
        CHECK_AT(3 * len, s);
        snprintf(expected, sizeof expected, "%*d", len, 1);
        CHECK_OK(rove_stream_drop_front(s, (uint64_t) len));
        CHECK_OK(rove_stream_truncate(s, (uint64_t) len));
        CHECK_HOLDS(s, expected, (size_t) len);
    }
    for (int fill = 0; fill < 130; fill++) { // exactly the room that is left
        CHECK_OK(rove_stream_reset(s));
        CHECK_OK(rove_stream_write(s, noise((size_t) fill + 1), (size_t) fill + 1));
        uint8_t *room;
        size_t n = 0;
        CHECK_OK(rove_stream_reserve(s, 1, &room, &n));
        n = n < 300 ? n : 300;
        CHECK_OK(rove_stream_printf(s, "%*d", (int) n, 7));
        CHECK_OK(rove_stream_drop_front(s, (uint64_t) fill + 1));
        snprintf(expected, sizeof expected, "%*d", (int) n, 7);
        CHECK_HOLDS(s, expected, n);
    }
    rove_stream_free(s);
}

static const struct suite_case cases[] = {
    SUITE_CASE(seek_counts_from_three_places),
    SUITE_CASE(seek_before_0_is_refused_not_clamped),
    SUITE_CASE(seek_beyond_2_to_the_63_is_refused),
    SUITE_CASE(a_written_byte_is_seen_after_seeking_back),
    SUITE_CASE(truncate_shortens_only_and_leaves_the_cursor),
    SUITE_CASE(truncate_counts_what_the_window_holds),
    SUITE_CASE(resize_lengthens_with_zeros_that_take_no_memory),
    SUITE_CASE(insert_shifts_what_follows),
    SUITE_CASE(insert_past_the_end_is_a_write),
    SUITE_CASE(erase_closes_up),
    SUITE_CASE(drop_front_keeps_the_cursor_on_its_byte),
    SUITE_CASE(drop_front_leaves_what_the_window_holds),
    SUITE_CASE(drop_front_around_the_cursor),
    SUITE_CASE(a_queue_holds_no_more_than_what_is_in_it),
    SUITE_CASE(reserve_gives_room_and_commit_counts_it),
    SUITE_CASE(what_was_not_reserved_cannot_be_committed),
    SUITE_CASE(what_is_not_committed_changes_nothing),
    SUITE_CASE(commit_over_old_bytes_and_behind_a_gap),
    SUITE_CASE(what_is_left_of_the_room_is_committed_next),
    SUITE_CASE(what_was_reserved_elsewhere_cannot_be_committed),
    SUITE_CASE(what_was_reserved_where_something_stands_since_cannot_be_committed),
    SUITE_CASE(what_was_reserved_before_a_view_was_written_cannot_be_committed_behind_it),
    SUITE_CASE(printf_writes_text_without_its_nul),
    SUITE_CASE(printf_of_every_length_into_every_room),
};

int main(int argc, char **argv)
{
    return suite_run(
        argc, argv,
        &(struct suite){"test_stream_change", cases, sizeof cases / sizeof *cases, true});
}
