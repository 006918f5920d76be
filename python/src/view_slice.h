// SPDX-License-Identifier: MIT
// view_slice.h: what a key in brackets means.
#ifndef RP_VIEW_SLICE_H
#define RP_VIEW_SLICE_H

#include "kit.h"

enum rp_key {
    RP_BAD = -1, // with an exception
    RP_INDEX,    // one byte, at `from`; it may be out of range
    RP_RANGE,    // cnt bytes at `from`
    RP_STEPS     // cnt bytes, `step` apart
};

struct rp_slice {
    Py_ssize_t from, to, step, cnt;
};

// Reads a key. That may run code that changes what is indexed: only then ask for the length, and fit the slice to it.
enum rp_key rp_slice_of(struct rp_slice *slice, PyObject *key);
void rp_slice_fit(struct rp_slice *slice, enum rp_key kind, uint64_t len);

// Whether a loop over bytes ends in this turn, with what Python makes of a signal, such as KeyboardInterrupt.
bool rp_should_end(Py_ssize_t turn);

// The bytes that an RP_STEPS slice picks.
PyObject *rp_slice_bytes(const struct rp_slice *slice, const struct rove_view *view);

#endif
