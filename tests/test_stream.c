// SPDX-License-Identifier: MIT
// test_stream.c: the contract of a stream over a rope, row by row: making, writing, reading.
#include <stdlib.h>

#include "stream_kit.h"
#include "support/model.h"
#include "support/shapes.h"

#define TEXT "the quick brown fox jumps over the lazy dog"
#define TEXT_LEN (sizeof TEXT - 1)

// make ------------------------------------------------------------------------------------------

static void new_is_empty_with_the_cursor_at_0(void)
{
    struct rove_stream *s;
    uint8_t byte = 7;
    size_t n = 9;
    CHECK_OK(rove_stream_new(env.pool, &s));
    CHECK_TEXT(s, "");
    CHECK_AT(0, s);
    CHECK_EQ(0, rove_stream_is_closed(s));
    CHECK_OK(rove_stream_error(s));
    CHECK_EQ(0, rove_stream_errno(s));
    CHECK(rove_stream_explain(s) != NULL);
    CHECK_IS(ROVE_END, rove_stream_read(s, &byte, 1, &n));
    CHECK_EQ(0, n);
    CHECK_EQ(7, byte);
    rove_stream_free(s);
}

static void new_on_the_default_pool(void)
{
    struct rove_stream *s;
    CHECK_OK(rove_stream_new(NULL, &s));
    CHECK_OK(rove_stream_write(s, TEXT, TEXT_LEN));
    CHECK_TEXT(s, TEXT);
    rove_stream_free(s);
}

static void from_rope_takes_the_bytes(void)
{
    struct rove_rope rope;
    struct rove_stream *s;
    rove_rope_init(&rope, env.pool);
    CHECK_OK(rove_rope_append(&rope, TEXT, TEXT_LEN));
    CHECK_OK(rove_stream_from_rope(&rope, &s));
    CHECK_EQ(0, rove_rope_len(&rope));
    CHECK_TEXT(s, TEXT);
    CHECK_AT(0, s);
    CHECK_OK(rove_rope_append(&rope, "x", 1)); // it can be used again
    CHECK_TEXT(s, TEXT);
    rove_rope_fini(&rope);
    rove_stream_free(s);
}

static struct rove_stream *adopted(const uint8_t *bytes, size_t len, struct releases *releases)
{
    struct rove_rope rope;
    struct rove_stream *s;
    rove_rope_init(&rope, env.pool);
    CHECK_OK(rove_rope_append_adopt(&rope, bytes, len, note_release, releases));
    CHECK_OK(rove_stream_from_rope(&rope, &s));
    rove_rope_fini(&rope);
    return s;
}

static void initial_bytes_are_not_copied_until_written_over(void)
{
    struct releases releases = {0};
    size_t len = 20000;
    uint8_t *bytes = malloc(len), *copy = malloc(len);
    memcpy(bytes, noise(len), len);
    memcpy(copy, bytes, len);
    struct rove_stream *s = adopted(bytes, len, &releases);
    const uint8_t *ptr;
    size_t n;
    CHECK_OK(rove_stream_peek(s, &ptr, &n));
    CHECK(ptr == bytes && n == len);
    seek_to(s, 1000);
    CHECK_OK(rove_stream_write(s, "\1\2\3", 3));
    CHECK(memcmp(bytes, copy, len) == 0);
    memcpy(copy + 1000, "\1\2\3", 3);
    CHECK_HOLDS(s, copy, len);
    CHECK_EQ(0, releases.cnt);
    rove_stream_free(s);
    CHECK_EQ(1, releases.cnt);
    free(bytes);
    free(copy);
}

// write -----------------------------------------------------------------------------------------

static void write_overwrites_and_extends_never_inserts(void)
{
    struct rove_stream *s = stream_of_text("0123456789");
    CHECK_OK(rove_stream_write(s, "abc", 3));
    CHECK_TEXT(s, "abc3456789");
    seek_to(s, 8);
    CHECK_OK(rove_stream_write(s, "WXYZ", 4));
    CHECK_TEXT(s, "abc34567WXYZ");
    CHECK_AT(12, s);
    rove_stream_free(s);
}

