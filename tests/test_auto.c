// SPDX-License-Identifier: MIT
// test_auto.c: formats that share a beginning. Skippable frames may stand in front of LZ4 and of
// Zstandard data; `auto` looks past them, whatever they hold and however the source gives its bytes.
#include "chain_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char text[] = "what comes behind the frames that nobody reads, and is repeated, and is repeated";

enum source { ROPE, BYTE_BY_BYTE, THREES, DESCRIPTOR, SOURCES };

struct scene {
    struct kit_device dev;
    struct rove_stream *source;
    FILE *file;
};

static void open_scene(struct scene *scene, enum source kind, struct kit_bytes coded)
{
    *scene = (struct scene){.dev = {.data = coded, .fail_after = UINT64_MAX}};
    if (kind == ROPE) {
        scene->source = kit_source(coded.ptr, coded.len);
    } else if (kind == DESCRIPTOR) {
        scene->file = tmpfile();
        CHECK(scene->file && fwrite(coded.ptr, 1, coded.len, scene->file) == coded.len);
        rewind(scene->file);
        CHECK_OK(rove_stream_from_fd(fileno(scene->file), 0, env.pool, &scene->source));
    } else {
        scene->dev.most = kind == THREES ? 3 : 1;
        scene->dev.block_every = kind == THREES ? 0 : 3;
        scene->source = kit_device_stream(&scene->dev);
    }
}

static void close_scene(struct scene *scene)
{
    rove_stream_free(scene->source);
    if (scene->file)
        fclose(scene->file);
}

// Decodes to the end, by any number of calls.
static enum rove_status drain(struct rove_stream *stream, struct kit_bytes *out)
{
    uint8_t buf[256];
    size_t n;
    enum rove_status status;
    *out = (struct kit_bytes){NULL, 0};
    do {
        status = rove_stream_read(stream, buf, sizeof buf, &n);
        out->ptr = realloc(out->ptr, out->len + n + 1);
        memcpy(out->ptr + out->len, buf, n);
        out->len += n;
    } while (status == ROVE_OK || status == ROVE_E_AGAIN);
    return status;
}

// Frames of these lengths, then the coded bytes. said: the length that the last frame declares more.
static struct kit_bytes behind_frames(const uint32_t *lens, size_t cnt, struct kit_bytes coded,
                                      uint32_t said)
{
    struct kit_bytes all = {malloc(1), 0};
    for (size_t i = 0; i < cnt; i++) {
        uint32_t declared = lens[i] + (i + 1 == cnt ? said : 0);
        all.ptr = realloc(all.ptr, all.len + 8 + lens[i]);
        memcpy(all.ptr + all.len, (uint8_t[]){(uint8_t) (0x50 + i % 16), 0x2a, 0x4d, 0x18}, 4);
        for (unsigned k = 0; k < 4; k++)
            all.ptr[all.len + 4 + k] = (uint8_t) (declared >> 8 * k);
        memset(all.ptr + all.len + 8, (int) (0x1f + i), lens[i]);
        all.len += 8 + lens[i];
    }
    all.ptr = realloc(all.ptr, all.len + coded.len + 1);
    memcpy(all.ptr + all.len, coded.ptr, coded.len);
    all.len += coded.len;
    return all;
}

static void read_all(struct kit_bytes all, const char *spec, enum rove_status expected, size_t len)
{
    for (enum source kind = ROPE; kind < SOURCES; kind++) {
        struct scene scene;
        struct rove_stream *stream;
        struct kit_bytes out;
        open_scene(&scene, kind, all);
        CHECK_OK(rove_stream_decode(scene.source, spec, NULL, &stream, NULL));
        CHECK_IS(expected, drain(stream, &out));
        CHECK(kit_same(out, text, len));
        rove_stream_free(stream);
        close_scene(&scene);
        free(out.ptr);
    }
}

static void frames_that_nobody_reads_are_looked_past(void)
{
    static const uint32_t lens[] = {0, 1, 7, 8, 9, 15, 16, 55, 56, 57, 64, 1000, 70000};
    enum { CNT = sizeof lens / sizeof *lens };
    struct kit_bytes coded = kit_encode("lz4", text, sizeof text);
    for (size_t i = 0; i < CNT; i++)
        for (size_t cnt = 1; cnt <= 3; cnt++) {
            uint32_t some[] = {lens[i], lens[(i + cnt) % 6], lens[(i + 3) % CNT]};
            struct kit_bytes all = behind_frames(some, cnt, coded, 0);
            read_all(all, "crc32|auto", ROVE_END, sizeof text);
            read_all(all, "auto:allow=gzip.lz4", ROVE_END, sizeof text);
            free(all.ptr);
        }
    uint32_t many[40] = {0};
    struct kit_bytes all = behind_frames(many, 40, coded, 0);
    read_all(all, "auto", ROVE_END, sizeof text);
    free(all.ptr);
    free(coded.ptr);
}

