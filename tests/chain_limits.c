// SPDX-License-Identifier: MIT
// chain_limits.c: limits to the byte, bombs, and memory that is not there.
#include "chain_faults.h"
#include "chain_kit.h"

#include "filter/tray.h"
#include "support/amount.h"
#include "support/suite.h"

#include <rove/view.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// limits ------------------------------------------------------------------------------------------

void the_output_limit_is_exact(void)
{
    static const char *const specs[] = {"gzip", "lz4", "copy", "crc32", "crc32|zlib|lz4", "gzip|adler32"};
    static const size_t lens[] = {1, 2, 255, 65536, 100000, 300000};
    for (size_t c = 0; c < sizeof specs / sizeof *specs; c++)
        for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
            struct rove_limits limits = {.size = sizeof limits, .output = lens[i]};
            struct kit_bytes plain = kit_content(lens[i], (unsigned) i % 4), out;
            struct kit_bytes coded = kit_encode(specs[c], plain.ptr, plain.len);
            char why[300];
            CHECK_IS(ROVE_END, kit_decode(specs[c], &limits, coded, &out, NULL));
            CHECK(kit_same(out, plain.ptr, plain.len));
            free(out.ptr);
            limits.output--;
            if (limits.output) {
                CHECK_IS(ROVE_E_LIMIT, kit_decode(specs[c], &limits, coded, &out, why));
                CHECK(kit_same(out, plain.ptr, plain.len - 1));
                CHECK(strstr(why, "more would come out: the limit on output is ") != NULL);
                free(out.ptr);
            }
            limits.output = ROVE_NO_LIMIT;
            CHECK_IS(ROVE_END, kit_decode(specs[c], &limits, coded, &out, NULL));
            free(out.ptr);
            free(plain.ptr);
            free(coded.ptr);
        }
}

void the_limit_layer_is_exact(void)
{
    struct kit_bytes plain = kit_content(1000, 0), out, coded;
    coded = kit_encode("gzip", plain.ptr, plain.len);
    CHECK_IS(ROVE_END, kit_decode("limit:max=1000|gzip", NULL, coded, &out, NULL));
    CHECK(kit_same(out, plain.ptr, 1000));
    free(out.ptr);
    CHECK_IS(ROVE_E_LIMIT, kit_decode("limit:max=999|gzip", NULL, coded, &out, NULL));
    CHECK(kit_same(out, plain.ptr, 999));
    free(out.ptr);
    CHECK_IS(ROVE_E_LIMIT, kit_decode("limit:max=0|gzip", NULL, coded, &out, NULL));
    CHECK_EQ(0, out.len);
    free(out.ptr);
    char text[64];
    snprintf(text, sizeof text, "gzip|limit:max=%zu", coded.len);
    CHECK_IS(ROVE_END, kit_decode(text, NULL, coded, &out, NULL));
    free(out.ptr);
    snprintf(text, sizeof text, "gzip|limit:max=%zu", coded.len - 1);
    CHECK_IS(ROVE_E_LIMIT, kit_decode(text, NULL, coded, &out, NULL));
    free(out.ptr);
    struct rove_stream *sink = kit_rope(), *stream = NULL;
    CHECK_OK(rove_stream_encode(sink, "crc32|limit:max=500", NULL, &stream, NULL));
    CHECK_OK(rove_stream_write(stream, plain.ptr, 1000));
    CHECK_IS(ROVE_E_LIMIT, rove_stream_close(stream));
    out = kit_all(sink);
    CHECK(kit_same(out, plain.ptr, 500));
    free(out.ptr);
    rove_stream_free(stream);
    rove_stream_free(sink);
    free(plain.ptr);
    free(coded.ptr);
}

