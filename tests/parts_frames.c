// SPDX-License-Identifier: MIT
// parts_frames.c: frames made by hand, and by other programs, read in parts.
#include "parts_kit.h"

#include <rove/index.h>
#include <rove/registry.h>
#include <stdio.h>
#include <unistd.h>

// frames by hand ----------------------------------------------------------------------------------

#define CAP ((size_t) 8 << 20)
#define BLOCK ((size_t) 64 << 10)
#define STORED 0x80000000u

static struct kit_bytes none(void)
{
    return (struct kit_bytes){malloc(CAP), 0};
}

static void put(struct kit_bytes *b, const void *ptr, size_t len)
{
    if (CHECK(b->len + len <= CAP)) {
        memcpy(b->ptr + b->len, ptr, len);
        b->len += len;
    }
}

static void put32(struct kit_bytes *b, uint32_t v)
{
    const uint8_t le[4] = {(uint8_t) v, (uint8_t) (v >> 8), (uint8_t) (v >> 16), (uint8_t) (v >> 24)};
    put(b, le, 4);
}

// The header of a frame of blocks of 64 KiB, without sums: that of an empty one.
static void put_head(struct kit_bytes *b)
{
    struct kit_bytes frame = kit_encode("lz4:block=64K,checksum=no", NULL, 0);
    put(b, frame.ptr, frame.len - 4);
    free(frame.ptr);
}

static void put_frame(struct kit_bytes *b, const char *spec, struct kit_bytes plain)
{
    struct kit_bytes frame = kit_encode(spec, plain.ptr, plain.len);
    put(b, frame.ptr, frame.len);
    free(frame.ptr);
}

static void put_stored(struct kit_bytes *b, size_t len)
{
    struct kit_bytes plain = kit_content(len, 0);
    put32(b, (uint32_t) len | STORED);
    put(b, plain.ptr, len);
    free(plain.ptr);
}

// A block that becomes len bytes, all the same; len: more than 300.
static void put_bomb(struct kit_bytes *b, size_t len)
{
    size_t rest = len - 1 - 19 - 5; // a literal, the shortest match that goes on, five literals
    put32(b, (uint32_t) (1 + 1 + 2 + rest / 255 + 1 + 6));
    put(b, "\x1f" "a\x01", 4); // and an offset of 1
    for (; rest >= 255; rest -= 255)
        put(b, "\xff", 1);
    put(b, &(uint8_t){(uint8_t) rest}, 1);
    put(b, "\x50" "aaaaa", 6);
}

void blocks_that_lie_are_told_as_without_workers(void)
{
    static const uint32_t words[] = {1,        2,           BLOCK,        BLOCK + 1,  STORED | BLOCK,
                                     BLOCK * 2, STORED + BLOCK + 1, 0x7fffffff, 0xffffffff};
    crews_begin();
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        for (size_t before = 0; before < 12; before += 1 + before * 2)
            for (size_t behind = 0; behind < 3; behind++) {
                struct kit_bytes coded = none();
                put_head(&coded);
                for (size_t k = 0; k < before; k++)
                    k % 2 ? put_stored(&coded, 5000) : put_bomb(&coded, 40000);
                put32(&coded, words[i]);
                if (behind)
                    put_stored(&coded, behind * BLOCK / 2);
                CHECK(parts_decode_all("lz4", NULL, coded) < 0);
                free(coded.ptr);
            }
    crews_end();
}

void empty_and_tiny_blocks_in_any_number(void)
{
    crews_begin();
    struct kit_bytes coded = none(), out;
    put_head(&coded);
    for (size_t i = 0; i < 50000; i++)
        put_stored(&coded, i % 10 == 0);
    put_bomb(&coded, BLOCK);
    for (size_t i = 0; i < 50000; i++)
        put_stored(&coded, 0);
    put32(&coded, 0);
    CHECK_IS(ROVE_END, parts_decode_all("lz4", NULL, coded));
    CHECK_IS(ROVE_END, parts_decode("lz4", 3, coded, &out, NULL));
    CHECK_EQ(5000 + BLOCK, out.len);
    free(out.ptr);
    coded.len -= 6; // within the last block but one
    CHECK_IS(ROVE_E_TRUNCATED, parts_decode_all("lz4", NULL, coded));
    free(coded.ptr);
    crews_end();
}

