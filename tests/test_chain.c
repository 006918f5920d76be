// SPDX-License-Identifier: MIT
// test_chain.c: what goes in comes out again, through every chain, however it is cut.
#include "chain_kit.h"
#include "support/amount.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const codecs[] = {"gzip",
                                     "zlib",
                                     "deflate",
                                     "lz4",
                                     "copy",
                                     "lz4:linked=yes",
                                     "gzip:level=1,hcrc=yes,name=x",
                                     "lz4:block_checksum=yes"};
#define CODECS (sizeof codecs / sizeof *codecs)

// The text that reads what the other one wrote: options are for writing.
static void reading_text(const char *writing, char *reading)
{
    bool option = false;
    for (; *writing; writing++) {
        option = *writing == ':' || (option && *writing != '|');
        if (!option)
            *reading++ = *writing;
    }
    *reading = 0;
}

static enum rove_status decode(const char *spec, struct kit_bytes coded, struct kit_bytes *out)
{
    char text[512];
    reading_text(spec, text);
    return kit_decode(text, NULL, coded, out, NULL);
}

static void trip(const char *spec, struct kit_bytes plain)
{
    struct kit_bytes coded = kit_encode(spec, plain.ptr, plain.len), out;
    CHECK_IS(ROVE_END, decode(spec, coded, &out));
    if (!CHECK(kit_same(out, plain.ptr, plain.len)))
        suite_note("%s, %zu bytes", spec, plain.len);
    free(out.ptr);
    free(coded.ptr);
}

// trips -------------------------------------------------------------------------------------------

static void every_codec_gives_back_what_went_in(void)
{
    static const size_t lens[] = {0,    1,    2,     15,    16,    17,    255,    256,   1000,
                                  4095, 4096, 65535, 65536, 65537, 70000, 262144, 600001};
    for (size_t c = 0; c < CODECS; c++)
        for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
            if (lens[i] > 5000 && env.chunk_len < 4096)
                continue;
            struct kit_bytes plain = kit_content(lens[i], (unsigned) (c + i) % 4);
            trip(codecs[c], plain);
            free(plain.ptr);
        }
}

static void random_stack(char *text)
{
    static const char *const taps[] = {"crc32", "adler32", "xxh3", "count", "crc32c", "xxh64"};
    uint64_t cnt = 1 + kit_draw(8);
    text[0] = 0;
    for (uint64_t i = 0; i < cnt; i++) {
        strcat(text, i ? "|" : "");
        strcat(text, kit_draw(2) ? taps[kit_draw(6)] : codecs[kit_draw(CODECS)]);
    }
}

static void stacks_of_one_to_eight_layers_give_back_what_went_in(void)
{
    char text[512];
    kit_seed(env.chunk_len);
    for (uint64_t i = suite_scaled(60); i; i--) {
        struct kit_bytes plain = kit_content(kit_draw(kit_draw(2) ? 300 : 5000), (unsigned) i % 4);
        random_stack(text);
        trip(text, plain);
        free(plain.ptr);
    }
}

static enum rove_status write_some(struct rove_stream *stream, struct kit_bytes plain, size_t *at)
{
    size_t len = kit_draw(3) ? kit_draw(200) : kit_draw(300000);
    len = len < plain.len - *at ? len : plain.len - *at;
    enum rove_status status;
    if (kit_draw(8) == 0) {
        struct iovec iov[3] = {{plain.ptr + *at, len / 3},
                               {plain.ptr + *at + len / 3, len / 3},
                               {plain.ptr + *at + 2 * (len / 3), len - 2 * (len / 3)}};
        status = rove_stream_writev(stream, iov, 3);
    } else {
        status = rove_stream_write(stream, plain.ptr + *at, len);
    }
    *at += len;
    return status;
}

static enum rove_status read_some(struct rove_stream *stream, uint8_t *out, size_t *at, size_t cap)
{
    size_t len = kit_draw(3) ? kit_draw(200) : kit_draw(300000), n = 0;
    len = len < cap - *at ? len : cap - *at;
    if (kit_draw(4) == 0) {
        const uint8_t *ptr;
        enum rove_status status = rove_stream_peek(stream, &ptr, &n);
        n = n < len ? n : len;
        return status                                       ? status
               : rove_stream_read(stream, out + *at, n, &n) ? ROVE_E_DATA
                                                            : (*at += n, ROVE_OK);
    }
    enum rove_status status = rove_stream_read(stream, out + *at, len, &n);
    *at += n;
    return status;
}

static void same_digests(struct rove_stream *writer, struct rove_stream *reader)
{
    for (size_t i = 0; i <= ROVE_DEPTH_MAX; i++) {
        uint8_t a[ROVE_DIGEST_MAX], b[ROVE_DIGEST_MAX];
        size_t a_len, b_len;
        enum rove_status status = rove_stream_digest(writer, i, a, sizeof a, &a_len);
        CHECK_IS(status, rove_stream_digest(reader, i, b, sizeof b, &b_len));
        CHECK(a_len == b_len && memcmp(a, b, a_len) == 0);
    }
}

