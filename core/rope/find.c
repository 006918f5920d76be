// SPDX-License-Identifier: MIT
// find.c: comparing and searching views, across chunk borders.
#include <rove/view.h>

#include "base/arith.h"
#include "base/given.h"
#include "rope/read.h"

#include <string.h>

static size_t span_min(const struct rove_span *a, const struct rove_span *b)
{
    return rv_min_size(a->len, b->len);
}

static void span_skip(struct rove_span *span, size_t len)
{
    span->ptr += len;
    span->len -= len;
}

// Compares len bytes of two walks; order as memcmp().
static enum rove_status compare_walks(struct rove_cursor *a, struct rove_cursor *b, uint64_t len,
                                      int *order_out)
{
    struct rove_span x = {NULL, 0}, y = {NULL, 0};
    uint8_t some_x[RV_SOME_LEN], some_y[RV_SOME_LEN];
    enum rove_status status = ROVE_OK;
    for (*order_out = 0; len && !*order_out; ) {
        if (!x.len)
            status = rv_cursor_next_some(a, some_x, sizeof some_x, &x);
        if (!y.len && status == ROVE_OK)
            status = rv_cursor_next_some(b, some_y, sizeof some_y, &y);
        if (status)
            return status;
        size_t n = rv_clamp(len, span_min(&x, &y));
        if (x.ptr != y.ptr) // shared bytes are equal without a look
            *order_out = memcmp(x.ptr, y.ptr, n);
        span_skip(&x, n);
        span_skip(&y, n);
        len -= n;
    }
    return ROVE_OK;
}

enum rove_status rove_view_compare(const struct rove_view *a, const struct rove_view *b,
                                   int *order_out)
{
    if (!a || !b || !order_out)
        return ROVE_E_ARG;
    struct rove_cursor x, y;
    *order_out = 0;
    enum rove_status status = rove_cursor_init(&x, a, 0);
    if (status == ROVE_OK)
        status = rove_cursor_init(&y, b, 0);
    if (status)
        return status;
    status = compare_walks(&x, &y, rv_min_u64(a->len, b->len), order_out);
    rove_cursor_fini(&x);
    rove_cursor_fini(&y);
    if (status == ROVE_OK && !*order_out)
        *order_out = a->len < b->len ? -1 : a->len > b->len;
    return status;
}

// Tells whether len bytes at ptr stand at off, which leaves room for them.
static enum rove_status equal_at(const struct rove_view *view, uint64_t off, const uint8_t *ptr,
                                 size_t len, int *yes_out)
{
    struct rove_cursor cursor;
    struct rove_span span;
    enum rove_status status = rove_cursor_init(&cursor, view, off);
    for (*yes_out = 1; len && status == ROVE_OK && *yes_out;) {
        status = rove_cursor_next(&cursor, &span);
        if (status == ROVE_OK) {
            size_t n = rv_min_size(span.len, len);
            *yes_out = memcmp(span.ptr, ptr, n) == 0;
            ptr += n;
            len -= n;
        }
    }
    *yes_out = *yes_out && status == ROVE_OK;
    rove_cursor_fini(&cursor);
    return status;
}

enum rove_status rove_view_starts(const struct rove_view *view, const void *ptr, size_t len,
                                  int *yes_out)
{
    if (!view || rv_lacks(ptr, len) || !yes_out)
        return ROVE_E_ARG;
    *yes_out = 0;
    return len > view->len ? ROVE_OK : equal_at(view, 0, ptr, len, yes_out);
}

enum rove_status rove_view_ends(const struct rove_view *view, const void *ptr, size_t len,
                                int *yes_out)
{
    if (!view || rv_lacks(ptr, len) || !yes_out)
        return ROVE_E_ARG;
    *yes_out = 0;
    return len > view->len ? ROVE_OK : equal_at(view, view->len - len, ptr, len, yes_out);
}

enum rove_status rove_view_find_byte(const struct rove_view *view, uint64_t from, uint8_t byte,
                                     uint64_t *pos_out)
{
    if (!view || !pos_out)
        return ROVE_E_ARG;
    struct rove_cursor cursor;
    struct rove_span span;
    enum rove_status status = rove_cursor_init(&cursor, view, from);
    const uint8_t *at = NULL;
    uint64_t pos = from; // of the span
    while (status == ROVE_OK && (status = rove_cursor_next(&cursor, &span)) == ROVE_OK) {
        at = memchr(span.ptr, byte, span.len);
        if (at)
            break;
        pos += span.len;
    }
    if (at)
        *pos_out = pos + (uint64_t) (at - span.ptr);
    rove_cursor_fini(&cursor);
    return status;
}

// One span's share of a search: a run wholly inside it, or one that begins in it and goes on.
static enum rove_status find_in_span(const struct rove_view *view, struct rove_span span,
                                     uint64_t span_off, struct rove_span what, uint64_t *pos_out)
{
    const uint8_t *at = memmem(span.ptr, span.len, what.ptr, what.len);
    if (at) {
        *pos_out = span_off + (uint64_t) (at - span.ptr);
        return ROVE_OK;
    }
    size_t tail = rv_min_size(span.len, what.len - 1);
    at = span.ptr + span.len - tail;
    while ((at = memchr(at, what.ptr[0], (size_t) (span.ptr + span.len - at)))) {
        uint64_t pos = span_off + (uint64_t) (at - span.ptr);
        if (view->len - pos < what.len)
            return ROVE_END;
        int yes;
        enum rove_status status = equal_at(view, pos, what.ptr, what.len, &yes);
        *pos_out = pos;
        if (status || yes)
            return status;
        at++;
    }
    return ROVE_END;
}

enum rove_status rove_view_find(const struct rove_view *view, uint64_t from, const void *ptr,
                                size_t len, uint64_t *pos_out)
{
    if (!view || rv_lacks(ptr, len) || !pos_out)
        return ROVE_E_ARG;
    struct rove_cursor cursor;
    uint8_t some[RV_SOME_LEN];
    enum rove_status status = rove_cursor_init(&cursor, view, from);
    uint64_t pos = from, span_off = from;
    bool found = status == ROVE_OK && !len;
    while (status == ROVE_OK && !found) {
        struct rove_span span;
        status = rv_cursor_next_some(&cursor, some, sizeof some, &span);
        if (status)
            break;
        struct rove_span what = {ptr, len};
        status = find_in_span(view, span, span_off, what, &pos);
        span_off += span.len;
        found = status == ROVE_OK;
        if (status == ROVE_END)
            status = ROVE_OK;
    }
    rove_cursor_fini(&cursor);
    if (found)
        *pos_out = pos;
    return status;
}
