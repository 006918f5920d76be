// SPDX-License-Identifier: MIT
// test_index.c: indexes that are made: by hopping, by decoding, and by streams that are read anyway.
#include "index_kit.h"

#include <rove/workers.h>
#include <stdlib.h>

// Blocks of len bytes of steps.
static struct kit_bytes steps_of(struct kit_bytes plain, unsigned win, size_t block_len)
{
    struct kit_bytes coded = {NULL, 0};
    index_put(&coded, win, plain, block_len);
    return coded;
}

static void drop(struct kit_bytes *a, struct kit_bytes *b)
{
    free(a->ptr);
    free(b->ptr);
}

// Whether each point of a is one of b, too.
static bool is_part_of(const struct rove_index *a, const struct rove_index *b)
{
    size_t k = 0;
    for (size_t i = 0; i < a->cnt; i++) {
        while (k < b->cnt && b->places[k].plain < a->places[i].plain)
            k++;
        if (!CHECK(k < b->cnt && b->places[k].plain == a->places[i].plain &&
                   b->places[k].coded == a->places[i].coded))
            return false;
    }
    return CHECK_EQ(b->coded_len, a->coded_len) && CHECK_EQ(b->plain_len, a->plain_len);
}

// made ------------------------------------------------------------------------------------------

static void points_lie_at_the_first_places_that_are_far_enough(void)
{
    struct kit_bytes plain = kit_content(1050, 0), coded = steps_of(plain, 0, 100);
    struct rove_index *hopped, *passed, *each;
    struct rove_point point;
    uint64_t i;
    CHECK_OK(index_of(coded, "steps", 250, NULL, &hopped));
    CHECK_OK(index_of(coded, "steps:hops=no", 250, NULL, &passed));
    CHECK_OK(index_of(coded, "steps", 0, NULL, &each));
    for (unsigned k = 0; k < 4; k++) { // at 0, 300, 600, 900
        CHECK_OK(rove_index_point(hopped, k, &point));
        CHECK(point.plain == 300 * k && point.coded == (k ? 3 + 309 * k : 0));
        CHECK(point.bits == 0 && point.state_len == (k ? 2 : 0));
    }
    CHECK_IS(ROVE_E_RANGE, rove_index_point(hopped, 4, &point));
    CHECK_EQ(11, each->cnt);
    CHECK(each->each && !hopped->each && !passed->each);
    CHECK(strcmp(passed->spec, "steps:hops=no") == 0);
    CHECK_EQ(coded.len, passed->coded_len);
    CHECK(is_part_of(passed, each) && is_part_of(hopped, each));
    CHECK(index_is_sound(hopped, coded, plain) && index_is_sound(passed, coded, plain));
    CHECK_OK(rove_index_find(hopped, 299, &i));
    CHECK_EQ(0, i);
    CHECK_OK(rove_index_find(hopped, 300, &i));
    CHECK_EQ(1, i);
    CHECK_OK(rove_index_find(hopped, 1049, &i));
    CHECK_EQ(3, i);
    CHECK_IS(ROVE_E_RANGE, rove_index_find(hopped, 1050, &i));
    rove_index_unref(hopped);
    rove_index_unref(passed);
    rove_index_unref(each);
    drop(&plain, &coded);
}

static const struct {
    const char *hop, *pass; // pass: NULL: the codec decides
} both_ways[] = {{"steps", "steps:hops=no"}, {"bgzf", NULL}};

static struct kit_bytes code(const char *spec, struct kit_bytes plain)
{
    return strncmp(spec, "steps", 5) == 0 ? steps_of(plain, 0, 1000) : kit_encode(spec, plain.ptr, plain.len);
}

static void a_walk_finds_what_decoding_finds(void)
{
    for (size_t k = 0; k < sizeof both_ways / sizeof *both_ways; k++) {
        struct kit_bytes plain = kit_content(300000, 1), coded = code(both_ways[k].hop, plain);
        struct rove_index *each, *some, *read;
        CHECK_OK(index_of(coded, both_ways[k].hop, 0, NULL, &each));
        CHECK_OK(index_of(coded, both_ways[k].hop, 70000, NULL, &some));
        CHECK_OK(index_read(coded, both_ways[k].pass ? both_ways[k].pass : both_ways[k].hop, 1, NULL, &read) ==
                         ROVE_END
                     ? ROVE_OK
                     : ROVE_E_DATA);
        CHECK(is_part_of(some, each) && is_part_of(read, each));
        CHECK(read->cnt > 1 && some->cnt > 1 && each->cnt > some->cnt);
        CHECK(index_is_sound(each, coded, plain) && index_is_sound(some, coded, plain) &&
              index_is_sound(read, coded, plain));
        rove_index_unref(each);
        rove_index_unref(some);
        rove_index_unref(read);
        drop(&plain, &coded);
    }
}

static const char *const codecs[] = {"gzip", "gzip:level=0", "gzip:strategy=fixed", "gzip:block=32768", "zlib", "deflate",
                                     "bgzf", "lz4:block=64K", "lz4:block=64K,checksum=no,block_checksum=yes",
                                     "lz4:block=64K,linked=yes", "lz4:block=64K,content_size=200000"};

// Two of what a codec writes, laid end to end where that is one.
static struct kit_bytes twice(const char *spec, struct kit_bytes plain, struct kit_bytes *all_out)
{
    struct kit_bytes coded = kit_encode(spec, plain.ptr, plain.len), copy = {NULL, 0};
    bool joins = strncmp(spec, "gzip", 4) == 0 || strncmp(spec, "lz4", 3) == 0 || strcmp(spec, "bgzf") == 0;
    *all_out = (struct kit_bytes){NULL, 0};
    index_append(all_out, plain.ptr, plain.len);
    if (joins) {
        index_append(all_out, plain.ptr, plain.len);
        index_append(&copy, coded.ptr, coded.len);
        index_append(&coded, copy.ptr, copy.len);
        free(copy.ptr);
    }
    return coded;
}

// Of places with nothing between them a walk finds the last one, decoding the first.
static bool same_plains(const struct rove_index *a, const struct rove_index *b)
{
    bool same = CHECK_EQ(a->cnt, b->cnt);
    for (size_t i = 0; same && i < a->cnt; i++)
        same = CHECK_EQ(a->places[i].plain, b->places[i].plain);
    return same;
}

