// SPDX-License-Identifier: MIT
// asleep.h: a stream over a rope reads what sleeps without waking it.
//
// Much at a time goes straight into the caller's memory, little by way of a window on a piece of the
// stream's own. That is kept as long as the stream goes on from one sleeping chunk to the next.
#ifndef RV_ASLEEP_H
#define RV_ASLEEP_H

#include "rope/node.h"
#include "stream/stream.h"

// Opens a window at byte `rest` of a slice, at the stream's position, if its chunk sleeps and can be read
// so; ROVE_END when not. *piece: the stream's own, or NULL.
enum rove_status rv_asleep_open(struct rv_stream *s, uint8_t **piece, struct rv_entry slice,
                                uint64_t rest);

// Reads at the stream's position, where no window is open, and moves past it; ROVE_END when a window is
// better. found: the place in the tree. *len: how much at most, and then how much it was.
enum rove_status rv_asleep_read(struct rv_stream *s, uint8_t **piece, struct rv_found found, void *buf,
                                size_t *len);

// Gives the piece back, if there is one.
void rv_asleep_end(struct rv_stream *s, uint8_t **piece);

#endif
