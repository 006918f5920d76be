// SPDX-License-Identifier: MIT
// peers.h: rove and its peers as objects of one shape, so that the rows read alike.
//
// Each object drops what it holds when it goes. fill() appends n bytes, a piece at a time, in the
// way that its own documentation recommends for bulk.
#ifndef BENCH_PEERS_H
#define BENCH_PEERS_H

#include "report.h"

// A struct and a function of one name are two things in C; in C++ -Wshadow complains.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#include <rove/rope.h>
#include <rove/stream.h>
#include <rove/view.h>
#pragma GCC diagnostic pop

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <ext/rope>
#include <sys/uio.h>

#if defined(ROVE_HAVE_ABSL)
#include <absl/strings/cord.h>
#include <absl/strings/cord_buffer.h>
#endif
#if defined(ROVE_HAVE_LIBEVENT)
#include <event2/buffer.h>
#endif
#if defined(ROVE_HAVE_GLIB)
#include <glib.h>
#endif
#if defined(ROVE_HAVE_BOOST)
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/multi_buffer.hpp>
#endif

namespace bench
{

// Calls add(pointer, length) for n bytes of the source, piece bytes at a time. A piece is at most
// 1 MiB, and walks through the source.
template <class F> inline __attribute__((always_inline)) void pieces(size_t n, size_t piece, F &&add)
{
    const char *bytes = source();
    bool big = piece >= KiB;
    for (size_t off = 0; off < n; off += piece)
        add(bytes + (off & (MiB - 1)) + (big ? shuffle(off / piece) : 0), piece);
}

// A pool that gives no slab back, beside a malloc that gives no memory back.
inline struct rove_pool *keeping_pool()
{
    static struct rove_pool *const pool = [] {
        struct rove_pool_opts opts = {};
        opts.size = sizeof opts;
        opts.keep_len = UINT64_MAX / 2;
        struct rove_pool *made;
        ok(rove_pool_new(&opts, &made));
        return made;
    }();
    return pool;
}

struct Rope {
    struct rove_rope rope;

    explicit Rope(struct rove_pool *pool = nullptr)
    {
        rove_rope_init(&rope, pool);
    }
    Rope(const Rope &) = delete;
    Rope &operator=(const Rope &) = delete;
    ~Rope()
    {
        rove_rope_fini(&rope);
    }
    operator struct rove_rope *()
    {
        return &rope;
    }
    void fill(size_t n, size_t piece)
    {
        pieces(n, piece, [this](const char *p, size_t len) { ok(rove_rope_append(&rope, p, len)); });
    }
};

struct View {
    struct rove_view view = {};

    explicit View(struct rove_rope *rope)
    {
        ok(rove_rope_view(rope, 0, rove_rope_len(rope), &view));
    }
    View(const View &) = delete;
    View &operator=(const View &) = delete;
    ~View()
    {
        rove_view_fini(&view);
    }
    operator struct rove_view *()
    {
        return &view;
    }
};

struct Stream {
    struct rove_stream *stream;

    explicit Stream(struct rove_pool *pool = nullptr)
    {
        ok(rove_stream_new(pool, &stream));
    }
    Stream(const Stream &) = delete;
    Stream &operator=(const Stream &) = delete;
    ~Stream()
    {
        rove_stream_free(stream);
    }
    operator struct rove_stream *()
    {
        return stream;
    }
    void fill(size_t n, size_t piece)
    {
        pieces(n, piece, [this](const char *p, size_t len) { ok(rove_stream_write(stream, p, len)); });
    }
};

// One piece of memory, every page of it touched.
struct Flat {
    Pages bytes;

    explicit Flat(size_t n) : bytes(n)
    {
    }
    void fill(size_t n, size_t piece)
    {
        char *to = bytes.data();
        pieces(n, piece, [&to](const char *p, size_t len) {
            std::memcpy(to, p, len);
            to += len;
        });
    }
};

struct Memstream {
    char *bytes = nullptr;
    size_t len = 0;
    FILE *file;

    Memstream() : file(open_memstream(&bytes, &len))
    {
        if (!file)
            die("open_memstream");
    }
    Memstream(const Memstream &) = delete;
    Memstream &operator=(const Memstream &) = delete;
    ~Memstream()
    {
        std::fclose(file);
        std::free(bytes);
    }
    void fill(size_t n, size_t piece)
    {
        pieces(n, piece, [this](const char *p, size_t l) { fwrite_unlocked(p, 1, l, file); });
    }
};

using Crope = __gnu_cxx::crope;

#if defined(ROVE_HAVE_ABSL)

inline void fill_cord(absl::Cord &cord, size_t n, size_t piece)
{
    pieces(n, piece, [&cord](const char *p, size_t len) {
        cord.Append(absl::string_view(p, len));
    });
}

// The tuned form: buffers of 64 KiB, which the caller holds until they are full.
struct HeldCord {
    absl::Cord cord;
    absl::CordBuffer buffer;
    char *at = nullptr;
    size_t room = 0;

    __attribute__((noinline)) void next()
    {
        settle();
        buffer = absl::CordBuffer::CreateWithCustomLimit(64 * KiB, 64 * KiB);
        at = buffer.available().data();
        room = buffer.available().size();
    }
    void settle()
    {
        if (!at)
            return;
        buffer.IncreaseLengthBy(buffer.available().size() - room);
        cord.Append(std::move(buffer));
        at = nullptr;
        room = 0;
    }
    __attribute__((always_inline)) void append(const char *p, size_t len)
    {
        while (__builtin_expect(len > room, 0)) {
            size_t some = room;
            std::memcpy(at, p, some);
            p += some;
            len -= some;
            room = 0;
            next();
        }
        std::memcpy(at, p, len);
        at += len;
        room -= len;
    }
    void fill(size_t n, size_t piece)
    {
        pieces(n, piece, [this](const char *p, size_t len) { append(p, len); });
        settle();
    }
};

#endif
#if defined(ROVE_HAVE_LIBEVENT)

struct Evbuffer {
    struct evbuffer *buffer = evbuffer_new();

    Evbuffer() = default;
    Evbuffer(const Evbuffer &) = delete;
    Evbuffer &operator=(const Evbuffer &) = delete;
    ~Evbuffer()
    {
        evbuffer_free(buffer);
    }
    operator struct evbuffer *()
    {
        return buffer;
    }
    void fill(size_t n, size_t piece)
    {
        pieces(n, piece, [this](const char *p, size_t len) { evbuffer_add(buffer, p, len); });
    }
};

#endif
#if defined(ROVE_HAVE_BOOST)

template <class Buffer> void beast_append(Buffer &buffer, const void *p, size_t len)
{
    boost::asio::buffer_copy(buffer.prepare(len), boost::asio::const_buffer(p, len));
    buffer.commit(len);
}

// Copies the first len bytes out and drops them.
template <class Buffer> void beast_take(Buffer &buffer, void *to, size_t len)
{
    boost::asio::buffer_copy(boost::asio::mutable_buffer(to, len), buffer.data());
    buffer.consume(len);
}

#endif

// ---- limits that several rows share -----------------------------------------------------------

// Holding a count and letting it go.
inline void atomic_pair(State &state)
{
    static std::atomic<int> counter;
    for (auto _ : state) {
        counter.fetch_add(1, std::memory_order_relaxed);
        counter.fetch_sub(1, std::memory_order_acq_rel);
    }
    state.SetItemsProcessed(state.iterations());
}

} // namespace bench

#endif
