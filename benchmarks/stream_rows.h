// SPDX-License-Identifier: MIT
// stream_rows.h: the parts of bench_stream.
#ifndef BENCH_STREAM_ROWS_H
#define BENCH_STREAM_ROWS_H

#include "peers.h"

namespace bench
{

// rove as the other objects are: from a length.
struct KeptStream : Stream { // its memory was used before
    explicit KeptStream(size_t = 0) : Stream(keeping_pool())
    {
    }
};

struct DefaultStream : Stream { // as programs have it
    explicit DefaultStream(size_t = 0)
    {
    }
};

struct FreshStream { // a pool of its own, whose memory was not
    std::unique_ptr<struct rove_pool, void (*)(struct rove_pool *)> pool;
    Stream stream;

    explicit FreshStream(size_t = 0) : pool(new_pool(), rove_pool_unref), stream(pool.get())
    {
    }
    auto appender()
    {
        return stream.appender();
    }
    void settle()
    {
    }
    size_t len() const
    {
        return stream.len();
    }
};

void rows_w1();
void rows_w2();
void rows_w8();
void rows_q2();
void rows_w9();
void rows_w10();
void rows_r1();
double memory_job(const std::string &job); // of rows_w9(), in a process of its own

} // namespace bench

#endif
