// SPDX-License-Identifier: MIT
// test_oom.c: every allocation of every public function of pool, rope and view fails once.
//
// Each case runs on several shapes of rope, in a fresh pool each time: the n-th allocation of the
// call fails, alone or with all after it, for n = 1, 2, … until none fails any more. After a
// failure all is as it was and the same call succeeds; whatever happened, nothing leaks. The list
// of functions is read from the headers: one without a case fails the test.
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chunk/pool.h"
#include "rope/node.h"
#include "support/headers.h"
#include "support/shapes.h"
#include "support/suite.h"

// what a case works on --------------------------------------------------------------------------

struct stage {
    struct test_alloc alloc;
    struct rove_pool *pool;
    struct twin a, b, out; // a is worked on; b is another; out is for what a call makes
    struct rove_view view; // of b
    struct model view_model;
    struct rove_view out_view;
    struct rove_pool *out_pool;
    size_t mid, len; // a place in the middle of a, and how much to erase or put there
    struct releases noted;
    unsigned adopted; // calls that took memory
    int fd;
};

struct shape {
    const char *name;
    size_t chunk_len, slices, tail;
    bool shared; // a clone, which is b, shares all of a
    bool short_slices; // of 300 bytes, so that an edit may merge what is left of two
};

static const struct shape shapes[] = {
    {"empty", 16, 0, 0, false, false},
    {"a tail only", 4096, 0, 100, false, false},
    {"one leaf", 16, 5, 3, false, false},
    {"some leaves", 3, 3 * RV_FANOUT, 2, false, false},
    {"some shared leaves", 3, 3 * RV_FANOUT, 2, true, false},
    {"a tall tree", 1, 3 * RV_FANOUT *RV_FANOUT, 1, false, false},
    {"a tall shared tree", 1, 3 * RV_FANOUT *RV_FANOUT, 1, true, false},
    {"long slices", 4096, 2 * RV_FANOUT, 700, false, false},
    {"long shared slices", 4096, 2 * RV_FANOUT, 700, true, false},
    {"short slices", 4096, 4 * RV_FANOUT, 100, false, true},
    {"short shared slices", 4096, 4 * RV_FANOUT, 100, true, true},
    {"full chunks", ROVE_CHUNK_LEN_DEFAULT, 3, 1000, true, false},
    {"whole chunks", 1024, 5, 0, false, false},
    {"a full leaf", 1024, RV_FANOUT, 0, false, false},
    {"a full shared leaf", 1024, RV_FANOUT, 0, true, false},
};

static void append_short_slice(struct twin *twin)
{
    const uint8_t *src = noise(600);
    size_t len = twin->model.len;
    CHECK_OK(rove_rope_append_adopt(&twin->rope, src, 600, NULL, NULL));
    model_replace(&twin->model, len, 0, src, 600);
    twin_truncate(twin, len + 300);
}

static void set(struct stage *stage, const struct shape *shape)
{
    memset(stage, 0, sizeof *stage);
    test_alloc_init(&stage->alloc);
    stage->pool = suite_pool_new(&stage->alloc.table, shape->chunk_len);
    twin_init(&stage->a, stage->pool);
    for (size_t i = 0; i < shape->slices; i++) {
        if (shape->short_slices)
            append_short_slice(&stage->a);
        else
            twin_append(&stage->a, shape->chunk_len);
    }
    twin_append(&stage->a, shape->tail);
    if (shape->shared) {
        twin_clone(&stage->b, &stage->a);
    } else {
        twin_init(&stage->b, stage->pool);
        twin_append(&stage->b, 2000);
    }
    size_t from = stage->b.model.len / 7, len = stage->b.model.len / 2;
    CHECK_OK(rove_rope_view(&stage->b.rope, from, len, &stage->view));
    model_copy(&stage->view_model, &stage->b.model, from, len);
    stage->mid = stage->a.model.len / 2;
    stage->len = stage->a.model.len / 3;
    twin_init(&stage->out, stage->pool);
    stage->fd = -1;
    rove_pool_trim(stage->pool); // nothing is kept, so that every need is an allocation
}

