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
//    Its last byte cannot be read before that.
// 4. A *whole* stretch begins and ends where nothing before matters, so that what the format sums over it is checked
//    at its end, and is short. None of it can be read before that.
// 5. While it is away only the thread that decodes it touches it, its hand and its view.
#ifndef RV_STRETCH_H
#define RV_STRETCH_H

#include "seek/seek.h"

// Makes one. NULL when there is no memory, counted in seek->means.
struct rv_stretch *rv_stretch_new(struct rv_seek *seek, const struct rv_reach *at);
void rv_stretch_free(struct rv_stretch *e);

// What it holds in all.
uint64_t rv_stretch_cost(const struct rv_stretch *e);

// Decodes on: one segment at most, and not much farther than upto. ROVE_OK also at its end. Failures, *blame_out: of
// the stretch itself, which is final; of the source, or for want of memory: it may be called again.
enum rove_status rv_stretch_go_on(struct rv_stretch *e, uint64_t upto, enum rv_blame *blame_out);

// Tells whether it failed for want of memory: begun anew, with more, it may not.
bool rv_stretch_is_starved(const struct rv_stretch *e);

// Begins anew.
void rv_stretch_rewind(struct rv_stretch *e);

// Reads its coded bytes, where it has none, as many as one request gives: a failure comes again.
enum rove_status rv_stretch_load(struct rv_stretch *e);

// Tells whether it has all that it needs to be sent away.
bool rv_stretch_is_loaded(const struct rv_stretch *e);

// Sends it away with so many bytes to take, and takes it back.
void rv_stretch_send(struct rv_stretch *e, struct rv_line *line, uint64_t share);
void rv_stretch_back(struct rv_stretch *e);

#endif
