// SPDX-License-Identifier: MIT
// filters_marks_lz4.c: restarts of LZ4: before any independent block; hops where lengths are declared.
#include "filters_marks.h"

#include <lz4.h>

#define K64 ((size_t) 65536)

static const struct cut whole = {0};

static void put32(struct bytes *b, uint32_t v)
{
    uint8_t le[4] = {(uint8_t) v, (uint8_t) (v >> 8), (uint8_t) (v >> 16), (uint8_t) (v >> 24)};

    bytes_add(b, le, 4);
}

// A frame that declares `declared` bytes; flushed after the first `flushed` of them, when not 0.
static void add_frame(struct bytes *to, const char *others, const struct bytes *plain, size_t flushed)
{
    char options[128];
    struct rig r;

    snprintf(options, sizeof options, "content_size=%zu %s", plain->len, others);
    rig_make(&r, &rv_filter_lz4_encode, options);
    if (flushed > 0) {
        CU_ASSERT_EQUAL(rig_drive(&r, plain->ptr, flushed, to, ROVE_FLUSH, whole, NULL), ROVE_END);
    }
    CU_ASSERT_EQUAL(rig_drive(&r, plain->ptr + flushed, plain->len - flushed, to, ROVE_FINISH, whole, NULL), ROVE_END);
    rig_close(&r);
}

// Changes what the frame at the front declares, and its header's checksum.
static void declare(struct bytes *coded, uint64_t len)
{
    uint8_t *p = coded->ptr + 4;

    CU_ASSERT_FATAL((p[0] & 8) != 0);
    for (unsigned i = 0; i < 8; i++) {
        p[2 + i] = (uint8_t) (len >> 8 * i);
    }
    for (unsigned sum = 0; sum < 256; sum++) { // whoever reads it tells which is right
        struct bytes out = {NULL, 0, 0};
        struct rig r;
        int32_t rc;

        p[10] = (uint8_t) sum;
        rig_make(&r, &rv_filter_lz4_decode, "");
        rc = rig_stream(&r, coded->ptr, 15, &out, whole);
        rig_close(&r);
        bytes_drop(&out);
        if (rc == ROVE_E_TRUNCATED) {
            return;
        }
    }
    CU_FAIL("no header checksum is right");
}

static int32_t hop_all(const struct bytes *coded, struct places *places, uint64_t len[2])
{
    uint64_t rng = seed_of_run;
    struct rig r;
    int32_t rc;

    places_drop(places);
    rig_make(&r, &rv_filter_lz4_decode, "");
    rc = places_hop(&r, coded, &rng, places, len);
    CU_ASSERT(r.peak_bytes <= K64);
    rig_close(&r);
    return rc;
}

// hops --------------------------------------------------------------------------------------------

// It tells all, the places that decoding tells, and they are good to begin at.
static void tells_all(const struct bytes *coded, const struct bytes *plain)
{
    struct places marks = {NULL, 0, 0}, hops = {NULL, 0, 0};
    struct bytes out = {NULL, 0, 0};
    uint64_t rng = seed_of_run, len[2];
    struct rig r;

    CU_ASSERT_EQUAL(hop_all(coded, &hops, len), ROVE_END);
    CU_ASSERT(len[0] == coded->len && len[1] == plain->len);
    rig_make(&r, &rv_filter_lz4_decode, "");
    CU_ASSERT_EQUAL(places_mark(&r, coded, 0, &rng, &marks, &out), ROVE_END);
    CU_ASSERT(marks.len == hops.len + 1 && places_begin(&marks, &hops)); // nothing begins at the end
    for (size_t i = 0; i < hops.len; i++) {
        CU_ASSERT_EQUAL(place_resume(&r, &hops.ptr[i], coded, coded->len, whole, &out), ROVE_END);
        CU_ASSERT(bytes_equal(&out, plain->ptr + hops.ptr[i].plain, plain->len - hops.ptr[i].plain));
    }
    rig_close(&r);
    places_drop(&marks);
    places_drop(&hops);
    bytes_drop(&out);
}

