// SPDX-License-Identifier: MIT
// filters_zlib.c: gzip, zlib and deflate beside zlib's own wrappings; the corners of the formats.
#include "filters_harness.h"

#include "support/amount.h"

#define ZLIB_CONST
#include <zlib.h>

static const struct cut whole = {0};

// zlib as the other side --------------------------------------------------------------------------

// window_bits as in inflateInit2(): 15 + 16 gzip, 15 zlib, -15 raw.
static bool zlib_reads(const struct bytes *coded, int window_bits, const struct bytes *plain)
{
    uint8_t *out = malloc(plain->len + 1);
    z_stream z;
    bool ok;

    memset(&z, 0, sizeof z);
    ok = out != NULL && inflateInit2(&z, window_bits) == Z_OK;
    z.next_in = coded->ptr;
    z.avail_in = (uInt) coded->len;
    z.next_out = out;
    z.avail_out = (uInt) plain->len + 1;
    ok = ok && inflate(&z, Z_FINISH) == Z_STREAM_END && z.total_out == plain->len
         && z.avail_in == 0 && memcmp(out, plain->ptr, plain->len) == 0;
    (void) inflateEnd(&z);
    free(out);
    return ok;
}

static struct bytes zlib_writes(const struct bytes *plain, int window_bits, gz_headerp head)
{
    struct bytes coded = {NULL, 0, 0};
    z_stream z;

    memset(&z, 0, sizeof z);
    CU_ASSERT_EQUAL_FATAL(deflateInit2(&z, 6, Z_DEFLATED, window_bits, 8, 0), Z_OK);
    coded.cap = deflateBound(&z, (uLong) plain->len) + 70000;
    coded.ptr = malloc(coded.cap);
    CU_ASSERT_PTR_NOT_NULL_FATAL(coded.ptr);
    if (head != NULL) {
        (void) deflateSetHeader(&z, head);
    }
    z.next_in = plain->ptr;
    z.avail_in = (uInt) plain->len;
    z.next_out = coded.ptr;
    z.avail_out = (uInt) coded.cap;
    CU_ASSERT_EQUAL(deflate(&z, Z_FINISH), Z_STREAM_END);
    coded.len = z.total_out;
    (void) deflateEnd(&z);
    return coded;
}

static const struct {
    const struct rove_filter *encode, *decode;
    int window_bits;
} wraps[] = {
    {&rv_filter_gzip_encode, &rv_filter_gzip_decode, 15 + 16},
    {&rv_filter_zlib_encode, &rv_filter_zlib_decode, 15},
    {&rv_filter_deflate_encode, &rv_filter_deflate_decode, -15},
};

static void zlib_reads_what_is_written(void)
{
    static const char *const strategies[] = {"default", "filtered", "huffman", "rle", "fixed"};
    struct bytes plain = make_content(MIXED, amount_of(150000, 100000)); // text and noise
    char options[128];
    unsigned step = 0;

    for (size_t w = 0; w < 3; w++) {
        for (unsigned level = 0; level <= 9; level++) {
            for (unsigned s = 0; s < 5; s++, step++) {
                unsigned window = 9 + step % 7, mem = 1 + step % 9;
                struct bytes coded, back = {NULL, 0, 0};

                snprintf(options, sizeof options, "level=%u strategy=%s window=%u mem=%u", level,
                         strategies[s], window, mem);
                coded = encoded(wraps[w].encode, options, plain.ptr, plain.len);
                CU_ASSERT(zlib_reads(&coded, wraps[w].window_bits, &plain));
                CU_ASSERT_EQUAL(decoded(wraps[w].decode, options, coded.ptr, coded.len, &back),
                                ROVE_END);
                CU_ASSERT(bytes_equal(&back, plain.ptr, plain.len));
                bytes_drop(&coded);
                bytes_drop(&back);
            }
        }
    }
    bytes_drop(&plain);
}