static void what_cannot_stand_behind_them_is_refused(void)
{
    static const char *const specs[] = {"gzip", "zlib"};
    for (size_t i = 0; i < 2; i++) {
        struct kit_bytes coded = kit_encode(specs[i], text, sizeof text), out;
        struct kit_bytes all = behind_frames((uint32_t[]){5}, 1, coded, 0);
        char why[256];
        read_all(all, "auto", ROVE_E_FORMAT, 0);
        CHECK_IS(ROVE_E_FORMAT, kit_decode("auto", NULL, all, &out, why));
        CHECK(strstr(why, i ? "what follows the skippable frames, 78 9c " : "skippable frames, 1f 8b 08 "));
        CHECK(strstr(why, "at input byte 13") != NULL);
        free(out.ptr);
        free(all.ptr);
        free(coded.ptr);
    }
    struct kit_bytes coded = kit_encode("lz4", text, sizeof text);
    struct kit_bytes all = behind_frames((uint32_t[]){5}, 1, coded, 0);
    read_all(all, "auto:allow=gzip", ROVE_E_FORMAT, 0);
    free(all.ptr);
    free(coded.ptr);
}

// Each byte of such a frame's magic number counts; a ZIP archive has the first.
static void what_is_nearly_such_a_frame_is_none(void)
{
    struct kit_bytes coded = kit_encode("lz4", text, sizeof text), out;
    for (unsigned i = 0; i < 5; i++) {
        struct kit_bytes all = behind_frames((uint32_t[]){5}, 1, coded, 0);
        char why[256];
        if (i < 4)
            all.ptr[i] ^= 0xf0;
        else
            memcpy(all.ptr, "PK\3\4", 4);
        read_all(all, "auto", ROVE_E_FORMAT, 0);
        CHECK_IS(ROVE_E_FORMAT, kit_decode("auto", NULL, all, &out, why));
        CHECK(strstr(why, "skippable") == NULL && strstr(why, "at input byte 0") != NULL);
        free(out.ptr);
        free(all.ptr);
    }
    free(coded.ptr);
}

// What was seen is told.
static void what_nobody_recognises_is_shown(void)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *why;
    } heads[] = {
        {"", 0, "there are no bytes by which to choose a decoder"},
        {"\0", 1, "no decoder recognises the first bytes, 00, at"},
        {"\0\0\0\0\x1f\x8b\x08\0\0\0", 10, "the first bytes, 00 00 00 00 1f 8b, at input byte 0"},
        {"\x04\x22\x4d", 3, "the first bytes, 04 22 4d, at"},
        {"\x5a\x2a\x4d", 3, "the first bytes, 5a 2a 4d, at"},
        {"\x6a\x2a\x4d\x18\0\0\0\0", 8, "the first bytes, 6a 2a 4d 18 00 00, at"},
        {"\x5a\x2b\x4d\x18\0\0\0\0", 8, "the first bytes, 5a 2b 4d 18 00 00, at"},
        {"\x5a\x2a\x4c\x18\0\0\0\0", 8, "the first bytes, 5a 2a 4c 18 00 00, at"},
        {"\x5a\x2a\x4d\x19\0\0\0\0", 8, "the first bytes, 5a 2a 4d 19 00 00, at"},
        {"BZh91AY&SY", 10, "the first bytes, 42 5a 68 39 31 41, at"},
    };
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        struct kit_bytes coded = {(uint8_t *) (uintptr_t) heads[i].bytes, heads[i].len}, out;
        char why[256];
        CHECK_IS(ROVE_E_FORMAT, kit_decode("crc32|auto", NULL, coded, &out, why));
        CHECK(strstr(why, heads[i].why) != NULL);
        free(out.ptr);
    }
}

// One name alone is no choice: also for what cannot be recognised, and whatever the data begins with.
static void one_that_is_allowed_is_taken(void)
{
    static const char *const names[] = {"deflate", "zlib", "lz4", "gzip"};
    struct kit_bytes out;
    for (size_t i = 0; i < 4; i++) {
        struct kit_bytes coded = kit_encode(names[i], text, sizeof text);
        char spec[64], why[256];
        snprintf(spec, sizeof spec, "crc32|auto:allow=%s", names[i]);
        read_all(coded, spec, ROVE_END, sizeof text);
        struct kit_bytes all = behind_frames((uint32_t[]){5}, 1, coded, 0);
        enum rove_status status = kit_decode(spec, NULL, all, &out, why);
        CHECK(i == 2 ? status == ROVE_END : status < 0);
        CHECK(status == ROVE_END || strstr(why, names[i]) != NULL); // its own words, not those of auto
        free(out.ptr);
        free(all.ptr);
        free(coded.ptr);
    }
}

