// SPDX-License-Identifier: MIT
// stream_queue.cc: rows W8 and Q1 of bench_stream: first in, first out.
#include "bounds.h"
#include "stream_rows.h"

namespace bench
{

namespace
{

// Where the turn-th piece comes from.
const char *piece_of(size_t turn)
{
    return source() + (turn & 15) * block + shuffle(turn);
}

// How many are queued: some 64 or 256 KiB, or as many as a row says.
size_t queued_now = 0;

// Puts one in and takes one out, with that many in between: put(from), take(to).
template <size_t N, class Put, class Take> void queue(State &state, Put &&put, Take &&take)
{
    size_t backlog = queued_now ? queued_now : N < KiB ? 640 : 4, in = 0, out = 0;
    Sink sink(N);
    for (; in < backlog; in++)
        put(piece_of(in));
    for (; out < 2 * backlog; in++, out++) {
        char *to = sink.next();
        put(piece_of(in));
        take(to);
        if (std::memcmp(to, piece_of(out), N) != 0)
            die("a queue gives other bytes");
    }
    for (auto _ : state) {
        put(piece_of(in++));
        take(sink.next());
    }
    state.SetItemsProcessed(state.iterations());
}

// One rope: appended to, and taken from at the front.
template <size_t N> void queue_rope(State &state)
{
    Rope made;
    struct rove_rope *rope = made;
    queue<N>(
        state, [=](const char *p) { ok(rove_rope_append(rope, p, N)); },
        [=](char *to) { ok(rove_rope_take(rope, to, N, nullptr)); });
}

// One stream, as its header says: write at the end, where the cursor stays, take at the front.
template <size_t N> void queue_stream(State &state)
{
    Stream made;
    struct rove_stream *stream = made;
    queue<N>(
        state,
        [=](const char *p) { ok(rove_stream_write(stream, p, N)); },
        [=](char *to) { ok(rove_stream_take(stream, to, N, nullptr)); });
}

// A rope to write into and a stream to read from: an empty stream takes over all that was written. Small records are read,
// as the stream goes soon; large ones are taken, so that it does not keep what nobody will read again.
struct Handover {
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
    enum rove_status next(char *to, size_t n, size_t *have)
    {
        return n < KiB ? rove_stream_read(out, to, n, have) : rove_stream_take(out, to, n, have);
    }
    void take(char *to, size_t n)
    {
        size_t have;
        if (next(to, n, &have) == ROVE_OK)
            return;
        rove_stream_free(out);
        ok(rove_stream_from_rope(&in, &out));
        ok(next(to + have, n - have, nullptr));
    }
};

template <size_t N> void queue_handover(State &state)
{
    Handover both;
    queue<N>(
        state, [&](const char *p) { ok(rove_rope_append(&both.in, p, N)); },
        [&](char *to) { both.take(to, N); });
}

template <size_t N> void queue_ring(State &state)
{
    constexpr size_t len = N < KiB ? 128 * KiB : 512 * KiB;
    Pages pages(len + block);
    char *ring = pages.data();
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

template <size_t N> void queue_calls(State &state)
{
    constexpr size_t len = N < KiB ? 128 * KiB : 512 * KiB;
    Pages pages(len + block);
    Ring ring = {pages.data(), hide(len), 0, 0};
    queue<N>(
        state, [&](const char *p) { ok(ring_put(hide(&ring), p, hide(N))); },
        [&](char *to) { ok(ring_take(hide(&ring), to, hide(N))); });
}

template <size_t N> void queue_chunks(State &state)
{
    ChunkQueue made;
    queue<N>(
        state, [&](const char *p) { ok(hide(&made)->put(p, hide(N))); },
        [&](char *to) { ok(hide(&made)->take(to, hide(N))); });
}

// What a hand-over takes and gives with one record queued, at every other one: a stream's block, a rope's first chunk,
// and the next one, to which the bytes of the first move.
template <size_t N> void queue_blocks(State &state)
{
    size_t in = 0, out = 0;
    char *small = nullptr, *next = nullptr;
    Small *stream = small_new();
    queue<N>(
        state,
        [&](const char *p) {
            if (in++ % 2 == 0) {
                small = static_cast<char *>(hide(std::malloc(192)));
                std::memcpy(small, p, N);
                return;
            }
            next = static_cast<char *>(hide(std::malloc(320)));
            std::memcpy(next, small, N);
            std::memcpy(next + N, p, N);
            std::free(small);
        },
        [&](char *to) {
            if (out++ % 2 == 0) {
                small_free(stream);
                stream = small_new();
                std::memcpy(to, next, N);
                return;
            }
            std::memcpy(to, next + N, N);
            std::free(next);
        });
    std::free(in % 2 ? small : next);
    small_free(stream);
}

template <size_t N> void queue_deque(State &state)
{
    std::deque<char> deque;
    queue<N>(
        state, [&](const char *p) { deque.insert(deque.end(), p, p + N); },
        [&](char *to) {
            auto end = deque.begin() + N;
            std::copy(deque.begin(), end, to);
            deque.erase(deque.begin(), end);
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

template <size_t N> void queue_circular(State &state)
{
    boost::circular_buffer<char> ring(N < KiB ? 128 * KiB : 512 * KiB);
    queue<N>(
        state, [&](const char *p) { ring.insert(ring.end(), p, p + N); },
        [&](char *to) {
            auto first = ring.array_one(), second = ring.array_two();
            size_t some = std::min(first.second, N);
            std::memcpy(to, first.first, some);
            std::memcpy(to + some, second.first, N - some);
            ring.erase_begin(N);
        });
}
#endif

template <size_t N> Row queue_row(const std::string &name, Body rove, double ring)
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
    row.peer("circular_buffer", queue_circular<N>);
#endif
    row.peer("std::deque", queue_deque<N>);
    row.limit("ring", queue_ring<N>)
        .bound("ring, two calls", queue_calls<N>)
        .bound("counted chunks, two calls", queue_chunks<N>)
        .goal(at_most(ring, "ring"));
    return row;
}

// A body with so many queued.
Body with(size_t backlog, Body body)
{
    return [=](State &state) {
        queued_now = backlog;
        body(state);
        queued_now = 0;
    };
}

// The same at every backlog.
void sweep_row(size_t backlog, const char *how, const Body &rove)
{
    Row row("Q1 queue of 100 B, " + std::to_string(backlog) + " queued, " + how);
    row.rove(with(backlog, rove));
#if defined(ROVE_HAVE_LIBEVENT)
    row.peer("evbuffer", with(backlog, queue_evbuffer<100>));
#endif
#if defined(ROVE_HAVE_BOOST)
    row.peer("flat_buffer", with(backlog, queue_beast<100, boost::beast::flat_buffer>));
#endif
    if (backlog == 1 && std::strcmp(how, "hand over") == 0)
        row.bound("its blocks and copies", with(backlog, queue_blocks<100>));
    row.goal(at_most(1.5, best_peer));
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
    if (made.len() != 4 * block)
        die("a spliced rope has another length");
}

void splice_row()
{
    Row row("W8 splice of 64 KiB slices");
    row.rove(splice_rove);
#if defined(ROVE_HAVE_ABSL)
    row.peer("Cord 64K", [](State &state) {
        constexpr size_t one_buffer = 64000;
        HeldCord slice;
        slice.fill(one_buffer, one_buffer);
        absl::Cord cord;
        splice(
            state, [&] { cord.Append(slice.cord); }, [&] { cord.RemovePrefix(one_buffer); });
    });
#endif
#if defined(ROVE_HAVE_LIBEVENT)
    row.peer("evbuffer", [](State &state) {
        Evbuffer made;
        struct evbuffer *buffer = made;
        splice(
            state, [=] { evbuffer_add_reference(buffer, source(), block, nullptr, nullptr); },
            [=] { evbuffer_drain(buffer, block); });
    });
#endif
#if defined(ROVE_HAVE_GLIB)
    row.peer("GQueue of GBytes", [](State &state) {
        GBytes *slice = g_bytes_new_static(source(), block);
        GQueue queue = G_QUEUE_INIT;
        splice(
            state, [&] { g_queue_push_tail(&queue, g_bytes_ref(slice)); },
            [&] { g_bytes_unref(static_cast<GBytes *>(g_queue_pop_head(&queue))); });
        g_queue_clear_full(&queue, [](gpointer p) { g_bytes_unref(static_cast<GBytes *>(p)); });
        g_bytes_unref(slice);
    });
#endif
    row.limit("atomic pair", atomic_pair).goal(at_most(15.6, "atomic pair"));
}

} // namespace

void rows_w8()
{
    queue_row<100>("100 B, hand over", queue_handover<100>, 1.53);
    queue_row<100>("100 B, one stream", queue_stream<100>, 1.53);
    queue_row<100>("100 B, one rope", queue_rope<100>, 1.53);
    queue_row<block>("64 KiB, hand over", queue_handover<block>, 1.03);
    queue_row<block>("64 KiB, one stream", queue_stream<block>, 1.03);
    queue_row<block>("64 KiB, one rope", queue_rope<block>, 1.03);
    splice_row();
    for (size_t backlog : {1, 8, 40, 160, 640, 2500, 10000}) {
        sweep_row(backlog, "one stream", queue_stream<100>);
        sweep_row(backlog, "one rope", queue_rope<100>);
        sweep_row(backlog, "hand over", queue_handover<100>);
    }
}

} // namespace bench
