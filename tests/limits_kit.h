// SPDX-License-Identifier: MIT
// limits_kit.h: edits that are aimed at limits: the longest rope, a full chunk, node and tree, the last
// byte of a pool's budget, the merge threshold.
//
// A job is one edit and what becomes of the model; a way is a call that does such an edit. Whether a
// way must succeed follows from the job alone: ROVE_E_RANGE beyond the longest rope, else ROVE_OK,
// or ROVE_E_LIMIT where the pool has a limit; and who fails has changed nothing.
#ifndef TEST_LIMITS_KIT_H
#define TEST_LIMITS_KIT_H

#include <rove/stream.h>

#include "support/edits.h"
#include "support/sparse.h"

// limits, and how often a step ended within one of them -----------------------------------------

enum limit {
    AT_LONGEST,    // 2^63 - 1 bytes, or one less
    PAST_LONGEST,  // refused, for one or two bytes too many
    AT_ROOM_CUT,   // the tail's room is cut short by the longest rope, to one byte or none
    AT_CHUNK,      // the tail's chunk is full, or all but one byte
    AT_CLAIM,      // the room in the tail's chunk is another's
    AT_LEAF,       // the last leaf is full, or all but one entry
    AT_HEIGHT,     // all nodes of the right edge are, or the tree has just become higher
    AT_MERGE,      // a piece of ROVE_MERGE_LEN bytes, one less or one more
    AT_BUDGET,     // less than a block was left of the pool's limit
    PAST_BUDGET,   // refused for the pool's limit, nothing changed
    LIMITS
};

extern const char *const limit_names[LIMITS];

struct tally {
    uint64_t steps, cnt[LIMITS];
};

// Counts the limits at which a rope is; height: of its tree before the step.
void tally_rope(struct tally *tally, const struct rove_rope *rope, unsigned height);

// jobs ------------------------------------------------------------------------------------------

// One edit: [off, off + del) becomes mid.
struct job {
    uint64_t off, del;
    struct sparse mid;
    struct rove_rope rope; // the bytes of mid, for ways that take a rope …
    struct rove_view view; // … or a view
};

#define WAY_AT_END 1u   // off is the end, del is 0
#define WAY_NO_DEL 2u   // del is 0
#define WAY_NO_MID 4u   // mid is empty
#define WAY_TO_END 8u   // off + del is the end
#define WAY_SAME 16u    // mid is as long as del
#define WAY_ZEROS 32u   // mid is zeros
#define WAY_ANY 64u     // mid is whatever, and in job.rope and job.view; else one run of noise
#define WAY_SOME 128u   // may do a part of it: cuts mid to that

struct way {
    const char *name;
    enum rove_status (*run)(struct rove_rope *rope, struct job *job);
    unsigned flags;
};

#define WAYS 18
extern const struct way ways[WAYS];
extern uint64_t limits_adopts, limits_releases;

// What the job is by the model's length: ROVE_OK or ROVE_E_RANGE.
enum rove_status job_expected(const struct job *job, uint64_t len);

// Makes job.rope and job.view for a mid that is one run of noise or of zeros.
enum rove_status job_fill(struct job *job, struct rove_pool *pool);
void job_fini(struct job *job);

// scarcity --------------------------------------------------------------------------------------

#define LEAST_BLOCK 192u // bytes: nothing smaller is ever taken from a pool

struct rv_budget;

// While it lasts, only so much of a pool's limit is left. budget NULL: none.
struct squeeze {
    struct rv_budget *budget;
    uint64_t left, taken;
};

// Leaves that many bytes of the limit; none is begun where no more are left as it is.
struct squeeze squeeze_begin(struct rove_pool *pool, uint64_t left);

// Ends it. Tells whether the call between has used the limit up but for less than a block.
bool squeeze_end(struct squeeze *squeeze);

// worlds ----------------------------------------------------------------------------------------

#define LIVES_LEAST 4u // worlds that are lived through at any scale, so that every limit is met

struct limits_plan {
    const char *name;
    size_t chunk_len;
    uint64_t memory_limit; // 0: none
    bool spill;
    uint64_t steps; // of all worlds
    unsigned without; // limits that are not met, 1 << limit
};

// A pool of the case's allocator as a plan says.
struct rove_pool *limits_pool(const struct limits_plan *plan);

// Prints a tally, and checks that no limit was missed, but for those the plan is without; and that
// chunks slept where they may.
void tally_report(const struct tally *tally, const struct limits_plan *plan,
                  struct rove_pool *pool);

// Lives through random worlds of ropes, or of streams over ropes. Reports by checks and a note.
void limits_live_ropes(const struct limits_plan *plan);
void limits_live_streams(const struct limits_plan *plan);

#endif