static void writes_and_reads_of_any_length_give_the_same(void)
{
    char text[512], reading[512];
    kit_seed(env.chunk_len + 1);
    for (uint64_t i = suite_scaled(40); i; i--) {
        size_t at = 0, got = 0;
        uint64_t pos;
        struct kit_bytes plain =
            kit_content(kit_draw(env.chunk_len < 4096 ? 3000 : 800000), (unsigned) i % 4);
        uint8_t *out = malloc(plain.len + 10);
        struct rove_stream *rope = kit_rope(), *writer = NULL, *reader = NULL;
        random_stack(text);
        reading_text(text, reading);
        CHECK_OK(rove_stream_encode(rope, text, NULL, &writer, NULL));
        while (at < plain.len) {
            CHECK_OK(write_some(writer, plain, &at));
            CHECK_OK(rove_stream_tell(writer, &pos));
            CHECK_EQ(at, pos);
            if (kit_draw(6) == 0)
                CHECK_OK(rove_stream_flush(writer));
        }
        CHECK_OK(rove_stream_close(writer));
        CHECK_OK(rove_stream_seek(rope, 0, ROVE_SET, NULL));
        CHECK_OK(rove_stream_decode(rope, reading, NULL, &reader, NULL));
        enum rove_status status = ROVE_OK;
        while (status == ROVE_OK) {
            status = read_some(reader, out, &got, plain.len + 10);
            CHECK_OK(rove_stream_tell(reader, &pos));
            CHECK_EQ(got, pos);
        }
        CHECK_IS(ROVE_END, status);
        if (!CHECK(kit_same((struct kit_bytes){out, got}, plain.ptr, plain.len)))
            suite_note("%s, %zu bytes", text, plain.len);
        same_digests(writer, reader);
        rove_stream_free(reader);
        rove_stream_free(writer);
        rove_stream_free(rope);
        free(plain.ptr);
        free(out);
    }
}

static void the_coded_bytes_do_not_depend_on_the_writes(void)
{
    kit_seed(2);
    struct kit_bytes plain = kit_content(env.chunk_len < 4096 ? 5000 : amount_of(900000, 400000), 1);
    for (size_t c = 0; c < CODECS; c++) {
        struct kit_bytes whole = kit_encode(codecs[c], plain.ptr, plain.len), parts;
        struct rove_stream *rope = kit_rope(), *writer = NULL;
        CHECK_OK(rove_stream_encode(rope, codecs[c], NULL, &writer, NULL));
        for (size_t at = 0; at < plain.len;)
            CHECK_OK(write_some(writer, plain, &at));
        CHECK_OK(rove_stream_close(writer));
        parts = kit_all(rope);
        if (!CHECK(kit_same(parts, whole.ptr, whole.len)))
            suite_note("%s: %zu and %zu bytes", codecs[c], whole.len, parts.len);
        rove_stream_free(writer);
        rove_stream_free(rope);
        free(whole.ptr);
        free(parts.ptr);
    }
    free(plain.ptr);
}

static void bytes_are_reserved_and_printed_into_a_chain(void)
{
    struct rove_stream *rope = kit_rope(), *writer = NULL;
    CHECK_OK(rove_stream_encode(rope, "crc32|zlib", NULL, &writer, NULL));
    size_t len, total = 0;
    uint8_t *room;
    for (size_t i = 0; i < 300; i++) {
        CHECK_OK(rove_stream_reserve(writer, 10, &room, &len));
        len = len < 10 ? len : 10;
        memset(room, 'r', len);
        CHECK_OK(rove_stream_commit(writer, len));
        total += len;
    }
    CHECK_OK(rove_stream_printf(writer, "%d lines\n%s\n", 300, "end"));
    CHECK_OK(rove_stream_close(writer));
    struct kit_bytes coded = kit_all(rope), out;
    CHECK_IS(ROVE_END, kit_decode("crc32|zlib", NULL, coded, &out, NULL));
    CHECK_EQ(total + 14, out.len);
    CHECK(memcmp(out.ptr + total, "300 lines\nend\n", 14) == 0);
    free(coded.ptr);
    free(out.ptr);
    rove_stream_free(writer);
    rove_stream_free(rope);
}

static void lines_are_read_out_of_a_chain(void)
{
    static const char text[] = "one\ntwo\n\nfour is longer than the others\nlast";
    struct kit_bytes coded = kit_encode("gzip|lz4", text, sizeof text - 1);
    struct rove_stream *source = kit_source(coded.ptr, coded.len), *reader = NULL;
    CHECK_OK(rove_stream_decode(source, "gzip|lz4", NULL, &reader, NULL));
    size_t lines = 0, len = 0;
    struct rove_span span;
    while (rove_stream_line(reader, '\n', 0, &span) == ROVE_OK) {
        CHECK(memcmp(text + len, span.ptr, span.len) == 0);
        len += span.len;
        lines++;
    }
    CHECK_EQ(5, lines);
    CHECK_EQ(sizeof text - 1, len);
    rove_stream_free(reader);
    rove_stream_free(source);
    free(coded.ptr);
}

