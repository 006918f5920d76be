// SPDX-License-Identifier: MIT
// held.c: taking bytes out of a rope by count.
//
// The chunks are held, not the tree, as a view would: a stream that nobody reads on keeps no more than its parts need. Who
// writes over what is held, or behind it, does it elsewhere, as where a view is held. Nothing that may sleep is held.
#include "filter/held.h"

#include "base/arith.h"
#include "rope/tail.h"
#include "stream/rope_device.h"

static struct rv_piece piece_at(const struct rove_rope *rope, uint64_t pos, size_t len)
{
    if (pos >= rope->tree_len)
        return (struct rv_piece){{rope->base + (pos - rope->tree_len), len}, rope->tail};
    struct rv_found found = rv_byte_find(rope->root, pos);
    return (struct rv_piece){{found.ptr, rv_clamp(found.len, len)}, rv_slice_chunk(found.leaf, found.i)};
}

// Finds the pieces of [pos, pos + len); 0: there are too many.
static unsigned find(const struct rove_rope *rope, uint64_t pos, size_t len, struct rv_piece *pieces)
{
    unsigned cnt = 0;
    for (size_t n; len && cnt < RV_HELD_MOST; pos += n, len -= n) {
        pieces[cnt] = piece_at(rope, pos, len);
        n = pieces[cnt++].span.len;
    }
    return len ? 0 : cnt;
}

static unsigned hold(struct rv_rope_stream *r, size_t len, struct rv_piece *pieces)
{
    struct rove_rope *rope = &r->rope;
    uint64_t pos = r->s.base_pos, all = rove_rope_len(rope);
    unsigned cnt = len <= all && pos <= all - len ? find(rope, pos, len, pieces) : 0;
    if (cnt && pos + len > rope->tree_len)
        rv_tail_show(rope);
    for (unsigned i = 0; i < cnt; i++)
        rv_chunk_double(rv_chunk_ref(pieces[i].chunk));
    return cnt;
}

bool rv_held_could(const struct rv_chain *chain, size_t len)
{
    const struct rv_stream *s = rv_stream(chain->source);
    const struct rv_rope_stream *r = rv_rope_stream(rv_stream(chain->source));
    uint64_t pos = s->base_pos + (uint64_t) (chain->shown.rend - chain->in.len - s->base);
    uint64_t all = r ? rove_rope_len(&r->rope) : 0;
    return len <= all && pos <= all - len;
}

unsigned rv_held_take(struct rv_chain *chain, size_t len, struct rv_piece *pieces)
{
    struct rove_stream *source = chain->source;
    struct rv_rope_stream *r = source ? rv_rope_stream(rv_stream(source)) : NULL;
    if (!r || r->s.error || rv_switch_is_on(&rv_chunks_sleep))
        return 0;
    rv_stream_show(&r->s, chain->shown);
    source->cur = source->rend - chain->in.len; // what was taken
    rv_rope_window_drop(&r->s);
    unsigned cnt = hold(r, len, pieces);
    if (cnt) {
        r->s.base_pos += len;
        chain->in_total += len;
    }
    if (rv_rope_window_fill(&r->s) == ROVE_OK) // it is busy: nobody else may ask it
        chain->in = (struct rove_in){source->cur, (size_t) (source->rend - source->cur)};
    else
        chain->in = (struct rove_in){NULL, 0}; // it is at its end
    chain->shown = rv_stream_hide(&r->s);
    return cnt;
}