static void every_codec_leaves_points_that_are_sound(void)
{
    for (size_t k = 0; k < sizeof codecs / sizeof *codecs; k++) {
        struct kit_bytes plain = kit_content(200000, 1), all, coded = twice(codecs[k], plain, &all);
        struct rove_index *made = NULL, *few = NULL, *most = NULL, *read = NULL;
        bool fine = CHECK_OK(index_of(coded, codecs[k], 0, NULL, &made)) &&
                    CHECK_OK(index_of(coded, codecs[k], 70000, NULL, &few)) &&
                    CHECK_IS(ROVE_END, index_read(coded, codecs[k], 1, NULL, &most)) &&
                    CHECK_IS(ROVE_END, index_read(coded, codecs[k], 70000, NULL, &read));
        fine = fine && CHECK(few->cnt > 1 && few->cnt <= all.len / 70000 + 1) && CHECK(index_same(few, read));
        fine = fine && is_part_of(few, most) && CHECK(!made->each || same_plains(made, most));
        fine = fine && index_is_sound(made, coded, all) && index_is_sound(few, coded, all) &&
               index_is_sound(most, coded, all);
        if (!fine)
            suite_note("%s", codecs[k]);
        rove_index_unref(made);
        rove_index_unref(few);
        rove_index_unref(most);
        rove_index_unref(read);
        drop(&plain, &coded);
        free(all.ptr);
    }
}

static void data_of_no_bytes_have_no_points(void)
{
    struct rove_index *index;
    struct rove_index_figures figures;
    struct kit_bytes nothing = {NULL, 0}, bgzf = kit_encode("bgzf", "", 0), steps = steps_of(nothing, 0, 1);
    CHECK_OK(index_of(bgzf, "bgzf", 0, NULL, &index));
    figures = index_figures(index);
    CHECK(figures.coded_len == 28 && !figures.plain_len && !figures.point_cnt && strcmp(figures.spec, "bgzf") == 0);
    rove_index_unref(index);
    CHECK_OK(index_of(steps, "steps", 5, NULL, &index));
    figures = index_figures(index);
    CHECK(figures.coded_len == 4 && !figures.plain_len && !figures.point_cnt);
    rove_index_unref(index);
    CHECK_IS(ROVE_E_TRUNCATED, index_of(nothing, "bgzf", 0, NULL, &index));
    CHECK_IS(ROVE_E_TRUNCATED, index_of(nothing, "steps:hops=no", 0, NULL, &index));
    CHECK_IS(ROVE_E_FORMAT, index_of(nothing, "auto", 0, NULL, &index));
    drop(&bgzf, &steps);
}

// Of places with nothing between them one is enough, and best is one that wants nothing.
static void places_with_nothing_between_them_are_one(void)
{
    struct kit_bytes plain = kit_content(200, 0), coded = {NULL, 0}, nothing = {NULL, 0}, half = {plain.ptr, 100};
    struct rove_index *hopped, *passed;
    index_put(&coded, 0, nothing, 1);
    index_put(&coded, 0, half, 50);
    coded.len--;
    index_append(&coded, "B\0\0B\0\0E", 7); // two blocks of nothing, which want a state
    index_put(&coded, 0, nothing, 1);
    index_put(&coded, 0, (struct kit_bytes){plain.ptr + 100, 100}, 50);
    CHECK_OK(index_of(coded, "steps", 0, NULL, &hopped));
    CHECK_OK(index_of(coded, "steps:hops=no", 1, NULL, &passed));
    CHECK_EQ(4, hopped->cnt);
    CHECK_EQ(0, hopped->places[0].coded);
    CHECK(hopped->places[2].plain == 100 && !hopped->states[2]); // at the last 'S'
    CHECK_EQ(4 + 3 + 106 + 7 + 4, hopped->places[2].coded);
    CHECK(index_is_sound(hopped, coded, plain) && index_is_sound(passed, coded, plain));
    CHECK_EQ(passed->plain_len, hopped->plain_len);
    rove_index_unref(hopped);
    rove_index_unref(passed);
    drop(&plain, &coded);
}

static void many_members_of_one_byte(void)
{
    size_t cnt = (size_t) suite_scaled(1000000);
    struct kit_bytes one = kit_encode("bgzf", "x", 1), all = {malloc(one.len * cnt + 28), 0};
    struct rove_index *index;
    size_t len = one.len - 28; // without the end marker
    for (size_t i = 0; i < cnt; i++, all.len += len)
        memcpy(all.ptr + all.len, one.ptr, len);
    memcpy(all.ptr + all.len, one.ptr + len, 28);
    all.len += 28;
    struct index_source at = {.data = all};
    struct rove_stream *source = index_source_stream(&at);
    CHECK_OK(rove_index_make(source, "bgzf", NULL, 0, &index));
    CHECK_EQ(cnt, index->cnt);
    CHECK_EQ(cnt, index->plain_len);
    CHECK(index->each);
    CHECK(at.reads < all.len / (32 << 10) + 20); // they are near, so much is read at once
    CHECK(at.read_len < all.len + all.len / 8 + 4096);
    CHECK(index->memory < cnt * sizeof(struct rv_place) + 4096);
    rove_stream_free(source);
    rove_index_unref(index);
    drop(&one, &all);
}

// Headers that lie far apart cost one short read each.
static void a_walk_reads_headers_only(void)
{
    struct kit_bytes plain = kit_content(3000000, 0), coded = kit_encode("bgzf:level=1", plain.ptr, plain.len);
    struct rove_index *index;
    struct index_source at = {.data = coded};
    struct rove_stream *source = index_source_stream(&at);
    CHECK_OK(rove_index_make(source, "bgzf", NULL, 0, &index));
    CHECK(index->cnt > 40);
    CHECK(at.reads <= index->cnt + 2 && at.read_len <= 64 * at.reads);
    suite_note("%zu points by %llu reads of %llu bytes in all, of %zu", index->cnt, (unsigned long long) at.reads,
               (unsigned long long) at.read_len, coded.len);
    rove_stream_free(source);
    rove_index_unref(index);
    drop(&plain, &coded);
}

