// SPDX-License-Identifier: MIT
// bare.c: sharing and copying what goes into a chain that has no codec.
#include "filter/bare.h"

#include "base/arith.h"
#include "stream/rope_device.h"

#include <string.h>

#define SHARE_LEN (UINT64_C(1) << 20) // bytes shared with a rope at a time

static void end_loan(struct rv_bare *b)
{
    if (b->lent)
        rv_chunk_unlend(b->lent);
    b->lent = NULL;
}

// The next span of the view, which may be shown until the next call.
static enum rove_status next_span(struct rv_bare *b, struct rove_span *span_out)
{
    end_loan(b);
    enum rove_status status = rove_cursor_next(&b->cursor, span_out);
    if (status)
        return status;
    struct rv_chunk *chunk = rv_cursor_chunk(&b->cursor);
    if (rv_chunk_lend(chunk))
        b->lent = chunk;
    else
        rv_cursor_leave(&b->cursor, b->some, sizeof b->some, span_out);
    return ROVE_OK;
}

void rv_bare_stop(struct rv_bare *b)
{
    if (!b->viewing)
        return;
    end_loan(b);
    rove_cursor_fini(&b->cursor);
    rove_view_fini(&b->view);
    b->viewing = false;
}

static enum rove_status view_some(struct rv_bare *b, struct rv_chained *c)
{
    struct rove_span span;
    enum rove_status status = ROVE_OK;
    if (!b->viewing) {
        status = rove_stream_read_view(c->other, SHARE_LEN, &b->view);
        if (status == ROVE_END && !b->view.len) {
            rove_view_fini(&b->view);
            return ROVE_END;
        }
        if (status < 0)
            return rv_chained_fail_other(c, status);
        status = rove_cursor_init(&b->cursor, &b->view, 0);
        b->viewing = true;
    }
    if (status == ROVE_OK)
        status = next_span(b, &span);
    if (status == ROVE_OK)
        c->chain->in = (struct rove_in){span.ptr, span.len};
    if (status == ROVE_END)
        rv_bare_stop(b);
    return status < 0 ? rv_chained_fail_other(c, status) : ROVE_OK;
}

static enum rove_status copy_some(struct rv_bare *b, struct rv_chained *c)
{
    struct rv_chain *chain = c->chain;
    const uint8_t *ptr;
    size_t len;
    enum rove_status status = rove_stream_peek(c->other, &ptr, &len);
    if (status == ROVE_END)
        return ROVE_END;
    if (status)
        return rv_chained_fail_other(c, status);
    b->copy.from = b->copy.at; // what was there has been read
    status = rv_tray_make_room(&b->copy, &chain->means, rv_chain_in_len(chain), false);
    if (status)
        return rv_chained_fail(c, status);
    len = rv_min_size(len, rv_tray_room(&b->copy));
    memcpy(b->copy.at, ptr, len);
    chain->in = (struct rove_in){b->copy.at, len};
    b->copy.at += len;
    c->other->cur += len;
    return ROVE_OK;
}

enum rove_status rv_bare_next(struct rv_bare *b, struct rv_chained *c)
{
    return b->viewing || rv_stream_rope(rv_stream(c->other)) ? view_some(b, c) : copy_some(b, c);
}

void rv_bare_drop(struct rv_bare *b, struct rv_chained *c)
{
    rv_tray_drop(&b->copy, &c->chain->means);
}

void rv_bare_restart(struct rv_bare *b, struct rv_chained *c)
{
    rv_tray_restart(&b->copy, &c->chain->means);
}
