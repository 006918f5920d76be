// SPDX-License-Identifier: MIT
// index_kit.h: what the tests of indexes share: a codec that can be begun in the middle, sources that count, and what
// is sound.
//
// "steps", which only decodes:   'S' win:u16   ( 'B' len:u16 len coded bytes )…   'E'      as often as one likes
//
// A coded byte is the plain one xor the one win bytes before it since 'S', if there is one. Decoding can begin at every
// 'S' and, with the last win bytes, at every 'B'. With a win of 0 the headers tell all.
#ifndef TEST_INDEX_KIT_H
#define TEST_INDEX_KIT_H

#include "chain_kit.h"
#include "seek/index.h"

#include <rove/rove.h>
#include <string.h>

// Registers it once: steps:lie=WORD,hops=B. hops=no: nothing is told without decoding. lie: what the third step is said
// to be.
void index_codec_register(void);
extern const char *const index_lies[]; // NULL-ended; the first is none

// Appends what decodes to the bytes, as blocks of block_len.
void index_put(struct kit_bytes *coded, unsigned win, struct kit_bytes plain, size_t block_len);

// Bytes laid end to end; frees a.
void index_append(struct kit_bytes *a, const void *ptr, size_t len);

// A source over bytes that it borrows, which seeks, tells its length, and counts what it is asked.
struct index_source {
    struct kit_bytes data;
    size_t at;
    uint64_t reads, read_len, seeks;
    uint64_t fail_at;     // number of the read that fails, from 1; 0: none
    enum rove_status why; // with which
    size_t hidden;        // bytes at the end that are there no more when they are read
};
struct rove_stream *index_source_stream(struct index_source *source);

// Makes an index of bytes.
enum rove_status index_of(struct kit_bytes coded, const char *spec, uint64_t every,
                          const struct rove_limits *limits, struct rove_index **index_out);

// Reads a stream that marks to its end, over the same.
enum rove_status index_read(struct kit_bytes coded, const char *spec, uint64_t every,
                            const struct rove_limits *limits, struct rove_index **index_out);

// Decodes each part by itself and compares.
bool index_is_sound(const struct rove_index *index, struct kit_bytes coded, struct kit_bytes plain);

// Whether they say the same.
bool index_same(const struct rove_index *a, const struct rove_index *b);

struct rove_index_figures index_figures(const struct rove_index *index);

#endif