void the_ratio_counts_from_a_mebibyte_on(void)
{
    static const size_t lens[] = {1 << 20, (1 << 20) + 1, 3 << 20};
    for (size_t i = 0; i < 3; i++) {
        struct rove_limits limits = {.size = sizeof limits, .ratio = 10};
        struct kit_bytes plain = kit_content(lens[i], 2), out; // zeros
        struct kit_bytes coded = kit_encode("gzip", plain.ptr, plain.len);
        char why[300];
        enum rove_status wanted = i ? ROVE_E_LIMIT : ROVE_END;
        CHECK_IS(wanted, kit_decode("crc32|gzip", &limits, coded, &out, why));
        CHECK(out.len <= 1 << 20);
        CHECK(!i || strstr(why, "makes too much of what came in: the limit on ratio is ") != NULL);
        free(out.ptr);
        limits.ratio = 2 * (plain.len / coded.len); // it varies on the way
        CHECK_IS(ROVE_END, kit_decode("gzip", &limits, coded, &out, NULL));
        free(out.ptr);
        limits.ratio = ROVE_NO_LIMIT;
        CHECK_IS(ROVE_END, kit_decode("gzip", &limits, coded, &out, NULL));
        free(out.ptr);
        free(plain.ptr);
        free(coded.ptr);
    }
}

// The field of a name, to be raised.
static uint64_t *field_of(struct rove_limits *limits, const char *name)
{
    return strcmp(name, "output") == 0   ? &limits->output
           : strcmp(name, "memory") == 0 ? &limits->memory
           : strcmp(name, "ratio") == 0  ? &limits->ratio
                                         : NULL;
}

// Reads through one chain, or through two stacked ones, under the limits of the lower one.
static enum rove_status read_limited(const char *spec, bool stacked, const struct rove_limits *limits,
                                     struct kit_bytes coded, char *name, char *why)
{
    struct rove_stream *source = kit_source(coded.ptr, coded.len), *lower = NULL, *upper = NULL;
    struct rove_spec_error error = {0};
    struct kit_bytes out = {NULL, 0};
    enum rove_status status = rove_stream_decode(source, spec, limits, &lower, &error);
    name[0] = 0;
    if (status) { // it cannot be opened: that is memory alone
        strcpy(name, "memory");
        strcpy(why, error.text);
    } else {
        if (stacked)
            CHECK_OK(rove_stream_decode(lower, "crc32", NULL, &upper, NULL));
        struct rove_stream *top = stacked ? upper : lower;
        status = kit_drain(top, &out);
        snprintf(name, 16, "%s", rove_stream_limit(top) ? rove_stream_limit(top) : "");
        snprintf(why, 300, "%s", rove_stream_explain(top));
        CHECK((status == ROVE_E_LIMIT) == (rove_stream_limit(top) != NULL));
    }
    free(out.ptr);
    rove_stream_free(upper);
    rove_stream_free(lower);
    rove_stream_free(source);
    return status;
}

// Only what is named is raised, and at last all of it can be read.
void each_limit_names_the_field_that_lifts_it(void)
{
    static const char *const specs[] = {"gzip", "lz4:block=4M", "crc32|zlib|lz4", "gzip|gzip"};
    for (size_t i = 0; i < 2 * sizeof specs / sizeof *specs; i++) {
        struct rove_limits limits = {.size = sizeof limits, .output = 1000, .memory = 1000, .ratio = 1};
        struct kit_bytes plain = kit_content(3 << 20, 2); // zeros
        struct kit_bytes coded = kit_encode(specs[i / 2], plain.ptr, plain.len);
        unsigned seen = 0, rounds = 0;
        char name[16], why[300], said[64];
        while (read_limited(specs[i / 2], i % 2, &limits, coded, name, why) != ROVE_END && rounds++ < 100) {
            uint64_t *field = field_of(&limits, name);
            if (!CHECK(field != NULL))
                break;
            snprintf(said, sizeof said, ": the limit on %s is %llu", name, (unsigned long long) *field);
            CHECK(strstr(why, said) != NULL);
            seen |= 1u << (field - &limits.output);
            *field *= 2;
        }
        CHECK(rounds < 100 && seen == 7);
        free(plain.ptr);
        free(coded.ptr);
    }
    CHECK(rove_stream_limit(NULL) == NULL);
    struct kit_bytes plain = kit_content(100, 0), coded = kit_encode("gzip", plain.ptr, plain.len), out;
    char why[300];
    CHECK_IS(ROVE_E_LIMIT, kit_decode("limit:max=99|gzip", NULL, coded, &out, why)); // a key's own
    CHECK(strstr(why, "more than the 99 bytes that max allows") != NULL);
    free(out.ptr);
    free(plain.ptr);
    free(coded.ptr);
}

