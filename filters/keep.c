// SPDX-License-Identifier: MIT
// keep.c: see keep.h.
#include "keep.h"

static void drop(struct rv_keep *k, unsigned i)
{
    k->host->free(k->host->ctx, k->pieces[i].ptr);
    k->pieces[i].ptr = NULL;
    k->pieces[i].len = 0;
}

// The place for a piece: one that has the length, else an empty one, else any that is not used.
static unsigned choose(const struct rv_keep *k, size_t len)
{
    unsigned at = RV_KEEP_PIECES;

    for (unsigned i = 0; i < RV_KEEP_PIECES; i++) {
        if (k->pieces[i].used) {
            continue;
        }
        if (k->pieces[i].len == len) {
            return i;
        }
        if (at == RV_KEEP_PIECES || k->pieces[i].ptr == NULL) {
            at = i;
        }
    }
    return at;
}

void *rv_keep_alloc(struct rv_keep *k, size_t len)
{
    unsigned at = choose(k, len);

    if (at == RV_KEEP_PIECES) {
        return NULL;
    }
    if (k->pieces[at].len != len) {
        drop(k, at);
        k->pieces[at].ptr = k->host->alloc(k->host->ctx, len);
    }
    if (k->pieces[at].ptr == NULL) {
        return NULL;
    }
    k->pieces[at].len = len;
    k->pieces[at].used = true;
    return k->pieces[at].ptr;
}

void rv_keep_free(struct rv_keep *k, const void *ptr)
{
    for (unsigned i = 0; i < RV_KEEP_PIECES && ptr != NULL; i++) {
        if (k->pieces[i].ptr == ptr) {
            k->pieces[i].used = false;
        }
    }
}

void rv_keep_close(struct rv_keep *k)
{
    for (unsigned i = 0; i < RV_KEEP_PIECES; i++) {
        drop(k, i);
    }
}
