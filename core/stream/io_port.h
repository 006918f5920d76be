// SPDX-License-Identifier: MIT
// io_port.h: the functions of a device, each called in one place, where what it answers is judged.
//
// Nothing that they answer is believed: a status that cannot be meant, more bytes than were asked for, none,
// or a position that no stream has is ROVE_E_IO, and `why` tells which rule was broken.
#ifndef RV_IO_PORT_H
#define RV_IO_PORT_H

#include <rove/device.h>

#include "stream/stream.h"

struct rv_port {
    struct rove_io io;
    void *ctx;
    struct rv_stream *s; // refuses calls that come back meanwhile
    const char *why;     // which rule was broken last, or NULL
};

// Reads 1 to len bytes, or ROVE_END.
enum rove_status rv_port_read(struct rv_port *port, void *buf, size_t len, size_t *len_out);

// Whether a read is known not to wait.
bool rv_port_is_ready(struct rv_port *port);

// Writes 1 to len bytes.
enum rove_status rv_port_write(struct rv_port *port, const uint8_t *src, size_t len, size_t *len_out);

enum rove_status rv_port_seek(struct rv_port *port, uint64_t pos);

// *out is 0 when they fail.
enum rove_status rv_port_tell(struct rv_port *port, uint64_t *out);
enum rove_status rv_port_length(struct rv_port *port, uint64_t *out);

enum rove_status rv_port_resize(struct rv_port *port, uint64_t len);

// Without such a function there is nothing to do.
enum rove_status rv_port_flush(struct rv_port *port);
enum rove_status rv_port_close(struct rv_port *port);

#endif
