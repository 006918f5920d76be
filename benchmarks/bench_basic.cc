// SPDX-License-Identifier: MIT
// bench_basic.cc: append and read beside what every C and C++ programmer has at hand.
//
// Warm: each object is built once before timing, and its memory is kept for the next. The others
// write over one piece of memory that was reserved; rove takes chunks from its pool's free list.
#include "peers.h"

namespace
{

using namespace bench;

constexpr size_t block = 64 * KiB;

template <size_t piece, class Object, class Empty>
void append(State &state, Object &object, Empty &&empty)
{
    malloc_keeps(true);
    size_t n = medium();
    object.fill(n, piece);
    empty();
    for (auto _ : state) {
        object.fill(n, piece);
        untimed(state, empty);
    }
    state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(n / piece));
}

template <size_t piece> void append_rove(State &state)
{
    Rope rope(keeping_pool());
    append<piece>(state, rope, [&] { rove_rope_clear(rope); });
}

struct String {
    std::string bytes;
    void fill(size_t n, size_t piece)
    {
        pieces(n, piece, [this](const char *p, size_t len) { bytes.append(p, len); });
    }
};

template <size_t piece> void append_string(State &state)
{
    String string;
    string.bytes.reserve(medium());
    append<piece>(state, string, [&] { string.bytes.clear(); });
}

template <size_t piece> void append_memstream(State &state)
{
    Memstream stream;
    append<piece>(state, stream, [&] { std::rewind(stream.file); });
}

template <size_t piece> void append_memcpy(State &state)
{
    Flat flat(medium());
    append<piece>(state, flat, [] {});
}

// Reads all of an object in pieces: get(offset, to, length).
template <class Get> void read_all(State &state, Get &&get)
{
    Sink sink(block);
    size_t n = medium();
    for (auto _ : state)
        for (size_t off = 0; off < n; off += block)
            get(off, sink.next(), block);
    state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(n / block));
}

void read_rove(State &state)
{
    Rope rope;
    rope.fill(medium(), block);
    read_all(state, [&](size_t off, char *to, size_t len) {
        ok(rove_rope_read(rope, off, to, len, nullptr));
    });
}

void read_string(State &state)
{
    String string;
    string.fill(medium(), block);
    read_all(state,
             [&](size_t off, char *to, size_t len) { string.bytes.copy(to, len, off); });
}

void read_memstream(State &state)
{
    Memstream stream;
    stream.fill(medium(), block);
    std::fflush(stream.file);
    std::unique_ptr<FILE, int (*)(FILE *)> file(fmemopen(stream.bytes, stream.len, "r"),
                                                std::fclose);
    if (!file)
        die("fmemopen");
    read_all(state, [&](size_t off, char *to, size_t len) {
        if (off == 0)
            std::rewind(file.get());
        if (fread_unlocked(to, 1, len, file.get()) != len)
            die("fread");
    });
}

void read_memcpy(State &state)
{
    Flat flat(medium());
    flat.fill(medium(), block);
    read_all(state, [&](size_t off, char *to, size_t len) {
        std::memcpy(to, flat.bytes.data() + off, len);
    });
}

template <size_t piece> void append_row(const char *name)
{
    Row(name)
        .rove(append_rove<piece>)
        .peer("std::string", append_string<piece>)
        .peer("open_memstream", append_memstream<piece>)
        .limit("memcpy", append_memcpy<piece>)
        .goal(at_most(1, best_peer));
}

} // namespace

const char *bench_title()
{
    return "append and read, 64 MiB, warm";
}

void bench_rows()
{
    append_row<16>("append 16 B");
    append_row<block>("append 64 KiB");
    Row("read in 64 KiB")
        .rove(read_rove)
        .peer("std::string", read_string)
        .peer("fmemopen", read_memstream)
        .limit("memcpy", read_memcpy)
        .goal(at_most(1.03, "memcpy"));
}

double bench_child(const std::string &)
{
    return -1;
}
