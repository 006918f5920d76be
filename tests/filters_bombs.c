// SPDX-License-Identifier: MIT
// filters_bombs.c: streams that would become far more than they are, made here layer by layer.
#include "filters_stacks.h"

#include "chain_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLAIN_LEN ((size_t) 16 << 20)
#define OUTPUT_MAX ((uint64_t) 1 << 20)
#define MEMORY_MAX ((uint64_t) 8 << 20)

static const char *const codecs[] = {"gzip", "bgzf", "zlib", "deflate", "lz4", "lz4:block=4M"};

#define CODECS (sizeof codecs / sizeof *codecs)

// Layer i of a bomb of one codec, or, for number CODECS, of each in turn.
static const char *layer_of(size_t bomb, unsigned i)
{
    return codecs[bomb < CODECS ? bomb : i % CODECS];
}

static const char *name_of(const char *layer)
{
    return strncmp(layer, "lz4", 3) == 0 ? "lz4" : layer;
}

// Wraps a bomb in one layer more.
static void wrap(struct kit_bytes *coded, const char *layer)
{
    struct kit_bytes inner = *coded;
    *coded = kit_encode(layer, inner.ptr, inner.len);
    free(inner.ptr);
}

// All layers in one text, the outermost last; or each in a stream of its own.
static enum rove_status open_bomb(struct rove_stream *source, size_t bomb, unsigned layers,
                                  bool in_one, struct rove_stream **streams)
{
    static const struct rove_limits limits = {
        .size = sizeof limits, .output = OUTPUT_MAX, .memory = MEMORY_MAX};
    char text[128] = "";
    enum rove_status status = ROVE_OK;
    for (unsigned i = 0; i < layers && in_one; i++) {
        strcat(text, i ? "|" : "");
        strcat(text, name_of(layer_of(bomb, i)));
    }
    if (in_one)
        return rove_stream_decode(source, text, &limits, &streams[0], NULL);
    for (unsigned i = 0; i < layers && !status; i++) { // streams[0] gives the content
        struct rove_stream *below = i ? streams[layers - i] : source;
        status =
            rove_stream_decode(below, name_of(layer_of(bomb, layers - 1 - i)),
                               i + 1 == layers ? &limits : NULL, &streams[layers - 1 - i], NULL);
    }
    return status;
}

static void defuse(struct kit_bytes coded, size_t bomb, unsigned layers, bool in_one)
{
    struct rove_stream *source = kit_source(coded.ptr, coded.len), *streams[8] = {NULL};
    uint8_t some[4096];
    uint64_t sum = 0, before = env.alloc.live_len;
    size_t n;
    env.alloc.peak_len = before;
    enum rove_status status = open_bomb(source, bomb, layers, in_one, streams);
    while (status == ROVE_OK) {
        status = rove_stream_read(streams[0], some, sizeof some, &n);
        sum += n;
    }
    bool fine = CHECK_IS(ROVE_E_LIMIT, status);
    fine &= CHECK_EQ(OUTPUT_MAX, sum); // not one byte more is seen
    fine &= CHECK(env.alloc.peak_len - before <= MEMORY_MAX + (4u << 20)); // slabs come by 2 MiB
    if (!fine)
        suite_note("bomb %zu of %u layers", bomb, layers);
    for (unsigned i = 0; i < 8; i++) // the upper ones first
        rove_stream_free(streams[i]);
    rove_stream_free(source);
}

void bombs_of_every_codec_and_depth_are_refused(void)
{
    unsigned cnt = 0;
    for (size_t bomb = 0; bomb <= CODECS; bomb++) {
        struct kit_bytes coded = kit_content(PLAIN_LEN, 2);
        for (unsigned layers = 1; layers <= 8; layers++) {
            wrap(&coded, layer_of(bomb, layers - 1));
            defuse(coded, bomb, layers, true);
            defuse(coded, bomb, layers, false);
            cnt += 2;
        }
        free(coded.ptr);
    }
    suite_note("%u bombs of 1 to 8 layers refused, each after exactly %u bytes of output", cnt,
               (unsigned) OUTPUT_MAX);
}

// depth -------------------------------------------------------------------------------------------

static enum rove_status open_copies(struct rove_stream *below, unsigned cnt, bool decodes,
                                    struct rove_stream **out)
{
    char text[80] = "crc32";
    for (unsigned i = 1; i < cnt; i++)
        strcat(text, i % 2 ? "|copy" : "|count");
    return decodes ? rove_stream_decode(below, text, NULL, out, NULL)
                   : rove_stream_encode(below, text, NULL, out, NULL);
}

