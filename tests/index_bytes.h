// SPDX-License-Identifier: MIT
// index_bytes.h: coded data and index files, byte by byte as their formats are described.
//
// Nothing here is the library's: what a format means is written down a second time.
#ifndef ROVE_TESTS_INDEX_BYTES_H
#define ROVE_TESTS_INDEX_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct made {
    uint8_t *ptr; // made_drop()
    size_t len, cap;
};

void made_add(struct made *m, const void *src, size_t len);
void made_number(struct made *m, uint64_t number, unsigned len); // little-endian
void made_drop(struct made *m);

// A plain byte at an offset: letters with repeats.
uint8_t made_plain(uint64_t off);

// places ----------------------------------------------------------------------------------------

#define MADE_POINTS 64u
#define MADE_WINDOW 32768u

struct made_point {
    uint64_t coded, plain;
    uint8_t bits;
    bool windowed; // has a window
    uint32_t head; // bytes of a member's head before it
};

// Data and where decoding can begin in them.
struct made_data {
    struct made coded, plain;
    struct made_point points[MADE_POINTS];
    size_t cnt;
};

void made_data_drop(struct made_data *d);

// Members of bgzf with so many plain bytes each, stored, behind each other; no end marker is added. Points are members.
void made_bgzf(struct made_data *d, const uint32_t *lens, size_t cnt);

// Members of gzip with so many plain bytes each, deflated by zlib, with a name in each head. Points as indexed_gzip has
// them: behind each head, at a border of blocks each `spacing` bytes, and at the end.
void made_gzip(struct made_data *d, const uint32_t *lens, size_t cnt, uint32_t spacing);

// Frames of Zstandard with so many plain bytes each, in raw blocks; UINT32_MAX: a skippable frame. Points are frames.
void made_zstd(struct made_data *d, const uint32_t *lens, size_t cnt);

// files -----------------------------------------------------------------------------------------

// .gzi, for which an entry is each point with plain bytes but the first.
void made_gzi(struct made *m, const struct made_data *d);

// GZIDX of a version, with windows of window_len bytes.
void made_gzidx(struct made *m, const struct made_data *d, unsigned version, uint32_t window_len);

// The skippable frame with a seek table.
void made_table(struct made *m, const struct made_data *d, bool sums);

#endif
