// SPDX-License-Identifier: MIT
// queue.c: a rope as a queue of bytes: finding an end, and taking what comes before it.
#include <rove/view.h>

#include "base/arith.h"
#include "base/given.h"
#include "rope/front.h"
#include "rope/read.h"

#define DELIM_MAX 64u

enum rove_status rove_rope_find(struct rove_rope *rope, uint64_t from, const void *ptr, size_t len,
                                uint64_t *pos_out)
{
    if (!rope || rv_lacks(ptr, len) || !pos_out)
        return ROVE_E_ARG;
    struct rove_view all = rv_rope_borrow(rope);
    return rove_view_find(&all, from, ptr, len, pos_out);
}

static RV_LONG_WAY enum rove_status take_any(struct rove_rope *rope, void *buf, size_t len,
                                             size_t *len_out)
{
    size_t n = 0;
    if (len_out)
        *len_out = 0;
    enum rove_status status = rove_rope_read(rope, 0, buf, len, &n);
    if (status == ROVE_OK && n)
        status = rv_front_erase(rope, n);
    if (status == ROVE_OK && len_out)
        *len_out = n;
    return status;
}

enum rove_status rove_rope_take(struct rove_rope *rope, void *buf, size_t len, size_t *len_out)
{
    if (RV_UNLIKELY(!rope || !buf || !len || rv_switch_is_on(&rv_chunks_sleep)))
        return take_any(rope, buf, len, len_out);
    const uint8_t *at;
    if (RV_UNLIKELY(!rv_front_drop_at_once(rope, len, &at)))
        return take_any(rope, buf, len, len_out);
    if (len_out)
        *len_out = len;
    rove_copy_run(buf, at, len);
    return ROVE_OK;
}

enum rove_status rove_rope_take_until(struct rove_rope *rope, struct rove_span delim, void *buf,
                                      size_t max, size_t *len_out)
{
    if (!rope || rv_lacks(delim.ptr, delim.len) || rv_lacks(buf, max) || !len_out)
        return ROVE_E_ARG;
    *len_out = 0;
    if (!delim.len || delim.len > DELIM_MAX)
        return ROVE_E_ARG;
    struct rove_view head = rv_rope_borrow(rope);
    head.len = rv_min_u64(head.len, max);
    uint64_t at;
    enum rove_status status = rove_view_find(&head, 0, delim.ptr, delim.len, &at);
    if (status == ROVE_OK)
        max = (size_t) at + delim.len;
    else if (status != ROVE_END || head.len < max)
        return status;
    return rove_rope_take(rope, buf, max, len_out);
}
