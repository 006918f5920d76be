// SPDX-License-Identifier: MIT
// joined.c: see joined.h.
#include "filter/joined.h"

#include "base/arith.h"

#include <string.h>

void rv_joined_drop(struct rv_joined *j, struct rove_pool *pool)
{
    if (j->ptr)
        rv_pool_free(pool, j->ptr, j->cap);
    *j = (struct rv_joined){.ptr = NULL};
}

enum rove_status rv_joined_take(struct rv_joined *j, struct rove_pool *pool, struct rove_span *left, size_t len)
{
    size_t all, cap;
    enum rove_status why = ROVE_OK;
    if (rv_add_size(left->len, len, &all))
        return ROVE_E_NOMEM;
    if (j->ptr && j->cap >= all) {
        memmove(j->ptr, left->ptr, left->len);
    } else {
        if (rv_mul_size(all, 2, &cap))
            cap = all;
        uint8_t *ptr = rv_pool_alloc(pool, cap, &why);
        if (!ptr)
            return why;
        memcpy(ptr, left->ptr, left->len);
        rv_joined_drop(j, pool);
        *j = (struct rv_joined){ptr, cap};
    }
    left->ptr = j->ptr;
    return ROVE_OK;
}
