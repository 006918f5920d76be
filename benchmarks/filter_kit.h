// SPDX-License-Identifier: MIT
// filter_kit.h: chains as subjects, and what the rows of bench_filter share.
#ifndef BENCH_FILTER_KIT_H
#define BENCH_FILTER_KIT_H

#include "filter_corpus.h"

// A struct and a function of one name are two things in C; in C++ -Wshadow complains.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#include <rove/chain.h>
#include <rove/plugin.h>
#include <rove/rope.h>
#include <rove/stream.h>
#include <rove/view.h>
#pragma GCC diagnostic pop

#include <string>
#include <vector>

namespace bench
{

// A pool that gives no memory back, so that all is recycled but for the first time.
struct rove_pool *filter_pool();

// How a store has its content: as one span, like a mapped file, or in chunks of 64 KiB.
enum class Lies {
    whole,
    in_chunks
};

// A stream over a rope of that pool, or of another.
class Store
{
public:
    explicit Store(struct rove_pool *pool = filter_pool());
    Store(Bytes content, Lies lies); // whole: borrows the bytes
    Store(const Store &) = delete;
    Store &operator=(const Store &) = delete;
    ~Store();
    operator struct rove_stream *() const
    {
        return stream;
    }
    void clear() const
    {
        ok(rove_stream_reset(stream));
    }
    void rewind() const
    {
        ok(rove_stream_seek(stream, 0, ROVE_SET, nullptr));
    }

private:
    struct rove_stream *stream;
};

// A stream through a chain, closed and given back at the end.
struct rove_stream *encoder(struct rove_stream *sink, const std::string &spec,
                            struct rove_workers *workers = nullptr);
struct rove_stream *decoder(struct rove_stream *source, const std::string &spec,
                            struct rove_workers *workers = nullptr);
void finish(struct rove_stream *stream);

bool has_filter(const char *name);

// Loads a plugin of those that come along; notes why not.
bool load_plugin(const char *name);

// Plain bytes encoded by a chain, which were decoded again and compared; kept for all rows.
Bytes coded(const std::string &spec, Bytes plain);

// Bodies: the whole of plain through a chain, in pieces of so many bytes; MB/s.
Body writes(std::string spec, Bytes plain, size_t piece, struct rove_workers *workers = nullptr);
// Reading is done by the spec's names, or by another spec for the same format.
Body reads(std::string spec, Bytes plain, size_t piece, Lies lies = Lies::whole,
           std::string by = "", struct rove_workers *workers = nullptr);

// A body that hands all of plain to some other code, once an iteration: MB/s of plain.
template <class F> Body passes(Bytes plain, F &&code)
{
    return [plain, code](State &state) {
        for (auto _ : state)
            code();
        state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) *
                                static_cast<int64_t>(plain.len));
    };
}

// Memory for results of this thread, as long as the longest wanted so far, every page touched.
char *scratch(size_t len);

inline void must(bool right, const char *what)
{
    if (__builtin_expect(!right, 0))
        die(what);
}

// ---- the parts of the program -----------------------------------------------------------------

void stream_rows(); // C1z, C1f, C1l
void dense_rows();  // C1x, C1b
void sum_rows();    // C4, C5
void small_rows();  // C1s, C6

} // namespace bench

#endif