static void check_stage(struct stage *stage)
{
    TWIN_CHECK(&stage->a);
    TWIN_CHECK(&stage->b);
    TWIN_CHECK(&stage->out);
    CHECK(model_spans_match(&stage->view, stage->view_model.ptr, stage->view_model.len));
}

static void strike(struct stage *stage)
{
    twin_fini(&stage->a);
    twin_fini(&stage->b);
    twin_fini(&stage->out);
    rove_view_fini(&stage->view);
    rove_view_fini(&stage->out_view);
    model_fini(&stage->view_model);
    rove_pool_unref(stage->out_pool);
    rove_pool_unref(stage->pool);
    if (stage->fd >= 0)
        close(stage->fd);
    CHECK_EQ(stage->adopted, stage->noted.cnt);
    CHECK_EQ(0, test_alloc_live(&stage->alloc));
    CHECK_EQ(0, test_alloc_wrong(&stage->alloc));
    test_alloc_fini(&stage->alloc);
}

// the calls: each changes the models when it succeeds ------------------------------------------

#define PUT_LEN ((size_t) 3000)

static enum rove_status put(struct stage *stage, enum rove_status status, size_t off, size_t del,
                            const void *src, size_t len)
{
    if (status == ROVE_OK)
        model_replace(&stage->a.model, off, del, src, len);
    return status;
}

static enum rove_status call_append(struct stage *stage)
{
    const uint8_t *src = noise(PUT_LEN);
    return put(stage, rove_rope_append(&stage->a.rope, src, PUT_LEN), stage->a.model.len, 0, src,
               PUT_LEN);
}

static enum rove_status call_append_chunk(struct stage *stage)
{
    size_t len = stage->pool->chunk_len;
    const uint8_t *src = noise(len);
    return put(stage, rove_rope_append(&stage->a.rope, src, len), stage->a.model.len, 0, src, len);
}

static enum rove_status call_append_one(struct stage *stage)
{
    return put(stage, rove_rope_append(&stage->a.rope, "x", 1), stage->a.model.len, 0, "x", 1);
}

static enum rove_status call_append_slow(struct stage *stage)
{
    const uint8_t *src = noise(PUT_LEN);
    return put(stage, rove_rope_append_slow(&stage->a.rope, src, PUT_LEN), stage->a.model.len, 0,
               src, PUT_LEN);
}

static enum rove_status call_append_iov(struct stage *stage)
{
    const uint8_t *src = noise(PUT_LEN);
    struct iovec iov[2] = {{(void *) (uintptr_t) src, 100},
                           {(void *) (uintptr_t) (src + 100), PUT_LEN - 100}};
    return put(stage, rove_rope_append_iov(&stage->a.rope, iov, 2), stage->a.model.len, 0, src,
               PUT_LEN);
}

static enum rove_status adopt(struct stage *stage, size_t len)
{
    const uint8_t *src = noise(len);
    unsigned before = stage->noted.cnt;
    stage->adopted++;
    enum rove_status status =
        rove_rope_append_adopt(&stage->a.rope, src, len, note_release, &stage->noted);
    CHECK(status == ROVE_OK || stage->noted.cnt == before + 1); // taken, also on failure
    return put(stage, status, stage->a.model.len, 0, src, len);
}

static enum rove_status call_append_adopt(struct stage *stage)
{
    return adopt(stage, PUT_LEN);
}

static enum rove_status call_append_adopt_small(struct stage *stage)
{
    return adopt(stage, 100);
}

static enum rove_status call_append_zeros(struct stage *stage)
{
    static const uint8_t zeros[200000];
    return put(stage, rove_rope_append_zeros(&stage->a.rope, sizeof zeros), stage->a.model.len, 0,
               zeros, sizeof zeros);
}

static enum rove_status call_append_file(struct stage *stage)
{
    static const uint8_t *bytes;
    if (!bytes)
        bytes = noise(9000);
    if (stage->fd < 0)
        stage->fd = file_of(bytes, 9000);
    return put(stage, rove_rope_append_file(&stage->a.rope, stage->fd, 1000, 8000),
               stage->a.model.len, 0, bytes + 1000, 8000);
}

