// SPDX-License-Identifier: MIT
// test_hole.c: bytes reserved now and filled later, whatever happens meanwhile.
#include <stdlib.h>

#include "stream_kit.h"
#include "support/amount.h"
#include "support/edits.h"
#include "support/model.h"

// "head", a hole of four bytes, "tail"; the cursor at the end.
static struct rove_stream *with_hole(struct rove_hole *hole)
{
    struct rove_stream *s = stream_of_text("head");
    seek_to(s, 4);
    CHECK_OK(rove_stream_hole(s, 4, hole));
    CHECK_AT(8, s);
    CHECK_OK(rove_stream_write(s, "tail", 4));
    return s;
}

static void check_off(struct rove_stream *s, struct rove_hole hole, uint64_t due)
{
    uint64_t off = UINT64_MAX;
    CHECK_OK(rove_stream_hole_off(s, hole, &off));
    CHECK_EQ(due, off);
}

static void check_gone(struct rove_stream *s, struct rove_hole hole, enum rove_status why)
{
    uint64_t off;
    uint64_t pos = cursor_of(s);
    CHECK_IS(why, rove_stream_hole_off(s, hole, &off));
    CHECK_IS(why, rove_stream_fill(s, hole, "####", 4));
    CHECK_IS(why, rove_stream_fill(s, hole, "####", 4)); // being told so changes nothing
    CHECK_IS(why, rove_stream_forget(s, hole));
    CHECK_AT(pos, s);
}

static void a_hole_is_zeros_until_filled(void)
{
    struct rove_hole hole;
    struct rove_stream *s = with_hole(&hole);
    CHECK(hole.id != 0 && hole.len == 4);
    CHECK_HOLDS(s, "head\0\0\0\0tail", 12);
    check_off(s, hole, 4);
    CHECK_OK(rove_stream_fill(s, hole, "FILL", 4));
    CHECK_TEXT(s, "headFILLtail");
    CHECK_AT(12, s);
    check_gone(s, hole, ROVE_E_STATE);
    CHECK_TEXT(s, "headFILLtail");
    rove_stream_free(s);
}

static void only_its_own_length_fills_a_hole(void)
{
    struct rove_hole hole, none;
    struct rove_stream *s = with_hole(&hole);
    CHECK_IS(ROVE_E_ARG, rove_stream_fill(s, hole, "12345", 5));
    CHECK_IS(ROVE_E_ARG, rove_stream_fill(s, hole, "123", 3));
    CHECK_IS(ROVE_E_ARG, rove_stream_fill(s, hole, NULL, 0));
    CHECK_IS(ROVE_E_ARG, rove_stream_hole(s, 0, &none));
    CHECK_EQ(0, none.id);
    CHECK_HOLDS(s, "head\0\0\0\0tail", 12);
    CHECK_OK(rove_stream_fill(s, hole, "FILL", 4));
    CHECK_TEXT(s, "headFILLtail");
    rove_stream_free(s);
}

static void a_hole_over_old_bytes_and_past_the_end(void)
{
    struct rove_stream *s = stream_of_text("0123456789");
    struct rove_hole over, beyond;
    seek_to(s, 8);
    CHECK_OK(rove_stream_hole(s, 4, &over));
    CHECK_HOLDS(s, "01234567\0\0\0\0", 12);
    seek_to(s, 14);
    CHECK_OK(rove_stream_hole(s, 2, &beyond));
    CHECK_AT(16, s);
    CHECK_OK(rove_stream_fill(s, beyond, "XY", 2));
    CHECK_OK(rove_stream_fill(s, over, "abcd", 4));
    CHECK_HOLDS(s, "01234567abcd\0\0XY", 16);
    seek_to(s, ROVE_LEN_MAX - 1);
    CHECK_IS(ROVE_E_RANGE, rove_stream_hole(s, 2, &over));
    CHECK_EQ(0, over.id);
    CHECK_HOLDS(s, "01234567abcd\0\0XY", 16);
    rove_stream_free(s);
}

