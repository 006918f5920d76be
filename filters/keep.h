// SPDX-License-Identifier: MIT
// keep.h: memory of the host for a codec that gives all of it back whenever it begins anew: pieces are kept, and given
// again when one of the same length is wanted. So beginning anew asks the host for nothing.
#ifndef RV_FILTERS_KEEP_H
#define RV_FILTERS_KEEP_H

#include "util.h"

#define RV_KEEP_PIECES 4u // as many as the codec has at a time

struct rv_keep {
    const struct rove_host *host;
    struct {
        void *ptr;
        size_t len;
        bool used;
    } pieces[RV_KEEP_PIECES];
};

// A piece that is not zeroed. NULL: refused.
void *rv_keep_alloc(struct rv_keep *k, size_t len);
void rv_keep_free(struct rv_keep *k, const void *ptr);

// Gives all of it back to the host.
void rv_keep_close(struct rv_keep *k);

#endif
