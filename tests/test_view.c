// SPDX-License-Identifier: MIT
// test_view.c: views: windows, spans, batches for writev(), writing out, comparing, finding.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/os.h"
#include "rope/node.h"
#include "support/edits.h"
#include "support/shapes.h"
#include "support/suite.h"

// A twin of some leaves with a tail, and a view of all of it.
struct scene {
    struct twin twin;
    struct rove_view all;
};

static void scene_init(struct scene *scene, size_t leaves)
{
    twin_of_leaves(&scene->twin, leaves);
    twin_append(&scene->twin, 7);
    CHECK_OK(rove_rope_view(&scene->twin.rope, 0, scene->twin.model.len, &scene->all));
}

static void scene_fini(struct scene *scene)
{
    rove_view_fini(&scene->all);
    twin_fini(&scene->twin);
}

// Puts offsets beside borders into offs, fewer where chunks are long. Returns how many.
static size_t some_edges(const struct scene *scene, size_t offs[EDGE_OFFS])
{
    size_t all = edge_offs(offs, scene->twin.model.len), step = env.chunk_len > 16 ? 5 : 1, cnt = 0;
    for (size_t i = 0; i < all; i += step)
        offs[cnt++] = offs[i];
    return cnt;
}

// windows ---------------------------------------------------------------------------------------

static void every_window_between_borders(void)
{
    struct scene scene;
    size_t offs[EDGE_OFFS];
    scene_init(&scene, 2);
    const uint8_t *bytes = scene.twin.model.ptr;
    size_t cnt = some_edges(&scene, offs);
    for (size_t i = 0; i < cnt; i++) {
        for (size_t j = i; j < cnt; j++) {
            struct rove_view direct, sub;
            size_t len = offs[j] - offs[i];
            CHECK_OK(rove_rope_view(&scene.twin.rope, offs[i], len, &direct));
            CHECK_OK(rove_view_sub(&scene.all, offs[i], len, &sub));
            CHECK(model_spans_match(&direct, bytes + offs[i], len));
            CHECK(model_spans_match(&sub, bytes + offs[i], len));
            CHECK_VIEW(&sub, bytes + offs[i], len);
            rove_view_fini(&direct);
            rove_view_fini(&sub);
        }
    }
    scene_fini(&scene);
}

static void windows_of_windows_without_their_sources(void)
{
    struct scene scene;
    struct rove_view outer, inner, least;
    scene_init(&scene, 2);
    size_t len = scene.twin.model.len;
    CHECK_OK(rove_view_sub(&scene.all, 1, len - 2, &outer));
    CHECK_OK(rove_view_sub(&outer, len / 3, len / 3, &inner));
    CHECK_OK(rove_view_sub(&inner, len / 3 - 1, 1, &least));
    rove_view_fini(&scene.all);
    rove_rope_clear(&scene.twin.rope);
    rove_view_fini(&outer);
    CHECK_VIEW(&inner, scene.twin.model.ptr + 1 + len / 3, len / 3);
    rove_view_fini(&inner);
    CHECK_VIEW(&least, scene.twin.model.ptr + len / 3 + len / 3, 1);
    rove_view_fini(&least);
    scene_fini(&scene);
}

static void windows_past_the_end(void)
{
    struct scene scene;
    struct rove_view view;
    scene_init(&scene, 1);
    uint64_t len = scene.twin.model.len;
    CHECK_IS(ROVE_E_RANGE, rove_rope_view(&scene.twin.rope, len + 1, 0, &view));
    struct rove_view none = view, sub; // zeroed by the call that failed, as what was moved from
    CHECK_OK(rove_view_sub(&none, 0, 0, &sub));
    CHECK_EQ(0, rove_view_len(&sub));
    rove_view_fini(&sub);
    CHECK_IS(ROVE_E_RANGE, rove_view_sub(&none, 0, 1, &sub));
    rove_view_fini(&view); // initialised by the call, also a failed one
    CHECK_IS(ROVE_E_RANGE, rove_rope_view(&scene.twin.rope, 2, len - 1, &view));
    CHECK_IS(ROVE_E_RANGE, rove_rope_view(&scene.twin.rope, 2, UINT64_MAX, &view));
    CHECK_IS(ROVE_E_RANGE, rove_rope_view(&scene.twin.rope, UINT64_MAX, 2, &view));
    CHECK_IS(ROVE_E_RANGE, rove_view_sub(&scene.all, len + 1, 0, &view));
    rove_view_fini(&view);
    CHECK_IS(ROVE_E_RANGE, rove_view_sub(&scene.all, 2, UINT64_MAX, &view));
    CHECK_OK(rove_view_sub(&scene.all, len, 0, &view));
    CHECK_EQ(0, rove_view_len(&view));
    CHECK(model_spans_match(&view, NULL, 0));
    rove_view_fini(&view);
    TWIN_CHECK(&scene.twin);
    scene_fini(&scene);
}

