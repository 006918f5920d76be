// SPDX-License-Identifier: MIT
// test_stream_window.c: what a stream over a rope shows in its window, and when it may be written there.
#include <stdlib.h>

#include "stream_kit.h"
#include "support/edits.h"
#include "support/model.h"

#define LEN ((size_t) 1 << 20)

// A stream of LEN bytes in the tree, behind them a few in the open end; and the same bytes flat.
static struct rove_stream *long_stream(uint8_t **flat_out)
{
    size_t len = env.chunk_len < 256 ? LEN / 64 : LEN;
    struct rove_stream *s = stream_of_text("");
    uint8_t *flat = *flat_out = malloc(LEN + 10);
    for (size_t off = 0; off < len; off += 4096) {
        memcpy(flat + off, noise(4096), 4096);
        CHECK_OK(rove_stream_write(s, flat + off, 4096));
    }
    memcpy(flat + len, "the end :)", 10);
    CHECK_OK(rove_stream_write(s, flat + len, 10));
    return s;
}

static size_t len_of(struct rove_stream *s)
{
    uint64_t len = 0;
    CHECK_OK(rove_stream_size(s, &len));
    return (size_t) len;
}

// One of the ways to reach a random place; what is read must be what is there.
static void one_act(struct rove_stream *s, uint8_t *flat, size_t len, struct rng *rng)
{
    uint8_t got[64], put[64];
    size_t n = 1 + rng_below(rng, sizeof got), off = rng_below(rng, len - n + 1);
    memset(put, (int) rng_below(rng, 256), sizeof put);
    size_t how = rng_below(rng, 5);
    if (how < 3)
        seek_to(s, off);
    if (how < 2) {
        CHECK_OK(rove_stream_read(s, got, n, NULL));
        CHECK(memcmp(got, flat + off, n) == 0);
        off += n;
        n = n < len - off ? n : len - off;
    }
    if (how == 0)
        return;
    if (how == 3) {
        CHECK_OK(rove_stream_pread(s, off, got, n, NULL));
        CHECK(memcmp(got, flat + off, n) == 0);
        return;
    }
    if (how == 4)
        CHECK_OK(rove_stream_pwrite(s, off, put, n));
    else
        CHECK_OK(rove_stream_write(s, put, n));
    memcpy(flat + off, put, n);
}

static void random_writes_are_done_in_place(void)
{
    uint8_t *flat;
    struct rove_stream *s = long_stream(&flat);
    size_t len = len_of(s);
    struct rng rng = rng_from(suite_seed());
    test_alloc_arm(&env.alloc, 0, false);
    for (int i = 0; i < 3000; i++)
        one_act(s, flat, len, &rng);
    CHECK_EQ(0, test_alloc_calls(&env.alloc));
    CHECK_HOLDS(s, flat, len);
    rove_stream_free(s);
    free(flat);
}

static void bytes_that_others_see_are_not_written(void)
{
    uint8_t *flat, *before = malloc(LEN + 10);
    struct rove_stream *s = long_stream(&flat);
    size_t len = len_of(s);
    struct rng rng = rng_from(suite_seed());
    for (int round = 0; round < 30; round++) {
        struct rove_view view;
        uint8_t byte;
        memcpy(before, flat, len);
        seek_to(s, rng_below(&rng, len)); // a window is open when the others come
        CHECK_OK(rove_stream_read(s, &byte, 1, NULL));
        CHECK_OK(rove_stream_snapshot(s, &view));
        for (int i = 0; i < 10; i++)
            one_act(s, flat, len, &rng);
        CHECK_VIEW(&view, before, len);
        rove_view_fini(&view);
        CHECK_HOLDS(s, flat, len);
    }
    rove_stream_free(s);
    free(flat);
    free(before);
}

static void what_is_written_at_an_offset_shows_in_the_window(void)
{
    uint8_t *flat, got[4];
    struct rove_stream *s = long_stream(&flat);
    size_t places[] = {100, len_of(s) - 8};
    for (size_t i = 0; i < 2; i++) {
        struct rove_view view;
        seek_to(s, places[i]);
        CHECK_OK(rove_stream_read(s, got, 1, NULL));
        CHECK_OK(rove_stream_pwrite(s, places[i] + 1, "abcd", 4));
        CHECK_AT(places[i] + 1, s);
        CHECK_OK(rove_stream_read(s, got, 2, NULL));
        CHECK(memcmp(got, "ab", 2) == 0);
        CHECK_OK(rove_stream_snapshot(s, &view)); // elsewhere from now on
        CHECK_OK(rove_stream_read(s, got, 1, NULL));
        CHECK_OK(rove_stream_pwrite(s, places[i] + 3, "xy", 2));
        CHECK_OK(rove_stream_read(s, got + 1, 1, NULL));
        CHECK(memcmp(got, "cy", 2) == 0);
        rove_view_fini(&view);
    }
    rove_stream_free(s);
    free(flat);
}

