// SPDX-License-Identifier: MIT
// plugin_codecs.c: what only the codecs that come as plugins have: other programs' files, frames and
// members, dictionaries, windows, bombs.
#include "plugin_codecs.h"
#include "plugin_others.h"

#include "support/amount.h"
#include "support/words.h"

#include <rove/plugin.h>
#include <malloc.h>
#include <rove/rove.h>
#include <unistd.h>

static const struct cut whole = {0};

static const struct plugin_family families[] = {
    {"zstd", "zstd -dc --long=31", "zstd -c -T1", "zstd", "\x28?", "\x5a\x2a\x4d\x18\3\0\0\0\1\2\3", 11,
     512 * 1024 + ((size_t) 1 << 17), false}, // zstd's tables, a block in and out, the window
    {"bzip2", "bzip2 -dc", "bzip2 -c", "bzip2", "B?", "", 0, 4 * 900000 + 256 * 1024, true},
    {"xz", "xz -dc", "xz -c", "xz", "\xfd?", "\0\0\0\0\0\0\0\0", 8, 256 * 1024 + ((size_t) 1 << 20), true},
    {"", "gzip -dc", "gzip -c", "gzip", "\x1f?", "", 0, 512 * 1024, false},
};

const struct plugin_family *family_of(const struct spec *s)
{
    const struct plugin_family *f = families;

    while (strncmp(s->label, f->label, strlen(f->label)) != 0) {
        f++;
    }
    return f;
}

size_t slow_stride(const struct spec *s)
{
    return family_of(s)->slow ? stride_of_run : 1;
}

void check_refused(const char *text, const char *why)
{
    struct rove_stream *sink = NULL, *stream = NULL;
    struct rove_spec_error error = {0};

    CU_ASSERT_EQUAL(rove_stream_new(NULL, &sink), ROVE_OK);
    CU_ASSERT_EQUAL(rove_stream_encode(sink, text, NULL, &stream, &error), ROVE_E_ARG);
    CU_ASSERT(strstr(error.text, why) != NULL);
    rove_stream_free(stream);
    rove_stream_free(sink);
}

// other programs ----------------------------------------------------------------------------------

static void exchange(const struct spec *s, const struct bytes *plain)
{
    const struct plugin_family *f = family_of(s);
    struct bytes coded = encoded(s->encode, s->options, plain->ptr, plain->len);
    struct bytes other = {NULL, 0, 0}, out = {NULL, 0, 0};

    if (strstr(s->options, "dict=7") == NULL) { // the command takes dictionaries from files only
        CU_ASSERT(others_pipe(f->reader, &coded, &other));
        CU_ASSERT(bytes_equal(&other, plain->ptr, plain->len));
        CU_ASSERT(others_pipe(f->writer, plain, &other));
        CU_ASSERT_EQUAL(decoded(s->decode, "", other.ptr, other.len, &out), ROVE_END);
        CU_ASSERT(bytes_equal(&out, plain->ptr, plain->len));
    }
    bytes_drop(&coded);
    bytes_drop(&other);
    bytes_drop(&out);
}

static void exchange_with_the_formats_own_programs(void)
{
    static const size_t lens[] = {0, 1, 1500000, 100000};

    for (const struct spec *s = specs; s->label != NULL; s++) {
        if (!others_have(family_of(s)->tool)) {
            printf("(no %s here) ", family_of(s)->tool);
            continue;
        }
        for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
            struct bytes plain = make_content(MIXED, lens[i] / amount_of(1, 5));

            exchange(s, &plain);
            bytes_drop(&plain);
        }
    }
}

// frames and members ------------------------------------------------------------------------------

static void add_coded(struct bytes *all, const struct spec *s, const char *text)
{
    struct bytes one = encoded(s->encode, s->options, text, strlen(text));

    bytes_add(all, one.ptr, one.len);
    bytes_drop(&one);
}

static void joined_of(const struct spec *s)
{
    const struct plugin_family *f = family_of(s);
    struct bytes all = {NULL, 0, 0}, out = {NULL, 0, 0};
    char options[256];
    struct rig r;

    snprintf(options, sizeof options, "%s trailing=zeros", s->options);
    add_coded(&all, s, "one, ");
    add_coded(&all, s, "");
    bytes_add(&all, f->between, f->between_len);
    add_coded(&all, s, "two");
    if (f->between_len > 0) {
        bytes_add(&all, f->between, f->between_len);
    } else {
        bytes_add(&all, "\0\0\0", 3); // padding
    }
    rig_make(&r, s->decode, options);
    for (size_t i = 1; i <= all.len; i++) {
        struct cut pieces = {.in = i, .out = 2}, halves = {.first_in = i};

        CU_ASSERT_EQUAL(rig_stream(&r, all.ptr, all.len, &out, pieces), ROVE_END);
        CU_ASSERT(bytes_equal(&out, "one, two", 8));
        CU_ASSERT_EQUAL(rig_stream(&r, all.ptr, all.len, &out, halves), ROVE_END);
        CU_ASSERT(bytes_equal(&out, "one, two", 8));
    }
    bytes_add(&all, "garbage", 7);
    CU_ASSERT_EQUAL(rig_stream(&r, all.ptr, all.len, &out, whole), ROVE_E_TRAILING);
    CU_ASSERT(strstr(r.why, "trailing garbage after the last") != NULL);
    CU_ASSERT(bytes_equal(&out, "one, two", 8));
    CU_ASSERT_EQUAL(rig_stream(&r, "garbage", 7, &out, whole), ROVE_E_FORMAT);
    CU_ASSERT_EQUAL(rig_stream(&r, "", 0, &out, whole), ROVE_E_TRUNCATED);
    rig_close(&r);
    bytes_drop(&all);
    bytes_drop(&out);
}

