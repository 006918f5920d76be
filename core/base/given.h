// SPDX-License-Identifier: MIT
// given.h: whether the memory that a caller names is there.
#ifndef RV_GIVEN_H
#define RV_GIVEN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

// Tells whether len bytes are named, but not where.
static inline bool rv_lacks(const void *ptr, size_t len)
{
    return !ptr && len;
}

// Likewise of an array of pieces, or of one of them.
static inline bool rv_lacks_any(const struct iovec *iov, size_t cnt)
{
    bool lacks = !iov && cnt;
    for (size_t i = 0; i < cnt && !lacks; i++)
        lacks = rv_lacks(iov[i].iov_base, iov[i].iov_len);
    return lacks;
}

#endif