static void what_zlib_writes_is_read(void)
{
    struct bytes plain = make_content(MIXED, 300000), back = {NULL, 0, 0};

    for (size_t w = 0; w < 3; w++) {
        struct bytes coded = zlib_writes(&plain, wraps[w].window_bits, NULL);

        CU_ASSERT_EQUAL(decoded(wraps[w].decode, "", coded.ptr, coded.len, &back), ROVE_END);
        CU_ASSERT(bytes_equal(&back, plain.ptr, plain.len));
        bytes_drop(&coded);
    }
    bytes_drop(&plain);
    bytes_drop(&back);
}

// zlib turns a window of 2^8 into 2^9 or refuses it; a stream that says 2^8 must still be read.
// The header tells how hard the encoder tried, just as zlib's own does.
static void the_level_is_hinted_at_as_by_zlib(void)
{
    static const struct {
        const char *name;
        int number;
    } strategies[] = {{"default", Z_DEFAULT_STRATEGY}, {"filtered", Z_FILTERED},
                      {"huffman", Z_HUFFMAN_ONLY},     {"rle", Z_RLE}};

    for (int level = 0; level <= 9; level++) {
        for (size_t s = 0; s < sizeof strategies / sizeof *strategies; s++) {
            char options[64];
            uint8_t want[64];
            z_stream z = {.next_in = (uint8_t *) (uintptr_t) "abc", .avail_in = 3, .next_out = want,
                          .avail_out = sizeof want};
            struct bytes coded;

            snprintf(options, sizeof options, "level=%d strategy=%s", level, strategies[s].name);
            coded = encoded(&rv_filter_zlib_encode, options, "abc", 3);
            CU_ASSERT_EQUAL(deflateInit2(&z, level, Z_DEFLATED, 15, 8, strategies[s].number), Z_OK);
            CU_ASSERT_EQUAL(deflate(&z, Z_FINISH), Z_STREAM_END);
            CU_ASSERT_EQUAL(deflateEnd(&z), Z_OK);
            CU_ASSERT(coded.len > 2 && memcmp(coded.ptr, want, 2) == 0);
            bytes_drop(&coded);
        }
    }
}

static void header_that_names_the_smallest_window(void)
{
    static const uint8_t stream[] = {0x08, 0x1d, 0x01, 4,    0,    0xfb, 0xff, 'r',
                                     'o',  'p',  'e',  0x04, 0x5e, 0x01, 0xb7};
    struct bytes back = {NULL, 0, 0};

    CU_ASSERT_EQUAL(decoded(&rv_filter_zlib_decode, "", stream, sizeof stream, &back), ROVE_END);
    CU_ASSERT(bytes_equal(&back, "rope", 4));
    bytes_drop(&back);
}

static void header_that_names_too_large_a_window(void)
{
    static const uint8_t head[] = {0x88, 0x1c};
    struct bytes back = {NULL, 0, 0};

    CU_ASSERT_EQUAL(decoded(&rv_filter_zlib_decode, "", head, sizeof head, &back),
                    ROVE_E_UNSUPPORTED);
}

// gzip's header -----------------------------------------------------------------------------------

static void name_comment_time_and_header_sum_are_written(void)
{
    struct bytes coded = encoded(&rv_filter_gzip_encode,
                                 "name=a.txt comment=hello mtime=1234567890 hcrc=yes level=9",
                                 "rope", 4);
    uint8_t out[8], name[32], comment[32];
    gz_header head;
    z_stream z;

    memset(&z, 0, sizeof z);
    memset(&head, 0, sizeof head);
    head.name = name;
    head.name_max = sizeof name;
    head.comment = comment;
    head.comm_max = sizeof comment;
    CU_ASSERT_EQUAL_FATAL(inflateInit2(&z, 15 + 16), Z_OK);
    (void) inflateGetHeader(&z, &head);
    z.next_in = coded.ptr;
    z.avail_in = (uInt) coded.len;
    z.next_out = out;
    z.avail_out = sizeof out;
    CU_ASSERT_EQUAL(inflate(&z, Z_FINISH), Z_STREAM_END); // zlib has checked the header's sum
    CU_ASSERT_STRING_EQUAL((char *) name, "a.txt");
    CU_ASSERT_STRING_EQUAL((char *) comment, "hello");
    CU_ASSERT_EQUAL(head.time, 1234567890u);
    CU_ASSERT_EQUAL(head.hcrc, 1);
    CU_ASSERT_EQUAL(head.xflags, 2);
    CU_ASSERT_EQUAL(head.os, 255);
    (void) inflateEnd(&z);
    bytes_drop(&coded);
}

