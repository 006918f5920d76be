// SPDX-License-Identifier: MIT
// auto.h: which decoder a stream's first bytes ask for.
#ifndef RV_AUTO_H
#define RV_AUTO_H

#include "filter/layer.h"

#define RV_HEAD_MAX 64u // bytes that are looked at
#define RV_HEAD_MIN 16u // bytes after which a decoder that recognises them is believed

#define RV_SKIP_HEAD 8u // bytes: a magic number and a length

// Skippable frames in front of the data. LZ4 and Zstandard share them (RFC 8878, 3.1.2), so they do not tell
// whose data follows; they carry nothing, so they need not be kept to be looked past.
struct rv_passed {
    uint64_t len;               // bytes passed over
    uint64_t left;              // bytes still to come of the frame that is being passed over
    uint8_t head[RV_SKIP_HEAD]; // the beginning of the first
};

// Looks whether a skippable frame begins here. Returns how many of the len bytes belong to it; 0 when none
// does or too few are there to know.
size_t rv_auto_pass(struct rv_passed *passed, const uint8_t *head, size_t len);

// Passes over up to len bytes more of the frame. Returns how many.
size_t rv_auto_pass_on(struct rv_passed *passed, size_t len);

// Writes what stands for all that was passed over when nothing comes behind: one frame, which lacks its end
// if that was missing.
void rv_auto_rest(const struct rv_passed *passed, uint8_t *head);

// The decoder, when the list names only one: there is nothing to choose then. NULL otherwise.
const struct rove_filter *rv_auto_only(const char *allow);

// Says that no decoder was picked, and what was seen. buf: cap bytes.
void rv_auto_explain(const struct rv_passed *passed, struct rove_span head, char *buf, size_t cap);

// Picks the decoder that recognises most bits. allow: '.'-separated names, NULL for all. One that knows
// nothing of what was passed over is not asked. Returns NULL when none recognises any.
const struct rove_filter *rv_auto_pick(const char *allow, const struct rv_passed *passed,
                                       struct rove_span head);

#endif
