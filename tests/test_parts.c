// SPDX-License-Identifier: MIT
// test_parts.c: codecs that do their work in parts: the same bytes and the same failures with any number of workers.
#include "parts_kit.h"

static const size_t widths[WIDTHS] = {0, 1, 2, 3, 8};
struct rove_workers *crews[WIDTHS];

void crews_begin(void)
{
    parts_codec_register();
    for (size_t i = 1; i < WIDTHS; i++) {
        struct rove_workers_opts opts = {.size = sizeof opts, .thread_cnt = widths[i]};
        CHECK_OK(rove_workers_new(&opts, &crews[i]));
    }
}

void crews_end(void)
{
    for (size_t i = 0; i < WIDTHS; i++)
        rove_workers_unref(crews[i]);
    memset(crews, 0, sizeof crews);
}

struct rove_limits limits_of(size_t width)
{
    return (struct rove_limits){.size = sizeof(struct rove_limits), .workers = crews[width]};
}

// How many parts the crew has done.
static uint64_t parts_done(size_t width)
{
    struct rove_workers_figures figures;
    rove_workers_measure(crews[width], &figures);
    return figures.done_cnt;
}

struct kit_bytes parts_encode(const char *spec, size_t width, struct kit_bytes plain,
                              unsigned flush_every, uint64_t memory)
{
    struct rove_limits limits = limits_of(width);
    limits.memory = memory;
    struct rove_stream *sink = kit_rope(), *s;
    CHECK_OK(rove_stream_encode(sink, spec, &limits, &s, NULL));
    for (size_t at = 0, n; at < plain.len && !rove_stream_error(s); at += n) {
        n = 1 + kit_draw(kit_draw(2) ? 300 : 30000);
        n = n < plain.len - at ? n : plain.len - at;
        CHECK_OK(rove_stream_write(s, plain.ptr + at, n));
        if (flush_every && (at / 997) % flush_every == 0)
            CHECK_OK(rove_stream_flush(s));
    }
    CHECK_OK(rove_stream_close(s));
    rove_stream_free(s);
    struct kit_bytes coded = kit_all(sink);
    rove_stream_free(sink);
    return coded;
}

enum rove_status parts_decode(const char *spec, size_t width, struct kit_bytes coded,
                              struct kit_bytes *out, char *why)
{
    struct rove_limits limits = limits_of(width);
    return kit_decode(spec, &limits, coded, out, why);
}

static void every_number_of_workers_writes_the_same(void)
{
    static const char *const specs[] = {"cut",
                                        "cut:linked=yes",
                                        "cut:block=64K",
                                        "cut:block=7",
                                        "crc32|cut:linked=yes|cut:block=300",
                                        "gzip:block=32K",
                                        "zlib:block=32K,level=0",
                                        "deflate:block=32K,dict=616263",
                                        "bgzf",
                                        "bgzf:level=0"};
    static const size_t lens[] = {0, 1, 999, 1000, 1001, 2000, 3000, 300000};
    crews_begin();
    for (size_t k = 0; k < sizeof specs / sizeof *specs; k++)
        for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
            struct kit_bytes plain = kit_content(lens[i], 1);
            struct kit_bytes first = parts_encode(specs[k], 0, plain, 0, 0);
            for (size_t w = 1; w < WIDTHS; w++) {
                uint64_t before = parts_done(w);
                struct kit_bytes coded = parts_encode(specs[k], w, plain, 0, 0);
                CHECK(kit_same(first, coded.ptr, coded.len));
                CHECK(lens[i] < 5000 || parts_done(w) > before);
                free(coded.ptr);
            }
            free(first.ptr);
            free(plain.ptr);
        }
    crews_end();
}

static void a_flush_ends_a_part(void)
{
    crews_begin();
    struct kit_bytes plain = kit_content(50000, 2);
    for (size_t w = 1; w < WIDTHS; w++) {
        kit_seed(5);
        struct kit_bytes first = parts_encode("cut:linked=yes", 0, plain, 3, 0);
        kit_seed(5);
        struct kit_bytes coded = parts_encode("cut:linked=yes", w, plain, 3, 0);
        CHECK(kit_same(first, coded.ptr, coded.len));
        free(first.ptr);
        free(coded.ptr);
    }
    free(plain.ptr);
    crews_end();
}

static const char *const texts[][2] = {
    {"cut", "cut"},   {"gzip:block=32K", "gzip"}, {"bgzf", "bgzf"},
    {"bgzf", "gzip"}, {"bgzf", "auto"},           {"zlib:block=32K,dict=6162", "zlib:dict=6162"}};
#define TEXTS (sizeof texts / sizeof *texts)

static void formats_are_read_as_without_workers(void)
{
    crews_begin();
    for (size_t k = 0; k < TEXTS; k++) {
        struct kit_bytes plain = kit_content(700000, 1), out;
        struct kit_bytes coded = parts_encode(texts[k][0], 2, plain, 9, 0);
        for (size_t w = 0; w < WIDTHS; w++) {
            CHECK_IS(ROVE_END, parts_decode(texts[k][1], w, coded, &out, NULL));
            CHECK(kit_same(plain, out.ptr, out.len));
            free(out.ptr);
        }
        free(coded.ptr);
        free(plain.ptr);
    }
    crews_end();
}

