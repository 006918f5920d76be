// SPDX-License-Identifier: MIT
// bare.h: the input of a chain that reads without a codec. What goes in comes out as it is, so it must
// stay after the call that brought it: it is shared with a source over a rope, copied from any other.
#ifndef RV_BARE_H
#define RV_BARE_H

#include <rove/view.h>

#include "filter/chained.h"
#include "rope/read.h"

// All zero at first.
struct rv_bare {
    bool viewing; // chain->in is a span of view, or some of its bytes
    struct rove_view view;
    struct rove_cursor cursor;
    struct rv_chunk *lent; // of that span, or NULL
    uint8_t some[RV_SHOWN_LEN];
    struct rv_tray copy; // chain->in is in it
};

// Puts more of the source into the chain; none may have come although there is more. ROVE_END: there
// is no more. What went in before is not kept any longer. Failures are remembered by c.
enum rove_status rv_bare_next(struct rv_bare *b, struct rv_chained *c);

// Lets go of what is shared.
void rv_bare_stop(struct rv_bare *b);

// After rv_bare_stop(): makes it as at first, or keeps the tray for what comes next.
void rv_bare_drop(struct rv_bare *b, struct rv_chained *c);
void rv_bare_restart(struct rv_bare *b, struct rv_chained *c);

#endif
