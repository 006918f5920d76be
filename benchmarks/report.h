// SPDX-License-Identifier: MIT
// report.h: rows of subjects that do the same work, and the one table that compares them.
//
// A program is one or more .cc files that include this header, listed once in CMakeLists.txt:
//
//     rove_add_benchmark(NAME bench_filter SOURCES bench_filter.cc LIBS ZLIB::ZLIB)
//
// It defines bench_title(), bench_child() and bench_rows(), which makes the rows in the order of the
// table; report.cc has main(), runs them and prints:
//
//     Row("append 16 B")
//         .rove(append_rove)                      what is judged: one a row
//         .peer("std::string", append_string)     others who do the work; the best is shown
//         .limit("memcpy", append_memcpy)         what bounds them all; the first is shown
//         .bound("memcpy behind a call", call)    the least in the shape that the work must have, each in a line
//         .goal(at_most(1.05, "memcpy"))          ratios only, never nanoseconds
//         .goal(faster(2, best_peer));            as many as wanted
//
// A subject is a function of a State, as in Google Benchmark:
//
//     void append_rove(State &state)
//     {
//         Rope rope;                              made once a repetition, not timed
//         for (auto _ : state) {
//             ok(rove_rope_append(rope, hide(source()), 16));
//             untimed(state, [&] { ... });        where a step is not to be timed
//         }
//         state.SetItemsProcessed(state.iterations());
//     }
//
// What a subject tells decides what the table shows. SetItemsProcessed(): the time of one item, or with
// .unit("M lines/s") or another "M ../s" how many millions of them a second. SetBytesProcessed() and
// .unit("MB/s"): 10^6 bytes (of plain data) a second. A counter "value" and .unit("B"), or any other
// unit: that figure, the less the better. Ratios are always rove's cost over the other's, so that
// below 1 rove is ahead, also where the table shows speeds.
//
// The last argument says how a subject is run: nothing (many iterations, one pinned thread, CPU time
// of the process), `once` (one iteration is long enough), `exact` (once, and one repetition is enough:
// sizes), `two_threads` (pinned to a CPU each), `two_roaming` (not pinned) and `on_the_wall` (the clock on the wall, not pinned:
// subjects that start threads or processes of their own), `in_slices` (many short repetitions: of what waits for memory, which
// others on the machine disturb for a tenth of a second and longer). SkipWithError() leaves a subject out.
//
// All subjects of a row run in one process, their repetitions shuffled, so that whatever else the
// machine does strikes all alike; the table shows medians, and the least beside rove's. Check results
// by contents outside the timing, and die() when they are wrong.
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <benchmark/benchmark.h>

