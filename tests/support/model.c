// SPDX-License-Identifier: MIT
// model.c: the flat array, and the comparison of a rope with it.
#include "support/model.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "support/edits.h"
#include "support/suite.h"

// model -----------------------------------------------------------------------------------------

void model_fini(struct model *model)
{
    free(model->ptr);
    memset(model, 0, sizeof *model);
}

static void reserve(struct model *model, size_t len)
{
    if (len <= model->cap)
        return;
    model->cap = len * 2;
    model->ptr = realloc(model->ptr, model->cap);
    if (!model->ptr)
        abort();
}

void model_replace(struct model *model, size_t off, size_t del, const void *src, size_t len)
{
    uint8_t *own = NULL; // the source may be our own bytes
    if (len && model->ptr && (const uint8_t *) src >= model->ptr &&
        (const uint8_t *) src < model->ptr + model->cap) {
        own = malloc(len);
        if (!own)
            abort();
        src = memcpy(own, src, len);
    }
    reserve(model, model->len - del + len + 1);
    memmove(model->ptr + off + len, model->ptr + off + del, model->len - off - del);
    if (len)
        memcpy(model->ptr + off, src, len);
    model->len = model->len - del + len;
    free(own);
}

void model_copy(struct model *to, const struct model *from, size_t off, size_t len)
{
    to->len = 0;
    if (len)
        model_replace(to, 0, 0, from->ptr + off, len);
}

bool model_spans_match(const struct rove_view *view, const uint8_t *bytes, size_t len)
{
    struct rove_cursor cursor;
    struct rove_span span;
    size_t at = 0;
    if (rove_view_len(view) != len || rove_cursor_init(&cursor, view, 0) != ROVE_OK)
        return false;
    enum rove_status status;
    while ((status = rove_cursor_next(&cursor, &span)) == ROVE_OK) {
        if (!span.len || span.len > len - at || memcmp(span.ptr, bytes + at, span.len) != 0)
            break;
        at += span.len;
    }
    rove_cursor_fini(&cursor);
    return status == ROVE_END && at == len;
}

static uint8_t noise_bytes[2 * NOISE_LEN];

static void make_noise(void)
{
    struct rng rng = rng_from(42);
    for (size_t i = 0; i < sizeof noise_bytes; i += sizeof(uint64_t)) {
        uint64_t word = rng_next(&rng);
        memcpy(noise_bytes + i, &word, sizeof word);
    }
}

const uint8_t *noise(size_t len)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    static _Thread_local size_t at;
    pthread_once(&once, make_noise);
    at = (at + 1013) % NOISE_LEN;
    return len <= NOISE_LEN ? noise_bytes + at : NULL;
}

// twin ------------------------------------------------------------------------------------------

void twin_init(struct twin *twin, struct rove_pool *pool)
{
    rove_rope_init(&twin->rope, pool);
    memset(&twin->model, 0, sizeof twin->model);
}

void twin_fini(struct twin *twin)
{
    rove_rope_fini(&twin->rope);
    model_fini(&twin->model);
}

void twin_clone(struct twin *to, struct twin *from)
{
    rove_rope_clone(&to->rope, &from->rope);
    memset(&to->model, 0, sizeof to->model);
    model_copy(&to->model, &from->model, 0, from->model.len);
}

bool twin_append(struct twin *twin, size_t len)
{
    const uint8_t *src = noise(len);
    if (!CHECK_OK(rove_rope_append(&twin->rope, src, len)))
        return false;
    model_replace(&twin->model, twin->model.len, 0, src, len);
    return true;
}

bool twin_insert(struct twin *twin, size_t off, size_t len)
{
    const uint8_t *src = noise(len);
    if (!CHECK_OK(rove_rope_insert(&twin->rope, off, src, len)))
        return false;
    model_replace(&twin->model, off, 0, src, len);
    return true;
}

bool twin_erase(struct twin *twin, size_t off, size_t del)
{
    if (!CHECK_OK(rove_rope_erase(&twin->rope, off, del)))
        return false;
    model_replace(&twin->model, off, del, NULL, 0);
    return true;
}

bool twin_replace(struct twin *twin, size_t off, size_t del, size_t len)
{
    const uint8_t *src = noise(len);
    if (!CHECK_OK(rove_rope_replace(&twin->rope, off, del, src, len)))
        return false;
    model_replace(&twin->model, off, del, src, len);
    return true;
}

bool twin_overwrite(struct twin *twin, size_t off, size_t len)
{
    const uint8_t *src = noise(len);
    if (!CHECK_OK(rove_rope_overwrite(&twin->rope, off, src, len)))
        return false;
    model_replace(&twin->model, off, len, src, len);
    return true;
}

bool twin_truncate(struct twin *twin, size_t len)
{
    if (!CHECK_OK(rove_rope_truncate(&twin->rope, len)))
        return false;
    twin->model.len = len;
    return true;
}

void twin_check_at(struct twin *twin, const char *file, unsigned line)
{
    struct suite_at at = {file, line, "the twins are alike"};
    struct rove_view all;
    suite_check_sound(at, &twin->rope);
    if (!suite_check_bytes(at, &twin->rope, twin->model.ptr, twin->model.len))
        return;
    suite_check_is(at, ROVE_OK, rove_rope_view(&twin->rope, 0, twin->model.len, &all));
    at.text = "the twins are alike span by span";
    suite_check(at, model_spans_match(&all, twin->model.ptr, twin->model.len));
    rove_view_fini(&all);
}
