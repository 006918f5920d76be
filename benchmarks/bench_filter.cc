// SPDX-License-Identifier: MIT
// bench_filter.cc: rows C1, C4, C5 and C6, docs/benchmarks-filters.md: codecs and checksums in a
// chain, beside the same codec called on flat memory and beside others who wrap it.
#include "filter_kit.h"

const char *bench_title()
{
    return "rove filters: streams through codecs, checksums as layers, small messages";
}

void bench_rows()
{
    bench::note(bench::corpus_note());
    bench::stream_rows();
    bench::dense_rows();
    bench::sum_rows();
    bench::small_rows();
}

double bench_child(const std::string &)
{
    return -1;
}
