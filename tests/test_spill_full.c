// SPDX-License-Identifier: MIT
// test_spill_full.c: drawn edits of ropes that lie mostly in a file, on a disk that is full now and then.
//
// A call that fails leaves both ropes as they were, and says that the disk is full, whatever it did behind that: it gives
// back what it had laid in, and pays for what was wasted before. What is copied out comes at any time.
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "spill_kit.h"
#include "support/edits.h"
#include "support/suite.h"

#define CHUNK ((size_t) 4096)
#define LIMIT ((uint64_t) 128 << 10)
#define LEN_MAX ((size_t) LIMIT)
enum { ROPES = 4 };

struct scene {
    struct rng rng;
    struct rove_pool *pool;
    struct rove_rope rope[ROPES];
    struct model model[ROPES];
    unsigned full, refused;
};

static bool went(struct scene *s, enum rove_status status)
{
    int err = errno;
    if (status == ROVE_OK)
        return true;
    if (CHECK(status == ROVE_E_IO || status == ROVE_E_LIMIT) && status == ROVE_E_IO)
        CHECK_EQ(ENOSPC, err);
    *(status == ROVE_E_IO ? &s->full : &s->refused) += 1;
    return false;
}

static void replace(struct scene *s, unsigned i)
{
    struct model *m = &s->model[i];
    size_t off = rng_off(&s->rng, CHUNK, m->len), len = rng_len(&s->rng, CHUNK, 5 * CHUNK);
    size_t left = m->len - off, del = rng_len(&s->rng, CHUNK, left < 2 * CHUNK ? left : 2 * CHUNK);
    const uint8_t *src = noise(len);
    enum rove_status status;
    if (m->len > LEN_MAX) {
        len = 0;
    } else if (rng_below(&s->rng, 3) == 0) {
        off = m->len, del = 0;
    } else if (rng_below(&s->rng, 2)) {
        len = len < m->len - off ? len : m->len - off;
        del = len;
    }
    if (off == m->len)
        status = rove_rope_append(&s->rope[i], src, len);
    else if (del == len)
        status = rove_rope_overwrite(&s->rope[i], off, src, len);
    else
        status = rove_rope_replace(&s->rope[i], off, del, src, len);
    if (went(s, status))
        model_replace(m, off, del, src, len);
}

static void share(struct scene *s, unsigned i, unsigned j)
{
    struct model *from = &s->model[j];
    size_t off = rng_off(&s->rng, CHUNK, from->len), len = rng_len(&s->rng, CHUNK, from->len - off);
    size_t at = rng_off(&s->rng, CHUNK, s->model[i].len);
    struct rove_view view;
    struct model copy = {.len = 0};
    if (s->model[i].len > LEN_MAX || !went(s, rove_rope_view(&s->rope[j], off, len, &view)))
        return;
    model_copy(&copy, from, off, len);
    if (went(s, rove_rope_replace_view(&s->rope[i], at, 0, &view)))
        model_replace(&s->model[i], at, 0, copy.ptr, len);
    model_fini(&copy);
    rove_view_fini(&view);
}

static void concat(struct scene *s, unsigned i, unsigned j)
{
    if (i == j || s->model[i].len > LEN_MAX || !went(s, rove_rope_concat(&s->rope[i], &s->rope[j])))
        return;
    model_replace(&s->model[i], s->model[i].len, 0, s->model[j].ptr, s->model[j].len);
    s->model[j].len = 0;
}

static void split(struct scene *s, unsigned i, unsigned j)
{
    struct model *m = &s->model[i];
    size_t off = rng_off(&s->rng, CHUNK, m->len);
    if (i == j || s->model[j].len) // what is there is not dropped
        return;
    rove_rope_fini(&s->rope[j]);
    s->model[j].len = 0;
    if (!went(s, rove_rope_split(&s->rope[i], off, &s->rope[j])))
        return;
    model_copy(&s->model[j], m, off, m->len - off);
    model_replace(m, off, m->len - off, NULL, 0);
}

static void look(struct scene *s, unsigned i)
{
    static uint8_t buf[8 * LIMIT];
    struct model *m = &s->model[i];
    CHECK_EQ(m->len, rove_rope_len(&s->rope[i]));
    CHECK(m->len <= sizeof buf);
    CHECK_OK(rove_rope_read(&s->rope[i], 0, buf, m->len, NULL));
    CHECK(!m->len || memcmp(buf, m->ptr, m->len) == 0);
    CHECK_SOUND(&s->rope[i]);
}

// What sleeps can be shown whatever the disk does.
static void show(struct scene *s, unsigned i)
{
    struct model *m = &s->model[i];
    struct rove_view view;
    struct rove_cursor cursor;
    struct rove_span span;
    size_t off = 0;
    enum rove_status status;
    if (!went(s, rove_rope_view(&s->rope[i], 0, m->len, &view)))
        return;
    CHECK_OK(rove_cursor_init(&cursor, &view, 0));
    while ((status = rove_cursor_next(&cursor, &span)) == ROVE_OK) {
        CHECK(span.len <= m->len - off && memcmp(span.ptr, m->ptr + off, span.len) == 0);
        off += span.len;
    }
    CHECK_IS(ROVE_END, status);
    CHECK_EQ(m->len, off);
    rove_cursor_fini(&cursor);
    rove_view_fini(&view);
}