static void what_follows_the_data_is_told(void)
{
    for (size_t k = 0; k < 3; k++) {
        const char *spec = k == 0 ? "bgzf" : k == 1 ? "steps" : "steps:hops=no";
        struct kit_bytes plain = kit_content(5000, 1), coded = code(spec, plain);
        struct rove_index *whole, *index;
        CHECK_OK(index_of(coded, spec, 0, NULL, &whole));
        index_append(&coded, "what is this?", 13);
        CHECK_IS(ROVE_E_TRAILING, index_of(coded, spec, 0, NULL, &index));
        if (k < 2)
            CHECK(index_same(whole, index));
        CHECK_EQ(5000, index->plain_len);
        CHECK(index->coded_len >= whole->coded_len && index->coded_len <= whole->coded_len + 3);
        rove_index_unref(whole);
        rove_index_unref(index);
        drop(&plain, &coded);
    }
}

// To others the field by which members of bgzf tell their length may mean something else: it is no reason to refuse.
static void a_length_that_is_none_is_not_believed(void)
{
    static const unsigned told[] = {1, 30, 200, 5000, 65536};
    for (size_t k = 0; k < sizeof told / sizeof *told; k++) {
        struct kit_bytes plain = kit_content(200000, 1), gzip = kit_encode("gzip", plain.ptr, plain.len), coded = {NULL, 0};
        uint8_t field[8] = {6, 0, 'B', 'C', 2, 0, (uint8_t) (told[k] - 1), (uint8_t) ((told[k] - 1) >> 8)};
        struct rove_index *index = NULL, *hopped = NULL;
        index_append(&coded, gzip.ptr, 10);
        coded.ptr[3] = 4;
        index_append(&coded, field, sizeof field);
        index_append(&coded, gzip.ptr + 10, gzip.len - 10);
        CHECK_IS(ROVE_E_UNSUPPORTED, index_of(coded, "gzip", ROVE_EVERY_HOPPED, NULL, &hopped));
        if (CHECK_OK(index_of(coded, "gzip", 10000, NULL, &index)))
            CHECK(index->cnt > 1 && index->coded_len == coded.len && index_is_sound(index, coded, plain));
        rove_index_unref(index);
        index_append(&coded, "what is this?", 13);
        CHECK_IS(ROVE_E_TRAILING, index_of(coded, "gzip", 0, NULL, &index));
        CHECK_EQ(plain.len, index ? index->plain_len : 0);
        rove_index_unref(index);
        free(gzip.ptr);
        drop(&plain, &coded);
    }
}

// Zeros between them make what follows none of the data: the index of what came before them is good for that.
static void more_of_the_same_behind_zeros_is_something_else(void)
{
    static const char *const specs[] = {"gzip", "bgzf", "lz4:block=64K", "lz4:linked=yes,block=64K"};
    for (size_t k = 0; k < sizeof specs / sizeof *specs; k++) {
        const char *by = k < 2 ? specs[k] : "lz4";
        struct kit_bytes plain = kit_content(200000, 1), one = kit_encode(specs[k], plain.ptr, plain.len), coded = {NULL, 0};
        struct rove_index *index = NULL, *marked = NULL;
        struct rove_stream *d = NULL;
        uint8_t zeros[512] = {0};
        index_append(&coded, one.ptr, one.len);
        index_append(&coded, zeros, sizeof zeros);
        index_append(&coded, one.ptr, one.len);
        CHECK_IS(ROVE_E_TRAILING, index_of(coded, by, 0, NULL, &index));
        CHECK_IS(ROVE_E_TRAILING, index_read(coded, by, 0, NULL, &marked));
        struct rove_index *both[] = {index, marked};
        for (size_t i = 0; i < 2 && CHECK(both[i] && both[i]->plain_len == plain.len); i++) {
            struct rove_stream *source = kit_source(coded.ptr, coded.len);
            struct kit_bytes got = {NULL, 0};
            if (CHECK_OK(rove_stream_decode_index(source, both[i], NULL, &d)))
                CHECK_IS(ROVE_END, kit_drain(d, &got));
            CHECK(got.len == plain.len && memcmp(got.ptr, plain.ptr, got.len) == 0);
            free(got.ptr);
            rove_stream_free(d);
            rove_stream_free(source);
        }
        rove_index_unref(index);
        rove_index_unref(marked);
        free(one.ptr);
        drop(&plain, &coded);
    }
}

// Bytes behind the data with which a member or frame might begin are not counted in.
static void what_follows_like_a_magic_is_left(void)
{
    static const char *const specs[][2] = {{"gzip", "\x1fx"}, {"lz4", "\x04\x22x"}, {"lz4:linked=yes,block=64K", "Px"},
                                           {"bgzf", "\x1fx"}};
    for (size_t k = 0; k < sizeof specs / sizeof *specs; k++) {
        struct kit_bytes plain = kit_content(5000, 1), coded = code(specs[k][0], plain), got;
        size_t len = coded.len;
        struct rove_stream *source, *stream;
        struct rove_index *index = NULL;
        index_append(&coded, specs[k][1], strlen(specs[k][1]));
        struct index_source at = {.data = coded};
        source = index_source_stream(&at);
        CHECK_OK(rove_stream_decode(source, k == 2 ? "lz4" : specs[k][0], NULL, &stream, NULL));
        CHECK_OK(rove_stream_mark(stream, 0));
        CHECK_IS(ROVE_E_TRAILING, kit_drain(stream, &got));
        free(got.ptr);
        if (CHECK_OK(rove_stream_index(stream, &index)))
            CHECK_EQ(len, index->coded_len);
        rove_index_unref(index);
        rove_stream_free(stream);
        rove_stream_free(source);
        drop(&plain, &coded);
    }
}

static void data_that_are_cut_anywhere(void)
{
    struct kit_bytes plain = kit_content(300, 1);
    for (size_t k = 0; k < 3; k++) {
        const char *spec = k == 0 ? "bgzf" : k == 1 ? "steps" : "steps:hops=no";
        struct kit_bytes coded = code(spec, plain);
        struct rove_index *index;
        for (size_t len = 0; len < coded.len; len++)
            CHECK_IS(ROVE_E_TRUNCATED, index_of((struct kit_bytes){coded.ptr, len}, spec, 0, NULL, &index));
        free(coded.ptr);
    }
    free(plain.ptr);
}

