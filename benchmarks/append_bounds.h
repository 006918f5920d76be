// SPDX-License-Identifier: MIT
// append_bounds.h: the least that appending a lot takes: pages from the kernel, and copies to pages that are there.
#ifndef BENCH_APPEND_BOUNDS_H
#define BENCH_APPEND_BOUNDS_H

#include "objects.h"

#include <sys/mman.h>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace bench
{

// Memory as a pool's slabs have it, 2 MiB at a time that begin at a multiple of 2 MiB, but all in one run and without
// heads. Nobody has touched it, and it goes back to the kernel. It is appended to by who derives from it.
class Untouched
{
public:
    explicit Untouched(size_t n) : len_made(n + 2 * slab)
    {
        void *memory = mmap(nullptr, len_made, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED)
            die("mmap");
        made = static_cast<char *>(memory);
        first = made + (slab - reinterpret_cast<uintptr_t>(made) % slab) % slab;
        at = there = first;
    }
    Untouched(const Untouched &) = delete;
    Untouched &operator=(const Untouched &) = delete;
    ~Untouched()
    {
        munmap(made, len_made);
    }
    void settle()
    {
    }
    void empty()
    {
        at = first;
    }
    size_t len() const
    {
        return static_cast<size_t>(at - first);
    }

protected:
    static constexpr size_t slab = 2 * MiB;

    // Pages for n more bytes, step bytes of them by one call of the kernel.
    void populate(size_t n, size_t step)
    {
        for (; at + n > there; there += step)
#if defined(MADV_POPULATE_WRITE)
            if (madvise(there, step, MADV_POPULATE_WRITE) != 0)
#endif
                for (size_t off = 0; off < step; off += 4 * KiB) // an older kernel: one by one
                    static_cast<volatile char *>(there)[off] = 0;
    }

    size_t len_made;
    char *made, *first;
    char *at, *there; // the end of what was appended, and of what has pages
};

// A step's pages by one call, then copied to.
template <size_t step> struct Populated : Untouched {
    using Untouched::Untouched;
    auto appender()
    {
        return [this](const char *p, size_t n) {
            populate(n, step);
            std::memcpy(at, p, n);
            at += n;
        };
    }
};

// The pages, and not a byte in them.
template <size_t step> struct PagesOnly : Untouched {
    using Untouched::Untouched;
    auto appender()
    {
        return [this](const char *, size_t n) {
            populate(n, step);
            at += n;
        };
    }
};

// The bump pointer in chunks of a pool, in the order in which it gives them.
struct PoolBump : Held<PoolBump> {
    Rope rope;
    std::vector<char *> chunks;
    size_t used = 0;

    explicit PoolBump(size_t n) : rope(keeping_pool())
    {
        rope.fill(n + block, block);
        View view(rope);
        struct rove_cursor cursor;
        struct rove_span span;
        ok(rove_cursor_init(&cursor, view, 0));
        while (rove_cursor_next(&cursor, &span) == ROVE_OK) {
            if (span.len != block)
                die("a chunk of another length");
            chunks.push_back(const_cast<char *>(reinterpret_cast<const char *>(span.ptr)));
        }
        rove_cursor_fini(&cursor);
    }
    __attribute__((noinline)) void next()
    {
        cur = chunks[used++];
        end = cur + block;
    }
    void empty()
    {
        cur = end = nullptr;
        used = 0;
    }
    size_t len() const
    {
        return used * block - static_cast<size_t>(end - cur);
    }
};

#if defined(__SSE2__)
constexpr size_t cache_line = 64; // bytes, written whole

inline void stream_16(char *to, const char *from, size_t n)
{
    for (size_t line = 0; line < n; line += cache_line)
        for (size_t i = line; i < line + cache_line; i += sizeof(__m128i))
            _mm_stream_si128(reinterpret_cast<__m128i *>(to + i),
                             _mm_loadu_si128(reinterpret_cast<const __m128i *>(from + i)));
    _mm_sfence();
}

__attribute__((target("avx512f"))) inline void stream_64(char *to, const char *from, size_t n)
{
    for (size_t i = 0; i < n; i += sizeof(__m512i))
        _mm512_stream_si512(reinterpret_cast<__m512i *>(to + i), _mm512_loadu_si512(from + i));
    _mm_sfence();
}

// Past the caches by the widest stores that the processor has, each piece complete before the next. Pieces are of whole
// lines.
struct Streamed : Untouched {
    void (*copy)(char *, const char *, size_t) = __builtin_cpu_supports("avx512f") ? stream_64 : stream_16;

    using Untouched::Untouched;
    auto appender()
    {
        return [this](const char *p, size_t n) {
            copy(at, p, n);
            at += n;
        };
    }
};
#endif

} // namespace bench

#endif
