// SPDX-License-Identifier: MIT
// part.h: a piece of a stage's work that a thread can do by itself: its input, a state of the filter, what it makes. fan.h
// says how parts go round.
#ifndef RV_PART_H
#define RV_PART_H

#include <rove/chain.h>

#include "filter/idle.h"
#include "filter/tray.h"
#include "work/work.h"

#define RV_HELD_MOST 8u // pieces of input; what lies in more is copied as it is gathered

struct rv_part {
    struct rv_job job;
    struct rv_part *of_all, *next; // of all; of those spare, or on their way
    struct rv_layer layer;         // the state that codes it
    struct rv_idle *idle;          // where its own is, and it takes one when it begins; NULL: it has its own
    uint64_t idle_len;             // bytes that it counts for that, while it has none
    uintptr_t home;                // of the thread that runs it
    struct rv_means means;         // its share
    uint8_t *buf;                  // what lies before it, then its input
    size_t cap, past_len, in_len;
    struct rv_piece held[RV_HELD_MOST]; // its input instead, all of it; held_cnt of them
    unsigned held_cnt;
    uint32_t act;
    struct rove_in in;       // what it has not taken
    enum rove_status status; // how it ended; ROVE_OK: it has not
    uint64_t made;           // bytes of output
    uint64_t made_most;      // that it is expected to make at most
    struct rv_tray *out;     // what it made, in order
    unsigned out_cnt, out_cap, sent;
    size_t out_len; // of a tray
    struct rv_tray kept; // the first one of the next run, or none: empty, nobody else's, and of that length
    bool seen;      // writing, by the head; reading, its input by the taps

    // Writing: the taps in front of the codec (along.h).
    struct rv_layer *along; // states of those that go with it, or NULL
    unsigned along_cnt;
    size_t along_from; // they see what follows these bytes
    bool along_fails;
    size_t looked; // bytes that the taps themselves have seen
};

static inline struct rv_part *rv_part_of(struct rv_job *job)
{
    return (struct rv_part *) (void *) ((uint8_t *) job - offsetof(struct rv_part, job));
}

// All of its input, as it lies once the part was run, or when nothing of it is held.
static inline struct rove_in rv_part_input(const struct rv_part *part)
{
    const uint8_t *ptr = part->held_cnt == 1 ? part->held[0].span.ptr : part->buf + part->past_len;
    return (struct rove_in){ptr, part->in_len};
}

// The end of its input, where more goes.
static inline uint8_t *rv_part_end(const struct rv_part *part)
{
    return part->buf + part->past_len + part->in_len;
}

// Makes one that may hold `share` bytes, which are set aside of a chain's means; without a state, which is opened when it is
// needed. NULL: there is no memory.
struct rv_part *rv_part_make(struct rv_means *means, uint64_t share);
void rv_part_free(struct rv_part *part, struct rv_means *means);

// Sets aside what it may hold.
void rv_part_set_aside(struct rv_part *part, struct rv_means *means, uint64_t len);

// Opens its state, if it has none. False: there is no memory within its share.
bool rv_part_open(struct rv_part *part, struct rv_layer *head, const struct rove_value *values);

// Puts its state, if it has one, where any part may take it.
void rv_part_lay_down(struct rv_part *part);

// Makes room for len bytes in its buffer, of which it keeps what it has.
bool rv_part_widen(struct rv_part *part, size_t len);

// Makes room for cnt trays, of which there are none. Less has to do when there is no memory.
void rv_part_widen_out(struct rv_part *part, uint64_t cnt);

// Takes over a tray of a chain's means when one of its own has gone on: kept, if it is as long and nobody else holds it; else
// dropped. The next run is to make trays of len bytes: one of another length is not kept on.
void rv_part_keep(struct rv_part *part, struct rv_tray *tray, struct rv_means *means);
void rv_part_keep_only(struct rv_part *part, size_t len);

// Lets go of its input, where that is held, and of what it made.
void rv_part_drop_held(struct rv_part *part);
void rv_part_drop_out(struct rv_part *part);

#endif
