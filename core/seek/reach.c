// SPDX-License-Identifier: MIT
// reach.c: which parts go together.
#include "seek/reach.h"

#define PLAIN_CELL (UINT64_C(32) << 10)
#define CODED_CELL (UINT64_C(64) << 10)

static bool in_cell(const struct rove_index *index, size_t i, struct rv_place place)
{
    return index->places[i].plain / PLAIN_CELL == place.plain / PLAIN_CELL &&
           index->places[i].coded / CODED_CELL == place.coded / CODED_CELL;
}

// The points of a cell lie together. Mostly there is one.
static size_t first_in_cell(const struct rove_index *index, size_t i)
{
    struct rv_place place = index->places[i];
    if (!i || !in_cell(index, i - 1, place))
        return i;
    size_t low = 0, high = i; // the first is after low - 1, and at high at most
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (in_cell(index, mid, place))
            high = mid;
        else
            low = mid + 1;
    }
    return high;
}

static size_t end_of_cell(const struct rove_index *index, size_t i)
{
    struct rv_place place = index->places[i];
    if (i + 1 == index->cnt || !in_cell(index, i + 1, place))
        return i + 1;
    size_t low = i + 2, high = index->cnt;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (in_cell(index, mid, place))
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static const struct rv_state *state_of(const struct rove_index *index, size_t i)
{
    return index->states && i < index->cnt ? index->states[i] : NULL;
}

void rv_reach_find(const struct rove_index *index, uint64_t plain, struct rv_reach *out)
{
    uint64_t i = 0;
    enum rove_status found = rove_index_find(index, plain, &i);
    RV_ASSERT(found == ROVE_OK);
    (void) found;
    size_t first = first_in_cell(index, (size_t) i), end = end_of_cell(index, (size_t) i);
    const struct rv_state *from = state_of(index, first), *to = state_of(index, end);
    *out = (struct rv_reach){
        .i = first,
        .end = end,
        .from = index->places[first],
        .to = rv_index_end(index, end - 1),
        .bits = from && from->bits,
        .to_bits = to && to->bits,
        .fresh = !from || from->flags & ROVE_MARK_FRESH,
        .to_fresh = !to || to->flags & ROVE_MARK_FRESH,
    };
}