static void a_snapshot_keeps_its_zeros(void)
{
    struct rove_hole hole;
    struct rove_stream *s = with_hole(&hole);
    struct rove_view view;
    struct rove_rope rope;
    CHECK_OK(rove_stream_snapshot(s, &view));
    CHECK_OK(rove_stream_clone_rope(s, &rope));
    CHECK_OK(rove_stream_fill(s, hole, "FILL", 4));
    CHECK_TEXT(s, "headFILLtail");
    CHECK_VIEW(&view, "head\0\0\0\0tail", 12);
    CHECK_BYTES(&rope, "head\0\0\0\0tail", 12);
    rove_view_fini(&view);
    rove_rope_fini(&rope);
    rove_stream_free(s);
}

static void inserts_move_a_hole_that_lies_behind(void)
{
    struct rove_hole hole;
    struct rove_stream *s = with_hole(&hole);
    seek_to(s, 0);
    CHECK_OK(rove_stream_insert(s, "in ", 3));
    check_off(s, hole, 7);
    seek_to(s, 7); // right at its front
    CHECK_OK(rove_stream_insert(s, "+", 1));
    check_off(s, hole, 8);
    seek_to(s, 12); // right at its end
    CHECK_OK(rove_stream_insert(s, "-", 1));
    check_off(s, hole, 8);
    CHECK_OK(rove_stream_fill(s, hole, "FILL", 4));
    CHECK_TEXT(s, "in head+FILL-tail");
    rove_stream_free(s);
}

static void inserts_of_views_move_a_hole(void)
{
    struct rove_hole hole;
    struct rove_stream *s = with_hole(&hole);
    struct rove_view view;
    CHECK_OK(rove_stream_snapshot(s, &view));
    seek_to(s, 2);
    CHECK_OK(rove_stream_insert_view(s, &view));
    check_off(s, hole, 16);
    CHECK_OK(rove_stream_fill(s, hole, "FILL", 4));
    CHECK_HOLDS(s, "hehead\0\0\0\0tailadFILLtail", 24);
    rove_view_fini(&view);
    rove_stream_free(s);
}

static void an_insert_into_a_hole_ends_it(void)
{
    for (uint64_t at = 5; at < 8; at++) {
        struct rove_hole hole;
        struct rove_stream *s = with_hole(&hole);
        seek_to(s, at);
        CHECK_OK(rove_stream_insert(s, NULL, 0)); // nothing is no insert
        check_off(s, hole, 4);
        CHECK_OK(rove_stream_insert(s, "x", 1));
        check_gone(s, hole, ROVE_E_STATE);
        rove_stream_free(s);
    }
}

static void erasing_before_and_behind_moves_it(void)
{
    struct rove_hole hole;
    struct rove_stream *s = with_hole(&hole);
    seek_to(s, 1);
    CHECK_OK(rove_stream_erase(s, 3)); // up to its front
    check_off(s, hole, 1);
    seek_to(s, 5);
    CHECK_OK(rove_stream_erase(s, 2)); // from its end
    check_off(s, hole, 1);
    seek_to(s, 3);
    CHECK_OK(rove_stream_erase(s, 0)); // inside, but nothing
    check_off(s, hole, 1);
    CHECK_OK(rove_stream_drop_front(s, 1));
    check_off(s, hole, 0);
    CHECK_OK(rove_stream_drop_front(s, 0));
    CHECK_OK(rove_stream_fill(s, hole, "FILL", 4));
    CHECK_TEXT(s, "FILLil");
    rove_stream_free(s);
}

static void erasing_any_of_its_bytes_ends_it(void)
{
    for (uint64_t from = 0; from < 8; from++) {
        for (uint64_t to = from + 1; to <= 12; to++) {
            struct rove_hole hole;
            struct rove_stream *s = with_hole(&hole);
            seek_to(s, from);
            CHECK_OK(rove_stream_erase(s, to - from));
            if (to <= 4)
                check_off(s, hole, 4 - (to - from));
            else
                check_gone(s, hole, ROVE_E_STATE);
            rove_stream_free(s);
        }
    }
}

static void cutting_it_away_ends_it_for_good(void)
{
    struct rove_hole hole;
    struct rove_stream *s = with_hole(&hole);
    CHECK_OK(rove_stream_truncate(s, 8));
    check_off(s, hole, 4);
    CHECK_OK(rove_stream_truncate(s, 7));
    check_gone(s, hole, ROVE_E_STATE);
    CHECK_OK(rove_stream_resize(s, 12)); // longer again: other bytes
    check_gone(s, hole, ROVE_E_STATE);
    CHECK_HOLDS(s, "head\0\0\0\0\0\0\0\0", 12);
    rove_stream_free(s);
    s = with_hole(&hole);
    CHECK_OK(rove_stream_resize(s, 4));
    check_gone(s, hole, ROVE_E_STATE);
    rove_stream_free(s);
    s = with_hole(&hole);
    CHECK_OK(rove_stream_drop_front(s, 5));
    check_gone(s, hole, ROVE_E_STATE);
    rove_stream_free(s);
}

