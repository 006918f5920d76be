// SPDX-License-Identifier: MIT
// hop.c: reading no more than what a decoder needs to tell how far it is to the next header.
//
// Where headers are far from each other a few bytes are read at each; where they are near, ever more at once:
//
//     coded   ─[h]──────────────[h]──────────────[h]───        [·] 64 bytes each
//     coded   [h·h·h·h·h·h·h·h·h·h·h·h·h·h·h·h·h·h·h·h]        twice as many each time, up to 64 KiB
#include "seek/hop.h"

#include "base/arith.h"

#define READ_LEAST 64u
#define READ_MOST (64u << 10)
#define NEAR 1024u // bytes from step to step: to read what lies between costs no more than to ask again

struct walk {
    struct rove_stream *source;
    struct rv_chain *chain;
    struct rv_gather *gather;
    uint64_t len;       // of the source
    uint64_t at, plain; // where it stands
    uint8_t *buf;       // what was read last
    size_t cap, buf_len;
    uint64_t buf_at;
    size_t reach;    // bytes to read next
    uint64_t served; // steps that what was read sufficed for
};

// What is at hand at the place where it stands.
static struct rove_in at_hand(const struct walk *w)
{
    uint64_t off = w->at - w->buf_at;
    if (w->at < w->buf_at || off >= w->buf_len)
        return (struct rove_in){NULL, 0};
    return (struct rove_in){w->buf + off, w->buf_len - (size_t) off};
}

// Adapts how much is read to how far it went with what was read before.
static void adapt(struct walk *w)
{
    bool near = w->served && (w->at - w->buf_at) / w->served <= NEAR;
    w->reach = near ? rv_min_size(w->reach * 2, READ_MOST) : READ_LEAST;
    w->served = 0;
}

static enum rove_status widen(struct walk *w, size_t len)
{
    struct rv_means *means = &w->chain->means;
    if (len <= w->cap)
        return ROVE_OK;
    means->refused = ROVE_OK;
    uint8_t *buf = rv_means_alloc(means, len);
    if (!buf)
        return means->refused;
    if (w->buf)
        rv_means_free(means, w->buf, w->cap);
    w->buf = buf;
    w->cap = len;
    return ROVE_OK;
}

// Makes `need` bytes be at hand, or all that there are.
static enum rove_status show(struct walk *w, size_t need, struct rove_in *in_out)
{
    *in_out = at_hand(w);
    if (in_out->len >= need || in_out->len == w->len - w->at)
        return ROVE_OK;
    adapt(w);
    size_t len = rv_clamp(w->len - w->at, rv_max_size(need, w->reach)); // no more than there are
    enum rove_status status = widen(w, len);
    w->buf_len = 0;
    w->buf_at = w->at;
    if (status == ROVE_OK)
        status = rove_stream_pread(w->source, w->at, w->buf, len, &w->buf_len);
    if (status == ROVE_END) { // it became shorter meanwhile
        w->len = w->at + w->buf_len;
        status = ROVE_OK;
    }
    *in_out = at_hand(w);
    return status;
}

// The decoder, or what it walks over, is to blame.
static enum rove_status fail(struct walk *w, enum rove_status status)
{
    struct rv_layer *layer = w->chain->stages[0].codec;
    layer->taken = w->at;
    return rv_chain_fail(w->chain, layer, 0, status);
}

// The data end before the decoder thought, which may have taken something for a length that is none: then all has to be
// decoded.
static enum rove_status cut(struct walk *w)
{
    struct rove_hop hop;
    enum rove_status status = rv_layer_hop(w->chain->stages[0].codec, (struct rove_in){NULL, 0}, &hop);
    return status == ROVE_E_UNSUPPORTED ? status : fail(w, ROVE_E_TRUNCATED);
}

// Asks for the step from here on.
static enum rove_status ask(struct walk *w, struct rove_hop *hop)
{
    struct rv_layer *layer = w->chain->stages[0].codec;
    enum rove_status status;
    size_t need = 1;
    for (;;) {
        struct rove_in in;
        status = show(w, need, &in);
        if (status)
            return status;
        status = rv_layer_hop(layer, in, hop);
        if (status != ROVE_E_TRUNCATED || hop->need > w->len - w->at)
            break;
        need = (size_t) hop->need; // at most RV_PART_MAX
    }
    if (status == ROVE_E_TRUNCATED)
        return cut(w);
    return status < 0 && status != ROVE_E_UNSUPPORTED && status != ROVE_E_TRAILING ? fail(w, status) : status;
}

static enum rove_status too_long(struct walk *w)
{
    struct rv_means *means = &w->chain->means;
    if (w->chain->limits.output > ROVE_LEN_MAX) {
        rv_means_explain(means, "it becomes more than 2^63 - 1 bytes");
        return fail(w, ROVE_E_RANGE);
    }
    rv_means_pass(means, "more would come out", "output", w->chain->limits.output);
    return ROVE_E_LIMIT;
}

static enum rove_status step(struct walk *w, const struct rove_hop *hop)
{
    uint64_t most = rv_min_u64(w->chain->limits.output, ROVE_LEN_MAX);
    enum rove_status status = ROVE_OK;
    if (hop->skip > w->len - w->at)
        return cut(w);
    if (hop->marked)
        status = rv_gather_offer(w->gather, (struct rv_place){w->at, w->plain}, &hop->mark);
    if (status)
        return status;
    if (hop->plain > most - w->plain)
        return too_long(w);
    w->at += hop->skip;
    w->plain += hop->plain;
    w->served++;
    return ROVE_OK;
}

static enum rove_status walk(struct walk *w)
{
    struct rove_hop hop;
    enum rove_status status = ROVE_OK;
    while (status == ROVE_OK) {
        status = ask(w, &hop);
        if (status == ROVE_OK)
            status = step(w, &hop);
    }
    if (status != ROVE_END && status != ROVE_E_TRAILING)
        return status;
    rv_index_close(w->gather->index, w->at, w->plain);
    w->gather->index->each = w->gather->every <= 1;
    w->gather->index->trails = w->at < w->len || status == ROVE_E_TRAILING;
    return w->gather->index->trails ? ROVE_E_TRAILING : ROVE_OK;
}

enum rove_status rv_hop_over(struct rv_chain *chain, struct rove_stream *source, uint64_t len,
                             struct rv_gather *g)
{
    struct walk w = {.source = source, .chain = chain, .gather = g, .len = len, .reach = READ_LEAST};
    enum rove_status status = rv_gather_begin(g, chain);
    if (status == ROVE_OK)
        status = walk(&w);
    if (w.buf)
        rv_means_free(&chain->means, w.buf, w.cap);
    if (status == ROVE_OK || status == ROVE_E_TRAILING)
        rv_gather_leave(g);
    else
        rv_gather_drop(g);
    return status;
}
