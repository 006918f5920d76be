// SPDX-License-Identifier: MIT
// pump.h: running the layers of a chain, and what comes out.
#ifndef RV_PUMP_H
#define RV_PUMP_H

#include "filter/chain.h"

// From now on all that goes in belongs to a FLUSH or the FINISH.
void rv_chain_ask(struct rv_chain *chain, uint32_t act);

// Runs layers until one of these: ROVE_OK: something may go out, take it by rv_chain_output().
// ROVE_END: what was asked is done. ROVE_E_AGAIN: nothing can be done without more input. Other
// failures: those in chain->failure are final; after another the call may be repeated.
enum rove_status rv_chain_pump(struct rv_chain *chain);

// Gives what may go out next, checked against the limits and seen by the last taps.
enum rove_status rv_chain_output(struct rv_chain *chain, struct rv_piece *piece_out);

// Tells that len bytes of it have gone out. The bytes stay until the next rv_chain_pump().
void rv_chain_sent(struct rv_chain *chain, size_t len);

// Reading: puts the caller's memory in the place of the last tray, so that what comes out need not
// be copied there. Only when nothing waits in that tray, when there is no less room than it has, and
// when the limit on output allows to fill it. kept_out: the tray, until rv_chain_take_back(); what
// rv_chain_output() gives before then must be sent before then.
bool rv_chain_lend(struct rv_chain *chain, uint8_t *buf, size_t len, struct rv_tray *kept_out);
void rv_chain_take_back(struct rv_chain *chain, const struct rv_tray *kept);

#endif
