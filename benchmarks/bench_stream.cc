// SPDX-License-Identifier: MIT
// bench_stream.cc: rows W1, W2, W8 and W9 of docs/benchmarks.md, small streams, and lines.
//
// "Recycled": the object was built once before timing, glibc keeps what is freed, and rove's pool
// keeps its slabs. "Fresh": all free memory was given back to the kernel before. Emptying an object
// is not timed. Ratios in the goals come from docs/benchmarks.md.
#include "peers.h"

#include <map>

namespace
{

using namespace bench;

constexpr size_t block = 64 * KiB;

int64_t count(size_t n)
{
    return static_cast<int64_t>(n);
}

// ---- W1: append records, recycled -------------------------------------------------------------

// How the length of a record is known to the code that appends it.
enum class Len { constant, run_time };

// Appends records of N bytes to one object again and again: append(pointer, length), empty().
template <size_t N, Len known, class Append, class Empty>
void records(State &state, Append &&append, Empty &&empty)
{
    malloc_keeps(true);
    size_t n = medium() / N, len = known == Len::constant ? N : hide(N);
    const char *record = source();
    auto build = [&] {
        for (size_t i = 0; i < n; i++)
            append(hide(record), known == Len::constant ? N : len);
    };
    build();
    empty();
    for (auto _ : state) {
        build();
        untimed(state, empty);
    }
    state.SetItemsProcessed(state.iterations() * count(n));
}

template <size_t N, Len known> void record_rove(State &state)
{
    Stream made(keeping_pool());
    struct rove_stream *stream = made;
    records<N, known>(
        state, [=](const char *p, size_t len) { ok(rove_stream_write(stream, p, len)); },
        [=] { ok(rove_stream_reset(stream)); });
}

__attribute__((noipa)) enum rove_status write_call(struct rove_stream *stream, const void *src,
                                                   size_t len)
{
    return rove_stream_write(stream, src, len);
}

template <size_t N> void record_rove_call(State &state)
{
    Stream made(keeping_pool());
    struct rove_stream *stream = made;
    records<N, Len::run_time>(
        state, [=](const char *p, size_t len) { ok(write_call(stream, p, len)); },
        [=] { ok(rove_stream_reset(stream)); });
}

// The least that anything in chunks can do: compare, copy, add; another chunk when one is full.
struct Bump {
    char *cur = nullptr, *end = nullptr;
    size_t used = 0;
    const Flat &memory;

