// SPDX-License-Identifier: MIT
// filter_sums.cc: rows C4 and C5: checksums as layers, and a checksum with a codec in one chain.
//
// "Hot" is one piece of 64 KiB again and again, "cold" a whole GiB in such pieces. The peers are the
// libraries' own calls on flat memory; rove sums a rope of as many slices, or what is written.
#include "filter_kit.h"

#include <algorithm>
#include <cstring>

#include <lz4.h>
#include <zlib.h>

#if defined(ROVE_HAVE_LIBDEFLATE)
#include <libdeflate.h>
#endif
#if defined(ROVE_HAVE_ISAL)
#include <isa-l/crc.h>
#endif
#if defined(ROVE_HAVE_XXHASH)
#include <xxhash.h>
#endif

namespace bench
{

namespace
{

constexpr size_t piece = 64 * KiB;
constexpr size_t lz4_block = 256 * KiB;

using Sum = uint64_t (*)(uint64_t sum, const uint8_t *p, size_t len);

struct Peer {
    const char *name;
    Sum sum;
};

struct Kind {
    const char *name; // of the filter
    std::vector<Peer> peers;
};

uint64_t zlib_crc32(uint64_t sum, const uint8_t *p, size_t len)
{
    return crc32_z(sum, p, len);
}

uint64_t zlib_adler32(uint64_t sum, const uint8_t *p, size_t len)
{
    return adler32_z(sum, p, len);
}

#if defined(ROVE_HAVE_LIBDEFLATE)
uint64_t deflate_crc32(uint64_t sum, const uint8_t *p, size_t len)
{
    return libdeflate_crc32(static_cast<uint32_t>(sum), p, len);
}

uint64_t deflate_adler32(uint64_t sum, const uint8_t *p, size_t len)
{
    return libdeflate_adler32(static_cast<uint32_t>(sum), p, len);
}
#endif

#if defined(ROVE_HAVE_ISAL)
uint64_t isal_crc32(uint64_t sum, const uint8_t *p, size_t len)
{
    return crc32_gzip_refl(static_cast<uint32_t>(sum), p, len);
}

uint64_t isal_crc32c(uint64_t sum, const uint8_t *p, size_t len)
{
    return crc32_iscsi(const_cast<uint8_t *>(p), static_cast<int>(len), static_cast<uint32_t>(sum));
}
#endif

#if defined(ROVE_HAVE_XXHASH)
uint64_t library_xxh3(uint64_t, const uint8_t *p, size_t len)
{
    return XXH3_64bits(p, len);
}
#endif

std::vector<Kind> make_kinds()
{
    std::vector<Kind> kinds = {{"crc32", {{"zlib", zlib_crc32}}},
                               {"crc32c", {}},
                               {"adler32", {{"zlib", zlib_adler32}}},
                               {"xxh3", {}}};
#if defined(ROVE_HAVE_LIBDEFLATE)
    kinds[0].peers.push_back({"libdeflate", deflate_crc32});
    kinds[2].peers.push_back({"libdeflate", deflate_adler32});
#endif
#if defined(ROVE_HAVE_ISAL)
    kinds[0].peers.push_back({"ISA-L", isal_crc32});
    kinds[1].peers.push_back({"ISA-L", isal_crc32c});
#endif
#if defined(ROVE_HAVE_XXHASH)
    kinds[3].peers.push_back({"libxxhash", library_xxh3});
#endif
    return kinds;
}

void count_bytes(State &state, size_t len)
{
    state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) * static_cast<int64_t>(len));
}

// ---- C4: sums -----------------------------------------------------------------------------------

enum class Heat {
    hot,
    cold
};

size_t total(Heat heat)
{
    return heat == Heat::hot ? std::min(16 * MiB, medium()) : large();
}

// Far beyond any cache; made by the first row that wants it.
const uint8_t *cold_bytes()
{
    static const Pages *const pages = [] {
        auto *made = new Pages(large());
        Bytes plain = corpus(medium());
        for (size_t off = 0; off < large(); off += plain.len)
            std::copy(plain.ptr, plain.ptr + std::min(plain.len, large() - off),
                      made->data() + off);
        return made;
    }();
    return reinterpret_cast<const uint8_t *>(pages->data());
}

const uint8_t *piece_at(Heat heat, size_t off)
{
    return heat == Heat::hot ? corpus(piece).bytes() : cold_bytes() + off;
}

Body sums(const char *spec, Heat heat)
{
    return [spec, heat](State &state) {
        struct rove_rope rope;
        rove_rope_init(&rope, filter_pool());
        for (size_t off = 0; off < total(heat); off += piece)
            ok(rove_rope_append_adopt(&rope, piece_at(heat, off), piece, nullptr, nullptr));
        struct rove_view view;
        ok(rove_rope_view(&rope, 0, rove_rope_len(&rope), &view));
        uint8_t digest[ROVE_DIGEST_MAX];
        size_t len;
        for (auto _ : state)
            ok(rove_view_digest(&view, spec, digest, sizeof digest, &len));
        count_bytes(state, total(heat));
        rove_view_fini(&view);
        rove_rope_fini(&rope);
    };
}

