// SPDX-License-Identifier: MIT
// stream_program.h: a random program of calls on streams while it runs, and the acts it is made of.
#ifndef TEST_STREAM_PROGRAM_H
#define TEST_STREAM_PROGRAM_H

#include <string.h>

#include "stream_subject.h"

#define SUBJECTS 3
#define KEPT 4
#define TRACE 10

struct kept_view {
    struct rove_view view; // pool NULL: none
    struct model model;
};

struct act {
    const char *name;
    size_t subject, pos, off, len;
};

// A program while it runs.
struct program {
    struct rng rng;
    enum subject_kind kind;
    struct rove_pool *pool;
    size_t chunk_len, len_max;
    bool little_memory; // the pool's limit is less than the streams hold
    struct subject subjects[SUBJECTS];
    struct kept_view views[KEPT];
    struct twin ropes[KEPT];
    struct act trace[TRACE];
    uint64_t steps;
    const char *wrong;
    int expected, got; // of a status that was wrong
};

// One kind of thing that a program may do.
struct kind {
    const char *name;
    void (*run)(struct program *p, struct subject *s, struct act *act);
    unsigned weight;
};

#define STREAM_ACTS 18u // of every stream
#define ROPE_ACTS 18u   // that shift or share: mostly refused elsewhere than over a rope
extern const struct kind stream_acts[STREAM_ACTS], rope_acts[ROPE_ACTS];

extern uint64_t calls_made;

// checks and dice -------------------------------------------------------------------------------

static inline size_t below(struct program *p, size_t n)
{
    return rng_below(&p->rng, n);
}

static inline bool chance(struct program *p, size_t one_in)
{
    return rng_below(&p->rng, one_in) == 0;
}

// Remembers the first thing that was wrong.
static inline void hold(struct program *p, bool holds, const char *wrong)
{
    if (!holds && !p->wrong)
        p->wrong = wrong;
}

// Counts a call, and holds that it returned what it should.
void is(struct program *p, enum rove_status expected, enum rove_status got);

// Calls again while a device would block.
#define PATIENTLY(p, expected, call)      \
    do {                                  \
        enum rove_status patient_;        \
        do                                \
            patient_ = (call);            \
        while (patient_ == ROVE_E_AGAIN); \
        is(p, expected, patient_);        \
    } while (0)

// What only a rope can do succeeds there and is unsupported elsewhere.
static inline enum rove_status on_rope(const struct subject *s, enum rove_status status)
{
    return subject_has_rope(s) ? status : ROVE_E_UNSUPPORTED;
}

static inline bool same(const void *a, const void *b, size_t len)
{
    return !len || memcmp(a, b, len) == 0;
}

static inline size_t rest_of(const struct subject *s)
{
    return s->pos < s->model.len ? s->model.len - s->pos : 0;
}

// The bytes at the cursor; none past the end.
static inline const uint8_t *here(const struct subject *s)
{
    static const uint8_t none;
    return rest_of(s) ? s->model.ptr + s->pos : &none;
}

// A length to write, on an edge of chunks more often than not.
size_t draw_len(struct program *p, const struct subject *s);
// A length to read, up to a little more than there is.
size_t draw_rest(struct program *p, const struct subject *s);
// Bytes to write: noise, or a text of two letters and line ends.
const uint8_t *draw_bytes(struct program *p, size_t len);

// Keeps a view of a subject's bytes from off on, to see later that it has not changed.
void keep_view(struct program *p, struct rove_view *view, const struct subject *s, size_t off);
// Compares a rope with its model.
bool twin_is_right(struct twin *twin);

#endif