// It would lose what it holds before that can be held again.
static void no_window_takes_the_place_of_its_view(void)
{
    struct scene scene;
    scene_init(&scene, 3);
    struct rove_view was = scene.all;
    CHECK_IS(ROVE_E_ARG, rove_view_sub(&scene.all, 1, 2, &scene.all));
    CHECK(memcmp(&was, &scene.all, sizeof was) == 0);
    scene_fini(&scene);
}

static void a_view_takes_no_memory(void)
{
    struct scene scene;
    struct rove_view view, sub;
    scene_init(&scene, 3);
    test_alloc_arm(&env.alloc, 1, true);
    CHECK_OK(rove_rope_view(&scene.twin.rope, 1, scene.twin.model.len - 1, &view));
    CHECK_OK(rove_view_sub(&view, 1, scene.twin.model.len - 3, &sub));
    CHECK_EQ(0, test_alloc_calls(&env.alloc));
    test_alloc_arm(&env.alloc, 0, false);
    rove_view_fini(&view);
    rove_view_fini(&sub);
    scene_fini(&scene);
}

static void dropped_twice_or_never_made(void)
{
    struct rove_view view;
    struct rove_rope rope;
    memset(&view, 0, sizeof view);
    rove_view_fini(&view);
    rove_rope_init(&rope, env.pool);
    CHECK_OK(rove_rope_append(&rope, "abc", 3));
    CHECK_OK(rove_rope_view(&rope, 0, 3, &view));
    rove_rope_fini(&rope);
    rove_view_fini(&view);
    rove_view_fini(&view);
}

// what happens to the source --------------------------------------------------------------------

typedef void fate_fn(struct twin *twin);

static void fate_clear(struct twin *twin)
{
    rove_rope_clear(&twin->rope);
    twin->model.len = 0;
}

static void fate_fini(struct twin *twin)
{
    rove_rope_fini(&twin->rope);
    rove_rope_init(&twin->rope, env.pool);
    twin->model.len = 0;
}

static void fate_overwrite(struct twin *twin)
{
    twin_overwrite(twin, 0, twin->model.len);
}

static void fate_overwrite_tail(struct twin *twin)
{
    twin_overwrite(twin, twin->model.len - 3, 3);
}

static void fate_append(struct twin *twin)
{
    twin_append(twin, env.chunk_len + 1);
}

static void fate_insert(struct twin *twin)
{
    twin_insert(twin, 1, 1);
    twin_insert(twin, twin->model.len - 1, 1);
}

static void fate_erase(struct twin *twin)
{
    twin_erase(twin, 1, twin->model.len - 2);
    twin_append(twin, 9);
}

static void fate_truncate(struct twin *twin)
{
    twin_truncate(twin, twin->model.len - 5);
    twin_append(twin, 5);
}

static void fate_flatten(struct twin *twin)
{
    const uint8_t *ptr;
    CHECK_OK(rove_rope_flatten(&twin->rope, &ptr));
    CHECK_OK(rove_rope_compact(&twin->rope));
}

static void fate_reserve(struct twin *twin)
{
    uint8_t *run;
    size_t len;
    CHECK_OK(rove_rope_reserve(&twin->rope, 1, &run, &len));
    memset(run, 0x11, len);
}

static void a_view_is_untouched_by_every_fate_of_its_source(void)
{
    static fate_fn *const fates[] = {fate_clear,  fate_fini,   fate_overwrite, fate_overwrite_tail,
                                     fate_append, fate_insert, fate_erase,     fate_truncate,
                                     fate_flatten, fate_reserve};
    for (size_t i = 0; i < sizeof fates / sizeof *fates; i++) {
        struct scene scene;
        struct model before = {0};
        scene_init(&scene, 1);
        model_copy(&before, &scene.twin.model, 0, scene.twin.model.len);
        fates[i](&scene.twin);
        TWIN_CHECK(&scene.twin);
        CHECK(model_spans_match(&scene.all, before.ptr, before.len));
        fates[i ? 0 : 1](&scene.twin);
        CHECK(model_spans_match(&scene.all, before.ptr, before.len));
        model_fini(&before);
        scene_fini(&scene);
    }
}

