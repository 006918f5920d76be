// SPDX-License-Identifier: MIT
// along.h: writing, taps that go with the parts.
//
//     in ──> part: the tap's state of its own sums it, then the codec's codes it ──> join: the tap itself takes that over
//
// 1. A tap goes along when its filter can join and has a digest. So others look at the bytes in the caller's thread, as they
//    come: those whose sums depend on order, and those that are there to stop something.
// 2. The taps of the chain, which alone are asked for digests and acts, have seen the first `looked` bytes of a part. Joining
//    gives them the rest, in order and before any of the part's output goes on. What somebody wants to know before that
//    they find out by looking themselves: parts keep their input until they are joined.
// 3. What cannot be summed in a part, for want of memory or because a filter fails, they look at in its turn: so it is
//    they that fail, at their place in the order.
#ifndef RV_ALONG_H
#define RV_ALONG_H

#include "filter/stage.h"

// Bytes were put into a part: taps that do not go along see them. Failures of all of these go to c->failure, too.
enum rove_status rv_along_take(struct rv_chain *c, unsigned i, struct rove_in in);

// The part that is being filled is to be sent.
void rv_along_send(struct rv_chain *c, unsigned i);

// The front is next to go on. When it is the last before an act, taps do that.
enum rove_status rv_along_join(struct rv_chain *c, unsigned i);

// All that waited was put into parts, and these are joined: taps do what the stage is asked for, unless they have.
enum rove_status rv_along_act(struct rv_chain *c, unsigned i);

// The taps see all that was put into parts.
enum rove_status rv_along_catch_up(struct rv_chain *c, unsigned i);

#endif