static void what_the_window_holds_is_there_for_all_calls(void)
{
    struct rove_stream *s = stream_of_text("0123456789");
    uint8_t got[16];
    size_t n = 0;
    CHECK_OK(rove_stream_seek(s, 0, ROVE_FROM_END, NULL));
    CHECK_OK(rove_stream_write(s, "abc", 3));
    CHECK_EQ(13, len_of(s));
    CHECK_OK(rove_stream_write(s, "def", 3));
    CHECK_OK(rove_stream_pread(s, 8, got, 8, &n));
    CHECK_EQ(8, n);
    CHECK(memcmp(got, "89abcdef", 8) == 0);
    CHECK_OK(rove_stream_write(s, "g", 1));
    CHECK_OK(rove_stream_pwrite(s, 15, "FG", 2));
    CHECK_OK(rove_stream_write(s, "h", 1));
    CHECK_IS(ROVE_END, rove_stream_pread(s, 14, got, 8, &n));
    CHECK_EQ(4, n);
    CHECK_TEXT(s, "0123456789abcdeFGh");
    rove_stream_free(s);
}

// Overwriting piece by piece goes through a window, too: one call of the device a slice.
static void old_bytes_are_written_one_after_the_other(void)
{
    uint8_t *flat;
    struct rove_stream *s = long_stream(&flat);
    size_t len = len_of(s);
    seek_to(s, 0);
    for (size_t off = 0; off + 7 < len; off += 7) {
        memcpy(flat + off, "seven !", 7);
        CHECK_OK(rove_stream_write(s, flat + off, 7));
    }
    CHECK_HOLDS(s, flat, len);
    rove_stream_free(s);
    free(flat);
}

// A queue: the cursor stays at the end, where a window is open, while bytes are dropped at the front.
static void a_queue_is_written_at_its_end_and_dropped_at_its_front(void)
{
    enum { MOST = 20000 };
    struct rove_stream *s = stream_of_text("");
    uint8_t *all = malloc(MOST + 200), got[200];
    size_t in = 0, out = 0;
    struct rng rng = rng_from(suite_seed());
    while (in < MOST) {
        size_t n = 1 + rng_below(&rng, 200), left = rng_below(&rng, 5) ? 300 : 0;
        memcpy(all + in, noise(n), n);
        CHECK_OK(rove_stream_write(s, all + in, n));
        in += n;
        while (in - out > left) {
            n = 1 + rng_below(&rng, in - out < 200 ? in - out : 200);
            if (rng_below(&rng, 2)) {
                CHECK_OK(rove_stream_pread(s, 0, got, n, NULL));
                CHECK_OK(rove_stream_drop_front(s, n));
            } else {
                CHECK_OK(rove_stream_take(s, got, n, NULL));
            }
            CHECK(memcmp(got, all + out, n) == 0);
            out += n;
            CHECK_AT(in - out, s);
        }
        if (rng_below(&rng, 20) == 0)
            CHECK_HOLDS(s, all + out, in - out);
        CHECK_OK(rove_stream_seek(s, 0, ROVE_FROM_END, NULL));
    }
    CHECK_IS(ROVE_E_RANGE, rove_stream_drop_front(s, in - out + 1));
    CHECK_HOLDS(s, all + out, in - out);
    CHECK_OK(rove_stream_seek(s, 0, ROVE_SET, NULL));
    size_t len = 9;
    CHECK_IS(ROVE_E_ARG, rove_stream_take(NULL, got, 1, &len));
    CHECK_IS(ROVE_E_ARG, rove_stream_take(s, NULL, 1, &len));
    CHECK_OK(rove_stream_take(s, NULL, 0, &len));
    CHECK_EQ(0, len);
    CHECK_HOLDS(s, all + out, in - out);
    CHECK_OK(rove_stream_seek(s, 0, ROVE_SET, NULL));
    CHECK_IS(ROVE_END, rove_stream_take(s, all, MOST + 200, &len));
    CHECK_EQ(in - out, len);
    CHECK_AT(0, s); // its byte is gone
    rove_stream_free(s);
    free(all);
}

