// SPDX-License-Identifier: MIT
// seek_kit.c: see seek_kit.h.
#include "seek_kit.h"

#include <rove/registry.h>

// data --------------------------------------------------------------------------------------------

const struct seek_kind seek_kinds[] = {
    {"bgzf", "bgzf:level=1", "bgzf", 0, 1, true, true},
    {"bgzf, few points", "bgzf:level=1", "bgzf", 200000, 1, true, true},
    {"gzip", "gzip:level=1", "gzip", 70000, 1, false, false},
    {"gzip, members", "gzip:level=1", "gzip", 30000, 5, false, false},
    {"gzip, stored", "gzip:level=0", "gzip", 50000, 1, false, false},
    {"zlib", "zlib:level=6", "zlib", 100000, 1, false, false},
    {"deflate", "deflate:level=1", "deflate", 66000, 1, false, false},
    {"lz4", "lz4:block=64K,block_checksum=yes", "lz4", 60000, 1, true, false},
    {"lz4, frames", "lz4:block=64K", "lz4", 60000, 3, false, false},
#if defined(ROVE_PLUGIN_ZSTD)
    {"zstd", "zstd:block=50000,level=1", "zstd", 0, 1, true, true},
#endif
#if defined(ROVE_PLUGIN_XZ)
    {"xz, streams", "xz:block=50000,level=0", "xz", 0, 2, true, false},
#endif
};
const size_t seek_kind_cnt = sizeof seek_kinds / sizeof *seek_kinds;

struct rove_index *seek_index(struct kit_bytes coded, const char *spec, uint64_t every)
{
    struct rove_stream *source = kit_source(coded.ptr, coded.len);
    struct rove_index *index = NULL;
    enum rove_status status = rove_index_make(source, spec, NULL, every, &index);
    if (status != ROVE_E_UNSUPPORTED)
        CHECK_OK(status);
    rove_stream_free(source);
    return index;
}

// Text of lines that compresses, with noise in between.
struct kit_bytes seek_content(size_t len)
{
    struct kit_bytes text = kit_content(len, 1), noise = kit_content(len, 0);
    for (size_t i = 0; i < len; i++)
        if (i / 20000 % 4 == 3)
            text.ptr[i] = noise.ptr[i];
        else if (text.ptr[i] % 67 == 0)
            text.ptr[i] = '\n';
    free(noise.ptr);
    return text;
}

bool seek_data_make(struct seek_data *d, const struct seek_kind *kind, size_t len)
{
    struct rove_stream *sink = kit_rope();
    *d = (struct seek_data){.kind = kind, .plain = seek_content(len)};
    kit_seed(len);
    for (unsigned i = 0; i < kind->members; i++) {
        struct rove_stream *writer = NULL;
        size_t from = len * i / kind->members, to = len * (i + 1) / kind->members;
        if (CHECK_OK(rove_stream_encode(sink, kind->encode, NULL, &writer, NULL))) {
            CHECK_OK(rove_stream_write(writer, d->plain.ptr + from, to - from));
            CHECK_OK(rove_stream_close(writer));
        }
        rove_stream_free(writer);
    }
    d->coded = kit_all(sink);
    rove_stream_free(sink);
    d->index = seek_index(d->coded, kind->decode, kind->every);
    if (d->index)
        return true;
    seek_data_drop(d);
    return false;
}

// Written as a file of the format, and read again.
static struct rove_index *index_by_file(const struct seek_data *d, struct rove_stream *source)
{
    static const char *const formats[] = {"gzi", "gzidx", "zstd"};
    struct rove_index *index = NULL;
    for (size_t i = 0; i < 3 && !index; i++) {
        struct rove_stream *file = kit_rope();
        if (rove_index_save(d->index, source, formats[i], file) == ROVE_OK &&
            CHECK_OK(rove_stream_seek(file, 0, ROVE_SET, NULL)))
            CHECK_OK(rove_index_load(file, source, &index));
        rove_stream_free(file);
    }
    return index;
}

static struct rove_index *index_by_reading(const struct seek_data *d, struct rove_stream *source)
{
    struct rove_index *index = NULL;
    struct rove_stream *stream;
    struct kit_bytes got;
    if (!CHECK_OK(rove_stream_seek(source, 0, ROVE_SET, NULL)) ||
        !CHECK_OK(rove_stream_decode(source, d->kind->decode, NULL, &stream, NULL)))
        return NULL;
    CHECK_OK(rove_stream_mark(stream, d->kind->every ? d->kind->every : 1));
    CHECK_IS(ROVE_END, kit_drain(stream, &got));
    CHECK_OK(rove_stream_index(stream, &index));
    free(got.ptr);
    rove_stream_free(stream);
    return index;
}

void seek_data_index_by(struct seek_data *d, enum seek_way way)
{
    struct rove_stream *source = kit_source(d->coded.ptr, d->coded.len);
    struct rove_index *index = way == SEEK_LOADED ? index_by_file(d, source)
                               : way == SEEK_READ ? index_by_reading(d, source)
                                                  : seek_index(d->coded, d->kind->decode, d->kind->every);
    rove_stream_free(source);
    if (!index)
        return;
    rove_index_unref(d->index);
    d->index = index;
}

void seek_data_drop(struct seek_data *d)
{
    free(d->plain.ptr);
    free(d->coded.ptr);
    rove_index_unref(d->index);
}

// sources -----------------------------------------------------------------------------------------

