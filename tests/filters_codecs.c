// SPDX-License-Identifier: MIT
// filters_codecs.c: what every codec must do, whichever it is.
#include "filters_harness.h"

#include "support/amount.h"

#define SMALL 300

static const size_t edge_sizes[] = {0,     1,     2,     3,      12,     13,     14,    15,
                                    16,    255,   256,   257,    4095,   4096,   4097,  65535,
                                    65536, 65537, 131072, 262143, 262144, 262145, 700001};

static const struct cut whole = {0};

static void each_spec(void (*test)(const struct spec *))
{
    for (const struct spec *s = specs; s->label != NULL; s++) {
        unsigned before = CU_get_number_of_failures();

        test(s);
        if (CU_get_number_of_failures() != before) {
            printf("\n    ^ with %s\n", s->label);
        }
    }
}

// cuts --------------------------------------------------------------------------------------------

// A codec that takes a millisecond to begin is tried at fewer places.
static size_t stride_of(const struct spec *s)
{
    bool is_slow = strncmp(s->label, "bzip2", 5) == 0 || strncmp(s->label, "xz", 2) == 0;

    return amount_of(1, 41) * (is_slow ? 40 : 1);
}

// Runs src through r in pieces and rooms of every size, or each stride-th, and in two of each cut anywhere; counts the
// results that differ from `want`.
static size_t differing(struct rig *r, const struct bytes *src, const struct bytes *want, size_t stride)
{
    struct bytes out = {NULL, 0, 0};
    size_t wrong = 0;

    for (size_t i = 1; i <= src->len; i++) {
        for (size_t o = 1 + i % stride; o <= want->len; o += stride) {
            struct cut pieces = {.in = i, .out = o};
            struct cut halves = {.first_in = i, .first_out = o};
            int32_t rc = rig_stream(r, src->ptr, src->len, &out, pieces);

            wrong += rc != ROVE_END || !bytes_equal(&out, want->ptr, want->len);
            rc = rig_stream(r, src->ptr, src->len, &out, halves);
            wrong += rc != ROVE_END || !bytes_equal(&out, want->ptr, want->len);
        }
    }
    bytes_drop(&out);
    return wrong;
}

static void cuts_of(const struct spec *s)
{
    struct bytes plain = make_content(TEXT, SMALL);
    struct bytes coded = encoded(s->encode, s->options, plain.ptr, plain.len);
    struct rig r;

    rig_make(&r, s->encode, s->options);
    CU_ASSERT_EQUAL(differing(&r, &plain, &coded, stride_of(s)), 0);
    rig_close(&r);
    rig_make(&r, s->decode, s->options);
    CU_ASSERT_EQUAL(differing(&r, &coded, &plain, stride_of(s)), 0);
    rig_close(&r);
    bytes_drop(&plain);
    bytes_drop(&coded);
}

static void every_cut_of_input_and_room(void)
{
    each_spec(cuts_of);
}

// round trips -------------------------------------------------------------------------------------

static void trips_of(const struct spec *s)
{
    struct bytes coded = {NULL, 0, 0}, back = {NULL, 0, 0};
    struct rig enc, dec;

    rig_make(&enc, s->encode, s->options);
    rig_make(&dec, s->decode, s->options);
    for (size_t i = 0; i < sizeof edge_sizes / sizeof *edge_sizes; i++) {
        for (enum content kind = ZEROS; kind <= MIXED; kind++) {
            if (is_spared(i + (size_t) kind))
                continue;
            struct bytes plain = make_content(kind, edge_sizes[i]);
            struct cut cuts[] = {whole, {.in = 50000, .out = 70000, .rng = seed_of_run + i}};

            for (size_t c = 0; c < 2; c++) {
                if (stride_of_run > 1 && plain.len > 100000 && c == (i + (size_t) kind) / 4 % 2)
                    continue; // the large ones in turns
                CU_ASSERT_EQUAL(rig_stream(&enc, plain.ptr, plain.len, &coded, cuts[c]), ROVE_END);
                CU_ASSERT(coded.len <= s->encode->bound(enc.state, plain.len));
                CU_ASSERT_EQUAL(rig_stream(&dec, coded.ptr, coded.len, &back, cuts[c]), ROVE_END);
                CU_ASSERT(bytes_equal(&back, plain.ptr, plain.len));
            }
            bytes_drop(&plain);
        }
    }
    rig_close(&enc);
    rig_close(&dec);
    bytes_drop(&coded);
    bytes_drop(&back);
}

