// SPDX-License-Identifier: MIT
// io_buffer.h: bytes between a stream and its device.
#ifndef RV_IO_BUFFER_H
#define RV_IO_BUFFER_H

#include "chunk/layout.h"

struct rv_buffer {
    uint8_t *data; // NULL: not needed so far
    size_t cap, off, end;
};

// Readies an empty buffer of a chunk's length; a long line may have left it longer.
enum rove_status rv_buffer_ready(struct rv_buffer *b, struct rove_pool *pool);

// Makes room behind the bytes of a buffer, which may move.
enum rove_status rv_buffer_grow(struct rv_buffer *b, struct rove_pool *pool);

void rv_buffer_free(struct rv_buffer *b, struct rove_pool *pool);

#endif
