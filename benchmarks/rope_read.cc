// SPDX-License-Identifier: MIT
// rope_read.cc: rows W3 and W4 of bench_rope: reading all of it, and at random places.
#include "bounds.h"
#include "rope_objects.h"

namespace bench
{

namespace
{

// Copies out once before anything is timed: get(offset, to, length) must give what want() gives.
template <class Get, class Want> void verify(size_t piece, Get &&get, Want &&want)
{
    std::vector<char> to(piece), wanted(piece);
    Random random(5);
    for (int i = 0; i < 8; i++) {
        size_t off = random.below(large() - piece + 1);
        get(off, to.data(), piece);
        want(off, wanted.data(), piece);
        if (to != wanted)
            die("an object gives other bytes than it should");
    }
}

// ---- W3: read all -----------------------------------------------------------------------------

// Reads all in order: get(offset, to, length).
template <class Get> void read_all(State &state, size_t piece, Get &&get)
{
    Sink to(piece);
    size_t n = large();
    for (auto _ : state)
        for (size_t off = 0; off < n; off += piece)
            get(off, to.next(), piece);
    state.SetItemsProcessed(state.iterations());
}

// For peers that are read span by span: walk(sink) calls sink(pointer, length) for each span, and
// the sink copies into the buffer again and again.
template <class Walk> void read_spans(State &state, size_t piece, Walk &&walk)
{
    Sink sink(piece);
    for (auto _ : state) {
        char *to = sink.next();
        size_t have = 0;
        walk([&](const char *p, size_t len) {
            while (len) {
                size_t some = std::min(len, piece - have);
                std::memcpy(to + have, p, some);
                p += some;
                len -= some;
                have += some;
                if (have == piece) {
                    to = sink.next();
                    have = 0;
                }
            }
        });
    }
    state.SetItemsProcessed(state.iterations());
}

// Walks without touching the bytes: the time of a span.
template <class Walk> void walk_all(State &state, Walk &&walk)
{
    size_t spans = 0, bytes = 0;
    for (auto _ : state) {
        uintptr_t sum = 0;
        spans = bytes = 0;
        walk([&](const void *p, size_t len) {
            sum += reinterpret_cast<uintptr_t>(p);
            bytes += len;
            spans++;
        });
        benchmark::DoNotOptimize(sum);
    }
    if (bytes != large())
        die("a walk missed something");
    state.SetItemsProcessed(state.iterations() * count(spans));
}

void walk_rove(State &state)
{
    struct rove_view *view = the_view();
    walk_all(state, [=](auto sink) {
        struct rove_cursor cursor;
        struct rove_span span;
        ok(rove_cursor_init(&cursor, view, 0));
        while (rove_cursor_next(&cursor, &span) == ROVE_OK)
            sink(span.ptr, span.len);
        rove_cursor_fini(&cursor);
    });
}

void walk_array(State &state)
{
    std::vector<struct iovec> spans = spans_of(the_flat(), large(), block);
    walk_all(state, [&](auto sink) {
        for (const struct iovec &span : spans)
            sink(span.iov_base, span.iov_len);
    });
}

// The same bytes from where they lie, with nothing to be found.
template <size_t piece> void read_in_place(State &state)
{
    std::vector<std::pair<const char *, size_t>> spans;
    struct rove_cursor cursor;
    struct rove_span span;
    ok(rove_cursor_init(&cursor, the_view(), 0));
    while (rove_cursor_next(&cursor, &span) == ROVE_OK)
        spans.emplace_back(reinterpret_cast<const char *>(span.ptr), span.len);
    rove_cursor_fini(&cursor);
    read_spans(state, piece, [&](auto sink) {
        for (const auto &[ptr, len] : spans)
            sink(ptr, len);
    });
}

// The same piece by piece, each by a call that checks what it is given and finds its bytes by a table of the spans.
template <size_t piece> void read_by_table(State &state)
{
    const OneTable index(the_view());
    read_all(state, piece, [&](size_t off, char *to, size_t len) { ok(hide(&index)->read(off, to, len, nullptr)); });
}

// Spans in leaves of 16 that are linked, each handed over by a call.
struct Leaf {
    Leaf *next;
    size_t cnt, len[16];
    const void *ptr[16];
};
struct Step {
    const Leaf *leaf;
    size_t idx, pos;
};

__attribute__((noinline)) enum rove_status next_of_leaf(Step *step, struct rove_span *span_out)
{
    if (!step || !span_out)
        return ROVE_E_ARG;
    if (step->idx == step->leaf->cnt) {
        if (!step->leaf->next)
            return ROVE_END;
        step->leaf = step->leaf->next;
        step->idx = 0;
    }
    span_out->ptr = static_cast<const uint8_t *>(step->leaf->ptr[step->idx]);
    span_out->len = step->leaf->len[step->idx];
    step->pos += span_out->len;
    step->idx++;
    return ROVE_OK;
}

void walk_leaves(State &state)
{
    std::vector<struct iovec> spans = spans_of(the_flat(), large(), block);
    std::deque<Leaf> leaves;
    for (size_t i = 0; i < spans.size(); i++) {
        if (i % 16 == 0) {
            Leaf *last = leaves.empty() ? nullptr : &leaves.back();
            Leaf &made = leaves.emplace_back();
            if (last)
                last->next = &made;
        }
        Leaf &leaf = leaves.back();
        leaf.len[leaf.cnt] = spans[i].iov_len;
        leaf.ptr[leaf.cnt++] = spans[i].iov_base;
    }
    walk_all(state, [&](auto sink) {
        Step step = {&leaves.front(), 0, 0};
        struct rove_span span;
        while (next_of_leaf(&step, &span) == ROVE_OK)
            sink(span.ptr, span.len);
    });
}

template <size_t piece> void read_row(const char *name)
{
    Row row(name);
    row.rove(
        [](State &state) {
            struct rove_rope *rope = the_rope();
            read_all(state, piece, [=](size_t off, char *to, size_t len) {
                ok(rove_rope_read(rope, off, to, len, nullptr));
            });
        },
        once);
#if defined(ROVE_HAVE_ABSL)
    row.peer(
        "Cord 64K",
        [](State &state) {
            const absl::Cord &object = the_tuned_cord();
            read_spans(state, piece, [&](auto sink) { walk_cord(object, sink); });
        },
        once);
#endif
#if defined(ROVE_HAVE_LIBEVENT)
    row.peer(
        "evbuffer",
        [](State &state) {
            struct evbuffer *object = the_evbuffer();
            struct evbuffer_ptr at;
            read_all(state, piece, [&](size_t off, char *to, size_t len) {
                if (off == 0)
                    evbuffer_ptr_set(object, &at, 0, EVBUFFER_PTR_SET);
                evbuffer_copyout_from(object, &at, to, len);
                if (off + len < large())
                    evbuffer_ptr_set(object, &at, len, EVBUFFER_PTR_ADD);
            });
        },
        once);
#endif
#if defined(ROVE_HAVE_BOOST)
    row.peer(
        "multi_buffer",
        [](State &state) {
            const boost::beast::multi_buffer &object = the_multi_buffer();
            read_spans(state, piece, [&](auto sink) { walk_multi_buffer(object, sink); });
        },
        once);
#endif
    row.peer(
        "crope",
        [](State &state) {
            const Crope &object = the_crope();
            read_all(state, piece,
                     [&](size_t off, char *to, size_t len) { object.copy(off, len, to); });
        },
        once);
    row.limit(
        "flat",
        [](State &state) {
            const char *bytes = the_flat().data();
            read_all(state, piece,
                     [=](size_t off, char *to, size_t len) { std::memcpy(to, bytes + off, len); });
        },
        once);
    row.bound("in place, memcpy", read_in_place<piece>, once)
        .bound("one table, a call", read_by_table<piece>, once)
        .goal(at_most(1.03, "flat"));
}

void walk_row()
{
    // multi_buffer keeps the same bytes in 15 spans: nothing to walk.
    Row row("W3 walk, a span");
    row.rove(walk_rove);
#if defined(ROVE_HAVE_ABSL)
    row.peer("Cord 64K", [](State &state) {
        const absl::Cord &object = the_tuned_cord();
        walk_all(state, [&](auto sink) { walk_cord(object, sink); });
    });
#endif
#if defined(ROVE_HAVE_LIBEVENT)
    row.peer("evbuffer", [](State &state) {
        struct evbuffer *object = the_evbuffer();
        std::vector<struct evbuffer_iovec> spans;
        walk_all(state, [&](auto sink) { walk_evbuffer(object, spans, sink); });
    });
#endif
    row.limit("array of spans", walk_array).bound("leaves of 16, a call", walk_leaves).goal(faster(4, best_peer));
}

// ---- W4: seek and read ------------------------------------------------------------------------

// Independent reads at random places: the machine may overlap them.
template <size_t piece, class Get> void read_random(State &state, Get &&get)
{
    alignas(64) char to[piece];
    each_random(state, large() - piece + 1, [&](size_t off) {
        get(off, to, piece);
        benchmark::DoNotOptimize(to);
    });
}

auto flat_reader()
{
    const char *bytes = the_flat().data();
    return [=](size_t off, char *to, size_t len) { std::memcpy(to, bytes + off, len); };
}

auto rove_reader(struct rove_rope *rope)
{
    return
        [=](size_t off, char *to, size_t len) { ok(rove_rope_read(rope, off, to, len, nullptr)); };
}

auto crope_reader(const Crope &object)
{
    return [&object](size_t off, char *to, size_t len) { object.copy(off, len, to); };
}

// The same after a check: of what was appended, and of what was edited.
template <size_t piece, class Get> void read_checked(State &state, Get &&get)
{
    verify(piece, get, flat_reader());
    read_random<piece>(state, get);
}

template <size_t piece, class Get> void read_edited(State &state, Get &&get)
{
    verify(piece, get, rove_reader(the_edited_rope()));
    read_random<piece>(state, get);
}

#if defined(ROVE_HAVE_ABSL)
auto cord_reader(const absl::Cord &object)
{
    return [&object](size_t off, char *to, size_t len) {
        absl::Cord::CharIterator it = object.char_begin();
        absl::Cord::Advance(&it, off);
        for (;;) {
            absl::string_view chunk = absl::Cord::ChunkRemaining(it);
            size_t some = std::min(chunk.size(), len);
            std::memcpy(to, chunk.data(), some);
            to += some;
            len -= some;
            if (len == 0)
                break;
            absl::Cord::Advance(&it, some);
        }
    };
}
#endif

template <size_t piece> void limit_random(Row &row)
{
    row.limit("flat", [](State &state) { read_checked<piece>(state, flat_reader()); });
}

// A tree is needed for all that is not reading: the least that one with nodes of 16 takes.
template <size_t piece> void bound_random(Row &row, struct rove_rope *(*rope)())
{
    row.bound("full tree of 16", [=](State &state) {
        struct rove_rope *over = rope();
        struct rove_view all;
        ok(rove_rope_view(over, 0, rove_rope_len(over), &all));
        const FullTree tree(&all);
        auto get = [&](size_t off, char *to, size_t len) { tree.read(off, to, len); };
        verify(piece, get, rove_reader(over));
        read_random<piece>(state, get);
        rove_view_fini(&all);
    });
}

// Likewise by less than a tree: by the place's bits where bytes were only appended, by a search where they were edited.
template <size_t piece, class Index> void bound_index(Row &row, const char *name, struct rove_rope *(*rope)())
{
    row.bound(name, [=](State &state) {
        struct rove_rope *over = rope();
        struct rove_view all;
        ok(rove_rope_view(over, 0, rove_rope_len(over), &all));
        const Index index(&all);
        auto get = [&](size_t off, char *to, size_t len) {
            ok(hide(&index)->read(off, to, len, nullptr));
        };
        verify(piece, get, rove_reader(over));
        read_random<piece>(state, get);
        rove_view_fini(&all);
    });
}

template <size_t piece> Row appended_row(const char *name)
{
    Row row(name);
    row.rove([](State &state) { read_checked<piece>(state, rove_reader(the_rope())); });
#if defined(ROVE_HAVE_ABSL)
    row.peer("Cord", [](State &state) { read_checked<piece>(state, cord_reader(the_cord())); });
    row.peer("Cord 64K",
             [](State &state) { read_checked<piece>(state, cord_reader(the_tuned_cord())); });
#endif
#if defined(ROVE_HAVE_LIBEVENT)
    row.peer("evbuffer", [](State &state) {
        struct evbuffer *object = the_evbuffer();
        read_checked<piece>(state, [=](size_t off, char *to, size_t len) {
            struct evbuffer_ptr at;
            evbuffer_ptr_set(object, &at, off, EVBUFFER_PTR_SET);
            evbuffer_copyout_from(object, &at, to, len);
        });
    });
#endif
    row.peer("crope", [](State &state) { read_checked<piece>(state, crope_reader(the_crope())); });
    limit_random<piece>(row);
    bound_random<piece>(row, [] { return static_cast<struct rove_rope *>(the_rope()); });
    bound_index<piece, Table16>(row, "tables of 16, a call",
                                [] { return static_cast<struct rove_rope *>(the_rope()); });
    bound_index<piece, OneTable>(row, "one table, a call",
                                 [] { return static_cast<struct rove_rope *>(the_rope()); });
    return row;
}

// evbuffer has no edits.
template <size_t piece> Row edited_row(const char *name)
{
    Row row(name);
    row.rove([](State &state) { read_random<piece>(state, rove_reader(the_edited_rope())); });
#if defined(ROVE_HAVE_ABSL)
    row.peer("Cord",
             [](State &state) { read_edited<piece>(state, cord_reader(the_edited_cord())); });
    row.peer("Cord 64K",
             [](State &state) { read_edited<piece>(state, cord_reader(the_edited_tuned_cord())); });
#endif
    row.peer("crope",
             [](State &state) { read_edited<piece>(state, crope_reader(the_edited_crope())); });
    limit_random<piece>(row);
    bound_random<piece>(row, [] { return static_cast<struct rove_rope *>(the_edited_rope()); });
    bound_index<piece, SortedEnds>(row, "sorted ends, a call", [] {
        return static_cast<struct rove_rope *>(the_edited_rope());
    });
    return row;
}

void seek_in_chunk(State &state)
{
    Stream stream;
    stream.fill(block, block);
    ok(rove_stream_seek(stream, 0, ROVE_SET, nullptr));
    uint8_t byte;
    ok(rove_stream_read(stream, &byte, 1, nullptr));
    each_random(state, block, [&](size_t off) {
        ok(rove_stream_seek(stream, static_cast<int64_t>(off), ROVE_SET, nullptr));
    });
}

void seek_by_call(State &state)
{
    static const std::vector<char> bytes(block);
    Place place;
    place.base = place.cur = bytes.data();
    place.end = place.base + block;
    each_random(state, block, [&](size_t off) {
        ok(move_to(hide(&place), static_cast<int64_t>(off), ROVE_SET, nullptr));
    });
}

void seek_in_file(State &state)
{
    std::vector<char> bytes(block);
    FILE *file = fmemopen(bytes.data(), block, "r");
    if (!file)
        die("fmemopen");
    each_random(state, block,
                [=](size_t off) { std::fseek(file, static_cast<long>(off), SEEK_SET); });
    std::fclose(file);
}

} // namespace

void rows_w3()
{
    read_row<4 * KiB>("W3 read all in 4 KiB");
    read_row<block>("W3 read all in 64 KiB");
    walk_row();
}

void rows_w4()
{
    appended_row<64>("W4 random 64 B, appended")
        .goal(at_most(1.41, "flat"))
        .goal(faster(2.2, "Cord 64K"));
    appended_row<4 * KiB>("W4 random 4 KiB, appended")
        .goal(at_most(1.1, "flat"))
        .after(drop_objects);
    edited_row<64>("W4 random 64 B, edited")
        .goal(at_most(3.48, "flat"))
        .goal(faster(2.2, "Cord 64K"));
    edited_row<4 * KiB>("W4 random 4 KiB, edited").goal(at_most(1.2, "flat")).after(drop_objects);
    Row("W4 seek inside the chunk")
        .rove(seek_in_chunk)
        .peer("fseek on fmemopen", seek_in_file)
        .limit("atomic pair", atomic_pair)
        .bound("a checked call", seek_by_call)
        .goal(at_most(0.52, "atomic pair"));
}

} // namespace bench