static void round_trips_of_edge_sizes(void)
{
    each_spec(trips_of);
}

// The coded bytes follow from content and options alone.
static void same_of(const struct spec *s)
{
    struct bytes plain = make_content(MIXED, amount_of(600000, 310000)), one = {NULL, 0, 0}, two = {NULL, 0, 0};
    struct cut small = {.in = 9000, .out = 5000, .rng = seed_of_run};
    static const struct cut large[] = {{.in = 300000, .out = 262144}, {.out = 100000},
                                       {.in = 65536, .out = 70000}};
    struct rig r;

    rig_make(&r, s->encode, s->options);
    (void) rig_stream(&r, plain.ptr, plain.len, &one, whole);
    (void) rig_stream(&r, plain.ptr, plain.len, &two, small);
    CU_ASSERT(bytes_equal(&two, one.ptr, one.len));
    for (size_t i = 0; i < 3; i++) {
        (void) rig_stream(&r, plain.ptr, plain.len, &two, large[i]);
        CU_ASSERT(bytes_equal(&two, one.ptr, one.len));
    }
    rig_close(&r);
    bytes_drop(&plain);
    bytes_drop(&one);
    bytes_drop(&two);
}

static void coded_bytes_do_not_depend_on_cuts(void)
{
    each_spec(same_of);
}

static void bounds_are_absurd_for_absurd_lengths_of(const struct spec *s)
{
    struct rig r;

    rig_make(&r, s->encode, s->options);
    CU_ASSERT_EQUAL(s->encode->bound(r.state, UINT64_MAX), UINT64_MAX);
    rig_close(&r);
}

static void bound_saturates(void)
{
    each_spec(bounds_are_absurd_for_absurd_lengths_of);
}

// flush -------------------------------------------------------------------------------------------

// Writes plain in parts, flushing after each; what came out so far must decode to what went in.
static void flushed(const struct spec *s, const struct bytes *plain, size_t part, struct cut cut,
                    struct bytes *coded)
{
    struct bytes back = {NULL, 0, 0};
    struct rig enc, dec;
    size_t at = 0;

    rig_make(&enc, s->encode, s->options);
    rig_make(&dec, s->decode, s->options);
    while (at < plain->len) {
        size_t len = part < plain->len - at ? part : plain->len - at;
        size_t before = coded->len;

        CU_ASSERT_EQUAL(rig_drive(&enc, plain->ptr + at, len, coded, ROVE_FLUSH, cut, NULL),
                        ROVE_END);
        at += len;
        CU_ASSERT_EQUAL(rig_drive(&dec, coded->ptr + before, coded->len - before, &back, ROVE_FLUSH,
                                  cut, NULL),
                        ROVE_END);
        CU_ASSERT(bytes_equal(&back, plain->ptr, at));
        before = coded->len;
        CU_ASSERT_EQUAL(rig_drive(&enc, plain->ptr, 0, coded, ROVE_FLUSH, cut, NULL), ROVE_END);
        CU_ASSERT_EQUAL(coded->len, before); // nothing new, nothing written
    }
    CU_ASSERT_EQUAL(rig_drive(&enc, plain->ptr, 0, coded, ROVE_FINISH, cut, NULL), ROVE_END);
    rig_close(&enc);
    rig_close(&dec);
    CU_ASSERT_EQUAL(decoded(s->decode, s->options, coded->ptr, coded->len, &back), ROVE_END);
    CU_ASSERT(bytes_equal(&back, plain->ptr, plain->len));
    bytes_drop(&back);
}

