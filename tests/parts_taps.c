// SPDX-License-Identifier: MIT
// parts_taps.c: taps in front of codecs with parts, which come to what they come to without workers.
#include "parts_kit.h"

#define DIGESTS 3u

// What the first taps of a text tell.
struct told {
    enum rove_status status;
    char why[256];
    uint8_t digest[DIGESTS][ROVE_DIGEST_MAX];
    size_t len[DIGESTS];
};

static void ask(struct rove_stream *s, struct told *told)
{
    for (size_t k = 0; k < DIGESTS; k++)
        if (rove_stream_digest(s, k, told->digest[k], ROVE_DIGEST_MAX, &told->len[k]))
            told->len[k] = 0;
}

static bool same_digests(const struct told *a, const struct told *b)
{
    bool same = true;
    for (size_t k = 0; k < DIGESTS; k++)
        same = same && a->len[k] == b->len[k] && memcmp(a->digest[k], b->digest[k], a->len[k]) == 0;
    return same;
}

// Writes pieces of random lengths and closes; when half is written, and behind a flush, digests are asked for.
static struct kit_bytes run(const char *spec, size_t width, struct kit_bytes plain,
                            struct told told[3])
{
    struct rove_limits limits = limits_of(width);
    struct rove_stream *sink = kit_rope(), *s = NULL;
    memset(told, 0, 3 * sizeof *told);
    enum rove_status status = rove_stream_encode(sink, spec, &limits, &s, NULL);
    for (size_t at = 0, n, half = plain.len / 2; at < plain.len && !status; at += n) {
        n = 1 + kit_draw(40000);
        n = n < plain.len - at ? n : plain.len - at;
        n = at < half && at + n > half ? half - at : n;
        status = rove_stream_write(s, plain.ptr + at, n);
        if (at + n == half && !status) {
            ask(s, &told[0]);
            status = rove_stream_flush(s);
            ask(s, &told[1]);
        }
    }
    if (!status)
        status = rove_stream_close(s);
    told[2].status = status;
    snprintf(told[2].why, sizeof told[2].why, "%s", status ? rove_stream_explain(s) : "");
    ask(s, &told[2]);
    struct kit_bytes coded = kit_all(sink);
    rove_stream_free(s);
    rove_stream_free(sink);
    return coded;
}

// Ready for the middle, a flush and the end, whoever summed.
void sums_that_go_with_parts_are_the_same(void)
{
    static const char *const specs[] = {
        "crc32|crc32c|adler32|cut", "crc32c|xxh3|count|cut:block=100",
        "crc32|xxh64|adler32|gzip:block=32K,level=1", "adler32|crc32|cut|crc32c|lz4:block=64K"};
    crews_begin();
    for (size_t k = 0; k < sizeof specs / sizeof *specs; k++)
        for (size_t len = 0; len <= 200000; len = 3 * len + 50) {
            struct kit_bytes plain = kit_content(len, 1);
            struct told first[3], told[3];
            struct kit_bytes coded = run(specs[k], 0, plain, first);
            CHECK_OK(first[2].status);
            for (size_t w = 1; w < WIDTHS; w++) {
                struct kit_bytes mine = run(specs[k], w, plain, told);
                bool good = CHECK_OK(told[2].status);
                for (size_t i = 0; i < 3; i++)
                    good &= CHECK(same_digests(&first[i], &told[i]));
                good &= len == 0 || CHECK(told[2].len[0] > 0);
                good &= CHECK(kit_same(coded, mine.ptr, mine.len));
                if (!good)
                    suite_note("%s, %zu bytes, %zu workers", specs[k], len, crew_widths[w]);
                free(mine.ptr);
            }
            free(coded.ptr);
            free(plain.ptr);
        }
    crews_end();
}

// The first tap of the text whose digest is wrong, or the one that stops something at its byte. What was to end the
// coded stream is not written.
void taps_that_refuse_are_told_as_without_workers(void)
{
    static const char *const specs[] = {"crc32:expect=00000001|cut",
                                        "crc32:expect=00000001|xxh64:expect=0000000000000001|cut",
                                        "xxh64:expect=0000000000000001|crc32:expect=00000001|cut",
                                        "crc32|adler32:expect=00000002|gzip:block=32K",
                                        "crc32c:expect=00000001|deflate:block=32K",
                                        "crc32|limit:max=70001|cut",
                                        "limit:max=70001|adler32:expect=00000002|cut:block=100"};
    crews_begin();
    for (size_t k = 0; k < sizeof specs / sizeof *specs; k++)
        for (size_t len = 3; len <= 200000; len *= 7) {
            struct kit_bytes plain = kit_content(len, 1), out;
            struct told first[3], told[3];
            struct kit_bytes coded = run(specs[k], 0, plain, first);
            CHECK(first[2].status != ROVE_E_ARG && (len < 100000 || first[2].status));
            free(coded.ptr);
            for (size_t w = 1; w < WIDTHS; w++) {
                struct kit_bytes mine = run(specs[k], w, plain, told);
                bool good = CHECK_IS(first[2].status, told[2].status);
                good &= CHECK(strcmp(first[2].why, told[2].why) == 0);
                good &=
                    CHECK(same_digests(&first[0], &told[0]) && same_digests(&first[1], &told[1]));
                char codec[8] = "";
                sscanf(strrchr(specs[k], '|') + 1, "%7[a-z]", codec);
                if (first[2].status) {
                    good &= CHECK(kit_decode(codec, NULL, mine, &out, NULL) != ROVE_END);
                    free(out.ptr);
                }
                if (!good)
                    suite_note("%s, %zu bytes, %zu workers: \"%s\", not \"%s\"", specs[k], len,
                               crew_widths[w], told[2].why, first[2].why);
                free(mine.ptr);
            }
            free(plain.ptr);
        }
    crews_end();
}

