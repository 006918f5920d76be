// SPDX-License-Identifier: MIT
// xz.h: the plugin xz: the .xz format, 1.1.0, written and read by liblzma.
//
//     stream = header, 12 bytes │ block … │ index: the lengths of all blocks │ footer, 12 bytes
//     block  = header, perhaps with both of its lengths │ LZMA2 data │ padding to 4 bytes │ check
//
// Streams may follow each other, with zeros in between and behind, by fours. What else follows is told as such
// (trailing.h).
//
// Writing. One block, unless block=N is given: then every N plain bytes are a block of their own, whose header tells both
// lengths, as xz -T writes them: parts (filter.h) are such blocks. A flush ends a block early then; without block=N the
// block goes on. What is coded does not depend on how the spans were cut, nor on who codes a block. What stands around
// the blocks is written here, the index too (xz_index.h): liblzma's own would take memory anew for each stream.
//
// Reading. The frame around the blocks is read here, not by liblzma's decoder of streams, as its blocks may be decoded
// elsewhere, or hopped over, or be begun at: the index is held against those that were. liblzma's threads are not used.
//
// Memory. All of it is the host's. A block says how far its matches reach back, and liblzma takes that much when it has
// read the header: the size that the data declare. Hence three bounds: no more is taken than the block becomes, where it
// tells that; the option `memory` refuses the block; and the chain's limit of memory refuses the allocation.
#ifndef RV_FILTERS_XZ_H
#define RV_FILTERS_XZ_H

#include "trailing.h"

#include <lzma.h>

#define RV_XZ_CHECKS 4u    // that there are
#define RV_XZ_MAGIC_LEN 6u // of a stream's header
#define RV_XZ_FLAGS_LEN 2u // behind the magic: all that a block has to know of its stream

enum {
    RV_XZ_OPT_LEVEL,
    RV_XZ_OPT_EXTREME,
    RV_XZ_OPT_CHECK,
    RV_XZ_OPT_BLOCK,
    RV_XZ_OPT_DICT,
    RV_XZ_OPT_MEMORY,
    RV_XZ_OPT_TRAILING
};

extern const struct rove_option rv_xz_options[];
extern const lzma_check rv_xz_checks[RV_XZ_CHECKS]; // by the option's words

extern const struct rove_filter rv_xz_encode, rv_xz_decode;

lzma_allocator rv_xz_memory(const struct rove_host *host);

// What liblzma's refusal of settings means.
int32_t rv_xz_setup_status(const struct rove_host *host, lzma_ret rc);

// One call of liblzma, spans carried on. Returns its answer.
lzma_ret rv_xz_call(lzma_stream *z, struct rove_in *in, struct rove_out *out, lzma_action how);

#endif
