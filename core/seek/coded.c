// SPDX-License-Identifier: MIT
// coded.c: requests to the source.
#include "seek/coded.h"

#include "base/arith.h"

#include <string.h>

void rv_coded_enter(struct rv_coded *c)
{
    c->was_stuck = rv_stream(c->source)->error != ROVE_OK;
}

void rv_coded_forgive(struct rv_coded *c)
{
    if (!c->was_stuck)
        rove_stream_clear_error(c->source);
}

static void drop_buf(struct rv_coded *c)
{
    if (c->buf)
        rv_means_free(c->means, c->buf, c->cap);
    c->buf = NULL;
    c->cap = c->len = 0;
}

void rv_coded_drop(struct rv_coded *c)
{
    drop_buf(c);
    c->ahead = 0;
}

// One request. Some bytes, or none and why.
static enum rove_status ask(struct rv_coded *c, uint64_t off, struct rove_out room, size_t *len_out)
{
    *len_out = 0;
    enum rove_status status = rove_stream_pread(c->source, off, room.ptr, room.len, len_out);
    if (*len_out && status < 0)
        rv_coded_forgive(c); // it comes again, should more be needed
    if (*len_out)
        return ROVE_OK;
    return status == ROVE_END ? ROVE_E_FORMAT : status;
}

// Fills the buffer from off on. False: there is no memory for that.
static bool ask_ahead(struct rv_coded *c, uint64_t off, enum rove_status *status_out)
{
    size_t len = rv_clamp(c->end - off, c->ahead);
    if (c->cap < len) {
        drop_buf(c);
        c->buf = rv_means_alloc(c->means, len);
        if (!c->buf)
            return false;
        c->cap = len;
    }
    c->off = off;
    c->len = 0;
    *status_out = ask(c, off, (struct rove_out){c->buf, len}, &c->len);
    return true;
}

static size_t copy_some(const struct rv_coded *c, uint64_t off, struct rove_out room)
{
    if (off < c->off || off - c->off >= c->len)
        return 0;
    size_t at = (size_t) (off - c->off), len = rv_min_size(c->len - at, room.len);
    memcpy(room.ptr, c->buf + at, len);
    return len;
}

enum rove_status rv_coded_read(struct rv_coded *c, uint64_t off, struct rove_out room,
                               size_t *len_out)
{
    enum rove_status status = ROVE_OK;
    size_t all = room.len, n;
    while (room.len && status == ROVE_OK) {
        n = copy_some(c, off, room);
        bool asked = !n && c->ahead > room.len && ask_ahead(c, off, &status);
        if (!n && !asked)
            status = ask(c, off, room, &n);
        room = (struct rove_out){room.ptr + n, room.len - n};
        off += n;
    }
    *len_out = all - room.len;
    return status;
}
