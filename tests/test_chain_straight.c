// SPDX-License-Identifier: MIT
// test_chain_straight.c: large reads, which are decoded into the caller's memory, and large writes, which
// reach the sink from it: they must give what small ones give.
#include "chain_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GUARD sizeof guard

static const char guard[64] = "what lies behind the caller's room must stay as it is";

static const char *const texts[] = {
    "gzip",       "zlib",          "deflate",   "lz4",  "lz4:linked=yes", "lz4:block=64K",
    "crc32|gzip", "xxh3|lz4|zlib", "gzip|copy", "copy", "crc32|count"};
#define TEXTS (sizeof texts / sizeof *texts)

static const char *reading(const char *text)
{
    return strncmp(text, "lz4:", 4) == 0 ? "lz4" : text;
}

static size_t content_len(void)
{
    return env.chunk_len < 4096 ? 3000 : 700000;
}

// Reads to the end or a failure, `piece` bytes at a time; 0: of any length.
static enum rove_status read_by(struct rove_stream *stream, size_t piece, struct kit_bytes *out)
{
    size_t cap = content_len() + 1000000;
    enum rove_status status = ROVE_OK;
    *out = (struct kit_bytes){malloc(cap + GUARD), 0};
    while (status == ROVE_OK) {
        size_t want = piece ? piece : (size_t) kit_draw(kit_draw(2) ? 100 : 700000), got;
        want = want < cap - out->len ? want : cap - out->len;
        memcpy(out->ptr + out->len + want, guard, GUARD);
        status = rove_stream_read(stream, out->ptr + out->len, want, &got);
        CHECK(memcmp(out->ptr + out->len + want, guard, GUARD) == 0);
        out->len += got;
    }
    return status;
}

static enum rove_status decode_by(size_t piece, const char *text, const struct rove_limits *limits,
                                  struct kit_bytes coded, struct kit_bytes *out)
{
    struct rove_stream *source = kit_source(coded.ptr, coded.len), *reader = NULL;
    CHECK_OK(rove_stream_decode(source, reading(text), limits, &reader, NULL));
    enum rove_status status = read_by(reader, piece, out);
    rove_stream_free(reader);
    rove_stream_free(source);
    return status;
}

static void large_reads_give_what_small_ones_give(void)
{
    kit_seed(env.chunk_len + 7);
    for (size_t t = 0; t < TEXTS; t++)
        for (size_t i = 0; i < 3; i++) {
            struct kit_bytes plain = kit_content(content_len(), (unsigned) t % 4), out;
            struct kit_bytes coded = kit_encode(texts[t], plain.ptr, plain.len);
            CHECK_IS(ROVE_END, decode_by(i ? 300000 * i : 0, texts[t], NULL, coded, &out));
            if (!CHECK(kit_same(out, plain.ptr, plain.len)))
                suite_note("%s, %zu of %zu bytes", texts[t], out.len, plain.len);
            free(plain.ptr);
            free(coded.ptr);
            free(out.ptr);
        }
}

static void limits_hold_to_the_byte_in_large_reads(void)
{
    struct kit_bytes plain = kit_content(content_len(), 1);
    for (size_t t = 0; t < TEXTS; t++) {
        struct kit_bytes coded = kit_encode(texts[t], plain.ptr, plain.len), out;
        for (size_t less = 0; less < 3; less++) {
            struct rove_limits limits = {.size = sizeof limits, .output = plain.len + 1 - less};
            enum rove_status status = decode_by(plain.len + 10, texts[t], &limits, coded, &out);
            CHECK_IS(less < 2 ? ROVE_END : ROVE_E_LIMIT, status);
            CHECK(kit_same(out, plain.ptr, less < 2 ? plain.len : plain.len - 1));
            free(out.ptr);
        }
        free(coded.ptr);
    }
    free(plain.ptr);
}

