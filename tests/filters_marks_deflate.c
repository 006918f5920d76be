// SPDX-License-Identifier: MIT
// filters_marks_deflate.c: restarts inside of deflate data: at any bit, before any kind of block, with any window.
#include "filters_marks.h"

#define ZLIB_CONST
#include <zlib.h>

static const struct cut whole = {0};

static const struct {
    const char *label;
    const struct rove_filter *decode;
    size_t head_len, tail_len;
} wraps[] = {
    {"gzip", &rv_filter_gzip_decode, 10, 8},
    {"zlib", &rv_filter_zlib_decode, 2, 4},
    {"deflate", &rv_filter_deflate_decode, 0, 0},
};

#define WRAPS (sizeof wraps / sizeof *wraps)

// data of all kinds of blocks ----------------------------------------------------------------------

// Goes on coding, in blocks of a kind and with an end that are drawn.
static void press(z_stream *z, const uint8_t *src, size_t len, bool last, uint64_t *rng)
{
    static const int levels[] = {0, 1, 6, 9}, strategies[] = {Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY};
    static const int ends[] = {Z_NO_FLUSH, Z_BLOCK, Z_BLOCK, Z_PARTIAL_FLUSH, Z_SYNC_FLUSH, Z_FULL_FLUSH};
    int level = levels[draw_below(rng, 4)], strategy = strategies[draw_below(rng, 3)];

    CU_ASSERT_EQUAL(deflateParams(z, level, strategy), Z_OK);
    z->next_in = src;
    z->avail_in = (uInt) len;
    CU_ASSERT(deflate(z, last ? Z_FINISH : ends[draw_below(rng, 6)]) >= 0);
    CU_ASSERT_EQUAL(z->avail_in, 0);
}

// Adds a stream in the wrapping w. piece: the most plain bytes between two changes of mind.
static void add_stream(struct bytes *to, size_t w, const struct bytes *plain, size_t piece, uint64_t *rng)
{
    size_t cap = 2 * plain->len + 100000;
    uint8_t *out = malloc(cap), tail[8];
    uint32_t crc = (uint32_t) crc32_z(0, plain->ptr, plain->len);
    uint32_t adler = (uint32_t) adler32_z(1, plain->ptr, plain->len);
    z_stream z;

    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    memset(&z, 0, sizeof z);
    CU_ASSERT_EQUAL_FATAL(deflateInit2(&z, 6, Z_DEFLATED, -15, 8, 0), Z_OK);
    z.next_out = out;
    z.avail_out = (uInt) cap;
    for (size_t at = 0, len; at < plain->len; at += len) {
        len = 1 + draw_below(rng, piece);
        len = len < plain->len - at ? len : plain->len - at;
        press(&z, plain->ptr + at, len, false, rng);
    }
    press(&z, NULL, 0, true, rng);
    bytes_add(to, w == 0 ? "\x1f\x8b\x08\0\0\0\0\0\0\xff" : "\x78\x9c", wraps[w].head_len);
    bytes_add(to, out, cap - z.avail_out);
    for (unsigned i = 0; i < 4; i++) {
        tail[i] = (uint8_t) (w == 0 ? crc >> 8 * i : adler >> (24 - 8 * i));
        tail[4 + i] = (uint8_t) (plain->len >> 8 * i);
    }
    bytes_add(to, tail, wraps[w].tail_len);
    (void) deflateEnd(&z);
    free(out);
}

// The kind of the block that begins at a place: 0 stored, 1 fixed, 2 dynamic.
static unsigned kind_at(const struct bytes *coded, const struct place *place)
{
    const uint8_t *p = coded->ptr + place->coded;
    unsigned bits = place->bits > 0 ? (unsigned) p[-1] >> (8 - place->bits) : 0;

    bits |= (unsigned) p[0] << place->bits;
    return bits >> 1 & 3;
}

// What the places that were tried had.
static struct {
    size_t bits[8], kinds[4], empty, short_window, full;
} seen;

static void see(const struct bytes *coded, const struct place *place)
{
    if (place->flags != 0) {
        return;
    }
    seen.bits[place->bits]++;
    seen.kinds[kind_at(coded, place)]++;
    seen.empty += place->state_len == 0;
    seen.short_window += place->state_len > 0 && place->state_len < 32768;
    seen.full += place->state_len == 32768;
}

