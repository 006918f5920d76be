// SPDX-License-Identifier: MIT
// filter_kit.cc: chains as subjects.
#include "filter_kit.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace bench
{

struct rove_pool *filter_pool()
{
    static struct rove_pool *const pool = [] {
        struct rove_pool_opts opts = {};
        opts.size = sizeof opts;
        opts.keep_len = UINT64_MAX / 2;
        struct rove_pool *made;
        ok(rove_pool_new(&opts, &made));
        return made;
    }();
    return pool;
}

Store::Store(struct rove_pool *pool)
{
    ok(rove_stream_new(pool, &stream));
}

Store::Store(Bytes content, Lies lies)
{
    struct rove_rope rope;
    rove_rope_init(&rope, filter_pool());
    if (lies == Lies::whole)
        ok(rove_rope_append_adopt(&rope, content.ptr, content.len, nullptr, nullptr));
    else
        ok(rove_rope_append(&rope, content.ptr, content.len));
    ok(rove_stream_from_rope(&rope, &stream));
    rove_rope_fini(&rope);
}

Store::~Store()
{
    rove_stream_free(stream);
}

// ---- chains -----------------------------------------------------------------------------------

struct rove_stream *encoder(struct rove_stream *sink, const std::string &spec,
                            struct rove_workers *workers)
{
    struct rove_stream *stream;
    struct rove_limits limits = {};
    limits.size = sizeof limits;
    limits.workers = workers;
    ok(rove_stream_encode(sink, spec.c_str(), &limits, &stream, nullptr));
    return stream;
}

struct rove_stream *decoder(struct rove_stream *source, const std::string &spec,
                            struct rove_workers *workers)
{
    struct rove_stream *stream;
    struct rove_limits limits = {};
    limits.size = sizeof limits;
    limits.workers = workers;
    ok(rove_stream_decode(source, spec.c_str(), &limits, &stream, nullptr));
    return stream;
}

void finish(struct rove_stream *stream)
{
    ok(rove_stream_close(stream));
    rove_stream_free(stream);
}

bool has_filter(const char *name)
{
    return rove_filter_find(name, ROVE_ENCODE) || rove_filter_find(name, ROVE_DECODE);
}

bool load_plugin(const char *name)
{
#if defined(ROVE_PLUGIN_DIR)
    struct rove_plugin_error error;
    std::string path = std::string(ROVE_PLUGIN_DIR "/rove-filter-") + name + ".so";
    if (rove_filter_find(name, ROVE_ENCODE) || rove_plugin_load(path.c_str(), &error) == ROVE_OK)
        return true;
    note(std::string("without the plugin ") + name + ": " + error.text);
#else
    note(std::string("without the plugin ") + name);
#endif
    return false;
}

namespace
{

void write_all(struct rove_stream *stream, Bytes plain, size_t piece)
{
    for (size_t off = 0; off < plain.len; off += piece)
        ok(rove_stream_write(stream, plain.ptr + off, std::min(piece, plain.len - off)));
}

// Reads to the end, piece bytes at a time to the same place; returns how many there were.
size_t read_all(struct rove_stream *stream, char *to, size_t piece)
{
    size_t sum = 0, len;
    enum rove_status status = ROVE_OK;
    while (status == ROVE_OK) {
        status = rove_stream_read(stream, to, piece, &len);
        sum += len;
    }
    must(status == ROVE_END, rove_stream_explain(stream));
    return sum;
}

std::vector<char> encode(const std::string &spec, Bytes plain)
{
    Store sink;
    struct rove_stream *stream = encoder(sink, spec);
    write_all(stream, plain, plain.len);
    finish(stream);
    uint64_t len;
    ok(rove_stream_size(sink, &len));
    std::vector<char> bytes(len);
    sink.rewind();
    ok(rove_stream_read(sink, bytes.data(), bytes.size(), nullptr));
    return bytes;
}

void check(const std::string &spec, Bytes plain, Bytes packed)
{
    Store source(packed, Lies::in_chunks);
    std::vector<char> back(plain.len + 1);
    struct rove_stream *stream = decoder(source, spec);
    size_t len = read_all(stream, back.data(), back.size());
    finish(stream);
    must(len == plain.len && std::memcmp(back.data(), plain.ptr, len) == 0,
         "what was decoded is not what was encoded");
}

// A spec without its options, which are for writing.
std::string names_only(const std::string &spec)
{
    std::string names;
    bool option = false;
    for (char c : spec) {
        option = (option && c != '|') || c == ':';
        if (!option)
            names += c;
    }
    return names;
}

} // namespace

Bytes coded(const std::string &spec, Bytes plain)
{
    static std::mutex one_at_a_time;
    std::lock_guard<std::mutex> guard(one_at_a_time);
    static std::map<std::pair<std::string, size_t>, std::vector<char>> all;
    std::vector<char> &one = all[{spec, plain.len}];
    if (one.empty()) {
        one = encode(spec, plain);
        check(names_only(spec), plain, {one.data(), one.size()});
    }
    return {one.data(), one.size()};
}

// ---- bodies -----------------------------------------------------------------------------------

Body writes(std::string spec, Bytes plain, size_t piece, struct rove_workers *workers)
{
    return [spec, plain, piece, workers](State &state) {
        Store sink;
        for (auto _ : state) {
            struct rove_stream *stream = encoder(sink, spec, workers);
            write_all(stream, plain, piece);
            finish(stream);
            untimed(state, [&] { sink.clear(); });
        }
        state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) *
                                static_cast<int64_t>(plain.len));
    };
}

Body reads(std::string spec, Bytes plain, size_t piece, Lies lies, std::string by,
           struct rove_workers *workers)
{
    return [spec, plain, piece, lies, by, workers](State &state) {
        Store source(coded(spec, plain), lies);
        std::string names = by.empty() ? names_only(spec) : by;
        char *to = scratch(piece);
        for (auto _ : state) {
            struct rove_stream *stream = decoder(source, names, workers);
            must(read_all(stream, to, piece) == plain.len, "bytes are missing");
            finish(stream);
            untimed(state, [&] { source.rewind(); });
        }
        state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) *
                                static_cast<int64_t>(plain.len));
    };
}

char *scratch(size_t len)
{
    static thread_local std::unique_ptr<Pages> pages;
    static thread_local size_t cap = 0;
    if (cap < len) {
        pages = std::make_unique<Pages>(len);
        cap = len;
    }
    return pages->data();
}

} // namespace bench