// spans -----------------------------------------------------------------------------------------

static void a_cursor_from_every_border(void)
{
    struct scene scene;
    size_t offs[EDGE_OFFS];
    scene_init(&scene, 2);
    size_t len = scene.twin.model.len, cnt = edge_offs(offs, len);
    for (size_t i = 0; i < cnt; i++) {
        struct rove_cursor cursor;
        struct rove_span span;
        size_t at = offs[i];
        CHECK_OK(rove_cursor_init(&cursor, &scene.all, at));
        while (rove_cursor_next(&cursor, &span) == ROVE_OK) {
            CHECK(span.len > 0 && span.len <= len - at);
            CHECK(memcmp(span.ptr, scene.twin.model.ptr + at, span.len) == 0);
            at += span.len;
        }
        CHECK_EQ(len, at);
        CHECK_EQ(0, span.len);
        CHECK_IS(ROVE_END, rove_cursor_next(&cursor, &span));
        rove_cursor_fini(&cursor);
        rove_cursor_fini(&cursor);
    }
    struct rove_cursor cursor;
    CHECK_IS(ROVE_E_RANGE, rove_cursor_init(&cursor, &scene.all, len + 1));
    CHECK_IS(ROVE_E_RANGE, rove_cursor_init(&cursor, &scene.all, UINT64_MAX));
    scene_fini(&scene);
}

// A cursor that could not be made, is at its end or was let go is asked all the same; a copy goes its own way.
static void a_cursor_out_of_place(void)
{
    struct scene scene;
    struct rove_cursor cursor, copy;
    struct rove_span span, again;
    scene_init(&scene, 3);
    CHECK_EQ(ROVE_E_ARG, rove_cursor_init(&cursor, NULL, 0));
    CHECK_EQ(ROVE_E_ARG, rove_cursor_next(&cursor, &span));
    rove_cursor_fini(&cursor);
    CHECK_EQ(ROVE_E_RANGE, rove_cursor_init(&cursor, &scene.all, rove_view_len(&scene.all) + 1));
    CHECK_EQ(ROVE_END, rove_cursor_next(&cursor, &span));
    CHECK(!span.ptr && !span.len);
    CHECK_OK(rove_cursor_init(&cursor, &scene.all, 1));
    for (uint64_t pos = 1; pos < rove_view_len(&scene.all); pos += span.len) {
        copy = cursor;
        CHECK_OK(rove_cursor_next(&cursor, &span));
        CHECK_OK(rove_cursor_next(&copy, &again));
        CHECK(span.ptr == again.ptr && span.len == again.len);
        CHECK(memcmp(span.ptr, scene.twin.model.ptr + pos, span.len) == 0);
        rove_cursor_fini(&copy);
        rove_cursor_fini(&cursor); // it can go on
    }
    for (unsigned i = 0; i < 3; i++) {
        CHECK_EQ(ROVE_END, rove_cursor_next(&cursor, &span));
        CHECK(!span.ptr && !span.len);
        rove_cursor_fini(&cursor);
    }
    scene_fini(&scene);
}

// More leaves than one node has below it: from leaf to leaf, and to the next node's first.
static void a_walk_under_three_nodes(void)
{
    struct scene scene;
    scene_init(&scene, 2 * RV_FANOUT + 3);
    size_t len = scene.twin.model.len, piece = len / (2 * RV_FANOUT + 3); // about a leaf
    for (size_t i = 0; i < 5; i++) {
        struct rove_view part;
        size_t off = i * piece + i, end = len - (4 - i) * piece / 3;
        CHECK_OK(rove_view_sub(&scene.all, off, end - off, &part));
        CHECK(model_spans_match(&part, scene.twin.model.ptr + off, end - off));
        rove_view_fini(&part);
    }
    scene_fini(&scene);
}

static void spans_point_into_chunks(void)
{
    struct scene scene;
    struct rove_cursor one, two;
    struct rove_span a, b;
    scene_init(&scene, 2);
    CHECK_OK(rove_cursor_init(&one, &scene.all, 0));
    CHECK_OK(rove_cursor_init(&two, &scene.all, 0));
    while (rove_cursor_next(&one, &a) == ROVE_OK) {
        CHECK_OK(rove_cursor_next(&two, &b));
        CHECK(a.ptr == b.ptr && a.len == b.len && a.len <= env.chunk_len);
    }
    rove_cursor_fini(&one);
    rove_cursor_fini(&two);
    scene_fini(&scene);
}

