// SPDX-License-Identifier: MIT
// room.h: room under a limit: in the pool itself first, then in those that share its limit.
//
// Locks are taken in one order: the budget's, which guards the ring of pools, then one pool's. So
// whoever wants room elsewhere holds no lock of a pool.
#ifndef RV_ROOM_H
#define RV_ROOM_H

#include "chunk/layout.h"

// A pool joins those that share its limit, if it has one, and leaves them. What it keeps for waking,
// if it spills, counts as long. ROVE_E_LIMIT when there is no room for that. No lock.
enum rove_status rv_room_join(struct rove_pool *pool);
void rv_room_leave(struct rove_pool *pool);

// After the pool itself could not make room for len bytes, and said why: lets another make some.
// False when that does not help either; errno is as it was. No lock.
bool rv_room_elsewhere(struct rove_pool *pool, uint64_t len, enum rove_status why);

// Makes some room for len bytes, wherever it is. No lock.
bool rv_room_make(struct rove_pool *pool, uint64_t len, enum rove_status *why_out);

#endif