void the_memory_limit_counts_states_and_buffers(void)
{
    struct rove_stream *rope = kit_rope(), *stream = NULL;
    struct rove_limits limits = {.size = sizeof limits, .memory = 1};
    struct rove_spec_error error;
    CHECK_IS(ROVE_E_LIMIT, rove_stream_encode(rope, "crc32", &limits, &stream, &error));
    limits.memory = 100000; // deflate wants 262 KiB
    CHECK_IS(ROVE_E_LIMIT, rove_stream_encode(rope, "gzip", &limits, &stream, &error));
    CHECK(strstr(error.text, "gzip: it wants more memory") != NULL);
    limits.memory = 270000; // that, but no buffer
    CHECK_OK(rove_stream_encode(rope, "gzip", &limits, &stream, NULL));
    CHECK_IS(ROVE_E_LIMIT, rove_stream_write(stream, "x", 1));
    CHECK(strstr(rove_stream_explain(stream), "its buffers want more memory") != NULL);
    CHECK_IS(ROVE_E_LIMIT, rove_stream_close(stream));
    rove_stream_free(stream);
    limits.memory = 1 << 20;
    CHECK_OK(rove_stream_encode(rope, "gzip", &limits, &stream, NULL));
    CHECK_OK(rove_stream_write(stream, "x", 1));
    CHECK_OK(rove_stream_close(stream));
    rove_stream_free(stream);
    CHECK_OK(rove_stream_seek(rope, 0, ROVE_SET, NULL));
    limits.memory = 20000; // the state, no buffer
    CHECK_OK(rove_stream_decode(rope, "gzip", &limits, &stream, NULL));
    uint8_t byte;
    CHECK_IS(ROVE_E_LIMIT, rove_stream_read(stream, &byte, 1, NULL));
    rove_stream_free(stream);
    rove_stream_free(rope);
}

void the_depth_of_stacked_streams_adds_up(void)
{
    struct rove_stream *rope = kit_rope(), *streams[9];
    struct rove_spec_error error;
    for (unsigned dir = 0; dir < 2; dir++) {
        struct rove_stream *below = rope;
        for (unsigned i = 0; i < 9; i++) {
            enum rove_status status =
                dir ? rove_stream_decode(below, "copy", NULL, &streams[i], &error)
                    : rove_stream_encode(below, "copy", NULL, &streams[i], &error);
            CHECK_IS(i < 8 ? ROVE_OK : ROVE_E_LIMIT, status);
            below = streams[i];
        }
        CHECK(strstr(error.text, "more than 8 filters") != NULL);
        if (dir == 0) {
            struct rove_stream *other;
            CHECK_IS(ROVE_E_LIMIT,
                     rove_stream_encode(streams[4], "copy|copy|copy|crc32", NULL, &other, NULL));
            CHECK_OK(rove_stream_encode(streams[4], "copy|copy|copy", NULL, &other, NULL));
            CHECK_OK(rove_stream_finish(other));
            CHECK_OK(rove_stream_rechain(other, streams[4]));
            CHECK_OK(rove_stream_finish(other));
            CHECK_IS(ROVE_E_LIMIT, rove_stream_rechain(other, streams[5]));
            rove_stream_free(other);
        }
        for (unsigned i = 8; i--;)
            rove_stream_free(streams[i]);
    }
    rove_stream_free(rope);
}

void limits_of_a_wrong_size_are_refused(void)
{
    struct rove_stream *rope = kit_rope(), *stream = NULL;
    struct rove_limits limits = {.size = 0};
    CHECK_IS(ROVE_E_ARG, rove_stream_encode(rope, "copy", &limits, &stream, NULL));
    limits.size = sizeof(size_t); // all else is the default
    limits.memory = 1;
    CHECK_OK(rove_stream_encode(rope, "copy", &limits, &stream, NULL));
    rove_stream_free(stream);
    rove_stream_free(rope);
}

