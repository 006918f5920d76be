// SPDX-License-Identifier: MIT
// stream_append.cc: rows W1 and W2 of bench_stream: appending records, and appending a lot.
//
// "Recycled": the object was filled and emptied once before timing, glibc keeps what is freed, and
// rove's pool keeps its slabs. "Fresh": all free memory was given back to the kernel before. Emptying
// an object is not timed.
#include "append_bounds.h"
#include "stream_call.h"
#include "stream_rows.h"

namespace bench
{

namespace
{

// ---- W1: append records, recycled -------------------------------------------------------------

// How the length of a record is known to the code that appends it.
enum class Len {
    constant,
    run_time
};

// Appends records of N bytes to one object again and again.
template <class Object, size_t N, Len known> void records(State &state)
{
    malloc_keeps(true);
    size_t n = medium() / N, len = known == Len::constant ? N : hide(N);
    const char *record = source();
    Object object(medium());
    auto append = hide(&object)->appender(); // an object behind a pointer, its cursor in memory
    auto build = [&] {
        for (size_t i = 0; i < n; i++)
            append(hide(record), known == Len::constant ? N : len);
    };
    build();
    if (object.len() != n * N)
        die("an object that was appended to has another length");
    object.empty();
    for (auto _ : state) {
        build();
        untimed(state, [&] { object.empty(); });
    }
    state.SetItemsProcessed(state.iterations() * count(n));
}

// Without the inline window, as from another language.
struct CalledStream : KeptStream {
    explicit CalledStream(size_t n) : KeptStream(n)
    {
    }
    auto appender()
    {
        return [to = stream](const char *p, size_t n) { ok(write_call(to, p, n)); };
    }
};

// The bump pointer as a function for everybody's arguments: no object, no bytes and a length of 0 are seen.
struct CheckedBump : ShortBump {
    explicit CheckedBump(size_t n) : ShortBump(n)
    {
    }
    auto appender()
    {
        return [bump = hide(this)](const char *p, size_t n) __attribute__((always_inline))
        {
            if (__builtin_expect(!bump || !p || n - 1 >= static_cast<size_t>(bump->end - bump->cur), 0)) {
                ok(bump_beyond(bump, p, n));
                return;
            }
            rove_copy_run(bump->cur, p, n);
            bump->cur += n;
        };
    }
};

struct CalledBump : ShortBump {
    explicit CalledBump(size_t n) : ShortBump(n)
    {
    }
    auto appender()
    {
        return [this](const char *p, size_t n) { ok(bump_call(this, p, n)); };
    }
};

struct Deque : Appends<Deque> {
    std::deque<char> bytes;

