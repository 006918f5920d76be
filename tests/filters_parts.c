// SPDX-License-Identifier: MIT
// filters_parts.c: deflate data in parts (the option `block`) beside zlib, which codes each part by itself.
#include "filters_harness.h"

#define ZLIB_CONST
#include <zlib.h>

#define KIB ((size_t) 1024)
#define DICT "dict=737472616e6420647261776e206f757420"
#define DICT_TEXT "strand drawn out "

static const struct cut whole = {0};

// What a text asks of deflate, once in words and once in zlib's numbers.
struct setting {
    const char *options;
    int level, strategy, window, mem;
};

static const struct setting settings[] = {
    {"level=1", 1, Z_DEFAULT_STRATEGY, 15, 8},
    {"level=6", 6, Z_DEFAULT_STRATEGY, 15, 8},
    {"level=9 mem=9", 9, Z_DEFAULT_STRATEGY, 15, 9},
    {"level=4 strategy=filtered window=9", 4, Z_FILTERED, 9, 8},
    {"level=5 strategy=huffman window=14", 5, Z_HUFFMAN_ONLY, 15, 8},
    {"level=3 strategy=rle mem=1", 3, Z_RLE, 15, 1},
    {"level=2 strategy=fixed window=12", 2, Z_FIXED, 12, 8},
};

#define SETTINGS (sizeof settings / sizeof *settings)

static void set_up(z_stream *z, const struct setting *s)
{
    memset(z, 0, sizeof *z);
    CU_ASSERT_EQUAL_FATAL(deflateInit2(z, s->level, Z_DEFLATED, -s->window, s->mem, s->strategy), Z_OK);
}

// One part, given all of the 32 KiB before it, in one call.
static void add_part(struct bytes *to, const struct setting *s, struct rove_in past, struct rove_in own, bool last)
{
    size_t cap = own.len + own.len / 4 + 4096;
    uint8_t *out = malloc(cap);
    z_stream z;

    set_up(&z, s);
    if (past.len > 0) {
        CU_ASSERT_EQUAL(deflateSetDictionary(&z, past.ptr, (uInt) past.len), Z_OK);
    }
    z.next_in = own.ptr;
    z.avail_in = (uInt) own.len;
    z.next_out = out;
    z.avail_out = (uInt) cap;
    CU_ASSERT_EQUAL(deflate(&z, last ? Z_FINISH : Z_SYNC_FLUSH), last ? Z_STREAM_END : Z_OK);
    CU_ASSERT_EQUAL(z.avail_in, 0);
    bytes_add(to, out, cap - z.avail_out);
    (void) deflateEnd(&z);
    free(out);
}

// Parts of `block` bytes, counted from the last flush; `flushed` bytes are flushed, 0: none.
static struct bytes reference(const struct setting *s, const struct bytes *plain, size_t block, size_t flushed)
{
    struct bytes coded = {NULL, 0, 0};
    size_t at = 0;

    do {
        size_t end = at < flushed ? flushed : plain->len;
        size_t len = end - at < block ? end - at : block;
        size_t back = at < 32 * KIB ? at : 32 * KIB;
        struct rove_in past = {plain->ptr + at - back, back};

        add_part(&coded, s, past, (struct rove_in){plain->ptr + at, len},
                 at + len == plain->len && (flushed == 0 || at + len != flushed));
        at += len;
    } while (at < plain->len);
    if (at == flushed && at > 0) { // the flush was the last: what is final is empty
        size_t back = at < 32 * KIB ? at : 32 * KIB;

        add_part(&coded, s, (struct rove_in){plain->ptr + at - back, back}, (struct rove_in){plain->ptr, 0}, true);
    }
    return coded;
}

static void options_of(char *options, size_t cap, const char *others, size_t block)
{
    snprintf(options, cap, "%s block=%zu", others, block);
}

static void beside_zlib(const struct setting *s, size_t block, size_t len)
{
    struct bytes plain = make_content(MIXED, len), want = reference(s, &plain, block, 0), out = {NULL, 0, 0};
    struct cut cut = {.in = 100000, .out = 70000, .rng = seed_of_run + len};
    char options[128];
    struct rig r;

    options_of(options, sizeof options, s->options, block);
    rig_make(&r, &rv_filter_deflate_encode, options);
    CU_ASSERT_EQUAL(rig_stream(&r, plain.ptr, plain.len, &out, whole), ROVE_END);
    CU_ASSERT(bytes_equal(&out, want.ptr, want.len));
    CU_ASSERT_EQUAL(rig_stream(&r, plain.ptr, plain.len, &out, cut), ROVE_END);
    CU_ASSERT(bytes_equal(&out, want.ptr, want.len));
    rig_close(&r);
    bytes_drop(&plain);
    bytes_drop(&want);
    bytes_drop(&out);
}