static void writing_over_a_hole_leaves_it_open(void)
{
    struct rove_hole hole;
    struct rove_stream *s = with_hole(&hole);
    seek_to(s, 2);
    CHECK_OK(rove_stream_write(s, "....", 4));
    CHECK_HOLDS(s, "he....\0\0tail", 12);
    check_off(s, hole, 4);
    CHECK_OK(rove_stream_fill(s, hole, "FILL", 4));
    CHECK_TEXT(s, "he..FILLtail");
    CHECK_AT(6, s);
    rove_stream_free(s);
}

static void a_split_takes_the_holes_behind_it_along(void)
{
    for (uint64_t at = 0; at <= 12; at++) {
        struct rove_hole hole;
        struct rove_stream *s = with_hole(&hole), *right;
        seek_to(s, at);
        CHECK_OK(rove_stream_split(s, &right));
        if (at <= 4) {
            check_off(right, hole, 4 - at);
            check_gone(s, hole, ROVE_E_STATE);
            CHECK_OK(rove_stream_fill(right, hole, "FILL", 4));
            CHECK_HOLDS(right, &"headFILLtail"[at], (size_t) (12 - at));
        } else if (at < 8) {
            check_gone(s, hole, ROVE_E_STATE);
            check_gone(right, hole, ROVE_E_STATE);
        } else {
            check_off(s, hole, 4);
            check_gone(right, hole, ROVE_E_STATE);
            CHECK_OK(rove_stream_fill(s, hole, "FILL", 4));
            CHECK_HOLDS(s, "headFILLtail", (size_t) at);
        }
        rove_stream_free(s);
        rove_stream_free(right);
    }
}

static void a_hole_belongs_to_one_stream(void)
{
    struct rove_hole hole, never = {0, 4};
    struct rove_stream *s = with_hole(&hole), *other = stream_of_text("other bytes");
    check_gone(other, hole, ROVE_E_STATE);
    check_gone(other, never, ROVE_E_STATE);
    CHECK_TEXT(other, "other bytes");
    CHECK_OK(rove_stream_fill(s, hole, "FILL", 4));
    rove_stream_free(other);
    rove_stream_free(s);
}

static void reset_steal_and_close_forget_holes(void)
{
    struct rove_hole hole;
    struct rove_stream *s = with_hole(&hole);
    struct rove_rope rope;
    CHECK_OK(rove_stream_reset(s));
    CHECK_OK(rove_stream_write(s, "0123456789", 10));
    check_gone(s, hole, ROVE_E_STATE);
    CHECK_OK(rove_stream_hole(s, 4, &hole));
    CHECK_OK(rove_stream_steal(s, &rope));
    check_gone(s, hole, ROVE_E_STATE);
    rove_rope_fini(&rope);
    CHECK_OK(rove_stream_hole(s, 4, &hole));
    CHECK_OK(rove_stream_close(s));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_fill(s, hole, "FILL", 4));
    CHECK_OK(rove_stream_reset(s));
    check_gone(s, hole, ROVE_E_STATE);
    rove_stream_free(s);
}

static void a_forgotten_hole_leaves_its_bytes(void)
{
    struct rove_hole hole;
    struct rove_stream *s = with_hole(&hole);
    seek_to(s, 5);
    CHECK_OK(rove_stream_write(s, "##", 2));
    CHECK_OK(rove_stream_forget(s, hole));
    CHECK_AT(7, s);
    check_gone(s, hole, ROVE_E_STATE);
    CHECK_HOLDS(s, "head\0##\0tail", 12);
    CHECK_OK(rove_stream_close(s));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_forget(s, hole));
    rove_stream_free(s);
}

static void drop_it(struct rove_stream *s, struct rove_hole hole)
{
    (void) hole;
    CHECK_OK(rove_stream_drop_front(s, 5));
    CHECK_OK(rove_stream_drop_front(s, 7));
}