// bytes -----------------------------------------------------------------------------------------

static void read_and_byte_at_the_edges(void)
{
    struct scene scene;
    size_t offs[EDGE_OFFS], got_len;
    uint8_t byte = 0, got[16];
    scene_init(&scene, 2);
    size_t len = scene.twin.model.len, cnt = edge_offs(offs, len);
    for (size_t i = 0; i < cnt; i++) {
        size_t most = len - offs[i] < sizeof got ? len - offs[i] : sizeof got;
        CHECK_OK(rove_view_read(&scene.all, offs[i], got, sizeof got, &got_len));
        CHECK_EQ(most, got_len);
        CHECK(memcmp(got, scene.twin.model.ptr + offs[i], most) == 0);
        if (offs[i] < len) {
            CHECK_OK(rove_view_byte(&scene.all, offs[i], &byte));
            CHECK_EQ(scene.twin.model.ptr[offs[i]], byte);
        }
    }
    CHECK_IS(ROVE_E_RANGE, rove_view_byte(&scene.all, len, &byte));
    CHECK_IS(ROVE_E_RANGE, rove_view_byte(&scene.all, UINT64_MAX, &byte));
    CHECK_IS(ROVE_E_RANGE, rove_view_read(&scene.all, len + 1, got, 1, NULL));
    CHECK_OK(rove_view_read(&scene.all, len, got, 1, &got_len));
    CHECK_EQ(0, got_len);
    scene_fini(&scene);
}

static void read_ends_where_its_window_does(void)
{
    struct scene scene;
    size_t offs[EDGE_OFFS];
    scene_init(&scene, 2);
    const uint8_t *bytes = scene.twin.model.ptr;
    size_t cnt = some_edges(&scene, offs);
    for (size_t i = 0; i < cnt; i++) {
        for (size_t len = 0; len <= 16 && offs[i] + len <= scene.twin.model.len; len++) {
            struct rove_view sub;
            uint8_t got[16] = {0}, none[16] = {0};
            size_t got_len = 99, off = len / 2, rest = len - off;
            CHECK_OK(rove_view_sub(&scene.all, offs[i], len, &sub));
            CHECK_OK(rove_view_read(&sub, off, got, sizeof got, &got_len));
            CHECK_EQ(rest, got_len);
            CHECK(memcmp(got, bytes + offs[i] + off, rest) == 0);
            CHECK(memcmp(got + rest, none, sizeof got - rest) == 0);
            CHECK_IS(ROVE_E_RANGE, rove_view_read(&sub, len + 1, got, 1, &got_len));
            CHECK_EQ(0, got_len);
            rove_view_fini(&sub);
        }
    }
    scene_fini(&scene);
}

// comparing -------------------------------------------------------------------------------------

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

// Compares both ways round.
static void expect_order(struct rove_rope *a, struct rove_rope *b, int expected)
{
    struct rove_view x, y;
    int order = 99;
    CHECK_OK(rove_rope_view(a, 0, rove_rope_len(a), &x));
    CHECK_OK(rove_rope_view(b, 0, rove_rope_len(b), &y));
    CHECK_OK(rove_view_compare(&x, &y, &order));
    CHECK_EQ(expected, sign(order));
    CHECK_OK(rove_view_compare(&y, &x, &order));
    CHECK_EQ(-expected, sign(order));
    rove_view_fini(&x);
    rove_view_fini(&y);
}

static void compare_ropes_cut_differently(void)
{
    struct twin one, two;
    twin_init(&one, env.pool);
    twin_init(&two, env.pool);
    expect_order(&one.rope, &two.rope, 0);
    for (size_t i = 0; i < 6; i++) {
        const uint8_t *src = noise(env.chunk_len);
        CHECK_OK(rove_rope_append(&one.rope, src, env.chunk_len));
        CHECK_OK(rove_rope_insert(&two.rope, i * env.chunk_len, src, env.chunk_len / 2));
        CHECK_OK(rove_rope_append(&two.rope, src + env.chunk_len / 2,
                                  env.chunk_len - env.chunk_len / 2));
        expect_order(&one.rope, &two.rope, 0);
    }
    CHECK_OK(rove_rope_append(&two.rope, "\0", 1));
    expect_order(&one.rope, &two.rope, -1); // a prefix sorts first
    twin_fini(&one);
    twin_fini(&two);
}