Body peer_sums(Sum sum, Heat heat)
{
    return [sum, heat](State &state) {
        for (auto _ : state) {
            uint64_t value = 0;
            for (size_t off = 0; off < total(heat); off += piece)
                value = sum(value, piece_at(heat, off), piece);
            benchmark::DoNotOptimize(value);
        }
        count_bytes(state, total(heat));
    };
}

void sum_rows_of(const Kind &kind)
{
    for (Heat heat : {Heat::hot, Heat::cold}) {
        Row row(std::string(kind.name) + (heat == Heat::hot ? ", hot" : ", cold"));
        row.unit("MB/s").rove(sums(kind.name, heat)).goal(faster(0.95, best_peer));
        for (const Peer &peer : kind.peers)
            row.peer(peer.name, peer_sums(peer.sum, heat));
    }
}

// ---- C4: a sum on a copy ------------------------------------------------------------------------

size_t copied()
{
    return std::min(4 * medium(), large());
}

void write_cold(struct rove_stream *stream)
{
    for (size_t off = 0; off < copied(); off += piece)
        ok(rove_stream_write(stream, cold_bytes() + off, piece));
}

Body copies(std::string spec)
{
    return [spec](State &state) {
        Store sink;
        for (auto _ : state) {
            struct rove_stream *stream = encoder(sink, spec);
            write_cold(stream);
            finish(stream);
            untimed(state, [&] { sink.clear(); });
        }
        count_bytes(state, copied());
    };
}

void plain_copy(State &state)
{
    Store sink;
    for (auto _ : state) {
        write_cold(sink);
        untimed(state, [&] { sink.clear(); });
    }
    count_bytes(state, copied());
}

// To memory that was touched before, in one place.
void flat_copy(State &state)
{
    const uint8_t *from = cold_bytes();
    char *to = scratch(copied());
    for (auto _ : state) {
        for (size_t off = 0; off < copied(); off += piece)
            std::memcpy(to + off, from + off, piece);
        benchmark::ClobberMemory();
    }
    count_bytes(state, copied());
}

Body copy_then_sum(Sum sum)
{
    return [sum](State &state) {
        Store sink;
        for (auto _ : state) {
            uint64_t value = 0;
            write_cold(sink);
            for (size_t off = 0; off < copied(); off += piece)
                value = sum(value, cold_bytes() + off, piece);
            benchmark::DoNotOptimize(value);
            untimed(state, [&] { sink.clear(); });
        }
        count_bytes(state, copied());
    };
}

// A rope copies so much past the caches, faster than memcpy() does.
void copy_row_of(const Kind &kind)
{
    Row row(std::string("copy + ") + kind.name + ", cold");
    row.unit("MB/s")
        .rove(copies(kind.name))
        .limit("copy without a sum", plain_copy)
        .limit("memcpy", flat_copy)
        .goal(at_most(1.25, "copy without a sum"))
        .goal(at_most(1.25, "memcpy"));
    if (!kind.peers.empty())
        row.peer("two passes", copy_then_sum(kind.peers.back().sum)).goal(faster(1, "two passes"));
}

// ---- C5: a sum and a codec ----------------------------------------------------------------------

// The fastest CRC-32 there is.
Sum best_crc()
{
    return make_kinds()[0].peers.back().sum;
}

size_t press_block(Bytes plain, size_t off, char *to)
{
    static LZ4_stream_t *const codec = LZ4_createStream();
    int len = static_cast<int>(std::min(lz4_block, plain.len - off));
    return static_cast<size_t>(
        LZ4_compress_fast_extState(codec, plain.ptr + off, to, len, LZ4_compressBound(len), 1));
}

// One loop over the blocks: the sum of each while it is in the cache, then the codec.
void press_fused(Bytes plain)
{
    char *to = scratch(plain.len + plain.len / 64);
    uint64_t crc = 0;
    for (size_t off = 0; off < plain.len; off += lz4_block) {
        crc = best_crc()(crc, plain.bytes() + off, std::min(lz4_block, plain.len - off));
        to += press_block(plain, off, to);
    }
    benchmark::DoNotOptimize(crc);
}

void press_twice(Bytes plain)
{
    char *to = scratch(plain.len + plain.len / 64);
    uint64_t crc = 0;
    for (size_t off = 0; off < plain.len; off += piece)
        crc = best_crc()(crc, plain.bytes() + off, std::min(piece, plain.len - off));
    benchmark::DoNotOptimize(crc);
    for (size_t off = 0; off < plain.len; off += lz4_block)
        to += press_block(plain, off, to);
}

void fused_rows()
{
    Bytes plain = corpus(medium());
    Row("crc32 + lz4 write, 1 MiB at a time")
        .unit("MB/s")
        .rove(writes("crc32|lz4:checksum=no", plain, MiB))
        .peer("two passes", passes(plain, [=] { press_twice(plain); }))
        .limit("fused by hand", passes(plain, [=] { press_fused(plain); }))
        .goal(faster(0.98, "fused by hand"));
}

} // namespace

void sum_rows()
{
    for (const Kind &kind : make_kinds())
        sum_rows_of(kind);
    for (const Kind &kind : make_kinds())
        copy_row_of(kind);
    fused_rows();
}

} // namespace bench
