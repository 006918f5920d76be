// SPDX-License-Identifier: MIT
// asleep.c: windows on pieces of what sleeps, and reads past them.
#include "stream/asleep.h"

#include "base/arith.h"
#include "chunk/through.h"

// The stream's memory and its chunk's are of one pool as a rule; where not, the chunk wakes.
static bool can_read(const struct rv_stream *s, const struct rv_chunk *chunk)
{
    return rv_chunk_is_asleep(chunk) && chunk->pool == s->pool;
}

enum rove_status rv_asleep_open(struct rv_stream *s, const struct rv_found *found,
                                uint8_t **piece_out)
{
    struct rv_chunk *chunk = rv_slice_chunk(found->leaf, found->i);
    uint8_t *piece = can_read(s, chunk) ? rv_through_lend(s->pool) : NULL;
    if (!piece)
        return ROVE_END;
    size_t piece_len = s->pool->spill->piece_len;
    size_t skip = (size_t) (found->ptr - chunk->data) % piece_len;
    size_t before = (size_t) (found->ptr - found->leaf->at[found->i]);
    size_t back = rv_min_size(before, skip); // of the piece as much as the slice has
    size_t len = back + rv_clamp(found->len, piece_len - skip);
    enum rove_status status = rv_chunk_read(chunk, found->ptr - back, piece, len);
    if (status) {
        rv_through_unlend(s->pool, piece);
        return status;
    }
    rv_window_open(s, piece, rv_stream_pos(s) - back);
    s->win.cur += back;
    s->win.rend += len;
    *piece_out = piece;
    return ROVE_OK;
}

enum rove_status rv_asleep_read(struct rv_stream *s, const struct rv_found *found, void *buf,
                                size_t *len)
{
    struct rv_chunk *chunk = rv_slice_chunk(found->leaf, found->i);
    if (!can_read(s, chunk))
        return ROVE_END;
    *len = rv_clamp(found->len, *len);
    enum rove_status status = rv_chunk_read(chunk, found->ptr, buf, *len);
    if (status == ROVE_OK)
        s->base_pos += *len;
    return status;
}
