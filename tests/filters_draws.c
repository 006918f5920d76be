// SPDX-License-Identifier: MIT
// filters_draws.c: options, contents and calls drawn at random, held against the codecs' own
// libraries, which are given everything at once.
#include "filters_stacks.h"

#include "chain_kit.h"

#include <rove/registry.h>
#include <rove/view.h>

#define LZ4F_STATIC_LINKING_ONLY // for the dictionary, which is exported all the same
#include <lz4frame.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#define DICT_MAX 1500 // its hex digits must fit the text

// What was drawn for one stream.
struct draw {
    const char *codec;
    char text[4097]; // for both directions
    uint8_t dict[DICT_MAX];
    unsigned dict_len;
    struct kit_bytes plain;
};

// options -----------------------------------------------------------------------------------------

static size_t put_hex(char *text, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        sprintf(text + 2 * i, "%02x", bytes[i]);
    return 2 * len;
}

static uint64_t draw_number(const struct draw *d, const struct rove_option *o)
{
    uint64_t span = o->max - o->min;
    if (strcmp(o->key, "content_size") == 0)
        return d->plain.len;
    if (strcmp(o->key, "block") == 0) // so small that there are parts
        return (32 << 10) + kit_draw(100000);
    switch (kit_draw(4)) {
    case 0:
        return o->min;
    case 1:
        return o->max;
    default:
        return o->min + (span == UINT64_MAX ? kit_draw(span) : kit_draw(span + 1));
    }
}

static size_t draw_dict(struct draw *d, char *text)
{
    d->dict_len = 1 + (unsigned) kit_draw(kit_draw(2) ? 20 : DICT_MAX);
    for (unsigned i = 0; i < d->dict_len; i++) // a piece of the content, or not
        d->dict[i] =
            i < d->plain.len && d->dict_len % 3 ? d->plain.ptr[i] : (uint8_t) kit_draw(256);
    return put_hex(text, d->dict, d->dict_len);
}

// Any bytes but NUL, each as %XX.
static size_t draw_text(char *text, uint64_t max)
{
    size_t len = (size_t) kit_draw(max < 200 ? max : 200);
    for (size_t i = 0; i < len; i++)
        sprintf(text + 3 * i, "%%%02X", (unsigned) (1 + kit_draw(255)));
    return 3 * len;
}

static size_t draw_value(struct draw *d, const struct rove_option *o, char *text)
{
    unsigned words = 0;
    switch (o->kind) {
    case ROVE_OPT_UINT:
        return (size_t) sprintf(text, "%llu", (unsigned long long) draw_number(d, o));
    case ROVE_OPT_BOOL:
        return (size_t) sprintf(text, "%s", kit_draw(2) ? "yes" : "no");
    case ROVE_OPT_WORD:
        while (o->words[words])
            words++;
        return (size_t) sprintf(text, "%s", o->words[kit_draw(words)]);
    case ROVE_OPT_TEXT:
        return draw_text(text, o->max);
    default:
        return draw_dict(d, text);
    }
}

// The text of the codec with each of its options given or not.
static void draw_texts(struct draw *d)
{
    const struct rove_filter *filter = rove_filter_find(d->codec, ROVE_ENCODE);
    size_t len = (size_t) sprintf(d->text, "%s", d->codec);
    char sep = ':';
    d->dict_len = 0;
    for (const struct rove_option *o = filter->options; o->key; o++) {
        if (kit_draw(2) || (strcmp(o->key, "rsyncable") == 0 && strstr(d->text, "block="))) // one or the other
            continue;
        len += (size_t) sprintf(d->text + len, "%c%s=", sep, o->key);
        len += draw_value(d, o, d->text + len);
        sep = ',';
    }
}

// calls -------------------------------------------------------------------------------------------

static size_t draw_len(size_t left)
{
    static const size_t most[] = {1, 20, 300, 5000, 70000, 300000};
    size_t len = 1 + (size_t) kit_draw(most[kit_draw(6)]);
    return len < left ? len : left;
}

static size_t write_reserved(struct rove_stream *stream, const uint8_t *src, size_t len)
{
    uint8_t *room;
    size_t have;
    CHECK_OK(rove_stream_reserve(stream, len, &room, &have));
    len = len < have ? len : have;
    memcpy(room, src, len);
    CHECK_OK(rove_stream_commit(stream, len));
    return len;
}

