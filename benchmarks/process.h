// SPDX-License-Identifier: MIT
// process.h: the clock on the wall, and what a process has used of the CPUs. In seconds.
#ifndef BENCH_PROCESS_H
#define BENCH_PROCESS_H

#include <ctime>

#include <sys/resource.h>

namespace bench
{

inline double wall_now()
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return double(t.tv_sec) + double(t.tv_nsec) / 1e9;
}

inline double seconds_of(const struct timeval &t)
{
    return double(t.tv_sec) + double(t.tv_usec) / 1e6;
}

inline double cpu_of(const struct rusage &usage)
{
    return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

} // namespace bench

#endif
