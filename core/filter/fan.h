// SPDX-License-Identifier: MIT
// fan.h: the parts of a stage's work that are filled, on their way through workers, or done.
//
//     spare ──fill──> filling ──send──> in the workers' line ──next──> front ──pass, retire──> spare
//                                       (many at once, in order)
//
// 1. A part owns its input, a state of the filter, and the trays into which it codes. While it is in the line only the
//    thread that codes it touches any of that; the head belongs to the owner of the chain alone.
// 2. What a part may hold is set aside when it is made: an equal share of what the chain then has left beside its trays,
//    of a quarter of its limit, or of half the pool's, whatever is least. So a part asks nobody while it runs elsewhere, and the chain's
//    limit is kept without a lock. One share is left for the stage itself, which can do whatever a part cannot. Where
//    shares would be too small there are fewer. Reading, shares are made anew where parts have become longer, or shorter.
// 3. A part that has no room for more output stops, and the owner goes on with it in its turn.
// 4. A part whose filter's states are all ready for any has one only from when it begins until it is joined (idle.h).
// 5. Reading, input that lies in a rope is held where it is. In one piece it is coded from there; else the thread that codes
//    it joins the pieces in the part's buffer first.
// 6. A part that passes a tray on takes over the one in whose place that goes, if it is as long and nobody else holds it, and
//    fills it the next time. From a long one that is freed the system takes the pages away, and a new one is given others.
#ifndef RV_FAN_H
#define RV_FAN_H

#include "filter/part.h"

struct rv_fan {
    struct rv_layer *head;
    const struct rove_value *values; // of the head's options
    struct rv_line line;
    struct rv_part *all, *spare;
    struct rv_idle *idle;    // states that parts take when they begin; NULL: each has its own
    unsigned cnt, most;      // parts made, and that may be
    uint64_t share;          // bytes set aside for each
    uint64_t others;         // bytes that the rest of the chain may come to hold
    struct rv_part *filling; // gets its input, or NULL
    struct rv_part *prev;    // the one sent before that
    struct rv_part *first;   // the first of those on their way, or NULL
    struct rv_part *front;   // done, and goes on, or NULL

    // Where the stage is (fanned.h).
    size_t cut;         // writing: plain bytes of a part, as the head said when it was last asked
    bool asked;         // writing: it was, since it was opened or reset
    bool begun;         // writing: a part is sent, so the head will be told of all of them
    bool headed;        // writing: what stands before the first part is written
    bool last;          // writing: the last part was sent
    bool told;          // reading: what is being filled is one part
    bool stale;         // reading: the head was asked for another one since, and may have that in mind
    bool stays;         // reading: shares are not made larger any more
    bool drains;        // reading: shares are made smaller, when nothing is on its way any more
    unsigned short_cnt; // reading: parts in a row that are so short that there could be more of them …
    unsigned could;     // … so many
    unsigned drain_cnt; // reading: how often shares were made smaller
    bool left;          // reading: what is being filled is left to the head
    bool again;         // the head does the front; writing, what is being filled
    bool doubt;         // reading: whether what comes next is a part, for the head did the one before it
    size_t want;        // reading: bytes that make what is being filled whole, or are needed to tell
    uint64_t head_left; // reading: bytes that the head takes next; ROVE_NO_LIMIT: all that follows
    uint64_t ahead;     // reading: bytes taken that the head has not come to
};

// Makes one for an opened layer whose filter has the hooks for parts. others: bytes that are left to the rest of the
// chain. NULL: there are no workers, or no memory.
struct rv_fan *rv_fan_new(struct rv_layer *head, const struct rove_value *values,
                          struct rove_workers *workers, uint64_t others);
void rv_fan_free(struct rv_fan *fan);

// Calls off what is on its way; all parts are spare.
void rv_fan_reset(struct rv_fan *fan);

// Whether rv_fan_fill() need not wait for a part.
static inline bool rv_fan_has_spare(const struct rv_fan *fan)
{
    return fan->filling || (!fan->drains && (fan->spare || fan->cnt < fan->most));
}

// Gives the part that is being filled, or begins one, which may come to take len bytes of input, with room for `room` of
// them. NULL: that is more than its share, or there is none.
struct rv_part *rv_fan_fill(struct rv_fan *fan, size_t len, size_t room);

// Writing: gives the first part a state, which it has not until it is known that it is not alone, and room for len
// bytes. False: there is no memory for parts; the head has to do what it was given.
bool rv_fan_begin(struct rv_fan *fan, size_t len);

// That is done, and the head does all that follows.
void rv_fan_give_up(struct rv_fan *fan);

// Whether a part of in_len coded bytes, which becomes made_most at most, and holds as much again to make it, stays
// within a share.
static inline bool rv_share_fits(uint64_t share, uint64_t in_len, uint64_t made_most)
{
    return in_len <= share && made_most <= (share - in_len) / 2;
}

static inline bool rv_fan_fits(const struct rv_fan *fan, uint64_t in_len, uint64_t made_most)
{
    return rv_share_fits(fan->share, in_len, made_most);
}

// The bytes of all shares, those that are set aside included.
uint64_t rv_fan_shares(const struct rv_fan *fan);

// Reading, and nothing is filled or on its way: gives all parts up. The next one tells how many there may be, `most` or fewer.
void rv_fan_anew(struct rv_fan *fan, unsigned most);

// Reading: how many there could be, if shares were made for parts of len coded bytes, which become `made` at most.
unsigned rv_fan_could(const struct rv_fan *fan, uint64_t len, uint64_t made);

// Sends the filled one, to be run with act, into trays of out_len bytes; made_most: bytes that it is expected to make at
// most. One that cannot be made ready is not run, and told of in its turn.
void rv_fan_send(struct rv_fan *fan, uint32_t act, size_t out_len, uint64_t made_most);

// How many are on their way.
static inline size_t rv_fan_cnt(const struct rv_fan *fan)
{
    return rv_line_cnt(&fan->line);
}

// Reading: whether the head does all that follows.
static inline bool rv_fan_rests(const struct rv_fan *fan)
{
    return fan->head_left == ROVE_NO_LIMIT && !rv_fan_cnt(fan) && !fan->front && !fan->filling;
}

// Makes the first of these the front, when it is done; false: it is not.
bool rv_fan_poll(struct rv_fan *fan);

// The same; waits for it.
void rv_fan_wait(struct rv_fan *fan);

// The front's output that comes next; empty: that was all.
struct rove_span rv_fan_shown(struct rv_fan *fan);

// Puts the tray in which it lies in the place of a stage's, whose own has gone on.
void rv_fan_pass(struct rv_fan *fan, struct rv_tray *to);

// Forgets what the front made.
void rv_fan_forget(struct rv_fan *fan);

// The front is done with.
void rv_fan_retire(struct rv_fan *fan);

#endif