static size_t write_view(struct rove_stream *stream, const uint8_t *src, size_t len)
{
    struct rove_stream *other = kit_source(src, len);
    struct rove_view view;
    CHECK_OK(rove_stream_snapshot(other, &view));
    CHECK_OK(rove_stream_write_view(stream, &view));
    rove_view_fini(&view);
    rove_stream_free(other);
    return len;
}

static size_t write_pieces(struct rove_stream *stream, const uint8_t *src, size_t len)
{
    size_t cut = (size_t) kit_draw(len + 1);
    struct iovec iov[3] = {
        {(void *) (uintptr_t) src, cut}, {NULL, 0}, {(void *) (uintptr_t) (src + cut), len - cut}};
    CHECK_OK(rove_stream_writev(stream, iov, 3));
    return len;
}

static size_t write_some(struct rove_stream *stream, const uint8_t *src, size_t len)
{
    switch (kit_draw(8)) {
    case 0:
        return write_reserved(stream, src, len);
    case 1:
        return write_view(stream, src, len);
    case 2:
        return write_pieces(stream, src, len);
    case 3:
        CHECK_OK(rove_stream_flush(stream)); // and then as usual
        // fall through
    default:
        CHECK_OK(rove_stream_write(stream, src, len));
        return len;
    }
}

static struct kit_bytes write_drawn(const struct draw *d)
{
    struct rove_stream *sink = kit_rope(), *stream = NULL;
    struct rove_spec_error error = {0, ""};
    struct kit_bytes coded = {NULL, 0};
    if (CHECK_OK(rove_stream_encode(sink, d->text, NULL, &stream, &error))) {
        for (size_t at = 0; at < d->plain.len;)
            at += write_some(stream, d->plain.ptr + at, draw_len(d->plain.len - at));
        CHECK_OK(rove_stream_close(stream));
        coded = kit_all(sink);
    } else {
        suite_note("%s: at %zu: %s", d->text, error.off, error.text);
    }
    rove_stream_free(stream);
    rove_stream_free(sink);
    return coded;
}

// Reads through a device that gives any amounts, by calls of any length.
static bool reads_back(const char *text, struct kit_bytes coded, struct kit_bytes plain)
{
    static const size_t most[] = {0, 1, 50, 4000};
    struct kit_device dev = {.data = coded, .most = most[kit_draw(4)], .fail_after = UINT64_MAX};
    dev.most = coded.len > 30000 && dev.most == 1 ? 700 : dev.most;
    struct rove_stream *source = kit_device_stream(&dev), *stream = NULL;
    enum rove_status status = rove_stream_decode(source, text, NULL, &stream, NULL);
    uint8_t *buf = malloc(plain.len + 1);
    size_t at = 0, len;
    while (status == ROVE_OK) {
        const uint8_t *ptr;
        if (kit_draw(9) == 0 && rove_stream_peek(stream, &ptr, &len) == ROVE_OK)
            CHECK(len <= plain.len - at && memcmp(ptr, plain.ptr + at, len) == 0);
        status = rove_stream_read(stream, buf + at, draw_len(plain.len + 1 - at), &len);
        at += len;
    }
    bool same = CHECK_IS(ROVE_END, status) && CHECK_EQ(plain.len, at) &&
                CHECK(memcmp(buf, plain.ptr, at) == 0);
    if (!same && stream)
        suite_note("%s", rove_stream_explain(stream));
    free(buf);
    rove_stream_free(stream);
    rove_stream_free(source);
    return same;
}

// the libraries -----------------------------------------------------------------------------------

static int window_bits(const char *codec)
{
    return strcmp(codec, "gzip") == 0 ? 15 + 16 : strcmp(codec, "zlib") == 0 ? 15 : -15;
}

static bool zlib_reads(const struct draw *d, struct kit_bytes coded, uint8_t *out)
{
    z_stream z;
    memset(&z, 0, sizeof z);
    if (inflateInit2(&z, window_bits(d->codec)) != Z_OK)
        return false;
    z.next_in = coded.ptr;
    z.avail_in = (uInt) coded.len;
    z.next_out = out;
    z.avail_out = (uInt) d->plain.len + 1;
    if (d->dict_len && strcmp(d->codec, "deflate") == 0)
        (void) inflateSetDictionary(&z, d->dict, d->dict_len);
    int rc = inflate(&z, Z_FINISH);
    if (rc == Z_NEED_DICT && inflateSetDictionary(&z, d->dict, d->dict_len) == Z_OK)
        rc = inflate(&z, Z_FINISH);
    bool whole = rc == Z_STREAM_END && z.avail_in == 0 && z.total_out == d->plain.len;
    (void) inflateEnd(&z);
    return whole;
}