static void flush_of(const struct spec *s)
{
    struct bytes plain = make_content(TEXT, SMALL), large = make_content(MIXED, 400000);
    struct bytes first = {NULL, 0, 0}, coded = {NULL, 0, 0};

    for (size_t part = 1; part <= 40; part += 3) {
        first.len = 0;
        flushed(s, &plain, part, whole, &first);
        for (size_t room = 1; room <= 12; room += amount_of(1, 3)) {
            coded.len = 0;
            flushed(s, &plain, part, (struct cut){.in = 7, .out = room}, &coded);
            CU_ASSERT(bytes_equal(&coded, first.ptr, first.len));
        }
    }
    coded.len = 0;
    flushed(s, &large, 90001, (struct cut){.in = 65536, .out = 30000}, &coded);
    bytes_drop(&plain);
    bytes_drop(&large);
    bytes_drop(&first);
    bytes_drop(&coded);
}

static void flush_makes_all_so_far_decodable(void)
{
    each_spec(flush_of);
}

// A flush before the first byte writes at most the header, and the stream stays valid.
// What follows the flush is no block of any format.
static void damaged_content(const struct spec *s, enum content kind)
{
    static const struct cut cuts[] = {{0}, {.out = 1000}, {.out = 100000}, {.in = 1000}, {.in = 777, .out = 50000}};
    struct bytes plain = make_content(kind, 150000), coded = {NULL, 0, 0}, out = {NULL, 0, 0};
    struct rig enc, dec;

    rig_make(&enc, s->encode, s->options);
    rig_make(&dec, s->decode, s->options);
    CU_ASSERT_EQUAL(rig_drive(&enc, plain.ptr, plain.len, &coded, ROVE_FLUSH, whole, NULL), ROVE_END);
    bytes_add(&coded, "\7\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 16);
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        CU_ASSERT(rig_stream(&dec, coded.ptr, coded.len, &out, cuts[i]) < 0);
        CU_ASSERT(bytes_equal(&out, plain.ptr, plain.len));
    }
    rig_close(&enc);
    rig_close(&dec);
    bytes_drop(&out);
    bytes_drop(&coded);
    bytes_drop(&plain);
}

static void damaged_of(const struct spec *s)
{
    if (s->decode->dir == ROVE_DECODE) { // to others nothing is damage
        damaged_content(s, TEXT);
        damaged_content(s, NOISE);
    }
}

static void what_was_made_before_damage_comes_out(void)
{
    each_spec(damaged_of);
}

static void early_flush_of(const struct spec *s)
{
    struct bytes coded = {NULL, 0, 0}, back = {NULL, 0, 0};
    struct rig r;

    rig_make(&r, s->encode, s->options);
    CU_ASSERT_EQUAL(rig_drive(&r, "", 0, &coded, ROVE_FLUSH, whole, NULL), ROVE_END);
    CU_ASSERT_EQUAL(rig_drive(&r, "rope", 4, &coded, ROVE_FINISH, whole, NULL), ROVE_END);
    rig_close(&r);
    CU_ASSERT_EQUAL(decoded(s->decode, s->options, coded.ptr, coded.len, &back), ROVE_END);
    CU_ASSERT(bytes_equal(&back, "rope", 4));
    bytes_drop(&coded);
    bytes_drop(&back);
}

static void flush_before_the_first_byte(void)
{
    each_spec(early_flush_of);
}

// Nothing comes out, so the decoder must reach the end without being given a byte of room.
static void roomless_of(const struct spec *s)
{
    struct bytes coded = encoded(s->encode, s->options, "", 0);
    struct rove_in in = {coded.ptr, coded.len};
    struct rove_out out = {NULL, 0};
    struct rig r;

    rig_make(&r, s->decode, s->options);
    CU_ASSERT_EQUAL(r.filter->run(r.state, &in, &out, ROVE_FINISH), ROVE_END);
    CU_ASSERT_EQUAL(in.len, 0);
    rig_close(&r);
    bytes_drop(&coded);
}

