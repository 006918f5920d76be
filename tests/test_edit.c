// SPDX-License-Identifier: MIT
// test_edit.c: edits anywhere: insert, erase, replace, overwrite, split, concatenate, share.
#include <stdlib.h>
#include <string.h>

#include "rope/node.h"
#include "support/shapes.h"
#include "support/suite.h"

// insert, erase, replace ------------------------------------------------------------------------

static void insert_at_every_border(void)
{
    size_t offs[EDGE_OFFS];
    struct twin whole, twin;
    twin_of_leaves(&whole, 3);
    size_t cnt = edge_offs(offs, whole.model.len);
    for (size_t i = 0; i < cnt; i++) {
        twin_clone(&twin, &whole);
        twin_insert(&twin, offs[i], 1);
        twin_insert(&twin, offs[i] + 1, env.chunk_len + 1);
        TWIN_CHECK(&twin);
        twin_fini(&twin);
    }
    TWIN_CHECK(&whole);
    twin_fini(&whole);
}

static void insert_of_every_edge_length_into_a_private_rope(void)
{
    size_t lens[EDGE_LENS];
    edge_lens(lens);
    for (size_t i = 0; i < EDGE_LENS; i++) {
        struct twin twin;
        twin_of_leaves(&twin, 2);
        twin_insert(&twin, leaf_len() + env.chunk_len / 2, lens[i]);
        twin_insert(&twin, 0, lens[i]);
        twin_insert(&twin, twin.model.len, lens[i]);
        TWIN_CHECK(&twin);
        twin_fini(&twin);
    }
}

static void erase_every_range_between_borders(void)
{
    size_t offs[EDGE_OFFS];
    struct twin whole;
    twin_of_leaves(&whole, 2);
    size_t cnt = edge_offs(offs, whole.model.len), step = env.chunk_len > 16 ? 7 : 1;
    for (size_t i = 0; i < cnt; i += step) {
        for (size_t j = i; j < cnt; j += step) {
            struct twin twin;
            twin_clone(&twin, &whole);
            twin_erase(&twin, offs[i], offs[j] - offs[i]);
            TWIN_CHECK(&twin);
            twin_fini(&twin);
        }
    }
    twin_fini(&whole);
}

static void erase_across_three_leaves(void)
{
    struct twin twin;
    twin_of_leaves(&twin, 3);
    twin_erase(&twin, leaf_len() / 2, 2 * leaf_len());
    TWIN_CHECK(&twin);
    twin_fini(&twin);
}

static void erase_all_but_the_ends(void)
{
    struct twin twin;
    twin_of_leaves(&twin, 5);
    twin_erase(&twin, 1, twin.model.len - 2);
    TWIN_CHECK(&twin);
    twin_erase(&twin, 0, 2);
    TWIN_CHECK(&twin);
    twin_grow(&twin, leaf_len());
    TWIN_CHECK(&twin);
    twin_fini(&twin);
}

static void erase_from_the_tree_into_the_tail(void)
{
    struct twin twin;
    twin_of_leaves(&twin, 2);
    twin_append(&twin, 5);
    twin_erase(&twin, twin.model.len - 10 - env.chunk_len / 2, env.chunk_len / 2 + 7);
    TWIN_CHECK(&twin);
    twin_append(&twin, 3);
    TWIN_CHECK(&twin);
    twin_fini(&twin);
}

static void erase_one_byte_at_a_time_from_each_end(void)
{
    struct twin twin;
    twin_init(&twin, env.pool);
    twin_grow(&twin, env.chunk_len * 5 < 300 ? env.chunk_len * 5 : 300);
    for (bool front = false; twin.model.len; front = !front) {
        twin_erase(&twin, front ? 0 : twin.model.len - 1, 1);
        TWIN_CHECK(&twin);
    }
    twin_append(&twin, 1);
    TWIN_CHECK(&twin);
    twin_fini(&twin);
}

static void replace_by_longer_and_by_shorter_over_a_leaf_border(void)
{
    size_t lens[EDGE_LENS];
    edge_lens(lens);
    for (size_t i = 0; i < EDGE_LENS; i++) {
        for (size_t j = 0; j < EDGE_LENS; j += env.chunk_len > 4096 ? 2 : 1) {
            struct twin twin;
            twin_of_leaves(&twin, 3);
            twin_replace(&twin, leaf_len() - env.chunk_len / 2, lens[i], lens[j]);
            TWIN_CHECK(&twin);
            twin_fini(&twin);
        }
    }
}

static void typing_at_one_place_makes_one_slice_grow(void)
{
    struct twin twin;
    struct rove_rope_figures before, after;
    twin_of_leaves(&twin, 2);
    size_t at = leaf_len() / 2, keys = env.chunk_len < 100 ? env.chunk_len : 100;
    CHECK_OK(rove_rope_measure(&twin.rope, &before));
    for (size_t i = 0; i < keys; i++)
        twin_insert(&twin, at + i, 1);
    CHECK_OK(rove_rope_measure(&twin.rope, &after));
    CHECK(after.slice_cnt <= before.slice_cnt + 2 + (env.chunk_len < 16 ? 2 * keys : 0));
    TWIN_CHECK(&twin);
    for (size_t i = keys; i-- > 0;)
        twin_erase(&twin, at + i, 1);
    TWIN_CHECK(&twin);
    twin_fini(&twin);
}

static void ranges_past_the_end_change_nothing(void)
{
    struct twin twin;
    struct rove_view view;
    struct rove_rope other;
    twin_of_leaves(&twin, 2);
    uint64_t len = twin.model.len;
    rove_rope_init(&other, env.pool);
    CHECK_OK(rove_rope_view(&twin.rope, 0, len, &view));
    CHECK_IS(ROVE_E_RANGE, rove_rope_replace(&twin.rope, len + 1, 0, "x", 1));
    CHECK_IS(ROVE_E_RANGE, rove_rope_replace(&twin.rope, 2, len - 1, "x", 1));
    CHECK_IS(ROVE_E_RANGE, rove_rope_replace(&twin.rope, 2, UINT64_MAX, "x", 1));
    CHECK_IS(ROVE_E_RANGE, rove_rope_replace(&twin.rope, UINT64_MAX, 2, "x", 1));
    CHECK_IS(ROVE_E_RANGE, rove_rope_insert(&twin.rope, len + 1, "x", 1));
    CHECK_IS(ROVE_E_RANGE, rove_rope_insert(&twin.rope, len + 1, NULL, 0));
    CHECK_IS(ROVE_E_RANGE, rove_rope_erase(&twin.rope, len, 1));
    CHECK_IS(ROVE_E_RANGE, rove_rope_overwrite(&twin.rope, len - 1, "xy", 2));
    CHECK_IS(ROVE_E_RANGE, rove_rope_overwrite(&twin.rope, len + 1, "", 0));
    CHECK_IS(ROVE_E_RANGE, rove_rope_replace_view(&twin.rope, len, 1, &view));
    CHECK_IS(ROVE_E_RANGE, rove_rope_insert_rope(&twin.rope, len + 1, &other));
    CHECK_IS(ROVE_E_RANGE, rove_rope_truncate(&twin.rope, len + 1));
    CHECK_IS(ROVE_E_RANGE, rove_rope_resize(&twin.rope, ROVE_LEN_MAX + 1));
    CHECK_IS(ROVE_E_RANGE, rove_rope_append_zeros(&twin.rope, UINT64_MAX));
    TWIN_CHECK(&twin);
    rove_view_fini(&view);
    twin_fini(&twin);
    rove_rope_fini(&other);
}

// truncate --------------------------------------------------------------------------------------

