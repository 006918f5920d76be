// SPDX-License-Identifier: MIT
// tray.h: the chunk into which a layer puts its output, or a stream its window.
//
//     base          from          ready          at            end
//      [ gone on     | may go on   | being filled | room        )
//
// 1. base <= from <= ready <= at <= end; all NULL with no chunk, unless the memory is lent.
// 2. What lies before `from` may be seen by others while the chunk has more than one holder; then
//    it is not written again.
#ifndef RV_TRAY_H
#define RV_TRAY_H

#include "filter/layer.h"

// Bytes, and the chunk in which they lie; NULL: borrowed memory.
struct rv_piece {
    struct rove_span span;
    struct rv_chunk *chunk;
};

struct rv_tray {
    struct rv_chunk *chunk;
    uint8_t *base, *from, *ready, *at, *end;
};

// The length of a tray for a filter that likes blocks of block_len bytes: a full chunk of the pool,
// or the block where that is longer but not out of all proportion.
size_t rv_tray_len(const struct rove_pool *pool, size_t block_len);

// Makes room for at least a byte: the rest of the chunk, the whole of it when nothing in it is
// needed any more, or a new one. `fresh`: not the rest. What may go on must have gone on.
enum rove_status rv_tray_make_room(struct rv_tray *tray, struct rv_means *means, size_t len,
                                   bool fresh);

static inline size_t rv_tray_ready(const struct rv_tray *tray)
{
    return (size_t) (tray->ready - tray->from);
}

static inline size_t rv_tray_room(const struct rv_tray *tray)
{
    return (size_t) (tray->end - tray->at);
}

// Gives the chunk up, and what has not gone on.
void rv_tray_drop(struct rv_tray *tray, struct rv_means *means);

// Forgets what has not gone on, and keeps the chunk if nobody else does.
void rv_tray_restart(struct rv_tray *tray, struct rv_means *means);

#endif