static void empty_streams_need_no_room(void)
{
    each_spec(roomless_of);
}

// reset -------------------------------------------------------------------------------------------

// One call that is left with something to write, then a reset: nothing of it may come out later.
static void poke(struct rig *r, const struct bytes *src, size_t room_len)
{
    struct rove_in in = {src->ptr, src->len};
    uint8_t room[64];
    struct rove_out out = {room, room_len};

    (void) r->filter->run(r->state, &in, &out, ROVE_FINISH);
    CU_ASSERT_EQUAL(rig_reset(r), ROVE_OK);
}

static void poked_of(const struct spec *s)
{
    struct bytes plain = make_content(TEXT, 1000), coded, out = {NULL, 0, 0};
    struct rig enc, dec;

    coded = encoded(s->encode, s->options, plain.ptr, plain.len);
    rig_make(&enc, s->encode, s->options);
    rig_make(&dec, s->decode, s->options);
    for (size_t room = 1; room <= 64; room++) {
        poke(&enc, &plain, room);
        CU_ASSERT_EQUAL(rig_stream(&enc, plain.ptr, plain.len, &out, whole), ROVE_END);
        CU_ASSERT(bytes_equal(&out, coded.ptr, coded.len));
        poke(&dec, &coded, room);
        CU_ASSERT_EQUAL(rig_stream(&dec, coded.ptr, coded.len, &out, whole), ROVE_END);
        CU_ASSERT(bytes_equal(&out, plain.ptr, plain.len));
    }
    rig_close(&enc);
    rig_close(&dec);
    bytes_drop(&plain);
    bytes_drop(&coded);
    bytes_drop(&out);
}

static void reset_forgets_what_waits_for_room(void)
{
    each_spec(poked_of);
}

static void reset_of(const struct spec *s)
{
    struct bytes other = make_content(MIXED, 300000), plain = make_content(TEXT, 100000);
    struct bytes want = encoded(s->encode, s->options, plain.ptr, plain.len);
    struct bytes out = {NULL, 0, 0};
    struct rig enc, dec;

    rig_make(&enc, s->encode, s->options);
    rig_make(&dec, s->decode, s->options);
    for (size_t stop = 0; stop < 300000; stop += amount_of(29989, 99991)) { // in the middle of anything
        size_t allocs;

        out.len = 0;
        (void) rig_drive(&enc, other.ptr, stop, &out, stop % 2 != 0 ? ROVE_RUN : ROVE_FLUSH,
                         (struct cut){.out = 1000}, NULL);
        allocs = enc.allocs;
        CU_ASSERT_EQUAL(rig_reset(&enc), ROVE_OK);
        CU_ASSERT_EQUAL(enc.allocs, allocs);
        (void) rig_stream(&enc, plain.ptr, plain.len, &out, whole);
        CU_ASSERT(bytes_equal(&out, want.ptr, want.len));

        out.len = 0;
        (void) rig_drive(&dec, want.ptr, want.len * stop / 300000, &out, ROVE_FINISH, whole, NULL);
        allocs = dec.allocs;
        CU_ASSERT_EQUAL(rig_reset(&dec), ROVE_OK);
        CU_ASSERT_EQUAL(dec.allocs, allocs);
        CU_ASSERT_EQUAL(rig_stream(&dec, want.ptr, want.len, &out, whole), ROVE_END);
        CU_ASSERT(bytes_equal(&out, plain.ptr, plain.len));
    }
    rig_close(&enc);
    rig_close(&dec);
    bytes_drop(&other);
    bytes_drop(&plain);
    bytes_drop(&want);
    bytes_drop(&out);
}