static void write_of_every_edge_length_over_every_edge_offset(void)
{
    size_t lens[EDGE_LENS], offs[EDGE_OFFS], lens_cnt = edge_lens(lens);
    size_t total = 2 * leaf_len() < 100000 ? 2 * leaf_len() : 100000;
    size_t offs_cnt = edge_offs(offs, total);
    struct model model = {0};
    for (size_t i = 0; i < lens_cnt; i++) {
        for (size_t j = 0; j < offs_cnt; j += 1 + j / 8) {
            size_t len = lens[i] < 100000 ? lens[i] : 100000, rest = total - offs[j];
            const uint8_t *old = noise(total), *src = noise(len);
            struct rove_stream *s = stream_of(old, total);
            seek_to(s, offs[j]);
            CHECK_OK(rove_stream_write(s, src, len));
            model.len = 0;
            model_replace(&model, 0, 0, old, total);
            model_replace(&model, offs[j], len < rest ? len : rest, src, len);
            CHECK_HOLDS(s, model.ptr, model.len);
            CHECK_AT(offs[j] + len, s);
            rove_stream_free(s);
        }
    }
    model_fini(&model);
}

static void write_of_nothing_past_the_end_changes_nothing(void)
{
    struct rove_stream *s = stream_of_text("ab");
    seek_to(s, 100);
    CHECK_OK(rove_stream_write(s, NULL, 0));
    CHECK_OK(rove_stream_writev(s, NULL, 0));
    CHECK_OK(rove_stream_insert(s, NULL, 0));
    CHECK_TEXT(s, "ab");
    CHECK_AT(100, s);
    rove_stream_free(s);
}

static void write_past_the_end_fills_with_zeros(void)
{
    struct rove_stream *s = stream_of_text("abcdef");
    CHECK_OK(rove_stream_truncate(s, 2)); // what was there must not come back
    seek_to(s, 5);
    CHECK_OK(rove_stream_write(s, "xy", 2));
    CHECK_HOLDS(s, "ab\0\0\0xy", 7);
    CHECK_AT(7, s);
    rove_stream_free(s);
}

static void write_behind_a_gap_of_a_tebibyte_takes_no_memory(void)
{
    struct rove_stream *s = stream_of_text("ab");
    uint64_t far = UINT64_C(1) << 40, len = 0;
    uint8_t got[4] = "....";
    seek_to(s, far);
    CHECK_OK(rove_stream_write(s, "xy", 2));
    CHECK_OK(rove_stream_size(s, &len));
    CHECK_EQ(far + 2, len);
    CHECK_OK(rove_stream_pread(s, far - 2, got, 4, NULL));
    CHECK(memcmp(got, "\0\0xy", 4) == 0);
    CHECK_OK(rove_stream_pread(s, far / 2, got, 4, NULL));
    CHECK(memcmp(got, "\0\0\0\0", 4) == 0);
    seek_to(s, far / 3);
    CHECK_OK(rove_stream_write(s, "mid", 3));
    CHECK_OK(rove_stream_pread(s, far / 3 - 1, got, 4, NULL));
    CHECK(memcmp(got, "\0mid", 4) == 0);
    CHECK(env.alloc.peak_len < (8u << 20));
    rove_stream_free(s);
}

static void write_beyond_2_to_the_63_is_refused(void)
{
    struct rove_stream *s = stream_of_text("ab");
    struct iovec wraps[2] = {{(void *) s, SIZE_MAX}, {(void *) s, 2}};
    seek_to(s, ROVE_LEN_MAX);
    CHECK_IS(ROVE_E_RANGE, rove_stream_write(s, "x", 1));
    CHECK_IS(ROVE_E_RANGE, rove_stream_insert(s, "x", 1));
    CHECK_IS(ROVE_E_RANGE, rove_stream_printf(s, "%d", 1));
    CHECK_IS(ROVE_E_RANGE, rove_stream_pwrite(s, ROVE_LEN_MAX, "x", 1));
    CHECK_IS(ROVE_E_RANGE, rove_stream_pwrite(s, UINT64_MAX, "x", 1));
    CHECK_IS(ROVE_E_RANGE, rove_stream_writev(s, wraps, 2));
    CHECK_AT(ROVE_LEN_MAX, s);
    seek_to(s, 1);
    if (SUITE_WIDE)
        CHECK_IS(ROVE_E_RANGE, rove_stream_write(s, s, SIZE_MAX));
    CHECK_AT(1, s);
    CHECK_TEXT(s, "ab");
    rove_stream_free(s);
}