static void nothing_else_is_an_empty_file(void)
{
    struct kit_bytes none = {(uint8_t *) (uintptr_t) "", 0};
    for (uint32_t len = 0; len < 70; len++) {
        struct kit_bytes all = behind_frames((uint32_t[]){3, len}, 2, none, 0);
        read_all(all, "auto", ROVE_END, 0);
        free(all.ptr);
    }
}

static void a_frame_that_ends_too_early_is_truncated(void)
{
    struct kit_bytes none = {(uint8_t *) (uintptr_t) "", 0};
    for (size_t len = 4; len < 30; len++) {
        struct kit_bytes all = behind_frames((uint32_t[]){22}, 1, none, 0);
        all.len = len;
        read_all(all, "auto", ROVE_E_TRUNCATED, 0);
        free(all.ptr);
    }
    struct kit_bytes all = behind_frames((uint32_t[]){100}, 1, none, UINT32_MAX - 100), out;
    char why[256];
    read_all(all, "auto", ROVE_E_TRUNCATED, 0);
    CHECK_IS(ROVE_E_TRUNCATED, kit_decode("auto", NULL, all, &out, why));
    CHECK(strstr(why, "the skippable frame ends too early") && strstr(why, "at input byte 108"));
    free(out.ptr);
    free(all.ptr);
}

static void damage_is_told_where_it_lies_in_the_file(void)
{
    struct kit_bytes coded = kit_encode("lz4", text, sizeof text), out;
    struct kit_bytes all = behind_frames((uint32_t[]){1000, 0}, 2, coded, 0);
    char with[256], without[256], at[40];
    all.len -= 5; // the end mark and a byte of the block
    coded.len -= 5;
    CHECK(kit_decode("auto", NULL, coded, &out, without) < 0);
    free(out.ptr);
    CHECK(kit_decode("auto", NULL, all, &out, with) < 0);
    free(out.ptr);
    const char *off = strstr(without, "at input byte ");
    CHECK(off != NULL);
    if (off) {
        snprintf(at, sizeof at, "at input byte %lu", strtoul(off + 14, NULL, 10) + 1016);
        CHECK(strstr(with, at) != NULL);
    }
    free(all.ptr);
    free(coded.ptr);
}

static void a_stream_that_is_moved_begins_anew(void)
{
    struct kit_bytes lz4 = kit_encode("lz4", text, sizeof text), out;
    struct kit_bytes gzip = kit_encode("gzip", text, sizeof text);
    struct kit_bytes all = behind_frames((uint32_t[]){9}, 1, lz4, 0);
    struct rove_stream *first = kit_source(all.ptr, all.len), *stream;
    struct rove_stream *second = kit_source(gzip.ptr, gzip.len);
    CHECK_OK(rove_stream_decode(first, "auto", NULL, &stream, NULL));
    CHECK_IS(ROVE_END, drain(stream, &out));
    free(out.ptr);
    CHECK_OK(rove_stream_rechain(stream, second));
    CHECK_IS(ROVE_END, drain(stream, &out));
    CHECK(kit_same(out, text, sizeof text));
    free(out.ptr);
    rove_stream_free(stream);
    rove_stream_free(first);
    rove_stream_free(second);
    free(all.ptr);
    free(gzip.ptr);
    free(lz4.ptr);
}

static const struct suite_case cases[] = {
    SUITE_CASE(frames_that_nobody_reads_are_looked_past),
    SUITE_CASE(what_cannot_stand_behind_them_is_refused),
    SUITE_CASE(what_is_nearly_such_a_frame_is_none),
    SUITE_CASE(what_nobody_recognises_is_shown),
    SUITE_CASE(one_that_is_allowed_is_taken),
    SUITE_CASE(nothing_else_is_an_empty_file),
    SUITE_CASE(a_frame_that_ends_too_early_is_truncated),
    SUITE_CASE(damage_is_told_where_it_lies_in_the_file),
    SUITE_CASE(a_stream_that_is_moved_begins_anew),
};

int main(int argc, char **argv)
{
    struct suite suite = {"auto", cases, sizeof cases / sizeof *cases, false};
    return suite_run(argc, argv, &suite);
}
