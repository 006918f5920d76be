// SPDX-License-Identifier: MIT
// io_port.c: asking, and judging.
#include "stream/io_port.h"

#include "base/status.h"

#include <errno.h>

static enum rove_status broke(struct rv_port *port, const char *why)
{
    port->why = why;
    errno = EIO;
    return ROVE_E_IO;
}

// Before the device is called: what comes back from it to this stream meanwhile is refused.
static struct rove_io *ask(struct rv_port *port)
{
    port->s->busy = true;
    port->why = NULL;
    return &port->io;
}

// Takes over what a function answered that moves no bytes and knows no end.
static enum rove_status judge(struct rv_port *port, enum rove_status status)
{
    port->s->busy = false;
    if (status == ROVE_END)
        return broke(port, "the device told of an end where there is none");
    return rv_status_known(status) ? status : broke(port, "the device returned what is no status");
}

// Takes over what a transfer of at most len bytes answered. Bytes that were moved and are denied would be lost, or
// written twice; more of them than were asked for are what happened to stand there.
static enum rove_status judge_count(struct rv_port *port, enum rove_status status, size_t n,
                                    size_t len)
{
    status = judge(port, status);
    if (status == ROVE_E_AGAIN && n && n <= len)
        return broke(port, "the device moved bytes, and told that it could not");
    if (status)
        return status;
    if (!n)
        return broke(port, "the device moved nothing, and did not say why");
    return n <= len ? ROVE_OK : broke(port, "the device moved more bytes than it was asked to");
}

static enum rove_status judge_place(struct rv_port *port, enum rove_status status, uint64_t *off)
{
    status = judge(port, status);
    if (status == ROVE_OK && *off > ROVE_LEN_MAX)
        status = broke(port, "the device told of a place past 2^63 - 1");
    if (status)
        *off = 0;
    return status;
}

enum rove_status rv_port_read(struct rv_port *port, void *buf, size_t len, size_t *len_out)
{
    size_t n = 0;
    *len_out = 0;
    enum rove_status status = ask(port)->read(port->ctx, buf, len, &n);
    if (status == ROVE_END) {
        port->s->busy = false;
        return n && n <= len ? broke(port, "the device read bytes, and told that it is at its end") : ROVE_END;
    }
    status = judge_count(port, status, n, len);
    if (status == ROVE_OK)
        *len_out = n;
    return status;
}

bool rv_port_is_ready(struct rv_port *port)
{
    bool was_busy = port->s->busy;
    if (!port->io.ready)
        return false;
    struct rove_stream shown = rv_stream_hide(port->s);
    enum rove_status status = ask(port)->ready(port->ctx);
    rv_stream_show(port->s, shown);
    port->s->busy = was_busy;
    return status == ROVE_OK;
}

enum rove_status rv_port_write(struct rv_port *port, const uint8_t *src, size_t len, size_t *len_out)
{
    size_t n = 0;
    *len_out = 0;
    enum rove_status status = ask(port)->write(port->ctx, src, len, &n);
    status = judge_count(port, status, n, len);
    if (status == ROVE_OK)
        *len_out = n;
    return status;
}

enum rove_status rv_port_seek(struct rv_port *port, uint64_t pos)
{
    return judge(port, ask(port)->seek(port->ctx, pos));
}

enum rove_status rv_port_tell(struct rv_port *port, uint64_t *out)
{
    return judge_place(port, ask(port)->tell(port->ctx, out), out);
}

enum rove_status rv_port_length(struct rv_port *port, uint64_t *out)
{
    struct rove_stream shown = rv_stream_hide(port->s);
    enum rove_status status = judge_place(port, ask(port)->length(port->ctx, out), out);
    rv_stream_show(port->s, shown);
    return status;
}

enum rove_status rv_port_resize(struct rv_port *port, uint64_t len)
{
    return judge(port, ask(port)->resize(port->ctx, len));
}

enum rove_status rv_port_flush(struct rv_port *port)
{
    return port->io.flush ? judge(port, ask(port)->flush(port->ctx)) : ROVE_OK;
}

enum rove_status rv_port_close(struct rv_port *port)
{
    enum rove_status status = port->io.close ? judge(port, ask(port)->close(port->ctx)) : ROVE_OK;
    return status == ROVE_E_AGAIN ? broke(port, "the device would block when it was closed") : status;
}
