// SPDX-License-Identifier: MIT
// kit.c: see fuzz.h.
#include "fuzz.h"

#define MEMORY_MAX (UINT64_C(64) << 20)

void fuzz_add(struct fuzz_bytes *bytes, const void *src, size_t len)
{
    if (bytes->len + len > bytes->cap) {
        bytes->cap = 2 * (bytes->len + len);
        bytes->ptr = realloc(bytes->ptr, bytes->cap);
        MUST(bytes->ptr);
    }
    if (len)
        memcpy(bytes->ptr + bytes->len, src, len);
    bytes->len += len;
}

uint64_t fuzz_draw(uint64_t *state, uint64_t below)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (z ^ (z >> 31)) % below;
}

struct rove_stream *fuzz_stream(const uint8_t *data, size_t len)
{
    struct rove_stream *stream = NULL;
    MUST(rove_stream_from_bytes(data, len, NULL, &stream) == ROVE_OK);
    return stream;
}

// A source that gives what it is told to.
struct feed {
    const uint8_t *data;
    size_t len;
    struct fuzz_cut *cut;
};

struct fuzz_cut fuzz_cut(unsigned source, unsigned reader, uint64_t state)
{
    static const size_t most[] = {0, 1, 3, 16, 100, 1000, 4096, 20000};
    return (struct fuzz_cut){most[source & 7], most[reader & 7], state, NULL};
}

static size_t piece(struct fuzz_cut *cut, size_t most, size_t len)
{
    size_t n = most ? 1 + (size_t) fuzz_draw(&cut->state, most) : len;
    return n < len ? n : len;
}

static enum rove_status feed_read(void *ctx, void *buf, size_t len, size_t *len_out)
{
    struct feed *feed = ctx;
    *len_out = piece(feed->cut, feed->cut->source, len < feed->len ? len : feed->len);
    if (!*len_out)
        return ROVE_END;
    memcpy(buf, feed->data, *len_out);
    feed->data += *len_out;
    feed->len -= *len_out;
    return ROVE_OK;
}

enum rove_status fuzz_drain(struct rove_stream *stream, struct fuzz_cut *cut, struct fuzz_bytes *out)
{
    static uint8_t buf[65536];
    enum rove_status status = ROVE_OK;
    while (status == ROVE_OK) {
        size_t len;
        size_t most = cut->reader && cut->reader < out->len / 10 ? out->len / 10 : cut->reader;
        status = rove_stream_read(stream, buf, piece(cut, most, sizeof buf), &len);
        fuzz_add(out, buf, len);
    }
    return status;
}

struct rove_limits fuzz_limits(struct rove_workers *workers)
{
    static const char letters[] = "letters, with letters that repeat: a rope of counted chunks";
    return (struct rove_limits){.size = sizeof(struct rove_limits),
                                .output = FUZZ_OUTPUT_MAX,
                                .memory = MEMORY_MAX,
                                .workers = workers,
                                .dict = letters,
                                .dict_len = sizeof letters};
}

struct fuzz_outcome fuzz_decode(const char *spec, const uint8_t *data, size_t len,
                                struct fuzz_cut cut)
{
    struct rove_limits limits = fuzz_limits(cut.workers);
    cut.source = cut.source && cut.source < len / 1000 ? len / 1000 : cut.source; // not for ever
    struct feed feed = {data, len, &cut};
    struct rove_io io = {.size = sizeof io, .read = feed_read};
    struct rove_stream *source = NULL, *stream = NULL;
    struct fuzz_outcome outcome = {.status = ROVE_OK};
    MUST(rove_stream_from_io(&io, &feed, NULL, &source) == ROVE_OK);
    MUST(rove_stream_decode(source, spec, &limits, &stream, NULL) == ROVE_OK);
    outcome.status = fuzz_drain(stream, &cut, &outcome.out);
    MUST(outcome.out.len <= FUZZ_OUTPUT_MAX);
    snprintf(outcome.why, sizeof outcome.why, "%s", rove_stream_explain(stream));
    MUST(outcome.status == ROVE_END || outcome.why[0]);
    rove_stream_free(stream);
    rove_stream_free(source);
    return outcome;
}

