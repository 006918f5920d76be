// SPDX-License-Identifier: MIT
// plugin_marks.c: restarts of the codecs that come as plugins.
#include "filters_marks.h"
#include "plugin_codecs.h"

static const struct cut whole = {0};

#if defined(ROVE_PLUGIN_IGZIP)
static void igzip_begins_at_marks_that_zlib_has_made(void)
{
    begin_at_marks_of_gzip(&igzip_decode);
    check_sums_from_the_next_member_on(&igzip_decode);
}
#endif

#if defined(ROVE_PLUGIN_LIBDEFLATE)
static void libdeflate_begins_at_marks_that_zlib_has_made(void)
{
    begin_at_marks_of_gzip(&libdeflate_decode);
    check_sums_from_the_next_member_on(&libdeflate_decode);
}

static void libdeflate_marks_each_of_its_members(void)
{
    struct bytes plain = make_content(MIXED, 1000000), out = {NULL, 0, 0};
    struct bytes coded = encoded(&libdeflate_encode, "", plain.ptr, plain.len);
    struct places places = {NULL, 0, 0};
    uint64_t rng = seed_of_run;
    struct rig r;

    rig_make(&r, &libdeflate_decode, "");
    CU_ASSERT_EQUAL(places_mark(&r, &coded, 0, &rng, &places, &out), ROVE_END);
    CU_ASSERT_EQUAL(places.len, 5); // the end is one
    for (size_t i = 0; i < places.len; i++) {
        CU_ASSERT_EQUAL(places.ptr[i].flags, ROVE_MARK_FRESH);
        CU_ASSERT_EQUAL(place_resume(&r, &places.ptr[i], &coded, coded.len, whole, &out), ROVE_END);
        CU_ASSERT(bytes_equal(&out, plain.ptr + places.ptr[i].plain, plain.len - places.ptr[i].plain));
    }
    rig_close(&r);
    places_drop(&places);
    bytes_drop(&plain);
    bytes_drop(&coded);
    bytes_drop(&out);
}
#endif

#if defined(ROVE_PLUGIN_ZSTD)
static int32_t hop_all(const char *options, const struct bytes *coded, struct places *places, uint64_t len[2])
{
    uint64_t rng = seed_of_run;
    struct rig r;
    int32_t rc;

    places_drop(places);
    rig_make(&r, &zstd_decode, options);
    rc = places_hop(&r, coded, &rng, places, len);
    rig_close(&r);
    return rc;
}

static void add_skippable(struct bytes *to, uint8_t len)
{
    uint8_t frame[8 + 255] = {0x5e, 0x2a, 0x4d, 0x18, len};

    bytes_add(to, frame, 8u + len);
}

static void zstd_is_hopped_over_where_frames_declare_their_size(void)
{
    struct bytes plain = make_content(MIXED, 900000), out = {NULL, 0, 0}, coded = {NULL, 0, 0}, frames;
    struct places hops = {NULL, 0, 0}, marks = {NULL, 0, 0};
    uint64_t rng = seed_of_run, len[2];
    struct rig r;

    add_skippable(&coded, 17);
    frames = encoded(&zstd_encode, "block=200000", plain.ptr, plain.len);
    bytes_add(&coded, frames.ptr, frames.len);
    add_skippable(&coded, 0);
    CU_ASSERT_EQUAL(hop_all("", &coded, &hops, len), ROVE_END);
    CU_ASSERT(hops.len == 7 && len[0] == coded.len && len[1] == plain.len);
    rig_make(&r, &zstd_decode, "");
    CU_ASSERT_EQUAL(places_mark(&r, &coded, 0, &rng, &marks, &out), ROVE_END);
    CU_ASSERT(marks.len == 8 && places_begin(&marks, &hops));
    for (size_t i = 0; i < hops.len; i++) {
        CU_ASSERT_EQUAL(place_resume(&r, &hops.ptr[i], &coded, coded.len, whole, &out), ROVE_END);
        CU_ASSERT(bytes_equal(&out, plain.ptr + hops.ptr[i].plain, plain.len - hops.ptr[i].plain));
    }
    rig_close(&r);
    places_drop(&hops);
    places_drop(&marks);
    bytes_drop(&plain);
    bytes_drop(&frames);
    bytes_drop(&coded);
    bytes_drop(&out);
}

