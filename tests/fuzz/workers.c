// SPDX-License-Identifier: MIT
// workers.c: chains with workers and without, of codecs that work in parts.
//
//     byte 0: which text   1-2: how it is cut   3: how often the content is repeated; 0: the rest is coded data   rest
//
// With workers the same bytes are written, and the same is read: bytes, status and words, whole or damaged.
#include "fuzz.h"

#define PLAIN_MAX 100000u

static void decode(const char *codec, const struct fuzz_bytes *coded, const uint8_t *drawn)
{
    char spec[256];
    snprintf(spec, sizeof spec, "%s%s", drawn[0] & 8 ? "crc32|" : "", codec);
    uint64_t state = (uint64_t) drawn[0] << 8 | drawn[1];
    struct fuzz_cut cut = fuzz_cut(drawn[0], drawn[1], state);
    struct fuzz_outcome one = fuzz_decode(spec, coded->ptr, coded->len, cut);
    cut.workers = fuzz_workers(state);
    struct fuzz_outcome two = fuzz_decode(spec, coded->ptr, coded->len, cut);
    fuzz_must_be_same(&one, &two, true);
    if (one.status != ROVE_E_TRAILING) // whose offset is up to three bytes, of xz five, behind the first that was not expected
        fuzz_must_say_the_same(&one, &two);
    free(one.out.ptr);
    free(two.out.ptr);
}

static struct fuzz_bytes repeated(const uint8_t *data, size_t len, unsigned cnt)
{
    struct fuzz_bytes all = {NULL, 0, 0};
    for (unsigned i = 0; i < cnt && all.len + len <= PLAIN_MAX; i++)
        fuzz_add(&all, data, len);
    return all;
}

static void encode_and_decode(const char *const *way, const struct fuzz_bytes *plain, const uint8_t *drawn)
{
    uint64_t state = (uint64_t) drawn[0] << 8 | drawn[1];
    struct fuzz_bytes coded = fuzz_encode(way[0], plain->ptr, plain->len, NULL, state);
    struct fuzz_bytes again = fuzz_encode(way[0], plain->ptr, plain->len, fuzz_workers(state), state);
    MUST(coded.len == again.len && memcmp(coded.ptr, again.ptr, coded.len) == 0);
    free(again.ptr);
    decode(way[1], &coded, drawn);
    fuzz_damage(&coded, &state);
    decode(way[1], &coded, drawn);
    free(coded.ptr);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const char *const *way = len < 4 ? NULL : fuzz_way(data[0]);
    if (!way)
        return 0;
    struct fuzz_bytes bytes = repeated(data + 4, len - 4, data[3] ? data[3] : 1);
    if (data[3])
        encode_and_decode(way, &bytes, data + 1);
    else
        decode(way[1], &bytes, data + 1);
    free(bytes.ptr);
    return 0;
}