// bombs -------------------------------------------------------------------------------------------

// Zeros, coded by gzip over gzip over …; made layer by layer.
static struct kit_bytes bomb(unsigned layers, size_t len)
{
    struct kit_bytes plain = kit_content(len, 2), coded = plain;
    for (unsigned i = 0; i < layers; i++) {
        coded = kit_encode("gzip", plain.ptr, plain.len);
        free(plain.ptr);
        plain = coded;
    }
    return coded;
}

void a_bomb_between_layers_is_refused(void)
{
    struct rove_limits limits = {.size = sizeof limits, .output = 1 << 20};
    struct kit_bytes coded = bomb(1, 16 << 20), out;
    char why[300];
    kit_register_evil();
    CHECK_IS(ROVE_E_LIMIT, kit_decode("evil:act=swallow|gzip", &limits, coded, &out, why));
    CHECK_EQ(0, out.len);
    CHECK(strstr(why, "layer 2 of 2 (gzip): it makes more than may come out: the limit on output is ") != NULL);
    free(out.ptr);
    limits.output = 16 << 20;
    CHECK_IS(ROVE_END, kit_decode("evil:act=swallow|gzip", &limits, coded, &out, why));
    free(out.ptr);
    limits.output = 0;
    limits.ratio = 100;
    CHECK_IS(ROVE_E_LIMIT, kit_decode("evil:act=swallow|gzip", &limits, coded, &out, why));
    free(out.ptr);
    free(coded.ptr);
}

void bombs_of_one_to_eight_layers_are_refused(void)
{
    char text[64] = "gzip";
    for (unsigned layers = 1; layers <= 8; layers++) {
        struct rove_limits limits = {.size = sizeof limits, .output = 1 << 20, .memory = 8 << 20};
        struct kit_bytes coded = bomb(layers, suite_scaled(2) < 2 ? 16 << 20 : 64 << 20);
        struct rove_stream *source = kit_source(coded.ptr, coded.len), *stream = NULL;
        uint8_t some[4096];
        uint64_t sum = 0;
        size_t n;
        enum rove_status status = rove_stream_decode(source, text, &limits, &stream, NULL);
        uint64_t before = env.alloc.live_len;
        env.alloc.peak_len = before;
        while (status == ROVE_OK) {
            status = rove_stream_read(stream, some, sizeof some, &n);
            sum += n;
        }
        CHECK_IS(ROVE_E_LIMIT, status);
        CHECK_EQ(1 << 20, sum);
        CHECK(env.alloc.peak_len - before <= 8u << 20);
        rove_stream_free(stream);
        limits.output = 0;
        limits.ratio = 100;
        CHECK_OK(rove_stream_seek(source, 0, ROVE_SET, NULL));
        CHECK_OK(rove_stream_decode(source, text, &limits, &stream, NULL));
        struct kit_bytes out;
        CHECK_IS(ROVE_E_LIMIT, kit_drain(stream, &out));
        CHECK(out.len <= (2u << 20));
        free(out.ptr);
        rove_stream_free(stream);
        rove_stream_free(source);
        free(coded.ptr);
        strcat(text, layers < 8 ? "|gzip" : "");
    }
}

// memory ------------------------------------------------------------------------------------------