static void the_last_byte_that_fits_can_be_written(void)
{
    struct rove_stream *s = stream_of_text("");
    uint64_t len = 0;
    seek_to(s, ROVE_LEN_MAX - 3);
    CHECK_OK(rove_stream_write(s, "xyz", 3));
    CHECK_OK(rove_stream_size(s, &len));
    CHECK_EQ(ROVE_LEN_MAX, len);
    CHECK_IS(ROVE_E_RANGE, rove_stream_write(s, "x", 1));
    seek_to(s, 5);
    CHECK_IS(ROVE_E_RANGE, rove_stream_insert(s, "x", 1));
    CHECK_OK(rove_stream_size(s, &len));
    CHECK_EQ(ROVE_LEN_MAX, len);
    rove_stream_free(s);
}

static void room_is_given_for_what_can_be_committed(void)
{
    struct rove_stream *s = stream_of_text("ab");
    uint8_t *ptr = NULL;
    size_t n = 1;
    seek_to(s, ROVE_LEN_MAX);
    CHECK_IS(ROVE_E_RANGE, rove_stream_reserve(s, 10, &ptr, &n));
    CHECK(!ptr && n == 0);
    seek_to(s, ROVE_LEN_MAX - 3);
    CHECK_OK(rove_stream_reserve(s, 10, &ptr, &n));
    CHECK_EQ(env.chunk_len < 3 ? env.chunk_len : 3, n);
    memcpy(ptr, "xyz", n);
    CHECK_IS(ROVE_E_RANGE, rove_stream_commit(s, n + 1));
    CHECK_OK(rove_stream_commit(s, n));
    CHECK_AT(ROVE_LEN_MAX - 3 + n, s);
    rove_stream_free(s);
}

static void the_source_may_change_after_a_write(void)
{
    size_t len = 10000;
    uint8_t *src = malloc(len), *copy = malloc(len);
    memcpy(src, noise(len), len);
    memcpy(copy, src, len);
    struct rove_stream *s = stream_of(src, len);
    memset(src, 0, len);
    CHECK_HOLDS(s, copy, len);
    rove_stream_free(s);
    free(src);
    free(copy);
}

static void writev_gathers_in_order(void)
{
    struct rove_stream *s = stream_of_text("0123456789");
    struct iovec iov[4] = {{(void *) (uintptr_t) "ab", 2}, {NULL, 0},
                           {(void *) (uintptr_t) "cde", 3}, {(void *) (uintptr_t) "f", 1}};
    seek_to(s, 7);
    CHECK_OK(rove_stream_writev(s, iov, 4));
    CHECK_TEXT(s, "0123456abcdef");
    CHECK_AT(13, s);
    seek_to(s, 20);
    CHECK_OK(rove_stream_writev(s, iov, 3));
    CHECK_HOLDS(s, "0123456abcdef\0\0\0\0\0\0\0abcde", 25);
    rove_stream_free(s);
}

static void pwrite_leaves_the_cursor_alone(void)
{
    struct rove_stream *s = stream_of_text("0123456789");
    seek_to(s, 3);
    CHECK_OK(rove_stream_pwrite(s, 8, "abc", 3));
    CHECK_TEXT(s, "01234567abc");
    CHECK_AT(3, s);
    CHECK_OK(rove_stream_pwrite(s, 13, "z", 1));
    CHECK_HOLDS(s, "01234567abc\0\0z", 14);
    CHECK_OK(rove_stream_pwrite(s, 99, NULL, 0));
    CHECK_OK(rove_stream_write(s, "X", 1));
    CHECK_HOLDS(s, "012X4567abc\0\0z", 14);
    rove_stream_free(s);
}