static void joined_streams_are_one(void)
{
    for (const struct spec *s = specs; s->label != NULL; s++) {
        joined_of(s);
    }
}

// The offset of what follows is where the data end, also where it begins like a magic number.
static void offset_of_of(const struct spec *s)
{
    struct bytes coded = encoded(s->encode, s->options, "rope", 4), out = {NULL, 0, 0};
    size_t taken, len = coded.len;
    struct rig r;

    bytes_add(&coded, family_of(s)->magic, 2);
    rig_make(&r, s->decode, s->options);
    CU_ASSERT_EQUAL(rig_drive(&r, coded.ptr, coded.len, &out, ROVE_FINISH, whole, &taken),
                    ROVE_E_TRAILING);
    CU_ASSERT_EQUAL(taken, len);
    rig_close(&r);
    bytes_drop(&coded);
    bytes_drop(&out);
}

static void what_follows_is_told_where_it_begins(void)
{
    for (const struct spec *s = specs; s->label != NULL; s++) {
        offset_of_of(s);
    }
}

// What is none of the format is told at the byte that shows it, however the bytes come.
static void wrong_byte_of(const struct spec *s)
{
    struct bytes coded = {NULL, 0, 0}, out = {NULL, 0, 0};
    size_t taken;
    struct rig r;

    bytes_add(&coded, family_of(s)->magic, 1);
    bytes_add(&coded, "??????????", 10);
    for (size_t in = 0; in < 2; in++) {
        rig_make(&r, s->decode, s->options);
        CU_ASSERT_EQUAL(rig_drive(&r, coded.ptr, coded.len, &out, ROVE_FINISH, (struct cut){.in = in}, &taken),
                        ROVE_E_FORMAT);
        CU_ASSERT_EQUAL(taken, 1);
        rig_close(&r);
    }
    bytes_drop(&coded);
    bytes_drop(&out);
}

static void what_is_none_of_the_format_is_told_where_it_shows(void)
{
    for (const struct spec *s = specs; s->label != NULL; s++) {
        wrong_byte_of(s);
    }
}

static void small_streams_of(const struct spec *s)
{
    struct bytes coded = encoded(s->encode, s->options, "rope", 4), out = {NULL, 0, 0};
    struct rig r;

    rig_make(&r, s->decode, s->options);
    CU_ASSERT_EQUAL(rig_stream(&r, coded.ptr, coded.len, &out, (struct cut){.in = 1, .out = 1}),
                    ROVE_END);
    CU_ASSERT(r.peak_bytes <= family_of(s)->memory);
    rig_close(&r);
    bytes_drop(&coded);
    bytes_drop(&out);
}

static void memory_follows_the_window(void)
{
    for (const struct spec *s = specs; s->label != NULL; s++) {
        small_streams_of(s);
    }
}

// Every level there and back, over several blocks and in pieces.
static void levels_of(const struct rove_filter *encode, const struct rove_filter *decode, int from, int to, int step)
{
    struct bytes plain = make_content(MIXED, amount_of(600000, 300000));

    for (int level = from; level <= to; level += step) {
        struct bytes coded = {NULL, 0, 0}, out = {NULL, 0, 0};
        char options[32];
        struct rig r;

        snprintf(options, sizeof options, "level=%d", level);
        rig_make(&r, encode, options);
        CU_ASSERT_EQUAL(
            rig_stream(&r, plain.ptr, plain.len, &coded, (struct cut){.in = 70000, .out = 90000}),
            ROVE_END);
        CU_ASSERT(coded.len < plain.len && coded.len <= encode->bound(r.state, plain.len));
        rig_close(&r);
        CU_ASSERT_EQUAL(decoded(decode, "", coded.ptr, coded.len, &out), ROVE_END);
        CU_ASSERT(bytes_equal(&out, plain.ptr, plain.len));
        bytes_drop(&coded);
        bytes_drop(&out);
    }
    bytes_drop(&plain);
}

static void every_level_there_and_back(void)
{
#if defined(ROVE_PLUGIN_ZSTD)
    levels_of(&zstd_encode, &zstd_decode, -3, 17, (int) amount_of(1, 5)); // higher ones take long
#endif
#if defined(ROVE_PLUGIN_IGZIP)
    levels_of(&igzip_encode, &igzip_decode, 0, 3, 1);
#endif
#if defined(ROVE_PLUGIN_LIBDEFLATE)
    levels_of(&libdeflate_encode, &libdeflate_decode, 1, 12, (int) amount_of(1, 5));
#endif
#if defined(ROVE_PLUGIN_BZIP2)
    levels_of(&bzip2_encode, &bzip2_decode, 1, 9, stride_of_run > 1 ? 4 : 1);
#endif
#if defined(ROVE_PLUGIN_XZ)
    levels_of(&xz_encode, &xz_decode, 0, 6, stride_of_run > 1 ? 3 : 1); // higher ones want hundreds of MiB
#endif
}

// chains ------------------------------------------------------------------------------------------

static enum rove_status write_chain(const char *spec, const struct bytes *plain,
                                    struct rove_stream *sink)
{
    struct rove_stream *stream = NULL;
    enum rove_status rc = rove_stream_encode(sink, spec, NULL, &stream, NULL);

    if (rc == ROVE_OK) {
        rc = rove_stream_write(stream, plain->ptr, plain->len);
    }
    if (rc == ROVE_OK) {
        rc = rove_stream_close(stream);
    }
    rove_stream_free(stream);
    return rc;
}

// Reads to the end or a failure. why: 256 bytes.
static enum rove_status read_chain(const char *spec, const struct rove_limits *limits,
                                   struct rove_stream *source, struct bytes *out, char *why)
{
    static uint8_t buf[65536];
    struct rove_stream *stream = NULL;
    enum rove_status rc;

