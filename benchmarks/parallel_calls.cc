// SPDX-License-Identifier: MIT
// parallel_calls.cc: library calls with 0, 1 and 2 workers, and what parts cost where nothing is gained. Two threads are
// a worker and the caller.
#include "parallel_kit.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <ctime>
#include <functional>
#include <memory>
#include <thread>

namespace bench
{

namespace
{

constexpr size_t piece = 256 * KiB; // what is written or read at a time

struct Codec {
    const char *spec;
    const char *by;  // who reads it; NULL: nobody does that in parts
    size_t share;    // of the corpus: slow ones get less
    double speed_up; // that two threads are to reach
};

constexpr Codec codecs[] = {
    {"gzip:block=128K", nullptr, 8, 1.9},    {"bgzf", "bgzf", 8, 1.9},
    {"libdeflate:bgzf=yes", "bgzf", 4, 1.9}, {"lz4", "lz4", 1, 1.8},
    {"zstd:block=512K", "zstd", 2, 1.9},    {"igzip", nullptr, 2, 1.9},
};

// "two apart": two threads with a chain each and nothing in common but the machine, a bound on all that
// shares work between two. Two CPUs may share more than they seem to, and the more of it the better the
// codec's code is.
void speed_rows(const std::string &name, const std::function<Body(struct rove_workers *)> &body)
{
    Row(name + ", 2 threads")
        .unit("MB/s")
        .rove(body(crew(1)), on_the_wall)
        .bound("two apart", body(nullptr), two_roaming)
        .peer("2 workers", body(crew(2)), on_the_wall)
        .peer("no workers", body(nullptr), on_the_wall);
    Row(name + ", 2 threads, CPU")
        .unit("MB/s")
        .rove(body(crew(1)), all_cpu)
        .limit("no workers", body(nullptr), all_cpu);
}

// Does it in one of two places.
using Job = std::function<void(size_t place, struct rove_workers *)>;

double seconds(const std::function<void()> &body)
{
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    body();
    clock_gettime(CLOCK_MONOTONIC, &to);
    return double(to.tv_sec - from.tv_sec) + double(to.tv_nsec - from.tv_nsec) / 1e9;
}

// The job by two threads that share nothing, for each of which there is one, in the time of one.
void twice(const Job &job)
{
    std::thread other([&] { job(1, nullptr); });
    job(0, nullptr);
    other.join();
}

// How long `body` takes beside the job in one thread, which takes turns with it: what else the machine does, or how fast it
// is just then, strikes both. The median of the pairs.
constexpr int pairs = 9;

double beside_one(const Job &job, const std::function<void()> &body, int cnt = pairs)
{
    std::vector<double> ratios;
    for (int i = 0; i < (quick() ? 1 : cnt); i++) {
        double one = seconds([&] { job(0, nullptr); });
        ratios.push_back(seconds(body) / one);
    }
    return median(ratios);
}

// ---- bytes that go from one thread to another --------------------------------------------------

// Buffers between two threads, each of whom waits for the other without sleeping.
class Ring
{
    static constexpr size_t most = 5, slot = 512 * KiB;
    struct Slot {
        std::vector<char> bytes = std::vector<char>(slot);
        size_t len = 0;
    };
    std::vector<Slot> slots = std::vector<Slot>(most);
    alignas(64) std::atomic<size_t> put{0};
    alignas(64) std::atomic<size_t> got{0};

public:
    static constexpr size_t len = slot;