// Nothing but the part and the 32 KiB before it has a say.
static void each_part_is_coded_from_a_fresh_state(void)
{
    static const size_t blocks[] = {32 * KIB, 50001, 128 * KIB};

    for (size_t i = 0; i < SETTINGS; i++) {
        for (size_t b = 0; b < 3; b++) {
            size_t block = blocks[b];
            size_t lens[] = {0, 1, block - 1, block, block + 1, 3 * block, 3 * block + 777};

            for (size_t k = 0; k < 7; k++) {
                if (!is_spared(i + b + k)) {
                    beside_zlib(&settings[i], block, lens[k]);
                }
            }
        }
    }
}

static const struct {
    const struct rove_filter *encode, *decode;
} wraps[] = {
    {&rv_filter_gzip_encode, &rv_filter_gzip_decode},
    {&rv_filter_zlib_encode, &rv_filter_zlib_decode},
    {&rv_filter_deflate_encode, &rv_filter_deflate_decode},
};

static void same_by_any_cuts(size_t w, unsigned level, size_t block, size_t len)
{
    struct bytes plain = make_content(len % 2 == 0 ? MIXED : TEXT, len), one = {NULL, 0, 0}, two = {NULL, 0, 0};
    uint64_t rng = seed_of_run + len + level;
    char options[64];
    struct rig r;

    snprintf(options, sizeof options, "level=%u block=%zu", level, block);
    rig_make(&r, wraps[w].encode, options);
    CU_ASSERT_EQUAL(rig_stream(&r, plain.ptr, plain.len, &one, whole), ROVE_END);
    CU_ASSERT(one.len <= r.filter->bound(r.state, plain.len));
    for (unsigned i = 0; i < 3; i++) {
        struct cut cut = {.in = (size_t) 10 << draw_below(&rng, 15), .out = (size_t) 10 << draw_below(&rng, 15),
                          .rng = draw(&rng) | 1};

        CU_ASSERT_EQUAL(rig_stream(&r, plain.ptr, plain.len, &two, cut), ROVE_END);
        CU_ASSERT(bytes_equal(&two, one.ptr, one.len));
    }
    rig_close(&r);
    CU_ASSERT_EQUAL(decoded(wraps[w].decode, "", one.ptr, one.len, &two), ROVE_END);
    CU_ASSERT(bytes_equal(&two, plain.ptr, plain.len));
    bytes_drop(&plain);
    bytes_drop(&one);
    bytes_drop(&two);
}

static void parts_do_not_depend_on_cuts(void)
{
    static const unsigned levels[] = {0, 1, 6, 9};
    static const size_t blocks[] = {32 * KIB, 100000};

    for (size_t w = 0; w < 3; w++) {
        for (size_t l = 0; l < 4; l++) {
            for (size_t b = 0; b < 2; b++) {
                size_t block = blocks[b];
                size_t lens[] = {0, 1, block - 1, block, block + 1, 3 * block};

                for (size_t k = 0; k < 6; k++) {
                    if (!is_spared(w + l + b + k)) {
                        same_by_any_cuts(w, levels[l], block, lens[k]);
                    }
                }
            }
        }
    }
}

// Whether a block can be stored must not depend on where zlib's window stands.
static void noise_without_matches_does_not_depend_on_cuts(void)
{
    static const char *const options[] = {"strategy=huffman mem=9", "strategy=huffman window=14",
                                          "strategy=huffman window=9 mem=4", "strategy=huffman window=9 mem=9",
                                          "strategy=rle mem=9", "mem=9", "window=9 mem=9"};
    struct bytes plain = make_content(NOISE, 150000), one = {NULL, 0, 0}, two = {NULL, 0, 0};
    struct rig r;

    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        rig_make(&r, &rv_filter_deflate_encode, options[i]);
        CU_ASSERT_EQUAL(rig_stream(&r, plain.ptr, plain.len, &one, whole), ROVE_END);
        for (size_t in = 1; in <= 1000; in += 333) {
            CU_ASSERT_EQUAL(rig_stream(&r, plain.ptr, plain.len, &two, (struct cut){.in = in}), ROVE_END);
            CU_ASSERT(bytes_equal(&two, one.ptr, one.len));
        }
        rig_close(&r);
    }
    bytes_drop(&plain);
    bytes_drop(&one);
    bytes_drop(&two);
}

