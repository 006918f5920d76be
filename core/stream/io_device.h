// SPDX-License-Identifier: MIT
// io_device.h: the stream over functions that read and write, with a buffer for each way.
#ifndef RV_IO_DEVICE_H
#define RV_IO_DEVICE_H

#include <rove/device.h>

// Makes a stream over io, which is copied; ctx is closed through io->close on failure.
enum rove_status rv_io_stream(const struct rove_io *io, void *ctx, struct rove_pool *pool,
                              struct rove_stream **stream_out);

// What is written to this device goes to its end, wherever it stands.
void rv_io_stream_appends(struct rove_stream *stream);

#endif
