// SPDX-License-Identifier: MIT
// stage.h: one stage of a chain: what waits in front of it, its taps, and a run of its codec.
#ifndef RV_STAGE_H
#define RV_STAGE_H

#include "filter/chain.h"

#define RV_LOOK_MAX ((size_t) 256 << 10) // bytes that a tap looks at while they are in the cache

// Shows the taps of stage i, or the last ones for stage_cnt, a span. On failure in_out tells how far the one that
// failed came.
enum rove_status rv_stage_look(struct rv_chain *c, unsigned i, struct rove_in *in_out,
                               uint32_t act);

// Before an act: the taps see all that waits, and do it.
enum rove_status rv_stage_look_ahead(struct rv_chain *c, unsigned i, struct rove_in in);

// After the codec took `took` bytes: the taps see those of them that they have not.
enum rove_status rv_stage_look_back(struct rv_chain *c, unsigned i, const uint8_t *from,
                                    size_t took);

// What lies behind the first len bytes.
struct rove_in rv_in_behind(struct rove_in in, size_t len);

// What waits in front of stage i; of stage_cnt: to go out.
struct rove_in rv_stage_waiting(const struct rv_chain *c, unsigned i);

// Takes some of it.
void rv_stage_take(struct rv_chain *c, unsigned i, size_t took);

// Asks stage i for an act, or, behind the last one, notes that it is done.
void rv_stage_ask(struct rv_chain *c, unsigned i, uint32_t act);

// One run of a codec.
struct rv_run {
    uint32_t act;
    enum rove_status rc; // ROVE_OK, ROVE_END or a failure
    struct rove_out out; // room that is left in the stage's tray
    size_t took;         // bytes of input
    bool idle;           // it moved nothing, and could have
};

// Runs the codec of stage i once, into its tray. A failure is noted in the chain.
struct rv_run rv_stage_code(struct rv_chain *c, unsigned i, struct rove_in in, uint32_t act);

// The codec of stage i fails with what its means tell: noted in the chain. Returns ROVE_OK.
enum rove_status rv_stage_fail(struct rv_chain *c, unsigned i, enum rove_status status);

// Takes over what it made and how it ended.
void rv_stage_settle(struct rv_chain *c, unsigned i, const struct rv_run *run);

// Counts what was made. Returns how much of it may go on; if that is less, the chain has failed.
size_t rv_stage_count(struct rv_chain *c, unsigned i, size_t made);

// The length of a stage's tray, and room in it.
size_t rv_stage_out_len(const struct rv_chain *c, unsigned i);
enum rove_status rv_stage_make_room(struct rv_chain *c, unsigned i);

// Runs stage i once, on at most so many bytes of what waits. Failures of its layers go to c->failure; others are
// returned.
enum rove_status rv_stage_run(struct rv_chain *c, unsigned i, size_t most);

#endif
