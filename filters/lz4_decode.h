// SPDX-License-Identifier: MIT
// lz4_decode.h: the decoder of LZ4 frames, of which lz4_decode.c does all that comes in order, and
// lz4_decode_parts.c what makes parts of it, lz4_decode_restart.c what begins within.
#ifndef RV_FILTERS_LZ4_DECODE_H
#define RV_FILTERS_LZ4_DECODE_H

#include "lz4_past.h"
#include "trailing.h"

#include <lz4.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#define RV_LZ4_LEGACY_BLOCK ((size_t) 8 * 1024 * 1024)
#define RV_LZ4_GROWTH 255 // no sequence of n bytes makes more than 255 n

// What comes next.
enum {
    RV_LZ4_AT_MAGIC,
    RV_LZ4_AT_HEAD,
    RV_LZ4_AT_SKIP_LEN,
    RV_LZ4_AT_SKIP,
    RV_LZ4_AT_BLOCK_LEN,
    RV_LZ4_AT_BLOCK,
    RV_LZ4_AT_CONTENT_SUM,
    RV_LZ4_AT_TRAILING
};

struct rv_lz4_decoder {
    const struct rove_host *host;
    uint8_t *pieces; // a coded block that came in several spans, memory of the host
    size_t pieces_cap;
    uint8_t *held;   // a decoded block that waits for room, memory of the host
    size_t held_cap, held_len, held_pos;
    struct rv_lz4_past past;
    uint8_t *dict; // memory of the host, or NULL
    size_t dict_len;
    uint64_t frame;  // the one being read, from 1; skippable ones are not counted
    uint64_t block;  // in the frame, from 1
    uint64_t total;  // content of the frame so far
    uint64_t declared;
    size_t block_max;
    uint32_t coded;  // length of the block at hand, without its checksum
    uint32_t have;   // bytes gathered in `buf` or `pieces`
    uint32_t skip;
    uint8_t phase;
    uint8_t buf[16];
    bool begun; // some frame has been
    bool stored, legacy, linked, block_sum, content_sum, sized;
    bool other_dict; // the frame names another one
    uint8_t desc[2];   // FLG and BD of the frame; zeros: of a legacy one
    bool mark_wanted;  // it stops at the next place
    bool resumed;      // its input may end where it could be begun
    bool unsummed;     // the frame was begun within: neither its sum nor its length can be checked
    size_t part_most;  // bytes that this part, or the one found last, may become
    uint64_t promised; // the same of all that are on their way, or more: of some that it was asked for twice
    struct rv_trailing trailing;
    XXH32_state_t sum;
};

// Begins a phase.
static inline int32_t rv_lz4_go(struct rv_lz4_decoder *d, uint8_t phase)
{
    d->phase = phase;
    d->have = 0;
    return RV_STEP;
}

// The most plain bytes of the block at hand.
static inline size_t rv_lz4_made_most(const struct rv_lz4_decoder *d)
{
    return d->stored ? d->coded : rv_min(d->block_max, (size_t) d->coded * RV_LZ4_GROWTH);
}

static inline uint32_t rv_lz4_with_sum(const struct rv_lz4_decoder *d)
{
    return d->coded + (d->block_sum ? 4 : 0);
}

// Takes in the word before a block, its length. False: there is no such block.
static inline bool rv_lz4_block_len(struct rv_lz4_decoder *d, uint32_t word)
{
    size_t most = d->legacy ? (size_t) LZ4_COMPRESSBOUND(RV_LZ4_LEGACY_BLOCK) : d->block_max;

    d->stored = !d->legacy && (word & RV_LZ4_STORED) != 0;
    d->coded = d->stored ? word & ~RV_LZ4_STORED : word;
    return d->coded <= most && (d->coded > 0 || d->stored);
}

// Whether it could be begun here.
static inline bool rv_lz4_at_place(const struct rv_lz4_decoder *d)
{
    bool between = d->phase == RV_LZ4_AT_MAGIC || (d->phase == RV_LZ4_AT_BLOCK_LEN && !d->linked);

    return between && d->have == 0 && d->held_pos == d->held_len;
}

// Does what comes next; as run(), but for RV_STEP: go on.
int32_t rv_lz4_step(struct rv_lz4_decoder *d, struct rove_in *in, struct rove_out *out, uint32_t act);

// Steps of it. desc: FLG and BD.
int32_t rv_lz4_begin_frame(struct rv_lz4_decoder *d, bool legacy);
void rv_lz4_take_desc(struct rv_lz4_decoder *d, const uint8_t *desc);
int32_t rv_lz4_open_block(struct rv_lz4_decoder *d, uint32_t word);
int32_t rv_lz4_end_frame(struct rv_lz4_decoder *d);

// Decodes an independent block that is not stored; negative for damage.
int rv_lz4_decode_alone(const struct rv_lz4_decoder *d, const uint8_t *src, uint8_t *dst, size_t cap);

// Room for a decoded block, in d->held; NULL: no memory.
uint8_t *rv_lz4_hold(struct rv_lz4_decoder *d, size_t cap);

// What FLG and BD ask for that is not here; NULL: nothing.
const char *rv_lz4_unsupported(uint8_t flg, uint8_t bd);

// What is left of the thing that the decoder is in, and which is no block; 0: it takes all that follows.
uint64_t rv_lz4_own_len(const struct rv_lz4_decoder *d);

// The hooks for restarts.
int32_t rv_lz4_decode_mark(void *st, struct rove_mark *mark);
int32_t rv_lz4_decode_resume(void *st, const struct rove_mark *mark);
int32_t rv_lz4_decode_hop(void *st, const uint8_t *ptr, size_t len, struct rove_hop *hop);

// The hooks for parts, and the one that both need.
int32_t rv_lz4_decode_reset(void *st);
uint64_t rv_lz4_decode_part_len(const void *head);
int32_t rv_lz4_decode_part(void *st, const void *head, const uint8_t *past, size_t past_len);
int32_t rv_lz4_decode_next(void *head, const uint8_t *ptr, size_t len, uint64_t *len_out);
int32_t rv_lz4_decode_see(void *head, const uint8_t *ptr, size_t len);
int32_t rv_lz4_decode_join(void *head, const void *part, uint64_t part_len);

#endif
