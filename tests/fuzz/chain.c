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

static struct fuzz_cut draw_cut(uint64_t *state)
{
    unsigned source = (unsigned) fuzz_draw(state, 8);
    return fuzz_cut(source, (unsigned) fuzz_draw(state, 8), *state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len < 5)
        return 0;
    const char *const *text = texts[data[0] % (sizeof texts / sizeof *texts)];
    uint64_t state =
        (uint64_t) data[1] << 24 | (uint64_t) data[2] << 16 | (uint64_t) data[3] << 8 | data[4];
    struct fuzz_bytes coded = fuzz_encode(text[0], data + 5, len - 5, NULL, state);
    struct fuzz_outcome one = fuzz_decode(text[1], coded.ptr, coded.len, draw_cut(&state));
    MUST(one.status == ROVE_END);
    MUST(one.out.len == len - 5);
    MUST(!one.out.len || memcmp(one.out.ptr, data + 5, len - 5) == 0);
    free(one.out.ptr);
    fuzz_damage(&coded, &state);
    one = fuzz_decode(text[1], coded.ptr, coded.len, draw_cut(&state));
    struct fuzz_outcome two = fuzz_decode(text[1], coded.ptr, coded.len, draw_cut(&state));
    fuzz_must_be_same(&one, &two, false);
    free(one.out.ptr);
    free(two.out.ptr);
    free(coded.ptr);
    return 0;
}