// Content in lines, some of them longer than any chunk.
static struct kit_bytes in_lines(size_t len)
{
    struct kit_bytes text = kit_content(len, 3);
    for (size_t i = 0; i < len; i += 1 + kit_draw(kit_draw(4) ? 100 : len / 3))
        text.ptr[i] = '\n';
    return text;
}

static void long_lines_survive_a_source_that_would_block(void)
{
    static const char *const specs[] = {"gzip", "lz4", "crc32", "zlib|copy"};
    kit_seed(6);
    for (size_t c = 0; c < sizeof specs / sizeof *specs; c++)
        for (size_t max = 0; max < 1000; max += 333) {
            struct kit_bytes plain = in_lines(env.chunk_len < 4096 ? 3000 : amount_of(900000, 300000));
            struct kit_device dev = {.most = 700, .block_every = 3, .fail_after = UINT64_MAX};
            dev.data = kit_encode(specs[c], plain.ptr, plain.len);
            struct rove_stream *source = kit_device_stream(&dev), *reader = NULL;
            CHECK_OK(rove_stream_decode(source, specs[c], NULL, &reader, NULL));
            size_t at = 0;
            enum rove_status status = ROVE_OK;
            while (status == ROVE_OK || status == ROVE_E_AGAIN) {
                struct rove_span line;
                status = rove_stream_line(reader, '\n', max, &line);
                if (status)
                    continue;
                const uint8_t *end = memchr(plain.ptr + at, '\n', plain.len - at);
                size_t len = end ? (size_t) (end - plain.ptr) + 1 - at : plain.len - at;
                len = max && max < len ? max : len;
                if (!CHECK(line.len == len && memcmp(line.ptr, plain.ptr + at, len) == 0))
                    break;
                at += len;
            }
            CHECK_IS(ROVE_END, status);
            CHECK_EQ(plain.len, at);
            rove_stream_free(reader);
            rove_stream_free(source);
            free(dev.data.ptr);
            free(plain.ptr);
        }
}

// flush -------------------------------------------------------------------------------------------

// What can be decoded of an unfinished stream.
static struct kit_bytes decodable(const char *spec, struct rove_stream *sink)
{
    struct kit_bytes coded = kit_all(sink), out;
    enum rove_status status = decode(spec, coded, &out);
    CHECK(status == ROVE_E_TRUNCATED || status == ROVE_END); // copy has no end to miss
    free(coded.ptr);
    return out;
}

static void what_was_flushed_can_be_decoded(void)
{
    static const char *const specs[] = {"gzip",
                                        "zlib",
                                        "deflate",
                                        "lz4",
                                        "lz4:linked=yes",
                                        "copy",
                                        "crc32|gzip|lz4|xxh3",
                                        "lz4|zlib|gzip",
                                        "adler32"};
    kit_seed(3);
    for (size_t c = 0; c < sizeof specs / sizeof *specs; c++) {
        struct kit_bytes plain = kit_content(env.chunk_len < 4096 ? 2000 : 400000, 1);
        struct rove_stream *sink = kit_rope(), *writer = NULL;
        CHECK_OK(rove_stream_encode(sink, specs[c], NULL, &writer, NULL));
        for (size_t at = 0; at < plain.len;) {
            CHECK_OK(write_some(writer, plain, &at));
            CHECK_OK(rove_stream_flush(writer));
            if (kit_draw(4) == 0)
                CHECK_OK(rove_stream_flush(writer));
            if (plain.len > 5000 && kit_draw(4))
                continue;
            struct kit_bytes out = decodable(specs[c], sink);
            if (!CHECK(kit_same(out, plain.ptr, at)))
                suite_note("%s: %zu of %zu bytes", specs[c], out.len, at);
            free(out.ptr);
        }
        CHECK_OK(rove_stream_close(writer));
        rove_stream_free(writer);
        rove_stream_free(sink);
        free(plain.ptr);
    }
}

static void a_flush_reaches_the_device(void)
{
    struct kit_device dev = {.fail_after = UINT64_MAX};
    struct rove_stream *sink = kit_device_stream(&dev), *writer = NULL;
    CHECK_OK(rove_stream_encode(sink, "copy|crc32", NULL, &writer, NULL));
    CHECK_OK(rove_stream_write(writer, "hello", 5));
    CHECK_OK(rove_stream_flush(writer));
    CHECK(kit_same(dev.data, "hello", 5));
    CHECK_EQ(1, dev.flushes);
    rove_stream_free(writer);
    rove_stream_free(sink);
    free(dev.data.ptr);
}

// taps --------------------------------------------------------------------------------------------

static void taps_see_the_same_on_both_sides(void)
{
    static const char *const specs[] = {"crc32|gzip|crc32", "crc32", "crc32|copy|adler32|lz4|xxh64",
                                        "xxh3|crc32c|count"};
    for (size_t c = 0; c < sizeof specs / sizeof *specs; c++)
        for (size_t len = 0; len < 5000; len = len * 3 + 1) {
            struct kit_bytes plain = kit_content(len, 1), out;
            struct rove_stream *rope = kit_rope(), *writer = NULL, *reader = NULL;
            CHECK_OK(rove_stream_encode(rope, specs[c], NULL, &writer, NULL));
            CHECK_OK(rove_stream_write(writer, plain.ptr, plain.len));
            CHECK_OK(rove_stream_close(writer));
            CHECK_OK(rove_stream_seek(rope, 0, ROVE_SET, NULL));
            CHECK_OK(rove_stream_decode(rope, specs[c], NULL, &reader, NULL));
            CHECK_IS(ROVE_END, kit_drain(reader, &out));
            same_digests(writer, reader);
            rove_stream_free(reader);
            rove_stream_free(writer);
            rove_stream_free(rope);
            free(plain.ptr);
            free(out.ptr);
        }
}

