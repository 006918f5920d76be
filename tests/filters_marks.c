// SPDX-License-Identifier: MIT
// filters_marks.c: restarts of every codec that has them: marks, beginning at them, hopping.
#include "filters_marks.h"

#include "support/amount.h"

// Every spec whose decoder can begin in the middle.
static void each_restarting(void (*test)(const struct spec *))
{
    size_t cnt = 0;

    for (const struct spec *s = specs; s->label != NULL; s++) {
        unsigned before = CU_get_number_of_failures();

        if (s->decode->resume == NULL) {
            continue;
        }
        test(s);
        cnt++;
        if (CU_get_number_of_failures() != before) {
            printf("\n    ^ with %s\n", s->label);
        }
    }
    CU_ASSERT(cnt > 0);
}

static struct cut drawn_cut(uint64_t *rng)
{
    return (struct cut){.in = (size_t) 1 << draw_below(rng, 18), .out = (size_t) 16 << draw_below(rng, 14),
                        .rng = draw(rng) | 1};
}

// begun in the middle -----------------------------------------------------------------------------

// From place i on to the end, and to a later place.
static void begin_at(struct rig *r, const struct bytes *coded, const struct bytes *plain,
                     const struct places *places, size_t i, uint64_t *rng)
{
    const struct place *from = &places->ptr[i], *to = &places->ptr[i + draw_below(rng, places->len - i)];
    struct bytes out = {NULL, 0, 0};
    struct cut exact = {0};

    CU_ASSERT_EQUAL(place_resume(r, from, coded, coded->len, drawn_cut(rng), &out), ROVE_END);
    CU_ASSERT(bytes_equal(&out, plain->ptr + from->plain, plain->len - from->plain));
    exact.first_out = plain->len - from->plain; // the end has to show when there is no more room, nor input
    CU_ASSERT_EQUAL(place_resume(r, from, coded, coded->len, exact, &out), ROVE_END);
    if (to->coded > from->coded) {
        CU_ASSERT_EQUAL(place_resume(r, from, coded, to->coded, drawn_cut(rng), &out), ROVE_END);
        CU_ASSERT(bytes_equal(&out, plain->ptr + from->plain, to->plain - from->plain));
    }
    bytes_drop(&out);
}

static void begins_at_every_mark(const struct spec *s)
{
    const size_t lens[] = {0, 1, 70000, amount_of(700000, 250000)};
    uint64_t rng = seed_of_run;
    struct rig r;

    rig_make(&r, s->decode, s->options);
    for (size_t k = 0; k < sizeof lens / sizeof *lens; k++) {
        struct bytes plain = make_content(k == 2 ? TEXT : MIXED, lens[k]), out = {NULL, 0, 0};
        struct bytes coded = encoded(s->encode, s->options, plain.ptr, plain.len);
        struct places places = {NULL, 0, 0};

        CU_ASSERT_EQUAL(places_mark(&r, &coded, 1 + draw_below(&rng, 60000), &rng, &places, &out), ROVE_END);
        CU_ASSERT(bytes_equal(&out, plain.ptr, plain.len));
        CU_ASSERT(places.len > 0 && places.ptr[0].coded == 0 && places.ptr[0].plain == 0);
        for (size_t i = 0; i < places.len; i += stride_of_run > 1 ? 3 : 1) {
            begin_at(&r, &coded, &plain, &places, i, &rng);
        }
        places_drop(&places);
        bytes_drop(&coded);
        bytes_drop(&plain);
        bytes_drop(&out);
    }
    rig_close(&r);
}

static void decoding_begins_at_every_mark(void)
{
    each_restarting(begins_at_every_mark);
}

// hops --------------------------------------------------------------------------------------------

// Where all can be told without decoding, it is what decoding tells.
static void hops_to_every_mark(const struct spec *s)
{
    static const size_t lens[] = {0, 1, 65280, 300000};
    uint64_t rng = seed_of_run, len[2];
    struct rig r;

    if (s->decode->hop == NULL) {
        return;
    }
    rig_make(&r, s->decode, s->options);
    for (size_t k = 0; k < sizeof lens / sizeof *lens; k++) {
        struct bytes plain = make_content(MIXED, lens[k]), out = {NULL, 0, 0};
        struct bytes coded = encoded(s->encode, s->options, plain.ptr, plain.len);
        struct places marks = {NULL, 0, 0}, hops = {NULL, 0, 0};
        int32_t rc = places_hop(&r, &coded, &rng, &hops, len);

        CU_ASSERT(rc == ROVE_END || rc == ROVE_E_UNSUPPORTED);
        if (rc == ROVE_END) {
            CU_ASSERT(len[0] == coded.len && len[1] == plain.len);
            CU_ASSERT_EQUAL(places_mark(&r, &coded, 0, &rng, &marks, &out), ROVE_END);
            CU_ASSERT(marks.len >= hops.len && marks.len <= hops.len + 1); // at the end nothing begins
            CU_ASSERT(places_begin(&marks, &hops));
        }
        places_drop(&marks);
        places_drop(&hops);
        bytes_drop(&coded);
        bytes_drop(&plain);
        bytes_drop(&out);
    }
    rig_close(&r);
}

