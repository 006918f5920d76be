// SPDX-License-Identifier: MIT
// idle.c: a stack of states, in which threads look for their own from the top.
#include "filter/idle.h"

#include "base/lock.h"
#include "base/tls.h"

#include <string.h>

#define LOOK 16u // at so many of the last ones: with more threads than that the lock would be held for long

struct one {
    struct rv_layer layer;
    uintptr_t home;
};

struct rv_idle {
    struct rv_lock lock; // guards what follows
    size_t cnt, cap;
    struct one all[];
};

static _Thread_local char here RV_STATIC_TLS;

uintptr_t rv_idle_home(void)
{
    return (uintptr_t) &here;
}

static size_t len_of(size_t cnt)
{
    return sizeof(struct rv_idle) + cnt * sizeof(struct one); // at most some thousands
}

struct rv_idle *rv_idle_new(struct rove_pool *pool, size_t cnt)
{
    enum rove_status why;
    struct rv_idle *idle = rv_pool_alloc(pool, len_of(cnt), &why);
    if (!idle)
        return NULL;
    rv_lock_init(&idle->lock);
    idle->cnt = 0;
    idle->cap = cnt;
    return idle;
}

void rv_idle_free(struct rv_idle *idle, struct rove_pool *pool)
{
    if (!idle)
        return;
    struct rv_means nobodys = {.pool = pool}; // the parts that counted them are gone
    while (idle->cnt) {
        struct rv_layer *layer = &idle->all[--idle->cnt].layer;
        rv_layer_charge(layer, &nobodys);
        rv_layer_close(layer);
    }
    rv_lock_fini(&idle->lock);
    rv_pool_free(pool, idle, len_of(idle->cap));
}

void rv_idle_lay(struct rv_idle *idle, struct rv_layer *layer, uintptr_t home)
{
    rv_lock_enter(&idle->lock);
    RV_ASSERT(idle->cnt < idle->cap);
    idle->all[idle->cnt++] = (struct one){*layer, home};
    rv_lock_leave(&idle->lock);
    memset(layer, 0, sizeof *layer);
}

void rv_idle_take(struct rv_idle *idle, struct rv_layer *layer_out, uintptr_t home)
{
    rv_lock_enter(&idle->lock);
    RV_ASSERT(idle->cnt);
    size_t at = 0;
    for (size_t i = idle->cnt; i-- > 0 && idle->cnt - i <= LOOK;) {
        if (idle->all[i].home == home) {
            at = i;
            break;
        }
    }
    *layer_out = idle->all[at].layer;
    idle->cnt--;
    memmove(&idle->all[at], &idle->all[at + 1], (idle->cnt - at) * sizeof idle->all[0]);
    rv_lock_leave(&idle->lock);
}
