// SPDX-License-Identifier: MIT
// seek.h: a stretch, and what all stretches of a stream share. What is done with one is in stretch.h.
#ifndef RV_SEEK_H
#define RV_SEEK_H

#include <rove/view.h>

#include "filter/tray.h"
#include "seek/coded.h"
#include "seek/hand.h"
#include "seek/reach.h"
#include "work/work.h"

#define RV_WHOLE_MAX (UINT64_C(1) << 20) // plain bytes of a whole stretch

enum rv_blame { RV_BLAME_STRETCH, RV_BLAME_SOURCE, RV_BLAME_MEMORY };

// What all stretches of a stream share.
struct rv_seek {
    struct rove_index *index;
    struct rv_coded coded;
    struct rv_hands hands;
    struct rv_means means;
    uint64_t ratio;
    size_t seg_len;
    rv_switch stop; // those who are away are not wanted any more
};

struct rv_stretch {
    struct rv_job job; // while it is away
    struct rv_seek *seek;
    struct rv_reach at;
    struct rv_hand *hand;
    bool whole, begun, away;
    bool viewed, misfit; // its coded bytes lie in view; it is not what the index says
    struct rove_view view;
    uint64_t in_off;    // of the next byte that the filter is given
    uint64_t buf_off;   // where the hand's buffer begins
    size_t buf_len;
    uint64_t made, first; // plain bytes made; segments given up
    uint64_t past;        // coded bytes taken when all of these were there
    size_t summed;        // the point from which the hand sums up
    struct rv_tray one, *segs; // segs: one, or an array
    size_t cap, cnt;
    uint64_t held;           // bytes of segments
    enum rove_status status; // ROVE_OK: it goes on; ROVE_END: it is done; else how it failed
    enum rv_blame blame;     // of a failure that is not its own

    // For whoever keeps stretches.
    struct rv_stretch *in_bucket, *prev, *next, *next_away;
    uint64_t cost;
};

static inline uint64_t rv_stretch_len(const struct rv_stretch *e)
{
    return rv_reach_len(&e->at);
}

// How many plain bytes from its beginning on can be read. The last one only when its end was judged: who has read that
// goes on elsewhere, and what was wrong at the end would never be told.
static inline uint64_t rv_stretch_ready(const struct rv_stretch *e)
{
    bool done = e->status == ROVE_END;
    if (e->misfit || (e->whole && !done))
        return 0;
    return e->made && e->made == rv_stretch_len(e) && !done ? e->made - 1 : e->made;
}

#endif
