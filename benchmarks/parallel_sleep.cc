// SPDX-License-Identifier: MIT
// parallel_sleep.cc: more workers than there are CPUs. What a part is to take is slept, not computed.
//
// All else is done as for a real codec: the caller's input is gathered, parts go through the line to threads and come
// back in order, output goes on in chunks of the length that the codec would have filled. So the caller's own time for
// a part is that of a real run, and it is what bounds the speed, however many workers there are.
//
// Where that time is told, parts that are read also write what they become, as a codec does: memory that nobody has written
// is one page of zeros, in the nearest cache, and copying it takes half as long. What the caller codes himself while he waits
// is not counted: a part that he does is one that no worker has to. What he reads lies in one piece there, as in a mapped file:
// pieces are joined before the codec is called, which would be counted.
#include "parallel_kit.h"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <ctime>
#include <functional>
#include <map>
#include <mutex>
#include <sys/prctl.h>
#include <thread>

#include <rove/filter.h>
#include <rove/registry.h>

namespace bench
{

namespace
{

// Of BGZF a part is four members.
constexpr size_t bgzf_part = 4 * size_t(65280);

// One part of the codec that is acted.
struct Role {
    const char *actor; // the filter
    size_t plain_len, coded_len;
    long took_ns;
    bool writes; // what it becomes
};

// The one that is running; set before streams are made.
Role acted;

struct Actor {
    uint64_t out_left;
    bool begun;
};

int32_t act_part(void *st, const void *, const uint8_t *, size_t)
{
    *static_cast<Actor *>(st) = {};
    return ROVE_OK;
}

void sleep_for(long ns)
{
    struct timespec t = {ns / 1000000000, ns % 1000000000};
    prctl(PR_SET_TIMERSLACK, 1000, 0, 0, 0);
    clock_nanosleep(CLOCK_MONOTONIC, 0, &t, nullptr);
}

double on_clock(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return double(t.tv_sec) * 1e6 + double(t.tv_nsec) / 1e3;
}

// In the caller's thread: his CPU time in parts, microseconds.
thread_local double *in_parts;

class InPart
{
    double from;

public:
    InPart() : from(in_parts ? on_clock(CLOCK_THREAD_CPUTIME_ID) : 0) {}
    InPart(const InPart &) = delete;
    InPart &operator=(const InPart &) = delete;
    ~InPart()
    {
        if (in_parts)
            *in_parts += on_clock(CLOCK_THREAD_CPUTIME_ID) - from;
    }
};

// Takes all input, then gives as many bytes as a part becomes, whatever they are.
int32_t act_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act, size_t out_len)
{
    Actor *a = static_cast<Actor *>(st);
    InPart counted;
    if (!a->begun && in->len) {
        sleep_for(acted.took_ns);
        a->begun = true;
        a->out_left = out_len;
        in->ptr += in->len;
        in->len = 0;
    }
    size_t len = out->len < a->out_left ? out->len : size_t(a->out_left);
    if (acted.writes)
        std::memset(out->ptr, 'w', len);
    out->ptr += len;
    out->len -= len;
    a->out_left -= len;
    if (a->out_left || act == ROVE_RUN)
        return ROVE_OK;
    a->begun = false;
    return ROVE_END;
}

int32_t act_encode(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    return act_run(st, in, out, act, acted.coded_len);
}

int32_t act_decode(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    return act_run(st, in, out, act, acted.plain_len);
}

uint64_t act_part_len(const void *)
{
    return acted.plain_len;
}

int32_t act_next(void *, const uint8_t *, size_t, uint64_t *len_out)
{
    *len_out = acted.coded_len;
    return ROVE_OK;
}

int32_t act_join(void *, const void *, uint64_t)
{
    return ROVE_OK;
}

struct rove_filter actor(const char *name, uint32_t dir, uint32_t past_len)
{
    struct rove_filter f = {};
    f.size = sizeof f;
    f.abi = ROVE_FILTER_ABI;
    f.name = name;
    f.past_len = past_len;
    f.dir = dir;
    f.state_len = sizeof(Actor);
    f.run = dir == ROVE_ENCODE ? act_encode : act_decode;
    f.part_len = act_part_len;
    f.part = act_part;
    f.join = act_join;
    if (dir == ROVE_DECODE)
        f.next = act_next;
    return f;
}

struct Took {
    double wall, owner; // microseconds a part: on the wall, and of the caller's CPU time outside of parts
};

void write_parts(struct rove_stream *sink, size_t parts, struct rove_workers *workers)
{
    struct rove_stream *stream = encoder(sink, acted.actor, workers);
    for (size_t i = 0; i < parts; i++)
        ok(rove_stream_write(stream, corpus(acted.plain_len).ptr, acted.plain_len));
    finish(stream);
}

constexpr size_t read_len = 64 * KiB;

// What a program does with what it reads: it has it copied, or looks at it where it lies.
enum class Reader { copies, looks };

void read_parts(struct rove_stream *source, struct rove_workers *workers, Reader reader)
{
    struct rove_stream *stream = decoder(source, acted.actor, workers);
    char *to = scratch(read_len);
    const uint8_t *ptr;
    size_t len;
    if (reader == Reader::copies)
        while (rove_stream_read(stream, to, read_len, nullptr) == ROVE_OK)
            continue;
    else
        while (rove_stream_peek(stream, &ptr, &len) == ROVE_OK)
            stream->cur += len;
    finish(stream);
}

// Goes over all parts once.
Took lap(size_t parts, const std::function<void()> &body)
{
    double in_own = 0, wall = on_clock(CLOCK_MONOTONIC), owner = on_clock(CLOCK_THREAD_CPUTIME_ID);
    in_parts = &in_own;
    body();
    in_parts = nullptr;
    wall = on_clock(CLOCK_MONOTONIC) - wall;
    owner = on_clock(CLOCK_THREAD_CPUTIME_ID) - owner - in_own;
    return {wall / double(parts), owner / double(parts)};
}

// Medians of some laps, behind one in which the threads are made and the pool's memory is touched.
Took laps(size_t parts, const std::function<void()> &body, const std::function<void()> &again)
{
    std::vector<double> walls, owners;
    body();
    for (int i = 0; i < (quick() ? 1 : 7); i++) {
        again();
        Took took = lap(parts, body);
        walls.push_back(took.wall);
        owners.push_back(took.owner);
    }
    return {median(walls), median(owners)};
}

// What a part takes with so many workers, in the middle of a stream long enough for all of them.
Took write_with(const Role &role, size_t threads)
{
    size_t parts = threads * (quick() ? 8 : 40);
    Store sink;
    acted = role;
    return laps(parts, [&] { write_parts(sink, parts, crew(threads)); }, [&] { sink.clear(); });
}

Took read_with(const Role &role, size_t threads, Lies lies, Reader reader)
{
    size_t parts = threads * (quick() ? 8 : 40);
    std::vector<char> all(parts * role.coded_len, 'c');
    Store source(Bytes{all.data(), all.size()}, lies);
    acted = role;
    return laps(parts, [&] { read_parts(source, crew(threads), reader); }, [&] { source.rewind(); });
}

constexpr size_t in_flight = 3 * (16 + 1) + 1; // parts, with 16 workers

// The least that a caller does for a part: the program's bytes are copied once, to where a part has them in its turn, or from
// there, as long as what it reads at a time, when another thread has written them; microseconds a part. Nobody could give a
// program its bytes, or take them, for less.
double copied_once(size_t plain_len, bool reading)
{
    constexpr size_t at_hand = 16; // parts that lie in the caches that two CPUs share, or in one of them
    std::vector<char> parts(at_hand * plain_len), program(plain_len, 'q');
    std::vector<double> took;
    for (char lap = 0; lap < 60; lap++) {
        if (reading)
            std::thread([&] { std::memset(parts.data(), lap, parts.size()); }).join();
        for (size_t i = 0; i < at_hand; i++) {
            char *part = &parts[i * plain_len];
            double from = on_clock(CLOCK_THREAD_CPUTIME_ID);
            for (size_t at = 0; reading && at < plain_len; at += read_len) {
                std::memcpy(program.data(), part + at, std::min(read_len, plain_len - at));
                benchmark::ClobberMemory();
            }
            if (!reading)
                std::memcpy(part, program.data(), plain_len);
            benchmark::ClobberMemory();
            took.push_back(on_clock(CLOCK_THREAD_CPUTIME_ID) - from);
        }
    }
    return median(took);
}

// Parts that are nothing but sleep, by threads that share a list, a lock and two conditions.
struct Hands {
    std::mutex lock;
    std::condition_variable given, done;
    size_t given_cnt = 0, begun_cnt = 0, awaited = SIZE_MAX, most;
    std::vector<bool> is_done;