static void hops_find_the_places_that_marks_do(void)
{
    each_restarting(hops_to_every_mark);
}

// damage ------------------------------------------------------------------------------------------

// Whatever a mark says: a status, and no more than that.
static void refuses_lies(const struct spec *s)
{
    static const uint8_t rubbish[] = "strand drawn out to be laid into rope, \377\376\375\0\1\2";
    struct bytes plain = make_content(MIXED, 50000), out = {NULL, 0, 0};
    struct bytes coded = encoded(s->encode, s->options, plain.ptr, plain.len);
    uint8_t *large = calloc(1, ROVE_MARK_MAX + 1);
    struct rove_mark lies[] = {
        {.flags = ROVE_MARK_FRESH, .bits = 1},
        {.flags = ROVE_MARK_FRESH, .bits = 8},
        {.flags = ROVE_MARK_FRESH, .state_len = 1, .state = rubbish},
        {.flags = ROVE_MARK_FRESH | 2},
        {.flags = 2},
        {.bits = 8},
        {.bits = UINT32_MAX},
        {.state_len = ROVE_MARK_MAX, .state = large},
        {.state_len = 32769, .state = large},
    };
    uint64_t rng = seed_of_run;
    struct rig r;

    CU_ASSERT_PTR_NOT_NULL_FATAL(large);
    rig_make(&r, s->decode, s->options);
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        lies[i].size = sizeof lies[i];
        CU_ASSERT_EQUAL(rig_reset(&r), ROVE_OK);
        CU_ASSERT_EQUAL(r.filter->resume(r.state, &lies[i]), ROVE_E_FORMAT);
        CU_ASSERT(r.why[0] != 0);
    }
    for (size_t i = 0; i < 300; i += stride_of_run) { // drawn ones, and what becomes of them
        size_t at = draw_below(&rng, coded.len);
        struct place lie = {at + 1, 0, 0, (uint32_t) draw_below(&rng, 8),
                            (uint32_t) draw_below(&rng, i % 2 == 0 ? sizeof rubbish : 32769), large};
        int32_t rc = place_resume(&r, &lie, &coded, coded.len, drawn_cut(&rng), &out);

        CU_ASSERT(rc <= ROVE_OK || rc == ROVE_END);
        CU_ASSERT(rc != ROVE_E_STALL);
        large[draw_below(&rng, 64)] = (uint8_t) draw(&rng);
    }
    rig_close(&r);
    free(large);
    bytes_drop(&coded);
    bytes_drop(&plain);
    bytes_drop(&out);
}

static void marks_that_lie_are_refused(void)
{
    each_restarting(refuses_lies);
}

// Cut at any byte, or with any bit flipped: it ends, and never passes more than the headers told.
static void hops_end(const struct spec *s)
{
    struct bytes plain = make_content(TEXT, 3000);
    struct bytes coded = encoded(s->encode, s->options, plain.ptr, plain.len);
    uint64_t rng = seed_of_run, len[2];
    struct rig r;

    if (s->decode->hop != NULL) {
        rig_make(&r, s->decode, s->options);
        for (size_t cut = 0; cut < coded.len; cut++) {
            struct bytes part = {coded.ptr, cut, cut};
            struct places places = {NULL, 0, 0};
            int32_t rc = places_hop(&r, &part, &rng, &places, len);

            CU_ASSERT(rc < 0 || len[0] == cut);
            places_drop(&places);
        }
        for (size_t bit = 0; bit < coded.len * 8; bit += stride_of_run) {
            struct places places = {NULL, 0, 0};
            int32_t rc;

            coded.ptr[bit / 8] ^= (uint8_t) (1u << bit % 8);
            rc = places_hop(&r, &coded, &rng, &places, len);
            CU_ASSERT(rc < 0 || rc == ROVE_END);
            coded.ptr[bit / 8] ^= (uint8_t) (1u << bit % 8);
            places_drop(&places);
        }
        rig_close(&r);
    }
    bytes_drop(&coded);
    bytes_drop(&plain);
}

static void hops_over_damaged_data_end(void)
{
    each_restarting(hops_end);
}

void add_mark_tests(CU_pSuite suite)
{
    ADD(suite, decoding_begins_at_every_mark);
    ADD(suite, hops_find_the_places_that_marks_do);
    ADD(suite, marks_that_lie_are_refused);
    ADD(suite, hops_over_damaged_data_end);
}
