// SPDX-License-Identifier: MIT
// igunzip_twin.h: how many bytes ISA-L has made before damage.
//
// Its fast loop counts a match as made before it looks whether there is such a distance: of damaged data up to 258 bytes
// were counted that nobody had written. In the slow loop, for the last bytes of its input, it counts rightly. So what it has
// been given since some moment is kept, with a copy of its state then, the twin; and when it fails the twin is given the
// same, the last bytes one by one. The window is not copied: which bytes lie in it has no say in how many are made.
#ifndef RV_FILTERS_IGUNZIP_TWIN_H
#define RV_FILTERS_IGUNZIP_TWIN_H

#include "util.h"

#include <isa-l.h>
#include <isa-l/igzip_lib.h>

#define RV_TWIN_LOG ((size_t) 32 << 10) // bytes of input kept: for fewer in one step the state is not copied each time

struct rv_twin {
    struct inflate_state inf;
    bool follows;    // it is behind the other one by what was logged
    uint32_t log_len;
    uint64_t left;   // bytes that have left the other one since
    uint8_t log[RV_TWIN_LOG];
};

// The other one was changed by something else than input.
static inline void rv_twin_forget(struct rv_twin *t)
{
    if (t != NULL) {
        t->follows = false;
    }
}

// The other one is about to decode.
void rv_twin_begin(struct rv_twin *t, const struct inflate_state *inf);

// It has taken these bytes, and made others that have left it.
void rv_twin_took(struct rv_twin *t, const uint8_t *ptr, size_t len, size_t made);

// Instead it has failed with *rc, somewhere in these bytes: up to `taken` of them, as it says. Returns how many bytes were made
// that have not left it before, tells *rc, and makes *in begin behind the byte that showed the damage.
uint64_t rv_twin_judge(struct rv_twin *t, struct rove_in *in, size_t taken, int *rc);

#endif