#include <rove/status.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace bench
{

using State = benchmark::State;
using Body = std::function<void(State &)>;

// ---- rows -------------------------------------------------------------------------------------

// How a subject is run.
struct How {
    int threads = 1;
    bool once = false;  // one iteration is long enough for a repetition
    bool wall = false;  // judged by the clock on the wall: for several threads
    bool exact = false; // the same every time: one repetition is enough
    bool roams = false; // not pinned: starts threads or processes of its own
    bool brief = false; // many short repetitions
};

inline const How once = {1, true, false, false, false};
inline const How exact = {1, true, false, true, false};
inline const How two_threads = {2, false, true, false, false};
inline const How two_roaming = {2, false, true, false, true}; // the same, beside subjects that are not pinned
inline const How one_thread = {1, false, true, false, false}; // what two_threads stand beside
inline const How on_the_wall = {1, false, true, false, true};
inline const How in_slices = {1, false, false, false, false, true};

inline const char *const best_peer = "";

// A bound on the ratio of rove's figure to another's.
struct Goal {
    std::string beside;
    double most;
    bool as_faster; // say it as "rove is so many times faster"
};

// rove takes at most ratio times what the other takes.
Goal at_most(double ratio, std::string beside);
// rove is at least so many times faster (or smaller) than the other.
Goal faster(double times, std::string beside);

enum class Role { rove, peer, limit, bound };

struct Subject {
    Role role;
    std::string name;
    Body body;
    How how;
};

struct RowData {
    std::string name;
    std::string unit; // empty: time
    std::vector<Subject> subjects;
    std::vector<Goal> goals;
    std::function<void()> after;
};

// Makes a row; the table keeps it. Goals beside a peer that was not built in are shown as unknown.
class Row
{
public:
    explicit Row(std::string name);
    Row &rove(Body body, How how = How());
    Row &peer(std::string name, Body body, How how = How());
    Row &limit(std::string name, Body body, How how = How());
    // A goal that asks for less than a bound takes is shown as bounded rather than as missed.
    Row &bound(std::string name, Body body, How how = How());
    Row &goal(Goal goal);
    Row &unit(std::string unit);
    Row &after(std::function<void()> hook); // runs after the row: drops what rows before shared

private:
    Row &add(Role role, std::string name, Body body, How how);
    RowData &data;
};

// A line above the table: versions of peers, settings.
void note(const std::string &text);

// ---- what the bodies share (common.cc) --------------------------------------------------------

inline constexpr size_t KiB = 1024, MiB = 1024 * KiB, GiB = 1024 * MiB;

// True with --quick: everything small, one repetition, to see that it runs.
bool quick();
// True with --all: more repetitions, and what takes long.
bool thorough();
size_t large();  // bytes: 1 GiB, or what the memory at hand allows; far beyond any cache
size_t medium(); // bytes: 64 MiB

// Page-aligned memory of n bytes, every page of it touched.
class Pages
{
public:
    explicit Pages(size_t n);
    Pages(const Pages &) = delete;
    Pages &operator=(const Pages &) = delete;
    ~Pages();
    char *data() const
    {
        return at;
    }

private:
    size_t len;
    char *at;
};

// 1 MiB of random bytes, followed by as much again, so that any run of 1 MiB may be read.
const char *source();

// How fast memcpy() is may hang on where its two ends lie: where it uses `rep movsb`, by a factor of
// two. So that no subject is lucky, large copies go from and to all multiples of 16 in turn.
inline size_t shuffle(size_t i)
{
    return i % 4 * 16;
}

// Where the reading rows put what they read: piece bytes, elsewhere each time.
class Sink
{
public:
    explicit Sink(size_t piece) : room(piece + 2 * KiB)
    {
    }
    char *next()
    {
        benchmark::ClobberMemory();
        return room.data() + KiB + shuffle(turn++);
    }

private:
    Pages room;
    size_t turn = 0;
};

// Ends the program with a message when a call failed: a row that fails has no figure.
[[noreturn]] void die(const char *what);
inline void ok(enum rove_status status)
{
    if (__builtin_expect(status != ROVE_OK, 0))
        die(rove_status_text(status));
}

// glibc's malloc gives freed memory back to the kernel (the default) or keeps all of it.
void malloc_keeps(bool keeps);

// Gives all free memory of malloc back, so that what is taken next are fresh pages.
void malloc_forget();

// Makes the compiler forget what it knows of a value.
template <class T> inline T hide(T value)
{
    asm volatile("" : "+r"(value));
    return value;
}

// Random offsets, the same for every subject; a multiplication and an addition each.
class Random
{
public:
    explicit Random(uint64_t seed = 1) : state(seed * 0x9E3779B97F4A7C15u)
    {
    }
    uint64_t below(uint64_t end)
    {
        __extension__ typedef unsigned __int128 Wide;
        state = state * 6364136223846793005u + 1442695040888963407u;
        return static_cast<uint64_t>((static_cast<Wide>(state) * end) >> 64);
    }

private:
    uint64_t state;
};

// Runs body between PauseTiming() and ResumeTiming().
template <class F> void untimed(State &state, F &&body)
{
    state.PauseTiming();
    body();
    state.ResumeTiming();
}

// A job that the program runs as a process of its own and that returns a figure: for memory.
// preload: a library for LD_PRELOAD, or empty. Returns a negative number when it failed.
double run_child(const std::string &job, const std::string &preload = "");

// Bytes of memory that are resident now.
size_t resident();

} // namespace bench

// ---- what a program defines -------------------------------------------------------------------

const char *bench_title();
void bench_rows();
double bench_child(const std::string &job); // called in the child; most programs have none

#endif
