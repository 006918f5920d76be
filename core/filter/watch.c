// SPDX-License-Identifier: MIT
// watch.c: asking a codec for places, when what it took and what it made belong together.
#include "filter/watch.h"

#include "base/arith.h"

// While a part is passed on, what it made is counted, and what it took is not. Writing, the head may have seen it.
static bool is_between(const struct rv_chain *c)
{
    const struct rv_fan *fan = c->stages[0].fan;
    return fan && fan->front && (fan->front->sent || c->dir == ROVE_ENCODE);
}

static uint64_t coded_len(const struct rv_chain *c)
{
    const struct rv_stage *s = &c->stages[0];
    return c->dir == ROVE_ENCODE ? s->made : s->codec->taken;
}

static uint64_t plain_len(const struct rv_chain *c)
{
    const struct rv_stage *s = &c->stages[0];
    return c->dir == ROVE_ENCODE ? s->codec->taken : s->made;
}

enum rove_status rv_watch_look(struct rv_chain *c)
{
    struct rv_watch *w = c->watch;
    const struct rv_stage *s = &c->stages[0];
    if (c->failure.status || s->ended)
        return ROVE_OK;
    if (!w->begun) {
        enum rove_status status = w->begin(w, c);
        w->begun = status == ROVE_OK;
        if (status || c->dir == ROVE_ENCODE)
            return status;
    }
    if (w->over || (plain_len(c) < w->next && !w->each) || is_between(c))
        return ROVE_OK;
    struct rove_mark mark;
    enum rove_status status = rv_layer_mark(s->codec, &mark);
    if (status == ROVE_OK)
        return w->found(w, coded_len(c), plain_len(c), &mark);
    w->over = status == ROVE_E_UNSUPPORTED;
    if (status != ROVE_E_AGAIN && !w->over)
        rv_chain_fail(c, s->codec, 0, status);
    return ROVE_OK;
}

size_t rv_watch_room(const struct rv_chain *c, size_t room)
{
    const struct rv_watch *w = c->watch;
    uint64_t made = c->stages[0].made;
    return w->over || c->dir == ROVE_ENCODE || made >= w->next ? room : rv_clamp(w->next - made, room);
}

void rv_watch_end(struct rv_chain *c)
{
    c->watch->end(c->watch, coded_len(c), plain_len(c), c->rest.status == ROVE_E_TRAILING);
}
