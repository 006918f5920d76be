// SPDX-License-Identifier: MIT
// coding.h: an archive's way out: through its chain into the output.
//
//     coding_open ──> coding_put, or writes to `to` ──> coding_close ──> output_keep      all of it has gone out
//                                                            └────────> coding_drop       nothing is left behind
//
// All functions report what goes wrong, and return false then.
#ifndef ROVE_TOOL_CODING_H
#define ROVE_TOOL_CODING_H

#include "marks.h"
#include "options.h"
#include "output.h"
#include "spec.h"
#include "stats.h"
#include "threads.h"

#include <rove/rope.h>

#define CODING_ANY_LEN UINT64_MAX

struct coding {
    // Borrowed, and set by the caller. pool: NULL for the default one.
    const struct options *opts;
    struct spec *spec;
    struct output *out;
    struct marks *marks;
    struct threads *threads;
    struct stats *stats; // gets what went in and came out
    struct rove_pool *pool;
    // The rest is zeroed.
    struct rove_stream *sink, *chained;
    struct rove_stream *to;  // where the archive is written; NULL while this is not open
    uint64_t from, out_from; // where `to` stood, and the sink
};

// Opens the output and makes the chain. len: of all that will come, or CODING_ANY_LEN.
bool coding_open(struct coding *c, uint64_t len);

// Writes a rope, of which it says how far it has come (progress.h).
bool coding_put(struct coding *c, struct rove_rope *rope);

// Everything up to the last byte is in the output then, which is still to be kept.
bool coding_close(struct coding *c);

// Reports why `to` has not taken something. err: its errno.
void coding_blame(const struct coding *c, enum rove_status status, int err);

// Gives up, also before coding_open() and after coding_close(): what was written is removed.
void coding_drop(struct coding *c);

#endif