// Whatever a header says, what is made of it is sound as far as it goes, or there is no index.
static void damaged_headers(void)
{
    struct kit_bytes plain = kit_content(70000, 1);
    kit_seed(12);
    for (size_t k = 0; k < 2; k++) {
        struct kit_bytes coded = code(both_ways[k].hop, plain);
        for (uint64_t round = suite_scaled(300); round > 0; round--) {
            struct rove_index *index;
            size_t at = (size_t) kit_draw(coded.len);
            uint8_t was = coded.ptr[at];
            coded.ptr[at] ^= (uint8_t) (1u << kit_draw(8));
            enum rove_status status = index_of(coded, both_ways[k].hop, 0, NULL, &index);
            if (index)
                CHECK(index->coded_len <= coded.len);
            CHECK(status != ROVE_E_STALL && status != ROVE_E_NOMEM);
            rove_index_unref(index);
            coded.ptr[at] = was;
        }
        free(coded.ptr);
    }
    free(plain.ptr);
}

static void steps_that_lie(void)
{
    struct kit_bytes plain = kit_content(1000, 1), coded = steps_of(plain, 0, 100);
    for (size_t i = 1; index_lies[i]; i++) {
        struct rove_index *index;
        char spec[40];
        snprintf(spec, sizeof spec, "steps:lie=%s", index_lies[i]);
        enum rove_status status = index_of(coded, spec, 0, NULL, &index);
        bool cut = strcmp(index_lies[i], "far") == 0 || strcmp(index_lies[i], "need_64m") == 0;
        bool much = strcmp(index_lies[i], "much") == 0, bad = strcmp(index_lies[i], "damage") == 0;
        CHECK_IS(cut ? ROVE_E_TRUNCATED : much ? ROVE_E_LIMIT : bad ? ROVE_E_DATA : ROVE_E_STALL, status);
    }
    struct rove_limits limits = {.size = sizeof limits, .output = ROVE_NO_LIMIT};
    struct rove_index *index;
    CHECK_IS(ROVE_E_RANGE, index_of(coded, "steps:lie=much", 0, &limits, &index));
    CHECK(strstr(rove_index_explain(), "it becomes more than 2^63 - 1 bytes") && !rove_index_limit());
    CHECK(env.alloc.largest < 1 << 22); // nothing was taken for what was declared
    drop(&plain, &coded);
}

static void sources_that_fail_or_shrink(void)
{
    struct kit_bytes plain = kit_content(400000, 1), coded = kit_encode("bgzf", plain.ptr, plain.len);
    static const enum rove_status whys[] = {ROVE_E_IO, ROVE_E_AGAIN, ROVE_E_DATA};
    for (size_t k = 0; k < 3; k++) {
        struct index_source at = {.data = coded, .fail_at = 4, .why = whys[k]};
        struct rove_stream *source = index_source_stream(&at);
        struct rove_index *index;
        CHECK_IS(whys[k], rove_index_make(source, "bgzf", NULL, 0, &index));
        CHECK(!index);
        rove_stream_clear_error(source);
        CHECK_OK(rove_index_make(source, "bgzf", NULL, 0, &index)); // all of it is there now
        CHECK(index_is_sound(index, coded, plain));
        rove_index_unref(index);
        rove_stream_free(source);
    }
    for (size_t hidden = 1; hidden < coded.len; hidden += 997) {
        struct index_source at = {.data = coded, .hidden = hidden};
        struct rove_stream *source = index_source_stream(&at);
        struct rove_index *index;
        CHECK_IS(ROVE_E_TRUNCATED, rove_index_make(source, "bgzf", NULL, 0, &index));
        rove_stream_free(source);
    }
    drop(&plain, &coded);
}

static void what_cannot_be_indexed(void)
{
    struct kit_bytes plain = kit_content(1000, 1), coded = kit_encode("bgzf", plain.ptr, plain.len);
    struct rove_stream *source = kit_source(coded.ptr, coded.len), *none;
    struct kit_device pipe = {.data = coded, .fail_after = UINT64_MAX};
    struct rove_index *index;
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_index_make(source, "crc32", NULL, 0, &index));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_index_make(source, "crc32|bgzf", NULL, 0, &index));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_index_make(source, "bgzf|bgzf", NULL, 0, &index));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_index_make(source, "limit:max=5", NULL, 0, &index));
    CHECK_IS(ROVE_E_ARG, rove_index_make(source, "bgzf:nothing=1", NULL, 0, &index));
    none = kit_device_stream(&pipe);
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_index_make(none, "bgzf", NULL, 0, &index));
    rove_stream_free(none);
    CHECK_OK(rove_stream_close(source));
    CHECK_IS(ROVE_E_CLOSED, rove_index_make(source, "bgzf", NULL, 0, &index));
    rove_stream_free(source);
    drop(&plain, &coded);
}

static void limits_bind(void)
{
    struct kit_bytes plain = kit_content(100000, 1), coded = steps_of(plain, 3000, 1000);
    struct rove_index *index;
    struct rove_limits limits = {.size = sizeof limits, .output = 99999};
    CHECK_IS(ROVE_E_LIMIT, index_of(coded, "steps", 1, &limits, &index));
    limits.output = 100000;
    CHECK_OK(index_of(coded, "steps", 1, &limits, &index));
    uint64_t memory = index->memory;
    CHECK(memory > 100000);
    rove_index_unref(index);
    limits.memory = 2 * env.chunk_len + 100000 + memory / 2;
    CHECK_IS(ROVE_E_LIMIT, index_of(coded, "steps", 1, &limits, &index));
    limits.memory = 2 * env.chunk_len + 600000 + 2 * memory;
    CHECK_OK(index_of(coded, "steps", 1, &limits, &index));
    CHECK_EQ(memory, index->memory);
    rove_index_unref(index);
    free(coded.ptr);
    coded = steps_of(plain, 0, 1000);
    limits = (struct rove_limits){.size = sizeof limits, .output = 99999};
    CHECK_IS(ROVE_E_LIMIT, index_of(coded, "steps", 1, &limits, &index)); // by hopping
    limits = (struct rove_limits){.size = sizeof limits, .memory = 71000}; // less than its state
    CHECK(index_of(coded, "steps", 1, &limits, &index) <= ROVE_E_LIMIT);
    rove_index_unref(index);
    limits = (struct rove_limits){.size = sizeof limits, .memory = 20}; // nor can it be opened
    CHECK_IS(ROVE_E_LIMIT, index_of(coded, "steps", 1, &limits, &index));
    CHECK(rove_index_limit() && strcmp(rove_index_limit(), "memory") == 0);
    drop(&plain, &coded);
}

