// SPDX-License-Identifier: MIT
// append.c: growing at the end: by bytes, by a slice, by a whole rope.
#include "rope/append.h"

#include "base/copy.h"
#include "base/given.h"
#include "rope/growth.h"
#include "rope/leaf.h"
#include "rope/sweep.h"
#include "rope/turn.h"

#include <string.h>

// the tail into the tree ------------------------------------------------------------------------

enum rove_status rv_append_shed(struct rove_rope *rope)
{
    if (!rv_tail_len(rope))
        return ROVE_OK;
    struct rv_spare spare = rv_spare_none(rope->pool);
    enum rove_status status = rv_spare_fill(&spare, rv_tree_push_need(rope->root));
    if (status == ROVE_OK)
        rv_tail_shed(rope, rv_tail_len(rope), &spare);
    rv_spare_fini(&spare);
    return status;
}

enum rove_status rv_append_settle(struct rove_rope *rope)
{
    uint64_t border = rope->tree_len;
    enum rove_status status = rv_append_shed(rope);
    if (status == ROVE_OK)
        rv_leaf_tidy(rope, border);
    return status;
}

// Tells whether the last slice of a tree is one that may be merged with others.
static bool ends_small(const struct rv_node *node)
{
    while (node && node->level)
        node = rv_kid(node, node->cnt - 1u);
    return node && node->len[node->cnt - 1u] <= ROVE_MERGE_LEN;
}

enum rove_status rv_append_slice(struct rove_rope *rope, struct rv_entry slice)
{
    struct rv_spare spare = rv_spare_none(rope->pool);
    enum rove_status status = rv_append_settle(rope);
    if (status == ROVE_OK)
        status = rv_spare_fill(&spare, rv_tree_push_need(rope->root));
    if (status == ROVE_OK) {
        uint64_t border = rope->tree_len;
        bool merge = slice.len <= ROVE_MERGE_LEN || ends_small(rope->root);
        rope->root = rv_tree_push(rope->root, slice, &spare);
        rope->tree_len += slice.len;
        rv_tail_clamp(rope);
        if (merge)
            rv_leaf_tidy(rope, border);
    } else {
        rv_chunk_unref_slice(slice.ptr, slice.len);
    }
    rv_spare_fini(&spare);
    return status;
}

// ropes -----------------------------------------------------------------------------------------

// What of a debt was there before: a split owes up to a chunk, and cannot pay, so that who joins its parts does.
static uint32_t owed_before(const struct rove_rope *left, uint64_t debt)
{
    return (uint32_t) rv_min_u64(debt - rv_min_u64(debt, left->pool->chunk_len), UINT32_MAX);
}

// Where the hand (sweep.c) goes on when two trees are joined: where it was in the one in which it is under way, or in the
// longer one. A join that put it back would keep it from ever coming to the end, and one that put it where a right one begins,
// from ever coming to the left one, if what is joined is cut off again. At the end of the left one it is at its beginning.
static uint64_t hand_on(const struct rove_rope *left, const struct rove_rope *right)
{
    uint64_t in_left = left->swept < left->tree_len ? left->swept : 0;
    bool in_right = right->swept && (!in_left || right->tree_len > left->tree_len);
    return in_right ? left->tree_len + right->swept : in_left;
}

static enum rove_status concat_small(struct rove_rope *left, struct rove_rope *right)
{
    uint8_t bytes[ROVE_MERGE_LEN];
    size_t len;
    enum rove_status status = rove_rope_read(right, 0, bytes, sizeof bytes, &len);
    rv_edit_begin();
    if (status == ROVE_OK)
        status = rove_rope_append(left, bytes, len);
    if (status == ROVE_OK) {
        rv_owe(left, right->debt);
        rove_rope_clear(right);
        rv_sweep(left, owed_before(left, left->debt));
    }
    rv_edit_end();
    return status;
}

