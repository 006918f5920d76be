// SPDX-License-Identifier: MIT
// stream_memory.cc: row W9 of bench_stream: memory over payload, each object in a process of its own.
#include "stream_rows.h"

#include <map>

namespace bench
{

namespace
{

constexpr size_t crowd = 1000000;
constexpr size_t small_crowd = crowd / 10; // for peers that take several KiB each

// What a large object takes, over its payload.
template <class Object> double payload_ratio(size_t piece)
{
    Object object(large());
    source();
    size_t before = resident();
    object.fill(large(), piece);
    double ratio = static_cast<double>(resident() - before) / static_cast<double>(large());
    if (object.len() != large())
        die("an object that was filled has another length");
    return ratio;
}

// What the allocator alone takes for slabs of 2 MiB.
struct Slabs : Appends<Slabs> {
    static constexpr size_t slab = 2 * MiB;
    std::vector<std::unique_ptr<char, void (*)(void *)>> all;
    size_t used = 0;

    explicit Slabs(size_t)
    {
    }
    auto appender()
    {
        return [this](const char *p, size_t n) {
            if (used % slab + n > slab || used % slab == 0)
                all.emplace_back(static_cast<char *>(std::aligned_alloc(64, slab)), std::free);
            std::memcpy(all.back().get() + used % slab, p, n);
            used += n;
        };
    }
    size_t len() const
    {
        return used;
    }
};

// Bytes for each of many objects of 100 bytes, kept until the process ends: make(pointer, length)
// gives one.
template <class Make> double each_of_many(size_t n, Make &&make)
{
    using Object = decltype(make(source(), size_t()));
    n = quick() ? n / 100 : n;
    std::vector<Object> all(n);
    size_t before = resident();
    for (Object &one : all)
        one = make(source(), 100);
    return static_cast<double>(resident() - before) / static_cast<double>(n);
}

double many_streams()
{
    return each_of_many(crowd, [](const char *p, size_t len) {
        struct rove_stream *stream;
        ok(rove_stream_new(nullptr, &stream));
        ok(rove_stream_write(stream, p, len));
        return stream;
    });
}

double many_blocks()
{
    return each_of_many(crowd, [](const char *p, size_t len) {
        return std::memcpy(hide(std::malloc(len)), p, len);
    });
}

// Any of the peers.
template <class Object> double many_objects()
{
    return each_of_many(small_crowd, [](const char *p, size_t len) {
        auto *object = new Object(0);
        object->appender()(p, len);
        return object;
    });
}

#if defined(ROVE_HAVE_ABSL)
double many_cords()
{
    return each_of_many(
        crowd, [](const char *p, size_t len) { return new absl::Cord(absl::string_view(p, len)); });
}
#endif

bool on_jemalloc()
{
    struct rove_pool_figures figures;
    rove_pool_measure(nullptr, &figures);
    return std::strcmp(figures.allocator, "jemalloc") == 0;
}

using Jobs = std::map<std::string, std::function<double()>>;

// What a row measures, from "16", "65536" or "many", and for whom.
Jobs make_jobs()
{
    Jobs made;
    for (size_t piece : {size_t(16), block}) {
        std::string at = " " + std::to_string(piece);
        made["rove" + at] = [=] { return payload_ratio<DefaultStream>(piece); };
        made["flat" + at] = [=] { return payload_ratio<Flat>(piece); };
        made["slabs" + at] = [=] { return payload_ratio<Slabs>(piece); };
        made["std::string" + at] = [=] { return payload_ratio<String>(piece); };
        made["open_memstream" + at] = [=] { return payload_ratio<Memstream>(piece); };
#if defined(ROVE_HAVE_ABSL)
        made["Cord" + at] = [=] { return payload_ratio<HeldCord>(piece); };
#endif
#if defined(ROVE_HAVE_LIBEVENT)
        made["evbuffer" + at] = [=] { return payload_ratio<HeldEvbuffer>(piece); };
#endif
#if defined(ROVE_HAVE_BOOST)
        made["multi_buffer" + at] = [=] { return payload_ratio<MultiBuffer>(piece); };
#endif
    }
    made["rove many"] = many_streams;
    made["flat many"] = many_blocks;
    made["std::string many"] = many_objects<String>;
    made["open_memstream many"] = many_objects<Memstream>;
#if defined(ROVE_HAVE_ABSL)
    made["Cord many"] = many_cords;
#endif
#if defined(ROVE_HAVE_LIBEVENT)
    made["evbuffer many"] = many_objects<Evbuffer>;
#endif
#if defined(ROVE_HAVE_BOOST)
    made["multi_buffer many"] = many_objects<MultiBuffer>;
#endif
    return made;
}

const Jobs &jobs()
{
    static const Jobs all = make_jobs();
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
    const char *limit = at == "many" ? "malloc(100)" : "flat";
    Row row("W9 memory, " + name);
    row.rove(in_child("rove " + at), exact);
    for (const char *peer : {"std::string", "open_memstream", "Cord", "evbuffer", "multi_buffer"})
        if (jobs().count(std::string(peer) + " " + at))
            row.peer(peer, in_child(std::string(peer) + " " + at), exact);
    row.limit(limit, in_child("flat " + at), exact).unit(unit).goal(at_most(goal, limit));

    // rove's slabs from jemalloc, where the machine has it.
    Row other("W9 memory, " + name + ", jemalloc");
    other.rove(in_child("jemalloc rove " + at, "libjemalloc.so.2"), exact)
        .limit(limit, in_child("flat " + at), exact)
        .unit(unit)
        .goal(at_most(goal, limit));
    if (jobs().count("slabs " + at))
        other.bound("2 MiB by 2 MiB, jemalloc", in_child("jemalloc slabs " + at, "libjemalloc.so.2"), exact);
}

} // namespace

void rows_w9()
{
    memory_row("16 B appends", "16", "x payload", 1.002);
    memory_row("64 KiB appends", std::to_string(block), "x payload", 1.002);
    memory_row("a stream of 100 B", "many", "B", 3.75);
}

double memory_job(const std::string &job)
{
    const std::string jemalloc = "jemalloc ";
    if (job.compare(0, jemalloc.size(), jemalloc) == 0)
        return on_jemalloc() ? memory_job(job.substr(jemalloc.size())) : -1;
    auto found = jobs().find(job);
    return found == jobs().end() ? -1 : found->second();
}

} // namespace bench