static bool lz4f_reads(const struct draw *d, struct kit_bytes coded, uint8_t *out)
{
    LZ4F_dctx *ctx = NULL;
    size_t out_len = d->plain.len + 1, in_len = coded.len;
    bool made = LZ4F_createDecompressionContext(&ctx, LZ4F_VERSION) == 0;
    size_t rest = made ? LZ4F_decompress_usingDict(ctx, out, &out_len, coded.ptr, &in_len, d->dict, d->dict_len, NULL)
                       : 1;
    (void) LZ4F_freeDecompressionContext(ctx);
    return rest == 0 && in_len == coded.len && out_len == d->plain.len;
}

static bool library_reads(const struct draw *d, struct kit_bytes coded)
{
    uint8_t *out = malloc(d->plain.len + 1);
    bool whole =
        strcmp(d->codec, "lz4") == 0 ? lz4f_reads(d, coded, out) : zlib_reads(d, coded, out);
    whole = whole && memcmp(out, d->plain.ptr, d->plain.len) == 0;
    free(out);
    return whole;
}

// Random settings, one call of deflate() after another with any flush between.
static struct kit_bytes zlib_writes(const struct draw *d)
{
    static const int flushes[] = {Z_NO_FLUSH, Z_PARTIAL_FLUSH, Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_BLOCK};
    struct kit_bytes coded = {NULL, 0};
    int bits = window_bits(d->codec);
    z_stream z;
    memset(&z, 0, sizeof z);
    bits += bits > 0 ? -(int) kit_draw(7) : (int) kit_draw(7);
    if (!CHECK(deflateInit2(&z, (int) kit_draw(10), Z_DEFLATED, bits, 1 + (int) kit_draw(9),
                            (int) kit_draw(5)) == Z_OK))
        return coded;
    size_t cap = deflateBound(&z, (uLong) d->plain.len) + 4096;
    coded.ptr = malloc(cap);
    z.next_out = coded.ptr;
    z.avail_out = (uInt) cap;
    for (size_t at = 0, len, calls = 0; at < d->plain.len; at += len) {
        len = calls++ < 50 ? draw_len(d->plain.len - at) : d->plain.len - at;
        z.next_in = d->plain.ptr + at;
        z.avail_in = (uInt) len;
        CHECK(deflate(&z, flushes[kit_draw(5)]) == Z_OK && z.avail_in == 0);
    }
    CHECK(deflate(&z, Z_FINISH) == Z_STREAM_END);
    coded.len = z.total_out;
    (void) deflateEnd(&z);
    return coded;
}

static struct kit_bytes lz4f_writes(const struct draw *d)
{
    LZ4F_preferences_t prefs;
    memset(&prefs, 0, sizeof prefs);
    prefs.frameInfo.blockSizeID = (LZ4F_blockSizeID_t) (4 + kit_draw(4));
    prefs.frameInfo.blockMode = kit_draw(2) ? LZ4F_blockLinked : LZ4F_blockIndependent;
    prefs.frameInfo.contentChecksumFlag = (LZ4F_contentChecksum_t) kit_draw(2);
    prefs.frameInfo.blockChecksumFlag = (LZ4F_blockChecksum_t) kit_draw(2);
    prefs.frameInfo.contentSize = kit_draw(2) ? d->plain.len : 0;
    prefs.compressionLevel = (int) kit_draw(13) - 1;
    size_t cap = LZ4F_compressFrameBound(d->plain.len, &prefs);
    struct kit_bytes coded = {malloc(cap), 0};
    coded.len = LZ4F_compressFrame(coded.ptr, cap, d->plain.ptr, d->plain.len, &prefs);
    CHECK(!LZ4F_isError(coded.len));
    return coded;
}

// cases -------------------------------------------------------------------------------------------

static const char *const codecs[] = {"gzip", "zlib", "deflate", "lz4"};

static void draw_content(struct draw *d)
{
    static const size_t most[] = {1, 300, 5000, 70000, 400000};
    d->plain = kit_content((size_t) kit_draw(most[kit_draw(5)]), (unsigned) kit_draw(4));
}