void bombs_go_off_at_the_same_byte(void)
{
    crews_begin();
    struct kit_bytes coded = none();
    put_head(&coded);
    for (size_t i = 0; i < 60; i++)
        i % 20 == 3 ? put_stored(&coded, 3000) : put_bomb(&coded, i % 7 ? BLOCK : 301 + i);
    put32(&coded, 0);
    CHECK_IS(ROVE_END, parts_decode_all("lz4", NULL, coded));
    for (uint64_t round = 0; round < suite_scaled(30); round++) {
        struct rove_limits limits = {.size = sizeof limits, .output = 1 + kit_draw(3000000)};
        CHECK_IS(ROVE_E_LIMIT, parts_decode_all("lz4", &limits, coded));
    }
    for (uint64_t ratio = 1; ratio < 80; ratio += 13) // counted whenever some output is made, however much that is
        for (size_t w = 0; w < WIDTHS; w++) {
            struct kit_bytes out;
            struct rove_limits limits = limits_of(w);
            limits.ratio = ratio;
            CHECK_IS(ROVE_E_LIMIT, kit_decode("lz4", &limits, coded, &out, NULL));
            CHECK(out.len <= (UINT64_C(1) << 20) || out.len <= coded.len * ratio);
            free(out.ptr);
        }
    free(coded.ptr);
    crews_end();
}

static void put_skippable(struct kit_bytes *b, size_t len)
{
    struct kit_bytes plain = kit_content(len, 0);
    put32(b, 0x184d2a53);
    put32(b, (uint32_t) len);
    put(b, plain.ptr, len);
    free(plain.ptr);
}

// What a format passes over between two of its parts.
static void put_between(struct kit_bytes *b, const char *decode)
{
    static const uint8_t zeros[64];
    if (strcmp(decode, "xz") == 0)
        put(b, zeros, 4 * kit_draw(16));
    else
        put_skippable(b, kit_draw(2) ? 0 : kit_draw(200000));
}

// Those of one codec, and what may stand between and behind them.
static void check_row(const char *const *specs, size_t cnt, const char *decode)
{
    char ignore[128];
    snprintf(ignore, sizeof ignore, "%s:trailing=ignore", decode);
    for (uint64_t round = 0; round < suite_scaled(20); round++) {
        struct kit_bytes coded = none();
        for (uint64_t frames = 1 + kit_draw(6); frames-- > 0;) {
            struct kit_bytes plain = kit_content(kit_draw(2) ? kit_draw(500) : kit_draw(600000), 1);
            put_frame(&coded, specs[kit_draw(cnt)], plain);
            free(plain.ptr);
            if (kit_draw(3) == 0)
                put_between(&coded, decode);
        }
        CHECK_IS(ROVE_END, parts_decode_all(decode, NULL, coded));
        size_t len = coded.len;
        put(&coded, "\x04\x22\x4d" "garbage", kit_draw(10));
        (void) parts_decode_all(decode, NULL, coded);
        CHECK_IS(ROVE_END, parts_decode_all(ignore, NULL, (struct kit_bytes){coded.ptr, len}));
        (void) parts_decode_all(ignore, NULL, coded);
        coded.len = kit_draw(len);
        (void) parts_decode_all(decode, NULL, coded);
        free(coded.ptr);
    }
}

