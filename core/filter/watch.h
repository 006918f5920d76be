// SPDX-License-Identifier: MIT
// watch.h: who wants to know where decoding can begin, while a chain with one codec comes by.
//
// Writing, the encoder was asked before its first run, and stops at its places by itself; parts have none within.
//
// Reading:
// The decoder is asked between its runs, and between the parts that are joined, when it has come far enough; where each
// place is wanted always, also before the first run. Until then it gets no room to go further; then it stops at the next
// place of its own. So which places are found does not depend on how long runs are; only parts are joined as they are.
// Nothing is asked where nobody watches.
#ifndef RV_WATCH_H
#define RV_WATCH_H

#include "filter/chain.h"

struct rv_watch {
    uint64_t next; // plain offset from which on a place is wanted: whoever watches moves it on
    bool begun;
    bool each; // reading: of places with nothing between them the last is wanted, too
    bool over; // there is no place in what follows

    // The codec is known, and has not run. A failure may be followed by another call.
    enum rove_status (*begin)(struct rv_watch *w, struct rv_chain *chain);
    // Decoding can begin here, behind so many coded bytes, which became so many. After a failure this place is told of
    // again.
    enum rove_status (*found)(struct rv_watch *w, uint64_t coded, uint64_t plain,
                              const struct rove_mark *mark);
    // The data end here. trails: something else follows them, which is told.
    void (*end)(struct rv_watch *w, uint64_t coded, uint64_t plain, bool trails);
    // The chain goes away, or begins anew: what was counted in its memory is its own again.
    void (*leave)(struct rv_watch *w);
    // Nobody watches any more.
    void (*drop)(struct rv_watch *w);
};

// Asks the codec, if that is due. A failure of its own goes to chain->failure; others are returned.
enum rove_status rv_watch_look(struct rv_chain *chain);

// How much of the room that there is the codec gets.
size_t rv_watch_room(const struct rv_chain *chain, size_t room);

// Tells of the end.
void rv_watch_end(struct rv_chain *chain);

#endif
