// SPDX-License-Identifier: MIT
// decode.c: one decoder, FUZZ_SPEC, on any bytes. The first two tell how they are cut.
//
// However a stream is cut, it ends the same way, and gives the same bytes before it does. And what
// zlib's own functions read is read, with the same content.
#include "fuzz.h"

#include <zlib.h>

// Whether zlib reads a stream to its end, in one call.
static bool zlib_reads(int window_bits, const uint8_t *data, size_t len,
                       const struct fuzz_bytes *want)
{
    static uint8_t out[FUZZ_OUTPUT_MAX];
    z_stream z;
    memset(&z, 0, sizeof z);
    MUST(inflateInit2(&z, window_bits) == Z_OK);
    z.next_in = (Bytef *) (uintptr_t) data;
    z.avail_in = (uInt) len;
    z.next_out = out;
    z.avail_out = sizeof out;
    bool whole = inflate(&z, Z_FINISH) == Z_STREAM_END;
    if (whole && want) {
        MUST(z.total_out == want->len);
        MUST(!want->len || memcmp(out, want->ptr, want->len) == 0);
    }
    (void) inflateEnd(&z);
    return whole;
}

// gzip is left out: zlib reads one member.
static void compare_with_zlib(const uint8_t *data, size_t len, const struct fuzz_outcome *ours)
{
    int window_bits = strcmp(FUZZ_SPEC, "zlib") == 0      ? 15
                      : strcmp(FUZZ_SPEC, "deflate") == 0 ? -15
                                                          : 0;
    if (!window_bits)
        return;
    bool end = ours->status == ROVE_END;
    bool whole = zlib_reads(window_bits, data, len, end ? &ours->out : NULL);
    MUST(!whole || end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len < 2)
        return 0;
    struct fuzz_cut whole = fuzz_cut(0, 0, 0), cut = fuzz_cut(data[0], data[1], (uint64_t) data[0] << 8 | data[1]);
    struct fuzz_outcome one = fuzz_decode(FUZZ_SPEC, data + 2, len - 2, whole);
    struct fuzz_outcome two = fuzz_decode(FUZZ_SPEC, data + 2, len - 2, cut);
    fuzz_must_be_same(&one, &two, true);
    compare_with_zlib(data + 2, len - 2, &one);
    free(one.out.ptr);
    free(two.out.ptr);
    return 0;
}