// Everything that a chain does, once. Returns the first failure.
static enum rove_status all_once(const char *spec, const char *reading, struct kit_bytes plain)
{
    struct rove_stream *rope = NULL, *writer = NULL, *reader = NULL;
    uint8_t buf[512];
    size_t n = 0, sum = 0;
    enum rove_status status = rove_stream_new(env.pool, &rope);
    if (status == ROVE_OK)
        status = rove_stream_encode(rope, spec, NULL, &writer, NULL);
    for (size_t at = 0; at < plain.len && !status; at += n) {
        n = plain.len - at < 70000 ? plain.len - at : 70000;
        status = rove_stream_write(writer, plain.ptr + at, n);
    }
    if (status == ROVE_OK)
        status = rove_stream_flush(writer);
    if (status == ROVE_OK)
        status = rove_stream_finish(writer);
    if (status == ROVE_OK)
        status = rove_stream_seek(rope, 0, ROVE_SET, NULL);
    for (unsigned round = 0; round < 2 && status == ROVE_OK; round++) {
        if (!round)
            status = rove_stream_decode(rope, reading, NULL, &reader, NULL);
        else
            status = rove_stream_rechain(reader, rope);
        for (sum = 0; status == ROVE_OK; sum += n) {
            status = rove_stream_read(reader, buf, sizeof buf, &n);
            CHECK(memcmp(buf, plain.ptr + sum, n) == 0);
        }
        if (status == ROVE_END && CHECK_EQ(plain.len, sum))
            status = rove_stream_seek(rope, 0, ROVE_SET, NULL);
    }
    if (status == ROVE_OK)
        status = rove_stream_rechain(writer, rope);
    if (writer) {
        enum rove_status closing = rove_stream_close(writer);
        status = status ? status : closing;
    }
    rove_stream_free(reader);
    rove_stream_free(writer);
    rove_stream_free(rope);
    return status;
}

void every_failing_allocation_leaves_nothing(void)
{
    static const char *const specs[][2] = {{"gzip:name=abc", "gzip"},
                                           {"lz4", "auto"},
                                           {"crc32|zlib|xxh3|lz4:linked=yes", "crc32|zlib|xxh3|lz4"},
                                           {"deflate:dict=616263", "deflate:dict=616263"},
                                           {"adler32", "adler32"},
                                           {"copy|copy|copy", "copy|copy|copy"}};
    struct kit_bytes plain = kit_content(amount_of(300000, 150000), 1);
    uint64_t sites = 0;
    for (size_t c = 0; c < sizeof specs / sizeof *specs; c++)
        for (unsigned persistent = 0; persistent < 2; persistent++)
            for (uint64_t n = 1, failed = 1, all = suite_scaled(240); failed;
                 n += n < all ? 1 : 1 + n * 4 / all) {
                rove_pool_trim(env.pool);
                uint64_t live = test_alloc_live(&env.alloc);
                test_alloc_arm(&env.alloc, n, persistent);
                enum rove_status status = all_once(specs[c][0], specs[c][1], plain);
                failed = test_alloc_failed(&env.alloc);
                test_alloc_arm(&env.alloc, 0, false);
                CHECK(failed ? status == ROVE_E_NOMEM || status == ROVE_OK : status == ROVE_OK);
                rove_pool_trim(env.pool);
                CHECK(test_alloc_live(&env.alloc) <= live + 1); // a thread's slot comes once
                sites += failed > 0;
            }
    suite_note("%llu failing allocations", (unsigned long long) sites);
    CHECK(sites > suite_scaled(100));
    free(plain.ptr);
}

void a_failed_allocation_may_be_tried_again(void)
{
    struct kit_bytes plain = kit_content(300000, 1), out;
    struct kit_bytes coded = kit_encode("crc32|gzip|lz4", plain.ptr, plain.len);
    for (uint64_t n = 1, failed = 1; failed; n++) {
        struct rove_stream *source = kit_source(coded.ptr, coded.len), *stream = NULL;
        CHECK_OK(rove_stream_decode(source, "crc32|gzip|lz4", NULL, &stream, NULL));
        rove_pool_trim(env.pool);
        test_alloc_arm(&env.alloc, n, false);
        enum rove_status status = kit_drain(stream, &out);
        failed = test_alloc_failed(&env.alloc);
        test_alloc_arm(&env.alloc, 0, false);
        CHECK(status == ROVE_END || (failed && status == ROVE_E_NOMEM));
        CHECK(memcmp(out.ptr, plain.ptr, out.len) == 0);
        struct kit_bytes rest = {NULL, 0};
        if (status == ROVE_E_NOMEM) {
            rove_stream_clear_error(stream);
            status = kit_drain(stream, &rest);
            // a buffer may be asked for again; a filter that failed is done for
            CHECK(status == ROVE_E_NOMEM ||
                  (status == ROVE_END && out.len + rest.len == plain.len));
            CHECK(memcmp(rest.ptr, plain.ptr + out.len, rest.len) == 0);
        }
        free(rest.ptr);
        free(out.ptr);
        rove_stream_free(stream);
        rove_stream_free(source);
    }
    free(plain.ptr);
    free(coded.ptr);
}