    explicit Deque(size_t)
    {
    }
    auto appender()
    {
        return [this](const char *p, size_t n) { bytes.insert(bytes.end(), p, p + n); };
    }
    void empty()
    {
        bytes.clear();
    }
    size_t len() const
    {
        return bytes.size();
    }
};

template <size_t N, Len known> void add_record_peers(Row &row)
{
#if defined(ROVE_HAVE_ABSL)
    row.peer("Cord, held buffer", records<HeldCord, N, known>);
#endif
    row.peer("std::string", records<String, N, known>);
#if defined(ROVE_HAVE_LIBEVENT)
    row.peer("evbuffer, held buffer", records<HeldEvbuffer, N, known>);
#endif
}

template <size_t N> void add_called_peers(Row &row)
{
#if defined(ROVE_HAVE_LIBEVENT)
    row.peer("evbuffer", records<Evbuffer, N, Len::run_time>);
#endif
#if defined(ROVE_HAVE_GLIB)
    row.peer("GByteArray", records<ByteArray, N, Len::run_time>);
#endif
    row.peer("open_memstream", records<Memstream, N, Len::run_time>);
}

// call: what 1.5 times curl's bufq, which Debian does not package, is beside the bump pointer.
template <size_t N> void record_rows(double call)
{
    std::string name = "W1 append " + std::to_string(N) + " B, ";
    Row constant(name + "constant");
    constant.rove(records<KeptStream, N, Len::constant>);
    add_record_peers<N, Len::constant>(constant);
    constant.limit("bump pointer", records<Bump, N, Len::constant>)
        .bound("bump, arguments checked", records<CheckedBump, N, Len::constant>)
        .bound("bump in a pool's chunks", records<PoolBump, N, Len::constant>)
        .goal(at_most(1.05, "bump pointer"));

    Row run_time(name + "run-time");
    run_time.rove(records<KeptStream, N, Len::run_time>);
    add_record_peers<N, Len::run_time>(run_time);
    add_called_peers<N>(run_time);
#if defined(ROVE_HAVE_BOOST)
    run_time.peer("multi_buffer", records<MultiBuffer, N, Len::run_time>);
#endif
    run_time.peer("std::deque", records<Deque, N, Len::run_time>)
        .limit("run-time bump", records<ShortBump, N, Len::run_time>)
        .limit("constant bump", records<Bump, N, Len::constant>)
        .bound("bump, arguments checked", records<CheckedBump, N, Len::run_time>)
        .goal(at_most(1.2, "run-time bump"));
    if (N <= 16)
        run_time.goal(faster(2.5, "evbuffer")).goal(faster(6, "open_memstream"));

    Row called(name + "C call");
    called.rove(records<CalledStream, N, Len::run_time>);
    add_called_peers<N>(called);
    called.limit("constant bump", records<Bump, N, Len::constant>)
        .bound("run-time bump, a call", records<CalledBump, N, Len::run_time>)
        .goal(at_most(call, "constant bump"));
}

// ---- W2: append a lot -------------------------------------------------------------------------

// A page fault costs what it costs: half of the length tells as much in half of the time.
size_t fresh_len()
{
    return thorough() ? large() : large() / 2;
}

// By the object's own appender, which the fill() of what it derives from would not see.
template <class Object> void append_all(Object &object, size_t n, size_t piece)
{
    pieces(n, piece, object.appender());
    object.settle();
    if (object.len() != n)
        die("an object that was filled has another length");
}

template <class Object> Body fresh(size_t piece)
{
    return [=](State &state) {
        malloc_keeps(false);
        size_t n = fresh_len();
        for (auto _ : state) {
            std::unique_ptr<Object> object;
            untimed(state, [&] {
                malloc_forget();
                object = std::make_unique<Object>(n);
            });
            append_all(*object, n, piece);
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
        Object object(large());
        append_all(object, large(), piece);
        object.empty();
        for (auto _ : state) {
            append_all(object, large(), piece);
            untimed(state, [&] { object.empty(); });
        }
        state.SetItemsProcessed(state.iterations());
    };
}

enum class Memory {
    fresh,
    recycled
};

template <class Object> Body fill(Memory memory, size_t piece)
{
    return memory == Memory::fresh ? fresh<Object>(piece) : recycled<Object>(piece);
}

void add_fill_peers(Row &row, Memory memory, size_t piece)
{
    row.peer("std::string", fill<String>(memory, piece), once);
#if defined(ROVE_HAVE_ABSL)
    row.peer("Cord, held buffer", fill<HeldCord>(memory, piece), once);
#endif
#if defined(ROVE_HAVE_LIBEVENT)
    row.peer("evbuffer, held buffer", fill<HeldEvbuffer>(memory, piece), once);
    row.peer("evbuffer", fill<Evbuffer>(memory, piece), once);
#endif
#if defined(ROVE_HAVE_BOOST)
    row.peer("multi_buffer", fill<MultiBuffer>(memory, piece), once);
#endif
    row.peer("open_memstream", fill<Memstream>(memory, piece), once);
    row.limit("memcpy", fill<Flat>(memory, piece), once);
}

void fresh_row(const std::string &name, size_t piece)
{
    Row row("W2f append " + name + ", fresh");
    row.rove(fresh<FreshStream>(piece), once);
    add_fill_peers(row, Memory::fresh, piece);
    row.bound("pages alone, by 2 MiB", fresh<PagesOnly<2 * MiB>>(piece), once)
        .bound("memcpy, pages by the chunk", fresh<Populated<block>>(piece), once);
    row.goal(at_most(1.05, "memcpy")).goal(faster(2, best_peer));
}

void recycled_row(const std::string &name, size_t piece)
{
    Row row("W2r append " + name + ", recycled");
    row.rove(recycled<KeptStream>(piece), once);
    add_fill_peers(row, Memory::recycled, piece);
#if defined(__SSE2__)
    row.bound("streaming stores, a fence a piece", recycled<Streamed>(piece), once);
#endif
    row.goal(at_most(1.03, "memcpy")).goal(faster(1.6, best_peer)).after(malloc_forget);
}

} // namespace

void rows_w1()
{
    record_rows<8>(2.08);
    record_rows<16>(1.58);
    record_rows<64>(1.11);
    record_rows<256>(1.33);
}

void rows_w2()
{
    fresh_row("4 KiB", 4 * KiB);
    fresh_row("64 KiB", 64 * KiB);
    fresh_row("1 MiB", MiB);
    recycled_row("4 KiB", 4 * KiB);
    recycled_row("64 KiB", 64 * KiB);
    recycled_row("1 MiB", MiB);
}

} // namespace bench
