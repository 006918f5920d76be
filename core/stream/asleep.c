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

void rv_asleep_end(struct rv_stream *s, uint8_t **piece)
{
    if (*piece)
        rv_through_unlend(s->pool, *piece);
    *piece = NULL;
}

static bool has_piece(struct rv_stream *s, uint8_t **piece)
{
    if (!*piece)
        *piece = rv_through_lend(s->pool);
    return *piece;
}

enum rove_status rv_asleep_open(struct rv_stream *s, uint8_t **piece, struct rv_entry slice,
                                uint64_t rest)
{
    struct rv_chunk *chunk = slice.ptr;
    if (!can_read(s, chunk) || !has_piece(s, piece)) {
        rv_asleep_end(s, piece);
        return ROVE_END;
    }
    size_t piece_len = s->pool->spill->piece_len;
    size_t skip = (size_t) (slice.at + rest - chunk->data) % piece_len;
    size_t back = rv_clamp(rest, skip); // of the piece as much as the slice has
    size_t len = rv_clamp(slice.len - (rest - back), piece_len - (skip - back));
    enum rove_status status = rv_chunk_read(chunk, slice.at + (rest - back), *piece, len);
    if (status)
        return status;
    rv_window_open(s, *piece, s->base_pos - back);
    s->win.cur += back;
    s->win.rend += len;
    return ROVE_OK;
}

enum rove_status rv_asleep_read(struct rv_stream *s, uint8_t **piece, struct rv_found found, void *buf,
                                size_t *len)
{
    struct rv_chunk *chunk = rv_slice_chunk(found.leaf, found.i);
    if (!can_read(s, chunk) || (*len < s->pool->spill->piece_len && has_piece(s, piece)))
        return ROVE_END;
    *len = rv_clamp(found.len, *len);
    enum rove_status status = rv_chunk_read(chunk, found.ptr, buf, *len);
    if (status == ROVE_OK)
        s->base_pos += *len;
    return status;
}