void random_options_and_calls_against_the_libraries(void)
{
    uint64_t rounds = suite_scaled(600);
    struct draw *d = malloc(sizeof *d);
    kit_seed(1);
    for (uint64_t i = 0; i < rounds; i++) {
        d->codec = codecs[i % 4];
        draw_content(d);
        draw_texts(d);
        struct kit_bytes coded = write_drawn(d);
        bool fine = CHECK(library_reads(d, coded));
        fine &= reads_back(d->text, coded, d->plain);
        if (!fine)
            suite_note("round %llu: %.200s", (unsigned long long) i, d->text);
        free(coded.ptr);
        free(d->plain.ptr);
    }
    suite_note("%llu streams of random options, in random calls", (unsigned long long) rounds);
    free(d);
}

// What the libraries write, and several of it in a row where the format allows.
void what_the_libraries_write_is_read_in_any_calls(void)
{
    uint64_t rounds = suite_scaled(600);
    struct draw *d = malloc(sizeof *d);
    kit_seed(2);
    for (uint64_t i = 0; i < rounds; i++) {
        d->codec = codecs[i % 4];
        draw_content(d);
        struct kit_bytes one = i % 4 == 3 ? lz4f_writes(d) : zlib_writes(d), coded = one;
        bool twice = (i % 4 == 0 || i % 4 == 3) && kit_draw(2);
        if (twice) {
            coded = (struct kit_bytes){malloc(2 * one.len), 2 * one.len};
            memcpy(coded.ptr, one.ptr, one.len);
            memcpy(coded.ptr + one.len, one.ptr, one.len);
            d->plain.ptr = realloc(d->plain.ptr, 2 * d->plain.len + 1);
            memcpy(d->plain.ptr + d->plain.len, d->plain.ptr, d->plain.len);
            d->plain.len *= 2;
            free(one.ptr);
        }
        bool known = i % 4 == 0 || i % 4 == 3; // `auto` cannot know the others for sure
        if (!reads_back(known && kit_draw(2) ? "auto:allow=gzip.lz4" : d->codec, coded, d->plain))
            suite_note("round %llu: %s", (unsigned long long) i, d->codec);
        free(coded.ptr);
        free(d->plain.ptr);
    }
    free(d);
}

// A device that cannot seek, and gives a byte at a time: what `auto` looked at and the decoder did not
// want is still there.
void auto_gives_nothing_up_of_a_source_that_cannot_seek(void)
{
    for (size_t len = 0; len < 40; len++) {
        struct kit_bytes plain = kit_content(len, 2), zlib = kit_encode("zlib", plain.ptr, len);
        struct kit_device dev = {.most = 1, .block_every = 3, .fail_after = UINT64_MAX};
        struct rove_stream *source = kit_device_stream(&dev), *stream = NULL;
        char *buf = malloc(64);
        size_t got = 0, n;
        enum rove_status status;
        dev.data = (struct kit_bytes){malloc(zlib.len + 6), zlib.len + 6};
        memcpy(dev.data.ptr, zlib.ptr, zlib.len);
        memcpy(dev.data.ptr + zlib.len, "behind", 6);
        CHECK_OK(rove_stream_decode(source, "crc32|auto", NULL, &stream, NULL));
        do {
            status = rove_stream_read(stream, buf + got, 64 - got, &n);
            got += n;
        } while (status == ROVE_OK || status == ROVE_E_AGAIN);
        CHECK_IS(ROVE_END, status);
        CHECK(got == len && memcmp(buf, plain.ptr, len) == 0);
        for (got = 0; got < 6;) {
            status = rove_stream_read(source, buf + got, 6 - got, &n);
            got += n;
            if (status != ROVE_OK && !CHECK_IS(ROVE_E_AGAIN, status))
                break;
        }
        CHECK(got == 6 && memcmp(buf, "behind", 6) == 0);
        rove_stream_free(stream);
        rove_stream_free(source);
        free(buf);
        free(dev.data.ptr);
        free(zlib.ptr);
        free(plain.ptr);
    }
}

