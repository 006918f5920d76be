// SPDX-License-Identifier: MIT
// zstd_walk.h: finds how long a frame is by its blocks' headers, without decoding (RFC 8878, 3.1.1).
#ifndef RV_FILTERS_ZSTD_WALK_H
#define RV_FILTERS_ZSTD_WALK_H

#include "zstd.h"

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
