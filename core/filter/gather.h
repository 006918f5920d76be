// SPDX-License-Identifier: MIT
// gather.h: filling parts, and sending them.
#ifndef RV_GATHER_H
#define RV_GATHER_H

#include "filter/stage.h"

// Takes some of what waits in front of the stage into the part that is being filled.
void rv_gather_take(struct rv_chain *c, unsigned i, struct rove_in in, size_t len);

// Sends that to the workers, to be run with act; made_most: bytes that it is expected to make at most.
void rv_gather_send(struct rv_chain *c, unsigned i, uint32_t act, uint64_t made_most);

// Reading: takes what waits into a part, and sends that when it is whole.
void rv_gather(struct rv_chain *c, unsigned i, struct rove_in in);

#endif
