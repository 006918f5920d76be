// SPDX-License-Identifier: MIT
// lz4_frame.h: the LZ4 frame format (specification 1.6), as the encoder and the decoder see it.
//
//     magic(4) FLG BD [content size(8)] [dictionary id(4)] HC | block … | 0(4) [XXH32 of content]
//                                                         |
//                       block:  size(4), top bit: stored as it is | bytes | [XXH32 of the bytes]
//
// All numbers are little-endian. HC is the second byte of the XXH32 of FLG up to HC. The framing is
// ours and not liblz4's LZ4F, so that blocks can be coded straight from and to the spans, and
// because LZ4F frees, allocates and zeroes its buffers for every frame.
#ifndef RV_FILTERS_LZ4_FRAME_H
#define RV_FILTERS_LZ4_FRAME_H

#include "util.h"

#define RV_LZ4_MAGIC 0x184D2204u
#define RV_LZ4_LEGACY 0x184C2102u
#define RV_LZ4_SKIPPABLE 0x184D2A50u // to …5F

#define RV_LZ4_VERSION 0x40u
#define RV_LZ4_VERSION_MASK 0xC0u
#define RV_LZ4_INDEPENDENT 0x20u
#define RV_LZ4_BLOCK_SUM 0x10u
#define RV_LZ4_CONTENT_SIZE 0x08u
#define RV_LZ4_CONTENT_SUM 0x04u
#define RV_LZ4_FLG_RESERVED 0x02u
#define RV_LZ4_DICT_ID 0x01u
#define RV_LZ4_BD_RESERVED 0x8Fu

#define RV_LZ4_STORED 0x80000000u // in a block's size

#define RV_LZ4_HISTORY ((size_t) 64 * 1024) // how far back a block may reach: a linked one, or into a dictionary

// The largest block for the code in BD: 4 is 64 KiB, each step four times as much, up to 7.
static inline size_t rv_lz4_block_max(unsigned code)
{
    return (size_t) 1 << (8 + 2 * code);
}

enum {
    RV_LZ4_OPT_LEVEL,
    RV_LZ4_OPT_ACCELERATION,
    RV_LZ4_OPT_BLOCK,
    RV_LZ4_OPT_LINKED,
    RV_LZ4_OPT_BLOCK_CHECKSUM,
    RV_LZ4_OPT_CHECKSUM,
    RV_LZ4_OPT_CONTENT_SIZE,
    RV_LZ4_OPT_DICT,
    RV_LZ4_OPT_TRAILING
};

extern const struct rove_option rv_lz4_options[];

#define RV_LZ4_DICT_MAX (1u << 20)

// Copies the dictionary, whose bytes are only there during open(): the end, as far as a block may refer back. *dict_out:
// memory of the host, or NULL where there is none. False: no memory.
bool rv_lz4_keep_dict(const struct rove_host *host, const struct rove_value *value, uint8_t **dict_out, size_t *len_out);

#endif