static void reset_in_the_middle_equals_a_fresh_state(void)
{
    each_spec(reset_of);
}

// The first four letters again and again, each time with others behind them: tables of what was seen that are empty, or
// full of what came before, must not show.
static struct bytes same_beginnings(size_t len)
{
    struct bytes plain = make_content(NOISE, len);

    for (size_t i = 0; i + 4 <= len; i += 16) {
        memcpy(plain.ptr + i, "rope", 4);
    }
    return plain;
}

static void used_of(const struct spec *s)
{
    static const size_t lens[] = {60, 300, 1400, 5000, 70000};
    struct bytes out = {NULL, 0, 0};
    struct rig used;

    rig_make(&used, s->encode, s->options);
    for (size_t i = 0; i < 2 * sizeof lens / sizeof *lens; i++) { // each length behind each other one
        struct bytes plain = same_beginnings(lens[i * 3 % 5]);
        struct bytes want = encoded(s->encode, s->options, plain.ptr, plain.len);

        CU_ASSERT_EQUAL(rig_stream(&used, plain.ptr, plain.len, &out, whole), ROVE_END);
        CU_ASSERT(bytes_equal(&out, want.ptr, want.len));
        bytes_drop(&want);
        bytes_drop(&plain);
    }
    rig_close(&used);
    bytes_drop(&out);
}

static void what_was_coded_before_does_not_show(void)
{
    each_spec(used_of);
}

// memory ------------------------------------------------------------------------------------------

// The whole life of a filter with the n-th allocation refused. Returns whether all went well.
static bool life(const struct rove_filter *filter, const struct spec *s, const struct bytes *src,
                 size_t fail_at, bool fail_on)
{
    struct cut cuts[2] = {{.in = 10000, .out = 3000}, {0}};
    struct bytes out = {NULL, 0, 0};
    struct rig r;
    int32_t rc;

    rig_set(&r, filter, s->options);
    r.fail_at = fail_at;
    r.fail_on = fail_on;
    rc = rig_open(&r);
    if (rc == ROVE_OK) {
        for (int i = 0; i < 2 && rc >= 0; i++) {
            rc = rig_stream(&r, src->ptr, src->len, &out, cuts[i]);
        }
        rig_close(&r);
    }
    CU_ASSERT(rc == ROVE_END || rc == ROVE_E_NOMEM);
    bytes_drop(&out);
    return rc == ROVE_END;
}

static size_t sites; // where an allocation has been refused

static void refusals_of(const struct spec *s)
{
    struct bytes plain = make_content(MIXED, 140000);
    struct bytes coded = encoded(s->encode, s->options, plain.ptr, plain.len);

    for (int fail_on = 0; fail_on < 2; fail_on++) {
        size_t n = 1, m = 1;

        while (n < 100 && !life(s->encode, s, &plain, n, fail_on != 0)) {
            n++;
        }
        while (m < 100 && !life(s->decode, s, &coded, m, fail_on != 0)) {
            m++;
        }
        CU_ASSERT(n < 100 && m < 100);
        sites += n - 1 + m - 1;
    }
    bytes_drop(&plain);
    bytes_drop(&coded);
}

static void every_refused_allocation_is_a_clean_failure(void)
{
    each_spec(refusals_of);
    printf("%zu sites ", sites);
}

// What a decoder takes does not depend on sizes that the data merely declares.
static void frugal_of(const struct spec *s)
{
    struct bytes plain = make_content(TEXT, 100);
    struct bytes coded = encoded(s->encode, s->options, plain.ptr, plain.len), out = {NULL, 0, 0};
    struct rig r;

    rig_make(&r, s->decode, s->options);
    CU_ASSERT_EQUAL(rig_stream(&r, coded.ptr, coded.len, &out, (struct cut){.in = 1, .out = 1}),
                    ROVE_END);
    CU_ASSERT(r.peak_bytes <= 256 * 1024);
    rig_close(&r);
    bytes_drop(&plain);
    bytes_drop(&coded);
    bytes_drop(&out);
}