static struct bytes with_all_fields(const struct bytes *plain, unsigned extra_len, int hcrc)
{
    static uint8_t extra[65535];
    char name[] = "name of the file", comment[] = "a comment\nof two lines";
    gz_header head;

    memset(&head, 0, sizeof head);
    memset(extra, 0x5a, sizeof extra);
    head.text = 1;
    head.time = 77;
    head.os = 3;
    head.extra = extra;
    head.extra_len = extra_len;
    head.name = (Bytef *) name;
    head.comment = (Bytef *) comment;
    head.hcrc = hcrc;
    return zlib_writes(plain, 15 + 16, &head);
}

static void all_header_fields_in_every_split(void)
{
    struct bytes plain = make_content(TEXT, 40), out = {NULL, 0, 0};
    static const unsigned extras[] = {0, 1, 30};
    struct rig r;

    rig_make(&r, &rv_filter_gzip_decode, "");
    for (int hcrc = 0; hcrc < 2; hcrc++) {
        for (size_t e = 0; e < 3; e++) {
            struct bytes coded = with_all_fields(&plain, extras[e], hcrc);

            for (size_t i = 1; i <= coded.len; i++) {
                struct cut pieces = {.in = i, .out = 3}, halves = {.first_in = i};

                CU_ASSERT_EQUAL(rig_stream(&r, coded.ptr, coded.len, &out, pieces), ROVE_END);
                CU_ASSERT(bytes_equal(&out, plain.ptr, plain.len));
                CU_ASSERT_EQUAL(rig_stream(&r, coded.ptr, coded.len, &out, halves), ROVE_END);
                CU_ASSERT(bytes_equal(&out, plain.ptr, plain.len));
            }
            bytes_drop(&coded);
        }
    }
    rig_close(&r);
    bytes_drop(&plain);
    bytes_drop(&out);
}

static void longest_extra_field(void)
{
    struct bytes plain = make_content(TEXT, 40), out = {NULL, 0, 0};
    struct bytes coded = with_all_fields(&plain, 65535, 1);

    CU_ASSERT_EQUAL(decoded(&rv_filter_gzip_decode, "", coded.ptr, coded.len, &out), ROVE_END);
    CU_ASSERT(bytes_equal(&out, plain.ptr, plain.len));
    coded.ptr[40000] ^= 1;
    CU_ASSERT_EQUAL(decoded(&rv_filter_gzip_decode, "", coded.ptr, coded.len, &out),
                    ROVE_E_CHECKSUM);
    bytes_drop(&plain);
    bytes_drop(&coded);
    bytes_drop(&out);
}

// One byte of a fresh "rope" stream is set; what does the decoder say?
static int32_t gzip_with(size_t at, uint8_t value)
{
    struct bytes coded = encoded(&rv_filter_gzip_encode, "", "rope", 4), out = {NULL, 0, 0};
    int32_t rc;

    coded.ptr[at < coded.len ? at : coded.len + at] = value; // from the end when wrapped around
    rc = decoded(&rv_filter_gzip_decode, "", coded.ptr, coded.len, &out);
    bytes_drop(&coded);
    bytes_drop(&out);
    return rc;
}

static void each_breach_of_the_format_has_its_status(void)
{
    CU_ASSERT_EQUAL(gzip_with(0, 'P'), ROVE_E_FORMAT);
    CU_ASSERT_EQUAL(gzip_with(1, 'K'), ROVE_E_FORMAT);
    CU_ASSERT_EQUAL(gzip_with(2, 7), ROVE_E_UNSUPPORTED);
    CU_ASSERT_EQUAL(gzip_with(3, 0x20), ROVE_E_UNSUPPORTED);
    CU_ASSERT_EQUAL(gzip_with(10, 0x07), ROVE_E_DATA); // block type 3
    CU_ASSERT_EQUAL(gzip_with((size_t) -8, 0x55), ROVE_E_CHECKSUM);
    CU_ASSERT_EQUAL(gzip_with((size_t) -4, 0x55), ROVE_E_CHECKSUM);
}