static void a_declared_length_tells_all(void)
{
    static const size_t lens[] = {0, 1, K64 - 1, K64, K64 + 1, 2 * K64, 300000};
    static const char *const options[] = {"block=64K", "block=64K block_checksum=yes", "block=64K checksum=no level=9"};

    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        for (enum content kind = ZEROS; kind <= MIXED; kind++) {
            struct bytes plain = make_content(kind, lens[i]), coded = {NULL, 0, 0};

            add_frame(&coded, options[i % 3], &plain, 0);
            tells_all(&coded, &plain);
            bytes_drop(&plain);
            bytes_drop(&coded);
        }
    }
}

static void frames_of_all_kinds_in_a_row_are_hopped_over(void)
{
    struct bytes all = {NULL, 0, 0}, coded = {NULL, 0, 0};

    put32(&coded, 0x184D2A57u);
    put32(&coded, 5);
    bytes_add(&coded, "hello", 5);
    for (size_t i = 0; i < 5; i++) {
        struct bytes plain = make_content(MIXED, 30000 + 40000 * i);

        add_frame(&coded, i % 2 == 0 ? "block=64K" : "block=64K checksum=no", &plain, 0);
        put32(&coded, 0x184D2A5fu);
        put32(&coded, 0);
        bytes_add(&all, plain.ptr, plain.len);
        bytes_drop(&plain);
    }
    tells_all(&coded, &all);
    bytes_drop(&all);
    bytes_drop(&coded);
}

// It is not looked at, be it as long as it may.
static void skippable_frames_are_as_long_as_they_say(void)
{
    struct places places = {NULL, 0, 0};
    struct bytes coded = {NULL, 0, 0};
    uint64_t len[2];

    put32(&coded, 0x184D2A50u);
    put32(&coded, 0xffffffffu);
    CU_ASSERT_EQUAL(hop_all(&coded, &places, len), ROVE_E_TRUNCATED);
    CU_ASSERT_EQUAL(len[0], 0x100000007u);
    places_drop(&places);
    bytes_drop(&coded);
}

// Blocks that a flush has ended early: where it shows too late, it cannot be told.
static void short_blocks_are_told_or_not_but_never_wrong(void)
{
    struct bytes text = make_content(TEXT, 3 * K64), noise = make_content(NOISE, 3 * K64);
    struct places places = {NULL, 0, 0};
    uint64_t len[2];

    for (size_t flushed = 1000; flushed < 3 * K64; flushed += 5000) {
        struct bytes coded = {NULL, 0, 0}, stored = {NULL, 0, 0};

        add_frame(&coded, "block=64K", &text, flushed);
        if (flushed > 2 * K64 || flushed % K64 == 0) { // all the rest is decoded, and so exact
            tells_all(&coded, &text);
        } else {
            CU_ASSERT_EQUAL(hop_all(&coded, &places, len), ROVE_E_UNSUPPORTED);
        }
        add_frame(&stored, "block=64K", &noise, flushed); // what is stored has its length
        tells_all(&stored, &noise);
        bytes_drop(&coded);
        bytes_drop(&stored);
    }
    places_drop(&places);
    bytes_drop(&text);
    bytes_drop(&noise);
}

static void a_declaration_that_lies_is_found_out(void)
{
    struct bytes plain = make_content(TEXT, 2 * K64 + 100), coded = {NULL, 0, 0}, out = {NULL, 0, 0};
    const uint64_t lies[] = {0, 1, K64, 2 * K64, 2 * K64 + 99, 2 * K64 + 101, 3 * K64, UINT64_MAX, (uint64_t) 1 << 63};
    struct places places = {NULL, 0, 0};
    uint64_t len[2];

    add_frame(&coded, "block=64K", &plain, 0);
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        int32_t rc;

        declare(&coded, lies[i]);
        rc = hop_all(&coded, &places, len);
        CU_ASSERT(rc == ROVE_E_CHECKSUM || rc == ROVE_E_UNSUPPORTED);
        CU_ASSERT_EQUAL(decoded(&rv_filter_lz4_decode, "", coded.ptr, coded.len, &out), ROVE_E_CHECKSUM);
    }
    declare(&coded, plain.len);
    CU_ASSERT_EQUAL(hop_all(&coded, &places, len), ROVE_END);
    places_drop(&places);
    bytes_drop(&plain);
    bytes_drop(&coded);
    bytes_drop(&out);
}

