// SPDX-License-Identifier: MIT
// filter_dense.cc: rows C1x and C1b: xz and bzip2, through plugins, beside their libraries' calls on flat memory.
//
// Each library is given the level and the check that the filter has, and so makes the same kind of bytes.
#include "filter_kit.h"

#include <cstring>

#if defined(ROVE_HAVE_LZMA)
#include <lzma.h>
#endif
#if defined(ROVE_HAVE_BZIP2)
#include <bzlib.h>
#endif

namespace bench
{

namespace
{

constexpr size_t piece = 64 * KiB; // what is written or read at a time

#if defined(ROVE_HAVE_LZMA)

const uint8_t *bytes(Bytes some)
{
    return reinterpret_cast<const uint8_t *>(some.ptr);
}

Body xz_press(Bytes plain, uint32_t level)
{
    return passes(plain, [=] {
        size_t cap = lzma_stream_buffer_bound(plain.len), len = 0;
        must(lzma_easy_buffer_encode(level, LZMA_CHECK_CRC64, nullptr, bytes(plain), plain.len,
                                     reinterpret_cast<uint8_t *>(scratch(cap)), &len, cap) == LZMA_OK,
             "lzma_easy_buffer_encode");
    });
}

Body xz_expand(Bytes plain, const std::string &spec)
{
    return [=](State &state) {
        Bytes packed = coded(spec, plain);
        passes(plain, [=] {
            uint64_t most = UINT64_MAX;
            size_t from = 0, len = 0;
            must(lzma_stream_buffer_decode(&most, 0, nullptr, bytes(packed), &from, packed.len,
                                           reinterpret_cast<uint8_t *>(scratch(plain.len)), &len, plain.len) == LZMA_OK &&
                     len == plain.len,
                 "lzma_stream_buffer_decode");
        })(state);
    };
}

void xz_rows(Bytes some, Bytes more)
{
    const std::string spec = "xz:level=6";
    if (!load_plugin("xz"))
        return;
    Row("xz -6 write").unit("MB/s").rove(writes(spec, some, piece)).limit("raw liblzma", xz_press(some, 6))
        .goal(faster(0.97, "raw liblzma"));
    Row("xz read").unit("MB/s").rove(reads(spec, more, piece)).limit("raw liblzma", xz_expand(more, spec))
        .goal(faster(0.97, "raw liblzma"));
}

#else

void xz_rows(Bytes, Bytes)
{
}

#endif
#if defined(ROVE_HAVE_BZIP2)

char *mutable_bytes(Bytes some) // which the library does not change
{
    return const_cast<char *>(some.ptr);
}

Body bzip2_press(Bytes plain, int level)
{
    return passes(plain, [=] {
        auto len = static_cast<unsigned>(plain.len + plain.len / 64 + KiB);
        must(BZ2_bzBuffToBuffCompress(scratch(len), &len, mutable_bytes(plain), static_cast<unsigned>(plain.len), level, 0,
                                      0) == BZ_OK,
             "BZ2_bzBuffToBuffCompress");
    });
}

Body bzip2_expand(Bytes plain, const std::string &spec)
{
    return [=](State &state) {
        Bytes packed = coded(spec, plain);
        passes(plain, [=] {
            auto len = static_cast<unsigned>(plain.len);
            must(BZ2_bzBuffToBuffDecompress(scratch(plain.len), &len, mutable_bytes(packed),
                                            static_cast<unsigned>(packed.len), 0, 0) == BZ_OK &&
                     len == plain.len,
                 "BZ2_bzBuffToBuffDecompress");
        })(state);
    };
}

void bzip2_rows(Bytes plain)
{
    const std::string spec = "bzip2:level=9";
    if (!load_plugin("bzip2"))
        return;
    Row("bzip2 -9 write").unit("MB/s").rove(writes(spec, plain, piece)).limit("raw libbz2", bzip2_press(plain, 9))
        .goal(faster(0.97, "raw libbz2"));
    Row("bzip2 read").unit("MB/s").rove(reads(spec, plain, piece)).limit("raw libbz2", bzip2_expand(plain, spec))
        .goal(faster(0.97, "raw libbz2"));
}

#else

void bzip2_rows(Bytes)
{
}

#endif

} // namespace

void dense_rows()
{
    xz_rows(corpus(medium() / 32), corpus(medium() / 16));
    bzip2_rows(corpus(medium() / 16));
}

} // namespace bench
