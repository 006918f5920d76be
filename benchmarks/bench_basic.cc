// SPDX-License-Identifier: MIT
// bench_basic.cc: append and read beside what every C and C++ programmer has at hand.
//
// Warm: each object is filled and emptied once before timing, and its memory is kept.
#include "peers.h"

namespace
{

using namespace bench;

template <class Object> Body append(Object *(*make)(), size_t piece)
{
    return [=](State &state) {
        malloc_keeps(true);
        size_t n = medium();
        std::unique_ptr<Object> object(make());
        object->fill(n, piece);
        object->empty();
        for (auto _ : state) {
            object->fill(n, piece);
            untimed(state, [&] { object->empty(); });
        }
        state.SetItemsProcessed(state.iterations() * count(n / piece));
    };
}

Rope *make_rope()
{
    return new Rope(keeping_pool());
}

template <class Object> Object *make_reserved()
{
    return new Object(medium());
}

void append_row(const char *name, size_t piece)
{
    Row(name)
        .rove(append(make_rope, piece))
        .peer("std::string", append(make_reserved<String>, piece))
        .peer("open_memstream", append(make_reserved<Memstream>, piece))
        .limit("memcpy", append(make_reserved<Flat>, piece))
        .goal(at_most(1, best_peer));
}

// Reads all of an object in pieces: get(offset, to, length).
template <class Get> void read_all(State &state, Get &&get)
{
    Sink sink(block);
    size_t n = medium();
    for (auto _ : state)
        for (size_t off = 0; off < n; off += block)
            get(off, sink.next(), block);
    state.SetItemsProcessed(state.iterations() * count(n / block));
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
    String string(medium());
    string.fill(medium(), block);
    read_all(state, [&](size_t off, char *to, size_t len) { string.bytes.copy(to, len, off); });
}

void read_file(State &state)
{
    Flat flat(medium());
    flat.fill(medium(), block);
    std::unique_ptr<FILE, int (*)(FILE *)> file(fmemopen(flat.data(), flat.len(), "r"),
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
    read_all(state,
             [&](size_t off, char *to, size_t len) { std::memcpy(to, flat.data() + off, len); });
}

} // namespace

const char *bench_title()
{
    return "append and read, 64 MiB, warm";
}

void bench_rows()
{
    append_row("append 16 B", 16);
    append_row("append 64 KiB", block);
    Row("read in 64 KiB")
        .rove(read_rove)
        .peer("std::string", read_string)
        .peer("fmemopen", read_file)
        .limit("memcpy", read_memcpy)
        .goal(at_most(1.03, "memcpy"));
}

double bench_child(const std::string &)
{
    return -1;
}