void depth_counts_texts_and_streams_together(void)
{
    unsigned allowed = 0, refused = 0;
    for (unsigned parts = 0; parts < 8 * 8 * 4 * 2; parts++) {
        unsigned depth[3] = {1 + parts % 8, 1 + parts / 8 % 8, parts / 64 % 4};
        bool decodes = parts / 256 != 0;
        struct rove_stream *streams[4] = {kit_rope()};
        unsigned sum = 0;
        for (unsigned i = 0; i < 3 && depth[i]; i++) {
            enum rove_status status = open_copies(streams[i], depth[i], decodes, &streams[i + 1]);
            sum += depth[i];
            CHECK_IS(sum <= 8 ? ROVE_OK : ROVE_E_LIMIT, status);
            allowed += !status;
            refused += status != 0;
            if (status)
                break;
        }
        for (unsigned i = 4; i--;)
            rove_stream_free(streams[i]);
    }
    suite_note("%u stacks of up to 8 layers allowed, %u deeper ones refused", allowed, refused);
}

// ratio -------------------------------------------------------------------------------------------

// Zeros are allowed below the floor, whatever they were coded to, and refused above it.
void the_ratio_has_a_floor_in_every_layer(void)
{
    static const char *const texts[] = {"gzip",      "zlib",      "deflate",         "lz4",
                                        "bgzf",      "zlib|gzip", "copy|gzip", "crc32|lz4|crc32", "gzip|copy"};
    static const struct {
        size_t len;
        enum rove_status status;
    } steps[] = {{(1 << 20) - 1, ROVE_END}, {1 << 20, ROVE_END}, {5 << 20, ROVE_E_LIMIT}};
    struct rove_limits limits = {.size = sizeof limits, .ratio = 50};
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
        for (size_t i = 0; i < 3; i++) {
            struct kit_bytes plain = kit_content(steps[i].len, 2), out;
            struct kit_bytes coded = kit_encode(texts[t], plain.ptr, plain.len);
            limits.ratio = 50;
            bool fine = CHECK_IS(steps[i].status, kit_decode(texts[t], &limits, coded, &out, NULL));
            fine &= CHECK(out.len <= (1 << 20) + (256 << 10)); // the floor, and one block
            free(out.ptr);
            limits.ratio = 5 * plain.len / coded.len;
            fine &= CHECK_IS(ROVE_END, kit_decode(texts[t], &limits, coded, &out, NULL));
            fine &= CHECK_EQ(plain.len, out.len);
            if (!fine)
                suite_note("%s, %zu bytes", texts[t], plain.len);
            free(out.ptr);
            free(plain.ptr);
            free(coded.ptr);
        }
}

// memory ------------------------------------------------------------------------------------------

// A stream that wants the most its format allows, under every limit from too little to enough.
void a_decoder_gets_no_more_memory_than_the_chain_may_have(void)
{
    static const char *const texts[][2] = {
        {"gzip", "gzip"},          {"bgzf", "bgzf"},
        {"bgzf", "auto"},          {"zlib", "zlib"},
        {"deflate", "deflate"},    {"lz4:block=4M", "lz4"},
        {"lz4:linked=yes", "lz4"}, {"zlib|lz4:block=4M|gzip", "zlib|lz4|gzip"},
        {"gzip", "auto"}};
    struct kit_bytes plain = kit_content(6 << 20, 0), out;
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
        struct kit_bytes coded = kit_encode(texts[t][0], plain.ptr, plain.len);
        uint64_t enough = 0;
        for (uint64_t memory = 256; memory <= 64 << 20 && !enough; memory *= 2) {
            struct rove_limits limits = {.size = sizeof limits, .memory = memory};
            rove_pool_trim(env.pool);
            struct rove_stream *source = kit_source(coded.ptr, coded.len), *stream = NULL;
            uint64_t before = env.alloc.live_len;
            env.alloc.peak_len = before;
            enum rove_status status =
                rove_stream_decode(source, texts[t][1], &limits, &stream, NULL);
            status = status ? status : kit_drain(stream, &out);
            CHECK(status == ROVE_E_LIMIT || status == ROVE_END);
            CHECK(env.alloc.peak_len - before <= memory + (4u << 20)); // slabs come by 2 MiB
            enough = status == ROVE_END ? memory : 0;
            CHECK(!enough || kit_same(out, plain.ptr, plain.len));
            if (stream)
                free(out.ptr);
            rove_stream_free(stream);
            rove_stream_free(source);
        }
        CHECK(enough >= 4096); // it was refused at least four times
        suite_note("%s is read in %llu KiB", texts[t][0], (unsigned long long) enough >> 10);
        free(coded.ptr);
    }
    free(plain.ptr);
}
