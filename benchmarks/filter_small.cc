// SPDX-License-Identifier: MIT
// filter_small.cc: rows C1s and C6: what a stream costs before its first byte, and short messages.
//
// rove's messages are whole gzip members and LZ4 frames, with header, end and checksum, written to a
// sink over a rope. "raw" is the codec alone: its context kept and reset, one call from memory to
// memory, no format and no checksum. rove_stream_rechain() is what a program uses for many messages;
// "opened anew" makes and closes a stream for each. All is on the default pool, which keeps contexts.
#include "filter_kit.h"

#include <lz4.h>
#include <lz4frame.h>
#include <zlib.h>

#include <algorithm>

namespace bench
{

namespace
{

constexpr size_t sink_most = MiB; // the sink is emptied after so many bytes

unsigned char *bytes(const char *p)
{
    return reinterpret_cast<unsigned char *>(const_cast<char *>(p));
}

void count(State &state)
{
    state.SetItemsProcessed(static_cast<int64_t>(state.iterations()));
}

// Empties the sink now and then, which costs a few microseconds a MiB.
void keep_short(struct rove_stream *sink)
{
    uint64_t pos;
    ok(rove_stream_tell(sink, &pos));
    if (pos > sink_most)
        ok(rove_stream_reset(sink));
}

// ---- open and close ---------------------------------------------------------------------------

Body opens_encoder(std::string spec)
{
    return [spec](State &state) {
        Store sink(nullptr);
        for (auto _ : state) {
            finish(encoder(sink, spec));
            keep_short(sink);
        }
        count(state);
    };
}

Body opens_decoder(std::string spec)
{
    return [spec](State &state) {
        Store source(nullptr);
        for (auto _ : state)
            rove_stream_free(decoder(source, spec));
        count(state);
    };
}

// Closing writes the format's end. (Where a context is the topmost thing in glibc's heap, as it
// may be in a small program, glibc gives its memory back each time, which costs 28 us.)
void opens_deflate(State &state)
{
    unsigned char to[32];
    for (auto _ : state) {
        z_stream z = {};
        must(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) == Z_OK, "deflateInit2");
        z.next_out = to;
        z.avail_out = sizeof to;
        must(deflate(&z, Z_FINISH) == Z_STREAM_END, "deflate");
        deflateEnd(&z);
    }
    count(state);
}

void opens_inflate(State &state)
{
    for (auto _ : state) {
        z_stream z = {};
        must(inflateInit2(&z, -15) == Z_OK, "inflateInit2");
        benchmark::DoNotOptimize(z);
        inflateEnd(&z);
    }
    count(state);
}

LZ4F_preferences_t lz4f_prefs()
{
    LZ4F_preferences_t prefs = {};
    prefs.frameInfo.blockSizeID = LZ4F_max256KB;
    prefs.frameInfo.blockMode = LZ4F_blockIndependent;
    prefs.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
    return prefs;
}

void opens_lz4f(State &state)
{
    LZ4F_preferences_t prefs = lz4f_prefs();
    char head[64];
    for (auto _ : state) {
        LZ4F_cctx *c;
        must(!LZ4F_isError(LZ4F_createCompressionContext(&c, LZ4F_VERSION)) &&
                 !LZ4F_isError(LZ4F_compressBegin(c, head, sizeof head, &prefs)) &&
                 !LZ4F_isError(LZ4F_compressEnd(c, head, sizeof head, nullptr)),
             "LZ4F");
        LZ4F_freeCompressionContext(c);
    }
    count(state);
}

// A row's own goal in nanoseconds, which no peer's ratio would say.
Body takes(double ns)
{
    return [ns](State &state) {
        for (auto _ : state)
            benchmark::ClobberMemory();
        state.counters["value"] = ns;
    };
}

void open_rows()
{
    Row("gzip open + close, writing")
        .rove(opens_encoder("gzip"))
        .peer("deflateInit2 + finish + End", opens_deflate)
        .limit("goal of 2 us", takes(2000), exact)
        .goal(at_most(1, "goal of 2 us"));
    Row("lz4 open + close, writing")
        .rove(opens_encoder("lz4"))
        .peer("LZ4F", opens_lz4f)
        .limit("goal of 0.3 us", takes(300), exact)
        .goal(at_most(1, "goal of 0.3 us"))
        .goal(faster(5, "LZ4F"));
    Row("gzip open + close, reading")
        .rove(opens_decoder("gzip"))
        .peer("inflateInit2 + End", opens_inflate)
        .limit("goal of 2 us", takes(2000), exact)
        .goal(at_most(1, "goal of 2 us"));
    Row("lz4 open + close, reading")
        .rove(opens_decoder("lz4"))
        .limit("goal of 0.3 us", takes(300), exact)
        .goal(at_most(1, "goal of 0.3 us"));
}

// ---- messages ---------------------------------------------------------------------------------

// Messages lie here and there in the corpus, so that no branch is learnt by heart.
const char *message(size_t i, size_t len)
{
    Bytes plain = corpus(MiB);
    return plain.ptr + i * 4099 % (plain.len - len);
}

Body again(std::string spec, size_t len)
{
    return [spec, len](State &state) {
        Store sink(nullptr);
        struct rove_stream *stream = encoder(sink, spec);
        size_t i = 0;
        for (auto _ : state) {
            ok(rove_stream_write(stream, message(i++, len), len));
            ok(rove_stream_finish(stream));
            ok(rove_stream_rechain(stream, sink));
            keep_short(sink);
        }
        finish(stream);
        count(state);
    };
}

Body anew(std::string spec, size_t len)
{
    return [spec, len](State &state) {
        Store sink(nullptr);
        size_t i = 0;
        for (auto _ : state) {
            struct rove_stream *stream = encoder(sink, spec);
            ok(rove_stream_write(stream, message(i++, len), len));
            finish(stream);
            keep_short(sink);
        }
        count(state);
    };
}

Body deflate_again(size_t len)
{
    return [len](State &state) {
        std::vector<unsigned char> to(compressBound(len) + 32);
        z_stream z = {};
        must(deflateInit2(&z, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) == Z_OK, "deflateInit2");
        size_t i = 0;
        for (auto _ : state) {
            deflateReset(&z);
            z.next_in = bytes(message(i++, len));
            z.avail_in = static_cast<uInt>(len);
            z.next_out = to.data();
            z.avail_out = static_cast<uInt>(to.size());
            must(deflate(&z, Z_FINISH) == Z_STREAM_END, "deflate");
        }
        deflateEnd(&z);
        count(state);
    };
}

Body deflate_anew(size_t len)
{
    return [len](State &state) {
        std::vector<unsigned char> to(compressBound(len) + 32);
        size_t i = 0;
        for (auto _ : state) {
            z_stream z = {};
            must(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) == Z_OK,
                 "deflateInit2");
            z.next_in = bytes(message(i++, len));
            z.avail_in = static_cast<uInt>(len);
            z.next_out = to.data();
            z.avail_out = static_cast<uInt>(to.size());
            must(deflate(&z, Z_FINISH) == Z_STREAM_END, "deflate");
            deflateEnd(&z);
        }
        count(state);
    };
}

