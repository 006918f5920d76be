// SPDX-License-Identifier: MIT
// atfork.h: what is held still while the process forks, so that the child finds nothing locked or half done.
//
// Of all threads only the one that forks is in the child. What another had locked in that moment would be locked there for
// ever. So fork() takes all locks of the library first, in the order in which they are taken everywhere, as malloc() does
// with its own:
//
//     before    top down: workers come to rest, then the locks of the process, then those of its pools
//     parent    lets go of them, bottom up
//     child     the same, and forgets the threads that are not there
//
// What belongs to one object that threads do not share is not among these: who forks has no hand in another thread's call.
#ifndef RV_ATFORK_H
#define RV_ATFORK_H

#include "base/debug.h"
#include "base/lock.h"

#include <stdbool.h>

// The locks of the process: whoever takes several takes them in this order, and those of pools after them.
enum rv_process_lock {
    RV_LOCK_PLUGINS,
    RV_LOCK_ASKING,
    RV_LOCK_REGISTRY,
    RV_LOCK_SHELF,
    RV_LOCK_POOLS, // of the list of all pools
    RV_PROCESS_LOCKS
};

extern struct rv_lock rv_process_lock[RV_PROCESS_LOCKS] RV_OURS;

// Who has more to do than that, in the order of `before`.
enum rv_atfork_turn { RV_ATFORK_WORKERS, RV_ATFORK_LOCKS, RV_ATFORK_ASKING, RV_ATFORK_POOLS, RV_ATFORK_TURNS };

struct rv_atfork {
    void (*before)(void);
    void (*parent)(void);
    void (*child)(void);
};

// Has fork() do its part from now on. Once is enough; false: the system has no memory for that.
bool rv_atfork_watch(enum rv_atfork_turn turn, const struct rv_atfork *part);

#endif
