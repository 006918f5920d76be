// SPDX-License-Identifier: MIT
// zstd_walk.h: finds how long a frame is by its blocks' headers, without decoding (RFC 8878, 3.1.1).
#ifndef RV_FILTERS_ZSTD_WALK_H
#define RV_FILTERS_ZSTD_WALK_H

#include "zstd.h"

#define RV_ZSTD_BLOCK_HEAD 3u
#define RV_ZSTD_SUM_LEN 4u

enum { RV_ZSTD_RAW, RV_ZSTD_RLE, RV_ZSTD_COMPRESSED, RV_ZSTD_RESERVED };

// What a block's header says.
struct rv_zstd_block {
    uint32_t kind, size; // size: plain bytes, but of a compressed one
    uint32_t len;        // coded bytes behind the header
    bool last;
};

static inline struct rv_zstd_block rv_zstd_block(const uint8_t *head)
{
    uint32_t word = rv_le16(head) | (uint32_t) head[2] << 16, kind = word >> 1 & 3, size = word >> 3;

    return (struct rv_zstd_block){kind, size, kind == RV_ZSTD_RLE ? 1 : size, (word & 1) != 0};
}

// The least power of two that is a window for so many bytes.
unsigned rv_zstd_log(uint64_t len);

// How far it came. Zeroed: nowhere.
struct rv_zstd_walk {
    size_t at;     // bytes of the frame, up to the end of a block, or all of them
    uint64_t most; // plain bytes that it may become
    size_t block_max;
    bool sum, sized;
};

// Whether a byte may stand behind the first len, 0 to 3, of a magic number.
bool rv_zstd_fits_magic(const uint8_t *head, size_t len, uint8_t byte);

// Goes on through a frame that begins at ptr, of which len bytes are at hand, at least 1. Returns as the hook next()
// does: ROVE_OK with w->at, the length of the frame, or what it needs, or what is no part. A frame is one when it
// declares its size, and that is not too large; or when it is whole at hand. What does not declare it may come from
// somebody who flushes, and is not waited for.
int32_t rv_zstd_walk(struct rv_zstd_walk *w, const uint8_t *ptr, size_t len, uint64_t *len_out);

// A frame that declares its size, whose header is behind it.
struct rv_zstd_hop {
    uint64_t declared;
    uint64_t least, most; // plain bytes that the blocks so far become
    size_t block_max;
    bool sum, in_frame;   // false, behind its last block and its checksum
};

// Hops over the next block, and those whose headers are at hand; as the hook hop() of a filter. ROVE_E_CHECKSUM: what is
// declared cannot be in the blocks.
int32_t rv_zstd_hop(struct rv_zstd_hop *w, const uint8_t *ptr, size_t len, struct rove_hop *hop);

#endif