static void what_is_not_declared_cannot_be_told(void)
{
    struct bytes plain = make_content(TEXT, 2 * K64), coded = {NULL, 0, 0};
    struct places places = {NULL, 0, 0};
    uint64_t len[2];

    coded = encoded(&rv_filter_lz4_encode, "", plain.ptr, plain.len);
    CU_ASSERT_EQUAL(hop_all(&coded, &places, len), ROVE_E_UNSUPPORTED);
    coded.len = 0;
    add_frame(&coded, "linked=yes block=64K", &plain, 0);
    CU_ASSERT_EQUAL(hop_all(&coded, &places, len), ROVE_E_UNSUPPORTED);
    coded.len = 0;
    put32(&coded, 0x184C2102u);
    CU_ASSERT_EQUAL(hop_all(&coded, &places, len), ROVE_E_UNSUPPORTED);
    places_drop(&places);
    bytes_drop(&plain);
    bytes_drop(&coded);
}

// begun within ------------------------------------------------------------------------------------

static void blocks_that_refer_to_others_are_no_places(void)
{
    struct bytes plain = make_content(TEXT, 3 * K64), coded = {NULL, 0, 0}, out = {NULL, 0, 0};
    struct places places = {NULL, 0, 0};
    uint64_t rng = seed_of_run;
    size_t second;
    struct rig r;

    add_frame(&coded, "linked=yes block=64K", &plain, 0);
    second = coded.len;
    add_frame(&coded, "linked=yes block=64K", &plain, 0);
    rig_make(&r, &rv_filter_lz4_decode, "");
    CU_ASSERT_EQUAL(places_mark(&r, &coded, 0, &rng, &places, &out), ROVE_END);
    CU_ASSERT_FATAL(places.len == 3);
    CU_ASSERT(places.ptr[1].coded == second && places.ptr[1].flags == ROVE_MARK_FRESH);
    CU_ASSERT_EQUAL(place_resume(&r, &places.ptr[1], &coded, coded.len, whole, &out), ROVE_END);
    CU_ASSERT(bytes_equal(&out, plain.ptr, plain.len));
    CU_ASSERT_EQUAL(place_resume(&r, &places.ptr[0], &coded, second, whole, &out), ROVE_END);
    CU_ASSERT_EQUAL(place_resume(&r, &places.ptr[0], &coded, second - 8, whole, &out), ROVE_E_TRUNCATED);
    rig_close(&r);
    places_drop(&places);
    bytes_drop(&plain);
    bytes_drop(&coded);
    bytes_drop(&out);
}

static void blocks_of_legacy_frames_are_places(void)
{
    struct bytes plain = make_content(MIXED, 300000), coded = {NULL, 0, 0}, out = {NULL, 0, 0};
    struct places places = {NULL, 0, 0};
    static char room[LZ4_COMPRESSBOUND(K64)];
    uint64_t rng = seed_of_run;
    struct rig r;

    for (unsigned frame = 0; frame < 2; frame++) {
        put32(&coded, 0x184C2102u);
        for (size_t at = frame * 150000, end = at + 150000; at < end; at += 50000) {
            int len = LZ4_compress_default((const char *) plain.ptr + at, room, 50000, (int) sizeof room);

            put32(&coded, (uint32_t) len);
            bytes_add(&coded, room, (size_t) len);
        }
    }
    rig_make(&r, &rv_filter_lz4_decode, "");
    CU_ASSERT_EQUAL(places_mark(&r, &coded, 0, &rng, &places, &out), ROVE_END);
    CU_ASSERT(places.len >= 7);
    for (size_t i = 0; i < places.len; i++) {
        CU_ASSERT_EQUAL(place_resume(&r, &places.ptr[i], &coded, coded.len, whole, &out), ROVE_END);
        CU_ASSERT(bytes_equal(&out, plain.ptr + places.ptr[i].plain, plain.len - places.ptr[i].plain));
    }
    rig_close(&r);
    places_drop(&places);
    bytes_drop(&plain);
    bytes_drop(&coded);
    bytes_drop(&out);
}

