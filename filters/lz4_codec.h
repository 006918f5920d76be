// SPDX-License-Identifier: MIT
// lz4_codec.h: liblz4's block compressor, fast or HC, with what a block may refer to.
#ifndef RV_FILTERS_LZ4_CODEC_H
#define RV_FILTERS_LZ4_CODEC_H

#include "lz4_frame.h"

struct rv_lz4_codec {
    void *state;         // LZ4_stream_t or LZ4_streamHC_t, memory of the host
    const uint8_t *dict; // at most RV_LZ4_HISTORY bytes, which stay: each block that stands alone may refer to them, of
    size_t dict_len;     // linked ones the first; 0: none
    int level, acceleration;
    bool hc, linked;
    bool begun; // the state has been made, and can be reset
    uint64_t at; // how far a fast state has counted, at most
};

// Bytes at state.
size_t rv_lz4_codec_len(const struct rv_lz4_codec *c);

// Forgets the blocks before.
void rv_lz4_codec_reset(struct rv_lz4_codec *c);

// Codes a block into at most cap bytes. Returns their number, 0 when they are too few.
size_t rv_lz4_code(struct rv_lz4_codec *c, const uint8_t *src, size_t len, uint8_t *dst, size_t cap);

// Linked: moves the last 64 KiB of the `all` bytes at front to the front, where the next block will see them. coded:
// whether the last block was; else the codec has forgotten everything and is told again. Returns how many it keeps.
size_t rv_lz4_keep_history(struct rv_lz4_codec *c, uint8_t *front, size_t all, bool coded);

#endif
