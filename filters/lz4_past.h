// SPDX-License-Identifier: MIT
// lz4_past.h: the 64 KiB of content before a linked block, to which it refers.
//
// These lie in `out` only during a call of run(), so they are remembered; but within a call, once 64 KiB have
// been decoded in one run straight into `out`, the codec looks back there and nothing is copied. The
// invariant:
//
//     the content so far ends with  past[0 .. past_len)  followed by  run[0 .. run_len)
//
// `past` holds twice what is needed, so that moving its end to its front is paid for by as many bytes
// appended: tiny blocks stay cheap.
#ifndef RV_FILTERS_LZ4_PAST_H
#define RV_FILTERS_LZ4_PAST_H

#include "lz4_frame.h"

struct rv_lz4_past {
    uint8_t *past; // memory of the host
    size_t past_len;
    const uint8_t *run;
    size_t run_len;
};

// What stands before a block that is decoded to dst; *len_out: its length, 0 for nothing. False: no memory.
bool rv_lz4_past_of(struct rv_lz4_past *p, const struct rove_host *host, const uint8_t *dst,
                    const uint8_t **past_out, size_t *len_out);

// A block of len bytes, at least 1, has been decoded to dst, where it stays until rv_lz4_past_keep().
// False: no memory.
bool rv_lz4_past_add(struct rv_lz4_past *p, const struct rove_host *host, const uint8_t *dst, size_t len);

// Copies what does not stay. False: no memory.
bool rv_lz4_past_keep(struct rv_lz4_past *p, const struct rove_host *host);

// Nothing stands before.
static inline void rv_lz4_past_reset(struct rv_lz4_past *p)
{
    p->past_len = p->run_len = 0;
}

#endif