    CU_ASSERT_EQUAL(rove_stream_seek(source, 0, ROVE_SET, NULL), ROVE_OK);
    rc = rove_stream_decode(source, spec, limits, &stream, NULL);
    while (rc == ROVE_OK) {
        size_t len = 0;

        rc = rove_stream_read(stream, buf, sizeof buf, &len);
        bytes_add(out, buf, len);
    }
    snprintf(why, 256, "%s", stream == NULL ? "" : rove_stream_explain(stream));
    CU_ASSERT(!words_repeat(why));
    rove_stream_free(stream);
    return rc;
}

// How a chain is written, and how it is read: without what is for writing only.
static const char *const chains[][2] = {
#if defined(ROVE_PLUGIN_ZSTD)
    {"zstd", "zstd"},
    {"crc32|zstd:level=1|xxh3", "crc32|zstd|xxh3"},
    {"zstd|zstd", "zstd|zstd"},
#endif
#if defined(ROVE_PLUGIN_IGZIP)
    {"igzip", "igzip"},
    {"igzip:level=2|lz4", "gzip|lz4"},
    {"adler32|gzip:level=1|crc32c", "adler32|igzip|crc32c"},
#endif
#if defined(ROVE_PLUGIN_LIBDEFLATE)
    {"libdeflate:level=3", "libdeflate"},
    {"libdeflate|gzip:level=1|copy", "gzip|libdeflate|copy"},
#endif
#if defined(ROVE_PLUGIN_BZIP2)
    {"crc32|bzip2:level=1,block=1M|xxh3", "crc32|bzip2:small=yes|xxh3"},
#endif
#if defined(ROVE_PLUGIN_XZ)
    {"crc32|xz:level=0|xxh3", "crc32|xz|xxh3"},
    {"xz:level=0,block=1M,check=sha256", "xz"},
#endif
    {NULL, NULL},
};

static void chains_carry_all(void)
{
    struct bytes plain = make_content(MIXED, amount_of(3000000, 1200000));

    for (size_t i = 0; chains[i][0] != NULL; i++) {
        struct rove_stream *stream = NULL;
        struct bytes out = {NULL, 0, 0};
        char why[256];

        CU_ASSERT_EQUAL(rove_stream_new(NULL, &stream), ROVE_OK);
        CU_ASSERT_EQUAL(write_chain(chains[i][0], &plain, stream), ROVE_OK);
        CU_ASSERT_EQUAL(read_chain(chains[i][1], NULL, stream, &out, why), ROVE_END);
        if (!bytes_equal(&out, plain.ptr, plain.len)) {
            CU_FAIL("another content");
            printf("\n    ^ with %s, %zu bytes: %s\n", chains[i][1], out.len, why);
        }
        rove_stream_free(stream);
        bytes_drop(&out);
    }
    bytes_drop(&plain);
}

// Zeros, coded several times over. What comes out is at most the limit.
static void bombs_are_refused(void)
{
    struct rove_limits limits = {.size = sizeof limits, .output = 1000000};
    struct bytes plain = make_content(ZEROS, 20000000);
    char spec[128];

    for (const struct spec *s = specs; s->label != NULL; s++) {
        const char *name = s->encode->name;

        for (int layers = 1; layers <= 8; layers += (int) stride_of_run) {
            struct rove_stream *stream = NULL;
            struct bytes out = {NULL, 0, 0};
            char why[256];

            spec[0] = 0;
            for (int i = 0; i < layers; i++) {
                strcat(spec, i == 0 ? "" : "|");
                strcat(spec, name);
                strcat(spec, strcmp(name, "xz") == 0 ? ":level=0" : ""); // eight of another level want 700 MiB
            }
            CU_ASSERT_EQUAL(rove_stream_new(NULL, &stream), ROVE_OK);
            CU_ASSERT_EQUAL(write_chain(spec, &plain, stream), ROVE_OK);
            CU_ASSERT_EQUAL(read_chain(spec, &limits, stream, &out, why), ROVE_E_LIMIT);
            CU_ASSERT(out.len <= limits.output);
            rove_stream_free(stream);
            bytes_drop(&out);
        }
        while (s[1].label != NULL && strcmp(s[1].encode->name, name) == 0) {
            s++; // once a codec
        }
    }
    bytes_drop(&plain);
}

static void auto_finds_what_is_loaded(void)
{
    static const char *const pairs[][2] = {
#if defined(ROVE_PLUGIN_ZSTD)
        {"zstd", "auto"},
        {"zstd", "auto:allow=lz4.zstd"},
#endif
#if defined(ROVE_PLUGIN_IGZIP)
        {"igzip", "auto"},
        {"gzip", "auto:allow=igzip"},
#endif
#if defined(ROVE_PLUGIN_BZIP2)
        {"bzip2:level=1", "auto"},
        {"bzip2:level=1", "auto:allow=lz4.bzip2"},
#endif
#if defined(ROVE_PLUGIN_XZ)
        {"xz:level=0", "auto"},
        {"xz:level=0", "auto:allow=gzip.xz"},
#endif
        {"lz4", "auto"},
    };
    struct bytes plain = make_content(TEXT, 10000);

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct rove_stream *stream = NULL;
        struct bytes out = {NULL, 0, 0};
        char why[256];

        CU_ASSERT_EQUAL(rove_stream_new(NULL, &stream), ROVE_OK);
        CU_ASSERT_EQUAL(write_chain(pairs[i][0], &plain, stream), ROVE_OK);
        CU_ASSERT_EQUAL(read_chain(pairs[i][1], NULL, stream, &out, why), ROVE_END);
        CU_ASSERT(bytes_equal(&out, plain.ptr, plain.len));
        rove_stream_free(stream);
        bytes_drop(&out);
    }
    bytes_drop(&plain);
}

// zstd --------------------------------------------------------------------------------------------

#if defined(ROVE_PLUGIN_ZSTD)

