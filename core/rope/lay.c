// SPDX-License-Identifier: MIT
// lay.c: see lay.h.
#include "rope/lay.h"

#include "base/arith.h"

#include <string.h>

uint64_t rv_lay_most(const struct rove_rope *rope)
{
    uint64_t runs = RV_LAY_RUNS - 1; // one may lie in what is left of the scratch chunk
    return rv_min_u64(runs * rope->pool->chunk_len, rv_pool_pin_most(rope->pool));
}

static size_t room_of(const struct rove_rope *rope)
{
    return rope->scratch ? rope->scratch->cap - rope->scratch_off : 0;
}

// The length of the next chunk for `left` bytes. The first of a rope is small and each next one twice as long,
// because many a rope (a clone, what a cut gives) is edited once, and a piece keeps all of its chunk alive.
static size_t next_len(const struct rove_rope *rope, uint64_t left)
{
    size_t before = rope->scratch ? rope->scratch->cap : 0;
    size_t least = rv_clamp(left, rope->pool->chunk_len);
    size_t most = rv_clamp(rope->tree_len / 4 + 2 * left, rope->pool->chunk_len);
    return rv_max_size(least, rv_min_size(most, 2 * rv_max_size(least, before)));
}

enum rove_status rv_lay_begin(struct rv_lay *lay, struct rove_rope *rope, uint64_t len)
{
    size_t room = room_of(rope);
    lay->first = lay->last = lay->next = lay->at = NULL;
    lay->off = lay->cnt = lay->late_cnt = 0; // the runs are written as they come
    if (len > room && room < rv_min_size(ROVE_MERGE_LEN, rope->pool->chunk_len))
        room = 0; // too little to be worth a slice of its own
    if (room) {
        lay->at = rope->scratch;
        lay->off = rope->scratch_off;
    }
    for (uint64_t left = len - rv_min_u64(len, room); left;) {
        enum rove_status why;
        struct rv_chunk *chunk = rv_chunk_take(rope->pool, next_len(rope, left), &why);
        if (!chunk) {
            rv_lay_abort(lay);
            return why;
        }
        rv_mark_set(&chunk->mark, chunk->cap);
        chunk->next = NULL;
        if (lay->last)
            lay->last->next = chunk;
        else
            lay->first = lay->next = chunk;
        lay->last = chunk;
        left -= rv_min_u64(left, chunk->cap);
    }
    return ROVE_OK;
}

// Takes room for *len bytes, or fewer: then *len says how many. Returns where they go.
static inline uint8_t *take(struct rv_lay *lay, size_t *len)
{
    bool anew = !lay->at || lay->off == lay->at->cap;
    if (anew) {
        lay->at = lay->next;
        lay->next = lay->at->next;
        lay->off = 0;
    }
    uint8_t *to = lay->at->data + lay->off;
    if (anew || !lay->cnt)
        lay->run[lay->cnt++] = (struct rv_entry){0, lay->at, to};
    *len = rv_min_size(*len, lay->at->cap - lay->off);
    lay->run[lay->cnt - 1].len += *len;
    lay->off += *len;
    return to;
}

void rv_lay_bytes(struct rv_lay *lay, const void *src, size_t len)
{
    const uint8_t *from = src;
    while (len) {
        size_t n = len;
        uint8_t *to = take(lay, &n);
        memcpy(to, from, n);
        from += n;
        len -= n;
    }
}

// Returns how many of a slice's bytes will be copied late.
static size_t lay_late(struct rv_lay *lay, struct rv_entry slice)
{
    size_t n = (size_t) slice.len;
    if (lay->late_cnt == RV_LAY_LATE || n > ROVE_MERGE_LEN)
        return 0;
    for (size_t off = 0; off < n; off += 64)
        __builtin_prefetch(slice.at + off);
    struct rv_chunk *chunk = rv_chunk_ref(slice.ptr);
    uint8_t *to = take(lay, &n);
    lay->late[lay->late_cnt++] = (struct rv_late){to, slice.at, n, chunk, rv_tally_sum(&chunk->refs)};
    return n;
}

enum rove_status rv_lay_slice(struct rv_lay *lay, struct rv_entry slice)
{
    struct rv_chunk *chunk = slice.ptr;
    size_t done = chunk->may_sleep ? 0 : lay_late(lay, slice);
    enum rove_status status = ROVE_OK;
    for (size_t n; done < slice.len && status == ROVE_OK; done += n) {
        n = (size_t) slice.len - done;
        uint8_t *to = take(lay, &n);
        status = rv_chunk_read(chunk, slice.at + done, to, n);
    }
    return status;
}

void rv_lay_late(struct rv_lay *lay, struct rove_rope *rope)
{
    while (lay->late_cnt) {
        const struct rv_late *late = &lay->late[--lay->late_cnt];
        memcpy(late->to, late->from, late->len);
        if (rv_chunk_writable(late->chunk)) // but for this hold it would be gone, and nothing owed for it
            rope->debt -= (uint32_t) rv_min_u64(rope->debt, late->owed);
        rv_chunk_unref(late->chunk);
    }
}

void rv_lay_commit(struct rv_lay *lay, struct rove_rope *rope)
{
    if (!lay->cnt)
        return;
    RV_ASSERT(!lay->late_cnt);
    if (lay->first) {
        if (rope->scratch) {
            rv_owe(rope, rv_chunk_waste(rope->scratch));
            rv_chunk_drop(rope->scratch);
        }
        rope->scratch = lay->last;
        while (lay->first != lay->last) { // full: the slice is all there is of it
            struct rv_chunk *chunk = lay->first;
            lay->first = chunk->next;
            rv_chunk_drop(chunk);
        }
    }
    rope->scratch_off = (uint32_t) lay->off;
}

void rv_lay_abort(struct rv_lay *lay)
{
    while (lay->late_cnt)
        rv_chunk_unref(lay->late[--lay->late_cnt].chunk);
    while (lay->first) {
        struct rv_chunk *chunk = lay->first;
        lay->first = chunk->next;
        rv_chunk_drop(chunk);
    }
}
