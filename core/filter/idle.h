// SPDX-License-Identifier: MIT
// idle.h: states of a filter that are no part's at present, and which thread each of them is at home with.
//
//     part is made ──open, lay──> idle ──take──> part that a thread begins ──run, join──> lay ──> idle
//
// A codec's state can be more than a MiB of tables, and lies in the cache of the CPU that used it last. Bound to parts,
// which go round between all threads, it would be fetched from there again and again: where two CPUs have no cache in
// common that took an eighth of the time of a part by zstd. So a thread that begins a part takes the state that it used
// last, of those that are idle. Only filters whose states are all ready for any part have it so (ROVE_F_PLAIN_PARTS):
// which one that will be is not known before a thread is there, and then nobody may look at the head.
//
// 1. There are as many states as parts. A part that runs, or is done and not yet joined, has one; the others are idle.
// 2. Whichever state it has, a part counts the bytes of one as its own.
#ifndef RV_IDLE_H
#define RV_IDLE_H

#include "filter/layer.h"

#include <stdint.h>

struct rv_idle;

// Makes a place for as many as cnt. NULL: there is no memory.
struct rv_idle *rv_idle_new(struct rove_pool *pool, size_t cnt);

// Closes all of them. idle: may be NULL.
void rv_idle_free(struct rv_idle *idle, struct rove_pool *pool);

// Puts a state there. home: of the thread that used it last; 0: none did. layer: is not open afterwards.
void rv_idle_lay(struct rv_idle *idle, struct rv_layer *layer, uintptr_t home);

// Takes the one that was used last by this thread, which is the home; else the one that has been idle longest. There is one.
void rv_idle_take(struct rv_idle *idle, struct rv_layer *layer_out, uintptr_t home);

// The home of the thread that asks: not 0.
uintptr_t rv_idle_home(void);

#endif
