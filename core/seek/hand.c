// SPDX-License-Identifier: MIT
// hand.c: hands, from spare to spare.
#include "seek/hand.h"

#include "base/arith.h"
#include "filter/registry.h"

#include <string.h>

#define BUF_KEEP ((size_t) 1 << 20) // a longer buffer is not kept by a spare hand

// loans -----------------------------------------------------------------------------------------

void rv_hand_lend_share(struct rv_hands *hands, struct rv_hand *hand, uint64_t share)
{
    hands->means->used += share;
    hand->share = share;
    hand->had = hand->means.used;
    hand->means.limit = hand->had + share;
    hand->means.refused = ROVE_OK;
    hand->means.passed = NULL;
}

void rv_hand_lend(struct rv_hands *hands, struct rv_hand *hand)
{
    const struct rv_means *all = hands->means;
    uint64_t left = all->limit - rv_min_u64(all->used, all->limit);
    rv_hand_lend_share(hands, hand, left);
}

void rv_hand_settle(struct rv_hands *hands, struct rv_hand *hand)
{
    hands->means->used -= hand->share;
    hands->means->used += hand->means.used - hand->had; // less than nothing, where it gave back
    hand->share = 0;
}

// life ------------------------------------------------------------------------------------------

static void drop_buf(struct rv_hand *hand)
{
    if (hand->buf)
        rv_means_free(&hand->means, hand->buf, hand->cap);
    hand->buf = NULL;
    hand->cap = 0;
}

static void drop(struct rv_hands *hands, struct rv_hand *hand)
{
    rv_hand_lend(hands, hand);
    rv_layer_close(&hand->layer);
    rv_layer_close(&hand->sum);
    drop_buf(hand);
    if (hand->room)
        rv_means_free(&hand->means, hand->room, ROVE_MARK_MAX);
    rv_hand_settle(hands, hand);
    rv_means_free(hands->means, hand, sizeof *hand);
}

static enum rove_status open_layers(const struct rv_hands *hands, struct rv_hand *hand)
{
    enum rove_status status = rv_layer_open(&hand->layer, hands->item->filter, hands->item->values,
                                            &hand->means, ROVE_DECODE);
    if (status == ROVE_OK && hands->sum)
        status = rv_layer_open(&hand->sum, hands->sum, rv_filter_fallbacks(hands->sum), &hand->means,
                               ROVE_DECODE);
    return status;
}

struct rv_hand *rv_hand_take(struct rv_hands *hands, enum rove_status *why_out)
{
    struct rv_hand *hand = hands->spare;
    if (hand) {
        hands->spare = hand->next;
        hands->cnt--;
        return hand;
    }
    hands->means->refused = ROVE_OK;
    hands->means->passed = NULL;
    hand = rv_means_alloc(hands->means, sizeof *hand);
    *why_out = hands->means->refused;
    if (!hand)
        return NULL;
    memset(hand, 0, sizeof *hand);
    hand->means.pool = hands->means->pool;
    rv_hand_lend(hands, hand);
    *why_out = open_layers(hands, hand);
    rv_hand_settle(hands, hand);
    if (*why_out == ROVE_OK)
        return hand;
    memcpy(hands->means->why, hand->means.why, sizeof hands->means->why);
    hands->means->passed = hand->means.passed;
    drop(hands, hand);
    return NULL;
}

void rv_hand_give(struct rv_hands *hands, struct rv_hand *hand)
{
    hands->need = rv_max_u64(hands->need, hand->means.used);
    if (hands->cnt == hands->most) {
        drop(hands, hand);
        return;
    }
    if (hand->cap > BUF_KEEP) {
        rv_hand_lend(hands, hand);
        drop_buf(hand);
        rv_hand_settle(hands, hand);
    }
    hand->next = hands->spare;
    hands->spare = hand;
    hands->cnt++;
}

bool rv_hand_trim(struct rv_hands *hands)
{
    struct rv_hand *hand = hands->spare;
    if (!hand)
        return false;
    hands->spare = hand->next;
    hands->cnt--;
    drop(hands, hand);
    return true;
}

// work ------------------------------------------------------------------------------------------

bool rv_hand_widen(struct rv_hand *hand, size_t len)
{
    if (len <= hand->cap)
        return true;
    drop_buf(hand);
    hand->buf = rv_means_alloc(&hand->means, len);
    hand->cap = hand->buf ? len : 0;
    return hand->buf != NULL;
}

enum rove_status rv_hand_start(struct rv_hand *hand, const struct rv_item *item,
                               const struct rove_index *index, size_t i)
{
    struct rove_mark mark;
    hand->means.refused = ROVE_OK;
    if (index->states && !hand->room) {
        hand->room = rv_means_alloc(&hand->means, ROVE_MARK_MAX);
        if (!hand->room)
            return hand->means.refused;
    }
    enum rove_status status = rv_layer_reset(&hand->layer, item->values);
    if (status == ROVE_OK)
        status = rv_hand_sum_anew(hand);
    if (status == ROVE_OK)
        status = rv_index_mark(index, i, hand->room, &mark);
    return status ? status : rv_layer_resume(&hand->layer, &mark);
}

enum rove_status rv_hand_sum_anew(struct rv_hand *hand)
{
    const struct rove_filter *sum = hand->sum.filter;
    return sum ? rv_layer_reset(&hand->sum, rv_filter_fallbacks(sum)) : ROVE_OK;
}
