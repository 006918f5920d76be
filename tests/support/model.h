// SPDX-License-Identifier: MIT
// model.h: what a rope should be: a flat array; and a twin, a rope with its model beside it.
//
// A twin's calls do the same to both. The bytes come from a fixed stream of noise, so a byte in
// the wrong place is all but sure to differ. twin_check() compares all: invariants, length, bytes
// read at once, bytes read span by span.
#ifndef TEST_MODEL_H
#define TEST_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rove/rope.h>
#include <rove/view.h>

struct model {
    uint8_t *ptr;
    size_t len, cap;
};

void model_fini(struct model *model);
void model_replace(struct model *model, size_t off, size_t del, const void *src, size_t len);
void model_copy(struct model *to, const struct model *from, size_t off, size_t len);

// Tells whether a view holds the bytes, span by span.
bool model_spans_match(const struct rove_view *view, const uint8_t *bytes, size_t len);

// len bytes of noise, at most NOISE_LEN; the next call gives others. Valid for ever. Any thread.
#define NOISE_LEN ((size_t) 5 << 19)
const uint8_t *noise(size_t len);

struct twin {
    struct rove_rope rope;
    struct model model;
};

void twin_init(struct twin *twin, struct rove_pool *pool);
void twin_fini(struct twin *twin);
void twin_clone(struct twin *to, struct twin *from);
bool twin_append(struct twin *twin, size_t len);
bool twin_insert(struct twin *twin, size_t off, size_t len);
bool twin_erase(struct twin *twin, size_t off, size_t del);
bool twin_replace(struct twin *twin, size_t off, size_t del, size_t len);
bool twin_overwrite(struct twin *twin, size_t off, size_t len);
bool twin_truncate(struct twin *twin, size_t len);

// With checks that are counted, at a place of the caller's.
void twin_check_at(struct twin *twin, const char *file, unsigned line);
#define TWIN_CHECK(twin) twin_check_at(twin, __FILE__, __LINE__)

#endif