static void truncate_to_every_border_and_go_on(void)
{
    size_t offs[EDGE_OFFS];
    struct twin whole;
    twin_of_leaves(&whole, 2);
    size_t cnt = edge_offs(offs, whole.model.len);
    for (size_t i = 0; i < cnt; i++) {
        struct twin twin;
        twin_clone(&twin, &whole);
        twin_truncate(&twin, offs[i]);
        TWIN_CHECK(&twin);
        twin_append(&twin, 3);
        twin_truncate(&twin, offs[i] + 1);
        twin_append(&twin, env.chunk_len);
        TWIN_CHECK(&twin);
        twin_fini(&twin);
    }
    TWIN_CHECK(&whole);
    twin_fini(&whole);
}

static void truncate_and_append_beside_a_view(void)
{
    struct twin twin;
    struct rove_view view;
    uint8_t before[8];
    twin_init(&twin, env.pool);
    twin_append(&twin, 8);
    memcpy(before, twin.model.ptr, 8);
    CHECK_OK(rove_rope_view(&twin.rope, 0, 8, &view));
    twin_truncate(&twin, 4);
    twin_append(&twin, 4);
    CHECK_VIEW(&view, before, 8);
    TWIN_CHECK(&twin);
    twin_truncate(&twin, 2);
    rove_view_fini(&view);
    twin_append(&twin, 4);
    TWIN_CHECK(&twin);
    twin_fini(&twin);
}

// overwrite -------------------------------------------------------------------------------------

static void overwrite_of_every_edge_length(void)
{
    size_t offs[EDGE_OFFS], lens[EDGE_LENS];
    struct twin twin;
    twin_of_leaves(&twin, 2);
    size_t cnt = edge_offs(offs, twin.model.len);
    edge_lens(lens);
    for (size_t i = 0; i < cnt; i += env.chunk_len > 16 ? 2 : 1) {
        for (size_t j = 0; j < EDGE_LENS; j++)
            if (lens[j] <= twin.model.len - offs[i])
                twin_overwrite(&twin, offs[i], lens[j]);
        TWIN_CHECK(&twin);
    }
    twin_fini(&twin);
}

static void overwrite_in_place_leaves_the_shape(void)
{
    struct twin twin;
    struct rove_rope_figures before, after;
    twin_of_leaves(&twin, 2);
    CHECK_OK(rove_rope_measure(&twin.rope, &before));
    uint64_t calls = test_alloc_calls(&env.alloc);
    twin_overwrite(&twin, 0, leaf_len() + env.chunk_len / 2);
    CHECK_EQ(calls, test_alloc_calls(&env.alloc));
    CHECK_OK(rove_rope_measure(&twin.rope, &after));
    CHECK_EQ(before.slice_cnt, after.slice_cnt);
    CHECK_EQ(before.retained, after.retained);
    TWIN_CHECK(&twin);
    twin_fini(&twin);
}

static void overwrite_leaves_clone_and_view_alone(void)
{
    struct twin twin, copy;
    struct rove_view view;
    twin_of_leaves(&twin, 2);
    twin_append(&twin, 10);
    twin_clone(&copy, &twin);
    CHECK_OK(rove_rope_view(&twin.rope, 0, twin.model.len, &view));
    twin_overwrite(&twin, 0, twin.model.len);
    TWIN_CHECK(&twin);
    TWIN_CHECK(&copy);
    CHECK_VIEW(&view, copy.model.ptr, copy.model.len);
    rove_view_fini(&view);
    twin_overwrite(&copy, leaf_len() - 1, 2);
    TWIN_CHECK(&twin);
    TWIN_CHECK(&copy);
    twin_fini(&copy);
    twin_fini(&twin);
}

// a rope's own bytes as the source --------------------------------------------------------------

// The span at an offset, while the rope holds it; its length.
static const uint8_t *span_at(struct rove_rope *rope, uint64_t off, size_t *len_out)
{
    struct rove_view view;
    struct rove_cursor cursor;
    struct rove_span span = {NULL, 0};
    CHECK_OK(rove_rope_view(rope, 0, rove_rope_len(rope), &view));
    CHECK_OK(rove_cursor_init(&cursor, &view, off));
    CHECK_OK(rove_cursor_next(&cursor, &span));
    rove_cursor_fini(&cursor);
    rove_view_fini(&view);
    *len_out = span.len;
    return span.ptr;
}

static void truncate_to_the_tree_copies_nothing(void)
{
    struct twin twin, copy;
    twin_of_leaves(&twin, 1);
    twin_append(&twin, 1);
    twin_clone(&copy, &twin);
    const struct rv_node *root = twin.rope.root;
    twin_truncate(&twin, (size_t) twin.rope.tree_len);
    CHECK(twin.rope.root == root && copy.rope.root == root);
    TWIN_CHECK(&twin);
    TWIN_CHECK(&copy);
    twin_fini(&copy);
    twin_fini(&twin);
}

// A view that does not touch the tail leaves it to the rope, which writes there in place what is its
// own; one that touches nothing else holds nothing else.
static void a_view_of_the_tree_leaves_the_tail_alone(void)
{
    struct twin twin, copy;
    struct rove_view view;
    if (env.chunk_len < 16)
        return;
    twin_of_leaves(&twin, 1);
    twin_append(&twin, 5);
    twin_clone(&copy, &twin);
    twin_append(&twin, 1);
    size_t tree_len = (size_t) twin.rope.tree_len, last = twin.model.len - 1;
    const uint8_t *tail = twin.rope.base;
    CHECK_OK(rove_rope_view(&twin.rope, 1, tree_len - 1, &view));
    CHECK(view.root && !view.tail);
    CHECK(twin_overwrite(&twin, last, 1));
    CHECK(twin.rope.base == tail && twin.rope.tree_len == tree_len);
    rove_view_fini(&view);
    CHECK_OK(rove_rope_view(&twin.rope, tree_len, 1, &view));
    CHECK(!view.root && view.tail);
    CHECK(twin_overwrite(&twin, last, 1));
    CHECK(twin.rope.base != tail || twin.rope.tree_len != tree_len);
    rove_view_fini(&view);
    TWIN_CHECK(&twin);
    TWIN_CHECK(&copy);
    twin_fini(&copy);
    twin_fini(&twin);
}

static void overwrite_by_own_bytes_over_a_border(void)
{
    struct twin twin;
    size_t len;
    for (size_t shift = 0; shift < 3; shift++) {
        twin_of_leaves(&twin, 2);
        twin_append(&twin, env.chunk_len / 2);
        size_t from = leaf_len() / 2 + shift * env.chunk_len;
        const uint8_t *src = span_at(&twin.rope, from, &len);
        size_t to = from + len / 2 - (shift && len < from ? len : 0);
        CHECK_OK(rove_rope_overwrite(&twin.rope, to, src, len));
        model_replace(&twin.model, to, len, twin.model.ptr + from, len);
        TWIN_CHECK(&twin);
        twin_fini(&twin);
    }
}

static void overwrite_by_own_bytes_that_touch_is_in_place(void)
{
    if (env.chunk_len < 16)
        return;
    struct rove_rope rope;
    uint8_t *ptr, bytes[16];
    size_t len;
    rove_rope_init(&rope, env.pool);
    CHECK_OK(rove_rope_reserve(&rope, 16, &ptr, &len));
    memcpy(ptr, noise(16), 16);
    memcpy(bytes, ptr, 16);
    CHECK_OK(rove_rope_commit(&rope, 16));
    CHECK_OK(rove_rope_overwrite(&rope, 0, ptr + 8, 8)); // what follows
    memcpy(bytes, bytes + 8, 8);
    CHECK(memcmp(ptr, bytes, 16) == 0);
    memcpy(ptr, noise(8), 8);
    memcpy(bytes, ptr, 8);
    CHECK_OK(rove_rope_overwrite(&rope, 8, ptr, 8)); // what comes before
    memcpy(bytes + 8, bytes, 8);
    CHECK(memcmp(ptr, bytes, 16) == 0);
    CHECK_BYTES(&rope, bytes, 16);
    rove_rope_fini(&rope);
}

