// SPDX-License-Identifier: MIT
// trailing.h: what stands behind the last part of a format of which more parts could follow: members of
// gzip, frames of lz4 and zstd. One policy for all of them, the option `trailing`:
//
//     refuse  whatever it is: ROVE_E_TRAILING, when all that came before was checked and given
//     zeros   zeros up to the end are passed over (tapes and block devices are padded so), else as above
//     ignore  everything up to the end is passed over
//
// Zeros are counted up to the end or the first other byte before anything is said.
#ifndef RV_FILTERS_TRAILING_H
#define RV_FILTERS_TRAILING_H

#include "util.h"

#define RV_TRAILING_OPTION                                                                       \
    {.key = "trailing", .kind = ROVE_OPT_WORD, .dirs = ROVE_DECODE, .fallback = "refuse",        \
     .words = rv_trailing_words,                                                                 \
     .about = "bytes behind the end: an error, or zeros are passed over, or anything is"}

extern const char *const rv_trailing_words[]; // as a value: the enum's numbers

enum { RV_TRAILING_REFUSE, RV_TRAILING_ZEROS, RV_TRAILING_IGNORE };

struct rv_trailing {
    uint64_t zeros, others; // bytes seen
    uint32_t policy;
};

// Takes what follows, to the end. part: "member" or "frame". Returns as run() does.
int32_t rv_trailing_run(struct rv_trailing *t, const struct rove_host *host, const char *part,
                        struct rove_in *in, uint32_t act);

// Hops over what may follow; as the hook hop() of a filter.
int32_t rv_trailing_hop(struct rv_trailing *t, const uint8_t *ptr, size_t len, struct rove_hop *hop);

// Begins with what could have begun a part, and did not: `have` bytes, of which those taken in this call, from `before` on,
// are left in `in` again. Those of earlier calls are none of the zeros that may follow them.
static inline void rv_trailing_begin(struct rv_trailing *t, uint32_t have, struct rove_in *in, struct rove_in before)
{
    t->others = have - (before.len - in->len);
    *in = before;
}

static inline void rv_trailing_reset(struct rv_trailing *t)
{
    t->zeros = t->others = 0;
}

#endif
