// SPDX-License-Identifier: MIT
// asleep.h: a stream over a rope reads what sleeps without waking it.
//
// Much at a time goes straight into the caller's memory, little by way of a window on a piece of the
// stream's own.
#ifndef RV_ASLEEP_H
#define RV_ASLEEP_H

#include "rope/node.h"
#include "stream/stream.h"

// Opens a window at the stream's position if the chunk there sleeps and can be read so; ROVE_END when not.
// found: the place in the tree. *piece_out: what the window lies on, for rv_through_unlend().
enum rove_status rv_asleep_open(struct rv_stream *s, const struct rv_found *found,
                                uint8_t **piece_out);

// Reads at the stream's position, where no window is open, and moves past it; ROVE_END as above. *len: how
// much at most, and then how much it was.
enum rove_status rv_asleep_read(struct rv_stream *s, const struct rv_found *found, void *buf,
                                size_t *len);

#endif