static void insert_and_replace_by_own_bytes(void)
{
    struct twin twin;
    size_t len, at[] = {0, env.chunk_len / 2, leaf_len(), leaf_len() + 1};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        twin_of_leaves(&twin, 2);
        const uint8_t *src = span_at(&twin.rope, at[i], &len);
        CHECK_OK(rove_rope_insert(&twin.rope, at[i] + len / 2, src, len));
        model_replace(&twin.model, at[i] + len / 2, 0, twin.model.ptr + at[i], len);
        src = span_at(&twin.rope, twin.model.len - 1, &len);
        CHECK_OK(rove_rope_replace(&twin.rope, twin.model.len - len, len - len / 2, src, len));
        model_replace(&twin.model, twin.model.len - len, len - len / 2,
                      twin.model.ptr + twin.model.len - len, len);
        TWIN_CHECK(&twin);
        twin_fini(&twin);
    }
}

// No view is taken, so the tail is all the rope's own and its bytes move in place.
static void a_tail_edited_by_its_own_bytes(void)
{
    for (size_t i = 0; i < 7 * 7 * 3; i++) {
        size_t at = i % 7, from = i / 7 % 7, del = at < 6 ? i / 49 : 0;
        struct rove_rope rope;
        struct model model = {0};
        const uint8_t *src = NULL;
        del = del > 6 - at ? 6 - at : del;
        rove_rope_init(&rope, env.pool);
        CHECK_OK(rove_rope_append(&rope, "abcdef", 6));
        model_replace(&model, 0, 0, "abcdef", 6);
        CHECK_OK(rove_rope_flatten(&rope, &src));
        CHECK_OK(rove_rope_replace(&rope, at, del, src + from, 6 - from));
        model_replace(&model, at, del, model.ptr + from, 6 - from);
        CHECK_BYTES(&rope, model.ptr, model.len);
        CHECK_SOUND(&rope);
        rove_rope_fini(&rope);
        model_fini(&model);
    }
}

static void spoil(void *arg, const void *ptr, size_t len)
{
    memset(arg, 0xdd, len);
    CHECK(ptr == arg);
}

// A tail without room makes way for what is put into it, and is merged with the slice before it; the source is that
// slice, of which nothing is left then.
static void insert_into_a_full_tail_by_the_bytes_before_it(void)
{
    static uint8_t adopted[ROVE_MERGE_LEN + 1];
    struct rove_rope rope;
    struct model model = {0};
    if (env.chunk_len < 256)
        return;
    rove_rope_init(&rope, env.pool);
    memcpy(adopted, noise(sizeof adopted), sizeof adopted);
    CHECK_OK(rove_rope_append_adopt(&rope, adopted, sizeof adopted, spoil, adopted));
    CHECK_OK(rove_rope_truncate(&rope, 60));
    model_replace(&model, 0, 0, adopted, 60);
    do {
        CHECK_OK(rove_rope_append(&rope, "t", 1));
        model_replace(&model, model.len, 0, "t", 1);
    } while (rope.end - rope.cur >= 50);
    CHECK_EQ(60, rope.tree_len);
    CHECK(model.len < 256);
    CHECK_OK(rove_rope_insert(&rope, 70, adopted, 60));
    model_replace(&model, 70, 0, model.ptr, 60);
    CHECK_BYTES(&rope, model.ptr, model.len);
    CHECK_SOUND(&rope);
    CHECK_EQ(0xdd, adopted[0]);
    rove_rope_fini(&rope);
    model_fini(&model);
}

// views and ropes as the source -----------------------------------------------------------------

static void a_rope_inserted_into_itself(void)
{
    struct twin twin;
    size_t offs[EDGE_OFFS];
    twin_of_leaves(&twin, 2);
    size_t cnt = edge_offs(offs, twin.model.len);
    for (size_t i = 0; i < cnt; i += 9) {
        struct twin copy;
        twin_clone(&copy, &twin);
        CHECK_OK(rove_rope_insert_rope(&copy.rope, offs[i], &copy.rope));
        model_replace(&copy.model, offs[i], 0, twin.model.ptr, twin.model.len);
        TWIN_CHECK(&copy);
        twin_fini(&copy);
    }
    TWIN_CHECK(&twin);
    twin_fini(&twin);
}

static void views_of_edge_lengths_put_everywhere(void)
{
    struct twin src;
    size_t lens[EDGE_LENS];
    edge_lens(lens);
    twin_of_leaves(&src, 2);
    for (size_t i = 0; i < EDGE_LENS; i++) {
        struct twin twin;
        struct rove_view view;
        size_t from = env.chunk_len / 3;
        twin_of_leaves(&twin, 1);
        CHECK_OK(rove_rope_view(&src.rope, from, lens[i], &view));
        CHECK_OK(rove_rope_append_view(&twin.rope, &view));
        model_replace(&twin.model, twin.model.len, 0, src.model.ptr + from, lens[i]);
        CHECK_OK(rove_rope_replace_view(&twin.rope, leaf_len() / 2, 1, &view));
        model_replace(&twin.model, leaf_len() / 2, 1, src.model.ptr + from, lens[i]);
        CHECK_OK(rove_rope_replace_view(&twin.rope, 0, 0, &view));
        model_replace(&twin.model, 0, 0, src.model.ptr + from, lens[i]);
        TWIN_CHECK(&twin);
        CHECK_VIEW(&view, src.model.ptr + from, lens[i]);
        rove_view_fini(&view);
        twin_fini(&twin);
    }
    TWIN_CHECK(&src);
    twin_fini(&src);
}

// Slices laid into one leaf, which becomes up to four, and more of them, which become a tree that is joined: at
// the ends and the borders of leaves, inside of them, with and without bytes that go.
static void views_of_every_count_of_slices_put_everywhere(void)
{
    struct twin src;
    twin_of_leaves(&src, 5);
    size_t chunk = env.chunk_len, at[] = {0, chunk / 2, leaf_len() - chunk, leaf_len(), leaf_len() + chunk / 3};
    for (unsigned cnt = 1; cnt < 4 * RV_FANOUT + 2; cnt += cnt % RV_FANOUT == 2 && RV_FANOUT > 8 ? 10 : 1)
        for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
            struct twin twin;
            struct rove_view view;
            size_t from = chunk / 3, del = i % 2 * chunk, len = cnt * chunk - from;
            twin_of_leaves(&twin, 2);
            CHECK_OK(rove_rope_view(&src.rope, from, len, &view));
            CHECK_OK(rove_rope_replace_view(&twin.rope, at[i], del, &view));
            model_replace(&twin.model, at[i], del, src.model.ptr + from, len);
            rove_view_fini(&view);
            TWIN_CHECK(&twin);
            twin_fini(&twin);
        }
    TWIN_CHECK(&src);
    twin_fini(&src);
}

static void a_rope_replaced_by_a_view_of_itself(void)
{
    struct twin twin;
    struct rove_view view;
    twin_of_leaves(&twin, 2);
    size_t len = leaf_len(), from = len / 2;
    CHECK_OK(rove_rope_view(&twin.rope, from, len, &view));
    CHECK_OK(rove_rope_replace_view(&twin.rope, len / 3, len, &view));
    model_replace(&twin.model, len / 3, len, twin.model.ptr + from, len);
    CHECK_OK(rove_rope_append_view(&twin.rope, &view));
    rove_view_fini(&view);
    model_replace(&twin.model, twin.model.len, 0, twin.model.ptr + len / 3, len);
    TWIN_CHECK(&twin);
    twin_fini(&twin);
}