static enum rove_status call_read_fd(struct stage *stage)
{
    static const uint8_t *bytes;
    size_t got;
    if (!bytes)
        bytes = noise(9000);
    if (stage->fd < 0)
        stage->fd = file_of(bytes, 9000);
    lseek(stage->fd, 1000, SEEK_SET);
    enum rove_status status = rove_rope_read_fd(&stage->a.rope, stage->fd, 8000, &got);
    if (status)
        CHECK_EQ(1000, lseek(stage->fd, 0, SEEK_CUR));
    return put(stage, status, stage->a.model.len, 0, bytes + 1000, got);
}

static enum rove_status call_write_fd(struct stage *stage)
{
    uint64_t done;
    if (stage->fd < 0)
        stage->fd = file_of("", 0);
    enum rove_status status =
        rove_rope_write_fd(&stage->a.rope, stage->fd, stage->a.model.len / 2 + 1, &done);
    CHECK_EQ(done, lseek(stage->fd, 0, SEEK_CUR));
    return put(stage, status, 0, (size_t) done, NULL, 0);
}

static enum rove_status call_take(struct stage *stage)
{
    uint8_t buf[100];
    size_t got;
    enum rove_status status = rove_rope_take(&stage->a.rope, buf, sizeof buf, &got);
    CHECK(!got || memcmp(buf, stage->a.model.ptr, got) == 0);
    return put(stage, status, 0, got, NULL, 0);
}

// The first slice, in most shapes.
static enum rove_status call_take_chunk(struct stage *stage)
{
    static uint8_t buf[ROVE_CHUNK_LEN_DEFAULT];
    size_t got;
    enum rove_status status = rove_rope_take(&stage->a.rope, buf, stage->pool->chunk_len, &got);
    CHECK(!got || memcmp(buf, stage->a.model.ptr, got) == 0);
    return put(stage, status, 0, got, NULL, 0);
}

static enum rove_status call_take_until(struct stage *stage)
{
    uint8_t buf[100];
    size_t got;
    uint64_t at;
    struct rove_span end = {stage->a.model.ptr ? stage->a.model.ptr + stage->mid : NULL,
                            stage->a.model.len > 0};
    if (!end.len)
        return ROVE_OK;
    CHECK_OK(rove_rope_find(&stage->a.rope, 0, end.ptr, 1, &at));
    enum rove_status status = rove_rope_take_until(&stage->a.rope, end, buf, sizeof buf, &got);
    CHECK(status || got == at + 1 || got == sizeof buf);
    return put(stage, status, 0, got, NULL, 0);
}

static enum rove_status call_append_view(struct stage *stage)
{
    return put(stage, rove_rope_append_view(&stage->a.rope, &stage->view), stage->a.model.len, 0,
               stage->view_model.ptr, stage->view_model.len);
}

static enum rove_status call_reserve(struct stage *stage)
{
    uint8_t *run = NULL;
    size_t len = 0;
    enum rove_status status = rove_rope_reserve(&stage->a.rope, PUT_LEN, &run, &len);
    if (status)
        return status;
    const uint8_t *src = noise(len);
    memcpy(run, src, len);
    return put(stage, rove_rope_commit(&stage->a.rope, len), stage->a.model.len, 0, src, len);
}

static enum rove_status call_replace(struct stage *stage)
{
    const uint8_t *src = noise(PUT_LEN);
    return put(stage, rove_rope_replace(&stage->a.rope, stage->mid, stage->len, src, PUT_LEN),
               stage->mid, stage->len, src, PUT_LEN);
}

static enum rove_status call_replace_in_leaf(struct stage *stage)
{
    size_t del = stage->len > 0;
    return put(stage, rove_rope_replace(&stage->a.rope, stage->mid, del, "x", 1), stage->mid, del,
               "x", 1);
}

static enum rove_status call_insert(struct stage *stage)
{
    const uint8_t *src = noise(PUT_LEN);
    return put(stage, rove_rope_insert(&stage->a.rope, stage->mid, src, PUT_LEN), stage->mid, 0,
               src, PUT_LEN);
}

static enum rove_status call_insert_one(struct stage *stage)
{
    return put(stage, rove_rope_insert(&stage->a.rope, stage->mid, "x", 1), stage->mid, 0, "x", 1);
}