static void write_view_shares_its_bytes(void)
{
    struct releases releases = {0};
    static uint8_t bytes[8192];
    struct rove_stream *from = adopted(bytes, sizeof bytes, &releases), *s = stream_of_text("abcd");
    struct rove_view view;
    const uint8_t *ptr;
    size_t n;
    CHECK_OK(rove_stream_snapshot(from, &view));
    rove_stream_free(from);
    seek_to(s, 2);
    CHECK_OK(rove_stream_write_view(s, &view));
    rove_view_fini(&view);
    CHECK_EQ(0, releases.cnt);
    CHECK_AT(2 + sizeof bytes, s);
    seek_to(s, 2);
    CHECK_OK(rove_stream_peek(s, &ptr, &n));
    CHECK(ptr == bytes && n == sizeof bytes);
    rove_stream_free(s);
    CHECK_EQ(1, releases.cnt);
}

static void write_view_of_its_own_bytes(void)
{
    struct rove_stream *s = stream_of_text(TEXT);
    struct rove_view all, view;
    CHECK_OK(rove_stream_snapshot(s, &all));
    CHECK_OK(rove_view_sub(&all, 4, 11, &view));
    seek_to(s, TEXT_LEN - 3);
    CHECK_OK(rove_stream_write_view(s, &view));
    CHECK_TEXT(s, "the quick brown fox jumps over the lazy quick brown");
    seek_to(s, 1);
    CHECK_OK(rove_stream_insert_view(s, &view));
    CHECK_TEXT(s, "tquick brownhe quick brown fox jumps over the lazy quick brown");
    CHECK_VIEW(&all, TEXT, TEXT_LEN);
    rove_view_fini(&view);
    rove_view_fini(&all);
    rove_stream_free(s);
}

// read ------------------------------------------------------------------------------------------

static void read_stops_at_the_end_with_what_there_was(void)
{
    struct rove_stream *s = stream_of_text("abc");
    char buf[8] = "-------";
    size_t n = 9;
    CHECK_OK(rove_stream_read(s, buf, 2, &n));
    CHECK_EQ(2, n);
    CHECK_IS(ROVE_END, rove_stream_read(s, buf + 2, 5, &n));
    CHECK_EQ(1, n);
    CHECK(memcmp(buf, "abc----", 7) == 0);
    CHECK_IS(ROVE_END, rove_stream_read(s, buf, 1, NULL));
    CHECK_AT(3, s);
    CHECK_OK(rove_stream_write(s, "d", 1)); // the end is not a state
    seek_to(s, 3);
    CHECK_OK(rove_stream_read(s, buf, 1, &n));
    CHECK_EQ('d', buf[0]);
    rove_stream_free(s);
}

// A stream takes over a rope of few bytes: they can be read at once, and written on.
static void a_short_rope_is_handed_over(void)
{
    for (unsigned how = 0; how < 4; how++) {
        for (size_t len = 0; len < 300; len += len < 4 ? 1 : 31) {
            struct rove_rope rope, clone;
            struct rove_stream *s;
            const uint8_t *src = noise(300);
            uint8_t got[300];
            size_t n = 7;
            rove_rope_init(&rope, env.pool);
            rove_rope_init(&clone, env.pool);
            CHECK_OK(rove_rope_append(&rope, src, 300));
            CHECK_OK(rove_rope_erase(&rope, len, 300 - len));
            if (how == 1) { // others see its bytes
                rove_rope_fini(&clone);
                rove_rope_clone(&clone, &rope);
            }
            if (how == 2)
                CHECK_OK(rove_rope_append(&clone, src, 1));
            CHECK_OK(rove_stream_from_rope(&rope, &s));
            CHECK_EQ(0, rove_rope_len(&rope));
            CHECK_AT(0, s);
            if (how == 3)
                CHECK_OK(rove_stream_pwrite(s, len, src + len, len < 300));
            CHECK_IS(ROVE_END, rove_stream_read(s, got, 300, &n));
            CHECK_EQ(len + (how == 3), n);
            CHECK(memcmp(got, src, n) == 0);
            CHECK_IS(ROVE_END, rove_stream_read(s, got, 1, NULL));
            CHECK_OK(rove_stream_read(s, got, 0, &n));
            CHECK_EQ(0, n);
            CHECK_OK(rove_stream_write(s, src + 5, 9));
            CHECK_IS(ROVE_END, rove_stream_read(s, got, 1, &n));
            CHECK_EQ(0, n);
            CHECK_OK(rove_stream_seek(s, -9, ROVE_CUR, NULL));
            CHECK_OK(rove_stream_read(s, got, 9, &n));
            CHECK(n == 9 && memcmp(got, src + 5, 9) == 0);
            rove_stream_free(s);
            if (how == 1)
                CHECK_EQ(len, rove_rope_len(&clone));
            rove_rope_fini(&clone);
            rove_rope_fini(&rope);
        }
    }
}

