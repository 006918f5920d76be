// SPDX-License-Identifier: MIT
// filters_taps.c: checksums, count and limit.
#include "filters_harness.h"

#include "../filters/xxh3.h"

#include <sys/mman.h>
#include <time.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static const struct {
    const struct rove_filter *filter;
    const char *nine; // the digest of "123456789", in hex
    const char *none; // of nothing
} sums[] = {
    {&rv_filter_crc32, "cbf43926", "00000000"},
    {&rv_filter_crc32c, "e3069283", "00000000"},
    {&rv_filter_adler32, "091e01de", "00000001"},
    {&rv_filter_xxh64, "8cb841db40e6ae83", "ef46db3751d8e999"},
    {&rv_filter_xxh3, "72dcb18b67a17dff", "2d06800538d394c2"},
    {&rv_filter_count, "0000000000000009", "0000000000000000"},
};

#define SUMS (sizeof sums / sizeof *sums)

static const char *hex_of(const struct rig *r)
{
    static char text[32];
    uint8_t buf[16];
    uint32_t len = r->filter->digest(r->state, buf, sizeof buf);

    for (uint32_t i = 0; i < len; i++) {
        snprintf(text + 2 * i, 3, "%02x", buf[i]);
    }
    return text;
}

static void known_digests(void)
{
    for (size_t i = 0; i < SUMS; i++) {
        for (size_t piece = 1; piece <= 9; piece++) {
            struct rig r;

            rig_make(&r, sums[i].filter, "");
            CU_ASSERT_STRING_EQUAL(hex_of(&r), sums[i].none);
            CU_ASSERT_EQUAL(rig_tap(&r, "1234", 4, piece, ROVE_RUN), ROVE_OK);
            CU_ASSERT_EQUAL(rig_tap(&r, NULL, 0, 1, ROVE_FLUSH), ROVE_END); // nothing, at no place
            CU_ASSERT_EQUAL(rig_tap(&r, "56789", 5, piece, ROVE_FINISH), ROVE_END);
            CU_ASSERT_STRING_EQUAL(hex_of(&r), sums[i].nine);
            CU_ASSERT_EQUAL(rig_reset(&r), ROVE_OK);
            CU_ASSERT_STRING_EQUAL(hex_of(&r), sums[i].none);
            rig_close(&r);
        }
    }
}

