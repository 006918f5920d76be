// SPDX-License-Identifier: MIT
// objects.h: rove, and what C++ and C have at hand, as objects of one shape, so that rows read alike.
//
// Each object has appender(), a function that appends (pointer, length) in the way that is best for
// it; fill(), which appends many pieces; settle(), which completes what the caller holds; empty(),
// which keeps the memory where it can; and len(). Each drops what it holds when it goes. Those that
// are made of a length reserve it where they can.
#ifndef BENCH_OBJECTS_H
#define BENCH_OBJECTS_H

#include "report.h"

#include <rove/rope.h>
#include <rove/stream.h>
#include <rove/view.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include <ext/rope>
#include <sys/uio.h>

namespace bench
{

constexpr size_t block = 64 * KiB; // a chunk of rove's, and what the tuned peers are given

inline int64_t count(size_t n)
{
    return static_cast<int64_t>(n);
}

// Calls add(pointer, length) for n bytes of the source, piece bytes at a time. A piece is at most
// 1 MiB, and walks through the source.
template <class F>
inline __attribute__((always_inline)) void pieces(size_t n, size_t piece, F &&add)
{
    const char *bytes = source();
    bool big = piece >= KiB;
    for (size_t off = 0; off < n; off += piece)
        add(bytes + (off & (MiB - 1)) + (big ? shuffle(off / piece) : 0), piece);
}

// What all objects have; Own adds the rest.
template <class Own> struct Appends {
    Appends() = default;
    Appends(const Appends &) = delete;
    Appends &operator=(const Appends &) = delete;

    void fill(size_t n, size_t piece)
    {
        Own &own = static_cast<Own &>(*this);
        pieces(n, piece, own.appender());
        own.settle();
    }
    void settle()
    {
    }
};

// ---- rove -------------------------------------------------------------------------------------

inline struct rove_pool *new_pool(size_t chunk_len = block)
{
    struct rove_pool_opts opts = {};
    opts.size = sizeof opts;
    opts.chunk_len = chunk_len;
    opts.keep_len = UINT64_MAX / 2; // like a malloc that gives no memory back
    struct rove_pool *made;
    ok(rove_pool_new(&opts, &made));
    return made;
}

inline struct rove_pool *keeping_pool()
{
    static struct rove_pool *const pool = new_pool();
    return pool;
}

struct Rope : Appends<Rope> {
    struct rove_rope rope;