    explicit Bump(const Flat &flat) : memory(flat)
    {
    }
    __attribute__((noipa)) void next(const char *p, size_t len)
    {
        size_t some = static_cast<size_t>(end - cur);
        if (some)
            std::memcpy(cur, p, some);
        cur = memory.bytes.data() + used;
        end = cur + block;
        used += block;
        std::memcpy(cur, p + some, len - some);
        cur += len - some;
    }
    void append(const char *p, size_t len)
    {
        if (__builtin_expect(static_cast<size_t>(end - cur) < len, 0)) {
            next(p, len);
            return;
        }
        std::memcpy(cur, p, len);
        cur += len;
    }
    void empty()
    {
        cur = end = nullptr;
        used = 0;
    }
};

template <size_t N, Len known> void record_bump(State &state)
{
    Flat flat(medium() + block);
    Bump bump(flat);
    records<N, known>(
        state, [&](const char *p, size_t len) { bump.append(p, len); }, [&] { bump.empty(); });
}

template <size_t N, Len known> void record_string(State &state)
{
    std::string string;
    string.reserve(medium() + N);
    records<N, known>(
        state, [&](const char *p, size_t len) { string.append(p, len); }, [&] { string.clear(); });
}

template <size_t N, Len known> void record_memstream(State &state)
{
    Memstream made;
    FILE *file = made.file;
    records<N, known>(
        state, [=](const char *p, size_t len) { fwrite_unlocked(p, 1, len, file); },
        [=] { std::rewind(file); });
}

#if defined(ROVE_HAVE_ABSL)
template <size_t N, Len known> void record_cord(State &state)
{
    HeldCord held;
    records<N, known>(
        state, [&](const char *p, size_t len) { held.append(p, len); },
        [&] {
            held.settle();
            held.cord.Clear();
        });
}
#endif
#if defined(ROVE_HAVE_LIBEVENT)
template <size_t N, Len known> void record_evbuffer(State &state)
{
    Evbuffer made;
    struct evbuffer *buffer = made;
    records<N, known>(
        state, [=](const char *p, size_t len) { evbuffer_add(buffer, p, len); },
        [=] { evbuffer_drain(buffer, medium()); });
}
#endif
#if defined(ROVE_HAVE_GLIB)
template <size_t N, Len known> void record_gbytearray(State &state)
{
    GByteArray *array = g_byte_array_sized_new(static_cast<guint>(medium()));
    records<N, known>(
        state,
        [=](const char *p, size_t len) {
            g_byte_array_append(array, reinterpret_cast<const guint8 *>(p),
                                static_cast<guint>(len));
        },
        [=] { g_byte_array_set_size(array, 0); });
    g_byte_array_unref(array);
}
#endif
#if defined(ROVE_HAVE_BOOST)
template <size_t N, Len known> void record_multi_buffer(State &state)
{
    boost::beast::multi_buffer buffer;
    records<N, known>(
        state, [&](const char *p, size_t len) { beast_append(buffer, p, len); },
        [&] { buffer.consume(medium()); });
}
#endif

template <size_t N, Len known> void add_record_peers(Row &row)
{
#if defined(ROVE_HAVE_ABSL)
    row.peer("Cord, held buffer", record_cord<N, known>);
#endif
    row.peer("std::string", record_string<N, known>);
#if defined(ROVE_HAVE_LIBEVENT)
    row.peer("evbuffer", record_evbuffer<N, known>);
#endif
#if defined(ROVE_HAVE_GLIB)
    row.peer("GByteArray", record_gbytearray<N, known>);
#endif
#if defined(ROVE_HAVE_BOOST)
    row.peer("multi_buffer", record_multi_buffer<N, known>);
#endif
    row.peer("open_memstream", record_memstream<N, known>);
}

// call: what 1.5 times curl's bufq, which Debian does not package, is beside the bump pointer.
template <size_t N> void record_rows(double call)
{
    std::string name = "W1 append " + std::to_string(N) + " B, ";
    Row constant(name + "constant");
    constant.rove(record_rove<N, Len::constant>);
#if defined(ROVE_HAVE_ABSL)
    constant.peer("Cord, held buffer", record_cord<N, Len::constant>);
#endif
    constant.peer("std::string", record_string<N, Len::constant>)
        .limit("bump pointer", record_bump<N, Len::constant>)
        .goal(at_most(1.05, "bump pointer"));

    Row run_time(name + "run-time");
    run_time.rove(record_rove<N, Len::run_time>);
    add_record_peers<N, Len::run_time>(run_time);
    run_time.limit("constant bump", record_bump<N, Len::constant>)
        .limit("run-time bump", record_bump<N, Len::run_time>)
        .goal(at_most(1.2, "constant bump"));
    if (N <= 16)
        run_time.goal(faster(2.5, "evbuffer")).goal(faster(6, "open_memstream"));

    Row(name + "C call")
        .rove(record_rove_call<N>)
        .limit("constant bump", record_bump<N, Len::constant>)
        .goal(at_most(call, "constant bump"));
}

void rows_w1()
{
    record_rows<8>(2.08);
    record_rows<16>(1.58);
    record_rows<64>(1.11);
    record_rows<256>(1.33);
}

// ---- W2: append a lot -------------------------------------------------------------------------

// The peers as objects that are filled and emptied.
struct FilledRove {
    struct rove_pool *pool;
    struct rove_stream *stream;

