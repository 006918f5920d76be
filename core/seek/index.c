// SPDX-License-Identifier: MIT
// index.c: points in arrays that grow, and what may be asked of them.
#include "seek/index.h"

#include "base/arith.h"
#include "seek/pack.h"

#include <string.h>

#define FIRST_CAP 64u
#define PACK_LEAST 512u // bytes of a state: what is shorter is kept as it is

// memory ----------------------------------------------------------------------------------------

static void *take(struct rove_index *index, size_t len, enum rove_status *why_out)
{
    struct rv_means *payer = index->payer;
    if (payer && !rv_means_take(payer, len)) {
        rv_means_pass(payer, "its points want more memory than the chain may have", "memory",
                      payer->limit);
        *why_out = ROVE_E_LIMIT;
        return NULL;
    }
    void *ptr = rv_pool_alloc(index->pool, len, why_out);
    if (ptr)
        index->memory += len;
    else if (payer)
        rv_means_give(payer, len);
    return ptr;
}

static void give(struct rove_index *index, void *ptr, size_t len)
{
    if (!ptr)
        return;
    index->memory -= len;
    if (index->payer)
        rv_means_give(index->payer, len);
    rv_pool_free(index->pool, ptr, len);
}

// Who pays for what is needed for a moment.
static struct rv_means means_of(const struct rove_index *index)
{
    return index->payer ? *index->payer
                        : (struct rv_means){.pool = index->pool, .limit = ROVE_NO_LIMIT};
}

enum rove_status rv_index_pay(struct rove_index *index, struct rv_means *payer)
{
    if (payer && !rv_means_take(payer, index->memory))
        return ROVE_E_LIMIT;
    if (index->payer)
        rv_means_give(index->payer, index->memory);
    index->payer = payer;
    return ROVE_OK;
}

// states ----------------------------------------------------------------------------------------

static bool is_like(const struct rv_state *state, const struct rove_mark *mark)
{
    return state->len == mark->state_len && state->bits == mark->bits &&
           state->flags == mark->flags && state->packed_len == state->len &&
           (state->len == 0 || memcmp(state->data, mark->state, state->len) == 0);
}

static void drop_state(struct rove_index *index, struct rv_state *state)
{
    if (state && --state->refs == 0)
        give(index, state, sizeof *state + state->packed_len);
}

static struct rv_state *lay_state(struct rove_index *index, const struct rove_mark *mark,
                                  struct rove_span data, enum rove_status *why_out)
{
    struct rv_state *state = take(index, sizeof *state + data.len, why_out);
    if (!state)
        return NULL;
    *state = (struct rv_state){1, mark->bits, mark->flags, mark->state_len, (uint32_t) data.len};
    if (data.len)
        memcpy(state->data, data.ptr, data.len);
    return state;
}

// A state that is packed, if that makes it shorter.
static struct rv_state *pack_state(struct rove_index *index, const struct rove_mark *mark,
                                   enum rove_status *why_out)
{
    struct rove_span data = {mark->state, mark->state_len};
    struct rv_means means = means_of(index);
    uint8_t *room = data.len < PACK_LEAST ? NULL : rv_means_alloc(&means, data.len);
    size_t len = room ? rv_pack(&means, data, room, data.len - 1) : 0;
    struct rv_state *state =
        lay_state(index, mark, len ? (struct rove_span){room, len} : data, why_out);
    if (room)
        rv_means_free(&means, room, data.len);
    return state;
}

// The state of a mark that is not simply fresh: that of the last point, when it is the same, or a new one.
static struct rv_state *make_state(struct rove_index *index, const struct rove_mark *mark,
                                   enum rove_status *why_out)
{
    struct rv_state *last = index->states && index->cnt ? index->states[index->cnt - 1] : NULL;
    if (last && is_like(last, mark)) {
        last->refs++;
        return last;
    }
    return pack_state(index, mark, why_out);
}

// points ----------------------------------------------------------------------------------------

// An array of cap zeroed items that begins with the had bytes of another. NULL: no memory.
static void *longer(struct rove_index *index, const void *from, size_t had, size_t len,
                    enum rove_status *why_out)
{
    uint8_t *to = take(index, len, why_out);
    if (!to)
        return NULL;
    if (had)
        memcpy(to, from, had);
    memset(to + had, 0, len - had);
    return to;
}

// Makes the array of states, which is there when some point has one.
static enum rove_status want_states(struct rove_index *index)
{
    enum rove_status why = ROVE_OK;
    if (!index->states)
        index->states = longer(index, NULL, 0, index->cap * sizeof *index->states, &why);
    return index->states ? ROVE_OK : why;
}

// Moves the checksums to an array of cap items, at least as many as there are points.
static enum rove_status move_sums(struct rove_index *index, size_t cap)
{
    enum rove_status why = ROVE_OK;
    size_t had = rv_min_size(index->cnt, index->sum_cap) * sizeof *index->sums; // the last point's may be to come
    uint32_t *sums = longer(index, index->sums, had, cap * sizeof *sums, &why);
    if (!sums)
        return why;
    give(index, index->sums, index->sum_cap * sizeof *sums);
    index->sums = sums;
    index->sum_cap = cap;
    return ROVE_OK;
}

