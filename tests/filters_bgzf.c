// SPDX-License-Identifier: MIT
// filters_bgzf.c: BGZF, whoever writes and reads it: the frame, byte by byte, and what may be wrong with it.
#include "filters_marks.h"

#define ZLIB_CONST
#include <zlib.h>

#define BLOCK ((size_t) 65280)
#define MARKER_LEN ((size_t) 28)

static const struct cut whole = {0};

static const uint8_t marker[MARKER_LEN] = {0x1f, 0x8b, 8, 4, 0,  0, 0, 0, 0, 255, 6, 0, 'B', 'C',
                                           2,    0,    27, 0, 3, 0, 0, 0, 0, 0,   0, 0, 0,   0};

static void each_bgzf(void (*test)(const struct spec *))
{
    size_t cnt = 0;

    for (const struct spec *s = specs; s->label != NULL; s++) {
        unsigned before = CU_get_number_of_failures();

        if (strstr(s->label, "bgzf") == NULL) {
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

// members of our own ------------------------------------------------------------------------------

static void put16(uint8_t *p, size_t v)
{
    p[0] = (uint8_t) v;
    p[1] = (uint8_t) (v >> 8);
}

static void put32(uint8_t *p, size_t v)
{
    put16(p, v);
    put16(p + 2, v >> 16);
}

// What differs from a sound member: added to what its fields say.
struct lie {
    int bsize, crc, isize;
    unsigned more_extra; // bytes of other extra fields behind ours
    unsigned garbage;    // bytes between the deflate data and the trailer
};

static void add_member(struct bytes *to, const void *src, size_t len, struct lie lie)
{
    size_t cap = 2 * len + 1000, head = 18 + lie.more_extra, body;
    uint8_t *out = calloc(1, head + cap), *tail;
    z_stream z;

    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    memset(&z, 0, sizeof z);
    CU_ASSERT_EQUAL_FATAL(deflateInit2(&z, 6, Z_DEFLATED, -15, 8, 0), Z_OK);
    z.next_in = src;
    z.avail_in = (uInt) len;
    z.next_out = out + head;
    z.avail_out = (uInt) cap - 100;
    CU_ASSERT_EQUAL(deflate(&z, Z_FINISH), Z_STREAM_END);
    body = z.total_out + lie.garbage;
    (void) deflateEnd(&z);
    memcpy(out, marker, 18);
    put16(out + 10, 6 + lie.more_extra);
    put16(out + 16, head + body + 8 - 1 + (size_t) (ptrdiff_t) lie.bsize);
    tail = out + head + body;
    put32(tail, crc32_z(0, src, len) + (size_t) (ptrdiff_t) lie.crc);
    put32(tail + 4, len + (size_t) (ptrdiff_t) lie.isize);
    bytes_add(to, out, head + body + 8);
    free(out);
}

static void add_marker(struct bytes *to)
{
    bytes_add(to, marker, MARKER_LEN);
}

// However it is cut, it ends so, and gives the first `len` bytes of `plain`.
static void reads(const struct spec *s, const struct bytes *coded, int32_t want, const struct bytes *plain, size_t len,
                  const char *why)
{
    struct cut cuts[] = {{0}, {.in = 1000, .out = 300, .rng = seed_of_run}, {.in = 17, .out = 70000}, {.first_in = 19}};
    struct bytes out = {NULL, 0, 0};
    struct rig r;

    rig_make(&r, s->decode, s->options);
    for (size_t i = 0; i < 4; i++) {
        int32_t rc = rig_stream(&r, coded->ptr, coded->len, &out, cuts[i]);

        CU_ASSERT_EQUAL(rc, want);
        CU_ASSERT(bytes_equal(&out, plain->ptr, len));
        CU_ASSERT(strstr(r.why, why) != NULL);
        if (rc != want || strstr(r.why, why) == NULL) {
            printf("\n    %d: %s, not %d: %s ", rc, r.why, want, why);
        }
    }
    rig_close(&r);
    bytes_drop(&out);
}

// written -----------------------------------------------------------------------------------------

// Walks from member to member by what they say. Returns how many there are, the marker at the end included.
static size_t members_of(const struct bytes *coded)
{
    size_t at = 0, cnt = 0;

    while (at < coded->len) {
        const uint8_t *p = coded->ptr + at;

        CU_ASSERT_FATAL(coded->len - at >= MARKER_LEN && memcmp(p, marker, 16) == 0);
        at += (size_t) (p[16] | p[17] << 8) + 1;
        cnt++;
    }
    CU_ASSERT_EQUAL(at, coded->len);
    CU_ASSERT(memcmp(coded->ptr + coded->len - MARKER_LEN, marker, MARKER_LEN) == 0);
    return cnt;
}

static void writes_members(const struct spec *s)
{
    static const size_t lens[] = {0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 3 * BLOCK + 5};
    static const size_t cnts[] = {1, 2, 2, 2, 3, 4, 5};

    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        for (enum content kind = ZEROS; kind <= MIXED; kind++) { // noise is stored, and fits
            struct bytes plain = make_content(kind, lens[i]), out = {NULL, 0, 0};
            struct bytes coded = encoded(s->encode, s->options, plain.ptr, plain.len);

            CU_ASSERT_EQUAL(members_of(&coded), cnts[i]);
            CU_ASSERT_EQUAL(decoded(&rv_filter_gzip_decode, "", coded.ptr, coded.len, &out), ROVE_END);
            CU_ASSERT(bytes_equal(&out, plain.ptr, plain.len));
            bytes_drop(&plain);
            bytes_drop(&coded);
            bytes_drop(&out);
        }
    }
}

static void members_as_htslib_cuts_them(void)
{
    static const struct spec stored = {"stored", &rv_filter_bgzf_encode, &rv_filter_bgzf_decode, "level=0"};

    each_bgzf(writes_members);
    writes_members(&stored);
}

static void flushes(const struct spec *s)
{
    struct bytes plain = make_content(TEXT, 2 * BLOCK), coded = {NULL, 0, 0};
    struct rig r;

    rig_make(&r, s->encode, s->options);
    CU_ASSERT_EQUAL(rig_drive(&r, plain.ptr, 0, &coded, ROVE_FLUSH, whole, NULL), ROVE_END);
    CU_ASSERT_EQUAL(coded.len, 0);
    CU_ASSERT_EQUAL(rig_drive(&r, plain.ptr, 100, &coded, ROVE_FLUSH, whole, NULL), ROVE_END);
    CU_ASSERT_EQUAL(rig_drive(&r, plain.ptr + 100, BLOCK, &coded, ROVE_FLUSH, whole, NULL), ROVE_END);
    CU_ASSERT_EQUAL(rig_drive(&r, plain.ptr + 100 + BLOCK, BLOCK - 100, &coded, ROVE_FINISH, whole, NULL), ROVE_END);
    CU_ASSERT_EQUAL(members_of(&coded), 4);
    rig_close(&r);
    reads(s, &coded, ROVE_END, &plain, plain.len, "");
    bytes_drop(&plain);
    bytes_drop(&coded);
}

static void a_flush_ends_a_member_early(void)
{
    each_bgzf(flushes);
}

// read --------------------------------------------------------------------------------------------

// The second of two members, and what follows it, is wrong.
static void breach(const struct spec *s, struct lie lie, bool marked, int32_t want, const char *why)
{
    struct bytes plain = make_content(TEXT, 3000), coded = {NULL, 0, 0};

    add_member(&coded, plain.ptr, 1000, (struct lie){0});
    add_member(&coded, plain.ptr + 1000, 2000, lie);
    if (marked) {
        add_marker(&coded);
    }
    reads(s, &coded, want, &plain, want == ROVE_END || want == ROVE_E_TRUNCATED ? 3000 : 1000, why);
    bytes_drop(&plain);
    bytes_drop(&coded);
}

static void breaches(const struct spec *s)
{
    breach(s, (struct lie){0}, true, ROVE_END, "");
    breach(s, (struct lie){.more_extra = 1}, true, ROVE_END, "");
    breach(s, (struct lie){.more_extra = 300}, true, ROVE_END, "");
    breach(s, (struct lie){.bsize = 1}, true, ROVE_E_DATA, "member 2 ");
    breach(s, (struct lie){.bsize = -1}, true, ROVE_E_DATA, "member 2 ");
    breach(s, (struct lie){.garbage = 3}, true, ROVE_E_DATA, "end before the member does");
    breach(s, (struct lie){.crc = 1}, true, ROVE_E_CHECKSUM, "the CRC-32 of member 2 differs");
    breach(s, (struct lie){.isize = 1}, true, ROVE_E_CHECKSUM, "the length of member 2 differs");
    breach(s, (struct lie){.isize = -1}, true, ROVE_E_CHECKSUM, "the length of member 2 differs");
    breach(s, (struct lie){.isize = -2000}, true, ROVE_E_CHECKSUM, "the length of member 2 differs");
    breach(s, (struct lie){.isize = 65537 - 2000}, true, ROVE_E_DATA, "declares 65537 bytes");
    breach(s, (struct lie){.isize = -2001}, true, ROVE_E_DATA, "declares 4294967295 bytes");
    breach(s, (struct lie){0}, false, ROVE_E_TRUNCATED, "no end marker");
}

// The first bytes that are no member's: at the beginning, and behind an end marker.
static void begins_otherwise(const struct spec *s)
{
    static const struct {
        const char *bytes, *first;
        int32_t behind;
        const char *why;
    } cases[] = {
        {"x", "do not begin with 1f 8b", ROVE_E_TRAILING, "trailing garbage"},
        {"\x1fx", "do not begin with 1f 8b", ROVE_E_TRAILING, "trailing garbage"},
        {"\x1f\x8b\7" "xxxxxxxxxxxxxxx", "does not tell its length", ROVE_E_UNSUPPORTED, "method 7 is unknown"},
        {"\x1f\x8b\x08\x24" "xxxxxxxxxxxxxx", "does not tell its length", ROVE_E_UNSUPPORTED, "reserved"},
    };
    struct bytes none = {NULL, 0, 0};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes coded = {NULL, 0, 0};

        bytes_add(&coded, cases[i].bytes, strlen(cases[i].bytes));
        reads(s, &coded, ROVE_E_FORMAT, &none, 0, cases[i].first);
        coded.len = 0;
        add_marker(&coded);
        bytes_add(&coded, cases[i].bytes, strlen(cases[i].bytes));
        reads(s, &coded, cases[i].behind, &none, 0, cases[i].why);
        bytes_drop(&coded);
    }
}

static void what_begins_no_member_is_told_apart(void)
{
    each_bgzf(begins_otherwise);
}

static void each_breach_of_bgzf_has_its_status(void)
{
    each_bgzf(breaches);
}

static void lies_about_lengths(const struct spec *s)
{
    struct bytes plain = make_content(TEXT, 3000), coded = {NULL, 0, 0};
    size_t first;

    add_member(&coded, plain.ptr, 3000, (struct lie){0});
    first = coded.len;
    add_marker(&coded);
    for (size_t len = 0; len < 65536; len += len < 50 || len + 50 > 65535 ? 1 : 997) {
        if (len + 1 == first) {
            continue;
        }
        put16(coded.ptr + 16, len);
        for (size_t cut = 0; cut < 2; cut++) {
            struct bytes out = {NULL, 0, 0};
            struct rig r;
            int32_t rc;

            rig_make(&r, s->decode, s->options);
            rc = rig_stream(&r, coded.ptr, coded.len, &out, cut == 0 ? whole : (struct cut){.in = 100, .out = 100});
            CU_ASSERT(len < 27 ? rc == ROVE_E_DATA && strstr(r.why, "BSIZE of member 1 is too small") != NULL
                      : len < coded.len ? rc == ROVE_E_DATA || rc == ROVE_E_CHECKSUM
                                        : rc == ROVE_E_TRUNCATED);
            CU_ASSERT_EQUAL(out.len, 0);
            rig_close(&r);
            bytes_drop(&out);
        }
    }
    bytes_drop(&plain);
    bytes_drop(&coded);
}

static void a_length_that_lies_gives_nothing(void)
{
    each_bgzf(lies_about_lengths);
}

// One byte more than a member may hold, declared or not.
static void holds_too_much(const struct spec *s)
{
    struct bytes plain = make_content(ZEROS, 65537), coded = {NULL, 0, 0};

    add_member(&coded, plain.ptr, 65537, (struct lie){0});
    add_marker(&coded);
    reads(s, &coded, ROVE_E_DATA, &plain, 0, "declares 65537 bytes, and 65536 are the most");
    coded.len = 0;
    add_member(&coded, plain.ptr, 65537, (struct lie){.isize = -1});
    add_marker(&coded);
    reads(s, &coded, ROVE_E_CHECKSUM, &plain, 0, "the length of member 1 differs");
    coded.len = 0;
    add_member(&coded, plain.ptr, 65536, (struct lie){0}); // htslib writes less, others may not
    add_marker(&coded);
    reads(s, &coded, ROVE_END, &plain, 65536, "");
    bytes_drop(&plain);
    bytes_drop(&coded);
}

static void a_member_holds_64_kib_at_most(void)
{
    each_bgzf(holds_too_much);
}

static void cuts_off(const struct spec *s)
{
    struct bytes plain = make_content(MIXED, 2 * BLOCK + 100), want = plain;
    struct bytes coded = encoded(s->encode, s->options, plain.ptr, plain.len);
    size_t ends[4] = {0}, cnt = 0;

    for (size_t at = 0; at < coded.len; cnt++) {
        at += (size_t) (coded.ptr[at + 16] | coded.ptr[at + 17] << 8) + 1;
        ends[cnt] = at;
    }
    CU_ASSERT_EQUAL_FATAL(cnt, 4);
    for (size_t i = 0; i < 4; i++) {
        size_t given = i < 2 ? i * BLOCK : i == 2 ? 2 * BLOCK : plain.len;
        size_t whole_len = i < 2 ? (i + 1) * BLOCK : plain.len;

        coded.len = ends[i] - 1;
        reads(s, &coded, ROVE_E_TRUNCATED, &want, given, "a bgzf member ends too early");
        coded.len = ends[i];
        reads(s, &coded, i < 3 ? ROVE_E_TRUNCATED : ROVE_END, &want, whole_len, i < 3 ? "no end marker" : "");
    }
    bytes_drop(&plain);
    bytes_drop(&coded);
}

static void what_is_cut_off_is_told_and_the_rest_given(void)
{
    each_bgzf(cuts_off);
}

static void joins(const struct spec *s)
{
    struct bytes plain = make_content(TEXT, 3000), coded = {NULL, 0, 0};
    struct bytes gzip = encoded(&rv_filter_gzip_encode, "name=x", plain.ptr + 2000, 500);
    struct bytes bare = encoded(&rv_filter_gzip_encode, "", plain.ptr + 2500, 500);
    size_t first;

    add_marker(&coded);
    add_member(&coded, plain.ptr, 1000, (struct lie){0});
    add_marker(&coded);
    add_marker(&coded);
    add_member(&coded, plain.ptr, 0, (struct lie){.more_extra = 4}); // empty, but no marker
    add_member(&coded, plain.ptr + 1000, 1000, (struct lie){0});
    first = coded.len;
    add_marker(&coded);
    reads(s, &coded, ROVE_END, &plain, 2000, "");
    bytes_add(&coded, gzip.ptr, gzip.len); // other programs append
    bytes_add(&coded, bare.ptr, bare.len);
    reads(s, &coded, ROVE_END, &plain, 3000, "");
    add_marker(&coded);
    reads(s, &coded, ROVE_END, &plain, 3000, "");
    bytes_add(&coded, "x", 1);
    reads(s, &coded, ROVE_E_TRAILING, &plain, 3000, "trailing garbage");
    coded.len = first; // where there was no marker it is damage
    bytes_add(&coded, gzip.ptr, gzip.len);
    reads(s, &coded, ROVE_E_DATA, &plain, 2000, "neither member 7 nor an end marker");
    reads(s, &gzip, ROVE_E_FORMAT, &plain, 0, "does not tell its length");
    reads(s, &bare, ROVE_E_FORMAT, &plain, 0, "does not tell its length");
    coded.len = first;
    add_marker(&coded);
    bytes_add(&coded, "\0\0", 2);
    reads(s, &coded, ROVE_E_TRAILING, &plain, 2000, "2 zero bytes follow the last member");
    bytes_drop(&plain);
    bytes_drop(&coded);
    bytes_drop(&gzip);
    bytes_drop(&bare);
}

static void markers_anywhere_and_members_of_others_behind_them(void)
{
    each_bgzf(joins);
}

// A million members that hold nothing are no work to speak of, and take no depth.
static void empties(const struct spec *s)
{
    size_t cnt = stride_of_run > 1 ? 50000 : 1000000;
    uint8_t *coded = malloc(cnt * MARKER_LEN), room[1];
    struct rove_in in = {coded, cnt * MARKER_LEN};
    struct rove_out out = {room, 1};
    struct rig r;

    CU_ASSERT_PTR_NOT_NULL_FATAL(coded);
    for (size_t i = 0; i < cnt; i++) {
        memcpy(coded + i * MARKER_LEN, marker, MARKER_LEN);
    }
    rig_make(&r, s->decode, s->options);
    CU_ASSERT_EQUAL(r.filter->run(r.state, &in, &out, ROVE_FINISH), ROVE_END);
    CU_ASSERT(in.len == 0 && out.len == 1);
    CU_ASSERT(r.peak_bytes < 64 * 1024);
    rig_close(&r);
    free(coded);
}

static void a_million_empty_members(void)
{
    each_bgzf(empties);
}

static void recognises(const struct spec *s)
{
    uint8_t head[MARKER_LEN];

    if (s->decode->detect(marker, 16) <= 27) { // a plugin's may know it as gzip only
        return;
    }
    CU_ASSERT_EQUAL(s->decode->detect(marker, 15), 0);
    for (size_t bit = 0; bit < 8 * 16; bit++) {
        bool free_byte = (bit >= 8 * 4 && bit < 8 * 10) || (bit >= 8 * 10 && bit < 8 * 12);

        memcpy(head, marker, MARKER_LEN);
        head[bit / 8] ^= (uint8_t) (1u << bit % 8);
        if (head[10] >= 6 || head[11] > 0) {
            CU_ASSERT_EQUAL(s->decode->detect(head, MARKER_LEN) != 0, free_byte);
        } else {
            CU_ASSERT_EQUAL(s->decode->detect(head, MARKER_LEN), 0);
        }
    }
}

static void it_is_recognised_by_its_field(void)
{
    each_bgzf(recognises);
}

// Hopping ends so, having passed so many coded and plain bytes.
static void hops(struct rig *r, const struct bytes *coded, int32_t want, size_t len, size_t plain_len)
{
    struct places places = {NULL, 0, 0};
    uint64_t rng = seed_of_run, passed[2];
    int32_t rc = places_hop(r, coded, &rng, &places, passed);

    CU_ASSERT_EQUAL(rc, want);
    CU_ASSERT(passed[0] == len && passed[1] == plain_len);
    places_drop(&places);
}

static void hops_over(const struct spec *s)
{
    struct bytes plain = make_content(TEXT, 2000), coded = {NULL, 0, 0};
    struct bytes gzip = encoded(&rv_filter_gzip_encode, "name=x", plain.ptr, 500);
    size_t end;
    struct rig r;

    rig_make(&r, s->decode, s->options);
    hops(&r, &coded, ROVE_E_TRUNCATED, 0, 0);
    hops(&r, &gzip, ROVE_E_FORMAT, 0, 0);
    add_member(&coded, plain.ptr, 2000, (struct lie){.more_extra = 4});
    end = coded.len;
    hops(&r, &coded, ROVE_E_TRUNCATED, end, 2000); // no end marker
    bytes_add(&coded, gzip.ptr, gzip.len);
    hops(&r, &coded, ROVE_E_DATA, end, 2000);
    coded.len = end;
    add_member(&coded, plain.ptr, 2000, (struct lie){.isize = 65536 - 2000});
    hops(&r, &coded, ROVE_E_TRUNCATED, coded.len, 2000 + 65536); // a lie that only decoding finds
    coded.len = end;
    add_member(&coded, plain.ptr, 2000, (struct lie){.isize = 65537 - 2000});
    hops(&r, &coded, ROVE_E_DATA, coded.len - 8, 2000);
    coded.len = end;
    add_member(&coded, plain.ptr, 0, (struct lie){.bsize = -1});
    hops(&r, &coded, ROVE_E_DATA, end, 2000);
    coded.len = end;
    add_marker(&coded);
    end = coded.len;
    hops(&r, &coded, ROVE_END, end, 2000);
    bytes_add(&coded, "\0\0\0", 3);
    hops(&r, &coded, ROVE_END, end, 2000);
    coded.len = end;
    bytes_add(&coded, gzip.ptr, gzip.len);
    hops(&r, &coded, ROVE_E_UNSUPPORTED, end, 2000);
    rig_close(&r);
    bytes_drop(&plain);
    bytes_drop(&coded);
    bytes_drop(&gzip);
}

static void hops_say_what_follows(void)
{
    each_bgzf(hops_over);
}

static void hops_over_trailing(const struct spec *s)
{
    static const struct {
        const char *policy, *behind;
        size_t len, passed;
    } cases[] = {
        {"refuse", "\0\0\0\0", 4, 0}, {"zeros", "\0\0\0\0", 4, 4}, {"zeros", "x\0", 2, 0},
        {"zeros", "\0\0x\0", 4, 2},    {"ignore", "x\0\037\213", 4, 4}, {"ignore", "\037x", 2, 2},
    };
    char options[64];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes coded = {NULL, 0, 0};
        struct rig r;

        snprintf(options, sizeof options, "%s trailing=%s", s->options, cases[i].policy);
        rig_make(&r, s->decode, options);
        add_marker(&coded);
        bytes_add(&coded, cases[i].behind, cases[i].len);
        hops(&r, &coded, ROVE_END, MARKER_LEN + cases[i].passed, 0);
        rig_close(&r);
        bytes_drop(&coded);
    }
}