static void small_streams_take_little_memory(void)
{
    each_spec(frugal_of);
}

// random ------------------------------------------------------------------------------------------

static void draws_of(const struct spec *s)
{
    uint64_t rng = seed_of_run;
    struct bytes coded = {NULL, 0, 0}, back = {NULL, 0, 0};
    struct rig enc, dec;

    rig_make(&enc, s->encode, s->options);
    rig_make(&dec, s->decode, s->options);
    for (int i = 0; i < 60; i++) {
        size_t most = (size_t) 1 << (4 + draw_below(&rng, 15));
        enum content kind = (enum content) draw_below(&rng, 4);
        struct bytes plain = make_content(kind, draw_below(&rng, most));
        size_t at = 0;

        coded.len = 0;
        (void) rig_reset(&enc);
        while (at < plain.len) { // RUN and FLUSH by turns, cut anyhow
            size_t len = 1 + draw_below(&rng, plain.len - at);
            struct cut cut = {.in = 1 + draw_below(&rng, 100000),
                              .out = 1 + draw_below(&rng, 100000),
                              .rng = draw(&rng) | 1};
            uint32_t act = draw_below(&rng, 3) == 0 ? ROVE_FLUSH : ROVE_RUN;

            CU_ASSERT_EQUAL(rig_drive(&enc, plain.ptr + at, len, &coded, act, cut, NULL), ROVE_END);
            at += len;
        }
        CU_ASSERT_EQUAL(rig_drive(&enc, plain.ptr, 0, &coded, ROVE_FINISH, whole, NULL), ROVE_END);
        CU_ASSERT_EQUAL(rig_stream(&dec, coded.ptr, coded.len, &back,
                                   (struct cut){.in = 1 + draw_below(&rng, 100000),
                                                .out = 1 + draw_below(&rng, 300000), .rng = rng}),
                        ROVE_END);
        CU_ASSERT(bytes_equal(&back, plain.ptr, plain.len));
        bytes_drop(&plain);
    }
    rig_close(&enc);
    rig_close(&dec);
    bytes_drop(&coded);
    bytes_drop(&back);
}

static void random_contents_cuts_and_flushes(void)
{
    each_spec(draws_of);
}

// tables ------------------------------------------------------------------------------------------

static bool well_formed(const struct rove_filter *f)
{
    bool tap = f->dir == ROVE_TAP;

    for (const struct rove_option *o = f->options; o != NULL && o->key != NULL; o++) {
        bool bare = o->kind == ROVE_OPT_TEXT || o->kind == ROVE_OPT_HEX;

        if (o->about == NULL || o->dirs == 0 || (o->fallback == NULL) != bare || o->min > o->max) {
            return false;
        }
    }
    return f->size == sizeof *f && f->abi == ROVE_FILTER_ABI && f->about != NULL && f->run != NULL
           && f->state_len > 0 && f->state_len < 1024 && f->reset != NULL
           && (f->dir & ~(ROVE_ENCODE | ROVE_DECODE | ROVE_TAP)) == 0
           && (tap || (f->dir & ROVE_ENCODE) == 0 || f->bound != NULL);
}

static void tables_are_well_formed(void)
{
    size_t cnt = 0;

    for (const struct rove_filter *const *f = rv_builtin_filters; *f != NULL; f++) {
        CU_ASSERT(well_formed(*f));
        CU_ASSERT(strlen((*f)->name) <= 31);
        CU_ASSERT_EQUAL(strspn((*f)->name, "abcdefghijklmnopqrstuvwxyz_0123456789"),
                        strlen((*f)->name));
        cnt++;
    }
    CU_ASSERT_EQUAL(cnt, 18);
}

