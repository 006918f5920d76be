// SPDX-License-Identifier: MIT
// wire.c: a rope's two ends on descriptors: read behind the last byte, written from the first.
#include <rove/view.h>

#include "base/arith.h"
#include "base/os.h"
#include "rope/front.h"
#include "rope/growth.h"
#include "rope/iov.h"
#include "rope/leaf.h"
#include "rope/read.h"
#include "rope/sweep.h"

#include <errno.h>

#define CHUNKS_MOST 15u // behind the tail's room

// The room at the end, and the chunks that were laid in behind it, at most len bytes of all.
static int lay_out(const struct rove_rope *rope, const struct rv_growth *growth, size_t len,
                   struct iovec *iov)
{
    size_t room = rv_min_size(len, (size_t) (rope->end - rope->cur));
    int cnt = 0;
    iov[cnt++] = (struct iovec){rope->cur, room};
    len -= room;
    for (const struct rv_chunk *chunk = growth->first; chunk && len; chunk = chunk->next) {
        size_t part = rv_min_size(len, chunk->cap);
        iov[cnt++] = (struct iovec){chunk->data, part};
        len -= part;
    }
    return cnt;
}

// Counts what was read as appended.
static void count(struct rove_rope *rope, struct rv_growth *growth, size_t len)
{
    uint64_t border = rope->tree_len;
    bool laid_in = growth->first;
    while (len) {
        if (rope->cur == rope->end)
            rv_growth_next(rope, growth);
        size_t part = rv_min_size(len, (size_t) (rope->end - rope->cur));
        rope->cur += part;
        len -= part;
    }
    if (laid_in && rv_tail_full(rope))
        rv_tail_shed(rope, rv_tail_len(rope), &growth->spare);
    if (rope->tree_len - border < ROVE_MERGE_LEN && rope->tree_len != border)
        rv_leaf_tidy(rope, border); // a short tail made way
}

static enum rove_status read_once(int fd, const struct iovec *iov, int cnt, size_t *len_out)
{
    ssize_t n;
    do
        n = rv_os()->readv(fd, iov, cnt);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return rv_iov_why();
    *len_out = (size_t) n;
    return n ? ROVE_OK : ROVE_END;
}

// Room for the first bytes. What there is behind the tail is enough if it is worth a piece, as more is laid in behind that: to
// make way for half of len would leave half of each chunk unused where little comes at a time.
static enum rove_status begin_room(struct rove_rope *rope, size_t len, size_t *room_out)
{
    uint8_t *ptr;
    if (rope->cur == rope->end)
        rv_tail_reclaim(rope);
    *room_out = (size_t) (rope->end - rope->cur);
    return *room_out >= rv_min_size(len, ROVE_MERGE_LEN) ? ROVE_OK : rove_rope_reserve(rope, len, &ptr, room_out);
}

enum rove_status rove_rope_read_fd(struct rove_rope *rope, int fd, size_t len, size_t *len_out)
{
    size_t n = 0, room;
    if (len_out)
        *len_out = 0;
    if (!rope || !len)
        return ROVE_E_ARG;
    len = rv_clamp(ROVE_LEN_MAX - rove_rope_len(rope), len);
    if (!len)
        return ROVE_E_RANGE;
    enum rove_status status = begin_room(rope, len, &room);
    if (status)
        return status;
    rope->reserved = RV_NO_RUN; // nobody is given it
    uint64_t most = rv_min_u64(room + (uint64_t) CHUNKS_MOST * rope->pool->chunk_len,
                               rv_pool_pin_most(rope->pool));
    len = rv_clamp(most, len);
    struct iovec iov[1 + CHUNKS_MOST];
    struct rv_growth growth = {.room = room, .spare = rv_spare_none(rope->pool)};
    if (len > room && rv_growth_lay_in(rope, len - room, &growth) != ROVE_OK) {
        rv_growth_fini(&growth); // what there is makes do
        growth = (struct rv_growth){.spare = rv_spare_none(rope->pool)};
        len = room;
    }
    status = read_once(fd, iov, lay_out(rope, &growth, len, iov), &n);
    int err = errno;
    if (n)
        count(rope, &growth, n);
    rv_growth_fini(&growth);
    errno = err;
    if (len_out)
        *len_out = n;
    return status;
}

enum rove_status rove_rope_write_fd(struct rove_rope *rope, int fd, uint64_t len, uint64_t *len_out)
{
    size_t n = 0;
    if (len_out)
        *len_out = 0;
    if (!rope)
        return ROVE_E_ARG;
    struct rove_view front = rv_rope_borrow(rope);
    front.len = rv_min_u64(front.len, len);
    if (!front.len)
        return ROVE_OK;
    uint32_t before = rope->debt;
    struct rv_spare spare = rv_spare_none(rope->pool);
    spare.to_shrink = true;
    enum rove_status status = rv_spare_fill(&spare, rv_front_need(rope)); // what is written must be dropped
    if (status == ROVE_OK)
        status = rv_iov_write(&front, 0, fd, &n);
    int err = errno;
    rv_front_drop(rope, n, &spare);
    rv_sweep_end(rope, before, &spare);
    errno = err;
    if (len_out)
        *len_out = n;
    return status;
}
