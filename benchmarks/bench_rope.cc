// SPDX-License-Identifier: MIT
// bench_rope.cc: rows W3 to W7, W11, E1 to E3 and M1 of docs/benchmarks.md: reading, seeking, sharing,
// editing.
#include "rope_objects.h"

const char *bench_title()
{
    return "the rope: rows W3-W7, W11, E1-E3 and M1";
}

void bench_rows()
{
    using namespace bench;
    note_peers();
    rows_w3();
    rows_w4();
    rows_w5();
    rows_w6();
    rows_w7();
    rows_w11();
    rows_e();
    rows_m1();
}

double bench_child(const std::string &)
{
    return -1;
}
