// SPDX-License-Identifier: MIT
// igunzip_twin.c: see igunzip_twin.h.
#include "igunzip_twin.h"

#include "vectors.h"

#include <stddef.h>

#define LAST 1024u // bytes that are given one by one: more than the longest head of a block, and what is read ahead

void rv_twin_begin(struct rv_twin *t, const struct inflate_state *inf)
{
    if (t->follows) {
        return;
    }
    memcpy(&t->inf, inf, offsetof(struct inflate_state, tmp_out_buffer));
    t->follows = true;
    t->log_len = 0;
    t->left = 0;
}

void rv_twin_took(struct rv_twin *t, const uint8_t *ptr, size_t len, size_t made)
{
    if (len > sizeof t->log - t->log_len) {
        t->follows = false;
        return;
    }
    if (len > 0) {
        memcpy(t->log + t->log_len, ptr, len);
    }
    t->log_len += (uint32_t) len;
    t->left += made;
}

// Gives it some bytes, and counts what comes. Returns ISA-L's answer.
static int give(struct rv_twin *t, const uint8_t *ptr, size_t len, uint64_t *made)
{
    uint8_t room[4096];
    int rc;

    t->inf.next_in = (uint8_t *) (uintptr_t) ptr;
    t->inf.avail_in = (uint32_t) len;
    do {
        t->inf.next_out = room;
        t->inf.avail_out = sizeof room;
        rc = isal_inflate(&t->inf);
        *made += (uint64_t) (t->inf.next_out - room);
    } while (rc == ISAL_DECOMP_OK && t->inf.next_out == room + sizeof room);
    return rc;
}

// Gives it all that was logged and then `in`: `most` bytes at once, then one by one. Returns how many it has been given
// when it fails, or all were.
static size_t give_all(struct rv_twin *t, struct rove_in in, size_t most, uint64_t *made, int *rc)
{
    size_t at = rv_min(most, t->log_len), all = t->log_len + in.len;

    *rc = give(t, t->log, at, made);
    if (*rc >= 0 && most > at) {
        *rc = give(t, in.ptr, most - at, made);
        at = most;
    }
    for (; at < all && *rc >= 0; at++) {
        *rc = give(t, at < t->log_len ? t->log + at : in.ptr + (at - t->log_len), 1, made);
    }
    return at;
}

uint64_t rv_twin_judge(struct rv_twin *t, struct rove_in *in, size_t taken, int *rc)
{
    size_t all = t->log_len + taken, at;
    uint64_t made = 0;
    int why;

    memset(t->inf.tmp_out_buffer, 0, sizeof t->inf.tmp_out_buffer);
    at = give_all(t, *in, all > LAST ? all - LAST : 0, &made, &why);
    if (why < 0) {
        made += (uint64_t) (t->inf.tmp_out_valid - t->inf.tmp_out_processed);
        *rc = why;
    }
    rv_leave_vectors();
    rv_in_skip(in, at > t->log_len ? at - t->log_len : 0);
    t->follows = false;
    return made - t->left;
}