void frames_of_all_kinds_in_a_row(void)
{
    static const char *const lz4[] = {"lz4", "lz4:linked=yes", "lz4:block=64K,block_checksum=yes",
                                      "lz4:checksum=no,block=4M"};
    crews_begin();
    check_row(lz4, sizeof lz4 / sizeof *lz4, "lz4");
#if defined(ROVE_PLUGIN_ZSTD)
    static const char *const zstd[] = {"zstd", "zstd:block=64K", "zstd:block=1K,checksum=no",
                                       "zstd:level=-5"};
    check_row(zstd, sizeof zstd / sizeof *zstd, "zstd");
#endif
#if defined(ROVE_PLUGIN_XZ)
    static const char *const xz[] = {"xz:level=0", "xz:level=0,block=64K", "xz:level=0,block=1K,check=none"};
    check_row(xz, sizeof xz / sizeof *xz, "xz");
#endif
    crews_end();
}

#if defined(ROVE_PLUGIN_ZSTD)
// A frame with one block of len bytes, 65,540 to 131,075: one byte as it is, and a match with it.
static void put_match(struct kit_bytes *b, uint32_t len)
{
    const uint32_t more = len - 65540;
    const uint8_t block[] = {10 << 3 | 2 << 1 | 1, 0, 0, 1 << 3, 'x', 1, 0x54, 1, 0, 52, (uint8_t) more, (uint8_t) (more >> 8), 1};

    put32(b, 0xfd2fb528);
    put(b, "\xa0", 1);
    put32(b, len);
    put(b, block, sizeof block);
}
#endif

// A zstd block becomes at most 2^17 bytes, also where a frame is decoded at once.
void blocks_that_become_too_much_are_told_as_without_workers(void)
{
#if defined(ROVE_PLUGIN_ZSTD)
    crews_begin();
    for (uint32_t len = 131070; len <= 131075; len++) {
        struct kit_bytes coded = none();
        put_match(&coded, 131072);
        put_match(&coded, len);
        put_match(&coded, 70000);
        CHECK_IS(len <= 131072 ? ROVE_END : ROVE_E_DATA, parts_decode_all("zstd", NULL, coded));
        CHECK_IS(len <= 131072 ? ROVE_END : ROVE_E_DATA, parts_decode_all("crc32|zstd", NULL, coded));
        free(coded.ptr);
    }
    crews_end();
#endif
}

// The header tells less than the blocks hold, or more: the first too much is found where it stands.
void more_than_a_frame_declares(void)
{
    crews_begin();
    for (size_t len = 200000; len <= 260000; len += 20000) {
        struct kit_bytes plain = kit_content(len, 1), coded = none();
        char spec[64];
        snprintf(spec, sizeof spec, "lz4:block=64K,content_size=%zu", len);
        put_frame(&coded, spec, plain);
        CHECK_IS(ROVE_END, parts_decode_all("lz4", NULL, coded));
        for (size_t other = 3 * BLOCK - 1; other < 300000; other += 1 + kit_draw(40000)) {
            struct kit_bytes all = none(), head;
            struct kit_bytes less = kit_content(other, 2);
            snprintf(spec, sizeof spec, "lz4:block=64K,content_size=%zu", other);
            head = kit_encode(spec, less.ptr, less.len);
            put(&all, head.ptr, 15); // magic, flags, the length, their checksum
            put(&all, coded.ptr + 15, coded.len - 15);
            CHECK_IS(other == len ? ROVE_END : ROVE_E_CHECKSUM, parts_decode_all("lz4", NULL, all));
            free(head.ptr);
            free(less.ptr);
            free(all.ptr);
        }
        for (size_t w = 0; w < WIDTHS; w++) { // and when it is written
            struct rove_limits limits = limits_of(w);
            struct rove_stream *sink = kit_rope(), *s;
            snprintf(spec, sizeof spec, "lz4:block=64K,content_size=%zu", len + 1 - 2 * (w % 2));
            CHECK_OK(rove_stream_encode(sink, spec, &limits, &s, NULL));
            enum rove_status status = rove_stream_write(s, plain.ptr, plain.len);
            CHECK_IS(ROVE_E_CHECKSUM, status ? status : rove_stream_close(s));
            CHECK(strstr(rove_stream_explain(s), w % 2 ? "more content than" : "bytes of content, but"));
            rove_stream_free(s);
            rove_stream_free(sink);
        }
        free(coded.ptr);
        free(plain.ptr);
    }
    crews_end();
}