enum rove_status rove_rope_concat(struct rove_rope *left, struct rove_rope *right)
{
    if (!left || !right || left == right)
        return ROVE_E_ARG;
    if (!rv_may_grow(left, rove_rope_len(right)))
        return ROVE_E_RANGE;
    if (rove_rope_len(right) <= ROVE_MERGE_LEN)
        return concat_small(left, right);
    struct rv_spare spare = rv_spare_none(left->pool);
    uint32_t owed = owed_before(left, (uint64_t) left->debt + right->debt);
    enum rove_status status = rv_tail_len(left) ? rv_append_settle(left) : ROVE_OK;
    struct rv_seam seam = rv_tree_seam(left->root, right->root);
    if (status == ROVE_OK)
        status = rv_spare_fill(&spare, rv_tree_append_need(left->root, right->root, seam));
    if (status == ROVE_OK) {
        uint64_t border = left->tree_len;
        if (seam.first) // as long as it was the first of a rope, nobody had to pay for what it wastes (front.h)
            spare.waste += rv_chunk_waste(seam.first);
        left->swept = hand_on(left, right);
        left->root = rv_tree_append(left->root, right->root, seam, &spare);
        left->tree_len = rv_tree_len(left->root);
        if (seam.small)
            rv_leaf_tidy(left, border);
        if (rv_tail_len(right))
            rv_tail_hand_over(left, right);
        else
            rv_tail_drop(right); // what its chunk wastes is owed, too
        rv_tail_clamp(left);
        spare.waste += right->debt;
        if (right->scratch)
            spare.waste += rv_chunk_waste(right->scratch);
        rv_rope_strip(right);
    }
    rv_sweep_end(left, owed, &spare);
    return status;
}

// bytes -----------------------------------------------------------------------------------------

// The first few bytes of an empty rope: nothing has to make way for them. Most ropes stay this small.
static RV_LONG_WAY enum rove_status begin(struct rove_rope *rope, const void *src, size_t len)
{
    enum rove_status why;
    struct rv_chunk *chunk = rv_chunk_take(rope->pool, len + 1, &why);
    if (!chunk)
        return why;
    rv_tail_open(rope, chunk);
    rove_copy_run(rope->cur, src, len);
    rope->cur += len;
    return ROVE_OK;
}

// How much room a tail of few bytes moves to for len more: chunks grow with the rope, and a queue stays short, but much
// goes through it.
static inline uint64_t carried_room(const struct rove_rope *rope, uint64_t len)
{
    uint64_t want = rv_max_u64(len, rove_rope_len(rope));
    if (rope->tail)
        want = rv_max_u64(want, rv_tail_len(rope) ? rope->tail->cap : 2 * rope->tail->cap);
    return rv_min_u64(want, rope->pool->chunk_len);
}

// What carry() does below, for a few bytes and by a chunk that the thread has at hand. False: nothing has happened.
static RV_LONG_WAY bool carry_at_once(struct rove_rope *rope, const void *src, size_t len)
{
    size_t few = rv_tail_len(rope);
    if (!rope->tail || rope->end == rope->cur || few > ROVE_MERGE_LEN || len > RV_AT_ONCE_MOST - few)
        return false;
    uint64_t want = few + carried_room(rope, len);
    struct rv_chunk *chunk = want <= RV_AT_ONCE_MOST ? rv_chunk_take_at_once(rope->pool, (size_t) want) : NULL;
    if (!chunk)
        return false;
    if (few)
        rove_copy_run(chunk->data, rope->base, few);
    rove_copy_run(chunk->data + few, src, len);
    rv_tail_drop(rope);
    rv_tail_begin(rope, chunk, few + len);
    return true;
}

// A chunk's length, where there is no tail: a slice of the tree at once.
static enum rove_status append_chunk(struct rove_rope *rope, struct rove_span src)
{
    enum rove_status status;
    struct rv_chunk *chunk = rv_chunk_take(rope->pool, src.len, &status);
    if (!chunk)
        return status;
    struct rv_spare spare = rv_spare_none(rope->pool);
    status = rv_spare_fill(&spare, rv_tree_push_need(rope->root));
    if (status == ROVE_OK) {
        rv_copy_in(rope, chunk, chunk->data, src);
        rv_mark_set(&chunk->mark, chunk->cap);
        rv_tally_add(&chunk->refs, src.len); // its one holder is the slice
        rope->root = rv_tree_push(rope->root, (struct rv_entry){src.len, chunk, chunk->data}, &spare);
        rope->tree_len += src.len;
    } else {
        rv_chunk_unref(chunk);
    }
    rv_spare_fini(&spare);
    return status;
}

enum rove_status rove_rope_append_slow(struct rove_rope *rope, const void *src, size_t len)
{
    if (!rope || rv_lacks(src, len))
        return ROVE_E_ARG;
    if (rv_append_is_first(rope, len) && len < rope->pool->chunk_len)
        return rv_append_first(rope, src, len) ? ROVE_OK : begin(rope, src, len);
    if (len && (rv_turn(rope, src, len) || carry_at_once(rope, src, len)))
        return ROVE_OK;
    if (len == rope->pool->chunk_len && !rope->tail && !rv_switch_is_on(&rv_chunks_sleep) && rv_may_grow(rope, len))
        return append_chunk(rope, (struct rove_span){src, len});
    struct iovec one = {(void *) (uintptr_t) src, len};
    return rove_rope_append_iov(rope, &one, 1);
}