bool fuzz_is_odd(enum rove_status status)
{
    return status == ROVE_E_NOMEM || status == ROVE_E_STALL || status == ROVE_E_STATE ||
           status == ROVE_E_ARG || status == ROVE_OK || status == ROVE_E_AGAIN ||
           status == ROVE_E_IO || status == ROVE_E_CLOSED;
}

_Noreturn static void differ(const struct fuzz_outcome *one, const struct fuzz_outcome *two)
{
    fprintf(stderr, "%zu bytes, %s: %s\n%zu bytes, %s: %s\n", one->out.len,
            rove_status_name(one->status), one->why, two->out.len, rove_status_name(two->status),
            two->why);
    abort();
}

void fuzz_must_be_same(const struct fuzz_outcome *one, const struct fuzz_outcome *two,
                       bool one_layer)
{
    bool alike = one_layer ? one->status == two->status
                           : (one->status == ROVE_END) == (two->status == ROVE_END);
    bool same = alike && one->out.len == two->out.len &&
                (!one->out.len || memcmp(one->out.ptr, two->out.ptr, one->out.len) == 0);
    if (same && !fuzz_is_odd(one->status) && !fuzz_is_odd(two->status))
        return;
    differ(one, two);
}

void fuzz_must_say_the_same(const struct fuzz_outcome *one, const struct fuzz_outcome *two)
{
    if (strcmp(one->why, two->why) != 0)
        differ(one, two);
}

// writing -----------------------------------------------------------------------------------------

static enum rove_status keep(void *ctx, const void *src, size_t len, size_t *len_out)
{
    fuzz_add(ctx, src, len);
    *len_out = len;
    return ROVE_OK;
}

static size_t put_some(struct rove_stream *stream, const uint8_t *src, size_t len, uint64_t *state)
{
    uint8_t *room;
    size_t most = (size_t) fuzz_draw(state, 4) ? 300 : 20000,
           n = 1 + (size_t) fuzz_draw(state, most);
    n = n < len ? n : len;
    switch (fuzz_draw(state, 6)) {
    case 0:
        MUST(rove_stream_flush(stream) == ROVE_OK);
        return 0;
    case 1:
        MUST(rove_stream_reserve(stream, n, &room, &most) == ROVE_OK);
        most = n < most ? n : most; // which is not drawn
        memcpy(room, src, most);
        MUST(rove_stream_commit(stream, most) == ROVE_OK);
        MUST(rove_stream_write(stream, src + most, n - most) == ROVE_OK);
        return n;
    default:
        MUST(rove_stream_write(stream, src, n) == ROVE_OK);
        return n;
    }
}

void fuzz_put(struct rove_stream *stream, const uint8_t *data, size_t len, uint64_t state)
{
    for (size_t at = 0; at < len;)
        at += put_some(stream, data + at, len - at, &state);
}

struct fuzz_bytes fuzz_encode(const char *spec, const uint8_t *data, size_t len, struct rove_workers *workers,
                              uint64_t state)
{
    struct fuzz_bytes coded = {NULL, 0, 0};
    struct rove_limits limits = fuzz_limits(workers);
    struct rove_io io = {.size = sizeof io, .write = keep};
    struct rove_stream *sink = NULL, *stream = NULL;
    MUST(rove_stream_from_io(&io, &coded, NULL, &sink) == ROVE_OK);
    MUST(rove_stream_encode(sink, spec, &limits, &stream, NULL) == ROVE_OK);
    fuzz_put(stream, data, len, state);
    MUST(rove_stream_close(stream) == ROVE_OK);
    MUST(rove_stream_close(sink) == ROVE_OK);
    rove_stream_free(stream);
    rove_stream_free(sink);
    return coded;
}

void fuzz_damage(struct fuzz_bytes *coded, uint64_t *state)
{
    for (uint64_t i = fuzz_draw(state, 4) + 1; i-- && coded->len;)
        coded->ptr[fuzz_draw(state, coded->len)] ^= (uint8_t) (1u << fuzz_draw(state, 8));
    if (fuzz_draw(state, 4) == 0 && coded->len)
        coded->len -= (size_t) fuzz_draw(state, coded->len);
}
