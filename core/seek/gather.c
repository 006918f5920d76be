// SPDX-License-Identifier: MIT
// gather.c: an index that grows.
#include "seek/gather.h"

#include "base/arith.h"

enum rove_status rv_gather_begin(struct rv_gather *g, struct rv_chain *chain)
{
    const struct rove_mark fresh = {.size = sizeof fresh, .flags = ROVE_MARK_FRESH};
    char text[ROVE_SPEC_MAX + 1];
    const struct rv_item *item = rv_chain_item(chain, chain->stages[0].codec);
    enum rove_status status = rv_item_print(item, text, sizeof text);
    if (status == ROVE_OK)
        status = rv_index_new(chain->means.pool, text, &g->index);
    if (status == ROVE_OK)
        status = rv_index_pay(g->index, &chain->means);
    if (status == ROVE_OK)
        status = rv_index_add(g->index, (struct rv_place){0, 0}, &fresh);
    if (status)
        rv_gather_drop(g);
    return status;
}

static struct rv_place last_place(const struct rove_index *index)
{
    return index->places[index->cnt - 1];
}

uint64_t rv_gather_next(const struct rv_gather *g)
{
    return rv_add_most_u64(last_place(g->index).plain, g->every);
}

enum rove_status rv_gather_offer(struct rv_gather *g, struct rv_place place,
                                 const struct rove_mark *mark)
{
    struct rove_index *index = g->index;
    if (place.plain == last_place(index).plain) {
        if (index->cnt == 1 || !rv_mark_is_fresh(mark))
            return ROVE_OK;
        rv_index_take_back(index);
    } else if (place.plain < rv_gather_next(g)) {
        return ROVE_OK;
    }
    return rv_index_add(index, place, mark);
}

void rv_gather_leave(struct rv_gather *g)
{
    if (g->index)
        (void) rv_index_pay(g->index, NULL);
}

void rv_gather_drop(struct rv_gather *g)
{
    rv_gather_leave(g);
    rove_index_unref(g->index);
    g->index = NULL;
}