static void read_past_the_end_leaves_the_cursor(void)
{
    struct rove_stream *s = stream_of_text("abc");
    uint8_t byte;
    size_t n = 9;
    seek_to(s, 77);
    CHECK_IS(ROVE_END, rove_stream_read(s, &byte, 1, &n));
    CHECK_EQ(0, n);
    CHECK_AT(77, s);
    rove_stream_free(s);
}

static void read_of_nothing_is_done_at_once(void)
{
    struct rove_stream *s = stream_of_text("a");
    size_t n = 9;
    uint64_t sum = 9;
    seek_to(s, 1);
    CHECK_OK(rove_stream_read(s, NULL, 0, &n));
    CHECK_EQ(0, n);
    CHECK_OK(rove_stream_readv(s, NULL, 0, &sum));
    CHECK_EQ(0, sum);
    n = 9;
    CHECK_OK(rove_stream_pread(s, 1, NULL, 0, &n));
    CHECK_EQ(0, n);
    rove_stream_free(s);
}

static void readv_scatters_in_order(void)
{
    struct rove_stream *s = stream_of_text("0123456789");
    char a[3], b[4], c[9];
    struct iovec iov[4] = {{a, 3}, {NULL, 0}, {b, 4}, {c, 9}};
    uint64_t n = 0;
    CHECK_IS(ROVE_END, rove_stream_readv(s, iov, 4, &n));
    CHECK_EQ(10, n);
    CHECK(memcmp(a, "012", 3) == 0 && memcmp(b, "3456", 4) == 0 && memcmp(c, "789", 3) == 0);
    seek_to(s, 1);
    CHECK_OK(rove_stream_readv(s, iov, 3, NULL));
    CHECK(memcmp(b, "4567", 4) == 0);
    CHECK_AT(8, s);
    rove_stream_free(s);
}

static void pread_leaves_the_cursor_alone(void)
{
    struct rove_stream *s = stream_of_text("0123456789");
    char buf[8];
    size_t n = 0;
    seek_to(s, 5);
    CHECK_OK(rove_stream_pread(s, 2, buf, 4, &n));
    CHECK(n == 4 && memcmp(buf, "2345", 4) == 0);
    CHECK_IS(ROVE_END, rove_stream_pread(s, 8, buf, 4, &n));
    CHECK(n == 2 && memcmp(buf, "89", 2) == 0);
    CHECK_IS(ROVE_END, rove_stream_pread(s, 11, buf, 4, &n));
    CHECK_EQ(0, n);
    CHECK_IS(ROVE_E_RANGE, rove_stream_pread(s, UINT64_MAX, buf, 4, &n));
    CHECK_AT(5, s);
    rove_stream_free(s);
}

static void pread_sees_what_the_window_holds(void)
{
    struct rove_stream *s = stream_of_text("abc");
    char buf[8];
    size_t n = 0;
    seek_to(s, 3);
    CHECK_OK(rove_stream_write(s, "d", 1));
    CHECK_OK(rove_stream_write(s, "e", 1));
    CHECK_IS(ROVE_END, rove_stream_pread(s, 0, buf, 8, &n));
    CHECK(n == 5 && memcmp(buf, "abcde", 5) == 0);
    CHECK_OK(rove_stream_write(s, "f", 1));
    CHECK_TEXT(s, "abcdef");
    rove_stream_free(s);
}

static void read_view_pins_and_moves(void)
{
    struct rove_stream *s = stream_of_text(TEXT);
    struct rove_view view, rest;
    seek_to(s, 4);
    CHECK_OK(rove_stream_read_view(s, 11, &view));
    CHECK_AT(15, s);
    CHECK_IS(ROVE_END, rove_stream_read_view(s, 1000, &rest));
    CHECK_AT(TEXT_LEN, s);
    seek_to(s, 0);
    CHECK_OK(rove_stream_write(s, "##############################", 30));
    rove_stream_free(s);
    CHECK_VIEW(&view, "quick brown", 11);
    CHECK_VIEW(&rest, &TEXT[15], TEXT_LEN - 15);
    rove_view_fini(&view);
    rove_view_fini(&rest);
}