// Moves the points to arrays of cap items, at least as many as there are.
static enum rove_status set_cap(struct rove_index *index, size_t cap)
{
    size_t places_len, states_len;
    enum rove_status why = ROVE_OK;
    if (rv_mul_size(cap, sizeof *index->places, &places_len) ||
        rv_mul_size(cap, sizeof *index->states, &states_len))
        return ROVE_E_NOMEM;
    struct rv_place *places =
        longer(index, index->places, index->cnt * sizeof *places, places_len, &why);
    if (!places)
        return why;
    struct rv_state **states = NULL;
    if (index->states)
        states = longer(index, index->states, index->cnt * sizeof *states, states_len, &why);
    if (index->states && !states) {
        give(index, places, places_len);
        return why;
    }
    give(index, index->places, index->cap * sizeof *places);
    give(index, index->states, index->cap * sizeof *states);
    index->places = places;
    index->states = states;
    index->cap = cap;
    return ROVE_OK;
}

static enum rove_status make_room(struct rove_index *index)
{
    if (index->cnt < index->cap)
        return ROVE_OK;
    return set_cap(index, index->cap ? index->cap * 2 : FIRST_CAP);
}

static bool may_follow(const struct rove_index *index, struct rv_place place)
{
    if (!index->cnt)
        return place.plain == 0;
    struct rv_place last = index->places[index->cnt - 1];
    return place.coded >= last.coded && place.plain >= last.plain &&
           (place.coded > last.coded || place.plain > last.plain);
}

enum rove_status rv_index_add(struct rove_index *index, struct rv_place place,
                              const struct rove_mark *mark)
{
    if (mark->state_len > ROVE_MARK_MAX || mark->bits > 7 || !may_follow(index, place))
        return ROVE_E_FORMAT;
    enum rove_status status = make_room(index);
    struct rv_state *state = NULL;
    if (status == ROVE_OK && !rv_mark_is_fresh(mark)) {
        status = want_states(index);
        if (status == ROVE_OK)
            state = make_state(index, mark, &status);
    }
    if (status)
        return status;
    index->places[index->cnt] = place;
    if (index->states)
        index->states[index->cnt] = state;
    index->cnt++;
    index->coded_len = rv_max_u64(index->coded_len, place.coded);
    index->plain_len = rv_max_u64(index->plain_len, place.plain);
    return ROVE_OK;
}

enum rove_status rv_index_add_sum(struct rove_index *index, uint32_t sum)
{
    enum rove_status status = index->sum_cap < index->cnt ? move_sums(index, index->cap) : ROVE_OK;
    if (status == ROVE_OK)
        index->sums[index->cnt - 1] = sum;
    return status;
}

void rv_index_take_back(struct rove_index *index)
{
    index->cnt--;
    if (index->states)
        drop_state(index, index->states[index->cnt]);
}

void rv_index_close(struct rove_index *index, uint64_t coded, uint64_t plain)
{
    index->coded_len = coded;
    index->plain_len = plain;
    while (index->cnt && index->places[index->cnt - 1].plain == plain)
        rv_index_take_back(index);
    if (index->cnt && index->cnt < index->cap)
        (void) set_cap(index, index->cnt); // or they stay where they are
    if (index->sums && index->cnt && index->cnt < index->sum_cap)
        (void) move_sums(index, index->cnt);
}

enum rove_status rv_index_mark(const struct rove_index *index, size_t i, uint8_t *room,
                               struct rove_mark *mark_out)
{
    const struct rv_state *state = index->states ? index->states[i] : NULL;
    *mark_out = (struct rove_mark){.size = sizeof *mark_out, .flags = ROVE_MARK_FRESH};
    if (!state)
        return ROVE_OK;
    mark_out->flags = state->flags;
    mark_out->bits = state->bits;
    mark_out->state_len = state->len;
    mark_out->state = state->data;
    if (state->packed_len == state->len)
        return ROVE_OK;
    struct rv_means means = {.pool = index->pool, .limit = ROVE_NO_LIMIT};
    mark_out->state = room;
    return rv_unpack(&means, (struct rove_span){state->data, state->packed_len}, room, state->len);
}

// life ------------------------------------------------------------------------------------------

enum rove_status rv_index_new(struct rove_pool *pool, const char *spec,
                              struct rove_index **index_out)
{
    enum rove_status why = ROVE_OK;
    size_t spec_len = strlen(spec) + 1;
    *index_out = NULL;
    struct rove_index *index = rv_pool_alloc(pool, sizeof *index, &why);
    if (!index)
        return why;
    *index = (struct rove_index){.pool = pool, .memory = sizeof *index};
    rv_count_init(&index->refs);
    index->spec = take(index, spec_len, &why);
    if (!index->spec) {
        rove_index_unref(index);
        return why;
    }
    memcpy(index->spec, spec, spec_len);
    *index_out = index;
    return ROVE_OK;
}

