// SPDX-License-Identifier: MIT
// parts_kit.c: see parts_kit.h.
#include "parts_kit.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

// crews -------------------------------------------------------------------------------------------

const size_t crew_widths[WIDTHS] = {0, 1, 2, 3, 8};
struct rove_workers *crews[WIDTHS];

void crews_begin(void)
{
    parts_load();
    for (size_t i = 1; i < WIDTHS; i++) {
        struct rove_workers_opts opts = {.size = sizeof opts, .thread_cnt = crew_widths[i]};
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

uint64_t crew_done(size_t width)
{
    struct rove_workers_figures figures;
    rove_workers_measure(crews[width], &figures);
    return figures.done_cnt;
}

enum rove_status crew_refuse(void *ctx, void (*run)(void *arg), void *arg)
{
    (void) ctx;
    (void) run;
    (void) arg;
    return ROVE_E_LIMIT;
}

// texts -------------------------------------------------------------------------------------------

#define KIB ((size_t) 1024)

const struct parts_text parts_texts[] = {
    {"cut", "cut", 1000, false},
    {"cut:linked=yes", NULL, 1000, false},
    {"cut_plain:block=900", "cut", 900, false},
    {"crc32|cut_plain:block=50000", "crc32|cut", 50000, false},
    {"cut:block=64K", "cut", 64 * KIB, false},
    {"cut:block=7", "cut", 7, false},
    {"crc32|cut:linked=yes|cut:block=300", NULL, 300, false},
    {"crc32|cut:block=300|cut:block=5000", "crc32|cut|cut", 300, false},
    {"gzip:block=32K", "gzip", 32 * KIB, true},
    {"zlib:block=33000,level=0", "zlib", 33000, true},
    {"deflate:block=64K,dict=616263", "deflate:dict=616263", 64 * KIB, true},
    {"bgzf", "bgzf", 4 * 65280, false},
    {"bgzf:level=0", "gzip", 4 * 65280, false},
    {"crc32c|bgzf:level=1", "crc32c|auto", 4 * 65280, false},
    {"lz4", "lz4", 256 * KIB, false},
    {"lz4:block=64K,block_checksum=yes,checksum=no", "lz4", 64 * KIB, false},
    {"xxh3|lz4:block=1M,level=3", "xxh3|lz4", 1024 * KIB, false},
#if defined(ROVE_PLUGIN_ZSTD)
    {"zstd:block=1K,table=yes", "zstd", KIB, false},
    {"zstd:block=100000,level=1,checksum=no", "zstd", 100000, false},
    {"crc32c|zstd:block=1M,level=5", "crc32c|zstd", 1024 * KIB, false},
    {"zstd:block=64K,window=14,dict=737472616e64", "zstd:dict=737472616e64", 64 * KIB, false},
#endif
#if defined(ROVE_PLUGIN_IGZIP)
    {"crc32|igzip", "crc32|igzip", 256 * KIB, true},
#endif
#if defined(ROVE_PLUGIN_XZ)
    {"crc32c|xz:block=10000,level=0", "crc32c|xz", 10000, false},
#endif
#if defined(ROVE_PLUGIN_BZIP2)
    {"bzip2:block=10000,level=1", "bzip2", 10000, true},
#endif
};
const size_t parts_text_cnt = sizeof parts_texts / sizeof *parts_texts;

void parts_load(void)
{
    parts_codec_register();
#if defined(ROVE_PLUGIN_ZSTD)
    kit_load("zstd", ROVE_PLUGIN_ZSTD);
#endif
#if defined(ROVE_PLUGIN_IGZIP)
    kit_load("igzip", ROVE_PLUGIN_IGZIP);
#endif
#if defined(ROVE_PLUGIN_XZ)
    kit_load("xz", ROVE_PLUGIN_XZ);
#endif
#if defined(ROVE_PLUGIN_BZIP2)
    kit_load("bzip2", ROVE_PLUGIN_BZIP2);
#endif
}

// both ways ---------------------------------------------------------------------------------------

struct kit_bytes parts_encode(const char *spec, size_t width, struct kit_bytes plain,
                              size_t flush_every, uint64_t memory)
{
    static const size_t mosts[] = {300, 30000, 700000};
    struct rove_limits limits = limits_of(width);
    limits.memory = memory;
    struct rove_stream *sink = kit_rope(), *s;
    struct kit_bytes coded = {NULL, 0};
    enum rove_status status = rove_stream_encode(sink, spec, &limits, &s, NULL);
    for (size_t at = 0, n; at < plain.len && !status; at += n) {
        n = 1 + kit_draw(mosts[kit_draw(3)]);
        n = n < plain.len - at ? n : plain.len - at;
        status = rove_stream_write(s, plain.ptr + at, n);
        if (flush_every && (at / 997) % flush_every == 0 && !status)
            status = rove_stream_flush(s);
    }
    if (!status)
        status = rove_stream_close(s);
    if (!status)
        coded = kit_all(sink);
    else if (!CHECK(memory && status == ROVE_E_LIMIT))
        suite_note("%s, %zu workers: %s", spec, crew_widths[width], rove_stream_explain(s));
    rove_stream_free(s);
    rove_stream_free(sink);
    return coded;
}

enum rove_status parts_decode(const char *spec, size_t width, struct kit_bytes coded,
                              struct kit_bytes *out, char *why)
{
    struct rove_limits limits = limits_of(width);
    return kit_decode(spec, &limits, coded, out, why);
}

// From a pipe that gives some bytes at a time.
static enum rove_status decode_pieces(const char *spec, const struct rove_limits *limits,
                                      struct kit_bytes coded, struct kit_bytes *out)
{
    struct kit_device dev = {.data = coded, .most = 1 + kit_draw(70000), .fail_after = UINT64_MAX};
    struct rove_stream *source = kit_device_stream(&dev), *s = NULL;
    enum rove_status status = rove_stream_decode(source, spec, limits, &s, NULL);
    if (CHECK_OK(status))
        status = kit_drain(s, out);
    rove_stream_free(s);
    rove_stream_free(source);
    return status;
}

enum rove_status parts_decode_all(const char *spec, const struct rove_limits *limits,
                                  struct kit_bytes coded)
{
    struct kit_bytes first = {NULL, 0}, out = {NULL, 0};
    char why[256], first_why[256];
    enum rove_status status = ROVE_OK;
    for (size_t w = 0; w < WIDTHS; w++) {
        struct rove_limits mine = limits ? *limits : limits_of(w);
        mine.workers = crews[w];
        if (w == 0) {
            status = kit_decode(spec, &mine, coded, &first, first_why);
            continue;
        }
        CHECK_IS(status, kit_decode(spec, &mine, coded, &out, why));
        bool same = CHECK(kit_same(first, out.ptr, out.len));
        if (status != ROVE_END)
            same &= CHECK(strcmp(first_why, why) == 0);
        if (!same)
            suite_note("%s, %zu workers, status %d: %zu bytes, not %zu; \"%s\", not \"%s\"", spec,
                       crew_widths[w], (int) status, out.len, first.len, why, first_why);
        free(out.ptr);
        if (w == 2 && !limits) {
            if (!CHECK_IS(status, decode_pieces(spec, &mine, coded, &out)))
                suite_note("%s, in pieces", spec);
            CHECK(kit_same(first, out.ptr, out.len));
            free(out.ptr);
        }
    }
    free(first.ptr);
    return status;
}
