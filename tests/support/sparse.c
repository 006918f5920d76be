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

// Where the bytes are read from: one of the two.
struct source {
    struct rove_rope *rope;
    const struct rove_view *view;
};

static bool read_from(struct source from, uint64_t off, uint8_t *buf, size_t len)
{
    size_t got = 0;
    enum rove_status status = from.rope ? rove_rope_read(from.rope, off, buf, len, &got)
                                        : rove_view_read(from.view, off, buf, len, &got);
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

static const char *differs(const struct sparse *model, struct source from, uint64_t len)
{
    uint64_t off = 0;
    if (len != model->len)
        return "the length differs";
    for (size_t i = 0; i < model->cnt; off += model->run[i++].len)
        if (!same_run(from, off, model->run[i]))
            return "the bytes differ";
    return NULL;
}

const char *sparse_differs(const struct sparse *model, struct rove_rope *rope)
{
    return differs(model, (struct source){rope, NULL}, rove_rope_len(rope));
}

const char *sparse_differs_view(const struct sparse *model, const struct rove_view *view)
{
    return differs(model, (struct source){NULL, view}, rove_view_len(view));
}

const char *sparse_differs_at(const struct sparse *model, struct rove_rope *rope, uint64_t off)
{
    uint64_t from = off > ABOUT ? off - ABOUT : 0;
    uint64_t rest = from < model->len ? model->len - from : 0, len = rest < 2 * ABOUT ? rest : 2 * ABOUT;
    struct sparse part = {.cnt = 0};
    if (rove_rope_len(rope) != model->len)
        return "the length differs";
    add_part(&part, model, from, len);
    for (size_t i = 0; i < part.cnt; from += part.run[i++].len)
        if (!same((struct source){rope, NULL}, from, part.run[i].ptr, (size_t) part.run[i].len))
            return "the bytes differ where the edit was";
    return NULL;
}
