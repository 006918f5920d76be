// SPDX-License-Identifier: MIT
// view.c: pinning, and walking span by span.
#include <rove/view.h>

#include "base/arith.h"
#include "base/copy.h"
#include "base/given.h"
#include "rope/read.h"
#include "rope/tail.h"

#include <string.h>

// life ------------------------------------------------------------------------------------------

// A view holds its pool by what it holds of the tree or the tail, where that is of the same pool: a hold of its own would be
// two locked operations more. Only an empty one, and one of what came from elsewhere, count themselves as well.
static inline bool counts_itself(const struct rove_pool *pool, const struct rv_node *root,
                                 const struct rv_chunk *tail)
{
    return !pool->immortal && !(root && root->pool == pool) && !(tail && tail->pool == pool);
}

// Fills a view of [off, off + len) and holds the parts of the source that it touches.
static void view_hold(struct rove_view *view, const struct rove_view *all, uint64_t off,
                      uint64_t len)
{
    bool tree = len && off < all->tree_len, tail = len && off + len > all->tree_len;
    *view = (struct rove_view){.off = off, .len = len, .pool = all->pool};
    if (tree) {
        view->root = rv_node_ref(all->root);
        view->tree_len = all->tree_len;
    } else {
        view->off = len ? off - all->tree_len : 0;
    }
    if (tail) {
        view->tail = rv_chunk_ref(all->tail);
        view->tail_at = all->tail_at;
        view->tail_len = all->tail_len;
    }
    bool zeroed = !view->pool; // as an empty view may be
    if (!zeroed && counts_itself(view->pool, view->root, view->tail))
        rv_pool_hold(view->pool);
}

static enum rove_status no_view(struct rove_view *view_out, enum rove_status why)
{
    memset(view_out, 0, sizeof *view_out);
    return why;
}

// In general.
static RV_LONG_WAY enum rove_status view_any(struct rove_rope *rope, uint64_t off, uint64_t len,
                                             struct rove_view *view_out)
{
    if (!view_out)
        return ROVE_E_ARG;
    if (!rope || !rv_within(off, len, rove_rope_len(rope)))
        return no_view(view_out, rope ? ROVE_E_RANGE : ROVE_E_ARG);
    struct rove_view all = {
        .root = rope->root, .tree_len = rope->tree_len, .tail = rope->tail, .pool = rope->pool};
    if (off + len > rope->tree_len && len) {
        rv_tail_show(rope);
        all.tail_at = rope->base;
        all.tail_len = rv_tail_len(rope);
    }
    view_hold(view_out, &all, off, len);
    return ROVE_OK;
}

// Most often the window is all in a tree of the rope's pool: 38 instructions instead of 67.
enum rove_status rove_rope_view(struct rove_rope *rope, uint64_t off, uint64_t len,
                                struct rove_view *view_out)
{
    if (RV_UNLIKELY(!rope || !view_out || !len || !rv_within(off, len, rope->tree_len)))
        return view_any(rope, off, len, view_out);
    struct rv_node *root = rope->root;
    struct rove_pool *pool = rope->pool;
    if (RV_UNLIKELY(root->pool != pool))
        return view_any(rope, off, len, view_out);
    rv_count_up(&root->refs);
    *view_out = (struct rove_view){
        .root = root, .tree_len = rope->tree_len, .off = off, .len = len, .pool = pool};
    return ROVE_OK;
}

enum rove_status rove_view_sub(const struct rove_view *view, uint64_t off, uint64_t len,
                               struct rove_view *sub_out)
{
    if (!sub_out || sub_out == view)
        return ROVE_E_ARG;
    if (!view || !rv_within(off, len, view->len))
        return no_view(sub_out, view ? ROVE_E_RANGE : ROVE_E_ARG);
    view_hold(sub_out, view, view->off + off, len);
    return ROVE_OK;
}

// In general.
static RV_LONG_WAY void fini_any(struct rove_view *view)
{
    const struct rove_view was = *view;
    bool counted = counts_itself(was.pool, was.root, was.tail);
    memset(view, 0, sizeof *view); // before a release function is called
    rv_node_unref_shared(was.root);
    if (was.tail)
        rv_chunk_unref(was.tail);
    if (counted)
        rv_pool_let_go(was.pool);
}

