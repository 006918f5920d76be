// SPDX-License-Identifier: MIT
// sparse.c: runs are cut, put together and compared here.
#include "support/sparse.h"

#include <stdlib.h>
#include <string.h>

#define PIECE 4096u // bytes compared at once
#define ABOUT 200u  // bytes of zeros compared at a place

static void add(struct sparse *to, struct sparse_run run)
{
    struct sparse_run *last = to->cnt ? &to->run[to->cnt - 1] : NULL;
    if (!run.len)
        return;
    to->len += run.len;
    if (last && (run.ptr ? last->ptr && last->ptr + last->len == run.ptr : !last->ptr)) {
        last->len += run.len;
        return;
    }
    if (to->cnt == SPARSE_RUNS)
        abort();
    to->run[to->cnt++] = run;
}

static void add_part(struct sparse *to, const struct sparse *from, uint64_t off, uint64_t len)
{
    for (size_t i = 0; i < from->cnt && len; i++) {
        struct sparse_run run = from->run[i];
        if (off >= run.len) {
            off -= run.len;
            continue;
        }
        run.len -= off;
        if (run.ptr)
            run.ptr += off;
        if (run.len > len)
            run.len = len;
        len -= run.len;
        off = 0;
        add(to, run);
    }
}

void sparse_make(struct sparse *to, const uint8_t *ptr, uint64_t len)
{
    to->len = to->cnt = 0;
    add(to, (struct sparse_run){len, ptr});
}

void sparse_copy(struct sparse *to, const struct sparse *from, uint64_t off, uint64_t len)
{
    struct sparse part = {.cnt = 0};
    add_part(&part, from, off, len);
    *to = part;
}

void sparse_replace(struct sparse *to, uint64_t off, uint64_t del, const struct sparse *mid)
{
    struct sparse now = {.cnt = 0};
    add_part(&now, to, 0, off);
    add_part(&now, mid, 0, mid->len);
    add_part(&now, to, off + del, to->len - off - del);
    *to = now;
}

// comparing -------------------------------------------------------------------------------------

// Where the bytes are read from: one of the three.
struct source {
    struct rove_rope *rope;
    const struct rove_view *view;
    struct rove_stream *stream;
};

static uint64_t len_of(struct source from)
{
    uint64_t len = 0;
    if (from.stream && rove_stream_size(from.stream, &len) != ROVE_OK)
        return UINT64_MAX;
    return from.rope ? rove_rope_len(from.rope) : from.view ? rove_view_len(from.view) : len;
}

static bool read_from(struct source from, uint64_t off, uint8_t *buf, size_t len)
{
    size_t got = 0;
    enum rove_status status = from.rope   ? rove_rope_read(from.rope, off, buf, len, &got)
                              : from.view ? rove_view_read(from.view, off, buf, len, &got)
                                          : rove_stream_pread(from.stream, off, buf, len, &got);
    return status == ROVE_OK && got == len;
}

static bool same(struct source from, uint64_t off, const uint8_t *ptr, size_t len)
{
    static const uint8_t zeros[PIECE];
    uint8_t got[PIECE];
    for (size_t n; len; len -= n, off += n) {
        n = len < PIECE ? len : PIECE;
        if (!read_from(from, off, got, n) || memcmp(got, ptr ? ptr : zeros, n) != 0)
            return false;
        if (ptr)
            ptr += n;
    }
    return true;
}

static bool same_run(struct source from, uint64_t off, struct sparse_run run)
{
    if (run.ptr || run.len <= 3 * ABOUT)
        return same(from, off, run.ptr, (size_t) run.len);
    uint64_t between = (run.len ^ off) % (run.len - ABOUT);
    return same(from, off, NULL, ABOUT) && same(from, off + between, NULL, ABOUT) &&
           same(from, off + run.len - ABOUT, NULL, ABOUT);
}

static const char *differs(const struct sparse *model, struct source from)
{
    uint64_t off = 0;
    if (len_of(from) != model->len)
        return "the length differs";
    for (size_t i = 0; i < model->cnt; off += model->run[i++].len)
        if (!same_run(from, off, model->run[i]))
            return "the bytes differ";
    return NULL;
}

static const char *differs_at(const struct sparse *model, struct source from, uint64_t at)
{
    uint64_t off = at > ABOUT ? at - ABOUT : 0, rest = off < model->len ? model->len - off : 0;
    struct sparse part = {.cnt = 0};
    if (len_of(from) != model->len)
        return "the length differs";
    add_part(&part, model, off, rest < 2 * ABOUT ? rest : 2 * ABOUT);
    for (size_t i = 0; i < part.cnt; off += part.run[i++].len)
        if (!same(from, off, part.run[i].ptr, (size_t) part.run[i].len))
            return "the bytes differ where the edit was";
    return NULL;
}

const char *sparse_differs(const struct sparse *model, struct rove_rope *rope)
{
    return differs(model, (struct source){.rope = rope});
}

const char *sparse_differs_view(const struct sparse *model, const struct rove_view *view)
{
    return differs(model, (struct source){.view = view});
}

const char *sparse_differs_stream(const struct sparse *model, struct rove_stream *stream)
{
    return differs(model, (struct source){.stream = stream});
}

const char *sparse_differs_at(const struct sparse *model, struct rove_rope *rope, uint64_t off)
{
    return differs_at(model, (struct source){.rope = rope}, off);
}

const char *sparse_differs_stream_at(const struct sparse *model, struct rove_stream *stream,
                                     uint64_t off)
{
    return differs_at(model, (struct source){.stream = stream}, off);
}