#define DICT "dict=737472616e6420647261776e206f757420"

// A block may have no more bytes than the window, and 2^17, coded or not. libzstd holds that against blocks only where it
// gets them one by one, and not where it is given a whole frame.
static void blocks_that_are_too_long_are_damage_however_they_are_cut(void)
{
    static const struct {
        uint8_t frame[15];
        size_t len;
    } cases[] = {
        {{0x28, 0xb5, 0x2f, 0xfd, 0x20, 0, 3, 0, 0, 'x'}, 10},         // nothing, none times x
        {{0x28, 0xb5, 0x2f, 0xfd, 0x20, 1, 18, 0, 0, 'x', 1, 0, 0}, 13}, // one byte, two times x and an end
    };
    static const struct cut cuts[] = {{0}, {.out = 1}, {.in = 1}, {.in = 7, .out = 3}, {.out = 65536}};
    struct bytes out = {NULL, 0, 0};
    struct rig r;

    rig_make(&r, &zstd_decode, "");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t k = 0; k < sizeof cuts / sizeof *cuts; k++) {
            CU_ASSERT_EQUAL(rig_stream(&r, cases[i].frame, cases[i].len, &out, cuts[k]), ROVE_E_DATA);
        }
    }
    rig_close(&r);
    bytes_drop(&out);
}

// A frame of one segment, with one block for each of lens, of as many bytes, 65,540 to 131,075: one byte as it is, and a match
// with it. In front of it a skippable one of 4,096 bytes: the rig gives less room to what is shorter.
static struct bytes matching(const uint32_t *lens, size_t cnt)
{
    // one literal; one sequence, its three tables of one symbol: a length of 1, the offset last used, 65,539 and 16 bits
    uint8_t block[] = {0, 0, 0, 1 << 3, 'x', 1, 0x54, 1, 0, 52, 0, 0, 1};
    uint8_t head[] = {0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0};
    static const uint8_t skipped[8 + 4096] = {0x50, 0x2a, 0x4d, 0x18, 0, 16};
    struct bytes frame = {NULL, 0, 0};
    uint32_t total = 0;

    for (size_t i = 0; i < cnt; i++) {
        total += lens[i];
    }
    for (unsigned i = 0; i < 4; i++) {
        head[5 + i] = (uint8_t) (total >> 8 * i);
    }
    bytes_add(&frame, skipped, sizeof skipped);
    bytes_add(&frame, head, sizeof head);
    for (size_t i = 0; i < cnt; i++) {
        block[0] = (uint8_t) (10 << 3 | 2 << 1 | (i + 1 == cnt));
        block[10] = (uint8_t) (lens[i] - 65540);
        block[11] = (uint8_t) ((lens[i] - 65540) >> 8);
        bytes_add(&frame, block, sizeof block);
    }
    return frame;
}

// Nor may it become more, which its header does not tell.
static void blocks_that_become_too_much_are_damage_however_they_are_cut(void)
{
    static const struct {
        uint32_t lens[4];
        size_t cnt, sound;
    } cases[] = {
        {{131072}, 1, 1}, {{131073}, 1, 0}, {{131075}, 1, 0}, {{131072, 65540, 65540}, 3, 3},
        {{131073, 131071}, 2, 0}, {{65540, 131073, 65540}, 3, 1}, {{65540, 65540, 65540, 131075}, 4, 3},
    };
    static const struct cut cuts[] = {{0}, {.in = 1}, {.in = 7, .out = 1000}, {.in = 65536, .out = 65536}, {.out = 131072}};
    static const char *const options[] = {"", DICT};
    struct bytes out = {NULL, 0, 0};

    for (size_t i = 0; i < sizeof cases / sizeof *cases * 2; i++) {
        const uint32_t *lens = cases[i / 2].lens;
        size_t cnt = cases[i / 2].cnt, sound = cases[i / 2].sound, len = 0;
        struct bytes coded = matching(lens, cnt);
        struct rig r;

        for (size_t k = 0; k < sound; k++) {
            len += lens[k];
        }
        rig_make(&r, &zstd_decode, options[i % 2]);
        for (size_t k = 0; k < sizeof cuts / sizeof *cuts; k++) {
            CU_ASSERT_EQUAL(rig_stream(&r, coded.ptr, coded.len, &out, cuts[k]), sound == cnt ? ROVE_END : ROVE_E_DATA);
            CU_ASSERT(out.len == len && (sound == cnt || strstr(r.why, "frame 1 is damaged") != NULL));
        }
        rig_close(&r);
        bytes_drop(&coded);
    }
    bytes_drop(&out);
}

static void hostile_windows_are_refused(void)
{
    // magic, no flags, a window of 2^28, of 2^41; then single segments that declare 2^40 and 2^27 + 1 bytes
    static const struct {
        uint8_t head[13];
        const char *why;
    } cases[] = {
        {{0x28, 0xb5, 0x2f, 0xfd, 0x00, 18 << 3, 1, 0, 0}, "2^28 bytes; zstd:window=28 allows it"},
        {{0x28, 0xb5, 0x2f, 0xfd, 0x00, 31 << 3, 1, 0, 0}, "more than 2^31 bytes, the most that there is"},
        {{0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 1, 0, 0}, "more than 2^31 bytes"},
        {{0x28, 0xb5, 0x2f, 0xfd, 0xa0, 1, 0, 0, 8, 1, 0, 0}, "2^28 bytes; zstd:window=28 allows it"},
    };
    struct bytes coded = encoded(&zstd_encode, "window=20", "rope", 4), out = {NULL, 0, 0};
    struct rig r;

    rig_make(&r, &zstd_decode, "");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CU_ASSERT_EQUAL(rig_stream(&r, cases[i].head, sizeof cases[i].head, &out, whole), ROVE_E_LIMIT);
        CU_ASSERT(strstr(r.why, cases[i].why) != NULL);
        CU_ASSERT(r.peak_bytes < 1 << 20);
    }
    rig_close(&r);
    CU_ASSERT_EQUAL(decoded(&zstd_decode, "window=19", coded.ptr, coded.len, &out), ROVE_E_LIMIT);
    CU_ASSERT_EQUAL(decoded(&zstd_decode, "window=20", coded.ptr, coded.len, &out), ROVE_END);
    bytes_drop(&coded);
    bytes_drop(&out);
}

