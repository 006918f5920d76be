// SPDX-License-Identifier: MIT
// stream_subject.h: a stream over any device, with its flat model beside it, for random programs.
//
// A subject is a stream over a rope, a rope's stream seen as a FILE, or a stream over a descriptor,
// a FILE or callbacks. Its model is an array, a position and the places of its holes. Devices are
// interrupted and short at random; callbacks also say ROVE_E_AGAIN.
#ifndef TEST_STREAM_SUBJECT_H
#define TEST_STREAM_SUBJECT_H

#include <stdio.h>

#include <rove/device.h>

#include "support/edits.h"
#include "support/model.h"

enum subject_kind { OVER_ROPE, SEEN_AS_FILE, OVER_FD, OVER_FILE, OVER_CALLBACKS, SUBJECT_KINDS };

extern const char *const subject_names[SUBJECT_KINDS];

struct hole_model {
    struct rove_hole hole; // id 0: none
    size_t off;
    bool gone, filled;
};

// What callbacks stand on: bytes in memory, and dice for short transfers and ROVE_E_AGAIN.
struct backing {
    struct model model;
    size_t pos;
    struct rng rng;
    unsigned closed;
};

#define SUBJECT_HOLES 6

struct subject {
    enum subject_kind kind;
    struct rove_stream *stream; // NULL: none
    struct model model;
    size_t pos;
    struct hole_model holes[SUBJECT_HOLES];
    FILE *file;              // the stream seen as one, or what it stands on
    int fd;                  // OVER_FD
    bool wrote;              // SEEN_AS_FILE: the last call was a write
    struct backing *backing; // OVER_CALLBACKS
};

// Makes an empty stream of a kind. It cannot fail here, or the case does.
bool subject_init(struct subject *s, enum subject_kind kind, struct rove_pool *pool, uint64_t seed);

// Compares what lies behind the device once it is closed, and frees all. NULL, or what is wrong.
const char *subject_fini(struct subject *s);

// Whether all that only a rope can do is to be had.
static inline bool subject_has_rope(const struct subject *s)
{
    return s->kind == OVER_ROPE || s->kind == SEEN_AS_FILE;
}

// Around calls of the stream itself when it is seen as a FILE.
bool subject_leave_file(struct subject *s);
bool subject_enter_file(struct subject *s);

// models ----------------------------------------------------------------------------------------

// Writes over what is there and beyond, after zeros where the place is past the end.
void subject_model_write(struct subject *s, size_t off, const void *src, size_t len);
// Takes del bytes out at off, puts len in, and moves the holes.
void subject_model_shift(struct subject *s, size_t off, size_t del, const void *src, size_t len);
// Cuts or lengthens with zeros.
void subject_model_resize(struct subject *s, size_t len);

// Compares position, length and invariants, without disturbing the stream. NULL, or what is wrong.
const char *subject_check(struct subject *s);
// Compares all bytes.
const char *subject_check_bytes(struct subject *s);

#endif