    bool has_room() const
    {
        return put - got < most;
    }
    bool has() const
    {
        return put != got;
    }
    char *room()
    {
        while (!has_room())
            std::this_thread::yield();
        return slots[put % most].bytes.data();
    }
    void give(size_t filled) // 0: there are no more
    {
        slots[put % most].len = filled;
        put++;
    }
    Bytes first()
    {
        while (!has())
            std::this_thread::yield();
        return {slots[got % most].bytes.data(), slots[got % most].len};
    }
    void drop()
    {
        got++;
    }
};

// A share of the corpus goes to another thread, which does it with a chain of its own; the caller does the rest, and copies
// what the other is given or has made. Nobody whose caller has all the bytes can do with less.
using Handed = std::function<void()>;

// Reading: `theirs` is decoded elsewhere.
void read_handed(const Store &mine, const Store &theirs, const std::string &by)
{
    Ring ring;
    std::thread other([&] {
        struct rove_stream *stream = decoder(theirs, by);
        enum rove_status status = ROVE_OK;
        while (status == ROVE_OK) {
            size_t len;
            status = rove_stream_read(stream, ring.room(), Ring::len, &len);
            if (len)
                ring.give(len);
        }
        must(status == ROVE_END, rove_stream_explain(stream));
        ring.room();
        ring.give(0);
        finish(stream);
    });
    std::vector<char> to(piece);
    struct rove_stream *stream = decoder(mine, by);
    bool mine_left = true, theirs_left = true;
    while (mine_left || theirs_left) {
        if (!theirs_left || (mine_left && !ring.has())) {
            mine_left = rove_stream_read(stream, to.data(), piece, nullptr) == ROVE_OK;
            continue;
        }
        Bytes made = ring.first();
        for (size_t at = 0; at < made.len; at += piece) {
            std::memcpy(to.data(), made.ptr + at, std::min(piece, made.len - at));
            benchmark::ClobberMemory();
        }
        theirs_left = made.len != 0;
        ring.drop();
    }
    finish(stream);
    other.join();
}

// Writing: `theirs` is coded elsewhere.
void write_handed(const std::string &spec, Bytes mine, Bytes theirs)
{
    Ring ring;
    std::thread other([&] {
        Store sink;
        struct rove_stream *stream = encoder(sink, spec);
        for (Bytes plain; (plain = ring.first()).len; ring.drop())
            ok(rove_stream_write(stream, plain.ptr, plain.len));
        finish(stream);
    });
    Store sink;
    struct rove_stream *stream = encoder(sink, spec);
    size_t at = 0, given = 0;
    while (at < mine.len || given < theirs.len) {
        if (given < theirs.len && (at >= mine.len || ring.has_room())) {
            size_t len = std::min(piece, theirs.len - given);
            std::memcpy(ring.room(), theirs.ptr + given, len);
            ring.give(len);
            given += len;
        } else {
            size_t len = std::min(piece, mine.len - at);
            ok(rove_stream_write(stream, mine.ptr + at, len));
            at += len;
        }
    }
    ring.room();
    ring.give(0);
    finish(stream);
    other.join();
}

// The other's share that is best hangs on what it costs to hand bytes over: these are tried.
constexpr double shares[] = {0.5, 0.44, 0.38};

std::vector<Handed> write_handing(const std::string &spec, Bytes plain)
{
    std::vector<Handed> all;
    for (double share : shares) {
        size_t mine = plain.len - size_t(double(plain.len) * share) / MiB * MiB;
        all.push_back([=] { write_handed(spec, {plain.ptr, mine}, {plain.ptr + mine, plain.len - mine}); });
    }
    return all;
}

// A stream out of which the coded bytes are read.
std::shared_ptr<Store> store_of(const std::string &spec, Bytes plain)
{
    auto store = std::make_shared<Store>();
    struct rove_stream *stream = encoder(*store, spec);
    ok(rove_stream_write(stream, plain.ptr, plain.len));
    finish(stream);
    store->rewind();
    return store;
}

std::vector<Handed> read_handing(const std::string &spec, Bytes plain, const std::string &by)
{
    std::vector<Handed> all;
    for (double share : shares) {
        size_t len = plain.len - size_t(double(plain.len) * share) / MiB * MiB;
        auto mine = store_of(spec, {plain.ptr, len});
        auto theirs = store_of(spec, {plain.ptr + len, plain.len - len});
        all.push_back([=] {
            read_handed(*mine, *theirs, by);
            mine->rewind();
            theirs->rewind();
        });
    }
    return all;
}

struct Pair {
    std::function<Job()> make;
    std::function<std::vector<Handed>()> handing;
};

void pair_row(const std::string &name, double speed_up, const Pair &pair)
{
    std::function<Job()> make = pair.make;
    std::function<std::vector<Handed>()> handing = pair.handing;
    auto parts = [=] {
        Job job = make();
        return beside_one(job, [&] { job(0, crew(1)); });
    };
    auto apart = [=] {
        Job job = make();
        return beside_one(job, [&] { twice(job); }) / 2;
    };
    auto ways = std::make_shared<std::vector<Handed>>();
    auto handed = [=] {
        Job job = make();
        double best = 1;
        if (ways->empty())
            *ways = handing();
        for (const Handed &body : *ways)
            best = std::min(best, beside_one(job, body, pairs / 3));
        return best;
    };
    Row(name + ", 2 threads, in pairs")
        .unit("of the time")
        .rove(tells(parts), once_roaming)
        .bound("two apart", tells(apart), once_roaming)
        .bound("two apart, one's bytes handed over", tells(handed), once_roaming)
        .limit("no workers", tells([] { return 1.0; }), exact)
        .goal(faster(speed_up, "no workers"));
}

// Whether what the body does is cut into parts: rows of what is not would mean nothing.
bool is_cut(const std::string &spec, bool reading, const char *by)
{
    Bytes plain = corpus(4 * MiB);
    uint64_t before = parts_done(crew(1));
    Store sink;
    if (reading) {
        Store source(coded(spec, plain), Lies::in_chunks);
        struct rove_stream *stream = decoder(source, by, crew(1));
        ok(rove_stream_read(stream, scratch(plain.len), plain.len, nullptr));
        finish(stream);
    } else {
        struct rove_stream *stream = encoder(sink, spec, crew(1));
        ok(rove_stream_write(stream, plain.ptr, plain.len));
        finish(stream);
    }
    if (parts_done(crew(1)) > before)
        return true;
    note(std::string("not cut into parts by this build: ") + (reading ? "read " : "write ") + spec);
    return false;
}

Job writer(const std::string &spec, Bytes plain)
{
    return [=](size_t, struct rove_workers *workers) {
        Store sink;
        struct rove_stream *stream = encoder(sink, spec, workers);
        for (size_t at = 0; at < plain.len; at += piece)
            ok(rove_stream_write(stream, plain.ptr + at, std::min(piece, plain.len - at)));
        finish(stream);
    };
}

Job reader(const std::string &spec, Bytes plain, const std::string &by)
{
    std::vector<std::shared_ptr<Store>> sources;
    for (int i = 0; i < 2; i++)
        sources.push_back(std::make_shared<Store>(coded(spec, plain), Lies::in_chunks));
    return [=](size_t place, struct rove_workers *workers) {
        std::vector<char> to(piece);
        struct rove_stream *stream = decoder(*sources[place], by, workers);
        while (rove_stream_read(stream, to.data(), piece, nullptr) == ROVE_OK)
            continue;
        finish(stream);
        sources[place]->rewind();
    };
}

void rows_of(const Codec &codec)
{
    Bytes plain = corpus(medium() / codec.share);
    std::string spec = codec.spec;
    if (is_cut(spec, false, nullptr)) {
        speed_rows("write " + spec, [=](struct rove_workers *w) { return writes(spec, plain, piece, w); });
        pair_row("write " + spec, codec.speed_up,
                 {[=] { return writer(spec, plain); }, [=] { return write_handing(spec, plain); }});
    }
    if (codec.by && is_cut(spec, true, codec.by)) {
        std::string by = codec.by;
        speed_rows("read " + spec, [=](struct rove_workers *w) {
            return reads(spec, plain, piece, Lies::in_chunks, by, w);
        });
        pair_row("read " + spec, codec.speed_up,
                 {[=] { return reader(spec, plain, by); }, [=] { return read_handing(spec, plain, by); }});
    }
}

// ---- what it costs where nothing is gained ----------------------------------------------------

Body size_of(std::string spec, Bytes plain)
{
    return tells([=] { return double(coded(spec, plain).len) / double(plain.len); });
}

void size_row(const std::string &spec, double most, const std::string &beside)
{
    Bytes plain = corpus(medium() / 4);
    if (is_spec(spec))
        Row("size, " + spec)
            .unit("x plain")
            .rove(size_of(spec, plain), exact)
            .limit(beside, size_of(beside, plain), exact)
            .goal(at_most(most, beside));
}

double now()
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return double(t.tv_sec) * 1e6 + double(t.tv_nsec) / 1e3;
}

// CPU time of opening, writing 4 KiB and closing; the median of many.
std::vector<double> one_part(const std::string &spec,
                             const std::vector<struct rove_workers *> &ways)
{
    std::vector<std::vector<double>> times(ways.size());
    Store sink;
    for (int i = 0; i < (quick() ? 50 : 1000); i++)
        for (size_t way = 0; way < ways.size(); way++) {
            double from = now();
            struct rove_stream *stream = encoder(sink, spec, ways[way]);
            ok(rove_stream_write(stream, corpus(4 * KiB).ptr, 4 * KiB));
            finish(stream);
            times[way].push_back(now() - from);
            sink.clear();
        }
    std::vector<double> medians;
    for (const std::vector<double> &all : times)
        medians.push_back(median(all));
    return medians;
}

void one_part_row(const std::string &spec)
{
    if (!is_spec(spec))
        return;
    Row("4 KiB by " + spec + ": more with workers")
        .unit("us")
        .rove(tells([=] {
                  std::vector<double> took = one_part(spec, {nullptr, crew(2)});
                  return took[1] - took[0];
              }),
              once)
        .limit("allowed", tells([] { return 2.0; }), exact)
        .goal(at_most(1, "allowed"));
}

} // namespace

void call_rows()
{
    Row("a line of the cache, to the other CPU and back").limit("two threads", tells(there_and_back), once_roaming);
    for (const Codec &codec : codecs)
        if (is_spec(codec.spec))
            rows_of(codec);
        else
            note(std::string("not in this build: ") + codec.spec);
}

void part_rows()
{
    Bytes plain = corpus(medium() / 8);
    Row("write gzip:block=128K, no workers")
        .unit("MB/s")
        .rove(writes("gzip:block=128K", plain, piece))
        .limit("gzip", writes("gzip", plain, piece))
        .goal(at_most(1.03, "gzip"));
    size_row("gzip:block=128K", 1.002, "gzip");
    size_row("bgzf", 1.04, "gzip");
    size_row("libdeflate:bgzf=yes", 1.04, "gzip");
    for (const char *spec : {"lz4", "bgzf", "gzip:block=128K", "zstd:block=512K", "igzip"})
        one_part_row(spec);
}

} // namespace bench