// A frame of two raw blocks, 3,000 bytes and none, whose header declares len bytes (256 to 65,791); in
// front of it cnt others that are sound.
static struct bytes declaring(uint32_t len, size_t cnt)
{
    static const uint8_t sound[] = {0x28, 0xb5, 0x2f, 0xfd, 0x20, 1, 1 | 1 << 3, 0, 0, 'x'};
    uint8_t head[] = {0x28, 0xb5, 0x2f, 0xfd, 0x60, (uint8_t) (len - 256), (uint8_t) ((len - 256) >> 8),
                      (uint8_t) (3000 << 3), (uint8_t) (3000 >> 5), 0};
    struct bytes frame = {NULL, 0, 0};

    for (size_t i = 0; i < cnt; i++) {
        bytes_add(&frame, sound, sizeof sound);
    }
    bytes_add(&frame, head, sizeof head);
    for (size_t i = 0; i < 3000; i++) {
        bytes_add(&frame, "r", 1);
    }
    bytes_add(&frame, "\1\0\0", 3);
    return frame;
}

static void what_a_frame_declares_is_what_it_holds(void)
{
    static const uint32_t lens[] = {256, 2999, 3000, 3001, 6000, 65791};
    struct bytes out = {NULL, 0, 0};
    char why[80];

    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        for (size_t cnt = 0; cnt < 3; cnt++) {
            struct bytes coded = declaring(lens[i], cnt);
            struct rig r;
            int32_t rc;

            rig_make(&r, &zstd_decode, "");
            rc = rig_stream(&r, coded.ptr, coded.len, &out, whole);
            if (lens[i] == 3000) {
                CU_ASSERT_EQUAL(rc, ROVE_END);
                CU_ASSERT_EQUAL(out.len, 3000 + cnt);
            } else {
                CU_ASSERT(rc == ROVE_E_CHECKSUM || (lens[i] < 3000 && rc == ROVE_E_DATA));
            }
            snprintf(why, sizeof why, "frame %zu holds 3000 bytes, but declares %u", cnt + 1, lens[i]);
            CU_ASSERT(lens[i] <= 3000 || strstr(r.why, why) != NULL);
            rig_close(&r);
            bytes_drop(&coded);
        }
    }
    bytes_drop(&out);
}

// Skippable frames first, between and last, of either's data, as other writers of frames leave them.
static void auto_looks_past_what_zstd_skips(void)
{
    static const uint8_t skip[] = {0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'a', 'b', 'c'};
    static const char *const readers[] = {"auto", "auto:allow=zstd", "auto:allow=lz4.zstd", "zstd"};
    struct bytes coded = encoded(&zstd_encode, "", "rope", 4);

    for (unsigned shape = 1; shape < 8; shape++) {
        struct bytes all = {NULL, 0, 0};

        for (unsigned i = 0; i < 3; i++) {
            if (shape >> i & 1) {
                bytes_add(&all, skip, sizeof skip);
            }
            if (i < 2) {
                bytes_add(&all, coded.ptr, coded.len);
            }
        }
        for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
            struct rove_stream *stream = NULL;
            struct bytes out = {NULL, 0, 0};
            char why[256];

            CU_ASSERT_EQUAL(rove_stream_new(NULL, &stream), ROVE_OK);
            CU_ASSERT_EQUAL(rove_stream_write(stream, all.ptr, all.len), ROVE_OK);
            CU_ASSERT_EQUAL(read_chain(readers[i], NULL, stream, &out, why), ROVE_END);
            CU_ASSERT(bytes_equal(&out, "roperope", 8));
            rove_stream_free(stream);
            bytes_drop(&out);
        }
        bytes_drop(&all);
    }
    bytes_drop(&coded);
}

// The chain's limit of memory holds for what the codec takes by the frame's word.
static void windows_count_against_the_chains_memory(void)
{
    struct rove_limits limits = {.size = sizeof limits, .memory = 6 << 20};
    struct bytes plain = make_content(TEXT, 100000), out = {NULL, 0, 0};
    struct rove_stream *stream = NULL;
    char why[256];

    CU_ASSERT_EQUAL(rove_stream_new(NULL, &stream), ROVE_OK);
    CU_ASSERT_EQUAL(write_chain("zstd:window=23", &plain, stream), ROVE_OK);
    CU_ASSERT_EQUAL(read_chain("zstd", &limits, stream, &out, why), ROVE_E_LIMIT);
    CU_ASSERT(strstr(why, "more memory than the chain may have: the limit on memory is 6291456") != NULL);
    limits.memory = 16 << 20;
    CU_ASSERT_EQUAL(read_chain("zstd", &limits, stream, &out, why), ROVE_END);
    CU_ASSERT(bytes_equal(&out, plain.ptr, plain.len));
    rove_stream_free(stream);
    bytes_drop(&plain);
    bytes_drop(&out);
}