static void compare_where_one_byte_differs(void)
{
    struct twin one;
    size_t offs[EDGE_OFFS];
    twin_of_leaves(&one, 1);
    size_t cnt = edge_offs(offs, one.model.len - 1);
    for (size_t i = 0; i < cnt; i++) {
        struct rove_rope two;
        uint8_t was = one.model.ptr[offs[i]], high = 0xff, low = 0;
        rove_rope_clone(&two, &one.rope);
        CHECK_OK(rove_rope_overwrite(&two, offs[i], &high, 1));
        expect_order(&one.rope, &two, was == high ? 0 : -1);
        CHECK_OK(rove_rope_overwrite(&two, offs[i], &low, 1));
        expect_order(&one.rope, &two, was == low ? 0 : 1);
        CHECK_OK(rove_rope_erase(&two, offs[i], one.model.len - offs[i]));
        expect_order(&one.rope, &two, 1);
        rove_rope_fini(&two);
    }
    twin_fini(&one);
}

static void starts_and_ends_at_every_length(void)
{
    struct scene scene;
    size_t offs[EDGE_OFFS];
    int yes = -1;
    scene_init(&scene, 1);
    uint8_t *bytes = scene.twin.model.ptr;
    size_t len = scene.twin.model.len, cnt = edge_offs(offs, len);
    for (size_t i = 0; i < cnt; i++) {
        size_t n = offs[i];
        CHECK_OK(rove_view_starts(&scene.all, bytes, n, &yes));
        CHECK_EQ(1, yes);
        CHECK_OK(rove_view_ends(&scene.all, bytes + len - n, n, &yes));
        CHECK_EQ(1, yes);
        if (!n)
            continue;
        bytes[n - 1] ^= 1;
        CHECK_OK(rove_view_starts(&scene.all, bytes, n, &yes));
        CHECK_EQ(0, yes);
        bytes[n - 1] ^= 1;
        bytes[len - n] ^= 1;
        CHECK_OK(rove_view_ends(&scene.all, bytes + len - n, n, &yes));
        CHECK_EQ(0, yes);
        bytes[len - n] ^= 1;
    }
    CHECK_OK(rove_view_starts(&scene.all, bytes, len + 1, &yes));
    CHECK_EQ(0, yes);
    CHECK_OK(rove_view_ends(&scene.all, bytes, len + 1, &yes));
    CHECK_EQ(0, yes);
    CHECK_OK(rove_view_starts(&scene.all, NULL, 0, &yes));
    CHECK_EQ(1, yes);
    scene_fini(&scene);
}

// finding ---------------------------------------------------------------------------------------

static void find_a_byte_wherever_it_is(void)
{
    struct rove_rope rope;
    size_t offs[EDGE_OFFS], total = leaf_len() + 3;
    rove_rope_init(&rope, env.pool);
    for (size_t i = 0; i < total; i += env.chunk_len) {
        uint8_t *zeros = calloc(1, env.chunk_len);
        size_t len = total - i < env.chunk_len ? total - i : env.chunk_len;
        CHECK_OK(rove_rope_append(&rope, zeros, len));
        free(zeros);
    }
    size_t cnt = edge_offs(offs, total - 1);
    for (size_t i = 0; i < cnt; i++) {
        struct rove_view view;
        uint64_t pos = 99;
        CHECK_OK(rove_rope_overwrite(&rope, offs[i], "x", 1));
        CHECK_OK(rove_rope_view(&rope, 0, total, &view));
        CHECK_OK(rove_view_find_byte(&view, 0, 'x', &pos));
        CHECK_EQ(offs[i], pos);
        CHECK_OK(rove_view_find_byte(&view, offs[i], 'x', &pos));
        CHECK_EQ(offs[i], pos);
        CHECK_IS(ROVE_END, rove_view_find_byte(&view, offs[i] + 1, 'x', &pos));
        CHECK_IS(ROVE_END, rove_view_find_byte(&view, total, 0, &pos));
        CHECK_IS(ROVE_E_RANGE, rove_view_find_byte(&view, total + 1, 0, &pos));
        rove_view_fini(&view);
        CHECK_OK(rove_rope_overwrite(&rope, offs[i], "\0", 1));
    }
    rove_rope_fini(&rope);
}

// The first place of a needle in a haystack at or after from; SIZE_MAX for none.
static size_t naive_find(const struct model *hay, size_t from, const uint8_t *needle, size_t len)
{
    for (size_t at = from; at + len <= hay->len; at++)
        if (!len || memcmp(hay->ptr + at, needle, len) == 0)
            return at;
    return SIZE_MAX;
}