static void a_digest_is_there_so_far_and_after_closing(void)
{
    struct rove_stream *rope = kit_rope(), *writer = NULL;
    uint8_t digest[ROVE_DIGEST_MAX];
    size_t len;
    CHECK_OK(rove_stream_encode(rope, "crc32|gzip|count", NULL, &writer, NULL));
    CHECK_OK(rove_stream_write(writer, "123456789", 9));
    CHECK_OK(rove_stream_digest(writer, 0, digest, sizeof digest, &len));
    CHECK(len == 4 && memcmp(digest, "\xcb\xf4\x39\x26", 4) == 0);
    CHECK_OK(rove_stream_write(writer, "x", 1));
    CHECK_OK(rove_stream_close(writer));
    CHECK_OK(rove_stream_digest(writer, 0, digest, 4, &len));
    CHECK(memcmp(digest, "\xcb\xf4\x39\x26", 4) != 0);
    uint64_t size;
    CHECK_OK(rove_stream_size(rope, &size));
    CHECK_OK(rove_stream_digest(writer, 2, digest, sizeof digest, &len));
    CHECK(len == 8 && digest[7] == (uint8_t) size);
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_digest(writer, 1, digest, sizeof digest, &len));
    CHECK_IS(ROVE_E_RANGE, rove_stream_digest(writer, 3, digest, sizeof digest, &len));
    CHECK_IS(ROVE_E_RANGE, rove_stream_digest(writer, 0, digest, 3, &len));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_digest(rope, 0, digest, sizeof digest, &len));
    rove_stream_free(writer);
    rove_stream_free(rope);
}

// Copies. It gives nothing back, and is opened anew each time, as one may that has no more hooks.
static int32_t forgetful_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    (void) st, (void) values;
    return host->alloc(host->ctx, 1 << 20) ? ROVE_OK : ROVE_E_NOMEM;
}

static int32_t forgetful_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    (void) st;
    for (; in->len && out->len; in->len--, out->len--)
        *out->ptr++ = *in->ptr++;
    return act == ROVE_RUN || in->len ? ROVE_OK : ROVE_END;
}

static const struct rove_filter forgetful = {
    ROVE_FILTER_INIT, .name = "forgetful", .dir = ROVE_ENCODE, .open = forgetful_open, .run = forgetful_run,
};

static void what_a_filter_forgets_is_taken_back_when_it_is_opened_anew(void)
{
    struct rove_limits limits = {.size = sizeof limits, .memory = 4 << 20};
    struct rove_stream *sink = kit_rope(), *s = NULL;
    if (!rove_filter_find("forgetful", ROVE_ENCODE))
        CHECK_OK(rove_filter_register(&forgetful, NULL));
    CHECK_OK(rove_stream_encode(sink, "forgetful", &limits, &s, NULL));
    for (int i = 0; i < 10; i++) {
        CHECK_OK(rove_stream_write(s, "bytes", 5));
        CHECK_OK(rove_stream_finish(s));
        CHECK_OK(rove_stream_rechain(s, sink));
    }
    rove_stream_free(s);
    struct kit_bytes all = kit_all(sink);
    CHECK_EQ(50, all.len);
    free(all.ptr);
    rove_stream_free(sink);
}

// A tap whose digest tells how many bytes its option is.
struct told {
    uint8_t len;
};

static int32_t told_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    struct told *t = st;
    (void) host;
    t->len = (uint8_t) values[0].text_len;
    return ROVE_OK;
}

static int32_t told_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    (void) st, (void) out;
    in->ptr += in->len;
    in->len = 0;
    return act == ROVE_RUN ? ROVE_OK : ROVE_END;
}

static uint32_t told_digest(const void *st, uint8_t *buf, uint32_t cap)
{
    const struct told *t = st;
    if (cap)
        *buf = t->len;
    return 1;
}

static const struct rove_option told_options[] = {
    {.key = "bytes", .kind = ROVE_OPT_HEX, .dirs = ROVE_DECODE, .max = 9},
    {.key = NULL},
};

static const struct rove_filter told = {
    ROVE_FILTER_INIT,    .name = "told",   .dir = ROVE_TAP,       .state_len = sizeof(struct told), .options = told_options,
    .open = told_open,   .run = told_run,  .digest = told_digest,
};

