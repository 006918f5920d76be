// SPDX-License-Identifier: MIT
// seek.c: any bytes as coded data, of which an index is made, or as content, whose index is left behind; and reads by it.
//
//     byte 0: which text   1: how far apart points are, whether by workers, which of the two   2-3: of what is drawn
//     rest: data
//
// Data that can be read from end to end have an index, if they can be begun within at all, and what is read by it,
// anywhere and in order, is the same.
#include "fuzz.h"

#include <rove/index.h>

static void read_at(struct rove_stream *stream, const struct fuzz_outcome *all, uint64_t *state)
{
    static uint8_t buf[5000];
    bool whole = all->status == ROVE_END || all->status == ROVE_E_TRAILING;
    uint64_t off = fuzz_draw(state, all->out.len + 100);
    size_t want = (size_t) fuzz_draw(state, sizeof buf), len = 0;
    uint64_t left = off < all->out.len ? all->out.len - off : 0;
    enum rove_status status = rove_stream_pread(stream, off, buf, want, &len);
    MUST(status == ROVE_OK || !fuzz_is_odd(status));
    MUST(status < 0 || (status == ROVE_OK) == (len == want));
    if (whole) {
        MUST(status >= 0 && len == (want < left ? want : left));
        MUST(!len || memcmp(buf, all->out.ptr + off, len) == 0);
    }
    rove_stream_clear_error(stream);
}

static void read_by(struct rove_stream *source, struct rove_index *index, struct rove_workers *workers,
                    const struct fuzz_outcome *all, uint64_t state)
{
    struct rove_limits limits = fuzz_limits(workers);
    struct rove_stream *stream = NULL;
    bool whole = all->status == ROVE_END || all->status == ROVE_E_TRAILING;
    limits.cache = fuzz_draw(&state, 2) ? 0 : 4096;
    enum rove_status status = rove_stream_decode_index(source, index, &limits, &stream);
    MUST(status == ROVE_OK || (all->status != ROVE_END && !fuzz_is_odd(status))); // more of the same may follow zeros
    if (status)
        return;
    for (unsigned i = 0; i < 10; i++)
        read_at(stream, all, &state);
    struct fuzz_cut cut = {0, fuzz_draw(&state, 2) ? 1000 : 0, state, NULL};
    struct fuzz_outcome again = {.status = ROVE_OK};
    again.status = fuzz_drain(stream, &cut, &again.out);
    MUST(!fuzz_is_odd(again.status));
    if (whole) {
        MUST(again.status == ROVE_END && again.out.len == all->out.len);
        MUST(!all->out.len || memcmp(again.out.ptr, all->out.ptr, all->out.len) == 0);
    }
    free(again.out.ptr);
    rove_stream_free(stream);
}

static const uint64_t every[] = {0, 1, 100, 3000};

static void check_made(const char *spec, const uint8_t *data, size_t len, const uint8_t *drawn)
{
    uint64_t state = (uint64_t) drawn[1] << 8 | drawn[2];
    struct fuzz_outcome all = fuzz_decode(spec, data, len, fuzz_cut(0, 0, 0));
    struct rove_workers *workers = drawn[0] & 4 ? fuzz_workers(state) : NULL;
    struct rove_limits limits = fuzz_limits(workers);
    struct rove_stream *source = fuzz_stream(data, len);
    struct rove_index *index = NULL;
    enum rove_status status = rove_index_make(source, spec, &limits, every[drawn[0] & 3], &index);
    bool whole = all.status == ROVE_END || all.status == ROVE_E_TRAILING;
    MUST(status == ROVE_OK || !fuzz_is_odd(status));
    MUST(!whole || status == ROVE_OK || status == ROVE_E_UNSUPPORTED ||
         status == ROVE_E_TRAILING); // what follows deflate and zlib is told here
    MUST((index != NULL) == (status == ROVE_OK || status == ROVE_E_TRAILING));
    if (index)
        read_by(source, index, workers, &all, state);
    rove_index_unref(index);
    rove_stream_free(source);
    free(all.out.ptr);
}

// The index that is left behind where the content is written.
static void check_written(const char *spec, const uint8_t *data, size_t len, const uint8_t *drawn)
{
    uint64_t state = (uint64_t) drawn[1] << 8 | drawn[2];
    struct fuzz_outcome all = {.status = ROVE_END, .out = {(uint8_t *) (uintptr_t) data, len, 0}};
    struct rove_workers *workers = drawn[0] & 4 ? fuzz_workers(state) : NULL;
    struct rove_limits limits = fuzz_limits(workers);
    struct rove_stream *sink = fuzz_stream(NULL, 0), *stream = NULL;
    struct rove_index *index = NULL;
    MUST(rove_stream_encode(sink, spec, &limits, &stream, NULL) == ROVE_OK);
    enum rove_status status = rove_stream_mark(stream, every[drawn[0] & 3]);
    MUST(status == ROVE_OK || status == ROVE_E_UNSUPPORTED);
    fuzz_put(stream, data, len, state);
    MUST(rove_stream_close(stream) == ROVE_OK);
    if (status == ROVE_OK) {
        MUST(rove_stream_index(stream, &index) == ROVE_OK);
        read_by(sink, index, workers, &all, state);
    }
    rove_index_unref(index);
    rove_stream_free(stream);
    rove_stream_free(sink);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const char *const *way = len < 4 ? NULL : fuzz_way(data[0]);
    if (way && data[1] & 8)
        check_written(way[0], data + 4, len - 4, data + 1);
    else if (way)
        check_made(way[1], data + 4, len - 4, data + 1);
    return 0;
}