// What a frame declares is decoded to where it is wanted, if all of it is at hand and has room there.
static void whole_frames_take_no_window(void)
{
    struct bytes plain = make_content(MIXED, 200000), coded = {NULL, 0, 0}, out = {NULL, 0, 0};
    size_t peaks[2];
    struct rig r;

    rig_make(&r, &zstd_encode, "block=200000");
    CU_ASSERT_EQUAL(rig_stream(&r, plain.ptr, plain.len, &coded, whole), ROVE_END);
    rig_close(&r);
    for (size_t i = 0; i < 2; i++) {
        rig_make(&r, &zstd_decode, "");
        CU_ASSERT_EQUAL(rig_stream(&r, coded.ptr, coded.len, &out,
                                   (struct cut){.in = coded.len - i, .out = plain.len}), ROVE_END);
        CU_ASSERT(bytes_equal(&out, plain.ptr, plain.len));
        peaks[i] = r.peak_bytes;
        rig_close(&r);
    }
    CU_ASSERT(peaks[0] + plain.len <= peaks[1]);
    bytes_drop(&plain);
    bytes_drop(&coded);
    bytes_drop(&out);
}

static int32_t encode_sized(const char *options, size_t len, struct bytes *out)
{
    struct bytes plain = make_content(TEXT, len);
    struct rig r;
    int32_t rc;

    rig_make(&r, &zstd_encode, options);
    rc = rig_stream(&r, plain.ptr, plain.len, out, (struct cut){.in = 100, .out = 100});
    rig_close(&r);
    bytes_drop(&plain);
    return rc;
}

// A frame with this size in its header, of raw blocks. The checksum is left out.
static struct bytes raw_frame(uint64_t declared, size_t blocks, size_t block_len, bool empty_last)
{
    static const uint8_t head[] = {0x28, 0xb5, 0x2f, 0xfd, 0xc0, 0x58}, zeros[4096]; // a window of 2 MiB
    struct bytes all = {NULL, 0, 0};

    bytes_add(&all, head, sizeof head);
    for (unsigned i = 0; i < 64; i += 8) {
        bytes_add(&all, &(uint8_t){(uint8_t) (declared >> i)}, 1);
    }
    for (size_t i = 0; i < blocks + empty_last; i++) {
        uint32_t len = i < blocks ? (uint32_t) block_len : 0, word = len << 3 | (i + 1 == blocks + empty_last);

        for (unsigned k = 0; k < 24; k += 8) {
            bytes_add(&all, &(uint8_t){(uint8_t) (word >> k)}, 1);
        }
        bytes_add(&all, zeros, len);
    }
    return all;
}

// Whatever the last block holds; libzstd alone does not look when it is empty.
static void declared_sizes_are_counted_when_reading(void)
{
    static const struct {
        uint64_t declared;
        size_t blocks;
        bool empty_last;
    } cases[] = {{6000, 1, true},  {6000, 1, false}, {6000, 3, true}, {6000, 3, false}, {2999, 1, true},
                 {2999, 1, false}, {0, 1, true},     {1, 0, true},    {UINT64_C(1) << 40, 2, true},
                 {3000, 1, true},  {3000, 1, false}, {6000, 2, true}, {6000, 2, false}, {0, 0, true}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes coded = raw_frame(cases[i].declared, cases[i].blocks, 3000, cases[i].empty_last);
        struct bytes out = {NULL, 0, 0};
        bool holds = cases[i].declared == 3000 * cases[i].blocks;
        struct rig r;

        rig_make(&r, &zstd_decode, "");
        for (size_t piece = 0; piece < 40; piece += 13) {
            int32_t rc = rig_stream(&r, coded.ptr, coded.len, &out, (struct cut){.in = piece, .out = piece});

            if (holds) {
                CU_ASSERT_EQUAL(rc, ROVE_END);
            } else {
                CU_ASSERT(rc == ROVE_E_CHECKSUM || rc == ROVE_E_DATA); // ours, or the codec's own word
            }
        }
        rig_close(&r);
        bytes_drop(&coded);
        bytes_drop(&out);
    }
}

static void declared_sizes_are_held(void)
{
    struct bytes out = {NULL, 0, 0};

    CU_ASSERT_EQUAL(encode_sized("content_size=1000", 1000, &out), ROVE_END);
    CU_ASSERT((out.ptr[4] >> 6) == 1); // two bytes of size in the header
    CU_ASSERT_EQUAL(encode_sized("content_size=0", 0, &out), ROVE_END);
    CU_ASSERT_EQUAL(encode_sized("content_size=1001", 1000, &out), ROVE_E_CHECKSUM);
    CU_ASSERT_EQUAL(encode_sized("content_size=999", 1000, &out), ROVE_E_CHECKSUM);
    bytes_drop(&out);
}

static void dictionaries_must_be_the_same(void)
{
    struct bytes coded = encoded(&zstd_encode, DICT, "strand drawn out strand drawn out", 33);
    struct bytes bare = encoded(&zstd_encode, "", "strand drawn out strand drawn out", 33);
    struct bytes out = {NULL, 0, 0};

    CU_ASSERT(coded.len < bare.len); // it was of use
    CU_ASSERT_EQUAL(decoded(&zstd_decode, DICT, coded.ptr, coded.len, &out), ROVE_END);
    CU_ASSERT(decoded(&zstd_decode, "", coded.ptr, coded.len, &out) < 0);
    CU_ASSERT(decoded(&zstd_decode, "dict=00112233445566778899", coded.ptr, coded.len, &out) < 0);
    CU_ASSERT_EQUAL(decoded(&zstd_decode, DICT, bare.ptr, bare.len, &out), ROVE_END);
    bytes_drop(&coded);
    bytes_drop(&bare);
    bytes_drop(&out);
}