// The content's sum and length are passed over; what is summed for a block is checked.
static void sums_of_blocks_are_checked_that_of_the_content_is_not(void)
{
    struct bytes plain = make_content(TEXT, 3 * K64), coded = {NULL, 0, 0}, out = {NULL, 0, 0};
    struct places places = {NULL, 0, 0};
    uint64_t len[2];
    struct rig r;

    add_frame(&coded, "block_checksum=yes block=64K", &plain, 0);
    CU_ASSERT_EQUAL(hop_all(&coded, &places, len), ROVE_END);
    CU_ASSERT_FATAL(places.len == 5);
    rig_make(&r, &rv_filter_lz4_decode, "");
    coded.ptr[coded.len - 1] ^= 1;
    CU_ASSERT_EQUAL(place_resume(&r, &places.ptr[2], &coded, coded.len, whole, &out), ROVE_END);
    CU_ASSERT(bytes_equal(&out, plain.ptr + K64, plain.len - K64));
    CU_ASSERT_EQUAL(place_resume(&r, &places.ptr[0], &coded, coded.len, whole, &out), ROVE_E_CHECKSUM);
    for (size_t end = places.ptr[4].coded - 10; end < coded.len; end++) {
        CU_ASSERT_EQUAL(place_resume(&r, &places.ptr[2], &coded, end, whole, &out),
                        end == places.ptr[4].coded ? ROVE_END : ROVE_E_TRUNCATED);
    }
    coded.ptr[places.ptr[3].coded + 100] ^= 1;
    CU_ASSERT_EQUAL(place_resume(&r, &places.ptr[2], &coded, coded.len, whole, &out), ROVE_E_CHECKSUM);
    CU_ASSERT_EQUAL(out.len, K64);
    rig_close(&r);
    places_drop(&places);
    bytes_drop(&plain);
    bytes_drop(&coded);
    bytes_drop(&out);
}

// Every FLG and BD that a mark can have. Those of a dictionary want one.
static void a_descriptor_that_no_mark_has_is_refused(void)
{
    struct rig r;

    rig_make(&r, &rv_filter_lz4_decode, "");
    for (unsigned word = 0; word < 65536; word++) {
        uint8_t desc[2] = {(uint8_t) word, (uint8_t) (word >> 8)};
        struct rove_mark mark = {.size = sizeof mark, .state_len = 2, .state = desc};
        bool good = (desc[0] & 0xe2) == 0x60 && (desc[1] & 0x8f) == 0 && desc[1] >= 0x40;

        CU_ASSERT_EQUAL(rig_reset(&r), ROVE_OK);
        int32_t want = good && (desc[0] & 1) ? ROVE_E_UNSUPPORTED : good || word == 0 ? ROVE_OK : ROVE_E_FORMAT;
        CU_ASSERT_EQUAL(r.filter->resume(r.state, &mark), want);
    }
    rig_close(&r);
}

void add_lz4_mark_tests(CU_pSuite suite)
{
    ADD(suite, a_declared_length_tells_all);
    ADD(suite, frames_of_all_kinds_in_a_row_are_hopped_over);
    ADD(suite, skippable_frames_are_as_long_as_they_say);
    ADD(suite, short_blocks_are_told_or_not_but_never_wrong);
    ADD(suite, a_declaration_that_lies_is_found_out);
    ADD(suite, what_is_not_declared_cannot_be_told);
    ADD(suite, blocks_that_refer_to_others_are_no_places);
    ADD(suite, blocks_of_legacy_frames_are_places);
    ADD(suite, sums_of_blocks_are_checked_that_of_the_content_is_not);
    ADD(suite, a_descriptor_that_no_mark_has_is_refused);
}
