// SPDX-License-Identifier: MIT
// index.h: points, gathered one by one, and the index that they become.
//
// Of each point its places, 16 bytes; only where some point has a state, of each what a decoder must know; and only where
// an index file tells them, of each a checksum. States that are equal to the one before share it (of LZ4: the frame's
// header).
//
// Invariants: coded and plain never fall from point to point, and one of them rises; the first point has plain 0;
// coded_len and plain_len are at least those of the last point.
#ifndef RV_INDEX_H
#define RV_INDEX_H

#include <rove/index.h>

#include "base/atomic.h"
#include "filter/means.h"

struct rv_place {
    uint64_t coded, plain;
};

// What a decoder must know. Counted by the points of one index that share it.
struct rv_state {
    uint32_t refs;
    uint32_t bits, flags, len; // of the mark
    uint32_t packed_len;       // bytes at data; len: they are as they were, less: deflated
    uint8_t data[];
};

struct rove_index {
    rv_count refs;
    struct rove_pool *pool; // holds its memory, which holds it
    char *spec;             // NUL-ended
    uint64_t coded_len, plain_len;
    uint64_t memory;
    struct rv_means *payer; // whose memory it counts in while it is made, or NULL
    bool each; // no member or frame was left out between points; only of the formats whose index files want each
    bool loose; // coded_len is that of the source: what follows the data counts in it
    bool part;  // of the first of the data: more of the same may follow
    bool trails; // something else follows the data, of which its maker was told: perhaps more of the same behind that
    size_t cnt, cap, sum_cap;
    struct rv_place *places;
    struct rv_state **states; // NULL: all points are fresh. An entry that is NULL: that one is
    uint32_t *sums;           // of the plain bytes from a point to the next: the low half of their XXH64. NULL: not known
};

// Makes an index without points, which only its maker knows: he adds points, sets lengths and `each`, and may hand it
// out. pool: whence its memory comes. spec: copied.
enum rove_status rv_index_new(struct rove_pool *pool, const char *spec,
                              struct rove_index **index_out);

// Has what it holds counted in somebody's memory, too, whose limit then binds it; NULL: no longer.
enum rove_status rv_index_pay(struct rove_index *index, struct rv_means *payer);

// Adds a point behind the others. mark: copied; a long state is kept packed. ROVE_E_FORMAT when that would break an
// invariant. On any failure it stays as it was.
enum rove_status rv_index_add(struct rove_index *index, struct rv_place place,
                              const struct rove_mark *mark);

// Notes a checksum of what follows the last point. All points get one, or none.
enum rove_status rv_index_add_sum(struct rove_index *index, uint32_t sum);

// Takes the last point back.
void rv_index_take_back(struct rove_index *index);

// Sets its lengths. Points at the very end, behind which nothing comes, are taken back.
void rv_index_close(struct rove_index *index, uint64_t coded, uint64_t plain);

// Copies the first cnt points, and how far they reach. spec: of whom it is for.
enum rove_status rv_index_copy(const struct rove_index *index, size_t cnt, const char *spec,
                               struct rove_index **index_out);

// The mark of point i. room: ROVE_MARK_MAX bytes, where its state is laid when it is not there as it was.
enum rove_status rv_index_mark(const struct rove_index *index, size_t i, uint8_t *room,
                               struct rove_mark *mark_out);

// Whether nothing need be known.
static inline bool rv_mark_is_fresh(const struct rove_mark *mark)
{
    return mark->flags == ROVE_MARK_FRESH && !mark->bits && !mark->state_len;
}

// Where the part that begins at point i ends: the next point, or the end of all.
static inline struct rv_place rv_index_end(const struct rove_index *index, size_t i)
{
    return i + 1 < index->cnt ? index->places[i + 1]
                              : (struct rv_place){index->coded_len, index->plain_len};
}

#endif