static void long_views_are_shared_not_copied(void)
{
    struct twin src, twin;
    struct rove_view view;
    twin_init(&src, env.pool);
    twin_grow(&src, 1 << 16);
    twin_init(&twin, env.pool);
    CHECK_OK(rove_rope_view(&src.rope, 0, src.model.len, &view));
    CHECK_OK(rove_rope_append_view(&twin.rope, &view)); // warms the pool's blocks
    uint64_t before = env.alloc.live_len;
    for (int i = 0; i < 16; i++)
        CHECK_OK(rove_rope_append_view(&twin.rope, &view));
    CHECK_EQ((uint64_t) 17 << 16, rove_rope_len(&twin.rope));
    CHECK(env.alloc.live_len - before <= 512 * 1024);
    CHECK_SOUND(&twin.rope);
    rove_view_fini(&view);
    twin_fini(&src);
    twin_fini(&twin);
}

// split and concatenate -------------------------------------------------------------------------

static void split_at_every_border_and_rejoined(void)
{
    size_t offs[EDGE_OFFS];
    struct twin twin;
    twin_of_leaves(&twin, 3);
    size_t cnt = edge_offs(offs, twin.model.len);
    for (size_t i = 0; i < cnt; i++) {
        struct rove_rope right;
        CHECK_OK(rove_rope_split(&twin.rope, offs[i], &right));
        CHECK_SOUND(&right);
        CHECK_BYTES(&right, twin.model.ptr + offs[i], twin.model.len - offs[i]);
        CHECK_SOUND(&twin.rope);
        CHECK_BYTES(&twin.rope, twin.model.ptr, offs[i]);
        CHECK_OK(rove_rope_concat(&twin.rope, &right));
        CHECK_EQ(0, rove_rope_len(&right));
        TWIN_CHECK(&twin);
        rove_rope_fini(&right);
    }
    twin_fini(&twin);
}

static void both_halves_of_a_split_go_on(void)
{
    struct twin twin, right;
    for (size_t cut = 0; cut <= 2; cut++) {
        twin_of_leaves(&twin, 1);
        twin_append(&twin, 8);
        memset(&right, 0, sizeof right);
        size_t off = twin.model.len - 4 * cut;
        CHECK_OK(rove_rope_split(&twin.rope, off, &right.rope));
        model_copy(&right.model, &twin.model, off, twin.model.len - off);
        twin.model.len = off;
        for (int i = 0; i < 3; i++) {
            twin_append(&twin, 2);
            twin_append(&right, 3);
            twin_overwrite(&twin, twin.model.len - 2, 2);
            twin_overwrite(&right, 0, 3);
        }
        TWIN_CHECK(&twin);
        TWIN_CHECK(&right);
        twin_fini(&twin);
        twin_fini(&right);
    }
}

static void a_split_past_the_end_gives_an_empty_rope(void)
{
    struct twin twin;
    struct rove_rope right;
    twin_of_leaves(&twin, 1);
    memset(&right, 0xff, sizeof right);
    CHECK_IS(ROVE_E_RANGE, rove_rope_split(&twin.rope, twin.model.len + 1, &right));
    CHECK_EQ(0, rove_rope_len(&right));
    CHECK_OK(rove_rope_append(&right, "x", 1));
    CHECK_BYTES(&right, "x", 1);
    rove_rope_fini(&right);
    TWIN_CHECK(&twin);
    twin_fini(&twin);
}

static void concatenated_with_itself(void)
{
    struct twin twin;
    twin_of_leaves(&twin, 1);
    CHECK_IS(ROVE_E_ARG, rove_rope_concat(&twin.rope, &twin.rope));
    TWIN_CHECK(&twin);
    twin_fini(&twin);
}

// The kids of a root are put behind themselves: in the node itself, or in a copy where another rope has it, too.
static void doubled(size_t leaves, bool held)
{
    struct twin twin, keep;
    struct model half = {NULL, 0, 0};
    struct rove_rope copy;
    twin_init(&twin, env.pool);
    twin_grow(&twin, leaves * leaf_len());
    model_copy(&half, &twin.model, 0, twin.model.len);
    twin_clone(&keep, &twin);
    if (!held)
        twin_fini(&keep);
    rove_rope_clone(&copy, &twin.rope);
    CHECK_OK(rove_rope_concat(&twin.rope, &copy));
    rove_rope_fini(&copy);
    model_replace(&twin.model, twin.model.len, 0, half.ptr, half.len);
    TWIN_CHECK(&twin);
    twin_overwrite(&twin, half.len - 1, 2);
    twin_erase(&twin, half.len / 2, half.len / 3);
    TWIN_CHECK(&twin);
    if (held) {
        TWIN_CHECK(&keep);
        twin_fini(&keep);
    }
    model_fini(&half);
    twin_fini(&twin);
}

static void a_rope_behind_itself(void)
{
    for (size_t leaves = 1; leaves <= RV_FILL + 1; leaves += leaves < RV_FILL / 2 ? 1 : RV_FILL / 2) {
        doubled(leaves, false);
        doubled(leaves, true);
    }
}

// Two ropes of these lengths, joined; the right one with an open tail or none.
static void join(size_t left_len, size_t right_len, bool shared)
{
    struct twin left, right, keep;
    twin_init(&left, env.pool);
    twin_init(&right, env.pool);
    twin_grow(&left, left_len);
    twin_grow(&right, right_len);
    twin_clone(&keep, shared ? &right : &left);
    if (!shared)
        twin_fini(&keep);
    CHECK_OK(rove_rope_concat(&left.rope, &right.rope));
    model_replace(&left.model, left.model.len, 0, right.model.ptr, right.model.len);
    right.model.len = 0;
    TWIN_CHECK(&left);
    twin_append(&left, 1);
    twin_append(&right, 1);
    TWIN_CHECK(&left);
    TWIN_CHECK(&right);
    if (shared) {
        TWIN_CHECK(&keep);
        twin_fini(&keep);
    }
    twin_fini(&left);
    twin_fini(&right);
}

static void trees_of_all_heights_joined(void)
{
    const size_t c = env.chunk_len;
    size_t lens[] = {0, 1, c, 2 * c + 1, leaf_len(), leaf_len() + c + 1, 3 * leaf_len() + 1,
                     leaf_len() * RV_FANOUT, leaf_len() * RV_FANOUT * 2 + c};
    size_t cnt = sizeof lens / sizeof *lens;
    while (lens[cnt - 1] > 300000)
        cnt--;
    for (size_t i = 0; i < cnt; i++) {
        for (size_t j = 0; j < cnt; j++) {
            join(lens[i], lens[j], false);
            join(lens[i], lens[j], true);
        }
    }
}

// It keeps none of the memory in which its edits were gathered.
static void what_was_joined_on_is_as_good_as_new(void)
{
    for (size_t len = 100; len <= 40000; len *= 20) {
        struct twin left, right;
        struct rove_rope_figures figures;
        twin_init(&left, env.pool);
        twin_init(&right, env.pool);
        twin_append(&left, len);
        twin_append(&right, len);
        for (size_t i = 0; i < 10; i++)
            twin_insert(&right, len / 2, 1 + i);
        CHECK_OK(rove_rope_concat(&left.rope, &right.rope));
        CHECK_OK(rove_rope_measure(&right.rope, &figures));
        CHECK(figures.len == 0 && figures.retained == 0);
        twin_fini(&left);
        twin_fini(&right);
    }
}

static void ropes_of_different_pools_joined(void)
{
    for (size_t i = 0; i < SUITE_POOLS; i++) {
        struct rove_pool *pool = suite_pool_new(&env.alloc.table, suite_chunk_lens[i]);
        struct twin left, right;
        twin_init(&left, env.pool);
        twin_init(&right, pool);
        rove_pool_unref(pool);
        twin_append(&left, 2000);
        twin_append(&right, 3000);
        CHECK_OK(rove_rope_concat(&left.rope, &right.rope));
        model_replace(&left.model, 2000, 0, right.model.ptr, 3000);
        twin_fini(&right);
        twin_append(&left, 100);
        twin_erase(&left, 1000, 2000);
        twin_insert(&left, 1500, 700);
        TWIN_CHECK(&left);
        twin_fini(&left);
    }
}