static void *mark_thread(void)
{
    static _Thread_local char mark;
    return &mark;
}

// A sum of our own that fails in every thread but its owner's, and tells how many bytes that saw.
struct shy {
    uint64_t total, here;
};

static void *shy_owner;

static int32_t shy_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct shy *shy = st;
    (void) out;
    if (shy_owner && mark_thread() != shy_owner && in->len)
        return ROVE_E_DATA;
    shy->total += in->len;
    shy->here += in->len;
    in->ptr += in->len;
    in->len = 0;
    return act == ROVE_RUN ? ROVE_OK : ROVE_END;
}

static int32_t shy_join(void *st, const void *part, uint64_t part_len)
{
    struct shy *shy = st;
    shy->total += ((const struct shy *) part)->total;
    return ((const struct shy *) part)->total == part_len ? ROVE_OK : ROVE_E_DATA;
}

static uint32_t shy_digest(const void *st, uint8_t *buf, uint32_t cap)
{
    const struct shy *shy = st;
    if (cap >= 16) {
        memcpy(buf, &shy->total, 8);
        memcpy(buf + 8, &shy->here, 8);
    }
    return 16;
}

static const struct rove_filter shy_filter = {
    ROVE_FILTER_INIT, .name = "shy",    .dir = ROVE_TAP,     .state_len = sizeof(struct shy),
    .run = shy_run,   .join = shy_join, .digest = shy_digest};

// Sums of parts are taken in the workers; one that fails there is done again where the stream is.
void sums_are_taken_in_the_workers(void)
{
    crews_begin();
    if (!rove_filter_find("shy", ROVE_TAP))
        CHECK_OK(rove_filter_register(&shy_filter, NULL));
    struct kit_bytes plain = kit_content(200000, 1);
    for (int fails = 0; fails < 2; fails++)
        for (size_t w = 0; w < WIDTHS; w++) {
            struct told told[3];
            uint64_t seen[2];
            shy_owner = fails ? mark_thread() : NULL;
            struct rove_limits limits = limits_of(w);
            struct rove_stream *sink = kit_rope(), *s = NULL;
            CHECK_OK(rove_stream_encode(sink, "shy|cut", &limits, &s, NULL));
            CHECK_OK(rove_stream_write(s, plain.ptr, plain.len));
            CHECK_OK(rove_stream_close(s));
            memset(told, 0, sizeof told);
            ask(s, &told[0]);
            memcpy(seen, told[0].digest[0], sizeof seen);
            CHECK(seen[0] == plain.len);
            CHECK(w == 0 ? seen[1] == plain.len : fails || seen[1] == 0);
            rove_stream_free(s);
            rove_stream_free(sink);
        }
    free(plain.ptr);
    crews_end();
}

// Reading, taps in front of the codec look at what is in parts when that goes on: what refuses the end of the coded bytes does
// so when all before it was given.
void taps_refuse_what_is_read_after_what_came_of_it(void)
{
    static const char *const specs[][2] = {{"bgzf:level=1", "bgzf|crc32:expect=00000001"},
                                           {"lz4", "lz4|crc32c|xxh64:expect=0000000000000001"},
                                           {"cut:block=300", "cut|adler32:expect=00000002"},
                                           {"lz4", "copy|lz4|adler32:expect=00000002|copy"},
                                           {"lz4|zlib:level=1", "lz4|adler32:expect=00000002|zlib"},
                                           {"bgzf|deflate:level=1", "bgzf|xxh64:expect=0000000000000001|deflate"}};
    crews_begin();
    for (size_t k = 0; k < sizeof specs / sizeof *specs; k++)
        for (size_t len = 3; len <= 3000000; len *= 9) {
            struct kit_bytes plain = kit_content(len, 1), out;
            struct kit_bytes coded = kit_encode(specs[k][0], plain.ptr, plain.len);
            CHECK_IS(ROVE_E_CHECKSUM, parts_decode_all(specs[k][1], NULL, coded));
            CHECK_IS(ROVE_E_CHECKSUM, parts_decode(specs[k][1], 3, coded, &out, NULL));
            CHECK(kit_same(plain, out.ptr, out.len));
            free(out.ptr);
            free(coded.ptr);
            free(plain.ptr);
        }
    crews_end();
}
