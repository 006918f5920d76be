// SPDX-License-Identifier: MIT
// room.h: room under a limit: in the pool itself first, then in those that share its limit.
//
// Locks are taken in one order: the budget's, which guards the ring of pools, then one pool's. So
// whoever wants room elsewhere holds no lock of a pool.
#ifndef RV_ROOM_H
#define RV_ROOM_H

#include "chunk/layout.h"

// A pool joins those that share its limit, if it has one, and leaves them. No lock.
void rv_room_join(struct rove_pool *pool);
void rv_room_leave(struct rove_pool *pool);

// After the pool itself could not make room, and said why: lets another make some. False when that
// does not help either; errno is as it was. No lock.
bool rv_room_elsewhere(struct rove_pool *pool, enum rove_status why);

// Makes some room, wherever it is. No lock.
bool rv_room_make(struct rove_pool *pool, enum rove_status *why_out);

#endif