// Marks are made by the decoder of wrapping w, and begun at by reader.
static void begin_everywhere(size_t w, const struct rove_filter *reader, size_t len, size_t piece, uint64_t *rng)
{
    struct bytes plain = make_content(MIXED, len), coded = {NULL, 0, 0}, out = {NULL, 0, 0};
    struct places places = {NULL, 0, 0};
    struct rig r;

    rig_make(&r, wraps[w].decode, "");
    add_stream(&coded, w, &plain, piece, rng);
    CU_ASSERT_EQUAL(places_mark(&r, &coded, piece / 2 + 1, rng, &places, &out), ROVE_END);
    CU_ASSERT(bytes_equal(&out, plain.ptr, plain.len));
    rig_close(&r);
    rig_make(&r, reader, "");
    for (size_t i = 0; i < places.len; i++) {
        struct place *from = &places.ptr[i], *to = &places.ptr[i + draw_below(rng, places.len - i)];
        struct cut cut = {.in = 1 + draw_below(rng, 500), .out = 1 + draw_below(rng, 5000), .rng = draw(rng) | 1};
        size_t state_len = from->plain < 32768 ? from->plain : 32768;

        see(&coded, from);
        CU_ASSERT(from->state_len == (from->flags != 0 ? 0 : state_len));
        CU_ASSERT(from->flags != 0 || memcmp(from->state, plain.ptr + from->plain - from->state_len, from->state_len) == 0);
        CU_ASSERT_EQUAL(place_resume(&r, from, &coded, coded.len, i % 2 == 0 ? whole : cut, &out), ROVE_END);
        CU_ASSERT(bytes_equal(&out, plain.ptr + from->plain, plain.len - from->plain));
        if (to->coded > from->coded) {
            CU_ASSERT_EQUAL(place_resume(&r, from, &coded, to->coded, i % 2 == 0 ? cut : whole, &out), ROVE_END);
            CU_ASSERT(bytes_equal(&out, plain.ptr + from->plain, to->plain - from->plain));
        }
    }
    rig_close(&r);
    places_drop(&places);
    bytes_drop(&plain);
    bytes_drop(&coded);
    bytes_drop(&out);
}

static void it_begins_at_any_bit_before_any_block_with_any_window(void)
{
    uint64_t rng = seed_of_run;

    memset(&seen, 0, sizeof seen);
    for (size_t w = 0; w < WRAPS; w++) {
        begin_everywhere(w, wraps[w].decode, 0, 1, &rng);
        begin_everywhere(w, wraps[w].decode, 2000, 40, &rng);
        begin_everywhere(w, wraps[w].decode, 40000, 2000, &rng);
        begin_everywhere(w, wraps[w].decode, 300000, 30000, &rng);
    }
    for (size_t i = 0; i < 8; i++) {
        CU_ASSERT(seen.bits[i] > 0);
    }
    CU_ASSERT(seen.kinds[0] > 0 && seen.kinds[1] > 0 && seen.kinds[2] > 0 && seen.kinds[3] == 0);
    CU_ASSERT(seen.short_window > 0 && seen.full > 0);
}

// All places but the first, as zlib tells them.
static struct places borders_of(size_t w, const struct bytes *coded, size_t plain_len)
{
    struct places borders = {calloc(coded->len, sizeof(struct place)), 0, coded->len};
    size_t cap = plain_len + 1;
    uint8_t *out = malloc(cap);
    z_stream z;
    int rc;

    CU_ASSERT_FATAL(borders.ptr != NULL && out != NULL);
    memset(&z, 0, sizeof z);
    CU_ASSERT_EQUAL_FATAL(inflateInit2(&z, -15), Z_OK);
    z.next_in = coded->ptr + wraps[w].head_len;
    z.avail_in = (uInt) (coded->len - wraps[w].head_len);
    z.next_out = out;
    z.avail_out = (uInt) cap;
    while ((rc = inflate(&z, Z_BLOCK)) == Z_OK) {
        if ((z.data_type & 128) != 0 && (z.data_type & 64) == 0) {
            borders.ptr[borders.len++] = (struct place){.coded = wraps[w].head_len + z.total_in, .plain = z.total_out,
                                                        .bits = (uint32_t) z.data_type & 7};
        }
    }
    CU_ASSERT_EQUAL(rc, Z_STREAM_END);
    (void) inflateEnd(&z);
    free(out);
    return borders;
}