// It begins as one that `zstd --train` makes, and is none. What begins so and is too short for one is bytes like others.
static void a_damaged_dictionary_is_refused(void)
{
    static const struct {
        const char *options;
        int32_t status;
    } cases[] = {{"dict=37a430ec010000000102030405060708090a0b0c0d0e0f10111213141516", ROVE_E_ARG},
                 {"block=4096 dict=37a430ec010000000102030405060708090a0b0c0d0e0f10111213141516", ROVE_E_ARG},
                 {"dict=37a430ec01000000", ROVE_E_ARG},
                 {"dict=37a430ec010000", ROVE_OK},
                 {"dict=37a430ed010000000102030405060708090a0b0c0d0e0f10111213141516", ROVE_OK}};

    for (size_t i = 0; i < 2 * (sizeof cases / sizeof *cases); i++) {
        struct rig r;

        rig_set(&r, i % 2 == 0 ? &zstd_encode : &zstd_decode, cases[i / 2].options);
        CU_ASSERT_EQUAL(rig_open(&r), cases[i / 2].status);
        CU_ASSERT(r.state != NULL || strcmp(r.why, "the dictionary is damaged") == 0);
        if (r.state != NULL) {
            rig_close(&r);
        }
    }
}

// libzstd's decoder of a dictionary that it has not just used takes some damage for sound. Every bit of a frame that wants
// the dictionary, behind a sound frame and alone: the same.
static void a_damaged_frame_is_so_behind_any_other(void)
{
    struct bytes coded = encoded(&zstd_encode, DICT " checksum=no", "strand by strand, drawn out of it, as a strand is drawn out", 59);
    struct bytes two = {NULL, 0, 0}, alone = {NULL, 0, 0}, behind = {NULL, 0, 0};
    struct rig r;
    size_t sound = 0;

    rig_make(&r, &zstd_decode, DICT);
    bytes_add(&two, coded.ptr, coded.len);
    bytes_add(&two, coded.ptr, coded.len);
    for (size_t bit = 6 * 8; bit < coded.len * 8; bit++) { // not of the magic, nor of the header
        uint8_t *flipped = two.ptr + coded.len + bit / 8;
        int32_t rc;

        *flipped ^= (uint8_t) (1 << bit % 8);
        rc = decoded(&zstd_decode, DICT, two.ptr + coded.len, coded.len, &alone);
        for (size_t in = 0; in <= 16; in += 16) {
            CU_ASSERT_EQUAL(rig_stream(&r, two.ptr, two.len, &behind, (struct cut){.in = in}), rc);
            CU_ASSERT_EQUAL(behind.len, 59 + alone.len);
            CU_ASSERT(behind.len < 59 || memcmp(behind.ptr + 59, alone.ptr, behind.len - 59) == 0);
        }
        sound += rc == ROVE_END;
        *flipped ^= (uint8_t) (1 << bit % 8);
    }
    CU_ASSERT(sound > 0);
    rig_close(&r);
    bytes_drop(&coded);
    bytes_drop(&two);
    bytes_drop(&alone);
    bytes_drop(&behind);
}

static void frames_that_name_a_dictionary(void)
{
    // magic, single segment with a dictionary's number of 1 byte, size 1, a raw block of 1 byte
    static const uint8_t frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0x21, 7, 1, 9, 0, 0, 'x'};
    struct bytes out = {NULL, 0, 0};

    CU_ASSERT_EQUAL(decoded(&zstd_decode, "", frame, sizeof frame, &out), ROVE_E_UNSUPPORTED);
    CU_ASSERT_EQUAL(decoded(&zstd_decode, DICT, frame, sizeof frame, &out), ROVE_E_CHECKSUM);
    bytes_drop(&out);
}

static void impossible_settings_are_refused(void)
{
    struct rig r;

    for (int i = 0; i < 2; i++) {
        rig_set(&r, i == 0 ? &zstd_encode : &zstd_decode, "window=9");
        CU_ASSERT_EQUAL(rig_open(&r), ROVE_E_ARG);
        CU_ASSERT(strstr(r.why, "zstd refuses these options") != NULL);
    }
}

#endif

// gzip by ISA-L -----------------------------------------------------------------------------------

#if defined(ROVE_PLUGIN_IGZIP)

static void all_header_fields_in_every_split(void)
{
    struct bytes coded =
        encoded(&rv_filter_gzip_encode, "hcrc=yes name=a.txt comment=hello mtime=9", "rope", 4);
    struct bytes out = {NULL, 0, 0};
    struct rig r;

    rig_make(&r, &igzip_decode, "");
    for (size_t i = 1; i <= coded.len; i++) {
        struct cut pieces = {.in = i, .out = 1}, halves = {.first_in = i};

        CU_ASSERT_EQUAL(rig_stream(&r, coded.ptr, coded.len, &out, pieces), ROVE_END);
        CU_ASSERT(bytes_equal(&out, "rope", 4));
        CU_ASSERT_EQUAL(rig_stream(&r, coded.ptr, coded.len, &out, halves), ROVE_END);
        CU_ASSERT(bytes_equal(&out, "rope", 4));
    }
    for (size_t at = 4; at < 24; at++) { // MTIME to the end of the comment, under the header's sum
        coded.ptr[at] ^= 0x20;
        CU_ASSERT(rig_stream(&r, coded.ptr, coded.len, &out, whole) < 0);
        coded.ptr[at] ^= 0x20;
    }
    rig_close(&r);
    bytes_drop(&coded);
    bytes_drop(&out);
}

static int32_t with_byte(size_t at, uint8_t value)
{
    struct bytes coded = encoded(&igzip_encode, "", "rope", 4), out = {NULL, 0, 0};
    int32_t rc;

    coded.ptr[at < coded.len ? at : coded.len + at] = value; // from the end when wrapped around
    rc = decoded(&igzip_decode, "", coded.ptr, coded.len, &out);
    bytes_drop(&coded);
    bytes_drop(&out);
    return rc;
}