static void step(struct scene *s)
{
    unsigned i = (unsigned) rng_below(&s->rng, ROPES), j = (unsigned) rng_below(&s->rng, ROPES);
    size_t what = rng_below(&s->rng, 40);
    struct kit_plan plan = {.call = KIT_PWRITE, .err = rng_below(&s->rng, 2) ? ENOSPC : 0};
    plan.at = 1 + (unsigned) rng_below(&s->rng, 3);
    plan.times = (unsigned) rng_below(&s->rng, 4); // 0: to the end of the call
    if (rng_below(&s->rng, 2))
        rove_pool_trim(s->pool); // nodes, too, have to be made room for
    kit_os_arm(&plan);
    if (what < 3)
        split(s, i, j);
    else if (what < 10)
        concat(s, i, j);
    else if (what == 10)
        share(s, i, j);
    else
        replace(s, i);
    look(s, i);
    look(s, j);
    if (rng_below(&s->rng, 8) == 0)
        show(s, j);
    kit_os_off();
}

static void edits_when_the_disk_is_full_now_and_then(void)
{
    struct scene s = {.rng = rng_from(suite_seed())};
    struct kit_pool how = {.chunk_len = CHUNK, .limit = LIMIT, .flags = ROVE_POOL_SPILL, .watched = true};
    s.pool = kit_pool_new(&how);
    for (unsigned i = 0; i < ROPES; i++)
        rove_rope_init(&s.rope[i], s.pool);
    uint64_t steps = suite_scaled(20000);
    for (uint64_t n = 0; n < steps; n++)
        step(&s);
    suite_note("%" PRIu64 " edits, %u refused by the disk, %u by the limit; slept %" PRIu64, steps, s.full, s.refused,
               kit_figures(s.pool).sleep_cnt);
    CHECK(s.full > steps / 500);
    for (unsigned i = 0; i < ROPES; i++) {
        look(&s, i);
        rove_rope_fini(&s.rope[i]);
        model_fini(&s.model[i]);
    }
    kit_check_peak(s.pool);
    rove_pool_unref(s.pool);
}

// Joining finds no node, since nothing can be put to sleep just then; what was wasted before is paid for all the same, and
// for that something can.
static void a_call_that_fails_pays_its_debts_and_says_why_it_failed(void)
{
    enum { SMALL = 2000 };
    static struct rove_rope small[SMALL];
    unsigned told = 0, cnt;
    for (unsigned at = 1; at <= 8; at++) {
        struct kit_pool how = {.chunk_len = CHUNK, .limit = LIMIT, .flags = ROVE_POOL_SPILL, .watched = true};
        struct kit_plan plan = {.call = KIT_PWRITE, .err = ENOSPC, .at = at, .times = 1};
        struct rove_pool *pool = kit_pool_new(&how);
        struct rove_rope left, right;
        rove_rope_init(&left, pool);
        rove_rope_init(&right, pool);
        CHECK_OK(text_append(&right, 1, 0, 2 * LIMIT, 1000));
        CHECK_OK(text_append(&left, 1, 0, 2 * LIMIT, 1000));
        for (uint64_t off = 0; off < LIMIT; off += 1200)
            CHECK_OK(rove_rope_erase(&left, off, 1000));
        left.debt = 4 * CHUNK;
        uint64_t len = rove_rope_len(&left);
        rove_pool_trim(pool);
        for (cnt = 0; cnt < SMALL && kit_figures(pool).held + 300 < LIMIT - LIMIT / 8; cnt++) { // no node more
            rove_rope_init(&small[cnt], pool);
            CHECK_OK(rove_rope_append(&small[cnt], "x", 1));
        }
        kit_os_arm(&plan);
        enum rove_status status = rove_rope_concat(&left, &right);
        int err = errno;
        kit_os_off();
        CHECK(status == ROVE_OK || (status == ROVE_E_IO && err == ENOSPC && rove_rope_len(&left) == len));
        told += status == ROVE_E_IO;
        while (cnt > 0)
            rove_rope_fini(&small[--cnt]);
        rove_rope_fini(&left);
        rove_rope_fini(&right);
        rove_pool_unref(pool);
    }
    CHECK(told > 0);
}

static const struct suite_case cases[] = {
    SUITE_CASE(edits_when_the_disk_is_full_now_and_then),
    SUITE_CASE(a_call_that_fails_pays_its_debts_and_says_why_it_failed),
};

int main(int argc, char **argv)
{
    static const struct suite suite = {.name = "full disk", .cases = cases, .cnt = sizeof cases / sizeof *cases};
    return suite_run(argc, argv, &suite);
}
