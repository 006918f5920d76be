// SPDX-License-Identifier: MIT
// means.c: counting a chain's memory.
#include "filter/means.h"

#include <rove/chain.h>

#include "base/arith.h"

#include <stdio.h>
#include <string.h>

// A library that asks for several blocks may look at them all before it gives up: the first reason
// stands, whatever becomes of the others.
static void refuse(struct rv_means *means, enum rove_status why, const char *passed)
{
    if (means->refused != ROVE_OK)
        return;
    means->refused = why;
    means->passed = passed;
}

bool rv_means_take(struct rv_means *means, uint64_t len)
{
    if (!rv_means_allow(means, len)) {
        refuse(means, ROVE_E_LIMIT, "memory");
        return false;
    }
    means->used += len;
    return true;
}

void rv_means_give(struct rv_means *means, uint64_t len)
{
    means->used -= len;
}

void *rv_means_alloc(struct rv_means *means, size_t len)
{
    if (!rv_means_take(means, len))
        return NULL;
    enum rove_status why = ROVE_OK;
    void *ptr = rv_pool_alloc(means->pool, len, &why);
    if (ptr)
        return ptr;
    refuse(means, why, NULL);
    rv_means_give(means, len);
    return NULL;
}

void rv_means_free(struct rv_means *means, void *ptr, size_t len)
{
    rv_means_give(means, len);
    rv_pool_free(means->pool, ptr, len);
}

void rv_means_explain(struct rv_means *means, const char *why)
{
    size_t len = strnlen(why, RV_WHY_MAX);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char) why[i];
        means->why[i] = c < 0x20 || c == 0x7f ? '?' : why[i];
    }
    means->why[len] = 0;
}

void rv_means_pass(struct rv_means *means, const char *why, const char *limit, uint64_t value)
{
    char text[RV_WHY_MAX + 1];
    snprintf(text, sizeof text, "%s: the limit on %s is %llu", why, limit, (unsigned long long) value);
    rv_means_explain(means, text);
    means->passed = limit;
}

bool rv_means_pass_ratio(struct rv_means *means, uint64_t ratio, uint64_t took, uint64_t made)
{
    if (ratio == ROVE_NO_LIMIT || made <= RV_RATIO_FROM || made <= rv_mul_most_u64(took, ratio))
        return false;
    rv_means_pass(means, "it makes too much of what came in", "ratio", ratio);
    return true;
}