static enum rove_status call_erase(struct stage *stage)
{
    return put(stage, rove_rope_erase(&stage->a.rope, stage->mid, stage->len), stage->mid,
               stage->len, NULL, 0);
}

static enum rove_status call_erase_one(struct stage *stage)
{
    size_t del = stage->len > 0;
    return put(stage, rove_rope_erase(&stage->a.rope, stage->mid, del), stage->mid, del, NULL, 0);
}

static enum rove_status call_overwrite(struct stage *stage)
{
    const uint8_t *src = noise(stage->len);
    return put(stage, rove_rope_overwrite(&stage->a.rope, stage->mid, src, stage->len), stage->mid,
               stage->len, src, stage->len);
}

static enum rove_status call_replace_view(struct stage *stage)
{
    return put(stage,
               rove_rope_replace_view(&stage->a.rope, stage->mid, stage->len, &stage->view),
               stage->mid, stage->len, stage->view_model.ptr, stage->view_model.len);
}

static enum rove_status call_insert_rope(struct stage *stage)
{
    return put(stage, rove_rope_insert_rope(&stage->a.rope, stage->mid, &stage->b.rope),
               stage->mid, 0, stage->b.model.ptr, stage->b.model.len);
}

static enum rove_status call_insert_itself(struct stage *stage)
{
    return put(stage, rove_rope_insert_rope(&stage->a.rope, stage->mid, &stage->a.rope),
               stage->mid, 0, stage->a.model.ptr, stage->a.model.len);
}

static enum rove_status call_truncate(struct stage *stage)
{
    return put(stage, rove_rope_truncate(&stage->a.rope, stage->mid), stage->mid,
               stage->a.model.len - stage->mid, NULL, 0);
}

static enum rove_status call_resize(struct stage *stage)
{
    static const uint8_t zeros[70000];
    return put(stage, rove_rope_resize(&stage->a.rope, stage->a.model.len + sizeof zeros),
               stage->a.model.len, 0, zeros, sizeof zeros);
}

static enum rove_status call_resize_shorter(struct stage *stage)
{
    return put(stage, rove_rope_resize(&stage->a.rope, stage->mid), stage->mid,
               stage->a.model.len - stage->mid, NULL, 0);
}

static enum rove_status call_concat(struct stage *stage)
{
    enum rove_status status = rove_rope_concat(&stage->a.rope, &stage->b.rope);
    put(stage, status, stage->a.model.len, 0, stage->b.model.ptr, stage->b.model.len);
    if (status == ROVE_OK)
        stage->b.model.len = 0;
    return status;
}

static enum rove_status call_split(struct stage *stage)
{
    size_t rest = stage->a.model.len - stage->mid;
    rove_rope_fini(&stage->out.rope);
    enum rove_status status = rove_rope_split(&stage->a.rope, stage->mid, &stage->out.rope);
    if (status == ROVE_OK)
        model_copy(&stage->out.model, &stage->a.model, stage->mid, rest);
    return put(stage, status, stage->mid, rest, NULL, 0);
}

static enum rove_status call_compact(struct stage *stage)
{
    return rove_rope_compact(&stage->a.rope);
}

// Writes zeros and has them recognised.
static enum rove_status call_thin(struct stage *stage)
{
    static const uint8_t zeros[128 << 10];
    size_t len = stage->len < sizeof zeros ? stage->len : sizeof zeros;
    enum rove_status status = rove_rope_overwrite(&stage->a.rope, stage->mid, zeros, len);
    status = put(stage, status, stage->mid, len, zeros, len);
    return status ? status : rove_rope_thin(&stage->a.rope, NULL);
}

static enum rove_status call_flatten(struct stage *stage)
{
    const uint8_t *ptr = NULL;
    enum rove_status status = rove_rope_flatten(&stage->a.rope, &ptr);
    size_t len = stage->a.model.len;
    if (status == ROVE_OK)
        CHECK(ptr && (!len || memcmp(ptr, stage->a.model.ptr, len) == 0));
    return status;
}

static enum rove_status call_figures(struct stage *stage)
{
    struct rove_rope_figures figures;
    enum rove_status status = rove_rope_measure(&stage->a.rope, &figures);
    CHECK_EQ(status ? 0 : stage->a.model.len, figures.len);
    return status;
}

