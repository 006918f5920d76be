// SPDX-License-Identifier: MIT
// atfork.c: fork() is watched by one set of handlers for all. Several would run in the order in which they were registered,
// which is that in which a program happens to use things first.
#include "base/atfork.h"

#include "base/atomic.h"
#include "base/os.h"
#include "base/tls.h"

struct rv_lock rv_process_lock[RV_PROCESS_LOCKS] = {RV_LOCK_INIT, RV_LOCK_INIT, RV_LOCK_INIT, RV_LOCK_INIT, RV_LOCK_INIT};

static void enter_all(void)
{
    for (unsigned i = 0; i < RV_PROCESS_LOCKS; i++)
        rv_lock_enter(&rv_process_lock[i]);
}

static void leave_all(void)
{
    for (unsigned i = RV_PROCESS_LOCKS; i-- > 0;)
        rv_lock_leave(&rv_process_lock[i]);
}

static const struct rv_atfork locks = {enter_all, leave_all, leave_all};

static rv_once_ptr parts[RV_ATFORK_TURNS];
static _Thread_local unsigned begun RV_STATIC_TLS; // a bit for each part that was there when this thread began to fork

static const struct rv_atfork *part_of(unsigned turn)
{
    return turn == RV_ATFORK_LOCKS ? &locks : rv_once_get(&parts[turn]);
}

// Another thread may come with its part meanwhile.
static void before(void)
{
    unsigned done = 0;
    for (unsigned i = 0; i < RV_ATFORK_TURNS; i++) {
        const struct rv_atfork *part = part_of(i);
        if (!part)
            continue;
        part->before();
        done |= 1u << i;
    }
    begun = done;
}

static void parent(void)
{
    unsigned done = begun;
    for (unsigned i = RV_ATFORK_TURNS; i-- > 0;)
        if (done >> i & 1)
            part_of(i)->parent();
}

static void child(void)
{
    unsigned done = begun;
    for (unsigned i = RV_ATFORK_TURNS; i-- > 0;)
        if (done >> i & 1)
            part_of(i)->child();
}

enum { NO, ASKED, YES };

// A trap: the system may have a lock of its own that it holds while others fork. Who waits for that must hold none of ours.
bool rv_atfork_watch(enum rv_atfork_turn turn, const struct rv_atfork *part)
{
    static rv_mark watching;
    rv_once_set(&parts[turn], (void *) (uintptr_t) part);
    if (rv_mark_get(&watching) == NO && rv_mark_claim(&watching, NO, ASKED))
        rv_mark_set(&watching, rv_os()->atfork(before, parent, child) == 0 ? YES : NO);
    return rv_mark_get(&watching) != NO;
}
