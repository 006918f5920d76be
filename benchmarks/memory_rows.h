// SPDX-License-Identifier: MIT
// memory_rows.h: the rows of bench_memory, by file.
#ifndef BENCH_MEMORY_ROWS_H
#define BENCH_MEMORY_ROWS_H

#include "peers.h"

namespace bench
{

// A pool on the C library's allocator, which gives slabs back to the kernel at once.
struct rove_pool *system_pool(uint32_t flags = 0);

void rows_of_chunks(); // bench_memory.cc
void rows_of_pages();  // memory_pages.cc
void rows_of_spill();  // memory_spill.cc

// The job of a child: the peak of its resident memory in MiB.
double spill_job(const std::string &job);

} // namespace bench

#endif