static void fill_it(struct rove_stream *s, struct rove_hole hole)
{
    CHECK_OK(rove_stream_fill(s, hole, "FILL", 4));
    CHECK_OK(rove_stream_drop_front(s, 12));
}

static void forget_it(struct rove_stream *s, struct rove_hole hole)
{
    CHECK_OK(rove_stream_forget(s, hole));
    CHECK_OK(rove_stream_truncate(s, 0));
}

static void insert_into_it(struct rove_stream *s, struct rove_hole hole)
{
    (void) hole;
    seek_to(s, 6);
    CHECK_OK(rove_stream_insert(s, "x", 1));
    CHECK_OK(rove_stream_drop_front(s, 13));
}

static void erase_it(struct rove_stream *s, struct rove_hole hole)
{
    (void) hole;
    seek_to(s, 0);
    CHECK_OK(rove_stream_erase(s, 5));
    CHECK_OK(rove_stream_resize(s, 0));
}

static void split_it(struct rove_stream *s, struct rove_hole hole)
{
    struct rove_stream *right;
    (void) hole;
    seek_to(s, 6);
    CHECK_OK(rove_stream_split(s, &right));
    rove_stream_free(right);
    CHECK_OK(rove_stream_truncate(s, 0));
}

// A queue of records whose headers are reserved first. What ended costs nothing: neither memory, nor
// the time to walk over it.
static void holes_that_ended_leave_nothing_behind(void)
{
    void (*const ends[])(struct rove_stream *, struct rove_hole) = {
        drop_it, fill_it, forget_it, insert_into_it, erase_it, split_it};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct rove_stream *s = stream_of_text("");
        struct rove_pool_figures warm = {0}, now;
        uint64_t rounds = env.chunk_len < 4096 ? amount_of(40000, 10000) : 40000;
        for (uint64_t j = 0; j < rounds; j++) {
            struct rove_hole hole;
            seek_to(s, 0);
            CHECK_OK(rove_stream_write(s, "head", 4));
            CHECK_OK(rove_stream_hole(s, 4, &hole));
            CHECK_OK(rove_stream_write(s, "tail", 4));
            ends[i](s, hole);
            if (j == rounds / 2) // the open end of a queue has got its full size
                rove_pool_measure(env.pool, &warm);
        }
        rove_pool_measure(env.pool, &now);
        CHECK_EQ(warm.held, now.held);
        rove_stream_free(s);
    }
}

static void holes_of_every_length_across_chunks(void)
{
    size_t most = 3 * env.chunk_len + 2 < 20000 ? 3 * env.chunk_len + 2 : 20000;
    for (size_t len = 1; len <= most; len += 1 + len / 5) {
        struct rove_hole hole;
        struct rove_stream *s = stream_of_text("<>");
        struct model model = {0};
        const uint8_t *src = noise(len);
        seek_to(s, 1);
        CHECK_OK(rove_stream_hole(s, len, &hole));
        CHECK_OK(rove_stream_write(s, ">", 1));
        CHECK_OK(rove_stream_fill(s, hole, src, len));
        model_replace(&model, 0, 0, "<>", 2);
        model_replace(&model, 1, 0, src, len);
        CHECK_HOLDS(s, model.ptr, model.len);
        CHECK_AT(len + 2, s);
        model_fini(&model);
        rove_stream_free(s);
    }
}

static void many_holes_filled_in_any_order(void)
{
    enum { CNT = 300 };
    struct rove_hole holes[CNT];
    struct rove_stream *s = stream_of_text("");
    char expected[5 * CNT + 1] = "";
    for (int i = 0; i < CNT; i++) {
        CHECK_OK(rove_stream_write(s, ":", 1));
        CHECK_OK(rove_stream_hole(s, 4, &holes[i]));
        sprintf(expected + 5 * i, ":%04d", i);
    }
    for (int i = 0; i < CNT; i++) {
        char text[5];
        int which = (i * 7 + 3) % CNT; // 7 and 300 have no factor in common
        sprintf(text, "%04d", which);
        check_off(s, holes[which], (uint64_t) (5 * which + 1));
        CHECK_OK(rove_stream_fill(s, holes[which], text, 4));
    }
    CHECK_TEXT(s, expected);
    rove_stream_free(s);
}

