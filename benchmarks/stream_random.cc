// SPDX-License-Identifier: MIT
// stream_random.cc: row R1 of bench_stream: 64 bytes at random places of a large object.
#include "bounds.h"
#include "stream_rows.h"

namespace bench
{

namespace
{

constexpr size_t piece = 64;

Shared<DefaultStream> the_stream;
Shared<Rope> the_reader; // the stream's own bytes, so that nobody's lie better than another's
Shared<Rope> the_rope;   // to be written, and its own
Shared<Flat> the_flat;
#if defined(ROVE_HAVE_ABSL)
Shared<HeldCord> the_cord;
#endif

void drop_objects()
{
    the_stream.object.reset();
    the_reader.object.reset();
    the_rope.object.reset();
    the_flat.object.reset();
#if defined(ROVE_HAVE_ABSL)
    the_cord.object.reset();
#endif
}

// Other offsets in each repetition: those of a short one would be in a cache from the one before.
Random elsewhere()
{
    static uint64_t seed;
    return Random(++seed);
}

// Asked for in front of a loop, never in it: the processor has so many instructions under way at a time, and the fewer
// are the loop's own, the more reads are among them.
size_t last_place()
{
    return large() - piece;
}

// Runs get(offset, to) on and on, at random offsets; at some of them it must give what the flat object has.
template <class Get> void read_random(State &state, Get &&get)
{
    Random random = elsewhere();
    Sink sink(piece);
    const size_t end = last_place();
    for (int i = 0; i < 8; i++) {
        size_t off = random.below(end);
        char *to = sink.next();
        get(off, to);
        if (std::memcmp(to, the_flat.filled().data() + off, piece) != 0)
            die("a stream gives other bytes than flat memory");
    }
    for (auto _ : state)
        get(random.below(end), sink.next());
    state.SetItemsProcessed(state.iterations());
}

// Likewise, but no offset is known before the read in front of it is done, as if what was read told it. So no two
// reads are under way at a time.
template <class Get> void read_in_turn(State &state, Get &&get)
{
    Random random = elsewhere();
    Sink sink(piece);
    const size_t end = last_place();
    size_t last = 0;
    for (auto _ : state) {
        char *to = sink.next();
        get(random.below(end) + last, to);
        last = static_cast<size_t>(to[piece - 1]) & hide(size_t(0));
    }
    state.SetItemsProcessed(state.iterations());
}

// Likewise put(offset, from); get(offset, to) must then give what was put.
template <class Put, class Get> void write_random(State &state, Put &&put, Get &&get)
{
    Random random = elsewhere();
    char to[piece];
    const size_t end = last_place();
    for (size_t i = 0; i < 8; i++) {
        size_t off = random.below(end);
        put(off, source() + i);
        get(off, to);
        if (std::memcmp(to, source() + i, piece) != 0)
            die("what was written is not there");
    }
    for (auto _ : state)
        put(random.below(end), source());
    state.SetItemsProcessed(state.iterations());
}

void seek(struct rove_stream *stream, size_t off)
{
    ok(rove_stream_seek(stream, static_cast<int64_t>(off), ROVE_SET, nullptr));
}

auto by_seek_and_read()
{
    struct rove_stream *stream = the_stream.filled();
    return [=](size_t off, char *to) {
        seek(stream, off);
        ok(rove_stream_read(stream, to, piece, nullptr));
    };
}

auto by_pread()
{
    struct rove_stream *stream = the_stream.filled();
    return
        [=](size_t off, char *to) { ok(rove_stream_pread(stream, off, to, piece, nullptr)); };
}

auto by_seek_and_write()
{
    struct rove_stream *stream = the_stream.filled();
    return [=](size_t off, const char *from) {
        seek(stream, off);
        ok(rove_stream_write(stream, from, piece));
    };
}

auto by_pwrite()
{
    struct rove_stream *stream = the_stream.filled();
    return [=](size_t off, const char *from) { ok(rove_stream_pwrite(stream, off, from, piece)); };
}

struct rove_rope *reader()
{
    return the_reader.get([] {
        auto made = std::make_unique<Rope>();
        struct rove_view all;
        ok(rove_stream_snapshot(the_stream.filled(), &all));
        ok(rove_rope_append_view(*made, &all));
        rove_view_fini(&all);
        return made;
    });
}

auto from_rope(struct rove_rope *rope)
{
    return [=](size_t off, char *to) { ok(rove_rope_read(rope, off, to, piece, nullptr)); };
}

auto into_rope()
{
    struct rove_rope *rope = the_rope.filled();
    return [=](size_t off, const char *from) { ok(rove_rope_overwrite(rope, off, from, piece)); };
}

// A cursor is moved by a call of its own; the rope alone does the rest.
template <class Then> auto by_call(Then then)
{
    static Place place;
    place.base = place.cur = nullptr;
    place.end = place.base + large();
    return [=](size_t off, auto *bytes) {
        ok(move_to(hide(&place), static_cast<int64_t>(off), ROVE_SET, nullptr));
        then(off, bytes);
    };
}

// One call checks and a second one reads; which that is stands in a table. It goes down tables over the rope's own bytes.
auto by_kind()
{
    static std::unique_ptr<Table16> table;
    static Readable from;
    View view(reader());
    table = std::make_unique<Table16>(view);
    from = readable(table.get());
    return [](size_t off, char *to) { ok(read_by_kind(hide(&from), off, to, piece, nullptr)); };
}

auto from_flat()
{
    const char *bytes = the_flat.filled().data();
    return [=](size_t off, char *to) { std::memcpy(to, bytes + off, piece); };
}

auto into_flat()
{
    char *bytes = the_flat.filled().data();
    return [=](size_t off, const char *from) { std::memcpy(bytes + off, from, piece); };
}

// rove_rope_read() is the limit that the goal names; it stands among the peers, as flat memory is less.
template <class Get> Row reading_row(const char *name, Get get)
{
    Row row(name);
    row.rove([=](State &state) { read_random(state, get()); }, in_slices);
#if defined(ROVE_HAVE_ABSL)
    row.peer("Cord 64K", [](State &state) {
        const absl::Cord &cord = the_cord.filled().cord;
        read_random(state, [&](size_t off, char *to) {
            absl::Cord::CharIterator it = cord.char_begin();
            absl::Cord::Advance(&it, off);
            for (size_t have = 0; have < piece;) {
                absl::string_view chunk = absl::Cord::ChunkRemaining(it);
                size_t some = std::min(chunk.size(), piece - have);
                std::memcpy(to + have, chunk.data(), some);
                have += some;
                if (have < piece)
                    absl::Cord::Advance(&it, some);
            }
        });
    }, in_slices);
#endif
    row.peer("rove_rope_read", [](State &state) { read_random(state, from_rope(reader())); }, in_slices)
        .limit("flat", [](State &state) { read_random(state, from_flat()); }, in_slices)
        .goal(at_most(1.25, "rove_rope_read"));
    return row;
}

// What reading costs where the processor cannot have several reads under way, as it does in the rows above: there
// the number of instructions decides how many.
template <class Get> Row in_turn_row(const char *name, Get get)
{
    Row row(name);
    row.rove([=](State &state) { read_in_turn(state, get()); }, in_slices)
        .peer("rove_rope_read", [](State &state) { read_in_turn(state, from_rope(reader())); }, in_slices)
        .limit("flat", [](State &state) { read_in_turn(state, from_flat()); }, in_slices)
        .goal(at_most(1.25, "rove_rope_read"))
        .goal(at_most(2, "flat"));
    return row;
}

template <class Put> Row writing_row(const char *name, Put put)
{
    Row row(name);
    row.rove([=](State &state) { write_random(state, put(), by_pread()); }, in_slices)
        .peer("rove_rope_overwrite",
              [](State &state) { write_random(state, into_rope(), from_rope(the_rope.filled())); }, in_slices)
        .limit("flat", [](State &state) { write_random(state, into_flat(), from_flat()); }, in_slices)
        .goal(at_most(1.25, "rove_rope_overwrite"));
    return row;
}

} // namespace

void rows_r1()
{
    reading_row("R1 random 64 B, seek and read", by_seek_and_read)
        .bound("a call, rove_rope_read", [](State &state) { read_random(state, by_call(from_rope(reader()))); }, in_slices);
    reading_row("R1 random 64 B, pread", by_pread)
        .bound("tables of 16, two calls", [](State &state) { read_random(state, by_kind()); }, in_slices);
    in_turn_row("R1 64 B in turn, seek and read", by_seek_and_read);
    in_turn_row("R1 64 B in turn, pread", by_pread).after(drop_objects);
    writing_row("R1 random 64 B, seek and write", by_seek_and_write)
        .bound("a call, rove_rope_overwrite",
               [](State &state) { write_random(state, by_call(into_rope()), from_rope(the_rope.filled())); }, in_slices);
    writing_row("R1 random 64 B, pwrite", by_pwrite).after(drop_objects);
}

} // namespace bench