static void each_breach_of_gzip_has_its_status(void)
{
    CU_ASSERT_EQUAL(with_byte(0, 'P'), ROVE_E_FORMAT);
    CU_ASSERT_EQUAL(with_byte(1, 'K'), ROVE_E_FORMAT);
    CU_ASSERT_EQUAL(with_byte(2, 7), ROVE_E_UNSUPPORTED);
    CU_ASSERT_EQUAL(with_byte(3, 0x20), ROVE_E_UNSUPPORTED);
    CU_ASSERT_EQUAL(with_byte(10, 0x07), ROVE_E_DATA); // block type 3
    CU_ASSERT_EQUAL(with_byte((size_t) -8, 0x55), ROVE_E_CHECKSUM);
    CU_ASSERT_EQUAL(with_byte((size_t) -4, 0x55), ROVE_E_CHECKSUM);
}

// Where a state is placed decides nothing; short blocks show it most.
static void igzip_writes_the_same_in_any_state(void)
{
    uint64_t rng = seed_of_run;

    for (unsigned level = 0; level < 4; level++) {
        char options[16];
        struct rig states[4];
        struct bytes one = {NULL, 0, 0}, two = {NULL, 0, 0};
        uint8_t plain[60];
        void *gap[4];

        snprintf(options, sizeof options, "level=%u", level);
        for (size_t i = 0; i < 4; i++) {
            rig_make(&states[i], &igzip_encode, options);
            gap[i] = malloc((size_t) 70000 << i);
        }
        for (size_t round = 0; round < 1200 / stride_of_run; round++) {
            size_t len = draw_below(&rng, sizeof plain);

            for (size_t i = 0; i < len; i++)
                plain[i] = (uint8_t) draw_below(&rng, 3);
            (void) rig_stream(&states[0], plain, len, &one, (struct cut){0});
            (void) rig_stream(&states[1 + round % 3], plain, len, &two, (struct cut){0});
            CU_ASSERT(bytes_equal(&two, one.ptr, one.len));
        }
        for (size_t i = 0; i < 4; i++) {
            rig_close(&states[i]);
            free(gap[i]);
        }
        bytes_drop(&one);
        bytes_drop(&two);
    }
}

// Of the four bytes that it looks at, each counts, and there must be four.
static void gzip_is_recognised_by_four_bytes(void)
{
    const uint8_t head[4] = {0x1f, 0x8b, 8, 0};

    CU_ASSERT_EQUAL(igzip_decode.detect(head, 4), 27);
    for (uint32_t len = 0; len < 4; len++) {
        CU_ASSERT_EQUAL(igzip_decode.detect(head, len), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        uint8_t other[4];

        memcpy(other, head, 4);
        other[i] ^= 0x20; // in the last one, a reserved flag
        CU_ASSERT_EQUAL(igzip_decode.detect(other, 4), 0);
    }
}

static void igzip_refuses_other_levels(void)
{
    struct rig r;

    rig_set(&r, &igzip_encode, "level=4");
    CU_ASSERT_EQUAL(rig_open(&r), ROVE_E_ARG);
}

#endif

#if defined(ROVE_PLUGIN_LIBDEFLATE)

static void libdeflate_refuses_other_levels(void)
{
    struct rig r;

    rig_set(&r, &libdeflate_encode, "level=0");
    CU_ASSERT_EQUAL(rig_open(&r), ROVE_E_ARG);
    rig_set(&r, &libdeflate_encode, "level=13");
    CU_ASSERT_EQUAL(rig_open(&r), ROVE_E_ARG);
}

// Its memory comes from malloc(), past the host that counts.
static void what_libdeflate_took_is_given_back(void)
{
    struct mallinfo2 before, after;

    for (unsigned round = 0; round < 10; round++) {
        struct rig r;

        rig_make(&r, &libdeflate_encode, "level=6");
        rig_close(&r);
        after = mallinfo2();
        before = round == 0 ? after : before;
    }
    CU_ASSERT(after.uordblks + after.hblkhd < before.uordblks + before.hblkhd + 300000);
}

#endif

void add_plugin_tests(CU_pSuite suite)
{
    ADD(suite, exchange_with_the_formats_own_programs);
    ADD(suite, joined_streams_are_one);
    ADD(suite, what_follows_is_told_where_it_begins);
    ADD(suite, what_is_none_of_the_format_is_told_where_it_shows);
    ADD(suite, memory_follows_the_window);
    ADD(suite, every_level_there_and_back);
    ADD(suite, chains_carry_all);
    ADD(suite, bombs_are_refused);
    ADD(suite, auto_finds_what_is_loaded);
#if defined(ROVE_PLUGIN_ZSTD)
    ADD(suite, blocks_that_are_too_long_are_damage_however_they_are_cut);
    ADD(suite, blocks_that_become_too_much_are_damage_however_they_are_cut);
    ADD(suite, hostile_windows_are_refused);
    ADD(suite, what_a_frame_declares_is_what_it_holds);
    ADD(suite, auto_looks_past_what_zstd_skips);
    ADD(suite, windows_count_against_the_chains_memory);
    ADD(suite, whole_frames_take_no_window);
    ADD(suite, declared_sizes_are_held);
    ADD(suite, declared_sizes_are_counted_when_reading);
    ADD(suite, dictionaries_must_be_the_same);
    ADD(suite, a_damaged_dictionary_is_refused);
    ADD(suite, a_damaged_frame_is_so_behind_any_other);
    ADD(suite, frames_that_name_a_dictionary);
    ADD(suite, impossible_settings_are_refused);
#endif
#if defined(ROVE_PLUGIN_IGZIP)
    ADD(suite, all_header_fields_in_every_split);
    ADD(suite, each_breach_of_gzip_has_its_status);
    ADD(suite, igzip_writes_the_same_in_any_state);
    ADD(suite, gzip_is_recognised_by_four_bytes);
    ADD(suite, igzip_refuses_other_levels);
#endif
#if defined(ROVE_PLUGIN_LIBDEFLATE)
    ADD(suite, libdeflate_refuses_other_levels);
    ADD(suite, what_libdeflate_took_is_given_back);
#endif
}
