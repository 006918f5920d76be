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
    Py_ssize_t from, step, cnt;
};

enum rp_key rp_slice_of(struct rp_slice *slice, PyObject *key, uint64_t len);

// The bytes that an RP_STEPS slice picks.
PyObject *rp_slice_bytes(const struct rp_slice *slice, const struct rove_view *view);

#endif
