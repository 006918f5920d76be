// SPDX-License-Identifier: MIT
// stretch.h: a stretch of the data: to be decoded, decoded as far as was needed, or done.
//
//     plain   from ──────┬─────────────┬─────────────┬─ ─ ─ ─ ─ ─ ┬─ ─ ─ ─ ─ to
//              given up  │  segment    │  segment  made            │
//     coded   from ────────────────────────── in_off ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ to
//                                             a hand goes on from here
//
// 1. Segments are as long as the filter likes, the last one less; they are filled in order. Those in front may have been
//    given up, and never come back: who needs them begins the stretch anew.
// 2. It has a hand until it is done. Then it holds segments alone.
// 3. At the end of its plain bytes it is checked: nothing more may come out, and the coded bytes are used up. Where it
//    ends inside of a byte or in the middle of something, that is all; else the filter has to say that it is at an end.
// 4. A *whole* stretch begins and ends where nothing before matters, so that what the format sums over it is checked
//    at its end, and is short. None of it can be read before that.
// 5. While it is away only the thread that decodes it touches it, its hand and its view.
#ifndef RV_STRETCH_H
#define RV_STRETCH_H

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
    size_t ahead;   // bytes to ask the source for, where less are needed
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
    struct rv_tray one, *segs; // segs: one, or an array
    size_t cap, cnt;
    uint64_t held;           // bytes of segments
    enum rove_status status; // ROVE_OK: it goes on; ROVE_END: it is done; else how it failed
    enum rv_blame blame;     // of a failure that is not its own

    // For whoever keeps stretches.
    struct rv_stretch *in_bucket, *prev, *next, *next_away;
    uint64_t cost;
};

// Makes one. NULL when there is no memory, counted in seek->means.
struct rv_stretch *rv_stretch_new(struct rv_seek *seek, const struct rv_reach *at);
void rv_stretch_free(struct rv_stretch *e);

// What it holds in all.
uint64_t rv_stretch_cost(const struct rv_stretch *e);

static inline uint64_t rv_stretch_len(const struct rv_stretch *e)
{
    return rv_reach_len(&e->at);
}

// How many plain bytes from its beginning on can be read.
static inline uint64_t rv_stretch_ready(const struct rv_stretch *e)
{
    return e->misfit || (e->whole && e->status != ROVE_END) ? 0 : e->made;
}

// Decodes on: one segment at most, and not much farther than upto. ROVE_OK also at its end. Failures, *blame_out: of
// the stretch itself, which is final; of the source, or for want of memory: it may be called again.
enum rove_status rv_stretch_go_on(struct rv_stretch *e, uint64_t upto, enum rv_blame *blame_out);

// Tells whether it failed for want of memory: begun anew, with more, it may not.
bool rv_stretch_is_starved(const struct rv_stretch *e);

// Begins anew.
void rv_stretch_rewind(struct rv_stretch *e);

// Gives up the segments in front of a plain byte, one at a time. False: there is none.
bool rv_stretch_trim(struct rv_stretch *e, uint64_t upto);

// The bytes that can be read of the segment in which a plain byte lies; *at_out: where in the stretch they begin. Empty
// when it was given up, or is not there.
struct rove_span rv_stretch_show(const struct rv_stretch *e, uint64_t off, uint64_t *at_out);

// Reads its coded bytes, where it has none, as many as one request gives: a failure comes again.
enum rove_status rv_stretch_load(struct rv_stretch *e);

// Tells whether it has all that it needs to be sent away.
bool rv_stretch_is_loaded(const struct rv_stretch *e);

// Sends it away with so many bytes to take, and takes it back.
void rv_stretch_send(struct rv_stretch *e, struct rv_line *line, uint64_t share);
void rv_stretch_back(struct rv_stretch *e);

#endif