// members -----------------------------------------------------------------------------------------

static void members_are_read_as_one_stream(void)
{
    struct bytes plain = make_content(TEXT, 120), all = {NULL, 0, 0}, out = {NULL, 0, 0};
    struct rig r;

    for (size_t i = 0; i < 4; i++) { // the third is empty
        struct bytes one = encoded(&rv_filter_gzip_encode, i == 1 ? "hcrc=yes" : "name=x",
                                   plain.ptr + (i < 3 ? 60 * i : 120), i < 2 ? 60 : 0);

        bytes_add(&all, one.ptr, one.len);
        bytes_drop(&one);
    }
    for (size_t pad = 0; pad <= 3; pad++) {
        rig_make(&r, &rv_filter_gzip_decode, "trailing=zeros");
        for (size_t i = 1; i <= all.len; i++) {
            CU_ASSERT_EQUAL(rig_stream(&r, all.ptr, all.len, &out, (struct cut){.in = i, .out = 7}),
                            ROVE_END);
            CU_ASSERT(bytes_equal(&out, plain.ptr, plain.len));
        }
        rig_close(&r);
        bytes_add(&all, "", 1); // zeros may follow
    }
    bytes_drop(&plain);
    bytes_drop(&all);
    bytes_drop(&out);
}

static void garbage_after_the_last_member(void)
{
    static const char *const tails[] = {"x", "\x1fx", "\0x", "PK\3\4"};
    static const size_t lens[] = {1, 2, 2, 4};

    for (size_t i = 0; i < 4; i++) {
        struct bytes coded = encoded(&rv_filter_gzip_encode, "", "rope", 4), out = {NULL, 0, 0};
        struct rig r;

        bytes_add(&coded, tails[i], lens[i]);
        rig_make(&r, &rv_filter_gzip_decode, "");
        CU_ASSERT_EQUAL(rig_stream(&r, coded.ptr, coded.len, &out, whole), ROVE_E_TRAILING);
        CU_ASSERT(strstr(r.why, "trailing garbage after the last member") == r.why);
        CU_ASSERT_EQUAL(strstr(r.why, " and 1 zero byte") != NULL, tails[i][0] == 0);
        rig_close(&r);
        bytes_drop(&coded);
        bytes_drop(&out);
    }
}

// gzip(1) takes it for one, too.
static void the_beginning_of_a_member_is_no_garbage(void)
{
    static const char *const options[] = {"", "trailing=zeros", "trailing=ignore"};

    for (size_t i = 0; i < 3; i++)
        for (size_t len = 1; len <= 3; len++) {
            struct bytes coded = encoded(&rv_filter_gzip_encode, "", "rope", 4), out = {NULL, 0, 0};
            struct rig r;

            bytes_add(&coded, "\x1f\x8b\x08", len);
            rig_make(&r, &rv_filter_gzip_decode, options[i]);
            CU_ASSERT_EQUAL(rig_stream(&r, coded.ptr, coded.len, &out, whole), ROVE_E_TRUNCATED);
            CU_ASSERT(bytes_equal(&out, "rope", 4));
            rig_close(&r);
            bytes_drop(&coded);
            bytes_drop(&out);
        }
}

static void zlib_and_deflate_end_and_leave_the_rest(void)
{
    for (size_t w = 1; w < 3; w++) {
        struct bytes coded = encoded(wraps[w].encode, "", "rope", 4), out = {NULL, 0, 0};
        size_t len = coded.len, taken;
        struct rig r;

        bytes_add(&coded, "more", 4);
        rig_make(&r, wraps[w].decode, "");
        CU_ASSERT_EQUAL(rig_drive(&r, coded.ptr, coded.len, &out, ROVE_RUN, whole, &taken),
                        ROVE_END);
        CU_ASSERT_EQUAL(taken, len);
        CU_ASSERT(bytes_equal(&out, "rope", 4));
        rig_close(&r);
        bytes_drop(&coded);
        bytes_drop(&out);
    }
}