static void every_number_of_workers_reads_the_same(void)
{
    static const size_t lens[] = {0, 1, 1000, 1001, 300000};
    crews_begin();
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        struct kit_bytes plain = kit_content(lens[i], 1), out;
        struct kit_bytes coded = parts_encode("cut", 2, plain, 0, 0);
        for (size_t w = 0; w < WIDTHS; w++) {
            uint64_t before = parts_done(w);
            CHECK_IS(ROVE_END, parts_decode("cut", w, coded, &out, NULL));
            CHECK(kit_same(plain, out.ptr, out.len));
            CHECK(!w || lens[i] < 5000 || parts_done(w) > before);
            free(out.ptr);
            CHECK_IS(ROVE_END,
                     parts_decode("cut:grow=yes", w, coded, &out, NULL)); // parts have no room
            CHECK(kit_same(plain, out.ptr, out.len));
            free(out.ptr);
        }
        free(coded.ptr);
        free(plain.ptr);
    }
    crews_end();
}

// Some bytes changed, the end cut off, or both, or neither.
static struct kit_bytes damaged(struct kit_bytes coded)
{
    struct kit_bytes bad = {malloc(coded.len), coded.len};
    memcpy(bad.ptr, coded.ptr, coded.len);
    for (uint64_t k = kit_draw(3); k-- > 0;)
        bad.ptr[kit_draw(coded.len)] ^= (uint8_t) (1 + kit_draw(255));
    if (kit_draw(3) == 0)
        bad.len = kit_draw(coded.len);
    return bad;
}

static void read_damaged(const char *spec, struct kit_bytes bad)
{
    struct kit_bytes first, out;
    char why[256], first_why[256];
    enum rove_status status = parts_decode(spec, 0, bad, &first, first_why);
    for (size_t w = 1; w < WIDTHS; w++) {
        CHECK_IS(status, parts_decode(spec, w, bad, &out, why));
        CHECK(kit_same(first, out.ptr, out.len));
        if (status != ROVE_END)
            CHECK(strcmp(first_why, why) == 0);
        free(out.ptr);
    }
    free(first.ptr);
}

// Wherever damage is, what is given before it is told, and what is told, do not depend on workers.
static void damage_is_told_as_without_workers(void)
{
    crews_begin();
    for (size_t k = 0; k < TEXTS; k++) {
        struct kit_bytes plain = kit_content(k ? 400000 : 30000, 1);
        struct kit_bytes coded = parts_encode(texts[k][0], 0, plain, 0, 0);
        for (uint64_t round = 0; round < 1 + suite_scaled(k ? 40 : 300); round++) {
            struct kit_bytes bad = damaged(coded);
            read_damaged(texts[k][1], bad);
            free(bad.ptr);
        }
        free(coded.ptr);
        free(plain.ptr);
    }
    crews_end();
}

// However little there is, what can be done without workers can be done with them.
static void little_memory_means_fewer_parts(void)
{
    crews_begin();
    struct kit_bytes plain = kit_content(200000, 1);
    struct kit_bytes first = parts_encode("cut", 0, plain, 0, 0), out;
    for (uint64_t memory = 160 << 10; memory < 4 << 20; memory += memory / 3)
        for (size_t w = 1; w < WIDTHS; w++) {
            struct kit_bytes coded = parts_encode("cut", w, plain, 0, memory);
            CHECK(kit_same(first, coded.ptr, coded.len));
            free(coded.ptr);
            struct rove_limits limits = limits_of(w);
            limits.memory = memory;
            CHECK_IS(ROVE_END, kit_decode("cut", &limits, first, &out, NULL));
            CHECK(kit_same(plain, out.ptr, out.len));
            free(out.ptr);
        }
    free(first.ptr);
    free(plain.ptr);
    crews_end();
}

static const struct suite_case cases[] = {
    SUITE_CASE(every_number_of_workers_writes_the_same),
    SUITE_CASE(a_flush_ends_a_part),
    SUITE_CASE(every_number_of_workers_reads_the_same),
    SUITE_CASE(formats_are_read_as_without_workers),
    SUITE_CASE(damage_is_told_as_without_workers),
    SUITE_CASE(little_memory_means_fewer_parts),
    SUITE_CASE(a_sink_that_would_block_gets_all),
    SUITE_CASE(a_failing_sink_fails_at_the_same_byte),
    SUITE_CASE(a_source_that_would_block_gives_all),
    SUITE_CASE(a_failing_source_fails_after_what_it_gave),
    SUITE_CASE(nothing_is_awaited_while_something_can_be_given),
    SUITE_CASE(what_follows_the_end_stays_in_the_source),
    SUITE_CASE(a_stream_can_be_put_elsewhere_at_any_moment),
    SUITE_CASE(streams_stand_on_each_other_with_one_worker),
    SUITE_CASE(an_executor_may_refuse),
    SUITE_CASE(threads_share_workers),
    SUITE_CASE(refused_memory_is_told_or_done_without),
};

int main(int argc, char **argv)
{
    return suite_run(argc, argv,
                     &(struct suite){"test_parts", cases, sizeof cases / sizeof *cases, false});
}