static void put(struct rove_rope *rope, const uint8_t *src, size_t len)
{
    if (rv_chunk_is_asleep(rope->tail))
        RV_ASSERT(len == rope->tail->cap); // it has them already
    else
        rv_copy_in(rope, rope->tail, rope->cur, (struct rove_span){src, len});
    rope->cur += len;
}

static void copy_in(struct rove_rope *rope, struct rv_growth *growth, const struct iovec *piece)
{
    const uint8_t *src = piece->iov_base;
    for (size_t left = piece->iov_len; left;) {
        if (rope->cur == rope->end)
            rv_growth_next(rope, growth);
        size_t n = rv_min_size(left, (size_t) (rope->end - rope->cur));
        put(rope, src, n);
        src += n;
        left -= n;
    }
}

// A tail of few bytes, or none, moves to a larger chunk, with room for want more of which those that are given follow
// at once, rather than leave its own with hardly anything in it. Returns ROVE_END when they are not few.
static enum rove_status carry(struct rove_rope *rope, size_t want, const struct iovec *iov,
                              size_t cnt)
{
    size_t few = rv_tail_len(rope), chunk_len = rope->pool->chunk_len;
    if (few > rv_min_size(ROVE_MERGE_LEN, chunk_len / 2))
        return ROVE_END;
    enum rove_status why;
    struct rv_chunk *chunk = rv_chunk_take(rope->pool, rv_min_size(few + want, chunk_len), &why);
    if (!chunk)
        return why;
    if (few)
        memcpy(chunk->data, rope->base, few);
    for (size_t i = 0; i < cnt; i++) { // they may lie in the tail's chunk
        if (iov[i].iov_len)
            memcpy(chunk->data + few, iov[i].iov_base, iov[i].iov_len);
        few += iov[i].iov_len;
    }
    rv_tail_drop(rope);
    rv_tail_open(rope, chunk);
    rope->cur += few;
    return ROVE_OK;
}

// Keeps the tail awake if some of what is appended are bytes of it; or NULL.
static struct rv_chunk *keep_own(const struct rove_rope *rope, const struct iovec *iov, size_t cnt)
{
    struct rv_chunk *kept = NULL;
    for (size_t i = 0; i < cnt && !kept && rope->tail && rope->tail->may_sleep; i++)
        kept = rv_tail_keep(rope, iov[i].iov_base);
    return kept;
}

// Appends len bytes, all of iov, with all chunks laid in first.
static enum rove_status append_at_once(struct rove_rope *rope, const struct iovec *iov, size_t cnt,
                                       uint64_t len)
{
    if (rope->cur == rope->end && len)
        rv_tail_reclaim(rope);
    uint32_t before = rope->debt;
    uint64_t room = (uint64_t) (rope->end - rope->cur), border = rope->tree_len;
    if (len > room && len <= rope->pool->chunk_len / 2) {
        enum rove_status carried = carry(rope, (size_t) carried_room(rope, len), iov, cnt);
        if (carried == ROVE_OK)
            rv_sweep(rope, before);
        if (carried != ROVE_END)
            return carried;
    }
    struct rv_chunk *kept = keep_own(rope, iov, cnt);
    struct rv_growth growth = {.src = cnt == 1 ? iov->iov_base : NULL,
                            .room = (size_t) room,
                            .spare = rv_spare_none(rope->pool)};
    enum rove_status status = len > room ? rv_growth_lay_in(rope, len - room, &growth) : ROVE_OK;
    for (size_t i = 0; i < cnt && status == ROVE_OK; i++)
        copy_in(rope, &growth, &iov[i]);
    if (status == ROVE_OK && len > room && rv_tail_full(rope)) // as take_chunks() has counted
        rv_tail_shed(rope, rv_tail_len(rope), &growth.spare);
    RV_ASSERT(status || (!growth.first && growth.spare.cnt <= 5 * rv_height(rope->root) + 8));
    rv_growth_fini(&growth);
    if (kept)
        rv_chunk_drop(kept);
    if (rope->tree_len - border < ROVE_MERGE_LEN && rope->tree_len != border)
        rv_leaf_tidy(rope, border); // a short tail made way
    if (status == ROVE_OK)
        rv_sweep(rope, before);
    return status;
}