static void a_damaged_part_is_named_by_where_it_begins(void)
{
    struct kit_bytes plain = kit_content(200000, 0), coded = kit_encode("bgzf", plain.ptr, plain.len);
    struct rove_stream *source = kit_source(coded.ptr, coded.len), *stream = NULL;
    struct rove_index *index = NULL;
    struct rove_point point;
    char words[64];
    uint8_t byte;
    CHECK_OK(rove_index_make(source, "bgzf", NULL, 0, &index));
    CHECK_OK(rove_index_point(index, 2, &point));
    rove_stream_free(source);
    coded.ptr[point.coded + 100] ^= 0x55;
    source = kit_source(coded.ptr, coded.len);
    CHECK_OK(rove_stream_decode_index(source, index, NULL, &stream));
    CHECK(rove_stream_pread(stream, point.plain, &byte, 1, NULL) < 0);
    snprintf(words, sizeof words, ", in the part from byte %llu", (unsigned long long) point.coded);
    if (!CHECK(strstr(rove_stream_explain(stream), words) != NULL))
        suite_note("%s", rove_stream_explain(stream));
    rove_stream_free(stream);
    rove_stream_free(source);
    rove_index_unref(index);
    drop(&plain, &coded);
}

static void failures_are_explained(void)
{
    static const struct {
        const char *spec, *words;
        enum rove_status status;
        unsigned damage; // 0: none; 1: the first bytes, 2: some in the middle, 3: it is cut, 4: more follows
        uint64_t output;
    } cases[] = {{"bgzf", "layer 1 of 1 (bgzf): ", ROVE_E_FORMAT, 1, 0},
                 {"bgzf", "at input byte 65", ROVE_E_DATA, 2, 0},
                 {"gzip", "layer 1 of 1 (gzip): ", ROVE_E_FORMAT, 1, 0},
                 {"auto", "no decoder knows it by its first bytes", ROVE_E_FORMAT, 1, 0},
                 {"bgzf", "(bgzf): ", ROVE_E_TRUNCATED, 3, 0},
                 {"bgzf", "more would come out", ROVE_E_LIMIT, 0, 10},
                 {"gzip:nonsense=1", "nonsense", ROVE_E_ARG, 0, 0},
                 {"crc32", "of what one decoder reads", ROVE_E_UNSUPPORTED, 0, 0},
                 {"copy", "at the beginning only", ROVE_E_UNSUPPORTED, 0, 0},
                 {"bgzf", "something else follows", ROVE_E_TRAILING, 4, 0}};
    struct kit_bytes plain = kit_content(200000, 0);
    struct rove_index *index = NULL;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct kit_bytes coded = kit_encode("bgzf", plain.ptr, plain.len);
        struct rove_limits limits = {.size = sizeof limits, .output = cases[k].output};
        if (cases[k].damage == 1)
            memset(coded.ptr, 'x', 16);
        else if (cases[k].damage == 2) // the second member's head
            coded.ptr[(coded.ptr[16] | coded.ptr[17] << 8) + 3] = 'x';
        else if (cases[k].damage == 3)
            coded.len -= 40;
        else if (cases[k].damage == 4)
            index_append(&coded, "abcdefgh", 8);
        if (!CHECK_IS(cases[k].status, index_of(coded, cases[k].spec, 0, &limits, &index)) ||
            !CHECK(strstr(rove_index_explain(), cases[k].words) != NULL))
            suite_note("%zu: %s", k, rove_index_explain());
        const char *limit = rove_index_limit();
        CHECK(cases[k].output ? limit && strcmp(limit, "output") == 0 : !limit);
        rove_index_unref(index);
        free(coded.ptr);
    }
    struct kit_bytes coded = kit_encode("bgzf", plain.ptr, plain.len);
    struct rove_stream *source = kit_source(coded.ptr, coded.len), *from = kit_source("nonsense, it is", 15);
    CHECK_IS(ROVE_E_FORMAT, rove_index_load(from, source, &index));
    CHECK(strcmp(rove_index_explain(), "gzi: it is damaged, or of other data") == 0);
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_index_load(NULL, source, &index));
    CHECK(strcmp(rove_index_explain(), "the data end with no seek table") == 0);
    CHECK_OK(rove_index_make(source, "bgzf", NULL, 100000, &index));
    CHECK(strcmp(rove_index_explain(), rove_status_text(ROVE_OK)) == 0);
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_index_save(index, NULL, "gzi", from));
    CHECK(strcmp(rove_index_explain(), "gzi: it cannot say what this index of bgzf holds") == 0);
    CHECK_IS(ROVE_E_ARG, rove_index_save(index, NULL, "tgz", from));
    rove_index_unref(index);
    struct index_source counted = {.data = coded, .fail_at = 2, .why = ROVE_E_IO};
    struct rove_stream *failing = index_source_stream(&counted);
    CHECK_IS(ROVE_E_IO, rove_index_make(failing, "bgzf", NULL, 0, &index));
    CHECK(strncmp(rove_index_explain(), "source: ", 8) == 0);
    rove_stream_free(failing);
    rove_stream_free(source);
    rove_stream_free(from);
    drop(&plain, &coded);
}

static void auto_is_what_it_finds(void)
{
    struct kit_bytes plain = kit_content(200000, 1), coded = kit_encode("bgzf", plain.ptr, plain.len);
    struct rove_index *index, *named;
    CHECK_OK(index_of(coded, "auto:allow=bgzf.lz4", 0, NULL, &index));
    CHECK_OK(index_of(coded, "bgzf", 0, NULL, &named));
    CHECK(index_same(named, index));
    rove_index_unref(index);
    CHECK_OK(index_of(coded, "auto:allow=bgzf", 0, NULL, &index));
    CHECK(index_same(named, index));
    rove_index_unref(index);
    CHECK_IS(ROVE_E_FORMAT, index_of(plain, "auto", 0, NULL, &index));
    CHECK_IS(ROVE_END, index_read(coded, "auto:allow=bgzf.lz4", 1, NULL, &index));
    CHECK(strcmp(index->spec, "bgzf") == 0 && is_part_of(index, named) && index_is_sound(index, coded, plain));
    rove_index_unref(index);
    rove_index_unref(named);
    drop(&plain, &coded);
}

// states ----------------------------------------------------------------------------------------