static bool has(const struct places *borders, const struct place *place)
{
    for (size_t i = 0; i < borders->len; i++) {
        const struct place *b = &borders->ptr[i];

        if (b->coded == place->coded && b->plain == place->plain && b->bits == place->bits) {
            return true;
        }
    }
    return place->flags == ROVE_MARK_FRESH;
}

// where input may end -------------------------------------------------------------------------------

// From a place on the input may end at the borders, and nowhere else; however it is cut.
static void ends_at_places_only(const struct bytes *coded, const struct bytes *plain, const struct places *places,
                                const struct place *from, struct rig *r)
{
    uint64_t rng = seed_of_run + from->coded;
    size_t next = 0, head_len = from->flags != 0 ? 10 : 0; // behind the header it may end or not
    struct bytes out = {NULL, 0, 0};

    for (size_t end = from->coded + head_len + 1; end < coded->len; end++) {
        struct cut cut = {.in = 1 + draw_below(&rng, 20), .out = 1 + draw_below(&rng, 50)};
        int32_t rc = place_resume(r, from, coded, end, end % 2 == 0 ? whole : cut, &out);
        bool is_place;

        while (next < places->len && places->ptr[next].coded < end) {
            next++;
        }
        is_place = next < places->len && places->ptr[next].coded == end;
        CU_ASSERT_EQUAL(rc, is_place ? ROVE_END : ROVE_E_TRUNCATED);
        CU_ASSERT(!is_place || out.len == places->ptr[next].plain - from->plain);
        CU_ASSERT(out.len == 0 || memcmp(out.ptr, plain->ptr + from->plain, out.len) == 0);
    }
    bytes_drop(&out);
}

static void ends_where_it_may(size_t w, const struct rove_filter *reader, uint64_t *rng)
{
    struct bytes plain = make_content(TEXT, 1500), coded = {NULL, 0, 0}, out = {NULL, 0, 0};
    struct places places = {NULL, 0, 0}, borders;
    struct rig r;

    rig_make(&r, wraps[w].decode, "");
    add_stream(&coded, w, &plain, 200, rng);
    borders = borders_of(w, &coded, plain.len);
    CU_ASSERT_EQUAL(places_mark(&r, &coded, 0, rng, &places, &out), ROVE_END);
    CU_ASSERT(places.len > 3 && places.len <= borders.len + 2); // the first, and gzip's end
    for (size_t i = 0; i < places.len; i++) {
        CU_ASSERT(has(&borders, &places.ptr[i]));
    }
    rig_close(&r);
    rig_make(&r, reader, "");
    ends_at_places_only(&coded, &plain, &borders, &places.ptr[draw_below(rng, places.len - 1)], &r);
    rig_close(&r);
    free(borders.ptr);
    places_drop(&places);
    bytes_drop(&out);
    bytes_drop(&plain);
    bytes_drop(&coded);
}

static void input_ends_at_places_and_nowhere_else(void)
{
    uint64_t rng = seed_of_run;

    for (size_t i = 0; i < 4 * WRAPS; i++) {
        ends_where_it_may(i / 4, wraps[i / 4].decode, &rng);
    }
}

void begin_at_marks_of_gzip(const struct rove_filter *reader)
{
    uint64_t rng = seed_of_run;

    for (size_t i = 0; i < 4; i++) {
        begin_everywhere(0, reader, 2000, 40, &rng);
        begin_everywhere(0, reader, 40000, 2000, &rng);
        begin_everywhere(0, reader, 300000, 30000, &rng);
        ends_where_it_may(0, reader, &rng);
    }
}

// The last symbol may be in the byte that ended the room: then nothing moves when it is found.
static void an_end_without_input_or_room_is_told(void)
{
    const struct place start = {.flags = ROVE_MARK_FRESH};
    struct bytes out = {NULL, 0, 0};
    struct rig r;

    rig_make(&r, &rv_filter_deflate_decode, "");
    for (size_t len = 1; len < 200; len++) {
        struct bytes plain = make_content(TEXT, len);
        struct bytes coded = encoded(&rv_filter_deflate_encode, "strategy=fixed", plain.ptr, len);

        CU_ASSERT_EQUAL(place_resume(&r, &start, &coded, coded.len, (struct cut){.first_out = len}, &out), ROVE_END);
        CU_ASSERT(bytes_equal(&out, plain.ptr, len));
        bytes_drop(&plain);
        bytes_drop(&coded);
    }
    rig_close(&r);
    bytes_drop(&out);
}