static void damage_delivers_the_same_to_large_reads(void)
{
    kit_seed(env.chunk_len + 8);
    for (uint64_t i = suite_scaled(20); i; i--) {
        const char *text = texts[kit_draw(TEXTS - 1)];
        struct kit_bytes plain = kit_content(content_len() / 3, (unsigned) i % 4), small, large;
        struct kit_bytes coded = kit_encode(text, plain.ptr, plain.len);
        if (kit_draw(2))
            coded.len = (size_t) kit_draw(coded.len);
        else
            coded.ptr[kit_draw(coded.len)] ^= (uint8_t) (1u << kit_draw(8));
        enum rove_status one = decode_by(97, text, NULL, coded, &small);
        CHECK_IS(one, decode_by(1000000, text, NULL, coded, &large));
        if (!CHECK(kit_same(large, small.ptr, small.len)))
            suite_note("%s: %zu and %zu bytes", text, small.len, large.len);
        free(plain.ptr);
        free(coded.ptr);
        free(small.ptr);
        free(large.ptr);
    }
}

static void lines_and_large_reads_take_turns(void)
{
    struct kit_bytes plain = kit_content(content_len(), 3), out = {NULL, 0};
    struct kit_bytes coded = kit_encode("lz4", plain.ptr, plain.len);
    struct rove_stream *source = kit_source(coded.ptr, coded.len), *reader = NULL;
    CHECK_OK(rove_stream_decode(source, "lz4", NULL, &reader, NULL));
    out.ptr = malloc(plain.len + 1);
    for (enum rove_status status = ROVE_OK; status == ROVE_OK;) {
        struct rove_span line;
        size_t got = 0;
        status = rove_stream_line(reader, '\n', 5000, &line);
        if (status == ROVE_OK) {
            memcpy(out.ptr + out.len, line.ptr, line.len);
            out.len += line.len;
            status = rove_stream_read(
                reader, out.ptr + out.len,
                plain.len + 1 - out.len < 400000 ? plain.len + 1 - out.len : 400000, &got);
        }
        out.len += got;
    }
    CHECK(kit_same(out, plain.ptr, plain.len));
    rove_stream_free(reader);
    rove_stream_free(source);
    free(plain.ptr);
    free(coded.ptr);
    free(out.ptr);
}

// Of a failure that does not stick no line has to be kept back: what was decoded before it comes first.
static void a_line_before_what_cannot_be_read_is_given(void)
{
    struct kit_bytes one = kit_encode("gzip", "rope", 4), two = {malloc(2 * one.len), 2 * one.len};
    struct rove_span line;
    memcpy(two.ptr, one.ptr, one.len);
    memcpy(two.ptr + one.len, one.ptr, one.len);
    two.ptr[one.len + 2] = 7; // a method that there is not
    for (size_t byte = 0; byte < 2; byte++) {
        struct kit_device dev = {.data = two, .most = byte, .fail_after = UINT64_MAX};
        struct rove_stream *source = kit_device_stream(&dev), *reader = NULL;
        CHECK_OK(rove_stream_decode(source, "gzip", NULL, &reader, NULL));
        CHECK_OK(rove_stream_line(reader, '\n', 0, &line));
        CHECK(line.len == 4 && memcmp(line.ptr, "rope", 4) == 0);
        CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_line(reader, '\n', 0, &line));
        rove_stream_free(reader);
        rove_stream_free(source);
    }
    free(one.ptr);
    free(two.ptr);
}

// writes ------------------------------------------------------------------------------------------

static void check_digest(struct rove_stream *stream, const char *text, struct kit_bytes plain)
{
    struct rove_stream *rope = kit_source(plain.ptr, plain.len);
    struct rove_view view;
    uint8_t want[ROVE_DIGEST_MAX], have[ROVE_DIGEST_MAX];
    size_t want_len, have_len;
    CHECK_OK(rove_stream_snapshot(rope, &view));
    CHECK_OK(rove_view_digest(&view, text, want, sizeof want, &want_len));
    CHECK_OK(rove_stream_digest(stream, 0, have, sizeof have, &have_len));
    CHECK(want_len == have_len && memcmp(want, have, have_len) == 0);
    rove_view_fini(&view);
    rove_stream_free(rope);
}

