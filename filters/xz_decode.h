// SPDX-License-Identifier: MIT
// xz_decode.h: what the reader of streams (xz_decode.c) shares with its parts and restarts (xz_decode_parts.c).
#ifndef RV_FILTERS_XZ_DECODE_H
#define RV_FILTERS_XZ_DECODE_H

#include "xz.h"
#include "xz_chunks.h"
#include "xz_index.h"

enum {
    RV_XZ_AT_HEAD,
    RV_XZ_AT_BLOCK, // its header, or the index
    RV_XZ_IN_BLOCK,
    RV_XZ_IN_INDEX,
    RV_XZ_AT_FOOT,
    RV_XZ_AT_TRAILING,
    RV_XZ_AT_END // of a part
};

// Where a block goes through other filters than LZMA2, too: liblzma does not pass by them what it made in a call that fails.
// So its calls are the same however the input is cut, with some bytes of one chunk and room that lies at the same places of
// the block; and what one that fails has made is not given.
#define RV_XZ_STEP 64u
#define RV_XZ_GIVEN 4096u

struct rv_xz_steps {
    uint8_t in[RV_XZ_STEP]; // [pos, len) is yet to be taken; or the first `have` of what comes next
    uint32_t have, len, pos;
    uint8_t out[RV_XZ_GIVEN]; // [gone, made) has still to leave
    size_t made, gone;
    lzma_ret rc; // what liblzma said last; told when what it gave has left
};

struct rv_xz_decoder {
    const struct rove_host *host;
    lzma_allocator memory;
    lzma_stream z;
    uint64_t memory_most;
    uint64_t stream, number; // the stream and the block being read, from 1
    uint64_t left;           // coded bytes of the block that follow, where it tells
    uint64_t part_most;      // plain bytes that the part which was found last becomes
    lzma_stream_flags flags;
    lzma_block block;
    struct rv_xz_chunks chunks; // of the block
    bool drained;            // all that the codec was given has come out
    bool filtered;           // it is done by steps
    struct rv_xz_steps *steps; // memory of the host, from the first such block on
    lzma_filter filters[LZMA_FILTERS_MAX + 1];
    lzma_index_hash *hash;   // of the blocks that were
    struct rv_xz_index index; // the one that is read unchecked
    uint64_t index_len;      // bytes of the index that have been taken
    uint64_t padding;        // zeros behind the stream, by fours
    uint32_t have;
    uint8_t phase;
    bool begun;       // some stream has been
    bool resumed;     // its input may end where it could be begun
    bool unsummed;    // the stream was begun in its middle
    bool alone;       // it decodes a part
    bool mark_wanted; // it stops where it can be begun
    bool stands;      // it has stopped there, before a block
    uint8_t mark[RV_XZ_FLAGS_LEN];
    uint8_t buf[LZMA_BLOCK_HEADER_SIZE_MAX];
    struct rv_trailing trailing;
};

static inline int32_t rv_xz_go(struct rv_xz_decoder *d, uint8_t phase)
{
    d->have = 0;
    d->phase = phase;
    return RV_STEP;
}

// Before a stream.
static inline bool rv_xz_between(const struct rv_xz_decoder *d)
{
    return d->have == 0 && d->padding == 0 && d->phase == RV_XZ_AT_HEAD;
}

// Before a block, if one follows. (The first is no place of its own: its stream is.)
static inline bool rv_xz_before_block(const struct rv_xz_decoder *d)
{
    return d->have == 0 && d->number > 1 && d->phase == RV_XZ_AT_BLOCK;
}

int32_t rv_xz_decode_reset(void *st);

bool rv_xz_fits_magic(size_t at, uint8_t byte);

// What is no magic: garbage behind the last stream, or no xz at all.
int32_t rv_xz_no_magic(struct rv_xz_decoder *d);

// Before the index.
void rv_xz_begin_index(struct rv_xz_decoder *d);

// A stream's header, its footer, a block's header, all of whose bytes are at ptr. RV_STEP, or a failure.
int32_t rv_xz_take_head(struct rv_xz_decoder *d, const uint8_t *ptr);
int32_t rv_xz_take_foot(struct rv_xz_decoder *d, const uint8_t *ptr);
int32_t rv_xz_take_block(struct rv_xz_decoder *d, const uint8_t *ptr);

// Gives back what a block's header made.
void rv_xz_drop_filters(struct rv_xz_decoder *d);

// Bytes of the index, held against the blocks that were. RV_STEP behind its end, ROVE_OK for more, or a failure.
int32_t rv_xz_take_index(struct rv_xz_decoder *d, struct rove_in *in);

// Counts a block whose lengths are known.
int32_t rv_xz_note_block(struct rv_xz_decoder *d, const lzma_block *b);

// Whether its header tells both lengths of the block.
static inline bool rv_xz_is_sized(const struct rv_xz_decoder *d)
{
    return d->block.compressed_size != LZMA_VLI_UNKNOWN && d->block.uncompressed_size != LZMA_VLI_UNKNOWN;
}

static inline size_t rv_xz_block_head_len(uint8_t first)
{
    return ((size_t) first + 1) * 4;
}

uint64_t rv_xz_decode_part_len(const void *head);
int32_t rv_xz_decode_part(void *st, const void *head, const uint8_t *past, size_t past_len);
int32_t rv_xz_decode_next(void *head, const uint8_t *ptr, size_t len, uint64_t *len_out);
int32_t rv_xz_decode_join(void *head, const void *part, uint64_t part_len);
int32_t rv_xz_decode_mark(void *st, struct rove_mark *mark);
int32_t rv_xz_decode_resume(void *st, const struct rove_mark *mark);
int32_t rv_xz_decode_hop(void *st, const uint8_t *ptr, size_t len, struct rove_hop *hop);

#endif
