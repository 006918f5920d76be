// SPDX-License-Identifier: MIT
// ahead.h: reading in order: the next stretches are decoded by workers meanwhile, and their coded bytes are asked for
// with fewer requests.
//
//     plain   ─────┬── here ──┬── away ──┬── away ──┬── away ──┬ next ─ ─ ─
//                  │ the caller's thread  │ workers', read by the caller's thread, in order
//
// 1. Each time that the stretch behind the last one is reached, twice as many are sent away, so that who reads here and
//    there wastes nothing; who moves the cursor elsewhere calls all of them off.
// 2. A stretch that is sent away has all of its coded bytes, and a share of the memory for what it becomes. All shares
//    together are a quarter of the stream's limit at most, or half of its pool's. What does not get by with its share is
//    done by the caller's thread when it comes there.
// 3. A failure to read ahead is forgotten: it is met again by who comes there.
#ifndef RV_AHEAD_H
#define RV_AHEAD_H

#include "seek/cache.h"

struct rv_ahead {
    struct rv_cache *cache;
    struct rv_line line;
    unsigned most, window;  // stretches that may be away ever, and just now
    unsigned cnt;           // … that are
    struct rv_stretch *first, **end; // they, in order
    uint64_t here, expect;  // plain offsets: where the stretch that was reached last begins, and the one behind it
    uint64_t next;          // where the first begins that was not sent away
    uint64_t shares, shares_most; // bytes
};

void rv_ahead_init(struct rv_ahead *a, struct rv_cache *cache, struct rove_workers *workers);
void rv_ahead_fini(struct rv_ahead *a);

// Notes that a stretch is reached, by the cursor or by a read elsewhere; afterwards it is not away.
void rv_ahead_reach(struct rv_ahead *a, struct rv_stretch *e, bool by_cursor);

// Calls all off. False: there was none.
bool rv_ahead_cancel(struct rv_ahead *a);

#endif