void dictionaries_drawn_at_random(void)
{
    struct draw *d = malloc(sizeof *d);
    kit_seed(3);
    for (uint64_t i = 0, rounds = suite_scaled(100); i < rounds; i++) {
        char hex[2 * DICT_MAX + 1], other[4097];
        struct kit_bytes out;
        d->codec = codecs[1 + i % 2];
        draw_content(d);
        hex[draw_dict(d, hex)] = 0;
        snprintf(d->text, sizeof d->text, "%s:dict=%s", d->codec, hex);
        struct kit_bytes coded = write_drawn(d);
        CHECK(library_reads(d, coded));
        CHECK(reads_back(d->text, coded, d->plain));
        if (i % 2 == 0) { // zlib's header tells the dictionary
            snprintf(other, sizeof other, "%s", d->text);
            char *digit = other + strlen(other) - 1 - kit_draw(2 * d->dict_len);
            *digit = *digit == '0' ? '1' : '0';
            CHECK_IS(ROVE_E_CHECKSUM, kit_decode(other, NULL, coded, &out, NULL));
            CHECK_EQ(0, out.len);
            free(out.ptr);
            CHECK_IS(ROVE_E_UNSUPPORTED, kit_decode("zlib", NULL, coded, &out, NULL));
            free(out.ptr);
        }
        free(coded.ptr);
        free(d->plain.ptr);
    }
    free(d);
}

// digests -----------------------------------------------------------------------------------------

// RFC 3720: bit by bit.
static uint64_t slow_crc32c(const uint8_t *p, size_t len)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < len; i++) {
        crc ^= p[i];
        for (unsigned k = 0; k < 8; k++)
            crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78u : 0);
    }
    return ~crc;
}

static uint64_t reference(const char *name, const uint8_t *p, size_t len)
{
    if (strcmp(name, "crc32") == 0)
        return crc32_z(0, p, len);
    if (strcmp(name, "adler32") == 0)
        return adler32_z(1, p, len);
    if (strcmp(name, "crc32c") == 0)
        return slow_crc32c(p, len);
    if (strcmp(name, "xxh64") == 0)
        return XXH64(p, len, 0);
    return strcmp(name, "xxh3") == 0 ? XXH3_64bits(p, len) : len; // count
}

static bool digest_is(struct rove_stream *stream, size_t layer, uint64_t want)
{
    uint8_t buf[ROVE_DIGEST_MAX];
    uint64_t got = 0;
    size_t len;
    if (!CHECK_OK(rove_stream_digest(stream, layer, buf, sizeof buf, &len)))
        return false;
    for (size_t i = 0; i < len; i++)
        got = got << 8 | buf[i];
    return CHECK_EQ(len == 4 ? (uint32_t) want : want, got);
}

#define SUMS 6
static const char *const sums[SUMS] = {"crc32", "adler32", "crc32c", "xxh64", "xxh3", "count"};

static void so_far(struct kit_bytes plain)
{
    struct rove_stream *sink = kit_rope(), *writer = NULL;
    CHECK_OK(
        rove_stream_encode(sink, "crc32|adler32|crc32c|xxh64|xxh3|count|lz4", NULL, &writer, NULL));
    for (size_t at = 0; at < plain.len;) {
        at += write_some(writer, plain.ptr + at, draw_len(plain.len - at));
        size_t layer = (size_t) kit_draw(SUMS);
        (void) digest_is(writer, layer, reference(sums[layer], plain.ptr, at));
    }
    CHECK_OK(rove_stream_close(writer));
    for (size_t layer = 0; layer < SUMS; layer++)
        (void) digest_is(writer, layer, reference(sums[layer], plain.ptr, plain.len));
    rove_stream_free(writer);
    rove_stream_free(sink);
}

// Reading with the digest that it has, and with one that differs in a bit.
static void expected(const char *name, struct kit_bytes plain)
{
    uint64_t digest = reference(name, plain.ptr, plain.len);
    int digits = strncmp(name, "xxh", 3) == 0 ? 16 : 8;
    uint64_t bit = UINT64_C(1) << kit_draw((uint64_t) digits * 4);
    char text[64];
    struct kit_bytes out;
    for (unsigned wrong = 0; wrong < 2; wrong++) {
        snprintf(text, sizeof text, "%s:expect=%0*llx|copy", name, digits,
                 (unsigned long long) (wrong ? digest ^ bit : digest));
        CHECK_IS(wrong ? ROVE_E_CHECKSUM : ROVE_END, kit_decode(text, NULL, plain, &out, NULL));
        CHECK(kit_same(out, plain.ptr, plain.len)); // its end alone is missing
        free(out.ptr);
    }
}

void digests_so_far_and_expected(void)
{
    kit_seed(4);
    for (uint64_t i = 0, rounds = suite_scaled(60); i < rounds; i++) {
        struct kit_bytes plain = kit_content((size_t) kit_draw(100000), (unsigned) kit_draw(4));
        so_far(plain);
        expected(sums[i % (SUMS - 1)], plain);
        free(plain.ptr);
    }
}
