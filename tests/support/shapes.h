// SPDX-License-Identifier: MIT
// shapes.h: ropes of a known shape, lengths and offsets on the edges of it, and files to map.
#ifndef TEST_SHAPES_H
#define TEST_SHAPES_H

#include <stddef.h>

#include "support/model.h"

// Bytes in a full leaf of full chunks of the case's pool.
size_t leaf_len(void);

// Appends len bytes a chunk at a time, so that every slice but the first few is a whole chunk.
void twin_grow(struct twin *twin, size_t len);

// A rope of that many full leaves and a tail of one byte.
void twin_of_leaves(struct twin *twin, size_t leaves);

// The lengths 0, 1, chunk and leaf, one less and one more; ascending. Returns how many.
#define EDGE_LENS 8
size_t edge_lens(size_t lens[EDGE_LENS]);

// Offsets from 0 to len on the borders of chunks and leaves and beside them, with some others;
// all of them where len is small. Ascending. Returns how many.
#define EDGE_OFFS 64
size_t edge_offs(size_t offs[EDGE_OFFS], size_t len);

// An unlinked temporary file of these bytes; -1 when there is none to be had.
int file_of(const void *ptr, size_t len);

// Counts the calls of a release function, for adopted memory.
struct releases {
    unsigned cnt;
    const void *ptr;
    size_t len;
};
void note_release(void *releases, const void *ptr, size_t len);

#endif