// sharing ---------------------------------------------------------------------------------------

static void two_clones_append_and_one_wins_the_tail(void)
{
    struct twin twin, copy;
    twin_init(&twin, env.pool);
    twin_append(&twin, 1);
    for (size_t round = 0; round < 40; round++) {
        twin_clone(&copy, &twin);
        struct twin *first = round & 1 ? &twin : &copy, *second = round & 1 ? &copy : &twin;
        twin_append(first, 1 + round % 3);
        twin_append(second, 1 + round % 2);
        TWIN_CHECK(&twin);
        TWIN_CHECK(&copy);
        twin_append(second, 2);
        twin_append(first, 2);
        TWIN_CHECK(&twin);
        TWIN_CHECK(&copy);
        if (round & 2) { // the copy lives on in the place of the first
            rove_rope_fini(&twin.rope);
            rove_rope_move(&twin.rope, &copy.rope);
            model_copy(&twin.model, &copy.model, 0, copy.model.len);
        }
        twin_fini(&copy);
    }
    twin_fini(&twin);
}

static void the_winner_of_a_tail_shortens_itself(void)
{
    struct twin twin, copy;
    for (size_t cut = 0; cut < 4; cut++) {
        twin_init(&twin, env.pool);
        twin_append(&twin, 3);
        twin_clone(&copy, &twin);
        twin_append(&copy, 3);
        twin_truncate(&copy, 3 + cut - (cut == 3 ? 2 : 0));
        twin_append(&twin, 2);
        TWIN_CHECK(&twin);
        TWIN_CHECK(&copy);
        twin_append(&copy, 2);
        TWIN_CHECK(&twin);
        TWIN_CHECK(&copy);
        twin_fini(&copy);
        twin_append(&twin, 5);
        TWIN_CHECK(&twin);
        twin_fini(&twin);
    }
}

// A view keeps the chunk shared, so the room must be claimed, not just found free.
static void the_room_of_a_dropped_winner_can_be_had_again(void)
{
    struct twin twin, copy;
    struct rove_view view;
    if (env.chunk_len < 16)
        return;
    twin_init(&twin, env.pool);
    twin_append(&twin, 3);
    const struct rv_chunk *tail = twin.rope.tail;
    CHECK_OK(rove_rope_view(&twin.rope, 0, 3, &view));
    twin_clone(&copy, &twin);
    twin_append(&copy, 2);
    CHECK(copy.rope.tail == tail);
    twin_fini(&copy);
    twin_append(&twin, 4);
    CHECK(twin.rope.tail == tail);
    TWIN_CHECK(&twin);
    CHECK_VIEW(&view, twin.model.ptr, 3);
    rove_view_fini(&view);
    twin_fini(&twin);
}