    explicit Rope(struct rove_pool *pool = nullptr)
    {
        rove_rope_init(&rope, pool);
    }
    ~Rope()
    {
        rove_rope_fini(&rope);
    }
    operator struct rove_rope *()
    {
        return &rope;
    }
    auto appender()
    {
        return [to = &rope](const char *p, size_t n) { ok(rove_rope_append(to, p, n)); };
    }
    void empty()
    {
        rove_rope_clear(&rope);
    }
    size_t len() const
    {
        return rove_rope_len(&rope);
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

struct Stream : Appends<Stream> {
    struct rove_stream *stream;

    explicit Stream(struct rove_pool *pool = nullptr)
    {
        ok(rove_stream_new(pool, &stream));
    }
    ~Stream()
    {
        rove_stream_free(stream);
    }
    operator struct rove_stream *()
    {
        return stream;
    }
    auto appender()
    {
        return [to = stream](const char *p, size_t n) { ok(rove_stream_write(to, p, n)); };
    }
    void empty()
    {
        ok(rove_stream_reset(stream));
    }
    size_t len() const
    {
        uint64_t n;
        ok(rove_stream_size(stream, &n));
        return n;
    }
};

// ---- libstdc++ and glibc ----------------------------------------------------------------------

// One piece of malloc's memory, which the first filling touches.
struct Flat : Appends<Flat> {
    std::unique_ptr<char, void (*)(void *)> bytes;
    char *at;

    explicit Flat(size_t n)
        : bytes(static_cast<char *>(std::aligned_alloc(4 * KiB, n)), std::free), at(bytes.get())
    {
    }
    char *data() const
    {
        return bytes.get();
    }
    auto appender()
    {
        return [this](const char *p, size_t n) {
            std::memcpy(at, p, n);
            at += n;
        };
    }
    void empty()
    {
        at = data();
    }
    size_t len() const
    {
        return static_cast<size_t>(at - data());
    }
};

// What spans it would have in pieces.
inline std::vector<struct iovec> spans_of(const Flat &flat, size_t n, size_t piece)
{
    std::vector<struct iovec> spans;
    for (size_t off = 0; off < n; off += piece)
        spans.push_back({flat.data() + off, std::min(piece, n - off)});
    return spans;
}

struct String : Appends<String> {
    std::string bytes;

    explicit String(size_t n)
    {
        bytes.reserve(n);
    }
    auto appender()
    {
        return [this](const char *p, size_t n) { bytes.append(p, n); };
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

struct Memstream : Appends<Memstream> {
    char *bytes = nullptr;
    size_t flushed_len = 0;
    FILE *file;

    explicit Memstream(size_t = 0) : file(open_memstream(&bytes, &flushed_len))
    {
        if (!file)
            die("open_memstream");
    }
    ~Memstream()
    {
        std::fclose(file);
        std::free(bytes);
    }
    auto appender()
    {
        return [to = file](const char *p, size_t n) { fwrite_unlocked(p, 1, n, to); };
    }
    void empty()
    {
        std::rewind(file);
    }
    size_t len() const
    {
        return static_cast<size_t>(std::ftell(file));
    }
};

using Crope = __gnu_cxx::crope;

inline std::unique_ptr<Crope> make_crope(size_t n)
{
    auto made = std::make_unique<Crope>();
    pieces(n, block, [&made](const char *p, size_t len) { made->append(p, len); });
    return made;
}

// ---- peers that give out buffers to be filled -------------------------------------------------

// The tuned form: the caller holds a buffer of some 64 KiB until it is full. Own gives another one:
// next() sets cur and end.
template <class Own> struct Held : Appends<Own> {
    char *cur = nullptr, *end = nullptr;

    __attribute__((noinline)) void append_beyond(const char *p, size_t n)
    {
        while (n) {
            if (cur == end)
                static_cast<Own *>(this)->next();
            size_t some = std::min(n, static_cast<size_t>(end - cur));
            std::memcpy(cur, p, some);
            cur += some;
            p += some;
            n -= some;
        }
    }
    auto appender()
    {
        return [this](const char *p, size_t n) __attribute__((always_inline))
        {
            if (__builtin_expect(static_cast<size_t>(end - cur) < n, 0)) {
                append_beyond(p, n);
                return;
            }
            std::memcpy(cur, p, n);
            cur += n;
        };
    }
};

// The least that anything in chunks can do: compare, copy, add; another chunk when one is full.
struct Bump : Held<Bump> {
    Flat flat;
    size_t used = 0;

    explicit Bump(size_t n) : flat(n + block)
    {
    }
    __attribute__((noinline)) void next()
    {
        cur = flat.data() + used;
        end = cur + block;
        used += block;
    }
    void empty()
    {
        cur = end = nullptr;
        used = 0;
    }
    size_t len() const
    {
        return used - static_cast<size_t>(end - cur);
    }
};

// The same for lengths known only as the program runs: no call of memcpy() for the short ones.
struct ShortBump : Bump {
    explicit ShortBump(size_t n) : Bump(n)
    {
    }
    auto appender()
    {
        return [this](const char *p, size_t n) {
            if (__builtin_expect(static_cast<size_t>(end - cur) < n, 0)) {
                append_beyond(p, n);
                return;
            }
            rove_copy_run(cur, p, n);
            cur += n;
        };
    }
};

// ---- what several rows share ------------------------------------------------------------------

// A large object, made when it is first asked for, in memory that was used before where there is any.
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
    Object &filled()
    {
        return get([] {
            std::unique_ptr<Object> made;
            if constexpr (std::is_constructible_v<Object, size_t>)
                made = std::make_unique<Object>(large());
            else
                made = std::make_unique<Object>();
            made->fill(large(), block);
            return made;
        });
    }
};

// A limit: holding a count and letting it go.
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