// other programs ----------------------------------------------------------------------------------

// Runs a command over bytes; what it writes. *ok_out: it is there and has succeeded.
static struct kit_bytes pipe_through(const char *command, struct kit_bytes in, bool *ok_out)
{
    char from[] = "/tmp/rove-parts.XXXXXX", line[256];
    struct kit_bytes out = {malloc(CAP), 0};
    int fd = mkstemp(from);
    *ok_out = CHECK(fd >= 0 && write(fd, in.ptr, in.len) == (ssize_t) in.len);
    close(fd);
    snprintf(line, sizeof line, "%s <%s 2>/dev/null", command, from);
    FILE *pipe = popen(line, "r");
    out.len = fread(out.ptr, 1, CAP, pipe);
    *ok_out &= pclose(pipe) == 0;
    unlink(from);
    return out;
}

static void check_reader(const char *command, const char *spec, struct kit_bytes plain)
{
    bool ok;
    struct kit_bytes coded = parts_encode(spec, 2, plain, 20, 0);
    struct kit_bytes back = pipe_through(command, coded, &ok);
    if (!CHECK(ok && kit_same(plain, back.ptr, back.len)))
        suite_note("%s does not read %s", command, spec);
    free(back.ptr);
    free(coded.ptr);
}

static void check_writer(const char *command, const char *spec, struct kit_bytes plain)
{
    bool ok;
    struct kit_bytes coded = pipe_through(command, plain, &ok), out;
    CHECK(ok);
    CHECK_IS(ROVE_END, parts_decode_all(spec, NULL, coded));
    CHECK_IS(ROVE_END, parts_decode(spec, 3, coded, &out, NULL));
    CHECK(kit_same(plain, out.ptr, out.len));
    free(out.ptr);
    free(coded.ptr);
}

#if defined(ROVE_PLUGIN_ZSTD)
// zstd counts the frames, of which the table is one that it skips.
static void check_listed(const char *spec, struct kit_bytes plain)
{
    bool ok;
    struct kit_bytes coded = parts_encode(spec, 2, plain, 0, 0);
    struct kit_bytes said = pipe_through("(F=$(mktemp) && cat >$F && zstd -lv $F; rm $F)", coded, &ok);
    said.ptr[said.len < CAP ? said.len : CAP - 1] = 0;
    char frames[64];
    snprintf(frames, sizeof frames, "# Zstandard Frames: %zu", (plain.len + 7167) / 7168);
    CHECK(ok && strstr((const char *) said.ptr, frames) && strstr((const char *) said.ptr, "# Skippable Frames: 1"));
    free(said.ptr);
    free(coded.ptr);
}

static struct rove_stream *rope_of(struct kit_bytes bytes)
{
    struct rove_stream *stream = kit_rope();
    CHECK_OK(rove_stream_write(stream, bytes.ptr, bytes.len));
    CHECK_OK(rove_stream_seek(stream, 0, ROVE_SET, NULL));
    return stream;
}

// Reads at drawn offsets by the table that is in the data.
static void check_table(struct kit_bytes coded, struct kit_bytes plain, uint64_t *cnt_out)
{
    struct rove_stream *source = rope_of(coded), *s = NULL;
    struct rove_index *index = NULL;
    struct rove_index_figures f = {.size = sizeof f};
    static uint8_t buf[30000];
    CHECK_OK(rove_index_load(NULL, source, &index));
    rove_index_measure(index, &f);
    CHECK(f.plain_len == plain.len && f.coded_len == coded.len);
    *cnt_out = f.point_cnt;
    CHECK_OK(rove_stream_decode_index(source, index, NULL, &s));
    for (int i = 0; i < 50 && plain.len; i++) {
        size_t off = kit_draw(plain.len), len = 1 + kit_draw(sizeof buf), got = 0;
        size_t want = len < plain.len - off ? len : plain.len - off;
        CHECK(rove_stream_pread(s, off, buf, len, &got) >= 0);
        CHECK(got == want && memcmp(buf, plain.ptr + off, got) == 0);
    }
    rove_stream_free(s);
    rove_index_unref(index);
    rove_stream_free(source);
}