static void nested_lengths_are_patched_from_the_inside_out(void)
{
    struct rove_stream *s = stream_of_text("");
    struct rove_hole outer, inner;
    uint64_t from, to;
    CHECK_OK(rove_stream_hole(s, 1, &outer));
    CHECK_OK(rove_stream_write(s, "a", 1));
    CHECK_OK(rove_stream_hole(s, 1, &inner));
    CHECK_OK(rove_stream_write(s, "bcd", 3));
    to = cursor_of(s);
    CHECK_OK(rove_stream_hole_off(s, inner, &from));
    CHECK_OK(rove_stream_fill(s, inner, &(uint8_t){(uint8_t) ('0' + to - from - 1)}, 1));
    CHECK_OK(rove_stream_hole_off(s, outer, &from));
    CHECK_OK(rove_stream_fill(s, outer, &(uint8_t){(uint8_t) ('0' + to - from - 1)}, 1));
    CHECK_TEXT(s, "5a3bcd");
    rove_stream_free(s);
}

// beside a list -----------------------------------------------------------------------------------

#define STREAMS 3
#define HOLES 200

struct listed {
    struct rove_hole hole;
    uint64_t off;
    int stream; // -1: it has ended
};

struct listing {
    struct rng rng;
    struct rove_stream *streams[STREAMS];
    struct listed holes[HOLES];
};

static uint64_t length_of(const struct listing *l, int i)
{
    uint64_t len;
    CHECK_OK(rove_stream_size(l->streams[i], &len));
    return len;
}

// What an edit does to each, by the words of stream.h.
static void list_edit(struct listing *l, int i, uint64_t off, uint64_t del, uint64_t len)
{
    for (struct listed *h = l->holes; h < l->holes + HOLES; h++) {
        if (h->stream != i || h->off + h->hole.len <= off)
            continue;
        if (h->off >= off + del)
            h->off += len - del;
        else if (del || len)
            h->stream = -1;
    }
}

static void list_split(struct listing *l, int from, uint64_t off, int to)
{
    for (struct listed *h = l->holes; h < l->holes + HOLES; h++) {
        if (h->stream == to)
            h->stream = -1; // that stream is gone
        if (h->stream != from || h->off + h->hole.len <= off)
            continue;
        h->stream = h->off >= off ? to : -1;
        h->off -= off;
    }
}

static void split_one(struct listing *l, int i, uint64_t at)
{
    int to = (i + 1) % STREAMS;
    struct rove_stream *right;
    seek_to(l->streams[i], at);
    CHECK_OK(rove_stream_split(l->streams[i], &right));
    rove_stream_free(l->streams[to]);
    l->streams[to] = right;
    list_split(l, i, at, to);
}

static void end_one(struct listing *l, struct listed *h)
{
    static const uint8_t bytes[40];
    if (h->stream < 0) {
        for (int i = 0; i < STREAMS; i++)
            CHECK_IS(ROVE_E_STATE, rove_stream_forget(l->streams[i], h->hole));
        return;
    }
    struct rove_stream *s = l->streams[h->stream];
    CHECK_OK(rng_below(&l->rng, 2) ? rove_stream_forget(s, h->hole)
                                   : rove_stream_fill(s, h->hole, bytes, (size_t) h->hole.len));
    h->stream = -1;
}

static void list_step(struct listing *l)
{
    int i = (int) rng_below(&l->rng, STREAMS);
    struct rove_stream *s = l->streams[i];
    struct listed *h = &l->holes[rng_below(&l->rng, HOLES)];
    uint64_t len = length_of(l, i), off = rng_below(&l->rng, (size_t) len + 1), n = rng_below(&l->rng, 12);
    uint64_t rest = len - off, some = n < rest ? n : rest, kind = rng_below(&l->rng, 12);
    seek_to(s, off);
    switch (kind) {
    case 0:
        CHECK_OK(rove_stream_insert(s, "twelve bytes", (size_t) n));
        list_edit(l, i, off, 0, n);
        break;
    case 1:
        CHECK_OK(rove_stream_erase(s, some));
        list_edit(l, i, off, some, 0);
        break;
    case 2:
        CHECK_OK(rove_stream_drop_front(s, some));
        list_edit(l, i, 0, some, 0);
        break;
    case 3:
        if (rng_below(&l->rng, 8) == 0) {
            CHECK_OK(rove_stream_erase(s, rest));
            list_edit(l, i, off, rest, 0);
        }
        break;
    case 4:
        if (rng_below(&l->rng, 8) == 0)
            split_one(l, i, off);
        break;
    case 5:
    case 6:
        end_one(l, h);
        break;
    default: // also over others, and past the end
        if (h->stream >= 0)
            break;
        off += off == len ? n : 0;
        seek_to(s, off);
        CHECK_OK(rove_stream_hole(s, (size_t) (1 + n), &h->hole));
        h->off = off;
        h->stream = i;
        break;
    }
}