static void read_view_past_the_end_is_empty(void)
{
    struct rove_stream *s = stream_of_text("ab");
    struct rove_view view;
    seek_to(s, 10);
    CHECK_IS(ROVE_END, rove_stream_read_view(s, 1, &view));
    CHECK_EQ(0, rove_view_len(&view));
    rove_view_fini(&view);
    CHECK_OK(rove_stream_read_view(s, 0, &view));
    rove_view_fini(&view);
    CHECK_AT(10, s);
    rove_stream_free(s);
}

static void peek_points_and_does_not_move(void)
{
    struct rove_stream *s = stream_of_text("abc");
    const uint8_t *ptr = NULL;
    size_t n = 0;
    seek_to(s, 1);
    CHECK_OK(rove_stream_peek(s, &ptr, &n));
    CHECK(n >= 1 && n <= 2 && *ptr == 'b');
    CHECK_AT(1, s);
    seek_to(s, 3);
    CHECK_IS(ROVE_END, rove_stream_peek(s, &ptr, &n));
    CHECK_EQ(0, n);
    seek_to(s, 30);
    CHECK_IS(ROVE_END, rove_stream_peek(s, &ptr, &n));
    CHECK_EQ(0, n);
    CHECK_AT(30, s);
    rove_stream_free(s);
}

static void peek_gives_all_that_lies_in_one_run(void)
{
    struct rove_stream *s = stream_of(noise(9000), 9000);
    const uint8_t *ptr, *flat;
    size_t n = 0, len = 0;
    CHECK_OK(rove_stream_flatten(s, &flat, &len));
    seek_to(s, 10);
    CHECK_OK(rove_stream_peek(s, &ptr, &n));
    CHECK_EQ(len - 10, n);
    CHECK(ptr == flat + 10);
    rove_stream_free(s);
}

static const struct suite_case cases[] = {
    SUITE_CASE(new_is_empty_with_the_cursor_at_0),
    SUITE_CASE(new_on_the_default_pool),
    SUITE_CASE(from_rope_takes_the_bytes),
    SUITE_CASE(initial_bytes_are_not_copied_until_written_over),
    SUITE_CASE(write_overwrites_and_extends_never_inserts),
    SUITE_CASE(write_of_every_edge_length_over_every_edge_offset),
    SUITE_CASE(write_of_nothing_past_the_end_changes_nothing),
    SUITE_CASE(write_past_the_end_fills_with_zeros),
    SUITE_CASE(write_behind_a_gap_of_a_tebibyte_takes_no_memory),
    SUITE_CASE(write_beyond_2_to_the_63_is_refused),
    SUITE_CASE(the_last_byte_that_fits_can_be_written),
    SUITE_CASE(room_is_given_for_what_can_be_committed),
    SUITE_CASE(the_source_may_change_after_a_write),
    SUITE_CASE(writev_gathers_in_order),
    SUITE_CASE(pwrite_leaves_the_cursor_alone),
    SUITE_CASE(write_view_shares_its_bytes),
    SUITE_CASE(write_view_of_its_own_bytes),
    SUITE_CASE(read_stops_at_the_end_with_what_there_was),
    SUITE_CASE(a_short_rope_is_handed_over),
    SUITE_CASE(read_past_the_end_leaves_the_cursor),
    SUITE_CASE(read_of_nothing_is_done_at_once),
    SUITE_CASE(readv_scatters_in_order),
    SUITE_CASE(pread_leaves_the_cursor_alone),
    SUITE_CASE(pread_sees_what_the_window_holds),
    SUITE_CASE(read_view_pins_and_moves),
    SUITE_CASE(read_view_past_the_end_is_empty),
    SUITE_CASE(peek_points_and_does_not_move),
    SUITE_CASE(peek_gives_all_that_lies_in_one_run),
};

int main(int argc, char **argv)
{
    return suite_run(argc, argv,
                     &(struct suite){"test_stream", cases, sizeof cases / sizeof *cases, true});
}
