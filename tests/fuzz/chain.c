// SPDX-License-Identifier: MIT
// chain.c: a chain written by drawn calls and read in drawn cuts, and then with a damage.
//
//     byte 0: which text   bytes 1-4: of what the cuts are drawn   rest: the content
//
// What was written comes back. What was damaged ends in some way, the same for two ways to cut it.
#include "fuzz.h"

static const char *const texts[][2] = {
    {"gzip:level=1", "gzip"},
    {"zlib|crc32", "zlib|crc32"},
    {"deflate:strategy=rle,window=9,mem=1", "deflate"},
    {"lz4:linked=yes,block=64K,block_checksum=yes", "lz4"},
    {"lz4:level=4,checksum=no", "auto"},
    {"crc32|gzip:hcrc=yes,name=x|xxh3", "crc32|gzip|xxh3"},
    {"lz4|bgzf|crc32", "lz4|bgzf|crc32"},
    {"lz4|zlib:level=0|copy", "lz4|zlib|copy"},
    {"count|copy|limit:max=1M|deflate|lz4", "count|copy|limit:max=1M|deflate|lz4"},
    {"copy|copy|xxh64|zlib:dict=616263|adler32|copy", "copy|copy|zlib:dict=616263|copy"},
    {"lz4|lz4|gzip:level=2|deflate|zlib|lz4|copy|gzip", "lz4|lz4|gzip|deflate|zlib|lz4|copy|gzip"},
};

static enum rove_status keep(void *ctx, const void *src, size_t len, size_t *len_out)
{
    fuzz_add(ctx, src, len);
    *len_out = len;
    return ROVE_OK;
}

static size_t put_some(struct rove_stream *stream, const uint8_t *src, size_t len, uint64_t *state)
{
    uint8_t *room;
    size_t most = (size_t) fuzz_draw(state, 4) ? 300 : 20000,
           n = 1 + (size_t) fuzz_draw(state, most);
    n = n < len ? n : len;
    switch (fuzz_draw(state, 6)) {
    case 0:
        MUST(rove_stream_flush(stream) == ROVE_OK);
        return 0;
    case 1:
        MUST(rove_stream_reserve(stream, n, &room, &most) == ROVE_OK);
        n = n < most ? n : most;
        memcpy(room, src, n);
        MUST(rove_stream_commit(stream, n) == ROVE_OK);
        return n;
    default:
        MUST(rove_stream_write(stream, src, n) == ROVE_OK);
        return n;
    }
}

static struct fuzz_bytes encode(const char *text, const uint8_t *data, size_t len, uint64_t state)
{
    struct fuzz_bytes coded = {NULL, 0, 0};
    struct rove_io io = {.size = sizeof io, .write = keep};
    struct rove_stream *sink = NULL, *stream = NULL;
    MUST(rove_stream_from_io(&io, &coded, NULL, &sink) == ROVE_OK);
    MUST(rove_stream_encode(sink, text, NULL, &stream, NULL) == ROVE_OK);
    for (size_t at = 0; at < len;)
        at += put_some(stream, data + at, len - at, &state);
    MUST(rove_stream_close(stream) == ROVE_OK);
    MUST(rove_stream_close(sink) == ROVE_OK);
    rove_stream_free(stream);
    rove_stream_free(sink);
    return coded;
}

static struct fuzz_cut draw_cut(uint64_t *state)
{
    static const size_t most[] = {0, 1, 7, 200, 5000};
    return (struct fuzz_cut){most[fuzz_draw(state, 5)], most[fuzz_draw(state, 5)], *state};
}

static void damage(struct fuzz_bytes *coded, uint64_t *state)
{
    for (uint64_t i = fuzz_draw(state, 4) + 1; i-- && coded->len;)
        coded->ptr[fuzz_draw(state, coded->len)] ^= (uint8_t) (1u << fuzz_draw(state, 8));
    if (fuzz_draw(state, 4) == 0 && coded->len)
        coded->len -= (size_t) fuzz_draw(state, coded->len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len < 5)
        return 0;
    const char *const *text = texts[data[0] % (sizeof texts / sizeof *texts)];
    uint64_t state =
        (uint64_t) data[1] << 24 | (uint64_t) data[2] << 16 | (uint64_t) data[3] << 8 | data[4];
    struct fuzz_bytes coded = encode(text[0], data + 5, len - 5, state);
    struct fuzz_outcome one = fuzz_decode(text[1], coded.ptr, coded.len, draw_cut(&state));
    MUST(one.status == ROVE_END);
    MUST(one.out.len == len - 5);
    MUST(!one.out.len || memcmp(one.out.ptr, data + 5, len - 5) == 0);
    free(one.out.ptr);
    damage(&coded, &state);
    one = fuzz_decode(text[1], coded.ptr, coded.len, draw_cut(&state));
    struct fuzz_outcome two = fuzz_decode(text[1], coded.ptr, coded.len, draw_cut(&state));
    fuzz_must_be_same(&one, &two, false);
    free(one.out.ptr);
    free(two.out.ptr);
    free(coded.ptr);
    return 0;
}