// Beside a view there are no limits, in which bytes could come.
static void a_view_has_no_bytes_beside_the_text(void)
{
    struct rove_stream *rope = kit_source("bytes", 5);
    struct rove_view view;
    uint8_t digest = 0;
    size_t len = 0;
    if (!rove_filter_find("told", ROVE_DECODE))
        CHECK_OK(rove_filter_register(&told, NULL));
    CHECK_OK(rove_stream_snapshot(rope, &view));
    CHECK_OK(rove_view_digest(&view, "told:bytes=010203", &digest, 1, &len));
    CHECK(len == 1 && digest == 3);
    CHECK_OK(rove_view_digest(&view, "told:bytes=", &digest, 1, &len));
    CHECK_IS(ROVE_E_ARG, rove_view_digest(&view, "told:bytes=@", &digest, 1, &len));
    CHECK_IS(ROVE_E_ARG, rove_view_digest(&view, "crc32:expect=@", &digest, 1, &len));
    rove_view_fini(&view);
    rove_stream_free(rope);
}

static void a_view_is_hashed_as_it_lies(void)
{
    struct kit_bytes plain = kit_content(5000, 1);
    struct rove_stream *rope = kit_source(plain.ptr, plain.len), *reader = NULL;
    struct rove_view view;
    uint8_t a[ROVE_DIGEST_MAX], b[ROVE_DIGEST_MAX];
    size_t a_len = 0, b_len = 1;
    struct kit_bytes out;
    CHECK_OK(rove_stream_snapshot(rope, &view));
    CHECK_OK(rove_view_digest(&view, "xxh3", a, sizeof a, &a_len));
    CHECK_OK(rove_stream_decode(rope, "xxh3", NULL, &reader, NULL));
    CHECK_IS(ROVE_END, kit_drain(reader, &out));
    CHECK_OK(rove_stream_digest(reader, 0, b, sizeof b, &b_len));
    CHECK(a_len == b_len && memcmp(a, b, a_len) == 0);
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_view_digest(&view, "gzip", a, sizeof a, &a_len));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_view_digest(&view, "crc32|crc32", a, sizeof a, &a_len));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_view_digest(&view, "limit", a, sizeof a, &a_len));
    CHECK_IS(ROVE_E_LIMIT, rove_view_digest(&view, "limit:max=4999", a, sizeof a, &a_len));
    CHECK_IS(ROVE_E_ARG, rove_view_digest(&view, "nosuch", a, sizeof a, &a_len));
    CHECK_IS(ROVE_E_RANGE, rove_view_digest(&view, "crc32", a, 3, &a_len));
    CHECK_IS(ROVE_E_CHECKSUM,
             rove_view_digest(&view, "crc32:expect=00000000", a, sizeof a, &a_len));
    rove_view_fini(&view);
    rove_stream_free(reader);
    rove_stream_free(rope);
    free(plain.ptr);
    free(out.ptr);
}

// devices -----------------------------------------------------------------------------------------

static enum rove_status read_stubbornly(struct rove_stream *reader, struct kit_bytes *out,
                                        size_t cap)
{
    enum rove_status status = ROVE_OK;
    *out = (struct kit_bytes){malloc(cap), 0};
    while (status == ROVE_OK || status == ROVE_E_AGAIN) {
        size_t n;
        status = rove_stream_read(reader, out->ptr + out->len,
                                  kit_draw(cap - out->len < 5000 ? cap - out->len : 5000), &n);
        out->len += n;
    }
    return status;
}

static void a_device_that_would_block_loses_nothing(void)
{
    static const char *const specs[] = {"gzip",           "lz4",        "crc32",        "copy",
                                        "lz4|gzip|crc32", "crc32|zlib", "adler32|count"};
    kit_seed(4);
    for (size_t c = 0; c < sizeof specs / sizeof *specs; c++)
        for (unsigned round = 0; round < 4; round++) {
            struct kit_bytes plain = kit_content(env.chunk_len < 4096 ? 900 : amount_of(500000, 200000), 1), out;
            struct kit_device dev = {
                .most = round ? 1000 : 1, .block_every = 2 + round, .fail_after = UINT64_MAX};
            if (!round)
                plain.len /= 100;
            struct rove_stream *sink = kit_device_stream(&dev), *stream = NULL;
            CHECK_OK(rove_stream_encode(sink, specs[c], NULL, &stream, NULL));
            kit_write_stubbornly(stream, plain);
            while (rove_stream_flush(sink) == ROVE_E_AGAIN)
                ;
            struct rove_stream *source = kit_device_stream(&dev), *reader = NULL;
            CHECK_OK(rove_stream_decode(source, specs[c], NULL, &reader, NULL));
            CHECK_IS(ROVE_END, read_stubbornly(reader, &out, plain.len + 100));
            CHECK(kit_same(out, plain.ptr, plain.len));
            same_digests(stream, reader);
            rove_stream_free(stream);
            rove_stream_free(sink);
            rove_stream_free(reader);
            rove_stream_free(source);
            free(dev.data.ptr);
            free(plain.ptr);
            free(out.ptr);
        }
}

