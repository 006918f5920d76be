// SPDX-License-Identifier: MIT
// memory_pages.cc: what pages cost: recycled ones, fresh ones, and fresh ones of 2 MiB.
#include "memory_rows.h"

#include <sys/mman.h>

namespace bench
{

namespace
{

// Appends to a rope on a pool that keeps its chunks, or has just given all of them back.
Body append_rove(size_t n, uint32_t flags, bool recycled)
{
    return [=](State &state) {
        struct rove_pool *pool = system_pool(flags);
        Rope rope(pool);
        if (recycled)
            rope.fill(n, block);
        for (auto _ : state) {
            untimed(state, [&] {
                rove_rope_clear(rope);
                if (!recycled)
                    rove_pool_trim(pool);
            });
            rope.fill(n, block);
        }
        rove_pool_unref(pool);
        state.SetItemsProcessed(state.iterations());
    };
}

// memcpy() to pages that were touched, or are mapped anew each time.
enum class Kind {
    touched,
    fresh,
    fresh_huge
};

void *map_aligned(size_t len)
{
    void *at =
        mmap(nullptr, len + 2 * MiB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        die("mmap");
    return at;
}

template <Kind kind> void append_memcpy(State &state, size_t n)
{
    char *at = static_cast<char *>(map_aligned(n));
    if (kind == Kind::fresh_huge)
        madvise(at, n + 2 * MiB, MADV_HUGEPAGE);
    if (kind == Kind::touched)
        std::memset(at, 1, n + 2 * MiB);
    char *to = at + (2 * MiB - reinterpret_cast<uintptr_t>(at) % (2 * MiB));
    for (auto _ : state) {
        if (kind != Kind::touched)
            untimed(state, [=] { madvise(at, n + 2 * MiB, MADV_DONTNEED); });
        size_t off = 0;
        pieces(n, block, [&](const char *p, size_t len) {
            std::memcpy(to + off, p, len);
            off += len;
        });
    }
    munmap(at, n + 2 * MiB);
    state.SetItemsProcessed(state.iterations());
}

template <Kind kind> Body memcpy_to(size_t n)
{
    return [=](State &state) { append_memcpy<kind>(state, n); };
}

// Random reads of 64 bytes, where fewer entries of the page table are needed.
Body read_rove(uint32_t flags)
{
    return [=](State &state) {
        struct rove_pool *pool = system_pool(flags);
        Rope rope(pool);
        rope.fill(large(), block);
        Random random;
        char to[64];
        for (auto _ : state) {
            ok(rove_rope_read(rope, random.below(large() - sizeof to), to, sizeof to, nullptr));
            benchmark::DoNotOptimize(to);
        }
        rove_pool_unref(pool);
        state.SetItemsProcessed(state.iterations());
    };
}

// Drops a rope of which the pool keeps a quarter; the rest goes back to the kernel.
Body drop_rove(size_t n)
{
    return [=](State &state) {
        struct rove_pool_opts opts = {};
        struct rove_pool *pool;
        opts.size = sizeof opts;
        opts.allocator = rove_allocator_system();
        opts.keep_len = n / 4;
        ok(rove_pool_new(&opts, &pool));
        {
            Rope rope(pool);
            for (auto _ : state) {
                untimed(state, [&] { rope.fill(n, block); });
                rove_rope_clear(rope);
            }
        }
        rove_pool_unref(pool);
    };
}

Body unmap(size_t n)
{
    return [=](State &state) {
        char *at = nullptr;
        for (auto _ : state) {
            untimed(state, [&] {
                at = static_cast<char *>(map_aligned(n));
                std::memset(at, 1, n);
            });
            munmap(at, n + 2 * MiB);
        }
    };
}

// Small inserts at the front of a long rope. The pool has chunks for them whose pages are there: a fresh page may cost
// more than all inserts that it holds, and how much more is the machine's.
Body prepend(size_t n)
{
    return [=](State &state) {
        struct rove_pool *pool = system_pool();
        {
            Rope rope(pool);
            rope.fill(n + medium() * 8, block);
            ok(rove_rope_truncate(rope, n));
            for (auto _ : state)
                ok(rove_rope_insert(rope, 0, source(), 100));
        }
        rove_pool_unref(pool);
    };
}

} // namespace

void rows_of_pages()
{
    // Fresh pages take so long that a part of the length will do.
    size_t all = large(), some = large() / 4;
    Row("W2 append, recycled chunks")
        .rove(append_rove(all, 0, true))
        .limit("memcpy, touched", memcpy_to<Kind::touched>(all))
        .goal(at_most(1.03, "memcpy, touched"));
    Row("W2 append, recycled or fresh")
        .rove(append_rove(some, 0, true))
        .peer("rove, fresh", append_rove(some, 0, false))
        .goal(faster(2, "rove, fresh"));
    Row("W2 append, fresh pages")
        .rove(append_rove(some, 0, false))
        .limit("memcpy, fresh", memcpy_to<Kind::fresh>(some))
        .goal(at_most(1.05, "memcpy, fresh"));
    Row("W2 append, fresh huge pages")
        .rove(append_rove(some, ROVE_POOL_HUGE, false))
        .peer("rove, 4 KiB pages", append_rove(some, 0, false))
        .limit("memcpy, fresh huge", memcpy_to<Kind::fresh_huge>(some))
        .goal(faster(2, "rove, 4 KiB pages"));
    Row("drop a long rope, a quarter kept")
        .rove(drop_rove(4 * all), once)
        .limit("munmap, touched", unmap(3 * all), once)
        .goal(at_most(1.25, "munmap, touched"));
    Row("prepend 100 B to a long rope")
        .rove(prepend(4 * all))
        .peer("rove, to a short one", prepend(all / 16))
        .goal(at_most(1.3, "rove, to a short one"));
    Row("read 64 B here and there, huge pages")
        .rove(read_rove(ROVE_POOL_HUGE))
        .peer("rove, 4 KiB pages", read_rove(0));
}

} // namespace bench