void a_table_tells_of_all_frames(void)
{
    static const size_t lens[] = {0, 1, 10239, 10240, 10241, 300000, 1200000};
    crews_begin();
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        struct kit_bytes plain = kit_content(lens[i], 1);
        for (size_t flushes = 0; flushes < 2; flushes++) {
            struct kit_bytes coded = parts_encode("zstd:block=10K,table=yes", 3 * flushes, plain, 5 * flushes, 0);
            uint64_t cnt = 0;
            check_table(coded, plain, &cnt);
            if (!flushes)
                CHECK_EQ((lens[i] + 10239) / 10240, cnt);
            free(coded.ptr);
        }
        struct kit_bytes coded = parts_encode("zstd:block=10K", 0, plain, 0, 0);
        struct rove_stream *source = rope_of(coded);
        struct rove_index *index = NULL;
        CHECK_IS(ROVE_E_UNSUPPORTED, rove_index_load(NULL, source, &index));
        rove_stream_free(source);
        free(coded.ptr);
        free(plain.ptr);
    }
    struct rove_stream *sink = kit_rope(), *s = NULL;
    struct rove_spec_error error;
    CHECK_IS(ROVE_E_ARG, rove_stream_encode(sink, "zstd:table=yes", NULL, &s, &error));
    CHECK(strstr(error.text, "block=N") != NULL);
    rove_stream_free(sink);
    crews_end();
}
#else
void a_table_tells_of_all_frames(void)
{
}
#endif

void other_programs_agree(void)
{
    crews_begin();
    struct kit_bytes plain = kit_content(1500000, 1);
    if (system("command -v lz4 >/dev/null") == 0) {
        check_reader("lz4 -dc", "lz4", plain);
        check_reader("lz4 -dc", "lz4:block=64K,block_checksum=yes", plain);
        check_writer("lz4 -c -B4", "lz4", plain);
        check_writer("lz4 -c -B4 -BX --content-size", "lz4", plain);
        check_writer("lz4 -c -B7 --no-frame-crc", "lz4", plain);
        check_writer("lz4 -c -BD", "lz4", plain);
        check_writer("lz4 -c -l", "lz4", plain);
    }
#if defined(ROVE_PLUGIN_ZSTD)
    if (system("command -v zstd >/dev/null") == 0) {
        check_reader("zstd -dc", "zstd:block=100K", plain);
        check_reader("zstd -dc", "zstd:block=1M,level=7,checksum=no", plain);
        check_reader("zstd -dc", "zstd:block=7K,table=yes", plain);
        check_listed("zstd:block=7K,table=yes", plain);
        check_writer("zstd -c -T1", "zstd", plain);
    }
    if (system("command -v pzstd >/dev/null") == 0)
        check_writer("pzstd -c -p 2", "zstd", plain);
#endif
#if defined(ROVE_PLUGIN_IGZIP)
    check_reader("gzip -dc", "igzip", plain);
    check_reader("gzip -dc", "igzip:level=3", plain);
    if (system("command -v pigz >/dev/null") == 0)
        check_reader("pigz -dc", "igzip:level=2", plain);
    if (system("command -v igzip >/dev/null") == 0)
        check_reader("igzip -dc", "igzip:level=0", plain);
    if (system("command -v python3 >/dev/null") == 0)
        check_reader("python3 -c 'import gzip,sys; sys.stdout.buffer.write(gzip.decompress(sys.stdin.buffer.read()))'",
                     "igzip", plain);
#endif
#if defined(ROVE_PLUGIN_XZ)
    if (system("command -v xz >/dev/null") == 0) {
        check_reader("xz -dc", "xz:block=100K,level=0", plain);
        check_writer("xz -0 -c -T2 --block-size=200000", "xz", plain);
        check_writer("xz -0 -c -T1 --block-size=200000", "xz", plain);
    }
#endif
    free(plain.ptr);
    crews_end();
}