static void clones_of_clones_dropped_in_any_order(void)
{
    static const unsigned char orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                               {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (size_t i = 0; i < 6; i++) {
        struct twin all[3];
        twin_of_leaves(&all[0], 2);
        twin_clone(&all[1], &all[0]);
        twin_clone(&all[2], &all[1]);
        for (size_t k = 0; k < 3; k++) {
            twin_insert(&all[k], leaf_len() / 2, k + 1);
            twin_append(&all[k], k + 1);
        }
        for (size_t k = 0; k < 3; k++) {
            for (size_t left = k; left < 3; left++)
                TWIN_CHECK(&all[orders[i][left]]);
            twin_fini(&all[orders[i][k]]);
        }
    }
}

static void editing_a_clone_copies_a_path_not_the_whole(void)
{
    struct twin twin;
    struct rove_rope copy;
    struct rove_rope_figures figures, edited;
    twin_init(&twin, env.pool);
    twin_grow(&twin, 60 * leaf_len() < 100000 ? 60 * leaf_len() : 100000);
    rove_rope_clone(&copy, &twin.rope);
    CHECK_OK(rove_rope_measure(&twin.rope, &figures));
    CHECK_OK(rove_rope_insert(&copy, twin.model.len / 2, "x", 1));
    CHECK_OK(rove_rope_measure(&copy, &edited));
    uint64_t own = figures.fair * 2 > figures.retained ? figures.fair * 2 - figures.retained : 0;
    CHECK(own <= figures.retained / 4 + 20000);
    CHECK(edited.retained <= figures.retained + env.chunk_len + 20000);
    CHECK(edited.fair <= edited.retained / 2 + env.chunk_len + 20000);
    TWIN_CHECK(&twin);
    rove_rope_fini(&copy);
    twin_fini(&twin);
}

static void edit_of_kind(struct twin *twin, unsigned kind, size_t off)
{
    size_t most = twin->model.len - off, leaf = leaf_len() / 2 + env.chunk_len;
    if (kind == 0)
        twin_insert(twin, off, 1);
    else if (kind == 1)
        twin_overwrite(twin, off, most < 3 ? most : 3);
    else // leaves a leaf too thin, where it lies in one
        twin_erase(twin, off, most < leaf ? most : leaf);
}

// What a first edit made is the clone's own: a second one finds its path shared from the root, from a node
// below it, or from nowhere.
static void a_second_edit_of_a_clone_shares_less_of_its_path(void)
{
    struct twin twin;
    size_t offs[EDGE_OFFS];
    twin_of_leaves(&twin, RV_FANOUT + 2);
    size_t cnt = edge_offs(offs, twin.model.len - 1);
    for (size_t i = 0; i < cnt; i++) {
        struct twin copy;
        twin_clone(&copy, &twin);
        edit_of_kind(&copy, (unsigned) i % 3, offs[i]);
        size_t off = i % 2 ? twin.model.len / 2 : offs[i] + leaf_len();
        edit_of_kind(&copy, (unsigned) i / 3 % 3, off < copy.model.len ? off : 0);
        if (i + 1 == cnt) { // in the end nobody else holds what was shared
            TWIN_CHECK(&twin);
            twin_truncate(&twin, 0);
        }
        TWIN_CHECK(&copy);
        twin_fini(&copy);
    }
    twin_fini(&twin);
}

// compact and flatten ---------------------------------------------------------------------------

static void compact_drops_what_small_slices_pin(void)
{
    struct twin twin;
    struct rove_rope_figures before, after;
    twin_init(&twin, env.pool);
    twin_grow(&twin, 40 * 1024);
    struct rove_view view;
    struct twin thin;
    twin_init(&thin, env.pool);
    for (size_t off = 0; off + 1024 < twin.model.len; off += twin.model.len / 16) {
        CHECK_OK(rove_rope_view(&twin.rope, off, 600, &view));
        CHECK_OK(rove_rope_append_view(&thin.rope, &view));
        model_replace(&thin.model, thin.model.len, 0, twin.model.ptr + off, 600);
        rove_view_fini(&view);
    }
    twin_fini(&twin);
    CHECK_OK(rove_rope_measure(&thin.rope, &before));
    CHECK_OK(rove_rope_compact(&thin.rope));
    CHECK_OK(rove_rope_measure(&thin.rope, &after));
    TWIN_CHECK(&thin);
    CHECK(after.retained <= before.retained);
    if (env.chunk_len == 4096)
        CHECK(after.retained < before.retained / 2);
    CHECK_OK(rove_rope_compact(&thin.rope));
    TWIN_CHECK(&thin);
    twin_fini(&thin);
}

// However little else the rope keeps.
static void compact_lets_go_of_memory_that_is_hardly_used(void)
{
    struct twin twin;
    struct releases releases = {0, NULL, 0};
    const size_t len = 100000, left = 2000;
    uint8_t *memory = malloc(len);
    twin_init(&twin, env.pool);
    memcpy(memory, noise(len), len);
    CHECK_OK(rove_rope_append_adopt(&twin.rope, memory, len, note_release, &releases));
    model_replace(&twin.model, 0, 0, memory, len);
    twin_truncate(&twin, left);
    CHECK_EQ(0, releases.cnt);
    CHECK_OK(rove_rope_compact(&twin.rope));
    CHECK_EQ(1, releases.cnt);
    TWIN_CHECK(&twin);
    twin_fini(&twin);
    free(memory);
}

// Also of the run that it has made itself, and all of which counts as kept.
static void compact_lets_go_of_a_run_that_was_cut(void)
{
    struct twin twin;
    struct rove_rope_figures figures;
    struct rove_pool_figures before, after;
    const uint8_t *ptr;
    const size_t len = 100000, left = 2000;
    twin_init(&twin, env.pool);
    twin_grow(&twin, len);
    CHECK_OK(rove_rope_flatten(&twin.rope, &ptr));
    CHECK_OK(rove_rope_measure(&twin.rope, &figures));
    CHECK(figures.retained >= len);
    twin_truncate(&twin, left);
    rove_pool_measure(env.pool, &before);
    CHECK_OK(rove_rope_compact(&twin.rope));
    rove_pool_measure(env.pool, &after);
    CHECK(env.chunk_len < 4096 || after.held + len / 4 < before.held);
    CHECK_OK(rove_rope_measure(&twin.rope, &figures));
    CHECK(env.chunk_len < 4096 || figures.retained < 4 * left);
    TWIN_CHECK(&twin);
    twin_fini(&twin);
}

// Zeros pin nothing. They stay what they are, as those do that thin has found.
static void compact_leaves_zeros_that_take_no_memory(void)
{
    struct twin twin;
    struct rove_rope_figures before, after;
    struct rove_view view;
    static const uint8_t zeros[20000];
    twin_init(&twin, env.pool);
    for (unsigned i = 0; i < 50; i++) {
        struct twin whole;
        twin_init(&whole, env.pool);
        twin_append(&whole, 60000);
        CHECK_OK(rove_rope_view(&whole.rope, 100, 600, &view));
        CHECK_OK(rove_rope_append_view(&twin.rope, &view)); // of the last chunk, which it keeps
        model_replace(&twin.model, twin.model.len, 0, whole.model.ptr + 100, 600);
        rove_view_fini(&view);
        twin_fini(&whole);
        CHECK_OK(rove_rope_append_zeros(&twin.rope, sizeof zeros));
        model_replace(&twin.model, twin.model.len, 0, zeros, sizeof zeros);
    }
    CHECK_OK(rove_rope_measure(&twin.rope, &before));
    CHECK_OK(rove_rope_compact(&twin.rope));
    CHECK_OK(rove_rope_measure(&twin.rope, &after));
    CHECK(after.retained <= before.retained);
    CHECK(env.chunk_len < 4096 || after.retained < 100000);
    TWIN_CHECK(&twin);
    twin_fini(&twin);
}

// As many chunks as the table in which they are counted has room for, so that one more would make it grow: from each
// allocation on there is no memory. What a thread keeps of a pool would be memory, so each time it is a new one.
static void compact_without_memory_leaves_a_rope_of_32_chunks(void)
{
    enum { LEN = 4096, CNT = 32 };
    const uint8_t *bytes = noise(CNT * LEN);
    enum rove_status status = ROVE_E_NOMEM;
    for (uint64_t n = 1; status; n++) {
        struct rove_pool *pool = suite_pool_new(&env.alloc.table, LEN);
        struct rove_rope rope;
        rove_rope_init(&rope, pool);
        for (size_t i = 0; i < CNT; i++)
            CHECK_OK(rove_rope_append(&rope, bytes + i * LEN, LEN));
        test_alloc_arm(&env.alloc, n, true);
        status = rove_rope_compact(&rope);
        test_alloc_arm(&env.alloc, 0, false);
        CHECK(status == ROVE_OK || status == ROVE_E_NOMEM);
        CHECK_SOUND(&rope);
        CHECK_BYTES(&rope, bytes, CNT * LEN);
        rove_rope_fini(&rope);
        rove_pool_unref(pool);
    }
}

static void flatten_gives_one_run_and_keeps_it(void)
{
    struct twin twin, copy;
    const uint8_t *ptr = NULL, *again = NULL;
    struct rove_rope_figures figures;
    twin_of_leaves(&twin, 2);
    twin_clone(&copy, &twin);
    CHECK_OK(rove_rope_flatten(&twin.rope, &ptr));
    CHECK(ptr && memcmp(ptr, twin.model.ptr, twin.model.len) == 0);
    CHECK_OK(rove_rope_flatten(&twin.rope, &again));
    CHECK(ptr == again);
    CHECK_OK(rove_rope_measure(&twin.rope, &figures));
    CHECK_EQ(1, figures.slice_cnt);
    TWIN_CHECK(&twin);
    twin_append(&twin, 3);
    twin_insert(&twin, 5, 3);
    TWIN_CHECK(&twin);
    TWIN_CHECK(&copy);
    rove_rope_clear(&twin.rope);
    CHECK_OK(rove_rope_flatten(&twin.rope, &ptr));
    CHECK(ptr != NULL);
    twin_fini(&twin);
    twin_fini(&copy);
}

// What of a tail has gone into the tree is not written again, by whoever has the room behind it: an edit
// sheds the tail, lets go of it, and a clone whose bytes end before those that were shed appends.
static void what_a_tail_has_shed_is_not_written_again(void)
{
    for (unsigned way = 0; way < 5; way++) {
        struct twin twin, copy, right;
        twin_init(&twin, env.pool);
        twin_init(&right, env.pool);
        twin_append(&right, 2 * ROVE_MERGE_LEN + 7);
        twin_append(&twin, 3);
        twin_clone(&copy, &twin);
        twin_append(&twin, 40);
        if (way == 0) { // behind all of it
            CHECK_OK(rove_rope_concat(&twin.rope, &right.rope));
            model_replace(&twin.model, 43, 0, right.model.ptr, right.model.len);
            right.model.len = 0;
        } else if (way == 1) { // inside it
            struct rove_rope rest;
            CHECK_OK(rove_rope_split(&twin.rope, 20, &rest));
            twin.model.len = 20;
            rove_rope_fini(&rest);
        } else if (way == 2) {
            CHECK_OK(rove_rope_insert_rope(&twin.rope, 20, &right.rope));
            model_replace(&twin.model, 20, 0, right.model.ptr, right.model.len);
            twin_truncate(&twin, 20 + right.model.len);
            rove_rope_clear(&right.rope);
            right.model.len = 0;
        } else if (way == 3) {
            CHECK_OK(rove_rope_append_zeros(&twin.rope, 600));
            twin.model.len = 43;
            twin_truncate(&twin, 43);
        } else {
            twin_append(&twin, 2 * env.chunk_len + 1);
        }
        twin_append(&copy, 9);
        TWIN_CHECK(&twin);
        TWIN_CHECK(&copy);
        twin_append(&twin, 9);
        twin_append(&copy, 9);
        TWIN_CHECK(&twin);
        TWIN_CHECK(&copy);
        twin_fini(&right);
        twin_fini(&copy);
        twin_fini(&twin);
    }
}

// the merge threshold ---------------------------------------------------------------------------

static uint64_t slices_of(const struct twin *twin)
{
    struct rove_rope_figures figures;
    CHECK_OK(rove_rope_measure(&twin->rope, &figures));
    return figures.slice_cnt;
}

static void adopt_slice(struct twin *twin, size_t len)
{
    const uint8_t *src = noise(len);
    CHECK_OK(rove_rope_append_adopt(&twin->rope, src, len, NULL, NULL));
    model_replace(&twin->model, twin->model.len, 0, src, len);
}

static void insert_once(void *arg, const void *ptr, size_t len)
{
    struct twin *twin = arg;
    (void) ptr;
    (void) len;
    CHECK(twin_insert(twin, 10, 60));
}

// The bytes of the edit that lets go are in place before others are laid where they lie.
static void a_release_function_lays_bytes_behind_those_of_the_edit(void)
{
    static const uint8_t gone[2000];
    struct twin twin;
    twin_init(&twin, env.pool);
    adopt_slice(&twin, 2000);
    CHECK_OK(rove_rope_append_adopt(&twin.rope, gone, sizeof gone, insert_once, &twin));
    model_replace(&twin.model, 2000, 0, gone, sizeof gone);
    adopt_slice(&twin, 2000);
    CHECK(twin_insert(&twin, 1000, 100)); // new bytes of the next edits may come behind these
    const uint8_t *src = noise(100);
    uint8_t fresh[100];
    memcpy(fresh, src, sizeof fresh);
    model_replace(&twin.model, 2100, sizeof gone, fresh, sizeof fresh); // before the other edit does
    CHECK_OK(rove_rope_replace(&twin.rope, 2100, sizeof gone, fresh, sizeof fresh));
    CHECK_EQ(2000 + 2000 + 100 + 100 + 60, rove_rope_len(&twin.rope));
    TWIN_CHECK(&twin);
    twin_fini(&twin);
}

// A rope of adopted slices, which merge with nothing as they are.
static void twin_of_slices(struct twin *twin, unsigned cnt, size_t len)
{
    twin_init(twin, env.pool);
    for (unsigned i = 0; i < cnt; i++)
        adopt_slice(twin, len);
}

// What an edit leaves of a slice, with the new bytes or the next slice, is made one up to the threshold.
static void neighbours_of_together_the_threshold_become_one(void)
{
    const size_t len = 2 * ROVE_MERGE_LEN;
    const size_t most = env.chunk_len < ROVE_MERGE_LEN ? env.chunk_len : ROVE_MERGE_LEN;
    const size_t piece = env.chunk_len / 8 + 1 < most ? 1 + (env.chunk_len > 16) : 0;
    for (size_t sum = most; piece && sum <= most + 1; sum++) {
        struct twin twin;
        bool fits = sum <= most;
        twin_of_slices(&twin, 2, len); // two neighbours
        CHECK(twin_erase(&twin, sum / 2, 2 * len - sum));
        CHECK_EQ(fits ? 1 : 2, slices_of(&twin));
        TWIN_CHECK(&twin);
        twin_fini(&twin);
        twin_of_slices(&twin, 1, len); // new bytes and what is on their left
        CHECK(twin_insert(&twin, sum - piece, piece));
        CHECK_EQ(fits ? 2 : 3, slices_of(&twin));
        TWIN_CHECK(&twin);
        twin_fini(&twin);
        twin_of_slices(&twin, 1, len); // and on their right
        CHECK(twin_insert(&twin, len - (sum - piece), piece));
        CHECK_EQ(fits ? 2 : 3, slices_of(&twin));
        TWIN_CHECK(&twin);
        twin_fini(&twin);
    }
    for (size_t sum = most; most > 1 && sum <= most + 1; sum++) { // two slices on one side
        struct twin twin;
        twin_of_slices(&twin, 1, len);
        CHECK(twin_truncate(&twin, sum / 2)); // merges nothing
        adopt_slice(&twin, len);
        CHECK(twin_truncate(&twin, sum));
        CHECK_EQ(2, slices_of(&twin));
        adopt_slice(&twin, len);
        CHECK_EQ(sum <= most ? 2 : 3, slices_of(&twin));
        TWIN_CHECK(&twin);
        twin_fini(&twin);
    }
}

// Tells whether the byte at an offset is at this very address.
static bool lies_at(struct rove_rope *rope, uint64_t off, const uint8_t *ptr)
{
    struct rove_view view;
    struct rove_cursor cursor;
    struct rove_span span = {NULL, 0};
    CHECK_OK(rove_rope_view(rope, 0, rove_rope_len(rope), &view));
    CHECK_OK(rove_cursor_init(&cursor, &view, off));
    CHECK_OK(rove_cursor_next(&cursor, &span));
    rove_cursor_fini(&cursor);
    rove_view_fini(&view);
    return span.ptr == ptr;
}

static void up_to_the_threshold_is_copied_and_more_is_shared(void)
{
    for (size_t len = ROVE_MERGE_LEN; len <= ROVE_MERGE_LEN + 1; len++) {
        struct rove_rope rope, src, right;
        struct rove_view view;
        const uint8_t *bytes = noise(len);
        bool shared = len > ROVE_MERGE_LEN;
        rove_rope_init(&rope, env.pool);
        rove_rope_init(&src, env.pool);
        CHECK_OK(rove_rope_append_adopt(&rope, bytes, len, NULL, NULL));
        CHECK_EQ(shared, lies_at(&rope, 0, bytes));
        CHECK_OK(rove_rope_append_adopt(&src, bytes, 2 * len, NULL, NULL));
        CHECK_OK(rove_rope_view(&src, 0, len, &view));
        CHECK_OK(rove_rope_append_view(&rope, &view));
        CHECK_EQ(shared, lies_at(&rope, len, bytes));
        CHECK_OK(rove_rope_append_adopt(&rope, bytes, 2 * len, NULL, NULL));
        CHECK_OK(rove_rope_replace_view(&rope, 3 * len, 0, &view));
        CHECK_EQ(shared, lies_at(&rope, 3 * len, bytes));
        rove_view_fini(&view);
        CHECK_OK(rove_rope_split(&src, len, &right));
        CHECK_OK(rove_rope_insert_rope(&rope, 0, &src));
        CHECK_EQ(shared, lies_at(&rope, 0, bytes));
        uint64_t end = rove_rope_len(&rope);
        CHECK_OK(rove_rope_concat(&rope, &right));
        CHECK_EQ(shared, lies_at(&rope, end, bytes + len));
        CHECK_SOUND(&rope);
        rove_rope_fini(&right);
        rove_rope_fini(&src);
        rove_rope_fini(&rope);
    }
}

// Padding is written like other bytes; a page of zeros lies where all others do.
static void zeros_are_shared_from_a_page_on(void)
{
    static const size_t lens[] = {1, ROVE_MERGE_LEN + 1, 4095, 4096, 65536};
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        struct rove_rope rope;
        bool shared = lens[i] >= 4096;
        rove_rope_init(&rope, env.pool);
        CHECK_OK(rove_rope_append_zeros(&rope, lens[i]));
        CHECK_EQ(shared, rope.root && !rope.root->level && rv_chunk_is_zeros(rv_slice_chunk(rope.root, 0)));
        CHECK_SOUND(&rope);
        rove_rope_fini(&rope);
    }
}