    FilledRove()
    {
        struct rove_pool_opts opts = {};
        opts.size = sizeof opts;
        opts.keep_len = UINT64_MAX / 2; // like the peers' malloc
        ok(rove_pool_new(&opts, &pool));
        ok(rove_stream_new(pool, &stream));
    }
    FilledRove(const FilledRove &) = delete;
    FilledRove &operator=(const FilledRove &) = delete;
    ~FilledRove()
    {
        rove_stream_free(stream);
        rove_pool_unref(pool);
    }
    void fill(size_t n, size_t piece)
    {
        pieces(n, piece, [this](const char *p, size_t len) { ok(rove_stream_write(stream, p, len)); });
    }
    void empty()
    {
        ok(rove_stream_reset(stream));
    }
};

// Memory that nobody has touched: the filling takes the page faults.
struct FreshFlat {
    char *bytes = nullptr;

    FreshFlat() = default;
    FreshFlat(const FreshFlat &) = delete;
    FreshFlat &operator=(const FreshFlat &) = delete;
    ~FreshFlat()
    {
        std::free(bytes);
    }
    void fill(size_t n, size_t piece)
    {
        if (!bytes)
            bytes = static_cast<char *>(std::aligned_alloc(4 * KiB, n));
        char *to = bytes;
        pieces(n, piece, [&to](const char *p, size_t len) {
            std::memcpy(to, p, len);
            to += len;
        });
    }
    void empty()
    {
    }
};

struct FilledString {
    std::string bytes;

    void fill(size_t n, size_t piece)
    {
        bytes.reserve(n);
        pieces(n, piece, [this](const char *p, size_t len) { bytes.append(p, len); });
    }
    void empty()
    {
        bytes.clear();
    }
};

struct FilledMemstream : Memstream {
    void empty()
    {
        std::rewind(file);
    }
};

#if defined(ROVE_HAVE_ABSL)
struct FilledCord : HeldCord {
    void empty()
    {
        cord.Clear();
    }
};
#endif
#if defined(ROVE_HAVE_LIBEVENT)
struct FilledEvbuffer : Evbuffer {
    void empty()
    {
        evbuffer_drain(buffer, evbuffer_get_length(buffer));
    }
};
#endif
#if defined(ROVE_HAVE_BOOST)
struct FilledMultiBuffer {
    boost::beast::multi_buffer buffer;