static void what_zstd_does_not_declare_cannot_be_told(void)
{
    struct bytes plain = make_content(TEXT, 1000), coded;
    struct places places = {NULL, 0, 0};
    uint64_t len[2];

    coded = encoded(&zstd_encode, "block=100000", plain.ptr, plain.len);
    CU_ASSERT_EQUAL(hop_all("", &coded, &places, len), ROVE_END);
    bytes_add(&coded, "x", 1);
    CU_ASSERT_EQUAL(hop_all("", &coded, &places, len), ROVE_END);
    CU_ASSERT_EQUAL(len[0], coded.len - 1);
    CU_ASSERT_EQUAL(hop_all("trailing=ignore", &coded, &places, len), ROVE_END);
    CU_ASSERT_EQUAL(len[0], coded.len);
    bytes_drop(&coded);
    coded = encoded(&zstd_encode, "", plain.ptr, plain.len);
    CU_ASSERT_EQUAL(hop_all("", &coded, &places, len), ROVE_E_UNSUPPORTED);
    coded.len = 0;
    CU_ASSERT_EQUAL(hop_all("", &coded, &places, len), ROVE_E_TRUNCATED);
    bytes_add(&coded, "rope", 4);
    CU_ASSERT_EQUAL(hop_all("", &coded, &places, len), ROVE_E_FORMAT);
    places_drop(&places);
    bytes_drop(&plain);
    bytes_drop(&coded);
}

// One block, one that repeats a byte, or one as it is, in a frame that declares any length.
static void a_size_that_zstd_blocks_cannot_hold_is_refused(void)
{
    static const struct {
        uint64_t declared;
        uint8_t kind, size; // of the block; a compressed one may hold 1 KiB
        int32_t want;
    } cases[] = {
        {5, 0, 5, ROVE_END},          {4, 0, 5, ROVE_E_CHECKSUM},          {6, 0, 5, ROVE_E_CHECKSUM},
        {99, 1, 99, ROVE_END},        {98, 1, 99, ROVE_E_CHECKSUM},        {100, 1, 99, ROVE_E_CHECKSUM},
        {1024, 2, 20, ROVE_END},      {1025, 2, 20, ROVE_E_CHECKSUM},      {0, 2, 20, ROVE_END},
        {9, 3, 9, ROVE_E_DATA},       {UINT64_MAX - 1, 2, 9, ROVE_E_CHECKSUM},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        // magic, a frame of a window of 1 KiB that declares its size in 8 bytes, one block that is the last
        uint8_t frame[17 + 255] = {0x28, 0xb5, 0x2f, 0xfd, 0xc0, 0};
        size_t size = cases[i].kind == 1 ? 1 : cases[i].size;
        struct bytes coded = {NULL, 0, 0};
        struct places places = {NULL, 0, 0};
        uint64_t len[2];

        for (unsigned k = 0; k < 8; k++) {
            frame[6 + k] = (uint8_t) (cases[i].declared >> 8 * k);
        }
        frame[14] = (uint8_t) (cases[i].size << 3 | cases[i].kind << 1 | 1);
        frame[15] = (uint8_t) (cases[i].size >> 5);
        bytes_add(&coded, frame, 17 + size);
        CU_ASSERT_EQUAL(hop_all("", &coded, &places, len), cases[i].want);
        places_drop(&places);
        bytes_drop(&coded);
    }
}

static void a_window_that_is_not_allowed_is_refused_when_hopping(void)
{
    uint8_t frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0xc0, (28 - 10) << 3, 1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 'x'};
    struct bytes coded = {frame, sizeof frame, sizeof frame};
    struct places places = {NULL, 0, 0};
    uint64_t len[2];

    CU_ASSERT_EQUAL(hop_all("", &coded, &places, len), ROVE_E_LIMIT);
    CU_ASSERT_EQUAL(hop_all("window=28", &coded, &places, len), ROVE_END);
    places_drop(&places);
}
#endif

void add_plugin_mark_tests(CU_pSuite suite)
{
#if defined(ROVE_PLUGIN_IGZIP)
    ADD(suite, igzip_begins_at_marks_that_zlib_has_made);
#endif
#if defined(ROVE_PLUGIN_LIBDEFLATE)
    ADD(suite, libdeflate_begins_at_marks_that_zlib_has_made);
    ADD(suite, libdeflate_marks_each_of_its_members);
#endif
#if defined(ROVE_PLUGIN_ZSTD)
    ADD(suite, zstd_is_hopped_over_where_frames_declare_their_size);
    ADD(suite, what_zstd_does_not_declare_cannot_be_told);
    ADD(suite, a_size_that_zstd_blocks_cannot_hold_is_refused);
    ADD(suite, a_window_that_is_not_allowed_is_refused_when_hopping);
#endif
    (void) suite;
    (void) whole;
}