// A tail is shifted, or carried to a larger chunk, while that moves no more than the threshold.
static void a_tail_moves_up_to_the_threshold(void)
{
    for (size_t len = ROVE_MERGE_LEN; env.chunk_len > 4 * len && len <= ROVE_MERGE_LEN + 1; len++) {
        struct twin twin;
        uint8_t *run;
        size_t run_len;
        bool moves = len == ROVE_MERGE_LEN;
        twin_init(&twin, env.pool);
        CHECK(twin_append(&twin, 600));
        CHECK(twin_insert(&twin, 600 - len, 3));
        CHECK_EQ(!moves, twin.rope.root != NULL);
        TWIN_CHECK(&twin);
        twin_fini(&twin);
        twin_init(&twin, env.pool);
        CHECK(twin_append(&twin, len));
        CHECK_OK(rove_rope_reserve(&twin.rope, 2048, &run, &run_len));
        CHECK_EQ(!moves, twin.rope.root != NULL);
        TWIN_CHECK(&twin);
        twin_fini(&twin);
    }
}

static void thinned_are_slices_beyond_the_threshold(void)
{
    static const uint8_t zeros[1000];
    for (size_t len = ROVE_MERGE_LEN; len <= ROVE_MERGE_LEN + 1; len++) {
        bool beyond = len > ROVE_MERGE_LEN;
        uint64_t thinned = 0;
        struct rove_rope rope;
        rove_rope_init(&rope, env.pool);
        CHECK_OK(rove_rope_append_adopt(&rope, zeros, sizeof zeros, NULL, NULL));
        CHECK_OK(rove_rope_truncate(&rope, len));
        CHECK_OK(rove_rope_thin(&rope, &thinned));
        CHECK_EQ(beyond ? len : 0, thinned);
        rove_rope_fini(&rope);
    }
}

