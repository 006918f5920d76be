// SPDX-License-Identifier: MIT
// seen.c: a set of pointers.
#include "rope/seen.h"

#include "base/arith.h"
#include "chunk/pool.h"

#include <string.h>

#define FIRST_CAP 64u // items; a power of two

static struct rv_seen_item *probe(const struct rv_seen *seen, const void *key)
{
    // Fibonacci hashing: pointers share their low bits, the product's high bits do not.
    uint64_t hash = (uint64_t) (uintptr_t) key * UINT64_C(0x9e3779b97f4a7c15);
    size_t i = (size_t) (hash >> 32) & (seen->cap - 1);
    while (seen->item[i].key && seen->item[i].key != key)
        i = (i + 1) & (seen->cap - 1);
    return &seen->item[i];
}

static bool grow(struct rv_seen *seen)
{
    struct rv_seen bigger = {.pool = seen->pool, .cap = seen->cap ? 2 * seen->cap : FIRST_CAP};
    size_t len;
    seen->why = ROVE_E_NOMEM;
    if (rv_mul_size(bigger.cap, sizeof *bigger.item, &len))
        return false;
    bigger.item = rv_pool_alloc(seen->pool, len, &seen->why);
    if (!bigger.item)
        return false;
    memset(bigger.item, 0, len);
    for (size_t i = 0; i < seen->cap; i++)
        if (seen->item[i].key)
            *probe(&bigger, seen->item[i].key) = seen->item[i];
    bigger.cnt = seen->cnt;
    rv_seen_fini(seen);
    *seen = bigger;
    return true;
}

struct rv_seen_item *rv_seen_at(struct rv_seen *seen, const void *key)
{
    struct rv_seen_item *item = seen->cap ? probe(seen, key) : NULL;
    if (item && item->key) // also where there is no memory for more
        return item;
    if (2 * seen->cnt >= seen->cap) {
        if (!grow(seen))
            return NULL;
        item = probe(seen, key);
    }
    item->key = key;
    seen->cnt++;
    return item;
}

void rv_seen_fini(struct rv_seen *seen)
{
    if (seen->item)
        rv_pool_free(seen->pool, seen->item, seen->cap * sizeof *seen->item);
    seen->item = NULL;
    seen->cap = seen->cnt = 0;
}