static void check_listed(const struct listing *l)
{
    for (const struct listed *h = l->holes; h < l->holes + HOLES; h++)
        for (int i = 0; i < STREAMS; i++) {
            uint64_t off;
            enum rove_status status = rove_stream_hole_off(l->streams[i], h->hole, &off);
            if (status != (h->stream == i ? ROVE_OK : ROVE_E_STATE) ||
                (status == ROVE_OK && off != h->off))
                CHECK(false);
        }
}

static void holes_are_where_a_list_has_them(void)
{
    static struct listing l;
    l = (struct listing){.rng = rng_from(suite_seed() + env.chunk_len)};
    for (int i = 0; i < STREAMS; i++)
        l.streams[i] = stream_of_text("some text to begin with");
    for (int i = 0; i < HOLES; i++)
        l.holes[i].stream = -1;
    for (uint64_t steps = suite_scaled(40000), i = 0; i < steps; i++) {
        list_step(&l);
        if (i % 8 == 0)
            check_listed(&l);
    }
    for (int i = 0; i < STREAMS; i++)
        rove_stream_free(l.streams[i]);
}

// A call goes down a tree of all holes. One that walked a list of them would take minutes.
static void a_hundred_thousand_holes(void)
{
    enum { CNT = 100000 };
    if (env.chunk_len < 4096) // once is enough
        return;
    struct rove_hole *holes = malloc(CNT * sizeof *holes);
    struct rove_stream *s = stream_of_text("");
    for (size_t i = 0; i < CNT; i++) {
        seek_to(s, 0);
        CHECK_OK(rove_stream_insert(s, "....", 4));
        seek_to(s, 0);
        CHECK_OK(rove_stream_hole(s, 3, &holes[i]));
    }
    for (size_t i = 0; i < CNT; i++) {
        check_off(s, holes[i], 4 * (CNT - 1 - i));
        CHECK_OK(rove_stream_fill(s, holes[i], "abc", 3));
    }
    rove_stream_free(s);
    free(holes);
}

static const struct suite_case cases[] = {
    SUITE_CASE(a_hole_is_zeros_until_filled),
    SUITE_CASE(only_its_own_length_fills_a_hole),
    SUITE_CASE(a_hole_over_old_bytes_and_past_the_end),
    SUITE_CASE(a_snapshot_keeps_its_zeros),
    SUITE_CASE(inserts_move_a_hole_that_lies_behind),
    SUITE_CASE(inserts_of_views_move_a_hole),
    SUITE_CASE(an_insert_into_a_hole_ends_it),
    SUITE_CASE(erasing_before_and_behind_moves_it),
    SUITE_CASE(erasing_any_of_its_bytes_ends_it),
    SUITE_CASE(cutting_it_away_ends_it_for_good),
    SUITE_CASE(writing_over_a_hole_leaves_it_open),
    SUITE_CASE(a_split_takes_the_holes_behind_it_along),
    SUITE_CASE(a_hole_belongs_to_one_stream),
    SUITE_CASE(reset_steal_and_close_forget_holes),
    SUITE_CASE(a_forgotten_hole_leaves_its_bytes),
    SUITE_CASE(holes_that_ended_leave_nothing_behind),
    SUITE_CASE(holes_of_every_length_across_chunks),
    SUITE_CASE(many_holes_filled_in_any_order),
    SUITE_CASE(holes_are_where_a_list_has_them),
    SUITE_CASE(a_hundred_thousand_holes),
    SUITE_CASE(nested_lengths_are_patched_from_the_inside_out),
};

int main(int argc, char **argv)
{
    return suite_run(argc, argv,
                     &(struct suite){"test_hole", cases, sizeof cases / sizeof *cases, true});
}
