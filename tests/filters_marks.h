// SPDX-License-Identifier: MIT
// filters_marks.h: places in coded data where a decoder can begin: asked for while it decodes, found by hopping, and
// begun at.
#ifndef ROVE_TESTS_FILTERS_MARKS_H
#define ROVE_TESTS_FILTERS_MARKS_H

#include "filters_harness.h"

struct place {
    size_t coded, plain;
    uint32_t flags, bits, state_len;
    uint8_t *state; // a block of its own
};

struct places {
    struct place *ptr;
    size_t len, cap;
};

void places_drop(struct places *p);
bool places_begin(const struct places *a, const struct places *b); // a with the places of b; states aside

// Decodes all of it in drawn pieces, after a reset, and asks for a mark behind each `every` or fewer plain bytes,
// drawn, too; 0: for all places. plain_out: what it became. Returns what the decoder does at the end. Asserts that
// run() stops at the next place when it was told that there is one to come.
int32_t places_mark(struct rig *r, const struct bytes *coded, size_t every, uint64_t *rng, struct places *out,
                    struct bytes *plain_out);

// Begins at a place, after a reset, and decodes up to the coded byte `end` in pieces that cut gives. Returns what
// resume() or the decoder does.
int32_t place_resume(struct rig *r, const struct place *place, const struct bytes *coded, size_t end, struct cut cut,
                     struct bytes *plain_out);

// Hops over all of it, after a reset, given no more bytes at hand than are asked for. len_out[0] and [1]: coded and
// plain bytes that it passed. Returns what hop() does at the end; ROVE_E_TRUNCATED when it went beyond that.
int32_t places_hop(struct rig *r, const struct bytes *coded, uint64_t *rng, struct places *out, uint64_t len_out[2]);

// Of filters_marks_deflate.c: a reader of gzip begins at marks that zlib has made.
void begin_at_marks_of_gzip(const struct rove_filter *reader);
void check_sums_from_the_next_member_on(const struct rove_filter *reader);

#endif