// How many there may be is found by the first one, and again by the second of longer ones.
void longer_parts_than_the_first_are_cut_too(void)
{
    crews_begin();
    struct kit_bytes small = kit_content(1000, 1), plain = kit_content(12 << 20, 1), out;
    struct kit_bytes head = parts_encode("lz4:block=64K", 0, small, 0, 0);
    struct kit_bytes rest = parts_encode("lz4:block=1M", 0, plain, 0, 0);
    struct kit_bytes coded = {malloc(head.len + rest.len), head.len + rest.len};
    struct rove_limits limits = limits_of(1);
    uint64_t before = crew_done(1);
    memcpy(coded.ptr, head.ptr, head.len);
    memcpy(coded.ptr + head.len, rest.ptr, rest.len);
    limits.memory = 56 << 20; // a quarter of it is for seven parts of 1.75 MiB, or for three of 3.5
    CHECK_IS(ROVE_END, kit_decode("lz4", &limits, coded, &out, NULL));
    CHECK(out.len == small.len + plain.len && !memcmp(out.ptr + small.len, plain.ptr, plain.len));
    CHECK(crew_done(1) - before >= 10);
    free(out.ptr);
    free(coded.ptr);
    free(rest.ptr);
    free(head.ptr);
    free(plain.ptr);
    free(small.ptr);
    crews_end();
}

// What is damaged in one layer is garbage to the next, which may notice it before or after the other one does.
void damage_that_two_layers_notice_is_told_the_same(void)
{
    static const char *const specs[] = {"gzip|lz4", "lz4|gzip", "gzip:block=32K|lz4:block=64K", "bgzf|lz4"};
    crews_begin();
    for (size_t k = 0; k < sizeof specs / sizeof *specs; k++) {
        struct kit_bytes plain = kit_content(200000, 2), coded = parts_encode(specs[k], 0, plain, 0, 0);
        for (size_t i = 0; i < suite_scaled(200); i++) {
            size_t at = kit_draw(coded.len);
            uint8_t flip = (uint8_t) (1u << kit_draw(8));
            coded.ptr[at] ^= flip;
            parts_decode_all(specs[k], NULL, coded); // some fields nothing checks
            coded.ptr[at] ^= flip;
        }
        free(coded.ptr);
        free(plain.ptr);
    }
    crews_end();
}

// A frame may declare blocks of 4 MiB, and send a few bytes of one.
void a_length_that_is_only_declared_takes_no_memory(void)
{
    struct kit_bytes head = kit_encode("lz4:block=4M,checksum=no", NULL, 0), coded = none();
    put(&coded, head.ptr, head.len - 4);
    put32(&coded, 4u << 20);
    put(&coded, "0123456789", 10);
    crews_begin();
    CHECK_IS(ROVE_E_TRUNCATED, parts_decode_all("lz4", NULL, coded));
    CHECK(env.alloc.largest < 4u << 20);
    free(head.ptr);
    free(coded.ptr);
    crews_end();
}

// A layer in front of others makes 4 MiB at a time, of which they want less.
void what_a_layer_may_make_goes_on_before_its_limit_is_told(void)
{
    struct rove_limits limits = {.size = sizeof limits};
    struct kit_bytes plain = kit_content(9 << 20, 1);
    struct kit_bytes coded = kit_encode("lz4:block=4M", plain.ptr, plain.len), out;
    crews_begin();
    for (limits.output = 1 << 19; limits.output < 8 << 20; limits.output *= 2) {
        CHECK_IS(ROVE_E_LIMIT, parts_decode_all("copy|lz4", &limits, coded));
        limits.workers = crews[2];
        CHECK_IS(ROVE_E_LIMIT, kit_decode("copy|lz4", &limits, coded, &out, NULL));
        CHECK_EQ(limits.output, out.len);
        free(out.ptr);
    }
    free(coded.ptr);
    free(plain.ptr);
    crews_end();
}