// How many bytes a write may put in place without a call.
static size_t inline_room(const struct rove_stream *s)
{
    return s->wend > s->cur ? (size_t) (s->wend - s->cur) : 0;
}

// Where nobody else sees its bytes, a queue that runs empty needs no more room than its first record did.
static void a_queue_that_runs_empty_begins_its_chunk_again(void)
{
    enum { RECORD = 50 };
    for (int seen = 0; seen < 2; seen++) {
        struct rove_stream *s = stream_of_text("");
        const uint8_t *bytes = noise(RECORD + 1);
        uint8_t got[RECORD];
        CHECK_OK(rove_stream_write(s, bytes, RECORD));
        size_t room = inline_room(s);
        for (int i = 0; i < 100; i++) {
            const uint8_t *last = bytes + i % 2, *next = bytes + 1 - i % 2;
            struct rove_view view = {0};
            if (seen)
                CHECK_OK(rove_stream_snapshot(s, &view));
            if (i % 2)
                CHECK_OK(rove_stream_drop_front(s, RECORD));
            else
                CHECK_OK(rove_stream_take(s, got, RECORD, NULL));
            CHECK(i % 2 || memcmp(got, last, RECORD) == 0);
            CHECK_AT(0, s);
            CHECK_IS(ROVE_END, rove_stream_take(s, got, 1, NULL));
            CHECK_OK(rove_stream_write(s, next, RECORD));
            CHECK(seen || inline_room(s) == room);
            if (seen) {
                CHECK_OK(rove_view_read(&view, 0, got, RECORD, NULL));
                CHECK(memcmp(got, last, RECORD) == 0);
            }
            rove_view_fini(&view);
        }
        CHECK_AT(RECORD, s);
        rove_stream_free(s);
    }
}

// Who has written finds the place for the next write open; who reads instead is noticed before long, and who shares
// the bytes meanwhile never sees them change.
static void a_seek_after_a_write_opens_the_window_for_the_next(void)
{
    uint8_t *flat, got;
    struct rove_stream *s = long_stream(&flat);
    size_t len = len_of(s) - 10, opened = 0;
    for (size_t i = 0; i < 64; i++) {
        seek_to(s, i * (len / 64));
        opened += i && inline_room(s) > 0;
        CHECK_OK(rove_stream_write(s, "w", 1));
        flat[i * (len / 64)] = 'w';
    }
    CHECK(opened >= 64 - 4 || env.chunk_len < 256); // not the first place, and once in 32 nothing is opened
    opened = 0;
    for (size_t i = 0; i < 64; i++) {
        size_t off = (i * 37 % 64) * (len / 64) + 1;
        seek_to(s, off);
        opened += i >= 32 && inline_room(s) > 0;
        CHECK_OK(rove_stream_read(s, &got, 1, NULL));
        CHECK_EQ(flat[off], got);
    }
    CHECK_EQ(0, (int) opened);
    seek_to(s, 0);
    CHECK_OK(rove_stream_write(s, "w", 1));
    seek_to(s, len / 2); // open for writing
    struct rove_view seen;
    CHECK_OK(rove_stream_snapshot(s, &seen));
    CHECK_EQ(0, (int) inline_room(s));
    CHECK_OK(rove_stream_write(s, "now", 3));
    CHECK_OK(rove_view_read(&seen, len / 2, &got, 1, NULL));
    CHECK_EQ(flat[len / 2], got);
    memcpy(flat + len / 2, "now", 3);
    rove_view_fini(&seen);
    CHECK_HOLDS(s, flat, len + 10);
    rove_stream_free(s);
    free(flat);
}

static const struct suite_case cases[] = {
    SUITE_CASE(random_writes_are_done_in_place),
    SUITE_CASE(bytes_that_others_see_are_not_written),
    SUITE_CASE(a_seek_after_a_write_opens_the_window_for_the_next),
    SUITE_CASE(what_is_written_at_an_offset_shows_in_the_window),
    SUITE_CASE(what_the_window_holds_is_there_for_all_calls),
    SUITE_CASE(old_bytes_are_written_one_after_the_other),
    SUITE_CASE(a_queue_is_written_at_its_end_and_dropped_at_its_front),
    SUITE_CASE(a_queue_that_runs_empty_begins_its_chunk_again),
};

int main(int argc, char **argv)
{
    return suite_run(argc, argv, &(struct suite){"test_stream_window", cases,
                                                 sizeof cases / sizeof *cases, true});
}