void rove_view_fini(struct rove_view *view)
{
    if (!view || !view->pool)
        return;
    struct rv_node *root = view->root;
    if (RV_UNLIKELY(!root || view->tail || root->pool != view->pool)) {
        fini_any(view);
        return;
    }
    memset(view, 0, sizeof *view);
    if (RV_UNLIKELY(rv_count_down_shared(&root->refs)))
        rv_node_gone(root);
}

// reading ---------------------------------------------------------------------------------------

// In general.
static RV_LONG_WAY enum rove_status read_any(const struct rove_view *view, uint64_t off, void *buf, size_t len,
                                             size_t *len_out)
{
    if (len_out)
        *len_out = 0;
    if (!view || rv_lacks(buf, len))
        return ROVE_E_ARG;
    if (off > view->len)
        return ROVE_E_RANGE;
    len = rv_clamp(view->len - off, len);
    uint64_t at = view->off + off;
    size_t in_tree = at < view->tree_len ? rv_clamp(view->tree_len - at, len) : 0;
    enum rove_status status = rv_tree_read(view->root, at, buf, in_tree);
    if (status == ROVE_OK && len > in_tree) {
        struct rv_entry tail = {view->tail_len, view->tail, view->tail_at};
        status = rv_slice_read(tail, at + in_tree - view->tree_len, (uint8_t *) buf + in_tree,
                               len - in_tree);
    }
    if (status == ROVE_OK && len_out)
        *len_out = len;
    return status;
}

// Most often it is in one slice of the tree, and nothing sleeps anywhere.
enum rove_status rove_view_read(const struct rove_view *view, uint64_t off, void *buf, size_t len,
                                size_t *len_out)
{
    if (RV_UNLIKELY(!view || !buf || off > view->len || rv_switch_is_on(&rv_chunks_sleep)))
        return read_any(view, off, buf, len, len_out);
    uint64_t at = view->off + off, most = view->len - off;
    if (RV_UNLIKELY(at >= view->tree_len))
        return read_any(view, off, buf, len, len_out);
    struct rv_found found = rv_byte_find(view->root, at);
    len = rv_clamp(most, len);
    if (RV_UNLIKELY(len > found.len))
        return read_any(view, off, buf, len, len_out);
    if (len_out)
        *len_out = len;
    rv_copy_cold(buf, found.ptr, len);
    return ROVE_OK;
}

enum rove_status rove_view_byte(const struct rove_view *view, uint64_t off, uint8_t *byte_out)
{
    if (!view || !byte_out)
        return ROVE_E_ARG;
    if (off >= view->len)
        return ROVE_E_RANGE;
    return rove_view_read(view, off, byte_out, 1, NULL);
}

// cursor ----------------------------------------------------------------------------------------

enum rove_status rove_cursor_init(struct rove_cursor *cursor, const struct rove_view *view,
                                  uint64_t off)
{
    if (!cursor)
        return ROVE_E_ARG;
    *cursor = (struct rove_cursor){.view = view, .pos = view ? off : 0};
    if (!view)
        return ROVE_E_ARG;
    return off <= view->len ? ROVE_OK : ROVE_E_RANGE;
}

void rove_cursor_fini(struct rove_cursor *cursor)
{
    if (!cursor)
        return;
    if (cursor->pinned)
        rv_chunk_unpin(cursor->pinned);
    cursor->pinned = NULL;
}

// Finds the leaf and slice of the cursor's place in the tree. Returns how far into the slice it is.
static uint64_t descend(struct rove_cursor *cursor)
{
    const struct rv_node *node = cursor->view->root;
    uint64_t rest = cursor->view->off + cursor->pos;
    while (node->level) {
        cursor->above = node;
        cursor->nth = rv_node_find(node, &rest);
        node = rv_kid(node, cursor->nth);
    }
    cursor->leaf = node;
    cursor->idx = rv_node_find(node, &rest);
    return rest;
}