// The decoder must see the end of the stream without being given room for a byte that never comes.
static void end_is_seen_when_the_room_is_just_enough(void)
{
    for (size_t w = 0; w < 3; w++) {
        struct bytes coded = encoded(wraps[w].encode, "", "rope", 4);
        struct rove_in in = {coded.ptr, coded.len};
        uint8_t room[4];
        struct rove_out out = {room, sizeof room};
        struct rig r;

        rig_make(&r, wraps[w].decode, "");
        CU_ASSERT_EQUAL(r.filter->run(r.state, &in, &out, ROVE_RUN), w == 0 ? ROVE_OK : ROVE_END);
        CU_ASSERT_EQUAL(out.len, 0);
        CU_ASSERT_EQUAL(in.len, 0);
        out.ptr = NULL;
        CU_ASSERT_EQUAL(r.filter->run(r.state, &in, &out, ROVE_FINISH), ROVE_END);
        rig_close(&r);
        bytes_drop(&coded);
    }
}

// dictionaries ------------------------------------------------------------------------------------

#define DICT "dict=737472616e6420647261776e206f757420"
#define OTHER "dict=737472616e6420647261776e206f757421"

static void zlib_agrees_about_the_dictionary(void)
{
    static const char dict[] = "strand drawn out ";
    struct bytes coded = encoded(&rv_filter_zlib_encode, DICT, dict, sizeof dict - 1);
    uint8_t out[64];
    z_stream z;

    memset(&z, 0, sizeof z);
    CU_ASSERT_EQUAL_FATAL(inflateInit(&z), Z_OK);
    z.next_in = coded.ptr;
    z.avail_in = (uInt) coded.len;
    z.next_out = out;
    z.avail_out = sizeof out;
    CU_ASSERT_EQUAL(inflate(&z, Z_FINISH), Z_NEED_DICT);
    CU_ASSERT_EQUAL(inflateSetDictionary(&z, (const Bytef *) dict, sizeof dict - 1), Z_OK);
    CU_ASSERT_EQUAL(inflate(&z, Z_FINISH), Z_STREAM_END);
    CU_ASSERT_EQUAL(memcmp(out, dict, sizeof dict - 1), 0);
    CU_ASSERT(coded.len < sizeof dict - 1); // it was of use
    (void) inflateEnd(&z);
    bytes_drop(&coded);
}

static void missing_or_other_dictionary(void)
{
    struct bytes coded = encoded(&rv_filter_zlib_encode, DICT, "strand drawn out", 16);
    struct bytes bare = encoded(&rv_filter_zlib_encode, "", "rope", 4), out = {NULL, 0, 0};

    CU_ASSERT_EQUAL(decoded(&rv_filter_zlib_decode, "", coded.ptr, coded.len, &out),
                    ROVE_E_UNSUPPORTED);
    CU_ASSERT_EQUAL(decoded(&rv_filter_zlib_decode, OTHER, coded.ptr, coded.len, &out),
                    ROVE_E_CHECKSUM);
    CU_ASSERT_EQUAL(decoded(&rv_filter_zlib_decode, DICT, bare.ptr, bare.len, &out), ROVE_END);
    bytes_drop(&coded);
    bytes_drop(&bare);
    bytes_drop(&out);
}

// options -----------------------------------------------------------------------------------------

// The host checks kinds and ranges; values that slip through must still not get by.
static int32_t open_with(const struct rove_filter *filter, size_t option, uint64_t u)
{
    struct rig r;
    int32_t rc;

    rig_set(&r, filter, "");
    r.values[option].u = u;
    rc = rig_open(&r);
    if (rc == ROVE_OK) {
        rig_close(&r);
    }
    return rc;
}

