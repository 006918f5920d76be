// SPDX-License-Identifier: MIT
// kit.c: see fuzz.h.
#include "fuzz.h"

#define OUTPUT_MAX (UINT64_C(1) << 18)
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

// A source that gives what it is told to.
struct feed {
    const uint8_t *data;
    size_t len;
    struct fuzz_cut *cut;
};

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

static enum rove_status drain(struct rove_stream *stream, struct fuzz_cut *cut,
                              struct fuzz_bytes *out)
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

struct fuzz_outcome fuzz_decode(const char *spec, const uint8_t *data, size_t len,
                                struct fuzz_cut cut)
{
    static const struct rove_limits limits = {
        .size = sizeof limits, .output = OUTPUT_MAX, .memory = MEMORY_MAX};
    cut.source = cut.source && cut.source < len / 1000 ? len / 1000 : cut.source; // not for ever
    struct feed feed = {data, len, &cut};
    struct rove_io io = {.size = sizeof io, .read = feed_read};
    struct rove_stream *source = NULL, *stream = NULL;
    struct fuzz_outcome outcome = {.status = ROVE_OK};
    MUST(rove_stream_from_io(&io, &feed, NULL, &source) == ROVE_OK);
    MUST(rove_stream_decode(source, spec, &limits, &stream, NULL) == ROVE_OK);
    outcome.status = drain(stream, &cut, &outcome.out);
    MUST(outcome.out.len <= OUTPUT_MAX);
    snprintf(outcome.why, sizeof outcome.why, "%s", rove_stream_explain(stream));
    MUST(outcome.status == ROVE_END || outcome.why[0]);
    rove_stream_free(stream);
    rove_stream_free(source);
    return outcome;
}

// No memory, no progress, a call out of order: those are not the data's.
static bool is_odd(enum rove_status status)
{
    return status == ROVE_E_NOMEM || status == ROVE_E_STALL || status == ROVE_E_STATE ||
           status == ROVE_E_ARG || status == ROVE_OK || status == ROVE_E_AGAIN ||
           status == ROVE_E_IO || status == ROVE_E_CLOSED;
}

void fuzz_must_be_same(const struct fuzz_outcome *one, const struct fuzz_outcome *two,
                       bool one_layer)
{
    bool alike = one_layer ? one->status == two->status
                           : (one->status == ROVE_END) == (two->status == ROVE_END);
    bool same = alike && one->out.len == two->out.len &&
                (!one->out.len || memcmp(one->out.ptr, two->out.ptr, one->out.len) == 0);
    if (same && !is_odd(one->status) && !is_odd(two->status))
        return;
    fprintf(stderr, "%zu bytes, %s: %s\n%zu bytes, %s: %s\n", one->out.len,
            rove_status_name(one->status), one->why, two->out.len, rove_status_name(two->status),
            two->why);
    abort();
}