static void chains_stand_on_chains(void)
{
    struct kit_bytes plain = kit_content(20000, 1), out;
    struct rove_stream *rope = kit_rope(), *outer = NULL, *inner = NULL;
    CHECK_OK(rove_stream_encode(rope, "gzip|crc32", NULL, &outer, NULL));
    CHECK_OK(rove_stream_encode(outer, "crc32|lz4", NULL, &inner, NULL));
    CHECK_OK(rove_stream_write(inner, plain.ptr, plain.len));
    CHECK_OK(rove_stream_close(inner));
    CHECK_OK(rove_stream_close(outer));
    struct kit_bytes coded = kit_all(rope);
    CHECK_IS(ROVE_END, kit_decode("crc32|lz4|gzip|crc32", NULL, coded, &out, NULL));
    CHECK(kit_same(out, plain.ptr, plain.len));
    rove_stream_free(inner);
    rove_stream_free(outer);
    CHECK_OK(rove_stream_seek(rope, 0, ROVE_SET, NULL));
    CHECK_OK(rove_stream_decode(rope, "gzip|crc32", NULL, &outer, NULL));
    CHECK_OK(rove_stream_decode(outer, "crc32|lz4", NULL, &inner, NULL));
    free(out.ptr);
    CHECK_IS(ROVE_END, kit_drain(inner, &out));
    CHECK(kit_same(out, plain.ptr, plain.len));
    rove_stream_free(inner);
    rove_stream_free(outer);
    rove_stream_free(rope);
    free(coded.ptr);
    free(plain.ptr);
    free(out.ptr);
}

static void a_chain_writes_over_the_middle_of_a_rope(void)
{
    struct kit_bytes plain = kit_content(3000, 0), all;
    struct rove_stream *rope = kit_source(plain.ptr, plain.len), *writer = NULL;
    CHECK_OK(rove_stream_seek(rope, 1000, ROVE_SET, NULL));
    CHECK_OK(rove_stream_encode(rope, "copy", NULL, &writer, NULL));
    memset(plain.ptr + 1000, 'm', 1500);
    CHECK_OK(rove_stream_write(writer, plain.ptr + 1000, 1500));
    CHECK_OK(rove_stream_close(writer));
    all = kit_all(rope);
    CHECK(kit_same(all, plain.ptr, plain.len));
    rove_stream_free(writer);
    rove_stream_free(rope);
    free(plain.ptr);
    free(all.ptr);
}

// the source --------------------------------------------------------------------------------------

static void bytes_behind_the_end_stay_in_the_source(void)
{
    static const char *const specs[] = {"zlib", "deflate", "crc32|zlib|crc32", "auto"};
    for (size_t c = 0; c < sizeof specs / sizeof *specs; c++)
        for (size_t len = 0; len < 3000; len = len * 5 + 1) {
            struct kit_bytes plain = kit_content(len, 1), coded, out;
            coded = kit_encode(c == 3 ? "zlib" : specs[c], plain.ptr, plain.len);
            struct rove_stream *rope = kit_source(coded.ptr, coded.len), *reader = NULL;
            CHECK_OK(rove_stream_seek(rope, 0, ROVE_FROM_END, NULL));
            CHECK_OK(rove_stream_write(rope, "and the rest of the file", 24));
            CHECK_OK(rove_stream_seek(rope, 0, ROVE_SET, NULL));
            CHECK_OK(rove_stream_decode(rope, specs[c], NULL, &reader, NULL));
            CHECK_IS(ROVE_END, kit_drain(reader, &out));
            CHECK(kit_same(out, plain.ptr, plain.len));
            uint64_t pos = 0;
            CHECK_OK(rove_stream_tell(rope, &pos));
            CHECK_EQ(coded.len, pos);
            size_t n;
            CHECK_IS(ROVE_END, rove_stream_read(reader, out.ptr, 1, &n));
            rove_stream_free(reader);
            rove_stream_free(rope);
            free(plain.ptr);
            free(coded.ptr);
            free(out.ptr);
        }
}

static void the_decoder_is_found_by_the_first_bytes(void)
{
    static const char *const specs[] = {"gzip", "zlib", "lz4"};
    for (size_t c = 0; c < 3; c++)
        for (size_t len = 0; len < 3000; len = len * 7 + 1) {
            struct kit_bytes plain = kit_content(len, 1), out;
            struct kit_bytes coded = kit_encode(specs[c], plain.ptr, plain.len);
            CHECK_IS(ROVE_END, kit_decode("crc32|auto", NULL, coded, &out, NULL));
            CHECK(kit_same(out, plain.ptr, plain.len));
            free(out.ptr);
            CHECK_IS(c == 1 ? ROVE_E_FORMAT : ROVE_END,
                     kit_decode("auto:allow=gzip.lz4", NULL, coded, &out, NULL));
            CHECK_EQ(c == 1 ? 0 : plain.len, out.len);
            free(out.ptr);
            free(plain.ptr);
            free(coded.ptr);
        }
    struct kit_bytes none = {NULL, 0}, out;
    CHECK_IS(ROVE_E_FORMAT, kit_decode("auto", NULL, none, &out, NULL));
    free(out.ptr);
    struct kit_bytes text = {(uint8_t *) (uintptr_t) "plain text, nothing else", 24};
    CHECK_IS(ROVE_E_FORMAT, kit_decode("auto", NULL, text, &out, NULL));
    CHECK_EQ(0, out.len);
    free(out.ptr);
}

