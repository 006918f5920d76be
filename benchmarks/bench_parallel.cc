// SPDX-License-Identifier: MIT
// bench_parallel.cc: rows C3z, C3l, P1 and P2, docs/parallel.md: codecs whose work is cut into parts, with workers and
// without, as library calls and as whole processes beside other tools.
#include "parallel_kit.h"

#include <algorithm>
#include <map>

namespace bench
{

struct rove_workers *crew(size_t threads)
{
    static std::map<size_t, struct rove_workers *> crews;
    struct rove_workers *&one = crews[threads];
    if (threads && !one) {
        struct rove_workers_opts opts = {};
        opts.size = sizeof opts;
        opts.thread_cnt = threads;
        ok(rove_workers_new(&opts, &one));
    }
    return one;
}

bool is_spec(const std::string &spec)
{
    char text[256];
    return rove_spec_print(spec.c_str(), ROVE_ENCODE, text, sizeof text, nullptr) == ROVE_OK;
}

uint64_t parts_done(struct rove_workers *workers)
{
    struct rove_workers_figures figures;
    rove_workers_measure(workers, &figures);
    return figures.done_cnt;
}

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values.empty() ? 0 : values[values.size() / 2];
}

} // namespace bench

const char *bench_title()
{
    return "parallel: parts by workers, beside none and beside other tools";
}

void bench_rows()
{
    bench::begin_tools();
    bench::note(bench::corpus_note());
    bench::note("rows with workers and of whole processes: the clock on the wall, not pinned; a "
                "worker is a thread "
                "beside the caller, who works while it waits");
    for (const char *name : {"igzip", "libdeflate", "zstd"})
        bench::load_plugin(name);
    bench::call_rows();
    bench::part_rows();
    bench::sleep_rows();
    bench::sweep_rows();
    bench::tool_rows();
}

double bench_child(const std::string &)
{
    return -1;
}