static void expect_found(const struct rove_view *view, const struct model *hay, size_t from,
                         const uint8_t *needle, size_t len)
{
    uint64_t pos = 77;
    size_t expected = naive_find(hay, from, needle, len);
    enum rove_status status = rove_view_find(view, from, needle, len, &pos);
    CHECK_IS(expected == SIZE_MAX ? ROVE_END : ROVE_OK, status);
    if (status == ROVE_OK)
        CHECK_EQ(expected, pos);
}

// A haystack of few letters has many false starts.
static void find_runs_among_false_starts(void)
{
    struct rng rng = rng_from(suite_seed() + env.chunk_len);
    for (int round = 0; round < 40; round++) {
        struct twin hay;
        struct rove_view view;
        uint8_t letters[257];
        twin_init(&hay, env.pool);
        for (size_t i = 0; i < sizeof letters; i++)
            letters[i] = (uint8_t) ("ab"[rng_below(&rng, 4) == 0]);
        for (size_t i = 0; i < 12; i++) { // prepended, so that there are pieces at any chunk size
            size_t len = 1 + rng_below(&rng, 40);
            CHECK_OK(rove_rope_insert(&hay.rope, 0, letters + i, len));
            model_replace(&hay.model, 0, 0, letters + i, len);
        }
        CHECK_OK(rove_rope_view(&hay.rope, 0, hay.model.len, &view));
        for (int i = 0; i < 60; i++) {
            size_t from = rng_below(&rng, hay.model.len + 1);
            size_t at = rng_below(&rng, hay.model.len), len = rng_below(&rng, 20);
            len = len < hay.model.len - at ? len : hay.model.len - at;
            expect_found(&view, &hay.model, from, hay.model.ptr + at, len);
            expect_found(&view, &hay.model, from, letters + rng_below(&rng, 200), len + 4);
        }
        rove_view_fini(&view);
        twin_fini(&hay);
    }
}

static void find_at_the_ends(void)
{
    struct scene scene;
    uint64_t pos = 77;
    scene_init(&scene, 1);
    const struct model *hay = &scene.twin.model;
    expect_found(&scene.all, hay, 0, hay->ptr, hay->len);
    expect_found(&scene.all, hay, 0, hay->ptr + hay->len - 9, 9);
    CHECK_OK(rove_view_find(&scene.all, hay->len, "", 0, &pos));
    CHECK_EQ(hay->len, pos);
    CHECK_OK(rove_view_find(&scene.all, 3, NULL, 0, &pos));
    CHECK_EQ(3, pos);
    CHECK_IS(ROVE_END, rove_view_find(&scene.all, 1, hay->ptr, hay->len, &pos));
    CHECK_IS(ROVE_END, rove_view_find(&scene.all, hay->len, "x", 1, &pos));
    CHECK_IS(ROVE_E_RANGE, rove_view_find(&scene.all, hay->len + 1, "x", 1, &pos));
    CHECK_IS(ROVE_E_RANGE, rove_view_find(&scene.all, hay->len + 1, "", 0, &pos));
    scene_fini(&scene);
}

static void find_within_the_window_only(void)
{
    struct rove_rope rope;
    struct rove_view view;
    uint64_t pos;
    rove_rope_init(&rope, env.pool);
    CHECK_OK(rove_rope_append(&rope, "needle hay needle", 17));
    CHECK_OK(rove_rope_view(&rope, 1, 15, &view)); // cuts both
    CHECK_IS(ROVE_END, rove_view_find(&view, 0, "needle", 6, &pos));
    CHECK_OK(rove_view_find(&view, 0, "eedle", 5, &pos));
    CHECK_EQ(0, pos);
    CHECK_OK(rove_view_find(&view, 1, "needl", 5, &pos));
    CHECK_EQ(10, pos);
    CHECK_IS(ROVE_END, rove_view_find_byte(&view, 14, 'e', &pos));
    rove_view_fini(&view);
    rove_rope_fini(&rope);
}

// for the operating system ----------------------------------------------------------------------

// Takes batches of cnt entries, each resumed as if only `part` bytes of it had been written.
static void expect_batches(const struct scene *scene, size_t batch, size_t part)
{
    struct iovec iov[64];
    uint64_t off = 0, len = 1;
    const uint8_t *bytes = scene->twin.model.ptr;
    while (off < scene->twin.model.len) {
        size_t cnt = batch, at = 0;
        if (!CHECK_OK(rove_view_iov(&scene->all, off, iov, &cnt, &len)))
            return;
        if (!CHECK(cnt >= 1 && cnt <= batch && len >= 1 && len <= scene->twin.model.len - off))
            return;
        for (size_t i = 0; i < cnt; i++) {
            CHECK(iov[i].iov_len > 0);
            CHECK(memcmp(iov[i].iov_base, bytes + off + at, iov[i].iov_len) == 0);
            at += iov[i].iov_len;
        }
        CHECK_EQ(len, at);
        rove_view_unpin(&scene->all, off, cnt);
        off += len < part ? len : part;
    }
    size_t cnt = batch;
    CHECK_OK(rove_view_iov(&scene->all, off, iov, &cnt, &len));
    CHECK_EQ(0, cnt);
    CHECK_EQ(0, len);
}

