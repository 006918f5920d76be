// SPDX-License-Identifier: MIT
// chained.h: what a stream that encodes and one that decodes have in common.
#ifndef RV_CHAINED_H
#define RV_CHAINED_H

#include "filter/chain.h"
#include "stream/stream.h"

// Who does parts for streams that were given nobody: nobody. Tests set it, to see that workers change nothing.
extern struct rove_workers *rv_chained_workers;

struct rv_chained {
    struct rv_stream s;
    struct rove_stream *other; // the sink or source
    struct rv_chain *chain;    // NULL once closed
    struct rv_watch *watch;    // the chain's, which outlives that; NULL: nobody watches
    unsigned depth;            // layers, those of the streams below included
    unsigned layer_cnt;
    bool owns;      // the other stream: it is finished, closed and freed with this one
    bool was_stuck; // a failure stuck in the other stream before this call
    bool met;       // the one that sticks there was met by a call of this stream
    uint8_t digest_len[ROVE_DEPTH_MAX]; // of each layer, kept when the stream is closed
    uint8_t digest[ROVE_DEPTH_MAX][ROVE_DIGEST_MAX];
    char text[256]; // what the last failure was, or
    bool remarks;   // what was passed over
    const char *passed; // the limit that was, of struct rove_limits, or NULL
};

// What is asked for when one is made.
struct rv_chained_plan {
    const struct rv_device *dev;
    uint32_t dir;
    const char *text;
    const struct rove_limits *limits; // NULL for the defaults
    const char *passed; // where it cannot be made: the limit that was passed, or NULL
};

// A caller's limits, NULL for the defaults, with all fields set. ROVE_E_ARG when their size is none.
enum rove_status rv_limits_read(const struct rove_limits *limits, struct rove_limits *mine);

// The stream as one of these, or NULL.
struct rv_chained *rv_chained(struct rv_stream *s);

// Makes one on another stream. error_out may be NULL.
enum rove_status rv_chained_make(struct rv_chained_plan *plan, struct rove_stream *other,
                                 struct rv_chained **out, struct rove_spec_error *error_out);

// Puts an open one on another stream, which rv_chained_may() allowed, as if just made.
enum rove_status rv_chained_may(const struct rv_chained *c, struct rove_stream *other);
enum rove_status rv_chained_again(struct rv_chained *c, struct rove_stream *other);

// Remembers a failure of the chain, or of the other stream, and what there is to say of it.
enum rove_status rv_chained_fail(struct rv_chained *c, enum rove_status status);
enum rove_status rv_chained_fail_other(struct rv_chained *c, enum rove_status status);

// Notes that a call of this stream met a failure of the other one, which is told later.
void rv_chained_meet(struct rv_chained *c);

// Remembers, at the end of a chain that reads, what was passed over.
void rv_chained_end(struct rv_chained *c);

// Around what shows filters bytes in the other stream's window: who is called may not move that, nor take of it.
struct rove_stream rv_chained_lend(struct rv_chained *c);
enum rove_status rv_chained_take_back(struct rv_chained *c, struct rove_stream shown, enum rove_status status);

// Like rv_stream_enter(), around all that runs filters or uses the other stream.
void rv_chained_enter(struct rv_chained *c);

// Keeps the digests and gives the chain back.
void rv_chained_release(struct rv_chained *c);

// For who owns the other stream: hands over all that it has; gives it up, which is its closing once that succeeded.
// Else they do nothing.
enum rove_status rv_chained_finish_other(struct rv_chained *c);
enum rove_status rv_chained_end_other(struct rv_chained *c);

// Has a chain watched by somebody else than before; NULL: by nobody. watch: taken.
void rv_chained_watch(struct rv_chained *c, struct rv_watch *watch);

// For the device tables.
void rv_chained_gone(struct rv_stream *s);
struct rove_stream *rv_chained_below(struct rv_stream *s);
void rv_chained_own(struct rv_stream *s);
const char *rv_chained_explain(const struct rv_stream *s);
const char *rv_chained_limit(const struct rv_stream *s);
void rv_chained_clear(struct rv_stream *s);

#endif
