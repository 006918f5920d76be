// SPDX-License-Identifier: MIT
// bench_memory.cc: chunks that recycle, fresh pages and huge ones, streams larger than memory.
//
// Each chunk is 64 KiB long, as are the blocks of the others. glibc's malloc and jemalloc's own calls
// are both there: jemalloc is linked, and glibc's are taken from its library by name.
#include "memory_rows.h"

#include "memory_chunk.h"

#include <dlfcn.h>

extern "C" {
void *mallocx(size_t len, int flags) __attribute__((weak));
void sdallocx(void *ptr, size_t len, int flags) __attribute__((weak));
}

namespace bench
{

namespace
{

struct Chunks {
    struct rove_pool *pool = system_pool();

    void *take()
    {
        return bench_chunk_take(pool);
    }
    void give(void *chunk)
    {
        bench_chunk_give(chunk);
    }
    ~Chunks()
    {
        rove_pool_unref(pool);
    }
};

// glibc's, whatever malloc() is in this program. It keeps what is freed.
struct Malloc {
    using Alloc = void *(size_t);
    using Free = void(void *);
    Alloc *alloc;
    Free *release;

    Malloc()
    {
        malloc_keeps(true);
        void *libc = dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD);
        alloc = libc ? reinterpret_cast<Alloc *>(dlsym(libc, "malloc")) : nullptr;
        release = libc ? reinterpret_cast<Free *>(dlsym(libc, "free")) : nullptr;
        if (!alloc || !release)
            die("no libc.so.6");
    }
    void *take()
    {
        return alloc(block);
    }
    void give(void *ptr)
    {
        release(ptr);
    }
};

struct Jemalloc {
    void *take()
    {
        return mallocx(block, 0);
    }
    void give(void *ptr)
    {
        sdallocx(ptr, block, 0);
    }
};

// The least that can be done: a list that nobody else uses.
struct List {
    struct Link {
        Link *next;
    };
    Link links[64];
    Link *first = nullptr;

    List()
    {
        for (Link &link : links)
            give(&link);
    }
    void *take()
    {
        Link *link = first;
        first = link->next;
        return link;
    }
    void give(void *ptr)
    {
        Link *link = static_cast<Link *>(ptr);
        link->next = first;
        first = link;
    }
};

template <class Source, size_t many> void take_and_give(State &state)
{
    static Source source; // one for all threads
    void *taken[many];
    auto take_all_and_give = [&] {
        for (void *&one : taken) {
            one = source.take();
            benchmark::DoNotOptimize(one);
        }
        for (size_t i = many; i-- > 0;)
            source.give(taken[i]);
    };
    take_all_and_give(); // what was not wanted while other rows ran may have gone back, and is fresh
    for (auto _ : state)
        take_all_and_give();
    state.SetItemsProcessed(state.iterations() * count(many));
}

template <size_t many> void chunk_row(const char *name)
{
    Row row(name);
    row.rove(take_and_give<Chunks, many>).peer("malloc", take_and_give<Malloc, many>);
    if (mallocx)
        row.peer("mallocx", take_and_give<Jemalloc, many>);
    row.limit("bare list", take_and_give<List, many>);
    if (many == 1)
        row.goal(faster(10, "mallocx"));
    row.goal(at_most(1, best_peer));
}

// In each thread, with objects of its own: all of one pool.
enum class Of { the_default, one, one_without_user };

template <Of of> struct rove_pool *new_shared_pool()
{
    if (of == Of::the_default)
        return rove_pool_default();
    struct rove_pool *pool = system_pool();
    if (of == Of::one_without_user) {
        static struct rove_stream *heir; // which keeps it
        ok(rove_stream_new(pool, &heir));
        rove_pool_unref(pool);
    }
    return pool;
}

template <Of of> struct rove_pool *shared_pool()
{
    static struct rove_pool *const pool = new_shared_pool<of>();
    return pool;
}

template <Of of> void view_and_drop(State &state)
{
    Rope rope(shared_pool<of>());
    rope.fill(16 * block, block);
    for (auto _ : state) {
        struct rove_view view;
        ok(rove_rope_view(rope, 1000, 100000, &view));
        rove_view_fini(&view);
    }
    state.SetItemsProcessed(state.iterations());
}

template <Of of> void small_stream(State &state)
{
    char bytes[100] = "", to[100];
    for (auto _ : state) {
        struct rove_stream *stream;
        ok(rove_stream_new(shared_pool<of>(), &stream));
        ok(rove_stream_write(stream, bytes, sizeof bytes));
        ok(rove_stream_seek(stream, 0, ROVE_SET, nullptr));
        ok(rove_stream_read(stream, to, sizeof to, nullptr));
        rove_stream_free(stream);
    }
    state.SetItemsProcessed(state.iterations());
}

} // namespace

struct rove_pool *system_pool(uint32_t flags)
{
    struct rove_pool_opts opts = {};
    opts.size = sizeof opts;
    opts.allocator = rove_allocator_system();
    opts.flags = flags;
    opts.keep_len = UINT64_MAX / 2;
    struct rove_pool *pool;
    ok(rove_pool_new(&opts, &pool));
    return pool;
}

void rows_of_chunks()
{
    chunk_row<1>("take and give a chunk");
    chunk_row<8>("take 8, give 8");
    chunk_row<64>("take 64, give 64");

    Row row("take and give, two threads");
    row.rove(take_and_give<Chunks, 8>, two_threads)
        .peer("malloc", take_and_give<Malloc, 8>, two_threads);
    if (mallocx)
        row.peer("mallocx", take_and_give<Jemalloc, 8>, two_threads);
    row.goal(at_most(1, best_peer));

    Row("view of 100 KB of one's own pool, two threads")
        .rove(view_and_drop<Of::one>, two_threads)
        .peer("rove, the default pool", view_and_drop<Of::the_default>, two_threads)
        .goal(at_most(1.3, "rove, the default pool"));
    Row("small stream in one's own pool, two threads")
        .rove(small_stream<Of::one>, two_threads)
        .peer("rove, the default pool", small_stream<Of::the_default>, two_threads)
        .peer("the pool's user gone", small_stream<Of::one_without_user>, two_threads)
        .goal(at_most(2.5, "rove, the default pool"));
}

} // namespace bench

const char *bench_title()
{
    return "memory: chunks of 64 KiB, fresh pages, streams larger than memory";
}

void bench_rows()
{
    bench::rows_of_chunks();
    bench::rows_of_pages();
    bench::rows_of_spill();
}

double bench_child(const std::string &job)
{
    return bench::spill_job(job);
}
