// SPDX-License-Identifier: MIT
// watch.c: asking a decoder for places, when what it took and what it made belong together.
#include "filter/watch.h"

#include "base/arith.h"

// While a part is passed on, what it made is counted, and what it took is not.
static bool is_between(const struct rv_fan *fan)
{
    return fan && fan->front && fan->front->sent;
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
        return status;
    }
    if (w->over || s->made < w->next || is_between(s->fan))
        return ROVE_OK;
    struct rove_mark mark;
    enum rove_status status = rv_layer_mark(s->codec, &mark);
    if (status == ROVE_OK)
        return w->found(w, s->codec->taken, s->made, &mark);
    w->over = status == ROVE_E_UNSUPPORTED;
    if (status != ROVE_E_AGAIN && !w->over)
        rv_chain_fail(c, s->codec, 0, status);
    return ROVE_OK;
}

size_t rv_watch_room(const struct rv_chain *c, size_t room)
{
    const struct rv_watch *w = c->watch;
    uint64_t made = c->stages[0].made;
    return w->over || made >= w->next ? room : rv_clamp(w->next - made, room);
}

void rv_watch_end(struct rv_chain *c)
{
    c->watch->end(c->watch, c->stages[0].codec->taken, c->stages[0].made);
}