// The sentence for "no memory" is not one of an invariant, but it is not NULL either.
static enum rove_status call_check(struct stage *stage)
{
    return rove_rope_check(&stage->a.rope) ? ROVE_E_NOMEM : ROVE_OK;
}

static enum rove_status call_dump(struct stage *stage)
{
    FILE *null = fopen("/dev/null", "w");
    enum rove_status status = rove_rope_dump(&stage->a.rope, null);
    fclose(null);
    return status;
}

static enum rove_status call_read(struct stage *stage)
{
    uint8_t *got = malloc(stage->a.model.len + 1);
    size_t len = 0;
    enum rove_status status =
        rove_rope_read(&stage->a.rope, 0, got, stage->a.model.len + 1, &len);
    CHECK(status || (len == stage->a.model.len && (!len || !memcmp(got, stage->a.model.ptr, len))));
    free(got);
    return status;
}

static enum rove_status call_view(struct stage *stage)
{
    rove_view_fini(&stage->out_view);
    return rove_rope_view(&stage->a.rope, stage->mid / 2, stage->len, &stage->out_view);
}

// Those that cannot fail: a rope through its life, with no memory at all.
static enum rove_status call_life(struct stage *stage)
{
    struct rove_rope one, two, three;
    rove_rope_init(&one, stage->pool);
    rove_rope_clone(&two, &stage->a.rope);
    rove_rope_move(&three, &two);
    CHECK_EQ(stage->a.model.len, rove_rope_len(&three));
    CHECK_EQ(0, rove_rope_len(&two));
    rove_rope_clear(&three);
    CHECK_EQ(0, rove_rope_len(&three));
    rove_rope_fini(&one);
    rove_rope_fini(&two);
    rove_rope_fini(&three);
    return ROVE_OK;
}

static enum rove_status call_view_sub(struct stage *stage)
{
    size_t len = (size_t) rove_view_len(&stage->view);
    rove_view_fini(&stage->out_view);
    return rove_view_sub(&stage->view, len / 3, len / 3, &stage->out_view);
}

static enum rove_status call_view_read(struct stage *stage)
{
    uint8_t got[64], byte = 0;
    size_t len = 0;
    enum rove_status status = rove_view_read(&stage->view, 0, got, sizeof got, &len);
    if (status == ROVE_OK && len) {
        CHECK(memcmp(got, stage->view_model.ptr, len) == 0);
        status = rove_view_byte(&stage->view, 0, &byte);
        CHECK_EQ(stage->view_model.ptr[0], byte);
    }
    return status;
}

static enum rove_status call_view_compare(struct stage *stage)
{
    struct rove_view all;
    int order = 99;
    enum rove_status status = rove_rope_view(&stage->b.rope, 0, stage->b.model.len, &all);
    if (status == ROVE_OK)
        status = rove_view_compare(&all, &all, &order);
    CHECK(status || order == 0);
    rove_view_fini(&all);
    return status;
}

static enum rove_status call_view_find(struct stage *stage)
{
    const struct model *model = &stage->view_model;
    uint64_t pos = 99;
    int starts = 0, ends = 0;
    size_t len = model->len < 40 ? model->len : 40;
    enum rove_status status = rove_view_find(&stage->view, 0, model->ptr, len, &pos);
    CHECK(status || pos == 0);
    if (status == ROVE_OK && len)
        status = rove_view_find_byte(&stage->view, 0, model->ptr[0], &pos);
    if (status == ROVE_OK)
        status = rove_view_starts(&stage->view, model->ptr, len, &starts);
    if (status == ROVE_OK)
        status = rove_view_ends(&stage->view, model->ptr + model->len - len, len, &ends);
    CHECK(status || (starts && ends));
    return status;
}

static enum rove_status call_cursor(struct stage *stage)
{
    struct rove_cursor cursor;
    struct rove_span span;
    uint64_t len = 0;
    enum rove_status status = rove_cursor_init(&cursor, &stage->view, 0);
    while (status == ROVE_OK) {
        status = rove_cursor_next(&cursor, &span);
        len += span.len;
    }
    rove_cursor_fini(&cursor);
    CHECK(status != ROVE_END || len == stage->view_model.len);
    return status == ROVE_END ? ROVE_OK : status;
}