    void fill(size_t n, size_t piece)
    {
        pieces(n, piece, [this](const char *p, size_t len) { beast_append(buffer, p, len); });
    }
    void empty()
    {
        buffer.consume(buffer.size());
    }
};
#endif

template <class Object> Body fresh(size_t piece)
{
    return [=](State &state) {
        malloc_keeps(false);
        for (auto _ : state) {
            std::unique_ptr<Object> object;
            untimed(state, [&] {
                malloc_forget();
                object = std::make_unique<Object>();
            });
            object->fill(large(), piece);
            untimed(state, [&] { object.reset(); });
        }
        malloc_forget();
        state.SetItemsProcessed(state.iterations());
    };
}

template <class Object> Body recycled(size_t piece)
{
    return [=](State &state) {
        malloc_keeps(true);
        {
            Object object;
            object.fill(large(), piece);
            object.empty();
            for (auto _ : state) {
                object.fill(large(), piece);
                untimed(state, [&] { object.empty(); });
            }
        }
        malloc_forget();
        state.SetItemsProcessed(state.iterations());
    };
}

template <template <class> class Way> void add_fill_subjects(Row &row, size_t piece)
{
    row.rove(Way<FilledRove>()(piece), once);
    row.peer("std::string", Way<FilledString>()(piece), once);
#if defined(ROVE_HAVE_ABSL)
    row.peer("Cord, held buffer", Way<FilledCord>()(piece), once);
#endif
#if defined(ROVE_HAVE_LIBEVENT)
    row.peer("evbuffer", Way<FilledEvbuffer>()(piece), once);
#endif
#if defined(ROVE_HAVE_BOOST)
    row.peer("multi_buffer", Way<FilledMultiBuffer>()(piece), once);
#endif
    row.peer("open_memstream", Way<FilledMemstream>()(piece), once);
    row.limit("memcpy", Way<FreshFlat>()(piece), once);
}

template <class Object> struct Fresh {
    Body operator()(size_t piece) const
    {
        return fresh<Object>(piece);
    }
};

template <class Object> struct Recycled {
    Body operator()(size_t piece) const
    {
        return recycled<Object>(piece);
    }
};

void rows_w2()
{
    static const std::pair<const char *, size_t> sizes[] = {
        {"4 KiB", 4 * KiB}, {"64 KiB", 64 * KiB}, {"1 MiB", MiB}};
    for (const auto &[name, piece] : sizes) {
        Row row(std::string("W2f append ") + name + ", fresh");
        add_fill_subjects<Fresh>(row, piece);
        row.goal(at_most(1.05, "memcpy")).goal(faster(2, best_peer));
    }
    for (const auto &[name, piece] : sizes) {
        Row row(std::string("W2r append ") + name + ", recycled");
        add_fill_subjects<Recycled>(row, piece);
        row.goal(at_most(1.03, "memcpy")).goal(faster(1.6, best_peer));
    }
}

// ---- W8: queues -------------------------------------------------------------------------------

// Puts one in and takes one out, with some 64 or 256 KiB in between: put(from), take(to).
template <size_t N, class Put, class Take> void queue(State &state, Put &&put, Take &&take)
{
    size_t backlog = N < KiB ? 640 : 4;
    Sink sink(N);
    const char *bytes = source();
    for (size_t i = 0; i < backlog; i++)
        put(bytes);
    size_t turn = 0;
    for (auto _ : state) {
        put(bytes + (turn & 15) * block + shuffle(turn));
        take(sink.next());
        turn++;
    }
    state.SetItemsProcessed(state.iterations());
}

// One rope: appended to, read and erased at the front.
template <size_t N> void queue_rope(State &state)
{
    Rope made;
    struct rove_rope *rope = made;
    queue<N>(
        state, [=](const char *p) { ok(rove_rope_append(rope, p, N)); },
        [=](char *to) {
            ok(rove_rope_read(rope, 0, to, N, nullptr));
            ok(rove_rope_erase(rope, 0, N));
        });
}

// One stream, as its header says: write at the end, read, drop.
template <size_t N> void queue_stream(State &state)
{
    Stream made;
    struct rove_stream *stream = made;
    queue<N>(
        state,
        [=](const char *p) {
            ok(rove_stream_seek(stream, 0, ROVE_FROM_END, nullptr));
            ok(rove_stream_write(stream, p, N));
        },
        [=](char *to) {
            ok(rove_stream_seek(stream, 0, ROVE_SET, nullptr));
            ok(rove_stream_read(stream, to, N, nullptr));
            ok(rove_stream_drop_front(stream, N));
        });
}

// A rope to write into and a stream to read from: an empty stream takes over all that was written.
template <size_t N> struct Handover {
    struct rove_rope in;
    struct rove_stream *out;

    Handover()
    {
        rove_rope_init(&in, nullptr);
        ok(rove_stream_new(nullptr, &out));
    }
    Handover(const Handover &) = delete;
    Handover &operator=(const Handover &) = delete;
    ~Handover()
    {
        rove_rope_fini(&in);
        rove_stream_free(out);
    }
    void take(char *to)
    {
        size_t have;
        if (rove_stream_read(out, to, N, &have) == ROVE_OK)
            return;
        rove_stream_free(out);
        ok(rove_stream_from_rope(&in, &out));
        ok(rove_stream_read(out, to + have, N - have, nullptr));
    }
};

template <size_t N> void queue_handover(State &state)
{
    Handover<N> both;
    queue<N>(
        state, [&](const char *p) { ok(rove_rope_append(&both.in, p, N)); },
        [&](char *to) { both.take(to); });
}

template <size_t N> void queue_ring(State &state)
{
    constexpr size_t len = N < KiB ? 128 * KiB : 512 * KiB;
    Flat flat(len + block);
    char *ring = flat.bytes.data();
    size_t in = 0, out = 0;
    auto copy = [=](size_t at, auto &&part) {
        size_t here = std::min(N, len - at);
        part(ring + at, 0, here);
        if (here < N)
            part(ring, here, N - here);
    };
    queue<N>(
        state,
        [&](const char *p) {
            copy(in, [=](char *at, size_t off, size_t n) { std::memcpy(at, p + off, n); });
            in = (in + N) & (len - 1);
        },
        [&](char *to) {
            copy(out, [=](char *at, size_t off, size_t n) { std::memcpy(to + off, at, n); });
            out = (out + N) & (len - 1);
        });
}

#if defined(ROVE_HAVE_ABSL)
template <size_t N> void queue_cord(State &state)
{
    absl::Cord cord;
    queue<N>(
        state, [&](const char *p) { cord.Append(absl::string_view(p, N)); },
        [&](char *to) {
            size_t have = 0;
            for (absl::string_view chunk : cord.Chunks()) {
                size_t some = std::min(chunk.size(), N - have);
                std::memcpy(to + have, chunk.data(), some);
                have += some;
                if (have == N)
                    break;
            }
            cord.RemovePrefix(N);
        });
}
#endif
#if defined(ROVE_HAVE_LIBEVENT)
template <size_t N> void queue_evbuffer(State &state)
{
    Evbuffer made;
    struct evbuffer *buffer = made;
    queue<N>(
        state, [=](const char *p) { evbuffer_add(buffer, p, N); },
        [=](char *to) { evbuffer_remove(buffer, to, N); });
}
#endif
#if defined(ROVE_HAVE_BOOST)
template <size_t N, class Buffer> void queue_beast(State &state)
{
    Buffer buffer;
    queue<N>(
        state, [&](const char *p) { beast_append(buffer, p, N); },
        [&](char *to) { beast_take(buffer, to, N); });
}
#endif

template <size_t N> void queue_row(const std::string &name, Body rove, double ring)
{
    Row row("W8 queue of " + name);
    row.rove(std::move(rove));
#if defined(ROVE_HAVE_ABSL)
    row.peer("Cord", queue_cord<N>);
#endif
#if defined(ROVE_HAVE_LIBEVENT)
    row.peer("evbuffer", queue_evbuffer<N>);
#endif
#if defined(ROVE_HAVE_BOOST)
    row.peer("flat_buffer", queue_beast<N, boost::beast::flat_buffer>);
    row.peer("multi_buffer", queue_beast<N, boost::beast::multi_buffer>);
#endif
    row.limit("ring", queue_ring<N>).goal(at_most(ring, "ring"));
}

// Slices of 64 KiB go in and out without a copy, four of them in between.
template <class Put, class Take> void splice(State &state, Put &&put, Take &&take)
{
    for (int i = 0; i < 4; i++)
        put();
    for (auto _ : state) {
        put();
        take();
    }
    state.SetItemsProcessed(state.iterations());
}

void splice_rove(State &state)
{
    Rope slice, made;
    slice.fill(block, block);
    View view(slice);
    struct rove_view *whole = view;
    struct rove_rope *rope = made;
    splice(
        state, [=] { ok(rove_rope_append_view(rope, whole)); },
        [=] { ok(rove_rope_erase(rope, 0, block)); });
}

void row_splice()
{
    Row row("W8 splice of 64 KiB slices");
    row.rove(splice_rove);
#if defined(ROVE_HAVE_ABSL)
    row.peer("Cord 64K", [](State &state) {
        HeldCord slice;
        slice.fill(64000, 64000); // one buffer
        absl::Cord cord;
        splice(
            state, [&] { cord.Append(slice.cord); }, [&] { cord.RemovePrefix(64000); });
    });
#endif
#if defined(ROVE_HAVE_LIBEVENT)
    row.peer("evbuffer", [](State &state) {
        Evbuffer made;
        struct evbuffer *buffer = made;
        splice(
            state,
            [=] { evbuffer_add_reference(buffer, source(), block, nullptr, nullptr); },
            [=] { evbuffer_drain(buffer, block); });
    });
#endif
    row.limit("atomic pair", atomic_pair).goal(at_most(15.6, "atomic pair"));
}

void rows_w8()
{
    queue_row<100>("100 B, hand over", queue_handover<100>, 1.53);
    queue_row<100>("100 B, one stream", queue_stream<100>, 1.53);
    queue_row<100>("100 B, one rope", queue_rope<100>, 1.53);
    queue_row<block>("64 KiB, one rope", queue_rope<block>, 1.03);
    queue_row<block>("64 KiB, hand over", queue_handover<block>, 1.03);
    row_splice();
}

// ---- W9: memory, each object in a process of its own ------------------------------------------

constexpr size_t crowd = 1000000;

// Objects of all kinds, kept until the process ends.
template <class Object> double payload_ratio(size_t piece)
{
    auto object = std::make_unique<Object>();
    source();
    size_t before = resident();
    object->fill(large(), piece);
    return static_cast<double>(resident() - before) / static_cast<double>(large());
}

// Bytes for each of a million objects of 100 bytes: make(pointer, length) gives one.
template <class Make> double each_of_many(Make &&make)
{
    using Object = decltype(make(source(), size_t()));
    size_t n = quick() ? crowd / 100 : crowd;
    std::vector<Object> all(n);
    size_t before = resident();
    for (Object &one : all)
        one = make(source(), 100);
    return static_cast<double>(resident() - before) / static_cast<double>(n);
}

double many_streams()
{
    return each_of_many([](const char *p, size_t len) {
        struct rove_stream *stream;
        ok(rove_stream_new(nullptr, &stream));
        ok(rove_stream_write(stream, p, len));
        return stream;
    });
}

double many_blocks()
{
    return each_of_many([](const char *p, size_t len) {
        void *made = std::malloc(len);
        std::memcpy(made, p, len);
        return made;
    });
}

double many_memstreams()
{
    static char *bytes;
    static size_t length;
    return each_of_many([](const char *p, size_t len) {
        FILE *file = open_memstream(&bytes, &length);
        fwrite_unlocked(p, 1, len, file);
        return file;
    });
}

#if defined(ROVE_HAVE_ABSL)
double many_cords()
{
    return each_of_many([](const char *p, size_t len) {
        auto *cord = new absl::Cord;
        cord->Append(absl::string_view(p, len));
        return cord;
    });
}
#endif
#if defined(ROVE_HAVE_LIBEVENT)
double many_evbuffers()
{
    return each_of_many([](const char *p, size_t len) {
        struct evbuffer *buffer = evbuffer_new();
        evbuffer_add(buffer, p, len);
        return buffer;
    });
}
#endif

bool on_jemalloc()
{
    struct rove_pool_figures figures;
    (rove_pool_figures)(nullptr, &figures);
    return std::strcmp(figures.allocator, "jemalloc") == 0;
}

using Jobs = std::map<std::string, std::function<double()>>;

const Jobs &jobs()
{
    static const Jobs all = [] {
        Jobs made;
        for (size_t piece : {size_t(16), block}) {
            std::string at = " " + std::to_string(piece);
            made["rove" + at] = [=] { return payload_ratio<FilledRove>(piece); };
            made["jemalloc" + at] = [=] {
                return on_jemalloc() ? payload_ratio<FilledRove>(piece) : -1;
            };
            made["flat" + at] = [=] { return payload_ratio<FreshFlat>(piece); };
            made["std::string" + at] = [=] { return payload_ratio<FilledString>(piece); };
            made["open_memstream" + at] = [=] { return payload_ratio<FilledMemstream>(piece); };
#if defined(ROVE_HAVE_ABSL)
            made["Cord, held buffer" + at] = [=] { return payload_ratio<FilledCord>(piece); };
#endif
#if defined(ROVE_HAVE_LIBEVENT)
            made["evbuffer" + at] = [=] { return payload_ratio<FilledEvbuffer>(piece); };
#endif
#if defined(ROVE_HAVE_BOOST)
            made["multi_buffer" + at] = [=] { return payload_ratio<FilledMultiBuffer>(piece); };
#endif
        }
        made["rove many"] = many_streams;
        made["jemalloc many"] = [] { return on_jemalloc() ? many_streams() : -1; };
        made["flat many"] = many_blocks;
        made["open_memstream many"] = many_memstreams;
#if defined(ROVE_HAVE_ABSL)
        made["Cord, held buffer many"] = many_cords;
#endif
#if defined(ROVE_HAVE_LIBEVENT)
        made["evbuffer many"] = many_evbuffers;
#endif
        return made;
    }();
    return all;
}

Body in_child(const std::string &job, const std::string &preload = "")
{
    return [=](State &state) {
        for (auto _ : state) {
            double value = run_child(job, preload);
            if (value < 0)
                state.SkipWithError("no figure");
            state.counters["value"] = value;
        }
    };
}

void memory_row(const std::string &name, const std::string &at, const std::string &unit,
                double goal)
{
    for (bool jemalloc : {false, true}) {
        Row row("W9 memory, " + name + (jemalloc ? ", jemalloc" : ""));
        if (jemalloc)
            row.rove(in_child("jemalloc " + at, "libjemalloc.so.2"), exact);
        else
            row.rove(in_child("rove " + at), exact);
        for (const char *peer : {"std::string", "open_memstream", "Cord, held buffer", "evbuffer",
                                 "multi_buffer"})
            if (!jemalloc && jobs().count(std::string(peer) + " " + at))
                row.peer(peer, in_child(std::string(peer) + " " + at), exact);
        const char *limit = at == "many" ? "malloc(100)" : "flat";
        row.limit(limit, in_child("flat " + at), exact).unit(unit).goal(at_most(goal, limit));
    }
}

void rows_w9()
{
    memory_row("16 B appends", "16", "x payload", 1.002);
    memory_row("64 KiB appends", std::to_string(block), "x payload", 1.002);
    memory_row("a stream of 100 B", "many", "B", 4.57);
}

// ---- small streams and lines ------------------------------------------------------------------

// Runs one(to) on and on: makes an object, writes 100 bytes, reads them back, drops it.
template <class One> void brief(State &state, One &&one)
{
    char to[100];
    for (auto _ : state) {
        one(hide(source()), to);
        benchmark::DoNotOptimize(to);
    }
    state.SetItemsProcessed(state.iterations());
}

void brief_rove(State &state)
{
    brief(state, [](const char *p, char *to) {
        struct rove_stream *stream;
        ok(rove_stream_new(nullptr, &stream));
        ok(rove_stream_write(stream, p, 100));
        ok(rove_stream_seek(stream, 0, ROVE_SET, nullptr));
        ok(rove_stream_read(stream, to, 100, nullptr));
        rove_stream_free(stream);
    });
}

void row_small()
{
    Row row("small: new, write 100 B, read, free");
    row.rove(brief_rove);
    row.peer("std::string", [](State &state) {
        brief(state, [](const char *p, char *to) {
            std::string string;
            string.append(p, 100);
            string.copy(to, 100);
        });
    });
    row.peer("open_memstream", [](State &state) {
        brief(state, [](const char *p, char *to) {
            Memstream stream;
            fwrite_unlocked(p, 1, 100, stream.file);
            std::fflush(stream.file);
            std::memcpy(to, stream.bytes, 100);
        });
    });
#if defined(ROVE_HAVE_LIBEVENT)
    row.peer("evbuffer", [](State &state) {
        brief(state, [](const char *p, char *to) {
            Evbuffer buffer;
            evbuffer_add(buffer, p, 100);
            evbuffer_remove(buffer, to, 100);
        });
    });
#endif
#if defined(ROVE_HAVE_ABSL)
    row.peer("Cord", [](State &state) {
        brief(state, [](const char *p, char *to) {
            absl::Cord cord(absl::string_view(p, 100));
            std::memcpy(to, cord.Flatten().data(), 100);
        });
    });
#endif
    row.limit("malloc pair", [](State &state) {
           for (auto _ : state)
               std::free(hide(std::malloc(hide(size_t(100)))));
           state.SetItemsProcessed(state.iterations());
       })
        .goal(at_most(3.75, "malloc pair"));
}

// Lines of 40 to 119 characters.
const std::string &text()
{
    static const std::string made = [] {
        std::string bytes;
        Random random;
        while (bytes.size() < medium() / 4) {
            bytes.append(40 + random.below(80), 'x');
            bytes += '\n';
        }
        return bytes;
    }();
    return made;
}

// Runs pass() on and on, which returns the number of lines that it saw.
template <class Pass> void lines(State &state, Pass &&pass)
{
    size_t n = 0;
    for (auto _ : state)
        n += pass();
    state.SetItemsProcessed(count(n));
}

void fill_with_text(struct rove_stream *stream)
{
    const std::string &all = text();
    for (size_t off = 0; off < all.size(); off += block)
        ok(rove_stream_write(stream, all.data() + off, std::min(block, all.size() - off)));
}

void line_span(State &state)
{
    Stream stream;
    fill_with_text(stream);
    lines(state, [&] {
        struct rove_span span;
        size_t n = 0, len = 0;
        ok(rove_stream_seek(stream, 0, ROVE_SET, nullptr));
        for (; rove_stream_line(stream, '\n', 0, &span) == ROVE_OK; n++)
            len += span.len;
        benchmark::DoNotOptimize(len);
        return n;
    });
}

void line_copied(State &state)
{
    Stream stream;
    fill_with_text(stream);
    lines(state, [&] {
        static const uint8_t newline = '\n';
        struct rove_span delim = {&newline, 1};
        char line[256];
        size_t n = 0, len;
        ok(rove_stream_seek(stream, 0, ROVE_SET, nullptr));
        for (; rove_stream_read_until(stream, delim, line, sizeof line, &len) == ROVE_OK; n++)
            benchmark::DoNotOptimize(line);
        return n;
    });
}

void line_getline(State &state)
{
    std::string copy = text();
    FILE *file = fmemopen(copy.data(), copy.size(), "r");
    if (!file)
        die("fmemopen");
    char *line = nullptr;
    size_t room = 0;
    lines(state, [&] {
        size_t n = 0;
        std::rewind(file);
        for (; getline(&line, &room, file) > 0; n++)
            benchmark::DoNotOptimize(line);
        return n;
    });
    std::free(line);
    std::fclose(file);
}

// With a copy, or without.
void line_memchr(State &state, bool copies)
{
    const std::string &all = text();
    const char *end = all.data() + all.size();
    lines(state, [&] {
        char line[256];
        size_t n = 0;
        for (const char *at = all.data(); at < end; n++) {
            auto *newline = static_cast<const char *>(
                std::memchr(at, '\n', static_cast<size_t>(end - at)));
            if (copies)
                std::memcpy(line, at, static_cast<size_t>(newline + 1 - at));
            benchmark::DoNotOptimize(line);
            at = newline + 1;
        }
        return n;
    });
}

void rows_lines()
{
    Row("lines of some 80 B, as a span")
        .rove(line_span)
        .peer("getline on fmemopen", line_getline)
        .limit("memchr", [](State &state) { line_memchr(state, false); })
        .goal(at_most(1.17, "memchr"));
    Row("lines of some 80 B, copied")
        .rove(line_copied)
        .peer("getline on fmemopen", line_getline)
        .limit("memchr, memcpy", [](State &state) { line_memchr(state, true); })
        .goal(at_most(0.9, "getline on fmemopen"));
}

} // namespace

const char *bench_title()
{
    return "the stream: rows W1, W2, W8 and W9, small streams, lines";
}

void bench_rows()
{
    rows_w1();
    rows_w2();
    rows_w8();
    rows_w9();
    row_small();
    rows_lines();
}

double bench_child(const std::string &job)
{
    auto found = jobs().find(job);
    return found == jobs().end() ? -1 : found->second();
}
