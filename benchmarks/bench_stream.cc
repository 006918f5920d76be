// SPDX-License-Identifier: MIT
// bench_stream.cc: rows W1, W2, W8 to W10, Q1, Q2 and R1 of docs/benchmarks.md, small streams, and lines.
#include "bounds.h"
#include "stream_rows.h"

namespace bench
{

namespace
{

// ---- small streams ----------------------------------------------------------------------------

// Runs one(from, to) on and on: makes an object, writes 100 bytes, reads them back, drops it.
template <class One> void brief(State &state, One &&one)
{
    char to[100] = {};
    one(source(), to);
    if (std::memcmp(to, source(), sizeof to) != 0)
        die("a small object gives other bytes");
    for (auto _ : state) {
        one(hide(source()), to);
        benchmark::DoNotOptimize(to);
    }
    state.SetItemsProcessed(state.iterations());
}

void brief_rove(const char *p, char *to)
{
    struct rove_stream *stream;
    ok(rove_stream_new(nullptr, &stream));
    ok(rove_stream_write(stream, p, 100));
    ok(rove_stream_seek(stream, 0, ROVE_SET, nullptr));
    ok(rove_stream_read(stream, to, 100, nullptr));
    rove_stream_free(stream);
}

void brief_string(const char *p, char *to)
{
    std::string string;
    string.append(p, 100);
    string.copy(to, 100);
}

void brief_memstream(const char *p, char *to)
{
    Memstream stream;
    fwrite_unlocked(p, 1, 100, stream.file);
    std::fflush(stream.file);
    std::memcpy(to, stream.bytes, 100);
}

// The same steps, each a call, on two blocks.
void brief_calls(const char *p, char *to)
{
    Small *small = small_new();
    ok(small_write(small, p, 100));
    ok(small_seek(small, 0));
    ok(small_read(small, to, 100, nullptr));
    small_free(small);
}

void malloc_pair(State &state)
{
    for (auto _ : state)
        std::free(hide(std::malloc(hide(size_t(100)))));
    state.SetItemsProcessed(state.iterations());
}

void row_small()
{
    Row row("small: new, write 100 B, read, free");
    row.rove([](State &state) { brief(state, brief_rove); });
    row.peer("std::string", [](State &state) { brief(state, brief_string); });
    row.peer("open_memstream", [](State &state) { brief(state, brief_memstream); });
#if defined(ROVE_HAVE_LIBEVENT)
    row.peer("evbuffer", [](State &state) {
        brief(state, [](const char *p, char *to) {
            Evbuffer buffer;
            evbuffer_add(buffer, p, 100);
            evbuffer_remove(buffer, to, 100);
        });
    });
#endif
#if defined(ROVE_HAVE_ABSL)
    row.peer("Cord", [](State &state) {
        brief(state, [](const char *p, char *to) {
            absl::Cord cord(absl::string_view(p, 100));
            std::memcpy(to, cord.Flatten().data(), 100);
        });
    });
#endif
#if defined(ROVE_HAVE_BOOST)
    row.peer("flat_buffer", [](State &state) {
        brief(state, [](const char *p, char *to) {
            boost::beast::flat_buffer buffer;
            beast_append(buffer, p, 100);
            beast_take(buffer, to, 100);
        });
    });
#endif
    row.limit("malloc pair", malloc_pair)
        .bound("two blocks, five calls", [](State &state) { brief(state, brief_calls); })
        .goal(at_most(4, "malloc pair"));
}

// ---- lines ------------------------------------------------------------------------------------

struct Text {
    std::string bytes;
    size_t lines = 0;
};

// Lines of 40 to 119 characters.
const Text &text()
{
    static const Text made = [] {
        Text all;
        Random random;
        for (; all.bytes.size() < medium() / 4; all.lines++) {
            all.bytes.append(40 + random.below(80), 'x');
            all.bytes += '\n';
        }
        return all;
    }();
    return made;
}

// Runs pass() on and on, which returns the number of lines that it saw.
template <class Pass> void lines(State &state, Pass &&pass)
{
    if (pass() != text().lines)
        die("lines were missed");
    size_t n = 0;
    for (auto _ : state)
        n += pass();
    state.SetItemsProcessed(count(n));
}

void fill_with_text(struct rove_stream *stream)
{
    const std::string &all = text().bytes;
    for (size_t off = 0; off < all.size(); off += block)
        ok(rove_stream_write(stream, all.data() + off, std::min(block, all.size() - off)));
}

void line_span(State &state)
{
    Stream stream;
    fill_with_text(stream);
    lines(state, [&] {
        struct rove_span span;
        size_t n = 0, len = 0;
        ok(rove_stream_seek(stream, 0, ROVE_SET, nullptr));
        for (; rove_stream_line(stream, '\n', 0, &span) == ROVE_OK; n++)
            len += span.len;
        benchmark::DoNotOptimize(len);
        return n;
    });
}

void line_copied(State &state)
{
    Stream stream;
    fill_with_text(stream);
    lines(state, [&] {
        static const uint8_t newline = '\n';
        struct rove_span delim = {&newline, 1};
        char line[256];
        size_t n = 0, len;
        ok(rove_stream_seek(stream, 0, ROVE_SET, nullptr));
        for (; rove_stream_read_until(stream, delim, line, sizeof line, &len) == ROVE_OK; n++)
            benchmark::DoNotOptimize(line);
        return n;
    });
}

void line_getline(State &state)
{
    std::string copy = text().bytes;
    FILE *file = fmemopen(copy.data(), copy.size(), "r");
    if (!file)
        die("fmemopen");
    char *line = nullptr;
    size_t room = 0;
    lines(state, [&] {
        size_t n = 0;
        std::rewind(file);
        for (; getline(&line, &room, file) > 0; n++)
            benchmark::DoNotOptimize(line);
        return n;
    });
    std::free(line);
    std::fclose(file);
}

#if defined(ROVE_HAVE_LIBEVENT)
// Finds the ends of the lines, which is what it can do without dropping them.
void line_evbuffer(State &state)
{
    Evbuffer made;
    struct evbuffer *buffer = made;
    evbuffer_add(buffer, text().bytes.data(), text().bytes.size());
    lines(state, [=] {
        struct evbuffer_ptr at, end;
        size_t n = 0, eol_len;
        evbuffer_ptr_set(buffer, &at, 0, EVBUFFER_PTR_SET);
        for (;; n++) {
            end = evbuffer_search_eol(buffer, &at, &eol_len, EVBUFFER_EOL_LF);
            if (end.pos < 0)
                return n;
            at = end;
            if (evbuffer_ptr_set(buffer, &at, eol_len, EVBUFFER_PTR_ADD) != 0)
                return n + 1;
        }
    });
}
#endif

// With a copy, or without.
void line_memchr(State &state, bool copies)
{
    const std::string &all = text().bytes;
    const char *end = all.data() + all.size();
    lines(state, [&] {
        char line[256];
        size_t n = 0;
        for (const char *at = all.data(); at < end; n++) {
            auto *newline =
                static_cast<const char *>(std::memchr(at, '\n', static_cast<size_t>(end - at)));
            if (copies)
                std::memcpy(line, at, static_cast<size_t>(newline + 1 - at));
            benchmark::DoNotOptimize(line);
            at = newline + 1;
        }
        return n;
    });
}

// What a call a line takes that checks its arguments.
void line_call(State &state)
{
    const std::string &all = text().bytes;
    lines(state, [&] {
        Lines left = {all.data(), all.data() + all.size()};
        struct rove_span span;
        size_t n = 0;
        for (; next_line(hide(&left), '\n', &span) == ROVE_OK; n++)
            benchmark::DoNotOptimize(span);
        return n;
    });
}

void rows_lines()
{
    const char *unit = "M lines/s";
    Row span("lines of some 80 B, as a span");
    span.rove(line_span).peer("getline on fmemopen", line_getline);
#if defined(ROVE_HAVE_LIBEVENT)
    span.peer("evbuffer_search_eol", line_evbuffer);
#endif
    span.limit("memchr", [](State &state) { line_memchr(state, false); })
        .bound("memchr, a call", line_call)
        .unit(unit)
        .goal(at_most(1.17, "memchr"));
    Row("lines of some 80 B, copied")
        .rove(line_copied)
        .peer("getline on fmemopen", line_getline)
        .limit("memchr, memcpy", [](State &state) { line_memchr(state, true); })
        .unit(unit)
        .goal(at_most(0.9, "getline on fmemopen"));
}

} // namespace

} // namespace bench

const char *bench_title()
{
    return "the stream: rows W1, W2, W8-W10, Q1, Q2 and R1, small streams, lines";
}

void bench_rows()
{
    using namespace bench;
    note_peers();
    rows_w1();
    rows_w2();
    rows_w8();
    rows_q2();
    rows_w9();
    rows_w10();
    rows_r1();
    row_small();
    rows_lines();
}

double bench_child(const std::string &job)
{
    return bench::memory_job(job);
}