static void long_states_are_kept_packed(void)
{
    struct kit_bytes plain = kit_content(1000000, 1), coded = steps_of(plain, 32768, 50000);
    struct rove_index *index;
    CHECK_OK(index_of(coded, "steps", 1, NULL, &index));
    CHECK_EQ(20, index->cnt);
    CHECK(index->memory < 20 * 32768 * 3 / 4);
    suite_note("%llu bytes for 19 windows of 32 KiB", (unsigned long long) index->memory);
    CHECK(index_is_sound(index, coded, plain));
    rove_index_unref(index);
    drop(&plain, &coded);
}

static void states_that_do_not_pack_are_kept_as_they_are(void)
{
    struct kit_bytes plain = {malloc(300000), 300000};
    struct rove_index *index;
    kit_seed(3);
    for (size_t i = 0; i < plain.len; i++)
        plain.ptr[i] = (uint8_t) kit_draw(256);
    struct kit_bytes coded = steps_of(plain, 1000, 60000);
    CHECK_OK(index_of(coded, "steps", 1, NULL, &index));
    CHECK_EQ(5, index->cnt);
    for (size_t i = 1; i < 5; i++)
        CHECK_EQ(1002, index->states[i]->packed_len);
    CHECK(index_is_sound(index, coded, plain));
    rove_index_unref(index);
    drop(&plain, &coded);
}

static void states_of_any_length(void)
{
    for (unsigned win = 1; win <= 32768; win = win * 3 + 1) {
        struct kit_bytes plain = kit_content(90000, 1), coded = steps_of(plain, win, 9000);
        struct rove_index *index;
        CHECK_OK(index_of(coded, "steps", 0, NULL, &index)); // every few MiB
        CHECK_EQ(1, index->cnt);
        rove_index_unref(index);
        CHECK_OK(index_of(coded, "steps", 5000, NULL, &index));
        CHECK_EQ(10, index->cnt);
        CHECK(index_is_sound(index, coded, plain));
        rove_index_unref(index);
        drop(&plain, &coded);
    }
}

// streams ---------------------------------------------------------------------------------------

// What rove_index_make() says is what a stream leaves behind, however it is read.
static void a_stream_leaves_the_same_index(void)
{
    struct kit_bytes plain = kit_content(200000, 1), coded = steps_of(plain, 500, 700);
    struct rove_index *made, *left, *again;
    CHECK_OK(index_of(coded, "steps", 3000, NULL, &made));
    struct rove_stream *source = kit_source(coded.ptr, coded.len), *stream;
    CHECK_OK(rove_stream_decode(source, "crc32|steps|crc32", NULL, &stream, NULL));
    CHECK_IS(ROVE_E_STATE, rove_stream_index(stream, &left));
    CHECK_OK(rove_stream_mark(stream, 9));
    CHECK_OK(rove_stream_mark(stream, 3000)); // another wish replaces it
    CHECK_IS(ROVE_E_STATE, rove_stream_index(stream, &left));
    uint8_t buf[977];
    size_t n;
    while (rove_stream_read(stream, buf, sizeof buf, &n) == ROVE_OK)
        ;
    CHECK_OK(rove_stream_index(stream, &left));
    CHECK(index_same(made, left));
    CHECK(index_is_sound(left, coded, plain));
    CHECK_OK(rove_stream_close(stream));
    CHECK_OK(rove_stream_index(stream, &again));
    CHECK(left == again); // it is whole, and one
    rove_stream_free(stream);
    rove_stream_free(source);
    CHECK(index_same(made, again));
    rove_index_unref(made);
    rove_index_unref(left);
    rove_index_unref(again);
    drop(&plain, &coded);
}

static void what_was_read_so_far_has_an_index(void)
{
    struct kit_bytes plain = kit_content(100000, 1), coded = steps_of(plain, 50, 1000);
    struct rove_stream *source = kit_source(coded.ptr, coded.len), *stream;
    struct rove_index *index = NULL;
    uint8_t buf[1000];
    uint64_t reach = 0;
    CHECK_OK(rove_stream_decode(source, "steps", NULL, &stream, NULL));
    CHECK_OK(rove_stream_mark(stream, 2500));
    for (size_t at = 0; at < 90000; at += sizeof buf) {
        CHECK_OK(rove_stream_read(stream, buf, sizeof buf, NULL));
        CHECK_OK(rove_stream_index(stream, &index));
        CHECK(index->plain_len % 3000 == 0 && index->plain_len >= reach && index->plain_len <= plain.len);
        reach = index->plain_len;
        if (at % 7 == 0)
            CHECK(index_is_sound(index, coded, (struct kit_bytes){plain.ptr, (size_t) reach}));
        rove_index_unref(index);
    }
    CHECK(reach >= 80000);
    CHECK_OK(rove_stream_close(stream)); // before its end
    CHECK_OK(rove_stream_index(stream, &index));
    CHECK_EQ(reach, index->plain_len);
    rove_stream_free(stream);
    rove_stream_free(source);
    CHECK(index_is_sound(index, coded, (struct kit_bytes){plain.ptr, (size_t) reach}));
    rove_index_unref(index);
    drop(&plain, &coded);
}

static void what_came_before_damage_has_an_index(void)
{
    struct kit_bytes plain = kit_content(100000, 1), coded = steps_of(plain, 50, 1000);
    struct rove_index *index;
    coded.ptr[3 + 60 * 1003] = '?';
    CHECK_IS(ROVE_E_DATA, index_read(coded, "steps", 900, NULL, &index));
    CHECK(index->plain_len >= 50000 && index->plain_len <= 60000);
    CHECK(index_is_sound(index, coded, (struct kit_bytes){plain.ptr, (size_t) index->plain_len}));
    rove_index_unref(index);
    drop(&plain, &coded);
}

// The name in a member's head may have any length: it is passed over with few requests.
static void a_name_that_does_not_end_takes_few_requests(void)
{
    enum { LEN = 200000 };
    static const uint8_t head[] = {0x1f, 0x8b, 8, 12, 0, 0, 0, 0, 0, 3, 6, 0, 'B', 'C', 2, 0, 0xff, 0xff};
    static const uint8_t gzi[8];
    struct kit_bytes coded = {malloc(LEN), LEN};
    memset(coded.ptr, 'n', LEN);
    memcpy(coded.ptr, head, sizeof head);
    struct index_source data = {.data = coded};
    struct rove_stream *source = index_source_stream(&data), *file = kit_source(gzi, sizeof gzi);
    struct rove_index *index;
    CHECK_IS(ROVE_E_TRUNCATED, rove_index_load(file, source, &index));
    CHECK(data.reads < LEN / 500);
    rove_stream_free(file);
    rove_stream_free(source);
    free(coded.ptr);
}