// All that a stream answers from inside one of its calls.
static void seek_use(struct rove_stream *stream)
{
    uint8_t byte;
    size_t n;
    CHECK_IS(ROVE_E_STATE, rove_stream_pread(stream, 0, &byte, 1, &n));
    CHECK_IS(ROVE_E_STATE, rove_stream_read(stream, &byte, 1, &n));
    CHECK_IS(ROVE_E_STATE, rove_stream_seek(stream, 0, ROVE_SET, NULL));
    CHECK_IS(ROVE_E_STATE, rove_stream_flush(stream));
    CHECK_IS(ROVE_E_STATE, rove_stream_own(stream));
    CHECK_IS(ROVE_E_STATE, rove_stream_close(stream));
}

static enum rove_status source_close(void *ctx)
{
    struct seek_source *s = ctx;
    s->closed++;
    return s->at_close;
}

static enum rove_status source_read(void *ctx, void *buf, size_t len, size_t *len_out)
{
    struct seek_source *s = ctx;
    *len_out = 0;
    if (s->asked_for)
        seek_use(s->asked_for);
    s->reads++;
    if (s->fail_at && s->reads >= s->fail_at && s->reads - s->fail_at <= s->fail_on)
        return s->failure;
    if (s->at >= s->data.len)
        return ROVE_END;
    size_t left = s->data.len - (size_t) s->at;
    len = len < left ? len : left;
    len = s->most && len > s->most ? s->most : len;
    memcpy(buf, s->data.ptr + s->at, len);
    s->at += len;
    s->bytes += len;
    *len_out = len;
    return ROVE_OK;
}

static enum rove_status source_seek(void *ctx, uint64_t pos)
{
    struct seek_source *s = ctx;
    s->at = pos;
    return ROVE_OK;
}

static enum rove_status source_length(void *ctx, uint64_t *len_out)
{
    struct seek_source *s = ctx;
    *len_out = s->data.len;
    return ROVE_OK;
}

struct rove_stream *seek_source_stream(struct seek_source *source)
{
    struct rove_io io = {.size = sizeof io,
                         .read = source_read,
                         .seek = source_seek,
                         .length = source_length,
                         .close = source_close};
    struct rove_stream *stream = NULL;
    CHECK_OK(rove_stream_from_io(&io, source, env.pool, &stream));
    return stream;
}

// streams -----------------------------------------------------------------------------------------

bool seek_open(struct seek_stream *s, const struct seek_data *d, struct seek_source *source,
               const struct rove_limits *limits)
{
    if (source)
        source->data = d->coded;
    s->source = source ? seek_source_stream(source) : kit_source(d->coded.ptr, d->coded.len);
    s->stream = NULL;
    return CHECK_OK(rove_stream_decode_index(s->source, d->index, limits, &s->stream));
}

void seek_close(struct seek_stream *s)
{
    rove_stream_free(s->stream);
    rove_stream_free(s->source);
}

// What a call gave.
static bool is_right(struct kit_bytes plain, uint64_t off, size_t len, const uint8_t *got,
                     size_t got_len, enum rove_status status)
{
    size_t left = off < plain.len ? plain.len - (size_t) off : 0, want = len < left ? len : left;
    return status == (want < len ? ROVE_END : ROVE_OK) && got_len == want &&
           (!want || memcmp(got, plain.ptr + off, want) == 0);
}

static bool look_by_cursor(struct rove_stream *stream, struct kit_bytes plain, uint64_t off,
                           size_t len, uint8_t *buf)
{
    size_t n = 0;
    uint64_t pos;
    struct rove_span line;
    const uint8_t *ptr;
    if (rove_stream_seek(stream, (int64_t) off, ROVE_SET, NULL))
        return false;
    if (kit_draw(8) == 0 && off < plain.len) {
        const uint8_t *end = memchr(plain.ptr + off, '\n', plain.len - (size_t) off);
        size_t want = end ? (size_t) (end + 1 - (plain.ptr + off)) : plain.len - (size_t) off;
        return rove_stream_line(stream, '\n', 0, &line) == ROVE_OK && line.len == want &&
               memcmp(line.ptr, plain.ptr + off, want) == 0;
    }
    if (kit_draw(8) == 0) {
        enum rove_status status = rove_stream_peek(stream, &ptr, &n);
        if (off >= plain.len)
            return status == ROVE_END && n == 0;
        return status == ROVE_OK && n && off + n <= plain.len &&
               memcmp(ptr, plain.ptr + off, n) == 0;
    }
    enum rove_status status = rove_stream_read(stream, buf, len, &n);
    return is_right(plain, off, len, buf, n, status) &&
           rove_stream_tell(stream, &pos) == ROVE_OK && pos == off + n;
}

bool seek_look(struct rove_stream *stream, struct kit_bytes plain, uint64_t off, size_t len)
{
    uint8_t *buf = malloc(len + 1);
    bool right;
    if (kit_draw(2)) {
        right = look_by_cursor(stream, plain, off, len, buf);
    } else {
        uint64_t pos, now;
        size_t n;
        right = rove_stream_tell(stream, &pos) == ROVE_OK;
        enum rove_status status = rove_stream_pread(stream, off, buf, len, &n);
        right = right && is_right(plain, off, len, buf, n, status) &&
                rove_stream_tell(stream, &now) == ROVE_OK && now == pos;
    }
    free(buf);
    return right;
}
