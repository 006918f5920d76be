// SPDX-License-Identifier: MIT
// asking.c: see asking.h.
#include "filter/asking.h"

#include "base/atfork.h"
#include "base/tls.h"

static struct rv_lock *const lock = &rv_process_lock[RV_LOCK_ASKING]; // guards what follows
static struct rv_asking *all;              // those who ask, and those who wait
static pthread_cond_t answered = PTHREAD_COND_INITIALIZER;

static _Thread_local int inside RV_STATIC_TLS; // calls of the loader that this thread is in the middle of

void rv_asking_inside(int by)
{
    inside += by;
}

// Who asks a file, or NULL.
static const struct rv_asking *asker(const void *handle)
{
    const struct rv_asking *a = all;
    while (a && (a->waits || a->handle != handle))
        a = a->next;
    return a;
}

// What a thread waits for, or NULL. It is one thing at most.
static const struct rv_asking *wait_of(pthread_t thread)
{
    const struct rv_asking *a = all;
    while (a && !(a->waits && pthread_equal(a->thread, thread)))
        a = a->next;
    return a;
}

// Whether who asks that file waits, by way of others, for this thread. Each who waits was found not to when he began, and
// whoever comes to ask does not wait, so the way has an end.
static bool comes_round(const struct rv_asking *mine)
{
    const struct rv_asking *other = asker(mine->handle);
    while (other && !pthread_equal(other->thread, mine->thread)) {
        const struct rv_asking *wait = wait_of(other->thread);
        other = wait ? asker(wait->handle) : NULL;
    }
    return other;
}

static void leave_out(const struct rv_asking *mine)
{
    struct rv_asking **at = &all;
    while (*at != mine)
        at = &(*at)->next;
    *at = mine->next;
}

static void keep_still(void)
{
}

// Others neither ask nor wait in a child. With the lock held. A trap: the condition still counts those who waited.
static void forget_others(void)
{
    for (struct rv_asking **at = &all; *at;) {
        if (pthread_equal((*at)->thread, pthread_self()))
            at = &(*at)->next;
        else
            *at = (*at)->next;
    }
    pthread_cond_init(&answered, NULL);
}

bool rv_asking_begin(struct rv_asking *mine, const void *handle)
{
    static const struct rv_atfork part = {keep_still, keep_still, forget_others};
    bool may = true;
    rv_atfork_watch(RV_ATFORK_ASKING, &part);
    rv_lock_enter(lock);
    *mine = (struct rv_asking){all, handle, pthread_self(), true};
    all = mine;
    while (may && asker(handle)) {
        may = !inside && !comes_round(mine);
        if (may)
            pthread_cond_wait(&answered, &lock->mutex);
    }
    mine->waits = false;
    if (!may)
        leave_out(mine);
    rv_lock_leave(lock);
    return may;
}

void rv_asking_end(struct rv_asking *mine)
{
    rv_lock_enter(lock);
    leave_out(mine);
    pthread_cond_broadcast(&answered);
    rv_lock_leave(lock);
}