static void what_was_read_stays_when_the_source_is_looked_at(void)
{
    struct kit_bytes plain = kit_content(3000, 1);
    for (unsigned c = 0; c < 2; c++) {
        const char *spec = c ? "gzip" : "crc32";
        struct kit_bytes coded = kit_encode(spec, plain.ptr, plain.len);
        struct rove_stream *rope = kit_source(coded.ptr, coded.len), *reader = NULL;
        uint8_t byte;
        uint64_t pos, n;
        CHECK_OK(rove_stream_decode(rope, spec, NULL, &reader, NULL));
        for (size_t i = 0; i < plain.len; i++) {
            CHECK_OK(rove_stream_read(reader, &byte, 1, NULL));
            CHECK(byte == plain.ptr[i]);
            CHECK_OK(rove_stream_tell(rope, &pos));
            CHECK_OK(rove_stream_size(rope, &n));
            if (i % 7 == 0)
                CHECK_OK(rove_stream_pread(rope, i % coded.len, &byte, 1, NULL));
        }
        rove_stream_free(reader);
        rove_stream_free(rope);
        free(coded.ptr);
    }
    free(plain.ptr);
}

// again -------------------------------------------------------------------------------------------

static void a_stream_is_used_again_and_again(void)
{
    static const char *const specs[] = {"gzip", "lz4", "crc32", "copy|crc32|lz4", "zlib|auto"};
    kit_seed(5);
    for (size_t c = 0; c < sizeof specs / sizeof *specs; c++) {
        const char *spec = c == 4 ? "zlib|gzip" : specs[c];
        struct rove_stream *rope = kit_rope(), *writer = NULL, *reader = NULL;
        CHECK_OK(rove_stream_encode(rope, spec, NULL, &writer, NULL));
        CHECK_OK(rove_stream_decode(rope, specs[c], NULL, &reader, NULL));
        for (unsigned round = 0; round < 6; round++) {
            struct kit_bytes plain = kit_content(kit_draw(4000), 1), out, first;
            uint8_t a[ROVE_DIGEST_MAX], b[ROVE_DIGEST_MAX];
            size_t a_len, b_len;
            CHECK_OK(rove_stream_write(writer, plain.ptr, plain.len));
            CHECK_OK(rove_stream_finish(writer));
            CHECK_OK(rove_stream_finish(writer));
            CHECK_IS(ROVE_E_STATE, rove_stream_write(writer, "x", 1));
            CHECK_IS(ROVE_E_STATE, rove_stream_flush(writer));
            CHECK_OK(rove_stream_seek(rope, 0, ROVE_SET, NULL));
            CHECK_IS(ROVE_END, kit_drain(reader, &out));
            CHECK(kit_same(out, plain.ptr, plain.len));
            enum rove_status status = rove_stream_digest(writer, 0, a, sizeof a, &a_len);
            CHECK_IS(status, rove_stream_digest(reader, 0, b, sizeof b, &b_len));
            CHECK(a_len == b_len && memcmp(a, b, a_len) == 0);
            first = kit_encode(spec, plain.ptr, plain.len);
            struct kit_bytes coded = kit_all(rope);
            CHECK(kit_same(coded, first.ptr, first.len));
            rove_stream_free(rope);
            rope = kit_rope();
            CHECK_OK(rove_stream_rechain(writer, rope));
            CHECK_OK(rove_stream_rechain(reader, rope));
            uint64_t pos = 1;
            CHECK_OK(rove_stream_tell(writer, &pos));
            CHECK_EQ(0, pos);
            free(plain.ptr);
            free(out.ptr);
            free(first.ptr);
            free(coded.ptr);
        }
        CHECK_IS(ROVE_E_STATE, rove_stream_rechain(writer, rope));
        CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_finish(reader));
        CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_finish(rope));
        CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_rechain(rope, rope));
        CHECK_IS(ROVE_E_ARG, rove_stream_rechain(reader, NULL));
        CHECK_OK(rove_stream_close(writer));
        CHECK_IS(ROVE_E_CLOSED, rove_stream_rechain(writer, rope));
        CHECK_IS(ROVE_E_CLOSED, rove_stream_finish(writer));
        rove_stream_free(writer);
        rove_stream_free(reader);
        rove_stream_free(rope);
    }
}

static void a_reader_may_be_moved_in_the_middle(void)
{
    struct kit_bytes plain = kit_content(3000, 1), out;
    struct kit_bytes coded = kit_encode("adler32|lz4", plain.ptr, plain.len);
    struct rove_stream *source = kit_source(coded.ptr, coded.len), *reader = NULL;
    uint8_t some[1000];
    CHECK_OK(rove_stream_decode(source, "adler32|lz4", NULL, &reader, NULL));
    for (size_t i = 0; i < 5; i++) {
        CHECK_OK(rove_stream_read(reader, some, i * 200, NULL));
        CHECK(memcmp(some, plain.ptr, i * 200) == 0);
        CHECK_OK(rove_stream_seek(source, 0, ROVE_SET, NULL));
        CHECK_OK(rove_stream_rechain(reader, source));
    }
    CHECK_IS(ROVE_END, kit_drain(reader, &out));
    CHECK(kit_same(out, plain.ptr, plain.len));
    rove_stream_free(reader);
    rove_stream_free(source);
    free(plain.ptr);
    free(coded.ptr);
    free(out.ptr);
}

