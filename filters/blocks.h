// SPDX-License-Identifier: MIT
// blocks.h: an encoder over a codec that codes one block at a time, from one piece of memory into
// another that certainly takes the result.
//
//     in ──whole block, or a part's?───────> codec ──room for the worst?──> out
//      └──> stage (what was left of the last span, the next) ──┘ └──> wire ──> out, as room comes
//
// With input spans as asked for (block_len) nothing is staged. Where blocks end follows from the
// content and the flushes alone, never from how the spans were cut, and so do the coded bytes.
#ifndef RV_FILTERS_BLOCKS_H
#define RV_FILTERS_BLOCKS_H

#include "util.h"

#define RV_BLOCK_LEN ((size_t) 256 * 1024) // where the codec sets no other: input and output in the cache
#define RV_BLOCKS_FAILED SIZE_MAX

// st begins with a struct rv_blocks.
struct rv_block_codec {
    size_t block_len; // plain bytes
    // The most bytes that code() writes for a block of len bytes.
    size_t (*worst)(const void *st, size_t len);
    // Codes one block: whole, or the shorter one before a flush or the end, which may be empty.
    // act: ROVE_RUN, ROVE_FLUSH or ROVE_FINISH, after which the format has ended. Returns the bytes
    // written, or RV_BLOCKS_FAILED.
    size_t (*code)(void *st, struct rove_in block, struct rove_out room, uint32_t act);
};

struct rv_blocks {
    const struct rove_host *host;
    const struct rv_block_codec *codec;
    uint8_t *stage; // memory of the host
    size_t stage_cap, staged;
    uint8_t *wire;  // memory of the host: coded bytes that wait for room
    size_t wire_cap, wire_len, wire_pos;
    bool done;
    bool at_once; // it codes a part, whose input comes in one piece
    bool alone; // and the format's end is the head's
    bool marks; // it stops behind each block
    bool stops; // it is to, behind the one that was just coded
};

int32_t rv_blocks_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act);
void rv_blocks_reset(struct rv_blocks *b);

// Begins a part, with all the memory that it may come to need.
int32_t rv_blocks_begin_part(struct rv_blocks *b);

// The hooks for parts: some blocks.
uint64_t rv_blocks_part_len(const void *head);
int32_t rv_blocks_part(void *st, const void *head, const uint8_t *past, size_t past_len);
int32_t rv_blocks_join(void *head, const void *part, uint64_t part_len);

// The hook mark(), where a decoder can begin at each block as if nothing stood before it.
int32_t rv_blocks_mark(void *st, struct rove_mark *mark);

#define RV_BLOCKS_PARTS .part_len = rv_blocks_part_len, .part = rv_blocks_part, .join = rv_blocks_join
void rv_blocks_close(struct rv_blocks *b);

#endif