// The next part begins at the flush, and is as long as any.
static void a_flush_ends_a_part_early(void)
{
    static const size_t flushed[] = {1, 300, 32505, 32506, 32507, 32767, 32768, 32769, 100000, 131072};
    struct bytes plain = make_content(MIXED, 131072), coded = {NULL, 0, 0};
    struct cut cut = {.in = 5000, .out = 700, .rng = seed_of_run};
    char options[64];

    for (size_t i = 0; i < sizeof flushed / sizeof *flushed; i++) {
        const struct setting *s = &settings[i % SETTINGS];
        size_t at = flushed[i];
        struct bytes want = reference(s, &plain, 32 * KIB, at);
        struct rig r;

        options_of(options, sizeof options, s->options, 32 * KIB);
        rig_make(&r, &rv_filter_deflate_encode, options);
        coded.len = 0;
        CU_ASSERT_EQUAL(rig_drive(&r, plain.ptr, at, &coded, ROVE_FLUSH, cut, NULL), ROVE_END);
        CU_ASSERT_EQUAL(rig_drive(&r, plain.ptr, 0, &coded, ROVE_FLUSH, cut, NULL), ROVE_END);
        CU_ASSERT_EQUAL(rig_drive(&r, plain.ptr + at, plain.len - at, &coded, ROVE_FINISH, cut, NULL), ROVE_END);
        CU_ASSERT(bytes_equal(&coded, want.ptr, want.len));
        rig_close(&r);
        bytes_drop(&want);
    }
    bytes_drop(&plain);
    bytes_drop(&coded);
}

// It stands before the first part only, however short that is: it is none of the plain bytes.
static void a_dictionary_is_the_past_of_the_first_part(void)
{
    struct bytes plain = make_content(TEXT, 40 * KIB), coded = {NULL, 0, 0}, want = {NULL, 0, 0};
    const struct setting *s = &settings[1];
    struct rove_in dict = {(const uint8_t *) DICT_TEXT, sizeof DICT_TEXT - 1};
    struct rig r;

    add_part(&want, s, dict, (struct rove_in){plain.ptr, 20}, false);
    add_part(&want, s, (struct rove_in){plain.ptr, 20}, (struct rove_in){plain.ptr + 20, 32 * KIB}, false);
    add_part(&want, s, (struct rove_in){plain.ptr + 20, 32 * KIB},
             (struct rove_in){plain.ptr + 20 + 32 * KIB, plain.len - 20 - 32 * KIB}, true);
    rig_make(&r, &rv_filter_deflate_encode, DICT " block=32K");
    for (unsigned again = 0; again < 2; again++) {
        coded.len = 0;
        CU_ASSERT_EQUAL(rig_drive(&r, plain.ptr, 20, &coded, ROVE_FLUSH, whole, NULL), ROVE_END);
        CU_ASSERT_EQUAL(rig_drive(&r, plain.ptr + 20, plain.len - 20, &coded, ROVE_FINISH, whole, NULL), ROVE_END);
        CU_ASSERT(bytes_equal(&coded, want.ptr, want.len));
        CU_ASSERT_EQUAL(rig_reset(&r), ROVE_OK);
    }
    rig_close(&r);
    bytes_drop(&plain);
    bytes_drop(&coded);
    bytes_drop(&want);
}

static size_t peak_of(const char *options, const struct bytes *plain)
{
    struct bytes coded = {NULL, 0, 0};
    struct rig r;

    rig_make(&r, &rv_filter_gzip_encode, options);
    CU_ASSERT_EQUAL(rig_stream(&r, plain->ptr, plain->len, &coded, whole), ROVE_END);
    rig_close(&r);
    bytes_drop(&coded);
    return r.peak_bytes;
}

static void parts_take_no_more_than_a_window_of_memory(void)
{
    struct bytes plain = make_content(MIXED, 1 << 20);

    CU_ASSERT(peak_of("block=128K", &plain) <= peak_of("", &plain) + 32 * KIB);
    CU_ASSERT_EQUAL(peak_of("block=1G", &plain), peak_of("", &plain)); // one part needs none
    bytes_drop(&plain);
}

void add_part_tests(CU_pSuite suite)
{
    ADD(suite, each_part_is_coded_from_a_fresh_state);
    ADD(suite, parts_do_not_depend_on_cuts);
    ADD(suite, noise_without_matches_does_not_depend_on_cuts);
    ADD(suite, a_flush_ends_a_part_early);
    ADD(suite, a_dictionary_is_the_past_of_the_first_part);
    ADD(suite, parts_take_no_more_than_a_window_of_memory);
}