// By its headers or not at all.
static void what_headers_do_not_tell_is_not_decoded_for_it(void)
{
    static const char *const specs[] = {"gzip", "lz4:block=64K"};
    struct kit_bytes plain = kit_content(300000, 1), coded = kit_encode("bgzf", plain.ptr, plain.len);
    struct rove_index *index = NULL, *same = NULL;
    if (CHECK_OK(index_of(coded, "bgzf", ROVE_EVERY_HOPPED, NULL, &index)) && CHECK_OK(index_of(coded, "bgzf", 0, NULL, &same)))
        CHECK(index_same(index, same) && index->each);
    rove_index_unref(index);
    rove_index_unref(same);
    free(coded.ptr);
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        coded = kit_encode(specs[i], plain.ptr, plain.len);
        CHECK_IS(ROVE_E_UNSUPPORTED, index_of(coded, "auto", ROVE_EVERY_HOPPED, NULL, &index));
        CHECK(!index && strcmp(rove_index_explain(), "its headers do not tell where all lies") == 0);
        free(coded.ptr);
    }
    free(plain.ptr);
}

static void streams_that_cannot_mark(void)
{
    struct kit_bytes coded = kit_encode("bgzf", "abc", 3);
    struct rove_stream *source = kit_source(coded.ptr, coded.len), *stream;
    struct rove_index *index;
    uint8_t byte;
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_mark(source, 0));
    CHECK_IS(ROVE_E_STATE, rove_stream_index(source, &index));
    CHECK_OK(rove_stream_decode(source, "crc32", NULL, &stream, NULL));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_mark(stream, 0));
    rove_stream_free(stream);
    CHECK_OK(rove_stream_decode(source, "bgzf|bgzf", NULL, &stream, NULL));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_mark(stream, 0));
    rove_stream_free(stream);
    CHECK_OK(rove_stream_decode(source, "limit:max=100", NULL, &stream, NULL));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_mark(stream, 0));
    rove_stream_free(stream);
    CHECK_OK(rove_stream_decode(source, "bgzf", NULL, &stream, NULL));
    CHECK_OK(rove_stream_read(stream, &byte, 1, NULL));
    CHECK_IS(ROVE_E_STATE, rove_stream_mark(stream, 0));
    CHECK_OK(rove_stream_close(stream));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_mark(stream, 0));
    rove_stream_free(stream);
    rove_stream_free(source);
    free(coded.ptr);
}

static void a_stream_put_elsewhere_marks_no_more(void)
{
    struct kit_bytes plain = kit_content(10000, 1), coded = steps_of(plain, 50, 1000);
    struct rove_stream *source = kit_source(coded.ptr, coded.len), *stream;
    struct rove_index *index;
    struct kit_bytes got;
    CHECK_OK(rove_stream_decode(source, "steps", NULL, &stream, NULL));
    CHECK_OK(rove_stream_mark(stream, 1));
    CHECK_IS(ROVE_END, kit_drain(stream, &got));
    free(got.ptr);
    CHECK_OK(rove_stream_seek(source, 0, ROVE_SET, NULL));
    CHECK_OK(rove_stream_rechain(stream, source));
    CHECK_IS(ROVE_E_STATE, rove_stream_index(stream, &index));
    CHECK_OK(rove_stream_mark(stream, 1));
    CHECK_IS(ROVE_END, kit_drain(stream, &got));
    CHECK(kit_same(plain, got.ptr, got.len));
    free(got.ptr);
    CHECK_OK(rove_stream_index(stream, &index));
    CHECK(index->cnt > 5 && index_is_sound(index, coded, plain));
    rove_index_unref(index);
    rove_stream_free(stream);
    rove_stream_free(source);
    drop(&plain, &coded);
}

static void sources_that_begin_later_count_from_there(void)
{
    struct kit_bytes plain = kit_content(10000, 1), coded = {NULL, 0};
    struct rove_stream *source, *stream;
    struct rove_index *index;
    struct kit_bytes got;
    index_append(&coded, "something else", 14);
    index_put(&coded, 50, plain, 1000);
    source = kit_source(coded.ptr, coded.len);
    CHECK_OK(rove_stream_seek(source, 14, ROVE_SET, NULL));
    CHECK_OK(rove_stream_decode(source, "steps", NULL, &stream, NULL));
    CHECK_OK(rove_stream_mark(stream, 1));
    CHECK_IS(ROVE_END, kit_drain(stream, &got));
    free(got.ptr);
    CHECK_OK(rove_stream_index(stream, &index));
    CHECK(index_is_sound(index, (struct kit_bytes){coded.ptr + 14, coded.len - 14}, plain));
    rove_index_unref(index);
    rove_stream_free(stream);
    rove_stream_free(source);
    drop(&plain, &coded);
}

static void workers_leave_points_that_are_as_good(void)
{
    struct kit_bytes plain = kit_content(3000000, 1), coded = kit_encode("bgzf", plain.ptr, plain.len);
    struct rove_index *each;
    CHECK_OK(index_of(coded, "bgzf", 0, NULL, &each));
    for (unsigned width = 0; width <= 3; width += width ? 2 : 1) {
        struct rove_workers_opts opts = {.size = sizeof opts, .thread_cnt = width};
        struct rove_limits limits = {.size = sizeof limits};
        struct rove_index *index;
        if (width)
            CHECK_OK(rove_workers_new(&opts, &limits.workers));
        CHECK_IS(ROVE_END, index_read(coded, "bgzf", 100000, &limits, &index));
        CHECK(index->cnt > 8 && is_part_of(index, each) && index_is_sound(index, coded, plain));
        rove_index_unref(index);
        rove_workers_unref(limits.workers);
    }
    rove_index_unref(each);
    drop(&plain, &coded);
}

// memory ----------------------------------------------------------------------------------------

