// SPDX-License-Identifier: MIT
// sparse.h: what a rope of up to 2^63 - 1 bytes should be: runs of zeros and runs of noise.
//
// A run of bytes points at memory that never changes (noise() in model.h), so that models are cut and
// put together by their runs alone.
#ifndef TEST_SPARSE_H
#define TEST_SPARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rove/stream.h>
#include <rove/view.h>

#define SPARSE_RUNS 1000

struct sparse_run {
    uint64_t len;
    const uint8_t *ptr; // NULL: zeros
};

// No more than SPARSE_RUNS runs, or the program ends: who edits at random looks at cnt.
struct sparse {
    uint64_t len;
    size_t cnt;
    struct sparse_run run[SPARSE_RUNS];
};

// Makes a model of one run.
void sparse_make(struct sparse *to, const uint8_t *ptr, uint64_t len);

// Replaces [off, off + del) by all of another model, not the same one.
void sparse_replace(struct sparse *to, uint64_t off, uint64_t del, const struct sparse *mid);

// Makes `to` the bytes [off, off + len) of another model, or the same one.
void sparse_copy(struct sparse *to, const struct sparse *from, uint64_t off, uint64_t len);

// Compares length and bytes: all of the runs of noise, of those of zeros the ends and a place between.
// NULL, or what differs.
const char *sparse_differs(const struct sparse *model, struct rove_rope *rope);
const char *sparse_differs_view(const struct sparse *model, const struct rove_view *view);

const char *sparse_differs_stream(const struct sparse *model, struct rove_stream *stream);

// Compares only the bytes about an offset.
const char *sparse_differs_at(const struct sparse *model, struct rove_rope *rope, uint64_t off);
const char *sparse_differs_stream_at(const struct sparse *model, struct rove_stream *stream,
                                     uint64_t off);

#endif