// Libraries below count in int. The bytes lie in pages that nobody has written, but for the last ones.
static void a_gibibyte_and_more_at_once(void)
{
    const size_t most = (size_t) 1 << 30, few = 4096;
    uint8_t *ptr = mmap(NULL, most + few, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    struct rig once, twice;
    char text[32];

    CU_ASSERT_FATAL(ptr != MAP_FAILED);
    memset(ptr + most, 0x5a, few);
    rig_make(&once, &rv_filter_crc32c, "");
    rig_make(&twice, &rv_filter_crc32c, "");
    CU_ASSERT_EQUAL(rig_tap(&once, ptr, most + few, most + few, ROVE_FINISH), ROVE_END);
    CU_ASSERT_EQUAL(rig_tap(&twice, ptr, most, most / 2, ROVE_RUN), ROVE_OK);
    CU_ASSERT_EQUAL(rig_tap(&twice, ptr + most, few, few, ROVE_FINISH), ROVE_END);
    strcpy(text, hex_of(&once));
    CU_ASSERT_STRING_EQUAL(text, hex_of(&twice));
    rig_close(&once);
    rig_close(&twice);
    CU_ASSERT_EQUAL(munmap(ptr, most + few), 0);
}

// RFC 3720, B.4: 32 bytes of zeros, of ones, rising and falling.
static void crc32c_of_the_rfc(void)
{
    static const char *const want[] = {"8a9136aa", "62a8ab43", "46dd794e", "113fdb5c"};

    for (int i = 0; i < 4; i++) {
        uint8_t data[32];
        struct rig r;

        for (int k = 0; k < 32; k++) {
            data[k] = (uint8_t) (i == 0 ? 0 : i == 1 ? 255 : i == 2 ? k : 31 - k);
        }
        rig_make(&r, &rv_filter_crc32c, "");
        CU_ASSERT_EQUAL(rig_tap(&r, data, sizeof data, 32, ROVE_FINISH), ROVE_END);
        CU_ASSERT_STRING_EQUAL(hex_of(&r), want[i]);
        rig_close(&r);
    }
}

static void digests_do_not_depend_on_cuts_or_alignment(void)
{
    struct bytes text = make_content(TEXT, 100000);
    uint64_t rng = seed_of_run;

    for (size_t i = 0; i < SUMS; i++) {
        struct rig r;
        char want[32];

        rig_make(&r, sums[i].filter, "");
        (void) rig_tap(&r, text.ptr, text.len, text.len, ROVE_FINISH);
        snprintf(want, sizeof want, "%s", hex_of(&r));
        for (int k = 0; k < 200; k++) {
            (void) rig_reset(&r);
            for (size_t at = 0; at < text.len;) {
                size_t len = 1 + draw_below(&rng, k % 2 == 0 ? 20000 : 700);

                len = len < text.len - at ? len : text.len - at;
                CU_ASSERT_EQUAL(rig_tap(&r, text.ptr + at, len, len, ROVE_RUN), ROVE_OK);
                at += len;
            }
            CU_ASSERT_EQUAL(rig_tap(&r, NULL, 0, 1, ROVE_FLUSH), ROVE_END);
            CU_ASSERT_STRING_EQUAL(hex_of(&r), want);
        }
        rig_close(&r);
    }
    bytes_drop(&text);
}

// The filter picks one of them for this processor; here each that can run at all is tried.
static void all_widths_of_xxh3_agree(void)
{
#if defined(RV_XXH3_WIDE)
    struct bytes noise = make_content(NOISE, 5000);
    rv_xxh3_fn *const wide[] = {__builtin_cpu_supports("avx2") ? rv_xxh3_avx2 : NULL,
                                __builtin_cpu_supports("avx512f") ? rv_xxh3_avx512 : NULL};
    static XXH3_state_t state; // aligned as it must be

    for (size_t w = 0; w < 2; w++) {
        for (size_t len = 0; wide[w] != NULL && len <= noise.len; len += 1 + len / 50) {
            (void) XXH3_64bits_reset(&state);
            wide[w](&state, noise.ptr, len / 3);
            wide[w](&state, noise.ptr + len / 3, len - len / 3);
            CU_ASSERT_EQUAL(XXH3_64bits_digest(&state), XXH3_64bits(noise.ptr, len));
        }
    }
    bytes_drop(&noise);
#endif
}

static void joined_parts_equal_the_whole(void)
{
    struct bytes text = make_content(MIXED, 100000);
    uint64_t rng = seed_of_run;

    for (size_t i = 0; i < SUMS; i++) {
        struct rig all, left, right;

        if (sums[i].filter->join == NULL) {
            continue;
        }
        rig_make(&all, sums[i].filter, "");
        rig_make(&left, sums[i].filter, "");
        rig_make(&right, sums[i].filter, "");
        (void) rig_tap(&all, text.ptr, text.len, text.len, ROVE_FINISH);
        for (int k = 0; k < 100; k++) {
            size_t cut = k == 0 ? 0 : k == 1 ? text.len : draw_below(&rng, text.len);
            char want[32];

            (void) rig_reset(&left);
            (void) rig_reset(&right);
            (void) rig_tap(&left, text.ptr, cut, text.len, ROVE_RUN);
            (void) rig_tap(&right, text.ptr + cut, text.len - cut, text.len, ROVE_RUN);
            CU_ASSERT_EQUAL(left.filter->join(left.state, right.state, text.len - cut), ROVE_OK);
            snprintf(want, sizeof want, "%s", hex_of(&all));
            CU_ASSERT_STRING_EQUAL(hex_of(&left), want);
        }
        rig_close(&all);
        rig_close(&left);
        rig_close(&right);
    }
    bytes_drop(&text);
}

static void only_xxhash_cannot_be_joined(void)
{
    for (const struct rove_filter *const *f = rv_builtin_filters; *f != NULL; f++) {
        bool xxhash = strncmp((*f)->name, "xxh", 3) == 0;

        CU_ASSERT((*f)->dir != ROVE_TAP || ((*f)->join == NULL) == xxhash);
    }
}

static void absurd_lengths_are_joined_or_refused(void)
{
    struct rig a, b;

    rig_make(&a, &rv_filter_crc32, "");
    rig_make(&b, &rv_filter_crc32, "");
    CU_ASSERT_EQUAL(a.filter->join(a.state, b.state, UINT64_MAX), ROVE_E_RANGE);
    CU_ASSERT_EQUAL(a.filter->join(a.state, b.state, (uint64_t) 1 << 40), ROVE_OK);
    rig_close(&a);
    rig_close(&b);
    rig_make(&a, &rv_filter_adler32, "");
    rig_make(&b, &rv_filter_adler32, "");
    CU_ASSERT_EQUAL(a.filter->join(a.state, b.state, UINT64_MAX), ROVE_E_RANGE);
    rig_close(&a);
    rig_close(&b);
}

static void digest_is_not_written_where_it_does_not_fit(void)
{
    for (size_t i = 0; i < SUMS; i++) {
        uint8_t buf[8];
        struct rig r;
        uint32_t len;

        memset(buf, 0xcc, sizeof buf);
        rig_make(&r, sums[i].filter, "");
        len = r.filter->digest(r.state, buf, 3);
        CU_ASSERT_EQUAL(len, strlen(sums[i].nine) / 2);
        CU_ASSERT_EQUAL(buf[0], 0xcc);
        rig_close(&r);
    }
}

// expect ------------------------------------------------------------------------------------------

static void expected_digests(void)
{
    for (size_t i = 0; i + 1 < SUMS; i++) { // count has none
        char options[64], why[128];
        struct rig r;

        snprintf(options, sizeof options, "expect=%s", sums[i].nine);
        rig_make(&r, sums[i].filter, options);
        for (int again = 0; again < 2; again++) {
            CU_ASSERT_EQUAL(rig_tap(&r, "1234", 4, 4, ROVE_FLUSH), ROVE_END); // not yet looked at
            CU_ASSERT_EQUAL(rig_tap(&r, "56789", 5, 2, ROVE_FINISH), ROVE_END);
            (void) rig_reset(&r); // the expectation stays
            CU_ASSERT_EQUAL(rig_tap(&r, "123456780", 9, 2, ROVE_FINISH), ROVE_E_CHECKSUM);
            snprintf(why, sizeof why, "the digest is %s, expected was %s", hex_of(&r), sums[i].nine);
            CU_ASSERT_STRING_EQUAL(r.why, why);
            (void) rig_reset(&r);
            CU_ASSERT_EQUAL(rig_tap(&r, NULL, 0, 2, ROVE_FINISH), ROVE_E_CHECKSUM);
            (void) rig_reset(&r);
        }
        rig_close(&r);
    }
}

static void expectation_of_a_wrong_length_is_refused(void)
{
    for (size_t i = 0; i + 1 < SUMS; i++) {
        struct rig r;

        CU_ASSERT_EQUAL(sums[i].filter->options[0].min, strlen(sums[i].nine) / 2);
        CU_ASSERT_EQUAL(sums[i].filter->options[0].max, strlen(sums[i].nine) / 2);
        rig_set(&r, sums[i].filter, "expect=cbf439");
        CU_ASSERT_EQUAL(rig_open(&r), ROVE_E_ARG);
    }
}

static void refused_memory(void)
{
    for (size_t i = 0; i < SUMS; i++) {
        struct rig r;
        int32_t rc;

        rig_set(&r, sums[i].filter, "");
        r.fail_at = 1;
        rc = rig_open(&r);
        CU_ASSERT(rc == ROVE_OK ? r.allocs == 0 : rc == ROVE_E_NOMEM);
        if (rc == ROVE_OK) {
            rig_close(&r);
        }
    }
}

// count -------------------------------------------------------------------------------------------

static uint64_t number_at(const uint8_t *p)
{
    uint64_t n = 0;

    for (int i = 0; i < 8; i++) {
        n = n << 8 | p[i];
    }
    return n;
}

static uint64_t now_ns(void)
{
    struct timespec t;

    (void) clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t) t.tv_sec * 1000000000u + (uint64_t) t.tv_nsec;
}