    explicit Hands(size_t parts) : most(parts), is_done(parts) {}

    void work(long took_ns)
    {
        std::unique_lock<std::mutex> hold(lock);
        for (;;) {
            given.wait(hold, [&] { return begun_cnt < given_cnt || given_cnt == most; });
            if (begun_cnt == given_cnt)
                return;
            size_t mine = begun_cnt++;
            hold.unlock();
            sleep_for(took_ns);
            hold.lock();
            is_done[mine] = true;
            if (mine == awaited)
                done.notify_one();
        }
    }
    void give()
    {
        {
            std::lock_guard<std::mutex> hold(lock);
            given_cnt++;
        }
        given.notify_one();
    }
    void take(size_t nth)
    {
        std::unique_lock<std::mutex> hold(lock);
        awaited = nth;
        done.wait(hold, [&] { return is_done[nth]; });
    }
};

double handed_lap(const Role &role)
{
    size_t parts = 16 * (quick() ? 8 : 40);
    Hands hands(parts);
    std::vector<std::thread> threads;
    for (int i = 0; i < 16; i++)
        threads.emplace_back([&] { hands.work(role.took_ns); });
    double from = on_clock(CLOCK_THREAD_CPUTIME_ID);
    for (size_t i = 0; i < parts + in_flight; i++) {
        if (i >= in_flight)
            hands.take(i - in_flight);
        if (i < parts)
            hands.give();
    }
    double took = on_clock(CLOCK_THREAD_CPUTIME_ID) - from;
    hands.given.notify_all();
    for (std::thread &thread : threads)
        thread.join();
    return took / double(parts);
}

// What it takes the caller to have threads do parts, whatever these are, and to wait for each in turn; microseconds a part, the
// median of as many laps.
double handed_over(const Role &role)
{
    std::vector<double> took;
    for (int i = 0; i < (quick() ? 1 : 7); i++)
        took.push_back(handed_lap(role));
    return median(took);
}

// A real part of the corpus, coded by the caller alone.
Role role_of(const char *spec, size_t plain_len, bool reading)
{
    Bytes plain = corpus(medium() / 16);
    Bytes packed = coded(spec, plain);
    double parts = double(plain.len) / double(plain_len);
    char *to = scratch(MiB);
    std::vector<double> took;
    for (int i = 0; i < 5; i++) {
        Store store;
        Store source(packed, Lies::in_chunks);
        double from = on_clock(CLOCK_THREAD_CPUTIME_ID);
        if (reading) {
            struct rove_stream *stream = decoder(source, "auto");
            while (rove_stream_read(stream, to, MiB, nullptr) == ROVE_OK)
                continue;
            finish(stream);
        } else {
            struct rove_stream *stream = encoder(store, spec);
            ok(rove_stream_write(stream, plain.ptr, plain.len));
            finish(stream);
        }
        took.push_back(on_clock(CLOCK_THREAD_CPUTIME_ID) - from);
    }
    return {std::strncmp(spec, "gzip", 4) == 0 ? "actor_past" : "actor", plain_len,
            size_t(double(packed.len) / parts), long(median(took) / parts * 1e3), false};
}

void rows_of(const char *spec, size_t plain_len, bool reading)
{
    if (!is_spec(spec))
        return;
    std::string name = std::string(reading ? "read " : "write ") + spec + ", asleep";
    auto role = [=] { // measured when it is first needed
        static std::map<std::string, Role> roles;
        auto found = roles.find(name);
        return found != roles.end() ? found->second
                                    : roles[name] = role_of(spec, plain_len, reading);
    };
    auto wall = [=](size_t threads) {
        Took took = reading ? read_with(role(), threads, Lies::in_chunks, Reader::copies) : write_with(role(), threads);
        return took.wall;
    };
    for (size_t threads : {size_t(4), size_t(16), size_t(64)})
        Row(name + ", " + std::to_string(threads) + " workers")
            .rove(tells([=] { return wall(threads); }), once_roaming)
            .limit("a part's share",
                   tells([=] { return double(role().took_ns) / 1e3 / double(threads); }), exact)
            .unit("us");
    auto part = [=] { return double(role().took_ns) / 1e3; };
    auto owner = [=](Reader reader, Lies lies) {
        Role busy = role();
        busy.writes = reading;
        Took took = reading ? read_with(busy, 16, lies, reader) : write_with(busy, 16);
        return took.owner;
    };
    const char *lies = reading ? ", input in one piece" : "";
    Row(name + ", the caller's CPU a part" + lies)
        .rove(tells([=] { return owner(Reader::copies, Lies::whole); }), once_roaming)
        .limit("the part", tells(part), exact)
        .bound("its bytes, copied once", tells([=] { return copied_once(plain_len, reading); }), once_roaming)
        .goal(faster(64, "the part"))
        .unit("us");
    if (reading)
        Row(name + ", the same without that copy, input in one piece")
            .rove(tells([=] { return owner(Reader::looks, Lies::whole); }), once_roaming)
            .peer("out of chunks, which he joins for his own parts",
                  tells([=] { return owner(Reader::looks, Lies::in_chunks); }), once_roaming)
            .limit("the part", tells(part), exact)
            .bound("parts that only sleep, handed over", tells([=] { return handed_over(role()); }), once_roaming)
            .goal(faster(64, "the part"))
            .unit("us");
}

} // namespace

void sleep_rows()
{
    static const struct rove_filter filters[] = {actor("actor", ROVE_ENCODE, 0),
                                                 actor("actor", ROVE_DECODE, 0),
                                                 actor("actor_past", ROVE_ENCODE, 32 * KiB)};
    for (const struct rove_filter &filter : filters)
        ok(rove_filter_register(&filter, nullptr));
    rows_of("gzip:block=128K", 128 * KiB, false);
    rows_of("libdeflate:bgzf=yes", bgzf_part, false);
    rows_of("libdeflate:bgzf=yes", bgzf_part, true);
    rows_of("lz4", 256 * KiB, false);
    rows_of("lz4", 256 * KiB, true);
}

} // namespace bench