static enum rove_status call_view_iov(struct stage *stage)
{
    struct iovec iov[16];
    size_t cnt = 16;
    uint64_t len, done = 0;
    enum rove_status status = rove_view_iov(&stage->view, 0, iov, &cnt, &len);
    if (status)
        return status;
    rove_view_unpin(&stage->view, 0, cnt);
    if (stage->fd < 0)
        stage->fd = file_of("", 0);
    status = rove_view_write_fd(&stage->view, 0, stage->fd, &done);
    CHECK(status || done == stage->view_model.len);
    return status;
}

static enum rove_status call_pool_new(struct stage *stage)
{
    struct rove_pool_opts opts = {.size = sizeof opts, .allocator = &stage->alloc.table};
    rove_pool_unref(stage->out_pool);
    enum rove_status status = rove_pool_new(&opts, &stage->out_pool);
    CHECK((status == ROVE_OK) == (stage->out_pool != NULL));
    return status;
}

static enum rove_status call_pool_rest(struct stage *stage)
{
    struct rove_pool_figures figures;
    CHECK(rove_pool_ref(stage->pool) == stage->pool);
    rove_pool_measure(stage->pool, &figures);
    CHECK_EQ(rove_pool_chunk_len(stage->pool), figures.chunk_len);
    rove_pool_trim(stage->pool);
    rove_pool_unref(stage->pool);
    CHECK(rove_pool_default() != NULL);
    return ROVE_OK;
}

// the table -------------------------------------------------------------------------------------

struct oom_case {
    const char *functions; // those that the call is a case for
    enum rove_status (*call)(struct stage *stage);
};

static const struct oom_case oom_cases[] = {
    {"rove_pool_new", call_pool_new},
    {"rove_pool_default rove_pool_measure rove_pool_measure_all rove_pool_chunk_len rove_pool_trim "
     "rove_pool_ref rove_pool_unref",
     call_pool_rest},
    {"rove_rope_init rove_rope_clone rove_rope_move rove_rope_len rove_rope_clear rove_rope_fini",
     call_life},
    {"rove_rope_read", call_read},
    {"rove_rope_view", call_view},
    {"rove_rope_measure", call_figures},
    {"rove_rope_check", call_check},
    {"rove_rope_dump", call_dump},
    {"rove_rope_append", call_append},
    {"rove_rope_append", call_append_one},
    {"rove_rope_append", call_append_chunk},
    {"rove_rope_append_slow", call_append_slow},
    {"rove_rope_append_iov", call_append_iov},
    {"rove_rope_append_adopt", call_append_adopt},
    {"rove_rope_append_adopt", call_append_adopt_small},
    {"rove_rope_append_zeros", call_append_zeros},
    {"rove_rope_append_file", call_append_file},
    {"rove_rope_append_view", call_append_view},
    {"rove_rope_read_fd", call_read_fd},
    {"rove_rope_write_fd", call_write_fd},
    {"rove_rope_take", call_take},
    {"rove_rope_take", call_take_chunk},
    {"rove_rope_take_until rove_rope_find", call_take_until},
    {"rove_rope_reserve rove_rope_commit", call_reserve},
    {"rove_rope_replace", call_replace},
    {"rove_rope_replace", call_replace_in_leaf},
    {"rove_rope_insert", call_insert},
    {"rove_rope_insert", call_insert_one},
    {"rove_rope_erase", call_erase},
    {"rove_rope_erase", call_erase_one},
    {"rove_rope_overwrite", call_overwrite},
    {"rove_rope_replace_view", call_replace_view},
    {"rove_rope_insert_rope", call_insert_rope},
    {"rove_rope_insert_rope", call_insert_itself},
    {"rove_rope_truncate", call_truncate},
    {"rove_rope_resize", call_resize},
    {"rove_rope_resize", call_resize_shorter},
    {"rove_rope_concat", call_concat},
    {"rove_rope_split", call_split},
    {"rove_rope_compact", call_compact},
    {"rove_rope_thin", call_thin},
    {"rove_rope_flatten", call_flatten},
    {"rove_view_sub rove_view_len rove_view_fini", call_view_sub},
    {"rove_view_read rove_view_byte", call_view_read},
    {"rove_view_compare", call_view_compare},
    {"rove_view_find rove_view_find_byte rove_view_starts rove_view_ends", call_view_find},
    {"rove_cursor_init rove_cursor_next rove_cursor_next_slow rove_cursor_fini", call_cursor},
    {"rove_view_iov rove_view_unpin rove_view_write_fd", call_view_iov},
};

