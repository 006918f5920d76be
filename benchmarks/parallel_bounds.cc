// SPDX-License-Identifier: MIT
// parallel_bounds.cc: what whole processes cannot pass: the codec's work alone, out of memory and into it, in two threads that
// share nothing; of what has no parts, in one. Files, pipes and starting a process come on top of that. They are not pinned, as
// the processes are not: where something else runs on one CPU, who is pinned there waits for it.
#include "parallel_kit.h"

#if defined(ROVE_HAVE_ISAL)
#include <isa-l/igzip_lib.h>
#endif
#if defined(ROVE_HAVE_LIBDEFLATE)
#include <libdeflate.h>
#endif

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

namespace bench
{

namespace
{

constexpr size_t piece = 256 * KiB;
[[maybe_unused]] const char *const apart_name = "libdeflate alone, two apart";

#if defined(ROVE_HAVE_ISAL)

// Raw deflate data, into the same memory again and again, and nothing summed.
void inflate_alone(Bytes packed, size_t len)
{
    static struct inflate_state z;
    size_t made = 0;
    isal_inflate_init(&z);
    z.next_in = reinterpret_cast<unsigned char *>(const_cast<char *>(packed.ptr));
    z.avail_in = static_cast<uint32_t>(packed.len);
    while (made < len) {
        z.next_out = reinterpret_cast<unsigned char *>(scratch(piece));
        z.avail_out = static_cast<uint32_t>(piece);
        must(isal_inflate(&z) == ISAL_DECOMP_OK && z.avail_out < piece, "isal_inflate");
        made += piece - z.avail_out;
    }
}

#endif

#if defined(ROVE_HAVE_LIBDEFLATE)

// Member after member, each into the same memory: the library's own call, which sums, too, and nothing around it.
void members_alone(Bytes packed, size_t len)
{
    struct libdeflate_decompressor *codec = libdeflate_alloc_decompressor();
    char *to = scratch(64 * KiB);
    for (size_t made = 0; made < len;) {
        size_t took, got;
        must(libdeflate_gzip_decompress_ex(codec, packed.ptr, packed.len, to, 64 * KiB, &took, &got) ==
                 LIBDEFLATE_SUCCESS,
             "libdeflate");
        packed = {packed.ptr + took, packed.len - took};
        made += got;
    }
    libdeflate_free_decompressor(codec);
}

// What members are made of, each into the same memory: its deflate data and its sum, no head and no file.
void pack_alone(Bytes plain, int level)
{
    constexpr size_t member = 0xff00, room = 64 * KiB;
    struct libdeflate_compressor *codec = libdeflate_alloc_compressor(level);
    char *to = scratch(room);
    for (size_t at = 0; at < plain.len; at += member) {
        size_t some = std::min(member, plain.len - at);
        must(libdeflate_deflate_compress(codec, plain.ptr + at, some, to, room) != 0, "libdeflate");
        benchmark::DoNotOptimize(libdeflate_crc32(0, plain.ptr + at, some));
    }
    libdeflate_free_compressor(codec);
}

#endif

// The library's own work on what a text makes of len bytes, by as many threads as `how` says.
[[maybe_unused]] Bounds alone(const char *name, const char *spec, size_t len, void (*work)(Bytes packed, size_t len), How how)
{
    Bytes plain = corpus(len);
    return {{name,
             [=](State &state) {
                 Bytes packed = coded(spec, plain);
                 passes(plain, [=] { work(packed, plain.len); })(state);
             },
             how}};
}

} // namespace

Bounds write_bounds(const std::string &spec)
{
    if (!is_spec(spec))
        return {};
    return {{"two apart, in memory", writes(spec, corpus(medium() / 4), piece), two_roaming}};
}

Bounds read_bounds(const std::string &spec)
{
    if (!is_spec(spec))
        return {};
    return {{"two apart, in memory", reads(spec, corpus(medium() / 2), piece, Lies::in_chunks, spec), two_roaming}};
}

Bounds pack_bounds(int level)
{
#if defined(ROVE_HAVE_LIBDEFLATE)
    if (is_spec("libdeflate:bgzf=yes")) {
        Bytes plain = corpus(medium() / 4);
        return {{apart_name, passes(plain, [=] { pack_alone(plain, level); }), two_roaming}};
    }
#endif
    return {};
}

Bounds members_bounds()
{
#if defined(ROVE_HAVE_LIBDEFLATE)
    if (is_spec("libdeflate:bgzf=yes"))
        return alone(apart_name, "libdeflate:bgzf=yes", medium(), members_alone, two_roaming);
#endif
    return {};
}

Bounds inflate_bounds()
{
#if defined(ROVE_HAVE_ISAL)
    return alone("inflate alone, in memory", "deflate:level=6", medium() / 2, inflate_alone, one_thread);
#else
    return {};
#endif
}

// Two threads write one number in turn. One that waits long gives way: both may be on one CPU.
double there_and_back()
{
    using Clock = std::chrono::steady_clock;
    constexpr uint64_t laps = 50'000;
    alignas(64) std::atomic<uint64_t> turn{0};
    auto takes_turns = [&](uint64_t first) {
        for (uint64_t mine = first; mine < 2 * laps; mine += 2) {
            for (unsigned spins = 1; turn.load(std::memory_order_acquire) != mine; spins++)
                if (spins % 4096 == 0)
                    std::this_thread::yield();
            turn.store(mine + 1, std::memory_order_release);
        }
    };
    std::thread other(takes_turns, 1);
    Clock::time_point begin = Clock::now();
    takes_turns(0);
    other.join();
    return std::chrono::duration<double, std::nano>(Clock::now() - begin).count() / laps;
}

} // namespace bench