static void thinned_are_slices_of_zeros_from_end_to_end(void)
{
    for (size_t at = 0; at < 1000; at += 333) {
        uint8_t bytes[1000] = {0};
        uint64_t thinned = 0;
        struct rove_rope rope;
        bytes[at] = 1;
        rove_rope_init(&rope, env.pool);
        CHECK_OK(rove_rope_append_adopt(&rope, bytes, sizeof bytes, NULL, NULL));
        CHECK_OK(rove_rope_thin(&rope, &thinned));
        CHECK_EQ(0, thinned);
        CHECK_BYTES(&rope, bytes, sizeof bytes);
        rove_rope_fini(&rope);
    }
}

static void thinned_slices_side_by_side_are_one(void)
{
    static const uint8_t zeros[4000];
    struct twin once, thrice;
    uint64_t thinned = 0;
    twin_init(&once, env.pool);
    twin_init(&thrice, env.pool);
    CHECK_OK(rove_rope_append_zeros(&once.rope, 12000));
    for (int i = 0; i < 3; i++)
        CHECK_OK(rove_rope_append_adopt(&thrice.rope, zeros, sizeof zeros, NULL, NULL));
    CHECK_EQ(3, slices_of(&thrice));
    CHECK_OK(rove_rope_thin(&thrice.rope, &thinned));
    CHECK_EQ(12000, thinned);
    CHECK_EQ(slices_of(&once), slices_of(&thrice));
    rove_rope_fini(&once.rope);
    rove_rope_fini(&thrice.rope);
}

// However short: a copy would be kept beside the chunk.
static void compacting_leaves_what_lies_in_a_chunk_that_is_used_by_three_quarters(void)
{
    for (size_t cap = 600; cap <= 2400; cap *= 4) { // of 600 three quarters are so few as are merged otherwise
        for (size_t less = 0; less < 2; less++) {
            struct twin twin;
            uint8_t *run;
            size_t run_len;
            twin_of_slices(&twin, 1, cap);
            const struct rv_chunk *chunk = rv_slice_chunk(twin.rope.root, 0);
            const uint8_t *bytes = twin.rope.root->at[0];
            CHECK(twin_truncate(&twin, chunk->cap / 4 * 3 - less));
            CHECK_OK(rove_rope_reserve(&twin.rope, 1, &run, &run_len)); // of the tail no chunk is kept
            CHECK_OK(rove_rope_compact(&twin.rope));
            CHECK_EQ(!less, lies_at(&twin.rope, 0, bytes));
            TWIN_CHECK(&twin);
            twin_fini(&twin);
        }
    }
}

static const struct suite_case cases[] = {
    SUITE_CASE(insert_at_every_border),
    SUITE_CASE(insert_of_every_edge_length_into_a_private_rope),
    SUITE_CASE(erase_every_range_between_borders),
    SUITE_CASE(erase_across_three_leaves),
    SUITE_CASE(erase_all_but_the_ends),
    SUITE_CASE(erase_from_the_tree_into_the_tail),
    SUITE_CASE(erase_one_byte_at_a_time_from_each_end),
    SUITE_CASE(replace_by_longer_and_by_shorter_over_a_leaf_border),
    SUITE_CASE(typing_at_one_place_makes_one_slice_grow),
    SUITE_CASE(ranges_past_the_end_change_nothing),
    SUITE_CASE(truncate_to_every_border_and_go_on),
    SUITE_CASE(truncate_to_the_tree_copies_nothing),
    SUITE_CASE(truncate_and_append_beside_a_view),
    SUITE_CASE(overwrite_of_every_edge_length),
    SUITE_CASE(overwrite_in_place_leaves_the_shape),
    SUITE_CASE(overwrite_leaves_clone_and_view_alone),
    SUITE_CASE(a_view_of_the_tree_leaves_the_tail_alone),
    SUITE_CASE(overwrite_by_own_bytes_over_a_border),
    SUITE_CASE(overwrite_by_own_bytes_that_touch_is_in_place),
    SUITE_CASE(insert_and_replace_by_own_bytes),
    SUITE_CASE(a_tail_edited_by_its_own_bytes),
    SUITE_CASE(insert_into_a_full_tail_by_the_bytes_before_it),
    SUITE_CASE(a_rope_inserted_into_itself),
    SUITE_CASE(views_of_edge_lengths_put_everywhere),
    SUITE_CASE(views_of_every_count_of_slices_put_everywhere),
    SUITE_CASE(a_rope_replaced_by_a_view_of_itself),
    SUITE_CASE(long_views_are_shared_not_copied),
    SUITE_CASE(split_at_every_border_and_rejoined),
    SUITE_CASE(both_halves_of_a_split_go_on),
    SUITE_CASE(a_split_past_the_end_gives_an_empty_rope),
    SUITE_CASE(concatenated_with_itself),
    SUITE_CASE(a_rope_behind_itself),
    SUITE_CASE(trees_of_all_heights_joined),
    SUITE_CASE(what_was_joined_on_is_as_good_as_new),
    SUITE_CASE(ropes_of_different_pools_joined),
    SUITE_CASE(two_clones_append_and_one_wins_the_tail),
    SUITE_CASE(the_winner_of_a_tail_shortens_itself),
    SUITE_CASE(the_room_of_a_dropped_winner_can_be_had_again),
    SUITE_CASE(clones_of_clones_dropped_in_any_order),
    SUITE_CASE(what_a_tail_has_shed_is_not_written_again),
    SUITE_CASE(neighbours_of_together_the_threshold_become_one),
    SUITE_CASE(up_to_the_threshold_is_copied_and_more_is_shared),
    SUITE_CASE(zeros_are_shared_from_a_page_on),
    SUITE_CASE(a_tail_moves_up_to_the_threshold),
    SUITE_CASE(thinned_are_slices_beyond_the_threshold),
    SUITE_CASE(thinned_are_slices_of_zeros_from_end_to_end),
    SUITE_CASE(thinned_slices_side_by_side_are_one),
    SUITE_CASE(compacting_leaves_what_lies_in_a_chunk_that_is_used_by_three_quarters),
    SUITE_CASE(editing_a_clone_copies_a_path_not_the_whole),
    SUITE_CASE(a_second_edit_of_a_clone_shares_less_of_its_path),
    SUITE_CASE(a_release_function_lays_bytes_behind_those_of_the_edit),
    SUITE_CASE(compact_drops_what_small_slices_pin),
    SUITE_CASE(compact_lets_go_of_memory_that_is_hardly_used),
    SUITE_CASE(compact_lets_go_of_a_run_that_was_cut),
    SUITE_CASE(compact_leaves_zeros_that_take_no_memory),
    SUITE_CASE(compact_without_memory_leaves_a_rope_of_32_chunks),
    SUITE_CASE(flatten_gives_one_run_and_keeps_it),
};

int main(int argc, char **argv)
{
    return suite_run(argc, argv,
                     &(struct suite){"test_edit", cases, sizeof cases / sizeof *cases, true});
}