// The time told is not zero when the clock moved between two calls, and not more than all of it.
static void count_tells_bytes_and_time(void)
{
    uint64_t start = now_ns(), from;
    uint8_t digest[16];
    struct rig r, part;

    rig_make(&r, &rv_filter_count, "rate=yes");
    CU_ASSERT_EQUAL(r.filter->digest(r.state, digest, 15), 16); // no room, nothing written
    CU_ASSERT_EQUAL(r.filter->digest(r.state, digest, 16), 16);
    CU_ASSERT(number_at(digest) == 0 && number_at(digest + 8) == 0);
    (void) rig_tap(&r, "abc", 3, 3, ROVE_RUN);
    (void) r.filter->digest(r.state, digest, 16);
    CU_ASSERT(number_at(digest) == 3 && number_at(digest + 8) == 0); // one moment
    for (from = now_ns(); now_ns() < from + 1000;) {
    }
    (void) rig_tap(&r, "defg", 4, 4, ROVE_RUN);
    (void) r.filter->digest(r.state, digest, 16);
    CU_ASSERT_EQUAL(number_at(digest), 7);
    CU_ASSERT(number_at(digest + 8) >= 1000 && number_at(digest + 8) <= now_ns() - start);
    rig_make(&part, &rv_filter_count, "rate=yes");
    (void) rig_tap(&part, "hi", 2, 2, ROVE_RUN);
    CU_ASSERT_EQUAL(r.filter->join(r.state, part.state, 2), ROVE_OK);
    from = number_at(digest + 8);
    (void) r.filter->digest(r.state, digest, 16);
    CU_ASSERT(number_at(digest) == 9 && number_at(digest + 8) >= from);
    from = number_at(digest + 8); // no bytes, no time: neither at the end nor in a part
    (void) rig_tap(&r, "", 0, 1, ROVE_FLUSH);
    (void) rig_reset(&part);
    CU_ASSERT_EQUAL(r.filter->join(r.state, part.state, 0), ROVE_OK);
    (void) r.filter->digest(r.state, digest, 16);
    CU_ASSERT(number_at(digest) == 9 && number_at(digest + 8) == from);
    (void) rig_reset(&r);
    (void) r.filter->digest(r.state, digest, 16);
    CU_ASSERT(number_at(digest) == 0 && number_at(digest + 8) == 0);
    rig_close(&part);
    rig_close(&r);
}