// The same at the end of a leaf, where the next one has most often the same node above it.
static uint64_t next_leaf(struct rove_cursor *cursor)
{
    const struct rv_node *above = cursor->above;
    if (!above || cursor->nth + 1 == above->cnt)
        return descend(cursor);
    cursor->leaf = rv_kid(above, ++cursor->nth);
    cursor->idx = 0;
    return 0;
}

// Makes known ahead the slices from the cursor's on that are all in the view. For where nothing sleeps: that may be
// asked once for all of them, as chunks that are there before the first pool that spills never sleep.
static void know_ahead(struct rove_cursor *cursor)
{
    const struct rv_node *leaf = cursor->leaf;
    uint64_t left = cursor->view->len - cursor->pos;
    unsigned i = cursor->idx;
    if (!i && leaf->total <= left) {
        i = leaf->cnt;
        left -= leaf->total;
    }
    for (; i < leaf->cnt && leaf->len[i] <= left; i++)
        left -= leaf->len[i];
    cursor->at = leaf->at;
    cursor->len = leaf->len;
    cursor->ahead = i;
    cursor->pos = cursor->view->len - left;
}

// A span that is known to be the next.
static enum rove_status give(struct rove_cursor *cursor, struct rove_span *span_out)
{
    uint32_t i = cursor->idx++;
    *span_out = (struct rove_span){cursor->at[i], (size_t) cursor->len[i]};
    return ROVE_OK;
}

// Some bytes of a slice, as far as they lie in the view.
static enum rove_status give_some(struct rove_cursor *cursor, struct rv_entry slice, uint64_t skip,
                                  struct rove_span *span_out)
{
    uint64_t len = rv_min_u64(slice.len - skip, cursor->view->len - cursor->pos);
    enum rove_status status = rv_chunk_pin(slice.ptr);
    if (status) {
        cursor->leaf = NULL; // and finds its place again
        return status;
    }
    *span_out = (struct rove_span){slice.at + skip, (size_t) len};
    cursor->pinned = slice.ptr;
    cursor->pos += len;
    cursor->ahead = ++cursor->idx;
    return ROVE_OK;
}

enum rove_status rove_cursor_next_slow(struct rove_cursor *cursor, struct rove_span *span_out)
{
    if (!cursor || !span_out || !cursor->view)
        return ROVE_E_ARG;
    const struct rove_view *view = cursor->view;
    rove_cursor_fini(cursor);
    *span_out = (struct rove_span){NULL, 0};
    if (cursor->pos >= view->len)
        return ROVE_END;
    uint64_t at = view->off + cursor->pos, skip = 0;
    if (at >= view->tree_len) {
        cursor->leaf = NULL;
        struct rv_entry tail = {view->tail_len, view->tail, view->tail_at};
        return give_some(cursor, tail, at - view->tree_len, span_out);
    }
    if (!cursor->leaf)
        skip = descend(cursor);
    else if (cursor->idx == cursor->leaf->cnt)
        skip = next_leaf(cursor);
    cursor->ahead = cursor->idx; // also where waking fails
    if (!skip && !rv_switch_is_on(&rv_chunks_sleep)) {
        know_ahead(cursor);
        if (cursor->idx < cursor->ahead)
            return give(cursor, span_out);
    }
    return give_some(cursor, rv_node_entry(cursor->leaf, cursor->idx), skip, span_out);
}

void rv_cursor_leave(struct rove_cursor *cursor, uint8_t *some, size_t cap, struct rove_span *span)
{
    RV_ASSERT(cursor->idx == cursor->ahead); // what may sleep is not known ahead
    size_t len = rv_min_size(span->len, cap);
    memcpy(some, span->ptr, len);
    rove_cursor_fini(cursor);
    cursor->pos -= span->len - len; // and finds its place in the tree again
    cursor->leaf = NULL;
    *span = (struct rove_span){some, len};
}

enum rove_status rv_cursor_next_some(struct rove_cursor *cursor, uint8_t *some, size_t cap,
                                     struct rove_span *span_out)
{
    enum rove_status status = rove_cursor_next(cursor, span_out);
    if (status == ROVE_OK && rv_chunk_is_guest(rv_cursor_chunk(cursor)))
        rv_cursor_leave(cursor, some, cap, span_out);
    return status;
}
