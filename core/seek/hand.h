// SPDX-License-Identifier: MIT
// hand.h: what decodes: an opened filter that goes from stretch to stretch, with a buffer for coded bytes.
//
// All memory of a stream with an index is counted in one account. What a hand takes is counted in its own first, so that
// it can work in another thread; what that may take is lent before, and settled after:
//
//     rv_hand_lend(): the hand may take all that is left, or a share of it, which counts as taken until
//     rv_hand_settle(): what it did take counts
#ifndef RV_HAND_H
#define RV_HAND_H

#include "filter/item.h"
#include "filter/layer.h"
#include "seek/index.h"

struct rv_hand {
    struct rv_layer layer;
    struct rv_layer sum; // open where hands->sum is there
    struct rv_means means;
    uint64_t had, share; // of the loan: what it had taken before, and what was set aside
    uint8_t *buf;        // coded bytes
    size_t cap;
    uint8_t *room; // for the state of a mark: ROVE_MARK_MAX bytes, or NULL
    struct rv_hand *next; // spare
};

// Where hands come from and go back to.
struct rv_hands {
    const struct rv_item *item; // the decoder
    const struct rove_filter *sum; // what sums up plain bytes, or NULL: the index has no checksums
    struct rv_means *means;     // of all
    struct rv_hand *spare;
    unsigned cnt, most; // of those spare
    uint64_t need;      // the most that one came to hold
};

// Takes a spare hand, or makes one. NULL when there is no memory: *why_out, or what the filter answers when it is
// opened.
struct rv_hand *rv_hand_take(struct rv_hands *hands, enum rove_status *why_out);

// Makes it spare; or drops it, when there are enough.
void rv_hand_give(struct rv_hands *hands, struct rv_hand *hand);

// Drops a spare one. False: there is none.
bool rv_hand_trim(struct rv_hands *hands);

void rv_hand_lend(struct rv_hands *hands, struct rv_hand *hand);
void rv_hand_settle(struct rv_hands *hands, struct rv_hand *hand);

// The same with a share of so many bytes, which are there.
void rv_hand_lend_share(struct rv_hands *hands, struct rv_hand *hand, uint64_t share);

// Between lend and settle: makes room for len coded bytes; what was there is lost.
bool rv_hand_widen(struct rv_hand *hand, size_t len);

// Between lend and settle: makes the filter go on at point i, with a sum of nothing.
enum rove_status rv_hand_start(struct rv_hand *hand, const struct rv_item *item,
                               const struct rove_index *index, size_t i);

// The sum of nothing again.
enum rove_status rv_hand_sum_anew(struct rv_hand *hand);

#endif