// Writes all to a sink that would block; whenever it does, what was not accepted is replaced.
static void write_changing_its_mind(struct rove_stream *writer, struct kit_bytes plain)
{
    for (uint64_t at = 0; at < plain.len;) {
        size_t left = plain.len - (size_t) at, len = 1 + (size_t) kit_draw(left);
        enum rove_status status = rove_stream_write(writer, plain.ptr + at, len);
        CHECK(status == ROVE_OK || status == ROVE_E_AGAIN);
        CHECK_OK(rove_stream_tell(writer, &at));
        for (size_t i = (size_t) at; status && i < plain.len; i++)
            plain.ptr[i] ^= 0x55;
    }
    enum rove_status status;
    do
        status = rove_stream_finish(writer);
    while (status == ROVE_E_AGAIN);
    CHECK_OK(status);
}

static void sums_are_right_though_the_sink_would_block(void)
{
    kit_seed(env.chunk_len + 9);
    for (uint64_t i = suite_scaled(12); i; i--) {
        struct kit_bytes plain = kit_content(content_len(), (unsigned) i % 4);
        struct kit_device dev = {.fail_after = UINT64_MAX,
                                 .block_every = 2 + (unsigned) i % 3,
                                 .most = i % 2 ? 30000 : 0};
        struct rove_stream *sink = kit_device_stream(&dev), *writer = NULL;
        CHECK_OK(rove_stream_encode(sink, "xxh3", NULL, &writer, NULL));
        write_changing_its_mind(writer, plain);
        while (rove_stream_flush(sink) == ROVE_E_AGAIN)
            ;
        CHECK(kit_same(dev.data, plain.ptr, plain.len));
        check_digest(writer, "xxh3", plain);
        rove_stream_free(writer);
        rove_stream_free(sink);
        free(dev.data.ptr);
        free(plain.ptr);
    }
}

static void a_tap_that_refuses_lets_as_much_through_as_by_small_writes(void)
{
    size_t len = content_len(), most = len / 2 + 7;
    struct kit_bytes plain = kit_content(len, 1);
    char text[64];
    snprintf(text, sizeof text, "crc32|limit:max=%zu", most);
    for (size_t piece = 50; piece <= len; piece = piece == 50 ? len : len + 1) {
        struct rove_stream *sink = kit_rope(), *writer = NULL;
        enum rove_status status = ROVE_OK;
        CHECK_OK(rove_stream_encode(sink, text, NULL, &writer, NULL));
        for (size_t at = 0; at < len && status == ROVE_OK; at += piece)
            status = rove_stream_write(writer, plain.ptr + at, piece < len - at ? piece : len - at);
        CHECK_IS(ROVE_E_LIMIT, status ? status : rove_stream_finish(writer));
        struct kit_bytes all = kit_all(sink);
        CHECK(all.len <= most && kit_same(all, plain.ptr, all.len));
        free(all.ptr);
        rove_stream_free(writer);
        rove_stream_free(sink);
    }
    free(plain.ptr);
}

static const struct suite_case cases[] = {
    SUITE_CASE(large_reads_give_what_small_ones_give),
    SUITE_CASE(limits_hold_to_the_byte_in_large_reads),
    SUITE_CASE(damage_delivers_the_same_to_large_reads),
    SUITE_CASE(lines_and_large_reads_take_turns),
    SUITE_CASE(a_line_before_what_cannot_be_read_is_given),
    SUITE_CASE(sums_are_right_though_the_sink_would_block),
    SUITE_CASE(a_tap_that_refuses_lets_as_much_through_as_by_small_writes),
};

int main(int argc, char **argv)
{
    struct suite suite = {"chain_straight", cases, sizeof cases / sizeof *cases, true};
    return suite_run(argc, argv, &suite);
}