// What follows the end begins like one more part, and is zeros then: nothing of that depends on where it is cut.
static void followed_by(const struct spec *s, const struct bytes *coded, const char *policy)
{
    struct bytes out = {NULL, 0, 0};
    char options[256], why[sizeof ((struct rig *) NULL)->why];
    int32_t want;
    struct rig r;

    snprintf(options, sizeof options, "%s trailing=%s", s->options, policy);
    rig_make(&r, s->decode, options);
    want = rig_stream(&r, coded->ptr, coded->len, &out, whole);
    snprintf(why, sizeof why, "%s", r.why);
    for (size_t i = 1; i < coded->len; i++) {
        CU_ASSERT_EQUAL(rig_stream(&r, coded->ptr, coded->len, &out, (struct cut){.first_in = i}), want);
        CU_ASSERT_STRING_EQUAL(r.why, why);
        CU_ASSERT(bytes_equal(&out, "rope", 4));
    }
    rig_close(&r);
    bytes_drop(&out);
}

static void followed_of(const struct spec *s)
{
    const struct rove_option *o = s->decode->options;

    while (o != NULL && o->key != NULL && strcmp(o->key, "trailing") != 0) {
        o++;
    }
    for (size_t len = 1; o != NULL && o->key != NULL && len <= 5; len++) {
        struct bytes coded = encoded(s->encode, s->options, "rope", 4);
        struct bytes again = encoded(s->encode, s->options, "rope", 4);

        bytes_add(&coded, again.ptr, len);
        bytes_add(&coded, "\0\0", 2);
        for (size_t i = 0; o->words[i] != NULL; i++) {
            followed_by(s, &coded, o->words[i]);
        }
        bytes_drop(&coded);
        bytes_drop(&again);
    }
}

static void what_follows_does_not_depend_on_cuts(void)
{
    each_spec(followed_of);
}

static void detection_of(const struct spec *s)
{
    struct bytes coded = encoded(s->encode, s->options, "rope", 4);
    uint32_t most = s->decode->detect == NULL ? 0 : s->decode->detect(coded.ptr, (uint32_t) coded.len);

    for (const struct rove_filter *const *f = rv_builtin_filters; *f != NULL; f++) {
        bool own = (*f)->dir == ROVE_DECODE && strcmp((*f)->name, s->decode->name) == 0;

        if ((*f)->detect != NULL) {
            uint32_t bits = (*f)->detect(coded.ptr, (uint32_t) coded.len);

            CU_ASSERT(own ? bits >= 10 : bits == 0 || (strcmp((*f)->name, "gzip") == 0 && bits < most));
            CU_ASSERT_EQUAL((*f)->detect(coded.ptr, 0), 0);
            CU_ASSERT_EQUAL((*f)->detect(coded.ptr, 1), 0);
        }
    }
    bytes_drop(&coded);
}

// BGZF is gzip, too, but it is surer to be BGZF.
static void each_format_is_detected_by_its_own_decoder_only(void)
{
    each_spec(detection_of);
}

void add_codec_tests(CU_pSuite suite)
{
    ADD(suite, tables_are_well_formed);
    ADD(suite, each_format_is_detected_by_its_own_decoder_only);
    ADD(suite, every_cut_of_input_and_room);
    ADD(suite, round_trips_of_edge_sizes);
    ADD(suite, coded_bytes_do_not_depend_on_cuts);
    ADD(suite, bound_saturates);
    ADD(suite, flush_makes_all_so_far_decodable);
    ADD(suite, what_was_made_before_damage_comes_out);
    ADD(suite, flush_before_the_first_byte);
    ADD(suite, what_follows_does_not_depend_on_cuts);
    ADD(suite, empty_streams_need_no_room);
    ADD(suite, reset_in_the_middle_equals_a_fresh_state);
    ADD(suite, reset_forgets_what_waits_for_room);
    ADD(suite, what_was_coded_before_does_not_show);
    ADD(suite, every_refused_allocation_is_a_clean_failure);
    ADD(suite, small_streams_take_little_memory);
    ADD(suite, random_contents_cuts_and_flushes);
}
