// SPDX-License-Identifier: MIT
// memory_chunk.h: full chunks, and the checksum of those that sleep, for bench_memory, by the calls that ropes use. The
// library's own headers are C, and the benchmarks are C++.
#ifndef BENCH_MEMORY_CHUNK_H
#define BENCH_MEMORY_CHUNK_H

#include <stddef.h>
#include <stdint.h>

struct rove_pool;

#ifdef __cplusplus
extern "C" {
#endif

// Takes a chunk of the pool's full length, one hold, pinned; NULL when there is none.
void *bench_chunk_take(struct rove_pool *pool);

// Gives it back.
void bench_chunk_give(void *chunk);

uint64_t bench_sum(const void *bytes, size_t len);

#ifdef __cplusplus
}
#endif

#endif