static void impossible_options_are_refused(void)
{
    struct rig r;

    for (size_t w = 0; w < 3; w++) {
        CU_ASSERT_EQUAL(open_with(wraps[w].encode, 0, 10), ROVE_E_ARG); // level
        CU_ASSERT_EQUAL(open_with(wraps[w].encode, 1, 9), ROVE_E_ARG);  // strategy
        CU_ASSERT_EQUAL(open_with(wraps[w].encode, 2, 8), ROVE_E_ARG);  // window
        CU_ASSERT_EQUAL(open_with(wraps[w].encode, 2, 16), ROVE_E_ARG);
        CU_ASSERT_EQUAL(open_with(wraps[w].encode, 3, 10), ROVE_E_ARG); // mem
        CU_ASSERT_EQUAL(open_with(wraps[w].encode, 4, 1), ROVE_E_ARG);  // block
        CU_ASSERT_EQUAL(open_with(wraps[w].encode, 4, 32767), ROVE_E_ARG);
        CU_ASSERT_EQUAL(open_with(wraps[w].encode, 4, (UINT64_C(1) << 30) + 1), ROVE_E_ARG);
        rig_set(&r, wraps[w].encode, "block=32K rsyncable=yes");
        CU_ASSERT_EQUAL(rig_open(&r), ROVE_E_ARG);
        CU_ASSERT(strstr(r.why, "exclude each other") != NULL);
    }
    rig_set(&r, &rv_filter_gzip_encode, "name=abc");
    r.values[6].text = "a\0c";
    CU_ASSERT_EQUAL(rig_open(&r), ROVE_E_ARG);
    CU_ASSERT(strstr(r.why, "zero byte") != NULL);
}

// A byte more at the front: where the content ends blocks, all but the beginning is coded as before; else nearly nothing.
static void rsyncable_data_are_the_same_again_behind_a_difference(void)
{
    struct bytes plain = {NULL, 0, 0};
    uint64_t state = 1;

    bytes_add(&plain, "x", 1);
    while (plain.len < 300000) {
        char line[32];
        state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
        bytes_add(&plain, line, (size_t) sprintf(line, "%llx\n", (unsigned long long) (state >> 40)));
    }
    for (int sync = 0; sync < 2; sync++) {
        const char *options = sync ? "rsyncable=yes" : "";
        struct bytes a = encoded(&rv_filter_deflate_encode, options, plain.ptr, plain.len);
        struct bytes b = encoded(&rv_filter_deflate_encode, options, plain.ptr + 1, plain.len - 1);
        size_t same = 0;

        while (same < a.len && same < b.len && a.ptr[a.len - 1 - same] == b.ptr[b.len - 1 - same])
            same++;
        CU_ASSERT(sync ? same > a.len * 3 / 4 : same < a.len / 2);
        bytes_drop(&a);
        bytes_drop(&b);
    }
    bytes_drop(&plain);
}

static void long_name_and_comment(void)
{
    struct bytes out = {NULL, 0, 0}, coded;
    char options[600];

    snprintf(options, sizeof options, "hcrc=yes name=%0250d comment=%0250d", 1, 2);
    coded = encoded(&rv_filter_gzip_encode, options, "rope", 4);
    CU_ASSERT(coded.len > 500);
    CU_ASSERT_EQUAL(decoded(&rv_filter_gzip_decode, "", coded.ptr, coded.len, &out), ROVE_END);
    CU_ASSERT(bytes_equal(&out, "rope", 4));
    bytes_drop(&coded);
    bytes_drop(&out);
}

void add_zlib_tests(CU_pSuite suite)
{
    ADD(suite, zlib_reads_what_is_written);
    ADD(suite, what_zlib_writes_is_read);
    ADD(suite, the_level_is_hinted_at_as_by_zlib);
    ADD(suite, header_that_names_the_smallest_window);
    ADD(suite, header_that_names_too_large_a_window);
    ADD(suite, name_comment_time_and_header_sum_are_written);
    ADD(suite, all_header_fields_in_every_split);
    ADD(suite, longest_extra_field);
    ADD(suite, each_breach_of_the_format_has_its_status);
    ADD(suite, members_are_read_as_one_stream);
    ADD(suite, garbage_after_the_last_member);
    ADD(suite, the_beginning_of_a_member_is_no_garbage);
    ADD(suite, zlib_and_deflate_end_and_leave_the_rest);
    ADD(suite, end_is_seen_when_the_room_is_just_enough);
    ADD(suite, zlib_agrees_about_the_dictionary);
    ADD(suite, missing_or_other_dictionary);
    ADD(suite, impossible_options_are_refused);
    ADD(suite, rsyncable_data_are_the_same_again_behind_a_difference);
    ADD(suite, long_name_and_comment);
}