// what a chain cannot do --------------------------------------------------------------------------

static void no_stream_stands_on_itself(void)
{
    struct rove_stream *rope = kit_rope(), *below, *above;
    CHECK_OK(rove_stream_decode(rope, "copy", NULL, &below, NULL));
    CHECK_OK(rove_stream_decode(below, "copy", NULL, &above, NULL));
    CHECK_IS(ROVE_E_ARG, rove_stream_rechain(below, below));
    CHECK_IS(ROVE_E_ARG, rove_stream_rechain(below, above));
    CHECK_OK(rove_stream_rechain(above, below));
    CHECK_OK(rove_stream_rechain(above, rope));
    rove_stream_free(above);
    CHECK_OK(rove_stream_close(below));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_rechain(below, rope));
    rove_stream_free(below);
    CHECK_OK(rove_stream_close(rope));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_finish(rope));
    rove_stream_free(rope);
}

static void what_a_chain_cannot_do_is_unsupported(void)
{
    struct kit_bytes coded = kit_encode("gzip", "abc", 3);
    struct rove_stream *source = kit_source(coded.ptr, coded.len), *sink = kit_rope();
    struct rove_stream *writer = NULL, *reader = NULL;
    uint8_t buf[4];
    uint64_t len;
    CHECK_OK(rove_stream_encode(sink, "gzip", NULL, &writer, NULL));
    CHECK_OK(rove_stream_decode(source, "gzip", NULL, &reader, NULL));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_write(reader, "x", 1));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_read(writer, buf, 1, NULL));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_seek(writer, 0, ROVE_SET, NULL));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_seek(reader, 0, ROVE_SET, NULL));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_size(reader, &len));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_truncate(writer, 0));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_pread(reader, 0, buf, 1, NULL));
    CHECK_OK(rove_stream_write(writer, "abc", 3));
    CHECK_OK(rove_stream_read(reader, buf, 3, NULL));
    CHECK(memcmp(buf, "abc", 3) == 0);
    CHECK_OK(rove_stream_close(writer));
    CHECK_OK(rove_stream_close(writer));
    CHECK_OK(rove_stream_close(reader));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_write(writer, "x", 1));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_read(reader, buf, 1, NULL));
    CHECK_OK(rove_stream_close(sink));
    struct rove_stream *none = writer;
    CHECK_IS(ROVE_E_CLOSED, rove_stream_encode(sink, "gzip", NULL, &none, NULL));
    CHECK(none == NULL);
    CHECK_IS(ROVE_E_ARG, rove_stream_encode(NULL, "gzip", NULL, &none, NULL));
    CHECK_IS(ROVE_E_ARG, rove_stream_decode(source, NULL, NULL, &none, NULL));
    rove_stream_free(writer);
    rove_stream_free(reader);
    rove_stream_free(sink);
    rove_stream_free(source);
    free(coded.ptr);
}

static const struct suite_case cases[] = {
    SUITE_CASE(every_codec_gives_back_what_went_in),
    SUITE_CASE(stacks_of_one_to_eight_layers_give_back_what_went_in),
    SUITE_CASE(writes_and_reads_of_any_length_give_the_same),
    SUITE_CASE(the_coded_bytes_do_not_depend_on_the_writes),
    SUITE_CASE(bytes_are_reserved_and_printed_into_a_chain),
    SUITE_CASE(lines_are_read_out_of_a_chain),
    SUITE_CASE(long_lines_survive_a_source_that_would_block),
    SUITE_CASE(what_was_flushed_can_be_decoded),
    SUITE_CASE(a_flush_reaches_the_device),
    SUITE_CASE(taps_see_the_same_on_both_sides),
    SUITE_CASE(a_digest_is_there_so_far_and_after_closing),
    SUITE_CASE(a_view_is_hashed_as_it_lies),
    SUITE_CASE(a_view_has_no_bytes_beside_the_text),
    SUITE_CASE(what_a_filter_forgets_is_taken_back_when_it_is_opened_anew),
    SUITE_CASE(a_device_that_would_block_loses_nothing),
    SUITE_CASE(chains_stand_on_chains),
    SUITE_CASE(a_chain_writes_over_the_middle_of_a_rope),
    SUITE_CASE(bytes_behind_the_end_stay_in_the_source),
    SUITE_CASE(the_decoder_is_found_by_the_first_bytes),
    SUITE_CASE(what_was_read_stays_when_the_source_is_looked_at),
    SUITE_CASE(a_stream_is_used_again_and_again),
    SUITE_CASE(a_reader_may_be_moved_in_the_middle),
    SUITE_CASE(no_stream_stands_on_itself),
    SUITE_CASE(what_a_chain_cannot_do_is_unsupported),
};

int main(int argc, char **argv)
{
    struct suite suite = {"chain", cases, sizeof cases / sizeof *cases, true};
    return suite_run(argc, argv, &suite);
}