static void batches_resumed_after_short_writes(void)
{
    struct scene scene;
    scene_init(&scene, 2);
    size_t c = env.chunk_len;
    expect_batches(&scene, 1, SIZE_MAX);
    expect_batches(&scene, 1, c / 2 + 1);
    expect_batches(&scene, 3, SIZE_MAX);
    expect_batches(&scene, 7, 3 * c + 1);
    expect_batches(&scene, 64, 5 * c);
    if (c <= 16)
        expect_batches(&scene, 2, 1);
    scene_fini(&scene);
}

static void batches_of_impossible_sizes(void)
{
    struct scene scene;
    struct iovec iov[1];
    uint64_t len;
    size_t cnt = 0;
    scene_init(&scene, 1);
    CHECK_IS(ROVE_E_ARG, rove_view_iov(&scene.all, 0, iov, &cnt, &len));
    cnt = 1025;
    CHECK_IS(ROVE_E_ARG, rove_view_iov(&scene.all, 0, iov, &cnt, &len));
    cnt = 1;
    CHECK_IS(ROVE_E_RANGE, rove_view_iov(&scene.all, scene.twin.model.len + 1, iov, &cnt, &len));
    scene_fini(&scene);
}

// A device that takes at most so many bytes a call, is interrupted, is full, or breaks.
static struct {
    struct model got;
    size_t most;             // bytes a call
    unsigned calls;
    unsigned interrupt_each; // every so many calls; 0: never
    unsigned fail_at;        // the call that fails with `error`; 0: never
    int error;
} device;

static ssize_t device_writev(int fd, const struct iovec *iov, int cnt)
{
    size_t taken = 0;
    device.calls++;
    if (fd != 42 || cnt < 1 || cnt > 1024)
        return errno = EINVAL, -1;
    if (device.fail_at == device.calls)
        return errno = device.error, device.error ? -1 : 0;
    if (device.interrupt_each && device.calls % device.interrupt_each == 0)
        return errno = EINTR, -1;
    for (int i = 0; i < cnt && taken < device.most; i++) {
        size_t n = iov[i].iov_len < device.most - taken ? iov[i].iov_len : device.most - taken;
        model_replace(&device.got, device.got.len, 0, iov[i].iov_base, n);
        taken += n;
    }
    return (ssize_t) taken;
}

static void device_open(size_t most)
{
    static struct rv_os os;
    os = rv_os_real;
    os.writev = device_writev;
    memset(&device, 0, sizeof device);
    device.most = most;
    rv_os_set(&os);
}

static void device_close(void)
{
    rv_os_set(NULL);
    model_fini(&device.got);
}

// Writes a view from `off` on to the device, and checks what arrived.
static void expect_written(const struct scene *scene, size_t off)
{
    uint64_t done = 99;
    size_t len = scene->twin.model.len - off;
    CHECK_OK(rove_view_write_fd(&scene->all, off, 42, &done));
    CHECK_EQ(len, done);
    if (CHECK_EQ(len, device.got.len))
        CHECK(!len || memcmp(device.got.ptr, scene->twin.model.ptr + off, len) == 0);
}

static void written_in_short_and_interrupted_pieces(void)
{
    struct scene scene;
    size_t total, mosts[] = {1, 3, env.chunk_len + 1, SIZE_MAX};
    scene_init(&scene, 2);
    total = scene.twin.model.len;
    for (size_t i = total > 10000 ? 2 : 0; i < 4; i++) {
        for (unsigned each = 0; each < 4; each += each ? 1 : 2) {
            device_open(mosts[i]);
            device.interrupt_each = each;
            expect_written(&scene, 0);
            device_close();
        }
        device_open(mosts[i]);
        expect_written(&scene, total - 9);
        device_close();
    }
    device_open(1);
    expect_written(&scene, total);
    CHECK_EQ(0, device.calls);
    CHECK_IS(ROVE_E_RANGE, rove_view_write_fd(&scene.all, total + 1, 42, NULL));
    device_close();
    scene_fini(&scene);
}