Body lz4_again(size_t len)
{
    return [len](State &state) {
        std::vector<char> to(LZ4_COMPRESSBOUND(len));
        LZ4_stream_t *codec = LZ4_createStream();
        size_t i = 0;
        for (auto _ : state) {
            LZ4_resetStream_fast(codec);
            must(LZ4_compress_fast_continue(codec, message(i++, len), to.data(),
                                            static_cast<int>(len), static_cast<int>(to.size()),
                                            1) > 0,
                 "LZ4_compress_fast_continue");
        }
        LZ4_freeStream(codec);
        count(state);
    };
}

Body lz4f_again(size_t len)
{
    return [len](State &state) {
        LZ4F_preferences_t prefs = lz4f_prefs();
        std::vector<char> to(LZ4F_compressBound(len, &prefs) + 64);
        LZ4F_cctx *c;
        must(!LZ4F_isError(LZ4F_createCompressionContext(&c, LZ4F_VERSION)), "LZ4F");
        size_t i = 0;
        for (auto _ : state) {
            char *at = to.data(), *end = at + to.size();
            auto made = [&](size_t n) {
                must(!LZ4F_isError(n), "LZ4F");
                at += n;
            };
            auto room = [&] { return static_cast<size_t>(end - at); };
            made(LZ4F_compressBegin(c, at, room(), &prefs));
            made(LZ4F_compressUpdate(c, at, room(), message(i++, len), len, nullptr));
            made(LZ4F_compressEnd(c, at, room(), nullptr));
        }
        LZ4F_freeCompressionContext(c);
        count(state);
    };
}

void message_rows(size_t len, const std::string &size)
{
    Row("gzip -6 message of " + size)
        .rove(again("gzip", len))
        .limit("raw reset + call", deflate_again(len))
        .goal(at_most(1.15, "raw reset + call"));
    Row("gzip -6 message of " + size + ", opened anew")
        .rove(anew("gzip", len))
        .peer("deflateInit2", deflate_anew(len))
        .limit("raw reset + call", deflate_again(len))
        .goal(at_most(1.15, "raw reset + call"));
    Row("lz4 message of " + size)
        .rove(again("lz4:checksum=no", len))
        .limit("raw reset + call", lz4_again(len))
        .goal(at_most(1.15, "raw reset + call"));
    Row("lz4 message of " + size + ", opened anew")
        .rove(anew("lz4:checksum=no", len))
        .limit("raw reset + call", lz4_again(len))
        .goal(at_most(1.15, "raw reset + call"));
    Row("lz4 message of " + size + ", content checksum")
        .rove(again("lz4", len))
        .peer("LZ4F", lz4f_again(len))
        .goal(faster(1, "LZ4F"));
}

} // namespace

void small_rows()
{
    open_rows();
    message_rows(64, "64 B");
    message_rows(4 * KiB, "4 KiB");
}

} // namespace bench