// members -----------------------------------------------------------------------------------------

static void add_members(struct bytes *coded, struct bytes *plain, size_t cnt, size_t ends[], uint64_t *rng)
{
    for (size_t i = 0; i < cnt; i++) {
        struct bytes own = make_content(TEXT, 5000 + i);

        add_stream(coded, 0, &own, 700, rng);
        bytes_add(plain, own.ptr, own.len);
        ends[i] = coded->len;
        bytes_drop(&own);
    }
}

// The first place within the member that begins at coded byte `at`.
static const struct place *within(const struct places *places, size_t at)
{
    size_t i = 0;

    while (i < places->len && places->ptr[i].coded <= at) {
        i++;
    }
    CU_ASSERT_FATAL(i < places->len && places->ptr[i].flags == 0);
    return &places->ptr[i];
}

// A sum over what was not read cannot be checked; those of all members that begin later are.
void check_sums_from_the_next_member_on(const struct rove_filter *reader)
{
    struct bytes plain = {NULL, 0, 0}, coded = {NULL, 0, 0}, out = {NULL, 0, 0};
    struct places places = {NULL, 0, 0};
    const struct place *place;
    uint64_t rng = seed_of_run;
    size_t ends[3];
    struct rig r;

    rig_make(&r, &rv_filter_gzip_decode, "");
    add_members(&coded, &plain, 3, ends, &rng);
    CU_ASSERT_EQUAL(places_mark(&r, &coded, 0, &rng, &places, &out), ROVE_END);
    place = within(&places, ends[0]);
    rig_close(&r);
    rig_make(&r, reader, "");
    for (size_t tail = ends[1] - 8; tail < ends[1]; tail++) {
        coded.ptr[tail] ^= 1;
        CU_ASSERT_EQUAL(place_resume(&r, place, &coded, coded.len, whole, &out), ROVE_END);
        CU_ASSERT(bytes_equal(&out, plain.ptr + place->plain, plain.len - place->plain));
        CU_ASSERT_EQUAL(place_resume(&r, within(&places, 0), &coded, coded.len, whole, &out), ROVE_E_CHECKSUM);
        coded.ptr[tail] ^= 1;
    }
    for (size_t tail = ends[2] - 8; tail < ends[2]; tail++) {
        coded.ptr[tail] ^= 1;
        CU_ASSERT_EQUAL(place_resume(&r, place, &coded, coded.len, whole, &out), ROVE_E_CHECKSUM);
        coded.ptr[tail] ^= 1;
    }
    CU_ASSERT_EQUAL(place_resume(&r, place, &coded, ends[1] - 1, whole, &out), ROVE_E_TRUNCATED);
    bytes_add(&coded, "xyz", 3);
    CU_ASSERT_EQUAL(place_resume(&r, place, &coded, coded.len, whole, &out), ROVE_E_TRAILING);
    rig_close(&r);
    places_drop(&places);
    bytes_drop(&plain);
    bytes_drop(&coded);
    bytes_drop(&out);
}

static void sums_are_checked_from_the_next_member_on(void)
{
    check_sums_from_the_next_member_on(&rv_filter_gzip_decode);
}

static void an_adler_over_more_is_passed_over(void)
{
    struct bytes plain = make_content(TEXT, 5000), coded = {NULL, 0, 0}, out = {NULL, 0, 0};
    struct places places = {NULL, 0, 0};
    uint64_t rng = seed_of_run;
    struct rig r;

    rig_make(&r, &rv_filter_zlib_decode, "");
    add_stream(&coded, 1, &plain, 700, &rng);
    CU_ASSERT_EQUAL(places_mark(&r, &coded, 0, &rng, &places, &out), ROVE_END);
    coded.ptr[coded.len - 1] ^= 1;
    CU_ASSERT_EQUAL(place_resume(&r, within(&places, 0), &coded, coded.len, whole, &out), ROVE_END);
    CU_ASSERT_EQUAL(place_resume(&r, &places.ptr[0], &coded, coded.len, whole, &out), ROVE_E_CHECKSUM);
    CU_ASSERT_EQUAL(place_resume(&r, within(&places, 0), &coded, coded.len - 1, whole, &out), ROVE_E_TRUNCATED);
    rig_close(&r);
    places_drop(&places);
    bytes_drop(&plain);
    bytes_drop(&coded);
    bytes_drop(&out);
}