void a_pool_without_memory_fails_cleanly(void)
{
    struct rove_pool_opts opts = {
        .size = sizeof opts, .allocator = &env.alloc.table, .chunk_len = 4096};
    struct kit_bytes plain = kit_content(300000, 0);
    for (opts.memory_limit = 1000; opts.memory_limit < 3000000; opts.memory_limit *= 2) {
        struct rove_pool *pool, *usual = env.pool;
        CHECK_OK(rove_pool_new(&opts, &pool));
        env.pool = pool;
        enum rove_status status = all_once("crc32|gzip", "crc32|gzip", plain);
        CHECK(status == ROVE_OK || status == ROVE_E_LIMIT);
        env.pool = usual;
        rove_pool_unref(pool);
    }
    free(plain.ptr);
}

void a_chain_works_on_a_pool_that_spills(void)
{
    struct rove_pool_opts opts = {.size = sizeof opts,
                                  .allocator = &env.alloc.table,
                                  .flags = ROVE_POOL_SPILL,
                                  .memory_limit = 5 << 20};
    struct rove_pool *usual = env.pool;
    struct kit_bytes plain = kit_content(12 << 20, 0), out;
    struct rove_pool_figures figures;
    CHECK_OK(rove_pool_new(&opts, &env.pool));
    struct rove_stream *rope = kit_rope(), *writer = NULL, *reader = NULL;
    CHECK_OK(rove_stream_encode(rope, "crc32|lz4|crc32", NULL, &writer, NULL));
    for (size_t at = 0; at < plain.len; at += 1 << 16)
        CHECK_OK(rove_stream_write(writer, plain.ptr + at, 1 << 16));
    CHECK_OK(rove_stream_close(writer));
    rove_pool_measure(env.pool, &figures);
    CHECK(figures.sleeping_cnt > 0);
    for (unsigned round = 0; round < 2; round++) {
        CHECK_OK(rove_stream_seek(rope, 0, ROVE_SET, NULL));
        CHECK_OK(rove_stream_decode(rope, round ? "crc32" : "crc32|lz4", NULL, &reader, NULL));
        CHECK_IS(ROVE_END, kit_drain(reader, &out));
        CHECK(round || kit_same(out, plain.ptr, plain.len));
        free(out.ptr);
        rove_stream_free(reader);
    }
    rove_stream_free(writer);
    rove_stream_free(rope);
    rove_pool_unref(env.pool);
    env.pool = usual;
    free(plain.ptr);
}

// A device that takes everything and keeps nothing.
static enum rove_status swallow(void *ctx, const void *src, size_t len, size_t *len_out)
{
    (void) ctx;
    (void) src;
    *len_out = len;
    return ROVE_OK;
}