// Where chunks sleep: what would need more of them awake at once than one call may have. Made apart,
// part by part, so that the rope is as it was if that fails.
static enum rove_status append_in_parts(struct rove_rope *rope, const struct iovec *iov, size_t cnt)
{
    struct rove_rope apart;
    rove_rope_init(&apart, rope->pool);
    size_t most = rv_clamp(rv_pool_pin_most(rope->pool), SIZE_MAX);
    most -= most % rope->pool->chunk_len; // by whole chunks: it is one at least
    enum rove_status status = ROVE_OK;
    for (size_t i = 0; i < cnt; i++) {
        struct iovec part = iov[i];
        for (size_t left = iov[i].iov_len; left && status == ROVE_OK; left -= part.iov_len) {
            part.iov_base = (uint8_t *) iov[i].iov_base + (iov[i].iov_len - left);
            part.iov_len = rv_min_size(left, most);
            status = append_at_once(&apart, &part, 1, part.iov_len);
        }
    }
    if (status == ROVE_OK)
        status = rove_rope_concat(rope, &apart);
    rove_rope_fini(&apart);
    return status;
}

enum rove_status rove_rope_append_iov(struct rove_rope *rope, const struct iovec *iov, size_t cnt)
{
    if (!rope || rv_lacks_any(iov, cnt))
        return ROVE_E_ARG;
    uint64_t len = 0;
    for (size_t i = 0; i < cnt; i++)
        if (rv_add_u64(len, iov[i].iov_len, &len))
            return ROVE_E_RANGE;
    if (!rv_may_grow(rope, len))
        return ROVE_E_RANGE;
    bool much = len > rv_pool_pin_most(rope->pool);
    return much ? append_in_parts(rope, iov, cnt) : append_at_once(rope, iov, cnt, len);
}

// Puts the tail into the tree and opens a chunk for want bytes.
static enum rove_status make_way(struct rove_rope *rope, size_t want)
{
    struct rv_growth growth = {.spare = rv_spare_none(rope->pool)};
    enum rove_status status = rv_growth_lay_in(rope, want, &growth);
    if (status == ROVE_OK)
        rv_growth_next(rope, &growth);
    rv_growth_fini(&growth);
    return status;
}

// What is not committed of a chunk is wasted: half of it less a byte at most, which is as much as the content, but for heads
// and nodes. Only when it comes so near is it paid for: who fills half of each chunk would have all of it copied.
static void pay_for_room(struct rove_rope *rope, uint32_t before)
{
    if (RV_UNLIKELY(rope->debt >= rv_min_u64(rope->tree_len - rope->tree_len / 16, UINT32_MAX)))
        rv_sweep(rope, before);
}

enum rove_status rove_rope_reserve(struct rove_rope *rope, size_t len, uint8_t **ptr_out,
                                   size_t *len_out)
{
    if (!rope || !ptr_out || !len_out)
        return ROVE_E_ARG;
    *ptr_out = NULL;
    *len_out = 0;
    if (!len)
        return ROVE_E_ARG;
    if (!rv_may_grow(rope, len))
        return ROVE_E_RANGE;
    size_t want = rv_min_size(len, rope->pool->chunk_len);
    if (rope->cur == rope->end)
        rv_tail_reclaim(rope);
    if ((size_t) (rope->end - rope->cur) <
        want - want / 2) { // less: chunks stay half full at least
        uint32_t before = rope->debt;
        enum rove_status status = rv_tail_len(rope) ? carry(rope, want, NULL, 0) : ROVE_END;
        if (status == ROVE_END)
            status = make_way(rope, want);
        if (status)
            return status;
        pay_for_room(rope, before);
    }
    *ptr_out = rope->cur;
    rope->reserved = rv_tail_off(rope);
    *len_out = (size_t) (rope->end - rope->cur);
    return ROVE_OK;
}

enum rove_status rove_rope_commit(struct rove_rope *rope, size_t len)
{
    if (!rope)
        return ROVE_E_ARG;
    bool given = rope->tail && rope->reserved == rv_tail_off(rope);
    size_t run = given ? (size_t) (rope->end - rope->cur) : 0;
    if (len > run) // what nobody was given may hold another's old bytes
        return ROVE_E_RANGE;
    if (!len)
        return ROVE_OK;
    rope->cur += len;
    rope->reserved = rv_tail_off(rope); // the rest of the run can still be committed
    return ROVE_OK;
}
