// SPDX-License-Identifier: MIT
// parallel_sweep.cc: how long a part should be: the same work cut in parts of 4 KiB to 4 MiB.
//
// The codec is acted by one that sums its bytes and copies them, some 1 GB/s: faster than most, so that what a part
// costs beside its work shows. All else is real.
#include "parallel_kit.h"

#include <algorithm>
#include <cstring>
#include <ctime>

#include <rove/filter.h>
#include <rove/registry.h>

#include <zlib.h>

namespace bench
{

namespace
{

uint64_t swept; // the length of parts; set before streams are made

int32_t sweep_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    size_t len = std::min(in->len, out->len);
    if (len) {
        uLong *sum = static_cast<uLong *>(st);
        *sum = crc32(*sum, in->ptr, static_cast<uInt>(len));
        std::memcpy(out->ptr, in->ptr, len);
    }
    in->ptr += len;
    in->len -= len;
    out->ptr += len;
    out->len -= len;
    return in->len || act == ROVE_RUN ? ROVE_OK : ROVE_END;
}

uint64_t sweep_part_len(const void *)
{
    return swept;
}

int32_t sweep_part(void *st, const void *, const uint8_t *, size_t)
{
    *static_cast<uLong *>(st) = 0;
    return ROVE_OK;
}

int32_t sweep_join(void *st, const void *part, uint64_t len)
{
    uLong *sum = static_cast<uLong *>(st);
    *sum = crc32_combine(*sum, *static_cast<const uLong *>(part), static_cast<z_off_t>(len));
    return ROVE_OK;
}

struct rove_filter sweeper()
{
    struct rove_filter f = {};
    f.size = sizeof f;
    f.abi = ROVE_FILTER_ABI;
    f.name = "sweep";
    f.dir = ROVE_ENCODE;
    f.state_len = sizeof(uLong);
    f.run = sweep_run;
    f.part_len = sweep_part_len;
    f.part = sweep_part;
    f.join = sweep_join;
    return f;
}

// CPU time of all threads for one pass, in microseconds.
double cpu_of(Bytes plain, struct rove_workers *workers)
{
    struct timespec from, to;
    Store sink;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    struct rove_stream *stream = encoder(sink, "sweep", workers);
    ok(rove_stream_write(stream, plain.ptr, plain.len));
    finish(stream);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    return double(to.tv_sec - from.tv_sec) * 1e6 + double(to.tv_nsec - from.tv_nsec) / 1e3;
}

double cost_of_part(Bytes plain, uint64_t len)
{
    std::vector<double> more;
    swept = len;
    for (int i = 0; i < (quick() ? 1 : 9); i++)
        more.push_back(cpu_of(plain, crew(1)) - cpu_of(plain, nullptr));
    return median(more) / (double(plain.len) / double(len));
}

void rows_of(uint64_t len, const std::string &name)
{
    Bytes plain = corpus(medium() / 2);
    auto body = [=](struct rove_workers *workers) -> Body {
        Body inner = writes("sweep", plain, 256 * KiB, workers);
        return [=](State &state) {
            swept = len;
            inner(state);
        };
    };
    Row("parts of " + name + ", 2 threads")
        .unit("MB/s")
        .rove(body(crew(1)), on_the_wall)
        .limit("no workers", body(nullptr), on_the_wall)
        .bound("two apart", body(nullptr), two_roaming);
    Row("parts of " + name + ": more CPU for each")
        .unit("us")
        .rove(tells([=] { return cost_of_part(plain, len); }), once)
        .limit("its work", tells([=] {
                   swept = len;
                   return cpu_of(plain, nullptr) / (double(plain.len) / double(len));
               }),
               once);
}

} // namespace

void sweep_rows()
{
    static const struct rove_filter filter = sweeper();
    ok(rove_filter_register(&filter, nullptr));
    for (size_t len = 4 * KiB; len <= 4 * MiB; len *= 4)
        rows_of(len, len < MiB ? std::to_string(len / KiB) + " KiB" : std::to_string(len / MiB) + " MiB");
}

} // namespace bench