#define OOM_CASES (sizeof oom_cases / sizeof *oom_cases)

// failing ---------------------------------------------------------------------------------------

static uint64_t sites, refused, tolerated;

// Lets the n-th allocation of a call fail. Returns whether there was one.
static bool fail_at(const struct oom_case *it, const struct shape *shape, uint64_t n,
                    bool persistent)
{
    struct stage stage;
    set(&stage, shape);
    test_alloc_arm(&stage.alloc, n, persistent);
    enum rove_status status = it->call(&stage);
    uint64_t failed = test_alloc_failed(&stage.alloc);
    test_alloc_arm(&stage.alloc, 0, false);
    sites += failed > 0;
    refused += status != ROVE_OK;
    tolerated += failed && status == ROVE_OK;
    bool right = CHECK(status == ROVE_OK || (status == ROVE_E_NOMEM && failed));
    check_stage(&stage);
    if (status) { // all is as it was, so it goes well now
        right = CHECK_OK(it->call(&stage)) && right;
        check_stage(&stage);
    }
    strike(&stage);
    if (!right)
        suite_note("%s on %s, allocation %" PRIu64 "%s", it->functions, shape->name, n,
                   persistent ? " and all after it" : "");
    return failed > 0;
}

static void fail_all(const struct oom_case *it, bool persistent)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        uint64_t n = 1, all = suite_scaled(400); // of hundreds of like chunks one in some will do
        while (fail_at(it, &shapes[i], n, persistent))
            n += n < all ? 1 : 1 + n * 20 / all;
    }
}

static void each_allocation_fails_alone(void)
{
    for (size_t i = 0; i < OOM_CASES; i++)
        fail_all(&oom_cases[i], false);
}

static void each_allocation_fails_with_all_after_it(void)
{
    for (size_t i = 0; i < OOM_CASES; i++)
        fail_all(&oom_cases[i], true);
    suite_note("%" PRIu64 " failed allocations, %" PRIu64 " calls refused, %" PRIu64
               " did without", sites, refused, tolerated);
    CHECK(sites >= suite_scaled(2000));
    CHECK(tolerated > 0 && tolerated < refused / 10); // merging is put off when there is no memory
}

// coverage --------------------------------------------------------------------------------------

static bool names(const char *list, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = strstr(list, name); at; at = strstr(at + 1, name))
        if ((at == list || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
            return true;
    return false;
}

static void every_function_of_the_headers_has_a_case(void)
{
    struct header_function list[128];
    size_t cnt = header_functions(ROVE_INCLUDE_DIR "/pool.h", list, 0, 128), can_fail = 0;
    CHECK(cnt >= 7);
    cnt = header_functions(ROVE_INCLUDE_DIR "/rope.h", list, cnt, 128);
    CHECK(cnt >= 7 + 30);
    cnt = header_functions(ROVE_INCLUDE_DIR "/view.h", list, cnt, 128);
    CHECK(cnt >= 7 + 30 + 15);
    for (size_t i = 0; i < cnt; i++) {
        bool found = false;
        for (size_t k = 0; k < OOM_CASES && !found; k++)
            found = names(oom_cases[k].functions, list[i].name);
        if (!CHECK(found))
            suite_note("%s() has no case here", list[i].name);
        can_fail += list[i].can_fail;
    }
    suite_note("%zu functions covered, %zu of them can fail", cnt, can_fail);
}

static const struct suite_case cases[] = {
    SUITE_CASE(every_function_of_the_headers_has_a_case),
    SUITE_CASE(each_allocation_fails_alone),
    SUITE_CASE(each_allocation_fails_with_all_after_it),
};

int main(int argc, char **argv)
{
    return suite_run(argc, argv,
                     &(struct suite){"test_oom", cases, sizeof cases / sizeof *cases, false});
}
