// SPDX-License-Identifier: MIT
// coded.h: the source of an index's data: read at offsets, with requests that grow when it is read in order.
#ifndef RV_CODED_H
#define RV_CODED_H

#include <rove/filter.h>

#include "filter/means.h"
#include "stream/stream.h"

#define RV_REQUEST_MAX ((size_t) 8 << 20) // bytes asked for at once

struct rv_coded {
    struct rove_stream *source;
    struct rv_means *means;
    uint64_t end;      // of the data in it
    size_t ahead;      // bytes to ask for where less are needed
    bool was_stuck;    // a failure stuck in it before this call
    // What was read beyond what was asked for.
    uint8_t *buf;
    size_t cap, len;
    uint64_t off;
};

// Notes whether the source is stuck already, at the beginning of a call of the stream.
void rv_coded_enter(struct rv_coded *c);

// Fills room with what is at off, all of which lies before the end. *len_out: what came, also on failure. ROVE_E_FORMAT:
// the source ends before.
enum rove_status rv_coded_read(struct rv_coded *c, uint64_t off, struct rove_out room,
                               size_t *len_out);

// A failure that the source met since rv_coded_enter(), and that is not told, is forgotten: it comes again.
void rv_coded_forgive(struct rv_coded *c);

// Gives back what was read ahead, and asks for no more than is needed.
void rv_coded_drop(struct rv_coded *c);

#endif
