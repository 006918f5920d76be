// SPDX-License-Identifier: MIT
// copy.c: passes bytes on unchanged. The template to begin a filter of your own from.
//
// Everything a filter needs is in <rove/filter.h>. The essence is one function, run(), which moves
// bytes from one span to another; the table at the end tells the library about it. Because this
// filter treats both directions alike, one table serves both; a real codec has two, with the same
// name, and a checksum has one whose direction is ROVE_TAP and whose run() gets no `out`.
#include "builtin.h"

#include <string.h>

// What one use of the filter must remember between calls. The library allocates it, zeroed, and
// passes it as `st` to every hook. This filter only needs it to show where it goes.
struct copy {
    uint64_t total;
};

// Moves as many bytes as both spans allow.
//
// Three things are asked of every run():
//   - advance both spans past what was used, and no further;
//   - move something, unless input or room is lacking;
//   - say ROVE_OK to be called again, ROVE_END when `act` is done, or a failure.
static int32_t copy_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct copy *c = st;
    size_t len = in->len < out->len ? in->len : out->len;

    if (len > 0) { // an empty span may have a null pointer, which memcpy() must not see
        memcpy(out->ptr, in->ptr, len);
        in->ptr += len;
        in->len -= len;
        out->ptr += len;
        out->len -= len;
        c->total += len;
    }
    if (in->len > 0) {
        return ROVE_OK; // more room is needed
    }
    // Nothing is ever kept back, so FLUSH and FINISH are done as soon as the input is used up. A
    // decoder whose format has an end that it has not seen returns ROVE_E_TRUNCATED on FINISH.
    return act == ROVE_RUN ? ROVE_OK : ROVE_END;
}

// Ready for another use with the same options. Hooks that a filter can do without are left out of
// the table; this one would be: close() and open() would do as well.
static int32_t copy_reset(void *st)
{
    struct copy *c = st;

    c->total = 0;
    return ROVE_OK;
}

// The most that in_len bytes can become. A codec adds what its format adds.
static uint64_t copy_bound(const void *st, uint64_t in_len)
{
    (void) st;
    return in_len;
}

const struct rove_filter rv_filter_copy = {
    ROVE_FILTER_INIT,
    .name = "copy",
    .about = "passes bytes on unchanged; the template for authors",
    .dir = ROVE_ENCODE | ROVE_DECODE,
    .flags = ROVE_F_FLUSHES | ROVE_F_SPLITS,
    .state_len = sizeof(struct copy),
    .run = copy_run,
    .reset = copy_reset,
    .bound = copy_bound,
};