// Writing fails at the third call; what was done is told, and going on from there completes it.
static void expect_resumed(const struct scene *scene, int error, enum rove_status status)
{
    uint64_t done = 99, rest = 0;
    size_t total = scene->twin.model.len, piece = total / 5 + 1;
    device_open(piece);
    device.fail_at = 3;
    device.error = error;
    errno = 0;
    CHECK_IS(status, rove_view_write_fd(&scene->all, 0, 42, &done));
    CHECK_EQ(error ? error : EIO, errno);
    CHECK_EQ(device.got.len, done);
    CHECK(done > 0 && done < total);
    CHECK_OK(rove_view_write_fd(&scene->all, done, 42, &rest));
    CHECK_EQ(total, done + rest);
    if (CHECK_EQ(total, device.got.len))
        CHECK(memcmp(device.got.ptr, scene->twin.model.ptr, total) == 0);
    device_close();
}

static void a_full_or_broken_device_can_be_resumed(void)
{
    struct scene scene;
    scene_init(&scene, 2);
    expect_resumed(&scene, EAGAIN, ROVE_E_AGAIN);
    expect_resumed(&scene, ENOSPC, ROVE_E_IO);
    expect_resumed(&scene, EPIPE, ROVE_E_IO);
    expect_resumed(&scene, 0, ROVE_E_IO); // a device that takes nothing
    scene_fini(&scene);
}

static void written_to_a_real_file_and_a_full_pipe(void)
{
    struct scene scene;
    int fd = file_of("", 0), ends[2];
    uint64_t done = 0;
    scene_init(&scene, 2);
    size_t total = scene.twin.model.len;
    uint8_t *got = malloc(total + 1);
    CHECK_OK(rove_view_write_fd(&scene.all, 0, fd, &done));
    CHECK_EQ(total, pread(fd, got, total + 1, 0));
    CHECK(memcmp(got, scene.twin.model.ptr, total) == 0);
    close(fd);
    if (total > 200000 && CHECK(pipe(ends) == 0)) {
        CHECK(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0);
        CHECK_IS(ROVE_E_AGAIN, rove_view_write_fd(&scene.all, 0, ends[1], &done));
        CHECK(done > 0 && done < total);
        CHECK_EQ(done, read(ends[0], got, total));
        CHECK(memcmp(got, scene.twin.model.ptr, done) == 0);
        close(ends[0]);
        close(ends[1]);
    }
    errno = 0;
    CHECK_IS(ROVE_E_IO, rove_view_write_fd(&scene.all, 0, -1, &done));
    CHECK_EQ(EBADF, errno);
    CHECK_EQ(0, done);
    free(got);
    scene_fini(&scene);
}

static const struct suite_case cases[] = {
    SUITE_CASE(every_window_between_borders),
    SUITE_CASE(windows_of_windows_without_their_sources),
    SUITE_CASE(windows_past_the_end),
    SUITE_CASE(no_window_takes_the_place_of_its_view),
    SUITE_CASE(a_view_takes_no_memory),
    SUITE_CASE(dropped_twice_or_never_made),
    SUITE_CASE(a_view_is_untouched_by_every_fate_of_its_source),
    SUITE_CASE(a_cursor_from_every_border),
    SUITE_CASE(a_walk_under_three_nodes),
    SUITE_CASE(a_cursor_out_of_place),
    SUITE_CASE(spans_point_into_chunks),
    SUITE_CASE(read_and_byte_at_the_edges),
    SUITE_CASE(read_ends_where_its_window_does),
    SUITE_CASE(compare_ropes_cut_differently),
    SUITE_CASE(compare_where_one_byte_differs),
    SUITE_CASE(starts_and_ends_at_every_length),
    SUITE_CASE(find_a_byte_wherever_it_is),
    SUITE_CASE(find_runs_among_false_starts),
    SUITE_CASE(find_at_the_ends),
    SUITE_CASE(find_within_the_window_only),
    SUITE_CASE(batches_resumed_after_short_writes),
    SUITE_CASE(batches_of_impossible_sizes),
    SUITE_CASE(written_in_short_and_interrupted_pieces),
    SUITE_CASE(a_full_or_broken_device_can_be_resumed),
    SUITE_CASE(written_to_a_real_file_and_a_full_pipe),
};

int main(int argc, char **argv)
{
    return suite_run(argc, argv,
                     &(struct suite){"test_view", cases, sizeof cases / sizeof *cases, true});
}