// Bytes that a match wants and the window has not: damage, and not whatever lay in memory.
static void a_window_that_is_too_short_is_noticed(void)
{
    struct bytes plain = make_content(TEXT, 200000), out = {NULL, 0, 0};
    struct bytes coded = encoded(&rv_filter_deflate_encode, "block=32K", plain.ptr, plain.len);
    struct places places = {NULL, 0, 0};
    uint64_t rng = seed_of_run;
    struct rig r;

    rig_make(&r, &rv_filter_deflate_decode, "");
    CU_ASSERT_EQUAL(places_mark(&r, &coded, 0, &rng, &places, &out), ROVE_END);
    CU_ASSERT_FATAL(places.len > 1);
    for (size_t i = 1; i < places.len; i++) {
        struct place lie = places.ptr[i];

        lie.state_len = 0;
        CU_ASSERT_EQUAL(place_resume(&r, &lie, &coded, coded.len, whole, &out), ROVE_E_DATA);
    }
    rig_close(&r);
    places_drop(&places);
    bytes_drop(&plain);
    bytes_drop(&coded);
    bytes_drop(&out);
}

// The preset dictionary is part of the window while it is near enough.
static void a_preset_dictionary_is_in_the_window(void)
{
    const char *options = "dict=737472616e6420647261776e206f757420 block=32K";
    struct bytes plain = make_content(TEXT, 90000), out = {NULL, 0, 0};
    uint64_t rng = seed_of_run;

    for (size_t w = 1; w < WRAPS; w++) {
        const struct rove_filter *encode = w == 1 ? &rv_filter_zlib_encode : &rv_filter_deflate_encode;
        struct places places = {NULL, 0, 0};
        struct bytes coded = {NULL, 0, 0};
        struct rig r;

        rig_make(&r, encode, options);
        CU_ASSERT_EQUAL(rig_drive(&r, plain.ptr, 100, &coded, ROVE_FLUSH, whole, NULL), ROVE_END);
        CU_ASSERT_EQUAL(rig_drive(&r, plain.ptr + 100, plain.len - 100, &coded, ROVE_FINISH, whole, NULL), ROVE_END);
        rig_close(&r);
        rig_make(&r, wraps[w].decode, options);
        CU_ASSERT_EQUAL(places_mark(&r, &coded, 0, &rng, &places, &out), ROVE_END);
        CU_ASSERT_FATAL(places.len > 3);
        CU_ASSERT_EQUAL(within(&places, 0)->state_len, 100 + 17);
        for (size_t i = 0; i < places.len; i++) {
            CU_ASSERT_EQUAL(place_resume(&r, &places.ptr[i], &coded, coded.len, whole, &out), ROVE_END);
            CU_ASSERT(bytes_equal(&out, plain.ptr + places.ptr[i].plain, plain.len - places.ptr[i].plain));
        }
        rig_close(&r);
        places_drop(&places);
        bytes_drop(&coded);
    }
    bytes_drop(&plain);
    bytes_drop(&out);
}

// hops --------------------------------------------------------------------------------------------

