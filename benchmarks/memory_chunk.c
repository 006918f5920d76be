// SPDX-License-Identifier: MIT
// memory_chunk.c: full chunks and their checksum for bench_memory, by the calls that ropes use.
#include "memory_chunk.h"

#include "chunk/chunk.h"
#include "chunk/sum.h"

void *bench_chunk_take(struct rove_pool *pool)
{
    enum rove_status why;
    return rv_chunk_take(pool, pool->chunk_len, &why);
}

void bench_chunk_give(void *chunk)
{
    rv_chunk_drop(chunk);
}

uint64_t bench_sum(const void *bytes, size_t len)
{
    return rv_sum(bytes, len);
}