static void hops_over_what_trailing_lets_pass(void)
{
    each_bgzf(hops_over_trailing);
}

// Behind the end marker any member of gzip may stand: a state that begins there reads it.
static void begins_behind_marker(const struct spec *s)
{
    struct bytes plain = make_content(TEXT, 2000), coded = {NULL, 0, 0}, out = {NULL, 0, 0};
    struct bytes gzip = encoded(&rv_filter_gzip_encode, "name=x", plain.ptr + 1000, 1000);
    struct places places = {NULL, 0, 0};
    uint64_t rng = seed_of_run;
    struct rig r;

    rig_make(&r, s->decode, s->options);
    add_member(&coded, plain.ptr, 1000, (struct lie){0});
    add_marker(&coded);
    bytes_add(&coded, gzip.ptr, gzip.len);
    CU_ASSERT_EQUAL(places_mark(&r, &coded, 0, &rng, &places, &out), ROVE_END);
    CU_ASSERT_FATAL(places.len == 3 && places.ptr[2].plain == 1000);
    CU_ASSERT_EQUAL(place_resume(&r, &places.ptr[2], &coded, coded.len, whole, &out), ROVE_END);
    CU_ASSERT(bytes_equal(&out, plain.ptr + 1000, 1000));
    bytes_add(&coded, "x", 1);
    CU_ASSERT_EQUAL(place_resume(&r, &places.ptr[2], &coded, coded.len, whole, &out), ROVE_E_TRAILING);
    rig_close(&r);
    places_drop(&places);
    bytes_drop(&plain);
    bytes_drop(&coded);
    bytes_drop(&gzip);
    bytes_drop(&out);
}

static void what_stands_behind_the_marker_is_begun_at(void)
{
    each_bgzf(begins_behind_marker);
}

void add_bgzf_tests(CU_pSuite suite)
{
    ADD(suite, members_as_htslib_cuts_them);
    ADD(suite, a_flush_ends_a_member_early);
    ADD(suite, each_breach_of_bgzf_has_its_status);
    ADD(suite, what_begins_no_member_is_told_apart);
    ADD(suite, a_length_that_lies_gives_nothing);
    ADD(suite, a_member_holds_64_kib_at_most);
    ADD(suite, what_is_cut_off_is_told_and_the_rest_given);
    ADD(suite, markers_anywhere_and_members_of_others_behind_them);
    ADD(suite, a_million_empty_members);
    ADD(suite, it_is_recognised_by_its_field);
    ADD(suite, hops_say_what_follows);
    ADD(suite, hops_over_what_trailing_lets_pass);
    ADD(suite, what_stands_behind_the_marker_is_begun_at);
}