// limit -------------------------------------------------------------------------------------------

static void limit_passes_exactly_its_maximum(void)
{
    uint8_t data[40] = {0};
    struct rig r;

    rig_make(&r, &rv_filter_limit, "max=20");
    for (size_t piece = 1; piece <= 40; piece++) {
        struct rove_in in = {data, 0};
        int32_t rc = ROVE_OK;

        (void) rig_reset(&r);
        CU_ASSERT_EQUAL(rig_tap(&r, data, 20, piece, ROVE_FINISH), ROVE_END);
        (void) rig_reset(&r);
        while (rc == ROVE_OK) {
            size_t done = (size_t) (in.ptr - data);

            in.len = piece < 40 - done ? piece : 40 - done;
            rc = r.filter->run(r.state, &in, NULL, ROVE_RUN);
        }
        CU_ASSERT_EQUAL(rc, ROVE_E_LIMIT);
        CU_ASSERT_EQUAL(in.ptr - data, 20);
        CU_ASSERT(strstr(r.why, "20 bytes") != NULL);
    }
    rig_close(&r);
    rig_make(&r, &rv_filter_limit, "max=0");
    CU_ASSERT_EQUAL(rig_tap(&r, NULL, 0, 1, ROVE_FINISH), ROVE_END);
    (void) rig_reset(&r);
    CU_ASSERT_EQUAL(rig_tap(&r, data, 1, 1, ROVE_FINISH), ROVE_E_LIMIT);
    rig_close(&r);
}

static void limit_counts_joined_parts(void)
{
    struct rig r;

    rig_make(&r, &rv_filter_limit, "max=20");
    CU_ASSERT_EQUAL(r.filter->join(r.state, r.state, 12), ROVE_OK);
    CU_ASSERT_EQUAL(r.filter->join(r.state, r.state, 8), ROVE_OK);
    CU_ASSERT_EQUAL(r.filter->join(r.state, r.state, 1), ROVE_E_LIMIT);
    rig_close(&r);
}

void add_tap_tests(CU_pSuite suite)
{
    ADD(suite, known_digests);
    ADD(suite, crc32c_of_the_rfc);
    ADD(suite, a_gibibyte_and_more_at_once);
    ADD(suite, digests_do_not_depend_on_cuts_or_alignment);
    ADD(suite, all_widths_of_xxh3_agree);
    ADD(suite, joined_parts_equal_the_whole);
    ADD(suite, only_xxhash_cannot_be_joined);
    ADD(suite, absurd_lengths_are_joined_or_refused);
    ADD(suite, digest_is_not_written_where_it_does_not_fit);
    ADD(suite, expected_digests);
    ADD(suite, expectation_of_a_wrong_length_is_refused);
    ADD(suite, refused_memory);
    ADD(suite, count_tells_bytes_and_time);
    ADD(suite, limit_passes_exactly_its_maximum);
    ADD(suite, limit_counts_joined_parts);
}