// The state of a point as it is kept; `last` is what became of the one before.
static enum rove_status copy_state(struct rove_index *to, const struct rove_index *from, size_t i)
{
    enum rove_status why = ROVE_OK;
    const struct rv_state *state = from->states[i];
    if (!state)
        return ROVE_OK;
    if (i && state == from->states[i - 1]) {
        to->states[i] = to->states[i - 1];
        to->states[i]->refs++;
        return ROVE_OK;
    }
    size_t len = sizeof *state + state->packed_len;
    to->states[i] = take(to, len, &why);
    if (!to->states[i])
        return why;
    memcpy(to->states[i], state, len);
    to->states[i]->refs = 1;
    return ROVE_OK;
}

static enum rove_status copy_points(struct rove_index *to, const struct rove_index *from, size_t cnt)
{
    enum rove_status why = ROVE_OK;
    why = set_cap(to, cnt);
    if (why == ROVE_OK && from->states)
        why = want_states(to);
    if (why)
        return why;
    memcpy(to->places, from->places, cnt * sizeof *to->places);
    for (; to->cnt < cnt && why == ROVE_OK; to->cnt += why == ROVE_OK)
        if (from->states)
            why = copy_state(to, from, to->cnt);
    if (why == ROVE_OK && from->sums)
        why = move_sums(to, cnt);
    if (why == ROVE_OK && from->sums)
        memcpy(to->sums, from->sums, cnt * sizeof *to->sums);
    return why;
}

enum rove_status rv_index_copy(const struct rove_index *index, size_t cnt, const char *spec,
                               struct rove_index **index_out)
{
    enum rove_status status = rv_index_new(index->pool, spec, index_out);
    if (status == ROVE_OK && cnt)
        status = copy_points(*index_out, index, cnt);
    if (status) {
        rove_index_unref(*index_out);
        *index_out = NULL;
        return status;
    }
    struct rv_place all = {index->coded_len, index->plain_len}, end = cnt < index->cnt ? index->places[cnt] : all;
    (*index_out)->each = index->each;
    (*index_out)->loose = index->loose;
    (*index_out)->part = index->part || cnt < index->cnt;
    (*index_out)->trails = index->trails;
    (*index_out)->coded_len = end.coded;
    (*index_out)->plain_len = end.plain;
    return ROVE_OK;
}

struct rove_index *rove_index_ref(struct rove_index *index)
{
    if (index)
        rv_count_up(&index->refs);
    return index;
}

void rove_index_unref(struct rove_index *index)
{
    if (!index || !rv_count_down(&index->refs))
        return;
    RV_ASSERT(!index->payer);
    for (size_t i = 0; index->states && i < index->cnt; i++)
        drop_state(index, index->states[i]);
    give(index, index->states, index->cap * sizeof *index->states);
    give(index, index->sums, index->sum_cap * sizeof *index->sums);
    give(index, index->places, index->cap * sizeof *index->places);
    if (index->spec)
        give(index, index->spec, strlen(index->spec) + 1);
    rv_pool_free(index->pool, index, sizeof *index);
}

// questions -------------------------------------------------------------------------------------

void rove_index_measure(const struct rove_index *index, struct rove_index_figures *figures_out)
{
    if (!index || !figures_out || figures_out->size < sizeof figures_out->size)
        return;
    struct rove_index_figures mine = {
        .size = figures_out->size,
        .spec = index->spec,
        .coded_len = index->coded_len,
        .plain_len = index->plain_len,
        .point_cnt = index->cnt,
        .memory = index->memory,
    };
    memcpy(figures_out, &mine, rv_min_size(mine.size, sizeof mine));
}

enum rove_status rove_index_point(const struct rove_index *index, uint64_t i,
                                  struct rove_point *point_out)
{
    if (!index || !point_out)
        return ROVE_E_ARG;
    if (i >= index->cnt)
        return ROVE_E_RANGE;
    const struct rv_state *state = index->states ? index->states[i] : NULL;
    *point_out = (struct rove_point){
        .coded = index->places[i].coded,
        .plain = index->places[i].plain,
        .bits = state ? state->bits : 0,
        .state_len = state ? state->len : 0,
    };
    return ROVE_OK;
}

enum rove_status rove_index_find(const struct rove_index *index, uint64_t plain, uint64_t *i_out)
{
    if (!index || !i_out)
        return ROVE_E_ARG;
    if (plain >= index->plain_len || !index->cnt)
        return ROVE_E_RANGE;
    size_t low = 0, high = index->cnt; // places[low].plain <= plain < places[high].plain
    while (high - low > 1) {
        size_t mid = low + (high - low) / 2;
        if (index->places[mid].plain <= plain)
            low = mid;
        else
            high = mid;
    }
    *i_out = low;
    return ROVE_OK;
}
