// SPDX-License-Identifier: MIT
// parallel_kit.h: what the rows of bench_parallel share.
#ifndef BENCH_PARALLEL_KIT_H
#define BENCH_PARALLEL_KIT_H

#include "filter_kit.h"

// A struct and a function of one name are two things in C; in C++ -Wshadow complains.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#include <rove/workers.h>
#pragma GCC diagnostic pop

namespace bench
{

// CPU time of all threads, not pinned.
inline const How all_cpu = {1, false, false, false, true};

// Once, not pinned: threads that it starts inherit that.
inline const How once_roaming = {1, true, false, false, true};

// Workers of so many threads, made once; NULL for 0.
struct rove_workers *crew(size_t threads);

// Whether this build knows the filters and options of a chain's text.
bool is_spec(const std::string &spec);

// Parts that workers have done so far.
uint64_t parts_done(struct rove_workers *workers);

// A body that tells a figure, found outside of the library's timing.
inline Body tells(std::function<double()> figure)
{
    return [figure](State &state) {
        double value = 0;
        for (auto _ : state)
            value = figure();
        state.counters["value"] = value;
    };
}

double median(std::vector<double> values);

// ---- bounds -----------------------------------------------------------------------------------

struct Bound {
    std::string name;
    Body body;
    How how;
};
using Bounds = std::vector<Bound>;

// Of a chain that writes or reads in parts; none where this build lacks the filter.
Bounds write_bounds(const std::string &spec);
Bounds read_bounds(const std::string &spec);

// Of making and reading the members of BGZF: libdeflate itself, which is what the command and bgzip both call for them.
Bounds pack_bounds(int level);
Bounds members_bounds();

// Of reading a gzip member that nobody has cut.
Bounds inflate_bounds();

// How long a line of the cache takes from one CPU to another and back, in ns: on a virtual machine that may change from one
// minute to the next, and with it what reading in parts takes.
double there_and_back();

// ---- the parts of the program -----------------------------------------------------------------

void begin_tools(); // before the program has any memory to speak of

void call_rows();  // P1
void part_rows();  // one part
void sleep_rows(); // more workers than there are CPUs
void sweep_rows(); // how long a part should be
void tool_rows();  // C3z, C3l, P2

} // namespace bench

#endif