void reuse_allocates_nothing(void)
{
    static const char *const specs[] = {"gzip", "lz4", "crc32|zlib", "copy|lz4|crc32", "xxh3"};
    struct rove_io io = {.size = sizeof io, .write = swallow};
    struct kit_bytes plain = kit_content(5000, 1);
    for (size_t c = 0; c < sizeof specs / sizeof *specs; c++) {
        struct kit_bytes coded = kit_encode(specs[c], plain.ptr, plain.len);
        struct rove_stream *sink = NULL, *writer = NULL, *reader = NULL;
        struct rove_stream *source = kit_source(coded.ptr, coded.len);
        CHECK_OK(rove_stream_from_io(&io, NULL, env.pool, &sink));
        CHECK_OK(rove_stream_encode(sink, specs[c], NULL, &writer, NULL));
        CHECK_OK(rove_stream_decode(source, specs[c], NULL, &reader, NULL));
        for (unsigned round = 0; round < 5; round++) {
            uint8_t buf[5001];
            size_t n;
            if (round == 2)
                test_alloc_arm(&env.alloc, 0, false);
            CHECK_OK(rove_stream_write(writer, plain.ptr, plain.len));
            CHECK_OK(rove_stream_finish(writer));
            CHECK_OK(rove_stream_rechain(writer, sink));
            CHECK_IS(ROVE_END, rove_stream_read(reader, buf, sizeof buf, &n));
            CHECK_EQ(plain.len, n);
            CHECK_OK(rove_stream_seek(source, 0, ROVE_SET, NULL));
            CHECK_OK(rove_stream_rechain(reader, source));
        }
        CHECK_EQ(0, test_alloc_calls(&env.alloc));
        rove_stream_free(writer);
        rove_stream_free(reader);
        rove_stream_free(source);
        rove_stream_free(sink);
        free(coded.ptr);
    }
    free(plain.ptr);
}

// A tray is as long as its filter likes, but for the least and the most.
void a_tray_is_bounded(void)
{
    static const size_t lens[] = {4096, 65536, (size_t) 1 << 20, (size_t) 8 << 20};
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        struct rove_pool *pool = suite_pool_new(NULL, lens[i]);
        size_t most = 64 * lens[i] < (size_t) 4 << 20 ? 64 * lens[i] : (size_t) 4 << 20;
        most = most < lens[i] ? lens[i] : most;
        CHECK_EQ(lens[i], rv_tray_len(pool, 0));
        CHECK_EQ(lens[i] > 200000 ? lens[i] : 200000, rv_tray_len(pool, 200000));
        CHECK_EQ(most, rv_tray_len(pool, most));
        CHECK_EQ(most, rv_tray_len(pool, (size_t) 100 << 20));
        rove_pool_unref(pool);
    }
}

// What has been passed on to a rope is the rope's, and counts no more against the chain's memory.
void what_was_passed_on_counts_no_more(void)
{
    const struct rove_limits limits = {.size = sizeof limits, .memory = (size_t) 2 << 20};
    struct kit_bytes plain = kit_content(16 << 20, 1), out;
    struct rove_stream *sink = kit_rope(), *writer = NULL;
    char why[300];
    CHECK_OK(rove_stream_encode(sink, "copy", &limits, &writer, NULL));
    for (size_t at = 0; at < plain.len; at += 65536)
        if (!CHECK_OK(rove_stream_write(writer, plain.ptr + at, 65536)))
            break;
    CHECK_OK(rove_stream_close(writer));
    CHECK_IS(ROVE_END, kit_decode("copy", &limits, plain, &out, why));
    CHECK(kit_same(out, plain.ptr, plain.len));
    free(out.ptr);
    rove_stream_free(writer);
    rove_stream_free(sink);
    free(plain.ptr);
}

void slices_are_shared_with_a_rope(void)
{
    struct kit_bytes plain = kit_content(8 << 20, 0);
    struct rove_stream *sink = kit_rope(), *writer = NULL;
    struct rove_rope rope;
    struct rove_rope_figures figures;
    CHECK_OK(rove_stream_encode(sink, "crc32|lz4", NULL, &writer, NULL));
    for (size_t at = 0; at < plain.len; at += 1000)
        CHECK_OK(rove_stream_write(writer, plain.ptr + at,
                                   plain.len - at < 1000 ? plain.len - at : 1000));
    CHECK_OK(rove_stream_close(writer));
    CHECK_OK(rove_stream_clone_rope(sink, &rope));
    CHECK_OK(rove_rope_measure(&rope, &figures));
    CHECK(figures.slice_cnt < 200); // of 64 KiB, and some that were copied
    CHECK(figures.retained < figures.len + figures.len / 16 + (1 << 20));
    rove_rope_fini(&rope);
    rove_stream_free(writer);
    rove_stream_free(sink);
    free(plain.ptr);
}
