// SPDX-License-Identifier: MIT
// ops.c: digests, reuse, and texts without streams.
#include <rove/view.h>

#include "base/given.h"
#include "filter/decode.h"
#include "filter/encode.h"

#include <string.h>

// Gives a caller a digest of so many bytes, 0 for none.
static enum rove_status give_digest(const uint8_t *digest, uint32_t len, uint8_t *buf, size_t cap, size_t *len_out)
{
    if (!len)
        return ROVE_E_UNSUPPORTED;
    if (len > cap)
        return ROVE_E_RANGE;
    memcpy(buf, digest, len);
    *len_out = len;
    return ROVE_OK;
}

// chained streams -------------------------------------------------------------------------------

enum rove_status rove_stream_digest(struct rove_stream *stream, size_t layer, uint8_t *buf,
                                    size_t cap, size_t *len_out)
{
    if (!stream || rv_lacks(buf, cap) || !len_out)
        return ROVE_E_ARG;
    struct rv_chained *c = rv_chained(rv_stream(stream));
    *len_out = 0;
    if (!c)
        return ROVE_E_UNSUPPORTED;
    if (layer >= c->layer_cnt)
        return ROVE_E_RANGE;
    if (c->s.busy)
        return ROVE_E_STATE;
    enum rove_status status =
        c->chain && !c->s.error && rv_encode_is(c) ? rv_encode_settle(c) : ROVE_OK;
    if (status)
        return status;
    uint8_t digest[ROVE_DIGEST_MAX];
    const uint8_t *from = c->chain ? digest : c->digest[layer];
    struct rove_stream shown = rv_stream_hide(&c->s);
    rv_stream_enter(&c->s);
    uint32_t len =
        c->chain ? rv_layer_digest(rv_chain_layer(c->chain, layer), digest) : c->digest_len[layer];
    rv_stream_leave(&c->s, ROVE_OK);
    rv_stream_show(&c->s, shown);
    return give_digest(from, len, buf, cap, len_out);
}

// The open stream on a chain, or NULL and why not.
static struct rv_chained *open_one(struct rove_stream *stream, enum rove_status *why_out)
{
    struct rv_stream *s = rv_stream(stream);
    struct rv_chained *c = rv_chained(s);
    *why_out = rv_stream_usable(s);
    if (*why_out == ROVE_OK && !c)
        *why_out = ROVE_E_UNSUPPORTED;
    return *why_out ? NULL : c;
}

enum rove_status rove_stream_finish(struct rove_stream *stream)
{
    if (!stream)
        return ROVE_E_ARG;
    enum rove_status status;
    struct rv_chained *c = open_one(stream, &status);
    if (!c)
        return status;
    if (!rv_encode_is(c))
        return ROVE_E_UNSUPPORTED;
    return rv_stream_finish(&c->s);
}

enum rove_status rove_stream_rechain(struct rove_stream *stream, struct rove_stream *other)
{
    if (!stream || !other)
        return ROVE_E_ARG;
    enum rove_status status;
    struct rv_chained *c = open_one(stream, &status);
    if (!c)
        return status;
    return rv_encode_is(c) ? rv_encode_again(c, other) : rv_decode_again(c, other);
}

// texts -----------------------------------------------------------------------------------------

enum rove_status rove_spec_print(const char *spec, uint32_t dir, char *buf, size_t cap,
                                 struct rove_spec_error *error_out)
{
    if (rv_lacks(buf, cap))
        return ROVE_E_ARG;
    struct rv_spec parsed;
    if (dir != ROVE_ENCODE && dir != ROVE_DECODE)
        return ROVE_E_ARG;
    enum rove_status status = rv_spec_parse(spec, dir, rove_pool_default(), &parsed, error_out);
    if (status)
        return status;
    status = rv_spec_print(&parsed, buf, cap);
    rv_spec_fini(&parsed);
    return status;
}

// views -----------------------------------------------------------------------------------------

static enum rove_status look_at_all(struct rv_layer *layer, const struct rove_view *view)
{
    struct rove_cursor cursor;
    enum rove_status status = rove_cursor_init(&cursor, view, 0);
    while (status == ROVE_OK) {
        struct rove_span span;
        status = rove_cursor_next(&cursor, &span);
        struct rove_in in = {span.ptr, span.len};
        if (status == ROVE_OK)
            status = rv_layer_look(layer, &in, ROVE_RUN);
    }
    rove_cursor_fini(&cursor);
    struct rove_in none = {NULL, 0};
    return status == ROVE_END ? rv_layer_look(layer, &none, ROVE_FINISH) : status;
}

enum rove_status rove_view_digest(const struct rove_view *view, const char *spec, uint8_t *buf,
                                  size_t cap, size_t *len_out)
{
    if (!view || !spec || rv_lacks(buf, cap) || !len_out)
        return ROVE_E_ARG;
    struct rv_means means = {.pool = rv_pool_or_default(view->pool), .limit = ROVE_NO_LIMIT};
    struct rv_layer layer = {.ctx = NULL};
    struct rv_spec parsed;
    *len_out = 0;
    enum rove_status status = rv_spec_parse(spec, ROVE_DECODE, means.pool, &parsed, NULL);
    if (status)
        return status;
    const struct rv_item *item = &parsed.items[0];
    uint8_t digest[ROVE_DIGEST_MAX];
    if (parsed.cnt != 1 || item->filter->dir != ROVE_TAP)
        status = ROVE_E_UNSUPPORTED;
    if (status == ROVE_OK)
        status = rv_spec_lend(&parsed, (struct rove_span){NULL, 0}, NULL); // there is nothing that an @ could stand for
    if (status == ROVE_OK)
        status = rv_layer_open(&layer, item->filter, item->values, &means, ROVE_DECODE);
    if (status == ROVE_OK)
        status = look_at_all(&layer, view);
    if (status == ROVE_OK)
        status = give_digest(digest, rv_layer_digest(&layer, digest), buf, cap, len_out);
    rv_layer_close(&layer);
    rv_spec_fini(&parsed);
    return status;
}
