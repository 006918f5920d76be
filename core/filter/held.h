// SPDX-License-Identifier: MIT
// held.h: bytes of a source that lie in a rope, held there while workers read them.
#ifndef RV_HELD_H
#define RV_HELD_H

#include "filter/chain.h"

// Whether the source in whose window chain->in lies is a rope that has so many bytes there, as far as it is known.
bool rv_held_could(const struct rv_chain *chain, size_t len);

// Takes the next len bytes of the source in whose window chain->in lies, and gives a hold on each of the pieces, at most
// RV_HELD_MOST, in which they are; chain->in is the window behind them. Returns how many; 0: they cannot be held, and nothing
// has happened.
unsigned rv_held_take(struct rv_chain *chain, size_t len, struct rv_piece *pieces);

#endif