static void gzip_hops_over_members_that_tell_their_length(void)
{
    struct bytes plain = make_content(MIXED, 200000), bgzf, gzip;
    struct places one = {NULL, 0, 0}, two = {NULL, 0, 0};
    uint64_t rng = seed_of_run, len[2], end;
    struct rig r;

    bgzf = encoded(&rv_filter_bgzf_encode, "", plain.ptr, plain.len);
    gzip = encoded(&rv_filter_gzip_encode, "", plain.ptr, 1000);
    rig_make(&r, &rv_filter_bgzf_decode, "");
    CU_ASSERT_EQUAL(places_hop(&r, &bgzf, &rng, &one, len), ROVE_END);
    rig_close(&r);
    rig_make(&r, &rv_filter_gzip_decode, "trailing=zeros");
    CU_ASSERT_EQUAL(places_hop(&r, &bgzf, &rng, &two, len), ROVE_END);
    CU_ASSERT(one.len == two.len && places_begin(&one, &two) && len[0] == bgzf.len && len[1] == plain.len);
    end = bgzf.len;
    CU_ASSERT_EQUAL(places_hop(&r, &gzip, &rng, &two, len), ROVE_E_UNSUPPORTED);
    bytes_add(&bgzf, gzip.ptr, gzip.len);
    CU_ASSERT_EQUAL(places_hop(&r, &bgzf, &rng, &two, len), ROVE_E_UNSUPPORTED);
    CU_ASSERT_EQUAL(len[0], end);
    bgzf.len = end;
    bytes_add(&bgzf, "\0\0\0", 3);
    CU_ASSERT_EQUAL(places_hop(&r, &bgzf, &rng, &two, len), ROVE_END);
    CU_ASSERT_EQUAL(len[0], bgzf.len);
    bytes_add(&bgzf, "x", 1);
    CU_ASSERT_EQUAL(places_hop(&r, &bgzf, &rng, &two, len), ROVE_END);
    CU_ASSERT_EQUAL(len[0], bgzf.len - 1);
    bgzf.len = end - 28; // no end marker is wanted
    CU_ASSERT_EQUAL(places_hop(&r, &bgzf, &rng, &two, len), ROVE_END);
    bytes_add(&bgzf, "\0\0\0", 3); // but where none is, the last length may be none
    CU_ASSERT_EQUAL(places_hop(&r, &bgzf, &rng, &two, len), ROVE_E_UNSUPPORTED);
    bgzf.len = 0;
    CU_ASSERT_EQUAL(places_hop(&r, &bgzf, &rng, &two, len), ROVE_E_TRUNCATED);
    bytes_add(&bgzf, "xyz", 3);
    CU_ASSERT_EQUAL(places_hop(&r, &bgzf, &rng, &two, len), ROVE_E_FORMAT);
    rig_close(&r);
    places_drop(&one);
    places_drop(&two);
    bytes_drop(&plain);
    bytes_drop(&bgzf);
    bytes_drop(&gzip);
}

// To others the two letters of bgzf's field may mean something else.
static void gzip_is_not_hopped_over_by_lengths_that_are_none(void)
{
    static const uint8_t field[] = {6, 0, 'B', 'C', 2, 0};
    struct bytes plain = make_content(MIXED, 30000);
    struct bytes gzip = encoded(&rv_filter_gzip_encode, "", plain.ptr, plain.len);
    uint64_t rng = seed_of_run, len[2];

    for (uint64_t i = 0; i < 400; i++) {
        uint64_t told = i < 40 ? 1 + i : i < 100 ? gzip.len + i - 60 : 1 + draw_below(&rng, 65536);
        uint8_t bsize[2] = {(uint8_t) (told - 1), (uint8_t) ((told - 1) >> 8)};
        struct bytes coded = {NULL, 0, 0};
        struct places places = {NULL, 0, 0};
        struct rig r;

        bytes_add(&coded, gzip.ptr, 10);
        coded.ptr[3] = 4; // an extra field follows
        bytes_add(&coded, field, sizeof field);
        bytes_add(&coded, bsize, 2);
        bytes_add(&coded, gzip.ptr + 10, gzip.len - 10);
        rig_make(&r, &rv_filter_gzip_decode, "");
        CU_ASSERT_EQUAL(places_hop(&r, &coded, &rng, &places, len), told == coded.len ? ROVE_END : ROVE_E_UNSUPPORTED);
        rig_close(&r);
        places_drop(&places);
        bytes_drop(&coded);
    }
    bytes_drop(&plain);
    bytes_drop(&gzip);
}

void add_deflate_mark_tests(CU_pSuite suite)
{
    ADD(suite, it_begins_at_any_bit_before_any_block_with_any_window);
    ADD(suite, input_ends_at_places_and_nowhere_else);
    ADD(suite, an_end_without_input_or_room_is_told);
    ADD(suite, sums_are_checked_from_the_next_member_on);
    ADD(suite, an_adler_over_more_is_passed_over);
    ADD(suite, a_window_that_is_too_short_is_noticed);
    ADD(suite, a_preset_dictionary_is_in_the_window);
    ADD(suite, gzip_hops_over_members_that_tell_their_length);
    ADD(suite, gzip_is_not_hopped_over_by_lengths_that_are_none);
}
