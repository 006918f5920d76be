// SPDX-License-Identifier: MIT
// chain_words.c: what streams say of failures, over all ways in which the built-in filters fail.
#include "chain_faults.h"
#include "chain_kit.h"

#include "support/words.h"

#include <stdlib.h>
#include <string.h>

// The different causes that were told, numbers aside.
static char causes[200][300];
static size_t cause_cnt, told_cnt;

static void note_cause(const char *why)
{
    char plain[300];
    size_t len = 0;
    for (; *why && len < sizeof plain - 1; why++)
        if (*why < '0' || *why > '9')
            plain[len++] = *why;
    plain[len] = 0;
    told_cnt++;
    for (size_t i = 0; i < cause_cnt; i++)
        if (strcmp(causes[i], plain) == 0)
            return;
    if (cause_cnt < sizeof causes / sizeof *causes)
        strcpy(causes[cause_cnt++], plain);
}

// The cause once: no pair of words comes again, and the status speaks only where the filter does not.
static void judge(const char *spec, enum rove_status status, const char *why)
{
    const char *at = strstr(why, rove_status_text(status));
    bool fine = CHECK(*why) && CHECK(!words_repeat(why));
    fine &= CHECK(!at || at == why || (at - why > 3 && strncmp(at - 3, "): ", 3) == 0));
    if (!fine)
        suite_note("%s: %s", spec, why);
    note_cause(why);
}

static void read_bad(const char *spec, const struct rove_limits *limits, struct kit_bytes coded)
{
    struct kit_bytes out;
    char why[300];
    enum rove_status status = kit_decode(spec, limits, coded, &out, why);
    if (status < 0)
        judge(spec, status, why);
    free(out.ptr);
}

static void write_bad(const char *spec, const struct rove_limits *limits, struct kit_bytes plain)
{
    struct rove_stream *sink = kit_rope(), *stream = NULL;
    CHECK_OK(rove_stream_encode(sink, spec, limits, &stream, NULL));
    enum rove_status status = rove_stream_write(stream, plain.ptr, plain.len);
    if (!status)
        status = rove_stream_finish(stream);
    if (CHECK(status < 0))
        judge(spec, status, rove_stream_explain(stream));
    rove_stream_free(stream);
    rove_stream_free(sink);
}

// Cut at every byte, a few bits of every byte turned, and with others behind it.
static void damage(const char *writing, const char *reading)
{
    struct kit_bytes plain = kit_content(200, 1);
    struct kit_bytes good = kit_encode(writing, plain.ptr, plain.len);
    struct kit_bytes bad = {malloc(good.len + 8), good.len};
    for (size_t len = 0; len < good.len; len++)
        read_bad(reading, NULL, (struct kit_bytes){good.ptr, len});
    memcpy(bad.ptr, good.ptr, good.len);
    for (size_t at = 0; at < good.len; at++) {
        static const uint8_t turns[] = {0x01, 0x10, 0x80, 0xff};
        for (size_t i = 0; i < sizeof turns; i++) {
            bad.ptr[at] ^= turns[i];
            read_bad(reading, NULL, bad);
            bad.ptr[at] ^= turns[i];
        }
    }
    memcpy(bad.ptr + good.len, "garbage!", 8);
    bad.len += 8;
    read_bad(reading, NULL, bad);
    free(bad.ptr);
    free(good.ptr);
    free(plain.ptr);
}

static void pass_limits(void)
{
    const struct rove_limits output = {.size = sizeof output, .output = 100};
    const struct rove_limits ratio = {.size = sizeof ratio, .ratio = 2};
    struct kit_bytes plain = kit_content(100000, 1), zeros = {calloc(1, 3000000), 3000000};
    struct kit_bytes gzip = kit_encode("gzip", plain.ptr, plain.len);
    struct kit_bytes bomb = kit_encode("gzip", zeros.ptr, zeros.len);
    read_bad("gzip", &output, gzip);
    read_bad("gzip", &ratio, bomb);
    read_bad("auto", NULL, plain);
    read_bad("limit:max=100|gzip", NULL, gzip);
    read_bad("crc32:expect=00000000|gzip", NULL, gzip);
    for (uint64_t memory = 1024; memory <= 1u << 20; memory *= 2) {
        const struct rove_limits less = {.size = sizeof less, .memory = memory};
        read_bad("lz4", &less, bomb);
    }
    write_bad("limit:max=100|gzip", NULL, plain);
    write_bad("lz4:content_size=100", NULL, plain);
    write_bad("xxh64:expect=0000000000000000|zlib", NULL, plain);
    free(plain.ptr);
    free(zeros.ptr);
    free(gzip.ptr);
    free(bomb.ptr);
}

void a_cause_is_told_once(void)
{
    cause_cnt = told_cnt = 0;
    damage("gzip", "gzip");
    damage("gzip:hcrc=yes,name=n,comment=c", "gzip");
    damage("zlib", "zlib");
    damage("deflate", "deflate");
    damage("lz4", "lz4");
    damage("lz4:block_checksum=yes,content_size=200", "lz4");
    damage("copy|gzip|lz4", "copy|gzip|lz4");
    damage("gzip|crc32", "auto");
    pass_limits();
    CHECK(cause_cnt >= 40);
    suite_note("%zu failures, %zu different causes", told_cnt, cause_cnt);
}
