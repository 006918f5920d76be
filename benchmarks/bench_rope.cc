// SPDX-License-Identifier: MIT
// bench_rope.cc: rows W3 to W7, W10 and W11 of docs/benchmarks.md: reading, seeking, sharing, editing.
//
// The objects that are read are built once, from appends of 64 KiB, and shared by the rows; all lie
// in memory kept from before, far beyond the caches. Ratios in the goals come from docs/benchmarks.md.
#include "peers.h"

#include <fcntl.h>
#include <mutex>
#include <sys/mman.h>
#include <unistd.h>

namespace
{

using namespace bench;

constexpr size_t block = 64 * KiB;
constexpr size_t scrap = 100; // bytes of a small edit

int64_t count(size_t n)
{
    return static_cast<int64_t>(n);
}

// ---- the objects that rows share --------------------------------------------------------------

// Made when first asked for, dropped by drop_objects().
template <class Object> struct Shared {
    std::unique_ptr<Object> object;

    template <class Make> Object &get(Make &&make)
    {
        if (!object) {
            malloc_keeps(true);
            object = make();
        }
        return *object;
    }
};

template <class Object> std::unique_ptr<Object> filled()
{
    auto made = std::make_unique<Object>();
    made->fill(large(), block);
    return made;
}

// Inserts and erases until no node of the tree is regular any more; the length stays.
void edit_all_over(struct rove_rope *rope, size_t edits)
{
    Random random(3);
    uint64_t len = rove_rope_len(rope);
    for (size_t i = 0; i < edits; i++) {
        ok(rove_rope_insert(rope, random.below(len), source(), scrap));
        ok(rove_rope_erase(rope, random.below(len), scrap));
    }
}

Shared<Rope> appended, edited;
Shared<View> appended_view;
Shared<Flat> flat_bytes;
Shared<Crope> crope;

Rope &the_rope()
{
    return appended.get([] { return filled<Rope>(); });
}

Rope &the_edited_rope()
{
    return edited.get([] {
        auto made = filled<Rope>();
        edit_all_over(*made, large() / (4 * block));
        return made;
    });
}

View &the_view()
{
    return appended_view.get([] { return std::make_unique<View>(the_rope()); });
}

Flat &the_flat()
{
    return flat_bytes.get([] {
        auto made = std::make_unique<Flat>(large());
        made->fill(large(), block);
        return made;
    });
}

std::unique_ptr<Crope> make_crope(size_t n)
{
    auto made = std::make_unique<Crope>();
    pieces(n, block, [&made](const char *p, size_t len) { made->append(p, len); });
    return made;
}

Crope &the_crope()
{
    return crope.get([] { return make_crope(large()); });
}

#if defined(ROVE_HAVE_ABSL)
Shared<absl::Cord> cord;
Shared<HeldCord> tuned_cord;

absl::Cord &the_cord()
{
    return cord.get([] {
        auto made = std::make_unique<absl::Cord>();
        fill_cord(*made, large(), block);
        return made;
    });
}

absl::Cord &the_tuned_cord()
{
    return tuned_cord.get([] { return filled<HeldCord>(); }).cord;
}
#endif
#if defined(ROVE_HAVE_LIBEVENT)
Shared<Evbuffer> evbuffer;

Evbuffer &the_evbuffer()
{
    return evbuffer.get([] { return filled<Evbuffer>(); });
}
#endif
#if defined(ROVE_HAVE_BOOST)
using MultiBuffer = boost::beast::multi_buffer;
Shared<MultiBuffer> multi_buffer;

MultiBuffer &the_multi_buffer()
{
    return multi_buffer.get([] {
        auto made = std::make_unique<MultiBuffer>();
        pieces(large(), block,
               [&made](const char *p, size_t len) { beast_append(*made, p, len); });
        return made;
    });
}
#endif
#if defined(ROVE_HAVE_GLIB)
GBytes *gbytes;

GBytes *the_gbytes()
{
    if (!gbytes)
        gbytes = g_bytes_new_static(the_flat().bytes.data(), large());
    return gbytes;
}
#endif

void drop_objects()
{
#if defined(ROVE_HAVE_GLIB)
    g_clear_pointer(&gbytes, g_bytes_unref);
#endif
    appended_view.object.reset();
    appended.object.reset();
    edited.object.reset();
    flat_bytes.object.reset();
    crope.object.reset();
#if defined(ROVE_HAVE_ABSL)
    cord.object.reset();
    tuned_cord.object.reset();
#endif
#if defined(ROVE_HAVE_LIBEVENT)
    evbuffer.object.reset();
#endif
#if defined(ROVE_HAVE_BOOST)
    multi_buffer.object.reset();
#endif
    malloc_forget();
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

template <size_t piece> void read_rove(State &state)
{
    struct rove_rope *rope = the_rope();
    read_all(state, piece, [=](size_t off, char *to, size_t len) {
        ok(rove_rope_read(rope, off, to, len, nullptr));
    });
}

template <size_t piece> void read_flat(State &state)
{
    const char *bytes = the_flat().bytes.data();
    read_all(state, piece,
             [=](size_t off, char *to, size_t len) { std::memcpy(to, bytes + off, len); });
}

template <size_t piece> void read_crope(State &state)
{
    const Crope &object = the_crope();
    read_all(state, piece,
             [&](size_t off, char *to, size_t len) { object.copy(off, len, to); });
}

#if defined(ROVE_HAVE_ABSL)
template <class Sink> void walk_cord(const absl::Cord &object, Sink &&sink)
{
    for (absl::string_view chunk : object.Chunks())
        sink(chunk.data(), chunk.size());
}

template <size_t piece> void read_cord(State &state)
{
    const absl::Cord &object = the_tuned_cord();
    read_spans(state, piece, [&](auto sink) { walk_cord(object, sink); });
}
#endif
#if defined(ROVE_HAVE_LIBEVENT)
template <size_t piece> void read_evbuffer(State &state)
{
    struct evbuffer *object = the_evbuffer();
    struct evbuffer_ptr at;
    read_all(state, piece, [&](size_t off, char *to, size_t len) {
        if (off == 0)
            evbuffer_ptr_set(object, &at, 0, EVBUFFER_PTR_SET);
        evbuffer_copyout_from(object, &at, to, len);
        if (off + len < large())
            evbuffer_ptr_set(object, &at, len, EVBUFFER_PTR_ADD);
    });
}
#endif
#if defined(ROVE_HAVE_BOOST)
template <class Sink> void walk_multi_buffer(const MultiBuffer &object, Sink &&sink)
{
    auto all = object.data();
    for (auto it = boost::asio::buffer_sequence_begin(all);
         it != boost::asio::buffer_sequence_end(all); ++it) {
        boost::asio::const_buffer one = *it;
        sink(static_cast<const char *>(one.data()), one.size());
    }
}

template <size_t piece> void read_multi_buffer(State &state)
{
    const MultiBuffer &object = the_multi_buffer();
    read_spans(state, piece, [&](auto sink) { walk_multi_buffer(object, sink); });
}
#endif

template <size_t piece> void read_row(const char *name)
{
    Row row(name);
    row.rove(read_rove<piece>, once);
#if defined(ROVE_HAVE_ABSL)
    row.peer("Cord 64K", read_cord<piece>, once);
#endif
#if defined(ROVE_HAVE_LIBEVENT)
    row.peer("evbuffer", read_evbuffer<piece>, once);
#endif
#if defined(ROVE_HAVE_BOOST)
    row.peer("multi_buffer", read_multi_buffer<piece>, once);
#endif
    row.peer("crope", read_crope<piece>, once)
        .limit("flat", read_flat<piece>, once)
        .goal(at_most(1.03, "flat"));
}

// Walks without touching the bytes: the time of a span.
template <class Walk> void walk_all(State &state, Walk &&walk)
{
    size_t spans = 0;
    for (auto _ : state) {
        uintptr_t sum = 0;
        spans = 0;
        walk([&](const void *p, size_t len) {
            sum += reinterpret_cast<uintptr_t>(p) ^ len;
            spans++;
        });
        benchmark::DoNotOptimize(sum);
    }
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

// What the spans of the flat object would be in chunks of 64 KiB.
std::vector<struct iovec> flat_spans()
{
    std::vector<struct iovec> spans;
    for (size_t off = 0; off < large(); off += block)
        spans.push_back({the_flat().bytes.data() + off, block});
    return spans;
}

void walk_array(State &state)
{
    std::vector<struct iovec> spans = flat_spans();
    walk_all(state, [&](auto sink) {
        for (const struct iovec &span : spans)
            sink(span.iov_base, span.iov_len);
    });
}

#if defined(ROVE_HAVE_LIBEVENT)
// evbuffer hands its spans out in arrays only.
template <class Sink>
void walk_evbuffer(struct evbuffer *object, std::vector<struct evbuffer_iovec> &spans, Sink &&sink)
{
    if (spans.empty())
        spans.resize(static_cast<size_t>(evbuffer_peek(object, -1, nullptr, nullptr, 0)));
    evbuffer_peek(object, -1, nullptr, spans.data(), static_cast<int>(spans.size()));
    for (const struct evbuffer_iovec &span : spans)
        sink(static_cast<const char *>(span.iov_base), span.iov_len);
}
#endif

void rows_w3()
{
    read_row<4 * KiB>("W3 read all in 4 KiB");
    read_row<block>("W3 read all in 64 KiB");
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
    row.limit("array of spans", walk_array).goal(faster(4, best_peer));
}

// ---- W4: seek and read ------------------------------------------------------------------------

// Independent reads at random places: the machine may overlap them.
template <size_t piece, class Get> void read_random(State &state, Get &&get)
{
    alignas(64) char to[piece];
    size_t end = large() - piece + 1;
    Random random;
    for (auto _ : state) {
        get(random.below(end), to);
        benchmark::DoNotOptimize(to);
    }
    state.SetItemsProcessed(state.iterations());
}

template <size_t piece> void random_rove(State &state, struct rove_rope *rope)
{
    read_random<piece>(state, [=](size_t off, char *to) {
        ok(rove_rope_read(rope, off, to, piece, nullptr));
    });
}

template <size_t piece> void random_flat(State &state)
{
    const char *bytes = the_flat().bytes.data();
    read_random<piece>(state, [=](size_t off, char *to) { std::memcpy(to, bytes + off, piece); });
}

template <size_t piece> void random_crope(State &state)
{
    const Crope &object = the_crope();
    read_random<piece>(state, [&](size_t off, char *to) { object.copy(off, piece, to); });
}

#if defined(ROVE_HAVE_ABSL)
template <size_t piece> void random_cord(State &state, const absl::Cord &object)
{
    read_random<piece>(state, [&](size_t off, char *to) {
        absl::Cord::CharIterator it = object.char_begin();
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
}
#endif
#if defined(ROVE_HAVE_LIBEVENT)
template <size_t piece> void random_evbuffer(State &state)
{
    struct evbuffer *object = the_evbuffer();
    read_random<piece>(state, [=](size_t off, char *to) {
        struct evbuffer_ptr at;
        evbuffer_ptr_set(object, &at, off, EVBUFFER_PTR_SET);
        evbuffer_copyout_from(object, &at, to, piece);
    });
}
#endif

template <size_t piece> Row random_row(const char *name, Rope &(*rope)())
{
    Row row(name);
    row.rove([=](State &state) { random_rove<piece>(state, rope()); });
#if defined(ROVE_HAVE_ABSL)
    row.peer("Cord", [](State &state) { random_cord<piece>(state, the_cord()); });
    row.peer("Cord 64K", [](State &state) { random_cord<piece>(state, the_tuned_cord()); });
#endif
#if defined(ROVE_HAVE_LIBEVENT)
    row.peer("evbuffer", random_evbuffer<piece>);
#endif
    row.peer("crope", random_crope<piece>).limit("flat", random_flat<piece>);
    return row;
}

void seek_in_chunk(State &state)
{
    Stream stream;
    stream.fill(block, block);
    ok(rove_stream_seek(stream, 0, ROVE_SET, nullptr));
    uint8_t byte;
    ok(rove_stream_read(stream, &byte, 1, nullptr));
    Random random;
    for (auto _ : state)
        ok(rove_stream_seek(stream, static_cast<int64_t>(random.below(block)), ROVE_SET, nullptr));
    state.SetItemsProcessed(state.iterations());
}

void seek_in_file(State &state)
{
    std::vector<char> bytes(block);
    FILE *file = fmemopen(bytes.data(), block, "r");
    if (!file)
        die("fmemopen");
    Random random;
    for (auto _ : state)
        std::fseek(file, static_cast<long>(random.below(block)), SEEK_SET);
    std::fclose(file);
    state.SetItemsProcessed(state.iterations());
}

void rows_w4()
{
    random_row<64>("W4 random 64 B, appended", the_rope)
        .goal(at_most(1.41, "flat"))
        .goal(faster(2.2, "Cord 64K"));
    random_row<4 * KiB>("W4 random 4 KiB, appended", the_rope).goal(at_most(1.1, "flat"));
    random_row<64>("W4 random 64 B, edited", the_edited_rope)
        .goal(at_most(3.48, "flat"))
        .goal(faster(2.2, "Cord 64K"));
    random_row<4 * KiB>("W4 random 4 KiB, edited", the_edited_rope).goal(at_most(1.2, "flat"));
    Row("W4 seek inside the chunk")
        .rove(seek_in_chunk)
        .peer("fseek on fmemopen", seek_in_file)
        .limit("atomic pair", atomic_pair)
        .goal(at_most(0.52, "atomic pair"));
}

// ---- W5: share --------------------------------------------------------------------------------

// Runs one(random offset) on and on.
template <class One> void each_random(State &state, size_t end, One &&one)
{
    Random random;
    for (auto _ : state)
        one(random.below(end));
    state.SetItemsProcessed(state.iterations());
}

void view_rove(State &state)
{
    struct rove_rope *rope = the_rope();
    each_random(state, large() - MiB, [=](size_t off) {
        struct rove_view view;
        ok(rove_rope_view(rope, off, MiB, &view));
        benchmark::DoNotOptimize(view);
        rove_view_fini(&view);
    });
}

// Clones, changes the clone, and drops it.
template <class Change> void clone_rove(State &state, Change &&change)
{
    struct rove_rope *rope = the_rope();
    each_random(state, large() - MiB, [&](size_t off) {
        struct rove_rope clone;
        rove_rope_clone(&clone, rope);
        change(&clone, off);
        benchmark::DoNotOptimize(clone);
        rove_rope_fini(&clone);
    });
}

template <class Change> void clone_crope(State &state, Change &&change)
{
    const Crope &object = the_crope();
    each_random(state, large() - MiB, [&](size_t off) {
        Crope clone(object);
        change(clone, off);
        benchmark::DoNotOptimize(clone);
    });
}

#if defined(ROVE_HAVE_ABSL)
template <class Change>
void clone_cord(State &state, const absl::Cord &object, Change &&change)
{
    each_random(state, large() - MiB, [&](size_t off) {
        absl::Cord clone(object);
        change(clone, off);
        benchmark::DoNotOptimize(clone);
    });
}

// Cord has no edits: they are put together from its parts.
void cord_replace(absl::Cord &object, size_t off, size_t del, absl::string_view add)
{
    absl::Cord made = object.Subcord(0, off);
    made.Append(add);
    made.Append(object.Subcord(off + del, object.size() - off - del));
    object = std::move(made);
}
#endif

void row_view()
{
    Row row("W5 view of 1 MiB");
    row.rove(view_rove);
#if defined(ROVE_HAVE_ABSL)
    row.peer("Cord 64K", [](State &state) {
        const absl::Cord &object = the_tuned_cord();
        each_random(state, large() - MiB,
                    [&](size_t off) { benchmark::DoNotOptimize(object.Subcord(off, MiB)); });
    });
#endif
    row.peer("crope", [](State &state) {
        const Crope &object = the_crope();
        each_random(state, large() - MiB,
                    [&](size_t off) { benchmark::DoNotOptimize(object.substr(off, MiB)); });
    });
#if defined(ROVE_HAVE_GLIB)
    row.limit("GBytes, flat", [](State &state) {
        GBytes *object = the_gbytes();
        each_random(state, large() - MiB, [=](size_t off) {
            g_bytes_unref(g_bytes_new_from_bytes(object, off, MiB));
        });
    });
    row.goal(at_most(1.43, "GBytes, flat"));
#endif
    row.goal(faster(4, best_peer));
}

void row_clone()
{
    Row row("W5 clone");
    row.rove([](State &state) { clone_rove(state, [](struct rove_rope *, size_t) {}); });
#if defined(ROVE_HAVE_ABSL)
    row.peer("Cord 64K",
             [](State &state) { clone_cord(state, the_tuned_cord(), [](absl::Cord &, size_t) {}); });
#endif
    row.peer("crope", [](State &state) { clone_crope(state, [](Crope &, size_t) {}); });
    row.limit("atomic pair", atomic_pair).goal(at_most(1.56, "atomic pair"));
}

void row_clone_append()
{
    Row row("W5 clone + append 64 B");
    row.rove([](State &state) {
        clone_rove(state, [](struct rove_rope *clone, size_t) {
            ok(rove_rope_append(clone, hide(source()), 64));
        });
    });
#if defined(ROVE_HAVE_ABSL)
    row.peer("Cord 64K", [](State &state) {
        clone_cord(state, the_tuned_cord(), [](absl::Cord &clone, size_t) {
            clone.Append(absl::string_view(hide(source()), 64));
        });
    });
#endif
    row.peer("crope", [](State &state) {
        clone_crope(state, [](Crope &clone, size_t) { clone.append(hide(source()), 64); });
    });
    row.goal(at_most(1, "crope"));
}

void row_clone_overwrite()
{
    Row row("W5 clone + overwrite 64 B");
    row.rove([](State &state) {
        clone_rove(state, [](struct rove_rope *clone, size_t off) {
            ok(rove_rope_overwrite(clone, off, source(), 64));
        });
    });
#if defined(ROVE_HAVE_ABSL)
    auto overwrite = [](absl::Cord &clone, size_t off) {
        cord_replace(clone, off, 64, absl::string_view(source(), 64));
    };
    row.peer("Cord", [=](State &state) { clone_cord(state, the_cord(), overwrite); });
    row.peer("Cord 64K", [=](State &state) { clone_cord(state, the_tuned_cord(), overwrite); });
#endif
    row.peer("crope", [](State &state) {
        clone_crope(state, [](Crope &clone, size_t off) {
            clone.replace(off, 64, source(), 64);
        });
    });
    row.goal(faster(1.9, "crope")).goal(faster(2.46, "Cord"));
}

// ---- W10: export ------------------------------------------------------------------------------

// Writes all spans, 1024 at a time; walk as for read_spans().
template <class Walk> void export_spans(int fd, Walk &&walk)
{
    struct iovec batch[1024];
    int have = 0;
    auto flush = [&] {
        if (have && writev(fd, batch, have) < 0)
            die("writev");
        have = 0;
    };
    walk([&](const char *p, size_t len) {
        batch[have++] = {const_cast<char *>(p), len};
        if (have == 1024)
            flush();
    });
    flush();
}

// Writes on and on to where the bytes are dropped at once: write(descriptor).
template <class Write> void to_null(State &state, Write &&write)
{
    static const int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    for (auto _ : state)
        write(fd);
    state.SetItemsProcessed(state.iterations());
}

// Into a file that lives in memory, emptied before each time.
template <class Write> void to_file(State &state, Write &&write)
{
    int fd = memfd_create("bench", MFD_CLOEXEC);
    if (fd < 0) {
        state.SkipWithError("memfd_create");
        return;
    }
    for (auto _ : state) {
        write(fd);
        untimed(state, [=] {
            if (lseek(fd, 0, SEEK_SET) != 0 || ftruncate(fd, 0) != 0)
                die("ftruncate");
        });
    }
    close(fd);
    state.SetItemsProcessed(state.iterations());
}

auto rove_writer()
{
    struct rove_view *view = the_view();
    return [=](int fd) { ok(rove_view_write_fd(view, 0, fd, nullptr)); };
}

auto array_writer()
{
    return [spans = flat_spans()](int fd) {
        for (size_t i = 0; i < spans.size(); i += 1024)
            if (writev(fd, &spans[i], static_cast<int>(std::min<size_t>(spans.size() - i, 1024))) < 0)
                die("writev");
    };
}

// The kernel takes at most 2 GiB less a page in one call.
auto flat_writer()
{
    return [bytes = the_flat().bytes.data()](int fd) {
        for (size_t off = 0; off < large();) {
            ssize_t n = write(fd, bytes + off, large() - off);
            if (n <= 0)
                die("write");
            off += static_cast<size_t>(n);
        }
    };
}

#if defined(ROVE_HAVE_LIBEVENT)
auto evbuffer_writer()
{
    struct evbuffer *object = the_evbuffer();
    return [=](int fd) {
        static std::vector<struct evbuffer_iovec> spans;
        export_spans(fd, [=](auto sink) { walk_evbuffer(object, spans, sink); });
    };
}
#endif

void rows_w10()
{
    Row null("W10 export to /dev/null");
    Row file("W10 write to a memory file");
    null.rove([](State &state) { to_null(state, rove_writer()); });
    file.rove([](State &state) { to_file(state, rove_writer()); }, once);
#if defined(ROVE_HAVE_ABSL)
    null.peer("Cord 64K", [](State &state) {
        const absl::Cord &object = the_tuned_cord();
        to_null(state, [&](int fd) {
            export_spans(fd, [&](auto sink) { walk_cord(object, sink); });
        });
    });
#endif
#if defined(ROVE_HAVE_LIBEVENT)
    null.peer("evbuffer", [](State &state) { to_null(state, evbuffer_writer()); });
    file.peer("evbuffer", [](State &state) { to_file(state, evbuffer_writer()); }, once);
#endif
    null.limit("array of spans", [](State &state) { to_null(state, array_writer()); });
    null.goal(at_most(8.9, "array of spans"));
    file.limit("flat", [](State &state) { to_file(state, flat_writer()); }, once);
    file.goal(at_most(1.02, "flat")).after(drop_objects);
}

// ---- W6: edit ---------------------------------------------------------------------------------

// Inserts and erases in turn at random places of a fresh object.
template <class Insert, class Erase>
void edit(State &state, size_t edits, size_t len, Insert &&insert, Erase &&erase)
{
    edits = quick() ? std::min<size_t>(edits, 200) : edits;
    Random random;
    for (auto _ : state)
        for (size_t i = 0; i < edits; i += 2) {
            insert(random.below(len));
            erase(random.below(len));
        }
    state.SetItemsProcessed(state.iterations() * count(edits));
}

constexpr size_t many_edits = 40000;

void edit_rope(State &state, struct rove_rope *rope)
{
    edit(
        state, many_edits, rove_rope_len(rope),
        [=](size_t off) { ok(rove_rope_insert(rope, off, source(), scrap)); },
        [=](size_t off) { ok(rove_rope_erase(rope, off, scrap)); });
}

void edit_rove(State &state, size_t len)
{
    Rope rope(keeping_pool());
    rope.fill(len, block);
    edit_rope(state, rope);
}

void edit_crope(State &state, size_t len)
{
    auto object = make_crope(len);
    edit(
        state, many_edits, len, [&](size_t off) { object->insert(off, source(), scrap); },
        [&](size_t off) { object->erase(off, scrap); });
}

void edit_string(State &state, size_t len)
{
    std::string object;
    object.reserve(len + MiB);
    pieces(len, block, [&](const char *p, size_t l) { object.append(p, l); });
    edit(
        state, std::max<size_t>(4, 1280 * MiB / len), len, [&](size_t off) { object.insert(off, source(), scrap); },
        [&](size_t off) { object.erase(off, scrap); });
}

#if defined(ROVE_HAVE_ABSL)
void edit_cord(State &state, size_t len)
{
    HeldCord object;
    object.fill(len, block);
    edit(
        state, many_edits / 20, len,
        [&](size_t off) { cord_replace(object.cord, off, 0, absl::string_view(source(), scrap)); },
        [&](size_t off) { cord_replace(object.cord, off, scrap, absl::string_view()); });
}
#endif

// 64 times one rope, by sharing.
void edit_shared(State &state)
{
    Rope rope(keeping_pool());
    rope.fill(large(), block);
    for (int i = 0; i < 6; i++) {
        struct rove_rope clone;
        rove_rope_clone(&clone, rope);
        ok(rove_rope_concat(rope, &clone));
        rove_rope_fini(&clone);
    }
    edit_rope(state, rope);
}

void edit_row(const char *name, size_t len, double times)
{
    Row row(name);
    row.rove([=](State &state) { edit_rove(state, len); }, once);
    row.peer("crope", [=](State &state) { edit_crope(state, len); }, once);
#if defined(ROVE_HAVE_ABSL)
    row.peer("Cord 64K", [=](State &state) { edit_cord(state, len); }, once);
#endif
    row.limit("std::string", [=](State &state) { edit_string(state, len); }, once);
    row.goal(faster(times, "crope"));
}

void rows_w6()
{
    edit_row("W6 insert, erase in 64 MiB", medium(), 19);
    edit_row("W6 insert, erase in 1 GiB", large(), 18);
    Row("W6 the same, 64 times as long")
        .rove(edit_shared, once)
        .limit("rove, 1 GiB", [](State &state) { edit_rove(state, large()); }, once)
        .goal(at_most(2, "rove, 1 GiB"));
}

// ---- W7: concatenate --------------------------------------------------------------------------

// Two clones, the second appended to the first, and both dropped.
void concat_rove(State &state)
{
    struct rove_rope *rope = the_rope();
    for (auto _ : state) {
        struct rove_rope a, b;
        rove_rope_clone(&a, rope);
        rove_rope_clone(&b, rope);
        ok(rove_rope_concat(&a, &b));
        benchmark::DoNotOptimize(a);
        rove_rope_fini(&a);
        rove_rope_fini(&b);
    }
    state.SetItemsProcessed(state.iterations());
}

template <class Object> void concat_other(State &state, const Object &object)
{
    for (auto _ : state) {
        Object a(object);
        a.append(object);
        benchmark::DoNotOptimize(a);
    }
    state.SetItemsProcessed(state.iterations());
}

constexpr int doublings = 20;

void double_rove(State &state)
{
    Rope start;
    start.fill(MiB, block);
    for (auto _ : state) {
        struct rove_rope a;
        rove_rope_clone(&a, start);
        for (int i = 0; i < doublings; i++) {
            struct rove_rope b;
            rove_rope_clone(&b, &a);
            ok(rove_rope_concat(&a, &b));
            rove_rope_fini(&b);
        }
        rove_rope_fini(&a);
    }
    state.SetItemsProcessed(state.iterations() * doublings);
}

void double_crope(State &state)
{
    auto start = make_crope(MiB);
    for (auto _ : state) {
        Crope a(*start);
        for (int i = 0; i < doublings; i++)
            a.append(Crope(a));
        benchmark::DoNotOptimize(a);
    }
    state.SetItemsProcessed(state.iterations() * doublings);
}

#if defined(ROVE_HAVE_ABSL)
void concat_cord(State &state)
{
    const absl::Cord &object = the_tuned_cord();
    for (auto _ : state) {
        absl::Cord a(object);
        a.Append(object);
        benchmark::DoNotOptimize(a);
    }
    state.SetItemsProcessed(state.iterations());
}

void double_cord(State &state)
{
    HeldCord start;
    start.fill(MiB, block);
    for (auto _ : state) {
        absl::Cord a(start.cord);
        for (int i = 0; i < doublings; i++)
            a.Append(absl::Cord(a));
        benchmark::DoNotOptimize(a);
    }
    state.SetItemsProcessed(state.iterations() * doublings);
}
#endif

void rows_w7()
{
    Row concat("W7 concatenate two of 1 GiB");
    concat.rove(concat_rove);
#if defined(ROVE_HAVE_ABSL)
    concat.peer("Cord 64K", concat_cord).goal(at_most(3.1, "Cord 64K"));
#endif
    concat.peer("crope", [](State &state) { concat_other(state, the_crope()); })
        .goal(at_most(2.65, "crope"))
        .after(drop_objects);

    Row twice("W7 double 1 MiB 20 times, a step");
    twice.rove(double_rove);
#if defined(ROVE_HAVE_ABSL)
    twice.peer("Cord 64K", double_cord);
#endif
    twice.peer("crope", double_crope).goal(at_most(0.78, "crope"));
}

// ---- W11: two threads -------------------------------------------------------------------------

constexpr size_t small_object = 4 * MiB;

// One rope for all threads; each works through a view of its own, taken under the lock.
struct Common {
    std::mutex lock;
    Rope rope;

    Common()
    {
        rope.fill(small_object, block);
    }
    void view(struct rove_view *out)
    {
        std::lock_guard<std::mutex> guard(lock);
        ok(rove_rope_view(rope, 0, small_object, out));
    }
};

// Takes a view, reads 64 bytes through it, drops it.
void use_view(State &state, const struct rove_view *all, uint64_t seed)
{
    Random random(seed);
    char to[64];
    for (auto _ : state) {
        struct rove_view view;
        ok(rove_view_sub(all, 0, small_object, &view));
        ok(rove_view_read(&view, random.below(small_object - 64), to, 64, nullptr));
        benchmark::DoNotOptimize(to);
        rove_view_fini(&view);
    }
    state.SetItemsProcessed(state.iterations());
}

uint64_t thread_seed(const State &state)
{
    return 1 + static_cast<uint64_t>(state.thread_index());
}

void view_own(State &state)
{
    Rope rope;
    rope.fill(small_object, block);
    View all(rope);
    use_view(state, all, thread_seed(state));
}

void view_common(State &state)
{
    static Common common;
    struct rove_view all;
    common.view(&all);
    use_view(state, &all, thread_seed(state));
    rove_view_fini(&all);
}

void clone_common(State &state)
{
    static Common common;
    Rope mine;
    {
        std::lock_guard<std::mutex> guard(common.lock);
        rove_rope_fini(mine);
        rove_rope_clone(mine, common.rope);
    }
    for (auto _ : state) {
        struct rove_rope clone;
        rove_rope_clone(&clone, mine);
        benchmark::DoNotOptimize(clone);
        rove_rope_fini(&clone);
    }
    state.SetItemsProcessed(state.iterations());
}

#if defined(ROVE_HAVE_ABSL)
const absl::Cord &common_cord()
{
    static const HeldCord *const made = [] {
        auto *object = new HeldCord;
        object->fill(small_object, block);
        return object;
    }();
    return made->cord;
}

void cord_common(State &state)
{
    const absl::Cord &object = common_cord();
    for (auto _ : state) {
        absl::Cord clone(object);
        benchmark::DoNotOptimize(clone);
    }
    state.SetItemsProcessed(state.iterations());
}
#endif
#if defined(ROVE_HAVE_GLIB)
void gbytes_common(State &state)
{
    static GBytes *const object = g_bytes_new(source(), MiB);
    for (auto _ : state)
        g_bytes_unref(g_bytes_new_from_bytes(object, 64, 64));
    state.SetItemsProcessed(state.iterations());
}
#endif

void rows_w11()
{
    Row("W11 view, read, drop: own ropes")
        .rove(view_own, two_threads)
        .limit("one thread", view_own, one_thread)
        .goal(faster(1.9, "one thread"));
    Row common("W11 view, read, drop: one rope");
    common.rove(view_common, two_threads);
#if defined(ROVE_HAVE_GLIB)
    common.peer("GBytes, no read", gbytes_common, two_threads);
#endif
    common.limit("one thread", view_common, one_thread).goal(at_most(1, "one thread"));
    Row clone("W11 clone, drop: one rope");
    clone.rove(clone_common, two_threads);
#if defined(ROVE_HAVE_ABSL)
    clone.peer("Cord", cord_common, two_threads).goal(at_most(1.05, "Cord"));
#endif
    clone.limit("atomic pair", atomic_pair, two_threads);
}

} // namespace

const char *bench_title()
{
    return "the rope: rows W3-W7, W10 and W11";
}

void bench_rows()
{
    rows_w3();
    rows_w4();
    row_view();
    row_clone();
    row_clone_append();
    row_clone_overwrite();
    rows_w10();
    rows_w6();
    rows_w7();
    rows_w11();
}

double bench_child(const std::string &)
{
    return -1;
}
