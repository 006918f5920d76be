// SPDX-License-Identifier: MIT
// gzip.h: the gzip decoder, for formats that are gzip with something more.
#ifndef RV_FILTERS_GZIP_H
#define RV_FILTERS_GZIP_H

#include "bgzf.h"
#include "zlib_core.h"

struct rv_gunzip {
    struct rv_inflater inf; // first
    uint64_t member;        // the one being read, from 1
    uint32_t head_sum;
    uint32_t have; // bytes in buf
    uint32_t skip; // of the extra field
    uint8_t phase;
    uint8_t flags;   // FLG, bits cleared as their fields are passed
    uint8_t buf[10]; // the longest piece with a meaning of its own
    uint32_t told;  // bytes of the member, where the field of bgzf.h tells them first; 0: not, or not yet
    uint64_t taken; // of the member
    bool part; // what follows the members in it is for the head to judge
    struct rv_trailing trailing;
    struct rv_bgzf_walk walk;
};

// policy: one of trailing.h. On failure everything has been given back. Closed by rv_inflater_close().
int32_t rv_gunzip_open(struct rv_gunzip *u, const struct rove_host *host, uint32_t policy);

// The hooks of struct rove_filter.
int32_t rv_gunzip_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act);
int32_t rv_gunzip_reset(void *st);

#endif