static enum rove_status make_by(unsigned way, struct kit_bytes coded, struct rove_index **index_out)
{
    struct rove_stream *source = NULL, *stream = NULL;
    uint8_t buf[200];
    enum rove_status status = rove_stream_new(env.pool, &source);
    *index_out = NULL;
    if (status == ROVE_OK)
        status = rove_stream_write(source, coded.ptr, coded.len);
    if (status == ROVE_OK)
        status = rove_stream_seek(source, 0, ROVE_SET, NULL);
    if (status == ROVE_OK && way < 2)
        status = rove_index_make(source, way ? "steps:hops=no" : "steps", NULL, 700, index_out);
    else if (status == ROVE_OK)
        status = rove_stream_decode(source, "steps", NULL, &stream, NULL);
    if (stream && status == ROVE_OK) {
        status = rove_stream_mark(stream, 700);
        for (unsigned i = 0; i < 40 && status == ROVE_OK; i++) // not to its end
            status = rove_stream_read(stream, buf, sizeof buf, NULL);
        if (status == ROVE_OK)
            status = rove_stream_index(stream, index_out);
    }
    rove_stream_free(stream);
    rove_stream_free(source);
    return status;
}

static void memory_may_be_refused_at_any_moment(void)
{
    struct kit_bytes plain = kit_content(60000, 1);
    for (unsigned way = 0; way < 3; way++) {
        struct kit_bytes coded = steps_of(plain, way ? 600 : 0, 700);
        struct rove_index *whole, *index;
        CHECK_OK(make_by(way, coded, &whole));
        for (uint64_t n = 1, done = 0; !done; n++) {
            rove_pool_trim(env.pool);
            test_alloc_arm(&env.alloc, n, false);
            enum rove_status status = make_by(way, coded, &index);
            done = !test_alloc_failed(&env.alloc);
            test_alloc_arm(&env.alloc, 0, false);
            CHECK(status == ROVE_OK || status == ROVE_E_NOMEM);
            CHECK((index != NULL) == (status == ROVE_OK));
            if (index && !index_same(whole, index))
                suite_note("way %u, allocation %llu", way, (unsigned long long) n);
            rove_index_unref(index);
        }
        rove_index_unref(whole);
        free(coded.ptr);
    }
    free(plain.ptr);
}

// Points are added one by one while memory is refused.
static void a_refused_point_leaves_the_index_as_it_was(void)
{
    static uint8_t state[3000];
    struct rove_mark marks[3] = {{.size = sizeof *marks, .flags = ROVE_MARK_FRESH},
                                 {.size = sizeof *marks, .state = state, .state_len = sizeof state},
                                 {.size = sizeof *marks, .state = state, .state_len = 5, .bits = 3}};
    struct rove_index *index;
    CHECK_OK(rv_index_new(env.pool, "steps", &index));
    uint64_t empty = index->memory;
    for (uint64_t i = 0; i < 300; i++) {
        struct rv_place at = {10 * i, 20 * i};
        const struct rove_mark *mark = &marks[i % 3];
        memset(state, (int) i, sizeof state);
        for (uint64_t n = 1; index->cnt == i; n++) {
            test_alloc_arm(&env.alloc, n, true);
            enum rove_status status = rv_index_add(index, at, mark);
            test_alloc_arm(&env.alloc, 0, false);
            CHECK_EQ(status == ROVE_OK ? i + 1 : i, index->cnt);
            CHECK(status == ROVE_OK || (status == ROVE_E_NOMEM && index->plain_len == (i ? 20 * (i - 1) : 0)));
            if (n > 100)
                break;
        }
    }
    CHECK_EQ(300, index->cnt);
    CHECK_IS(ROVE_E_FORMAT, rv_index_add(index, (struct rv_place){1, 1}, &marks[0]));
    CHECK_IS(ROVE_E_FORMAT, rv_index_add(index, (struct rv_place){2990, 5980}, &marks[0]));
    rv_index_close(index, 3000, 5980);
    CHECK_EQ(299, index->cnt); // nothing follows the last
    while (index->cnt)
        rv_index_take_back(index);
    CHECK_EQ(empty, index->memory - 299 * (sizeof(struct rv_place) + sizeof(struct rv_state *)));
    rove_index_unref(index);
}

static const struct suite_case cases[] = {
    SUITE_CASE(points_lie_at_the_first_places_that_are_far_enough),
    SUITE_CASE(a_walk_finds_what_decoding_finds),
    SUITE_CASE(every_codec_leaves_points_that_are_sound),
    SUITE_CASE(data_of_no_bytes_have_no_points),
    SUITE_CASE(places_with_nothing_between_them_are_one),
    SUITE_CASE(many_members_of_one_byte),
    SUITE_CASE(a_walk_reads_headers_only),
    SUITE_CASE(what_follows_the_data_is_told),
    SUITE_CASE(a_length_that_is_none_is_not_believed),
    SUITE_CASE(more_of_the_same_behind_zeros_is_something_else),
    SUITE_CASE(what_follows_like_a_magic_is_left),
    SUITE_CASE(data_that_are_cut_anywhere),
    SUITE_CASE(damaged_headers),
    SUITE_CASE(steps_that_lie),
    SUITE_CASE(sources_that_fail_or_shrink),
    SUITE_CASE(what_cannot_be_indexed),
    SUITE_CASE(limits_bind),
    SUITE_CASE(a_damaged_part_is_named_by_where_it_begins),
    SUITE_CASE(failures_are_explained),
    SUITE_CASE(auto_is_what_it_finds),
    SUITE_CASE(long_states_are_kept_packed),
    SUITE_CASE(states_that_do_not_pack_are_kept_as_they_are),
    SUITE_CASE(states_of_any_length),
    SUITE_CASE(a_stream_leaves_the_same_index),
    SUITE_CASE(what_was_read_so_far_has_an_index),
    SUITE_CASE(what_came_before_damage_has_an_index),
    SUITE_CASE(what_headers_do_not_tell_is_not_decoded_for_it),
    SUITE_CASE(a_name_that_does_not_end_takes_few_requests),
    SUITE_CASE(streams_that_cannot_mark),
    SUITE_CASE(a_stream_put_elsewhere_marks_no_more),
    SUITE_CASE(sources_that_begin_later_count_from_there),
    SUITE_CASE(workers_leave_points_that_are_as_good),
    SUITE_CASE(memory_may_be_refused_at_any_moment),
    SUITE_CASE(a_refused_point_leaves_the_index_as_it_was),
};

int main(int argc, char **argv)
{
    index_codec_register();
    return suite_run(argc, argv, &(struct suite){"test_index", cases, sizeof cases / sizeof *cases, false});
}
