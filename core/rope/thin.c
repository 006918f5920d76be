// SPDX-License-Identifier: MIT
// thin.c: zeros are recognised and need no memory any more.
//
// The content does not change, so each run of zeros is an edit of its own: those made stay when a
// later one fails.
#include <rove/view.h>

#include "rope/append.h"
#include "rope/edit.h"
#include "rope/read.h"

#include <string.h>

static bool is_zero(struct rove_span span)
{
    const uint8_t *at = span.ptr;
    return !at[0] && memcmp(at, at + 1, span.len - 1) == 0;
}

// What one slice is.
struct finding {
    uint64_t len;
    bool zeros; // all zero, and long enough to be replaced
    bool costs; // not the shared zeros
};

// Looks at the slice that begins at off.
static enum rove_status look(struct rove_rope *rope, uint64_t off, struct finding *out)
{
    struct rove_view view;
    struct rove_cursor cursor;
    struct rove_span span = {NULL, 0};
    enum rove_status status = rove_rope_view(rope, off, rope->tree_len - off, &view);
    if (status)
        return status;
    status = rove_cursor_init(&cursor, &view, 0);
    if (status == ROVE_OK)
        status = rove_cursor_next(&cursor, &span);
    if (status == ROVE_OK) {
        out->len = span.len;
        out->costs = !rv_chunk_is_zeros(rv_cursor_chunk(&cursor));
        out->zeros = span.len > ROVE_MERGE_LEN && is_zero(span);
    }
    rove_cursor_fini(&cursor);
    rove_view_fini(&view);
    return status;
}

static enum rove_status replace_by_zeros(struct rove_rope *rope, uint64_t off, uint64_t len)
{
    struct rove_rope zeros;
    rove_rope_init(&zeros, rope->pool);
    enum rove_status status = rv_append_zeros(&zeros, len);
    if (status == ROVE_OK)
        status = rv_edit_rope(rope, off, len, &zeros);
    rove_rope_fini(&zeros);
    return status;
}

enum rove_status rove_rope_thin(struct rove_rope *rope, uint64_t *len_out)
{
    if (!rope)
        return ROVE_E_ARG;
    uint64_t run = 0, costs = 0, replaced = 0; // of the zeros that end at off
    enum rove_status status = ROVE_OK;
    rv_edit_begin();
    for (uint64_t off = 0; status == ROVE_OK && off < rope->tree_len;) {
        struct finding found;
        status = look(rope, off, &found);
        if (status)
            break;
        off += found.len;
        if (found.zeros) {
            run += found.len;
            costs += found.costs ? found.len : 0;
            if (off < rope->tree_len)
                continue;
        }
        uint64_t end = found.zeros ? off : off - found.len;
        if (costs)
            status = replace_by_zeros(rope, end - run, run);
        if (status == ROVE_OK)
            replaced += costs;
        run = costs = 0;
    }
    rv_edit_end();
    if (len_out)
        *len_out = replaced;
    return status;
}
