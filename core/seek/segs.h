// SPDX-License-Identifier: MIT
// segs.h: the segments of a stretch.
#ifndef RV_SEGS_H
#define RV_SEGS_H

#include "base/arith.h"
#include "seek/seek.h"

// The plain bytes of a segment.
static inline size_t rv_seg_room(const struct rv_stretch *e, uint64_t no)
{
    return rv_clamp(rv_stretch_len(e) - no * e->seek->seg_len, e->seek->seg_len);
}

// Between lend and settle: the segment that is being filled, which may be a new one.
enum rove_status rv_segs_want(struct rv_stretch *e, struct rv_tray **seg_out);

// Gives up the segments in front of a plain byte that are full, one at a time. False: there is none.
bool rv_segs_trim(struct rv_stretch *e, uint64_t upto);

// Whether the segment in which a plain byte lies was given up.
static inline bool rv_segs_lack(const struct rv_stretch *e, uint64_t off)
{
    return off / e->seek->seg_len < e->first;
}

// The bytes that can be read of the segment in which a plain byte lies; *at_out: where in the stretch they begin. Empty
// when it was given up, or is not there.
struct rove_span rv_segs_show(const struct rv_stretch *e, uint64_t off, uint64_t *at_out);

// Gives up all of a stretch that has no hand.
void rv_segs_drop(struct rv_stretch *e);

#endif
